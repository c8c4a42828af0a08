-- miopoll.lua - readiness polling for Lua 5.1 to 5.4 and LuaJIT.
-- SPDX-License-Identifier: MIT
--
-- Objects over the C functions, which are the same on two back ends:
-- miopoll.core, written by SWIG, and miopoll.core_ffi for LuaJIT. What fails
-- returns nil, message, name, number; what is used wrongly raises. Nothing
-- else is added to the library: docs/lua.md is the manual.

local type, getmetatable, setmetatable = type, getmetatable, setmetatable
local is_luajit = type(rawget(_G, "jit")) == "table"

-- A back end that was loaded before, or that the environment names, else the
-- FFI on LuaJIT, and SWIG's module on the others or if the FFI finds nothing.
local function load_core()
  local loaded = package.loaded
  local wanted = os.getenv "MIOPOLL_LUA_BACKEND"
  if loaded["miopoll.core_ffi"] and wanted ~= "swig" then
    return loaded["miopoll.core_ffi"], "ffi"
  elseif wanted == "ffi" then
    return require "miopoll.core_ffi", "ffi"
  elseif wanted == "swig" or loaded["miopoll.core"] or not is_luajit then
    return require "miopoll.core", "swig"
  end
  local found, core = pcall(require, "miopoll.core_ffi")
  if found then
    return core, "ffi"
  end
  return require "miopoll.core", "swig"
end

local core, backend = load_core()
local check = require("miopoll.check").use(core)
local EINTR = core.mio_err_from_name "EINTR"
local CAPACITY = 1024 -- What one wait gives at most.

local mio = {
  _VERSION = core.mio_version_string(),
  backend = backend,
  core = core,
  clock_now = core.mio_clock_now,
  TOKEN_PORTABLE_MAX = 9007199254740991,
}
for name, value in pairs(core) do
  if type(value) == "number" and name:find "^MIO_" then
    mio[name:sub(5)] = value
  end
end

-- ------------------------------------------------------- failure and misuse

local object = require("miopoll.object").use(core)
local fail, result = object.fail, object.result
local handle_of, add_close = object.handle_of, object.add_close
local address = require("miopoll.address").use(core, fail)
local source_module = require "miopoll.source"
source_module.add_to(mio, core)
local open_sources, source_classes = source_module.open, source_module.classes

-- check.lua has the rest of what follows here: misuse raises.
check.is_ours()
local misuse, wrong_type = check.misuse, check.wrong_type
local check_integer, check_uint32 = check.integer, check.uint32
local check_token, is_plain = check.token, check.is_plain
local interests, to_interest = check.interests, check.to_interest
local to_nanoseconds = check.to_nanoseconds

-- ------------------------------------------------------------------ objects

-- `waiting` and `open` have, for each open object that waits or registers,
-- the C handle for that: looking something up there says at once what it is
-- and that it is open.
local Poll, Registry, Waker = object.new_class "poll",
  object.new_class "registry", object.new_class "waker"
for _, class in ipairs { Poll, Registry, Waker } do
  class.open, class.waiting = object.of_open(), object.of_open()
end
add_close(Poll, core.mio_poll_free, { Poll.open, Poll.waiting })
add_close(Registry, core.mio_registry_free, { Registry.open })
add_close(Waker, core.mio_waker_free, {})

local function new_registry(handle)
  local registry = setmetatable({ handle = handle }, Registry)
  Registry.open[registry] = handle
  return registry
end

-- ------------------------------------------------------------------ sources

local function index(value, name)
  return value[name]
end

-- A method, if there is one: some objects raise for a name they do not have.
local function method(value, name)
  local good, found = pcall(index, value, name)
  return good and type(found) == "function" and found or nil
end

local function is_composite(source)
  return method(source, "register") and method(source, "reregister")
    and method(source, "deregister")
end

local function ask_descriptor(source, name)
  for _, word in ipairs { "getfd", "fileno", "pollfd" } do
    local ask = method(source, word)
    if ask then
      local fd = ask(source)
      if type(fd) ~= "number" or fd % 1 ~= 0 then
        misuse(1, name, word .. "() of the source gave no descriptor")
      end
      return fd
    end
  end
  misuse(1, name, "a descriptor or an object with getfd, fileno or pollfd "
    .. "expected, got " .. type(source))
end

-- The descriptor behind a source; or nil and a result of C that says why
-- there is none; or nil alone for one of ours, and for a composite, which
-- registers itself.
local function descriptor_of(source, name)
  if type(source) == "number" then
    check_integer(source, 1, name)
    return source
  elseif getmetatable(source) == Poll then
    local handle = source.handle or misuse(1, name, "miopoll.poll is closed")
    local rc, fd = core.mio_poll_fd(handle)
    return rc >= 0 and fd or nil, rc
  elseif type(source) == "string" or getmetatable(source) == Registry then
    wrong_type(1, name, "source", source)
  elseif source_classes[getmetatable(source)] then
    if not open_sources[source] then
      misuse(1, name, getmetatable(source).__name .. " is closed")
    end
    return nil
  elseif is_composite(source) then
    return nil
  end
  return ask_descriptor(source, name)
