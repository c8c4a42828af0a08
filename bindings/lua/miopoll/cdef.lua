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
  MIO_WAKERS_MAX = 64,
  MIO_BUFFERS_MAX = 256,
  MIO_ADDR_TEXT_MAX = 329
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
typedef struct mio_source mio_source_t;
enum mio_families {
  MIO_FAMILY_INET = 1,
  MIO_FAMILY_INET6 = 2,
  MIO_FAMILY_UNIX = 3
};
typedef struct mio_addr {
  uint32_t family;
  uint32_t port;
  uint32_t flow;
  uint32_t scope;
  uint32_t length;
  uint8_t bytes[108];
} mio_addr_t;
enum mio_kinds {
  MIO_KIND_TCP_LISTENER = 1,
  MIO_KIND_TCP_STREAM = 2,
  MIO_KIND_UDP_SOCKET = 3,
  MIO_KIND_UNIX_LISTENER = 4,
  MIO_KIND_UNIX_STREAM = 5,
  MIO_KIND_UNIX_DATAGRAM = 6,
  MIO_KIND_PIPE_SENDER = 7,
  MIO_KIND_PIPE_RECEIVER = 8,
  MIO_KIND_NAMED_PIPE = 9
};
enum mio_shutdowns {
  MIO_SHUTDOWN_READ = 1,
  MIO_SHUTDOWN_WRITE = 2,
  MIO_SHUTDOWN_BOTH = 3
};
enum mio_source_options {
  MIO_OPTION_NODELAY = 1,
  MIO_OPTION_TTL = 2,
  MIO_OPTION_BROADCAST = 3,
  MIO_OPTION_MULTICAST_LOOP_V4 = 4,
  MIO_OPTION_MULTICAST_TTL_V4 = 5,
  MIO_OPTION_MULTICAST_LOOP_V6 = 6,
  MIO_OPTION_ONLY_V6 = 7,
  MIO_OPTION_NONBLOCKING = 8
};
int32_t mio_addr_parse(mio_addr_t *out, const void *text, uint64_t length);
int32_t mio_addr_format(const mio_addr_t *addr, void *buffer, uint64_t length);
int32_t mio_tcp_listener_bind(mio_source_t **out, const mio_addr_t *addr, uint32_t backlog);
int32_t mio_tcp_stream_connect(mio_source_t **out, const mio_addr_t *addr);
int32_t mio_udp_socket_bind(mio_source_t **out, const mio_addr_t *addr);
int32_t mio_unix_listener_bind(mio_source_t **out, const mio_addr_t *addr, uint32_t backlog);
int32_t mio_unix_stream_connect(mio_source_t **out, const mio_addr_t *addr);
int32_t mio_unix_stream_pair(mio_source_t **out, mio_source_t **other);
int32_t mio_unix_datagram_bind(mio_source_t **out, const mio_addr_t *addr);
int32_t mio_unix_datagram_unbound(mio_source_t **out);
int32_t mio_unix_datagram_pair(mio_source_t **out, mio_source_t **other);
int32_t mio_pipe_new(mio_source_t **sender, mio_source_t **receiver);
int32_t mio_source_from_fd(mio_source_t **out, uint32_t kind, mio_fd_t fd);
int32_t mio_source_into_fd(mio_source_t *source, mio_fd_t *out);
void mio_source_free(mio_source_t *source);
uint32_t mio_source_kind(mio_source_t *source);
int32_t mio_source_fd(mio_source_t *source, mio_fd_t *out);
int32_t mio_registry_register(mio_registry_t *registry, mio_source_t *source, uint64_t token, uint32_t interest);
int32_t mio_registry_reregister(mio_registry_t *registry, mio_source_t *source, uint64_t token, uint32_t interest);
int32_t mio_registry_deregister(mio_registry_t *registry, mio_source_t *source);
int32_t mio_source_would_block(mio_source_t *source, uint32_t interest);
int32_t mio_source_accept(mio_source_t *source, mio_source_t **out, mio_addr_t *peer);
int32_t mio_source_connect(mio_source_t *source, const mio_addr_t *addr);
int32_t mio_source_shutdown(mio_source_t *source, uint32_t how);
int32_t mio_source_local_addr(mio_source_t *source, mio_addr_t *out);
int32_t mio_source_peer_addr(mio_source_t *source, mio_addr_t *out);
int32_t mio_source_take_error(mio_source_t *source, int32_t *error);
int32_t mio_source_read(mio_source_t *source, void *buffer, uint64_t length);
int32_t mio_source_write(mio_source_t *source, const void *buffer, uint64_t length);
int32_t mio_source_read_vectored(mio_source_t *source, void *const *buffers, const uint64_t *lengths, uint32_t count);
int32_t mio_source_write_vectored(mio_source_t *source, const void *const *buffers, const uint64_t *lengths, uint32_t count);
int32_t mio_source_peek(mio_source_t *source, void *buffer, uint64_t length);
int32_t mio_source_recv_from(mio_source_t *source, void *buffer, uint64_t length, mio_addr_t *peer);
int32_t mio_source_peek_from(mio_source_t *source, void *buffer, uint64_t length, mio_addr_t *peer);
int32_t mio_source_send_to(mio_source_t *source, const void *buffer, uint64_t length, const mio_addr_t *addr);
int32_t mio_source_set_option(mio_source_t *source, uint32_t option, uint32_t value);
int32_t mio_source_option(mio_source_t *source, uint32_t option, uint32_t *value);
int32_t mio_source_join_multicast(mio_source_t *source, const mio_addr_t *group, const mio_addr_t *via);
int32_t mio_source_leave_multicast(mio_source_t *source, const mio_addr_t *group, const mio_addr_t *via);
]],
}
