/*
 * words.c - numbers, times, bits, events and features.
 * SPDX-License-Identifier: MIT
 */
#include "words.h"

#include "miopoll.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cf_number(const char *word, uint64_t *out) {
  if (!isdigit((unsigned char)word[0])) {
    return -1;
  }
  int base = strncmp(word, "0x", 2) == 0 ? 16 : 10;
  char *end;
  errno = 0;
  *out = strtoull(word, &end, base);
  return *end == '\0' && errno == 0 ? 0 : -1;
}

int cf_signed(const char *word, int64_t *out) {
  uint64_t magnitude;
  int negative = word[0] == '-';
  if (cf_number(word + negative, &magnitude) != 0 || magnitude > INT64_MAX) {
    return -1;
  }
  *out = negative ? -(int64_t)magnitude : (int64_t)magnitude;
  return 0;
}

int cf_time(const char *word, int64_t *out) {
  static const struct {
    const char *unit;
    int64_t ns;
  } units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
  if (strcmp(word, "forever") == 0) {
    *out = -1;
    return 0;
  }
  if (!isdigit((unsigned char)word[0])) {
    return -1;
  }
  char *unit;
  errno = 0;
  int64_t number = strtoll(word, &unit, 10);
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
    if (strcmp(unit, units[i].unit) == 0 && errno == 0 &&
        number <= INT64_MAX / units[i].ns) {
      *out = number * units[i].ns;
      return 0;
    }
  }
  return -1;
}

/* -------------------------------------------------------------------- bits */

static const struct {
  const char *name;
  uint32_t bit;
} bit_names[] = {
    {"R", MIO_READABLE},
    {"W", MIO_WRITABLE},
    {"AIO", MIO_AIO},
    {"LIO", MIO_LIO},
    {"P", MIO_PRIORITY},
    {"E", MIO_ERROR},
    {"RC", MIO_READ_CLOSED},
    {"WC", MIO_WRITE_CLOSED},
    {"LEVEL", MIO_LEVEL},
    {"ONESHOT", MIO_ONESHOT},
    {"EXCLUSIVE", MIO_EXCLUSIVE},
};

enum { BIT_NAMES = sizeof bit_names / sizeof bit_names[0] };

static int bit_of(const char *name, size_t length, uint32_t *out) {
  for (int i = 0; i < BIT_NAMES; i++) {
    if (strlen(bit_names[i].name) == length &&
        memcmp(bit_names[i].name, name, length) == 0) {
      *out |= bit_names[i].bit;
      return 0;
    }
  }
  return -1;
}

static int bits_of(const char *word, size_t length, uint32_t *out) {
  const char *end = word + length;
  *out = 0;
  for (;;) {
    const char *plus = memchr(word, '+', (size_t)(end - word));
    const char *stop = plus == NULL ? end : plus;
    if (bit_of(word, (size_t)(stop - word), out) != 0) {
      return -1;
    }
    if (plus == NULL) {
      return 0;
    }
    word = plus + 1;
  }
}

int cf_bits(const char *word, uint32_t *out) {
  if (strncmp(word, "0x", 2) != 0) {
    return bits_of(word, strlen(word), out);
  }
  uint64_t number;
  if (cf_number(word, &number) != 0 || number > UINT32_MAX) {
    return -1;
  }
  *out = (uint32_t)number;
  return 0;
}

void cf_bits_text(uint32_t bits, char *text, size_t size) {
  size_t used = 0;
  text[0] = '\0';
  for (int i = 0; i < BIT_NAMES && used < size; i++) {
    if (bits & bit_names[i].bit) {
      used += (size_t)snprintf(text + used, size - used, "%s%s",
                               used == 0 ? "" : "+", bit_names[i].name);
    }
  }
}

int cf_event_word(const char *word, struct cf_event_word *out) {
  const char *colon = strchr(word, ':');
  char token[24];
  if (colon == NULL || (size_t)(colon - word) >= sizeof token) {
    return -1;
  }
  memcpy(token, word, (size_t)(colon - word));
  token[colon - word] = '\0';
  size_t length = strlen(colon + 1);
  out->exact = length > 0 && colon[length] == '!';
  if (cf_number(token, &out->token) != 0) {
    return -1;
  }
  return bits_of(colon + 1, length - (size_t)out->exact, &out->bits);
}

