"""The gates notice what breaks the ABI, and let pass what adds to it. Each
change is made to a copy of the header, and a library built from that copy."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from gates import check, gates, release, stub
from generator import emit_symbols, parse

from abi_paths import ABI, HEADER, ROOT
from breakages import ADDITIONS, BREAKAGES

LIBRARY = "MIOPOLL_LIBRARY"
GATES = ("layout", "symbols", "abidiff", "map", "names")


def edit(text, changes):
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new) if new else remove(text, old)
    return text


def remove(text, old):
    """Takes a declaration out together with its doc comment."""
    start = text.rindex("/**", 0, text.index(old))
    return text[:start] + text[text.index(old) + len(old):]


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A release made of the header as it is: abi/frozen may be older."""
    frozen = tmp_path_factory.mktemp("frozen")
    subprocess.run([sys.executable, ABI / "generate.py", "--out",
                    frozen / "0.1", "freeze", "0.1"], check=True)
    return release.read_all(frozen, tmp_path_factory.mktemp("work"))


def read_edited(folder, changes):
    """A changed header in a folder of its own, and what it says."""
    folder.mkdir()
    header = folder / "miopoll.h"
    header.write_text(edit(HEADER.read_text(), changes))
    return header, parse.load(header)


def failures(change, released, folder, monkeypatch):
    """What the gates say of the changed header, map and library."""
    header, abi = read_edited(folder / "header", change.header)
    built, inside = header, abi
    if change.built:
        built, inside = read_edited(folder / "built", change.built)
    script = edit(emit_symbols.version_script(abi), change.script)
    version_map = folder / "miopoll.map"
    version_map.write_text(script)
    with monkeypatch.context() as environment:
        environment.setenv("CC", change.compiler)
        library = stub.build(inside, built.parent,
                             edit(script, change.linked), folder / "library",
                             change.extra, change.flags)
    return check.check(library, header, version_map, released, folder)


@pytest.mark.parametrize("change", BREAKAGES, ids=lambda c: c.what)
def test_breakage_is_noticed(change, released, tmp_path, monkeypatch):
    found = failures(change, released, tmp_path, monkeypatch)
    assert {failure.gate for failure in found} == change.gates, found
    for failure in found:
        assert "\n" not in str(failure)


@pytest.mark.parametrize("change", ADDITIONS, ids=lambda c: c.what)
def test_addition_passes(change, released, tmp_path, monkeypatch):
    assert failures(change, released, tmp_path, monkeypatch) == []


def test_every_gate_sees_something_that_no_other_does():
    alone = [b.gates for b in BREAKAGES if len(b.gates) == 1]
    assert set().union(*alone) == set(GATES)
    assert len(BREAKAGES) == len({b.what for b in BREAKAGES})


def test_table_in_the_documentation_is_what_was_measured():
    text = (ROOT / "docs" / "abi.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+?) \|(.*)\|$", text, re.M)
    marks = {what: [cell.strip() for cell in cells.split("|")]
             for what, cells in rows}
    assert marks["deliberate breakage"] == list(GATES)
    for change in BREAKAGES:
        wanted = ["yes" if gate in change.gates else "" for gate in GATES]
        assert marks[change.what] == wanted, change.what
    for change in ADDITIONS:
        assert f"- {change.what}\n" in text, change.what


def test_linker_refuses_a_map_that_names_nobody(tmp_path):
    """The build links with --no-undefined-version; this is what it is for."""
    abi = parse.load(HEADER)
    script = edit(emit_symbols.version_script(abi), [
        ("    mio_waker_wake;\n", "    mio_waker_wake;\n    mio_nobody;\n")])
    with pytest.raises(stub.StubError, match="mio_nobody"):
        stub.build(abi, ABI, script, tmp_path,
                   flags=["-Wl,--no-undefined-version"])


def test_stale_acceptance_of_a_name_is_noticed(tmp_path):
    (tmp_path / "list.txt").write_text(
        "mio_poll_new accepted: both are needed\n"
        "mio_gone accepted: was needed  # long ago\n"
        "mio_poll_free\n")
    found = gates.names(parse.load(HEADER), tmp_path)
    assert [str(failure) for failure in found] == [
        "names: mio_poll_free is in names/list.txt; rename it",
        "names: mio_gone is in names/list.txt as accepted, but is not ours; "
        "take the mark away"]


def test_missing_releases_are_noticed(tmp_path):
    version_map = ABI / "generated" / "miopoll.map"
    library = stub.build(parse.load(HEADER), ABI, version_map.read_text(),
                         tmp_path)
    found = check.check(library, HEADER, version_map, [], tmp_path)
    assert [failure.what for failure in found] == [
        "no release to compare with"]


def run_check(library):
    return subprocess.run([sys.executable, ABI / "gates" / "check.py",
                           "--library", library], text=True,
                          capture_output=True)


def test_program_is_quiet_when_all_is_well(tmp_path):
    library = stub.build(parse.load(HEADER), ABI,
                         (ABI / "generated" / "miopoll.map").read_text(),
                         tmp_path)
    run = run_check(library)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_program_says_that_there_is_no_library(tmp_path):
    run = run_check(tmp_path / "libmiopoll.so")
    assert run.returncode == 1
    assert run.stderr.startswith("check: readelf cannot read ")
    assert run.stderr.count("\n") == 1


def test_real_library_passes_all_gates():
    library = os.environ.get(LIBRARY)
    if not library and not os.environ.get("CI"):
        pytest.skip(f"{LIBRARY} names no library")
    assert library, f"{LIBRARY} must name the library in CI"
    run = run_check(Path(library))
    assert run.returncode == 0, run.stderr
