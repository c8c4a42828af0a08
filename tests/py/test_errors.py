"""Every kind of error, and what its text tells to do."""

import errno
import os
import resource

import miopoll
import pytest
from miopoll import Interest, Poll, Waker

READABLE = Interest.READABLE


def refused(name, function, *arguments, kind=OSError, text="", **keywords):
    with pytest.raises(kind) as caught:
        function(*arguments, **keywords)
    assert type(caught.value).__module__ == "builtins"
    assert caught.value.errno == getattr(errno, name)
    assert text in str(caught.value)


def test_registered_twice(poll, pair):
    poll.register(pair[0], 1, READABLE)
    refused("EEXIST", poll.register, pair[0], 1, READABLE,
            kind=FileExistsError, text="use reregister()")


def test_not_registered(poll, pair):
    refused("ENOENT", poll.reregister, pair[0], 1, READABLE,
            kind=FileNotFoundError, text="use register()")
    refused("ENOENT", poll.deregister, pair[0], kind=FileNotFoundError,
            text="use register()")


def test_regular_files_and_directories(poll, tmp_path):
    with (tmp_path / "file").open("w") as file:
        refused("EPERM", poll.register, file, 1, READABLE,
                kind=PermissionError, text="always ready")
    fd = os.open(tmp_path, os.O_RDONLY)
    refused("EPERM", poll.register, fd, 1, READABLE, kind=PermissionError)
    os.close(fd)


@pytest.mark.parametrize("fd", [-1, 10**6, 2**31, 2**32, 2**63 - 1, -(2**63)])
def test_no_descriptor(poll, fd):
    refused("EBADF", poll.register, fd, 1, READABLE,
            text=f"descriptor {fd} is not an open descriptor")
    refused("EBADF", poll.reregister, fd, 1, READABLE)
    refused("EBADF", poll.deregister, fd)


def test_a_closed_socket(poll, pair):
    pair[0].close()
    refused("EBADF", poll.register, pair[0], 1, READABLE)


@pytest.mark.parametrize("interest", [
    0, Interest.LEVEL, Interest.READABLE | Interest.LEVEL | Interest.ONESHOT,
    1 << 30, 32,
])
def test_interests_without_sense(poll, pair, interest):
    refused("EINVAL", poll.register, pair[0], 1, interest,
            text="at least one of READABLE, WRITABLE and PRIORITY")


@pytest.mark.parametrize("interest", [Interest.AIO, Interest.LIO])
def test_interests_of_other_selectors(poll, pair, interest):
    refused("EOPNOTSUPP", poll.register, pair[0], 1, interest,
            text="Poll.features")


def test_exclusive_where_there_is_none(pair):
    with Poll("poll") as poll:
        refused("EOPNOTSUPP", poll.register, pair[0], 1,
                READABLE | Interest.EXCLUSIVE)
        refused("EOPNOTSUPP", poll.fileno, text="features")


def test_itself_and_loops():
    with Poll("epoll") as one, Poll("epoll") as other:
        refused("EINVAL", one.register, one, 1, READABLE)
        one.register(other, 1, READABLE)
        refused("ELOOP", other.register, one, 1, READABLE)


def test_selectors(monkeypatch):
    for name in ("nonsense", "EPOLL", "", "epoll\0", "ep\u00f6ll"):
        refused("EINVAL", Poll, name, text="built in: epoll, poll")
    refused("EOPNOTSUPP", Poll, "kqueue", text="built in: epoll, poll")
    monkeypatch.setenv("MIOPOLL_SELECTOR", "nonsense")
    refused("EINVAL", Poll, text="MIOPOLL_SELECTOR")
    for wrong in (1, b"epoll", object()):
        with pytest.raises(TypeError, match="selector must be a str"):
            Poll(wrong)


def test_capacity(poll):
    refused("EINVAL", Poll, capacity=0, text="at least 1")
    refused("EINVAL", poll.poll, 0, capacity=0, text="at least 1")
    refused("EINVAL", poll.events, 0, capacity=0)
    for function in (Poll, poll.poll, poll.events):
        with pytest.raises(OverflowError):
            function(capacity=-1)
        for wrong in ("1", 1.5, [1]):
            with pytest.raises(TypeError, match="capacity must be an int"):
                function(capacity=wrong)


@pytest.mark.parametrize("token", [-1, 2**64, 10**30])
def test_tokens_out_of_range(poll, pair, token):
    for function in (poll.register, poll.reregister):
        with pytest.raises(OverflowError, match="TOKEN_MAX"):
            function(pair[0], token, READABLE)
    with pytest.raises(OverflowError, match="TOKEN_MAX"):
        Waker(poll, token)


@pytest.mark.parametrize("interest", [-1, 2**32, 10**30])
def test_interests_out_of_range(poll, pair, interest):
    with pytest.raises(OverflowError, match="an interest is"):
        poll.register(pair[0], 1, interest)


@pytest.mark.parametrize("fd", [2**63, -(2**63) - 1, 10**30])
def test_descriptors_out_of_range(poll, fd):
    for call in (
        lambda: poll.register(fd, 1, READABLE),
        lambda: poll.reregister(fd, 1, READABLE),
        lambda: poll.deregister(fd),
    ):
        with pytest.raises(OverflowError, match="descriptor"):
            call()


