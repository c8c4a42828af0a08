/*
 * The emulation of kqueue against the table that specifies it: a test for each
 * row of what was measured on NetBSD's own kqueue code, named by the row, and
 * for what FreeBSD, macOS and DragonFly do otherwise. The last ones are of
 * what the emulation itself promises.
 */
#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <sys/wait.h>

static struct kevent got[8];

/* A kqueue that behaves as a system does. */
static int behaves_as(const char *system) {
  CHECK(setenv("FAKE_KQUEUE", system, 1) == 0);
  int kq = kqueue();
  CHECK(kq >= 0);
  return kq;
}

/* One change; 0 or the error. */
static int change(int kq, int ident, int filter, int flags, long udata) {
  struct kevent one;
  EV_SET(&one, (uintptr_t)ident, (int16_t)filter, (uint16_t)flags, 0, 0,
         (void *)udata); /* NOLINT(performance-no-int-to-ptr) */
  return kevent(kq, &one, 1, NULL, 0, NULL) < 0 ? errno : 0;
}

/* How many events there are within so many milliseconds. */
static int wait_ms(int kq, int milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  memset(got, 0, sizeof(got));
  return kevent(kq, NULL, 0, got, 8, &time);
}

static int ready(int kq) {
  return wait_ms(kq, 0);
}

static void make_pair(int ends[2]) {
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
}

static void put(int fd, int count) {
  CHECK(write(fd, "0123456789", (size_t)count) == count);
}

static void take(int fd, int count) {
  char bytes[16];
  CHECK(read(fd, bytes, (size_t)count) == count);
}

static void close_all(int kq, int a, int b) {
  (void)close(a);
  if (b >= 0) {
    (void)close(b);
  }
  (void)close(kq);
  (void)unsetenv("FAKE_KQUEUE");
}

static struct sockaddr_in local(void) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void make_tcp(int ends[2]) {
  struct sockaddr_in address = local();
  socklen_t length = sizeof(address);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(bind(listener, (struct sockaddr *)&address, length) == 0);
  CHECK(listen(listener, 1) == 0);
  CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
  ends[0] = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(connect(ends[0], (struct sockaddr *)&address, length) == 0);
  ends[1] = accept(listener, NULL, NULL);
  CHECK(ends[1] >= 0);
  (void)close(listener);
}

/* ------------------------------------------------------------ the table */

