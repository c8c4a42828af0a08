-- Every function of the ABI, with a wrong value in every place. What the
-- functions are comes from abi.json, by ABI_LUA, so that a new one is here
-- when it appears.
local check = require "check"
local core, kit, mio = check.mio.core, check.kit, check.mio

local abi = assert(loadfile(assert(os.getenv "ABI_LUA")))()

local poll = assert(mio.poll())
local waker = assert(mio.waker(poll, 1))
local closed_poll = select(2, core.mio_poll_new(nil))
core.mio_poll_free(closed_poll)
local closed_registry = select(2, core.mio_poll_registry(poll.handle))
core.mio_registry_free(closed_registry)
local closed_waker = select(2,
  core.mio_waker_new(poll.registry_of_poll.handle, 1))
core.mio_waker_free(closed_waker)
local source = select(2, core.mio_unix_datagram_unbound())
local closed_source = select(2, core.mio_unix_datagram_unbound())
core.mio_source_free(closed_source)
local addr = select(2, core.mio_addr_parse "unix:@x")

local nan, inf = 0 / 0, math.huge
local others = {
  ["a boolean"] = true, ["a function"] = print, ["a file"] = io.stdout,
  ["a coroutine"] = coroutine.create(function() end), ["an object"] = poll,
}
local not_whole = { ["1.5"] = 1.5, NaN = nan, inf = inf, ["-inf"] = -inf }

local function joined(...)
  local all = {}
  for _, values in ipairs { ... } do
    for name, value in pairs(values) do
      all[name] = value
    end
  end
  return all
end

local function with(...)
  return joined(others, ...)
end

-- Without `nil`, which is tried by itself.
local integers = { ["a table"] = {}, ["text"] = "x", ["a digit"] = "1" }
local token_limits = { ["2^53"] = 2^53, ["-1"] = -1, ["2^64"] = 2^64 }
if check.integers then
  token_limits["-1"] = -1.5 -- The integer -1 has all bits.
end

-- A facade is a table, and so an empty list.
local not_lists = { ["a boolean"] = true, ["a file"] = io.stdout,
  ["a number"] = 1, text = "x", handle = poll.handle }
local not_strings = with { ["a number"] = 1, ["a table"] = {} }

-- Type, or types that are one argument -> a right value, and wrong ones.
local samples = {
  ["int32_t"] = { 0, with(integers, not_whole,
    { ["2^31"] = 2^31, ["-2^31-1"] = -2^31 - 1 }) },
  ["uint32_t"] = { 1, with(integers, not_whole,
    { ["2^32"] = 2^32, ["-1"] = -1 }) },
  ["int64_t"] = { 0, with(integers, not_whole,
    { ["2^63"] = 2^63, ["-2^63-2048"] = -2^63 - 2048 }) },
  ["uint64_t"] = { 1, with(integers, not_whole, token_limits) },
  ["const char *"] = { "x", with { ["a number"] = 1, ["a table"] = {},
    ["text with NUL"] = "a\0b" } },
  ["mio_poll_t *"] = { poll.handle, with(integers,
    { waker = waker.handle, closed = closed_poll, ["0"] = 0 }) },
  ["mio_registry_t *"] = { poll.registry_of_poll.handle, with(integers,
    { poll = poll.handle, closed = closed_registry, ["0"] = 0 }) },
  ["mio_waker_t *"] = { waker.handle, with(integers,
    { poll = poll.handle, closed = closed_waker, ["0"] = 0 }) },
  ["mio_source_t *"] = { source, with(integers,
    { poll = poll.handle, closed = closed_source, ["0"] = 0 }) },
  ["const mio_addr_t *"] = { addr, with { ["a number"] = 1, text = "x",
    ["a table"] = {}, long = addr .. "x", short = addr:sub(2),
    handle = source }, optional = true },
  ["const void *,uint64_t"] = { "x", not_strings },
  ["void *,uint64_t"] = { 1, with(integers, not_whole,
    { ["-1"] = -1, ["2^63"] = 2^63 }) },
  ["const void *const *,const uint64_t *,uint32_t"] = { { "a", "" },
    joined(not_lists, { ["a number in it"] = { "a", 1 },
      ["a hole"] = { "a", false, "b" }, ["a table in it"] = { {} } }) },
  ["void *const *,const uint64_t *,uint32_t"] = { { 1, 0 },
    joined(not_lists, { ["text in it"] = { 1, "1" }, ["-1 in it"] = { -1 },
      ["half in it"] = { .5 }, ["NaN in it"] = { nan },
      ["2^63 in it"] = { 1, 2^63 } }) },
  ["mio_event_t *"] = { {}, { ["a number"] = 1, text = "x",
    ["a boolean"] = true, ["a file"] = io.stdout, handle = poll.handle } },
  -- nil is the defaults, and a facade is a table without these fields.
  ["const mio_poll_options_t *"] = { nil, {
    ["a boolean"] = true, ["a function"] = print, ["a file"] = io.stdout,
    ["a number"] = 1, text = "x", ["a wide field"] = { selector = 2^32 },
    ["a text field"] = { flags = "1" }, ["half a field"] = { selector = .5 },
  }, optional = true },
}
samples.mio_fd_t = samples.int64_t

