#!/usr/bin/env python3
"""Runs the blocks of Lua of the documentation, each in a new interpreter, and
compares what they print with their lines of `--> text`.

    documentation.py BUILD
"""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ("docs/lua.md", "README.md")
INTERPRETERS = {"lua5.1": "5.1", "lua5.4": "5.4", "luajit": "5.1"}


def blocks(page):
    text = (ROOT / page).read_text()
    return re.findall(r"^```lua\n(.*?)^```$", text, re.M | re.S)


def run(modules, interpreter, version, text):
    """What was wrong; None if nothing was."""
    environment = {
        **{name: value for name, value in os.environ.items()
           if not name.startswith(("LUA_", "MIOPOLL"))},
        "LUA_PATH": f"{ROOT}/bindings/lua/?.lua;;",
        "LUA_CPATH": f"{modules}/{version}/?.so;;",
    }
    done = subprocess.run([interpreter, "-"], input=text, text=True,
                          capture_output=True, env=environment, timeout=60)
    expected = "".join(f"{line}\n" for line in
                       re.findall(r"^--> (.*)$", text, re.M))
    if done.returncode != 0 or done.stdout != expected:
        return (f"ended with {done.returncode}, printed {done.stdout!r}, "
                f"expected {expected!r}; {done.stderr}")
    return None


def main():
    modules = pathlib.Path(sys.argv[1]) / "bindings/lua"
    passed = failed = 0
    for page in PAGES:
        for number, text in enumerate(blocks(page), 1):
            for interpreter, version in INTERPRETERS.items():
                wrong = run(modules, interpreter, version, text)
                passed, failed = passed + (not wrong), failed + bool(wrong)
                if wrong:
                    print(f"FAIL {page} block {number} on {interpreter}: "
                          f"{wrong}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
