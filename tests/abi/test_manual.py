"""The programs that the header and the README show are compiled and run."""

import os
import pathlib
import re
import subprocess

import pytest

from abi_paths import HEADER, ROOT

LIBRARY = os.environ.get("MIOPOLL_LIBRARY")

FRAME = """
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "miopoll.h"

static inline void read_until_EAGAIN(int fd) {
  char bytes[64];
  ssize_t n;
  (void)fcntl(fd, F_SETFL, O_NONBLOCK);
  while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
    (void)fwrite(bytes, 1, (size_t)n, stdout);
  }
}

int main(void) {
  %s
  %s
  return 0;
}
"""


def program_of_the_header():
    text = HEADER.read_text()
    chapter = text[text.index("1. A FIRST PROGRAM"):text.index("2. EDGE")]
    lines = re.findall(r"^ \*     (.*)$", chapter, re.M)
    assert len(lines) > 10
    return "\n  ".join(lines)


def program_of_the_readme():
    text = (ROOT / "README.md").read_text()
    (block,) = re.findall(r"```c\n(.*?)```", text, re.S)
    return block


def build(tmp_path, body, before=""):
    source = tmp_path / "program.c"
    source.write_text(FRAME % (before, body))
    library = pathlib.Path(LIBRARY)
    subprocess.run(
        [*os.environ.get("CC", "cc").split(), "-std=c11", "-D_GNU_SOURCE",
         "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'abi'}", source,
         "-o", tmp_path / "program", library,
         f"-Wl,-rpath,{library.parent}"],
        check=True)
    return tmp_path / "program"


@pytest.mark.skipif(LIBRARY is None and "CI" not in os.environ,
                    reason="MIOPOLL_LIBRARY does not name the library")
class TestPrograms:
    @pytest.mark.parametrize("selector", ["epoll", "poll"])
    def test_first_program_of_the_header(self, tmp_path, selector):
        program = build(tmp_path, program_of_the_header())
        ran = subprocess.run(
            [program], input=b"hello", capture_output=True, timeout=10,
            env={**os.environ, "MIOPOLL_SELECTOR": selector})
        assert (ran.returncode, ran.stdout) == (0, b"hello")

    def test_program_of_the_readme(self, tmp_path):
        body = program_of_the_readme() + (
            '  (void)printf("%d %d\\n", n, (int)events[0].token);\n'
            "  mio_registry_free(registry);\n  mio_poll_free(poll);\n")
        program = build(tmp_path, body, "int fd = 0;")
        ran = subprocess.run([program], input=b"hello", capture_output=True,
                             timeout=10)
        assert (ran.returncode, ran.stdout) == (0, b"1 42\n")
