/*
 * kit_threads.c - what happens in other threads while a test waits.
 * SPDX-License-Identifier: MIT
 *
 * A task is one thread with one job. Tasks are started and joined by the
 * test's own thread, so that their list needs no lock.
 */
#include "miotestkit.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct task {
  struct task *next;
  pthread_t thread;
  int32_t (*job)(struct task *);
  int64_t due;
  int32_t result;
  uint32_t each;
  mio_waker_t *waker;
  mio_registry_t *registry;
  mio_source_t *source;
  int64_t fd;
  uint64_t token;
  uint32_t interest;
};

struct named_job {
  const char *verb;
  int32_t (*job)(struct task *);
};

static struct task *tasks;

/* Deliberately neither atomic nor guarded: see kit_posted(). */
static int64_t box;

/* Not by clock_nanosleep(), which macOS and OpenBSD have not. */
static void sleep_until(int64_t due) {
  for (int64_t left; (left = due - kit_now()) > 0;) {
    struct timespec pause = {
        .tv_sec = (time_t)(left / INT64_C(1000000000)),
        .tv_nsec = (long)(left % INT64_C(1000000000)),
    };
    (void)nanosleep(&pause, NULL);
  }
}

static void *task_main(void *argument) {
  struct task *task = argument;
  sleep_until(task->due);
  task->result = task->job(task);
  return NULL;
}

static int32_t task_start(struct task model, int64_t delay_ns) {
  struct task *task = malloc(sizeof *task);
  if (task == NULL) {
    return -ENOMEM;
  }
  *task = model;
  task->due = kit_now() + delay_ns;
  int rc = pthread_create(&task->thread, NULL, task_main, task);
  if (rc != 0) {
    free(task);
    return -rc;
  }
  task->next = tasks;
  tasks = task;
  return 0;
}

int32_t kit_join_all(void) {
  int32_t result = 0;
  while (tasks != NULL) {
    struct task *task = tasks;
    tasks = task->next;
    pthread_join(task->thread, NULL);
    if (task->result < 0) {
      result = task->result;
    }
    free(task);
  }
  return result;
}

/* -------------------------------------------------------------------- jobs */

static int32_t job_wake(struct task *task) {
  int32_t rc = 0;
  for (uint32_t i = 0; i < task->each && rc == 0; i++) {
    rc = mio_waker_wake(task->waker);
  }
  return rc;
}

static int32_t job_post(struct task *task) {
  box++;
  return mio_waker_wake(task->waker);
}

static int32_t job_write(struct task *task) {
  return kit_write(task->fd, 1);
}

static int32_t job_drain(struct task *task) {
  return kit_drain(task->fd);
}

static int32_t job_close(struct task *task) {
  return kit_close(task->fd);
}

static int32_t job_shutdown(struct task *task) {
  return kit_shutdown(task->fd, "write");
}

static int32_t job_register(struct task *task) {
  return mio_registry_register_fd(task->registry, task->fd, task->token,
                                  task->interest);
}

static int32_t job_reregister(struct task *task) {
  return mio_registry_reregister_fd(task->registry, task->fd, task->token,
                                    task->interest);
}

static int32_t job_deregister(struct task *task) {
  return mio_registry_deregister_fd(task->registry, task->fd);
}

static int32_t job_cycle(struct task *task) {
  int32_t rc = 0;
  for (uint32_t i = 0; i < task->each && rc == 0; i++) {
    rc = job_register(task);
    if (rc == 0) {
      rc = job_reregister(task);
    }
    if (rc == 0) {
      rc = job_deregister(task);
    }
  }
  return rc;
}

/* The same with a source of the library's. */

static int32_t job_source_write(struct task *task) {
  return mio_source_write(task->source, "!", 1);
}

static int32_t job_source_drain(struct task *task) {
  char buffer[4096];
  int32_t done;
  do {
    done = mio_source_read(task->source, buffer, sizeof buffer);
  } while (done > 0);
  return done == mio_err_from_name("EAGAIN") ? 0 : done;
}

static int32_t job_source_shutdown(struct task *task) {
  return mio_source_shutdown(task->source, MIO_SHUTDOWN_WRITE);
}

