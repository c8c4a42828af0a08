/* the ABI of release 0.1, written by `abi/generate.py freeze 0.1`; do not edit */
#include <miopoll.h>

#include <stddef.h>

/* 1 if an expression has exactly this type. */
#define IS(expression, type) _Generic((expression), type: 1, default: 0)

_Static_assert(IS((mio_fd_t)0, int64_t),
               "mio_fd_t is int64_t");

_Static_assert(IS((mio_poll_t *)0, struct mio_poll *),
               "mio_poll_t is struct mio_poll");

_Static_assert(IS((mio_registry_t *)0, struct mio_registry *),
               "mio_registry_t is struct mio_registry");

_Static_assert(IS((mio_waker_t *)0, struct mio_waker *),
               "mio_waker_t is struct mio_waker");

_Static_assert(IS((mio_event_t *)0, struct mio_event *),
               "mio_event_t is struct mio_event");
_Static_assert(sizeof(mio_event_t) == 16,
               "size of mio_event_t");
_Static_assert(_Alignof(mio_event_t) == 8,
               "alignment of mio_event_t");
_Static_assert(offsetof(mio_event_t, token) == 0,
               "offset of mio_event_t.token");
_Static_assert(sizeof(((mio_event_t *)0)->token) == 8,
               "size of mio_event_t.token");
_Static_assert(IS(((mio_event_t *)0)->token, uint64_t),
               "type of mio_event_t.token");
_Static_assert(offsetof(mio_event_t, readiness) == 8,
               "offset of mio_event_t.readiness");
_Static_assert(sizeof(((mio_event_t *)0)->readiness) == 4,
               "size of mio_event_t.readiness");
_Static_assert(IS(((mio_event_t *)0)->readiness, uint32_t),
               "type of mio_event_t.readiness");
_Static_assert(offsetof(mio_event_t, reserved) == 12,
               "offset of mio_event_t.reserved");
_Static_assert(sizeof(((mio_event_t *)0)->reserved) == 4,
               "size of mio_event_t.reserved");
_Static_assert(IS(((mio_event_t *)0)->reserved, uint32_t),
               "type of mio_event_t.reserved");

_Static_assert(IS((mio_poll_options_t *)0, struct mio_poll_options *),
               "mio_poll_options_t is struct mio_poll_options");
_Static_assert(sizeof(mio_poll_options_t) >= 16,
               "size of mio_poll_options_t");
_Static_assert(_Alignof(mio_poll_options_t) == 4,
               "alignment of mio_poll_options_t");
_Static_assert(offsetof(mio_poll_options_t, size) == 0,
               "offset of mio_poll_options_t.size");
_Static_assert(sizeof(((mio_poll_options_t *)0)->size) == 4,
               "size of mio_poll_options_t.size");
_Static_assert(IS(((mio_poll_options_t *)0)->size, uint32_t),
               "type of mio_poll_options_t.size");
_Static_assert(offsetof(mio_poll_options_t, selector) == 4,
               "offset of mio_poll_options_t.selector");
_Static_assert(sizeof(((mio_poll_options_t *)0)->selector) == 4,
               "size of mio_poll_options_t.selector");
_Static_assert(IS(((mio_poll_options_t *)0)->selector, uint32_t),
               "type of mio_poll_options_t.selector");
_Static_assert(offsetof(mio_poll_options_t, flags) == 8,
               "offset of mio_poll_options_t.flags");
_Static_assert(sizeof(((mio_poll_options_t *)0)->flags) == 4,
               "size of mio_poll_options_t.flags");
_Static_assert(IS(((mio_poll_options_t *)0)->flags, uint32_t),
               "type of mio_poll_options_t.flags");
_Static_assert(offsetof(mio_poll_options_t, reserved) == 12,
               "offset of mio_poll_options_t.reserved");
_Static_assert(sizeof(((mio_poll_options_t *)0)->reserved) == 4,
               "size of mio_poll_options_t.reserved");
_Static_assert(IS(((mio_poll_options_t *)0)->reserved, uint32_t),
               "type of mio_poll_options_t.reserved");

_Static_assert(MIO_READABLE == 1,
               "value of MIO_READABLE");
_Static_assert(MIO_WRITABLE == 2,
               "value of MIO_WRITABLE");
_Static_assert(MIO_AIO == 4,
               "value of MIO_AIO");
_Static_assert(MIO_LIO == 8,
               "value of MIO_LIO");
_Static_assert(MIO_PRIORITY == 16,
               "value of MIO_PRIORITY");
_Static_assert(MIO_ERROR == 32,
               "value of MIO_ERROR");
_Static_assert(MIO_READ_CLOSED == 64,
               "value of MIO_READ_CLOSED");
_Static_assert(MIO_WRITE_CLOSED == 128,
               "value of MIO_WRITE_CLOSED");
_Static_assert(MIO_LEVEL == 256,
               "value of MIO_LEVEL");
_Static_assert(MIO_ONESHOT == 512,
               "value of MIO_ONESHOT");
_Static_assert(MIO_EXCLUSIVE == 1024,
               "value of MIO_EXCLUSIVE");

_Static_assert(MIO_SELECTOR_DEFAULT == 0,
               "value of MIO_SELECTOR_DEFAULT");
