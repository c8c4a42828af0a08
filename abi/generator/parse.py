"""Makes the model: pycparser reads the preprocessed region, and each of its
declarations meets the statement, with the doc comment, that it came from."""

from __future__ import annotations

import functools

from pycparser import c_ast, c_parser
from pycparser.plyparser import ParseError

from . import source, tags
from .errors import HeaderError
from .model import (INTEGERS, Abi, Alias, Constant, Enum, Field, Function,
                    Opaque, Param, Struct, Type)

# What <stdint.h> would have given; the C types behind do not matter here.
PRELUDE = "".join(f"typedef int {name};\n" for name in INTEGERS)


@functools.cache
def parser():
    """One for all headers: it takes longer to make than to use."""
    return c_parser.CParser()


def load(path, shown=None):
    """Reads a header into an Abi and its source, without judging it."""
    return parse(source.read(path, shown))


def parse(text):
    statements = source.Scanner(text).run()
    preprocessed = source.preprocess(text)
    try:
        tree = parser().parse(PRELUDE + preprocessed, text.path)
    except ParseError as error:
        raise HeaderError(text.path, error_line(error, text),
                          f"not C that the parser reads: {error}") from None
    declarations = tree.ext[len(INTEGERS):]
    if len(declarations) != len(statements):
        raise HeaderError(text.path, text.first_line, "one name for each "
                          "declaration, and no macro that makes several")
    reader = Reader(text.path)
    items = [reader.item(declaration, statement)
             for declaration, statement in zip(declarations, statements)]
    abi = Abi(text.path, text.version, source.tidy(preprocessed), items)
    for struct in abi.structs:
        lay_out(struct, abi)
    return abi


def error_line(error, text):
    parts = str(error).split(":")
    numbers = [int(part) for part in parts[1:2] if part.isdigit()]
    return numbers[0] if numbers else text.first_line


def lay_out(struct, abi):
    """Offsets as every C compiler has them; rules.py refuses holes."""
    end = 0
    for member in struct.fields:
        unit = INTEGERS.get(abi.resolve(member.type).base, 1)
        member.size = unit * (member.type.length or 1)
        member.offset = end + -end % unit
        end = member.offset + member.size
        struct.align = max(struct.align, unit)
    struct.size = end + -end % struct.align


