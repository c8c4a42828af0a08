"""The examples of the docstrings, and those of docs/python.md."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys

import miopoll
import pytest
from support import ROOT

MODULES = ["miopoll"] + [
    f"miopoll.{module.name}"
    for module in pkgutil.iter_modules(miopoll.__path__)
    if module.name not in ("__main__", "_miopoll")
]
PAGE = ROOT / "docs/python.md"


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


def test_the_docstring_that_is_in_c():
    finder = doctest.DocTestFinder()
    (test,) = finder.find(miopoll.Poll.poll, "Poll.poll", globs={})
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


WITHOUT_EXAMPLE = {  # A line each, or the same as another.
    "Poll.reregister", "Poll.deregister",
}


def test_every_method_has_an_example():
    for kind in (miopoll.Poll, miopoll.Registry, miopoll.Waker):
        for name, thing in vars(kind).items():
            if not name.startswith("_") and callable(thing):
                label = f"{kind.__name__}.{name}"
                assert (">>> " in thing.__doc__) != (label in WITHOUT_EXAMPLE)


def blocks():
    """(heading, language, text) of each block of code in the page."""
    text = PAGE.read_text()
    for match in re.finditer(r"^```(\w+)\n(.*?)^```", text, re.M | re.S):
        heading = re.findall(r"^#+ (.*)", text[: match.start()], re.M)[-1]
        yield heading, match.group(1), match.group(2)


PROGRAMS = [
    pytest.param(text, id=heading)
    for heading, language, text in blocks()
    if language == "python"
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_programs_of_the_page(text, tmp_path):
    """Each runs by itself, and prints what its last comment says."""
    process = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", text],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    expected = re.findall(r"^# prints: (.*)$", text, re.M)
    assert process.stdout.splitlines() == expected


def test_the_page_has_programs():
    assert len(PROGRAMS) >= 5


def test_the_first_programs_agree():
    """The page's first program is the package's."""
    assert "hello" in PROGRAMS[0].values[0]
