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


IN_C = {
    "Poll": ["poll"], "Sender": ["write", "write_vectored"],
    "Receiver": ["read", "read_into", "read_vectored"],
    "UdpSocket": ["recv", "recv_into", "send"],
}


@pytest.mark.parametrize(("kind", "name"), [
    (kind, name) for kind, names in IN_C.items() for name in names
])
def test_the_docstrings_that_are_in_c(kind, name):
    finder = doctest.DocTestFinder()
    method = getattr(getattr(miopoll, kind), name)
    (test,) = finder.find(method, f"{kind}.{name}", globs={})
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


WITHOUT_EXAMPLE = {  # A line each, or the same as another.
    "Poll.reregister", "Poll.deregister", "UdpSocket.leave_multicast_v4",
    "UdpSocket.leave_multicast_v6",
}
CLASSES = [
    kind for kind in (getattr(miopoll, name) for name in miopoll.__all__)
    if isinstance(kind, type) and issubclass(
        kind, (miopoll.Poll, miopoll.Registry, miopoll.Waker, miopoll.Source))
]


def test_every_method_has_an_example():
    for kind in CLASSES:
        for name in dir(kind):
            thing = getattr(kind, name)
            if not name.startswith("_") and callable(thing):
                label = f"{kind.__name__}.{name}"
                assert (">>> " in thing.__doc__
                        or name == "close") != (label in WITHOUT_EXAMPLE)


def test_every_class_tells_what_it_is():
    assert len(CLASSES) == 12
    for kind in CLASSES:
        assert kind.__doc__ and kind.__doc__ != kind.__base__.__doc__


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