int cf_comparison(const char *word, char *sign, const char **rest) {
  if (strchr("<>=", word[0]) == NULL || word[0] == '\0' || word[1] != '=') {
    return -1;
  }
  *sign = word[0];
  *rest = word + 2;
  return 0;
}

/* -------------------------------------------------------- kinds and options */

struct numbered {
  const char *name;
  uint32_t number;
};

static int numbered(const struct numbered *list, const char *word,
                    uint32_t *out) {
  uint64_t number;
  for (; list->name != NULL; list++) {
    if (strcmp(list->name, word) == 0) {
      *out = list->number;
      return 0;
    }
  }
  if (cf_number(word, &number) != 0 || number > UINT32_MAX) {
    return -1;
  }
  *out = (uint32_t)number;
  return 0;
}

int cf_kind(const char *word, uint32_t *out) {
  static const struct numbered kinds[] = {
      {"none", 0},
      {"tcp-listener", MIO_KIND_TCP_LISTENER},
      {"tcp-stream", MIO_KIND_TCP_STREAM},
      {"udp-socket", MIO_KIND_UDP_SOCKET},
      {"unix-listener", MIO_KIND_UNIX_LISTENER},
      {"unix-stream", MIO_KIND_UNIX_STREAM},
      {"unix-datagram", MIO_KIND_UNIX_DATAGRAM},
      {"pipe-sender", MIO_KIND_PIPE_SENDER},
      {"pipe-receiver", MIO_KIND_PIPE_RECEIVER},
      {"named-pipe", MIO_KIND_NAMED_PIPE},
      {NULL, 0},
  };
  return numbered(kinds, word, out);
}

int cf_option(const char *word, uint32_t *out) {
  static const struct numbered options[] = {
      {"nodelay", MIO_OPTION_NODELAY},
      {"ttl", MIO_OPTION_TTL},
      {"broadcast", MIO_OPTION_BROADCAST},
      {"multicast-loop-v4", MIO_OPTION_MULTICAST_LOOP_V4},
      {"multicast-ttl-v4", MIO_OPTION_MULTICAST_TTL_V4},
      {"multicast-loop-v6", MIO_OPTION_MULTICAST_LOOP_V6},
      {"only-v6", MIO_OPTION_ONLY_V6},
      {"nonblocking", MIO_OPTION_NONBLOCKING},
      {NULL, 0},
  };
  return numbered(options, word, out);
}

/* ---------------------------------------------------------------- features */

/* A bit that no poll has, where the system has no abstract names. */
#ifdef __linux__
#define LACKED_ABSTRACT 0
#else
#define LACKED_ABSTRACT (1U << 31)
#endif

static const struct {
  const char *name;
  uint32_t bit; /* 0: a feature of the engine, and C has them all. */
} feature_names[] = {
    {"edge-exact", MIO_FEATURE_EDGE_EXACT},
    {"exclusive", MIO_FEATURE_EXCLUSIVE},
    {"priority", MIO_FEATURE_PRIORITY},
    {"aio", MIO_FEATURE_AIO},
    {"lio", MIO_FEATURE_LIO},
    {"nanoseconds", MIO_FEATURE_NANOSECONDS},
    {"fd", MIO_FEATURE_FD},
    {"capacity", 0},
    {"null", 0},
    {"options", 0},
    {"raw", 0},
    {"token64", 0},
    {"sources", 0},
    {"flat", 0},
    {"abstract", LACKED_ABSTRACT},
};

static int feature_index(const char *name) {
  int count = sizeof feature_names / sizeof feature_names[0];
  for (int i = 0; i < count; i++) {
    if (strcmp(feature_names[i].name, name) == 0) {
      return i;
    }
  }
  return -1;
}

static int is_negated(const char *word) {
  return strncmp(word, "no-", 3) == 0;
}

int cf_is_feature(const char *word) {
  return feature_index(is_negated(word) ? word + 3 : word) >= 0;
}

int cf_has_feature(const char *word, uint32_t features) {
  int negated = is_negated(word);
  int index = feature_index(negated ? word + 3 : word);
  uint32_t bit = feature_names[index].bit;
  int has = bit == 0 || (features & bit) != 0;
  return has != negated;
}
