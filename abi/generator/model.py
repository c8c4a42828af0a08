"""What the header says, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

# Sizes are alignments too: fixed-width integers only.
INTEGERS = {f"{sign}int{bits}_t": bits // 8
            for bits in (8, 16, 32, 64) for sign in ("", "u")}

# The largest token that every language holds: what a double can count to.
TOKEN_PORTABLE_MAX = 2**53 - 1


@dataclass
class Doc:
    """One doc comment, its tags taken apart."""

    text: str = ""
    params: dict[str, str] = field(default_factory=dict)
    returns: str | None = None
    errors: list[tuple[str, str]] | None = None
    threadsafe: str | None = None
    ownership: str | None = None
    since: str | None = None

    @property
    def summary(self):
        """The first sentence."""
        end = self.text.find(". ")
        return self.text if end < 0 else self.text[:end + 1]


@dataclass(frozen=True)
class Type:
    """A base name with `stars` pointers; `const` is of the base, and
    `inner_const` of the pointers in an array of them: `void *const *`."""

    base: str
    stars: int = 0
    const: bool = False
    length: int | None = None
    inner_const: bool = False

    def __str__(self):
        text = ("const " if self.const else "") + self.base
        if self.inner_const:
            return text + " *const *"
        return text + (" " + "*" * self.stars if self.stars else "")

    def declare(self, name):
        """The declaration of a thing called `name`."""
        text = str(self) + ("" if self.stars else " ") + name
        return text if self.length is None else f"{text}[{self.length}]"


@dataclass
class Param:
    name: str
    type: Type
    line: int


@dataclass
class Function:
    name: str
    result: Type
    params: list[Param]
    line: int
    doc: Doc


@dataclass
class Field:
    name: str
    type: Type
    line: int
    doc: Doc
    offset: int = 0
    size: int = 0


@dataclass
class Struct:
    """`typedef struct tag {...} name;`"""

    tag: str
    name: str
    fields: list[Field]
    line: int
    doc: Doc
    size: int = 0
    align: int = 1

    @property
    def sized(self):
        """Whether it is an options struct, which later releases lengthen."""
        return self.tag.endswith("_options")


@dataclass
class Opaque:
    """`typedef struct tag name;`"""

    tag: str
    name: str
    line: int
    doc: Doc


@dataclass
class Alias:
    """`typedef int64_t name;`"""

    name: str
    type: Type
    line: int
    doc: Doc


@dataclass
class Constant:
    name: str
    value: int
    line: int
    doc: Doc


@dataclass
class Enum:
    tag: str
    constants: list[Constant]
    line: int
    doc: Doc


@dataclass
class Abi:
    """All of the region, in the order of the header."""

    path: str
    version: tuple[int, int, int]
    cdef: str
    items: list

    def of(self, kind):
        return [item for item in self.items if isinstance(item, kind)]

    @property
    def functions(self):
        return self.of(Function)

    @property
    def structs(self):
        return self.of(Struct)

    @property
    def opaques(self):
        return self.of(Opaque)

    @property
    def aliases(self):
        return self.of(Alias)

    @property
    def enums(self):
        return self.of(Enum)

    @property
    def constants(self):
        return [c for enum in self.enums for c in enum.constants]

    def resolve(self, type_):
        """The type with its integer alias, or typedef of a struct, undone."""
        names = {a.name: a.type.base for a in self.aliases}
        names |= {s.name: f"struct {s.tag}"
                  for s in self.structs + self.opaques}
        return Type(names.get(type_.base, type_.base), type_.stars,
                    type_.const, type_.length)

    def node(self, function):
        """The symbol version of a function: one node for all of 0.x, then
        one for each release that added functions."""
        major = self.version[0]
        if major == 0:
            return "MIO_0"
        since = function.doc.since
        since_major = int(since.split(".")[0])
        return f"MIO_{since if since_major == major else f'{major}.0'}"

    def nodes(self):
        """Node -> its functions; the oldest node first."""
        nodes = {}
        for function in self.functions:
            nodes.setdefault(self.node(function), []).append(function.name)
        return {node: sorted(nodes[node])
                for node in sorted(nodes, key=node_release)}


def node_release(node):
    """MIO_1.10 as [1, 10], which sorts after MIO_1.9."""
    return [int(number) for number in node.removeprefix("MIO_").split(".")]
