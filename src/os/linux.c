/* os.h for Linux and Android, whose kernel it is, beside posix.c. */
#include "os/os.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* What glibc's secure_getenv() does, which Android has since its level 36. */
const char *os_getenv(const char *name) {
  if (getauxval(AT_SECURE) != 0) {
    return NULL;
  }
  return getenv(name); /* NOLINT(concurrency-mt-unsafe): as safe as that. */
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
