/*
 * transfer.h - source:read() and source:write() as one C function each.
 * SPDX-License-Identifier: MIT
 *
 * As in wait.h: the plain way only. What is odd about the arguments is left to
 * the Lua function of the facade, which raises, and a failure to another,
 * which says it in words. Neither yields.
 */
#ifndef MIOPOLL_LUA_TRANSFER_H
#define MIOPOLL_LUA_TRANSFER_H

#include "bytes.h"
#include "wait.h"

/* Upvalues: the Lua function for what is odd, that for failures, the class,
 * and a table, source -> its C handle while it is open. */
enum {
  TRANSFER_SLOW = 1,
  TRANSFER_FAIL = 2,
  TRANSFER_CLASS = 3,
  TRANSFER_OPEN = 4
};

/* The handle of the object before the colon; NULL if that is no open one of
 * the class. Nobody but the facade reaches the table, which has handles of
 * sources only. */
static mio_source_t *transfer_source(lua_State *L) {
  if (lua_type(L, 1) != LUA_TTABLE || !lua_getmetatable(L, 1)) {
    return NULL;
  }
  int same = lua_rawequal(L, -1, lua_upvalueindex(TRANSFER_CLASS));
  lua_pushvalue(L, 1);
  lua_rawget(L, lua_upvalueindex(TRANSFER_OPEN));
  struct convert_handle *handle =
      (struct convert_handle *)lua_touserdata(L, -1);
  lua_pop(L, 2);
  return !same || handle == NULL ? NULL : (mio_source_t *)handle->pointer;
}

static int transfer_fail(lua_State *L, int32_t rc) {
  convert_push(L, rc);
  return wait_call(L, TRANSFER_FAIL, 1);
}

/* A whole number from `least` to `most`, or the other if there is none. */
static int transfer_number(lua_State *L, int index, int64_t least,
                           uint64_t most, int64_t other, uint64_t *out) {
  int64_t value = other;
  if (!lua_isnoneornil(L, index) &&
      (lua_type(L, index) != LUA_TNUMBER ||
       !convert_whole(lua_tonumber(L, index), &value))) {
    return 0;
  }
  *out = (uint64_t)value;
  return value >= least && (uint64_t)value <= most;
}

/* read(source, size): at most BYTES_SMALL bytes. */
static int transfer_read(lua_State *L) {
  char bytes[BYTES_SMALL];
  uint64_t size;
  mio_source_t *source = transfer_source(L);
  if (source == NULL ||
      !transfer_number(L, 2, 0, sizeof bytes, sizeof bytes, &size)) {
    return wait_call(L, TRANSFER_SLOW, lua_gettop(L));
  }
  int32_t rc = mio_source_read(source, bytes, size);
  if (rc < 0) {
    return transfer_fail(L, rc);
  }
  lua_pushlstring(L, bytes, (size_t)rc);
  return 1;
}

/* write(source, data, first) */
static int transfer_write(lua_State *L) {
  size_t length = 0;
  uint64_t first;
  mio_source_t *source = transfer_source(L);
  const char *data =
      lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &length) : NULL;
  if (source == NULL || data == NULL ||
      !transfer_number(L, 3, 1, (uint64_t)length + 1, 1, &first)) {
    return wait_call(L, TRANSFER_SLOW, lua_gettop(L));
  }
  int32_t rc =
      mio_source_write(source, data + (first - 1), length - (first - 1));
  if (rc < 0) {
    return transfer_fail(L, rc);
  }
  convert_push(L, rc);
  return 1;
}

static int transfer_method(lua_State *L, lua_CFunction method) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  luaL_checktype(L, 3, LUA_TTABLE);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_settop(L, 4);
  lua_pushcclosure(L, method, TRANSFER_OPEN);
  return 1;
}

/* read_method(slow, fail, class, open) makes the method, and so on. */
static int read_method(lua_State *L) {
  return transfer_method(L, transfer_read);
}

static int write_method(lua_State *L) {
  return transfer_method(L, transfer_write);
}

#endif
