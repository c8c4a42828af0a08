/*
 * instructions.c - bench-instructions: the loops that P5 counts.
 * SPDX-License-Identifier: MIT
 *
 *     bench-instructions CONTENDER READY ROUNDS
 *
 * Waits ROUNDS times on a set of which READY eventfds are ready, by "mio" or
 * by "raw" epoll. bench/instructions.py runs it under callgrind, twice with
 * different ROUNDS, and takes the difference: what does not repeat (start,
 * symbol resolution) is in neither.
 */
#define _GNU_SOURCE 1
#include <miopoll.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { SOURCES = 128, CAPACITY = 128 };

static uint64_t loop_raw(const int *fds, unsigned long rounds) {
  static struct epoll_event events[CAPACITY];
  uint64_t sum = 0;
  int set = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < SOURCES; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)i};
    epoll_ctl(set, EPOLL_CTL_ADD, fds[i], &event);
  }
  for (unsigned long round = 0; round < rounds; round++) {
    int n = epoll_wait(set, events, CAPACITY, 0);
    for (int i = 0; i < n; i++) {
      sum += events[i].data.u64 + events[i].events;
    }
  }
  return sum;
}

static uint64_t loop_mio(const int *fds, unsigned long rounds) {
  static mio_event_t events[CAPACITY];
  const mio_poll_options_t options = {.size = sizeof options,
                                      .selector = MIO_SELECTOR_EPOLL};
  uint64_t sum = 0;
  mio_poll_t *poll;
  mio_registry_t *registry;
  if (mio_poll_new(&poll, &options) < 0 ||
      mio_poll_registry(poll, &registry) < 0) {
    exit(1);
  }
  for (int i = 0; i < SOURCES; i++) {
    mio_registry_register_fd(registry, fds[i], (uint64_t)i,
                             MIO_READABLE | MIO_LEVEL);
  }
  for (unsigned long round = 0; round < rounds; round++) {
    int32_t n = mio_poll_wait(poll, events, CAPACITY, 0);
    for (int32_t i = 0; i < n; i++) {
      sum += events[i].token + events[i].readiness;
    }
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
  return sum;
}

int main(int argc, char **argv) {
  int fds[SOURCES];
  if (argc != 4) {
    fprintf(stderr, "usage: bench-instructions CONTENDER READY ROUNDS\n");
    return 2;
  }
  unsigned long ready = strtoul(argv[2], NULL, 10);
  unsigned long rounds = strtoul(argv[3], NULL, 10);
  for (unsigned long i = 0; i < SOURCES; i++) {
    fds[i] = eventfd(i < ready ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fds[i] < 0) {
      perror("eventfd");
      return 1;
    }
  }
  uint64_t sum = strcmp(argv[1], "raw") == 0 ? loop_raw(fds, rounds)
                                             : loop_mio(fds, rounds);
  /* Tokens 0 to READY - 1, each with readiness 1. */
  uint64_t expected = rounds * (ready * (ready + 1) / 2);
  if (sum != expected) {
    fprintf(stderr, "bench-instructions: %llu reported instead of %llu\n",
            (unsigned long long)sum, (unsigned long long)expected);
    return 1;
  }
  return 0;
}
