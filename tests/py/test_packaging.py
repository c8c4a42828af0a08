"""Wheels, sdist, editable and system builds, each used in a new environment.

`pip install .` gets an environment to build in from pip, with CMake and cffi of
the package index, as a user's does; the others share what build/py-venv has,
which is quicker. The wheel is the one of tools/python-setup.sh."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile

import miopoll
import pytest
from support import ROOT, VERSIONS, interpreter, run_python

HERE = ROOT / "tests/py"
STRESS = HERE / "stress.py"
SMOKE = """
import miopoll, os, socket
here, there = socket.socketpair()
with miopoll.Poll() as poll, miopoll.Waker(poll, 2**64 - 1) as waker:
    poll.register(here, 42, miopoll.Interest.READABLE)
    there.send(b"x")
    assert poll.poll(5) == [(42, 1)], "event"
    here.recv(1)
    waker.wake()
    assert poll.events(5) == [miopoll.Event(2**64 - 1, 1)], "wake"
    assert poll.poll(timeout_ns=1000, capacity=2) == []
here.close(); there.close()
one, other = miopoll.UnixStream.pair()
room = bytearray(9)
with one, other:
    assert one.write(memoryview(b"hello")) == 5 and other.peek(2) == b"he"
    assert (other.read(2), other.read_into(room)) == (b"he", 3)
    assert room[:3] == b"llo" and other.read() is None
