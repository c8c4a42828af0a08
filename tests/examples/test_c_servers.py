"""The servers of examples/c: what they share with those of other languages,
and how they tell of addresses. MIOPOLL_BUILD names the build directory."""

import os
import socket
import subprocess

import pytest

pytest.register_assert_rewrite("behaviours", "servers")

from behaviours import (  # noqa: E402, F401
    TestDatagrams, TestEcho, TestEndsOfRequests, TestGreeters,
    TestHandingOver, TestPages, TestScarcity, TestSignals)
from servers import BUILD, Language, unescape  # noqa: E402

EXAMPLES = BUILD.resolve() / "examples" / "c"
C = Language(
    command=lambda name: [EXAMPLES / name],
    line=r"one\x0a\xc3\x5ctwo\x0a",
    heard=unescape,
    much=lambda: os.urandom(1 << 20),
    reset="Connection reset by peer",
    no_descriptors="accept: Too many open files",
    not_handed_over=2,
    no_listener="descriptor 3 is no TCP listener: Invalid argument\n",
    wrong_requests=[
        ("/nothing", [], (404, b"Not here.\n")),
        ("/bytes/", [], (404, b"Not here.\n")),
        ("/bytes/1x", [], (404, b"Not here.\n")),
        ("/bytes/9999999999999", [], (404, b"Not here.\n")),
        ("/", ["-X", "DELETE"], (405, b"GET it.\n")),
        ("/", ["-X", "POST", "-d", "x"], (405, b"GET it.\n")),
        ("/", ["-H", "X: " + "x" * 9000], (431, b"")),
    ],
    no_http=b"HTTP/1.1 400 Bad Request\r\n")


@pytest.fixture
def language():
    return C


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
