/* A waker: a slot of a core. */
#ifndef MIOPOLL_WAKER_H
#define MIOPOLL_WAKER_H

#include "core.h"

struct mio_waker {
  struct core *core;
  uint32_t slot;
};

int32_t waker_new(mio_waker_t **out, struct core *core, uint64_t token);
int32_t waker_wake(mio_waker_t *waker);
void waker_free(mio_waker_t *waker);

#endif
