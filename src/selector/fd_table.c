#include "selector/fd_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "interest.h"

static int32_t grow_entries(struct fd_table *table) {
  uint32_t capacity = table->capacity == 0 ? 16 : table->capacity * 2;
  struct fd_entry *entries =
      realloc(table->entries, capacity * sizeof(*entries));
  if (entries == NULL) {
    return -ENOMEM;
  }
  table->entries = entries;
  table->capacity = capacity;
  return 0;
}

static int32_t grow_index(struct fd_table *table, uint32_t needed) {
  uint32_t size = table->index_size == 0 ? 64 : table->index_size;
  while (size < needed) {
    size *= 2;
  }
  uint32_t *index = realloc(table->index, size * sizeof(*index));
  if (index == NULL) {
    return -ENOMEM;
  }
  memset(index + table->index_size, 0,
         (size - table->index_size) * sizeof(*index));
  table->index = index;
  table->index_size = size;
  return 0;
}

int32_t fd_table_reserve(struct fd_table *table, int fd) {
  int32_t rc = 0;
  if (table->count == table->capacity) {
    rc = grow_entries(table);
  }
  if (rc == 0 && (uint32_t)fd >= table->index_size) {
    rc = grow_index(table, (uint32_t)fd + 1);
  }
  return rc;
}

struct fd_entry *fd_table_find(const struct fd_table *table, int fd) {
  if ((uint32_t)fd >= table->index_size || table->index[fd] == 0) {
    return NULL;
  }
  return &table->entries[table->index[fd] - 1];
}

void fd_table_add(struct fd_table *table, int fd, uint64_t token,
                  uint32_t interest) {
  struct fd_entry *entry = &table->entries[table->count++];
  entry->fd = fd;
  fd_table_change(table, entry, token, interest);
  table->index[fd] = table->count;
}

void fd_table_change(struct fd_table *table, struct fd_entry *entry,
                     uint64_t token, uint32_t interest) {
  entry->token = token;
  entry->interest = interest;
  entry->armed = interest & INTEREST_DIRECTIONS;
  entry->serial = ++table->serial;
}

void fd_table_remove(struct fd_table *table, struct fd_entry *entry) {
  uint32_t place = table->index[entry->fd];
  table->index[entry->fd] = 0;
  struct fd_entry *last = &table->entries[--table->count];
  if (last != entry) {
    *entry = *last;
    table->index[entry->fd] = place;
  }
}

void fd_table_free(struct fd_table *table) {
  free(table->entries);
  free(table->index);
}
