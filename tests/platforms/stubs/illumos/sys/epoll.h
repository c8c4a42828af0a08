/* Packed; the trigger flags are unsigned long; no EPOLLEXCLUSIVE. */
#ifndef STUBS_EPOLL_H
#define STUBS_EPOLL_H

#include <posix.h>

union epoll_data {
  void *ptr;
  int fd;
  uint32_t u32;
  uint64_t u64;
};

#pragma pack(4)
struct epoll_event {
  uint32_t events;
  union epoll_data data;
};
#pragma pack()

#define EPOLLIN 0x1
#define EPOLLPRI 0x2
#define EPOLLOUT 0x4
#define EPOLLERR 0x8
#define EPOLLHUP 0x10
#define EPOLLRDHUP 0x2000
#define EPOLLONESHOT (1UL << 30)
#define EPOLLET (1UL << 31)
#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3
#define EPOLL_CLOEXEC 02000000

int epoll_create1(int flags);
int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int epoll_wait(int epoll, struct epoll_event *events, int capacity,
               int milliseconds);

#endif
