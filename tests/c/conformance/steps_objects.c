/*
 * steps_objects.c - polls, registries, wakers and registrations.
 * SPDX-License-Identifier: MIT
 *
 * Every constructor must set its place to NULL (a descriptor to -1) when it
 * fails, so the place holds something else before.
 */
#include "steps.h"
#include "verbs.h"
#include "words.h"

#include <inttypes.h>
#include <string.h>

char cf_poison;

int cf_settle(struct cf_run *run, int32_t rc, const void *place,
              int null_place) {
  if (cf_expect_rc(run, rc) != 0) {
    return -1;
  }
  if (rc >= 0 && (place == NULL || place == &cf_poison)) {
    return cf_fail(run, "outcome", "success, and nothing was made");
  }
  if (rc < 0 && !null_place && place != NULL) {
    return cf_fail(run, "outcome", "failure did not set the place to NULL");
  }
  return rc < 0;
}

/* -------------------------------------------------------------------- poll */

static int32_t poll_new(struct cf_run *run, const struct cf_step *step,
                        mio_poll_t **out) {
  struct {
    mio_poll_options_t known;
    unsigned char tail[48];
  } options;
  memset(&options, 0, sizeof options);
  memset(options.tail, (int)cf_key_number(step, "tail", 0),
         sizeof options.tail);
  options.known.size =
      (uint32_t)cf_key_number(step, "size", sizeof options.known);
  options.known.selector =
      (uint32_t)cf_key_number(step, "selector", run->engine->selector);
  options.known.flags = (uint32_t)cf_key_number(step, "flags", 0);
  options.known.reserved = (uint32_t)cf_key_number(step, "reserved", 0);
  return mio_poll_new(out, &options.known);
}

static int check_new_poll(struct cf_run *run, const struct cf_step *step,
                          mio_poll_t *poll) {
  uint32_t selector = mio_poll_selector(poll);
  if (cf_key(step, "selector") == NULL && selector != run->engine->selector) {
    return cf_fail(run, "outcome", "the poll runs on %s",
                   mio_selector_name(selector));
  }
  return 0;
}

int cf_step_poll(struct cf_run *run, const struct cf_step *step) {
  int null_place = cf_is_null(step->args[0]);
  mio_poll_t *poll = (mio_poll_t *)(void *)&cf_poison;
  int32_t rc = poll_new(run, step, null_place ? NULL : &poll);
  int settled = cf_settle(run, rc, poll, null_place);
  if (settled != 0) {
    return settled < 0 ? -1 : 0;
  }
  struct cf_object *object = cf_define(run, step->args[0], CF_POLL);
  if (object == NULL) {
    mio_poll_free(poll);
    return -1;
  }
  object->poll = poll;
  rc = mio_poll_registry(poll, &object->registry);
  if (rc < 0) {
    return cf_fail(run, "outcome", "its registry: %s", mio_err_name(rc));
  }
  return check_new_poll(run, step, poll);
}

/* -------------------------------------------------------------- registries */

static int keep_registry(struct cf_run *run, const char *name, int32_t rc,
                         mio_registry_t *registry) {
  int settled = cf_settle(run, rc, registry, cf_is_null(name));
  if (settled != 0) {
    return settled < 0 ? -1 : 0;
  }
  struct cf_object *object = cf_define(run, name, CF_REGISTRY);
  if (object == NULL) {
    mio_registry_free(registry);
    return -1;
  }
  object->registry = registry;
  return 0;
}

int cf_step_registry(struct cf_run *run, const struct cf_step *step) {
  mio_poll_t *poll;
  if (cf_poll(run, step->args[1], &poll) != 0) {
    return -1;
  }
  mio_registry_t *registry = (mio_registry_t *)(void *)&cf_poison;
  int32_t rc =
      mio_poll_registry(poll, cf_is_null(step->args[0]) ? NULL : &registry);
  return keep_registry(run, step->args[0], rc, registry);
}

int cf_step_clone(struct cf_run *run, const struct cf_step *step) {
  mio_registry_t *model;
  if (cf_registry(run, step->args[1], &model) != 0) {
    return -1;
  }
  mio_registry_t *registry = (mio_registry_t *)(void *)&cf_poison;
  int32_t rc =
      mio_registry_clone(model, cf_is_null(step->args[0]) ? NULL : &registry);
  return keep_registry(run, step->args[0], rc, registry);
}

/* ------------------------------------------------------------------ wakers */