-- Those that a caller gives nothing for.
local out_types = { ["mio_fd_t *"] = true, ["int32_t *"] = true,
  ["uint32_t *"] = true, ["mio_addr_t *"] = true }

local function is_out(type_name)
  return out_types[type_name] or type_name:find "%*%*$" ~= nil
end

-- The types of the arguments: buffers and their lengths are one.
local function inputs_of(item)
  local inputs, place = {}, 1
  while item.params[place] do
    local type_name = item.params[place].type
    local last = place
    if type_name:find "void %*const %*$" then
      last = place + 2
    elseif type_name:find "void %*$" then
      last = place + 1
    end
    for i = place + 1, last do
      type_name = type_name .. "," .. item.params[i].type
    end
    if not is_out(type_name) then
      inputs[#inputs + 1] = type_name
    end
    place = last + 1
  end
  return inputs
end

local function refuses(name, args, count, place, what)
  local good, message = pcall(core[name], check.unpack(args, 1, count))
  if good or not tostring(message):find(
    ("bad argument #%d to '%s'"):format(place, name), 1, true) then
    error(("%s, #%d %s: %s"):format(name, place, what, tostring(message)))
  end
end

local function try_function(item)
  local inputs, args = inputs_of(item), {}
  for place, type_name in ipairs(inputs) do
    local sample = samples[type_name]
    assert(sample, item.name .. ": no samples of " .. type_name)
    args[place] = sample[1]
  end
  for place, type_name in ipairs(inputs) do
    local sample = samples[type_name]
    for what, value in pairs(sample[2]) do
      args[place] = value
      refuses(item.name, args, #inputs, place, what)
    end
    args[place] = nil
    if not sample.optional then
      refuses(item.name, args, #inputs, place, "nil")
      refuses(item.name, args, place - 1, place, "nothing")
    end
    args[place] = sample[1]
  end
end

for _, item in ipairs(abi.functions) do
  check.test("raw/" .. item.name, function()
    check.same(type(core[item.name]), "function", item.name)
    try_function(item)
  end)
end

check.test("raw/constants", function()
  for name, value in pairs(abi.constants) do
    check.same(core[name], value, name)
    check.same(mio[name:sub(5)], value, name)
    if check.integers then
      check.same(math.type(core[name]), "integer", name)
    end
  end
end)

check.test("raw/nothing-was-done", function()
  -- All of the above left these as they were.
  check.same(waker:wake(), true)
  local events = {}
  check.same(poll:wait(events, 1), 1)
  check.same(events[1], 1)
end)

check.test("raw/results-are-integers", function()
  if check.integers then
    local rc, fd = core.mio_poll_fd(poll.handle)
    for name, value in pairs { rc = rc, fd = fd, now = core.mio_clock_now(),
      version = core.mio_version(),
      features = core.mio_poll_features(poll.handle) } do
      check.same(math.type(value), "integer", name)
    end
  end
end)

check.test("raw/failure-gives-no-handle", function()
  local rc, handle = core.mio_poll_new { selector = 99 }
  check.same(core.mio_err_name(rc), "EINVAL")
  check.same(handle, nil)
end)

check.test("raw/large-uint32", function()
  check.same(core.mio_selector_name(2^32 - 1), "unknown")
  check.same(core.mio_selector_name(2^31), "unknown")
end)

check.test("raw/wide-token-of-another-language", function()
  if check.ffi or check.integers then
    return -- Those hold it.
  end
  local a, b = check.pair()
  check.same(kit.kit_register_wide(poll.registry_of_poll.handle, a), 0)
  kit.kit_write(b, 1)
  check.raises("2^53", poll.wait, poll, {}, 1)
  check.same(poll:deregister(a), true)
end)
