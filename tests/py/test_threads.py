"""Closing, waking and registering while another thread waits."""

import errno
import pathlib
import subprocess
import sys
import threading
import time


import pytest
from conftest import descriptors
from miopoll import Interest, Poll, Waker

STRESS = pathlib.Path(__file__).with_name("stress.py")
WAITS = {
    "for ever": lambda poll: poll.poll(),
    "a minute": lambda poll: poll.poll(60),
    "nanoseconds": lambda poll: poll.poll(timeout_ns=60 * 10**9),
    "capacity": lambda poll: poll.poll(capacity=3),
    "events": lambda poll: poll.events(),
}


class Waiting(threading.Thread):
    """A thread in a wait; result() is what came of it."""

    def __init__(self, function, *arguments):
        super().__init__(daemon=True)
        self.call = lambda: function(*arguments)
        self.found = self.error = None
        self.start()

    def run(self):
        try:
            self.found = self.call()
        except BaseException as error:
            self.error = error

    def result(self):
        self.join(30)
        assert not self.is_alive()
        if self.error is not None:
            raise self.error
        return self.found


def until_claimed(poll):
    """Returns when another thread is in a wait of this poll."""
    for _ in range(5000):
        try:
            poll.poll(0)
        except OSError as error:
            assert error.errno == errno.EBUSY
            return
        time.sleep(0.001)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
def test_closing_ends_a_wait(no_leak, selector, wait):
    before = descriptors()
    poll = Poll(selector)
    thread = Waiting(wait, poll)
    until_claimed(poll)
    poll.close()
    with pytest.raises(ValueError, match="^poll was closed during the wait$"):
        thread.result()
    assert descriptors() == before


def test_closing_ends_a_wait_with_all_wakers_in_use(no_leak, selector):
    poll = Poll(selector)
    wakers = [Waker(poll, i) for i in range(64)]
    thread = Waiting(poll.poll)
    until_claimed(poll)
    poll.close()
    with pytest.raises(ValueError, match="during the wait"):
        thread.result()
    for waker in wakers:
        waker.close()


def test_closing_ends_a_wait_of_a_lent_registry(no_leak, selector, pair):
    poll = Poll(selector)
    registry = poll.registry()
    thread = Waiting(poll.poll)
    until_claimed(poll)
    poll.close()
    with pytest.raises(ValueError, match="during the wait"):
        thread.result()
    registry.register(pair[0], 1, Interest.READABLE)
    registry.close()


def test_closing_by_several_threads(no_leak, selector):
    for _ in range(20):
        poll = Poll(selector)
        thread = Waiting(poll.poll)
        until_claimed(poll)
        closers = [Waiting(poll.close) for _ in range(4)]
        for closer in closers:
            closer.result()
        with pytest.raises(ValueError, match="during the wait"):
            thread.result()


def test_closing_at_any_moment(no_leak, selector):
    """Closed before, during or after it begins: the wait ends, in one of two
    ways."""
    for _ in range(300):
        poll = Poll(selector)
        thread = Waiting(poll.poll)
        poll.close()
        with pytest.raises(ValueError, match="closed"):
            thread.result()


def test_no_descriptors_to_wake_with(selector):
    import os
    import resource

    poll = Poll(selector)
    thread = Waiting(poll.poll, 0.5)
    until_claimed(poll)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        with pytest.raises(OSError, match="could not be woken") as caught:
            poll.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert caught.value.errno == errno.EMFILE
    assert poll.closed
    poll.close()
    with pytest.raises(ValueError, match="during the wait"):
        thread.result()
    assert os.listdir("/proc/self/fd")


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
def test_the_second_waiter_is_refused(poll, wait):
    with Waker(poll, 1) as waker:
        thread = Waiting(poll.poll)
        until_claimed(poll)
        with pytest.raises(OSError, match="another thread waits") as caught:
            wait(poll)
        assert caught.value.errno == errno.EBUSY
        waker.wake()
        assert thread.result() == [(1, 1)]
        assert poll.poll(0) == []


def test_registering_during_a_wait(poll, pair):
    here, there = pair
    there.send(b"x")
    thread = Waiting(poll.poll, 30)
    until_claimed(poll)
    poll.register(here, 5, Interest.READABLE)
    assert thread.result() == [(5, 1)]


def test_waking_from_many_threads(poll):
    with Waker(poll, 1) as waker:
        threads = [
            Waiting(lambda: [waker.wake() for _ in range(500)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.result()
        assert poll.poll(30) == [(1, 1)]


def test_data_before_a_wake_is_seen(poll):
    with Waker(poll, 1) as waker:
        for number in range(200):
            box = []
            thread = Waiting(lambda: (box.append(number), waker.wake()))
            assert poll.poll(30) == [(1, 1)]
            assert box == [number]
            thread.result()


def test_the_gil_is_free_during_a_wait(poll):
    thread = Waiting(poll.poll, 0.2)
    turns = 0
    while thread.is_alive():
        turns += 1
    assert thread.result() == []
    assert turns > 100


def test_threads_may_take_turns(poll):
    with Waker(poll, 1) as waker:
        for _ in range(50):
            waker.wake()
            assert Waiting(poll.poll, 30).result() == [(1, 1)]


def test_no_event_is_read_by_two(poll, pair):
    """Many waiters on one poll: each event comes to one of them, whole."""
    count = 300
    seen = []
    with Waker(poll, 1) as waker:
        done = threading.Event()

        def wait():
            while not done.is_set():
                try:
                    seen.extend(poll.poll(0.001))
                except OSError as error:
                    assert error.errno == errno.EBUSY

        threads = [Waiting(wait) for _ in range(4)]
        for number in range(count):
            waker.wake()
            while len(seen) <= number:
                time.sleep(0)
        done.set()
        for thread in threads:
            thread.result()
    assert seen == [(1, 1)] * count


def test_stress_in_development_mode():
    process = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-W",
         "default::ResourceWarning", str(STRESS), "3"],
        capture_output=True, text=True, timeout=90,
    )
    assert process.returncode == 0, process.stderr
    for line in process.stderr.splitlines():
        assert "Fatal" not in line and "Traceback" not in line, process.stderr
