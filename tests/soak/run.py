#!/usr/bin/env python3
"""Many connections, and what the process has of descriptors and memory after
each tenth of them: flat, on every selector.

    tests/soak/run.py --build DIR [--connections N]
"""

import argparse
import pathlib
import subprocess
import sys

SELECTORS = "epoll", "poll"
LIMIT = 1200  # Seconds for one selector.
# How far it may grow after the first tenth: less than a byte for each
# connection. Blocks come back a little larger than they were asked for, now
# and then, and pages as the kernel likes.
HEAP, RESIDENT = 512, 256 * 1024


def samples(program, selector, connections):
    done = subprocess.run([program, selector, str(connections)],
                          capture_output=True, text=True, timeout=LIMIT)
    if done.returncode != 0:
        sys.exit(f"soak: {selector}: status {done.returncode}: {done.stderr}")
    return [tuple(map(int, line.split()))
            for line in done.stdout.splitlines()]


def growth(rows):
    """What grew, as sentences; none if all is flat."""
    _, descriptors, heap, resident = rows[0]
    problems = []
    if any(row[1] != descriptors for row in rows):
        problems.append(f"descriptors: {[row[1] for row in rows]}")
    if max(row[2] for row in rows) > heap + HEAP:
        problems.append(f"heap: {[row[2] for row in rows]}")
    if rows[-1][3] > resident + RESIDENT:
        problems.append(f"resident: {[row[3] for row in rows]}")
    return problems


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--build", required=True, type=pathlib.Path)
    arguments.add_argument("--connections", type=int, default=10_000)
    given = arguments.parse_args()
    failed = 0
    for selector in SELECTORS:
        rows = samples(given.build / "tests/soak/soak", selector,
                       given.connections)
        problems = growth(rows)
        if len(rows) != 10 or rows[-1][0] != given.connections:
            problems.append(f"{len(rows)} samples, to {rows[-1][0]}")
        failed += bool(problems)
        count, descriptors, heap, resident = rows[-1]
        print(f"{selector}: {count} connections, {descriptors} descriptors, "
              f"heap {heap}, resident {resident // 1024} KiB"
              + "".join(f"; NOT FLAT: {text}" for text in problems))
    print(f"soak: {len(SELECTORS) - failed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
