/*
 * No SIGPIPE, ever: each way of writing to what nobody reads, with a handler
 * that must not run, and with a SIGPIPE that was pending before and must be
 * pending afterwards, once. With the kernel's flag for pipes, and without it.
 */
#include "check.h"
#include "ends.h"
#include "sandbox.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pwritev2
#define SYS_pwritev2 328
#endif

static _Atomic int raised;

static void count_signal(int number) {
  (void)number;
  (void)atomic_fetch_add(&raised, 1);
}

/* Installs the handler; begin and end of each test. */
static void count_signals(int on) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = on ? count_signal : SIG_DFL;
  atomic_store(&raised, 0);
  CHECK(sigaction(SIGPIPE, &action, NULL) == 0);
}

enum how { WRITE, VECTORED, SEND_TO };

static const struct way {
  uint32_t kind;
  enum how how;
} ways[] = {
    {MIO_KIND_TCP_STREAM, WRITE},    {MIO_KIND_TCP_STREAM, VECTORED},
    {MIO_KIND_UNIX_STREAM, WRITE},   {MIO_KIND_UNIX_STREAM, VECTORED},
    {MIO_KIND_UNIX_DATAGRAM, WRITE}, {MIO_KIND_UNIX_DATAGRAM, SEND_TO},
    {MIO_KIND_UDP_SOCKET, WRITE},    {MIO_KIND_UDP_SOCKET, SEND_TO},
    {MIO_KIND_PIPE_SENDER, WRITE},   {MIO_KIND_PIPE_SENDER, VECTORED},
};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static int32_t write_to(mio_source_t *source, const mio_addr_t *to,
                        enum how how) {
  static const char bytes[] = "twelve bytes";
  const void *const buffers[] = {bytes, bytes};
  const uint64_t lengths[] = {5, 7};
  switch (how) {
  case WRITE:
    return mio_source_write(source, bytes, sizeof(bytes));
  case VECTORED:
    return mio_source_write_vectored(source, buffers, lengths, 2);
  default:
    return mio_source_send_to(source, bytes, sizeof(bytes), to);
  }
}

/* Ends of which `a` can write, and nobody would read it. */
static struct ends broken(const struct way *way, mio_addr_t *to) {
  struct ends ends = ends_new(way->kind);
  switch (way->kind) {
  case MIO_KIND_PIPE_SENDER:
    mio_source_free(ends.b);
    ends.b = NULL;
    break;
  case MIO_KIND_UDP_SOCKET: /* Which has no shutdown of ours. */
    CHECK_RC("OK", mio_source_peer_addr(ends.a, to));
    CHECK(shutdown(fd_of(ends.a), SHUT_WR) == 0);
    break;
  default:
    *to = addr_of("unix:@nobody");
    CHECK_RC("OK", mio_source_shutdown(ends.a, MIO_SHUTDOWN_WRITE));
  }
  return ends;
}

/* A UDP socket that was shut down, or that names who is not there, says so in
 * its own way. */
static void check_broken(const struct way *way, int32_t rc) {
  if (way->how == SEND_TO && way->kind == MIO_KIND_UNIX_DATAGRAM) {
    CHECK(rc == -ECONNREFUSED || rc == -EPIPE);
  } else {
    CHECK_RC("EPIPE", rc);
  }
}

static void write_each_way(void) {
  for (int i = 0; i < WAYS; i++) {
    mio_addr_t to = {0};
    struct ends ends = broken(&ways[i], &to);
    for (int times = 0; times < 3; times++) {
      check_broken(&ways[i], write_to(ends.a, &to, ways[i].how));
    }
    ends_free(&ends);
  }
}

static void never_raised(int unused) {
  (void)unused;
  count_signals(1);
  write_each_way();
  CHECK(atomic_load(&raised) == 0);
  count_signals(0);
}

TEST_ON(EPOLL, sigpipe, never_raised) {
  never_raised((int)selector);
}

/* The peer closed, with bytes of ours unread: a reset, and EPIPE after it. */
TEST_ON(EPOLL, sigpipe, never_raised_by_a_peer_that_closed) {
  (void)selector;
  count_signals(1);
  for (int i = 0; i < WAYS; i++) {
    mio_addr_t to = {0};
    struct ends ends = ends_new(ways[i].kind);
    if (ways[i].kind == MIO_KIND_TCP_STREAM ||
        ways[i].kind == MIO_KIND_UNIX_STREAM) {
      CHECK(write_to(ends.a, &to, ways[i].how) > 0);
      mio_source_free(ends.b);
      ends.b = NULL;
      int32_t rc = 0;
      for (int times = 0; times < 100 && rc != -EPIPE; times++) {
        rc = write_to(ends.a, &to, ways[i].how);
        CHECK(rc > 0 || rc == -EPIPE || rc == -ECONNRESET);
      }
      CHECK_RC("EPIPE", rc);
    }
    ends_free(&ends);
  }
  CHECK(atomic_load(&raised) == 0);
  count_signals(0);
}

