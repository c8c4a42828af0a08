/*
 * convert.h - values between Lua and C, for the wrappers that SWIG writes.
 * SPDX-License-Identifier: MIT
 *
 * One function for each kind of value; miopoll.i says which C type is which.
 * A value that does not fit raises "bad argument #n to 'name' (...)": nothing
 * is rounded, wrapped or taken for something else.
 *
 * A handle is a userdata of our own, not of SWIG's: SWIG takes nil for NULL,
 * any light userdata for any pointer, and follows the type pointer of foreign
 * userdata, which need not be one.
 */
#ifndef MIOPOLL_LUA_CONVERT_H
#define MIOPOLL_LUA_CONVERT_H

#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>
#include <string.h>

/* Lua 5.1, 5.2 and LuaJIT know doubles only. */
#define CONVERT_DOUBLES (LUA_VERSION_NUM < 503)

/* Doubles from here on stand for several integers. */
#define CONVERT_EXACT 9007199254740992.0 /* 2^53 */

enum {
  /* A wait gives no more events at a time: they cross on the C stack. */
  CONVERT_EVENTS = 1024,
  /* More than any function takes. */
  CONVERT_ARGUMENTS = 10
};

/* Missing arguments are "no value", or nil, for each conversion. */
#undef SWIG_check_num_args
#define SWIG_check_num_args(function, least, most) \
  if (0) {                                         \
    goto fail;                                     \
  }

/* Whether a function frees its handle: the header's rules promise the name. */
#define CONVERT_FREES(name) \
  (sizeof(name) > 6 && strcmp((name) + sizeof(name) - 6, "_free") == 0)

/* ------------------------------------------------------------------ errors */

static const char *convert_type_name(lua_State *L, int index) {
  int type = lua_type(L, index);
  return type == LUA_TNONE ? "no value" : lua_typename(L, type);
}

static void convert_refuse(lua_State *L, int index, const char *function,
                           const char *expected) {
  luaL_error(L, "bad argument #%d to '%s' (%s expected, got %s)", index,
             function, expected, convert_type_name(L, index));
}

static void convert_out_of_range(lua_State *L, int index, const char *function,
                                 const char *type) {
  luaL_error(L, "bad argument #%d to '%s' (no exact %s)", index, function,
             type);
}

/* ---------------------------------------------------------------- integers */

/* A float: whole, from -2^63 to below 2^63. NaN fails each comparison. */
static int convert_whole(double number, int64_t *out) {
  if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0)) {
    return 0;
  }
  *out = (int64_t)number;
  return (double)*out == number;
}

static int64_t convert_int64(lua_State *L, int index, const char *function,
                             const char *type) {
  int64_t value = 0;
  if (lua_type(L, index) != LUA_TNUMBER) {
    convert_refuse(L, index, function, type);
  }
#if !CONVERT_DOUBLES
  if (lua_isinteger(L, index)) {
    return lua_tointeger(L, index);
  }
#endif
  if (!convert_whole(lua_tonumber(L, index), &value)) {
    convert_out_of_range(L, index, function, type);
  }
  return value;
}

static int64_t convert_between(lua_State *L, int index, const char *function,
                               const char *type, int64_t least, int64_t most) {
  int64_t value = convert_int64(L, index, function, type);
  if (value < least || value > most) {
    convert_out_of_range(L, index, function, type);
  }
  return value;
}

static inline int32_t convert_int32(lua_State *L, int index,
                                    const char *function) {
  return (int32_t)convert_between(L, index, function, "int32_t", INT32_MIN,
                                  INT32_MAX);
}

static inline uint32_t convert_uint32(lua_State *L, int index,
                                      const char *function) {
  return (uint32_t)convert_between(L, index, function, "uint32_t", 0,
                                   UINT32_MAX);
}

/* An integer of Lua 5.3 and later is 64 bits, of which the sign is one. A
 * float is exact from 0 to 2^53-1: the next one is what 2^53+1 becomes too. */
static uint64_t convert_uint64(lua_State *L, int index, const char *function) {
#if !CONVERT_DOUBLES
  if (lua_isinteger(L, index)) {
    return (uint64_t)lua_tointeger(L, index);
  }
#endif
  return (uint64_t)convert_between(L, index, function, "uint64_t", 0,
                                   (int64_t)CONVERT_EXACT - 1);
}

static inline void convert_push(lua_State *L, int64_t value) {
#if CONVERT_DOUBLES
  lua_pushnumber(L, (lua_Number)value);
#else
  lua_pushinteger(L, value);
#endif
}

static inline void convert_push_uint64(lua_State *L, uint64_t value) {
#if CONVERT_DOUBLES
  if (value >= (uint64_t)CONVERT_EXACT) {
    luaL_error(L, "a token of 2^53 or more, which this Lua cannot hold");
  }
#endif
  convert_push(L, (int64_t)value);
}

