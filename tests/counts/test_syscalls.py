"""How many system calls an operation makes, counted by strace.

MIOPOLL_BUILD names the build directory. The programs run an operation 100
times between two getppid() calls; what stands between them is counted.
"""

import collections
import os
import pathlib
import platform
import re
import subprocess

import pytest

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

# One system call for each operation of a source, on every selector.
SOURCES = {
    "write_tcp": {"sendto": 100},
    "write_tcp_vectored": {"sendmsg": 100},
    "read_tcp": {"recvfrom": 100},
    "read_tcp_vectored": {"readv": 100},
    "peek_tcp": {"recvfrom": 100},
    "read_tcp_blocks": {"recvfrom": 100},
    "say_would_block": {},
    "write_pipe": {"pwritev2": 100},
    "write_pipe_vectored": {"pwritev2": 100},
    "read_pipe": {"read": 100},
    "read_pipe_vectored": {"readv": 100},
    "send_to": {"sendto": 100},
    "recv_from": {"recvfrom": 100},
    "peek_from": {"recvfrom": 100},
    "connect_udp": {"connect": 100},
    "accept_blocks": {"accept4": 100},
    "connect_and_accept": {"socket": 100, "connect": 100, "accept4": 100,
                           "close": 200},
    "bind_and_free": {"socket": 100, "setsockopt": 100, "bind": 100,
                      "listen": 100, "close": 100},
    "pair_and_free": {"socketpair": 100, "close": 200},
    "pipe_and_free": {"pipe2": 100, "close": 200},
    "addresses": {"getsockname": 100, "getpeername": 100},
    "take_error": {"getsockopt": 100},
    "set_option": {"setsockopt": 100},
}

SOURCES_ON = {
    "epoll": {
        **SOURCES,
        "event_and_short_read": {"sendto": 100, "epoll_wait": 100,
                                 "recvfrom": 100},
        "reregister": {"epoll_ctl": 100},
        "deregister_and_register": {"epoll_ctl": 200},
    },
    # Re-arming posts nothing while nobody is blocked in a wait; it asks
    # whether this is a child of a fork, which must not take the lock.
    "poll": {
        **SOURCES,
        "read_tcp_blocks": {"recvfrom": 100, "getpid": 100},
        "say_would_block": {"getpid": 100},
        "accept_blocks": {"accept4": 100, "getpid": 100},
        "event_and_short_read": {"sendto": 100, "ppoll": 100,
                                 "recvfrom": 100, "getpid": 100},
        "reregister": {"fcntl": 100, "fstat": 100},
        "deregister_and_register": {"fcntl": 200, "fstat": 200},
    },
}

CASES = [
    pytest.param(program, selector, operation, expected,
                 id=f"{selector}-{operation}")
    for program, table in (("syscalls", EXPECTED),
                           ("source_syscalls", SOURCES_ON))
    for selector, operations in table.items()
    for operation, expected in operations.items()
]


def knows_rwf_nosignal():
    """Linux 6.18; before it a pipe's writes cost four calls more."""
    release = re.match(r"(\d+)\.(\d+)", platform.release())
    return tuple(map(int, release.groups())) >= (6, 18)


def trace(program, selector, operation, log):
    folder = pathlib.Path(os.environ["MIOPOLL_BUILD"]) / "tests/counts"
    subprocess.run(
        ["strace", "-o", log, folder / program, selector, operation],
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


@pytest.mark.parametrize("program, selector, operation, expected", CASES)
def test_system_calls(program, selector, operation, expected, tmp_path):
    if "pwritev2" in expected and not knows_rwf_nosignal():
        pytest.skip("this kernel does not know RWF_NOSIGNAL")
    assert trace(program, selector, operation, tmp_path / "log") == expected
