"""Many threads on few polls: waiting, waking, registering, closing, all at
once. `stress.py SECONDS`; exits with 0 if nothing was lost and nothing broke.
"""

import os
import random
import socket
import sys
import threading
import time

import miopoll
from miopoll import Interest, Poll, UnixStream, Waker

EXPECTED = (
    "Poll is closed",
    "Registry is closed",
    "Waker is closed",
    "UnixStream is closed",
    "poll was closed during the wait",
)
failures = []


def tolerant(function):
    """What closing under another thread's hands may give, and nothing else."""
    try:
        function()
    except ValueError as error:
        if str(error) not in EXPECTED:
            raise
    except (BlockingIOError, FileExistsError, FileNotFoundError,
            ConnectionResetError, BrokenPipeError):
        pass
    except OSError as error:
        if miopoll_name(error) != "EBUSY":
            raise


def miopoll_name(error):
    import errno

    return errno.errorcode.get(error.errno)


class Arena:
    """A poll with what belongs to it, replaced again and again."""

    def __init__(self, selector):
        self.selector = selector
        self.ends = socket.socketpair()
        self.make()

    def make(self):
        self.poll = Poll(self.selector)
        self.registry = self.poll.registry()
        self.waker = Waker(self.poll, miopoll.TOKEN_MAX)
        self.streams = UnixStream.pair()
        self.room = bytearray(5000)

    def renew(self):
        old = (self.poll, self.registry, self.waker, *self.streams)
        self.make()
        for thing in old:
            thing.close()

    def close(self):
        for thing in (self.poll, self.registry, self.waker, *self.ends,
                      *self.streams):
            thing.close()


def check(events):
    for token, readiness in events:
        if token not in (5, miopoll.TOKEN_MAX) or not 0 < readiness < 256:
            raise AssertionError((token, readiness))


BOTH = Interest.READABLE | Interest.WRITABLE
ACTIONS = [
    lambda arena: check(arena.poll.poll(0)),
    lambda arena: check(arena.poll.poll(0.001)),
    lambda arena: check(arena.poll.poll(0.001, capacity=2)),
    lambda arena: check(
        [(event.token, event.readiness) for event in arena.poll.events(0)]
    ),
    lambda arena: arena.waker.wake(),
    lambda arena: arena.registry.register(arena.ends[0], 5, Interest.WRITABLE),
    lambda arena: arena.registry.reregister(arena.ends[0], 5, Interest.WRITABLE),
    lambda arena: arena.registry.deregister(arena.ends[0]),
    lambda arena: arena.registry.clone().close(),
    lambda arena: Waker(arena.registry, miopoll.TOKEN_MAX).close(),
    lambda arena: arena.registry.register(arena.streams[0], 5, BOTH),
    lambda arena: arena.registry.reregister(arena.streams[0], 5, BOTH),
    lambda arena: arena.registry.deregister(arena.streams[0]),
    lambda arena: arena.streams[1].write(b"x" * 3000),
    lambda arena: arena.streams[0].write_vectored([b"x", b"y"]),
    lambda arena: arena.streams[0].read_into(arena.room),
    lambda arena: arena.streams[0].read_vectored([bytearray(9), arena.room]),
    lambda arena: arena.streams[0].read(),
    lambda arena: arena.streams[1].read(9),
    lambda arena: arena.streams[0].peek(),
    lambda arena: arena.streams[0].set_nonblocking(True),
    lambda arena: UnixStream.from_fd(arena.streams[0].into_fd()).close(),
    lambda arena: arena.streams[1].close(),
    lambda arena: arena.poll.close(),
    lambda arena: arena.waker.close(),
    lambda arena: arena.registry.close(),
    lambda arena: arena.renew(),
]


def play(arena, seed, deadline):
    choice = random.Random(seed)
    try:
        while time.monotonic() < deadline:
            action = choice.choice(ACTIONS)
            tolerant(lambda: action(arena))
    except BaseException as error:
        failures.append(error)
        raise


def main():
    seconds = float(sys.argv[1])
    deadline = time.monotonic() + seconds
    before = len(os.listdir("/proc/self/fd"))
    arenas = [Arena(name) for name in miopoll.SELECTORS]
    threads = [
        threading.Thread(target=play, args=(arena, seed, deadline))
        for arena in arenas
        for seed in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for arena in arenas:
        arena.close()
    del arenas
    assert not failures, failures
    # What two renewing threads lost to each other went with a warning.
    import gc

    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


main()
