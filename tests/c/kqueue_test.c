/* What only the kqueue selector can get wrong. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
  mio_poll_t *poll;
  mio_registry_t *registry;
  int ends[2];
};

static void make_pair(int ends[2]) {
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                   ends) == 0);
}

static struct fixture set_up(uint32_t selector) {
  struct fixture f;
  f.poll = check_poll(selector);
  f.registry = check_registry(f.poll);
  make_pair(f.ends);
  return f;
}

static void tear_down(struct fixture *f) {
  (void)close(f->ends[0]);
  (void)close(f->ends[1]);
  mio_registry_free(f->registry);
  mio_poll_free(f->poll);
}

/* Closes the pair, and makes another one with the same numbers. */
static void make_stale(struct fixture *f) {
  int before[2] = {f->ends[0], f->ends[1]};
  (void)close(f->ends[0]);
  (void)close(f->ends[1]);
  make_pair(f->ends);
  CHECK(f->ends[0] == before[0] && f->ends[1] == before[1]);
}

/* The number of the kqueue is another descriptor in a child that opened one
 * before it freed the poll; that one stays open. */
TEST_ON(KQUEUE, kqueue, child_never_closes_its_number) {
  struct fixture f = set_up(selector);
  mio_waker_t *waker;
  CHECK_RC("OK", mio_waker_new(&waker, f.registry, 5));
  mio_fd_t fd;
  CHECK_RC("OK", mio_poll_fd(f.poll, &fd));
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    int opened = eventfd(0, EFD_CLOEXEC); /* The lowest that is free. */
    (void)dup2(opened, (int)fd);
    mio_registry_free(f.registry);
    mio_waker_free(waker);
    mio_poll_free(f.poll);
    check_exit(fcntl((int)fd, F_GETFD) >= 0 ? 0 : 1);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  mio_waker_free(waker);
  tear_down(&f);
}

/* The lists of nested polls: a child begins with an empty one, and frees what
 * it has of the parent's without a look at it. */
