/*
 * poll.c - poll(2): an array that the program keeps, and all of it looked at
 * by the kernel in each wait.
 * SPDX-License-Identifier: MIT
 *
 * To find a descriptor when it goes there is an index by token, as a program
 * has it in its connections.
 */
#define _GNU_SOURCE 1
#include "peers.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

struct set {
  struct pollfd *fds;
  uint32_t *tokens; /* Of the entries of fds. */
  nfds_t count;
  nfds_t room;
  int eventfd; /* -1: no waker. It is read: poll knows level only. */
  nfds_t index[BENCH_HEAP]; /* Of the tokens in fds. */
};

static void *grown(void *old, size_t size) {
  void *memory = realloc(old, size);
  if (memory == NULL) {
    abort();
  }
  return memory;
}

static void add(void *state, int fd, uint64_t token, bool stays_ready) {
  struct set *set = state;
  (void)stays_ready;
  if (set->count == set->room) {
    set->room = set->room > 0 ? 2 * set->room : 16;
    set->fds = grown(set->fds, set->room * sizeof *set->fds);
    set->tokens = grown(set->tokens, set->room * sizeof *set->tokens);
  }
  set->fds[set->count] = (struct pollfd){.fd = fd, .events = POLLIN};
  set->tokens[set->count] = (uint32_t)token;
  set->index[token] = set->count++;
}

static void drop(struct set *set, uint64_t token) {
  nfds_t hole = set->index[token];
  nfds_t last = --set->count;
  set->fds[hole] = set->fds[last];
  set->tokens[hole] = set->tokens[last];
  set->index[set->tokens[hole]] = hole;
}

static void *open_set(bool with_waker) {
  struct set *set = bench_new(sizeof *set);
  set->eventfd = -1;
  if (with_waker) {
    set->eventfd = bench_eventfd(false);
    add(set, set->eventfd, BENCH_WAKER_TOKEN, true);
  }
  return set;
}

static void close_set(void *state) {
  struct set *set = state;
  if (set->eventfd >= 0) {
    close(set->eventfd);
  }
  free(set->fds);
  free(set->tokens);
  free(set);
}

BENCH_INLINE uint64_t take(struct set *set, int timeout) {
  uint64_t sum = 0;
  int left = poll(set->fds, set->count, timeout);
  for (nfds_t i = 0; left > 0; i++) {
    if (set->fds[i].revents != 0) {
      left--;
      sum += set->fds[i].revents & POLLIN ? set->tokens[i] + 1 : 0;
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
  while (done < rounds) {
    for (uint64_t i = 0; i < fds->count; i++) {
      add(set, fds->fds[i], fds->first + i, false);
    }
    take(set, 0);
    for (uint64_t i = 0; i < fds->count; i++) {
      drop(set, fds->first + i);
    }
    take(set, 0);
    done += fds->count;
  }
  return done;
}

static void modify_all(struct set *set, const struct bench_fds *fds,
                       short events) {
  for (uint64_t i = 0; i < fds->count; i++) {
    set->fds[set->index[fds->first + i]].events = events;
  }
  take(set, 0);
}

static uint64_t modify(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  const struct bench_fds *fds = input;
  uint64_t done = 0;
  while (done < rounds) {
    modify_all(set, fds, POLLIN | POLLOUT);
    modify_all(set, fds, POLLIN);
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
  struct set *set = state;
  (void)input;
  uint64_t count = 1;
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    bool wrote = write(set->eventfd, &count, sizeof count) == sizeof count;
    sum += wrote ? take(set, -1) : 0;
    if (read(set->eventfd, &count, sizeof count) < 0) {
      return 0;
    }
  }
  return sum;
}

static uint64_t ring(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  uint64_t hops = 0;
  while (hops < rounds) {
    int left = poll(set->fds, set->count, -1);
    for (nfds_t i = 0; left > 0; i++) {
      if (set->fds[i].revents != 0) {
        left--;
        hops += bench_hop(input, set->tokens[i]);
      }
    }
  }
  return hops;
}

const struct bench_peer bench_peer_poll = {
    .name = "poll(2)",
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
