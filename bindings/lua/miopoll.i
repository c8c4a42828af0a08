/*
 * miopoll.i - libmiopoll for Lua 5.1 to 5.4 and LuaJIT, by SWIG.
 * SPDX-License-Identifier: MIT
 *
 * The header is the list of functions; here stands what each type becomes, so
 * that a new function needs no line. (A new kind of handle needs one, and so
 * does a new struct of options.) Write it out with generate.py.
 *
 * The result is the module miopoll.core: the C functions by their own names.
 * What goes out by a pointer follows the result: rc, poll = mio_poll_new().
 */
%module core

%{
#include "miopoll.h"
#include "convert.h"
#include "bytes.h"
#include "wait.h"
#include "transfer.h"
%}

/* --------------------------------------------------------------- by type */

%typemap(in) int32_t { $1 = convert_int32(L, $input, "$symname"); }
%typemap(in) uint32_t { $1 = convert_uint32(L, $input, "$symname"); }
%typemap(in) int64_t { $1 = convert_int64(L, $input, "$symname", "int64_t"); }
%typemap(in) uint64_t { $1 = convert_uint64(L, $input, "$symname"); }
%typemap(in) const char * { $1 = (char *)convert_text(L, $input, "$symname"); }
%typemap(in) SWIGTYPE * {
  $1 = ($1_ltype)convert_pointer(L, $input, $descriptor, "$symname",
                                 CONVERT_FREES("$symname"));
}

%typemap(out) int32_t, uint32_t, int64_t {
  convert_push(L, (int64_t)$1);
  SWIG_arg++;
}
%typemap(out) uint64_t { convert_push_uint64(L, $1); SWIG_arg++; }
%typemap(out) const char * { lua_pushstring(L, $1); SWIG_arg++; }

/* A new handle, which the garbage collector frees if nobody does. */
%typemap(in, numinputs=0) SWIGTYPE ** ($*1_ltype made = NULL, int where) {
  where = convert_new_handle(L, $*1_descriptor);
  $1 = &made;
}
%typemap(argout) SWIGTYPE ** {
  convert_push_handle(L, where$argnum, *$1);
  SWIG_arg++;
}

/* A number that goes out; where it is a descriptor, -1 is none. */
%typemap(in, numinputs=0) int64_t * (int64_t made = -1) { $1 = &made; }
%typemap(in, numinputs=0) int32_t * (int32_t made = 0) { $1 = &made; }
%typemap(in, numinputs=0) uint32_t * (uint32_t made = 0) { $1 = &made; }
%typemap(argout) int64_t *, int32_t *, uint32_t * {
  convert_push(L, *$1);
  SWIG_arg++;
}

/* An address is a string of the bytes of its struct; nil is NULL. */
%typemap(in) const mio_addr_t * (mio_addr_t addr) {
  $1 = bytes_addr(L, $input, "$symname", &addr);
}
%typemap(argout) const mio_addr_t * ""
%typemap(in, numinputs=0) mio_addr_t * (mio_addr_t made) {
  memset(&made, 0, sizeof made);
  $1 = &made;
}
%typemap(argout) mio_addr_t * {
  lua_pushlstring(L, (const char *)$1, sizeof *$1);
  SWIG_arg++;
}

/* Bytes in are a string. Bytes out are a string too, for which the length of
 * the buffer is given; the result of the function is how much of it counts. */
%typemap(in) (const void *BYTES, uint64_t LENGTH) {
  size_t length;
  $1 = (void *)bytes_string(L, $input, "$symname", &length);
  $2 = length;
}
%typemap(in) (void *BYTES, uint64_t LENGTH) (struct bytes_room room) {
  bytes_make_room(L, $input, "$symname", &room);
  $1 = room.bytes;
  $2 = room.length;
}
%typemap(argout) (void *BYTES, uint64_t LENGTH) {
  bytes_push(L, $1, $2, result);
  SWIG_arg++;
}

/* Several: a table of strings, or of lengths. */
%typemap(in) (const void *const *BYTES, const uint64_t *LENGTH, uint32_t COUNT)
    (struct bytes_parts parts) {
  bytes_strings(L, $input, "$symname", &parts);
  $1 = parts.buffers;
  $2 = parts.lengths;
  $3 = parts.count;
}
%typemap(in) (void *const *BYTES, const uint64_t *LENGTH, uint32_t COUNT)
    (struct bytes_rooms rooms) {
  bytes_make_rooms(L, $input, "$symname", &rooms);
  $1 = rooms.buffers;
  $2 = rooms.lengths;
  $3 = rooms.count;
}
%typemap(argout) (void *const *BYTES, const uint64_t *LENGTH, uint32_t COUNT) {
  bytes_push_rooms(L, $1, $2, $3, result);
  SWIG_arg++;
}

