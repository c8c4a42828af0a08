-- kit.lua - libmiotestkit for whichever back end is loaded.
-- SPDX-License-Identifier: MIT
--
-- The SWIG module takes the handles of miopoll.core as they are. For the FFI
-- the declarations are taken out of the header, and handles out of their
-- boxes. KIT_HEADER and KIT_LIBRARY name the files.
local mio = require "miopoll"

if mio.backend == "swig" then
  return require "miotestkit"
end

local ffi = require "ffi"

local function declarations(path)
  local file = assert(io.open(path))
  local text = file:read("*a"):gsub("/%*.-%*/", ""):gsub("#[^\n]*", "")
  file:close()
  local list = {}
  for declaration in text:gmatch "KIT_API([^;]*;)" do
    list[#list + 1] = declaration
  end
  return table.concat(list, "\n")
end

ffi.cdef(declarations(assert(os.getenv "KIT_HEADER")))
local library = ffi.load(assert(os.getenv "KIT_LIBRARY"))
local int64, uint64 = ffi.typeof "int64_t", ffi.typeof "uint64_t"
local text = ffi.typeof "const char *"

-- The pointer of a handle, which is in a box; other values as they are.
local function unboxed(value)
  return type(value) == "cdata" and not ffi.istype(uint64, value)
    and value.pointer or value
end

local function to_lua(result)
  if ffi.istype(int64, result) then
    return tonumber(result)
  elseif ffi.istype(text, result) then
    return result ~= nil and ffi.string(result) or nil
  end
  return result
end

return setmetatable({}, {
  __index = function(kit, name)
    local call = library[name]
    kit[name] = function(...)
      local list = { ... }
      for i = 1, 3 do
        list[i] = unboxed(list[i])
      end
      return to_lua(call(unpack(list, 1, select("#", ...))))
    end
    return kit[name]
  end,
})
