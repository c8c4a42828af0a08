/*
 * rawepoll.i - the contenders in C, each called once for many rounds: epoll
 * itself, and waits of libmiopoll, which tell what the binding alone costs.
 * SPDX-License-Identifier: MIT
 *
 * A Lua module, so that it takes turns with Lua code in one process. Each
 * workload is done `rounds` times; raw_ns() has the nanoseconds of this thread
 * that it took, and the result is a sum, so that no compiler leaves it out.
 */
%module rawepoll

%{
#include "miopoll.h"
%}

%inline %{
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { RAW_CAPACITY = 1024 };

static int raw_set = -1;
static double raw_began;
static double raw_took;

static double raw_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double raw_ns(void) {
  return raw_took;
}

static mio_poll_t *raw_poll;
static mio_registry_t *raw_registry;

/* A new set, and a new poll. */
static int raw_open(void) {
  raw_set = epoll_create1(EPOLL_CLOEXEC);
  mio_poll_options_t options = {sizeof options, MIO_SELECTOR_EPOLL, 0, 0};
  return raw_set >= 0 && mio_poll_new(&raw_poll, &options) == 0 &&
         mio_poll_registry(raw_poll, &raw_registry) == 0;
}

/* An eventfd in both, with this token. */
static int raw_add(int token, int ready) {
  int fd = eventfd(ready != 0, EFD_NONBLOCK | EFD_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)token};
  if (fd < 0 || epoll_ctl(raw_set, EPOLL_CTL_ADD, fd, &event) < 0 ||
      mio_registry_register_fd(raw_registry, fd, (uint64_t)token,
                               MIO_READABLE | MIO_LEVEL) < 0) {
    return -1;
  }
  return fd;
}

static void raw_close(int fd) {
  close(fd);
}

static double raw_wait(int rounds) {
  struct epoll_event events[RAW_CAPACITY];
  uint64_t sum = 0;
  raw_began = raw_clock();
  for (int round = 0; round < rounds; round++) {
    int n = epoll_wait(raw_set, events, RAW_CAPACITY, 0);
    for (int i = 0; i < n; i++) {
      sum += events[i].data.u64 + events[i].events;
    }
  }
  raw_took = raw_clock() - raw_began;
  return (double)sum;
}

static double raw_library_wait(int rounds) {
  mio_event_t events[RAW_CAPACITY];
  uint64_t sum = 0;
  raw_began = raw_clock();
  for (int round = 0; round < rounds; round++) {
    int32_t n = mio_poll_wait(raw_poll, events, RAW_CAPACITY, 0);
    for (int32_t i = 0; i < n; i++) {
      sum += events[i].token + events[i].readiness;
    }
  }
  raw_took = raw_clock() - raw_began;
  return (double)sum;
}

static double raw_change(int rounds) {
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  uint64_t sum = 0;
  raw_began = raw_clock();
  for (int round = 0; round < rounds; round++) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 1};
    sum += epoll_ctl(raw_set, EPOLL_CTL_ADD, fd, &event) == 0;
    sum += epoll_ctl(raw_set, EPOLL_CTL_DEL, fd, &event) == 0;
  }
  raw_took = raw_clock() - raw_began;
  close(fd);
  return (double)sum;
}

static double raw_wake(int rounds) {
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  uint64_t one = 1;
  uint64_t sum = 0;
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 1};
  struct epoll_event events[RAW_CAPACITY];
  epoll_ctl(raw_set, EPOLL_CTL_ADD, fd, &event);
  raw_began = raw_clock();
  for (int round = 0; round < rounds; round++) {
    sum += write(fd, &one, sizeof one) > 0;
    sum += (uint64_t)epoll_wait(raw_set, events, RAW_CAPACITY, 0);
  }
  raw_took = raw_clock() - raw_began;
  close(fd);
  return (double)sum;
}
%}
