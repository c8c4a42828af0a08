-- echo.lua [PORT] - a TCP echo server: sockets of LuaSocket, waits of miopoll.
--
-- One-shot registrations, re-armed for one direction at a time, so that it
-- spins on no selector: it reads only when nothing is left to be written.
local mio, socket = require "miopoll", require "socket"

local map = mio.map(assert(mio.poll()))
local listener = assert(socket.bind("127.0.0.1", tonumber(arg[1]) or 0, 1024))
local deaf = false -- No descriptor was left for a new connection.

-- Moves bytes until it would block; says what to wait for, or nothing.
local function pump(client)
  for _ = 1, 16 do
    while client.sent < #client.rest do
      local last, problem, partial =
        client.socket:send(client.rest, client.sent + 1)
      client.sent = last or partial
      if problem then
        return problem == "timeout" and "wo" or nil
      end
    end
    local data, problem, partial = client.socket:receive(8192)
    client.rest, client.sent = data or partial, 0
    if #client.rest == 0 then
      return problem == "timeout" and "ro" or nil
    end
  end
  return "wo" -- The others have their turn.
end

local function serve(client)
  local interest = pump(client)
  if not (interest and map:reregister(client.socket, client, interest)) then
    map:deregister(client.socket) -- Always before the close.
    client.socket:close()
    deaf = deaf and not map:reregister(listener, listener, "ro")
  end
end

local function accept_all()
  local new, problem = listener:accept()
  while new do
    new:settimeout(0)
    new:setoption("tcp-nodelay", true)
    assert(map:register(new, { socket = new, rest = "", sent = 0 }, "ro"))
    new, problem = listener:accept()
  end
  deaf = problem ~= "timeout" or not map:reregister(listener, listener, "ro")
end

listener:settimeout(0)
assert(map:register(listener, listener, "ro"))
print("listening on 127.0.0.1:" .. select(2, listener:getsockname()))
io.stdout:flush()
while true do
  for who in assert(map:events()) do
    (who == listener and accept_all or serve)(who)
  end
end
