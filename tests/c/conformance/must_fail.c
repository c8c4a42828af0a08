/*
 * must_fail.c - the cases that must fail, each in a child process, since one
 * of them ends its process.
 * SPDX-License-Identifier: MIT
 */
#include "must_fail.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_MAX = 8192, KIND_MAX = 32 };

static int run_file(const char *path, uint32_t selector,
                    const struct cf_options *options) {
  struct cf_suite suite = {0};
  struct cf_skips skips = {0};
  int failures = 1;
  if (cf_suite_read(&suite, path) != 0) {
    printf("FAIL -: format: %s\n", suite.message);
    (void)fflush(stdout);
  } else {
    failures = cf_report(&suite, &skips, selector, options);
  }
  cf_suite_free(&suite);
  return failures;
}

static void read_output(int fd, char *output) {
  size_t used = 0;
  for (;;) {
    ssize_t n = read(fd, output + used, OUTPUT_MAX - 1 - used);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      break;
    }
    used += (size_t)n;
  }
  output[used] = '\0';
}

/* The wait status of a child that ran the file, and what it printed. */
static int run_child(const char *path, uint32_t selector,
                     const struct cf_options *options, char *output) {
  int fds[2];
  int status = 0;
  (void)fflush(stdout);
  if (pipe(fds) != 0) {
    abort();
  }
  pid_t child = fork();
  if (child == 0) {
    close(fds[0]);
    dup2(fds[1], STDOUT_FILENO);
    close(fds[1]);
    _exit(run_file(path, selector, options) == 0 ? 0 : 1);
  }
  close(fds[1]);
  read_output(fds[0], output);
  close(fds[0]);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

static int expected_kind(const char *path, char kind[KIND_MAX]) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return -1;
  }
  int found = fscanf(file, "# fails: %31s", kind);
  (void)fclose(file);
  return found == 1 ? 0 : -1;
}

/* The first failure line is `FAIL NAME: KIND: ...`. */
static int failed_so(const char *output, const char *kind) {
  char wanted[KIND_MAX + 8];
  const char *line = strstr(output, "FAIL ");
  if (line == NULL) {
    return 0;
  }
  const char *colon = strstr(line, ": ");
  (void)snprintf(wanted, sizeof wanted, ": %s: ", kind);
  return colon != NULL && strncmp(colon, wanted, strlen(wanted)) == 0;
}

static int check_file(const char *path, uint32_t selector,
                      const struct cf_options *options) {
  char kind[KIND_MAX];
  char output[OUTPUT_MAX];
  if (expected_kind(path, kind) != 0) {
    printf("FAIL %s: it does not say how it fails\n", path);
    return 1;
  }
  int status = run_child(path, selector, options, output);
  if (!WIFEXITED(status) || WEXITSTATUS(status) == 0 ||
      !failed_so(output, kind)) {
    printf("FAIL %s: should fail as %s; status %d, and it said:\n%s", path,
           kind, status, output);
    return 1;
  }
  return 0;
}

static int is_case_file(const struct dirent *entry) {
  const char *dot = strrchr(entry->d_name, '.');
  return dot != NULL && strcmp(dot, ".case") == 0;
}

int cf_must_fail(const char *folder, uint32_t selector,
                 const struct cf_options *options) {
  struct dirent **entries;
  int wrong = 0;
  int count = scandir(folder, &entries, is_case_file, alphasort);
  if (count <= 0) {
    printf("FAIL %s: no cases that must fail\n", folder);
    return 1;
  }
  for (int i = 0; i < count; i++) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
    wrong += check_file(path, selector, options);
    free(entries[i]);
  }
  free(entries);
  printf("must-fail %s: %d passed, %d failed, 0 skipped\n",
         mio_selector_name(selector), count - wrong, wrong);
  return wrong;
}
