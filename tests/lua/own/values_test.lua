-- Numbers at their borders, text as interests, times, sources, maps.
local check = require "check"
local core, kit, mio = check.mio.core, check.kit, check.mio
local test, same, fails, raises = check.test, check.same, check.fails,
  check.raises

-- ------------------------------------------------------------------- tokens

local function comes_back(token)
  local poll = assert(mio.poll())
  local a, b = check.pair()
  assert(poll:register(a, token, "r"))
  kit.kit_write(b, 1)
  local events = {}
  same(poll:wait(events, 5), 1)
  same(poll:deregister(a), true)
  poll:close()
  return events[1]
end

test("tokens/portable-ones-are-exact", function()
  for _, token in ipairs { 0, 1, 2^31, 2^32, 2^32 + 1, 2^52 + 1,
    2^53 - 1 } do
    local got = comes_back(token)
    same(got, token)
    same(type(got), "number")
    same(({ [token] = true })[got], true, "as a key")
  end
  same(mio.TOKEN_PORTABLE_MAX, 2^53 - 1)
end)

if check.integers then
  test("tokens/all-64-bits", function()
    for _, token in ipairs { math.maxinteger, math.mininteger, -1,
      math.tointeger(2^53), math.tointeger(2^53) + 1 } do
      local got = comes_back(token)
      same(got, token)
      same(math.type(got), "integer")
    end
    same(comes_back(3.0), 3)
    same(math.type(comes_back(3.0)), "integer")
  end)
elseif check.ffi then
  test("tokens/all-64-bits", function()
    local uint64 = require("ffi").typeof "uint64_t"
    for _, token in ipairs { uint64(-1), uint64(2^53), uint64(2^53) + 1,
      uint64(2^63) } do
      local got = comes_back(token)
      same(type(got), "cdata")
      same(got, token)
    end
    same(comes_back(uint64(42)), 42)
    same(type(comes_back(uint64(42))), "number")
  end)
else
  test("tokens/what-does-not-fit-raises", function()
    local poll = assert(mio.poll())
    for _, token in ipairs { 2^53, 2^63, 2^64, -1 } do
      raises("bad argument #2 to 'register'", poll.register, poll, 0, token,
        "r")
    end
    poll:close()
  end)
end

-- ---------------------------------------------------------------- interests

test("interests/letters-are-the-constants", function()
  local poll = assert(mio.poll())
  local a, b = check.pair()
  kit.kit_write(b, 1)
  local events = {}
  assert(poll:register(a, 1, "rwo"))
  same(poll:wait(events, 5), 1)
  same(mio.is_readable(events[2]) and mio.is_writable(events[2]), true)
  same(poll:wait(events, 0), 0)
  assert(poll:reregister(a, 1, mio.READABLE + mio.WRITABLE + mio.LEVEL))
  same(poll:wait(events, 5), 1)
  same(poll:wait(events, 5), 1)
  assert(poll:deregister(a))
  for _, pair in ipairs { { "r", "READABLE" }, { "w", "WRITABLE" },
    { "p", "PRIORITY" }, { "l", "LEVEL" }, { "o", "ONESHOT" },
    { "x", "EXCLUSIVE" } } do
    same(type(mio[pair[2]]), "number")
  end
  fails("EINVAL", poll:register(a, 1, "")) -- No direction.
  fails("EINVAL", poll:register(a, 1, 0))
  fails("EINVAL", poll:register(a, 1, "rlo"))
  fails("EINVAL", poll:register(a, 1, 2^31))
  fails("EOPNOTSUPP", poll:register(a, 1, mio.AIO))
  poll:close()
end)

test("interests/predicates", function()
  local names = { readable = 1, writable = 2, aio = 4, lio = 8, priority = 16,
    error = 32, read_closed = 64, write_closed = 128 }
  for bits = 0, 255 do
    for name, bit in pairs(names) do
      same(mio["is_" .. name](bits), math.floor(bits / bit) % 2 == 1, name)
    end
  end
end)

-- -------------------------------------------------------------------- times

local function passed(call)
  local before = kit.kit_now()
  local n = call()
  return n, kit.kit_now() - before
end

