/* os.h for FreeBSD, NetBSD, OpenBSD, DragonFly and illumos, beside posix.c.
 * No file system is known there whose regular files have a poll function of
 * their own that poll(2) would hear of. */
#include "os/os.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *os_getenv(const char *name) {
  return issetugid() ? NULL : getenv(name);
}

int32_t os_fd_watchable(int fd) {
  struct stat st;
  if (fstat(fd, &st) < 0) {
    return -EBADF;
  }
  return S_ISDIR(st.st_mode) || S_ISREG(st.st_mode) ? -EPERM : 0;
}