TEST_ON(KQUEUE, fake, read_level_and_clear_once_per_change) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  make_pair(ends);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD, 1) == 0);
  CHECK(ready(kq) == 0);
  put(ends[1], 3);
  for (int i = 0; i < 3; i++) {
    CHECK(ready(kq) == 1 && got[0].data == 3 && got[0].udata == (void *)1);
  }
  CHECK(change(kq, ends[0], EVFILT_READ, EV_DELETE, 0) == 0);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(ready(kq) == 1 && got[0].data == 3);
  CHECK(ready(kq) == 0);
  put(ends[1], 2);
  CHECK(ready(kq) == 1 && got[0].data == 5);
  CHECK(ready(kq) == 0);
  close_all(kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, add_again_changes_udata_not_clear_or_oneshot) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  make_pair(ends);
  put(ends[1], 1);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD, 1) == 0);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_CLEAR | EV_ONESHOT, 2) ==
        0);
  CHECK(ready(kq) == 1 && got[0].udata == (void *)2);
  CHECK(ready(kq) == 1); /* Still level. */
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ENABLE, 3) == 0);
  CHECK(ready(kq) == 1 && got[0].udata == (void *)2); /* EV_ADD only. */
  close_all(kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, add_again_of_clear_fires_while_it_holds) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  make_pair(ends);
  put(ends[1], 1);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(ready(kq) == 1);
  CHECK(ready(kq) == 0);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(ready(kq) == 1);
  take(ends[0], 1);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(ready(kq) == 0);
  close_all(kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, dispatch_then_enable_does_not_fire_again) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  make_pair(ends);
  put(ends[1], 1);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_DISPATCH, 1) == 0);
  CHECK(ready(kq) == 1);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ENABLE, 1) == 0);
  CHECK(ready(kq) == 0);
  put(ends[1], 1); /* Something new does. */
  CHECK(ready(kq) == 1);
  put(ends[1], 1); /* It is disabled. */
  CHECK(ready(kq) == 0);
  close_all(kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, partial_read_of_a_pipe_fires_again) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_CLEAR, 1) == 0);
  put(ends[1], 5);
  CHECK(ready(kq) == 1 && got[0].data == 5);
  CHECK(ready(kq) == 0);
  take(ends[0], 2);
  CHECK(ready(kq) == 1 && got[0].data == 3);
  CHECK(ready(kq) == 0);
  close_all(kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, receipt_answers_each_change_at_once) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  make_pair(ends);
  put(ends[1], 1);
  for (int i = 0; i < 2; i++) {
    int filter = i == 0 ? EVFILT_READ : EVFILT_WRITE;
    EV_SET(&got[i], (uintptr_t)ends[0], (int16_t)filter, EV_ADD | EV_RECEIPT,
           0, 0, NULL);
  }
  CHECK(kevent(kq, got, 2, got, 2, NULL) == 2);
  CHECK(got[0].flags == EV_ERROR && got[0].data == 0);
  CHECK(got[1].flags == EV_ERROR && got[1].data == 0);
  CHECK(ready(kq) == 2);
  close_all(kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, errors_take_a_slot_and_the_rest_is_applied) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  make_pair(ends);
  struct kevent changes[2];
  EV_SET(&changes[0], (uintptr_t)ends[0], EVFILT_WRITE, EV_DELETE, 0, 0, NULL);
  EV_SET(&changes[1], (uintptr_t)ends[0], EVFILT_WRITE, EV_ADD, 0, 0, NULL);
  CHECK(kevent(kq, changes, 2, got, 8, NULL) == 1);
  CHECK(got[0].flags == EV_ERROR && got[0].data == ENOENT);
  CHECK(ready(kq) == 1 && got[0].filter == EVFILT_WRITE);
  close_all(kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, bad_fd_missing_knote_bad_filter) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  make_pair(ends);
  CHECK(change(kq, 1000, EVFILT_READ, EV_ADD, 0) == EBADF);
  CHECK(change(kq, -1, EVFILT_READ, EV_ADD, 0) == EBADF);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_DELETE, 0) == ENOENT);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ENABLE, 0) == ENOENT);
  CHECK(change(kq, ends[0], 77, EV_ADD, 0) == EINVAL);
  close_all(kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, pipe_writer_closed_with_data_left) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_CLEAR, 1) == 0);
  put(ends[1], 4);
  (void)close(ends[1]);
  CHECK(ready(kq) == 1 && (got[0].flags & EV_EOF) && got[0].data == 4);
  CHECK(ready(kq) == 0);
  take(ends[0], 4);
  CHECK(ready(kq) == 1 && (got[0].flags & EV_EOF) && got[0].data == 0);
  CHECK(ready(kq) == 0);
  close_all(kq, ends[0], -1);
}

