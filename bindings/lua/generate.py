#!/usr/bin/env python3
"""Writes what SWIG and LuaJIT read of the header, which is checked in so that
nobody needs SWIG to build the bindings.

  generate.py           writes generated/miopoll_wrap.c and miopoll/cdef.lua
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
CDEF = HERE / "miopoll/cdef.lua"


def wrap_text():
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / WRAP.name
        subprocess.run(
            ["swig", "-lua", "-nomoduleglobal", "-Wall", "-Werror",
             f"-I{ABI}", "-o", str(out), "miopoll.i"], cwd=HERE, check=True)
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
    if CDEF.read_text() != cdef_text():
        stale.append(CDEF)
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
    WRAP.write_text(wrap_text())
    CDEF.write_text(cdef_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
