"""The steps of the chapter "Sources" of docs/conformance.md, on the public
package. Each verb is a method that looks up the names of its step, and returns
what there is to do then."""

import errno
import fcntl
import itertools
import os
import resource
import shutil
import socket
import stat
import tempfile

import caseformat
import miopoll
from caseformat import Failure
from descriptors import PIECE, Plain

CLASSES = dict(zip(caseformat.KINDS, [
    None, miopoll.TcpListener, miopoll.TcpStream, miopoll.UdpSocket,
    miopoll.UnixListener, miopoll.UnixStream, miopoll.UnixDatagram,
    miopoll.Sender, miopoll.Receiver]))
DATAGRAMS = (miopoll.UdpSocket, miopoll.UnixDatagram)
PATTERN = 0xa5
SERIAL = itertools.count()


class Borrowed:
    """A descriptor of a source's, which closes it; as sockets and files are."""

    def __init__(self, fd):
        self.inner = wrapped(fd)

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def close(self):
        """The number may be another's by now."""
        if isinstance(self.inner, socket.socket):
            self.inner.detach()


def wrapped(fd):
    """A descriptor as Python has it, with its flags as they are."""
    if stat.S_ISSOCK(os.fstat(fd).st_mode):
        return socket.socket(fileno=fd)
    plain = Plain.__new__(Plain)
    plain.fd = fd
    return plain


def would_block():
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def word_of(count, asked, none):
    if count is None:
        would_block()
    return "OK" if count == asked else "SHORT" if count else none


def check_flags(fd, born=True):
    flags = (not os.get_blocking(fd),
             bool(fcntl.fcntl(fd, fcntl.F_GETFD) & fcntl.FD_CLOEXEC))
    if flags != (born, born):
        raise Failure("outcome", f"non-blocking, close-on-exec: {flags}")


def check_equal(got, wanted):
    if got != wanted:
        raise Failure("outcome", f"gave {got!r}, not {wanted!r}")


def check_rest(buffer, count):
    """No byte was written beyond those that came."""
    if any(byte != PATTERN for byte in buffer[count:]):
        raise Failure("outcome", "a byte too many was written")


def check_size(size):
    if size > PIECE:
        raise Failure("format", f"{size} bytes are too many")


def total(sizes, buffer):
    """Of the buffers of a vectored step."""
    if buffer is not None:
        raise Failure("format", "Python has no NULL")
    for size in sizes:
        check_size(size)
    return sum(sizes)


class Amount:
    """What a step moves: so many bytes, or `data`."""

    def __init__(self, size, data, buffer, default=None):
        if buffer is not None:
            raise Failure("format", "Python has no NULL")
        self.data = data and data.encode()
        self.size = len(self.data) if data else default if size is None \
            else size
        check_size(self.size)

    def bytes(self):
        return self.data or bytes(self.size)

    def check(self, got):
        if self.data is not None and not self.data.startswith(got):
            raise Failure("outcome", f"gave {got!r}")


