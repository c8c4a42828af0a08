-- Bytes through sources: partial, empty, huge; would-block; what is collected.
local check = require "check"
local kit, mio = check.kit, check.mio
local core = mio.core
local test, same, fails, raises = check.test, check.same, check.fails,
  check.raises

-- Bytes that tell their place.
local function pattern(length)
  local parts = {}
  for i = 0, math.ceil(length / 8) - 1 do
    parts[i + 1] = ("%08d"):format(i)
  end
  return table.concat(parts):sub(1, length)
end

local function close(...)
  for _, object in ipairs { ... } do
    object:close()
  end
end

local function pair()
  return assert(mio.UnixStream.pair())
end

-- -------------------------------------------------------------- by the bytes

test("transfers/partial-writes-go-on-where-they-stopped", function()
  local a, b = pair()
  local data = pattern(3000000)
  local sent, got, partial, blocked = 0, {}, 0, 0
  while sent < #data do
    local count, _, name = a:write(data, sent + 1)
    if count then
      partial = partial + (sent + count < #data and 1 or 0)
      sent = sent + count
    else
      same(name, "EAGAIN")
      blocked = blocked + 1
      got[#got + 1] = assert(b:read(50000))
    end
  end
  a:shutdown "write"
  repeat
    got[#got + 1] = assert(b:read())
  until got[#got] == ""
  same(table.concat(got), data)
  same(partial > 5 and blocked > 5, true)
  close(a, b)
end)

test("transfers/all-values-of-a-byte", function()
  local a, b = pair()
  local all = {}
  for i = 0, 255 do
    all[i + 1] = string.char(i)
  end
  all = table.concat(all)
  same(a:write(all), 256)
  same(b:peek(), all)
  same(b:read(), all)
  same(a:write_vectored { all:sub(1, 100), all:sub(101) }, 256)
  local parts = assert(b:read_vectored { 100, 200 })
  same(parts[1] .. parts[2], all)
  close(a, b)
end)

test("transfers/where-to-begin", function()
  local a, b = pair()
  same(a:write("abc", 1), 3)
  same(a:write("abc", 3), 1)
  same(a:write("abc", 4), 0) -- Nothing is left.
  same(a:write("", 1), 0)
  same(b:read(), "abcc")
  raises("bad argument #2 to 'write'", a.write, a, "abc", 5)
  raises("bad argument #2 to 'write'", a.write, a, "abc", 0)
  raises("bad argument #2 to 'write'", a.write, a, "", 2)
  raises("bad argument #2 to 'write'", a.write, a, "abc", 2^53)
  close(a, b)
end)

test("transfers/nothing", function()
  local a, b = pair()
  same(a:write "", 0)
  same(b:read(0), "") -- It does not say whether this is the end.
  same(b:peek(0), "")
  same(a:write_vectored {}, 0)
  same(a:write_vectored { "", "" }, 0)
  local parts, count = b:read_vectored {}
  same(#parts, 0)
  same(count, 0)
  parts, count = b:read_vectored { 0, 0 }
  same(#parts, 2)
  same(count, 0)
  fails("EAGAIN", b:read())
  fails("EAGAIN", b:read_vectored { 0, 1 })
  close(a, b)
end)

test("transfers/huge-sizes-are-no-sizes-to-be-had", function()
  local a, b = pair()
  for _, size in ipairs { 65536, 65537, 2^24, 2^24 + 1, 2^31, 2^32, 2^52,
    2^62, 2^63 - 1024 } do
    same(a:write "abc", 3)
    same(b:peek(size), "abc")
    same(b:read(size), "abc")
    same(a:write "abc", 3)
    local parts, count = b:read_vectored { 1, size, size }
    same(parts[1], "a")
    same(parts[2], "bc")
    same(parts[3], "")
    same(count, 3)
    fails("EAGAIN", b:read(size))
  end
  close(a, b)
end)

test("transfers/many-parts", function()
  local a, b = pair()
  local ones = {}
  for i = 1, 1000 do
    ones[i] = 1
  end
  local letters = {}
  for i = 1, 1000 do
    letters[i] = "x"
  end
  same(a:write_vectored(letters), core.MIO_BUFFERS_MAX)
  local parts, count = b:read_vectored(ones)
  same(count, core.MIO_BUFFERS_MAX)
  same(#parts, core.MIO_BUFFERS_MAX)
  same(table.concat(parts), ("x"):rep(count))
  close(a, b)
end)

test("transfers/parts-by-a-metamethod-are-none", function()
  local a, b = pair()
  local proxy = setmetatable({}, {
    __index = function(_, i) return i <= 3 and ("y"):rep(100) or nil end,
    __len = function() return 3 end,
  })
  same(a:write_vectored(proxy), 0)
  local parts, count = b:read_vectored(setmetatable({}, {
    __index = function() return 2^40 end, __len = function() return 2^31 end,
  }))
  same(#parts, 0)
  same(count, 0)
  for i = 1, 3 do
    rawset(proxy, i, "z")
  end
  same(a:write_vectored(proxy), 3)
  same(b:read(), "zzz")
  close(a, b)
end)

test("transfers/large-reads-use-no-old-bytes", function()
  local a, b = pair()
  a:write(("s"):rep(1000))
  same(#b:read(), 1000)
  a:write "x"
  same(b:read(), "x")
  a:write "y"
  same(b:read(100000), "y")
  close(a, b)
end)

test("transfers/one-million-bytes-at-once", function()
  local sender, receiver = assert(mio.pipe())
  local n = assert(sender:write(pattern(1000000)))
  same(n >= 4096, true)
  same(receiver:read(2000000), pattern(n))
  close(sender, receiver)
end)

-- -------------------------------------------------------------- would-block

test("try-io/passes-on-what-comes", function()
  local a, b = pair()
  local function all(...)
    same(select("#", ...), 3)
    return ...
  end
  local one, two, three = all(a:try_io(function() return 1, nil, "x" end))
  same(one, 1)
  same(two, nil)
  same(three, "x")
  same(select("#", a:try_io(function() end)), 0)
  raises("own words", a.try_io, a, function() error "own words" end)
  fails("EAGAIN", a:try_io(function() return a:read() end, "r"))
  close(a, b)
end)

-- What other libraries return for it.
local blocked = {
  { nil, "no matter", "EAGAIN" }, { nil, "timeout" },
  { nil, "no matter", -core.mio_err_from_name "EAGAIN" }, { false, "timeout" },
}

test("try-io/readiness-comes-again", function()
  local poll = assert(mio.poll())
  local a, b = pair()
  assert(poll:register(a, 1, "r"))
  for _, results in ipairs(blocked) do
    -- Read behind the library's back.
    kit.kit_write(b:getfd(), 1)
    same(poll:wait({}, 5), 1)
    kit.kit_read(a:getfd(), 10)
    a:try_io(function() return check.unpack(results, 1, 3) end, "r")
  end
  kit.kit_write(b:getfd(), 1)
  same(poll:wait({}, 5), 1)
  same(poll:wait({}, 0), 0)
  close(poll, a, b)
end)

test("try-io/closed-by-the-function", function()
  local a, b = pair()
  same(a:try_io(function()
    a:close()
    return nil, "timeout"
  end), nil)
  raises("closed", a.try_io, a, print)
  b:close()
end)

test("try-io/yields", function()
  local a, b = pair()
  local thread = coroutine.wrap(function()
    return a:try_io(function() return coroutine.yield "inside" end)
  end)
  same(thread(), "inside")
  same(thread "back", "back")
  close(a, b)
end)

test("would-block/bad-bits", function()
  local a, b = pair()
  same(a:would_block "rw", true)
  fails("EINVAL", a:would_block "l")
  fails("EINVAL", a:would_block(0))
  close(a, b)
end)

-- --------------------------------------------------------------- collection

test("sources/close-twice-and-tostring", function()
  local sender, receiver = assert(mio.pipe())
  same(tostring(sender):find "^miopoll%.Sender 0x" ~= nil, true)
  same(sender:close(), true)
  same(sender:close(), true)
  same(tostring(sender), "miopoll.Sender (closed)")
  same(tostring(receiver.handle):find "^mio_source_t %* 0x" ~= nil, true)
  raises("bad argument #0 to 'write'", sender.write, sender, "x")
  raises("bad argument #0 to 'write'", sender.write, receiver, "x")
  raises("bad argument #0 to 'read'", receiver.read, sender, 1)
  receiver:close()
end)

if _VERSION == "Lua 5.4" then
  test("sources/at-the-end-of-a-block", function()
    local before = kit.kit_fd_count()
    assert(load([[
      local mio = ...
      local listener <close> = assert(mio.TcpListener.bind "127.0.0.1:0")
      local one <close>, other = mio.UnixStream.pair()
      local last <close> = other
    ]]))(mio)
    same(kit.kit_fd_count(), before)
  end)
end

test("sources/collected-while-registered", function()
  local before = kit.kit_fd_count()
  local poll = assert(mio.poll())
  -- In a function, of whose variables nothing stays on the stack.
  local function register_pairs()
    for token = 1, 100 do
      local a, b = pair()
      assert(poll:register(a, token, "rw"))
      assert(poll:register(b, token, "rw"))
    end
  end
  register_pairs()
  check.full_collect()
  check.full_collect()
  same(poll:wait({}, 0), 0)
  poll:close()
  same(kit.kit_fd_count(), before)
end)

test("sources/outlive-their-poll", function()
  local poll = assert(mio.poll())
  local a, b = pair()
  assert(poll:register(a, 1, "w"))
  poll:close()
  local other = assert(mio.poll())
  same(other:register(a, 2, "w"), true)
  same(other:wait({}, 5), 1)
  other = nil
  check.full_collect()
  same(a:write "x", 1)
  close(a, b)
  same(other, nil)
end)

test("sources/collected-in-a-read", function()
  -- The table of parts is all that holds the strings.
  local a, b = pair()
  local pause = collectgarbage("setpause", 0)
  local step = collectgarbage("setstepmul", 1000)
  for i = 1, 300 do
    local text = ("%05d"):format(i)
    same(a:write_vectored { text .. "a", ("b"):rep(20), "c" .. text }, 32)
    same(b:read(), text .. "a" .. ("b"):rep(20) .. "c" .. text)
    same(a:write(text .. "x", 2), 5)
    same(b:read(), text:sub(2) .. "x")
  end
  collectgarbage("setpause", pause)
  collectgarbage("setstepmul", step)
  close(a, b)
end)

test("sources/a-finalizer-that-reads", function()
  local a, b = pair()
  local inner, other = pair()
  local called = 0
  local function finalizer()
    other:write "inner"
    same(inner:read(), "inner")
    called = called + 1
  end
  local pause = collectgarbage("setpause", 0)
  for i = 1, 200 do
    if newproxy then -- Lua 5.1 and LuaJIT: tables have no finalizers.
      getmetatable(newproxy(true)).__gc = finalizer
    else
      setmetatable({}, { __gc = finalizer })
    end
    local text = ("outer%d"):format(i):rep(100)
    a:write(text)
    same(b:read(), text)
  end
  check.full_collect()
  collectgarbage("setpause", pause)
  same(called > 0, true)
  close(a, b, inner, other)
end)

test("sources/a-hook-that-reads", function()
  local a, b = pair()
  local inner, other = pair()
  local turn, count = 0, 0
  debug.sethook(function()
    turn = turn + 1
    if turn == 1 then
      other:write "inner"
      same(inner:read(), "inner")
      count = count + 1
    end
    turn = turn - 1
  end, "", 3)
  local got = {}
  for i = 1, 50 do
    a:write("outer" .. i)
    got[i] = b:read()
  end
  debug.sethook()
  for i = 1, 50 do
    same(got[i], "outer" .. i)
  end
  same(count > 10, true, count)
  close(a, b, inner, other)
end)

local function closed_by_a_hook()
  -- Between any two instructions of a read: it ends, or it raises.
  for after = 1, 60 do
    local a, b = pair()
    a:write "x"
    debug.sethook(function()
      debug.sethook()
      b:close()
    end, "", after)
    local good, data = pcall(b.read, b, 70000)
    debug.sethook()
    same(good and data == "x"
      or not good and tostring(data):find("closed", 1, true) ~= nil, true,
      tostring(data))
    close(a, b)
  end
end

if check.ffi then
  check.skip("sources/closed-by-a-hook",
    "docs/lua.md: what a call of the FFI uses, no hook may close")
else
  test("sources/closed-by-a-hook", closed_by_a_hook)
end

-- --------------------------------------------------------------------- fork

test("sources/closing-in-a-child-leaves-the-parent-s", function()
  local poll = assert(mio.poll())
  local a, b = pair()
  assert(poll:register(a, 1, "r"))
  local child = kit.kit_fork()
  if child == 0 then
    close(a, b, poll)
    check.full_collect()
    os.exit(7)
  end
  same(kit.kit_wait_child(child), 7)
  b:write "x"
  local events = {}
  same(poll:wait(events, 5), 1)
  same(events[1], 1)
  same(a:read(), "x")
  close(poll, a, b)
end)
