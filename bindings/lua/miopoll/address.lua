-- address.lua - addresses as text. SPDX-License-Identifier: MIT
--
-- The library reads and writes the text; the C functions take what it reads
-- as a string of bytes, which is of no use but for that.
local check = require "miopoll.check"

local address = {}
local type = type
local misuse, wrong_type = check.misuse, check.wrong_type
local core, fail

function address.use(back_end, failure)
  core, fail = back_end, failure
  return address
end

check.is_ours()

-- How much of a text was understood, which stands in `length`, the fifth
-- number of what was read. It is below 2^16, and all else is 0 then, so that
-- the order of the bytes does not matter.
local function understood(bytes)
  local a, b, c, d = bytes:byte(17, 20)
  return a + d + 256 * (b + c)
end

-- The bytes; or nil, message, name, number.
local function parse(text, n, name)
  if type(text) ~= "string" then
    wrong_type(n, name, "address", text)
  end
  local rc, bytes = core.mio_addr_parse(text)
  if rc < 0 then
    local _, message, error_name, number = fail(rc)
    return nil, ("%s, after %d bytes of the address"):format(message,
      understood(bytes)), error_name, number
  end
  return bytes
end

address.parse = parse

local function escape(letter)
  return ("%%%02x"):format(letter:byte())
end

-- A Unix name: an address, or a path as it is.
function address.parse_unix(text, n, name)
  if type(text) ~= "string" then
    wrong_type(n, name, "path or address", text)
  elseif text:sub(1, 5) == "unix:" then
    return parse(text, n, name)
  elseif text:find("\0", 1, true) then
    misuse(n, name, "path with NUL")
  end
  local escaped = text:gsub("[%c%%\128-\255]", escape):gsub("^@", escape)
  return parse("unix:" .. escaped, n, name)
end

-- An IPv4 address without a port, as a multicast group.
function address.parse_v4(text, n, name)
  if type(text) ~= "string" then
    wrong_type(n, name, "IPv4 address", text)
  end
  return parse(text .. ":0", n, name)
end

-- An IPv6 address without a port, and the number of an interface.
function address.parse_v6(text, scope, n, name)
  if type(text) ~= "string" then
    wrong_type(n, name, "IPv6 address", text)
  end
  scope = scope and scope ~= 0 and ("%%%.0f"):format(scope) or ""
  return parse("[" .. text .. scope .. "]:0", n, name)
end

-- The text of bytes; or nil, message, name, number.
function address.format(bytes)
  local rc, text = core.mio_addr_format(bytes, core.MIO_ADDR_TEXT_MAX)
  if rc < 0 then
    return fail(rc)
  end
  return text
end

return address
