#!/usr/bin/env python3
"""Checks the models with spin: run.py [--long] [--build DIRECTORY] [NAME...]

Each configuration is built and searched, and must come out as expected: the
protocol holds in a complete search, a broken variant violates the property
that it should, and what a witness says cannot happen does happen. One line
each; a last line "model: N passed, N failed"; exit status 1 on any surprise,
and 77 where spin or a C compiler is missing.
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
import time

HERE = pathlib.Path(__file__).resolve().parent
COMPILER = os.environ.get("CC", "cc")

HOLDS = "holds"
LOST = "no_lost_wake"
HIDDEN = "no_hidden_wake"
DEAD = "no_dead_token"
CHANGE = "no_lost_change"
REACHED = "0"  # What is left of assert(false).

# Name, model, definitions, what is expected. A broken variant that breaks more
# than one property may violate either: then it is a tuple.
QUICK = [
    ("two-slots", "wakeup", "", HOLDS),
    ("two-events", "wakeup", "CAPACITY=2 WAKES=2", HOLDS),
    ("one-slot", "wakeup", "ONE_SLOT", HOLDS),
    ("two-waiters", "wakeup", "TWO_WAITERS ONE_SLOT WAKES=1", HOLDS),
    ("recycler", "wakeup", "RECYCLER WAKES=1", HOLDS),
    ("sharer", "wakeup", "SHARER ONE_SLOT", HOLDS),
    ("count", "wakeup", "ONE_SLOT COUNT WAKES=2", HOLDS),
    ("pipe", "pipe", "", HOLDS),

    ("broken-leave-by-store", "wakeup", "BROKEN_LEAVE_BY_STORE", LOST),
    ("same-without-buffers", "wakeup",
     "BROKEN_LEAVE_BY_STORE SEQUENTIAL ONE_SLOT", HOLDS),
    ("broken-leave-by-checked-store", "wakeup",
     "BROKEN_LEAVE_BY_CHECKED_STORE", LOST),
    ("broken-enter-in-two-steps", "wakeup", "BROKEN_ENTER_IN_TWO_STEPS ONE_SLOT",
     LOST),
    ("broken-settle-all", "wakeup", "BROKEN_SETTLE_ALL WAKES=2", LOST),
    ("broken-settle-all-recycler", "wakeup",
     "BROKEN_SETTLE_ALL RECYCLER WAKES=1", LOST),
    ("broken-settle-marks-first", "wakeup", "BROKEN_SETTLE_MARKS_FIRST WAKES=2",
     LOST),
    ("broken-settle-after-leave", "wakeup",
     "BROKEN_SETTLE_AFTER_LEAVE TWO_WAITERS ONE_SLOT WAKES=2", LOST),
    ("broken-merge-by-load", "wakeup", "BROKEN_MERGE_BY_LOAD ONE_SLOT", LOST),
    ("broken-post-first", "wakeup", "BROKEN_POST_FIRST WAKES=2",
     LOST),
    ("broken-post-before-wrote", "wakeup", "BROKEN_POST_BEFORE_WROTE WAKES=2",
     LOST),
    ("broken-wrote-before-written", "wakeup", "BROKEN_WROTE_BEFORE_WRITTEN",
     LOST),
    ("broken-keeps-nothing", "wakeup", "BROKEN_KEEPS_NOTHING", LOST),
    ("broken-keep-ignores-share", "wakeup",
     "BROKEN_KEEP_IGNORES_SHARE SHARER WAKES=1", HIDDEN),
    ("broken-share-posts-nothing", "wakeup",
     "BROKEN_SHARE_POSTS_NOTHING SHARER ONE_SLOT", (LOST, HIDDEN)),
    ("broken-free-keeps-mark", "wakeup", "BROKEN_FREE_KEEPS_MARK RECYCLER WAKES=1",
     (LOST, DEAD)),
    ("broken-token-before-take", "wakeup",
     "BROKEN_TOKEN_BEFORE_TAKE RECYCLER WAKES=1", (LOST, DEAD)),
    ("broken-mark-before-drain", "pipe", "BROKEN_MARK_BEFORE_DRAIN", LOST),
    ("broken-ring-before-posted", "pipe", "BROKEN_RING_BEFORE_POSTED", LOST),
    ("broken-look-before-quiet", "pipe", "BROKEN_LOOK_BEFORE_QUIET", LOST),
    ("broken-rest-unrung", "pipe", "BROKEN_REST_UNRUNG", LOST),

    ("witness-merge", "wakeup", "WITNESS_MERGE", REACHED),
    ("witness-take", "wakeup", "WITNESS_TAKE", REACHED),
    ("witness-keep", "wakeup", "WITNESS_KEEP SHARER WAKES=1", REACHED),
    ("witness-share", "wakeup", "WITNESS_SHARE SHARER WAKES=1", REACHED),
    ("witness-busy", "wakeup", "WITNESS_BUSY TWO_WAITERS", REACHED),
    ("witness-sleep", "wakeup", "WITNESS_SLEEP WAKES=1", REACHED),
    ("witness-merged-ring", "pipe", "WITNESS_MERGED_RING", REACHED),
    ("witness-rest", "pipe", "WITNESS_REST", REACHED),
]

LONG = [
    ("two-events-no-limit", "wakeup", "CAPACITY=2", HOLDS),
    ("recycler-no-limit", "wakeup", "RECYCLER", HOLDS),
    ("sharer-two-slots", "wakeup", "SHARER", HOLDS),
    ("two-waiters-no-limit", "wakeup", "TWO_WAITERS ONE_SLOT", HOLDS),
    ("recycler-sharer", "wakeup", "RECYCLER SHARER WAKES=1", HOLDS),
    ("count-two-slots", "wakeup", "COUNT WAKES=2", HOLDS),
]


def run(command, directory, limit=None):
    done = subprocess.run(command, cwd=directory, text=True, timeout=limit,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def search(directory, model, definitions, expected, is_long):
    """Returns what came out, and the number of states."""
    defines = ["-D" + word for word in definitions.split()]
    status, text = run(["spin", "-a", *defines, str(HERE / (model + ".pml"))],
                       directory)
    if status != 0 or not (directory / "pan.c").exists():
        return "spin: " + text.strip(), 0
    # What must hold is searched in full, where a fast program pays. COLLAPSE
    # stores exactly the same in less room. Limits in megabytes.
    options = ["-O1" if expected == HOLDS else "-O0", "-DSAFETY",
               "-DMEMLIM=%d" % (1900 if is_long else 1000)]
    if is_long:
        options.append("-DCOLLAPSE")
    status, text = run([COMPILER, "-w", *options, "-o", "pan", "pan.c"],
                       directory)
    if status != 0:
        return "compiler: " + text.strip(), 0
    depth = 4000000 if is_long else 1000000
    status, text = run(["./pan", "-m%d" % depth, "-w22"], directory,
                       limit=1800)
    states = re.search(r"(\d+) states, stored", text)
    states = int(states.group(1)) if states else 0
    return judge(text), states


def judge(text):
    violated = re.search(r"assertion violated (.*) \(at depth", text)
    if violated:
        return violated.group(1).strip(" ()")
    errors = re.search(r"errors: (\d+)", text)
    surprise = re.search(r"^.*(max search depth too small|"
                         r"Search not completed|invalid end state \(|"
                         r"out of memory|MEMLIM|hash-table).*$",
                         text, re.MULTILINE)
    if surprise:
        return surprise.group(0).strip()
    if errors is None or errors.group(1) != "0":
        return "no result: " + text.strip()[-400:]
    return HOLDS


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true",
                        help="also the large configurations")
    parser.add_argument("--build", type=pathlib.Path,
                        help="where to build (a temporary directory)")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("names", nargs="*", help="only these configurations")
    options = parser.parse_args()
    for tool in ("spin", COMPILER):
        if shutil.which(tool) is None:
            print("model: skipped, there is no", tool)
            return 77

    chosen = [(row, False) for row in QUICK]
    if options.long or options.names:
        chosen += [(row, True) for row in LONG]
    if options.names:
        chosen = [pair for pair in chosen if pair[0][0] in options.names]
        unknown = set(options.names) - {row[0] for row, _ in chosen}
        if unknown:
            parser.error("unknown: " + " ".join(sorted(unknown)))

    build = options.build or pathlib.Path(tempfile.mkdtemp(prefix="model-"))

    def check(pair):
        (name, model, definitions, expected), is_long = pair
        directory = (build / name).resolve()
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        begin = time.monotonic()
        try:
            outcome, states = search(directory, model, definitions, expected,
                                     is_long)
        except subprocess.TimeoutExpired:
            outcome, states = "too slow", 0
        wanted = expected if isinstance(expected, tuple) else (expected,)
        good = outcome in wanted and states > 0
        return name, good, outcome, wanted, states, time.monotonic() - begin

    passed = failed = 0
    # One large search at a time: each may take almost 2 GB.
    for large in (False, True):
        jobs = 1 if large else options.jobs
        part = [pair for pair in chosen if pair[1] == large]
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for result in pool.map(check, part):
                name, good, outcome, wanted, states, seconds = result
                passed += good
                failed += not good
                shown = {HOLDS: "holds", REACHED: "reached"}.get(
                    outcome, "violates " + outcome)
                print("%-4s %-30s %9d states %5.1f s  %s%s" % (
                    "ok" if good else "FAIL", name, states, seconds, shown,
                    "" if good else ", expected " + " or ".join(wanted)),
                    flush=True)
    if options.build is None:
        shutil.rmtree(build, ignore_errors=True)
    print("model: %d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
