#!/usr/bin/env python3
"""The examples, driven by programs that are not ours: nc, socat, curl and a
redis-server.

    examples.py COMMAND...      an interpreter, its environment set
"""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = sys.argv[1:]
GREETING = b"Hello from libmiopoll!\n"
ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
LIMIT = 60  # Seconds for any program, and for a test.
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Server:
    """A running example, and the lines that it has printed."""

    def __init__(self, name, selector, environment=None, prefix=(), **more):
        self.process = subprocess.Popen(
            [*prefix, *COMMAND, str(ROOT / f"examples/lua/{name}.lua")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "MIOPOLL_SELECTOR": selector,
                 **(environment or {})}, **more)
        head, _, self.port = self.line().rpartition(":")
        assert head == "listening on 127.0.0.1", head

    def line(self):
        return self.process.stdout.readline().decode().rstrip("\n")

    def until(self, last):
        """What it prints, up to a line that ends in `last`."""
        lines = [self.line()]
        while not lines[-1].endswith(last):
            lines.append(self.line())
            assert lines[-1], f"it ended after {lines}"
        return lines

    def processor(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connect(self):
        return socket.create_connection(("127.0.0.1", int(self.port)), LIMIT)

    def complaints(self):
        """Ends it: Lua catches no signal."""
        assert self.process.poll() is None, "it has ended"
        self.process.kill()
        return self.process.communicate(timeout=LIMIT)[1].decode()


@contextlib.contextmanager
def started(name, selector, **more):
    server = Server(name, selector, **more)
    try:
        yield server
        complaints = server.complaints()
        assert complaints == "", complaints
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate()


def inheriting(listener, **environment):
    """What Server takes for a child that finds the listener at 3."""
    def move():
        os.dup2(listener.fileno(), 3)
        os.set_inheritable(3, True)  # Also if it is at 3 already.
    return {"close_fds": False, "environment": environment,
            "preexec_fn": move}


def run(*command, given=b""):
    done = subprocess.run(command, input=given, capture_output=True,
                          timeout=LIMIT)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def nc(server, given):
    return run("nc", "-N", "127.0.0.1", server.port, given=given)


def curl(server, path, *options):
    """Status and body of a request; curl checks the length."""
    output = run("curl", "-sS", "--noproxy", "*", "--max-time", "30", "-w",
                 "\n%{http_code}", *options,
                 f"http://127.0.0.1:{server.port}{path}")
    body, _, status = output.rpartition(b"\n")
    return int(status), body


def said(lines):
    """The bytes that printed lines stand for, by who said them."""
    heard = {}
    for line in lines:
        who, _, text = line.partition(": ")
        if text not in ("connected", "closed"):
            raw = re.sub(rb"\\x(..)", lambda m: bytes.fromhex(m[1].decode()),
                         text.encode())
            heard[who] = heard.get(who, b"") + raw
    return heard


# ------------------------------------------------------------------ servers

@test
def nc_is_greeted_and_heard(selector):
    with started("tcp_server", selector) as server:
        assert nc(server, b"one\n\xc3two\n") == GREETING
        lines = server.until(": closed")
        who = lines[0].removesuffix(": connected")
        assert lines == [f"{who}: connected", f"{who}: one\\x0a\\xc3two\\x0a",
                         f"{who}: closed"], lines


@test
def many_clients_are_heard_at_once(selector):
    with started("tcp_server", selector) as server:
        clients = [subprocess.Popen(
            ["nc", "-N", "127.0.0.1", server.port], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE) for _ in range(20)]
        for _ in clients:
            server.until(": connected")
        for number, client in enumerate(clients):
            got, _ = client.communicate(b"%d" % number, timeout=LIMIT)
            assert got == GREETING, got
        lines = [line for _ in clients for line in server.until(": closed")]
        assert sorted(map(int, said(lines).values())) == list(range(20))


@test
def a_client_that_is_idle_costs_nothing(selector):
    with started("tcp_server", selector) as server:
        with server.connect() as peer:
            assert peer.recv(100) == GREETING
            before = server.processor()
            time.sleep(0.3)
            assert server.processor() - before < 0.1


@test
def an_inherited_listener_serves_who_came_before(selector):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for _ in range(2):  # The second one is the first one, started anew.
            with socket.create_connection(listener.getsockname()) as peer:
                with started("tcp_listenfd_server", selector,
                             **inheriting(listener, LISTEN_FDS="1")):
                    assert peer.recv(100) == GREETING


@test
def the_process_that_is_named_takes_the_listener(selector):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        prefix = ("sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"')
        with started("tcp_listenfd_server", selector, prefix=prefix,
                     **inheriting(listener, LISTEN_FDS="1")) as server:
            assert nc(server, b"x") == GREETING


@test
def what_is_not_for_it_is_not_taken(selector):
    wrong = ((socket.SOCK_STREAM, {}, 2, "no listener was handed over"),
             (socket.SOCK_STREAM, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}, 2,
              "no listener was handed over"),
             (socket.SOCK_STREAM, {"LISTEN_FDS": "1"}, 1,
              "descriptor 3 is no TCP listener: EINVAL"),
             (socket.SOCK_DGRAM, {"LISTEN_FDS": "1"}, 1,
              "descriptor 3 is no TCP listener: EINVAL"))
    for kind, environment, status, words in wrong:
        with socket.socket(socket.AF_INET, kind) as other:
            more = inheriting(other)
            del more["environment"]
            done = subprocess.run(
                [*COMMAND, str(ROOT / "examples/lua/tcp_listenfd_server.lua")],
                capture_output=True, timeout=LIMIT, **more,
                env={**os.environ, "MIOPOLL_SELECTOR": selector,
                     **environment})
        assert done.returncode == status, done
        assert done.stderr.decode().startswith(words), done.stderr


@test
def nc_and_socat_get_their_datagrams_back(selector):
    with started("udp_server", selector) as server:
        assert run("nc", "-u", "-W", "1", "127.0.0.1", server.port,
                   given=b"a datagram\n") == b"a datagram\n"
        for size in (1, 1400, 65000):
            sent = os.urandom(size)  # One block of socat's is one datagram.
            got = run("socat", "-b", "65536", "-t", "0.3", "-",
                      f"UDP4:127.0.0.1:{server.port}", given=sent)
            assert got == sent, (size, len(got))


@test
def datagrams_that_are_empty_or_of_one_that_is_gone(selector):
    with started("udp_server", selector) as server:
        where = ("127.0.0.1", int(server.port))
        for _ in range(20):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
                peer.sendto(b"x", where)
        sent = [b"%d" % n if n % 5 else b"" for n in range(100)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(LIMIT)
            peer.connect(where)
            for datagram in sent:
                peer.send(datagram)
            assert [peer.recv(100) for _ in sent] == sent


@test
def curl_gets_a_page_and_what_is_none(selector):
    with started("http_server", selector) as server:
        assert curl(server, "/") == (200, GREETING)
        assert curl(server, "/none")[0] == 404
        assert curl(server, "/", "--data", "x")[0] == 400
        for size in (0, 1, 26 * 1024 + 1, 5_000_000):
            status, body = curl(server, f"/bytes/{size}")
            assert status == 200
            assert body == (ALPHABET * (size // 26 + 1))[:size], size


@test
def curls_at_once(selector):
    with started("http_server", selector) as server:
        before = server.descriptors()
        url = f"http://127.0.0.1:{server.port}/bytes/[100000-100029]"
        got = run("curl", "-sS", "--noproxy", "*", "-Z", "--parallel-max",
                  "30", "-o", "/dev/null", "-w",
                  "%{http_code} %{size_download}\n", url)
        assert sorted(got.decode().split("\n")) == \
            ["", *(f"200 {size}" for size in range(100000, 100030))]
        deadline = time.monotonic() + LIMIT
        while server.descriptors() != before:
            assert time.monotonic() < deadline, "descriptors stayed open"
            time.sleep(0.005)


# --------------------------------------------------------------------- echo

@test
def socat_gets_much_back(selector):
    sent = os.urandom(3_000_000)
    with started("echo", selector) as server:
        got = run("socat", "-t", "5", "-", f"TCP4:127.0.0.1:{server.port}",
                  given=sent)
        assert got == sent, len(got)


@test
def who_waits_for_a_descriptor_is_served_when_one_comes_free(selector):
    prefix = ("sh", "-c", 'ulimit -n 16; exec "$0" "$@"')
    with started("echo", selector, prefix=prefix) as server:
        peers = [server.connect() for _ in range(20)]
        for number, peer in enumerate(peers):  # Each that leaves lets one in.
            peer.sendall(b"%d" % number)
            assert peer.recv(100) == b"%d" % number
            peer.close()


# -------------------------------------------------------------------- redis

@contextlib.contextmanager
def redis_server():
    """A real one; on a free port and on a Unix socket."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        path = f"{folder}/redis.sock"
        process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1",
             "--unixsocket", path, "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + LIMIT
            while not os.path.exists(path):
                assert time.monotonic() < deadline, "no redis-server"
                assert process.poll() is None, "redis-server has ended"
                time.sleep(0.01)
            yield f"127.0.0.1:{port}", f"unix:{path}"
        finally:
            process.terminate()
            process.wait(LIMIT)


@test
def fifty_clients_of_redis(selector):
    rounds = 3
    replies = 50 * (rounds * 108 + 1)
    with redis_server() as addresses:
        for address in addresses:
            done = subprocess.run(
                [*COMMAND, str(ROOT / "examples/lua/redis.lua"), address,
                 "50", str(rounds)], capture_output=True, timeout=LIMIT,
                env={**os.environ, "MIOPOLL_SELECTOR": selector})
            assert (done.returncode, done.stderr) == (0, b""), done
            assert done.stdout == \
                b"50 clients, %d replies, all right\n" % replies, done


@test
def no_redis_is_told(selector):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = subprocess.run(
        [*COMMAND, str(ROOT / "examples/lua/redis.lua"), f"127.0.0.1:{port}"],
        capture_output=True, timeout=LIMIT,
        env={**os.environ, "MIOPOLL_SELECTOR": selector})
    assert done.returncode == 1 and b"ECONNREFUSED" in done.stderr, done


def too_long(_signal, _frame):
    raise TimeoutError("it did not come to an end")


def main():
    failed = 0
    signal.signal(signal.SIGALRM, too_long)
    for function in TESTS:
        for selector in ("epoll", "poll"):
            signal.alarm(LIMIT)
            try:
                function(selector)
            except (AssertionError, OSError,
                    subprocess.TimeoutExpired) as error:
                failed += 1
                name = re.sub("_", "-", function.__name__)
                print(f"FAIL examples/{name} {selector}: {error!r}")
    total = 2 * len(TESTS)
    print(f"{total - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
