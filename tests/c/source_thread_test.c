/* Sources used by several threads: one reads and one writes, many register,
 * and what they belong to goes away meanwhile. */
#include "check.h"
#include "ends.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

/* Waits for a post; never for ever, so that what is lost is told. */
static int wait_for(sem_t *sem) {
  struct timespec until;
  (void)clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 60;
  int rc;
  do {
    rc = sem_timedwait(sem, &until);
  } while (rc < 0 && errno == EINTR);
  return rc == 0;
}

static void join(pthread_t thread) {
  void *wrong;
  CHECK(pthread_join(thread, &wrong) == 0);
  if (wrong != NULL) {
    check_failed(__FILE__, __LINE__, wrong);
  }
}

/* ------------------------------------------- one reads while one writes */

/* One direction of one source: a thread that moves `total` bytes, and sleeps
 * between an EAGAIN and the next event of its direction. */
struct mover {
  mio_source_t *source;
  sem_t ready;
  uint64_t total;
  _Atomic int done;
};

/* What stands at a place of the stream. */
static uint8_t byte_at(uint64_t place) {
  return (uint8_t)(place * 7 + (place >> 12));
}

static void *move_out(void *argument) {
  struct mover *mover = argument;
  uint8_t bytes[5000];
  uint64_t moved = 0;
  while (moved < mover->total) {
    uint64_t length = mover->total - moved;
    length = length < sizeof(bytes) ? length : sizeof(bytes);
    for (uint64_t i = 0; i < length; i++) {
      bytes[i] = byte_at(moved + i);
    }
    int32_t n = mio_source_write(mover->source, bytes, length);
    if (n == -EAGAIN && !wait_for(&mover->ready)) {
      return "no event told of room";
    }
    if (n < 0 && n != -EAGAIN) {
      return "a write failed";
    }
    moved += n > 0 ? (uint64_t)n : 0;
  }
  atomic_store(&mover->done, 1);
  return NULL;
}

static void *move_in(void *argument) {
  struct mover *mover = argument;
  uint8_t bytes[3000];
  uint64_t moved = 0;
  while (moved < mover->total) {
    int32_t n = mio_source_read(mover->source, bytes, sizeof(bytes));
    if (n == -EAGAIN && !wait_for(&mover->ready)) {
      return "no event told of bytes";
    }
    if (n == 0 || (n < 0 && n != -EAGAIN)) {
      return "a read failed";
    }
    for (int32_t i = 0; i < n; i++) {
      if (bytes[i] != byte_at(moved++)) {
        return "another byte";
      }
    }
  }
  atomic_store(&mover->done, 1);
  return NULL;
}

enum { MOVERS = 4 }; /* a out, a in, b out, b in. */

static int all_done(struct mover movers[MOVERS]) {
  for (int i = 0; i < MOVERS; i++) {
    if (!atomic_load(&movers[i].done)) {
      return 0;
    }
  }
  return 1;
}

/* Tells the movers of events until all are done. */
static void tell(mio_poll_t *poll, struct mover movers[MOVERS]) {
  int64_t deadline = mio_clock_now() + 100 * SECOND;
  while (!all_done(movers)) {
    mio_event_t events[4];
    int32_t n = mio_poll_wait(poll, events, 4, 10 * MS);
    CHECK_RC("OK", n);
    for (int32_t i = 0; i < n; i++) {
      struct mover *out = &movers[events[i].token * 2];
      if (events[i].readiness & MIO_WRITABLE) {
        (void)sem_post(&out[0].ready);
      }
      if (events[i].readiness & MIO_READABLE) {
        (void)sem_post(&out[1].ready);
      }
    }
    CHECK(mio_clock_now() < deadline);
  }
}

static void read_while_writing(uint32_t selector, uint32_t kind) {
  struct ends ends = ends_new(kind);
  struct mover movers[MOVERS];
  pthread_t threads[MOVERS];
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  for (uint64_t i = 0; i < 2; i++) {
    CHECK_RC("OK", mio_registry_register(registry, i ? ends.b : ends.a, i,
                                         MIO_READABLE | MIO_WRITABLE));
  }
  for (int i = 0; i < MOVERS; i++) {
    movers[i].source = i < 2 ? ends.a : ends.b;
    movers[i].total = (uint64_t)check_scaled(20000000);
    atomic_init(&movers[i].done, 0);
    CHECK(sem_init(&movers[i].ready, 0, 0) == 0);
    CHECK(pthread_create(&threads[i], NULL, i % 2 ? move_in : move_out,
                         &movers[i]) == 0);
  }
  tell(poll, movers);
  for (int i = 0; i < MOVERS; i++) {
    join(threads[i]);
    (void)sem_destroy(&movers[i].ready);
  }
  ends_free(&ends);
  mio_registry_free(registry);
  mio_poll_free(poll);
}

