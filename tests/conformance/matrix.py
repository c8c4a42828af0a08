#!/usr/bin/env python3
"""Write or check docs/conformance-matrix.md.

usage: matrix.py           write it
       matrix.py --check   refuse one that is old

The first table counts all cases; the second one those that register a source
of that kind with that trigger, or, in rows without triggers, make one.

Both fail if a cell is empty and elsewhere.txt gives no reason, if a line of
elsewhere.txt is not needed or names a C test that does not exist, or if a
case covers a row or trigger that docs/semantics.md has not.
"""

import json
import re
import sys

import caselib

ROOT = caselib.HERE.parent.parent
SEMANTICS = ROOT / "docs" / "semantics.md"
MATRIX = ROOT / "docs" / "conformance-matrix.md"
ABI = ROOT / "abi" / "generated" / "abi.json"
ELSEWHERE = caselib.HERE / "elsewhere.txt"
SELECTORS = ("epoll", "kqueue", "poll")
TRIGGER_BITS = {
    "LEVEL": "level",
    "ONESHOT": "one-shot",
    "EXCLUSIVE": "exclusive",
}

# The functions that the C engine calls for each verb. What it calls in every
# case stands with `poll`.
VERB_CALLS = {
    "poll": ("mio_poll_new mio_poll_free mio_poll_selector mio_poll_features "
             "mio_poll_registry mio_registry_free").split(),
    "registry": ["mio_poll_registry"],
    "clone": ["mio_registry_clone"],
    "waker": ["mio_waker_new", "mio_waker_free"],
    "wake": ["mio_waker_wake"],
    "nest": ["mio_poll_fd"],
    "register": ["mio_registry_register_fd"],
    "reregister": ["mio_registry_reregister_fd"],
    "deregister": ["mio_registry_deregister_fd"],
    "wait": ["mio_poll_wait"],
    "clock": ["mio_clock_now"],
    "features": ["mio_poll_features"],
    "tcp-listener": ["mio_tcp_listener_bind"],
    "tcp-stream": ["mio_tcp_stream_connect"],
    "udp-socket": ["mio_udp_socket_bind"],
    "unix-listener": ["mio_unix_listener_bind"],
    "unix-stream": ["mio_unix_stream_connect"],
    "unix-stream-pair": ["mio_unix_stream_pair"],
    "unix-datagram-pair": ["mio_unix_datagram_pair"],
    "pipe-sources": ["mio_pipe_new"],
    "from-fd": ["mio_source_from_fd"],
    "into-fd": ["mio_source_into_fd"],
    "source-fd": ["mio_source_fd"],
    "kind": ["mio_source_kind"],
    "would-block": ["mio_source_would_block"],
    "connect-to": ["mio_source_connect"],
    "peek": ["mio_source_peek"],
    "recv-from": ["mio_source_recv_from"],
    "peek-from": ["mio_source_peek_from"],
    "send-to": ["mio_source_send_to"],
    "read-vectored": ["mio_source_read_vectored"],
    "write-vectored": ["mio_source_write_vectored"],
    "local-addr": ["mio_source_local_addr"],
    "peer-addr": ["mio_source_peer_addr"],
    "set": ["mio_source_set_option"],
    "get": ["mio_source_option"],
    "join-multicast": ["mio_source_join_multicast"],
    "leave-multicast": ["mio_source_leave_multicast"],
}
# Those of a step that descriptors have too, on a source.
SOURCE_CALLS = {
    "register": ["mio_registry_register"],
    "reregister": ["mio_registry_reregister"],
    "deregister": ["mio_registry_deregister"],
    "close": ["mio_source_free"],
    "read": ["mio_source_read"],
    "drain": ["mio_source_read"],
    "write": ["mio_source_write"],
    "fill": ["mio_source_write"],
    "shutdown": ["mio_source_shutdown"],
    "so-error": ["mio_source_take_error"],
    "accept": ["mio_source_accept"],
}
LONG_TEXT = 320
SUBJECTS = ("descriptors", "sources", "both", "-")
FAMILIES = (("unix:", "UNIX"), ("[", "INET6"), ("", "INET"))
BIT_CONSTANTS = {
    "R": "MIO_READABLE", "W": "MIO_WRITABLE", "AIO": "MIO_AIO",
    "LIO": "MIO_LIO", "P": "MIO_PRIORITY", "E": "MIO_ERROR",
    "RC": "MIO_READ_CLOSED", "WC": "MIO_WRITE_CLOSED", "LEVEL": "MIO_LEVEL",
    "ONESHOT": "MIO_ONESHOT", "EXCLUSIVE": "MIO_EXCLUSIVE",
}


