/*
 * Every exported function, in the order of the header: check, call, return.
 * Start reading here. What an entry promises is said in abi/miopoll.h.
 */
#include "miopoll.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "addr.h"
#include "error.h"
#include "options.h"
#include "os/os.h"
#include "poll.h"
#include "registry.h"
#include "selector/selector.h"
#include "source.h"
#include "waker.h"

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch) \
  TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

/* ----------------------------------------------------- version and errors */

uint32_t mio_version(void) {
  return MIO_VERSION_MAJOR << 16 | MIO_VERSION_MINOR << 8 | MIO_VERSION_PATCH;
}

const char *mio_version_string(void) {
  return VERSION_TEXT(MIO_VERSION_MAJOR, MIO_VERSION_MINOR, MIO_VERSION_PATCH);
}

const char *mio_err_name(int32_t rc) {
  return error_name(rc);
}

const char *mio_err_text(int32_t rc) {
  return error_text(rc);
}

int32_t mio_err_from_name(const char *name) {
  return name != NULL ? error_from_name(name) : 0;
}

int64_t mio_clock_now(void) {
  return os_clock_now();
}

/* --------------------------------------------------------------- selectors */

const char *mio_selector_name(uint32_t selector) {
  return selector_name(selector);
}

int32_t mio_selector_from_name(const char *name) {
  return name != NULL ? selector_from_name(name) : -EINVAL;
}

int32_t mio_selector_available(uint32_t selector) {
  if (!selector_known(selector)) {
    return -EINVAL;
  }
  return selector == MIO_SELECTOR_DEFAULT || selector_find(selector) != NULL;
}

/* -------------------------------------------------------------------- poll */

int32_t mio_poll_new(mio_poll_t **out, const mio_poll_options_t *options) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  mio_poll_options_t read;
  int32_t rc = options_read(&read, options);
  return rc < 0 ? rc : poll_new(out, read.selector);
}

void mio_poll_free(mio_poll_t *poll) {
  if (poll != NULL) {
    poll_free(poll);
  }
}

int32_t mio_poll_registry(mio_poll_t *poll, mio_registry_t **out) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  return poll != NULL ? registry_new(out, poll->core) : -EINVAL;
}

int32_t mio_poll_wait(mio_poll_t *poll, mio_event_t *events, uint32_t capacity,
                      int64_t timeout_ns) {
  if (poll == NULL || events == NULL) {
    return -EINVAL;
  }
  if (capacity - 1 >= EVENTS_MAX) { /* One test for two rare cases. */
    if (capacity == 0) {
      return -EINVAL;
    }
    capacity = EVENTS_MAX;
  }
  return poll_wait(poll, events, capacity, timeout_ns);
}

int32_t mio_poll_fd(mio_poll_t *poll, mio_fd_t *out) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = -1;
  int32_t rc = poll != NULL ? core_share(poll->core) : -EINVAL;
  if (rc < 0) {
    return rc;
  }
  *out = rc;
  return 0;
}

uint32_t mio_poll_selector(mio_poll_t *poll) {
  return poll != NULL ? poll->core->ops->id : MIO_SELECTOR_DEFAULT;
}

uint32_t mio_poll_features(mio_poll_t *poll) {
  return poll != NULL ? poll->core->features : 0;
}

/* ---------------------------------------------------------------- registry */

int32_t mio_registry_clone(mio_registry_t *registry, mio_registry_t **out) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  return registry != NULL ? registry_new(out, registry->core) : -EINVAL;
}

void mio_registry_free(mio_registry_t *registry) {
  if (registry != NULL) {
    registry_free(registry);
  }
}

int32_t mio_registry_register_fd(mio_registry_t *registry, mio_fd_t fd,
                                 uint64_t token, uint32_t interest) {
  return registry != NULL ? registry_register_fd(registry, fd, token, interest)
                          : -EINVAL;
}

int32_t mio_registry_reregister_fd(mio_registry_t *registry, mio_fd_t fd,
                                   uint64_t token, uint32_t interest) {
  return registry != NULL
             ? registry_reregister_fd(registry, fd, token, interest)
             : -EINVAL;
}

int32_t mio_registry_deregister_fd(mio_registry_t *registry, mio_fd_t fd) {
  return registry != NULL ? registry_deregister_fd(registry, fd) : -EINVAL;
}

