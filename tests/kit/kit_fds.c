/*
 * kit_fds.c - descriptors of every kind that the cases watch.
 * SPDX-License-Identifier: MIT
 */
#include "miotestkit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CHUNK = 65536, ACCEPT_LIMIT_MS = 5000 };

static int32_t second = -1;

/* Written from here and read to there: only the number of bytes matters. */
static const char source_bytes[CHUNK];

static int32_t failed(int fd) {
  int32_t rc = -errno;
  if (fd >= 0) {
    close(fd);
  }
  return rc;
}

static int32_t ready(int fd) {
  if (fd < 0) {
    return -errno;
  }
  if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0 ||
      fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return failed(fd);
  }
  return fd;
}

static int32_t ready_two(const int fds[2]) {
  int32_t first = ready(fds[0]);
  second = ready(fds[1]);
  return first;
}

static int32_t open_pair(int type) {
  int fds[2];
  if (socketpair(AF_UNIX, type, 0, fds) != 0) {
    return -errno;
  }
  return ready_two(fds);
}

static int32_t open_pipe(void) {
  int fds[2];
  if (pipe(fds) != 0) {
    return -errno;
  }
  return ready_two(fds);
}

/* An Internet socket of `type` on a free port of 127.0.0.1. */
static int32_t open_bound(int type) {
  int fd = ready(socket(AF_INET, type, 0));
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    return failed(fd);
  }
  return fd;
}

static int32_t open_listener(void) {
  int fd = open_bound(SOCK_STREAM);
  if (fd >= 0 && listen(fd, 16) != 0) {
    return failed(fd);
  }
  return fd;
}

/* A bind to an address of nothing but a family lets Linux choose the name. */
static int32_t open_listener_unix(void) {
  int fd = ready(socket(AF_UNIX, SOCK_STREAM, 0));
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (fd >= 0 && (bind(fd, (struct sockaddr *)&address,
                       offsetof(struct sockaddr_un, sun_path)) != 0 ||
                  listen(fd, 16) != 0)) {
    return failed(fd);
  }
  return fd;
}

static int32_t connect_to(int fd, int peer) {
  struct sockaddr_storage address = {0};
  socklen_t length = sizeof address;
  if (getsockname(peer, (struct sockaddr *)&address, &length) != 0) {
    return -errno;
  }
  int rc = connect(fd, (struct sockaddr *)&address, length);
  return rc == 0 || errno == EINPROGRESS ? 0 : -errno;
}

static int32_t open_connected(int listener) {
  struct sockaddr_storage address = {0};
  socklen_t length = sizeof address;
  if (getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
    return -errno;
  }
  int fd = ready(socket(address.ss_family, SOCK_STREAM, 0));
  if (fd < 0) {
    return fd;
  }
  int32_t rc = connect_to(fd, listener);
  if (rc != 0) {
    close(fd);
    return rc;
  }
  return fd;
}

static void await(int fd, short events) {
  struct pollfd entry = {.fd = fd, .events = events};
  while (poll(&entry, 1, ACCEPT_LIMIT_MS) < 0 && errno == EINTR) {
  }
}

static int32_t open_tcp(void) {
  int listener = open_listener();
  if (listener < 0) {
    return listener;
  }
  int32_t first = open_connected(listener);
  if (first >= 0) {
    await(listener, POLLIN);
    second = ready(accept(listener, NULL, NULL));
    await(first, POLLOUT);
    if (second < 0) {
      close(first);
      first = second;
    }
  }
  close(listener);
  return first;
}

static int32_t open_udp(void) {
  int first = open_bound(SOCK_DGRAM);
  if (first < 0) {
    return first;
  }
  int other = open_bound(SOCK_DGRAM);
  if (other < 0 || connect_to(first, other) != 0 ||
      connect_to(other, first) != 0) {
    int32_t rc = failed(other);
    close(first);
    return rc;
  }
  second = other;
  return first;
}

/* The port is bound but nobody listens there, and it stays bound until the
 * connection was tried: no other process can take it meanwhile. Linux sends
 * and refuses before connect returns, and leaves the error pending. */
static int32_t open_refused(void) {
  int target = open_bound(SOCK_STREAM);
  if (target < 0) {
    return target;
  }
  int32_t fd = open_connected(target);
  close(target);
  return fd;
}

/* ------------------------------------------------------------------- kinds */

static int32_t kind_pair(int from) {
  (void)from;
  return open_pair(SOCK_STREAM);
}

static int32_t kind_dgram(int from) {
  (void)from;
  return open_pair(SOCK_DGRAM);
}

static int32_t kind_pipe(int from) {
  (void)from;
  return open_pipe();
}

static int32_t kind_tcp(int from) {
  (void)from;
  return open_tcp();
}

static int32_t kind_udp(int from) {
  (void)from;
  return open_udp();
}

static int32_t kind_socket(int from) {
  (void)from;
  return ready(socket(AF_INET, SOCK_STREAM, 0));
}

