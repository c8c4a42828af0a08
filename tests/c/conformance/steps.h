/*
 * steps.h - what each verb does: one function per verb, in the order of
 * docs/conformance.md. Each returns 0, or -1 after cf_fail().
 * SPDX-License-Identifier: MIT
 */
#ifndef CF_STEPS_H
#define CF_STEPS_H

#include "run.h"

#define CF_STEP(name) \
  int cf_step_##name(struct cf_run *run, const struct cf_step *step)

/* steps_objects.c */
CF_STEP(poll);
CF_STEP(registry);
CF_STEP(clone);
CF_STEP(waker);
CF_STEP(wake);
CF_STEP(nest);
CF_STEP(close);
CF_STEP(register);
CF_STEP(reregister);
CF_STEP(deregister);

/* steps_fds.c */
CF_STEP(open_two);
CF_STEP(open_one);
CF_STEP(open_from);
CF_STEP(write);
CF_STEP(read);
CF_STEP(drain);
CF_STEP(fill);
CF_STEP(oob);
CF_STEP(shutdown);
CF_STEP(so_error);
CF_STEP(blocking);
CF_STEP(flags);
CF_STEP(close_fd);
CF_STEP(reset);
CF_STEP(leak);

/* steps_sources.c */
CF_STEP(source_new);
CF_STEP(source_pair);
CF_STEP(from_fd);
CF_STEP(into_fd);
CF_STEP(source_fd);
CF_STEP(kind);
CF_STEP(would_block);
CF_STEP(exhaust);

/* steps_transfers.c; those that descriptors have too are in transfers.h */
CF_STEP(source_read);
CF_STEP(source_write);
CF_STEP(vectored);

/* steps_addresses.c */
CF_STEP(connect_to);
CF_STEP(source_addr);
CF_STEP(addr);
CF_STEP(set);
CF_STEP(get);
CF_STEP(multicast);

/* steps_wait.c */
CF_STEP(wait);

/* steps_checks.c */
CF_STEP(elapsed);
CF_STEP(count);
CF_STEP(clock);
CF_STEP(features);
CF_STEP(ask);

/* steps_threads.c */
CF_STEP(after);
CF_STEP(storm);
CF_STEP(posted);
CF_STEP(join);

/* Whether another thread can do that: `after TIME NAME ...`. */
int cf_after_knows(const char *name);

#endif /* CF_STEPS_H */
