"""Where things are, and what may be missing."""

import os
from pathlib import Path

import pytest

from blocks import ROOT


def need(path):
    """Skips where something was not built; never where CI is set."""
    if not path.exists() and "CI" not in os.environ:
        pytest.skip(f"{path.relative_to(ROOT)} is not there")
    return path


@pytest.fixture
def library():
    named = os.environ.get("MIOPOLL_LIBRARY")
    return Path(named) if named else need(
        ROOT / "build/test/src/libmiopoll.so")


@pytest.fixture
def python():
    """One that has the package: tools/python-setup.sh makes it."""
    return need(ROOT / "build/py-venv/bin/python")


@pytest.fixture
def lua_modules():
    """tests/lua/run.py builds them."""
    return need(ROOT / "build/lua/bindings/lua/5.4")
