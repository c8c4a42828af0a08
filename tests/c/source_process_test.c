/* Sources after a fork, and signals that interrupt. */
#include "check.h"
#include "ends.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the children of these tests inherit. */
static struct inherited {
  uint32_t selector;
  mio_poll_t *poll;
  mio_registry_t *registry;
  struct ends ends;
} parent;

static void begin(uint32_t selector) {
  parent.selector = selector;
  parent.poll = check_poll(selector);
  parent.registry = check_registry(parent.poll);
  parent.ends = ends_new(MIO_KIND_UNIX_STREAM);
  CHECK_RC("OK", mio_registry_register(parent.registry, parent.ends.b, 7,
                                       MIO_READABLE));
}

/* The parent's registration is what it was: data gives its event, and it can
 * be taken out once. */
static void end_intact(void) {
  mio_event_t event;
  char byte;
  CHECK(mio_source_write(parent.ends.a, "x", 1) == 1);
  CHECK(mio_poll_wait(parent.poll, &event, 1, 10 * SECOND) == 1);
  CHECK(event.token == 7);
  CHECK(mio_source_read(parent.ends.b, &byte, 1) == 1);
  CHECK_RC("OK", mio_registry_deregister(parent.registry, parent.ends.b));
  ends_free(&parent.ends);
  mio_registry_free(parent.registry);
  mio_poll_free(parent.poll);
}

static void free_all(int order) {
  if (order == 0) {
    ends_free(&parent.ends);
  }
  mio_poll_free(parent.poll);
  mio_registry_free(parent.registry);
  ends_free(&parent.ends);
}

TEST(source_fork, child_frees) {
  begin(selector);
  check_in_child(free_all, 0);
  check_in_child(free_all, 1);
  end_intact();
}

static void take_descriptor(int unused) {
  mio_fd_t fd;
  (void)unused;
  CHECK_RC("OK", mio_source_into_fd(parent.ends.b, &fd));
  CHECK(close((int)fd) == 0);
  free_all(0);
}

TEST(source_fork, child_takes_the_descriptor) {
  begin(selector);
  check_in_child(take_descriptor, 0);
  end_intact();
}

/* In the child an inherited source counts as unregistered. */
static void register_with_own(int unused) {
  mio_poll_t *poll = check_poll(parent.selector);
  mio_registry_t *registry = check_registry(poll);
  mio_event_t event;
  char byte;
  (void)unused;
  CHECK_RC("OK",
           mio_registry_register(registry, parent.ends.b, 8, MIO_READABLE));
  CHECK(mio_poll_wait(poll, &event, 1, 0) == 0);
  CHECK(mio_source_write(parent.ends.a, "x", 1) == 1);
  CHECK(mio_poll_wait(poll, &event, 1, 10 * SECOND) == 1);
  CHECK(event.token == 8);
  CHECK(mio_source_read(parent.ends.b, &byte, 1) == 1);
  CHECK_RC("EAGAIN", mio_source_read(parent.ends.b, &byte, 1));
  CHECK_RC("EEXIST",
           mio_registry_register(registry, parent.ends.b, 8, MIO_READABLE));
  CHECK_RC("OK", mio_registry_deregister(registry, parent.ends.b));
  free_all(0);
  mio_registry_free(registry);
  mio_poll_free(poll);
}

TEST(source_fork, child_registers_with_its_own_poll) {
  begin(selector);
  check_in_child(register_with_own, 0);
  mio_event_t event; /* The child's byte came by in between. */
  (void)mio_poll_wait(parent.poll, &event, 1, 0);
  char byte;
  CHECK_RC("EAGAIN", mio_source_read(parent.ends.b, &byte, 1));
  end_intact();
}

static _Atomic int stop;

/* Holds the locks of core and selector, now and then. */
static void *register_all_the_time(void *unused) {
  (void)unused;
  while (!atomic_load(&stop)) {
    struct ends ends;
    char byte;
    if (mio_pipe_new(&ends.a, &ends.b) < 0 ||
        mio_registry_register(parent.registry, ends.b, 1, MIO_READABLE) < 0 ||
        mio_source_read(ends.b, &byte, 1) != -EAGAIN) {
      return "cannot register";
    }
    ends_free(&ends); /* Forgets under both locks. */
  }
  return NULL;
}

