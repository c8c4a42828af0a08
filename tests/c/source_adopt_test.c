/* Descriptors from elsewhere: each kind of source of each kind of descriptor.
 * One that is something else stays the caller's, as it was. */
#include "check.h"
#include "ends.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef IPPROTO_SCTP
#define IPPROTO_SCTP 132
#endif
#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE 136
#endif

#define BIT(kind) (1U << MIO_KIND_##kind)

/* A descriptor, and the kinds that may be made of it. */
static void check_kinds(const char *what, int fd, uint32_t kinds) {
  if (fd < 0) { /* This kernel, or this sandbox, has none. */
    (void)fprintf(stderr, "adopt: no %s: %s\n", what, strerror(errno));
    return;
  }
  for (uint32_t kind = MIO_KIND_TCP_LISTENER; kind <= MIO_KIND_PIPE_RECEIVER;
       kind++) {
    mio_source_t *source = junk;
    int flags = fcntl(fd, F_GETFL) & ~O_NONBLOCK;
    CHECK(fcntl(fd, F_SETFL, flags) == 0 && fcntl(fd, F_SETFD, 0) == 0);
    int32_t rc = mio_source_from_fd(&source, kind, fd);
    if (kinds >> kind & 1) {
      mio_fd_t back;
      CHECK_RC("OK", rc);
      CHECK(mio_source_kind(source) == kind && fd_of(source) == fd);
      CHECK(is_as_made(source));
      CHECK_RC("OK", mio_source_into_fd(source, &back));
      CHECK(back == fd);
      mio_source_free(source);
    } else {
      if (rc != -EINVAL) {
        (void)fprintf(stderr, "%s taken as kind %u\n", what, kind);
      }
      CHECK_RC("EINVAL", rc);
      CHECK(source == NULL);
      CHECK(fcntl(fd, F_GETFL) == flags && fcntl(fd, F_GETFD) == 0);
    }
  }
  CHECK(close(fd) == 0);
}

static int listening(int family, int type, int protocol) {
  int fd = socket(family, type, protocol);
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  if (fd >= 0 && family == AF_UNIX) {
    CHECK(bind(fd, (struct sockaddr *)&name, sizeof(name.sun_family)) == 0);
  }
  CHECK(fd < 0 || listen(fd, 1) == 0);
  return fd;
}

TEST_ON(EPOLL, adopt, internet) {
  (void)selector;
  check_kinds("TCP", socket(AF_INET, SOCK_STREAM, 0), BIT(TCP_STREAM));
  check_kinds("TCP, IPv6", socket(AF_INET6, SOCK_STREAM, 0), BIT(TCP_STREAM));
  check_kinds("TCP listener", listening(AF_INET, SOCK_STREAM, 0),
              BIT(TCP_LISTENER));
  check_kinds("TCP listener, IPv6", listening(AF_INET6, SOCK_STREAM, 0),
              BIT(TCP_LISTENER));
  check_kinds("UDP", socket(AF_INET, SOCK_DGRAM, 0), BIT(UDP_SOCKET));
  check_kinds("UDP, IPv6", socket(AF_INET6, SOCK_DGRAM, 0), BIT(UDP_SOCKET));
  /* Multipath TCP is a stream like any. */
  check_kinds("MPTCP", socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP),
              BIT(TCP_STREAM));
  check_kinds("MPTCP listener", listening(AF_INET, SOCK_STREAM, IPPROTO_MPTCP),
              BIT(TCP_LISTENER));
  /* These have a type and a family of ours, and are something else. */
  check_kinds("UDP-Lite", socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE), 0);
  check_kinds("SCTP", socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP), 0);
  check_kinds("SCTP listener", listening(AF_INET, SOCK_STREAM, IPPROTO_SCTP),
              0);
  check_kinds("raw", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), 0);
}

/* Ping sockets are for groups that no user is in, unless a network of one's
 * own says something else. */
static void ping(int unused) {
  (void)unused;
  if (unshare(CLONE_NEWNET) == 0) {
    FILE *groups = fopen("/proc/sys/net/ipv4/ping_group_range", "we");
    if (groups != NULL) {
      (void)fputs("0 2147483647", groups);
      (void)fclose(groups);
    }
  }
  check_kinds("ping", socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP), 0);
  check_kinds("ping, IPv6", socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6), 0);
}

