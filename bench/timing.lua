-- Times a piece of code, in Lua 5.4 and in LuaJIT. A piece is a table: `code`, which may use the names it is
-- given and the locals `i` and `sum`; perhaps `before` and `after`; `per`, how many operations it does (1).
-- Where it speaks of i, or has a `before`, it runs with i = 1, 2, ... 1000 again and again, with `before` and
-- `after` around each thousand.
local timing = {}

local compile = rawget(_G, "loadstring") or load
timing.seconds = 0.004                 -- how long a measurement is to take

local function isexpression(code) return compile("return " .. code) ~= nil end

--- Has the code a name in it, as a word outside strings?
local function speaksof(code, name)
  return code:gsub("'[^']*'", "''"):find("%f[%w_]" .. name .. "%f[^%w_]") ~= nil
end

--- The names that a text uses, as one line that makes them locals.
local function locals(text, names)
  local list = {}
  for name in pairs(names) do
    if speaksof(text, name) then list[#list + 1] = name end
  end
  table.sort(list)
  return #list == 0 and "" or ("local %s = names.%s"):format(table.concat(list, ", "),
    table.concat(list, ", names."))
end

--- A function of n with the names of a piece as locals.
local function build(piece, names, ...)
  local body = table.concat({ ... }, " ")
  local form = "local names = ... return function(n) %s local sum = 0 %s end"
  return assert(compile(form:format(locals(body, names), body), "=" .. piece.code))(names)
end

local function inblocks(piece) return piece.before ~= nil or speaksof(piece.code, "i") end

--- A function of n that does the piece n times, and what n must be a multiple of.
function timing.loop(piece, names)
  local code, before, after = piece.code, piece.before or "", piece.after or ""
  if not compile(code) then code = "local _ = " .. code end
  if inblocks(piece) then
    return build(piece, names, "for _ = 1, n / 1000 do", before, "for i = 1, 1000 do", code, "end", after,
      "end return sum"), 1000
  end
  return build(piece, names, "for _ = 1, n do", code, "end return sum"), 1
end

--- Does the piece with i = 1 to n, or once where it speaks of no i.
-- @return its `result` where it has one, else its values of every time
function timing.once(piece, names, n)
  local code, before, after = piece.code, piece.before or "", piece.after or ""
  if isexpression(code) then code = "got[i] = table.pack(" .. code .. ")" end
  return build(piece, names, "local got = {}", before, "for i = 1, n do", code, "end", after,
    "return", piece.result or "got")(inblocks(piece) and n or 1)
end

local function seconds(f, n)
  collectgarbage()
  local start = os.clock()
  f(n)
  return os.clock() - start
end

--- How many times the piece is to be done in a measurement.
local function fit(f, unit)
  local n = unit
  while true do
    local took = seconds(f, n)
    if took >= timing.seconds then return n end
    local units = math.floor(timing.seconds * 1.2 / math.max(took, timing.seconds / 10) * n / unit) + 1
    n = math.max(units * unit, n + unit)
  end
end

local empty = {}                        -- nanoseconds of a turn of the loop, by its unit

--- Measures the piece once more, and keeps in piece.best the least nanoseconds of an operation so far, with
-- the loop taken off. What it learns about the piece it keeps too.
function timing.measure(piece, names)
  local f, unit = timing.loop(piece, names)
  piece.n = piece.n or fit(f, unit)
  local took = seconds(f, piece.n) / piece.n * 1e9
  piece.raw = math.min(piece.raw or math.huge, took)
  piece.best = math.max(piece.raw - (empty[unit] or 0), 0.01) / (piece.per or 1)
  piece.times = (piece.times or 0) + 1
end

--- Seconds of a measurement of the piece, 0 before the first.
function timing.cost(piece) return piece.raw and piece.raw * piece.n / 1e9 or 0 end

--- Measures the empty loops.
function timing.calibrate()
  for _, piece in ipairs { { code = "" }, { code = "", before = "" } } do
    local f, unit = timing.loop(piece, {})
    for _ = 1, 3 do
      empty[unit] = math.min(empty[unit] or math.huge, seconds(f, 2000000) / 2000000 * 1e9)
    end
  end
end

return timing
