/*
 * hop.c - what the contenders of a ring call for each event.
 * SPDX-License-Identifier: MIT
 */
#include "bench.h"

#include <sys/socket.h>
#include <unistd.h>

uint64_t bench_hop(const struct bench_ring *ring, uint64_t at) {
  char bytes[2 * BENCH_RING_BYTES];
  ssize_t n = recv(ring->in[at], bytes, sizeof bytes, 0);
  if (n <= 0) {
    return 0;
  }
  uint64_t next = at + 1 < ring->length ? at + 1 : 0;
  ssize_t sent = send(ring->out[next], bytes, (size_t)n, MSG_NOSIGNAL);
  return sent == n ? 1 : 0;
}

uint64_t bench_hop_plain(const struct bench_ring *ring, uint64_t at) {
  char bytes[2 * BENCH_RING_BYTES];
  ssize_t n = read(ring->in[at], bytes, sizeof bytes);
  if (n <= 0) {
    return 0;
  }
  uint64_t next = at + 1 < ring->length ? at + 1 : 0;
  return write(ring->out[next], bytes, (size_t)n) == n ? 1 : 0;
}
