"""Source, which every socket and pipe is, and what several of them have."""

from enum import Enum

from . import _miopoll
from ._address import format_addr, new_addr, value_of
from ._arguments import check_descriptor, integer
from ._buffers import check_size, new_room, span
from ._errors import BLOCKING, MAKING_SOURCES, TAKING, error
from ._handle import Handle
from ._miopoll import ffi, lib
from ._values import EAGAIN, EINTR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, NoReturn, TypeVar

    from typing_extensions import Buffer

    Self = TypeVar("Self", bound="Source")
    Other = TypeVar("Other", bound="Source")
    T = TypeVar("T")

if TYPE_CHECKING or hasattr(_miopoll, "SourceBase"):
    from ._miopoll import Datagrams as Datagrams
    from ._miopoll import Reads as Reads
    from ._miopoll import SourceBase
    from ._miopoll import Writes as Writes
else:
    from ._transfer import Datagrams, Reads, SourceBase, Writes

_PEEK = lib.guard_source_peek


class Shutdown(Enum):
    """What shutdown() ends; the numbers of `socket` are others, and refused.

    >>> Shutdown.WRITE.name
    'WRITE'
    """

    READ = lib.MIO_SHUTDOWN_READ
    WRITE = lib.MIO_SHUTDOWN_WRITE
    BOTH = lib.MIO_SHUTDOWN_BOTH


