"""miopoll.meta.lua: the functions of the module miopoll.core, for LuaLS."""

from .emit_symbols import NOTICE

# The event array is a table that is filled; options are a table of fields.
SPECIAL = {"mio_event_t *": "integer[]"}


def files(abi):
    return {"miopoll.meta.lua": meta(abi)}


def meta(abi):
    parts = [f"---@meta miopoll.core\n-- {NOTICE}\n"]
    parts += [opaque(item) for item in abi.opaques]
    parts += [options(item) for item in abi.structs if item.sized]
    parts.append("---@class miopoll.core\nlocal core = {}\n")
    parts.append("".join(constant(item) for item in abi.constants))
    parts += [function(abi, item) for item in abi.functions]
    return "\n".join([*parts, "return core\n"])


def comment(text):
    return "".join(f"---{line}\n" for line in text.splitlines())


def opaque(item):
    return f"{comment(item.doc.summary)}---@class {item.name}: userdata\n"


def options(item):
    """`size` is filled in by the bindings."""
    lines = [f"---@class {item.name}"]
    lines += [f"---@field {field.name}? integer" for field in item.fields
              if field.name not in ("size", "reserved")]
    return "\n".join(lines) + "\n"


def constant(item):
    return f"core.{item.name} = {item.value}\n"


def is_out(param):
    return param.name == "out"


def function(abi, item):
    inputs = [p for p in item.params if not is_out(p)]
    lines = [comment(item.doc.summary)]
    lines += [f"---@param {p.name} {lua_type(abi, p.type)}\n" for p in inputs]
    results = [] if str(item.result) == "void" else [item.result]
    for result in results:
        lines.append(f"---@return {lua_type(abi, result)} result\n")
    for param in filter(is_out, item.params):
        lines.append(f"---@return {out_type(param.type)} {param.name}\n")
    names = ", ".join(p.name for p in inputs)
    lines.append(f"function core.{item.name}({names}) end\n")
    return "".join(lines)


def out_type(type_):
    """What comes back: a handle, nil after a failure; or a number."""
    return f"{type_.base}?" if type_.stars == 2 else "integer"


def lua_type(abi, type_):
    if str(type_) in SPECIAL:
        return SPECIAL[str(type_)]
    if type_.base == "char":
        return "string"
    if type_.stars == 0:
        return "integer"
    sized = {item.name for item in abi.structs if item.sized}
    return f"{type_.base}?" if type_.base in sized else type_.base
