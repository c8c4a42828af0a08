/*
 * http_server.c - the least of HTTP/1.1 that curl and browsers understand.
 * SPDX-License-Identifier: MIT
 *
 *     http_server [ADDRESS]      127.0.0.1:0, any port, if there is none
 *
 *     GET /            a line
 *     GET /bytes/N     N bytes: abc...zabc...
 *
 * One request on a connection. It ends as TCP wants it: the server ends its
 * side and reads on until the client has ended its own, since to close a
 * socket with bytes unread would reset it, and the answer might be lost.
 */
#include "example.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READING, ANSWERING, ENDING };
enum { ALPHABET = 26 };

/* What a state comes to: wait for more, go on to the next state, or end. */
enum step { WAIT, NEXT, OVER };

static const uint64_t LISTENER = 0;
static const char BYTES[] = "/bytes/";
static const char LINE[] = "Hello from libmiopoll!\n";

static mio_source_t *listener;
static char letters[ALPHABET * 1024];

/* Puts the head of an answer in place of the request. */
static void answer_with(struct example_client *c, const char *status,
                        const char *text, uint64_t letter_count) {
  c->size = (uint64_t)snprintf(
      c->buffer, sizeof c->buffer,
      "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %" PRIu64
      "\r\nConnection: close\r\n\r\n%s",
      status, strlen(text) + letter_count, text);
  c->at = 0;
  c->rest = letter_count;
  c->state = ANSWERING;
}

/* The number has 12 digits at most. */
static bool asks_for_bytes(const char *path) {
  const char *digits = path + strlen(BYTES);
  return strncmp(path, BYTES, strlen(BYTES)) == 0 && *digits != '\0' &&
         strlen(digits) <= 12 &&
         strspn(digits, "0123456789") == strlen(digits);
}

/* The request is whole, and ends with a NUL. */
static void understand(struct example_client *c) {
  char method[16];
  char path[1024];
  char version[2];
  if (sscanf(c->buffer, "%15[A-Z] %1023s HTTP/1.%1[01]", method, path,
             version) != 3) {
    answer_with(c, "400 Bad Request", "What?\n", 0);
  } else if (strcmp(method, "GET") != 0) {
    answer_with(c, "405 Method Not Allowed", "GET it.\n", 0);
  } else if (strcmp(path, "/") == 0) {
    answer_with(c, "200 OK", LINE, 0);
  } else if (asks_for_bytes(path)) {
    answer_with(c, "200 OK", "", strtoull(path + strlen(BYTES), NULL, 10));
  } else {
    answer_with(c, "404 Not Found", "Not here.\n", 0);
  }
}

static enum step wait_or_end(int32_t error) {
  return error == -EAGAIN ? WAIT : OVER;
}

static enum step read_request(struct example_client *c) {
  for (;;) {
    uint64_t room = sizeof c->buffer - 1 - c->size;
    if (room == 0) {
      answer_with(c, "431 Request Header Fields Too Large", "", 0);
      return NEXT;
    }
    int32_t n = mio_source_read(c->stream, c->buffer + c->size, room);
    if (n <= 0) {
      return wait_or_end(n);
    }
    c->size += (uint64_t)n;
    c->buffer[c->size] = '\0';
    if (strstr(c->buffer, "\r\n\r\n") != NULL) {
      understand(c);
      return NEXT;
    }
  }
}

static enum step write_answer(struct example_client *c) {
  while (c->at < c->size + c->rest) {
    uint64_t head = c->at < c->size ? c->size - c->at : 0;
    uint64_t sent = c->at + head - c->size; /* Of the letters. */
    uint64_t left = c->rest - sent;
    uint64_t room = sizeof letters - sent % ALPHABET;
    const void *parts[] = {c->buffer + c->size - head,
                           letters + sent % ALPHABET};
    uint64_t lengths[] = {head, left < room ? left : room};
    int32_t n = mio_source_write_vectored(c->stream, parts, lengths, 2);
    if (n < 0) {
      return wait_or_end(n);
    }
    c->at += (uint64_t)n;
  }
  c->state = ENDING;
  return mio_source_shutdown(c->stream, MIO_SHUTDOWN_WRITE) == 0 ? NEXT : OVER;
}

static enum step read_to_the_end(struct example_client *c) {
  for (;;) {
    int32_t n = mio_source_read(c->stream, c->buffer, sizeof c->buffer);
    if (n <= 0) {
      return wait_or_end(n);
    }
  }
}

static bool goes_on(struct example_client *c) {
  static enum step (*const states[])(struct example_client *) = {
      [READING] = read_request,
      [ANSWERING] = write_answer,
      [ENDING] = read_to_the_end,
  };
  enum step step = NEXT;
  while (step == NEXT) {
    step = states[c->state](c);
  }
  return step == WAIT;
}

static void on_event(uint64_t token, uint32_t readiness) {
  (void)readiness; /* The next read or write finds out. */
  struct example_client *client = example_find(token);
  if (client != NULL) {
    if (goes_on(client)) {
      return;
    }
    example_drop(client);
  }
  /* Also when a client has gone: there may be descriptors again. */
  while (example_accept(listener, MIO_READABLE | MIO_WRITABLE) != NULL) {
  }
}

int main(int argc, char **argv) {
  mio_addr_t at = example_addr(argc > 1 ? argv[1] : "127.0.0.1:0");
  mio_registry_t *registry = example_open();
  for (size_t i = 0; i < sizeof letters; i++) {
    letters[i] = (char)('a' + i % ALPHABET);
  }
  example_check(mio_tcp_listener_bind(&listener, &at, 0), "bind");
  example_check(
      mio_registry_register(registry, listener, LISTENER, MIO_READABLE),
      "register");
  example_tell(listener);

  example_run(on_event);

  mio_source_free(listener);
  example_close();
  return 0;
}
