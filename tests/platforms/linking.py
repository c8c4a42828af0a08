"""Platforms that cannot be run here: built, linked, or only type-checked."""

import json
import re
import shlex

from building import build, configure, note_compiler, zig_environment
from platforms import COMPILED, HERE, LINKED, TYPED
from report import tail

LIBRARY_ALONE = ["-DMIOPOLL_TESTS=OFF", "-DMIOPOLL_EXAMPLES=OFF"]
# What a linker adds by itself.
LINKERS_OWN = {"__dso_handle", "_mh_dylib_header", "MIO_0"}
ELF, MACH_O = b"\x7fELF", b"\xcf\xfa\xed\xfe"
# Where the CPU stands in a file's head: its magic, its place, its value.
FORMATS = {
    ("macOS", "arm64"): (MACH_O, 4, 0x0100000C),
    ("macOS", "x86-64"): (MACH_O, 4, 0x01000007),
    ("FreeBSD", "x86-64"): (ELF, 18, 62),
    ("NetBSD", "x86-64"): (ELF, 18, 62),
    ("OpenBSD", "x86-64"): (ELF, 18, 62),
}
# The loader, or the note, that a program of that system carries.
MARKS = {"macOS": b"/usr/lib/dyld", "FreeBSD": b"/libexec/ld-elf.so.1",
         "NetBSD": b"/libexec/ld.elf_so", "OpenBSD": b"/usr/libexec/ld.so"}


def check_format(report, path):
    """A file is of that system and CPU, so it was not built for this one."""
    platform = report.platform
    magic, place, value = FORMATS[platform.system, platform.cpu]
    content = path.read_bytes()
    width = 4 if magic == MACH_O else 2
    cpu = int.from_bytes(content[place:place + width], "little")
    report.check("format", content.startswith(magic) and cpu == value,
                 f"{path.name} is for another system or CPU")
    return content


def check_program(report, path):
    content = check_format(report, path)
    report.check("format", MARKS[report.platform.system] in content,
                 f"{path.name} does not name the system's loader")


def check_exports(report, library):
    """The shared library exports what the header says, and nothing else."""
    status, output = report.run(
        ["llvm-nm", "--defined-only", "--extern-only",
         "--dynamic" if report.platform.system != "macOS" else "-g",
         "--format=just-symbols", library])
    names = {name.split("@")[0] for name in output.split()}
    if report.platform.system == "macOS":
        names = {name.removeprefix("_") for name in names}
    listed = report.source / "abi/generated/miopoll.exports"
    wanted = {line[1:] for line in listed.read_text().splitlines()
              if line.startswith("_")}
    report.check("exports", status == 0 and names - LINKERS_OWN == wanted,
                 f"{sorted((names - LINKERS_OWN) ^ wanted)}")


def check_linked(report):
    """Library, tests, and programs of a project that embeds the library."""
    configure(report)
    build(report)
    library = next(path for path in report.folder.glob("src/libmiopoll.*")
                   if path.suffix in (".so", ".dylib"))
    check_format(report, library)
    check_exports(report, library)
    tests = ["named", "translate", "conformance/conformance"]
    for name in tests:
        check_program(report, report.folder / f"tests/c/{name}-plain")
    embedder = report.folder / "embedder"
    configure(report, f"-DMIOPOLL_SOURCE={report.source}",
              source=report.source / "tests/install/embedder",
              folder=embedder)
    build(report, embedder)
    for name in ("shared", "static"):
        check_program(report, embedder / name)


def library_commands(report):
    """{source file: the compiler's command} of the static library."""
    entries = json.loads(
        (report.folder / "compile_commands.json").read_text())
    return {entry["file"]: shlex.split(entry["command"]) for entry in entries
            if "miopoll_static" in entry["command"]}


def compile_by(report, command, extra):
    """A command of CMake's, without its output, with other words instead."""
    words = command[:command.index("-o")]
    status, output = report.run([*words, "-Werror", *extra],
                                zig_environment(), cwd=report.folder)
    report.check("sources", status == 0, tail(output))


def check_compiled(report):
    """Every source of the library, and the layouts that are asserted."""
    configure(report, *LIBRARY_ALONE)
    commands = library_commands(report)
    report.must("sources", len(commands) > 10, "CMake knows no sources")
    for file, command in commands.items():
        if report.platform.how == COMPILED:
            name = re.sub(r"\W", "-", file) + ".o"
            compile_by(report, command,
                       ["-c", file, "-o", report.folder / name])
        else:
            compile_by(report, command, ["-fsyntax-only", file])
    layouts = HERE / f"stubs/{report.platform.name}/layouts.c"
    if layouts.exists():
        compile_by(report, command, ["-fsyntax-only", layouts])


def check(report):
    if report.platform.how == LINKED:
        check_linked(report)
    else:
        check_compiled(report)
    note_compiler(report)
    if report.platform.how != TYPED:
        pinned = (HERE / "requirements.txt").read_text().strip()
        report.versions["toolchain"] = pinned.replace("==", " ")
