-- One item at a time: v[i] beside what a script would use without views, in the same run.
-- Usage: lua5.4 bench/items.lua. Figures are nanoseconds an operation, the best of interleaved rounds,
-- with the empty loop taken off; the last column is the ratio to the cheapest possible metamethod call.
local memview = require "memview"

local N, ROUNDS = 200000, 15

local bytes = ("abcdefgh"):rep(N // 8)
local values = {}
for i = 1, N do values[i] = i % 251 end

-- The floor: a C function as __index that does next to nothing with its two arguments.
local floor = setmetatable({}, { __index = rawequal })

local B, i32, f64 = memview.array("B", values), memview.array("i", values), memview.array("d", values)
local be, strided = memview.array(">H", values), memview.array("B", values):sub(1, -1, 2)
local row = memview.array("f", { values })[1]
local buffer = memview.buffer(bytes)

local byte, unpack = string.byte, string.unpack

local cases = {
  { "empty loop", function() for _ = 1, N do end end },
  { "no-op C __index", function() local t = floor for i = 1, N do local _ = t[i] end end },
  { "table t[i]", function() local t = values for i = 1, N do local _ = t[i] end end },
  { "string.byte(s, i)", function() local s = bytes for i = 1, N do local _ = byte(s, i) end end },
  { "string.unpack('<I4', s, i)", function()
    local s = bytes for i = 1, N - 4 do local _ = unpack("<I4", s, i) end
  end },
}

local function reads(name, v)
  cases[#cases + 1] = { name, function() for _ = 1, N // #v do for i = 1, #v do local _ = v[i] end end end }
end

local function writes(name, v, x)
  cases[#cases + 1] = { name, function() for _ = 1, N // #v do for i = 1, #v do v[i] = x end end end }
end

reads("v[i] B", B) reads("v[i] i", i32) reads("v[i] d", f64) reads("v[i] >H", be)
reads("v[i] B, every second", strided) reads("m[1][i] f, row hoisted", row) reads("b[i] of a Buffer", buffer)
writes("v[i] = x B", B, 7) writes("v[i] = x i", i32, 7) writes("v[i] = x d", f64, 1.5)
writes("v[i] = x >H", be, 7) writes("b[i] = x of a Buffer", buffer, 7)
writes("table t[i] = x", values, 7)

local best = {}
for _ = 1, ROUNDS do
  for k, case in ipairs(cases) do
    local start = os.clock()
    case[2]()
    local spent = (os.clock() - start) / N * 1e9
    best[k] = math.min(best[k] or math.huge, spent)
  end
end

local loop, noop = best[1], best[2] - best[1]
print(("%s; %d items, best of %d rounds"):format(_VERSION, N, ROUNDS))
for k, case in ipairs(cases) do
  local net = best[k] - (k > 1 and loop or 0)
  print(("%-30s %7.1f ns %7.2f x"):format(case[1], net, net / noop))
end
