/*
 * echo.h - bench-echo: echo servers, each in a process of its own, at work for
 * clients in another.
 * SPDX-License-Identifier: MIT
 */
#ifndef BENCH_ECHO_H
#define BENCH_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  ECHO_MESSAGE = 64,  /* Bytes; one is in flight on each connection. */
  ECHO_BUFFER = 4096, /* What a server asks for: a message is a short read. */
  ECHO_EVENTS = 1024, /* That a wait takes at most, of all but libuv's. */
};

/* A contender. It serves a non-blocking listener until it is killed. What it
 * cannot send back at once ends a connection, which the client tells: with one
 * small message in flight there is always room. */
struct echo_server {
  const char *name;
  void (*serve)(int listener);
};

/* All that were built. The first is what the others are held to. */
extern const struct echo_server echo_servers[];
extern const size_t echo_server_count;

/* Ends the program if `result` is negative. */
void echo_check(long result, const char *what);

/* raw.c, sources.c, uv.c, and bench/rust/src/mio_echo.rs. */
void echo_raw_edge(int listener);
void echo_raw_level(int listener);
void echo_sources_edge(int listener);
void echo_sources_level(int listener);
void echo_libuv(int listener);
void bench_echo_mio(int listener);

/* load.c: connections to a server. Each message is answered before the next
 * one is sent on the same connection. */
struct load;
struct load *load_open(uint16_t port, size_t connections);

/* Exchanges that many messages. Returns the time in ns, or 0 and says what
 * went wrong. */
int64_t load_run(struct load *load, uint64_t messages);

/* process.c */
struct contender {
  const struct echo_server *server;
  pid_t server_process, load_process;
  int command; /* To the load's process. */
};

void contender_start(struct contender *contender,
                     const struct echo_server *server, size_t connections);
void contender_end(struct contender *contender);

/* Exchanges messages; gives the time that passed and the time that the
 * server's process took, in ns. */
void contender_run(struct contender *contender, uint64_t messages,
                   double *passed, double *taken);

/* A listener on a port of 127.0.0.1 that the system chooses. */
int echo_listen(uint16_t *port);

#endif
