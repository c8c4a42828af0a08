"""`python -m miopoll`: what a bug report should have, and a self-test."""

from __future__ import annotations

import os
import platform
import resource
import socket
import sys
import threading

from . import (
    SELECTORS,
    TOKEN_MAX,
    Interest,
    Poll,
    UnixStream,
    Waker,
    __version__,
    clock_now,
    library_version,
)
from ._miopoll import lib

LEVEL_WRITE = Interest.WRITABLE | Interest.LEVEL


def _row(name: str, value: object) -> None:
    print(f"{name:22} {value}")


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except OSError as error:
        return f"unknown ({error.strerror})"


def describe() -> None:
    """Prints versions, kernel, selectors and limits."""
    _row("miopoll", __version__)
    _row("libmiopoll", library_version)
    _row("extension", getattr(lib, "__name__", "?"))
    _row(
        "Python",
        f"{platform.python_implementation()} {platform.python_version()}",
    )
    _row("kernel", f"{platform.system()} {platform.release()}")
    _row("machine", f"{platform.machine()}, {sys.byteorder}-endian")
    _row("MIOPOLL_SELECTOR", os.environ.get("MIOPOLL_SELECTOR", "not set"))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    _row("descriptors", f"{soft}, at most {hard}")
    _row(
        "max_user_watches", _read("/proc/sys/fs/epoll/max_user_watches")
    )
    _row("wakers of a poll", lib.MIO_WAKERS_MAX)
    for name in SELECTORS:
        try:
            with Poll(name) as poll:
                _row(f"selector {name}", ", ".join(sorted(poll.features)))
        except OSError as error:
            _row(f"selector {name}", error)


def _events_come(poll: Poll) -> bool:
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        poll.register(here, TOKEN_MAX, Interest.READABLE)
        there.send(b"x")
        found = poll.poll(timeout=5)
        poll.deregister(here)
        return found == [(TOKEN_MAX, Interest.READABLE)]


def _level_repeats(poll: Poll) -> bool:
    here, there = socket.socketpair()
    with here, there:
        poll.register(here, 1, LEVEL_WRITE)
        found = poll.poll(0) + poll.poll(0)
        poll.deregister(here)
        return found == [(1, Interest.WRITABLE)] * 2


def _wakes(poll: Poll) -> bool:
    with Waker(poll, 2) as waker:
        timer = threading.Timer(0.01, waker.wake)
        timer.start()
        found = poll.poll(timeout=5)
        timer.join()
        return found == [(2, Interest.READABLE)]


def _sources_move_bytes(poll: Poll) -> bool:
    here, there = UnixStream.pair()
    with here, there:
        poll.register(here, 3, Interest.READABLE)
        there.write(b"hello")
        found = poll.poll(timeout=5)
        quiet = poll.poll(0)  # At edge, on every selector.
        return (found, quiet, here.read(), here.read()) == (
            [(3, Interest.READABLE)],
            [],
            b"hello",
            None,
        )


def _never_early(poll: Poll) -> bool:
    begin = clock_now()
    found = poll.poll(timeout_ns=2_000_000)
    return not found and clock_now() - begin >= 2_000_000


TESTS = {
    "events come": _events_come,
    "level repeats": _level_repeats,
    "another thread wakes": _wakes,
    "sources move bytes": _sources_move_bytes,
    "no timeout is early": _never_early,
}


def check() -> bool:
    """Runs the self-test on every selector; prints each failure."""
    good = True
    for name in SELECTORS:
        for what, test in TESTS.items():
            try:
                with Poll(name) as poll:
                    passed: object = test(poll)
            except OSError as error:
                passed = error
            if passed is not True:
                good = False
                _row("FAILED", f"{name}: {what}: {passed}")
    return good


def main() -> None:
    """Prints everything; exits with 1 if a test failed."""
    describe()
    good = check()
    _row("self-test", "passed" if good else "FAILED")
    sys.exit(not good)


if __name__ == "__main__":
    main()
