"""Checks of arguments that cffi would be too generous with, or too terse."""

from ._values import TOKEN_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, Optional, SupportsFloat, Union

    Timeout = Optional[Union[SupportsFloat, int]]

FOREVER = -1
TIMEOUT_MAX = 2**63 - 1  # Nanoseconds: 292 years.
CAPACITY_MAX = 2**16  # Of the library, which takes more as that.


def integer(value: "Any", name: str) -> int:
    """`value` if it is an integer, not a number that can be cut to one."""
    if isinstance(value, int):
        return value
    index = getattr(type(value), "__index__", None)
    if index is None:
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    number: int = index(value)
    return number


def check(token: object, interest: object) -> tuple[int, int]:
    """The two as integers, in their ranges."""
    token = integer(token, "token")
    interest = integer(interest, "interest")
    if not 0 <= token <= TOKEN_MAX:
        raise OverflowError("a token is from 0 to 2**64-1 (TOKEN_MAX)")
    if not 0 <= interest < 2**32:
        raise OverflowError("an interest is from 0 to 2**32-1")
    return token, interest


def check_descriptor(fd: int) -> "NoReturn":
    """Tells why an integer was not taken as a descriptor."""
    raise OverflowError(f"descriptor {fd} does not fit into 64 bits")


def capacity_of(value: object) -> int:
    """A capacity that the library can be asked for; 0 is for it to refuse."""
    capacity = integer(value, "capacity")
    if capacity < 0:
        raise OverflowError("a capacity is not negative")
    return min(capacity, CAPACITY_MAX)


def nanoseconds(timeout: "Timeout", timeout_ns: "int | None") -> int:
    """The timeout for the library: rounded up, and FOREVER for ever."""
    if timeout_ns is not None:
        if timeout is not None:
            raise TypeError("timeout and timeout_ns exclude each other")
        return _limited(integer(timeout_ns, "timeout_ns"), "timeout_ns")
    if timeout is None:
        return FOREVER
    if isinstance(timeout, int):
        return _limited(timeout * 10**9, "timeout")
    if not hasattr(timeout, "__float__"):
        raise TypeError(
            "timeout must be a number of seconds or None, not "
            + type(timeout).__name__
        )
    seconds = float(timeout)
    if seconds == float("inf"):
        return FOREVER
    if not seconds >= 0:  # NaN too.
        raise ValueError(
            "timeout must not be negative or NaN; None waits for ever"
        )
    exact = seconds * 1e9
    if exact >= TIMEOUT_MAX:
        return TIMEOUT_MAX
    whole = int(exact)
    return whole + (whole < exact)


def _limited(ns: int, name: str) -> int:
    if ns < 0:
        raise ValueError(f"{name} must not be negative; None waits for ever")
    return min(ns, TIMEOUT_MAX)