end

-- ----------------------------------------------------------- registrations

-- For polls and registries alike; `owner` is what is before the colon.
local function change(owner, class, name, call, source, token, interest)
  handle_of(owner, class, name)
  check_token(token, 2, name)
  interest = to_interest(interest, 3, name)
  local fd, rc = descriptor_of(source, name)
  -- A method of the source may have closed the owner.
  handle_of(owner, class, name)
  local registry = owner.registry_of_poll or owner
  if fd then
    return result(core[call .. "_fd"](registry.handle, fd, token, interest))
  elseif open_sources[source] then
    return result(core[call](registry.handle, source.handle, token, interest))
  elseif rc then
    return fail(rc)
  end
  return source[name](source, registry, token, interest)
end

local function remove(owner, class, source)
  handle_of(owner, class, "deregister")
  local fd, rc = descriptor_of(source, "deregister")
  handle_of(owner, class, "deregister")
  local registry = owner.registry_of_poll or owner
  if fd then
    return result(core.mio_registry_deregister_fd(registry.handle, fd))
  elseif open_sources[source] then
    return result(core.mio_registry_deregister(registry.handle,
      source.handle))
  elseif rc then
    return fail(rc)
  end
  return source:deregister(registry)
end

-- The plain way first: a descriptor or a source of ours, a token, an interest
-- that was met.
local function add_registration(class, name)
  local open, call = class.open, "mio_registry_" .. name
  local call_fd, call_source = core[call .. "_fd"], core[call]
  class.__index[name] = function(self, source, token, interest)
    local handle, bits = open[self], interests[interest]
    if handle and bits and is_plain(token) then
      local rc
      if is_plain(source) then
        rc = call_fd(handle, source, token, bits)
      elseif open_sources[source] then
        rc = call_source(handle, open_sources[source], token, bits)
      end
      if rc then
        return result(rc)
      end
    end
    return change(self, class, name, call, source, token, interest)
  end
end

for _, class in ipairs { Poll, Registry } do
  local open = class.open
  add_registration(class, "register")
  add_registration(class, "reregister")

  function class.__index:deregister(source)
    local handle = open[self]
    if handle and is_plain(source) then
      return result(core.mio_registry_deregister_fd(handle, source))
    elseif handle and open_sources[source] then
      return result(core.mio_registry_deregister(handle,
        open_sources[source]))
    end
    return remove(self, class, source)
  end
end

function Registry.__index:clone()
  local rc, handle = core.mio_registry_clone(handle_of(self, Registry,
    "clone"))
  if rc < 0 then
    return fail(rc)
  end
  return new_registry(handle)
end

-- ------------------------------------------------------------------ waiting

-- Ctrl-C of the standalone interpreters runs a hook: on LuaJIT in whatever
-- coroutine comes next, in the others in the main one only.
local function hook_runs_here()
  if is_luajit then
    return true
  end
  local thread, is_main = coroutine.running()
  return thread == nil or is_main == true
end

-- After a wait that failed. The hook of a signal runs in one of these lines;
-- LuaJIT must not compile them, since compiled code does not look at hooks.
local function recover(poll, rc, events, capacity, ns, began)
  while rc == EINTR do
    if not hook_runs_here() then
      return fail(rc)
    elseif not poll.handle then
      return 0 -- The hook closed it.
    end
    local left = ns
    if ns > 0 then
      left = ns - (core.mio_clock_now() - began)
      left = left > 0 and left or 0
    end
    rc = core.mio_poll_wait(poll.handle, events, capacity, left)
  end
  if rc < 0 then
    return fail(rc)
  end
  return rc
end

if is_luajit then
  jit.off(recover, true)
end

local poll_wait, clock_now = core.mio_poll_wait, core.mio_clock_now

local function wait(poll, events, capacity, ns)
  local began = ns > 0 and clock_now()
  local n = poll_wait(poll.handle, events, capacity, ns)
  if n >= 0 then
    return n
  end
  return recover(poll, n, events, capacity, ns, began)
end

local function check_wait(poll, events, capacity, name)
  handle_of(poll, Poll, name)
  if type(events) ~= "table" then
    wrong_type(1, name, "table", events)
  elseif capacity ~= nil then
    check_uint32(capacity, 3, name)
  end
end

function Poll.__index:wait(events, timeout, capacity)
  if getmetatable(self) ~= Poll or not self.handle or type(events) ~= "table"
    or capacity then
    check_wait(self, events, capacity, "wait")
  end
  return wait(self, events, capacity or CAPACITY,
    timeout == 0 and 0 or to_nanoseconds(timeout, 2, "wait"))
end

-- The same as one C function, where there is one.
if core.wait_method then
  Poll.__index.wait = core.wait_method(Poll.__index.wait, recover,
    Poll.waiting)
end

function Poll.__index:wait_ns(events, ns, capacity)
  check_wait(self, events, capacity, "wait_ns")
  if ns == nil then
    ns = -1
  elseif type(ns) ~= "number" then
    wrong_type(2, "wait_ns", "integer", ns)
  elseif not (ns >= 0 and ns % 1 == 0) then
    misuse(2, "wait_ns", "timeout is negative or not an integer")
  end
  return wait(self, events, capacity or CAPACITY, ns < 2^63 and ns or -1)
