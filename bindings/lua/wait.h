/*
 * wait.h - poll:wait() as one C function. SPDX-License-Identifier: MIT
 *
 * Right after a system call each instruction of an interpreter is a jump that
 * the processor has forgotten how to predict: a method in Lua costs more than
 * all that is done here. This is the plain way only: what is odd about the
 * arguments is left to the Lua function that the facade gives, which raises,
 * and what a failed wait needs to another. (Not so for registering: a source
 * may have methods in Lua, and those may yield, but not across C.)
 */
#ifndef MIOPOLL_LUA_WAIT_H
#define MIOPOLL_LUA_WAIT_H

#include "convert.h"

/* Upvalues. The last is a table, poll -> its C handle while it is open. */
enum { WAIT_SLOW = 1, WAIT_RECOVER = 2, WAIT_OPEN = 3 };

/* The handle of the object before the colon; NULL if that is no open poll.
 * Nobody but the facade reaches the table, which has handles of polls only. */
static mio_poll_t *wait_poll(lua_State *L) {
  if (lua_type(L, 1) != LUA_TTABLE) {
    return NULL;
  }
  lua_pushvalue(L, 1);
  lua_rawget(L, lua_upvalueindex(WAIT_OPEN));
  struct convert_handle *handle =
      (struct convert_handle *)lua_touserdata(L, -1);
  lua_pop(L, 1);
  return handle == NULL ? NULL : (mio_poll_t *)handle->pointer;
}

/* Calls that upvalue with the `arguments` on top of the stack. */
static int wait_call(lua_State *L, int function, int arguments) {
  int base = lua_gettop(L) - arguments;
  lua_pushvalue(L, lua_upvalueindex(function));
  lua_insert(L, base + 1);
  lua_call(L, arguments, LUA_MULTRET);
  return lua_gettop(L) - base;
}

/* Nanoseconds of the seconds at `index`, never less; -2 if it is no timeout. */
static int64_t wait_timeout(lua_State *L, int index) {
  if (lua_isnoneornil(L, index)) {
    return -1;
  }
  if (lua_type(L, index) != LUA_TNUMBER) {
    return -2;
  }
  double ns = lua_tonumber(L, index) * 1e9;
  if (!(ns >= 0)) {
    return -2;
  }
  if (ns >= 9223372036854775808.0) {
    return -1;
  }
  int64_t whole = (int64_t)ns;
  return (double)whole < ns ? whole + 1 : whole;
}

/* recover(poll, rc, events, capacity, ns, began) */
static int wait_recover(lua_State *L, int32_t rc, int64_t ns, int64_t began) {
  lua_settop(L, 2);
  lua_pushvalue(L, 1);
  convert_push(L, rc);
  lua_pushvalue(L, 2);
  convert_push(L, CONVERT_EVENTS);
  convert_push(L, ns);
  convert_push(L, began);
  return wait_call(L, WAIT_RECOVER, 6);
}

/* wait(poll, events, timeout, capacity) */
static int wait_plain(lua_State *L) {
  mio_event_t events[CONVERT_EVENTS];
  mio_poll_t *poll = wait_poll(L);
  int64_t ns = wait_timeout(L, 3);
  if (poll == NULL || ns < -1 || lua_type(L, 2) != LUA_TTABLE ||
      !lua_isnoneornil(L, 4)) {
    return wait_call(L, WAIT_SLOW, lua_gettop(L));
  }
  int64_t began = ns > 0 ? mio_clock_now() : 0;
  int32_t rc = mio_poll_wait(poll, events, CONVERT_EVENTS, ns);
  if (rc < 0) {
    return wait_recover(L, rc, ns, began);
  }
  convert_fill(L, 2, events, rc);
  convert_push(L, rc);
  return 1;
}

/* wait_method(slow, recover, open) makes the method. */
static int wait_method(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 3);
  lua_pushcclosure(L, wait_plain, WAIT_OPEN);
  return 1;
}

#endif
