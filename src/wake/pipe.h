/* An alarm on a pipe, for any POSIX system: level-triggered, so it is quieted
 * by whoever heard it. At most a few bytes are ever in the pipe: it is written
 * only when it is not ringing. */
#ifndef MIOPOLL_WAKE_PIPE_H
#define MIOPOLL_WAKE_PIPE_H

#include <stdatomic.h>
#include <stdint.h>

struct pipe_alarm {
  int read_end;
  int write_end;
  _Atomic uint32_t ringing;
};

/* Both ends non-blocking and close-on-exec. 0 or a negative errno. */
int32_t pipe_alarm_open(struct pipe_alarm *alarm);

/* Rings: async-signal-safe, no cancellation point. 0 or a negative errno. */
int32_t pipe_alarm_ring(struct pipe_alarm *alarm);

/* Quiets. What a ring announced must be looked at after this, not before:
 * a ring that comes during it may be swallowed. */
void pipe_alarm_quiet(struct pipe_alarm *alarm);

void pipe_alarm_close(struct pipe_alarm *alarm);

#endif
