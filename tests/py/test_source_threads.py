"""Sources in several threads, and in signal handlers."""

import itertools
import os
import signal
import threading
import time

import pytest
from miopoll import Interest, Poll, TcpListener, TcpStream, UnixStream, pipe
from test_source_lifetime import blocked_in_read
from test_threads import Waiting

READABLE = Interest.READABLE


@pytest.fixture
def blocking():
    """A pipe whose receiver waits."""
    sender, receiver = pipe()
    with sender, receiver:
        receiver.set_nonblocking(False)
        yield sender, receiver


READS = {
    "read": lambda end: end.read(),
    "read_into": lambda end: end.read_into(bytearray(9)),
    "read_vectored": lambda end: end.read_vectored([bytearray(9)]),
}


def asleep(thread):
    """Returns when it is blocked in the kernel."""
    while thread.native_id is None or not blocked_in_read(thread.native_id):
        time.sleep(0.001)
    time.sleep(0.01)
    assert thread.is_alive()


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_closing_during_a_read(no_leak, blocking, read):
    """That read ends normally, and frees; all after it is refused."""
    sender, receiver = blocking
    fd = receiver.fileno()
    thread = Waiting(read, receiver)
    asleep(thread)
    receiver.close()
    assert receiver.closed and os.fstat(fd)
    with pytest.raises(ValueError, match="^Receiver is closed$"):
        read(receiver)
    sender.write(b"hello")
    assert thread.result() in (b"hello", 5)
    with pytest.raises(OSError):
        os.fstat(fd)


def test_closing_during_a_write(no_leak):
    sender, receiver = pipe()
    with sender, receiver:
        while sender.write(bytes(4096)) is not None:
            pass
        sender.set_nonblocking(False)
        fd = sender.fileno()
        thread = Waiting(sender.write, b"last")
        asleep(thread)
        sender.close()
        with pytest.raises(ValueError, match="^Sender is closed$"):
            sender.write(b"more")
        assert os.fstat(fd)
        got = b""
        while (piece := receiver.read()) is not None and not (
                got.endswith(b"last")):
            got += piece
        assert thread.result() == 4
        while (piece := receiver.read()):
            got += piece
        assert got.endswith(b"last") and piece == b""
        with pytest.raises(OSError):
            os.fstat(fd)


def test_the_last_of_several_readers_frees(no_leak, blocking):
    sender, receiver = blocking
    threads = [Waiting(receiver.read, 1) for _ in range(3)]
    for thread in threads:
        asleep(thread)
    receiver.close()
    sender.write(b"abc")
    assert sorted(thread.result() for thread in threads) == [b"a", b"b", b"c"]


def test_who_waits_while_it_is_given_away(blocking):
    """Whoever waited for the other reader finds a closed source."""
    sender, receiver = blocking
    first = Waiting(receiver.read, 1)
    asleep(first)
    giver = Waiting(receiver.into_fd)
    asleep(giver)
    late = [Waiting(receiver.read, 1) for _ in range(3)]
    for thread in late:
        asleep(thread)
    sender.write(b"abcd")
    assert first.result() == b"a"
    fd = giver.result()
    with pytest.raises(ValueError, match="^Receiver is closed$"):
        receiver.read()
    for thread in late:
        try:
            assert thread.result() in (b"b", b"c", b"d")  # It was quicker.
        except ValueError as error:
            assert str(error) == "Receiver is closed"
    os.close(fd)


def test_the_gil_is_free_during_a_call(blocking):
    sender, receiver = blocking
    thread = Waiting(receiver.read)
    asleep(thread)
    sender.write(b"x")  # Could not be done otherwise.
    assert thread.result() == b"x"


