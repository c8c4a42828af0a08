/*
 * wakes.c - K1 and K2: what waking costs.
 * SPDX-License-Identifier: MIT
 *
 * The raw contender does what a program without this library does best: an
 * eventfd in the set, edge-triggered, which is written and never read.
 */
#include "bench.h"

#include <errno.h>
#include <unistd.h>

struct wakes {
  struct bench_pair pair;
  mio_waker_t *waker;
  int eventfd;
};

static bool write_one(int fd) {
  uint64_t one = 1;
  return write(fd, &one, sizeof one) == sizeof one;
}

static uint64_t wake_raw(void *state, uint64_t rounds) {
  struct wakes *w = state;
  uint64_t done = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    done += write_one(w->eventfd);
  }
  return done;
}

static uint64_t wake_mio(void *state, uint64_t rounds) {
  struct wakes *w = state;
  uint64_t done = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    done += mio_waker_wake(w->waker) == 0;
  }
  return done;
}

static uint64_t wake_and_wait_raw(void *state, uint64_t rounds) {
  struct wakes *w = state;
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    write_one(w->eventfd);
    int n = epoll_wait(w->pair.epoll, w->pair.raw, BENCH_CAPACITY, -1);
    for (int i = 0; i < n; i++) {
      sum += w->pair.raw[i].data.u64 + w->pair.raw[i].events;
    }
  }
  return sum;
}

static uint64_t wake_and_wait_mio(void *state, uint64_t rounds) {
  struct wakes *w = state;
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    mio_waker_wake(w->waker);
    int32_t n =
        mio_poll_wait(w->pair.poll, w->pair.events, BENCH_CAPACITY, -1);
    for (int32_t i = 0; i < n; i++) {
      sum += w->pair.events[i].token + w->pair.events[i].readiness;
    }
  }
  return sum;
}

static const struct bench_row wake_row = {
    .id = "K1",
    .what = "wake, nobody waits",
    .target = 0.01,
    .divisor = 1,
    .raw = wake_raw,
    .mio = wake_mio,
};

static const struct bench_row wake_and_wait_row = {
    .id = "K2",
    .what = "wake + wait, one thread",
    .target = 0.20,
    .divisor = 1,
    .raw = wake_and_wait_raw,
    .mio = wake_and_wait_mio,
};

void bench_wakes(void) {
  static struct wakes w;
  bench_pair_open(&w.pair);
  w.eventfd = bench_eventfd(false);
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 7};
  bench_check(epoll_ctl(w.pair.epoll, EPOLL_CTL_ADD, w.eventfd, &event),
              "epoll_ctl");
  errno = 0;
  bench_check(mio_waker_new(&w.waker, w.pair.registry, 7), "waker");
  if (bench_wanted("K1")) {
    bench_compare(&wake_row, &w);
  }
  if (bench_wanted("K2")) {
    bench_compare(&wake_and_wait_row, &w);
  }
  mio_waker_free(w.waker);
  bench_pair_close(&w.pair);
  close(w.eventfd);
}
