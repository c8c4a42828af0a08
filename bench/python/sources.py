"""Sources of miopoll against `socket`, as ratios.

    sources.py [--quick] [--only WORD]

As bench.py beside it, whose measurement it uses: the contenders of a row do the
same work on descriptors of the same kind, and take turns in one process. Times
are for orientation.
"""

import argparse
import itertools
import os
import socket

import bench
import miopoll


def move(send, receive, data, room):
    """A buffer there, and into another one."""
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            send(data)
            receive(room)
    return work


def look(receive, room):
    """Nothing is there."""
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            try:
                receive(room)
            except BlockingIOError:
                pass
    return work


def datagrams(send_to, receive, name, data):
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            send_to(data, name)
            receive(65536)
    return work


def vectored(write, read, data, room):
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            write(data)
            read(room)
    return work


def connections(connect, accept):
    def work(rounds):
        for _ in itertools.repeat(None, rounds):
            near = connect()
            far, _ = accept()
            near.close()
            far.close()
    return work


def streams(repetitions, wanted):
    for size in 64, 16384:
        here, there = socket.socketpair()
        one, other = miopoll.UnixStream.pair()
        here.setblocking(False)
        there.setblocking(False)
        with here, there, one, other:
            data, room = bytes(size), bytearray(size)
            rows = {
                f"write, read_into, {size}": {
                    "socket": move(here.send, there.recv_into, data, room),
                    "miopoll": move(one.write, other.read_into, data, room)},
                f"write, read_into, {size}, view": {
                    "socket": move(here.send, there.recv_into,
                                   memoryview(room), room),
                    "miopoll": move(one.write, other.read_into,
                                    memoryview(room), room)},
                f"write, read(65536), {size}": {
                    "socket": move(here.send, there.recv, data, 65536),
                    "miopoll": move(one.write, other.read, data, 65536)},
                f"vectored, 4 x {size // 4}": {
                    "socket": vectored(here.sendmsg, there.recvmsg_into,
                                       [data[:size // 4]] * 4, [room]),
                    "miopoll": vectored(one.write_vectored,
                                        other.read_vectored,
                                        [data[:size // 4]] * 4, [room])},
            }
            if size == 64:
                rows["read_into, would block"] = {
                    "socket": look(there.recv_into, room),
                    "miopoll": look(other.read_into, room)}
            show(rows, repetitions, wanted)


def others(repetitions, wanted):
    sock = socket.socket(type=socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    server = socket.create_server(("127.0.0.1", 0))
    with (sock, server, miopoll.UdpSocket.bind("127.0.0.1:0") as udp,
          miopoll.TcpListener.bind("127.0.0.1:0") as listener):
        name, place = udp.local_addr(), listener.local_addr()
        show({
            "UDP to itself, 64": {
                "socket": datagrams(sock.sendto, sock.recvfrom,
                                    sock.getsockname(), bytes(64)),
                "miopoll": datagrams(udp.send_to, udp.recv_from, name,
                                     bytes(64))},
            "connect, accept, close": {
                "socket": connections(
                    lambda: socket.create_connection(server.getsockname()),
                    server.accept),
                "miopoll": connections(
                    lambda: miopoll.TcpStream.connect(place),
                    listener.accept)},
        }, repetitions, wanted)


def show(rows, repetitions, wanted):
    for what, contenders in rows.items():
        if wanted in what:
            bench.compare(what, {name: bench.timed(work) for name, work in
                                 contenders.items()}, repetitions)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", metavar="WORD")
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    repetitions = bench.QUICK_REPETITIONS if options.quick \
        else bench.REPETITIONS
    bench.print_head()
    streams(repetitions, options.only)
    others(repetitions, options.only)


if __name__ == "__main__":
    main()
