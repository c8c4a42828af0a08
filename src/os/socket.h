/*
 * Sockets and pipes as every system should have them: non-blocking and
 * close-on-exec from birth, and writing without SIGPIPE. One implementation
 * file for all POSIX systems, with what differs at its head.
 */
#ifndef MIOPOLL_OS_SOCKET_H
#define MIOPOLL_OS_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* All give 0, a count, a descriptor, or a negative errno. */
int32_t os_socket(int family, int type);
int32_t os_socket_pair(int type, int ends[2]);

/* The address as accept(2): *length is the size of *addr before. Interrupted,
 * it tries again. */
int32_t os_accept(int fd, struct sockaddr *addr, socklen_t *length);

/* A pipe for writing with os_pipe_write(). */
int32_t os_pipe_pair(int *read_end, int *write_end);

/* Makes a descriptor that came from elsewhere as if it were made here; as it
 * was on failure. `sends` for a socket or the end of a pipe that is written
 * to. */
int32_t os_fd_adopt(int fd, int sends);

int32_t os_fd_set_nonblocking(int fd, int on);
int32_t os_fd_nonblocking(int fd); /* 1 or 0. */

void os_fd_close(int fd);

/* sendmsg(2), without SIGPIPE. `addr` may be NULL. */
int32_t os_send(int fd, const struct iovec *parts, size_t count,
                const struct sockaddr *addr, socklen_t length);

/* writev(2) to a pipe, without SIGPIPE. */
int32_t os_pipe_write(int fd, const struct iovec *parts, size_t count);

#endif
