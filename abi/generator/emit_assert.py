"""C files that compile only where the header says what it says now: the ABI
as assertions, for this tree (exact) and for each release (lasting)."""

from .emit_symbols import NOTICE

HELPERS = """\
#include <stddef.h>

/* 1 if an expression has exactly this type. */
#define IS(expression, type) _Generic((expression), type: 1, default: 0)
"""


def files(abi):
    return {"abi_assert.c": assertions(abi, exact=True, notice=NOTICE)}


def assertions(abi, exact, notice):
    """With `exact`, an options struct has this size; without, at least: later
    releases lengthen it, and tell by its `size` field who calls."""
    parts = [f"/* {notice} */\n#include <miopoll.h>\n\n{HELPERS}"]
    parts += [alias(item) for item in abi.aliases]
    parts += [opaque(item) for item in abi.opaques]
    parts += [struct(abi, item, exact) for item in abi.structs]
    parts += [enum(item) for item in abi.enums]
    parts += ["".join(function(abi, f) for f in abi.functions)]
    return "\n".join(parts)


def claim(condition, message):
    return f'_Static_assert({condition},\n               "{message}");\n'


def alias(item):
    return claim(f"IS(({item.name})0, {item.type})",
                 f"{item.name} is {item.type}")


def opaque(item):
    return claim(f"IS(({item.name} *)0, struct {item.tag} *)",
                 f"{item.name} is struct {item.tag}")


def struct(abi, item, exact):
    sign = "==" if exact or not item.sized else ">="
    text = claim(f"IS(({item.name} *)0, struct {item.tag} *)",
                 f"{item.name} is struct {item.tag}")
    text += claim(f"sizeof({item.name}) {sign} {item.size}",
                  f"size of {item.name}")
    text += claim(f"_Alignof({item.name}) == {item.align}",
                  f"alignment of {item.name}")
    return text + "".join(member(abi, item, m) for m in item.fields)


def member(abi, item, field):
    where = f"(({item.name} *)0)->{field.name}"
    what = f"{item.name}.{field.name}"
    type_ = abi.resolve(field.type)
    element = where if type_.length is None else f"{where}[0]"
    text = claim(f"offsetof({item.name}, {field.name}) == {field.offset}",
                 f"offset of {what}")
    text += claim(f"sizeof({where}) == {field.size}", f"size of {what}")
    return text + claim(f"IS({element}, {type_.base})", f"type of {what}")


def enum(item):
    return "".join(claim(f"{c.name} == {c.value}", f"value of {c.name}")
                   for c in item.constants)


def function(abi, item):
    """A second prototype would do for the type, but not notice that the first
    is gone; a pointer notices both. Typedefs are undone, so that a changed one
    is noticed too."""
    params = [str(abi.resolve(p.type)) for p in item.params]
    result = str(abi.resolve(item.result))
    pointer = f"{result} (*)({', '.join(params) or 'void'})"
    return claim(f"IS(&{item.name},\n                  {pointer})",
                 f"type of {item.name}")
