/*
 * os/socket.h for POSIX systems. Where the flags SOCK_NONBLOCK, SOCK_CLOEXEC
 * and accept4(2) exist they are used; where they do not, or where this kernel
 * does not know them (EINVAL, ENOSYS), the flags are set right after.
 *
 * SIGPIPE. Sockets: MSG_NOSIGNAL; on Apple's systems, which lack it,
 * SO_NOSIGPIPE from birth. Pipes: RWF_NOSIGNAL (Linux 6.18), F_SETNOSIGPIPE
 * (Apple's systems, NetBSD) from birth, else the signal is blocked in this
 * thread, and taken back if the write raised it.
 */
#include "os/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "os/os.h"

#ifdef SOCK_NONBLOCK
#define SOCKET_FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)
#else
#define SOCKET_FLAGS 0
#endif

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

#ifdef __linux__
#include <sys/syscall.h>
#ifndef RWF_NOSIGNAL
#define RWF_NOSIGNAL 0x100
#endif
#ifndef SYS_pwritev2
#define SYS_pwritev2 -1 /* ENOSYS. */
#endif
#endif

static int32_t set_flag(int fd, int get, int set, int flag, int on) {
  int flags = fcntl(fd, get);
  if (flags < 0) {
    return -errno;
  }
  int wanted = on ? flags | flag : flags & ~flag;
  return wanted != flags && fcntl(fd, set, wanted) < 0 ? -errno : 0;
}

int32_t os_fd_set_nonblocking(int fd, int on) {
  return set_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK, on);
}

int32_t os_fd_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -errno : (flags & O_NONBLOCK) != 0;
}

/* Asks the kernel for no SIGPIPE, where it is asked at birth. */
static int32_t no_signal(int fd) {
#ifdef SO_NOSIGPIPE
  int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on)) == 0 ||
      errno != ENOTSOCK) {
    return 0; /* EINVAL: shut down already, and then it does not signal. */
  }
#endif
#ifdef F_SETNOSIGPIPE
  return fcntl(fd, F_SETNOSIGPIPE, 1) < 0 ? -errno : 0;
#else
  (void)fd;
  return 0;
#endif
}

int32_t os_fd_adopt(int fd, int sends) {
  int32_t before = os_fd_nonblocking(fd);
  int32_t rc = before < 0 ? before : os_fd_set_nonblocking(fd, 1);
  if (rc == 0 && sends) {
    rc = no_signal(fd);
  }
  if (rc == 0) {
    rc = set_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC, 1);
  }
  if (rc < 0 && before == 0) {
    (void)os_fd_set_nonblocking(fd, 0);
  }
  return rc;
}

void os_fd_close(int fd) {
  (void)close(fd);
}

/* What a new descriptor lacks: all flags, or nothing but the signal's. */
static int32_t finish(int fd, int has_flags) {
  int32_t rc = has_flags ? no_signal(fd) : os_fd_adopt(fd, 1);
  if (rc < 0) {
    (void)close(fd);
    return rc;
  }
  return fd;
}

int32_t os_socket(int family, int type) {
  int flags = SOCKET_FLAGS;
  int fd = socket(family, type | flags, 0);
  if (fd < 0 && flags != 0 && errno == EINVAL) {
    flags = 0;
    fd = socket(family, type, 0);
  }
  return fd < 0 ? -errno : finish(fd, flags != 0);
}

int32_t os_socket_pair(int type, int ends[2]) {
  int flags = SOCKET_FLAGS;
  int rc = socketpair(AF_UNIX, type | flags, 0, ends);
  if (rc < 0 && flags != 0 && errno == EINVAL) {
    flags = 0;
    rc = socketpair(AF_UNIX, type, 0, ends);
  }
  if (rc < 0) {
    return -errno;
  }
  int32_t first = finish(ends[0], flags != 0);
  int32_t second = finish(ends[1], flags != 0);
  if (first < 0 && second >= 0) {
    (void)close(ends[1]);
  }
  if (second < 0 && first >= 0) {
    (void)close(ends[0]);
  }
  return first < 0 ? first : second < 0 ? second : 0;
}

