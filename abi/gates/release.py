"""A release as abi/frozen/ keeps it: a header, assertions and symbols, from
which a library can be built anew in any year and on any machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator import parse
from generator.model import Abi

from . import stub


@dataclass
class Release:
    name: str
    folder: Path
    abi: Abi
    symbols: set[str]
    library: Path


def read_all(frozen, work):
    """The releases in the folder `frozen`; their libraries go to `work`."""
    folders = sorted(path for path in frozen.iterdir() if path.is_dir())
    return [read(folder, work / folder.name) for folder in folders]


def read(folder, work):
    abi = parse.load(folder / "miopoll.h")
    symbols = set((folder / "symbols.txt").read_text().split())
    library = stub.build(abi, folder, stub.version_script(symbols), work)
    return Release(folder.name, folder, abi, symbols, library)