/* ------------------------------------------------------------------- waker */

int32_t mio_waker_new(mio_waker_t **out, mio_registry_t *registry,
                      uint64_t token) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  return registry != NULL ? waker_new(out, registry->core, token) : -EINVAL;
}

int32_t mio_waker_wake(mio_waker_t *waker) {
  return waker != NULL ? waker_wake(waker) : -EINVAL;
}

void mio_waker_free(mio_waker_t *waker) {
  if (waker != NULL) {
    waker_free(waker);
  }
}

/* --------------------------------------------------------------- addresses */

int32_t mio_addr_parse(mio_addr_t *out, const void *text, uint64_t length) {
  if (out == NULL) {
    return -EINVAL;
  }
  memset(out, 0, sizeof(*out));
  return text != NULL || length == 0 ? addr_parse(out, text, length) : -EINVAL;
}

int32_t mio_addr_format(const mio_addr_t *addr, void *buffer,
                        uint64_t length) {
  if (addr == NULL || (buffer == NULL && length != 0)) {
    return -EINVAL;
  }
  return addr_format(addr, buffer, length);
}

/* --------------------------------------------------------- sources: making */

static int32_t bind_new(mio_source_t **out, uint32_t kind,
                        const mio_addr_t *addr, uint32_t backlog) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  return addr != NULL ? source_bind(out, kind, addr, backlog) : -EINVAL;
}

static int32_t connect_new(mio_source_t **out, uint32_t kind,
                           const mio_addr_t *addr) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  return addr != NULL ? source_connect_new(out, kind, addr) : -EINVAL;
}

/* Sets both to NULL, whichever of them is there. */
static int32_t clear_pair(mio_source_t **out, mio_source_t **other) {
  if (out != NULL) {
    *out = NULL;
  }
  if (other != NULL) {
    *other = NULL;
  }
  return out != NULL && other != NULL && out != other ? 0 : -EINVAL;
}

int32_t mio_tcp_listener_bind(mio_source_t **out, const mio_addr_t *addr,
                              uint32_t backlog) {
  return bind_new(out, MIO_KIND_TCP_LISTENER, addr, backlog);
}

int32_t mio_tcp_stream_connect(mio_source_t **out, const mio_addr_t *addr) {
  return connect_new(out, MIO_KIND_TCP_STREAM, addr);
}

int32_t mio_udp_socket_bind(mio_source_t **out, const mio_addr_t *addr) {
  return bind_new(out, MIO_KIND_UDP_SOCKET, addr, 0);
}

int32_t mio_unix_listener_bind(mio_source_t **out, const mio_addr_t *addr,
                               uint32_t backlog) {
  return bind_new(out, MIO_KIND_UNIX_LISTENER, addr, backlog);
}

int32_t mio_unix_stream_connect(mio_source_t **out, const mio_addr_t *addr) {
  return connect_new(out, MIO_KIND_UNIX_STREAM, addr);
}

int32_t mio_unix_stream_pair(mio_source_t **out, mio_source_t **other) {
  int32_t rc = clear_pair(out, other);
  return rc < 0 ? rc : source_pair(out, other, MIO_KIND_UNIX_STREAM);
}

int32_t mio_unix_datagram_bind(mio_source_t **out, const mio_addr_t *addr) {
  return bind_new(out, MIO_KIND_UNIX_DATAGRAM, addr, 0);
}

int32_t mio_unix_datagram_unbound(mio_source_t **out) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  return source_unbound(out);
}

int32_t mio_unix_datagram_pair(mio_source_t **out, mio_source_t **other) {
  int32_t rc = clear_pair(out, other);
  return rc < 0 ? rc : source_pair(out, other, MIO_KIND_UNIX_DATAGRAM);
}

int32_t mio_pipe_new(mio_source_t **sender, mio_source_t **receiver) {
  int32_t rc = clear_pair(sender, receiver);
  return rc < 0 ? rc : source_pipe(sender, receiver);
}

int32_t mio_source_from_fd(mio_source_t **out, uint32_t kind, mio_fd_t fd) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  if (kind < MIO_KIND_TCP_LISTENER || kind > MIO_KIND_NAMED_PIPE) {
    return -EINVAL;
  }
  if (kind == MIO_KIND_NAMED_PIPE) {
    return -EOPNOTSUPP;
  }
  return fd >= 0 && fd <= INT_MAX ? source_from_fd(out, kind, (int)fd)
                                  : -EBADF;
}

