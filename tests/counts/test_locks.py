"""How many locked instructions stand in the way of a wait, in the machine
code of the library: two, entering and leaving, and none in the selector."""

import os
import pathlib
import platform
import re
import subprocess

import pytest

LIBRARY = pathlib.Path(os.environ["MIOPOLL_BUILD"]) / "src/libmiopoll.so"

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="reads x86-64 machine code")


def locked(function):
    text = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", LIBRARY], check=True,
        capture_output=True, text=True).stdout
    (body,) = re.findall(rf"<{function}>:\n(.*?)\n\n", text, re.S)
    return len(re.findall(r"\s(?:lock |xchg .*\()", body))


@pytest.mark.parametrize("function, count", [
    ("poll_wait", 2),
    ("wait_blocking", 2),
    ("epoll_selector_wait", 0),
])
def test_locked_instructions(function, count):
    assert locked(function) == count