def read_rows():
    """{row: [trigger...]} of the table, in order."""
    rows = {}
    for line in SEMANTICS.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4:
            rows[cells[0]] = cells[1].split()
    del rows["row"], rows["---"]
    return rows


def read_subjects():
    """{row: what it is of}: descriptors, sources, both or -."""
    return {
        cells[0].strip(): cells[2].strip()
        for cells in (
            line.strip("|").split("|", 3)
            for line in SEMANTICS.read_text().splitlines()
            if line.startswith("|")
        )
    }


def c_tests():
    pattern = re.compile(r"\bTEST(?:_ON)?\((?:[A-Z]+, )?(\w+), (\w+)\)")
    return {
        f"{suite}.{name}"
        for path in (ROOT / "tests" / "c").glob("*.c")
        for suite, name in pattern.findall(path.read_text())
    }


def read_elsewhere():
    """{(row, trigger, selector): (test or -, why)}."""
    lines = {}
    for line in ELSEWHERE.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            row, trigger, selector, test, why = line.split(None, 4)
            lines[row, trigger, selector] = (test, why)
    return lines


# ----------------------------------------------------------------- what meets


def subject(step):
    """The name that a step is about: the source, if it is of one."""
    if step.verb in ("register", "reregister", "deregister", "accept"):
        return step.args[1]
    return step.args[0] if step.args else ""


def calls_of_addr(step):
    if "room" in step.keys:
        return ["mio_addr_format"]
    return ["mio_addr_parse", "mio_addr_format"]


def calls(step, sources):
    """The exported functions that a step calls."""
    if step.verb == "ask":
        return [step.args[0]]
    if step.verb == "addr":
        return calls_of_addr(step)
    if step.verb == "unix-datagram":
        named = "bind" if "addr" in step.keys else "unbound"
        return [f"mio_unix_datagram_{named}"]
    if step.verb in ("after", "storm"):
        verb = step.args[1 if step.verb == "after" else 0]
        if verb == "cycle":
            return [f"mio_registry_{v}_fd"
                    for v in ("register", "reregister", "deregister")]
        inner = caselib.Step(
            step.line, "wake" if verb == "post" else verb, step.args[2:],
            step.keys, [])
        return calls(inner, sources) if step.verb == "after" else []
    if subject(step) in sources or subject(step) == "null":
        if step.verb in SOURCE_CALLS:
            return SOURCE_CALLS[step.verb]
    return VERB_CALLS.get(step.verb, [])


def errors(step, sources):
    """The (function, error) pairs that a step's outcome names."""
    found = [word for word in step.outcome if re.fullmatch("E[A-Z0-9]+", word)]
    functions = calls(step, sources)
    if step.verb != "addr" or "null" not in step.args:
        functions = functions[:1]
    return [(name, word) for word in found for name in functions]


def constant_name(prefix, word):
    return f"MIO_{prefix}_" + word.upper().replace("-", "_")


def constants_of_sources(step, sources):
    found = {constant_name("KIND", kind)
             for kind in caselib.made_by(step, sources)}
    if "kind" in step.keys:
        found.add(constant_name("KIND", step.keys["kind"]))
    if "option" in step.keys:
        found.add(constant_name("OPTION", step.keys["option"]))
    if step.verb == "shutdown" and step.args[0] in sources:
        found.add(constant_name("SHUTDOWN", step.args[1]))
    if step.verb == "addr":
        found.add("MIO_FAMILY_" + next(
            name for prefix, name in FAMILIES
            if step.args[0].startswith(prefix)))
        if len(step.args[0]) > LONG_TEXT:
            found.add("MIO_ADDR_TEXT_MAX")
    return found


def constants(step, case):
    words = re.split(r"[+!]", step.keys.get("interest", ""))
    for word in step.outcome:
        if step.verb == "wait" and ":" in word:
            words += re.split(r"[+!]", word.split(":")[1])
    found = {BIT_CONSTANTS[word] for word in words if word in BIT_CONSTANTS}
    features = list(case.needs)
    if step.verb == "features":
        features += step.args[1:]
    for feature in features:
        name = re.sub("^no-", "", feature).upper().replace("-", "_")
        found.add("MIO_FEATURE_" + name)
    if step.verb == "ask" and "selector" in step.args[0]:
        number = [w for w in step.args[1:] + step.outcome if w.isdigit()]
        found |= {f"selector {n}" for n in number}
    if "ENOSPC" in step.outcome and step.verb == "waker":
        found.add("MIO_WAKERS_MAX")
    return found


