/* Waiting: deadlines, capacity, fairness, one waiter. */
#include "check.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int ready_descriptor(void) {
  int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK(fd >= 0);
  return fd;
}

static int64_t monotonic(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

TEST(wait, never_early) {
  mio_poll_t *poll = check_poll(selector);
  mio_event_t event;
  unsigned seed = 1;
  for (int i = 0; i < check_scaled(10000); i++) {
    int64_t timeout = (int64_t)((unsigned)rand_r(&seed) % 60000);
    if (i % 100 == 0) {
      timeout += (int64_t)((unsigned)rand_r(&seed) % 5000000);
    }
    int64_t begin = monotonic();
    CHECK(mio_poll_wait(poll, &event, 1, timeout) == 0);
    CHECK(monotonic() - begin >= timeout);
  }
  mio_poll_free(poll);
}

TEST(wait, clock_is_the_monotonic_one) {
  (void)selector;
  int64_t before = monotonic();
  int64_t now = mio_clock_now();
  CHECK(before <= now && now <= monotonic());
}

/* A wait cut short every millisecond by changes from another thread keeps its
 * deadline: neither early nor begun anew with each change. */
struct changer {
  mio_registry_t *registry;
  int fd;
  _Atomic int stop;
};

static void *change(void *argument) {
  struct changer *changer = argument;
  for (int i = 0; !atomic_load(&changer->stop); i++) {
    CHECK_RC("OK", mio_registry_reregister_fd(changer->registry, changer->fd,
                                              (uint64_t)i, MIO_READABLE));
    check_pause_ms(1);
  }
  return NULL;
}

TEST(wait, changes_do_not_move_the_deadline) {
  mio_poll_t *poll = check_poll(selector);
  struct changer changer = {check_registry(poll), eventfd(0, EFD_CLOEXEC), 0};
  CHECK_RC("OK", mio_registry_register_fd(changer.registry, changer.fd, 1,
                                          MIO_READABLE));
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, change, &changer) == 0);
  mio_event_t event;
  int64_t begin = monotonic();
  CHECK(mio_poll_wait(poll, &event, 1, 40 * MS) == 0);
  int64_t took = monotonic() - begin;
  atomic_store(&changer.stop, 1);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(took >= 40 * MS);
  CHECK(took < 10 * SECOND); /* Begun anew, it would not end at all. */
  mio_registry_free(changer.registry);
  mio_poll_free(poll);
  (void)close(changer.fd);
}

TEST(wait, extreme_timeouts) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  int fd = ready_descriptor();
  mio_event_t event;
  CHECK_RC("OK", mio_registry_register_fd(registry, fd, 7,
                                          MIO_READABLE | MIO_LEVEL));
  static const int64_t timeouts[] = {INT64_MAX,
                                     INT64_MIN,
                                     INT64_MAX - 1,
                                     INT64_MIN + 1,
                                     -1,
                                     0,
                                     INT64_MAX / 1000000 * 1000000};
  for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
    CHECK(mio_poll_wait(poll, &event, 1, timeouts[i]) == 1);
    CHECK(event.token == 7);
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
  (void)close(fd);
}

/* With nothing ready, an extreme timeout blocks until something happens, also
 * where a change from another thread made the library look at its deadline. */
struct later {
  mio_registry_t *registry;
  int fd;
};

static void *change_then_write(void *argument) {
  const struct later *later = argument;
  check_pause_ms(10);
  CHECK_RC("OK", mio_registry_reregister_fd(later->registry, later->fd, 8,
                                            MIO_READABLE));
  check_pause_ms(10);
  uint64_t one = 1;
  CHECK(write(later->fd, &one, sizeof(one)) == sizeof(one));
  return NULL;
}

