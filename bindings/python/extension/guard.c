/*
 * Between Python and the library. In C, freeing a handle that another thread
 * is using is undefined; from Python it must not even be possible, with or
 * without a GIL, in signal handlers and in finalizers. So each Python object
 * owns a struct of this file, which lives as long as the object, and only the
 * library's handle in it comes and goes, behind a gate.
 */
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "gate.h"

struct guard_poll {
  gate_t gate;
  mio_poll_t *raw;
  /* Written to by whoever waits, and read before he leaves. */
  mio_event_t *events;
  uint32_t capacity;
  /* What close() wakes a waiter by. */
  _Atomic int waking;
  mio_registry_t *wake_registry;
  int wake_fd;
};

struct guard_registry {
  gate_t gate;
  mio_registry_t *raw;
};

struct guard_waker {
  gate_t gate;
  mio_waker_t *raw;
};

const char *guard_version(void) {
  return GUARD_VERSION;
}

uint32_t guard_built_with(void) {
  return MIO_VERSION_MAJOR << 16 | MIO_VERSION_MINOR << 8 | MIO_VERSION_PATCH;
}

/* -------------------------------------------------------------------- poll */

int32_t guard_poll_new(guard_poll_t **out, const mio_poll_options_t *options,
                       uint32_t capacity) {
  guard_poll_t *poll = calloc(1, sizeof(*poll));
  if (poll == NULL) {
    return -ENOMEM;
  }
  int32_t rc = -ENOMEM;
  poll->events = malloc(capacity * sizeof(*poll->events));
  if (poll->events == NULL) {
    goto no_events;
  }
  rc = mio_poll_new(&poll->raw, options);
  if (rc < 0) {
    goto no_poll;
  }
  poll->capacity = capacity;
  poll->wake_fd = -1;
  *out = poll;
  return 0;

no_poll:
  free(poll->events);
no_events:
  free(poll);
  return rc;
}

/* Frees the handle. Each pointer is taken away first: should another thread
 * fork in the middle, its child must not free it again. */
static void poll_release(guard_poll_t *poll, int forked) {
  mio_registry_t *registry = poll->wake_registry;
  int fd = poll->wake_fd;
  mio_poll_t *raw = poll->raw;
  poll->wake_registry = NULL;
  poll->wake_fd = -1;
  poll->raw = NULL;
  if (fd >= 0) {
    if (!forked) { /* In a child it would leave the parent's set. */
      (void)mio_registry_deregister_fd(registry, fd);
    }
    (void)close(fd);
  }
  mio_registry_free(registry);
  mio_poll_free(raw);
}

/*
 * Wakes whoever waits: registers a pipe without a writer, which is readable
 * for ever. A waker would do as well, but not for a poll that has all of its
 * wakers; and neither costs a descriptor before it is needed.
 */
static int32_t poll_end_wait(guard_poll_t *poll) {
  if (atomic_exchange(&poll->waking, 1)) {
    return 0;
  }
  int fds[2];
  int32_t rc = 0;
  if (pipe2(fds, O_CLOEXEC) < 0) {
    rc = -errno;
    goto failed;
  }
  (void)close(fds[1]);
  rc = mio_poll_registry(poll->raw, &poll->wake_registry);
  if (rc < 0) {
    goto no_registry;
  }
  rc = mio_registry_register_fd(poll->wake_registry, fds[0], 0,
                                MIO_READABLE | MIO_LEVEL);
  if (rc < 0) {
    goto not_registered;
  }
  poll->wake_fd = fds[0];
  return 0;

not_registered:
  mio_registry_free(poll->wake_registry);
  poll->wake_registry = NULL;
no_registry:
  (void)close(fds[0]);
failed:
  atomic_store(&poll->waking, 0); /* Closing again tries again. */
  return rc;
}

/* 0, or the error for which a waiter could not be woken; then the handle is
 * freed when its wait ends by itself. */
int32_t guard_poll_close(guard_poll_t *poll) {
  int last = 0;
  int32_t rc = 0;
  if (gate_shut_and_enter(&poll->gate, &last)) {
    rc = poll_end_wait(poll);
    last = gate_leave(&poll->gate, GATE_ONE);
  }
  if (last) {
    poll_release(poll, 0);
  }
  return rc;
}

void guard_poll_drop(guard_poll_t *poll) {
  (void)guard_poll_close(poll);
  free(poll->events);
  free(poll);
}

void guard_poll_forked(guard_poll_t *poll) {
  if (gate_fork(&poll->gate)) {
    poll_release(poll, 1);
  }
}

int32_t guard_poll_enter(guard_poll_t *poll, mio_poll_t **raw,
                         mio_event_t **events, uint32_t *capacity) {
  int32_t rc = gate_enter(&poll->gate, GATE_WAITING);
  if (rc == 0) {
    *raw = poll->raw;
    *events = poll->events;
    *capacity = poll->capacity;
  }
  return rc;
}

int32_t guard_poll_leave(guard_poll_t *poll) {
  int shut = gate_is_shut(&poll->gate);
  if (gate_leave(&poll->gate, GATE_WAITING)) {
    poll_release(poll, 0);
    shut = 1;
  }
  return shut ? GUARD_CLOSING : 0;
}

int32_t guard_poll_wait(guard_poll_t *poll, mio_event_t *events,
                        uint32_t capacity, int64_t timeout_ns) {
  int32_t rc = gate_enter(&poll->gate, GATE_WAITING);
  if (rc < 0) {
    return rc;
  }
  int32_t n = mio_poll_wait(poll->raw, events, capacity, timeout_ns);
  rc = guard_poll_leave(poll);
  return rc < 0 ? rc : n;
}

