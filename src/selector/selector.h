/*
 * The contract of a selector: the second one of the project, after
 * abi/miopoll.h. One kernel, one file, and in each file the functions in the
 * order of this struct. The build decides which selectors exist (whole files,
 * listed in choose.c), the handle decides which runs.
 *
 * What lives above, once, and is no selector's business: checking handles,
 * arguments and interest bits (interest.c); deadlines and repeating a wait
 * that ended early (poll.c); one waiter at a time and the wake flag
 * (wakeup.h); who keeps the selector alive and in which order things go
 * (core.c); which waker has which slot.
 *
 * What a selector owns: the kernel's object, translation of interest and
 * readiness in one pair of pure functions, and a way to post a wake that
 * reaches a blocked wait.
 *
 * Threads. wait() is called by one thread at a time. All other slots may be
 * called by any thread at any time, during a wait too. close() and free() are
 * called when nobody can call any other slot but waker_post() and
 * waker_close(), and by one thread. waker_open() and waker_close() are called
 * under one lock, and so never at the same time as each other.
 *
 * Results are 0, a count, or a negative errno. No slot aborts, logs, raises
 * SIGPIPE, or changes flags of a descriptor that is not the selector's own.
 * All descriptors that it makes are close-on-exec from birth.
 */
#ifndef MIOPOLL_SELECTOR_H
#define MIOPOLL_SELECTOR_H

#include "interest.h"
#include "miopoll.h"

/* Each selector defines its own, in its own file. */
struct selector;

struct selector_ops {
  /* One of enum mio_selectors. Its name is choose.c's. */
  uint32_t id;

  /*
   * Makes the kernel's object and the memory beside it.
   *   On failure: *out is untouched, nothing is left open. ENOSYS means that
   *   this kernel has no such selector, and makes MIO_SELECTOR_DEFAULT try
   *   the next.
   */
  int32_t (*open)(struct selector **out);

  /*
   * Closes the kernel's object: registrations end, nobody waits any more.
   * The memory stays, for wakers may outlive it.
   *   May assume: called once, before free().
   *   Must leave: waker_post() harmless, waker_close() working.
   *   `foreign` is 1 in a process that is not the creator's (a child after a
   *   fork). There it takes no lock, which another thread may have held at
   *   the fork for ever, and changes nothing that the parent shares: it
   *   closes copies of descriptors, or, where the kernel's object is not
   *   inherited (kqueue), leaves its number alone, since it may be another
   *   descriptor by then.
   */
  void (*close)(struct selector *selector, int foreign);

  /* Frees the memory. May assume: close() was called, no waker is left. */
  void (*free)(struct selector *selector);

  /* Bits of enum mio_features, the same through the selector's life. */
  uint32_t (*features)(const struct selector *selector);

  /*
   * Waits: one system call, and one pass that writes the caller's array.
   *   May assume: capacity is 1 to EVENTS_MAX; timeout_ns is negative (for
   *   ever), 0, or positive of any size.
   *   Returns the number of events written, or -EINTR with nothing consumed,
   *   or 0 when the time passed or *earlier*: the caller looks at the clock
   *   and calls again. So a timeout may be clamped or cut short (never
   *   rounded down to a busy loop), and a wait may end for the selector's own
   *   reasons. It never ends later than the kernel makes it, rounding up.
   *   Each event has reserved = 0, and the readiness bits of chapter 11 of
   *   the header: a function of the kernel's flags alone; error and hang-up
   *   always with both directions.
   *   An event of a posted wake has the slot's token and MIO_READABLE.
   *   One-shot registrations that it reports are disarmed, in both
   *   directions, before it returns.
   *   What stays ready is reported within ceil(ready / capacity) + 1 waits.
   *   No allocation. Where a lock is needed, it is held neither in the
   *   system call nor over a cancellation point: a wait may be left by
   *   longjmp or cancellation from the system call.
   */
  int32_t (*wait)(struct selector *selector, mio_event_t *events,
                  uint32_t capacity, int64_t timeout_ns);

