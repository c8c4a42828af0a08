-- echo.lua [PORT] - a TCP echo server on one thread.
--
-- Edge-triggered: each client is registered once, and served until it would
-- block. It reads only when nothing is left to be written.
local mio = require "miopoll"

local map = mio.map(assert(mio.poll()))
local listener =
  assert(mio.TcpListener.bind("127.0.0.1:" .. (arg[1] or 0), 1024))

-- Moves bytes until it would block; false at the end, or after a failure.
local function pump(client)
  for _ = 1, 16 do
    while client.sent < #client.rest do
      local count, _, problem =
        client.stream:write(client.rest, client.sent + 1)
      if not count then
        return problem == "EAGAIN"
      end
      client.sent = client.sent + count
    end
    local data, _, problem = client.stream:read(16384)
    if not data or data == "" then
      return problem == "EAGAIN"
    end
    client.rest, client.sent = data, 0
  end
  -- The others have their turn; what is there is told again.
  return map:reregister(client.stream, client, "rw")
end

-- When no descriptor is left the rest waits, until a client has gone.
local function accept_all()
  repeat
    local stream, _, problem = listener:accept()
    if stream then
      stream:set_nodelay(true)
      local client = { stream = stream, rest = "", sent = 0 }
      if not map:register(stream, client, "rw") then
        stream:close()
      end
    end
  until not stream and problem ~= "ECONNABORTED"
end

local function serve(client)
  if not pump(client) then
    map:deregister(client.stream) -- So that the map forgets it.
    client.stream:close()
    accept_all()
  end
end

assert(map:register(listener, listener, "r"))
print("listening on " .. listener:local_addr())
io.stdout:flush()
while true do
  for who in assert(map:events()) do
    (who == listener and accept_all or serve)(who)
  end
end
