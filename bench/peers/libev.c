/*
 * libev.c - ev_io by level, the only way it has; ev_async for wakes.
 * SPDX-License-Identifier: MIT
 *
 * It puts changes off to the next wait, and then never deletes: a descriptor
 * that is stopped stays in the kernel's set until it makes noise.
 */
#include "peers.h"

#include <ev.h>
#include <stdlib.h>

struct set {
  struct ev_loop *loop;
  ev_async async;
  bool with_waker;
  uint64_t sum;
  const struct bench_ring *ring; /* NULL: no ring, add tokens up. */
  ev_io *watchers[BENCH_HEAP];
};

static void on_wake(struct ev_loop *loop, ev_async *async, int events) {
  struct set *set = ev_userdata(loop);
  (void)async;
  (void)events;
  set->sum += BENCH_WAKER_TOKEN + 1;
}

static void on_event(struct ev_loop *loop, ev_io *watcher, int events) {
  struct set *set = ev_userdata(loop);
  ev_io **place = watcher->data;
  uint64_t token = (uint64_t)(place - set->watchers);
  if (events & EV_READ) {
    set->sum += set->ring ? bench_hop(set->ring, token) : token + 1;
  }
}

static void *open_set(bool with_waker) {
  struct set *set = bench_new(sizeof *set);
  set->loop = ev_loop_new(EVBACKEND_EPOLL);
  bench_check(set->loop != NULL ? 0 : -1, "ev_loop_new");
  ev_set_userdata(set->loop, set);
  set->with_waker = with_waker;
  if (with_waker) {
    ev_async_init(&set->async, on_wake);
    ev_async_start(set->loop, &set->async);
  }
  return set;
}

static void close_set(void *state) {
  struct set *set = state;
  if (set->with_waker) {
    ev_async_stop(set->loop, &set->async);
  }
  for (size_t i = 0; i < BENCH_HEAP; i++) {
    if (set->watchers[i] != NULL) {
      ev_io_stop(set->loop, set->watchers[i]);
      free(set->watchers[i]);
    }
  }
  ev_loop_destroy(set->loop);
  free(set);
}

static ev_io *watcher_of(struct set *set, int fd, uint64_t token) {
  if (set->watchers[token] == NULL) {
    ev_io *watcher = bench_new(sizeof *watcher);
    ev_io_init(watcher, on_event, fd, EV_READ);
    watcher->data = &set->watchers[token];
    set->watchers[token] = watcher;
  }
  return set->watchers[token];
}

static void add(void *state, int fd, uint64_t token, bool stays_ready) {
  struct set *set = state;
  (void)stays_ready;
  ev_io_start(set->loop, watcher_of(set, fd, token));
}

static uint64_t look(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  (void)input;
  set->sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    ev_run(set->loop, EVRUN_NOWAIT);
  }
  return set->sum;
}

static uint64_t change(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  const struct bench_fds *fds = input;
  uint64_t done = 0;
  while (done < rounds) {
    for (uint64_t i = 0; i < fds->count; i++) {
      add(set, fds->fds[i], fds->first + i, false);
    }
    ev_run(set->loop, EVRUN_NOWAIT);
    for (uint64_t i = 0; i < fds->count; i++) {
      ev_io_stop(set->loop, set->watchers[fds->first + i]);
    }
    ev_run(set->loop, EVRUN_NOWAIT);
    done += fds->count;
  }
  return done;
}

static void modify_all(struct set *set, const struct bench_fds *fds,
                       int events) {
  for (uint64_t i = 0; i < fds->count; i++) {
    ev_io *watcher = set->watchers[fds->first + i];
    ev_io_stop(set->loop, watcher);
    ev_io_set(watcher, fds->fds[i], events);
    ev_io_start(set->loop, watcher);
  }
  ev_run(set->loop, EVRUN_NOWAIT);
}

static uint64_t modify(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  const struct bench_fds *fds = input;
  uint64_t done = 0;
  while (done < rounds) {
    modify_all(set, fds, EV_READ | EV_WRITE);
    modify_all(set, fds, EV_READ);
    done += 2 * fds->count;
  }
  return done;
}

static uint64_t wake(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  (void)input;
  for (uint64_t round = 0; round < rounds; round++) {
    ev_async_send(set->loop, &set->async);
  }
  return rounds;
}

static uint64_t wake_and_wait(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  (void)input;
  set->sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    ev_async_send(set->loop, &set->async);
    ev_run(set->loop, EVRUN_ONCE);
  }
  return set->sum;
}

static uint64_t ring(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  set->ring = input;
  set->sum = 0;
  while (set->sum < rounds) {
    ev_run(set->loop, EVRUN_ONCE);
  }
  return set->sum;
}

const struct bench_peer bench_peer_libev = {
    .name = "libev",
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
