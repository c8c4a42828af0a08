"""TCP and Unix listeners and streams: every method, and what may go wrong."""

import errno
import os
import socket
import struct

import pytest
from miopoll import (
    Interest, Poll, Shutdown, TcpListener, TcpStream, UnixListener,
    UnixStream,
)

READABLE, WRITABLE = Interest.READABLE, Interest.WRITABLE
PLACES = {
    "IPv4": (TcpListener, ("127.0.0.1", 0)),
    "IPv6": (TcpListener, ("::1", 0)),
    "Unix": (UnixListener, ""),
}


def ready(poll, token):
    """The readiness that a token shows within a few seconds."""
    for found, readiness in poll.poll(5):
        if found == token:
            return readiness
    raise AssertionError("no event")


@pytest.fixture(params=PLACES)
def listener(request):
    kind, address = PLACES[request.param]
    with kind.bind(address) as listener:
        yield listener


@pytest.fixture
def ends(poll, listener):
    """The two ends of a connection."""
    kind = TcpStream if isinstance(listener, TcpListener) else UnixStream
    poll.register(listener, 9, READABLE)
    with kind.connect(listener.local_addr()) as one:
        ready(poll, 9)
        other, peer = listener.accept()
        assert peer == one.local_addr()
        assert type(other) is kind
        poll.deregister(listener)
        with other:
            yield one, other


def test_a_connection(poll, ends, listener):
    one, other = ends
    assert one.take_error() is None
    assert one.peer_addr() == other.local_addr() == listener.local_addr()
    assert other.peer_addr() == one.local_addr()
    for end in ends:
        assert os.get_blocking(end.fileno()) is False
        assert os.get_inheritable(end.fileno()) is False
    poll.register(other, 1, READABLE)
    assert other.read() is None
    assert one.write(b"hello") == 5
    assert ready(poll, 1) & READABLE
    assert other.peek(2) == b"he"
    room = bytearray(3)
    assert other.peek_into(room) == 3 and room == b"hel"
    assert other.read(2) == b"he"
    assert other.read_into(room) == 3 and room == b"llo"
    assert other.read() is None
    assert other.read_into(room) is None
    assert other.peek() is None and other.peek_into(room) is None


def test_vectored(poll, ends):
    one, other = ends
    poll.register(other, 1, READABLE)
    parts = [b"he", b"", bytearray(b"ll"), memoryview(b"o")]
    assert one.write_vectored(parts) == 5
    ready(poll, 1)
    rooms = [bytearray(1), bytearray(0), bytearray(8)]
    assert other.read_vectored(rooms) == 5
    assert rooms[0] == b"h" and rooms[2][:4] == b"ello"
    assert other.read_vectored(rooms) is None
    assert one.write_vectored(iter([b"x"])) == 1
    assert one.write_vectored([]) == 0


def test_vectored_with_more_than_the_most(poll, ends):
    one, other = ends
    poll.register(other, 1, READABLE)
    assert one.write_vectored([b"x"] * 300) == 256
    ready(poll, 1)
    rooms = [bytearray(1) for _ in range(300)]
    assert other.read_vectored(rooms) == 256
    assert rooms[255] == b"x" and rooms[256] == b"\0"


@pytest.mark.parametrize("how", Shutdown)
def test_shutdown(poll, ends, how):
    one, other = ends
    one.shutdown(how)
    poll.register(other, 1, READABLE)
    if how is Shutdown.READ:
        assert one.read() == b""
        assert one.read_into(bytearray(9)) == 0
        assert other.read() is None
    else:
        ready(poll, 1)
        assert other.read() == b"" and other.read_into(bytearray(9)) == 0
        assert other.peek() == b"" and other.read_vectored([bytearray(9)]) == 0
        for call in (one.write, lambda data: one.write_vectored([data])):
            with pytest.raises(BrokenPipeError):
                call(b"x")


@pytest.mark.parametrize("how", [0, 1, 2, socket.SHUT_WR, "write", None])
def test_what_is_no_shutdown(ends, how):
    with pytest.raises(TypeError, match="one of Shutdown"):
        ends[0].shutdown(how)
    assert ends[0].write(b"x") == 1


def test_partial_writes(poll, ends):
    one, other = ends
    data = bytes(range(256)) * 2**15
    rest, got, partial, blocked = memoryview(data), bytearray(), 0, 0
    poll.register(one, 1, WRITABLE)
    poll.register(other, 2, READABLE)
    while len(got) < len(data):
        while rest and (taken := one.write(rest)) is not None:
            partial += taken < len(rest)
            rest = rest[taken:]
        blocked += bool(rest)
        while (piece := other.read()):
            got += piece
        if len(got) < len(data):
            assert poll.poll(5)
    assert got == data
    assert partial and blocked


