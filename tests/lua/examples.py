#!/usr/bin/env python3
"""The examples, driven by programs that are not ours: nc, socat, curl and a
redis-server. The tests are in example_tests.py.

    examples.py COMMAND...      an interpreter, its environment set
"""

import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().with_name("example_tests.py")


class Engine:
    """What pytest is given of an interpreter; it counts what has passed, since
    tests/lua/run.py reads the same line of all that it runs."""

    def __init__(self, interpreter):
        self.interpreter = interpreter
        self.ran, self.failed, self.skipped = set(), set(), set()

    @pytest.fixture
    def command(self):
        return self.interpreter

    def pytest_runtest_logreport(self, report):
        self.ran.add(report.nodeid)
        if report.failed:
            self.failed.add(report.nodeid)
        if report.skipped:
            self.skipped.add(report.nodeid)


def main():
    engine = Engine(sys.argv[1:])
    # So quiet that pytest counts nothing itself.
    status = pytest.main(["-qq", "--tb=short", "-p", "no:cacheprovider",
                          str(TESTS)], plugins=[engine])
    passed = len(engine.ran - engine.failed - engine.skipped)
    print(f"{passed} passed, {len(engine.failed)} failed, "
          f"{len(engine.skipped)} skipped")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
