"""A TCP echo server on miopoll: echo.py [PORT]; without it, or 0, any port.

A client waits for one direction at a time: to read while nothing is left to
write back, else to write, and then it reads no more: that is back-pressure.
So it can be level-triggered, which needs no draining, and does not spin."""
import itertools, signal, sys
from miopoll import Interest, Poll, TcpListener

READ = Interest.READABLE | Interest.LEVEL
WRITE = Interest.WRITABLE | Interest.LEVEL
LISTEN = Interest.READABLE | Interest.ONESHOT  # Deaf until it is armed again.
LISTENER = 0
SERIAL = itertools.count(1)  # No token twice: a stale event finds no client.

def accept_all():
    try:
        while (connection := listener.accept()) is not None:
            stream, token = connection[0], next(SERIAL)
            stream.set_nodelay(True)
            poll.register(stream, token, READ)
            clients[token] = stream, READ, b""
        poll.reregister(listener, LISTENER, LISTEN)
    except OSError:
        pass  # No descriptors. Deaf until a client leaves, or a quiet second.

def serve(token, stream, interest, rest):
    try:
        rest = rest or stream.read()
        if rest == b"":
            raise EOFError
        if rest:  # And not None, which is: nothing yet.
            rest = memoryview(rest)[stream.write(rest) or 0:]
    except (EOFError, OSError):
        stream.close()  # Which deregisters it.
        del clients[token]
        return accept_all()
    wanted = WRITE if rest else READ
    if wanted != interest:
        poll.reregister(stream, token, wanted)
    clients[token] = stream, wanted, rest

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: sys.exit())  # Out of the wait, too.
clients, address = {}, ("127.0.0.1", int(sys.argv[1] if sys.argv[1:] else 0))
with Poll() as poll, TcpListener.bind(address, backlog=4096) as listener:
    poll.register(listener, LISTENER, LISTEN)
    print("listening on %s:%d" % listener.local_addr(), flush=True)
    while True:
        for token, _ in poll.poll(1) or [(LISTENER, 0)]:
            if token == LISTENER:
                accept_all()
            elif token in clients:
                serve(token, *clients[token])
