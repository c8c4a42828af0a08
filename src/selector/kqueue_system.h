/*
 * Where the systems with kqueue differ, so that kqueue.c need not ask which
 * one it is on; and how changes are made on all of them.
 *
 *   - The types of a record's fields. `udata` is a pointer or an integer of
 *     that size, too narrow for a token where pointers have 32 bits.
 *   - Filters: EVFILT_USER is not in every version, EVFILT_EXCEPT is with
 *     macOS, OpenBSD and DragonFly, EVFILT_AIO and EVFILT_LIO are of use where
 *     a request can name a kqueue. A header may know more than the kernel that
 *     runs, so the kernel is asked, too.
 *   - Whether a kqueue can be close-on-exec from birth.
 *
 * Layouts: FreeBSD has `int64_t data` and `ext[4]` from 12 on, NetBSD 32-bit
 * filters and flags and size_t counts, macOS packs to 4 bytes; none of these
 * matters to code that sets fields by name in a record that is all zero.
 */
#ifndef MIOPOLL_SELECTOR_KQUEUE_SYSTEM_H
#define MIOPOLL_SELECTOR_KQUEUE_SYSTEM_H

#include <sys/types.h> /* Before the next, as the BSDs want it. */

#include <sys/event.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef __typeof__(((struct kevent *)0)->filter) kq_filter_t;
typedef __typeof__(((struct kevent *)0)->flags) kq_flags_t;
typedef __typeof__(((struct kevent *)0)->fflags) kq_fflags_t;
typedef __typeof__(((struct kevent *)0)->udata) kq_udata_t;

#ifdef __NetBSD__
typedef size_t kq_count_t;
#else
typedef int kq_count_t;
#endif

/* Numbers that no filter has, for those that a system lacks. */
enum kq_lacking { KQ_NO_USER = 100, KQ_NO_EXCEPT, KQ_NO_AIO, KQ_NO_LIO };

#ifdef EVFILT_USER
enum { KQ_USER = EVFILT_USER, KQ_TRIGGER = NOTE_TRIGGER };
#else
enum { KQ_USER = KQ_NO_USER, KQ_TRIGGER = 0 };
#endif

#ifdef EVFILT_EXCEPT
enum { KQ_EXCEPT = EVFILT_EXCEPT, KQ_OOB = NOTE_OOB };
#else
enum { KQ_EXCEPT = KQ_NO_EXCEPT, KQ_OOB = 0 };
#endif

#if defined(SIGEV_KEVENT) && defined(EVFILT_AIO)
enum { KQ_AIO = EVFILT_AIO };
#else
enum { KQ_AIO = KQ_NO_AIO };
#endif

#if defined(SIGEV_KEVENT) && defined(EVFILT_LIO)
enum { KQ_LIO = EVFILT_LIO };
#else
enum { KQ_LIO = KQ_NO_LIO };
#endif

/* Without it (older DragonFly) a one-shot is an edge whose filters are all
 * disabled by hand. */
#ifdef EV_DISPATCH
enum { KQ_DISPATCH = EV_DISPATCH, KQ_ONE_SHOT = EV_DISPATCH };
#else
enum { KQ_DISPATCH = 0, KQ_ONE_SHOT = EV_CLEAR };
#endif

/* Whether a token fits in `udata`. If not, a serial number is in there, and
 * the token is looked up; KQ_NARROW makes it so for a test. */
#ifdef KQ_NARROW
enum { KQ_TOKEN_FITS = 0 };
#else
enum { KQ_TOKEN_FITS = sizeof(kq_udata_t) >= sizeof(uint64_t) };
#endif

/* A new kqueue, close-on-exec, or -1 with errno. */
static inline int kq_new(void) {
#if defined(__NetBSD__)
  return kqueue1(O_CLOEXEC);
#elif defined(KQUEUE_CLOEXEC)
  return kqueuex(KQUEUE_CLOEXEC); /* FreeBSD 14. */
#else
  int fd = kqueue();
  if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
    int error = errno;
    (void)close(fd);
    errno = error;
    return -1;
  }
  return fd;
#endif
}

/* ----------------------------------------------------------- changes */

static inline struct kevent kq_change(uintptr_t ident, int filter,
                                      unsigned flags, uint64_t udata) {
  struct kevent change;
  memset(&change, 0, sizeof(change));
  change.ident = ident;
  change.filter = (kq_filter_t)filter;
  change.flags = (kq_flags_t)(flags | EV_RECEIPT);
  change.udata =
      (kq_udata_t)(uintptr_t)udata; /* NOLINT(performance-no-int-to-ptr) */
  return change;
}

/*
 * Makes changes, each of which is answered in its place: .data is its error.
 * Not a cancellation point, since the lock may be held. Returns 0, or a
 * negative errno if the kernel answered none.
 */
static inline int32_t kq_make_changes(int fd, struct kevent *changes,
                                      int count) {
  int before;
  (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
  int n =
      kevent(fd, changes, (kq_count_t)count, changes, (kq_count_t)count, NULL);
  int32_t rc = n < 0 ? -errno : 0;
  (void)pthread_setcancelstate(before, &before);
  for (int i = 0; i < count && rc == -EINTR; i++) {
    changes[i].data = 0; /* FreeBSD: interrupted after all were made. */
  }
  return rc == -EINTR ? 0 : rc;
}

static inline int32_t kq_make_change(int fd, struct kevent *change) {
  int32_t rc = kq_make_changes(fd, change, 1);
  return rc < 0 ? rc : -(int32_t)change->data;
}

/* The error of a change that added a knote. Of a pipe whose reader is gone,
 * FreeBSD and DragonFly say EPIPE, and NetBSD that the descriptor is bad. */
static inline int32_t kq_add_error(const struct kevent *answer) {
  if (answer->data == EBADF && answer->filter == (kq_filter_t)EVFILT_WRITE &&
      fcntl((int)answer->ident, F_GETFD) >= 0) {
    return -EPIPE;
  }
  return -(int32_t)answer->data;
}

/* Whether this kernel knows a filter: a knote that is not there is ENOENT, one
 * that cannot be is EINVAL. */
static inline int kq_knows(int fd, int filter) {
  struct kevent change = kq_change((uintptr_t)fd, filter, EV_DELETE, 0);
  return filter < KQ_NO_USER && kq_make_change(fd, &change) == -ENOENT;
}

#endif
