/* illumos on x86-64: types, layouts and numbers of its own. */
#ifndef STUBS_ABI_H
#define STUBS_ABI_H

#include <numbers.h>

int *___errno(void);
#define errno (*___errno())

typedef long time_t;
typedef long off_t;
typedef unsigned mode_t;
typedef int clockid_t;
typedef unsigned long nfds_t;
typedef uint32_t socklen_t;
typedef uint16_t sa_family_t;
typedef int abi_iovlen_t;
typedef unsigned pthread_t;
typedef struct {
  uint64_t words[3];
} pthread_mutex_t;
typedef struct {
  void *attributes;
} pthread_mutexattr_t;
typedef struct {
  unsigned bits[4];
} sigset_t;

struct stat { /* Up to what is used. */
  uint64_t st_dev;
  uint64_t st_ino;
  mode_t st_mode;
};

#define ABI_FAMILY(name) sa_family_t name##_family;
#define ABI_STORAGE 256
#define ABI_IN6_TAIL uint32_t sin6_src_id;
#define ABI_PATH 108

#define CLOCK_MONOTONIC 4
#define O_NONBLOCK 0x80
#define O_CLOEXEC 0x800000
#define PTHREAD_CANCEL_DISABLE 1
#define SIG_BLOCK 1
#define SIG_SETMASK 3
#define POLLRDHUP 0x4000
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 26
#define SOCK_STREAM 2
#define SOCK_DGRAM 1
#define SOCK_CLOEXEC 0x80000
#define SOCK_NONBLOCK 0x100000
#define SOL_SOCKET 0xffff
#define SO_ACCEPTCONN 0x2
#define SO_REUSEADDR 0x4
#define SO_BROADCAST 0x20
#define SO_ERROR 0x1007
#define SO_TYPE 0x1008
#define MSG_PEEK 2
#define MSG_TRUNC 0x20
#define MSG_NOSIGNAL 0x200
#define IP_TTL 4
#define IP_MULTICAST_TTL 0x11
#define IP_MULTICAST_LOOP 0x12
#define IP_ADD_MEMBERSHIP 0x13
#define IP_DROP_MEMBERSHIP 0x14
#define IPV6_UNICAST_HOPS 5
#define IPV6_MULTICAST_LOOP 8
#define IPV6_JOIN_GROUP 9
#define IPV6_LEAVE_GROUP 10
#define IPV6_V6ONLY 0x27

#endif
