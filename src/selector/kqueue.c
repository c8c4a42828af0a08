/*
 * The kqueue selector: macOS, iOS, FreeBSD, NetBSD, OpenBSD, DragonFly.
 *
 * A registration is one knote for each direction. The kernel keeps them, the
 * token included, so a wait that meets no one-shot registration needs neither
 * lock nor look-up. A table of our own is for what the kernel does not say.
 *
 * Its faults, and what we do about them (docs/selectors/kqueue.md has more):
 *   - Adding twice and deleting what is not there half succeed. The table
 *     knows what is registered. Closing a descriptor removes its knotes and
 *     not its entry; whether an entry is stale the kernel says, by a change
 *     that changes nothing. It carries the entry's own token, since FreeBSD,
 *     macOS and DragonFly store the token of any change.
 *   - One registration is up to three changes, and one may fail: the others
 *     are taken back. EV_RECEIPT, with room for as many answers as changes,
 *     keeps the call from reporting events instead.
 *   - EV_CLEAR and EV_DISPATCH of a knote cannot be changed: delete and add.
 *   - A one-shot knote disables itself only. The other direction is disabled
 *     before the wait returns; what it had to tell already is left out.
 *   - A loop of kqueues is accepted: nesting.c.
 *   - It is not inherited by a child, where its number is another's by then.
 *   - EV_EOF of EVFILT_READ is a half-close or a hang-up; both are reported
 *     as the latter, for none may be missed.
 *   - A negative timeout is EINVAL: NULL is for ever.
 *
 * Interest to kernel: READABLE -> EVFILT_READ, WRITABLE -> EVFILT_WRITE,
 * PRIORITY -> EVFILT_EXCEPT with NOTE_OOB; edge -> EV_CLEAR, ONESHOT ->
 * EV_DISPATCH. Kernel to readiness: the table of chapter 11 of the header.
 */
#include "selector/selector.h"

#include <stddef.h>
#include <stdlib.h>

#include "os/os.h"
#include "selector/fd_table.h"
#include "selector/kqueue_system.h"
#include "selector/nesting.h"
#include "wake/edge_pipe.h"

#define SECOND INT64_C(1000000000)

/* Seconds that every kernel takes: 3 years. The caller comes again. */
#define LONGEST (100000000 * SECOND)

/* Records of one system call. A larger array is filled by several. */
enum { RECORDS = 128, FILTERS = 3 };

struct selector {
  int fd;          /* -1 in a child, and when it is closed. */
  int user_wakers; /* The kernel has EVFILT_USER. */
  uint32_t features;
  uint32_t open_wakers;
  int closed;     /* No more than the wakers' memory is left. */
  os_lock_t lock; /* Of the two below. */
  struct fd_table table;
  uint64_t tokens[MIO_WAKERS_MAX];
  struct edge_pipe pipes[MIO_WAKERS_MAX]; /* Without EVFILT_USER. */
  struct nesting_poll nesting;
  struct kevent records[RECORDS]; /* The waiter's own. */
};

static const struct {
  uint32_t interest;
  int filter;
  uint32_t fflags;
} filters[FILTERS] = {
    {MIO_WRITABLE, EVFILT_WRITE, 0},
    {MIO_READABLE, EVFILT_READ, 0},
    {MIO_PRIORITY, KQ_EXCEPT, KQ_OOB},
};

static unsigned kqueue_from_trigger(uint32_t interest) {
  if (interest & MIO_ONESHOT) {
    return KQ_ONE_SHOT;
  }
  return interest & MIO_LEVEL ? 0 : EV_CLEAR;
}

static uint32_t readiness_from_kqueue(const struct kevent *record) {
  int filter = (int)record->filter;
  if (filter == KQ_AIO || filter == KQ_LIO) {
    return filter == KQ_AIO ? MIO_AIO : MIO_LIO; /* EV_EOF says done. */
  }
  uint32_t readiness = filter == EVFILT_WRITE ? MIO_WRITABLE : MIO_READABLE;
  if (filter == KQ_EXCEPT && record->fflags & KQ_OOB) {
    readiness |= MIO_PRIORITY;
  }
  if (record->flags & EV_EOF) {
    readiness |= MIO_READABLE | MIO_WRITABLE;
    readiness |= filter == EVFILT_WRITE ? MIO_WRITE_CLOSED : MIO_READ_CLOSED;
    if (record->fflags != 0 && filter != KQ_EXCEPT) {
      readiness |= MIO_ERROR;
    }
  }
  if (record->flags & EV_ERROR) {
    readiness |= MIO_READABLE | MIO_WRITABLE | MIO_ERROR;
  }
  return readiness;
}