int cf_step_waker(struct cf_run *run, const struct cf_step *step) {
  mio_registry_t *registry;
  if (cf_registry(run, step->args[1], &registry) != 0) {
    return -1;
  }
  int null_place = cf_is_null(step->args[0]);
  mio_waker_t *waker = (mio_waker_t *)(void *)&cf_poison;
  int32_t rc = mio_waker_new(null_place ? NULL : &waker, registry,
                             cf_key_number(step, "token", 0));
  int settled = cf_settle(run, rc, waker, null_place);
  if (settled != 0) {
    return settled < 0 ? -1 : 0;
  }
  struct cf_object *object = cf_define(run, step->args[0], CF_WAKER);
  if (object == NULL) {
    mio_waker_free(waker);
    return -1;
  }
  object->waker = waker;
  return 0;
}

int cf_step_wake(struct cf_run *run, const struct cf_step *step) {
  mio_waker_t *waker;
  if (cf_waker(run, step->args[0], &waker) != 0) {
    return -1;
  }
  return cf_expect_rc(run, mio_waker_wake(waker));
}

/* ---------------------------------------------------------- nest and close */

int cf_step_nest(struct cf_run *run, const struct cf_step *step) {
  mio_poll_t *poll;
  if (cf_poll(run, step->args[1], &poll) != 0) {
    return -1;
  }
  int null_place = cf_is_null(step->args[0]);
  mio_fd_t fd = -2;
  int32_t rc = mio_poll_fd(poll, null_place ? NULL : &fd);
  if (cf_expect_rc(run, rc) != 0) {
    return -1;
  }
  if (rc < 0) {
    return null_place || fd == -1
               ? 0
               : cf_fail(run, "outcome", "failure left %" PRId64, fd);
  }
  struct cf_object *object = cf_define(run, step->args[0], CF_NEST);
  if (object == NULL) {
    return -1;
  }
  object->fd = fd;
  return fd >= 0 ? 0 : cf_fail(run, "outcome", "gave %" PRId64, fd);
}

int cf_step_close(struct cf_run *run, const struct cf_step *step) {
  const char *name = step->args[0];
  if (cf_is_null(name)) {
    mio_poll_free(NULL);
    mio_registry_free(NULL);
    mio_waker_free(NULL);
    mio_source_free(NULL);
    return 0;
  }
  for (int i = 0; i < run->objectc; i++) {
    struct cf_object *object = &run->objects[i];
    if (strcmp(object->name, name) == 0 && object->open &&
        object->kind != CF_FD && object->kind != CF_NEST &&
        object->kind != CF_BORROWED) {
      cf_close_object(object);
      return 0;
    }
  }
  return cf_fail(run, "format", "%s is no open handle", name);
}

/* ----------------------------------------------------------- registrations */

struct registration {
  mio_registry_t *registry;
  mio_source_t *source;
  int is_source;
  int64_t fd;
  uint64_t token;
  uint32_t interest;
};

static int read_registration(struct cf_run *run, const struct cf_step *step,
                             struct registration *out) {
  const char *name = step->args[1];
  out->is_source = cf_is_source(run, name);
  if (cf_registry(run, step->args[0], &out->registry) != 0 ||
      (out->is_source ? cf_source(run, name, &out->source)
                      : cf_fd(run, name, &out->fd)) != 0) {
    return -1;
  }
  out->token = cf_key_number(step, "token", 0);
  out->interest = 0;
  const char *interest = cf_key(step, "interest");
  return interest == NULL ? 0 : cf_bits(interest, &out->interest);
}

int cf_step_register(struct cf_run *run, const struct cf_step *step) {
  struct registration it;
  if (read_registration(run, step, &it) != 0) {
    return -1;
  }
  return cf_expect_rc(
      run, it.is_source ? mio_registry_register(it.registry, it.source,
                                                it.token, it.interest)
                        : mio_registry_register_fd(it.registry, it.fd,
                                                   it.token, it.interest));
}

int cf_step_reregister(struct cf_run *run, const struct cf_step *step) {
  struct registration it;
  if (read_registration(run, step, &it) != 0) {
    return -1;
  }
  return cf_expect_rc(
      run, it.is_source ? mio_registry_reregister(it.registry, it.source,
                                                  it.token, it.interest)
                        : mio_registry_reregister_fd(it.registry, it.fd,
                                                     it.token, it.interest));
}

int cf_step_deregister(struct cf_run *run, const struct cf_step *step) {
  struct registration it;
  if (read_registration(run, step, &it) != 0) {
    return -1;
  }
  return cf_expect_rc(
      run, it.is_source ? mio_registry_deregister(it.registry, it.source)
                        : mio_registry_deregister_fd(it.registry, it.fd));
}
