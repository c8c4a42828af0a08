"""Reading and writing where the extension has no types for it, as on PyPy."""

from ._buffers import Spans, check_size, new_room, span
from ._miopoll import lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Union


class SourceBase:
    """What extension/transfer.c has as types, in Python."""

    __slots__ = ()

    if TYPE_CHECKING:
        _moved: Callable[..., Union[bytes, None]]
        _count: Callable[..., Union[int, None]]

    def _attach(self, owner: "Any", address: int) -> None:
        pass


class Reads(SourceBase):
    __slots__ = ()

    def read(self, size: int = 65536, /) -> "bytes | None":
        """Reads at most size bytes: what is there."""
        size = check_size(size)
        room = new_room(size)
        return self._moved(room, lib.guard_source_read, room, size)

    def read_into(self, buffer: "Any", /) -> "int | None":
        """Reads into a buffer, without a copy."""
        with span(buffer, writable=True) as room:
            return self._count(lib.guard_source_read, room, len(room))

    def read_vectored(self, buffers: "Iterable[Any]", /) -> "int | None":
        """Reads into several buffers, one after the other, in one call."""
        with Spans(buffers, writable=True) as rooms:
            return self._count(lib.guard_source_read_vectored, *rooms)


class Writes(SourceBase):
    __slots__ = ()

    def write(self, buffer: "Any", /) -> "int | None":
        """Writes a buffer, or as much of it as there is room for."""
        with span(buffer, writable=False) as data:
            return self._count(lib.guard_source_write, data, len(data))

    def write_vectored(self, buffers: "Iterable[Any]", /) -> "int | None":
        """Writes several buffers, one after the other, in one call."""
        with Spans(buffers, writable=False) as data:
            return self._count(lib.guard_source_write_vectored, *data)


class Datagrams(SourceBase):
    __slots__ = ()

    recv = Reads.read
    recv_into = Reads.read_into
    send = Writes.write
