"""The tables of the page on porting name nothing that is not there."""

import ast
import builtins
import errno
import json
import re

import pytest
from blocks import ROOT

PAGE = ROOT / "docs/porting-from-mio.md"
CODE = re.compile(r"`([^`]+)`")
WORD = re.compile(r"[A-Za-z_]\w*")
STRING = re.compile(r'"[^"]*"')

# What the page calls what it has.
SOURCES = ["source", "listener", "stream", "socket", "sender", "receiver"]


def abi():
    return json.loads((ROOT / "abi/generated/abi.json").read_text())


def names_of_c():
    found = abi()
    names = {item["name"] for kind in ("functions", "types", "constants")
             for item in found[kind]}
    names |= {field["name"] for item in found["types"]
              for field in item.get("fields", ())}
    names |= {param["name"] for item in found["functions"]
              for param in item["params"]}
    return names | {"NULL", "uint64_t"}


def names_of_python():
    """Everything that the package defines, and Python's own names."""
    names = set(dir(builtins)) | {
        "with", "fd", "event", *SOURCES}
    for path in (ROOT / "bindings/python/miopoll").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, ast.arg):
                names.add(node.arg)
            elif (isinstance(node, ast.Name)
                  and isinstance(node.ctx, ast.Store)):
                names.add(node.id)
    stub = (ROOT / "bindings/python/miopoll/_miopoll.pyi").read_text()
    return names | set(re.findall(r"def (\w+)", stub))


def names_of_lua():
    folder = ROOT / "bindings/lua"
    text = "".join(path.read_text() for path in [
        folder / "miopoll.lua", *sorted((folder / "miopoll").glob("*.lua"))])
    names = set(WORD.findall(text)) | {"fd", "nil", *SOURCES}
    words = re.search(r"for _, word in ipairs \{ (\"readable.*?) \}", text,
                      re.S)
    names |= {f"is_{word}" for word in re.findall(r'"(\w+)"', words[1])}
    return names | {item["name"].removeprefix("MIO_")
                    for item in abi()["constants"]}


LANGUAGES = {"C": names_of_c, "Python": names_of_python, "Lua": names_of_lua}


def cells(language):
    """The pieces of code in a language's columns."""
    column = None
    for line in PAGE.read_text().splitlines():
        row = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            column = None
        elif column is None:
            heads = [re.split(r"[: ]", cell)[0] for cell in row]
            column = heads.index(language)
        elif not line.startswith("|---"):
            assert len(row) == 4, line
            yield from CODE.findall(row[column])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_exists(language):
    known = LANGUAGES[language]()
    found = 0
    for code in cells(language):
        for word in WORD.findall(STRING.sub("", code)):
            found += 1
            assert word in known or word in errno.errorcode.values(), (
                f"{language}: {word} in `{code}`")
    assert found > 20


def test_every_function_and_constant_of_the_model_is_named():
    """A page on porting that forgets a function of a new release fails."""
    page = PAGE.read_text()
    objects = ("poll", "registry", "waker")
    forgotten = [item["name"] for item in abi()["functions"]
                 if item["name"].split("_")[1] in objects
                 and item["name"] not in page]
    assert forgotten == ["mio_poll_selector", "mio_poll_features"]
