#!/usr/bin/env python3
"""Counts the system calls of bench-echo's servers, by strace.

    bench/echo_calls.py --build DIR [--quick] [--json]

A server that reads and writes once for each message and waits once for K of
them makes 2 + 1/K. strace slows a server down, so that more messages are ready
at each wait than without it: what says something is what is made beside the
waits. Exits with 1 if ours makes more than 2 of those; it is one of the tests.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SIZES = (100, 1000, 9000)
MESSAGES = 5000
SIZE = "64"  # Bytes of a message: ECHO_MESSAGE.
OURS = "miopoll"
LIMIT = 2.0

CALL = re.compile(r"^(\w+)\(.*?(?:\)\s+= (-?\d+).*)?$")
WAITS = {"epoll_wait", "epoll_pwait", "epoll_pwait2"}
WRITES = {"sendto", "sendmsg", "write", "writev"}


def calls_of(log):
    """The calls after the last look for new connections: (name, result)."""
    found = [CALL.match(line) for line in log.splitlines()]
    calls = [match.groups() for match in found if match]
    last = max((at for at, call in enumerate(calls)
                if call[0].startswith("accept")), default=-1)
    return calls[last + 1:]


def trace(program, name, connections, messages):
    """The calls of a server at work."""
    with tempfile.NamedTemporaryFile("r", errors="replace") as log:
        server = subprocess.Popen(
            # -I 2: strace takes a SIGTERM, ends the server, and writes out.
            ["strace", "-I", "2", "-o", log.name, "-s", "0", "-e",
             "signal=none", program, "--serve", name], stdout=subprocess.PIPE, text=True)
        load = None
        try:
            port = server.stdout.readline().strip()
            load = subprocess.Popen(
                [program, "--load", port, str(connections), str(messages)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            word = load.stdout.readline().strip()
        finally:
            # The server first, or else the ends of connections are counted.
            server.terminate()
            server.communicate()
            if load is not None:
                load.communicate()
        if word != "done":
            sys.exit(f"echo_calls: {name} did not answer every message")
        return calls_of(log.read())


def count(program, name, connections, messages):
    """One record, for results.json too."""
    names = collections.Counter()
    answered = 0
    for call, result in trace(program, name, connections, messages):
        names[call] += 1
        answered += call in WRITES and result == SIZE
    if answered < messages / 2:
        sys.exit(f"echo_calls: {name}: {answered} of {messages} were seen")
    waits = sum(names[wait] for wait in WAITS)
    total = sum(names.values())
    return {"id": "E4", "what": f"echo server, {connections} connections",
            "contender": name, "calls": total / answered,
            "beside_waits": (total - waits) / answered,
            "messages_a_wait": answered / max(waits, 1)}


def show(record, as_json):
    if as_json:
        print(json.dumps(record), flush=True)
        return
    print("{what:32} {contender:16} {calls:10.3f} {beside_waits:12.3f} "
          "{messages_a_wait:10.1f}".format(**record), flush=True)


def main():
    parser = argparse.ArgumentParser(
        description="Counts the system calls of echo servers.")
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--quick", action="store_true",
                        help="100 connections, and ours alone")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    program = str(options.build.resolve() / "bench" / "bench-echo")
    names = subprocess.run([program, "--list"], capture_output=True,
                           check=True, text=True).stdout.splitlines()
    if options.quick:
        names = [name for name in names if name.startswith(OURS)]
    if not options.json:
        print(f"{'':49} {'calls':>10} {'beside waits':>12} {'a wait':>10}")
    worst = 0
    for size in SIZES[:1] if options.quick else SIZES:
        for name in names:
            record = count(program, name, size, max(MESSAGES, 2 * size))
            show(record, options.json)
            if name.startswith(OURS):
                worst = max(worst, record["beside_waits"])
    if worst > LIMIT:
        sys.exit(f"echo_calls: {worst:.3f} calls a message beside waits are "
                 f"more than {LIMIT:.0f}")


if __name__ == "__main__":
    main()
