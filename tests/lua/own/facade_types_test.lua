-- Every function of miopoll.lua, with a wrong value in every place.
local check = require "check"
local mio = check.mio

local poll = assert(mio.poll())
local registry = assert(poll:registry())
local waker = assert(mio.waker(poll, 1))
local map = mio.map(poll)

local closed = assert(mio.poll())
local closed_registry = assert(closed:registry())
local closed_waker = assert(mio.waker(closed, 1))
closed:close()
closed_registry:close()
closed_waker:close()

-- A source of each class, and a closed one, in the order of the classes.
local function make_sources()
  local any = "127.0.0.1:0"
  local sender, receiver = mio.pipe()
  local stream, other = mio.UnixStream.pair()
  local list = { TcpListener = mio.TcpListener.bind(any),
    UdpSocket = mio.UdpSocket.bind(any), Sender = sender, Receiver = receiver,
    UnixListener = mio.UnixListener.bind "unix:",
    UnixStream = stream, other = other,
    UnixDatagram = mio.UnixDatagram.unbound() }
  list.TcpStream = mio.TcpStream.connect(list.TcpListener:local_addr())
  return list
end
local sources, closed_sources = make_sources(), make_sources()
for _, one in pairs(closed_sources) do
  one:close()
end

local function others()
  return { true, print, io.stdout, coroutine.create(function() end), {},
    waker, sources.TcpStream }
end

