-- object.lua - what all objects of the module share: how they are told, shown
-- and closed, and how a failure is returned. SPDX-License-Identifier: MIT
local check = require "miopoll.check"

local object = {}
local getmetatable, setmetatable = getmetatable, setmetatable
local misuse, wrong_type = check.misuse, check.wrong_type
local core

-- Takes what depends on the back end.
function object.use(back_end)
  core = back_end
  return object
end

check.is_ours()

-- ------------------------------------------------------------------ failure

-- Texts are made once for each result: to block is no exception.
local failures = {}

local function fail(rc)
  local known = failures[rc]
  if not known then
    local name = core.mio_err_name(rc)
    known = { name .. ": " .. core.mio_err_text(rc), name, -rc }
    failures[rc] = known
  end
  return nil, known[1], known[2], known[3]
end

-- True, or what fail() returns.
local function result(rc)
  if rc < 0 then
    return fail(rc)
  end
  return true
end

-- ------------------------------------------------------------------ objects

-- A weak table: object -> something of it, while it is open.
function object.of_open()
  return setmetatable({}, { __mode = "k" })
end

function object.new_class(name)
  return { __name = "miopoll." .. name, __index = {} }
end

-- The C handle of an open object.
function object.handle_of(self, class, name)
  if getmetatable(self) ~= class then
    wrong_type(0, name, class.__name, self)
  end
  return self.handle or misuse(0, name, class.__name .. " is closed")
end

local function show(self)
  local name = getmetatable(self).__name
  if not self.handle then
    return name .. " (closed)"
  end
  local selector = self.registry_of_poll and " (" .. self:selector() .. ")"
  return name .. (selector or "") .. " " .. tostring(self.handle):match "%S+$"
end

-- Idempotent: what is closed is left alone. `tables` are those of of_open().
function object.add_close(class, free, tables)
  local function close(self)
    if getmetatable(self) ~= class then
      wrong_type(0, "close", class.__name, self)
    end
    local handle = self.handle
    if handle then
      self.handle = nil
      for _, open in ipairs(tables) do
        open[self] = nil
      end
      free(handle)
      if self.registry_of_poll then
        self.registry_of_poll:close()
      end
    end
    return true
  end
  class.__index.close = close
  class.__close = close
  class.__tostring = show
end

object.fail, object.result = fail, result

return object
