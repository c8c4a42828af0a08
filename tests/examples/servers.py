"""What the tests of the example servers have in common: a running server, the
programs that drive it, and in what the languages differ."""

import dataclasses
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import typing

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MIOPOLL_BUILD", ROOT / "build/release"))
GREETING = b"Hello from libmiopoll!\n"
ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
LIMIT = 30  # Seconds for any program.
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A running server, which has told its address."""

    def __init__(self, command, selector, environment=None, **keywords):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "MIOPOLL_SELECTOR": selector,
                 **(environment or {})}, **keywords)
        line = self.process.stdout.readline()
        told = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line)
        if told is None:
            self.process.kill()
            raise AssertionError((line, self.process.communicate()[1]))
        self.port = int(told[1])

    def lines(self, last):
        """What it prints, up to a line that ends in `last`."""
        lines = []
        while not lines or not lines[-1].endswith(last):
            line = self.process.stdout.readline()
            assert line, f"ended after {lines}"
            lines.append(line.rstrip("\n"))
        return lines

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def seconds_of_processor(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def end(self, number=signal.SIGTERM):
        """Ends it; gives its status and all that it said."""
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=10)
        return self.process.returncode, output, errors

    def clear(self):
        """Leaves nothing of it, whatever has happened."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@dataclasses.dataclass
class Language:
    """The servers of one language, and what only they do."""

    command: typing.Callable  # The words that run an example of a name.
    line: str  # What a greeter prints for behaviours.SPOKEN.
    heard: typing.Callable  # The bytes that a printed text stands for.
    much: typing.Callable  # Bytes of which `heard` loses nothing.
    reset: str  # What is printed of a client that resets.
    no_descriptors: str  # The complaint when none is left.
    not_handed_over: int  # The status without a listener.
    no_listener: str  # The complaint of a wrong one, as a pattern.
    wrong_requests: list  # Path, options of curl, status and body.
    no_http: bytes  # How the answer to what is no HTTP begins.
    catches_signals: bool = True  # And ends cleanly.
    noise: str = ""  # In lines that are no complaint.


class Example(Server):
    """A running example of a language."""

    def __init__(self, language, name, selector, prefix=(), **keywords):
        self.language = language
        self.stopped = False
        super().__init__([*prefix, *language.command(name)], selector,
                         **keywords)

    def stop(self, number=signal.SIGTERM):
        """It has to run yet, and to end as it should; what it complained."""
        self.stopped = True
        assert self.process.poll() is None, "it has ended"
        catches = self.language.catches_signals
        status, _, errors = self.end(number if catches else signal.SIGKILL)
        assert status == (0 if catches else -signal.SIGKILL), (status, errors)
        noise = self.language.noise
        return [line for line in errors.splitlines()
                if not noise or noise not in line]


def inherit(listener, **environment):
    """Keywords of a server that finds the listener at 3."""
    def move():
        os.dup2(listener.fileno(), 3)
        os.set_inheritable(3, True)  # Also if it is at 3 already.
    return {"close_fds": False, "preexec_fn": move,
            "environment": environment}


def with_descriptors(count):
    """The prefix of a command that may have so many."""
    return ["sh", "-c", f'ulimit -n {count}; exec "$0" "$@"']


def eventually(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def reset(peer):
    """Closes it so that the other side is told of a reset."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    b"\1\0\0\0\0\0\0\0")
    peer.close()


def run(*command, given=b""):
    done = subprocess.run(command, input=given, capture_output=True,
                          timeout=LIMIT)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def nc(server, given=b""):
    return run("nc", "-N", "127.0.0.1", str(server.port), given=given)


def socat_datagram(server, given):
    # One datagram is one block of socat's.
    return run("socat", "-b", "65536", "-t", "0.3", "-",
               f"UDP4:127.0.0.1:{server.port}", given=given)


def begin_socat(server, path):
    """A socat that sends a file."""
    with path.open("rb") as file:
        return subprocess.Popen(
            ["socat", "-t", "5", "-", f"TCP4:127.0.0.1:{server.port}"],
            stdin=file, stdout=subprocess.PIPE)


def curl_words(server, path, *options):
    return ["curl", "-sS", "--noproxy", "*", "--max-time", "20", *options,
            f"http://127.0.0.1:{server.port}{path}"]


def curl(server, path, *options):
    """Status and body of a request; curl checks the length."""
    output = run(*curl_words(server, path, "-w", "\n%{http_code}", *options))
    body, _, status = output.rpartition(b"\n")
    return int(status), body


def letters(size):
    """What http_server sends of them."""
    return (ALPHABET * (size // 26 + 1))[:size]


def unescape(text):
    """The bytes of a text that has \\xNN for what is not printable."""
    return re.sub(rb"\\x(..)", lambda found: bytes.fromhex(found[1].decode()),
                  text.encode())


def said(language, lines):
    """The bytes that printed lines stand for, by who said them."""
    heard = {}
    for line in lines:
        who, _, text = line.partition(": ")
        if text not in ("connected", "closed"):
            heard[who] = heard.get(who, b"") + language.heard(text)
    return heard