print(os.path.realpath(miopoll.__file__))
"""
VERSION = miopoll.__version__


def run(*command, code_is=0, **arguments):
    environment = {**os.environ, **arguments.pop("environment", {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.run(
        [str(word) for word in command], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=300, env=environment, **arguments,
    )
    assert (process.returncode == 0) == (code_is == 0), process.stdout
    return process.stdout


def pip(*words, **arguments):
    return run(sys.executable, "-m", "pip", "--disable-pip-version-check",
               *words, **arguments)


def new_environment(folder, python=sys.executable):
    """A virtual environment without pip, for `pip --python`."""
    run(python, "-m", "venv", "--without-pip", folder)
    return folder / "bin/python"


def install(python, *words, **arguments):
    return pip("--python", python, "install", "--quiet", *words, **arguments)


def with_our_tools(python):
    """Lets an environment see the build tools of build/py-venv."""
    tools = next(path for path in sys.path if path.endswith("site-packages"))
    found = run(python, "-c", "import site; print(site.getsitepackages()[0])")
    with open(os.path.join(found.strip(), "tools.pth"), "w") as file:
        file.write(tools + "\n")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("packaging")


@pytest.fixture(scope="session")
def wheel():
    """Of `pip wheel .`."""
    (wheel,) = (ROOT / "build/py-wheel").iterdir()
    return wheel


@pytest.fixture(scope="session")
def sdist(folder):
    run(sys.executable, "-m", "build", "--sdist", "--no-isolation",
        "--outdir", folder / "sdist", ROOT)
    (sdist,) = (folder / "sdist").iterdir()
    return sdist


def smoke(python, **arguments):
    return run(python, "-I", "-X", "dev", "-W", "error", "-c", SMOKE,
               cwd="/", **arguments).strip()


def test_pip_wheel(wheel):
    assert re.fullmatch(
        rf"miopoll-{VERSION}-cp39-abi3-linux_\w+\.whl", wheel.name
    )
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
    package = ROOT / "bindings/python/miopoll"
    expected = {f"miopoll/{path.name}" for path in package.iterdir()
                if path.is_file()}
    found = {name for name in names if name.startswith("miopoll/")}
    assert found == expected | {"miopoll/_miopoll.abi3.so"}
    rest = {name.partition("/")[0] for name in set(names) - found}
    assert rest == {f"miopoll-{VERSION}.dist-info"}


@pytest.fixture(scope="session")
def extension(wheel, folder):
    with zipfile.ZipFile(wheel) as file:
        return file.extract("miopoll/_miopoll.abi3.so", folder / "extension")


def test_only_the_init_function_is_exported(extension):
    lines = run("nm", "-D", "--defined-only", extension).splitlines()
    assert [line.split()[-1] for line in lines] == ["PyInit__miopoll"]


def test_only_the_stable_abi_is_used(extension):
    """No private function of CPython, and no library but the C library."""
    undefined = run("nm", "-D", "--undefined-only", extension)
    names = re.findall(r"U (_?Py\w+)", undefined)
    assert len(names) > 10
    # _Py_Dealloc is what Py_DECREF, a macro of the stable ABI, calls.
    private = {name for name in names if name.startswith("_Py")}
    assert private <= {"_Py_Dealloc", "_Py_NoneStruct"}
    needed = re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", extension))
    assert set(needed) <= {"libc.so.6"}


def test_auditwheel_finds_it_clean(wheel):
    tool = os.path.join(os.path.dirname(sys.executable), "auditwheel")
    output = " ".join(run(tool, "show", wheel).split())
    assert re.search(r'consistent with the following platform tag: '
                     r'"(manylinux|linux)_', output), output
    assert "ISOLATED" not in output


def test_pip_install_in_a_new_environment(folder):
    """As a user does it: a new environment with its own pip."""
    target = folder / "user"
    venv.create(target, with_pip=True)
    python = target / "bin/python"
    run(python, "-m", "pip", "--disable-pip-version-check", "install",
        "--quiet", ".", cwd=ROOT)
    assert smoke(python).startswith(os.path.realpath(target))
    output = run(python, "-m", "miopoll", cwd="/")
    assert output.splitlines()[-1].split() == ["self-test", "passed"]


def test_the_sdist_has_what_it_needs_and_no_more(sdist):
    assert sdist.name == f"miopoll-{VERSION}.tar.gz"
    with tarfile.open(sdist) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    tops = {name.partition("/")[0] for name in names}
    assert {"PKG-INFO", "CMakeLists.txt", "pyproject.toml", "LICENSE", "abi",
            "src", "bindings", "docs"} <= tops
    assert {"abi/miopoll.h", "abi/generated/miopoll.cdef", "src/api.c",
            "docs/python.md", "bindings/python/CMakeLists.txt",
            "bindings/python/extension/guard.cdef"} <= names
    assert not tops & {"build", "tests", "bench", "demo", "tools", ".git"}
    assert not any("__pycache__" in name or name.startswith("bindings/lua")
                   for name in names)


def test_the_sdist_builds_by_itself(sdist, wheel, folder):
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir",
        folder / "from-sdist", sdist)
    (built,) = (folder / "from-sdist").iterdir()
    assert built.name == wheel.name
    with zipfile.ZipFile(built) as one, zipfile.ZipFile(wheel) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())
    python = new_environment(folder / "sdist-user")
    install(python, built)
    assert smoke(python).startswith(os.path.realpath(folder))


def test_editable(folder):
    python = new_environment(folder / "editable")
    with_our_tools(python)
    output = pip("--python", python, "install", "--no-build-isolation",
                 "--no-deps", "--force-reinstall", "--editable", ROOT)
    assert "Successfully installed" in output
    found = run(python, "-c", SMOKE, cwd="/").strip()
    package = os.path.realpath(ROOT / "bindings/python/miopoll/__init__.py")
    assert found == package


@pytest.fixture(scope="session")
def prefix(folder):
    """The C library, installed."""
    build = folder / "c-build"
    prefix = folder / "prefix"
    tools = os.path.dirname(sys.executable)
    cmake = os.path.join(tools, "cmake")
    run(cmake, "-S", ROOT, "-B", build, "-G", "Ninja",
        f"-DCMAKE_MAKE_PROGRAM={tools}/ninja", "-DCMAKE_BUILD_TYPE=Release",
        f"-DCMAKE_INSTALL_PREFIX={prefix}", "-DCMAKE_INSTALL_LIBDIR=lib",
        "-DMIOPOLL_TESTS=OFF", "-DMIOPOLL_BENCH=OFF", "-DMIOPOLL_EXAMPLES=OFF")
    run(cmake, "--build", build)
    run(cmake, "--install", build)
    return prefix


def system_wheel(target, pkgconfig, **arguments):
    return pip(
        "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", target,
        "--config-settings=cmake.define.MIOPOLL_SYSTEM=ON", ROOT,
        environment={"PKG_CONFIG_PATH": str(pkgconfig),
                     "PKG_CONFIG_LIBDIR": str(pkgconfig)}, **arguments,
    )


def test_the_systems_library(folder, prefix):
    system_wheel(folder / "system", prefix / "lib/pkgconfig")
    (wheel,) = (folder / "system").iterdir()
    python = new_environment(folder / "system-user")
    install(python, wheel)
    with zipfile.ZipFile(wheel) as file:
        extension = file.extract("miopoll/_miopoll.abi3.so", folder / "system")
    dynamic = run("readelf", "-d", extension)
    assert "NEEDED" in dynamic and "[libmiopoll.so.0]" in dynamic
    smoke(python, environment={"LD_LIBRARY_PATH": str(prefix / "lib")})
    run(python, "-I", "-c", SMOKE, code_is=1)  # It is nowhere to be found.


def test_a_system_library_that_is_too_old(folder, prefix):
    old = folder / "old"
    old.mkdir()
    text = (prefix / "lib/pkgconfig/miopoll.pc").read_text()
    text = re.sub("^Version:.*", "Version: 0.0.9", text, flags=re.M)
    (old / "miopoll.pc").write_text(text)
    output = " ".join(system_wheel(folder / "none", old, code_is=1).split())
    assert (f"the installed miopoll is 0.0.9, and this package needs {VERSION}"
            in output)


def test_no_system_library(folder):
    nowhere = folder / "nowhere"
    nowhere.mkdir()
    output = " ".join(system_wheel(folder / "none", nowhere, code_is=1).split())
    assert "pkg-config finds no miopoll. Install the library" in output


def test_a_library_that_became_older_is_refused_at_import():
    code = """
