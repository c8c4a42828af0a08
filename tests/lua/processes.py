#!/usr/bin/env python3
"""What only real processes show: Ctrl-C, stopping, and the end of a state.

    processes.py COMMAND...      an interpreter, its environment set
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

LIMIT = 10  # Seconds for a process to end.
COMMAND = sys.argv[1:]
IS_LUAJIT = "luajit" in COMMAND[0]
HEAD = """
local mio = require "miopoll"
local poll = assert(mio.poll())
local function ready() print "ready" io.stdout:flush() end
"""
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Process:
    """An interpreter that runs a text, and says `ready` before it waits."""

    def __init__(self, text, selector):
        self.process = subprocess.Popen(
            [*COMMAND, "-e", HEAD + text], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
            env={**os.environ, "MIOPOLL_SELECTOR": selector})

    def until_it_waits(self):
        line = self.process.stdout.readline()
        assert line == "ready\n", line + self.process.stderr.read()
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat")
        asleep = 0
        while asleep < 3:
            state = stat.read_text().rpartition(")")[2].split()[0]
            asleep = asleep + 1 if state == "S" else 0
            time.sleep(0.005)

    def send(self, number):
        self.process.send_signal(number)

    def stop_and_continue(self):
        self.send(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)
        self.send(signal.SIGCONT)
        try:
            os.waitid(os.P_PID, self.process.pid, os.WCONTINUED)
        except ChildProcessError:
            pass  # It has ended by now.

    def end(self):
        """Status, what it said, and what it complained of."""
        try:
            output, errors = self.process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            output, errors = self.process.communicate()
            raise AssertionError("it did not end") from None
        return self.process.returncode, output, errors


def interrupted(text, selector):
    """Runs the text, and sends Ctrl-C when it waits."""
    process = Process(text, selector)
    process.until_it_waits()
    process.send(signal.SIGINT)
    status, output, errors = process.end()
    assert status == 1 and "interrupted!" in errors, (status, output, errors)
    return output


def completed(text, selector):
    status, output, errors = Process(text, selector).end()
    assert (status, errors) == (0, ""), (status, output, errors)
    return output


# ------------------------------------------------------------------- Ctrl-C

@test
def ctrl_c_ends_a_wait_for_ever(selector):
    interrupted("ready() poll:wait({})", selector)


@test
def ctrl_c_ends_a_wait_with_a_timeout(selector):
    interrupted("ready() poll:wait({}, 1000)", selector)
    interrupted("ready() poll:wait_ns({}, 10^12)", selector)


@test
def ctrl_c_ends_an_iteration(selector):
    interrupted("ready() for _ in assert(poll:events()) do end", selector)


@test
def ctrl_c_ends_a_loop_of_waits(selector):
    # Hot enough that LuaJIT has compiled it before it blocks.
    interrupted("""
      local events = {}
      for i = 1, 3000 do
        if i == 3000 then ready() end
        poll:wait(events, i < 3000 and 0 or nil)
      end""", selector)


@test
def ctrl_c_ends_a_wait_that_was_interrupted_often(selector):
    process = Process("ready() poll:wait({})", selector)
    process.until_it_waits()
    for _ in range(150):
        process.stop_and_continue()
    process.send(signal.SIGINT)
    status, _, errors = process.end()
    assert status == 1 and "interrupted!" in errors, (status, errors)


@test
def ctrl_c_can_be_caught_and_the_poll_used_again(selector):
    process = Process("""
      ready()
      local good, message = pcall(poll.wait, poll, {})
      assert(not good and message:find "interrupted!", message)
      local waker = assert(mio.waker(poll, 5))
      waker:wake()
      local events = {}
      assert(poll:wait(events, 5) == 1 and events[1] == 5)
      print "used" """, selector)
    process.until_it_waits()
    process.send(signal.SIGINT)
    status, output, errors = process.end()
    assert (status, output) == (0, "used\n"), (status, output, errors)


@test
def ctrl_c_in_a_coroutine(selector):
    output = interrupted("""
      local n, message, name, number
      coroutine.wrap(function()
        ready()
        n, message, name, number = poll:wait({})
        print(n, message, name, number)
      end)()
      print "main" """, selector)
    if IS_LUAJIT:
        assert output == "", output
    else:
        # The hook sits on the main coroutine, and strikes there.
        assert output == "nil\tEINTR: Interrupted system call\tEINTR\t4\n", \
            output


@test
def ctrl_c_ends_a_wait_for_sources(selector):
    output = interrupted("""
      local a, b = assert(mio.UnixStream.pair())
      assert(poll:register(a, 1, "r"))
      b:write "x"
      assert(poll:wait({}, 5) == 1 and a:read() == "x")
      ready()
      poll:wait({})""", selector)
    assert output == "", output


@test
def stopping_costs_no_time_and_no_event(selector):
    process = Process("""
      ready()
      local began = mio.clock_now()
      local n = poll:wait({}, 0.4)
      print(n, mio.clock_now() - began >= 4e8) """, selector)
    process.until_it_waits()
    for _ in range(3):
        process.stop_and_continue()
    status, output, errors = process.end()
    assert (status, output) == (0, "0\ttrue\n"), (status, output, errors)


@test
def stopping_in_a_coroutine(selector):
    process = Process("""
      coroutine.wrap(function()
        ready()
        local n, message, name = poll:wait({}, 0.4)
        print(n, name)
      end)()""", selector)
    process.until_it_waits()
    process.stop_and_continue()
    status, output, errors = process.end()
    # The kernel itself goes on with a poll(2) that was stopped.
    retried = IS_LUAJIT or selector == "poll"
    expected = "0\tnil\n" if retried else "nil\tEINTR\n"
    assert (status, output) == (0, expected), (status, output, errors)


@test
def a_hook_that_closes_the_poll_ends_the_wait(selector):
    # The hook runs between two tries of the wait, as that of Ctrl-C does.
    if selector == "poll":
        return  # Stopping does not interrupt that; see above.
    process = Process("""
      local due
      debug.sethook(function()
        if due and mio.clock_now() > due then
          due = nil
          poll:close()
        end
      end, "l")
      ready()
      due = mio.clock_now() + 1e8
      print(poll:wait({}, 1000)) """, selector)
    process.until_it_waits()
    time.sleep(0.2)
    process.stop_and_continue()
    status, output, errors = process.end()
    assert (status, output) == (0, "0\n"), (status, output, errors)


# ------------------------------------------------------- the end of a state

@test
def all_may_be_open_at_the_end(selector):
    completed("""
      all = {}
      for i = 1, 30 do
        local one = assert(mio.poll())
        all[i] = { one, one:registry(), mio.waker(one, i), mio.map(one) }
        one.all = all
      end""", selector)


@test
def all_may_be_open_at_os_exit(selector):
    completed("local w = mio.waker(poll, 1) os.exit(0, true)", selector)
    completed("local w = mio.waker(poll, 1) os.exit(0)", selector)


@test
def sources_may_be_open_at_the_end(selector):
    text = """
      all = {}
      for i = 1, 30 do
        local sender, receiver = assert(mio.pipe())
        local a, b = assert(mio.UnixStream.pair())
        assert(poll:register(a, i, "rw"))
        assert(poll:register(receiver, i, "r"))
        all[i] = { sender, receiver, a, b }
        all[i].cycle = all
      end"""
    completed(text, selector)
    completed(text + " os.exit(0, true)", selector)


@test
def writing_to_nobody_raises_no_signal(selector):
    # Python has restored SIGPIPE's default, which ends a process.
    output = completed("""
      local sender, receiver = assert(mio.pipe())
      local a, b = assert(mio.UnixStream.pair())
      receiver:close() b:close()
      print((select(3, sender:write "x")), (select(3, a:write "x")),
        (select(3, sender:write_vectored { "x" })))""", selector)
    assert output == "EPIPE\tEPIPE\tEPIPE\n", output


@test
def an_error_at_the_end_is_told(selector):
    status, _, errors = Process("poll:wait(1)", selector).end()
    assert status == 1 and "bad argument #1 to 'wait'" in errors, errors


@test
def loading_sets_no_global(selector):
    output = completed("""
      for _, name in ipairs { "miopoll", "core", "swig_type",
        "swig_equals" } do
        assert(rawget(_G, name) == nil, name)
      end
      print(mio.backend)""", selector)
    assert output.strip() == os.environ["MIOPOLL_LUA_BACKEND"], output


@test
def the_module_loads_twice(selector):
    completed("""
      local core = mio.backend == "ffi" and "miopoll.core_ffi"
        or "miopoll.core"
      package.loaded.miopoll, package.loaded[core] = nil, nil
      local again = require "miopoll"
      assert(again ~= mio)
      local other = assert(again.poll())
      assert(other:close())""", selector)


def main():
    failed = 0
    for function in TESTS:
        for selector in ("epoll", "poll"):
            try:
                function(selector)
            except AssertionError as error:
                failed += 1
                name = re.sub("_", "-", function.__name__)
                print(f"FAIL processes/{name} {selector}: {error}")
    total = 2 * len(TESTS)
    print(f"{total - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
