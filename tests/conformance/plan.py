#!/usr/bin/env python3
"""Write or check the plan of the conformance suite; docs/conformance.md.

usage: plan.py             write plan.txt
       plan.py --check     refuse a plan.txt or a case that is not in order
       plan.py --compare OUTPUT...
                           refuse outputs of runners that lost a case
       plan.py --skips ENGINE FEATURES...
                           print the skips of an engine without these features
                           of the engine (chapter 6); with FAKE_KQUEUE=freebsd
                           on that kqueue
"""

import os
import pathlib
import re
import sys

import caselib

PLAN = caselib.HERE / "plan.txt"
OWN_TIME_NS = 50_000_000

# What each selector of this release has not.
SELECTORS = {
    "epoll": {"aio", "lio"},
    # The emulation of tests/fakes; like FreeBSD it has priority.
    "kqueue": {"aio", "lio", "exclusive", "priority"},
    "poll": {"aio", "lio", "edge-exact", "exclusive", "fd"},
}
NAMES = {"epoll": "epoll", "kqueue": "kqueue", "poll": "poll(2)"}
REASONS = {
    "exclusive": "has no exclusive registrations",
    "edge-exact": "has no edges: an edge registration is level",
    "fd": "has no descriptor of its own",
    "priority": "has no exceptional conditions on NetBSD",
    "no-exclusive": "has exclusive registrations",
    "no-edge-exact": "has edges",
    "no-fd": "has a descriptor of its own",
}
OPTION_KEYS = {"selector", "size", "flags", "reserved", "tail"}
MAKERS = {"poll", "registry", "clone", "waker", "nest"}


def plan_text(cases):
    names = sorted(case.name for case in cases)
    head = [f"cases {len(names)}", f"digest {caselib.digest()}"]
    return "\n".join(head + names) + "\n"


def own_time(case):
    total = 0
    for step in case.steps:
        if step.verb == "after":
            total += caselib.time_ns(step.args[0])
        if step.verb == "wait" and {"none", "any"} & set(step.outcome):
            total += caselib.time_ns(step.keys.get("timeout", "5s"))
    return total


def features_used(case):
    """The engine's features that the steps show a need of."""
    used = set()
    for step in case.steps:
        if "null" in step.args and step.verb != "ask":
            used.add("null")
        if step.keys.get("events") == "null":
            used.add("null")
        if step.verb == "ask":
            used.add("raw")
        if step.verb == "poll" and OPTION_KEYS & set(step.keys):
            used.add("options")
        if "capacity" in step.keys and step.keys["capacity"] != "0":
            used.add("capacity")
        token = step.keys.get("token", "0")
        if int(token, 0) > 2**53 - 1:
            used.add("token64")
    return used


def faults(cases):
    """What is wrong with the cases, though a runner would take them."""
    for case in cases:
        if own_time(case) > OWN_TIME_NS:
            yield f"{case.name} takes {own_time(case) // 1_000_000} ms"
        missing = features_used(case) - set(case.needs)
        if missing:
            yield f"{case.name} needs {' '.join(sorted(missing))}"
    names = [case.name for case in cases]
    for name in sorted(set(names)):
        if names.count(name) > 1:
            yield f"{name} is there twice"


def check():
    cases = caselib.read_cases()
    wrong = list(faults(cases))
    if not PLAN.exists() or PLAN.read_text() != plan_text(cases):
        wrong.append("plan.txt is old: run plan.py")
    for fault in wrong:
        print(f"plan: {fault}")
    return not wrong and bool(cases)


def compare(paths):
    """Each output has at least one plan line, and all are the plan's."""
    wanted = PLAN.read_text().split("\n", 2)
    count = int(wanted[0].split()[1])
    digest = wanted[1].split()[1]
    pattern = re.compile(
        r"^plan (\d+) digest (\d+) ran (\d+) skipped (\d+)$", re.MULTILINE
    )
    good = True
    for path in paths:
        plans = pattern.findall(pathlib.Path(path).read_text())
        if not plans:
            print(f"{path}: no plan line")
            good = False
        for found, text, ran, skipped in plans:
            if (
                int(found) != count
                or text != digest
                or int(ran) == 0
                or int(ran) + int(skipped) != count
            ):
                print(f"{path}: plan {found} {text} {ran}+{skipped}")
                good = False
    return good


def missing_feature(case, lacks):
    for need in case.needs:
        if need.startswith("no-"):
            if need[3:] not in lacks:
                return need
        elif need in lacks:
            return need
    return None


def print_skips(engine, without):
    if os.environ.get("FAKE_KQUEUE") == "freebsd":
        SELECTORS["kqueue"].remove("priority")
    for selector, lacks in SELECTORS.items():
        for case in caselib.read_cases():
            need = missing_feature(case, lacks | set(without))
            if need:
                why = (f"{NAMES[selector]} {REASONS[need]}"
                       if need in REASONS else f"{engine} has no {need}")
                print(f"{case.name} {selector} {why}")
    return True


def main(arguments):
    if arguments[:1] == ["--check"]:
        return check()
    if arguments[:1] == ["--compare"] and len(arguments) > 1:
        return compare(arguments[1:])
    if arguments[:1] == ["--skips"] and len(arguments) > 1:
        return print_skips(arguments[1], arguments[2:])
    if arguments:
        sys.exit(__doc__)
    PLAN.write_text(plan_text(caselib.read_cases()))
    return check()


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
