"""Fixtures of tests/py: every test with `selector` runs once on each, and none
may hang or leave a descriptor open."""

import faulthandler
import gc
import os
import socket

import miopoll
import pytest

LIMIT = 120  # Seconds for one test.


def descriptors():
    return set(os.listdir("/proc/self/fd"))


@pytest.fixture(autouse=True)
def watchdog():
    faulthandler.dump_traceback_later(LIMIT, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(params=miopoll.SELECTORS)
def selector(request):
    return request.param


@pytest.fixture
def no_leak():
    gc.collect()
    before = len(descriptors())
    yield
    gc.collect()
    assert len(descriptors()) == before


@pytest.fixture
def poll(no_leak, selector):
    with miopoll.Poll(selector) as poll:
        yield poll


@pytest.fixture
def pair():
    here, there = socket.socketpair()
    here.setblocking(False)
    there.setblocking(False)
    with here, there:
        yield here, there
