-- waiting.lua - waits until an outcome has come true.
--
-- The events of all calls of one step are or-ed by their token, and after
-- each call every alternative of the outcome is judged against that.
local words = require "words"

local DEFAULT = 5e9
if math.tointeger then
  DEFAULT = math.tointeger(DEFAULT)
end
local UNTOUCHED = "untouched"

-- Verdicts, the best first.
local TRUE_NOW, POSSIBLE, UNEXPECTED, TOO_MANY_BITS = 1, 2, 3, 4

-- "1:R 2:W | none" -> { { event, event }, { "none" } }
local function read_outcome(list)
  local alternatives, current = {}, {}
  for _, word in ipairs(list) do
    if word == "|" then
      alternatives[#alternatives + 1] = current
      current = {}
    else
      current[#current + 1] = words.event(word) or word
    end
  end
  alternatives[#alternatives + 1] = current
  return alternatives
end

local function names_token(alternative, key)
  for _, event in ipairs(alternative) do
    if type(event) == "table" and event.key == key then
      return true
    end
  end
  return false
end

local function judge_event(seen, event)
  local bits = seen[event.key] or 0
  if event.exact and words.either(event.bits, bits) ~= event.bits then
    return TOO_MANY_BITS
  end
  return words.either(bits, event.bits) == bits and TRUE_NOW or POSSIBLE
end

local function judge_alternative(seen, alternative)
  if alternative[1] == "any" then
    return TRUE_NOW
  end
  for key in pairs(seen) do
    if not names_token(alternative, key) then
      return UNEXPECTED
    end
  end
  local verdict = TRUE_NOW
  for _, event in ipairs(alternative) do
    if type(event) ~= "table" then
      return POSSIBLE -- `none` or an error.
    end
    verdict = math.max(verdict, judge_event(seen, event))
  end
  return verdict
end

local function judge(seen, alternatives)
  local best = TOO_MANY_BITS
  for _, alternative in ipairs(alternatives) do
    if #alternative > 0 then
      best = math.min(best, judge_alternative(seen, alternative))
    end
  end
  return best
end

local function fail_seen(run, kind, seen)
  local list = {}
  for key, bits in pairs(seen) do
    list[#list + 1] = key .. ":" .. words.bits_text(bits)
  end
  run:fail(kind, "expected %s, saw %s", table.concat(run.step.outcome, " "),
    #list > 0 and table.concat(list, " ") or "no event")
end

local function record(run, seen, token, readiness)
  if type(readiness) ~= "number" or readiness < 1 or readiness > 255 then
    run:fail("outcome", "an event with readiness %s", tostring(readiness))
  end
  local key = words.token_key(token)
  run.counts[key] = (run.counts[key] or 0) + 1
  seen[key] = words.either(seen[key] or 0, readiness)
end

-- By each of the ways to wait, in turn.
local turn = 0

local function call(poll, events, ns, capacity)
  turn = turn + 1
  if turn % 3 == 0 then
    local iterate, batch, name = poll:events(ns < 0 and math.huge or ns / 1e9,
      capacity)
    if not iterate then
      return nil, name
    end
    local n = 0
    for token, readiness in iterate, batch do
      n = n + 1
      events[2 * n - 1], events[2 * n] = token, readiness
    end
    return n
  end
  local n, name, _
  if turn % 3 == 1 then
    n, _, name = poll:wait_ns(events, ns >= 0 and ns or nil, capacity)
  else
    n, _, name = poll:wait(events, ns >= 0 and ns / 1e9 or nil, capacity)
  end
  return n, name
end

-- One call, judged for its own sake. The number of events, or nil, NAME.
local function checked_call(run, seen, poll, ns, capacity)
  local events = run.events
  local room = math.min(capacity, 2048)
  for i = 1, 2 * room + 2 do
    events[i] = UNTOUCHED
  end
  local before = run.kit.kit_now()
  local n, name = call(poll, events, ns, capacity)
  local passed = run.kit.kit_now() - before
  if not n then
    return n, name
  elseif n > capacity or events[2 * n + 1] ~= UNTOUCHED then
    run:fail("outcome", "%d events in room for %.0f", n, capacity)
  elseif n == 0 and (ns < 0 or passed < ns) then
    run:fail("early", "no event, after %.0f ns", passed)
  end
  for i = 1, n do
    record(run, seen, events[2 * i - 1], events[2 * i])
  end
  return n
end

local function has_none(step)
  for _, word in ipairs(step.outcome) do
    if word == "none" then
      return true
    end
  end
  return false
end

-- Time limits are stretched; what has to stay silent is not.
local function timeout_of(run, step)
  local ns = step.keys.timeout and words.time(step.keys.timeout) or DEFAULT
  if ns > 0 and not has_none(step) and ns < 2^52 then
    ns = ns * run.patience
  end
  return ns
end

-- Whether the step has passed; it goes on if not.
local function is_settled(run, seen, alternatives, over)
  local verdict = judge(seen, alternatives)
  if verdict == TRUE_NOW then
    return true
  elseif verdict == UNEXPECTED then
    fail_seen(run, "unexpected", seen)
  elseif verdict == TOO_MANY_BITS then
    fail_seen(run, "exact", seen)
  elseif not over then
    return false
  elseif next(seen) == nil and has_none(run.step) then
    return true
  end
  fail_seen(run, "missing", seen)
end

return function(run, step)
  local poll = run:find(step[1], "poll")
  local capacity = words.number(step.keys.capacity or "64")
  local most = words.number(step.keys.waits or "9007199254740991")
  local alternatives = read_outcome(step.outcome)
  local timeout = timeout_of(run, step)
  local began = run.kit.kit_now()
  local seen, calls = {}, 0
  if not run.after then
    run.began = began
  end
  repeat
    local left = timeout
    if timeout >= 0 then
      left = math.max(timeout - (run.kit.kit_now() - began), 0)
    end
    calls = calls + 1
    local n, name = checked_call(run, seen, poll, left, capacity)
    if not n then
      return run:expect(name)
    end
    local over = left == 0 or n == 0 or calls >= most
  until is_settled(run, seen, alternatives, over)
end
