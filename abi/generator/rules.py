"""Boundary C: what every foreign function interface takes, and no more. Each
rule raises HeaderError with the line. docs/conventions.md lists them."""

from __future__ import annotations

import keyword

from . import parse, source
from .errors import HeaderError
from .model import INTEGERS, Function

# Words that cannot be part of boundary C at all, and what to write instead.
BAD_WORDS = {
    "union": "no union",
    "long": "its size differs between systems; use int64_t",
    "short": "use int16_t",
    "int": "its size is the system's; use int32_t",
    "unsigned": "use uint32_t",
    "signed": "use int32_t",
    "size_t": "its size differs between systems; use uint64_t",
    "ssize_t": "its size differs between systems; use int64_t",
    "intptr_t": "its size differs between systems; use int64_t",
    "uintptr_t": "its size differs between systems; use uint64_t",
    "bool": "bindings differ on it; use uint32_t",
    "_Bool": "bindings differ on it; use uint32_t",
    "float": "no floating point",
    "double": "no floating point",
    "static": "no static, in array parameters neither",
    "inline": "no code in the region",
    "extern": "MIO_API says it",
    "volatile": "no volatile",
    "restrict": "no restrict",
    "__attribute__": "no attribute: cffi and SWIG cannot read it",
    "__declspec": "no attribute",
    "_Alignas": "no attribute",
    "_Static_assert": "belongs into the frozen files",
    "...": "no variable arguments",
}
OUT_NAMES = ("out", "other", "sender", "receiver")

# Names that a parameter or field cannot have in some language: `interface` is
# a macro of Windows' <combaseapi.h>, the others are words of the language.
RESERVED = {"interface": "is a macro on Windows"}
RESERVED |= {word: "is a word of C++" for word in """
    asm catch class delete explicit export friend mutable namespace new
    operator private protected public template this throw typename using
    virtual""".split()}
RESERVED |= {word: "is a word of Lua" for word in """
    elseif end function local nil repeat then until""".split()}
RESERVED |= {word: "is a word of Python" for word in keyword.kwlist}
MAX_BIT = 1 << 30


def load(path, shown=None):
    """Reads a header into an Abi; raises on what is not boundary C."""
    text = source.read(path, shown)
    check_words(text)
    abi = parse.parse(text)
    Rules(text, abi).run()
    return abi


def check_words(text):
    """Refuses words that are no boundary C before anything is parsed, since
    the parser's own message would not say what to write instead."""
    for token in source.tokens(text):
        if token.text in BAD_WORDS:
            raise HeaderError(text.path, token.line,
                              f"{token.text}: {BAD_WORDS[token.text]}")


