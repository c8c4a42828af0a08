/*
 * steps_wait.c - waiting until an outcome has come true.
 * SPDX-License-Identifier: MIT
 *
 * The events of all calls of one step are or-ed by their token, and after
 * each call every alternative of the outcome is judged against that.
 */
#include "miotestkit.h"
#include "steps.h"
#include "verbs.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 64, BUFFER_MAX = 256, SEEN_MAX = 160 };

static const int64_t default_timeout = INT64_C(5000000000);

struct seen {
  uint64_t token;
  uint32_t bits;
};

struct waiting {
  struct cf_run *run;
  const struct cf_step *step;
  mio_poll_t *poll;
  uint32_t capacity;
  int null_events;
  int64_t timeout; /* Of the step; negative: for ever. */
  int64_t began;
  int seenc;
  struct seen seen[SEEN_MAX];
};

/* ----------------------------------------------------------------- judging */

enum verdict { TRUE_NOW, STILL_POSSIBLE, UNEXPECTED, TOO_MANY_BITS };

static int is_word(const char *word, const char *other) {
  return strcmp(word, other) == 0;
}

static const struct seen *find_seen(const struct waiting *w, uint64_t token) {
  for (int i = 0; i < w->seenc; i++) {
    if (w->seen[i].token == token) {
      return &w->seen[i];
    }
  }
  return NULL;
}

static enum verdict judge_event(const struct waiting *w,
                                const struct cf_event_word *event) {
  const struct seen *seen = find_seen(w, event->token);
  uint32_t bits = seen == NULL ? 0 : seen->bits;
  if (event->exact && (bits & ~event->bits) != 0) {
    return TOO_MANY_BITS;
  }
  return (bits & event->bits) == event->bits ? TRUE_NOW : STILL_POSSIBLE;
}

/* The words of one alternative are those from `first` to before `end`. */
static int names_token(const struct waiting *w, int first, int end,
                       uint64_t token) {
  for (int i = first; i < end; i++) {
    struct cf_event_word event;
    if (cf_event_word(w->step->words[i], &event) == 0 &&
        event.token == token) {
      return 1;
    }
  }
  return 0;
}

static enum verdict judge_alternative(const struct waiting *w, int first,
                                      int end) {
  if (is_word(w->step->words[first], "any")) {
    return TRUE_NOW;
  }
  for (int i = 0; i < w->seenc; i++) {
    if (!names_token(w, first, end, w->seen[i].token)) {
      return UNEXPECTED;
    }
  }
  enum verdict verdict = TRUE_NOW;
  for (int i = first; i < end; i++) {
    struct cf_event_word event;
    if (cf_event_word(w->step->words[i], &event) != 0) {
      return STILL_POSSIBLE; /* `none` or an error. */
    }
    enum verdict one = judge_event(w, &event);
    verdict = one > verdict ? one : verdict;
  }
  return verdict;
}

/* The best verdict of all alternatives. */
static enum verdict judge(const struct waiting *w) {
  enum verdict best = TOO_MANY_BITS;
  int first = 0;
  for (int i = 0; i <= w->step->wordc; i++) {
    if (i < w->step->wordc && !is_word(w->step->words[i], "|")) {
      continue;
    }
    if (i > first) {
      enum verdict one = judge_alternative(w, first, i);
      best = one < best ? one : best;
    }
    first = i + 1;
  }
  return best;
}

static int has_word(const struct waiting *w, const char *word) {
  for (int i = 0; i < w->step->wordc; i++) {
    if (is_word(w->step->words[i], word)) {
      return 1;
    }
  }
  return 0;
}

/* --------------------------------------------------------------- recording */

static void seen_text(const struct waiting *w, char *text, size_t size) {
  size_t used = 0;
  (void)snprintf(text, size, "no event");
  for (int i = 0; i < w->seenc && used < size; i++) {
    char bits[64];
    cf_bits_text(w->seen[i].bits, bits, sizeof bits);
    used += (size_t)snprintf(text + used, size - used, "%s%" PRIu64 ":%s",
                             i == 0 ? "" : " ", w->seen[i].token, bits);
  }
}

static int fail_seen(const struct waiting *w, const char *kind) {
  char text[160];
  seen_text(w, text, sizeof text);
  return cf_fail(w->run, kind, "expected %s%s, saw %s", w->step->words[0],
                 w->step->wordc > 1 ? " ..." : "", text);
}

static int count_event(struct cf_run *run, uint64_t token) {
  for (int i = 0; i < run->countc; i++) {
    if (run->counts[i].token == token) {
      run->counts[i].events++;
      return 0;
    }
  }
  if (run->countc == CF_COUNTS_MAX) {
    return cf_fail(run, "format", "too many tokens");
  }
  run->counts[run->countc++] = (struct cf_count){token, 1};
  return 0;
}

