/*
 * report.h - a suite on one selector, and what is printed about it;
 * docs/conformance.md, chapter 5.
 * SPDX-License-Identifier: MIT
 */
#ifndef CF_REPORT_H
#define CF_REPORT_H

#include "run.h"
#include "skips.h"
#include "suite.h"

struct cf_options {
  const char *filter; /* A glob of case names, or NULL. */
  int times;          /* Print how long each case took. */
  int64_t patience;
  int64_t limit_ns;
};

/* Runs what the filter lets through and prints the failures, the plan and
 * the sums. Returns how many failures there were; none run is one. */
int cf_report(const struct cf_suite *suite, const struct cf_skips *skips,
              uint32_t selector, const struct cf_options *options);

#endif /* CF_REPORT_H */
