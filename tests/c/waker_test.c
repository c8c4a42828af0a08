/* Wakers: by flag, by write, many, freed, and what is visible after one. */
#include "check.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct fixture {
  mio_poll_t *poll;
  mio_registry_t *registry;
  mio_waker_t *waker;
};

static struct fixture set_up(uint32_t selector) {
  struct fixture f;
  f.poll = check_poll(selector);
  f.registry = check_registry(f.poll);
  CHECK_RC("OK", mio_waker_new(&f.waker, f.registry, 5));
  return f;
}

static void tear_down(struct fixture *f) {
  mio_waker_free(f->waker);
  mio_registry_free(f->registry);
  mio_poll_free(f->poll);
}

TEST(waker, wake_keeps_errno) {
  struct fixture f = set_up(selector);
  errno = ENOTTY;
  CHECK_RC("OK", mio_waker_wake(f.waker));
  CHECK(errno == ENOTTY);
  mio_fd_t fd;
  (void)mio_poll_fd(f.poll, &fd); /* From now on it writes, on epoll. */
  mio_event_t event;
  CHECK(mio_poll_wait(f.poll, &event, 1, 0) == 1);
  errno = ENOTTY;
  CHECK_RC("OK", mio_waker_wake(f.waker));
  CHECK(errno == ENOTTY);
  CHECK(mio_poll_wait(f.poll, &event, 1, 0) == 1);
  tear_down(&f);
}

TEST(waker, after_all_else_is_gone_does_nothing) {
  struct fixture f = set_up(selector);
  CHECK_RC("OK", mio_waker_wake(f.waker));
  mio_poll_free(f.poll);
  CHECK_RC("OK", mio_waker_wake(f.waker));
  mio_registry_free(f.registry);
  CHECK_RC("OK", mio_waker_wake(f.waker));
  CHECK_RC("OK", mio_waker_wake(f.waker));
  mio_waker_free(f.waker);
}

TEST(waker, sixty_four_and_no_more) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_waker_t *wakers[MIO_WAKERS_MAX];
  for (uint32_t i = 0; i < MIO_WAKERS_MAX; i++) {
    CHECK_RC("OK", mio_waker_new(&wakers[i], registry, 100 + i));
  }
  mio_waker_t *more = (mio_waker_t *)poll;
  CHECK_RC("ENOSPC", mio_waker_new(&more, registry, 1));
  CHECK(more == NULL);
  for (uint32_t i = 0; i < MIO_WAKERS_MAX; i++) {
    CHECK_RC("OK", mio_waker_wake(wakers[i]));
  }
  mio_event_t events[MIO_WAKERS_MAX + 1];
  uint64_t seen = 0;
  CHECK(mio_poll_wait(poll, events, MIO_WAKERS_MAX + 1, 0) == MIO_WAKERS_MAX);
  for (uint32_t i = 0; i < MIO_WAKERS_MAX; i++) {
    CHECK(events[i].readiness == MIO_READABLE);
    seen |= UINT64_C(1) << (events[i].token - 100);
  }
  CHECK(seen == UINT64_MAX);
  mio_waker_free(wakers[17]);
  CHECK_RC("OK", mio_waker_new(&wakers[17], registry, 1));
  for (uint32_t i = 0; i < MIO_WAKERS_MAX; i++) {
    mio_waker_free(wakers[i]);
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
}

/* Capacity 1, a wake before each wait, a level descriptor that stays ready:
 * both within three waits. */
TEST(waker, fair_beside_a_ready_descriptor) {
  struct fixture f = set_up(selector);
  int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK_RC("OK", mio_registry_register_fd(f.registry, fd, 9,
                                          MIO_READABLE | MIO_LEVEL));
  mio_event_t event;
  int since_waker = 0;
  int since_fd = 0;
  for (int i = 0; i < 100; i++) {
    CHECK_RC("OK", mio_waker_wake(f.waker));
    CHECK(mio_poll_wait(f.poll, &event, 1, SECOND) == 1);
    since_waker = event.token == 5 ? 0 : since_waker + 1;
    since_fd = event.token == 9 ? 0 : since_fd + 1;
    CHECK(since_waker < 3 && since_fd < 3);
  }
  (void)close(fd);
  tear_down(&f);
}

