-- run.lua - the conformance suite on one engine and one selector.
-- SPDX-License-Identifier: MIT
--
--     lua run.lua ENGINE SELECTOR SKIPS FILE...
--
-- SKIPS is the list of what this engine skips, or `-` for the cases that must
-- fail. From the environment: CONFORMANCE_LIMIT, seconds for a case;
-- CONFORMANCE_COLLECT, collect garbage all the time; MIOPOLL_TEST_PATIENCE.
local here = arg[0]:match "^(.*)/[^/]*$" or "."
package.path = here .. "/?.lua;" .. package.path

local mio = require "miopoll"
local format = require "format"
local kit = require "kit"
local steps = require "steps"
steps.wait = require "waiting"

local engine, selector, skip_file = arg[1], arg[2], arg[3]
local files = { select(4, ...) }

local patience = tonumber(os.getenv "MIOPOLL_TEST_PATIENCE" or "1")
local limit = tonumber(os.getenv "CONFORMANCE_LIMIT" or "30")
local collect = os.getenv "CONFORMANCE_COLLECT"

-- 64-bit tokens: integers, or LuaJIT's FFI. NULL and structs cannot be
-- written in Lua.
local engine_features = {
  capacity = true, raw = true, sources = true, flat = true, abstract = true,
  token64 = math.tointeger ~= nil or mio.backend == "ffi",
}

local function is_error(name)
  return mio.core.mio_err_from_name(name) ~= 0
end

local function print_failure(name, kind, text)
  print(("FAIL %s: %s: %s"):format(name, kind, text))
end

-- ---------------------------------------------------------------- one case

local function new_run(owner)
  return setmetatable({
    owner = owner, kit = kit, selector = selector, patience = patience,
    engine_features = engine_features, objects = {}, made = {}, counts = {},
    events = {},
  }, steps.case)
end

local function run_steps(run)
  for _, step in ipairs(format.steps_of(run.owner, is_error)) do
    run.step = step
    steps[step.verb](run, step)
    if collect then
      collectgarbage()
    end
  end
  run.step = nil
end

-- A failure of a step is a table; what else is raised is a fault.
local function describe(problem)
  if type(problem) == "table" then
    return problem.kind, problem.text
  end
  return "raised", tostring(problem)
end

-- Also after a failure, so that the next case starts clean.
local function finish(run, good, problem, before)
  local joined = kit.kit_join_all()
  kit.kit_exhaust(-1)
  run:close_all()
  kit.kit_fresh_end()
  local now = kit.kit_fd_count()
  if not good then
    return describe(problem)
  elseif joined < 0 then
    return "thread", "another thread met " .. mio.core.mio_err_name(joined)
  elseif now ~= before then
    return "leak", ("%d descriptors before, %d after"):format(before, now)
  end
end

local function run_case(owner)
  local run = new_run(owner)
  kit.kit_post_reset()
  kit.kit_watch(owner.name, math.floor(limit * 1e9 * patience))
  local before = kit.kit_fd_count()
  local good, problem = pcall(run_steps, run)
  local kind, text = finish(run, good, problem, before)
  kit.kit_watch_end()
  return kind, text
end

-- ---------------------------------------------------------------- all cases

local function missing_feature(owner, features)
  for _, need in ipairs(owner.needs) do
    if not steps.has_feature({ engine_features = engine_features }, need,
      features) then
      return need
    end
  end
end

local totals = { passed = 0, failed = 0, skipped = 0, others = 0 }

local function settle(owner, skips, features)
  local need = missing_feature(owner, features)
  local listed = skips[owner.name]
  if need then
    totals.skipped = totals.skipped + 1
    if not listed then
      totals.others = totals.others + 1
      print_failure(owner.name, "skip", "not listed; it needs " .. need)
    end
    return
  elseif listed then
    totals.others = totals.others + 1
    print_failure(owner.name, "skip", "listed, but it was run")
  end
  local kind, text = run_case(owner)
  if kind then
    totals.failed = totals.failed + 1
    print_failure(owner.name, kind, text)
  else
    totals.passed = totals.passed + 1
  end
end

local function check_list(suite, skips)
  for name in pairs(skips) do
    if not suite.by_name[name] then
      totals.others = totals.others + 1
      print_failure(name, "skip", "listed, but there is no such case")
    end
  end
end

local function read_all()
  local suite = format.read(files, is_error)
  return suite, skip_file == "-" and {}
    or format.read_skips(skip_file, selector)
end

local function main()
  io.stdout:setvbuf "line"
  kit.kit_start()
  if collect then
    collectgarbage("setpause", 0)
  end
  local good, suite, skips = pcall(read_all)
  if not good then
    print_failure("-", "format",
      type(suite) == "table" and suite.format or suite)
    return 1
  end
  local poll = assert(mio.poll(selector))
  local features = poll:features()
  poll:close()
  for _, owner in ipairs(suite.cases) do
    settle(owner, skips, features)
  end
  check_list(suite, skips)
  local ran = totals.passed + totals.failed
  if ran == 0 then
    totals.others = totals.others + 1
    print_failure("-", "empty", "no case was run")
  end
  print(("plan %d digest %.0f ran %d skipped %d"):format(#suite.cases,
    suite.digest, ran, totals.skipped))
  print(("%s %s: %d passed, %d failed, %d skipped"):format(engine, selector,
    totals.passed, totals.failed, totals.skipped))
  return totals.failed + totals.others
end

os.exit(main() == 0 and 0 or 1)
