/*
 * skips.c - reading the list of skips.
 * SPDX-License-Identifier: MIT
 */
#include "skips.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add_line(struct cf_skips *skips, char *line) {
  char *rest;
  char *name = strtok_r(line, " \t", &rest);
  if (name == NULL || name[0] == '#') {
    return 0;
  }
  char *selector = strtok_r(NULL, " \t", &rest);
  char *why = strtok_r(NULL, "", &rest);
  if (selector == NULL || why == NULL || cf_skips_has(skips, name, selector)) {
    return -1;
  }
  size_t count = (size_t)skips->skipc + 1;
  skips->skips = realloc(skips->skips, count * sizeof *skips->skips);
  skips->skips[skips->skipc++] = (struct cf_skip){name, selector};
  return 0;
}

static char *read_all(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return NULL;
  }
  char *text = NULL;
  size_t room = 0;
  ssize_t length = getdelim(&text, &room, '\0', file);
  (void)fclose(file);
  if (length < 0) {
    free(text);
    return strdup("");
  }
  return text;
}

int cf_skips_read(struct cf_skips *skips, const char *path, char *message,
                  size_t size) {
  *skips = (struct cf_skips){0};
  if (path == NULL) {
    return 0;
  }
  skips->text = read_all(path);
  if (skips->text == NULL) {
    (void)snprintf(message, size, "cannot read %s: %s", path, strerror(errno));
    return -1;
  }
  char *rest;
  char *line = strtok_r(skips->text, "\n", &rest);
  for (; line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    if (add_line(skips, line) != 0) {
      (void)snprintf(message, size, "%s: no reason, or there twice: %s", path,
                     line);
      return -1;
    }
  }
  return 0;
}

void cf_skips_free(struct cf_skips *skips) {
  free(skips->text);
  free(skips->skips);
  *skips = (struct cf_skips){0};
}

int cf_skips_has(const struct cf_skips *skips, const char *name,
                 const char *selector) {
  for (int i = 0; i < skips->skipc; i++) {
    if (strcmp(skips->skips[i].name, name) == 0 &&
        strcmp(skips->skips[i].selector, selector) == 0) {
      return 1;
    }
  }
  return 0;
}
