#!/usr/bin/env python3
"""Builds the rock as a user does, for each Lua, and uses it.

    rock.py FOLDER BUILD      FOLDER is emptied; BUILD has the built library
"""

import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROCKSPEC = "bindings/lua/miopoll-scm-0.rockspec"
VERSIONS = ("5.1", "5.2", "5.3", "5.4")
USE = """
local mio = require "miopoll"
assert(mio.backend == "%s", mio.backend)
local poll = assert(mio.poll())
local waker = assert(mio.waker(poll, 7))
waker:wake()
local events = {}
assert(poll:wait(events, 5) == 1 and events[1] == 7)
local maps = assert(io.open "/proc/self/maps"):read "*a"
assert((maps:find "libmiopoll" ~= nil) == %s)
"""
# LuaJIT 2.0 has no package.searchpath, and searches by itself.
NO_SEARCHPATH = "package.searchpath = nil\n"


def run(command, environment):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True,
                          env=environment)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def clean_environment(**more):
    """Without what would lead to another miopoll."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("LUA_", "MIOPOLL", "LD_"))}
    return {**kept, **more}


def tree_environment(tree, version, **more):
    return clean_environment(
        LUA_PATH=f"{tree}/share/lua/{version}/?.lua",
        LUA_CPATH=f"{tree}/lib/lua/{version}/?.so", **more)


def make(tree, version, **more):
    run(["luarocks", f"--lua-version={version}", f"--tree={tree}", "make",
         ROCKSPEC], clean_environment(**more))
    return tree / f"lib/lua/{version}/miopoll/core.so"


def symbols(library):
    lines = run(["nm", "-D", "--defined-only", str(library)],
                os.environ).splitlines()
    return {line.split()[-1] for line in lines}


def check_self_contained(folder, version):
    tree = folder / version
    library = make(tree, version)
    names = {name for name in symbols(library) if name.startswith("mio_")}
    text = (ROOT / "abi/generated/miopoll.exports").read_text()
    exported = {name[1:] for name in text.split() if name.startswith("_mio")}
    assert names == exported, names ^ exported
    use = USE % ("swig", "false")
    run([f"lua{version}", "-e", use], tree_environment(tree, version))


def check_luajit(folder):
    tree = folder / "5.1"
    for head, backend in (("", "ffi"), (NO_SEARCHPATH, "ffi"), ("", "swig")):
        more = {"MIOPOLL_LUA_BACKEND": "swig"} if backend == "swig" else {}
        run(["luajit", "-e", head + USE % (backend, "false")],
            tree_environment(tree, "5.1", **more))


def check_system(folder, build):
    """MIOPOLL_SYSTEM links what pkg-config knows."""
    prefix = folder / "prefix"
    run(["cmake", "--install", str(build), "--prefix", str(prefix)],
        clean_environment())
    config = next(prefix.glob("**/miopoll.pc")).parent
    library = next(prefix.glob("**/libmiopoll.so.0")).parent
    tree = folder / "system"
    core = make(tree, "5.4", MIOPOLL_SYSTEM="1", PKG_CONFIG_PATH=str(config))
    assert not any(name.startswith("mio_") for name in symbols(core))
    run(["lua5.4", "-e", USE % ("swig", "true")],
        tree_environment(tree, "5.4", LD_LIBRARY_PATH=str(library)))
    # What CMake installs is found in the usual places below a prefix.
    for version in VERSIONS:
        share = prefix / f"share/lua/{version}"
        modules = next(prefix.glob(f"lib*/**/lua/{version}/miopoll/core.so"))
        run([f"lua{version}", "-e", USE % ("swig", "true")],
            clean_environment(
                LUA_PATH=f"{share}/?.lua",
                LUA_CPATH=f"{modules.parent.parent}/?.so",
                LD_LIBRARY_PATH=str(library)))


def main():
    folder = pathlib.Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    checks = [lambda v=v: check_self_contained(folder, v) for v in VERSIONS]
    checks.append(lambda: check_luajit(folder))
    checks.append(lambda: check_system(folder, pathlib.Path(sys.argv[2])))
    failed = 0
    for check in checks:
        try:
            check()
        except (AssertionError, StopIteration) as error:
            failed += 1
            print(f"FAIL rock: {error!r}")
    print(f"{len(checks) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
