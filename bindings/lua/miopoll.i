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
#include "wait.h"
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
%typemap(in, numinputs=0) SWIGTYPE **out ($*1_ltype made = NULL, int where) {
  where = convert_new_handle(L, $*1_descriptor);
  $1 = &made;
}
%typemap(argout) SWIGTYPE **out {
  convert_push_handle(L, where$argnum, *$1);
  SWIG_arg++;
}

%typemap(in, numinputs=0) int64_t *out (int64_t made = -1) { $1 = &made; }
%typemap(argout) int64_t *out { convert_push(L, *$1); SWIG_arg++; }

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

/* ----------------------------------------------------------------- header */

/* Numbers of the header, and structs, have no place in Lua. */
%ignore MIO_VERSION_MAJOR;
%ignore MIO_VERSION_MINOR;
%ignore MIO_VERSION_PATCH;
%ignore mio_event;
%ignore mio_poll_options;

#define MIO_API
%include "miopoll.h"

/* ------------------------------------------------------------------- wait */

/* wait_method(slow, recover, open) makes the method of the facade; wait.h. */
%native(wait_method) int wait_method(lua_State *L);

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
