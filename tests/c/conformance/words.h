/*
 * words.h - what single words mean; docs/conformance.md, chapters 1 and 6.
 * SPDX-License-Identifier: MIT
 */
#ifndef CF_WORDS_H
#define CF_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* Each returns 0, or -1 if the word is not of its kind. */
int cf_number(const char *word, uint64_t *out);
int cf_signed(const char *word, int64_t *out);
int cf_time(const char *word, int64_t *out);
int cf_bits(const char *word, uint32_t *out);

/* The kind or the option of that name, or any number. */
int cf_kind(const char *word, uint32_t *out);
int cf_option(const char *word, uint32_t *out);

/* `TOKEN:BITS` or `TOKEN:BITS!`. */
struct cf_event_word {
  uint64_t token;
  uint32_t bits;
  int exact;
};
int cf_event_word(const char *word, struct cf_event_word *out);

/* `>=N`, `<=N` or `==N`: the operator's first character and the rest. */
int cf_comparison(const char *word, char *sign, const char **rest);

/* Writes bits as a case names them, for messages. */
void cf_bits_text(uint32_t bits, char *text, size_t size);

int cf_is_feature(const char *word);

/* Whether a poll with these feature bits, in this engine, has what the word
 * asks for. The word is a feature. */
int cf_has_feature(const char *word, uint32_t features);

#endif /* CF_WORDS_H */
