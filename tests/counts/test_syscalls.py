"""How many system calls an operation makes, counted by strace.

MIOPOLL_BUILD names the build directory. The program runs each operation 100
times between two getppid() calls; what stands between them is counted.
"""

import collections
import os
import pathlib
import re
import subprocess

import pytest

TIMES = 100

# What 100 of each cost. One system call for each operation on epoll, none for
# a wake, and never a read of an eventfd. poll(2) checks the descriptor (fcntl,
# fstat) at registration, since its kernel does not.
EXPECTED = {
    "epoll": {
        "wait_zero": {"epoll_wait": 100},
        "wait_ready": {"epoll_wait": 100},
        "wait_whole_milliseconds": {"epoll_wait": 100},
        "wait_nanoseconds": {"epoll_pwait2": 100},
        "reregister": {"epoll_ctl": 100},
        "deregister_and_register": {"epoll_ctl": 200},
        "wake": {},
        "wake_and_wait": {"epoll_wait": 100},
        "wake_and_wait_shared": {"epoll_wait": 100, "write": 100},
    },
    "poll": {
        "wait_zero": {"ppoll": 100},
        "wait_ready": {"ppoll": 100},
        "wait_whole_milliseconds": {"ppoll": 100},
        "wait_nanoseconds": {"ppoll": 100},
        "reregister": {"fcntl": 100, "fstat": 100},
        "deregister_and_register": {"fcntl": 200, "fstat": 200},
        "wake": {},
        "wake_and_wait": {"ppoll": 100},
    },
}

CASES = [
    (selector, operation)
    for selector, operations in EXPECTED.items()
    for operation in operations
]


def trace(selector, operation, log):
    program = pathlib.Path(os.environ["MIOPOLL_BUILD"]) / "tests/counts/syscalls"
    subprocess.run(
        ["strace", "-o", log, program, selector, operation],
        check=True, timeout=60,
    )
    between, marks = collections.Counter(), 0
    for line in log.read_text().splitlines():
        match = re.match(r"(?:restart_syscall|(\w+))\(", line)
        if match is None:
            continue
        name = match.group(1)
        if name == "getppid":
            marks += 1
        elif marks == 1:
            between[name.replace("newfstatat", "fstat")] += 1
    assert marks == 2
    return dict(between)


@pytest.mark.parametrize("selector, operation", CASES)
def test_system_calls(selector, operation, tmp_path):
    counted = trace(selector, operation, tmp_path / "log")
    assert counted == EXPECTED[selector][operation]
