-- format.lua - reads cases, and refuses what docs/conformance.md has not.
local words = require "words"

local format = {}

-- Verb -> least and most arguments, keys, keys that are needed, and whether
-- an outcome may, must or must not follow.
local verbs = {
  poll = { 1, 1, "selector size flags reserved tail", "", "may" },
  registry = { 2, 2, "", "", "may" },
  clone = { 2, 2, "", "", "may" },
  waker = { 2, 2, "token", "token", "may" },
  wake = { 1, 1, "", "", "may" },
  nest = { 2, 2, "", "", "may" },
  close = { 1, 1, "", "", "not" },
  register = { 2, 2, "token interest", "token interest", "may" },
  reregister = { 2, 2, "token interest", "token interest", "may" },
  deregister = { 2, 2, "", "", "may" },
  connect = { 2, 2, "", "", "may" },
  accept = { 2, 2, "peer", "", "may" },
  dup = { 2, 2, "", "", "may" },
  write = { 1, 2, "data buffer", "", "may" },
  read = { 1, 2, "data buffer", "", "may" },
  drain = { 1, 1, "", "", "may" },
  fill = { 1, 1, "", "", "may" },
  oob = { 1, 1, "", "", "may" },
  shutdown = { 2, 2, "", "", "may" },
  ["so-error"] = { 1, 1, "", "", "may" },
  ["close-fd"] = { 1, 1, "", "", "not" },
  reset = { 1, 1, "", "", "not" },
  leak = { 0, 0, "", "", "not" },
  wait = { 1, 1, "timeout capacity waits events", "", "must" },
  elapsed = { 1, 1, "", "", "not" },
  count = { 2, 2, "", "", "not" },
  clock = { 0, 0, "", "", "not" },
  features = { 2, 99, "", "", "not" },
  ask = { 1, 2, "", "", "must" },
  after = { 3, 4, "token interest", "", "not" },
  storm = { 2, 3, "threads each token interest", "each", "not" },
  posted = { 1, 1, "", "", "not" },
  join = { 0, 0, "", "", "not" },

  ["tcp-listener"] = { 1, 1, "addr backlog", "", "may" },
  ["tcp-stream"] = { 1, 1, "addr", "addr", "may" },
  ["udp-socket"] = { 1, 1, "addr", "", "may" },
  ["unix-listener"] = { 1, 1, "addr backlog", "", "may" },
  ["unix-stream"] = { 1, 1, "addr", "addr", "may" },
  ["unix-datagram"] = { 1, 1, "addr", "", "may" },
  ["from-fd"] = { 2, 2, "kind", "kind", "may" },
  blocking = { 1, 1, "", "", "not" },
  flags = { 1, 2, "", "", "may" },
  ["would-block"] = { 1, 1, "interest", "interest", "may" },
  ["connect-to"] = { 1, 1, "addr", "addr", "may" },
  peek = { 1, 2, "data buffer", "", "may" },
  ["recv-from"] = { 1, 2, "data buffer peer", "", "may" },
  ["peek-from"] = { 1, 2, "data buffer peer", "", "may" },
  ["send-to"] = { 1, 2, "data buffer addr", "addr", "may" },
  ["read-vectored"] = { 2, 8, "data buffer", "", "may" },
  ["write-vectored"] = { 2, 8, "data buffer", "", "may" },
  set = { 1, 1, "option value", "option value", "may" },
  get = { 1, 1, "option value", "option", "may" },
  ["join-multicast"] = { 1, 1, "addr via", "addr", "may" },
  ["leave-multicast"] = { 1, 1, "addr via", "addr", "may" },
  addr = { 1, 1, "gives at room", "", "may" },
  exhaust = { 1, 1, "", "", "not" },
}
for _, name in ipairs { "unix-stream-pair", "unix-datagram-pair",
  "pipe-sources", "into-fd", "source-fd", "kind", "local-addr",
  "peer-addr" } do
  verbs[name] = { 2, 2, "", "", "may" }
end
for _, name in ipairs { "pair", "dgram", "pipe", "tcp", "udp" } do
  verbs[name] = { 2, 2, "", "", "not" }
end
for _, name in ipairs { "socket", "listen", "listen-unix", "refused", "file",
  "directory", "null", "mounts" } do
  verbs[name] = { 1, 1, "", "", "not" }
