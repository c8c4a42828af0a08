"""A Poll inside asyncio: the loop watches one descriptor, the Poll many.

    python nested_asyncio.py

Whoever has code around a Poll, and an asyncio program beside it, needs no
second thread: Poll.fileno() is readable when the Poll has something to say.
"""

import asyncio
import socket

from miopoll import Interest, Poll


class NestedPoll:
    """Calls a function for each event of a Poll, in the running loop."""

    def __init__(self, poll: Poll) -> None:
        self.poll = poll
        self.handlers = {}
        self.loop = asyncio.get_running_loop()
        self.loop.add_reader(poll, self.ready)

    def watch(self, source, handler) -> None:
        token = len(self.handlers)
        self.handlers[token] = handler
        self.poll.register(source, token, Interest.READABLE)

    def ready(self) -> None:
        for token, _ in self.poll.poll(0):
            self.handlers[token]()

    def close(self) -> None:
        self.loop.remove_reader(self.poll)


async def main() -> None:
    pairs = [socket.socketpair() for _ in range(3)]
    messages = asyncio.Queue()
    with Poll() as poll:
        nested = NestedPoll(poll)
        for number, (here, there) in enumerate(pairs):
            here.setblocking(False)
            nested.watch(
                here, lambda end=here: messages.put_nowait(end.recv(99))
            )
            there.send(b"hello from pair %d" % number)
        for _ in pairs:
            print((await asyncio.wait_for(messages.get(), 5)).decode())
        nested.close()
    for here, there in pairs:
        here.close()
        there.close()
    print(f"all {len(pairs)} messages came through the nested poll")


asyncio.run(main())
