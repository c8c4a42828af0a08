"""Does the demo notice what is wrong? Its client and its driver are fed with
servers that are wrong on purpose. MIOPOLL_BUILD names the build directory."""

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MIOPOLL_BUILD", ROOT / "build/release"))
CLIENT = BUILD.resolve() / "demo" / "client"
RUN = ROOT / "demo" / "run.py"
WRONG = pathlib.Path(__file__).with_name("wrong_echo.py")


@pytest.fixture
def wrong_server():
    """Starts servers, gives their ports, and ends them."""
    servers = []

    def start(way):
        server = subprocess.Popen([sys.executable, WRONG, way],
                                  stdout=subprocess.PIPE, text=True)
        servers.append(server)
        return server.stdout.readline().strip().rpartition(":")[2]

    yield start
    for server in servers:
        server.kill()
        server.wait()
        server.stdout.close()


def judge(port, *options):
    """Runs the client; gives its status, its result and what it complained."""
    done = subprocess.run([CLIENT, port, *options], capture_output=True,
                          text=True, timeout=60)
    result = json.loads(done.stdout) if done.stdout else None
    return done.returncode, result, done.stderr


def test_a_right_server_is_found_right(wrong_server):
    status, result, text = judge(wrong_server("right"), "--clients", "20",
                                 "--messages", "1000")
    assert status == 0 and "client:" not in text
    assert (result["clients"], result["messages"]) == (20, 1000)
    assert result["errors"] == 0
    assert 1e6 < result["bytes"] < 1e8
    assert 0 < result["p50_us"] <= result["p99_us"]
    assert result["seconds"] > 0 and result["round_trips_per_second"] > 0


def test_the_same_seed_sends_the_same(wrong_server):
    port = wrong_server("right")
    sizes = [judge(port, "--clients", "5", "--messages", "100",
                   "--seed", seed)[1]["bytes"] for seed in ("3", "3", "4")]
    assert sizes[0] == sizes[1] != sizes[2]


# What the client must say; a lost byte is seen as the wrong byte that takes
# its place, or as the silence after it, as the case may be.
@pytest.mark.parametrize("way, complaint", [
    ("flip", r"byte \d+ of \d+ is 0x.., not 0x.."),
    ("short", r"byte \d+ of \d+ is 0x|stalled: nothing moved for 1 s"),
    ("cut", r"closed after \d+ of \d+ bytes"),
    ("extra", r"1 byte\(s\) more than were sent"),
    ("late", r"4 bytes after the last message"),
    ("stall", r"stalled: nothing moved for 1 s while echoing"),
])
def test_a_wrong_server_is_found_wrong(wrong_server, way, complaint):
    status, result, text = judge(wrong_server(way), "--clients", "4",
                                 "--messages", "40", "--stall", "1")
    assert status == 1
    assert result["errors"] > 0
    assert way == "late" or result["messages"] < 40
    first = text.splitlines()[0]
    assert re.match(r"client: connection \d+, message \d+ of 10: ", first)
    assert re.search(complaint, text)


def test_the_place_of_a_flipped_byte_is_told(wrong_server):
    text = judge(wrong_server("flip"), "--clients", "4", "--messages", "40")[2]
    at, size, got, sent = re.search(
        r"byte (\d+) of (\d+) is (0x..), not (0x..)", text).groups()
    assert int(at) < int(size)
    assert int(got, 16) ^ int(sent, 16) == 0x20


def test_no_server_is_an_error():
    # Port 1 is not listened on: nothing of a test machine uses tcpmux.
    status, result, text = judge("1", "--clients", "2", "--messages", "2")
    assert status == 1
    assert (result["errors"], result["messages"]) == (2, 0)
    assert "connect: Connection refused" in text


@pytest.mark.parametrize("options", [
    [], ["0"], ["x"], ["70000"], ["1", "--clients"], ["1", "--clients", "0"],
    ["1", "--messages", "-1"], ["1", "--stall", "1x"], ["1", "--what", "1"],
    ["1", "--clients", "9", "--messages", "8"],
])
def test_bad_options_are_refused(options):
    done = subprocess.run([CLIENT, *options], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("client: ")


def test_too_few_descriptors_are_told():
    done = subprocess.run(
        ["sh", "-c", 'ulimit -n 64; exec "$0" 1 --clients 100', CLIENT],
        capture_output=True, text=True)
    assert done.returncode == 2
    assert "100 clients need 116 descriptors" in done.stderr
    assert "is 64" in done.stderr


def drive(*options):
    """Runs the driver on the given servers; gives status and output."""
    done = subprocess.run(
        [sys.executable, RUN, "--build", BUILD, "--clients", "4", "--messages",
         "40", "--stall", "1", "--selectors", "epoll", *options],
        capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


def wrong(way):
    return f"--server={way}={sys.executable} {WRONG} {way}"


def test_the_driver_is_content_with_a_right_server():
    status, output = drive(wrong("right"))
    assert status == 0
    head, _, row = (line.split() for line in output.splitlines())
    assert head[:7] == ["language", "selector", "clients", "messages", "MB",
                        "errors", "seconds"]
    assert row[:4] == ["right", "epoll", "4", "40"]
    assert 0.01 < float(row[4]) < 10
    assert row[5] == "0"
    assert re.fullmatch(r"\d+\.\d\d", row[6])


@pytest.mark.parametrize("server, complaint", [
    (wrong("flip"), "errors, "),
    (wrong("stall"), "errors, "),
    (wrong("mute"), "said 'hello' instead of where it listens"),
    (wrong("deaf"), "still there 5 s after SIGTERM"),
    (wrong("fail"), "ended with 3 after SIGTERM"),
    ("--server=x=false", "ended with 1 before it listened"),
    ("--server=x=no-such-interpreter", "no-such-interpreter is not installed"),
    ("--server=x=LUA_PATH=a no-such-lua", "no-such-lua is not installed"),
    (f"--server=x={sys.executable} ./no-such.py", "no-such.py does not exist"),
])
def test_the_driver_tells_what_is_wrong(server, complaint):
    status, output = drive(server)
    assert status == 1
    assert complaint in output.splitlines()[-1]


def test_the_driver_runs_all_rows_after_a_wrong_one():
    status, output = drive(wrong("fail"), wrong("right"))
    assert status == 1
    assert "1 of 2 rows are not as they should be" in output
    assert "\nright " in output


def test_the_driver_raises_the_limit_and_says_so():
    done = subprocess.run(
        ["sh", "-c", 'ulimit -Sn 64; exec "$@"', "sh", sys.executable, RUN,
         "--build", BUILD, "--clients", "100", "--messages", "100",
         "--selectors", "epoll", "--server",
         f"right={sys.executable} {WRONG} right"],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "raising the limit of open descriptors from 64 to 164" in \
        done.stderr
    row = done.stdout.splitlines()[-1].split()
    assert (row[:4], row[5]) == (["right", "epoll", "100", "100"], "0")


def test_the_driver_tells_too_few_descriptors():
    done = subprocess.run(
        ["sh", "-c", 'ulimit -n 100; exec "$@"', "sh", sys.executable, RUN,
         "--build", BUILD], capture_output=True, text=True)
    assert done.returncode != 0
    assert "the hard limit (ulimit -Hn) is 100" in done.stderr
