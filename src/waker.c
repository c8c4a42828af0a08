#include "waker.h"

#include <errno.h>
#include <stdlib.h>

int32_t waker_new(mio_waker_t **out, struct core *core, uint64_t token) {
  mio_waker_t *waker = malloc(sizeof(*waker));
  if (waker == NULL) {
    return -ENOMEM;
  }
  int32_t rc = core_take_slot(core, token, &waker->slot);
  if (rc < 0) {
    free(waker);
    return rc;
  }
  waker->core = core;
  *out = waker;
  return 0;
}

/* A wake that did not merge: apart, so that one that does sets up no frame. */
__attribute__((noinline)) static int32_t wake_now(mio_waker_t *waker) {
  struct core *core = waker->core;
  if (!wakeup_wake(&core->wakeup, waker->slot)) {
    return 0;
  }
  int before = errno;
  int32_t rc = core->ops->waker_post(core->selector, waker->slot);
  errno = before;
  if (rc < 0) {
    wakeup_clear(&core->wakeup, waker->slot);
  }
  return rc;
}

int32_t waker_wake(mio_waker_t *waker) {
  return wakeup_merges(&waker->core->wakeup, waker->slot) ? 0
                                                          : wake_now(waker);
}

void waker_free(mio_waker_t *waker) {
  core_give_slot(waker->core, waker->slot);
  free(waker);
}
