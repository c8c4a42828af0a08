"""What may be written, and read into: docs/python.md, "Buffers"."""

import array
import ctypes
import gc
import mmap
import sys
import threading

import pytest
from miopoll import Interest, Poll, Sender, UdpSocket, UnixDatagram
from miopoll import UnixStream, pipe

INT32_MAX = 2**31 - 1
ONE_CALL = 0x7FFFF000  # What Linux moves at most.


@pytest.fixture
def ends(no_leak):
    one, other = UnixStream.pair()
    with one, other:
        yield one, other


@pytest.fixture
def grams(no_leak):
    one, other = UnixDatagram.pair()
    with one, other:
        yield one, other


READABLE_BUFFERS = {
    "bytes": lambda: b"hello!",
    "a subclass": lambda: type("Mine", (bytes,), {})(b"hello!"),
    "bytearray": lambda: bytearray(b"hello!"),
    "memoryview": lambda: memoryview(b"-hello!-")[1:-1],
    "array": lambda: array.array("H", b"hello!"),
    "ctypes": lambda: (ctypes.c_char * 6)(*b"hello!"),
    "two dimensions": lambda: memoryview(b"hello!").cast("B", (2, 3)),
}


def writers(one, grams):
    return [one.write, lambda what: one.write_vectored([what]),
            grams.send]


def into_callers(other, grams):
    return [other.read_into, lambda room: other.read_vectored([room]),
            other.peek_into, grams.recv_into, grams.peek_into,
            grams.recv_from_into, grams.peek_from_into]


@pytest.mark.parametrize("make", READABLE_BUFFERS.values(),
                         ids=READABLE_BUFFERS)
def test_what_can_be_written(ends, grams, make):
    for write in writers(ends[0], grams[0]):
        assert write(make()) == 6
    assert ends[1].read() == b"hello!" * 2
    assert grams[1].recv() == b"hello!"
    with UnixDatagram.bind("") as named:
        assert named.send_to(make(), named.local_addr()) == 6
        assert named.recv() == b"hello!"


WRITABLE_BUFFERS = {
    "bytearray": lambda: bytearray(6),
    "memoryview": lambda: memoryview(bytearray(6)),
    "array": lambda: array.array("H", bytes(6)),
    "ctypes": lambda: (ctypes.c_char * 6)(),
    "mmap": lambda: mmap.mmap(-1, 6),
    "two dimensions": lambda: memoryview(bytearray(6)).cast("B", (2, 3)),
}


@pytest.mark.parametrize("make", WRITABLE_BUFFERS.values(),
                         ids=WRITABLE_BUFFERS)
def test_what_can_be_read_into(ends, grams, make):
    for call in into_callers(ends[1], grams[1]):
        ends[0].write(b"hello!")
        grams[0].send(b"hello!")
        room = make()
        count = call(room)
        assert (count[0] if isinstance(count, tuple) else count) == 6
        assert memoryview(room).tobytes() == b"hello!"
        while ends[1].read() or grams[1].recv():
            pass


@pytest.mark.parametrize("wrong", [
    "text", 5, None, [b"x"], object(), 1.5,
])
def test_what_is_no_buffer(ends, grams, wrong):
    for call in (writers(ends[0], grams[0])
                 + into_callers(ends[1], grams[1])):
        with pytest.raises(TypeError):
            call(wrong)
    with UdpSocket.bind("127.0.0.1:0") as udp, pytest.raises(TypeError):
        udp.send_to(wrong, udp.local_addr())
    for call in (ends[0].write_vectored, ends[1].read_vectored):
        if not isinstance(wrong, (list, str)):
            with pytest.raises(TypeError):
                call(wrong)


