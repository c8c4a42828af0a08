#include "wake/edge_pipe.h"

#include <errno.h>
#include <unistd.h>

#include "os/os.h"

int32_t edge_pipe_open(struct edge_pipe *pipe) {
  return os_pipe(&pipe->read_end, &pipe->write_end);
}

/* Empties it, as no cancellation point. */
static void empty(int fd) {
  char bytes[512];
  int before;
  (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
  while (read(fd, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes)) {
  }
  (void)pthread_setcancelstate(before, &before);
}

int32_t edge_pipe_ring(const struct edge_pipe *pipe) {
  int32_t rc = os_write(pipe->write_end, "", 1);
  if (rc == -EAGAIN) {
    /* Full: whoever loses the race to empty it finds room all the same. The
     * bytes mean nothing, the write after them is the edge. */
    empty(pipe->read_end);
    rc = os_write(pipe->write_end, "", 1);
  }
  return rc < 0 ? rc : 0;
}

void edge_pipe_close(struct edge_pipe *pipe) {
  (void)close(pipe->read_end);
  (void)close(pipe->write_end);
  pipe->read_end = -1;
  pipe->write_end = -1;
}
