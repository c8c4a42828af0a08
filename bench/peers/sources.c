/*
 * sources.c - this library with its own sockets, on epoll, by edge and by
 * level: for rings.
 * SPDX-License-Identifier: MIT
 *
 * The sockets are those that ring.c made, taken over, and given back at the
 * end.
 */
#include "peers.h"

#include <miopoll.h>

#include <stdlib.h>

struct set {
  mio_poll_t *poll;
  mio_registry_t *registry;
  uint32_t interest;
  mio_source_t *in[BENCH_RING];
  mio_source_t *out[BENCH_RING]; /* Taken over when the ring first runs. */
};

static mio_event_t events[BENCH_CAPACITY];

static void *open_set(uint32_t trigger) {
  mio_poll_options_t options = {.size = sizeof options,
                                .selector = MIO_SELECTOR_EPOLL};
  struct set *set = bench_new(sizeof *set);
  bench_check(mio_poll_new(&set->poll, &options), "mio_poll_new");
  bench_check(mio_poll_registry(set->poll, &set->registry), "registry");
  set->interest = MIO_READABLE | trigger;
  return set;
}

static void *open_edge(bool with_waker) {
  (void)with_waker;
  return open_set(0);
}

static void *open_level(bool with_waker) {
  (void)with_waker;
  return open_set(MIO_LEVEL);
}

/* The kind is checked: it is one of the two. */
static mio_source_t *take_over(int fd) {
  mio_source_t *source;
  if (mio_source_from_fd(&source, MIO_KIND_UNIX_STREAM, fd) < 0) {
    bench_check(mio_source_from_fd(&source, MIO_KIND_TCP_STREAM, fd),
                "mio_source_from_fd");
  }
  return source;
}

static void give_back(mio_source_t *source) {
  mio_fd_t fd;
  if (source != NULL) {
    bench_check(mio_source_into_fd(source, &fd), "mio_source_into_fd");
    mio_source_free(source);
  }
}

static void close_set(void *state) {
  struct set *set = state;
  for (size_t i = 0; i < BENCH_RING; i++) {
    give_back(set->in[i]);
    give_back(set->out[i]);
  }
  mio_registry_free(set->registry);
  mio_poll_free(set->poll);
  free(set);
}

static void add(void *state, int fd, uint64_t token, bool stays_ready) {
  struct set *set = state;
  (void)stays_ready;
  set->in[token] = take_over(fd);
  bench_check(mio_registry_register(set->registry, set->in[token], token,
                                    set->interest),
              "mio_registry_register");
}

/* What bench_hop() does. */
BENCH_INLINE uint64_t hop(const struct set *set, uint64_t length,
                          uint64_t at) {
  char bytes[2 * BENCH_RING_BYTES];
  int32_t n = mio_source_read(set->in[at], bytes, sizeof bytes);
  if (n <= 0) {
    return 0;
  }
  uint64_t next = at + 1 < length ? at + 1 : 0;
  return mio_source_write(set->out[next], bytes, (uint64_t)n) == n ? 1 : 0;
}

static uint64_t ring(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  const struct bench_ring *ring = input;
  uint64_t hops = 0;
  for (uint64_t i = 0; i < ring->length && set->out[i] == NULL; i++) {
    set->out[i] = take_over(ring->out[i]);
  }
  while (hops < rounds) {
    int32_t n = mio_poll_wait(set->poll, events, BENCH_CAPACITY, -1);
    for (int32_t i = 0; i < n; i++) {
      if (events[i].readiness & MIO_READABLE) {
        hops += hop(set, ring->length, events[i].token);
      }
    }
  }
  return hops;
}

const struct bench_peer bench_peer_sources = {
    .name = "miopoll",
    .open = open_edge,
    .close = close_set,
    .add = add,
    .ring = ring,
};

const struct bench_peer bench_peer_sources_level = {
    .name = "miopoll, level",
    .open = open_level,
    .close = close_set,
    .add = add,
    .ring = ring,
};
