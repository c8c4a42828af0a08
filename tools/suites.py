"""Every suite of `make test`: its name, its command, its environment."""

import dataclasses
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
PYTHON = str(BUILD / "venv/bin/python")
PACKAGE_PYTHON = str(BUILD / "py-venv/bin/python")  # Has `miopoll` installed.


@dataclasses.dataclass
class Suite:
    name: str
    command: list
    environment: dict = dataclasses.field(default_factory=dict)


def tracked(*patterns):
    """The project's own files, without what is generated."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard",
         "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listing.stdout.split()
            if not re.search(r"generated/|frozen/|must-fail/", name)]


def binary(build, path):
    return str(BUILD / build / path)


def pytest(name, *arguments, python=PYTHON):
    return Suite(name, [python, "-m", "pytest", "-q", "-p",
                        "no:cacheprovider", *arguments])


def project_suites():
    return [
        Suite("addresses, fuzzed", [PYTHON, "tests/fuzz/run.py"]),
        pytest("network faults", "tests/net"),
        Suite("soak: 10 000 connections",
              [PYTHON, "tests/soak/run.py", "--build", str(BUILD / "test")]),
        pytest("ABI: generator, gates, header", "tests/abi"),
        pytest("system calls and locks, counted", "tests/counts"),
        pytest("conformance: tools and skip lists", "tests/conformance"),
        pytest("demonstration: client and echo", "tests/demo"),
        pytest("examples: nc, socat and curl", "tests/examples"),
        pytest("documentation: pages, code, man, site", "tests/docs"),
        pytest("installed, moved, packaged, embedded", "tests/install"),
        Suite("generated files are fresh",
              [PYTHON, "abi/generate.py", "--check"]),
        Suite("the plan is fresh",
              [PYTHON, "tests/conformance/plan.py", "--check"]),
        Suite("skip lists are fresh",
              [PYTHON, "tests/conformance/skips.py", "--check"]),
        Suite("coverage matrix is full and fresh",
              [PYTHON, "tests/conformance/matrix.py", "--check"]),
        Suite("instructions of a wait",
              [PYTHON, "bench/instructions.py", "--build",
               str(BUILD / "test")]),
        Suite("line coverage of src/", ["tools/coverage.sh"]),
        Suite("breakages are noticed: a part",
              [PYTHON, "tests/mutants/run.py", "--only", "memory"]),
        Suite("benchmark: it builds and runs",
              [PYTHON, "bench/run.py", "--quick", "--without",
               "rust,instructions,python,lua"]),
        Suite("model of the wake flag",
              [PYTHON, "tests/model/run.py", "--build",
               str(BUILD / "model")]),
        Suite("other platforms: a part",
              [PYTHON, "tests/platforms/run.py", "--quick"]),
    ]


def named_suites():
    suites = []
    for name in ("named", "sources", "memory", "translate"):
        suites.append(Suite(f"{name} tests, Criterion",
                            [binary("test", f"tests/c/{name}-criterion")]))
        for build in ("asan", "tsan"):
            suites.append(Suite(f"{name} tests, plain, {build}",
                                [binary(build, f"tests/c/{name}-plain")]))
    valgrind = ["valgrind", "-q", "--leak-check=full", "--error-exitcode=9"]
    for program, part in (("named", "waker/"), ("named", "handle/"),
                          ("sources", "source_handle/"), ("sources", "adopt/")):
        suites.append(Suite(
            f"{program} tests, plain, valgrind: {part}",
            [*valgrind, binary("test", f"tests/c/{program}-plain"), part],
            {"MIOPOLL_TEST_SLOW": "1"}))
    return suites


def conformance_suites():
    folder = "tests/c/conformance"
    cases = "tests/conformance/cases"
    suites = [
        Suite("conformance, C, Criterion",
              [binary("test", f"{folder}/conformance-criterion")]),
        Suite("conformance, cases that must fail",
              [binary("test", f"{folder}/conformance-plain"),
               "--must-fail", "tests/conformance/must-fail"]),
        Suite("conformance, plain, valgrind: a part",
              ["valgrind", "-q", "--leak-check=full", "--error-exitcode=9",
               binary("test", f"{folder}/conformance-plain"),
               "--filter", "waker/*", cases],
              {"MIOPOLL_TEST_SLOW": "1"}),
    ]
    for build in ("test", "asan", "tsan"):
        for selector in ("epoll", "poll"):
            suites.append(Suite(
                f"conformance, plain, {build}, {selector}",
                [binary(build, f"{folder}/conformance-plain"),
                 "--selector", selector, cases]))
    return suites


def kqueue_suites():
    """The kqueue selector, on the emulation, which behaves as one system or
    as the others."""
    skips = {"netbsd": "tests/conformance/skips/c.txt",
             "freebsd": "tests/conformance/skips/c-kqueue-freebsd.txt"}
    builds = ("kqueue", "kqueue-asan", "kqueue-tsan")
    suites = [
        Suite("conformance, C, Criterion, kqueue",
              [binary("kqueue", "tests/c/conformance/conformance-criterion")]),
        Suite("emulation of kqueue, Criterion",
              [binary("kqueue", "tests/c/fake-kqueue-criterion")]),
        Suite("translate tests, plain, kqueue",
              [binary("kqueue", "tests/c/translate-plain"), "", "kqueue"]),
        Suite("conformance, Python, kqueue",
              [PACKAGE_PYTHON, "tests/py/conformance/runner.py", "--selector",
               "kqueue"], {"PYTHONPATH": str(BUILD / "py-kqueue")}),
        Suite("conformance, Ruby, kqueue",
              ["ruby", "-w", "examples/ffi/ruby/conformance.rb", "--selector",
               "kqueue", "tests/conformance/cases"],
              {"MIOPOLL_BUILD": str(BUILD / "kqueue"),
               "MIOPOLL_LIBRARY": binary("kqueue", "src/libmiopoll.so")}),
    ]
    for build in builds:
        suites.append(Suite(
            f"emulation of kqueue, plain, {build}",
            [binary(build, "tests/c/fake-kqueue-plain")]))
        for system, path in skips.items():
            like = {"FAKE_KQUEUE": system}
            suites.append(Suite(
                f"conformance, plain, {build}, {system}",
                [binary(build, "tests/c/conformance/conformance-plain"),
                 "--selector", "kqueue", "--skips", path,
                 "tests/conformance/cases"], like))
            for name in ("named", "sources", "memory"):
                suites.append(Suite(
                    f"{name} tests, plain, {build}, {system}",
                    [binary(build, f"tests/c/{name}-plain"), "", "kqueue"],
                    like))
    return suites


def one_plan(results):
    """Every engine has read the same cases, and lost none."""
    engines = ("conformance, plain, test", "conformance, plain, kqueue",
               "conformance, Python", "conformance, Ruby")
    # tests/lua/run.py compares its own.
    logs = [str(result.log) for result in results
            if result.suite.name.startswith(engines)]
    return Suite("all engines ran the plan",
                 [PYTHON, "tests/conformance/plan.py", "--compare", *logs])


def python_suites():
    def package(name, *arguments):
        return pytest(name, *arguments, python=PACKAGE_PYTHON)

    packaging = "tests/py/test_packaging.py"
    folder = ROOT / "bindings/python/extension"
    return [
        package("Python: packaging", packaging),
        package("Python: the package", "tests/py",
                "--ignore=tests/py/conformance", f"--ignore={packaging}"),
        package("conformance, Python", "tests/py/conformance"),
        Suite("clang-tidy, Python extension",
              ["clang-tidy", "-p", str(BUILD / "py-build"), "--quiet",
               *sorted(map(str, folder.glob("*.c")))]),
    ]


def lua_suites():
    """One for each engine and what it runs, as tests/lua/run.py lists them."""
    driver = [PYTHON, "tests/lua/run.py"]
    listing = subprocess.run([*driver, "--list"], cwd=ROOT, check=True,
                             capture_output=True, text=True)
    kqueue = [*driver, "--kqueue", "--no-build"]
    return [*(Suite(f"Lua, {name}", [*driver, "--no-build", "--only", name])
              for name in listing.stdout.splitlines()),
            Suite("Lua, conformance: all, kqueue", kqueue)]


def ffi_suites():
    """Other languages, by dlopen; Ruby's binding runs the whole suite."""
    examples = [PYTHON, "examples/ffi/run.py", "--library",
                binary("test", "src/libmiopoll.so")]
    ruby = ["ruby", "-w", "examples/ffi/ruby/conformance.rb"]
    return [
        Suite("examples in other languages", [*examples, "--least", "6"]),
        Suite("examples in other languages, Ctrl-C",
              [*examples, "--interrupt", "--least", "4"]),
        Suite("conformance, Ruby", [*ruby, "tests/conformance/cases"]),
        Suite("Ruby, cases that must fail",
              [*ruby, "--must-fail", "tests/conformance/must-fail"]),
        Suite("Ruby, the binding", ["ruby", "-w", "tests/ffi/binding.rb"]),
        pytest("other languages: pages and drivers", "tests/ffi"),
    ]


def own_files(compiled):
    return sorted({entry["file"] for entry in compiled
                   if entry["file"].startswith(str(ROOT))
                   and not entry["file"].startswith(str(BUILD))})


def hygiene_suites():
    compiled = json.loads((BUILD / "test/compile_commands.json").read_text())
    files = own_files(compiled)
    kqueue = json.loads(
        (BUILD / "kqueue/compile_commands.json").read_text())
    return [
        Suite("clang-tidy, kqueue",
              ["clang-tidy", "-p", str(BUILD / "kqueue"), "--quiet",
               *(name for name in own_files(kqueue)
                 if name not in files and "/bindings/" not in name)]),
        Suite("clang-tidy",
              ["clang-tidy", "-p", str(BUILD / "test"), "--quiet", *files]),
        Suite("clang-format",
              ["clang-format", "--dry-run", "-Werror",
               *tracked("*.c", "*.h")]),
    ]


def all_suites():
    """The longest first, since two run at a time."""
    return [*python_suites(), *project_suites(), *hygiene_suites(),
            *conformance_suites(), *kqueue_suites(), *named_suites(),
            *ffi_suites(),
            *lua_suites()]
