#!/usr/bin/env python3
"""Writes abi/generated/, all of it, from abi/miopoll.h.

  generate.py                 regenerate
  generate.py --check         compare; say what differs, and exit 1 if it does
  generate.py freeze 0.1      write abi/frozen/0.1/ as the record of a release

Needs pycparser and a C compiler, named by CC or called cc.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

try:
    from generator import emit, rules
    from generator.errors import HeaderError
except ModuleNotFoundError as error:
    sys.exit(f"generate: {error}; run tools/setup.sh test, then "
             "build/venv/bin/python abi/generate.py")

ABI = Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--header", type=Path, default=ABI / "miopoll.h")
    parser.add_argument("--out", type=Path,
                        help="the folder to write or to compare")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("freeze").add_argument("release")
    return parser.parse_args()


def show(header):
    """The header as messages name it, the same on every machine."""
    inside = header.resolve().is_relative_to(ABI)
    return f"abi/{header.name}" if inside else str(header)


def check(abi, folder):
    lines = emit.stale(emit.generated(abi), folder)
    if lines:
        print("\n".join(lines), file=sys.stderr)
        print(f"generate: stale; {emit.REMEDY}", file=sys.stderr)
    return 1 if lines else 0


def freeze(abi, header, folder, release):
    current = ".".join(map(str, abi.version[:2]))
    if release != current:
        print(f"generate: the header is {current}; only that can be frozen, "
              f"not {release}", file=sys.stderr)
        return 1
    text = header.read_text(encoding="utf-8")
    emit.write(emit.frozen(abi, text, release), folder)
    return 0


def main():
    args = arguments()
    try:
        abi = rules.load(args.header, show(args.header))
    except HeaderError as error:
        print(error, file=sys.stderr)
        return 1
    if args.command == "freeze":
        folder = args.out or ABI / "frozen" / args.release
        return freeze(abi, args.header, folder, args.release)
    folder = args.out or ABI / "generated"
    if args.check:
        return check(abi, folder)
    emit.write(emit.generated(abi), folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
