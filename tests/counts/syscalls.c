/* Operations of polls, registries and wakers:
 *
 *   syscalls SELECTOR OPERATION
 */
#include <stdio.h>
#include <sys/eventfd.h>

#include "operation.h"

#define MS INT64_C(1000000)

static mio_poll_t *poll;
static mio_registry_t *registry;
static mio_waker_t *waker;
static int ready;
static int idle;
static mio_event_t events[8];

static int32_t wait_for(int64_t timeout_ns) {
  return mio_poll_wait(poll, events, 8, timeout_ns);
}

static void wait_zero(void) {
  (void)wait_for(0);
}

static void wait_ready(void) {
  (void)wait_for(-1);
}

static void wait_whole_milliseconds(void) {
  (void)wait_for(MS);
}

static void wait_nanoseconds(void) {
  (void)wait_for(1000);
}

static void change(void) {
  (void)mio_registry_reregister_fd(registry, idle, 2, MIO_READABLE);
}

static void register_and_deregister(void) {
  (void)mio_registry_deregister_fd(registry, idle);
  (void)mio_registry_register_fd(registry, idle, 2, MIO_READABLE);
}

static void wake(void) {
  (void)mio_waker_wake(waker);
}

static void wake_and_wait(void) {
  wake();
  (void)wait_for(-1);
}

static void share(void) {
  mio_fd_t fd;
  (void)mio_poll_fd(poll, &fd);
}

static void make_ready(void) {
  (void)mio_registry_register_fd(registry, ready, 1, MIO_READABLE | MIO_LEVEL);
}

static const struct operation operations[] = {
    {"wait_zero", NULL, wait_zero},
    {"wait_ready", make_ready, wait_ready},
    {"wait_whole_milliseconds", NULL, wait_whole_milliseconds},
    {"wait_nanoseconds", NULL, wait_nanoseconds},
    {"reregister", NULL, change},
    {"deregister_and_register", NULL, register_and_deregister},
    {"wake", NULL, wake},
    {"wake_and_wait", NULL, wake_and_wait},
    {"wake_and_wait_shared", share, wake_and_wait},
};

static int set_up(const char *selector) {
  int32_t number = mio_selector_from_name(selector);
  mio_poll_options_t options = {.size = sizeof(options),
                                .selector = (uint32_t)number};
  ready = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
  idle = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return number >= 0 && mio_poll_new(&poll, &options) == 0 &&
         mio_poll_registry(poll, &registry) == 0 &&
         mio_waker_new(&waker, registry, 3) == 0 &&
         mio_registry_register_fd(registry, idle, 2, MIO_READABLE) == 0;
}

int main(int argc, char **argv) {
  if (argc != 3 || !set_up(argv[1])) {
    (void)fputs("usage: syscalls SELECTOR OPERATION\n", stderr);
    return 2;
  }
  return operation_run(operations, sizeof(operations) / sizeof(operations[0]),
                       argv[2]);
}
