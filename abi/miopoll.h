/*
 * miopoll.h - readiness polling for every language, over every system's own
 * selector. SPDX-License-Identifier: MIT
 *
 * This file is the manual, and the only hand-written description of the ABI:
 * all else that describes it is generated from it. The model is that of the
 * Rust library mio (https://docs.rs/mio): a Poll waits, a Registry registers,
 * a Waker wakes, a Source is a socket or a pipe to register; each event carries
 * the caller's own Token. There is no event loop, no callback, no thread and
 * no protocol in here: the caller owns the loop and the memory.
 *
 *
 * 1. A FIRST PROGRAM
 *
 * Wait until standard input (a terminal or a pipe) can be read, at most 5 s:
 *
 *     mio_poll_t *poll;
 *     mio_registry_t *registry;
 *     mio_event_t events[64];
 *     int32_t n = mio_poll_new(&poll, NULL);
 *     if (n < 0) { puts(mio_err_text(n)); exit(1); }
 *     mio_poll_registry(poll, &registry);
 *     n = mio_registry_register_fd(registry, 0, 42, MIO_READABLE);
 *     if (n < 0) { puts(mio_err_text(n)); exit(1); }
 *     do {
 *       n = mio_poll_wait(poll, events, 64, INT64_C(5000000000));
 *     } while (n == mio_err_from_name("EINTR"));
 *     for (int32_t i = 0; i < n; i++) {
 *       if (events[i].token == 42 && (events[i].readiness & MIO_READABLE)) {
 *         read_until_EAGAIN(0);
 *       }
 *     }
 *     mio_registry_free(registry);
 *     mio_poll_free(poll);
 *
 * Every function that can fail returns int32_t: 0 or a count when all went
 * well, else a negative errno of this system's <errno.h> (-EEXIST). Numbers
 * differ between systems, names do not: mio_err_name() gives "EEXIST".
 * There is no last-error state, and errno is not part of the contract (it
 * may change, except where a function says that it keeps it).
 *
 * The three rules: drain until EAGAIN (chapter 2); deregister before close
 * (chapter 8); one thread waits (chapter 5).
 *
 *
 * 2. EDGE, LEVEL, ONE-SHOT, EXCLUSIVE, AND HOW TO DRAIN
 *
 * A registration names at least one direction (MIO_READABLE, MIO_WRITABLE,
 * MIO_PRIORITY) and at most one trigger; without one it is edge-triggered.
 *
 * Edge (the default, as in mio). One event when readiness changes, and one
 * at registration if the descriptor is ready then. After an event, repeat the
 * operation until it would block (EAGAIN): only then another event is
 * promised. Spurious events are allowed, so every operation must be
 * non-blocking and EAGAIN must be expected. New data, or a partial read, on
 * a descriptor that was not drained may or may not give another event. A
 * short read or write (fewer bytes than asked) means drained too, which saves
 * the call that ends in EAGAIN, but only on stream sockets, and only if the
 * event carried neither MIO_READ_CLOSED nor MIO_ERROR. Reregister re-arms: a
 * condition that holds is reported again, even if nothing in the registration
 * changed.
 *     Where the poll lacks MIO_FEATURE_EDGE_EXACT (poll(2)), an edge
 * registration of a raw descriptor behaves as level: a loop that does not
 * drain, or that leaves MIO_WRITABLE registered with nothing to write, spins
 * there. Portable code that must not spin uses one-shot.
 *
 * Level (MIO_LEVEL). An event in every wait for as long as the condition
 * holds. Nothing needs to be drained. Take MIO_WRITABLE away by reregister
 * when there is nothing to write. Hang-up and error cannot be masked.
 *
 * One-shot (MIO_ONESHOT). The first event disarms the whole registration,
 * both directions. It stays registered: register gives EEXIST, deregister
 * works, reregister re-arms it and reports at once if it is ready. Exact on
 * every selector, and the trigger for handing a descriptor to a pool of
 * threads.
 *
 * Exclusive (MIO_EXCLUSIVE, with edge or level, MIO_READABLE and MIO_WRITABLE
 * only). The same descriptor in several polls: a change wakes at least one of
 * the waiters instead of all. Register only: reregister of it, or to it, is
 * EINVAL. MIO_READ_CLOSED by a half-close is not reported with it, since the
 * kernel refuses EPOLLRDHUP there.
 *
 *
 * 3. TOKENS
 *
 * A token is 64 bits of the caller's, given back bit for bit; none is
 * reserved and nothing is looked up with it. An index, a pointer or a
 * generation with an index are usual. Two registrations may share one, and
 * one wait may give the same token more than once. Tokens from 0 to 2^53-1
 * can be held by every language; a binding that cannot hold a token raises an
 * error instead of changing it.
 *
 *
 * 4. TIME
 *
 * Time is int64_t nanoseconds of the monotonic clock that mio_clock_now()
 * reads (CLOCK_MONOTONIC: it does not jump, and on Linux it does not count
 * time in suspend). A timeout that is negative waits for ever, 0 looks and
 * returns, and INT64_MAX is 292 years. A wait that returns 0 has reached its
 * deadline: never early, and rounded up where the kernel is coarser than a
 * nanosecond (MIO_FEATURE_NANOSECONDS tells).
 *
 *
 * 5. THREADS
 *
 * One thread waits on a poll at a time; a second one gets EBUSY at once, also
 * when it is a signal handler that interrupted the wait. Everything of a
 * registry and mio_waker_wake() may be called by any thread at any time,
 * during a wait too, and takes effect in that wait. Freeing a handle is
 * exclusive: no other thread may be inside a call with that same handle, and
 * none may use it afterwards.
 *     Data written before mio_waker_wake() is visible to the waiter after the
 * wait that reports the waker's token, also when that wake merged with an
 * earlier one. No such order is promised between register and an event.
 *
 *
 * 6. OWNERSHIP AND THE ORDER OF FREEING
 *
 * Each handle is freed once, by the _free function of its kind; _free(NULL)
 * does nothing. Handles of one poll may be freed in any order. The kernel's
 * object lives while the poll or one of its registries lives: after
 * mio_poll_free() a registry still registers, though nobody can wait. Wakers
 * do not keep it alive: when it is gone, a wake does nothing and returns 0.
 *     Raw descriptors stay the caller's: the library never changes their flags
 * and never closes them. That of a source is the source's. Use after free, a foreign pointer and a handle freed
 * while another thread uses it are undefined in C (and made impossible in the
 * bindings). NULL where a handle is needed is EINVAL.
 *
 *
 * 7. SIGNALS, FORK, LONGJMP
 *
 * Signals. Only mio_poll_wait() returns EINTR: a handler ran, or the process
 * was stopped and continued. Nothing was consumed; call again with what is
 * left of the timeout (mio_clock_now()). It comes back even with SA_RESTART,
 * so that Ctrl-C can end a wait in every language. mio_waker_wake() may be
 * called from a signal handler and keeps errno; nothing else may, save
 * mio_poll_wait(), which gives EBUSY there if it interrupted a wait. The
 * library raises no signal and installs no handler.
 *
 * Fork. In a child, only freeing is defined: it closes the child's copies and
 * takes nothing out of the parent's set. (An epoll set is shared after a fork:
 * a deregister in the child would remove the parent's registration.) Make a
 * new poll in the child. All descriptors are close-on-exec. A kqueue is not
 * inherited: its number in the child is free, and freeing leaves it alone.
 * Sources stay sockets and pipes: the child may use them, and register them
 * with a poll of its own, where one counts as unregistered.
 *
 * Leaving a wait by longjmp out of a signal handler, or by pthread_cancel,
 * keeps the poll claimed: later waits give EBUSY, and only freeing is left.
 * mio_waker_wake() is no cancellation point.
 *
 *
 * 8. STALE EVENTS AND CLOSED DESCRIPTORS
 *
 * Waits that begin after deregister returned never give the old token; a wait
 * in progress may, once. An event array holds what was true when the wait
 * returned: if handling event 1 closes the descriptor of event 2, event 2 is
 * stale. Keep a generation beside the index in the token, or mark the entry.
 *
 * Deregister before close. If not: nothing crashes and nothing spins, but
 *   - with epoll a duplicate (dup, fork) keeps the registration alive, its
 *     events keep coming, and nothing can deregister it any more;
 *   - with poll(2) the library sees the close in the next wait only: until
 *     then a new descriptor with the same number meets EEXIST (deregister
 *     clears it), and its readiness comes under the old token;
 *   - with kqueue nothing is left of it: the kernel forgets the descriptor,
 *     duplicates or not.
 * A generation in the token tells such events apart.
 *
 *
 * 9. PAUSING
 *
 * To stop events of a descriptor for a while: deregister, or use one-shot and
 * do not re-arm. Reregistering without the direction is not enough at level,
 * since hang-up and error are always reported.
 *
 *
 * 10. NESTING
 *
 * mio_poll_fd() gives the selector's own descriptor where there is one. It is
 * readable when a wait would report something; watch it with another poll or
 * any other loop, and call mio_poll_wait() with timeout 0 when it is. Watch
 * it at level, or wait until 0 events come. Registering a poll's descriptor
 * with itself is EINVAL; a loop of polls, or more than five levels, ELOOP.
 *
 *
 * 11. WHAT AN EVENT MEANS
 *
 * Readable and writable are promised; the other bits are hints that one
 * system gives and another not, so never wait for them alone: read until 0 or
 * an error. One event may carry both directions, or two events one each. A
 * hang-up or an error is reported as readable and writable too, whatever was
 * asked, so that a loop which only looks at these two bits finds out by its
 * next read or write. Readiness is a pure function of the kernel's flags:
 *
 *   bit              epoll                         poll(2)
 *   MIO_READABLE     IN, PRI, ERR or HUP           same with POLL*
 *   MIO_WRITABLE     OUT, ERR or HUP               same
 *   MIO_ERROR        ERR                           same
 *   MIO_READ_CLOSED  HUP, or IN and RDHUP          HUP or RDHUP
 *   MIO_WRITE_CLOSED HUP, or OUT and ERR, or ERR   same
 *                    alone
 *   MIO_PRIORITY     PRI                           same
 *   MIO_AIO MIO_LIO  never                         never
 *
 *   bit              kqueue
 *   MIO_READABLE     EVFILT_READ, EVFILT_EXCEPT, EV_EOF or EV_ERROR
 *   MIO_WRITABLE     EVFILT_WRITE, EV_EOF or EV_ERROR
 *   MIO_ERROR        EV_ERROR, or EV_EOF with fflags (not EVFILT_EXCEPT)
 *   MIO_READ_CLOSED  EV_EOF, but not of EVFILT_WRITE
 *   MIO_WRITE_CLOSED EV_EOF of EVFILT_WRITE
 *   MIO_PRIORITY     EVFILT_EXCEPT with NOTE_OOB
 *   MIO_AIO MIO_LIO  EVFILT_AIO, EVFILT_LIO, and then nothing else
 *
 * (mio's table, with hang-up and error added to the first two rows: a pipe
 * whose writer is gone gives EPOLLHUP alone, and must be readable.) Seen on
 * Linux: data arrives `IN|OUT`; the peer shuts its write side `IN|OUT|RDHUP`;
 * reset `IN|OUT|ERR|HUP|RDHUP`; connection refused the same; reader of a full
 * pipe gone `ERR`. A never-connected TCP socket is `OUT|HUP`, and a UDP socket
 * after an ICMP error carries write closed: hints are hints. On kqueue a
 * half-close of the peer looks as a hang-up does, and is writable too; a
 * never-connected socket says nothing, and an ICMP error only readable.
 *
 *
 * 12. PORTABILITY
 *
 *   - Expect spurious events, drain, and treat readiness as a hint.
 *   - A wait with nothing registered is a sleep; negative, it is one for ever
 *     unless a waker wakes it or a thread registers something.
 *   - Capacity is a hard limit; the rest comes with the next waits. What
 *     stays ready is reported within ceil(ready / capacity) + 1 waits.
 *   - Regular files and directories are EPERM everywhere: they are always
 *     ready. (Files of proc, sysfs and cgroup file systems that have a poll
 *     function of their own, as GPIO values, can be watched.) A device that
 *     is always ready, such as /dev/null, is EPERM or ready.
 *   - Errors are the same on every selector, in this order: NULL and bits
 *     (EINVAL), EOPNOTSUPP, EBADF, EPERM, itself (EINVAL), loops (ELOOP),
 *     EEXIST or ENOENT, then ENOSPC and ENOMEM.
 *   - A raw descriptor may be registered in several polls, once in each.
 *
 * Systems. epoll: Linux 4.5 or newer. (2.6.27 to 4.4 ignore MIO_EXCLUSIVE,
 * and then wake all. Before 5.11, and in sandboxes that refuse
 * epoll_pwait2(2), waits are rounded up to a millisecond.) poll(2): Linux 2.6.27
 * or newer, as a fallback and as a second opinion in tests; a wait costs time
 * proportional to the number of registrations. kqueue: macOS, iOS, FreeBSD,
 * NetBSD, OpenBSD, DragonFly; run on an emulation only, so far. There a
 * direction that a descriptor has not (a nested poll cannot be written) is
 * EINVAL, and a pipe whose other end is gone may be refused (EPIPE).
 * The environment variable
 * MIOPOLL_SELECTOR names the selector of polls that do not name one (ignored
 * in set-user-ID programs).
 *
 *
 * 13. SOURCES
 *
 * A source is a socket or a pipe that the library made, or took over: all
 * that mio's net and pipe types can do, with one type for all kinds, as one
 * descriptor type does for POSIX. Constructors are by kind, operations are
 * shared; one that has no meaning for a kind is EOPNOTSUPP.
 *
 *     mio_source_t *listener, *stream;
 *     mio_addr_t addr, peer;
 *     mio_addr_parse(&addr, "127.0.0.1:7000", 14);
 *     mio_tcp_listener_bind(&listener, &addr, 0);
 *     mio_registry_register(registry, listener, 1, MIO_READABLE);
 *     ... and when token 1 is readable, until it gives EAGAIN:
 *     n = mio_source_accept(listener, &stream, &peer);
 *
 * All are non-blocking and close-on-exec from birth (or, where the kernel
 * lacks the flag, at once after it). No operation raises SIGPIPE: writing to
 * what nobody reads is EPIPE. None returns EINTR, unless the source was made
 * blocking by MIO_OPTION_NONBLOCKING. No name is resolved.
 *
 * Edge. On every selector, also those without MIO_FEATURE_EDGE_EXACT, an
 * edge registration of a source is exact: after an event, silence while
 * nothing happens to it. There the library remembers which direction was
 * reported, and watches it again when an operation of that direction would
 * block, or moves fewer bytes than asked on a stream or a pipe. Whoever uses
 * the descriptor of a source behind the library's back (recvmsg, TLS on
 * mio_source_fd) says so with mio_source_would_block(). Priority is watched
 * again by that call and by reregister only.
 *
 * Registration. A source belongs to one registry's poll at a time: another is
 * EEXIST. It does not keep the selector alive: when poll and registries are
 * gone it counts as unregistered, and it can be registered with another poll.
 * mio_source_free() and mio_source_into_fd() deregister first. Do not
 * register the descriptor of a registered source as a raw one.
 *
 * Threads. One thread reads (read, recv, peek, accept) and one writes (write,
 * send) at a time; everything else on a source is exclusive.
 *
 * Bytes. A count is at most INT32_MAX, whatever was asked; Linux moves at
 * most 2 GiB less a page. On streams and pipes a length of 0 gives 0 and asks
 * the kernel nothing, and a read that gives 0 otherwise is the end. Datagrams
 * may be empty: a write of 0 bytes sends one, and a read of one gives 0, so
 * only the kind tells it from an end. A datagram that is longer than the
 * buffer gives what fits, and the rest is lost.
 *
 * Connecting. mio_tcp_stream_connect() returns with the connection in
 * progress. Register for MIO_WRITABLE; when it comes, mio_source_take_error()
 * tells why it failed, and mio_source_peer_addr() gives the peer once it is
 * connected, ENOTCONN while it is not.
 *
 * Unix names. A path is at most 107 bytes, as in mio; the file that bind
 * makes stays until the program removes it, and one that is there already is
 * EADDRINUSE.
 *
 * Errors. What is listed is what a program can do something about. Those of
 * the network and of the file system come as the kernel has them:
 * ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, ENETDOWN,
 * ENOBUFS and so on, and EACCES or ENOENT for the path of a Unix name.
 *
 *
 * How to read the entries: `@errors` lists every error that can come, and
 * when; `@threadsafe` says who may call; `@ownership` what is whose; `@since`
 * the first release. Release 0.N is a draft: 1.0 freezes.
 */
