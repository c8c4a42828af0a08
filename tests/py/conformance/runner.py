#!/usr/bin/env python3
"""The Python runner of the conformance suite: docs/conformance.md.

    runner.py [--selector NAME] [--must-fail] [FILE or FOLDER]

Exits with 1 if a case failed, if none ran, or if the list of skips is stale.
With --must-fail each file has to fail, as it says itself.
"""

import argparse
import contextlib
import errno
import faulthandler
import gc
import pathlib
import signal
import sys

import caseformat
import descriptors
import engine
import miopoll
from caseformat import Failure

SUITE = pathlib.Path(__file__).resolve().parents[2] / "conformance"
CASES = SUITE / "cases"
MUST_FAIL = SUITE / "must-fail"
SKIPS = SUITE / "skips" / "python.txt"
PLAN = SUITE / "plan.txt"
LIMIT = 30
MUST_FAIL_LIMIT = 1
SPARE = 5  # Seconds from the polite end of a case to that of the process.


class TimeLimit(BaseException):
    """Not an Exception, so that nothing handles it as one."""


@contextlib.contextmanager
def time_limit(seconds, report=None):
    """Raises TimeLimit out of whatever waits, again and again; if that does
    not help, shows what all threads do, and ends the process."""
    def over(*_):
        raise TimeLimit
    handler = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    faulthandler.dump_traceback_later(seconds + SPARE, exit=True,
                                      file=report or sys.__stderr__)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, handler)


def attempt(action, *args):
    """The Failure that it met, or None. What is no error of the case is told
    as an outcome that no case can name."""
    try:
        action(*args)
    except Failure as failure:
        return failure
    except TimeLimit:
        return Failure("time-limit", "it has not ended")
    except Exception as error:
        return Failure("outcome", f"{type(error).__name__}: {error}")
    return None


def run_steps(running, case):
    for step in case.steps:
        failure = attempt(running.do, step)
        if failure:
            raise Failure(failure.kind, f"{case.file}:{step.line}: "
                          f"{step.verb}: {failure.text}")
        gc.collect()


def compare_descriptors(before):
    gc.collect()
    after = descriptors.count()
    if after != before:
        raise Failure("leak", f"{before} descriptors before, {after} after")


def run_case(case, selector, limit=LIMIT, report=None):
    """The first Failure of the case, or None. What was there before the case
    is frozen, so that collecting after each step costs little."""
    gc.freeze()
    before = descriptors.count()
    running = engine.Engine(selector)
    with time_limit(limit, report):
        failures = [attempt(run_steps, running, case), attempt(running.join),
                    attempt(running.end), attempt(compare_descriptors, before)]
    gc.unfreeze()
    return next(filter(None, failures), None)


# ---------------------------------------------------------- suites and skips


class Suite:
    """All cases of a file or folder, on one selector."""

    def __init__(self, path, selector, skips):
        self.selector, self.skips = selector, skips
        paths = [path] if path.is_file() else caseformat.case_files(path)
        self.cases = caseformat.read_files(paths)
        self.digest = caseformat.digest(paths)
        with miopoll.Poll(selector) as poll:
            self.features = engine.features_of(poll)
        self.passed = self.failed = self.skipped = 0

    def lacks(self, case):
        """The first feature that the case needs in vain, or None."""
        return next((feature for feature in case.needs
                     if not engine.has(feature, self.features)), None)

    def why_listed(self, case):
        return self.skips.get((case.name, self.selector))

    def skip_fault(self, case):
        """What is wrong with the list, as to this case."""
        lacks, listed = self.lacks(case), self.why_listed(case)
        if lacks and not listed:
            return Failure("skip", f"not listed; it needs {lacks}")
        if listed and not lacks:
            return Failure("skip", "listed, but it can run")
        return None

    def unknown_skips(self):
        """Listed, and not existing."""
        names = {case.name for case in self.cases}
        selectors = {selector for _, selector in self.skips}
        unknown = {name for name in selectors if not is_selector(name)}
        return [name for name, selector in self.skips
                if name not in names or selector in unknown]

    def run(self, case, limit=LIMIT, report=None):
        """The first Failure of the case, or None. It may be skipped."""
        if self.lacks(case):
            self.skipped += 1
            return None
        failure = run_case(case, self.selector, limit, report)
        if failure:
            self.failed += 1
        else:
            self.passed += 1
        return failure

    def summary(self):
        ran = self.passed + self.failed
        return [f"plan {len(self.cases)} digest {self.digest} ran {ran} "
                f"skipped {self.skipped}",
                f"conformance-python {self.selector}: {self.passed} passed, "
                f"{self.failed} failed, {self.skipped} skipped"]

    def failures(self, limit=LIMIT):
        """Runs all, and gives (name, Failure) of what was not right."""
        for case in self.cases:
            for failure in (self.skip_fault(case), self.run(case, limit)):
                if failure:
                    yield case.name, failure
        for name in self.unknown_skips():
            yield name, Failure("skip", "listed, but there is no such case")
        if self.passed + self.failed == 0:
            yield "-", Failure("empty", "no case was run")


def is_selector(name):
    """Whether there is one, built in or not."""
    try:
        miopoll.Poll(name).close()
    except OSError as error:
        return error.errno != errno.EINVAL
    return True


def wanted_kind(path):
    with path.open() as file:
        head, _, kind = file.readline().strip().partition("# fails: ")
    return kind if not head else None


def first_failure(path, selector, limit):
    """Of a file that is read alone, with no list of skips; or None."""
    def run():
        for _, failure in Suite(path, selector, {}).failures(limit):
            raise failure
    return attempt(run)


def must_fail_fault(path, selector):
    """Runs a file that has to fail. Gives what is wrong, or None."""
    wanted = wanted_kind(path)
    failure = first_failure(path, selector, MUST_FAIL_LIMIT)
    if failure and failure.kind == wanted:
        return None
    return f"{path.name}: should fail as {wanted}, met: {failure}"


def show_failures(path, selector):
    """Prints what was not right, and gives how much that was."""
    count = 0
    suite = Suite(path, selector, caseformat.read_skips(SKIPS))
    for name, failure in suite.failures():
        print(f"FAIL {name}: {failure}", flush=True)
        count += 1
    print(*suite.summary(), sep="\n", flush=True)
    return count


def show_must_fail(folder, selector):
    paths = caseformat.case_files(folder)
    faults = [fault for path in paths
              if (fault := must_fail_fault(path, selector))]
    for fault in faults:
        print(f"FAIL {fault}")
    print(f"conformance-python {selector}: {len(paths)} files must fail, "
          f"{len(faults)} did not as they should")
    return len(faults) if paths else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", nargs="?", type=pathlib.Path)
    parser.add_argument("--selector", action="append", metavar="NAME",
                        help="without it all that are built in")
    parser.add_argument("--must-fail", action="store_true")
    options = parser.parse_args()
    show = show_must_fail if options.must_fail else show_failures
    path = options.path or (MUST_FAIL if options.must_fail else CASES)
    try:
        faults = sum(show(path, selector)
                     for selector in options.selector or miopoll.SELECTORS)
    except Failure as failure:
        print(f"FAIL -: {failure}")
        faults = 1
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
