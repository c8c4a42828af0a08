#!/usr/bin/env python3
"""The demo: one judge, an echo server in every language, on every selector.

    demo/run.py --build DIR [--clients N] [--messages N] [--only LANGUAGE,...]

Starts each server of SERVERS on a free port under each selector, lets
demo/client put it to work, ends it by SIGTERM, and prints one table. Exits
with 0 only if every byte came back right and every server ended well.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import resource
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import time

# A server takes one argument, the port, where 0 is any; prints "listening on
# 127.0.0.1:PORT" as its first line; and ends with 0 after a SIGTERM. It uses
# the selector that MIOPOLL_SELECTOR names. In a command, {build} is the build
# directory and {source} the root of the project; it may begin with variables
# of its environment, as in a shell: "LUA_PATH={source}/... luajit ...".
SERVERS = {
    "C": "{build}/examples/c/echo",
    "Python": "{source}/build/py-venv/bin/python "
              "{source}/examples/python/echo.py",
    "Lua 5.4": "LUA_PATH={source}/bindings/lua/?.lua;; "
               "LUA_CPATH={build}/bindings/lua/5.4/?.so;; "
               "lua5.4 {source}/examples/lua/echo.lua",
    "LuaJIT": "LUA_PATH={source}/bindings/lua/?.lua;; "
              "LUA_CPATH={build}/bindings/lua/5.1/?.so;; "
              "LD_LIBRARY_PATH={build}/src luajit "
              "{source}/examples/lua/echo.lua",
}
# Lua cannot catch a signal: these may as well die of the SIGTERM.
WITHOUT_HANDLERS = {"Lua 5.4", "LuaJIT"}
SELECTORS = ["epoll", "poll"]

START_SECONDS = 10
STOP_SECONDS = 5
CLIENT_SECONDS = 300
SPARE_DESCRIPTORS = 64
SOURCE = pathlib.Path(__file__).resolve().parent.parent

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z_0-9]*=")

Row = collections.namedtuple("Row", "language selector result problem")


class Problem(Exception):
    """Why a row of the table could not be filled, in one line."""


def read_port(server):
    """Waits for the line in which the server tells its port."""
    text = b""
    deadline = time.monotonic() + START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(server.stdout, selectors.EVENT_READ)
        while not text.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise Problem(f"told no port within {START_SECONDS} s")
            byte = server.stdout.read(1)
            if not byte:
                raise Problem(f"ended with {server.wait()} before it listened")
            text += byte
    words = text.decode(errors="replace").strip()
    head, _, port = words.rpartition(":")
    if head != "listening on 127.0.0.1" or not port.isdigit():
        raise Problem(f"said {words!r} instead of where it listens")
    return port


def run_client(options, port):
    """Lets the client judge, and returns what it measured."""
    command = [str(options.client), port,
               "--clients", str(options.clients),
               "--messages", str(options.messages),
               "--seed", str(options.seed),
               "--stall", str(options.stall)]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                              timeout=CLIENT_SECONDS)
    except subprocess.TimeoutExpired:
        raise Problem(f"not through after {CLIENT_SECONDS} s") from None
    except OSError as error:
        raise Problem(f"cannot start the client: {error}") from None
    try:
        result = json.loads(done.stdout)
    except ValueError:
        raise Problem(f"the client ended with {done.returncode}") from None
    problem = None
    if result["errors"] or result["messages"] != options.messages:
        problem = "{errors} errors, {messages} messages".format(**result)
        problem += f" of {options.messages}"
    elif done.returncode != 0:
        problem = f"the client ended with {done.returncode}"
    return result, problem


def stop(server, language):
    """Ends a server as an administrator would; returns what was wrong."""
    server.terminate()
    try:
        status = server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        return f"still there {STOP_SECONDS} s after SIGTERM"
    if status == -signal.SIGTERM and language in WITHOUT_HANDLERS:
        return None
    return f"ended with {status} after SIGTERM" if status != 0 else None


def start(options, command, selector):
    """Starts a server, or says in one line what is missing."""
    environment = {**os.environ, "MIOPOLL_SELECTOR": selector}
    words = [word.format(build=options.build, source=SOURCE)
             for word in shlex.split(command)]
    while words and VARIABLE.match(words[0]):
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    for word in words:
        if "/" in word and not os.path.exists(word):
            raise Problem(f"{word} does not exist")
    if not words or shutil.which(words[0]) is None:
        raise Problem(f"{' '.join(words[:1])} is not installed")
    return subprocess.Popen(words + ["0"], stdout=subprocess.PIPE, bufsize=0,
                            env=environment)


def run_row(options, language, command, selector):
    """One server on one selector, from start to end."""
    try:
        server = start(options, command, selector)
    except Problem as problem:
        return Row(language, selector, None, str(problem))
    result = problem = None
    try:
        result, problem = run_client(options, read_port(server))
        # The first thing that went wrong is the one to tell.
        problem = problem or stop(server, language)
    except Problem as caught:
        problem = str(caught)
    finally:
        if server.poll() is None:
            server.kill()
        server.wait()
        server.stdout.close()
    return Row(language, selector, result, problem)


def human_count(number):
    if number < 10000:
        return f"{number:.0f}"
    if number < 1e6:
        return f"{number / 1e3:.1f} k"
    return f"{number / 1e6:.1f} M"


def human_time(microseconds):
    if microseconds < 1000:
        return f"{microseconds:.0f} µs"
    return f"{microseconds / 1000:.1f} ms"


def cells(row):
    """The row as text, one text for each column of the table."""
    if row.result is None:
        return [row.language, row.selector] + ["-"] * 8
    r = row.result
    return [row.language, row.selector, str(r["clients"]), str(r["messages"]),
            f"{r['bytes'] / 1e6:.1f}", str(r["errors"]),
            f"{r['seconds']:.2f}", human_count(r["round_trips_per_second"]),
            human_time(r["p50_us"]), human_time(r["p99_us"])]


def print_table(rows):
    head = ["language", "selector", "clients", "messages", "MB", "errors",
            "seconds", "round trips/s", "p50", "p99"]
    table = [head] + [cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table)]
    for number, line in enumerate(table):
        aligned = [text.ljust(width) if place < 2 else text.rjust(width)
                   for place, (text, width) in enumerate(zip(line, widths))]
        print("  ".join(aligned).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))


def raise_limit(clients):
    """Servers and client inherit this process's limit of descriptors."""
    wanted = clients + SPARE_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        sys.exit(f"demo: {clients} clients need {wanted} open descriptors, "
                 f"and the hard limit (ulimit -Hn) is {hard}; "
                 "try a smaller --clients")
    print(f"demo: raising the limit of open descriptors from {soft} to "
          f"{wanted}", file=sys.stderr, flush=True)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def number(least, most):
    """The type of an option that is a number within bounds."""
    def convert(text):
        value = int(text)
        if not least <= value <= most:
            raise ValueError
        return value
    convert.__name__ = f"number from {least} to {most}"
    return convert


