#!/usr/bin/env python3
"""P5: how many user instructions a wait takes, counted exactly by callgrind.

    bench/instructions.py --build DIR

Each loop of bench-instructions runs twice under callgrind, the second time
with more rounds, and the difference is what a round takes: linking and the
like are in both. Counted is what happens inside of mio_poll_wait(), with the C
library's epoll_wait() in it, and, beside it, inside of epoll_wait() alone; not
the caller's loop, and not the kernel. Exits with 1 if a limit is passed:
unlike times, counts are the same on a busy machine.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROUNDS = 200, 600
MANY = 64
CALLS = {"raw": "epoll_wait", "mio": "mio_poll_wait"}

# What is counted, the limit, and how it follows from the counts of a round
# with no event, with one, and with MANY.
LIMITS = [
    ("empty call", 60, lambda none, one, many: none),
    ("1 event", 100, lambda none, one, many: one),
    (f"per event at {MANY}", 20,
     lambda none, one, many: (many - none) / MANY),
]


def count(program, contender, ready, rounds):
    """All instructions inside of the waits of one run."""
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind",
             f"--callgrind-out-file={scratch}/out",
             f"--toggle-collect={CALLS[contender]}",
             program, contender, str(ready), str(rounds)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", env={**os.environ, "LC_ALL": "C"})
    found = re.search(r"Collected : (\d+)", done.stdout)
    if done.returncode != 0 or not found:
        sys.exit(f"instructions: {program} under callgrind ended with "
                 f"{done.returncode}:\n{done.stdout}")
    return int(found.group(1))


def per_round(program, contender, ready):
    """Instructions of one round: exact, so a fraction is an error."""
    few, more = (count(program, contender, ready, n) for n in ROUNDS)
    result = (more - few) / (ROUNDS[1] - ROUNDS[0])
    if result != int(result):
        print(f"instructions: {contender} with {ready} ready: not the same "
              f"in every round ({result:.2f})", file=sys.stderr)
    return result


def main():
    parser = argparse.ArgumentParser(
        description="Counts the user instructions of a wait.")
    parser.add_argument("--build", required=True, type=pathlib.Path,
                        metavar="DIR", help="the directory of a release build")
    options = parser.parse_args()
    program = options.build.resolve() / "bench" / "bench-instructions"
    if not program.exists():
        sys.exit(f"instructions: {program} is not built")
    if shutil.which("valgrind") is None:
        sys.exit("instructions: valgrind is not installed")
    jobs = [(contender, ready) for contender in CALLS
            for ready in (0, 1, MANY)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = dict(zip(jobs, pool.map(
            lambda job: per_round(program, *job), jobs)))
    raw, mio = ([counts[name, ready] for ready in (0, 1, MANY)]
                for name in CALLS)
    print(f"{'user instructions':20}{'raw':>8}{'mio':>8}{'limit':>8}")
    passed = 0
    for what, limit, value in LIMITS:
        over = value(*mio) > limit
        passed += over
        print(f"P5  {what:16}{value(*raw):8.1f}{value(*mio):8.1f}{limit:8}"
              f"{'  over the limit' if over else ''}")
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main())
