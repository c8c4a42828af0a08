/* Handles of sources: how long they live, what they are made of, and what each
 * operation says of a kind that it is not for. */
#include "check.h"
#include "ends.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* --------------------------------------------------------------- lifetimes */

TEST(source_handle, freed_in_any_order) {
  static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                   {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (int i = 0; i < 6; i++) {
    mio_poll_t *poll = check_poll(selector);
    mio_registry_t *registry = check_registry(poll);
    struct ends ends = ends_new(MIO_KIND_UNIX_STREAM);
    CHECK_RC("OK", mio_registry_register(registry, ends.a, 1, MIO_READABLE));
    for (int k = 0; k < 3; k++) {
      if (orders[i][k] == 0) {
        mio_poll_free(poll);
      } else if (orders[i][k] == 1) {
        mio_registry_free(registry);
      } else {
        mio_source_free(ends.a);
      }
    }
    mio_source_free(ends.b);
  }
}

/* Poll and registries gone: it works as a socket, and for another poll. */
TEST(source_handle, outlives_its_poll) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_poll_t *other = check_poll(selector);
  mio_registry_t *others = check_registry(other);
  struct ends ends = ends_new(MIO_KIND_UNIX_STREAM);
  mio_event_t event;
  char byte;
  CHECK_RC("OK", mio_registry_register(registry, ends.a, 1, MIO_READABLE));
  mio_poll_free(poll);
  CHECK_RC("EEXIST", mio_registry_register(others, ends.a, 2, MIO_READABLE));
  CHECK_RC("ENOENT", mio_registry_deregister(others, ends.a));
  mio_registry_free(registry);
  CHECK(mio_source_write(ends.b, "x", 1) == 1);
  CHECK(mio_source_read(ends.a, &byte, 1) == 1);
  CHECK_RC("EAGAIN", mio_source_read(ends.a, &byte, 1));
  CHECK_RC("OK", mio_source_would_block(ends.a, MIO_READABLE));
  CHECK_RC("ENOENT", mio_registry_reregister(others, ends.a, 2, MIO_READABLE));
  CHECK_RC("OK", mio_registry_register(others, ends.a, 2, MIO_READABLE));
  CHECK(mio_source_write(ends.b, "x", 1) == 1);
  CHECK(mio_poll_wait(other, &event, 1, 10 * SECOND) == 1);
  CHECK(event.token == 2);
  mio_poll_free(other);
  mio_registry_free(others);
  ends_free(&ends);
}

/* The descriptor of one that was freed while registered is used again, by one
 * that knows nothing of it. */
TEST(source_handle, freed_while_registered) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_event_t event;
  for (uint64_t i = 0; i < 20; i++) {
    struct ends ends = ends_new(MIO_KIND_UNIX_STREAM);
    int fd = fd_of(ends.a);
    CHECK_RC("OK", mio_registry_register(registry, ends.a, i, MIO_WRITABLE));
    mio_source_free(ends.a);
    CHECK(mio_poll_wait(poll, &event, 1, 0) == 0);
    CHECK(fcntl(fd, F_GETFD) < 0);
    mio_source_free(ends.b);
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
}

TEST(source_handle, into_fd_deregisters) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  struct ends ends = ends_new(MIO_KIND_TCP_STREAM);
  mio_event_t event;
  mio_fd_t fd = 7;
  CHECK_RC("OK", mio_registry_register(registry, ends.a, 1, MIO_WRITABLE));
  CHECK_RC("OK", mio_source_into_fd(ends.a, &fd));
  CHECK(mio_poll_wait(poll, &event, 1, 0) == 0);
  CHECK((fcntl((int)fd, F_GETFL) & O_NONBLOCK) != 0);
  CHECK(fcntl((int)fd, F_GETFD) == FD_CLOEXEC);
  /* As a raw descriptor it is new to the poll. */
  CHECK_RC("ENOENT", mio_registry_deregister_fd(registry, fd));
  CHECK_RC("OK", mio_registry_register_fd(registry, fd, 2,
                                          MIO_WRITABLE | MIO_LEVEL));
  CHECK(mio_poll_wait(poll, &event, 1, 10 * SECOND) == 1);
  CHECK(event.token == 2);
  mio_source_free(ends.a); /* Empty: closes nothing, deregisters nothing. */
  ends.a = NULL;
  CHECK(mio_poll_wait(poll, &event, 1, 10 * SECOND) == 1);
  CHECK_RC("OK", mio_registry_deregister_fd(registry, fd));
  CHECK_RC("OK", mio_source_from_fd(&ends.a, MIO_KIND_TCP_STREAM, fd));
  CHECK(mio_source_write(ends.a, "x", 1) == 1);
  ends_free(&ends);
  mio_registry_free(registry);
  mio_poll_free(poll);
}

/* -------------------------------------------- every operation, every kind */

static const mio_addr_t *to_somewhere;
static mio_registry_t *some_registry;

static int32_t do_accept(mio_source_t *source) {
  mio_source_t *stream = junk;
  mio_addr_t peer;
  int32_t rc = mio_source_accept(source, &stream, &peer);
  CHECK(stream == NULL && peer.family == 0);
  return rc;
}

