-- check.lua - what arguments have to be, and how misuse is told.
-- SPDX-License-Identifier: MIT
--
-- Each function here takes a value, the place of the argument and the name of
-- the method, and raises "bad argument #n to 'name' (...)" if it does not do.
local check = {}
local type = type
local letters, is_wide

-- Takes what depends on the back end.
function check.use(core)
  letters = {
    r = core.MIO_READABLE, w = core.MIO_WRITABLE, p = core.MIO_PRIORITY,
    l = core.MIO_LEVEL, o = core.MIO_ONESHOT, x = core.MIO_EXCLUSIVE,
  }
  is_wide = core.is_wide or function() return false end
  return check
end

-- ------------------------------------------------------------------- misuse

-- The files of the module: errors are told where the user called them.
local ours = { [debug.getinfo(1, "S").source] = true }

-- Takes the file of the function that calls this as one of them.
function check.is_ours()
  ours[debug.getinfo(2, "S").source] = true
end

-- The level, for error(), of the first function that is not of these files.
local function level_of_user()
  local level = 2
  local info
  repeat
    level = level + 1
    info = debug.getinfo(level, "S")
  until not info or not ours[info.source] and info.what ~= "tail"
    and info.what ~= "C"
  return level - 1
end

-- Arguments are counted as in the text of a call with a colon; #0 is what
-- stands before the colon.
local function misuse(n, name, what)
  error(("bad argument #%d to '%s' (%s)"):format(n, name, what),
    level_of_user())
end

local function wrong_type(n, name, expected, value)
  error(("bad argument #%d to '%s' (%s expected, got %s)"):format(n, name,
    expected, type(value)), level_of_user())
end

-- ----------------------------------------------------------------- checking

local math_type = math.type or function() return "float" end

-- Whole, and no neighbour of it is the same float.
local function is_exact(number)
  return number % 1 == 0 and number > -2^53 and number < 2^53
end

local function check_integer(value, n, name)
  if type(value) ~= "number" then
    wrong_type(n, name, "integer", value)
  elseif math_type(value) ~= "integer" and not is_exact(value) then
    misuse(n, name, "number has no exact integer")
  end
end

local function check_uint32(value, n, name)
  if type(value) ~= "number" then
    wrong_type(n, name, "integer", value)
  elseif not (value >= 0 and value < 2^32) or value % 1 ~= 0 then
    misuse(n, name, "number is not an integer from 0 to 2^32-1")
  end
end

local function check_token(value, n, name)
  if type(value) ~= "number" then
    if not is_wide(value) then
      wrong_type(n, name, "integer", value)
    end
  elseif math_type(value) ~= "integer"
    and not (value >= 0 and is_exact(value)) then
    misuse(n, name, "number is not an integer from 0 to 2^53-1")
  end
end

local interests = {} -- Text or number -> bits, for those that were met.
local ALL_INTERESTS = 2047

local function read_interest(text, n, name)
  local bits, seen = 0, {}
  for letter in text:gmatch "." do
    if not letters[letter] or seen[letter] then
      misuse(n, name, "interest '" .. text .. "' is not of the letters "
        .. "r w p l o x, each once")
    end
    seen[letter] = true
    bits = bits + letters[letter]
  end
  interests[text] = bits
  return bits
end

local function to_interest(value, n, name)
  if type(value) == "string" then
    return interests[value] or read_interest(value, n, name)
  elseif type(value) ~= "number" then
    wrong_type(n, name, "interest", value)
  end
  check_uint32(value, n, name)
  if value <= ALL_INTERESTS then
    interests[value] = value
  end
  return value
end

-- A descriptor or token that needs no further look.
local function is_plain(number)
  return type(number) == "number" and number % 1 == 0 and number >= 0
    and number < 2^53
end

if math.type then
  is_plain = function(number)
    return math_type(number) == "integer"
  end
end

-- Seconds to nanoseconds, never less; -1 is for ever.
local function to_nanoseconds(seconds, n, name)
  if seconds == nil then
    return -1
  elseif type(seconds) ~= "number" then
    wrong_type(n, name, "number", seconds)
  elseif seconds ~= seconds or seconds < 0 then
    misuse(n, name, "timeout is negative or not a number")
  end
  local ns = seconds * 1e9
  return ns < 2^63 and math.ceil(ns) or -1
end

check.misuse, check.wrong_type = misuse, wrong_type
check.integer, check.uint32, check.token =
  check_integer, check_uint32, check_token
check.interests, check.to_interest = interests, to_interest
check.is_plain, check.to_nanoseconds = is_plain, to_nanoseconds

return check