/* Whether SIGPIPE waits for this thread ("SigPnd") or for any ("ShdPnd"). */
static int pending(const char *field) {
  char line[128];
  unsigned long long set = 0;
  FILE *file = fopen("/proc/thread-self/status", "re");
  CHECK(file != NULL);
  while (fgets(line, sizeof(line), file) != NULL) {
    if (strncmp(line, field, strlen(field)) == 0) {
      set = strtoull(line + strlen(field) + 1, NULL, 16);
    }
  }
  (void)fclose(file);
  return (set >> (SIGPIPE - 1) & 1) != 0;
}

static void block(int how) {
  sigset_t set;
  (void)sigemptyset(&set);
  (void)sigaddset(&set, SIGPIPE);
  CHECK(pthread_sigmask(how, &set, NULL) == 0);
}

static void take_pending(void) {
  sigset_t set;
  int number;
  (void)sigemptyset(&set);
  (void)sigaddset(&set, SIGPIPE);
  CHECK(sigwait(&set, &number) == 0 && number == SIGPIPE);
}

/* One that waits for this thread, then one that waits for any, then none. */
static void what_was_pending_stays(int unused) {
  (void)unused;
  count_signals(1);
  block(SIG_BLOCK);
  CHECK(raise(SIGPIPE) == 0); /* For this thread. */
  write_each_way();
  CHECK(pending("SigPnd") && !pending("ShdPnd"));
  take_pending();
  CHECK(kill(getpid(), SIGPIPE) == 0);
  write_each_way();
  CHECK(!pending("SigPnd") && pending("ShdPnd"));
  take_pending();
  write_each_way();
  CHECK(!pending("SigPnd") && !pending("ShdPnd"));
  block(SIG_UNBLOCK);
  CHECK(atomic_load(&raised) == 0);
  count_signals(0);
}

TEST_ON(EPOLL, sigpipe, what_was_pending_stays) {
  (void)selector;
  check_in_child(what_was_pending_stays, 0);
}

static int is_blocked(void) {
  sigset_t now;
  CHECK(pthread_sigmask(SIG_SETMASK, NULL, &now) == 0);
  return sigismember(&now, SIGPIPE);
}

/* A thread that writes to a pipe of its own, and has a SIGPIPE pending or
 * not: NULL if that has not changed. */
static void *write_in_thread(void *has_one) {
  struct ends ends;
  if (has_one != NULL) {
    block(SIG_BLOCK);
    (void)pthread_kill(pthread_self(), SIGPIPE);
  }
  if (mio_pipe_new(&ends.a, &ends.b) < 0) {
    return "no pipe";
  }
  mio_source_free(ends.b);
  for (int i = 0; i < check_scaled(5000); i++) {
    if (mio_source_write(ends.a, "x", 1) != -EPIPE) {
      return "not EPIPE";
    }
  }
  mio_source_free(ends.a);
  if (is_blocked() != (has_one != NULL)) {
    return "another mask";
  }
  return pending("SigPnd") == (has_one != NULL) ? NULL : "another signal";
}

static void in_threads(int unused) {
  (void)unused;
  pthread_t threads[4];
  count_signals(1);
  for (int i = 0; i < 4; i++) {
    CHECK(pthread_create(&threads[i], NULL, write_in_thread,
                         i % 2 ? &raised : NULL) == 0);
  }
  for (int i = 0; i < 4; i++) {
    void *wrong;
    CHECK(pthread_join(threads[i], &wrong) == 0);
    if (wrong != NULL) {
      check_failed(__FILE__, __LINE__, wrong);
    }
  }
  CHECK(atomic_load(&raised) == 0);
  count_signals(0);
}

TEST_ON(EPOLL, sigpipe, in_threads) {
  in_threads((int)selector);
}

/* All of it on a kernel that does not know RWF_NOSIGNAL, or not the call. */
static void without_the_flag(int error) {
  sandbox_refuse(SYS_pwritev2, error);
  never_raised(0);
  what_was_pending_stays(0);
  in_threads(0);
}

TEST_ON(EPOLL, sigpipe, without_the_flag) {
  (void)selector;
  check_in_child(without_the_flag, EOPNOTSUPP);
  check_in_child(without_the_flag, ENOSYS);
  check_in_child(without_the_flag, EPERM);
}

/* The fall-back leaves the mask as it was when the write goes well or would
 * block, too. */
static void mask_is_kept(int unused) {
  (void)unused;
  sandbox_refuse(SYS_pwritev2, EOPNOTSUPP);
  struct ends ends = ends_new(MIO_KIND_PIPE_SENDER);
  static const char block_of_bytes[4096];
  int32_t rc;
  do {
    rc = mio_source_write(ends.a, block_of_bytes, sizeof(block_of_bytes));
    CHECK(!is_blocked());
  } while (rc > 0);
  CHECK_RC("EAGAIN", rc);
  CHECK(!is_blocked());
  ends_free(&ends);
}

TEST_ON(EPOLL, sigpipe, mask_is_kept) {
  (void)selector;
  check_in_child(mask_is_kept, 0);
}
