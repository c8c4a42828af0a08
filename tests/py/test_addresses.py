"""Addr, and the tuples and paths that stand for an address in `socket`."""

import copy
import errno
import os
import pathlib
import pickle
import socket

import miopoll
import pytest
from hypothesis import given, strategies
from miopoll import Addr, TcpListener, TcpStream, UdpSocket, UnixListener

TEXTS = {
    "127.0.0.1:80": ("127.0.0.1", 80),
    "0.0.0.0:0": ("0.0.0.0", 0),
    "[::1]:65535": ("::1", 65535, 0, 0),
    "[fe80::1%2]:80": ("fe80::1", 80, 0, 2),
    "[::ffff:1.2.3.4]:5": ("::ffff:1.2.3.4", 5, 0, 0),
    "unix:/run/x": "/run/x",
    "unix:a b": "a b",
    "unix:%40x": "@x",
    "unix:@x": b"\0x",
    "unix:@x%00y": b"\0x\0y",
    "unix:": "",
    "unix:%ff": "\udcff",
}
REFUSED = {
    "": 0, "127.0.0.1": 9, "127.0.0.1:": 10, "127.0.0.1:65536": 14,
    "127.0.0.256:1": 10, "localhost:80": 0, "[::1]": 5, "[::1]:x": 6,
    "127.0.0.1:80 ": 12, "[fe80::1%eth0]:80": 9, "unix:%": 5, "unix:a%00": 6,
    "\u00e9": 0,
}


@pytest.mark.parametrize("text", TEXTS)
def test_texts(text):
    addr = Addr(text)
    assert addr.value == TEXTS[text]
    assert repr(addr) == f"Addr({str(addr)!r})"
    assert Addr(str(addr)) == addr
    families = {"1": "inet", "0": "inet", "[": "inet6", "u": "unix"}
    assert addr.family == families[text[0]]


@pytest.mark.parametrize("text", REFUSED)
def test_refused_texts_tell_the_place(text):
    with pytest.raises(ValueError) as caught:
        Addr(text)
    assert str(caught.value) == (
        f"{text!r} is no address: not understood from byte {REFUSED[text]} on"
    )


def test_names_that_are_too_long():
    assert len(Addr("unix:" + "x" * 107).value) == 107
    assert len(Addr("unix:@" + "x" * 107).value) == 108
    for text, at in (("unix:" + "x" * 108, 112), ("unix:@" + "x" * 108, 113)):
        with pytest.raises(OSError, match=f"from byte {at} on") as caught:
            Addr(text)
        assert caught.value.errno == errno.ENAMETOOLONG


@pytest.mark.parametrize("wrong", [b"127.0.0.1:80", None, 80, ("::1", 1)])
def test_only_a_text_makes_an_addr(wrong):
    with pytest.raises(TypeError):
        Addr(wrong)


def test_it_is_a_value():
    one, same, other = Addr("[::1]:80"), Addr("[0::1]:80"), Addr("[::1]:81")
    assert one == same and hash(one) == hash(same) and one != other
    assert one != "[::1]:80"
    assert {one, same, other} == {one, other}
    for text in TEXTS:
        addr = Addr(text)
        assert pickle.loads(pickle.dumps(addr)) == addr
        assert copy.copy(addr) == copy.deepcopy(addr) == addr
    with pytest.raises(AttributeError):
        one.value = 1


@given(strategies.binary(max_size=107))
def test_every_unix_name_has_a_text(name):
    """What local_addr() would give of it, and back."""
    from miopoll import _address

    if b"\0" in name[1:] and name[:1] != b"\0":
        return
    addr = Addr._of(_address.unix(name))
    assert Addr(str(addr)) == addr
    assert str(addr).isascii()
    assert os.fsencode(addr.value) == name


@given(strategies.ip_addresses(), strategies.integers(0, 65535))
def test_every_ip_address_has_a_text(ip, port):
    from miopoll import _address

    addr = Addr._of(_address.internet((str(ip), port)))
    assert Addr(str(addr)) == addr
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    host = addr.value[0]
    assert socket.inet_pton(family, host) == ip.packed
    assert addr.value[1] == port


# ---------------------------------------------------------- tuples and paths


@pytest.mark.parametrize("address", [
    ("127.0.0.1", 0), "127.0.0.1:0", Addr("127.0.0.1:0"), ("", 0),
    ("::1", 0), ("::1", 0, 0, 0), "[::1]:0",
])
def test_what_is_taken_for_an_address(address):
    with TcpListener.bind(address) as listener:
        here = listener.local_addr()
        assert here == socket.socket(fileno=os.dup(listener.fileno())
                                     ).getsockname()
        with TcpStream.connect(here):
            pass


