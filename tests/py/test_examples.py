"""The servers of examples/python, driven by programs that are not ours: nc,
socat and curl; on every selector."""

import ast
import os
import re
import signal
import socket
import subprocess
import sys

import pytest
from support import ROOT

EXAMPLES = ROOT / "examples/python"
GREETING = b"Hello from libmiopoll!\n"
ALPHABET = b"abcdefghijklmnopqrstuvwxyz"


class Server:
    """A running example, and the lines that it has printed."""

    def __init__(self, name, selector, environment=(), **keywords):
        self.process = subprocess.Popen(
            [sys.executable, "-X", "dev", EXAMPLES / name],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "MIOPOLL_SELECTOR": selector,
                 **dict(environment)}, **keywords)
        line = self.process.stdout.readline()
        assert line.startswith("listening on 127.0.0.1:"), line
        self.port = line.strip().rpartition(":")[2]

    def lines(self, last):
        """What it prints, up to a line that ends in `last`."""
        lines = []
        while not lines or not lines[-1].endswith(last):
            line = self.process.stdout.readline()
            assert line, f"ended after {lines}"
            lines.append(line.rstrip("\n"))
        return lines

    def connect(self):
        return socket.create_connection(("127.0.0.1", int(self.port)), 10)

    def end(self, number=signal.SIGTERM):
        """Ends it; gives its status and what it had to complain."""
        self.process.send_signal(number)
        errors = self.process.communicate(timeout=10)[1]
        return self.process.returncode, [
            line for line in errors.splitlines()
            if "ResourceWarning" not in line  # At the end the system closes.
        ]


@pytest.fixture
def start(selector):
    servers = []

    def start_one(name, **keywords):
        servers.append(Server(name, selector, **keywords))
        return servers[-1]

    yield start_one
    for server in servers:
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate()


def inherit(listener):
    """Keywords of Popen for a child that finds the listener at 3."""
    return {"close_fds": False,
            "preexec_fn": lambda: os.dup2(listener.fileno(), 3)}


@pytest.fixture(params=["tcp_server.py", "tcp_listenfd_server.py"])
def greeter(request, start):
    if request.param == "tcp_server.py":
        yield start(request.param)
        return
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield start(request.param, environment={"LISTEN_FDS": "1"},
                    **inherit(listener))


def run(*command, given=b""):
    done = subprocess.run(command, input=given, capture_output=True,
                          timeout=30)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def said(lines):
    """What was heard, by who said it."""
    heard = {}
    for line in lines:
        who, _, text = line.partition(": ")
        if text not in ("connected", "closed"):
            heard[who] = heard.get(who, "") + ast.literal_eval(text)
    return heard


# ------------------------------------------- tcp_server, tcp_listenfd_server


def test_nc_is_greeted_and_heard(greeter):
    assert run("nc", "-N", "127.0.0.1", greeter.port,
               given=b"one\n\xc3\\two\n") == GREETING
    lines = greeter.lines(": closed")
    who = lines[0].partition(": connected")[0]
    assert re.fullmatch(r"127\.0\.0\.1:\d+", who)
    assert lines[0] == f"{who}: connected" and lines[-1] == f"{who}: closed"
    assert said(lines) == {who: "one\n\\xc3\\two\n"}
    assert greeter.end() == (0, [])


def test_socat_sends_much_and_all_of_it_is_heard(greeter, tmp_path):
    sent = "".join(f"line {number}\n" for number in range(50_000))
    (tmp_path / "sent").write_text(sent)
    with (tmp_path / "sent").open("rb") as file:
        client = subprocess.Popen(
            ["socat", "-t", "5", "-", f"TCP4:127.0.0.1:{greeter.port}"],
            stdin=file, stdout=subprocess.PIPE)
    # Read at once: the server prints more than fits into the pipe.
    heard = said(greeter.lines(": closed"))
    assert client.communicate(timeout=10)[0] == GREETING
    assert list(heard.values()) == [sent]


def test_many_clients_at_once(greeter):
    clients = [subprocess.Popen(["nc", "-N", "127.0.0.1", greeter.port],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
               for _ in range(15)]
    before = [line for _ in clients for line in greeter.lines(": connected")]
    assert len(before) == 15
    for number, client in enumerate(clients):
        assert client.communicate(b"%d" % number, timeout=10)[0] == GREETING
    lines = [line for _ in clients for line in greeter.lines(": closed")]
    assert sorted(map(int, said(lines).values())) == list(range(15))
    assert greeter.end() == (0, [])


def test_a_reset_is_told(greeter):
    peer = greeter.connect()
    assert peer.recv(100) == GREETING
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    b"\1\0\0\0\0\0\0\0")
    peer.close()
    assert greeter.lines("reset by peer")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_a_client_that_is_idle(greeter, number):
    with greeter.connect() as peer:
        assert peer.recv(100) == GREETING
        assert greeter.end(number)[0] == 0
        assert peer.recv(1) == b""