class Source(SourceBase, Handle):
    """A socket or a pipe of the library's: non-blocking, not inherited.

    The base of TcpListener, TcpStream, UdpSocket, UnixListener, UnixStream,
    UnixDatagram, Sender and Receiver. A source is registered with one Poll at
    a time; closing it deregisters it. It is a context manager, and warns
    (ResourceWarning) if it is not closed. All methods may be called by any
    thread at any time.
    """

    __slots__ = ("__weakref__", "_born", "_closed", "_handle", "_warns")

    _close = lib.guard_source_close
    _drop = lib.guard_source_drop
    _forked = lib.guard_source_forked
    _number: "ClassVar[int]" = 0
    _making = "a constructor"

    def __new__(cls) -> "Source":
        raise TypeError(f"use {cls._making}")

    @classmethod
    def _make(cls: "type[Self]", pointer: "Any") -> "Self":
        source = object.__new__(cls)
        source._own(pointer)
        source._attach(source._handle, int(ffi.cast("intptr_t", pointer)))
        return source

    @classmethod
    def from_fd(cls: "type[Self]", fd: int) -> "Self":
        """Takes over a descriptor, which must be of this kind.

        It is made non-blocking and close-on-exec, and is the source's from now
        on. If this fails it stays the caller's, as it was.

        Raises OSError EINVAL if it is something else, EBADF if it is not open,
        EOPNOTSUPP or ENOMEM; TypeError; OverflowError.

        >>> import socket
        >>> from miopoll import UnixStream
        >>> here, there = socket.socketpair()
        >>> with UnixStream.from_fd(here.detach()) as stream:
        ...     stream.write(b"hello"), there.recv(9)
        (5, b'hello')
        >>> there.close()
        """
        number = integer(fd, "fd")
        out = ffi.new("guard_source_t **")
        try:
            rc = lib.guard_source_from_fd(out, cls._number, number)
        except OverflowError:
            check_descriptor(number)
        if rc < 0:
            what = f"descriptor {number} is no {cls._kind}"
            raise error(rc, cls._kind, TAKING, what)
        return cls._make(out[0])

    def into_fd(self) -> int:
        """Gives the descriptor away, deregistered; the source is closed then.

        It is the caller's to close, and still non-blocking and close-on-exec.
        Raises ValueError if the source is closed.

        >>> import os
        >>> from miopoll import pipe
        >>> sender, receiver = pipe()
        >>> with sender, receiver:
        ...     fd = receiver.into_fd()
        ...     receiver.closed
        True
        >>> os.close(fd)
        """
        out = ffi.new("mio_fd_t *")
        self._do(lib.guard_source_into_fd, out)
        self._closed = True
        fd: int = out[0]
        return fd

    def fileno(self) -> int:
        """The descriptor, as to set an option that has no method here.

        It stays the source's: do not close it. Whoever reads or writes by it
        does so in try_io(). Raises ValueError if the source is closed.

        >>> from miopoll import pipe
        >>> sender, receiver = pipe()
        >>> with sender, receiver:
        ...     sender.fileno() != receiver.fileno()
        True
        """
        out = ffi.new("mio_fd_t *")
        self._do(lib.guard_source_fd, out)
        fd: int = out[0]
        return fd

    def try_io(self, function: "Callable[[], T]", interest: int) -> "T | None":
        """Calls a function that uses the descriptor, and gives its result.

        If it returns None or raises BlockingIOError, the directions of the
        interest (READABLE, WRITABLE, PRIORITY) are said to block, so that an
        edge-triggered registration reports them again; then it is None.

        Raises what the function raises; OSError EINVAL for another interest;
        TypeError; OverflowError; ValueError if the source is closed.

        >>> import os
        >>> from miopoll import Interest, pipe
        >>> sender, receiver = pipe()
        >>> with sender, receiver:
        ...     read = lambda: os.read(receiver.fileno(), 9)
        ...     print(receiver.try_io(read, Interest.READABLE))
        None
        """
        bits = integer(interest, "interest")
        try:
            result = function()
        except BlockingIOError:
            result = None
        if result is None:
            self._do(lib.guard_source_would_block, bits, advice=BLOCKING)
        return result

    def set_nonblocking(self, nonblocking: bool) -> None:
        """Whether operations return at once, as they do from birth.

        Otherwise they wait, which is for what a child inherits: while one
        waits, all others of this source but close() wait for it, and closing
        takes effect when it has returned. Raises ValueError if it is closed.

        >>> from miopoll import pipe
        >>> sender, receiver = pipe()
        >>> with sender, receiver:
        ...     receiver.set_nonblocking(False)
        ...     sender.write(b"x"), receiver.read(), receiver.nonblocking()
        (1, b'x', False)
        """
        self._set_option(lib.MIO_OPTION_NONBLOCKING, bool(nonblocking))

    def nonblocking(self) -> bool:
        """Whether operations return at once.

        >>> from miopoll import pipe
        >>> sender, receiver = pipe()
        >>> with sender, receiver:
        ...     sender.nonblocking()
        True
        """
        return self._option(lib.MIO_OPTION_NONBLOCKING) != 0

    # --------------------------------------------- for the methods of classes

    def _do(
        self,
        function: "Any",
        *arguments: "Any",
        advice: "Mapping[str, str] | None" = None,
    ) -> int:
        """Calls a guard; its result, or the exception for it."""
        rc = EINTR
        while rc == EINTR:  # With handlers between; of blocking ones only.
            rc = function(self._handle, *arguments)
        if rc < 0:
            raise error(rc, self._kind, advice or {}, self._kind)
        return int(rc)

    def _count(self, function: "Any", *arguments: "Any") -> "int | None":
        """Calls what moves bytes; None where it would block."""
        rc = EINTR
        while rc == EINTR:
            rc = function(self._handle, *arguments)
        if rc >= 0:
            return int(rc)
        return None if rc == EAGAIN else self._failed(rc)

    def _moved(
        self, room: "Any", function: "Any", *arguments: "Any"
    ) -> "bytes | None":
        """The bytes that came into `room`."""
        n = self._count(function, *arguments)
        return None if n is None else bytes(ffi.buffer(room, n))

    def _failed(self, rc: int) -> "NoReturn":
        """Of the extension too: raises for a negative result."""
        raise error(rc, self._kind, {})

    def _address(self, function: "Any") -> "Any":
        raw = new_addr()
        self._do(function, raw)
        return value_of(raw)

    def _option(self, option: int) -> int:
        out = ffi.new("uint32_t *")
        self._do(lib.guard_source_option, option, out)
        return int(out[0])

    def _set_option(self, option: int, value: int) -> None:
        self._do(lib.guard_source_set_option, option, value)

    def _check(self) -> None:
        """Refuses what is closed; a child may use what its parent made."""
        if self._closed:
            raise error(lib.GUARD_CLOSED, self._kind, {})

    def _state(self) -> str:
        return "closed" if self._closed else "open"

    def _details(self) -> str:
        """What is known of an open one, for its repr."""
        out = ffi.new("mio_fd_t *")
        if lib.guard_source_fd(self._handle, out) < 0:
            return ""
        details = f", fd {out[0]}"
        raw = new_addr()
        for word, function in (
            (", at ", lib.guard_source_local_addr),
            (", to ", lib.guard_source_peer_addr),
        ):
            if function(self._handle, raw) == 0 and raw.length > 0:
                details += word + format_addr(raw)
        return details

    def __repr__(self) -> str:
        details = "" if self._closed else self._details()
        return f"<miopoll.{self._kind} {self._state()}{details}>"


