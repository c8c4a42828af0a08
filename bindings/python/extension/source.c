/*
 * Sources between Python and the library, as guard.c has the other handles. In
 * C one thread reads a source, one writes it, and all else is exclusive. From
 * Python everybody may do everything at any time: those who must not meet wait
 * for each other, by one lock for reading and one for writing. No Python code
 * runs with one of them held, and nobody waits for one with the GIL: so a
 * signal handler never meets a lock of the code that is under it.
 */
#include "guard.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "gate.h"

struct guard_source {
  gate_t gate;
  mio_source_t *raw;
  pthread_mutex_t reading;
  pthread_mutex_t writing;
};

/* What a call does with the source, and so whom it must not meet. */
enum role { ASKS = 0, READS = 1, WRITES = 2, ALONE = 3 };

static void source_release(guard_source_t *source) {
  mio_source_t *raw = source->raw;
  source->raw = NULL;
  mio_source_free(raw);
}

static void take_locks(guard_source_t *source, enum role role) {
  if (role & READS) {
    (void)pthread_mutex_lock(&source->reading);
  }
  if (role & WRITES) {
    (void)pthread_mutex_lock(&source->writing);
  }
}

static void give_locks(guard_source_t *source, enum role role) {
  if (role & WRITES) {
    (void)pthread_mutex_unlock(&source->writing);
  }
  if (role & READS) {
    (void)pthread_mutex_unlock(&source->reading);
  }
}

static int32_t enter(guard_source_t *source, enum role role) {
  int32_t rc = gate_enter(&source->gate, GATE_ONE);
  if (rc == 0) {
    take_locks(source, role);
  }
  return rc;
}

/* Gives `rc` back. Whoever waited for a lock while into_fd() had it finds an
 * empty source, which is a closed one to Python. */
static int32_t leave(guard_source_t *source, enum role role, int32_t rc) {
  if (rc == -EBADF && gate_is_shut(&source->gate)) {
    rc = GUARD_CLOSED;
  }
  give_locks(source, role);
  if (gate_leave(&source->gate, GATE_ONE)) {
    source_release(source);
  }
  return rc;
}

/* ------------------------------------------------------------------ making */

static void init_locks(guard_source_t *source) {
  (void)pthread_mutex_init(&source->reading, NULL);
  (void)pthread_mutex_init(&source->writing, NULL);
}

/* What the library's handle is put into, made first so that a want of memory
 * loses nothing; NULL. */
static guard_source_t *source_new(void) {
  guard_source_t *source = calloc(1, sizeof(*source));
  if (source != NULL) {
    init_locks(source);
  }
  return source;
}

static void source_delete(guard_source_t *source) {
  if (source != NULL) {
    (void)pthread_mutex_destroy(&source->writing);
    (void)pthread_mutex_destroy(&source->reading);
    free(source);
  }
}

/* Hands it out if all went well. */
static int32_t hand_out(guard_source_t **out, guard_source_t *source,
                        int32_t rc) {
  if (rc < 0) {
    source_delete(source);
    return rc;
  }
  *out = source;
  return 0;
}

static int32_t bind_kind(mio_source_t **out, uint32_t kind,
                         const mio_addr_t *addr, uint32_t backlog) {
  switch (kind) {
  case MIO_KIND_TCP_LISTENER:
    return mio_tcp_listener_bind(out, addr, backlog);
  case MIO_KIND_UNIX_LISTENER:
    return mio_unix_listener_bind(out, addr, backlog);
  case MIO_KIND_UDP_SOCKET:
    return mio_udp_socket_bind(out, addr);
  default:
    return mio_unix_datagram_bind(out, addr);
  }
}

int32_t guard_source_bind(guard_source_t **out, uint32_t kind,
                          const mio_addr_t *addr, uint32_t backlog) {
  guard_source_t *source = source_new();
  if (source == NULL) {
    return -ENOMEM;
  }
  return hand_out(out, source, bind_kind(&source->raw, kind, addr, backlog));
}

int32_t guard_source_begin(guard_source_t **out, uint32_t kind,
                           const mio_addr_t *addr) {
  guard_source_t *source = source_new();
  if (source == NULL) {
    return -ENOMEM;
  }
  return hand_out(out, source,
                  kind == MIO_KIND_TCP_STREAM
                      ? mio_tcp_stream_connect(&source->raw, addr)
                      : mio_unix_stream_connect(&source->raw, addr));
}

