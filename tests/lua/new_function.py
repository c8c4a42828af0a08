#!/usr/bin/env python3
"""A function that is added to the header needs no line in the bindings.

    new_function.py BUILD
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LUA = ROOT / "bindings/lua"
sys.path.insert(0, str(LUA))

import generate  # noqa: E402
END = "/* MIO_ABI_END */"
# Parameters of each type that may be, under names that no other has.
WAKER_TRY = """int32_t mio_waker_try(mio_waker_t **fresh, mio_poll_t *poll,
    mio_event_t *events, uint32_t capacity, int64_t delay, uint64_t token,
    int32_t rc, mio_fd_t fd, const char *name);
"""
SOURCE_TRY = """int32_t mio_source_try(mio_source_t **one, mio_source_t **two,
    mio_source_t *source, const mio_addr_t *from, mio_addr_t *to,
    const void *data, uint64_t size, void *room, uint64_t space,
    const void *const *parts, const uint64_t *sizes, uint32_t number,
    void *const *rooms, const uint64_t *spaces, uint32_t many,
    int32_t *status, uint32_t *value, mio_fd_t *fd);
"""
# Function -> what its wrapper has to go through.
CONVERSIONS = {
    "mio_waker_try": (
        "convert_new_handle", "convert_pointer", "convert_table",
        "convert_uint32", "convert_int64", "convert_uint64", "convert_int32",
        "convert_text", "convert_fill", "convert_push_handle"),
    "mio_source_try": (
        "convert_new_handle", "convert_pointer", "bytes_addr", "bytes_string",
        "bytes_make_room", "bytes_strings", "bytes_make_rooms", "bytes_push(",
        "bytes_push_rooms", "convert_push_handle", "convert_push("),
}
CALL = """
local mio = require "miopoll"
local sender = mio.pipe()
local calls = {
  mio_waker_try = { mio.poll().handle, {}, 1, 0, 1, 0, 0, "x" },
  mio_source_try = { sender.handle, ("x"):rep(128), "x", 1, { "x" }, { 1 } },
}
for name, right in pairs(calls) do
  for place = 1, #right do
    local args = { unpack(right) }
    args[place] = false
    local good, message = pcall(mio.core[name], unpack(args))
    -- An address may be nil, but not false.
    assert(not good and message:find(
      "bad argument #" .. place .. " to '" .. name .. "'", 1, true), message)
  end
end
print "all refused"
"""


def check_swig(folder):
    header = (ROOT / "abi/miopoll.h").read_text()
    head, mark, tail = header.partition(END)
    (folder / "miopoll.h").write_text(
        f"{head}MIO_API {WAKER_TRY}MIO_API {SOURCE_TRY}{mark}{tail}")
    text = generate.wrap_text(folder / "miopoll.h")
    for function, conversions in CONVERSIONS.items():
        body = re.search(rf"^static int _wrap_{function}\(.*?^}}", text,
                         re.M | re.S).group(0)
        missing = [name for name in conversions if name not in body]
        assert not missing, missing
        assert not re.search("SWIG_ConvertPtr|SWIG_MustGetPtr|lua_tonumber",
                             body), body
    # It compiles, so that no conversion was put together wrongly.
    (folder / "wrap.c").write_text(text)
    flags = subprocess.run(["pkg-config", "--cflags", "lua5.4"], check=True,
                           capture_output=True, text=True).stdout.split()
    subprocess.run(["gcc", "-std=c11", "-fsyntax-only", "-w", f"-I{folder}",
                    f"-I{LUA}", *flags, str(folder / "wrap.c")], check=True)


def check_ffi(folder, build):
    # An own cdef.lua goes before that of the bindings.
    text = (LUA / "miopoll/cdef.lua").read_text()
    lines = "\n".join(" ".join(declaration.split())
                      for declaration in (WAKER_TRY, SOURCE_TRY))
    (folder / "miopoll").mkdir()
    (folder / "miopoll/cdef.lua").write_text(
        text.replace("]],", lines + "\n]],"))
    done = subprocess.run(
        ["luajit", "-e", CALL], capture_output=True, text=True, env={
            **os.environ, "MIOPOLL_LUA_BACKEND": "ffi",
            "LUA_PATH": f"{folder}/?.lua;{LUA}/?.lua",
            "LUA_CPATH": f"{build}/bindings/lua/5.1/?.so"})
    assert done.stdout == "all refused\n", done.stdout + done.stderr


def main():
    failed = 0
    checks = (check_swig, lambda folder: check_ffi(folder, sys.argv[1]))
    for check in checks:
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(pathlib.Path(folder))
            except (AssertionError, subprocess.CalledProcessError) as error:
                failed += 1
                print(f"FAIL new function: {error}")
    print(f"{len(checks) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
