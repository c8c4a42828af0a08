/*
 * tcp_listenfd_server.c - tcp_server.c on a listener that it inherits, as from
 * systemd, so that it can be started anew without a client being refused.
 * SPDX-License-Identifier: MIT
 *
 * LISTEN_FDS says how many descriptors there are from 3 on, of which this
 * takes the first. LISTEN_PID, if it is set, says whose they are.
 */
#include "example.h"
#include "greet.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST = 3 };

static int is_given_one(void) {
  const char *count = getenv("LISTEN_FDS");
  const char *process = getenv("LISTEN_PID");
  return count != NULL && strtol(count, NULL, 10) >= 1 &&
         (process == NULL || strtol(process, NULL, 10) == getpid());
}

int main(void) {
  if (!is_given_one()) {
    fputs("no listener was handed over: LISTEN_FDS is not set, or LISTEN_PID "
          "is another's\n",
          stderr);
    return 2;
  }
  mio_registry_t *registry = example_open();
  mio_source_t *listener;
  /* What it is is checked, and it is made non-blocking. */
  example_check(mio_source_from_fd(&listener, MIO_KIND_TCP_LISTENER, FIRST),
                "descriptor 3 is no TCP listener");

  greet(registry, listener);

  example_close();
  return 0;
}
