"""The servers of examples/c, driven by programs that are not ours: nc, socat
and curl; on every selector. MIOPOLL_BUILD names the build directory."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MIOPOLL_BUILD", ROOT / "build/release"))
EXAMPLES = BUILD.resolve() / "examples" / "c"
GREETING = b"Hello from libmiopoll!\n"
ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A running example, and the lines that it has printed."""

    def __init__(self, name, selector, *prefix, **keywords):
        environment = {**os.environ, "MIOPOLL_SELECTOR": selector,
                       **keywords.pop("environment", {})}
        self.process = subprocess.Popen(
            [*prefix, EXAMPLES / name], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment, **keywords)
        words = self.process.stdout.readline().decode().split(":")
        assert words[:1] == ["listening on 127.0.0.1"], words
        self.port = words[1].strip()

    def lines(self, last):
        """What it prints, up to a line that ends in `last`."""
        lines = []
        while not lines or not lines[-1].endswith(last):
            line = self.process.stdout.readline().decode()
            assert line, f"ended after {lines}"
            lines.append(line.rstrip("\n"))
        return lines

    def seconds_of_processor(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connect(self):
        return socket.create_connection(("127.0.0.1", int(self.port)), 10)

    def end(self, number=signal.SIGTERM):
        """Ends it; gives its status and what it had to complain."""
        self.process.send_signal(number)
        errors = self.process.communicate(timeout=10)[1]
        return self.process.returncode, errors.decode()


@pytest.fixture(params=["epoll", "poll"])
def selector(request):
    return request.param


@pytest.fixture
def start(selector):
    servers = []

    def start_one(name, *prefix, **keywords):
        servers.append(Server(name, selector, *prefix, **keywords))
        return servers[-1]

    yield start_one
    for server in servers:
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate()


def inherit(listener, environment):
    """Keywords of Popen for a child that finds the listener at 3."""
    def move():
        os.dup2(listener.fileno(), 3)
    return {"close_fds": False, "preexec_fn": move,
            "environment": environment}


@pytest.fixture(params=["tcp_server", "tcp_listenfd_server"])
def greeter(request, start):
    if request.param == "tcp_server":
        yield start("tcp_server")
        return
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield start("tcp_listenfd_server",
                    **inherit(listener, {"LISTEN_FDS": "1"}))


def run(*command, given=b"", timeout=30):
    done = subprocess.run(command, input=given, capture_output=True,
                          timeout=timeout)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


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


# ------------------------------------------- tcp_server, tcp_listenfd_server


def test_nc_is_greeted_and_heard(greeter):
    assert run("nc", "-N", "127.0.0.1", greeter.port,
               given=b"one\n\xc3\\two\n") == GREETING
    lines = greeter.lines(": closed")
    who = lines[0].removesuffix(": connected")
    assert re.fullmatch(r"127\.0\.0\.1:\d+", who)
    assert lines == [f"{who}: connected",
                     f"{who}: one\\x0a\\xc3\\x5ctwo\\x0a", f"{who}: closed"]
    assert greeter.end() == (0, "")


def test_socat_sends_much_and_all_of_it_is_heard(greeter, tmp_path):
    (tmp_path / "sent").write_bytes(os.urandom(1 << 20))
    with (tmp_path / "sent").open("rb") as file:
        client = subprocess.Popen(
            ["socat", "-t", "5", "-", f"TCP4:127.0.0.1:{greeter.port}"],
            stdin=file, stdout=subprocess.PIPE)
    # Read at once: the server prints more than fits into the pipe.
    heard = said(greeter.lines(": closed"))
    assert client.communicate(timeout=10)[0] == GREETING
    assert list(heard.values()) == [(tmp_path / "sent").read_bytes()]


def test_many_clients_at_once(greeter):
    clients = [subprocess.Popen(["nc", "-N", "127.0.0.1", greeter.port],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
               for _ in range(30)]
    before = [line for _ in clients for line in greeter.lines(": connected")]
    assert len(before) == 30
    for number, client in enumerate(clients):
        assert client.communicate(b"%d" % number, timeout=10)[0] == GREETING
    lines = [line for _ in clients for line in greeter.lines(": closed")]
    assert sorted(map(int, said(lines).values())) == list(range(30))
    assert greeter.end() == (0, "")


def test_a_reset_is_told(greeter):
    peer = greeter.connect()
    assert peer.recv(100) == GREETING
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    b"\1\0\0\0\0\0\0\0")
    peer.close()
    assert greeter.lines("reset by peer")[-1].endswith(
        ": Connection reset by peer")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_a_client_that_is_idle_and_does_not_spin(greeter,
                                                              number):
    with greeter.connect() as peer:
        assert peer.recv(100) == GREETING
        before = greeter.seconds_of_processor()
        time.sleep(0.3)
        assert greeter.seconds_of_processor() - before < 0.1
        assert greeter.end(number) == (0, "")
        assert peer.recv(1) == b""


def test_who_waits_for_a_descriptor_is_served_when_one_comes_free(start):
    server = start("tcp_server", "sh", "-c", 'ulimit -n 12; exec "$0"')
    peers = [server.connect() for _ in range(12)]
    for peer in peers:  # Each that leaves lets one in.
        assert peer.recv(100) == GREETING
        peer.close()
    assert [line for _ in peers for line in server.lines(": closed")]
    status, errors = server.end()
    assert status == 0
    assert set(errors.splitlines()) == {"accept: Too many open files"}


# ------------------------------------------------------ tcp_listenfd_server


def test_a_client_that_came_before_the_server_is_served(start):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for _ in range(2):  # The second one is the first one, started anew.
            with socket.create_connection(listener.getsockname(), 10) as peer:
                server = start("tcp_listenfd_server",
                               **inherit(listener, {"LISTEN_FDS": "1"}))
                assert peer.recv(100) == GREETING
                assert server.end() == (0, "")


def test_the_process_that_is_named_takes_it(start):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = start("tcp_listenfd_server", "sh", "-c",
                       'LISTEN_PID=$$ exec "$0"',
                       **inherit(listener, {"LISTEN_FDS": "1"}))
        assert run("nc", "-N", "127.0.0.1", server.port) == GREETING


def refused(environment, inherited):
    keywords = inherit(inherited, {})
    del keywords["environment"]
    done = subprocess.run([EXAMPLES / "tcp_listenfd_server"],
                          capture_output=True, timeout=10,
                          env={**os.environ, **environment}, **keywords)
    assert done.stdout == b""
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("environment", [
    {}, {"LISTEN_FDS": "0"}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}])