def test_end_of_file_after_the_peer_is_gone(poll, ends):
    one, other = ends
    one.write(b"last")
    one.close()
    poll.register(other, 1, READABLE)
    ready(poll, 1)
    assert other.read() == b"last"
    assert other.read() == b""
    assert other.read(0) == b""


def test_a_reset(poll, ends):
    one, other = ends
    if isinstance(one, UnixStream):
        one.write(b"x")  # Not read, so that closing resets.
        other.close()
    else:
        linger = struct.pack("ii", 1, 0)
        with socket.socket(fileno=other.into_fd()) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    poll.register(one, 1, READABLE)
    ready(poll, 1)
    with pytest.raises(ConnectionResetError):
        one.read()


def test_accept_gives_none_and_several(poll, listener):
    assert listener.accept() is None
    kind = TcpStream if isinstance(listener, TcpListener) else UnixStream
    poll.register(listener, 1, READABLE | Interest.LEVEL)
    clients = [kind.connect(listener.local_addr()) for _ in range(3)]
    served = []
    while len(served) < 3:
        ready(poll, 1)
        while (pair := listener.accept()) is not None:
            served.append(pair[0])
    for end in clients + served:
        end.close()
    assert listener.take_error() is None


# -------------------------------------------------------------------- TCP only


def test_a_refused_connection(poll):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with TcpStream.connect(nobody.getsockname()) as stream:
            poll.register(stream, 1, WRITABLE)
            (event,) = poll.events(5)
            assert event.is_writable and event.is_error
            error = stream.take_error()
            assert isinstance(error, ConnectionRefusedError)
            assert stream.take_error() is None
            with pytest.raises(OSError) as caught:
                stream.peer_addr()
            assert caught.value.errno == errno.ENOTCONN


def test_a_port_that_is_taken():
    with TcpListener.bind("127.0.0.1:0") as one:
        with pytest.raises(OSError, match="is taken") as caught:
            TcpListener.bind(one.local_addr())
        assert caught.value.errno == errno.EADDRINUSE
    with TcpListener.bind(one_address := ("127.0.0.1", 0)) as one:
        one_address = one.local_addr()
    TcpListener.bind(one_address).close()


def test_an_address_of_another_machine():
    with pytest.raises(OSError, match="of this machine") as caught:
        TcpListener.bind(("192.0.2.1", 0))
    assert caught.value.errno == errno.EADDRNOTAVAIL


def test_options_of_tcp(ends):
    one, other = ends
    if isinstance(one, UnixStream):
        assert not hasattr(one, "ttl") and not hasattr(one, "nodelay")
        return
    for stream in ends:
        assert stream.nodelay() is False
        stream.set_nodelay(True)
        assert stream.nodelay() is True
        stream.set_nodelay(False)
        assert stream.nodelay() is False
        assert stream.ttl() == 64
        stream.set_ttl(7)
        assert stream.ttl() == 7


@pytest.mark.parametrize(("ttl", "kind"), [
    (0, OSError), (256, OSError), (-1, OverflowError), (2**32, OverflowError),
    ("7", TypeError), (7.0, TypeError),
])
def test_no_such_ttl(ttl, kind):
    with TcpListener.bind("127.0.0.1:0") as listener:
        before = listener.ttl()
        with pytest.raises(kind):
            listener.set_ttl(ttl)
        assert listener.ttl() == before
        listener.set_ttl(255)
        assert listener.ttl() == 255


@pytest.mark.parametrize(("backlog", "kind"), [
    (-1, OverflowError), (2**32, OverflowError), ("5", TypeError),
])
def test_no_such_backlog(backlog, kind):
    for listener, address in ((TcpListener, "127.0.0.1:0"),
                              (UnixListener, "")):
        with pytest.raises(kind):
            listener.bind(address, backlog=backlog)
        listener.bind(address, backlog=5).close()


def test_urgent_data(poll):
    with TcpListener.bind("127.0.0.1:0") as listener:
        with socket.create_connection(listener.local_addr()) as sock:
            stream, _ = listener.accept()
            with stream:
                poll.register(stream, 1, Interest.PRIORITY)
                sock.send(b"!", socket.MSG_OOB)
                assert ready(poll, 1) & Interest.PRIORITY


# ------------------------------------------------------------------- Unix only


def test_connecting_to_nobody(tmp_path):
    with pytest.raises(FileNotFoundError):
        UnixStream.connect(tmp_path / "nothing")
    with UnixListener.bind(tmp_path / "socket"):
        pass
    with pytest.raises(ConnectionRefusedError, match="nobody listens"):
        UnixStream.connect(tmp_path / "socket")
    with pytest.raises(OSError) as caught:
        UnixStream.connect("")
    assert caught.value.errno == errno.EINVAL


