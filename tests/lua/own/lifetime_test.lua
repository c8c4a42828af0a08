-- Closing, collecting, and what happens in between.
local check = require "check"
local kit, mio = check.kit, check.mio
local test, same, raises = check.test, check.same, check.raises

test("close/twice", function()
  local poll = assert(mio.poll())
  local registry, waker = assert(poll:registry()), assert(mio.waker(poll, 1))
  for _, object in ipairs { poll, registry, waker } do
    same(object:close(), true)
    same(object:close(), true)
  end
end)

test("close/calls-raise", function()
  local poll = assert(mio.poll())
  local waker = assert(mio.waker(poll, 1))
  poll:close()
  raises("bad argument #0 to 'wait'", poll.wait, poll, {}, 0)
  raises("closed", poll.register, poll, 0, 1, "r")
  raises("closed", poll.events, poll, 0)
  raises("bad argument #1 to 'waker'", mio.waker, poll, 1)
  same(waker:wake(), true) -- Nothing to wake is no failure.
  waker:close()
  raises("bad argument #0 to 'wake'", waker.wake, waker)
end)

test("close/each-order", function()
  local orders = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 },
    { 3, 1, 2 }, { 3, 2, 1 } }
  for _, order in ipairs(orders) do
    local poll = assert(mio.poll())
    local objects = { poll, assert(poll:registry()),
      assert(mio.waker(poll, 1)) }
    for _, i in ipairs(order) do
      objects[i]:close()
    end
  end
end)

test("close/a-registry-outlives-its-poll", function()
  local poll = assert(mio.poll())
  local registry = assert(poll:registry())
  local second = assert(registry:clone())
  poll:close()
  local a = check.pair()
  same(registry:register(a, 1, "r"), true)
  check.fails("EEXIST", second:register(a, 1, "r"))
  registry:close()
  same(second:deregister(a), true)
  second:close()
end)

test("close/tostring", function()
  for _, name in ipairs(mio.selectors()) do
    local poll = assert(mio.poll(name))
    local registry, waker = poll:registry(), mio.waker(poll, 1)
    same(tostring(poll):find("^miopoll%.poll %(" .. name .. "%) 0x") ~= nil,
      true, tostring(poll))
    same(tostring(registry):find "^miopoll%.registry 0x" ~= nil, true)
    same(tostring(waker):find "^miopoll%.waker 0x" ~= nil, true)
    same(tostring(poll.handle):find "^mio_poll_t %* 0x" ~= nil, true)
    for _, object in ipairs { poll, registry, waker } do
      object:close()
    end
    same(tostring(poll), "miopoll.poll (closed)")
    same(tostring(waker), "miopoll.waker (closed)")
  end
end)

if _VERSION == "Lua 5.4" then
  test("close/at-the-end-of-a-block", function()
    local before = kit.kit_fd_count()
    assert(load([[
      local mio = ...
      local poll <close> = assert(mio.poll())
      local registry <close> = assert(poll:registry())
      local waker <close> = assert(mio.waker(registry, 1))
    ]]))(mio)
    same(kit.kit_fd_count(), before)
    local good = pcall(load([[
      local mio = ...
      local poll <close> = assert(mio.poll())
      error "out"
    ]]), mio)
    same(good, false)
    same(kit.kit_fd_count(), before)
  end)
end

-- --------------------------------------------------------------- collection

local function make(count)
  local list = {}
  for i = 1, count do
    local poll = assert(mio.poll())
    list[3 * i] = poll
    list[3 * i - 1] = assert(poll:registry())
    list[3 * i - 2] = assert(mio.waker(poll, i))
  end
  return list
end

test("collection/frees-descriptors", function()
  check.full_collect()
  local before = kit.kit_fd_count()
  make(50)
  check.full_collect()
  same(kit.kit_fd_count(), before)
end)

test("collection/any-order", function()
  local seed = 7
  for _ = 1, 20 do
    local list = make(10)
    for left = #list, 1, -1 do
      seed = (seed * 16807) % 2147483647
      table.remove(list, seed % left + 1)
      if left % 4 == 0 then
        collectgarbage()
      end
    end
  end
end)

test("collection/cycles", function()
  local before = kit.kit_fd_count()
  local function make_cycle(i)
    local poll = assert(mio.poll())
    local waker = assert(mio.waker(poll, i))
    poll.waker, waker.poll = waker, poll
    local map = mio.map(poll)
    map.map = map
    local a = check.pair()
    assert(map:register(a, map, "r"))
  end
  for i = 1, 20 do
    make_cycle(i)
  end
  check.full_collect()
  same(kit.kit_fd_count(), before + 40)
end)

test("collection/during-a-wait-in-a-coroutine", function()
  -- Nothing but the wait holds the poll, and the table grows while it is
  -- filled, which lets the collector run.
  local pause = collectgarbage("setpause", 0)
  local step = collectgarbage("setstepmul", 1000)
  for _ = 1, 20 do
    local thread = coroutine.create(function(make_one)
      return make_one():wait({}, 1)
    end)
    local good, n = coroutine.resume(thread, function()
      local poll = assert(mio.poll())
      for token = 1, 20 do
        assert(poll:register(check.pair(), token, "w"))
      end
      return poll
    end)
    same(good, true, tostring(n))
    same(n, 20)
  end
  collectgarbage("setpause", pause)
  collectgarbage("setstepmul", step)
end)

