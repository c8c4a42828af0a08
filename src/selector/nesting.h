/*
 * Polls within polls, for selectors whose kernel accepts a loop of them: a
 * list of the polls of this process that can be nested, since their
 * descriptor was handed out, or that hold such a one.
 */
#ifndef MIOPOLL_SELECTOR_NESTING_H
#define MIOPOLL_SELECTOR_NESTING_H

#include <stdint.h>

/* How many polls may be in one another, as with epoll. */
#define NESTING_MAX 5

struct nesting_poll {
  struct nesting_poll *next;
  int listed;
  int fd;
  /* 1 if the descriptor is registered there. Called with the lock of the list
   * held, and may take the poll's own. */
  int (*watches)(struct nesting_poll *poll, int fd);
};

/* The descriptor was handed out. */
void nesting_list(struct nesting_poll *poll);

/* The poll ends. Not to be called in another process than that which listed
 * it. */
void nesting_unlist(struct nesting_poll *poll);

/*
 * Before `outer` registers `fd`. 0: it is none of the polls listed. 1: it is
 * one, and may be registered; nesting_end() must follow, and until then nobody
 * else nests anything. -ELOOP: the two would make a loop, or too deep a nest.
 */
int32_t nesting_begin(struct nesting_poll *outer, int fd);

void nesting_end(void);

#endif
