/*
 * An echo server, and a client that checks what comes back, on the library's
 * sources at edge, as programs usually are. tests/net/ runs them on lines that
 * fail.
 *
 *   transfer serve SELECTOR ADDRESS           until standard input ends
 *   transfer send SELECTOR ADDRESS BYTES SECONDS
 *   transfer datagram SELECTOR ADDRESS SECONDS
 *
 * Each says on standard output how it ended: an outcome, which is OK, TIMEOUT,
 * CORRUPT, EOF or the name of an error, and what was seen on the way.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "miopoll.h"

#define SECOND INT64_C(1000000000)

enum { MOST = 16, CHUNK = 16384, INPUT = 1000, LISTENER = 1001 };

static mio_poll_t *poll;
static mio_registry_t *registry;

static int32_t must(int32_t rc, const char *what) {
  if (rc < 0) {
    (void)fprintf(stderr, "%s: %s\n", what, mio_err_text(rc));
    exit(2);
  }
  return rc;
}

static int is(int32_t rc, const char *name) {
  return strcmp(mio_err_name(rc), name) == 0;
}

static void begin(const char *selector) {
  mio_poll_options_t options = {.size = sizeof(options)};
  options.selector =
      (uint32_t)must(mio_selector_from_name(selector), selector);
  must(mio_poll_new(&poll, &options), "poll");
  must(mio_poll_registry(poll, &registry), "registry");
}

static mio_addr_t address(const char *text) {
  mio_addr_t addr;
  must(mio_addr_parse(&addr, text, strlen(text)), text);
  return addr;
}

static int32_t wait_until(mio_event_t *events, uint32_t capacity,
                          int64_t deadline) {
  int64_t left = deadline - mio_clock_now();
  int32_t n;
  do {
    n = mio_poll_wait(poll, events, capacity, left > 0 ? left : 0);
  } while (is(n, "EINTR"));
  return must(n, "wait");
}

/* ------------------------------------------------------------------- serve */

struct peer {
  mio_source_t *stream;
  uint8_t bytes[CHUNK];
  int32_t begin; /* What is not echoed yet. */
  int32_t end;
};

static struct peer peers[MOST];
static int served;
static int failed;

static void drop(struct peer *peer, int32_t rc) {
  (void)printf("peer outcome=%s\n", rc == 0 ? "EOF" : mio_err_name(rc));
  (void)fflush(stdout);
  served += rc == 0;
  failed += rc != 0;
  mio_source_free(peer->stream);
  peer->stream = NULL;
}

/* Reads and writes until one of them would block, or it is over. */
static void echo(struct peer *peer) {
  for (;;) {
    int32_t n;
    if (peer->begin < peer->end) {
      n = mio_source_write(peer->stream, peer->bytes + peer->begin,
                           (uint64_t)(peer->end - peer->begin));
      peer->begin += n > 0 ? n : 0;
    } else {
      n = mio_source_read(peer->stream, peer->bytes, CHUNK);
      peer->begin = 0;
      peer->end = n > 0 ? n : 0;
    }
    if (is(n, "EAGAIN")) {
      return;
    }
    if (n <= 0) {
      drop(peer, n);
      return;
    }
  }
}

static void take_all(mio_source_t *listener) {
  mio_source_t *stream;
  int32_t rc;
  while ((rc = mio_source_accept(listener, &stream, NULL)) == 0) {
    uint32_t i = 0;
    while (i < MOST && peers[i].stream != NULL) {
      i++;
    }
    if (i == MOST) {
      mio_source_free(stream);
      continue;
    }
    peers[i].stream = stream;
    peers[i].begin = peers[i].end = 0;
    must(mio_registry_register(registry, stream, i,
                               MIO_READABLE | MIO_WRITABLE),
         "register");
  }
  if (!is(rc, "EAGAIN") && !is(rc, "ECONNABORTED")) {
    must(rc, "accept");
  }
}

static int serve(const mio_addr_t *addr) {
  mio_source_t *listener;
  mio_source_t *input;
  must(mio_tcp_listener_bind(&listener, addr, 0), "bind");
  must(mio_source_from_fd(&input, MIO_KIND_PIPE_RECEIVER, 0), "input");
  must(mio_registry_register(registry, listener, LISTENER, MIO_READABLE),
       "register");
  must(mio_registry_register(registry, input, INPUT, MIO_READABLE),
       "register");
  (void)puts("listening");
  (void)fflush(stdout);
  for (;;) {
    mio_event_t events[MOST];
    int32_t n = wait_until(events, MOST, INT64_MAX);
    for (int32_t i = 0; i < n; i++) {
      uint64_t token = events[i].token;
      if (token == INPUT) {
        (void)printf("served=%d failed=%d\n", served, failed);
        return 0;
      }
      if (token == LISTENER) {
        take_all(listener);
      } else if (peers[token].stream != NULL) {
        echo(&peers[token]);
      }
    }
  }
}

/* -------------------------------------------------------------------- send */

struct client {
  mio_source_t *stream;
  uint64_t total;
  uint64_t sent;
  uint64_t received;
  uint64_t blocked; /* Writes that found no room. */
  uint32_t seen;    /* Readiness, all together. */
  int connected;
};

static uint8_t byte_at(uint64_t place) {
  uint64_t mixed = place * UINT64_C(0x9e3779b97f4a7c15);
  return (uint8_t)(mixed >> 56);
}

