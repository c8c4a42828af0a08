/*
 * os.h for macOS, iOS and their kin.
 *
 * Two things differ from posix.c for good: waits run on the clock that stops
 * while the machine sleeps, which is not CLOCK_MONOTONIC there, and poll(2)
 * knows milliseconds only. And pipe2() is too new to count on.
 */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MILLISECOND INT64_C(1000000)

int64_t os_clock_now(void) {
  return (int64_t)clock_gettime_nsec_np(CLOCK_UPTIME_RAW);
}

const char *os_getenv(const char *name) {
  return issetugid() ? NULL : getenv(name);
}

int64_t os_process(void) {
  return getpid();
}

int32_t os_fd_open(int fd) {
  return fcntl(fd, F_GETFD) < 0 ? -EBADF : 0;
}

int32_t os_fd_watchable(int fd) {
  struct stat st;
  if (fstat(fd, &st) < 0) {
    return -EBADF;
  }
  return S_ISDIR(st.st_mode) || S_ISREG(st.st_mode) ? -EPERM : 0;
}

/* Another thread that forks and executes between the two calls passes the
 * pipe on: the system has no call that would not. */
static int prepare(int fd) {
  return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
         fcntl(fd, F_SETFL, O_NONBLOCK) < 0;
}

int32_t os_pipe(int *read_end, int *write_end) {
  int ends[2];
  if (pipe(ends) < 0) {
    return -errno;
  }
  if (prepare(ends[0]) || prepare(ends[1])) {
    int32_t rc = -errno;
    (void)close(ends[0]);
    (void)close(ends[1]);
    return rc;
  }
  *read_end = ends[0];
  *write_end = ends[1];
  return 0;
}

int os_poll_is_exact(void) {
  return 0;
}

/* Milliseconds, rounded up; at most 24.8 days, and the caller comes again. */
static int milliseconds(int64_t timeout_ns) {
  int64_t whole = timeout_ns / MILLISECOND;
  if (whole >= INT_MAX) {
    return INT_MAX;
  }
  return (int)whole + (timeout_ns % MILLISECOND != 0);
}

int32_t os_poll(struct pollfd *fds, size_t count, int64_t timeout_ns) {
  int timeout = timeout_ns < 0 ? -1 : milliseconds(timeout_ns);
  int n = poll(fds, (nfds_t)count, timeout);
  return n < 0 ? -errno : n;
}

int32_t os_write(int fd, const void *bytes, size_t length) {
  int before;
  (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
  ssize_t n = write(fd, bytes, length);
  int32_t rc = n < 0 ? -errno : (int32_t)n;
  (void)pthread_setcancelstate(before, &before);
  return rc;
}
