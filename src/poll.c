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

/*
 * A wait of any kind. `held` is WAITING where the poll is claimed already, by a
 * wait that ended without an event.
 */
__attribute__((noinline)) static int32_t
wait_with_care(mio_poll_t *poll, mio_event_t *events, uint32_t capacity,
               int64_t timeout_ns, uint32_t held) {
  struct core *core = poll->core;
  int64_t deadline = timeout_ns > 0 ? deadline_of(timeout_ns) : 0;
  int64_t left = timeout_ns;
  int32_t n;
  for (;;) {
    uint32_t state = wakeup_enter(&core->wakeup, held, timeout_ns != 0);
    if ((state & WAKEUP_WAITING) != held) {
      return -EBUSY;
    }
    held = WAKEUP_WAITING;
    n = state & WAKEUP_NOTIFIED
            ? wait_notified(poll, events, capacity)
            : core->ops->wait(core->selector, events, capacity, left);
    if (n != 0 || timeout_ns == 0) {
      break;
    }
    if (timeout_ns > 0 && (left = deadline - os_clock_now()) <= 0) {
      break;
    }
  }
  wakeup_leave(&core->wakeup, wakeup_claimed(&core->wakeup));
  return n;
}

/* A wait that meets nobody else, no wake by flag and no deadline comes
 * straight through here. */
static inline int32_t wait_straight(mio_poll_t *poll, mio_event_t *events,
                                    uint32_t capacity, int64_t timeout_ns,
                                    uint32_t claim) {
  struct core *core = poll->core;
  if (!wakeup_try_enter(&core->wakeup, claim)) {
    return wait_with_care(poll, events, capacity, timeout_ns, 0);
  }
  int32_t n = core->ops->wait(core->selector, events, capacity, timeout_ns);
  if (n == 0 && timeout_ns != 0) {
    return wait_with_care(poll, events, capacity, timeout_ns, WAKEUP_WAITING);
  }
  wakeup_leave(&core->wakeup, claim);
  return n;
}

__attribute__((noinline)) static int32_t wait_blocking(mio_poll_t *poll,
                                                       mio_event_t *events,
                                                       uint32_t capacity,
                                                       int64_t timeout_ns) {
  return wait_straight(poll, events, capacity, timeout_ns,
                       WAKEUP_WAITING | WAKEUP_BLOCKED);
}

/* Three ways, so that a look without blocking, as a busy loop makes, need not
 * keep its arguments over the system call: 20 of 80 instructions. */
int32_t poll_wait(mio_poll_t *poll, mio_event_t *events, uint32_t capacity,
                  int64_t timeout_ns) {
  if (timeout_ns == 0) {
    return wait_straight(poll, events, capacity, 0, WAKEUP_WAITING);
  }
  if (timeout_ns < 0) {
    return wait_blocking(poll, events, capacity, timeout_ns);
  }
  return wait_with_care(poll, events, capacity, timeout_ns, 0);
}
