/*
 * bench.h - what the groups of workloads share.
 * SPDX-License-Identifier: MIT
 *
 * A workload is run by several contenders, which take turns in one process:
 * two runs of one program differ by more than what is to be measured. Each
 * contender is a file in peers/ (or of the Rust library in rust/) with one
 * `struct bench_peer`; each group of workloads is a file here.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  BENCH_CAPACITY = 1024,  /* Events that a wait takes at most. */
  BENCH_SOURCES = 10000,  /* Of the largest wait. */
  BENCH_HEAP = 19000,     /* Descriptors of the memory rows, and tokens. */
  BENCH_PEERS = 12,       /* Contenders, at most. */
  BENCH_RING = 1000,      /* Connections of the longest ring, */
  BENCH_RING_BYTES = 100, /* and bytes under way in it. */
  BENCH_WAKER_TOKEN = 7,
};

/* Does a workload `rounds` times on a contender's set. Returns how much it
 * did, by which the time is divided: see each member of bench_peer. */
typedef uint64_t bench_run_t(void *set, void *input, uint64_t rounds);

/* A contender. rust/src/peer.rs has the same struct; change both. */
struct bench_peer {
  const char *name;

  /* A set without sources; it has a waker if that is asked for. */
  void *(*open)(bool with_waker);
  void (*close)(void *set);

  /* Watches a descriptor for reading, by edge if the contender can, or by
   * level if it must stay ready. Tokens are below BENCH_HEAP. */
  void (*add)(void *set, int fd, uint64_t token, bool stays_ready);

  /* Looks without blocking. Returns the sum of token + 1 of all that is
   * readable. */
  bench_run_t *look;

  /* The input is a struct bench_fds. Registers all, looks, deregisters all,
   * looks: libraries that put changes off to the next wait do them then.
   * Returns how many descriptors went in and out. */
  bench_run_t *change;

  /* The input is a struct bench_fds of registered ones. Asks of each for
   * writing too, looks, asks for reading alone, looks. Returns how many
   * changes were made. */
  bench_run_t *modify;

  /* Wakes a set on which nobody waits. Returns the rounds. */
  bench_run_t *wake;

  /* Wakes, then waits. Returns the sum of token + 1 of what was reported. */
  bench_run_t *wake_and_wait;

  /* The input is a struct bench_ring. Waits, and calls bench_hop() for all
   * that is readable, until `rounds` hops are done. Returns the hops. */
  bench_run_t *ring;
};

/* All contenders that were built; raw epoll by edge and by level come first
 * and second, and libmiopoll is the last. */
extern const struct bench_peer *const bench_peers[];
extern const size_t bench_peer_count;

/* Descriptors with tokens from `first` on. */
struct bench_fds {
  uint64_t count;
  const int *fds;
  uint64_t first;
};

struct bench_ring {
  uint64_t length;
  const int *in;
  const int *out;
};

/* Takes what arrived at a pair of a ring on to the next one. Returns 1, or 0
 * if nothing was there. */
uint64_t bench_hop(const struct bench_ring *ring, uint64_t at);

/* The same by read and write, which raise SIGPIPE and cost more. */
uint64_t bench_hop_plain(const struct bench_ring *ring, uint64_t at);

/* One contender in a row. */
struct bench_entry {
  const struct bench_peer *peer;
  bench_run_t *run;
  void *set;
  void *input;
};

struct bench_row {
  const char *id;
  const char *what;
  uint64_t amount;      /* What one round returns; 0 if nothing is reported. */
  uint64_t divisor;     /* Events in a round: times are per event. */
  unsigned int batches; /* How many times longer than others; 0 is 1. */
  size_t count;         /* The first entry is what the others are held to. */
  struct bench_entry entries[BENCH_PEERS];
};

/* Measures a row and prints it. */
void bench_compare(const struct bench_row *row);

/* Prints what was counted, not timed. */
void bench_count(const char *id, const char *what, const char *contender,
                 double bytes);

/* Ends the program if `result` is negative: a measurement of a call that
 * failed would be worse than none. */
void bench_check(int result, const char *what);

/* malloc() that ends the program instead of failing. */
void *bench_new(size_t size);

/* Says whether the row is wanted (--only). */
bool bench_wanted(const char *id);

/* How many descriptors a workload may open: as many as it wants, or what the
 * limit leaves, which is then told. */
size_t bench_descriptors(const char *id, size_t wanted);

/* An eventfd, non-blocking; readable if `ready`. */
int bench_eventfd(bool ready);

/* Opens a set for each of these contenders, or for all, and makes it an entry
 * of the row. */
void bench_enter(struct bench_row *row, const struct bench_peer *const *peers,
                 size_t count, bool with_waker);
void bench_enter_all(struct bench_row *row, bool with_waker);
void bench_leave_all(struct bench_row *row);

/* What the command line says. */
struct bench_options {
  const char *only;
  bool json;
  int repetitions;
  double batch_ns; /* One repetition of one contender. */
};
extern struct bench_options bench_options;

/* The groups, one a file. */
void bench_waits(void);
void bench_changes(void);
void bench_wakes(void);
void bench_rings(void);
void bench_memory(void);
void bench_why(void);
void bench_order(void);

#endif
