---@meta miopoll
-- For LuaLS: what miopoll.lua has; sources are in miopoll_sources.lua.
-- docs/lua.md is the manual. The constants
-- are those of miopoll.core, without MIO_.

---A descriptor, or an object that has one, or that registers itself.
---@alias miopoll.source integer|{getfd: fun(self): integer}|{fileno: fun(self): integer}|{pollfd: fun(self): integer}|miopoll.poll|miopoll.Source|miopoll.composite

---A sum of mio.READABLE and others, or letters: "r", "w", "p", "l", "o", "x".
---@alias miopoll.interest integer|string

---@class miopoll.composite
---@field register fun(self, registry: miopoll.registry, token: integer, interest: integer): true?, string?, string?, integer?
---@field reregister fun(self, registry: miopoll.registry, token: integer, interest: integer): true?, string?, string?, integer?
---@field deregister fun(self, registry: miopoll.registry): true?, string?, string?, integer?

---@class miopoll.registrar
local registrar = {}

---@param source miopoll.source
---@param token integer
---@param interest miopoll.interest
---@return true? done
---@return string? message
---@return string? name
---@return integer? number
function registrar:register(source, token, interest) end

---Replaces token and interest, and re-arms.
---@param source miopoll.source
---@param token integer
---@param interest miopoll.interest
---@return true? done
---@return string? message
---@return string? name
---@return integer? number
function registrar:reregister(source, token, interest) end

---@param source miopoll.source
---@return true? done
---@return string? message
---@return string? name
---@return integer? number
function registrar:deregister(source) end

---May be called again.
---@return true
function registrar:close() end

---@class miopoll.registry: miopoll.registrar
local registry = {}

---@return miopoll.registry? registry
---@return string? message
---@return string? name
---@return integer? number
function registry:clone() end

---@class miopoll.poll: miopoll.registrar
local poll = {}

---Fills the table with token, readiness, token, readiness, ...
---@param events integer[]
---@param seconds? number nil: for ever; 0: looks and returns
---@param capacity? integer at most 1024
---@return integer? count 0: the time has passed
---@return string? message
---@return string? name
---@return integer? number
function poll:wait(events, seconds, capacity) end

---@param events integer[]
---@param ns? integer nil: for ever; 0: looks and returns
---@param capacity? integer at most 1024
---@return integer? count
---@return string? message
---@return string? name
---@return integer? number
function poll:wait_ns(events, ns, capacity) end

---Waits once, then gives token and readiness by turns.
---@param seconds? number
---@param capacity? integer
---@return (fun(batch: any): integer, integer)? iterator
---@return any batch or message
---@return string? name
---@return integer? number
function poll:events(seconds, capacity) end

---A registry that lives on its own.
---@return miopoll.registry? registry
---@return string? message
---@return string? name
---@return integer? number
function poll:registry() end

---The selector's descriptor.
---@return integer? fd
---@return string? message
---@return string? name
---@return integer? number
function poll:getfd() end

---@return integer sum of mio.FEATURE_...
function poll:features() end

---@return string name
function poll:selector() end

---@class miopoll.waker
local waker = {}

---@return true? done
---@return string? message
---@return string? name
---@return integer? number
function waker:wake() end

---@return true
function waker:close() end

---@class miopoll.map
local map = {}

---@param source miopoll.source
---@param value any
---@param interest miopoll.interest
---@return integer? token
---@return string? message
---@return string? name
---@return integer? number
function map:register(source, value, interest) end

---@param source miopoll.source
---@param value any
---@param interest miopoll.interest
---@return integer? token
---@return string? message
---@return string? name
---@return integer? number
function map:reregister(source, value, interest) end

---@param source miopoll.source
---@return true? done
---@return string? message
---@return string? name
---@return integer? number
function map:deregister(source) end

---@param token integer
---@return any value
function map:get(token) end

---Waits once, then gives value, readiness and token by turns.
---@param seconds? number
---@param capacity? integer
---@return (fun(batch: any): any, integer, integer)? iterator
---@return any batch or message
---@return string? name
---@return integer? number
function map:events(seconds, capacity) end

---@class miopoll
---@field _VERSION string
---@field backend "swig"|"ffi"
---@field core miopoll.core
---@field TOKEN_PORTABLE_MAX integer
---@field [string] integer
local mio = {}

---@param selector? string|integer
---@return miopoll.poll? poll
---@return string? message
---@return string? name
---@return integer? number
function mio.poll(selector) end

---@param owner miopoll.poll|miopoll.registry
---@param token integer
---@return miopoll.waker? waker
---@return string? message
---@return string? name
---@return integer? number
function mio.waker(owner, token) end

---Values in place of tokens.
---@param poll miopoll.poll
---@return miopoll.map
function mio.map(poll) end

---@return string[] names
function mio.selectors() end

---@return integer nanoseconds
function mio.clock_now() end

---@param readiness integer
---@return boolean
function mio.is_readable(readiness) end

---@param readiness integer
---@return boolean
function mio.is_writable(readiness) end

---@param readiness integer
---@return boolean
function mio.is_priority(readiness) end

---@param readiness integer
---@return boolean
function mio.is_error(readiness) end

---@param readiness integer
---@return boolean
function mio.is_read_closed(readiness) end

---@param readiness integer
---@return boolean
function mio.is_write_closed(readiness) end

---@param readiness integer
---@return boolean
function mio.is_aio(readiness) end

---@param readiness integer
---@return boolean
function mio.is_lio(readiness) end

return mio