end

local delayed = {
  wake = true, post = true, write = true, drain = true, ["close-fd"] = true,
  shutdown = true, register = true, reregister = true, deregister = true,
}

local function is_listed(list, name)
  return (" " .. list .. " "):find(" " .. name .. " ", 1, true) ~= nil
end

local Reader = {}
Reader.__index = Reader

function Reader:refuse(text, ...)
  error({ format = ("%s:%d: "):format(self.file, self.line)
    .. text:format(...) }, 0)
end

function Reader:check_value(key, value)
  local good
  if key == "interest" then
    good = words.bits(value)
  elseif key == "timeout" then
    good = words.time(value)
  elseif key == "events" or key == "buffer" then
    good = value == "null"
  elseif is_listed("addr peer via gives data", key) then
    good = value ~= ""
  elseif key == "kind" then
    good = words.kind(value)
  elseif key == "option" then
    good = words.option(value)
  elseif key == "value" and value == "null" then
    good = true
  else
    good = words.number(value)
  end
  if not good then
    self:refuse("bad value of %s: %s", key, value)
  end
end

function Reader:check_keys(step, verb)
  for key, value in pairs(step.keys) do
    if not is_listed(verb[3], key) then
      self:refuse("unknown key %s", key)
    end
    self:check_value(key, value)
  end
  for key in verb[4]:gmatch "%S+" do
    if not step.keys[key] then
      self:refuse("key %s is missing", key)
    end
  end
end

function Reader:check_outcome(step, verb)
  local waits, has = step.verb == "wait", #step.outcome > 0
  if verb[5] == "must" and not has then
    self:refuse "an outcome is missing"
  elseif verb[5] == "not" and has then
    self:refuse("%s takes no outcome", step.verb)
  elseif step.verb == "ask" then
    return
  end
  for _, word in ipairs(step.outcome) do
    local good = self.is_error(word) or word == "|"
    if waits then
      good = good or word == "none" or word == "any" or words.event(word)
    else
      good = good or word == "OK" or word == "EOF" or word == "SHORT"
    end
    if not good then
      self:refuse("unknown outcome %s", word)
    elseif waits and word == "none" and not step.keys.timeout then
      self:refuse "none without a timeout"
    end
  end
end

-- What is read or written is so many bytes, or `data`.
local function has_right_amount(step)
  local amounts = (step[2] and 1 or 0) + (step.keys.data and 1 or 0)
  if is_listed("read peek recv-from peek-from", step.verb) then
    return amounts == 1
  end
  return not is_listed("write send-to", step.verb) or amounts <= 1
end