#ifndef MIOPOLL_H
#define MIOPOLL_H

#include <stdint.h>

/* The version of this header. mio_version() is that of the library. */
#define MIO_VERSION_MAJOR 0
#define MIO_VERSION_MINOR 1
#define MIO_VERSION_PATCH 0

#ifndef MIO_API
#if defined(_WIN32) && defined(MIO_BUILD_SHARED)
#define MIO_API __declspec(dllexport)
#elif defined(__GNUC__) && !defined(_WIN32)
#define MIO_API __attribute__((visibility("default")))
#else
#define MIO_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What follows, up to the closing mark, is boundary C: the text that foreign
 * function interfaces read. docs/conventions.md has its rules. */
/* MIO_ABI_BEGIN */

/* ------------------------------------------------------------------ values */

/** A poll: the selector's waiting side. @since 0.1 */
typedef struct mio_poll mio_poll_t;

/** A registry: the selector's registering side. @since 0.1 */
typedef struct mio_registry mio_registry_t;

/** A waker: ends a wait from another thread or a signal handler. @since 0.1 */
typedef struct mio_waker mio_waker_t;

/**
 * A descriptor: a file descriptor on POSIX systems, a SOCKET on Windows.
 * Values that this system cannot have (negative, too large) are EBADF; they
 * are never truncated. @since 0.1
 */
