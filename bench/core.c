/*
 * core.c - bench-core: libmiopoll against raw epoll, as ratios.
 * SPDX-License-Identifier: MIT
 *
 *     bench-core [--quick] [--only ID,ID...]
 *
 * bench/README.md says what the rows are and how to read them. Never fails
 * because something was slow: times are for people, counts are for tests.
 */
#define _GNU_SOURCE 1
#include "bench.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { REPETITIONS = 151, QUICK_REPETITIONS = 21, SPARE_DESCRIPTORS = 32 };

static const double BATCH_NS = 2e6; /* One repetition of one contender. */

static const char *only;
static int repetitions = REPETITIONS;
static size_t descriptor_limit;

void bench_check(int result, const char *what) {
  if (result < 0) {
    const char *why = errno != 0 ? strerror(errno) : mio_err_text(result);
    fprintf(stderr, "bench-core: %s: %s\n", what, why);
    exit(1);
  }
}

bool bench_wanted(const char *id) {
  if (only == NULL) {
    return true;
  }
  size_t length = strlen(id);
  for (const char *at = only; (at = strstr(at, id)) != NULL; at += length) {
    bool begins = at == only || at[-1] == ',';
    if (begins && (at[length] == '\0' || at[length] == ',')) {
      return true;
    }
  }
  return false;
}

size_t bench_descriptors(const char *id, size_t wanted) {
  if (wanted > descriptor_limit) {
    printf("%-3s only %zu descriptors instead of %zu: ulimit -Hn\n", id,
           descriptor_limit, wanted);
    return descriptor_limit;
  }
  return wanted;
}

int bench_eventfd(bool ready) {
  int fd = eventfd(ready ? 1 : 0, EFD_NONBLOCK | EFD_CLOEXEC);
  bench_check(fd, "eventfd");
  return fd;
}

mio_poll_t *bench_poll(uint32_t selector) {
  mio_poll_options_t options = {.size = sizeof options, .selector = selector};
  mio_poll_t *poll;
  errno = 0;
  bench_check(mio_poll_new(&poll, &options), "mio_poll_new");
  return poll;
}

void bench_pair_open(struct bench_pair *pair) {
  pair->epoll = epoll_create1(EPOLL_CLOEXEC);
  bench_check(pair->epoll, "epoll_create1");
  pair->poll = bench_poll(MIO_SELECTOR_EPOLL);
  bench_check(mio_poll_registry(pair->poll, &pair->registry), "registry");
}

void bench_pair_close(struct bench_pair *pair) {
  close(pair->epoll);
  mio_registry_free(pair->registry);
  mio_poll_free(pair->poll);
}

void bench_pair_add(struct bench_pair *pair, int fd, uint64_t token,
                    bool level) {
  struct epoll_event event = {
      .events = EPOLLIN | (level ? 0U : (uint32_t)EPOLLET),
      .data.u64 = token,
  };
  uint32_t interest = MIO_READABLE | (level ? (uint32_t)MIO_LEVEL : 0U);
  bench_check(epoll_ctl(pair->epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  errno = 0;
  bench_check(mio_registry_register_fd(pair->registry, fd, token, interest),
              "register");
}

/* Time of this thread: what others do on this processor is left out. */
static double clock_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double measure(bench_run_t *run, void *state, uint64_t rounds,
                      uint64_t *sum) {
  double begin = clock_ns();
  *sum = run(state, rounds);
  return (clock_ns() - begin) / (double)rounds;
}

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a;
  double right = *(const double *)b;
  return (left > right) - (left < right);
}

static double median(double *values, int count) {
  qsort(values, (size_t)count, sizeof *values, ascending);
  return values[count / 2];
}

/* Rounds that take the raw contender about as long as a repetition should. */
static uint64_t calibrate(const struct bench_row *row, void *state) {
  uint64_t rounds = 1;
  uint64_t sum;
  for (;;) {
    double took = measure(row->raw, state, rounds, &sum) * (double)rounds;
    if (took > BATCH_NS / 4) {
      double wanted = (double)rounds * BATCH_NS / took;
      return wanted < 1 ? 1 : (uint64_t)wanted;
    }
    rounds *= 2;
  }
}

static void print_row(const struct bench_row *row, double *raw, double *mio,
                      double *ratio) {
  double raw_median = median(raw, repetitions);
  double mio_median = median(mio, repetitions);
  double ratio_median = median(ratio, repetitions);
  double ratio_least = mio[0] / raw[0]; /* Sorted by now. */
  bool good = ratio_median <= row->target || ratio_least <= row->target;
  printf("%-3s %-40s %9.1f %9.1f %8.3f %8.3f   <= %-5.2f %s\n", row->id,
         row->what, raw_median / row->divisor, mio_median / row->divisor,
         ratio_median, ratio_least, row->target, good ? "" : "above");
  fflush(stdout);
}

void bench_compare(const struct bench_row *row, void *state) {
  double raw[REPETITIONS];
  double mio[REPETITIONS];
  double ratio[REPETITIONS];
  uint64_t raw_sum = 0;
  uint64_t mio_sum = 0;
  uint64_t rounds = calibrate(row, state);
  measure(row->mio, state, rounds, &mio_sum); /* Warms up. */
  for (int i = 0; i < repetitions; i++) {
    /* Who goes first has colder caches, or a warmer processor: take turns. */
    if (i % 2 == 0) {
      raw[i] = measure(row->raw, state, rounds, &raw_sum);
    }
    mio[i] = measure(row->mio, state, rounds, &mio_sum);
    if (i % 2 != 0) {
      raw[i] = measure(row->raw, state, rounds, &raw_sum);
    }
    ratio[i] = mio[i] / raw[i];
    if (raw_sum != mio_sum) {
      fprintf(stderr,
              "bench-core: %s: %" PRIu64 " on epoll but %" PRIu64
              " on libmiopoll: not the same work\n",
              row->id, raw_sum, mio_sum);
      exit(1);
    }
  }
  print_row(row, raw, mio, ratio);
}

static void raise_limit(void) {
  struct rlimit limit;
  bench_check(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  bench_check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
  descriptor_limit = (size_t)limit.rlim_cur - SPARE_DESCRIPTORS;
}

/* On two processors the caches of one would be warm for one contender. */
static void stay_on_one_processor(void) {
  cpu_set_t set;
  int here = sched_getcpu();
  if (here >= 0) {
    CPU_ZERO(&set);
    CPU_SET((size_t)here, &set);
    sched_setaffinity(0, sizeof set, &set);
  }
}

static void read_options(char **argv) {
  for (char **a = argv + 1; *a != NULL; a++) {
    if (strcmp(*a, "--quick") == 0) {
      repetitions = QUICK_REPETITIONS;
    } else if (strcmp(*a, "--only") == 0 && a[1] != NULL) {
      only = *++a;
    } else {
      fprintf(stderr, "usage: bench-core [--quick] [--only ID,ID...]\n");
      exit(2);
    }
  }
}

int main(int argc, char **argv) {
  (void)argc;
  read_options(argv);
  raise_limit();
  stay_on_one_processor();
  printf("libmiopoll %s against raw epoll, %d repetitions in turns\n\n",
         mio_version_string(), repetitions);
  printf("%-3s %-40s %9s %9s %8s %8s   %s\n", "", "", "raw ns", "mio ns",
         "median", "min/min", "target");
  bench_waits();
  bench_changes();
  bench_wakes();
  bench_ring();
  bench_memory();
  return 0;
}
