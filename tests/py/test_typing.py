"""Types: mypy --strict on the package and on a program, stubtest, and the stub
of the extension module."""

import pathlib
import subprocess
import sys

import pytest
from support import ROOT

HERE = pathlib.Path(__file__).parent
PACKAGE = ROOT / "bindings/python/miopoll"


def run(*command, cwd=None):
    process = subprocess.run(
        [sys.executable, *map(str, command)], cwd=cwd, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=110,
    )
    return process.returncode, process.stdout


@pytest.fixture
def mypy(tmp_path):
    def check(*what):
        return run("-m", "mypy", "--strict", "--config-file=",
                   "--cache-dir", ROOT / "build/mypy", *what, cwd=tmp_path)

    return check


def test_the_package_is_strict(mypy):
    code, output = mypy(PACKAGE)
    assert code == 0, output


PROGRAM = """
import socket
import miopoll
from miopoll import (
    Addr, Event, Interest, Poll, Receiver, Registry, Shutdown, TcpListener,
    TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream, Waker, pipe,
)

class Both:
    def register(self, registry: Registry, token: int, interest: int) -> None:
        registry.register(3, token, interest)
    def reregister(
        self, registry: Registry, token: int, interest: int
    ) -> None: ...
    def deregister(self, registry: Registry) -> None: ...

def main(end: socket.socket) -> None:
    with Poll("epoll", capacity=9) as poll, Waker(poll, 1) as waker:
        poll.register(end, 1, Interest.READABLE | Interest.LEVEL)
        poll.register(3, 1, 257)
        poll.register(Both(), 1, 1)
        poll.deregister(end)
        waker.wake()
        reveal_type(poll)
        reveal_type(poll.poll())
        reveal_type(poll.poll(0.5, capacity=3))
        reveal_type(poll.events(timeout_ns=5))
        reveal_type(poll.registry().clone())
        reveal_type(poll.features)
        reveal_type(Interest.READABLE | Interest.LEVEL)
        reveal_type(miopoll.SELECTORS)

class Mine(TcpStream):
    pass

def sources(poll: Poll, room: bytearray) -> None:
    with TcpListener.bind(("::1", 0), backlog=9) as listener:
        poll.register(listener, 1, Interest.READABLE)
        reveal_type(listener)
        reveal_type(listener.accept())
        reveal_type(Mine.connect("127.0.0.1:80"))
        host, port = listener.local_addr()
        Mine.connect(Addr("127.0.0.1:80")).shutdown(Shutdown.BOTH)
    sender, receiver = pipe()
    reveal_type(sender)
    reveal_type(receiver.read(9))
    reveal_type(receiver.read_into(memoryview(room)))
    reveal_type(sender.write_vectored([b"x", room]))
    reveal_type(receiver.try_io(lambda: 5, 1))
    reveal_type(UdpSocket.bind(("127.0.0.1", 0)).recv_from())
    reveal_type(UnixDatagram.unbound().send(room))
    reveal_type(UnixStream.pair())
    reveal_type(UnixListener.bind(b"x").accept())
    reveal_type(UnixStream.from_fd(3).take_error())
"""
REVEALED = [
    "miopoll._poll.Poll", "list[tuple[int, int]]", "list[tuple[int, int]]",
    "list[miopoll._values.Event]", "miopoll._registry.Registry",
    "frozenset[str]", "miopoll._values.Interest", "tuple[str, ...]",
    "miopoll._net.TcpListener",
    "tuple[miopoll._net.TcpStream, Any] | None", "program.Mine",
    "miopoll._unix.Sender", "bytes | None", "int | None", "int | None",
    "int | None", "tuple[bytes, Any] | None", "int | None",
    "tuple[miopoll._unix.UnixStream, miopoll._unix.UnixStream]",
    "tuple[miopoll._unix.UnixStream, str | bytes] | None", "OSError | None",
]
WRONG = {
    'poll.register("x", 1, 1)': "arg-type",
    'poll.register(1, "x", 1)': "arg-type",
    'poll.poll("x")': "arg-type",
    "poll.poll(1, 2)": "call-arg",
    "Poll(5)": "arg-type",
    "Waker(5, 1)": "arg-type",
    "TcpListener.bind(80)": "arg-type",
    "UnixStream.connect(('127.0.0.1', 80))": "arg-type",
    "pipe()[0].read()": "attr-defined",
    "pipe()[0].write('text')": "arg-type",
    "pipe()[1].read_vectored(b'x')": "arg-type",
    "UnixStream.pair()[0].shutdown(1)": "arg-type",
}


def test_a_program_gets_types(mypy, tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    code, output = mypy("program.py")
    assert code == 0, output
    revealed = [
        line.split('"')[1].replace("builtins.", "")
        for line in output.splitlines()
        if "Revealed type" in line
    ]
    assert revealed == REVEALED


def test_a_wrong_program_is_told(mypy, tmp_path):
    lines = "\n".join("    " + line for line in WRONG)
    (tmp_path / "wrong.py").write_text(
        "from miopoll import Poll, TcpListener, UnixStream, Waker, pipe\n"
        f"def main(poll: Poll) -> None:\n{lines}\n"
    )
    code, output = mypy("wrong.py")
    assert code == 1
    for number, kind in enumerate(WRONG.values(), 3):
        assert f"wrong.py:{number}: error:" in output
        assert f"[{kind}]" in output


def test_stubtest(tmp_path):
    code, output = run(
        "-m", "mypy.stubtest", "miopoll", "--concise", "--allowlist",
        HERE / "stubtest-allowlist.txt", "--ignore-unused-allowlist",
        cwd=tmp_path,
    )
    assert code == 0, output


def test_the_stub_is_fresh():
    code, output = run(ROOT / "bindings/python/stub.py", "--check")
    assert code == 0, output


def test_the_stub_knows_every_function():
    """What cffi reads and what the stub says are the same names."""
    import re

    cdef = (ROOT / "bindings/python/extension/guard.cdef").read_text()
    stub = (PACKAGE / "_miopoll.pyi").read_text()
    names = re.findall(r"\b(guard_\w+)\(", cdef)
    assert len(names) > 20
    for name in names:
        assert f"    def {name}(self, " in stub, name
