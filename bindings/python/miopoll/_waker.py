"""Waker, which ends a wait from elsewhere."""

from ._arguments import check
from ._errors import WAKERS, error
from ._handle import Handle
from ._miopoll import ffi, lib
from ._poll import Poll
from ._registry import Registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

_wake = lib.guard_waker_wake


class Waker(Handle):
    """Ends the wait of a poll from another thread or a signal handler.

    The wait in progress, or the next one, gives (token, READABLE). Several
    wakes before that are one event at least; while nobody waits they make no
    system call. The first argument is the Poll, or a Registry of it. A waker
    takes a descriptor of epoll's until it is closed; a Poll can have 64.

    Raises OSError ENOSPC, EMFILE, ENFILE or ENOMEM if there is no room;
    OverflowError for a token that is not from 0 to TOKEN_MAX; TypeError;
    ValueError if the first argument is closed; RuntimeError in the child of a
    fork.

    >>> import threading
    >>> from miopoll import Poll
    >>> with Poll() as poll, Waker(poll, 3) as waker:
    ...     thread = threading.Thread(target=waker.wake)
    ...     thread.start()
    ...     poll.poll(timeout=10)
    ...     thread.join()
    [(3, 1)]
    """

    __slots__ = (
        "__weakref__",
        "_born",
        "_closed",
        "_handle",
        "_token",
        "_warns",
    )

    _kind = "Waker"
    _close = lib.guard_waker_close
    _drop = lib.guard_waker_drop
    _forked = lib.guard_waker_forked

    def __init__(self, where: "Union[Poll, Registry]", token: int) -> None:
        self._begin()
        if isinstance(where, Poll):
            registry = where._inner()
        elif isinstance(where, Registry):
            registry = where
        else:
            raise TypeError(
                "a Waker needs a Poll or a Registry, not "
                + type(where).__name__
            )
        self._token, _ = check(token, 0)
        out = ffi.new("guard_waker_t **")
        rc = lib.guard_waker_new(out, registry._handle, token)
        if rc < 0:
            raise error(rc, where._kind, WAKERS)
        self._own(out[0])

    def wake(self) -> None:
        """Wakes; does nothing if the poll is gone.

        Any thread may call it, and a signal handler. What was written before
        it is seen by the thread that gets the event. Raises ValueError if the
        waker is closed, RuntimeError in the child of a fork.

        >>> from miopoll import Poll
        >>> with Poll() as poll, Waker(poll, 3) as waker:
        ...     waker.wake()
        ...     waker.wake()
        ...     poll.poll()
        [(3, 1)]
        """
        rc = _wake(self._handle)
        if rc < 0:
            raise error(rc, "Waker", {})

    def __repr__(self) -> str:
        return f"<miopoll.Waker {self._state()}, token {self._token}>"
