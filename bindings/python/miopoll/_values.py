"""Constants, versions and the clock, as the library has them; and Event.

Annotations are quoted in this package, since `from __future__ import
annotations` imports a module, and importing is to be quick: 3 ms.
"""

from enum import IntFlag

from ._miopoll import ffi, lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def text(value: "Any") -> str:
    """The text of a `const char *`."""
    found: bytes = ffi.string(value)
    return found.decode("ascii")


__version__: str = text(lib.guard_version())
"""The version of this package."""

library_version: str = text(lib.mio_version_string())
"""The version of the library, which may be newer if it is the system's."""

if lib.mio_version() < lib.guard_built_with():
    raise ImportError(
        f"miopoll {__version__} was built for a newer library than the "
        f"installed libmiopoll {library_version}; update one of them"
    )

TOKEN_MAX = 2**64 - 1
"""The largest token. Tokens up to 2**53-1 can be held by every language."""

EAGAIN: int = lib.mio_err_from_name(b"EAGAIN")
EINTR: int = lib.mio_err_from_name(b"EINTR")
EINVAL: int = lib.mio_err_from_name(b"EINVAL")


# The methods of Interest and Readiness. Not of a base: it would cost a tenth
# of the time that importing this package takes.
def _str(self: "IntFlag") -> str:
    """As mio prints it: READABLE | WRITABLE."""
    names = [bit.name or "" for bit in type(self) if bit & self]
    rest = int(self) & ~sum(type(self))
    if rest or not names:
        names.append(hex(rest))
    return " | ".join(names)


def _repr(self: "IntFlag") -> str:
    prefix = type(self).__name__ + "."
    return " | ".join(
        part if part.startswith("0x") else prefix + part
        for part in _str(self).split(" | ")
    )


def _format(self: "IntFlag", format_spec: str) -> str:
    return format(int(self), format_spec) if format_spec else _str(self)


class Interest(IntFlag):
    """What to watch, and how.

    At least one of READABLE, WRITABLE and PRIORITY; at most one of LEVEL and
    ONESHOT, neither of which is edge-triggered; EXCLUSIVE wakes one of several
    polls. AIO and LIO are here for completeness: registering with them is
    OSError EOPNOTSUPP.

    >>> print(Interest.READABLE | Interest.LEVEL)
    READABLE | LEVEL
    """

    READABLE = lib.MIO_READABLE
    WRITABLE = lib.MIO_WRITABLE
    AIO = lib.MIO_AIO
    LIO = lib.MIO_LIO
    PRIORITY = lib.MIO_PRIORITY
    LEVEL = lib.MIO_LEVEL
    ONESHOT = lib.MIO_ONESHOT
    EXCLUSIVE = lib.MIO_EXCLUSIVE

    __str__ = _str
    __repr__ = _repr
    __format__ = _format


class Readiness(IntFlag):
    """What an event says; only READABLE and WRITABLE are promised.

    Poll.poll() gives plain integers, since an object for each event would cost
    more than the event. Readiness(number) makes one of these.

    >>> Readiness(3)
    Readiness.READABLE | Readiness.WRITABLE
    """

    READABLE = lib.MIO_READABLE
    WRITABLE = lib.MIO_WRITABLE
    AIO = lib.MIO_AIO
    LIO = lib.MIO_LIO
    PRIORITY = lib.MIO_PRIORITY
    ERROR = lib.MIO_ERROR
    READ_CLOSED = lib.MIO_READ_CLOSED
    WRITE_CLOSED = lib.MIO_WRITE_CLOSED

    __str__ = _str
    __repr__ = _repr
    __format__ = _format


_READABLE = lib.MIO_READABLE
_WRITABLE = lib.MIO_WRITABLE
_AIO = lib.MIO_AIO
_LIO = lib.MIO_LIO
_PRIORITY = lib.MIO_PRIORITY
_ERROR = lib.MIO_ERROR
_READ_CLOSED = lib.MIO_READ_CLOSED
_WRITE_CLOSED = lib.MIO_WRITE_CLOSED


class Event:
    """One event, with mio's predicates.

    `token` is the integer that the source was registered with, `readiness` an
    integer of Readiness bits. Nothing here fails.

    >>> event = Event(7, 3)
    >>> event
    Event(token=7, readiness=READABLE | WRITABLE)
    >>> event.is_readable, event.is_error
    (True, False)
    """

    __slots__ = {
        "readiness": "Bits of Readiness, as an int.",
        "token": "What the source was registered with.",
    }

    token: int
    readiness: int

    def __init__(self, token: int, readiness: int) -> None:
        self.token = token
        self.readiness = readiness

    @property
    def is_readable(self) -> bool:
        """Whether a read, recv or accept would not block."""
        return self.readiness & _READABLE != 0

    @property
    def is_writable(self) -> bool:
        """Whether a write or send would not block, or a connect has ended."""
        return self.readiness & _WRITABLE != 0

    @property
    def is_error(self) -> bool:
        """A hint: an error is pending; SO_ERROR tells which."""
        return self.readiness & _ERROR != 0

    @property
    def is_read_closed(self) -> bool:
        """A hint: nothing more will come from the other side."""
        return self.readiness & _READ_CLOSED != 0

    @property
    def is_write_closed(self) -> bool:
        """A hint: nothing more can be written."""
        return self.readiness & _WRITE_CLOSED != 0

    @property
    def is_priority(self) -> bool:
        """A hint: out-of-band data, a GPIO edge, and the like."""
        return self.readiness & _PRIORITY != 0

    @property
    def is_aio(self) -> bool:
        """Of kqueue only."""
        return self.readiness & _AIO != 0

    @property
    def is_lio(self) -> bool:
        """Of kqueue only."""
        return self.readiness & _LIO != 0

    def __repr__(self) -> str:
        readiness = Readiness(self.readiness)
        return f"Event(token={self.token}, readiness={readiness})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Event):
            return NotImplemented
        return (self.token, self.readiness) == (other.token, other.readiness)

    def __hash__(self) -> int:
        return hash((self.token, self.readiness))


def _selectors() -> tuple[str, ...]:
    names = []
    number = lib.MIO_SELECTOR_DEFAULT + 1
    while (available := lib.mio_selector_available(number)) >= 0:
        if available:
            names.append(text(lib.mio_selector_name(number)))
        number += 1
    return tuple(names)


SELECTORS = _selectors()
"""The names of the selectors that are built in, for Poll(selector)."""

FEATURES = {
    name[len("MIO_FEATURE_") :].lower().replace("_", "-"): getattr(lib, name)
    for name in dir(lib)
    if name.startswith("MIO_FEATURE_")
}


def clock_now() -> int:
    """The monotonic clock that waits use, in nanoseconds. Cannot fail.

    >>> clock_now() <= clock_now()
    True
    """
    return lib.mio_clock_now()
