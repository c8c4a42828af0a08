/* Signals, fork, cancellation, longjmp. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void handle(int number, void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = handler;
  action.sa_flags = flags;
  CHECK(sigaction(number, &action, NULL) == 0);
}

static void alarm_every(long microseconds) {
  struct itimerval timer = {.it_interval.tv_usec = (suseconds_t)microseconds,
                            .it_value.tv_usec = (suseconds_t)microseconds};
  CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

static void do_nothing(int number) {
  (void)number;
}

TEST(signal, eintr_even_with_sa_restart) {
  mio_poll_t *poll = check_poll(selector);
  mio_event_t event;
  handle(SIGALRM, do_nothing, SA_RESTART);
  static const int64_t timeouts[] = {-1, 10 * SECOND, 10 * SECOND + 1};
  for (int i = 0; i < 3; i++) {
    alarm_every(20000);
    CHECK_RC("EINTR", mio_poll_wait(poll, &event, 1, timeouts[i]));
    alarm_every(0);
  }
  /* Nothing was consumed, and the poll is not claimed. */
  CHECK(mio_poll_wait(poll, &event, 1, 0) == 0);
  handle(SIGALRM, SIG_DFL, 0);
  mio_poll_free(poll);
}

/* A storm of SIGALRM whose handler wakes, while one thread waits, this one
 * registers, and each may be the one that is interrupted. */
static mio_waker_t *storm_waker;
static _Atomic uint64_t storm_wakes;
static _Atomic int storm_bad;

static void wake_from_handler(int number) {
  (void)number;
  int before = errno;
  if (mio_waker_wake(storm_waker) != 0 || errno != before) {
    atomic_store(&storm_bad, 1);
  }
  (void)atomic_fetch_add(&storm_wakes, 1);
}

struct storm {
  mio_poll_t *poll;
  _Atomic uint64_t reported;
};

static void *wait_in_storm(void *argument) {
  struct storm *storm = argument;
  mio_event_t events[4];
  for (;;) {
    int32_t n = mio_poll_wait(storm->poll, events, 4, SECOND);
    if (n < 0 && strcmp(mio_err_name(n), "EINTR") != 0) {
      return "a wait failed";
    }
    for (int32_t i = 0; i < n; i++) {
      if (events[i].token == 99) {
        return NULL; /* The end. */
      }
      (void)atomic_fetch_add(&storm->reported, events[i].token == 5);
    }
  }
}

TEST(signal, wake_in_a_handler_under_a_storm) {
  struct storm storm = {.poll = check_poll(selector)};
  mio_registry_t *registry = check_registry(storm.poll);
  mio_waker_t *end;
  CHECK_RC("OK", mio_waker_new(&storm_waker, registry, 5));
  CHECK_RC("OK", mio_waker_new(&end, registry, 99));
  atomic_store(&storm_wakes, 0);
  atomic_store(&storm_bad, 0);
  handle(SIGALRM, wake_from_handler, SA_RESTART);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, wait_in_storm, &storm) == 0);
  alarm_every(200);
  uint64_t wanted = (uint64_t)check_scaled(200);
  for (int i = 0;
       i < check_scaled(20000) || atomic_load(&storm_wakes) < wanted ||
       atomic_load(&storm.reported) == 0;
       i++) {
    int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK_RC("OK", mio_registry_register_fd(registry, fd, 1, MIO_READABLE));
    CHECK_RC("OK", mio_registry_deregister_fd(registry, fd));
    (void)close(fd);
    mio_waker_t *waker; /* The lock of the wakers is held now and then. */
    CHECK_RC("OK", mio_waker_new(&waker, registry, 6));
    mio_waker_free(waker);
  }
  alarm_every(0);
  handle(SIGALRM, SIG_IGN, 0);
  CHECK_RC("OK", mio_waker_wake(end));
  void *result;
  CHECK(pthread_join(thread, &result) == 0);
  CHECK(result == NULL);
  CHECK(!atomic_load(&storm_bad));
  /* A wake may be reported twice, never more often. */
  CHECK(atomic_load(&storm.reported) <= atomic_load(&storm_wakes) * 2);
  handle(SIGALRM, SIG_DFL, 0);
  mio_waker_free(end);
  mio_waker_free(storm_waker);
  mio_registry_free(registry);
  mio_poll_free(storm.poll);
}

