"""Builds a library out of a header alone: every function has an empty body.
It stands for the library of a release, of which only the header is kept."""

from generator.source import compiler

from .tools import run

# gcc leaves out the enums that no function mentions, unless told not to.
FLAGS = ("-std=c11", "-O0", "-g", "-fno-eliminate-unused-debug-types",
         "-fPIC", "-fvisibility=hidden", "-shared")


class StubError(Exception):
    pass


def source(abi, extra=""):
    """`extra` is C text, as the inside of a handle."""
    bodies = [body(abi, function) for function in abi.functions]
    return "\n".join(["#include <miopoll.h>", extra, *bodies]) + "\n"


def body(abi, function):
    void = function.result.base == "void" and not function.result.stars
    inside = "" if void else " return 0; "
    params = ", ".join(p.type.declare(p.name) for p in function.params)
    head = function.result.declare(function.name)
    return f"{head}({params or 'void'}) {{{inside}}}"


def soname(abi):
    return f"libmiopoll.so.{abi.version[0]}"


def version_script(symbols):
    """A map from `name@node` lines."""
    nodes = {}
    for symbol in symbols:
        name, node = symbol.split("@")
        nodes.setdefault(node, []).append(name)
    text = "".join(f"{node} {{ global: {'; '.join(names)}; }};\n"
                   for node, names in sorted(nodes.items()))
    return text.replace("}", "local: *; }", 1)


def build(abi, include, script, folder, extra="", flags=()):
    """Returns the library; `script` is the text of the version script."""
    folder.mkdir(parents=True, exist_ok=True)
    code, library = folder / "stub.c", folder / "libmiopoll.so"
    version_map = folder / "stub.map"
    code.write_text(source(abi, extra), encoding="utf-8")
    version_map.write_text(script, encoding="utf-8")
    status, output = run(*compiler(), *FLAGS, f"-I{include}",
                         f"-Wl,-soname,{soname(abi)}",
                         f"-Wl,--version-script={version_map}", *flags,
                         code, "-o", library)
    if status != 0:
        raise StubError(f"the stub library does not build:\n{output}")
    return library
