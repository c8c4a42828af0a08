"""The Ruby runner must refuse a list of skips that is not the truth, and
notice a binding that is wrong. MIOPOLL_LIBRARY names the library."""

import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUBY = ROOT / "examples/ffi/ruby"
SUITE = ROOT / "tests/conformance"
LIBRARY = ROOT / "build/test/src/libmiopoll.so"
ENVIRONMENT = {"MIOPOLL_LIBRARY": str(LIBRARY),
               "MIOPOLL_ABI": str(ROOT / "abi/generated/abi.json"),
               **os.environ}

pytestmark = pytest.mark.skipif(shutil.which("ruby") is None,
                                reason="apt-get install ruby")

CASES = """
case both/run-it
  covers edge/edge
  poll p

case one/skips-it
  covers edge/edge
  needs edge-exact
  poll p
"""
GOOD = "one/skips-it poll it has no edges\n"


def run(folder, *arguments):
    return subprocess.run(
        ["ruby", "-w", folder / "conformance.rb", *arguments],
        capture_output=True, text=True, env=ENVIRONMENT)


def run_skips(tmp_path, skips):
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "a.case").write_text(CASES)
    (tmp_path / "skips.txt").write_text(skips)
    return run(RUBY, "--skips", tmp_path / "skips.txt", folder)


def test_the_truth_is_taken(tmp_path):
    result = run_skips(tmp_path, "# why\n\n" + GOOD)
    assert result.returncode == 0, result.stdout
    assert result.stderr == ""
    assert "conformance-ruby epoll: 2 passed, 0 failed, 0 s" in result.stdout
    assert "conformance-ruby poll: 1 passed, 0 failed, 1 s" in result.stdout


@pytest.mark.parametrize("skips, words", [
    ("", "FAIL one/skips-it: skip: not listed"),
    (GOOD + "both/run-it poll why\n", "FAIL both/run-it: skip: listed, but"),
    (GOOD + "no/such epoll why\n", "FAIL no/such: skip: listed, but there"),
    (GOOD + "both/run-it pool why\n", "FAIL both/run-it: skip: listed for"),
    ("one/skips-it poll\n", "without a reason"),
    (GOOD + GOOD, "there twice"),
])
def test_what_is_not_true_is_refused(tmp_path, skips, words):
    result = run_skips(tmp_path, skips)
    assert result.returncode == 1
    assert words in result.stdout


@pytest.mark.parametrize("file, old, new, cases", [
    ("", '"QLx4"', '"Lx4Lx4"', "tokens/*"),
    ("", 'set("reregister"', 'set("register"', "reregister/unknown*"),
    ("", "handle, token)", "handle, token + 1)", "waker/two*"),
    ("", "C.public_send(self::FREE, pointer)", "pointer", "ownership/*"),
    ("", "Errno.const_get(name).new(what)", "Errno::EIO.new(what)", "errors/*"),
    ("", "if io.is_a?(Source)", "if false", "source-one-poll/*"),
    ("/addr", '[OFFSETS["length"], 4]', '[OFFSETS["port"], 4]',
     "addr/refused*"),
    ("/addr", ".force_encoding(", "[0..-2].force_encoding(", "addr/ipv4"),
    ("/source", "result == EAGAIN ? nil", "result == EAGAIN ? 0",
     "source-bytes/nothing*"),
    ("/source", "call(:mio_source_would_block, interest)", "interest",
     "source-edge/behind*"),
    ("/source", "buffers[at, length]", "buffers[0, length]",
     "source-bytes/vectored*"),
    ("/net", "SHUTDOWN_READ,", "SHUTDOWN_WRITE,",
     "source-tcp/shutdown-read"),
    ("/net", "self.class.stream.of(place), ", "TcpStream.of(place), ",
     "source-unix/*"),
])
def test_a_wrong_binding_is_noticed(tmp_path, file, old, new, cases):
    folder = tmp_path / "ruby"
    shutil.copytree(RUBY, folder)
    path = folder / f"miopoll{file}.rb"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    result = run(folder, "--selector", "poll", "--filter", cases,
                 "--skips", SUITE / "skips/ruby.txt", SUITE / "cases")
    assert result.returncode == 1
    assert "FAIL" in result.stdout
