#ifndef MIOPOLL_ERRNO_LIST_H
#define MIOPOLL_ERRNO_LIST_H

#include <errno.h>

/*
 * The errors that have a name: POSIX's, and those that socket calls of the
 * systems give beside. One name for a number: EWOULDBLOCK and ENOTSUP, which
 * share a number with another on some systems only, are aliases (error.c).
 *
 *   X(name, English text)
 *
 * What some system lacks is a list of its own: a name that is not known there
 * can never come there either.
 */

/* Of STREAMS, which FreeBSD, OpenBSD and DragonFly never had. */
#ifdef ENOSTR
#define ERRNO_STREAMS(X)               \
  X(ENODATA, "No data available")      \
  X(ENOSR, "Out of streams resources") \
  X(ENOSTR, "Device not a stream")     \
  X(ETIME, "Timer expired")
#else
#define ERRNO_STREAMS(X)
#endif

/* OpenBSD has not even the names. */
#ifdef EMULTIHOP
#define ERRNO_REMOTE(X)              \
  X(EMULTIHOP, "Multihop attempted") \
  X(ENOLINK, "Link has been severed")
#else
#define ERRNO_REMOTE(X)
#endif

/* Of robust mutexes; DragonFly lacks them. */
#ifdef EOWNERDEAD
#define ERRNO_ROBUST(X)                       \
  X(ENOTRECOVERABLE, "State not recoverable") \
  X(EOWNERDEAD, "Owner died")
#else
#define ERRNO_ROBUST(X)
#endif

#define ERRNO_LIST(X)                                            \
  X(E2BIG, "Argument list too long")                             \
  X(EACCES, "Permission denied")                                 \
  X(EADDRINUSE, "Address already in use")                        \
  X(EADDRNOTAVAIL, "Cannot assign requested address")            \
  X(EAFNOSUPPORT, "Address family not supported by protocol")    \
  X(EAGAIN, "Resource temporarily unavailable")                  \
  X(EALREADY, "Operation already in progress")                   \
  X(EBADF, "Bad file descriptor")                                \
  X(EBADMSG, "Bad message")                                      \
  X(EBUSY, "Device or resource busy")                            \
  X(ECANCELED, "Operation canceled")                             \
  X(ECHILD, "No child processes")                                \
  X(ECONNABORTED, "Software caused connection abort")            \
  X(ECONNREFUSED, "Connection refused")                          \
  X(ECONNRESET, "Connection reset by peer")                      \
  X(EDEADLK, "Resource deadlock avoided")                        \
  X(EDESTADDRREQ, "Destination address required")                \
  X(EDOM, "Numerical argument out of domain")                    \
  X(EDQUOT, "Disk quota exceeded")                               \
  X(EEXIST, "File exists")                                       \
  X(EFAULT, "Bad address")                                       \
  X(EFBIG, "File too large")                                     \
  X(EHOSTDOWN, "Host is down")                                   \
  X(EHOSTUNREACH, "No route to host")                            \
  X(EIDRM, "Identifier removed")                                 \
  X(EILSEQ, "Invalid or incomplete multibyte or wide character") \
  X(EINPROGRESS, "Operation now in progress")                    \
  X(EINTR, "Interrupted system call")                            \
  X(EINVAL, "Invalid argument")                                  \
  X(EIO, "Input/output error")                                   \
  X(EISCONN, "Transport endpoint is already connected")          \
  X(EISDIR, "Is a directory")                                    \
  X(ELOOP, "Too many levels of symbolic links")                  \
  X(EMFILE, "Too many open files")                               \
  X(EMLINK, "Too many links")                                    \
  X(EMSGSIZE, "Message too long")                                \
  X(ENAMETOOLONG, "File name too long")                          \
  X(ENETDOWN, "Network is down")                                 \
  X(ENETRESET, "Network dropped connection on reset")            \
  X(ENETUNREACH, "Network is unreachable")                       \
  X(ENFILE, "Too many open files in system")                     \
  X(ENOBUFS, "No buffer space available")                        \
  X(ENODEV, "No such device")                                    \
  X(ENOENT, "No such file or directory")                         \
  X(ENOEXEC, "Exec format error")                                \
  X(ENOLCK, "No locks available")                                \
  X(ENOMEM, "Cannot allocate memory")                            \
  X(ENOMSG, "No message of desired type")                        \
  X(ENOPROTOOPT, "Protocol not available")                       \
  X(ENOSPC, "No space left on device")                           \
  X(ENOSYS, "Function not implemented")                          \
  X(ENOTBLK, "Block device required")                            \
  X(ENOTCONN, "Transport endpoint is not connected")             \
  X(ENOTDIR, "Not a directory")                                  \
  X(ENOTEMPTY, "Directory not empty")                            \
  X(ENOTSOCK, "Socket operation on non-socket")                  \
  X(ENOTTY, "Inappropriate ioctl for device")                    \
  X(ENXIO, "No such device or address")                          \
  X(EOPNOTSUPP, "Operation not supported")                       \
  X(EOVERFLOW, "Value too large for defined data type")          \
  X(EPERM, "Operation not permitted")                            \
  X(EPIPE, "Broken pipe")                                        \
  X(EPROTO, "Protocol error")                                    \
  X(EPROTONOSUPPORT, "Protocol not supported")                   \
  X(EPROTOTYPE, "Protocol wrong type for socket")                \
  X(ERANGE, "Numerical result out of range")                     \
  X(EROFS, "Read-only file system")                              \
  X(ESHUTDOWN, "Cannot send after transport endpoint shutdown")  \
  X(ESOCKTNOSUPPORT, "Socket type not supported")                \
  X(ESPIPE, "Illegal seek")                                      \
  X(ESRCH, "No such process")                                    \
  X(ESTALE, "Stale file handle")                                 \
  X(ETIMEDOUT, "Connection timed out")                           \
  X(ETOOMANYREFS, "Too many references: cannot splice")          \
  X(ETXTBSY, "Text file busy")                                   \
  X(EUSERS, "Too many users")                                    \
  X(EXDEV, "Invalid cross-device link")                          \
  ERRNO_STREAMS(X)                                               \
  ERRNO_REMOTE(X)                                                \
  ERRNO_ROBUST(X)

#endif
