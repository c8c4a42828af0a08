/*
 * echo.c - a TCP echo server on libmiopoll and its sockets.
 * SPDX-License-Identifier: MIT
 *
 *     echo [PORT]        0 or nothing: any port; the first line tells which
 *
 * A connection waits for one direction at a time: to read while nothing is
 * left to write back, else to write, and then it reads no more: that is the
 * back-pressure. Interest changes when the direction does, not per event.
 */
#include <miopoll.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER = 65536, TURN = 16, EVENTS = 256, BACKLOG = 4096 };

/* A connection's token is its address, which is never one of these. */
enum { LISTENER, STOP };

struct connection {
  struct connection *next, *previous;
  mio_source_t *stream; /* NULL: it is over, and freed after the batch. */
  uint32_t interest;
  size_t begin, end; /* Of what was read and is not written yet. */
  char buffer[BUFFER];
};

static mio_registry_t *registry;
static mio_waker_t *waker;
static mio_source_t *listener;
static struct connection *alive, *over;
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

static void start_accepting(void) {
  check(mio_registry_register(registry, listener, LISTENER, MIO_READABLE),
        "listener");
  paused = false;
}

static void drop(struct connection *c) {
  mio_source_free(c->stream); /* It deregisters and closes. */
  c->stream = NULL;
  *(c->previous != NULL ? &c->previous->next : &alive) = c->next;
  if (c->next != NULL) {
    c->next->previous = c->previous;
  }
  c->next = over; /* The batch at hand may still have an event of it. */
  over = c;
  if (paused) {
    start_accepting();
  }
}

static void bury(void) {
  while (over != NULL) {
    struct connection *c = over;
    over = c->next;
    free(c);
  }
}

/* Moves bytes until the socket would block. Returns the direction to wait for
 * then, or 0 when the connection is over. */
static uint32_t pump(struct connection *c, uint32_t readiness) {
  bool drained = false;
  for (int turn = 0; turn < TURN; turn++) {
    while (c->begin < c->end) {
      char *rest = c->buffer + c->begin;
      int32_t n = mio_source_write(c->stream, rest, c->end - c->begin);
      if (n < 0) {
        return n == -EAGAIN ? MIO_WRITABLE : 0;
      }
      c->begin += (size_t)n;
    }
    if (drained) {
      return MIO_READABLE;
    }
    int32_t n = mio_source_read(c->stream, c->buffer, BUFFER);
    if (n <= 0) {
      return n == -EAGAIN ? MIO_READABLE : 0;
    }
    c->begin = 0;
    c->end = (size_t)n;
    /* A short read left nothing behind, which saves the one that would say
     * so; but an end which this event has told is not told again. */
    drained = n < BUFFER && !(readiness & (MIO_READ_CLOSED | MIO_ERROR));
  }
  c->interest = 0; /* Others have their turn now; reregister re-arms. */
  return c->begin < c->end ? MIO_WRITABLE : MIO_READABLE;
}

static void serve(struct connection *c, uint32_t readiness) {
  uint64_t token = (uintptr_t)c;
  uint32_t interest = pump(c, readiness);
  int32_t rc = interest == 0 ? -1 : 0;
  if (interest != 0 && interest != c->interest) {
    c->interest = interest;
    rc = mio_registry_reregister(registry, c->stream, token, interest);
  }
  if (rc < 0) {
    drop(c);
  }
}

static void add(mio_source_t *stream) {
  struct connection *c = malloc(sizeof *c);
  if (c == NULL) {
    mio_source_free(stream);
    return;
  }
  c->stream = stream;
  c->interest = MIO_READABLE;
  c->begin = c->end = 0;
  c->previous = NULL;
  c->next = alive;
  if (alive != NULL) {
    alive->previous = c;
  }
  alive = c;
  mio_source_set_option(stream, MIO_OPTION_NODELAY, 1);
  if (mio_registry_register(registry, stream, (uintptr_t)c, c->interest) < 0) {
    drop(c);
  }
}

static void accept_all(void) {
  for (;;) {
    mio_source_t *stream;
    int32_t rc = mio_source_accept(listener, &stream, NULL);
    if (rc == 0) {
      add(stream);
    } else if (rc == -EAGAIN) {
      return;
    } else if (rc == -EMFILE || rc == -ENFILE || rc == -ENOBUFS ||
               rc == -ENOMEM) {
      /* Clients stay in the backlog, of which edge would not tell again and
       * level all the time: be deaf until a connection ends. */
      mio_registry_deregister(registry, listener);
      paused = true;
      return;
    } /* Else this one client is gone (ECONNABORTED and others): the next. */
  }
}

static void listen_on(const char *port) {
  char text[MIO_ADDR_TEXT_MAX + 1];
  mio_addr_t at;
  snprintf(text, sizeof text, "127.0.0.1:%s", port);
  check(mio_addr_parse(&at, text, strlen(text)), text);
  check(mio_tcp_listener_bind(&listener, &at, BACKLOG), text);
  check(mio_source_local_addr(listener, &at), text);
  int32_t length = mio_addr_format(&at, text, sizeof text);
  printf("listening on %.*s\n", length, text);
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
      struct connection *c = (void *)(uintptr_t)events[i].token;
      if (events[i].token == STOP) {
        return;
      } else if (events[i].token == LISTENER) {
        accept_all();
      } else if (c->stream != NULL) {
        serve(c, events[i].readiness);
      } /* Else this very batch has closed it: a stale event. */
    }
    bury();
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
  listen_on(argc > 1 ? argv[1] : "0");
  start_accepting();

  loop(poll);

  signal(SIGINT, SIG_IGN); /* The handler must not meet a freed waker. */
  signal(SIGTERM, SIG_IGN);
  mio_source_free(listener);
  paused = false;
  while (alive != NULL) {
    drop(alive);
  }
  bury();
  mio_waker_free(waker);
  mio_registry_free(registry);
  mio_poll_free(poll);
  return 0;
}
