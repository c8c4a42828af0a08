"""After a fork the child has nothing but close(); the parent keeps it all."""

import os
import sys
import threading

import pytest
from miopoll import Interest, Poll, Waker
from support import run_python

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*multi-threaded, use of fork.*:DeprecationWarning"
)
REFUSED = "made before a fork"


def in_child(function):
    """Runs it in a child; True if it returned."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            function()
            code = 0
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def refuses(call):
    with pytest.raises(RuntimeError, match=REFUSED):
        call()


def test_everything_but_close_is_refused(poll, pair):
    registry = poll.registry()
    with Waker(poll, 1) as waker:
        def look():
            for call in (
                poll.poll, lambda: poll.poll(0), lambda: poll.poll(0.1),
                lambda: poll.poll(0, capacity=1), poll.events, poll.registry,
                lambda: poll.register(pair[0], 1, 1),
                lambda: poll.deregister(pair[0]),
                lambda: registry.register(pair[0], 1, 1),
                lambda: registry.reregister(pair[0], 1, 1),
                lambda: registry.deregister(pair[0]),
                registry.clone, waker.wake, lambda: Waker(poll, 2),
                lambda: Waker(registry, 2), poll.__enter__,
            ):
                refuses(call)
            if "fd" in poll.features:
                refuses(poll.fileno)
            assert "of the parent" in repr(poll)
            assert not poll.closed
            for thing in (waker, registry, poll):
                thing.close()
                thing.close()
            with pytest.raises(ValueError, match="closed"):
                poll.poll(0)

        assert in_child(look)


def test_the_parents_registrations_stay(poll, pair):
    here, there = pair
    poll.register(here, 7, Interest.READABLE)
    registry = poll.registry()
    with Waker(poll, 1) as waker:
        def close():
            waker.close()
            registry.close()
            poll.close()

        assert in_child(close)
        there.send(b"x")
        assert poll.poll(5) == [(7, 1)]
        here.recv(1)
        waker.wake()
        assert poll.poll(5) == [(1, 1)]


def test_the_childs_copies_are_freed(selector):
    with Poll(selector) as poll, Waker(poll, 1) as waker:
        def look():
            before = len(os.listdir("/proc/self/fd"))
            waker.close()
            poll.close()
            assert len(os.listdir("/proc/self/fd")) < before

        assert in_child(look)


def test_a_fork_while_another_thread_waits(selector):
    poll = Poll(selector)
    with Waker(poll, 1) as waker:
        thread = threading.Thread(target=poll.poll, daemon=True)
        thread.start()

        def look():
            refuses(poll.poll)
            before = len(os.listdir("/proc/self/fd"))
            waker.close()
            poll.close()
            assert len(os.listdir("/proc/self/fd")) < before
            with Poll(selector) as mine, Waker(mine, 2) as other:
                other.wake()
                assert mine.poll(5) == [(2, 1)]

        assert in_child(look)
        assert thread.is_alive()
        waker.wake()
        thread.join(30)
    poll.close()


def test_a_fork_while_a_poll_is_being_closed(selector):
    """The child must free neither twice nor what the parent uses."""
    for _ in range(20):
        poll = Poll(selector)
        threads = [
            threading.Thread(target=function, daemon=True)
            for function in (lambda: _wait(poll), poll.close)
        ]
        for thread in threads:
            thread.start()
        assert in_child(poll.close)
        for thread in threads:
            thread.join(30)


def _wait(poll):
    with pytest.raises(ValueError):
        poll.poll()


def test_the_child_makes_its_own(poll, pair):
    def work():
        with Poll(poll.selector) as mine:
            mine.register(pair[0], 9, Interest.WRITABLE)
            assert mine.poll(0) == [(9, 2)]
            mine.registry().deregister(pair[0])

    assert in_child(work)
    assert in_child(lambda: in_child(work) or os._exit(2))


def test_the_grandchild_is_refused_too(poll):
    def nest():
        refuses(poll.poll)
        with Poll(poll.selector) as mine:
            assert in_child(lambda: (refuses(mine.poll), refuses(poll.poll)))
            assert mine.poll(0) == []

    assert in_child(nest)


def test_collecting_the_parents_in_a_child_is_silent(selector):
    code = f"""
import gc, os, miopoll
poll = miopoll.Poll({selector!r})
waker = miopoll.Waker(poll, 1)
if os.fork() == 0:
    del poll, waker
    gc.collect()
    os._exit(0)
os.wait()
waker.wake()
print(poll.poll(5))
waker.close()
poll.close()
"""
    assert run_python(code, "-X", "dev", "-W", "error") == "[(1, 1)]\n"


def test_multiprocessing_by_fork(selector):
    code = f"""
import multiprocessing, miopoll
def work(queue):
    with miopoll.Poll({selector!r}) as mine:
        queue.put(mine.poll(0))
    try:
        poll.poll(0)
    except RuntimeError as error:
        queue.put(str(error))
context = multiprocessing.get_context("fork")
poll = miopoll.Poll({selector!r})
queue = context.SimpleQueue()
process = context.Process(target=work, args=(queue,))
process.start()
print(queue.get(), "before a fork" in queue.get())
process.join()
poll.close()
"""
    assert run_python(code) == "[] True\n"
