/* A registry: the registering side. */
#ifndef MIOPOLL_REGISTRY_H
#define MIOPOLL_REGISTRY_H

#include "core.h"

struct mio_registry {
  struct core *core;
};

int32_t registry_new(mio_registry_t **out, struct core *core);
void registry_free(mio_registry_t *registry);
int32_t registry_register_fd(mio_registry_t *registry, mio_fd_t fd,
                             uint64_t token, uint32_t interest);
int32_t registry_reregister_fd(mio_registry_t *registry, mio_fd_t fd,
                               uint64_t token, uint32_t interest);
int32_t registry_deregister_fd(mio_registry_t *registry, mio_fd_t fd);

#endif
