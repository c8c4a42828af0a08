/*
 * bytes.h - strings and addresses between Lua and C, for the wrappers that
 * SWIG writes. SPDX-License-Identifier: MIT
 *
 * Bytes that come out cross one buffer: on the C stack, or, if there are more
 * than fit, a userdata that the collector takes back.
 */
#ifndef MIOPOLL_LUA_BYTES_H
#define MIOPOLL_LUA_BYTES_H

#include "convert.h"

enum {
  BYTES_SMALL = 65536,
  /* More are not taken out at a time. */
  BYTES_MOST = 16777216
};

struct bytes_room {
  char *bytes;
  uint64_t length;
  char small[BYTES_SMALL];
};

/* The strings stay the table's, where no Lua runs until they are used. */
struct bytes_parts {
  const void *buffers[MIO_BUFFERS_MAX];
  uint64_t lengths[MIO_BUFFERS_MAX];
  uint32_t count;
};

struct bytes_rooms {
  void *buffers[MIO_BUFFERS_MAX];
  uint64_t lengths[MIO_BUFFERS_MAX];
  uint32_t count;
  struct bytes_room room;
};

/* ------------------------------------------------------------------- bytes */

static inline const char *bytes_string(lua_State *L, int index,
                                       const char *function, size_t *length) {
  if (lua_type(L, index) != LUA_TSTRING) {
    convert_refuse(L, index, function, "string");
  }
  return lua_tolstring(L, index, length);
}

/* How many bytes there will be, of those that are still allowed. */
static inline uint64_t bytes_length(lua_State *L, int index,
                                    const char *function, uint64_t most) {
  uint64_t length =
      (uint64_t)convert_between(L, index, function, "uint64_t", 0, INT64_MAX);
  return length < most ? length : most;
}

static inline void bytes_allocate(lua_State *L, struct bytes_room *room) {
  room->bytes = room->small;
  if (room->length > sizeof room->small) {
    convert_above_arguments(L);
    room->bytes = (char *)lua_newuserdata(L, (size_t)room->length);
  }
}

static inline void bytes_make_room(lua_State *L, int index,
                                   const char *function,
                                   struct bytes_room *room) {
  room->length = bytes_length(L, index, function, BYTES_MOST);
  bytes_allocate(L, room);
}

/* nil after a failure. */
static inline void bytes_push(lua_State *L, const void *bytes, uint64_t length,
                              int32_t count) {
  if (count < 0) {
    lua_pushnil(L);
  } else {
    lua_pushlstring(L, (const char *)bytes,
                    (uint64_t)count < length ? (size_t)count : (size_t)length);
  }
}

/* --------------------------------------------------------- several at once */

/* How many of the table are looked at. */
static inline uint32_t bytes_count(lua_State *L, int index,
                                   const char *function) {
  convert_table(L, index, function);
#if LUA_VERSION_NUM < 502
  size_t count = lua_objlen(L, index);
#else
  size_t count = lua_rawlen(L, index);
#endif
  return count < MIO_BUFFERS_MAX ? (uint32_t)count : MIO_BUFFERS_MAX;
}

static inline void bytes_strings(lua_State *L, int index, const char *function,
                                 struct bytes_parts *parts) {
  parts->count = bytes_count(L, index, function);
  for (uint32_t i = 0; i < parts->count; i++) {
    size_t length = 0;
    lua_rawgeti(L, index, (int)i + 1);
    if (lua_type(L, -1) != LUA_TSTRING) {
      luaL_error(L, "bad argument #%d to '%s' (no string at %d of the table)",
                 index, function, (int)i + 1);
    }
    parts->buffers[i] = lua_tolstring(L, -1, &length);
    parts->lengths[i] = length;
    lua_pop(L, 1);
  }
}

static inline uint64_t bytes_part_length(lua_State *L, int index,
                                         const char *function, uint32_t place,
                                         uint64_t most) {
  int64_t length = -1;
  lua_rawgeti(L, index, (int)place + 1);
  int good = lua_type(L, -1) == LUA_TNUMBER &&
             convert_whole(lua_tonumber(L, -1), &length) && length >= 0;
  lua_pop(L, 1);
  if (!good) {
    luaL_error(L,
               "bad argument #%d to '%s' (no exact uint64_t at %d of the "
               "table)",
               index, function, (int)place + 1);
  }
  return (uint64_t)length < most ? (uint64_t)length : most;
}

static inline void bytes_make_rooms(lua_State *L, int index,
                                    const char *function,
                                    struct bytes_rooms *rooms) {
  rooms->count = bytes_count(L, index, function);
  rooms->room.length = 0;
  for (uint32_t i = 0; i < rooms->count; i++) {
    rooms->lengths[i] = bytes_part_length(L, index, function, i,
                                          BYTES_MOST - rooms->room.length);
    rooms->room.length += rooms->lengths[i];
  }
  bytes_allocate(L, &rooms->room);
  char *bytes = rooms->room.bytes;
  for (uint32_t i = 0; i < rooms->count; i++) {
    rooms->buffers[i] = bytes;
    bytes += rooms->lengths[i];
  }
}

/* A table with a string for each room; nil after a failure. */
static inline void bytes_push_rooms(lua_State *L, void *const *buffers,
                                    const uint64_t *lengths, uint32_t count,
                                    int32_t result) {
  if (result < 0) {
    lua_pushnil(L);
    return;
  }
  uint64_t left = (uint64_t)result;
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t length = lengths[i] < left ? lengths[i] : left;
    lua_pushlstring(L, (const char *)buffers[i], (size_t)length);
    lua_rawseti(L, -2, (int)i + 1);
    left -= length;
  }
}

/* --------------------------------------------------------------- addresses */

/* A copy, since a string need not be aligned; NULL for nil. What the bytes
 * mean, the library checks. */
static inline mio_addr_t *bytes_addr(lua_State *L, int index,
                                     const char *function, mio_addr_t *addr) {
  size_t length = 0;
  if (lua_isnoneornil(L, index)) {
    return NULL;
  }
  if (lua_type(L, index) != LUA_TSTRING) {
    convert_refuse(L, index, function, "mio_addr_t");
  }
  const char *bytes = lua_tolstring(L, index, &length);
  if (length != sizeof *addr) {
    luaL_error(L, "bad argument #%d to '%s' (mio_addr_t of %d bytes expected)",
               index, function, (int)sizeof *addr);
  }
  memcpy(addr, bytes, sizeof *addr);
  return addr;
}

#endif
