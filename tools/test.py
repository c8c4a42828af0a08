#!/usr/bin/env python3
"""Builds the project in three ways and runs every suite, two at a time.

    tools/test.py [--only WORD]

A line for each suite; the end is the plain line `N passed, N failed, N
skipped`. What a suite printed is in build/logs, and its tail is shown when it
failed.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
LOGS = BUILD / "logs"
PYTHON = str(BUILD / "venv/bin/python")
LIMIT = 900  # Seconds for one suite; the slowest takes about a minute.

DEBUG_INFORMATION = "-g -fno-eliminate-unused-debug-types"
# Each build: compiler, options. `test` is what users get, with the debug
# information that the ABI gates compare.
BUILDS = {
    "test": ("gcc", ["-DCMAKE_BUILD_TYPE=Release",
                     f"-DCMAKE_C_FLAGS={DEBUG_INFORMATION}"]),
    "asan": ("clang", ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS=-O1 -g",
                       "-DMIOPOLL_SANITIZE=address,undefined"]),
    "tsan": ("gcc", ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS=-O1 -g",
                     "-DMIOPOLL_SANITIZE=thread"]),
}

ENVIRONMENT = {
    "MIOPOLL_BUILD": str(BUILD / "test"),
    "MIOPOLL_LIBRARY": str(BUILD / "test/src/libmiopoll.so"),
    "CRITERION_DISABLE_TIME_MEASUREMENTS": "1",
    # A cancelled thread has no alternate stack left that ASan could unset.
    "ASAN_OPTIONS": "detect_leaks=1:use_sigaltstack=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    # Tests fork while threads run; the child only frees.
    "TSAN_OPTIONS": "die_after_fork=0:halt_on_error=1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@dataclasses.dataclass
class Suite:
    name: str
    command: list
    environment: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Result:
    suite: Suite
    passed: int
    failed: int
    skipped: int
    seconds: float
    log: pathlib.Path


def tracked(*patterns):
    """The project's own files, without what is generated."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard",
         "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listing.stdout.split()
            if not re.search(r"generated/|frozen/|must-fail/", name)]


def binary(build, path):
    return str(BUILD / build / path)


def pytest(name, folder):
    return Suite(name, [PYTHON, "-m", "pytest", "-q", "-p",
                        "no:cacheprovider", folder])


def python_suites():
    return [
        pytest("ABI: generator, gates, header", "tests/abi"),
        pytest("system calls and locks, counted", "tests/counts"),
        pytest("conformance: tools and skip lists", "tests/conformance"),
        pytest("demonstration: client and echo", "tests/demo"),
        pytest("installed, moved, packaged, embedded", "tests/install"),
        Suite("generated files are fresh",
              [PYTHON, "abi/generate.py", "--check"]),
        Suite("the plan is fresh",
              [PYTHON, "tests/conformance/plan.py", "--check"]),
        Suite("coverage matrix is full and fresh",
              [PYTHON, "tests/conformance/matrix.py", "--check"]),
        Suite("instructions of a wait",
              [PYTHON, "bench/instructions.py", "--build",
               str(BUILD / "test")]),
        Suite("model of the wake flag",
              [PYTHON, "tests/model/run.py", "--build",
               str(BUILD / "model")]),
    ]


def named_suites():
    suites = []
    for name in ("named", "memory", "translate"):
        suites.append(Suite(f"{name} tests, Criterion",
                            [binary("test", f"tests/c/{name}-criterion")]))
        for build in ("asan", "tsan"):
            suites.append(Suite(f"{name} tests, plain, {build}",
                                [binary(build, f"tests/c/{name}-plain")]))
    valgrind = ["valgrind", "-q", "--leak-check=full", "--error-exitcode=9"]
    for part in ("waker/", "handle/"):
        suites.append(Suite(
            f"named tests, plain, valgrind: {part}",
            [*valgrind, binary("test", "tests/c/named-plain"), part],
            {"MIOPOLL_TEST_SLOW": "1"}))
    return suites


def conformance_suites():
    folder = "tests/c/conformance"
    cases = "tests/conformance/cases"
    suites = [
        Suite("conformance, C, Criterion",
              [binary("test", f"{folder}/conformance-criterion")]),
        Suite("conformance, cases that must fail",
              [binary("test", f"{folder}/conformance-plain"),
               "--must-fail", "tests/conformance/must-fail"]),
        Suite("conformance, plain, valgrind: a part",
              ["valgrind", "-q", "--leak-check=full", "--error-exitcode=9",
               binary("test", f"{folder}/conformance-plain"),
               "--filter", "waker/*", cases],
              {"MIOPOLL_TEST_SLOW": "1"}),
    ]
    for build in ("test", "asan", "tsan"):
        for selector in ("epoll", "poll"):
            suites.append(Suite(
                f"conformance, plain, {build}, {selector}",
                [binary(build, f"{folder}/conformance-plain"),
                 "--selector", selector, cases]))
    return suites


