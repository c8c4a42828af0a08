"""miopoll against select.epoll and selectors.EpollSelector, as ratios.

    bench.py [--quick] [--only WORD]

The contenders of a row do the same work on the same descriptors, and take
turns in one process, on one processor, in batches of 2 ms; who goes first
changes. `median` is the median of the ratios of neighbouring batches,
`min/min` the ratio of the best batches; `above` means that both are above the
target. Times are for orientation. Exits with another status than 0 only if
contenders disagree on what they saw, or if the import brings in what it must
not; never because something was slow.

Run it by an interpreter that has miopoll, 3.10 or newer.
"""

import argparse
import itertools
import os
import resource
import select
import selectors
import socket
import statistics
import subprocess
import sys
import threading
import time

import miopoll

REPETITIONS, QUICK_REPETITIONS = 151, 15
BATCH_NS = 2_000_000
IDLE = 1000
SPARE_DESCRIPTORS = 64
TARGETS = {0: 1.00, 1: 0.99, 64: 0.96, 1024: 0.96}  # Y1
IMPORT_TARGET_MS = 3
ONE = (1).to_bytes(8, sys.byteorder)

LEVEL = miopoll.Interest.READABLE | miopoll.Interest.LEVEL
EDGE = miopoll.Interest.READABLE


# -------------------------------------------------------------- measurement


def timed(work):
    """Makes `run(rounds)`, which gives the nanoseconds that this thread
    worked. A disturbance by others is mostly left out."""
    def run(rounds):
        begin = time.thread_time_ns()
        work(rounds)
        return time.thread_time_ns() - begin
    return run


def calibrate(run):
    """Rounds that take about one batch."""
    rounds = 1
    while True:
        took = run(rounds)
        if took > BATCH_NS / 4:
            return max(1, int(rounds * BATCH_NS / took))
        rounds *= 2


def measure(contenders, repetitions):
    """{name: nanoseconds of a round, in the order of the repetitions}."""
    names = list(contenders)
    rounds = calibrate(contenders[names[0]])
    times = {name: [] for name in names}
    for repetition in range(repetitions):
        first = repetition % len(names)
        for name in names[first:] + names[:first]:
            times[name].append(contenders[name](rounds) / rounds)
    return times


def print_head():
    print(f"{'':30} {'':26} {'ns':>9} {'median':>7} {'min/min':>7} target")


def compare(what, contenders, repetitions, targets=None):
    """Prints a line for each; the first is what the others are held to."""
    times = measure(contenders, repetitions)
    base = next(iter(times.values()))
    for name, own in times.items():
        line = f"{what:30} {name:26} {statistics.median(own):9.0f}"
        if own is not base:
            median = statistics.median(
                mine / other for mine, other in zip(own, base))
            least = min(own) / min(base)
            target = (targets or {}).get(name)
            line += f" {median:7.3f} {least:7.3f}"
            if target:
                above = "above" if min(median, least) > target else ""
                line += f" {target:6.2f} {above}"
        print(line.rstrip(), flush=True)
        what = ""


# -------------------------------------------------------------------- waits


class Watched:
    """Descriptors, and all contenders that watch them."""

    def __init__(self, ready, idle):
        self.ready = [os.eventfd(1, os.EFD_NONBLOCK) for _ in range(ready)]
        self.idle = [os.eventfd(0, os.EFD_NONBLOCK) for _ in range(idle)]
        self.epoll, self.epoll_edge = select.epoll(), select.epoll()
        self.level, self.edge = (
            miopoll.Poll("epoll", capacity=1024) for _ in range(2))
        self.selector = selectors.EpollSelector()
        for fd in self.ready + self.idle:
            self.epoll.register(fd, select.EPOLLIN)
            self.epoll_edge.register(fd, select.EPOLLIN | select.EPOLLET)
            self.level.register(fd, fd, LEVEL)
            self.edge.register(fd, fd, EDGE)
            self.selector.register(fd, selectors.EVENT_READ)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for closed in (self.epoll, self.epoll_edge, self.level, self.edge,
                       self.selector):
            closed.close()
        for fd in self.ready + self.idle:
            os.close(fd)

    def change(self):
        """A new edge on each that is ready."""
        for fd in self.ready:
            os.write(fd, ONE)


def wait_epoll(epoll):
    # It gives 1023 events at most if it is not told otherwise.
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            for fd, events in epoll.poll(0, 1024):
                pass
    return work


def wait_epoll_few(epoll):
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            for fd, events in epoll.poll(0):
                pass
    return work


def wait_poll(poll):
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            for token, readiness in poll.poll(0):
                pass
    return work


def wait_selector(selector):
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            for key, events in selector.select(0):
                pass
    return work


