/*
 * run.c - one case from its first step to the descriptors that it leaves.
 * SPDX-License-Identifier: MIT
 */
#include "run.h"

#include "miotestkit.h"
#include "verbs.h"
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int cf_fail(struct cf_run *run, const char *kind, const char *format, ...) {
  char text[CF_MESSAGE_MAX / 2];
  va_list arguments;
  va_start(arguments, format);
  /* clang-tidy 14 loses sight of va_start when it is given several files. */
  (void)vsnprintf(/* NOLINT(clang-analyzer-valist.Uninitialized) */
                  text, sizeof text, format, arguments);
  va_end(arguments);
  int line = run->step == NULL ? run->owner->line : run->step->line;
  const char *verb = run->step == NULL ? "end" : run->step->verb->name;
  (void)snprintf(run->message, sizeof run->message, "%s: %s:%d: %s: %s", kind,
                 run->owner->file, line, verb, text);
  return -1;
}

int cf_expect(struct cf_run *run, const char *got) {
  const struct cf_step *step = run->step;
  if (step->wordc == 0 && strcmp(got, "OK") == 0) {
    return 0;
  }
  for (int i = 0; i < step->wordc; i++) {
    if (strcmp(step->words[i], got) == 0) {
      return 0;
    }
  }
  return cf_fail(run, "outcome", "gave %s, not %s", got,
                 step->wordc == 0 ? "OK" : step->words[0]);
}

int cf_expect_rc(struct cf_run *run, int32_t rc) {
  return cf_expect(run, rc < 0 ? mio_err_name(rc) : "OK");
}

int32_t cf_engine_start(struct cf_engine *engine, uint32_t selector) {
  mio_poll_options_t options = {.size = sizeof options, .selector = selector};
  mio_poll_t *poll;
  int32_t rc = mio_poll_new(&poll, &options);
  if (rc < 0) {
    return rc;
  }
  engine->selector = selector;
  engine->features = mio_poll_features(poll);
  mio_poll_free(poll);
  return 0;
}

static int run_steps(struct cf_run *run) {
  for (int i = 0; i < run->owner->stepc; i++) {
    run->step = &run->owner->steps[i];
    if (run->step->verb->step(run, run->step) != 0) {
      return -1;
    }
  }
  run->step = NULL;
  return 0;
}

/* How many are open; where a kqueue that is no kernel's closes its own by and
 * by, in a thread, that is given a second. */
static int32_t open_at_the_end(int32_t fds_before) {
  int32_t fds = kit_fd_count();
  if (getenv("MIOPOLL_TEST_CLOSED_LATE") == NULL) {
    return fds;
  }
  for (int i = 0; fds > fds_before && i < 200; i++) {
    (void)nanosleep(&(struct timespec){0, 5000000}, NULL);
    fds = kit_fd_count();
  }
  return fds > fds_before ? fds : fds_before; /* Of an earlier case, too. */
}

/* Also after a failure, so that the next case starts clean; but what failed
 * first is what is told. */
static int finish(struct cf_run *run, int rc, int32_t fds_before) {
  int32_t joined = kit_join_all();
  kit_exhaust(-1);
  cf_close_all(run);
  kit_fresh_end();
  int32_t fds_after = open_at_the_end(fds_before);
  if (rc == 0 && joined < 0) {
    rc = cf_fail(run, "thread", "another thread met %s", mio_err_name(joined));
  }
  if (rc == 0 && fds_after != fds_before) {
    rc = cf_fail(run, "leak", "%d descriptors before, %d after", fds_before,
                 fds_after);
  }
  return rc;
}

enum cf_result cf_run_case(const struct cf_engine *engine,
                           const struct cf_case *owner, char *message,
                           size_t size) {
  for (int i = 0; i < owner->needc; i++) {
    if (!cf_has_feature(owner->needs[i], engine->features)) {
      (void)snprintf(message, size, "%s", owner->needs[i]);
      return CF_SKIPPED;
    }
  }
  struct cf_run *run = calloc(1, sizeof *run);
  run->engine = engine;
  run->owner = owner;
  kit_post_reset();
  kit_watch(owner->name, engine->limit_ns * engine->patience);
  int32_t fds_before = kit_fd_count();
  int rc = finish(run, run_steps(run), fds_before);
  kit_watch_end();
  (void)snprintf(message, size, "%s", run->message);
  free(run);
  return rc == 0 ? CF_PASSED : CF_FAILED;
}
