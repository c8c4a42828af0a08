"""Constants, their texts, the Event view, versions, and what import costs."""

import importlib.util
import inspect
import re
import subprocess
import sys
import time

import miopoll
import pytest
from miopoll import Event, Interest, Readiness, Shutdown
from support import ROOT, run_python


def constants():
    path = ROOT / "abi/generated/constants.py"
    spec = importlib.util.spec_from_file_location("constants", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CONSTANTS


@pytest.mark.parametrize("kind", [Interest, Readiness])
def test_members_have_the_numbers_of_the_header(kind):
    known = constants()
    for name, member in kind.__members__.items():
        assert member == known["MIO_" + name]


OTHERS = (
    "SELECTOR|FEATURE|WAKERS|TOKEN|BUFFERS|ADDR|FAMILY|KIND|SHUTDOWN|OPTION"
)


def test_together_they_are_all_the_bits_there_are():
    bits = {
        name
        for name in constants()
        if not re.match(f"MIO_({OTHERS})_", name)
    }
    members = {*Interest.__members__, *Readiness.__members__}
    assert bits == {"MIO_" + name for name in members}


def test_shutdown_has_the_numbers_of_the_header():
    known = {
        name: number
        for name, number in constants().items()
        if name.startswith("MIO_SHUTDOWN_")
    }
    assert known == {
        "MIO_SHUTDOWN_" + member.name: member.value for member in Shutdown
    }


def test_interests_print_as_in_mio():
    both = Interest.READABLE | Interest.WRITABLE
    assert str(both) == f"{both}" == "READABLE | WRITABLE"
    assert repr(both) == "Interest.READABLE | Interest.WRITABLE"
    assert eval(repr(both)) == both
    assert f"{both:d}" == "3"
    assert str(Interest(0)) == "0x0"
    assert isinstance(both, Interest)


def test_unknown_bits_stay_and_show():
    unknown = Readiness(1 | 1 << 20)
    assert unknown == 1 | 1 << 20
    assert str(unknown) == "READABLE | 0x100000"


PREDICATES = {
    name: "is_" + name.lower() for name in Readiness.__members__
}


@pytest.mark.parametrize("name", PREDICATES)
def test_an_event_has_mios_predicates(name):
    event = Event(9, Readiness[name])
    for other, predicate in PREDICATES.items():
        assert getattr(event, predicate) is (other == name)


def test_an_event_is_a_value():
    assert Event(1, 2) == Event(1, 2) != Event(1, 3)
    assert len({Event(1, 2), Event(1, 2)}) == 1
    assert Event(1, 2) != (1, 2)
    assert repr(Event(1, 3)) == "Event(token=1, readiness=READABLE | WRITABLE)"


def test_selectors_are_those_built_in():
    assert isinstance(miopoll.SELECTORS, tuple)
    assert miopoll.SELECTORS == ("epoll", "poll")
    for name in miopoll.SELECTORS:
        with miopoll.Poll(name) as poll:
            assert poll.selector == name


def test_features_by_selector():
    with miopoll.Poll("epoll") as poll:
        assert poll.features >= {"edge-exact", "exclusive", "priority", "fd"}
    with miopoll.Poll("poll") as poll:
        assert poll.features == {"priority", "nanoseconds"}


def test_the_environment_names_the_selector(monkeypatch):
    for name in miopoll.SELECTORS:
        monkeypatch.setenv("MIOPOLL_SELECTOR", name)
        with miopoll.Poll() as poll:
            assert poll.selector == name


def test_versions_agree_with_the_build():
    text = (ROOT / "CMakeLists.txt").read_text()
    version = re.search(r"project\(miopoll VERSION ([0-9.]+)", text).group(1)
    assert miopoll.__version__ == miopoll.library_version == version


def test_clock_is_the_monotonic_one():
    before = time.monotonic_ns()
    assert before <= miopoll.clock_now() <= time.monotonic_ns()


def test_tokens_come_back_bit_for_bit(poll, pair):
    here, _ = pair
    for token in (0, 1, 2**31, 2**53 + 1, 2**63, miopoll.TOKEN_MAX):
        poll.register(here, token, Interest.WRITABLE)
        assert poll.poll(0) == [(token, 2)]
        assert poll.poll(0, capacity=3) in ([], [(token, 2)])
        assert poll.events(0) in ([], [Event(token, 2)])
        poll.deregister(here)


def test_everything_public_is_exported_and_documented():
    for name in miopoll.__all__:
        thing = getattr(miopoll, name)
        if callable(thing):
            assert thing.__doc__, name
    public = [
        (kind, name)
        for kind in (miopoll.Poll, miopoll.Registry, miopoll.Waker, Event)
        for name in dir(kind)
        if not name.startswith("_")
    ]
    for kind, name in public:
        assert inspect.getdoc(getattr(kind, name)), (kind, name)


def test_import_pulls_in_little():
    code = (
        "import enum, sys; before = set(sys.modules); import miopoll;"
        "print(sorted(set(sys.modules) - before))"
    )
    new = eval(run_python(code, "-I"))
    ours = {name for name in new if name.startswith("miopoll")}
    assert set(new) - ours <= {"_cffi_backend", "__future__"}
    assert "typing" not in new


def test_sources_come_when_they_are_used():
    code = (
        "import miopoll, sys; early = 'miopoll._net' in sys.modules;"
        "names = dir(miopoll); miopoll.TcpStream;"
        "from miopoll import pipe, UnixStream;"
        "print((early, 'UdpSocket' in names, hasattr(miopoll, 'nothing'),"
        "miopoll.TcpStream is sys.modules['miopoll._net'].TcpStream))"
    )
    assert eval(run_python(code, "-I")) == (False, True, False, True)


def seconds(code):
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-c", code], check=True)
    return time.perf_counter() - begin


def test_import_is_quick():
    """At most 3 ms over `import enum`, or on a busy machine at most what enum
    itself takes."""
    for _ in range(5):
        times = {"pass": [], "import enum": [], "import miopoll": []}
        for _ in range(15):
            for code, taken in times.items():
                taken.append(seconds(code))
        empty, enum, ours = (min(taken) for taken in times.values())
        if ours - enum <= max(0.003, enum - empty):
            return
    pytest.fail(f"import miopoll took {ours - enum:.4f} s over enum")


def test_the_module_prints_a_report():
    output = run_python("import runpy; runpy.run_module('miopoll', "
                        "run_name='__main__')")
    for word in (miopoll.__version__, "kernel", "edge-exact", "descriptors"):
        assert word in output
    assert output.splitlines()[-1].split() == ["self-test", "passed"]
