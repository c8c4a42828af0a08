#include "error.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "errno_list.h"

struct error {
  int32_t number;
  const char *name;
  const char *text;
};

#define ENTRY(name, text) {name, #name, text},

static const struct error errors[] = {ERRNO_LIST(ENTRY)};

/* Understood, never given. */
static const struct error aliases[] = {
    {EAGAIN, "EWOULDBLOCK", NULL},
    {EOPNOTSUPP, "ENOTSUP", NULL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Two names are one error here, even where they have two numbers. */
static int32_t canonical(int32_t number) {
  if (number == EWOULDBLOCK) {
    return EAGAIN;
  }
  return number == ENOTSUP ? EOPNOTSUPP : number;
}

static const struct error *find(int32_t rc) {
  int32_t number = canonical(-rc);
  for (size_t i = 0; i < COUNT(errors); i++) {
    if (errors[i].number == number) {
      return &errors[i];
    }
  }
  return NULL;
}

const char *error_name(int32_t rc) {
  if (rc >= 0) {
    return "OK";
  }
  const struct error *error = rc == INT32_MIN ? NULL : find(rc);
  return error != NULL ? error->name : "UNKNOWN";
}

const char *error_text(int32_t rc) {
  if (rc >= 0) {
    return "Success";
  }
  const struct error *error = rc == INT32_MIN ? NULL : find(rc);
  return error != NULL ? error->text : "Unknown error";
}

static int32_t find_name(const struct error *list, size_t count,
                         const char *name) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(list[i].name, name) == 0) {
      return -list[i].number;
    }
  }
  return 0;
}

int32_t error_from_name(const char *name) {
  int32_t rc = find_name(errors, COUNT(errors), name);
  return rc != 0 ? rc : find_name(aliases, COUNT(aliases), name);
}
