-- What specs may not take for granted, since it differs between machines or releases of Lua.
local machine = {}

--- The largest size, length or count there can be; and a power of two that is just too large to be squared.
machine.most = math.maxinteger >> 64 - 8 * string.packsize "T"
machine.half = 1 << 4 * string.packsize "T"

local function parameter(name, value)
  if _VERSION == "Lua 5.4" then return collectgarbage("set" .. name, value) end
  return collectgarbage("param", name, value)
end

--- Sets the pause and the step multiplier of the collector. @return what they were
function machine.pace(pause, multiplier)
  return parameter("pause", pause), parameter("stepmul", multiplier)
end

return machine
