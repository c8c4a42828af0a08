/*
 * What the library asks of the operating system beside the selector: one
 * implementation file per system, with the functions in this order, and
 * posix.c for what several share (src/CMakeLists.txt says which).
 */
#ifndef MIOPOLL_OS_H
#define MIOPOLL_OS_H

#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Nanoseconds of the monotonic clock that the kernel's waits use. */
int64_t os_clock_now(void);

/* An environment variable; NULL if unset, or if the program runs with more
 * rights than who started it. */
const char *os_getenv(const char *name);

/* Identifies this process among its parents and children. */
int64_t os_process(void);

/* 0 if the descriptor is open, else -EBADF. */
int32_t os_fd_open(int fd);

/* 0 if poll(2) tells something true of it; -EPERM for regular files and
 * directories, that poll(2) calls ready for ever; -EBADF if it is closed. */
int32_t os_fd_watchable(int fd);

/* A pipe, both ends non-blocking and close-on-exec: 0 or a negative errno. */
int32_t os_pipe(int *read_end, int *write_end);

/* 1 if os_poll() knows nanoseconds, 0 if it rounds up to milliseconds. */
int os_poll_is_exact(void);

/* poll(2); negative waits for ever, and so long that a system cannot tell it
 * may end early. The count or a negative errno. */
int32_t os_poll(struct pollfd *fds, size_t count, int64_t timeout_ns);

/* write(2), but no cancellation point: a cancelled thread must not lose a wake
 * that it had promised. The count or a negative errno. */
int32_t os_write(int fd, const void *bytes, size_t length);

/* Locks. pthread's, which neither fail nor are cancellation points when used
 * as here. */
typedef pthread_mutex_t os_lock_t;

/* What a lock is before its first use, where it is not made by os_lock_init(),
 * which may fail. */
#define OS_LOCK_READY ((os_lock_t)PTHREAD_MUTEX_INITIALIZER)

static inline int32_t os_lock_init(os_lock_t *lock) {
  return -pthread_mutex_init(lock, NULL);
}

static inline void os_lock(os_lock_t *lock) {
  (void)pthread_mutex_lock(lock);
}

static inline void os_unlock(os_lock_t *lock) {
  (void)pthread_mutex_unlock(lock);
}

static inline void os_lock_destroy(os_lock_t *lock) {
  (void)pthread_mutex_destroy(lock);
}

#endif
