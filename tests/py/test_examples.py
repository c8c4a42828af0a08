"""The servers of examples/python: what they share with those of other
languages. Run by this interpreter."""

import ast
import sys

import pytest
from support import ROOT

sys.path.insert(0, str(ROOT / "tests/examples"))
pytest.register_assert_rewrite("behaviours", "servers")

from behaviours import (  # noqa: E402, F401
    TestDatagrams, TestEcho, TestEndsOfRequests, TestGreeters,
    TestHandingOver, TestPages, TestScarcity, TestSignals)
from servers import Language  # noqa: E402

EXAMPLES = ROOT / "examples/python"
PYTHON = Language(
    command=lambda name: [sys.executable, "-X", "dev",
                          EXAMPLES / f"{name}.py"],
    line=repr("one\n\\xc3\\two\n"),
    heard=lambda text: ast.literal_eval(text).encode(),
    # It prints text, in which a byte that is none might be cut in two.
    much=lambda: b"".join(b"line %d\n" % n for n in range(50_000)),
    reset="Connection reset by peer",
    no_descriptors="accept: Too many open files: the process has too many "
                   "open descriptors",
    not_handed_over=1,
    no_listener=".*descriptor 3 is no TcpListener.*",
    wrong_requests=[
        ("/other", [], (404, b"Not here.\n")),
        ("/bytes/", [], (404, b"Not here.\n")),
        ("/bytes/1x", [], (404, b"Not here.\n")),
        ("/bytes/9999999999999", [], (404, b"Not here.\n")),
        ("/", ["-X", "DELETE"], (405, b"GET it.\n")),
        ("/", ["-X", "POST", "-d", "x"], (405, b"GET it.\n")),
    ],
    no_http=b"HTTP/1.1 405 Method Not Allowed\r\n",
    noise="ResourceWarning")  # At the end the system closes.


@pytest.fixture
def language():
    return PYTHON
