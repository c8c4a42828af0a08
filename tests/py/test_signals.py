"""Signals: real ones, sent to real processes."""

import signal
import subprocess
import sys
import time

import miopoll
import pytest

BEGIN = """
import os, signal, sys, threading, time
import miopoll
poll = miopoll.Poll({selector!r})
"""
WAITS = {
    "for ever": "poll.poll()",
    "a minute": "poll.poll(60)",
    "a minute, by name": "poll.poll(timeout=60)",
    "nanoseconds": "poll.poll(timeout_ns=60 * 10**9)",
    "capacity": "poll.poll(60, capacity=4)",
    "events": "poll.events()",
}


def child(code, selector):
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN.format(selector=selector) + code],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process):
    with process:  # A hanging one is for the watchdog.
        return process.stdout.read()


def until_blocked(process):
    """Returns when its main thread sleeps in the kernel."""
    for _ in range(3000):
        with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
            if file.read().rpartition(")")[2].split()[0] == "S":
                break
        time.sleep(0.001)
    time.sleep(0.02)


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
def test_ctrl_c_ends_a_wait(selector, wait):
    code = f"""
print("ready", flush=True)
try:
    {wait}
except KeyboardInterrupt:
    print("interrupted", poll.poll(0))
"""
    process = child(code, selector)
    until_blocked(process)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert finish(process) == "interrupted []\n"
    assert time.monotonic() - begin < 10


def test_ctrl_c_that_nobody_catches(selector):
    process = child('print("ready", flush=True)\npoll.poll()\n', selector)
    until_blocked(process)
    process.send_signal(signal.SIGINT)
    assert finish(process).splitlines()[-1] == "KeyboardInterrupt"
    assert process.returncode == -signal.SIGINT


def test_ctrl_c_while_another_thread_waits(selector):
    code = """
found = []
def work():
    try:
        poll.poll()
    except ValueError as error:
        found.append(str(error))
thread = threading.Thread(target=work)
thread.start()
print("ready", flush=True)
try:
    time.sleep(60) # An interrupted join() of Python 3.11 cannot be repeated.
except KeyboardInterrupt:
    poll.close()
    thread.join()
    print(found)
"""
    process = child(code, selector)
    until_blocked(process)
    process.send_signal(signal.SIGINT)
    assert finish(process) == "['poll was closed during the wait']\n"


def test_ctrl_c_while_main_and_others_wait(selector):
    code = """
polls = [miopoll.Poll() for _ in range(3)]
threads = [threading.Thread(target=each.poll, daemon=True) for each in polls]
for thread in threads:
    thread.start()
print("ready", flush=True)
try:
    poll.poll()
except KeyboardInterrupt:
    print("interrupted", flush=True)
os._exit(0)
"""
    process = child(code, selector)
    until_blocked(process)
    process.send_signal(signal.SIGINT)
    assert finish(process) == "interrupted\n"


HANDLED = """
ran = []
signal.signal(signal.SIGALRM, lambda *_: ran.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
begin = time.monotonic()
found = {wait}
took = time.monotonic() - begin
signal.setitimer(signal.ITIMER_REAL, 0)
print("ready", flush=True)
print(found, took >= 0.3, took < 5, len(ran) >= 5)
"""


@pytest.mark.parametrize("wait", [
    "poll.poll(0.3)", "poll.poll(timeout=0.3)", "poll.events(0.3)",
    "poll.poll(0.3, capacity=2)", "poll.poll(timeout_ns=300_000_000)",
])
def test_handlers_run_and_the_wait_goes_on(selector, wait):
    process = child(HANDLED.format(wait=wait), selector)
    assert finish(process) == "[] True True True\n"


def test_a_handler_may_wake(selector):
    code = """
waker = miopoll.Waker(poll, 5)
signal.signal(signal.SIGALRM, lambda *_: waker.wake())
signal.setitimer(signal.ITIMER_REAL, 0.05)
print("ready", flush=True)
print(poll.poll())
signal.setitimer(signal.ITIMER_REAL, 0.05)
print(poll.poll(capacity=1))
"""
    assert finish(child(code, selector)) == "[(5, 1)]\n" * 2


def test_a_handler_may_close(selector):
    code = """
signal.signal(signal.SIGALRM, lambda *_: poll.close())
signal.setitimer(signal.ITIMER_REAL, 0.05)
print("ready", flush=True)
try:
    poll.poll()
except ValueError as error:
    print(error)
"""
    said = finish(child(code, selector))
    assert said == "poll was closed during the wait\n"


def test_a_handler_may_raise(selector):
    code = """
def handler(*_):
    raise KeyError("from the handler")
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.05)
print("ready", flush=True)
try:
    poll.poll(60)
except KeyError as error:
    print(error, poll.poll(0))
"""
    assert finish(child(code, selector)) == "'from the handler' []\n"


def test_a_handler_that_waits_on_the_same_poll(selector):
    """Between two of its system calls the wait holds nothing."""
    code = """
waker = miopoll.Waker(poll, 5)
signal.signal(signal.SIGALRM, lambda *_: print(poll.poll(0)))
signal.setitimer(signal.ITIMER_REAL, 0.05)
print("ready", flush=True)
timer = threading.Timer(0.2, waker.wake)
timer.start()
print(poll.poll())
timer.join()
"""
    assert finish(child(code, selector)) == "[]\n[(5, 1)]\n"


def test_stopped_and_continued(selector):
    code = """
print("ready", flush=True)
begin = time.monotonic()
found = poll.poll(0.3)
print(found, time.monotonic() - begin >= 0.3)
"""
    process = child(code, selector)
    until_blocked(process)
    process.send_signal(signal.SIGSTOP)
    time.sleep(0.05)
    process.send_signal(signal.SIGCONT)
    assert finish(process) == "[] True\n"


def test_a_storm_of_signals_loses_nothing(selector):
    """Exceptions out of handlers at every moment; the poll stays usable."""
    code = """
class Stop(Exception): pass
def handler(*_):
    raise Stop
waker = miopoll.Waker(poll, 5)
print("ready", flush=True)
signal.signal(signal.SIGALRM, handler)
stopped = 0
deadline = time.monotonic() + 0.7
while time.monotonic() < deadline:
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0003)
        while True:
            waker.wake()
            poll.poll(0)
            poll.poll(0.0001)
            poll.poll(0, capacity=2)
    except Stop:
        stopped += 1
signal.setitimer(signal.ITIMER_REAL, 0)
try:
    time.sleep(0.01)
except Stop:
    pass
poll.poll(0)
waker.wake()
print(poll.poll(1), stopped > 20)
"""
    assert finish(child(code, selector)) == "[(5, 1)] True\n"


def test_the_handlers_of_python_are_left_alone():
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with miopoll.Poll() as poll:
        poll.poll(0)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
