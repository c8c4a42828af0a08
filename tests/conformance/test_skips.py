"""The C runner must refuse a list of skips that is not the truth.

It is run on one case that epoll and poll(2) run, and on one that epoll runs
and poll(2) skips. MIOPOLL_BUILD names the build folder (build/test).
"""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("MIOPOLL_BUILD", ROOT / "build" / "test"))
RUNNER = BUILD / "tests" / "c" / "conformance" / "conformance-plain"

CASES = """
case both/run-it
  covers edge/edge
  poll p

case one/skips-it
  covers edge/edge
  needs edge-exact
  poll p
"""
GOOD = "one/skips-it poll it has no edges\n"


def run(tmp_path, skips):
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "a.case").write_text(CASES)
    (tmp_path / "skips.txt").write_text(skips)
    return subprocess.run(
        [RUNNER, "--skips", tmp_path / "skips.txt", folder],
        capture_output=True,
        text=True,
    )


def test_the_truth_is_taken(tmp_path):
    result = run(tmp_path, "# why\n\n" + GOOD)
    assert result.returncode == 0, result.stdout
    assert "conformance-c epoll: 2 passed, 0 failed, 0 skipped" in result.stdout
    assert "conformance-c poll: 1 passed, 0 failed, 1 skipped" in result.stdout


@pytest.mark.parametrize(
    "skips, words",
    [
        ("", "FAIL one/skips-it: skip: not listed"),
        (GOOD + "both/run-it poll why\n", "FAIL both/run-it: skip: listed, but"),
        (GOOD + "no/such epoll why\n", "FAIL no/such: skip: listed, but there"),
        (GOOD + "both/run-it pool why\n", "FAIL both/run-it: skip: listed for"),
        ("one/skips-it poll\n", "no reason"),
        (GOOD + GOOD, "there twice"),
    ],
)
def test_what_is_not_true_is_refused(tmp_path, skips, words):
    result = run(tmp_path, skips)
    assert result.returncode == 1
    assert words in result.stdout
