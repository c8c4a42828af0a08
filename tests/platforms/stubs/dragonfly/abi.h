/* DragonFly 6 on x86-64: types, layouts and numbers of its own. */
#ifndef STUBS_ABI_H
#define STUBS_ABI_H

#include <numbers.h>

extern __thread int errno;

typedef int64_t time_t;
typedef int64_t off_t;
typedef uint16_t mode_t;
typedef unsigned long clockid_t;
typedef unsigned nfds_t;
typedef uint32_t socklen_t;
typedef uint8_t sa_family_t;
typedef int abi_iovlen_t;
typedef struct pthread *pthread_t;
typedef struct pthread_mutex *pthread_mutex_t;
typedef struct pthread_mutexattr *pthread_mutexattr_t;
typedef struct {
  uint32_t bits[4];
} sigset_t;

struct stat { /* Up to what is used. */
  uint64_t st_ino;
  uint32_t st_nlink;
  uint32_t st_dev;
  mode_t st_mode;
};

#define ABI_FAMILY(name) \
  uint8_t name##_len;    \
  sa_family_t name##_family;
#define ABI_STORAGE 128
#define ABI_IN6_TAIL
#define ABI_PATH 104

#define CLOCK_MONOTONIC 4
#define O_NONBLOCK 0x4
#define O_CLOEXEC 0x20000
#define PTHREAD_CANCEL_DISABLE 1
#define PTHREAD_MUTEX_INITIALIZER NULL
#define SIG_BLOCK 1
#define SIG_SETMASK 3
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 28
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_CLOEXEC 0x10000000
#define SOCK_NONBLOCK 0x20000000
#define SOL_SOCKET 0xffff
#define SO_ACCEPTCONN 0x2
#define SO_REUSEADDR 0x4
#define SO_BROADCAST 0x20
#define SO_ERROR 0x1007
#define SO_TYPE 0x1008
#define SO_NOSIGPIPE 0x800
#define MSG_PEEK 2
#define MSG_TRUNC 0x10
#define MSG_NOSIGNAL 0x400
#define IP_TTL 4
#define IP_MULTICAST_TTL 10
#define IP_MULTICAST_LOOP 11
#define IP_ADD_MEMBERSHIP 12
#define IP_DROP_MEMBERSHIP 13
#define IPV6_UNICAST_HOPS 4
#define IPV6_MULTICAST_LOOP 11
#define IPV6_JOIN_GROUP 12
#define IPV6_LEAVE_GROUP 13
#define IPV6_V6ONLY 27

#endif
