/*
 * bench.h - what the groups of workloads share.
 * SPDX-License-Identifier: MIT
 *
 * Each workload is written twice, once on epoll and once on libmiopoll, as
 * two functions that do the same work on the same descriptors. They take
 * turns in one process, since two runs of one program differ by more than
 * what is to be measured.
 */
#ifndef BENCH_H
#define BENCH_H

#include <miopoll.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

enum { BENCH_CAPACITY = 1024, BENCH_SOURCES = 10000, BENCH_HEAP = 19000 };

/* Does a workload `rounds` times. Returns a sum of all that was reported, so
 * that no compiler leaves it out; both contenders must give the same. */
typedef uint64_t bench_run_t(void *state, uint64_t rounds);

struct bench_row {
  const char *id;
  const char *what;
  double target;        /* Of the ratio to raw epoll, at most. */
  unsigned int divisor; /* Events in a round: times are per event. */
  bench_run_t *raw;
  bench_run_t *mio;
};

/* An epoll set and a poll that watch the same descriptors. */
struct bench_pair {
  int epoll;
  mio_poll_t *poll;
  mio_registry_t *registry;
  struct epoll_event raw[BENCH_CAPACITY];
  mio_event_t events[BENCH_CAPACITY];
};

/* Measures a row and prints its line. */
void bench_compare(const struct bench_row *row, void *state);

/* Ends the program if `result` is negative: a measurement of a call that
 * failed would be worse than none. */
void bench_check(int result, const char *what);

/* Says whether the row is wanted (--only). */
bool bench_wanted(const char *id);

/* How many descriptors a workload may open: as many as it wants, or what the
 * limit leaves, which is then told. */
size_t bench_descriptors(const char *id, size_t wanted);

/* An eventfd, non-blocking; readable if `ready`. */
int bench_eventfd(bool ready);

mio_poll_t *bench_poll(uint32_t selector);
void bench_pair_open(struct bench_pair *pair);
void bench_pair_close(struct bench_pair *pair);

/* Registers a descriptor with both. */
void bench_pair_add(struct bench_pair *pair, int fd, uint64_t token,
                    bool level);

/* The groups, one a file. */
void bench_waits(void);
void bench_changes(void);
void bench_wakes(void);
void bench_ring(void);
void bench_memory(void);

#endif
