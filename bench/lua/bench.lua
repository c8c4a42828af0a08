-- bench.lua - waits, changes and wakes of miopoll.lua, against raw epoll in C,
-- libmiopoll in C, and luv, by turns in one process.
--
--     bench.lua [REPETITIONS]      see run.py, which sets all up
local raw = require "rawepoll"
local mio = require "miopoll"
local has_luv, uv = pcall(require, "luv")

local REPETITIONS = tonumber(arg[1] or 41)
local BATCH_NS = 2e6

local function timed(body)
  return function(rounds)
    local began = raw.raw_clock()
    local sum = body(rounds)
    return raw.raw_clock() - began, sum
  end
end

-- The same of a workload in C, which looks at the clock itself.
local function raw_timed(workload)
  return function(rounds)
    local sum = workload(rounds)
    return raw.raw_ns(), sum
  end
end

-- A new set of `registered` eventfds, of which the first are ready.
local function open_set(registered, ready)
  local fds = {}
  assert(raw.raw_open() == 1)
  for token = 1, registered do
    fds[token] = math.floor(raw.raw_add(token, token <= ready and 1 or 0))
    assert(fds[token] >= 0, "no more descriptors")
  end
  return fds
end

-- --------------------------------------------------------------- workloads

local function new_poll(fds)
  local poll = assert(mio.poll "epoll")
  for token, fd in ipairs(fds) do
    assert(poll:register(fd, token, "rl"))
  end
  return poll
end

-- Up to the filled table.
local function mio_wait(poll)
  local events = {}
  return timed(function(rounds)
    for _ = 1, rounds do
      poll:wait(events, 0)
    end
    return 0
  end)
end

-- And everything read out of it.
local function mio_read(poll)
  local events = {}
  return timed(function(rounds)
    local sum = 0
    for _ = 1, rounds do
      local n = poll:wait(events, 0)
      for i = 1, 2 * n, 2 do
        sum = sum + events[i] + events[i + 1]
      end
    end
    return sum
  end)
end

local function mio_iterate(poll)
  return timed(function(rounds)
    local sum = 0
    for _ = 1, rounds do
      for token, readiness in poll:events(0) do
        sum = sum + token + readiness
      end
    end
    return sum
  end)
end

local function luv_wait(fds, ready)
  local sum = 0
  local handles = {}
  for token = 1, #fds do
    local handle = assert(uv.new_poll(fds[token]))
    -- What luv gives is a callback with an error and the name of an event.
    handle:start("r", function(_, what)
      sum = sum + token + (what and 1 or 0)
    end)
    handles[token] = handle
  end
  return timed(function(rounds)
    sum = 0
    for _ = 1, rounds do
      uv.run "nowait"
    end
    return sum
  end), function()
    for _, handle in ipairs(handles) do
      handle:close()
    end
    uv.run "nowait"
  end, ready
end

local function mio_change(poll, fd)
  return timed(function(rounds)
    for _ = 1, rounds do
      poll:register(fd, 1, 1)
      poll:deregister(fd)
    end
    return 2 * rounds
  end)
end

local function mio_wake(poll)
  local waker = assert(mio.waker(poll, 1))
  local events = {}
  return timed(function(rounds)
    local sum = 0
    for _ = 1, rounds do
      waker:wake()
      sum = sum + poll:wait(events, 0) + 1
    end
    return sum
  end)
end

-- ---------------------------------------------------------------- measuring

local function calibrate(contender)
  local rounds = 1
  contender(100) -- luv tells the kernel of its handles in the first round.
  while true do
    local took = contender(rounds)
    if took > BATCH_NS / 4 then
      return math.max(1, math.floor(rounds * BATCH_NS / took))
    end
    rounds = rounds * 2
  end
end

