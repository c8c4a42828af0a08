"""Unix sockets, and pipes."""

from ._address import unix
from ._errors import MAKING_SOURCES, error
from ._miopoll import ffi, lib
from ._net import Datagram, Stream, accept_new, bind_new, connect_new
from ._source import (
    Reads,
    Shutdown,
    Socket,
    Source,
    Writes,
    make_pair,
    shutdown_source,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol, TypeVar

    from typing_extensions import Buffer

    from ._address import Name, Unix

    Self = TypeVar("Self", bound="Source")

    class File(Protocol):
        def fileno(self) -> int: ...
        def close(self) -> object: ...


class UnixListener(Socket):
    """Takes Unix connections."""

    __slots__ = ()

    _kind = "UnixListener"
    _number = lib.MIO_KIND_UNIX_LISTENER
    _making = "UnixListener.bind() or from_fd()"

    @classmethod
    def bind(
        cls: "type[Self]", address: "Unix", *, backlog: int = 0
    ) -> "Self":
        """Listens at a path, an abstract name (b"\\0name") or an Addr.

        "" lets Linux choose an abstract name. The file of a path stays until
        the program removes it. backlog is how many connections wait for
        accept(), 0 as many as the system allows.

        Raises OSError EADDRINUSE if the name is taken, also by a file that an
        earlier program left, ENAMETOOLONG, EMFILE and others,
        FileNotFoundError, PermissionError; ValueError for a zero byte in a
        path; TypeError; OverflowError.

        >>> with UnixListener.bind("") as listener:
        ...     listener.local_addr()[:1]
        b'\\x00'
        """
        return bind_new(cls, unix(address), address, backlog)

    def accept(self) -> "tuple[UnixStream, Name] | None":
        """Takes a connection: (stream, address of the peer), or None.

        Raises OSError EMFILE or ENFILE without descriptors: the connection
        goes on waiting; ValueError if it is closed.

        >>> with UnixListener.bind("") as listener:
        ...     with UnixStream.connect(listener.local_addr()) as one:
        ...         other, peer = listener.accept()
        ...         with other:
        ...             one.write(b"hello"), other.read(), peer
        (5, b'hello', '')
        """
        return accept_new(self, UnixStream)


class UnixStream(Stream):
    """A Unix connection."""

    __slots__ = ()

    _kind = "UnixStream"
    _number = lib.MIO_KIND_UNIX_STREAM
    _making = "UnixStream.connect(), pair() or from_fd()"

    @classmethod
    def connect(cls: "type[Self]", address: "Unix") -> "Self":
        """Connects to a path, an abstract name or an Addr: done on return.

        Raises BlockingIOError if the listener's backlog is full: try again;
        ConnectionRefusedError, FileNotFoundError, PermissionError and other
        OSErrors; ValueError for a zero byte in a path; TypeError.

        >>> with UnixListener.bind("") as listener:
        ...     with UnixStream.connect(listener.local_addr()) as stream:
        ...         stream.peer_addr() == listener.local_addr()
        True
        """
        return connect_new(cls, unix(address), address)

    @classmethod
    def pair(cls: "type[Self]") -> "tuple[Self, Self]":
        """Two streams that are connected to each other.

        Raises OSError EMFILE, ENFILE or ENOMEM.

        >>> one, other = UnixStream.pair()
        >>> with one, other:
        ...     one.write(b"hello"), other.read()
        (5, b'hello')
        """
        return make_pair(cls, cls)


class UnixDatagram(Datagram):
    """A Unix datagram socket, connected or not."""

    __slots__ = ()

    _kind = "UnixDatagram"
    _number = lib.MIO_KIND_UNIX_DATAGRAM
    _making = "UnixDatagram.bind(), unbound(), pair() or from_fd()"

    @classmethod
    def bind(cls: "type[Self]", address: "Unix") -> "Self":
        """Binds a new socket to a path, an abstract name or an Addr.

        Raises what UnixListener.bind() raises.

        >>> with UnixDatagram.bind("") as one:
        ...     one.send_to(b"hello", one.local_addr()), one.recv()
        (5, b'hello')
        """
        return bind_new(cls, unix(address), address)

    @classmethod
    def unbound(cls: "type[Self]") -> "Self":
        """A new socket without a name: it can send, and nobody can answer.

        Raises OSError EMFILE, ENFILE or ENOMEM.

        >>> with UnixDatagram.unbound() as one:
        ...     one.local_addr()
        ''
        """
        out = ffi.new("guard_source_t **")
        rc = lib.guard_source_unbound(out)
        if rc < 0:
            raise error(rc, cls._kind, MAKING_SOURCES)
        return cls._make(out[0])

    @classmethod
    def pair(cls: "type[Self]") -> "tuple[Self, Self]":
        """Two sockets that are connected to each other.

        Raises OSError EMFILE, ENFILE or ENOMEM.

        >>> one, other = UnixDatagram.pair()
        >>> with one, other:
        ...     one.send(b""), other.recv()
        (0, b'')
        """
        return make_pair(cls, cls)

    def connect(self, address: "Unix") -> None:
        """Sets the peer: where send() sends to, and the only one heard.

        It may be set again. Raises OSError EINVAL for "",
        ConnectionRefusedError if no socket has the name, FileNotFoundError,
        PermissionError and others; ValueError if the socket is closed;
        TypeError.

        >>> with UnixDatagram.bind("") as one:
        ...     one.connect(one.local_addr())
        ...     one.send(b"hello")
        5
        """
        self._connect(unix(address), address)

    def send_to(self, buffer: "Buffer", address: "Unix") -> "int | None":
        """Sends a datagram to an address; its length, or None without room.

        Raises what connect() raises, and OSError EMSGSIZE if it is too long;
        BufferError.

        >>> with UnixDatagram.bind("") as one:
        ...     one.send_to(b"hello", one.local_addr()), one.recv_from()[0]
        (5, b'hello')
        """
        return self._send_to(buffer, unix(address), address)

    def shutdown(self, how: "Shutdown") -> None:
        """Ends reading, writing or both.

        Raises OSError ENOTCONN without a peer, on some systems; TypeError for
        what is no Shutdown; ValueError if it is closed.

        >>> one, other = UnixDatagram.pair()
        >>> with one, other:
        ...     one.shutdown(Shutdown.WRITE)
        ...     try:
        ...         one.send(b"x")
        ...     except BrokenPipeError:
        ...         print("nobody reads")
        nobody reads
        """
        shutdown_source(self, how)


class Pipe(Source):
    """What both ends of a pipe have."""

    __slots__ = ()

    @classmethod
    def from_file(cls: "type[Self]", file: "File") -> "Self":
        """Takes over an end of a pipe from a file, which is closed then.

        As the stdin, stdout or stderr of a subprocess.Popen. If this fails the
        file stays as it was. Raises what from_fd() raises, and OSError EMFILE.

        >>> import subprocess
        >>> from miopoll import Interest, Poll
        >>> child = subprocess.Popen(["echo", "hello"], stdout=-1)
        >>> with Receiver.from_file(child.stdout) as end, Poll() as poll:
        ...     poll.register(end, 1, Interest.READABLE)
        ...     events, status = poll.poll(5), child.wait()
        ...     end.read(), end.read(), status
        (b'hello\\n', b'', 0)
        """
        import os

        fd = os.dup(file.fileno())
        try:
            end = cls.from_fd(fd)
        except BaseException:
            os.close(fd)
            raise
        try:
            file.close()  # Which may have something left to write.
        except BaseException:
            end.close()
            raise
        return end


class Sender(Writes, Pipe):
    """The end of a pipe that is written to."""

    __slots__ = ()

    _kind = "Sender"
    _number = lib.MIO_KIND_PIPE_SENDER
    _making = "pipe(), Sender.from_fd() or from_file()"


class Receiver(Reads, Pipe):
    """The end of a pipe that is read from."""

    __slots__ = ()

    _kind = "Receiver"
    _number = lib.MIO_KIND_PIPE_RECEIVER
    _making = "pipe(), Receiver.from_fd() or from_file()"


def pipe() -> "tuple[Sender, Receiver]":
    """Makes a pipe: (sender, receiver), as mio's unix::pipe::new().

    Raises OSError EMFILE, ENFILE or ENOMEM.

    >>> sender, receiver = pipe()
    >>> with sender, receiver:
    ...     sender.write(b"hello"), receiver.read()
    (5, b'hello')
    """
    return make_pair(Sender, Receiver)