typedef int64_t mio_fd_t;

/**
 * The bits of an interest (what to watch, and how) and of a readiness (what
 * an event says). An interest is one or more of MIO_READABLE, MIO_WRITABLE
 * and MIO_PRIORITY, with at most one of MIO_LEVEL and MIO_ONESHOT (neither is
 * edge), and perhaps MIO_EXCLUSIVE. Chapter 2 has the triggers, chapter 11
 * what sets each readiness bit. @since 0.1
 */
enum mio_bits {
  /** Interest and readiness: a read, recv or accept would not block. */
  MIO_READABLE = 1,
  /** Interest and readiness: a write, send, or the end of a connect. */
  MIO_WRITABLE = 2,
  /** Readiness of kqueue only; as an interest EOPNOTSUPP. */
  MIO_AIO = 4,
  /** Readiness of kqueue only; as an interest EOPNOTSUPP. */
  MIO_LIO = 8,
  /** Interest and readiness: out-of-band data, a GPIO edge, and the like. */
  MIO_PRIORITY = 16,
  /** Readiness only: an error is pending; SO_ERROR tells which. */
  MIO_ERROR = 32,
  /** Readiness only, a hint: nothing more will come from the other side. */
  MIO_READ_CLOSED = 64,
  /** Readiness only, a hint: nothing more can be written. */
  MIO_WRITE_CLOSED = 128,
  /** Interest only: level-triggered. */
  MIO_LEVEL = 256,
  /** Interest only: disarmed by its first event, re-armed by reregister. */
  MIO_ONESHOT = 512,
  /** Interest only: wake one of several polls. MIO_FEATURE_EXCLUSIVE. */
  MIO_EXCLUSIVE = 1024
};

/** The selectors. All have numbers everywhere, not all are built in
 * everywhere: mio_selector_available(). @since 0.1 */
enum mio_selectors {
  /** MIOPOLL_SELECTOR if it is set, else the best that this kernel has. */
  MIO_SELECTOR_DEFAULT = 0,
  /** "epoll": Linux. */
  MIO_SELECTOR_EPOLL = 1,
  /** "kqueue": macOS, iOS, the BSDs. */
  MIO_SELECTOR_KQUEUE = 2,
  /** "iocp": Windows. Not in this release. */
  MIO_SELECTOR_IOCP = 3,
  /** "poll": poll(2), on any POSIX system. */
  MIO_SELECTOR_POLL = 4,
  /** "event_ports": Solaris, illumos. Not in this release. */
  MIO_SELECTOR_EVENT_PORTS = 5,
  /** "poll_oneoff": WASI. Not in this release. */
  MIO_SELECTOR_POLL_ONEOFF = 6
};

/** What a poll can do that another cannot: mio_poll_features(). A missing
 * feature makes the interest that needs it EOPNOTSUPP, except edge-exact and
 * nanoseconds, which say how exact a thing is. @since 0.1 */
enum mio_features {
  /** After an edge event, silence while nothing happens to the descriptor.
   * Without it, an edge registration of a raw descriptor is level. epoll,
   * kqueue. */
  MIO_FEATURE_EDGE_EXACT = 1,
  /** MIO_EXCLUSIVE. epoll. */
  MIO_FEATURE_EXCLUSIVE = 2,
  /** MIO_PRIORITY. epoll, poll(2); kqueue of macOS, OpenBSD, DragonFly. */
  MIO_FEATURE_PRIORITY = 4,
  /** Events with MIO_AIO. kqueue where SIGEV_KEVENT names one: FreeBSD. */
  MIO_FEATURE_AIO = 8,
  /** Events with MIO_LIO. kqueue of FreeBSD. */
  MIO_FEATURE_LIO = 16,
  /** Timeouts are exact to the nanosecond, else rounded up to the
   * millisecond. poll(2), kqueue; epoll unless the kernel refuses
   * epoll_pwait2. */
  MIO_FEATURE_NANOSECONDS = 32,
  /** mio_poll_fd(). epoll, kqueue. */
  MIO_FEATURE_FD = 64
};

/** Limits. @since 0.1 */
enum mio_limits {
  /** How many wakers a poll can have at a time; one more is ENOSPC. */
  MIO_WAKERS_MAX = 64,
  /** Of how many buffers a vectored call moves bytes. */
  MIO_BUFFERS_MAX = 256,
  /** No text of an address is longer, in bytes. */
  MIO_ADDR_TEXT_MAX = 329
};

/**
 * An event, as mio_poll_wait() writes it. 16 bytes, frozen: any language may
 * read an array of them in place. @since 0.1
 */
typedef struct mio_event {
  /** The token of the registration or waker, bit for bit. */
  uint64_t token;
  /** Bits of `enum mio_bits` up to MIO_WRITE_CLOSED; ignore unknown ones. */
  uint32_t readiness;
  /** Written as 0; ignore it. */
  uint32_t reserved;
} mio_event_t;

/**
 * Options of mio_poll_new(). Set all to 0, then `size`. Later releases add
 * fields at the end: a shorter struct means that the rest is default, a
 * longer one works while the bytes that this library does not know are 0.
 * @since 0.1
 */
typedef struct mio_poll_options {
  /** sizeof(mio_poll_options_t) of the caller's header: at least 16. */
  uint32_t size;
  /** One of `enum mio_selectors`. A named selector is used or refused, never
   * replaced. */
  uint32_t selector;
  /** No flag is known in this release: 0. */
  uint32_t flags;
  /** 0. */
  uint32_t reserved;
} mio_poll_options_t;

/* ----------------------------------------------------- version and errors */

/**
 * Returns the version of the library.
 *
 * @return major << 16 | minor << 8 | patch.
 * @errors none
 * @threadsafe yes
 * @since 0.1
 */
MIO_API uint32_t mio_version(void);

/**
 * Returns the version of the library as text, "0.1.0".
 *
 * @return never NULL.
 * @ownership static, the library's.
 * @errors none
 * @threadsafe yes
 * @since 0.1
 */
MIO_API const char *mio_version_string(void);

/**
 * Names a result: "EEXIST" for -EEXIST. One name for a number on every
 * system: EAGAIN, never EWOULDBLOCK; EOPNOTSUPP, never ENOTSUP.
 *
 * @param rc a result of this library.
 * @return "OK" from 0 up, "UNKNOWN" for a number without a name; never NULL.
 * @ownership static, the library's.
 * @errors none
 * @threadsafe yes
 * @since 0.1
 */
MIO_API const char *mio_err_name(int32_t rc);

/**
 * Describes a result in English: "File exists". Not translated.
 *
 * @param rc a result of this library.
 * @return "Success" from 0 up, "Unknown error" for what has no name; never
 * NULL.
 * @ownership static, the library's.
 * @errors none
 * @threadsafe yes
 * @since 0.1
 */
MIO_API const char *mio_err_text(int32_t rc);

/**
 * Gives the result that has a name: -EEXIST for "EEXIST". The aliases
 * EWOULDBLOCK and ENOTSUP are understood.
 *
 * @param name NUL-terminated; not kept.
 * @return a negative errno; 0 if this system has none of that name, and for
 * NULL.
 * @ownership `name` stays the caller's.
 * @errors none
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_err_from_name(const char *name);

/**
 * Reads the monotonic clock that waits use. Its zero is arbitrary.
 *
 * @return nanoseconds, never negative.
 * @errors none
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int64_t mio_clock_now(void);

/* --------------------------------------------------------------- selectors */

/**
 * Names a selector: "epoll" for MIO_SELECTOR_EPOLL, "default" for 0.
 *
 * @param selector one of `enum mio_selectors`.
 * @return "unknown" for another number; never NULL.
 * @ownership static, the library's.
 * @errors none
 * @threadsafe yes
 * @since 0.1
 */
MIO_API const char *mio_selector_name(uint32_t selector);

