"""Addr, and what stands for an address in `socket`: tuples and paths."""

from ._arguments import integer
from ._errors import error
from ._miopoll import ffi, lib
from ._values import EINVAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import Any, Union

    # What is taken for an address of IPv4 or IPv6, and for a Unix one.
    Internet = Union["Addr", str, tuple[str, int], tuple[str, int, int, int]]
    Host = Union["Addr", str]
    Unix = Union["Addr", str, bytes, "os.PathLike[str]"]
    Name = Union[str, bytes]  # What is given for a Unix one.

_FAMILIES = {
    lib.MIO_FAMILY_INET: "inet",
    lib.MIO_FAMILY_INET6: "inet6",
    lib.MIO_FAMILY_UNIX: "unix",
}
_UNIX = lib.MIO_FAMILY_UNIX
_INET = lib.MIO_FAMILY_INET
_ROOM = 108  # Of `bytes` in mio_addr_t.
_TEXT_MAX = lib.MIO_ADDR_TEXT_MAX
_TOO_LONG = {"ENAMETOOLONG": "a Unix path has at most 107 bytes{}"}


_POINTER = ffi.typeof("mio_addr_t *")

# The last (host, port) that were converted, for who answers many datagrams.
_converted: "dict[tuple[str, int], Any]" = {}
_CONVERTED_MAX = 256


def new_addr() -> "Any":
    """An empty mio_addr_t *."""
    return ffi.new(_POINTER)


class Addr:
    """An address: of IPv4 or IPv6 with a port, or a Unix name. A value.

    Made of its text: "127.0.0.1:80", "[::1]:80", "[fe80::1%2]:80" with the
    number of an interface, "unix:/run/x" for a path, "unix:@x" for an abstract
    name, "unix:" for no name; in Unix names "%" and two hexadecimal digits are
    a byte. No name is looked up. Whatever takes an address takes an Addr too.

    Raises ValueError, with the place, for a text that is no address; OSError
    ENAMETOOLONG for a Unix name that is too long; TypeError.

    >>> Addr("[::1]:80").value
    ('::1', 80, 0, 0)
    >>> print(Addr("[0:0::1]:80"))
    [::1]:80
    >>> Addr("127.0.0.1:http")
    Traceback (most recent call last):
        ...
    ValueError: '127.0.0.1:http' is no address: not understood from byte 10 on
    """

    __slots__ = ("_raw",)

    _raw: "Any"

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(
                f"the text of an address is a str, not {type(text).__name__}"
            )
        self._raw = _parsed(text, text)

    @classmethod
    def _of(cls, raw: "Any") -> "Addr":
        addr = object.__new__(cls)
        addr._raw = raw
        return addr

    @classmethod
    def _from_bytes(cls, content: bytes) -> "Addr":
        raw = new_addr()
        ffi.buffer(raw)[:] = content
        return cls._of(raw)

    @property
    def family(self) -> str:
        """One of "inet", "inet6" and "unix".

        >>> Addr("127.0.0.1:80").family
        'inet'
        """
        return _FAMILIES[self._raw.family]

    @property
    def value(self) -> "Any":
        """As `socket` has it.

        (host, port), or (host, port, flow, scope) for IPv6; a Unix path is a
        str, an abstract name bytes that begin with a zero byte, and no name
        is "".

        >>> Addr("127.0.0.1:80").value, Addr("unix:/x").value
        (('127.0.0.1', 80), '/x')
        >>> Addr("unix:@x").value, Addr("unix:").value
        (b'\\x00x', '')
        """
        return value_of(self._raw)

    def __str__(self) -> str:
        return format_addr(self._raw)

    def __repr__(self) -> str:
        return f"Addr({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Addr):
            return NotImplemented
        return bytes(ffi.buffer(self._raw)) == bytes(ffi.buffer(other._raw))

    def __hash__(self) -> int:
        return hash(bytes(ffi.buffer(self._raw)))

    def __reduce__(self) -> "tuple[Any, ...]":
        return type(self)._from_bytes, (bytes(ffi.buffer(self._raw)),)


# --------------------------------------------------------------------- texts


def _parsed(text: str, shown: object) -> "Any":
    """The mio_addr_t of a text, or ValueError about what is shown."""
    raw = new_addr()
    encoded = text.encode("utf-8", "surrogateescape")
    rc = lib.mio_addr_parse(raw, ffi.from_buffer(encoded), len(encoded))
    if rc == 0:
        return raw
    where = f"not understood from byte {raw.length} on"
    if rc == EINVAL:
        raise ValueError(f"{shown!r} is no address: {where}")
    raise error(rc, "Addr", _TOO_LONG, f"; {where}")