@pytest.mark.parametrize(("address", "kind", "words"), [
    (("localhost", 80), ValueError, "names are not looked up"),
    (("1.2.3.4:5", 80), ValueError, "no IP address"),
    (("1.2.3.4\0", 80), ValueError, "no IP address"),
    (("1.2.3.4", 80, 0, 0), ValueError, "IPv4 has no flow"),
    ("127.0.0.1", ValueError, "from byte 9 on"),
    (("127.0.0.1", 65536), OverflowError, "from 0 to 65535"),
    (("127.0.0.1", -1), OverflowError, "from 0 to 65535"),
    (("::1", 1, 2**20, 0), OverflowError, "flow"),
    (("::1", 1, 0, 2**32), OverflowError, "scope"),
    (("127.0.0.1", "80"), TypeError, "port must be an int"),
    ((b"127.0.0.1", 80), TypeError, "host is a str"),
    ((Addr("127.0.0.1:1"), 80), TypeError, "host is a str"),
    (("127.0.0.1",), TypeError, "an address is"),
    (("::1", 1, 0), TypeError, "an address is"),
    (["127.0.0.1", 80], TypeError, "an address is"),
    (80, TypeError, "an address is"),
    (None, TypeError, "an address is"),
])
def test_what_is_not(address, kind, words):
    for call in (TcpListener.bind, TcpStream.connect, UdpSocket.bind):
        with pytest.raises(kind, match=words):
            call(address)


def test_an_address_of_the_wrong_family():
    for call in (TcpListener.bind, TcpStream.connect, UdpSocket.bind):
        with pytest.raises(OSError, match="no address for it") as caught:
            call(Addr("unix:/x"))
        assert caught.value.errno == errno.EINVAL
    with pytest.raises(OSError) as caught:
        UnixListener.bind(Addr("127.0.0.1:0"))
    assert caught.value.errno == errno.EINVAL


def test_many_addresses_one_after_the_other():
    """Some are remembered, and none is mistaken for another."""
    with UdpSocket.bind("127.0.0.1:0") as udp:
        for _ in range(2):
            for port in range(1, 700):
                udp.connect(("127.0.0.1", port))
                assert udp.peer_addr() == ("127.0.0.1", port)
        udp.connect(("127.0.0.1", 80))
        for wrong in (80.0, "80", None):
            with pytest.raises(TypeError):
                udp.connect(("127.0.0.1", wrong))
        udp.connect(("127.0.0.1", True))
        assert udp.peer_addr() == ("127.0.0.1", 1)


def test_flow_and_scope_come_back():
    addr = Addr._of(miopoll._address.internet(("fe80::1", 5, 7, 2)))
    assert addr.value == ("fe80::1", 5, 7, 2)
    assert Addr("[fe80::1%2]:5") != addr  # The flow has no text.


def test_paths(tmp_path):
    path = tmp_path / "socket"
    for address in (path, str(path), os.fsencode(path), Addr(f"unix:{path}")):
        with UnixListener.bind(address) as listener:
            assert listener.local_addr() == str(path)
            assert pathlib.Path(path).is_socket()
        assert path.exists()  # As in mio, it is the program's to remove.
        with pytest.raises(OSError, match="is taken") as caught:
            UnixListener.bind(address)
        assert caught.value.errno == errno.EADDRINUSE
        path.unlink()


def test_a_path_that_is_no_text(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff"
    with UnixListener.bind(path) as listener:
        assert os.fsencode(listener.local_addr()) == path
        with miopoll.UnixStream.connect(listener.local_addr()) as stream:
            assert os.fsencode(stream.peer_addr()) == path


def test_abstract_names():
    name = b"\0miopoll-%d\0%%" % os.getpid()
    with UnixListener.bind(name) as listener:
        assert listener.local_addr() == name
        with miopoll.UnixStream.connect(name) as stream:
            assert stream.peer_addr() == name
    with UnixListener.bind(name.decode()) as listener:
        assert listener.local_addr() == name


@pytest.mark.parametrize(("address", "kind"), [
    ("a\0b", ValueError), (b"a\0", ValueError), (None, TypeError),
    (5, TypeError), (("127.0.0.1", 1), TypeError),
])
def test_what_is_no_unix_address(address, kind):
    for call in (UnixListener.bind, miopoll.UnixStream.connect,
                 miopoll.UnixDatagram.bind):
        with pytest.raises(kind):
            call(address)


def test_paths_that_are_too_long(tmp_path):
    for path in ("x" * 108, b"\0" + b"x" * 108):
        with pytest.raises(OSError, match="107 bytes") as caught:
            UnixListener.bind(path)
        assert caught.value.errno == errno.ENAMETOOLONG