test("times/never-early", function()
  local poll = assert(mio.poll())
  for _, seconds in ipairs { 1e-9, 1.5e-9, 1e-6, 0.0123, 0.02 } do
    local n, ns = passed(function() return poll:wait({}, seconds) end)
    same(n, 0)
    same(ns >= seconds * 1e9, true, "passed " .. ns)
  end
  local n, ns = passed(function() return poll:wait_ns({}, 12345678) end)
  same(n, 0)
  same(ns >= 12345678, true)
  poll:close()
end)

test("times/for-ever-and-very-long", function()
  local poll = assert(mio.poll())
  local waker = assert(mio.waker(poll, 3))
  local events = {}
  for _, seconds in ipairs { math.huge, 1e300, 2^63, 9e9, 1e10, 1 } do
    same(waker:wake(), true)
    same(poll:wait(events, seconds), 1)
  end
  same(waker:wake(), true)
  same(poll:wait(events), 1)
  for _, ns in ipairs { 2^62, 2^63, 1e300, 2^53 } do
    same(waker:wake(), true)
    same(poll:wait_ns(events, ns), 1)
  end
  same(waker:wake(), true)
  same(poll:wait_ns(events), 1)
  poll:close()
end)

test("times/clock", function()
  local before = kit.kit_now()
  local now = mio.clock_now()
  same(before <= now and now <= kit.kit_now(), true)
end)

-- ----------------------------------------------------------------- capacity

test("capacity/limits-a-wait", function()
  local poll = assert(mio.poll())
  for token = 1, 5 do
    local a = check.pair()
    assert(poll:register(a, token, "wo"))
  end
  local events = {}
  same(poll:wait(events, 1, 2), 2)
  same(events[5], nil)
  same(poll:wait_ns(events, 10^9, 1), 1)
  local n = 0
  for _ in assert(poll:events(1, 1)) do
    n = n + 1
  end
  same(n, 1)
  same(poll:wait(events, 1, 2^32 - 1), 1)
  fails("EINVAL", poll:wait(events, 0, 0))
  poll:close()
end)

