/*
 * miopoll.c - this library, on epoll.
 * SPDX-License-Identifier: MIT
 */
#include "peers.h"

#include <miopoll.h>

#include <stdlib.h>

struct set {
  mio_poll_t *poll;
  mio_registry_t *registry;
  mio_waker_t *waker; /* NULL: none. */
};

static mio_event_t events[BENCH_CAPACITY];

static void *open_set(bool with_waker) {
  mio_poll_options_t options = {.size = sizeof options,
                                .selector = MIO_SELECTOR_EPOLL};
  struct set *set = bench_new(sizeof *set);
  bench_check(mio_poll_new(&set->poll, &options), "mio_poll_new");
  bench_check(mio_poll_registry(set->poll, &set->registry), "registry");
  if (with_waker) {
    bench_check(mio_waker_new(&set->waker, set->registry, BENCH_WAKER_TOKEN),
                "waker");
  }
  return set;
}

static void close_set(void *state) {
  struct set *set = state;
  mio_waker_free(set->waker);
  mio_registry_free(set->registry);
  mio_poll_free(set->poll);
  free(set);
}

static void add(void *state, int fd, uint64_t token, bool stays_ready) {
  struct set *set = state;
  uint32_t interest = MIO_READABLE | (stays_ready ? (uint32_t)MIO_LEVEL : 0U);
  bench_check(mio_registry_register_fd(set->registry, fd, token, interest),
              "register");
}

BENCH_INLINE uint64_t take(const struct set *set, int64_t timeout_ns) {
  uint64_t sum = 0;
  int32_t n = mio_poll_wait(set->poll, events, BENCH_CAPACITY, timeout_ns);
  for (int32_t i = 0; i < n; i++) {
    if (events[i].readiness & MIO_READABLE) {
      sum += events[i].token + 1;
    }
  }
  return sum;
}

static uint64_t look(void *set, void *input, uint64_t rounds) {
  (void)input;
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    sum += take(set, 0);
  }
  return sum;
}

static uint64_t change(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  const struct bench_fds *fds = input;
  uint64_t done = 0;
  int32_t failed = 0;
  while (done < rounds) {
    for (uint64_t i = 0; i < fds->count; i++) {
      failed |= mio_registry_register_fd(set->registry, fds->fds[i],
                                         fds->first + i, MIO_READABLE);
    }
    take(set, 0);
    for (uint64_t i = 0; i < fds->count; i++) {
      failed |= mio_registry_deregister_fd(set->registry, fds->fds[i]);
    }
    take(set, 0);
    done += fds->count;
  }
  bench_check(failed, "register");
  return done;
}

static int32_t modify_all(struct set *set, const struct bench_fds *fds,
                          uint32_t interest) {
  int32_t failed = 0;
  for (uint64_t i = 0; i < fds->count; i++) {
    failed |= mio_registry_reregister_fd(set->registry, fds->fds[i],
                                         fds->first + i, interest);
  }
  take(set, 0);
  return failed;
}

static uint64_t modify(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  const struct bench_fds *fds = input;
  uint64_t done = 0;
  while (done < rounds) {
    bench_check(modify_all(set, fds, MIO_READABLE | MIO_WRITABLE),
                "reregister");
    bench_check(modify_all(set, fds, MIO_READABLE), "reregister");
    done += 2 * fds->count;
  }
  return done;
}

static uint64_t wake(void *state, void *input, uint64_t rounds) {
  const struct set *set = state;
  (void)input;
  uint64_t done = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    done += mio_waker_wake(set->waker) == 0;
  }
  return done;
}

static uint64_t wake_and_wait(void *state, void *input, uint64_t rounds) {
  const struct set *set = state;
  (void)input;
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    mio_waker_wake(set->waker);
    sum += take(set, -1);
  }
  return sum;
}

static uint64_t ring(void *state, void *input, uint64_t rounds) {
  const struct set *set = state;
  uint64_t hops = 0;
  while (hops < rounds) {
    int32_t n = mio_poll_wait(set->poll, events, BENCH_CAPACITY, -1);
    for (int32_t i = 0; i < n; i++) {
      if (events[i].readiness & MIO_READABLE) {
        hops += bench_hop(input, events[i].token);
      }
    }
  }
  return hops;
}

const struct bench_peer bench_peer_miopoll = {
    .name = "miopoll",
    .open = open_set,
    .close = close_set,
    .add = add,
    .look = look,
    .change = change,
    .modify = modify,
    .wake = wake,
    .wake_and_wait = wake_and_wait,
    .ring = ring,
};

const struct bench_peer bench_peer_descriptors = {
    .name = "miopoll, descriptors",
    .open = open_set,
    .close = close_set,
    .add = add,
    .ring = ring,
};
