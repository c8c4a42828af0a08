#!/usr/bin/env python3
"""Write or check docs/conformance-matrix.md.

usage: matrix.py           write it
       matrix.py --check   refuse one that is old

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
}
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
        if line.startswith("|") and len(cells) == 3:
            rows[cells[0]] = cells[1].split()
    del rows["row"], rows["---"]
    return rows


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


def calls(step):
    """The exported functions that a step calls."""
    if step.verb == "ask":
        return [step.args[0]]
    if step.verb in ("after", "storm"):
        verb = step.args[1 if step.verb == "after" else 0]
        if verb == "cycle":
            return [f"mio_registry_{v}_fd"
                    for v in ("register", "reregister", "deregister")]
        return VERB_CALLS.get("wake" if verb == "post" else verb, [])
    return VERB_CALLS.get(step.verb, [])


def errors(step):
    """The (function, error) pairs that a step's outcome names."""
    found = [word for word in step.outcome if re.fullmatch("E[A-Z0-9]+", word)]
    return [(calls(step)[0], word) for word in found if calls(step)]


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
        for step in case.steps:
            for name in calls(step):
                met.setdefault(f"symbol:{name}", case.name)
            for function, error in errors(step):
                met.setdefault(f"error:{function}:{error}", case.name)
            for name in constants(step, case):
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


class Matrix:
    def __init__(self):
        self.cases = caselib.read_cases()
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
            words = set(step.keys.get("interest", "").split("+"))
            found = {t for bit, t in TRIGGER_BITS.items() if bit in words}
            if "interest" in step.keys:
                shown |= found or {"edge"}
        return shown

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
        """The (test, why) of this cell; one for all rows if it is empty."""
        keys = [key, ("*", *key[1:])] if empty else [key]
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