def meet(cases, abi):
    """Which case first meets each symbol, constant and documented error."""
    met = {}
    numbers = {
        f"selector {c['value']}": c["name"]
        for c in abi["constants"] if c["enum"] == "mio_selectors"
    }
    for case in cases:
        for step, sources in caselib.with_sources(case):
            for name in calls(step, sources):
                met.setdefault(f"symbol:{name}", case.name)
            for function, error in errors(step, sources):
                met.setdefault(f"error:{function}:{error}", case.name)
            for name in (constants(step, case)
                         | constants_of_sources(step, sources)):
                name = numbers.get(name, name)
                met.setdefault(f"constant:{name}", case.name)
    return met


def wanted(abi):
    for function in abi["functions"]:
        yield f"symbol:{function['name']}"
    for constant in abi["constants"]:
        yield f"constant:{constant['name']}"
    for function in abi["functions"]:
        for error in function["errors"]:
            yield f"error:{function['name']}:{error['name']}"


# ----------------------------------------------------------------------- cells


def triggers_of(interest):
    words = set(interest.split("+"))
    return {t for bit, t in TRIGGER_BITS.items() if bit in words} or {"edge"}


def subjects_of(case):
    """{trigger: kinds}: what is registered with it; with `-` what is made.
    A raw descriptor is of the kind `descriptor`."""
    found = {trigger: set() for trigger in ("edge", *TRIGGER_BITS.values())}
    made = set()
    for step, sources in caselib.with_sources(case):
        made |= set(caselib.made_by(step, sources))
        if step.verb in caselib.MAKERS:
            made |= set(caselib.MAKERS[step.verb])
        at = step.args.index("register") if "register" in step.args else -1
        named = step.args[at + 1:] if step.verb == "after" else step.args
        if "interest" in step.keys and len(named) > 1:
            kind = sources.get(named[1], "descriptor")
            for trigger in triggers_of(step.keys["interest"]):
                found[trigger].add(kind)
    return {**found, "-": made or {"descriptor"}}


