"""tcp_server.py on a listener that it inherits, as from systemd, so that it can
be started anew without a client being refused.

LISTEN_FDS says how many descriptors there are from 3 on, of which this takes
the first. LISTEN_PID, if it is set, says whose they are.
"""
import os
import sys

from greet import greet
from miopoll import TcpListener

FIRST = 3

count = os.environ.get("LISTEN_FDS", "0")
process = os.environ.get("LISTEN_PID", str(os.getpid()))
if not count.isdigit() or int(count) < 1 or process != str(os.getpid()):
    sys.exit("no listener was handed over: LISTEN_FDS is not set, or "
             "LISTEN_PID is another's")
# What it is is checked, and it is made non-blocking.
greet(TcpListener.from_fd(FIRST))
