"""The library is loaded as a plugin would: with dlopen, privately, twice."""

import ctypes
import os
import re
import shutil
import subprocess

import pytest

LIBRARY = os.environ.get("MIOPOLL_LIBRARY")

pytestmark = pytest.mark.skipif(
    LIBRARY is None and "CI" not in os.environ,
    reason="MIOPOLL_LIBRARY does not name the library")


def new_poll(library):
    poll = ctypes.c_void_p()
    assert library.mio_poll_new(ctypes.byref(poll), None) == 0
    return poll


def test_two_copies_in_one_process(tmp_path):
    copy = shutil.copy(LIBRARY, tmp_path / "libcopy.so")
    first = ctypes.CDLL(LIBRARY, mode=os.RTLD_LOCAL | os.RTLD_NOW)
    second = ctypes.CDLL(copy, mode=os.RTLD_LOCAL | os.RTLD_NOW)
    assert first._handle != second._handle
    for library in (first, second):
        library.mio_poll_free.restype = None
        library.mio_poll_wait.argtypes = [
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int64]
    polls = [(library, new_poll(library)) for library in (first, second)]
    buffer = ctypes.create_string_buffer(16)
    for library, poll in polls:
        assert library.mio_poll_wait(poll, buffer, 1, 0) == 0
        library.mio_poll_free(poll)


def sections():
    text = subprocess.run(["readelf", "-SW", LIBRARY], check=True,
                          capture_output=True, text=True).stdout
    return {name: int(size, 16) for name, size in re.findall(
        r"\] (\.\S+)\s+\S+\s+\w+ \w+ (\w+)", text)}


def test_no_thread_local_storage_and_no_constructors():
    sizes = sections()
    assert ".text" in sizes
    assert ".tbss" not in sizes and ".tdata" not in sizes
    # One entry each, the compiler's own.
    assert sizes[".init_array"] == 8 and sizes[".fini_array"] == 8


def test_needs_the_c_library_alone():
    text = subprocess.run(["readelf", "-d", LIBRARY], check=True,
                          capture_output=True, text=True).stdout
    assert re.findall(r"NEEDED.*\[(.*)\]", text) == ["libc.so.6"]
    assert re.findall(r"SONAME.*\[(.*)\]", text) == ["libmiopoll.so.0"]
