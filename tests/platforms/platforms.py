"""The platforms: what each is, how it is tried here, and what must be so."""

import dataclasses
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build/platforms"

# How far a platform is known to work. No page may use other words for it.
RUN = "run on every change"
QEMU = "run under QEMU"
EMULATED = "run on our own emulation of kqueue"
LINKED = "compiled and linked, never run"
COMPILED = "compiled, never linked or run"
TYPED = "type-checked only"
NOT_YET = "not yet"

X86_64 = {"pointer-bits": "64", "byte-order": "little",
          "epoll-event-size": "12"}
WIDE = {"time-bits": "64", "file-offset-bits": "64",
        "atomic-64-lock-free": "always", "selectors": "epoll poll",
        "poll-nanoseconds": "yes"}
# QEMU's user mode has no epoll_pwait2(2), so the fall-back is taken: a wait
# of one nanosecond takes a millisecond.
FALL_BACK = {"epoll-nanoseconds": "no", "epoll-1ns-is-1ms": "yes"}
EXACT = {"epoll-nanoseconds": "yes"}


@dataclasses.dataclass(frozen=True)
class Platform:
    name: str
    system: str
    cpu: str
    how: str
    selectors: tuple
    library: str = ""  # The C library, where a system has several.
    compiler: str = ""  # For this machine's own; else the toolchain says.
    facts: dict = dataclasses.field(default_factory=dict)
    options: tuple = ()  # For CMake.
    engine: tuple = ()  # For the conformance suite.
    like: str = ""  # Whose kernel the emulation is like.
    environment: dict = dataclasses.field(default_factory=dict)
    quick: bool = False  # Is a part of `make test`.

    @property
    def toolchain(self):
        path = HERE / f"toolchains/{self.name}.cmake"
        return path if path.exists() else None


def linux(name, cpu, how, facts, library="glibc", **others):
    return Platform(name, "Linux", cpu, how, ("epoll", "poll"), library,
                    facts={**WIDE, **facts}, **others)


def emulated(name, like, engine=(), **environment):
    """The kqueue selector on Linux, on the emulation of tests/fakes."""
    return Platform(
        name, "Linux", "x86-64", EMULATED, ("kqueue",), "glibc",
        compiler="gcc", environment=environment, like=like,
        facts=WIDE | X86_64 | EXACT | {"selectors": "epoll kqueue poll"},
        options=("-DMIOPOLL_KQUEUE=fake",),
        engine=("--selector", "kqueue", *engine))


def foreign(name, system, cpu, how, selectors=("kqueue", "poll"), **others):
    return Platform(name, system, cpu, how, selectors, **others)


PLATFORMS = [
    linux("gcc", "x86-64", RUN, X86_64 | EXACT, compiler="gcc"),
    linux("clang", "x86-64", RUN, X86_64 | EXACT, compiler="clang"),
    linux("musl", "x86-64", RUN, X86_64 | EXACT, "musl", quick=True),
    linux("i386", "i386", RUN, X86_64 | EXACT | {"pointer-bits": "32"},
          quick=True),
    linux("aarch64", "aarch64", QEMU, FALL_BACK | {
        "pointer-bits": "64", "byte-order": "little",
        "epoll-event-size": "16"}),
    linux("armhf", "armhf", QEMU, FALL_BACK | {
        "pointer-bits": "32", "byte-order": "little",
        "epoll-event-size": "16"}),
    linux("s390x", "s390x", QEMU, FALL_BACK | {
        "pointer-bits": "64", "byte-order": "big",
        "epoll-event-size": "16"}),
    emulated("kqueue", "NetBSD"),
    emulated("kqueue-freebsd", "FreeBSD", (
        "--skips", str(ROOT / "tests/conformance/skips/c-kqueue-freebsd.txt")),
        FAKE_KQUEUE="freebsd"),
    foreign("macos-arm64", "macOS", "arm64", LINKED),
    foreign("macos-x86-64", "macOS", "x86-64", LINKED),
    foreign("ios", "iOS", "arm64", COMPILED),
    foreign("freebsd", "FreeBSD", "x86-64", LINKED),
    foreign("netbsd", "NetBSD", "x86-64", LINKED),
    foreign("openbsd", "OpenBSD", "x86-64", LINKED),
    foreign("dragonfly", "DragonFly", "x86-64", TYPED, quick=True),
    foreign("illumos", "illumos", "x86-64", TYPED, ("epoll", "poll"),
            quick=True),
    foreign("android", "Android", "arm64", TYPED, ("epoll", "poll"),
            quick=True),
    foreign("windows", "Windows", "", NOT_YET, ()),
    foreign("wasi", "WASI", "", NOT_YET, ()),
]

# The systems of mio's page, and WASI: each has a row, whatever it says.
SYSTEMS = {"Linux", "Android", "illumos", "macOS", "iOS", "FreeBSD", "NetBSD",
           "OpenBSD", "DragonFly", "Windows", "WASI"}
assert {platform.system for platform in PLATFORMS} == SYSTEMS
