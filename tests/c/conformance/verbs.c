/*
 * verbs.c - the table of verbs, and the check of a step against it.
 * SPDX-License-Identifier: MIT
 */
#include "verbs.h"

#include "steps.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

static const struct cf_verb verbs[] = {
    {"poll", 1, 1, "selector size flags reserved tail", "", CF_MAY_OUTCOME,
     cf_step_poll},
    {"registry", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_registry},
    {"clone", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_clone},
    {"waker", 2, 2, "token", "token", CF_MAY_OUTCOME, cf_step_waker},
    {"wake", 1, 1, "", "", CF_MAY_OUTCOME, cf_step_wake},
    {"nest", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_nest},
    {"close", 1, 1, "", "", CF_NO_OUTCOME, cf_step_close},
    {"register", 2, 2, "token interest", "token interest", CF_MAY_OUTCOME,
     cf_step_register},
    {"reregister", 2, 2, "token interest", "token interest", CF_MAY_OUTCOME,
     cf_step_reregister},
    {"deregister", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_deregister},

    {"pair", 2, 2, "", "", CF_NO_OUTCOME, cf_step_open_two},
    {"dgram", 2, 2, "", "", CF_NO_OUTCOME, cf_step_open_two},
    {"pipe", 2, 2, "", "", CF_NO_OUTCOME, cf_step_open_two},
    {"tcp", 2, 2, "", "", CF_NO_OUTCOME, cf_step_open_two},
    {"udp", 2, 2, "", "", CF_NO_OUTCOME, cf_step_open_two},
    {"socket", 1, 1, "", "", CF_NO_OUTCOME, cf_step_open_one},
    {"listen", 1, 1, "", "", CF_NO_OUTCOME, cf_step_open_one},
    {"listen-unix", 1, 1, "", "", CF_NO_OUTCOME, cf_step_open_one},
    {"refused", 1, 1, "", "", CF_NO_OUTCOME, cf_step_open_one},
    {"file", 1, 1, "", "", CF_NO_OUTCOME, cf_step_open_one},
    {"directory", 1, 1, "", "", CF_NO_OUTCOME, cf_step_open_one},
    {"null", 1, 1, "", "", CF_NO_OUTCOME, cf_step_open_one},
    {"mounts", 1, 1, "", "", CF_NO_OUTCOME, cf_step_open_one},
    {"connect", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_open_from},
    {"accept", 2, 2, "peer", "", CF_MAY_OUTCOME, cf_step_open_from},
    {"dup", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_open_from},

    {"write", 1, 2, "data buffer", "", CF_MAY_OUTCOME, cf_step_write},
    {"read", 1, 2, "data buffer", "", CF_MAY_OUTCOME, cf_step_read},
    {"drain", 1, 1, "", "", CF_MAY_OUTCOME, cf_step_drain},
    {"fill", 1, 1, "", "", CF_MAY_OUTCOME, cf_step_fill},
    {"oob", 1, 1, "", "", CF_MAY_OUTCOME, cf_step_oob},
    {"shutdown", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_shutdown},
    {"so-error", 1, 1, "", "", CF_MAY_OUTCOME, cf_step_so_error},
    {"close-fd", 1, 1, "", "", CF_NO_OUTCOME, cf_step_close_fd},
    {"reset", 1, 1, "", "", CF_NO_OUTCOME, cf_step_reset},
    {"leak", 0, 0, "", "", CF_NO_OUTCOME, cf_step_leak},

    {"wait", 1, 1, "timeout capacity waits events", "", CF_MUST_OUTCOME,
     cf_step_wait},
    {"elapsed", 1, 1, "", "", CF_NO_OUTCOME, cf_step_elapsed},
    {"count", 2, 2, "", "", CF_NO_OUTCOME, cf_step_count},
    {"clock", 0, 0, "", "", CF_NO_OUTCOME, cf_step_clock},
    {"features", 2, CF_ARGS_MAX, "", "", CF_NO_OUTCOME, cf_step_features},
    {"ask", 1, 2, "", "", CF_MUST_OUTCOME, cf_step_ask},

    {"tcp-listener", 1, 1, "addr backlog", "", CF_MAY_OUTCOME,
     cf_step_source_new},
    {"tcp-stream", 1, 1, "addr", "addr", CF_MAY_OUTCOME, cf_step_source_new},
    {"udp-socket", 1, 1, "addr", "", CF_MAY_OUTCOME, cf_step_source_new},
    {"unix-listener", 1, 1, "addr backlog", "", CF_MAY_OUTCOME,
     cf_step_source_new},
    {"unix-stream", 1, 1, "addr", "addr", CF_MAY_OUTCOME, cf_step_source_new},
    {"unix-datagram", 1, 1, "addr", "", CF_MAY_OUTCOME, cf_step_source_new},
    {"unix-stream-pair", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_source_pair},
    {"unix-datagram-pair", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_source_pair},
    {"pipe-sources", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_source_pair},
    {"from-fd", 2, 2, "kind", "kind", CF_MAY_OUTCOME, cf_step_from_fd},
    {"into-fd", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_into_fd},
    {"source-fd", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_source_fd},
    {"kind", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_kind},
    {"blocking", 1, 1, "", "", CF_NO_OUTCOME, cf_step_blocking},
    {"flags", 1, 2, "", "", CF_MAY_OUTCOME, cf_step_flags},
    {"would-block", 1, 1, "interest", "interest", CF_MAY_OUTCOME,
     cf_step_would_block},
    {"connect-to", 1, 1, "addr", "addr", CF_MAY_OUTCOME, cf_step_connect_to},
    {"peek", 1, 2, "data buffer", "", CF_MAY_OUTCOME, cf_step_source_read},
    {"recv-from", 1, 2, "data buffer peer", "", CF_MAY_OUTCOME,
     cf_step_source_read},
    {"peek-from", 1, 2, "data buffer peer", "", CF_MAY_OUTCOME,
     cf_step_source_read},
    {"send-to", 1, 2, "data buffer addr", "addr", CF_MAY_OUTCOME,
     cf_step_source_write},
    {"read-vectored", 2, CF_ARGS_MAX, "data buffer", "", CF_MAY_OUTCOME,
     cf_step_vectored},
    {"write-vectored", 2, CF_ARGS_MAX, "data buffer", "", CF_MAY_OUTCOME,
     cf_step_vectored},
    {"local-addr", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_source_addr},
    {"peer-addr", 2, 2, "", "", CF_MAY_OUTCOME, cf_step_source_addr},
    {"set", 1, 1, "option value", "option value", CF_MAY_OUTCOME, cf_step_set},
    {"get", 1, 1, "option value", "option", CF_MAY_OUTCOME, cf_step_get},
    {"join-multicast", 1, 1, "addr via", "addr", CF_MAY_OUTCOME,
     cf_step_multicast},
    {"leave-multicast", 1, 1, "addr via", "addr", CF_MAY_OUTCOME,
     cf_step_multicast},
    {"addr", 1, 1, "gives at room", "", CF_MAY_OUTCOME, cf_step_addr},
    {"exhaust", 1, 1, "", "", CF_NO_OUTCOME, cf_step_exhaust},

    {"after", 3, 4, "token interest", "", CF_NO_OUTCOME, cf_step_after},
    {"storm", 2, 3, "threads each token interest", "each", CF_NO_OUTCOME,
     cf_step_storm},
    {"posted", 1, 1, "", "", CF_NO_OUTCOME, cf_step_posted},
    {"join", 0, 0, "", "", CF_NO_OUTCOME, cf_step_join},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

const struct cf_verb *cf_verb_find(const char *name) {
  for (int i = 0; i < VERBS; i++) {
    if (strcmp(verbs[i].name, name) == 0) {
      return &verbs[i];
    }
  }
  return NULL;
}

const char *cf_key(const struct cf_step *step, const char *name) {
  for (int i = 0; i < step->keyc; i++) {
    if (strcmp(step->keys[i].name, name) == 0) {
      return step->keys[i].value;
    }
  }
  return NULL;
}

uint64_t cf_key_number(const struct cf_step *step, const char *name,
                       uint64_t otherwise) {
  const char *value = cf_key(step, name);
  uint64_t number = otherwise;
  if (value != NULL) {
    cf_number(value, &number);
  }
  return number;
}

/* ------------------------------------------------------------------- check */

/* Whether `name` is one of the words of `list`. */
static int is_listed(const char *list, const char *name) {
  size_t length = strlen(name);
  while (*list != '\0') {
    size_t word = strcspn(list, " ");
    if (word == length && memcmp(list, name, length) == 0) {
      return 1;
    }
    list += word + strspn(list + word, " ");
  }
  return 0;
}

static int check_value(const struct cf_key *key) {
  uint64_t number;
  uint32_t bits;
  int64_t time;
  if (strcmp(key->name, "interest") == 0) {
    return cf_bits(key->value, &bits);
  }
  if (strcmp(key->name, "timeout") == 0) {
    return cf_time(key->value, &time);
  }
  if (strcmp(key->name, "events") == 0 || strcmp(key->name, "buffer") == 0) {
    return cf_is_null(key->value) ? 0 : -1;
  }
  if (is_listed("addr peer via gives data", key->name)) {
    return key->value[0] != '\0' ? 0 : -1;
  }
  if (strcmp(key->name, "kind") == 0) {
    return cf_kind(key->value, &bits);
  }
  if (strcmp(key->name, "option") == 0) {
    return cf_option(key->value, &bits);
  }
  if (strcmp(key->name, "value") == 0 && cf_is_null(key->value)) {
    return 0;
  }
  return cf_number(key->value, &number);
}

static int check_keys(const struct cf_step *step, char *why, size_t size) {
  for (int i = 0; i < step->keyc; i++) {
    const struct cf_key *key = &step->keys[i];
    if (!is_listed(step->verb->keys, key->name)) {
      (void)snprintf(why, size, "unknown key %s", key->name);
      return -1;
    }
    if (check_value(key) != 0) {
      (void)snprintf(why, size, "bad value of %s: %s", key->name, key->value);
      return -1;
    }
  }
  return 0;
}

static int check_needed(const struct cf_step *step, const char *list,
                        char *why, size_t size) {
  while (*list != '\0') {
    char name[16];
    size_t word = strcspn(list, " ");
    (void)snprintf(name, sizeof name, "%.*s", (int)word, list);
    if (cf_key(step, name) == NULL) {
      (void)snprintf(why, size, "key %s is missing", name);
      return -1;
    }
    list += word + strspn(list + word, " ");
  }
  return 0;
}

static int is_error_name(const char *word) {
  return mio_err_from_name(word) != 0;
}

static int check_wait_word(const char *word) {
  struct cf_event_word event;
  return strcmp(word, "none") == 0 || strcmp(word, "any") == 0 ||
                 strcmp(word, "|") == 0 || is_error_name(word) ||
                 cf_event_word(word, &event) == 0
             ? 0
             : -1;
}

static int check_outcome(const struct cf_step *step, char *why, size_t size) {
  enum cf_outcome policy = step->verb->outcome;
  if (policy == CF_MUST_OUTCOME && step->wordc == 0) {
    (void)snprintf(why, size, "an outcome is missing");
    return -1;
  }
  if (policy == CF_NO_OUTCOME && step->wordc > 0) {
    (void)snprintf(why, size, "it takes no outcome");
    return -1;
  }
  if (strcmp(step->verb->name, "ask") == 0) {
    return 0;
  }
  int waits = strcmp(step->verb->name, "wait") == 0;
  for (int i = 0; i < step->wordc; i++) {
    const char *word = step->words[i];
    int good = waits
                   ? check_wait_word(word) == 0
                   : is_error_name(word) || is_listed("OK | EOF SHORT", word);
    if (!good) {
      (void)snprintf(why, size, "unknown outcome %s", word);
      return -1;
    }
    if (waits && strcmp(word, "none") == 0 &&
        cf_key(step, "timeout") == NULL) {
      (void)snprintf(why, size, "none without a timeout");
      return -1;
    }
  }
  return 0;
}

static int check_thread_step(const struct cf_step *step, char *why,
                             size_t size) {
  const char *name = step->verb->name;
  if (strcmp(name, "after") == 0) {
    int64_t delay;
    if (cf_time(step->args[0], &delay) != 0 || delay < 0 ||
        !cf_after_knows(step->args[1])) {
      (void)snprintf(why, size, "cannot do %s after %s", step->args[1],
                     step->args[0]);
      return -1;
    }
  }
  if (strcmp(name, "storm") == 0 && !is_listed("wake cycle", step->args[0])) {
    (void)snprintf(why, size, "cannot storm with %s", step->args[0]);
    return -1;
  }
  return 0;
}

/* What is read or written is so many bytes, or `data`. */
static int check_amount(const struct cf_step *step) {
  int amounts = (step->argc > 1) + (cf_key(step, "data") != NULL);
  if (is_listed("read peek recv-from peek-from", step->verb->name)) {
    return amounts == 1 ? 0 : -1;
  }
  return is_listed("write send-to", step->verb->name) && amounts > 1 ? -1 : 0;
}

int cf_verb_check(const struct cf_step *step, char *why, size_t size) {
  const struct cf_verb *verb = step->verb;
  if (step->argc < verb->least || step->argc > verb->most ||
      check_amount(step) != 0) {
    (void)snprintf(why, size, "%d arguments", step->argc);
    return -1;
  }
  if (check_keys(step, why, size) != 0 ||
      check_needed(step, verb->needed, why, size) != 0 ||
      check_outcome(step, why, size) != 0) {
    return -1;
  }
  return check_thread_step(step, why, size);
}
