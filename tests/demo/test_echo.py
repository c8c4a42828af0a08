"""The echo examples, where the demo does not look: few descriptors, slow and
half-closed peers, idleness, and their end. MIOPOLL_BUILD names the build
directory, MIOPOLL_PYTHON the interpreter that has the package. In every
language, on every selector."""

import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "examples"))

from servers import BUILD, ROOT, Server, eventually, reset  # noqa: E402

PYTHON = os.environ.get("MIOPOLL_PYTHON", ROOT / "build/py-venv/bin/python")
ECHOES = {
    "C": [BUILD.resolve() / "examples" / "c" / "echo"],
    "Python": [PYTHON, ROOT / "examples" / "python" / "echo.py"],
}
CLIENT = BUILD.resolve() / "demo" / "client"


@pytest.fixture(params=["epoll", "poll"])
def selector(request):
    return request.param


@pytest.fixture(params=ECHOES.values(), ids=ECHOES)
def echo(request):
    return request.param


@pytest.fixture
def start(echo, selector):
    servers = []

    def start_one(prefix=()):
        servers.append(Server([*prefix, *echo, "0"], selector))
        return servers[-1]

    yield start_one
    for server in servers:
        server.clear()


def fill(peer):
    """Writes until the server takes no more; gives what was written."""
    sent = b""
    peer.setblocking(False)
    # The server needs a moment to read: full is what stays full.
    while select.select([], [peer], [], 0.2)[1]:
        piece = os.urandom(65536)
        sent += piece[:peer.send(piece)]
    peer.settimeout(10)
    return sent


def receive(peer, size):
    got = bytearray()
    while len(got) < size:
        piece = peer.recv(1 << 20)
        assert piece, "closed too early"
        got += piece
    return bytes(got)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_with_connections_open(start, number):
    server = start()
    peers = [server.connect() for _ in range(3)]
    for peer in peers:
        peer.sendall(b"x")
        assert peer.recv(10) == b"x"
    fill(peers[0])
    assert server.end(number) == (0, "", "")


def test_a_thousand_clients_are_served(start):
    server = start()
    subprocess.run([CLIENT, str(server.port), "--clients", "1000",
                    "--messages", "3000"], check=True, timeout=60,
                   stdout=subprocess.DEVNULL)
    assert server.end() == (0, "", "")


def test_the_waiting_client_is_served_when_descriptors_come_free(start):
    server = start(["sh", "-c", 'ulimit -n 30; exec "$@"', "sh"])
    subprocess.run([CLIENT, str(server.port), "--clients", "100",
                    "--messages", "1000"], check=True, timeout=60,
                   stdout=subprocess.DEVNULL)
    assert server.end() == (0, "", "")


def test_it_does_not_spin_without_descriptors(start):
    server = start(["sh", "-c", 'ulimit -n 15; exec "$@"', "sh"])
    peers = [server.connect() for _ in range(20)]
    peers[0].sendall(b"x")
    assert peers[0].recv(1) == b"x"
    before = server.seconds_of_processor()
    time.sleep(0.5)
    assert server.seconds_of_processor() - before < 0.1
    while peers:  # Each that ends makes room for one that waits.
        peers[0].sendall(b"y")
        assert peers[0].recv(1) == b"y"
        peers.pop(0).close()
    assert server.end() == (0, "", "")


def test_a_peer_that_does_not_read_is_not_read_from(start):
    server = start()
    peer = server.connect()
    sent = fill(peer)  # Which ends: there is back-pressure.
    before = server.seconds_of_processor()
    time.sleep(0.5)
    assert server.seconds_of_processor() - before < 0.1
    with server.connect() as other:  # Others are served meanwhile.
        other.sendall(b"x")
        assert other.recv(1) == b"x"
    assert receive(peer, len(sent)) == sent
    peer.close()
    assert server.end() == (0, "", "")


def test_it_does_not_spin_when_idle(start):
    server = start()
    peers = [server.connect() for _ in range(10)]
    for peer in peers:
        peer.sendall(b"x")
        assert peer.recv(1) == b"x"
    before = server.seconds_of_processor()
    time.sleep(0.5)
    assert server.seconds_of_processor() - before < 0.1
    assert server.end() == (0, "", "")


def test_what_came_before_a_half_close_is_echoed(start):
    server = start()
    with server.connect() as peer:
        sent = fill(peer)
        peer.shutdown(socket.SHUT_WR)
        assert receive(peer, len(sent)) == sent
        assert peer.recv(1) == b""
    assert server.end() == (0, "", "")


def test_descriptors_are_given_back(start):
    server = start()
    before = server.descriptors()
    for _ in range(20):
        with server.connect() as peer:
            peer.sendall(b"x")
            assert peer.recv(1) == b"x"
    peer = server.connect()  # And one that is reset.
    fill(peer)
    reset(peer)
    eventually(lambda: server.descriptors() == before)
    assert server.end() == (0, "", "")


def test_it_survives_being_stopped_and_continued(start):
    server = start()
    with server.connect() as peer:
        for _ in range(5):
            server.process.send_signal(signal.SIGSTOP)
            peer.sendall(b"x")
            server.process.send_signal(signal.SIGCONT)
            assert peer.recv(1) == b"x"
    assert server.end() == (0, "", "")
