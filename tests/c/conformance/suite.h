/*
 * suite.h - the text of the cases, read and checked; docs/conformance.md,
 * chapters 1 and 4.
 * SPDX-License-Identifier: MIT
 */
#ifndef CF_SUITE_H
#define CF_SUITE_H

#include <stddef.h>
#include <stdint.h>

enum {
  CF_ARGS_MAX = 8,
  CF_KEYS_MAX = 6,
  CF_NEEDS_MAX = 8,
  CF_WORDS_MAX = 80,
  CF_MESSAGE_MAX = 512
};

struct cf_verb;

struct cf_key {
  const char *name;
  const char *value;
};

/* One line. The outcome's words are kept flat, with "|" among them. */
struct cf_step {
  int line;
  const struct cf_verb *verb;
  int argc;
  char *args[CF_ARGS_MAX];
  int keyc;
  struct cf_key keys[CF_KEYS_MAX];
  int wordc;
  char *words[CF_WORDS_MAX];
};

struct cf_case {
  const char *name;
  const char *file;
  int line;
  int needc;
  char *needs[CF_NEEDS_MAX];
  int covered;
  int stepc;
  struct cf_step *steps;
};

struct cf_suite {
  int casec;
  struct cf_case *cases;
  int textc;
  char **texts;
  uint64_t digest;
  char message[CF_MESSAGE_MAX];
};

/* Reads a file, or all *.case files of a folder in the byte order of their
 * names. Returns 0, or -1 with a message that says where and why. */
int cf_suite_read(struct cf_suite *suite, const char *path);

void cf_suite_free(struct cf_suite *suite);

/* NULL if there is none. */
const struct cf_case *cf_suite_find(const struct cf_suite *suite,
                                    const char *name);

/* Adds the cases of a file's text, which it cuts into words and keeps
 * pointers into. Returns 0, or -1 with a message. */
int cf_parse(struct cf_suite *suite, const char *file, char *text);

#endif /* CF_SUITE_H */
