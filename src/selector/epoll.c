/*
 * The epoll selector: Linux 2.6.27 and newer, Android, illumos.
 *
 * epoll keeps everything that there is to know about a registration in the
 * kernel, the token included, so this file has neither a table nor a lock,
 * and needs no memory per descriptor.
 *
 * Its faults, and what we do about them:
 *   - A registration belongs to the open file, not to the descriptor: after
 *     close, a duplicate keeps it alive, and nothing can remove it. Documented
 *     (chapter 8 of the header); a generation in the token is the cure.
 *   - epoll_wait(2) knows milliseconds only. epoll_pwait2(2), Linux 5.11,
 *     knows nanoseconds; glibc wraps it from 2.35, so it is called by number.
 *     Sandboxes refuse new calls with EPERM or ENOSYS: then back to rounding
 *     up. https://man7.org/linux/man-pages/man2/epoll_wait.2.html
 *   - Its records are packed to 12 bytes on x86-64 and are 16 elsewhere. Ours
 *     have 16: the kernel writes into the caller's array, and the records are
 *     converted in place, last first.
 *
 * Interest to kernel:  READABLE -> IN | RDHUP (IN alone with EXCLUSIVE, with
 * which the kernel refuses RDHUP), WRITABLE -> OUT, PRIORITY -> PRI; edge ->
 * ET, ONESHOT -> ONESHOT, EXCLUSIVE -> EXCLUSIVE. Kernel to readiness: the
 * table of chapter 11 of the header.
 */
#include "selector/selector.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "selector/epoll_pwait2.h"
#include "wake/eventfd.h"

#ifndef EPOLLEXCLUSIVE
#define EPOLLEXCLUSIVE 0 /* illumos has none. */
#endif

#define MILLISECOND INT64_C(1000000)

_Static_assert(sizeof(struct epoll_event) <= sizeof(mio_event_t),
               "records are converted in place");

struct selector {
  int fd; /* -1 when it is closed. */
  uint32_t features;
  _Atomic int has_pwait2;
  int wakers[MIO_WAKERS_MAX]; /* Eventfds; -1: not open. */
};

static int32_t epoll_result(int rc) {
  return rc < 0 ? -errno : rc;
}

static uint32_t epoll_from_interest(uint32_t interest) {
  uint32_t events = 0;
  if (interest & MIO_READABLE) {
    events |= interest & MIO_EXCLUSIVE ? EPOLLIN : EPOLLIN | EPOLLRDHUP;
  }
  if (interest & MIO_WRITABLE) {
    events |= EPOLLOUT;
  }
  if (interest & MIO_PRIORITY) {
    events |= EPOLLPRI;
  }
  if (interest & MIO_EXCLUSIVE) {
    events |= EPOLLEXCLUSIVE;
  }
  if (interest & MIO_ONESHOT) {
    events |= (uint32_t)EPOLLONESHOT;
  } else if (!(interest & MIO_LEVEL)) {
    events |= (uint32_t)EPOLLET;
  }
  return events;
}

static uint32_t readiness_with_rare_flags(uint32_t events) {
  uint32_t readiness = 0;
  if (events & (EPOLLIN | EPOLLPRI | EPOLLERR | EPOLLHUP)) {
    readiness |= MIO_READABLE;
  }
  if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
    readiness |= MIO_WRITABLE;
  }
  if (events & EPOLLPRI) {
    readiness |= MIO_PRIORITY;
  }
  if (events & EPOLLERR) {
    readiness |= MIO_ERROR;
  }
  if ((events & EPOLLHUP) || (events & EPOLLIN && events & EPOLLRDHUP)) {
    readiness |= MIO_READ_CLOSED;
  }
  if ((events & EPOLLHUP) || (events & EPOLLOUT && events & EPOLLERR) ||
      events == EPOLLERR) {
    readiness |= MIO_WRITE_CLOSED;
  }
  return readiness;
}

/* IN and OUT are nearly all that ever comes, and are two shifts. */
static inline uint32_t readiness_from_epoll(uint32_t events) {
  if (__builtin_expect((events & ~(uint32_t)(EPOLLIN | EPOLLOUT)) != 0, 0)) {
    return readiness_with_rare_flags(events);
  }
  return (events & EPOLLIN) * MIO_READABLE |
         (events & EPOLLOUT) / EPOLLOUT * MIO_WRITABLE;
}

static int32_t epoll_open(struct selector **out) {
  struct selector *selector = malloc(sizeof(*selector));
  if (selector == NULL) {
    return -ENOMEM;
  }
  selector->fd = epoll_create1(EPOLL_CLOEXEC);
  if (selector->fd < 0) {
    int32_t rc = -errno;
    free(selector);
    return rc;
  }
  /* Timeout 0 and nothing registered: it returns 0 where it exists. */
  struct epoll_event none;
  int exact = pwait2(selector->fd, &none, 1, 0) == 0;
  atomic_init(&selector->has_pwait2, exact);
  selector->features = MIO_FEATURE_EDGE_EXACT | MIO_FEATURE_PRIORITY |
                       MIO_FEATURE_FD |
                       (EPOLLEXCLUSIVE != 0 ? MIO_FEATURE_EXCLUSIVE : 0) |
                       (exact ? MIO_FEATURE_NANOSECONDS : 0);
  for (uint32_t i = 0; i < MIO_WAKERS_MAX; i++) {
    selector->wakers[i] = -1;
  }
  *out = selector;
  return 0;
}

