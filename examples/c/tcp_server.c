/*
 * tcp_server.c - greets whoever connects, and prints what they say.
 * SPDX-License-Identifier: MIT
 *
 *     tcp_server [ADDRESS]       127.0.0.1:0, any port, if there is none
 */
#include "example.h"
#include "greet.h"

int main(int argc, char **argv) {
  mio_addr_t at = example_addr(argc > 1 ? argv[1] : "127.0.0.1:0");
  mio_registry_t *registry = example_open();
  mio_source_t *listener;
  example_check(mio_tcp_listener_bind(&listener, &at, 0), "bind");

  greet(registry, listener);

  example_close();
  return 0;
}
