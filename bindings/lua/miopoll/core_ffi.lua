-- core_ffi.lua - the module miopoll.core for LuaJIT, by its FFI.
-- SPDX-License-Identifier: MIT
--
-- The same functions under the same names as the SWIG module has, made from
-- the declarations in cdef.lua: each type has one conversion here, and each
-- function is put together from those of its parameters. The FFI itself
-- checks no ranges and takes nil for NULL.
local ffi = require "ffi"
local cdef = require "miopoll.cdef"

local core = {}
local istype, tonumber, rawset = ffi.istype, tonumber, rawset

-- Doubles from here on stand for several integers.
local EXACT = 2^53
local EVENTS = 1024 -- As in the SWIG module.

-- ----------------------------------------------------------------- library

-- Another copy of this module may have declared all this.
if not pcall(ffi.typeof, "mio_event_t") then
  ffi.cdef(cdef.text)
end

local function search(name)
  if package.searchpath then
    return package.searchpath(name, package.cpath)
  end
  local file = name:gsub("%.", "/")
  for template in package.cpath:gmatch "[^;]+" do
    local path = template:gsub("%?", file)
    local found = io.open(path, "rb")
    if found then
      found:close()
      return path
    end
  end
end

-- The library, if it is one and of our version: 0.N is a draft each.
local function try(path)
  local good, library = pcall(ffi.load, path)
  if not good then
    return nil
  end
  local has, version = pcall(function() return library.mio_version() end)
  if has and math.floor(version / 256) == cdef.major * 256 + cdef.minor then
    return library
  end
end

-- libmiopoll, or the SWIG module, which carries the library.
local function load_library()
  local own = search "miopoll.core"
  return try("libmiopoll.so." .. cdef.major) or try "miopoll"
    or own and try(own)
    or error(("miopoll: no libmiopoll %d.%d, and no miopoll/core.so in "
      .. "package.cpath"):format(cdef.major, cdef.minor), 0)
end

local C = load_library()
local bytes = require "miopoll.bytes_ffi" -- Needs the declarations.

-- ------------------------------------------------------------------ misuse

local function refuse(value, n, name, expected)
  local got = value == nil and "nil or no value" or type(value)
  error(("bad argument #%d to '%s' (%s expected, got %s)"):format(n, name,
    expected, got), 3)
end

local function out_of_range(value, n, name, expected)
  if type(value) ~= "number" then
    return refuse(value, n, name, expected)
  end
  error(("bad argument #%d to '%s' (no exact %s)"):format(n, name, expected),
    3)
end

-- ----------------------------------------------------------------- handles

-- A box holds the pointer, so that a freed one cannot be used again.
local boxes = {}

local function add_handle(kind)
  local free_name = kind:gsub("_t$", "_free")
  local function free(box)
    local pointer = box.pointer
    box.pointer = nil
    C[free_name](pointer)
  end
  local function show(box)
    if box.pointer == nil then
      return kind .. " * (closed)"
    end
    return kind .. " * " .. tostring(box.pointer):match "0x%x+"
  end
  boxes[kind] = ffi.metatype("struct { " .. kind .. " *pointer; }",
    { __gc = free, __tostring = show })
end

local function refuse_handle(value, n, name, kind)
  if istype(boxes[kind], value) then
    error(("bad argument #%d to '%s' (%s * expected, got a closed one)")
      :format(n, name, kind), 3)
  end
  return refuse(value, n, name, kind .. " *")
end

-- ------------------------------------------------------------------ events

local token_limit = ffi.cast("uint64_t", EXACT)

local function fill(events, buffer, count)
  for i = 0, count - 1 do
    local token = buffer[i].token
    if token < token_limit then
      rawset(events, 2 * i + 1, tonumber(token))
    else
      rawset(events, 2 * i + 1, token)
    end
    rawset(events, 2 * i + 2, buffer[i].readiness)
  end
end

-- One buffer for all waits. A wait inside of another (in a hook, in a
-- finalizer that runs while the table grows) finds none, and makes its own.
local new_buffer = ffi.typeof("mio_event_t[" .. EVENTS .. "]")
local spare = new_buffer()

local function take_buffer()
  local buffer = spare or new_buffer()
  spare = nil
  return buffer
end

local function give_buffer(buffer)
  spare = buffer
end

local options_type = ffi.typeof "mio_poll_options_t"