static int watches(struct nesting_poll *nesting, int fd);

static int32_t kqueue_open(struct selector **out) {
  struct selector *selector = calloc(1, sizeof(*selector));
  if (selector == NULL) {
    return -ENOMEM;
  }
  int32_t rc = os_lock_init(&selector->lock);
  if (rc < 0) {
    goto fail_selector;
  }
  int fd = kq_new();
  if (fd < 0) {
    rc = -errno;
    goto fail_lock;
  }
  selector->fd = fd;
  selector->user_wakers = kq_knows(fd, KQ_USER);
  selector->features = MIO_FEATURE_EDGE_EXACT | MIO_FEATURE_NANOSECONDS |
                       MIO_FEATURE_FD |
                       (kq_knows(fd, KQ_EXCEPT) ? MIO_FEATURE_PRIORITY : 0) |
                       ((int)KQ_AIO != KQ_NO_AIO ? MIO_FEATURE_AIO : 0) |
                       ((int)KQ_LIO != KQ_NO_LIO ? MIO_FEATURE_LIO : 0);
  selector->nesting.fd = fd;
  selector->nesting.watches = watches;
  *out = selector;
  return 0;

fail_lock:
  os_lock_destroy(&selector->lock);
fail_selector:
  free(selector);
  return rc;
}

/* The kqueue stays while a waker may be posting to it, until free(). */
static void kqueue_close(struct selector *selector, int foreign) {
  selector->closed = 1;
  if (foreign) {
    selector->fd = -1; /* Not inherited: the number is not ours. */
    return;
  }
  if (selector->nesting.listed) {
    nesting_unlist(&selector->nesting);
  }
  if (selector->open_wakers == 0) {
    (void)close(selector->fd);
    selector->fd = -1;
  }
  os_lock_destroy(&selector->lock);
}

static void kqueue_free(struct selector *selector) {
  if (selector->fd >= 0) {
    (void)close(selector->fd);
  }
  fd_table_free(&selector->table);
  free(selector);
}

static uint32_t kqueue_features(const struct selector *selector) {
  return selector->features;
}

/* ------------------------------------------------------------------- waiting */

/* The events of one wait, as they are written. */
struct batch {
  struct selector *selector;
  mio_event_t *events;
  uint32_t written;
  int locked;
  int wrapped;         /* What is ready at level begins anew. */
  struct kevent first; /* The first of that; flags 0 if there is none. */
  uint32_t change_count;
  struct kevent changes[3 * FILTERS];
};

static uint64_t udata_of(const struct fd_entry *entry) {
  return KQ_TOKEN_FITS ? entry->token : entry->serial;
}

static void put(struct batch *batch, uint64_t token, uint32_t readiness) {
  mio_event_t *event = &batch->events[batch->written++];
  event->token = token;
  event->readiness = readiness;
  event->reserved = 0;
}

static void make_batched_changes(struct batch *batch) {
  (void)kq_make_changes(batch->selector->fd, batch->changes,
                        (int)batch->change_count);
  batch->change_count = 0;
}

/* Disarms a one-shot entry, which has reported. A single knote has disabled
 * itself; of several, the others are disabled here. */
static void disarm(struct batch *batch, struct fd_entry *entry) {
  uint32_t directions =
      entry->interest & (MIO_READABLE | MIO_WRITABLE | MIO_PRIORITY);
  entry->armed = 0;
  if (KQ_DISPATCH != 0 && (directions & (directions - 1)) == 0) {
    return;
  }
  if (batch->change_count > 2 * FILTERS) {
    make_batched_changes(batch);
  }
  for (int i = 0; i < FILTERS; i++) {
    if (directions & filters[i].interest) {
      batch->changes[batch->change_count++] =
          kq_change((uintptr_t)entry->fd, filters[i].filter, EV_DISABLE,
                    udata_of(entry));
    }
  }
}

/* What the other direction of a disarmed entry had to tell: goes with the
 * event that disarmed it, or is of a knote that was disabled too late. */
static void merge(struct batch *batch, uint64_t token, uint32_t readiness) {
  for (uint32_t i = batch->written; i > 0; i--) {
    if (batch->events[i - 1].token == token) {
      batch->events[i - 1].readiness |= readiness;
      return;
    }
  }
}

