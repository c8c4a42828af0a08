/* Lengths: more than a count can say, more than exists, none at all. */
#include "check.h"
#include "ends.h"

#include <string.h>
#include <sys/mman.h>

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0 /* FreeBSD reserves nothing anyway. */
#endif

#define GIB (UINT64_C(1) << 30)
#define HUGE_LENGTH (3 * GIB) /* More than INT32_MAX. */

/* Address space of which hardly any is ever there. */
static void *huge_new(void) {
  void *huge = mmap(NULL, HUGE_LENGTH, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(huge != MAP_FAILED);
  return huge;
}

/* Reads what is there in pieces that are as large, until `total` came. */
static void read_back(mio_source_t *source, void *huge, uint64_t length,
                      uint64_t total) {
  uint64_t moved = 0;
  while (moved < total) {
    int32_t n = mio_source_read(source, huge, length);
    if (n < 0) {
      CHECK_RC("EAGAIN", n);
      check_pause_ms(1);
    }
    CHECK(n != 0);
    moved += n > 0 ? (uint64_t)n : 0;
  }
  CHECK(moved == total);
}

static void move_huge(uint32_t kind, uint64_t length, void *huge) {
  struct ends ends = ends_new(kind);
  int32_t n = mio_source_write(ends.a, huge, length);
  CHECK(n > 0); /* As much as the socket holds. */
  read_back(ends.b, huge, length, (uint64_t)n);
  ends_free(&ends);
}

TEST_ON(EPOLL, source_length, more_than_a_count_can_say) {
  (void)selector;
  void *huge = huge_new();
  static const uint64_t each[] = {INT32_MAX, (uint64_t)INT32_MAX + 1,
                                  HUGE_LENGTH, UINT32_MAX + UINT64_C(1),
                                  UINT64_MAX};
  for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
    move_huge(MIO_KIND_TCP_STREAM, each[i], huge);
    move_huge(MIO_KIND_UNIX_STREAM, each[i], huge);
    move_huge(MIO_KIND_PIPE_SENDER, each[i], huge);
  }
  CHECK(munmap(huge, HUGE_LENGTH) == 0);
}

/* A datagram is never cut on the way out; a read takes what there is. */
TEST_ON(EPOLL, source_length, huge_datagrams) {
  (void)selector;
  void *huge = huge_new();
  mio_addr_t peer;
  for (int i = 0; i < ENDS_KINDS; i++) {
    struct ends ends = ends_new(ends_kinds[i]);
    if (ends_kinds[i] == MIO_KIND_UDP_SOCKET ||
        ends_kinds[i] == MIO_KIND_UNIX_DATAGRAM) {
      CHECK_RC("EMSGSIZE", mio_source_write(ends.a, huge, HUGE_LENGTH));
      CHECK_RC("EMSGSIZE", mio_source_write(ends.a, huge, UINT64_MAX));
      CHECK(mio_source_write(ends.a, "four", 4) == 4);
      CHECK(mio_source_peek(ends.b, huge, HUGE_LENGTH) == 4);
      CHECK(mio_source_peek_from(ends.b, huge, UINT64_MAX, &peer) == 4);
      CHECK(mio_source_recv_from(ends.b, huge, UINT64_MAX, &peer) == 4);
      CHECK(memcmp(huge, "four", 4) == 0);
    }
    ends_free(&ends);
  }
  CHECK(munmap(huge, HUGE_LENGTH) == 0);
}

/* Each buffer is short enough, all together are not, or one is not. */
static void vectored(uint32_t kind, void *huge, uint64_t length) {
  struct ends ends = ends_new(kind);
  void *const buffers[] = {huge, huge, huge};
  const uint64_t lengths[] = {10, length, length};
  int32_t n = mio_source_write_vectored(ends.a, (const void *const *)buffers,
                                        lengths, 3);
  CHECK(n > 10);
  int32_t moved = 0;
  while (moved < n) {
    int32_t part = mio_source_read_vectored(ends.b, buffers, lengths, 3);
    if (part < 0) {
      CHECK_RC("EAGAIN", part);
      check_pause_ms(1);
    }
    moved += part > 0 ? part : 0;
  }
  CHECK(moved == n);
  ends_free(&ends);
}

