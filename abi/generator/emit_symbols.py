"""The lists of exported functions, one for each linker, and the cdef."""

NOTICE = "generated from abi/miopoll.h by abi/generate.py; do not edit"


def files(abi):
    return {
        "miopoll.cdef": cdef(abi),
        "miopoll.map": version_script(abi),
        "miopoll.def": windows(abi),
        "miopoll.exports": macos(abi),
    }


def cdef(abi):
    """What cffi's and LuaJIT's ffi.cdef() take unchanged."""
    return f"/* {NOTICE} */\n{abi.cdef}"


def version_script(abi):
    """For GNU ld and lld: nothing but these functions is exported."""
    lines, previous = [f"/* {NOTICE} */"], None
    for node, names in abi.nodes().items():
        lines += [f"{node} {{", "  global:"]
        lines += [f"    {name};" for name in names]
        if previous is None:
            lines += ["  local:", "    *;"]
        lines += [f"}} {previous};" if previous else "};"]
        previous = node
    return "\n".join(lines) + "\n"


def windows(abi):
    lines = [f"; {NOTICE}", "EXPORTS"]
    return "\n".join(lines + [f"  {name}" for name in names(abi)]) + "\n"


def macos(abi):
    lines = [f"# {NOTICE}"]
    return "\n".join(lines + [f"_{name}" for name in names(abi)]) + "\n"


def versions(abi):
    """`name@node` of every function, the form of a frozen symbols.txt."""
    return sorted(f"{name}@{node}" for node, names in abi.nodes().items()
                  for name in names)


def names(abi):
    return sorted(function.name for function in abi.functions)
