-- sources.lua - the library's sources: made, taken over, given away, told.
local mio = require "miopoll"
local steps = require "verbs"
local words = require "words"

local core, case = mio.core, steps.case
local BORN = 3 -- Of kit_flags(): non-blocking and close-on-exec.

-- KIND -> the class of miopoll.lua, or a number without one.
local classes = {
  ["tcp-listener"] = "TcpListener", ["tcp-stream"] = "TcpStream",
  ["udp-socket"] = "UdpSocket", ["unix-listener"] = "UnixListener",
  ["unix-stream"] = "UnixStream", ["unix-datagram"] = "UnixDatagram",
  ["pipe-sender"] = "Sender", ["pipe-receiver"] = "Receiver",
}

-- Looks at each new one, and gives it its name.
function case:keep_source(name, kind, source)
  self:define(name, "source", source)
  local fd = source:getfd()
  if source:kind() ~= words.kind(kind) then
    self:fail("outcome", "it is of kind %d", source:kind())
  elseif not fd or self.kit.kit_flags(fd) ~= BORN then
    self:fail("outcome", "born blocking or without close-on-exec")
  end
end

function case:keep_made(name, kind, source, ...)
  self:expect_result(source, ...)
  if source then
    self:keep_source(name, kind, source)
  end
end

-- -------------------------------------------------------------------- by kind

-- Unix names by each of two functions in turn; what is no Unix address, by
-- the one that takes no paths.
local turn = 0

local function maker(class, verb, addr)
  turn = turn + 1
  local other = mio[class][verb .. "_addr"]
  if other and (turn % 2 == 0 or not addr:find "^unix:") then
    return other
  end
  return mio[class][verb]
end

local function add_constructor(kind, verb, usual)
  steps[kind] = function(run, step)
    run:check_free(step[1])
    local word = step.keys.addr or usual
    if not word then
      return run:keep_made(step[1], kind, mio[classes[kind]].unbound())
    end
    local addr = run:address(word)
    local backlog = step.keys.backlog and words.number(step.keys.backlog)
    run:keep_made(step[1], kind,
      maker(classes[kind], verb, addr)(addr, backlog))
  end
end

add_constructor("tcp-listener", "bind", "127.0.0.1:0")
add_constructor("tcp-stream", "connect")
add_constructor("udp-socket", "bind", "127.0.0.1:0")
add_constructor("unix-listener", "bind", "unix:*")
add_constructor("unix-stream", "connect")
add_constructor("unix-datagram", "bind")

local function add_pair(verb, make, kind, other_kind)
  steps[verb] = function(run, step)
    run:check_free(step[1])
    run:check_free(step[2])
    local one, other, name, number = make()
    run:expect_result(one, other, name, number)
    if one then
      run:keep_source(step[1], kind, one)
      run:keep_source(step[2], other_kind or kind, other)
    end
  end
end

add_pair("unix-stream-pair", mio.UnixStream.pair, "unix-stream")
add_pair("unix-datagram-pair", mio.UnixDatagram.pair, "unix-datagram")
add_pair("pipe-sources", function()
  local sender, receiver, name, number = mio.pipe()
  if not sender then
    return sender, receiver, name, number
  end
  return receiver, sender
end, "pipe-receiver", "pipe-sender")

function case:accept_source(step)
  self:check_free(step[1])
  local listener = self:find(step[2], "source")
  local stream, peer, name, number =
    self:call(listener, "accept", core.mio_source_accept)
  self:expect_result(stream, peer, name, number)
  if stream then
    self:keep_source(step[1], listener:kind() == mio.KIND_TCP_LISTENER
      and "tcp-stream" or "unix-stream", stream)
    if step.keys.peer then
      self:check_address(step.keys.peer, peer)
    end
  end
end

-- ---------------------------------------------------------------- descriptors

-- A number, or what the case itself opened.
local function own_fd(run, name)
  local object = run.objects[name]
  if not words.signed(name) and not (object and object.kind == "fd") then
    run:fail("format", "%s is no descriptor to give", name)
  end
  return words.signed(name) or object.value, object
end

steps["from-fd"] = function(run, step)
  run:check_free(step[1])
  local fd, object = own_fd(run, step[2])
  local kind = step.keys.kind
  -- The class refuses a double that stands for several integers.
  if not classes[kind] or not math.type and (fd < -2^53 or fd > 2^53) then
    local rc = core.mio_source_from_fd(words.kind(kind), fd)
    return run:expect_rc(rc)
  end
  local source, message, name, number = mio[classes[kind]].from_fd(fd)
  if source and object then
    object.open = false
  end
  run:keep_made(step[1], kind, source, message, name, number)
