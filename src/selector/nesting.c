#include "selector/nesting.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>

#include "os/os.h"

/*
 * One list for the process. A child after a fork begins with an empty one:
 * what the parent had listed is not inherited, and the lock may have been held
 * at the fork. `process` is whose list it is, negative while it is readied.
 */
static struct {
  _Atomic int64_t process;
  _Atomic uint32_t count;
  os_lock_t lock;
  struct nesting_poll *first;
} list;

static void enter(void) {
  int64_t here = os_process();
  int64_t owner = atomic_load(&list.process);
  while (owner != here) {
    if (owner == -here) {
      (void)sched_yield(); /* Another thread readies it, in a few steps. */
      owner = atomic_load(&list.process);
    } else if (atomic_compare_exchange_weak(&list.process, &owner, -here)) {
      list.lock = OS_LOCK_READY;
      list.first = NULL;
      atomic_store(&list.count, 0);
      atomic_store(&list.process, here);
      owner = here;
    }
  }
  os_lock(&list.lock);
}

static void leave(void) {
  os_unlock(&list.lock);
}

static void add(struct nesting_poll *poll) {
  if (!poll->listed) {
    poll->listed = 1;
    poll->next = list.first;
    list.first = poll;
    (void)atomic_fetch_add(&list.count, 1);
  }
}

void nesting_list(struct nesting_poll *poll) {
  enter();
  add(poll);
  leave();
}

void nesting_unlist(struct nesting_poll *poll) {
  enter();
  struct nesting_poll **place = &list.first;
  while (*place != NULL && *place != poll) {
    place = &(*place)->next;
  }
  if (*place != NULL) {
    *place = poll->next;
    poll->listed = 0;
    (void)atomic_fetch_sub(&list.count, 1);
  }
  leave();
}

static struct nesting_poll *find(int fd) {
  struct nesting_poll *poll = list.first;
  while (poll != NULL && poll->fd != fd) {
    poll = poll->next;
  }
  return poll;
}

/* The three below end, since a loop was never let in. */

static int reaches(struct nesting_poll *from, const struct nesting_poll *to) {
  int found = from == to;
  for (struct nesting_poll *p = list.first; p != NULL && !found; p = p->next) {
    found = p != from && from->watches(from, p->fd) && reaches(p, to);
  }
  return found;
}

/* How many polls are in one another from here on, itself included. */
static int height(struct nesting_poll *poll) {
  int most = 0;
  for (struct nesting_poll *p = list.first; p != NULL; p = p->next) {
    if (p != poll && poll->watches(poll, p->fd)) {
      int of_it = height(p);
      most = of_it > most ? of_it : most;
    }
  }
  return most + 1;
}

/* How many polls it is in, itself included. */
static int depth(struct nesting_poll *poll) {
  int most = 0;
  for (struct nesting_poll *p = list.first; p != NULL; p = p->next) {
    if (p != poll && p->watches(p, poll->fd)) {
      int of_it = depth(p);
      most = of_it > most ? of_it : most;
    }
  }
  return most + 1;
}

int32_t nesting_begin(struct nesting_poll *outer, int fd) {
  if (atomic_load(&list.count) == 0) {
    return 0; /* As in nearly every program. */
  }
  enter();
  struct nesting_poll *inner = find(fd);
  if (inner == NULL) {
    leave();
    return 0;
  }
  add(outer);
  if (reaches(inner, outer) || depth(outer) + height(inner) > NESTING_MAX) {
    leave();
    return -ELOOP;
  }
  return 1;
}

void nesting_end(void) {
  leave();
}
