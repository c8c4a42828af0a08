/*
 * kit_process.c - the process as a whole: clock, descriptors, watchdog.
 * SPDX-License-Identifier: MIT
 */
#include "miotestkit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { WATCH_EXIT = 124, NAME_MAX_BYTES = 200 };

static const int64_t second_ns = INT64_C(1000000000);

void kit_start(void) {
  (void)signal(SIGPIPE, SIG_IGN);
}

int64_t kit_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * second_ns + now.tv_nsec;
}

int32_t kit_fd_count(void) {
  DIR *dir = opendir("/proc/self/fd");
  if (dir == NULL) {
    dir = opendir("/dev/fd");
  }
  if (dir == NULL) {
    return -errno;
  }
  int32_t count = -1; /* The directory's own descriptor does not count. */
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    if (entry->d_name[0] != '.') {
      count++;
    }
  }
  closedir(dir);
  return count;
}

/* ---------------------------------------------------------------- exhaust */

static struct {
  bool active;
  struct rlimit before;
} exhausted;

static int32_t give_back(void) {
  if (!exhausted.active) {
    return 0;
  }
  exhausted.active = false;
  return setrlimit(RLIMIT_NOFILE, &exhausted.before) != 0 ? -errno : 0;
}

/* The limit is one of numbers: the lowest that has `more` free ones below. */
int32_t kit_exhaust(int32_t more) {
  int32_t rc = give_back();
  if (rc < 0 || more < 0) {
    return rc;
  }
  if (getrlimit(RLIMIT_NOFILE, &exhausted.before) != 0) {
    return -errno;
  }
  struct rlimit limit = exhausted.before;
  int fd = 0;
  for (int32_t room = 0;; fd++) {
    bool is_free = fcntl(fd, F_GETFD) < 0;
    if (is_free && room++ == more) {
      break;
    }
  }
  limit.rlim_cur = (rlim_t)fd;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return -errno;
  }
  exhausted.active = true;
  return 0;
}

/* ---------------------------------------------------------------- watchdog */

/* All guarded by `lock`. A thread per watch: the watched code may be stuck
 * anywhere, and a signal would disturb what is tested. */
static struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t thread;
  bool running;
  bool ended;
  int64_t deadline;
  char name[NAME_MAX_BYTES];
} watch = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void watch_bite(void) {
  char line[NAME_MAX_BYTES + 64];
  int length = snprintf(line, sizeof line,
                        "FAIL %s: time-limit: it did not end\n", watch.name);
  (void)fflush(stdout);
  ssize_t ignored = write(STDOUT_FILENO, line, (size_t)length);
  (void)ignored;
  _exit(WATCH_EXIT);
}

/* When `left` nanoseconds have passed on the clock of the day, the only one
 * that a condition knows on every system. */
static struct timespec day_time_in(int64_t left) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  int64_t nanoseconds = at.tv_nsec + left;
  at.tv_sec += (time_t)(nanoseconds / second_ns);
  at.tv_nsec = (long)(nanoseconds % second_ns);
  return at;
}

static void *watch_main(void *unused) {
  (void)unused;
  pthread_mutex_lock(&watch.lock);
  while (!watch.ended) {
    int64_t left = watch.deadline - kit_now();
    if (left <= 0) {
      watch_bite();
    }
    struct timespec until = day_time_in(left);
    (void)pthread_cond_timedwait(&watch.changed, &watch.lock, &until);
  }
  pthread_mutex_unlock(&watch.lock);
  return NULL;
}

int32_t kit_watch(const char *name, int64_t limit_ns) {
  if (watch.running) {
    return -EBUSY;
  }
  pthread_cond_init(&watch.changed, NULL);
  watch.ended = false;
  watch.deadline = kit_now() + limit_ns;
  (void)snprintf(watch.name, sizeof watch.name, "%s", name);
  int rc = pthread_create(&watch.thread, NULL, watch_main, NULL);
  watch.running = rc == 0;
  return -rc;
}

void kit_watch_end(void) {
  if (!watch.running) {
    return;
  }
  pthread_mutex_lock(&watch.lock);
  watch.ended = true;
  pthread_cond_signal(&watch.changed);
  pthread_mutex_unlock(&watch.lock);
  pthread_join(watch.thread, NULL);
  pthread_cond_destroy(&watch.changed);
  watch.running = false;
}