/* Reports by the table, under the lock. An entry that another thread took out
 * or changed meanwhile tells by itself what is true now. */
static void put_looked_up(struct batch *batch, const struct kevent *record) {
  struct selector *selector = batch->selector;
  uint32_t readiness = readiness_from_kqueue(record);
  if ((int)record->filter == KQ_USER) {
    put(batch, selector->tokens[record->ident], readiness);
    return;
  }
  struct fd_entry *entry = fd_table_find(&selector->table, (int)record->ident);
  if (entry == NULL || (!KQ_TOKEN_FITS &&
                        (uint32_t)(uintptr_t)record->udata != entry->serial)) {
    return;
  }
  if (!entry->armed) {
    merge(batch, entry->token, readiness);
    return;
  }
  if (entry->interest & MIO_ONESHOT) {
    disarm(batch, entry);
  }
  put(batch, entry->token, readiness);
}

/* Whether the table knows more of a record than the record. */
static int is_looked_up(const struct kevent *record) {
  int of_kernel =
      (int)record->filter == KQ_AIO || (int)record->filter == KQ_LIO;
  return !of_kernel &&
         (!KQ_TOKEN_FITS || KQ_DISPATCH == 0 || record->flags & KQ_DISPATCH);
}

/*
 * Whether a record is of a level-triggered registration that this wait has
 * reported already: the kernel has put it at the end of its queue, and in a
 * wait of several system calls it comes again.
 */
static int comes_again(struct batch *batch, const struct kevent *record) {
  if (record->flags & (EV_CLEAR | KQ_DISPATCH) || record->flags & EV_ONESHOT) {
    return 0;
  }
  if (batch->first.flags == 0) {
    batch->first = *record;
    batch->first.flags = EV_ADD;
    return 0;
  }
  batch->wrapped |= batch->first.ident == record->ident &&
                    batch->first.filter == record->filter;
  return batch->wrapped;
}

static void convert(struct batch *batch, int count) {
  struct selector *selector = batch->selector;
  for (int i = 0; i < count; i++) {
    const struct kevent *record = &selector->records[i];
    if (comes_again(batch, record)) {
      continue;
    }
    if (!is_looked_up(record)) {
      put(batch, (uintptr_t)record->udata, readiness_from_kqueue(record));
      continue;
    }
    if (!batch->locked++) {
      os_lock(&selector->lock);
    }
    put_looked_up(batch, record);
  }
  if (batch->locked) {
    if (batch->change_count > 0) {
      make_batched_changes(batch);
    }
    os_unlock(&selector->lock);
    batch->locked = 0;
  }
}

static int32_t kqueue_selector_wait(struct selector *selector,
                                    mio_event_t *events, uint32_t capacity,
                                    int64_t timeout_ns) {
  int64_t limit = timeout_ns < LONGEST ? timeout_ns : LONGEST;
  struct timespec time = {(time_t)(limit / SECOND), (long)(limit % SECOND)};
  struct batch batch;
  batch.selector = selector;
  batch.events = events;
  batch.written = 0;
  batch.locked = 0;
  batch.wrapped = 0;
  batch.first.flags = 0;
  batch.change_count = 0;
  const struct timespec *until = timeout_ns < 0 ? NULL : &time;
  int n;
  do {
    uint32_t room = capacity - batch.written;
    uint32_t asked = room < RECORDS ? room : RECORDS;
    n = kevent(selector->fd, NULL, 0, selector->records, (kq_count_t)asked,
               until);
    if (n < 0) {
      return batch.written > 0 ? (int32_t)batch.written : -errno;
    }
    convert(&batch, n);
    time = (struct timespec){0, 0};
    until = &time;
  } while (n == RECORDS && !batch.wrapped && batch.written < capacity);
  return (int32_t)batch.written;
}

/* --------------------------------------------------------------- registering */

/* A change of one knote of an entry. */
static struct kevent knote_change(const struct fd_entry *entry, int i,
                                  unsigned flags) {
  struct kevent change = kq_change((uintptr_t)entry->fd, filters[i].filter,
                                   flags, udata_of(entry));
  change.fflags = (kq_fflags_t)filters[i].fflags;
  return change;
}

/* Whether the kernel still has the knotes of an entry: they go when the
 * descriptor is closed. Asked by a change that changes nothing. */