static int end(const struct client *client, const char *outcome) {
  static const char names[] = "RW..P.....";
  char seen[16] = "";
  for (uint32_t i = 0, at = 0; i < 8; i++) {
    if (client->seen >> i & 1) {
      seen[at++] = i == 5 ? 'E' : i == 6 ? 'r' : i == 7 ? 'w' : names[i];
    }
  }
  (void)printf("outcome=%s stage=%s sent=%" PRIu64 " received=%" PRIu64
               " blocked=%" PRIu64 " seen=%s\n",
               outcome, client->connected ? "transfer" : "connect",
               client->sent, client->received, client->blocked, seen);
  mio_source_free(client->stream);
  return 0;
}

/* Sends until there is no room or nothing left, and says then that this is the
 * end. */
static int32_t send_some(struct client *client) {
  uint8_t bytes[CHUNK];
  while (client->sent < client->total) {
    uint64_t left = client->total - client->sent;
    uint64_t length = left < CHUNK ? left : CHUNK;
    for (uint64_t i = 0; i < length; i++) {
      bytes[i] = byte_at(client->sent + i);
    }
    int32_t n = mio_source_write(client->stream, bytes, length);
    if (n < 0) {
      client->blocked += (uint64_t)is(n, "EAGAIN");
      return n;
    }
    client->sent += (uint64_t)n;
    if (client->sent == client->total) {
      return mio_source_shutdown(client->stream, MIO_SHUTDOWN_WRITE);
    }
  }
  return 0;
}

/* Receives until there is nothing, or the end. NULL to go on, else the
 * outcome. */
static const char *receive_some(struct client *client) {
  uint8_t bytes[CHUNK];
  for (;;) {
    int32_t n = mio_source_read(client->stream, bytes, CHUNK);
    if (n < 0) {
      return is(n, "EAGAIN") ? NULL : mio_err_name(n);
    }
    if (n == 0) {
      return client->received == client->total ? "OK" : "EOF";
    }
    if (client->received == 0) {
      (void)puts("begun");
      (void)fflush(stdout);
    }
    for (int32_t i = 0; i < n; i++) {
      if (bytes[i] != byte_at(client->received++)) {
        return "CORRUPT";
      }
    }
  }
}

/* NULL to go on, else the outcome. */
static const char *go_on(struct client *client) {
  if (!client->connected) {
    int32_t error;
    mio_addr_t peer;
    must(mio_source_take_error(client->stream, &error), "take_error");
    if (error != 0) {
      return mio_err_name(error);
    }
    if (mio_source_peer_addr(client->stream, &peer) < 0) {
      return NULL; /* Not yet. */
    }
    client->connected = 1;
  }
  int32_t rc = send_some(client);
  if (rc < 0 && !is(rc, "EAGAIN")) {
    return mio_err_name(rc);
  }
  return receive_some(client);
}

static int send_all(const mio_addr_t *addr, uint64_t total, int64_t deadline) {
  struct client client = {.total = total};
  int32_t rc = mio_tcp_stream_connect(&client.stream, addr);
  if (rc < 0) {
    return end(&client, mio_err_name(rc));
  }
  must(mio_registry_register(registry, client.stream, 1,
                             MIO_READABLE | MIO_WRITABLE),
       "register");
  for (;;) {
    mio_event_t events[2];
    int32_t n = wait_until(events, 2, deadline);
    const char *outcome = n == 0 ? "TIMEOUT" : NULL;
    for (int32_t i = 0; i < n && outcome == NULL; i++) {
      client.seen |= events[i].readiness;
      outcome = go_on(&client);
    }
    if (outcome != NULL) {
      return end(&client, outcome);
    }
  }
}

/* ---------------------------------------------------------------- datagram */

/* Sends one to its peer, and waits for an answer or an error. */
static int send_datagram(const mio_addr_t *addr, int64_t deadline) {
  struct client client = {.total = 1, .connected = 1};
  mio_addr_t any = address("0.0.0.0:0");
  mio_event_t event;
  char byte;
  must(mio_udp_socket_bind(&client.stream, &any), "bind");
  must(mio_source_connect(client.stream, addr), "connect");
  must(mio_registry_register(registry, client.stream, 1, MIO_READABLE),
       "register");
  must(mio_source_write(client.stream, "?", 1), "write");
  client.sent = 1;
  if (wait_until(&event, 1, deadline) == 0) {
    return end(&client, "TIMEOUT");
  }
  client.seen = event.readiness;
  int32_t n = mio_source_read(client.stream, &byte, 1);
  return end(&client, n < 0 ? mio_err_name(n) : "OK");
}

int main(int argc, char **argv) {
  if (argc < 4) {
    (void)fputs("usage: transfer serve|send|datagram SELECTOR ADDRESS ...\n",
                stderr);
    return 2;
  }
  begin(argv[2]);
  mio_addr_t addr = address(argv[3]);
  int64_t now = mio_clock_now();
  if (strcmp(argv[1], "serve") == 0) {
    return serve(&addr);
  }
  if (strcmp(argv[1], "send") == 0 && argc == 6) {
    return send_all(&addr, strtoull(argv[4], NULL, 10),
                    now + atoll(argv[5]) * SECOND);
  }
  if (strcmp(argv[1], "datagram") == 0 && argc == 5) {
    return send_datagram(&addr, now + atoll(argv[4]) * SECOND);
  }
  return 2;
}
