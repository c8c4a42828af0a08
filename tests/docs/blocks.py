"""The fenced blocks of the pages, by language."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# These have tests of their own, in tests/py, tests/lua and tests/abi.
ELSEWHERE = {"docs/python.md", "docs/lua.md", "docs/bind-your-language.md",
             "README.md"}

# Rust is what is ported from; it is shown, not built.
SHOWN = {"text", "rust"}

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def pages():
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    names = (path.relative_to(ROOT).as_posix() for path in paths)
    return sorted(name for name in names if name not in ELSEWHERE)


def blocks(page):
    """[(language, text)]"""
    return FENCE.findall((ROOT / page).read_text(encoding="utf-8"))


def of(language):
    """[(page, number, text)]"""
    return [(page, number, text) for page in pages()
            for number, (word, text) in enumerate(blocks(page), 1)
            if word == language]
