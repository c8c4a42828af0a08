"""Each gate is a function that returns its failures, none when all is well."""

from __future__ import annotations

import re

from generator import emit_symbols
from generator.source import compiler

from . import stub
from .tools import Failure, run

KEEP = "what is released stays; add a new name beside it"
REGENERATE = "run: python abi/generate.py"
SHOWN = 5

# What abidiff need not tell. An options struct may be longer than it was: its
# size field tells the library who calls. And the release could not know types
# that were added since; without their names, abidiff's answer to them is 4.
SUPPRESSION = """\
[suppress_type]
  type_kind = struct
  name_regexp = ^mio_.*_options$
  has_data_member_inserted_at = end
"""
ADDED = """\
[suppress_type]
  name_regexp = ^({})$
"""


def layout(release, header):
    """The release's assertions compile against the present header."""
    status, output = run(*compiler(), "-std=c11", "-fsyntax-only",
                         f"-I{header.parent}", release.folder / "assertions.c")
    if status == 0:
        return []
    errors = re.findall(r"error: (.*)", output) or [output.strip()]
    # What follows from a name that is gone says nothing new.
    told = [error for error in dict.fromkeys(errors)
            if "not an integer" not in error] or errors
    return [Failure("layout", f"release {release.name}: {error}", KEEP)
            for error in told[:SHOWN]]


def missing(gate, where, names, remedy):
    """One failure for all the names, or none."""
    if not names:
        return []
    shown = ", ".join(sorted(names)[:SHOWN])
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return [Failure(gate, f"{where}: {shown}{more}", remedy)]


def exported(library):
    """The set of `name@node` that a library defines, its nodes left out."""
    status, output = run("readelf", "--dyn-syms", "-W", library)
    if status != 0:
        raise OSError(f"readelf cannot read {library}: {output.strip()}")
    found = set()
    for line in output.splitlines():
        columns = line.split()
        if len(columns) < 8 or not columns[0].rstrip(":").isdigit():
            continue
        binding, section, symbol = columns[4], columns[6], columns[7]
        name, _, node = symbol.partition("@")
        if binding != "LOCAL" and section != "UND":
            found.add((name, node.lstrip("@")))
    nodes = {node for _, node in found}
    return {f"{name}@{node}" for name, node in found if name not in nodes}


def listed(version_map):
    """The set of `name@node` of a version script."""
    text = re.sub(r"/\*.*?\*/", "", version_map, flags=re.S)
    return {f"{name}@{node}"
            for node, body in re.findall(r"(\S+)\s*\{(.*?)\}", text, re.S)
            for name in re.findall(r"(\w+)\s*;", body)}


def symbols(releases, library, version_map):
    """The library exports what its map says, and all that was released."""
    there, wanted = exported(library), listed(version_map)
    failures = []
    for release in releases:
        failures += missing("symbols", f"of release {release.name}, but not "
                            "in the library", release.symbols - there, KEEP)
    failures += missing("symbols", "in the map, but not defined by the "
                        "library", wanted - there,
                        "define it, or take it out of the header")
    return failures + missing("symbols", "exported by the library, but not in "
                              "the map", there - wanted,
                              "hide it, or declare it in the header")


def maps(abi, version_map):
    """Header and version script name the same functions at the same nodes."""
    declared, present = set(emit_symbols.versions(abi)), listed(version_map)
    return missing("map", "in the header, but not in the map",
                   declared - present, REGENERATE) + missing(
                   "map", "in the map, but not in the header",
                   present - declared, REGENERATE)


def described(library):
    """Whether the library has DWARF that knows the event: abidiff compares
    names only, and is content, when it has not."""
    status, output = run("readelf", "--debug-dump=info", library)
    return status == 0 and "mio_event" in output


def abidiff(release, library, header, abi, folder):
    """The release against the library, and against the header.

    The release's own library is not needed: a stub of its header has the same
    functions and types. With the library, abidiff compares functions and the
    types that they reach. Enumerators are reached by none; all types are
    compared with a stub of the present header, since in a real library those
    of <pthread.h> and <sys/epoll.h> would be differences too."""
    if not described(library):
        return [Failure("abidiff", f"{library.name} has no debug information"
                        " on mio_event", "build it with -g")]
    new = stub.build(abi, header.parent, emit_symbols.version_script(abi),
                     folder)
    suppression = folder / "additions.suppr"
    suppression.write_text(suppressions(
        type_names(abi) - type_names(release.abi)))
    options = ["--no-added-syms", "--headers-dir1", release.folder,
               "--headers-dir2", header.parent, "--drop-private-types",
               "--suppressions", suppression]
    return compare(release, "library", options, library) + compare(
        release, "header", [*options, "--non-reachable-types"], new)


def suppressions(added):
    more = ADDED.format("|".join(sorted(added))) if added else ""
    return SUPPRESSION + more


def compare(release, what, options, new):
    """Only exit code 0 is good: 4 says that a human must look, and is what a
    changed parameter gives."""
    status, output = run("abidiff", *options, release.library, new)
    if status == 0:
        return []
    return [Failure("abidiff", f"release {release.name}, {what}: exit code "
                    f"{status}: {digest(output)}", KEEP)]


def digest(report):
    """The first lines of abidiff's report that name a change."""
    lines = [line.strip() for line in report.splitlines()
             if line.strip() and "summary:" not in line]
    return " / ".join(lines[:4])


def type_names(abi):
    """Typedefs and tags."""
    structs = abi.opaques + abi.structs
    found = {item.name for item in structs + abi.aliases}
    return found | {item.tag for item in structs + abi.enums}


def names(abi, folder):
    """No name of ours is one of the lists in `folder`, unless accepted."""
    ours = set(emit_symbols.names(abi)) | type_names(abi)
    ours |= {c.name for c in abi.constants}
    failures = []
    for path in sorted(folder.glob("*.txt")):
        taken, accepted = read_names(path.read_text(encoding="utf-8"))
        where = f"is in names/{path.name}"
        failures += [Failure("names", f"{name} {where}", "rename it")
                     for name in sorted(ours & taken - accepted)]
        failures += [Failure("names", f"{name} {where} as accepted, but is "
                             "not ours", "take the mark away")
                     for name in sorted(accepted - ours)]
    return failures


def read_names(text):
    """All names of a list, and those of them that are accepted: a line is a
    name, or `NAME accepted: reason`; `#` begins a comment."""
    taken, accepted = set(), set()
    for line in text.splitlines():
        name, _, rest = line.partition("#")[0].strip().partition(" ")
        if name:
            taken.add(name)
        if rest.startswith("accepted: "):
            accepted.add(name)
    return taken, accepted
