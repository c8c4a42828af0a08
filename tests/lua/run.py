#!/usr/bin/env python3
"""Runs the Lua tests: every engine, every suite, every selector.

    tests/lua/run.py [--build DIR] [--only WORD]... [--sanitize | --kqueue]
                     [--list | --build-only | --no-build]

An engine is a Lua and a back end: lua5.1 to lua5.4, luajit-swig, luajit-ffi,
and luajit-ffi-joff. Builds the bindings first, then runs two at a time, and
prints a line for each combination; what it printed is in DIR/logs.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CONFORMANCE = ROOT / "tests/conformance"
SELECTORS = ("epoll", "poll")
LIMIT = 600  # Seconds for one combination; most take two.


@dataclasses.dataclass
class Engine:
    name: str
    command: list
    version: str  # Of the C API, and so of the module.
    backend: str
    skips: str


ENGINES = [
    *(Engine(f"lua{v}", [f"lua{v}"], v, "swig", f"lua{v}")
      for v in ("5.1", "5.2", "5.3", "5.4")),
    Engine("luajit-swig", ["luajit"], "5.1", "swig", "luajit-swig"),
    Engine("luajit-ffi", ["luajit"], "5.1", "ffi", "luajit-ffi"),
    Engine("luajit-ffi-joff", ["luajit", "-joff"], "5.1", "ffi",
           "luajit-ffi"),
]


@dataclasses.dataclass
class Job:
    name: str
    command: list
    environment: dict


class Runner:
    """Where things are, and what to start an engine with."""

    def __init__(self, build, sanitize, kqueue):
        self.build = build
        self.sanitize = sanitize
        self.kqueue = kqueue  # On the emulation, and nothing else.
        self.modules = build / "bindings/lua"
        self.logs = build / "logs"

    def environment(self, engine, **more):
        library = self.build / "tests/kit/libmiotestkit.so"
        return {
            "LC_ALL": "C",
            "LUA_PATH": f"{ROOT}/bindings/lua/?.lua;;",
            "LUA_CPATH": f"{self.modules}/{engine.version}/?.so;;",
            # Lua 5.2 and later prefer these where a distribution sets them.
            f"LUA_PATH_{engine.version.replace('.', '_')}":
                f"{ROOT}/bindings/lua/?.lua;;",
            f"LUA_CPATH_{engine.version.replace('.', '_')}":
                f"{self.modules}/{engine.version}/?.so;;",
            "LD_LIBRARY_PATH": str(self.build / "src"),
            "MIOPOLL_LUA_BACKEND": engine.backend,
            "KIT_HEADER": str(ROOT / "tests/kit/miotestkit.h"),
            "KIT_LIBRARY": str(library),
            "ABI_LUA": str(self.build / "abi.lua"),
            **(sanitizer(engine) if self.sanitize else {}),
            **more,
        }

    def conformance(self, engine, selector, collect):
        cases = sorted(map(str, (CONFORMANCE / "cases").glob("*.case")))
        name = f"conformance-{engine.name}"
        more = {"CONFORMANCE_COLLECT": "1"} if collect else {}
        kind = "conformance, collecting" if collect else "conformance"
        return Job(
            f"{kind}: {engine.name} {selector}",
            [*engine.command, str(HERE / "conformance/run.lua"), name,
             selector, str(CONFORMANCE / f"skips/{engine.skips}.txt"),
             *cases],
            self.environment(engine, **more))

    def must_fail(self, engine):
        return Job(
            f"must fail: {engine.name}",
            [sys.executable, str(HERE / "must_fail.py"), *engine.command,
             str(HERE / "conformance/run.lua")],
            self.environment(engine, CONFORMANCE_LIMIT="1"))

    def own(self, engine, selector):
        return Job(
            f"own tests: {engine.name} {selector}",
            [*engine.command, str(HERE / "own/check.lua"),
             *sorted(map(str, (HERE / "own").glob("*_test.lua")))],
            self.environment(engine, MIOPOLL_SELECTOR=selector))

    def processes(self, engine):
        return Job(
            f"processes: {engine.name}",
            [sys.executable, str(HERE / "processes.py"), *engine.command],
            self.environment(engine))

    def examples(self, engine):
        return Job(
            f"examples: {engine.name}",
            [sys.executable, str(HERE / "examples.py"), *engine.command],
            self.environment(engine))


def sanitizer(engine):
    """AddressSanitizer, in an interpreter that was built without it. LuaJIT
    has an allocator of its own, in which leaks cannot be seen."""
    library = subprocess.run(["gcc", "-print-file-name=libasan.so"],
                             capture_output=True, text=True, check=True)
    leaks = 0 if engine.command[0] == "luajit" else 1
    return {
        "LD_PRELOAD": library.stdout.strip(),
        "ASAN_OPTIONS": f"detect_leaks={leaks}:use_sigaltstack=0",
        "MIOPOLL_TEST_PATIENCE": "5",
    }


def valgrind(runner):
    """A part, since it takes time."""
    for engine in (ENGINES[0], ENGINES[3], ENGINES[6]):
        job = runner.own(engine, "epoll")
        yield Job(f"valgrind: {engine.name}",
                  ["valgrind", "-q", "--error-exitcode=9",
                   "--leak-check=full", "--errors-for-leak-kinds=definite",
                   *job.command],
                  {**job.environment, "MIOPOLL_TEST_SLOW": "1"})


def jobs(runner):
    if runner.kqueue:
        for engine in ENGINES:
            yield runner.conformance(engine, "kqueue", False)
        return
    for engine in ENGINES:
        for selector in SELECTORS:
            yield runner.conformance(engine, selector, False)
            yield runner.own(engine, selector)
        yield runner.conformance(engine, "epoll", True)
        if not runner.sanitize:
            yield runner.must_fail(engine)
            yield runner.processes(engine)
            yield runner.examples(engine)
    if runner.sanitize:
        return
    yield from valgrind(runner)
    python = sys.executable
    yield Job("wrapper and cdef are fresh",
              [python, str(ROOT / "bindings/lua/generate.py"), "--check"], {})
    yield Job("a new function needs no line",
              [python, str(HERE / "new_function.py"), str(runner.build)], {})
    yield Job("documentation", [python, str(HERE / "documentation.py"),
                                str(runner.build)], {})
    yield Job("luarocks make", [python, str(HERE / "rock.py"),
                                str(runner.build / "rock"),
                                str(runner.build)], {})
    yield Job("luacheck", ["luacheck", "--quiet", "--config",
                           str(ROOT / "bindings/lua/.luacheckrc"),
                           "bindings/lua", "tests/lua", "examples/lua",
                           "bench/lua"], {})


# ---------------------------------------------------------------- preparing

def lua_table(abi):
    """What the tests read of abi.json, as a Lua chunk."""
    lines = ["return { functions = {"]
    for item in abi["functions"]:
        lines.append(f'{{ name = "{item["name"]}", params = {{')
        lines += [f'{{ name = "{param["name"]}", type = "{param["type"]}" }},'
                  for param in item["params"]]
        lines.append("} },")
    lines.append("}, constants = {")
    lines += [f"{c['name']} = {c['value']}," for c in abi["constants"]]
    return "\n".join(lines + ["} }"]) + "\n"


def prepare(runner):
    sanitize = "address" if runner.sanitize else ""
    runner.logs.mkdir(parents=True, exist_ok=True)
    abi = json.loads((ROOT / "abi/generated/abi.json").read_text())
    (runner.build / "abi.lua").write_text(lua_table(abi))
    kqueue = "fake" if runner.kqueue else ""
    options = ["-DMIOPOLL_LUA=ON", f"-DMIOPOLL_KQUEUE={kqueue}", "-DMIOPOLL_BENCH=OFF",
               "-DMIOPOLL_EXAMPLES=OFF", f"-DMIOPOLL_SANITIZE={sanitize}",
               # Demanded: a Lua that is missing is a failure here.
               "-DMIOPOLL_LUA_VERSIONS=5.1;5.2;5.3;5.4"]
    commands = [
        ["cmake", "-S", str(ROOT), "-B", str(runner.build), "-G", "Ninja",
         *options],
        ["ninja", "-C", str(runner.build), "src/all", "tests/kit/all",
         "bindings/lua/all"],
    ]
    log = runner.logs / "build.log"
    with log.open("wb") as file:
        for command in commands:
            if subprocess.run(command, stdout=file,
                              stderr=subprocess.STDOUT).returncode:
                print(log.read_text(errors="replace")[-3000:])
                print("0 passed, 1 failed, 0 skipped")
                sys.exit(1)


# ------------------------------------------------------------------ running

def counts(output, code):
    rows = re.findall(r"(\d+) passed, (\d+) failed, (\d+) skipped", output)
    found = [sum(int(row[i]) for row in rows) for i in range(3)]
    if not rows:
        found = [int(code == 0), 0, 0]
    if code != 0 and found[1] == 0 or found[0] == 0:
        found[1] += 1
    return found


def plan_fault(output):
    """What differs from the plan; the suite's own digest is not trusted."""
    wanted = (CONFORMANCE / "plan.txt").read_text().split("\n", 2)
    cases, digest = (line.split()[1] for line in wanted[:2])
    plan = re.search(r"^plan (\d+) digest (\d+) ran (\d+) skipped (\d+)$",
                     output, re.M)
    if not plan:
        return "no plan line"
    if (plan[1], plan[2]) != (cases, digest):
        return f"cases {plan[1]} digest {plan[2]}, planned {cases} {digest}"
    if int(plan[3]) + int(plan[4]) != int(cases):
        return f"ran {plan[3]} and skipped {plan[4]} of {cases}"
    return None


