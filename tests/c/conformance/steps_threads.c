/*
 * steps_threads.c - what other threads do while the case goes on.
 * SPDX-License-Identifier: MIT
 */
#include "miotestkit.h"
#include "steps.h"
#include "verbs.h"
#include "words.h"

#include <inttypes.h>
#include <string.h>

static int started(struct cf_run *run, int32_t rc) {
  if (rc < 0) {
    return cf_fail(run, "thread", "no thread: %s", mio_err_name(rc));
  }
  return 0;
}

/* In each of these, args[0] is the time and args[1] the verb. */

static int after_waker(struct cf_run *run, const struct cf_step *step,
                       int64_t delay) {
  mio_waker_t *waker;
  if (cf_waker(run, step->args[2], &waker) != 0) {
    return -1;
  }
  int post = strcmp(step->args[1], "post") == 0;
  return started(run, post ? kit_after_post(waker, delay)
                           : kit_after_wake(waker, delay));
}

/* `close-fd` needs a descriptor that is the case's own. */
static int start_fd(struct cf_run *run, const char *verb, const char *name,
                    int64_t delay) {
  struct cf_object *object;
  int64_t fd;
  if (strcmp(verb, "close-fd") != 0 && cf_is_source(run, name)) {
    mio_source_t *source;
    return cf_source(run, name, &source) != 0
               ? -1
               : started(run, kit_after_source(verb, source, delay));
  }
  if (strcmp(verb, "close-fd") != 0) {
    return cf_open_fd(run, name, &fd) != 0
               ? -1
               : started(run, kit_after_fd(verb, fd, delay));
  }
  if (cf_find(run, name, CF_FD, &object) != 0) {
    return -1;
  }
  /* The name is closed from here on, whenever the thread does it. */
  object->open = 0;
  return started(run, kit_after_fd(verb, object->fd, delay));
}

static int after_fd(struct cf_run *run, const struct cf_step *step,
                    int64_t delay) {
  const char *verb = step->args[1];
  if (strcmp(verb, "shutdown") == 0) {
    if (step->argc != 4 || strcmp(step->args[3], "write") != 0) {
      return cf_fail(run, "format", "only `shutdown A write`");
    }
    verb = "shutdown-write";
  }
  return start_fd(run, verb, step->args[2], delay);
}

static int after_registry(struct cf_run *run, const struct cf_step *step,
                          int64_t delay) {
  mio_registry_t *registry;
  mio_source_t *source = NULL;
  int64_t fd = -1;
  uint32_t interest = 0;
  uint64_t token = cf_key_number(step, "token", 0);
  if (step->argc != 4) {
    return cf_fail(run, "format", "%d arguments", step->argc);
  }
  int is_source = cf_is_source(run, step->args[3]);
  if (cf_registry(run, step->args[2], &registry) != 0 ||
      (is_source ? cf_source(run, step->args[3], &source)
                 : cf_fd(run, step->args[3], &fd)) != 0) {
    return -1;
  }
  const char *bits = cf_key(step, "interest");
  if (bits != NULL) {
    cf_bits(bits, &interest);
  }
  return started(run, is_source
                          ? kit_after_source_registry(step->args[1], registry,
                                                      source, token, interest,
                                                      delay)
                          : kit_after_registry(step->args[1], registry, fd,
                                               token, interest, delay));
}

static const struct {
  const char *name;
  int (*start)(struct cf_run *run, const struct cf_step *step, int64_t delay);
} actions[] = {
    {"wake", after_waker},
    {"post", after_waker},
    {"write", after_fd},
    {"drain", after_fd},
    {"close-fd", after_fd},
    {"shutdown", after_fd},
    {"register", after_registry},
    {"reregister", after_registry},
    {"deregister", after_registry},
};

enum { ACTIONS = sizeof actions / sizeof actions[0] };

int cf_after_knows(const char *name) {
  for (int i = 0; i < ACTIONS; i++) {
    if (strcmp(actions[i].name, name) == 0) {
      return 1;
    }
  }
  return 0;
}

int cf_step_after(struct cf_run *run, const struct cf_step *step) {
  int64_t delay;
  cf_time(step->args[0], &delay);
  run->after = 1;
  run->began = kit_now();
  for (int i = 0; i < ACTIONS; i++) {
    if (strcmp(actions[i].name, step->args[1]) == 0) {
      return actions[i].start(run, step, delay);
    }
  }
  return cf_fail(run, "format", "unknown action %s", step->args[1]);
}

static int storm_cycle(struct cf_run *run, const struct cf_step *step,
                       uint32_t each) {
  mio_registry_t *registry;
  int64_t fd;
  uint32_t interest;
  const char *bits = cf_key(step, "interest");
  if (step->argc != 3 || bits == NULL) {
    return cf_fail(run, "format", "cycle R F token= interest=");
  }
  if (cf_registry(run, step->args[1], &registry) != 0 ||
      cf_fd(run, step->args[2], &fd) != 0) {
    return -1;
  }
  cf_bits(bits, &interest);
  return started(run,
                 kit_storm_cycle(registry, fd, cf_key_number(step, "token", 0),
                                 interest, each));
}

int cf_step_storm(struct cf_run *run, const struct cf_step *step) {
  uint32_t each = (uint32_t)cf_key_number(step, "each", 1);
  if (strcmp(step->args[0], "cycle") == 0) {
    return storm_cycle(run, step, each);
  }
  mio_waker_t *waker;
  if (cf_waker(run, step->args[1], &waker) != 0) {
    return -1;
  }
  uint32_t threads = (uint32_t)cf_key_number(step, "threads", 1);
  return started(run, kit_storm_wake(waker, threads, each));
}

int cf_step_posted(struct cf_run *run, const struct cf_step *step) {
  int64_t expected;
  if (cf_signed(step->args[0], &expected) != 0) {
    return cf_fail(run, "format", "%s is no number", step->args[0]);
  }
  int64_t posted = kit_posted();
  if (posted != expected) {
    return cf_fail(run, "outcome", "%" PRId64, posted);
  }
  return 0;
}

int cf_step_join(struct cf_run *run, const struct cf_step *step) {
  (void)step;
  int32_t rc = kit_join_all();
  if (rc < 0) {
    return cf_fail(run, "thread", "another thread met %s", mio_err_name(rc));
  }
  return 0;
}
