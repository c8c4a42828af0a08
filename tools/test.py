#!/usr/bin/env python3
"""Builds everything and runs every suite, two at a time.

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

from suites import BUILD, PYTHON, ROOT, Suite, all_suites, one_plan

LOGS = BUILD / "logs"
LIMIT = 900  # Seconds for one suite; the slowest takes about a minute.

DEBUG_INFORMATION = "-g -fno-eliminate-unused-debug-types"
# On the emulation of tests/fakes; what of it is installed is nothing.
KQUEUE = ["-DCMAKE_BUILD_TYPE=Debug", "-DMIOPOLL_KQUEUE=fake",
          "-DMIOPOLL_BENCH=OFF", "-DMIOPOLL_EXAMPLES=OFF"]
# Each build: compiler, options. `test` is what users get, with the debug
# information that the ABI gates compare.
BUILDS = {
    "test": ("gcc", ["-DCMAKE_BUILD_TYPE=Release",
                     f"-DCMAKE_C_FLAGS={DEBUG_INFORMATION}"]),
    "asan": ("clang", ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS=-O1 -g",
                       "-DMIOPOLL_SANITIZE=address,undefined"]),
    "tsan": ("gcc", ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS=-O1 -g",
                     "-DMIOPOLL_SANITIZE=thread"]),
    "kqueue": ("gcc", [*KQUEUE, "-DCMAKE_C_FLAGS=-O1 -g", "-DMIOPOLL_LUA=ON",
                       "-DMIOPOLL_LUA_VERSIONS=5.1;5.2;5.3;5.4"]),
    # Tokens are looked up, as where pointers have 32 bits.
    "kqueue-asan": ("clang", [*KQUEUE, "-DCMAKE_C_FLAGS=-O1 -g -DKQ_NARROW",
                              "-DMIOPOLL_SANITIZE=address,undefined"]),
    "kqueue-tsan": ("gcc", [*KQUEUE, "-DCMAKE_C_FLAGS=-O1 -g",
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
class Result:
    suite: Suite
    passed: int
    failed: int
    skipped: int
    seconds: float
    log: pathlib.Path


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


def step(what, name, *commands):
    """One step of the build; the end of everything if it fails."""
    log = LOGS / f"build-{name}.log"
    print(what, flush=True)
    with log.open("wb") as file:
        for command in commands:
            if subprocess.run(command, cwd=ROOT, stdout=file,
                              stderr=subprocess.STDOUT).returncode != 0:
                tail = log.read_text(errors="replace").splitlines()[-40:]
                print("\n".join(tail))
                print(f"the build failed; all of it: {log.relative_to(ROOT)}")
                print("0 passed, 1 failed, 0 skipped")
                sys.exit(1)


def build():
    for name, (compiler, options) in BUILDS.items():
        folder = str(BUILD / name)
        step(f"building build/{name} with {compiler}", name,
             ["cmake", "-S", ".", "-B", folder, "-G", "Ninja",
              f"-DCMAKE_C_COMPILER={compiler}",
              "-DCMAKE_COMPILE_WARNING_AS_ERROR=ON", *options],
             ["ninja", "-C", folder])
    step("building the Python package", "python", ["tools/python-setup.sh"])
    step("building the Lua modules", "lua",
         [PYTHON, "tests/lua/run.py", "--build-only"],
         [PYTHON, "tests/lua/run.py", "--kqueue", "--build-only"])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--only", default="",
                           help="only suites whose name has this in it")
    only = arguments.parse_args().only
    # A shell ignores it in what it runs in the background, and so would all
    # that is started here; some tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    LOGS.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    build()
    suites = [suite for suite in all_suites() if only in suite.name]
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
