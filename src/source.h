/* A source: a socket or a pipe of the library's own. */
#ifndef MIOPOLL_SOURCE_H
#define MIOPOLL_SOURCE_H

#include <errno.h>
#include <stddef.h>

#include "core.h"

struct mio_source {
  int fd; /* -1: emptied by into_fd. */
  uint32_t kind;
  uint32_t family; /* Of enum mio_families; 0: a pipe. */
  /* The directions that an operation which would block has to re-arm: those
   * of an edge registration with a selector that is not edge-exact. */
  uint32_t rearms;
  struct core *core; /* Of which it is a holder; NULL: not registered. */
};

#define KIND(name) (1U << MIO_KIND_##name)
#define KINDS_LISTENER (KIND(TCP_LISTENER) | KIND(UNIX_LISTENER))
#define KINDS_STREAM (KIND(TCP_STREAM) | KIND(UNIX_STREAM))
#define KINDS_DATAGRAM (KIND(UDP_SOCKET) | KIND(UNIX_DATAGRAM))
#define KINDS_PIPE (KIND(PIPE_SENDER) | KIND(PIPE_RECEIVER))
#define KINDS_READ (KINDS_STREAM | KINDS_DATAGRAM | KIND(PIPE_RECEIVER))
#define KINDS_WRITE (KINDS_STREAM | KINDS_DATAGRAM | KIND(PIPE_SENDER))
#define KINDS_SOCKET (KINDS_LISTENER | KINDS_STREAM | KINDS_DATAGRAM)
#define KINDS_ALL (KINDS_SOCKET | KINDS_PIPE)

/* Where a count of 0 is the end, and one that is short means drained or full;
 * a datagram's is neither. */
#define KINDS_OF_BYTES (KINDS_STREAM | KINDS_PIPE)

static inline int source_is(const mio_source_t *source, uint32_t kinds) {
  return (kinds >> source->kind & 1) != 0;
}

/* What is wrong with the source for an operation of `kinds`, or 0. */
static inline int32_t source_check(const mio_source_t *source,
                                   uint32_t kinds) {
  if (source == NULL) {
    return -EINVAL;
  }
  if (source->fd < 0) {
    return -EBADF;
  }
  return source_is(source, kinds) ? 0 : -EOPNOTSUPP;
}

/* source.c: a handle without a descriptor yet, so that nothing is lost for
 * want of memory; NULL. */
mio_source_t *source_new(uint32_t kind, uint32_t family);
void source_free(mio_source_t *source);
int32_t source_into_fd(mio_source_t *source, mio_fd_t *out);
int32_t source_register(mio_source_t *source, struct core *core,
                        uint64_t token, uint32_t interest);
int32_t source_reregister(mio_source_t *source, struct core *core,
                          uint64_t token, uint32_t interest);
int32_t source_deregister(mio_source_t *source, struct core *core);

/* Operations of these directions would have blocked. */
void source_rearm(mio_source_t *source, uint32_t directions);

/* source_open.c: constructors; *out is set on success only. */
int32_t source_bind(mio_source_t **out, uint32_t kind, const mio_addr_t *addr,
                    uint32_t backlog);
int32_t source_connect_new(mio_source_t **out, uint32_t kind,
                           const mio_addr_t *addr);
int32_t source_unbound(mio_source_t **out);
int32_t source_pair(mio_source_t **out, mio_source_t **other, uint32_t kind);
int32_t source_pipe(mio_source_t **sender, mio_source_t **receiver);
int32_t source_from_fd(mio_source_t **out, uint32_t kind, int fd);
int32_t source_accept(mio_source_t *listener, mio_source_t **out,
                      mio_addr_t *peer);

/* source_io.c */
int32_t source_read(mio_source_t *source, void *buffer, uint64_t length);
int32_t source_write(mio_source_t *source, const void *buffer,
                     uint64_t length);
int32_t source_read_vectored(mio_source_t *source, void *const *buffers,
                             const uint64_t *lengths, uint32_t count);
int32_t source_write_vectored(mio_source_t *source, const void *const *buffers,
                              const uint64_t *lengths, uint32_t count);
int32_t source_peek(mio_source_t *source, void *buffer, uint64_t length);
int32_t source_recv_from(mio_source_t *source, void *buffer, uint64_t length,
                         mio_addr_t *peer, int peek);
int32_t source_send_to(mio_source_t *source, const void *buffer,
                       uint64_t length, const mio_addr_t *addr);

/* source_option.c */
int32_t source_connect(mio_source_t *source, const mio_addr_t *addr);
int32_t source_shutdown(mio_source_t *source, uint32_t how);
int32_t source_local_addr(mio_source_t *source, mio_addr_t *out);
int32_t source_peer_addr(mio_source_t *source, mio_addr_t *out);
int32_t source_take_error(mio_source_t *source, int32_t *error);
int32_t source_set_option(mio_source_t *source, uint32_t option,
                          uint32_t value);
int32_t source_option(mio_source_t *source, uint32_t option, uint32_t *value);
int32_t source_multicast(mio_source_t *source, const mio_addr_t *group,
                         const mio_addr_t *via, int join);

#endif
