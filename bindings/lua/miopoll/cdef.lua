-- generated from abi/miopoll.h by bindings/lua/generate.py; do not edit
return {
  major = 0,
  minor = 1,
  text = [[
typedef struct mio_poll mio_poll_t;
typedef struct mio_registry mio_registry_t;
typedef struct mio_waker mio_waker_t;
typedef int64_t mio_fd_t;
enum mio_bits {
  MIO_READABLE = 1,
  MIO_WRITABLE = 2,
  MIO_AIO = 4,
  MIO_LIO = 8,
  MIO_PRIORITY = 16,
  MIO_ERROR = 32,
  MIO_READ_CLOSED = 64,
  MIO_WRITE_CLOSED = 128,
  MIO_LEVEL = 256,
  MIO_ONESHOT = 512,
  MIO_EXCLUSIVE = 1024
};
enum mio_selectors {
  MIO_SELECTOR_DEFAULT = 0,
  MIO_SELECTOR_EPOLL = 1,
  MIO_SELECTOR_KQUEUE = 2,
  MIO_SELECTOR_IOCP = 3,
  MIO_SELECTOR_POLL = 4,
  MIO_SELECTOR_EVENT_PORTS = 5,
  MIO_SELECTOR_POLL_ONEOFF = 6
};
enum mio_features {
  MIO_FEATURE_EDGE_EXACT = 1,
  MIO_FEATURE_EXCLUSIVE = 2,
  MIO_FEATURE_PRIORITY = 4,
  MIO_FEATURE_AIO = 8,
  MIO_FEATURE_LIO = 16,
  MIO_FEATURE_NANOSECONDS = 32,
  MIO_FEATURE_FD = 64
};
enum mio_limits {
  MIO_WAKERS_MAX = 64
};
typedef struct mio_event {
  uint64_t token;
  uint32_t readiness;
  uint32_t reserved;
} mio_event_t;
typedef struct mio_poll_options {
  uint32_t size;
  uint32_t selector;
  uint32_t flags;
  uint32_t reserved;
} mio_poll_options_t;
uint32_t mio_version(void);
const char *mio_version_string(void);
const char *mio_err_name(int32_t rc);
const char *mio_err_text(int32_t rc);
int32_t mio_err_from_name(const char *name);
int64_t mio_clock_now(void);
const char *mio_selector_name(uint32_t selector);
int32_t mio_selector_from_name(const char *name);
int32_t mio_selector_available(uint32_t selector);
int32_t mio_poll_new(mio_poll_t **out, const mio_poll_options_t *options);
void mio_poll_free(mio_poll_t *poll);
int32_t mio_poll_registry(mio_poll_t *poll, mio_registry_t **out);
int32_t mio_poll_wait(mio_poll_t *poll, mio_event_t *events, uint32_t capacity, int64_t timeout_ns);
int32_t mio_poll_fd(mio_poll_t *poll, mio_fd_t *out);
uint32_t mio_poll_selector(mio_poll_t *poll);
uint32_t mio_poll_features(mio_poll_t *poll);
int32_t mio_registry_clone(mio_registry_t *registry, mio_registry_t **out);
void mio_registry_free(mio_registry_t *registry);
int32_t mio_registry_register_fd(mio_registry_t *registry, mio_fd_t fd, uint64_t token, uint32_t interest);
int32_t mio_registry_reregister_fd(mio_registry_t *registry, mio_fd_t fd, uint64_t token, uint32_t interest);
int32_t mio_registry_deregister_fd(mio_registry_t *registry, mio_fd_t fd);
int32_t mio_waker_new(mio_waker_t **out, mio_registry_t *registry, uint64_t token);
int32_t mio_waker_wake(mio_waker_t *waker);
void mio_waker_free(mio_waker_t *waker);
]],
}
