/*
 * Connections, one after the other and several at a time, made, used and freed
 * in one process: TCP mostly, and Unix streams, pairs and pipes.
 *
 *   soak SELECTOR CONNECTIONS
 *
 * After each tenth, when all are freed, a line says what the process has:
 * `connections descriptors heap resident`, the last two in bytes. It must stay
 * flat; tests/soak/run.py looks.
 */
#include <dirent.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "miopoll.h"

#define SECOND INT64_C(1000000000)

enum {
  LISTENERS = 8, /* Addresses of 127/8, so that ports do not run out. */
  AT_ONCE = 32,
  ENDS = 5 * AT_ONCE, /* A peer may go later than its client. */
  MESSAGE = 64,
  LISTENER_TOKENS = 1000
};

static mio_poll_t *poll;
static mio_registry_t *registry;
static mio_source_t *listeners[LISTENERS + 1]; /* The last is a Unix one. */
static mio_addr_t addresses[LISTENERS + 1];

/* First the clients, then the peers that were accepted; the place is the
 * token. */
static struct end {
  mio_source_t *source;
  int has_spoken;
} ends[ENDS];

static int32_t must(int32_t rc, const char *what) {
  if (rc < 0) {
    (void)fprintf(stderr, "%s: %s\n", what, mio_err_text(rc));
    exit(1);
  }
  return rc;
}

static _Noreturn void fail(const char *what) {
  (void)fprintf(stderr, "%s\n", what);
  exit(1);
}

static int would_block(int32_t rc) {
  return strcmp(mio_err_name(rc), "EAGAIN") == 0;
}

static void listen_to_all(void) {
  for (uint32_t i = 0; i <= LISTENERS; i++) {
    char text[32];
    (void)snprintf(text, sizeof(text),
                   i < LISTENERS ? "127.0.0.%u:0" : "unix:", i + 1);
    must(mio_addr_parse(&addresses[i], text, strlen(text)), text);
    must(i < LISTENERS
             ? mio_tcp_listener_bind(&listeners[i], &addresses[i], 0)
             : mio_unix_listener_bind(&listeners[i], &addresses[i], 0),
         "bind");
    must(mio_source_local_addr(listeners[i], &addresses[i]), "local_addr");
    must(mio_registry_register(registry, listeners[i], LISTENER_TOKENS + i,
                               MIO_READABLE),
         "register");
  }
}

static void begin(const char *selector) {
  mio_poll_options_t options = {.size = sizeof(options)};
  options.selector =
      (uint32_t)must(mio_selector_from_name(selector), selector);
  must(mio_poll_new(&poll, &options), "poll");
  must(mio_poll_registry(poll, &registry), "registry");
  listen_to_all();
}

/* ------------------------------------------------------------- connections */

static void start_client(uint32_t slot, uint32_t number) {
  const mio_addr_t *addr = &addresses[number % (LISTENERS + 1)];
  struct end *client = &ends[slot];
  client->has_spoken = 0;
  must(addr->family == MIO_FAMILY_UNIX
           ? mio_unix_stream_connect(&client->source, addr)
           : mio_tcp_stream_connect(&client->source, addr),
       "connect");
  must(mio_registry_register(registry, client->source, slot,
                             MIO_READABLE | MIO_WRITABLE),
       "register");
}

static void take_peers(mio_source_t *listener) {
  for (;;) {
    mio_source_t *stream;
    mio_addr_t addr;
    int32_t rc = mio_source_accept(listener, &stream, &addr);
    if (would_block(rc)) {
      return;
    }
    must(rc, "accept");
    uint32_t token = AT_ONCE;
    while (token < ENDS && ends[token].source != NULL) {
      token++;
    }
    if (token == ENDS) {
      fail("more peers than there should be");
    }
    ends[token].source = stream;
    must(mio_registry_register(registry, stream, token, MIO_READABLE),
         "register");
  }
}

static void drop(struct end *end) {
  mio_source_free(end->source);
  end->source = NULL;
}

/* A peer sends back what comes, and goes when the client has gone. */
static void echo(struct end *peer) {
  char bytes[2 * MESSAGE];
  for (;;) {
    int32_t n = mio_source_read(peer->source, bytes, sizeof(bytes));
    if (would_block(n)) {
      return;
    }
    if (must(n, "read") == 0) {
      drop(peer);
      return;
    }
    if (mio_source_write(peer->source, bytes, (uint64_t)n) != n) {
      fail("an echo found no room");
    }
  }
}

/* A client says its message once, and goes when it has come back. Returns
 * whether it has. */
