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


def programs(report):
    """{name: command}, the emulator included, as ctest knows them."""
    status, output = report.run(["ctest", "--test-dir", report.folder,
                                 "--show-only=json-v1"])
    report.must("build", status == 0, tail(output))
    return {test["name"]: test["command"]
            for test in json.loads(output)["tests"]}


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
    skips = listed_skips(report.platform) if name == "named" else set()
    report.add(name, passed, skipped=len(failed & skips))
    for test in sorted(failed - skips):
        report.check(name, False, f"{test} failed")
    for test in sorted(skips - failed):
        report.check(name, False, f"{test} is in skips.txt, but passed")
    report.check("status", int(found[0][2]) == len(failed)
                 and status == int(bool(failed)), f"{name} gave {status}")


def check_conformance(report, command):
    """One plan, read whole, and run on every selector of the platform."""
    status, output = report.run([*command, *report.platform.engine])
    for selector in report.platform.selectors:
        sums = [row for row in SUMS.findall(output)
                if row[0] == f"conformance-c {selector}"]
        report.must("conformance", len(sums) == 1,
                    f"status {status}, and no sums of {selector}: "
                    + tail(output))
        passed, failed, skipped = map(int, sums[0][1:])
        report.add(f"conformance on {selector}", passed, failed, skipped)
        report.check("status", passed > 0, f"no case passed on {selector}")
    plans = PLAN.findall(output)
    report.check("status", len(plans) == len(report.platform.selectors)
                 and all(int(ran) + int(skipped) == int(cases)
                         for cases, _, ran, skipped in plans),
                 f"cases were lost: {plans}")
    report.digests = {(cases, digest) for cases, digest, _, _ in plans}
    report.check("status", status == 0, "conformance: "
                 + "; ".join(re.findall("^FAIL .*", output, re.M)[:5]))


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
