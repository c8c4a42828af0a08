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

local function others()
  return { true, print, io.stdout, coroutine.create(function() end), {},
    waker }
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
    1.5, nan, inf, -inf, 2^53, throws, none, half,
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

-- Name -> object, its methods with what they take, closed one of the kind.
local classes = {
  mio = { mio, {
    poll = { "selector" }, waker = { "owner", "token" }, map = { "poll" },
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
}

local function same_text(text, wanted, what)
  if not text:find(wanted, 1, true) then
    error(what .. " has " .. wanted .. " and the stubs have not", 2)
  end
end

local function methods_of(name, object)
  if name == "mio" then
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
    waker } do
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
  local path = arg[0]:match "^(.*)/tests/lua/own/[^/]*$"
    .. "/bindings/lua/library/miopoll.lua"
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  for class_name, class in pairs(classes) do
    for name in pairs(class[2]) do
      local mark = class_name == "mio" and "mio." or ":"
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