static int32_t do_connect(mio_source_t *source) {
  return mio_source_connect(source, to_somewhere);
}

static int32_t do_shutdown(mio_source_t *source) {
  return mio_source_shutdown(source, MIO_SHUTDOWN_BOTH);
}

static int32_t do_local_addr(mio_source_t *source) {
  mio_addr_t addr;
  return mio_source_local_addr(source, &addr);
}

static int32_t do_peer_addr(mio_source_t *source) {
  mio_addr_t addr;
  return mio_source_peer_addr(source, &addr);
}

static int32_t do_take_error(mio_source_t *source) {
  int32_t error = 0;
  return mio_source_take_error(source, &error);
}

static char bytes[8];
static void *const buffers[] = {bytes, bytes};
static const void *const const_buffers[] = {bytes, bytes};
static const uint64_t lengths[] = {8, 8};

static int32_t do_read(mio_source_t *source) {
  return mio_source_read(source, bytes, sizeof(bytes));
}

static int32_t do_write(mio_source_t *source) {
  return mio_source_write(source, bytes, sizeof(bytes));
}

static int32_t do_read_vectored(mio_source_t *source) {
  return mio_source_read_vectored(source, buffers, lengths, 2);
}

static int32_t do_write_vectored(mio_source_t *source) {
  return mio_source_write_vectored(source, const_buffers, lengths, 2);
}

static int32_t do_peek(mio_source_t *source) {
  return mio_source_peek(source, bytes, sizeof(bytes));
}

static int32_t do_recv_from(mio_source_t *source) {
  return mio_source_recv_from(source, bytes, sizeof(bytes), NULL);
}

static int32_t do_peek_from(mio_source_t *source) {
  return mio_source_peek_from(source, bytes, sizeof(bytes), NULL);
}

static int32_t do_send_to(mio_source_t *source) {
  return mio_source_send_to(source, bytes, sizeof(bytes), to_somewhere);
}

static int32_t do_join(mio_source_t *source) {
  mio_addr_t group = addr_of("224.0.0.251:0");
  return mio_source_join_multicast(source, &group, NULL);
}

static int32_t do_leave(mio_source_t *source) {
  mio_addr_t group = addr_of("224.0.0.251:0");
  return mio_source_leave_multicast(source, &group, NULL);
}

static int32_t do_set_option(mio_source_t *source) {
  return mio_source_set_option(source, MIO_OPTION_NONBLOCKING, 1);
}

static int32_t do_option(mio_source_t *source) {
  uint32_t value = 1;
  return mio_source_option(source, MIO_OPTION_NONBLOCKING, &value);
}

static int32_t do_would_block(mio_source_t *source) {
  return mio_source_would_block(source, MIO_READABLE);
}

static int32_t do_register(mio_source_t *source) {
  int32_t rc = mio_registry_register(some_registry, source, 1, MIO_READABLE);
  return rc < 0 ? rc : mio_registry_deregister(some_registry, source);
}

static int32_t do_reregister(mio_source_t *source) {
  return mio_registry_reregister(some_registry, source, 1, MIO_READABLE);
}

static int32_t do_deregister(mio_source_t *source) {
  return mio_registry_deregister(some_registry, source);
}

static int32_t do_into_fd(mio_source_t *source) {
  mio_fd_t fd = 7;
  int32_t rc = mio_source_into_fd(source, &fd);
  CHECK(rc == 0 || fd == -1);
  return rc;
}

#define BIT(kind) (1U << MIO_KIND_##kind)
#define LISTENERS (BIT(TCP_LISTENER) | BIT(UNIX_LISTENER))
#define STREAMS (BIT(TCP_STREAM) | BIT(UNIX_STREAM))
#define DATAGRAMS (BIT(UDP_SOCKET) | BIT(UNIX_DATAGRAM))
#define SENDER BIT(PIPE_SENDER)
#define RECEIVER BIT(PIPE_RECEIVER)
#define SOCKETS (LISTENERS | STREAMS | DATAGRAMS)
#define ALL (SOCKETS | SENDER | RECEIVER)

/* For which kinds an operation has a meaning, as the header says. */
static const struct operation {
  int32_t (*run)(mio_source_t *source);
  uint32_t kinds;
} operations[] = {
    {do_accept, LISTENERS},
    {do_connect, DATAGRAMS},
    {do_local_addr, SOCKETS},
    {do_peer_addr, STREAMS | DATAGRAMS},
    {do_take_error, SOCKETS},
    {do_read, STREAMS | DATAGRAMS | RECEIVER},
    {do_write, STREAMS | DATAGRAMS | SENDER},
    {do_read_vectored, STREAMS | RECEIVER},
    {do_write_vectored, STREAMS | SENDER},
    {do_peek, STREAMS | DATAGRAMS},
    {do_recv_from, DATAGRAMS},
    {do_peek_from, DATAGRAMS},
    {do_send_to, DATAGRAMS},
    {do_join, BIT(UDP_SOCKET)},
    {do_leave, BIT(UDP_SOCKET)},
    {do_set_option, ALL},
    {do_option, ALL},
    {do_would_block, ALL},
    {do_register, ALL},
    {do_reregister, ALL},
    {do_deregister, ALL},
    {do_shutdown, STREAMS | BIT(UNIX_DATAGRAM)},
    {do_into_fd, ALL}, /* The last, since it empties. */
};
enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

