-- One item at a time: views and records beside what a script would use without them, in the same run.
-- `make bench` builds what it measures against (bench/floor.c) and runs it. Figures are nanoseconds an
-- operation, the best of interleaved rounds, with the empty loop taken off; ratios are to the line named.
local memview = require "memview"
local floor = require "floor"

local N, ROUNDS = 200000, 15
local byte, unpack, pack = string.byte, string.unpack, string.pack
local struct = memview.struct
local unpack_from, pack_into = struct.unpack_from, struct.pack_into

local text = ("abcdefgh"):rep(125)
local numbers = {}
for i = 1, 1000 do numbers[i] = i % 251 end

local cases, byname = {}, {}

-- body(n) does n operations
local function case(name, against, body)
  cases[#cases + 1] = { name = name, against = against, body = body }
  byname[name] = cases[#cases]
end

local function reads(name, against, t)
  case(name, against, function(n) for _ = 1, n // 1000 do for i = 1, 1000 do local _ = t[i] end end end)
end

local function writes(name, against, t, x)
  case(name, against, function(n) for _ = 1, n // 1000 do for i = 1, 1000 do t[i] = x end end end)
end

case("empty loop", nil, function(n) for _ = 1, n // 1000 do for _ = 1, 1000 do end end end)
reads("no-op C __index", nil, floor.object)
writes("no-op C __newindex", nil, floor.object, 1)
reads("table t[i]", "no-op C __index", numbers)
case("string.byte(s, i)", "no-op C __index", function(n)
  for _ = 1, n // 1000 do for i = 1, 1000 do local _ = byte(text, i) end end
end)
case("string.unpack('<I4', s, i)", "no-op C __index", function(n)
  for _ = 1, n // 1000 do for i = 1, 997 do local _ = unpack("<I4", text, i) end end
end)

local records = memview.zeros("T{<f:x:<f:y:<H:id:<B:tag:x}", 1000)
local record, column = records[5], records:field "id"
local matrix = memview.array("f", { numbers, numbers })

for _, format in ipairs { "B", "i", "d", ">H" } do
  reads("v[i] " .. format, "no-op C __index", memview.array(format, numbers))
end
reads("v[i] B, every second", "no-op C __index", memview.zeros("B", 2000):sub(1, -1, 2))
reads("m[1][i] f, row hoisted", "no-op C __index", matrix[1])
reads("b[i] of a Buffer", "no-op C __index", memview.buffer(text))
reads("column[i]", "no-op C __index", column)
for _, format in ipairs { "B", "i", "d", ">H" } do
  writes("v[i] = x " .. format, "no-op C __newindex", memview.array(format, numbers), 7)
end
writes("b[i] = x of a Buffer", "no-op C __newindex", memview.buffer(1000), 7)

case("rec.x", "no-op C __index", function(n) local r = record for _ = 1, n do local _ = r.x end end)
case("rec.id", "no-op C __index", function(n) local r = record for _ = 1, n do local _ = r.id end end)
case("rec.x = 1.5", "no-op C __newindex", function(n) local r = record for _ = 1, n do r.x = 1.5 end end)
case("recs[i].x", "no-op C __index", function(n)
  local r = records for _ = 1, n do local _ = r[7].x end
end)

local packed = pack("<I4HHf", 1, 2, 3, 4.5)
local many = packed:rep(1000)
local target = memview.buffer(16)
case("string.unpack <I4HHf", nil, function(n) for _ = 1, n do unpack("<I4HHf", packed, 1) end end)
case("unpack_from <IHHf", "string.unpack <I4HHf", function(n)
  for _ = 1, n do unpack_from("<IHHf", packed, 1) end
end)
case("iter_unpack <IHHf", "string.unpack <I4HHf", function(n)
  for _ = 1, n // 1000 do for _ in struct.iter_unpack("<IHHf", many) do end end
end)
case("cursor:unpack <IHHf", "string.unpack <I4HHf", function(n)
  for _ = 1, n // 1000 do
    local c = memview.cursor(many)
    for _ = 1, 1000 do c:unpack "<IHHf" end
  end
end)
case("string.pack <I4HHf", nil, function(n) for _ = 1, n do pack("<I4HHf", 1, 2, 3, 4.5) end end)
case("struct.pack <IHHf", "string.pack <I4HHf", function(n)
  for _ = 1, n do struct.pack("<IHHf", 1, 2, 3, 4.5) end
end)
case("pack_into <IHHf", "string.pack <I4HHf", function(n)
  for _ = 1, n do pack_into("<IHHf", target, 1, 1, 2, 3, 4.5) end
end)

for _ = 1, ROUNDS do
  for _, c in ipairs(cases) do
    collectgarbage()
    local start = os.clock()
    c.body(N)
    c.best = math.min(c.best or math.huge, (os.clock() - start) / N * 1e9)
  end
end

local loop = cases[1].best
print(("%s, %d operations, best of %d rounds; ns net of the loop"):format(_VERSION, N, ROUNDS))
for i, c in ipairs(cases) do
  local net = c.best - (i > 1 and loop or 0)
  local other = c.against and ("%6.2f x %s"):format(net / (byname[c.against].best - loop), c.against) or ""
  print(("%-28s %7.1f  %s"):format(c.name, net, other))
end
