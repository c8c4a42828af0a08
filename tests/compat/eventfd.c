#include "sys/eventfd.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to_itself(int fd) {
  struct sockaddr_in at = {.sin_family = AF_INET};
  struct sockaddr *address = (struct sockaddr *)&at;
  socklen_t length = sizeof at;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return bind(fd, address, length) != 0 ||
         getsockname(fd, address, &length) != 0 ||
         connect(fd, address, length) != 0;
}

int eventfd(unsigned count, int flags) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const uint64_t first = count;
  if (fd < 0) {
    return -1;
  }
  if (connect_to_itself(fd) ||
      (flags & EFD_CLOEXEC && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) ||
      (flags & EFD_NONBLOCK && fcntl(fd, F_SETFL, O_NONBLOCK) < 0) ||
      (count > 0 && write(fd, &first, sizeof first) < 0)) {
    (void)close(fd);
    return -1;
  }
  return fd;
}
