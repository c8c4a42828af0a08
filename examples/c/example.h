/*
 * What the smaller servers have in common; echo.c has all of its own.
 * SPDX-License-Identifier: MIT
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <miopoll.h>

#include <stdint.h>

/* Ends the program with 1 and a line if `rc` is an error. */
void example_check(int32_t rc, const char *what);

/* Makes a poll, its registry, and a waker for SIGINT and SIGTERM. */
mio_registry_t *example_open(void);

/* The address in a text, or the end of the program. */
mio_addr_t example_addr(const char *text);

/* Prints "listening on ADDRESS" of a socket. */
void example_tell(mio_source_t *socket);

/* Waits, and calls `on_event` for each event, until SIGINT or SIGTERM. */
void example_run(void (*on_event)(uint64_t token, uint32_t readiness));

/* Frees what example_open() made. */
void example_close(void);

/* Clients in slots. A token is never used twice, so that a stale event finds
 * nobody; UINT64_MAX is example.c's. */
enum { EXAMPLE_CLIENTS = 1024 };

struct example_client {
  mio_source_t *stream; /* NULL: the slot is free. */
  uint64_t token;
  char peer[MIO_ADDR_TEXT_MAX + 1];
  /* The server's own, 0 at first. */
  int state;
  uint64_t at, size, rest;
  char buffer[8192];
};

/* Takes the next connection, registered with `interest`; NULL when none is
 * there. */
struct example_client *example_accept(mio_source_t *listener,
                                      uint32_t interest);
struct example_client *example_find(uint64_t token);
int32_t example_reregister(struct example_client *client, uint32_t interest);
void example_drop(struct example_client *client);

#endif
