/* Addresses: the header's, the system's, and text. */
#ifndef MIOPOLL_ADDR_H
#define MIOPOLL_ADDR_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "miopoll.h"

/* An address as the system takes it. */
struct system_addr {
  union {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    struct sockaddr_storage storage;
  } as;
  socklen_t length;
};

/* 0 if the fields make sense together, else -EINVAL. */
int32_t addr_check(const mio_addr_t *addr);

/* The system's number for a family of enum mio_families. */
int addr_system_family(uint32_t family);

/* 0, or what addr_check() says, or -EOPNOTSUPP for an abstract name where the
 * system has none, or -ENAMETOOLONG where its paths are shorter than ours. */
int32_t addr_to_system(struct system_addr *out, const mio_addr_t *addr);

/* The same for whom a socket of `family` is to send to: -EINVAL too for another
 * family, and for a Unix socket without a name. */
int32_t addr_to_peer(struct system_addr *out, const mio_addr_t *addr,
                     uint32_t family);

/* 0, or -EAFNOSUPPORT with *out all 0. */
int32_t addr_from_system(mio_addr_t *out, const struct system_addr *addr);

/* addr_text.c: as mio_addr_parse() and mio_addr_format(), arguments checked. */
int32_t addr_parse(mio_addr_t *out, const void *text, uint64_t length);
int32_t addr_format(const mio_addr_t *addr, void *buffer, uint64_t length);

#endif
