/*
 * greet.c - what tcp_server.c and tcp_listenfd_server.c do with a listener.
 * SPDX-License-Identifier: MIT
 *
 * Each client gets a line, and then is listened to: all that it says is
 * printed behind its address, what is not printable as \xNN.
 */
#include "greet.h"
#include "example.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const uint64_t LISTENER = 0;
static const char GREETING[] = "Hello from libmiopoll!\n";

enum { NEW, GREETED };

static mio_source_t *door;

static void print(const char *who, const char *bytes, int32_t count) {
  printf("%s: ", who);
  for (int32_t i = 0; i < count; i++) {
    unsigned char byte = (unsigned char)bytes[i];
    if (byte >= ' ' && byte < 127 && byte != '\\') {
      putchar(byte);
    } else {
      printf("\\x%02x", byte);
    }
  }
  putchar('\n');
}

/* Also when a client has gone: there may be descriptors again. */
static void accept_all(void) {
  struct example_client *client;
  while ((client = example_accept(door, MIO_WRITABLE)) != NULL) {
    printf("%s: connected\n", client->peer);
  }
}

/* These return 0 to wait for more, 1 at the end, or what went wrong. */
static int32_t send_greeting(struct example_client *client) {
  size_t length = strlen(GREETING);
  while (client->at < length) {
    int32_t n = mio_source_write(client->stream, GREETING + client->at,
                                 length - client->at);
    if (n < 0) {
      return n == -EAGAIN ? 0 : n;
    }
    client->at += (uint64_t)n;
  }
  client->state = GREETED;
  /* If it has spoken already, that is told at once. */
  return example_reregister(client, MIO_READABLE);
}

static int32_t hear(struct example_client *client) {
  for (;;) {
    int32_t n =
        mio_source_read(client->stream, client->buffer, sizeof client->buffer);
    if (n <= 0) {
      return n == 0 ? 1 : n == -EAGAIN ? 0 : n;
    }
    print(client->peer, client->buffer, n);
  }
}

static void on_event(uint64_t token, uint32_t readiness) {
  (void)readiness; /* The next read or write finds out. */
  struct example_client *client = example_find(token);
  if (client != NULL) {
    int32_t rc =
        client->state == GREETED ? hear(client) : send_greeting(client);
    if (rc == 0) {
      return;
    }
    printf("%s: %s\n", client->peer, rc > 0 ? "closed" : mio_err_text(rc));
    example_drop(client);
  } /* Else it is the listener, or this very batch has closed it. */
  accept_all();
}

void greet(mio_registry_t *registry, mio_source_t *listener) {
  door = listener;
  example_check(mio_registry_register(registry, door, LISTENER, MIO_READABLE),
                "listener");
  example_tell(door);
  example_run(on_event);
  mio_source_free(door);
}
