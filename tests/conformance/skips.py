"""Writes skips/ENGINE.txt: what each engine skips on each selector, and why.

usage: skips.py            write them all
       skips.py --check    compare, change nothing

A case is skipped for the first of its needs that is lacking. Runners refuse a
list that is not the truth, so this file cannot hide a case.
"""

import pathlib
import sys

import caselib

FOLDER = pathlib.Path(__file__).resolve().parent / "skips"

# What each selector of this release has not. The emulation of kqueue is NetBSD
# unless FAKE_KQUEUE=freebsd, where there is priority.
SELECTORS = {
    "epoll": {"aio", "lio"},
    "kqueue": {"aio", "lio", "exclusive", "priority"},
    "poll": {"aio", "lio", "edge-exact", "exclusive", "fd"},
}
FREEBSD = {"kqueue": SELECTORS["kqueue"] - {"priority"}}
NAMES = {"epoll": "epoll", "kqueue": "kqueue", "poll": "poll(2)"}
REASONS = {
    "exclusive": "has no exclusive registrations",
    "edge-exact": "has no edges: an edge registration is level",
    "fd": "has no descriptor of its own",
    "priority": "has no exceptional conditions on NetBSD",
    "no-exclusive": "has exclusive registrations",
    "no-priority": "has priority interest",
    "no-abstract": "is here where abstract names are",
    "no-edge-exact": "has edges",
    "no-fd": "has a descriptor of its own",
}

# What each engine has not, and why.
LUA = {
    "null": "NULL cannot be written in Lua: nil raises before C is called",
    "options": "Lua has no structs: the bindings fill in the options",
}
DOUBLES = LUA | {"token64": "numbers are doubles here, and exact below 2^53"}
ENGINES = {
    "c": ("the C engine", {}),
    "python": ("the Python engine", {
        "null": "an object of the package is never NULL",
        "options": "Poll() takes no option but the name of a selector",
        "raw": "names are strings and errors are exceptions: no raw functions",
        "flat": "each kind is a class, which lacks what its kind has not",
    }),
    "ruby": ("the Ruby engine", {
        "null": "an object of the binding is never NULL",
        "flat": "each kind of source has its own operations only",
    }),
    "lua5.1": ("Lua 5.1", DOUBLES),
    "lua5.2": ("Lua 5.2", DOUBLES),
    "lua5.3": ("Lua 5.3", LUA),
    "lua5.4": ("Lua 5.4", LUA),
    "luajit-ffi": ("LuaJIT with its FFI", LUA),
    "luajit-swig": ("LuaJIT with the SWIG module", DOUBLES),
}


def lacking(case, lacks):
    """The first need of the case that is not there, or None."""
    for need in case.needs:
        if (need[3:] not in lacks if need.startswith("no-")
                else need in lacks):
            return need
    return None


def lines(cases, engine_lacks, selectors):
    for selector, lacks in selectors.items():
        for case in cases:
            need = lacking(case, lacks | set(engine_lacks))
            if need:
                why = engine_lacks.get(need) or (
                    f"{NAMES[selector]} {REASONS[need]}")
                yield f"{case.name} {selector} {why}\n"


def lists():
    """File names, with what belongs into them."""
    cases = caselib.read_cases()
    rule = "NAME SELECTOR why. It may not go stale.\n"
    for engine, (title, lacks) in ENGINES.items():
        yield (f"{engine}.txt", f"# What {title} skips: {rule}"
               + "".join(lines(cases, lacks, SELECTORS)))
    yield ("c-kqueue-freebsd.txt",
           "# What the C engine skips on the emulation of kqueue with "
           f"FAKE_KQUEUE=freebsd:\n# {rule}"
           + "".join(lines(cases, {}, FREEBSD)))


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    stale = [(name, text) for name, text in lists()
             if not (FOLDER / name).exists()
             or (FOLDER / name).read_text() != text]
    for name, text in stale:
        if arguments:
            print(f"skips/{name} is old: run skips.py")
        else:
            (FOLDER / name).write_text(text)
    return not (arguments and stale)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
