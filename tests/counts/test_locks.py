"""How many locked instructions stand in the way of a wait, in the machine
code of the library: two, entering and leaving, and none in the selector. In
the way of a source's reads and writes there is none, nor a lock: what takes
one, core_rearm(), is called only where edge is not the kernel's."""

import os
import pathlib
import platform
import re
import subprocess

import pytest

LIBRARY = pathlib.Path(os.environ["MIOPOLL_BUILD"]) / "src/libmiopoll.so"

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="reads x86-64 machine code")


def code_of(function):
    text = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", LIBRARY], check=True,
        capture_output=True, text=True).stdout
    (body,) = re.findall(rf"<{function}>:\n(.*?)\n\n", text, re.S)
    return body


def locked(function):
    return len(re.findall(r"\s(?:lock |xchg .*\()", code_of(function)))


@pytest.mark.parametrize("function, count", [
    ("poll_wait", 2),
    ("wait_blocking", 2),
    ("epoll_selector_wait", 0),
    ("source_read", 0),
    ("source_write", 0),
    ("source_read_vectored", 0),
    ("source_write_vectored", 0),
    ("source_recv_from", 0),
    ("source_send_to", 0),
    ("source_accept", 0),
    ("source_rearm", 0),
    ("os_send", 0),
    ("os_pipe_write", 0),
    ("core_rearm", 0),
])
def test_locked_instructions(function, count):
    assert locked(function) == count


def calls(function):
    return set(re.findall(r"(?:call|jmp) +\w+ <(\w+)[@>]",
                          code_of(function)))


@pytest.mark.parametrize("function", [
    "source_read", "source_write", "source_read_vectored",
    "source_write_vectored", "source_recv_from", "source_send_to",
    "source_accept", "source_rearm", "os_send", "os_pipe_write"])
def test_no_lock_but_to_rearm(function):
    assert not [name for name in calls(function) if "mutex" in name]


def test_locks_are_seen():
    """What the test above looks for is found where it is."""
    assert "pthread_mutex_lock" in calls("core_rearm")