static int accept_once(int fd, struct sockaddr *addr, socklen_t *length,
                       int flags) {
#ifdef SOCK_NONBLOCK
  return flags != 0 ? accept4(fd, addr, length, flags)
                    : accept(fd, addr, length);
#else
  (void)flags;
  return accept(fd, addr, length);
#endif
}

int32_t os_accept(int fd, struct sockaddr *addr, socklen_t *length) {
  int flags = SOCKET_FLAGS;
  int taken = accept_once(fd, addr, length, flags);
  if (taken < 0 && flags != 0 && errno == ENOSYS) {
    flags = 0;
    taken = accept_once(fd, addr, length, flags);
  }
  return taken < 0 ? -errno : finish(taken, flags != 0);
}

int32_t os_pipe_pair(int *read_end, int *write_end) {
  int32_t rc = os_pipe(read_end, write_end);
  if (rc == 0) {
    rc = no_signal(*write_end);
    if (rc < 0) {
      (void)close(*read_end);
      (void)close(*write_end);
    }
  }
  return rc;
}

ssize_t os_send(int fd, const void *buffer, size_t size,
                const struct sockaddr *addr, socklen_t length) {
  return sendto(fd, buffer, size, MSG_NOSIGNAL, addr, length);
}

ssize_t os_send_parts(int fd, const struct iovec *parts, size_t count) {
  struct msghdr message = {0};
  message.msg_iov = (struct iovec *)parts;
  message.msg_iovlen = (__typeof__(message.msg_iovlen))count;
  return sendmsg(fd, &message, MSG_NOSIGNAL);
}

#ifndef F_SETNOSIGPIPE
static int sigpipe_pending(void) {
  sigset_t pending;
  (void)sigpending(&pending);
  return sigismember(&pending, SIGPIPE);
}

/*
 * One that was pending before is left. If it was this thread's, the write's
 * merged with it, and is given back once taken; if it was the process's, it is
 * pending beside the write's: which is taken first, being the thread's.
 */
static int32_t write_blocking_signal(int fd, const struct iovec *parts,
                                     size_t count) {
  sigset_t pipe;
  sigset_t before;
  (void)sigemptyset(&pipe);
  (void)sigaddset(&pipe, SIGPIPE);
  int was_pending = sigpipe_pending();
  (void)pthread_sigmask(SIG_BLOCK, &pipe, &before);
  ssize_t n = writev(fd, parts, (int)count);
  int32_t rc = n < 0 ? -errno : (int32_t)n;
  if (rc == -EPIPE && sigpipe_pending()) {
    int taken;
    (void)sigwait(&pipe, &taken);
    if (was_pending && !sigpipe_pending()) {
      (void)pthread_kill(pthread_self(), SIGPIPE);
    }
  }
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return rc;
}
#endif

#ifdef __linux__
/* 0 as soon as this kernel has refused the flag. Relaxed: whoever sees it late
 * asks once more. */
static _Atomic int has_nosignal = 1;

static int is_unknown(int error) {
  return error == EOPNOTSUPP || error == ENOSYS || error == EPERM ||
         error == EINVAL;
}

int32_t os_pipe_write(int fd, const struct iovec *parts, size_t count) {
  if (atomic_load_explicit(&has_nosignal, memory_order_relaxed)) {
    /* By number: musl 1.2.4 and older have no wrapper. At -1, where it is. */
    long n = syscall(SYS_pwritev2, fd, parts, count, -1L, -1L, RWF_NOSIGNAL);
    if (n >= 0) {
      return (int32_t)n;
    }
    if (!is_unknown(errno)) {
      return -errno;
    }
    atomic_store_explicit(&has_nosignal, 0, memory_order_relaxed);
  }
  return write_blocking_signal(fd, parts, count);
}
#elif defined(F_SETNOSIGPIPE)
int32_t os_pipe_write(int fd, const struct iovec *parts, size_t count) {
  ssize_t n = writev(fd, parts, (int)count);
  return n < 0 ? -errno : (int32_t)n;
}
#else
int32_t os_pipe_write(int fd, const struct iovec *parts, size_t count) {
  return write_blocking_signal(fd, parts, count);
}
#endif
