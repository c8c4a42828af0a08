#!/usr/bin/env python3
"""Writes docs/platforms.md from the last whole run of run.py, or with --check
says whether it has the rows and the words that it must have."""

import json
import re
import sys

from platforms import (BUILD, COMPILED, EMULATED, HERE, LINKED, NOT_YET,
                       PLATFORMS, QEMU, ROOT, RUN, TYPED)

PAGE = ROOT / "docs/platforms.md"
KEPT = 5  # The cells of a row that do not come from a run.

HEAD = """# Platforms

How far the library is known to work, system by system. `make test-platforms`
tries it, and `tests/platforms/page.py` writes this page from what it gave.
"""

WORDS = f"""The words mean this, and no more:

| words | what was done |
|---|---|
| {RUN} | built, and every C test and the demonstration run, on such a machine: by `make test` (with clang: under its sanitizers), and again by `make test-platforms` |
| {QEMU} | the same, on QEMU's user mode: that CPU's code and C library, the system calls translated to this machine's kernel |
| {EMULATED} | on Linux, with a kqueue written by us for the tests (`tests/fakes/kqueue`) after what was measured on NetBSD; FreeBSD's is with what FreeBSD, macOS and DragonFly do otherwise; wrong where that is wrong |
| {LINKED} | library (shared and static), C tests and two programs, by a cross compiler with that system's headers and libraries; nobody has run them |
| {COMPILED} | the library, with that system's headers |
| {TYPED} | no headers can be had here: the library's sources against short declarations of our own (`tests/platforms/stubs`), by the compiler's checks alone; wrong where those are wrong |
| {NOT_YET} | there is no port |
"""

NOTES = """## What was seen

- Every platform reads the same conformance cases, by count and by digest.
- `epoll_event` has 12 bytes on x86-64 and i386, and 16 on the others; events
  are converted in place from either.
- On 32-bit systems time and file offsets have 64 bits (`_TIME_BITS`,
  `_FILE_OFFSET_BITS`), for the library; its ABI has neither `time_t` nor
  `off_t`.
- QEMU's user mode has no `epoll_pwait2`. There the fall-back was taken, and
  seen taken: `MIO_FEATURE_NANOSECONDS` is absent on epoll, and a wait of one
  nanosecond takes a millisecond.
- `tests/platforms/run.py --breakages` breaks the library in ways that only a
  32-bit, a big-endian or another system notices, and sees each noticed.

## Systems that are not run

- **macOS, iOS**: waits run on `CLOCK_UPTIME_RAW`, which stops while the
  machine sleeps, as the kernel's own waits do. `poll(2)` knows milliseconds,
  so that `MIO_FEATURE_NANOSECONDS` is absent on the `poll` selector.
- **FreeBSD, NetBSD, OpenBSD, DragonFly**: `ppoll` and `pipe2` are needed, as
  NetBSD has them since 10, the others for longer.
- **illumos** has epoll, without `EPOLLEXCLUSIVE` and without `epoll_pwait2`:
  exclusive registrations are EOPNOTSUPP and time is rounded up to a
  millisecond. Event ports (`port_create`, `port_getn`), its own interface,
  would add nanoseconds and one descriptor for files, timers and AIO too; each
  event disarms its registration, so that level and edge would cost a call
  more, and they are all that Solaris has.
- **Android** is Linux to the library, but for threads that cannot be
  cancelled.
- **Windows and WASI**: not yet.
"""

def count(suite, sums):
    passed, _, skipped = sums
    return f"{suite} {passed}" + (f" ({skipped} skipped)" if skipped else "")


def cells(platform, results):
    """A row of the first table."""
    row = [platform.system, platform.cpu or "-", platform.library or "-",
           ", ".join(platform.selectors) or "-", platform.how]
    if platform.like:
        row[3] += f" like {platform.like}'s"
    found = results and results["platforms"].get(platform.name)
    if not found:
        return row + ["-", "-"]
    totals = [sum(column) for column in zip(*found["suites"].values())]
    return row + [f"{totals[0]} passed, {totals[2]} skipped",
                  ", ".join(found["versions"].values())]


def table(rows):
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def render(results):
    rows = [cells(platform, results) for platform in PLATFORMS]
    head = ["system", "CPU", "C library", "selectors", "how far", "checks",
            "by"]
    text = HEAD + "\n" + table([head, ["---"] * len(head), *rows])
    text += "\n" + WORDS + "\n" + NOTES + "\n" + skips()
    text += "\n## The suites of the last run\n\n"
    date = results["date"] if results else "-"
    kernel = results["kernel"] if results else "-"
    text += f"Run on {date}, on Linux {kernel}, x86-64.\n\n" + table([
        ["platform", "checks that passed"], ["---", "---"],
        *([platform.name, suites(platform, results)]
          for platform in PLATFORMS if platform.how != NOT_YET)])
    return text


def suites(platform, results):
    found = results and results["platforms"].get(platform.name)
    return ", ".join(count(name, sums) for name, sums
                     in found["suites"].items()) if found else "-"


def skips():
    lines = (HERE / "skips.txt").read_text().splitlines()
    rows = [line.split(None, 3) for line in lines
            if line.strip() and not line.startswith("#")]
    return "## Tests that are skipped\n\n" + table(
        [["where", "selector", "test", "why"], ["---"] * 4, *rows])


def without_results(text):
    """What a page must say whatever a run gave."""
    kept = []
    for line in text.splitlines():
        row = line.strip("| ").split(" | ")
        if line.startswith("Run on "):
            continue
        if len(row) == KEPT + 2:
            line = " | ".join(row[:KEPT])
        elif line.startswith("|") and len(row) == 2:
            line = row[0] if "checks" not in row[1] else line
        kept.append(line)
    return kept


def stale():
    """What is wrong with the page that is there, or None."""
    text = PAGE.read_text() if PAGE.exists() else ""
    if without_results(text) != without_results(render(None)):
        return "docs/platforms.md is not fresh: tests/platforms/page.py"
    rows = re.findall(r"^\|.*\| (\S[^|]*) \| [^|]* \|$", text, re.M)
    counted = [cell for cell in rows
               if re.fullmatch(r"[1-9]\d* passed, \d+ skipped", cell)]
    tried = [p for p in PLATFORMS if p.how != NOT_YET]
    if len(counted) != len(tried):
        return "docs/platforms.md has a row without counts"
    return None


def main():
    if "--check" in sys.argv[1:]:
        problem = stale()
        print(problem or "docs/platforms.md: 1 passed, 0 failed")
        return int(problem is not None)
    results = BUILD / "results.json"
    if not results.exists():
        sys.exit("page: run tests/platforms/run.py first, all of it")
    PAGE.write_text(render(json.loads(results.read_text())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
