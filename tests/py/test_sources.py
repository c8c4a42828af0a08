"""What can be registered: descriptors, filenos, and composites."""

import io
import os
import select
import socket

import pytest
from miopoll import Interest, Poll, Registry

READABLE = Interest.READABLE


@pytest.fixture
def pipe():
    r, w = os.pipe2(os.O_NONBLOCK)
    yield r, w
    for fd in (r, w):
        try:
            os.close(fd)
        except OSError:
            pass


def test_integers(poll, pipe):
    poll.register(pipe[1], 1, Interest.WRITABLE)
    assert poll.poll(0) == [(1, 2)]
    poll.reregister(pipe[1], 2, Interest.WRITABLE)
    assert poll.poll(0) == [(2, 2)]
    poll.deregister(pipe[1])
    assert poll.poll(0) == []


def test_sockets_and_files(poll, pair, pipe):
    poll.register(pair[0], 1, Interest.WRITABLE)
    with io.FileIO(os.dup(pipe[1]), "w") as file:
        poll.register(file, 2, Interest.WRITABLE)
        assert sorted(poll.poll(0)) == [(1, 2), (2, 2)]
        poll.deregister(file)


def test_integers_of_a_subclass(poll, pipe):
    class Descriptor(int):
        pass

    poll.register(Descriptor(pipe[1]), 1, Interest.WRITABLE)
    assert poll.poll(0) == [(1, 2)]
    poll.deregister(Descriptor(pipe[1]))


def test_bits_may_be_plain_integers(poll, pipe):
    poll.register(pipe[1], 1, 2 | 256)
    assert poll.poll(0) == poll.poll(0) == [(1, 2)]


class Both:
    """Two descriptors under one token, as mio's Source has it."""

    def __init__(self, *ends):
        self.ends = ends
        self.calls = []

    def register(self, registry, token, interest):
        self.calls.append(("register", registry, token, interest))
        for end in self.ends:
            registry.register(end, token, interest)

    def reregister(self, registry, token, interest):
        self.calls.append(("reregister", registry, token, interest))
        for end in self.ends:
            registry.reregister(end, token, interest)

    def deregister(self, registry):
        self.calls.append(("deregister", registry))
        for end in self.ends:
            registry.deregister(end)


def test_composites(poll, pair):
    both = Both(*pair)
    poll.register(both, 4, Interest.WRITABLE)
    assert poll.poll(0) == [(4, 2), (4, 2)]
    poll.reregister(both, 5, Interest.WRITABLE)
    assert poll.poll(0) == [(5, 2), (5, 2)]
    poll.deregister(both)
    assert poll.poll(0) == []
    assert [call[0] for call in both.calls] == [
        "register", "reregister", "deregister",
    ]
    for call in both.calls:
        assert call[1] is poll.registry()
        assert isinstance(call[1], Registry)


def test_composites_of_composites(poll, pair):
    poll.register(Both(Both(pair[0]), pair[1]), 4, Interest.WRITABLE)
    assert len(poll.poll(0)) == 2


def test_methods_win_over_fileno(poll, pair):
    class WithBoth(Both):
        def fileno(self):
            raise AssertionError("not this one")

    poll.register(WithBoth(*pair), 4, Interest.WRITABLE)
    assert len(poll.poll(0)) == 2


def test_some_of_the_methods_are_not_enough(poll, pipe):
    class Half:
        def register(self, registry, token, interest):
            raise AssertionError("not this one")

        def fileno(self):
            return pipe[1]

    poll.register(Half(), 1, Interest.WRITABLE)
    assert poll.poll(0) == [(1, 2)]


def test_an_epoll_object_has_register_too(poll, pipe):
    with select.epoll() as inner:
        poll.register(inner, 1, READABLE)
        inner.register(pipe[1], select.EPOLLOUT)
        assert poll.poll(5) == [(1, 1)]
        poll.deregister(inner)


def test_errors_of_a_composite_come_through(poll, pair):
    class Broken(Both):
        def register(self, registry, token, interest):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        poll.register(Broken(*pair), 1, READABLE)


def test_a_composite_gets_checked_numbers(poll, pair):
    both = Both(*pair)
    for token, interest, kind in (
        (-1, 1, OverflowError), ("x", 1, TypeError), (1, None, TypeError),
    ):
        with pytest.raises(kind):
            poll.register(both, token, interest)
        with pytest.raises(kind):
            poll.reregister(both, token, interest)
    assert both.calls == []


def test_a_descriptor_in_several_polls(selector, pair):
    with Poll(selector) as one, Poll(selector) as other:
        for poll in (one, other):
            poll.register(pair[0], 1, Interest.WRITABLE)
        assert one.poll(0) == other.poll(0) == [(1, 2)]


def test_hints(poll):
    here, there = socket.socketpair()
    with here:
        poll.register(here, 1, READABLE)
        there.close()
        (event,) = poll.events(5)
        assert event.is_readable and event.is_read_closed
        assert event.is_writable and event.is_write_closed


def test_one_shot(poll, pair):
    poll.register(pair[0], 1, Interest.WRITABLE | Interest.ONESHOT)
    assert poll.poll(0) == [(1, 2)]
    assert poll.poll(0) == []
    poll.reregister(pair[0], 2, Interest.WRITABLE | Interest.ONESHOT)
    assert poll.poll(0) == [(2, 2)]


def test_priority(poll):
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        peer, _ = server.accept()
    with client, peer:
        poll.register(peer, 1, Interest.PRIORITY)
        client.send(b"!", socket.MSG_OOB)
        (event,) = poll.events(5)
        assert event.is_priority and event.is_readable


def test_the_flags_of_a_descriptor_stay(poll, pipe):
    r, w = os.pipe()
    poll.register(r, 1, READABLE)
    assert os.get_blocking(r)
    poll.deregister(r)
    os.close(r)
    os.close(w)
