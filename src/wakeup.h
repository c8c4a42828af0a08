/*
 * The wake flag: how wakers and the waiter meet, without a system call while
 * nobody is blocked. tests/model/ has this protocol as a model with store
 * buffers; change both together.
 *
 * `state` tells where the waiter is, and each slot's `mark` how far the wake
 * of one waker has come.
 *
 *   A wake sets PENDING in the mark. If it was set, an earlier wake has done
 *   the rest, or is doing it. Else, if the waiter is blocked (or the poll's
 *   descriptor was handed out), it sets WRITTEN in the mark and WROTE in the
 *   state, and posts by the selector: the kernel will report the token. If
 *   not, it sets NOTIFIED in the state: the wake is "by flag".
 *
 *   A wait that finds NOTIFIED takes it, does not block, and reports the
 *   slots that are PENDING and not WRITTEN. Otherwise it sets BLOCKED, in the
 *   same atomic step in which it looked for NOTIFIED.
 *
 *   Before leaving, a waiter that finds WROTE clears the marks that are
 *   WRITTEN, so that their next wake posts again. If the kernel has not
 *   reported such a token yet, it will: the worst is one event too many. Only
 *   marks that are WRITTEN are cleared, for by then a slot may have a new
 *   waker, whose wake by flag must stay.
 *
 * A wait that met no wake has two locked instructions: enter and leave. Leave
 * is a read-modify-write: a plain store would overwrite what a waker set
 * meanwhile. Every wake is a read-modify-write of the mark, also one that
 * merges, and so is every clearing of it: what was written before any wake is
 * visible after the wait that reports it.
 */
#ifndef MIOPOLL_WAKEUP_H
#define MIOPOLL_WAKEUP_H

#include <stdatomic.h>
#include <stdint.h>

#include "miopoll.h"

/* Wakes come from signal handlers, which must meet no lock: 32 bits are set
 * without one on every CPU with threads. (A token has 64, and is read by the
 * waiter only.) */
_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && sizeof(int) == 4,
               "flags are words that are always lock-free");

enum wakeup_state {
  WAKEUP_WAITING = 1,  /* Somebody is in a wait. */
  WAKEUP_BLOCKED = 2,  /* ... and wakes must be posted to reach it. */
  WAKEUP_NOTIFIED = 4, /* There may be wakes by flag. */
  WAKEUP_WROTE = 8,    /* There may be marks that are WRITTEN. */
  WAKEUP_SHARED = 16,  /* The descriptor was handed out: post every wake. */
  WAKEUP_DEAD = 32     /* The selector is closed: wakes do nothing. */
};

enum wakeup_mark {
  WAKEUP_PENDING = 1, /* Woken, and not reported. */
  WAKEUP_WRITTEN = 2  /* The selector reports it. */
};

struct wakeup_slot {
  _Atomic uint64_t token;
  _Atomic uint32_t mark;
};

struct wakeup {
  _Atomic uint32_t state;
  _Atomic uint32_t top; /* Slots from here on were never open. */
  struct wakeup_slot slots[MIO_WAKERS_MAX];
};

/*
 * Enters a wait that meets nobody and no wake, as nearly all do: one attempt,
 * which may fail for no reason. `claim` is what the state gets: WAITING, with
 * BLOCKED if the wait may block. Returns 0 if it failed; nothing changed then.
 */
static inline int wakeup_try_enter(struct wakeup *wakeup, uint32_t claim) {
  uint32_t before = atomic_load_explicit(&wakeup->state, memory_order_relaxed);
  return !(before & (WAKEUP_WAITING | WAKEUP_NOTIFIED)) &&
         atomic_compare_exchange_weak(&wakeup->state, &before, before | claim);
}

/*
 * Enters any wait, or goes on with one that ended early (`held` is WAITING or
 * 0). Returns the state before. If that is WAITING and was not held, somebody
 * else is in a wait, and nothing was changed. If it is NOTIFIED, the caller
 * must report wakes by flag, and not block.
 */
uint32_t wakeup_enter(struct wakeup *wakeup, uint32_t held, int may_block);

/* Clears the marks that are WRITTEN. */
void wakeup_settle(struct wakeup *wakeup);

/* What the waiter has claimed: only it changes these two bits. */
static inline uint32_t wakeup_claimed(struct wakeup *wakeup) {
  return atomic_load_explicit(&wakeup->state, memory_order_relaxed) &
         (WAKEUP_WAITING | WAKEUP_BLOCKED);
}

/*
 * Leaves the wait, giving back what it claimed. It settles first: once WAITING
 * is given up another thread may wait, and leave without settling, since WROTE
 * is gone; the marks that it reported would be cleared too late. A WROTE that
 * is set after this look is of a post that this wait cannot have reported.
 */
static inline void wakeup_leave(struct wakeup *wakeup, uint32_t claim) {
  if (__builtin_expect((atomic_load(&wakeup->state) & WAKEUP_WROTE) != 0, 0)) {
    wakeup_settle(wakeup);
  }
  (void)atomic_fetch_sub(&wakeup->state, claim);
}

/* Marks a wake. Returns 1 if it merges with one that is pending, and is done:
 * one locked instruction, what a wake costs while the waiter is busy. */
static inline int wakeup_merges(struct wakeup *wakeup, uint32_t slot) {
  return (atomic_fetch_or(&wakeup->slots[slot].mark, WAKEUP_PENDING) &
          WAKEUP_PENDING) != 0;
}

/* The rest of a wake that did not merge. Returns 1 if the caller must post it
 * by the selector, and clear the slot if that fails; 0 if it is done. Both are
 * async-signal-safe. */
int wakeup_wake(struct wakeup *wakeup, uint32_t slot);

/* How many slots wait to be reported by flag. */
uint32_t wakeup_flagged(struct wakeup *wakeup);

/* Takes one of them, the next after *last in turn, and sets *last and *token.
 * Returns 0 if there is none. */
int wakeup_take(struct wakeup *wakeup, uint32_t *last, uint64_t *token);

/* Some wakes by flag found no room: the next wait must look. Returns 1 if they
 * must be posted instead, by wakeup_claim(): the descriptor was handed out. */
int wakeup_keep(struct wakeup *wakeup);

/* Hands the descriptor out. Returns 1 if there may be wakes by flag, to be
 * posted by wakeup_claim(). */
int wakeup_share(struct wakeup *wakeup);

/* Turns the wake of a slot from one by flag into a written one: returns 1 if
 * there was one, and the caller must post it. */
int wakeup_claim(struct wakeup *wakeup, uint32_t slot);

/* Opens a slot. */
void wakeup_open(struct wakeup *wakeup, uint32_t slot, uint64_t token);

/* Clears a slot: drops its wake. Also how it is closed. */
void wakeup_clear(struct wakeup *wakeup, uint32_t slot);

/* From now on wakes do nothing. */
void wakeup_kill(struct wakeup *wakeup);

/*
 * How many of `capacity` events wakes may take when `waiting` of them wait and
 * the kernel may have events too: half, and where there is room for one only,
 * each in turn (*turn is flipped).
 */
uint32_t wakeup_room(uint32_t waiting, uint32_t capacity, uint32_t *turn);

#endif
