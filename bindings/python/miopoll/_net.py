"""TcpListener, TcpStream and UdpSocket, and what Unix sockets share with
them."""

from ._address import host_addr, internet, new_addr, value_of
from ._arguments import integer
from ._buffers import span
from ._errors import ACCEPTING, GROUPS, MAKING_SOURCES, SENDING, error
from ._miopoll import ffi, lib
from ._source import (
    Datagrams,
    Peeks,
    Reads,
    Shutdown,
    Socket,
    Source,
    Writes,
    received,
    received_bytes,
    shutdown_source,
)
from ._values import EAGAIN, EINTR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from typing_extensions import Buffer

    from ._address import Host, Internet

    Self = TypeVar("Self", bound="Source")


def bind_new(
    kind: "type[Self]", raw: "Any", shown: object, backlog: int = 0
) -> "Self":
    """A source that is bound to an address."""
    number = integer(backlog, "backlog")
    if not 0 <= number < 2**32:
        raise OverflowError("a backlog is from 0 to 2**32-1")
    out = ffi.new("guard_source_t **")
    rc = lib.guard_source_bind(out, kind._number, raw, number)
    if rc < 0:
        raise error(rc, kind._kind, MAKING_SOURCES, repr(shown))
    return kind._make(out[0])


def connect_new(kind: "type[Self]", raw: "Any", shown: object) -> "Self":
    """A stream that connects to an address."""
    out = ffi.new("guard_source_t **")
    rc = lib.guard_source_begin(out, kind._number, raw)
    if rc < 0:
        raise error(rc, kind._kind, MAKING_SOURCES, repr(shown))
    return kind._make(out[0])


def accept_new(
    listener: Source, kind: "type[Self]"
) -> "tuple[Self, Any] | None":
    """A connection and its peer, or None."""
    out = ffi.new("guard_source_t **")
    peer = new_addr()
    rc = EINTR
    while rc == EINTR:
        rc = lib.guard_source_accept(listener._handle, out, peer)
    if rc == EAGAIN:
        return None
    if rc < 0:
        raise error(rc, listener._kind, ACCEPTING)
    return kind._make(out[0]), value_of(peer)


class Ttl(Socket):
    """What sockets of IPv4 and IPv6 have."""

    __slots__ = ()

    def set_ttl(self, ttl: int) -> None:
        """Sets how many hops a packet may take, from 1 to 255.

        Raises OSError EINVAL for another number; TypeError; OverflowError;
        ValueError if it is closed.

        >>> with UdpSocket.bind("127.0.0.1:0") as udp:
        ...     udp.set_ttl(7)
        ...     udp.ttl()
        7
        """
        self._set_option(lib.MIO_OPTION_TTL, integer(ttl, "ttl"))

    def ttl(self) -> int:
        """How many hops a packet may take.

        >>> with UdpSocket.bind("127.0.0.1:0") as udp:
        ...     udp.ttl()
        64
        """
        return self._option(lib.MIO_OPTION_TTL)


class TcpListener(Ttl):
    """Takes TCP connections.

    >>> from miopoll import Interest, Poll
    >>> with Poll() as poll, TcpListener.bind("127.0.0.1:0") as listener:
    ...     poll.register(listener, 1, Interest.READABLE)
    ...     with TcpStream.connect(listener.local_addr()):
    ...         [(token, readiness)] = poll.poll(5)
    ...         stream, peer = listener.accept()
    ...         stream.close()
    >>> token, peer[0]
    (1, '127.0.0.1')
    """

    __slots__ = ()

    _kind = "TcpListener"
    _number = lib.MIO_KIND_TCP_LISTENER
    _making = "TcpListener.bind() or from_fd()"

    @classmethod
    def bind(
        cls: "type[Self]", address: "Internet", *, backlog: int = 0
    ) -> "Self":
        """Listens at an address: (host, port), "host:port" or an Addr.

        Port 0 lets the system choose. SO_REUSEADDR is set, as in mio; backlog
        is how many connections wait for accept(), 0 is mio's 128.

        Raises OSError EADDRINUSE, EADDRNOTAVAIL, EMFILE and others,
        PermissionError for a port of the system's; ValueError for a text that
        is no IP address, since names are not looked up; TypeError;
        OverflowError.

        >>> with TcpListener.bind(("127.0.0.1", 0)) as listener:
        ...     listener.local_addr()[0]
        '127.0.0.1'
        """
        return bind_new(cls, internet(address), address, backlog)

    def accept(self) -> "tuple[TcpStream, Any] | None":
        """Takes a connection: (stream, address of the peer), or None.

        After an edge-triggered event take connections until None comes. Raises
        OSError EMFILE or ENFILE without descriptors, and the connection goes
        on waiting, of which at edge no other event tells;
        ConnectionAbortedError if the peer is gone already: accept again;
        ValueError if it is closed.

        >>> with TcpListener.bind(("127.0.0.1", 0)) as listener:
        ...     print(listener.accept())
        None
        """
        return accept_new(self, TcpStream)