@pytest.mark.parametrize("readonly", [
    b"hello!", memoryview(b"hello!"), memoryview(bytearray(6)).toreadonly(),
], ids=["bytes", "memoryview", "read-only memoryview"])
def test_what_must_not_be_read_into(ends, grams, readonly):
    ends[0].write(b"HELLO!")
    grams[0].send(b"HELLO!")
    for call in into_callers(ends[1], grams[1]):
        with pytest.raises(TypeError, match="writ"):
            call(readonly)
    assert bytes(readonly) in (b"hello!", bytes(6))
    assert ends[1].read() == b"HELLO!" and grams[1].recv() == b"HELLO!"


def test_what_has_gaps(ends, grams):
    gaps = memoryview(bytearray(9))[::2]
    for call in (writers(ends[0], grams[0])
                 + into_callers(ends[1], grams[1])):
        with pytest.raises((BufferError, TypeError)):
            call(gaps)


def test_empty_buffers(ends):
    one, other = ends
    for empty in (b"", bytearray(), memoryview(b"")):
        assert one.write(empty) == 0
    assert one.write_vectored([b"", bytearray()]) == 0
    assert other.read_into(bytearray()) == 0  # Not None: nothing was asked.
    assert other.read(0) == b"" and other.peek(0) == b""
    assert other.read_vectored([]) == 0
    assert other.read_vectored([bytearray()]) == 0
    other.close()
    assert one.write(b"") == 0


@pytest.mark.parametrize(("size", "kind"), [
    (-1, ValueError), (-2**31, ValueError), ("9", TypeError), (1.0, TypeError),
    (None, TypeError), (2**200, OverflowError),
    (2**63, OverflowError),
])
def test_what_is_no_size(ends, grams, size, kind):
    for call in (ends[1].read, ends[1].peek, grams[1].recv, grams[1].peek):
        with pytest.raises(kind):
            call(size)


def test_sizes_and_what_came(ends):
    one, other = ends
    data = bytes(range(256)) * 300
    for size in (1, 4096, 4097, 65536, 10**6):
        one.write(data)
        got = other.read(size)
        assert got == data[:size]
        while other.read():
            pass
        one.write(data)
        assert other.peek(size) == data[:size]
        while other.read():
            pass


def test_a_size_above_what_one_call_moves(ends):
    one, other = ends
    one.write(b"hello")
    try:
        assert other.read(2**40) == b"hello"
    except MemoryError:
        assert other.read() == b"hello"


@pytest.fixture
def huge():
    """Over 2 GiB, of which next to nothing is ever touched."""
    if sys.maxsize < 2**32:
        pytest.skip("there is no room in 32 bits")
    with mmap.mmap(-1, INT32_MAX + 2**20) as room:
        yield room


def test_huge_buffers_to_write(ends, huge):
    one, other = ends
    assert 0 < one.write(huge) < INT32_MAX
    assert other.read(9) == bytes(9)
    while other.read():
        pass
    assert 0 < one.write_vectored([b"x", huge, huge]) < INT32_MAX
    assert other.read(2) == b"x\0"


def test_huge_buffers_to_read_into(ends, huge):
    one, other = ends
    one.write(b"hello")
    assert other.read_into(huge) == 5 and huge[:5] == b"hello"
    one.write(b"again")
    assert other.read_vectored([huge, huge]) == 5 and huge[:5] == b"again"


def test_a_huge_datagram_is_too_long(grams, huge):
    import errno

    with pytest.raises(OSError) as caught:
        grams[0].send(huge)
    assert caught.value.errno in (errno.EMSGSIZE, errno.ENOBUFS)


def test_both_ends_count_alike():
    total = 2**22
    sender, receiver = pipe()
    with sender, receiver:
        rest, got = memoryview(bytes(total)), 0
        while rest:
            taken = sender.write(rest)
            rest = rest[taken or 0:]
            while (piece := receiver.read()):
                got += len(piece)
        assert got == total


# ------------------------------------------------------------- during a call


class Blocked:
    """A thread in a call that blocks, until it is let go."""

    def __init__(self, call):
        self.result = self.error = None
        self.thread = threading.Thread(target=self.run, args=(call,))
        self.thread.start()

    def run(self, call):
        try:
            self.result = call()
        except BaseException as error:
            self.error = error

    def join(self):
        self.thread.join(30)
        assert not self.thread.is_alive() and self.error is None
        return self.result


