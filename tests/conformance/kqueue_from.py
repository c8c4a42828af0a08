#!/usr/bin/env python3
"""Run the C engine on a kqueue that is not the emulation's, and compare what
fails with the list of what is known of it.

    kqueue_from.py BUILD LIST

BUILD is a folder built with -DMIOPOLL_KQUEUE_FROM, LIST has lines `NAME kqueue
why`. A case that fails and is not listed, or is listed and passes, or does
not exist, is a failure. Not a part of `make test`.
"""

import os
import pathlib
import re
import subprocess
import sys

import caselib


def failing(build):
    """{case: what it printed} of one run, with what that kqueue lacks skipped
    as on the emulation."""
    command = [build / "tests/c/conformance/conformance-plain", "--selector",
               "kqueue", caselib.HERE / "cases"]
    environment = {**os.environ, "MIOPOLL_TEST_CLOSED_LATE": "1"}
    done = subprocess.run(command, capture_output=True, text=True,
                          env=environment)
    if not re.search(r"^conformance-c kqueue: ", done.stdout, re.M):
        sys.exit(f"the runner failed:\n{done.stdout[-2000:]}{done.stderr}")
    return dict(re.findall(r"^FAIL (\S+): (.*)$", done.stdout, re.M))


def known(path):
    lines = [line.split(None, 2) for line in path.read_text().splitlines()
             if line.strip() and not line.startswith("#")]
    return {name: why for name, selector, why in lines
            if selector == "kqueue"}


def main(build, path):
    found = failing(pathlib.Path(build))
    listed = known(pathlib.Path(path))
    names = {case.name for case in caselib.read_cases()}
    faults = [f"{name}: {text}" for name, text in found.items()
              if name not in listed]
    faults += [f"{name}: listed, but it passes" for name in listed
               if name not in found]
    faults += [f"{name}: listed, but there is no such case"
               for name in listed if name not in names]
    for fault in faults:
        print(f"FAIL {fault}")
    print(f"{len(names) - len(found)} passed, {len(faults)} failed, "
          f"{len(listed)} skipped")
    return not faults


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
