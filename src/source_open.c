/*
 * Where sources come from. The handle is made first and the descriptor then,
 * so that a want of memory loses nothing; what fails afterwards frees both.
 */
#include "source.h"

#include <limits.h>
#include <sys/stat.h>
#include <fcntl.h>

#include "addr.h"
#include "os/socket.h"

#define TCP_BACKLOG 128
/* The system's limit, as mio has it; others than Linux take -1 as that too. */
#define UNIX_BACKLOG (-1)

/* What a kind is to the system. Pipes have no type. */
static const struct {
  int type;
  int listens;
} kinds[] = {
    [MIO_KIND_TCP_LISTENER] = {SOCK_STREAM, 1},
    [MIO_KIND_TCP_STREAM] = {SOCK_STREAM, 0},
    [MIO_KIND_UDP_SOCKET] = {SOCK_DGRAM, 0},
    [MIO_KIND_UNIX_LISTENER] = {SOCK_STREAM, 1},
    [MIO_KIND_UNIX_STREAM] = {SOCK_STREAM, 0},
    [MIO_KIND_UNIX_DATAGRAM] = {SOCK_DGRAM, 0},
};

static int kind_is_unix(uint32_t kind) {
  return kind == MIO_KIND_UNIX_LISTENER || kind == MIO_KIND_UNIX_STREAM ||
         kind == MIO_KIND_UNIX_DATAGRAM;
}

/* A handle with a new socket, for an address that the kind can have. */
static int32_t open_socket(mio_source_t **out, uint32_t kind,
                           const mio_addr_t *addr,
                           struct system_addr *system) {
  int32_t rc = addr_to_system(system, addr);
  if (rc < 0) {
    return rc;
  }
  if ((addr->family == MIO_FAMILY_UNIX) != kind_is_unix(kind)) {
    return -EINVAL;
  }
  mio_source_t *source = source_new(kind, addr->family);
  if (source == NULL) {
    return -ENOMEM;
  }
  rc = os_socket(addr_system_family(addr->family), kinds[kind].type);
  if (rc < 0) {
    source_free(source);
    return rc;
  }
  source->fd = rc;
  *out = source;
  return 0;
}

/* Hands the handle out if all went well, or frees it. */
static int32_t hand_out(mio_source_t **out, mio_source_t *source, int32_t rc) {
  if (rc < 0) {
    source_free(source);
    return rc;
  }
  *out = source;
  return 0;
}

