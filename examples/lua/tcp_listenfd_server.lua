-- tcp_listenfd_server.lua - tcp_server.lua on a listener that it inherits, as
-- from systemd, so that it can be started anew without a client being refused.
--
-- LISTEN_FDS says how many descriptors there are from 3 on, of which this
-- takes the first. LISTEN_PID, if it is set, says whose they are.
package.path = arg[0]:gsub("[^/]*$", "?.lua;") .. package.path

local mio = require "miopoll"
local greet = require "greet"

local count = tonumber(os.getenv "LISTEN_FDS" or "0") or 0
local process = os.getenv "LISTEN_PID"
-- The process's own number: Lua has no other way to it.
local own = assert(io.open "/proc/self/stat"):read "*l":match "^%d+"
if count < 1 or process and process ~= own then
  io.stderr:write("no listener was handed over: LISTEN_FDS is not set, or ",
    "LISTEN_PID is another's\n")
  os.exit(2)
end

-- What it is is checked, and it is made non-blocking.
local listener, message = mio.TcpListener.from_fd(3)
if not listener then
  io.stderr:write("descriptor 3 is no TCP listener: ", message, "\n")
  os.exit(1)
end
greet(listener)
