"""Closing, leaking, collecting, and the end of the interpreter."""

import copy
import gc
import pickle
import threading
import warnings
import weakref

import miopoll
import pytest
from conftest import descriptors
from miopoll import Interest, Poll, Registry, Waker
from support import run_python

STRICT = ("-X", "dev", "-W", "error")


def test_closing_twice(no_leak, selector):
    poll = Poll(selector)
    waker = Waker(poll, 1)
    clone = poll.registry().clone()
    for thing in (poll, waker, clone):
        assert not thing.closed
        thing.close()
        thing.close()
        assert thing.closed


def test_closing_frees_at_once(selector):
    before = descriptors()
    poll = Poll(selector)
    assert descriptors() != before
    poll.close()
    assert descriptors() == before


def test_a_context_closes_whatever_happens(no_leak, selector):
    with pytest.raises(KeyError), Poll(selector) as poll, Waker(poll, 1) as waker:
        with poll.registry().clone() as clone:
            raise KeyError
    assert poll.closed and waker.closed and clone.closed


def test_a_closed_one_is_no_context(selector):
    poll = Poll(selector)
    poll.close()
    with pytest.raises(ValueError), poll:
        pass


def test_a_registry_outlives_its_poll(no_leak, selector, pair):
    poll = Poll(selector)
    registry = poll.registry()
    poll.close()
    registry.register(pair[0], 1, Interest.READABLE)
    with pytest.raises(FileExistsError):
        registry.register(pair[0], 1, Interest.READABLE)
    with Waker(registry, 1) as waker, registry.clone() as clone:
        waker.wake()
        clone.deregister(pair[0])
    registry.close()


def test_waking_a_poll_that_is_gone(no_leak, selector):
    with Poll(selector) as poll:
        waker = Waker(poll, 1)
    waker.wake()
    waker.close()


def test_any_order_of_closing(no_leak, selector):
    for first in range(4):
        poll = Poll(selector)
        registry = poll.registry()
        things = [poll, registry, registry.clone(), Waker(registry, 1)]
        for thing in things[first:] + things[:first]:
            thing.close()


@pytest.mark.parametrize("make", [
    lambda poll: Poll(), lambda poll: Waker(poll, 1),
    lambda poll: poll.registry().clone(),
])
def test_leaks_warn(make, poll):
    thing = make(poll)
    text = repr(thing)
    with pytest.warns(ResourceWarning) as caught:
        del thing
        gc.collect()
    assert [str(one.message) for one in caught] == [f"unclosed {text}"]


def test_what_is_the_polls_does_not_warn(selector):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Poll(selector) as poll:
            registry = poll.registry()
        del registry, poll
        gc.collect()


def test_reference_cycles_are_collected(no_leak, selector):
    class Mine(Poll):
        pass

    poll = Mine(selector)
    poll.itself = poll
    gone = weakref.ref(poll)
    with pytest.warns(ResourceWarning):
        del poll
        gc.collect()
    assert gone() is None


def test_weak_references(poll):
    with Waker(poll, 1) as waker:
        for thing in (poll, waker, poll.registry()):
            assert weakref.ref(thing)() is thing


def test_no_pickles_and_no_copies(poll):
    with Waker(poll, 1) as waker:
        for thing in (poll, poll.registry(), waker):
            for function in (pickle.dumps, copy.copy, copy.deepcopy):
                with pytest.raises(TypeError, match="cannot pickle or copy a"):
                    function(thing)


def test_representations(selector):
    with Poll(selector) as poll, Waker(poll, 7) as waker:
        registry = poll.registry()
        assert repr(poll) == f"<miopoll.Poll open, selector {selector!r}>"
        assert repr(registry) == "<miopoll.Registry open>"
        assert repr(waker) == "<miopoll.Waker open, token 7>"
    registry.close()
    assert repr(poll) == f"<miopoll.Poll closed, selector {selector!r}>"
    assert repr(registry) == "<miopoll.Registry closed>"
    assert repr(waker) == "<miopoll.Waker closed, token 7>"


def test_init_is_called_once(poll):
    with pytest.raises(RuntimeError, match="twice"):
        poll.__init__()
    with Waker(poll, 1) as waker, pytest.raises(RuntimeError, match="twice"):
        waker.__init__(poll, 2)


