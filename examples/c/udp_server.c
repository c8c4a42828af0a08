/*
 * udp_server.c - sends every datagram back to where it came from.
 * SPDX-License-Identifier: MIT
 *
 *     udp_server [ADDRESS]       127.0.0.1:0, any port, if there is none
 */
#include "example.h"

#include <errno.h>
#include <stdio.h>

static const uint64_t SOCKET = 1;

static mio_source_t *udp;

/* Until nothing is there: that is what an edge asks for. An answer that finds
 * no room is dropped, as the network might have done. */
static void on_event(uint64_t token, uint32_t readiness) {
  static char datagram[65536];
  (void)token; /* There is one source. */
  (void)readiness;
  for (;;) {
    mio_addr_t peer;
    int32_t n = mio_source_recv_from(udp, datagram, sizeof datagram, &peer);
    if (n == -EAGAIN) {
      return;
    }
    if (n == -ECONNREFUSED) {
      continue; /* Who got an earlier answer has gone. */
    }
    example_check(n, "recv_from");
    int32_t rc = mio_source_send_to(udp, datagram, (uint64_t)n, &peer);
    if (rc < 0) {
      fprintf(stderr, "send_to: %s\n", mio_err_text(rc));
    }
  }
}

int main(int argc, char **argv) {
  mio_addr_t at = example_addr(argc > 1 ? argv[1] : "127.0.0.1:0");
  mio_registry_t *registry = example_open();
  example_check(mio_udp_socket_bind(&udp, &at), "bind");
  example_check(mio_registry_register(registry, udp, SOCKET, MIO_READABLE),
                "register");
  example_tell(udp);

  example_run(on_event);

  mio_source_free(udp);
  example_close();
  return 0;
}
