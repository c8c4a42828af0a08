/* The readiness table of the header, for the tests of the functions that
 * implement it in each selector. */
#ifndef MIOPOLL_TESTS_TRANSLATE_H
#define MIOPOLL_TESTS_TRANSLATE_H

#include "check.h"

/* Chapter 11 of the header, a row a line. */
static inline uint32_t expected(int in, int pri, int out, int err, int hup,
                                int read_hup, int in_needed) {
  uint32_t readiness = 0;
  readiness |= in || pri || err || hup ? MIO_READABLE : 0;
  readiness |= out || err || hup ? MIO_WRITABLE : 0;
  readiness |= err ? MIO_ERROR : 0;
  readiness |= hup || (read_hup && (in || !in_needed)) ? MIO_READ_CLOSED : 0;
  readiness |=
      hup || (out && err) || (err && !in && !pri && !out && !hup && !read_hup)
          ? MIO_WRITE_CLOSED
          : 0;
  readiness |= pri ? MIO_PRIORITY : 0;
  return readiness;
}

static inline int bit(int flags, int place) {
  return flags >> place & 1;
}

#endif
