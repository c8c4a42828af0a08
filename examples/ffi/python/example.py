"""libmiopoll from Python's own ctypes, without a package.

ctypes lets the other threads of Python run during a call. Tokens are whole
64-bit numbers. Ctrl-C: the wait comes back with EINTR, Python raises
KeyboardInterrupt, and that leaves the loop.
"""
import os
import sys
import threading
from ctypes import (CDLL, Structure, byref, c_char_p, c_int32, c_int64,
                    c_uint32, c_uint64, c_void_p)
READABLE, TOKEN, WAKER_TOKEN = 1, 0x1122334455667788, 7

class Event(Structure):  # 16 bytes.
    _fields_ = [("token", c_uint64), ("readiness", c_uint32), ("_", c_uint32)]

mio = CDLL(os.environ.get("MIOPOLL_LIBRARY", "libmiopoll.so.0"))
# Without argtypes ctypes passes C ints, and cuts pointers and tokens.
mio.mio_err_name.argtypes, mio.mio_err_name.restype = [c_int32], c_char_p
mio.mio_registry_register_fd.argtypes = [c_void_p, c_int64, c_uint64, c_uint32]
mio.mio_registry_deregister_fd.argtypes = [c_void_p, c_int64]
mio.mio_waker_new.argtypes = [c_void_p, c_void_p, c_uint64]
mio.mio_poll_wait.argtypes = [c_void_p, c_void_p, c_uint32, c_int64]

def check(result):  # 0 or a count when all went well, else a negative errno.
    if result < 0:
        raise OSError(-result, mio.mio_err_name(result).decode())
    return result

def wait():
    while True:
        try:
            return events[:check(mio.mio_poll_wait(poll, events, 64, -1))]
        except InterruptedError:
            pass  # EINTR, and no handler has raised anything: wait again.

poll, registry, waker, events = *(c_void_p() for _ in "prw"), (Event * 64)()
check(mio.mio_poll_new(byref(poll), None))
check(mio.mio_poll_registry(poll, byref(registry)))
check(mio.mio_waker_new(byref(waker), registry, WAKER_TOKEN))
reader, writer = os.pipe()
os.write(writer, b"x")
check(mio.mio_registry_register_fd(registry, reader, TOKEN, READABLE))
for event in wait():
    print(f"token {event.token:x}: {len(os.read(reader, 1))} byte")
print("again:", mio.mio_err_name(  # Errors go by name: numbers differ.
    mio.mio_registry_register_fd(registry, reader, TOKEN, READABLE)).decode())
threading.Timer(0.01, mio.mio_waker_wake, [waker]).start()
print(f"token {wait()[0].token:x}: woken")
try:
    if "block" in sys.argv:
        print("blocked", flush=True)
        wait()
except KeyboardInterrupt:
    print("interrupted")
    sys.exit(130)
mio.mio_registry_deregister_fd(registry, reader)  # Before it is closed.
mio.mio_waker_free(waker)
mio.mio_registry_free(registry)
mio.mio_poll_free(poll)
