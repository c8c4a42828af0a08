/* Android on arm64, level 21: types, layouts and numbers of its own. The error
 * numbers are the kernel's. */
#ifndef STUBS_ABI_H
#define STUBS_ABI_H

#include <asm-generic/errno.h>

#define ENOTSUP EOPNOTSUPP

int *__errno(void);
#define errno (*__errno())

typedef long time_t;
typedef long off_t;
typedef unsigned mode_t;
typedef int clockid_t;
typedef unsigned nfds_t;
typedef uint32_t socklen_t;
typedef uint16_t sa_family_t;
typedef size_t abi_iovlen_t;
typedef long pthread_t;
typedef struct {
  int32_t words[10];
} pthread_mutex_t;
typedef long pthread_mutexattr_t;
typedef struct {
  unsigned long bits[1];
} sigset_t;

struct stat { /* Up to what is used. */
  uint64_t st_dev;
  uint64_t st_ino;
  mode_t st_mode;
};

long syscall(long number, ...);

#define ABI_FAMILY(name) sa_family_t name##_family;
#define ABI_STORAGE 128
#define ABI_IN6_TAIL
#define ABI_PATH 108

#define CLOCK_MONOTONIC 1
#define O_NONBLOCK 04000
#define O_CLOEXEC 02000000
#define SIG_BLOCK 0
#define SIG_SETMASK 2
#define POLLRDHUP 0x2000
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_CLOEXEC O_CLOEXEC
#define SOCK_NONBLOCK O_NONBLOCK
#define SOL_SOCKET 1
#define SO_REUSEADDR 2
#define SO_TYPE 3
#define SO_ERROR 4
#define SO_BROADCAST 6
#define SO_ACCEPTCONN 30
#define SO_PROTOCOL 38
#define SO_DOMAIN 39
#define MSG_PEEK 2
#define MSG_TRUNC 0x20
#define MSG_NOSIGNAL 0x4000
#define IP_TTL 2
#define IP_MULTICAST_TTL 33
#define IP_MULTICAST_LOOP 34
#define IP_ADD_MEMBERSHIP 35
#define IP_DROP_MEMBERSHIP 36
#define IPV6_UNICAST_HOPS 16
#define IPV6_MULTICAST_LOOP 19
#define IPV6_JOIN_GROUP 20
#define IPV6_LEAVE_GROUP 21
#define IPV6_V6ONLY 26

#endif