TEST_ON(EPOLL, source_length, huge_buffers) {
  (void)selector;
  void *huge = huge_new();
  static const uint64_t each[] = {GIB, 2 * GIB, HUGE_LENGTH, UINT64_MAX};
  for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
    vectored(MIO_KIND_TCP_STREAM, huge, each[i]);
    vectored(MIO_KIND_UNIX_STREAM, huge, each[i]);
    vectored(MIO_KIND_PIPE_SENDER, huge, each[i]);
  }
  CHECK(munmap(huge, HUGE_LENGTH) == 0);
}

enum { MANY = MIO_BUFFERS_MAX + 44 };

/* What is beyond MIO_BUFFERS_MAX comes back as a short count, and is not even
 * looked at. */
TEST_ON(EPOLL, source_length, more_buffers_than_there_may_be) {
  (void)selector;
  static uint8_t out[MANY];
  static uint8_t in[MANY];
  const void *from[MANY];
  void *to[MANY];
  uint64_t lengths[MANY];
  for (uint32_t i = 0; i < MANY; i++) {
    out[i] = (uint8_t)(i * 3);
    from[i] = i < MIO_BUFFERS_MAX ? &out[i] : NULL; /* Else EINVAL. */
    to[i] = i < MIO_BUFFERS_MAX ? &in[i] : NULL;
    lengths[i] = 1;
  }
  static const uint32_t kinds[] = {MIO_KIND_TCP_STREAM, MIO_KIND_UNIX_STREAM,
                                   MIO_KIND_PIPE_SENDER};
  for (int i = 0; i < 3; i++) {
    struct ends ends = ends_new(kinds[i]);
    memset(in, 0xff, sizeof(in));
    CHECK(mio_source_write_vectored(ends.a, from, lengths, MANY) ==
          MIO_BUFFERS_MAX);
    CHECK(mio_source_write_vectored(ends.a, from, lengths, UINT32_MAX) ==
          MIO_BUFFERS_MAX);
    CHECK(mio_source_read_vectored(ends.b, to, lengths, MANY) ==
          MIO_BUFFERS_MAX);
    CHECK(memcmp(in, out, MIO_BUFFERS_MAX) == 0);
    CHECK(in[MIO_BUFFERS_MAX] == 0xff);
    CHECK(mio_source_read_vectored(ends.b, to, lengths, UINT32_MAX) ==
          MIO_BUFFERS_MAX);
    from[5] = NULL;
    CHECK_RC("EINVAL", mio_source_write_vectored(ends.a, from, lengths, MANY));
    from[5] = &out[5];
    ends_free(&ends);
  }
}

/* Nothing is nothing on a stream, and one datagram on a datagram socket. */
TEST_ON(EPOLL, source_length, none) {
  (void)selector;
  for (int i = 0; i < ENDS_KINDS; i++) {
    struct ends ends = ends_new(ends_kinds[i]);
    char byte = 'y';
    CHECK(mio_source_write(ends.a, NULL, 0) == 0);
    if (ends_kinds[i] == MIO_KIND_UDP_SOCKET ||
        ends_kinds[i] == MIO_KIND_UNIX_DATAGRAM) {
      CHECK(mio_source_write(ends.a, "x", 1) == 1);
      CHECK(mio_source_read(ends.b, &byte, 1) == 0);
      CHECK(mio_source_read(ends.b, NULL, 0) == 0); /* Takes the `x`. */
      CHECK_RC("EAGAIN", mio_source_read(ends.b, &byte, 1));
    } else {
      CHECK(mio_source_read(ends.b, NULL, 0) == 0);
      CHECK(mio_source_read_vectored(ends.b, NULL, NULL, 0) == 0);
      CHECK(mio_source_write_vectored(ends.a, NULL, NULL, 0) == 0);
      CHECK_RC("EAGAIN", mio_source_read(ends.b, &byte, 1));
      CHECK(mio_source_write(ends.a, "x", 1) == 1);
      CHECK(mio_source_read(ends.b, &byte, 0) == 0);
      CHECK(mio_source_read(ends.b, &byte, 1) == 1);
    }
    CHECK(byte == (ends_kinds[i] == MIO_KIND_UDP_SOCKET ||
                           ends_kinds[i] == MIO_KIND_UNIX_DATAGRAM
                       ? 'y'
                       : 'x'));
    ends_free(&ends);
  }
}