def after_changes(watched, work):
    """Makes `run(rounds)`: new edges before each round, which do not count.
    By the wall clock, which is cheap to read."""
    def run(rounds):
        total = 0
        for _ in range(rounds):
            watched.change()
            begin = time.perf_counter_ns()
            work(1)
            total += time.perf_counter_ns() - begin
        return total
    return run


def check_agreement(watched, ready):
    watched.change()
    counts = [len(watched.epoll.poll(0, 1024)), len(watched.level.poll(0)),
              len(watched.epoll_edge.poll(0, 1024)),
              len(watched.edge.poll(0)), len(watched.selector.select(0))]
    if counts != [ready] * len(counts):
        sys.exit(f"bench: not all saw {ready}: {counts}")


def waits(repetitions, wanted):
    for ready, target in TARGETS.items():
        idle = IDLE if ready < IDLE else 0
        what = f"wait, {ready} of {ready + idle} ready"
        if wanted not in what:
            continue
        epoll_work = wait_epoll if ready > IDLE else wait_epoll_few
        with Watched(ready, idle) as watched:
            check_agreement(watched, ready)
            compare(what, {
                "select.epoll": timed(epoll_work(watched.epoll)),
                "miopoll": timed(wait_poll(watched.level)),
                "EpollSelector": timed(wait_selector(watched.selector)),
            }, repetitions, {"miopoll": target})
            compare(f"{what}, edge", {
                "select.epoll, EPOLLET": after_changes(
                    watched, epoll_work(watched.epoll_edge)),
                "miopoll": after_changes(watched, wait_poll(watched.edge)),
            }, repetitions, {"miopoll": target})


def wait_timed(wait, timeout):
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            for _ in wait(timeout):
                pass
    return work


def timeouts(repetitions, wanted):
    """As loops with timers call it; one is ready, so that none waits."""
    if wanted not in "wait, timeout of 1.5 s, None":
        return
    with Watched(1, IDLE) as watched:
        for what, timeout in ("1.5 s", 1.5), ("None", None):
            compare(f"wait, timeout {what}, 1 ready", {
                "select.epoll": timed(wait_timed(watched.epoll.poll, timeout)),
                "miopoll": timed(wait_timed(watched.level.poll, timeout)),
                "EpollSelector": timed(
                    wait_timed(watched.selector.select, timeout)),
            }, repetitions)


# ------------------------------------------------------------------ changes


def register_epoll(watched, fd):
    epoll = watched.epoll

    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            epoll.register(fd, select.EPOLLIN)
            epoll.unregister(fd)
    return work


def register_mio(registrar, fd):
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            registrar.register(fd, 7, LEVEL)
            registrar.deregister(fd)
    return work


def register_selector(watched, fd):
    selector = watched.selector

    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            selector.register(fd, selectors.EVENT_READ)
            selector.unregister(fd)
    return work


def modify_epoll(watched, fd):
    epoll = watched.epoll

    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            epoll.modify(fd, select.EPOLLIN)
    return work


def modify_mio(registrar, fd):
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            registrar.reregister(fd, 7, LEVEL)
    return work


def modify_selector(watched, fd):
    """What really changes: it leaves out what does not."""
    selector = watched.selector
    masks = itertools.cycle([selectors.EVENT_WRITE, selectors.EVENT_READ])

    def work(rounds):
        for mask in itertools.islice(masks, rounds):
            selector.modify(fd, mask)
    return work


def changes(repetitions, wanted):
    if wanted not in "register + deregister, reregister":
        return
    with Watched(1, IDLE) as watched:
        fd = os.eventfd(0)
        compare("register + deregister", {
            "select.epoll": timed(register_epoll(watched, fd)),
            "miopoll.Poll": timed(register_mio(watched.level, fd)),
            "miopoll.Registry": timed(
                register_mio(watched.level.registry(), fd)),
            "EpollSelector": timed(register_selector(watched, fd)),
        }, repetitions)
        compare("reregister", {
            "select.epoll": timed(modify_epoll(watched, watched.idle[0])),
            "miopoll.Poll": timed(modify_mio(watched.level, watched.idle[0])),
            "miopoll.Registry": timed(
                modify_mio(watched.level.registry(), watched.idle[0])),
            "EpollSelector": timed(
                modify_selector(watched, watched.idle[0])),
        }, repetitions)
        os.close(fd)


# -------------------------------------------------------------------- wakes


class PollWakes:
    """By a Waker."""

    def __init__(self):
        self.poll = miopoll.Poll("epoll")
        self.waker = miopoll.Waker(self.poll, 1)
        self.wake = self.waker.wake

    def wait(self):
        self.poll.poll()

    def close(self):
        self.waker.close()
        self.poll.close()


class EpollWakes:
    """By an eventfd that is never read, edge-triggered."""

    def __init__(self):
        self.fd = os.eventfd(0, os.EFD_NONBLOCK)
        self.epoll = select.epoll()
        self.epoll.register(self.fd, select.EPOLLIN | select.EPOLLET)

    def wake(self):
        os.eventfd_write(self.fd, 1)

    def wait(self):
        self.epoll.poll()

    def close(self):
        self.epoll.close()
        os.close(self.fd)


