-- words.lua - numbers, times, bits, events and features of the case format.
-- Each reader returns nil for a word that is none.
local words = {}

-- 64-bit tokens, where this engine has them: integers of Lua 5.3 and later,
-- or LuaJIT's uint64_t; else doubles, since such cases are skipped.
local from_digits
if math.tointeger then
  from_digits = function(digits, base)
    local value = 0
    for digit in digits:gmatch "." do
      value = value * base + tonumber(digit, 16)
    end
    return value
  end
elseif rawget(_G, "jit") then
  from_digits = function(digits, base)
    local value = 0 * require("ffi").new("uint64_t", 1)
    for digit in digits:gmatch "." do
      value = value * base + tonumber(digit, 16)
    end
    return value < 2^53 and tonumber(value) or value
  end
else
  -- With a base Lua 5.2 adds digit by digit, and rounds each time.
  from_digits = function(digits, base)
    return base == 10 and tonumber(digits) or tonumber(digits, base)
  end
end

-- Below 2^64: for want of integers, by the number of digits and the order.
local MOST = "18446744073709551615"

function words.number(word)
  local hex = word:match "^0x(%x+)$"
  if hex then
    hex = hex:gsub("^0+", "")
    return #hex <= 16 and from_digits(hex == "" and "0" or hex, 16) or nil
  end
  local digits = word:match "^%d+$"
  if not digits or #digits > #MOST or #digits == #MOST and digits > MOST then
    return nil
  end
  return from_digits(digits, 10)
end

-- No uint64_t of LuaJIT, which has no sign.
function words.signed(word)
  local minus, rest = word:match "^(%-?)(%d.*)$"
  local number = rest and tonumber(words.number(rest))
  if not number then
    return nil
  end
  return minus == "-" and -number or number
end

-- Text that is the same for the same 64 bits.
function words.token_key(token)
  if math.tointeger then
    return ("%x"):format(token)
  elseif type(token) == "number" then
    return ("%.0f"):format(token)
  end
  return tostring(token):match "%d+"
end

local units = { ns = 1, us = 1e3, ms = 1e6, s = 1e9 }

-- Nanoseconds; -1 is for ever.
function words.time(word)
  if word == "forever" then
    return -1
  end
  local number, unit = word:match "^(%d+)(%a+)$"
  if not number or not units[unit] then
    return nil
  end
  -- The largest double below 2^63 stands for 2^63-1.
  local ns = tonumber(number) * units[unit]
  if not math.tointeger then
    return ns <= 2^63 and math.min(ns, 2^63 - 1024) or nil
  end
  return math.tointeger(ns)
end

local bit_names = {
  { "R", 1 }, { "W", 2 }, { "AIO", 4 }, { "LIO", 8 }, { "P", 16 },
  { "E", 32 }, { "RC", 64 }, { "WC", 128 }, { "LEVEL", 256 },
  { "ONESHOT", 512 }, { "EXCLUSIVE", 1024 },
}
local bits_by_name = {}
for _, pair in ipairs(bit_names) do
  bits_by_name[pair[1]] = pair[2]
end

function words.has(bits, bit)
  return bits % (2 * bit) >= bit
end

-- What is set in either.
function words.either(bits, others)
  for _, pair in ipairs(bit_names) do
    if words.has(others, pair[2]) and not words.has(bits, pair[2]) then
      bits = bits + pair[2]
    end
  end
  return bits
end

local function named_bits(word)
  local bits = 0
  for name in (word .. "+"):gmatch "([^+]*)%+" do
    if not bits_by_name[name] then
      return nil
    end
    bits = words.either(bits, bits_by_name[name])
  end
  return bits
end

function words.bits(word)
  if word:sub(1, 2) ~= "0x" then
    return named_bits(word)
  end
  local bits = words.number(word)
  return bits and bits < 2^32 and bits or nil
end

function words.bits_text(bits)
  local names = {}
  for _, pair in ipairs(bit_names) do
    if words.has(bits, pair[2]) then
      names[#names + 1] = pair[1]
    end
  end
  return table.concat(names, "+")
end

-- "3:R+W!"
function words.event(word)
  local token, names, mark = word:match "^([^:]*):([^!]*)(!?)$"
  token = token and words.number(token)
  local bits = names and named_bits(names)
  if not token or not bits then
    return nil
  end
  return { key = words.token_key(token), bits = bits, exact = mark == "!" }
end

-- ">=3" -> ">", "3"
function words.comparison(word)
  return word:match "^([<>=])=(.*)$"
end

local kinds = {
  none = 0, ["tcp-listener"] = 1, ["tcp-stream"] = 2, ["udp-socket"] = 3,
  ["unix-listener"] = 4, ["unix-stream"] = 5, ["unix-datagram"] = 6,
  ["pipe-sender"] = 7, ["pipe-receiver"] = 8, ["named-pipe"] = 9,
}
local options = {
  nodelay = 1, ttl = 2, broadcast = 3, ["multicast-loop-v4"] = 4,
  ["multicast-ttl-v4"] = 5, ["multicast-loop-v6"] = 6, ["only-v6"] = 7,
  nonblocking = 8,
}

local function uint32(word)
  local number = words.number(word)
  return number and number < 2^32 and number or nil
end

-- The number of a kind or option of a source, by name or as it is.
function words.kind(word)
  return kinds[word] or uint32(word)
end

function words.option(word)
  return options[word] or uint32(word)
end

words.poll_features = {
  ["edge-exact"] = 1, exclusive = 2, priority = 4, aio = 8, lio = 16,
  nanoseconds = 32, fd = 64,
}
local engine_features = {
  capacity = true, null = true, options = true, raw = true, token64 = true,
  sources = true, flat = true, abstract = true,
}

-- The name without `no-`, and whether that was there.
function words.feature(word)
  local name = word:match "^no%-(.*)$"
  local plain = name or word
  if words.poll_features[plain] or engine_features[plain] then
    return plain, name ~= nil
  end
end

return words
