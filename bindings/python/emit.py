"""Writes the C source of the extension module: emit.py OUTPUT CDEF...

The declarations are those of the given files, and the C compiler checks them
against the headers.
"""

import pathlib
import sys

import cffi


def main() -> None:
    output, *cdefs = sys.argv[1:]
    builder = cffi.FFI()
    for name in cdefs:
        builder.cdef(pathlib.Path(name).read_text())
    builder.set_source("miopoll._miopoll", '#include "extension.h"\n')
    builder.emit_c_code(output)


main()
