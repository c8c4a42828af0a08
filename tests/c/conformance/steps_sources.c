/*
 * steps_sources.c - sources: made, taken over, given away.
 * SPDX-License-Identifier: MIT
 */
#include "miotestkit.h"
#include "steps.h"
#include "transfers.h"
#include "verbs.h"
#include "words.h"

#include <inttypes.h>
#include <string.h>

enum { BORN = 3 }; /* Of kit_flags(): non-blocking and close-on-exec. */

/* Every source that was made is looked at. */
static int check_new(struct cf_run *run, mio_source_t *source, uint32_t kind) {
  mio_fd_t fd = -2;
  int32_t rc = mio_source_fd(source, &fd);
  if (rc < 0 || fd < 0) {
    return cf_fail(run, "outcome", "it has no descriptor");
  }
  if (mio_source_kind(source) != kind) {
    return cf_fail(run, "outcome", "it is of kind %" PRIu32,
                   mio_source_kind(source));
  }
  return kit_flags(fd) == BORN ? 0
                               : cf_fail(run, "outcome",
                                         "born blocking or without "
                                         "close-on-exec");
}

static int keep(struct cf_run *run, const char *name, mio_source_t *source,
                uint32_t kind) {
  struct cf_object *object = cf_define(run, name, CF_SOURCE);
  if (object == NULL) {
    mio_source_free(source);
    return -1;
  }
  object->source = source;
  return check_new(run, source, kind);
}

static mio_source_t *poisoned(void) {
  return (mio_source_t *)(void *)&cf_poison;
}

/* ----------------------------------------------------------------- by kind */

static int32_t new_tcp_listener(mio_source_t **out, const mio_addr_t *addr,
                                uint32_t backlog) {
  return mio_tcp_listener_bind(out, addr, backlog);
}

static int32_t new_tcp_stream(mio_source_t **out, const mio_addr_t *addr,
                              uint32_t backlog) {
  (void)backlog;
  return mio_tcp_stream_connect(out, addr);
}

static int32_t new_udp_socket(mio_source_t **out, const mio_addr_t *addr,
                              uint32_t backlog) {
  (void)backlog;
  return mio_udp_socket_bind(out, addr);
}

static int32_t new_unix_listener(mio_source_t **out, const mio_addr_t *addr,
                                 uint32_t backlog) {
  return mio_unix_listener_bind(out, addr, backlog);
}

static int32_t new_unix_stream(mio_source_t **out, const mio_addr_t *addr,
                               uint32_t backlog) {
  (void)backlog;
  return mio_unix_stream_connect(out, addr);
}

static int32_t new_unix_datagram(mio_source_t **out, const mio_addr_t *addr,
                                 uint32_t backlog) {
  (void)backlog;
  return mio_unix_datagram_bind(out, addr);
}

struct constructor {
  const char *verb;
  uint32_t kind;
  const char *addr; /* Where none is given. */
  int32_t (*make)(mio_source_t **out, const mio_addr_t *addr,
                  uint32_t backlog);
};

static const struct constructor *constructor_of(const char *verb) {
  static const struct constructor constructors[] = {
      {"tcp-listener", MIO_KIND_TCP_LISTENER, "127.0.0.1:0", new_tcp_listener},
      {"tcp-stream", MIO_KIND_TCP_STREAM, NULL, new_tcp_stream},
      {"udp-socket", MIO_KIND_UDP_SOCKET, "127.0.0.1:0", new_udp_socket},
      {"unix-listener", MIO_KIND_UNIX_LISTENER, "unix:*", new_unix_listener},
      {"unix-stream", MIO_KIND_UNIX_STREAM, NULL, new_unix_stream},
      {"unix-datagram", MIO_KIND_UNIX_DATAGRAM, NULL, new_unix_datagram},
  };
  const struct constructor *it = constructors;
  while (strcmp(it->verb, verb) != 0) {
    it++;
  }
  return it;
}

int cf_step_source_new(struct cf_run *run, const struct cf_step *step) {
  const struct constructor *it = constructor_of(step->verb->name);
  const char *word = cf_key(step, "addr");
  const char *name = step->args[0];
  mio_addr_t room;
  const mio_addr_t *addr = NULL;
  word = word == NULL ? it->addr : word;
  if (word != NULL && cf_key_addr(run, word, &room, &addr) != 0) {
    return -1;
  }
  mio_source_t *source = poisoned();
  mio_source_t **place = cf_is_null(name) ? NULL : &source;
  int32_t rc =
      word == NULL
          ? mio_unix_datagram_unbound(place)
          : it->make(place, addr, (uint32_t)cf_key_number(step, "backlog", 0));
  int settled = cf_settle(run, rc, source, place == NULL);
  return settled != 0 ? (settled < 0 ? -1 : 0)
                      : keep(run, name, source, it->kind);
}

