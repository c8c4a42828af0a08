/* Sources for the named tests: two that are connected, and every way in which
 * one can be made. */
#ifndef MIOPOLL_TESTS_ENDS_H
#define MIOPOLL_TESTS_ENDS_H

#include "check.h"

/* Of a pipe, `a` is the sender. */
struct ends {
  mio_source_t *a;
  mio_source_t *b;
};

/* Two ends of a kind, connected to each other. For a pipe either kind. */
struct ends ends_new(uint32_t kind);
void ends_free(struct ends *ends);

/* The kinds that have ends: both streams, both datagrams, pipes. */
enum { ENDS_KINDS = 5 };
extern const uint32_t ends_kinds[ENDS_KINDS];

mio_addr_t addr_of(const char *text);
mio_addr_t local_addr_of(mio_source_t *source);
int fd_of(mio_source_t *source);

/* Whether it is open, non-blocking and close-on-exec. */
int is_as_made(mio_source_t *source);

/* Accepts, waiting until the connection is there. */
mio_source_t *accept_from(mio_source_t *listener);

/* What makes sources; *second is used by those that make two. */
struct maker {
  const char *name;
  int32_t (*make)(mio_source_t **first, mio_source_t **second);
  int makes;
};

enum { MAKERS = 11 };
extern const struct maker makers[MAKERS];

/* Opens and closes what the makers connect to and accept from. */
void makers_begin(void);
void makers_end(void);

/* What stands in *out before, to see that a failure sets it NULL. */
extern mio_source_t *const junk;

#endif
