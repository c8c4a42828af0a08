/* What the two halves of the emulation share. */
#ifndef FAKE_KQUEUE_FAKE_H
#define FAKE_KQUEUE_FAKE_H

#include "sys/event.h"

#include <pthread.h>
#include <signal.h>

/* What a descriptor is, as far as filters differ. */
enum fake_kind {
  FAKE_STREAM,   /* A socket of SOCK_STREAM. */
  FAKE_DATAGRAM, /* Any other socket. */
  FAKE_PIPE,
  FAKE_OTHER /* An eventfd, a device, a kqueue or a set of epoll. */
};

struct fake_condition {
  int holds;
  int eof;
  uint32_t fflags;
  int64_t data;
};

enum { BUCKETS = 256, FIRST_TIMER = 3 };

struct knote {
  struct knote *next;  /* In its bucket. */
  struct knote *after; /* In the queue. */
  struct kevent event; /* As it was added; flags without the doing ones. */
  enum fake_kind kind;
  int timer;     /* A timerfd, or -1. */
  int unwatched; /* Of a loop. */
  int active;
  int queued;
  int disabled;
  int triggered;    /* EVFILT_USER. */
  int64_t reported; /* Bytes in a pipe, at the last report; -1. */
  int64_t expired;
};

struct kq {
  struct kq *next;
  int sets[3]; /* Of EVFILT_READ, _WRITE, _EXCEPT; the first is the kqueue. */
  int flag;    /* The eventfd. */
  int flagged;
  int others; /* As FreeBSD, macOS, DragonFly. */
  int pipes;  /* How many knotes are of pipes. */
  struct knote *buckets[BUCKETS];
  struct knote *head;
  struct knote *tail;
};

/* The kqueue of that number, or NULL. Under the lock. */
struct kq *fake_find(int fd);

/* One lock of all kqueues, since one may look into another. It is held with
 * signals blocked and cancellation put off, and never while waiting. */
struct fake_guard {
  sigset_t signals;
  int cancel;
};

void fake_lock(struct fake_guard *before);
void fake_unlock(const struct fake_guard *before);

/* Adds to a set of epoll. Descriptors of knotes come back by their number;
 * others are negative. */
int fake_watch(int set, int fd, uint32_t events, int64_t data);

/* Takes a knote out of its bucket, and frees it. */
void fake_forget(struct kq *kq, struct knote **place);

/* ---------------------------------------------------------------- filters.c */

enum fake_kind fake_kind(int fd);

/* 1 if the descriptor has no such filter: a kqueue cannot be written. */
int fake_lacks(int fd, int filter);

/* What EVFILT_READ, _WRITE or _EXCEPT says of a descriptor now. */
struct fake_condition fake_filter(int fd, enum fake_kind kind, int filter);

#endif
