/* Handles, options, choice of the selector, limits of the process. */
#include "check.h"

#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

TEST(handle, freed_in_any_order) {
  static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                   {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (int i = 0; i < 6; i++) {
    mio_poll_t *poll = check_poll(selector);
    mio_registry_t *registry = check_registry(poll);
    mio_waker_t *waker;
    CHECK_RC("OK", mio_waker_new(&waker, registry, 1));
    CHECK_RC("OK", mio_waker_wake(waker));
    for (int k = 0; k < 3; k++) {
      if (orders[i][k] == 0) {
        mio_poll_free(poll);
      } else if (orders[i][k] == 1) {
        mio_registry_free(registry);
      } else {
        mio_waker_free(waker);
      }
    }
  }
}

TEST(handle, registry_outlives_its_poll) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  int fd = eventfd(0, EFD_CLOEXEC);
  mio_poll_free(poll);
  CHECK_RC("OK", mio_registry_register_fd(registry, fd, 1, MIO_READABLE));
  CHECK_RC("EEXIST", mio_registry_register_fd(registry, fd, 1, MIO_READABLE));
  mio_registry_t *clone;
  CHECK_RC("OK", mio_registry_clone(registry, &clone));
  mio_registry_free(registry);
  CHECK_RC("OK", mio_registry_deregister_fd(clone, fd));
  mio_registry_free(clone);
  (void)close(fd);
}

TEST(handle, null_is_einval_or_nothing) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = (mio_registry_t *)poll;
  mio_event_t event;
  mio_fd_t fd = 7;
  CHECK_RC("EINVAL", mio_poll_new(NULL, NULL));
  CHECK_RC("EINVAL", mio_poll_registry(NULL, &registry));
  CHECK(registry == NULL);
  registry = check_registry(poll);
  CHECK_RC("EINVAL", mio_poll_registry(poll, NULL));
  CHECK_RC("EINVAL", mio_poll_wait(NULL, &event, 1, 0));
  CHECK_RC("EINVAL", mio_poll_wait(poll, NULL, 1, 0));
  CHECK_RC("EINVAL", mio_poll_wait(poll, &event, 0, 0));
  CHECK_RC("EINVAL", mio_poll_fd(NULL, &fd));
  CHECK(fd == -1);
  CHECK_RC("EINVAL", mio_poll_fd(poll, NULL));
  CHECK(mio_poll_selector(NULL) == MIO_SELECTOR_DEFAULT);
  CHECK(mio_poll_features(NULL) == 0);
  mio_registry_t *clone = registry;
  CHECK_RC("EINVAL", mio_registry_clone(NULL, &clone));
  CHECK(clone == NULL);
  CHECK_RC("EINVAL", mio_registry_clone(registry, NULL));
  CHECK_RC("EINVAL", mio_registry_register_fd(NULL, 0, 1, MIO_READABLE));
  CHECK_RC("EINVAL", mio_registry_reregister_fd(NULL, 0, 1, MIO_READABLE));
  CHECK_RC("EINVAL", mio_registry_deregister_fd(NULL, 0));
  mio_waker_t *waker = (mio_waker_t *)poll;
  CHECK_RC("EINVAL", mio_waker_new(&waker, NULL, 1));
  CHECK(waker == NULL);
  CHECK_RC("EINVAL", mio_waker_new(NULL, registry, 1));
  CHECK_RC("EINVAL", mio_waker_wake(NULL));
  CHECK_RC("EINVAL", mio_selector_from_name(NULL));
  CHECK(mio_err_from_name(NULL) == 0);
  mio_poll_free(NULL);
  mio_registry_free(NULL);
  mio_waker_free(NULL);
  mio_registry_free(registry);
  mio_poll_free(poll);
}

/* A newer caller: more bytes than this library knows. */
struct longer {
  mio_poll_options_t known;
  uint32_t unknown[4];
};

