/* os.h for Linux (and Android, whose kernel it is). */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

int64_t os_clock_now(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

const char *os_getenv(const char *name) {
  return secure_getenv(name);
}

int64_t os_process(void) {
  return getpid();
}

int32_t os_fd_open(int fd) {
  return fcntl(fd, F_GETFD) < 0 ? -EBADF : 0;
}

/* File systems whose files may have a poll function of their own: GPIO values
 * in sysfs, /proc/mounts, cgroup.events, trace_pipe. */
static int has_poll_functions(int fd) {
  struct statfs fs;
  if (fstatfs(fd, &fs) < 0) {
    return 0;
  }
  switch ((uint32_t)fs.f_type) {
  case PROC_SUPER_MAGIC:
  case SYSFS_MAGIC:
  case CGROUP_SUPER_MAGIC:
  case CGROUP2_SUPER_MAGIC:
  case DEBUGFS_MAGIC:
  case TRACEFS_MAGIC:
    return 1;
  default:
    return 0;
  }
}

int32_t os_fd_watchable(int fd) {
  struct stat st;
  if (fstat(fd, &st) < 0) {
    return -EBADF;
  }
  if (S_ISDIR(st.st_mode)) {
    return -EPERM;
  }
  if (S_ISREG(st.st_mode) && !has_poll_functions(fd)) {
    return -EPERM;
  }
  return 0;
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

int32_t os_poll(struct pollfd *fds, size_t count, int64_t timeout_ns) {
  struct timespec timeout = {0};
  if (timeout_ns > 0) {
    timeout.tv_sec = (time_t)(timeout_ns / SECOND);
    timeout.tv_nsec = (long)(timeout_ns % SECOND);
  }
  int n = ppoll(fds, count, timeout_ns < 0 ? NULL : &timeout, NULL);
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
