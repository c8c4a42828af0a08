-- Sockets and pipes of the library: what each class does.
local check = require "check"
local kit, mio = check.kit, check.mio
local core = mio.core
local test, same, fails = check.test, check.same, check.fails

local function close(...)
  for _, object in ipairs { ... } do
    object:close()
  end
end

-- Until an event with this token comes.
local function wait_for(poll, token)
  for _ = 1, 10 do
    for got, readiness in assert(poll:events(5)) do
      if got == token then
        return readiness
      end
    end
  end
  error("no event with token " .. token)
end

local function tcp_pair()
  local poll = assert(mio.poll())
  local listener = assert(mio.TcpListener.bind "127.0.0.1:0")
  local client = assert(mio.TcpStream.connect(listener:local_addr()))
  assert(poll:register(client, 1, "w"))
  wait_for(poll, 1)
  assert(client:take_error())
  local server, peer = assert(listener:accept())
  same(peer, client:local_addr())
  close(poll, listener)
  return client, server
end

-- ---------------------------------------------------------------- addresses

test("addresses/are-text", function()
  for _, text in ipairs { "127.0.0.1:80", "[::1]:80", "[fe80::1%2]:0",
    "unix:/run/x", "unix:@name", "unix:", "unix:@a%00b" } do
    same(mio.addr(text), text)
  end
  same(mio.addr "[0:0::0001]:80", "[::1]:80")
end)

local function refused(name, at, value, message, got, number)
  same(value, nil)
  same(got, name)
  same(number, -core.mio_err_from_name(name))
  same(message, ("%s: %s, after %d bytes of the address"):format(name,
    core.mio_err_text(-number), at))
end

test("addresses/malformed-ones-say-where", function()
  refused("EINVAL", 9, mio.addr "127.0.0.1")
  refused("EINVAL", 0, mio.addr "localhost:80")
  refused("EINVAL", 12, mio.addr "127.0.0.1:80x")
  refused("EINVAL", 0, mio.addr "")
  refused("EINVAL", 9, mio.TcpListener.bind "127.0.0.1")
  refused("EINVAL", 3, mio.TcpStream.connect("[::")) -- luacheck: ignore
  local long = "unix:/" .. ("x"):rep(300)
  same(select(3, mio.addr(long)), "ENAMETOOLONG")
  same(select(3, mio.addr(long .. ("x"):rep(100000))), "ENAMETOOLONG")
  local socket = assert(mio.UdpSocket.bind "127.0.0.1:0")
  refused("EINVAL", 0, socket:connect "x")
  refused("EINVAL", 0, socket:send_to("data", "x"))
  refused("EINVAL", 7, socket:join_multicast_v4 "224.0.0")
  refused("EINVAL", 3, socket:join_multicast_v6("::g"))
  socket:close()
end)

test("addresses/of-another-family", function()
  fails("EINVAL", mio.TcpStream.connect "unix:@x")
  fails("EINVAL", mio.UnixStream.connect_addr "127.0.0.1:80")
  local socket = assert(mio.UdpSocket.bind "127.0.0.1:0")
  fails("EINVAL", socket:send_to("data", "[::1]:80"))
  fails("EINVAL", socket:send_to("data", "unix:@x"))
  socket:close()
end)

test("addresses/unix-paths-are-bytes", function()
  local name = kit.kit_fresh_path "" -- unix:/folder/0
  local folder = name:match "^unix:(.*/)"
  for _, last in ipairs { "plain", "per%cent", "percent%41", "high\200\255",
    "con\ttrol\127", "a b", "unix:x" } do
    local listener = assert(mio.UnixListener.bind(folder .. last))
    local text = listener:local_addr()
    same(mio.addr(text), text)
    local file = io.open(folder .. last)
    same(file, nil, "a socket cannot be opened")
    local stream = assert(mio.UnixStream.connect(folder .. last))
    local again = assert(mio.UnixStream.connect_addr(text))
    fails("EADDRINUSE", mio.UnixListener.bind(text))
    close(listener, stream, again)
    assert(os.remove(folder .. last))
  end
  kit.kit_fresh_end()
end)

