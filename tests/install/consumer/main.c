/* A program that uses the installed library: waits for a pipe. */
#include <miopoll.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  int ends[2];
  mio_poll_t *poll;
  mio_registry_t *registry;
  mio_event_t event = {0, 0, 0};
  if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1 ||
      mio_poll_new(&poll, NULL) != 0 ||
      mio_poll_registry(poll, &registry) != 0 ||
      mio_registry_register_fd(registry, ends[0], UINT64_MAX, MIO_READABLE) !=
          0 ||
      mio_poll_wait(poll, &event, 1, 0) != 1 || event.token != UINT64_MAX) {
    return 1;
  }
  mio_registry_free(registry);
  mio_poll_free(poll);
  (void)printf("%s\n", mio_version_string());
  return 0;
}