/**
 * Gives the number of a selector.
 *
 * @param name as mio_selector_name() gives it, NUL-terminated; not kept.
 * @return one of `enum mio_selectors`.
 * @ownership `name` stays the caller's.
 * @errors
 * - EINVAL: NULL, or no selector has that name
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_selector_from_name(const char *name);

/**
 * Tells whether a selector is built into this library. The kernel is asked
 * by mio_poll_new() only.
 *
 * @param selector one of `enum mio_selectors`.
 * @return 1 if it is built in (MIO_SELECTOR_DEFAULT always), else 0.
 * @errors
 * - EINVAL: no selector has that number
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_selector_available(uint32_t selector);

/* -------------------------------------------------------------------- poll */

/**
 * Makes a poll. epoll and kqueue take one descriptor, poll(2) two.
 *
 * @param out set to the poll, or to NULL on failure.
 * @param options NULL for defaults; not kept.
 * @return 0.
 * @ownership `*out` is the caller's, to free with mio_poll_free().
 * @errors
 * - EINVAL: `out` is NULL; `options->size` is below 16; an unknown selector
 *   or flag; `reserved` is not 0; MIOPOLL_SELECTOR has an unknown name
 * - E2BIG: the options have a non-zero byte that this release does not know
 * - EOPNOTSUPP: the selector, or the one of MIOPOLL_SELECTOR, is not built in
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * - ENOSYS: the kernel has not got the named selector
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_poll_new(mio_poll_t **out,
                             const mio_poll_options_t *options);

/**
 * Frees a poll. Registries and wakers made from it stay valid, and are freed
 * by themselves; chapter 6.
 *
 * @param poll may be NULL.
 * @ownership takes `poll`.
 * @errors none
 * @threadsafe no: nobody else may be using `poll`; other handles are free
 * @since 0.1
 */
MIO_API void mio_poll_free(mio_poll_t *poll);

/**
 * Makes a registry of a poll: a handle of its own, for any thread.
 *
 * @param poll the poll.
 * @param out set to the registry, or to NULL on failure.
 * @return 0.
 * @ownership `*out` is the caller's, to free with mio_registry_free().
 * @errors
 * - EINVAL: `poll` or `out` is NULL
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_poll_registry(mio_poll_t *poll, mio_registry_t **out);

/**
 * Waits for events. Returns as soon as there is one, with as many as there
 * are and fit; when the time has passed, with 0; or when a signal handler
 * ran. One system call, unless it was woken for nothing and time is left.
 *
 * @param poll the poll.
 * @param events an array of at least `capacity` events; only what is
 * returned was written with meaning.
 * @param capacity from 1; more than 65536 is taken as that.
 * @param timeout_ns nanoseconds; negative: for ever, 0: look and return.
 * @return the number of events; 0: the deadline passed.
 * @ownership `events` stays the caller's, and is not kept.
 * @errors
 * - EINVAL: `poll` or `events` is NULL; `capacity` is 0; with poll(2), more
 *   is registered than the process may have open (RLIMIT_NOFILE was lowered)
 * - EBUSY: another thread, or the code that this signal handler interrupted,
 *   is waiting on this poll
 * - EINTR: a signal handler ran, or the process was continued; nothing was
 *   consumed
 * - ENOMEM: with poll(2), the kernel has no memory; nothing was consumed
 * @threadsafe no: one thread at a time, others get EBUSY
 * @since 0.1
 */
MIO_API int32_t mio_poll_wait(mio_poll_t *poll, mio_event_t *events,
                              uint32_t capacity, int64_t timeout_ns);

/**
 * Hands out the selector's own descriptor, for nesting (chapter 10). From
 * then on, and for as long as the poll lives, every wake is written to the
 * kernel, so that the descriptor becomes readable by it; wakes that were
 * pending are written now.
 *
 * @param poll the poll.
 * @param out set to the descriptor, or to -1 on failure.
 * @return 0.
 * @ownership the descriptor stays the poll's: do not close it, change its
 * flags, or call the kernel's own functions on it.
 * @errors
 * - EINVAL: `poll` or `out` is NULL
 * - EOPNOTSUPP: this selector has none (MIO_FEATURE_FD)
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_poll_fd(mio_poll_t *poll, mio_fd_t *out);

/**
 * Tells which selector a poll runs on.
 *
 * @param poll the poll.
 * @return one of `enum mio_selectors`, never MIO_SELECTOR_DEFAULT, but for
 * NULL.
 * @ownership `poll` stays the caller's.
 * @errors none
 * @threadsafe yes
 * @since 0.1
 */
MIO_API uint32_t mio_poll_selector(mio_poll_t *poll);

/**
 * Tells what a poll can do. MIO_FEATURE_NANOSECONDS is found out by asking
 * the kernel when the poll is made.
 *
 * @param poll the poll.
 * @return bits of `enum mio_features`; 0 for NULL.
 * @ownership `poll` stays the caller's.
 * @errors none
 * @threadsafe yes
 * @since 0.1
 */
MIO_API uint32_t mio_poll_features(mio_poll_t *poll);

/* ---------------------------------------------------------------- registry */

/**
 * Makes another handle of the same registry, as for another thread.
 *
 * @param registry the registry.
 * @param out set to the new one, or to NULL on failure.
 * @return 0.
 * @ownership `*out` is the caller's, to free with mio_registry_free().
 * @errors
 * - EINVAL: `registry` or `out` is NULL
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_registry_clone(mio_registry_t *registry,
                                   mio_registry_t **out);

/**
 * Frees a registry. What was registered through it stays registered.
 *
 * @param registry may be NULL.
 * @ownership takes `registry`.
 * @errors none
 * @threadsafe no: nobody else may be using `registry`
 * @since 0.1
 */
MIO_API void mio_registry_free(mio_registry_t *registry);

/**
 * Registers a descriptor (mio's SourceFd). If it is ready now, an event
 * comes at once. Takes no memory on epoll; up to 72 bytes on poll(2), 56 on
 * kqueue.
 *
 * @param registry the registry.
 * @param fd any descriptor that the kernel can watch; make it non-blocking.
 * @param token given back with each event.
 * @param interest bits of `enum mio_bits`; chapter 2.
 * @return 0.
 * @ownership `fd` stays the caller's: deregister it before closing it.
 * @errors
 * - EINVAL: `registry` is NULL; an unknown bit or one of readiness; none of
 *   the bits up to MIO_PRIORITY; MIO_LEVEL with MIO_ONESHOT; MIO_EXCLUSIVE
 *   with MIO_ONESHOT, MIO_PRIORITY or a nested poll; `fd` is the poll's own;
 *   with kqueue, `fd` has not that direction
 * - EOPNOTSUPP: MIO_AIO or MIO_LIO; a bit whose feature the poll lacks
 * - EBADF: `fd` is not an open descriptor
 * - EPERM: the kernel cannot watch it: a regular file, a directory
 * - EPIPE: with kqueue on some systems, a pipe whose other end is gone
 * - ELOOP: `fd` is a poll that, nested, watches this one, or too deep a nest
 * - EEXIST: it is registered here already: use mio_registry_reregister_fd()
 * - ENOSPC: the limit of fs.epoll.max_user_watches is reached
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_registry_register_fd(mio_registry_t *registry, mio_fd_t fd,
                                         uint64_t token, uint32_t interest);

/**
 * Replaces token and interest of a registered descriptor, and re-arms it: a
 * condition that holds is reported again, whatever the trigger.
 *
 * @param registry the registry.
 * @param fd a descriptor registered with this poll.
 * @param token given back with each event from now on.
 * @param interest bits of `enum mio_bits`, but not MIO_EXCLUSIVE.
 * @return 0.
 * @ownership `fd` stays the caller's.
 * @errors
 * - EINVAL: as mio_registry_register_fd(); MIO_EXCLUSIVE, whether the poll
 *   has it or not, or it was registered with it
 * - EOPNOTSUPP: MIO_AIO or MIO_LIO; a bit whose feature the poll lacks
 * - EBADF: `fd` is not an open descriptor
 * - EPERM: the kernel cannot watch it
 * - EPIPE: with kqueue on some systems, a pipe whose other end is gone
 * - ENOENT: it is not registered here: use mio_registry_register_fd()
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_registry_reregister_fd(mio_registry_t *registry,
                                           mio_fd_t fd, uint64_t token,
                                           uint32_t interest);

/**
 * Takes a descriptor out. Waits that begin after it returned never give its
 * token; one in progress may, once.
 *
 * @param registry the registry.
 * @param fd a descriptor registered with this poll, still open.
 * @return 0.
 * @ownership `fd` stays the caller's.
 * @errors
 * - EINVAL: `registry` is NULL; `fd` is the poll's own
 * - EBADF: `fd` is not an open descriptor
 * - EPERM: the kernel cannot watch it
 * - ENOENT: it is not registered here
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_registry_deregister_fd(mio_registry_t *registry,
                                           mio_fd_t fd);

/* ------------------------------------------------------------------- waker */

