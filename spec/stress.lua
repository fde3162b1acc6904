-- A helper of busted (make stress) that keeps the collector at work in the specs. MEMVIEW_STRESS says how:
--   incremental, generational   the collector's own mode, with no pause between cycles
--   steps                       a step every 20 instructions of Lua
--   full                        a full collection every 20000
-- A spec that stops the collector has it stopped.
local how = os.getenv "MEMVIEW_STRESS" or "incremental"

if how == "incremental" then
  collectgarbage("incremental", 1, 1000, 6)
  if _VERSION >= "Lua 5.5" then  -- which has the parameters apart
    collectgarbage("param", "pause", 1)
    collectgarbage("param", "stepmul", 1000)
  end
elseif how == "generational" then
  collectgarbage("generational", 1, 1)
elseif how == "steps" then
  debug.sethook(function() if collectgarbage "isrunning" then collectgarbage("step", 0) end end, "", 20)
elseif how == "full" then
  debug.sethook(function() if collectgarbage "isrunning" then collectgarbage() end end, "", 20000)
else
  error("MEMVIEW_STRESS is " .. how)
end
