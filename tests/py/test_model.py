"""Any order of operations, against a model of what must and may be reported.

Pipes' read ends are registered, with LEVEL or ONESHOT, which are exact on
every selector. Whatever is done, nothing crashes, errors are those the model
says, and no readiness is lost."""

import errno
import os

import miopoll
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from miopoll import Interest, Poll, Waker

SLOTS = st.integers(0, 3)
TOKENS = st.sampled_from([0, 1, 2**53, 2**64 - 1])
TRIGGERS = st.sampled_from([Interest.LEVEL, Interest.ONESHOT])


class Slot:
    """A pipe, and what the model knows of its registration."""

    def __init__(self):
        self.r, self.w = os.pipe2(os.O_NONBLOCK)
        self.full = False
        self.token = None  # Of its registration, if it has one.
        self.trigger = None
        self.armed = False

    def ready(self):
        return self.token is not None and self.full and self.armed


class Machine(RuleBasedStateMachine):
    selector = "epoll"

    @initialize()
    def begin(self):
        self.slots = [Slot() for _ in range(4)]
        self.poll = Poll(self.selector)
        self.registry = self.poll.registry()
        self.waker = Waker(self.poll, 99)
        self.woken = False

    @rule(i=SLOTS, token=TOKENS, trigger=TRIGGERS)
    def register(self, i, token, trigger):
        slot = self.slots[i]
        try:
            self.registry.register(slot.r, token, Interest.READABLE | trigger)
        except FileExistsError:
            assert slot.token is not None
        else:
            assert slot.token is None
            slot.token, slot.trigger, slot.armed = token, trigger, True

    @rule(i=SLOTS, token=TOKENS, trigger=TRIGGERS)
    def reregister(self, i, token, trigger):
        slot = self.slots[i]
        try:
            self.poll.registry().reregister(
                slot.r, token, Interest.READABLE | trigger
            )
        except FileNotFoundError:
            assert slot.token is None
        except ValueError:
            assert self.poll.closed
        else:
            assert slot.token is not None
            slot.token, slot.trigger, slot.armed = token, trigger, True

    @rule(i=SLOTS)
    def deregister(self, i):
        slot = self.slots[i]
        try:
            self.registry.deregister(slot.r)
        except FileNotFoundError:
            assert slot.token is None
        else:
            assert slot.token is not None
            slot.token = None

    @rule(i=SLOTS)
    def write(self, i):
        slot = self.slots[i]
        os.write(slot.w, b"x")
        slot.full = True

    @rule(i=SLOTS)
    def drain(self, i):
        slot = self.slots[i]
        try:
            os.read(slot.r, 65536)
        except BlockingIOError:
            assert not slot.full
        slot.full = False

    @rule(i=SLOTS)
    def dup_and_close(self, i):
        """A duplicate that is registered, then taken out and closed, does not
        touch the registration of the first."""
        copy = os.dup(self.slots[i].r)
        self.registry.register(copy, 7, Interest.READABLE | Interest.LEVEL)
        self.registry.deregister(copy)
        os.close(copy)

    @rule(i=SLOTS)
    def close_and_open(self, i):
        slot = self.slots[i]
        if slot.token is not None:
            self.registry.deregister(slot.r)
        os.close(slot.r)
        os.close(slot.w)
        with pytest.raises(OSError) as caught:
            self.registry.deregister(slot.r)
        assert caught.value.errno == errno.EBADF
        self.slots[i] = Slot()

    @rule()
    def wake(self):
        self.waker.wake()
        self.woken = True

    @rule(capacity=st.sampled_from([None, 1, 2, 16]),
          timeout=st.sampled_from([0, 0.0, 1e-6]))
    def wait(self, capacity, timeout):
        try:
            found = self.poll.poll(timeout, capacity=capacity)
        except ValueError:
            assert self.poll.closed
            return
        assert not self.poll.closed
        self.account(found, capacity or 1024)

    def account(self, found, capacity):
        expected = [slot for slot in self.slots if slot.ready()]
        wanted = sorted(slot.token for slot in expected)
        wakes = [token for token, _ in found if token == 99]
        tokens = sorted(token for token, _ in found if token != 99)
        assert len(found) <= capacity
        assert len(wakes) <= self.woken
        if len(found) < capacity:
            assert tokens == wanted
            assert len(wakes) == self.woken
        for token, readiness in found:
            assert readiness == Interest.READABLE
            assert token == 99 or token in wanted
        self.woken = self.woken and not wakes
        for token in tokens:  # Which of those with that token, is open.
            same = [s for s in expected if s.token == token]
            once = [s for s in same if s.trigger == Interest.ONESHOT]
            if len(once) == len(same) == 1:
                once[0].armed = False
            elif once:
                self.resolve(same)

    def resolve(self, slots):
        """Makes all of them certain again."""
        for slot in slots:
            self.registry.reregister(
                slot.r, slot.token, Interest.READABLE | slot.trigger
            )
            slot.armed = True

    @precondition(lambda self: not self.poll.closed)
    @rule()
    def close_a_clone(self):
        with self.registry.clone() as clone:
            assert not clone.closed

    @rule()
    def replace_the_poll(self):
        self.poll.close()
        self.registry.close()
        self.waker.close()
        for slot in self.slots:
            slot.token = None
        self.poll = Poll(self.selector)
        self.registry = self.poll.registry()
        self.waker = Waker(self.registry, 99)
        self.woken = False

    @rule()
    def close_the_poll(self):
        self.poll.close()

    @invariant()
    def the_objects_print(self):
        if hasattr(self, "poll"):
            assert repr(self.poll) and repr(self.registry) and repr(self.waker)

    def teardown(self):
        if not hasattr(self, "poll"):
            return
        if not self.poll.closed:
            for _ in range(3):  # Nothing that is ready stays unsaid.
                self.wait(capacity=None, timeout=0)
        for slot in self.slots:
            os.close(slot.r)
            os.close(slot.w)
        for thing in (self.poll, self.registry, self.waker):
            thing.close()


class EpollMachine(Machine):
    selector = "epoll"


class PollMachine(Machine):
    selector = "poll"


LIMITS = settings(
    max_examples=120, stateful_step_count=40, deadline=None, database=None,
    derandomize=True, suppress_health_check=list(HealthCheck),
)
TestEpoll = EpollMachine.TestCase
TestEpoll.settings = LIMITS
TestPoll = PollMachine.TestCase
TestPoll.settings = LIMITS


def test_the_machines_are_those_of_the_selectors():
    machines = {EpollMachine.selector, PollMachine.selector}
    assert machines == set(miopoll.SELECTORS)
