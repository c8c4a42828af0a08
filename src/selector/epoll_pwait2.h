/* epoll_pwait2(2), which knows nanoseconds: Linux 5.11. */
#ifndef MIOPOLL_SELECTOR_EPOLL_PWAIT2_H
#define MIOPOLL_SELECTOR_EPOLL_PWAIT2_H

#include <stdint.h>
#include <sys/epoll.h>

#ifdef __linux__

#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441 /* One number on all architectures but alpha. */
#endif

/* The kernel's timespec, with 64 bits on every architecture. */
struct kernel_timespec {
  int64_t seconds;
  int64_t nanoseconds;
};

static inline int pwait2(int fd, struct epoll_event *events, int capacity,
                         int64_t timeout_ns) {
  struct kernel_timespec timeout = {timeout_ns / INT64_C(1000000000),
                                    timeout_ns % INT64_C(1000000000)};
  return (int)syscall(SYS_epoll_pwait2, fd, events, capacity, &timeout, NULL,
                      0);
}

#else /* illumos */

#include <errno.h>

static inline int pwait2(int fd, struct epoll_event *events, int capacity,
                         int64_t timeout_ns) {
  (void)fd;
  (void)events;
  (void)capacity;
  (void)timeout_ns;
  errno = ENOSYS;
  return -1;
}

#endif
#endif
