#!/usr/bin/env python3
"""Breaks the library on purpose, one way at a time, and sees each breakage
noticed by the test that is there for it (mutants.py has the list).

    tests/mutants/run.py [--only WORD] [--program NAME]

A part of it is in `make test`; `make mutants` runs it all. A test that hangs because of
a breakage has noticed it too.
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

import kqueue
from mutants import CASES, FUZZ, MUTANTS, THREADS

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PATIENCE = 40  # Seconds; none of these tests takes 10 unbroken.
FUZZING = 15

WRAPPED = ("malloc calloc realloc free epoll_create1 epoll_ctl eventfd pipe2 "
           "socket socketpair accept4 bind listen connect setsockopt "
           "pthread_mutex_init").split()
OTHER_SYSTEMS = ("bsd.c", "darwin.c")
SOURCES = ["sigpipe_test", "scarcity_test", "source_thread_test",
           "source_process_test", "source_handle_test", "source_length_test",
           "source_adopt_test", "source_address_test", "sandbox", "ends"]
PROGRAMS = {
    "named": ["wait_test", "waker_test", "process_test", "handle_test",
              "sandbox_test", "sandbox"],
    "memory": ["memory_test", "source_memory_test", "wrapped", "ends"],
    "translate": ["translate_epoll_test", "translate_poll_test"],
    "sources": SOURCES,
    THREADS: SOURCES,
    "cases": [],
    "kqueue": ["wait_test", "waker_test", "process_test", "handle_test",
               "kqueue_test"],
    "kqueue-translate": ["translate_kqueue_test"],
    "kqueue-cases": [],
}
KQUEUE_PROGRAMS = (kqueue.NAMED, kqueue.TRANSLATE, kqueue.CASES)
OF_KQUEUE = r"selector/(kqueue|nesting)\.c$|wake/edge_pipe\.c$"


def sources(tree, program):
    library = sorted(str(path) for path in (tree / "src").rglob("*.c")
                     if path.name not in OTHER_SYSTEMS)
    if program in KQUEUE_PROGRAMS:
        fakes = (tree / "tests/fakes/kqueue").glob("*.c")
        library += sorted(map(str, fakes))
    else:
        library = [path for path in library if not re.search(OF_KQUEUE, path)]
    if program in (CASES, kqueue.CASES):
        folders = [tree / "tests/kit", tree / "tests/c/conformance"]
        tests = [str(path) for folder in folders
                 for path in sorted(folder.glob("*.c"))
                 if path.name != "criterion_front.c"]
    else:
        tests = [str(tree / f"tests/c/{name}.c")
                 for name in ["check", *PROGRAMS[program]]]
    if program == "translate":  # These two include the selectors' sources.
        library = [path for path in library
                   if not re.search(r"selector/(epoll|posix_poll)\.c$", path)]
    if program == kqueue.TRANSLATE:
        library = [path for path in library
                   if not path.endswith("src/selector/kqueue.c")]
    return library + tests


def compile_program(tree, program):
    output = tree / program
    command = [
        "gcc", "-std=c11", "-O1", "-pthread", "-w", "-D_GNU_SOURCE",
        "-DMIOPOLL_HAVE_EPOLL", "-iquote", str(tree / "src"),
        "-I", str(tree / "abi"), "-I", str(tree / "tests/kit"),
        *sources(tree, program), "-o", str(output),
    ]
    if program in KQUEUE_PROGRAMS:
        command += ["-DMIOPOLL_HAVE_KQUEUE", "-I",
                    str(tree / "tests/fakes/kqueue")]
    if program == "memory":
        command += [f"-Wl,--wrap={call}" for call in WRAPPED]
    if program == THREADS:
        command += ["-fsanitize=thread", "-g"]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return output


def passes(tree, program, filter_):
    if program == FUZZ:
        return subprocess.run(
            [sys.executable, str(ROOT / "tests/fuzz/run.py"), "--tree",
             str(tree), "--seconds", str(FUZZING)],
            capture_output=True).returncode == 0
    program, _, system = program.partition("@")
    command = [str(compile_program(tree, program))]
    if program in (CASES, kqueue.CASES):
        only = ["--selector", "kqueue"] if program == kqueue.CASES else []
        command += [*only, "--filter", filter_,
                    str(tree / "tests/conformance/cases")]
    else:
        only = ["kqueue"] if program in KQUEUE_PROGRAMS else []
        command += [filter_, *only]
    environment = {**os.environ, "FAKE_KQUEUE": system}
    try:
        return subprocess.run(command, cwd=tree, capture_output=True,
                              env=environment,
                              timeout=PATIENCE).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def copy_tree(folder):
    tree = pathlib.Path(folder)
    for part in ("src", "abi", "tests/c", "tests/kit", "tests/fakes",
                 "tests/conformance"):
        shutil.copytree(ROOT / part, tree / part)
    return tree


def is_noticed(mutant):
    name, file, before, after, program, filter_ = mutant
    with tempfile.TemporaryDirectory() as folder:
        tree = copy_tree(folder)
        path = tree / file
        text = path.read_text()
        if text.count(before) != 1:
            return name, f"{file}: the text is there {text.count(before)} times"
        path.write_text(text.replace(before, after))
        try:
            if passes(tree, program, filter_):
                return name, f"{program} {filter_} did not notice"
        except subprocess.CalledProcessError as error:
            return name, "does not compile: " + error.stderr[-500:]
    return name, None


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--only", default="")
    arguments.add_argument("--program", default="")
    given = arguments.parse_args()
    chosen = [mutant for mutant in MUTANTS + kqueue.KQUEUE_MUTANTS
              if given.only in mutant[0] and given.program in mutant[4]]
    with tempfile.TemporaryDirectory() as folder:
        tree = copy_tree(folder)
        for program, filter_ in {(m[4], m[5]) for m in chosen}:
            if not passes(tree, program, filter_):
                sys.exit(f"unbroken, {program} {filter_} fails already")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, problem in pool.map(is_noticed, chosen):
            failed += problem is not None
            print(f"{'noticed' if problem is None else 'MISSED '} {name}"
                  + (f": {problem}" if problem else ""), flush=True)
    print(f"mutants: {len(chosen) - failed} passed, {failed} failed")
    sys.exit(failed != 0 or not chosen)


if __name__ == "__main__":
    main()