def until_refused(buffer):
    """Resizes a bytearray until it cannot be: somebody holds it."""
    for _ in range(10**7):
        try:
            buffer.append(0)
            buffer.pop()
        except BufferError:
            return
    raise AssertionError("nobody holds it")


READS = {
    "read_into": lambda end, room: end.read_into(room),
    "read_vectored": lambda end, room: end.read_vectored([room]),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_buffer_cannot_be_resized_during_a_read(read):
    sender, receiver = pipe()
    with sender, receiver:
        receiver.set_nonblocking(False)
        room = bytearray(1 << 16)
        blocked = Blocked(lambda: read(receiver, room))
        until_refused(room)
        sender.write(b"hello")
        assert blocked.join() == 5
        assert room[:5] == b"hello"
        del blocked
        gc.collect()
        room.clear()  # It is free again.


WRITES = {
    "write": lambda end, data: end.write(data),
    "write_vectored": lambda end, data: end.write_vectored([data]),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_buffer_cannot_be_resized_during_a_write(write):
    sender, receiver = pipe()
    with sender, receiver:
        while sender.write(bytes(4096)) is not None:
            pass
        sender.set_nonblocking(False)
        data = bytearray(b"hello")
        blocked = Blocked(lambda: write(sender, data))
        until_refused(data)
        while receiver.read():
            pass
        assert blocked.join() == 5
        while receiver.read() is not None:
            pass
        del blocked
        gc.collect()
        data.clear()


def test_buffers_are_free_after_a_failure(ends, grams):
    """Also while somebody holds the exception with its traceback."""
    one, other = ends
    other.close()
    grams[1].close()
    data, room = bytearray(b"x"), bytearray(9)
    held = []
    for write in (one.write, lambda what: one.write_vectored([what]),
                  grams[0].send):
        with pytest.raises((BrokenPipeError, ConnectionRefusedError)) as error:
            write(data)
        held.append(error)
    one.close()
    for call, buffer in ((one.write, data), (one.read_into, room),
                         (one.peek_into, room),
                         (lambda what: one.read_vectored([what]), room)):
        with pytest.raises(ValueError, match="UnixStream is closed") as error:
            call(buffer)
        held.append(error)
    with pytest.raises(TypeError) as error:
        one.read_vectored([room, b"read-only"])
    held.append(error)
    with UnixDatagram.unbound() as unbound:
        with pytest.raises(FileNotFoundError) as error:
            unbound.send_to(data, "/nowhere")
    held.append(error)
    data.clear()
    room.clear()


def test_nothing_is_copied(ends):
    """A megabyte goes through without another megabyte."""
    import tracemalloc

    one, other = ends
    data, room = bytearray(2**20), bytearray(2**20)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in range(10):
            one.write(data)
            other.read_into(room)
            one.write_vectored([data])
            other.read_vectored([room])
        assert tracemalloc.get_traced_memory()[1] - before < 2**17
    finally:
        tracemalloc.stop()


def test_no_reference_is_lost(ends):
    one, other = ends
    data, room = bytes(3000), bytearray(3000)
    with Poll() as poll:
        poll.register(other, 1, Interest.READABLE)
        counts = [sys.getrefcount(thing) for thing in (data, room, None)]
        for _ in range(1000):
            one.write(data)
            other.read_into(room)
            other.read_into(room)
            other.read(10)
        after = [sys.getrefcount(thing) for thing in (data, room, None)]
    assert after[:2] == counts[:2]
    assert abs(after[2] - counts[2]) < 500


def test_a_sender_takes_what_it_can():
    sender, receiver = pipe()
    assert isinstance(sender, Sender)
    with sender, receiver:
        data = bytes(2**21)
        first = sender.write(data)
        assert 0 < first < len(data)
        assert sender.write(data[first:]) is None
        assert len(receiver.read(2**21)) == first
