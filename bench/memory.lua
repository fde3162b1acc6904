-- What memory the objects take. Each case is a piece of Lua that runs in a process of its own and prints a
-- number; `against` is the case that it is compared with, and `target` what it, or the ratio, may be at most.
local memory = {}

local PRELUDE <const> = [[
local memview, floor = require "memview", require "floor"
local start = floor.peak()
local text = ("x"):rep(1 << 20)

-- Bytes, with malloc's part, of each of many such objects.
local function each(make)
  local many <const> = 100000
  local keep = table.move({}, 1, many, 1, {})
  for i = 1, many do keep[i] = false end
  collectgarbage()
  collectgarbage "stop"
  local before = floor.allocated()
  if not before then return print "nil" end
  for i = 1, many do keep[i] = make() end
  print((floor.allocated() - before) / many)
end

-- The most that a Buffer has allocated for a byte of content, while it grows from 16 KiB to 4 MiB.
local function grown(step)
  local b, piece, worst = memview.buffer(), ("x"):rep(step), 0
  local before = floor.allocated()
  if not before then return print "nil" end
  while #b < 4 << 20 do
    b:append(piece)
    if #b >= 16384 then worst = math.max(worst, (floor.allocated() - before) / #b) end
  end
  print(worst)
end

-- The most memory that the process comes to have while it makes and drops 3000 of them, over what it has
-- before the text of 1 MiB that they are made of.
local function dropped(make)
  for _ = 1, 3000 do make() end
  print(floor.peak() - start)
end
]]

memory.cases = {
  { name = "a View of a string", unit = "bytes", target = 200,
    code = "each(function() return memview(text) end)" },
  { name = "a View of fixed memory", unit = "bytes", target = 200,
    code = "local v = memview.zeros('B', 100) each(function() return v:sub(2, 9) end)" },
  { name = "a View of a Buffer", unit = "bytes", target = 200,
    code = "local b = memview.buffer(100) each(function() return b:sub(2, 9) end)" },
  { name = "a Buffer grown by 64 bytes at a time", unit = "times its content", target = 1.9,
    code = "grown(64)" },
  { name = "a Buffer grown by 1000 bytes at a time", unit = "times its content", target = 1.9,
    code = "grown(1000)" },
  { name = "3000 strings of 1 MiB, dropped", unit = "bytes at the peak",
    code = "dropped(function() return text:sub(1, -2) end)" },
  { name = "3000 Buffers of 1 MiB, dropped", unit = "bytes at the peak", target = 3,
    against = "3000 strings of 1 MiB, dropped",
    code = "dropped(function() return memview.buffer(text) end)" },
  { name = "3000 clones of 1 MiB, dropped", unit = "bytes at the peak", target = 3,
    against = "3000 strings of 1 MiB, dropped",
    code = "local v = memview(text) dropped(function() return v:clone() end)" },
}

--- Runs the code in a process of its own; the number that it prints, or nil.
local function measure(interpreter, code)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(PRELUDE, code, "\n")
  file:close()
  local pipe = assert(io.popen(('"%s" "%s"'):format(interpreter, name)))
  local said = pipe:read "a"
  pipe:close()
  os.remove(name)
  return tonumber(said)
end

--- Measures the cases whose names are wanted, and what they are compared with.
-- @return a list of { name, value, unit, ratio, target, met }
function memory.measure(interpreter, wanted)
  local values, lines = {}, {}
  local function valueof(case)
    values[case.name] = values[case.name] or measure(interpreter, case.code)
    return values[case.name]
  end
  for _, case in ipairs(memory.cases) do memory.cases[case.name] = case end
  for _, case in ipairs(memory.cases) do
    local value = wanted(case.name) and valueof(case)
    if value then
      local ratio = case.against and value / valueof(memory.cases[case.against])
      lines[#lines + 1] = { name = case.name, value = value, unit = case.unit, ratio = ratio,
      target = case.target,
        met = case.target and (ratio or value) <= case.target }
    end
  end
  return lines
end

return memory
