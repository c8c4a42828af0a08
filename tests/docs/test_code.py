"""Every block of C, Python, Lua and shell in the pages is compiled and run."""

import os
import re
import subprocess

import blocks
import pytest
from blocks import ROOT

TESTED = {"c", "python", "lua", "sh"}

# What a program prints, where a page says the same in several languages.
PRINTS = {"docs/porting-from-mio.md": "7 true\n"}

INCLUDES = """
#include <errno.h>
#include <fcntl.h>
#include <miopoll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
"""

# Blocks without a main() are functions; this one calls those of their page.
MAINS = {"docs/faq.md": r"""
static size_t taken;

static void take(const char *bytes, size_t count) {
  (void)bytes;
  taken += count;
}

static int check(int line, int condition) {
  if (!condition) {
    (void)fprintf(stderr, "the check of line %d failed\n", line);
  }
  return !condition;
}
#define CHECK(condition) wrong += check(__LINE__, condition)

int main(void) {
  int wrong = 0;
  int ends[2];
  mio_poll_t *poll;
  mio_registry_t *registry;
  mio_event_t events[8];
  CHECK(pipe(ends) == 0);
  CHECK(set_nonblocking(ends[0]) == 0);
  CHECK(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
  CHECK(mio_poll_new(&poll, NULL) == 0);
  CHECK(mio_poll_registry(poll, &registry) == 0);

  struct slot slots[2] = {{-1, 0}, {ends[0], 5}};
  uint64_t token = token_of(slots, 1);
  CHECK(mio_registry_register_fd(registry, ends[0], token, MIO_READABLE) == 0);
  CHECK(write(ends[1], "hello", 5) == 5);
  int64_t soon = mio_clock_now() + INT64_C(5000000000);
  CHECK(wait_until(poll, events, 8, soon) == 1);
  CHECK(slot_of(slots, events[0].token) == &slots[1]);
  CHECK(drain(ends[0], take) == 0 && taken == 5);
  CHECK(close(ends[1]) == 0);
  CHECK(drain(ends[0], take) == 1);
  CHECK(close_slot(registry, &slots[1]) == 0);
  CHECK(slot_of(slots, token) == NULL);
  CHECK(drain(ends[0], take) == -EBADF);

  CHECK(mio_waker_new(&stop, registry, 9) == 0);
  struct sigaction action;
  (void)memset(&action, 0, sizeof(action));
  action.sa_handler = on_signal;
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
  (void)alarm(1); /* In the middle of the wait, which goes on. */
  CHECK(wait_until(poll, events, 8, mio_clock_now() + INT64_C(5000000000)) ==
        1);
  CHECK(events[0].token == 9);
  CHECK(wait_until(poll, events, 8, mio_clock_now() + 1000) == 0);

  mio_waker_free(stop);
  mio_registry_free(registry);
  mio_poll_free(poll);
  return wrong;
}
"""}


def cases(language):
    return [pytest.param(page, text, id=f"{page}-{number}")
            for page, number, text in blocks.of(language)]


def is_program(text):
    return "int main(" in text


def run_c(folder, library, text, selector):
    source = folder / "program.c"
    source.write_text(text)
    subprocess.run(
        [*os.environ.get("CC", "cc").split(), "-std=c11", "-D_GNU_SOURCE",
         "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'abi'}", source,
         "-o", folder / "program", library,
         f"-Wl,-rpath,{library.parent}"], check=True)
    return run([folder / "program"], MIOPOLL_SELECTOR=selector)


def run(command, text=None, **environment):
    done = subprocess.run(command, input=text, text=True, timeout=60,
                          capture_output=True,
                          env={**os.environ, **environment})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_block_has_a_language_that_is_tested_or_only_shown():
    for page in blocks.pages():
        for number, (language, _) in enumerate(blocks.blocks(page), 1):
            assert language in TESTED | blocks.SHOWN, (
                f"{page}, block {number}: {language or 'no language'}")


@pytest.mark.parametrize("selector", ["epoll", "poll"])
@pytest.mark.parametrize("page, text", [case for case in cases("c")
                                        if is_program(case.values[1])])
def test_programs_in_c(page, text, selector, library, tmp_path):
    assert run_c(tmp_path, library, text, selector) == PRINTS.get(page, "")


@pytest.mark.parametrize("selector", ["epoll", "poll"])
@pytest.mark.parametrize("page", sorted(
    {page for page, _, text in blocks.of("c") if not is_program(text)}))
def test_functions_in_c(page, selector, library, tmp_path):
    functions = [text for word, text in blocks.blocks(page)
                 if word == "c" and not is_program(text)]
    text = "\n".join([INCLUDES, *functions, MAINS[page]])
    run_c(tmp_path, library, text, selector)


@pytest.mark.parametrize("page, text", cases("python"))
def test_python(page, text, python):
    output = run([python, "-X", "dev", "-W", "error", "-"], text)
    assert output == PRINTS.get(page, "")


@pytest.mark.parametrize("page, text", cases("lua"))
def test_lua(page, text, lua_modules):
    output = run(["lua5.4", "-"], text,
                 LUA_PATH=f"{ROOT}/bindings/lua/?.lua;;",
                 LUA_CPATH=f"{lua_modules}/?.so;;")
    assert output == PRINTS.get(page, "")


@pytest.mark.parametrize("page, text", cases("sh"))
def test_shell(page, text):
    """The lines are commands of this project: what is quick is run, and of the
    rest the target or the program has to be there."""
    for line in re.sub(r"\s+#.*", "", text).splitlines():
        words = line.split()
        if "--check" in words:
            subprocess.run(words, cwd=ROOT, check=True, timeout=60)
        elif words[0] == "make":
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(),
                             re.M), line
        else:
            paths = [word for word in words if "/" in word]
            assert paths, line
            gone = [path for path in paths if not (ROOT / path).exists()
                    and not path.startswith("build/")]
            assert not gone, line
