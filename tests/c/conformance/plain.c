/*
 * plain.c - the front without dependencies, for sanitizers, valgrind, qemu
 * and whatever a test framework does not survive.
 * SPDX-License-Identifier: MIT
 */
#include "miotestkit.h"
#include "must_fail.h"
#include "report.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: conformance-plain [options] FOLDER\n"
    "  --selector NAME   one selector; without it all that are built in\n"
    "  --filter GLOB     only these cases\n"
    "  --skips FILE      what this engine skips (FOLDER/../skips/c.txt)\n"
    "  --must-fail       FOLDER holds cases that must fail\n"
    "  --patience N      stretch time limits; 4 where MIOPOLL_TEST_SLOW is "
    "set\n"
    "  --times           print how long each case took\n";

static const int64_t case_limit = INT64_C(30000000000);
static const int64_t must_fail_limit = INT64_C(1000000000);

struct arguments {
  const char *folder;
  const char *selector;
  const char *skips;
  const char *patience;
  int must_fail;
  struct cf_options options;
};

static int read_option(struct arguments *out, const char *name,
                       const char *value) {
  const struct {
    const char *name;
    const char **place;
  } places[] = {
      {"--selector", &out->selector},
      {"--filter", &out->options.filter},
      {"--skips", &out->skips},
      {"--patience", &out->patience},
  };
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    if (strcmp(places[i].name, name) == 0 && value != NULL) {
      *places[i].place = value;
      return 0;
    }
  }
  return -1;
}

static int read_arguments(struct arguments *out, char **argv) {
  out->patience = getenv("MIOPOLL_TEST_SLOW") == NULL ? "1" : "4";
  for (int i = 1; argv[i] != NULL; i++) {
    if (strcmp(argv[i], "--must-fail") == 0) {
      out->must_fail = 1;
    } else if (strcmp(argv[i], "--times") == 0) {
      out->options.times = 1;
    } else if (strncmp(argv[i], "--", 2) == 0) {
      if (read_option(out, argv[i], argv[i + 1]) != 0) {
        return -1;
      }
      i++;
    } else if (out->folder == NULL) {
      out->folder = argv[i];
    } else {
      return -1;
    }
  }
  if (cf_signed(out->patience, &out->options.patience) != 0 ||
      out->options.patience < 1) {
    return -1;
  }
  return out->folder == NULL ? -1 : 0;
}

/* ----------------------------------------------------------------- running */

struct loaded {
  struct cf_suite suite;
  struct cf_skips skips;
};

static int load(struct loaded *loaded, const struct arguments *arguments) {
  char path[4096];
  char message[CF_MESSAGE_MAX];
  const char *skips = arguments->skips;
  if (cf_suite_read(&loaded->suite, arguments->folder) != 0) {
    printf("FAIL -: format: %s\n", loaded->suite.message);
    return -1;
  }
  if (skips == NULL) {
    (void)snprintf(path, sizeof path, "%s/../skips/c.txt", arguments->folder);
    skips = path;
  }
  if (cf_skips_read(&loaded->skips, skips, message, sizeof message) != 0) {
    printf("FAIL -: skip: %s\n", message);
    return -1;
  }
  return 0;
}

static int run_selector(const struct arguments *arguments,
                        const struct loaded *loaded, uint32_t selector) {
  if (arguments->must_fail) {
    return cf_must_fail(arguments->folder, selector, &arguments->options);
  }
  return cf_report(&loaded->suite, &loaded->skips, selector,
                   &arguments->options);
}

static int run_selectors(const struct arguments *arguments,
                         const struct loaded *loaded) {
  if (arguments->selector != NULL) {
    int32_t selector = mio_selector_from_name(arguments->selector);
    if (selector <= 0) {
      printf("FAIL -: no selector %s\n", arguments->selector);
      return 1;
    }
    return run_selector(arguments, loaded, (uint32_t)selector);
  }
  int failures = 0;
  for (uint32_t i = 1; mio_selector_available(i) >= 0; i++) {
    if (mio_selector_available(i) == 1) {
      failures += run_selector(arguments, loaded, i);
    }
  }
  return failures;
}

int main(int argc, char **argv) {
  struct arguments arguments = {0};
  struct loaded loaded = {0};
  (void)argc;
  if (read_arguments(&arguments, argv) != 0) {
    (void)fputs(usage, stderr);
    return 2;
  }
  kit_start();
  arguments.options.limit_ns =
      arguments.must_fail ? must_fail_limit : case_limit;
  int failures = 1;
  if (arguments.must_fail || load(&loaded, &arguments) == 0) {
    failures = run_selectors(&arguments, &loaded);
  }
  cf_skips_free(&loaded.skips);
  cf_suite_free(&loaded.suite);
  return failures == 0 ? 0 : 1;
}