static int32_t kind_listen(int from) {
  (void)from;
  return open_listener();
}

static int32_t kind_listen_unix(int from) {
  (void)from;
  return open_listener_unix();
}

static int32_t kind_refused(int from) {
  (void)from;
  return open_refused();
}

static int32_t kind_accept(int from) {
  return ready(accept(from, NULL, NULL));
}

static int32_t kind_dup(int from) {
  return ready(dup(from));
}

static int32_t kind_file(int from) {
  (void)from;
  FILE *file = tmpfile();
  if (file == NULL) {
    return -errno;
  }
  int32_t fd = ready(dup(fileno(file)));
  (void)fclose(file);
  return fd;
}

static int32_t kind_directory(int from) {
  (void)from;
  return ready(open("/", O_RDONLY));
}

static int32_t kind_null(int from) {
  (void)from;
  return ready(open("/dev/null", O_RDWR));
}

static int32_t kind_mounts(int from) {
  (void)from;
  return ready(open("/proc/self/mounts", O_RDONLY));
}

static const struct {
  const char *name;
  int32_t (*open)(int from);
} kinds[] = {
    {"pair", kind_pair},       {"dgram", kind_dgram},
    {"pipe", kind_pipe},       {"tcp", kind_tcp},
    {"udp", kind_udp},         {"socket", kind_socket},
    {"listen", kind_listen},   {"listen-unix", kind_listen_unix},
    {"refused", kind_refused}, {"connect", open_connected},
    {"accept", kind_accept},   {"dup", kind_dup},
    {"file", kind_file},       {"directory", kind_directory},
    {"null", kind_null},       {"mounts", kind_mounts},
};

int32_t kit_open(const char *kind, int64_t from) {
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (strcmp(kinds[i].name, kind) == 0) {
      return kinds[i].open((int)from);
    }
  }
  return -EINVAL;
}

int32_t kit_second(void) {
  return second;
}

/* --------------------------------------------------------------- transfers */

int32_t kit_write(int64_t fd, uint32_t bytes) {
  size_t length = bytes > CHUNK ? CHUNK : bytes;
  ssize_t done = send((int)fd, source_bytes, length, MSG_NOSIGNAL);
  if (done < 0 && errno == ENOTSOCK) {
    done = write((int)fd, source_bytes, length);
  }
  return done < 0 ? -errno : (int32_t)done;
}

/* First in large pieces, then byte by byte into what room is left. */
int32_t kit_fill(int64_t fd) {
  uint32_t piece = CHUNK;
  for (;;) {
    int32_t done = kit_write(fd, piece);
    if (done >= 0) {
      continue;
    }
    if (done != -EAGAIN) {
      return done;
    }
    if (piece == 1) {
      return 0;
    }
    piece = 1;
  }
}

int32_t kit_read(int64_t fd, uint32_t bytes) {
  char sink[CHUNK];
  ssize_t done = read((int)fd, sink, bytes > CHUNK ? CHUNK : bytes);
  return done < 0 ? -errno : (int32_t)done;
}

int32_t kit_drain(int64_t fd) {
  for (;;) {
    int32_t done = kit_read(fd, CHUNK);
    if (done == 0) {
      return 1;
    }
    if (done < 0) {
      return done == -EAGAIN ? 0 : done;
    }
  }
}

int32_t kit_oob(int64_t fd) {
  ssize_t done = send((int)fd, "!", 1, MSG_OOB | MSG_NOSIGNAL);
  return done < 0 ? -errno : 0;
}

int32_t kit_shutdown(int64_t fd, const char *how) {
  int direction = SHUT_RDWR;
  if (strcmp(how, "read") == 0) {
    direction = SHUT_RD;
  } else if (strcmp(how, "write") == 0) {
    direction = SHUT_WR;
  } else if (strcmp(how, "both") != 0) {
    return -EINVAL;
  }
  return shutdown((int)fd, direction) != 0 ? -errno : 0;
}

int32_t kit_so_error(int64_t fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt((int)fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
    return -errno;
  }
  return -error;
}

int32_t kit_flags(int64_t fd) {
  int status = fcntl((int)fd, F_GETFL);
  int own = fcntl((int)fd, F_GETFD);
  if (status < 0 || own < 0) {
    return -errno;
  }
  return (status & O_NONBLOCK ? 1 : 0) | (own & FD_CLOEXEC ? 2 : 0);
}

int32_t kit_blocking(int64_t fd) {
  int status = fcntl((int)fd, F_GETFL);
  if (status < 0 || fcntl((int)fd, F_SETFL, status & ~O_NONBLOCK) != 0 ||
      fcntl((int)fd, F_SETFD, 0) != 0) {
    return -errno;
  }
  return 0;
}

int32_t kit_close(int64_t fd) {
  return close((int)fd) != 0 ? -errno : 0;
}

int32_t kit_reset(int64_t fd) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  if (setsockopt((int)fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) !=
      0) {
    return -errno;
  }
  return kit_close(fd);
}
