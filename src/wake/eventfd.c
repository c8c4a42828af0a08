#include "wake/eventfd.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "os/os.h"

int32_t eventfd_alarm_open(void) {
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int32_t eventfd_alarm_ring(int fd) {
  const uint64_t one = 1;
  int32_t rc = os_write(fd, &one, sizeof(one));
  if (rc == -EAGAIN) {
    /* The counter stands at its maximum, 2^64 - 2. Reading sets it to 0; who
     * loses the race to read it finds room all the same. */
    uint64_t count;
    (void)!read(fd, &count, sizeof(count));
    rc = os_write(fd, &one, sizeof(one));
  }
  return rc < 0 ? rc : 0;
}
