#include "options.h"

#include <errno.h>
#include <string.h>

/* The size in release 0.1: no caller can have a shorter one. */
#define FIRST_SIZE 16

int32_t options_read(mio_poll_options_t *out,
                     const mio_poll_options_t *options) {
  memset(out, 0, sizeof(*out));
  if (options == NULL) {
    return 0;
  }
  uint32_t size = options->size;
  if (size < FIRST_SIZE) {
    return -EINVAL;
  }
  const unsigned char *bytes = (const unsigned char *)options;
  for (uint32_t i = sizeof(*out); i < size; i++) {
    if (bytes[i] != 0) {
      return -E2BIG;
    }
  }
  memcpy(out, options, size < sizeof(*out) ? size : sizeof(*out));
  return out->flags == 0 && out->reserved == 0 ? 0 : -EINVAL;
}