test("capacity/more-than-1024-come-with-the-next-wait", function()
  local poll = assert(mio.poll())
  local first = kit.kit_open("pair", -1)
  check.to_close[1], check.to_close[2] = first, kit.kit_second()
  for token = 1, 1100 do
    local fd = kit.kit_open("dup", first)
    if fd < 0 then
      break -- The limit of descriptors is low here.
    end
    check.to_close[#check.to_close + 1] = fd
    assert(poll:register(fd, token, "wo"))
  end
  local all, events = #check.to_close - 2, {}
  local n = poll:wait(events, 1)
  same(n, math.min(all, 1024))
  same(events[2 * n + 1], nil)
  if all > 1024 then
    same(poll:wait(events, 1), all - 1024)
  end
  poll:close()
end)

test("capacity/a-metatable-of-the-table-is-not-asked", function()
  local poll = assert(mio.poll())
  assert(mio.waker(poll, 9)):wake()
  local events = setmetatable({}, { __newindex = error, __index = error })
  same(poll:wait(events, 1), 1)
  poll:close()
end)

-- ------------------------------------------------------------------ sources

test("sources/objects-with-a-descriptor", function()
  local poll = assert(mio.poll())
  local a = check.pair()
  for _, name in ipairs { "getfd", "fileno", "pollfd" } do
    local object = { [name] = function() return a end }
    same(poll:register(object, 1, "w"), true)
    fails("EEXIST", poll:register(a, 1, "w"))
    same(poll:reregister(object, 2, "w"), true)
    same(poll:deregister(object), true)
  end
  local strict = setmetatable({ fileno = function() return a end }, {
    __index = function(_, name) error("no field " .. name) end,
  })
  same(poll:register(strict, 1, "w"), true)
  same(poll:deregister(strict), true)
  local invalid = { getfd = function() return -1 end }
  fails("EBADF", poll:register(invalid, 1, "w"))
  poll:close()
end)

test("sources/methods-win", function()
  local poll = assert(mio.poll())
  local seen = {}
  local composite = { getfd = function() error "asked" end }
  function composite:register(registry, token, interest)
    seen[#seen + 1] = "register " .. token .. " " .. interest
    self.a = check.pair()
    return registry:register(self.a, token, interest)
  end
  function composite:reregister(registry, token, interest)
    seen[#seen + 1] = "reregister " .. token .. " " .. interest
    return registry:reregister(self.a, token, interest)
  end
  function composite:deregister(registry)
    seen[#seen + 1] = "deregister"
    return registry:deregister(self.a)
  end
  same(poll:register(composite, 5, "rw"), true)
  same(poll:reregister(composite, 6, "w"), true)
  local events = {}
  same(poll:wait(events, 1), 1)
  same(events[1], 6)
  same(poll:deregister(composite), true)
  fails("ENOENT", poll:deregister(composite))
  same(table.concat(seen, ", "),
    "register 5 3, reregister 6 2, deregister, deregister")
  poll:close()
end)

test("sources/polls-nest", function()
  local outer, inner = assert(mio.poll()), assert(mio.poll())
  local waker = assert(mio.waker(inner, 1))
  if inner:getfd() then
    same(outer:register(inner, 7, "rl"), true)
    same(waker:wake(), true)
    local events = {}
    same(outer:wait(events, 1), 1)
    same(events[1], 7)
    same(outer:deregister(inner), true)
    fails("EINVAL", outer:register(outer, 7, "r"))
  else
    fails("EOPNOTSUPP", outer:register(inner, 7, "rl"))
    fails("EOPNOTSUPP", inner:getfd())
  end
  outer:close()
  inner:close()
end)

test("sources/a-method-that-raises", function()
  local poll = assert(mio.poll())
  raises("own words", poll.register, poll, {
    getfd = function() error "own words" end }, 1, "r")
  poll:close()
end)

-- ---------------------------------------------------------------- selectors

test("selectors/by-name-and-number", function()
  for _, name in ipairs(mio.selectors()) do
    local poll = assert(mio.poll(name))
    same(poll:selector(), name)
    poll:close()
    poll = assert(mio.poll(core.mio_selector_from_name(name)))
    same(poll:selector(), name)
    poll:close()
  end
  fails("EINVAL", mio.poll "nonsense")
  fails("EOPNOTSUPP", mio.poll "kqueue")
  fails("EINVAL", mio.poll(99))
  same(mio.poll("default"):close(), true)
end)

test("selectors/version", function()
  same(mio._VERSION, core.mio_version_string())
  same(table.concat(check.new_globals, " "), "")
end)

-- --------------------------------------------------------------------- maps

test("maps/any-value", function()
  local poll = assert(mio.poll())
  local map = mio.map(poll)
  local a, b = check.pair()
  local waker = assert(mio.waker(poll, 12))
  for _, value in ipairs { {}, "text", 1, false, print, poll } do
    local token = map:register(a, value, "w")
    same(map:get(token), value)
    same(waker:wake(), true)
    local found, integer
    for got, readiness, number in assert(map:events(1)) do
      if number == token then
        found = got
        same(mio.is_writable(readiness), true)
      else
        integer = got
      end
    end
    for got in assert(map:events(0)) do
      integer = integer or got
    end
    same(found, value)
    same(integer, 12)
    fails("EEXIST", map:register(a, "other", "w"))
    same(map:get(token), value)
    same(map:deregister(a), true)
    same(map:get(token), nil)
  end
  fails("ENOENT", map:deregister(b))
  poll:close()
end)

test("maps/nothing-is-kept", function()
  local poll = assert(mio.poll())
  local map = mio.map(poll)
  local a = check.pair()
  local weak = setmetatable({ {}, {}, {} }, { __mode = "v" })
  local source = { getfd = function() return a end }
  assert(map:register(source, weak[1], "w"))
  check.full_collect()
  same(type(weak[1]), "table")
  assert(map:reregister(source, weak[1], "r"))
  assert(map:deregister(source))
  check.full_collect()
  same(weak[1], nil)
  same(next(map.values), nil)
  same(next(map.tokens), nil)
  poll:close()
end)

test("maps/stale-events-are-left-out", function()
  local poll = assert(mio.poll())
  local map = mio.map(poll)
  local a, b = check.pair()
  assert(map:register(a, "a", "w"))
  assert(map:register(b, "b", "w"))
  local seen = {}
  for value in assert(map:events(1)) do
    seen[#seen + 1] = value
    assert(map:deregister(value == "a" and b or a))
  end
  same(#seen, 1)
  poll:close()
end)
