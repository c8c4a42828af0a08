/*
 * ring.c - E1 and E2: bytes that run around rings of connections.
 * SPDX-License-Identifier: MIT
 *
 * A byte that arrives at one connection is written to the next, as an echo
 * server reads and writes. Each contender has a ring of its own; a short read
 * tells all that a socket is drained. Always something is ready, so that no
 * wait blocks, and the time of the thread is that of the work. miopoll has
 * sockets of its own here; for all others it is recv and send, which cost less
 * than read and write.
 */
#define _GNU_SOURCE 1
#include "bench.h"
#include "peers/peers.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct ring {
  struct bench_ring ring; /* First: what contenders get. */
  int in[BENCH_RING];
  int out[BENCH_RING];
};

static void unix_pair(int *ends) {
  bench_check(
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends),
      "socketpair");
}

static int tcp_socket(int flags) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  bench_check(fd, "socket");
  return fd;
}

static void no_delay(int fd) {
  int yes = 1;
  bench_check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes),
              "setsockopt");
}

static void tcp_pair(int *ends) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr *plain = (struct sockaddr *)&address;
  socklen_t length = sizeof address;
  int listener = tcp_socket(0);
  bench_check(bind(listener, plain, length), "bind");
  bench_check(listen(listener, 1), "listen");
  bench_check(getsockname(listener, plain, &length), "getsockname");
  ends[1] = tcp_socket(0);
  bench_check(connect(ends[1], plain, length), "connect");
  ends[0] = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  bench_check(ends[0], "accept4");
  no_delay(ends[0]);
  no_delay(ends[1]);
  close(listener);
}

static struct ring *ring_open(size_t length, void (*pair)(int *ends)) {
  struct ring *ring = bench_new(sizeof *ring);
  for (size_t i = 0; i < length; i++) {
    int ends[2];
    pair(ends);
    ring->in[i] = ends[0];
    ring->out[i] = ends[1];
  }
  ring->ring = (struct bench_ring){length, ring->in, ring->out};
  return ring;
}

static void ring_start(const struct ring *ring) {
  size_t length = ring->ring.length;
  size_t bytes = length < BENCH_RING_BYTES ? length : BENCH_RING_BYTES;
  for (size_t i = 0; i < bytes; i++) {
    size_t at = i * (length / bytes);
    bench_check((int)write(ring->out[at], "x", 1), "write");
  }
}

static void ring_close(struct ring *ring) {
  for (size_t i = 0; i < ring->ring.length; i++) {
    close(ring->in[i]);
    close(ring->out[i]);
  }
  free(ring);
}

static void enter(struct bench_entry *entry, size_t length,
                  void (*pair)(int *ends)) {
  struct ring *ring = ring_open(length, pair);
  for (size_t i = 0; i < length; i++) {
    entry->peer->add(entry->set, ring->in[i], i, false);
  }
  entry->input = ring;
  entry->run = entry->peer->ring;
  ring_start(ring);
}

static void compare_peers(const char *id, const char *what, size_t length,
                          void (*pair)(int *ends),
                          const struct bench_peer *const *peers,
                          size_t count) {
  size_t needed = 2 * length * count;
  if (!bench_wanted(id) || bench_descriptors(id, needed) < needed) {
    return;
  }
  /* A wait brings a hundred hops: a short batch would be few waits. */
  struct bench_row row = {
      .id = id, .what = what, .amount = 1, .divisor = 1, .batches = 4};
  bench_enter(&row, peers, count, false);
  for (size_t i = 0; i < row.count; i++) {
    enter(&row.entries[i], length, pair);
  }
  bench_compare(&row);
  bench_leave_all(&row);
  for (size_t i = 0; i < row.count; i++) {
    ring_close(row.entries[i].input);
  }
}

/* `more` of ours, and all others. */
static void compare_rings(const char *id, const char *what, size_t length,
                          void (*pair)(int *ends), size_t more) {
  static const struct bench_peer *const ours[] = {
      &bench_peer_sources, &bench_peer_sources_level, &bench_peer_descriptors};
  const struct bench_peer *peers[BENCH_PEERS];
  size_t count = bench_peer_count - 1; /* The last is ours. */
  for (size_t i = 0; i < count; i++) {
    peers[i] = bench_peers[i];
  }
  for (size_t i = 0; i < more; i++) {
    peers[count++] = ours[i];
  }
  compare_peers(id, what, length, pair, peers, count);
}

void bench_rings(void) {
  compare_rings("E1", "ring of 1 socket pair, per hop", 1, unix_pair, 3);
  compare_rings("E1", "ring of 100 socket pairs, per hop", 100, unix_pair, 3);
  /* The usual limits have descriptors for one of ours. */
  compare_rings("E1", "ring of 1000 socket pairs, per hop", 1000, unix_pair,
                1);
  compare_rings("E2", "echo on 100 TCP connections, per message", 100,
                tcp_pair, 3);
}

void bench_order(void) {
  static const struct bench_peer *const orders[] = {
      &bench_peer_epoll_edge,
      &bench_peer_epoll_level,
      &bench_peer_epoll_backwards,
  };
  static const struct bench_peer *const calls[] = {
      &bench_peer_epoll_edge,
      &bench_peer_epoll_plain,
      &bench_peer_descriptors,
      &bench_peer_sources,
  };
  compare_peers("W3", "ring of 100, events in order and last first", 100,
                unix_pair, orders, 3);
  compare_peers("W4", "ring of 100, recv and send, read and write", 100,
                unix_pair, calls, 4);
}
