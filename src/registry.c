#include "registry.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "interest.h"

int32_t registry_new(mio_registry_t **out, struct core *core) {
  mio_registry_t *registry = malloc(sizeof(*registry));
  if (registry == NULL) {
    return -ENOMEM;
  }
  core_open(core);
  registry->core = core;
  *out = registry;
  return 0;
}

void registry_free(mio_registry_t *registry) {
  core_close(registry->core);
  free(registry);
}

/* A descriptor that an int cannot hold is not open, and must not be cut. */
static int fits(mio_fd_t fd) {
  return fd >= 0 && fd <= INT_MAX;
}

int32_t registry_register_fd(mio_registry_t *registry, mio_fd_t fd,
                             uint64_t token, uint32_t interest) {
  struct core *core = registry->core;
  int32_t rc = interest_check(interest, core->features);
  if (rc < 0) {
    return rc;
  }
  return fits(fd) ? core->ops->add(core->selector, (int)fd, token, interest)
                  : -EBADF;
}

int32_t registry_reregister_fd(mio_registry_t *registry, mio_fd_t fd,
                               uint64_t token, uint32_t interest) {
  struct core *core = registry->core;
  int32_t rc = interest_check_change(interest, core->features);
  if (rc < 0) {
    return rc;
  }
  return fits(fd) ? core->ops->modify(core->selector, (int)fd, token, interest)
                  : -EBADF;
}

int32_t registry_deregister_fd(mio_registry_t *registry, mio_fd_t fd) {
  struct core *core = registry->core;
  return fits(fd) ? core->ops->remove(core->selector, (int)fd) : -EBADF;
}
