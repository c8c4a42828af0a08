/*
 * steps_checks.c - what is compared: times, counts, features, raw functions.
 * SPDX-License-Identifier: MIT
 */
#include "miotestkit.h"
#include "steps.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int cf_step_elapsed(struct cf_run *run, const struct cf_step *step) {
  char sign;
  const char *rest;
  int64_t least;
  int64_t passed = kit_now() - run->began;
  if (cf_comparison(step->args[0], &sign, &rest) != 0 || sign != '>' ||
      cf_time(rest, &least) != 0) {
    return cf_fail(run, "format", "%s", step->args[0]);
  }
  if (passed < least) {
    return cf_fail(run, "early", "only %" PRId64 " ns", passed);
  }
  return 0;
}

static uint64_t events_of(const struct cf_run *run, uint64_t token) {
  for (int i = 0; i < run->countc; i++) {
    if (run->counts[i].token == token) {
      return run->counts[i].events;
    }
  }
  return 0;
}

int cf_step_count(struct cf_run *run, const struct cf_step *step) {
  char sign;
  const char *rest;
  uint64_t token;
  uint64_t number;
  if (cf_number(step->args[0], &token) != 0 ||
      cf_comparison(step->args[1], &sign, &rest) != 0 ||
      cf_number(rest, &number) != 0) {
    return cf_fail(run, "format", "%s %s", step->args[0], step->args[1]);
  }
  uint64_t events = events_of(run, token);
  int good = sign == '>'   ? events >= number
             : sign == '<' ? events <= number
                           : events == number;
  if (!good) {
    return cf_fail(run, "count", "%" PRIu64 " events", events);
  }
  return 0;
}

int cf_step_clock(struct cf_run *run, const struct cf_step *step) {
  (void)step;
  int64_t before = kit_now();
  int64_t now = mio_clock_now();
  int64_t after = kit_now();
  if (now < before || now > after) {
    return cf_fail(run, "outcome", "%" PRId64 " is another clock", now);
  }
  return 0;
}

int cf_step_features(struct cf_run *run, const struct cf_step *step) {
  mio_poll_t *poll;
  if (cf_poll(run, step->args[0], &poll) != 0) {
    return -1;
  }
  uint32_t features = mio_poll_features(poll);
  for (int i = 1; i < step->argc; i++) {
    if (!cf_is_feature(step->args[i])) {
      return cf_fail(run, "format", "unknown feature %s", step->args[i]);
    }
    if (!cf_has_feature(step->args[i], features)) {
      return cf_fail(run, "outcome", "not %s", step->args[i]);
    }
  }
  return 0;
}

/* --------------------------------------------------------------------- ask */

struct answer {
  char text[64];
};

static void answer_text(struct answer *answer, const char *text) {
  (void)snprintf(answer->text, sizeof answer->text, "%s", text);
  for (char *blank; (blank = strchr(answer->text, ' ')) != NULL;) {
    *blank = '_';
  }
}

static void answer_result(struct answer *answer, int32_t rc) {
  if (rc < 0) {
    answer_text(answer, mio_err_name(rc));
  } else {
    (void)snprintf(answer->text, sizeof answer->text, "%" PRId32, rc);
  }
}

static const char *name_argument(const char *word) {
  return cf_is_null(word) ? NULL : word;
}

static uint32_t number_argument(const char *word) {
  uint64_t number = 0;
  cf_number(word, &number);
  return (uint32_t)number;
}

static int32_t error_argument(const char *word) {
  int64_t number = 0;
  if (cf_signed(word, &number) == 0) {
    return (int32_t)number;
  }
  return mio_err_from_name(word);
}

static void ask_selector_name(const char *word, struct answer *answer) {
  answer_text(answer, mio_selector_name(number_argument(word)));
}

static void ask_selector_from_name(const char *word, struct answer *answer) {
  answer_result(answer, mio_selector_from_name(name_argument(word)));
}

static void ask_selector_available(const char *word, struct answer *answer) {
  answer_result(answer, mio_selector_available(number_argument(word)));
}

static void ask_err_name(const char *word, struct answer *answer) {
  answer_text(answer, mio_err_name(error_argument(word)));
}

static void ask_err_text(const char *word, struct answer *answer) {
  answer_text(answer, mio_err_text(error_argument(word)));
}

static void ask_err_from_name(const char *word, struct answer *answer) {
  answer_result(answer, mio_err_from_name(name_argument(word)));
}

/* These two take nothing. */

static void ask_version(const char *word, struct answer *answer) {
  (void)word;
  answer_result(answer, (int32_t)mio_version());
}

static void ask_version_string(const char *word, struct answer *answer) {
  (void)word;
  answer_text(answer, mio_version_string());
}

int cf_step_ask(struct cf_run *run, const struct cf_step *step) {
  static const struct {
    const char *name;
    int argc;
    void (*ask)(const char *word, struct answer *answer);
  } functions[] = {
      {"mio_version", 1, ask_version},
      {"mio_version_string", 1, ask_version_string},
      {"mio_selector_name", 2, ask_selector_name},
      {"mio_selector_from_name", 2, ask_selector_from_name},
      {"mio_selector_available", 2, ask_selector_available},
      {"mio_err_name", 2, ask_err_name},
      {"mio_err_text", 2, ask_err_text},
      {"mio_err_from_name", 2, ask_err_from_name},
  };
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    if (strcmp(functions[i].name, step->args[0]) == 0 &&
        functions[i].argc == step->argc) {
      struct answer answer;
      functions[i].ask(step->argc > 1 ? step->args[1] : NULL, &answer);
      return cf_expect(run, answer.text);
    }
  }
  return cf_fail(run, "format", "unknown function %s", step->args[0]);
}
