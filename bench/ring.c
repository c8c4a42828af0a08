/*
 * ring.c - E1: bytes that run around rings of socket pairs.
 * SPDX-License-Identifier: MIT
 *
 * A byte that arrives at one pair is written to the next. Each contender has
 * a ring of its own, edge-triggered; a short read tells both that a socket is
 * drained. Always something is ready, so that no wait blocks, and the time of
 * the thread is that of the work.
 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* A round is many hops, since a wait gives up to IN_FLIGHT_MAX of them. */
enum { RING_MAX = 1000, IN_FLIGHT_MAX = 100, ROUND = 1000 };

struct ring {
  size_t length;
  int in[RING_MAX];
  int out[RING_MAX];
};

struct rings {
  struct bench_pair pair;
  struct ring raw;
  struct ring mio;
};

/* Takes what arrived at a pair on to the next one. */
static uint64_t hop(struct ring *ring, uint64_t at) {
  char bytes[2 * IN_FLIGHT_MAX];
  ssize_t n = read(ring->in[at], bytes, sizeof bytes);
  if (n <= 0) {
    return 0;
  }
  size_t next = at + 1 < ring->length ? at + 1 : 0;
  return write(ring->out[next], bytes, (size_t)n) == n ? 1 : 0;
}

static uint64_t ring_raw(void *state, uint64_t rounds) {
  struct rings *r = state;
  uint64_t hops = 0;
  while (hops < rounds * ROUND) {
    int n = epoll_wait(r->pair.epoll, r->pair.raw, BENCH_CAPACITY, -1);
    for (int i = 0; i < n; i++) {
      if (r->pair.raw[i].events & EPOLLIN) {
        hops += hop(&r->raw, r->pair.raw[i].data.u64);
      }
    }
  }
  return 0; /* How far the last batch goes depends on its size. */
}

static uint64_t ring_mio(void *state, uint64_t rounds) {
  struct rings *r = state;
  uint64_t hops = 0;
  while (hops < rounds * ROUND) {
    int32_t n =
        mio_poll_wait(r->pair.poll, r->pair.events, BENCH_CAPACITY, -1);
    for (int32_t i = 0; i < n; i++) {
      if (r->pair.events[i].readiness & MIO_READABLE) {
        hops += hop(&r->mio, r->pair.events[i].token);
      }
    }
  }
  return 0;
}

static void ring_open(struct ring *ring, size_t length) {
  ring->length = length;
  for (size_t i = 0; i < length; i++) {
    int ends[2];
    bench_check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                           0, ends),
                "socketpair");
    ring->in[i] = ends[0];
    ring->out[i] = ends[1];
  }
}

static void ring_start(struct ring *ring) {
  size_t bytes = ring->length < IN_FLIGHT_MAX ? ring->length : IN_FLIGHT_MAX;
  for (size_t i = 0; i < bytes; i++) {
    size_t at = i * (ring->length / bytes);
    bench_check((int)write(ring->out[at], "x", 1), "write");
  }
}

static void ring_close(struct ring *ring) {
  for (size_t i = 0; i < ring->length; i++) {
    close(ring->in[i]);
    close(ring->out[i]);
  }
}

static void rings_register(struct rings *r) {
  for (size_t i = 0; i < r->raw.length; i++) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET,
                                .data.u64 = i};
    bench_check(epoll_ctl(r->pair.epoll, EPOLL_CTL_ADD, r->raw.in[i], &event),
                "epoll_ctl");
    errno = 0;
    bench_check(mio_registry_register_fd(r->pair.registry, r->mio.in[i], i,
                                         MIO_READABLE),
                "register");
  }
}

static void compare_rings(size_t length) {
  static struct rings r;
  char what[64];
  if (bench_descriptors("E1", 4 * length) < 4 * length) {
    return;
  }
  bench_pair_open(&r.pair);
  ring_open(&r.raw, length);
  ring_open(&r.mio, length);
  rings_register(&r);
  ring_start(&r.raw);
  ring_start(&r.mio);
  snprintf(what, sizeof what, "ring of %zu pairs, per hop", length);
  const struct bench_row row = {
      .id = "E1",
      .what = what,
      .target = 1.00,
      .divisor = ROUND,
      .raw = ring_raw,
      .mio = ring_mio,
  };
  bench_compare(&row, &r);
  bench_pair_close(&r.pair);
  ring_close(&r.raw);
  ring_close(&r.mio);
}

void bench_ring(void) {
  if (bench_wanted("E1")) {
    compare_rings(1);
    compare_rings(100);
    compare_rings(1000);
  }
}
