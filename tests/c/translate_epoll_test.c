/*
 * The pure functions between interest, kernel flags and readiness of the
 * epoll selector, against the tables of the header, over all combinations of
 * flags. They are static, so this file includes the selector.
 */
#include "../../src/selector/epoll.c"

#undef MILLISECOND

#include "translate.h"

TEST_ON(EPOLL, translate, readiness_of_all_flags) {
  (void)selector;
  for (int i = 0; i < 64; i++) {
    uint32_t events =
        (uint32_t)(bit(i, 0) * EPOLLIN | bit(i, 1) * EPOLLPRI |
                   bit(i, 2) * EPOLLOUT | bit(i, 3) * EPOLLERR |
                   bit(i, 4) * EPOLLHUP | bit(i, 5) * EPOLLRDHUP);
    CHECK(readiness_from_epoll(events) == expected(bit(i, 0), bit(i, 1),
                                                   bit(i, 2), bit(i, 3),
                                                   bit(i, 4), bit(i, 5), 1));
  }
}

TEST_ON(EPOLL, translate, interest_to_epoll) {
  (void)selector;
  static const struct {
    uint32_t interest;
    uint32_t events;
  } rows[] = {
      {MIO_READABLE, EPOLLIN | EPOLLRDHUP | EPOLLET},
      {MIO_WRITABLE, EPOLLOUT | EPOLLET},
      {MIO_PRIORITY, EPOLLPRI | EPOLLET},
      {MIO_READABLE | MIO_WRITABLE | MIO_LEVEL,
       EPOLLIN | EPOLLRDHUP | EPOLLOUT},
      {MIO_WRITABLE | MIO_ONESHOT, EPOLLOUT | EPOLLONESHOT},
      {MIO_READABLE | MIO_EXCLUSIVE, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE},
      {MIO_READABLE | MIO_LEVEL | MIO_EXCLUSIVE, EPOLLIN | EPOLLEXCLUSIVE},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    CHECK(epoll_from_interest(rows[i].interest) == rows[i].events);
  }
}
