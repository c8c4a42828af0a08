#!/usr/bin/env python3
"""Writes what SWIG and LuaJIT read of the header, which is checked in so that
nobody needs SWIG to build the bindings.

  generate.py           writes generated/names.i, generated/miopoll_wrap.c and
                        miopoll/cdef.lua
  generate.py --check   compares; the wrapper only where SWIG is the version
                        that made it, since its text differs between versions
"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ABI = HERE.parent.parent / "abi"
WRAP = HERE / "generated/miopoll_wrap.c"
NAMES = HERE / "generated/names.i"
CDEF = HERE / "miopoll/cdef.lua"

# Parameters that belong together, which docs/conventions.md tells by type:
# what miopoll.i calls them, and how they look in a header.
GROUPS = [
    (f"{const}void *BYTES, uint64_t LENGTH",
     rf"\b(?<!const ){const}void \*\w+,\s*uint64_t \w+")
    for const in ("", "const ")
] + [
    (f"{const}void *const *BYTES, const uint64_t *LENGTH, uint32_t COUNT",
     rf"\b(?<!const ){const}void \*const \*\w+,\s*const uint64_t \*\w+,"
     r"\s*uint32_t \w+")
    for const in ("", "const ")
]


def names_text(header):
    text = ("/* generated from abi/miopoll.h by bindings/lua/generate.py; "
            "do not edit */\n")
    for model, pattern in GROUPS:
        found = {" ".join(match.split())
                 for match in re.findall(pattern, header)}
        for group in sorted(found):
            text += f"%apply ({model})\n  {{ ({group}) }};\n"
    return text


def wrap_text(header=ABI / "miopoll.h"):
    """What SWIG makes of a header."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / WRAP.name
        (out.parent / NAMES.name).write_text(names_text(header.read_text()))
        subprocess.run(
            ["swig", "-lua", "-nomoduleglobal", "-Wall", "-Werror",
             f"-I{header.parent}", f"-I{folder}", "-o", str(out),
             "miopoll.i"], cwd=HERE, check=True)
        return out.read_text()


def cdef_text():
    cdef = (ABI / "generated/miopoll.cdef").read_text()
    notice, _, body = cdef.partition("\n")
    header = (ABI / "miopoll.h").read_text()
    version = [re.search(rf"MIO_VERSION_{part} (\d+)", header).group(1)
               for part in ("MAJOR", "MINOR")]
    return ("-- generated from abi/miopoll.h by bindings/lua/generate.py; "
            "do not edit\n"
            f"return {{\n  major = {version[0]},\n  minor = {version[1]},\n"
            f"  text = [[\n{body}]],\n}}\n")


def swig_version(text):
    """Of what `swig -version` prints, and of the head of a wrapper."""
    found = re.search(r"\bVersion (\d+\.\d+\.\d+)", text)
    return found and found.group(1)


def installed_swig():
    try:
        done = subprocess.run(["swig", "-version"], capture_output=True,
                              text=True, check=True)
    except OSError:
        return None
    return swig_version(done.stdout)


def check():
    stale = []
    header = (ABI / "miopoll.h").read_text()
    stale += [path for path, text in
              ((CDEF, cdef_text()), (NAMES, names_text(header)))
              if path.read_text() != text]
    made_by = swig_version(WRAP.read_text())
    here = installed_swig()
    if here == made_by:
        if WRAP.read_text() != wrap_text():
            stale.append(WRAP)
    else:
        print(f"generate: {WRAP.name} was made by SWIG {made_by}, here is "
              f"{here}: not compared")
    for path in stale:
        print(f"generate: {path.relative_to(HERE)} is stale; run: "
              "bindings/lua/generate.py")
    return 1 if stale else 0


def main():
    if sys.argv[1:] == ["--check"]:
        return check()
    WRAP.parent.mkdir(exist_ok=True)
    NAMES.write_text(names_text((ABI / "miopoll.h").read_text()))
    WRAP.write_text(wrap_text())
    CDEF.write_text(cdef_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
