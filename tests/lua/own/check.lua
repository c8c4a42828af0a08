-- check.lua - named tests, and what they share. SPDX-License-Identifier: MIT
--
--     lua check.lua FILE...
--
-- A file calls check.test() for each; a line for each failure, and at the end
-- the counts.
local here = arg[0]:match "^(.*)/[^/]*$" or "."
package.path = here .. "/?.lua;" .. here .. "/../conformance/?.lua;"
  .. package.path

local check = { passed = 0, failed = 0, skipped = 0 }
package.loaded.check = check

local globals = {}
for name in pairs(_G) do
  globals[name] = true
end
check.mio = require "miopoll"
check.new_globals = {}
for name in pairs(_G) do
  if not globals[name] then
    table.insert(check.new_globals, name)
  end
end

check.kit = require "kit"
check.integers = math.type ~= nil -- Lua 5.3 and later.
check.luajit = rawget(_G, "jit") ~= nil
check.ffi = check.mio.backend == "ffi"
check.unpack = unpack or table.unpack

if check.ffi then
  local ffi = require "ffi"
  ffi.cdef "int fork(void); int waitpid(int, int *, int);"
  rawset(check.kit, "kit_fork", function() return ffi.C.fork() end)
  rawset(check.kit, "kit_wait_child", function(child)
    local status = ffi.new "int[1]"
    while ffi.C.waitpid(child, status, 0) < 0 do end
    return status[0] % 256 == 0 and math.floor(status[0] / 256) or -1
  end)
end

function check.same(got, expected, what)
  if got ~= expected then
    error(("%s: got %s, expected %s"):format(what or "value", tostring(got),
      tostring(expected)), 2)
  end
end

-- The function raises a message that has the plain text in it.
function check.raises(text, call, ...)
  local good, message = pcall(call, ...)
  if good then
    error("nothing was raised; expected " .. text, 2)
  elseif type(message) ~= "string" or not message:find(text, 1, true) then
    error("raised " .. tostring(message) .. "; expected " .. text, 2)
  end
end

-- nil, message, NAME, number
function check.fails(name, value, message, got, number)
  local core = check.mio.core
  check.same(value, nil, "first result")
  check.same(got, name, "name")
  check.same(number, -core.mio_err_from_name(name), "number")
  check.same(message, name .. ": " .. core.mio_err_text(-number), "message")
end

-- Descriptors for the length of a test: a pair whose second end is written.
function check.pair()
  local kit = check.kit
  local a = kit.kit_open("pair", -1)
  assert(a >= 0)
  local b = kit.kit_second()
  check.to_close[#check.to_close + 1] = a
  check.to_close[#check.to_close + 1] = b
  return a, b
end

function check.full_collect()
  for _ = 1, 3 do
    collectgarbage()
  end
end

function check.test(name, body)
  check.to_close = {}
  check.full_collect()
  local before = check.kit.kit_fd_count()
  local good, message = xpcall(body, debug.traceback)
  for _, fd in ipairs(check.to_close) do
    check.kit.kit_close(fd)
  end
  check.full_collect()
  local after = check.kit.kit_fd_count()
  if good and after ~= before then
    good, message = false, ("%d descriptors before, %d after"):format(before,
      after)
  end
  if good then
    check.passed = check.passed + 1
  else
    check.failed = check.failed + 1
    print("FAIL " .. name .. ": " .. tostring(message))
  end
end

-- One that this engine cannot run, and why.
function check.skip(name, why)
  check.skipped = check.skipped + 1
  print("skip " .. name .. ": " .. why)
end

io.stdout:setvbuf "no" -- A child after fork has nothing to write twice.
check.kit.kit_start()
for _, file in ipairs(arg) do
  assert(loadfile(file))()
end
print(("%d passed, %d failed, %d skipped"):format(check.passed, check.failed,
  check.skipped))
os.exit(check.failed == 0 and check.passed > 0 and 0 or 1,
  check.integers or nil)
