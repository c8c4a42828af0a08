/* The declarations of guard.cdef, and what C code needs beside them. */
#ifndef MIOPOLL_PYTHON_GUARD_H
#define MIOPOLL_PYTHON_GUARD_H

#include "miopoll.h"

#include "guard.cdef"

/* Begins a wait, into the poll's own buffer: 0, or why not. It is the
 * caller's, who reads the events before guard_poll_leave(). */
int32_t guard_poll_enter(guard_poll_t *poll, mio_poll_t **raw,
                         mio_event_t **events, uint32_t *capacity);

/* Ends it: 0, or GUARD_CLOSING if the poll was closed meanwhile. */
int32_t guard_poll_leave(guard_poll_t *poll);

/* The registry behind its gate, for as long as the caller is inside: 0, or why
 * not. He leaves with the result of what he did, which is given back. */
int32_t guard_registry_enter(guard_registry_t *registry, mio_registry_t **raw);
int32_t guard_registry_leave(guard_registry_t *registry, int32_t rc);

#endif