_Static_assert(MIO_SELECTOR_EPOLL == 1,
               "value of MIO_SELECTOR_EPOLL");
_Static_assert(MIO_SELECTOR_KQUEUE == 2,
               "value of MIO_SELECTOR_KQUEUE");
_Static_assert(MIO_SELECTOR_IOCP == 3,
               "value of MIO_SELECTOR_IOCP");
_Static_assert(MIO_SELECTOR_POLL == 4,
               "value of MIO_SELECTOR_POLL");
_Static_assert(MIO_SELECTOR_EVENT_PORTS == 5,
               "value of MIO_SELECTOR_EVENT_PORTS");
_Static_assert(MIO_SELECTOR_POLL_ONEOFF == 6,
               "value of MIO_SELECTOR_POLL_ONEOFF");

_Static_assert(MIO_FEATURE_EDGE_EXACT == 1,
               "value of MIO_FEATURE_EDGE_EXACT");
_Static_assert(MIO_FEATURE_EXCLUSIVE == 2,
               "value of MIO_FEATURE_EXCLUSIVE");
_Static_assert(MIO_FEATURE_PRIORITY == 4,
               "value of MIO_FEATURE_PRIORITY");
_Static_assert(MIO_FEATURE_AIO == 8,
               "value of MIO_FEATURE_AIO");
_Static_assert(MIO_FEATURE_LIO == 16,
               "value of MIO_FEATURE_LIO");
_Static_assert(MIO_FEATURE_NANOSECONDS == 32,
               "value of MIO_FEATURE_NANOSECONDS");
_Static_assert(MIO_FEATURE_FD == 64,
               "value of MIO_FEATURE_FD");

_Static_assert(MIO_WAKERS_MAX == 64,
               "value of MIO_WAKERS_MAX");

_Static_assert(IS(&mio_version,
                  uint32_t (*)(void)),
               "type of mio_version");
_Static_assert(IS(&mio_version_string,
                  const char * (*)(void)),
               "type of mio_version_string");
_Static_assert(IS(&mio_err_name,
                  const char * (*)(int32_t)),
               "type of mio_err_name");
_Static_assert(IS(&mio_err_text,
                  const char * (*)(int32_t)),
               "type of mio_err_text");
_Static_assert(IS(&mio_err_from_name,
                  int32_t (*)(const char *)),
               "type of mio_err_from_name");
_Static_assert(IS(&mio_clock_now,
                  int64_t (*)(void)),
               "type of mio_clock_now");
_Static_assert(IS(&mio_selector_name,
                  const char * (*)(uint32_t)),
               "type of mio_selector_name");
_Static_assert(IS(&mio_selector_from_name,
                  int32_t (*)(const char *)),
               "type of mio_selector_from_name");
_Static_assert(IS(&mio_selector_available,
                  int32_t (*)(uint32_t)),
               "type of mio_selector_available");
_Static_assert(IS(&mio_poll_new,
                  int32_t (*)(struct mio_poll **, const struct mio_poll_options *)),
               "type of mio_poll_new");
_Static_assert(IS(&mio_poll_free,
                  void (*)(struct mio_poll *)),
               "type of mio_poll_free");
_Static_assert(IS(&mio_poll_registry,
                  int32_t (*)(struct mio_poll *, struct mio_registry **)),
               "type of mio_poll_registry");
_Static_assert(IS(&mio_poll_wait,
                  int32_t (*)(struct mio_poll *, struct mio_event *, uint32_t, int64_t)),
               "type of mio_poll_wait");
_Static_assert(IS(&mio_poll_fd,
                  int32_t (*)(struct mio_poll *, int64_t *)),
               "type of mio_poll_fd");
_Static_assert(IS(&mio_poll_selector,
                  uint32_t (*)(struct mio_poll *)),
               "type of mio_poll_selector");
_Static_assert(IS(&mio_poll_features,
                  uint32_t (*)(struct mio_poll *)),
               "type of mio_poll_features");
_Static_assert(IS(&mio_registry_clone,
                  int32_t (*)(struct mio_registry *, struct mio_registry **)),
               "type of mio_registry_clone");
_Static_assert(IS(&mio_registry_free,
                  void (*)(struct mio_registry *)),
               "type of mio_registry_free");
_Static_assert(IS(&mio_registry_register_fd,
                  int32_t (*)(struct mio_registry *, int64_t, uint64_t, uint32_t)),
               "type of mio_registry_register_fd");
_Static_assert(IS(&mio_registry_reregister_fd,
                  int32_t (*)(struct mio_registry *, int64_t, uint64_t, uint32_t)),
               "type of mio_registry_reregister_fd");
_Static_assert(IS(&mio_registry_deregister_fd,
                  int32_t (*)(struct mio_registry *, int64_t)),
               "type of mio_registry_deregister_fd");
_Static_assert(IS(&mio_waker_new,
                  int32_t (*)(struct mio_waker **, struct mio_registry *, uint64_t)),
               "type of mio_waker_new");
_Static_assert(IS(&mio_waker_wake,
                  int32_t (*)(struct mio_waker *)),
               "type of mio_waker_wake");
_Static_assert(IS(&mio_waker_free,
                  void (*)(struct mio_waker *)),
               "type of mio_waker_free");