test("addresses/an-at-begins-a-path-too", function()
  -- Without "unix:" it is a file of that name, here in no folder.
  fails("ENOENT", mio.UnixStream.connect "@no-such-file")
  fails("ECONNREFUSED", mio.UnixStream.connect "unix:@no-such-name")
end)

-- ---------------------------------------------------------------------- tcp

test("tcp/to-and-fro", function()
  local client, server = tcp_pair()
  same(client:peer_addr(), server:local_addr())
  same(client:write "hello", 5)
  local poll = assert(mio.poll())
  assert(poll:register(server, 7, "r"))
  same(mio.is_readable(wait_for(poll, 7)), true)
  same(server:peek(2), "he")
  same(server:read(), "hello")
  fails("EAGAIN", server:read())
  same(client:shutdown "write", true)
  wait_for(poll, 7)
  same(server:read(), "")
  same(server:read(10), "")
  same(server:write "bye", 3)
  fails("EPIPE", client:write "more")
  close(client, server, poll)
end)

test("tcp/refused", function()
  local listener = assert(mio.TcpListener.bind "127.0.0.1:0")
  local addr = listener:local_addr()
  listener:close()
  local poll = assert(mio.poll())
  local stream = assert(mio.TcpStream.connect(addr))
  assert(poll:register(stream, 1, "rw"))
  wait_for(poll, 1)
  fails("ECONNREFUSED", stream:take_error())
  same(stream:take_error(), true)
  fails("ENOTCONN", stream:peer_addr())
  close(stream, poll)
end)

test("tcp/v6-if-there-is-one", function()
  local listener, _, name = mio.TcpListener.bind("[::1]:0", 5)
  if not listener then
    same(name == "EADDRNOTAVAIL" or name == "EAFNOSUPPORT", true, name)
    return
  end
  same(listener:local_addr():match "^%[::1%]:%d+$" ~= nil, true)
  fails("EAGAIN", listener:accept())
  listener:close()
end)

test("tcp/bind-twice-fails", function()
  local listener = assert(mio.TcpListener.bind "127.0.0.1:0")
  fails("EADDRINUSE", mio.TcpListener.bind(listener:local_addr()))
  same(listener:take_error(), true)
  listener:close()
end)

-- ------------------------------------------------------------------ options

test("options/come-back", function()
  local client, server = tcp_pair()
  same(client:nodelay(), false)
  same(client:set_nodelay(true), true)
  same(client:nodelay(), true)
  same(client:set_ttl(7), true)
  same(client:ttl(), 7)
  fails("EINVAL", client:set_ttl(0))
  fails("EINVAL", client:set_ttl(256))
  same(client:nonblocking(), true)
  local udp = assert(mio.UdpSocket.bind "127.0.0.1:0")
  for _, name in ipairs { "broadcast", "multicast_loop_v4" } do
    for _, value in ipairs { true, false, true } do
      same(udp["set_" .. name](udp, value), true, name)
      same(udp[name](udp), value, name)
    end
  end
  same(udp:set_multicast_ttl_v4(3), true)
  same(udp:multicast_ttl_v4(), 3)
  fails("EOPNOTSUPP", udp:multicast_loop_v6())
  fails("EOPNOTSUPP", udp:only_v6())
  close(client, server, udp)
end)

test("options/multicast-groups", function()
  local udp = assert(mio.UdpSocket.bind "127.0.0.1:0")
  local group, via = "224.0.0.251", "127.0.0.1"
  same(udp:join_multicast_v4(group, via), true)
  fails("EADDRINUSE", udp:join_multicast_v4(group, via))
  same(udp:leave_multicast_v4(group, via), true)
  fails("EADDRNOTAVAIL", udp:leave_multicast_v4(group, via))
  fails("EINVAL", udp:join_multicast_v4 "10.0.0.1")
  fails("EINVAL", udp:join_multicast_v6 "ff02::1")
  fails("EINVAL", udp:leave_multicast_v6("ff02::1", 1))
  udp:close()
end)

test("options/blocking", function()
  local sender, receiver = assert(mio.pipe())
  same(receiver:set_nonblocking(false), true)
  same(receiver:nonblocking(), false)
  sender:write "x"
  same(receiver:read(5), "x")
  sender:close()
  same(receiver:read(5), "") -- It would wait if it were not the end.
  receiver:close()
end)

-- ---------------------------------------------------------------- datagrams

