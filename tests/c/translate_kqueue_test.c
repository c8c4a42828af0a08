/*
 * The pure functions between interest, kernel flags and readiness of the
 * kqueue selector, against the table of the header. They are static, so this
 * file includes the selector.
 */
#include "../../src/selector/kqueue.c"

#undef SECOND

#include "translate.h"

/* Chapter 11 of the header, a row a line. */
static uint32_t row(int filter, int eof, int error, uint32_t fflags) {
  int read = filter == EVFILT_READ;
  int write = filter == EVFILT_WRITE;
  int except = filter == EVFILT_EXCEPT;
  int user = filter == EVFILT_USER;
  uint32_t readiness = 0;
  readiness |= read || except || user || eof || error ? MIO_READABLE : 0;
  readiness |= write || eof || error ? MIO_WRITABLE : 0;
  readiness |= error || (eof && fflags != 0 && !except) ? MIO_ERROR : 0;
  readiness |= !write && eof ? MIO_READ_CLOSED : 0;
  readiness |= write && eof ? MIO_WRITE_CLOSED : 0;
  readiness |= except && (fflags & NOTE_OOB) ? MIO_PRIORITY : 0;
  return readiness;
}

TEST_ON(KQUEUE, translate, readiness_of_all_flags_of_kqueue) {
  (void)selector;
  static const int16_t all[] = {EVFILT_READ, EVFILT_WRITE, EVFILT_EXCEPT,
                                EVFILT_USER};
  static const uint32_t fflags[] = {0, NOTE_OOB, ECONNRESET, ECONNREFUSED};
  for (int i = 0; i < 64; i++) {
    struct kevent record;
    memset(&record, 0, sizeof(record));
    record.filter = all[i & 3];
    record.fflags = fflags[i >> 4 & 3];
    record.flags =
        (uint16_t)(EV_CLEAR | bit(i, 2) * EV_EOF | bit(i, 3) * EV_ERROR);
    CHECK(readiness_from_kqueue(&record) ==
          row(record.filter, bit(i, 2), bit(i, 3), record.fflags));
  }
}

TEST_ON(KQUEUE, translate, interest_to_kqueue) {
  (void)selector;
  CHECK(kqueue_from_trigger(MIO_READABLE) == EV_CLEAR);
  CHECK(kqueue_from_trigger(MIO_READABLE | MIO_LEVEL) == 0);
  CHECK(kqueue_from_trigger(MIO_WRITABLE | MIO_ONESHOT) == EV_DISPATCH);
  for (int i = 0; i < FILTERS; i++) {
    CHECK(filters[i].filter ==
          (filters[i].interest == MIO_READABLE   ? EVFILT_READ
           : filters[i].interest == MIO_WRITABLE ? EVFILT_WRITE
                                                 : EVFILT_EXCEPT));
  }
}
