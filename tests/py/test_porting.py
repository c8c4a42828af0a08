"""Whoever knows mio finds everything of it: each method under its name. That
docs/porting-from-mio.md has all of them, tests/docs sees."""

import miopoll

# from_raw_fd, into_raw_fd and as_raw_fd, which every source of mio has.
RAW = ["from_fd", "into_fd", "fileno"]
SOURCES = [name for name in miopoll.__all__
           if isinstance(getattr(miopoll, name), type)
           and issubclass(getattr(miopoll, name), miopoll.Source)
           and name != "Source"]


def test_every_source_is_made_of_a_descriptor_and_gives_it():
    assert len(SOURCES) == 8
    for kind in SOURCES:
        for name in RAW:
            assert hasattr(getattr(miopoll, kind), name)


def test_what_has_no_meaning_is_not_there():
    for kind, names in {
        "TcpListener": "read write peek shutdown peer_addr recv",
        "TcpStream": "recv send accept recv_from set_broadcast",
        "UdpSocket": "read write accept shutdown read_vectored",
        "UnixListener": "ttl read write peer_addr",
        "UnixStream": "ttl nodelay accept recv bind",
        "UnixDatagram": "read write ttl accept",
        "Sender": "read peek shutdown local_addr take_error connect",
        "Receiver": "write peek shutdown local_addr take_error connect",
    }.items():
        for name in names.split():
            assert not hasattr(getattr(miopoll, kind), name), (kind, name)