end

for verb, kind in pairs { ["into-fd"] = "fd", ["source-fd"] = "borrowed" } do
  steps[verb] = function(run, step)
    run:check_free(step[1])
    local source = run:find(step[2], "source")
    run:keep(step[1], kind,
      source[verb == "into-fd" and "into_fd" or "getfd"](source))
  end
end

-- The descriptor of a source, or an open one.
function case:any_fd(name)
  local object = self.objects[name]
  if object and object.open and object.kind == "source" then
    return object.value:getfd()
      or self:fail("outcome", "%s has no descriptor", name)
  end
  return self:open_fd(name)
end

function steps.blocking(run, step)
  run:expect_rc(run.kit.kit_blocking(run:open_fd(step[1])))
end

function steps.flags(run, step)
  if step[2] and step[2] ~= "none" then
    run:fail("format", "flags %s", step[2])
  end
  local flags = run.kit.kit_flags(run:any_fd(step[1]))
  if flags ~= (step[2] and 0 or BORN) then
    run:fail("outcome", "flags %d", flags)
  end
  run:expect "OK"
end

function steps.kind(run, step)
  local wanted = words.kind(step[2])
  if not wanted then
    run:fail("format", "%s is no kind", step[2])
  end
  local kind = run:find(step[1], "source"):kind()
  if kind ~= wanted then
    run:fail("outcome", "kind %d", kind)
  end
  run:expect "OK"
end

-- By the method, or by try_io() where there is one, in turn.
steps["would-block"] = function(run, step)
  local source = run:find(step[1], "source")
  local interest = words.bits(step.keys.interest)
  turn = turn + 1
  if source.try_io and turn % 2 == 0 then
    local value, message, name = source:try_io(function()
      return nil, "would block", "EAGAIN"
    end, interest)
    if value == nil and message == "would block" and name == "EAGAIN" then
      return run:expect "OK"
    end
    return run:expect(name)
  end
  run:expect_result(source:would_block(interest))
end

-- -------------------------------------------------------------------- options

local flags = { nodelay = true, broadcast = true, nonblocking = true,
  ["multicast-loop-v4"] = true, ["multicast-loop-v6"] = true,
  ["only-v6"] = true }

function steps.set(run, step)
  local source = run:find(step[1], "source")
  local option, value = step.keys.option, words.number(step.keys.value)
  local set = source["set_" .. option:gsub("-", "_")]
  if set and not (flags[option] and value > 1) then
    if flags[option] then
      value = value == 1
    end
    return run:expect_result(set(source, value))
  end
  run:expect_rc(core.mio_source_set_option(source.handle,
    words.option(option), value))
end

function steps.get(run, step)
  local source = run:find(step[1], "source")
  local number = words.option(step.keys.option)
  local get = source[step.keys.option:gsub("-", "_")]
  local got, message, name, code
  if get then
    got, message, name, code = get(source)
  else
    got, message, name, code = run:call(source, "", function(handle)
      return core.mio_source_option(handle, number)
    end)
  end
  if got == nil then
    return run:expect_result(got, message, name, code)
  elseif not step.keys.value then
    run:fail("format", "it has no value to compare")
  end
  if type(got) == "boolean" then
    got = got and 1 or 0
  end
  run:expect "OK"
  if got ~= words.number(step.keys.value) then
    run:fail("outcome", "gave %d", got)
  end
end

-- ------------------------------------------------------------------- the rest

function case:shutdown_source(step)
  local source, how = self:find(step[1], "source"), step[2]
  local number = ({ read = 1, write = 2, both = 3 })[how]
  if number and source.shutdown then
    return self:expect_result(source:shutdown(how))
  elseif not (number or words.number(how)) then
    self:fail("format", "cannot shut down %s", how)
  end
  self:expect_rc(core.mio_source_shutdown(source.handle,
    number or words.number(how)))
end

function case:take_source_error(step)
  local source = self:find(step[1], "source")
  self:expect_result(self:call(source, "take_error",
    core.mio_source_take_error))
end

function steps.exhaust(run, step)
  local more = step[1] == "off" and -1 or words.number(step[1])
  if not more or more > 1000 then
    run:fail("format", "exhaust %s", step[1])
  end
  run:expect_rc(run.kit.kit_exhaust(more))
end
