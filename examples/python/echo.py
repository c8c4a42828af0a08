"""A TCP echo server on miopoll: echo.py [PORT]; without it, or 0, any port.

A client waits for one direction at a time: to read while nothing is left to
write back, else to write, and then it reads no more: that is back-pressure.
So it can be level-triggered, which needs no draining, and does not spin."""
import itertools, signal, socket, sys
from miopoll import Interest, Poll

READ = Interest.READABLE | Interest.LEVEL
WRITE = Interest.WRITABLE | Interest.LEVEL
LISTEN = Interest.READABLE | Interest.ONESHOT  # Deaf until it is armed again.
LISTENER = 0
SERIAL = itertools.count(1)  # No token twice: a stale event finds no client.

def accept_all():
    try:
        while True:
            sock, token = listener.accept()[0], next(SERIAL)
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            poll.register(sock, token, READ)
            clients[token] = sock, READ, b""
    except BlockingIOError:
        poll.reregister(listener, LISTENER, LISTEN)
    except OSError:
        pass  # No descriptors. Deaf until a client leaves, or a quiet second.

def serve(token, sock, interest, rest):
    try:
        rest = rest or memoryview(sock.recv(65536))
        if not rest:
            raise EOFError
        rest = rest[sock.send(rest):]
    except BlockingIOError:
        pass
    except (EOFError, OSError):
        poll.deregister(sock)  # Always before the close.
        sock.close()
        del clients[token]
        return accept_all()
    wanted = WRITE if rest else READ
    if wanted != interest:
        poll.reregister(sock, token, wanted)
    clients[token] = sock, wanted, rest

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: sys.exit())  # Out of the wait, too.
clients, address = {}, ("127.0.0.1", int(sys.argv[1] if sys.argv[1:] else 0))
with Poll() as poll, socket.create_server(address, backlog=4096) as listener:
    listener.setblocking(False)
    poll.register(listener, LISTENER, LISTEN)
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        for token, _ in poll.poll(1) or [(LISTENER, 0)]:
            if token == LISTENER:
                accept_all()
            elif token in clients:
                serve(token, *clients[token])
