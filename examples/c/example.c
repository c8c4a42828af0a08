#include "example.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t STOP = UINT64_MAX;

static mio_poll_t *poll;
static mio_registry_t *registry;
static mio_waker_t *waker;
static struct example_client clients[EXAMPLE_CLIENTS];

void example_check(int32_t rc, const char *what) {
  if (rc < 0) {
    fprintf(stderr, "%s: %s\n", what, mio_err_text(rc));
    exit(1);
  }
}

/* Waking is the one thing that a signal handler may do with the library. */
static void on_signal(int number) {
  (void)number;
  mio_waker_wake(waker);
}

mio_registry_t *example_open(void) {
  example_check(mio_poll_new(&poll, NULL), "poll");
  example_check(mio_poll_registry(poll, &registry), "registry");
  example_check(mio_waker_new(&waker, registry, STOP), "waker");
  signal(SIGINT, on_signal);
  signal(SIGTERM, on_signal);
  setvbuf(stdout, NULL, _IOLBF, 0); /* Lines at once, to a file too. */
  return registry;
}

mio_addr_t example_addr(const char *text) {
  mio_addr_t addr;
  int32_t rc = mio_addr_parse(&addr, text, strlen(text));
  if (rc < 0) {
    fprintf(stderr, "%s: no address from byte %u on\n", text, addr.length);
    exit(2);
  }
  return addr;
}

/* `text` has room for MIO_ADDR_TEXT_MAX + 1. */
static void format(const mio_addr_t *addr, char *text) {
  int32_t length = mio_addr_format(addr, text, MIO_ADDR_TEXT_MAX);
  text[length > 0 ? length : 0] = '\0';
}

void example_tell(mio_source_t *socket) {
  char text[MIO_ADDR_TEXT_MAX + 1];
  mio_addr_t addr;
  example_check(mio_source_local_addr(socket, &addr), "own address");
  format(&addr, text);
  printf("listening on %s\n", text);
}

void example_run(void (*on_event)(uint64_t token, uint32_t readiness)) {
  mio_event_t events[64];
  for (;;) {
    int32_t n = mio_poll_wait(poll, events, 64, -1);
    if (n == -EINTR) {
      continue; /* After our handler, the waker's token comes next. */
    }
    example_check(n, "wait");
    for (int32_t i = 0; i < n; i++) {
      if (events[i].token == STOP) {
        return;
      }
      on_event(events[i].token, events[i].readiness);
    }
  }
}

void example_close(void) {
  signal(SIGINT, SIG_IGN); /* The handler must not meet a freed waker. */
  signal(SIGTERM, SIG_IGN);
  for (size_t i = 0; i < EXAMPLE_CLIENTS; i++) {
    mio_source_free(clients[i].stream);
  }
  mio_waker_free(waker);
  mio_registry_free(registry);
  mio_poll_free(poll);
}

/* The low bits of a token are the slot, the others count. */
static struct example_client *take_slot(mio_source_t *stream) {
  static uint64_t serial;
  for (size_t i = 0; i < EXAMPLE_CLIENTS; i++) {
    if (clients[i].stream == NULL) {
      memset(&clients[i], 0, sizeof clients[i]);
      clients[i].stream = stream;
      clients[i].token = ++serial * EXAMPLE_CLIENTS + i;
      return &clients[i];
    }
  }
  return NULL;
}

struct example_client *example_accept(mio_source_t *listener,
                                      uint32_t interest) {
  for (;;) {
    mio_source_t *stream;
    mio_addr_t peer;
    int32_t rc = mio_source_accept(listener, &stream, &peer);
    if (rc == -ECONNABORTED) {
      continue; /* It has gone while it waited. */
    }
    if (rc < 0) {
      if (rc != -EAGAIN) {
        fprintf(stderr, "accept: %s\n", mio_err_text(rc));
      }
      return NULL;
    }
    struct example_client *client = take_slot(stream);
    if (client == NULL) {
      mio_source_free(stream);
      continue; /* No slot: it is turned away. */
    }
    format(&peer, client->peer);
    example_check(
        mio_registry_register(registry, stream, client->token, interest),
        "register");
    return client;
  }
}

struct example_client *example_find(uint64_t token) {
  struct example_client *client = &clients[token % EXAMPLE_CLIENTS];
  return client->stream != NULL && client->token == token ? client : NULL;
}

int32_t example_reregister(struct example_client *client, uint32_t interest) {
  return mio_registry_reregister(registry, client->stream, client->token,
                                 interest);
}

void example_drop(struct example_client *client) {
  mio_source_free(client->stream); /* It deregisters and closes. */
  client->stream = NULL;
}
