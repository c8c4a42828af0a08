#include "wakeup.h"

uint32_t wakeup_enter(struct wakeup *wakeup, uint32_t held, int may_block) {
  uint32_t before = atomic_load(&wakeup->state);
  uint32_t after;
  do {
    if ((before & WAKEUP_WAITING) != held) {
      return before;
    }
    after = (before & ~(uint32_t)WAKEUP_NOTIFIED) | WAKEUP_WAITING;
    if (may_block && !(before & WAKEUP_NOTIFIED)) {
      after |= WAKEUP_BLOCKED;
    }
  } while (!atomic_compare_exchange_weak(&wakeup->state, &before, after));
  return before;
}

void wakeup_settle(struct wakeup *wakeup) {
  (void)atomic_fetch_and(&wakeup->state, ~(uint32_t)WAKEUP_WROTE);
  uint32_t top = atomic_load(&wakeup->top);
  for (uint32_t i = 0; i < top; i++) {
    uint32_t mark = atomic_load(&wakeup->slots[i].mark);
    while ((mark & WAKEUP_WRITTEN) &&
           !atomic_compare_exchange_weak(&wakeup->slots[i].mark, &mark, 0)) {
    }
  }
}

int wakeup_wake(struct wakeup *wakeup, uint32_t slot) {
  uint32_t state = atomic_load(&wakeup->state);
  uint32_t after;
  do {
    if (state & WAKEUP_DEAD) {
      return 0;
    }
    if (state & (WAKEUP_BLOCKED | WAKEUP_SHARED)) {
      (void)atomic_fetch_or(&wakeup->slots[slot].mark, WAKEUP_WRITTEN);
      (void)atomic_fetch_or(&wakeup->state, WAKEUP_WROTE);
      return 1;
    }
    after = state | WAKEUP_NOTIFIED;
  } while (!atomic_compare_exchange_weak(&wakeup->state, &state, after));
  return 0;
}

uint32_t wakeup_flagged(struct wakeup *wakeup) {
  uint32_t top = atomic_load(&wakeup->top);
  uint32_t count = 0;
  for (uint32_t i = 0; i < top; i++) {
    count += atomic_load(&wakeup->slots[i].mark) == WAKEUP_PENDING;
  }
  return count;
}

int wakeup_take(struct wakeup *wakeup, uint32_t *last, uint64_t *token) {
  uint32_t top = atomic_load(&wakeup->top);
  for (uint32_t i = 1; i <= top; i++) {
    uint32_t slot = (*last + i) % top;
    uint32_t mark = WAKEUP_PENDING;
    if (atomic_load(&wakeup->slots[slot].mark) == mark &&
        atomic_compare_exchange_strong(&wakeup->slots[slot].mark, &mark, 0)) {
      /* After the exchange: the slot may have got a new waker meanwhile, and
       * then it is that one's wake which was taken. */
      *token = atomic_load(&wakeup->slots[slot].token);
      *last = slot;
      return 1;
    }
  }
  return 0;
}

int wakeup_keep(struct wakeup *wakeup) {
  uint32_t state = atomic_load(&wakeup->state);
  do {
    if (state & WAKEUP_SHARED) {
      return 1;
    }
  } while (!atomic_compare_exchange_weak(&wakeup->state, &state,
                                         state | WAKEUP_NOTIFIED));
  return 0;
}

int wakeup_share(struct wakeup *wakeup) {
  uint32_t state = atomic_load(&wakeup->state);
  uint32_t after;
  do {
    after = (state & ~(uint32_t)WAKEUP_NOTIFIED) | WAKEUP_SHARED;
  } while (!atomic_compare_exchange_weak(&wakeup->state, &state, after));
  return (state & WAKEUP_NOTIFIED) != 0;
}

int wakeup_claim(struct wakeup *wakeup, uint32_t slot) {
  uint32_t mark = WAKEUP_PENDING;
  if (!atomic_compare_exchange_strong(&wakeup->slots[slot].mark, &mark,
                                      WAKEUP_PENDING | WAKEUP_WRITTEN)) {
    return 0;
  }
  (void)atomic_fetch_or(&wakeup->state, WAKEUP_WROTE);
  return 1;
}

void wakeup_open(struct wakeup *wakeup, uint32_t slot, uint64_t token) {
  atomic_store(&wakeup->slots[slot].token, token);
  if (slot >= atomic_load(&wakeup->top)) {
    atomic_store(&wakeup->top, slot + 1); /* Under the lock of the slots. */
  }
}

void wakeup_clear(struct wakeup *wakeup, uint32_t slot) {
  (void)atomic_exchange(&wakeup->slots[slot].mark, 0);
}

void wakeup_kill(struct wakeup *wakeup) {
  (void)atomic_fetch_or(&wakeup->state, WAKEUP_DEAD);
}

uint32_t wakeup_room(uint32_t waiting, uint32_t capacity, uint32_t *turn) {
  if (waiting == 0) {
    return 0;
  }
  if (capacity == 1) {
    *turn ^= 1;
    return *turn;
  }
  return waiting < capacity / 2 ? waiting : capacity / 2;
}
