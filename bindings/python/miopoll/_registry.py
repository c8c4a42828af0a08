"""Registry, where sources are registered."""

from ._arguments import check, check_descriptor, integer
from ._errors import REGISTERING, REGISTERING_SOURCES, error
from ._handle import Handle
from ._miopoll import ffi, lib
from ._source import Source as OwnSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol, Union

    class HasFileno(Protocol):
        def fileno(self) -> int: ...

    class Composite(Protocol):
        def register(
            self, registry: Registry, token: int, interest: int, /
        ) -> object: ...
        def reregister(
            self, registry: Registry, token: int, interest: int, /
        ) -> object: ...
        def deregister(self, registry: Registry, /) -> object: ...

    Source = Union[int, HasFileno, Composite]

_OWN = {  # What is called for a socket or pipe of ours.
    lib.guard_registry_register: lib.guard_registry_add,
    lib.guard_registry_reregister: lib.guard_registry_change,
}
_register = lib.guard_registry_register
_reregister = lib.guard_registry_reregister
_deregister = lib.guard_registry_deregister


def _is_composite(source: "Any") -> bool:
    """Whether it registers itself; our own objects have such methods too, but
    for others."""
    return (
        hasattr(source, "register")
        and hasattr(source, "reregister")
        and hasattr(source, "deregister")
        and not isinstance(source, Handle)
    )


def _descriptor(source: "Any") -> int:
    if isinstance(source, int):
        return source
    fileno = getattr(source, "fileno", None)
    if fileno is None:
        raise TypeError(
            "a source is an int, or has a method fileno(), or has the methods "
            "register(), reregister() and deregister(); "
            f"{type(source).__name__} is none"
        )
    return integer(fileno(), "what fileno() returns")


