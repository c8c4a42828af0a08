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
from ._poll import Poll
from ._registry import Registry
from ._source import Shutdown, Source
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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._net import TcpListener, TcpStream, UdpSocket
    from ._unix import (
        Receiver,
        Sender,
        UnixDatagram,
        UnixListener,
        UnixStream,
        pipe,
    )

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

if not TYPE_CHECKING:
    # Imported when one of them is first used, since a program that has its
    # own sockets need not wait for them.
    _SOURCES = {
        "_net": ("TcpListener", "TcpStream", "UdpSocket"),
        "_unix": (
            "Receiver",
            "Sender",
            "UnixDatagram",
            "UnixListener",
            "UnixStream",
            "pipe",
        ),
    }

    def __getattr__(name):
        for module, names in _SOURCES.items():
            if name in names:
                from importlib import import_module

                found = import_module(f"{__name__}.{module}")
                globals().update({each: getattr(found, each) for each in names})
                return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *__all__})
