/*
 * kit_fresh.c - names for Unix sockets that nobody has.
 * SPDX-License-Identifier: MIT
 */
#include "miotestkit.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOLDER_MAX = 64, TEXT_MAX = 128 };

/* The folder's name is the abstract names' prefix, too. */
static char folder[FOLDER_MAX];
static char text[TEXT_MAX];
static bool begun;
static uint32_t counter;

static int32_t begin(void) {
  if (begun) {
    return 0;
  }
  (void)snprintf(folder, sizeof folder, "/tmp/miopoll-XXXXXX");
  if (mkdtemp(folder) == NULL) {
    return -errno;
  }
  begun = true;
  return 0;
}

static const char *fresh(const char *prefix, const char *name) {
  char number[16];
  if (begin() < 0) {
    return NULL;
  }
  (void)snprintf(number, sizeof number, "%u", (unsigned)counter);
  if (name[0] == '\0') {
    counter++;
    name = number;
  }
  int length = snprintf(text, sizeof text, "%s%s/%s", prefix, folder, name);
  return length < (int)sizeof text ? text : NULL;
}

const char *kit_fresh_path(const char *name) {
  return fresh("unix:", name);
}

const char *kit_fresh_abstract(const char *name) {
  return fresh("unix:@", name);
}

/* The folder is flat: nothing in it but what bind made. */
int32_t kit_fresh_end(void) {
  char path[FOLDER_MAX + sizeof((struct dirent){0}.d_name) + 1];
  if (!begun) {
    return 0;
  }
  begun = false;
  DIR *dir = opendir(folder);
  if (dir == NULL) {
    return -errno;
  }
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
      (void)unlink(path);
    }
  }
  closedir(dir);
  return rmdir(folder) != 0 ? -errno : 0;
}
