/*
 * run.h - a case while it runs: its objects, its counts, its failure.
 * SPDX-License-Identifier: MIT
 */
#ifndef CF_RUN_H
#define CF_RUN_H

#include "miopoll.h"
#include "suite.h"

/* CF_BORROWED is the descriptor of a source, which closes it. */
enum cf_kind {
  CF_POLL,
  CF_REGISTRY,
  CF_WAKER,
  CF_FD,
  CF_NEST,
  CF_BORROWED,
  CF_SOURCE
};

/* A name of the case. A closed one stays, for its number. */
struct cf_object {
  const char *name;
  enum cf_kind kind;
  int open;
  mio_poll_t *poll;
  mio_registry_t *registry; /* A poll's own, too. */
  mio_waker_t *waker;
  mio_source_t *source;
  int64_t fd;
};

struct cf_count {
  uint64_t token;
  uint64_t events;
};

enum { CF_OBJECTS_MAX = 256, CF_COUNTS_MAX = 160 };

/* On what, and how patiently, cases are run. */
struct cf_engine {
  uint32_t selector;
  uint32_t features;
  int64_t patience; /* A factor for time limits: 1, more under valgrind. */
  int64_t limit_ns;
};

struct cf_run {
  const struct cf_engine *engine;
  const struct cf_case *owner;
  const struct cf_step *step;
  int objectc;
  struct cf_object objects[CF_OBJECTS_MAX];
  int countc;
  struct cf_count counts[CF_COUNTS_MAX];
  int64_t began; /* What `elapsed` counts from, */
  int after;     /* the last `after` if there was one. */
  char message[CF_MESSAGE_MAX];
};

enum cf_result { CF_PASSED, CF_FAILED, CF_SKIPPED };

/* Finds out what polls on this selector can do. Returns 0 or a negative
 * errno of mio_poll_new(). */
int32_t cf_engine_start(struct cf_engine *engine, uint32_t selector);

/* Runs a case. The message is "KIND: why" after CF_FAILED, and the missing
 * feature after CF_SKIPPED. */
enum cf_result cf_run_case(const struct cf_engine *engine,
                           const struct cf_case *owner, char *message,
                           size_t size);

/* Notes the failure and returns -1. `kind` is a word of the format. */
__attribute__((format(printf, 3, 4))) int
cf_fail(struct cf_run *run, const char *kind, const char *format, ...);

/* Compares with the step's outcome, or with OK if it has none. */
int cf_expect(struct cf_run *run, const char *got);
int cf_expect_rc(struct cf_run *run, int32_t rc);

/* What a constructor gave: 0 if the object is to be kept, 1 if the failure was
 * the one expected, -1 after cf_fail(). The place has held `cf_poison`, and a
 * failure has to set it to NULL, unless there was no place. */
extern char cf_poison;
int cf_settle(struct cf_run *run, int32_t rc, const void *place,
              int null_place);

/* The new name, or NULL after cf_fail() if it is in use. */
struct cf_object *cf_define(struct cf_run *run, const char *name,
                            enum cf_kind kind);

/* An open object of a kind. They return 0, or -1 after cf_fail(). `null`
 * gives NULL; a poll's name gives its own registry. */
int cf_find(struct cf_run *run, const char *name, enum cf_kind kind,
            struct cf_object **out);
int cf_poll(struct cf_run *run, const char *name, mio_poll_t **out);
int cf_registry(struct cf_run *run, const char *name, mio_registry_t **out);
int cf_waker(struct cf_run *run, const char *name, mio_waker_t **out);

/* A source that is open, or NULL for `null`. */
int cf_source(struct cf_run *run, const char *name, mio_source_t **out);

/* Whether a step on this name is the library's: it is a source, or `null`. */
int cf_is_source(struct cf_run *run, const char *name);

/* A descriptor: open, closed, nested, or a plain number. */
int cf_fd(struct cf_run *run, const char *name, int64_t *out);

/* An open descriptor, or the one of a source that was asked for it. */
int cf_open_fd(struct cf_run *run, const char *name, int64_t *out);

int cf_is_null(const char *name);

/* Frees or closes what the object holds. */
void cf_close_object(struct cf_object *object);
void cf_close_all(struct cf_run *run);

#endif /* CF_RUN_H */