class Rules:
    def __init__(self, text, abi):
        self.text = text
        self.abi = abi
        self.structs = {s.name for s in abi.structs}
        self.handles = {o.name for o in abi.opaques}

    def fail(self, line, message):
        raise HeaderError(self.abi.path, line, message)

    def run(self):
        self.check_exports()
        self.check_names()
        for alias in self.abi.aliases:
            if alias.type.base not in INTEGERS:
                self.fail(alias.line, f"typedef {alias.name}: expected a "
                          f"fixed-width integer, found {alias.type}")
        for constant in self.abi.constants:
            self.check_constant(constant)
        for struct in self.abi.structs:
            self.check_struct(struct)
        for function in self.abi.functions:
            self.check_function(function)
        for item in self.abi.items:
            Tags(self.abi, item).check()

    def check_exports(self):
        """MIO_API stands before every function, and nowhere else."""
        statements = source.Scanner(self.text).run()
        for item, statement in zip(self.abi.items, statements):
            marks = [w.text == "MIO_API" for w in statement.words]
            if isinstance(item, Function) and not marks[0]:
                self.fail(item.line, f"{item.name} is without MIO_API")
            if any(marks[1:] if isinstance(item, Function) else marks):
                self.fail(item.line, "MIO_API in the wrong place")

    def check_names(self):
        names = {}
        for name, line in self.all_names():
            if name in names:
                self.fail(line, f"{name} is defined twice, first in line "
                          f"{names[name]}")
            names[name] = line
        for enum in self.abi.enums:
            for constant in enum.constants:
                if not constant.name.startswith("MIO_"):
                    self.fail(constant.line, f"constant {constant.name} does "
                              "not begin with MIO_")

    def all_names(self):
        """Names and lines; tags have a name space of their own in C, but not
        in every language that reads the header."""
        for item in self.abi.items:
            own = getattr(item, "name", None)
            tag = getattr(item, "tag", None)
            for name in dict.fromkeys(filter(None, (own, tag))):
                if not name.startswith("mio_"):
                    self.fail(item.line, f"{name} does not begin with mio_")
                yield name, item.line
            if own and not isinstance(item, Function):
                if not own.endswith("_t"):
                    self.fail(item.line, f"type {own} does not end in _t")
        for constant in self.abi.constants:
            yield constant.name, constant.line

    def check_constant(self, constant):
        if constant.value < 0:
            self.fail(constant.line, f"{constant.name} is negative")
        if constant.value >= MAX_BIT << 1:
            self.fail(constant.line, f"{constant.name} is above bit 30")

    def check_struct(self, struct):
        end = 0
        for member in struct.fields:
            self.check_field(struct, member)
            if member.offset != end:
                self.fail(member.line, f"{member.offset - end} bytes of "
                          f"padding before {member.name}: make them a field")
            end = member.offset + member.size
        if struct.size != end:
            self.fail(struct.line, f"{struct.size - end} bytes of padding at "
                      f"the end of {struct.tag}: make them a field")
        first = struct.fields[0] if struct.fields else None
        if struct.sized and (first.name, str(first.type)) != ("size",
                                                              "uint32_t"):
            self.fail(struct.line, f"options struct {struct.tag} does not "
                      "begin with `uint32_t size`")

    def check_word(self, what, item):
        if item.name in RESERVED:
            self.fail(item.line, f"{what}: the name {item.name} "
                      f"{RESERVED[item.name]}")

    def check_field(self, struct, member):
        self.check_word(struct.tag, member)
        if member.type.stars:
            self.fail(member.line, f"pointer {member.name} in {struct.tag}: "
                      "its size differs between systems")
        if member.type.length == 0:
            self.fail(member.line, f"flexible array {member.name}")
        if self.abi.resolve(member.type).base not in INTEGERS:
            self.fail(member.line, f"{member.name}: {member.type} is not a "
                      "fixed-width integer")

    def check_function(self, function):
        self.check_result(function)
        names = set()
        for position, param in enumerate(function.params):
            self.check_word(function.name, param)
            if param.name in names:
                self.fail(param.line, f"{function.name}: two parameters named "
                          f"{param.name}")
            names.add(param.name)
            self.check_param(function, position, param)

    def check_result(self, function):
        result = function.result
        if result.base == "void" and not result.stars:
            return
        if result.base == "char":
            self.check_char(function.name, function.line, result)
        elif result.stars:
            self.fail(function.line, f"{function.name}: result {result}: hand "
                      "objects out through a parameter")
        else:
            self.check_value(function.name, function.line, result)

    def check_param(self, function, position, param):
        what = f"{function.name}, {param.name}"
        type_ = param.type
        if type_.base == "char":
            self.check_char(what, param.line, type_)
        elif type_.stars == 0:
            self.check_value(what, param.line, type_)
        elif type_.base == "void":
            self.check_buffer(function, position, param)
        elif type_.stars == 2:
            self.check_out(function, position, param)
        elif type_.stars > 2:
            self.fail(param.line, f"{what}: more than two stars")
        else:
            self.check_pointed(what, param.line, type_)

    def check_char(self, what, line, type_):
        if type_.stars != 1 or not type_.const:
            self.fail(line, f"{what}: {type_}: char only as const char *; "
                      "text goes out through void * and a length")

    def check_value(self, what, line, type_):
        if type_.base in self.structs or type_.base.startswith("struct "):
            self.fail(line, f"{what}: struct by value")
        if type_.base in self.handles:
            self.fail(line, f"{what}: {type_.base} without a star")
        if self.abi.resolve(type_).base not in INTEGERS or type_.const:
            self.fail(line, f"{what}: {type_} is not a fixed-width integer")

    def check_pointed(self, what, line, type_):
        if type_.base in self.handles and type_.const:
            self.fail(line, f"{what}: const handle: bindings have one type")
        known = self.structs | self.handles
        if (type_.base not in known
                and self.abi.resolve(type_).base not in INTEGERS):
            self.fail(line, f"{what}: pointer to {type_.base}, which is not "
                      "declared here by its typedef")

    def check_buffer(self, function, position, param):
        if param.type.inner_const:
            self.check_buffers(function, position, param)
            return
        after = function.params[position + 1:position + 2]
        if param.type.stars != 1:
            self.fail(param.line, f"{param.name}: {param.type}: bytes are "
                      "void *")
        if not after or str(after[0].type) != "uint64_t":
            self.fail(param.line, f"{function.name}: no uint64_t length after "
                      f"{param.name}")

    def check_buffers(self, function, position, param):
        """Vectored calls take parallel arrays: no pointer is in a struct."""
        after = function.params[position + 1:position + 3]
        if ([str(p.type) for p in after] != ["const uint64_t *", "uint32_t"]
                or param.type.stars != 2):
            self.fail(param.line, f"{function.name}: no const uint64_t * of "
                      f"lengths and uint32_t count after {param.name}")

    def check_out(self, function, position, param):
        """`T **` hands a new handle out: first in a constructor, after the
        handle in a function of an existing one."""
        what = f"{function.name}, {param.name}"
        if param.type.base not in self.handles or param.type.const:
            self.fail(param.line, f"{what}: two stars are for new handles")
        if param.name not in OUT_NAMES:
            self.fail(param.line, f"{what}: a new handle is named "
                      f"{', '.join(OUT_NAMES[:-1])} or {OUT_NAMES[-1]}")
        before = function.params[:position]
        handle = [p for p in before[:1] if p.type.stars == 1
                  and p.type.base in self.handles]
        outs = [p for p in before if p.type.stars == 2]
        constructor = function.name.endswith("_new")
        if len(before) != len(outs) + (0 if constructor else len(handle)):
            self.fail(param.line, f"{what}: a new handle comes first, or "
                      "right after the handle that it comes from")


