/*
 * libevent.c - persistent events, by edge where the others have it; wakes by
 * event_active(), with locks, since they come from any thread.
 * SPDX-License-Identifier: MIT
 *
 * Interest in writing is an event of its own, as its manual has it: it goes in
 * and out beside the one for reading, which is one change in the kernel.
 */
#include "peers.h"

#include <event2/event.h>
#include <event2/thread.h>
#include <stdlib.h>

/* NONBLOCK alone goes on for as long as something is ready. */
enum { LOOK = EVLOOP_ONCE | EVLOOP_NONBLOCK };

struct set {
  struct event_base *base;
  struct event *waker; /* NULL: none. */
  uint64_t sum;
  const struct bench_ring *ring; /* NULL: no ring, add tokens up. */
  struct event *reads[BENCH_HEAP];
  struct event *writes[BENCH_HEAP];
};

/* A callback gets one pointer: the set is where the current loop left it. */
static struct set *current;

static void on_wake(evutil_socket_t fd, short events, void *argument) {
  (void)fd;
  (void)events;
  (void)argument;
  current->sum += BENCH_WAKER_TOKEN + 1;
}

static void on_event(evutil_socket_t fd, short events, void *argument) {
  (void)fd;
  if (events & EV_READ) {
    struct event **place = argument;
    uint64_t token = (uint64_t)(place - current->reads);
    current->sum +=
        current->ring ? bench_hop(current->ring, token) : token + 1;
  }
}

static void *open_set(bool with_waker) {
  struct set *set = bench_new(sizeof *set);
  bench_check(evthread_use_pthreads(), "evthread_use_pthreads");
  set->base = event_base_new();
  bench_check(set->base != NULL ? 0 : -1, "event_base_new");
  if (with_waker) {
    set->waker = event_new(set->base, -1, EV_PERSIST | EV_READ, on_wake, NULL);
    bench_check(event_add(set->waker, NULL), "event_add");
  }
  return set;
}

static void close_set(void *state) {
  struct set *set = state;
  for (size_t i = 0; i < BENCH_HEAP; i++) {
    if (set->reads[i] != NULL) {
      event_free(set->reads[i]);
    }
    if (set->writes[i] != NULL) {
      event_free(set->writes[i]);
    }
  }
  if (set->waker != NULL) {
    event_free(set->waker);
  }
  event_base_free(set->base);
  free(set);
}

static struct event *event_of(struct set *set, struct event **place, int fd,
                              short events) {
  if (*place == NULL) {
    *place = event_new(set->base, fd, events | EV_PERSIST, on_event, place);
    bench_check(*place != NULL ? 0 : -1, "event_new");
  }
  return *place;
}

static void add(void *state, int fd, uint64_t token, bool stays_ready) {
  struct set *set = state;
  short events = (short)(EV_READ | (stays_ready ? 0 : EV_ET));
  bench_check(event_add(event_of(set, &set->reads[token], fd, events), NULL),
              "event_add");
}

BENCH_INLINE uint64_t run(struct set *set, int flags) {
  uint64_t before = set->sum;
  current = set;
  event_base_loop(set->base, flags);
  return set->sum - before;
}

static uint64_t look(void *set, void *input, uint64_t rounds) {
  (void)input;
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    sum += run(set, LOOK);
  }
  return sum;
}

static uint64_t change(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  const struct bench_fds *fds = input;
  uint64_t done = 0;
  int failed = 0;
  while (done < rounds) {
    for (uint64_t i = 0; i < fds->count; i++) {
      add(set, fds->fds[i], fds->first + i, false);
    }
    run(set, LOOK);
    for (uint64_t i = 0; i < fds->count; i++) {
      failed |= event_del(set->reads[fds->first + i]);
    }
    run(set, LOOK);
    done += fds->count;
  }
  bench_check(failed, "event_del");
  return done;
}

static int ask_for_writing(struct set *set, const struct bench_fds *fds,
                           bool yes) {
  int failed = 0;
  for (uint64_t i = 0; i < fds->count; i++) {
    uint64_t token = fds->first + i;
    struct event *event =
        event_of(set, &set->writes[token], fds->fds[i], EV_WRITE | EV_ET);
    failed |= yes ? event_add(event, NULL) : event_del(event);
  }
  run(set, LOOK);
  return failed;
}

static uint64_t modify(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  const struct bench_fds *fds = input;
  uint64_t done = 0;
  while (done < rounds) {
    bench_check(ask_for_writing(set, fds, true), "event_add");
    bench_check(ask_for_writing(set, fds, false), "event_del");
    done += 2 * fds->count;
  }
  return done;
}

static uint64_t wake(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  (void)input;
  for (uint64_t round = 0; round < rounds; round++) {
    event_active(set->waker, EV_READ, 0);
  }
  return rounds;
}

static uint64_t wake_and_wait(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  (void)input;
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    event_active(set->waker, EV_READ, 0);
    sum += run(set, EVLOOP_ONCE);
  }
  return sum;
}

static uint64_t ring(void *state, void *input, uint64_t rounds) {
  struct set *set = state;
  uint64_t hops = 0;
  set->ring = input;
  while (hops < rounds) {
    hops += run(set, EVLOOP_ONCE);
  }
  return hops;
}

const struct bench_peer bench_peer_libevent = {
    .name = "libevent",
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
