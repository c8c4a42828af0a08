/*
 * waits.c - P1 to P4: what a wait costs.
 * SPDX-License-Identifier: MIT
 *
 * The descriptors are eventfds at level: those that are ready stay ready, so
 * that each wait finds the same, and nothing but waits is measured. Both
 * loops read token and flags of each event, as a program does.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static uint64_t wait_raw(void *state, uint64_t rounds) {
  struct bench_pair *pair = state;
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    int n = epoll_wait(pair->epoll, pair->raw, BENCH_CAPACITY, 0);
    for (int i = 0; i < n; i++) {
      sum += pair->raw[i].data.u64 + pair->raw[i].events;
    }
  }
  return sum;
}

static uint64_t wait_mio(void *state, uint64_t rounds) {
  struct bench_pair *pair = state;
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    int32_t n = mio_poll_wait(pair->poll, pair->events, BENCH_CAPACITY, 0);
    for (int32_t i = 0; i < n; i++) {
      sum += pair->events[i].token + pair->events[i].readiness;
    }
  }
  return sum;
}

static void compare_waits(const char *id, size_t ready, size_t wanted,
                          double target) {
  if (!bench_wanted(id)) {
    return;
  }
  static struct bench_pair pair;
  static int fds[BENCH_SOURCES];
  char what[64];
  size_t total = bench_descriptors(id, wanted);
  if (total < ready) {
    return;
  }
  bench_pair_open(&pair);
  for (size_t i = 0; i < total; i++) {
    /* Spread them: neighbours would share lines of cache. */
    bool is_ready =
        ready > 0 && i % (total / ready) == 0 && i / (total / ready) < ready;
    fds[i] = bench_eventfd(is_ready);
    bench_pair_add(&pair, fds[i], i, true);
  }
  snprintf(what, sizeof what, "wait: %zu ready of %zu%s", ready, total,
           ready > 1 ? ", per event" : "");
  const struct bench_row row = {
      .id = id,
      .what = what,
      .target = target,
      .divisor = ready > 1 ? (unsigned int)ready : 1,
      .raw = wait_raw,
      .mio = wait_mio,
  };
  bench_compare(&row, &pair);
  bench_pair_close(&pair);
  for (size_t i = 0; i < total; i++) {
    close(fds[i]);
  }
}

void bench_waits(void) {
  compare_waits("P1", 0, 1000, 1.05);
  compare_waits("P2", 1, 1000, 1.02);
  compare_waits("P3", 64, BENCH_SOURCES, 1.01);
  compare_waits("P4", 1024, BENCH_SOURCES, 1.01);
}
