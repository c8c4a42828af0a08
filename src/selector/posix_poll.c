/*
 * The poll(2) selector: any POSIX system, as a fallback and as a second
 * opinion in the tests.
 *
 * poll(2) keeps nothing between two calls, so registrations are a table of
 * our own, behind one short lock. The waiter polls a snapshot of the table,
 * without the lock; whoever changes the table during a wait rings the alarm, a
 * pipe at place 0 of the snapshot, so that the waiter comes back for a new
 * one.
 *
 * Its faults, and what we do about them:
 *   - It is level-triggered. MIO_FEATURE_EDGE_EXACT is absent; one-shot and
 *     the edge of the library's sources are exact, by not polling what has
 *     fired.
 *   - It calls regular files and directories ready for ever, and says nothing
 *     of a bad descriptor until it is polled. Both are checked at
 *     registration, for the same answers as epoll's.
 *   - A closed descriptor gives POLLNVAL in every call: such an entry is
 *     dropped, or the waiter would spin.
 *   - A result may be of a registration that another thread replaced during
 *     the call. Entries carry a serial number, and what does not match is
 *     left out: the next call tells it.
 *
 * Interest to kernel: READABLE -> POLLIN | POLLRDHUP (the latter on Linux),
 * WRITABLE -> POLLOUT, PRIORITY -> POLLPRI. Kernel to readiness: the table of
 * chapter 11 of the header.
 */
#include "selector/selector.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "os/os.h"
#include "selector/fd_table.h"
#include "wake/pipe.h"
#include "wakeup.h"

#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif

/* What the waiter polls: place 0 is the alarm, place i entry i - 1 of the
 * table as it was. Allocated by who registers, so that a wait need not. */
struct snapshot {
  uint32_t capacity;
  uint32_t count;
  uint32_t *serials;
  struct pollfd *fds;
};

struct selector {
  os_lock_t lock; /* Of all up to the alarm. */
  struct fd_table table;
  struct snapshot *spare; /* A larger one for the next wait, or NULL. */
  uint32_t version;       /* Of the table: counts changes. */
  int waiting;
  uint64_t tokens[MIO_WAKERS_MAX];
  struct pipe_alarm alarm;
  /* A bit for each waker slot, in words that every CPU sets without a lock:
   * a signal handler posts. 64-bit ones are behind a lock of libatomic on
   * some 32-bit CPUs. */
  _Atomic uint32_t posted[MIO_WAKERS_MAX / 32];
  /* The waiter's own. */
  struct snapshot *current;
  uint32_t current_version;
  uint32_t next_place; /* Where the next report begins, for fairness. */
  uint32_t next_slot;
  uint32_t turn;
};

static short poll_from_interest(uint32_t interest) {
  short events = 0;
  if (interest & MIO_READABLE) {
    events |= POLLIN | POLLRDHUP;
  }
  if (interest & MIO_WRITABLE) {
    events |= POLLOUT;
  }
  if (interest & MIO_PRIORITY) {
    events |= POLLPRI;
  }
  return events;
}

static uint32_t readiness_from_poll(short events) {
  uint32_t readiness = 0;
  if (events & (POLLIN | POLLPRI | POLLERR | POLLHUP)) {
    readiness |= MIO_READABLE;
  }
  if (events & (POLLOUT | POLLERR | POLLHUP)) {
    readiness |= MIO_WRITABLE;
  }
  if (events & POLLPRI) {
    readiness |= MIO_PRIORITY;
  }
  if (events & POLLERR) {
    readiness |= MIO_ERROR;
  }
  if (events & (POLLHUP | POLLRDHUP)) {
    readiness |= MIO_READ_CLOSED;
  }
  if ((events & POLLHUP) || (events & POLLOUT && events & POLLERR) ||
      events == POLLERR) {
    readiness |= MIO_WRITE_CLOSED;
  }
  return readiness;
}

static struct snapshot *snapshot_new(uint32_t capacity) {
  struct snapshot *snapshot = malloc(sizeof(*snapshot));
  if (snapshot == NULL) {
    return NULL;
  }
  snapshot->capacity = capacity;
  snapshot->count = 0;
  snapshot->fds = malloc(capacity * sizeof(*snapshot->fds));
  snapshot->serials = malloc(capacity * sizeof(*snapshot->serials));
  if (snapshot->fds == NULL || snapshot->serials == NULL) {
    free(snapshot->fds);
    free(snapshot->serials);
    free(snapshot);
    return NULL;
  }
  return snapshot;
}

