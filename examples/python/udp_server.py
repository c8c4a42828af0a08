"""Sends every datagram back to where it came from.

    udp_server.py [ADDRESS]       127.0.0.1:0, any port, if there is none
"""
import signal
import sys

from miopoll import Interest, Poll, UdpSocket

SOCKET = 1


def answer_all(udp, room):
    """Until nothing is there: that is what an edge asks for. An answer that
    finds no room is dropped, as the network might have done."""
    while True:
        try:
            found = udp.recv_from_into(room)
            if found is None:
                return
            length, peer = found
            udp.send_to(room[:length], peer)
        except OSError as error:  # Who got an earlier answer may have gone.
            print(error.strerror, file=sys.stderr)


def main(address):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit())  # Out of the wait, too.
    room = memoryview(bytearray(65536))
    with UdpSocket.bind(address) as udp, Poll() as poll:
        poll.register(udp, SOCKET, Interest.READABLE)
        print("listening on %s:%d" % udp.local_addr()[:2], flush=True)
        while True:
            for _ in poll.poll():  # There is one source.
                answer_all(udp, room)


main(sys.argv[1] if sys.argv[1:] else "127.0.0.1:0")
