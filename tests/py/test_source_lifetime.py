"""Sources: registering, closing, leaking, collecting, and the child of a
fork."""

import copy
import errno
import gc
import os
import pickle
import signal
import threading
import weakref

import miopoll
import pytest
from conftest import descriptors
from miopoll import (
    Interest, Poll, Receiver, TcpListener, TcpStream, UdpSocket,
    UnixDatagram, UnixListener, UnixStream, pipe,
)
from support import run_python
from test_fork import in_child, refuses

READABLE = Interest.READABLE
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*multi-threaded, use of fork.*:DeprecationWarning"
)


def connected():
    with TcpListener.bind("127.0.0.1:0") as listener:
        return TcpStream.connect(listener.local_addr())


MAKERS = {
    "TcpListener": lambda: TcpListener.bind("127.0.0.1:0"),
    "TcpStream": connected,
    "UdpSocket": lambda: UdpSocket.bind("127.0.0.1:0"),
    "UnixListener": lambda: UnixListener.bind(""),
    "UnixStream": lambda: first(UnixStream.pair()),
    "UnixDatagram": UnixDatagram.unbound,
    "Sender": lambda: first(pipe()),
    "Receiver": lambda: first(reversed(pipe())),
}


def first(ends):
    one, other = ends
    other.close()
    return one


@pytest.fixture(params=MAKERS)
def source(no_leak, request):
    with MAKERS[request.param]() as source:
        yield source


def is_open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def methods(kind):
    return [name for name in dir(kind)
            if not name.startswith("_") and callable(getattr(kind, name))]


# ----------------------------------------------------------------- registering


def test_registering(poll, source):
    poll.register(source, 1, READABLE)
    with pytest.raises(FileExistsError, match="is registered already"):
        poll.register(source, 2, READABLE)
    poll.reregister(source, 3, Interest.WRITABLE)
    poll.registry().deregister(source)
    for call in (lambda: poll.reregister(source, 1, READABLE),
                 lambda: poll.deregister(source)):
        with pytest.raises(FileNotFoundError, match="is not registered here"):
            call()
    poll.register(source, 1, READABLE)


def test_one_poll_at_a_time(selector, source):
    with Poll(selector) as one, Poll(selector) as other:
        one.register(source, 1, READABLE)
        with pytest.raises(FileExistsError):
            other.register(source, 1, READABLE)
        with pytest.raises(FileNotFoundError):
            other.deregister(source)
        one.deregister(source)
        other.register(source, 1, READABLE)


def test_a_poll_that_is_gone_does_not_hold_it(selector, source):
    with Poll(selector) as one:
        one.register(source, 1, READABLE)
    with Poll(selector) as other:
        other.register(source, 1, READABLE)


@pytest.mark.parametrize(("token", "interest", "kind"), [
    (-1, 1, OverflowError), (2**64, 1, OverflowError), ("1", 1, TypeError),
    (1, -1, OverflowError), (1, None, TypeError), (1, 0, OSError),
    (1, 4, OSError), (1, 256 | 512 | 1, OSError),
])
def test_what_cannot_be_registered(poll, source, token, interest, kind):
    with pytest.raises(kind):
        poll.register(source, token, interest)
    with pytest.raises(kind):
        poll.reregister(source, token, interest)
    with pytest.raises(FileNotFoundError):
        poll.deregister(source)


def test_every_token_and_priority(poll):
    one, other = UnixStream.pair()
    with one, other:
        poll.register(one, miopoll.TOKEN_MAX,
                      Interest.WRITABLE | Interest.PRIORITY)
        assert poll.poll(5) == [(miopoll.TOKEN_MAX, 2)]


def test_a_source_in_a_composite(poll):
    class Both:
        def __init__(self, *ends):
            self.ends = ends

        def register(self, registry, token, interest):
            for end in self.ends:
                registry.register(end, token, interest)

        def reregister(self, registry, token, interest):
            for end in self.ends:
                registry.reregister(end, token, interest)

        def deregister(self, registry):
            for end in self.ends:
                registry.deregister(end)

    ends = UnixStream.pair()
    with ends[0], ends[1]:
        poll.register(Both(*ends), 4, Interest.WRITABLE)
        assert sorted(poll.poll(5)) == [(4, 2), (4, 2)]
        poll.reregister(Both(*ends), 5, Interest.WRITABLE)
        poll.deregister(Both(*ends))
        assert poll.poll(0) == []


# --------------------------------------------------------------------- closing


def test_closing_deregisters(poll):
    one, other = UnixStream.pair()
    with one:
        poll.register(other, 1, READABLE)
        one.write(b"x")
        other.close()
        assert poll.poll(0) == []
        one_more, last = UnixStream.pair()
        with one_more, last:  # Of the same number, most likely.
            poll.register(last, 2, READABLE)


