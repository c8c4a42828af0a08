#!/usr/bin/env python3
"""Write or check the plan of the conformance suite; docs/conformance.md.

usage: plan.py             write plan.txt
       plan.py --check     refuse a plan.txt or a case that is not in order
       plan.py --compare OUTPUT...
                           refuse outputs of runners that lost a case
"""

import pathlib
import re
import sys

import caselib

PLAN = caselib.HERE / "plan.txt"
OWN_TIME_NS = 50_000_000

OPTION_KEYS = {"selector", "size", "flags", "reserved", "tail"}


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


# The steps on a source that a class of its kind may not have.
STREAMS = {"tcp-stream", "unix-stream"}
DATAGRAMS = {"udp-socket", "unix-datagram"}
LISTENERS = {"tcp-listener", "unix-listener"}
SOCKETS = STREAMS | DATAGRAMS | LISTENERS
OPERATIONS = {
    "connect-to": DATAGRAMS,
    "shutdown": STREAMS | {"unix-datagram"},
    "local-addr": SOCKETS,
    "peer-addr": STREAMS | DATAGRAMS,
    "so-error": SOCKETS,
    "read": STREAMS | DATAGRAMS | {"pipe-receiver"},
    "write": STREAMS | DATAGRAMS | {"pipe-sender"},
    "read-vectored": STREAMS | {"pipe-receiver"},
    "write-vectored": STREAMS | {"pipe-sender"},
    "peek": STREAMS | DATAGRAMS,
    "recv-from": DATAGRAMS,
    "peek-from": DATAGRAMS,
    "send-to": DATAGRAMS,
    "join-multicast": {"udp-socket"},
    "leave-multicast": {"udp-socket"},
}
OPTIONS = {
    "nodelay": {"tcp-stream"},
    "ttl": {"tcp-listener", "tcp-stream", "udp-socket"},
    "nonblocking": {"pipe-sender", "pipe-receiver"},
}
NAMED = {"kind", "option"}
FLAGS = {"nodelay", "broadcast", "multicast-loop-v4", "multicast-loop-v6",
         "nonblocking"}


def is_source_step(step, sources):
    if step.verb == "flags":
        return step.args[0] in sources
    return (
        step.verb in caselib.MAKERS
        or step.verb in OPERATIONS and step.args[0] in sources
        or step.verb in ("from-fd", "into-fd", "source-fd", "kind", "get",
                         "set", "addr", "exhaust", "would-block")
    )


def is_flat(step, sources):
    """Whether no class of the source's kind has such a method."""
    kind = sources.get(step.args[0]) if step.args else None
    option = step.keys.get("option")
    if step.verb in ("get", "set") and kind:
        if option == "only-v6" and step.verb == "set":
            return True
        if option in FLAGS and int(step.keys.get("value", "0")) > 1:
            return True
        return kind not in OPTIONS.get(option, {"udp-socket"})
    if step.verb == "accept" and sources.get(step.args[1]):
        return sources[step.args[1]] not in LISTENERS
    if step.verb == "shutdown" and kind and step.args[1].isdigit():
        return True
    named = [step.keys[key] for key in NAMED & set(step.keys)]
    return (
        any(word.isdigit() or word in ("named-pipe", "none") for word in named)
        or "room" in step.keys
        or bool(kind) and kind not in OPERATIONS.get(step.verb, {kind})
    )


def features_of_sources(case):
    used = set()
    emptied = set()
    for step, sources in caselib.with_sources(case):
        if is_source_step(step, sources):
            used.add("sources")
        words = [*step.args, *step.keys.values()]
        if any(word.startswith("unix:@*") for word in words) or (
            step.verb in caselib.MAKERS and step.keys.get("addr") == "unix:"
            and step.verb != "unix-stream"
        ):
            used.add("abstract")
        if is_flat(step, sources) or (
            emptied & set(step.args) and step.verb not in ("close", "kind")
        ):
            used.add("flat")
        if step.verb == "into-fd" and not step.outcome:
            emptied.add(step.args[1])
        emptied -= set(step.args[:1]) if step.verb == "close" else set()
        if "null" in step.keys.values():
            used.add("null")
    return used


def features_used(case):
    """The engine's features that the steps show a need of."""
    used = features_of_sources(case)
    for step in case.steps:
        if "null" in step.args and step.verb != "ask":
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
        named = {re.sub("^no-", "", need) for need in case.needs}
        missing = features_used(case) - named
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


def main(arguments):
    if arguments[:1] == ["--check"]:
        return check()
    if arguments[:1] == ["--compare"] and len(arguments) > 1:
        return compare(arguments[1:])
    if arguments:
        sys.exit(__doc__)
    PLAN.write_text(plan_text(caselib.read_cases()))
    return check()


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
