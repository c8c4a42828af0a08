/* Which interests are valid; the same on every selector. */
#ifndef MIOPOLL_INTEREST_H
#define MIOPOLL_INTEREST_H

#include <stdint.h>

/* 0, -EINVAL for bits that do not go together, or -EOPNOTSUPP for what a poll
 * with these features lacks. */
int32_t interest_check(uint32_t interest, uint32_t features);

/* The same for reregister, to which exclusive is EINVAL. */
int32_t interest_check_change(uint32_t interest, uint32_t features);

#endif
