"""The examples of examples/lua: what the servers share with those of other
languages, and the client of Redis, with a redis-server. tests/lua/examples.py
runs this, and gives the fixture `command`, which runs Lua."""

import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/examples"))
pytest.register_assert_rewrite("behaviours", "servers")

from behaviours import (  # noqa: E402, F401
    Behaviour, TestDatagrams, TestEcho, TestGreeters, TestHandingOver,
    TestPages, TestScarcity)
from servers import LIMIT, Language, unescape  # noqa: E402

EXAMPLES = ROOT / "examples/lua"


@pytest.fixture
def language(command):
    return Language(
        command=lambda name: [*command, str(EXAMPLES / f"{name}.lua")],
        line=r"one\x0a\xc3\two\x0a",
        heard=unescape,
        # A backslash is printed as it is.
        much=lambda: os.urandom(1 << 20).replace(b"\\", b"/"),
        reset="ECONNRESET: Connection reset by peer",
        no_descriptors="accept: EMFILE: Too many open files",
        not_handed_over=2,
        no_listener="descriptor 3 is no TCP listener: EINVAL.*",
        wrong_requests=[
            ("/none", [], (404, b"404 Not Found\n")),
            ("/bytes/", [], (404, b"404 Not Found\n")),
            ("/bytes/1x", [], (404, b"404 Not Found\n")),
            ("/", ["-X", "DELETE"], (400, b"400 Bad Request\n")),
            ("/", ["--data", "x"], (400, b"400 Bad Request\n")),
        ],
        no_http=b"HTTP/1.1 400 Bad Request\r\n",
        catches_signals=False)


@contextlib.contextmanager
def redis_server():
    """A real one; on a free port and on a Unix socket."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        path = f"{folder}/redis.sock"
        process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1",
             "--unixsocket", path, "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + LIMIT
            while not os.path.exists(path):
                assert time.monotonic() < deadline, "no redis-server"
                assert process.poll() is None, "redis-server has ended"
                time.sleep(0.01)
            yield f"127.0.0.1:{port}", f"unix:{path}"
        finally:
            process.terminate()
            process.wait(LIMIT)


class TestRedis(Behaviour):
    """The client."""

    def run(self, language, selector, *arguments):
        return subprocess.run(
            [*language.command("redis"), *arguments], capture_output=True,
            timeout=LIMIT, env={**os.environ, "MIOPOLL_SELECTOR": selector})

    def test_fifty_clients(self, language, selector):
        rounds = 3
        replies = 50 * (rounds * 108 + 1)
        with redis_server() as addresses:
            for address in addresses:
                done = self.run(language, selector, address, "50",
                                str(rounds))
                assert (done.returncode, done.stderr) == (0, b""), done
                assert done.stdout == \
                    b"50 clients, %d replies, all right\n" % replies, done

    def test_no_redis_is_told(self, language, selector):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        done = self.run(language, selector, f"127.0.0.1:{port}")
        assert done.returncode == 1 and b"ECONNREFUSED" in done.stderr, done