class Sources:
    """What the engine has for sources."""

    folder = None  # Of the case's paths.
    limit = None  # Of descriptors, while it is lowered.

    def end_sources(self):
        """After all is closed."""
        self.exhaust_off()
        if self.folder is not None:
            shutil.rmtree(self.folder)
            self.folder = None

    # ----------------------------------------------------------------- words

    def is_source(self, name):
        named = self.names.get(name)
        return bool(named and named.open
                    and isinstance(named.thing, miopoll.Source))

    def own(self, name):
        return self.find(name, miopoll.Source)

    def fresh(self, word):
        """The text that `unix:*` and its like stand for."""
        if word.startswith("unix:@*"):
            name = word[7:] or f"-{next(SERIAL)}"
            return f"unix:@miopoll-{os.getpid()}-{self.serial}-{name}"
        if self.folder is None:
            self.folder = tempfile.mkdtemp(prefix="mio-")
        return f"unix:{self.folder}/{word[6:] or next(SERIAL)}"

    def addr(self, word):
        """The Addr that a word stands for."""
        if word.startswith("of:"):
            return self.local(word[3:])
        if word.startswith(("unix:*", "unix:@*")):
            return miopoll.Addr(self.fresh(word))
        ip, of, name = word.partition(":of:")
        if of:
            word = f"{ip}:{self.own(name).local_addr()[1]}"
        try:
            return miopoll.Addr("unix:" if word == "unnamed" else word)
        except ValueError as error:
            raise Failure("format", str(error)) from None

    def local(self, name):
        source = self.own(name)
        try:
            value = source.local_addr()
        except OSError as error:
            raise Failure("outcome", f"{name} has no address: {error}"
                          ) from None
        return value_addr(source, value)

    def check_addr(self, word, got):
        if word != "any":
            check_equal(got, self.addr(word).value)

    # ---------------------------------------------------------------- making

    def keep(self, name, source, kind):
        self.define(name, source)
        if type(source) is not kind:
            raise Failure("outcome", f"it is a {type(source).__name__}")
        check_flags(source.fileno())

    def tcp_listener(self, name, addr="127.0.0.1:0", backlog=0):
        return self.bound(name, miopoll.TcpListener, addr, backlog=backlog)

    def unix_listener(self, name, addr="unix:*", backlog=0):
        return self.bound(name, miopoll.UnixListener, addr, backlog=backlog)

    def udp_socket(self, name, addr="127.0.0.1:0"):
        return self.bound(name, miopoll.UdpSocket, addr)

    def unix_datagram(self, name, addr=None):
        if addr is not None:
            return self.bound(name, miopoll.UnixDatagram, addr)
        return lambda: self.keep(name, miopoll.UnixDatagram.unbound(),
                                 miopoll.UnixDatagram)

    def bound(self, name, kind, addr, **keys):
        addr = self.addr(addr)
        return lambda: self.keep(name, kind.bind(addr, **keys), kind)

    def tcp_stream(self, name, addr):
        return self.connected(name, miopoll.TcpStream, addr)

    def unix_stream(self, name, addr):
        return self.connected(name, miopoll.UnixStream, addr)

    def connected(self, name, kind, addr):
        addr = self.addr(addr)
        return lambda: self.keep(name, kind.connect(addr), kind)

    def unix_stream_pair(self, name, other):
        return lambda: self.two(name, other, *miopoll.UnixStream.pair())

    def unix_datagram_pair(self, name, other):
        return lambda: self.two(name, other, *miopoll.UnixDatagram.pair())

    def pipe_sources(self, name, other):
        return lambda: self.two(name, other, *reversed(miopoll.pipe()))

    def two(self, name, other, first, second):
        kinds = {"Receiver": miopoll.Sender}
        kind = type(first)
        self.keep(name, first, kind)
        self.keep(other, second, kinds.get(kind.__name__, kind))

    def accept_source(self, name, listener, peer=None):
        listener = self.own(listener)
        kind = (miopoll.TcpStream if isinstance(listener, miopoll.TcpListener)
                else miopoll.UnixStream)

        def action():
            stream, address = listener.accept() or would_block()
            self.keep(name, stream, kind)
            if peer is not None:
                self.check_addr(peer, address)
        return action

    # ----------------------------------------------------------- descriptors

    def from_fd(self, name, fd, kind):
        named = self.names.get(fd)
        if not isinstance(fd, int):
            if (not named or named.number is None
                    or isinstance(named.thing, (int, Borrowed))):
                raise Failure("format", f"{fd} is no descriptor to give")
            fd = named.number
        kind = self.class_of(kind)

        def action():
            source = kind.from_fd(fd)
            if named and named.open:
                named.open = False
                given_away(named.thing)
            self.keep(name, source, kind)
        return action

    def class_of(self, kind):
        if CLASSES.get(kind) is None:
            raise Failure("format", f"there is no class for {kind}")
        return CLASSES[kind]

    def into_fd(self, name, source):
        source = self.own(source)
        return lambda: self.define(name, wrapped(source.into_fd()))

    def source_fd(self, name, source):
        source = self.own(source)
        return lambda: self.define(name, Borrowed(source.fileno()))

    def any_fd(self, name):
        return (self.own if self.is_source(name) else self.descriptor)(name)

    def kind(self, name, kind):
        source, kind = self.own(name), self.class_of(kind)
        return lambda: check_equal(type(source), kind)

    def blocking(self, name):
        fd = self.descriptor(name).fileno()

        def action():
            os.set_blocking(fd, True)
            os.set_inheritable(fd, True)
        return action

    def flags(self, name, none=None):
        thing = self.any_fd(name)
        return lambda: check_flags(thing.fileno(), none is None)

    # ------------------------------------------------------------- transfers

    def read_source(self, name, size=None, data=None, buffer=None):
        source = self.own(name)
        if isinstance(source, DATAGRAMS):
            calls = source.recv, source.recv_into
        else:
            calls = source.read, source.read_into
        return self.reading(*calls, size, data, buffer)

    def peek(self, name, size=None, data=None, buffer=None):
        source = self.own(name)
        return self.reading(source.peek, source.peek_into, size, data, buffer)

    def reading(self, read, read_into, size, data, buffer):
        """With `data` the bytes are looked at, else the buffer is."""
        amount = Amount(size, data, buffer)

        def by_bytes():
            got = read(amount.size)
            if got is not None:
                amount.check(got)
            return word_of(None if got is None else len(got), amount.size,
                           "EOF")

        def by_buffer():
            room = bytearray([PATTERN]) * amount.size
            count = read_into(room)
            check_rest(room, count or 0)
            return word_of(count, amount.size, "EOF")
        return by_bytes if data else by_buffer

    def recv_from(self, name, *args, peer=None, **keys):
        source = self.own(name)
        return self.receiving(source.recv_from, source.recv_from_into, args,
                              keys, peer)

    def peek_from(self, name, *args, peer=None, **keys):
        source = self.own(name)
        return self.receiving(source.peek_from, source.peek_from_into, args,
                              keys, peer)

    def receiving(self, read, read_into, args, keys, peer):
        """As reading(), and then the sender is looked at."""
        peers = []

        def without_peer(call):
            def called(what):
                got, address = call(what) or would_block()
                peers.append(address)
                return got
            return called

        size = args[0] if args else None
        action = self.reading(without_peer(read), without_peer(read_into),
                              size, keys.get("data"), keys.get("buffer"))

        def then_peer():
            word = action()
            if peer is not None:
                self.check_addr(peer, peers[-1])
            return word
        return then_peer

    def write_source(self, name, size=None, data=None, buffer=None):
        source, amount = self.own(name), Amount(size, data, buffer, 1)
        write = source.send if isinstance(source, DATAGRAMS) else source.write
        return lambda: word_of(write(amount.bytes()), amount.size, "SHORT")

    def send_to(self, name, size=None, addr=None, data=None, buffer=None):
        source, amount = self.own(name), Amount(size, data, buffer, 1)
        addr = self.addr(addr)
        return lambda: word_of(source.send_to(amount.bytes(), addr),
                               amount.size, "SHORT")

    def read_vectored(self, name, *sizes, data=None, buffer=None):
        source, asked = self.own(name), total(sizes, buffer)
        wanted = data and data.encode()

        def action():
            rooms = [bytearray([PATTERN]) * size for size in sizes]
            count = source.read_vectored(rooms)
            whole = b"".join(rooms)
            check_rest(whole, count or 0)
            if count and wanted and not wanted.startswith(whole[:count]):
                raise Failure("outcome", f"gave {whole[:count]!r}")
            return word_of(count, asked, "EOF")
        return action

    def write_vectored(self, name, *sizes, data=None, buffer=None):
        source, asked = self.own(name), total(sizes, buffer)
        rest = memoryview(data.encode() if data else bytes(asked))
        if len(rest) != asked:
            raise Failure("format", f"{data} does not fit")
        parts = []
        for size in sizes:
            parts.append(rest[:size])
            rest = rest[size:]
        return lambda: word_of(source.write_vectored(parts), asked, "SHORT")

    def drain_source(self, name):
        source = self.own(name)

        def action():
            while (got := source.read(PIECE)):
                pass
            return "OK" if got is None else "EOF"
        return action

    def fill_source(self, name):
        source = self.own(name)
        write = source.send if isinstance(source, DATAGRAMS) else source.write

        def action():
            for size in (PIECE, 1):
                while write(bytes(size)) is not None:
                    pass
        return action

    # ------------------------------------------------------------- the rest

    def shutdown_source(self, name, how):
        source = self.own(name)
        if not isinstance(how, str):
            raise Failure("format", f"cannot shut down {how}")
        how = miopoll.Shutdown[how.upper()]
        return lambda: source.shutdown(how)

    def so_error_source(self, name):
        source = self.own(name)

        def action():
            error = source.take_error()
            if error is not None:
                raise error
        return action

    def would_block(self, name, interest):
        source = self.own(name)
        return lambda: source.try_io(lambda: None, interest)

    def connect_to(self, name, addr):
        source, addr = self.own(name), self.addr(addr)
        return lambda: source.connect(addr)

    def local_addr(self, name, word):
        source = self.own(name)
        return lambda: self.check_addr(word, source.local_addr())

    def peer_addr(self, name, word):
        source = self.own(name)
        return lambda: self.check_addr(word, source.peer_addr())

    def set(self, name, option, value):
        source = self.own(name)
        return lambda: getattr(source, method_of("set_", option))(value)

    def get(self, name, option, value=None):
        source = self.own(name)

        def action():
            got = getattr(source, method_of("", option))()
            if value is None:
                raise Failure("format", "it has no value to compare")
            check_equal(int(got), value)
        return action

    def join_multicast(self, name, addr, via=None):
        return self.group("join", name, addr, via)

    def leave_multicast(self, name, addr, via=None):
        return self.group("leave", name, addr, via)

    def group(self, verb, name, addr, via):
        source, addr = self.own(name), self.addr(addr)
        if addr.family == "inet6" and via is None:
            call = getattr(source, f"{verb}_multicast_v6")
            return lambda: call(addr)
        call = getattr(source, f"{verb}_multicast_v4")
        rest = [self.addr(via)] if via else []
        return lambda: call(addr, *rest)

    def addr_step(self, text, gives=None, at=None, room=None):
        if room is not None or text == "null":
            raise Failure("format", "Python has no buffer for addresses")

        def action():
            try:
                addr = miopoll.Addr(text)
            except (ValueError, OSError) as error:
                return refusal(error, at)
            check_equal(str(addr), gives or text)
            check_equal(miopoll.Addr(str(addr)), addr)
        return action

    # --------------------------------------------------------------- exhaust

    def exhaust(self, room):
        return self.exhaust_off if room == "off" else \
            lambda: self.exhaust_to(room)

    def exhaust_off(self):
        if self.limit is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, self.limit)
            self.limit = None

    def exhaust_to(self, room):
        """The limit is one of numbers: the lowest with so many free below."""
        self.exhaust_off()
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        free = (fd for fd in itertools.count() if not is_open(fd))
        lowest = next(itertools.islice(free, room, None))
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, limit[1]))
        self.limit = limit


