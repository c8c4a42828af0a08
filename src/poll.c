#include "poll.h"

#include <errno.h>
#include <stdlib.h>

int32_t poll_new(mio_poll_t **out, uint32_t selector) {
  mio_poll_t *poll = calloc(1, sizeof(*poll));
  if (poll == NULL) {
    return -ENOMEM;
  }
  int32_t rc = core_new(&poll->core, selector);
  if (rc < 0) {
    free(poll);
    return rc;
  }
  *out = poll;
  return 0;
}

void poll_free(mio_poll_t *poll) {
  core_close(poll->core);
  free(poll);
}

/* The clock value at which a timeout is over, at most INT64_MAX. */
static int64_t deadline_of(int64_t timeout_ns) {
  int64_t now = os_clock_now();
  return timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
}

/*
 * A wait that found NOTIFIED: does not block, and reports wakes by flag beside
 * the kernel's events, leaving room for both.
 */
__attribute__((noinline)) static int32_t
wait_notified(mio_poll_t *poll, mio_event_t *events, uint32_t capacity) {
  struct core *core = poll->core;
  struct wakeup *wakeup = &core->wakeup;
  uint32_t flagged = wakeup_flagged(wakeup);
  uint32_t room = capacity - wakeup_room(flagged, capacity, &poll->turn);
  int32_t n = 0;
  if (room > 0) {
    n = core->ops->wait(core->selector, events, room, 0);
  }
  if (n >= 0) {
    uint32_t count = (uint32_t)n;
    while (count < capacity &&
           wakeup_take(wakeup, &poll->last_slot, &events[count].token)) {
      events[count].readiness = MIO_READABLE;
      events[count++].reserved = 0;
    }
    n = (int32_t)count;
  }
  if (wakeup_flagged(wakeup) > 0 && wakeup_keep(wakeup)) {
    core_post_flagged(core);
  }
  return n;
}

/* One attempt, in the state that wakeup_enter() returned. */
static inline int32_t wait_once(mio_poll_t *poll, uint32_t state,
                                mio_event_t *events, uint32_t capacity,
                                int64_t timeout_ns) {
  if (__builtin_expect((state & WAKEUP_NOTIFIED) != 0, 0)) {
    return wait_notified(poll, events, capacity);
  }
  struct core *core = poll->core;
  return core->ops->wait(core->selector, events, capacity, timeout_ns);
}

/* Goes on with a wait that ended without an event, until its deadline. */
__attribute__((noinline)) static int32_t
wait_on(mio_poll_t *poll, mio_event_t *events, uint32_t capacity,
        int64_t timeout_ns, int64_t deadline) {
  int32_t n = 0;
  while (n == 0) {
    int64_t left = timeout_ns < 0 ? -1 : deadline - os_clock_now();
    if (timeout_ns > 0 && left <= 0) {
      break;
    }
    uint32_t state = wakeup_enter(&poll->core->wakeup, WAKEUP_WAITING, 1);
    n = wait_once(poll, state, events, capacity, left);
  }
  return n;
}

int32_t poll_wait(mio_poll_t *poll, mio_event_t *events, uint32_t capacity,
                  int64_t timeout_ns) {
  struct wakeup *wakeup = &poll->core->wakeup;
  int64_t deadline = timeout_ns > 0 ? deadline_of(timeout_ns) : 0;
  uint32_t state = wakeup_enter(wakeup, 0, timeout_ns != 0);
  if (state & WAKEUP_WAITING) {
    return -EBUSY;
  }
  int32_t n = wait_once(poll, state, events, capacity, timeout_ns);
  if (n == 0 && timeout_ns != 0) {
    n = wait_on(poll, events, capacity, timeout_ns, deadline);
  }
  wakeup_leave(wakeup);
  return n;
}
