-- `make bench`: measures the operations of bench/operations.lua, in rounds that go through all of them, and
-- keeps the best of each. Prints a table of ratios; without arguments writes it to docs/bench.md, a chart
-- beside it, and a few of them to README.md. With an argument, only operations whose names hold it, or match
-- it as a pattern.
package.path = "bench/?.lua;" .. package.path
local groups = require "operations"
local timing = require "timing"
local children = require "children"
local memory = require "memory"
local report = require "report"
local chart = require "chart"
local brief = require "brief"

local ROUNDS <const>, TURNS <const> = 12, 3
local CHILDROUNDS <const> = 4           -- of the other interpreters
local SECONDS <const> = 120             -- after them no further round is begun
local pattern = arg[1]
local size = { bytes = 1 << 20, items = 1000000, side = 1000, needle = 1000, file = 64 << 20,
  path = os.tmpname(), seconds = timing.seconds }

local function wanted(name)
  if not pattern or name:find(pattern, 1, true) then return true end
  local ok, place = pcall(string.find, name, pattern)
  return ok and place ~= nil
end

--- The groups with only the rows that are wanted and can be measured here, and a list of all these rows.
local function choose()
  local chosen, rows = {}, {}
  for _, group in ipairs(groups) do
    local some = { title = group.title, note = group.note, names = group.names }
    for _, row in ipairs(group) do
      if wanted(row.name) and (not row.needs or pcall(require, row.needs)) then
        some[#some + 1], rows[#rows + 1] = row, row
      end
    end
    if #some > 0 then chosen[#chosen + 1] = some end
  end
  return chosen, rows
end

--- The file that is mapped.
local function makefile()
  local file <close> = assert(io.open(size.path, "wb"))
  for i = 0, (size.file >> 20) - 1 do file:write(string.char(i % 256):rep(1 << 20)) end
end

--- Is the piece to be measured now? What takes long is not in every turn, and what takes very long only once.
local function due(piece, turn)
  local cost = timing.cost(piece)
  return cost < 2 * timing.seconds or turn == 1 and cost < 0.1
end

--- Measures the pieces of a row in turns, one after the other.
local function measure(row, names)
  for turn = 1, TURNS do
    for _, column in ipairs { "memview", "floor", "lua" } do
      local piece = row[column]
      if piece and due(piece, turn) then timing.measure(piece, names) end
    end
  end
end

local function round(chosen)
  for _, group in ipairs(chosen) do
    local names = group.names(size)
    for _, row in ipairs(group) do measure(row, names) end
  end
end

local function main()
  local chosen, rows = choose()
  local interpreter = arg[-1]
  local about, found = report.about(interpreter), children.find()
  if #rows > 0 then makefile() end
  timing.calibrate()
  local start = os.time()
  for i = 1, #rows > 0 and ROUNDS or 0 do
    if os.difftime(os.time(), start) > SECONDS then break end
    io.stderr:write(("round %d of %d\n"):format(i, ROUNDS))
    round(chosen)
    for _, child in ipairs(i <= CHILDROUNDS and found or {}) do
      children.run(child, rows, size, i == 1 and about or {})
    end
  end
  os.remove(size.path)
  local lines = memory.measure(interpreter, wanted)
  report.print(chosen, lines, about)
  if not pattern then
    report.insert("docs/bench.md", report.markdown(chosen, lines, about), "figures: make bench", "figures")
    chart.write("docs/bench.svg", chosen)
    brief.write()
  end
end

main()