class SelectorWakes:
    """By a socket pair, as asyncio does."""

    def __init__(self):
        self.near, self.far = socket.socketpair()
        self.selector = selectors.EpollSelector()
        self.selector.register(self.near, selectors.EVENT_READ)

    def wake(self):
        self.far.send(b"\0")

    def wait(self):
        self.selector.select()
        self.near.recv(4096)

    def close(self):
        self.selector.close()
        self.near.close()
        self.far.close()


class OtherThread:
    """Wakes when it is told to, a little later: then somebody waits."""

    def __init__(self):
        self.told = threading.Semaphore(0)
        self.contender, self.began = None, 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while self.told.acquire() and self.contender:
            time.sleep(100e-6)
            self.began = time.perf_counter_ns()
            self.contender.wake()

    def latency(self, contender):
        self.contender = contender
        self.told.release()
        contender.wait()
        return time.perf_counter_ns() - self.began

    def end(self):
        self.contender = None
        self.told.release()
        self.thread.join()


def wake_latency(contenders, repetitions):
    """Both threads may use all processors here."""
    other = OtherThread()
    times = {name: [] for name in contenders}
    for _ in range(repetitions):
        for name, contender in contenders.items():
            times[name] += [other.latency(contender) for _ in range(10)]
    other.end()
    base = statistics.median(next(iter(times.values())))
    for name, own in times.items():
        median, slow = statistics.median(own), statistics.quantiles(own)[2]
        print(f"{'wake by another thread':30} {name:26} {median:9.0f} "
              f"{median / base:7.3f}   (3rd quartile {slow:.0f} ns)")


def wake_only(contender):
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            contender.wake()
    return work


def wake_and_wait(contender):
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            contender.wake()
            contender.wait()
    return work


def wakes(repetitions, wanted):
    if wanted not in "wake, nobody waits; wake and wait; by another thread":
        return
    contenders = {"select.epoll, eventfd": EpollWakes(),
                  "miopoll.Waker": PollWakes(),
                  "EpollSelector, socket pair": SelectorWakes()}
    with_eventfd = dict(itertools.islice(contenders.items(), 2))
    compare("wake, nobody waits", {name: timed(wake_only(contender))
            for name, contender in with_eventfd.items()}, repetitions)
    compare("wake and wait, one thread", {
        name: timed(wake_and_wait(contender))
        for name, contender in contenders.items()}, repetitions)
    on_all_processors(lambda: wake_latency(contenders, repetitions))
    for contender in contenders.values():
        contender.close()


# ------------------------------------------------------------------- import

IMPORT = """
import enum, sys, time
before = set(sys.modules)
begin = time.perf_counter_ns()
import miopoll
took = time.perf_counter_ns() - begin
print(took, *sorted(set(sys.modules) - before))
"""


def imports(repetitions, wanted):
    """Of `import miopoll`, when `enum` is there already. Gives whether what
    it brings in is as it should be."""
    if wanted not in "import":
        return True
    outputs = [subprocess.run([sys.executable, "-c", IMPORT], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.split()
               for _ in range(max(15, repetitions // 3))]
    times = [int(words[0]) / 1e6 for words in outputs[1:]]
    median, least = statistics.median(times), min(times)
    above = "above" if least > IMPORT_TARGET_MS else ""
    print(f"{'import miopoll, after enum':30} {'median and least, in ms':26} "
          f"{'':9} {median:7.2f} {least:7.2f} {IMPORT_TARGET_MS:6.2f} {above}"
          .rstrip())
    modules = outputs[0][1:]
    print(f"it brings in {' '.join(modules)}")
    return "typing" not in modules


# --------------------------------------------------------------------- main


def raise_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = max(TARGETS) + IDLE + SPARE_DESCRIPTORS
    if hard != resource.RLIM_INFINITY and hard < needed:
        sys.exit(f"bench: {needed} descriptors are needed (ulimit -Hn)")
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def on_all_processors(action):
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, ALL_PROCESSORS)
    action()
    os.sched_setaffinity(0, own)


ALL_PROCESSORS = os.sched_getaffinity(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", metavar="WORD",
                        help="rows that have this in their name")
    options = parser.parse_args()
    repetitions = QUICK_REPETITIONS if options.quick else REPETITIONS
    raise_limit()
    os.sched_setaffinity(0, {min(ALL_PROCESSORS)})
    print_head()
    waits(repetitions, options.only)
    timeouts(repetitions, options.only)
    changes(repetitions, options.only)
    wakes(repetitions, options.only)
    if not imports(repetitions, options.only):
        sys.exit("bench: the import brings in typing")


if __name__ == "__main__":
    main()
