-- udp_server.lua [ADDRESS] - sends every datagram back to where it came from.
-- Without an address 127.0.0.1:0, any port.
local mio = require "miopoll"

local socket = assert(mio.UdpSocket.bind(arg[1] or "127.0.0.1:0"))
local poll = assert(mio.poll())
assert(poll:register(socket, 1, "r"))
print("listening on " .. socket:local_addr())
io.stdout:flush()

-- Until nothing is there: that is what an edge asks for. An answer that finds
-- no room is dropped, as the network might have done.
local function answer_all()
  repeat
    local data, peer, problem = socket:recv_from()
    if data then
      local sent, message = socket:send_to(data, peer)
      if not sent then
        io.stderr:write("send_to: ", message, "\n")
      end
    end
    -- Refused: who got an earlier answer has gone.
  until not data and problem ~= "ECONNREFUSED"
end

local events = {}
while true do
  assert(poll:wait(events))
  answer_all()
end
