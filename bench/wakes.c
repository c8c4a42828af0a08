/*
 * wakes.c - K1 and K2: what waking costs.
 * SPDX-License-Identifier: MIT
 *
 * Raw epoll by edge does what a program without a library does best: an
 * eventfd in the set, which is written and never read.
 */
#include "bench.h"

static void compare_wakes(struct bench_row *row) {
  if (bench_wanted(row->id)) {
    bench_enter_all(row, true);
    for (size_t i = 0; i < row->count; i++) {
      const struct bench_peer *peer = row->entries[i].peer;
      row->entries[i].run =
          row->amount == 1 ? peer->wake : peer->wake_and_wait;
    }
    bench_compare(row);
    bench_leave_all(row);
  }
}

void bench_wakes(void) {
  struct bench_row wake = {
      .id = "K1", .what = "wake, nobody waits", .amount = 1, .divisor = 1};
  struct bench_row wait = {
      .id = "K2",
      .what = "wake + wait, one thread",
      .amount = BENCH_WAKER_TOKEN + 1,
      .divisor = 1,
  };
  compare_wakes(&wake);
  compare_wakes(&wait);
}
