"""Timeouts: seconds and nanoseconds, rounded up, never early."""

import decimal
import fractions
import time

import miopoll
import pytest
from miopoll._arguments import FOREVER, TIMEOUT_MAX, nanoseconds


@pytest.mark.parametrize(("timeout", "expected"), [
    (None, FOREVER), (float("inf"), FOREVER), (decimal.Decimal("inf"), FOREVER),
    (0, 0), (0.0, 0), (-0.0, 0), (False, 0), (True, 10**9),
    (1, 10**9), (0.1, 10**8), (1.5, 1_500_000_000),
    (1e-9, 1), (1.1e-9, 2), (1e-10, 1), (5e-324, 1), (1e-3, 10**6),
    (decimal.Decimal("0.25"), 250_000_000), (fractions.Fraction(1, 4), 250_000_000),
    (1e9, 10**18), (9223372036, 9223372036 * 10**9),
    (9223372037, TIMEOUT_MAX), (1e10, TIMEOUT_MAX), (1e300, TIMEOUT_MAX),
    (10**400, TIMEOUT_MAX),
])
def test_seconds(timeout, expected):
    assert nanoseconds(timeout, None) == expected


@pytest.mark.parametrize(("timeout_ns", "expected"), [
    (0, 0), (1, 1), (2**63 - 1, TIMEOUT_MAX), (2**63, TIMEOUT_MAX),
    (10**400, TIMEOUT_MAX),
])
def test_nanoseconds(timeout_ns, expected):
    assert nanoseconds(None, timeout_ns) == expected


WRONG = [
    (ValueError, {"timeout": -1}), (ValueError, {"timeout": -1e-9}),
    (ValueError, {"timeout": float("nan")}),
    (ValueError, {"timeout": float("-inf")}),
    (ValueError, {"timeout": -(10**400)}),
    (ValueError, {"timeout": decimal.Decimal(-1)}),
    (ValueError, {"timeout_ns": -1}),
    (TypeError, {"timeout": "1"}), (TypeError, {"timeout": b"1"}),
    (TypeError, {"timeout": [1]}), (TypeError, {"timeout": 1j}),
    (TypeError, {"timeout": object()}),
    (TypeError, {"timeout_ns": 1.0}), (TypeError, {"timeout_ns": "1"}),
    (TypeError, {"timeout": 1, "timeout_ns": 1}),
    (TypeError, {"timeout": 0, "timeout_ns": 0}),
    (TypeError, {"timout": 1}),
]


@pytest.mark.parametrize(("kind", "arguments"), WRONG)
def test_what_is_no_timeout(poll, kind, arguments):
    for function in (poll.poll, poll.events):
        with pytest.raises(kind):
            function(**arguments)
        if "timeout" in arguments and len(arguments) == 1:
            with pytest.raises(kind):
                function(arguments["timeout"])


def test_only_the_timeout_goes_by_position(poll):
    with pytest.raises(TypeError, match=r"poll\(\) takes"):
        poll.poll(0, 0)
    with pytest.raises(TypeError):
        poll.events(0, 0)


@pytest.mark.parametrize("arguments", [
    {"timeout": 0.03}, {"timeout_ns": 30_000_000},
    {"timeout": 0.03, "capacity": 5}, {"timeout_ns": 30_000_000, "capacity": 5},
    {"timeout": fractions.Fraction(3, 100)},
])
def test_a_wait_is_not_early(poll, arguments):
    for function in (poll.poll, poll.events):
        begin = time.monotonic()
        assert function(**arguments) == []
        assert time.monotonic() - begin >= 0.03


def test_a_wait_by_position_is_not_early(poll):
    begin = time.monotonic()
    assert poll.poll(0.03) == []
    assert time.monotonic() - begin >= 0.03


def test_whole_seconds_by_position(poll):
    begin = time.monotonic()
    assert poll.poll(1) == []
    assert 1 <= time.monotonic() - begin < 10


def test_looking_does_not_wait(poll):
    for timeout in (0, 0.0, False):
        assert poll.poll(timeout) == []
        assert poll.poll(timeout=timeout) == []


@pytest.mark.parametrize("timeout", [
    None, float("inf"), 10**400, 1e300, 10**7, 1e7, 9e9, 2**40,
])
def test_long_waits_end_with_an_event(poll, timeout):
    with miopoll.Waker(poll, 4) as waker:
        for arguments in ({}, {"capacity": 2}):
            waker.wake()
            assert poll.poll(timeout, **arguments) == [(4, 1)]
        waker.wake()
        assert poll.events(timeout) == [miopoll.Event(4, 1)]


def test_capacity_is_a_hard_limit(poll, pair):
    poll.register(pair[0], 1, miopoll.Interest.WRITABLE | miopoll.Interest.LEVEL)
    poll.register(pair[1], 2, miopoll.Interest.WRITABLE | miopoll.Interest.LEVEL)
    seen = [poll.poll(0, capacity=1) for _ in range(3)]
    assert all(len(found) == 1 for found in seen)
    assert {found[0][0] for found in seen} == {1, 2}
    assert len(poll.poll(0, capacity=2)) == len(poll.poll(0)) == 2
    assert len(poll.poll(0, capacity=5000)) == 2


def test_capacity_of_the_constructor(selector, pair):
    with miopoll.Poll(selector, capacity=1) as poll:
        level = miopoll.Interest.WRITABLE | miopoll.Interest.LEVEL
        for token, end in enumerate(pair):
            poll.register(end, token, level)
        assert len(poll.poll(0)) == len(poll.events(0)) == 1
        assert len(poll.poll(0, capacity=8)) == 2
