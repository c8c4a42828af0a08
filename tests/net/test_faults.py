"""Programs of ours on lines that fail: what arrives is whole or is an error,
the one that the header names, with the event that it promises.

MIOPOLL_BUILD names the build directory. Each test has a network of its own;
where the system refuses one, it is skipped.
"""

import pytest
from network import Client, Network, Refused, Server, program

ENDLESS = 10 ** 15
PATIENCE = 60  # Seconds, for what takes a few.


@pytest.fixture
def network():
    try:
        made = Network()
    except Refused as refused:
        pytest.skip(str(refused))
    yield made
    made.close()


@pytest.fixture(params=["epoll", "poll"])
def selector(request):
    return request.param


@pytest.fixture
def server(network, selector):
    made = Server(network, program(), selector)
    yield made
    made.process.kill()
    made.process.communicate()


def send(network, selector, server, count, patience=PATIENCE):
    return Client(network, program(), "send", selector, server.address, count,
                  patience)


def check_whole(network, selector, server, count=100_000, before=()):
    """A whole transfer goes through; the server says the same. It may say
    before that how an earlier peer ended, if it has found out."""
    result = send(network, selector, server, count).end()
    assert result["outcome"] == "OK", result
    assert result["sent"] == result["received"] == count
    while (outcome := server.outcome()) != "EOF":
        assert outcome in before


def has(result, bits):
    return set(bits) <= set(result["seen"])


def test_nothing_wrong(network, selector, server):
    check_whole(network, selector, server, 5_000_000)
    assert server.end() == {"served": 1, "failed": 0}


def test_random_drop(network, selector, server):
    for name in ("near", "far"):
        network.rule(name, "input",
                     "numgen random mod 100 < 3 counter drop")
    check_whole(network, selector, server, 400_000)
    assert network.packets("near") + network.packets("far") > 3


def test_thin_line(network, selector, server):
    """2 Mbit a second, for 600 kB each way: writes find no room, and go on
    when there is some."""
    for name in ("near", "far"):
        network.shape(name, "tbf", "rate", "2mbit", "burst", "8kb",
                      "latency", "30ms")
        network.set(name, "tcp_wmem", "'4096 16384 32768'")
    client = send(network, selector, server, 600_000)
    result = client.end()
    assert result["outcome"] == "OK", result
    assert result["received"] == 600_000
    assert result["blocked"] > 5
    assert client.seconds > 600_000 * 8 / 2_000_000 * 0.8
    assert server.outcome() == "EOF"


def test_client_is_reset_in_mid_stream(network, selector, server):
    """What comes to the server is answered by a reset. The client hears it,
    by an event or by what it is just doing; the server hears it if it has
    something to send."""
    client = send(network, selector, server, ENDLESS)
    client.wait_begun()
    network.rule("far", "input",
                 "tcp dport 7000 counter reject with tcp reset")
    result = client.end()
    assert result["outcome"] in ("ECONNRESET", "EPIPE"), result
    assert result["stage"] == "transfer"
    assert network.packets("far") > 0
    network.heal("far")
    check_whole(network, selector, server, before=("ECONNRESET", "EPIPE"))


def test_server_is_reset_in_mid_stream(network, selector, server):
    """What comes back to the client is; and the client hears it as soon as it
    hears anything."""
    client = send(network, selector, server, ENDLESS)
    client.wait_begun()
    network.rule("near", "input",
                 "tcp sport 7000 counter reject with tcp reset")
    assert server.outcome() in ("ECONNRESET", "EPIPE")
    network.heal("near")
    result = client.end()
    assert result["outcome"] in ("ECONNRESET", "EPIPE"), result
    check_whole(network, selector, server)


