-- map.lua - any Lua value in place of a token, over a poll.
-- SPDX-License-Identifier: MIT
--
-- The poll still sees integers, from 2^52 up, each given out once: an event
-- of something that was deregistered meanwhile finds nothing, and is left
-- out. A map holds a value for as long as its source is registered.
local Map = { __name = "miopoll.map" }
Map.__index = {}

-- Of all maps together, so that two of one poll do not meet.
local FIRST = 2^52
if math.tointeger then
  FIRST = math.tointeger(FIRST)
end
local next_token = FIRST

-- A source of the library is its own key, and so lives while it is here.
local function key_of(map, source)
  if map.open_sources[source] then
    return source
  end
  for _, name in ipairs { "register", "getfd", "fileno", "pollfd" } do
    if type(source) == "number" then
      break
    end
    local good, method = pcall(function() return source[name] end)
    if good and type(method) == "function" then
      return name == "register" and source or method(source)
    end
  end
  return source
end

local function forget(map, key)
  local token = map.tokens[key]
  if token then
    map.tokens[key], map.values[token] = nil, nil
  end
end

local function add(map, verb, source, value, interest)
  if value == nil then
    error("bad argument #2 to '" .. verb .. "' (value expected, got nil)", 3)
  end
  local token = next_token
  next_token = token + 1
  -- Known before it is registered: an event may come at once.
  map.values[token] = value
  local done, message, name, number =
    map.poll[verb](map.poll, source, token, interest)
  if not done then
    map.values[token] = nil
    return done, message, name, number
  end
  local key = key_of(map, source)
  forget(map, key)
  map.tokens[key] = token
  return token
end

-- Both return the token.
function Map.__index:register(source, value, interest)
  return add(self, "register", source, value, interest)
end

function Map.__index:reregister(source, value, interest)
  return add(self, "reregister", source, value, interest)
end

function Map.__index:deregister(source)
  local done, message, name, number = self.poll:deregister(source)
  if done then
    forget(self, key_of(self, source))
  end
  return done, message, name, number
end

-- The value of a token; nil if it has none, or no longer.
function Map.__index:get(token)
  return self.values[token]
end

local function next_value(batch)
  local map = batch.map
  while true do
    local token, readiness = batch.iterate(batch.state)
    if token == nil then
      return nil
    end
    local value = map.values[token]
    if value ~= nil then
      return value, readiness, token
    elseif type(token) ~= "number" or token < FIRST
      or token >= next_token then
      return token, readiness, token
    end
  end
end

-- value, readiness, token by turns. A token that is none of a map's, as a
-- waker's, is its own value.
function Map.__index:events(timeout, capacity)
  local iterate, state, name, number = self.poll:events(timeout, capacity)
  if not iterate then
    return iterate, state, name, number
  end
  return next_value, { map = self, iterate = iterate, state = state }
end

return function(poll, open_sources)
  return setmetatable({
    poll = poll, tokens = {}, values = {}, open_sources = open_sources,
  }, Map)
end