static int32_t job_source_register(struct task *task) {
  return mio_registry_register(task->registry, task->source, task->token,
                               task->interest);
}

static int32_t job_source_reregister(struct task *task) {
  return mio_registry_reregister(task->registry, task->source, task->token,
                                 task->interest);
}

static int32_t job_source_deregister(struct task *task) {
  return mio_registry_deregister(task->registry, task->source);
}

/* --------------------------------------------------------------- functions */

int32_t kit_after_wake(mio_waker_t *waker, int64_t delay_ns) {
  struct task task = {.job = job_wake, .waker = waker, .each = 1};
  return task_start(task, delay_ns);
}

int32_t kit_after_post(mio_waker_t *waker, int64_t delay_ns) {
  struct task task = {.job = job_post, .waker = waker};
  return task_start(task, delay_ns);
}

int32_t kit_after_fd(const char *verb, int64_t fd, int64_t delay_ns) {
  struct task task = {.fd = fd};
  if (strcmp(verb, "write") == 0) {
    task.job = job_write;
  } else if (strcmp(verb, "drain") == 0) {
    task.job = job_drain;
  } else if (strcmp(verb, "close-fd") == 0) {
    task.job = job_close;
  } else if (strcmp(verb, "shutdown-write") == 0) {
    task.job = job_shutdown;
  } else {
    return -EINVAL;
  }
  return task_start(task, delay_ns);
}

int32_t kit_after_registry(const char *verb, mio_registry_t *registry,
                           int64_t fd, uint64_t token, uint32_t interest,
                           int64_t delay_ns) {
  struct task task = {
      .registry = registry, .fd = fd, .token = token, .interest = interest};
  if (strcmp(verb, "register") == 0) {
    task.job = job_register;
  } else if (strcmp(verb, "reregister") == 0) {
    task.job = job_reregister;
  } else if (strcmp(verb, "deregister") == 0) {
    task.job = job_deregister;
  } else {
    return -EINVAL;
  }
  return task_start(task, delay_ns);
}

/* Starts the job of that name; the last of `jobs` has none. */
static int32_t start_named(const char *verb, struct task model,
                           const struct named_job *jobs, int64_t delay_ns) {
  for (; jobs->verb != NULL; jobs++) {
    if (strcmp(jobs->verb, verb) == 0) {
      model.job = jobs->job;
      return task_start(model, delay_ns);
    }
  }
  return -EINVAL;
}

int32_t kit_after_source(const char *verb, mio_source_t *source,
                         int64_t delay_ns) {
  static const struct named_job jobs[] = {
      {"write", job_source_write},
      {"drain", job_source_drain},
      {"shutdown-write", job_source_shutdown},
      {NULL, NULL},
  };
  struct task task = {.source = source};
  return start_named(verb, task, jobs, delay_ns);
}

int32_t kit_after_source_registry(const char *verb, mio_registry_t *registry,
                                  mio_source_t *source, uint64_t token,
                                  uint32_t interest, int64_t delay_ns) {
  static const struct named_job jobs[] = {
      {"register", job_source_register},
      {"reregister", job_source_reregister},
      {"deregister", job_source_deregister},
      {NULL, NULL},
  };
  struct task task = {.registry = registry,
                      .source = source,
                      .token = token,
                      .interest = interest};
  return start_named(verb, task, jobs, delay_ns);
}

int32_t kit_storm_wake(mio_waker_t *waker, uint32_t threads, uint32_t each) {
  struct task task = {.job = job_wake, .waker = waker, .each = each};
  int32_t rc = 0;
  for (uint32_t i = 0; i < threads && rc == 0; i++) {
    rc = task_start(task, 0);
  }
  return rc;
}

int32_t kit_storm_cycle(mio_registry_t *registry, int64_t fd, uint64_t token,
                        uint32_t interest, uint32_t each) {
  struct task task = {.job = job_cycle,
                      .registry = registry,
                      .fd = fd,
                      .token = token,
                      .interest = interest,
                      .each = each};
  return task_start(task, 0);
}

int64_t kit_posted(void) {
  return box;
}

void kit_post_reset(void) {
  box = 0;
}