/* On a source, and on the empty one that the last of them leaves. */
static void check_operations(mio_source_t *source) {
  uint32_t kind = mio_source_kind(source);
  mio_fd_t fd;
  CHECK_RC("OK", mio_source_fd(source, &fd));
  for (int i = 0; i < OPERATIONS; i++) {
    int32_t rc = operations[i].run(source);
    CHECK((operations[i].kinds >> kind & 1) == (rc != -EOPNOTSUPP));
  }
  CHECK(close((int)fd) == 0);
  for (int i = 0; i < OPERATIONS; i++) {
    CHECK_RC("EBADF", operations[i].run(source));
  }
  CHECK_RC("EBADF", mio_source_fd(source, &fd));
  CHECK(fd == -1);
  CHECK(mio_source_kind(source) == kind);
  mio_source_free(source);
}

TEST(source_handle, operations_of_every_kind) {
  mio_poll_t *poll = check_poll(selector);
  some_registry = check_registry(poll);
  mio_addr_t ip = addr_of("127.0.0.1:9");
  mio_addr_t no_name = addr_of("unix:");
  mio_addr_t any = addr_of("127.0.0.1:0");
  mio_addr_t nobody = addr_of("unix:@nobody/at/all");
  mio_source_t *listener;
  to_somewhere = &ip;
  CHECK_RC("OK", mio_tcp_listener_bind(&listener, &any, 0));
  check_operations(listener);
  CHECK_RC("OK", mio_unix_listener_bind(&listener, &no_name, 0));
  check_operations(listener);
  for (int i = 0; i < ENDS_KINDS; i++) {
    struct ends ends = ends_new(ends_kinds[i]);
    to_somewhere = ends_kinds[i] == MIO_KIND_UNIX_DATAGRAM ? &nobody : &ip;
    check_operations(ends.a);
    check_operations(ends.b);
  }
  for (int i = 0; i < OPERATIONS; i++) {
    CHECK_RC("EINVAL", operations[i].run(NULL));
  }
  mio_source_free(NULL);
  CHECK(mio_source_kind(NULL) == 0);
  mio_registry_free(some_registry);
  mio_poll_free(poll);
}

/* NULL where there has to be something; every out is set all the same. */
TEST_ON(EPOLL, source_handle, null_is_einval) {
  (void)selector;
  mio_addr_t addr = addr_of("127.0.0.1:0");
  mio_source_t *first = junk;
  mio_source_t *second = junk;
  struct ends ends = ends_new(MIO_KIND_UDP_SOCKET);
  CHECK_RC("EINVAL", mio_tcp_listener_bind(NULL, &addr, 0));
  CHECK_RC("EINVAL", mio_tcp_stream_connect(&first, NULL));
  CHECK(first == NULL);
  first = junk;
  CHECK_RC("EINVAL", mio_unix_stream_pair(&first, NULL));
  CHECK(first == NULL);
  CHECK_RC("EINVAL", mio_pipe_new(NULL, &second));
  CHECK(second == NULL);
  CHECK_RC("EINVAL", mio_unix_datagram_pair(&second, &second));
  CHECK_RC("EINVAL", mio_unix_datagram_unbound(NULL));
  CHECK_RC("EINVAL", mio_source_from_fd(NULL, MIO_KIND_TCP_STREAM, 0));
  CHECK_RC("EINVAL", mio_source_into_fd(ends.a, NULL));
  CHECK_RC("EINVAL", mio_source_fd(ends.a, NULL));
  CHECK_RC("EINVAL", mio_source_local_addr(ends.a, NULL));
  CHECK_RC("EINVAL", mio_source_peer_addr(ends.a, NULL));
  CHECK_RC("EINVAL", mio_source_take_error(ends.a, NULL));
  CHECK_RC("EINVAL", mio_source_option(ends.a, MIO_OPTION_TTL, NULL));
  CHECK_RC("EINVAL", mio_source_connect(ends.a, NULL));
  CHECK_RC("EINVAL", mio_source_send_to(ends.a, bytes, 1, NULL));
  CHECK_RC("EINVAL", mio_source_send_to(ends.a, NULL, 1, &addr));
  CHECK_RC("EINVAL", mio_source_read(ends.a, NULL, 1));
  CHECK_RC("EINVAL", mio_source_write(ends.a, NULL, 1));
  CHECK_RC("EINVAL", mio_source_recv_from(ends.a, NULL, 1, NULL));
  CHECK_RC("EINVAL", mio_source_join_multicast(ends.a, NULL, NULL));
  CHECK_RC("EINVAL", mio_registry_register(NULL, ends.a, 1, MIO_READABLE));
  CHECK_RC("EINVAL", mio_source_would_block(ends.a, 0));
  CHECK_RC("EINVAL", mio_source_would_block(ends.a, MIO_LEVEL));
  ends_free(&ends);
}
