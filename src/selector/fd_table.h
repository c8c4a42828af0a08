/*
 * A table of registrations, for selectors whose kernel keeps none: found by
 * descriptor in one step, walked without holes. Not locked: that is its
 * user's business.
 */
#ifndef MIOPOLL_SELECTOR_FD_TABLE_H
#define MIOPOLL_SELECTOR_FD_TABLE_H

#include <stdint.h>

struct fd_entry {
  uint64_t token;
  int fd;
  uint32_t interest;
  uint32_t armed;  /* Of the directions of interest: those still watched. */
  uint32_t serial; /* Another one for each registration and change. */
};

struct fd_table {
  struct fd_entry *entries;
  uint32_t count;
  uint32_t capacity;
  uint32_t *index; /* By descriptor: place in entries, plus 1; 0 is none. */
  uint32_t index_size;
  uint32_t serial; /* The last that was given. */
};

/* Makes room for an entry of `fd`, so that fd_table_add() cannot fail. 0 or
 * -ENOMEM. */
int32_t fd_table_reserve(struct fd_table *table, int fd);

/* The entry of `fd`, valid until the next add or remove; NULL. */
struct fd_entry *fd_table_find(const struct fd_table *table, int fd);

/* Adds an armed entry. May assume: fd_table_reserve(), no entry of `fd`. */
void fd_table_add(struct fd_table *table, int fd, uint64_t token,
                  uint32_t interest);

/* Replaces token and interest of an entry, and arms all its directions. */
void fd_table_change(struct fd_table *table, struct fd_entry *entry,
                     uint64_t token, uint32_t interest);

/* Takes an entry out; the last one moves to its place. */
void fd_table_remove(struct fd_table *table, struct fd_entry *entry);

void fd_table_free(struct fd_table *table);

#endif
