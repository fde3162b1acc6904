-- One run of one scenario, called by host.c in a state of its own, with the number of the scenario, the way
-- of failing and the number of the request that fails. Gives the scenario's name and how many requests have
-- failed, or nil behind the last scenario. Raises where a fault has done damage. Number 0 looks whether the
-- scenarios touch every public function.
-- luacheck: globals fault
local number, way, request = ...

local scenarios = require "oom.scenarios"

-- What is public -----------------------------------------------------------------------------------------

--- All but finalizers, which hooks do not see: every state that is closed calls them.
local function addfunctions(public, prefix, t)
  for name, f in pairs(t) do
    if type(f) == "function" and name ~= "__gc" then public[f] = prefix .. tostring(name) end
  end
end

--- The names that an __index closure looks up: its upvalue.
local function namesof(meta) return select(2, debug.getupvalue(meta.__index, 1)) end

--- Every function that a script or an engine can call, with its name.
local function publicfunctions()
  local memview = require "memview"
  local public = {}
  local buffer, view = memview.buffer(1), memview "x"
  local pinned, cursor = buffer:view(), memview.cursor "x"
  addfunctions(public, "memview.", memview)
  addfunctions(public, "struct.", memview.struct)
  addfunctions(public, "buffer ", debug.getmetatable(buffer))
  addfunctions(public, "buffer:", namesof(debug.getmetatable(buffer)))
  addfunctions(public, "view ", debug.getmetatable(view))
  addfunctions(public, "view ", debug.getmetatable(pinned))
  addfunctions(public, "cursor ", debug.getmetatable(cursor))
  addfunctions(public, "cursor:", debug.getmetatable(cursor).__index)
  addfunctions(public, "capi.", _G.capi)
  pinned:release()
  return public
end

--- Raises with the names of the public functions that no scenario calls.
local function checktouched()
  local public, missing = publicfunctions(), {}
  for _, s in ipairs(scenarios) do
    local env = s.setup()
    debug.sethook(function() public[debug.getinfo(2, "f").func] = nil end, "c")
    s.call(env)
    env = nil -- luacheck: ignore
    collectgarbage()
    debug.sethook()
  end
  for _, name in pairs(public) do missing[#missing + 1] = name end
  table.sort(missing)
  if #missing > 0 then error("no scenario calls " .. table.concat(missing, ", "), 0) end
end

-- One scenario --------------------------------------------------------------------------------------------

local last = {one = request, two = request + 1, all = math.maxinteger}

--- The bytes of all objects of the scenario, by name.
local function snapshot(env)
  local memview = require "memview"
  local bytes = {}
  for name, x in pairs(env) do
    local kind = memview.type(x)
    if kind == "buffer" or kind == "view" and not x.released then bytes[name] = x:tobytes() end
    if memview.cursor and getmetatable(x) == "memview.Cursor" then bytes[name] = x.position end
  end
  return bytes
end

local function checksame(before, after)
  for name, bytes in pairs(before) do
    if after[name] ~= bytes then error("the failed call has changed " .. name, 0) end
  end
end

--- Views that are dropped must not hold a Buffer: it can be resized.
local function checkpins(env)
  local memview = require "memview"
  for name, x in pairs(env) do
    if memview.type(x) ~= "buffer" then env[name] = nil end
  end
  collectgarbage() collectgarbage()
  for _, b in pairs(env) do
    if tostring(b) ~= "memview.Buffer: (released)" then b:resize(#b + 1) end
  end
end

local function checkfault(env, before, message)
  if not tostring(message):find("not enough memory", 1, true) then
    error("the error is " .. tostring(message), 0)
  end
  checksame(before, snapshot(env))
end

local function run(s)
  local env = s.setup()
  local before = s.opens and {} or snapshot(env)
  collectgarbage()
  fault.arm(request, last[way])
  local ok, result = pcall(s.call, env)
  local failed = fault.disarm()
  if ok then
    if s.expect and not s.expect(env, result) then error("got through, but the result is wrong", 0) end
    if s.pure then checksame(before, snapshot(env)) end
  else
    if failed == 0 then error(result, 0) end
    checkfault(env, before, result)
    local again, why = pcall(s.call, env)
    if not again then error("does not work afterwards: " .. tostring(why), 0) end
    if s.expect and not s.expect(env, why) then error("the result afterwards is wrong", 0) end
  end
  result = nil -- luacheck: ignore
  checkpins(env)
  return failed
end

if number == 0 then
  checktouched()
  return "the public functions", 0
end
local s = scenarios[number]
if not s then return nil, 0 end
local ok, result = pcall(run, s)
if not ok then error(s.name .. ": " .. tostring(result), 0) end
return s.name, result