def test_who_waits_for_a_descriptor_is_served_when_one_comes_free(start):
    import resource

    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))

    server = start("tcp_server.py", preexec_fn=few)
    peers = [server.connect() for _ in range(15)]
    for peer in peers:  # Each that leaves lets one in.
        assert peer.recv(100) == GREETING
        peer.close()
    assert [line for _ in peers for line in server.lines(": closed")]
    status, errors = server.end()
    assert status == 0
    assert errors and all(
        line.startswith("accept: Too many open files") for line in errors)


def test_a_client_that_came_before_the_server_is_served(start):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for _ in range(2):  # The second one is the first one, started anew.
            with socket.create_connection(listener.getsockname(), 10) as peer:
                server = start("tcp_listenfd_server.py",
                               environment={"LISTEN_FDS": "1"},
                               **inherit(listener))
                assert peer.recv(100) == GREETING
                assert server.end()[0] == 0


@pytest.mark.parametrize(("environment", "words"), [
    ({}, "no listener was handed over"),
    ({"LISTEN_FDS": "1", "LISTEN_PID": "1"}, "no listener was handed over"),
    ({"LISTEN_FDS": "1"}, "descriptor 3 is no TcpListener"),
])
def test_what_is_not_handed_over(environment, words):
    with socket.socket() as other:
        done = subprocess.run(
            [sys.executable, EXAMPLES / "tcp_listenfd_server.py"],
            capture_output=True, text=True, timeout=30,
            env={**os.environ, **environment}, **inherit(other))
    assert done.returncode == 1 and words in done.stderr
    assert done.stdout == ""


# --------------------------------------------------------------- udp_server


def test_nc_gets_its_datagram_back(start):
    server = start("udp_server.py")
    assert run("nc", "-u", "-W", "1", "127.0.0.1", server.port,
               given=b"a datagram\n") == b"a datagram\n"
    assert server.end() == (0, [])


@pytest.mark.parametrize("size", [1, 65000])
def test_socat_gets_its_datagram_back(start, size):
    server = start("udp_server.py")
    sent = os.urandom(size)
    # One datagram is one block of socat's.
    assert run("socat", "-b", "65536", "-t", "0.3", "-",
               f"UDP4:127.0.0.1:{server.port}", given=sent) == sent


def test_many_datagrams_and_empty_ones(start):
    server = start("udp_server.py")
    sent = [b"%d" % number if number % 5 else b"" for number in range(100)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(10)
        peer.connect(("127.0.0.1", int(server.port)))
        for datagram in sent:
            peer.send(datagram)
        assert [peer.recv(100) for _ in sent] == sent
    assert server.end() == (0, [])


# -------------------------------------------------------------- http_server


def curl(server, path, *options):
    """Status and body of a request; curl checks the length."""
    output = run("curl", "-sS", "--noproxy", "*", "--max-time", "20", "-w",
                 "\n%{http_code}", *options,
                 f"http://127.0.0.1:{server.port}{path}")
    body, _, status = output.rpartition(b"\n")
    return int(status), body


def test_curl_gets_pages(start):
    server = start("http_server.py")
    assert curl(server, "/") == (200, GREETING)
    assert curl(server, "/other") == (404, b"Not here.\n")
    assert curl(server, "/", "-X", "POST", "-d", "x") == (405, b"GET it.\n")
    assert server.end() == (0, [])


@pytest.mark.parametrize("size", [0, 1, 26 * 1024 + 1, 20_000_000])
def test_curl_gets_as_much_as_it_asks_for(start, size):
    server = start("http_server.py")
    status, body = curl(server, f"/bytes/{size}")
    assert (status, len(body)) == (200, size)
    assert body == (ALPHABET * (size // 26 + 1))[:size]


def test_others_are_served_while_curl_is_slow(start):
    server = start("http_server.py")
    slow = subprocess.Popen(
        ["curl", "-sS", "--noproxy", "*", "--limit-rate", "20M",
         f"http://127.0.0.1:{server.port}/bytes/20000000"], bufsize=0,
        stdout=subprocess.PIPE)
    first = slow.stdout.read(1)
    assert curl(server, "/") == (200, GREETING)
    assert slow.poll() is None
    assert first + slow.communicate(timeout=20)[0] == \
        (ALPHABET * 800000)[:20_000_000]


# --------------------------------------------------------------------- echo


def test_socat_hears_itself(start, tmp_path):
    server = start("echo.py")
    sent = os.urandom(1 << 20)
    (tmp_path / "sent").write_bytes(sent)
    with (tmp_path / "sent").open("rb") as file:
        got = subprocess.run(
            ["socat", "-t", "5", "-", f"TCP4:127.0.0.1:{server.port}"],
            stdin=file, capture_output=True, timeout=30)
    assert got.stdout == sent
    assert server.end() == (0, [])