static void snapshot_free(struct snapshot *snapshot) {
  if (snapshot != NULL) {
    free(snapshot->fds);
    free(snapshot->serials);
    free(snapshot);
  }
}

static int32_t poll_open(struct selector **out) {
  struct selector *selector = calloc(1, sizeof(*selector));
  if (selector == NULL) {
    return -ENOMEM;
  }
  int32_t rc = -ENOMEM;
  selector->current = snapshot_new(1);
  if (selector->current == NULL) {
    goto fail_selector;
  }
  rc = pipe_alarm_open(&selector->alarm);
  if (rc < 0) {
    goto fail_snapshot;
  }
  rc = os_lock_init(&selector->lock);
  if (rc < 0) {
    goto fail_alarm;
  }
  selector->version = 1; /* The snapshot has not even the alarm. */
  *out = selector;
  return 0;

fail_alarm:
  pipe_alarm_close(&selector->alarm);
fail_snapshot:
  snapshot_free(selector->current);
fail_selector:
  free(selector);
  return rc;
}

/* The alarm stays, since wakers may ring it still. */
static void poll_close(struct selector *selector, int foreign) {
  if (!foreign) {
    os_lock_destroy(&selector->lock);
  }
}

static void poll_free(struct selector *selector) {
  pipe_alarm_close(&selector->alarm);
  snapshot_free(selector->current);
  snapshot_free(selector->spare);
  fd_table_free(&selector->table);
  free(selector);
}

static uint32_t poll_features(const struct selector *selector) {
  (void)selector;
  return MIO_FEATURE_PRIORITY |
         (os_poll_is_exact() ? MIO_FEATURE_NANOSECONDS : 0);
}

/* The table was changed, under the lock: the waiter must look again. */
static void changed(struct selector *selector) {
  selector->version++;
  if (selector->waiting) {
    (void)pipe_alarm_ring(&selector->alarm);
  }
}

/* In `armed` beside the directions: a precise registration that was told of all
 * of them is polled still, for a hang-up or an error, until it had one. */
#define ARMED_HANG_UP (UINT32_C(1) << 31)

/* What is not armed at all is not polled, since poll(2) would tell of a
 * hang-up all the same. */
static void watch(struct pollfd *polled, const struct fd_entry *entry) {
  polled->fd = entry->armed ? entry->fd : -1;
  polled->events = poll_from_interest(entry->armed);
}

/* A one-shot registration has fired; a precise one has in the directions that
 * were reported, or in all if the kernel cannot be told to be silent of it. */
static void disarm(struct fd_entry *entry, const struct pollfd *polled,
                   uint32_t readiness) {
  if ((entry->interest & MIO_ONESHOT) ||
      ((entry->interest & INTEREST_PRECISE) &&
       (polled->revents & (POLLERR | POLLHUP)))) {
    entry->armed = 0;
  } else if (entry->interest & INTEREST_PRECISE) {
    entry->armed = (entry->armed & ~readiness) | ARMED_HANG_UP;
  }
}

static void take_snapshot(struct selector *selector) {
  if (selector->spare != NULL) {
    snapshot_free(selector->current);
    selector->current = selector->spare;
    selector->spare = NULL;
  }
  struct snapshot *snapshot = selector->current;
  snapshot->fds[0] = (struct pollfd){selector->alarm.read_end, POLLIN, 0};
  snapshot->count = selector->table.count + 1;
  for (uint32_t i = 1; i < snapshot->count; i++) {
    const struct fd_entry *entry = &selector->table.entries[i - 1];
    snapshot->serials[i] = entry->serial;
    watch(&snapshot->fds[i], entry);
  }
  selector->current_version = selector->version;
}

/* Reports place `place` of the snapshot, under the lock. Returns 1 if it wrote
 * an event. */
