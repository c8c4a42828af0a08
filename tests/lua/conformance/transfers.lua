-- transfers.lua - bytes through the library's sources.
local mio = require "miopoll"
local steps = require "verbs"

local core, case = mio.core, steps.case

local transfers = {}

-- What a kind that has no such method would say, by the C function.
function case:call(source, method, raw, ...)
  if source[method] then
    return source[method](source, ...)
  end
  local rc = raw(source.handle, ...)
  if rc < 0 then
    local name = core.mio_err_name(rc)
    return nil, name .. ": " .. core.mio_err_text(rc), name, -rc
  end
  return rc
end

local function amount_of(run, step)
  local data = step.keys.data
  return data and #data or run:bytes_of(step[2] or "1"), data
end

-- -------------------------------------------------------------------- reading

-- Verb -> method, and the C function.
local readers = {
  read = { "read", core.mio_source_read },
  peek = { "peek", core.mio_source_peek },
  ["recv-from"] = { "recv_from", core.mio_source_recv_from },
  ["peek-from"] = { "peek_from", core.mio_source_peek_from },
}

function transfers.read(run, step)
  local source = run:find(step[1], "source")
  local length, data = amount_of(run, step)
  local method, raw = readers[step.verb][1], readers[step.verb][2]
  if method == "read" and source.recv then
    method = "recv"
  end
  local got, peer, name, number = run:call(source, method, raw, length)
  if not got then
    return run:expect_result(got, peer, name, number)
  end
  run:expect(#got == length and "OK" or #got == 0 and "EOF" or "SHORT")
  if data and got ~= data:sub(1, #got) or #got > length then
    run:fail("outcome", "gave %s", got)
  elseif step.keys.peer then
    run:check_address(step.keys.peer, peer)
  end
end

function transfers.drain(run, step)
  local source = run:find(step[1], "source")
  local got, message, name, number
  repeat
    got, message, name, number =
      run:call(source, "read", core.mio_source_read, 65536)
  until not got or got == ""
  if got then
    run:expect "EOF"
  elseif name == "EAGAIN" then
    run:expect "OK"
  else
    run:expect_result(got, message, name, number)
  end
end

-- -------------------------------------------------------------------- writing

-- Every second time as the end of a longer string.
local turn = 0

local function write(run, source, data)
  turn = turn + 1
  local method = source.send and "send" or "write"
  if turn % 2 == 0 or not source[method] then
    return run:call(source, method, core.mio_source_write, data)
  end
  return source[method](source, "lead" .. data, 5)
end

local function expect_written(run, length, done, ...)
  if done and done ~= length then
    return run:expect "SHORT"
  end
  run:expect_result(done, ...)
end

function transfers.write(run, step)
  local source = run:find(step[1], "source")
  local length, data = amount_of(run, step)
  data = data or ("x"):rep(length)
  expect_written(run, length, write(run, source, data))
end

steps["send-to"] = function(run, step)
  local source = run:find(step[1], "source")
  local length, data = amount_of(run, step)
  data = data or ("x"):rep(length)
  local addr = run:address(step.keys.addr)
  if source.send_to and run:takes(source, addr) then
    return expect_written(run, length, source:send_to(data, addr))
  end
  run:expect_rc(core.mio_source_send_to(source.handle, data,
    select(2, core.mio_addr_parse(addr))))
end

-- First in large pieces, then byte by byte into what room is left.
function transfers.fill(run, step)
  local source = run:find(step[1], "source")
  for _, piece in ipairs { ("x"):rep(65536), "x" } do
    local done, message, name, number
    repeat
      done, message, name, number = write(run, source, piece)
    until not done
    if name ~= "EAGAIN" then
      return run:expect_result(done, message, name, number)
    end
  end
  run:expect "OK"
end

-- ------------------------------------------------------------------- vectored

local function lengths_of(run, step)
  local lengths, total = {}, 0
  for i = 2, #step do
    lengths[i - 1] = run:bytes_of(step[i])
    total = total + lengths[i - 1]
  end
  return lengths, total
end

-- Each is full before the next one has anything.
local function check_parts(run, lengths, parts, left)
  for i, length in ipairs(lengths) do
    local part = math.min(length, left)
    if #parts[i] ~= part then
      run:fail("outcome", "%d bytes in part %d", #parts[i], i)
    end
    left = left - part
  end
end

steps["read-vectored"] = function(run, step)
  local source = run:find(step[1], "source")
  local lengths, total = lengths_of(run, step)
  local parts, count, name, number = run:call(source, "read_vectored",
    core.mio_source_read_vectored, lengths)
  if not parts then
    return run:expect_result(parts, count, name, number)
  end
  run:expect(count == total and "OK" or count == 0 and "EOF" or "SHORT")
  check_parts(run, lengths, parts, count)
  local data = step.keys.data
  if data and table.concat(parts) ~= data:sub(1, count) then
    run:fail("outcome", "gave %s", table.concat(parts))
  end
end

steps["write-vectored"] = function(run, step)
  local source = run:find(step[1], "source")
  local lengths, total = lengths_of(run, step)
  local data = step.keys.data or ("x"):rep(total)
  if #data ~= total then
    run:fail("format", "%s does not fit", data)
  end
  local parts, place = {}, 1
  for i, length in ipairs(lengths) do
    parts[i] = data:sub(place, place + length - 1)
    place = place + length
  end
  expect_written(run, total, run:call(source, "write_vectored",
    core.mio_source_write_vectored, parts))
end

for _, verb in ipairs { "peek", "recv-from", "peek-from" } do
  steps[verb] = transfers.read
end

return transfers
