/* Greets every client of a listener, and prints what it hears from them, until
 * SIGINT or SIGTERM. Frees the listener. */
#ifndef GREET_H
#define GREET_H

#include <miopoll.h>

void greet(mio_registry_t *registry, mio_source_t *listener);

#endif
