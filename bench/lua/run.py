#!/usr/bin/env python3
"""Measures the Lua bindings against raw epoll in C and against luv.

    bench/lua/run.py [--build DIR] [REPETITIONS]

DIR is a build with the Lua bindings, as tests/lua/run.py makes it.
"""

import argparse
import os
import pathlib
import resource
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DESCRIPTORS = 4096

# Interpreter, version of the C API, back end.
ENGINES = [
    (["luajit"], "5.1", "ffi"),
    (["lua5.4"], "5.4", "swig"),
    (["lua5.1"], "5.1", "swig"),
]


def build_raw(build, folder, version):
    """The contenders in C, for one Lua."""
    folder.mkdir(parents=True, exist_ok=True)
    wrap = folder / "rawepoll_wrap.c"
    subprocess.run(["swig", "-lua", "-nomoduleglobal", "-o", str(wrap),
                    str(HERE / "rawepoll.i")], check=True)
    for name in (f"lua{version}", f"lua-{version}"):
        flags = subprocess.run(["pkg-config", "--cflags", name],
                               capture_output=True, text=True)
        if flags.returncode == 0:
            break
    subprocess.run(
        ["cc", "-std=c11", "-D_GNU_SOURCE", "-O2", "-fPIC", "-shared", "-w",
         f"-I{ROOT}/abi",
         *flags.stdout.split(), "-o", str(folder / "rawepoll.so"),
         str(wrap), f"-L{build}/src", "-lmiopoll"],
        check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=ROOT / "build/lua")
    parser.add_argument("repetitions", nargs="?", default="41")
    options = parser.parse_args()
    build = options.build.resolve()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, hard), hard))
    for command, version, backend in ENGINES:
        folder = build / "bench" / version
        build_raw(build, folder, version)
        environment = {
            **os.environ,
            "LUA_PATH": f"{ROOT}/bindings/lua/?.lua;;",
            "LUA_CPATH": f"{build}/bindings/lua/{version}/?.so;"
                         f"{folder}/?.so;;",
            "LD_LIBRARY_PATH": str(build / "src"),
            "MIOPOLL_LUA_BACKEND": backend,
        }
        done = subprocess.run(
            [*command, str(HERE / "bench.lua"), options.repetitions],
            env=environment)
        if done.returncode != 0:
            return done.returncode
        print(flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
