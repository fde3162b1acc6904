-- `make instructions`: counts, by valgrind's callgrind, the instructions that a single operation takes and
-- the calls of Lua's C API that it makes, beside those of its floor, or of Lua's own function. Counts do not
-- move with what else a machine does: they say where the time goes. Writes a table to docs/bench.md.
--
-- Started with the name of an operation, of its column, and a number, it is the process that is counted.
package.path = "bench/?.lua;" .. package.path
local groups = require "operations"
local timing = require "timing"
local report = require "report"
local callgrind = require "callgrind"

local FEW <const>, MANY <const> = 2000, 12000   -- times; the difference is what is counted
local FOLDER <const> = "build/instructions"
local EMPTY <const> = { code = "" }

--- The rows of single operations.
local function rows()
  local list = {}
  for _, group in ipairs(groups) do
    for _, row in ipairs(group.single and group or {}) do
      if not row.needs then list[#list + 1] = { row = row, names = group.names } end
    end
  end
  return list
end

local function find(name)
  for _, one in ipairs(rows()) do
    if one.row.name == name then return one.row, one.names {} end
  end
end

-- ---- What is counted -----------------------------------------------------------------------------------

--- Does the piece n times and ends the process at once.
local function child(name, column, n)
  local row, names = find(name)
  local piece = row and row[column] or EMPTY
  timing.loop(piece, names or {})(n // (piece.per or 1))
  os.exit(true, false)
end

-- ---- Counting ------------------------------------------------------------------------------------------

local function quoted(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

--- Runs a child under callgrind; gives the path of what that writes.
local function run(name, column, n)
  local path = FOLDER .. "/callgrind.out"
  local form <const> = "valgrind --tool=callgrind --callgrind-out-file=%s %s %s %s %s %d >%s 2>&1"
  local command = form:format(path, arg[-1], arg[0], quoted(name), column, n, FOLDER .. "/log")
  assert(os.execute(command), "callgrind failed: see " .. FOLDER .. "/log")
  return path
end

local function difference(name, column)
  local few, fewcalls = callgrind.read(run(name, column, FEW))
  local many, manycalls = callgrind.read(run(name, column, MANY))
  return (many - few) / (MANY - FEW), (manycalls - fewcalls) / (MANY - FEW)
end

local counted, loop = {}, nil           -- by code

--- Instructions of a piece without the loop, and its calls.
local function count(row, column)
  local piece = row[column]
  if not piece then return nil end
  loop = loop or difference("", "memview")
  local key = (piece.before or "") .. piece.code
  if not counted[key] then
    local instructions, calls = difference(row.name, column)
    counted[key] = { instructions - loop / (piece.per or 1), calls }
  end
  return table.unpack(counted[key])
end

-- ---- The table -----------------------------------------------------------------------------------------

local function line(row)
  local ours, calls = count(row, "memview")
  local other, othercalls = count(row, row.floor and "floor" or "lua")
  if not other then return nil end
  return ("| %s | %.0f | %.0f | %.2f | %.1f | %.1f |"):format(row.name, ours, other, ours / other, calls,
    row.floor and othercalls or 0):gsub("%.0 |", " |")
end

local function main()
  assert(os.execute("mkdir -p " .. FOLDER))
  local out = { "| operation | instructions | of the other | ratio | calls of the API | of the other |",
    "| --- | --- | --- | --- | --- | --- |" }
  for _, one in ipairs(rows()) do
    out[#out + 1] = line(one.row)
    print(out[#out])
  end
  local text = table.concat(out, "\n") .. "\n"
  report.insert("docs/bench.md", text, "instructions: make instructions", "instructions")
end

if arg[1] then child(arg[1], arg[2], math.tointeger(arg[3])) else main() end