local function with(...)
  local list = others()
  for _, value in ipairs { ... } do
    list[#list + 1] = value
  end
  return list
end

local nan, inf = 0 / 0, math.huge
local throws = { getfd = function() return "text" end }
local none = { fileno = function() end }
local half = { pollfd = function() return 1.5 end }

-- Kind -> a right value, wrong ones, and whether nil is right.
local kinds = {
  source = { 0, { true, print, io.stdout, "0", {}, waker, registry, closed,
    closed_sources.TcpStream, closed_sources.Receiver, 1.5, nan, inf, -inf,
    2^53, throws, none, half,
    coroutine.create(function() end) } },
  token = { 1, with("1", 1.5, nan, inf, 2^53, 2^63, 2^64, -1.5) },
  interest = { "r", with("rz", "rr", "R", 1.5, -1, 2^32, nan, inf) },
  value = { "any", {} },
  table = { {}, { true, print, io.stdout, "x", 1 } },
  seconds = { 0, with("0", -1, -0.1, nan, -inf), true },
  nanoseconds = { 0, with("0", -1, 0.5, nan, inf, -inf), true },
  capacity = { 1, with("1", -1, 1.5, 2^32, nan, inf), true },
  selector = { "epoll", with(1.5, -1, 2^32, nan, inf, "epoll\0x"), true },
  owner = { poll, { true, print, io.stdout, "x", 1, {}, waker, closed,
    closed_registry } },
  poll = { poll, { true, print, io.stdout, "x", 1, {}, waker, registry,
    closed_registry } },
  readiness = { 1, { true, print, "1", {} } },
  anything = { 1, {}, true },
  address = { "127.0.0.1:0", with(1, nan) },
  name = { "unix:", with(1, nan, "a\0b") },
  ip = { "127.0.0.1", with(1) },
  optional_ip = { "127.0.0.1", with(1), true },
  backlog = { 0, with("1", -1, 1.5, 2^32, nan, inf), true },
  fd = { -1, with("1", 1.5, nan, inf, 2^53) },
  size = { 0, with("1", -1, 0.5, nan, inf, 2^63), true },
  data = { "", with(1) },
  first = { 1, with("1", 0, 2, -1, 0.5, nan, inf), true },
  sizes = { { 0 }, { true, print, io.stdout, "x", 1, { -1 }, { "1" },
    { 0.5 }, { nan }, { 1, 2^63 } } },
  strings = { { "" }, { true, print, io.stdout, "x", 1, { 1 }, { "", {} } } },
  how = { "write", with("Read", "", 1, 0) },
  flag = { true, { print, io.stdout, "true", 1, 0, {}, waker } },
  number = { 1, with("1", -1, 1.5, 2^32, nan, inf) },
  optional_number = { 0, with("1", -1, 1.5, 2^32, nan, inf), true },
  call = { function() end, { true, 1, "x", {}, io.stdout, waker } },
  optional_interest = { "r", with("rz", "rr", 1.5, -1, nan), true },
}

local registering = {
  register = { "source", "token", "interest" },
  reregister = { "source", "token", "interest" },
  deregister = { "source" },
  close = {},
}
local function and_these(more)
  local all = {}
  for _, list in ipairs { registering, more } do
    for name, value in pairs(list) do
      all[name] = value
    end
  end
  return all
end

local bytes_in = { read = { "size" }, read_vectored = { "sizes" } }
local bytes_out = { write = { "data", "first" },
  write_vectored = { "strings" } }
local addresses = { local_addr = {}, peer_addr = {} }
local ttl = { ttl = {}, set_ttl = { "number" } }
local function datagrams(kind)
  return { connect = { kind }, send = { "data", "first" }, recv = { "size" },
    send_to = { "data", kind }, recv_from = { "size" }, peek = { "size" },
    peek_from = { "size" } }
end
local multicast = { broadcast = {}, set_broadcast = { "flag" },
  join_multicast_v4 = { "ip", "optional_ip" },
  leave_multicast_v4 = { "ip", "optional_ip" },
  join_multicast_v6 = { "ip", "optional_number" },
  leave_multicast_v6 = { "ip", "optional_number" },
  multicast_loop_v4 = {}, set_multicast_loop_v4 = { "flag" },
  multicast_loop_v6 = {}, set_multicast_loop_v6 = { "flag" },
  multicast_ttl_v4 = {}, set_multicast_ttl_v4 = { "number" }, only_v6 = {} }
local error_and_try = { take_error = {},
  try_io = { "call", "optional_interest" } }
local listening = { accept = {}, local_addr = {}, take_error = {} }

local function source_class(name, ...)
  local all = { close = {}, getfd = {}, into_fd = {}, kind = {},
    would_block = { "interest" }, nonblocking = {},
    set_nonblocking = { "flag" } }
  for _, list in ipairs { ... } do
    for method, takes in pairs(list) do
      all[method] = takes
    end
  end
  return { sources[name], all, closed_sources[name] }
end

-- Of mio.TcpListener and so on, which are no objects.
local constructors = {
  TcpListener = { bind = { "address", "backlog" } },
  TcpStream = { connect = { "address" } },
  UdpSocket = { bind = { "address" } },
  UnixListener = { bind = { "name", "backlog" },
    bind_addr = { "address", "backlog" } },
  UnixStream = { connect = { "name" }, connect_addr = { "address" },
    pair = {} },
  UnixDatagram = { bind = { "name" }, bind_addr = { "address" },
    unbound = {}, pair = {} },
  Sender = {}, Receiver = {},
}

-- Name -> object, its methods with what they take, closed one of the kind.
local classes = {
  mio = { mio, {
    poll = { "selector" }, waker = { "owner", "token" }, map = { "poll" },
    pipe = {}, addr = { "address" },
    selectors = {}, clock_now = {},
    is_readable = { "readiness" }, is_writable = { "readiness" },
    is_priority = { "readiness" }, is_error = { "readiness" },
    is_aio = { "readiness" }, is_lio = { "readiness" },
    is_read_closed = { "readiness" }, is_write_closed = { "readiness" },
  } },
  poll = { poll, and_these {
    wait = { "table", "seconds", "capacity" },
    wait_ns = { "table", "nanoseconds", "capacity" },
    events = { "seconds", "capacity" },
    registry = {}, getfd = {}, features = {}, selector = {},
  }, closed },
  registry = { registry, and_these { clone = {} }, closed_registry },
  waker = { waker, { wake = {}, close = {} }, closed_waker },
  map = { map, {
    register = { "source", "value", "interest" },
    reregister = { "source", "value", "interest" },
    deregister = { "source" }, get = { "anything" },
    events = { "seconds", "capacity" },
  } },
  TcpListener = source_class("TcpListener", listening, ttl),
  TcpStream = source_class("TcpStream", bytes_in, bytes_out, addresses, ttl,
    error_and_try, { shutdown = { "how" }, nodelay = {},
      set_nodelay = { "flag" }, peek = { "size" } }),
  UdpSocket = source_class("UdpSocket", datagrams "address", addresses, ttl,
    error_and_try, multicast),
  UnixListener = source_class("UnixListener", listening),
  UnixStream = source_class("UnixStream", bytes_in, bytes_out, addresses,
    error_and_try, { shutdown = { "how" }, peek = { "size" } }),
  UnixDatagram = source_class("UnixDatagram", datagrams "name", addresses,
    error_and_try, { shutdown = { "how" } }),
  Sender = source_class("Sender", bytes_out,
    { try_io = error_and_try.try_io }),
  Receiver = source_class("Receiver", bytes_in,
    { try_io = error_and_try.try_io }),
}
for name, takes in pairs(constructors) do
  takes.from_fd = { "fd" }
  classes["mio." .. name] = { mio[name], takes }
end

local function same_text(text, wanted, what)
  if not text:find(wanted, 1, true) then
    error(what .. " has " .. wanted .. " and the stubs have not", 2)
  end
end

local function methods_of(name, object)
  if name:find "^mio" then
    return object
  end
  return getmetatable(object).__index
end

local function refuses(call, args, count, place, name)
  local good, message = pcall(call, check.unpack(args, 1, count))
  local expected = ("bad argument #%d to '%s'"):format(place, name)
  if good or not tostring(message):find(expected, 1, true) then
    error(("%s, #%d: %s"):format(name, place, tostring(message)))
  end
end

-- `first` is the object before the colon, or none.
local function try(call, name, first, takes)
  local args, offset = {}, first and 1 or 0
  args[1] = first
  for place, kind in ipairs(takes) do
    args[place + offset] = kinds[kind][1]
  end
  local count = #takes + offset
  for place, kind in ipairs(takes) do
    local right, wrong, optional = check.unpack(kinds[kind], 1, 3)
    for _, value in ipairs(wrong) do
      args[place + offset] = value
      refuses(call, args, count, place, name)
    end
    args[place + offset] = nil
    if not optional then
      refuses(call, args, count, place, name)
    end
    args[place + offset] = right
  end
  return args, count
end

local function try_object(call, name, class, takes)
  local args, count = try(call, name, class[1], takes)
  for _, wrong in ipairs { true, 1, "x", {}, print, io.stdout, poll, registry,
    waker, sources.TcpStream, sources.UdpSocket } do
    if getmetatable(wrong) ~= getmetatable(class[1]) then
      args[1] = wrong
      refuses(call, args, count, 0, name)
    end
  end
  args[1] = nil
  refuses(call, args, count, 0, name)
  if name ~= "close" then
    args[1] = class[3]
    refuses(call, args, count, 0, name)
  end
end

for class_name, class in pairs(classes) do
  for name, takes in pairs(class[2]) do
    check.test(("types/%s.%s"):format(class_name, name), function()
      local call = methods_of(class_name, class[1])[name]
      check.same(type(call), "function", name)
      if class[3] then
        try_object(call, name, class, takes)
      else
        try(call, name, class_name == "map" and class[1] or nil, takes)
      end
    end)
  end
end

check.test("types/none-is-missing-above", function()
  for class_name, class in pairs(classes) do
    for name, value in pairs(methods_of(class_name, class[1])) do
      if type(value) == "function" then
        check.same(class[2][name] ~= nil, true, class_name .. "." .. name)
      end
    end
  end
end)

check.test("types/stubs-have-all", function()
  local folder = arg[0]:match "^(.*)/tests/lua/own/[^/]*$"
    .. "/bindings/lua/library/"
  local text = ""
  for _, name in ipairs { "miopoll.lua", "miopoll_sources.lua" } do
    local file = assert(io.open(folder .. name))
    text = text .. file:read "*a"
    file:close()
  end
  for class_name, class in pairs(classes) do
    for name in pairs(class[2]) do
      local mark = class_name:find "^mio" and class_name .. "." or ":"
      same_text(text, mark .. name .. "(", class_name)
    end
  end
end)

check.test("types/nothing-was-done", function()
  check.fails("ENOENT", poll:deregister(check.pair()))
  check.same(waker:wake(), true)
  check.same(poll:wait({}, 1), 1)
end)

check.test("types/position-is-the-user's", function()
  local good, message = pcall(function() poll:wait(1) end)
  check.same(good, false)
  check.same(message:find "facade_types_test%.lua:%d+: bad" ~= nil, true,
    message)
end)
