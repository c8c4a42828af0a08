/* An alarm on Linux's eventfd: rung by a write, watched edge-triggered, so
 * that it is never read: each write is a new edge (kernel: eventfd_write
 * wakes the poll queue whatever the counter was). */
#ifndef MIOPOLL_WAKE_EVENTFD_H
#define MIOPOLL_WAKE_EVENTFD_H

#include <stdint.h>

/* The descriptor, non-blocking and close-on-exec, or a negative errno. */
int32_t eventfd_alarm_open(void);

/* Rings: async-signal-safe, no cancellation point. 0 or a negative errno. */
int32_t eventfd_alarm_ring(int fd);

#endif
