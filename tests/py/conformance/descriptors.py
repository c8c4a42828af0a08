"""Descriptors of every kind that the cases watch: Python's own sockets, and
plain descriptors with the few methods of a socket that the cases use."""

import errno
import os
import socket
import struct
import tempfile

PIECE = 65536
LOCALHOST = ("127.0.0.1", 0)


class Plain:
    """A descriptor that is no socket."""

    def __init__(self, fd):
        os.set_blocking(fd, False)
        self.fd = fd

    def fileno(self):
        return self.fd

    def recv(self, size):
        return os.read(self.fd, size)

    def send(self, data):
        return os.write(self.fd, data)

    def dup(self):
        return Plain(os.dup(self.fd))

    def close(self):
        os.close(self.fd)
        self.fd = -1


def unblocked(sock):
    sock.setblocking(False)
    return sock


# ------------------------------------------------------------------ two ends


def pair():
    return map(unblocked, socket.socketpair())


def dgram():
    return map(unblocked, socket.socketpair(type=socket.SOCK_DGRAM))


def pipe():
    return map(Plain, os.pipe())


def tcp():
    with socket.create_server(LOCALHOST) as server:
        first = socket.create_connection(server.getsockname())
        second, _ = server.accept()
    return unblocked(first), unblocked(second)


def udp():
    first, second = bound(socket.SOCK_DGRAM), bound(socket.SOCK_DGRAM)
    first.connect(second.getsockname())
    second.connect(first.getsockname())
    return first, second


# ------------------------------------------------------------------- one end


def bound(kind=socket.SOCK_STREAM):
    sock = unblocked(socket.socket(type=kind))
    sock.bind(LOCALHOST)
    return sock


def unbound():
    return unblocked(socket.socket())


def listen():
    return unblocked(socket.create_server(LOCALHOST))


def listen_unix():
    sock = unblocked(socket.socket(socket.AF_UNIX))
    sock.bind("")
    sock.listen()
    return sock


def refused():
    with bound() as nobody:
        return connect(nobody)


def regular_file():
    with tempfile.TemporaryFile() as file:
        return Plain(os.dup(file.fileno()))


def directory():
    return Plain(os.open("/", os.O_RDONLY))


def null():
    return Plain(os.open("/dev/null", os.O_RDWR))


def mounts():
    return Plain(os.open("/proc/self/mounts", os.O_RDONLY))


# -------------------------------------------------------------- from another


def connect(listener):
    sock = unblocked(socket.socket(listener.family))
    number = sock.connect_ex(listener.getsockname())
    if number not in (0, errno.EINPROGRESS):
        sock.close()
        raise OSError(number, os.strerror(number))
    return sock


def accept(listener):
    sock, _ = listener.accept()
    return unblocked(sock)


def dup(other):
    return other.dup()


# ----------------------------------------------------------------- transfers


def write(source, size=1):
    return "OK" if source.send(bytes(size)) == size else "SHORT"


def read(source, size):
    got = len(source.recv(size))
    return "OK" if got == size else "SHORT" if got else "EOF"


def drain(source):
    try:
        while source.recv(PIECE):
            pass
    except BlockingIOError:
        return "OK"
    return "EOF"


def fill(source):
    """In large pieces first, then byte by byte into what room is left."""
    for size in (PIECE, 1):
        try:
            while True:
                source.send(bytes(size))
        except BlockingIOError:
            pass


def oob(thing):
    """Of a socket, or of a source that is one."""
    with socket.socket(fileno=os.dup(thing.fileno())) as sock:
        sock.send(b"!", socket.MSG_OOB)


def shutdown(sock, how):
    sock.shutdown({"read": socket.SHUT_RD, "write": socket.SHUT_WR,
                   "both": socket.SHUT_RDWR}[how])


def so_error(sock):
    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        raise OSError(number, os.strerror(number))


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    sock.close()


def leak():
    os.open("/dev/null", os.O_RDONLY)


def count():
    """How many are open, the one that looks included."""
    return len(os.listdir("/proc/self/fd"))


# Of each verb that makes descriptors: by what, and how many.
MAKERS = {
    "pair": (pair, 2),
    "dgram": (dgram, 2),
    "pipe": (pipe, 2),
    "tcp": (tcp, 2),
    "udp": (udp, 2),
    "socket": (unbound, 1),
    "listen": (listen, 1),
    "listen-unix": (listen_unix, 1),
    "refused": (refused, 1),
    "file": (regular_file, 1),
    "directory": (directory, 1),
    "null": (null, 1),
    "mounts": (mounts, 1),
    "connect": (connect, 1),
    "accept": (accept, 1),
    "dup": (dup, 1),
}
# Of each verb that uses an open one: by what.
USES = {
    "write": write,
    "read": read,
    "drain": drain,
    "fill": fill,
    "oob": oob,
    "shutdown": shutdown,
    "so-error": so_error,
}
