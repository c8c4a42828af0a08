-- http_server.lua [ADDRESS] - as little HTTP as curl wants: / is a greeting,
-- /bytes/N are N letters. Without an address 127.0.0.1:0, any port.
--
-- A coroutine for each client, which yields where it would block.
local mio = require "miopoll"

local GREETING = "Hello from libmiopoll!\n"
local ALPHABET = "abcdefghijklmnopqrstuvwxyz"
local LINE_MAX = 8192

local map = mio.map(assert(mio.poll()))
local listener = assert(mio.TcpListener.bind(arg[1] or "127.0.0.1:0"))

-- Calls the method again and again, until it does not block.
local function until_done(stream, method, ...)
  while true do
    local value, message, name = stream[method](stream, ...)
    if name ~= "EAGAIN" then
      return value, message, name
    end
    coroutine.yield()
  end
end

local function send(stream, data)
  local sent = 0
  while sent < #data do
    sent = sent + assert(until_done(stream, "write", data, sent + 1))
  end
end

-- The text up to an empty line; nil at the end, or if it does not come.
local function read_head(stream)
  local head = ""
  repeat
    local data = until_done(stream, "read", 4096)
    if not data or data == "" or #head > LINE_MAX then
      return nil
    end
    head = head .. data
  until head:find("\r\n\r\n", 1, true)
  return head
end

local function send_letters(stream, count)
  local block = ALPHABET:rep(1024)
  while count > 0 do
    send(stream, count < #block and block:sub(1, count) or block)
    count = count - #block
  end
end

local function answer(stream)
  local head = read_head(stream)
  local path = head and head:match "^GET (%S+) HTTP/1%.%d\r\n"
  local letters = path and tonumber(path:match "^/bytes/(%d+)$")
  local status = not path and "400 Bad Request"
    or (path == "/" or letters) and "200 OK" or "404 Not Found"
  local body = status == "200 OK" and GREETING or status .. "\n"
  send(stream, ("HTTP/1.1 %s\r\nContent-Length: %d\r\n"
    .. "Connection: close\r\n\r\n"):format(status, letters or #body))
  if letters then
    send_letters(stream, letters)
  else
    send(stream, body)
  end
end

local accept_all

local function run(client)
  coroutine.resume(client.thread, client.stream)
  if coroutine.status(client.thread) == "dead" then
    map:deregister(client.stream)
    client.stream:close()
    accept_all() -- There may be descriptors again.
  end
end

function accept_all()
  repeat
    local stream, _, problem = listener:accept()
    if stream then
      local client = { stream = stream, thread = coroutine.create(answer) }
      assert(map:register(stream, client, "rw"))
    end
  until not stream and problem ~= "ECONNABORTED"
end

assert(map:register(listener, listener, "r"))
print("listening on " .. listener:local_addr())
io.stdout:flush()
while true do
  for who in assert(map:events()) do
    (who == listener and accept_all or run)(who)
  end
end
