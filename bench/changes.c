/*
 * changes.c - C1: what registering costs, one change at a time.
 * SPDX-License-Identifier: MIT
 */
#include "bench.h"

#include <unistd.h>

enum { OTHERS = 1000 };

struct changes {
  struct bench_pair pair;
  int fd;
};

static uint64_t add_raw(void *state, uint64_t rounds) {
  struct changes *c = state;
  uint64_t failed = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET,
                                .data.u64 = round};
    failed |= (uint64_t)epoll_ctl(c->pair.epoll, EPOLL_CTL_ADD, c->fd, &event);
    failed |= (uint64_t)epoll_ctl(c->pair.epoll, EPOLL_CTL_DEL, c->fd, NULL);
  }
  return failed;
}

static uint64_t add_mio(void *state, uint64_t rounds) {
  struct changes *c = state;
  mio_registry_t *registry = c->pair.registry;
  uint64_t failed = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    failed |= (uint64_t)mio_registry_register_fd(registry, c->fd, round,
                                                 MIO_READABLE);
    failed |= (uint64_t)mio_registry_deregister_fd(registry, c->fd);
  }
  return failed;
}

static uint64_t change_raw(void *state, uint64_t rounds) {
  struct changes *c = state;
  uint64_t failed = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET,
                                .data.u64 = round};
    failed |= (uint64_t)epoll_ctl(c->pair.epoll, EPOLL_CTL_MOD, c->fd, &event);
  }
  return failed;
}

static uint64_t change_mio(void *state, uint64_t rounds) {
  struct changes *c = state;
  uint64_t failed = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    failed |= (uint64_t)mio_registry_reregister_fd(c->pair.registry, c->fd,
                                                   round, MIO_READABLE);
  }
  return failed;
}

static const struct bench_row add_row = {
    .id = "C1",
    .what = "register + deregister, 1000 others",
    .target = 1.01,
    .divisor = 1,
    .raw = add_raw,
    .mio = add_mio,
};

static const struct bench_row change_row = {
    .id = "C1",
    .what = "reregister",
    .target = 1.01,
    .divisor = 1,
    .raw = change_raw,
    .mio = change_mio,
};

void bench_changes(void) {
  if (!bench_wanted("C1")) {
    return;
  }
  static struct changes c;
  static int others[OTHERS];
  size_t count = bench_descriptors("C1", OTHERS);
  bench_pair_open(&c.pair);
  for (size_t i = 0; i < count; i++) {
    others[i] = bench_eventfd(false);
    bench_pair_add(&c.pair, others[i], i, false);
  }
  c.fd = bench_eventfd(false);
  bench_compare(&add_row, &c);
  bench_pair_add(&c.pair, c.fd, 0, false);
  bench_compare(&change_row, &c);
  bench_pair_close(&c.pair);
  close(c.fd);
  for (size_t i = 0; i < count; i++) {
    close(others[i]);
  }
}
