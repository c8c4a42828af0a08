/* What POSIX.1-2024 alone says of os.h: the systems that have its pipe2() and
 * ppoll() share this, and add what differs in a file of their own. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

int64_t os_clock_now(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

int64_t os_process(void) {
  return getpid();
}

int32_t os_fd_open(int fd) {
  return fcntl(fd, F_GETFD) < 0 ? -EBADF : 0;
}

int32_t os_pipe(int *read_end, int *write_end) {
  int ends[2];
  if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0) {
    return -errno;
  }
  *read_end = ends[0];
  *write_end = ends[1];
  return 0;
}

int os_poll_is_exact(void) {
  return 1;
}

int32_t os_poll(struct pollfd *fds, size_t count, int64_t timeout_ns) {
  struct timespec timeout = {0};
  if (timeout_ns > 0) {
    timeout.tv_sec = (time_t)(timeout_ns / SECOND);
    timeout.tv_nsec = (long)(timeout_ns % SECOND);
  }
  int n = ppoll(fds, (nfds_t)count, timeout_ns < 0 ? NULL : &timeout, NULL);
  return n < 0 ? -errno : n;
}

#ifdef __ANDROID__ /* Its threads cannot be cancelled. */
#define PTHREAD_CANCEL_DISABLE 0
static int pthread_setcancelstate(int state, int *before) {
  *before = state;
  return 0;
}
#endif

int32_t os_write(int fd, const void *bytes, size_t length) {
  int before;
  (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
  ssize_t n = write(fd, bytes, length);
  int32_t rc = n < 0 ? -errno : (int32_t)n;
  (void)pthread_setcancelstate(before, &before);
  return rc;
}
