/*
 * waits.c - P1 to P4: what a wait costs.
 * SPDX-License-Identifier: MIT
 *
 * The descriptors are eventfds at level: those that are ready stay ready, so
 * that each wait finds the same, and nothing but waits is measured. All loops
 * read token and flags of each event, as a program does.
 */
#include "bench.h"

#include <stdio.h>
#include <unistd.h>

/* The contender by edge is left out: level is asked for, it would be the
 * other one. */
static void enter(struct bench_row *row) {
  bench_enter_all(row, false);
  row->entries[0].peer->close(row->entries[0].set);
  row->count--;
  for (size_t i = 0; i < row->count; i++) {
    row->entries[i] = row->entries[i + 1];
    row->entries[i].run = row->entries[i].peer->look;
  }
}

static void compare_waits(const char *id, size_t ready, size_t wanted) {
  if (!bench_wanted(id)) {
    return;
  }
  static int fds[BENCH_SOURCES];
  char what[64];
  size_t total = bench_descriptors(id, wanted);
  if (total < ready) {
    return;
  }
  struct bench_row row = {
      .id = id, .what = what, .divisor = ready > 1 ? ready : 1};
  enter(&row);
  for (size_t i = 0; i < total; i++) {
    /* Spread them: neighbours would share lines of cache. */
    bool is_ready =
        ready > 0 && i % (total / ready) == 0 && i / (total / ready) < ready;
    fds[i] = bench_eventfd(is_ready);
    for (size_t e = 0; e < row.count; e++) {
      row.entries[e].peer->add(row.entries[e].set, fds[i], i, true);
    }
    row.amount += is_ready ? i + 1 : 0;
  }
  snprintf(what, sizeof what, "wait: %zu ready of %zu%s", ready, total,
           ready > 1 ? ", per event" : "");
  bench_compare(&row);
  bench_leave_all(&row);
  for (size_t i = 0; i < total; i++) {
    close(fds[i]);
  }
}

void bench_waits(void) {
  compare_waits("P1", 0, 1000);
  compare_waits("P2", 1, 1000);
  compare_waits("P3", 64, BENCH_SOURCES);
  compare_waits("P4", 1024, BENCH_SOURCES);
}
