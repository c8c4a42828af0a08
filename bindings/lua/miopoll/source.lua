-- source.lua - sockets and pipes: mio's types, as classes over mio_source_t.
-- SPDX-License-Identifier: MIT
--
-- A method is made once for each class that has it, by a function that takes
-- the class. What is would-block, end and failure is told in docs/lua.md.
local check = require "miopoll.check"
local object = require "miopoll.object"
local address = require "miopoll.address"

local type, setmetatable = type, setmetatable
local unpack = table.unpack or unpack
-- In Lua 5.1 the length of a table asks no metamethod.
local rawlen = rawlen or function(list) return #list end
local misuse, wrong_type = check.misuse, check.wrong_type
local check_integer, check_uint32 = check.integer, check.uint32
local handle_of, fail, result = object.handle_of, object.fail, object.result

check.is_ours()

local READ = 65536 -- What a read asks for if it is not told.
local core, EAGAIN

-- Source -> its C handle while it is open, of all classes; class -> true.
local source = { open = object.of_open(), classes = {} }
local open = source.open

-- Name -> function(class, name) that makes the method or the constructor.
local methods, constructors = {}, {}

local function wrap(class, handle)
  local new = setmetatable({ handle = handle }, class)
  open[new] = handle
  return new
end

-- A new source, or what fail() returns.
local function made(class, rc, handle)
  if rc < 0 then
    return fail(rc)
  end
  return wrap(class, handle)
end

local function address_or_failure(rc, bytes)
  if rc < 0 then
    return fail(rc)
  end
  return address.format(bytes)
end

local function check_size(size, n, name)
  if type(size) ~= "number" then
    wrong_type(n, name, "integer", size)
  elseif not (size >= 0 and size < 2^63) or size % 1 ~= 0 then
    misuse(n, name, "size is not an integer from 0 to 2^63-1")
  end
end

-- A list for a vectored call, of which no metamethod is asked, and of which
-- only so many are looked at.
local function check_list(list, n, name, wanted)
  if type(list) ~= "table" then
    wrong_type(n, name, "table", list)
  end
  for i = 1, math.min(rawlen(list), core.MIO_BUFFERS_MAX) do
    local value = rawget(list, i)
    if type(value) ~= wanted then
      misuse(n, name, ("%s expected at %d of the table, got %s"):format(wanted,
        i, type(value)))
    elseif wanted == "number" then
      check_size(value, n, name)
    end
  end
end

-- ------------------------------------------------------------- constructors

-- The C functions of a kind have its name: mio_tcp_listener_bind.
local function call_of(class, verb)
  return core["mio_" .. class.kind_name:lower() .. "_" .. verb]
end

local function make_with_address(verb, parse)
  return function(class, name)
    local call, read = call_of(class, verb), parse or class.parse
    local takes_backlog = class.accepts ~= nil
    return function(text, backlog)
      local addr, message, error_name, number = read(text, 1, name)
      if takes_backlog and backlog ~= nil then
        check_uint32(backlog, 2, name)
      end
      if not addr then
        return nil, message, error_name, number
      end
      return made(class, call(addr, takes_backlog and (backlog or 0) or nil))
    end
  end
end

constructors.bind = make_with_address "bind"
constructors.connect = make_with_address "connect"
constructors.bind_addr = make_with_address("bind", address.parse)
constructors.connect_addr = make_with_address("connect", address.parse)

function constructors.pair(class)
  return function()
    local rc, one, other = call_of(class, "pair")()
    if rc < 0 then
      return fail(rc)
    end
    return wrap(class, one), wrap(class, other)
  end
end

function constructors.from_fd(class, name)
  return function(fd)
    check_integer(fd, 1, name)
    return made(class, core.mio_source_from_fd(class.kind, fd))
  end
end

function constructors.unbound(class)
  return function()
    return made(class, call_of(class, "unbound")())
  end
end

-- -------------------------------------------------------------- connections

