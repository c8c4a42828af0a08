/*
 * An emulation of kqueue on Linux, for the tests of a selector for which no
 * kernel is at hand. It is specified by NetBSD, as measured on NetBSD
 * 7.99.34's own code; tests/c/fake_kqueue_test.c has a test for each row of
 * that table. FAKE_KQUEUE=freebsd turns on what FreeBSD, macOS and DragonFly
 * do otherwise: sys/event.h.
 *
 * How. A kqueue is a list of knotes and a queue of those that are active, as
 * in the BSD kernels. That something happened to a descriptor comes from
 * epoll, edge-triggered: one set for each filter, since a set that watches
 * both directions does not tell which of them changed. The set of EVFILT_READ
 * is the kqueue's own descriptor, and holds the other two, and an eventfd that
 * is readable while the queue is not empty: so the kqueue can be polled. What
 * happened is only a reason to look: filters.c says whether the condition
 * holds.
 *     That a descriptor was closed is seen lazily: adding it to the set
 * anew succeeds then, for Linux knows the pair of number and open file.
 *     Each call holds one lock, with signals blocked, since kevent may be
 * called from a handler; it is not held while it waits.
 *
 * What it does not model:
 *   - Files, vnodes, processes, signals, AIO: EVFILT_READ and _WRITE on what
 *     epoll refuses is EPERM.
 *   - A partial read of a pipe is noticed by the next kevent() call that
 *     waits, not during one.
 *   - Any change of a socket's state fires its EVFILT_WRITE once, and a FIN
 *     of the peer is one.
 *   - A descriptor that was closed, while a duplicate lives, and dup2()ed to
 *     its old number still has its knotes.
 *   - Kqueues nest five deep, four if the innermost watches for writing. A
 *     loop of them is accepted and never fires.
 *   - What happens to a descriptor whose knote is disabled makes the kqueue's
 *     own descriptor readable, until the next kevent() that waits.
 *   - Low-water marks, and the fine print of flags on EVFILT_USER.
 */
#include "fake.h"
#undef close

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#define SECOND INT64_C(1000000000)

/* ------------------------------------------------------------------- knotes */

static int set_index(int filter) {
  return filter == EVFILT_READ ? 0 : filter == EVFILT_WRITE ? 1 : 2;
}

static int is_of_descriptor(int filter) {
  return filter == EVFILT_READ || filter == EVFILT_WRITE ||
         filter == EVFILT_EXCEPT;
}

static struct knote **place_of(struct kq *kq, uintptr_t ident, int filter) {
  struct knote **place = &kq->buckets[ident % BUCKETS];
  while (*place != NULL && ((*place)->event.ident != ident ||
                            (*place)->event.filter != filter)) {
    place = &(*place)->next;
  }
  return place;
}

static void enqueue(struct kq *kq, struct knote *knote) {
  if (!knote->active || knote->queued || knote->disabled) {
    return;
  }
  knote->queued = 1;
  knote->after = NULL;
  if (kq->tail == NULL) {
    kq->head = knote;
  } else {
    kq->tail->after = knote;
  }
  kq->tail = knote;
}

static void dequeue(struct kq *kq, struct knote *knote) {
  struct knote *last = NULL;
  struct knote **place = &kq->head;
  if (!knote->queued) {
    return;
  }
  while (*place != knote) {
    last = *place;
    place = &(*place)->after;
  }
  *place = knote->after;
  if (kq->tail == knote) {
    kq->tail = last;
  }
  knote->queued = 0;
}

static void activate(struct kq *kq, struct knote *knote) {
  knote->active = 1;
  enqueue(kq, knote);
}

/* The eventfd says whether the queue is empty. */
static void settle(struct kq *kq) {
  uint64_t count = 1;
  int wanted = kq->head != NULL;
  if (wanted && !kq->flagged) {
    (void)!write(kq->flag, &count, sizeof(count));
  } else if (!wanted && kq->flagged) {
    (void)!read(kq->flag, &count, sizeof(count));
  }
  kq->flagged = wanted;
}

int fake_watch(int set, int fd, uint32_t events, int64_t data) {
  struct epoll_event record = {.events = events,
                               .data = {.u64 = (uint64_t)data}};
  return epoll_ctl(set, EPOLL_CTL_ADD, fd, &record);
}

