/*
 * epoll.c - raw epoll, by edge and by level: what the others are held to.
 * SPDX-License-Identifier: MIT
 *
 * Written as well as it can be. By edge, the eventfd of wakes is never read.
 */
#include "peers.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

struct set {
  int epoll;
  int eventfd; /* -1: no waker. */
  uint32_t edge;
};

static struct epoll_event events[BENCH_CAPACITY];

static int control(struct set *set, int operation, int fd, uint32_t flags,
                   uint64_t token) {
  struct epoll_event event = {.events = flags, .data.u64 = token};
  return epoll_ctl(set->epoll, operation, fd, &event);
}

static void *open_set(bool with_waker, uint32_t edge) {
  struct set *set = bench_new(sizeof *set);
  set->epoll = epoll_create1(EPOLL_CLOEXEC);
  bench_check(set->epoll, "epoll_create1");
  set->edge = edge;
  set->eventfd = -1;
  if (with_waker) {
    set->eventfd = bench_eventfd(false);
    bench_check(control(set, EPOLL_CTL_ADD, set->eventfd, EPOLLIN | edge,
                        BENCH_WAKER_TOKEN),
                "epoll_ctl");
  }
  return set;
}

static void *open_edge(bool with_waker) {
  return open_set(with_waker, EPOLLET);
}

static void *open_level(bool with_waker) {
  return open_set(with_waker, 0);
}

static void close_set(void *state) {
  struct set *set = state;
  if (set->eventfd >= 0) {
    close(set->eventfd);
  }
  close(set->epoll);
  free(set);
}

static void add(void *state, int fd, uint64_t token, bool stays_ready) {
  struct set *set = state;
  uint32_t flags = EPOLLIN | EPOLLRDHUP | (stays_ready ? 0 : set->edge);
  bench_check(control(set, EPOLL_CTL_ADD, fd, flags, token), "epoll_ctl");
}

BENCH_INLINE uint64_t take(const struct set *set, int timeout) {
  uint64_t sum = 0;
  int n = epoll_wait(set->epoll, events, BENCH_CAPACITY, timeout);
  for (int i = 0; i < n; i++) {
    if (events[i].events & EPOLLIN) {
      sum += events[i].data.u64 + 1;
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
  uint32_t flags = EPOLLIN | EPOLLRDHUP | set->edge;
  uint64_t done = 0;
  int failed = 0;
  while (done < rounds) {
    for (uint64_t i = 0; i < fds->count; i++) {
      failed |=
          control(set, EPOLL_CTL_ADD, fds->fds[i], flags, fds->first + i);
    }
    take(set, 0);
    for (uint64_t i = 0; i < fds->count; i++) {
      failed |= epoll_ctl(set->epoll, EPOLL_CTL_DEL, fds->fds[i], NULL);
    }
    take(set, 0);
    done += fds->count;
  }
  bench_check(failed, "epoll_ctl");
  return done;
}

static int modify_all(struct set *set, const struct bench_fds *fds,
                      uint32_t flags) {
  int failed = 0;
  for (uint64_t i = 0; i < fds->count; i++) {
    failed |= control(set, EPOLL_CTL_MOD, fds->fds[i], flags, fds->first + i);
  }
  take(set, 0);
  return failed;
}

static uint64_t modify(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  const struct bench_fds *fds = input;
  uint32_t flags = EPOLLIN | EPOLLRDHUP | set->edge;
  uint64_t done = 0;
  while (done < rounds) {
    bench_check(modify_all(set, fds, flags | EPOLLOUT), "epoll_ctl");
    bench_check(modify_all(set, fds, flags), "epoll_ctl");
    done += 2 * fds->count;
  }
  return done;
}

static uint64_t wake(void *state, void *input, uint64_t rounds) {
  const struct set *set = state;
  (void)input;
  uint64_t one = 1;
  uint64_t done = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    done += write(set->eventfd, &one, sizeof one) == sizeof one;
  }
  return done;
}

static uint64_t wake_and_wait(void *state, void *input, uint64_t rounds) {
  const struct set *set = state;
  (void)input;
  uint64_t count = 1;
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    bool wrote = write(set->eventfd, &count, sizeof count) == sizeof count;
    sum += wrote ? take(set, -1) : 0;
    if (!set->edge && read(set->eventfd, &count, sizeof count) < 0) {
      return 0;
    }
  }
  return sum;
}

static uint64_t ring(void *state, void *input, uint64_t rounds) {
  const struct set *set = state;
  uint64_t hops = 0;
  while (hops < rounds) {
    int n = epoll_wait(set->epoll, events, BENCH_CAPACITY, -1);
    for (int i = 0; i < n; i++) {
      if (events[i].events & EPOLLIN) {
        hops += bench_hop(input, events[i].data.u64);
      }
    }
  }
  return hops;
}

static uint64_t ring_plain(void *state, void *input, uint64_t rounds) {
  const struct set *set = state;
  uint64_t hops = 0;
  while (hops < rounds) {
    int n = epoll_wait(set->epoll, events, BENCH_CAPACITY, -1);
    for (int i = 0; i < n; i++) {
      if (events[i].events & EPOLLIN) {
        hops += bench_hop_plain(input, events[i].data.u64);
      }
    }
  }
  return hops;
}

static uint64_t ring_backwards(void *state, void *input, uint64_t rounds) {
  const struct set *set = state;
  uint64_t hops = 0;
  while (hops < rounds) {
    int n = epoll_wait(set->epoll, events, BENCH_CAPACITY, -1);
    while (n-- > 0) {
      if (events[n].events & EPOLLIN) {
        hops += bench_hop(input, events[n].data.u64);
      }
    }
  }
  return hops;
}

const struct bench_peer bench_peer_epoll_backwards = {
    .name = "epoll, level, last first",
    .open = open_level,
    .close = close_set,
    .add = add,
    .ring = ring_backwards,
};

const struct bench_peer bench_peer_epoll_plain = {
    .name = "epoll, edge, read and write",
    .open = open_edge,
    .close = close_set,
    .add = add,
    .ring = ring_plain,
};

const struct bench_peer bench_peer_epoll_edge = {
    .name = "epoll, edge",
    .open = open_edge,
    .close = close_set,
    .add = add,
    .look = look,
    .change = change,
    .modify = modify,
    .wake = wake,
    .wake_and_wait = wake_and_wait,
    .ring = ring,
};

const struct bench_peer bench_peer_epoll_level = {
    .name = "epoll, level",
    .open = open_level,
    .close = close_set,
    .add = add,
    .look = look,
    .change = change,
    .modify = modify,
    .wake = wake,
    .wake_and_wait = wake_and_wait,
    .ring = ring,
};
