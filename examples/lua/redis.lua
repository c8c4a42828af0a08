-- redis.lua ADDRESS [CLIENTS [ROUNDS]] - clients of a Redis server.
--
-- 50 at once, unless told otherwise; each is a coroutine with a connection of
-- its own. It sends many commands before it reads the first reply, and checks
-- every reply.
local mio = require "miopoll"

local address = arg[1] or "127.0.0.1:6379"
local clients, rounds = tonumber(arg[2] or 50), tonumber(arg[3] or 20)
local map = mio.map(assert(mio.poll()))

-- --------------------------------------------------------------- connection

local Connection = {}
Connection.__index = Connection

-- Calls the method of the stream until it does not block. Edge-triggered, so
-- one registration does for all.
function Connection:call(method, ...)
  while true do
    local value, message, name = self.stream[method](self.stream, ...)
    if value then
      return value
    elseif name ~= "EAGAIN" then
      error(message, 0)
    end
    coroutine.yield()
  end
end

local function connect()
  local class = address:find "^unix:" and mio.UnixStream or mio.TcpStream
  local stream = assert(class.connect(address))
  local thread = coroutine.running()
  assert(map:register(stream, thread, "rw"))
  coroutine.yield() -- Writable: connected, or not.
  assert(stream:take_error())
  return setmetatable({ stream = stream, buffer = "" }, Connection)
end

function Connection:close()
  map:deregister(self.stream)
  self.stream:close()
end

function Connection:send(data)
  local sent = 0
  while sent < #data do
    sent = sent + self:call("write", data, sent + 1)
  end
end

-- -------------------------------------------------------------------- reply

function Connection:more()
  local data = self:call "read"
  assert(data ~= "", "the server has closed")
  return data
end

function Connection:line()
  local from, to = self.buffer:find("\r\n", 1, true)
  while not from do
    self.buffer = self.buffer .. self:more()
    from, to = self.buffer:find("\r\n", 1, true)
  end
  local line = self.buffer:sub(1, from - 1)
  self.buffer = self.buffer:sub(to + 1)
  return line
end

function Connection:bytes(count)
  local parts, have = { self.buffer }, #self.buffer
  while have < count do
    parts[#parts + 1] = self:more()
    have = have + #parts[#parts]
  end
  local all = table.concat(parts)
  self.buffer = all:sub(count + 1)
  return all:sub(1, count)
end

-- A string, a number, a list, false for nothing, or { error = text }.
function Connection:reply()
  local line = self:line()
  local kind, rest = line:sub(1, 1), line:sub(2)
  if kind == "+" then
    return rest
  elseif kind == "-" then
    return { error = rest }
  elseif kind == ":" then
    return tonumber(rest)
  end
  local count = tonumber(rest)
  if count < 0 then
    return false
  elseif kind == "$" then
    return (self:bytes(count + 2):sub(1, count))
  end
  assert(kind == "*", line)
  local list = {}
  for i = 1, count do
    list[i] = self:reply()
  end
  return list
end

-- ----------------------------------------------------------------- commands

local function encode(words)
  local parts = { ("*%d\r\n"):format(#words) }
  for _, word in ipairs(words) do
    word = tostring(word)
    parts[#parts + 1] = "$" .. #word .. "\r\n" .. word .. "\r\n"
  end
  return table.concat(parts)
end

local function same(got, wanted)
  if type(wanted) ~= "table" or type(got) ~= "table" then
    return got == wanted
  end
  for i = 1, math.max(#got, #wanted) do
    if not same(got[i], wanted[i]) then
      return false
    end
  end
  return (got.error == nil) == (wanted.error == nil)
end

-- Commands, each with the reply that it has to have.
local function commands_of(number, round)
  local key = ("miopoll:%d:"):format(number)
  local value = ("%d\r\n\0\255"):format(round)
  local large = ("%05d\n"):format(number * 100 + round):rep(20000)
  local list = {
    { { "SET", key .. "value", value }, "OK" },
    { { "GET", key .. "value" }, value },
    { { "SET", key .. "large", large }, "OK" },
    { { "APPEND", key .. "large", value }, #large + #value },
    { { "GET", key .. "large" }, large .. value },
    { { "MGET", key .. "value", key .. "none" }, { value, false } },
    { { "LPUSH", key .. "value", "x" }, { error = "WRONGTYPE" } },
    { { "PING" }, "PONG" },
  }
  for i = 1, 50 do
    list[#list + 1] = { { "INCR", key .. "count" }, (round - 1) * 50 + i }
    list[#list + 1] = { { "ECHO", i }, tostring(i) }
  end
  if round == rounds then
    list[#list + 1] = { { "DEL", key .. "value", key .. "large",
      key .. "count" }, 3 }
  end
  return list
end

local function run_round(connection, number, round)
  local commands, parts = commands_of(number, round), {}
  for i, command in ipairs(commands) do
    parts[i] = encode(command[1])
  end
  connection:send(table.concat(parts))
  for _, command in ipairs(commands) do
    local got = connection:reply()
    if not same(got, command[2]) then
      error(("client %d: %s gave %s"):format(number, command[1][1],
        type(got) == "table" and got.error or tostring(got)), 0)
    end
  end
  return #commands
end

-- --------------------------------------------------------------------- loop

local replies, running = 0, clients

local function client(number)
  local connection = connect()
  -- What a client that was stopped may have left.
  local key = ("miopoll:%d:"):format(number)
  connection:send(encode { "DEL", key .. "value", key .. "large",
    key .. "count" })
  assert(type(connection:reply()) == "number")
  for round = 1, rounds do
    -- In two steps: the others count while this one waits.
    local count = run_round(connection, number, round)
    replies = replies + count
  end
  connection:close()
  running = running - 1
end

local function resume(thread, ...)
  local good, message = coroutine.resume(thread, ...)
  if not good then
    io.stderr:write(tostring(message), "\n")
    os.exit(1)
  end
end

for number = 1, clients do
  resume(coroutine.create(client), number)
end
while running > 0 do
  for thread in assert(map:events(30)) do
    if coroutine.status(thread) == "suspended" then
      resume(thread)
    end
  end
end
print(("%d clients, %d replies, all right"):format(clients, replies))
