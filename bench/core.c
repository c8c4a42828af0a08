/*
 * core.c - bench-core: libmiopoll and its peers against raw epoll.
 * SPDX-License-Identifier: MIT
 *
 *     bench-core [--quick] [--json] [--only ID,ID...]
 *
 * bench/README.md says what the rows are and how to read them. Never fails
 * because something was slow: times are for people, counts are for tests.
 */
#define _GNU_SOURCE 1
#include "bench.h"
#include "peers/peers.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

enum { REPETITIONS = 51, QUICK_REPETITIONS = 11, SPARE_DESCRIPTORS = 64 };

struct bench_options bench_options = {
    .repetitions = REPETITIONS,
    .batch_ns = 2e6,
};

const struct bench_peer *const bench_peers[] = {
    &bench_peer_epoll_edge, &bench_peer_epoll_level,  &bench_peer_poll,
#ifdef BENCH_LIBUV
    &bench_peer_libuv,
#endif
#ifdef BENCH_LIBEV
    &bench_peer_libev,
#endif
#ifdef BENCH_LIBEVENT
    &bench_peer_libevent,
#endif
#ifdef BENCH_RUST
    &bench_peer_rust_mio,   &bench_peer_rust_polling,
#endif
    &bench_peer_miopoll,
};
const size_t bench_peer_count = sizeof(bench_peers) / sizeof(bench_peers[0]);

static size_t descriptor_limit;

void bench_check(int result, const char *what) {
  if (result < 0) {
    fprintf(stderr, "bench-core: %s failed: %d (%s)\n", what, result,
            strerror(errno));
    exit(1);
  }
}

void *bench_new(size_t size) {
  void *memory = calloc(1, size);
  bench_check(memory != NULL ? 0 : -ENOMEM, "malloc");
  return memory;
}

bool bench_wanted(const char *id) {
  const char *only = bench_options.only;
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
    fprintf(stderr,
            "bench-core: %s: only %zu descriptors instead of %zu: ulimit "
            "-Hn\n",
            id, descriptor_limit, wanted);
    return descriptor_limit;
  }
  return wanted;
}

int bench_eventfd(bool ready) {
  int fd = eventfd(ready ? 1 : 0, EFD_NONBLOCK | EFD_CLOEXEC);
  bench_check(fd, "eventfd");
  return fd;
}

void bench_enter(struct bench_row *row, const struct bench_peer *const *peers,
                 size_t count, bool with_waker) {
  row->count = count;
  for (size_t i = 0; i < count; i++) {
    row->entries[i].peer = peers[i];
    row->entries[i].set = peers[i]->open(with_waker);
  }
}

void bench_enter_all(struct bench_row *row, bool with_waker) {
  bench_enter(row, bench_peers, bench_peer_count, with_waker);
}

void bench_leave_all(struct bench_row *row) {
  for (size_t i = 0; i < row->count; i++) {
    row->entries[i].peer->close(row->entries[i].set);
  }
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
      bench_options.repetitions = QUICK_REPETITIONS;
      bench_options.batch_ns = 2e5;
    } else if (strcmp(*a, "--json") == 0) {
      bench_options.json = true;
    } else if (strcmp(*a, "--only") == 0 && a[1] != NULL) {
      bench_options.only = *++a;
    } else {
      fprintf(stderr,
              "usage: bench-core [--quick] [--json] [--only ID,ID...]\n");
      exit(2);
    }
  }
}

int main(int argc, char **argv) {
  (void)argc;
  read_options(argv);
  raise_limit();
  stay_on_one_processor();
  if (!bench_options.json) {
    printf("%zu contenders in turns, %d repetitions; the first of a row is "
           "what the others are held to\n",
           bench_peer_count, bench_options.repetitions);
  }
  bench_waits();
  bench_changes();
  bench_wakes();
  bench_rings();
  bench_memory();
  bench_why();
  bench_order();
  return 0;
}
