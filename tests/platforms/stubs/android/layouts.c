/* Android: what the library takes for granted, and what the stubs say. */
#include <miopoll.h>
#include <sys/epoll.h>

#define SIZE(type, bytes) \
  _Static_assert(sizeof(type) == (bytes), #type " has another size")
#define PLACE(type, member, bytes) \
  _Static_assert(offsetof(type, member) == (bytes), #member " is elsewhere")

SIZE(void *, 8);
SIZE(long, 8);
SIZE(time_t, 8);
SIZE(struct timespec, 16);
SIZE(struct pollfd, 8);
PLACE(struct pollfd, revents, 6);
SIZE(struct iovec, 16);
SIZE(mio_event_t, 16);
SIZE(pthread_mutex_t, 40);
SIZE(struct sockaddr_storage, 128);
SIZE(struct sockaddr_in, 16);
PLACE(struct sockaddr_in, sin_addr, 4);
SIZE(struct sockaddr_in6, 28);
PLACE(struct sockaddr_in6, sin6_addr, 8);
PLACE(struct sockaddr_in6, sin6_scope_id, 24);
SIZE(struct sockaddr_un, 110);
PLACE(struct sockaddr_un, sun_path, 2);
SIZE(struct epoll_event, 16);
PLACE(struct epoll_event, data, 8);