class Matrix:
    def __init__(self):
        self.cases = caselib.read_cases()
        self.subjects = {case.name: subjects_of(case) for case in self.cases}
        self.subject_of_row = read_subjects()
        self.notes = {}
        self.skips = caselib.read_skips("c")
        self.rows = read_rows()
        self.elsewhere = read_elsewhere()
        self.tests = c_tests()
        self.used = set()
        self.faults = []

    def triggers_of(self, case):
        """What a case's interests show, to hold its `covers` against. A case
        without interests may cover any: wakers, say, or a refusal."""
        shown = {"-"}
        for step in case.steps:
            if "interest" in step.keys:
                shown |= triggers_of(step.keys["interest"])
        return shown

    def check_subjects(self):
        for row in self.rows:
            if self.subject_of_row[row] not in SUBJECTS:
                self.faults.append(f"semantics.md: {row} is of what?")

    def check_covers(self):
        for case in self.cases:
            for cover in case.covers:
                row, _, trigger = cover.partition("/")
                if (trigger or "-") not in self.rows.get(row, []):
                    self.faults.append(f"{case.name} covers {cover}: no row")
                shown = self.triggers_of(case)
                if (trigger or "-") not in shown and len(shown) > 1:
                    self.faults.append(f"{case.name} shows no {trigger}")

    def of_cell(self, row, trigger, selector):
        cover = row if trigger == "-" else f"{row}/{trigger}"
        names = [
            case.name for case in self.cases
            if cover in case.covers and (case.name, selector) not in self.skips
        ]
        # The one that is shown is best of the row's own file.
        return sorted(names, key=lambda name: not name.startswith(row + "/"))

    def reason(self, key, empty):
        """The (test, why) of this cell; one for several if it is empty."""
        keys = [key]
        if empty:
            row, trigger, selector = key
            keys += [(a, b, c) for a in (row, "*") for b in (trigger, "*")
                     for c in (selector, "*")]
        for known in keys:
            if known in self.elsewhere:
                self.used.add(known)
                return self.elsewhere[known]
        return None

    def check_elsewhere(self):
        for key, (test, _) in self.elsewhere.items():
            if test != "-" and test not in self.tests:
                self.faults.append(f"elsewhere.txt: no C test {test}")
            if key not in self.used:
                line = " ".join(key)
                self.faults.append(f"elsewhere.txt: {line}: not needed")

    def cell(self, row, trigger, selector):
        names = self.of_cell(row, trigger, selector)
        text = []
        if names:
            others = f" and {len(names) - 1} more" if len(names) > 1 else ""
            text.append(f"`{names[0]}`{others}")
        reason = self.reason((row, trigger, selector), not names)
        if reason:
            test, why = reason
            text.append(why if test == "-" else f"C test `{test}`: {why}")
        if not text:
            self.faults.append(f"nothing proves {row} {trigger} {selector}")
        return "; ".join(text)

    def semantics_table(self):
        yield "| row | trigger | " + " | ".join(SELECTORS) + " |"
        yield "|---|---|" + "---|" * len(SELECTORS)
        for row, triggers in self.rows.items():
            for trigger in triggers:
                cells = [self.cell(row, trigger, s) for s in SELECTORS]
                yield f"| {row} | {trigger} | " + " | ".join(cells) + " |"

    def kind_cell(self, row, trigger, kind):
        """How many cases, on each selector."""
        counts = []
        for selector in SELECTORS:
            count = sum(
                kind in self.subjects[name][trigger]
                for name in self.of_cell(row, trigger, selector))
            counts.append(str(count) if count else "-")
            if count:
                continue
            known = self.reason((f"{row}@{kind}", trigger, selector), True)
            known = known or self.reason((row, trigger, selector), True)
            if known:
                where = f"{row}, {kind}, {selector}"
                if known[1] not in self.notes.setdefault(where, []):
                    self.notes[where].append(known[1])
            else:
                self.faults.append(
                    f"nothing proves {row} {trigger} {selector} of {kind}")
        return "/".join(counts)

    def kinds_table(self):
        kinds = ("descriptor", *caselib.KINDS)
        yield "| row | trigger | " + " | ".join(kinds) + " |"
        yield "|---|---|" + "---|" * len(kinds)
        for row, triggers in self.rows.items():
            of = self.subject_of_row[row]
            if of == "-":
                continue
            for trigger in triggers:
                cells = [
                    self.kind_cell(row, trigger, kind)
                    if of == "both"
                    or (of == "sources") == (kind != "descriptor") else ""
                    for kind in kinds
                ]
                yield f"| {row} | {trigger} | " + " | ".join(cells) + " |"

    def kinds_notes(self):
        whys = {}
        for where, reasons in self.notes.items():
            for why in reasons:
                whys.setdefault(why, []).append(where.split(", "))
        for why, places in whys.items():
            rows = sorted({place[0] for place in places})
            kinds = {place[1] for place in places}
            of = "" if len(kinds) > 2 else f" of {' and '.join(sorted(kinds))}"
            yield f"- {', '.join(rows)}{of}: {why}."

    def abi_table(self):
        abi = json.loads(ABI.read_text())
        met = meet(self.cases, abi)
        yield "| what | met by |"
        yield "|---|---|"
        for name in wanted(abi):
            reason = None
            if name not in met:
                reason = self.reason((name, "-", "-"), True)
            if name in met:
                text = f"`{met[name]}`"
            elif reason:
                test, why = reason
                text = why if test == "-" else f"C test `{test}`: {why}"
            else:
                self.faults.append(f"nothing meets {name}")
                text = ""
            yield f"| {name} | {text} |"

    def text(self):
        self.check_subjects()
        self.check_covers()
        count = len(self.cases)
        lines = [
            "# The matrix of the conformance suite",
            "",
            "Made by `tests/conformance/matrix.py` from the cases, the skips",
            "of the C engine, `elsewhere.txt` and `abi.json`; do not edit. The",
            "rows are explained in [semantics.md](semantics.md).",
            f"{count} cases.",
            "",
            "## Rows, triggers, selectors",
            "",
            *self.semantics_table(),
            "",
            "## Kinds",
            "",
            "How many cases register one with that trigger, or make one, on "
            + " / ".join(SELECTORS) + ".",
            "",
            *self.kinds_table(),
            "",
            *self.kinds_notes(),
            "",
            "## Exported functions, constants and documented errors",
            "",
            *self.abi_table(),
        ]
        self.check_elsewhere()
        return "\n".join(lines) + "\n"


def main(arguments):
    matrix = Matrix()
    text = matrix.text()
    if arguments == ["--check"]:
        if not MATRIX.exists() or MATRIX.read_text() != text:
            matrix.faults.append("conformance-matrix.md is old: run matrix.py")
    elif arguments:
        sys.exit(__doc__)
    else:
        MATRIX.write_text(text)
    for fault in matrix.faults:
        print(f"matrix: {fault}")
    return not matrix.faults


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
