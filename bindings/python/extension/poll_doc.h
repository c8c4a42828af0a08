/* The docstring of Poll.poll(), which is a function in C. */
#define POLL_DOC                                                         \
  "Waits for events, and returns as soon as there is one.\n"             \
  "\n"                                                                   \
  "timeout is in seconds, an int or a float: 0 only looks, None and\n"   \
  "infinity wait for ever, a fraction of a nanosecond counts as a\n"     \
  "whole one. timeout_ns says the same in nanoseconds, instead. At\n"    \
  "most capacity events come, by default as many as the constructor\n"   \
  "was told; what is left out comes with the next wait. A capacity of\n" \
  "its own costs a buffer each time.\n"                                  \
  "\n"                                                                   \
  "Returns a list of pairs (token, readiness), both plain integers;\n"   \
  "an empty one says that the time has passed. Signal handlers run\n"    \
  "during the wait, which goes on with what is left of its time\n"       \
  "unless one of them raises.\n"                                         \
  "\n"                                                                   \
  "Raises OSError EBUSY if another thread waits on this Poll, or the\n"  \
  "code that this signal handler interrupted; OSError EINVAL for a\n"    \
  "capacity of 0; ValueError if the timeout is negative or NaN, if\n"    \
  "the Poll is closed, or if it was closed during the wait; TypeError\n" \
  "for what is no number, and for timeout with timeout_ns;\n"            \
  "OverflowError for a negative capacity; RuntimeError in the child\n"   \
  "of a fork.\n"                                                         \
  "\n"                                                                   \
  ">>> from miopoll import Interest, Poll\n"                             \
  ">>> import socket\n"                                                  \
  ">>> here, there = socket.socketpair()\n"                              \
  ">>> with Poll() as poll:\n"                                           \
  "...     poll.register(here, 7, Interest.READABLE)\n"                  \
  "...     _ = there.send(b\"x\")\n"                                     \
  "...     poll.poll(timeout=1)\n"                                       \
  "[(7, 1)]\n"                                                           \
  ">>> here.close(); there.close()\n"
