/*
 * objects.c - the names of a case and what is behind them.
 * SPDX-License-Identifier: MIT
 */
#include "miotestkit.h"
#include "run.h"
#include "words.h"

#include <ctype.h>
#include <string.h>

int cf_is_null(const char *name) {
  return strcmp(name, "null") == 0;
}

static struct cf_object *lookup(struct cf_run *run, const char *name) {
  for (int i = 0; i < run->objectc; i++) {
    if (strcmp(run->objects[i].name, name) == 0) {
      return &run->objects[i];
    }
  }
  return NULL;
}

/* A name that is used again moves to the end, since objects are closed in
 * the order opposite to that of their making. */
static void forget(struct cf_run *run, struct cf_object *object) {
  struct cf_object *end = &run->objects[run->objectc];
  memmove(object, object + 1, (size_t)(end - object - 1) * sizeof *object);
  run->objectc--;
}

struct cf_object *cf_define(struct cf_run *run, const char *name,
                            enum cf_kind kind) {
  struct cf_object *old = lookup(run, name);
  if (!isalpha((unsigned char)name[0]) || (old != NULL && old->open)) {
    cf_fail(run, "format", "%s cannot be a new name here", name);
    return NULL;
  }
  if (old != NULL) {
    forget(run, old);
  }
  if (run->objectc == CF_OBJECTS_MAX) {
    cf_fail(run, "format", "too many names");
    return NULL;
  }
  struct cf_object *object = &run->objects[run->objectc++];
  *object =
      (struct cf_object){.name = name, .kind = kind, .open = 1, .fd = -1};
  return object;
}

int cf_find(struct cf_run *run, const char *name, enum cf_kind kind,
            struct cf_object **out) {
  struct cf_object *object = lookup(run, name);
  if (object == NULL || object->kind != kind || !object->open) {
    cf_fail(run, "format", "%s is not open, or of another kind", name);
    return -1;
  }
  *out = object;
  return 0;
}

int cf_poll(struct cf_run *run, const char *name, mio_poll_t **out) {
  struct cf_object *object;
  *out = NULL;
  if (cf_is_null(name)) {
    return 0;
  }
  if (cf_find(run, name, CF_POLL, &object) != 0) {
    return -1;
  }
  *out = object->poll;
  return 0;
}

int cf_registry(struct cf_run *run, const char *name, mio_registry_t **out) {
  struct cf_object *object = lookup(run, name);
  *out = NULL;
  if (cf_is_null(name)) {
    return 0;
  }
  enum cf_kind kind =
      object != NULL && object->kind == CF_POLL ? CF_POLL : CF_REGISTRY;
  if (cf_find(run, name, kind, &object) != 0) {
    return -1;
  }
  *out = object->registry;
  return 0;
}

int cf_waker(struct cf_run *run, const char *name, mio_waker_t **out) {
  struct cf_object *object;
  *out = NULL;
  if (cf_is_null(name)) {
    return 0;
  }
  if (cf_find(run, name, CF_WAKER, &object) != 0) {
    return -1;
  }
  *out = object->waker;
  return 0;
}

int cf_source(struct cf_run *run, const char *name, mio_source_t **out) {
  struct cf_object *object;
  *out = NULL;
  if (cf_is_null(name)) {
    return 0;
  }
  if (cf_find(run, name, CF_SOURCE, &object) != 0) {
    return -1;
  }
  *out = object->source;
  return 0;
}

int cf_is_source(struct cf_run *run, const char *name) {
  struct cf_object *object = lookup(run, name);
  return cf_is_null(name) ||
         (object != NULL && object->kind == CF_SOURCE && object->open);
}

static int is_descriptor(const struct cf_object *object) {
  return object != NULL && (object->kind == CF_FD || object->kind == CF_NEST ||
                            object->kind == CF_BORROWED);
}

int cf_fd(struct cf_run *run, const char *name, int64_t *out) {
  if (cf_signed(name, out) == 0) {
    return 0;
  }
  struct cf_object *object = lookup(run, name);
  if (!is_descriptor(object)) {
    return cf_fail(run, "format", "%s is not a descriptor", name);
  }
  *out = object->fd;
  return 0;
}

int cf_open_fd(struct cf_run *run, const char *name, int64_t *out) {
  struct cf_object *object = lookup(run, name);
  if (!is_descriptor(object) || object->kind == CF_NEST || !object->open) {
    return cf_fail(run, "format", "%s is no open descriptor", name);
  }
  *out = object->fd;
  return 0;
}

void cf_close_object(struct cf_object *object) {
  object->open = 0;
  switch (object->kind) {
  case CF_POLL:
    mio_poll_free(object->poll);
    mio_registry_free(object->registry);
    break;
  case CF_REGISTRY:
    mio_registry_free(object->registry);
    break;
  case CF_WAKER:
    mio_waker_free(object->waker);
    break;
  case CF_FD:
    kit_close(object->fd);
    break;
  case CF_SOURCE:
    mio_source_free(object->source);
    break;
  case CF_NEST:
  case CF_BORROWED:
    /* The poll's or the source's own, which closes it. */
    break;
  }
}

void cf_close_all(struct cf_run *run) {
  for (int i = run->objectc - 1; i >= 0; i--) {
    if (run->objects[i].open) {
      cf_close_object(&run->objects[i]);
    }
  }
}
