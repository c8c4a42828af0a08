#!/usr/bin/env python3
"""Fuzzes what reads text that comes from elsewhere, with libFuzzer and the
sanitizers for addresses and undefined behaviour.

    tests/fuzz/run.py [--seconds N] [--tree DIR]

Begins with the seeds in corpus/, and with what earlier runs found worth
keeping in build/fuzz/. An input that fails is left in build/fuzz/ too, and is
run again by naming it to the program that is built there.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "tests/fuzz"
ELSEWHERE = ("bsd.c", "darwin.c", "kqueue.c", "nesting.c", "edge_pipe.c")
LEAST = 1000  # Inputs a second; it is a hundred times that on an idle machine.


def build(tree, folder):
    sources = sorted(str(path) for path in (tree / "src").rglob("*.c")
                     if path.name not in ELSEWHERE)
    program = folder / "addr_fuzz"
    subprocess.run(
        ["clang", "-std=c11", "-O1", "-g", "-pthread", "-w", "-D_GNU_SOURCE",
         "-DMIOPOLL_HAVE_EPOLL", "-iquote", str(tree / "src"),
         "-I", str(tree / "abi"), "-fno-sanitize-recover=all",
         "-fsanitize=fuzzer,address,undefined", *sources,
         str(HERE / "addr_fuzz.c"), "-o", str(program)], check=True)
    return program


def fuzz(program, folder, seconds):
    """The number of inputs that went well, or None."""
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    done = subprocess.run(
        [program, f"-max_total_time={seconds}", "-max_len=420", "-timeout=10",
         f"-dict={HERE}/addr.dict", f"-artifact_prefix={folder}/",
         "-print_final_stats=1", corpus, HERE / "corpus"],
        capture_output=True, text=True, errors="replace",
        env={**os.environ, "ASAN_OPTIONS": "detect_leaks=1"})
    found = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    if done.returncode != 0 or found is None:
        print(done.stderr[-6000:])
        return None
    return int(found.group(1))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=int, default=50)
    arguments.add_argument("--tree", type=pathlib.Path, default=ROOT,
                           help="where src/ and abi/ are")
    given = arguments.parse_args()
    folder = (given.tree / "build/fuzz").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    inputs = fuzz(build(given.tree.resolve(), folder), folder, given.seconds)
    enough = inputs is not None and inputs >= LEAST * given.seconds
    print(f"fuzz: {inputs} inputs in {given.seconds} s")
    print(f"fuzz: {int(enough)} passed, {int(not enough)} failed")
    sys.exit(not enough)


if __name__ == "__main__":
    main()