/* -------------------------------------------------------------------- text */

static inline const char *convert_text(lua_State *L, int index,
                                       const char *function) {
  size_t length;
  if (lua_type(L, index) != LUA_TSTRING) {
    convert_refuse(L, index, function, "string");
  }
  const char *text = lua_tolstring(L, index, &length);
  if (strlen(text) != length) {
    luaL_error(L, "bad argument #%d to '%s' (a string without NUL expected)",
               index, function);
  }
  return text;
}

/* ----------------------------------------------------------------- handles */

/* The metatable of each kind of handle has its SWIG type at 1, by which it is
 * told, and is in the registry under the address of that type. */
struct convert_handle {
  void *pointer; /* NULL: closed. */
};

static struct convert_handle *convert_is_handle(lua_State *L, int index,
                                                const void *type) {
  if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) {
    return NULL;
  }
  lua_rawgeti(L, -1, 1);
  int same = lua_touserdata(L, -1) == type;
  lua_pop(L, 2);
  return same ? (struct convert_handle *)lua_touserdata(L, index) : NULL;
}

/* SWIG has all names of a type: "mio_poll_t *|struct mio_poll *". */
static const char *convert_push_name(lua_State *L, swig_type_info *type) {
  const char *end = strchr(type->str, '|');
  size_t length = end ? (size_t)(end - type->str) : strlen(type->str);
  lua_pushlstring(L, type->str, length);
  return lua_tostring(L, -1);
}

static struct convert_handle *convert_open_handle(lua_State *L, int index,
                                                  swig_type_info *type,
                                                  const char *function) {
  struct convert_handle *handle = convert_is_handle(L, index, type);
  if (handle == NULL) {
    convert_refuse(L, index, function, convert_push_name(L, type));
  } else if (handle->pointer == NULL) {
    luaL_error(L, "bad argument #%d to '%s' (%s expected, got a closed one)",
               index, function, convert_push_name(L, type));
  }
  return handle;
}

/* What a `_free` function is given is taken out, so that nothing frees it a
 * second time. */
static inline void *convert_pointer(lua_State *L, int index,
                                    swig_type_info *type, const char *function,
                                    int frees) {
  struct convert_handle *handle =
      convert_open_handle(L, index, type, function);
  void *pointer = handle->pointer;
  if (frees) {
    handle->pointer = NULL;
  }
  return pointer;
}

/* What a wrapper leaves on the stack must not look like an argument. */
static inline void convert_above_arguments(lua_State *L) {
  if (lua_gettop(L) < CONVERT_ARGUMENTS) {
    lua_settop(L, CONVERT_ARGUMENTS);
    luaL_checkstack(L, LUA_MINSTACK, "no stack for the results");
  }
}

/* Before the call that fills it, so that no lack of memory loses a handle.
 * Leaves the userdata on the stack, and returns where. */
static inline int convert_new_handle(lua_State *L, const void *type) {
  convert_above_arguments(L);
  struct convert_handle *handle =
      (struct convert_handle *)lua_newuserdata(L, sizeof *handle);
  handle->pointer = NULL;
  lua_pushlightuserdata(L, (void *)type);
  lua_rawget(L, LUA_REGISTRYINDEX);
  lua_setmetatable(L, -2);
  return lua_gettop(L);
}

/* Fills it, and pushes it as a result; nil if there was nothing to fill in. */
static inline void convert_push_handle(lua_State *L, int where,
                                       void *pointer) {
  struct convert_handle *handle =
      (struct convert_handle *)lua_touserdata(L, where);
  handle->pointer = pointer;
  if (pointer == NULL) {
    lua_pushnil(L);
  } else {
    lua_pushvalue(L, where);
  }
}

/* ------------------------------------------------------ options and events */

static inline void convert_table(lua_State *L, int index,
                                 const char *function) {
  if (lua_type(L, index) != LUA_TTABLE) {
    convert_refuse(L, index, function, "table");
  }
}

static inline uint32_t convert_option(lua_State *L, int index,
                                      const char *field,
                                      const char *function) {
  int64_t value = 0;
  lua_getfield(L, index, field);
  if (!lua_isnil(L, -1) && (lua_type(L, -1) != LUA_TNUMBER ||
                            !convert_whole(lua_tonumber(L, -1), &value) ||
                            value < 0 || value > UINT32_MAX)) {
    luaL_error(L, "bad argument #%d to '%s' (no exact uint32_t in '%s')",
               index, function, field);
  }
  lua_pop(L, 1);
  return (uint32_t)value;
}

/* Token and readiness by turns, from 1. What was behind them stays. */
static inline void convert_fill(lua_State *L, int table,
                                const mio_event_t *events, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    convert_push_uint64(L, events[i].token);
    lua_rawseti(L, table, 2 * i + 1);
    convert_push(L, events[i].readiness);
    lua_rawseti(L, table, 2 * i + 2);
  }
}

#endif