static int converse(struct end *client, int is_connected) {
  static const char message[MESSAGE] = "to be said once";
  char bytes[2 * MESSAGE];
  if (is_connected && !client->has_spoken) {
    int32_t error = 0;
    must(mio_source_take_error(client->source, &error), "take_error");
    must(error, "connect");
    if (mio_source_write(client->source, message, MESSAGE) != MESSAGE) {
      fail("a message found no room");
    }
    client->has_spoken = 1;
  }
  for (;;) {
    int32_t n = mio_source_read(client->source, bytes, sizeof(bytes));
    if (would_block(n)) {
      return 0;
    }
    if (must(n, "read") != MESSAGE || memcmp(bytes, message, MESSAGE) != 0) {
      fail("another message came back");
    }
    drop(client);
    return 1;
  }
}

/* What has no connection: a pair and a pipe, used and freed registered. */
static void use_pairs(void) {
  mio_source_t *pairs[4];
  char byte = 1;
  must(mio_unix_datagram_pair(&pairs[0], &pairs[1]), "pair");
  must(mio_pipe_new(&pairs[2], &pairs[3]), "pipe");
  for (int i = 0; i < 4; i += 2) {
    must(mio_registry_register(registry, pairs[i], UINT64_MAX, MIO_WRITABLE),
         "register");
    if (mio_source_write(pairs[i], &byte, 1) != 1 ||
        mio_source_read(pairs[i + 1], &byte, 1) != 1 ||
        !would_block(mio_source_read(pairs[i + 1], &byte, 1))) {
      fail("a byte was lost");
    }
  }
  for (int i = 0; i < 4; i++) {
    mio_source_free(pairs[i]);
  }
}

static int all_freed(void) {
  for (int i = 0; i < ENDS; i++) {
    if (ends[i].source != NULL) {
      return 0;
    }
  }
  return 1;
}

/* Handles one event; returns how many clients it ended. */
static uint32_t handle(const mio_event_t *event) {
  uint64_t token = event->token;
  if (token >= LISTENER_TOKENS) {
    if (token != UINT64_MAX) {
      take_peers(listeners[token - LISTENER_TOKENS]);
    }
    return 0;
  }
  if (ends[token].source == NULL) {
    return 0; /* Freed by an event before, of the same wait. */
  }
  if (token >= AT_ONCE) {
    echo(&ends[token]);
    return 0;
  }
  return (uint32_t)converse(&ends[token],
                            (event->readiness & MIO_WRITABLE) != 0);
}

static void run_batch(uint32_t count) {
  uint32_t started = 0;
  uint32_t done = 0;
  while (done < count || !all_freed()) {
    for (uint32_t slot = 0; slot < AT_ONCE && started < count; slot++) {
      if (ends[slot].source == NULL) {
        start_client(slot, started++);
      }
    }
    mio_event_t events[AT_ONCE];
    int32_t n =
        must(mio_poll_wait(poll, events, AT_ONCE, 20 * SECOND), "wait");
    if (n == 0) {
      fail("nothing happens any more");
    }
    for (int32_t i = 0; i < n; i++) {
      done += handle(&events[i]);
    }
    use_pairs();
  }
}

/* ------------------------------------------------------------- what is had */

static int descriptors(void) {
  DIR *dir = opendir("/proc/self/fd");
  int count = 0;
  if (dir == NULL) {
    fail("/proc/self/fd cannot be read");
  }
  while (readdir(dir) != NULL) {
    count++;
  }
  (void)closedir(dir);
  return count;
}

static long resident(void) {
  long pages = 0;
  char line[128];
  FILE *file = fopen("/proc/self/statm", "re");
  if (file != NULL && fgets(line, sizeof(line), file) != NULL) {
    pages = strtol(strchr(line, ' '), NULL, 10);
  }
  if (file != NULL) {
    (void)fclose(file);
  }
  return pages * sysconf(_SC_PAGESIZE);
}

int main(int argc, char **argv) {
  if (argc != 3) {
    (void)fputs("usage: soak SELECTOR CONNECTIONS\n", stderr);
    return 2;
  }
  (void)setvbuf(stdout, NULL, _IONBF, 0); /* Whose buffer would be heap. */
  begin(argv[1]);
  uint32_t tenth = (uint32_t)strtoul(argv[2], NULL, 10) / 10;
  for (uint32_t i = 1; i <= 10; i++) {
    run_batch(tenth);
    (void)printf("%u %d %zu %ld\n", i * tenth, descriptors(),
                 mallinfo2().uordblks, resident());
  }
  for (uint32_t i = 0; i <= LISTENERS; i++) {
    mio_source_free(listeners[i]);
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
  return 0;
}
