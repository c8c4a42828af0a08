/* What a source is asked and told beside its bytes. */
#include "source.h"

#include <netinet/tcp.h>
#include <string.h>

#include "addr.h"
#include "os/socket.h"

#define KINDS_INTERNET \
  (KIND(TCP_LISTENER) | KIND(TCP_STREAM) | KIND(UDP_SOCKET))
#define ANY_FAMILY 0

int32_t source_connect(mio_source_t *source, const mio_addr_t *addr) {
  struct system_addr system;
  int32_t rc = addr_to_peer(&system, addr, source->family);
  if (rc < 0) {
    return rc;
  }
  return connect(source->fd, &system.as.any, system.length) < 0 ? -errno : 0;
}

int32_t source_shutdown(mio_source_t *source, uint32_t how) {
  static const int system[] = {
      [MIO_SHUTDOWN_READ] = SHUT_RD,
      [MIO_SHUTDOWN_WRITE] = SHUT_WR,
      [MIO_SHUTDOWN_BOTH] = SHUT_RDWR,
  };
  if (how < MIO_SHUTDOWN_READ || how > MIO_SHUTDOWN_BOTH) {
    return -EINVAL;
  }
  if (shutdown(source->fd, system[how]) < 0) {
    return -errno;
  }
  /* A stream reads an end from here on; this would block, though it is
   * readable. */
  if (source->kind == MIO_KIND_UNIX_DATAGRAM && how != MIO_SHUTDOWN_WRITE) {
    source->ended |= MIO_READABLE;
  }
  return 0;
}

int32_t source_local_addr(mio_source_t *source, mio_addr_t *out) {
  struct system_addr system = {.length = sizeof(system.as)};
  if (getsockname(source->fd, &system.as.any, &system.length) < 0) {
    return -errno;
  }
  return addr_from_system(out, &system);
}

int32_t source_peer_addr(mio_source_t *source, mio_addr_t *out) {
  struct system_addr system = {.length = sizeof(system.as)};
  if (getpeername(source->fd, &system.as.any, &system.length) < 0) {
    return -errno;
  }
  return addr_from_system(out, &system);
}

int32_t source_take_error(mio_source_t *source, int32_t *error) {
  int taken = 0;
  socklen_t length = sizeof(taken);
  if (getsockopt(source->fd, SOL_SOCKET, SO_ERROR, &taken, &length) < 0) {
    return -errno;
  }
  *error = -taken;
  return 0;
}

/* An option of the system's behind one of ours. IPv4's multicast options are
 * bytes on some systems, and may be on all. */
struct option {
  uint32_t kinds;
  uint32_t family;
  int level;
  int name;
  uint32_t min;
  uint32_t max;
  int is_byte;
};

static const struct option options[] = {
    [MIO_OPTION_NODELAY] = {KIND(TCP_STREAM), ANY_FAMILY, IPPROTO_TCP,
                            TCP_NODELAY, 0, 1, 0},
    [MIO_OPTION_TTL] = {KINDS_INTERNET, ANY_FAMILY, IPPROTO_IP, IP_TTL, 1, 255,
                        0},
    [MIO_OPTION_BROADCAST] = {KIND(UDP_SOCKET), ANY_FAMILY, SOL_SOCKET,
                              SO_BROADCAST, 0, 1, 0},
    [MIO_OPTION_MULTICAST_LOOP_V4] = {KIND(UDP_SOCKET), MIO_FAMILY_INET,
                                      IPPROTO_IP, IP_MULTICAST_LOOP, 0, 1, 1},
    [MIO_OPTION_MULTICAST_TTL_V4] = {KIND(UDP_SOCKET), MIO_FAMILY_INET,
                                     IPPROTO_IP, IP_MULTICAST_TTL, 0, 255, 1},
    [MIO_OPTION_MULTICAST_LOOP_V6] = {KIND(UDP_SOCKET), MIO_FAMILY_INET6,
                                      IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0, 1,
                                      0},
    [MIO_OPTION_ONLY_V6] = {KIND(UDP_SOCKET), MIO_FAMILY_INET6, IPPROTO_IPV6,
                            IPV6_V6ONLY, 0, 1, 0},
    [MIO_OPTION_NONBLOCKING] = {KINDS_ALL, ANY_FAMILY, 0, 0, 0, 1, 0},
};

static int32_t find_option(const mio_source_t *source, uint32_t number,
                           const struct option **out) {
  if (number < MIO_OPTION_NODELAY || number > MIO_OPTION_NONBLOCKING) {
    return -EINVAL;
  }
  const struct option *option = &options[number];
  if (!source_is(source, option->kinds) ||
      (option->family != ANY_FAMILY && option->family != source->family)) {
    return -EOPNOTSUPP;
  }
  *out = option;
  return 0;
}

