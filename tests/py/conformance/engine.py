"""What the verbs do with miopoll: the adapter of docs/conformance.md.

Nothing but the public package is used. Each verb is a method, with the words
of its step as parameters; it looks up the names, and returns the action that
it is, or has done it. An action gives OK (or None), EOF or SHORT, or raises
an OSError. Another thread can so be given an action.
"""

import errno
import functools
import itertools
import threading
import time

import caseformat
import descriptors
import miopoll
import sources
from caseformat import Failure

# The features of chapter 6 that Python has: any capacity from 1, any token.
# It has no NULL, no options beside the selector's name, no raw functions, and
# no operation of a kind in another kind. Linux has abstract names.
FEATURES = {"capacity", "token64", "sources", "abstract"}
DEFAULT_WAIT = 5_000_000_000
CAPACITY = 64
READINESS = 0xff
# One name for a number: Linux has two for some.
ERRORS = {**errno.errorcode, errno.EOPNOTSUPP: "EOPNOTSUPP",
          errno.EAGAIN: "EAGAIN"}


def error_name(error):
    """The name of an error, or what no case can expect."""
    if isinstance(error, OSError):
        return ERRORS.get(error.errno, str(error))
    return f"{type(error).__name__} ({error})"


def result_of(action):
    """How it ended, as a word of an outcome."""
    try:
        return action() or "OK"
    except OSError as error:
        return error_name(error)


def features_of(poll):
    return poll.features | FEATURES


def has(feature, features):
    if feature.startswith("no-"):
        return feature[3:] not in features
    return feature in features


def poll_for(poll, left, capacity):
    """The wait as users write it; what they leave out is left out."""
    if capacity is not None:
        return poll.poll(timeout_ns=left, capacity=capacity)
    if left is None:
        return poll.poll()
    return poll.poll(timeout_ns=left) if left else poll.poll(0)


class Named:
    """What a name of the case means. A closed one still has its number."""

    def __init__(self, thing):
        self.thing = thing
        self.open = True
        self.number = None
        if not isinstance(thing, (miopoll.Registry, miopoll.Waker,
                                  miopoll.Poll, miopoll.Source)):
            self.number = thing if isinstance(thing, int) else thing.fileno()

    def close(self):
        self.open = False
        if not isinstance(self.thing, int):
            self.thing.close()


