"""Greets whoever connects, and prints what they say.

    tcp_server.py [ADDRESS]       127.0.0.1:0, any port, if there is none
"""
import sys

from greet import greet
from miopoll import TcpListener

greet(TcpListener.bind(sys.argv[1] if sys.argv[1:] else "127.0.0.1:0"))
