/*
 * miotestkit.h - descriptors, delayed actions and a watchdog for the tests.
 * SPDX-License-Identifier: MIT
 *
 * A helper library that is never installed. Its ABI is flat (integers, text
 * and the handles of miopoll.h), so that a language without threads or
 * sockets, as Lua, reaches it the way it reaches libmiopoll. The verbs of
 * docs/conformance.md are thin names for these functions.
 *
 * Unless an entry says otherwise a function returns 0 or more when all went
 * well, else a negative errno, which mio_err_name() names.
 */
#ifndef MIOTESTKIT_H
#define MIOTESTKIT_H

#include "miopoll.h"

#ifdef __GNUC__
#define KIT_API __attribute__((visibility("default")))
#else
#define KIT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ----------------------------------------------------------------- process */

/** Makes writes to a closed pipe or socket errors instead of signals. Call
 * it once, first. */
KIT_API void kit_start(void);

/** Nanoseconds of CLOCK_MONOTONIC, read without the library under test. */
KIT_API int64_t kit_now(void);

/** How many descriptors this process has open. */
KIT_API int32_t kit_fd_count(void);

/** Ends the process with status 124, after one line on standard output that
 * begins with `FAIL name: time-limit:`, unless kit_watch_end() is called
 * within `limit_ns`. One watch at a time. */
KIT_API int32_t kit_watch(const char *name, int64_t limit_ns);
KIT_API void kit_watch_end(void);

/** Leaves the process `more` descriptors that it can open, by the soft limit
 * of RLIMIT_NOFILE; below 0: gives back what was there before. */
KIT_API int32_t kit_exhaust(int32_t more);

/** The text of the address of a Unix socket that nobody has: `unix:` and a
 * path in a folder of this process, or `unix:@` and an abstract name. The same
 * for the same `name` until kit_fresh_end(); for "" a new one each time. NULL
 * if the folder cannot be made or the name is too long. Overwritten by the
 * next call. */
KIT_API const char *kit_fresh_path(const char *name);
KIT_API const char *kit_fresh_abstract(const char *name);

/** Removes the folder and its files; the next call begins another one. */
KIT_API int32_t kit_fresh_end(void);

/* ------------------------------------------------------------- descriptors */

/**
 * Opens descriptors, non-blocking and close-on-exec, and returns the first.
 *
 *   pair dgram      two connected Unix sockets, stream or datagram
 *   pipe            the reading end, then the writing end
 *   tcp             the connecting side, then the accepted side
 *   udp             two sockets on 127.0.0.1, connected to each other
 *   socket          a TCP socket that was never connected
 *   listen          a TCP listener on 127.0.0.1
 *   listen-unix     a Unix listener with a name that the kernel chose
 *   refused         a TCP socket whose connection is being refused
 *   connect         a socket connecting to the listener `from`
 *   accept          the next connection of the listener `from`
 *   dup             a duplicate of `from`
 *   file directory null mounts
 *                   an unlinked file, "/", /dev/null, /proc/self/mounts
 */
KIT_API int32_t kit_open(const char *kind, int64_t from);

/** The second descriptor of the latest kit_open() of two. */
KIT_API int32_t kit_second(void);

/** One write of `bytes` bytes; the count that was written. */
KIT_API int32_t kit_write(int64_t fd, uint32_t bytes);

/** Writes until it would block. */
KIT_API int32_t kit_fill(int64_t fd);

/** One read of at most `bytes` bytes (65536 is the most); the count. */
KIT_API int32_t kit_read(int64_t fd, uint32_t bytes);

/** Reads until it would block (0) or until end of file (1). */
KIT_API int32_t kit_drain(int64_t fd);

/** Sends one byte of out-of-band data. */
KIT_API int32_t kit_oob(int64_t fd);

/** Shuts down `how`: "read", "write" or "both". */
KIT_API int32_t kit_shutdown(int64_t fd, const char *how);

/** Takes the socket's pending error: 0 or a negative errno. */
KIT_API int32_t kit_so_error(int64_t fd);

/** 1 if it is non-blocking, and 2 if it is close-on-exec. */
KIT_API int32_t kit_flags(int64_t fd);

/** Makes it blocking, and not close-on-exec. */
KIT_API int32_t kit_blocking(int64_t fd);

KIT_API int32_t kit_close(int64_t fd);

/** Closes a TCP socket so that its peer sees a reset. */
KIT_API int32_t kit_reset(int64_t fd);

/* ----------------------------------------------------------- other threads */

/* Each of these starts a thread and returns; the thread sleeps for
 * `delay_ns`, acts, and keeps the result for kit_join_all(). What it uses
 * must live until then. */

KIT_API int32_t kit_after_wake(mio_waker_t *waker, int64_t delay_ns);

/** Counts the box of kit_posted() up by a plain store, then wakes. */
KIT_API int32_t kit_after_post(mio_waker_t *waker, int64_t delay_ns);

/** `verb` is "write", "drain", "close-fd", or "shutdown-write". */
KIT_API int32_t kit_after_fd(const char *verb, int64_t fd, int64_t delay_ns);

/** `verb` is "register", "reregister" or "deregister". */
KIT_API int32_t kit_after_registry(const char *verb, mio_registry_t *registry,
                                   int64_t fd, uint64_t token,
                                   uint32_t interest, int64_t delay_ns);

/** As kit_after_fd() with the library's source; `verb` is "write", "drain" or
 * "shutdown-write". */
KIT_API int32_t kit_after_source(const char *verb, mio_source_t *source,
                                 int64_t delay_ns);

/** As kit_after_registry() with the library's source. */
KIT_API int32_t kit_after_source_registry(const char *verb,
                                          mio_registry_t *registry,
                                          mio_source_t *source, uint64_t token,
                                          uint32_t interest, int64_t delay_ns);

/** `threads` threads that wake `each` times. */
KIT_API int32_t kit_storm_wake(mio_waker_t *waker, uint32_t threads,
                               uint32_t each);

/** One thread that registers, reregisters and deregisters `each` times. */
KIT_API int32_t kit_storm_cycle(mio_registry_t *registry, int64_t fd,
                                uint64_t token, uint32_t interest,
                                uint32_t each);

/** Waits for all threads of the above; the first error that one had. */
KIT_API int32_t kit_join_all(void);

/** What kit_after_post() counted, read by a plain load. The only order
 * between the two is the one that the library gives. */
KIT_API int64_t kit_posted(void);

/** Sets that count to 0. No thread may be running. */
KIT_API void kit_post_reset(void);

#ifdef __cplusplus
}
#endif

#endif /* MIOTESTKIT_H */
