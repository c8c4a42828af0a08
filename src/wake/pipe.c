#include "wake/pipe.h"

#include <errno.h>
#include <unistd.h>

#include "os/os.h"

int32_t pipe_alarm_open(struct pipe_alarm *alarm) {
  atomic_init(&alarm->ringing, 0);
  return os_pipe(&alarm->read_end, &alarm->write_end);
}

int32_t pipe_alarm_ring(struct pipe_alarm *alarm) {
  if (atomic_exchange(&alarm->ringing, 1) != 0) {
    return 0;
  }
  int32_t rc = os_write(alarm->write_end, "", 1);
  if (rc >= 0 || rc == -EAGAIN) {
    return 0; /* EAGAIN: the pipe is full, so it is readable. */
  }
  atomic_store(&alarm->ringing, 0);
  return rc;
}

void pipe_alarm_quiet(struct pipe_alarm *alarm) {
  /* First the bytes, then the mark. A ring that comes between finds the mark
   * set and writes nothing, but what it announced is looked at after this.
   * The other order could swallow the byte of a ring and leave its mark: no
   * later ring would write, and the wake would be lost. */
  char bytes[16];
  while (read(alarm->read_end, bytes, sizeof(bytes)) ==
         (ssize_t)sizeof(bytes)) {
  }
  (void)atomic_exchange(&alarm->ringing, 0);
}

void pipe_alarm_close(struct pipe_alarm *alarm) {
  (void)close(alarm->read_end);
  (void)close(alarm->write_end);
}