/**
 * Makes a waker: a way to end a wait of this poll from anywhere. A poll can
 * have MIO_WAKERS_MAX at a time, each with its token. epoll takes one
 * descriptor for each, poll(2) none, kqueue none or, on older BSDs, two.
 *
 * @param out set to the waker, or to NULL on failure.
 * @param registry a registry of the poll to wake.
 * @param token given back with MIO_READABLE when it was woken.
 * @return 0.
 * @ownership `*out` is the caller's, to free with mio_waker_free().
 * @errors
 * - EINVAL: `out` or `registry` is NULL
 * - ENOSPC: the poll has MIO_WAKERS_MAX already, or the limit of
 *   fs.epoll.max_user_watches is reached
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_waker_new(mio_waker_t **out, mio_registry_t *registry,
                              uint64_t token);

/**
 * Wakes: the wait in progress, or the next one, reports the waker's token
 * with MIO_READABLE. Several wakes before that are one event at least; one
 * that merges with a wake which another thread is still making is reported
 * when that one is done. Makes no system call while nobody is blocked in a
 * wait.
 *
 * @param waker the waker.
 * @return 0, also when the poll and all its registries are gone.
 * @ownership `waker` stays the caller's.
 * @errors
 * - EINVAL: `waker` is NULL
 * - EBADF: the program closed a descriptor that is the library's
 * @threadsafe yes, and from a signal handler: it keeps errno
 * @since 0.1
 */
MIO_API int32_t mio_waker_wake(mio_waker_t *waker);

/**
 * Frees a waker, which deregisters it: a wake that no wait has reported yet
 * is dropped, so that its token, often a pointer, is not met again by waits
 * that begin afterwards.
 *
 * @param waker may be NULL.
 * @ownership takes `waker`.
 * @errors none
 * @threadsafe no: nobody else may be using `waker`
 * @since 0.1
 */
MIO_API void mio_waker_free(mio_waker_t *waker);

/* --------------------------------------------------------- sources: values */

/** A source: a socket or a pipe; chapter 13. @since 0.1 */
typedef struct mio_source mio_source_t;

/** The families of addresses. @since 0.1 */
enum mio_families {
  /** IPv4: 4 bytes and a port. */
  MIO_FAMILY_INET = 1,
  /** IPv6: 16 bytes, a port, flow and scope. */
  MIO_FAMILY_INET6 = 2,
  /** Unix: a path, an abstract name (Linux), or no name. */
  MIO_FAMILY_UNIX = 3
};

/**
 * An address. 128 bytes, frozen. All numbers are in the host's order, bytes
 * that are not used are 0, so memcmp tells whether two are equal. @since 0.1
 */
typedef struct mio_addr {
  /** One of `enum mio_families`. */
  uint32_t family;
  /** 0 to 65535; 0 for Unix. */
  uint32_t port;
  /** IPv6 flow information, as sin6_flowinfo in the host's order; else 0. */
  uint32_t flow;
  /** IPv6 scope, the number of an interface; else 0. */
  uint32_t scope;
  /** Of `bytes`: 4, 16, or of a Unix name: 0 to 108, 0 for no name. */
  uint32_t length;
  /** The address as on the wire; or the path without a NUL at its end; or, if
   * the first is 0, an abstract name, where the 0 is counted. */
  uint8_t bytes[108];
} mio_addr_t;

/** The kinds of sources, with mio's names. @since 0.1 */
enum mio_kinds {
  /** TcpListener: accept. */
  MIO_KIND_TCP_LISTENER = 1,
  /** TcpStream: read, write, shutdown. */
  MIO_KIND_TCP_STREAM = 2,
  /** UdpSocket: datagrams, connected or not. */
  MIO_KIND_UDP_SOCKET = 3,
  /** UnixListener: accept. */
  MIO_KIND_UNIX_LISTENER = 4,
  /** UnixStream: read, write, shutdown. */
  MIO_KIND_UNIX_STREAM = 5,
  /** UnixDatagram: datagrams, connected or not. */
  MIO_KIND_UNIX_DATAGRAM = 6,
  /** pipe::Sender: write. */
  MIO_KIND_PIPE_SENDER = 7,
  /** pipe::Receiver: read. */
  MIO_KIND_PIPE_RECEIVER = 8,
  /** windows::NamedPipe. Not in this release. */
  MIO_KIND_NAMED_PIPE = 9
};

/** What mio_source_shutdown() ends. @since 0.1 */
enum mio_shutdowns {
  /** Reading. */
  MIO_SHUTDOWN_READ = 1,
  /** Writing: the peer reads an end. */
  MIO_SHUTDOWN_WRITE = 2,
  /** Both. */
  MIO_SHUTDOWN_BOTH = 3
};

/**
 * The options of sources; mio_source_set_option() and mio_source_option().
 * Those without a range are 0 or 1. @since 0.1
 */
enum mio_source_options {
  /** TCP stream: send small writes at once (TCP_NODELAY). */
  MIO_OPTION_NODELAY = 1,
  /**
   * TCP and UDP, 1 to 255: how many hops (IP_TTL, and IPV6_UNICAST_HOPS of an
   * IPv6 socket).
   */
  MIO_OPTION_TTL = 2,
  /** UDP: may send to a broadcast address (SO_BROADCAST). */
  MIO_OPTION_BROADCAST = 3,
  /** UDP over IPv4: own multicast comes back. */
  MIO_OPTION_MULTICAST_LOOP_V4 = 4,
  /** UDP over IPv4, 0 to 255: hops of multicast. */
  MIO_OPTION_MULTICAST_TTL_V4 = 5,
  /** UDP over IPv6: own multicast comes back. */
  MIO_OPTION_MULTICAST_LOOP_V6 = 6,
  /** UDP over IPv6, to be read only: takes no IPv4 (IPV6_V6ONLY). */
  MIO_OPTION_ONLY_V6 = 7,
  /** Every kind: 1 from birth; with 0 operations wait, and may give EINTR. */
  MIO_OPTION_NONBLOCKING = 8
};

/* --------------------------------------------------------------- addresses */

/**
 * Reads an address from text: `127.0.0.1:80`, `[::1]:80`, `[fe80::1%2]:80`
 * with the scope as a number, `unix:/run/x` for a path, `unix:@name` for an
 * abstract name, `unix:` for no name. In Unix names `%` and two hexadecimal
 * digits are a byte. Numbers are decimal, without leading zeros. Nothing is
 * looked up.
 *
 * @param out set to the address. On failure all 0 but `length`, which is then
 * how many bytes of the text were understood.
 * @param text the text, without a NUL; not kept.
 * @param length of the text in bytes.
 * @return 0.
 * @ownership `text` stays the caller's.
 * @errors
 * - EINVAL: `out` is NULL, or `text` is and `length` is not 0; the text is no
 *   address: `out->length` tells where
 * - ENAMETOOLONG: a path of more than 107 bytes, an abstract name of more
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_addr_parse(mio_addr_t *out, const void *text,
                               uint64_t length);

/**
 * Writes an address as text that mio_addr_parse() reads back to the same, but
 * for `flow`, which has no text. IPv6 as in RFC 5952. In Unix names controls,
 * `%`, bytes above 126, and an `@` that begins a path are written as `%` and
 * two small hexadecimal digits.
 *
 * @param addr the address.
 * @param buffer for the text; no NUL is written.
 * @param length of the buffer; MIO_ADDR_TEXT_MAX is always enough.
 * @return the length of the text.
 * @ownership both stay the caller's.
 * @errors
 * - EINVAL: `addr` is NULL, or `buffer` is and `length` is not 0; `addr` is
 *   not a valid address
 * - ERANGE: the buffer is too short; what it holds means nothing
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_addr_format(const mio_addr_t *addr, void *buffer,
                                uint64_t length);

/* --------------------------------------------------------- sources: making */

