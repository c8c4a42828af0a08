/*
 * steps_addresses.c - addresses, and what a source is told beside its bytes.
 * SPDX-License-Identifier: MIT
 */
#include "miotestkit.h"
#include "steps.h"
#include "transfers.h"
#include "verbs.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------- words */

static int parse(struct cf_run *run, const char *text, mio_addr_t *out) {
  if (text == NULL || mio_addr_parse(out, text, strlen(text)) < 0) {
    return cf_fail(run, "format", "%s is no address",
                   text == NULL ? "nothing" : text);
  }
  return 0;
}

static int local_addr(struct cf_run *run, const char *name, mio_addr_t *out) {
  mio_source_t *source;
  if (cf_source(run, name, &source) != 0) {
    return -1;
  }
  int32_t rc = mio_source_local_addr(source, out);
  return rc < 0 ? cf_fail(run, "outcome", "%s has no address: %s", name,
                          mio_err_name(rc))
                : 0;
}

/* `IP:of:S`. */
static int borrow_port(struct cf_run *run, const char *word, const char *of,
                       mio_addr_t *out) {
  mio_addr_t other;
  char text[64];
  (void)snprintf(text, sizeof text, "%.*s:0", (int)(of - word), word);
  if (parse(run, text, out) != 0 ||
      local_addr(run, of + strlen(":of:"), &other) != 0) {
    return -1;
  }
  out->port = other.port;
  return 0;
}

int cf_addr(struct cf_run *run, const char *word, mio_addr_t *out) {
  const char *of = strstr(word, ":of:");
  if (strncmp(word, "of:", 3) == 0) {
    return local_addr(run, word + 3, out);
  }
  if (of != NULL) {
    return borrow_port(run, word, of, out);
  }
  if (strncmp(word, "unix:*", 6) == 0) {
    return parse(run, kit_fresh_path(word + 6), out);
  }
  if (strncmp(word, "unix:@*", 7) == 0) {
    return parse(run, kit_fresh_abstract(word + 7), out);
  }
  return parse(run, strcmp(word, "unnamed") == 0 ? "unix:" : word, out);
}

int cf_key_addr(struct cf_run *run, const char *word, mio_addr_t *room,
                const mio_addr_t **out) {
  *out = NULL;
  if (cf_is_null(word)) {
    return 0;
  }
  *out = room;
  return cf_addr(run, word, room);
}

int cf_check_addr(struct cf_run *run, const char *word,
                  const mio_addr_t *got) {
  mio_addr_t wanted;
  char text[MIO_ADDR_TEXT_MAX + 1];
  int32_t length = mio_addr_format(got, text, sizeof text - 1);
  if (length < 0) {
    return cf_fail(run, "outcome", "gave an address that is none");
  }
  text[length] = '\0';
  if (strcmp(word, "any") == 0) {
    return 0;
  }
  if (cf_addr(run, word, &wanted) != 0) {
    return -1;
  }
  if (memcmp(&wanted, got, sizeof wanted) != 0) {
    return cf_fail(run, "outcome", "gave %s, not %s", text, word);
  }
  return 0;
}

/* -------------------------------------------------------------------- addr */

static const mio_addr_t nothing;

/* Each argument is NULL in turn. */
static int addr_null(struct cf_run *run) {
  mio_addr_t addr;
  char text[MIO_ADDR_TEXT_MAX];
  int32_t rcs[4] = {mio_addr_parse(NULL, "[::1]:1", 7),
                    mio_addr_parse(&addr, NULL, 1),
                    mio_addr_format(NULL, text, sizeof text),
                    mio_addr_format(&nothing, NULL, 1)};
  for (int i = 0; i < 4; i++) {
    if (cf_expect_rc(run, rcs[i]) != 0) {
      return -1;
    }
  }
  return 0;
}

static int addr_refused(struct cf_run *run, const struct cf_step *step,
                        int32_t rc, mio_addr_t *addr) {
  uint64_t at = cf_key_number(step, "at", addr->length);
  if (cf_expect_rc(run, rc) != 0) {
    return -1;
  }
  if (addr->length != at) {
    return cf_fail(run, "outcome", "%" PRIu32 " bytes were understood",
                   addr->length);
  }
  addr->length = 0;
  return memcmp(addr, &nothing, sizeof nothing) == 0
             ? 0
             : cf_fail(run, "outcome", "a failure left more than a length");
}

static int addr_short(struct cf_run *run, const mio_addr_t *addr,
                      uint64_t room) {
  void *buffer = malloc(room == 0 ? 1 : (size_t)room);
  int32_t rc = mio_addr_format(addr, buffer, room);
  free(buffer);
  return cf_expect_rc(run, rc);
}

