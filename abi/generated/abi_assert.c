/* generated from abi/miopoll.h by abi/generate.py; do not edit */
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

_Static_assert(IS((mio_source_t *)0, struct mio_source *),
               "mio_source_t is struct mio_source");

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
_Static_assert(sizeof(mio_poll_options_t) == 16,
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

_Static_assert(IS((mio_addr_t *)0, struct mio_addr *),
               "mio_addr_t is struct mio_addr");
_Static_assert(sizeof(mio_addr_t) == 128,
               "size of mio_addr_t");
_Static_assert(_Alignof(mio_addr_t) == 4,
               "alignment of mio_addr_t");
_Static_assert(offsetof(mio_addr_t, family) == 0,
               "offset of mio_addr_t.family");
_Static_assert(sizeof(((mio_addr_t *)0)->family) == 4,
               "size of mio_addr_t.family");
_Static_assert(IS(((mio_addr_t *)0)->family, uint32_t),
               "type of mio_addr_t.family");
_Static_assert(offsetof(mio_addr_t, port) == 4,
               "offset of mio_addr_t.port");
_Static_assert(sizeof(((mio_addr_t *)0)->port) == 4,
               "size of mio_addr_t.port");
_Static_assert(IS(((mio_addr_t *)0)->port, uint32_t),
               "type of mio_addr_t.port");
_Static_assert(offsetof(mio_addr_t, flow) == 8,
               "offset of mio_addr_t.flow");
_Static_assert(sizeof(((mio_addr_t *)0)->flow) == 4,
               "size of mio_addr_t.flow");
_Static_assert(IS(((mio_addr_t *)0)->flow, uint32_t),
               "type of mio_addr_t.flow");
_Static_assert(offsetof(mio_addr_t, scope) == 12,
               "offset of mio_addr_t.scope");
_Static_assert(sizeof(((mio_addr_t *)0)->scope) == 4,
               "size of mio_addr_t.scope");
_Static_assert(IS(((mio_addr_t *)0)->scope, uint32_t),
               "type of mio_addr_t.scope");
_Static_assert(offsetof(mio_addr_t, length) == 16,
               "offset of mio_addr_t.length");
_Static_assert(sizeof(((mio_addr_t *)0)->length) == 4,
               "size of mio_addr_t.length");
_Static_assert(IS(((mio_addr_t *)0)->length, uint32_t),
               "type of mio_addr_t.length");
_Static_assert(offsetof(mio_addr_t, bytes) == 20,
               "offset of mio_addr_t.bytes");
_Static_assert(sizeof(((mio_addr_t *)0)->bytes) == 108,
               "size of mio_addr_t.bytes");
_Static_assert(IS(((mio_addr_t *)0)->bytes[0], uint8_t),
               "type of mio_addr_t.bytes");

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
_Static_assert(MIO_BUFFERS_MAX == 256,
               "value of MIO_BUFFERS_MAX");
_Static_assert(MIO_ADDR_TEXT_MAX == 329,
               "value of MIO_ADDR_TEXT_MAX");

_Static_assert(MIO_FAMILY_INET == 1,
               "value of MIO_FAMILY_INET");
_Static_assert(MIO_FAMILY_INET6 == 2,
               "value of MIO_FAMILY_INET6");
_Static_assert(MIO_FAMILY_UNIX == 3,
               "value of MIO_FAMILY_UNIX");

_Static_assert(MIO_KIND_TCP_LISTENER == 1,
               "value of MIO_KIND_TCP_LISTENER");
_Static_assert(MIO_KIND_TCP_STREAM == 2,
               "value of MIO_KIND_TCP_STREAM");
_Static_assert(MIO_KIND_UDP_SOCKET == 3,
               "value of MIO_KIND_UDP_SOCKET");
_Static_assert(MIO_KIND_UNIX_LISTENER == 4,
               "value of MIO_KIND_UNIX_LISTENER");
_Static_assert(MIO_KIND_UNIX_STREAM == 5,
               "value of MIO_KIND_UNIX_STREAM");
_Static_assert(MIO_KIND_UNIX_DATAGRAM == 6,
               "value of MIO_KIND_UNIX_DATAGRAM");
_Static_assert(MIO_KIND_PIPE_SENDER == 7,
               "value of MIO_KIND_PIPE_SENDER");
_Static_assert(MIO_KIND_PIPE_RECEIVER == 8,
               "value of MIO_KIND_PIPE_RECEIVER");
_Static_assert(MIO_KIND_NAMED_PIPE == 9,
               "value of MIO_KIND_NAMED_PIPE");

_Static_assert(MIO_SHUTDOWN_READ == 1,
               "value of MIO_SHUTDOWN_READ");
_Static_assert(MIO_SHUTDOWN_WRITE == 2,
               "value of MIO_SHUTDOWN_WRITE");
_Static_assert(MIO_SHUTDOWN_BOTH == 3,
               "value of MIO_SHUTDOWN_BOTH");

_Static_assert(MIO_OPTION_NODELAY == 1,
               "value of MIO_OPTION_NODELAY");
_Static_assert(MIO_OPTION_TTL == 2,
               "value of MIO_OPTION_TTL");
_Static_assert(MIO_OPTION_BROADCAST == 3,
               "value of MIO_OPTION_BROADCAST");
_Static_assert(MIO_OPTION_MULTICAST_LOOP_V4 == 4,
               "value of MIO_OPTION_MULTICAST_LOOP_V4");
_Static_assert(MIO_OPTION_MULTICAST_TTL_V4 == 5,
               "value of MIO_OPTION_MULTICAST_TTL_V4");
_Static_assert(MIO_OPTION_MULTICAST_LOOP_V6 == 6,
               "value of MIO_OPTION_MULTICAST_LOOP_V6");
_Static_assert(MIO_OPTION_ONLY_V6 == 7,
               "value of MIO_OPTION_ONLY_V6");
_Static_assert(MIO_OPTION_NONBLOCKING == 8,
               "value of MIO_OPTION_NONBLOCKING");

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
_Static_assert(IS(&mio_addr_parse,
                  int32_t (*)(struct mio_addr *, const void *, uint64_t)),
               "type of mio_addr_parse");
_Static_assert(IS(&mio_addr_format,
                  int32_t (*)(const struct mio_addr *, void *, uint64_t)),
               "type of mio_addr_format");
_Static_assert(IS(&mio_tcp_listener_bind,
                  int32_t (*)(struct mio_source **, const struct mio_addr *, uint32_t)),
               "type of mio_tcp_listener_bind");
_Static_assert(IS(&mio_tcp_stream_connect,
                  int32_t (*)(struct mio_source **, const struct mio_addr *)),
               "type of mio_tcp_stream_connect");
_Static_assert(IS(&mio_udp_socket_bind,
                  int32_t (*)(struct mio_source **, const struct mio_addr *)),
               "type of mio_udp_socket_bind");
_Static_assert(IS(&mio_unix_listener_bind,
                  int32_t (*)(struct mio_source **, const struct mio_addr *, uint32_t)),
               "type of mio_unix_listener_bind");
_Static_assert(IS(&mio_unix_stream_connect,
                  int32_t (*)(struct mio_source **, const struct mio_addr *)),
               "type of mio_unix_stream_connect");
_Static_assert(IS(&mio_unix_stream_pair,
                  int32_t (*)(struct mio_source **, struct mio_source **)),
               "type of mio_unix_stream_pair");
_Static_assert(IS(&mio_unix_datagram_bind,
                  int32_t (*)(struct mio_source **, const struct mio_addr *)),
               "type of mio_unix_datagram_bind");
_Static_assert(IS(&mio_unix_datagram_unbound,
                  int32_t (*)(struct mio_source **)),
               "type of mio_unix_datagram_unbound");
_Static_assert(IS(&mio_unix_datagram_pair,
                  int32_t (*)(struct mio_source **, struct mio_source **)),
               "type of mio_unix_datagram_pair");
_Static_assert(IS(&mio_pipe_new,
                  int32_t (*)(struct mio_source **, struct mio_source **)),
               "type of mio_pipe_new");
_Static_assert(IS(&mio_source_from_fd,
                  int32_t (*)(struct mio_source **, uint32_t, int64_t)),
               "type of mio_source_from_fd");
_Static_assert(IS(&mio_source_into_fd,
                  int32_t (*)(struct mio_source *, int64_t *)),
               "type of mio_source_into_fd");
_Static_assert(IS(&mio_source_free,
                  void (*)(struct mio_source *)),
               "type of mio_source_free");
_Static_assert(IS(&mio_source_kind,
                  uint32_t (*)(struct mio_source *)),
               "type of mio_source_kind");
_Static_assert(IS(&mio_source_fd,
                  int32_t (*)(struct mio_source *, int64_t *)),
               "type of mio_source_fd");
_Static_assert(IS(&mio_registry_register,
                  int32_t (*)(struct mio_registry *, struct mio_source *, uint64_t, uint32_t)),
               "type of mio_registry_register");
_Static_assert(IS(&mio_registry_reregister,
                  int32_t (*)(struct mio_registry *, struct mio_source *, uint64_t, uint32_t)),
               "type of mio_registry_reregister");
_Static_assert(IS(&mio_registry_deregister,
                  int32_t (*)(struct mio_registry *, struct mio_source *)),
               "type of mio_registry_deregister");
_Static_assert(IS(&mio_source_would_block,
                  int32_t (*)(struct mio_source *, uint32_t)),
               "type of mio_source_would_block");
_Static_assert(IS(&mio_source_accept,
                  int32_t (*)(struct mio_source *, struct mio_source **, struct mio_addr *)),
               "type of mio_source_accept");
_Static_assert(IS(&mio_source_connect,
                  int32_t (*)(struct mio_source *, const struct mio_addr *)),
               "type of mio_source_connect");
_Static_assert(IS(&mio_source_shutdown,
                  int32_t (*)(struct mio_source *, uint32_t)),
               "type of mio_source_shutdown");
_Static_assert(IS(&mio_source_local_addr,
                  int32_t (*)(struct mio_source *, struct mio_addr *)),
               "type of mio_source_local_addr");
_Static_assert(IS(&mio_source_peer_addr,
                  int32_t (*)(struct mio_source *, struct mio_addr *)),
               "type of mio_source_peer_addr");
_Static_assert(IS(&mio_source_take_error,
                  int32_t (*)(struct mio_source *, int32_t *)),
               "type of mio_source_take_error");
_Static_assert(IS(&mio_source_read,
                  int32_t (*)(struct mio_source *, void *, uint64_t)),
               "type of mio_source_read");
_Static_assert(IS(&mio_source_write,
                  int32_t (*)(struct mio_source *, const void *, uint64_t)),
               "type of mio_source_write");
_Static_assert(IS(&mio_source_read_vectored,
                  int32_t (*)(struct mio_source *, void *const *, const uint64_t *, uint32_t)),
               "type of mio_source_read_vectored");
_Static_assert(IS(&mio_source_write_vectored,
                  int32_t (*)(struct mio_source *, const void *const *, const uint64_t *, uint32_t)),
               "type of mio_source_write_vectored");
_Static_assert(IS(&mio_source_peek,
                  int32_t (*)(struct mio_source *, void *, uint64_t)),
               "type of mio_source_peek");
_Static_assert(IS(&mio_source_recv_from,
                  int32_t (*)(struct mio_source *, void *, uint64_t, struct mio_addr *)),
               "type of mio_source_recv_from");
_Static_assert(IS(&mio_source_peek_from,
                  int32_t (*)(struct mio_source *, void *, uint64_t, struct mio_addr *)),
               "type of mio_source_peek_from");
_Static_assert(IS(&mio_source_send_to,
                  int32_t (*)(struct mio_source *, const void *, uint64_t, const struct mio_addr *)),
               "type of mio_source_send_to");
_Static_assert(IS(&mio_source_set_option,
                  int32_t (*)(struct mio_source *, uint32_t, uint32_t)),
               "type of mio_source_set_option");
_Static_assert(IS(&mio_source_option,
                  int32_t (*)(struct mio_source *, uint32_t, uint32_t *)),
               "type of mio_source_option");
_Static_assert(IS(&mio_source_join_multicast,
                  int32_t (*)(struct mio_source *, const struct mio_addr *, const struct mio_addr *)),
               "type of mio_source_join_multicast");
_Static_assert(IS(&mio_source_leave_multicast,
                  int32_t (*)(struct mio_source *, const struct mio_addr *, const struct mio_addr *)),
               "type of mio_source_leave_multicast");