class Truncated:
    """int() would take it; an index it is not."""

    def __int__(self):
        return 3

    __float__ = __int__


@pytest.mark.parametrize("wrong", ["1", 1.0, None, b"1", [], Truncated()])
def test_no_integers(poll, pair, wrong):
    for call in (
        lambda: poll.register(pair[0], wrong, READABLE),
        lambda: poll.register(pair[0], 1, wrong),
        lambda: poll.reregister(pair[0], wrong, READABLE),
        lambda: Waker(poll, wrong),
    ):
        with pytest.raises(TypeError, match="must be an int"):
            call()


@pytest.mark.parametrize("wrong", ["1", 1.0, None, b"1", [], Truncated()])
def test_no_sources(poll, wrong):
    for call in (
        lambda: poll.register(wrong, 1, READABLE),
        lambda: poll.reregister(wrong, 1, READABLE),
        lambda: poll.deregister(wrong),
    ):
        with pytest.raises(TypeError, match="a source is an int, or has"):
            call()


def test_our_own_objects_are_no_sources_but_polls(poll):
    with Waker(poll, 1) as waker:
        for wrong in (waker, poll.registry()):
            with pytest.raises(TypeError, match="a source is"):
                poll.register(wrong, 1, READABLE)


def test_a_fileno_that_returns_no_integer(poll):
    class Odd:
        def fileno(self):
            return "3"

    with pytest.raises(TypeError, match=r"what fileno\(\) returns"):
        poll.register(Odd(), 1, READABLE)


def test_integers_by_index(poll, pair):
    class Number:
        def __init__(self, value):
            self.value = value

        def __index__(self):
            return self.value

    poll.register(pair[0], Number(5), Number(2))
    assert poll.poll(0) == [(5, 2)]


def test_what_a_waker_is_made_of():
    for wrong in (None, 3, object()):
        with pytest.raises(TypeError, match="a Waker needs a Poll or"):
            Waker(wrong, 1)


def test_too_many_wakers(poll):
    wakers = [Waker(poll, i) for i in range(64)]
    refused("ENOSPC", Waker, poll, 64, text="at most 64 wakers")
    for waker in wakers:
        waker.close()


def test_closed_objects(pair):
    poll = Poll()
    registry = poll.registry()
    waker = Waker(poll, 1)
    for thing in (waker, registry, poll):
        thing.close()
    for what, call in {
        "Poll": lambda: poll.poll(),
        "Poll ": lambda: poll.poll(0),
        "Poll  ": lambda: poll.poll(0.5),
        "Poll   ": lambda: poll.poll(0, capacity=1),
        "Poll    ": lambda: poll.events(),
        "Poll     ": lambda: poll.fileno(),
        "Poll      ": lambda: poll.registry(),
        "Poll       ": lambda: poll.register(pair[0], 1, 1),
        "Poll        ": lambda: poll.deregister(pair[0]),
        "Poll         ": lambda: Waker(poll, 1),
        "Poll          ": lambda: poll.__enter__(),
        "Registry": lambda: registry.register(pair[0], 1, 1),
        "Registry ": lambda: registry.reregister(pair[0], 1, 1),
        "Registry  ": lambda: registry.deregister(pair[0]),
        "Registry   ": lambda: registry.clone(),
        "Registry    ": lambda: Waker(registry, 1),
        "Waker": lambda: waker.wake(),
    }.items():
        with pytest.raises(ValueError, match=f"^{what.strip()} is closed$"):
            call()


@pytest.fixture
def no_descriptors_left():
    """Uses up all descriptors; the test gets those to give back."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
    taken = []
    try:
        while True:
            taken.append(os.dup(0))
    except OSError:
        pass
    yield taken
    for fd in taken:
        os.close(fd)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_no_descriptors_left(selector, no_descriptors_left):
    refused("EMFILE", Poll, selector, text="too many open descriptors")
    for _ in range(3):
        os.close(no_descriptors_left.pop())
    with Poll(selector) as poll:
        while True:
            try:
                no_descriptors_left.append(os.dup(0))
            except OSError:
                break
        if selector == "epoll":
            refused("EMFILE", Waker, poll, 1, text="open descriptors")
        else:
            Waker(poll, 1).close()


def test_a_failed_constructor_leaves_nothing(no_leak):
    for arguments in ({"selector": "kqueue"}, {"capacity": 0}):
        with pytest.raises(OSError):
            Poll(**arguments)
    with Poll() as poll, pytest.raises(OverflowError):
        Waker(poll, -1)


def test_the_message_is_python_s_and_ours():
    with Poll() as poll, pytest.raises(OSError) as caught:
        poll.register(-1, 1, READABLE)
    assert str(caught.value) == (
        f"[Errno {errno.EBADF}] Bad file descriptor: descriptor -1 is not an "
        "open descriptor"
    )
    assert caught.value.strerror.startswith("Bad file descriptor")
    assert miopoll.Poll is Poll
