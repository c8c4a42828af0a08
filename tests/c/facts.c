/*
 * What this machine is, and what the library makes of it, a `name value` line
 * each: for tests/platforms, which knows what they have to be where.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include "miopoll.h"

#ifdef __linux__
#include <sys/epoll.h>
#define EPOLL_EVENT_SIZE sizeof(struct epoll_event)
#else
#define EPOLL_EVENT_SIZE (size_t)0
#endif

static const char *byte_order(void) {
  const uint16_t two = 1;
  unsigned char first;
  memcpy(&first, &two, 1);
  return first == 1 ? "little" : "big";
}

static void print_selector(uint32_t id) {
  mio_poll_options_t options = {.size = sizeof(options), .selector = id};
  mio_poll_t *poll;
  int32_t rc = mio_poll_new(&poll, &options);
  if (rc < 0) {
    (void)printf("%s %s\n", mio_selector_name(id), mio_err_name(rc));
    return;
  }
  /* Shows that time is rounded up, where the feature is absent. */
  mio_event_t event;
  int64_t begin = mio_clock_now();
  (void)mio_poll_wait(poll, &event, 1, 1);
  int64_t took = mio_clock_now() - begin;
  uint32_t features = mio_poll_features(poll);
  (void)printf("%s-nanoseconds %s\n", mio_selector_name(id),
               features & MIO_FEATURE_NANOSECONDS ? "yes" : "no");
  (void)printf("%s-1ns-is-1ms %s\n", mio_selector_name(id),
               took >= 1000000 ? "yes" : "no");
  mio_poll_free(poll);
}

int main(void) {
  (void)printf("pointer-bits %zu\n", 8 * sizeof(void *));
  (void)printf("byte-order %s\n", byte_order());
  (void)printf("time-bits %zu\n", 8 * sizeof(time_t));
  (void)printf("file-offset-bits %zu\n", 8 * sizeof(off_t));
  (void)printf("epoll-event-size %zu\n", EPOLL_EVENT_SIZE);
  (void)printf("atomic-64-lock-free %s\n",
               ATOMIC_LLONG_LOCK_FREE == 2 ? "always" : "not always");
  (void)printf("selectors");
  for (uint32_t i = 1; mio_selector_available(i) >= 0; i++) {
    if (mio_selector_available(i) == 1) {
      (void)printf(" %s", mio_selector_name(i));
    }
  }
  (void)printf("\n");
  for (uint32_t i = 1; mio_selector_available(i) >= 0; i++) {
    if (mio_selector_available(i) == 1) {
      print_selector(i);
    }
  }
  return 0;
}
