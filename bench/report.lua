-- How figures are shown: in the terminal, in docs/bench.md, and where they were measured.
local report = {}

local COLUMNS <const> = {
  { "floor", "floor" }, { "lua", "Lua" }, { "python", "CPython" }, { "numpy", "numpy" },
    { "luajit", "LuaJIT" },
}

local function time(ns)
  if ns < 1000 then return ("%.1f ns"):format(ns) end
  if ns < 1e6 then return ("%.1f us"):format(ns / 1e3) end
  return ("%.2f ms"):format(ns / 1e6)
end

local function number(x)
  return ("%." .. (x < 0.095 and 3 or x < 10 and 2 or x < 100 and 1 or 0) .. "f"):format(x)
end

--- memview's time by that of a column, nil where there is none; whether the target is met, nil without one;
-- and the target.
function report.ratio(row, column)
  local piece = row[column]
  if not piece or not piece.best then return nil end
  local ratio = row.memview.best / piece.best
  local met
  if piece.target then met = ratio <= piece.target end
  return ratio, met, piece.target
end

--- What stands in a cell: a ratio, perhaps with its target; `strong` marks a target that is missed.
local function cell(ratio, met, target, strong)
  if not ratio then return "" end
  if met == nil then return number(ratio) end
  if met then return ("%s <= %s"):format(number(ratio), target) end
  return strong:format(("%s > %s"):format(number(ratio), target))
end

--- Are all targets of the row met that could be measured? nil where it has none.
local function rowmet(row)
  local all
  for _, column in ipairs(COLUMNS) do
    local _, met = report.ratio(row, column[1])
    if met ~= nil then all = all ~= false and met end
  end
  return all
end

local YES <const> = { [true] = "yes", [false] = "no" }

local function cells(row, strong)
  local list = { row.name, time(row.memview.best) }
  for _, column in ipairs(COLUMNS) do
    local ratio, met, target = report.ratio(row, column[1])
    list[#list + 1] = cell(ratio, met, target, strong)
  end
  list[#list + 1] = YES[rowmet(row)] or ""
  return list
end

local function heading()
  local list = { "operation", "memview" }
  for _, column in ipairs(COLUMNS) do list[#list + 1] = column[2] end
  list[#list + 1] = "met"
  return list
end

local function memorycells(line, strong)
  local value = line.unit:find "^times" and number(line.value) or ("%d"):format(math.floor(line.value + 0.5))
  return { line.name, value .. " " .. line.unit,
    cell(line.ratio or line.target and line.value, line.met, line.target, strong), YES[line.met] or "" }
end

--- How many targets there are, and how many of them are met.
function report.count(groups, lines)
  local met, all = 0, 0
  local function add(one)
    if one == nil then return end
    met, all = met + (one and 1 or 0), all + 1
  end
  for _, group in ipairs(groups) do
    for _, row in ipairs(group) do
      for _, column in ipairs(COLUMNS) do add((select(2, report.ratio(row, column[1])))) end
    end
  end
  for _, line in ipairs(lines) do add(line.met) end
  return met, all
end

-- ---- In the terminal --------------------------------------------------------------------------------

local WIDE <const> = "%-37s %10s  %-13s %-13s %-13s %-13s %-8s %s"
local NARROW <const> = "%-40s %26s  %-14s %s"

local function put(form, list) print((form:format(table.unpack(list)):gsub("%s+$", ""))) end

function report.print(groups, lines, about)
  print(table.concat(about, "\n"))
  for _, group in ipairs(groups) do
    print("\n" .. group.title)
    put(WIDE, heading())
    for _, row in ipairs(group) do put(WIDE, cells(row, "%s !")) end
  end
  if #lines > 0 then
    print "\nMemory"
    put(NARROW, { "what", "memory", "ratio", "met" })
    for _, line in ipairs(lines) do put(NARROW, memorycells(line, "%s !")) end
  end
  print(("\n%d of %d targets met"):format(report.count(groups, lines)))
end

-- ---- In the document --------------------------------------------------------------------------------

local function tablerow(list)
  return "| " .. table.concat(list, " | ") .. " |"
end

local function rule(n) return "|" .. (" --- |"):rep(n) end

local function coded(list)
  list[1] = list[1]:gsub("|", "\\|")
  return list
end

--- A text in lines of at most 110 characters.
function report.wrap(text)
  local line, out = "", {}
  for word in text:gmatch "%S+" do
    if #line + #word >= 110 then line, out[#out + 1] = "", line end
    line = line == "" and word or line .. " " .. word
  end
  out[#out + 1] = line
  return table.concat(out, "\n")
end

function report.markdown(groups, lines, about)
  local out = {}
  local function add(text) out[#out + 1] = text end
  for _, line in ipairs(about) do add("- " .. line) end
  add(("- %d of %d targets met"):format(report.count(groups, lines)))
  add "\n![Times of the others by memview's](bench.svg)"
  for _, group in ipairs(groups) do
    add(("\n### %s\n\n%s\n"):format(group.title, report.wrap(group.note)))
    add(tablerow(heading()))
    add(rule(#heading()))
    for _, row in ipairs(group) do add(tablerow(coded(cells(row, "**%s**")))) end
  end
  add "\n### Memory\n"
  add(tablerow { "what", "memory", "ratio", "met" })
  add(rule(4))
  for _, line in ipairs(lines) do add(tablerow(memorycells(line, "**%s**"))) end
  return table.concat(out, "\n") .. "\n"
end

--- Puts a text between two marks of a document: "<!-- figures: make bench -->", "<!-- end of figures -->".
function report.insert(document, text, first, last)
  local file = assert(io.open(document))
  local old = file:read "a"
  file:close()
  local _, here = old:find(("<!-- %s -->\n"):format(first), 1, true)
  local there = here and old:find(("<!-- end of %s -->"):format(last), here, true)
  assert(here and there, document .. " lacks its marks")
  file = assert(io.open(document, "w"))
  file:write(old:sub(1, here), "\n", text, "\n", old:sub(there))
  file:close()
end

-- ---- Where it was measured --------------------------------------------------------------------------

local function firstline(command)
  local pipe = io.popen(command .. " 2>&1")
  local line = pipe and pipe:read "l"
  if pipe then pipe:close() end
  return line or "unknown"
end

local function processor()
  for line in (io.open "/proc/cpuinfo" or io.popen "true"):lines() do
    local name = line:match "^model name%s*:%s*(.*)"
    if name then return name end
  end
  return "unknown processor"
end

--- The machine, the system and the versions, as a list of lines.
function report.about(interpreter)
  return { processor() .. ", " .. firstline "uname -sm",
    firstline(interpreter .. " -v"):match "^Lua [%d.]+" or _VERSION,
    firstline((os.getenv "CC" or "cc") .. " --version") }
end

return report