def test_handlers_run_during_a_call_that_blocks(blocking):
    sender, receiver = blocking
    came = []

    def handler(*_):
        came.append(1)
        if len(came) == 2:
            sender.write(b"by the handler")

    before = signal.signal(signal.SIGALRM, handler)
    try:
        for read in READS.values():
            came.clear()
            signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
            assert read(receiver) in (b"by the handler", 9, 14)
            signal.setitimer(signal.ITIMER_REAL, 0)
            receiver.set_nonblocking(True)
            while receiver.read():
                pass
            receiver.set_nonblocking(False)
            assert len(came) >= 2
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_handler_that_raises_ends_a_call(blocking):
    _, receiver = blocking

    def handler(*_):
        raise KeyError("mine")

    before = signal.signal(signal.SIGALRM, handler)
    try:
        for read in READS.values():
            signal.setitimer(signal.ITIMER_REAL, 0.05, 0.5)
            with pytest.raises(KeyError, match="mine"):
                read(receiver)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_handler_may_close_what_it_interrupts(no_leak, blocking):
    _, receiver = blocking
    before = signal.signal(signal.SIGALRM, lambda *_: receiver.close())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(ValueError, match="Receiver is closed"):
            receiver.read()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_reading_and_writing_at_once(poll):
    one, other = UnixStream.pair()
    with one, other:
        total = 2**22

        def write():
            rest = memoryview(bytes(range(256)) * (total // 256))
            while rest:
                rest = rest[one.write(rest) or 0:]

        thread = Waiting(write)
        poll.register(other, 1, READABLE)
        got = bytearray()
        while len(got) < total:
            piece = other.read()
            if piece is None:
                poll.poll(1)
            else:
                got += piece
        thread.result()
        assert got == bytes(range(256)) * (total // 256)


def test_each_byte_comes_to_one_reader():
    one, other = UnixStream.pair()
    with one, other:
        done = threading.Event()

        def read():
            got = []
            while True:
                all_is_sent = done.is_set()
                byte = other.read(1)
                if byte:
                    got.append(byte)
                elif all_is_sent:
                    return got

        readers = [Waiting(read) for _ in range(4)]
        sent = [bytes([number % 256]) for number in range(2000)]
        for byte in sent:
            while one.write(byte) is None:
                pass
        done.set()
        got = itertools.chain(*(reader.result() for reader in readers))
        assert sorted(got) == sorted(sent)


def test_accepting_in_several_threads():
    with TcpListener.bind("127.0.0.1:0") as listener:
        done = threading.Event()

        def accept():
            served = []
            while not done.is_set():
                pair = listener.accept()
                if pair:
                    served.append(pair[0])
            return served

        threads = [Waiting(accept) for _ in range(4)]
        streams = [TcpStream.connect(listener.local_addr())
                   for _ in range(40)]
        with Poll() as poll:
            for token, stream in enumerate(streams):
                poll.register(stream, token, Interest.WRITABLE)
            connected = set()
            while len(connected) < 40:
                connected |= {token for token, _ in poll.poll(5)}
        time.sleep(0.1)
        done.set()
        served = [end for thread in threads for end in thread.result()]
        while (pair := listener.accept()):
            served.append(pair[0])
        assert len(served) == 40
        for end in streams + served:
            end.close()


def test_registering_while_others_read_and_write(selector):
    """The library wants each alone; the package sees to that."""
    one, other = UnixStream.pair()
    with one, other, Poll(selector) as poll:
        until = time.monotonic() + 0.5

        def repeat(*calls):
            for call in itertools.cycle(calls):
                if time.monotonic() > until:
                    return
                call()

        room = bytearray(99)
        threads = [
            Waiting(repeat, lambda: one.write(b"x"), lambda: other.read(9)),
            Waiting(repeat, lambda: other.read_into(room)),
            Waiting(repeat, lambda: poll.register(other, 1, READABLE),
                    lambda: poll.reregister(other, 2, READABLE),
                    lambda: other.read(), lambda: poll.poll(0),
                    lambda: poll.deregister(other)),
        ]
        for thread in threads:
            thread.result()
