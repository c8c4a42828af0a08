#include "wrapped.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>

int wrapped_calls;
int wrapped_live;
size_t wrapped_bytes;
int wrapped_fail_at;
int wrapped_failed;

static int fails(void) {
  wrapped_calls++;
  if (wrapped_calls == wrapped_fail_at) {
    wrapped_failed = 1;
    return 1;
  }
  return 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
int __real_epoll_create1(int flags);
int __real_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event);
int __real_eventfd(unsigned count, int flags);
int __real_pipe2(int ends[2], int flags);
int __real_socket(int family, int type, int protocol);
int __real_socketpair(int family, int type, int protocol, int ends[2]);
int __real_accept4(int fd, struct sockaddr *addr, socklen_t *length,
                   int flags);
int __real_bind(int fd, const struct sockaddr *addr, socklen_t length);
int __real_listen(int fd, int backlog);
int __real_connect(int fd, const struct sockaddr *addr, socklen_t length);
int __real_setsockopt(int fd, int level, int name, const void *value,
                      socklen_t length);
int __real_pthread_mutex_init(pthread_mutex_t *mutex,
                              const pthread_mutexattr_t *attributes);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);
int __wrap_epoll_create1(int flags);
int __wrap_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event);
int __wrap_eventfd(unsigned count, int flags);
int __wrap_pipe2(int ends[2], int flags);
int __wrap_socket(int family, int type, int protocol);
int __wrap_socketpair(int family, int type, int protocol, int ends[2]);
int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *length,
                   int flags);
int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t length);
int __wrap_listen(int fd, int backlog);
int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t length);
int __wrap_setsockopt(int fd, int level, int name, const void *value,
                      socklen_t length);
int __wrap_pthread_mutex_init(pthread_mutex_t *mutex,
                              const pthread_mutexattr_t *attributes);

static void *counted(void *block) {
  wrapped_live++;
  wrapped_bytes += malloc_usable_size(block);
  return block;
}

void *__wrap_malloc(size_t size) {
  return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size) {
  return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size) {
  if (fails()) {
    return NULL;
  }
  wrapped_live -= block != NULL;
  wrapped_bytes -= malloc_usable_size(block);
  return counted(__real_realloc(block, size));
}

void __wrap_free(void *block) {
  wrapped_live -= block != NULL;
  wrapped_bytes -= malloc_usable_size(block);
  __real_free(block);
}

static int refuse(int error) {
  errno = error;
  return -1;
}

int __wrap_epoll_create1(int flags) {
  return fails() ? refuse(EMFILE) : __real_epoll_create1(flags);
}

int __wrap_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event) {
  return fails() ? refuse(ENOMEM) : __real_epoll_ctl(epfd, op, fd, event);
}

int __wrap_eventfd(unsigned count, int flags) {
  return fails() ? refuse(EMFILE) : __real_eventfd(count, flags);
}

int __wrap_pipe2(int ends[2], int flags) {
  return fails() ? refuse(EMFILE) : __real_pipe2(ends, flags);
}

int __wrap_socket(int family, int type, int protocol) {
  return fails() ? refuse(EMFILE) : __real_socket(family, type, protocol);
}

int __wrap_socketpair(int family, int type, int protocol, int ends[2]) {
  return fails() ? refuse(EMFILE)
                 : __real_socketpair(family, type, protocol, ends);
}

int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *length,
                   int flags) {
  return fails() ? refuse(EMFILE) : __real_accept4(fd, addr, length, flags);
}

int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t length) {
  return fails() ? refuse(ENOBUFS) : __real_bind(fd, addr, length);
}

int __wrap_listen(int fd, int backlog) {
  return fails() ? refuse(ENOBUFS) : __real_listen(fd, backlog);
}

int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t length) {
  return fails() ? refuse(ENOBUFS) : __real_connect(fd, addr, length);
}

int __wrap_setsockopt(int fd, int level, int name, const void *value,
                      socklen_t length) {
  return fails() ? refuse(ENOBUFS)
                 : __real_setsockopt(fd, level, name, value, length);
}

int __wrap_pthread_mutex_init(pthread_mutex_t *mutex,
                              const pthread_mutexattr_t *attributes) {
  return fails() ? ENOMEM : __real_pthread_mutex_init(mutex, attributes);
}
