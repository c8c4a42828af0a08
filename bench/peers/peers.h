/* The contenders, one a file; those of rust/ are in a library of their own. */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include "../bench.h"

/* What each round calls: a frame more to return through would be measured. */
#define BENCH_INLINE __attribute__((always_inline)) static inline

extern const struct bench_peer bench_peer_epoll_edge;
extern const struct bench_peer bench_peer_epoll_level;
extern const struct bench_peer bench_peer_poll;

/* Raw epoll by level, which handles events last first: for one row alone. */
extern const struct bench_peer bench_peer_epoll_backwards;

/* Raw epoll by edge, with read and write: for one row alone. */
extern const struct bench_peer bench_peer_epoll_plain;

extern const struct bench_peer bench_peer_libuv;
extern const struct bench_peer bench_peer_libev;
extern const struct bench_peer bench_peer_libevent;
extern const struct bench_peer bench_peer_rust_mio;
extern const struct bench_peer bench_peer_rust_polling;
extern const struct bench_peer bench_peer_miopoll;

/* For rings alone: this library's own sockets, by edge and by level; and the
 * descriptors of others, with recv and send, under another name. */
extern const struct bench_peer bench_peer_sources;
extern const struct bench_peer bench_peer_sources_level;
extern const struct bench_peer bench_peer_descriptors;

#endif