def is_open(fd):
    try:
        fcntl.fcntl(fd, fcntl.F_GETFD)
    except OSError:
        return False
    return True


def method_of(prefix, option):
    if not isinstance(option, str) or (prefix and option == "only-v6"):
        raise Failure("format", f"there is no method for {option}")
    return prefix + option.replace("-", "_")


def refusal(error, at):
    """The outcome of a text that is no address; `at` is in the message."""
    words = str(error).partition(" byte ")[2].split()
    if at is not None and words[:1] != [str(at)]:
        raise Failure("outcome", f"understood: {error}")
    return "EINVAL" if isinstance(error, ValueError) else \
        errno.errorcode[error.errno]


def value_addr(source, value):
    """The Addr of what local_addr() gave."""
    if not isinstance(value, tuple):
        with_type = os.fsencode(value)
        head = "unix:@" if with_type[:1] == b"\0" else "unix:"
        name = with_type[1:] if head[-1] == "@" else with_type
        return miopoll.Addr(head + "".join(f"%{byte:02x}" for byte in name))
    host, port = value[:2]
    if len(value) == 2:
        return miopoll.Addr(f"{host}:{port}")
    scope = f"%{value[3]}" if value[3] else ""
    return miopoll.Addr(f"[{host}{scope}]:{port}")


def given_away(thing):
    """Its descriptor is a source's now."""
    if isinstance(thing, socket.socket):
        thing.detach()
    else:
        thing.fd = -1


# Of each verb that takes a descriptor or a source: what it does with a source,
# and which of its words names that.
OF_SOURCES = {
    "accept": ("accept_source", 1),
    "read": ("read_source", 0),
    "write": ("write_source", 0),
    "drain": ("drain_source", 0),
    "fill": ("fill_source", 0),
    "shutdown": ("shutdown_source", 0),
    "so-error": ("so_error_source", 0),
}