TEST_ON(KQUEUE, fake, pipe_reader_closed) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(change(kq, ends[1], EVFILT_WRITE, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(ready(kq) == 1 && !(got[0].flags & EV_EOF));
  (void)close(ends[0]);
  CHECK(ready(kq) == 1 && (got[0].flags & EV_EOF) && got[0].fflags == 0);
  close_all(kq, ends[1], -1);
}

/* Not in the table: from the systems' sources, pipe_kqfilter(). */
TEST_ON(KQUEUE, fake, pipe_whose_reader_is_gone_is_refused) {
  (void)selector;
  for (int i = 0; i < 2; i++) {
    int kq = behaves_as(i == 0 ? "netbsd" : "freebsd");
    int ends[2];
    CHECK(pipe(ends) == 0);
    (void)close(ends[0]);
    CHECK(change(kq, ends[1], EVFILT_WRITE, EV_ADD, 1) ==
          (i == 0 ? EBADF : EPIPE));
    CHECK(change(kq, ends[1], EVFILT_READ, EV_ADD, 1) == 0);
    close_all(kq, ends[1], -1);
  }
}

TEST_ON(KQUEUE, fake, close_removes_the_knote) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  int again[2];
  make_pair(ends);
  put(ends[1], 1);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD, 1) == 0);
  CHECK(change(kq, ends[0], EVFILT_WRITE, EV_ADD, 1) == 0);
  (void)close(ends[0]);
  CHECK(ready(kq) == 0);
  make_pair(again);
  CHECK(again[0] == ends[0]);
  put(again[1], 1);
  CHECK(ready(kq) == 0); /* The number's new owner is not watched. */
  CHECK(change(kq, again[0], EVFILT_READ, EV_ENABLE, 1) == ENOENT);
  CHECK(change(kq, again[0], EVFILT_WRITE, EV_DELETE, 1) == ENOENT);
  CHECK(change(kq, again[0], EVFILT_READ, EV_ADD, 2) == 0);
  CHECK(ready(kq) == 1 && got[0].udata == (void *)2);
  int copy = dup(again[0]); /* A duplicate does not keep it. */
  (void)close(again[0]);
  CHECK(ready(kq) == 0);
  (void)close(copy);
  (void)close(again[1]);
  close_all(kq, ends[1], -1);
}