class Stream(Reads, Writes, Peeks):
    """What streams of both kinds have."""

    __slots__ = ()

    def shutdown(self, how: "Shutdown") -> None:
        """Ends reading, writing or both, for all who hold the stream.

        Raises OSError ENOTCONN if it is not connected; TypeError for what is
        no Shutdown; ValueError if it is closed.

        >>> from miopoll import UnixStream
        >>> one, other = UnixStream.pair()
        >>> with one, other:
        ...     one.shutdown(Shutdown.WRITE)
        ...     other.read()
        b''
        """
        shutdown_source(self, how)


class TcpStream(Stream, Ttl):
    """A TCP connection.

    connect() returns with the connection in progress: register the stream for
    WRITABLE; when that comes, take_error() tells why it failed, and
    peer_addr() gives the peer once it is connected.
    """

    __slots__ = ()

    _kind = "TcpStream"
    _number = lib.MIO_KIND_TCP_STREAM
    _making = "TcpStream.connect() or from_fd()"

    @classmethod
    def connect(cls: "type[Self]", address: "Internet") -> "Self":
        """Begins to connect to (host, port), "host:port" or an Addr.

        Raises at once what fails at once: OSError ENETUNREACH, EADDRNOTAVAIL,
        EMFILE and others; ValueError for a text that is no IP address;
        TypeError; OverflowError.

        >>> from miopoll import Interest, Poll
        >>> with Poll() as poll, TcpListener.bind("127.0.0.1:0") as listener:
        ...     with TcpStream.connect(listener.local_addr()) as stream:
        ...         poll.register(stream, 1, Interest.WRITABLE)
        ...         _ = poll.poll(5)
        ...         stream.take_error(), stream.peer_addr()[0]
        (None, '127.0.0.1')
        """
        return connect_new(cls, internet(address), address)

    def set_nodelay(self, nodelay: bool) -> None:
        """Whether small writes are sent at once (TCP_NODELAY).

        >>> with TcpListener.bind("127.0.0.1:0") as listener:
        ...     with TcpStream.connect(listener.local_addr()) as stream:
        ...         stream.set_nodelay(True)
        ...         stream.nodelay()
        True
        """
        self._set_option(lib.MIO_OPTION_NODELAY, bool(nodelay))

    def nodelay(self) -> bool:
        """Whether small writes are sent at once.

        >>> with TcpListener.bind("127.0.0.1:0") as listener:
        ...     with TcpStream.connect(listener.local_addr()) as stream:
        ...         stream.nodelay()
        False
        """
        return self._option(lib.MIO_OPTION_NODELAY) != 0


class Datagram(Datagrams, Peeks):
    """What datagram sockets of both kinds have."""

    __slots__ = ()

    def recv_from(self, size: int = 65536, /) -> "tuple[bytes, Any] | None":
        """Receives a datagram: (bytes, address of the sender), or None.

        Of the datagram size bytes are kept. Raises what recv() raises.

        >>> from miopoll import UnixDatagram
        >>> one, other = UnixDatagram.pair()
        >>> with one, other:
        ...     one.send(b"hello"), other.recv_from()
        (5, (b'hello', ''))
        """
        return received_bytes(self, lib.guard_source_recv_from, size)

    def recv_from_into(self, buffer: "Buffer", /) -> "tuple[int, Any] | None":
        """The same into a buffer: (length, address of the sender), or None.

        >>> from miopoll import UnixDatagram
        >>> one, other = UnixDatagram.pair()
        >>> with one, other:
        ...     one.send(b"hello"), other.recv_from_into(bytearray(9))
        (5, (5, ''))
        """
        return received(self, lib.guard_source_recv_from, buffer)

    def peek_from(self, size: int = 65536, /) -> "tuple[bytes, Any] | None":
        """As recv_from(), but the datagram stays.

        >>> from miopoll import UnixDatagram
        >>> one, other = UnixDatagram.pair()
        >>> with one, other:
        ...     one.send(b"hello"), other.peek_from(), other.recv()
        (5, (b'hello', ''), b'hello')
        """
        return received_bytes(self, lib.guard_source_peek_from, size)

    def peek_from_into(self, buffer: "Buffer", /) -> "tuple[int, Any] | None":
        """As recv_from_into(), but the datagram stays.

        >>> from miopoll import UnixDatagram
        >>> one, other = UnixDatagram.pair()
        >>> with one, other:
        ...     one.send(b"hello"), other.peek_from_into(bytearray(9))
        (5, (5, ''))
        """
        return received(self, lib.guard_source_peek_from, buffer)

    def _send_to(
        self, buffer: "Any", raw: "Any", shown: object
    ) -> "int | None":
        send = lib.guard_source_send_to
        rc = EINTR
        with span(buffer, writable=False) as data:
            while rc == EINTR:
                rc = send(self._handle, data, len(data), raw)
        if rc < 0 and rc != EAGAIN:
            raise error(rc, self._kind, SENDING, repr(shown))
        return None if rc < 0 else rc

    def _connect(self, raw: "Any", shown: object) -> None:
        rc = lib.guard_source_connect(self._handle, raw)
        if rc < 0:
            raise error(rc, self._kind, SENDING, repr(shown))


