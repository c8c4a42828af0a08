/* Making, finding and closing kqueues, and what a fork does to them. */
#include "fake.h"
#undef close

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static struct kq *all;
static pthread_mutex_t the_lock = PTHREAD_MUTEX_INITIALIZER;

void fake_lock(struct fake_guard *before) {
  sigset_t full;
  (void)sigfillset(&full);
  (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before->cancel);
  (void)pthread_sigmask(SIG_BLOCK, &full, &before->signals);
  (void)pthread_mutex_lock(&the_lock);
}

void fake_unlock(const struct fake_guard *before) {
  int state;
  (void)pthread_mutex_unlock(&the_lock);
  (void)pthread_sigmask(SIG_SETMASK, &before->signals, NULL);
  (void)pthread_setcancelstate(before->cancel, &state);
}

struct kq *fake_find(int fd) {
  struct kq *kq = all;
  while (kq != NULL && kq->sets[0] != fd) {
    kq = kq->next;
  }
  return kq;
}

static void close_descriptors(struct kq *kq) {
  (void)close(kq->flag);
  for (int i = 0; i < 3; i++) {
    if (kq->sets[i] >= 0) {
      (void)close(kq->sets[i]);
    }
  }
}

static struct fake_guard before_fork; /* Under the lock. */

static void prepare_fork(void) {
  struct fake_guard before;
  fake_lock(&before);
  before_fork = before;
}

static void after_fork(void) {
  struct fake_guard before = before_fork;
  fake_unlock(&before);
}

/* A kqueue is not inherited. */
static void in_child(void) {
  for (struct kq *kq = all; kq != NULL; kq = kq->next) {
    close_descriptors(kq);
    for (int i = 0; i < BUCKETS; i++) {
      for (struct knote *knote = kq->buckets[i]; knote; knote = knote->next) {
        if (knote->timer >= 0) {
          (void)close(knote->timer);
        }
      }
    }
  }
  all = NULL;
  after_fork();
}

static void once(void) {
  (void)pthread_atfork(prepare_fork, after_fork, in_child);
}

int kqueue(void) {
  static pthread_once_t control = PTHREAD_ONCE_INIT;
  (void)pthread_once(&control, once);
  const char *like = getenv("FAKE_KQUEUE");
  struct kq *kq = calloc(1, sizeof(*kq));
  if (kq == NULL) {
    errno = ENOMEM;
    return -1;
  }
  kq->others = like != NULL && strcmp(like, "freebsd") == 0;
  kq->sets[0] = epoll_create1(0);
  kq->sets[1] = kq->sets[2] = -1;
  kq->flag = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (kq->sets[0] < 0 || kq->flag < 0 ||
      fake_watch(kq->sets[0], kq->flag, EPOLLIN, -2) < 0) {
    int error = errno;
    close_descriptors(kq);
    free(kq);
    errno = error;
    return -1;
  }
  struct fake_guard before;
  fake_lock(&before);
  kq->next = all;
  all = kq;
  fake_unlock(&before);
  return kq->sets[0];
}

int fake_kqueue_close(int fd) {
  struct fake_guard before;
  fake_lock(&before);
  struct kq **place = &all;
  while (*place != NULL && (*place)->sets[0] != fd) {
    place = &(*place)->next;
  }
  struct kq *kq = *place;
  if (kq != NULL) {
    *place = kq->next;
  }
  fake_unlock(&before);
  if (kq == NULL) {
    return close(fd);
  }
  close_descriptors(kq);
  for (int i = 0; i < BUCKETS; i++) {
    while (kq->buckets[i] != NULL) {
      kq->buckets[i]->unwatched = 1;
      fake_forget(kq, &kq->buckets[i]);
    }
  }
  free(kq);
  return 0;
}
