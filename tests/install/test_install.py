"""The library is installed, moved, packaged and embedded, and each time a
small program is built against it and run."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "tests/install"
VERSION = re.search(r"project\(miopoll VERSION ([0-9.]+)",
                    (ROOT / "CMakeLists.txt").read_text()).group(1)
PLAIN = ["-DMIOPOLL_TESTS=OFF", "-DMIOPOLL_BENCH=OFF",
         "-DMIOPOLL_EXAMPLES=OFF", "-DCMAKE_BUILD_TYPE=Release"]


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], text=True,
                          capture_output=True, timeout=300, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(source, folder, *options):
    run("cmake", "-S", source, "-B", folder, "-G", "Ninja", *options)
    run("ninja", "-C", folder)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(ROOT, tmp_path_factory.mktemp("build"), *PLAIN)


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    prefix = tmp_path_factory.mktemp("installed") / "prefix"
    run("cmake", "--install", built, "--prefix", prefix)
    return prefix


@pytest.fixture(scope="module")
def moved(installed, tmp_path_factory):
    """The same, moved after it was installed."""
    first = tmp_path_factory.mktemp("first") / "prefix"
    shutil.copytree(installed, first, symlinks=True)
    return first.rename(tmp_path_factory.mktemp("moved") / "elsewhere")


@pytest.fixture(params=["installed", "moved"])
def prefix(request):
    return request.getfixturevalue(request.param)


def says_version(program, **environment):
    output = run(program, env={**os.environ, **environment})
    assert output.strip() == VERSION


def test_cmake_consumer(prefix, tmp_path):
    folder = build(HERE / "consumer", tmp_path,
                   f"-DCMAKE_PREFIX_PATH={prefix}")
    says_version(folder / "shared")
    says_version(folder / "static")
    needed = run("readelf", "-d", folder / "static")
    assert "miopoll" not in needed


@pytest.mark.parametrize("wanted, found", [
    ("0.1", True), ("0.0.1", True), ("1.0", False), ("0.2", False)])
def test_cmake_version(installed, tmp_path, wanted, found):
    done = subprocess.run(
        ["cmake", "-S", HERE / "consumer", "-B", tmp_path,
         f"-DCMAKE_PREFIX_PATH={installed}", f"-DWANTED={wanted}"],
        capture_output=True, text=True)
    assert (done.returncode == 0) == found
    assert found or f'compatible with requested version "{wanted}"' in (
        " ".join(done.stderr.split()))


def pkg_config(prefix, *options):
    return run("pkg-config", *options, "miopoll", env={
        **os.environ, "PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig"}).split()


def test_pkg_config_consumer(prefix, tmp_path):
    flags = pkg_config(prefix, "--cflags", "--libs")
    assert all(str(prefix) in word or word == "-lmiopoll" or ".." in word
               for word in flags)
    program = tmp_path / "program"
    run("cc", HERE / "consumer/main.c", "-o", program, *flags)
    says_version(program, LD_LIBRARY_PATH=f"{prefix}/lib")


def test_pkg_config_static_consumer(prefix, tmp_path):
    program = tmp_path / "program"
    run("cc", "-static", HERE / "consumer/main.c", "-o", program,
        *pkg_config(prefix, "--static", "--cflags", "--libs"))
    says_version(program)


def test_pkg_config_version(installed):
    assert pkg_config(installed, "--modversion") == [VERSION]


def test_destdir(built, tmp_path):
    run("cmake", "--install", built, "--prefix", "/usr",
        env={**os.environ, "DESTDIR": str(tmp_path)})
    assert (tmp_path / "usr/include/miopoll.h").exists()
    assert (tmp_path / "usr/lib/libmiopoll.so.0").is_symlink()
    assert (tmp_path / "usr/share/man/man3/mio_poll_wait.3").exists()
    assert (tmp_path / "usr/share/man/man7/miopoll.7").exists()


def names(folder):
    return {path.name for path in folder.rglob("*") if not path.is_dir()}


def test_components(built, tmp_path):
    for component in ("Runtime", "Development"):
        run("cmake", "--install", built, "--prefix", tmp_path / component,
            "--component", component)
    runtime = names(tmp_path / "Runtime")
    assert runtime == {f"libmiopoll.so.{VERSION}", "libmiopoll.so.0"}
    development = names(tmp_path / "Development")
    assert {"libmiopoll.so", "libmiopoll.a", "miopoll.h", "miopoll.pc",
            "miopollConfig.cmake"} <= development
    assert not runtime & development


@pytest.mark.parametrize("fetch", [False, True],
                         ids=["add_subdirectory", "FetchContent"])
def test_embedded(tmp_path, fetch):
    source = ROOT
    if fetch:  # From a repository, as a user would.
        source = tmp_path / "repository"
        files = run("git", "ls-files", "src", "abi", "cmake",
                    "CMakeLists.txt", cwd=ROOT).split()
        for name in files:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
        run("git", "init", "-q", source)
        run("git", "-C", source, "add", ".")
        run("git", "-C", source, "-c", "user.name=t", "-c", "user.email=t@t",
            "commit", "-qm", "all")
    folder = build(HERE / "embedder", tmp_path / "build",
                   f"-DMIOPOLL_SOURCE={source}", f"-DFETCH={int(fetch)}")
    says_version(folder / "shared")
    says_version(folder / "static")
    # No test or example of ours in somebody else's build.
    assert not list(folder.rglob("bench-core")) + list(folder.rglob("echo"))


def test_reproducible(built, tmp_path):
    copy = tmp_path / "another/place"
    for part in ("src", "abi", "cmake"):
        shutil.copytree(ROOT / part, copy / part)
    for part in ("CMakeLists.txt", "LICENSE"):
        shutil.copy(ROOT / part, copy / part)
    again = build(copy, tmp_path / "build", *PLAIN)
    for name in ("libmiopoll.so", "libmiopoll.a"):
        assert (built / "src" / name).read_bytes() == (
            again / "src" / name).read_bytes(), name


@pytest.fixture(scope="module")
def packages(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("packages")
    run("cpack", "-G", "DEB", "-B", folder, cwd=built)
    found = sorted(folder.glob("*.deb"))
    assert [path.name.split("_")[0] for path in found] == [
        "libmiopoll-dev", "libmiopoll0"]
    return found


def test_debian_packages_unpacked(packages, tmp_path):
    for package in packages:
        run("dpkg-deb", "-x", package, tmp_path / "system")
    folder = build(HERE / "consumer", tmp_path / "consumer",
                   f"-DCMAKE_PREFIX_PATH={tmp_path / 'system/usr'}")
    says_version(folder / "shared")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs packages")
def test_debian_packages_installed(packages, tmp_path):
    run("dpkg", "-i", *reversed(packages))
    try:
        folder = build(HERE / "consumer", tmp_path / "consumer")
        says_version(folder / "shared")
        assert "/lib/libmiopoll.so.0" in run("ldd", folder / "shared")
    finally:
        run("dpkg", "--purge", "libmiopoll-dev", "libmiopoll0")
