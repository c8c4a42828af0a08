#!/usr/bin/env python3
"""Builds and runs all benchmarks, and draws the picture.

    bench/run.py [--quick] [--without WHAT,...]

Builds into build/bench, and installs nothing but Python packages into
build/bench-venv. Prints a line for each target, and names the workloads in
which a peer takes less, and the contenders that could not be built. Writes
results.json, bench.png and bench.svg to build/bench. WHAT may be rust, peers,
echo, calls, instructions, python, lua, picture. A slow result is no failure: the exit
status is 1 only if something did not build or did not do its work.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import platform
import re
import shlex
import shutil
import subprocess
import sys

import targets

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
BUILD = ROOT / "build"
OUT = BUILD / "bench"
VENV = BUILD / "bench-venv"
PARTS = ("rust", "peers", "echo", "calls", "instructions", "python", "lua",
         "picture")

# What each needs, as a command or a header, and Debian's package of it.
NEEDED = [("cmake", "cmake"), ("cc", "gcc"), ("make", "make")]
OPTIONAL = [
    ("peers", "libuv", "uv.h", "libuv1-dev"),
    ("peers", "libev", "ev.h", "libev-dev"),
    ("peers", "libevent", "event2/event.h", "libevent-dev"),
    ("rust", "mio (Rust), polling (Rust)", "cargo", "rustc-web cargo-web"),
    ("calls", "system calls of echo servers", "strace", "strace"),
    ("instructions", "P5", "valgrind", "valgrind"),
    ("lua", "L1", "luajit", "luajit libluajit-5.1-dev"),
    ("lua", "L2", "lua5.4", "lua5.4 liblua5.4-dev swig pkg-config"),
]


class Failed(Exception):
    """A step that did not work; says where its output is."""


def say(text=""):
    print(text, flush=True)


def step(name, command, **keywords):
    """Runs a command, its output going to a log. Gives the output."""
    log = OUT / f"{name}.log"
    done = subprocess.run([str(word) for word in command], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          errors="replace", **keywords)
    log.write_text(done.stdout)
    if done.returncode != 0:
        raise Failed(f"{name}: ended with {done.returncode}: "
                     f"{last_line(done.stdout)} ({log.relative_to(ROOT)})")
    return done.stdout


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no output"


class Run:
    """What is to be done, and what came of it."""

    def __init__(self, options):
        self.quick = options.quick
        self.parts = set(PARTS) - set(options.without)
        self.problems = []     # (what, why), of what is left out.
        self.failed = False
        self.excuses = {}      # Of targets that nobody measured.
        self.records = []      # bench-core's and bench-echo's.
        self.calls = []        # echo_calls.py's.
        self.rows = []
        self.counts = []       # Verdicts of exact counts.

    def leave_out(self, what, why, ids=()):
        self.problems.append((what, why))
        for id in ids:
            self.excuses[id] = f"not measured: {why.split(';')[0]}"

    def attempt(self, part, what, action, ids=()):
        """Does a part that the others can do without."""
        if part not in self.parts:
            self.excuses.update(dict.fromkeys(ids, "left out"))
            return None
        try:
            return action()
        except Failed as error:
            self.leave_out(what, str(error), ids)
            self.failed = True
        return None


# ----------------------------------------------------------------- building


def has_header(header):
    done = subprocess.run(["cc", "-E", "-x", "c", "-"], capture_output=True,
                          text=True, input=f"#include <{header}>\n")
    return done.returncode == 0


def look_for_packages(run):
    """Says what is missing, with the line that installs it."""
    missing = [package for command, package in NEEDED
               if not shutil.which(command)]
    if missing:
        sys.exit(f"bench: needed: apt-get install {' '.join(missing)}")
    for part, what, thing, package in OPTIONAL:
        there = has_header(thing) if thing.endswith(".h") \
            else shutil.which(thing)
        if part in run.parts and not there:
            missing.append(package)
            run.leave_out(what, f"{thing} is not there; apt-get install {package}",
                          [what] if len(what) == 2 else [])
            if part in ("rust", "calls", "instructions"):
                run.parts.discard(part)
    if missing:
        say(f"bench: not all is there: apt-get install {' '.join(missing)}")


def build_rust():
    say("bench: building mio and polling (cargo)")
    step("cargo", ["cargo", "build", "--release", "--locked",
                   "--manifest-path", BENCH / "rust/Cargo.toml",
                   "--target-dir", OUT / "cargo"])
    return OUT / "cargo/release/libbench_peers.a"


def build_c(folder, *definitions):
    step(f"{folder}-configure",
         ["cmake", "-S", ROOT, "-B", OUT / folder,
          "-DCMAKE_BUILD_TYPE=Release", "-DMIOPOLL_TESTS=OFF",
          "-DMIOPOLL_EXAMPLES=OFF", *definitions])
    step(f"{folder}-build", ["cmake", "--build", OUT / folder,
                             f"-j{os.cpu_count()}"])
    return OUT / folder


def build_core(run):
    archive = run.attempt("rust", "mio (Rust), polling (Rust)", build_rust)
    peers = "ON" if "peers" in run.parts else "OFF"
    say("bench: building bench-core (cmake)")
    return build_c("c", "-DMIOPOLL_BENCH=ON", "-DMIOPOLL_LUA=OFF",
                   f"-DMIOPOLL_BENCH_PEERS={peers}",
                   f"-DMIOPOLL_BENCH_RUST={archive or ''}")


# ------------------------------------------------------------------ running


def run_core(run, build):
    say("bench: running bench-core")
    output = step("core", [build / "bench/bench-core", "--json",
                           *(["--quick"] if run.quick else [])])
    take_records(run, output)


def take_records(run, output):
    """Of one program: JSON is for us, the rest for people."""
    records = []
    for line in output.splitlines():
        if line.startswith("{"):
            records.append(json.loads(line))
        else:
            say(line)
    run.records += records
    run.rows += targets.rows_of_core(records)


def run_echo(run, build):
    say("bench: running bench-echo")
    take_records(run, step("echo", [build / "bench/bench-echo", "--json",
                                    *(["--quick"] if run.quick else [])]))


def run_calls(run, build):
    say("bench: counting system calls of echo servers")
    output = step("calls", [sys.executable, BENCH / "echo_calls.py", "--json",
                            "--build", build,
                            *(["--quick"] if run.quick else [])])
    run.calls = [json.loads(line) for line in output.splitlines()
                 if line.startswith("{")]
    run.counts += targets.call_verdicts(run.calls)


def run_instructions(run, build):
    say("bench: counting instructions")
    output = step("instructions", [sys.executable, BENCH / "instructions.py",
                                   "--build", build])
    for what, value, limit in re.findall(
            r"^P5  (.{16}) +[\d.]+ +([\d.]+) +(\d+)", output, re.MULTILINE):
        run.counts.append(targets.count_verdict(
            "P5", f"user instructions, {what.strip()}", float(value),
            float(limit)))


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def row_of_words(words):
    """Of a line `ROW id=... what=... contender=... baseline=... ns=...
    ratio=... least=...`, which a program may print beside its table."""
    fields = dict(word.split("=", 1) for word in words if "=" in word)
    ratio = float(fields.get("ratio", 1))
    return targets.Row(fields["id"], fields.get("what", ""),
                       fields["contender"], fields.get("baseline", ""),
                       float(fields["ns"]), ratio,
                       float(fields.get("least", ratio)), ratio, ratio, [])


PYTHON_ROW = re.compile(r"^(?P<what>.{28}) (?P<name>.{26}) +(?P<ns>[\d.]+)"
                        r"(?: +(?P<median>[\d.]+) +(?P<least>[\d.]+))?")


def rows_of_python(output):
    """Of its table: the first line of a workload is the baseline."""
    rows = []
    what = baseline = ""
    for line in output.splitlines():
        found = PYTHON_ROW.match(line)
        if not found:
            continue
        name = found["name"].strip()
        if found["what"].strip():
            what, baseline = found["what"].strip(), name
        is_wait = re.fullmatch(r"wait, \d+ of \d+ ready", what)
        ratio = number(found["median"] or "1")
        least = number(found["least"] or "1")
        rows.append(targets.Row("Y1" if is_wait else "Y", f"Python: {what}",
                                name, baseline, float(found["ns"]), ratio,
                                least, ratio, ratio, []))
    return rows


def run_python(run):
    script = ROOT / "tools/python-setup.sh"
    program = BENCH / "python/bench.py"
    if not script.exists() or not program.exists():
        run.leave_out("miopoll from Python", "no binding", ["Y1", "Y3"])
        return
    say("bench: building and running Python's")
    step("python-setup", ["sh", script])
    rows = []
    for each in (program, BENCH / "python/sources.py"):
        output = step(f"python-{each.stem}",
                      [BUILD / "py-venv/bin/python", each,
                       *(["--quick"] if run.quick else [])])
        rows += rows_of_rows(output) or rows_of_python(output)
    if not any(row.id == "Y3" for row in rows):
        run.excuses["Y3"] = "feature not there yet (Selector)"
    run.rows += rows


def rows_of_rows(output):
    return [row_of_words(shlex.split(line)[1:])
            for line in output.splitlines() if line.startswith("ROW ")]


LUA_ROW = re.compile(r"^(?P<what>.{24}) (?P<who>\S+) +(?P<to>raw|luv) +"
                     r"(?P<base>[\d.]+) +(?P<own>[\d.]+) +"
                     r"(?P<median>[\d.]+) +(?P<least>[\d.]+)")
ENGINES = {"LuaJIT": ("L1", "LuaJIT"), "Lua 5.4": ("L2", "Lua 5.4"),
           "Lua 5.1": ("L", "Lua 5.1")}


def rows_of_lua(output):
    """Of the tables, one for each interpreter. A line that holds ours to luv
    has it the other way round from the rest and is left out: the line that
    holds luv to raw says the same."""
    rows = []
    engine = ("L", "Lua")
    for line in output.splitlines():
        for name, known in ENGINES.items():
            if line.startswith(name):
                engine = known
        found = LUA_ROW.match(line)
        if not found or found["to"] == "luv":
            continue
        id, name = engine
        what = f"{name}: {found['what'].strip()}"
        who = found["who"]
        contender = f"{'miopoll' if who in ('wait', 'one') else who}, {name}"
        ratio, least = float(found["median"]), float(found["least"])
        if not any(row.what == what for row in rows):
            rows.append(targets.Row(id, what, "raw", "raw",
                                    float(found["base"]), 1, 1, 1, 1, []))
        rows.append(targets.Row(id, what, contender, "raw",
                                float(found["own"]), ratio, least, ratio,
                                ratio, []))
    return rows


def run_lua(run):
    program = BENCH / "lua/run.py"
    if not program.exists():
        run.leave_out("miopoll from Lua", "no binding", ["L1", "L2"])
        return
    say("bench: building and running Lua's")
    build = build_c("lua", "-DMIOPOLL_BENCH=OFF", "-DMIOPOLL_LUA=ON")
    output = step("lua", [sys.executable, program, "--build", build,
                          "5" if run.quick else "41"])
    run.rows += rows_of_rows(output) or rows_of_lua(output)


# ---------------------------------------------------------------- reporting


def figures(verdict):
    if verdict.ratio is None:
        return f"{'':>9} {'':>9} {'':13}"
    if verdict.least is None:
        return f"{verdict.ratio:9.1f} {'':>9} {'exact':13}"
    spread = "" if verdict.low is None \
        else f"{verdict.low:.3f}-{verdict.high:.3f}"
    return f"{verdict.ratio:9.3f} {verdict.least:9.3f} {spread:13}"


def print_targets(verdicts):
    say(f"\n{'':4}{'workload / held to':58} {'median':>9} {'min/min':>9} "
        f"{'half within':13} target")
    for verdict in verdicts:
        say(f"{verdict.id:4}{verdict.what:58} {figures(verdict)} "
            f"<= {verdict.limit:<8g} {verdict.word}")


def print_wins(rows):
    wins = targets.peers_that_win(rows)
    if wins:
        say("\nA peer takes less (time against raw epoll, theirs and ours):")
    for row, own in wins:
        say(f"    {row.id} {row.what:44} {row.contender:16} {row.ratio:7.3f} "
            f"{own.ratio:7.3f}")


def print_echo(run):
    servers = targets.echo_servers(run.records, run.calls)
    if servers:
        say(f"\n{'':52} {'':>10} {'calls a':>9} {'messages':>9}")
        say(f"{'Echo servers':52} {'messages/s':>10} {'message':>9} "
            f"{'a wait':>9}")
    for (what, contender), (rate, calls, waits) in servers.items():
        say(f"    {what:30} {contender:17} {rate:>10} {calls:>9} {waits:>9}")


def print_problems(run):
    if run.problems:
        say("\nLeft out:")
    for what, why in run.problems:
        say(f"    {what}: {why}")


def machine():
    return {"system": f"{platform.system()} {platform.release()}",
            "processors": os.cpu_count(), "architecture": platform.machine(),
            "python": platform.python_version()}


def write_results(run, verdicts):
    rows = [dataclasses.asdict(row) for row in run.rows]
    for row in rows:
        del row["times"]
    results = {
        "machine": machine(),
        "quick": run.quick,
        "targets": [dataclasses.asdict(verdict) for verdict in verdicts],
        "rows": rows,
        "memory": [record for record in run.records if "bytes" in record],
        "echo_rates": [{key: record[key] for key in
                        ("what", "contender", "per_second")}
                       for record in run.records if "per_second" in record],
        "echo_calls": run.calls,
        "left_out": [{"what": what, "why": why}
                     for what, why in run.problems],
    }
    path = OUT / "results.json"
    path.write_text(json.dumps(results, indent=1) + "\n")
    return path


def draw(results):
    """The picture, by an interpreter that has what it takes."""
    requirements = BENCH / "requirements.txt"
    stamp = VENV / "requirements.txt"
    if not stamp.exists() or \
            stamp.read_text() != requirements.read_text():
        say("bench: making build/bench-venv")
        step("venv", [sys.executable, "-m", "venv", "--clear", VENV])
        step("pip", [VENV / "bin/python", "-m", "pip", "install", "--quiet",
                     "--disable-pip-version-check", "-r", requirements])
        stamp.write_text(requirements.read_text())
    step("picture", [VENV / "bin/python", BENCH / "chart.py", results, OUT])
    say(f"picture: {(OUT / 'bench.png').relative_to(ROOT)}, bench.svg beside "
        "it")


def read_options():
    parser = argparse.ArgumentParser(
        description="Builds and runs all benchmarks.")
    parser.add_argument("--quick", action="store_true",
                        help="to see that all builds and runs; its times say "
                        "nothing, and it leaves other languages out")
    parser.add_argument("--without", default="", metavar="WHAT,...",
                        help=f"of {', '.join(PARTS)}")
    options = parser.parse_args()
    options.without = [word for word in options.without.split(",") if word]
    unknown = set(options.without) - set(PARTS)
    if unknown:
        parser.error(f"--without knows {', '.join(PARTS)}")
    if options.quick:
        options.without += ["python", "lua", "instructions"]
    return options


def main():
    run = Run(read_options())
    OUT.mkdir(parents=True, exist_ok=True)
    look_for_packages(run)
    try:
        build = build_core(run)
        run_core(run, build)
    except Failed as error:
        sys.exit(f"bench: {error}")
    run.attempt("echo", "echo servers", lambda: run_echo(run, build))
    run.attempt("calls", "system calls of echo servers",
                lambda: run_calls(run, build))
    run.attempt("instructions", "instructions",
                lambda: run_instructions(run, build), ["P5"])
    run.attempt("python", "miopoll from Python", lambda: run_python(run),
                ["Y1", "Y3"])
    run.attempt("lua", "miopoll from Lua", lambda: run_lua(run), ["L1", "L2"])
    verdicts = [targets.verdict(run.rows, target, run.excuses)
                for target in targets.TARGETS]
    verdicts += targets.memory_verdicts(run.records) + run.counts
    verdicts.sort(key=lambda verdict: "PCKEMYL".index(verdict.id[0]))
    print_targets(verdicts)
    print_wins(run.rows)
    print_echo(run)
    results = write_results(run, verdicts)
    run.attempt("picture", "picture", lambda: draw(results))
    print_problems(run)
    say(f"results: {results.relative_to(ROOT)}")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
