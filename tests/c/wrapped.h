/*
 * The programs that look into the library's memory link it statically, with
 * its allocations and the calls that make and prepare descriptors wrapped by
 * the linker (-Wl,--wrap), so that they can be counted, and made to fail one
 * by one.
 */
#ifndef MIOPOLL_TESTS_WRAPPED_H
#define MIOPOLL_TESTS_WRAPPED_H

#include <stddef.h>

extern int wrapped_calls;    /* To what is wrapped; freeing is not counted. */
extern int wrapped_live;     /* Blocks of memory that are not freed. */
extern size_t wrapped_bytes; /* In them. */
extern int wrapped_fail_at;  /* The call that fails; 0: none. */
extern int wrapped_failed;   /* Whether it did. */

#endif