/* ------------------------------------------------------------------- pairs */

/* The ends in the order of the function's parameters. */
static int32_t make_pair(const char *verb, mio_source_t **first,
                         mio_source_t **second) {
  if (strcmp(verb, "pipe-sources") == 0) {
    return mio_pipe_new(second, first);
  }
  return strcmp(verb, "unix-stream-pair") == 0
             ? mio_unix_stream_pair(first, second)
             : mio_unix_datagram_pair(first, second);
}

int cf_step_source_pair(struct cf_run *run, const struct cf_step *step) {
  const char *verb = step->verb->name;
  mio_source_t *ends[2] = {poisoned(), poisoned()};
  int nulls[2] = {cf_is_null(step->args[0]), cf_is_null(step->args[1])};
  uint32_t kinds[2] = {MIO_KIND_UNIX_DATAGRAM, MIO_KIND_UNIX_DATAGRAM};
  if (strcmp(verb, "pipe-sources") == 0) {
    kinds[0] = MIO_KIND_PIPE_RECEIVER;
    kinds[1] = MIO_KIND_PIPE_SENDER;
  } else if (strcmp(verb, "unix-stream-pair") == 0) {
    kinds[0] = kinds[1] = MIO_KIND_UNIX_STREAM;
  }
  int32_t rc =
      make_pair(verb, nulls[0] ? NULL : &ends[0], nulls[1] ? NULL : &ends[1]);
  int settled = cf_settle(run, rc, ends[0], nulls[0]);
  if (settled < 0 || cf_settle(run, rc, ends[1], nulls[1]) < 0) {
    return -1;
  }
  if (settled > 0) {
    return 0;
  }
  int kept = keep(run, step->args[0], ends[0], kinds[0]);
  return keep(run, step->args[1], ends[1], kinds[1]) != 0 ? -1 : kept;
}

int cf_source_accept(struct cf_run *run, const struct cf_step *step) {
  mio_source_t *listener;
  mio_source_t *source = poisoned();
  mio_addr_t peer;
  const char *name = step->args[0];
  const char *wanted = cf_key(step, "peer");
  if (cf_source(run, step->args[1], &listener) != 0) {
    return -1;
  }
  int32_t rc = mio_source_accept(listener, cf_is_null(name) ? NULL : &source,
                                 wanted == NULL ? NULL : &peer);
  int settled = cf_settle(run, rc, source, cf_is_null(name));
  if (settled != 0) {
    return settled < 0 ? -1 : 0;
  }
  uint32_t kind = mio_source_kind(listener) == MIO_KIND_TCP_LISTENER
                      ? MIO_KIND_TCP_STREAM
                      : MIO_KIND_UNIX_STREAM;
  if (keep(run, name, source, kind) != 0) {
    return -1;
  }
  return wanted == NULL ? 0 : cf_check_addr(run, wanted, &peer);
}

/* ------------------------------------------------------------- descriptors */

/* The case's own open descriptor, or a number that is none of an open one. */
static int own_fd(struct cf_run *run, const char *name,
                  struct cf_object **object, int64_t *fd) {
  *object = NULL;
  if (cf_signed(name, fd) == 0) {
    return 0;
  }
  for (int i = 0; i < run->objectc; i++) {
    struct cf_object *it = &run->objects[i];
    if (strcmp(it->name, name) == 0 && it->kind == CF_FD) {
      *object = it;
      *fd = it->fd;
      return 0;
    }
  }
  return cf_fail(run, "format", "%s is no descriptor to give", name);
}

int cf_step_from_fd(struct cf_run *run, const struct cf_step *step) {
  struct cf_object *object;
  int64_t fd;
  uint32_t kind;
  const char *name = step->args[0];
  if (own_fd(run, step->args[1], &object, &fd) != 0) {
    return -1;
  }
  cf_kind(cf_key(step, "kind"), &kind);
  mio_source_t *source = poisoned();
  int32_t rc = mio_source_from_fd(cf_is_null(name) ? NULL : &source, kind, fd);
  int settled = cf_settle(run, rc, source, cf_is_null(name));
  if (settled != 0) {
    return settled < 0 ? -1 : 0;
  }
  if (object != NULL) {
    object->open = 0;
  }
  return keep(run, name, source, kind);
}

