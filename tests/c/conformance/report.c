/*
 * report.c - all cases on one selector, in one process.
 * SPDX-License-Identifier: MIT
 */
#include "report.h"

#include "miotestkit.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct totals {
  int passed;
  int failed;
  int skipped;
  int others; /* Failures that are no case's. */
};

static void print_failure(const char *name, const char *message) {
  printf("FAIL %s: %s\n", name, message);
  (void)fflush(stdout);
}

static int is_wanted(const struct cf_options *options, const char *name) {
  return options->filter == NULL || fnmatch(options->filter, name, 0) == 0;
}

static void settle_skip(const struct cf_case *owner, int listed,
                        enum cf_result result, const char *message,
                        struct totals *totals) {
  char text[CF_MESSAGE_MAX];
  if (result == CF_SKIPPED && !listed) {
    (void)snprintf(text, sizeof text, "skip: not listed; it needs %.100s",
                   message);
    print_failure(owner->name, text);
    totals->others++;
  }
  if (result != CF_SKIPPED && listed) {
    print_failure(owner->name, "skip: listed, but it was run");
    totals->others++;
  }
}

static void run_one(const struct cf_engine *engine,
                    const struct cf_case *owner, int listed,
                    const struct cf_options *options, struct totals *totals) {
  char message[CF_MESSAGE_MAX];
  int64_t began = kit_now();
  enum cf_result result = cf_run_case(engine, owner, message, sizeof message);
  if (options->times) {
    printf("%8.3f ms %s\n", (double)(kit_now() - began) / 1e6, owner->name);
  }
  settle_skip(owner, listed, result, message, totals);
  switch (result) {
  case CF_PASSED:
    totals->passed++;
    break;
  case CF_FAILED:
    totals->failed++;
    print_failure(owner->name, message);
    break;
  case CF_SKIPPED:
    totals->skipped++;
    break;
  }
}

/* Of this selector's entries; those of another are checked with that one. */
static void check_list(const struct cf_suite *suite,
                       const struct cf_skips *skips, const char *selector,
                       struct totals *totals) {
  for (int i = 0; i < skips->skipc; i++) {
    const struct cf_skip *skip = &skips->skips[i];
    if (strcmp(skip->selector, selector) == 0 &&
        cf_suite_find(suite, skip->name) == NULL) {
      print_failure(skip->name, "skip: listed, but there is no such case");
      totals->others++;
    }
    if (mio_selector_from_name(skip->selector) < 0) {
      print_failure(skip->name, "skip: listed for no selector");
      totals->others++;
    }
  }
}

int cf_report(const struct cf_suite *suite, const struct cf_skips *skips,
              uint32_t selector, const struct cf_options *options) {
  const char *name = mio_selector_name(selector);
  struct totals totals = {0};
  struct cf_engine engine = {.patience = options->patience,
                             .limit_ns = options->limit_ns};
  int32_t rc = cf_engine_start(&engine, selector);
  if (rc < 0) {
    printf("FAIL -: outcome: no poll on %s: %s\n", name, mio_err_name(rc));
    return 1;
  }
  for (int i = 0; i < suite->casec; i++) {
    const struct cf_case *owner = &suite->cases[i];
    if (is_wanted(options, owner->name)) {
      run_one(&engine, owner, cf_skips_has(skips, owner->name, name), options,
              &totals);
    }
  }
  check_list(suite, skips, name, &totals);
  int ran = totals.passed + totals.failed;
  if (ran == 0) {
    print_failure("-", "empty: no case was run");
    totals.others++;
  }
  printf("plan %d digest %" PRIu64 " ran %d skipped %d\n", suite->casec,
         suite->digest, ran, totals.skipped);
  printf("conformance-c %s: %d passed, %d failed, %d skipped\n", name,
         totals.passed, totals.failed, totals.skipped);
  (void)fflush(stdout);
  return totals.failed + totals.others;
}