/* A wait from a handler that interrupted a wait. */
static mio_poll_t *handler_poll;
static volatile sig_atomic_t handler_rc;

static void wait_from_handler(int number) {
  (void)number;
  mio_event_t event;
  handler_rc = mio_poll_wait(handler_poll, &event, 1, 0);
}

TEST(signal, second_waiter_in_a_handler_is_busy) {
  handler_poll = check_poll(selector);
  handler_rc = 0;
  handle(SIGALRM, wait_from_handler, 0);
  alarm_every(20000);
  mio_event_t event;
  CHECK_RC("EINTR", mio_poll_wait(handler_poll, &event, 1, 10 * SECOND));
  alarm_every(0);
  CHECK_RC("EBUSY", (int32_t)handler_rc);
  handle(SIGALRM, SIG_DFL, 0);
  mio_poll_free(handler_poll);
}

static sigjmp_buf out_of_wait;

static void jump(int number) {
  (void)number;
  siglongjmp(out_of_wait, 1);
}

TEST(signal, longjmp_keeps_the_poll_claimed) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_event_t event;
  handle(SIGALRM, jump, 0);
  if (sigsetjmp(out_of_wait, 1) == 0) {
    alarm_every(20000);
    (void)mio_poll_wait(poll, &event, 1, -1);
  }
  alarm_every(0);
  handle(SIGALRM, SIG_DFL, 0);
  CHECK_RC("EBUSY", mio_poll_wait(poll, &event, 1, 0));
  mio_registry_free(registry);
  mio_poll_free(poll);
}

static void *wait_for_ever(void *argument) {
  mio_event_t event;
  (void)mio_poll_wait(argument, &event, 1, -1);
  return NULL;
}

TEST(thread, cancelled_waiter_keeps_the_poll_claimed) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, wait_for_ever, poll) == 0);
  check_pause_ms(20);
  CHECK(pthread_cancel(thread) == 0);
  void *result;
  CHECK(pthread_join(thread, &result) == 0);
  CHECK(result == PTHREAD_CANCELED);
  mio_event_t event;
  CHECK_RC("EBUSY", mio_poll_wait(poll, &event, 1, 0));
  mio_registry_free(registry);
  mio_poll_free(poll);
}

/* A thread with a cancellation pending wakes all the same. */
static void *wake_cancelled(void *argument) {
  (void)pthread_cancel(pthread_self());
  (void)mio_waker_wake(argument);
  pthread_testcancel();
  return NULL;
}

TEST(thread, wake_is_no_cancellation_point) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_waker_t *waker;
  CHECK_RC("OK", mio_waker_new(&waker, registry, 5));
  mio_fd_t fd;
  (void)mio_poll_fd(poll, &fd); /* On epoll the wake is a write now. */
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, wake_cancelled, waker) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  mio_event_t event;
  CHECK(mio_poll_wait(poll, &event, 1, 0) == 1);
  mio_waker_free(waker);
  mio_registry_free(registry);
  mio_poll_free(poll);
}

