/*
 * criterion_front.h - what the generated tests call.
 * SPDX-License-Identifier: MIT
 */
#ifndef CF_CRITERION_FRONT_H
#define CF_CRITERION_FRONT_H

/* Runs one case in this process, and fails or skips the running test. */
void cf_criterion(const char *selector, const char *name);

#endif /* CF_CRITERION_FRONT_H */