TEST_ON(KQUEUE, fake, tcp_data_is_read_only) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  make_tcp(ends);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(change(kq, ends[0], EVFILT_WRITE, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(ready(kq) == 1 && got[0].filter == EVFILT_WRITE);
  put(ends[1], 1);
  CHECK(wait_ms(kq, 1000) == 1 && got[0].filter == EVFILT_READ);
  CHECK(ready(kq) == 0);
  close_all(kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, fin_with_unread_bytes) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  make_tcp(ends);
  put(ends[1], 10);
  CHECK(shutdown(ends[1], SHUT_WR) == 0);
  check_pause_ms(20);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(ready(kq) == 1 && (got[0].flags & EV_EOF) && got[0].data == 10);
  close_all(kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, own_write_side_shut) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  make_tcp(ends);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(change(kq, ends[0], EVFILT_WRITE, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(ready(kq) == 1);
  CHECK(shutdown(ends[0], SHUT_WR) == 0);
  CHECK(wait_ms(kq, 1000) == 1 && got[0].filter == EVFILT_WRITE);
  CHECK((got[0].flags & EV_EOF) && got[0].fflags == 0);
  close_all(kq, ends[0], ends[1]);
}

static int so_error(int fd) {
  int error = -1;
  socklen_t length = sizeof(error);
  CHECK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0);
  return error;
}

/* READ and WRITE, both with EV_EOF and this error. */
static void check_both(int kq, uint32_t error) {
  CHECK(ready(kq) == 2 && got[0].filter != got[1].filter);
  for (int i = 0; i < 2; i++) {
    CHECK((got[i].flags & EV_EOF) && got[i].fflags == error);
  }
}

TEST_ON(KQUEUE, fake, peer_reset) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  struct linger hard = {1, 0};
  make_tcp(ends);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(change(kq, ends[0], EVFILT_WRITE, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(ready(kq) == 1);
  CHECK(setsockopt(ends[1], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)) == 0);
  (void)close(ends[1]);
  check_pause_ms(20);
  check_both(kq, ECONNRESET);
  CHECK(so_error(ends[0]) == ECONNRESET); /* Still set. */
  close_all(kq, ends[0], -1);
}

TEST_ON(KQUEUE, fake, connect_refused) {
  (void)selector;
  int kq = behaves_as("netbsd");
  struct sockaddr_in address = local();
  socklen_t length = sizeof(address);
  int bound = socket(AF_INET, SOCK_STREAM, 0);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  CHECK(bind(bound, (struct sockaddr *)&address, length) == 0);
  CHECK(getsockname(bound, (struct sockaddr *)&address, &length) == 0);
  CHECK(connect(fd, (struct sockaddr *)&address, length) < 0);
  CHECK(errno == EINPROGRESS);
  CHECK(change(kq, fd, EVFILT_READ, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(change(kq, fd, EVFILT_WRITE, EV_ADD | EV_CLEAR, 1) == 0);
  check_pause_ms(20);
  check_both(kq, ECONNREFUSED);
  CHECK(so_error(fd) == ECONNREFUSED);
  close_all(kq, fd, bound);
}

TEST_ON(KQUEUE, fake, unconnected_tcp_socket_is_silent) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(change(kq, fd, EVFILT_READ, EV_ADD, 1) == 0);
  CHECK(change(kq, fd, EVFILT_WRITE, EV_ADD, 1) == 0);
  CHECK(ready(kq) == 0);
  close_all(kq, fd, -1);
}

struct waiter {
  int kq;
  int milliseconds;
  int count;
};

static void *wait_in_thread(void *argument) {
  struct waiter *waiter = argument;
  waiter->count = wait_ms(waiter->kq, waiter->milliseconds);
  return NULL;
}

TEST_ON(KQUEUE, fake, added_while_another_thread_waits) {
  (void)selector;
  struct waiter waiter = {behaves_as("netbsd"), 900, 0};
  int ends[2];
  pthread_t thread;
  make_pair(ends);
  CHECK(pthread_create(&thread, NULL, wait_in_thread, &waiter) == 0);
  check_pause_ms(20);
  CHECK(change(waiter.kq, ends[0], EVFILT_WRITE, EV_ADD, 1) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(waiter.count == 1);
  close_all(waiter.kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, closed_while_another_thread_waits) {
  (void)selector;
  struct waiter waiter = {behaves_as("netbsd"), 60, -1};
  int ends[2];
  pthread_t thread;
  make_pair(ends);
  CHECK(change(waiter.kq, ends[0], EVFILT_READ, EV_ADD, 1) == 0);
  CHECK(pthread_create(&thread, NULL, wait_in_thread, &waiter) == 0);
  check_pause_ms(20);
  (void)close(ends[0]);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(waiter.count == 0);
  close_all(waiter.kq, ends[1], -1);
}

TEST_ON(KQUEUE, fake, negative_timeout_is_einval) {
  (void)selector;
  int kq = behaves_as("netbsd");
  static const struct timespec bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}};
  for (int i = 0; i < 3; i++) {
    CHECK(kevent(kq, NULL, 0, got, 8, &bad[i]) == -1 && errno == EINVAL);
  }
  (void)close(kq);
}

TEST_ON(KQUEUE, fake, periodic_timer_coalesces) {
  (void)selector;
  int kq = behaves_as("netbsd");
  struct kevent timer;
  EV_SET(&timer, 7, EVFILT_TIMER, EV_ADD, 0, 5, (void *)1);
  CHECK(kevent(kq, &timer, 1, NULL, 0, NULL) == 0);
  check_pause_ms(28);
  CHECK(ready(kq) == 1 && got[0].ident == 7 && got[0].data >= 5);
  CHECK(wait_ms(kq, 1000) == 1);
  (void)close(kq);
}

TEST_ON(KQUEUE, fake, user_filter_is_absent) {
  (void)selector;
  int kq = behaves_as("netbsd");
  CHECK(change(kq, 0, EVFILT_USER, EV_ADD | EV_CLEAR, 1) == EINVAL);
  CHECK(change(kq, 0, EVFILT_EXCEPT, EV_DELETE, 1) == EINVAL);
  (void)close(kq);
}

/* ------------------------------------------ FreeBSD, macOS and DragonFly */

TEST_ON(KQUEUE, fake, any_change_replaces_udata_and_looks_again) {
  (void)selector;
  int kq = behaves_as("freebsd");
  int ends[2];
  make_pair(ends);
  put(ends[1], 1);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD | EV_CLEAR, 1) == 0);
  CHECK(ready(kq) == 1 && got[0].udata == (void *)1);
  CHECK(ready(kq) == 0);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ENABLE, 2) == 0);
  CHECK(ready(kq) == 1 && got[0].udata == (void *)2);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_DISABLE, 3) == 0);
  CHECK(ready(kq) == 0);
  close_all(kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, user_filter) {
  (void)selector;
  int kq = behaves_as("freebsd");
  struct kevent trigger;
  EV_SET(&trigger, 3, EVFILT_USER, 0, NOTE_TRIGGER, 0, (void *)9);
  CHECK(kevent(kq, &trigger, 1, NULL, 0, NULL) == -1 && errno == ENOENT);
  CHECK(change(kq, 3, EVFILT_USER, EV_ADD | EV_CLEAR, 9) == 0);
  CHECK(ready(kq) == 0);
  CHECK(kevent(kq, &trigger, 1, NULL, 0, NULL) == 0);
  CHECK(kevent(kq, &trigger, 1, NULL, 0, NULL) == 0);
  CHECK(ready(kq) == 1 && got[0].ident == 3 && got[0].udata == (void *)9);
  CHECK(ready(kq) == 0);
  CHECK(kevent(kq, &trigger, 1, NULL, 0, NULL) == 0);
  CHECK(change(kq, 3, EVFILT_USER, EV_DELETE, 0) == 0);
  CHECK(ready(kq) == 0);
  (void)close(kq);
}

