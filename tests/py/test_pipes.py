"""Pipes: every method, a child's stdin and stdout, and no SIGPIPE."""

import errno
import os
import signal
import socket
import subprocess

import pytest
from miopoll import Interest, Receiver, Sender, pipe

READABLE, WRITABLE = Interest.READABLE, Interest.WRITABLE


@pytest.fixture
def ends(no_leak):
    sender, receiver = pipe()
    with sender, receiver:
        yield sender, receiver


def test_a_pipe(poll, ends):
    sender, receiver = ends
    assert type(sender) is Sender and type(receiver) is Receiver
    for end in ends:
        assert end.nonblocking() and not os.get_inheritable(end.fileno())
    poll.register(receiver, 1, READABLE)
    assert receiver.read() is None and poll.poll(0) == []
    assert sender.write(b"hello") == 5
    assert poll.poll(5) == [(1, 1)]
    assert receiver.read(2) == b"he"
    room = bytearray(9)
    assert receiver.read_into(room) == 3 and room[:3] == b"llo"
    assert sender.write_vectored([b"a", b"b"]) == 2
    assert receiver.read_vectored([bytearray(1), room]) == 2
    assert receiver.read_vectored([room]) is None
    sender.close()
    assert poll.events(5)[0].is_readable
    assert receiver.read() == b"" and receiver.read_into(room) == 0


def test_until_it_is_full(poll, ends):
    sender, receiver = ends
    poll.register(sender, 1, WRITABLE)
    assert poll.poll(5) == [(1, 2)]
    while sender.write(bytes(4096)) is not None:
        pass
    assert poll.poll(0) == []
    while receiver.read():
        pass
    assert poll.poll(5) == [(1, 2)]


def test_nobody_reads_and_no_signal_comes(ends):
    sender, receiver = ends
    receiver.close()
    came = []
    before = signal.signal(signal.SIGPIPE, lambda *_: came.append(1))
    try:
        for call in (sender.write, lambda data: sender.write_vectored([data])):
            with pytest.raises(BrokenPipeError):
                call(b"x")
    finally:
        signal.signal(signal.SIGPIPE, before)
    assert came == []


def test_a_sender_reads_nothing_and_a_receiver_writes_nothing(ends):
    sender, receiver = ends
    for end, names in ((sender, ["read", "read_into", "read_vectored"]),
                       (receiver, ["write", "write_vectored"])):
        for name in [*names, "peek", "shutdown", "local_addr", "take_error"]:
            assert not hasattr(end, name)


def test_from_descriptors(poll):
    r, w = os.pipe()
    with pytest.raises(OSError, match="is no Sender") as caught:
        Sender.from_fd(r)
    assert caught.value.errno == errno.EINVAL
    with pytest.raises(OSError, match="is no Receiver"):
        Receiver.from_fd(w)
    assert os.get_blocking(r) and os.get_blocking(w)
    with Receiver.from_fd(r) as receiver, Sender.from_fd(w) as sender:
        assert receiver.fileno() == r and not os.get_blocking(r)
        poll.register(receiver, 1, READABLE)
        sender.write(b"x")
        assert poll.poll(5) == [(1, 1)]


def test_a_socket_is_no_pipe(pair):
    for kind in (Sender, Receiver):
        with pytest.raises(OSError, match="is no"):
            kind.from_fd(pair[0].fileno())
    with open("/dev/null", "rb") as file:
        with pytest.raises(OSError, match="is no Receiver"):
            Receiver.from_file(file)
        assert not file.closed


def test_a_file_that_cannot_be_closed(no_leak):
    """Nobody reads what it has left to write."""
    r, w = os.pipe()
    os.close(r)
    file = open(w, "wb")
    file.write(b"left")
    with pytest.raises(BrokenPipeError):
        Sender.from_file(file)
    assert file.closed


def test_a_child(poll):
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    with Sender.from_file(child.stdin) as sender:
        assert child.stdin.closed
        with Receiver.from_file(child.stdout) as receiver:
            poll.register(receiver, 1, READABLE)
            for word in (b"one", b"two"):
                assert sender.write(word) == 3
                assert poll.poll(5)[0][0] == 1
                assert receiver.read() == word
                assert receiver.read() is None
            sender.close()
            assert poll.poll(5)[0][0] == 1
            assert receiver.read() == b""
    assert child.wait(10) == 0


def test_a_child_gets_a_blocking_end(ends):
    """What set_nonblocking() is for."""
    sender, receiver = ends
    receiver.set_nonblocking(False)
    assert not receiver.nonblocking()
    sender.write(b"hello")
    fd = receiver.into_fd()
    child = subprocess.Popen(["cat"], stdin=fd, stdout=subprocess.PIPE)
    os.close(fd)
    sender.close()
    assert child.communicate(timeout=10)[0] == b"hello"


def test_the_flags_of_both_ends_are_their_own(ends):
    sender, receiver = ends
    sender.set_nonblocking(False)
    assert receiver.nonblocking() and not sender.nonblocking()
    sender.set_nonblocking(True)
    assert sender.nonblocking()


def test_try_io(poll, ends):
    sender, receiver = ends
    fd = receiver.fileno()
    poll.register(receiver, 1, READABLE)
    sender.write(b"ab")
    assert poll.poll(5) == [(1, 1)]
    read = lambda: os.read(fd, 9)  # noqa: E731
    assert receiver.try_io(read, READABLE) == b"ab"
    assert receiver.try_io(read, READABLE) is None
    sender.write(b"c")
    assert poll.poll(5) == [(1, 1)]
    assert receiver.try_io(lambda: None, READABLE) is None
    assert receiver.try_io(lambda: 0, READABLE) == 0

    def broken():
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        receiver.try_io(broken, READABLE)


@pytest.mark.parametrize(("interest", "kind"), [
    (0, OSError), (256, OSError), (1 << 20, OSError), (-1, OverflowError),
    ("R", TypeError), (None, TypeError),
])
def test_try_io_with_a_wrong_interest(ends, interest, kind):
    with pytest.raises(kind):
        ends[1].try_io(lambda: None, interest)


def test_try_io_rearms_what_was_read_behind_its_back(ends):
    """On a selector that is not edge-exact, it is this call that re-arms."""
    from miopoll import Poll

    sender, receiver = ends
    fd = receiver.fileno()
    with Poll("poll") as poll:
        poll.register(receiver, 1, READABLE)
        sender.write(b"a")
        assert poll.poll(5) == [(1, 1)]
        assert os.read(fd, 9) == b"a"
        sender.write(b"b")
        assert poll.poll(0) == []  # Nobody has told it.
        assert receiver.try_io(lambda: None, READABLE) is None
        assert poll.poll(5) == [(1, 1)]


def test_sockets_of_python_beside_pipes(poll, ends):
    here, there = socket.socketpair()
    with here, there:
        poll.register(here, 1, READABLE)
        poll.register(ends[1], 2, READABLE)
        there.send(b"x")
        ends[0].write(b"x")
        found = dict(poll.poll(5))
        while len(found) < 2:
            found.update(poll.poll(5))
        assert set(found) == {1, 2}
