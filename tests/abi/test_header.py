"""The header stands alone, in every C and C++ and under strict warnings, and
agrees with the build on the version."""

import re
import subprocess

import pytest
from generator import source

from abi_paths import ABI, HEADER, ROOT

STRICT = ["-Wall", "-Wextra", "-pedantic", "-Wconversion",
          "-Wsign-conversion", "-Werror", f"-I{ABI}",
          "-fsyntax-only", "-x"]
LANGUAGES = [
    (compiler, "c", standard) for compiler in ("gcc", "clang")
    for standard in ("c99", "c11", "c17", "c2x")
] + [
    (compiler, "c++", standard) for compiler in ("g++", "clang++")
    for standard in ("c++11", "c++14", "c++17", "c++20")
]

ALONE = "#include <miopoll.h>\n"

# Constants are or-ed into the uint32_t that a function takes: in C++ two
# enumerators give an int, so that the sign conversion could be warned of.
PROGRAM = """\
#include <miopoll.h>

int32_t watch(mio_registry_t *registry, mio_fd_t fd);
int32_t watch(mio_registry_t *registry, mio_fd_t fd) {
  uint32_t interest = MIO_READABLE | MIO_WRITABLE;
  interest |= MIO_ONESHOT;
  return mio_registry_register_fd(registry, fd, 1, interest | MIO_PRIORITY);
}

int32_t again(mio_registry_t *registry, mio_fd_t fd);
int32_t again(mio_registry_t *registry, mio_fd_t fd) {
  return mio_registry_reregister_fd(registry, fd, 1,
                                    MIO_READABLE | MIO_LEVEL);
}

int32_t ready(const mio_event_t *event);
int32_t ready(const mio_event_t *event) {
  return (event->readiness & (MIO_READABLE | MIO_READ_CLOSED)) != 0;
}

int32_t named(mio_poll_t **out);
int32_t named(mio_poll_t **out) {
  mio_poll_options_t options = {sizeof(mio_poll_options_t),
                                MIO_SELECTOR_POLL, 0, 0};
  return mio_poll_new(out, &options);
}
"""


def compile_text(compiler, language, standard, text, *flags):
    run = subprocess.run([compiler, f"-std={standard}", *flags, *STRICT,
                          language, "-"], input=text, text=True,
                         capture_output=True)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("compiler, language, standard", LANGUAGES)
def test_compiles_without_a_warning(compiler, language, standard):
    compile_text(compiler, language, standard, ALONE + ALONE)
    compile_text(compiler, language, standard, PROGRAM)


@pytest.mark.parametrize("compiler, language, standard", [
    ("gcc", "c", "c11"), ("g++", "c++", "c++17")])
@pytest.mark.parametrize("api", ["-DMIO_API=", "-DMIO_API=extern"])
def test_compiles_with_mio_api_given(compiler, language, standard, api):
    compile_text(compiler, language, standard, PROGRAM, api)


def test_version_is_that_of_the_build():
    version = source.read(HEADER).version
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    found = re.search(r"project\(\s*miopoll\s+VERSION\s+(\d+)\.(\d+)\.(\d+)",
                      text)
    assert found, "CMakeLists.txt has no project(miopoll VERSION x.y.z)"
    assert tuple(map(int, found.groups())) == version