/* Wakes that were written, since the waiter was blocked, beside a descriptor
 * that stays ready, with room for one: none starves. */
struct noise {
  mio_waker_t *wakers[2];
  int fd;
  _Atomic int go;
  int rounds;
};

static void *make_noise(void *argument) {
  struct noise *noise = argument;
  for (int i = 1; i <= noise->rounds; i++) {
    while (atomic_load(&noise->go) < i) {
      (void)sched_yield();
    }
    uint64_t one = 1;
    CHECK_RC("OK", mio_waker_wake(noise->wakers[0]));
    CHECK_RC("OK", mio_waker_wake(noise->wakers[1]));
    CHECK(write(noise->fd, &one, sizeof(one)) == sizeof(one));
  }
  return NULL;
}

TEST(waker, fair_when_written) {
  struct fixture f = set_up(selector);
  struct noise noise = {.wakers = {f.waker, NULL},
                        .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
                        .rounds = check_scaled(500)};
  CHECK_RC("OK", mio_waker_new(&noise.wakers[1], f.registry, 6));
  CHECK_RC("OK", mio_registry_register_fd(f.registry, noise.fd, 7,
                                          MIO_READABLE | MIO_LEVEL));
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, make_noise, &noise) == 0);
  for (int i = 1; i <= noise.rounds; i++) {
    uint64_t seen = 0;
    int waits_with_all = 0;
    atomic_store(&noise.go, i);
    while (seen != 7) {
      mio_event_t event;
      CHECK(mio_poll_wait(f.poll, &event, 1, -1) == 1);
      /* The descriptor is written last: from its first event on, all three
       * are there, and the two others have to come. */
      waits_with_all += (seen & 4) != 0;
      seen |= UINT64_C(1) << (event.token - 5);
      CHECK(waits_with_all <= 8);
    }
    uint64_t count;
    CHECK(read(noise.fd, &count, sizeof(count)) == sizeof(count));
  }
  CHECK(pthread_join(thread, NULL) == 0);
  mio_waker_free(noise.wakers[1]);
  (void)close(noise.fd);
  tear_down(&f);
}

/* All of 64 wakers, woken before each wait, are met beside 100 ready
 * descriptors, in bounded time, with room for 7. */
TEST(waker, fair_among_many) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_waker_t *wakers[MIO_WAKERS_MAX];
  int fds[100];
  for (uint32_t i = 0; i < MIO_WAKERS_MAX; i++) {
    CHECK_RC("OK", mio_waker_new(&wakers[i], registry, i));
  }
  for (int i = 0; i < 100; i++) {
    fds[i] = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK_RC("OK",
             mio_registry_register_fd(registry, fds[i], (uint64_t)(100 + i),
                                      MIO_READABLE | MIO_LEVEL));
  }
  char seen[200] = {0};
  int distinct = 0;
  mio_event_t events[7];
  for (int i = 0; i < 2 * (164 + 6) / 7 + 1; i++) {
    for (uint32_t k = 0; k < MIO_WAKERS_MAX; k++) {
      CHECK_RC("OK", mio_waker_wake(wakers[k]));
    }
    int32_t n = mio_poll_wait(poll, events, 7, SECOND);
    CHECK(n == 7);
    for (int32_t k = 0; k < n; k++) {
      distinct += !seen[events[k].token];
      seen[events[k].token] = 1;
    }
  }
  CHECK(distinct == 164);
  for (uint32_t i = 0; i < MIO_WAKERS_MAX; i++) {
    mio_waker_free(wakers[i]);
  }
  for (int i = 0; i < 100; i++) {
    (void)close(fds[i]);
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
}

/* The counter of an eventfd at its maximum: a wake gets through all the same.
 * The eventfd is found as the newest descriptor. */
TEST_ON(EPOLL, waker, saturated_eventfd) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  int next = dup(0);
  (void)close(next); /* The number that the eventfd will get. */
  mio_waker_t *waker;
  CHECK_RC("OK", mio_waker_new(&waker, registry, 5));
  mio_fd_t fd;
  CHECK_RC("OK", mio_poll_fd(poll, &fd)); /* Every wake is written. */
  uint64_t full = UINT64_MAX - 1;
  CHECK(write(next, &full, sizeof(full)) == sizeof(full));
  mio_event_t event;
  CHECK(mio_poll_wait(poll, &event, 1, 0) == 1);
  CHECK_RC("OK", mio_waker_wake(waker));
  CHECK(mio_poll_wait(poll, &event, 1, 0) == 1);
  CHECK(event.token == 5);
  mio_waker_free(waker);
  mio_registry_free(registry);
  mio_poll_free(poll);
}

