/*
 * main.c - bench-echo: echo servers beside raw epoll, in turns.
 * SPDX-License-Identifier: MIT
 *
 *     bench-echo [--quick] [--json]
 *     bench-echo --list
 *     bench-echo --serve NAME                     says its port, and serves
 *     bench-echo --load PORT CONNECTIONS MESSAGES and stays until input ends
 *
 * The last two are for echo_calls.py, which counts system calls.
 */
#include "echo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
  TURNS = 15,
  QUICK_TURNS = 3,
  SIZES = 3,
  QUICK_SIZES = 2,
  SPARE_DESCRIPTORS = 64,
  SERVERS = 8, /* At most. */
};

const struct echo_server echo_servers[] = {
    {"epoll, edge", echo_raw_edge}, {"epoll, level", echo_raw_level},
#ifdef BENCH_LIBUV
    {"libuv", echo_libuv},
#endif
#ifdef BENCH_RUST
    {"mio (Rust)", bench_echo_mio},
#endif
    {"miopoll", echo_sources_edge}, {"miopoll, level", echo_sources_level},
};
const size_t echo_server_count = sizeof echo_servers / sizeof *echo_servers;

static struct {
  bool json;
  int turns;
  uint64_t messages; /* In a turn, and at least two on each connection. */
} option = {.turns = TURNS, .messages = 10000};

static double passed[SERVERS][TURNS];
static double taken[SERVERS][TURNS]; /* Both for a message, in ns. */

void echo_check(long result, const char *what) {
  if (result < 0) {
    fprintf(stderr, "bench-echo: %s failed: %ld (%s)\n", what, result,
            strerror(errno));
    exit(1);
  }
}

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a;
  double right = *(const double *)b;
  return (left > right) - (left < right);
}

/* Of the turns: 0 is the least. */
static double ranked(const double *values, int rank) {
  double sorted[TURNS];
  memcpy(sorted, values, (size_t)option.turns * sizeof *sorted);
  qsort(sorted, (size_t)option.turns, sizeof *sorted, ascending);
  return sorted[rank];
}

static double median(const double *values) {
  return ranked(values, option.turns / 2);
}

static void print_json(const char *what, size_t at) {
  printf("{\"id\": \"E4\", \"what\": \"%s\", \"contender\": \"%s\", "
         "\"baseline\": \"%s\", \"per_second\": %.0f, \"times\": [",
         what, echo_servers[at].name, echo_servers[0].name,
         1e9 / median(passed[at]));
  for (int i = 0; i < option.turns; i++) {
    printf("%s%.1f", i > 0 ? ", " : "", taken[at][i]);
  }
  printf("]}\n");
}

static void print_line(size_t at) {
  double ratios[TURNS];
  for (int i = 0; i < option.turns; i++) {
    ratios[i] = taken[at][i] / taken[0][i];
  }
  printf("    %-20s %12.0f %12.0f %8.3f %8.3f\n", echo_servers[at].name,
         1e9 / median(passed[at]), median(taken[at]), median(ratios),
         ranked(taken[at], 0) / ranked(taken[0], 0));
}

static void print(size_t connections) {
  char what[80];
  snprintf(what, sizeof what, "echo server, %zu connections, per message",
           connections);
  if (!option.json) {
    printf("\nE4  %-38s\n    %20s %12s %12s %8s %8s\n", what, "", "messages/s",
           "server's ns", "median", "min/min");
  }
  for (size_t i = 0; i < echo_server_count; i++) {
    if (option.json) {
      print_json(what, i);
    } else {
      print_line(i);
    }
  }
  fflush(stdout);
}

static void compare(size_t connections) {
  struct contender contenders[SERVERS];
  uint64_t messages =
      option.messages > 2 * connections ? option.messages : 2 * connections;
  for (size_t i = 0; i < echo_server_count; i++) {
    double nothing;
    contender_start(&contenders[i], &echo_servers[i], connections);
    contender_run(&contenders[i], 2 * connections, &nothing, &nothing);
  }
  for (int turn = 0; turn < option.turns; turn++) {
    for (size_t i = 0; i < echo_server_count; i++) {
      /* Each turn begins with another one, and goes the other way. */
      size_t step = turn % 2 ? echo_server_count - 1 - i : i;
      size_t at = (step + (size_t)turn / 2) % echo_server_count;
      contender_run(&contenders[at], messages, &passed[at][turn],
                    &taken[at][turn]);
      passed[at][turn] /= (double)messages;
      taken[at][turn] /= (double)messages;
    }
  }
  for (size_t i = 0; i < echo_server_count; i++) {
    contender_end(&contenders[i]);
  }
  print(connections);
}

static size_t raise_limit(void) {
  struct rlimit limit;
  echo_check(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  echo_check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
  return (size_t)limit.rlim_cur - SPARE_DESCRIPTORS;
}

static int serve(const char *name) {
  for (size_t i = 0; i < echo_server_count; i++) {
    if (strcmp(name, echo_servers[i].name) == 0) {
      uint16_t port;
      int listener = echo_listen(&port);
      printf("%u\n", (unsigned int)port);
      fflush(stdout);
      echo_servers[i].serve(listener);
    }
  }
  return 2;
}

static int load(char **arguments) {
  struct load *load = load_open((uint16_t)strtoul(arguments[0], NULL, 10),
                                strtoul(arguments[1], NULL, 10));
  char end;
  bool right = load_run(load, strtoull(arguments[2], NULL, 10)) > 0;
  puts(right ? "done" : "failed");
  fflush(stdout);
  return right && read(0, &end, 1) == 0 ? 0 : 1;
}

static void list(void) {
  for (size_t i = 0; i < echo_server_count; i++) {
    puts(echo_servers[i].name);
  }
}

static void compare_sizes(size_t count, size_t most) {
  static const size_t sizes[SIZES] = {100, 1000, 9000};
  for (size_t i = 0; i < count; i++) {
    if (sizes[i] > most) {
      fprintf(stderr,
              "bench-echo: %zu connections instead of %zu: ulimit -Hn\n", most,
              sizes[i]);
    }
    compare(sizes[i] < most ? sizes[i] : most);
  }
}

int main(int argc, char **argv) {
  size_t count = SIZES;
  size_t most = raise_limit();
  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    list();
    return 0;
  }
  if (argc == 3 && strcmp(argv[1], "--serve") == 0) {
    return serve(argv[2]);
  }
  if (argc == 5 && strcmp(argv[1], "--load") == 0) {
    return load(argv + 2);
  }
  for (char **a = argv + 1; *a != NULL; a++) {
    if (strcmp(*a, "--quick") == 0) {
      option.turns = QUICK_TURNS;
      option.messages = 2000;
      count = QUICK_SIZES;
    } else if (strcmp(*a, "--json") == 0) {
      option.json = true;
    } else {
      fprintf(stderr, "usage: bench-echo [--quick] [--json]\n");
      return 2;
    }
  }
  compare_sizes(count, most);
  return 0;
}
