/*
 * suite.c - files, their order and their digest.
 * SPDX-License-Identifier: MIT
 */
#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const uint64_t digest_modulus = UINT64_C(17592186044399);

static void digest_add(uint64_t *digest, const char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    *digest = (*digest * 257 + (unsigned char)bytes[i] + 1) % digest_modulus;
  }
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

static int cannot_read(struct cf_suite *suite, const char *path) {
  (void)snprintf(suite->message, sizeof suite->message, "cannot read %s: %s",
                 path, strerror(errno));
  return -1;
}

/* A text that the suite owns, with a NUL behind it; NULL if unreadable. */
static char *read_text(struct cf_suite *suite, const char *path,
                       size_t *length) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return NULL;
  }
  char *text = NULL;
  FILE *copy = open_memstream(&text, length);
  char piece[4096];
  for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;) {
    (void)fwrite(piece, 1, n, copy);
  }
  (void)fclose(copy);
  (void)fclose(file);
  size_t count = (size_t)suite->textc + 1;
  suite->texts = realloc(suite->texts, count * sizeof *suite->texts);
  suite->texts[suite->textc++] = text;
  return text;
}

static int read_file(struct cf_suite *suite, const char *path) {
  size_t length;
  char *text = read_text(suite, path, &length);
  if (text == NULL) {
    return cannot_read(suite, path);
  }
  const char *name = base_name(path);
  digest_add(&suite->digest, name, strlen(name));
  digest_add(&suite->digest, "\n", 1);
  digest_add(&suite->digest, text, length);
  if (strlen(text) != length) {
    (void)snprintf(suite->message, sizeof suite->message, "%s: has a NUL",
                   name);
    return -1;
  }
  /* The name must outlive `path`, which belongs to the caller. */
  char *kept = strdup(name);
  size_t count = (size_t)suite->textc + 1;
  suite->texts = realloc(suite->texts, count * sizeof *suite->texts);
  suite->texts[suite->textc++] = kept;
  return cf_parse(suite, kept, text);
}

static int is_case_file(const struct dirent *entry) {
  const char *dot = strrchr(entry->d_name, '.');
  return dot != NULL && strcmp(dot, ".case") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_folder(struct cf_suite *suite, const char *folder) {
  struct dirent **entries;
  int count = scandir(folder, &entries, is_case_file, by_bytes);
  if (count < 0) {
    return cannot_read(suite, folder);
  }
  int rc = 0;
  for (int i = 0; i < count; i++) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
    if (rc == 0) {
      rc = read_file(suite, path);
    }
    free(entries[i]);
  }
  free(entries);
  return rc;
}

int cf_suite_read(struct cf_suite *suite, const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) {
    return cannot_read(suite, path);
  }
  return S_ISDIR(status.st_mode) ? read_folder(suite, path)
                                 : read_file(suite, path);
}

void cf_suite_free(struct cf_suite *suite) {
  for (int i = 0; i < suite->casec; i++) {
    free(suite->cases[i].steps);
  }
  for (int i = 0; i < suite->textc; i++) {
    free(suite->texts[i]);
  }
  free(suite->cases);
  free(suite->texts);
  *suite = (struct cf_suite){0};
}

const struct cf_case *cf_suite_find(const struct cf_suite *suite,
                                    const char *name) {
  for (int i = 0; i < suite->casec; i++) {
    if (strcmp(suite->cases[i].name, name) == 0) {
      return &suite->cases[i];
    }
  }
  return NULL;
}
