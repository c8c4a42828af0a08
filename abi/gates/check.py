#!/usr/bin/env python3
"""Compares a built libmiopoll with every release in abi/frozen/.

  check.py --library build/debug/src/libmiopoll.so

Prints a line for each failure, and exits 1 if there is one. The library needs
debug information (-g); the program a C compiler (CC or cc), readelf, abidiff.
"""

import argparse
import sys
import tempfile
from pathlib import Path

ABI = Path(__file__).resolve().parents[1]
FROZEN = ABI / "frozen"
NAMES = ABI / "gates" / "names"
sys.path.insert(0, str(ABI))

try:
    from gates import gates, release
    from gates.stub import StubError
    from gates.tools import Failure, MissingTool
    from generator import parse
    from generator.errors import HeaderError
except ModuleNotFoundError as error:
    sys.exit(f"check: {error}; run tools/setup.sh test, then "
             "build/venv/bin/python abi/gates/check.py")


def check(library, header, version_map, releases, work, names=NAMES):
    """All failures of all gates; `work` is a folder for what they build."""
    abi = parse.load(header)
    script = version_map.read_text(encoding="utf-8")
    failures = gates.maps(abi, script)
    failures += gates.names(abi, names)
    failures += gates.symbols(releases, library, script)
    for past in releases:
        failures += gates.layout(past, header)
        failures += gates.abidiff(past, library, header, abi,
                                  work / f"since-{past.name}")
    if not releases:
        failures.append(Failure("layout", "no release to compare with",
                                "restore abi/frozen"))
    return failures


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--header", type=Path, default=ABI / "miopoll.h")
    parser.add_argument("--map", type=Path,
                        default=ABI / "generated" / "miopoll.map")
    return parser.parse_args()


def main():
    args = arguments()
    try:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            releases = release.read_all(FROZEN, work)
            failures = check(args.library, args.header, args.map, releases,
                             work)
    except (HeaderError, MissingTool, StubError, OSError) as error:
        print(f"check: {error}", file=sys.stderr)
        return 1
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
