#include "source.h"

#include <stdlib.h>

#include "interest.h"
#include "os/socket.h"

mio_source_t *source_new(uint32_t kind, uint32_t family) {
  mio_source_t *source = malloc(sizeof(*source));
  if (source != NULL) {
    *source = (mio_source_t){.fd = -1, .kind = kind, .family = family};
  }
  return source;
}

/* Lets go of the core; the selector knows nothing of the source any more. */
static void detach(mio_source_t *source) {
  core_let_go(source->core);
  source->core = NULL;
  source->rearms = 0;
}

static void deregister_if_registered(mio_source_t *source) {
  if (source->core != NULL) {
    core_forget(source->core, source->fd);
    detach(source);
  }
}

void source_free(mio_source_t *source) {
  deregister_if_registered(source);
  if (source->fd >= 0) {
    os_fd_close(source->fd);
  }
  free(source);
}

int32_t source_into_fd(mio_source_t *source, mio_fd_t *out) {
  deregister_if_registered(source);
  *out = source->fd;
  source->fd = -1;
  return 0;
}

/* The bits that an edge registration needs where edge is not the kernel's. */
static uint32_t precise_bit(const struct core *core, uint32_t interest) {
  int exact = (core->features & MIO_FEATURE_EDGE_EXACT) != 0 ||
              (interest & (MIO_LEVEL | MIO_ONESHOT | MIO_EXCLUSIVE)) != 0;
  return exact ? 0 : INTEREST_PRECISE;
}

static void remember(mio_source_t *source, uint32_t interest) {
  source->rearms =
      interest & INTEREST_PRECISE ? interest & INTEREST_DIRECTIONS : 0;
}

int32_t source_register(mio_source_t *source, struct core *core,
                        uint64_t token, uint32_t interest) {
  int32_t rc = interest_check(interest, core->features);
  if (rc < 0) {
    return rc;
  }
  if (source->fd < 0) {
    return -EBADF;
  }
  if (source->core != NULL) {
    if (core_is_usable(source->core)) {
      return -EEXIST;
    }
    detach(source);
  }
  interest |= precise_bit(core, interest);
  rc = core->ops->add(core->selector, source->fd, token, interest);
  if (rc == 0) {
    core_hold(core);
    source->core = core;
    remember(source, interest);
  }
  return rc;
}

int32_t source_reregister(mio_source_t *source, struct core *core,
                          uint64_t token, uint32_t interest) {
  int32_t rc = interest_check_change(interest, core->features);
  if (rc < 0) {
    return rc;
  }
  if (source->fd < 0) {
    return -EBADF;
  }
  if (source->core != core) {
    return -ENOENT;
  }
  interest |= precise_bit(core, interest);
  rc = core->ops->modify(core->selector, source->fd, token, interest);
  if (rc == 0) {
    remember(source, interest);
  }
  return rc;
}

int32_t source_deregister(mio_source_t *source, struct core *core) {
  if (source->fd < 0) {
    return -EBADF;
  }
  if (source->core != core) {
    return -ENOENT;
  }
  int32_t rc = core->ops->remove(core->selector, source->fd);
  if (rc == 0 || rc == -ENOENT) { /* The kernel may have lost it. */
    detach(source);
  }
  return rc;
}

/* In a child of a fork the core is the parent's, and its lock perhaps taken by
 * a thread that is not there. */
void source_rearm(mio_source_t *source, uint32_t directions) {
  directions &= source->rearms & ~source->ended;
  if (directions != 0 && core_is_usable(source->core)) {
    core_rearm(source->core, source->fd, directions);
  }
}
