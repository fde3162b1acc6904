-- The chart: a row for each operation, and in it a mark for each column, as far to the right as the column
-- takes longer than memview does. An SVG that needs nothing else, for light and dark pages.
local report = require "report"

local chart = {}

local WIDTH <const>, LEFT <const>, RIGHT <const>, ROW <const>, TOP <const> = 860, 250, 20, 16, 64
local LOW <const>, HIGH <const> = -2, 3 -- powers of ten at the ends of the axis

-- A column's colour, and its mark around 0,0.
local MARKS <const> = {
  { "floor", "C floor", "#808080", '<path d="M0-5V5" stroke-width="3"/>' },
  { "lua", "Lua without memview", "#3b82f6", '<circle r="4"/>' },
  { "python", "CPython", "#d97706", '<path d="M-4-4H4V4H-4z"/>' },
  { "numpy", "numpy", "#16a34a", '<path d="M0-5 5 0 0 5-5 0z"/>' },
  { "luajit", "LuaJIT", "#db2777", '<path d="M0-5 5 4H-5z"/>' },
}

local SVG <const> = [[
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d">
%s
%s
%s
</svg>
]]

local STYLE <const> = [[
<style>
text { font: 12px sans-serif; fill: #24292f }
.title { font-weight: bold }
.axis { text-anchor: middle; font-size: 11px }
.grid { stroke: #8c959f; stroke-opacity: .3 }
.one { stroke: #24292f }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .one { stroke: #e6edf3 } }
</style>]]

local ENTITIES <const> = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

local function escape(text) return (text:gsub("[&<>]", ENTITIES)) end

--- Where on the x axis a ratio stands; at an end where it is past it.
local function place(ratio)
  local power = math.max(LOW, math.min(HIGH, math.log(ratio, 10)))
  return LEFT + (power - LOW) / (HIGH - LOW) * (WIDTH - LEFT - RIGHT)
end

local function text(x, y, class, words)
  return ('<text x="%.0f" y="%.0f" class="%s">%s</text>'):format(x, y, class, escape(words))
end

local function mark(kind, x, y)
  return ('<g transform="translate(%.1f %.1f)" fill="%s" stroke="%s" stroke-width="1">%s</g>'):format(
    x, y, kind[3], kind[3], kind[4])
end

--- The legend, and the axis down to a height.
local function frame(add, height)
  local x = 10
  for _, kind in ipairs(MARKS) do
    add(mark(kind, x, 14))
    add(text(x + 10, 18, "legend", kind[2]))
    x = x + 40 + 7 * #kind[2]
  end
  add(text(LEFT, 40, "axis", "faster than memview"))
  add(text(WIDTH - RIGHT - 50, 40, "axis", "slower than memview"))
  for power = LOW, HIGH do
    local at = place(10.0 ^ power)
    add(('<path d="M%.1f %d V%d" class="%s"/>'):format(at, TOP, height, power == 0 and "one" or "grid"))
    add(text(at, TOP - 6, "axis", power == 0 and "1 = memview" or ("%g x"):format(10.0 ^ power)))
  end
end

local function drawrow(add, row, y)
  add(text(10, y + 4, "row", row.name))
  for _, kind in ipairs(MARKS) do
    local ratio = report.ratio(row, kind[1])
    if ratio then add(mark(kind, place(1 / ratio), y)) end
  end
end

--- The chart of the groups, as text.
function chart.draw(groups)
  local body, y = {}, TOP + ROW
  local function add(line) body[#body + 1] = line end
  for _, group in ipairs(groups) do
    add(text(10, y + 4, "title", (group.title:gsub("`", ""))))
    for _, row in ipairs(group) do
      y = y + ROW
      drawrow(add, row, y)
    end
    y = y + ROW * 1.5
  end
  local height = math.ceil(y)
  local head = {}
  frame(function(line) head[#head + 1] = line end, height - ROW)
  return SVG:format(WIDTH, height, WIDTH, height, STYLE, table.concat(head, "\n"), table.concat(body, "\n"))
end

function chart.write(path, groups)
  local file <close> = assert(io.open(path, "w"))
  file:write(chart.draw(groups))
end

return chart