/**
 * Makes a TCP listener (TcpListener::bind): socket, SO_REUSEADDR, bind,
 * listen.
 *
 * @param out set to the source, or to NULL on failure.
 * @param addr where to listen; port 0 lets the system choose.
 * @param backlog how many connections wait for accept, as in listen(2); 0 is
 * mio's 128.
 * @return 0.
 * @ownership `*out` is the caller's, to free with mio_source_free().
 * @errors
 * - EINVAL: `out` or `addr` is NULL; `addr` is not a valid IPv4 or IPv6
 *   address
 * - EADDRINUSE: another socket has the address
 * - EADDRNOTAVAIL: it is no address of this machine
 * - EACCES: the port is for privileged programs
 * - EAFNOSUPPORT: the system has no such family
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_tcp_listener_bind(mio_source_t **out,
                                      const mio_addr_t *addr,
                                      uint32_t backlog);

/**
 * Makes a TCP stream that begins to connect (TcpStream::connect), and does not
 * wait for it: see Connecting in chapter 13. What fails at once is told at
 * once.
 *
 * @param out set to the source, or to NULL on failure.
 * @param addr the peer.
 * @return 0.
 * @ownership `*out` is the caller's, to free with mio_source_free().
 * @errors
 * - EINVAL: `out` or `addr` is NULL; `addr` is not a valid IPv4 or IPv6
 *   address
 * - ECONNREFUSED: refused at once, which some systems do on their own
 *   addresses
 * - ENETUNREACH: no way to there
 * - EADDRNOTAVAIL: no port is left; the address cannot be a peer
 * - EAFNOSUPPORT: the system has no such family
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_tcp_stream_connect(mio_source_t **out,
                                       const mio_addr_t *addr);

/**
 * Makes a UDP socket (UdpSocket::bind).
 *
 * @param out set to the source, or to NULL on failure.
 * @param addr its address; port 0 lets the system choose.
 * @return 0.
 * @ownership `*out` is the caller's, to free with mio_source_free().
 * @errors
 * - EINVAL: `out` or `addr` is NULL; `addr` is not a valid IPv4 or IPv6
 *   address
 * - EADDRINUSE: another socket has the address
 * - EADDRNOTAVAIL: it is no address of this machine
 * - EACCES: the port is for privileged programs
 * - EAFNOSUPPORT: the system has no such family
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_udp_socket_bind(mio_source_t **out,
                                    const mio_addr_t *addr);

/**
 * Makes a Unix listener (UnixListener::bind, bind_addr). Without a name Linux
 * chooses an abstract one. The file of a path is not removed, neither before
 * nor after.
 *
 * @param out set to the source, or to NULL on failure.
 * @param addr its name.
 * @param backlog how many connections wait for accept, as in listen(2); 0 is
 * mio's: as many as the system allows.
 * @return 0.
 * @ownership `*out` is the caller's, to free with mio_source_free().
 * @errors
 * - EINVAL: `out` or `addr` is NULL; `addr` is not a valid Unix address
 * - EADDRINUSE: the name is taken, also by a file that an earlier program left
 * - EACCES: a directory of the path may not be searched or written
 * - ENOENT: a directory of the path is missing
 * - EOPNOTSUPP: an abstract name, and this system has none
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_unix_listener_bind(mio_source_t **out,
                                       const mio_addr_t *addr,
                                       uint32_t backlog);

/**
 * Makes a Unix stream and connects it (UnixStream::connect, connect_addr):
 * done when it returns.
 *
 * @param out set to the source, or to NULL on failure.
 * @param addr the listener's name.
 * @return 0.
 * @ownership `*out` is the caller's, to free with mio_source_free().
 * @errors
 * - EINVAL: `out` or `addr` is NULL; `addr` is not a valid Unix address; it
 *   has no name
 * - EAGAIN: the listener's backlog is full: try again
 * - ECONNREFUSED: nobody listens there
 * - ENOENT: there is no such file
 * - EACCES: it may not be written, or a directory not be searched
 * - EPROTOTYPE: it is a datagram socket
 * - EOPNOTSUPP: an abstract name, and this system has none
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_unix_stream_connect(mio_source_t **out,
                                        const mio_addr_t *addr);

/**
 * Makes two Unix streams that are connected to each other (UnixStream::pair).
 *
 * @param out set to one, or to NULL on failure.
 * @param other set to the other, or to NULL on failure.
 * @return 0.
 * @ownership both are the caller's, to free with mio_source_free().
 * @errors
 * - EINVAL: `out` or `other` is NULL
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_unix_stream_pair(mio_source_t **out, mio_source_t **other);

/**
 * Makes a Unix datagram socket with a name (UnixDatagram::bind, bind_addr).
 * Without one Linux chooses an abstract name. The file of a path is not
 * removed.
 *
 * @param out set to the source, or to NULL on failure.
 * @param addr its name.
 * @return 0.
 * @ownership `*out` is the caller's, to free with mio_source_free().
 * @errors
 * - EINVAL: `out` or `addr` is NULL; `addr` is not a valid Unix address
 * - EADDRINUSE: the name is taken, also by a file that an earlier program left
 * - EACCES: a directory of the path may not be searched or written
 * - ENOENT: a directory of the path is missing
 * - EOPNOTSUPP: an abstract name, and this system has none
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_unix_datagram_bind(mio_source_t **out,
                                       const mio_addr_t *addr);

/**
 * Makes a Unix datagram socket without a name (UnixDatagram::unbound).
 *
 * @param out set to the source, or to NULL on failure.
 * @return 0.
 * @ownership `*out` is the caller's, to free with mio_source_free().
 * @errors
 * - EINVAL: `out` is NULL
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_unix_datagram_unbound(mio_source_t **out);

/**
 * Makes two Unix datagram sockets that are connected to each other
 * (UnixDatagram::pair).
 *
 * @param out set to one, or to NULL on failure.
 * @param other set to the other, or to NULL on failure.
 * @return 0.
 * @ownership both are the caller's, to free with mio_source_free().
 * @errors
 * - EINVAL: `out` or `other` is NULL
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_unix_datagram_pair(mio_source_t **out,
                                       mio_source_t **other);

/**
 * Makes a pipe (unix::pipe::new).
 *
 * @param sender set to the end to write to, or to NULL on failure.
 * @param receiver set to the end to read from, or to NULL on failure.
 * @return 0.
 * @ownership both are the caller's, to free with mio_source_free().
 * @errors
 * - EINVAL: `sender` or `receiver` is NULL
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_pipe_new(mio_source_t **sender, mio_source_t **receiver);

/**
 * Makes a source of a descriptor (mio's from_std and from_raw_fd; for a pipe
 * also an end of a child's stdin, stdout or stderr). What it is is checked:
 * the type, the family, whether it listens, for a pipe which end it is. It is
 * made non-blocking and close-on-exec.
 *
 * @param out set to the source, or to NULL on failure.
 * @param kind one of `enum mio_kinds`.
 * @param fd an open descriptor, registered nowhere.
 * @return 0.
 * @ownership takes `fd` on success only: on failure it stays the caller's, as
 * it was. `*out` is the caller's, to free with mio_source_free().
 * @errors
 * - EINVAL: `out` is NULL; no such kind; the descriptor is something else
 * - EBADF: `fd` is not an open descriptor
 * - EOPNOTSUPP: this system has no sources of that kind
 * - ENOMEM: no memory
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_source_from_fd(mio_source_t **out, uint32_t kind,
                                   mio_fd_t fd);

/**
 * Gives the descriptor away (mio's into_raw_fd), deregistered, still non-
 * blocking and close-on-exec. The handle is empty then: all that is left for
 * it is mio_source_free().
 *
 * @param source the source.
 * @param out set to the descriptor, or to -1 on failure.
 * @return 0.
 * @ownership the descriptor is the caller's.
 * @errors
 * - EINVAL: `source` or `out` is NULL
 * - EBADF: `source` is empty already
 * @threadsafe no: exclusive
 * @since 0.1
 */
MIO_API int32_t mio_source_into_fd(mio_source_t *source, mio_fd_t *out);

/**
 * Deregisters a source, closes its descriptor, and frees it. In a child after
 * a fork nothing is deregistered (chapter 7).
 *
 * @param source may be NULL.
 * @ownership takes `source`.
 * @errors none
 * @threadsafe no: nobody else may be using `source`
 * @since 0.1
 */
MIO_API void mio_source_free(mio_source_t *source);

/**
 * Tells the kind of a source.
 *
 * @param source the source.
 * @return one of `enum mio_kinds`, also when it is empty; 0 for NULL.
 * @ownership `source` stays the caller's.
 * @errors none
 * @threadsafe yes
 * @since 0.1
 */
MIO_API uint32_t mio_source_kind(mio_source_t *source);

/**
 * Gives the descriptor of a source (mio's as_raw_fd), as to set an option that
 * has no name here.
 *
 * @param source the source.
 * @param out set to the descriptor, or to -1 on failure.
 * @return 0.
 * @ownership the descriptor stays the source's: do not close it.
 * @errors
 * - EINVAL: `source` or `out` is NULL
 * - EBADF: `source` is empty
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_source_fd(mio_source_t *source, mio_fd_t *out);

/* ---------------------------------------------------- sources: registering */

