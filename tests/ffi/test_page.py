"""docs/bind-your-language.md and examples/ffi: what the page shows is cut out
of files that run, and the programs are as short as promised."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FFI = ROOT / "examples/ffi"
PAGE = ROOT / "docs/bind-your-language.md"
EXAMPLES = sorted(FFI.glob("*/example.*"))


def blocks():
    """(line, file or None, text) of each code block of the page."""
    lines = PAGE.read_text().splitlines()
    fences = [i for i, line in enumerate(lines) if line.startswith("```")]
    assert len(fences) % 2 == 0
    for begin, end in zip(fences[::2], fences[1::2]):
        source = re.fullmatch(r"<!-- from (\S+) -->", lines[begin - 1])
        yield begin + 1, source and source[1], "\n".join(
            lines[begin + 1 : end]) + "\n"


@pytest.mark.parametrize("line, source, text", blocks())
def test_a_block_is_part_of_a_file(line, source, text):
    assert source, f"line {line}: no file is named before the block"
    assert text.strip(), f"line {line}: nothing is shown"
    assert text in (ROOT / source).read_text(), f"line {line}"


def test_the_page_shows_several_languages():
    assert len({source for _, source, _ in blocks()}) >= 4


def test_files_that_the_page_names_are_there():
    named = re.findall(r"\b(?:examples|tests|docs|abi)/[\w/.-]*\w",
                       PAGE.read_text())
    assert named
    for name in named:
        assert (ROOT / name).exists(), name


def test_seven_languages():
    assert len(EXAMPLES) == 7


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_an_example_is_short_and_commented(path):
    lines = path.read_text().splitlines()
    assert 25 <= len(lines) <= 60
    assert "Ctrl-C" in "\n".join(lines[:12])
    assert all(len(line) <= 110 for line in lines)