def test_objects_without_init_do_not_crash():
    for kind in (Poll, Waker):
        thing = kind.__new__(kind)
        with pytest.raises((ValueError, AttributeError)):
            thing.poll() if kind is Poll else thing.wake()
        del thing
    with pytest.raises(TypeError, match="use Poll.registry"):
        Registry()


def test_subclasses(selector, pair):
    class Mine(Poll):
        def __init__(self, name):
            super().__init__(name)
            self.extra = 1

        def poll(self, *arguments, **keywords):
            return [("mine", *found)
                    for found in super().poll(*arguments, **keywords)]

    with Mine(selector) as poll:
        poll.register(pair[0], 1, Interest.WRITABLE)
        assert poll.poll(0) == [("mine", 1, 2)]


def test_one_registry(poll):
    assert poll.registry() is poll.registry()


def test_unclosed_at_the_end_is_silent(selector):
    code = f"""
import miopoll
poll = miopoll.Poll({selector!r})
waker = miopoll.Waker(poll, 1)
clone = poll.registry().clone()
class Cycle: pass
cycle = Cycle()
cycle.itself, cycle.poll = cycle, miopoll.Poll({selector!r})
"""
    assert run_python(code, *STRICT) == ""


def test_daemon_threads_at_the_end(selector):
    code = f"""
import miopoll, threading, time
poll = miopoll.Poll({selector!r})
other = miopoll.Poll({selector!r})
waker = miopoll.Waker(other, 1)
def busy():
    while True:
        waker.wake()
        other.poll(0)
for target in (poll.poll, lambda: poll.poll(10, capacity=3), other.poll, busy):
    threading.Thread(target=target, daemon=True).start()
time.sleep(0.1)
"""
    assert "Fatal" not in run_python(code)


def test_closing_at_exit_while_a_daemon_waits(selector):
    code = f"""
import atexit, miopoll, threading, time
poll = miopoll.Poll({selector!r})
atexit.register(poll.close)
threading.Thread(target=poll.poll, daemon=True).start()
time.sleep(0.1)
"""
    run_python(code)


def test_a_subinterpreter_works_or_refuses():
    names = ("_interpreters", "_xxsubinterpreters")
    module = next((name for name in names if _importable(name)), None)
    if module is None:
        pytest.skip("no module for subinterpreters in this Python")
    code = f"""
import {module} as interpreters
for _ in range(2):
    interpreter = interpreters.create()
    try:
        said = interpreters.run_string(interpreter, '''
try:
    import miopoll
except ImportError as error:
    print("refused:", error)
else:
    with miopoll.Poll() as poll, miopoll.Waker(poll, 3) as waker:
        waker.wake()
        print("works:", poll.poll(1))
''')
    finally:
        interpreters.destroy(interpreter)
import miopoll
with miopoll.Poll() as poll:
    print("main:", poll.poll(0))
"""
    lines = run_python(code).splitlines()
    assert lines[-1] == "main: []"
    for line in lines[:-1]:
        assert line == "works: [(3, 1)]" or line.startswith("refused: ")
    assert len(lines) == 3, lines


def _importable(name):
    try:
        __import__(name)
    except ImportError:
        return False
    return True


def test_nothing_waits_for_the_collector(selector):
    """Closing and collecting in many threads at once."""
    def work():
        for _ in range(100):
            poll = Poll(selector)
            waker = Waker(poll, 1)
            waker.wake()
            poll.poll(0)
            waker.close()
            poll.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_registry_that_nobody_has_is_closed_with_the_poll(selector, pair):
    before = descriptors()
    poll = Poll(selector)
    poll.register(pair[0], 1, Interest.READABLE)
    inner = poll._registry  # As a collector that comes late keeps it.
    poll.close()
    assert inner.closed
    assert descriptors() == before


def test_what_the_collector_has_cleared_does_not_crash(selector):
    """A destructor in the same cycle, which the collector runs when it has
    cleared the attributes of the poll already, perhaps."""
    from miopoll._miopoll import ffi

    calls = []

    def destructor(held):
        try:
            calls.append(Poll.poll(held["poll"], 0))
        except (AttributeError, KeyError, ValueError) as error:
            calls.append(error)

    class Cycle(Poll):
        pass

    for _ in range(20):
        poll = Cycle(selector)
        box = {"poll": poll}
        poll.gone = ffi.gc(
            ffi.new("int64_t *"), lambda _, held=box: destructor(held)
        )
        box["gone"] = poll.gone
        poll.close()
        del poll, box
        gc.collect()
    assert len(calls) == 20
