-- bytes_ffi.lua - strings and addresses between LuaJIT and C, by its FFI.
-- SPDX-License-Identifier: MIT
--
-- What core_ffi.lua puts into its functions for parameters that are bytes;
-- bytes.h is the same for the SWIG module.
local ffi = require "ffi"

local bytes = {}
local type, tonumber, rawget = type, tonumber, rawget
local rawlen = rawlen or function(list) return #list end
local SMALL = 65536
local MOST = 2^24 -- More are not taken out at a time.
local PARTS = 256 -- MIO_BUFFERS_MAX

local function refuse(value, n, name, expected)
  local got = value == nil and "nil or no value" or type(value)
  error(("bad argument #%d to '%s' (%s expected, got %s)"):format(n, name,
    expected, got), 3)
end

local function is_length(value)
  return type(value) == "number" and value >= 0 and value < 2^63
    and value % 1 == 0
end

-- -------------------------------------------------------------------- bytes

-- One buffer for all. A read inside of another (in a hook, in a finalizer)
-- finds none, and makes its own.
local new_buffer = ffi.typeof "char[?]"
local spare = new_buffer(SMALL)

local function take_buffer(length)
  if length > SMALL then
    return new_buffer(length)
  end
  local buffer = spare or new_buffer(SMALL)
  spare = nil
  return buffer
end

-- Too large ones are not kept.
local function give_buffer(buffer, length)
  if length <= SMALL then
    spare = buffer
  end
end

local helpers = {}
bytes.helpers = helpers

-- A buffer, and how much of it there is.
function helpers.take_room(length, n, name)
  if type(length) ~= "number" then
    return refuse(length, n, name, "uint64_t")
  elseif not is_length(length) then
    error(("bad argument #%d to '%s' (no exact uint64_t)"):format(n, name), 3)
  end
  length = length < MOST and length or MOST
  return take_buffer(length), length
end

-- What came, nil after a failure.
function helpers.give_room(buffer, length, count)
  local data = count >= 0
    and ffi.string(buffer, count < length and count or length) or nil
  give_buffer(buffer, length)
  return data
end

function helpers.check_string(value, n, name)
  if type(value) ~= "string" then
    return refuse(value, n, name, "string")
  end
end

-- ---------------------------------------------------------- several at once

local new_inputs = ffi.typeof "const void *[?]"
local new_outputs = ffi.typeof "void *[?]"
local new_lengths = ffi.typeof "uint64_t[?]"

local function count_of(list, n, name)
  if type(list) ~= "table" then
    error(("bad argument #%d to '%s' (table expected, got %s)"):format(n, name,
      list == nil and "nil or no value" or type(list)), 4)
  end
  local count = rawlen(list)
  return count < PARTS and count or PARTS
end

-- Arrays of pointers and of lengths, and their count. The strings stay the
-- table's: rawget, since a metamethod could give others, and keep().
function helpers.take_parts(list, n, name)
  local count = count_of(list, n, name)
  local inputs, lengths = new_inputs(count), new_lengths(count)
  for i = 0, count - 1 do
    local part = rawget(list, i + 1)
    if type(part) ~= "string" then
      error(("bad argument #%d to '%s' (no string at %d of the table)")
        :format(n, name, i + 1), 3)
    end
    inputs[i] = ffi.cast("const char *", part)
    lengths[i] = #part
  end
  return inputs, lengths, count
end

-- What is an argument here is not collected before.
function helpers.keep() end

function helpers.take_rooms(list, n, name)
  local count = count_of(list, n, name)
  local outputs, lengths = new_outputs(count), new_lengths(count)
  local total = 0
  for i = 0, count - 1 do
    local length = rawget(list, i + 1)
    if not is_length(length) then
      error(("bad argument #%d to '%s' (no exact uint64_t at %d of the table)")
        :format(n, name, i + 1), 3)
    end
    length = length < MOST - total and length or MOST - total
    lengths[i] = length
    total = total + length
  end
  local buffer = take_buffer(total)
  local place = ffi.cast("char *", buffer)
  for i = 0, count - 1 do
    outputs[i] = place
    place = place + lengths[i]
  end
  return buffer, outputs, lengths, count, total
end

-- A string for each, nil after a failure.
function helpers.give_rooms(buffer, outputs, lengths, count, total, result)
  local list
  if result >= 0 then
    list = {}
    local left = result
    for i = 0, count - 1 do
      local length = tonumber(lengths[i])
      length = length < left and length or left
      list[i + 1] = ffi.string(outputs[i], length)
      left = left - length
    end
  end
  give_buffer(buffer, total)
  return list
end

-- ---------------------------------------------------------------- addresses

local new_addr = ffi.typeof "mio_addr_t"
local ADDR_SIZE = ffi.sizeof(new_addr)
helpers.new_addr = new_addr

function helpers.to_addr(value, n, name)
  if value == nil then
    return nil
  elseif type(value) ~= "string" then
    return refuse(value, n, name, "mio_addr_t")
  elseif #value ~= ADDR_SIZE then
    error(("bad argument #%d to '%s' (mio_addr_t of %d bytes expected)")
      :format(n, name, ADDR_SIZE), 3)
  end
  local addr = new_addr()
  ffi.copy(addr, value, ADDR_SIZE)
  return addr
end

function helpers.from_addr(addr)
  return ffi.string(addr, ADDR_SIZE)
end

-- ------------------------------------------------------------- by parameter

-- As in core_ffi.lua.
bytes.parameters = {
  ["const mio_addr_t *"] = {
    before = "local v$N = to_addr($A, $I, NAME)", pass = "v$N",
  },
  ["mio_addr_t *"] = {
    out = true, before = "local v$N = new_addr()", pass = "v$N",
    result = "from_addr(v$N)",
  },
}

-- Several parameters that are one argument.
bytes.groups = {
  { "void *", "uint64_t",
    before = "local v$N, l$N = take_room($A, $I, NAME)", pass = "v$N, l$N",
    after = "local s$N = give_room(v$N, l$N, result)", result = "s$N" },
  { "const void *", "uint64_t",
    before = "check_string($A, $I, NAME)", pass = "$A, #$A" },
  { "void *const *", "const uint64_t *", "uint32_t",
    before = "local b$N, v$N, l$N, c$N, t$N = take_rooms($A, $I, NAME)",
    pass = "v$N, l$N, c$N",
    after = "local s$N = give_rooms(b$N, v$N, l$N, c$N, t$N, result)",
    result = "s$N" },
  { "const void *const *", "const uint64_t *", "uint32_t",
    before = "local v$N, l$N, c$N = take_parts($A, $I, NAME)",
    pass = "v$N, l$N, c$N", after = "keep($A)" },
}

-- The group that begins at this place of a list of types.
function bytes.group_at(types, place)
  for _, group in ipairs(bytes.groups) do
    local same = true
    for i, wanted in ipairs(group) do
      same = same and types[place + i - 1] == wanted
    end
    if same then
      return group
    end
  end
end

return bytes