/* 1 if its descriptor is still the one that it was added for. */
static int is_alive(struct kq *kq, struct knote *knote) {
  int fd = (int)knote->event.ident;
  int set = kq->sets[set_index(knote->event.filter)];
  if (!is_of_descriptor(knote->event.filter) || knote->unwatched) {
    return 1;
  }
  if (fake_watch(set, fd, EPOLLET, fd) == 0) {
    (void)epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL);
    return 0;
  }
  return errno != EBADF;
}

/* The set of a filter, made when it is first used. */
static int set_of(struct kq *kq, int filter) {
  int i = set_index(filter);
  if (kq->sets[i] < 0) {
    kq->sets[i] = epoll_create1(EPOLL_CLOEXEC);
    if (kq->sets[i] < 0 ||
        fake_watch(kq->sets[0], kq->sets[i], EPOLLIN, -1) < 0) {
      return -1;
    }
  }
  return kq->sets[i];
}

static int attach_descriptor(struct kq *kq, struct knote *knote) {
  static const uint32_t events[] = {EPOLLIN | EPOLLRDHUP, EPOLLOUT, EPOLLPRI};
  int filter = knote->event.filter;
  int fd = (int)knote->event.ident;
  if (fcntl(fd, F_GETFD) < 0 || fd == kq->flag || fd == kq->sets[1] ||
      fd == kq->sets[2]) {
    return EBADF; /* A kernel's kqueue has no other descriptors. */
  }
  if (fd == kq->sets[0] || fake_lacks(fd, filter)) {
    return EINVAL;
  }
  int set = set_of(kq, filter);
  if (set < 0) {
    return errno;
  }
  knote->kind = fake_kind(fd);
  if (knote->kind == FAKE_PIPE && filter == EVFILT_WRITE &&
      fake_filter(fd, FAKE_PIPE, filter).eof) {
    return kq->others ? EPIPE : EBADF; /* So their sources have it. */
  }
  if (fake_watch(set, fd, events[set_index(filter)] | EPOLLET, fd) < 0) {
    if (errno != ELOOP) {
      return errno;
    }
    knote->unwatched = 1;
  }
  kq->pipes += knote->kind == FAKE_PIPE;
  return 0;
}

static int attach_timer(struct kq *kq, struct knote *knote) {
  int64_t ms = knote->event.data;
  struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  struct itimerspec timer = {time, time};
  int64_t mark = -(int64_t)knote->event.ident - FIRST_TIMER;
  knote->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (knote->timer < 0 || timerfd_settime(knote->timer, 0, &timer, NULL) < 0 ||
      fake_watch(kq->sets[0], knote->timer, EPOLLIN | EPOLLET, mark) < 0) {
    return errno;
  }
  return 0;
}

static int attach(struct kq *kq, struct knote *knote) {
  switch (knote->event.filter) {
  case EVFILT_TIMER:
    return attach_timer(kq, knote);
  case EVFILT_USER:
    return 0;
  default:
    return attach_descriptor(kq, knote);
  }
}

void fake_forget(struct kq *kq, struct knote **place) {
  struct knote *knote = *place;
  dequeue(kq, knote);
  *place = knote->next;
  if (is_of_descriptor(knote->event.filter) && !knote->unwatched) {
    int set = kq->sets[set_index(knote->event.filter)];
    (void)epoll_ctl(set, EPOLL_CTL_DEL, (int)knote->event.ident, NULL);
  }
  if (knote->timer >= 0) {
    (void)close(knote->timer);
  }
  kq->pipes -= knote->kind == FAKE_PIPE;
  free(knote);
}

/* Adds a knote that is not there. The knote, or NULL with *error. */
static struct knote *add(struct kq *kq, const struct kevent *change,
                         struct knote **place, int *error) {
  struct knote *knote = calloc(1, sizeof(*knote));
  if (knote == NULL) {
    *error = ENOMEM;
    return NULL;
  }
  knote->event = *change;
  knote->event.flags = change->flags & (EV_ONESHOT | EV_CLEAR | EV_DISPATCH);
  knote->kind = FAKE_OTHER;
  knote->timer = -1;
  knote->reported = -1;
  *place = knote;
  *error = attach(kq, knote);
  if (*error != 0) {
    knote->unwatched = 1;
    knote->kind = FAKE_OTHER;
    fake_forget(kq, place);
    return NULL;
  }
  return knote;
}

/* A kqueue in a kqueue is readable if its own queue is not empty. */
static void pump(struct kq *kq);

static struct fake_condition of_kqueue(struct kq *nested) {
  pump(nested);
  int ready = nested->head != NULL;
  settle(nested);
  return (struct fake_condition){ready, 0, 0, ready};
}

