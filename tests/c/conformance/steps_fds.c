/*
 * steps_fds.c - descriptors: made, used and closed through the kit.
 * SPDX-License-Identifier: MIT
 */
#include "miotestkit.h"
#include "steps.h"
#include "transfers.h"
#include "verbs.h"
#include "words.h"

#include <string.h>

static int keep(struct cf_run *run, const char *name, int64_t fd) {
  struct cf_object *object = cf_define(run, name, CF_FD);
  if (object == NULL) {
    kit_close(fd);
    return -1;
  }
  object->fd = fd;
  return 0;
}

int cf_step_open_two(struct cf_run *run, const struct cf_step *step) {
  int32_t first = kit_open(step->verb->name, -1);
  if (first < 0) {
    return cf_fail(run, "outcome", "%s", mio_err_name(first));
  }
  int32_t other = kit_second();
  int rc = keep(run, step->args[0], first);
  return keep(run, step->args[1], other) != 0 ? -1 : rc;
}

int cf_step_open_one(struct cf_run *run, const struct cf_step *step) {
  int32_t fd = kit_open(step->verb->name, -1);
  if (fd < 0) {
    return cf_fail(run, "outcome", "%s", mio_err_name(fd));
  }
  return keep(run, step->args[0], fd);
}

int cf_step_open_from(struct cf_run *run, const struct cf_step *step) {
  int64_t from;
  if (strcmp(step->verb->name, "accept") == 0 &&
      cf_is_source(run, step->args[1])) {
    return cf_source_accept(run, step);
  }
  if (step->keyc != 0) {
    return cf_fail(run, "format", "%s is only of sources", step->keys[0].name);
  }
  if (cf_fd(run, step->args[1], &from) != 0) {
    return -1;
  }
  int32_t fd = kit_open(step->verb->name, from);
  if (fd >= 0 && keep(run, step->args[0], fd) != 0) {
    return -1;
  }
  return cf_expect_rc(run, fd);
}

/* --------------------------------------------------------------- transfers */

/* The open descriptor of the first argument, and the number of the second
 * one or `otherwise`. */
static int operands(struct cf_run *run, const struct cf_step *step,
                    int64_t *fd, uint32_t *bytes, uint32_t otherwise) {
  uint64_t number = otherwise;
  if (cf_open_fd(run, step->args[0], fd) != 0) {
    return -1;
  }
  if (step->keyc != 0) {
    cf_fail(run, "format", "%s is only of sources", step->keys[0].name);
    return -1;
  }
  if (step->argc > 1 &&
      (cf_number(step->args[1], &number) != 0 || number > 65536)) {
    cf_fail(run, "format", "%s bytes", step->args[1]);
    return -1;
  }
  *bytes = (uint32_t)number;
  return 0;
}

int cf_step_write(struct cf_run *run, const struct cf_step *step) {
  if (cf_is_source(run, step->args[0])) {
    return cf_source_write(run, step);
  }
  int64_t fd;
  uint32_t bytes;
  if (operands(run, step, &fd, &bytes, 1) != 0) {
    return -1;
  }
  int32_t done = kit_write(fd, bytes);
  if (done >= 0 && (uint32_t)done != bytes) {
    return cf_expect(run, "SHORT");
  }
  return cf_expect_rc(run, done);
}

int cf_step_read(struct cf_run *run, const struct cf_step *step) {
  if (cf_is_source(run, step->args[0])) {
    return cf_source_read(run, step);
  }
  int64_t fd;
  uint32_t bytes;
  if (operands(run, step, &fd, &bytes, 1) != 0) {
    return -1;
  }
  int32_t done = kit_read(fd, bytes);
  if (done < 0 || (uint32_t)done == bytes) {
    return cf_expect_rc(run, done);
  }
  return cf_expect(run, done == 0 ? "EOF" : "SHORT");
}

