/* Addresses as structs: which are valid, and that every operation which takes
 * one refuses the others. Their text has cases and a fuzzer of its own. */
#include "check.h"
#include "ends.h"

#include <string.h>

static mio_addr_t with(uint32_t family, uint32_t length) {
  mio_addr_t addr = {.family = family, .length = length};
  return addr;
}

static mio_addr_t named(uint32_t length, uint8_t first) {
  mio_addr_t addr = with(MIO_FAMILY_UNIX, length);
  memset(addr.bytes, 'n', sizeof(addr.bytes));
  addr.bytes[0] = first;
  return addr;
}

enum { INVALID = 16 };

/* Addresses that are wrong in one way each; filled by the test. */
static mio_addr_t invalid[INVALID];

static void add(int *count, mio_addr_t addr) {
  CHECK(*count < INVALID);
  invalid[(*count)++] = addr;
}

static int fill(void) {
  int count = 0;
  add(&count, with(0, 0));
  add(&count, with(MIO_FAMILY_UNIX + 1, 0));
  add(&count, with(UINT32_MAX, 4));
  add(&count, with(MIO_FAMILY_INET, 16));
  add(&count, with(MIO_FAMILY_INET6, 4));
  static const char *const good[] = {"127.0.0.1:0", "[::1]:0", "unix:x"};
  for (int i = 0; i < 3; i++) {
    mio_addr_t addr = addr_of(good[i]);
    addr.port = UINT16_MAX + 1;
    add(&count, addr);
  }
  mio_addr_t addr = addr_of("127.0.0.1:0");
  addr.flow = 1;
  add(&count, addr);
  addr.flow = 0;
  addr.scope = 1;
  add(&count, addr);
  addr = addr_of("unix:x");
  addr.scope = 1;
  add(&count, addr);
  addr = named(5, 'n');
  addr.bytes[3] = 0; /* A path ends there, or goes on: nobody knows. */
  add(&count, addr);
  add(&count, named(108, 'n'));
  add(&count, named(109, 0));
  add(&count, named(UINT32_MAX, 'n'));
  return count;
}

typedef int32_t (*make_t)(mio_source_t **out, const mio_addr_t *addr);

static int32_t bind_tcp(mio_source_t **out, const mio_addr_t *addr) {
  return mio_tcp_listener_bind(out, addr, 0);
}

static int32_t bind_unix(mio_source_t **out, const mio_addr_t *addr) {
  return mio_unix_listener_bind(out, addr, 0);
}

static const struct takes {
  make_t make;
  int is_unix;
} takes[] = {
    {bind_tcp, 0},  {mio_tcp_stream_connect, 0},  {mio_udp_socket_bind, 0},
    {bind_unix, 1}, {mio_unix_stream_connect, 1}, {mio_unix_datagram_bind, 1},
};

TEST_ON(EPOLL, source_address, invalid_ones_are_refused) {
  (void)selector;
  struct ends ends = ends_new(MIO_KIND_UDP_SOCKET);
  char text[MIO_ADDR_TEXT_MAX];
  int count = fill();
  for (int i = 0; i < count; i++) {
    const mio_addr_t *addr = &invalid[i];
    for (size_t k = 0; k < sizeof(takes) / sizeof(takes[0]); k++) {
      mio_source_t *source = junk;
      CHECK_RC("EINVAL", takes[k].make(&source, addr));
      CHECK(source == NULL);
    }
    CHECK_RC("EINVAL", mio_source_connect(ends.a, addr));
    CHECK_RC("EINVAL", mio_source_send_to(ends.a, "x", 1, addr));
    CHECK_RC("EINVAL", mio_source_join_multicast(ends.a, addr, NULL));
    CHECK_RC("EINVAL", mio_addr_format(addr, text, sizeof(text)));
  }
  ends_free(&ends);
}

/* A valid one of another family. */
TEST_ON(EPOLL, source_address, of_another_family) {
  (void)selector;
  mio_addr_t addrs[] = {addr_of("127.0.0.1:0"), addr_of("unix:@x")};
  for (size_t k = 0; k < sizeof(takes) / sizeof(takes[0]); k++) {
    mio_source_t *source = junk;
    CHECK_RC("EINVAL", takes[k].make(&source, &addrs[!takes[k].is_unix]));
    CHECK(source == NULL);
  }
  mio_addr_t other[] = {addr_of("[::1]:9"), addr_of("unix:@x"),
                        addr_of("127.0.0.1:9"), addr_of("unix:")};
  struct ends udp = ends_new(MIO_KIND_UDP_SOCKET);
  struct ends local = ends_new(MIO_KIND_UNIX_DATAGRAM);
  for (int i = 0; i < 4; i++) {
    mio_source_t *source = i < 2 ? udp.a : local.a;
    CHECK_RC("EINVAL", mio_source_connect(source, &other[i]));
    CHECK_RC("EINVAL", mio_source_send_to(source, "x", 1, &other[i]));
  }
  ends_free(&udp);
  ends_free(&local);
}

/* The longest names that there are, and what a peer without one has. */
TEST_ON(EPOLL, source_address, longest_names) {
  (void)selector;
  mio_addr_t addr = named(sizeof(addr.bytes), 0);
  mio_addr_t back;
  mio_source_t *bound;
  mio_source_t *other;
  char byte;
  CHECK_RC("OK", mio_unix_datagram_bind(&bound, &addr));
  back = local_addr_of(bound);
  CHECK(memcmp(&back, &addr, sizeof(addr)) == 0);
  CHECK_RC("OK", mio_unix_datagram_unbound(&other));
  CHECK(mio_source_send_to(other, "x", 1, &addr) == 1);
  CHECK(mio_source_recv_from(bound, &byte, 1, &back) == 1);
  mio_addr_t no_name = addr_of("unix:");
  CHECK(memcmp(&back, &no_name, sizeof(back)) == 0);
  mio_source_free(other);
  mio_source_free(bound);
}