  /*
   * Register, reregister, deregister a descriptor.
   *   May assume: fd fits this system's descriptors and is not negative; the
   *   bits of interest are valid together (interest.c) and the features
   *   that they need are there. modify() never has MIO_EXCLUSIVE. Beside the
   *   header's bits there may be INTEREST_PRECISE, with edge only, and only
   *   where MIO_FEATURE_EDGE_EXACT is absent: a direction that was reported
   *   is not watched until rearm(); an error or hang-up reports all.
   *   Errors in this order: EBADF (closed, foreign), EPERM (cannot be
   *   watched), EINVAL (itself), ELOOP, EEXIST or ENOENT, ENOSPC, ENOMEM;
   *   a failure leaves the registration as it was.
   *   Takes effect in a wait in progress. modify() re-arms: a condition that
   *   holds is reported (again). After remove() returned, waits that begin
   *   never report the old token.
   *   A kernel that answers less (kqueue) is helped by a table of the
   *   selector's own; stale entries are told apart by asking the kernel.
   */
  int32_t (*add)(struct selector *selector, int fd, uint64_t token,
                 uint32_t interest);
  int32_t (*modify)(struct selector *selector, int fd, uint64_t token,
                    uint32_t interest);
  int32_t (*remove)(struct selector *selector, int fd);

  /*
   * Watches again the directions (bits of an interest) of a registration
   * with INTEREST_PRECISE that were reported since; for others, and where
   * nothing is registered, it does nothing. NULL where
   * MIO_FEATURE_EDGE_EXACT is there.
   */
  void (*rearm)(struct selector *selector, int fd, uint32_t directions);

  /*
   * Readies slot `slot` (below MIO_WAKERS_MAX, not open) to post `token`.
   *   On failure: the slot is as before.
   */
  int32_t (*waker_open)(struct selector *selector, uint32_t slot,
                        uint64_t token);

  /*
   * Posts a wake: a wait in progress, or the next, reports the slot's token.
   *   May assume: the slot is open and stays so during the call.
   *   Async-signal-safe, lock-free, no cancellation point; may change errno.
   *   Works after close(), where it may do nothing.
   *   Several posts may merge; each post happens after what its caller wrote
   *   before it, for whoever gets the event.
   */
  int32_t (*waker_post)(struct selector *selector, uint32_t slot);

  /*
   * Closes a slot: what was posted and not reported is dropped.
   *   `foreign` as in close(): only copies of descriptors are closed.
   */
  void (*waker_close)(struct selector *selector, uint32_t slot, int foreign);

  /* The kernel object's own descriptor, for nesting. NULL where there is
   * none; then MIO_FEATURE_FD is absent. May assume: not closed. */
  int (*descriptor)(struct selector *selector);
};

/* What wait() is asked for at most: 1 MiB of events. Nobody gains by more in
 * one wait, and no kernel refuses it. Linux also refuses an array that would
 * end beyond the user's address space (EFAULT), which a caller on the stack
 * meets who names a much larger capacity than his array has. */
#define EVENTS_MAX UINT32_C(65536)

/* ------------------------------------------------------------- choose.c */

/* The name of a selector, "unknown" for a number that none has. */
const char *selector_name(uint32_t id);

/* The number of a name, or -EINVAL. */
int32_t selector_from_name(const char *name);

/* The ops of a selector built in; NULL for others. */
const struct selector_ops *selector_find(uint32_t id);

/* 1 for a number that a selector has, built in or not, and for default. */
int selector_known(uint32_t id);

/*
 * Opens the selector that `id` says: that one, or for MIO_SELECTOR_DEFAULT
 * that of MIOPOLL_SELECTOR, else the first that this kernel has.
 */
int32_t selector_open(uint32_t id, const struct selector_ops **ops,
                      struct selector **selector);

#endif