class Reader:
    """Turns syntax trees into the model; raises on what it has no word for."""

    def __init__(self, path):
        self.path = path
        self.values = {}

    def fail(self, line, message):
        raise HeaderError(self.path, line, message)

    def item(self, node, statement):
        doc = tags.read(self.path, statement.doc)
        line = statement.line
        if isinstance(node, c_ast.Typedef):
            return self.typedef(node, statement, doc)
        if isinstance(node, c_ast.Decl):
            if isinstance(node.type, c_ast.FuncDecl):
                return self.function(node, line, doc)
            if isinstance(node.type, c_ast.Enum) and node.type.values:
                return self.enum(node.type, statement, doc)
            if isinstance(node.type, c_ast.Union):
                self.fail(line, "union")
        self.fail(line, "expected a typedef, an enum or a function")

    def typedef(self, node, statement, doc):
        line = statement.line
        inner = node.type
        if isinstance(inner, c_ast.PtrDecl):
            self.fail(line, f"typedef {node.name} hides a pointer")
        if not isinstance(inner, c_ast.TypeDecl):
            self.fail(line, f"typedef {node.name}: no array or function")
        if isinstance(inner.type, c_ast.Union):
            self.fail(line, "union")
        if isinstance(inner.type, c_ast.Enum):
            self.fail(line, "typedef of an enum: its size is the compiler's; "
                      "use uint32_t")
        if not isinstance(inner.type, c_ast.Struct):
            return Alias(node.name, self.type(inner, line), line, doc)
        if inner.type.name is None:
            self.fail(line, f"{node.name}: struct without a tag")
        if inner.type.decls is None:
            return Opaque(inner.type.name, node.name, line, doc)
        fields = [self.field(member, part) for member, part
                  in self.pairs(inner.type.decls, statement)]
        return Struct(inner.type.name, node.name, fields, line, doc)

    def pairs(self, nodes, statement):
        if len(nodes) != len(statement.parts):
            self.fail(statement.line, "one name for each member")
        return zip(nodes, statement.parts)

    def field(self, node, part):
        if node.bitsize is not None:
            self.fail(part.line, f"bit-field {node.name}")
        return Field(node.name, self.type(node.type, part.line), part.line,
                     tags.read(self.path, part.doc))

    def enum(self, node, statement, doc):
        if node.name is None:
            self.fail(statement.line, "enum without a tag")
        constants = [self.constant(member, part) for member, part
                     in self.pairs(node.values.enumerators, statement)]
        return Enum(node.name, constants, statement.line, doc)

    def constant(self, node, part):
        if node.value is None:
            self.fail(part.line, f"{node.name} has no value of its own")
        value = self.evaluate(node.value, part.line)
        self.values[node.name] = value
        return Constant(node.name, value, part.line,
                        tags.read(self.path, part.doc))

    def evaluate(self, node, line):
        if isinstance(node, c_ast.Constant) and node.type != "char":
            return int(node.value.rstrip("uUlL"), 0)
        if isinstance(node, c_ast.ID) and node.name in self.values:
            return self.values[node.name]
        if isinstance(node, c_ast.UnaryOp) and node.op == "-":
            return -self.evaluate(node.expr, line)
        if isinstance(node, c_ast.BinaryOp) and node.op in ("<<", "|", "+"):
            left = self.evaluate(node.left, line)
            right = self.evaluate(node.right, line)
            return {"<<": lambda: left << right, "|": lambda: left | right,
                    "+": lambda: left + right}[node.op]()
        self.fail(line, "expected a number, <<, |, + or an earlier constant")

    def function(self, node, line, doc):
        arguments = node.type.args
        if arguments is None:
            self.fail(line, f"{node.name}() takes anything: write (void)")
        params = []
        for argument in arguments.params:
            if isinstance(argument, c_ast.EllipsisParam):
                self.fail(line, f"{node.name} has variable arguments")
            if not self.is_void(argument):
                params.append(self.param(node.name, argument, line))
        return Function(node.name, self.type(node.type.type, line), params,
                        line, doc)

    @staticmethod
    def is_void(argument):
        return (isinstance(argument, c_ast.Typename)
                and isinstance(argument.type, c_ast.TypeDecl)
                and argument.type.type.names == ["void"])

    def param(self, function, node, line):
        if isinstance(node, c_ast.Typename) or node.name is None:
            self.fail(line, f"{function} has a parameter without a name")
        line = node.coord.line
        if isinstance(node.type, c_ast.ArrayDecl):
            self.fail(line, f"{node.name}: an array; write a pointer")
        return Param(node.name, self.type(node.type, line), line)

    def type(self, node, line):
        stars, length, inner_const = 0, None, False
        if isinstance(node, c_ast.ArrayDecl):
            length = self.evaluate(node.dim, line) if node.dim else 0
            node = node.type
        while isinstance(node, c_ast.PtrDecl):
            if node.quals == ["const"] and stars == 1:
                inner_const = True
            elif node.quals:
                self.fail(line, f"{' '.join(node.quals)} pointer")
            stars, node = stars + 1, node.type
        if isinstance(node, c_ast.FuncDecl):
            self.fail(line, "function pointer: no callbacks at the boundary")
        if not isinstance(node, c_ast.TypeDecl):
            self.fail(line, "array of arrays, or pointer to an array")
        if isinstance(node.type, c_ast.IdentifierType):
            base = " ".join(node.type.names)
        else:
            base = f"{type(node.type).__name__.lower()} {node.type.name}"
        return Type(base, stars, "const" in node.quals, length, inner_const)