int32_t guard_source_unbound(guard_source_t **out) {
  guard_source_t *source = source_new();
  if (source == NULL) {
    return -ENOMEM;
  }
  return hand_out(out, source, mio_unix_datagram_unbound(&source->raw));
}

/* Of the kind of the first; a pipe's is the sender. */
static int32_t pair_kind(mio_source_t **out, mio_source_t **other,
                         uint32_t kind) {
  switch (kind) {
  case MIO_KIND_UNIX_STREAM:
    return mio_unix_stream_pair(out, other);
  case MIO_KIND_UNIX_DATAGRAM:
    return mio_unix_datagram_pair(out, other);
  default:
    return mio_pipe_new(out, other);
  }
}

int32_t guard_source_pair(guard_source_t **out, guard_source_t **other,
                          uint32_t kind) {
  guard_source_t *one = source_new();
  guard_source_t *two = source_new();
  int32_t rc = -ENOMEM;
  if (one != NULL && two != NULL) {
    rc = pair_kind(&one->raw, &two->raw, kind);
  }
  (void)hand_out(other, two, rc);
  return hand_out(out, one, rc);
}

int32_t guard_source_from_fd(guard_source_t **out, uint32_t kind,
                             mio_fd_t fd) {
  guard_source_t *source = source_new();
  if (source == NULL) {
    return -ENOMEM;
  }
  return hand_out(out, source, mio_source_from_fd(&source->raw, kind, fd));
}

int32_t guard_source_accept(guard_source_t *source, guard_source_t **out,
                            mio_addr_t *peer) {
  int32_t rc = enter(source, READS);
  if (rc < 0) {
    return rc;
  }
  guard_source_t *stream = source_new();
  if (stream == NULL) {
    return leave(source, READS, -ENOMEM);
  }
  rc = mio_source_accept(source->raw, &stream->raw, peer);
  return hand_out(out, stream, leave(source, READS, rc));
}

/* ------------------------------------------------------------------- ending */

int32_t guard_source_close(guard_source_t *source) {
  if (gate_shut(&source->gate)) {
    source_release(source);
  }
  return 0;
}

void guard_source_drop(guard_source_t *source) {
  (void)guard_source_close(source);
  source_delete(source);
}

/* A child may use its parent's sources, as it may its sockets. */
void guard_source_forked(guard_source_t *source) {
  init_locks(source); /* Whoever held one is not there any more. */
  if (gate_renew(&source->gate)) {
    source_release(source);
  }
}

int32_t guard_source_into_fd(guard_source_t *source, mio_fd_t *out) {
  int32_t rc = enter(source, ALONE);
  if (rc < 0) {
    return rc;
  }
  (void)gate_shut(&source->gate); /* Closed from now on; leaving frees it. */
  return leave(source, ALONE, mio_source_into_fd(source->raw, out));
}

int32_t guard_source_fd(guard_source_t *source, mio_fd_t *out) {
  int32_t rc = enter(source, ASKS);
  return rc < 0 ? rc : leave(source, ASKS, mio_source_fd(source->raw, out));
}

/* -------------------------------------------------------------- registering */

/* Enters both, or neither. */
static int32_t enter_both(guard_registry_t *registry, guard_source_t *source,
                          mio_registry_t **raw) {
  int32_t rc = guard_registry_enter(registry, raw);
  if (rc < 0) {
    return rc;
  }
  if (enter(source, ALONE) < 0) {
    return guard_registry_leave(registry, GUARD_SOURCE_CLOSED);
  }
  return 0;
}

static int32_t leave_both(guard_registry_t *registry, guard_source_t *source,
                          int32_t rc) {
  rc = leave(source, ALONE, rc);
  return guard_registry_leave(registry,
                              rc == GUARD_CLOSED ? GUARD_SOURCE_CLOSED : rc);
}

int32_t guard_registry_add(guard_registry_t *registry, guard_source_t *source,
                           uint64_t token, uint32_t interest) {
  mio_registry_t *raw;
  int32_t rc = enter_both(registry, source, &raw);
  if (rc < 0) {
    return rc;
  }
  rc = mio_registry_register(raw, source->raw, token, interest);
  return leave_both(registry, source, rc);
}

