"""examples/ffi/run.py notices a program that is wrong, and says what to
install where a language is missing."""

import importlib.util
import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("run", ROOT / "examples/ffi/run.py")
run = importlib.util.module_from_spec(spec)
sys.modules["run"] = run
spec.loader.exec_module(run)

PRINT = f"print({run.EXPECTED!r}, end='', flush=True)\n"
BLOCK = PRINT + "print('blocked', flush=True)\n"
CATCH = "try:\n  {}\nexcept KeyboardInterrupt:\n  {}\n"
SLEEP = "import time; time.sleep(30)"
LEAVE = "print('interrupted'); raise SystemExit(130)"


def language(text, **fields):
    return run.Language("Test", [sys.executable, "-c", text], "do this",
                        **fields)


def attempt(language, action):
    return run.attempt(language, "/nowhere", action)


def test_the_right_output_passes():
    assert attempt(language(PRINT), run.run) == ("ok", "passed")


@pytest.mark.parametrize("text", ["print('other')", PRINT + "raise SystemExit(1)",
                                  PRINT + "print()"])
def test_another_output_or_status_fails(text):
    assert attempt(language(text), run.run)[1] == "failed"


def test_a_missing_tool_is_skipped():
    for probe in (["no-such-tool"], ["false"]):
        assert attempt(language(PRINT, probe=probe), run.run) == (
            "not installed: do this", "skipped")


def test_a_build_that_fails_is_a_failure():
    words, kind = attempt(language(PRINT, build=["ls", "/no/such"]), run.run)
    assert kind == "failed" and "No such file" in words


def test_an_end_by_the_handler_passes():
    text = BLOCK + CATCH.format(SLEEP, LEAVE)
    assert attempt(language(text), run.interrupt) == ("ok", "passed")


@pytest.mark.parametrize("text, words", [
    (BLOCK + SLEEP, "Traceback"),
    (BLOCK + CATCH.format(SLEEP, "print('interrupted')"), "status 0"),
    (BLOCK + CATCH.format(SLEEP, SLEEP), "still there"),
    (BLOCK + "import signal; signal.signal(2, signal.SIG_DFL)\n" + SLEEP,
     "printed"),
    (PRINT, "ended before it blocked"),
])
def test_another_end_fails(text, words):
    told, kind = attempt(language(text), run.interrupt)
    assert kind == "failed" and words in told


def test_environment():
    found = run.environment_of(language(PRINT, environment={"A": "b"}), "/x")
    assert found["A"] == "b" and found["MIOPOLL_LIBRARY"] == "/x"
    assert found["PATH"] == os.environ["PATH"]
