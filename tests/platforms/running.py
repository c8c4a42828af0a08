"""Platforms that can be run here: every plain test program, and the demo."""

import json
import re
import sys

from building import build, configure, note_compiler
from platforms import EMULATED, HERE, QEMU, ROOT
from report import tail

SUMS = re.compile(r"^(.*): (\d+) passed, (\d+) failed(?:, (\d+) skipped)?$",
                  re.M)
PLAN = re.compile(r"^plan (\d+) digest (\d+) ran (\d+) skipped (\d+)$", re.M)
FAILED = re.compile(r"^FAILED (\w+ \S+)$", re.M)
FAIL = re.compile(r"^FAIL (\S+): (.*)$", re.M)


def listed_skips(platform):
    """{"SELECTOR TEST"} of skips.txt that are meant here."""
    names = {platform.name, "qemu" if platform.how == QEMU else platform.name}
    skips = set()
    for line in (HERE / "skips.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            where, selector, test, why = line.split(None, 3)
            if where in names:
                skips.add(f"{selector} {test}")
    return skips


def check_skips(report, suite, failed):
    """How many of {"SELECTOR TEST": why} are listed; the others are failures,
    and so is, at the end, what is listed and did not fail."""
    listed = {test for test in failed if test in report.listed}
    report.met |= listed
    for test, why in sorted(failed.items()):
        if test not in listed:
            report.check(suite, False, f"{test} failed{why}")
    return len(listed)


def programs(report):
    """{name: command}, the emulator included, as ctest knows them."""
    status, output = report.run(["ctest", "--test-dir", report.folder,
                                 "--show-only=json-v1"])
    report.must("build", status == 0, tail(output))
    commands = {test["name"]: test.get("command")
                for test in json.loads(output)["tests"]}
    report.must("build", commands and all(commands.values()),
                "ctest knows no way to run them: is the emulator installed?")
    return commands


def check_facts(report, command):
    status, output = report.run(command)
    found = dict(line.split(" ", 1) for line in output.splitlines()
                 if " " in line)
    report.check("facts", status == 0, f"status {status}: {tail(output)}")
    for name, wanted in report.platform.facts.items():
        report.check("facts", found.get(name) == wanted,
                     f"{name} is {found.get(name)}, not {wanted}")


def check_named(report, name, command):
    """A program of tests/c. Its failures that are listed are skips."""
    if report.platform.how == EMULATED:
        command = [*command, "", *report.platform.selectors]
    status, output = report.run(command)
    found = SUMS.findall(output)
    report.must(name, len(found) == 1 and int(found[0][1]) > 0,
                f"status {status}, and no sums: {tail(output)}")
    passed, failed = int(found[0][1]), set(FAILED.findall(output))
    skipped = check_skips(report, name, dict.fromkeys(failed, ""))
    report.add(name, passed, skipped=skipped)
    report.check("status", int(found[0][2]) == len(failed)
                 and status == int(bool(failed)), f"{name} gave {status}")


def check_conformance(report, command):
    """One plan, read whole, and run on every selector of the platform."""
    status, output = report.run([*command, *report.platform.engine])
    begin = 0
    for selector in report.platform.selectors:
        sums = re.search(rf"^conformance-c {selector}: (\d+) passed, "
                         r"(\d+) failed, (\d+) skipped$", output, re.M)
        report.must("conformance", sums,
                    f"status {status}, and no sums of {selector}: "
                    + tail(output))
        failed = {f"{selector} {name}": f": {why}" for name, why
                  in FAIL.findall(output[begin:sums.start()])}
        begin = sums.end()
        suite = f"conformance on {selector}"
        listed = check_skips(report, suite, failed)
        report.add(suite, int(sums[1]), skipped=int(sums[3]) + listed)
        report.check("status", int(sums[1]) > 0
                     and int(sums[2]) <= len(failed),
                     f"no case passed on {selector}, or one failed unseen")
    plans = PLAN.findall(output)
    report.check("status", len(plans) == len(report.platform.selectors)
                 and all(int(ran) + int(skipped) == int(cases)
                         for cases, _, ran, skipped in plans),
                 f"cases were lost: {plans}")
    report.digests = {(cases, digest) for cases, digest, _, _ in plans}
    report.check("status", (status == 0) == (not FAIL.search(output)),
                 f"conformance gave {status}")


def check_must_fail(report, command):
    status, output = report.run([*command, *report.platform.engine[:2]])
    sums = SUMS.findall(output)
    report.check("status", status == 0 and len(sums) ==
                 len(report.platform.selectors), tail(output))
    for _, passed, failed, _ in sums:
        report.add("must-fail", int(passed), int(failed))


def check_demo(report, emulator, client):
    """The echo server in C, put to work by a client of this machine."""
    server = " ".join([*emulator, str(report.folder / "examples/c/echo")])
    selectors = report.platform.selectors
    status, output = report.run(
        [sys.executable, ROOT / "demo/run.py", "--build", report.folder,
         "--client", client, "--server", f"C={server}", "--clients", "100",
         "--messages", "2000", "--selectors", ",".join(selectors)])
    rows = re.findall(r"^C +(\w+) +100 +2000 .* 0 ", output, re.M)
    report.check("status", status == 0 and tuple(rows) == selectors,
                 tail(output))
    report.add("demo", len(rows))


def build_client(report):
    """The demo's client for this machine, which judges every server."""
    configure(report, "-DMIOPOLL_TESTS=OFF", "-DMIOPOLL_EXAMPLES=ON")
    build(report)
    return report.folder / "demo/client"


def check(report, client):
    report.listed = listed_skips(report.platform)
    report.met = set()
    configure(report)
    build(report)
    note_compiler(report)
    commands = programs(report)
    emulator = commands["facts"][:-1]
    if report.platform.how == QEMU:
        _, output = report.run([emulator[0], "--version"])
        report.versions["emulator"] = output.split("\n")[0].split(" (")[0]
    check_facts(report, commands.pop("facts"))
    check_conformance(report, commands.pop("conformance"))
    check_must_fail(report, commands.pop("must-fail"))
    report.check("status", {"named", "memory", "translate"} <= set(commands),
                 f"a program is missing: {sorted(commands)}")
    for name, command in commands.items():
        check_named(report, name, command)
    if client:
        check_demo(report, emulator, client)
    else:
        report.check("demo", False, "there is no client")
    for test in sorted(report.listed - report.met):
        report.check("skips", False, f"{test} is listed, but did not fail")
