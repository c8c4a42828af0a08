/*
 * What a poll, its registries, wakers and registered sources share: the
 * selector and the wake flag.
 *
 * Polls and registries keep the selector open; wakers and sources keep only
 * the memory, so that who comes too late finds something to do nothing with. Both
 * are counted: `openers` and `holders`, where all openers together are one
 * holder.
 */
#ifndef MIOPOLL_CORE_H
#define MIOPOLL_CORE_H

#include <stdatomic.h>
#include <stdint.h>

#include "os/os.h"
#include "selector/selector.h"
#include "wakeup.h"

struct core {
  const struct selector_ops *ops;
  struct selector *selector;
  uint32_t features;
  _Atomic uint32_t openers;
  _Atomic uint32_t holders;
  int64_t process; /* That made it. */
  os_lock_t lock; /* Of slots_used, of posting for other wakers, of closing. */
  uint64_t slots_used;
  struct wakeup wakeup;
};

/* Makes a core on the selector `id`, with one opener. */
int32_t core_new(struct core **out, uint32_t id);

/* One opener more, and one less: the last closes the selector. */
void core_open(struct core *core);
void core_close(struct core *core);

/* One holder of the memory more, and one less. */
void core_hold(struct core *core);
void core_let_go(struct core *core);

/* For sources, which do not keep the selector open. Whether it is, and is of
 * this process; and the selector's remove() and rearm(), which do nothing
 * where it is not. */
int core_is_usable(const struct core *core);
void core_forget(struct core *core, int fd);
void core_rearm(struct core *core, int fd, uint32_t directions);

/* Takes a slot for a waker, which becomes a holder; and gives it back. */
int32_t core_take_slot(struct core *core, uint64_t token, uint32_t *slot);
void core_give_slot(struct core *core, uint32_t slot);

/* Hands out the selector's descriptor, or -EOPNOTSUPP. */
int32_t core_share(struct core *core);

/* Posts all wakes by flag by the selector. */
void core_post_flagged(struct core *core);

#endif