import importlib.machinery, importlib.util, pathlib, sys
path = next(pathlib.Path(sys.argv[1]).glob("_miopoll.*.so"))
loader = importlib.machinery.ExtensionFileLoader("miopoll._miopoll", str(path))
spec = importlib.util.spec_from_loader("miopoll._miopoll", loader)
real = importlib.util.module_from_spec(spec)

class Old:
    def __getattr__(self, name):
        return getattr(real.lib, name)
    def mio_version(self):
        return 8

class Module:
    ffi, lib, Waiter = real.ffi, Old(), real.Waiter
    SourceBase = real.SourceBase

sys.modules["miopoll._miopoll"] = Module
try:
    import miopoll
except ImportError as error:
    print(error)
"""
    package = os.path.dirname(miopoll.__file__)
    output = run(sys.executable, "-c", code, package)
    assert "was built for a newer library" in output


@pytest.mark.parametrize("version", VERSIONS)
def test_every_python(version, wheel, folder):
    """One wheel for all: an event, a wake, and a second of the stress test."""
    found = interpreter(version)
    if found is None:
        pytest.skip(f"there is no Python {version} here")
    python = new_environment(folder / version, found)
    install(python, wheel)
    assert smoke(python).startswith(os.path.realpath(folder))
    run(python, "-X", "dev", "-W", "error", "-W", "default::ResourceWarning",
        STRESS, "1")


def test_pypy(folder):
    """Built by and for PyPy, where there is one with its headers."""
    found = shutil.which("pypy3")
    if found is None:
        pytest.skip("there is no PyPy here")
    python = new_environment(folder / "pypy", found)
    include = run(python, "-c",
                  "import sysconfig; print(sysconfig.get_path('include'))")
    if not os.path.exists(os.path.join(include.strip(), "Python.h")):
        pytest.skip("PyPy is here without its headers (pypy3-dev)")
    install(python, ROOT)
    assert run(python, "-c", SMOKE, cwd="/").strip().startswith(
        os.path.realpath(folder)
    )


def test_the_waiter_in_python(tmp_path):
    """What PyPy uses instead of wait.c gives the same."""
    code = f"""
import sys
sys.argv = ["stress.py", "0.5"]
sys.path.insert(0, {str(HERE)!r})
import without_types
{SMOKE}
from miopoll._poll import Waiter
assert Waiter.__module__ == "miopoll._waiter"
assert miopoll.Sender.write.__module__ == "miopoll._transfer"
with miopoll.Poll(capacity=1) as poll:
    with miopoll.Waker(poll, 3) as one, miopoll.Waker(poll, 4) as other:
        one.wake(); other.wake()
        assert len(poll.poll(0)) == len(poll.poll(0)) == 1
    for arguments in ((), (0,), (0.001,)):
        with miopoll.Waker(poll, 3) as waker:
            waker.wake()
            assert poll.poll(*arguments) == [(3, 1)]
exec(open({str(STRESS)!r}).read())
"""
    run_python(code)


def test_the_transfers_in_python():
    """What PyPy uses instead of transfer.c passes the tests of sources."""
    names = ("buffers", "pipes", "streams", "datagrams", "source_threads")
    run(sys.executable, "-m", "pytest", "-q", "-p", "without_types",
        *(HERE / f"test_{name}.py" for name in names),
        environment={"PYTHONPATH": str(HERE)})


def test_a_sanitized_extension(folder):
    """The stress test once more, with every access to memory checked."""
    library = run("gcc", "-print-file-name=libasan.so").strip()
    if not os.path.isabs(library):
        pytest.skip("gcc has no libasan here")
    flags = "-fsanitize=address,undefined -fno-sanitize-recover=undefined"
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir",
        folder / "asan", "--config-settings=cmake.build-type=Debug", ROOT,
        environment={"CFLAGS": f"{flags} -O1 -g", "LDFLAGS": flags,
                     "CC": shutil.which("gcc")})
    (wheel,) = (folder / "asan").iterdir()
    python = new_environment(folder / "asan-user")
    install(python, wheel)
    output = run(
        python, "-X", "dev", STRESS, "2",
        environment={"LD_PRELOAD": library, "PYTHONMALLOC": "malloc",
                     "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1"},
    )
    assert "AddressSanitizer" not in output