TEST_ON(KQUEUE, kqueue, child_nests_polls_of_its_own) {
  struct fixture f = set_up(selector);
  mio_fd_t fd;
  CHECK_RC("OK", mio_poll_fd(f.poll, &fd));
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    (void)alarm(20);
    mio_registry_free(f.registry);
    mio_poll_free(f.poll);
    mio_poll_t *outer = check_poll(selector);
    mio_poll_t *inner = check_poll(selector);
    mio_registry_t *registry = check_registry(outer);
    mio_fd_t outer_fd;
    CHECK_RC("OK", mio_poll_fd(inner, &fd));
    CHECK_RC("OK", mio_poll_fd(outer, &outer_fd));
    CHECK_RC("OK", mio_registry_register_fd(registry, fd, 1, MIO_READABLE));
    mio_registry_t *of_inner = check_registry(inner);
    CHECK_RC("ELOOP",
             mio_registry_register_fd(of_inner, outer_fd, 1, MIO_READABLE));
    check_exit(0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  tear_down(&f);
}

TEST_ON(KQUEUE, kqueue, stale_entries_are_unmasked) {
  static const uint32_t interests[] = {
      MIO_READABLE, MIO_WRITABLE | MIO_LEVEL, MIO_READABLE | MIO_ONESHOT,
      MIO_READABLE | MIO_WRITABLE, MIO_WRITABLE | MIO_ONESHOT};
  for (int i = 0; i < 5; i++) {
    struct fixture f = set_up(selector);
    mio_event_t event;
    CHECK_RC("OK",
             mio_registry_register_fd(f.registry, f.ends[0], 1, interests[i]));
    (void)mio_poll_wait(f.poll, &event, 1, 0); /* The last one fires. */
    make_stale(&f);
    CHECK_RC("ENOENT", mio_registry_reregister_fd(f.registry, f.ends[0], 2,
                                                  MIO_WRITABLE));
    CHECK(mio_poll_wait(f.poll, &event, 1, 0) == 0);
    CHECK_RC("OK",
             mio_registry_register_fd(f.registry, f.ends[0], 1, interests[i]));
    make_stale(&f);
    CHECK_RC("ENOENT", mio_registry_deregister_fd(f.registry, f.ends[0]));
    CHECK_RC("OK",
             mio_registry_register_fd(f.registry, f.ends[0], 1, interests[i]));
    make_stale(&f);
    CHECK_RC("OK",
             mio_registry_register_fd(f.registry, f.ends[0], 3, MIO_WRITABLE));
    CHECK_RC("EEXIST",
             mio_registry_register_fd(f.registry, f.ends[0], 4, MIO_WRITABLE));
    CHECK(mio_poll_wait(f.poll, &event, 1, SECOND) == 1);
    CHECK(event.token == 3);
    tear_down(&f);
  }
}

static int is_readable(mio_fd_t fd) {
  struct pollfd polled = {(int)fd, POLLIN, 0};
  return poll(&polled, 1, 0) == 1;
}

/* A probe for a stale entry disturbs nothing: a spent one-shot stays spent,
 * an armed one armed, and the token stays. */
TEST_ON(KQUEUE, kqueue, probing_changes_nothing) {
  struct fixture f = set_up(selector);
  mio_event_t event;
  mio_fd_t fd;
  CHECK_RC("OK", mio_poll_fd(f.poll, &fd));
  CHECK_RC("OK", mio_registry_register_fd(f.registry, f.ends[0], 1,
                                          MIO_READABLE | MIO_WRITABLE |
                                              MIO_ONESHOT));
  CHECK_RC("EEXIST",
           mio_registry_register_fd(f.registry, f.ends[0], 2, MIO_READABLE));
  CHECK(mio_poll_wait(f.poll, &event, 1, SECOND) == 1);
  CHECK(event.token == 1 && event.readiness == MIO_WRITABLE);
  CHECK_RC("EEXIST",
           mio_registry_register_fd(f.registry, f.ends[0], 2, MIO_READABLE));
  CHECK(!is_readable(fd));
  CHECK(write(f.ends[1], "x", 1) == 1);
  CHECK_RC("EEXIST",
           mio_registry_register_fd(f.registry, f.ends[0], 2, MIO_READABLE));
  CHECK(mio_poll_wait(f.poll, &event, 1, 0) == 0);
  CHECK_RC("OK",
           mio_registry_reregister_fd(f.registry, f.ends[0], 3, MIO_READABLE));
  CHECK_RC("EEXIST",
           mio_registry_register_fd(f.registry, f.ends[0], 4, MIO_READABLE));
  CHECK(mio_poll_wait(f.poll, &event, 1, SECOND) == 1);
  CHECK(event.token == 3);
  tear_down(&f);
}

/* The other direction of a one-shot that fired is disabled in the kernel, not
 * only left out: the poll's descriptor stays silent. */
TEST_ON(KQUEUE, kqueue, the_twin_is_disabled) {
  struct fixture f = set_up(selector);
  mio_event_t event;
  mio_fd_t fd;
  CHECK_RC("OK", mio_poll_fd(f.poll, &fd));
  CHECK(write(f.ends[1], "x", 1) == 1);
  CHECK_RC("OK", mio_registry_register_fd(f.registry, f.ends[0], 1,
                                          MIO_READABLE | MIO_WRITABLE |
                                              MIO_ONESHOT));
  CHECK(is_readable(fd));
  CHECK(mio_poll_wait(f.poll, &event, 1, SECOND) == 1);
  CHECK(!is_readable(fd));
  CHECK_RC("OK", mio_registry_reregister_fd(f.registry, f.ends[0], 1,
                                            MIO_READABLE | MIO_ONESHOT));
  CHECK(is_readable(fd));
  CHECK(mio_poll_wait(f.poll, &event, 1, SECOND) == 1);
  CHECK(event.readiness == MIO_READABLE && !is_readable(fd));
  tear_down(&f);
}

/* A kqueue can be read and not written: the half that was done is undone. */
TEST_ON(KQUEUE, kqueue, half_a_registration_is_taken_back) {
  struct fixture f = set_up(selector);
  mio_poll_t *inner = check_poll(selector);
  mio_registry_t *of_inner = check_registry(inner);
  mio_event_t events[2];
  mio_fd_t fd;
  CHECK_RC("OK", mio_poll_fd(inner, &fd));
  CHECK_RC("OK", mio_registry_register_fd(of_inner, f.ends[0], 7,
                                          MIO_WRITABLE | MIO_LEVEL));
  CHECK_RC("EINVAL",
           mio_registry_register_fd(f.registry, fd, 1,
                                    MIO_READABLE | MIO_WRITABLE | MIO_LEVEL));
  CHECK(mio_poll_wait(f.poll, events, 2, 0) == 0);
  CHECK_RC("ENOENT", mio_registry_deregister_fd(f.registry, fd));
  CHECK_RC("OK", mio_registry_register_fd(f.registry, fd, 2,
                                          MIO_READABLE | MIO_LEVEL));
  CHECK_RC("EINVAL", mio_registry_reregister_fd(f.registry, fd, 3,
                                                MIO_READABLE | MIO_WRITABLE));
  for (int i = 0; i < 2; i++) { /* As before: the token, and level. */
    CHECK(mio_poll_wait(f.poll, events, 2, SECOND) == 1);
    CHECK(events[0].token == 2);
  }
  mio_registry_free(of_inner);
  mio_poll_free(inner);
  tear_down(&f);
}

/* More than one system call's worth of events: each once, with room for all,
 * and with the edges that come after what is ready at level. */
TEST_ON(KQUEUE, kqueue, more_events_than_one_call_takes) {
  enum { COUNT = 300 };
  struct fixture f = set_up(selector);
  int fds[COUNT];
  for (int i = 0; i < COUNT; i++) {
    fds[i] = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK(fds[i] >= 0);
    CHECK_RC("OK", mio_registry_register_fd(f.registry, fds[i], (uint64_t)i,
                                            MIO_READABLE |
                                                (i % 3 == 0 ? 0 : MIO_LEVEL)));
  }
  static mio_event_t events[4 * COUNT];
  for (int round = 0; round < 3; round++) {
    int seen[COUNT] = {0};
    int32_t n = mio_poll_wait(f.poll, events, 4 * COUNT, SECOND);
    CHECK(n == (round == 0 ? COUNT : COUNT * 2 / 3));
    for (int32_t i = 0; i < n; i++) {
      CHECK(++seen[events[i].token] == 1);
    }
  }
  for (int i = 0; i < COUNT; i++) {
    (void)close(fds[i]);
  }
  tear_down(&f);
}

/* A waker that is a pipe, full of wakes that nobody read. */
TEST_ON(KQUEUE, kqueue, a_full_pipe_wakes) {
  struct fixture f = set_up(selector);
  mio_waker_t *waker;
  mio_fd_t fd;
  CHECK_RC("OK", mio_poll_fd(f.poll, &fd)); /* Every wake is written. */
  CHECK_RC("OK", mio_waker_new(&waker, f.registry, 5));
  for (int i = (int)fd; i < (int)fd + 10; i++) {
    struct stat st;
    int mode = fcntl(i, F_GETFL);
    if (fstat(i, &st) == 0 && S_ISFIFO(st.st_mode) && mode & O_WRONLY) {
      while (write(i, "", 1) == 1) {
      }
    }
  }
  mio_event_t event;
  (void)mio_poll_wait(f.poll, &event, 1, 0);
  for (int i = 0; i < 3; i++) {
    CHECK_RC("OK", mio_waker_wake(waker));
    CHECK(mio_poll_wait(f.poll, &event, 1, SECOND) == 1);
    CHECK(event.token == 5 && event.readiness == MIO_READABLE);
  }
  mio_waker_free(waker);
  tear_down(&f);
}