static int addr_again(struct cf_run *run, const mio_addr_t *addr,
                      const char *wanted) {
  char text[MIO_ADDR_TEXT_MAX + 1];
  mio_addr_t again;
  int32_t length = mio_addr_format(addr, text, sizeof text - 1);
  if (length < 0) {
    return cf_expect_rc(run, length);
  }
  text[length] = '\0';
  if (strcmp(text, wanted) != 0) {
    return cf_fail(run, "outcome", "gives %s", text);
  }
  if (mio_addr_parse(&again, text, (uint64_t)length) < 0 ||
      memcmp(&again, addr, sizeof again) != 0) {
    return cf_fail(run, "outcome", "%s is not read back", text);
  }
  return cf_expect(run, "OK");
}

int cf_step_addr(struct cf_run *run, const struct cf_step *step) {
  const char *text = step->args[0];
  const char *gives = cf_key(step, "gives");
  mio_addr_t addr;
  if (cf_is_null(text)) {
    return addr_null(run);
  }
  memset(&addr, 0x5a, sizeof addr);
  int32_t rc = mio_addr_parse(&addr, text, strlen(text));
  if (rc < 0) {
    return addr_refused(run, step, rc, &addr);
  }
  if (cf_key(step, "room") != NULL) {
    return addr_short(run, &addr, cf_key_number(step, "room", 0));
  }
  return addr_again(run, &addr, gives == NULL ? text : gives);
}

/* ------------------------------------------------------------- of a source */

int cf_step_source_addr(struct cf_run *run, const struct cf_step *step) {
  mio_source_t *source;
  mio_addr_t got;
  int no_place = cf_is_null(step->args[1]);
  int is_local = strcmp(step->verb->name, "local-addr") == 0;
  if (cf_source(run, step->args[0], &source) != 0) {
    return -1;
  }
  memset(&got, 0x5a, sizeof got);
  int32_t rc = is_local ? mio_source_local_addr(source, no_place ? NULL : &got)
                        : mio_source_peer_addr(source, no_place ? NULL : &got);
  if (cf_expect_rc(run, rc) != 0) {
    return -1;
  }
  if (rc < 0) {
    return no_place || memcmp(&got, &nothing, sizeof got) == 0
               ? 0
               : cf_fail(run, "outcome", "failure left something");
  }
  return cf_check_addr(run, step->args[1], &got);
}

int cf_step_connect_to(struct cf_run *run, const struct cf_step *step) {
  mio_source_t *source;
  mio_addr_t room;
  const mio_addr_t *addr;
  if (cf_source(run, step->args[0], &source) != 0 ||
      cf_key_addr(run, cf_key(step, "addr"), &room, &addr) != 0) {
    return -1;
  }
  return cf_expect_rc(run, mio_source_connect(source, addr));
}

int cf_step_multicast(struct cf_run *run, const struct cf_step *step) {
  mio_source_t *source;
  mio_addr_t rooms[2];
  const mio_addr_t *group;
  const mio_addr_t *via = NULL;
  const char *via_word = cf_key(step, "via");
  if (cf_source(run, step->args[0], &source) != 0 ||
      cf_key_addr(run, cf_key(step, "addr"), &rooms[0], &group) != 0 ||
      (via_word != NULL && cf_key_addr(run, via_word, &rooms[1], &via) != 0)) {
    return -1;
  }
  int joins = strcmp(step->verb->name, "join-multicast") == 0;
  return cf_expect_rc(run,
                      joins ? mio_source_join_multicast(source, group, via)
                            : mio_source_leave_multicast(source, group, via));
}

/* ----------------------------------------------------------------- options */

int cf_step_set(struct cf_run *run, const struct cf_step *step) {
  mio_source_t *source;
  uint32_t option;
  uint32_t value = (uint32_t)cf_key_number(step, "value", 0);
  if (cf_source(run, step->args[0], &source) != 0) {
    return -1;
  }
  cf_option(cf_key(step, "option"), &option);
  return cf_expect_rc(run, mio_source_set_option(source, option, value));
}

int cf_step_get(struct cf_run *run, const struct cf_step *step) {
  mio_source_t *source;
  uint32_t option;
  uint32_t value = 4711;
  const char *wanted = cf_key(step, "value");
  int no_place = wanted != NULL && cf_is_null(wanted);
  if (cf_source(run, step->args[0], &source) != 0) {
    return -1;
  }
  cf_option(cf_key(step, "option"), &option);
  int32_t rc = mio_source_option(source, option, no_place ? NULL : &value);
  if (cf_expect_rc(run, rc) != 0) {
    return -1;
  }
  if (rc < 0) {
    return no_place || value == 0
               ? 0
               : cf_fail(run, "outcome", "failure left %" PRIu32, value);
  }
  if (wanted == NULL) {
    return cf_fail(run, "format", "it has no value to compare");
  }
  return value == cf_key_number(step, "value", 0)
             ? 0
             : cf_fail(run, "outcome", "gave %" PRIu32, value);
}