class UdpSocket(Datagram, Ttl):
    """A UDP socket, connected or not.

    >>> with UdpSocket.bind("127.0.0.1:0") as one:
    ...     with UdpSocket.bind("127.0.0.1:0") as other:
    ...         one.send_to(b"hello", other.local_addr())
    ...         data, peer = other.recv_from()
    ...         data, peer == one.local_addr()
    5
    (b'hello', True)
    """

    __slots__ = ()

    _kind = "UdpSocket"
    _number = lib.MIO_KIND_UDP_SOCKET
    _making = "UdpSocket.bind() or from_fd()"

    @classmethod
    def bind(cls: "type[Self]", address: "Internet") -> "Self":
        """Binds a new socket to (host, port), "host:port" or an Addr.

        Raises what TcpListener.bind() raises.

        >>> with UdpSocket.bind("[::1]:0") as udp:
        ...     udp.local_addr()[0]
        '::1'
        """
        return bind_new(cls, internet(address), address)

    def connect(self, address: "Internet") -> None:
        """Sets the peer: where send() sends to, and the only one heard.

        It may be set again. Raises OSError EINVAL for an address of the other
        family, ENETUNREACH and others; ValueError if the socket is closed or
        the text no IP address; TypeError; OverflowError.

        >>> with UdpSocket.bind("127.0.0.1:0") as one:
        ...     one.connect(one.local_addr())
        ...     one.send(b"hello"), one.recv()
        (5, b'hello')
        """
        self._connect(internet(address), address)

    def send_to(self, buffer: "Buffer", address: "Internet") -> "int | None":
        """Sends a datagram to an address; its length, or None without room.

        Raises OSError EMSGSIZE if it is too long, EINVAL for an address of the
        other family, PermissionError for a broadcast address without
        set_broadcast(), and others; ValueError, TypeError, OverflowError and
        BufferError for the arguments.

        >>> with UdpSocket.bind("127.0.0.1:0") as udp:
        ...     udp.send_to(b"hello", udp.local_addr())
        5
        """
        return self._send_to(buffer, internet(address), address)

    def set_broadcast(self, broadcast: bool) -> None:
        """Whether it may send to a broadcast address.

        >>> with UdpSocket.bind("127.0.0.1:0") as udp:
        ...     udp.set_broadcast(True)
        ...     udp.broadcast()
        True
        """
        self._set_option(lib.MIO_OPTION_BROADCAST, bool(broadcast))

    def broadcast(self) -> bool:
        """Whether it may send to a broadcast address.

        >>> with UdpSocket.bind("127.0.0.1:0") as udp:
        ...     udp.broadcast()
        False
        """
        return self._option(lib.MIO_OPTION_BROADCAST) != 0

    def set_multicast_loop_v4(self, loop: bool) -> None:
        """Whether own multicast over IPv4 comes back.

        >>> with UdpSocket.bind("127.0.0.1:0") as udp:
        ...     udp.set_multicast_loop_v4(False)
        ...     udp.multicast_loop_v4()
        False
        """
        self._set_option(lib.MIO_OPTION_MULTICAST_LOOP_V4, bool(loop))

    def multicast_loop_v4(self) -> bool:
        """Whether own multicast over IPv4 comes back.

        >>> with UdpSocket.bind("127.0.0.1:0") as udp:
        ...     udp.multicast_loop_v4()
        True
        """
        return self._option(lib.MIO_OPTION_MULTICAST_LOOP_V4) != 0

    def set_multicast_ttl_v4(self, ttl: int) -> None:
        """Sets how many hops multicast over IPv4 may take, from 0 to 255.

        >>> with UdpSocket.bind("127.0.0.1:0") as udp:
        ...     udp.set_multicast_ttl_v4(3)
        ...     udp.multicast_ttl_v4()
        3
        """
        self._set_option(
            lib.MIO_OPTION_MULTICAST_TTL_V4, integer(ttl, "ttl")
        )

    def multicast_ttl_v4(self) -> int:
        """How many hops multicast over IPv4 may take.

        >>> with UdpSocket.bind("127.0.0.1:0") as udp:
        ...     udp.multicast_ttl_v4()
        1
        """
        return self._option(lib.MIO_OPTION_MULTICAST_TTL_V4)

    def set_multicast_loop_v6(self, loop: bool) -> None:
        """Whether own multicast over IPv6 comes back.

        >>> with UdpSocket.bind("[::1]:0") as udp:
        ...     udp.set_multicast_loop_v6(False)
        ...     udp.multicast_loop_v6()
        False
        """
        self._set_option(lib.MIO_OPTION_MULTICAST_LOOP_V6, bool(loop))

    def multicast_loop_v6(self) -> bool:
        """Whether own multicast over IPv6 comes back.

        >>> with UdpSocket.bind("[::1]:0") as udp:
        ...     udp.multicast_loop_v6()
        True
        """
        return self._option(lib.MIO_OPTION_MULTICAST_LOOP_V6) != 0

    def only_v6(self) -> bool:
        """Whether a socket of IPv6 takes no IPv4.

        >>> with UdpSocket.bind("[::1]:0") as udp:
        ...     udp.only_v6() in (False, True)
        True
        """
        return self._option(lib.MIO_OPTION_ONLY_V6) != 0

    def join_multicast_v4(self, group: "Host", interface: "Host" = "") -> None:
        """Joins a group: its datagrams come from now on.

        interface is the address of one, "" lets the system choose. Each is the
        text of an IP address, or an Addr, whose port means nothing. Raises
        OSError EINVAL for what is no group, EADDRINUSE for a member, ENODEV
        and others; ValueError for what is no IP address; TypeError.

        >>> with UdpSocket.bind("127.0.0.1:0") as udp:
        ...     udp.join_multicast_v4("224.0.0.251", "127.0.0.1")
        ...     udp.leave_multicast_v4("224.0.0.251", "127.0.0.1")
        """
        self._group_v4(lib.guard_source_join_multicast, group, interface)

    def leave_multicast_v4(
        self, group: "Host", interface: "Host" = ""
    ) -> None:
        """Leaves a group; OSError EADDRNOTAVAIL if it is no member."""
        self._group_v4(lib.guard_source_leave_multicast, group, interface)

    def join_multicast_v6(self, group: "Host", interface: int = 0) -> None:
        """Joins a group of IPv6 on the interface of that number, 0 for any.

        Raises what join_multicast_v4() raises, and OverflowError.

        >>> import socket
        >>> loopback = socket.if_nametoindex("lo")
        >>> with UdpSocket.bind("[::1]:0") as udp:
        ...     udp.join_multicast_v6("ff02::fb", loopback)
        ...     udp.leave_multicast_v6("ff02::fb", loopback)
        """
        self._group_v6(lib.guard_source_join_multicast, group, interface)

    def leave_multicast_v6(self, group: "Host", interface: int = 0) -> None:
        """Leaves a group; OSError EADDRNOTAVAIL if it is no member."""
        self._group_v6(lib.guard_source_leave_multicast, group, interface)

    def _group_v4(
        self, function: "Any", group: "Host", interface: "Host"
    ) -> None:
        via = host_addr(interface, interface)
        self._do(function, host_addr(group, group), via, advice=GROUPS)

    def _group_v6(
        self, function: "Any", group: "Host", interface: int
    ) -> None:
        number = integer(interface, "interface")
        if not 0 <= number < 2**32:
            raise OverflowError("an interface is from 0 to 2**32-1")
        raw = new_addr()
        raw[0] = host_addr(group, group)[0]
        raw.scope = number or raw.scope
        self._do(function, raw, ffi.NULL, advice=GROUPS)