local function to_options(value, n, name)
  if value == nil then
    return nil
  end
  if type(value) ~= "table" then
    return refuse(value, n, name, "table")
  end
  local options = options_type(ffi.sizeof(options_type))
  for _, field in ipairs { "selector", "flags" } do
    local number = value[field] or 0
    if type(number) ~= "number" or number % 1 ~= 0 or number < 0
      or number >= 2^32 then
      error(("bad argument #%d to '%s' (no exact uint32_t in '%s')")
        :format(n, name, field), 3)
    end
    options[field] = number
  end
  return options
end

local function to_text(value, n, name)
  if type(value) ~= "string" then
    return refuse(value, n, name, "string")
  elseif value:find("%z") then
    error(("bad argument #%d to '%s' (a string without NUL expected)")
      :format(n, name), 3)
  end
  return value
end

-- ------------------------------------------------------------ by parameter

-- What the functions that are put together refer to.
local helpers = {
  C = C, boxes = boxes, istype = istype, type = type, tonumber = tonumber,
  string = ffi.string, fill = fill, take_buffer = take_buffer,
  give_buffer = give_buffer, to_options = to_options, to_text = to_text,
  refuse = refuse, refuse_handle = refuse_handle,
  out_of_range = out_of_range, uint64 = ffi.typeof "uint64_t",
  new_int64 = ffi.typeof "int64_t[1]", new_int32 = ffi.typeof "int32_t[1]",
  new_uint32 = ffi.typeof "uint32_t[1]",
}
for name, helper in pairs(bytes.helpers) do
  helpers[name] = helper
end

local function range_check(least, below)
  return [[
    if type($A) ~= "number" or not ($A >= ]] .. least .. [[ and $A < ]]
    .. below .. [[) or $A % 1 ~= 0 then
      out_of_range($A, $I, NAME, "$T")
    end]]
end

-- Type -> lines before the call, what to pass, lines after it, a result.
-- $A is the Lua argument, $I its number, $N that of the parameter.
local parameters = {
  int32_t = { before = range_check("-2^31", "2^31"), pass = "$A" },
  uint32_t = { before = range_check("0", "2^32"), pass = "$A" },
  int64_t = { before = range_check("-2^63", "2^63"), pass = "$A" },
  uint64_t = {
    before = [[
    if not istype(uint64, $A) and (type($A) ~= "number" or not ($A >= 0
      and $A < 2^53) or $A % 1 ~= 0) then
      out_of_range($A, $I, NAME, "$T")
    end]],
    pass = "$A",
  },
  ["const char *"] = {
    before = "local v$N = to_text($A, $I, NAME)", pass = "v$N",
  },
  ["const mio_poll_options_t *"] = {
    before = "local v$N = to_options($A, $I, NAME)", pass = "v$N",
  },
  ["mio_event_t *"] = {
    before = [[
    if type($A) ~= "table" then
      refuse($A, $I, NAME, "table")
    end
    local v$N = take_buffer()]],
    pass = "v$N",
    after = "fill($A, v$N, result) give_buffer(v$N)",
  },
  capacity = {
    before = range_check("0", "2^32"),
    pass = ("($A < %d and $A or %d)"):format(EVENTS, EVENTS),
  },
  ["int64_t *"] = {
    out = true, before = "local v$N = new_int64(-1)", pass = "v$N",
    result = "tonumber(v$N[0])",
  },
  ["int32_t *"] = {
    out = true, before = "local v$N = new_int32(0)", pass = "v$N",
    result = "v$N[0]",
  },
  ["uint32_t *"] = {
    out = true, before = "local v$N = new_uint32(0)", pass = "v$N",
    result = "v$N[0]",
  },
}
for name, parameter in pairs(bytes.parameters) do
  parameters[name] = parameter
end
parameters.mio_fd_t = parameters.int64_t
parameters["mio_fd_t *"] = parameters["int64_t *"]

local function add_handle_parameters(kind)
  helpers["box_" .. kind] = boxes[kind]
  helpers["new_" .. kind] = ffi.typeof(kind .. " *[1]")
  parameters[kind .. " *"] = {
    before = ([[
    if not istype(box_KIND, $A) or $A.pointer == nil then
      refuse_handle($A, $I, NAME, "KIND")
    end]]):gsub("KIND", kind),
    pass = "$A.pointer",
  }
  parameters[kind .. " **"] = {
    out = true,
    before = ("local v$N, box$N = new_KIND(), box_KIND()"):gsub("KIND", kind),
    pass = "v$N",
    after = "box$N.pointer = v$N[0]",
    result = "(result >= 0 and box$N or nil)",
  }
end

