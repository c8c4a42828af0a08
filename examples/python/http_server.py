"""The least of HTTP/1.1 that curl and browsers understand.

    http_server.py [ADDRESS]      127.0.0.1:0, any port, if there is none

    GET /            a line
    GET /bytes/N     N bytes: abc...zabc...

One request on a connection. Then the server ends its side and reads on until
the client has ended its own: to close a socket with bytes unread would reset
it, and the answer might be lost.
"""
import itertools
import re
import signal
import sys

from miopoll import Interest, Poll, Shutdown, TcpListener

LISTENER = 0
BOTH = Interest.READABLE | Interest.WRITABLE
LINE = b"Hello from libmiopoll!\n"
LETTERS = memoryview(b"abcdefghijklmnopqrstuvwxyz" * 2520)
MOST = 8192  # Bytes of a request.


def answer_to(request):
    """Status, text, and how many letters behind it."""
    method, path = re.match(rb"(\S*) ?(\S*)", request).groups()
    if method != b"GET":
        return "405 Method Not Allowed", b"GET it.\n", 0
    if path == b"/":
        return "200 OK", LINE, 0
    count = re.fullmatch(rb"/bytes/(\d{1,12})", path)
    if count:
        return "200 OK", b"", int(count[1])
    return "404 Not Found", b"Not here.\n", 0


def serve(stream):
    """A client's life; it stops where it would have to wait."""
    request = b""
    while b"\r\n\r\n" not in request and len(request) < MOST:
        piece = yield from until_done(stream.read)
        if not piece:
            return
        request += piece
    status, text, letters = answer_to(request)
    head = (f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length:"
            f" {len(text) + letters}\r\nConnection: close\r\n\r\n")
    rest, at = memoryview(head.encode() + text), 0
    while rest or at < letters:
        body = LETTERS[at % 26:][:letters - at]
        taken = yield from until_done(stream.write_vectored, [rest, body])
        at += max(0, taken - len(rest))
        rest = rest[taken:]
    stream.shutdown(Shutdown.WRITE)
    while (yield from until_done(stream.read)):
        pass


def until_done(function, *arguments):
    while (result := function(*arguments)) is None:
        yield
    return result


def go_on(client):
    """Whether it stays."""
    try:
        next(client)
    except (StopIteration, OSError):
        return False
    return True


def main(address):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit())  # Out of the wait, too.
    clients, serials = {}, itertools.count(1)  # No token twice.

    def accept_all():
        try:
            while (connection := listener.accept()) is not None:
                stream, token = connection[0], next(serials)
                poll.register(stream, token, BOTH)
                clients[token] = stream, serve(stream)
        except OSError as error:  # Again when a client has left.
            print(f"accept: {error.strerror}", file=sys.stderr)

    with TcpListener.bind(address) as listener, Poll() as poll:
        poll.register(listener, LISTENER, Interest.READABLE)
        print("listening on %s:%d" % listener.local_addr()[:2], flush=True)
        while True:
            for token, _ in poll.poll():
                if token in clients:
                    stream, client = clients[token]
                    if go_on(client):
                        continue
                    stream.close()  # Which deregisters it.
                    del clients[token]
                accept_all()


main(sys.argv[1] if sys.argv[1:] else "127.0.0.1:0")
