/*
 * parse.c - lines to cases and steps. Whatever is not understood is an
 * error, so that a misspelt step cannot pass.
 * SPDX-License-Identifier: MIT
 */
#include "suite.h"
#include "verbs.h"
#include "words.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_WORDS_MAX = 100 };

struct line {
  struct cf_suite *suite;
  const char *file;
  int number;
  int wordc;
  char *words[LINE_WORDS_MAX];
};

__attribute__((format(printf, 2, 3))) static int
refuse(const struct line *line, const char *format, ...) {
  char text[CF_MESSAGE_MAX / 2];
  va_list arguments;
  va_start(arguments, format);
  /* clang-tidy 14 loses sight of va_start when it is given several files. */
  (void)vsnprintf(/* NOLINT(clang-analyzer-valist.Uninitialized) */
                  text, sizeof text, format, arguments);
  va_end(arguments);
  (void)snprintf(line->suite->message, sizeof line->suite->message,
                 "%s:%d: %s", line->file, line->number, text);
  return -1;
}

static int split(struct line *line, char *text) {
  char *rest;
  char *word = strtok_r(text, " \t\r", &rest);
  for (; word != NULL; word = strtok_r(NULL, " \t\r", &rest)) {
    if (line->wordc == LINE_WORDS_MAX) {
      return refuse(line, "too many words");
    }
    line->words[line->wordc++] = word;
  }
  return 0;
}

/* ------------------------------------------------------------------- cases */

static struct cf_case *last_case(const struct cf_suite *suite) {
  return suite->casec == 0 ? NULL : &suite->cases[suite->casec - 1];
}

static int is_case_name(const char *name) {
  size_t topic = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
  if (topic == 0 || name[topic] != '/') {
    return 0;
  }
  const char *what = name + topic + 1;
  size_t length = strspn(what, "abcdefghijklmnopqrstuvwxyz0123456789-");
  return length > 0 && what[length] == '\0';
}

static int end_case(const struct line *line) {
  const struct cf_case *ended = last_case(line->suite);
  if (ended == NULL || strcmp(ended->file, line->file) != 0) {
    return 0;
  }
  if (ended->stepc == 0) {
    return refuse(line, "case %s has no steps", ended->name);
  }
  return 0;
}

static int begin_case(const struct line *line) {
  struct cf_suite *suite = line->suite;
  if (strcmp(line->words[0], "case") != 0 || line->wordc != 2) {
    return refuse(line, "expected `case NAME`");
  }
  if (!is_case_name(line->words[1])) {
    return refuse(line, "%s is not a case name", line->words[1]);
  }
  if (cf_suite_find(suite, line->words[1]) != NULL) {
    return refuse(line, "case %s is there twice", line->words[1]);
  }
  if (end_case(line) != 0) {
    return -1;
  }
  size_t count = (size_t)suite->casec + 1;
  suite->cases = realloc(suite->cases, count * sizeof *suite->cases);
  suite->cases[suite->casec++] = (struct cf_case){
      .name = line->words[1], .file = line->file, .line = line->number};
  return 0;
}

/* ------------------------------------------------------------------- steps */

static int is_key(const char *word) {
  const char *equals = strchr(word, '=');
  return equals != NULL && isalpha((unsigned char)word[0]);
}

static int add_key(const struct line *line, struct cf_step *step, char *word) {
  char *equals = strchr(word, '=');
  *equals = '\0';
  if (step->keyc == CF_KEYS_MAX) {
    return refuse(line, "too many keys");
  }
  if (cf_key(step, word) != NULL) {
    return refuse(line, "key %s is there twice", word);
  }
  step->keys[step->keyc++] = (struct cf_key){word, equals + 1};
  return 0;
}

static int add_argument(const struct line *line, struct cf_step *step,
                        char *word) {
  if (is_key(word)) {
    return add_key(line, step, word);
  }
  if (step->argc == CF_ARGS_MAX) {
    return refuse(line, "too many arguments");
  }
  step->args[step->argc++] = word;
  return 0;
}

