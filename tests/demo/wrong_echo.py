"""An echo server that is wrong in the way it is told, to judge the client by.

    wrong_echo.py WAY [PORT]

Ways: right, flip (a byte is changed), short (a byte is lost and the rest comes
on), cut (half of a message, then closed), extra (a byte too many), late (bytes
after the last message), stall (nothing comes back), mute (another line than
the port), deaf (right, but SIGTERM is ignored), fail (right, but exits with
3). What is wrong with the bytes is so from the tenth piece of data on.
"""

import selectors
import signal
import socket
import sys

FROM = 10


def answer(way, data):
    """What the server sends back for its tenth piece of data and later."""
    if not data:
        return data
    if way == "flip":
        return data[:-1] + bytes([data[-1] ^ 0x20])
    if way == "short":
        return data[:-1]
    if way == "cut":
        return data[: len(data) // 2]
    if way == "extra":
        return data + b"x"
    if way == "stall":
        return b""
    return data  # The other ways are wrong elsewhere.


def main():
    way = sys.argv[1]
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    status = 3 if way == "fail" else 0
    stop = signal.SIG_IGN if way == "deaf" else lambda *_: sys.exit(status)
    signal.signal(signal.SIGTERM, stop)
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    print("hello" if way == "mute" else f"listening on {address}", flush=True)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    pieces = 0
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                client = listener.accept()[0]
                client.settimeout(30)
                selector.register(client, selectors.EVENT_READ)
                continue
            client = key.fileobj
            try:
                data = client.recv(1 << 16)
                pieces += len(data) > 0
                wrong = pieces >= FROM
                # A blocking send is enough: this client always reads.
                client.sendall(answer(way, data) if wrong else data)
                if way == "late" and not data:
                    client.sendall(b"late")
            except OSError:  # The client has seen enough.
                data = b""
            if not data or (wrong and way == "cut"):
                selector.unregister(client)
                client.close()


if __name__ == "__main__":
    main()
