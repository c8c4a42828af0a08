"""What the bindings read: constants of Python and Lua, types of cffi's lib."""

from .emit_symbols import NOTICE
from .model import TOKEN_PORTABLE_MAX

TOKEN_MAX = "MIO_TOKEN_PORTABLE_MAX"

STUB_HEAD = """\
from typing import Any, Generic, TypeVar, Union

T = TypeVar("T")

class CData:
    \"\"\"A C value of cffi; ffi.NULL is one too.\"\"\"

class Out(CData, Generic[T]):
    \"\"\"ffi.new("T **") or ffi.new("T *"): where a result is put.\"\"\"

    def __getitem__(self, index: int) -> T: ...

"""


def files(abi):
    return {
        "constants.py": python(abi),
        "constants.lua": lua(abi),
        "miopoll_lib.pyi": stub(abi),
    }


def values(abi):
    """Name and value of each constant, and of the one that no enumerator can
    be, since it does not fit 31 bits."""
    found = [(c.name, c.value) for c in abi.constants]
    return found + [(TOKEN_MAX, TOKEN_PORTABLE_MAX)]


def python(abi):
    lines = [f"# {NOTICE}", "CONSTANTS = {"]
    lines += [f'    "{name}": {value},' for name, value in values(abi)]
    return "\n".join(lines + ["}"]) + "\n"


def lua(abi):
    lines = [f"-- {NOTICE}", "return {"]
    lines += [f"  {name} = {value}," for name, value in values(abi)]
    return "\n".join(lines + ["}"]) + "\n"


def stub(abi):
    text = f"# {NOTICE}\n{STUB_HEAD}"
    text += "".join(f"class {item.name}(CData): ...\n" for item in abi.opaques)
    text += "".join(stub_struct(item) for item in abi.structs)
    text += "\nclass Lib:\n"
    text += "".join(f"    {c.name}: int\n" for c in abi.constants)
    text += "".join(stub_function(abi, item) for item in abi.functions)
    return text + "\nffi: Any\nlib: Lib\n"


def stub_struct(item):
    lines = [f"\nclass {item.name}(CData):"]
    lines += [f"    {f.name}: {'int' if f.type.length is None else 'CData'}"
              for f in item.fields]
    return "\n".join(lines) + "\n"


def stub_function(abi, item):
    """`/` since cffi takes no keywords."""
    params = [f"{p.name}: {stub_type(abi, p.type)}" for p in item.params]
    inside = ", ".join(["self", *params, "/"])
    result = "CData" if item.result.stars else stub_type(abi, item.result)
    return f"    def {item.name}({inside}) -> {result}: ...\n"


def stub_type(abi, type_):
    if type_.base == "void":
        return "CData" if type_.stars else "None"
    if type_.base == "char":
        return "Union[bytes, CData]"
    if type_.stars == 0:
        return "int"
    if type_.stars == 2:
        return f"Out[{type_.base}]"
    if type_.base in {item.name for item in abi.opaques}:
        return type_.base
    # A struct comes as pointer, array or NULL: no narrower type is true.
    structs = {item.name for item in abi.structs}
    return "CData" if type_.base in structs else "Out[int]"