static int add_outcome(const struct line *line, struct cf_step *step,
                       int first) {
  for (int i = first; i < line->wordc; i++) {
    if (step->wordc == CF_WORDS_MAX) {
      return refuse(line, "too many words after ->");
    }
    step->words[step->wordc++] = line->words[i];
  }
  if (step->wordc == 0) {
    return refuse(line, "nothing after ->");
  }
  return 0;
}

static int fill_step(const struct line *line, struct cf_step *step) {
  step->line = line->number;
  step->verb = cf_verb_find(line->words[0]);
  if (step->verb == NULL) {
    return refuse(line, "unknown verb %s", line->words[0]);
  }
  for (int i = 1; i < line->wordc; i++) {
    if (strcmp(line->words[i], "->") == 0) {
      if (add_outcome(line, step, i + 1) != 0) {
        return -1;
      }
      break;
    }
    if (add_argument(line, step, line->words[i]) != 0) {
      return -1;
    }
  }
  char why[CF_MESSAGE_MAX / 4];
  if (cf_verb_check(step, why, sizeof why) != 0) {
    return refuse(line, "%s: %s", line->words[0], why);
  }
  return 0;
}

static int add_step(const struct line *line, struct cf_case *owner) {
  struct cf_step step = {0};
  if (!owner->covered) {
    return refuse(line, "case %s has no `covers`", owner->name);
  }
  if (fill_step(line, &step) != 0) {
    return -1;
  }
  size_t count = (size_t)owner->stepc + 1;
  owner->steps = realloc(owner->steps, count * sizeof *owner->steps);
  owner->steps[owner->stepc++] = step;
  return 0;
}

static int add_needs(const struct line *line, struct cf_case *owner) {
  for (int i = 1; i < line->wordc; i++) {
    if (!cf_is_feature(line->words[i])) {
      return refuse(line, "unknown feature %s", line->words[i]);
    }
    if (owner->needc == CF_NEEDS_MAX) {
      return refuse(line, "too many features");
    }
    owner->needs[owner->needc++] = line->words[i];
  }
  return line->wordc > 1 ? 0 : refuse(line, "needs what?");
}

static int add_line(const struct line *line) {
  struct cf_case *owner = last_case(line->suite);
  if (owner == NULL || strcmp(owner->file, line->file) != 0) {
    return refuse(line, "a step outside a case");
  }
  int needs = strcmp(line->words[0], "needs") == 0;
  int covers = strcmp(line->words[0], "covers") == 0;
  if (!needs && !covers) {
    return add_step(line, owner);
  }
  if (owner->stepc > 0) {
    return refuse(line, "%s after a step", line->words[0]);
  }
  if (needs) {
    return add_needs(line, owner);
  }
  owner->covered = 1;
  return line->wordc > 1 ? 0 : refuse(line, "covers what?");
}

/* -------------------------------------------------------------------- file */

static int parse_line(struct line *line, char *text) {
  int indented = text[0] == ' ' || text[0] == '\t';
  char *comment = strchr(text, '#');
  if (comment != NULL) {
    *comment = '\0';
  }
  line->wordc = 0;
  if (split(line, text) != 0) {
    return -1;
  }
  if (line->wordc == 0) {
    return 0;
  }
  return indented ? add_line(line) : begin_case(line);
}

int cf_parse(struct cf_suite *suite, const char *file, char *text) {
  struct line line = {.suite = suite, .file = file};
  int before = suite->casec;
  while (*text != '\0') {
    line.number++;
    char *end = strchr(text, '\n');
    if (end == NULL) {
      return refuse(&line, "the file does not end with a newline");
    }
    *end = '\0';
    if (parse_line(&line, text) != 0) {
      return -1;
    }
    text = end + 1;
  }
  if (suite->casec == before) {
    return refuse(&line, "no case in this file");
  }
  return end_case(&line);
}