-- A function that frees takes the pointer out of its box.
local function free_parameter(kind)
  local model = parameters[kind .. " *"]
  return {
    before = model.before
      .. "\n    local v$N = $A.pointer\n    $A.pointer = nil",
    pass = "v$N",
  }
end

local results = {
  int32_t = "result", uint32_t = "result", int64_t = "tonumber(result)",
  ["const char *"] = "string(result)",
}

-- ------------------------------------------------------------- by function

-- "mio_poll_t **out" -> "mio_poll_t **", "out"
local function split_declaration(text)
  local type_name, name = text:match "^%s*(.-)%s*([%w_]+)%s*$"
  return type_name, name
end

-- The parameter, or group of them, that begins at a place.
local function parameter_at(types, names, place, function_name)
  local group = bytes.group_at(types, place)
  if group then
    return group
  end
  local kind = types[place]:match "^([%w_]+) %*$"
  if kind and boxes[kind] and function_name:find "_free$" then
    return free_parameter(kind)
  end
  return names[place] == "capacity" and parameters.capacity
    or parameters[types[place]]
    or error(("miopoll: %s has a parameter of unknown type %s"):format(
      function_name, types[place]), 0)
end

-- The parts of a function, from the texts of its parameters.
local function collect_parts(result_type, name, list)
  local parts = {
    inputs = {}, before = {}, passed = {}, after = {},
    returned = { results[result_type] },
  }
  local types, names = {}, {}
  for declaration in (list == "void" and "" or list):gmatch "[^,]+" do
    types[#types + 1], names[#names + 1] = split_declaration(declaration)
  end
  local n = 1
  while n <= #types do
    local parameter = parameter_at(types, names, n, name)
    if not parameter.out then
      table.insert(parts.inputs, "a" .. n)
    end
    local words = { A = "a" .. n, I = #parts.inputs, N = n, T = types[n] }
    local function add(part, text)
      if text then
        table.insert(parts[part], (text:gsub("%$(%u)", words)))
      end
    end
    add("before", parameter.before)
    add("passed", parameter.pass)
    add("after", parameter.after)
    add("returned", parameter.result)
    n = n + math.max(#parameter, 1)
  end
  return parts
end

-- Upvalues are cheaper than look-ups in an environment.
local function compile(name, text)
  local names, values = {}, {}
  for helper, value in pairs(helpers) do
    names[#names + 1] = helper
    values[#values + 1] = value
  end
  text = "local " .. table.concat(names, ", ") .. " = ...\n" .. text
  return assert(loadstring(text, "=miopoll." .. name))(
    unpack(values, 1, #names))
end

local template = [[
local NAME = "%s"
return function(%s)
  %s
  %sC.%s(%s)
  %s
  return %s
end]]

local function add_function(result_type, name, list)
  local parts = collect_parts(result_type, name, list)
  core[name] = compile(name, template:format(name,
    table.concat(parts.inputs, ", "), table.concat(parts.before, "\n"),
    result_type == "void" and "" or "local result = ", name,
    table.concat(parts.passed, ", "), table.concat(parts.after, "\n"),
    table.concat(parts.returned, ", ")))
end

-- --------------------------------------------------------------------- all

for line in cdef.text:gmatch "[^\n]+" do
  local kind = line:match "^typedef struct [%w_]+ ([%w_]+);$"
  local constant, value = line:match "^%s+(MIO_[%w_]+) = (%d+),?$"
  local result, name, list =
    line:match "^([%w_ ]+[ %*]+)(mio_[%w_]+)%((.*)%);$"
  if kind then
    add_handle(kind)
    add_handle_parameters(kind)
  elseif constant then
    core[constant] = tonumber(value)
  elseif name then
    add_function(result:match "^(.-)%s*$", name, list)
  end
end

-- mio_source_write() of what begins at that byte.
function core.write_from(source, data, first)
  if not istype(boxes.mio_source_t, source) or source.pointer == nil then
    refuse_handle(source, 1, "write_from", "mio_source_t")
  elseif type(data) ~= "string" then
    refuse(data, 2, "write_from", "string")
  elseif type(first) ~= "number"
    or not (first >= 1 and first <= #data + 1) or first % 1 ~= 0 then
    out_of_range(first, 3, "write_from", "place in the string")
  end
  return C.mio_source_write(source.pointer,
    ffi.cast("const char *", data) + (first - 1), #data - (first - 1))
end

-- A token that no number holds.
function core.is_wide(value)
  return istype(helpers.uint64, value)
end

return core
