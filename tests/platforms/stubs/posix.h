/*
 * What POSIX says of the headers that the library includes, in our words, for
 * systems whose own headers cannot be had. What is a system's own, types,
 * layouts and numbers, is in its abi.h; layouts.c asserts it.
 */
#ifndef STUBS_POSIX_H
#define STUBS_POSIX_H

#include <stddef.h>
#include <stdint.h>

typedef long ssize_t;
typedef int pid_t;
typedef uint16_t in_port_t;
typedef uint32_t in_addr_t;

struct iovec {
  void *iov_base;
  size_t iov_len;
};

struct in_addr {
  in_addr_t s_addr;
};

struct in6_addr {
  union {
    uint8_t bytes[16];
    uint32_t words[4];
  } address;
};
#define s6_addr address.bytes

#include <abi.h>

struct timespec {
  time_t tv_sec;
  long tv_nsec;
};

struct pollfd {
  int fd;
  short events;
  short revents;
};

/* ABI_FAMILY: a length and a family, or a wider family. */
struct sockaddr {
  ABI_FAMILY(sa)
  char sa_data[14];
};

struct sockaddr_storage {
  ABI_FAMILY(ss)
  char pad[6];
  int64_t align;
  char rest[ABI_STORAGE - 16];
};

struct sockaddr_in {
  ABI_FAMILY(sin)
  in_port_t sin_port;
  struct in_addr sin_addr;
  char sin_zero[8];
};

struct sockaddr_in6 {
  ABI_FAMILY(sin6)
  in_port_t sin6_port;
  uint32_t sin6_flowinfo;
  struct in6_addr sin6_addr;
  uint32_t sin6_scope_id;
  ABI_IN6_TAIL
};

struct sockaddr_un {
  ABI_FAMILY(sun)
  char sun_path[ABI_PATH];
};

struct msghdr { /* Up to what is used. */
  void *msg_name;
  socklen_t msg_namelen;
  struct iovec *msg_iov;
  abi_iovlen_t msg_iovlen;
};

struct ip_mreq {
  struct in_addr imr_multiaddr, imr_interface;
};

struct ipv6_mreq {
  struct in6_addr ipv6mr_multiaddr;
  unsigned ipv6mr_interface;
};

#define NULL ((void *)0)
#define IPPROTO_IP 0
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_IPV6 41
#define TCP_NODELAY 1
#define SHUT_RD 0
#define SHUT_WR 1
#define SHUT_RDWR 2
#define INADDR_ANY 0
#define INADDR_LOOPBACK 0x7f000001
#define S_ISDIR(mode) (((mode)&0170000) == 0040000)
#define S_ISREG(mode) (((mode)&0170000) == 0100000)
#define S_ISFIFO(mode) (((mode)&0170000) == 0010000)
#define S_ISSOCK(mode) (((mode)&0170000) == 0140000)
#define F_GETFD 1
#define F_SETFD 2
#define F_GETFL 3
#define F_SETFL 4
#define FD_CLOEXEC 1
#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_ACCMODE 3
#define SIGPIPE 13
#define POLLIN 1
#define POLLPRI 2
#define POLLOUT 4
#define POLLERR 8
#define POLLHUP 16
#define POLLNVAL 32

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void free(void *block);
char *getenv(const char *name);
unsigned long strtoul(const char *text, char **end, int base);

void *memcpy(void *to, const void *from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);
void *memchr(const void *in, int byte, size_t length);
int memcmp(const void *a, const void *b, size_t length);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t most);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t most);
char *strchr(const char *text, int byte);
char *strrchr(const char *text, int byte);

int clock_gettime(clockid_t clock, struct timespec *now);
int issetugid(void);
pid_t getpid(void);
int sched_yield(void);

int open(const char *path, int flags, ...);
int close(int fd);
int fcntl(int fd, int command, ...);
int fstat(int fd, struct stat *status);
int stat(const char *path, struct stat *status);
int unlink(const char *path);
int mkfifo(const char *path, mode_t mode);
int pipe2(int fds[2], int flags);
ssize_t read(int fd, void *bytes, size_t length);
ssize_t write(int fd, const void *bytes, size_t length);
ssize_t readv(int fd, const struct iovec *parts, int count);
ssize_t writev(int fd, const struct iovec *parts, int count);

int sigemptyset(sigset_t *set);
int sigaddset(sigset_t *set, int number);
int sigismember(const sigset_t *set, int number);
int sigpending(sigset_t *set);
int sigwait(const sigset_t *set, int *number);
pthread_t pthread_self(void);
int pthread_kill(pthread_t thread, int number);
int pthread_sigmask(int how, const sigset_t *set, sigset_t *before);
int pthread_mutex_init(pthread_mutex_t *mutex,
                       const pthread_mutexattr_t *attributes);
int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_unlock(pthread_mutex_t *mutex);
int pthread_mutex_destroy(pthread_mutex_t *mutex);
#ifndef __ANDROID__
int pthread_setcancelstate(int state, int *before);
#endif

int poll(struct pollfd *fds, nfds_t count, int timeout);
int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
          const sigset_t *mask);

int socket(int family, int type, int protocol);
int socketpair(int family, int type, int protocol, int fds[2]);
int bind(int fd, const struct sockaddr *address, socklen_t length);
int connect(int fd, const struct sockaddr *address, socklen_t length);
int listen(int fd, int backlog);
int accept(int fd, struct sockaddr *address, socklen_t *length);
int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int shutdown(int fd, int how);
int getsockname(int fd, struct sockaddr *address, socklen_t *length);
int getpeername(int fd, struct sockaddr *address, socklen_t *length);
int getsockopt(int fd, int level, int name, void *value, socklen_t *length);
int setsockopt(int fd, int level, int name, const void *value,
               socklen_t length);
ssize_t recv(int fd, void *bytes, size_t length, int flags);
ssize_t recvfrom(int fd, void *bytes, size_t length, int flags,
                 struct sockaddr *address, socklen_t *address_length);
ssize_t send(int fd, const void *bytes, size_t length, int flags);
ssize_t sendto(int fd, const void *bytes, size_t length, int flags,
               const struct sockaddr *address, socklen_t address_length);
ssize_t recvmsg(int fd, struct msghdr *message, int flags);
ssize_t sendmsg(int fd, const struct msghdr *message, int flags);
uint32_t htonl(uint32_t number);
uint32_t ntohl(uint32_t number);
uint16_t htons(uint16_t number);
uint16_t ntohs(uint16_t number);

#endif
