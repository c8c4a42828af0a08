-- addresses.lua - what an ADDR means, and the steps about addresses.
local mio = require "miopoll"
local steps = require "verbs"

local core, case = mio.core, steps.case

local function fresh(run, call, name)
  return run.kit[call](name) or run:fail("outcome", "no name for a socket")
end

-- The text of an address, as the library writes it.
function case:address(word)
  local ip, other = word:match "^(.*):of:(.*)$"
  if ip then
    word = ip .. self:local_address(other):match ":%d+$"
  elseif word:find "^of:" then
    return self:local_address(word:sub(4))
  elseif word:find "^unix:%*" then
    word = fresh(self, "kit_fresh_path", word:sub(7))
  elseif word:find "^unix:@%*" then
    word = fresh(self, "kit_fresh_abstract", word:sub(8))
  elseif word == "unnamed" then
    word = "unix:"
  end
  return mio.addr(word) or self:fail("format", "%s is no address", word)
end

-- Whether the method takes it: to those of Unix sockets what is no Unix
-- address is a path.
function case:takes(source, text)
  return source:kind() ~= mio.KIND_UNIX_DATAGRAM or text:find "^unix:" ~= nil
end

function case:local_address(name)
  local text, message = self:find(name, "source"):local_addr()
  return text or self:fail("outcome", "%s has no address: %s", name, message)
end

-- The bytes that the C functions take.
function case:address_bytes(word)
  return select(2, core.mio_addr_parse(self:address(word)))
end

-- Whether what came is the address that the word means.
function case:check_address(word, got)
  if mio.addr(got) ~= got then
    self:fail("outcome", "gave %s, which is no address", tostring(got))
  elseif word ~= "any" and self:address(word) ~= got then
    self:fail("outcome", "gave %s, not %s", got, word)
  end
end

-- By mio.addr() and by the C function, which have to say the same.
local function refused(run, step, message, name, number)
  local rc, bytes = core.mio_addr_parse(step[1])
  local plain, at =
    message:match "^(.*), after (%d+) bytes of the address$"
  if rc ~= -number or core.mio_err_name(rc) ~= name
    or plain ~= name .. ": " .. core.mio_err_text(rc) then
    run:fail("outcome", "odd failure: %s, %s, %s", message, name, number)
  end
  run:expect(name)
  if step.keys.at and tonumber(step.keys.at) ~= tonumber(at) then
    run:fail("outcome", "%s bytes were understood", at)
  elseif (bytes:sub(1, 16) .. bytes:sub(21)):find "[^%z]" then
    run:fail("outcome", "a failure left more than a length")
  end
end

function steps.addr(run, step)
  local got, message, name, number = mio.addr(step[1])
  if not got then
    return refused(run, step, message, name, number)
  elseif step.keys.room then
    local _, bytes = core.mio_addr_parse(step[1])
    return run:expect_rc((core.mio_addr_format(bytes,
      tonumber(step.keys.room))))
  elseif got ~= (step.keys.gives or step[1]) then
    run:fail("outcome", "gives %s", got)
  elseif mio.addr(got) ~= got then
    run:fail("outcome", "%s is not read back", got)
  end
  run:expect "OK"
end

for verb, method in pairs { ["local-addr"] = "local_addr",
  ["peer-addr"] = "peer_addr" } do
  steps[verb] = function(run, step)
    local source = run:find(step[1], "source")
    local got, message, name, number = run:call(source, method,
      core["mio_source_" .. method])
    run:expect_result(got, message, name, number)
    if got then
      run:check_address(step[2], got)
    end
  end
end

steps["connect-to"] = function(run, step)
  local source = run:find(step[1], "source")
  local addr = run:address(step.keys.addr)
  if source.connect and run:takes(source, addr) then
    return run:expect_result(source:connect(addr))
  end
  run:expect_rc(core.mio_source_connect(source.handle,
    select(2, core.mio_addr_parse(addr))))
end

-- What the methods take for a group and `via`; nothing if they do not fit.
local function group_of(addr, via)
  local v4, v6 = "^([%d.]+):0$", "^%[([^%%]*)%%?(%d*)%]:0$"
  if addr:match(v4) and (not via or via:match(v4)) then
    return "_v4", addr:match(v4), via and via:match(v4)
  elseif addr:match(v6) and not via then
    local group, scope = addr:match(v6)
    return "_v6", group, scope ~= "" and tonumber(scope) or nil
  end
end

for _, verb in ipairs { "join", "leave" } do
  steps[verb .. "-multicast"] = function(run, step)
    local source = run:find(step[1], "source")
    local addr, via = step.keys.addr, step.keys.via
    local suffix, group, more =
      group_of(run:address(addr), via and run:address(via))
    local method = suffix and source[verb .. "_multicast" .. suffix]
    if method then
      return run:expect_result(method(source, group, more))
    end
    run:expect_rc(core["mio_source_" .. verb .. "_multicast"](source.handle,
      run:address_bytes(addr), via and run:address_bytes(via)))
  end
end