static int is_live(const struct selector *selector,
                   const struct fd_entry *entry) {
  int i = 0;
  while (!(entry->interest & filters[i].interest)) {
    i++;
  }
  struct kevent change =
      knote_change(entry, i, entry->armed ? EV_ENABLE : EV_DISABLE);
  return kq_make_change(selector->fd, &change) == 0;
}

/* The entry of a descriptor, under the lock; NULL, also if it was stale. */
static struct fd_entry *find_live(struct selector *selector, int fd) {
  struct fd_entry *entry = fd_table_find(&selector->table, fd);
  if (entry != NULL && !is_live(selector, entry)) {
    fd_table_remove(&selector->table, entry);
    entry = NULL;
  }
  return entry;
}

static int watches(struct nesting_poll *nesting, int fd) {
  struct selector *selector =
      (struct selector *)(void *)((char *)nesting -
                                  offsetof(struct selector, nesting));
  os_lock(&selector->lock);
  int yes = find_live(selector, fd) != NULL;
  os_unlock(&selector->lock);
  return yes;
}

/*
 * Makes the knotes of `entry` those that its interest says, where those of
 * the interest `old` are, or perhaps are; `anew` if their trigger is another.
 * Returns the first error of what was to be added; what is deleted may be gone
 * already.
 */
static int32_t make_knotes(const struct selector *selector,
                           const struct fd_entry *entry, uint32_t old,
                           int anew) {
  struct kevent changes[2 * FILTERS];
  int adds[2 * FILTERS];
  int count = 0;
  unsigned trigger = kqueue_from_trigger(entry->interest);
  unsigned state = entry->armed ? EV_ENABLE : EV_DISABLE;
  for (int i = 0; i < FILTERS; i++) {
    int wanted = (entry->interest & filters[i].interest) != 0;
    if (old & filters[i].interest && (anew || !wanted)) {
      adds[count] = 0;
      changes[count++] = knote_change(entry, i, EV_DELETE);
    }
    if (wanted) {
      adds[count] = 1;
      changes[count++] = knote_change(entry, i, EV_ADD | state | trigger);
    }
  }
  int32_t rc = kq_make_changes(selector->fd, changes, count);
  for (int i = 0; i < count && rc == 0; i++) {
    rc = adds[i] ? kq_add_error(&changes[i]) : 0;
  }
  return rc;
}

/* Deletes the knotes of an entry. 0, or -ENOENT if one was not there. */
static int32_t delete_knotes(const struct selector *selector,
                             const struct fd_entry *entry) {
  struct kevent changes[FILTERS];
  int count = 0;
  for (int i = 0; i < FILTERS; i++) {
    if (entry->interest & filters[i].interest) {
      changes[count++] = knote_change(entry, i, EV_DELETE);
    }
  }
  int32_t rc = kq_make_changes(selector->fd, changes, count);
  for (int i = 0; i < count && rc == 0; i++) {
    rc = -(int32_t)changes[i].data;
  }
  return rc;
}

/* The checks that epoll makes, in its order. A closed descriptor takes its
 * entry with it, as its knotes went. */
static int32_t check(struct selector *selector, int fd) {
  int32_t rc = os_fd_open(fd);
  if (rc < 0) {
    os_lock(&selector->lock);
    struct fd_entry *stale = fd_table_find(&selector->table, fd);
    if (stale != NULL) {
      fd_table_remove(&selector->table, stale);
    }
    os_unlock(&selector->lock);
    return rc;
  }
  rc = os_fd_watchable(fd);
  if (rc < 0) {
    return rc;
  }
  return fd == selector->fd ? -EINVAL : 0;
}

static int32_t add_checked(struct selector *selector, int fd, uint64_t token,
                           uint32_t interest) {
  os_lock(&selector->lock);
  int32_t rc = -EEXIST;
  if (find_live(selector, fd) == NULL) {
    rc = fd_table_reserve(&selector->table, fd);
  }
  if (rc == 0) {
    fd_table_add(&selector->table, fd, token, interest);
    struct fd_entry *entry = fd_table_find(&selector->table, fd);
    rc = make_knotes(selector, entry, 0, 0);
    if (rc < 0) {
      (void)delete_knotes(selector, entry);
      fd_table_remove(&selector->table, entry);
    }
  }
  os_unlock(&selector->lock);
  return rc;
}

