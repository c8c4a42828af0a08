/*
 * libuv.c - uv_poll_t by level, the only way it has; uv_async_t for wakes.
 * SPDX-License-Identifier: MIT
 *
 * Registering is uv_poll_start() and uv_poll_stop() on a handle that exists:
 * to make one, and to close it, would cost more.
 */
#include "peers.h"

#include <stdlib.h>
#include <uv.h>

struct set {
  uv_loop_t loop;
  uv_async_t async;
  bool with_waker;
  uint64_t sum;
  const struct bench_ring *ring; /* NULL: no ring, add tokens up. */
  uv_poll_t *handles[BENCH_HEAP];
};

static void on_wake(uv_async_t *async) {
  struct set *set = async->loop->data;
  set->sum += BENCH_WAKER_TOKEN + 1;
}

static void on_event(uv_poll_t *handle, int status, int events) {
  struct set *set = handle->loop->data;
  uv_poll_t **place = handle->data;
  uint64_t token = (uint64_t)(place - set->handles);
  if (status == 0 && events & UV_READABLE) {
    set->sum += set->ring ? bench_hop(set->ring, token) : token + 1;
  }
}

static void *open_set(bool with_waker) {
  struct set *set = bench_new(sizeof *set);
  bench_check(uv_loop_init(&set->loop), "uv_loop_init");
  set->loop.data = set;
  set->with_waker = with_waker;
  if (with_waker) {
    bench_check(uv_async_init(&set->loop, &set->async, on_wake),
                "uv_async_init");
  }
  return set;
}

static void close_set(void *state) {
  struct set *set = state;
  for (size_t i = 0; i < BENCH_HEAP; i++) {
    if (set->handles[i] != NULL) {
      uv_close((uv_handle_t *)set->handles[i], NULL);
    }
  }
  if (set->with_waker) {
    uv_close((uv_handle_t *)&set->async, NULL);
  }
  uv_run(&set->loop, UV_RUN_DEFAULT);
  bench_check(uv_loop_close(&set->loop), "uv_loop_close");
  for (size_t i = 0; i < BENCH_HEAP; i++) {
    free(set->handles[i]);
  }
  free(set);
}

static uv_poll_t *handle_of(struct set *set, int fd, uint64_t token) {
  if (set->handles[token] == NULL) {
    uv_poll_t *handle = bench_new(sizeof *handle);
    bench_check(uv_poll_init(&set->loop, handle, fd), "uv_poll_init");
    handle->data = &set->handles[token];
    set->handles[token] = handle;
  }
  return set->handles[token];
}

static int start(struct set *set, int fd, uint64_t token, int events) {
  return uv_poll_start(handle_of(set, fd, token), events, on_event);
}

static void add(void *set, int fd, uint64_t token, bool stays_ready) {
  (void)stays_ready;
  bench_check(start(set, fd, token, UV_READABLE), "uv_poll_start");
}

static uint64_t look(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  (void)input;
  set->sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    uv_run(&set->loop, UV_RUN_NOWAIT);
  }
  return set->sum;
}

static uint64_t change(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  const struct bench_fds *fds = input;
  uint64_t done = 0;
  int failed = 0;
  while (done < rounds) {
    for (uint64_t i = 0; i < fds->count; i++) {
      failed |= start(set, fds->fds[i], fds->first + i, UV_READABLE);
    }
    uv_run(&set->loop, UV_RUN_NOWAIT);
    for (uint64_t i = 0; i < fds->count; i++) {
      failed |= uv_poll_stop(set->handles[fds->first + i]);
    }
    uv_run(&set->loop, UV_RUN_NOWAIT);
    done += fds->count;
  }
  bench_check(failed, "uv_poll_start");
  return done;
}

static int modify_all(struct set *set, const struct bench_fds *fds,
                      int events) {
  int failed = 0;
  for (uint64_t i = 0; i < fds->count; i++) {
    failed |= start(set, fds->fds[i], fds->first + i, events);
  }
  uv_run(&set->loop, UV_RUN_NOWAIT);
  return failed;
}

static uint64_t modify(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  const struct bench_fds *fds = input;
  uint64_t done = 0;
  while (done < rounds) {
    bench_check(modify_all(set, fds, UV_READABLE | UV_WRITABLE), "start");
    bench_check(modify_all(set, fds, UV_READABLE), "start");
    done += 2 * fds->count;
  }
  return done;
}

static uint64_t wake(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  (void)input;
  uint64_t done = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    done += uv_async_send(&set->async) == 0;
  }
  return done;
}

static uint64_t wake_and_wait(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  (void)input;
  set->sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    uv_async_send(&set->async);
    uv_run(&set->loop, UV_RUN_ONCE);
  }
  return set->sum;
}

static uint64_t ring(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  set->ring = input;
  set->sum = 0;
  while (set->sum < rounds) {
    uv_run(&set->loop, UV_RUN_ONCE);
  }
  return set->sum;
}

const struct bench_peer bench_peer_libuv = {
    .name = "libuv",
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