TEST(options, sized) {
  struct longer options;
  mio_poll_t *poll = NULL;
  memset(&options, 0, sizeof(options));
  options.known.selector = selector;
  const mio_poll_options_t *given = &options.known;
  for (uint32_t size = 0; size < 16; size++) {
    options.known.size = size;
    CHECK_RC("EINVAL", mio_poll_new(&poll, given));
    CHECK(poll == NULL);
  }
  options.known.size = sizeof(options);
  CHECK_RC("OK", mio_poll_new(&poll, given));
  CHECK(mio_poll_selector(poll) == selector);
  mio_poll_free(poll);
  options.unknown[3] = 0x01000000;
  CHECK_RC("E2BIG", mio_poll_new(&poll, given));
  CHECK(poll == NULL);
  options.unknown[3] = 0;
  options.known.flags = 1;
  CHECK_RC("EINVAL", mio_poll_new(&poll, given));
  options.known.flags = 0;
  options.known.reserved = 1;
  CHECK_RC("EINVAL", mio_poll_new(&poll, given));
}

TEST(options, selector_by_number) {
  mio_poll_options_t options = {.size = sizeof(options)};
  mio_poll_t *poll = NULL;
  options.selector = 7;
  CHECK_RC("EINVAL", mio_poll_new(&poll, &options));
  options.selector = UINT32_MAX;
  CHECK_RC("EINVAL", mio_poll_new(&poll, &options));
  options.selector = MIO_SELECTOR_IOCP;
  CHECK_RC("EOPNOTSUPP", mio_poll_new(&poll, &options));
  CHECK(poll == NULL);
  options.selector = selector;
  CHECK_RC("OK", mio_poll_new(&poll, &options));
  CHECK(mio_poll_selector(poll) == selector);
  mio_poll_free(poll);
}

TEST(options, selector_by_environment) {
  mio_poll_t *poll = NULL;
  (void)setenv("MIOPOLL_SELECTOR", mio_selector_name(selector), 1);
  CHECK_RC("OK", mio_poll_new(&poll, NULL));
  CHECK(mio_poll_selector(poll) == selector);
  mio_poll_free(poll);
  (void)setenv("MIOPOLL_SELECTOR", "eport", 1);
  CHECK_RC("EINVAL", mio_poll_new(&poll, NULL));
  CHECK(poll == NULL);
  (void)setenv("MIOPOLL_SELECTOR", "iocp", 1);
  CHECK_RC("EOPNOTSUPP", mio_poll_new(&poll, NULL));
  poll = check_poll(selector); /* A named one does not look. */
  CHECK(mio_poll_selector(poll) == selector);
  mio_poll_free(poll);
  (void)setenv("MIOPOLL_SELECTOR", "", 1);
  CHECK_RC("OK", mio_poll_new(&poll, NULL));
  CHECK(mio_poll_selector(poll) == MIO_SELECTOR_EPOLL);
  mio_poll_free(poll);
  (void)unsetenv("MIOPOLL_SELECTOR");
  CHECK_RC("OK", mio_poll_new(&poll, NULL));
  CHECK(mio_poll_selector(poll) == MIO_SELECTOR_EPOLL);
  mio_poll_free(poll);
}

TEST(options, features) {
  mio_poll_t *poll = check_poll(selector);
  uint32_t expected = MIO_FEATURE_PRIORITY | MIO_FEATURE_NANOSECONDS;
  if (selector == MIO_SELECTOR_KQUEUE) {
    expected |= MIO_FEATURE_EDGE_EXACT | MIO_FEATURE_FD;
    expected &= mio_poll_features(poll) | ~(uint32_t)MIO_FEATURE_PRIORITY;
  } else if (selector == MIO_SELECTOR_EPOLL) {
    expected |=
        MIO_FEATURE_EDGE_EXACT | MIO_FEATURE_EXCLUSIVE | MIO_FEATURE_FD;
  }
  /* A kernel or an emulator without epoll_pwait2 has no nanoseconds. */
  uint32_t without = expected & ~(uint32_t)MIO_FEATURE_NANOSECONDS;
  CHECK((mio_poll_features(poll) | MIO_FEATURE_NANOSECONDS) == expected);
  CHECK((mio_poll_features(poll) & without) == without);
  mio_poll_free(poll);
}