/* f_event() of the kernels: whether a knote's condition holds. */
static struct fake_condition look(struct knote *knote) {
  int fd = (int)knote->event.ident;
  int filter = knote->event.filter;
  if (filter == EVFILT_TIMER) {
    return (struct fake_condition){knote->expired > 0, 0, 0, knote->expired};
  }
  if (filter == EVFILT_USER) {
    return (struct fake_condition){knote->triggered, 0, 0, 0};
  }
  if (knote->unwatched) {
    return (struct fake_condition){0, 0, 0, 0};
  }
  struct kq *nested = knote->kind == FAKE_OTHER ? fake_find(fd) : NULL;
  return nested != NULL ? of_kqueue(nested)
                        : fake_filter(fd, knote->kind, filter);
}

/* ------------------------------------------------------------------ changes */

static void change_knote(struct kq *kq, struct knote *knote,
                         const struct kevent *change) {
  if (change->flags & EV_ADD || kq->others) {
    knote->event.udata = change->udata;
  }
  if (change->filter == EVFILT_USER && change->fflags & NOTE_TRIGGER) {
    knote->triggered = 1;
    activate(kq, knote);
  }
  if (change->flags & EV_DISABLE) {
    knote->disabled = 1;
    dequeue(kq, knote);
  }
  if ((change->flags & EV_ADD || (kq->others && !knote->disabled)) &&
      look(knote).holds) {
    activate(kq, knote);
  }
  if (change->flags & EV_ENABLE) {
    knote->disabled = 0;
    if (kq->others && look(knote).holds) {
      knote->active = 1;
    }
    enqueue(kq, knote);
  }
}

static int has_filter(const struct kq *kq, int filter) {
  return filter == EVFILT_READ || filter == EVFILT_WRITE ||
         filter == EVFILT_TIMER ||
         (kq->others && (filter == EVFILT_USER || filter == EVFILT_EXCEPT));
}

static int apply(struct kq *kq, const struct kevent *change) {
  struct knote **place = place_of(kq, change->ident, change->filter);
  int error = 0;
  if (!has_filter(kq, change->filter)) {
    return EINVAL;
  }
  if (is_of_descriptor(change->filter) &&
      fcntl((int)change->ident, F_GETFD) < 0) {
    error = EBADF;
  }
  if (*place != NULL && !is_alive(kq, *place)) {
    fake_forget(kq, place);
    place = place_of(kq, change->ident, change->filter); /* Not the next. */
  }
  if (error != 0) {
    return error;
  }
  struct knote *knote = *place;
  if (knote == NULL && !(change->flags & EV_ADD)) {
    return ENOENT;
  }
  if (knote != NULL && change->flags & EV_DELETE) {
    fake_forget(kq, place);
    return 0;
  }
  if (knote == NULL) {
    knote = add(kq, change, place, &error);
  }
  if (knote != NULL) {
    change_knote(kq, knote, change);
  }
  return error;
}

/* Applies changes. The number of records written, or -1. */
static int apply_all(struct kq *kq, const struct kevent *changes, int nchanges,
                     struct kevent *events, int nevents) {
  int written = 0;
  for (int i = 0; i < nchanges; i++) {
    struct kevent change = changes[i]; /* The two arrays may be one. */
    int error = apply(kq, &change);
    if (error == 0 && !(change.flags & EV_RECEIPT)) {
      continue;
    }
    if (written < nevents) {
      change.flags = EV_ERROR;
      change.data = error;
      events[written++] = change;
    } else if (error != 0) {
      errno = error;
      return -1;
    }
  }
  return written;
}

/* ------------------------------------------------------------------- events */

static void happened(struct kq *kq, int64_t data, int filter) {
  if (data <= -FIRST_TIMER) {
    uintptr_t ident = (uintptr_t)(-data - FIRST_TIMER);
    struct knote *timer = *place_of(kq, ident, EVFILT_TIMER);
    uint64_t count;
    if (timer != NULL &&
        read(timer->timer, &count, sizeof(count)) == sizeof(count)) {
      timer->expired += (int64_t)count;
      activate(kq, timer);
    }
  }
  if (data >= 0) {
    struct knote **place = place_of(kq, (uintptr_t)data, filter);
    if (*place != NULL && !is_alive(kq, *place)) {
      fake_forget(kq, place);
    } else if (*place != NULL && look(*place).holds) {
      activate(kq, *place);
    }
  }
}

