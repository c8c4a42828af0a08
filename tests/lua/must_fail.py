#!/usr/bin/env python3
"""Feeds a runner the cases that must fail, each in a process of its own.

    must_fail.py COMMAND...     with SELECTOR "epoll" and no skip list
"""

import concurrent.futures
import pathlib
import re
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "conformance/must-fail"


def problem(command, path):
    """What was wrong with how it failed; None if nothing was."""
    kind = re.match(r"# fails: (\S+)", path.read_text()).group(1)
    done = subprocess.run([*command, "must-fail", "epoll", "-", str(path)],
                          capture_output=True, text=True, timeout=60)
    first = re.search(r"^FAIL \S+: ([a-z-]+): ", done.stdout, re.M)
    if done.returncode != 0 and first and first.group(1) in (kind, "skip"):
        return None
    return (f"should fail as {kind}; ended with {done.returncode}: "
            f"{done.stdout}{done.stderr}")


def main():
    paths = sorted(FOLDER.glob("*.case"))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda path: problem(sys.argv[1:], path), paths)
        for path, wrong in zip(paths, results):
            if wrong:
                failed += 1
                print(f"FAIL {path.name}: {wrong}")
    print(f"{len(paths) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
