/*
 * echo.c - a TCP echo server on libmiopoll, with sockets of its own making.
 * SPDX-License-Identifier: MIT
 *
 *     echo [PORT]        0 or nothing: any port; the first line tells which
 *
 * A connection waits for one direction at a time: to read while nothing is
 * left to write back, else to write, and then it reads no more: that is the
 * back-pressure. Interest changes when the direction does, not per event. So
 * this drains as edge-triggering demands, and does not spin where edge behaves
 * as level, as on poll(2).
 */
#define _GNU_SOURCE 1 /* accept4() */
#include <miopoll.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 65536, TURN = 16, EVENTS = 256, DESCRIPTORS = 65536 };

/* The low half of a connection's token is its descriptor, the index into the
 * table; the high half counts the owners of that entry, so that an event of
 * an earlier one is told apart. No descriptor is as large as these two. */
#define LISTENER UINT64_MAX
#define STOP (UINT64_MAX - 1)

static struct connection {
  char *buffer; /* From begin to end: what was read and is not written yet. */
  size_t begin, end;
  uint32_t interest;
  uint32_t generation;
} connections[DESCRIPTORS];

static mio_registry_t *registry;
static mio_waker_t *waker;
static int listener;
static bool paused; /* The listener is out, since descriptors ran out. */

static void check(int32_t rc, const char *what) {
  if (rc < 0) {
    fprintf(stderr, "echo: %s: %s\n", what, mio_err_text(rc));
    exit(1);
  }
}

/* Waking is the one thing that a signal handler may do with the library. */
static void on_signal(int number) {
  (void)number;
  mio_waker_wake(waker);
}

static uint64_t token_of(int fd) {
  return (uint64_t)connections[fd].generation << 32 | (uint32_t)fd;
}

static void start_accepting(void) {
  check(mio_registry_register_fd(registry, listener, LISTENER, MIO_READABLE),
        "listener");
  paused = false;
}

static void drop(int fd) {
  struct connection *c = &connections[fd];
  mio_registry_deregister_fd(registry, fd); /* Always before the close. */
  close(fd);
  free(c->buffer);
  c->buffer = NULL;
  c->generation++;
  if (paused) {
    start_accepting();
  }
}

/* Moves bytes until the socket would block. Returns the direction to wait for
 * then, or 0 when the connection is over. */
static uint32_t pump(int fd, struct connection *c, uint32_t readiness) {
  bool drained = false;
  for (int turn = 0; turn < TURN; turn++) {
    while (c->begin < c->end) {
      char *rest = c->buffer + c->begin;
      ssize_t n = send(fd, rest, c->end - c->begin, MSG_NOSIGNAL);
      if (n < 0 && errno != EINTR) {
        return errno == EAGAIN ? MIO_WRITABLE : 0;
      }
      c->begin += n > 0 ? (size_t)n : 0;
    }
    if (drained) {
      return MIO_READABLE;
    }
    ssize_t n = recv(fd, c->buffer, BUFFER, 0);
    if (n == 0 || (n < 0 && errno != EINTR)) {
      return n < 0 && errno == EAGAIN ? MIO_READABLE : 0;
    }
    c->begin = 0;
    c->end = n > 0 ? (size_t)n : 0;
    /* A short read left nothing behind, which saves the one that would say
     * so; but an end which this event has told is not told again. */
    drained =
        n > 0 && n < BUFFER && !(readiness & (MIO_READ_CLOSED | MIO_ERROR));
  }
  c->interest = 0; /* Others have their turn now; reregister re-arms. */
  return c->begin < c->end ? MIO_WRITABLE : MIO_READABLE;
}

static void serve(int fd, uint32_t readiness) {
  struct connection *c = &connections[fd];
  uint32_t interest = pump(fd, c, readiness);
  bool alive = interest != 0;
  if (alive && interest != c->interest) {
    c->interest = interest;
    alive =
        mio_registry_reregister_fd(registry, fd, token_of(fd), interest) == 0;
  }
  if (!alive) {
    drop(fd);
  }
}

static void add(int fd) {
  int on = 1;
  if (fd >= DESCRIPTORS || !(connections[fd].buffer = malloc(BUFFER))) {
    close(fd);
    return;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connections[fd].begin = connections[fd].end = 0;
  connections[fd].interest = MIO_READABLE;
  if (mio_registry_register_fd(registry, fd, token_of(fd), MIO_READABLE) < 0) {
    drop(fd);
  }
}

static void accept_all(void) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      add(fd);
    } else if (errno == EAGAIN) {
      return;
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
               errno == ENOMEM) {
      /* Clients stay in the backlog, of which edge would not tell again and
       * level all the time: be deaf until a connection ends. */
      mio_registry_deregister_fd(registry, listener);
      paused = true;
      return;
    } /* Else this one client is gone (ECONNABORTED and others): the next. */
  }
}

static void listen_on(uint16_t port) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct sockaddr *address = (struct sockaddr *)&at;
  socklen_t length = sizeof at;
  int on = 1;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0 ||
      setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
      bind(listener, address, length) < 0 || listen(listener, SOMAXCONN) < 0 ||
      getsockname(listener, address, &length) < 0) {
    check(-errno, "cannot listen");
  }
  printf("listening on 127.0.0.1:%u\n", (unsigned)ntohs(at.sin_port));
  fflush(stdout);
}

static void loop(mio_poll_t *poll) {
  mio_event_t events[EVENTS];
  for (;;) {
    /* While paused, look now and then: others may have freed descriptors. */
    int64_t timeout = paused ? INT64_C(100000000) : -1;
    int32_t n = mio_poll_wait(poll, events, EVENTS, timeout);
    if (n == -EINTR) {
      continue; /* After our handler, the waker's token comes next. */
    }
    check(n, "wait");
    for (int32_t i = 0; i < n; i++) {
      int fd = (int)(events[i].token & INT32_MAX);
      if (events[i].token == STOP) {
        return;
      } else if (events[i].token == LISTENER) {
        accept_all();
      } else if (events[i].token == token_of(fd)) {
        serve(fd, events[i].readiness);
      } /* Else this very batch has closed it: a stale event. */
    }
    if (paused && n == 0) {
      start_accepting();
    }
  }
}

int main(int argc, char **argv) {
  mio_poll_t *poll;
  check(mio_poll_new(&poll, NULL), "poll");
  check(mio_poll_registry(poll, &registry), "registry");
  check(mio_waker_new(&waker, registry, STOP), "waker");
  signal(SIGINT, on_signal);
  signal(SIGTERM, on_signal);
  listen_on((uint16_t)(argc > 1 ? strtoul(argv[1], NULL, 10) : 0));
  start_accepting();

  loop(poll);

  signal(SIGINT, SIG_IGN); /* The handler must not meet a freed waker. */
  signal(SIGTERM, SIG_IGN);
  for (int fd = 0; fd < DESCRIPTORS; fd++) {
    if (connections[fd].buffer != NULL) {
      drop(fd);
    }
  }
  close(listener);
  mio_waker_free(waker);
  mio_registry_free(registry);
  mio_poll_free(poll);
  return 0;
}