int32_t mio_source_into_fd(mio_source_t *source, mio_fd_t *out) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = -1;
  int32_t rc = source_check(source, KINDS_ALL);
  return rc < 0 ? rc : source_into_fd(source, out);
}

void mio_source_free(mio_source_t *source) {
  if (source != NULL) {
    source_free(source);
  }
}

uint32_t mio_source_kind(mio_source_t *source) {
  return source != NULL ? source->kind : 0;
}

int32_t mio_source_fd(mio_source_t *source, mio_fd_t *out) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = -1;
  int32_t rc = source_check(source, KINDS_ALL);
  if (rc == 0) {
    *out = source->fd;
  }
  return rc;
}

/* ---------------------------------------------------- sources: registering */

int32_t mio_registry_register(mio_registry_t *registry, mio_source_t *source,
                              uint64_t token, uint32_t interest) {
  return registry != NULL && source != NULL
             ? source_register(source, registry->core, token, interest)
             : -EINVAL;
}

int32_t mio_registry_reregister(mio_registry_t *registry, mio_source_t *source,
                                uint64_t token, uint32_t interest) {
  return registry != NULL && source != NULL
             ? source_reregister(source, registry->core, token, interest)
             : -EINVAL;
}

int32_t mio_registry_deregister(mio_registry_t *registry,
                                mio_source_t *source) {
  return registry != NULL && source != NULL
             ? source_deregister(source, registry->core)
             : -EINVAL;
}

int32_t mio_source_would_block(mio_source_t *source, uint32_t interest) {
  if (source == NULL || interest == 0 ||
      (interest & ~INTEREST_DIRECTIONS) != 0) {
    return -EINVAL;
  }
  int32_t rc = source_check(source, KINDS_ALL);
  if (rc == 0) {
    source_rearm(source, interest);
  }
  return rc;
}

/* ---------------------------------------------------- sources: connections */

int32_t mio_source_accept(mio_source_t *source, mio_source_t **out,
                          mio_addr_t *peer) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  if (peer != NULL) {
    memset(peer, 0, sizeof(*peer));
  }
  int32_t rc = source_check(source, KINDS_LISTENER);
  return rc < 0 ? rc : source_accept(source, out, peer);
}

int32_t mio_source_connect(mio_source_t *source, const mio_addr_t *addr) {
  int32_t rc = addr != NULL ? source_check(source, KINDS_DATAGRAM) : -EINVAL;
  return rc < 0 ? rc : source_connect(source, addr);
}

int32_t mio_source_shutdown(mio_source_t *source, uint32_t how) {
  int32_t rc = source_check(source, KINDS_STREAM | KIND(UNIX_DATAGRAM));
  return rc < 0 ? rc : source_shutdown(source, how);
}

int32_t mio_source_local_addr(mio_source_t *source, mio_addr_t *out) {
  if (out == NULL) {
    return -EINVAL;
  }
  memset(out, 0, sizeof(*out));
  int32_t rc = source_check(source, KINDS_SOCKET);
  return rc < 0 ? rc : source_local_addr(source, out);
}

int32_t mio_source_peer_addr(mio_source_t *source, mio_addr_t *out) {
  if (out == NULL) {
    return -EINVAL;
  }
  memset(out, 0, sizeof(*out));
  int32_t rc = source_check(source, KINDS_STREAM | KINDS_DATAGRAM);
  return rc < 0 ? rc : source_peer_addr(source, out);
}

int32_t mio_source_take_error(mio_source_t *source, int32_t *error) {
  int32_t rc = error != NULL ? source_check(source, KINDS_SOCKET) : -EINVAL;
  return rc < 0 ? rc : source_take_error(source, error);
}

/* --------------------------------------------------- sources: moving bytes */

/* What is wrong with a transfer of `kinds`: first what is NULL, then what the
 * source is. */
static int32_t check_transfer(const mio_source_t *source, uint32_t kinds,
                              const void *buffer, uint64_t length) {
  if (buffer == NULL && length != 0) {
    return -EINVAL;
  }
  return source_check(source, kinds);
}