static int record(struct waiting *w, const mio_event_t *event) {
  const uint32_t known = MIO_READABLE | MIO_WRITABLE | MIO_AIO | MIO_LIO |
                         MIO_PRIORITY | MIO_ERROR | MIO_READ_CLOSED |
                         MIO_WRITE_CLOSED;
  if ((event->readiness & ~known) != 0 || event->readiness == 0 ||
      event->reserved != 0) {
    return cf_fail(w->run, "outcome",
                   "an event with readiness 0x%" PRIx32
                   " and reserved 0x%" PRIx32,
                   event->readiness, event->reserved);
  }
  if (count_event(w->run, event->token) != 0) {
    return -1;
  }
  for (int i = 0; i < w->seenc; i++) {
    if (w->seen[i].token == event->token) {
      w->seen[i].bits |= event->readiness;
      return 0;
    }
  }
  if (w->seenc == SEEN_MAX) {
    return cf_fail(w->run, "format", "too many tokens");
  }
  w->seen[w->seenc++] = (struct seen){event->token, event->readiness};
  return 0;
}

/* ----------------------------------------------------------------- calling */

static int64_t time_left(const struct waiting *w) {
  if (w->timeout < 0) {
    return -1;
  }
  int64_t passed = kit_now() - w->began;
  return passed >= w->timeout ? 0 : w->timeout - passed;
}

/* One call. Gives its result, after what it gave was recorded; or -1 with
 * `*failed` set. The array ends just before memory that must stay as it is,
 * so that an event too many is noticed. */
static int32_t call(struct waiting *w, int64_t timeout, int *failed) {
  static mio_event_t events[BUFFER_MAX + 1];
  memset(events, 0xa5, sizeof events);
  uint32_t room = w->capacity < BUFFER_MAX ? w->capacity : BUFFER_MAX;
  mio_event_t *array = events + (BUFFER_MAX - room);
  int64_t before = kit_now();
  int32_t n = mio_poll_wait(w->poll, w->null_events ? NULL : array,
                            w->capacity, timeout);
  int64_t passed = kit_now() - before;
  mio_event_t untouched;
  memset(&untouched, 0xa5, sizeof untouched);
  *failed = 1;
  if (n > (int32_t)room ||
      memcmp(&events[BUFFER_MAX], &untouched, sizeof untouched) != 0) {
    return cf_fail(w->run, "outcome",
                   "%" PRId32 " events in room for %" PRIu32, n, room);
  }
  if (n == 0 && (timeout < 0 || passed < timeout)) {
    return cf_fail(w->run, "early", "no event, after %" PRId64 " ns", passed);
  }
  for (int32_t i = 0; i < n; i++) {
    if (record(w, &array[i]) != 0) {
      return -1;
    }
  }
  *failed = 0;
  return n;
}

/* What to do after a call: 0 passed, -1 failed, 1 wait again. */
static int decide(const struct waiting *w, int32_t n, int over) {
  if (n < 0) {
    if (strcmp(mio_err_name(n), "EINTR") == 0) {
      return 1;
    }
    return cf_expect_rc(w->run, n);
  }
  switch (judge(w)) {
  case TRUE_NOW:
    return 0;
  case UNEXPECTED:
    return fail_seen(w, "unexpected");
  case TOO_MANY_BITS:
    return fail_seen(w, "exact");
  case STILL_POSSIBLE:
    break;
  }
  if (!over) {
    return 1;
  }
  if (w->seenc == 0 && has_word(w, "none")) {
    return 0;
  }
  return fail_seen(w, "missing");
}

static int wait_for_outcome(struct waiting *w) {
  uint64_t waits = cf_key_number(w->step, "waits", UINT64_MAX);
  for (uint64_t i = 1;; i++) {
    int64_t left = time_left(w);
    int failed;
    int32_t n = call(w, left, &failed);
    if (failed) {
      return -1;
    }
    int over = left == 0 || n == 0 || i >= waits;
    int rc = decide(w, n, over);
    if (rc <= 0) {
      return rc;
    }
  }
}

/* Time limits are stretched; what has to stay silent is not. */
static int64_t patient(const struct waiting *w, int64_t timeout) {
  int64_t patience = w->run->engine->patience;
  if (timeout <= 0 || has_word(w, "none") || timeout > INT64_MAX / patience) {
    return timeout;
  }
  return timeout * patience;
}

int cf_step_wait(struct cf_run *run, const struct cf_step *step) {
  struct waiting w = {.run = run, .step = step};
  if (cf_poll(run, step->args[0], &w.poll) != 0) {
    return -1;
  }
  int64_t timeout = default_timeout;
  const char *given = cf_key(step, "timeout");
  if (given != NULL) {
    cf_time(given, &timeout);
  }
  w.timeout = patient(&w, timeout);
  w.capacity = (uint32_t)cf_key_number(step, "capacity", CAPACITY);
  w.null_events = cf_key(step, "events") != NULL;
  w.began = kit_now();
  if (!run->after) {
    run->began = w.began;
  }
  return wait_for_outcome(&w);
}