TEST_ON(KQUEUE, fake, out_of_band_data) {
  (void)selector;
  int kq = behaves_as("freebsd");
  int ends[2];
  make_tcp(ends);
  CHECK(change(kq, ends[0], EVFILT_EXCEPT, EV_ADD | EV_CLEAR, 1) == 0);
  put(ends[1], 1);
  CHECK(wait_ms(kq, 20) == 0);
  CHECK(send(ends[1], "!", 1, MSG_OOB) == 1);
  CHECK(wait_ms(kq, 1000) == 1 && got[0].fflags == NOTE_OOB);
  CHECK(ready(kq) == 0);
  close_all(kq, ends[0], ends[1]);
}

/* ----------------------------------------------------- the emulation's own */

TEST_ON(KQUEUE, fake, descriptor_is_readable_when_there_are_events) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int outer = behaves_as("netbsd");
  int ends[2];
  struct pollfd polled = {kq, POLLIN, 0};
  make_pair(ends);
  CHECK(change(kq, ends[0], EVFILT_READ, EV_ADD, 1) == 0);
  CHECK(change(outer, kq, EVFILT_WRITE, EV_ADD, 2) == EINVAL);
  CHECK(change(outer, kq, EVFILT_READ, EV_ADD, 2) == 0);
  CHECK(poll(&polled, 1, 0) == 0 && ready(outer) == 0);
  put(ends[1], 1);
  CHECK(poll(&polled, 1, 0) == 1 && ready(outer) == 1);
  CHECK(ready(kq) == 1);
  take(ends[0], 1);
  CHECK(ready(kq) == 0);
  CHECK(poll(&polled, 1, 0) == 0 && ready(outer) == 0);
  (void)close(outer);
  close_all(kq, ends[0], ends[1]);
}

TEST_ON(KQUEUE, fake, not_inherited_by_a_child) {
  (void)selector;
  int kq = behaves_as("netbsd");
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    check_exit(fcntl(kq, F_GETFD) < 0 && ready(kq) < 0 ? 0 : 1);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(ready(kq) == 0);
  (void)close(kq);
}

TEST_ON(KQUEUE, fake, level_goes_round) {
  (void)selector;
  int kq = behaves_as("netbsd");
  int ends[2];
  make_pair(ends);
  struct timespec now = {0, 0};
  int idents = 0;
  CHECK(change(kq, ends[0], EVFILT_WRITE, EV_ADD, 1) == 0);
  CHECK(change(kq, ends[1], EVFILT_WRITE, EV_ADD, 2) == 0);
  for (int i = 0; i < 4; i++) {
    CHECK(kevent(kq, NULL, 0, got, 1, &now) == 1);
    idents += got[0].udata == (void *)1 ? 1 : 10;
  }
  CHECK(idents == 22);
  close_all(kq, ends[0], ends[1]);
}