function Reader:check_step(step)
  local verb = verbs[step.verb]
  if not verb then
    self:refuse("unknown verb %s", step.verb)
  elseif #step < verb[1] or #step > verb[2] or not has_right_amount(step) then
    self:refuse("%s has %d arguments", step.verb, #step)
  end
  self:check_keys(step, verb)
  self:check_outcome(step, verb)
  if step.verb == "after"
    and not ((words.time(step[1]) or -1) >= 0 and delayed[step[2]]) then
    self:refuse("cannot do %s after %s", step[2], step[1])
  elseif step.verb == "storm" and not is_listed("wake cycle", step[1]) then
    self:refuse("cannot storm with %s", step[1])
  end
end

function Reader:read_step(list)
  local step = {
    verb = list[1], keys = {}, outcome = {}, line = self.line,
    file = self.file,
  }
  local arrow
  for i = 2, #list do
    local word = list[i]
    local key, value = word:match "^(%a[^=]*)=(.*)$"
    if arrow then
      step.outcome[#step.outcome + 1] = word
    elseif word == "->" then
      arrow = true
    elseif not key then
      step[#step + 1] = word
    elseif step.keys[key] then
      self:refuse("key %s is there twice", key)
    else
      step.keys[key] = value
    end
  end
  if arrow and #step.outcome == 0 then
    self:refuse "nothing after ->"
  end
  self:check_step(step)
  return step
end

function Reader:end_case()
  local case = self.case
  if case and #case.steps == 0 then
    self:refuse("case %s has no steps", case.name)
  elseif case then
    case.text = table.concat(case.lines, "\n")
    case.steps, case.lines = nil, nil
  end
end

function Reader:begin_case(list)
  local name = list[2]
  if list[1] ~= "case" or #list ~= 2 then
    self:refuse "expected `case NAME`"
  elseif not name:find "^[a-z0-9-]+/[a-z0-9-]+$" then
    self:refuse("%s is not a case name", name)
  elseif self.suite.by_name[name] then
    self:refuse("case %s is there twice", name)
  end
  self:end_case()
  self.case = {
    name = name, needs = {}, steps = {}, lines = {}, file = self.file,
    line = self.line,
  }
  self.suite.by_name[name] = self.case
  table.insert(self.suite.cases, self.case)
end

function Reader:add_head(list)
  if #self.case.steps > 0 then
    self:refuse("%s after a step", list[1])
  elseif #list == 1 then
    self:refuse("%s what?", list[1])
  elseif list[1] == "covers" then
    self.case.covered = true
    return
  end
  for i = 2, #list do
    if not words.feature(list[i]) then
      self:refuse("unknown feature %s", list[i])
    end
    table.insert(self.case.needs, list[i])
  end
end

function Reader:add_line(list)
  if not self.case then
    self:refuse "a step outside a case"
  elseif list[1] == "needs" or list[1] == "covers" then
    self:add_head(list)
  elseif not self.case.covered then
    self:refuse("case %s has no `covers`", self.case.name)
  else
    table.insert(self.case.steps, self:read_step(list))
  end
end

local function words_of(line)
  local list = {}
  for word in line:gsub("#.*", ""):gmatch "%S+" do
    list[#list + 1] = word
  end
  return list
end

function Reader:read(text)
  self.line = 0
  if text:find "%z" then
    self:refuse "has a NUL"
  elseif text:sub(-1) ~= "\n" then
    self:refuse "the file does not end with a newline"
  end
  for line in text:gmatch "(.-)\n" do
    self.line = self.line + 1
    local list = words_of(line)
    if self.case then
      table.insert(self.case.lines, line)
    end
    if #list > 0 then
      if line:find "^[ \t]" then
        self:add_line(list)
      else
        self:begin_case(list)
      end
    end
  end
  if not self.case then
    self:refuse "no case in this file"
  end
  self:end_case()
end

-- The digest of doubles: h * 257 stays below 2^53.
local function add_digest(digest, text)
  for i = 1, #text do
    digest = (digest * 257 + text:byte(i) + 1) % 17592186044399
  end
  return digest
end

local function read_file(path)
  local file = io.open(path, "rb")
  if not file then
    error({ format = "cannot read " .. path }, 0)
  end
  local text = file:read "*a"
  file:close()
  return text
end

-- All files, in this order. Raises { format = why }.
function format.read(paths, is_error)
  local suite = { cases = {}, by_name = {}, digest = 0 }
  for _, path in ipairs(paths) do
    local file = path:match "[^/]*$"
    local text = read_file(path)
    suite.digest = add_digest(suite.digest, file .. "\n" .. text)
    setmetatable({ suite = suite, file = file, is_error = is_error },
      Reader):read(text)
  end
  return suite
end

-- The steps of a case, which were right when it was read. Made when it is run:
-- a full collection, as after each step, takes its time from what there is.
function format.steps_of(case, is_error)
  local reader = setmetatable({
    file = case.file, line = case.line, is_error = is_error,
  }, Reader)
  local steps = {}
  for line in (case.text .. "\n"):gmatch "(.-)\n" do
    local list = words_of(line)
    reader.line = reader.line + 1
    if line:find "^[ \t]" and list[1] and list[1] ~= "covers"
      and list[1] ~= "needs" then
      steps[#steps + 1] = reader:read_step(list)
    end
  end
  return steps
end

-- { [case name] = why } of one selector, and all names that are listed.
function format.read_skips(path, selector)
  local skips = {}
  for line in read_file(path):gmatch "[^\n]+" do
    local name, which, why = line:match "^([^#%s]%S*)%s+(%S+)%s+(%S.*)$"
    if name and which == selector then
      skips[name] = why
    elseif not name and line:find "^%s*[^#%s]" then
      error({ format = path .. ": " .. line }, 0)
    end
  end
  return skips
end

return format
