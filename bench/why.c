/*
 * why.c - W1 and W2: what a call costs around its system call.
 * SPDX-License-Identifier: MIT
 *
 * Raw epoll once more, each time with one thing that a library adds: a frame
 * to return from after the system call, an indirect call, a locked
 * instruction. The kernel's work is the same in all. It tells where the
 * difference between raw epoll and libmiopoll goes, and what an inlined system
 * call would save. Frames have something to do after the call: else the
 * compiler would jump instead of calling.
 */
#define _GNU_SOURCE 1
#include "bench.h"

#include <miopoll.h>

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SOURCES = 1000 };

typedef int look_t(int epoll);
typedef int modify_t(int epoll, int fd);

struct why {
  int epoll;
  int fd; /* The end of a pipe to read from: never ready. */
  look_t *look;
  modify_t *modify;
  mio_poll_t *poll;
  mio_registry_t *registry;
};

static struct epoll_event events[BENCH_CAPACITY];
static _Atomic uint32_t word;

#define KEEP __attribute__((noinline))
#define AFTER_THE_CALL(n) __asm__ volatile("" : "+r"(n))

/* ------------------------------------------------------------------ looks */

KEEP static int look_libc(int epoll) {
  int n = epoll_wait(epoll, events, BENCH_CAPACITY, 0);
  AFTER_THE_CALL(n);
  return n;
}

KEEP static int look_frame(int epoll) {
  int n = look_libc(epoll);
  AFTER_THE_CALL(n);
  return n;
}

KEEP static int look_two_frames(int epoll) {
  int n = look_frame(epoll);
  AFTER_THE_CALL(n);
  return n;
}

KEEP static int look_locked(int epoll) {
  atomic_fetch_add(&word, 1);
  int n = epoll_wait(epoll, events, BENCH_CAPACITY, 0);
  atomic_fetch_sub(&word, 1);
  return n;
}

KEEP static int look_frame_locked(int epoll) {
  atomic_fetch_add(&word, 1);
  int n = look_libc(epoll);
  atomic_fetch_sub(&word, 1);
  return n;
}

#if defined(__x86_64__)
static inline long inlined(long number, long a, long b, long c, long d) {
  register long fourth __asm__("r10") = d;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                   : "rcx", "r11", "memory");
  return result;
}

/* epoll_wait() that goes back by a jump, which is predicted otherwise than a
 * return. For this row only: it breaks shadow stacks. */
long bench_wait_and_jump(long epoll, void *events, long capacity,
                         long timeout);
__asm__(".text\n"
        ".globl bench_wait_and_jump\n"
        ".type bench_wait_and_jump, @function\n"
        "bench_wait_and_jump:\n"
        "  mov %rcx, %r10\n"
        "  mov $232, %eax\n"
        "  syscall\n"
        "  pop %rcx\n"
        "  jmp *%rcx\n"
        ".size bench_wait_and_jump, . - bench_wait_and_jump\n");

static uint64_t run_look_jump(void *state, void *input, uint64_t rounds) {
  const struct why *why = state;
  (void)input;
  uint64_t seen = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    seen +=
        (uint64_t)bench_wait_and_jump(why->epoll, events, BENCH_CAPACITY, 0);
  }
  return seen;
}

/* In the loop itself: nothing returns after the system call. */
static uint64_t run_look_in_loop(void *state, void *input, uint64_t rounds) {
  const struct why *why = state;
  (void)input;
  uint64_t seen = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    seen += (uint64_t)inlined(SYS_epoll_wait, why->epoll, (long)events,
                              BENCH_CAPACITY, 0);
  }
  return seen;
}

static uint64_t run_modify_in_loop(void *state, void *input, uint64_t rounds) {
  const struct why *why = state;
  (void)input;
  uint64_t done = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    done += inlined(SYS_epoll_ctl, why->epoll, EPOLL_CTL_MOD, why->fd,
                    (long)&event) == 0;
  }
  return done;
}

KEEP static int look_inlined(int epoll) {
  int n = (int)inlined(SYS_epoll_wait, epoll, (long)events, BENCH_CAPACITY, 0);
  AFTER_THE_CALL(n);
  return n;
}

KEEP static int look_inlined_locked(int epoll) {
  atomic_fetch_add(&word, 1);
  int n = look_inlined(epoll);
  atomic_fetch_sub(&word, 1);
  return n;
}

KEEP static int modify_inlined(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET};
  int rc = (int)inlined(SYS_epoll_ctl, epoll, EPOLL_CTL_MOD, fd, (long)&event);
  AFTER_THE_CALL(rc);
  return rc;
}
#endif

/* --------------------------------------------------------------- modifies */

KEEP static int modify_libc(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET};
  int rc = epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
  AFTER_THE_CALL(rc);
  return rc;
}

KEEP static int modify_frame(int epoll, int fd) {
  int rc = modify_libc(epoll, fd);
  AFTER_THE_CALL(rc);
  return rc;
}

/* -------------------------------------------------------------------- rows */