int cf_step_drain(struct cf_run *run, const struct cf_step *step) {
  if (cf_is_source(run, step->args[0])) {
    return cf_source_drain(run, step);
  }
  int64_t fd;
  uint32_t unused;
  if (operands(run, step, &fd, &unused, 0) != 0) {
    return -1;
  }
  int32_t rc = kit_drain(fd);
  return rc == 1 ? cf_expect(run, "EOF") : cf_expect_rc(run, rc);
}

int cf_step_fill(struct cf_run *run, const struct cf_step *step) {
  if (cf_is_source(run, step->args[0])) {
    return cf_source_fill(run, step);
  }
  int64_t fd;
  uint32_t unused;
  if (operands(run, step, &fd, &unused, 0) != 0) {
    return -1;
  }
  return cf_expect_rc(run, kit_fill(fd));
}

int cf_step_oob(struct cf_run *run, const struct cf_step *step) {
  int64_t fd;
  if (cf_any_fd(run, step->args[0], &fd) != 0) {
    return -1;
  }
  return cf_expect_rc(run, kit_oob(fd));
}

int cf_step_shutdown(struct cf_run *run, const struct cf_step *step) {
  int64_t fd;
  const char *how = step->args[1];
  if (cf_is_source(run, step->args[0])) {
    return cf_source_shutdown(run, step);
  }
  if (cf_open_fd(run, step->args[0], &fd) != 0) {
    return -1;
  }
  if (strcmp(how, "read") != 0 && strcmp(how, "write") != 0 &&
      strcmp(how, "both") != 0) {
    return cf_fail(run, "format", "cannot shut down %s", how);
  }
  return cf_expect_rc(run, kit_shutdown(fd, how));
}

int cf_step_so_error(struct cf_run *run, const struct cf_step *step) {
  if (cf_is_source(run, step->args[0])) {
    return cf_source_take_error(run, step);
  }
  int64_t fd;
  uint32_t unused;
  if (operands(run, step, &fd, &unused, 0) != 0) {
    return -1;
  }
  return cf_expect_rc(run, kit_so_error(fd));
}

/* ------------------------------------------------------------------- flags */

int cf_step_blocking(struct cf_run *run, const struct cf_step *step) {
  int64_t fd;
  if (cf_open_fd(run, step->args[0], &fd) != 0) {
    return -1;
  }
  return cf_expect_rc(run, kit_blocking(fd));
}

int cf_step_flags(struct cf_run *run, const struct cf_step *step) {
  int64_t fd;
  if (step->argc > 1 && strcmp(step->args[1], "none") != 0) {
    return cf_fail(run, "format", "flags %s", step->args[1]);
  }
  if (cf_any_fd(run, step->args[0], &fd) != 0) {
    return -1;
  }
  int32_t flags = kit_flags(fd);
  if (flags < 0) {
    return cf_expect_rc(run, flags);
  }
  if (flags != (step->argc > 1 ? 0 : 3)) {
    return cf_fail(run, "outcome", "%snon-blocking, %sclose-on-exec",
                   flags & 1 ? "" : "not ", flags & 2 ? "" : "not ");
  }
  return cf_expect(run, "OK");
}

/* ----------------------------------------------------------------- closing */

int cf_step_close_fd(struct cf_run *run, const struct cf_step *step) {
  struct cf_object *object;
  if (cf_find(run, step->args[0], CF_FD, &object) != 0) {
    return -1;
  }
  object->open = 0;
  return cf_expect_rc(run, kit_close(object->fd));
}

int cf_step_reset(struct cf_run *run, const struct cf_step *step) {
  struct cf_object *object;
  if (cf_find(run, step->args[0], CF_FD, &object) != 0) {
    return -1;
  }
  object->open = 0;
  return cf_expect_rc(run, kit_reset(object->fd));
}

int cf_step_leak(struct cf_run *run, const struct cf_step *step) {
  (void)step;
  return cf_expect_rc(run, kit_open("null", -1));
}
