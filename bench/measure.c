/*
 * measure.c - takes the times of a row and prints them.
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE 1
#include "bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REPETITIONS_MAX = 64, WARM_UP = 16 };

static double times[BENCH_PEERS][REPETITIONS_MAX];

/* Time of this thread: what others do on this processor is left out. */
static double clock_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Rounds that were really done: some contenders do more than asked. Ends the
 * program if a contender did not do the work. */
static double rounds_done(const struct bench_row *row,
                          const struct bench_entry *entry, uint64_t asked,
                          uint64_t done) {
  if (row->amount == 0) {
    if (done == 0) {
      return (double)asked;
    }
  } else if (done >= asked * row->amount && done % row->amount == 0) {
    uint64_t rounds = done / row->amount;
    return (double)rounds;
  }
  fprintf(stderr,
          "bench-core: %s: %s did %" PRIu64 " where %" PRIu64 " times %" PRIu64
          " was to be done\n",
          row->what, entry->peer->name, done, asked, row->amount);
  exit(1);
}

/* Nanoseconds of a round. One goes before and does not count: it finds the
 * caches as another contender left them. */
static double measure(const struct bench_row *row,
                      const struct bench_entry *entry, uint64_t rounds) {
  entry->run(entry->set, entry->input, 1);
  double begin = clock_ns();
  uint64_t done = entry->run(entry->set, entry->input, rounds);
  double took = clock_ns() - begin;
  return took / rounds_done(row, entry, rounds, done);
}

/* Rounds that take a contender about as long as a batch should. */
static uint64_t calibrate(const struct bench_row *row,
                          const struct bench_entry *entry) {
  double batch_ns = bench_options.batch_ns * (row->batches ? row->batches : 1);
  uint64_t rounds = 1;
  double round;
  /* First waits make the changes, and find too small an array. */
  entry->run(entry->set, entry->input, WARM_UP);
  while ((round = measure(row, entry, rounds)) * (double)rounds <
         batch_ns / 4) {
    rounds *= 2;
  }
  double wanted = batch_ns / round;
  return wanted < 1 ? 1 : (uint64_t)wanted;
}

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a;
  double right = *(const double *)b;
  return (left > right) - (left < right);
}

static double median(const double *values) {
  double sorted[REPETITIONS_MAX];
  size_t count = (size_t)bench_options.repetitions;
  for (size_t i = 0; i < count; i++) {
    sorted[i] = values[i];
  }
  qsort(sorted, count, sizeof *sorted, ascending);
  return sorted[count / 2];
}

static double least(const double *values) {
  double result = values[0];
  for (int i = 1; i < bench_options.repetitions; i++) {
    result = values[i] < result ? values[i] : result;
  }
  return result;
}

/* A line with all times, for bench/run.py. */
static void print_json(const struct bench_row *row, size_t entry) {
  printf("{\"id\": \"%s\", \"what\": \"%s\", \"contender\": \"%s\", "
         "\"baseline\": \"%s\", \"times\": [",
         row->id, row->what, row->entries[entry].peer->name,
         row->entries[0].peer->name);
  for (int i = 0; i < bench_options.repetitions; i++) {
    printf("%s%.3f", i > 0 ? ", " : "",
           times[entry][i] / (double)row->divisor);
  }
  printf("]}\n");
}

static void print_line(const struct bench_row *row, size_t entry) {
  double ratios[REPETITIONS_MAX];
  for (int i = 0; i < bench_options.repetitions; i++) {
    ratios[i] = times[entry][i] / times[0][i];
  }
  if (entry == 0) {
    printf("\n%-3s %-44s %11s %8s %8s\n", row->id, row->what, "ns", "median",
           "min/min");
  }
  printf("    %-44s %11.1f %8.3f %8.3f\n", row->entries[entry].peer->name,
         median(times[entry]) / (double)row->divisor, median(ratios),
         least(times[entry]) / least(times[0]));
}

/* Another order for each repetition: who comes after whom, and who goes
 * first, has other caches and another speed of the processor. */
static void shuffle(size_t *order, size_t count) {
  static uint32_t random = 1;
  for (size_t left = count; left > 1; left--) {
    random = random * 1664525 + 1013904223;
    size_t pick = (random >> 16) % left;
    size_t last = order[left - 1];
    order[left - 1] = order[pick];
    order[pick] = last;
  }
}

void bench_compare(const struct bench_row *row) {
  uint64_t rounds[BENCH_PEERS];
  size_t order[BENCH_PEERS];
  for (size_t i = 0; i < row->count; i++) {
    rounds[i] = calibrate(row, &row->entries[i]);
    order[i] = i;
  }
  for (int r = 0; r < bench_options.repetitions; r++) {
    shuffle(order, row->count);
    for (size_t turn = 0; turn < row->count; turn++) {
      size_t i = order[turn];
      times[i][r] = measure(row, &row->entries[i], rounds[i]);
    }
  }
  for (size_t i = 0; i < row->count; i++) {
    if (bench_options.json) {
      print_json(row, i);
    } else {
      print_line(row, i);
    }
  }
  fflush(stdout);
}

void bench_count(const char *id, const char *what, const char *contender,
                 double bytes) {
  if (bench_options.json) {
    printf("{\"id\": \"%s\", \"what\": \"%s\", \"contender\": \"%s\", "
           "\"bytes\": %.1f}\n",
           id, what, contender, bytes);
  } else {
    printf("%-3s %-44s %-14s %9.1f\n", id, what, contender, bytes);
  }
  fflush(stdout);
}
