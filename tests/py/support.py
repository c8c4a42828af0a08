"""What several tests here need."""

import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run_python(code, *options, python=sys.executable, code_is=0, **arguments):
    """Runs code in a new interpreter; its output."""
    process = subprocess.run(
        [python, *options, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        **arguments,
    )
    assert process.returncode == code_is, process.stdout
    return process.stdout


VERSIONS = [f"3.{minor}" for minor in range(9, 15)]


def interpreter(version):
    """The path of a python of that version, on PATH or of pyenv; or None."""
    root = os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv"
    places = [shutil.which(f"python{version}")]
    places += sorted(
        str(path)
        for path in pathlib.Path(root).glob(f"versions/{version}.*/bin/python3")
    )
    for place in places:
        if place is None:
            continue
        said = subprocess.run(
            [place, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
        )
        if said.stdout.strip() == version:
            return place
    return None
