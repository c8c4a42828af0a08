#!/usr/bin/env python3
"""Runs the example of every language against a library.

    examples/ffi/run.py --library FILE [--interrupt] [--only WORD]

Each example is built where its language needs that, and run once on each
selector; it has to print what all of them print. With --interrupt it is left
in a wait that lasts for ever, and has to end by SIGINT, in the manner of its
language. A line for each language says ok, FAILED, or how to install what is
missing. What is built or installed goes to build/ffi.
"""

import argparse
import dataclasses
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build/ffi"
SELECTORS = ["epoll", "poll"]

EXPECTED = """\
token 1122334455667788: 1 byte
again: EEXIST
token 7: woken
"""
BLOCKED, INTERRUPTED = "blocked\n", "interrupted\n"
STATUS = 130  # 128 + SIGINT, as a shell would say.
PATIENCE = 2  # Seconds from SIGINT to the end.
LIMIT = 60  # Seconds for a run that nobody interrupts.


@dataclasses.dataclass
class Language:
    name: str
    run: list
    install: str  # What to do where it is missing.
    probe: list = dataclasses.field(default_factory=list)
    build: list = dataclasses.field(default_factory=list)
    environment: dict = dataclasses.field(default_factory=dict)


def example(path):
    return str(HERE / path)


# A probe that fails, or a tool that is not there, is "not installed"; a build
# that fails is a failure.
LANGUAGES = [
    Language("Python (ctypes)", [sys.executable, example("python/example.py")],
             "apt-get install python3"),
    Language("Ruby (fiddle)", ["ruby", example("ruby/example.rb")],
             "apt-get install ruby", ["ruby", "-rfiddle", "-e", ""]),
    Language("Perl (FFI::Platypus)", ["perl", example("perl/example.pl")],
             "apt-get install libffi-platypus-perl",
             ["perl", "-MFFI::Platypus", "-e", ""]),
    Language("PHP (FFI)", ["php", example("php/example.php")],
             "apt-get install php-cli",
             ["php", "-r", "exit((int) !function_exists('pcntl_signal')"
                           " + (int) !class_exists('FFI'));"]),
    Language("Node (koffi)", ["node", example("node/example.js")],
             "install Node.js 16 or later with npm, which gets koffi",
             ["npm", "install", "--prefix", str(BUILD / "node"),
              "--ignore-scripts", "--no-audit", "--no-fund"],
             environment={"NODE_PATH": str(BUILD / "node/node_modules")}),
    Language("Go (cgo)", [str(BUILD / "go/example")],
             "apt-get install golang-go gcc", ["go", "version"],
             ["go", "build", "-o", str(BUILD / "go/example"),
              example("go/example.go")],
             {"CGO_ENABLED": "1", "CGO_CFLAGS": f"-I{ROOT / 'abi'}",
              "CGO_LDFLAGS": f"-L{BUILD / 'lib'}",
              "GOCACHE": str(BUILD / "go/cache")}),
    Language("Rust", [str(BUILD / "rust/example")],
             "apt-get install rustc", ["rustc", "--version"],
             ["rustc", "--edition", "2021", "-L", str(BUILD / "lib"),
              "-o", str(BUILD / "rust/example"), example("rust/example.rs")]),
]


class Failure(Exception):
    """What went wrong, in some lines."""


class Missing(Exception):
    """The language is not installed here."""


def prepare(library):
    """Folders, and the names under which linkers look for the library."""
    for name in ("lib", "node", "go", "rust"):
        (BUILD / name).mkdir(parents=True, exist_ok=True)
    for name in ("libmiopoll.so", "libmiopoll.so.0"):
        link = BUILD / "lib" / name
        link.unlink(missing_ok=True)
        link.symlink_to(library)
    shutil.copy(HERE / "node/package.json", BUILD / "node")


def environment_of(language, library):
    return {**os.environ, "MIOPOLL_LIBRARY": str(library),
            "LD_LIBRARY_PATH": str(BUILD / "lib"), **language.environment}


def call(command, environment, limit=600):
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=limit)


def make_ready(language, environment):
    if language.probe:
        if shutil.which(language.probe[0]) is None:
            raise Missing()
        if call(language.probe, environment).returncode != 0:
            raise Missing()
    if language.build:
        result = call(language.build, environment)
        if result.returncode != 0:
            raise Failure(result.stdout)


def run(language, environment):
    for selector in SELECTORS:
        result = call(language.run,
                      {**environment, "MIOPOLL_SELECTOR": selector}, LIMIT)
        if result.returncode != 0 or result.stdout != EXPECTED:
            raise Failure(f"{selector}: status {result.returncode}, printed\n"
                          f"{result.stdout}")


def interrupt(language, environment):
    """The process blocks in a wait, gets SIGINT, and has to end in time."""
    process = subprocess.Popen([*language.run, "block"], env=environment,
                               stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    guard = threading.Timer(LIMIT, process.kill)
    guard.start()
    try:
        before = ""
        while BLOCKED not in before:
            line = process.stdout.readline()
            if not line:
                raise Failure(f"ended before it blocked:\n{before}")
            before += line
        time.sleep(0.2)  # From the line that it prints to the wait.
        process.send_signal(signal.SIGINT)
        try:
            after, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure(f"still there {PATIENCE} s after SIGINT") from None
    finally:
        guard.cancel()
        process.kill()
        process.wait()
    if before != EXPECTED + BLOCKED or after != INTERRUPTED:
        raise Failure(f"printed\n{before}{after}")
    if process.returncode != STATUS:
        raise Failure(f"status {process.returncode}, not {STATUS}")


def attempt(language, library, action):
    """The words of its line, and what to count."""
    environment = environment_of(language, library)
    try:
        make_ready(language, environment)
        action(language, environment)
    except Missing:
        return f"not installed: {language.install}", "skipped"
    except Failure as failure:
        return "FAILED: " + str(failure).strip().replace("\n", "\n    "), \
            "failed"
    except subprocess.TimeoutExpired as late:
        return f"FAILED: not done after {late.timeout:.0f} s", "failed"
    return "ok", "passed"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", required=True, type=pathlib.Path)
    parser.add_argument("--interrupt", action="store_true",
                        help="see each end by Ctrl-C")
    parser.add_argument("--only", default="",
                        help="only languages whose name has this in it")
    parser.add_argument("--least", type=int, default=1,
                        help="fail if fewer languages than this are here")
    arguments = parser.parse_args()
    library = arguments.library.resolve(strict=True)
    # A runner in the background ignores SIGINT, and its children with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    BUILD.mkdir(parents=True, exist_ok=True)
    lock = (BUILD / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)  # Another run may be building here.
    prepare(library)
    action = interrupt if arguments.interrupt else run
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for language in LANGUAGES:
        if arguments.only.lower() not in language.name.lower():
            continue
        begin = time.monotonic()
        words, kind = attempt(language, library, action)
        total[kind] += 1
        print(f"{language.name:21} {time.monotonic() - begin:5.1f} s  {words}",
              flush=True)
    if total["passed"] + total["failed"] < arguments.least:
        total["failed"] += 1
        print(f"fewer than {arguments.least} languages are here: FAILED")
    print("ffi: {passed} passed, {failed} failed, {skipped} skipped".format(
        **total))
    sys.exit(1 if total["failed"] else 0)


if __name__ == "__main__":
    main()
