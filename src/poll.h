/* A poll: the waiting side. */
#ifndef MIOPOLL_POLL_H
#define MIOPOLL_POLL_H

#include "core.h"

struct mio_poll {
  struct core *core;
  /* The waiter's own: whose turn it is, for fairness among wakers and between
   * them and the kernel's events. */
  uint32_t last_slot;
  uint32_t turn;
};

int32_t poll_new(mio_poll_t **out, uint32_t selector);
void poll_free(mio_poll_t *poll);
int32_t poll_wait(mio_poll_t *poll, mio_event_t *events, uint32_t capacity,
                  int64_t timeout_ns);

#endif
