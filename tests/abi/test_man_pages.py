"""How manual pages are made of a header. tests/docs looks at the real ones."""

import subprocess
import sys

import pytest
from generator import emit, emit_man, rules

import small_header
from abi_paths import ABI, HEADER

TOP = """\
/*
 * miopoll.h - small.
 *
 * This file is the manual.
 *
 *
 * 1. A PROGRAM
 *
 * Do `that`, see mio_thing_new() (ENOMEM):
 *
 *     .begins("with a dot");
 *
 *     - minus
 *
 * Then this:
 *   - one, which is
 *     long
 *   - two
 *
 * And more
 *     in a new paragraph.
 *
 *   a  table
 *   of two lines
 *
 *
 * How to read the entries: not in the page.
 */
"""


@pytest.fixture
def pages(tmp_path):
    path = small_header.write(tmp_path, small_header.GOOD)
    path.write_text(TOP + path.read_text())
    return emit_man.files(rules.load(path))


def test_a_page_for_each_function_and_one_for_the_model(pages):
    assert sorted(pages) == ["man/man3/mio_thing_new.3", "man/man7/miopoll.7"]


def test_no_model_without_chapters(tmp_path):
    path = small_header.write(tmp_path, small_header.GOOD)
    assert list(emit_man.files(rules.load(path))) == [
        "man/man3/mio_thing_new.3"]


def test_a_function(pages):
    lines = pages["man/man3/mio_thing_new.3"].splitlines()
    for line in (".Nd makes a thing", ".Ft int32_t", ".Fo mio_thing_new",
                 '.Fa "mio_thing_t **out"', '.Fa "uint32_t size"',
                 "It is made of nothing.", "How large, in things.",
                 ".It Bq Er ENOMEM", "No memory.", '.Fa "out"',
                 "first appeared in libmiopoll 0.1."):
        assert line in lines


def test_blocks_of_a_chapter():
    (_, before), (title, blocks) = emit_man.chapters(TOP)
    assert before[1] == ("text", ["This file is the manual."])
    assert title == "1. A PROGRAM"
    assert [(kind, len(emit_man.code_lines(lines)))
            for kind, lines in blocks] == [
        ("text", 1), ("code", 3), ("text", 1), ("item", 2), ("item", 1),
        ("text", 1), ("text", 1), ("code", 2)]


def test_what_mdoc_would_read_as_a_request_is_escaped(pages):
    text = pages["man/man7/miopoll.7"]
    assert '\n\\&.begins("with a dot");\n' in text
    assert "\n\\- minus\n" in text
    assert '.Ql "that" ,\n' in text
    assert ".Xr mio_thing_new 3\n.No \\&( Ns Er ENOMEM ) :\n" in text
    assert "How to read" not in text


def test_stale_pages_are_told_and_strange_ones_too(tmp_path):
    abi = rules.load(HEADER)
    files = emit.generated(abi)
    emit.write(files, tmp_path)
    assert emit.stale(files, tmp_path) == []
    (tmp_path / "man/man3/mio_gone.3").write_text("")
    (tmp_path / "man/man7/miopoll.7").unlink()
    lines = emit.stale(files, tmp_path)
    assert "man/man3/mio_gone.3: nothing generates it" in lines
    assert any("man/man7/miopoll.7 (from the header)" in line
               for line in lines)
    emit.write(files, tmp_path)
    assert emit.stale(files, tmp_path) == []


def test_the_place_from_which_it_runs_changes_nothing(tmp_path):
    run = subprocess.run([sys.executable, ABI / "generate.py", "--check"],
                         cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