/* Reading re-arms in the parent; here it must leave that poll alone. */
static void use_and_free_in_time(int order) {
  char byte;
  (void)alarm(20); /* The default action ends a child that hangs. */
  CHECK_RC("EAGAIN", mio_source_read(parent.ends.b, &byte, 1));
  CHECK_RC("OK", mio_source_would_block(parent.ends.b, MIO_READABLE));
  free_all(order);
}

TEST(source_fork, child_takes_no_lock) {
  pthread_t threads[2];
  begin(selector);
  atomic_store(&stop, 0);
  for (int i = 0; i < 2; i++) {
    CHECK(pthread_create(&threads[i], NULL, register_all_the_time, NULL) == 0);
  }
  for (int i = 0; i < check_scaled(100); i++) {
    check_in_child(use_and_free_in_time, i % 2);
  }
  atomic_store(&stop, 1);
  for (int i = 0; i < 2; i++) {
    void *wrong;
    CHECK(pthread_join(threads[i], &wrong) == 0);
    CHECK(wrong == NULL);
  }
  end_intact();
}

/* ------------------------------------------------------------------ EINTR */

static void do_nothing(int number) {
  (void)number;
}

static void alarm_every(int microseconds) {
  struct sigaction action;
  struct itimerval timer = {{0, microseconds}, {0, microseconds}};
  memset(&action, 0, sizeof(action));
  action.sa_handler = microseconds != 0 ? do_nothing : SIG_IGN;
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
  CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

static void make_blocking(mio_source_t *source) {
  uint32_t value = 1;
  CHECK_RC("OK", mio_source_set_option(source, MIO_OPTION_NONBLOCKING, 0));
  CHECK_RC("OK", mio_source_option(source, MIO_OPTION_NONBLOCKING, &value));
  CHECK(value == 0);
}

/* A source that was made blocking waits, and can be interrupted: with a retry
 * in C, Ctrl-C would be dead in most languages. */
TEST_ON(EPOLL, source_signal, blocking_ones_are_interrupted) {
  (void)selector;
  char bytes[4096];
  mio_addr_t addr = addr_of("unix:");
  mio_source_t *listener;
  mio_source_t *stream;
  CHECK_RC("OK", mio_unix_listener_bind(&listener, &addr, 0));
  make_blocking(listener);
  alarm_every(5000);
  CHECK_RC("EINTR", mio_source_accept(listener, &stream, &addr));
  CHECK(stream == NULL);
  for (int i = 0; i < ENDS_KINDS; i++) {
    struct ends ends = ends_new(ends_kinds[i]);
    make_blocking(ends.b);
    CHECK_RC("EINTR", mio_source_read(ends.b, bytes, sizeof(bytes)));
    ends_free(&ends);
  }
  struct ends full = ends_new(MIO_KIND_PIPE_SENDER);
  make_blocking(full.a);
  int32_t rc;
  do {
    rc = mio_source_write(full.a, bytes, sizeof(bytes));
  } while (rc > 0);
  CHECK_RC("EINTR", rc);
  alarm_every(0);
  ends_free(&full);
  mio_source_free(listener);
}

static void check_not_eintr(int32_t rc) {
  CHECK(rc >= 0 || rc == -EAGAIN);
}

/* Everything that could wait, in a storm of signals: nothing gives EINTR,
 * since nothing waits. */
TEST_ON(EPOLL, source_signal, others_are_not) {
  (void)selector;
  char bytes[4096] = {0};
  mio_addr_t addr = addr_of("127.0.0.1:0");
  mio_source_t *listener;
  CHECK_RC("OK", mio_tcp_listener_bind(&listener, &addr, 0));
  addr = local_addr_of(listener);
  alarm_every(100);
  for (int i = 0; i < check_scaled(300); i++) {
    mio_source_t *client;
    mio_source_t *stream;
    struct ends ends = ends_new(ends_kinds[i % ENDS_KINDS]);
    CHECK_RC("OK", mio_tcp_stream_connect(&client, &addr));
    check_not_eintr(mio_source_accept(listener, &stream, NULL));
    for (int times = 0; times < 20; times++) {
      check_not_eintr(mio_source_write(ends.a, bytes, sizeof(bytes)));
    }
    for (int times = 0; times < 25; times++) {
      check_not_eintr(mio_source_read(ends.b, bytes, sizeof(bytes)));
    }
    ends_free(&ends);
    mio_source_free(stream);
    mio_source_free(client);
  }
  alarm_every(0);
  mio_source_free(listener);
}