/* SWIG tells several parameters together by their names only: what they are
 * called in the header, by type, generate.py finds out. */
%include "names.i"

/* All events of a wait at once: a table is filled with token, readiness,
 * token, readiness, ... */
%typemap(in) mio_event_t *events (mio_event_t buffer[CONVERT_EVENTS]) {
  convert_table(L, $input, "$symname");
  $1 = buffer;
}
%typemap(argout) mio_event_t *events {
  convert_fill(L, $input, $1, result);
}
%typemap(in) uint32_t capacity {
  $1 = convert_uint32(L, $input, "$symname");
  $1 = $1 < CONVERT_EVENTS ? $1 : CONVERT_EVENTS;
}

/* Options are nil or a table; `size` is filled in here. */
%typemap(in) const mio_poll_options_t * (mio_poll_options_t options) {
  memset(&options, 0, sizeof options);
  options.size = sizeof options;
  $1 = NULL;
  if (!lua_isnoneornil(L, $input)) {
    convert_table(L, $input, "$symname");
    options.selector = convert_option(L, $input, "selector", "$symname");
    options.flags = convert_option(L, $input, "flags", "$symname");
    $1 = &options;
  }
}

/* ---------------------------------------------------------------- handles */

%{
static int convert_show(lua_State *L) {
  struct convert_handle *handle =
      (struct convert_handle *)lua_touserdata(L, 1);
  const char *name = lua_tostring(L, lua_upvalueindex(1));
  if (handle == NULL) {
    return luaL_error(L, "bad argument #1 to 'tostring'");
  }
  if (handle->pointer == NULL) {
    lua_pushfstring(L, "%s (closed)", name);
  } else {
    lua_pushfstring(L, "%s %p", name, handle->pointer);
  }
  return 1;
}

/* The metatable of a kind of handle, which another module, as that of the
 * tests' kit, finds in the registry. */
static void convert_class(lua_State *L, swig_type_info *type,
                          lua_CFunction collect) {
  lua_newtable(L);
  lua_pushlightuserdata(L, type);
  lua_rawseti(L, -2, 1);
  lua_pushcfunction(L, collect);
  lua_setfield(L, -2, "__gc");
  convert_push_name(L, type);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__name");
  lua_pushcclosure(L, convert_show, 1);
  lua_setfield(L, -2, "__tostring");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable"); /* Nobody takes __gc from it. */
  lua_pushlightuserdata(L, type);
  lua_insert(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
}
%}

%define %handle(kind)
%{
static int convert_collect_##kind(lua_State *L) {
  struct convert_handle *handle = convert_is_handle(L, 1, SWIGTYPE_p_##kind);
  if (handle != NULL) {
    kind##_t *pointer = (kind##_t *)handle->pointer;
    handle->pointer = NULL;
    kind##_free(pointer);
  }
  return 0;
}
%}
%init %{
  convert_class(L, SWIGTYPE_p_##kind, convert_collect_##kind);
%}
%enddef

%handle(mio_poll)
%handle(mio_registry)
%handle(mio_waker)
%handle(mio_source)

/* ----------------------------------------------------------------- header */

/* Numbers of the header, and structs, have no place in Lua. */
%ignore MIO_VERSION_MAJOR;
%ignore MIO_VERSION_MINOR;
%ignore MIO_VERSION_PATCH;
%ignore mio_event;
%ignore mio_poll_options;
%ignore mio_addr;

#define MIO_API
%include "miopoll.h"

/* ------------------------------------------------------------------- wait */

/* wait_method(slow, recover, open) makes the method of the facade; wait.h. */
%native(wait_method) int wait_method(lua_State *L);

/* The same for what moves bytes; transfer.h. */
%native(read_method) int read_method(lua_State *L);
%native(write_method) int write_method(lua_State *L);

/* ---------------------------------------------------------------- loading */

/* `require "miopoll.core"` looks for this name, which SWIG cannot give. It
 * also takes back the two globals that SWIG sets. */
%{
SWIGEXPORT int luaopen_core(lua_State *L);

SWIGEXPORT int luaopen_miopoll_core(lua_State *L) {
  lua_getglobal(L, "swig_type");
  lua_getglobal(L, "swig_equals");
  int globals = lua_gettop(L) - 1;
  luaopen_core(L);
  lua_pushvalue(L, globals);
  lua_setglobal(L, "swig_type");
  lua_pushvalue(L, globals + 1);
  lua_setglobal(L, "swig_equals");
  return 1;
}
%}
