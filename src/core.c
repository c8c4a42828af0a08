#include "core.h"

#include <errno.h>
#include <stdlib.h>

int32_t core_new(struct core **out, uint32_t id) {
  struct core *core = calloc(1, sizeof(*core));
  if (core == NULL) {
    return -ENOMEM;
  }
  int32_t rc = os_lock_init(&core->lock);
  if (rc < 0) {
    goto fail_core;
  }
  rc = selector_open(id, &core->ops, &core->selector);
  if (rc < 0) {
    goto fail_lock;
  }
  core->features = core->ops->features(core->selector);
  core->process = os_process();
  atomic_init(&core->openers, 1);
  atomic_init(&core->holders, 1);
  *out = core;
  return 0;

fail_lock:
  os_lock_destroy(&core->lock);
fail_core:
  free(core);
  return rc;
}

/* In a child after a fork: another thread of the parent may have held a lock
 * at the fork, and the kernel's set is the parent's. */
static int is_foreign(const struct core *core) {
  return core->process != os_process();
}

void core_hold(struct core *core) {
  (void)atomic_fetch_add(&core->holders, 1);
}

void core_let_go(struct core *core) {
  if (atomic_fetch_sub(&core->holders, 1) == 1) {
    core->ops->free(core->selector);
    if (!is_foreign(core)) {
      os_lock_destroy(&core->lock);
    }
    free(core);
  }
}

void core_open(struct core *core) {
  (void)atomic_fetch_add(&core->openers, 1);
}

void core_close(struct core *core) {
  if (atomic_fetch_sub(&core->openers, 1) != 1) {
    return;
  }
  /* Wakers may be in a wake now. Their descriptors are theirs, and stay. The
   * lock keeps one that is being freed from using what is closed here. */
  int foreign = is_foreign(core);
  wakeup_kill(&core->wakeup);
  if (!foreign) {
    os_lock(&core->lock);
  }
  core->ops->close(core->selector, foreign);
  if (!foreign) {
    os_unlock(&core->lock);
  }
  core_let_go(core);
}

static int is_open(const struct core *core) {
  return atomic_load(&core->openers) != 0;
}

int core_is_usable(const struct core *core) {
  return is_open(core) && !is_foreign(core);
}

/* The lock keeps whoever closes the last opener from closing in between. */
void core_forget(struct core *core, int fd) {
  if (is_foreign(core)) {
    return;
  }
  os_lock(&core->lock);
  if (is_open(core)) {
    (void)core->ops->remove(core->selector, fd);
  }
  os_unlock(&core->lock);
}

void core_rearm(struct core *core, int fd, uint32_t directions) {
  os_lock(&core->lock);
  if (is_open(core)) {
    core->ops->rearm(core->selector, fd, directions);
  }
  os_unlock(&core->lock);
}

static uint32_t free_slot(const struct core *core) {
  uint32_t slot = 0;
  while (slot < MIO_WAKERS_MAX && (core->slots_used >> slot & 1)) {
    slot++;
  }
  return slot;
}

int32_t core_take_slot(struct core *core, uint64_t token, uint32_t *slot) {
  int32_t rc = -ENOSPC;
  os_lock(&core->lock);
  uint32_t found = free_slot(core);
  if (found < MIO_WAKERS_MAX) {
    rc = core->ops->waker_open(core->selector, found, token);
  }
  if (rc == 0) {
    wakeup_open(&core->wakeup, found, token);
    core->slots_used |= UINT64_C(1) << found;
    core_hold(core);
    *slot = found;
  }
  os_unlock(&core->lock);
  return rc;
}

void core_give_slot(struct core *core, uint32_t slot) {
  int foreign = is_foreign(core);
  if (!foreign) {
    os_lock(&core->lock);
  }
  core->ops->waker_close(core->selector, slot, foreign);
  wakeup_clear(&core->wakeup, slot);
  core->slots_used &= ~(UINT64_C(1) << slot);
  if (!foreign) {
    os_unlock(&core->lock);
  }
  core_let_go(core);
}

void core_post_flagged(struct core *core) {
  os_lock(&core->lock);
  for (uint32_t slot = 0; slot < MIO_WAKERS_MAX; slot++) {
    if ((core->slots_used >> slot & 1) && wakeup_claim(&core->wakeup, slot)) {
      (void)core->ops->waker_post(core->selector, slot);
    }
  }
  os_unlock(&core->lock);
}

int32_t core_share(struct core *core) {
  if (core->ops->descriptor == NULL) {
    return -EOPNOTSUPP;
  }
  if (wakeup_share(&core->wakeup)) {
    core_post_flagged(core);
  }
  return core->ops->descriptor(core->selector);
}
