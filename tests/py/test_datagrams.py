"""UDP and Unix datagram sockets: every method, and what may go wrong."""

import errno
import os
import socket

import pytest
from miopoll import Addr, Interest, Shutdown, UdpSocket, UnixDatagram

PLACES = {
    "IPv4": (UdpSocket, "127.0.0.1:0"),
    "IPv6": (UdpSocket, "[::1]:0"),
    "Unix": (UnixDatagram, ""),
}


@pytest.fixture(params=PLACES)
def place(request):
    return PLACES[request.param]


@pytest.fixture
def two(no_leak, place):
    kind, address = place
    with kind.bind(address) as one, kind.bind(address) as other:
        yield one, other


def test_unconnected(poll, two):
    one, other = two
    poll.register(other, 1, Interest.READABLE)
    assert other.recv_from() is None and other.peek_from() is None
    assert one.send_to(b"hello", other.local_addr()) == 5
    assert poll.poll(5) == [(1, 1)]
    sender = one.local_addr()
    assert other.peek_from(2) == (b"he", sender)
    room = bytearray(4)
    assert other.peek_from_into(room) == (4, sender) and room == b"hell"
    assert other.peek() == b"hello" and other.peek_into(room) == 4
    assert other.recv_from() == (b"hello", sender)
    assert other.recv_from() is None
    one.send_to(memoryview(b"again"), Addr(str_of(other)))
    assert poll.poll(5) == [(1, 1)]
    assert other.recv_from_into(room) == (4, sender)
    assert other.recv_from_into(room) is None  # What did not fit is gone.
    assert other.take_error() is None


def str_of(source):
    """The text of its address."""
    text = repr(source).partition(", at ")[2]
    return text.rstrip(">").partition(", to ")[0]


def test_connected(two):
    one, other = two
    one.connect(other.local_addr())
    assert one.peer_addr() == other.local_addr()
    assert one.send(b"hello") == 5
    assert other.recv(3) == b"hel"
    assert other.recv() is None
    room = bytearray(9)
    assert one.send(bytearray(b"again")) == 5
    assert other.recv_into(room) == 5 and room[:5] == b"again"
    assert other.recv_into(room) is None


def test_empty_datagrams(two):
    one, other = two
    one.connect(other.local_addr())
    assert one.send(b"") == 0
    assert other.recv() == b"" and other.recv() is None
    assert one.send_to(bytearray(), other.local_addr()) == 0
    assert other.recv_from() == (b"", one.local_addr())
    one.send(b"gone")
    assert other.recv(0) == b"" and other.recv() is None
    one.send(b"gone")
    assert other.recv_into(bytearray()) == 0 and other.recv() is None


def test_reconnecting(place, two):
    one, other = two
    with place[0].bind(place[1]) as third:
        for peer in (other, third, other):
            one.connect(peer.local_addr())
            one.send(b"x")
            assert peer.recv() == b"x"
            assert one.peer_addr() == peer.local_addr()


def test_without_a_peer(two):
    one, _ = two
    with pytest.raises(OSError) as caught:
        one.send(b"x")
    assert caught.value.errno in (errno.EDESTADDRREQ, errno.ENOTCONN)
    with pytest.raises(OSError) as caught:
        one.peer_addr()
    assert caught.value.errno == errno.ENOTCONN


def test_too_long(two):
    one, other = two
    with pytest.raises(OSError) as caught:
        one.send_to(bytes(2**23), other.local_addr())
    assert caught.value.errno == errno.EMSGSIZE


def test_until_there_is_no_room(poll):
    one, other = UnixDatagram.pair()
    with one, other:
        poll.register(one, 1, Interest.WRITABLE)
        assert poll.poll(5) == [(1, 2)]
        sent = 0
        while one.send(b"x" * 1000) is not None:
            sent += 1
        assert sent and poll.poll(0) == []
        while other.recv() is not None:
            pass
        assert poll.poll(5)[0][1] & Interest.WRITABLE


