"""What the example servers do in every language, driven by programs that are
not ours: nc, socat and curl; on every selector. The suites of the languages
import the classes that hold for them, and have a fixture `language`."""

import os
import re
import signal
import socket
import subprocess
import time

import pytest
from servers import (
    GREETING, LIMIT, Example, begin_socat, curl, curl_words, eventually,
    inherit, letters, nc, reset, run, said, socat_datagram, with_descriptors)

SPOKEN = b"one\n\xc3\\two\n"
PATIENCE = 60  # Seconds for one test.


def too_long(_signal, _frame):
    raise TimeoutError("it did not come to an end")


class Behaviour:
    """The fixtures. What a server complains is a failure, and so is its end,
    unless the test has stopped it."""

    @pytest.fixture(params=["epoll", "poll"])
    def selector(self, request):
        return request.param

    @pytest.fixture
    def start(self, language, selector):
        servers = []

        def start_one(name, **keywords):
            servers.append(Example(language, name, selector, **keywords))
            return servers[-1]

        signal.signal(signal.SIGALRM, too_long)
        signal.alarm(PATIENCE)
        try:
            yield start_one
            for server in servers:
                if not server.stopped:
                    assert server.stop() == []
        finally:
            signal.alarm(0)
            for server in servers:
                server.clear()


class Greeting(Behaviour):
    """tcp_server and tcp_listenfd_server."""

    @pytest.fixture(params=["tcp_server", "tcp_listenfd_server"])
    def greeter(self, request, start):
        if request.param == "tcp_server":
            yield start("tcp_server")
            return
        with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
            yield start("tcp_listenfd_server",
                        **inherit(listener, LISTEN_FDS="1"))