TEST(source_thread, one_reads_while_one_writes_tcp) {
  read_while_writing(selector, MIO_KIND_TCP_STREAM);
}

TEST(source_thread, one_reads_while_one_writes_unix) {
  read_while_writing(selector, MIO_KIND_UNIX_STREAM);
}

/* ------------------------------------------------------ many register */

enum { REGISTERERS = 4 };

struct registerer {
  mio_registry_t *registry;
  uint64_t token;
  sem_t seen;
};

/* Makes, registers, sees the event and frees, over and over. */
static void *register_and_free(void *argument) {
  struct registerer *self = argument;
  for (int i = 0; i < check_scaled(2000); i++) {
    struct ends ends;
    char byte = 1;
    if (mio_unix_stream_pair(&ends.a, &ends.b) < 0 ||
        mio_registry_register(self->registry, ends.b, self->token,
                              MIO_READABLE) < 0) {
      return "cannot register";
    }
    if (mio_source_write(ends.a, &byte, 1) != 1 || !wait_for(&self->seen)) {
      return "no event";
    }
    int32_t one = mio_source_read(ends.b, &byte, 1);
    if (one != 1 || mio_source_read(ends.b, &byte, 1) != -EAGAIN) {
      return "not the byte";
    }
    if (i % 2 && mio_registry_deregister(self->registry, ends.b) < 0) {
      return "cannot deregister";
    }
    ends_free(&ends);
    while (sem_trywait(&self->seen) == 0) {
    }
  }
  return NULL;
}

struct dispatcher {
  mio_poll_t *poll;
  struct registerer *registerers;
};

static void *dispatch(void *argument) {
  struct dispatcher *dispatcher = argument;
  mio_event_t events[8];
  for (;;) {
    int32_t n = mio_poll_wait(dispatcher->poll, events, 8, 60 * SECOND);
    if (n <= 0) {
      return "a wait failed";
    }
    for (int32_t i = 0; i < n; i++) {
      if (events[i].token == REGISTERERS) {
        return NULL;
      }
      (void)sem_post(&dispatcher->registerers[events[i].token].seen);
    }
  }
}

TEST(source_thread, many_register_during_a_wait) {
  struct registerer registerers[REGISTERERS];
  struct dispatcher dispatcher = {check_poll(selector), registerers};
  mio_registry_t *registry = check_registry(dispatcher.poll);
  pthread_t threads[REGISTERERS + 1];
  mio_waker_t *end;
  CHECK_RC("OK", mio_waker_new(&end, registry, REGISTERERS));
  CHECK(pthread_create(&threads[REGISTERERS], NULL, dispatch, &dispatcher) ==
        0);
  for (uint64_t i = 0; i < REGISTERERS; i++) {
    registerers[i].token = i;
    CHECK_RC("OK", mio_registry_clone(registry, &registerers[i].registry));
    CHECK(sem_init(&registerers[i].seen, 0, 0) == 0);
  }
  for (int i = 0; i < REGISTERERS; i++) {
    CHECK(pthread_create(&threads[i], NULL, register_and_free,
                         &registerers[i]) == 0);
  }
  for (int i = 0; i < REGISTERERS; i++) {
    join(threads[i]);
  }
  CHECK_RC("OK", mio_waker_wake(end));
  join(threads[REGISTERERS]);
  for (int i = 0; i < REGISTERERS; i++) {
    mio_registry_free(registerers[i].registry);
    (void)sem_destroy(&registerers[i].seen);
  }
  mio_waker_free(end);
  mio_registry_free(registry);
  mio_poll_free(dispatcher.poll);
}

/* --------------------------------------------- what goes away meanwhile */

struct user {
  struct ends ends;
  _Atomic int started;
  _Atomic int stop;
};

/* Re-arms by reads that would block, then frees, in the middle of it all. */
static void *rearm_until_stopped(void *argument) {
  struct user *user = argument;
  char byte = 1;
  int left = 200; /* After it was told to stop. */
  while (left > 0) {
    if (mio_source_read(user->ends.b, &byte, 1) != -EAGAIN ||
        mio_source_would_block(user->ends.a, MIO_WRITABLE) != 0) {
      return "not EAGAIN";
    }
    atomic_store(&user->started, 1);
    left -= atomic_load(&user->stop);
  }
  ends_free(&user->ends);
  return NULL;
}

enum { USERS = 3 };