static uint64_t run_look(void *state, void *input, uint64_t rounds) {
  const struct why *why = state;
  (void)input;
  uint64_t seen = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    seen += (uint64_t)why->look(why->epoll);
  }
  return seen;
}

static uint64_t run_look_mio(void *state, void *input, uint64_t rounds) {
  static mio_event_t mio_events[BENCH_CAPACITY];
  const struct why *why = state;
  (void)input;
  uint64_t seen = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    seen += (uint64_t)mio_poll_wait(why->poll, mio_events, BENCH_CAPACITY, 0);
  }
  return seen;
}

static uint64_t run_modify(void *state, void *input, uint64_t rounds) {
  const struct why *why = state;
  (void)input;
  uint64_t done = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    done += why->modify(why->epoll, why->fd) == 0;
  }
  return done;
}

static uint64_t run_modify_mio(void *state, void *input, uint64_t rounds) {
  const struct why *why = state;
  (void)input;
  uint64_t done = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    done += mio_registry_reregister_fd(why->registry, why->fd, 0,
                                       MIO_READABLE) == 0;
  }
  return done;
}

/* What a contender does: `run` alone, or `run` with a function to call. */
struct variant {
  struct bench_peer peer; /* Only its name: sets are opened here. */
  bench_run_t *run;
  look_t *look;
  modify_t *modify;
};

static const struct variant looks[] = {
    {{.name = "libc"}, run_look, look_libc, NULL},
    {{.name = "libc, a frame"}, run_look, look_frame, NULL},
    {{.name = "libc, 2 frames"}, run_look, look_two_frames, NULL},
    {{.name = "libc, 2 locked"}, run_look, look_locked, NULL},
    {{.name = "libc, a frame, 2 locked"}, run_look, look_frame_locked, NULL},
#if defined(__x86_64__)
    {{.name = "inlined"}, run_look, look_inlined, NULL},
    {{.name = "inlined, 2 locked"}, run_look, look_inlined_locked, NULL},
    {{.name = "inlined in the loop"}, run_look_in_loop, NULL, NULL},
    {{.name = "called, back by a jump"}, run_look_jump, NULL, NULL},
#endif
    {{.name = "miopoll"}, run_look_mio, NULL, NULL},
};

static const struct variant modifies[] = {
    {{.name = "libc"}, run_modify, NULL, modify_libc},
    {{.name = "libc, a frame"}, run_modify, NULL, modify_frame},
#if defined(__x86_64__)
    {{.name = "inlined"}, run_modify, NULL, modify_inlined},
    {{.name = "inlined in the loop"}, run_modify_in_loop, NULL, NULL},
#endif
    {{.name = "miopoll"}, run_modify_mio, NULL, NULL},
};

static void compare(struct bench_row *row, const struct why *common,
                    const struct variant *variants, size_t count) {
  static struct why sets[BENCH_PEERS];
  for (size_t i = 0; i < count; i++) {
    sets[i] = *common;
    sets[i].look = variants[i].look;
    sets[i].modify = variants[i].modify;
    row->entries[row->count++] = (struct bench_entry){
        .peer = &variants[i].peer,
        .run = variants[i].run,
        .set = &sets[i],
    };
  }
  bench_compare(row);
}

static void compare_all(const struct why *why) {
  struct bench_row look = {
      .id = "W1", .what = "empty look, in parts", .divisor = 1};
  struct bench_row modify = {
      .id = "W2", .what = "modify, in parts", .amount = 1, .divisor = 1};
  if (bench_wanted("W1")) {
    compare(&look, why, looks, sizeof looks / sizeof *looks);
  }
  if (bench_wanted("W2")) {
    compare(&modify, why, modifies, sizeof modifies / sizeof *modifies);
  }
}

static void watch(const struct why *why, int fd) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET};
  bench_check(epoll_ctl(why->epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  bench_check(mio_registry_register_fd(why->registry, fd, 0, MIO_READABLE),
              "register");
}

void bench_why(void) {
  static int fds[SOURCES];
  struct why why = {0};
  int ends[2];
  if (!(bench_wanted("W1") || bench_wanted("W2")) ||
      bench_descriptors("W1", SOURCES) < SOURCES) {
    return;
  }
  why.epoll = epoll_create1(EPOLL_CLOEXEC);
  bench_check(why.epoll, "epoll_create1");
  bench_check(mio_poll_new(&why.poll, NULL), "mio_poll_new");
  bench_check(mio_poll_registry(why.poll, &why.registry), "registry");
  for (size_t i = 0; i < SOURCES; i++) {
    fds[i] = bench_eventfd(false);
    watch(&why, fds[i]);
  }
  bench_check(pipe2(ends, O_NONBLOCK | O_CLOEXEC), "pipe2");
  why.fd = ends[0];
  watch(&why, why.fd);
  compare_all(&why);
  close(ends[0]);
  close(ends[1]);
  for (size_t i = 0; i < SOURCES; i++) {
    close(fds[i]);
  }
  mio_registry_free(why.registry);
  mio_poll_free(why.poll);
  close(why.epoll);
}