class Engine(sources.Sources):
    """A case while it runs, on one selector."""

    cases = itertools.count()

    def __init__(self, selector):
        self.selector = selector
        self.serial = next(self.cases)
        self.names = {}
        self.counts = {}
        self.began, self.after_began = time.monotonic_ns(), None
        self.threads, self.thread_errors = [], []
        self.mailbox = 0

    def do(self, step):
        if step.verb == "wait":
            action = self.wait(step.outcome, *step.args, **step.keys)
        else:
            action = self.action_of(step)
        if action:
            wanted = step.outcome or ["OK"]
            result = result_of(action)
            if result not in wanted:
                raise Failure("outcome", f"gave {result}, not {wanted[0]}")

    def action_of(self, step):
        """What is left to do after the names were looked up, if anything."""
        name, at = sources.OF_SOURCES.get(step.verb, (None, 0))
        if name and self.is_source(step.args[at]):
            return getattr(self, name)(*step.args, **step.keys)
        if step.keys and (step.verb in descriptors.MAKERS
                          or step.verb in descriptors.USES):
            raise Failure("format", f"{step.verb}: keys are of sources")
        if step.verb in descriptors.MAKERS:
            return functools.partial(self.make, step.args,
                                     *descriptors.MAKERS[step.verb])
        if step.verb in descriptors.USES:
            name, *rest = step.args
            thing = (self.any_fd if step.verb == "oob"
                     else self.descriptor)(name)
            return functools.partial(descriptors.USES[step.verb], thing,
                                     *rest)
        verb = "addr-step" if step.verb == "addr" else step.verb
        method = getattr(self, verb.replace("-", "_"))
        return method(*step.args, **step.keys)

    def end(self):
        """Frees and closes what is open, the newest first."""
        for named in reversed(list(self.names.values())):
            if named.open:
                named.close()
        self.names.clear()
        self.end_sources()

    # ----------------------------------------------------------------- names

    def define(self, name, thing):
        old = self.names.pop(name, None)
        named = self.names[name] = Named(thing)
        if old and old.open:
            self.names[name] = old
            named.close()
            raise Failure("format", f"{name} is in use")

    def find(self, name, *kinds):
        named = self.names.get(name)
        if not named or not named.open or not isinstance(named.thing, kinds):
            raise Failure("format", f"{name} is not open, or another kind")
        return named.thing

    def registrar(self, name):
        """A registry; a poll's own is the poll itself."""
        return self.find(name, miopoll.Registry, miopoll.Poll)

    def descriptor(self, name):
        named = self.names.get(name)
        if not named or not named.open or named.number is None:
            raise Failure("format", f"{name} is no open descriptor")
        return named.thing

    def source(self, name):
        """What to register: the socket or file; closed, its number."""
        named = self.names.get(name)
        if isinstance(name, int):
            return name
        if self.is_source(name):
            return named.thing
        if not named or named.number is None:
            raise Failure("format", f"{name} is no descriptor")
        return named.thing if named.open else named.number

    def make(self, names, maker, news):
        """Makes descriptors for the first names, of those that follow."""
        made = maker(*map(self.descriptor, names[news:]))
        for name, thing in zip(names, made if news == 2 else [made]):
            self.define(name, thing)

    # ------------------------------------------------- the library's objects

    def poll(self, name, **options):
        if options:
            raise Failure("format", "Python has no options")

        def action():
            poll = miopoll.Poll(self.selector, capacity=CAPACITY)
            self.define(name, poll)
            if poll.selector != self.selector:
                raise Failure("outcome", f"it runs on {poll.selector}")
        return action

    def registry(self, name, poll):
        poll = self.find(poll, miopoll.Poll)
        return lambda: self.define(name, poll.registry().clone())

    def clone(self, name, other):
        other = self.registrar(other)
        if isinstance(other, miopoll.Poll):
            other = other.registry()
        return lambda: self.define(name, other.clone())

    def waker(self, name, registry, token):
        registry = self.registrar(registry)
        return lambda: self.define(name, miopoll.Waker(registry, token))

    def wake(self, name):
        return self.find(name, miopoll.Waker).wake

    def nest(self, name, poll):
        poll = self.find(poll, miopoll.Poll)
        return lambda: self.define(name, poll.fileno())

    def close(self, name):
        self.find(name, miopoll.Poll, miopoll.Registry, miopoll.Waker,
                  miopoll.Source)
        return self.names[name].close

    def register(self, registry, source, token, interest):
        register = self.registrar(registry).register
        source = self.source(source)
        return lambda: register(source, token, miopoll.Interest(interest))

    def reregister(self, registry, source, token, interest):
        reregister = self.registrar(registry).reregister
        source = self.source(source)
        return lambda: reregister(source, token, miopoll.Interest(interest))

    def deregister(self, registry, source):
        return functools.partial(self.registrar(registry).deregister,
                                 self.source(source))

    def close_fd(self, name):
        """Closed from here on, whenever a thread does it."""
        return self.to_close(name).close

    def reset(self, name):
        return functools.partial(descriptors.reset, self.to_close(name))

    def to_close(self, name):
        """A descriptor of the case's, closed from here on."""
        thing = self.descriptor(name)
        if isinstance(thing, sources.Borrowed):
            raise Failure("format", f"{name} is a source's to close")
        self.names[name].open = False
        return thing

    def leak(self):
        return descriptors.leak

    # --------------------------------------------------------------- waiting

    def wait(self, wanted, name, timeout=DEFAULT_WAIT, capacity=None,
             waits=None, events=None):
        """Waits until an alternative of what is wanted has come true, or
        none can any more. An error is left for the outcome to name."""
        poll = self.find(name, miopoll.Poll)
        began = time.monotonic_ns()
        self.began = self.after_began or began
        seen = {}
        for call in itertools.count(1):
            left = max(0, timeout - (time.monotonic_ns() - began))
            left = None if timeout == caseformat.FOREVER else left
            got, error = self.call(poll, left, capacity)
            if error:
                return lambda: error
            for token, readiness in got:
                seen[token] = seen.get(token, 0) | readiness
            verdict = min(judge(alternative, seen) for alternative in wanted)
            over = left == 0 or not got or call == waits
            if verdict == POSSIBLE and over:
                verdict = (TRUE if not seen and "none" in wanted else MISSING)
            if verdict == TRUE:
                return None
            if verdict != POSSIBLE:
                raise Failure(VERDICTS[verdict], f"saw {seen_text(seen)}")

    def call(self, poll, left, capacity):
        """One wait: its events, and the name of the error if there was one."""
        before = time.monotonic_ns()
        try:
            events = poll_for(poll, left, capacity)
        except OSError as error:
            return [], error_name(error)
        passed = time.monotonic_ns() - before
        if len(events) > (capacity or CAPACITY):
            raise Failure("outcome", f"{len(events)} events are too many")
        if not events and (left is None or passed < left):
            raise Failure("early", f"no event, after {passed} ns")
        for token, readiness in events:
            if not 0 < readiness <= READINESS:
                raise Failure("outcome", f"readiness {readiness:#x}")
            self.counts[token] = self.counts.get(token, 0) + 1
        return events, None

    def elapsed(self, least):
        passed = time.monotonic_ns() - self.began
        if passed < least:
            raise Failure("early", f"only {passed} ns")

    def count(self, token, compared):
        operator, number = compared
        count = self.counts.get(token, 0)
        if not {">=": count >= number, "<=": count <= number,
                "==": count == number}[operator]:
            raise Failure("count", f"{count} events")

    def clock(self):
        before = time.monotonic_ns()
        now = miopoll.clock_now()
        if not before <= now <= time.monotonic_ns():
            raise Failure("outcome", f"{now} is another clock")

    def features(self, name, *words):
        features = features_of(self.find(name, miopoll.Poll))
        for word in words:
            if not has(word, features):
                raise Failure("outcome", f"not {word}")

    # --------------------------------------------------------- other threads

    def start(self, action, delay=0):
        def run():
            time.sleep(delay / 1e9)
            try:
                action()
            except Exception as error:
                self.thread_errors.append(error_name(error))
        self.threads.append(threading.Thread(target=run, daemon=True))
        self.threads[-1].start()

    def after(self, delay, step):
        action = self.action_of(step)
        self.began = self.after_began = time.monotonic_ns()
        self.start(action, delay)

    def storm(self, step, each, threads=1):
        action = self.action_of(step)

        def repeated():
            for _ in range(each):
                action()
        for _ in range(threads):
            self.start(repeated)

    def cycle(self, registry, source, token, interest):
        actions = [self.register(registry, source, token, interest),
                   self.reregister(registry, source, token, interest),
                   self.deregister(registry, source)]

        def action():
            for part in actions:
                part()
        return action

    def post(self, name):
        wake = self.wake(name)

        def action():
            self.mailbox += 1
            wake()
        return action

    def posted(self, number):
        if self.mailbox != number:
            raise Failure("outcome", f"{self.mailbox}")

    def join(self):
        while self.threads:
            self.threads.pop().join()
        if self.thread_errors:
            raise Failure("thread", f"another met {self.thread_errors.pop()}")

    def ask(self, *words):
        raise Failure("format", "Python has no raw functions")


# ------------------------------------------------------------------- judging

# The least is the best of several alternatives.
TRUE, POSSIBLE, UNEXPECTED, EXACT, MISSING = range(5)
VERDICTS = {UNEXPECTED: "unexpected", EXACT: "exact", MISSING: "missing"}


def judge(alternative, seen):
    """What the events so far say about one alternative of a wait."""
    if alternative == "any":
        return TRUE
    if isinstance(alternative, str):  # `none`, or an error.
        return UNEXPECTED if seen else POSSIBLE
    if seen.keys() - {expected.token for expected in alternative}:
        return UNEXPECTED
    return max(judge_event(expected, seen.get(expected.token, 0))
               for expected in alternative)


def judge_event(expected, bits):
    if expected.exact and bits & ~expected.bits:
        return EXACT
    return TRUE if bits & expected.bits == expected.bits else POSSIBLE


def seen_text(seen):
    return " ".join(f"{token}:{caseformat.bits_text(bits)}"
                    for token, bits in seen.items()) or "no event"