function methods.accept(class, name)
  return function(self)
    local rc, handle, peer =
      core.mio_source_accept(handle_of(self, class, name))
    if rc < 0 then
      return fail(rc)
    end
    return wrap(class.accepts, handle), address.format(peer)
  end
end

function methods.connect(class, name)
  return function(self, text)
    handle_of(self, class, name)
    local addr, message, error_name, number = class.parse(text, 1, name)
    if not addr then
      return nil, message, error_name, number
    end
    return result(core.mio_source_connect(self.handle, addr))
  end
end

function methods.shutdown(class, name)
  local words = {
    read = core.MIO_SHUTDOWN_READ, write = core.MIO_SHUTDOWN_WRITE,
    both = core.MIO_SHUTDOWN_BOTH,
  }
  return function(self, how)
    local handle = handle_of(self, class, name)
    if not words[how] then
      misuse(1, name, "'read', 'write' or 'both' expected, got "
        .. (type(how) == "string" and "'" .. how .. "'" or type(how)))
    end
    return result(core.mio_source_shutdown(handle, words[how]))
  end
end

function methods.local_addr(class, name)
  return function(self)
    return address_or_failure(
      core.mio_source_local_addr(handle_of(self, class, name)))
  end
end

function methods.peer_addr(class, name)
  return function(self)
    return address_or_failure(
      core.mio_source_peer_addr(handle_of(self, class, name)))
  end
end

-- True if no error waits, else that error as a failure.
function methods.take_error(class, name)
  return function(self)
    local rc, pending =
      core.mio_source_take_error(handle_of(self, class, name))
    return result(rc < 0 and rc or pending)
  end
end

-- ------------------------------------------------------------- moving bytes

-- What gives bytes of a length: read, recv and peek.
local function make_read(call)
  return function(class, name)
    local function read(self, size)
      local handle = handle_of(self, class, name)
      if size ~= nil then
        check_size(size, 1, name)
      end
      local rc, data = core[call](handle, size or READ)
      if rc < 0 then
        return fail(rc)
      end
      return data
    end
    if core.read_method and call == "mio_source_read" then
      return core.read_method(read, fail, class, open)
    end
    return read
  end
end

methods.read = make_read "mio_source_read"
methods.recv = methods.read
methods.peek = make_read "mio_source_peek"

local function make_recv_from(call)
  return function(class, name)
    return function(self, size)
      local handle = handle_of(self, class, name)
      if size ~= nil then
        check_size(size, 1, name)
      end
      local rc, data, peer = core[call](handle, size or READ)
      if rc < 0 then
        return fail(rc)
      end
      return data, address.format(peer)
    end
  end
end

methods.recv_from = make_recv_from "mio_source_recv_from"
methods.peek_from = make_recv_from "mio_source_peek_from"

-- `first` is the first byte to be written, for the rest of a partial write.
function methods.write(class, name)
  local function write(self, data, first)
    local handle = handle_of(self, class, name)
    if type(data) ~= "string" then
      wrong_type(1, name, "string", data)
    elseif first ~= nil then
      check_integer(first, 2, name)
      if first < 1 or first > #data + 1 then
        misuse(2, name, "it is before or behind the string")
      end
    end
    local rc = core.write_from(handle, data, first or 1)
    if rc < 0 then
      return fail(rc)
    end
    return rc
  end
  if core.write_method then
    return core.write_method(write, fail, class, open)
  end
  return write
end

methods.send = methods.write

function methods.send_to(class, name)
  return function(self, data, text)
    handle_of(self, class, name)
    if type(data) ~= "string" then
      wrong_type(1, name, "string", data)
    end
    local addr, message, error_name, number = class.parse(text, 2, name)
    if not addr then
      return nil, message, error_name, number
    end
    local rc = core.mio_source_send_to(self.handle, data, addr)
    if rc < 0 then
      return fail(rc)
    end
    return rc
  end
end

