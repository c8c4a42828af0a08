/*
 * steps_transfers.c - bytes through sources. Each buffer is of its very size
 * and filled with a pattern, so that a byte too many is seen.
 * SPDX-License-Identifier: MIT
 */
#include "miotestkit.h"
#include "steps.h"
#include "transfers.h"
#include "verbs.h"
#include "words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { AMOUNT_MAX = 65536, PATTERN = 0xa5, BUFFERS = CF_ARGS_MAX - 1 };

/* What a step moves. */
struct amount {
  uint64_t length;
  const char *data;
  int is_null;
  unsigned char *buffer; /* NULL if `is_null`. */
};

static int number(struct cf_run *run, const char *word, uint64_t *out) {
  if (cf_number(word, out) != 0 || *out > AMOUNT_MAX) {
    return cf_fail(run, "format", "%s bytes", word);
  }
  return 0;
}

static int amount_of(struct cf_run *run, const struct cf_step *step,
                     uint64_t otherwise, struct amount *out) {
  out->data = cf_key(step, "data");
  out->is_null = cf_key(step, "buffer") != NULL;
  out->length = out->data != NULL ? strlen(out->data) : otherwise;
  out->buffer = NULL;
  if (step->argc > 1 && number(run, step->args[1], &out->length) != 0) {
    return -1;
  }
  if (!out->is_null) {
    size_t size = out->length == 0 ? 1 : (size_t)out->length;
    out->buffer = malloc(size);
    memset(out->buffer, PATTERN, size);
  }
  return 0;
}

static const char *word_of(int32_t rc, uint64_t asked, const char *none) {
  if (rc < 0) {
    return mio_err_name(rc);
  }
  return (uint64_t)rc == asked ? "OK" : rc == 0 ? none : "SHORT";
}

/* ----------------------------------------------------------------- reading */

static int32_t read_once(const char *verb, mio_source_t *source,
                         const struct amount *amount, mio_addr_t *peer) {
  void *buffer = amount->buffer;
  uint64_t length = amount->length;
  if (strcmp(verb, "recv-from") == 0) {
    return mio_source_recv_from(source, buffer, length, peer);
  }
  if (strcmp(verb, "peek-from") == 0) {
    return mio_source_peek_from(source, buffer, length, peer);
  }
  return strcmp(verb, "peek") == 0 ? mio_source_peek(source, buffer, length)
                                   : mio_source_read(source, buffer, length);
}

static int check_bytes(struct cf_run *run, const struct amount *amount,
                       int32_t rc) {
  if (rc > 0 && amount->data != NULL &&
      memcmp(amount->buffer, amount->data, (size_t)rc) != 0) {
    return cf_fail(run, "outcome", "gave %.*s", (int)rc,
                   (const char *)amount->buffer);
  }
  for (uint64_t i = rc < 0 ? 0 : (uint64_t)rc; i < amount->length; i++) {
    if (amount->buffer != NULL && amount->buffer[i] != PATTERN) {
      return cf_fail(run, "outcome", "byte %" PRIu64 " was written too", i);
    }
  }
  return 0;
}

int cf_source_read(struct cf_run *run, const struct cf_step *step) {
  mio_source_t *source;
  struct amount amount;
  mio_addr_t peer;
  const char *wanted = cf_key(step, "peer");
  if (cf_source(run, step->args[0], &source) != 0 ||
      amount_of(run, step, 0, &amount) != 0) {
    return -1;
  }
  int32_t rc = read_once(step->verb->name, source, &amount,
                         wanted == NULL ? NULL : &peer);
  int result = cf_expect(run, word_of(rc, amount.length, "EOF"));
  if (result == 0) {
    result = check_bytes(run, &amount, rc);
  }
  free(amount.buffer);
  if (result == 0 && rc >= 0 && wanted != NULL) {
    result = cf_check_addr(run, wanted, &peer);
  }
  return result;
}

int cf_step_source_read(struct cf_run *run, const struct cf_step *step) {
  return cf_source_read(run, step);
}

int cf_source_drain(struct cf_run *run, const struct cf_step *step) {
  static char buffer[AMOUNT_MAX];
  mio_source_t *source;
  int32_t rc;
  if (cf_source(run, step->args[0], &source) != 0) {
    return -1;
  }
  do {
    rc = mio_source_read(source, buffer, sizeof buffer);
  } while (rc > 0);
  if (rc == 0) {
    return cf_expect(run, "EOF");
  }
  return cf_expect_rc(run, rc == mio_err_from_name("EAGAIN") ? 0 : rc);
}

/* ----------------------------------------------------------------- writing */

