/*
 * Linux's eventfd() where a system has none, as far as the tests need it: one
 * descriptor, that is readable once it was written to. It is a datagram socket
 * connected to itself, and counts writes, not their values.
 */
#ifndef MIOPOLL_TESTS_COMPAT_EVENTFD_H
#define MIOPOLL_TESTS_COMPAT_EVENTFD_H

#define EFD_CLOEXEC 1
#define EFD_NONBLOCK 2

int eventfd(unsigned count, int flags);

#endif
