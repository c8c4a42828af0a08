/*
 * memory.c - M1: what sources and polls take of the heap.
 * SPDX-License-Identifier: MIT
 *
 * Counted, not timed, so it is exact: what malloc() has given out before and
 * after. Memory in the kernel is not in it.
 */
#include "bench.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)

enum { SETS = 50 };

static size_t heap(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/* A set with a waker. The allocator counts what it keeps for reuse as given
 * out: one set alone would be measured wrong by what happened to be kept, the
 * mean of many is not. The others keep arrays for the workloads, so it is told
 * for libmiopoll alone, which has 32 bytes of this program in it. */
static void measure_set(const struct bench_peer *peer) {
  void *sets[SETS];
  size_t before = heap();
  for (size_t i = 0; i < SETS; i++) {
    sets[i] = peer->open(true);
  }
  bench_count("M1", "heap of a poll, registry and waker", peer->name,
              (double)(heap() - before) / SETS);
  for (size_t i = 0; i < SETS; i++) {
    peer->close(sets[i]);
  }
}

static void measure_sources(const struct bench_peer *peer, const int *fds,
                            size_t count) {
  void *set = peer->open(false);
  peer->look(set, NULL, 1); /* What it allocates at the first wait. */
  size_t before = heap();
  for (size_t i = 0; i < count; i++) {
    peer->add(set, fds[i], i, false);
  }
  peer->look(set, NULL, 1);
  bench_count("M1", "heap of each source", peer->name,
              (double)(heap() - before) / (double)count);
  peer->close(set);
}

void bench_memory(void) {
  static int fds[BENCH_HEAP];
  if (!bench_wanted("M1")) {
    return;
  }
  size_t count = bench_descriptors("M1", BENCH_HEAP);
  for (size_t i = 0; i < count; i++) {
    fds[i] = bench_eventfd(false);
  }
  for (size_t i = 0; i < bench_peer_count; i++) {
    measure_sources(bench_peers[i], fds, count);
  }
  measure_set(bench_peers[bench_peer_count - 1]);
  for (size_t i = 0; i < count; i++) {
    close(fds[i]);
  }
}

#else

void bench_memory(void) {
  if (bench_wanted("M1")) {
    fprintf(stderr, "bench-core: M1: this C library has no mallinfo2()\n");
  }
}

#endif