def test_a_full_backlog():
    with UnixListener.bind("", backlog=1) as listener:
        streams = []
        with pytest.raises(BlockingIOError, match="backlog"):
            for _ in range(10):
                streams.append(UnixStream.connect(listener.local_addr()))
        assert streams
        for stream in streams:
            stream.close()


def test_a_pair(no_leak):
    one, other = UnixStream.pair()
    with one, other:
        assert one.local_addr() == one.peer_addr() == ""
        assert one.write(b"x") == 1 and other.read() == b"x"


# ------------------------------------------------------- taking over and giving


@pytest.mark.parametrize("kind", [socket.AF_INET, socket.AF_UNIX])
def test_from_a_socket(kind):
    names = {socket.AF_INET: (TcpListener, ("127.0.0.1", 0)),
             socket.AF_UNIX: (UnixListener, "")}
    wanted, address = names[kind]
    sock = socket.socket(kind)
    sock.bind(address)
    with pytest.raises(OSError, match="is no .*Listener") as caught:
        wanted.from_socket(sock)
    assert caught.value.errno == errno.EINVAL
    assert sock.fileno() >= 0 and sock.getblocking()
    sock.listen()
    fd = sock.fileno()
    with wanted.from_socket(sock) as listener:
        assert sock.fileno() == -1 and listener.fileno() == fd
        assert not os.get_blocking(fd) and not os.get_inheritable(fd)
        assert listener.accept() is None


def test_what_cannot_be_detached_is_not_taken(pair):
    class Shown:
        def fileno(self):
            return pair[0].fileno()

    with pytest.raises(AttributeError, match="detach"):
        UnixStream.from_socket(Shown())
    assert pair[1].send(b"x") == 1 and pair[0].recv(1) == b"x"


def test_round_trip_of_a_descriptor(poll):
    one, other = UnixStream.pair()
    with other:
        poll.register(one, 1, READABLE)
        fd = one.into_fd()
        assert one.closed
        with pytest.raises(ValueError, match="UnixStream is closed"):
            one.read()
        other.write(b"x")
        assert poll.poll(0) == []  # It was deregistered.
        with UnixStream.from_fd(fd) as again:
            poll.register(again, 2, READABLE)
            assert ready(poll, 2)
            assert again.read() == b"x"


@pytest.mark.parametrize(("fd", "kind"), [
    (-1, OSError), (10**6, OSError), (2**63, OverflowError), ("1", TypeError),
    (1.0, TypeError), (None, TypeError),
])
def test_what_is_no_descriptor(fd, kind):
    for wanted in (TcpListener, TcpStream, UnixStream):
        with pytest.raises(kind) as caught:
            wanted.from_fd(fd)
        if kind is OSError:
            assert caught.value.errno == errno.EBADF


def test_no_descriptors_are_left(no_leak, listener):
    import resource

    kind = TcpStream if isinstance(listener, TcpListener) else UnixStream
    with kind.connect(listener.local_addr()) as stream:
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        used = max(map(int, os.listdir("/proc/self/fd")))
        held = [os.dup(0) for _ in range(used)]
        resource.setrlimit(resource.RLIMIT_NOFILE, (held[-1] + 1, limits[1]))
        try:
            for call in (lambda: kind.connect(listener.local_addr()),
                         UnixStream.pair, listener.accept):
                with pytest.raises(OSError) as caught:
                    call()
                assert caught.value.errno == errno.EMFILE
                assert "too many open descriptors" in str(caught.value)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            for fd in held:
                os.close(fd)
        served, _ = listener.accept()  # It has waited.
        with served:
            stream.write(b"x")


def test_constructors_are_methods():
    for kind in (TcpListener, TcpStream, UnixListener, UnixStream):
        with pytest.raises(TypeError, match=f"use {kind.__name__}"):
            kind()


def test_subclasses():
    class Mine(UnixStream):
        extra = None

    one, other = Mine.pair()
    with one, other:
        one.extra = 5
        assert type(one) is type(other) is Mine
        assert one.write(b"x") == 1 and other.read() == b"x"


def test_classic_sockets_are_sources_still(poll, pair):
    here, there = pair
    poll.register(here, 1, READABLE)
    there.send(b"x")
    assert ready(poll, 1) & READABLE


@pytest.mark.parametrize("name", ["epoll", "poll"])
def test_edge_is_exact_on_every_selector(name):
    """Silence after an event, and again after a would-block only."""
    one, other = UnixStream.pair()
    with one, other, Poll(name) as poll:
        poll.register(other, 1, READABLE)
        one.write(b"ab")
        assert poll.poll(5) == [(1, READABLE)]
        assert poll.poll(0) == []
        assert other.read() == b"ab" and other.read() is None
        one.write(b"c")
        assert poll.poll(5) == [(1, READABLE)]
