#!/usr/bin/env python3
"""A function that is added to the header needs no line in the bindings.

    new_function.py BUILD
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LUA = ROOT / "bindings/lua"
END = "/* MIO_ABI_END */"
# One parameter of each type that may be.
DECLARATION = """int32_t mio_waker_try(mio_waker_t **out, mio_poll_t *poll,
    mio_event_t *events, uint32_t capacity, int64_t delay, uint64_t token,
    int32_t rc, mio_fd_t fd, const char *name);
"""
CONVERSIONS = ("convert_new_handle", "convert_pointer", "convert_table",
               "convert_uint32", "convert_int64", "convert_uint64",
               "convert_int32", "convert_text", "convert_fill",
               "convert_push_handle")
CALL = """
local mio = require "miopoll"
local call = mio.core.mio_waker_try
local handle = mio.poll().handle
local right = { handle, {}, 1, 0, 1, 0, 0, "x" }
for place = 1, #right do
  local args = { unpack(right) }
  args[place] = false
  local good, message = pcall(call, unpack(args))
  assert(not good and message:find(
    "bad argument #" .. place .. " to 'mio_waker_try'", 1, true), message)
end
print "all refused"
"""


def check_swig(folder):
    header = (ROOT / "abi/miopoll.h").read_text()
    head, mark, tail = header.partition(END)
    (folder / "miopoll.h").write_text(
        f"{head}MIO_API {DECLARATION}{mark}{tail}")
    wrap = folder / "wrap.c"
    subprocess.run(["swig", "-lua", "-nomoduleglobal", "-Wall", "-Werror",
                    f"-I{folder}", "-o", str(wrap), str(LUA / "miopoll.i")],
                   check=True)
    text = wrap.read_text()
    body = re.search(r"^static int _wrap_mio_waker_try\(.*?^}", text,
                     re.M | re.S).group(0)
    missing = [name for name in CONVERSIONS if name not in body]
    assert not missing, missing
    assert "SWIG_ConvertPtr" not in body and "lua_tonumber" not in body


def check_ffi(folder, build):
    # An own cdef.lua goes before that of the bindings.
    text = (LUA / "miopoll/cdef.lua").read_text()
    one_line = " ".join(DECLARATION.split())
    (folder / "miopoll").mkdir()
    (folder / "miopoll/cdef.lua").write_text(
        text.replace("]],", one_line + "\n]],"))
    done = subprocess.run(
        ["luajit", "-e", CALL], capture_output=True, text=True, env={
            **os.environ, "MIOPOLL_LUA_BACKEND": "ffi",
            "LUA_PATH": f"{folder}/?.lua;{LUA}/?.lua",
            "LUA_CPATH": f"{build}/bindings/lua/5.1/?.so"})
    assert done.stdout == "all refused\n", done.stdout + done.stderr


def main():
    failed = 0
    checks = (check_swig, lambda folder: check_ffi(folder, sys.argv[1]))
    for check in checks:
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(pathlib.Path(folder))
            except (AssertionError, subprocess.CalledProcessError) as error:
                failed += 1
                print(f"FAIL new function: {error}")
    print(f"{len(checks) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