static int report_place(struct selector *selector, uint32_t place,
                        mio_event_t *event) {
  struct snapshot *snapshot = selector->current;
  struct pollfd *polled = &snapshot->fds[place];
  struct fd_entry *entry = fd_table_find(&selector->table, polled->fd);
  if (entry == NULL || entry->serial != snapshot->serials[place]) {
    return 0;
  }
  if (polled->revents & POLLNVAL) {
    fd_table_remove(&selector->table, entry);
    selector->version++;
    return 0;
  }
  event->token = entry->token;
  event->readiness = readiness_from_poll(polled->revents);
  event->reserved = 0;
  disarm(entry, polled, event->readiness);
  watch(polled, entry);
  return 1;
}

/* Reports up to `room` of `ready` places, from where the last report ended. */
static uint32_t report(struct selector *selector, mio_event_t *events,
                       uint32_t room, uint32_t ready) {
  struct snapshot *snapshot = selector->current;
  uint32_t places = snapshot->count - 1;
  uint32_t written = 0;
  for (uint32_t i = 0; i < places && written < room && ready > 0; i++) {
    uint32_t place = 1 + (selector->next_place + i) % places;
    if (snapshot->fds[place].fd >= 0 && snapshot->fds[place].revents != 0) {
      ready--;
      written += (uint32_t)report_place(selector, place, &events[written]);
      if (written == room) {
        selector->next_place = place % places;
      }
    }
  }
  return written;
}

static _Atomic uint32_t *posted_word(struct selector *selector,
                                     uint32_t slot) {
  return &selector->posted[slot / 32];
}

static uint32_t posted_bit(uint32_t slot) {
  return UINT32_C(1) << slot % 32;
}

static uint32_t posted_count(struct selector *selector) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < MIO_WAKERS_MAX / 32; i++) {
    count += (uint32_t)__builtin_popcount(atomic_load(&selector->posted[i]));
  }
  return count;
}

/* Reports up to `room` posted wakes, in turn, under the lock: a slot may get
 * another waker meanwhile, and its token must not be met half written. */
static uint32_t report_posted(struct selector *selector, mio_event_t *events,
                              uint32_t room) {
  uint32_t written = 0;
  for (uint32_t i = 0; i < MIO_WAKERS_MAX && written < room; i++) {
    uint32_t slot = (selector->next_slot + 1) % MIO_WAKERS_MAX;
    _Atomic uint32_t *word = posted_word(selector, slot);
    uint32_t bit = posted_bit(slot);
    selector->next_slot = slot;
    if (atomic_load(word) & bit && atomic_fetch_and(word, ~bit) & bit) {
      events[written].token = selector->tokens[slot];
      events[written].readiness = MIO_READABLE;
      events[written++].reserved = 0;
    }
  }
  return written;
}

static int32_t poll_selector_wait(struct selector *selector,
                                  mio_event_t *events, uint32_t capacity,
                                  int64_t timeout_ns) {
  os_lock(&selector->lock);
  if (selector->current_version != selector->version) {
    take_snapshot(selector);
  }
  selector->waiting = 1;
  os_unlock(&selector->lock);

  struct snapshot *snapshot = selector->current;
  int32_t ready = os_poll(snapshot->fds, snapshot->count, timeout_ns);
  uint32_t wakes = 0;
  if (ready > 0 && snapshot->fds[0].revents != 0) {
    ready--;
    pipe_alarm_quiet(&selector->alarm);
    wakes = wakeup_room(posted_count(selector), capacity, &selector->turn);
  }

  uint32_t written = 0;
  os_lock(&selector->lock);
  selector->waiting = 0;
  if (ready > 0) {
    written = report(selector, events, capacity - wakes, (uint32_t)ready);
  }
  if (ready >= 0 && posted_count(selector) > 0) {
    written += report_posted(selector, events + written, capacity - written);
  }
  os_unlock(&selector->lock);
  if (ready < 0) {
    return ready;
  }

  if (posted_count(selector) > 0) {
    (void)pipe_alarm_ring(&selector->alarm); /* For the next wait. */
  }
  return (int32_t)written;
}

/* The checks that epoll makes, in its order. A closed descriptor takes its
 * entry with it, as in epoll's set. */
static int32_t check(struct selector *selector, int fd) {
  int32_t rc = os_fd_open(fd);
  if (rc < 0) {
    os_lock(&selector->lock);
    struct fd_entry *stale = fd_table_find(&selector->table, fd);
    if (stale != NULL) {
      fd_table_remove(&selector->table, stale);
      changed(selector);
    }
    os_unlock(&selector->lock);
    return rc;
  }
  rc = os_fd_watchable(fd);
  if (rc < 0) {
    return rc;
  }
  if (fd == selector->alarm.read_end || fd == selector->alarm.write_end) {
    return -EINVAL;
  }
  return 0;
}