def test_closing_twice_and_what_then(poll, source):
    source.close()
    source.close()
    assert source.closed and repr(source) == (
        f"<miopoll.{type(source).__name__} closed>")
    words = f"^{type(source).__name__} is closed$"
    with pytest.raises(ValueError, match=words), source:
        pass
    for call in (lambda: poll.register(source, 1, READABLE),
                 lambda: poll.reregister(source, 1, READABLE),
                 lambda: poll.deregister(source)):
        with pytest.raises(ValueError, match=words):
            call()


ARGUMENTS = {
    "connect": [None], "send_to": [b"x", None], "shutdown": None,
    "write": [b"x"], "send": [b"x"], "try_io": [lambda: None, 1],
    "join_multicast_v4": ["224.0.0.1"], "leave_multicast_v4": ["224.0.0.1"],
    "join_multicast_v6": ["ff02::1"], "leave_multicast_v6": ["ff02::1"],
}
NO_CALLS = {"close", "from_fd", "from_socket", "from_file", "bind", "pair",
            "unbound"}


def arguments_of(source, name):
    if name.endswith("_into"):
        return [bytearray(9)]
    if name.endswith("_vectored"):
        return [[bytearray(9)]]
    if name.startswith("set_"):
        return [1]
    unix = isinstance(source, UnixDatagram)
    address = "/nowhere" if unix else ("127.0.0.1", 9)
    given = ARGUMENTS.get(name, [])
    if name == "shutdown":
        return [miopoll.Shutdown.BOTH]
    return [address if one is None else one for one in given]


def test_every_method_of_a_closed_one(source):
    source.close()
    tried = 0
    for name in methods(type(source)):
        if name in NO_CALLS or (name == "connect"
                                and not hasattr(source, "send_to")):
            continue
        with pytest.raises(ValueError, match="is closed"):
            getattr(source, name)(*arguments_of(source, name))
        tried += 1
    assert tried >= 5


def test_every_method_is_closed_by_into_fd_too(source):
    os.close(source.into_fd())
    assert source.closed
    with pytest.raises(ValueError, match="is closed"):
        source.into_fd()
    with pytest.raises(ValueError, match="is closed"):
        source.fileno()
    source.close()


def test_closing_frees_at_once(source):
    fd = source.fileno()
    assert is_open(fd)
    source.close()
    assert not is_open(fd)


@pytest.mark.parametrize("name", MAKERS)
def test_leaks_warn(no_leak, name):
    source = MAKERS[name]()
    text = repr(source)
    assert text.startswith(f"<miopoll.{name} open, fd ")
    with pytest.warns(ResourceWarning) as caught:
        del source
        gc.collect()
    assert [str(one.message) for one in caught] == [f"unclosed {text}"]


def test_representations(tmp_path):
    with TcpListener.bind("127.0.0.1:0") as listener:
        port = listener.local_addr()[1]
        assert repr(listener).endswith(f", at 127.0.0.1:{port}>")
    path = tmp_path / "socket"
    with UnixListener.bind(path) as listener:
        with UnixStream.connect(path) as stream:
            fd = stream.fileno()
            assert repr(stream) == (
                f"<miopoll.UnixStream open, fd {fd}, to unix:{path}>")


def test_no_pickles_and_no_copies(source):
    for function in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot pickle or copy a"):
            function(source)


def test_weak_references(source):
    assert weakref.ref(source)() is source


def test_a_descriptor_that_somebody_else_closed(poll):
    sender, receiver = pipe()
    with sender:
        os.close(receiver.fileno())
        for call in (lambda: receiver.read(),
                     lambda: receiver.read_into(bytearray(9))):
            with pytest.raises(OSError) as caught:
                call()
            assert caught.value.errno == errno.EBADF
        with pytest.raises(OSError, match="closed by somebody else"):
            poll.register(receiver, 1, READABLE)
        assert "open" in repr(receiver)
        receiver.into_fd()  # So that nobody closes the number again.


def test_reference_cycles_are_collected(no_leak):
    class Mine(Receiver):
        pass

    r, w = os.pipe()
    os.close(w)
    mine = Mine.from_fd(r)
    mine.itself = mine
    gone = weakref.ref(mine)
    with pytest.warns(ResourceWarning):
        del mine
        gc.collect()
    assert gone() is None


def test_objects_without_a_constructor_do_not_crash():
    for kind in (UnixStream, UdpSocket, TcpListener):
        thing = object.__new__(kind)
        for name in ("read", "read_into", "write", "recv", "send", "fileno",
                     "close"):
            if hasattr(thing, name):
                with pytest.raises((ValueError, AttributeError)):
                    getattr(thing, name)(
                        *([bytearray(1)] if name in ("read_into", "write",
                                                     "send") else []))