/**
 * Registers a source. If it is ready now, an event comes at once.
 *
 * @param registry the registry.
 * @param source the source.
 * @param token given back with each event.
 * @param interest bits of `enum mio_bits`; chapter 2.
 * @return 0.
 * @ownership both stay the caller's.
 * @errors
 * - EINVAL: `registry` or `source` is NULL; interest bits as in
 *   mio_registry_register_fd()
 * - EOPNOTSUPP: MIO_AIO or MIO_LIO; a bit whose feature the poll lacks
 * - EBADF: `source` is empty
 * - EEXIST: it is registered, here or with another poll
 * - EPIPE: with kqueue on some systems, a pipe whose other end is gone
 * - ENOSPC: the limit of fs.epoll.max_user_watches is reached
 * - ENOMEM: no memory
 * @threadsafe no: `source` is exclusive; `registry` is free
 * @since 0.1
 */
MIO_API int32_t mio_registry_register(mio_registry_t *registry,
                                      mio_source_t *source, uint64_t token,
                                      uint32_t interest);

/**
 * Replaces token and interest of a registered source, and re-arms it: a
 * condition that holds is reported again.
 *
 * @param registry a registry of the poll that it is registered with.
 * @param source the source.
 * @param token given back with each event from now on.
 * @param interest bits of `enum mio_bits`, but not MIO_EXCLUSIVE.
 * @return 0.
 * @ownership both stay the caller's.
 * @errors
 * - EINVAL: as mio_registry_register(); MIO_EXCLUSIVE, whether the poll has it
 *   or not, or it was registered with it
 * - EOPNOTSUPP: MIO_AIO or MIO_LIO; a bit whose feature the poll lacks
 * - EBADF: `source` is empty
 * - ENOENT: it is not registered here
 * - EPIPE: with kqueue on some systems, a pipe whose other end is gone: if the
 *   trigger is another one, it is not registered any more
 * - ENOMEM: no memory
 * @threadsafe no: `source` is exclusive; `registry` is free
 * @since 0.1
 */
MIO_API int32_t mio_registry_reregister(mio_registry_t *registry,
                                        mio_source_t *source, uint64_t token,
                                        uint32_t interest);

/**
 * Takes a source out. Waits that begin after it returned never give its token.
 *
 * @param registry a registry of the poll that it is registered with.
 * @param source the source.
 * @return 0.
 * @ownership both stay the caller's.
 * @errors
 * - EINVAL: `registry` or `source` is NULL
 * - EBADF: `source` is empty
 * - ENOENT: it is not registered here
 * @threadsafe no: `source` is exclusive; `registry` is free
 * @since 0.1
 */
MIO_API int32_t mio_registry_deregister(mio_registry_t *registry,
                                        mio_source_t *source);

/**
 * Says that an operation on the descriptor, made behind the library's back,
 * would have blocked: so that an edge registration reports those directions
 * again (mio's try_io). The library's own operations say it themselves. Where
 * edge is the kernel's, it does nothing.
 *
 * @param source the source.
 * @param interest one or more of MIO_READABLE, MIO_WRITABLE and MIO_PRIORITY.
 * @return 0, also for a source that is not registered.
 * @ownership `source` stays the caller's.
 * @errors
 * - EINVAL: `source` is NULL; another bit, or none
 * - EBADF: `source` is empty
 * @threadsafe no: as the operation that it speaks of
 * @since 0.1
 */
MIO_API int32_t mio_source_would_block(mio_source_t *source,
                                       uint32_t interest);

/* ---------------------------------------------------- sources: connections */

/**
 * Takes a connection from a listener: a non-blocking, close-on-exec stream.
 * When it fails for want of descriptors or memory, the connection stays in the
 * backlog, and at edge no other event tells of it: accept again when there is
 * room.
 *
 * @param source a listener.
 * @param out set to the stream, or to NULL on failure.
 * @param peer set to the peer's address; may be NULL.
 * @return 0.
 * @ownership `*out` is the caller's, to free with mio_source_free().
 * @errors
 * - EINVAL: `source` or `out` is NULL
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: not a listener
 * - EAGAIN: no connection waits
 * - ECONNABORTED: the peer is gone already: accept again
 * - EMFILE: the process has too many open descriptors
 * - ENFILE: the system has
 * - ENOMEM: no memory
 * @threadsafe no: one thread reads
 * @since 0.1
 */
MIO_API int32_t mio_source_accept(mio_source_t *source, mio_source_t **out,
                                  mio_addr_t *peer);

/**
 * Sets the peer of a datagram socket: where write goes, and the only one that
 * read hears. It may be set again.
 *
 * @param source a UDP or Unix datagram socket.
 * @param addr the peer, of the family of the socket.
 * @return 0.
 * @ownership both stay the caller's.
 * @errors
 * - EINVAL: `source` or `addr` is NULL; `addr` is not a valid address, of
 *   another family, or a Unix one without a name
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: not a datagram socket
 * - ECONNREFUSED: no Unix socket has that name
 * - ENOENT: there is no such file
 * - ENETUNREACH: no way to there
 * @threadsafe no: exclusive
 * @since 0.1
 */
MIO_API int32_t mio_source_connect(mio_source_t *source,
                                   const mio_addr_t *addr);

/**
 * Ends reading, writing or both of a stream or a Unix datagram socket, for all
 * who hold it.
 *
 * @param source the source.
 * @param how one of `enum mio_shutdowns`.
 * @return 0.
 * @ownership `source` stays the caller's.
 * @errors
 * - EINVAL: `source` is NULL; no such `how`
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: a listener, a UDP socket or a pipe
 * - ENOTCONN: it is not connected
 * @threadsafe no: exclusive
 * @since 0.1
 */
MIO_API int32_t mio_source_shutdown(mio_source_t *source, uint32_t how);

/**
 * Gives the own address of a socket.
 *
 * @param source a socket.
 * @param out set to the address; all 0 on failure.
 * @return 0.
 * @ownership `source` stays the caller's.
 * @errors
 * - EINVAL: `source` or `out` is NULL
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: a pipe
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_source_local_addr(mio_source_t *source, mio_addr_t *out);

/**
 * Gives the address of the peer.
 *
 * @param source a stream or a datagram socket.
 * @param out set to the address; all 0 on failure.
 * @return 0.
 * @ownership `source` stays the caller's.
 * @errors
 * - EINVAL: `source` or `out` is NULL; some systems: the peer is gone
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: a listener or a pipe
 * - ENOTCONN: it is not connected, or not yet
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_source_peer_addr(mio_source_t *source, mio_addr_t *out);

/**
 * Takes the error that waits in a socket (SO_ERROR), which clears it: why a
 * connect failed, or what an event with MIO_ERROR is about.
 *
 * @param source a socket.
 * @param error set to 0 or to a negative errno.
 * @return 0: of the call itself.
 * @ownership `source` stays the caller's.
 * @errors
 * - EINVAL: `source` or `error` is NULL
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: a pipe
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_source_take_error(mio_source_t *source, int32_t *error);

/* --------------------------------------------------- sources: moving bytes */

/**
 * Reads (mio's read and recv).
 *
 * @param source a stream, a datagram socket or a receiver.
 * @param buffer for the bytes.
 * @param length of the buffer.
 * @return how many bytes; 0: the end, or an empty datagram.
 * @ownership both stay the caller's.
 * @errors
 * - EINVAL: `source` is NULL, or `buffer` is and `length` is not 0
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: a listener or a sender
 * - EAGAIN: nothing is there: wait for MIO_READABLE
 * - ECONNRESET: the peer has cut the connection
 * - ECONNREFUSED: an earlier datagram found nobody, or connecting failed
 * - ENOTCONN: a stream that was never connected
 * @threadsafe no: one thread reads
 * @since 0.1
 */
MIO_API int32_t mio_source_read(mio_source_t *source, void *buffer,
                                uint64_t length);

/**
 * Writes (mio's write and send). A stream may take less than all.
 *
 * @param source a stream, a datagram socket or a sender.
 * @param buffer the bytes.
 * @param length how many.
 * @return how many bytes were taken.
 * @ownership both stay the caller's.
 * @errors
 * - EINVAL: `source` is NULL, or `buffer` is and `length` is not 0
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: a listener or a receiver
 * - EAGAIN: no room: wait for MIO_WRITABLE
 * - EPIPE: nobody reads any more, or, on Linux, a stream that was never
 *   connected; no SIGPIPE is raised
 * - ECONNRESET: the peer has cut the connection
 * - ECONNREFUSED: an earlier datagram found nobody
 * - EDESTADDRREQ: a datagram socket without a peer
 * - ENOTCONN: a Unix datagram socket without a peer, a stream that is not
 *   connected
 * - EMSGSIZE: the datagram is too long
 * - ENOBUFS: the system has no room for it now
 * @threadsafe no: one thread writes
 * @since 0.1
 */
MIO_API int32_t mio_source_write(mio_source_t *source, const void *buffer,
                                 uint64_t length);