int cf_source_write(struct cf_run *run, const struct cf_step *step) {
  mio_source_t *source;
  struct amount amount;
  mio_addr_t room;
  const mio_addr_t *addr = NULL;
  const char *to = cf_key(step, "addr");
  if (cf_source(run, step->args[0], &source) != 0 ||
      (to != NULL && cf_key_addr(run, to, &room, &addr) != 0) ||
      amount_of(run, step, 1, &amount) != 0) {
    return -1;
  }
  if (amount.data != NULL && amount.buffer != NULL) {
    memcpy(amount.buffer, amount.data, (size_t)amount.length);
  }
  int32_t rc =
      to != NULL
          ? mio_source_send_to(source, amount.buffer, amount.length, addr)
          : mio_source_write(source, amount.buffer, amount.length);
  free(amount.buffer);
  return cf_expect(run, word_of(rc, amount.length, "SHORT"));
}

int cf_step_source_write(struct cf_run *run, const struct cf_step *step) {
  return cf_source_write(run, step);
}

/* First in large pieces, then byte by byte into what room is left. */
int cf_source_fill(struct cf_run *run, const struct cf_step *step) {
  static const char buffer[AMOUNT_MAX];
  mio_source_t *source;
  uint64_t piece = sizeof buffer;
  if (cf_source(run, step->args[0], &source) != 0) {
    return -1;
  }
  for (;;) {
    int32_t rc = mio_source_write(source, buffer, piece);
    if (rc >= 0) {
      continue;
    }
    if (rc != mio_err_from_name("EAGAIN")) {
      return cf_expect_rc(run, rc);
    }
    if (piece == 1) {
      return cf_expect(run, "OK");
    }
    piece = 1;
  }
}

/* ---------------------------------------------------------------- vectored */

struct parts {
  uint32_t count;
  uint64_t total;
  uint64_t lengths[BUFFERS];
  void *buffers[BUFFERS];
};

static void free_parts(struct parts *parts) {
  for (uint32_t i = 0; i < parts->count; i++) {
    free(parts->buffers[i]);
  }
}

static int make_parts(struct cf_run *run, const struct cf_step *step,
                      struct parts *parts) {
  memset(parts, 0, sizeof *parts);
  for (int i = 1; i < step->argc; i++) {
    uint64_t length;
    if (number(run, step->args[i], &length) != 0) {
      free_parts(parts);
      return -1;
    }
    size_t size = length == 0 ? 1 : (size_t)length;
    parts->buffers[parts->count] = malloc(size);
    memset(parts->buffers[parts->count], PATTERN, size);
    parts->lengths[parts->count++] = length;
    parts->total += length;
  }
  return 0;
}

/* The letters go through the buffers in order: to them, or compared. Returns
 * how many fitted or were the same. */
static size_t spread(const struct parts *parts, const char *data,
                     size_t length, int compare) {
  size_t done = 0;
  for (uint32_t i = 0; i < parts->count; i++) {
    char *buffer = parts->buffers[i];
    for (uint64_t j = 0; j < parts->lengths[i] && done < length; j++) {
      if (compare && buffer[j] != data[done]) {
        return done;
      }
      buffer[j] = data[done++];
    }
  }
  return done;
}

static int32_t move_parts(const struct cf_step *step, mio_source_t *source,
                          struct parts *parts) {
  int is_null = cf_key(step, "buffer") != NULL;
  void *const *buffers = is_null ? NULL : parts->buffers;
  if (strcmp(step->verb->name, "read-vectored") == 0) {
    return mio_source_read_vectored(source, buffers, parts->lengths,
                                    parts->count);
  }
  return mio_source_write_vectored(source, (const void *const *)buffers,
                                   parts->lengths, parts->count);
}

/* The data of a write has to fill the buffers. */
static int move_data(struct cf_run *run, const struct cf_step *step,
                     mio_source_t *source, struct parts *parts) {
  const char *data = cf_key(step, "data");
  size_t length = data == NULL ? 0 : strlen(data);
  int reads = strcmp(step->verb->name, "read-vectored") == 0;
  if (data != NULL && !reads &&
      (spread(parts, data, length, 0) != length || length != parts->total)) {
    return cf_fail(run, "format", "%s does not fit", data);
  }
  int32_t rc = move_parts(step, source, parts);
  if (cf_expect(run, word_of(rc, parts->total, reads ? "EOF" : "SHORT")) !=
      0) {
    return -1;
  }
  size_t came = rc < 0 ? 0 : (size_t)rc;
  if (data != NULL && reads &&
      (came > length || spread(parts, data, came, 1) != came)) {
    return cf_fail(run, "outcome", "gave other bytes");
  }
  return 0;
}

int cf_step_vectored(struct cf_run *run, const struct cf_step *step) {
  mio_source_t *source;
  struct parts parts;
  if (cf_source(run, step->args[0], &source) != 0 ||
      make_parts(run, step, &parts) != 0) {
    return -1;
  }
  int rc = move_data(run, step, source, &parts);
  free_parts(&parts);
  return rc;
}