/* A read of a part of what is in a pipe fires again. */
static void look_at_pipes(struct kq *kq) {
  for (int i = 0; i < BUCKETS && kq->pipes > 0; i++) {
    for (struct knote *knote = kq->buckets[i]; knote; knote = knote->next) {
      if (knote->event.filter == EVFILT_READ && knote->kind == FAKE_PIPE &&
          knote->reported >= 0 && is_alive(kq, knote)) {
        struct fake_condition now = look(knote);
        if (now.holds && now.data != knote->reported) {
          knote->reported = -1;
          activate(kq, knote);
        }
      }
    }
  }
}

/* Takes what epoll has to tell. */
static void pump(struct kq *kq) {
  static const int filters[] = {EVFILT_READ, EVFILT_WRITE, EVFILT_EXCEPT};
  struct epoll_event records[64];
  for (int i = 0; i < 3; i++) {
    int n = 64;
    while (n == 64 && kq->sets[i] >= 0) {
      n = epoll_wait(kq->sets[i], records, 64, 0);
      for (int k = 0; k < n; k++) {
        happened(kq, (int64_t)records[k].data.u64, filters[i]);
      }
    }
  }
  look_at_pipes(kq);
}

/* What becomes of a knote that was reported. */
static void reported(struct kq *kq, struct knote *knote) {
  uint16_t flags = knote->event.flags;
  if (flags & EV_ONESHOT) {
    fake_forget(kq, place_of(kq, knote->event.ident, knote->event.filter));
    return;
  }
  if (flags & (EV_CLEAR | EV_DISPATCH) || knote->timer >= 0) {
    knote->active = 0;
    knote->triggered = 0;
    knote->expired = 0;
  }
  if (flags & EV_DISPATCH) {
    knote->disabled = 1;
  }
  enqueue(kq, knote);
}

/* Reports the first of the queue. 1 if it wrote an event. */
static int report_first(struct kq *kq, struct kevent *event) {
  struct knote *knote = kq->head;
  dequeue(kq, knote);
  if (!is_alive(kq, knote)) {
    fake_forget(kq, place_of(kq, knote->event.ident, knote->event.filter));
    return 0;
  }
  struct fake_condition now = look(knote);
  if (!now.holds) {
    knote->active = 0;
    return 0;
  }
  *event = knote->event;
  event->flags |= now.eof ? EV_EOF : 0;
  event->fflags = now.fflags;
  event->data = now.data;
  knote->reported = knote->kind == FAKE_PIPE ? now.data : -1;
  reported(kq, knote);
  return 1;
}

static int collect(struct kq *kq, struct kevent *events, int nevents) {
  int length = 0;
  int written = 0;
  pump(kq);
  for (struct knote *knote = kq->head; knote; knote = knote->after) {
    length++;
  }
  for (; length > 0 && written < nevents && kq->head != NULL; length--) {
    written += report_first(kq, &events[written]);
  }
  settle(kq);
  return written;
}

static int64_t now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

/* Waits for something to happen, as long as it is told. */
static int doze(struct kq *kq, int64_t end) {
  struct pollfd polled = {kq->sets[0], POLLIN, 0};
  int64_t left = end - now();
  left = left > 0 ? left : 0;
  struct timespec time = {left / SECOND, left % SECOND};
  return ppoll(&polled, 1, end == INT64_MAX ? NULL : &time, NULL);
}

int kevent(int fd, const struct kevent *changes, int nchanges,
           struct kevent *events, int nevents,
           const struct timespec *timeout) {
  struct fake_guard before;
  int64_t end = INT64_MAX;
  if (timeout != NULL) {
    if (timeout->tv_sec < 0 || timeout->tv_sec > INT32_MAX ||
        timeout->tv_nsec < 0 || timeout->tv_nsec >= SECOND) {
      errno = EINVAL;
      return -1;
    }
    end = now() + timeout->tv_sec * SECOND + timeout->tv_nsec;
  }
  fake_lock(&before);
  struct kq *kq = fake_find(fd);
  int n = -1;
  if (kq != NULL) {
    n = apply_all(kq, changes, nchanges, events, nevents);
    settle(kq);
  } else {
    errno = EBADF;
  }
  fake_unlock(&before);
  while (n == 0 && nevents > 0) {
    fake_lock(&before);
    n = collect(kq, events, nevents);
    fake_unlock(&before);
    if (n != 0 || now() >= end) {
      break;
    }
    n = doze(kq, end) < 0 ? -1 : 0;
  }
  return n;
}
