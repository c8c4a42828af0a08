"""What Poll, Registry, Waker and sources have in common: closing, and forks.

Each owns a struct of extension/guard.c or source.c, which makes every call
safe: after close(), during close() in another thread, and in the child of a
fork.
"""

import os
import sys

from ._errors import error
from ._miopoll import ffi, lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any, ClassVar, TypeVar

    Self = TypeVar("Self", bound="Handle")

# Every struct, and what to do with it in the child of a fork.
_alive: "dict[Any, Callable[[Any], None]]" = {}
_forks = 0  # How often this process is the child of one.


def _after_fork() -> None:
    global _forks
    _forks += 1
    for handle, forked in list(_alive.items()):
        forked(handle)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Handle:
    """The base of Poll, Registry, Waker and Source."""

    __slots__ = ()

    # The struct's functions; not methods, though they look so to a checker.
    _kind: "ClassVar[str]"
    _close: "ClassVar[Any]"
    _drop: "ClassVar[Any]"
    _forked: "ClassVar[Any]"
    _advice: "ClassVar[Mapping[str, str]]" = {}

    # In the slots of each class, since Poll has another base with a layout.
    if TYPE_CHECKING:

        @property
        def _handle(self) -> Any: ...
        @_handle.setter
        def _handle(self, value: Any) -> None: ...
        @property
        def _closed(self) -> bool: ...
        @_closed.setter
        def _closed(self, value: bool) -> None: ...
        @property
        def _born(self) -> int: ...
        @_born.setter
        def _born(self, value: int) -> None: ...
        @property
        def _warns(self) -> bool: ...
        @_warns.setter
        def _warns(self, value: bool) -> None: ...

    def _begin(self) -> None:
        """Of __init__: an object has one struct in its life."""
        if hasattr(self, "_handle"):
            raise RuntimeError("__init__ was called twice")

    def _own(self, pointer: "Any", warns: bool = True) -> None:
        """Takes over what a constructor in C gave."""
        self._closed = False
        self._born = _forks
        self._warns = warns
        self._handle = ffi.gc(pointer, type(self)._drop)
        _alive[self._handle] = type(self)._forked

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._closed

    def close(self) -> None:
        """Closes it; again does nothing. The only method in a fork's child."""
        self._closed = True
        rc = type(self)._close(self._handle)
        if rc < 0:
            raise error(rc, self._kind, self._advice, "the waiting thread")

    def _check(self) -> None:
        """Refuses what is closed, and what a parent made."""
        if self._closed:
            raise error(lib.GUARD_CLOSED, self._kind, {})
        if self._born != _forks:
            raise error(lib.GUARD_FORKED, self._kind, {})

    def _state(self) -> str:
        if self._closed:
            return "closed"
        return "open" if self._born == _forks else "of the parent process"

    def __enter__(self: "Self") -> "Self":
        self._check()
        return self

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        value: "BaseException | None",
        trace: "TracebackType | None",
    ) -> None:
        self.close()

    def __del__(
        self,
        alive: "dict[Any, Any]" = _alive,
        finalizing: "Callable[[], bool]" = sys.is_finalizing,
    ) -> None:
        handle = getattr(self, "_handle", None)
        if handle is None or finalizing():
            return  # The system closes what a process leaves open.
        if not self._closed and self._warns and self._born == _forks:
            import warnings

            warnings.warn(
                f"unclosed {self!r}", ResourceWarning, 2, source=self
            )
        alive.pop(handle, None)
        type(self)._close(handle)

    def __reduce__(self) -> str:
        raise TypeError(
            f"cannot pickle or copy a {self._kind}: it stands for objects of "
            "this process; make a new one there"
        )