/* A program that closes what is not its own is told so, and may try again. */
TEST(waker, descriptor_closed_behind_the_library) {
  if (selector == MIO_SELECTOR_KQUEUE) {
    return; /* What descriptors a waker has, if any, is the system's affair. */
  }
  int next = dup(0);
  (void)close(next);
  struct fixture f = set_up(selector);
  mio_fd_t fd;
  (void)mio_poll_fd(f.poll, &fd); /* On epoll the wake is a write now. */
  int closed = next + 1; /* The eventfd, or the write end of the pipe. */
  if (selector == MIO_SELECTOR_POLL) {
    /* A wake by flag needs no descriptor. */
    (void)close(closed);
    CHECK_RC("OK", mio_waker_wake(f.waker));
    mio_event_t event;
    CHECK(mio_poll_wait(f.poll, &event, 1, 0) == 1);
  } else {
    (void)close(closed);
    CHECK_RC("EBADF", mio_waker_wake(f.waker));
    CHECK_RC("EBADF", mio_waker_wake(f.waker));
  }
  tear_down(&f);
}

static int is_readable(mio_fd_t fd) {
  struct pollfd polled = {(int)fd, POLLIN, 0};
  return poll(&polled, 1, 0) == 1;
}

TEST_ON(EPOLL, waker, handing_out_the_descriptor_writes_pending_wakes) {
  struct fixture f = set_up(selector);
  mio_waker_t *second;
  CHECK_RC("OK", mio_waker_new(&second, f.registry, 6));
  CHECK_RC("OK", mio_waker_wake(f.waker)); /* By flag. */
  mio_fd_t fd;
  CHECK_RC("OK", mio_poll_fd(f.poll, &fd));
  CHECK(is_readable(fd));
  mio_event_t events[4];
  CHECK(mio_poll_wait(f.poll, events, 4, 0) == 1);
  CHECK(events[0].token == 5);
  CHECK(!is_readable(fd));
  CHECK_RC("OK", mio_waker_wake(second)); /* By write. */
  CHECK(is_readable(fd));
  CHECK(mio_poll_wait(f.poll, events, 4, 0) == 1);
  CHECK(events[0].token == 6);
  CHECK(mio_poll_wait(f.poll, events, 4, 0) == 0);
  mio_waker_free(second);
  tear_down(&f);
}

/* Wakes that found no room stay visible in the descriptor. */
TEST_ON(EPOLL, waker, handed_out_descriptor_and_capacity_1) {
  struct fixture f = set_up(selector);
  mio_waker_t *second;
  CHECK_RC("OK", mio_waker_new(&second, f.registry, 6));
  mio_fd_t fd;
  CHECK_RC("OK", mio_poll_fd(f.poll, &fd));
  CHECK_RC("OK", mio_waker_wake(f.waker));
  CHECK_RC("OK", mio_waker_wake(second));
  mio_event_t first;
  mio_event_t last;
  CHECK(mio_poll_wait(f.poll, &first, 1, 0) == 1);
  CHECK(is_readable(fd));
  CHECK(mio_poll_wait(f.poll, &last, 1, 0) == 1);
  CHECK(first.token + last.token == 11);
  mio_waker_free(second);
  tear_down(&f);
}

/*
 * No wake is lost, and what was written before any wake, coalesced ones too,
 * is visible after the wait that reports it: `producers` threads each count
 * up and wake; the waiter sleeps for ever between, so a lost wake hangs.
 */
enum { PRODUCERS = 2 };

struct producer {
  mio_waker_t *waker;
  _Atomic uint64_t written; /* Relaxed, on purpose: the wake publishes it. */
  _Atomic uint64_t taken;
  uint64_t rounds;
};

static void *produce(void *argument) {
  struct producer *producer = argument;
  for (uint64_t i = 1; i <= producer->rounds; i++) {
    atomic_store_explicit(&producer->written, i, memory_order_relaxed);
    CHECK_RC("OK", mio_waker_wake(producer->waker));
    if (i % 3 == 0) {
      CHECK_RC("OK", mio_waker_wake(producer->waker));
    }
    while (atomic_load(&producer->taken) < i) {
      (void)sched_yield();
    }
  }
  return NULL;
}