/**
 * Reads into several buffers, one after the other, in one call.
 *
 * @param source a stream or a receiver.
 * @param buffers an array of pointers to buffers.
 * @param lengths an array of their lengths.
 * @param count of both arrays; more than MIO_BUFFERS_MAX are taken as that.
 * @return how many bytes in all; 0: the end.
 * @ownership all stay the caller's.
 * @errors
 * - EINVAL: `source` is NULL; `buffers` or `lengths` is and `count` is not 0;
 *   a buffer is NULL and its length is not 0
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: a listener, a datagram socket or a sender
 * - EAGAIN: nothing is there: wait for MIO_READABLE
 * - ECONNRESET: the peer has cut the connection
 * - ENOTCONN: a stream that was never connected
 * @threadsafe no: one thread reads
 * @since 0.1
 */
MIO_API int32_t mio_source_read_vectored(mio_source_t *source,
                                         void *const *buffers,
                                         const uint64_t *lengths,
                                         uint32_t count);

/**
 * Writes several buffers, one after the other, in one call.
 *
 * @param source a stream or a sender.
 * @param buffers an array of pointers to bytes.
 * @param lengths an array of their lengths.
 * @param count of both arrays; more than MIO_BUFFERS_MAX are taken as that.
 * @return how many bytes in all were taken.
 * @ownership all stay the caller's.
 * @errors
 * - EINVAL: `source` is NULL; `buffers` or `lengths` is and `count` is not 0;
 *   a buffer is NULL and its length is not 0
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: a listener, a datagram socket or a receiver
 * - EAGAIN: no room: wait for MIO_WRITABLE
 * - EPIPE: nobody reads any more, or, on Linux, a stream that was never
 *   connected; no SIGPIPE is raised
 * - ECONNRESET: the peer has cut the connection
 * - ENOTCONN: a stream that is not connected
 * @threadsafe no: one thread writes
 * @since 0.1
 */
MIO_API int32_t mio_source_write_vectored(mio_source_t *source,
                                          const void *const *buffers,
                                          const uint64_t *lengths,
                                          uint32_t count);

/**
 * Reads and leaves what it read: the next read gives it again.
 *
 * @param source a stream or a datagram socket.
 * @param buffer for the bytes.
 * @param length of the buffer.
 * @return how many bytes; 0: the end, or an empty datagram.
 * @ownership both stay the caller's.
 * @errors
 * - EINVAL: `source` is NULL, or `buffer` is and `length` is not 0
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: a listener or a pipe
 * - EAGAIN: nothing is there: wait for MIO_READABLE
 * - ECONNRESET: the peer has cut the connection
 * - ECONNREFUSED: an earlier datagram found nobody, or connecting failed
 * - ENOTCONN: a stream that was never connected
 * @threadsafe no: one thread reads
 * @since 0.1
 */
MIO_API int32_t mio_source_peek(mio_source_t *source, void *buffer,
                                uint64_t length);

/**
 * Reads a datagram, and tells who sent it.
 *
 * @param source a UDP or Unix datagram socket.
 * @param buffer for the bytes.
 * @param length of the buffer.
 * @param peer set to the sender's address, without a name if it has none; may
 * be NULL.
 * @return how many bytes.
 * @ownership all stay the caller's.
 * @errors
 * - EINVAL: `source` is NULL, or `buffer` is and `length` is not 0
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: not a datagram socket
 * - EAGAIN: nothing is there: wait for MIO_READABLE
 * - ECONNREFUSED: an earlier datagram found nobody
 * @threadsafe no: one thread reads
 * @since 0.1
 */
MIO_API int32_t mio_source_recv_from(mio_source_t *source, void *buffer,
                                     uint64_t length, mio_addr_t *peer);

/**
 * Reads a datagram and leaves it, and tells who sent it.
 *
 * @param source a UDP or Unix datagram socket.
 * @param buffer for the bytes.
 * @param length of the buffer.
 * @param peer set to the sender's address, without a name if it has none; may
 * be NULL.
 * @return how many bytes.
 * @ownership all stay the caller's.
 * @errors
 * - EINVAL: `source` is NULL, or `buffer` is and `length` is not 0
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: not a datagram socket
 * - EAGAIN: nothing is there: wait for MIO_READABLE
 * - ECONNREFUSED: an earlier datagram found nobody
 * @threadsafe no: one thread reads
 * @since 0.1
 */
MIO_API int32_t mio_source_peek_from(mio_source_t *source, void *buffer,
                                     uint64_t length, mio_addr_t *peer);

/**
 * Sends a datagram to an address.
 *
 * @param source a UDP or Unix datagram socket.
 * @param buffer the bytes.
 * @param length how many.
 * @param addr where to, of the family of the socket.
 * @return how many bytes: all.
 * @ownership all stay the caller's.
 * @errors
 * - EINVAL: `source` or `addr` is NULL, or `buffer` is and `length` is not 0;
 *   `addr` is not a valid address, of another family, or a Unix one without a
 *   name
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: not a datagram socket
 * - EAGAIN: no room: wait for MIO_WRITABLE
 * - EMSGSIZE: the datagram is too long
 * - EISCONN: it has a peer, and this system then sends to no other
 * - EACCES: a broadcast address, and MIO_OPTION_BROADCAST is not set
 * - ECONNREFUSED: an earlier datagram found nobody; no Unix socket has that
 *   name
 * - ENOENT: there is no such file
 * - ENETUNREACH: no way to there
 * - ENOBUFS: the system has no room for it now
 * @threadsafe no: one thread writes
 * @since 0.1
 */
MIO_API int32_t mio_source_send_to(mio_source_t *source, const void *buffer,
                                   uint64_t length, const mio_addr_t *addr);

/* -------------------------------------------------------- sources: options */

/**
 * Sets an option. On some systems MIO_OPTION_NODELAY and MIO_OPTION_TTL need a
 * stream that is connected.
 *
 * @param source the source.
 * @param option one of `enum mio_source_options`.
 * @param value in the range that the option has.
 * @return 0.
 * @ownership `source` stays the caller's.
 * @errors
 * - EINVAL: `source` is NULL; no such option; a value out of its range
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: the kind or family has no such option; MIO_OPTION_ONLY_V6
 * @threadsafe no: exclusive
 * @since 0.1
 */
MIO_API int32_t mio_source_set_option(mio_source_t *source, uint32_t option,
                                      uint32_t value);

/**
 * Gives the value of an option.
 *
 * @param source the source.
 * @param option one of `enum mio_source_options`.
 * @param value set to it; 0 on failure.
 * @return 0.
 * @ownership `source` stays the caller's.
 * @errors
 * - EINVAL: `source` or `value` is NULL; no such option
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: the kind or family has no such option
 * @threadsafe yes
 * @since 0.1
 */
MIO_API int32_t mio_source_option(mio_source_t *source, uint32_t option,
                                  uint32_t *value);

/**
 * Joins a multicast group (UdpSocket::join_multicast_v4, _v6): its datagrams
 * come from now on.
 *
 * @param source a UDP socket.
 * @param group the group's address; its port means nothing, and for IPv6 its
 * scope is the interface, 0 for any.
 * @param via for IPv4 the address of the interface; NULL for any. For IPv6
 * NULL.
 * @return 0.
 * @ownership all stay the caller's.
 * @errors
 * - EINVAL: `source` or `group` is NULL; `group` is not a multicast address of
 *   the family of the socket; `via` is not of that family, or not NULL for
 *   IPv6
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: not a UDP socket
 * - EADDRINUSE: it is a member already
 * - ENODEV: no such interface, or none that has a way to the group
 * - ENOBUFS: a member of too many groups
 * @threadsafe no: exclusive
 * @since 0.1
 */
MIO_API int32_t mio_source_join_multicast(mio_source_t *source,
                                          const mio_addr_t *group,
                                          const mio_addr_t *via);

/**
 * Leaves a multicast group.
 *
 * @param source a UDP socket.
 * @param group the group's address; its port means nothing, and for IPv6 its
 * scope is the interface, 0 for any.
 * @param via for IPv4 the address of the interface; NULL for any. For IPv6
 * NULL.
 * @return 0.
 * @ownership all stay the caller's.
 * @errors
 * - EINVAL: `source` or `group` is NULL; `group` is not a multicast address of
 *   the family of the socket; `via` is not of that family, or not NULL for
 *   IPv6
 * - EBADF: `source` is empty
 * - EOPNOTSUPP: not a UDP socket
 * - EADDRNOTAVAIL: it is no member
 * - ENODEV: no such interface
 * @threadsafe no: exclusive
 * @since 0.1
 */
MIO_API int32_t mio_source_leave_multicast(mio_source_t *source,
                                           const mio_addr_t *group,
                                           const mio_addr_t *via);

/* MIO_ABI_END */

#ifdef __cplusplus
}
#endif

#endif /* MIOPOLL_H */