def one_plan(results):
    """Every engine has read the same cases, and lost none."""
    logs = [str(result.log) for result in results
            if result.suite.name.startswith("conformance, plain, test")]
    return Suite("all engines ran the plan",
                 [PYTHON, "tests/conformance/plan.py", "--compare", *logs])


def hygiene_suites():
    sources = tracked("*.c", "*.h")
    tidy = [name for name in tracked("*.c")
            if not name.startswith("abi/")]
    return [
        Suite("clang-tidy",
              ["clang-tidy", "-p", str(BUILD / "test"), "--quiet", *tidy]),
        Suite("clang-format",
              ["clang-format", "--dry-run", "-Werror", *sources]),
    ]


def counts(output, code):
    """Passed, failed, skipped, from whatever closing line there is."""
    criterion = re.findall(
        r"Tested: (\d+) \| Passing: (\d+) \| Failing: (\d+) \| "
        r"Crashing: (\d+)", output)
    plain = re.findall(
        r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?", output)
    summary = re.findall(r"^.*\b\d+ (?:passed|failed|error).* in .*$",
                         output, re.M)
    if criterion:
        _, passed, failing, crashing = map(int, criterion[-1])
        found = [passed, failing + crashing, 0]
    elif summary:
        def number(word):
            match = re.search(rf"(\d+) {word}", summary[-1])
            return int(match.group(1)) if match else 0
        found = [number("passed"), number("failed") + number("error"),
                 number("skipped")]
    elif plain:
        found = [sum(int(row[i] or 0) for row in plain) for i in range(3)]
    else:
        found = [int(code == 0), int(code != 0), 0]
    if code != 0 and found[1] == 0:
        found[1] = 1
    if code == 0 and found[0] == 0:
        found[1] += 1  # A suite that ran no test has failed.
    return found


def run(suite):
    log = LOGS / (re.sub(r"[^a-z0-9]+", "-", suite.name.lower()) + ".log")
    environment = {**os.environ, **ENVIRONMENT, **suite.environment}
    begin = time.monotonic()
    with log.open("wb") as file:
        process = subprocess.Popen(
            suite.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file,
            stderr=subprocess.STDOUT, env=environment,
            start_new_session=True)
        try:
            code = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            code = process.wait()
            file.write(f"\nkilled after {LIMIT} s\n".encode())
    output = log.read_text(errors="replace")
    return Result(suite, *counts(output, code), time.monotonic() - begin, log)


def report(result):
    mark = "FAILED" if result.failed else "ok"
    skipped = f", {result.skipped} skipped" if result.skipped else ""
    print(f"{mark:6} {result.suite.name:45} {result.passed:4} passed"
          f"{skipped} {result.seconds:7.1f} s", flush=True)
    if result.failed:
        tail = result.log.read_text(errors="replace").splitlines()[-40:]
        print("       " + "\n       ".join(tail))
        print(f"       all of it: {result.log.relative_to(ROOT)}")


def build(name):
    compiler, options = BUILDS[name]
    folder = BUILD / name
    log = LOGS / f"build-{name}.log"
    print(f"building build/{name} with {compiler}", flush=True)
    commands = [
        ["cmake", "-S", ".", "-B", str(folder), "-G", "Ninja",
         f"-DCMAKE_C_COMPILER={compiler}",
         "-DCMAKE_COMPILE_WARNING_AS_ERROR=ON", *options],
        ["ninja", "-C", str(folder)],
    ]
    with log.open("wb") as file:
        for command in commands:
            if subprocess.run(command, cwd=ROOT, stdout=file,
                              stderr=subprocess.STDOUT).returncode != 0:
                tail = log.read_text(errors="replace").splitlines()[-40:]
                print("\n".join(tail))
                print(f"the build failed; all of it: {log.relative_to(ROOT)}")
                print("0 passed, 1 failed, 0 skipped")
                sys.exit(1)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--only", default="",
                           help="only suites whose name has this in it")
    only = arguments.parse_args().only
    LOGS.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    for name in BUILDS:
        build(name)
    suites = [suite for suite in (*hygiene_suites(), *python_suites(),
                                  *conformance_suites(), *named_suites())
              if only in suite.name]
    results = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for future in concurrent.futures.as_completed(
                [pool.submit(run, suite) for suite in suites]):
            results.append(future.result())
            report(results[-1])
    if not only:
        results.append(run(one_plan(results)))
        report(results[-1])
    passed, failed, skipped = (
        sum(getattr(result, key) for result in results)
        for key in ("passed", "failed", "skipped"))
    print(f"{len(results)} suites in {time.monotonic() - begin:.0f} s")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
