-- steps.lua - does what each verb says, through miopoll.lua and the kit.
local mio = require "miopoll"
local steps = require "verbs"
local words = require "words"

local core, case = mio.core, steps.case

-- ----------------------------------------------------------------- failures

function case:fail(kind, text, ...)
  local step = self.step or self.owner
  error({
    kind = kind,
    text = ("%s:%d: %s: %s"):format(step.file, step.line,
      step.verb or "end", text:format(...)),
  }, 0)
end

function case:expect(got)
  local outcome = self.step.outcome
  if #outcome == 0 and got == "OK" then
    return
  end
  for _, word in ipairs(outcome) do
    if word == got then
      return
    end
  end
  self:fail("outcome", "gave %s, not %s", got, outcome[1] or "OK")
end

-- The result of a C function, as of the kit.
function case:expect_rc(rc)
  self:expect(rc < 0 and core.mio_err_name(rc) or "OK")
end

-- The results of a function of miopoll.lua.
function case:expect_result(value, message, name, number)
  if not value and (core.mio_err_from_name(name) ~= -number
    or message ~= name .. ": " .. core.mio_err_text(-number)) then
    self:fail("outcome", "odd failure: %s, %s, %s", message, name, number)
  end
  self:expect(value and "OK" or name)
end

-- ------------------------------------------------------------------ objects

function case:check_free(name)
  local old = self.objects[name]
  if not name:find "^%a" or old and old.open then
    self:fail("format", "%s cannot be a new name here", name)
  end
end

function case:define(name, kind, value)
  self:check_free(name)
  local object = { name = name, kind = kind, value = value, open = true }
  self.objects[name] = object
  table.insert(self.made, object)
end

function case:find(name, ...)
  local object = self.objects[name]
  for _, kind in ipairs { ... } do
    if object and object.open and object.kind == kind then
      return object.value, object
    end
  end
  self:fail("format", "%s is not open, or of another kind", name)
end

-- What has register(): a registry or a poll.
function case:registry(name)
  return self:find(name, "registry", "poll")
end

-- The C handle of that.
function case:registry_handle(name)
  local owner = self:registry(name)
  return (owner.registry_of_poll or owner).handle
end

local descriptors = { fd = true, nest = true, borrowed = true }

function case:fd(name)
  local number = words.signed(name)
  if number then
    return number
  end
  local object = self.objects[name]
  if not object or not descriptors[object.kind] then
    self:fail("format", "%s is not a descriptor", name)
  end
  return object.value
end

-- One that is open: its own, or that of a source.
function case:open_fd(name)
  return (self:find(name, "fd", "borrowed"))
end

-- Of a step on a descriptor.
function case:refuse_keys(step)
  local key = next(step.keys)
  if key then
    self:fail("format", "%s is only of sources", key)
  end
end

function case:is_source(name)
  local object = self.objects[name]
  return object and object.open and object.kind == "source"
end

-- What can be registered: a source, or a descriptor.
function case:registrable(name)
  return self:is_source(name) and self:find(name, "source") or self:fd(name)
end

function case:close_all()
  for i = #self.made, 1, -1 do
    local object = self.made[i]
    if object.open and object.kind == "fd" then
      self.kit.kit_close(object.value)
    elseif object.open and not descriptors[object.kind] then
      object.value:close()
    end
    object.open = false
  end
end

-- Keeps what a constructor gave, or judges how it failed.
function case:keep(name, kind, value, ...)
  self:expect_result(value, ...)
  if value then
    self:define(name, kind, value)
  end
end

-- ------------------------------------------------------------- the library

function steps.poll(run, step)
  local poll, message, name, number = mio.poll(run.selector)
  run:keep(step[1], "poll", poll, message, name, number)
  if poll and poll:selector() ~= run.selector then
    run:fail("outcome", "the poll runs on %s", poll:selector())
  end
end

function steps.registry(run, step)
  run:keep(step[1], "registry", run:find(step[2], "poll"):registry())
end

function steps.clone(run, step)
  local model = run:registry(step[2])
  run:keep(step[1], "registry", (model.registry_of_poll or model):clone())
end

function steps.waker(run, step)
  run:keep(step[1], "waker",
    mio.waker(run:registry(step[2]), words.number(step.keys.token)))
end

function steps.wake(run, step)
  run:expect_result(run:find(step[1], "waker"):wake())
end

function steps.nest(run, step)
  run:keep(step[1], "nest", run:find(step[2], "poll"):getfd())
end

function steps.close(run, step)
  local value, object = run:find(step[1], "poll", "registry", "waker",
    "source")
  object.open = false
  value:close()
end

