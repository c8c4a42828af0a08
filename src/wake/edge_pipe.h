/* An alarm on a pipe that is watched edge-triggered, for kqueues without
 * EVFILT_USER: each write is a new edge, so it is read only when it is full. */
#ifndef MIOPOLL_WAKE_EDGE_PIPE_H
#define MIOPOLL_WAKE_EDGE_PIPE_H

#include <stdint.h>

struct edge_pipe {
  int read_end; /* -1: not open. */
  int write_end;
};

/* Both ends non-blocking and close-on-exec. 0 or a negative errno. */
int32_t edge_pipe_open(struct edge_pipe *pipe);

/* Rings: async-signal-safe, no cancellation point. 0 or a negative errno. */
int32_t edge_pipe_ring(const struct edge_pipe *pipe);

void edge_pipe_close(struct edge_pipe *pipe);

#endif
