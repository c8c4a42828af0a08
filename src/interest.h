/* Which interests are valid; the same on every selector. */
#ifndef MIOPOLL_INTEREST_H
#define MIOPOLL_INTEREST_H

#include "miopoll.h"

/* What can be watched. */
#define INTEREST_DIRECTIONS \
  ((uint32_t)(MIO_READABLE | MIO_WRITABLE | MIO_PRIORITY))

/* The library's own bit, of its own sources: edge, made exact by rearm() of
 * the selector (selector/selector.h). */
#define INTEREST_PRECISE (UINT32_C(1) << 31)

/* 0, -EINVAL for bits that do not go together, or -EOPNOTSUPP for what a poll
 * with these features lacks. */
int32_t interest_check(uint32_t interest, uint32_t features);

/* The same for reregister, to which exclusive is EINVAL. */
int32_t interest_check_change(uint32_t interest, uint32_t features);

#endif
