-- tcp_server.lua [ADDRESS] - greets whoever connects, and prints what they
-- say. Without an address 127.0.0.1:0, any port.
package.path = arg[0]:gsub("[^/]*$", "?.lua;") .. package.path

local mio = require "miopoll"
local greet = require "greet"

greet(assert(mio.TcpListener.bind(arg[1] or "127.0.0.1:0")))