class Registry(Handle):
    """Where sources are registered, by any thread at any time.

    Poll.registry() gives the one of a poll, clone() another handle of the
    same. A registry keeps working when its poll is closed, though nobody can
    wait any more, and it keeps the kernel's object open until it is closed or
    collected.

    A source is a socket or a pipe of this package; or an integer, that is a
    descriptor, or an object with fileno(); or an object with
    register(registry, token, interest), reregister(registry, token, interest)
    and deregister(registry), which registers what it is made of. One that has
    both is asked by those methods. Descriptors stay the caller's: deregister
    before closing them. Sources of this package are registered with one Poll
    at a time, and closing them deregisters them.

    >>> import socket
    >>> from miopoll import Interest, Poll
    >>> here, there = socket.socketpair()
    >>> with Poll() as poll:
    ...     registry = poll.registry()
    ...     registry.register(here, 1, Interest.WRITABLE)
    ...     registry.reregister(here, 2, Interest.WRITABLE)
    ...     poll.poll(timeout=0)
    [(2, 2)]
    >>> registry.deregister(here)
    >>> registry.close(); here.close(); there.close()
    """

    __slots__ = (
        "__weakref__",
        "_born",
        "_closed",
        "_handle",
        "_lent",
        "_warns",
    )

    _kind = "Registry"
    _close = lib.guard_registry_close
    _drop = lib.guard_registry_drop
    _forked = lib.guard_registry_forked

    def __new__(cls) -> "Registry":
        raise TypeError("use Poll.registry() or Registry.clone()")

    _lent: bool  # Whether others than its Poll may have it.

    @classmethod
    def _make(cls, pointer: "Any", warns: bool) -> "Registry":
        registry = object.__new__(cls)
        registry._lent = False
        registry._own(pointer, warns)
        return registry

    def register(self, source: "Source", token: int, interest: int) -> None:
        """Registers a source; if it is ready now, an event comes at once.

        token comes back with each event, from 0 to TOKEN_MAX; interest is made
        of Interest bits.

        Raises FileExistsError if it is registered here already,
        PermissionError for regular files and directories, and OSError EINVAL
        (an interest that makes no sense), EOPNOTSUPP (one that this selector
        cannot watch for), EBADF (not open), ELOOP (polls that watch each
        other), ENOSPC or ENOMEM; OverflowError if a number is out of its
        range; TypeError for what is no source or no integer; ValueError if the
        registry is closed; RuntimeError in the child of a fork.

        >>> from miopoll import Interest, Poll
        >>> import os
        >>> r, w = os.pipe()
        >>> with Poll() as poll:
        ...     poll.registry().register(r, 1, Interest.READABLE)
        ...     try:
        ...         poll.registry().register(r, 1, Interest.READABLE)
        ...     except FileExistsError as error:
        ...         print(str(error).split(";")[1])
         use reregister()
        >>> os.close(r); os.close(w)
        """
        if source.__class__ is not int and _is_composite(source):
            composite: "Any" = self._lend(source)
            composite.register(self, *check(token, interest))
            return
        self._change(_register, source, token, interest)

    def reregister(self, source: "Source", token: int, interest: int) -> None:
        """Replaces token and interest of a source, and re-arms it.

        A condition that holds is reported again, whatever the trigger. Raises
        what register() raises, but FileNotFoundError if the source is not
        registered here. EXCLUSIVE is register()'s alone: OSError EINVAL.

        >>> from miopoll import Interest, Poll
        >>> import os
        >>> r, w = os.pipe()
        >>> with Poll() as poll:
        ...     poll.register(w, 1, Interest.WRITABLE | Interest.ONESHOT)
        ...     first, second = poll.poll(0), poll.poll(0)
        ...     poll.registry().reregister(w, 2, Interest.WRITABLE)
        ...     first, second, poll.poll(0)
        ([(1, 2)], [], [(2, 2)])
        >>> os.close(r); os.close(w)
        """
        if source.__class__ is not int and _is_composite(source):
            composite: "Any" = self._lend(source)
            composite.reregister(self, *check(token, interest))
            return
        self._change(_reregister, source, token, interest)

    def _lend(self, composite: "Any") -> "Any":
        """What a composite gets, it may keep."""
        self._lent = True
        return composite

    def _change(
        self, function: "Any", source: "Any", token: int, interest: int
    ) -> None:
        if source.__class__ is int:
            fd = source
        elif isinstance(source, OwnSource):
            self._change_own(_OWN[function], source, *check(token, interest))
            return
        else:
            fd = _descriptor(source)
        if token.__class__ is not int or not isinstance(interest, int):
            token, interest = check(token, interest)
        try:
            rc = function(self._handle, fd, token, interest)
        except OverflowError:
            check(token, interest)
            check_descriptor(fd)
        if rc < 0:
            raise error(rc, "Registry", REGISTERING, f"descriptor {fd}")

    def _change_own(
        self, function: "Any", source: OwnSource, *arguments: int
    ) -> None:
        rc = function(self._handle, source._handle, *arguments)
        if rc < 0:
            what = f"this {source._kind}"
            if rc == lib.GUARD_SOURCE_CLOSED:
                what = source._kind
            raise error(rc, "Registry", REGISTERING_SOURCES, what)

    def deregister(self, source: "Source") -> None:
        """Takes a source out: waits that begin afterwards never report it.

        Raises FileNotFoundError if it is not registered here, PermissionError
        and OSError EBADF or EINVAL as register() does, TypeError,
        OverflowError, ValueError and RuntimeError too.

        >>> from miopoll import Interest, Poll
        >>> import os
        >>> r, w = os.pipe()
        >>> with Poll() as poll:
        ...     poll.register(w, 1, Interest.WRITABLE)
        ...     poll.registry().deregister(w)
        ...     poll.poll(0)
        []
        >>> os.close(r); os.close(w)
        """
        if source.__class__ is not int and _is_composite(source):
            composite: "Any" = self._lend(source)
            composite.deregister(self)
            return
        fd: "Any"
        if source.__class__ is int:
            fd = source
        elif isinstance(source, OwnSource):
            self._change_own(lib.guard_registry_remove, source)
            return
        else:
            fd = _descriptor(source)
        try:
            rc = _deregister(self._handle, fd)
        except OverflowError:
            check_descriptor(fd)
        if rc < 0:
            raise error(rc, "Registry", REGISTERING, f"descriptor {fd}")

    def clone(self) -> "Registry":
        """Makes another handle of the same registry, to be closed by itself.

        Raises ValueError if this one is closed, RuntimeError in the child of a
        fork, OSError ENOMEM.

        >>> from miopoll import Poll
        >>> with Poll() as poll, poll.registry().clone() as registry:
        ...     print(registry)
        <miopoll.Registry open>
        """
        out = ffi.new("guard_registry_t **")
        rc = lib.guard_registry_clone(out, self._handle)
        if rc < 0:
            raise error(rc, "Registry", {})
        return Registry._make(out[0], warns=True)

    def __repr__(self) -> str:
        return f"<miopoll.Registry {self._state()}>"