static int32_t kqueue_add(struct selector *selector, int fd, uint64_t token,
                          uint32_t interest) {
  int32_t rc = check(selector, fd);
  if (rc < 0) {
    return rc;
  }
  int32_t nested = nesting_begin(&selector->nesting, fd);
  if (nested < 0) {
    return nested;
  }
  rc = add_checked(selector, fd, token, interest);
  if (nested) {
    nesting_end();
  }
  return rc;
}

static int32_t kqueue_modify(struct selector *selector, int fd, uint64_t token,
                             uint32_t interest) {
  int32_t rc = check(selector, fd);
  if (rc < 0) {
    return rc;
  }
  os_lock(&selector->lock);
  struct fd_entry *entry = find_live(selector, fd);
  rc = -ENOENT;
  if (entry != NULL) {
    struct fd_entry old = *entry;
    fd_table_change(&selector->table, entry, token, interest);
    int anew =
        kqueue_from_trigger(interest) != kqueue_from_trigger(old.interest);
    rc = make_knotes(selector, entry, old.interest, anew);
    if (rc < 0) {
      *entry = old;
      (void)make_knotes(selector, entry, interest | old.interest, 1);
    }
  }
  os_unlock(&selector->lock);
  return rc;
}

static int32_t kqueue_remove(struct selector *selector, int fd) {
  int32_t rc = check(selector, fd);
  if (rc < 0) {
    return rc;
  }
  os_lock(&selector->lock);
  struct fd_entry *entry = fd_table_find(&selector->table, fd);
  rc = -ENOENT;
  if (entry != NULL) {
    rc = delete_knotes(selector, entry);
    fd_table_remove(&selector->table, entry);
  }
  os_unlock(&selector->lock);
  return rc;
}

/* -------------------------------------------------------------------- wakers */

static int32_t user_waker_change(const struct selector *selector,
                                 uint32_t slot, unsigned flags,
                                 uint32_t fflags) {
  struct kevent change = kq_change(slot, KQ_USER, flags,
                                   KQ_TOKEN_FITS ? selector->tokens[slot] : 0);
  change.fflags = (kq_fflags_t)fflags;
  return kq_make_change(selector->fd, &change);
}

static int32_t kqueue_waker_open(struct selector *selector, uint32_t slot,
                                 uint64_t token) {
  int32_t rc;
  if (selector->user_wakers) {
    os_lock(&selector->lock);
    selector->tokens[slot] = token;
    os_unlock(&selector->lock);
    rc = user_waker_change(selector, slot, EV_ADD | EV_CLEAR, 0);
  } else {
    struct edge_pipe *pipe = &selector->pipes[slot];
    rc = edge_pipe_open(pipe);
    if (rc == 0) {
      rc = add_checked(selector, pipe->read_end, token, MIO_READABLE);
      if (rc < 0) {
        edge_pipe_close(pipe);
      }
    }
  }
  selector->open_wakers += rc == 0;
  return rc;
}

static int32_t kqueue_waker_post(struct selector *selector, uint32_t slot) {
  return selector->user_wakers
             ? user_waker_change(selector, slot, 0, KQ_TRIGGER)
             : edge_pipe_ring(&selector->pipes[slot]);
}

static void kqueue_waker_close(struct selector *selector, uint32_t slot,
                               int foreign) {
  struct edge_pipe *pipe = &selector->pipes[slot];
  if (!foreign && !selector->closed) {
    if (selector->user_wakers) {
      (void)user_waker_change(selector, slot, EV_DELETE, 0);
    } else {
      (void)kqueue_remove(selector, pipe->read_end);
    }
  }
  if (!selector->user_wakers) {
    edge_pipe_close(pipe);
  }
  selector->open_wakers--;
}

static int kqueue_descriptor(struct selector *selector) {
  nesting_list(&selector->nesting);
  return selector->fd;
}

const struct selector_ops kqueue_selector = {
    .id = MIO_SELECTOR_KQUEUE,
    .open = kqueue_open,
    .close = kqueue_close,
    .free = kqueue_free,
    .features = kqueue_features,
    .wait = kqueue_selector_wait,
    .add = kqueue_add,
    .modify = kqueue_modify,
    .remove = kqueue_remove,
    .rearm = NULL,
    .waker_open = kqueue_waker_open,
    .waker_post = kqueue_waker_post,
    .waker_close = kqueue_waker_close,
    .descriptor = kqueue_descriptor,
};
