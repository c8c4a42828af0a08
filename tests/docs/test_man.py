"""The manual pages are correct mdoc(7), and read as they should."""

import json
import os
import shutil
import subprocess

import pytest
from blocks import ROOT

MAN = ROOT / "abi/generated/man"
PAGES = sorted(path.relative_to(MAN).as_posix()
               for path in MAN.glob("man[37]/*"))

pytestmark = pytest.mark.skipif(
    shutil.which("mandoc") is None and "CI" not in os.environ,
    reason="mandoc is not installed")


def render(page):
    """The page as text, a blank between all words."""
    done = subprocess.run(["mandoc", "-Tascii", "-Owidth=200", MAN / page],
                          capture_output=True, text=True, check=True)
    plain = subprocess.run(["col", "-bx"], input=done.stdout, check=True,
                           capture_output=True, text=True).stdout
    return " ".join(plain.split())


@pytest.mark.parametrize("page", PAGES)
def test_lint(page):
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", MAN / page],
                          capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_page_for_each_function():
    abi = json.loads((ROOT / "abi/generated/abi.json").read_text())
    wanted = [f"man3/{item['name']}.3" for item in abi["functions"]]
    assert sorted([*wanted, "man7/miopoll.7"]) == PAGES


def test_mio_poll_wait_says_what_the_header_says():
    text = render("man3/mio_poll_wait.3")
    for part in ("mio_poll_wait - waits for events",
                 "#include <miopoll.h>",
                 "mio_poll_wait(mio_poll_t *poll, mio_event_t *events, "
                 "uint32_t capacity, int64_t timeout_ns);",
                 "Nanoseconds; negative: for ever, 0: look and return.",
                 "the number of events; 0: the deadline passed.",
                 "[EBUSY] Another thread, or the code that this signal "
                 "handler interrupted, is waiting on this poll.",
                 "OWNERSHIP events stays the caller's, and is not kept.",
                 "mio_poll_wait() first appeared in libmiopoll 0.1."):
        assert part in text


def test_the_model_has_every_chapter_and_the_program():
    text = render("man7/miopoll.7")
    for part in ("1. A FIRST PROGRAM",
                 "n = mio_poll_wait(poll, events, 64, INT64_C(5000000000));",
                 "12. PORTABILITY", "MIO_WAKERS_MAX = 64",
                 "uint64_t token The token of the registration"):
        assert part in text


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not there")
def test_man_shows_it():
    done = subprocess.run(
        ["man", "-l", MAN / "man3/mio_poll_wait.3"], text=True,
        capture_output=True, check=True,
        env={**os.environ, "MANPAGER": "cat", "LC_ALL": "C"})
    assert "RETURN VALUES" in done.stdout


def test_cmake_installs_them(tmp_path):
    """Of the rule alone; tests/install has the whole installation."""
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\n"
        "project(pages LANGUAGES NONE)\ninclude(GNUInstallDirs)\n"
        f'set(PROJECT_SOURCE_DIR "{ROOT}")\n'
        f'include("{ROOT}/cmake/man.cmake")\n')
    subprocess.run(["cmake", "-S", tmp_path, "-B", tmp_path / "build"],
                   check=True, capture_output=True)
    subprocess.run(["cmake", "--install", tmp_path / "build", "--component",
                    "Development", "--prefix", tmp_path / "prefix"],
                   check=True, capture_output=True)
    installed = tmp_path / "prefix/share/man"
    assert sorted(path.relative_to(installed).as_posix()
                  for path in installed.rglob("*.[37]")) == PAGES
