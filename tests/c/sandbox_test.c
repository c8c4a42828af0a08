/*
 * Kernels that have less, and sandboxes that refuse: a seccomp filter in a
 * child process makes one system call fail with a chosen errno, as an old
 * kernel or a container would. The calls are real, the refusal is the
 * kernel's.
 */
#include "check.h"
#include "sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

/* Runs `body` in a child, which says by its result whether all went well. */
static void in_child(int (*body)(int), int argument) {
  (void)fflush(NULL);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    check_exit(body(argument) ? 0 : 1);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

static int is(const char *name, int32_t rc) {
  if (strcmp(mio_err_name(rc), name) == 0) {
    return 1;
  }
  (void)fprintf(stderr, "expected %s, got %s\n", name, mio_err_name(rc));
  return 0;
}

/* Timed waits go on, rounded up to a millisecond: which also shows that the
 * fall-back was taken. The longest is never waited for. */
static int waits_are_rounded_up(mio_poll_t *poll) {
  static const int64_t timeouts[] = {1, 100000, MS - 1, MS, MS + 1, 3 * MS};
  mio_event_t event;
  for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
    int64_t begin = mio_clock_now();
    if (mio_poll_wait(poll, &event, 1, timeouts[i]) != 0) {
      return 0;
    }
    int64_t rounded = (timeouts[i] + MS - 1) / MS * MS;
    if (mio_clock_now() - begin < rounded) {
      return 0;
    }
  }
  mio_registry_t *registry = check_registry(poll);
  int fd = eventfd(1, EFD_CLOEXEC);
  return mio_registry_register_fd(registry, fd, 7, MIO_READABLE) == 0 &&
         mio_poll_wait(poll, &event, 1, INT64_MAX) == 1 && event.token == 7;
}

static int refused_from_the_start(int error) {
  sandbox_refuse(SYS_epoll_pwait2, error);
  mio_poll_t *poll = check_poll(MIO_SELECTOR_EPOLL);
  return !(mio_poll_features(poll) & MIO_FEATURE_NANOSECONDS) &&
         waits_are_rounded_up(poll);
}

static int refused_later(int error) {
  mio_poll_t *poll = check_poll(MIO_SELECTOR_EPOLL);
  sandbox_refuse(SYS_epoll_pwait2, error);
  return waits_are_rounded_up(poll);
}

TEST_ON(EPOLL, sandbox, epoll_pwait2_is_refused) {
  (void)selector;
  in_child(refused_from_the_start, ENOSYS);
  in_child(refused_from_the_start, EPERM);
  in_child(refused_later, ENOSYS);
  in_child(refused_later, EPERM);
}

static int no_epoll(int error) {
  sandbox_refuse(SYS_epoll_create1, error);
  mio_poll_options_t options = {.size = sizeof(options)};
  mio_poll_t *poll = NULL;
  int fine;
  if (error == ENOSYS) {
    fine = is("OK", mio_poll_new(&poll, &options)) &&
           mio_poll_selector(poll) == MIO_SELECTOR_POLL;
    mio_poll_free(poll);
  } else {
    /* A lack of something is told, not hidden behind another selector. */
    fine = is("ENFILE", mio_poll_new(&poll, &options)) && poll == NULL;
  }
  options.selector = MIO_SELECTOR_EPOLL;
  return fine &&
         is(error == ENOSYS ? "ENOSYS" : "ENFILE",
            mio_poll_new(&poll, &options)) &&
         poll == NULL;
}

TEST_ON(EPOLL, sandbox, no_epoll_at_all) {
  (void)selector;
  in_child(no_epoll, ENOSYS);
  in_child(no_epoll, ENFILE);
}

static int eventfd_fails(int error) {
  mio_poll_t *poll = check_poll(MIO_SELECTOR_EPOLL);
  mio_registry_t *registry = check_registry(poll);
  sandbox_refuse(SYS_eventfd2, error);
  mio_waker_t *waker = (mio_waker_t *)poll;
  return is("ENFILE", mio_waker_new(&waker, registry, 1)) && waker == NULL;
}

/* What epoll_ctl(2) answers when fs.epoll.max_user_watches is reached, or
 * memory is short. Neither can be had without harm to the machine. */
static int watch_fails(int error) {
  mio_poll_t *poll = check_poll(MIO_SELECTOR_EPOLL);
  mio_registry_t *registry = check_registry(poll);
  int fd = eventfd(1, EFD_CLOEXEC);
  int before = check_open_descriptors();
  sandbox_refuse_if(SYS_epoll_ctl, 1, UINT32_MAX, EPOLL_CTL_ADD, error);
  const char *name = error == ENOSPC ? "ENOSPC" : "ENOMEM";
  mio_waker_t *waker;
  return is(name, mio_registry_register_fd(registry, fd, 1, MIO_READABLE)) &&
         is(name, mio_waker_new(&waker, registry, 1)) && waker == NULL &&
         check_open_descriptors() == before;
}

static int change_fails(int error) {
  mio_poll_t *poll = check_poll(MIO_SELECTOR_EPOLL);
  mio_registry_t *registry = check_registry(poll);
  int fd = eventfd(1, EFD_CLOEXEC);
  if (mio_registry_register_fd(registry, fd, 1, MIO_READABLE) != 0) {
    return 0;
  }
  sandbox_refuse_if(SYS_epoll_ctl, 1, UINT32_MAX, EPOLL_CTL_MOD, error);
  return is("ENOMEM",
            mio_registry_reregister_fd(registry, fd, 2, MIO_READABLE));
}

TEST_ON(EPOLL, sandbox, kernel_limits) {
  (void)selector;
  in_child(eventfd_fails, ENFILE);
  in_child(watch_fails, ENOSPC);
  in_child(watch_fails, ENOMEM);
  in_child(change_fails, ENOMEM);
}

static int wait_fails(int error) {
  mio_poll_t *poll = check_poll(MIO_SELECTOR_POLL);
  mio_event_t event;
  sandbox_refuse(SYS_ppoll, error);
  return is("ENOMEM", mio_poll_wait(poll, &event, 1, 0)) &&
         is("ENOMEM", mio_poll_wait(poll, &event, 1, -1));
}

TEST_ON(POLL, sandbox, no_memory_for_a_wait) {
  (void)selector;
  in_child(wait_fails, ENOMEM);
}