for _, verb in ipairs { "register", "reregister" } do
  steps[verb] = function(run, step)
    local owner = run:registry(step[1])
    run:expect_result(owner[verb](owner, run:registrable(step[2]),
      words.number(step.keys.token), words.bits(step.keys.interest)))
  end
end

function steps.deregister(run, step)
  run:expect_result(run:registry(step[1]):deregister(
    run:registrable(step[2])))
end

-- -------------------------------------------------------------- descriptors

for _, verb in ipairs { "pair", "dgram", "pipe", "tcp", "udp", "socket",
  "listen", "listen-unix", "refused", "file", "directory", "null",
  "mounts" } do
  steps[verb] = function(run, step)
    local fd = run.kit.kit_open(verb, -1)
    if fd < 0 then
      run:fail("outcome", "%s", core.mio_err_name(fd))
    end
    local other = step[2] and run.kit.kit_second()
    run:define(step[1], "fd", fd)
    if other then
      run:define(step[2], "fd", other)
    end
  end
end

for _, verb in ipairs { "connect", "accept", "dup" } do
  steps[verb] = function(run, step)
    if verb == "accept" and run:is_source(step[2]) then
      return run:accept_source(step)
    end
    run:refuse_keys(step)
    local fd = run.kit.kit_open(verb, run:fd(step[2]))
    if fd >= 0 then
      run:define(step[1], "fd", fd)
    end
    run:expect_rc(fd)
  end
end

function case:bytes_of(word)
  local bytes = words.number(word)
  if not bytes or bytes > 65536 then
    self:fail("format", "%s bytes", word)
  end
  return bytes
end

local fds = {}

local function plain_fd(run, step)
  run:refuse_keys(step)
  return run:open_fd(step[1])
end

function fds.write(run, step)
  local bytes = run:bytes_of(step[2] or "1")
  local done = run.kit.kit_write(plain_fd(run, step), bytes)
  if done >= 0 and done ~= bytes then
    run:expect "SHORT"
  else
    run:expect_rc(done)
  end
end

function fds.read(run, step)
  local fd = plain_fd(run, step)
  local bytes = run:bytes_of(step[2])
  local done = run.kit.kit_read(fd, bytes)
  if done < 0 or done == bytes then
    run:expect_rc(done)
  else
    run:expect(done == 0 and "EOF" or "SHORT")
  end
end

function fds.drain(run, step)
  local rc = run.kit.kit_drain(run:open_fd(step[1]))
  if rc == 1 then
    run:expect "EOF"
  else
    run:expect_rc(rc)
  end
end

function fds.fill(run, step)
  run:expect_rc(run.kit.kit_fill(run:open_fd(step[1])))
end

fds["so-error"] = function(run, step)
  run:expect_rc(run.kit.kit_so_error(run:open_fd(step[1])))
end

function fds.shutdown(run, step)
  local fd = run:open_fd(step[1])
  if step[2] ~= "read" and step[2] ~= "write" and step[2] ~= "both" then
    run:fail("format", "cannot shut down %s", step[2])
  end
  run:expect_rc(run.kit.kit_shutdown(fd, step[2]))
end

require "addresses"
require "sources"
local of_source = require "transfers"
of_source.shutdown, of_source["so-error"] =
  case.shutdown_source, case.take_source_error

-- The library's way for a source, the kit's for a descriptor.
for verb, of_fd in pairs(fds) do
  steps[verb] = function(run, step)
    return (run:is_source(step[1]) and of_source[verb] or of_fd)(run, step)
  end
end

function steps.oob(run, step)
  run:expect_rc(run.kit.kit_oob(run:any_fd(step[1])))
end

for verb, name in pairs { ["close-fd"] = "kit_close", reset = "kit_reset" } do
  steps[verb] = function(run, step)
    local fd, object = run:find(step[1], "fd")
    object.open = false
    run:expect_rc(run.kit[name](fd))
  end
end

function steps.leak(run)
  run:expect_rc(run.kit.kit_open("null", -1))
end

-- ------------------------------------------------------------ other threads

local function after_waker(run, step, delay)
  local waker = run:find(step[3], "waker").handle
  return run.kit["kit_after_" .. step[2]](waker, delay)
end

local function after_fd(run, step, delay)
  local verb, name = step[2], step[3]
  if verb == "shutdown" then
    if step[4] ~= "write" then
      run:fail("format", "only `shutdown A write`")
    end
    verb = "shutdown-write"
  elseif verb == "close-fd" then
    local fd, object = run:find(name, "fd")
    object.open = false -- From here on, whenever the thread does it.
    return run.kit.kit_after_fd(verb, fd, delay)
  end
  if run:is_source(name) then
    return run.kit.kit_after_source(verb, run:find(name, "source").handle,
      delay)
  end
  return run.kit.kit_after_fd(verb, run:open_fd(name), delay)