def run(runner, job):
    log = runner.logs / (re.sub(r"[^a-z0-9.]+", "-", job.name) + ".log")
    begin = time.monotonic()
    with log.open("wb") as file:
        process = subprocess.Popen(
            job.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file,
            stderr=subprocess.STDOUT, env={**os.environ, **job.environment},
            start_new_session=True)
        try:
            code = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            code = process.wait()
    output = log.read_text(errors="replace")
    found = counts(output, code)
    if job.name.startswith("conformance"):
        fault = plan_fault(output)
        if fault:
            output += f"\n{fault}"
            found[1] += 1
    return job, found, output, time.monotonic() - begin


def report(job, found, output, seconds):
    mark = "FAILED" if found[1] else "ok"
    skipped = f", {found[2]} skipped" if found[2] else ""
    print(f"{mark:6} {job.name:45} {found[0]:4} passed{skipped} "
          f"{seconds:6.1f} s", flush=True)
    if found[1]:
        print("       " + "\n       ".join(output.splitlines()[-20:]))


def selected(all_jobs, words):
    """All words have to be in the name; a word ending in $ ends it."""
    def fits(name):
        return all(re.search(re.escape(word).replace(r"\$", "$"), name)
                   for word in words)
    return [job for job in all_jobs if fits(job.name)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--build-only", action="store_true")
    parser.add_argument("--no-build", action="store_true",
                        help="use what --build-only has built")
    parser.add_argument("--sanitize", action="store_true",
                        help="AddressSanitizer, in a build of its own")
    parser.add_argument("--kqueue", action="store_true",
                        help="on the emulation, in a build of its own")
    options = parser.parse_args()
    usual = ("lua-asan" if options.sanitize
             else "kqueue" if options.kqueue else "lua")
    build = (options.build or ROOT / "build" / usual).resolve()
    runner = Runner(build, options.sanitize, options.kqueue)
    chosen = selected(list(jobs(runner)), options.only)
    if options.list:
        print("\n".join(job.name for job in chosen))
        return 0
    missing = [engine.command[0] for engine in ENGINES
               if shutil.which(engine.command[0]) is None]
    if missing:
        print("not installed:", *missing, "\n0 passed, 1 failed, 0 skipped")
        return 1
    if not options.no_build:
        prepare(runner)
    if options.build_only:
        return 0
    totals = [0, 0, 0]
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(run, runner, job) for job in chosen]
        for future in concurrent.futures.as_completed(futures):
            job, found, output, seconds = future.result()
            report(job, found, output, seconds)
            totals = [a + b for a, b in zip(totals, found)]
    print(f"{len(chosen)} combinations in {time.monotonic() - begin:.0f} s")
    print("total: {} passed, {} failed, {} skipped".format(*totals))
    return 1 if totals[1] or not totals[0] else 0


if __name__ == "__main__":
    sys.exit(main())
