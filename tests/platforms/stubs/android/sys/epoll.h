/* As Linux has it on arm64: not packed. */
#ifndef STUBS_EPOLL_H
#define STUBS_EPOLL_H

#include <posix.h>

union epoll_data {
  void *ptr;
  int fd;
  uint32_t u32;
  uint64_t u64;
};

struct epoll_event {
  uint32_t events;
  union epoll_data data;
};

#define EPOLLIN 0x1u
#define EPOLLPRI 0x2u
#define EPOLLOUT 0x4u
#define EPOLLERR 0x8u
#define EPOLLHUP 0x10u
#define EPOLLRDHUP 0x2000u
#define EPOLLEXCLUSIVE (1u << 28)
#define EPOLLONESHOT (1u << 30)
#define EPOLLET (1u << 31)
#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3
#define EPOLL_CLOEXEC 02000000

int epoll_create1(int flags);
int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int epoll_wait(int epoll, struct epoll_event *events, int capacity,
               int milliseconds);

#endif