/* A child frees everything; the parent's registrations and wakers live on. */
TEST(fork, child_frees_everything) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_registry_t *clone;
  CHECK_RC("OK", mio_registry_clone(registry, &clone));
  mio_waker_t *waker;
  CHECK_RC("OK", mio_waker_new(&waker, registry, 5));
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK_RC("OK", mio_registry_register_fd(registry, fd, 7, MIO_READABLE));
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    int before = check_open_descriptors();
    mio_registry_free(clone);
    mio_waker_free(waker);
    mio_poll_free(poll);
    mio_registry_free(registry);
    int freed = before - check_open_descriptors();
    /* epoll and eventfd; both ends of a pipe. A kqueue is not inherited, and
     * its waker is a pipe or nothing. */
    check_exit(
        freed == 2 || (selector == MIO_SELECTOR_KQUEUE && freed == 0) ? 0 : 1);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);

  mio_event_t event;
  uint64_t one = 1;
  CHECK(write(fd, &one, sizeof(one)) == sizeof(one));
  CHECK(mio_poll_wait(poll, &event, 1, SECOND) == 1);
  CHECK(event.token == 7);
  CHECK_RC("EEXIST", mio_registry_register_fd(registry, fd, 7, MIO_READABLE));
  CHECK_RC("OK", mio_registry_deregister_fd(registry, fd));
  CHECK_RC("OK", mio_waker_wake(waker));
  CHECK(mio_poll_wait(poll, &event, 1, SECOND) == 1);
  CHECK(event.token == 5);
  mio_fd_t handed;
  (void)mio_poll_fd(poll, &handed); /* Written wakes work too. */
  CHECK_RC("OK", mio_waker_wake(waker));
  CHECK(mio_poll_wait(poll, &event, 1, SECOND) == 1);
  CHECK(event.token == 5);
  mio_waker_free(waker);
  mio_registry_free(clone);
  mio_registry_free(registry);
  mio_poll_free(poll);
  (void)close(fd);
}

/* The fork comes while another thread is registering, and may hold the lock
 * of the table: the child must not wait for it. */
struct busy {
  mio_registry_t *registry;
  _Atomic int stop;
};

static void *make_wakers(void *argument) {
  struct busy *busy = argument;
  while (!atomic_load(&busy->stop)) {
    mio_waker_t *waker;
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK_RC("OK", mio_waker_new(&waker, busy->registry, 1));
    CHECK_RC("OK",
             mio_registry_register_fd(busy->registry, fd, 1, MIO_READABLE));
    CHECK_RC("OK", mio_registry_deregister_fd(busy->registry, fd));
    mio_waker_free(waker);
    (void)close(fd);
  }
  return NULL;
}

TEST(fork, child_takes_no_lock) {
  mio_poll_t *poll = check_poll(selector);
  struct busy busy = {.registry = check_registry(poll)};
  mio_registry_t *registry = check_registry(poll);
  mio_waker_t *waker;
  CHECK_RC("OK", mio_waker_new(&waker, registry, 5));
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, make_wakers, &busy) == 0);
  for (int i = 0; i < check_scaled(200); i++) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      (void)alarm(20); /* A child that hangs dies by it. */
      mio_waker_free(waker);
      mio_registry_free(registry);
      mio_registry_free(busy.registry);
      mio_poll_free(poll);
      check_exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  atomic_store(&busy.stop, 1);
  CHECK(pthread_join(thread, NULL) == 0);
  mio_waker_free(waker);
  mio_registry_free(registry);
  mio_registry_free(busy.registry);
  mio_poll_free(poll);
}

/* A stop and a continue end a wait with EINTR on Linux, without a handler;
 * whether they do or not, it goes on correctly afterwards. */
TEST(signal, stopped_and_continued) {
  mio_poll_t *poll = check_poll(selector);
  pid_t parent = getpid();
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    check_pause_ms(30);
    (void)kill(parent, SIGSTOP);
    check_pause_ms(10);
    (void)kill(parent, SIGCONT);
    check_exit(0);
  }
  mio_event_t event;
  int64_t end = mio_clock_now() + 150 * MS;
  int64_t left = 150 * MS;
  int32_t n;
  do {
    n = mio_poll_wait(poll, &event, 1, left);
    left = end - mio_clock_now();
  } while (n < 0 && strcmp(mio_err_name(n), "EINTR") == 0 && left > 0);
  CHECK(n == 0 || left <= 0);
  CHECK(mio_poll_wait(poll, &event, 1, 0) == 0);
  CHECK(waitpid(child, NULL, 0) == child);
  mio_poll_free(poll);
}