static int32_t set_integer(int fd, int level, int name, uint32_t value) {
  int integer = (int)value;
  return setsockopt(fd, level, name, &integer, sizeof(integer)) < 0 ? -errno
                                                                    : 0;
}

/* An IPv6 socket counts its own hops, and those of the IPv4 that it may carry
 * where the system lets it. */
static int32_t set_hops(const mio_source_t *source, uint32_t value) {
  int32_t v4 = set_integer(source->fd, IPPROTO_IP, IP_TTL, value);
  return source->family == MIO_FAMILY_INET6
             ? set_integer(source->fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, value)
             : v4;
}

int32_t source_set_option(mio_source_t *source, uint32_t number,
                          uint32_t value) {
  const struct option *option;
  int32_t rc = find_option(source, number, &option);
  if (rc < 0) {
    return rc;
  }
  if (number == MIO_OPTION_ONLY_V6) {
    return -EOPNOTSUPP;
  }
  if (value < option->min || value > option->max) {
    return -EINVAL;
  }
  if (number == MIO_OPTION_NONBLOCKING) {
    return os_fd_set_nonblocking(source->fd, (int)value);
  }
  if (number == MIO_OPTION_TTL) {
    return set_hops(source, value);
  }
  if (option->is_byte) {
    unsigned char byte = (unsigned char)value;
    return setsockopt(source->fd, option->level, option->name, &byte, 1) < 0
               ? -errno
               : 0;
  }
  return set_integer(source->fd, option->level, option->name, value);
}

/* Asked for an integer, some systems answer a byte where they keep one. */
static int32_t get_integer(int fd, int level, int name, uint32_t *value) {
  union {
    int integer;
    unsigned char byte;
  } as = {0};
  socklen_t length = sizeof(as.integer);
  if (getsockopt(fd, level, name, &as, &length) < 0) {
    return -errno;
  }
  *value = length == sizeof(as.byte) ? as.byte : (uint32_t)as.integer;
  return 0;
}

int32_t source_option(mio_source_t *source, uint32_t number, uint32_t *value) {
  const struct option *option;
  int32_t rc = find_option(source, number, &option);
  if (rc < 0) {
    return rc;
  }
  if (number == MIO_OPTION_NONBLOCKING) {
    rc = os_fd_nonblocking(source->fd);
    *value = rc > 0;
    return rc < 0 ? rc : 0;
  }
  if (number == MIO_OPTION_TTL && source->family == MIO_FAMILY_INET6) {
    return get_integer(source->fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, value);
  }
  rc = get_integer(source->fd, option->level, option->name, value);
  if (rc == 0 && option->max == 1) {
    *value = *value != 0; /* Some systems give the flag's own bit. */
  }
  return rc;
}

static int32_t multicast_v4(const mio_source_t *source,
                            const mio_addr_t *group, const mio_addr_t *via,
                            int join) {
  struct ip_mreq request = {0};
  memcpy(&request.imr_multiaddr, group->bytes, 4);
  if (via != NULL) {
    memcpy(&request.imr_interface, via->bytes, 4);
  }
  int name = join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
  return setsockopt(source->fd, IPPROTO_IP, name, &request, sizeof(request)) <
                 0
             ? -errno
             : 0;
}

static int32_t multicast_v6(const mio_source_t *source,
                            const mio_addr_t *group, int join) {
  struct ipv6_mreq request = {0};
  memcpy(&request.ipv6mr_multiaddr, group->bytes, 16);
  request.ipv6mr_interface =
      (__typeof__(request.ipv6mr_interface))group->scope;
  int name = join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP;
  return setsockopt(source->fd, IPPROTO_IPV6, name, &request,
                    sizeof(request)) < 0
             ? -errno
             : 0;
}

static int is_multicast(const mio_addr_t *group) {
  return group->family == MIO_FAMILY_INET ? group->bytes[0] >> 4 == 14
                                          : group->bytes[0] == 0xff;
}

int32_t source_multicast(mio_source_t *source, const mio_addr_t *group,
                         const mio_addr_t *via, int join) {
  int is_v4 = source->family == MIO_FAMILY_INET;
  if (addr_check(group) < 0 || group->family != source->family ||
      !is_multicast(group)) {
    return -EINVAL;
  }
  if (via != NULL &&
      (!is_v4 || addr_check(via) < 0 || via->family != MIO_FAMILY_INET)) {
    return -EINVAL;
  }
  return is_v4 ? multicast_v4(source, group, via, join)
               : multicast_v6(source, group, join);
}
