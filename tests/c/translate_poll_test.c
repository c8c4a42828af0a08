/*
 * The pure functions between interest, kernel flags and readiness of the
 * poll(2) selector, against the tables of the header, over all combinations of
 * flags. They are static, so this file includes the selector.
 */
#include "../../src/selector/posix_poll.c"

#include "translate.h"

TEST_ON(POLL, translate, readiness_of_all_flags_of_poll) {
  (void)selector;
  for (int i = 0; i < 64; i++) {
    short events = (short)(bit(i, 0) * POLLIN | bit(i, 1) * POLLPRI |
                           bit(i, 2) * POLLOUT | bit(i, 3) * POLLERR |
                           bit(i, 4) * POLLHUP | bit(i, 5) * POLLRDHUP);
    int read_hup = bit(i, 5) && POLLRDHUP != 0; /* Not every system's. */
    CHECK(readiness_from_poll(events) == expected(bit(i, 0), bit(i, 1),
                                                  bit(i, 2), bit(i, 3),
                                                  bit(i, 4), read_hup, 0));
  }
}

TEST_ON(POLL, translate, interest_to_poll) {
  (void)selector;
  CHECK(poll_from_interest(MIO_READABLE) == (POLLIN | POLLRDHUP));
  CHECK(poll_from_interest(MIO_WRITABLE | MIO_ONESHOT) == POLLOUT);
  CHECK(poll_from_interest(MIO_PRIORITY | MIO_LEVEL) == POLLPRI);
}
