/* Operations of sources, registered at edge:
 *
 *   source_syscalls SELECTOR OPERATION
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operation.h"

static mio_poll_t *poll;
static mio_registry_t *registry;
static mio_event_t events[16];
static mio_source_t *listener;
static mio_source_t *tcp[2];
static mio_source_t *udp[2];
static mio_source_t *pipe_ends[2];
static mio_addr_t listening;
static mio_addr_t udp_peer;
static char bytes[200];

static void check(int32_t rc, const char *what) {
  if (rc < 0) {
    (void)fprintf(stderr, "%s: %s\n", what, mio_err_text(rc));
    exit(2);
  }
}

static void check_blocks(int32_t rc, const char *what) {
  if (strcmp(mio_err_name(rc), "EAGAIN") != 0) {
    (void)fprintf(stderr, "%s: %s, not EAGAIN\n", what, mio_err_name(rc));
    exit(2);
  }
}

static void *const into[] = {bytes, bytes + 1};
static const void *const from[] = {bytes, bytes + 1};
static const uint64_t lengths[] = {1, 1};

static void fill_tcp(void) {
  check(mio_source_write(tcp[0], bytes, sizeof(bytes)), "fill");
}

static void fill_pipe(void) {
  check(mio_source_write(pipe_ends[0], bytes, sizeof(bytes)), "fill");
}

static void fill_udp(void) {
  for (int i = 0; i < 100; i++) {
    check(mio_source_write(udp[0], bytes, 1), "fill");
  }
}

static void write_tcp(void) {
  check(mio_source_write(tcp[0], bytes, 1), "write");
}

static void write_tcp_vectored(void) {
  check(mio_source_write_vectored(tcp[0], from, lengths, 2), "write");
}

static void read_tcp(void) {
  check(mio_source_read(tcp[1], bytes, 1), "read");
}

static void read_tcp_vectored(void) {
  check(mio_source_read_vectored(tcp[1], into, lengths, 2), "read");
}

static void peek_tcp(void) {
  check(mio_source_peek(tcp[1], bytes, 1), "peek");
}

static void read_tcp_blocks(void) {
  check_blocks(mio_source_read(tcp[1], bytes, 1), "read");
}

/* An event, and a short read, which re-arms where edge is not the kernel's. */
static void event_and_short_read(void) {
  check(mio_source_write(tcp[0], bytes, 1), "write");
  check(mio_poll_wait(poll, events, 16, 0) - 1, "wait");
  check(mio_source_read(tcp[1], bytes, 2), "read");
}

static void say_would_block(void) {
  check(mio_source_would_block(tcp[1], MIO_READABLE), "would_block");
}

static void write_pipe(void) {
  check(mio_source_write(pipe_ends[0], bytes, 1), "write");
}

static void write_pipe_vectored(void) {
  check(mio_source_write_vectored(pipe_ends[0], from, lengths, 2), "write");
}

static void read_pipe(void) {
  check(mio_source_read(pipe_ends[1], bytes, 1), "read");
}

static void read_pipe_vectored(void) {
  check(mio_source_read_vectored(pipe_ends[1], into, lengths, 2), "read");
}

static void send_to(void) {
  check(mio_source_send_to(udp[0], bytes, 1, &udp_peer), "send_to");
}

static void recv_from(void) {
  mio_addr_t peer;
  check(mio_source_recv_from(udp[1], bytes, 1, &peer), "recv_from");
}

static void peek_from(void) {
  mio_addr_t peer;
  check(mio_source_peek_from(udp[1], bytes, 1, &peer), "peek_from");
}

static void connect_udp(void) {
  check(mio_source_connect(udp[0], &udp_peer), "connect");
}

static void accept_blocks(void) {
  mio_source_t *stream;
  check_blocks(mio_source_accept(listener, &stream, NULL), "accept");
}

static void connect_and_accept(void) {
  mio_source_t *ends[2];
  mio_addr_t peer;
  check(mio_tcp_stream_connect(&ends[0], &listening), "connect");
  check(mio_source_accept(listener, &ends[1], &peer), "accept");
  mio_source_free(ends[0]);
  mio_source_free(ends[1]);
}

static void bind_and_free(void) {
  mio_source_t *source;
  mio_addr_t any = udp_peer;
  any.port = 0;
  check(mio_tcp_listener_bind(&source, &any, 0), "bind");
  mio_source_free(source);
}

static void pair_and_free(void) {
  mio_source_t *ends[2];
  check(mio_unix_stream_pair(&ends[0], &ends[1]), "pair");
  mio_source_free(ends[0]);
  mio_source_free(ends[1]);
}

