/*
 * <sys/event.h> of an emulation of kqueue on Linux, for tests. It behaves as
 * NetBSD's kqueue does, as far as the table of ../kqueue.c has it.
 *
 * What a program has to know beside kqueue(2):
 *   - The environment variable FAKE_KQUEUE, read by kqueue(), is `netbsd`
 *     (the default) or `freebsd`. With the latter there are EVFILT_USER and
 *     EVFILT_EXCEPT, and a change without EV_ADD replaces udata and looks at
 *     the filter again, as on FreeBSD, macOS and DragonFly.
 *   - close() has to be this header's for a kqueue's own descriptor; it is
 *     a macro here. Other descriptors may be closed by whoever likes.
 */
#ifndef FAKE_SYS_EVENT_H
#define FAKE_SYS_EVENT_H

#include <stdint.h>
#include <time.h>
#include <unistd.h>

struct kevent {
  uintptr_t ident;
  int16_t filter;
  uint16_t flags;
  uint32_t fflags;
  int64_t data;
  void *udata;
};

/* Filters. */
#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_TIMER (-7)
#define EVFILT_USER (-10)
#define EVFILT_EXCEPT (-15)

/* What to do. */
#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_ENABLE 0x0004
#define EV_DISABLE 0x0008

/* How. */
#define EV_ONESHOT 0x0010
#define EV_CLEAR 0x0020
#define EV_RECEIPT 0x0040
#define EV_DISPATCH 0x0080

/* What came. */
#define EV_ERROR 0x4000
#define EV_EOF 0x8000

#define NOTE_OOB 0x00000002     /* EVFILT_EXCEPT */
#define NOTE_TRIGGER 0x01000000 /* EVFILT_USER */

#define EV_SET(place, a, b, c, d, e, f) \
  (*(place) = (struct kevent){(a), (b), (c), (d), (e), (f)})

int kqueue(void);

int kevent(int fd, const struct kevent *changes, int nchanges,
           struct kevent *events, int nevents, const struct timespec *timeout);

int fake_kqueue_close(int fd);
#define close(fd) fake_kqueue_close(fd)

#endif
