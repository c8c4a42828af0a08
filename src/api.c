/*
 * Every exported function, in the order of the header: check, call, return.
 * Start reading here. What an entry promises is said in abi/miopoll.h.
 */
#include "miopoll.h"

#include <errno.h>
#include <stddef.h>

#include "error.h"
#include "options.h"
#include "os/os.h"
#include "poll.h"
#include "registry.h"
#include "selector/selector.h"
#include "waker.h"

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch) \
  TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

/* ----------------------------------------------------- version and errors */

uint32_t mio_version(void) {
  return MIO_VERSION_MAJOR << 16 | MIO_VERSION_MINOR << 8 | MIO_VERSION_PATCH;
}

const char *mio_version_string(void) {
  return VERSION_TEXT(MIO_VERSION_MAJOR, MIO_VERSION_MINOR, MIO_VERSION_PATCH);
}

const char *mio_err_name(int32_t rc) {
  return error_name(rc);
}

const char *mio_err_text(int32_t rc) {
  return error_text(rc);
}

int32_t mio_err_from_name(const char *name) {
  return name != NULL ? error_from_name(name) : 0;
}

int64_t mio_clock_now(void) {
  return os_clock_now();
}

/* --------------------------------------------------------------- selectors */

const char *mio_selector_name(uint32_t selector) {
  return selector_name(selector);
}

int32_t mio_selector_from_name(const char *name) {
  return name != NULL ? selector_from_name(name) : -EINVAL;
}

int32_t mio_selector_available(uint32_t selector) {
  if (!selector_known(selector)) {
    return -EINVAL;
  }
  return selector == MIO_SELECTOR_DEFAULT || selector_find(selector) != NULL;
}

/* -------------------------------------------------------------------- poll */

int32_t mio_poll_new(mio_poll_t **out, const mio_poll_options_t *options) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  mio_poll_options_t read;
  int32_t rc = options_read(&read, options);
  return rc < 0 ? rc : poll_new(out, read.selector);
}

void mio_poll_free(mio_poll_t *poll) {
  if (poll != NULL) {
    poll_free(poll);
  }
}

int32_t mio_poll_registry(mio_poll_t *poll, mio_registry_t **out) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  return poll != NULL ? registry_new(out, poll->core) : -EINVAL;
}

int32_t mio_poll_wait(mio_poll_t *poll, mio_event_t *events, uint32_t capacity,
                      int64_t timeout_ns) {
  if (poll == NULL || events == NULL) {
    return -EINVAL;
  }
  if (capacity - 1 >= EVENTS_MAX) { /* One test for two rare cases. */
    if (capacity == 0) {
      return -EINVAL;
    }
    capacity = EVENTS_MAX;
  }
  return poll_wait(poll, events, capacity, timeout_ns);
}

int32_t mio_poll_fd(mio_poll_t *poll, mio_fd_t *out) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = -1;
  int32_t rc = poll != NULL ? core_share(poll->core) : -EINVAL;
  if (rc < 0) {
    return rc;
  }
  *out = rc;
  return 0;
}

uint32_t mio_poll_selector(mio_poll_t *poll) {
  return poll != NULL ? poll->core->ops->id : MIO_SELECTOR_DEFAULT;
}

uint32_t mio_poll_features(mio_poll_t *poll) {
  return poll != NULL ? poll->core->features : 0;
}

/* ---------------------------------------------------------------- registry */

int32_t mio_registry_clone(mio_registry_t *registry, mio_registry_t **out) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  return registry != NULL ? registry_new(out, registry->core) : -EINVAL;
}

void mio_registry_free(mio_registry_t *registry) {
  if (registry != NULL) {
    registry_free(registry);
  }
}

int32_t mio_registry_register_fd(mio_registry_t *registry, mio_fd_t fd,
                                 uint64_t token, uint32_t interest) {
  return registry != NULL ? registry_register_fd(registry, fd, token, interest)
                          : -EINVAL;
}

int32_t mio_registry_reregister_fd(mio_registry_t *registry, mio_fd_t fd,
                                   uint64_t token, uint32_t interest) {
  return registry != NULL
             ? registry_reregister_fd(registry, fd, token, interest)
             : -EINVAL;
}

int32_t mio_registry_deregister_fd(mio_registry_t *registry, mio_fd_t fd) {
  return registry != NULL ? registry_deregister_fd(registry, fd) : -EINVAL;
}

/* ------------------------------------------------------------------- waker */

int32_t mio_waker_new(mio_waker_t **out, mio_registry_t *registry,
                      uint64_t token) {
  if (out == NULL) {
    return -EINVAL;
  }
  *out = NULL;
  return registry != NULL ? waker_new(out, registry->core, token) : -EINVAL;
}

int32_t mio_waker_wake(mio_waker_t *waker) {
  return waker != NULL ? waker_wake(waker) : -EINVAL;
}

void mio_waker_free(mio_waker_t *waker) {
  if (waker != NULL) {
    waker_free(waker);
  }
}
