/*
 * must_fail.h - does the runner fail where it has to?
 * SPDX-License-Identifier: MIT
 */
#ifndef CF_MUST_FAIL_H
#define CF_MUST_FAIL_H

#include "report.h"

/* Runs each file of the folder in a process of its own, and compares how it
 * failed with the file's first line. Returns how many did otherwise; no file
 * is one. */
int cf_must_fail(const char *folder, uint32_t selector,
                 const struct cf_options *options);

#endif /* CF_MUST_FAIL_H */