@pytest.mark.parametrize("word, error", [
    ("icmp port-unreachable", "ECONNREFUSED"),
    ("icmp host-unreachable", "EHOSTUNREACH"),
    ("icmp net-unreachable", "ENETUNREACH"),
    ("icmp prot-unreachable", "ENOPROTOOPT"),
    ("tcp reset", "ECONNREFUSED"),
])
def test_unreachable(network, selector, server, word, error):
    """Connecting fails with an event in both directions; the error waits for
    take_error."""
    network.rule("far", "input", f"tcp dport 7000 reject with {word}")
    result = send(network, selector, server, 1000).end()
    assert (result["outcome"], result["stage"]) == (error, "connect")
    assert has(result, "RWE")
    network.heal("far")
    check_whole(network, selector, server)


def test_unreachable_in_mid_stream(network, selector, server):
    """To a connection that stands, unreachable is no error, but a delay."""
    for name in ("near", "far"):
        network.shape(name, "tbf", "rate", "4mbit", "burst", "8kb",
                      "latency", "30ms")
    client = send(network, selector, server, 1_500_000)
    client.wait_begun()
    network.rule("far", "input",
                 "tcp dport 7000 limit rate over 1/second burst 1 packets "
                 "counter reject with icmp host-unreachable")
    while network.packets("far") < 3:
        assert client.process.poll() is None
    network.heal("far")
    result = client.end()
    assert result["outcome"] == "OK", result
    assert result["received"] == 1_500_000


def test_datagram_to_nobody(network, selector):
    """A peer without the port: an event with an error, and ECONNREFUSED."""
    result = Client(network, program(), "datagram", selector,
                    f"{network.FAR}:7001", 10).end()
    assert result["outcome"] == "ECONNREFUSED"
    assert has(result, "RWE")


def test_datagram_lost(network, selector):
    """A datagram that is dropped is no error and no event."""
    network.rule("far", "input", "udp dport 7001 counter drop")
    result = Client(network, program(), "datagram", selector,
                    f"{network.FAR}:7001", 1).end()
    assert (result["outcome"], result["seen"]) == ("TIMEOUT", "")
    assert network.packets("far") == 1


def test_silence(network, selector, server):
    """Nothing arrives any more: after its retransmissions the kernel gives up,
    and says so by an event."""
    network.set("near", "tcp_retries2", "3")
    client = send(network, selector, server, ENDLESS)
    client.wait_begun()
    network.rule("near", "input", "counter drop")
    result = client.end()
    assert result["outcome"] == "ETIMEDOUT", result
    assert has(result, "RWE")


def test_connecting_to_silence(network, selector, server):
    network.set("near", "tcp_syn_retries", "1")
    network.rule("far", "input", "tcp dport 7000 counter drop")
    result = send(network, selector, server, 1000).end()
    assert (result["outcome"], result["stage"]) == ("ETIMEDOUT", "connect")
    assert has(result, "RWE")
    assert network.packets("far") >= 2


def test_line_vanishes(network, selector, server):
    """The link is deleted under a transfer. Both sides find out; on a new one
    the same server serves on."""
    for name in ("near", "far"):
        network.set(name, "tcp_retries2", "3")
    client = send(network, selector, server, ENDLESS)
    client.wait_begun()
    network.cut()
    result = client.end()
    assert result["outcome"] in ("ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH")
    assert has(result, "RWE")
    network.join()
    check_whole(network, selector, server,
                before=("ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH",
                        "ECONNRESET", "EPIPE"))


def test_peer_vanishes(network, selector):
    """The server is killed, with its whole namespace."""
    network.set("near", "tcp_retries2", "3")
    server = Server(network, program(), selector)
    client = send(network, selector, server, ENDLESS)
    client.wait_begun()
    server.process.kill()
    network.holders["far"].kill()
    result = client.end()
    server.process.communicate()
    # Its kernel may still have said goodbye for it.
    assert result["outcome"] in ("EOF", "ECONNRESET", "EPIPE", "ETIMEDOUT",
                                 "EHOSTUNREACH", "ENETUNREACH"), result
