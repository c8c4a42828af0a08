"""The tools of the suite must refuse what they are there to refuse."""

import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


@pytest.fixture
def tree(tmp_path):
    """A copy of what the tools read."""
    for folder in ("tests/conformance", "abi/generated", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "tests" / "c").mkdir()
    for path in (ROOT / "tests" / "c").glob("*.c"):
        shutil.copy(path, tmp_path / "tests" / "c")
    return tmp_path


def run(tree, tool, *arguments):
    command = [sys.executable, tree / "tests" / "conformance" / tool]
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True
    )


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def refused(result, words):
    assert result.returncode == 1, result.stdout + result.stderr
    assert words in result.stdout


def test_the_plan_is_in_order(tree):
    result = run(tree, "plan.py", "--check")
    assert result.returncode == 0, result.stdout


def test_the_matrix_is_in_order(tree):
    result = run(tree, "matrix.py", "--check")
    assert result.returncode == 0, result.stdout


def test_a_changed_case_makes_the_plan_old(tree):
    cases = tree / "tests/conformance/cases"
    edit(cases / "level.case", "token=1", "token=2")
    refused(run(tree, "plan.py", "--check"), "plan.txt is old")


def test_a_case_may_not_take_long(tree):
    cases = tree / "tests/conformance/cases"
    edit(cases / "level.case", "timeout=10ms", "timeout=60ms")
    refused(run(tree, "plan.py"), "takes 60 ms")


def test_a_case_says_what_it_needs(tree):
    cases = tree / "tests/conformance/cases"
    edit(cases / "capacity.case", "  needs capacity\n", "")
    refused(run(tree, "plan.py"), "needs capacity")


SOURCE_STEPS = """
case new/one
  covers streams
  needs {needs}
  unix-stream-pair x y
  {step}
"""


@pytest.mark.parametrize(
    "step, feature",
    [
        ("read x 1 -> EAGAIN", "sources"),
        ("recv-from x 1 -> EOPNOTSUPP", "flat"),
        ("into-fd f x\n  write x -> EBADF", "flat"),
        ("shutdown x 9 -> EINVAL", "flat"),
        ("get x option=ttl -> EOPNOTSUPP", "flat"),
        ("get y option=77 -> EINVAL", "flat"),
        ("read x 1 buffer=null -> EINVAL", "null"),
        ("unix-listener l addr=unix:@*", "abstract"),
    ],
)
def test_a_case_says_what_it_needs_of_sources(tree, step, feature):
    case = tree / "tests/conformance/cases/new.case"
    case.write_text(SOURCE_STEPS.format(needs="raw", step=step))
    result = run(tree, "plan.py")
    refused(result, "new/one needs ")
    assert feature in result.stdout
    case.write_text(SOURCE_STEPS.format(needs=f"sources {feature}", step=step))
    assert run(tree, "plan.py").returncode == 0


def outputs(tree, line):
    path = tree / "output"
    path.write_text(line + "\n")
    return path


def planned():
    lines = (HERE / "plan.txt").read_text().splitlines()
    return int(lines[0].split()[1]), lines[1].split()[1]


def test_a_runner_with_all_cases_is_taken(tree):
    count, digest = planned()
    line = f"plan {count} digest {digest} ran {count - 1} skipped 1"
    result = run(tree, "plan.py", "--compare", outputs(tree, line))
    assert result.returncode == 0


@pytest.mark.parametrize(
    "change",
    ["count", "digest", "lost", "none", "no line"],
)
def test_a_runner_that_lost_a_case_is_refused(tree, change):
    count, digest = planned()
    ran = count
    if change == "count":
        count, ran = count - 1, ran - 1
    elif change == "digest":
        digest = "1" + digest
    elif change == "lost":
        ran -= 1
    skipped = 0
    if change == "none":
        ran, skipped = 0, count
    line = f"plan {count} digest {digest} ran {ran} skipped {skipped}"
    path = outputs(tree, "" if change == "no line" else line)
    refused(run(tree, "plan.py", "--compare", path), str(path))


def test_an_unproved_row_is_refused(tree):
    semantics = tree / "docs" / "semantics.md"
    edit(semantics, "| fork | - |", "| magic | edge | - | it is |\n| fork | - |")
    refused(run(tree, "matrix.py"), "nothing proves magic edge poll")


def test_a_kind_that_no_case_registers_is_refused(tree):
    elsewhere = tree / "tests/conformance/elsewhere.txt"
    edit(elsewhere, "hang-up@tcp-listener * * - it has no peer\n", "")
    result = run(tree, "matrix.py")
    refused(result, "nothing proves hang-up level poll of tcp-listener")


def test_a_row_says_of_what_it_is(tree):
    semantics = tree / "docs" / "semantics.md"
    edit(semantics, "| level | level | both |", "| level | level | all |")
    refused(run(tree, "matrix.py"), "level is of what?")


def test_an_unmet_error_of_a_source_is_refused(tree):
    cases = tree / "tests/conformance/cases"
    edit(cases / "source-unix.case", "unix:*d -> EPROTOTYPE", "unix:*d")
    result = run(tree, "matrix.py")
    refused(result, "nothing meets error:mio_unix_stream_connect:EPROTOTYPE")


def test_an_unmet_symbol_is_refused(tree):
    abi = tree / "abi" / "generated" / "abi.json"
    edit(abi, '"name": "mio_version"', '"name": "mio_novelty"')
    refused(run(tree, "matrix.py"), "nothing meets symbol:mio_novelty")


def test_an_unmet_error_is_refused(tree):
    abi = tree / "abi" / "generated" / "abi.json"
    edit(abi, '"name": "E2BIG"', '"name": "EDOM"')
    refused(run(tree, "matrix.py"), "nothing meets error:mio_poll_new:EDOM")


def test_a_reason_that_names_no_test_is_refused(tree):
    elsewhere = tree / "tests/conformance/elsewhere.txt"
    edit(elsewhere, "limits.too_many_descriptors", "limits.none")
    refused(run(tree, "matrix.py"), "no C test limits.none")


def test_a_reason_that_is_not_needed_is_refused(tree):
    elsewhere = tree / "tests/conformance/elsewhere.txt"
    with elsewhere.open("a") as file:
        file.write("symbol:mio_poll_new - - - nobody asked\n")
    refused(run(tree, "matrix.py"), "symbol:mio_poll_new - -: not needed")


def test_a_case_of_no_row_is_refused(tree):
    cases = tree / "tests/conformance/cases"
    edit(cases / "level.case", "covers level/level", "covers levels/level")
    refused(run(tree, "matrix.py"), "covers levels/level: no row")


def test_a_case_shows_the_trigger_that_it_covers(tree):
    cases = tree / "tests/conformance/cases"
    edit(cases / "level.case", "covers level/level", "covers tokens/one-shot")
    refused(run(tree, "matrix.py"), "shows no one-shot")


def test_an_old_matrix_is_refused(tree):
    edit(tree / "docs" / "conformance-matrix.md", "| level |", "| flat |")
    refused(run(tree, "matrix.py", "--check"), "is old")
