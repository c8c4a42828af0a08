/* Sized option structs: what a newer or older caller may pass. */
#ifndef MIOPOLL_OPTIONS_H
#define MIOPOLL_OPTIONS_H

#include "miopoll.h"

/* Copies the caller's options, or defaults for NULL, to *out. 0, -EINVAL or
 * -E2BIG. */
int32_t options_read(mio_poll_options_t *out,
                     const mio_poll_options_t *options);

#endif