static void begin_users(mio_poll_t *poll, mio_registry_t *registry,
                        struct user users[USERS], pthread_t threads[USERS]) {
  mio_event_t events[2 * USERS];
  for (uint64_t i = 0; i < USERS; i++) {
    users[i].ends = ends_new(MIO_KIND_UNIX_STREAM);
    atomic_init(&users[i].started, 0);
    atomic_init(&users[i].stop, 0);
    CHECK_RC("OK", mio_registry_register(registry, users[i].ends.a, i,
                                         MIO_WRITABLE));
    CHECK_RC("OK", mio_registry_register(registry, users[i].ends.b, i,
                                         MIO_READABLE));
  }
  CHECK_RC("OK", mio_poll_wait(poll, events, 2 * USERS, 0));
  for (int i = 0; i < USERS; i++) {
    CHECK(pthread_create(&threads[i], NULL, rearm_until_stopped, &users[i]) ==
          0);
  }
  for (int i = 0; i < USERS; i++) {
    while (!atomic_load(&users[i].started)) {
      (void)sched_yield();
    }
  }
}

TEST(source_thread, poll_is_freed_while_sources_rearm) {
  for (int i = 0; i < 60; i++) {
    struct user users[USERS];
    pthread_t threads[USERS];
    mio_poll_t *poll = check_poll(selector);
    mio_registry_t *registry = check_registry(poll);
    begin_users(poll, registry, users, threads);
    for (int k = 0; k < USERS; k++) {
      atomic_store(&users[k].stop, 1);
    }
    if (i % 2) {
      mio_poll_free(poll);
      mio_registry_free(registry);
    } else {
      mio_registry_free(registry);
      mio_poll_free(poll);
    }
    for (int k = 0; k < USERS; k++) {
      join(threads[k]);
    }
  }
}

/* A wait goes on while they re-arm and are freed, one by one. */
TEST(source_thread, sources_are_freed_during_a_wait) {
  for (int i = 0; i < 40; i++) {
    struct user users[USERS];
    pthread_t threads[USERS];
    mio_poll_t *poll = check_poll(selector);
    mio_registry_t *registry = check_registry(poll);
    mio_event_t events[4];
    begin_users(poll, registry, users, threads);
    for (int k = 0; k < USERS; k++) {
      atomic_store(&users[k].stop, 1);
      CHECK_RC("OK", mio_poll_wait(poll, events, 4, 0));
      CHECK_RC("OK", mio_poll_wait(poll, events, 4, MS / 10));
    }
    for (int k = 0; k < USERS; k++) {
      join(threads[k]);
    }
    CHECK(mio_poll_wait(poll, events, 4, 0) == 0);
    mio_registry_free(registry);
    mio_poll_free(poll);
  }
}

/* -------------------------------------------------- the last opener */

struct race {
  pthread_barrier_t begin;
  mio_poll_t *poll;
  mio_registry_t *registry;
  struct ends ends;
};

static void *free_poll(void *argument) {
  struct race *race = argument;
  (void)pthread_barrier_wait(&race->begin);
  mio_poll_free(race->poll);
  return NULL;
}

static void *free_registry(void *argument) {
  struct race *race = argument;
  (void)pthread_barrier_wait(&race->begin);
  mio_registry_free(race->registry);
  return NULL;
}

static void *free_source(void *argument) {
  struct race *race = argument;
  (void)pthread_barrier_wait(&race->begin);
  mio_source_free(race->ends.a);
  return NULL;
}

TEST(source_thread, last_opener_and_source_freed_at_once) {
  void *(*const bodies[])(void *) = {free_poll, free_registry, free_source};
  for (int i = 0; i < check_scaled(1000); i++) {
    pthread_t threads[3];
    struct race race = {.poll = check_poll(selector)};
    mio_poll_t *other = check_poll(selector);
    mio_registry_t *others = check_registry(other);
    race.registry = check_registry(race.poll);
    race.ends = ends_new(MIO_KIND_PIPE_SENDER);
    CHECK_RC("OK", mio_registry_register(race.registry, race.ends.a, 1,
                                         MIO_WRITABLE));
    CHECK_RC("OK", mio_registry_register(race.registry, race.ends.b, 2,
                                         MIO_READABLE));
    CHECK(pthread_barrier_init(&race.begin, NULL, 3) == 0);
    for (int k = 0; k < 3; k++) {
      CHECK(pthread_create(&threads[k], NULL, bodies[k], &race) == 0);
    }
    for (int k = 0; k < 3; k++) {
      join(threads[k]);
    }
    (void)pthread_barrier_destroy(&race.begin);
    /* The other end counts as unregistered now. */
    CHECK_RC("OK",
             mio_registry_register(others, race.ends.b, 1, MIO_READABLE));
    mio_source_free(race.ends.b);
    mio_registry_free(others);
    mio_poll_free(other);
  }
}