/* into-fd and source-fd. */
static int take_fd(struct cf_run *run, const struct cf_step *step,
                   int32_t (*take)(mio_source_t *, mio_fd_t *),
                   enum cf_kind kind) {
  mio_source_t *source;
  mio_fd_t fd = -2;
  int no_place = cf_is_null(step->args[0]);
  if (cf_source(run, step->args[1], &source) != 0) {
    return -1;
  }
  int32_t rc = take(source, no_place ? NULL : &fd);
  if (cf_expect_rc(run, rc) != 0) {
    return -1;
  }
  if (rc < 0) {
    return no_place || fd == -1
               ? 0
               : cf_fail(run, "outcome", "failure left %" PRId64, fd);
  }
  struct cf_object *object = cf_define(run, step->args[0], kind);
  if (object == NULL) {
    return -1;
  }
  object->fd = fd;
  return fd >= 0 ? 0 : cf_fail(run, "outcome", "gave %" PRId64, fd);
}

int cf_step_into_fd(struct cf_run *run, const struct cf_step *step) {
  return take_fd(run, step, mio_source_into_fd, CF_FD);
}

int cf_step_source_fd(struct cf_run *run, const struct cf_step *step) {
  return take_fd(run, step, mio_source_fd, CF_BORROWED);
}

int cf_any_fd(struct cf_run *run, const char *name, int64_t *out) {
  mio_source_t *source;
  if (!cf_is_source(run, name)) {
    return cf_open_fd(run, name, out);
  }
  if (cf_source(run, name, &source) != 0) {
    return -1;
  }
  int32_t rc = mio_source_fd(source, out);
  return rc < 0
             ? cf_fail(run, "outcome", "no descriptor: %s", mio_err_name(rc))
             : 0;
}

/* --------------------------------------------------------------- the rest */

int cf_step_kind(struct cf_run *run, const struct cf_step *step) {
  mio_source_t *source;
  uint32_t wanted;
  if (cf_kind(step->args[1], &wanted) != 0) {
    return cf_fail(run, "format", "%s is no kind", step->args[1]);
  }
  if (cf_source(run, step->args[0], &source) != 0) {
    return -1;
  }
  uint32_t kind = mio_source_kind(source);
  return kind == wanted ? cf_expect(run, "OK")
                        : cf_fail(run, "outcome", "kind %" PRIu32, kind);
}

int cf_step_would_block(struct cf_run *run, const struct cf_step *step) {
  mio_source_t *source;
  uint32_t interest = 0;
  if (cf_source(run, step->args[0], &source) != 0) {
    return -1;
  }
  cf_bits(cf_key(step, "interest"), &interest);
  return cf_expect_rc(run, mio_source_would_block(source, interest));
}

int cf_source_shutdown(struct cf_run *run, const struct cf_step *step) {
  static const char *const names[] = {"", "read", "write", "both"};
  mio_source_t *source;
  uint64_t how = 0;
  for (uint32_t i = MIO_SHUTDOWN_READ; i <= MIO_SHUTDOWN_BOTH; i++) {
    how = strcmp(names[i], step->args[1]) == 0 ? i : how;
  }
  if (how == 0 && cf_number(step->args[1], &how) != 0) {
    return cf_fail(run, "format", "cannot shut down %s", step->args[1]);
  }
  if (cf_source(run, step->args[0], &source) != 0) {
    return -1;
  }
  return cf_expect_rc(run, mio_source_shutdown(source, (uint32_t)how));
}

int cf_source_take_error(struct cf_run *run, const struct cf_step *step) {
  mio_source_t *source;
  int32_t error = 1;
  if (cf_source(run, step->args[0], &source) != 0) {
    return -1;
  }
  int32_t rc = mio_source_take_error(source, &error);
  if (rc == 0 && error > 0) {
    return cf_fail(run, "outcome", "the error was not set");
  }
  return cf_expect_rc(run, rc < 0 ? rc : error);
}

int cf_step_exhaust(struct cf_run *run, const struct cf_step *step) {
  int64_t more = -1;
  if (strcmp(step->args[0], "off") != 0 &&
      (cf_signed(step->args[0], &more) != 0 || more < 0 || more > 1000)) {
    return cf_fail(run, "format", "exhaust %s", step->args[0]);
  }
  return cf_expect_rc(run, kit_exhaust((int32_t)more));
}