static void epoll_close(struct selector *selector, int foreign) {
  (void)foreign; /* Closing a copy changes nothing in the shared set. */
  (void)close(selector->fd);
  selector->fd = -1;
}

static void epoll_free(struct selector *selector) {
  free(selector);
}

static uint32_t epoll_features(const struct selector *selector) {
  return selector->features;
}

static void convert_in_place(mio_event_t *events, int32_t count) {
  const char *records = (const char *)events;
  for (int32_t i = count - 1; i >= 0; i--) {
    struct epoll_event record;
    memcpy(&record, records + (size_t)i * sizeof(record), sizeof(record));
    events[i].token = record.data.u64;
    events[i].readiness = readiness_from_epoll(record.events);
    events[i].reserved = 0;
  }
}

/* The time-out that is not a whole number of milliseconds, or too long for
 * epoll_wait: apart, to keep it out of the way of the others. */
__attribute__((noinline)) static int wait_timed(struct selector *selector,
                                                struct epoll_event *events,
                                                int capacity,
                                                int64_t timeout_ns) {
  int64_t milliseconds = timeout_ns / MILLISECOND;
  int whole = timeout_ns % MILLISECOND == 0;
  if (!whole &&
      atomic_load_explicit(&selector->has_pwait2, memory_order_relaxed)) {
    int n = pwait2(selector->fd, events, capacity, timeout_ns);
    if (n >= 0 || (errno != ENOSYS && errno != EPERM)) {
      return n;
    }
    /* A sandbox was entered after the poll was made. */
    atomic_store_explicit(&selector->has_pwait2, 0, memory_order_relaxed);
  }
  if (milliseconds >= INT_MAX) {
    milliseconds = INT_MAX; /* 24.8 days; the caller comes again. */
  } else if (!whole) {
    milliseconds++;
  }
  return epoll_wait(selector->fd, events, capacity, (int)milliseconds);
}

static int32_t epoll_selector_wait(struct selector *selector,
                                   mio_event_t *events, uint32_t capacity,
                                   int64_t timeout_ns) {
  struct epoll_event *records = (struct epoll_event *)(void *)events;
  int n = timeout_ns > 0
              ? wait_timed(selector, records, (int)capacity, timeout_ns)
              : epoll_wait(selector->fd, records, (int)capacity,
                           timeout_ns < 0 ? -1 : 0);
  if (n <= 0) {
    return n < 0 ? -errno : 0;
  }
  convert_in_place(events, n);
  return n;
}

static int32_t control(struct selector *selector, int operation, int fd,
                       uint64_t token, uint32_t events) {
  struct epoll_event record = {.events = events, .data = {.u64 = token}};
  return epoll_result(epoll_ctl(selector->fd, operation, fd, &record));
}

static int32_t epoll_add(struct selector *selector, int fd, uint64_t token,
                         uint32_t interest) {
  return control(selector, EPOLL_CTL_ADD, fd, token,
                 epoll_from_interest(interest));
}

static int32_t epoll_modify(struct selector *selector, int fd, uint64_t token,
                            uint32_t interest) {
  return control(selector, EPOLL_CTL_MOD, fd, token,
                 epoll_from_interest(interest));
}

static int32_t epoll_remove(struct selector *selector, int fd) {
  return control(selector, EPOLL_CTL_DEL, fd, 0, 0);
}

static int32_t epoll_waker_open(struct selector *selector, uint32_t slot,
                                uint64_t token) {
  int32_t fd = eventfd_alarm_open();
  if (fd < 0) {
    return fd;
  }
  int32_t rc =
      control(selector, EPOLL_CTL_ADD, fd, token, EPOLLIN | (uint32_t)EPOLLET);
  if (rc < 0) {
    (void)close(fd);
    return rc;
  }
  selector->wakers[slot] = fd;
  return 0;
}

static int32_t epoll_waker_post(struct selector *selector, uint32_t slot) {
  return eventfd_alarm_ring(selector->wakers[slot]);
}

static void epoll_waker_close(struct selector *selector, uint32_t slot,
                              int foreign) {
  /* Closing alone would leave the registration if a child has a copy. */
  if (!foreign && selector->fd >= 0) {
    (void)control(selector, EPOLL_CTL_DEL, selector->wakers[slot], 0, 0);
  }
  (void)close(selector->wakers[slot]);
  selector->wakers[slot] = -1;
}

static int epoll_descriptor(struct selector *selector) {
  return selector->fd;
}

const struct selector_ops epoll_selector = {
    .id = MIO_SELECTOR_EPOLL,
    .open = epoll_open,
    .close = epoll_close,
    .free = epoll_free,
    .features = epoll_features,
    .wait = epoll_selector_wait,
    .add = epoll_add,
    .modify = epoll_modify,
    .remove = epoll_remove,
    .rearm = NULL,
    .waker_open = epoll_waker_open,
    .waker_post = epoll_waker_post,
    .waker_close = epoll_waker_close,
    .descriptor = epoll_descriptor,
};