def format_addr(raw: "Any") -> str:
    """The text of a mio_addr_t."""
    buffer = ffi.new("char[]", _TEXT_MAX)
    n = lib.mio_addr_format(raw, buffer, _TEXT_MAX)
    if n < 0:
        raise error(n, "Addr", {})
    text: bytes = ffi.buffer(buffer, n)[:]
    return text.decode("ascii")


def value_of(raw: "Any") -> "Any":
    """A mio_addr_t as `socket` has it."""
    family = raw.family
    if family == _INET:
        a, b, c, d = raw.bytes[0:4]
        return f"{a}.{b}.{c}.{d}", raw.port
    if family == _UNIX:
        name: bytes = ffi.buffer(raw.bytes, raw.length)[:]
        if name[:1] == b"\0":
            return name
        import os

        return os.fsdecode(name)
    host = format_addr(raw)[1:].partition("]")[0].partition("%")[0]
    return host, raw.port, raw.flow, raw.scope


# ---------------------------------------------------------- to the library


def _in_range(value: object, name: str, most: int) -> int:
    number = integer(value, name)
    if not 0 <= number <= most:
        raise OverflowError(f"a {name} is from 0 to {most}")
    return int(number)  # And not True, whose text is another.


def host_addr(host: object, shown: object, port: int = 0) -> "Any":
    """The mio_addr_t of an IP address in text; "" is any of IPv4, as in
    `socket`."""
    if isinstance(host, Addr):
        return host._raw
    if not isinstance(host, str):
        raise TypeError(f"a host is a str, not {type(host).__name__}")
    host = host or "0.0.0.0"
    text = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    raw = new_addr()
    encoded = text.encode("utf-8", "surrogateescape")
    if lib.mio_addr_parse(raw, ffi.from_buffer(encoded), len(encoded)) < 0:
        raise ValueError(
            f"{shown!r}: {host!r} is no IP address, and names are not looked "
            "up"
        )
    return raw


def internet(address: "Internet") -> "Any":
    """The mio_addr_t, which is not to be changed, of what is taken for an
    address of IPv4 or IPv6."""
    if address.__class__ is not tuple or len(address) != 2:
        return _internet(address)
    host, port = address
    if host.__class__ is not str or port.__class__ is not int:
        return _internet(address)  # 80.0 is equal to 80, and refused.
    raw = _converted.get((host, port))
    if raw is None:
        raw = _internet((host, port))
        if len(_converted) >= _CONVERTED_MAX:
            _converted.clear()
        _converted[host, port] = raw
    return raw


def _internet(address: "Internet") -> "Any":
    if isinstance(address, Addr):
        return address._raw
    if isinstance(address, str):
        return _parsed(address, address)
    if not isinstance(address, tuple) or len(address) not in (2, 4):
        raise TypeError(
            "an address is (host, port), (host, port, flow, scope), a text "
            f"such as '127.0.0.1:80', or an Addr, not {address!r}"
        )
    port = _in_range(address[1], "port", 65535)
    if isinstance(address[0], Addr):
        raise TypeError("a host is a str, not Addr")
    raw = host_addr(address[0], address, port)
    if len(address) == 4:
        flow = _in_range(address[2], "flow", 2**20 - 1)
        scope = _in_range(address[3], "scope", 2**32 - 1)
        if raw.family == _INET:
            raise ValueError(f"{address!r}: IPv4 has no flow and no scope")
        raw.flow = flow
        raw.scope = scope or raw.scope
    return raw


def unix(address: "Unix") -> "Any":
    """The mio_addr_t of what is taken for a Unix address."""
    if isinstance(address, Addr):
        return address._raw
    import os

    try:
        name = os.fsencode(address)
    except TypeError:
        raise TypeError(
            "a Unix address is a path (str, bytes or PathLike), an abstract "
            "name (bytes that begin with a zero byte) or an Addr, not "
            f"{address!r}"
        ) from None
    is_abstract = name[:1] == b"\0"
    if not is_abstract and b"\0" in name:
        raise ValueError(f"{address!r}: a path has no zero bytes")
    if len(name) > _ROOM - (not is_abstract):
        raise error(ENAMETOOLONG, "Addr", _TOO_LONG)
    raw = new_addr()
    raw.family = _UNIX
    raw.length = len(name)
    ffi.buffer(raw.bytes)[: len(name)] = name
    return raw


ENAMETOOLONG: int = lib.mio_err_from_name(b"ENAMETOOLONG")
