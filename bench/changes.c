/*
 * changes.c - C1: what registering costs, one change at a time.
 * SPDX-License-Identifier: MIT
 *
 * Of 64 descriptors, with a look after all are in and after all are out, for
 * libraries that put changes off to the next wait. The descriptors are ends
 * of pipes to read from: they never are ready, not even for writing.
 */
#define _GNU_SOURCE 1
#include "bench.h"

#include <fcntl.h>
#include <unistd.h>

enum { OTHERS = 1000, CHANGED = 64 };

struct descriptors {
  int others[OTHERS];
  int in[CHANGED];
  int out[CHANGED];
};

static void open_all(struct descriptors *d) {
  for (size_t i = 0; i < OTHERS; i++) {
    d->others[i] = bench_eventfd(false);
  }
  for (size_t i = 0; i < CHANGED; i++) {
    int ends[2];
    bench_check(pipe2(ends, O_NONBLOCK | O_CLOEXEC), "pipe2");
    d->in[i] = ends[0];
    d->out[i] = ends[1];
  }
}

static void close_all(const struct descriptors *d) {
  for (size_t i = 0; i < OTHERS; i++) {
    close(d->others[i]);
  }
  for (size_t i = 0; i < CHANGED; i++) {
    close(d->in[i]);
    close(d->out[i]);
  }
}

static void add(const struct bench_entry *entry, const int *fds, size_t count,
                uint64_t token) {
  for (size_t i = 0; i < count; i++) {
    entry->peer->add(entry->set, fds[i], token + i, false);
  }
}

static void compare_changes(const struct descriptors *d, const char *what,
                            bool modify) {
  struct bench_fds fds = {.count = CHANGED, .fds = d->in, .first = OTHERS};
  struct bench_row row = {.id = "C1", .what = what, .amount = 1, .divisor = 1};
  bench_enter_all(&row, false);
  for (size_t i = 0; i < row.count; i++) {
    struct bench_entry *entry = &row.entries[i];
    add(entry, d->others, OTHERS, 0);
    entry->run = modify ? entry->peer->modify : entry->peer->change;
    entry->input = &fds;
    if (modify) {
      add(entry, d->in, CHANGED, OTHERS);
    }
  }
  bench_compare(&row);
  bench_leave_all(&row);
}

void bench_changes(void) {
  static struct descriptors d;
  size_t needed = OTHERS + 2 * CHANGED;
  if (bench_wanted("C1") && bench_descriptors("C1", needed) == needed) {
    open_all(&d);
    compare_changes(&d, "register + deregister", false);
    compare_changes(&d, "reregister", true);
    close_all(&d);
  }
}