int32_t guard_poll_fd(guard_poll_t *poll, mio_fd_t *out) {
  int32_t rc = gate_enter(&poll->gate, GATE_ONE);
  if (rc == 0) {
    rc = mio_poll_fd(poll->raw, out);
    if (gate_leave(&poll->gate, GATE_ONE)) {
      poll_release(poll, 0);
    }
  }
  return rc;
}

/* These two are asked once, by the constructor, before anybody can close. */
uint32_t guard_poll_selector(guard_poll_t *poll) {
  return mio_poll_selector(poll->raw);
}

uint32_t guard_poll_features(guard_poll_t *poll) {
  return mio_poll_features(poll->raw);
}

/* ---------------------------------------------------------------- registry */

static void registry_release(guard_registry_t *registry) {
  mio_registry_t *raw = registry->raw;
  registry->raw = NULL;
  mio_registry_free(raw);
}

int32_t guard_registry_enter(guard_registry_t *registry,
                             mio_registry_t **raw) {
  int32_t rc = gate_enter(&registry->gate, GATE_ONE);
  if (rc == 0) {
    *raw = registry->raw;
  }
  return rc;
}

int32_t guard_registry_leave(guard_registry_t *registry, int32_t rc) {
  if (gate_leave(&registry->gate, GATE_ONE)) {
    registry_release(registry);
  }
  return rc;
}

/* `poll` is new, as in guard_poll_selector(). */
int32_t guard_registry_new(guard_registry_t **out, guard_poll_t *poll) {
  guard_registry_t *registry = calloc(1, sizeof(*registry));
  if (registry == NULL) {
    return -ENOMEM;
  }
  int32_t rc = mio_poll_registry(poll->raw, &registry->raw);
  if (rc < 0) {
    free(registry);
    return rc;
  }
  *out = registry;
  return 0;
}

int32_t guard_registry_clone(guard_registry_t **out,
                             guard_registry_t *registry) {
  int32_t rc = gate_enter(&registry->gate, GATE_ONE);
  if (rc < 0) {
    return rc;
  }
  guard_registry_t *clone = calloc(1, sizeof(*clone));
  if (clone == NULL) {
    return guard_registry_leave(registry, -ENOMEM);
  }
  rc = guard_registry_leave(registry,
                            mio_registry_clone(registry->raw, &clone->raw));
  if (rc < 0) {
    free(clone);
    return rc;
  }
  *out = clone;
  return 0;
}

int32_t guard_registry_close(guard_registry_t *registry) {
  if (gate_shut(&registry->gate)) {
    registry_release(registry);
  }
  return 0;
}

void guard_registry_drop(guard_registry_t *registry) {
  (void)guard_registry_close(registry);
  free(registry);
}

void guard_registry_forked(guard_registry_t *registry) {
  if (gate_fork(&registry->gate)) {
    registry_release(registry);
  }
}

int32_t guard_registry_register(guard_registry_t *registry, mio_fd_t fd,
                                uint64_t token, uint32_t interest) {
  int32_t rc = gate_enter(&registry->gate, GATE_ONE);
  if (rc < 0) {
    return rc;
  }
  return guard_registry_leave(
      registry, mio_registry_register_fd(registry->raw, fd, token, interest));
}

int32_t guard_registry_reregister(guard_registry_t *registry, mio_fd_t fd,
                                  uint64_t token, uint32_t interest) {
  int32_t rc = gate_enter(&registry->gate, GATE_ONE);
  if (rc < 0) {
    return rc;
  }
  return guard_registry_leave(
      registry,
      mio_registry_reregister_fd(registry->raw, fd, token, interest));
}

int32_t guard_registry_deregister(guard_registry_t *registry, mio_fd_t fd) {
  int32_t rc = gate_enter(&registry->gate, GATE_ONE);
  if (rc < 0) {
    return rc;
  }
  return guard_registry_leave(registry,
                              mio_registry_deregister_fd(registry->raw, fd));
}

/* ------------------------------------------------------------------- waker */

static void waker_release(guard_waker_t *waker) {
  mio_waker_t *raw = waker->raw;
  waker->raw = NULL;
  mio_waker_free(raw);
}

int32_t guard_waker_new(guard_waker_t **out, guard_registry_t *registry,
                        uint64_t token) {
  int32_t rc = gate_enter(&registry->gate, GATE_ONE);
  if (rc < 0) {
    return rc;
  }
  guard_waker_t *waker = calloc(1, sizeof(*waker));
  if (waker == NULL) {
    return guard_registry_leave(registry, -ENOMEM);
  }
  rc = guard_registry_leave(registry,
                            mio_waker_new(&waker->raw, registry->raw, token));
  if (rc < 0) {
    free(waker);
    return rc;
  }
  *out = waker;
  return 0;
}

int32_t guard_waker_close(guard_waker_t *waker) {
  if (gate_shut(&waker->gate)) {
    waker_release(waker);
  }
  return 0;
}

void guard_waker_drop(guard_waker_t *waker) {
  (void)guard_waker_close(waker);
  free(waker);
}

void guard_waker_forked(guard_waker_t *waker) {
  if (gate_fork(&waker->gate)) {
    waker_release(waker);
  }
}

int32_t guard_waker_wake(guard_waker_t *waker) {
  int32_t rc = gate_enter(&waker->gate, GATE_ONE);
  if (rc < 0) {
    return rc;
  }
  rc = mio_waker_wake(waker->raw);
  if (gate_leave(&waker->gate, GATE_ONE)) {
    waker_release(waker);
  }
  return rc;
}
