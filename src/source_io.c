/*
 * Moving bytes. On a selector that is not edge-exact, an operation that would
 * block, or that moves less than was asked on a stream or a pipe, re-arms its
 * own direction, and no other.
 */
#include "source.h"

#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "os/socket.h"

/* What Linux moves at most in one call (MAX_RW_COUNT), so that a short count
 * is a short transfer. */
#define TRANSFER_MAX UINT64_C(0x7ffff000)

static size_t clamp(uint64_t length) {
  return (size_t)(length < TRANSFER_MAX ? length : TRANSFER_MAX);
}

/* Looks at what a transfer of `asked` bytes came to. */
static int32_t finish(mio_source_t *source, uint32_t direction, int32_t result,
                      size_t asked) {
  if ((source->rearms & direction) == 0) {
    return result; /* So it is wherever edge is the kernel's. */
  }
  int is_short = result > 0 && (size_t)result < asked &&
                 source_is(source, KINDS_OF_BYTES);
  if (result == -EAGAIN || is_short) {
    source_rearm(source, direction);
  }
  return result;
}

static int32_t result_of(ssize_t n) {
  return n < 0 ? -errno : (int32_t)n;
}

/* 0 bytes of a stream are 0 bytes; of a datagram socket they are one. */
static int is_nothing(const mio_source_t *source, uint64_t length) {
  return length == 0 && source_is(source, KINDS_OF_BYTES);
}

int32_t source_read(mio_source_t *source, void *buffer, uint64_t length) {
  if (is_nothing(source, length)) {
    return 0;
  }
  size_t asked = clamp(length);
  ssize_t n = source->kind == MIO_KIND_PIPE_RECEIVER
                  ? read(source->fd, buffer, asked)
                  : recv(source->fd, buffer, asked, 0);
  return finish(source, MIO_READABLE, result_of(n), asked);
}

int32_t source_write(mio_source_t *source, const void *buffer,
                     uint64_t length) {
  if (is_nothing(source, length)) {
    return 0;
  }
  size_t asked = clamp(length);
  int32_t rc;
  if (source->kind == MIO_KIND_PIPE_SENDER) {
    struct iovec part = {(void *)buffer, asked};
    rc = os_pipe_write(source->fd, &part, 1);
  } else {
    rc = result_of(os_send(source->fd, buffer, asked, NULL, 0));
  }
  return finish(source, MIO_WRITABLE, rc, asked);
}

/* The buffers of a vectored call, cut to what one call moves. */
struct parts {
  struct iovec vectors[MIO_BUFFERS_MAX];
  uint32_t count;
  uint64_t total;
};

/* 0, or -EINVAL for a buffer that is NULL and not empty. */
static int32_t gather(struct parts *parts, const void *const *buffers,
                      const uint64_t *lengths, uint32_t count) {
  parts->count = count < MIO_BUFFERS_MAX ? count : MIO_BUFFERS_MAX;
  parts->total = 0;
  for (uint32_t i = 0; i < parts->count; i++) {
    if (buffers[i] == NULL && lengths[i] != 0) {
      return -EINVAL;
    }
    uint64_t room = TRANSFER_MAX - parts->total;
    uint64_t length = lengths[i] < room ? lengths[i] : room;
    parts->vectors[i].iov_base = (void *)buffers[i];
    parts->vectors[i].iov_len = (size_t)length;
    parts->total += length;
  }
  return 0;
}

int32_t source_read_vectored(mio_source_t *source, void *const *buffers,
                             const uint64_t *lengths, uint32_t count) {
  struct parts parts;
  int32_t rc = gather(&parts, (const void *const *)buffers, lengths, count);
  if (rc < 0 || parts.total == 0) {
    return rc;
  }
  ssize_t n = readv(source->fd, parts.vectors, (int)parts.count);
  return finish(source, MIO_READABLE, result_of(n), (size_t)parts.total);
}

int32_t source_write_vectored(mio_source_t *source, const void *const *buffers,
                              const uint64_t *lengths, uint32_t count) {
  struct parts parts;
  int32_t rc = gather(&parts, buffers, lengths, count);
  if (rc < 0 || parts.total == 0) {
    return rc;
  }
  rc = source->kind == MIO_KIND_PIPE_SENDER
           ? os_pipe_write(source->fd, parts.vectors, parts.count)
           : result_of(os_send_parts(source->fd, parts.vectors, parts.count));
  return finish(source, MIO_WRITABLE, rc, (size_t)parts.total);
}

/* A short peek leaves what it saw: it has drained nothing. */
int32_t source_peek(mio_source_t *source, void *buffer, uint64_t length) {
  if (is_nothing(source, length)) {
    return 0;
  }
  ssize_t n = recv(source->fd, buffer, clamp(length), MSG_PEEK);
  return finish(source, MIO_READABLE, result_of(n), 0);
}

int32_t source_recv_from(mio_source_t *source, void *buffer, uint64_t length,
                         mio_addr_t *peer, int peek) {
  struct system_addr system = {.length = sizeof(system.as)};
  ssize_t n = recvfrom(source->fd, buffer, clamp(length), peek ? MSG_PEEK : 0,
                       &system.as.any, &system.length);
  int32_t rc = finish(source, MIO_READABLE, result_of(n), 0);
  if (rc >= 0 && peer != NULL) {
    int32_t known = addr_from_system(peer, &system);
    return known < 0 ? known : rc;
  }
  return rc;
}

int32_t source_send_to(mio_source_t *source, const void *buffer,
                       uint64_t length, const mio_addr_t *addr) {
  struct system_addr system;
  int32_t rc = addr_to_peer(&system, addr, source->family);
  if (rc < 0) {
    return rc;
  }
  ssize_t n = os_send(source->fd, buffer, clamp(length), &system.as.any,
                      system.length);
  return finish(source, MIO_WRITABLE, result_of(n), 0);
}