-- A list of strings, one for each size, and how many bytes they are.
function methods.read_vectored(class, name)
  return function(self, sizes)
    local handle = handle_of(self, class, name)
    check_list(sizes, 1, name, "number")
    local rc, parts = core.mio_source_read_vectored(handle, sizes)
    if rc < 0 then
      return fail(rc)
    end
    return parts, rc
  end
end

function methods.write_vectored(class, name)
  return function(self, parts)
    local handle = handle_of(self, class, name)
    check_list(parts, 1, name, "string")
    local rc = core.mio_source_write_vectored(handle, parts)
    if rc < 0 then
      return fail(rc)
    end
    return rc
  end
end

-- ------------------------------------------------------------------ options

local function get_option(option, is_flag)
  return function(class, name)
    local number = core["MIO_OPTION_" .. option]
    return function(self)
      local rc, value =
        core.mio_source_option(handle_of(self, class, name), number)
      if rc < 0 then
        return fail(rc)
      elseif is_flag then
        return value ~= 0
      end
      return value
    end
  end
end

local function set_option(option, is_flag)
  return function(class, name)
    local number = core["MIO_OPTION_" .. option]
    return function(self, value)
      local handle = handle_of(self, class, name)
      if is_flag then
        if type(value) ~= "boolean" then
          wrong_type(1, name, "boolean", value)
        end
        value = value and 1 or 0
      else
        check_uint32(value, 1, name)
      end
      return result(core.mio_source_set_option(handle, number, value))
    end
  end
end

for option, is_flag in pairs { NODELAY = true, TTL = false, BROADCAST = true,
  MULTICAST_LOOP_V4 = true, MULTICAST_TTL_V4 = false,
  MULTICAST_LOOP_V6 = true, NONBLOCKING = true } do
  methods[option:lower()] = get_option(option, is_flag)
  methods["set_" .. option:lower()] = set_option(option, is_flag)
end
methods.only_v6 = get_option("ONLY_V6", true)

for _, verb in ipairs { "join", "leave" } do
  local call = "mio_source_" .. verb .. "_multicast"

  methods[verb .. "_multicast_v4"] = function(class, name)
    return function(self, group, via)
      handle_of(self, class, name)
      local addr, message, error_name, number =
        address.parse_v4(group, 1, name)
      local via_addr
      if addr and via ~= nil then
        via_addr, message, error_name, number = address.parse_v4(via, 2, name)
        addr = via_addr and addr
      end
      if not addr then
        return nil, message, error_name, number
      end
      return result(core[call](self.handle, addr, via_addr))
    end
  end

  methods[verb .. "_multicast_v6"] = function(class, name)
    return function(self, group, scope)
      handle_of(self, class, name)
      if scope ~= nil then
        check_uint32(scope, 2, name)
      end
      local addr, message, error_name, number =
        address.parse_v6(group, scope, 1, name)
      if not addr then
        return nil, message, error_name, number
      end
      return result(core[call](self.handle, addr, nil))
    end
  end
end

-- -------------------------------------------------------------- descriptors

function methods.getfd(class, name)
  return function(self)
    local rc, fd = core.mio_source_fd(handle_of(self, class, name))
    if rc < 0 then
      return fail(rc)
    end
    return fd
  end
end

function methods.into_fd(class, name)
  return function(self)
    local rc, fd = core.mio_source_into_fd(handle_of(self, class, name))
    if rc < 0 then
      return fail(rc)
    end
    return fd
  end
end

function methods.kind(class, name)
  return function(self)
    return core.mio_source_kind(handle_of(self, class, name))
  end
end

function methods.would_block(class, name)
  return function(self, interest)
    local handle = handle_of(self, class, name)
    return result(core.mio_source_would_block(handle,
      check.to_interest(interest, 1, name)))
  end
end

-- Passes on what the function returned, after it would have blocked too: as
-- "EAGAIN" or its number in the third place, or "timeout" in the second.
local function settle(self, interest, ...)
  local value, message, problem = ...
  if not value and self.handle and (problem == "EAGAIN" or problem == EAGAIN
    or message == "timeout") then
    local rc = core.mio_source_would_block(self.handle, interest)
    if rc < 0 then
      return fail(rc)
    end
  end
  return ...
