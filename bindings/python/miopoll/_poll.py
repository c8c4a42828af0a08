"""Poll, which waits."""

from . import _errors, _miopoll
from ._arguments import capacity_of, nanoseconds
from ._handle import Handle
from ._miopoll import ffi, lib
from ._registry import Registry
from ._values import EINTR, EINVAL, FEATURES, Event, clock_now, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Union

    from ._arguments import Timeout
    from ._registry import Source

    Wait = Callable[[int], Union[list[tuple[int, int]], int]]

if TYPE_CHECKING or hasattr(_miopoll, "Waiter"):
    from ._miopoll import Waiter
else:
    from ._waiter import Waiter


def _number_of(selector: "str | None") -> int:
    if selector is None:
        return lib.MIO_SELECTOR_DEFAULT
    if not isinstance(selector, str):
        raise TypeError(
            f"selector must be a str or None, not {type(selector).__name__}"
        )
    rc = EINVAL
    if "\0" not in selector:
        rc = lib.mio_selector_from_name(selector.encode())
    if rc < 0:
        what = f"no selector is named {selector!r}"
        raise _errors.error(rc, "Poll", _errors.MAKING, what)
    return rc


class Poll(Waiter, Handle):
    """Waits for events of everything that is registered with it.

    selector names the kernel's interface, one of SELECTORS; None takes the
    best, or what the environment variable MIOPOLL_SELECTOR names. capacity is
    how many events a wait gives at most, at 16 bytes each.

    One thread waits at a time; registering and waking are for any thread at
    any time. close() ends a wait in another thread, which gets ValueError. A
    Poll is a context manager, and warns (ResourceWarning) if it is not closed.

    Raises OSError EINVAL (no such selector, capacity 0), EOPNOTSUPP (not built
    in), ENOSYS (not in this kernel), EMFILE, ENFILE or ENOMEM; TypeError and
    OverflowError for what is no selector and no capacity.

    >>> with Poll() as poll:
    ...     poll.poll(timeout=0.001)
    []
    """

    __slots__ = (
        "__weakref__",
        "_born",
        "_capacity",
        "_closed",
        "_features",
        "_handle",
        "_registry",
        "_selector",
        "_warns",
    )

    _kind = "Poll"
    _close = lib.guard_poll_close
    _drop = lib.guard_poll_drop
    _forked = lib.guard_poll_forked
    _advice = _errors.CLOSING

    def __init__(
        self, selector: "str | None" = None, *, capacity: int = 1024
    ) -> None:
        self._begin()
        number = _number_of(selector)
        room = capacity_of(capacity)
        if room == 0:
            raise _errors.error(EINVAL, "Poll", _errors.WAITING)
        options = ffi.new("mio_poll_options_t *")
        options.size = ffi.sizeof("mio_poll_options_t")
        options.selector = number
        out = ffi.new("guard_poll_t **")
        rc = lib.guard_poll_new(out, options, room)
        if rc < 0:
            what = f"selector {selector!r}"
            if selector is None:
                what = "the selector that MIOPOLL_SELECTOR names"
            raise _errors.error(rc, "Poll", _errors.MAKING, what)
        self._capacity = room
        self._registry: "Registry | None" = None
        self._own(out[0])
        self._attach(self._handle, int(ffi.cast("intptr_t", out[0])))
        self._selector = text(
            lib.mio_selector_name(lib.guard_poll_selector(self._handle))
        )
        bits = lib.guard_poll_features(self._handle)
        self._features = frozenset(
            name for name, bit in FEATURES.items() if bits & bit
        )
        inner = ffi.new("guard_registry_t **")
        rc = lib.guard_registry_new(inner, self._handle)
        if rc < 0:
            self.close()
            raise _errors.error(rc, "Poll", {})
        self._registry = Registry._make(inner[0], warns=False)

    @property
    def selector(self) -> str:
        """The name of the selector that it runs on, as "epoll".

        >>> with Poll("poll") as poll:
        ...     poll.selector
        'poll'
        """
        return self._selector

    @property
    def features(self) -> frozenset[str]:
        """What this selector can do that another cannot.

        Of "edge-exact", "exclusive", "priority", "aio", "lio", "nanoseconds"
        (timeouts are not rounded up to milliseconds) and "fd" (fileno()).

        >>> with Poll() as poll:
        ...     "priority" in poll.features
        True
        """
        return self._features

    def registry(self) -> "Registry":
        """The registry of this poll, for other threads and for sources.

        Always the same object. It is closed with the poll unless somebody has
        it: then it keeps working. Raises ValueError if the poll is closed,
        RuntimeError in the child of a fork.

        >>> with Poll() as poll:
        ...     poll.registry() is poll.registry()
        True
        """
        registry = self._inner()
        registry._lent = True
        return registry

    def _inner(self) -> "Registry":
        registry = self._registry
        if registry is None:
            raise _errors.error(lib.GUARD_CLOSED, "Poll", {})
        self._check()
        return registry

    def register(self, source: "Source", token: int, interest: int) -> None:
        """The same as registry().register().

        >>> import os
        >>> from miopoll import Interest
        >>> r, w = os.pipe()
        >>> with Poll() as poll:
        ...     poll.register(w, 5, Interest.WRITABLE | Interest.LEVEL)
        ...     poll.poll(0), poll.poll(0)
        ([(5, 2)], [(5, 2)])
        >>> os.close(r); os.close(w)
        """
        self._inner().register(source, token, interest)

    def reregister(self, source: "Source", token: int, interest: int) -> None:
        """The same as registry().reregister()."""
        self._inner().reregister(source, token, interest)

    def deregister(self, source: "Source") -> None:
        """The same as registry().deregister()."""
        self._inner().deregister(source)

    def events(
        self,
        timeout: "Timeout" = None,
        *,
        timeout_ns: "int | None" = None,
        capacity: "int | None" = None,
    ) -> "list[Event]":
        """As poll(), but a list of Event objects; they cost 0.1 us each.

        >>> import os
        >>> from miopoll import Interest
        >>> r, w = os.pipe()
        >>> with Poll() as poll:
        ...     poll.register(r, 5, Interest.READABLE)
        ...     os.close(w)
        ...     for event in poll.events(timeout=1):
        ...         event.token, event.is_readable, event.is_read_closed
        (5, True, True)
        >>> os.close(r)
        """
        pairs = self._poll(timeout, timeout_ns=timeout_ns, capacity=capacity)
        return [Event(token, readiness) for token, readiness in pairs]

    def fileno(self) -> int:
        """The selector's own descriptor, to nest this poll in another loop.

        It is readable when a wait would give something; then call poll(0).
        From then on each wake is a system call. The descriptor stays the
        poll's: do not close it. Raises OSError EOPNOTSUPP where there is none
        (see `features`), ValueError if the poll is closed, RuntimeError in the
        child of a fork.

        >>> import select
        >>> from miopoll import Waker
        >>> with Poll("epoll") as poll, Waker(poll, 1) as waker:
        ...     _ = poll.fileno()
        ...     waker.wake()
        ...     select.select([poll], [], [], 1)[0] == [poll]
        True
        """
        out = ffi.new("mio_fd_t *")
        rc = lib.guard_poll_fd(self._handle, out)
        if rc < 0:
            raise _errors.error(
                rc, "Poll", _errors.DESCRIPTOR, self._selector
            )
        fd: int = out[0]
        return fd

    def close(self) -> None:
        """Closes it; again does nothing.

        If another thread waits, its wait ends with ValueError, "poll was
        closed during the wait", and what was closed is freed when it has left.
        Waking it takes two descriptors for a moment: without any left, OSError
        EMFILE or ENFILE says that the wait goes on, and close() can be called
        again. In the child of a fork it frees the child's copy, and takes
        nothing out of the parent's poll.

        >>> poll = Poll()
        >>> poll.close()
        >>> poll.poll()
        Traceback (most recent call last):
            ...
        ValueError: Poll is closed
        """
        registry, self._registry = self._registry, None
        if registry is not None and not registry._lent:
            registry.close()
        super().close()

    def _poll(
        self,
        timeout: "Timeout" = None,
        *,
        timeout_ns: "int | None" = None,
        capacity: "int | None" = None,
    ) -> list[tuple[int, int]]:
        """poll() with every kind of argument."""
        ns = nanoseconds(timeout, timeout_ns)
        if capacity is None:
            return self._until(self._wait, ns)
        return self._until(self._with_room(capacity_of(capacity)), ns)

    def _until(
        self, wait: "Wait", ns: int, interrupted: bool = False
    ) -> list[tuple[int, int]]:
        """Waits, and again after each handler, with what time is left."""
        deadline = clock_now() + ns if ns > 0 else 0
        while True:
            found = wait(ns)
            if not isinstance(found, int):
                return found
            if found != EINTR:
                break
            interrupted = True
            if ns > 0:
                ns = max(deadline - clock_now(), 0)
        if interrupted and found == lib.GUARD_CLOSED:
            found = lib.GUARD_CLOSING  # By a handler.
        raise _errors.error(found, "Poll", _errors.WAITING)

    def _failed(self, rc: int, ns: int) -> list[tuple[int, int]]:
        """What poll() does after a wait that failed; ns is what is left."""
        if rc != EINTR:
            raise _errors.error(rc, "Poll", _errors.WAITING)
        return self._until(self._wait, ns, interrupted=True)

    def _with_room(self, capacity: int) -> "Wait":
        """A wait with a buffer of its own."""
        handle = self._handle
        memory = bytearray(16 * capacity)
        events: "Any" = ffi.from_buffer("mio_event_t[]", memory)

        def wait(ns: int) -> "list[tuple[int, int]] | int":
            n = lib.guard_poll_wait(handle, events, capacity, ns)
            if n < 0:
                return n
            view = memoryview(memory)[: 16 * n]  # Of mio_event_t.
            tokens = view.cast("Q")[::2].tolist()
            return list(zip(tokens, view.cast("I")[2::4].tolist()))

        return wait

    def __repr__(self) -> str:
        return f"<miopoll.Poll {self._state()}, selector {self._selector!r}>"


Poll._poll.__qualname__ = "Poll.poll"  # For what Python says of arguments.