static void hand_over(uint32_t selector, int rounds, uint32_t capacity,
                      int64_t timeout, int nested) {
  struct fixture f = set_up(selector);
  struct producer producers[PRODUCERS];
  pthread_t threads[PRODUCERS];
  mio_fd_t fd;
  if (nested) {
    (void)mio_poll_fd(f.poll, &fd);
  }
  for (int i = 0; i < PRODUCERS; i++) {
    atomic_init(&producers[i].written, 0);
    producers[i].rounds = (uint64_t)check_scaled(rounds);
    atomic_init(&producers[i].taken, 0);
    CHECK_RC("OK",
             mio_waker_new(&producers[i].waker, f.registry, (uint64_t)i));
    CHECK(pthread_create(&threads[i], NULL, produce, &producers[i]) == 0);
  }
  uint64_t left = PRODUCERS * producers[0].rounds;
  mio_event_t events[4];
  while (left > 0) {
    int32_t n = mio_poll_wait(f.poll, events, capacity, timeout);
    CHECK(n >= 0);
    for (int32_t i = 0; i < n; i++) {
      struct producer *producer = &producers[events[i].token];
      uint64_t taken = atomic_load(&producer->taken);
      uint64_t written =
          atomic_load_explicit(&producer->written, memory_order_relaxed);
      left -= written - taken; /* 0 where a wake is reported twice. */
      atomic_store(&producer->taken, written);
    }
  }
  for (int i = 0; i < PRODUCERS; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
    mio_waker_free(producers[i].waker);
  }
  tear_down(&f);
}

TEST(waker, nothing_is_lost_when_blocking) {
  hand_over(selector, 20000, 4, -1, 0);
}

TEST(waker, nothing_is_lost_with_capacity_1) {
  hand_over(selector, 20000, 1, -1, 0);
}

TEST(waker, nothing_is_lost_when_looking) {
  hand_over(selector, 1000, 4, 0, 0);
}

TEST(waker, nothing_is_lost_with_short_timeouts) {
  hand_over(selector, 5000, 2, 3000, 0);
}

TEST(waker, nothing_is_lost_when_nested) {
  hand_over(selector, 20000, 4, -1, 1);
}

/* A freed waker's token is not met again, and its slot serves the next. */
TEST(waker, freed_with_a_wake_pending) {
  struct fixture f = set_up(selector);
  mio_event_t events[4];
  for (int i = 0; i < 200; i++) {
    mio_waker_t *waker;
    mio_waker_t *next;
    CHECK_RC("OK", mio_waker_new(&waker, f.registry, 1000));
    CHECK_RC("OK", mio_waker_wake(waker));
    mio_waker_free(waker);
    CHECK_RC("OK", mio_waker_new(&next, f.registry, 2000));
    CHECK(mio_poll_wait(f.poll, events, 4, 0) == 0);
    CHECK_RC("OK", mio_waker_wake(next));
    CHECK(mio_poll_wait(f.poll, events, 4, 0) == 1);
    CHECK(events[0].token == 2000);
    mio_waker_free(next);
  }
  tear_down(&f);
}

/* Wakers made, woken and freed by one thread while another waits. */
static void *make_wake_free(void *argument) {
  struct fixture *f = argument;
  for (int i = 0; i < check_scaled(20000); i++) {
    mio_waker_t *waker;
    CHECK_RC("OK", mio_waker_new(&waker, f->registry, 1000));
    CHECK_RC("OK", mio_waker_wake(waker));
    mio_waker_free(waker);
  }
  CHECK_RC("OK", mio_waker_wake(f->waker));
  return NULL;
}

TEST(waker, made_and_freed_during_waits) {
  struct fixture f = set_up(selector);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, make_wake_free, &f) == 0);
  mio_event_t event = {0, 0, 0};
  while (event.token != 5) {
    CHECK(mio_poll_wait(f.poll, &event, 1, -1) == 1);
    CHECK(event.token == 5 || event.token == 1000);
  }
  CHECK(pthread_join(thread, NULL) == 0);
  tear_down(&f);
}
