/* Memory, and what is left open when something fails. */
#include "check.h"
#include "wrapped.h"

#include <malloc.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MOST = 19000 };
static int fds[MOST];

static int as_many_as_allowed(void) {
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  int count = 0;
  while (count < check_scaled(MOST) + 1000 && count < MOST &&
         (fds[count] = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)) >= 0) {
    count++;
  }
  CHECK(count >= 1000);
  /* Room for what the poll itself opens. */
  for (int i = 0; i < 10; i++) {
    (void)close(fds[--count]);
  }
  return count;
}

/* Registering, reregistering, waiting and deregistering allocate nothing on
 * epoll, be it for one descriptor or for all that the process can have. */
TEST_ON(EPOLL, memory, none_per_registration) {
  int count = as_many_as_allowed();
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_event_t events[256];
  int calls_at_start = 0;
  int calls_at_one = 0;
  for (int i = 0; i < count; i++) {
    /* epoll_ctl is wrapped and counted too: one call for each. */
    calls_at_start = wrapped_calls;
    CHECK_RC("OK", mio_registry_register_fd(registry, fds[i], (uint64_t)i,
                                            MIO_READABLE));
    CHECK_RC("OK", mio_registry_reregister_fd(registry, fds[i], (uint64_t)i,
                                              MIO_READABLE | MIO_LEVEL));
    CHECK(mio_poll_wait(poll, events, 256, 0) > 0);
    if (i == 0) {
      calls_at_one = wrapped_calls - calls_at_start;
    }
    CHECK(wrapped_calls - calls_at_start == calls_at_one);
  }
  CHECK(calls_at_one == 2);
  int blocks = wrapped_live;
  for (int i = 0; i < count; i++) {
    CHECK_RC("OK", mio_registry_deregister_fd(registry, fds[i]));
    (void)close(fds[i]);
  }
  CHECK(wrapped_live == blocks);
  mio_registry_free(registry);
  mio_poll_free(poll);
  (void)fprintf(stderr, "memory: %d registrations, no allocation\n", count);
}

/* What poll(2) takes for a registration is given back, and bounded. */
TEST_ON(POLL, memory, bounded_per_registration) {
  int count = as_many_as_allowed();
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_event_t event;
  int before = wrapped_live;
  for (int i = 0; i < count; i++) {
    CHECK_RC("OK", mio_registry_register_fd(registry, fds[i], (uint64_t)i,
                                            MIO_READABLE));
  }
  CHECK(wrapped_live - before <= 8); /* A few arrays, not a block for each. */
  CHECK(mio_poll_wait(poll, &event, 1, 0) == 1);
  int calls_before = wrapped_calls;
  CHECK(mio_poll_wait(poll, &event, 1, 0) == 1);
  CHECK(wrapped_calls == calls_before); /* A wait allocates nothing. */
  for (int i = 0; i < count; i++) {
    CHECK_RC("OK", mio_registry_deregister_fd(registry, fds[i]));
    (void)close(fds[i]);
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
}

TEST(memory, a_poll_is_small) {
  size_t before = wrapped_bytes;
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  CHECK(wrapped_bytes > before);
  CHECK(wrapped_bytes - before <= (size_t)12 * 1024);
  mio_registry_free(registry);
  mio_poll_free(poll);
}

/* Makes one of everything; stops at the first failure, and gives its code. */
static int32_t make_all(uint32_t selector, int fd) {
  mio_poll_options_t options = {.size = sizeof(options), .selector = selector};
  mio_poll_t *poll = (mio_poll_t *)&options;
  mio_registry_t *registry = NULL;
  mio_registry_t *clone = NULL;
  mio_waker_t *waker = NULL;
  int32_t rc = mio_poll_new(&poll, &options);
  CHECK(rc == 0 || poll == NULL);
  if (rc == 0) {
    rc = mio_poll_registry(poll, &registry);
    CHECK(rc == 0 || registry == NULL);
  }
  if (rc == 0) {
    rc = mio_registry_clone(registry, &clone);
    CHECK(rc == 0 || clone == NULL);
  }
  if (rc == 0) {
    rc = mio_waker_new(&waker, clone, 1);
    CHECK(rc == 0 || waker == NULL);
  }
  if (rc == 0) {
    rc = mio_registry_register_fd(registry, fd, 1, MIO_READABLE);
  }
  if (rc == 0) {
    rc = mio_registry_reregister_fd(registry, fd, 2, MIO_WRITABLE);
  }
  if (rc == 0) {
    rc = mio_registry_deregister_fd(registry, fd);
  }
  mio_waker_free(waker);
  mio_registry_free(clone);
  mio_poll_free(poll);
  mio_registry_free(registry);
  return rc;
}

/* Each call that can fail, failing in turn: the error comes out, and nothing
 * stays behind. */
TEST(memory, every_failure_leaves_nothing) {
  int fd = eventfd(1, EFD_CLOEXEC);
  int open_before = check_open_descriptors();
  int live_before = wrapped_live;
  int failures = 0;
  for (int i = 1;; i++) {
    wrapped_calls = 0;
    wrapped_failed = 0;
    wrapped_fail_at = i;
    int32_t rc = make_all(selector, fd);
    wrapped_fail_at = 0;
    CHECK(wrapped_live == live_before);
    CHECK(check_open_descriptors() == open_before);
    if (!wrapped_failed) {
      CHECK_RC("OK", rc);
      break;
    }
    if (rc < 0) {
      const char *name = mio_err_name(rc);
      CHECK(strcmp(name, "ENOMEM") == 0 || strcmp(name, "EMFILE") == 0);
      failures++;
    }
  }
  /* poll, core, lock, selector, its descriptors, registry, clone, waker ... */
  CHECK(failures >= 11);
  (void)close(fd);
}
