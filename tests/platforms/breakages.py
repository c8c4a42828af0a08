"""Breaks the library in ways that this machine's own CPU, C library and system
do not notice, and sees each noticed by the platform that it is there for."""

import concurrent.futures
import shutil
import subprocess

from platforms import BUILD, PLATFORMS, ROOT
from report import say

EPOLL = "src/selector/epoll.c"

# What it is, where it is noticed, the file, the text, and the text instead.
BREAKAGES = [
    ("a token kept in a pointer", "i386", EPOLL,
     ".data = {.u64 = token}", ".data = {.ptr = (void *)(uintptr_t)token}"),
    ("a deadline kept in a long", "i386", "src/poll.c",
     "  int64_t deadline = timeout_ns > 0 ? deadline_of(timeout_ns) : 0;",
     "  long deadline = timeout_ns > 0 ? (long)deadline_of(timeout_ns) : 0;"),
    ("a kernel's timespec of longs", "i386", "src/selector/epoll_pwait2.h",
     "  struct kernel_timespec timeout = {timeout_ns / INT64_C(1000000000),\n"
     "                                    timeout_ns % INT64_C(1000000000)};\n",
     "  long timeout[2] = {(long)(timeout_ns / 1000000000),\n"
     "                     (long)(timeout_ns % 1000000000)};\n"),
    ("time of 32 bits", "i386", "CMakeLists.txt", " _TIME_BITS=64", ""),
    ("half of a token by its first bytes", "s390x", EPOLL,
     "    events[i].token = record.data.u64;\n",
     "    events[i].token = record.data.u64 >> 32 << 32 | record.data.u32;\n"),
    ("interest by the first bytes of a wider number", "s390x", EPOLL,
     "  struct epoll_event record = {.events = events, ",
     "  uint64_t wide = events;\n"
     "  memcpy(&events, &wide, sizeof(events));\n"
     "  struct epoll_event record = {.events = events, "),
    ("records of 12 bytes", "aarch64", EPOLL,
     "records + (size_t)i * sizeof(record)", "records + (size_t)i * 12"),
    ("records of 12 bytes", "armhf", EPOLL,
     "records + (size_t)i * sizeof(record)", "records + (size_t)i * 12"),
    ("a header of glibc's", "musl", "src/poll.c",
     "#include <errno.h>\n", "#include <errno.h>\n#include <execinfo.h>\n"),
    ("edges that are levels", "kqueue", "src/selector/kqueue.c",
     "interest & MIO_LEVEL ? 0 : EV_CLEAR", "interest & MIO_LEVEL ? 0 : 0U"),
    ("a call of Linux's", "openbsd", "src/os/bsd.c",
     "issetugid() ? NULL : getenv(name)", "secure_getenv(name)"),
    ("a call that macOS lacks", "macos-arm64", "src/os/darwin.c",
     "int n = poll(fds, (nfds_t)count, timeout);",
     "int n = ppoll(fds, (nfds_t)count, timeout < 0 ? NULL : NULL, NULL);"),
    ("a flag that illumos lacks", "illumos", EPOLL,
     "#define EPOLLEXCLUSIVE 0", "#define EPOLLEXCLUDING 0"),
    ("a function missing in the list of exports", "freebsd",
     "abi/generated/miopoll.exports", "_mio_poll_wait\n", ""),
]


def copy_tree(folder):
    """The project's own files, as they are now."""
    shutil.rmtree(folder, ignore_errors=True)
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    for name in names:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def platform(name):
    return next(one for one in PLATFORMS if one.name == name)


def try_one(place, try_out, client):
    """Whether only its platform noticed a breakage, and what who saw."""
    what, where, file, before, after = BREAKAGES[place]
    folder = BUILD / f"breakages/{place}"
    tree = copy_tree(folder / "tree")
    text = (tree / file).read_text()
    if text.count(before) != 1:
        return False, f"{file} has the text {text.count(before)} times"
    (tree / file).write_text(text.replace(before, after))
    for name, wanted in (("gcc", False), (where, True)):
        report = try_out(platform(name), client, tree, folder / name, True)
        seen = ": ".join([name, *"".join(report.problems).split("\n")[:1]])
        if (report.sums()[1] > 0) != wanted:
            return False, seen
    return True, seen[:120]


def main(try_out, client, only):
    chosen = [place for place, breakage in enumerate(BREAKAGES)
              if only in ("", breakage[1])]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for place, (noticed, seen) in zip(chosen, pool.map(
                lambda place: try_one(place, try_out, client), chosen)):
            failed += not noticed
            say(f"{'noticed' if noticed else 'MISSED '} {BREAKAGES[place][0]}"
                f", by {seen}")
    say(f"{len(chosen) - failed} passed, {failed} failed, 0 skipped")
    return int(failed != 0 or not chosen)
