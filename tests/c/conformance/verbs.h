/*
 * verbs.h - which verbs there are and what they take.
 * SPDX-License-Identifier: MIT
 */
#ifndef CF_VERBS_H
#define CF_VERBS_H

#include "suite.h"

struct cf_run;

enum cf_outcome { CF_NO_OUTCOME, CF_MAY_OUTCOME, CF_MUST_OUTCOME };

struct cf_verb {
  const char *name;
  int least;          /* The fewest arguments. */
  int most;           /* The most. */
  const char *keys;   /* Allowed, separated by blanks. */
  const char *needed; /* Of these, the ones that have to be there. */
  enum cf_outcome outcome;
  int (*step)(struct cf_run *run, const struct cf_step *step);
};

const struct cf_verb *cf_verb_find(const char *name);

/* Checks all of a step that can be checked before it runs. Returns 0, or -1
 * and why. */
int cf_verb_check(const struct cf_step *step, char *why, size_t size);

/* The value of a key, or NULL. */
const char *cf_key(const struct cf_step *step, const char *name);

/* The number of a key, which cf_verb_check() has seen, or `otherwise`. */
uint64_t cf_key_number(const struct cf_step *step, const char *name,
                       uint64_t otherwise);

#endif /* CF_VERBS_H */
