"""The conformance suite through the public package: a test for each case and
selector, and for each file that has to fail."""

import os

import caseformat
import miopoll
import pytest
import runner

pytestmark = pytest.mark.filterwarnings("error")

SKIPS = caseformat.read_skips(runner.SKIPS)
SUITES = [runner.Suite(runner.CASES, selector, SKIPS)
          for selector in miopoll.SELECTORS]
CASES = [pytest.param(suite, case, id=f"{case.name}-{suite.selector}")
         for suite in SUITES for case in suite.cases]
MUST_FAIL = caseformat.case_files(runner.MUST_FAIL)

each_suite = pytest.mark.parametrize(
    "suite", SUITES, ids=lambda suite: suite.selector)


@pytest.fixture(scope="module")
def report(pytestconfig):
    """Standard error as it is outside of pytest, for a process that has to be
    ended: without it nobody would see why. At the end, what a runner prints."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        file = os.fdopen(os.dup(2), "w")
    yield file
    file.close()
    with capture.global_and_fixture_disabled():
        for suite in SUITES:
            print("", *suite.summary(), sep="\n")


@pytest.mark.parametrize(("suite", "case"), CASES)
def test_case(suite, case, report):
    fault = suite.skip_fault(case)
    assert not fault, str(fault)
    failure = suite.run(case, report=report)
    assert not failure, str(failure)
    if suite.lacks(case):
        pytest.skip(suite.why_listed(case))


@each_suite
@pytest.mark.parametrize("path", MUST_FAIL, ids=lambda path: path.stem)
def test_what_must_fail_does(path, suite):
    assert runner.must_fail_fault(path, suite.selector) is None


def test_there_is_something_that_must_fail():
    assert MUST_FAIL


@each_suite
def test_no_case_is_lost(suite):
    cases, digest, *names = runner.PLAN.read_text().splitlines()
    assert cases == f"cases {len(suite.cases)}"
    assert digest == f"digest {suite.digest}"
    assert names == sorted(case.name for case in suite.cases)


@each_suite
def test_no_skip_is_stale(suite):
    assert suite.unknown_skips() == []