def test_send_to_gives_none_without_room():
    with UnixDatagram.bind("") as one, UnixDatagram.bind("") as other:
        name = other.local_addr()
        sent = 0
        while one.send_to(b"x", name) is not None:
            sent += 1
        assert sent
        assert one.send_to(b"x", name) is None


# -------------------------------------------------------------------- UDP only


def test_options_of_udp():
    with UdpSocket.bind("127.0.0.1:0") as udp:
        for name, first in (("broadcast", False), ("multicast_loop_v4", True)):
            get, set_ = getattr(udp, name), getattr(udp, "set_" + name)
            assert get() is first
            set_(not first)
            assert get() is not first
            set_(first)
            assert get() is first
        assert (udp.ttl(), udp.multicast_ttl_v4()) == (64, 1)
        udp.set_ttl(9)
        udp.set_multicast_ttl_v4(0)
        assert (udp.ttl(), udp.multicast_ttl_v4()) == (9, 0)
        for name in ("only_v6", "multicast_loop_v6"):
            with pytest.raises(OSError) as caught:
                getattr(udp, name)()
            assert caught.value.errno == errno.EOPNOTSUPP
        for wrong in (-1, 2**32):
            with pytest.raises(OverflowError):
                udp.set_multicast_ttl_v4(wrong)
        with pytest.raises(OSError):
            udp.set_multicast_ttl_v4(256)


def test_options_of_udp_over_ipv6():
    with UdpSocket.bind("[::1]:0") as udp:
        assert udp.multicast_loop_v6() is True
        udp.set_multicast_loop_v6(False)
        assert udp.multicast_loop_v6() is False
        udp.set_ttl(9)
        assert udp.ttl() == 9
        for name in ("multicast_loop_v4", "multicast_ttl_v4"):
            with pytest.raises(OSError) as caught:
                getattr(udp, name)()
            assert caught.value.errno == errno.EOPNOTSUPP
    for only in (0, 1):
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
        with UdpSocket.from_socket(sock) as udp:
            assert udp.only_v6() is bool(only)


def test_multicast_v4():
    group = "224.0.0.251"
    with UdpSocket.bind("0.0.0.0:0") as member:
        with UdpSocket.bind("127.0.0.1:0") as sender:
            member.join_multicast_v4(group, "127.0.0.1")
            sock = socket.socket(fileno=os.dup(sender.fileno()))
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                            socket.inet_aton("127.0.0.1"))
            sock.close()
            port = member.local_addr()[1]
            sender.send_to(b"to all", (group, port))
            assert member.recv_from() == (b"to all", sender.local_addr())
            with pytest.raises(OSError, match="a member already") as caught:
                member.join_multicast_v4(Addr(f"{group}:0"),
                                         Addr("127.0.0.1:0"))
            assert caught.value.errno == errno.EADDRINUSE
            member.leave_multicast_v4(group, "127.0.0.1")
            with pytest.raises(OSError, match="no member") as caught:
                member.leave_multicast_v4(group, "127.0.0.1")
            assert caught.value.errno == errno.EADDRNOTAVAIL
            sender.send_to(b"to nobody", (group, port))
            assert member.recv() is None


def test_multicast_v6():
    loopback = socket.if_nametoindex("lo")
    with UdpSocket.bind("[::]:0") as member:
        member.join_multicast_v6("ff01::1234", loopback)
        with UdpSocket.bind("[::1]:0") as sender:
            sock = socket.socket(fileno=os.dup(sender.fileno()))
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
                            loopback)
            sock.close()
            port = member.local_addr()[1]
            try:
                sender.send_to(b"to all", ("ff01::1234", port, 0, loopback))
            except OSError as error:  # No route for multicast on this machine.
                assert error.errno == errno.ENETUNREACH
            else:
                assert member.recv() == b"to all"
        with pytest.raises(OSError) as caught:
            member.join_multicast_v6(Addr(f"[ff01::1234%{loopback}]:0"))
        assert caught.value.errno == errno.EADDRINUSE
        member.leave_multicast_v6("ff01::1234", loopback)
        with pytest.raises(OSError):
            member.leave_multicast_v6("ff01::1234", loopback)