TEST_ON(EPOLL, adopt, ping) {
  (void)selector;
  check_in_child(ping, 0);
}

TEST_ON(EPOLL, adopt, unix_and_other_families) {
  (void)selector;
  check_kinds("Unix stream", socket(AF_UNIX, SOCK_STREAM, 0),
              BIT(UNIX_STREAM));
  check_kinds("Unix listener", listening(AF_UNIX, SOCK_STREAM, 0),
              BIT(UNIX_LISTENER));
  check_kinds("Unix datagram", socket(AF_UNIX, SOCK_DGRAM, 0),
              BIT(UNIX_DATAGRAM));
  check_kinds("sequenced", socket(AF_UNIX, SOCK_SEQPACKET, 0), 0);
  check_kinds("sequenced listener", listening(AF_UNIX, SOCK_SEQPACKET, 0), 0);
  check_kinds("netlink", socket(AF_NETLINK, SOCK_DGRAM, 0), 0);
  check_kinds("packet", socket(AF_PACKET, SOCK_DGRAM, 0), 0);
  check_kinds("vsock", socket(AF_VSOCK, SOCK_STREAM, 0), 0);
}

static int a_fifo(int flags) {
  char name[] = "/tmp/miopoll-adopt-XXXXXX";
  CHECK(mkdtemp(name) != NULL);
  char path[sizeof(name) + 5];
  (void)snprintf(path, sizeof(path), "%s/fifo", name);
  CHECK(mkfifo(path, 0600) == 0);
  int fd = open(path, flags | O_CLOEXEC);
  CHECK(unlink(path) == 0 && rmdir(name) == 0);
  return fd;
}

TEST_ON(EPOLL, adopt, pipes_and_files) {
  (void)selector;
  int ends[2];
  CHECK(pipe(ends) == 0);
  check_kinds("pipe, to read", ends[0], BIT(PIPE_RECEIVER));
  check_kinds("pipe, to write", ends[1], BIT(PIPE_SENDER));
  check_kinds("fifo, both", a_fifo(O_RDWR),
              BIT(PIPE_SENDER) | BIT(PIPE_RECEIVER));
  check_kinds("fifo, to read", a_fifo(O_RDONLY | O_NONBLOCK),
              BIT(PIPE_RECEIVER));
  check_kinds("eventfd", eventfd(0, 0), 0);
  check_kinds("device", open("/dev/null", O_RDWR | O_CLOEXEC), 0);
  check_kinds("directory", open("/", O_RDONLY | O_CLOEXEC), 0);
  check_kinds("file", open("/proc/self/exe", O_RDONLY | O_CLOEXEC), 0);
}

/* A name without an object cannot be made non-blocking. */
TEST_ON(EPOLL, adopt, a_path_only) {
  (void)selector;
  mio_source_t *source = junk;
  int fd = a_fifo(O_PATH);
  CHECK_RC("EBADF", mio_source_from_fd(&source, MIO_KIND_PIPE_RECEIVER, fd));
  CHECK(source == NULL);
  CHECK(close(fd) == 0);
}

TEST_ON(EPOLL, adopt, numbers_that_are_none) {
  (void)selector;
  int pipe_ends[2];
  CHECK(pipe(pipe_ends) == 0);
  int closed = dup(0);
  CHECK(close(closed) == 0);
  const mio_fd_t bad[] = {-1, INT64_MIN, INT64_MAX, closed,
                          (INT64_C(1) << 32) + pipe_ends[0]};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    for (uint32_t kind = 1; kind <= MIO_KIND_PIPE_RECEIVER; kind++) {
      mio_source_t *source = junk;
      CHECK_RC("EBADF", mio_source_from_fd(&source, kind, bad[i]));
      CHECK(source == NULL);
    }
  }
  static const uint32_t kinds[] = {0, MIO_KIND_NAMED_PIPE + 1, UINT32_MAX};
  for (int i = 0; i < 3; i++) {
    mio_source_t *source = junk;
    CHECK_RC("EINVAL", mio_source_from_fd(&source, kinds[i], pipe_ends[0]));
    CHECK(source == NULL);
  }
  mio_source_t *source;
  CHECK_RC("EOPNOTSUPP",
           mio_source_from_fd(&source, MIO_KIND_NAMED_PIPE, pipe_ends[0]));
  CHECK(close(pipe_ends[0]) == 0 && close(pipe_ends[1]) == 0);
}