def test_unclosed_at_the_end_is_silent(selector):
    code = f"""
import miopoll
poll = miopoll.Poll({selector!r})
ends = miopoll.UnixStream.pair()
poll.register(ends[0], 1, 1)
class Cycle: pass
cycle = Cycle()
cycle.itself, cycle.end = cycle, miopoll.pipe()
"""
    assert run_python(code, "-X", "dev", "-W", "error") == ""


def test_daemon_threads_at_the_end():
    code = """
import miopoll, threading, time
sender, receiver = miopoll.pipe()
receiver.set_nonblocking(False)
one, other = miopoll.UnixStream.pair()
room = bytearray(9)
def busy():
    while True:
        one.write(b"x"); other.read_into(room); other.read(3)
for target in (receiver.read, busy, busy):
    threading.Thread(target=target, daemon=True).start()
time.sleep(0.1)
"""
    assert "Fatal" not in run_python(code)


# ------------------------------------------------------------------------ fork


def test_sources_work_in_a_child(poll):
    """As sockets do; their registration is the parent's."""
    one, other = UnixStream.pair()
    with one, other:
        poll.register(other, 7, READABLE)

        def work():
            assert "open" in repr(other)
            assert other.read() is None
            assert one.write(b"ab") == 2
            assert other.read(1) == b"a" and other.read() == b"b"
            assert other.read() is None
            refuses(lambda: poll.register(one, 1, READABLE))
            refuses(lambda: poll.deregister(other))
            with other, Poll(poll.selector) as mine:
                with pytest.raises(FileNotFoundError):
                    mine.deregister(other)
                mine.register(other, 9, READABLE)
                one.write(b"c")
                assert mine.poll(5) == [(9, 1)]
                assert other.read() == b"c" and other.read() is None
                assert mine.poll(0) == []

        assert in_child(work)
        while poll.poll(0):
            assert other.read() is None  # The child's edges were ours too.
        assert other.read() is None
        one.write(b"x")
        assert poll.poll(5)[0][0] == 7


def test_closing_in_a_child_leaves_the_parents(poll, source):
    poll.register(source, 1, READABLE)

    def close():
        before = len(descriptors())
        source.close()
        source.close()
        assert source.closed and len(descriptors()) == before - 1

    assert in_child(close)
    with pytest.raises(FileExistsError):
        poll.register(source, 2, READABLE)
    poll.deregister(source)


def test_a_child_accepts(no_leak):
    """Listening before the fork, and serving in the children."""
    with TcpListener.bind("127.0.0.1:0") as listener:
        def serve():
            with Poll() as mine:
                mine.register(listener, 1, READABLE)
                pair = listener.accept()
                while pair is None:
                    mine.poll(5)
                    pair = listener.accept()
                pair[0].write(b"served")
                pair[0].close()

        with TcpStream.connect(listener.local_addr()) as stream:
            assert in_child(serve)
            with Poll() as poll:
                poll.register(stream, 1, READABLE)
                poll.poll(5)
                assert stream.read() == b"served"


def test_a_fork_while_a_thread_reads():
    """Its lock is not there for ever in the child."""
    sender, receiver = pipe()
    with sender, receiver:
        receiver.set_nonblocking(False)
        got = []
        thread = threading.Thread(target=lambda: got.append(receiver.read()))
        thread.start()
        fd = receiver.fileno()
        while not blocked_in_read(thread.native_id):
            pass

        def work():
            assert receiver.fileno() == fd
            receiver.set_nonblocking(True)
            assert receiver.read() is None
            receiver.set_nonblocking(False)
            receiver.close()
            assert not is_open(fd)

        assert in_child(work)
        sender.write(b"x")
        thread.join(30)
        assert got == [b"x"]


def test_a_fork_while_a_thread_is_in_the_selector():
    """Its lock is held for ever in the child, which must not want it."""
    ends = UnixStream.pair()
    with ends[0], ends[1], Poll("poll") as poll:
        for token, end in enumerate(ends):
            poll.register(end, token, READABLE)
        done = threading.Event()

        def rearm():
            while not done.is_set():
                for _ in range(100):
                    ends[0].read()

        def read():
            signal.alarm(10)
            for _ in range(3):
                assert ends[1].read() is None

        thread = threading.Thread(target=rearm)
        thread.start()
        try:
            assert all(in_child(read) for _ in range(100))
        finally:
            done.set()
            thread.join(30)


def blocked_in_read(thread):
    """Whether the kernel has it asleep."""
    with open(f"/proc/self/task/{thread}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] == "S"


def test_collecting_in_a_child_is_silent():
    code = """
import gc, os, miopoll
poll = miopoll.Poll()
ends = miopoll.UnixStream.pair()
poll.register(ends[0], 1, 1)
if os.fork() == 0:
    del ends, poll
    gc.collect()
    os._exit(0)
os.wait()
ends[1].write(b"x")
print(poll.poll(5))
for thing in (*ends, poll):
    thing.close()
"""
    assert run_python(code, "-X", "dev", "-W", "error") == "[(1, 1)]\n"
