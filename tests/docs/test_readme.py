"""What the README shows: files as they are, programs that run, commands that
exist. The C program is run by tests/abi, the Lua program by tests/lua."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text()
PACKAGE_PYTHON = ROOT / "build/py-venv/bin/python"

# Every command, and what runs it.
COMMANDS = {
    "make demo": ".ci/run",
    "make test": ".ci/run",
    "cmake -S . -B build/mine -DMIOPOLL_TESTS=OFF": "here",
    "cmake --build build/mine": "here",
    "cmake --install build/mine": "here",
    "cc program.c $(pkg-config --cflags --libs miopoll)": "here",
    "pip install .": "tests/py/test_packaging.py",
    "python -m miopoll": "tests/py/test_packaging.py",
    "luarocks --lua-version=5.4 make bindings/lua/miopoll-scm-0.rockspec": "tests/lua/rock.py",
    "make generate": "target",
    "make format": "target",
    "make docs": "target",
    "make examples": "target",
    "make bench": "target",
    "make coverage": "target",
    "make mutants": "target",
    "make fuzz": "target",
    "make soak": "target",
}


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def test_files_are_shown_as_they_are():
    subprocess.run([sys.executable, ROOT / "tools/readme.py", "--check"],
                   check=True)


def test_each_command_is_run_somewhere():
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    assert sorted(lines) == sorted(COMMANDS)
    targets = set(re.findall(r"^(\w+):$", (ROOT / "Makefile").read_text(),
                             re.M))
    for line, where in COMMANDS.items():
        if line.startswith("make "):
            assert line.split()[1] in targets
        elif where != "here":
            assert (ROOT / where).exists()


def test_commands_of_a_c_user(tmp_path):
    build, prefix = tmp_path / "build", tmp_path / "prefix"
    (tmp_path / "program.c").write_text(
        (ROOT / "tests/install/consumer/main.c").read_text())
    environment = {**os.environ, "LD_LIBRARY_PATH": f"{prefix}/lib",
                   "PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig"}
    for line, where in COMMANDS.items():
        if where == "here":
            line = line.replace("build/mine", str(build))
            line = line.replace("-DMIOPOLL_TESTS=OFF",
                                f"-DMIOPOLL_TESTS=OFF "
                                f"-DCMAKE_INSTALL_PREFIX={prefix}")
            subprocess.run(line, shell=True, check=True, env=environment,
                           stdout=subprocess.DEVNULL,
                           cwd=tmp_path if line[:2] == "cc" else ROOT)
    subprocess.run([tmp_path / "a.out"], check=True, env=environment)


def test_python_program():
    (program,) = blocks("python")
    done = subprocess.run([PACKAGE_PYTHON, "-X", "dev", "-c", program],
                          check=True, capture_output=True, text=True)
    assert done.stdout == "42 True\n"