end

function methods.try_io(class, name)
  return function(self, call, interest)
    handle_of(self, class, name)
    if type(call) ~= "function" then
      wrong_type(1, name, "function", call)
    elseif interest ~= nil then
      interest = check.to_interest(interest, 2, name)
    end
    return settle(self, interest or class.directions, call())
  end
end

-- ------------------------------------------------------------------ classes

local shared = " getfd into_fd kind would_block nonblocking set_nonblocking"
local bytes_in, bytes_out = " read read_vectored", " write write_vectored"

-- Name, kind, directions, constructors but from_fd, methods but `shared`.
local kinds = {
  { "TcpListener", "TCP_LISTENER", "r", "bind",
    "accept local_addr ttl set_ttl take_error" },
  { "TcpStream", "TCP_STREAM", "rw", "connect",
    "local_addr peer_addr shutdown nodelay set_nodelay ttl set_ttl peek "
    .. "take_error try_io" .. bytes_in .. bytes_out },
  { "UdpSocket", "UDP_SOCKET", "rw", "bind",
    "local_addr peer_addr connect send recv send_to recv_from peek peek_from "
    .. "broadcast set_broadcast ttl set_ttl only_v6 take_error try_io "
    .. "join_multicast_v4 leave_multicast_v4 join_multicast_v6 "
    .. "leave_multicast_v6 multicast_loop_v4 set_multicast_loop_v4 "
    .. "multicast_loop_v6 set_multicast_loop_v6 multicast_ttl_v4 "
    .. "set_multicast_ttl_v4" },
  { "UnixListener", "UNIX_LISTENER", "r", "bind bind_addr",
    "accept local_addr take_error" },
  { "UnixStream", "UNIX_STREAM", "rw", "connect connect_addr pair",
    "local_addr peer_addr shutdown peek take_error try_io" .. bytes_in
    .. bytes_out },
  { "UnixDatagram", "UNIX_DATAGRAM", "rw", "bind bind_addr unbound pair",
    "local_addr peer_addr connect send recv send_to recv_from peek peek_from "
    .. "shutdown take_error try_io" },
  { "Sender", "PIPE_SENDER", "w", "", "try_io" .. bytes_out },
  { "Receiver", "PIPE_RECEIVER", "r", "", "try_io" .. bytes_in },
}

local function make_all(class, makers, names)
  local all = {}
  for name in names:gmatch "%S+" do
    all[name] = makers[name](class, name)
  end
  return all
end

local function new_class(by_name, name, kind, letters)
  local class = object.new_class(name)
  class.kind_name, class.kind = kind, core["MIO_KIND_" .. kind]
  class.directions = check.to_interest(letters, 0, name)
  class.parse = kind:find "^UNIX" and address.parse_unix or address.parse
  class.accepts = by_name[name:gsub("Listener$", "Stream")]
  by_name[name] = class
end

-- Adds to the module what its users make sources with.
function source.add_to(mio, back_end)
  core, EAGAIN = back_end, -back_end.mio_err_from_name "EAGAIN"
  local by_name = {}
  for i = #kinds, 1, -1 do -- Streams before their listeners.
    new_class(by_name, unpack(kinds[i], 1, 3))
  end
  for _, kind in ipairs(kinds) do
    local class = by_name[kind[1]]
    class.__index = make_all(class, methods, kind[5] .. shared)
    object.add_close(class, core.mio_source_free, { open })
    source.classes[class] = true
    mio[kind[1]] = make_all(class, constructors, kind[4] .. " from_fd")
  end

  function mio.pipe()
    local rc, sender, receiver = core.mio_pipe_new()
    if rc < 0 then
      return fail(rc)
    end
    return wrap(by_name.Sender, sender), wrap(by_name.Receiver, receiver)
  end
end

return source