static int32_t bind_and_listen(mio_source_t *source,
                               const struct system_addr *system,
                               uint32_t backlog) {
  int on = 1;
  if (source->kind == MIO_KIND_TCP_LISTENER &&
      setsockopt(source->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0) {
    return -errno;
  }
  if (bind(source->fd, &system->as.any, system->length) < 0) {
    return -errno;
  }
  if (!kinds[source->kind].listens) {
    return 0;
  }
  int waiting = backlog > INT_MAX ? INT_MAX : (int)backlog;
  if (waiting == 0) {
    waiting =
        source->kind == MIO_KIND_TCP_LISTENER ? TCP_BACKLOG : UNIX_BACKLOG;
  }
  return listen(source->fd, waiting) < 0 ? -errno : 0;
}

int32_t source_bind(mio_source_t **out, uint32_t kind, const mio_addr_t *addr,
                    uint32_t backlog) {
  struct system_addr system;
  mio_source_t *source;
  int32_t rc = open_socket(&source, kind, addr, &system);
  return rc < 0 ? rc
                : hand_out(out, source,
                           bind_and_listen(source, &system, backlog));
}

int32_t source_connect_new(mio_source_t **out, uint32_t kind,
                           const mio_addr_t *addr) {
  struct system_addr system;
  mio_source_t *source;
  if (addr->family == MIO_FAMILY_UNIX && addr->length == 0) {
    return -EINVAL;
  }
  int32_t rc = open_socket(&source, kind, addr, &system);
  if (rc < 0) {
    return rc;
  }
  /* Interrupted, a connect goes on by itself. */
  if (connect(source->fd, &system.as.any, system.length) < 0 &&
      errno != EINPROGRESS && errno != EINTR) {
    rc = -errno;
  }
  return hand_out(out, source, rc);
}

int32_t source_unbound(mio_source_t **out) {
  mio_source_t *source = source_new(MIO_KIND_UNIX_DATAGRAM, MIO_FAMILY_UNIX);
  if (source == NULL) {
    return -ENOMEM;
  }
  source->fd = os_socket(AF_UNIX, SOCK_DGRAM);
  return hand_out(out, source, source->fd);
}

/* Two handles, or none. */
static int32_t new_pair(mio_source_t *ends[2], uint32_t kind, uint32_t other,
                        uint32_t family) {
  ends[0] = source_new(kind, family);
  ends[1] = source_new(other, family);
  if (ends[0] != NULL && ends[1] != NULL) {
    return 0;
  }
  for (int i = 0; i < 2; i++) {
    if (ends[i] != NULL) {
      source_free(ends[i]);
    }
  }
  return -ENOMEM;
}

static int32_t hand_out_pair(mio_source_t **out, mio_source_t **other,
                             mio_source_t *ends[2], int32_t rc) {
  if (rc < 0) {
    source_free(ends[0]);
    source_free(ends[1]);
    return rc;
  }
  *out = ends[0];
  *other = ends[1];
  return 0;
}

int32_t source_pair(mio_source_t **out, mio_source_t **other, uint32_t kind) {
  mio_source_t *ends[2];
  int32_t rc = new_pair(ends, kind, kind, MIO_FAMILY_UNIX);
  if (rc < 0) {
    return rc;
  }
  int fds[2] = {-1, -1};
  rc = os_socket_pair(kinds[kind].type, fds);
  if (rc == 0) {
    ends[0]->fd = fds[0];
    ends[1]->fd = fds[1];
  }
  return hand_out_pair(out, other, ends, rc);
}

int32_t source_pipe(mio_source_t **sender, mio_source_t **receiver) {
  mio_source_t *ends[2];
  int32_t rc = new_pair(ends, MIO_KIND_PIPE_SENDER, MIO_KIND_PIPE_RECEIVER, 0);
  return rc < 0 ? rc
                : hand_out_pair(sender, receiver, ends,
                                os_pipe_pair(&ends[1]->fd, &ends[0]->fd));
}

/* An integer that the socket has; -1 where the system does not tell. */
static int socket_option(int fd, int name) {
  int value;
  socklen_t length = sizeof(value);
  return getsockopt(fd, SOL_SOCKET, name, &value, &length) < 0 ? -1 : value;
}

/* Ping sockets and SCTP have a type and a family of ours too. Multipath TCP
 * is a stream like any. */
static int protocol_fits(int fd, int type) {
#ifdef SO_PROTOCOL
  int protocol = socket_option(fd, SO_PROTOCOL);
  if (type == SOCK_DGRAM) {
    return protocol == IPPROTO_UDP;
  }
#ifdef IPPROTO_MPTCP
  if (protocol == IPPROTO_MPTCP) {
    return 1;
  }
#endif
  return protocol == IPPROTO_TCP;
#else
  (void)fd;
  (void)type;
  return 1;
#endif
}

/* The family of a socket of this kind, or -EINVAL. */
static int32_t check_socket(uint32_t kind, int fd) {
  struct system_addr system = {.length = sizeof(system.as)};
  if (socket_option(fd, SO_TYPE) != kinds[kind].type ||
      getsockname(fd, &system.as.any, &system.length) < 0 ||
      (socket_option(fd, SO_ACCEPTCONN) == 1) != kinds[kind].listens) {
    return -EINVAL;
  }
  mio_addr_t addr;
  if (addr_from_system(&addr, &system) < 0 ||
      (addr.family == MIO_FAMILY_UNIX) != kind_is_unix(kind)) {
    return -EINVAL;
  }
  if (!kind_is_unix(kind) && !protocol_fits(fd, kinds[kind].type)) {
    return -EINVAL;
  }
  return (int32_t)addr.family;
}

static int32_t check_pipe(uint32_t kind, int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) {
    return -EBADF;
  }
  int needed = kind == MIO_KIND_PIPE_SENDER ? O_WRONLY : O_RDONLY;
  int mode = flags & (O_WRONLY | O_RDWR); /* In O_ACCMODE musl has more. */
  return mode == needed || mode == O_RDWR ? 0 : -EINVAL;
}

int32_t source_from_fd(mio_source_t **out, uint32_t kind, int fd) {
  struct stat st;
  if (fstat(fd, &st) < 0) {
    return -EBADF;
  }
  int is_pipe = kind == MIO_KIND_PIPE_SENDER || kind == MIO_KIND_PIPE_RECEIVER;
  if (is_pipe ? !S_ISFIFO(st.st_mode) : !S_ISSOCK(st.st_mode)) {
    return -EINVAL;
  }
  int32_t rc = is_pipe ? check_pipe(kind, fd) : check_socket(kind, fd);
  if (rc < 0) {
    return rc;
  }
  mio_source_t *source = source_new(kind, (uint32_t)rc);
  if (source == NULL) {
    return -ENOMEM;
  }
  rc = os_fd_adopt(fd, source_is(source, KINDS_WRITE));
  if (rc == 0) {
    source->fd = fd;
  }
  return hand_out(out, source, rc);
}

int32_t source_accept(mio_source_t *listener, mio_source_t **out,
                      mio_addr_t *peer) {
  uint32_t kind = listener->kind == MIO_KIND_TCP_LISTENER
                      ? MIO_KIND_TCP_STREAM
                      : MIO_KIND_UNIX_STREAM;
  mio_source_t *stream = source_new(kind, listener->family);
  if (stream == NULL) {
    return -ENOMEM;
  }
  struct system_addr system = {.length = sizeof(system.as)};
  int32_t rc = os_accept(listener->fd, &system.as.any, &system.length);
  if (rc == -EAGAIN) {
    source_rearm(listener, MIO_READABLE);
  }
  stream->fd = rc;
  if (rc >= 0 && peer != NULL) {
    rc = addr_from_system(peer, &system);
  }
  return hand_out(out, stream, rc);
}
