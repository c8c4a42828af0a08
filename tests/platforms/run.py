#!/usr/bin/env python3
"""Tries the library on every platform that can be had here.

    tests/platforms/run.py               all of them
    tests/platforms/run.py --quick       those that `make test` includes
    tests/platforms/run.py --only NAME   one
    tests/platforms/run.py --breakages   breaks the library in ways that only
                                         other platforms notice

What can be run is run, by QEMU where the CPU is another; the rest is compiled
and linked, or type-checked (platforms.py says which). A line for each, and
the plain line `N passed, N failed, N skipped` at the end. A whole run leaves
build/platforms/results.json, from which page.py makes docs/platforms.md.
tools/setup.sh platforms installs what is needed; what is missing fails.
"""

import argparse
import concurrent.futures
import datetime
import json
import platform
import shutil
import sys
import time

import breakages
import linking
import page
import running
from platforms import (BUILD, EMULATED, NOT_YET, PLATFORMS, QEMU, ROOT,
                       RUN)
from report import Report, Stop, say

CAN_BE_RUN = (RUN, QEMU, EMULATED)
RESULTS = BUILD / "results.json"


def try_out(one, client=None, source=ROOT, folder=None, hasty=False):
    """Everything about one platform, in a report."""
    folder = folder or BUILD / one.name
    if source == ROOT and folder.exists():
        shutil.rmtree(folder)  # A new set-up each time: it takes seconds.
    report = Report(one, folder, source, hasty)
    begin = time.monotonic()
    try:
        if one.how in CAN_BE_RUN:
            running.check(report, client)
        else:
            linking.check(report)
    except Stop:
        pass
    except Exception as error:  # Its own failure is one of the platform.
        report.check("driver", False, repr(error))
    report.seconds = time.monotonic() - begin
    report.log.close()
    return report


def tell(report):
    passed, failed, skipped = report.sums()
    mark = "FAILED" if failed else "ok"
    more = f", {skipped} skipped" if skipped else ""
    say(f"{mark:6} {report.platform.name:13} {report.platform.how:30}"
        f" {passed:4} passed{more} {report.seconds:6.1f} s")
    for problem in report.problems:
        say("       " + problem.replace("\n", "\n       "))
    if failed:
        say(f"       all of it: {report.log.name}")


def check_one_plan(reports):
    """Every platform read the same cases. Returns how many checks failed."""
    plans = {plan for report in reports
             for plan in getattr(report, "digests", ())}
    if len(plans) > 1:
        say(f"FAILED the platforms read different cases: {sorted(plans)}")
    return int(len(plans) > 1)


def write_results(reports):
    RESULTS.write_text(json.dumps({
        "date": datetime.date.today().isoformat(),
        "kernel": ".".join(platform.release().split(".")[:2]),
        "platforms": {report.platform.name: {
            "suites": report.suites, "versions": report.versions,
            "seconds": round(report.seconds, 1)} for report in reports},
    }, indent=1))


def run_all(chosen):
    """Two at a time."""
    reports = []
    client = None
    if any(one.how in CAN_BE_RUN for one in chosen):
        native = Report(PLATFORMS[0], BUILD / "client", ROOT)
        try:
            client = running.build_client(native)
        except Stop:
            native.seconds = 0
            reports.append(native)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        tasks = [pool.submit(try_out, one, client) for one in chosen]
        for task in concurrent.futures.as_completed(tasks):
            reports.append(task.result())
            tell(reports[-1])
    return reports


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", metavar="NAME")
    parser.add_argument("--breakages", action="store_true")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    if options.breakages:
        client = running.build_client(
            Report(PLATFORMS[0], BUILD / "client", ROOT))
        return breakages.main(try_out, client, options.only)
    chosen = [one for one in PLATFORMS if one.how != NOT_YET
              and (one.quick or not options.quick)
              and options.only in ("", one.name)]
    begin = time.monotonic()
    reports = run_all(chosen)
    sums = [sum(column) for column in zip(*(r.sums() for r in reports))]
    sums[1] += check_one_plan(reports)
    if not options.quick and not options.only and not sums[1]:
        write_results(reports)
    problem = page.stale()
    sums[0 if problem is None else 1] += 1
    say(problem or "ok     docs/platforms.md has a row for each")
    say(f"{len(reports)} platforms in {time.monotonic() - begin:.0f} s")
    say(f"{sums[0]} passed, {sums[1]} failed, {sums[2]} skipped")
    return 1 if sums[1] or not sums[0] or not reports else 0


if __name__ == "__main__":
    sys.exit(main())