static int32_t check_vectored(const mio_source_t *source, uint32_t kinds,
                              const void *buffers, const uint64_t *lengths,
                              uint32_t count) {
  if ((buffers == NULL || lengths == NULL) && count != 0) {
    return -EINVAL;
  }
  return source_check(source, kinds);
}

int32_t mio_source_read(mio_source_t *source, void *buffer, uint64_t length) {
  int32_t rc = check_transfer(source, KINDS_READ, buffer, length);
  return rc < 0 ? rc : source_read(source, buffer, length);
}

int32_t mio_source_write(mio_source_t *source, const void *buffer,
                         uint64_t length) {
  int32_t rc = check_transfer(source, KINDS_WRITE, buffer, length);
  return rc < 0 ? rc : source_write(source, buffer, length);
}

int32_t mio_source_read_vectored(mio_source_t *source, void *const *buffers,
                                 const uint64_t *lengths, uint32_t count) {
  int32_t rc = check_vectored(source, KINDS_READ & KINDS_OF_BYTES, buffers,
                              lengths, count);
  return rc < 0 ? rc : source_read_vectored(source, buffers, lengths, count);
}

int32_t mio_source_write_vectored(mio_source_t *source,
                                  const void *const *buffers,
                                  const uint64_t *lengths, uint32_t count) {
  int32_t rc = check_vectored(source, KINDS_WRITE & KINDS_OF_BYTES, buffers,
                              lengths, count);
  return rc < 0 ? rc : source_write_vectored(source, buffers, lengths, count);
}

int32_t mio_source_peek(mio_source_t *source, void *buffer, uint64_t length) {
  int32_t rc =
      check_transfer(source, KINDS_STREAM | KINDS_DATAGRAM, buffer, length);
  return rc < 0 ? rc : source_peek(source, buffer, length);
}

static int32_t recv_from(mio_source_t *source, void *buffer, uint64_t length,
                         mio_addr_t *peer, int peek) {
  if (peer != NULL) {
    memset(peer, 0, sizeof(*peer));
  }
  int32_t rc = check_transfer(source, KINDS_DATAGRAM, buffer, length);
  return rc < 0 ? rc : source_recv_from(source, buffer, length, peer, peek);
}

int32_t mio_source_recv_from(mio_source_t *source, void *buffer,
                             uint64_t length, mio_addr_t *peer) {
  return recv_from(source, buffer, length, peer, 0);
}

int32_t mio_source_peek_from(mio_source_t *source, void *buffer,
                             uint64_t length, mio_addr_t *peer) {
  return recv_from(source, buffer, length, peer, 1);
}

int32_t mio_source_send_to(mio_source_t *source, const void *buffer,
                           uint64_t length, const mio_addr_t *addr) {
  int32_t rc = addr != NULL
                   ? check_transfer(source, KINDS_DATAGRAM, buffer, length)
                   : -EINVAL;
  return rc < 0 ? rc : source_send_to(source, buffer, length, addr);
}

/* -------------------------------------------------------- sources: options */

int32_t mio_source_set_option(mio_source_t *source, uint32_t option,
                              uint32_t value) {
  int32_t rc = source_check(source, KINDS_ALL);
  return rc < 0 ? rc : source_set_option(source, option, value);
}

int32_t mio_source_option(mio_source_t *source, uint32_t option,
                          uint32_t *value) {
  if (value == NULL) {
    return -EINVAL;
  }
  *value = 0;
  int32_t rc = source_check(source, KINDS_ALL);
  return rc < 0 ? rc : source_option(source, option, value);
}

static int32_t multicast(mio_source_t *source, const mio_addr_t *group,
                         const mio_addr_t *via, int join) {
  int32_t rc =
      group != NULL ? source_check(source, KIND(UDP_SOCKET)) : -EINVAL;
  return rc < 0 ? rc : source_multicast(source, group, via, join);
}

int32_t mio_source_join_multicast(mio_source_t *source,
                                  const mio_addr_t *group,
                                  const mio_addr_t *via) {
  return multicast(source, group, via, 1);
}

int32_t mio_source_leave_multicast(mio_source_t *source,
                                   const mio_addr_t *group,
                                   const mio_addr_t *via) {
  return multicast(source, group, via, 0);
}
