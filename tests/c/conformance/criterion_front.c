/*
 * criterion_front.c - the front with a named test per case and selector.
 * SPDX-License-Identifier: MIT
 *
 * CF_CASES and CF_SKIPS are paths in the source tree, given by the build.
 */
#include "criterion_front.h"

#include "miotestkit.h"
#include "run.h"
#include "skips.h"

#include <criterion/criterion.h>
#include <stdlib.h>

void cf_criterion(const char *selector, const char *name) {
  struct cf_suite suite = {0};
  struct cf_skips skips = {0};
  char message[CF_MESSAGE_MAX];
  struct cf_engine engine = {.patience = getenv("MIOPOLL_TEST_SLOW") ? 4 : 1,
                             .limit_ns = INT64_C(30000000000)};
  kit_start();
  cr_assert(cf_suite_read(&suite, CF_CASES) == 0, "%s", suite.message);
  cr_assert(cf_skips_read(&skips, CF_SKIPS, message, sizeof message) == 0,
            "%s", message);
  const struct cf_case *owner = cf_suite_find(&suite, name);
  cr_assert(owner != NULL, "the cases changed: build again");
  int32_t number = mio_selector_from_name(selector);
  cr_assert(number > 0 && cf_engine_start(&engine, (uint32_t)number) == 0,
            "no poll on %s", selector);
  enum cf_result result = cf_run_case(&engine, owner, message, sizeof message);
  int listed = cf_skips_has(&skips, name, selector);
  cf_skips_free(&skips);
  cf_suite_free(&suite);
  cr_assert(result != CF_FAILED, "%s", message);
  cr_assert(listed == (result == CF_SKIPPED), "%s, and %s in the skips",
            result == CF_SKIPPED ? message : "it ran",
            listed ? "it is" : "it is not");
  if (result == CF_SKIPPED) {
    cr_skip_test("it needs %s", message);
  }
}
