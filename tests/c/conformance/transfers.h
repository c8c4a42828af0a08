/*
 * transfers.h - the steps that sources have in common with descriptors, and
 * addresses. All return 0, or -1 after cf_fail().
 * SPDX-License-Identifier: MIT
 */
#ifndef CF_TRANSFERS_H
#define CF_TRANSFERS_H

#include "run.h"

/* steps_transfers.c */
int cf_source_read(struct cf_run *run, const struct cf_step *step);
int cf_source_write(struct cf_run *run, const struct cf_step *step);
int cf_source_drain(struct cf_run *run, const struct cf_step *step);
int cf_source_fill(struct cf_run *run, const struct cf_step *step);

/* steps_sources.c */
int cf_source_accept(struct cf_run *run, const struct cf_step *step);
int cf_source_shutdown(struct cf_run *run, const struct cf_step *step);
int cf_source_take_error(struct cf_run *run, const struct cf_step *step);

/* The descriptor of a source, or an open one. */
int cf_any_fd(struct cf_run *run, const char *name, int64_t *out);

/* steps_addresses.c: what an ADDR means. */
int cf_addr(struct cf_run *run, const char *word, mio_addr_t *out);

/* The address of a key: `*out` is NULL for `null`, else `room`. */
int cf_key_addr(struct cf_run *run, const char *word, mio_addr_t *room,
                const mio_addr_t **out);

/* Whether `got` is the address that the word means; `any`: every valid one. */
int cf_check_addr(struct cf_run *run, const char *word, const mio_addr_t *got);

#endif /* CF_TRANSFERS_H */
