"""The memory of buffers, for calls through cffi."""

import sys

from ._arguments import integer
from ._miopoll import ffi, lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_TRANSFER_MAX = 0x7FFFF000  # What Linux moves at most in one call.
_new = ffi.new_allocator(should_clear_after_alloc=False)


def check_size(size: object) -> int:
    """A size to read, cut to what one call moves."""
    number = integer(size, "size")
    if number < 0:
        raise ValueError("a size is not negative")
    if number > sys.maxsize:
        raise OverflowError("a size is at most sys.maxsize")
    return min(number, _TRANSFER_MAX)


def new_room(size: int) -> "Any":
    """Memory to read into, with anything in it."""
    return _new("char[]", size)


def span(buffer: "Any", writable: bool) -> "Any":
    """The memory of an object, which cannot be resized before this is left:
    `with span(...) as data`."""
    try:
        return ffi.from_buffer("char[]", buffer, require_writable=writable)
    except BufferError:
        if writable and memoryview(buffer).readonly:
            raise TypeError(
                "a buffer to read into must be writable; "
                f"{type(buffer).__name__} is not"
            ) from None
        raise


class Spans:
    """The memory of several objects: pointers, lengths and a count."""

    def __init__(self, buffers: "Iterable[Any]", writable: bool) -> None:
        kept: "list[Any]" = []
        self._kept = kept
        try:
            for one in list(buffers)[: lib.MIO_BUFFERS_MAX]:
                kept.append(span(one, writable))
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> "tuple[Any, Any, int]":
        kept = self._kept
        lengths = ffi.new("uint64_t[]", [len(one) for one in kept])
        return ffi.new("void *[]", kept), lengths, len(kept)

    def __exit__(self, *_: object) -> None:
        for one in self._kept:
            ffi.release(one)
