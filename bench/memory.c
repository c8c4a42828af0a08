/*
 * memory.c - M1: what sources and polls take of the heap.
 * SPDX-License-Identifier: MIT
 *
 * Counted, not timed, so it is exact: what malloc() has given out before and
 * after. Memory in the kernel is not in it.
 */
#include "bench.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)

enum { POLLS = 200 };

static size_t heap(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/* The allocator counts what it keeps for reuse as given out: one poll alone
 * would be measured wrong by what happened to be kept, many are not. */
static void measure_poll(uint32_t selector) {
  static mio_poll_t *polls[POLLS];
  static mio_registry_t *registries[POLLS];
  static mio_waker_t *wakers[POLLS];
  size_t before = heap();
  errno = 0;
  for (size_t i = 0; i < POLLS; i++) {
    polls[i] = bench_poll(selector);
    bench_check(mio_poll_registry(polls[i], &registries[i]), "registry");
    bench_check(mio_waker_new(&wakers[i], registries[i], 0), "waker");
  }
  printf("M1  heap on %s: %zu bytes for a poll with a registry and a waker   "
         "<= 12288\n",
         mio_selector_name(selector), (heap() - before) / POLLS);
  for (size_t i = 0; i < POLLS; i++) {
    mio_waker_free(wakers[i]);
    mio_registry_free(registries[i]);
    mio_poll_free(polls[i]);
  }
}

static void measure_sources(uint32_t selector, const int *fds, size_t count,
                            const char *target) {
  mio_registry_t *registry;
  mio_poll_t *poll = bench_poll(selector);
  errno = 0;
  bench_check(mio_poll_registry(poll, &registry), "registry");
  size_t before = heap();
  for (size_t i = 0; i < count; i++) {
    bench_check(mio_registry_register_fd(registry, fds[i], i, MIO_READABLE),
                "register");
  }
  printf("M1  heap on %s: %.1f bytes for each of %zu sources   %s\n",
         mio_selector_name(selector),
         (double)(heap() - before) / (double)count, count, target);
  for (size_t i = 0; i < count; i++) {
    bench_check(mio_registry_deregister_fd(registry, fds[i]), "deregister");
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
}

void bench_memory(void) {
  if (!bench_wanted("M1")) {
    return;
  }
  static int fds[BENCH_HEAP];
  printf("\n");
  measure_poll(MIO_SELECTOR_EPOLL);
  measure_poll(MIO_SELECTOR_POLL);
  size_t count = bench_descriptors("M1", BENCH_HEAP);
  for (size_t i = 0; i < count; i++) {
    fds[i] = bench_eventfd(false);
  }
  measure_sources(MIO_SELECTOR_EPOLL, fds, count, "<= 0");
  measure_sources(MIO_SELECTOR_POLL, fds, count, "(no target)");
  for (size_t i = 0; i < count; i++) {
    close(fds[i]);
  }
}

#else

void bench_memory(void) {
  if (bench_wanted("M1")) {
    printf("\nM1  not measured: this C library has no mallinfo2()\n");
  }
}

#endif