int32_t guard_registry_change(guard_registry_t *registry,
                              guard_source_t *source, uint64_t token,
                              uint32_t interest) {
  mio_registry_t *raw;
  int32_t rc = enter_both(registry, source, &raw);
  if (rc < 0) {
    return rc;
  }
  rc = mio_registry_reregister(raw, source->raw, token, interest);
  return leave_both(registry, source, rc);
}

int32_t guard_registry_remove(guard_registry_t *registry,
                              guard_source_t *source) {
  mio_registry_t *raw;
  int32_t rc = enter_both(registry, source, &raw);
  if (rc < 0) {
    return rc;
  }
  return leave_both(registry, source,
                    mio_registry_deregister(raw, source->raw));
}

/* -------------------------------------------------- all that is one call */

/* A call of the library's with the source behind its gate. */
#define CALL(role, call)            \
  int32_t rc = enter(source, role); \
  return rc < 0 ? rc : leave(source, role, call)

int32_t guard_source_would_block(guard_source_t *source, uint32_t interest) {
  CALL(ALONE, mio_source_would_block(source->raw, interest));
}

int32_t guard_source_connect(guard_source_t *source, const mio_addr_t *addr) {
  CALL(ALONE, mio_source_connect(source->raw, addr));
}

int32_t guard_source_shutdown(guard_source_t *source, uint32_t how) {
  CALL(ALONE, mio_source_shutdown(source->raw, how));
}

int32_t guard_source_local_addr(guard_source_t *source, mio_addr_t *out) {
  CALL(ASKS, mio_source_local_addr(source->raw, out));
}

int32_t guard_source_peer_addr(guard_source_t *source, mio_addr_t *out) {
  CALL(ASKS, mio_source_peer_addr(source->raw, out));
}

int32_t guard_source_take_error(guard_source_t *source, int32_t *found) {
  CALL(ASKS, mio_source_take_error(source->raw, found));
}

int32_t guard_source_read(guard_source_t *source, void *buffer,
                          uint64_t length) {
  CALL(READS, mio_source_read(source->raw, buffer, length));
}

int32_t guard_source_write(guard_source_t *source, const void *buffer,
                           uint64_t length) {
  CALL(WRITES, mio_source_write(source->raw, buffer, length));
}

int32_t guard_source_read_vectored(guard_source_t *source,
                                   void *const *buffers,
                                   const uint64_t *lengths, uint32_t count) {
  CALL(READS, mio_source_read_vectored(source->raw, buffers, lengths, count));
}

int32_t guard_source_write_vectored(guard_source_t *source,
                                    const void *const *buffers,
                                    const uint64_t *lengths, uint32_t count) {
  CALL(WRITES,
       mio_source_write_vectored(source->raw, buffers, lengths, count));
}

int32_t guard_source_peek(guard_source_t *source, void *buffer,
                          uint64_t length) {
  CALL(READS, mio_source_peek(source->raw, buffer, length));
}

int32_t guard_source_recv_from(guard_source_t *source, void *buffer,
                               uint64_t length, mio_addr_t *peer) {
  CALL(READS, mio_source_recv_from(source->raw, buffer, length, peer));
}

int32_t guard_source_peek_from(guard_source_t *source, void *buffer,
                               uint64_t length, mio_addr_t *peer) {
  CALL(READS, mio_source_peek_from(source->raw, buffer, length, peer));
}

int32_t guard_source_send_to(guard_source_t *source, const void *buffer,
                             uint64_t length, const mio_addr_t *addr) {
  CALL(WRITES, mio_source_send_to(source->raw, buffer, length, addr));
}

int32_t guard_source_set_option(guard_source_t *source, uint32_t option,
                                uint32_t value) {
  CALL(ALONE, mio_source_set_option(source->raw, option, value));
}

int32_t guard_source_option(guard_source_t *source, uint32_t option,
                            uint32_t *value) {
  CALL(ASKS, mio_source_option(source->raw, option, value));
}

int32_t guard_source_join_multicast(guard_source_t *source,
                                    const mio_addr_t *group,
                                    const mio_addr_t *via) {
  CALL(ALONE, mio_source_join_multicast(source->raw, group, via));
}

int32_t guard_source_leave_multicast(guard_source_t *source,
                                     const mio_addr_t *group,
                                     const mio_addr_t *via) {
  CALL(ALONE, mio_source_leave_multicast(source->raw, group, via));
}
