"""A poll inside other loops: select, selectors, asyncio, another poll."""

import asyncio
import pathlib
import select
import selectors
import subprocess
import sys

import pytest
from miopoll import Interest, Poll, Waker
from support import ROOT

EXAMPLE = ROOT / "examples/python/nested_asyncio.py"


@pytest.fixture
def inner(no_leak, pair):
    with Poll("epoll") as poll:
        poll.register(pair[0], 7, Interest.READABLE)
        yield poll


def test_select(inner, pair):
    assert select.select([inner], [], [], 0) == ([], [], [])
    pair[1].send(b"x")
    assert select.select([inner], [], [], 5) == ([inner], [], [])
    assert inner.poll(0) == [(7, 1)]
    assert select.select([inner], [], [], 0) == ([], [], [])


def test_selectors(inner, pair):
    for kind in (selectors.EpollSelector, selectors.PollSelector,
                 selectors.SelectSelector):
        with kind() as selector:
            selector.register(inner, selectors.EVENT_READ)
            assert selector.select(0) == []
            pair[1].send(b"x")
            ((key, _),) = selector.select(5)
            assert key.fileobj is inner
            assert inner.poll(0) == [(7, 1)]


def test_asyncio(inner, pair):
    async def main():
        loop = asyncio.get_running_loop()
        found = loop.create_future()

        def ready():
            events = inner.poll(0)
            if events and not found.done():
                found.set_result(events)

        loop.add_reader(inner, ready)
        loop.call_later(0.02, pair[1].send, b"x")
        try:
            return await asyncio.wait_for(found, 5)
        finally:
            loop.remove_reader(inner)

    assert asyncio.run(main()) == [(7, 1)]


def test_another_poll(inner, pair, selector):
    with Poll(selector) as outer:
        outer.register(inner, 1, Interest.READABLE)
        assert outer.poll(0) == []
        pair[1].send(b"x")
        assert outer.poll(5) == [(1, 1)]
        assert inner.poll(0) == [(7, 1)]
        outer.deregister(inner)


def test_wakes_reach_the_outer_loop(inner):
    with Waker(inner, 3) as waker:
        waker.wake()
        assert select.select([inner], [], [], 5)[0] == [inner]
        assert inner.poll(0) == [(3, 1)]


def test_the_descriptor_is_always_the_same(inner):
    assert inner.fileno() == inner.fileno() >= 0


def test_the_example():
    process = subprocess.run(
        [sys.executable, str(EXAMPLE)], capture_output=True, text=True,
        timeout=60,
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    lines = process.stdout.splitlines()
    assert lines[-1] == "all 3 messages came through the nested poll"
    assert pathlib.Path(EXAMPLE).read_text().count("\n") < 60