end

local function after_registry(run, step, delay)
  if #step ~= 4 then
    run:fail("format", "%d arguments", #step)
  end
  local call, what = run.kit.kit_after_registry
  if run:is_source(step[4]) then
    call, what = run.kit.kit_after_source_registry,
      run:find(step[4], "source").handle
  end
  return call(step[2], run:registry_handle(step[3]), what or run:fd(step[4]),
    words.number(step.keys.token or "0"),
    words.bits(step.keys.interest or "0x0"), delay)
end

local delayed = {
  wake = after_waker, post = after_waker, write = after_fd, drain = after_fd,
  ["close-fd"] = after_fd, shutdown = after_fd, register = after_registry,
  reregister = after_registry, deregister = after_registry,
}

local function started(run, rc)
  if rc < 0 then
    run:fail("thread", "no thread: %s", core.mio_err_name(rc))
  end
end

function steps.after(run, step)
  run.after, run.began = true, run.kit.kit_now()
  started(run, delayed[step[2]](run, step, words.time(step[1])))
end

function steps.storm(run, step)
  local keys = step.keys
  local each = words.number(keys.each)
  if step[1] == "wake" then
    started(run, run.kit.kit_storm_wake(run:find(step[2], "waker").handle,
      words.number(keys.threads or "1"), each))
  elseif #step ~= 3 or not keys.interest then
    run:fail("format", "cycle R F token= interest=")
  else
    started(run, run.kit.kit_storm_cycle(run:registry_handle(step[2]),
      run:fd(step[3]), words.number(keys.token or "0"),
      words.bits(keys.interest), each))
  end
end

function steps.posted(run, step)
  local posted = run.kit.kit_posted()
  if posted ~= words.signed(step[1]) then
    run:fail("outcome", "%d", posted)
  end
end

function steps.join(run)
  local rc = run.kit.kit_join_all()
  if rc < 0 then
    run:fail("thread", "another thread met %s", core.mio_err_name(rc))
  end
end

-- ------------------------------------------------------------------- checks

function steps.elapsed(run, step)
  local passed = run.kit.kit_now() - run.began
  local sign, rest = words.comparison(step[1])
  local least = sign == ">" and words.time(rest)
  if not least then
    run:fail("format", "%s", step[1])
  elseif passed < least then
    run:fail("early", "only %.0f ns", passed)
  end
end

function steps.count(run, step)
  local token = words.number(step[1])
  local sign, rest = words.comparison(step[2])
  local number = sign and words.number(rest)
  if not token or not number then
    run:fail("format", "%s %s", step[1], step[2])
  end
  local events = run.counts[words.token_key(token)] or 0
  if sign == ">" and events < number or sign == "<" and events > number
    or sign == "=" and events ~= number then
    run:fail("count", "%d events", events)
  end
end

function steps.clock(run)
  local before = run.kit.kit_now()
  local now = mio.clock_now()
  if now < before or now > run.kit.kit_now() then
    run:fail("outcome", "%.0f is another clock", now)
  end
end

-- Whether the poll or the engine has what the word names.
function steps.has_feature(run, word, features)
  local name, negated = words.feature(word)
  local bit = words.poll_features[name]
  local has
  if bit then
    has = words.has(features, bit)
  else
    has = run.engine_features[name] or false
  end
  return has ~= negated
end

function steps.features(run, step)
  local features = run:find(step[1], "poll"):features()
  for i = 2, #step do
    if not words.feature(step[i]) then
      run:fail("format", "unknown feature %s", step[i])
    elseif not steps.has_feature(run, step[i], features) then
      run:fail("outcome", "not %s", step[i])
    end
  end
end

local function to_error(word)
  return words.signed(word) or core.mio_err_from_name(word)
end

local function same(word)
  return word
end

-- Function -> how its argument is read; false if it has none.
local askable = {
  mio_version = false, mio_version_string = false,
  mio_selector_name = words.number, mio_selector_from_name = same,
  mio_selector_available = words.number, mio_err_name = to_error,
  mio_err_text = to_error, mio_err_from_name = same,
}

function steps.ask(run, step)
  local reader = askable[step[1]]
  if reader == nil or (step[2] ~= nil) ~= (reader ~= false) then
    run:fail("format", "unknown function %s", step[1])
  end
  local answer
  if reader then
    answer = core[step[1]](reader(step[2]))
  else
    answer = core[step[1]]()
  end
  if type(answer) == "number" then
    answer = answer < 0 and core.mio_err_name(answer)
      or ("%.0f"):format(answer)
  end
  run:expect((answer:gsub(" ", "_")))
end

return steps