static void pipe_and_free(void) {
  mio_source_t *ends[2];
  check(mio_pipe_new(&ends[0], &ends[1]), "pipe");
  mio_source_free(ends[0]);
  mio_source_free(ends[1]);
}

static void addresses(void) {
  mio_addr_t addr;
  check(mio_source_local_addr(tcp[0], &addr), "local_addr");
  check(mio_source_peer_addr(tcp[0], &addr), "peer_addr");
}

static void take_error(void) {
  int32_t error;
  check(mio_source_take_error(tcp[0], &error), "take_error");
}

static void set_option(void) {
  check(mio_source_set_option(tcp[0], MIO_OPTION_NODELAY, 1), "set_option");
}

static void reregister(void) {
  check(mio_registry_reregister(registry, tcp[1], 1, MIO_READABLE),
        "reregister");
}

static void deregister_and_register(void) {
  check(mio_registry_deregister(registry, tcp[1]), "deregister");
  check(mio_registry_register(registry, tcp[1], 1, MIO_READABLE), "register");
}

static const struct operation operations[] = {
    {"write_tcp", NULL, write_tcp},
    {"write_tcp_vectored", NULL, write_tcp_vectored},
    {"read_tcp", fill_tcp, read_tcp},
    {"read_tcp_vectored", fill_tcp, read_tcp_vectored},
    {"peek_tcp", fill_tcp, peek_tcp},
    {"read_tcp_blocks", NULL, read_tcp_blocks},
    {"event_and_short_read", NULL, event_and_short_read},
    {"say_would_block", NULL, say_would_block},
    {"write_pipe", NULL, write_pipe},
    {"write_pipe_vectored", NULL, write_pipe_vectored},
    {"read_pipe", fill_pipe, read_pipe},
    {"read_pipe_vectored", fill_pipe, read_pipe_vectored},
    {"send_to", NULL, send_to},
    {"recv_from", fill_udp, recv_from},
    {"peek_from", fill_udp, peek_from},
    {"connect_udp", NULL, connect_udp},
    {"accept_blocks", NULL, accept_blocks},
    {"connect_and_accept", NULL, connect_and_accept},
    {"bind_and_free", NULL, bind_and_free},
    {"pair_and_free", NULL, pair_and_free},
    {"pipe_and_free", NULL, pipe_and_free},
    {"addresses", NULL, addresses},
    {"take_error", NULL, take_error},
    {"set_option", NULL, set_option},
    {"reregister", NULL, reregister},
    {"deregister_and_register", NULL, deregister_and_register},
};

static void make_sources(void) {
  mio_addr_t any;
  check(mio_addr_parse(&any, "127.0.0.1:0", 11), "parse");
  check(mio_tcp_listener_bind(&listener, &any, 0), "bind");
  check(mio_source_local_addr(listener, &listening), "local_addr");
  check(mio_tcp_stream_connect(&tcp[0], &listening), "connect");
  check(mio_source_accept(listener, &tcp[1], NULL), "accept");
  check(mio_udp_socket_bind(&udp[0], &any), "bind");
  check(mio_udp_socket_bind(&udp[1], &any), "bind");
  check(mio_source_local_addr(udp[1], &udp_peer), "local_addr");
  check(mio_source_connect(udp[0], &udp_peer), "connect");
  check(mio_pipe_new(&pipe_ends[0], &pipe_ends[1]), "pipe");
}

static void set_up(const char *selector) {
  int32_t number = mio_selector_from_name(selector);
  mio_poll_options_t options = {.size = sizeof(options),
                                .selector = (uint32_t)number};
  check(number, selector);
  check(mio_poll_new(&poll, &options), "poll");
  check(mio_poll_registry(poll, &registry), "registry");
  make_sources();
  mio_source_t *const readers[] = {listener, tcp[1], udp[1], pipe_ends[1]};
  mio_source_t *const writers[] = {tcp[0], udp[0], pipe_ends[0]};
  for (int i = 0; i < 4; i++) {
    check(mio_registry_register(registry, readers[i], 1, MIO_READABLE),
          "register");
  }
  for (int i = 0; i < 3; i++) {
    check(mio_registry_register(registry, writers[i], 2, MIO_WRITABLE),
          "register");
  }
  check(mio_poll_wait(poll, events, 16, 0) - 3, "wait"); /* All writable. */
}

int main(int argc, char **argv) {
  if (argc != 3) {
    (void)fputs("usage: source_syscalls SELECTOR OPERATION\n", stderr);
    return 2;
  }
  set_up(argv[1]);
  return operation_run(operations, sizeof(operations) / sizeof(operations[0]),
                       argv[2]);
}
