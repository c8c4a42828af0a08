"""All generated files together: writing them, comparing them, freezing."""

from __future__ import annotations

import difflib
from pathlib import PurePath

from . import (emit_assert, emit_bindings, emit_json, emit_lua_meta,
               emit_man, emit_symbols)

REMEDY = "run: python abi/generate.py"
DIFF_LINES = 12


def generated(abi):
    """File name, below abi/generated -> text."""
    files = {}
    for emitter in (emit_symbols, emit_assert, emit_json, emit_bindings,
                    emit_lua_meta, emit_man):
        files |= emitter.files(abi)
    return files


def write(files, folder):
    """Writes what differs, so that a build sees no needless change."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for name in strangers(files, folder):
        (folder / name).unlink()


def strangers(files, folder):
    """Names of files beside ours that nothing generates any more."""
    places = {PurePath(name).parent for name in files}
    found = [place / path.name for place in places if (folder / place).is_dir()
             for path in (folder / place).iterdir() if path.is_file()]
    return sorted({str(name) for name in found} - set(files))


def stale(files, folder):
    """Lines that say what differs; none when all is fresh."""
    lines = []
    for name, text in files.items():
        path = folder / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old != text:
            lines += difference(name, old, text)
    if folder.is_dir():
        lines += [f"{name}: nothing generates it"
                  for name in strangers(files, folder)]
    return lines


def difference(name, old, new):
    diff = list(difflib.unified_diff(
        old.splitlines(), new.splitlines(), f"{name} (checked in)",
        f"{name} (from the header)", n=1, lineterm=""))
    if len(diff) > DIFF_LINES:
        more = len(diff) - DIFF_LINES
        diff = diff[:DIFF_LINES] + [f"... {more} more lines"]
    return diff


def frozen(abi, header_text, release):
    """The files of abi/frozen/RELEASE."""
    notice = (f"the ABI of release {release}, written by "
              f"`abi/generate.py freeze {release}`; do not edit")
    return {
        "miopoll.h": header_text,
        "assertions.c": emit_assert.assertions(abi, False, notice),
        "symbols.txt": "\n".join(emit_symbols.versions(abi)) + "\n",
    }
