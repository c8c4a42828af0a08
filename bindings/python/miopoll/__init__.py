"""Readiness polling with the model of the Rust library mio.

A Poll waits, a Registry registers, a Waker wakes; each event carries the
caller's own token. The loop and the memory stay the caller's, and so do the
sockets, unless they are those of this package: TcpListener, TcpStream,
UdpSocket, UnixListener, UnixStream, UnixDatagram and the ends of pipe().

>>> import miopoll, socket
>>> here, there = socket.socketpair()
>>> with miopoll.Poll() as poll:
...     poll.register(here, 42, miopoll.Interest.READABLE)
...     _ = there.send(b"hello")
...     for token, readiness in poll.poll(timeout=5):
...         if token == 42 and readiness & miopoll.Interest.READABLE:
...             here.recv(64)
b'hello'
>>> here.close(); there.close()

An interest without LEVEL or ONESHOT is edge-triggered, as in mio: read until
the descriptor would block, for only then another event is promised. `python
-m miopoll` prints what a bug report should have.
"""

from ._address import Addr
from ._net import TcpListener, TcpStream, UdpSocket
from ._poll import Poll
from ._registry import Registry
from ._source import Shutdown, Source
from ._unix import (
    Receiver,
    Sender,
    UnixDatagram,
    UnixListener,
    UnixStream,
    pipe,
)
from ._values import (
    SELECTORS,
    TOKEN_MAX,
    Event,
    Interest,
    Readiness,
    __version__,
    clock_now,
    library_version,
)
from ._waker import Waker

__all__ = [
    "SELECTORS",
    "TOKEN_MAX",
    "Addr",
    "Event",
    "Interest",
    "Poll",
    "Readiness",
    "Receiver",
    "Registry",
    "Sender",
    "Shutdown",
    "Source",
    "TcpListener",
    "TcpStream",
    "UdpSocket",
    "UnixDatagram",
    "UnixListener",
    "UnixStream",
    "Waker",
    "__version__",
    "clock_now",
    "library_version",
    "pipe",
]