def read_options():
    parser = argparse.ArgumentParser(
        description="Echo servers in every language, on every selector.")
    parser.add_argument("--build", required=True, type=pathlib.Path,
                        metavar="DIR", help="the build directory")
    parser.add_argument("--client", type=pathlib.Path, metavar="PATH",
                        help="the judge, if it is not DIR/demo/client")
    parser.add_argument("--clients", default=1000, type=number(1, 100000))
    parser.add_argument("--messages", default=40000,
                        type=number(1, 100000000))
    parser.add_argument("--seed", default=1, type=number(0, 2**64 - 1))
    parser.add_argument("--stall", default=20, type=number(1, 3600),
                        metavar="SECONDS",
                        help="silence that counts as a failure")
    parser.add_argument("--selectors", default=",".join(SELECTORS),
                        metavar="NAME,...")
    parser.add_argument("--only", default="", metavar="LANGUAGE,...",
                        help="of: " + ", ".join(SERVERS))
    parser.add_argument("--server", action="append", metavar="NAME=COMMAND",
                        default=[], help="this server instead of the list")
    options = parser.parse_args()
    options.build = options.build.resolve()
    options.client = options.client or options.build / "demo" / "client"
    options.servers = dict(SERVERS)
    if options.server:
        options.servers = dict(text.partition("=")[::2]
                               for text in options.server)
    wanted = [name for name in options.only.split(",") if name]
    for name in wanted:
        if name not in options.servers:
            parser.error(f"no server in {name!r}")
    if wanted:
        options.servers = {name: options.servers[name] for name in wanted}
    if options.messages < options.clients:
        parser.error("--messages must be at least --clients")
    return options


def main():
    options = read_options()
    raise_limit(options.clients)
    rows = []
    for language, command in options.servers.items():
        for selector in options.selectors.split(","):
            print(f"demo: {language} on {selector} ...", file=sys.stderr,
                  flush=True)
            row = run_row(options, language, command, selector)
            rows.append(row)
            if row.problem:
                print(f"demo: {language} on {selector}: {row.problem}",
                      file=sys.stderr, flush=True)
    print_table(rows)
    bad = [row for row in rows if row.problem]
    if bad:
        print(f"demo: {len(bad)} of {len(rows)} rows are not as they should "
              "be:")
        for row in bad:
            print(f"  {row.language} on {row.selector}: {row.problem}")
    return 1 if bad or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