@pytest.mark.parametrize(("arguments", "kind"), [
    (("127.0.0.1",), OSError), (("224.0.0.1", "x"), ValueError),
    (("ff02::1",), OSError), ((b"224.0.0.1",), TypeError),
    (("all-hosts.mcast.net",), ValueError), (("224.0.0.1", 5), TypeError),
])
def test_what_is_no_group(arguments, kind):
    with UdpSocket.bind("127.0.0.1:0") as udp:
        for call in (udp.join_multicast_v4, udp.leave_multicast_v4):
            with pytest.raises(kind):
                call(*arguments)


@pytest.mark.parametrize(("arguments", "kind"), [
    (("::1",), OSError), (("224.0.0.1",), OSError), (("ff02::1", -1),
    OverflowError), (("ff02::1", 2**32), OverflowError),
    (("ff02::1", "lo"), TypeError), (("ff02::1", 10**6), OSError),
])
def test_what_is_no_group_of_ipv6(arguments, kind):
    with UdpSocket.bind("[::1]:0") as udp:
        for call in (udp.join_multicast_v6, udp.leave_multicast_v6):
            with pytest.raises(kind):
                call(*arguments)


def test_broadcast_needs_leave():
    with UdpSocket.bind("0.0.0.0:0") as udp:
        with pytest.raises(PermissionError):
            udp.send_to(b"x", ("255.255.255.255", 9))


def test_an_address_of_the_other_family():
    with UdpSocket.bind("127.0.0.1:0") as udp:
        for call in (udp.connect, lambda to: udp.send_to(b"x", to)):
            with pytest.raises(OSError, match="can send to") as caught:
                call(("::1", 9))
            assert caught.value.errno == errno.EINVAL


def test_a_datagram_that_found_nobody(poll):
    with UdpSocket.bind("127.0.0.1:0") as gone:
        address = gone.local_addr()
    with UdpSocket.bind("127.0.0.1:0") as udp:
        udp.connect(address)
        poll.register(udp, 1, Interest.READABLE)
        udp.send(b"x")
        poll.poll(5)
        assert isinstance(udp.take_error(), ConnectionRefusedError)


# ------------------------------------------------------------------- Unix only


def test_unbound_ones_cannot_be_answered():
    with UnixDatagram.unbound() as one, UnixDatagram.bind("") as other:
        assert one.local_addr() == ""
        one.send_to(b"x", other.local_addr())
        assert other.recv_from() == (b"x", "")
        with pytest.raises(OSError) as caught:
            other.send_to(b"x", "")
        assert caught.value.errno == errno.EINVAL
        with pytest.raises(OSError):
            other.connect("")


def test_shutdown_of_a_datagram_socket():
    one, other = UnixDatagram.pair()
    with one, other:
        one.shutdown(Shutdown.WRITE)
        with pytest.raises(BrokenPipeError):
            one.send(b"x")
        with pytest.raises(TypeError):
            one.shutdown(1)
    one, other = UnixDatagram.pair()
    with one, other:
        one.shutdown(Shutdown.READ)
        with pytest.raises(BrokenPipeError):
            other.send(b"x")


def test_names_of_nobody(tmp_path):
    with UnixDatagram.unbound() as one:
        for call in (one.connect, lambda to: one.send_to(b"x", to)):
            with pytest.raises(FileNotFoundError):
                call(tmp_path / "nothing")
        with UnixDatagram.bind(tmp_path / "socket"):
            pass
        with pytest.raises(ConnectionRefusedError):
            one.connect(tmp_path / "socket")


def test_taking_over(place):
    kind, address = place
    family = {"1": socket.AF_INET, "[": socket.AF_INET6}.get(
        address[:1], socket.AF_UNIX)
    sock = socket.socket(family, socket.SOCK_DGRAM)
    with kind.from_socket(sock) as source:
        assert sock.fileno() == -1
        fd = source.into_fd()
    with kind.from_fd(fd) as source:
        assert source.recv() is None
    with socket.socket(family) as stream:
        with pytest.raises(OSError, match=f"is no {kind.__name__}"):
            kind.from_socket(stream)
