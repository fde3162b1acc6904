-- A few of the figures in docs/bench.md, for README.md. `make bench` writes them anew; a spec holds them
-- against the document, so that they are never those of another run. By hand, from the repository's root:
--
--    lua5.4 -e 'package.path = "bench/?.lua;" .. package.path; require("brief").write()'
local report = require "report"

local brief = {}

local DOCUMENT <const>, README <const> = "docs/bench.md", "README.md"

--- The operations, by their names in the document, and what README.md says for them.
local CHOSEN <const> = {
  { "v[i], d", "read a number, `v[i]`" },
  { "v[i] = x, d", "write one, `v[i] = x`" },
  { "rec.x", "read a member, `rec.x`" },
  { "recs[i].x", "`recs[i].x`" },
  { "v:sub(i, j) of a string", "make a view, `v:sub(i, j)`" },
  { "unpack_from(f, s, 1)", "unpack `\"<IHHf\"`" },
  { "memview.array(i, t)", "a table of 1 M numbers as a view" },
  { "v:tobytes()", "1 MiB as a string" },
  { "copy of a transpose, 4 bytes", "transpose 1000 x 1000" },
  { "B to f", "convert 1 M bytes to floats" },
  { "v:equals(w), f and f", "compare 1 M floats" },
  { "v:index(x) that misses, i", "search 1 M ints" },
  { "v:hex()", "1 MiB in hexadecimal" },
  { "memview.map, a sample", "map 64 MiB, read a byte in 64 KiB" },
}

local HEADING <const> = "| operation | memview | C | Lua | CPython | numpy | LuaJIT |\n"
  .. "| --- | --- | --- | --- | --- | --- | --- |\n"

--- A cell without its target: "**2.23 > 1.5**" is "2.23".
local function bare(cell) return (cell:gsub("%*", ""):gsub(" [<>].*", "")) end

local function cells(line)
  local list = {}
  for cell in line:gmatch "| ([^|]-) %f[|]" do list[#list + 1] = cell:match "^%s*(.*)$" end
  return list
end

--- The rows of the document's tables by their first cells, and where it was measured, a list of lines.
local function read()
  local rows, about = {}, {}
  for line in io.lines(DOCUMENT) do
    local row = cells(line)
    if row[1] then rows[row[1]] = row end
    if line:find "^<!%-%- figures" then about = {} end
    if line:find "^<!%-%- end" then break end
    about[#about + 1] = line:match "^%- (.*)$"
  end
  return rows, about
end

--- What stands between the marks in README.md.
function brief.text()
  local rows, about = read()
  local list = { report.wrap("Measured on " .. table.concat(about, "; ") .. ".") .. "\n\n", HEADING }
  for _, chosen in ipairs(CHOSEN) do
    local row = assert(rows[chosen[1]], chosen[1])
    local line = { chosen[2] }
    for i = 2, 7 do line[i] = bare(row[i]) end
    list[#list + 1] = "| " .. table.concat(line, " | ") .. " |\n"
  end
  return table.concat(list)
end

function brief.write() report.insert(README, brief.text(), "figures: make bench", "figures") end

return brief
