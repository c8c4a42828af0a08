-- greet.lua - what tcp_server.lua and tcp_listenfd_server.lua do with a
-- listener. Each client gets a line, and then is listened to: all that it says
-- is printed behind its address, what is not printable as \xNN.
local mio = require "miopoll"

local GREETING = "Hello from libmiopoll!\n"
local map, door

local function print_line(...)
  print(...)
  io.stdout:flush()
end

local function escape(byte)
  return ("\\x%02x"):format(byte:byte())
end

-- Both return true to wait for more, else why it is over.
local function greet(client)
  while client.sent < #GREETING do
    local count, message, name =
      client.stream:write(GREETING, client.sent + 1)
    if not count then
      return name == "EAGAIN" or message
    end
    client.sent = client.sent + count
  end
  client.step = client.hear
  -- If it has spoken already, that is told at once.
  local done, message = map:reregister(client.stream, client, "r")
  return done and true or message
end

local function hear(client)
  while true do
    local data, message, name = client.stream:read(1024)
    if not data then
      return name == "EAGAIN" or message
    elseif data == "" then
      return "closed"
    end
    print_line(client.peer .. ": " .. data:gsub("[^ -~]", escape))
  end
end

-- Also when a client has gone: there may be descriptors again.
local function accept_all()
  repeat
    local stream, peer, problem = door:accept()
    if stream then
      print_line(peer .. ": connected")
      local client = { stream = stream, peer = peer, sent = 0, step = greet,
        hear = hear }
      assert(map:register(stream, client, "w"))
    elseif problem ~= "EAGAIN" then
      io.stderr:write("accept: ", peer, "\n")
    end
  until not stream and problem ~= "ECONNABORTED"
end

local function on_event(client)
  local more = client:step()
  if more ~= true then
    print_line(client.peer .. ": " .. tostring(more))
    map:deregister(client.stream)
    client.stream:close()
    accept_all()
  end
end

return function(listener)
  map, door = mio.map(assert(mio.poll())), listener
  assert(map:register(door, door, "r"))
  print_line("listening on " .. door:local_addr())
  while true do
    for who in assert(map:events()) do
      (who == door and accept_all or on_event)(who)
    end
  end
end