/* Sets how many descriptors may be open; returns how it was. */
static rlim_t allow(rlim_t count) {
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  rlim_t before = limit.rlim_cur;
  limit.rlim_cur = count;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  return before;
}

TEST(limits, too_many_descriptors) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_poll_options_t options = {.size = sizeof(options), .selector = selector};
  int next = dup(0);
  (void)close(next);
  rlim_t before = allow((rlim_t)next); /* None more. */
  mio_poll_t *second = poll;
  int32_t none = mio_poll_new(&second, &options);
  mio_waker_t *waker = NULL;
  int32_t waker_rc = mio_waker_new(&waker, registry, 1);
  (void)allow((rlim_t)next + 1); /* One, which is half a pipe. */
  mio_poll_t *third = NULL;
  int32_t one = mio_poll_new(&third, &options);
  (void)allow(before);
  CHECK_RC("EMFILE", none);
  CHECK(second == NULL);
  if (selector == MIO_SELECTOR_EPOLL) {
    CHECK_RC("EMFILE", waker_rc);
    CHECK(waker == NULL);
    CHECK_RC("OK", one);
  } else if (selector == MIO_SELECTOR_POLL) {
    CHECK_RC("OK", waker_rc);
    CHECK_RC("EMFILE", one);
  } /* A kqueue and its waker take as many as the system says. */
  mio_poll_free(third);
  mio_waker_free(waker);
  mio_registry_free(registry);
  mio_poll_free(poll);
}

/* Fewer descriptors than are registered: epoll does not mind, poll(2) says
 * so, and goes on when there may be as many again. */
TEST(limits, lowered_below_what_is_registered) {
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  enum { COUNT = 20 };
  int fds[COUNT];
  for (int i = 0; i < COUNT; i++) {
    fds[i] = eventfd(1, EFD_CLOEXEC);
    CHECK_RC("OK", mio_registry_register_fd(registry, fds[i], 1,
                                            MIO_READABLE | MIO_LEVEL));
  }
  mio_event_t events[COUNT];
  rlim_t before = allow(COUNT - 1);
  int32_t lowered = mio_poll_wait(poll, events, COUNT, 0);
  (void)allow(before);
  if (selector == MIO_SELECTOR_POLL) {
    CHECK_RC("EINVAL", lowered);
  } else {
    CHECK(lowered == COUNT);
  }
  CHECK(mio_poll_wait(poll, events, COUNT, 0) == COUNT);
  for (int i = 0; i < COUNT; i++) {
    (void)close(fds[i]);
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
}

TEST(limits, opening_and_freeing_2000_times) {
  for (int i = 0; i < check_scaled(2000); i++) {
    mio_poll_t *poll = check_poll(selector);
    mio_event_t event;
    CHECK(mio_poll_wait(poll, &event, 1, 0) == 0);
    mio_poll_free(poll);
  }
}

enum { SOME = 64 };

static int flags_of_all(int flags[SOME]) {
  int count = 0;
  for (int fd = 0; fd < SOME; fd++) {
    flags[fd] = fcntl(fd, F_GETFD);
    count += flags[fd] >= 0;
  }
  return count;
}

TEST(limits, all_descriptors_are_close_on_exec) {
  int before[SOME];
  int after[SOME];
  int count = flags_of_all(before);
  mio_poll_t *poll = check_poll(selector);
  mio_registry_t *registry = check_registry(poll);
  mio_waker_t *waker;
  CHECK_RC("OK", mio_waker_new(&waker, registry, 1));
  int made = flags_of_all(after) - count;
  /* Two, with each selector of ours to count; a kqueue's waker has its own
   * number. */
  CHECK(selector == MIO_SELECTOR_KQUEUE ? made >= 1 : made == 2);
  for (int fd = 0; fd < SOME; fd++) {
    CHECK(before[fd] >= 0 || after[fd] < 0 || (after[fd] & FD_CLOEXEC));
  }
  mio_waker_free(waker);
  mio_registry_free(registry);
  mio_poll_free(poll);
}
