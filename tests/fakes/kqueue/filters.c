/* What the filters of descriptors say, from what Linux tells about them. */
#include "fake.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum fake_kind fake_kind(int fd) {
  struct stat st;
  int type = 0;
  socklen_t length = sizeof(type);
  if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode)) {
    return FAKE_PIPE;
  }
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0) {
    return FAKE_OTHER;
  }
  return type == SOCK_STREAM ? FAKE_STREAM : FAKE_DATAGRAM;
}

int fake_lacks(int fd, int filter) {
  char path[32];
  char target[32] = "";
  (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
  return filter == EVFILT_WRITE &&
         readlink(path, target, sizeof(target) - 1) > 0 &&
         strcmp(target, "anon_inode:[eventpoll]") == 0;
}

static short poll_now(int fd) {
  struct pollfd polled = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};
  return poll(&polled, 1, 0) == 1 ? polled.revents : 0;
}

static int64_t asked(int fd, unsigned long request) {
  int number = 0;
  return ioctl(fd, request, &number) == 0 ? number : 0;
}

/* A stream socket that never was connected: Linux says that it hung up. */
static int never_connected(enum fake_kind kind, short events) {
  return kind == FAKE_STREAM && (events & POLLHUP) && !(events & POLLRDHUP);
}

/* The error that is pending; asking for SO_ERROR would take it. A connection
 * that never came to be has no receive space. */
static uint32_t pending_error(int fd, short events) {
  struct tcp_info info;
  socklen_t length = sizeof(info);
  memset(&info, 0, sizeof(info));
  if (!(events & POLLERR)) {
    return 0;
  }
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0) {
    return ECONNRESET;
  }
  return info.tcpi_rcv_space == 0 ? ECONNREFUSED : ECONNRESET;
}

/* Whether the own side was shut: poll(2) does not tell. A send of nothing
 * does, and sends nothing on a stream. */
static int cannot_send(int fd, short events) {
  return (events & POLLOUT) && !(events & POLLERR) &&
         send(fd, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EPIPE;
}

static struct fake_condition socket_read(int fd, enum fake_kind kind) {
  struct fake_condition said = {0, 0, 0, 0};
  short events = poll_now(fd);
  if (never_connected(kind, events)) {
    return said;
  }
  said.eof = (events & (POLLRDHUP | POLLHUP)) != 0;
  said.holds = said.eof || (events & (POLLIN | POLLERR)) != 0;
  said.fflags = said.eof ? pending_error(fd, events) : 0;
  said.data = asked(fd, FIONREAD);
  return said;
}

static struct fake_condition socket_write(int fd, enum fake_kind kind) {
  struct fake_condition said = {0, 0, 0, 0};
  short events = poll_now(fd);
  if (never_connected(kind, events)) {
    return said;
  }
  said.eof = (events & POLLHUP) != 0 ||
             (kind == FAKE_STREAM && cannot_send(fd, events));
  said.holds = said.eof || (events & (POLLOUT | POLLERR)) != 0;
  said.fflags = said.eof ? pending_error(fd, events) : 0;
  int size = 0;
  socklen_t length = sizeof(size);
  (void)getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &length);
  said.data = size - asked(fd, SIOCOUTQ);
  return said;
}

static struct fake_condition pipe_read(int fd) {
  short events = poll_now(fd);
  int eof = (events & POLLHUP) != 0;
  int64_t data = asked(fd, FIONREAD);
  return (struct fake_condition){data > 0 || eof, eof, 0, data};
}

static struct fake_condition pipe_write(int fd) {
  short events = poll_now(fd);
  int eof = (events & POLLERR) != 0;
  return (struct fake_condition){eof || (events & POLLOUT) != 0, eof, 0, 0};
}

static struct fake_condition other(int fd, short wanted) {
  short events = poll_now(fd);
  int holds = (events & (wanted | POLLERR | POLLHUP)) != 0;
  return (struct fake_condition){holds, (events & POLLHUP) != 0, 0, holds};
}

static struct fake_condition exceptional(int fd, enum fake_kind kind) {
  short events = poll_now(fd);
  int eof = (events & POLLHUP) != 0 && !never_connected(kind, events);
  int holds = eof || (events & POLLPRI) != 0;
  return (struct fake_condition){holds, eof, holds ? NOTE_OOB : 0, 0};
}

struct fake_condition fake_filter(int fd, enum fake_kind kind, int filter) {
  if (filter == EVFILT_EXCEPT) {
    return exceptional(fd, kind);
  }
  int reads = filter == EVFILT_READ;
  switch (kind) {
  case FAKE_STREAM:
  case FAKE_DATAGRAM:
    return reads ? socket_read(fd, kind) : socket_write(fd, kind);
  case FAKE_PIPE:
    return reads ? pipe_read(fd) : pipe_write(fd);
  case FAKE_OTHER:
    break;
  }
  return other(fd, reads ? POLLIN : POLLOUT);
}