local function median(list)
  table.sort(list)
  return list[math.floor(#list / 2) + 1], list[1]
end

local function ratio(left, right)
  local all = {}
  for i = 1, #left do
    all[i] = left[i] / right[i]
  end
  local middle = median(all)
  local _, least_left = median(left)
  local _, least_right = median(right)
  return middle, least_left / least_right
end

local function line(what, contender, against, target, left, right)
  local middle, least = ratio(left, right)
  print(("%-24s %-8s %-5s %9.1f %9.1f %7.2f %7.2f  %s"):format(what,
    contender, against, right[1], left[1], middle, least,
    target and ("<= %.2f %s"):format(target,
      (middle <= target or least <= target) and "" or "above") or ""))
end

-- Contenders are { name, run }; `targets` has the names of pairs.
local function compare(what, divisor, contenders, targets)
  local times, rounds, sums = {}, {}, {}
  for i, contender in ipairs(contenders) do
    rounds[i] = calibrate(contender[2])
    contender[2](rounds[i]) -- LuaJIT compiles here.
    times[i] = {}
  end
  for repetition = 1, REPETITIONS do
    for offset = 1, #contenders do
      local i = (repetition + offset) % #contenders + 1
      local took, sum = contenders[i][2](rounds[i])
      times[i][repetition] = took / rounds[i] / divisor
      sums[i] = sum / rounds[i]
    end
  end
  for i = 2, #contenders do
    local name = contenders[i][1]
    if name ~= "luv" and name ~= "wait"
      and math.abs(sums[i] - sums[1]) > 1e-6 then
      error(("%s: %s saw %g, raw %g"):format(what, name, sums[i],
        sums[1]))
    end
    local copy = {}
    for at = 1, #contenders do
      copy[at] = { (table.unpack or unpack)(times[at]) }
    end
    line(what, contenders[i][1], "raw", targets[contenders[i][1] .. "/raw"],
      copy[i], copy[1])
  end
  for i = 5, #contenders do
    line(what, "read", contenders[i][1], i == 6 and targets["read/luv"],
      { (table.unpack or unpack)(times[3]) }, times[i])
  end
end

-- Targets of L1 and L2.
local all_targets = {
  ffi = { { 1.02 }, { 1.02 }, { 1.02 } },
  swig = { { 1.25, 0.81 }, { 1.25, 0.72 }, { 1.22, 0.70 } },
}
local targets = all_targets[mio.backend]

local function bench_waits(registered, ready, goals)
  local fds = open_set(registered, ready)
  local poll = new_poll(fds)
  local contenders = {
    { "raw", raw_timed(raw.raw_wait) }, { "wait", mio_wait(poll) },
    { "read", mio_read(poll) }, { "events", mio_iterate(poll) },
    { "C", raw_timed(raw.raw_library_wait) },
  }
  local stop
  if has_luv then
    local run
    run, stop = luv_wait(fds)
    contenders[6] = { "luv", run }
  end
  compare(("%d ready of %d, each"):format(ready, registered), ready,
    contenders, { ["wait/raw"] = goals[1], ["read/luv"] = goals[2] })
  if stop then
    stop()
  end
  poll:close()
  for _, fd in ipairs(fds) do
    raw.raw_close(fd)
  end
end

print(("%s, %s, %s; %d repetitions; luv: %s"):format(
  rawget(_G, "jit") and jit.version or _VERSION, mio.backend, mio._VERSION,
  REPETITIONS, has_luv and uv.version_string() or "not installed"))
print(("%-24s %-8s %-5s %9s %9s %7s %7s  %s"):format("what", "who", "to",
  "its ns", "ns", "median", "min/min", "target"))
bench_waits(1000, 1, targets[1])
bench_waits(1000, 64, targets[2])
-- Not 1024: that is where libuv looks again, 48 times.
bench_waits(1000, 1000, targets[3])

local fds = open_set(1, 0)
local poll = assert(mio.poll "epoll")
compare("register + deregister", 1, {
  { "raw", raw_timed(raw.raw_change) }, { "one", mio_change(poll, fds[1]) },
}, {})
compare("wake + wait", 1,
  { { "raw", raw_timed(raw.raw_wake) }, { "one", mio_wake(poll) } }, {})