end

-- `batch` is a table of events with the poll and what was given out of it.
local function next_event(batch)
  local place = batch.place
  if place > batch.last or not batch.poll.handle then
    batch.poll.spare = batch
    return nil
  end
  batch.place = place + 2
  return batch[place], batch[place + 1]
end

-- One wait, then its events by turns. A table is used again by the next, but
-- not by a loop inside of this one.
function Poll.__index:events(timeout, capacity)
  handle_of(self, Poll, "events")
  if capacity ~= nil then
    check_uint32(capacity, 2, "events")
  end
  local ns = to_nanoseconds(timeout, 1, "events")
  local batch = self.spare or { poll = self }
  self.spare = nil
  local n, message, name, number = wait(self, batch, capacity or CAPACITY, ns)
  if not n then
    return n, message, name, number
  end
  batch.place, batch.last = 1, 2 * n
  return next_event, batch
end

-- --------------------------------------------------------------------- poll

function Poll.__index:registry()
  local rc, handle = core.mio_poll_registry(handle_of(self, Poll, "registry"))
  if rc < 0 then
    return fail(rc)
  end
  return new_registry(handle)
end

function Poll.__index:getfd()
  local rc, fd = core.mio_poll_fd(handle_of(self, Poll, "getfd"))
  if rc < 0 then
    return fail(rc)
  end
  return fd
end

function Poll.__index:features()
  return core.mio_poll_features(handle_of(self, Poll, "features"))
end

function Poll.__index:selector()
  local number = core.mio_poll_selector(handle_of(self, Poll, "selector"))
  return core.mio_selector_name(number)
end

-- The number of a selector, or nil and a result of C.
local function to_selector(value)
  if type(value) == "number" then
    check_uint32(value, 1, "poll")
    return value
  elseif type(value) ~= "string" then
    wrong_type(1, "poll", "selector", value)
  elseif value:find("\0", 1, true) then
    misuse(1, "poll", "string with NUL")
  end
  local rc = core.mio_selector_from_name(value)
  return rc >= 0 and rc or nil, rc
end

function mio.poll(selector)
  local options
  if selector ~= nil then
    local number, problem = to_selector(selector)
    if not number then
      return fail(problem)
    end
    options = { selector = number }
  end
  local rc, handle = core.mio_poll_new(options)
  if rc < 0 then
    return fail(rc)
  end
  local registry
  rc, registry = core.mio_poll_registry(handle)
  if rc < 0 then
    core.mio_poll_free(handle)
    return fail(rc)
  end
  local poll = setmetatable({
    handle = handle, registry_of_poll = new_registry(registry),
  }, Poll)
  Poll.open[poll], Poll.waiting[poll] = registry, handle
  return poll
end

function mio.selectors()
  local names = {}
  local number = 1
  local built_in = core.mio_selector_available(number)
  while built_in >= 0 do
    if built_in == 1 then
      names[#names + 1] = core.mio_selector_name(number)
    end
    number = number + 1
    built_in = core.mio_selector_available(number)
  end
  return names
end

-- -------------------------------------------------------------------- waker

function mio.waker(owner, token)
  local class = getmetatable(owner) == Poll and Poll or Registry
  if getmetatable(owner) ~= class then
    wrong_type(1, "waker", "miopoll.poll or miopoll.registry", owner)
  elseif not owner.handle then
    misuse(1, "waker", class.__name .. " is closed")
  end
  check_token(token, 2, "waker")
  local registry = owner.registry_of_poll or owner
  local rc, handle = core.mio_waker_new(registry.handle, token)
  if rc < 0 then
    return fail(rc)
  end
  return setmetatable({ handle = handle }, Waker)
end

function Waker.__index:wake()
  return result(core.mio_waker_wake(handle_of(self, Waker, "wake")))
end

-- ---------------------------------------------------------------- readiness

local function has_bit(readiness, bit)
  return readiness % (2 * bit) >= bit
end

for _, word in ipairs { "readable", "writable", "priority", "aio", "lio",
  "error", "read_closed", "write_closed" } do
  local bit = core["MIO_" .. word:upper()]
  local name = "is_" .. word
  mio[name] = function(readiness)
    if type(readiness) ~= "number" then
      wrong_type(1, name, "readiness", readiness)
    end
    return has_bit(readiness, bit)
  end
end

-- ------------------------------------------------------- values for tokens

-- Registers with any value in place of a token; miopoll/map.lua.
function mio.map(poll)
  if getmetatable(poll) ~= Poll then
    wrong_type(1, "map", "miopoll.poll", poll)
  end
  return require("miopoll.map")(poll, open_sources)
end

-- ---------------------------------------------------------------- addresses

-- The text of an address as the library writes it.
function mio.addr(text)
  local bytes, message, name, number = address.parse(text, 1, "addr")
  if not bytes then
    return nil, message, name, number
  end
  return address.format(bytes)
end

return mio
