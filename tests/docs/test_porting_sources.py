"""Each method of mio's sockets and pipes has a row in the page on porting, and
what the row names is there: the C function in the ABI, the attribute of the
installed Python package, the method of the Lua module."""

import json
import os
import re
import subprocess

import pytest
from blocks import ROOT

PAGE = ROOT / "docs/porting-from-mio.md"
CODE = re.compile(r"`([^`]+)`")

# mio 1.2, the methods of each type; and of pipes what Read and Write give.
MIO = {
    "TcpListener": """bind from_std accept local_addr set_ttl ttl
        take_error""",
    "TcpStream": """connect from_std peer_addr local_addr shutdown set_nodelay
        nodelay set_ttl ttl take_error peek try_io read read_vectored write
        write_vectored""",
    "UdpSocket": """bind from_std local_addr peer_addr connect send recv
        send_to recv_from peek peek_from set_broadcast broadcast
        join_multicast_v4 join_multicast_v6 leave_multicast_v4
        leave_multicast_v6 set_multicast_loop_v4 set_multicast_loop_v6
        multicast_loop_v4 multicast_loop_v6 set_multicast_ttl_v4
        multicast_ttl_v4 set_ttl ttl only_v6 take_error try_io""",
    "UnixListener": "bind bind_addr from_std accept local_addr take_error",
    "UnixStream": """connect connect_addr from_std pair local_addr peer_addr
        shutdown take_error try_io read read_vectored write write_vectored""",
    "UnixDatagram": """bind bind_addr unbound pair from_std connect send recv
        send_to recv_from local_addr peer_addr shutdown take_error try_io""",
    "Sender": "new from set_nonblocking try_io write write_vectored",
    "Receiver": "new from set_nonblocking try_io read read_vectored",
}


def rows(section):
    """The rows of a section, as lists of pieces of code: one for each of Rust,
    C, Python and Lua."""
    text = PAGE.read_text().split(f"\n### {section}\n", 1)[1]
    table = text.strip().split("\n\n")[0].splitlines()
    assert [cell.strip() for cell in table[0].strip("|").split("|")] == [
        "Rust", "C", "Python", "Lua"]
    for line in table[2:]:
        cells = line.strip().strip("|").split("|")
        assert len(cells) == 4, line
        yield [CODE.findall(cell) for cell in cells]


def last_name(code):
    """`stream.read(size)`, `mio.TcpStream.connect(text)`: read, connect."""
    return re.match(r"[\w.:]*?(\w+)(?:\(|$)", code)[1]


def functions():
    return {item["name"] for item in json.loads(
        (ROOT / "abi/generated/abi.json").read_text())["functions"]}


@pytest.mark.parametrize("kind", MIO)
def test_every_method_has_a_row(kind):
    named = {last_name(code) for rust, *_ in rows(kind) for code in rust}
    assert set(MIO[kind].split()) - named == set()


def test_every_function_of_sources_is_named():
    page = PAGE.read_text()
    forgotten = {name for name in functions()
                 if name + "()" not in page
                 and re.match("mio_(source|tcp|udp|unix|pipe|addr)_", name)}
    assert forgotten == set()


@pytest.mark.parametrize("kind", MIO)
def test_c_functions_exist(kind):
    known = functions()
    for _, c, _, _ in rows(kind):
        calls = [code.removesuffix("()") for code in c if code.endswith("()")]
        assert set(calls) <= known


def of_python(kind):
    """What the class has to have, and what the module has."""
    for _, _, codes, _ in rows(kind):
        assert codes, kind
        for code in codes:
            name = last_name(code)
            yield name if "." not in code else f"{kind}.{name}"


@pytest.mark.parametrize("kind", MIO)
def test_python_attributes_exist(kind, python):
    program = ("import operator, sys, miopoll\n"
               "for name in sys.argv[1:]:\n"
               "    operator.attrgetter(name)(miopoll)\n")
    wanted = list(of_python(kind))
    assert len(wanted) >= len(MIO[kind].split())
    done = subprocess.run([python, "-c", program, *wanted],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# One of each class.
LUA = """
local mio = require "miopoll"
local tcp = assert(mio.TcpListener.bind "127.0.0.1:0")
local sender, receiver = assert(mio.pipe())
local made = {
  TcpListener = tcp,
  TcpStream = assert(mio.TcpStream.connect(assert(tcp:local_addr()))),
  UdpSocket = assert(mio.UdpSocket.bind "127.0.0.1:0"),
  UnixListener = assert(mio.UnixListener.bind_addr "unix:"),
  UnixStream = assert(mio.UnixStream.pair()),
  UnixDatagram = assert(mio.UnixDatagram.unbound()),
  Sender = sender, Receiver = receiver,
}
local kind = arg[1]
for i = 2, #arg do
  local place, name = arg[i]:match "^(.-)([%w_]+)$"
  local where = ({ [":"] = made[kind], ["."] = mio[kind], [""] = mio })[place]
  assert(type(where[name]) == "function", kind .. " " .. arg[i])
end
"""


def of_lua(kind):
    """A method as `:read`, a constructor as `.connect`, else as `pipe`."""
    for _, _, _, codes in rows(kind):
        assert codes, kind
        for code in codes:
            name = last_name(code)
            if ":" in code.split("(")[0]:
                yield ":" + name
            else:
                yield name if code.count(".") == 1 else "." + name


@pytest.mark.parametrize("kind", MIO)
def test_lua_methods_exist(kind, lua_modules, tmp_path):
    script = tmp_path / "check.lua"
    script.write_text(LUA)
    wanted = list(of_lua(kind))
    assert len(wanted) >= len(MIO[kind].split())
    done = subprocess.run(
        ["lua5.4", script, kind, *wanted], capture_output=True, text=True,
        env={**os.environ, "LUA_PATH_5_4": f"{ROOT}/bindings/lua/?.lua;;",
             "LUA_CPATH_5_4": f"{lua_modules}/?.so;;",
             "LUA_PATH": f"{ROOT}/bindings/lua/?.lua;;",
             "LUA_CPATH": f"{lua_modules}/?.so;;"})
    assert done.returncode == 0, done.stderr
