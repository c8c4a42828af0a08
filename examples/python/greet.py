"""What tcp_server.py and tcp_listenfd_server.py do with a listener: each client
gets a line, and then is listened to; all that it says is printed behind its
address."""
import itertools
import signal
import sys

from miopoll import Interest, Poll

LISTENER = 0
GREETING = b"Hello from libmiopoll!\n"


class Client:
    """A connection, edge-triggered: each turn goes on until it would block."""

    def __init__(self, poll, stream, token, peer):
        self.poll, self.stream, self.token = poll, stream, token
        self.name = "%s:%d" % peer[:2]
        self.unsent = memoryview(GREETING)
        print(f"{self.name}: connected")
        poll.register(stream, token, Interest.WRITABLE)

    def greet(self):
        while self.unsent:
            taken = self.stream.write(self.unsent)
            if taken is None:
                return
            self.unsent = self.unsent[taken:]
        # If it has spoken already, that is told at once.
        self.poll.reregister(self.stream, self.token, Interest.READABLE)

    def hear(self):
        while (said := self.stream.read()) is not None:
            if not said:
                raise EOFError("closed")
            print(f"{self.name}: {said.decode(errors='backslashreplace')!r}")

    def turn(self):
        """Whether it stays."""
        try:
            self.greet() if self.unsent else self.hear()
        except (EOFError, OSError) as error:
            print(f"{self.name}: {getattr(error, 'strerror', None) or error}")
            self.stream.close()  # Which deregisters it.
            return False
        return True


def accept_all(poll, listener, clients, serials):
    try:
        while (connection := listener.accept()) is not None:
            stream, peer = connection
            token = next(serials)
            clients[token] = Client(poll, stream, token, peer)
    except OSError as error:  # No descriptors: again when a client has left.
        print(f"accept: {error.strerror}", file=sys.stderr)


def greet(listener):
    """Serves until SIGINT or SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit())  # Out of the wait, too.
    sys.stdout.reconfigure(line_buffering=True)
    clients, serials = {}, itertools.count(1)  # No token twice.
    with listener, Poll() as poll:
        poll.register(listener, LISTENER, Interest.READABLE)
        print("listening on %s:%d" % listener.local_addr()[:2])
        while True:
            for token, _ in poll.poll():
                client = clients.get(token)
                if client is not None:
                    if client.turn():
                        continue
                    del clients[token]
                accept_all(poll, listener, clients, serials)
