/*
 * skips.h - the list of what this engine skips, which may not go stale.
 * SPDX-License-Identifier: MIT
 */
#ifndef CF_SKIPS_H
#define CF_SKIPS_H

#include "suite.h"

struct cf_skip {
  char *name;
  char *selector;
};

struct cf_skips {
  char *text;
  int skipc;
  struct cf_skip *skips;
};

/* Reads `NAME SELECTOR why` lines; no path, no list. Returns 0, or -1 with a
 * message. */
int cf_skips_read(struct cf_skips *skips, const char *path, char *message,
                  size_t size);

void cf_skips_free(struct cf_skips *skips);

int cf_skips_has(const struct cf_skips *skips, const char *name,
                 const char *selector);

#endif /* CF_SKIPS_H */