test("collection/a-finalizer-that-waits", function()
  local poll = assert(mio.poll())
  local inner = assert(mio.poll())
  local waker = assert(mio.waker(inner, 2))
  local called = 0
  local function finalizer()
    waker:wake()
    same(inner:wait({}, 0), 1)
    called = called + 1
  end
  local function garbage()
    if newproxy then -- Lua 5.1 and LuaJIT: tables have no finalizers.
      getmetatable(newproxy(true)).__gc = finalizer
    else
      setmetatable({}, { __gc = finalizer })
    end
  end
  for token = 1, 200 do
    garbage()
    assert(poll:register(check.pair(), token, "w"))
  end
  local events = {}
  local n = poll:wait(events, 1)
  check.full_collect()
  same(called > 0, true)
  for i = 1, n do
    same(type(events[2 * i]), "number")
  end
  poll:close()
  inner:close()
  waker:close()
end)

-- ---------------------------------------------------------------- iteration

local function ready_poll(count)
  local poll = assert(mio.poll())
  for token = 1, count do
    assert(poll:register(check.pair(), token, "wl"))
  end
  return poll
end

test("iteration/all-events", function()
  local poll = ready_poll(5)
  local sum = 0
  for token, readiness in assert(poll:events(1)) do
    sum = sum + token
    same(mio.is_writable(readiness), true)
  end
  same(sum, 15)
  local none = assert(mio.poll())
  for _ in assert(none:events(0)) do
    error "an event"
  end
  poll:close()
  none:close()
end)

test("iteration/one-inside-another", function()
  local poll = ready_poll(3)
  local pairs_seen = 0
  for outer in assert(poll:events(1)) do
    for inner in assert(poll:events(1)) do
      pairs_seen = pairs_seen + (outer * inner > 0 and 1 or 0)
    end
  end
  same(pairs_seen, 9)
  poll:close()
end)

test("iteration/an-error-inside", function()
  local poll = ready_poll(3)
  raises("own words", function()
    for _ in assert(poll:events(1)) do
      error "own words"
    end
  end)
  local n = 0
  for _ in assert(poll:events(1)) do
    n = n + 1
  end
  same(n, 3)
  poll:close()
end)

test("iteration/closed-inside-ends", function()
  local poll = ready_poll(3)
  local n = 0
  for _ in assert(poll:events(1)) do
    n = n + 1
    poll:close()
  end
  same(n, 1)
  raises("closed", poll.events, poll)
end)

test("iteration/closed-by-another-coroutine-ends", function()
  local poll = ready_poll(3)
  local reader = coroutine.wrap(function()
    local n = 0
    for _ in assert(poll:events(1)) do
      n = n + 1
      coroutine.yield(n)
    end
    return "ended"
  end)
  same(reader(), 1)
  poll:close()
  same(reader(), "ended")
  raises("closed", poll.wait, poll, {})
end)

test("iteration/failure-is-returned", function()
  local poll = ready_poll(1)
  check.fails("EINVAL", poll:events(0, 0))
  poll:close()
end)

test("coroutines/closed-while-a-source-yields", function()
  local poll = assert(mio.poll())
  local thread = coroutine.create(function()
    return poll:register({ getfd = function()
      coroutine.yield()
      return 0
    end }, 1, "r")
  end)
  coroutine.resume(thread)
  poll:close()
  local good, message = coroutine.resume(thread)
  same(good, false)
  same(tostring(message):find("closed", 1, true) ~= nil, true,
    tostring(message))
end)

test("coroutines/waits-in-many", function()
  local poll = ready_poll(2)
  for _ = 1, 10 do
    same(coroutine.wrap(function() return poll:wait({}, 1) end)(), 2)
  end
  poll:close()
end)

-- --------------------------------------------------------------------- fork

test("fork/closing-in-the-child-is-safe", function()
  local poll = assert(mio.poll())
  local waker = assert(mio.waker(poll, 2))
  local a, b = check.pair()
  assert(poll:register(a, 1, "ro"))
  local child = kit.kit_fork()
  if child == 0 then
    waker:close()
    poll:close()
    poll, waker = nil, nil
    check.full_collect()
    os.exit(7)
  end
  same(kit.kit_wait_child(child), 7)
  kit.kit_write(b, 1)
  local events = {}
  same(poll:wait(events, 5), 1)
  same(events[1], 1)
  same(waker:wake(), true)
  same(poll:wait(events, 5), 1)
  same(events[1], 2)
  waker:close()
  poll:close()
end)

test("fork/collecting-in-the-child-is-safe", function()
  local poll = assert(mio.poll())
  local a, b = check.pair()
  assert(poll:register(a, 1, "ro"))
  local child = kit.kit_fork()
  if child == 0 then
    poll = nil
    check.full_collect()
    os.exit(8)
  end
  same(kit.kit_wait_child(child), 8)
  kit.kit_write(b, 1)
  same(poll:wait({}, 5), 1)
  poll:close()
end)