class Socket(Source):
    """What all sockets have."""

    __slots__ = ()

    @classmethod
    def from_socket(cls: "type[Self]", sock: "Any") -> "Self":
        """Takes over a socket of `socket`, which is detached then.

        mio's from_std(). If this fails the socket stays as it was. Raises what
        from_fd() raises.

        >>> import socket
        >>> from miopoll import UdpSocket
        >>> sock = socket.socket(type=socket.SOCK_DGRAM)
        >>> with UdpSocket.from_socket(sock) as udp:
        ...     udp.ttl(), sock.fileno()
        (64, -1)
        """
        detach = sock.detach  # First: what cannot be detached is not taken.
        source = cls.from_fd(sock.fileno())
        detach()
        return source

    def local_addr(self) -> "Any":
        """The socket's own address, as `socket` has it.

        (host, port), or (host, port, flow, scope) for IPv6; a path as str, an
        abstract name as bytes, "" without a name. Raises ValueError if it is
        closed.

        >>> from miopoll import UdpSocket
        >>> with UdpSocket.bind("127.0.0.1:0") as udp:
        ...     udp.local_addr()[0]
        '127.0.0.1'
        """
        return self._address(lib.guard_source_local_addr)

    def take_error(self) -> "OSError | None":
        """Takes the error that waits in the socket: why a connect failed.

        Returns it as an exception that is not raised, or None. Raises
        ValueError if the socket is closed.

        >>> from miopoll import UdpSocket
        >>> with UdpSocket.bind("127.0.0.1:0") as udp:
        ...     print(udp.take_error())
        None
        """
        out = ffi.new("int32_t *")
        self._do(lib.guard_source_take_error, out)
        found = error(out[0], self._kind, {}) if out[0] < 0 else None
        assert found is None or isinstance(found, OSError)
        return found


class Peeks(Socket):
    """What streams and datagram sockets have."""

    __slots__ = ()

    def peek(self, size: int = 65536, /) -> "bytes | None":
        """Reads and leaves what it read; what the next read gives again.

        Returns and raises what that does.

        >>> from miopoll import UnixStream
        >>> one, other = UnixStream.pair()
        >>> with one, other:
        ...     one.write(b"hello"), other.peek(2), other.read()
        (5, b'he', b'hello')
        """
        size = check_size(size)
        room = new_room(size)
        return self._moved(room, _PEEK, room, size)

    def peek_into(self, buffer: "Buffer", /) -> "int | None":
        """The same into a buffer: how many bytes.

        >>> from miopoll import UnixStream
        >>> one, other = UnixStream.pair()
        >>> with one, other:
        ...     one.write(b"hello"), other.peek_into(bytearray(9))
        (5, 5)
        """
        with span(buffer, writable=True) as room:
            return self._count(_PEEK, room, len(room))

    def peer_addr(self) -> "Any":
        """The address of the peer, as `socket` has it.

        Raises OSError ENOTCONN while it is not connected; ValueError if it is
        closed.

        >>> from miopoll import UnixStream
        >>> one, other = UnixStream.pair()
        >>> with one, other:
        ...     one.peer_addr()
        ''
        """
        return self._address(lib.guard_source_peer_addr)


def shutdown_source(source: Source, how: "Shutdown") -> None:
    """What shutdown() of a class does."""
    if not isinstance(how, Shutdown):
        raise TypeError(
            f"what to end is one of Shutdown, not {how!r}: the numbers of "
            "`socket` are others"
        )
    source._do(lib.guard_source_shutdown, how.value)


def received(
    source: Source, function: "Any", buffer: "Any"
) -> "tuple[int, Any] | None":
    """How many bytes came into a buffer, and from where."""
    peer = new_addr()
    with span(buffer, writable=True) as room:
        n = source._count(function, room, len(room), peer)
    return None if n is None else (n, value_of(peer))


def received_bytes(
    source: Source, function: "Any", size: int
) -> "tuple[bytes, Any] | None":
    """The bytes that came, and from where."""
    size = check_size(size)
    room = new_room(size)
    peer = new_addr()
    found = source._moved(room, function, room, size, peer)
    return None if found is None else (found, value_of(peer))


def make_pair(
    kind: "type[Self]", other: "type[Other]"
) -> "tuple[Self, Other]":
    """Two ends, whose kind is that of the first."""
    ends = ffi.new("guard_source_t *[2]")
    rc = lib.guard_source_pair(ends, ends + 1, kind._number)
    if rc < 0:
        raise error(rc, kind._kind, MAKING_SOURCES)
    return kind._make(ends[0]), other._make(ends[1])
