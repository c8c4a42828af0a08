/* One operation of the library, run 100 times between two getppid() calls, so
 * that a system call tracer can count what it costs. */
#ifndef MIOPOLL_TESTS_OPERATION_H
#define MIOPOLL_TESTS_OPERATION_H

#include <stddef.h>

#include "miopoll.h"

struct operation {
  const char *name;
  void (*prepare)(void); /* Once, before; may be NULL. */
  void (*run)(void);
};

/* Runs the one of that name; returns what the program is to end with. */
int operation_run(const struct operation *operations, size_t count,
                  const char *name);

#endif
