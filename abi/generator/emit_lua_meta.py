"""miopoll.meta.lua: the functions of the module miopoll.core, for LuaLS."""

from .emit_symbols import NOTICE

# The event array is a table that is filled; options are a table of fields; an
# address is a string of its bytes, nil for NULL.
SPECIAL = {"mio_event_t *": "integer[]", "const mio_addr_t *": "string?"}

# Parameters that are one argument, by their types: how many, of what type, and
# what comes back.
GROUPS = {
    "void *": (2, "integer", "string?"),
    "const void *": (2, "string", None),
    "void *const *": (3, "integer[]", "string[]?"),
    "const void *const *": (3, "string[]", None),
}

# Those that a caller gives nothing for, and what comes back.
OUT = {"mio_addr_t *": "string", "int32_t *": "integer",
       "uint32_t *": "integer", "mio_fd_t *": "integer"}


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


def arguments(abi, params):
    """(name, type) of what is given, and of what comes back."""
    inputs, outputs = [], []
    place = 0
    while place < len(params):
        name, type_ = params[place].name, params[place].type
        count, given, back = GROUPS.get(str(type_), (1, None, None))
        if given:
            # The length is what is given for a buffer.
            is_room = given.startswith("integer")
            inputs.append((params[place + is_room].name, given))
        elif type_.stars == 2:
            back = f"{type_.base}?"
        else:
            back = OUT.get(str(type_))
            if not back:
                inputs.append((name, lua_type(abi, type_)))
        if back:
            outputs.append((name, back))
        place += count
    return inputs, outputs


def function(abi, item):
    inputs, outputs = arguments(abi, item.params)
    lines = [comment(item.doc.summary)]
    lines += [f"---@param {name} {type_}\n" for name, type_ in inputs]
    if str(item.result) != "void":
        lines.append(f"---@return {lua_type(abi, item.result)} result\n")
    lines += [f"---@return {type_} {name}\n" for name, type_ in outputs]
    names = ", ".join(name for name, _ in inputs)
    lines.append(f"function core.{item.name}({names}) end\n")
    return "".join(lines)


def lua_type(abi, type_):
    if str(type_) in SPECIAL:
        return SPECIAL[str(type_)]
    if type_.base == "char":
        return "string"
    if type_.stars == 0:
        return "integer"
    sized = {item.name for item in abi.structs if item.sized}
    return f"{type_.base}?" if type_.base in sized else type_.base