class Tags:
    """Which tags each kind of declaration has, and must have."""

    def __init__(self, abi, item):
        self.abi = abi
        self.item = item

    def fail(self, line, message):
        raise HeaderError(self.abi.path, line, message)

    def check(self):
        item = self.item
        name = getattr(item, "name", None) or item.tag
        self.check_text(name, item.line, item.doc)
        if item.doc.since is None:
            self.fail(item.line, f"{name}: no @since")
        if isinstance(item, Function):
            self.check_function()
            return
        self.check_plain(name, item.line, item.doc)
        for member in getattr(item, "fields", getattr(item, "constants", [])):
            self.check_text(member.name, member.line, member.doc)
            self.check_plain(member.name, member.line, member.doc)

    def check_text(self, name, line, doc):
        if not doc.text:
            self.fail(line, f"{name} is not documented")
        if doc.since and release(doc.since) > self.abi.version[:2]:
            self.fail(line, f"{name}: @since {doc.since} is later than this "
                      "header's version")

    def check_plain(self, name, line, doc):
        if (doc.params or doc.returns or doc.errors is not None
                or doc.threadsafe or doc.ownership):
            self.fail(line, f"{name}: only @since belongs here")

    def check_function(self):
        function, doc = self.item, self.item.doc
        name, line = function.name, function.line
        self.check_params(function)
        void = function.result.base == "void" and not function.result.stars
        pointers = [t for t in [function.result] +
                    [p.type for p in function.params] if t.stars]
        if void and doc.returns:
            self.fail(line, f"{name}: @return, but it returns void")
        if not void and not doc.returns:
            self.fail(line, f"{name}: no @return")
        if doc.errors is None:
            self.fail(line, f"{name}: no @errors")
        if doc.errors and str(function.result) not in ("int32_t", "int64_t"):
            self.fail(line, f"{name}: @errors, but its result cannot be "
                      "negative")
        if doc.threadsafe is None:
            self.fail(line, f"{name}: no @threadsafe")
        if doc.threadsafe.split()[0].rstrip(":,") not in ("yes", "no"):
            self.fail(line, f"{name}: @threadsafe begins with yes or no")
        if pointers and doc.ownership is None:
            self.fail(line, f"{name}: no @ownership, but it has pointers")

    def check_params(self, function):
        names = [p.name for p in function.params]
        for param in function.params:
            if not function.doc.params.get(param.name):
                self.fail(param.line, f"{function.name}: no @param "
                          f"{param.name}")
        for name in function.doc.params:
            if name not in names:
                self.fail(function.line, f"{function.name}: @param {name}, "
                          "but no such parameter")
        if list(function.doc.params) != names:
            self.fail(function.line, f"{function.name}: @param out of order")


def release(text):
    """The release "0.1" as (0, 1), to compare with."""
    return tuple(int(number) for number in text.split("."))