class TestGreeters(Greeting):
    def test_nc_is_greeted_and_heard(self, language, greeter):
        assert nc(greeter, SPOKEN) == GREETING
        lines = greeter.lines(": closed")
        who = lines[0].removesuffix(": connected")
        assert re.fullmatch(r"127\.0\.0\.1:\d+", who)
        assert lines == [f"{who}: connected", f"{who}: {language.line}",
                         f"{who}: closed"]
        assert greeter.stop() == []

    def test_socat_sends_much_and_all_of_it_is_heard(self, language, greeter,
                                                     tmp_path):
        sent = language.much()
        (tmp_path / "sent").write_bytes(sent)
        client = begin_socat(greeter, tmp_path / "sent")
        # Read at once: the server prints more than fits into the pipe.
        heard = said(language, greeter.lines(": closed"))
        assert client.communicate(timeout=10)[0] == GREETING
        assert list(heard.values()) == [sent]

    def test_many_clients_at_once(self, language, greeter):
        clients = [subprocess.Popen(
            ["nc", "-N", "127.0.0.1", str(greeter.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(30)]
        before = [line for _ in clients
                  for line in greeter.lines(": connected")]
        assert len(before) == 30
        for number, client in enumerate(clients):
            assert client.communicate(b"%d" % number, timeout=10)[0] == \
                GREETING
        lines = [line for _ in clients for line in greeter.lines(": closed")]
        heard = said(language, lines).values()
        assert sorted(map(int, heard)) == list(range(30))
        assert greeter.stop() == []

    def test_a_reset_is_told(self, language, greeter):
        peer = greeter.connect()
        assert peer.recv(100) == GREETING
        reset(peer)
        connected, told = greeter.lines(": connected") + greeter.lines("")
        assert told == connected.replace("connected", language.reset)

    def test_a_client_that_is_idle_costs_nothing(self, greeter):
        with greeter.connect() as peer:
            assert peer.recv(100) == GREETING
            before = greeter.seconds_of_processor()
            time.sleep(0.3)
            assert greeter.seconds_of_processor() - before < 0.1
            assert greeter.stop() == []
            assert peer.recv(1) == b""


class TestSignals(Greeting):
    """Of the languages whose servers catch them."""

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_it_ends_with_a_client_that_is_idle(self, greeter, number):
        with greeter.connect() as peer:
            assert peer.recv(100) == GREETING
            assert greeter.stop(number) == []
            assert peer.recv(1) == b""


class TestHandingOver(Behaviour):
    """tcp_listenfd_server, and what it inherits."""

    def test_a_client_that_came_before_the_server_is_served(self, start):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            for _ in range(2):  # The second is the first, started anew.
                with socket.create_connection(listener.getsockname(),
                                              10) as peer:
                    server = start("tcp_listenfd_server",
                                   **inherit(listener, LISTEN_FDS="1"))
                    assert peer.recv(100) == GREETING
                    assert server.stop() == []

    def test_the_process_that_is_named_takes_the_listener(self, start):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = start(
                "tcp_listenfd_server",
                prefix=["sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"'],
                **inherit(listener, LISTEN_FDS="1"))
            assert nc(server, b"x") == GREETING

    def refused(self, language, selector, inherited, environment):
        """Status and complaint of a server that does not start."""
        keywords = inherit(inherited)
        keywords["env"] = {**os.environ, "MIOPOLL_SELECTOR": selector,
                           **keywords.pop("environment"), **environment}
        done = subprocess.run(
            language.command("tcp_listenfd_server"), capture_output=True,
            text=True, timeout=LIMIT, **keywords)
        assert done.stdout == ""
        return done.returncode, done.stderr

    @pytest.mark.parametrize("environment", [
        {}, {"LISTEN_FDS": "0"}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}])
    def test_a_listener_that_is_not_for_it_is_not_taken(
            self, language, selector, environment):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            status, errors = self.refused(language, selector, listener,
                                          environment)
        assert status == language.not_handed_over
        assert errors.startswith("no listener was handed over")

    @pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
    def test_what_is_no_listener_is_not_taken(self, language, selector, kind):
        with socket.socket(socket.AF_INET, kind) as other:
            status, errors = self.refused(language, selector, other,
                                          {"LISTEN_FDS": "1"})
        assert status == 1
        assert re.fullmatch(language.no_listener, errors, re.DOTALL)


class TestScarcity(Behaviour):
    """Who waits for a descriptor is served when one comes free."""

    def test_of_a_greeter(self, language, start):
        server = start("tcp_server", prefix=with_descriptors(12))
        peers = [server.connect() for _ in range(15)]
        for peer in peers:  # Each that leaves lets one in.
            assert peer.recv(100) == GREETING
            peer.close()
        assert [line for _ in peers for line in server.lines(": closed")]
        assert set(server.stop()) == {language.no_descriptors}

    def test_of_an_echo(self, start):
        server = start("echo", prefix=with_descriptors(16))
        peers = [server.connect() for _ in range(20)]
        for number, peer in enumerate(peers):
            peer.sendall(b"%d" % number)
            assert peer.recv(100) == b"%d" % number
            peer.close()
        assert server.stop() == []


class TestDatagrams(Behaviour):
    """udp_server."""

    def test_nc_gets_its_datagram_back(self, start):
        server = start("udp_server")
        assert run("nc", "-u", "-W", "1", "127.0.0.1", str(server.port),
                   given=b"a datagram\n") == b"a datagram\n"
        assert server.stop() == []

    @pytest.mark.parametrize("size", [1, 1400, 65000])
    def test_socat_gets_its_datagram_back(self, start, size):
        server = start("udp_server")
        sent = os.urandom(size)
        assert socat_datagram(server, sent) == sent

    def test_many_and_empty_ones_after_some_of_who_is_gone(self, start):
        server = start("udp_server")
        where = ("127.0.0.1", server.port)
        for _ in range(20):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
                peer.sendto(b"x", where)
        sent = [b"%d" % n if n % 5 else b"" for n in range(100)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(10)
            peer.connect(where)
            for datagram in sent:
                peer.send(datagram)
            assert [peer.recv(100) for _ in sent] == sent
        assert server.stop() == []


class TestPages(Behaviour):
    """http_server."""

    def test_curl_gets_a_page(self, start):
        server = start("http_server")
        assert curl(server, "/") == (200, GREETING)
        assert server.stop() == []

    @pytest.mark.parametrize("size", [0, 1, 26 * 1024 + 1, 20_000_000])
    def test_curl_gets_as_much_as_it_asks_for(self, start, size):
        status, body = curl(start("http_server"), f"/bytes/{size}")
        assert (status, len(body)) == (200, size)
        assert body == letters(size)

    def test_nothing_comes_behind_what_was_asked_for(self, start):
        # Which curl would not read.
        got = nc(start("http_server"), b"GET /bytes/60000 HTTP/1.1\r\n\r\n")
        assert got.partition(b"\r\n\r\n")[2] == letters(60000)

    def test_others_are_served_while_curl_is_slow(self, start):
        server = start("http_server")
        slow = subprocess.Popen(
            curl_words(server, "/bytes/20000000", "--limit-rate", "20M"),
            bufsize=0, stdout=subprocess.PIPE)
        first = slow.stdout.read(1)
        assert curl(server, "/") == (200, GREETING)
        assert slow.poll() is None
        assert first + slow.communicate(timeout=20)[0] == letters(20_000_000)

    def test_curls_at_once(self, start):
        server = start("http_server")
        before = server.descriptors()
        got = run(*curl_words(
            server, "/bytes/[100000-100049]", "-Z", "--parallel-max", "50",
            "-o", "/dev/null", "-w", "%{http_code} %{size_download}\n"))
        assert sorted(got.decode().split("\n")) == \
            ["", *(f"200 {size}" for size in range(100000, 100050))]
        eventually(lambda: server.descriptors() == before)
        assert server.stop() == []

    def test_curl_is_told_what_is_wrong(self, language, start):
        server = start("http_server")
        for path, options, answer in language.wrong_requests:
            assert curl(server, path, *options) == answer, (path, options)
        assert curl(server, "/") == (200, GREETING)

    def test_nc_is_told_that_it_speaks_no_http(self, language, start):
        server = start("http_server")
        assert nc(server, b"hey\r\n\r\n").startswith(language.no_http)
        assert curl(server, "/") == (200, GREETING)


class TestEndsOfRequests(Behaviour):
    """http_server, where it reads on to the end of what a client says."""

    def test_an_answer_is_not_lost_behind_a_body_that_nobody_reads(self,
                                                                   start):
        server = start("http_server")
        # curl and nc would read the answer as soon as it is there; this does
        # not, and a reset would break the sending.
        with server.connect() as peer:
            peer.sendall(b"POST / HTTP/1.1\r\n\r\n" + b"x" * 5_000_000)
            peer.shutdown(socket.SHUT_WR)
            got = b""
            while piece := peer.recv(1 << 16):
                got += piece
        assert got.startswith(b"HTTP/1.1 405 ") and got.endswith(b"GET it.\n")

    def test_half_of_a_request_is_not_answered(self, start):
        server = start("http_server")
        assert nc(server, b"GET /") == b""
        assert curl(server, "/") == (200, GREETING)


class TestEcho(Behaviour):
    """echo; more of it in tests/demo/test_echo.py."""

    def test_socat_hears_itself(self, start, tmp_path):
        server = start("echo")
        sent = os.urandom(3_000_000)
        (tmp_path / "sent").write_bytes(sent)
        client = begin_socat(server, tmp_path / "sent")
        assert client.communicate(timeout=LIMIT)[0] == sent
        assert server.stop() == []
