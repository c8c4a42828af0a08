/*
 * sources.c - this library with its own sockets, by edge and by level.
 * SPDX-License-Identifier: MIT
 */
#include "echo.h"

#include <miopoll.h>

/* A connection's token is its address, which is never 0. */
static const uint64_t LISTENER = 0;

static mio_poll_t *poll;
static mio_registry_t *registry;
static mio_source_t *door;

static void open_all(int listener, uint32_t trigger) {
  mio_poll_options_t options = {.size = sizeof options,
                                .selector = MIO_SELECTOR_EPOLL};
  echo_check(mio_poll_new(&poll, &options), "mio_poll_new");
  echo_check(mio_poll_registry(poll, &registry), "mio_poll_registry");
  echo_check(mio_source_from_fd(&door, MIO_KIND_TCP_LISTENER, listener),
             "mio_source_from_fd");
  echo_check(
      mio_registry_register(registry, door, LISTENER, MIO_READABLE | trigger),
      "mio_registry_register");
}

static void accept_all(uint32_t trigger) {
  mio_source_t *stream;
  while (mio_source_accept(door, &stream, NULL) == 0) {
    echo_check(mio_registry_register(registry, stream, (uintptr_t)stream,
                                     MIO_READABLE | trigger),
               "mio_registry_register");
  }
}

/* Returns how many bytes were echoed, or -1 if that ended. */
static int32_t echo(mio_source_t *stream) {
  static char buffer[ECHO_BUFFER];
  int32_t n = mio_source_read(stream, buffer, sizeof buffer);
  return n > 0 && mio_source_write(stream, buffer, (uint64_t)n) == n ? n : -1;
}

static void serve_edge(mio_source_t *stream, uint32_t readiness) {
  int32_t n;
  /* A short read has drained it, unless the end was told. */
  do {
    n = echo(stream);
  } while (n == ECHO_BUFFER || (n > 0 && readiness & MIO_READ_CLOSED));
  if (n < 0 && readiness & MIO_READ_CLOSED) {
    mio_source_free(stream);
  }
}

void echo_sources_edge(int listener) {
  static mio_event_t events[ECHO_EVENTS];
  open_all(listener, 0);
  for (;;) {
    int32_t n = mio_poll_wait(poll, events, ECHO_EVENTS, -1);
    for (int32_t i = 0; i < n; i++) {
      if (events[i].token == LISTENER) {
        accept_all(0);
      } else {
        serve_edge((mio_source_t *)(uintptr_t)events[i].token,
                   events[i].readiness);
      }
    }
  }
}

void echo_sources_level(int listener) {
  static mio_event_t events[ECHO_EVENTS];
  open_all(listener, MIO_LEVEL);
  for (;;) {
    int32_t n = mio_poll_wait(poll, events, ECHO_EVENTS, -1);
    for (int32_t i = 0; i < n; i++) {
      mio_source_t *stream = (mio_source_t *)(uintptr_t)events[i].token;
      if (events[i].token == LISTENER) {
        accept_all(MIO_LEVEL);
      } else if (echo(stream) < 0) {
        mio_source_free(stream);
      }
    }
  }
}
