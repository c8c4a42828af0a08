// libmiopoll from Node.js, by koffi (npm), with declarations made of abi.json.
//
// A wait that blocks would stop everything else in Node: `async` runs it on a
// thread of koffi, and the thread of the program is the one that wakes. Tokens
// are BigInts. Ctrl-C: the signal meets a thread that does not wait, and no
// EINTR comes; but Node's own loop is free: its handler runs, and wakes.
const { promisify } = require("util");
const koffi = require("koffi");
const abi = require("../../../abi/generated/abi.json");
const mio = {}, lib = koffi.load(process.env.MIOPOLL_LIBRARY || "libmiopoll.so.0");
for (const { name, params, result } of abi.functions) {
  const types = params.map(({ type }) => (type.endsWith("**") ? "_Out_ " : "")
    + type.replace("mio_fd_t", "int64_t").replace(/mio_\w+_t/, "void"));
  mio[name] = lib.func(`${result.type} ${name}(${types})`);
}
const READABLE = abi.constants.find((c) => c.name === "MIO_READABLE").value;
function check(result) { // A count from 0 up, or a negative errno.
  if (result < 0) throw new Error(mio.mio_err_name(result));
}
function make(create) { // A new handle, from a function that stores it.
  const out = [null];
  check(create(out));
  return out[0];
}
async function wait(poll) { // The token of an event: its first 8 bytes of 16.
  const events = Buffer.alloc(64 * 16);
  const n = await promisify(mio.mio_poll_wait.async)(poll, events, 64, -1);
  if (mio.mio_err_name(n) === "EINTR") return wait(poll);
  check(n);
  return events.readBigUInt64LE().toString(16);
}

async function main() {
  const poll = make((out) => mio.mio_poll_new(out, null));
  const registry = make((out) => mio.mio_poll_registry(poll, out));
  const waker = make((out) => mio.mio_waker_new(out, registry, 7n));
  const [sender, receiver] = [[null], [null]]; // A pipe: Node has none.
  check(mio.mio_pipe_new(sender, receiver));
  check(mio.mio_source_write(sender[0], Buffer.from("x"), 1));
  const register = () => mio.mio_registry_register(
    registry, receiver[0], 0x1122334455667788n, READABLE);
  check(register());
  const token = await wait(poll);
  console.log(`token ${token}: ${mio.mio_source_read(receiver[0], Buffer.alloc(9), 9)} byte`);
  console.log(`again: ${mio.mio_err_name(register())}`); // Errors go by name.
  setTimeout(() => check(mio.mio_waker_wake(waker)), 10);
  console.log(`token ${await wait(poll)}: woken`);
  if (process.argv.includes("block")) {
    process.on("SIGINT", () => check(mio.mio_waker_wake(waker)));
    console.log("blocked");
    await wait(poll);
    console.log("interrupted");
    process.exitCode = 130;
  }
  for (const [end] of [sender, receiver]) mio.mio_source_free(end); // Deregisters it.
  mio.mio_waker_free(waker);
  mio.mio_registry_free(registry);
  mio.mio_poll_free(poll);
}
main();
