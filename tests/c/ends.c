#include "ends.h"

#include <fcntl.h>
#include <string.h>

static uint64_t no_source;
mio_source_t *const junk = (mio_source_t *)(void *)&no_source;

const uint32_t ends_kinds[ENDS_KINDS] = {
    MIO_KIND_TCP_STREAM, MIO_KIND_UNIX_STREAM, MIO_KIND_UDP_SOCKET,
    MIO_KIND_UNIX_DATAGRAM, MIO_KIND_PIPE_SENDER};

mio_addr_t addr_of(const char *text) {
  mio_addr_t addr;
  CHECK_RC("OK", mio_addr_parse(&addr, text, strlen(text)));
  return addr;
}

mio_addr_t local_addr_of(mio_source_t *source) {
  mio_addr_t addr;
  CHECK_RC("OK", mio_source_local_addr(source, &addr));
  return addr;
}

int fd_of(mio_source_t *source) {
  mio_fd_t fd;
  CHECK_RC("OK", mio_source_fd(source, &fd));
  return (int)fd;
}

int is_as_made(mio_source_t *source) {
  int fd = fd_of(source);
  int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_NONBLOCK) != 0 &&
         fcntl(fd, F_GETFD) == FD_CLOEXEC;
}

mio_source_t *accept_from(mio_source_t *listener) {
  mio_source_t *stream;
  int32_t rc;
  while ((rc = mio_source_accept(listener, &stream, NULL)) < 0) {
    CHECK_RC("EAGAIN", rc);
    check_pause_ms(1);
  }
  return stream;
}

static struct ends tcp_ends(void) {
  mio_addr_t addr = addr_of("127.0.0.1:0");
  mio_source_t *listener;
  struct ends ends;
  CHECK_RC("OK", mio_tcp_listener_bind(&listener, &addr, 0));
  addr = local_addr_of(listener);
  CHECK_RC("OK", mio_tcp_stream_connect(&ends.a, &addr));
  ends.b = accept_from(listener);
  mio_source_free(listener);
  return ends;
}

static struct ends udp_ends(void) {
  mio_addr_t any = addr_of("127.0.0.1:0");
  struct ends ends;
  CHECK_RC("OK", mio_udp_socket_bind(&ends.a, &any));
  CHECK_RC("OK", mio_udp_socket_bind(&ends.b, &any));
  mio_addr_t a = local_addr_of(ends.a);
  mio_addr_t b = local_addr_of(ends.b);
  CHECK_RC("OK", mio_source_connect(ends.a, &b));
  CHECK_RC("OK", mio_source_connect(ends.b, &a));
  return ends;
}

struct ends ends_new(uint32_t kind) {
  struct ends ends = {NULL, NULL};
  switch (kind) {
  case MIO_KIND_TCP_STREAM:
    return tcp_ends();
  case MIO_KIND_UDP_SOCKET:
    return udp_ends();
  case MIO_KIND_UNIX_STREAM:
    CHECK_RC("OK", mio_unix_stream_pair(&ends.a, &ends.b));
    return ends;
  case MIO_KIND_UNIX_DATAGRAM:
    CHECK_RC("OK", mio_unix_datagram_pair(&ends.a, &ends.b));
    return ends;
  default:
    CHECK_RC("OK", mio_pipe_new(&ends.a, &ends.b));
    return ends;
  }
}

void ends_free(struct ends *ends) {
  mio_source_free(ends->a);
  mio_source_free(ends->b);
  ends->a = NULL;
  ends->b = NULL;
}

/* ------------------------------------------------------------------ makers */

static mio_source_t *tcp;
static mio_source_t *local;
static mio_source_t *waiting; /* A listener with connections in its backlog. */
static mio_addr_t tcp_addr;
static mio_addr_t unix_addr;
static mio_addr_t waiting_addr;
static mio_addr_t any_port;
static mio_addr_t no_name;

void makers_begin(void) {
  any_port = addr_of("127.0.0.1:0");
  no_name = addr_of("unix:");
  CHECK_RC("OK", mio_tcp_listener_bind(&tcp, &any_port, 1000));
  CHECK_RC("OK", mio_unix_listener_bind(&local, &no_name, 1000));
  CHECK_RC("OK", mio_unix_listener_bind(&waiting, &no_name, 1000));
  tcp_addr = local_addr_of(tcp);
  unix_addr = local_addr_of(local);
  waiting_addr = local_addr_of(waiting);
  for (int i = 0; i < 4; i++) { /* One for each accept that goes well. */
    mio_source_t *stream;
    CHECK_RC("OK", mio_unix_stream_connect(&stream, &waiting_addr));
    mio_source_free(stream);
  }
}

void makers_end(void) {
  mio_source_free(tcp);
  mio_source_free(local);
  mio_source_free(waiting);
}

static int32_t tcp_listener(mio_source_t **out, mio_source_t **unused) {
  (void)unused;
  return mio_tcp_listener_bind(out, &any_port, 0);
}

static int32_t tcp_stream(mio_source_t **out, mio_source_t **unused) {
  (void)unused;
  return mio_tcp_stream_connect(out, &tcp_addr);
}

static int32_t udp_socket(mio_source_t **out, mio_source_t **unused) {
  (void)unused;
  return mio_udp_socket_bind(out, &any_port);
}

static int32_t unix_listener(mio_source_t **out, mio_source_t **unused) {
  (void)unused;
  return mio_unix_listener_bind(out, &no_name, 0);
}

static int32_t unix_stream(mio_source_t **out, mio_source_t **unused) {
  (void)unused;
  return mio_unix_stream_connect(out, &unix_addr);
}

static int32_t unix_datagram(mio_source_t **out, mio_source_t **unused) {
  (void)unused;
  return mio_unix_datagram_bind(out, &no_name);
}

static int32_t unbound(mio_source_t **out, mio_source_t **unused) {
  (void)unused;
  return mio_unix_datagram_unbound(out);
}

static int32_t accepted(mio_source_t **out, mio_source_t **unused) {
  mio_addr_t peer;
  (void)unused;
  return mio_source_accept(waiting, out, &peer);
}

const struct maker makers[MAKERS] = {
    {"TCP listener", tcp_listener, 1},
    {"TCP stream", tcp_stream, 1},
    {"UDP socket", udp_socket, 1},
    {"Unix listener", unix_listener, 1},
    {"Unix stream", unix_stream, 1},
    {"Unix stream pair", mio_unix_stream_pair, 2},
    {"Unix datagram", unix_datagram, 1},
    {"Unix datagram, unbound", unbound, 1},
    {"Unix datagram pair", mio_unix_datagram_pair, 2},
    {"pipe", mio_pipe_new, 2},
    {"accepted", accepted, 1},
};