test("udp/unconnected-and-connected", function()
  local a = assert(mio.UdpSocket.bind "127.0.0.1:0")
  local b = assert(mio.UdpSocket.bind "127.0.0.1:0")
  fails("ENOTCONN", a:peer_addr())
  fails("EDESTADDRREQ", a:send "x")
  same(a:send_to("one", b:local_addr()), 3)
  local data, peer = b:peek_from()
  same(data, "one")
  same(peer, a:local_addr())
  data, peer = b:recv_from(2)
  same(data, "on") -- The rest of it is lost.
  same(peer, a:local_addr())
  fails("EAGAIN", b:recv_from())
  same(a:connect(b:local_addr()), true)
  same(a:peer_addr(), b:local_addr())
  same(a:send "", 0)
  same(a:send("abc", 3), 1)
  same(b:peek(), "")
  same(b:recv(), "")
  same(b:recv(), "c")
  fails("EAGAIN", b:recv())
  fails("EMSGSIZE", a:send(("x"):rep(70000)))
  close(a, b)
end)

test("unix-datagrams/each-kind-of-name", function()
  local unbound = assert(mio.UnixDatagram.unbound())
  local bound = assert(mio.UnixDatagram.bind "unix:")
  same(unbound:local_addr(), "unix:")
  same(bound:local_addr():match "^unix:@" ~= nil, true)
  same(unbound:send_to("x", bound:local_addr()), 1)
  local data, peer = bound:recv_from()
  same(data, "x")
  same(peer, "unix:")
  local a, b = assert(mio.UnixDatagram.pair())
  same(a:send "", 0)
  same(a:send "two", 3)
  same(b:recv(), "")
  same(b:recv(), "two")
  same(a:shutdown "both", true)
  close(unbound, bound, a, b)
end)

-- -------------------------------------------------------- unix and pipes