/* Makes room in the table and for its snapshot, under the lock. */
static int32_t reserve(struct selector *selector, int fd) {
  int32_t rc = fd_table_reserve(&selector->table, fd);
  if (rc < 0) {
    return rc;
  }
  struct snapshot *largest =
      selector->spare != NULL ? selector->spare : selector->current;
  if (largest->capacity > selector->table.count + 1) {
    return 0;
  }
  struct snapshot *spare = snapshot_new(selector->table.capacity + 1);
  if (spare == NULL) {
    return -ENOMEM;
  }
  snapshot_free(selector->spare);
  selector->spare = spare;
  return 0;
}

static int32_t poll_add(struct selector *selector, int fd, uint64_t token,
                        uint32_t interest) {
  int32_t rc = check(selector, fd);
  if (rc < 0) {
    return rc;
  }
  os_lock(&selector->lock);
  if (fd_table_find(&selector->table, fd) != NULL) {
    rc = -EEXIST;
  } else {
    rc = reserve(selector, fd);
  }
  if (rc == 0) {
    fd_table_add(&selector->table, fd, token, interest);
    changed(selector);
  }
  os_unlock(&selector->lock);
  return rc;
}

/* Takes the lock and finds the entry of `fd`; on failure the lock is free. */
static int32_t lock_entry(struct selector *selector, int fd,
                          struct fd_entry **entry) {
  int32_t rc = check(selector, fd);
  if (rc < 0) {
    return rc;
  }
  os_lock(&selector->lock);
  *entry = fd_table_find(&selector->table, fd);
  if (*entry == NULL) {
    os_unlock(&selector->lock);
    return -ENOENT;
  }
  return 0;
}

static int32_t poll_modify(struct selector *selector, int fd, uint64_t token,
                           uint32_t interest) {
  struct fd_entry *entry;
  int32_t rc = lock_entry(selector, fd, &entry);
  if (rc == 0) {
    fd_table_change(&selector->table, entry, token, interest);
    changed(selector);
    os_unlock(&selector->lock);
  }
  return rc;
}

static int32_t poll_remove(struct selector *selector, int fd) {
  struct fd_entry *entry;
  int32_t rc = lock_entry(selector, fd, &entry);
  if (rc == 0) {
    fd_table_remove(&selector->table, entry);
    changed(selector);
    os_unlock(&selector->lock);
  }
  return rc;
}

static void poll_rearm(struct selector *selector, int fd,
                       uint32_t directions) {
  os_lock(&selector->lock);
  struct fd_entry *entry = fd_table_find(&selector->table, fd);
  if (entry != NULL && (entry->interest & INTEREST_PRECISE)) {
    uint32_t wanted = directions & entry->interest & ~entry->armed;
    if (wanted != 0) {
      entry->armed |= wanted;
      changed(selector);
    }
  }
  os_unlock(&selector->lock);
}

static int32_t poll_waker_open(struct selector *selector, uint32_t slot,
                               uint64_t token) {
  os_lock(&selector->lock);
  selector->tokens[slot] = token;
  os_unlock(&selector->lock);
  return 0;
}

static int32_t poll_waker_post(struct selector *selector, uint32_t slot) {
  (void)atomic_fetch_or(posted_word(selector, slot), posted_bit(slot));
  return pipe_alarm_ring(&selector->alarm);
}

static void poll_waker_close(struct selector *selector, uint32_t slot,
                             int foreign) {
  (void)foreign;
  (void)atomic_fetch_and(posted_word(selector, slot), ~posted_bit(slot));
}

const struct selector_ops posix_poll_selector = {
    .id = MIO_SELECTOR_POLL,
    .open = poll_open,
    .close = poll_close,
    .free = poll_free,
    .features = poll_features,
    .wait = poll_selector_wait,
    .add = poll_add,
    .modify = poll_modify,
    .remove = poll_remove,
    .rearm = poll_rearm,
    .waker_open = poll_waker_open,
    .waker_post = poll_waker_post,
    .waker_close = poll_waker_close,
    .descriptor = NULL,
};
