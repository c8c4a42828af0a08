#!/usr/bin/env python3
"""Puts the files that the README shows into it, or with --check says which of
them are not as they are shown."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r'^(```\w+ title="([^"]+)"\n)(.*?)^```$', re.M | re.S)


def with_files(text):
    def block(match):
        return match[1] + (ROOT / match[2]).read_text() + "```"
    shown = BLOCK.findall(text)
    if not shown:
        sys.exit("readme: no file is shown")
    return BLOCK.sub(block, text)


def main():
    text = README.read_text()
    fresh = with_files(text)
    if "--check" not in sys.argv[1:]:
        README.write_text(fresh)
    elif fresh != text:
        sys.exit("readme: a file shown has changed; run tools/readme.py")


if __name__ == "__main__":
    main()