test("unix-streams/listener-and-pair", function()
  local listener = assert(mio.UnixListener.bind("unix:", 1))
  local client = assert(mio.UnixStream.connect(listener:local_addr()))
  local server, peer = assert(listener:accept())
  same(peer, "unix:")
  same(tostring(server):find "^miopoll%.UnixStream 0x" ~= nil, true)
  same(client:write "x", 1)
  same(server:read(), "x")
  local a, b = assert(mio.UnixStream.pair())
  same(a:write_vectored { "ab", "", "c" }, 3)
  same(b:peek(), "abc")
  local parts, count = b:read_vectored { 1, 0, 5 }
  same(table.concat(parts, "|"), "a||bc")
  same(count, 3)
  a:shutdown "write"
  parts, count = b:read_vectored { 1, 2 }
  same(#parts, 2)
  same(parts[1] .. parts[2], "")
  same(count, 0)
  close(listener, client, server, a, b)
end)

test("pipes/the-end-and-nobody", function()
  local sender, receiver = assert(mio.pipe())
  fails("EAGAIN", receiver:read())
  same(sender:write "x", 1)
  receiver:close()
  fails("EPIPE", sender:write "y")
  sender:close()
end)

-- -------------------------------------------------------------- descriptors

local makers = {
  TcpListener = function() return mio.TcpListener.bind "127.0.0.1:0" end,
  TcpStream = function()
    local client, server = tcp_pair()
    return client, server
  end,
  UdpSocket = function() return mio.UdpSocket.bind "127.0.0.1:0" end,
  UnixListener = function() return mio.UnixListener.bind "unix:" end,
  UnixStream = mio.UnixStream.pair,
  UnixDatagram = mio.UnixDatagram.pair,
  Sender = mio.pipe,
  Receiver = function()
    local sender, receiver = mio.pipe()
    return receiver, sender
  end,
}

local kind_names = { TcpListener = "TCP_LISTENER", TcpStream = "TCP_STREAM",
  UdpSocket = "UDP_SOCKET", UnixListener = "UNIX_LISTENER",
  UnixStream = "UNIX_STREAM", UnixDatagram = "UNIX_DATAGRAM",
  Sender = "PIPE_SENDER", Receiver = "PIPE_RECEIVER" }

test("descriptors/into-and-from-of-each-kind", function()
  for name, make in pairs(makers) do
    local source, other = make()
    same(source:kind(), mio["KIND_" .. kind_names[name]])
    local fd = assert(source:into_fd())
    fails("EBADF", source:into_fd())
    fails("EBADF", source:getfd())
    for wrong in pairs(makers) do
      if wrong ~= name then
        fails("EINVAL", mio[wrong].from_fd(fd))
      end
    end
    local again = assert(mio[name].from_fd(fd))
    same(again:getfd(), fd)
    close(source, again)
    if other then
      other:close()
    end
  end
end)

test("descriptors/what-is-no-socket", function()
  local file = kit.kit_open("file", -1)
  check.to_close[1] = file
  for name in pairs(makers) do
    fails("EBADF", mio[name].from_fd(-1))
    fails("EBADF", mio[name].from_fd(100000))
    fails("EINVAL", mio[name].from_fd(file))
  end
end)

-- -------------------------------------------------------------- registering

test("registering/twice-elsewhere-and-not-at-all", function()
  local one, two = assert(mio.poll()), assert(mio.poll())
  local sender, receiver = assert(mio.pipe())
  fails("ENOENT", one:deregister(sender))
  fails("ENOENT", one:reregister(sender, 1, "w"))
  same(one:register(sender, 1, "w"), true)
  fails("EEXIST", one:register(sender, 1, "w"))
  fails("EEXIST", two:register(sender, 1, "w"))
  fails("ENOENT", two:deregister(sender))
  same(one:reregister(sender, 2, mio.WRITABLE), true)
  wait_for(one, 2)
  same(one:deregister(sender), true)
  same(two:register(sender, 3, "w"), true)
  local registry = assert(two:registry())
  same(registry:reregister(sender, 4, "w"), true)
  wait_for(two, 4)
  same(registry:deregister(sender), true)
  close(one, two, registry, sender, receiver)
end)

test("registering/into-fd-and-close-deregister", function()
  local poll = assert(mio.poll())
  local a, b = assert(mio.UnixStream.pair())
  assert(poll:register(a, 1, "w"))
  assert(poll:register(b, 2, "w"))
  local fd = assert(a:into_fd())
  fails("EBADF", poll:register(a, 1, "w"))
  b:close()
  same(poll:wait({}, 0), 0)
  kit.kit_close(fd)
  close(a, poll)
end)

test("registering/edges-are-exact-everywhere", function()
  local poll = assert(mio.poll())
  local a, b = assert(mio.UnixStream.pair())
  assert(poll:register(a, 1, "r"))
  b:write "xyz"
  wait_for(poll, 1)
  same(poll:wait({}, 0.01), 0) -- Not drained: silence.
  same(a:read(2), "xy")
  same(a:read(2), "z") -- Short: armed again.
  same(poll:wait({}, 0.01), 0)
  b:write "x"
  wait_for(poll, 1)
  close(poll, a, b)
end)

test("registering/a-map-keeps-a-source", function()
  local poll = assert(mio.poll())
  local map = mio.map(poll)
  local a = (function()
    local one, other = assert(mio.UnixStream.pair())
    assert(map:register(other, { name = "other" }, "r"))
    return one
  end)()
  check.full_collect()
  assert(a:write "x")
  local value
  for got in assert(map:events(5)) do
    value = got
  end
  same(value.name, "other")
  close(poll, a)
end)

test("registering/a-map-lets-go-of-a-source", function()
  local poll = assert(mio.poll())
  local map = mio.map(poll)
  local a, b = assert(mio.UnixStream.pair())
  local token = assert(map:register(a, "value", "w"))
  same(map:get(token), "value")
  same(map:deregister(a), true)
  same(map:get(token), nil)
  same(next(map.tokens), nil)
  fails("ENOENT", map:deregister(a))
  close(poll, a, b)
end)

test("registering/closed-inside-of-an-iteration", function()
  local poll = assert(mio.poll())
  local all = {}
  for token = 1, 10, 2 do
    all[token], all[token + 1] = assert(mio.UnixStream.pair())
  end
  for token, one in ipairs(all) do
    assert(poll:register(one, token, "w"))
  end
  local n = 0
  for token in assert(poll:events(5)) do
    all[token]:close()
    n = n + 1
  end
  same(n, 10)
  same(poll:wait({}, 0), 0)
  poll:close()
end)
