#include "addr.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define PATH_LENGTH_MAX 107 /* mio's, and std's: a NUL has to follow. */
#define UNIX_NAME_OFFSET offsetof(struct sockaddr_un, sun_path)

static int32_t check_unix(const mio_addr_t *addr) {
  if (addr->port != 0 || addr->flow != 0 || addr->scope != 0) {
    return -EINVAL;
  }
  int is_path = addr->length > 0 && addr->bytes[0] != 0;
  if (addr->length > sizeof(addr->bytes) ||
      (is_path && addr->length > PATH_LENGTH_MAX)) {
    return -EINVAL;
  }
  if (is_path && memchr(addr->bytes, 0, addr->length) != NULL) {
    return -EINVAL;
  }
  return 0;
}

int32_t addr_check(const mio_addr_t *addr) {
  switch (addr->family) {
  case MIO_FAMILY_INET:
    return addr->port <= UINT16_MAX && addr->length == 4 && addr->flow == 0 &&
                   addr->scope == 0
               ? 0
               : -EINVAL;
  case MIO_FAMILY_INET6:
    return addr->port <= UINT16_MAX && addr->length == 16 ? 0 : -EINVAL;
  case MIO_FAMILY_UNIX:
    return check_unix(addr);
  default:
    return -EINVAL;
  }
}

int addr_system_family(uint32_t family) {
  return family == MIO_FAMILY_INET    ? AF_INET
         : family == MIO_FAMILY_INET6 ? AF_INET6
                                      : AF_UNIX;
}

static int32_t unix_to_system(struct system_addr *out,
                              const mio_addr_t *addr) {
  struct sockaddr_un *un = &out->as.un;
  int is_abstract = addr->length > 0 && addr->bytes[0] == 0;
#ifndef __linux__
  if (is_abstract) {
    return -EOPNOTSUPP;
  }
#endif
  if (addr->length + !is_abstract > sizeof(un->sun_path)) {
    return -ENAMETOOLONG;
  }
  un->sun_family = AF_UNIX;
  memcpy(un->sun_path, addr->bytes, addr->length);
  out->length = (socklen_t)(UNIX_NAME_OFFSET + addr->length);
  if (addr->length > 0 && !is_abstract) {
    out->length++; /* The NUL. */
  }
  return 0;
}

int32_t addr_to_system(struct system_addr *out, const mio_addr_t *addr) {
  int32_t rc = addr_check(addr);
  if (rc < 0) {
    return rc;
  }
  memset(out, 0, sizeof(*out));
  if (addr->family == MIO_FAMILY_UNIX) {
    return unix_to_system(out, addr);
  }
  if (addr->family == MIO_FAMILY_INET) {
    out->as.in.sin_family = AF_INET;
    out->as.in.sin_port = htons((uint16_t)addr->port);
    memcpy(&out->as.in.sin_addr, addr->bytes, 4);
    out->length = sizeof(out->as.in);
  } else {
    out->as.in6.sin6_family = AF_INET6;
    out->as.in6.sin6_port = htons((uint16_t)addr->port);
    out->as.in6.sin6_flowinfo = htonl(addr->flow);
    out->as.in6.sin6_scope_id = addr->scope;
    memcpy(&out->as.in6.sin6_addr, addr->bytes, 16);
    out->length = sizeof(out->as.in6);
  }
  return 0;
}

int32_t addr_to_peer(struct system_addr *out, const mio_addr_t *addr,
                     uint32_t family) {
  int32_t rc = addr_to_system(out, addr);
  if (rc < 0) {
    return rc;
  }
  int is_nameless = addr->family == MIO_FAMILY_UNIX && addr->length == 0;
  return addr->family == family && !is_nameless ? 0 : -EINVAL;
}

/* A path ends before its NUL, which the kernel counts; an abstract name begins
 * with one. Other systems than Linux give the unnamed a length above 0. */
static void unix_from_system(mio_addr_t *out, const struct system_addr *addr) {
  const char *name = addr->as.un.sun_path;
  size_t length =
      addr->length > UNIX_NAME_OFFSET ? addr->length - UNIX_NAME_OFFSET : 0;
  if (length > sizeof(out->bytes)) {
    length = sizeof(out->bytes);
  }
  if (length > 0 && name[0] != '\0') {
    length = strnlen(name, length);
  }
#ifndef __linux__
  if (length > 0 && name[0] == '\0') {
    length = 0;
  }
#endif
  out->length = (uint32_t)length;
  memcpy(out->bytes, name, length);
}

int32_t addr_from_system(mio_addr_t *out, const struct system_addr *addr) {
  memset(out, 0, sizeof(*out));
  /* macOS gives unnamed peers a length of 0, and then no family. */
  int family = addr->length == 0 ? AF_UNIX : addr->as.any.sa_family;
  switch (family) {
  case AF_INET:
    out->family = MIO_FAMILY_INET;
    out->port = ntohs(addr->as.in.sin_port);
    out->length = 4;
    memcpy(out->bytes, &addr->as.in.sin_addr, 4);
    return 0;
  case AF_INET6:
    out->family = MIO_FAMILY_INET6;
    out->port = ntohs(addr->as.in6.sin6_port);
    out->flow = ntohl(addr->as.in6.sin6_flowinfo);
    out->scope = addr->as.in6.sin6_scope_id;
    out->length = 16;
    memcpy(out->bytes, &addr->as.in6.sin6_addr, 16);
    return 0;
  case AF_UNIX:
    out->family = MIO_FAMILY_UNIX;
    unix_from_system(out, addr);
    return 0;
  default:
    return -EAFNOSUPPORT;
  }
}