def test_a_listener_that_is_not_for_it_is_not_taken(environment):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        status, errors = refused(environment, listener)
    assert status == 2
    assert errors.startswith("no listener was handed over")


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_what_is_no_listener_is_not_taken(kind):
    with socket.socket(socket.AF_INET, kind) as other:
        assert refused({"LISTEN_FDS": "1"}, other) == (
            1, "descriptor 3 is no TCP listener: Invalid argument\n")


# --------------------------------------------------------------- udp_server


def test_nc_gets_its_datagram_back(start):
    server = start("udp_server")
    assert run("nc", "-u", "-W", "1", "127.0.0.1", server.port,
               given=b"a datagram\n") == b"a datagram\n"
    assert server.end() == (0, "")


@pytest.mark.parametrize("size", [1, 1400, 65000])
def test_socat_gets_its_datagram_back(start, size):
    server = start("udp_server")
    sent = os.urandom(size)
    # One datagram is one block of socat's.
    assert run("socat", "-b", "65536", "-t", "0.3", "-",
               f"UDP4:127.0.0.1:{server.port}", given=sent) == sent


def test_many_datagrams_and_empty_ones(start):
    server = start("udp_server")
    sent = [b"%d" % number if number % 5 else b"" for number in range(100)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(10)
        peer.connect(("127.0.0.1", int(server.port)))
        for datagram in sent:
            peer.send(datagram)
        assert [peer.recv(100) for _ in sent] == sent
    assert server.end() == (0, "")


# -------------------------------------------------------------- http_server


def curl(server, path, *options):
    """Status, body, of a request; curl checks the length."""
    output = run("curl", "-sS", "--noproxy", "*", "--max-time", "20", "-w",
                 "\n%{http_code}", *options,
                 f"http://127.0.0.1:{server.port}{path}")
    body, _, status = output.rpartition(b"\n")
    return int(status), body


def test_curl_gets_a_page(start):
    server = start("http_server")
    assert curl(server, "/") == (200, GREETING)
    assert server.end() == (0, "")


@pytest.mark.parametrize("size", [0, 1, 26 * 1024 + 1, 20_000_000])
def test_curl_gets_as_much_as_it_asks_for(start, size):
    server = start("http_server")
    status, body = curl(server, f"/bytes/{size}")
    assert (status, len(body)) == (200, size)
    assert body == (ALPHABET * (size // 26 + 1))[:size]


def test_others_are_served_while_curl_is_slow(start):
    server = start("http_server")
    slow = subprocess.Popen(
        ["curl", "-sS", "--noproxy", "*", "--limit-rate", "5M",
         f"http://127.0.0.1:{server.port}/bytes/10000000"], bufsize=0,
        stdout=subprocess.PIPE)
    first = slow.stdout.read(1)
    assert curl(server, "/") == (200, GREETING)
    assert slow.poll() is None
    assert first + slow.communicate(timeout=20)[0] == \
        (ALPHABET * 400000)[:10_000_000]


def test_curls_at_once(start):
    server = start("http_server")
    before = server.descriptors()
    url = f"http://127.0.0.1:{server.port}/bytes/[100000-100049]"
    got = run("curl", "-sS", "--noproxy", "*", "-Z", "--parallel-max", "50",
              "-o", "/dev/null", "-w", "%{http_code} %{size_download}\n", url)
    assert sorted(got.decode().split("\n")) == \
        ["", *(f"200 {size}" for size in range(100000, 100050))]
    deadline = time.monotonic() + 10
    while server.descriptors() != before:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert server.end() == (0, "")


@pytest.mark.parametrize("path, options, answer", [
    ("/nothing", [], (404, b"Not here.\n")),
    ("/bytes/", [], (404, b"Not here.\n")),
    ("/bytes/1x", [], (404, b"Not here.\n")),
    ("/bytes/9999999999999", [], (404, b"Not here.\n")),
    ("/", ["-X", "DELETE"], (405, b"GET it.\n")),
    ("/", ["-H", "X: " + "x" * 9000], (431, b"")),
])
def test_curl_is_told_what_is_wrong(start, path, options, answer):
    assert curl(start("http_server"), path, *options) == answer


def test_an_answer_is_not_lost_behind_a_body_that_nobody_reads(start):
    server = start("http_server")
    # curl and nc would read the answer as soon as it is there; this does not,
    # and a reset would break the sending.
    with server.connect() as peer:
        peer.sendall(b"POST / HTTP/1.1\r\n\r\n" + b"x" * 5_000_000)
        peer.shutdown(socket.SHUT_WR)
        got = b""
        while piece := peer.recv(1 << 16):
            got += piece
    assert got.startswith(b"HTTP/1.1 405 ") and got.endswith(b"GET it.\n")


def test_nc_is_told_that_it_speaks_no_http(start):
    server = start("http_server")
    assert run("nc", "-N", "127.0.0.1", server.port, given=b"hey\r\n\r\n") \
        .startswith(b"HTTP/1.1 400 Bad Request\r\n")
    # Half of a request, and the end: there is nothing to answer.
    assert run("nc", "-N", "127.0.0.1", server.port, given=b"GET /") == b""
    assert curl(server, "/") == (200, GREETING)


# --------------------------------------------------------------------- all


@pytest.mark.parametrize("name", ["tcp_server", "udp_server", "http_server"])
def test_a_wrong_address_is_told(name):
    done = subprocess.run([EXAMPLES / name, "127.0.0.1:x"],
                          capture_output=True, text=True, timeout=10)
    assert (done.returncode, done.stdout, done.stderr) == \
        (2, "", "127.0.0.1:x: no address from byte 10 on\n")


@pytest.mark.parametrize("name", ["tcp_server", "http_server"])
def test_an_address_that_is_taken_is_told(name):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = "%s:%d" % other.getsockname()
        done = subprocess.run([EXAMPLES / name, address],
                              capture_output=True, text=True, timeout=10)
    assert (done.returncode, done.stderr) == \
        (1, "bind: Address already in use\n")