TEST(wait, extreme_timeouts_block) {
  static const int64_t timeouts[] = {INT64_MAX, INT64_MIN,
                                     (int64_t)INT_MAX * MS + 1};
  for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
    mio_poll_t *poll = check_poll(selector);
    struct later later = {check_registry(poll),
                          eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    CHECK_RC("OK", mio_registry_register_fd(later.registry, later.fd, 7,
                                            MIO_READABLE));
    pthread_t thread;
    int64_t begin = monotonic();
    CHECK(pthread_create(&thread, NULL, change_then_write, &later) == 0);
    mio_event_t event;
    CHECK(mio_poll_wait(poll, &event, 1, timeouts[i]) == 1);
    CHECK(event.token == 8);
    CHECK(monotonic() - begin >= 20 * MS);
    CHECK(pthread_join(thread, NULL) == 0);
    mio_registry_free(later.registry);
    mio_poll_free(poll);
    (void)close(later.fd);
  }
}

enum { READY = 1000 };

/* What stays ready is reported within ceil(ready / capacity) + 1 waits. */
static void all_within(uint32_t selector, uint32_t interest,
                       uint32_t capacity) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  static int fds[READY];
  static char seen[READY];
  mio_event_t events[64];
  memset(seen, 0, sizeof(seen));
  for (int i = 0; i < READY; i++) {
    fds[i] = ready_descriptor();
    CHECK_RC("OK", mio_registry_register_fd(registry, fds[i], (uint64_t)i,
                                            interest));
  }
  int waits = (int)((READY + capacity - 1) / capacity) + 1;
  int distinct = 0;
  for (int i = 0; i < waits; i++) {
    int32_t n = mio_poll_wait(poll, events, capacity, 0);
    CHECK(n >= 0 && n <= (int32_t)capacity);
    for (int32_t k = 0; k < n; k++) {
      distinct += !seen[events[k].token];
      seen[events[k].token] = 1;
    }
  }
  CHECK(distinct == READY);
  for (int i = 0; i < READY; i++) {
    (void)close(fds[i]);
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
}

static void allow_descriptors(void) {
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

TEST(wait, fair_with_1000_ready_and_room_for_7) {
  allow_descriptors();
  all_within(selector, MIO_READABLE | MIO_LEVEL, 7);
  all_within(selector, MIO_READABLE, 7);
  all_within(selector, MIO_READABLE | MIO_ONESHOT, 7);
  all_within(selector, MIO_READABLE | MIO_LEVEL, 1);
}

TEST(wait, absurd_capacity_is_clamped) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  int fd = ready_descriptor();
  mio_event_t *events = calloc(65536, sizeof(*events));
  CHECK(events != NULL);
  CHECK_RC("OK", mio_registry_register_fd(registry, fd, 7,
                                          MIO_READABLE | MIO_LEVEL));
  CHECK(mio_poll_wait(poll, events, 65537, 0) == 1);
  CHECK(mio_poll_wait(poll, events, UINT32_MAX, 0) == 1);
  CHECK(events[0].token == 7);
  free(events);
  mio_registry_free(registry);
  mio_poll_free(poll);
  (void)close(fd);
}

/* Nothing beyond what is returned is promised, and nothing beyond capacity is
 * touched. */
TEST(wait, writes_no_more_than_capacity) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  int fds[5];
  for (int i = 0; i < 5; i++) {
    fds[i] = ready_descriptor();
    CHECK_RC("OK", mio_registry_register_fd(registry, fds[i], (uint64_t)i,
                                            MIO_READABLE | MIO_LEVEL));
  }
  mio_event_t events[5];
  memset(events, 0x5a, sizeof(events));
  mio_event_t untouched = events[4];
  CHECK(mio_poll_wait(poll, events, 3, 0) == 3);
  CHECK(memcmp(&events[3], &untouched, sizeof(untouched)) == 0);
  CHECK(memcmp(&events[4], &untouched, sizeof(untouched)) == 0);
  for (int i = 0; i < 3; i++) {
    CHECK(events[i].reserved == 0);
  }
  for (int i = 0; i < 5; i++) {
    (void)close(fds[i]);
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
}

static void *wait_long(void *argument) {
  mio_event_t event;
  int32_t rc;
  do { /* It may be this one that comes second. */
    rc = mio_poll_wait(argument, &event, 1, 10 * SECOND);
  } while (rc == mio_err_from_name("EBUSY"));
  CHECK(rc == 1);
  return NULL;
}

TEST(wait, second_waiter_is_busy) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_waker_t *waker;
  CHECK_RC("OK", mio_waker_new(&waker, registry, 3));
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, wait_long, poll) == 0);
  mio_event_t event;
  int32_t rc = 0;
  for (int i = 0; i < 5000 && rc == 0; i++) {
    rc = mio_poll_wait(poll, &event, 1, 0); /* 0 until it is in its wait. */
    check_pause_ms(1);
  }
  CHECK_RC("EBUSY", rc);
  CHECK_RC("EBUSY", mio_poll_wait(poll, &event, 1, SECOND));
  CHECK_RC("EBUSY", mio_poll_wait(poll, &event, 1, -1));
  CHECK_RC("OK", mio_waker_wake(waker));
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(mio_poll_wait(poll, &event, 1, 0) == 0);
  mio_waker_free(waker);
  mio_registry_free(registry);
  mio_poll_free(poll);
}

/* A descriptor closed without deregister makes no wait spin. */
TEST(wait, closed_descriptor_does_not_spin) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK_RC("OK", mio_registry_register_fd(registry, fd, 7,
                                          MIO_READABLE | MIO_LEVEL));
  (void)close(fd);
  mio_event_t event;
  struct timespec before;
  struct timespec after;
  int64_t begin = monotonic();
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
  CHECK(mio_poll_wait(poll, &event, 1, 200 * MS) == 0);
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
  CHECK(monotonic() - begin >= 200 * MS);
  int64_t cpu =
      (after.tv_sec - before.tv_sec) * SECOND + after.tv_nsec - before.tv_nsec;
  CHECK(cpu < 100 * MS);
  CHECK_RC("EBADF", mio_registry_deregister_fd(registry, fd));
  mio_registry_free(registry);
  mio_poll_free(poll);
}

/* Many threads register and deregister while one waits. */
struct worker {
  mio_registry_t *registry;
  int rounds;
};

static void *register_often(void *argument) {
  struct worker *worker = argument;
  for (int i = 0; i < worker->rounds; i++) {
    int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK_RC("OK", mio_registry_register_fd(worker->registry, fd, (uint64_t)fd,
                                            MIO_READABLE));
    CHECK_RC("OK",
             mio_registry_reregister_fd(worker->registry, fd, (uint64_t)fd,
                                        MIO_READABLE | MIO_ONESHOT));
    CHECK_RC("OK", mio_registry_deregister_fd(worker->registry, fd));
    (void)close(fd);
  }
  return NULL;
}

TEST(wait, registering_from_four_threads) {
  enum { THREADS = 4 };
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  pthread_t threads[THREADS];
  struct worker worker = {registry, check_scaled(2000)};
  mio_waker_t *waker;
  CHECK_RC("OK", mio_waker_new(&waker, registry, UINT64_MAX));
  for (int i = 0; i < THREADS; i++) {
    CHECK(pthread_create(&threads[i], NULL, register_often, &worker) == 0);
  }
  mio_event_t events[8];
  for (int i = 0; i < check_scaled(2000); i++) {
    CHECK(mio_poll_wait(poll, events, 8, MS / 10) >= 0);
  }
  for (int i = 0; i < THREADS; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
  }
  CHECK_RC("OK", mio_waker_wake(waker));
  CHECK(mio_poll_wait(poll, events, 8, SECOND) == 1);
  CHECK(events[0].token == UINT64_MAX);
  mio_waker_free(waker);
  mio_registry_free(registry);
  mio_poll_free(poll);
}
