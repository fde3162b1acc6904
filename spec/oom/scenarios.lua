-- What host.c tries under failing allocations. Each scenario is
--   name
--   setup()        makes the objects, in a table; nothing fails here
--   call(env)      one call, or several that change nothing; may fail at any point
--   pure           changes nothing even where it gets through
--   expect(env, result)  true where the result, or what has been done to the objects, is right
-- and together they call every public function (run.lua looks).
-- luacheck: globals capi
local list = {}

local function add(name, setup, call, expect)
  list[#list + 1] = {name = name, setup = setup, call = call, expect = expect}
end

--- A scenario that changes nothing.
local function reads(name, setup, call, expect)
  add(name, setup, call, expect)
  list[#list].pure = true
end

local function mv() return require "memview" end

local long = ("x"):rep(300)
local record = "T{<h:first:3s:second:(2,2)f:matrix:T{B:a:d:b:}:nested:}"

-- Objects ------------------------------------------------------------------------------------------------

local function nothing() return {m = mv()} end

--- A Buffer with room to spare, a view of it, a matrix, records, and an exporter.
local function objects()
  local m = mv()
  local b = m.buffer "0123456789"
  local matrix = m.array("<h", {{1, 2, 3}, {4, 5, 6}})
  local records = m.zeros(record, 3)
  records[2] = {first = 7, second = "ab", matrix = {{1, 2}, {3, 4}}, nested = {a = 1, b = 2.5}}
  return {m = m, b = b, v = b:view(), matrix = matrix, records = records,
    exporter = setmetatable({}, {__buffer = function() return b end})}
end

--- A Buffer that nothing pins.
local function buffer() return {m = mv(), b = mv().buffer "0123456789", x = mv().buffer(long)} end

local function withfile(text)
  return function()
    local env = objects()
    env.file = assert(io.tmpfile())
    env.file:write(text)
    env.file:seek "set"
    return env
  end
end

local function bytes(text) return function(env) return env.b:tobytes() == text end end

-- Making ---------------------------------------------------------------------------------------------------

add("require", function() return {} end, function() return require "memview" end, function(_, m)
  return m.view "abc":tobytes() == "abc" and m.dump(m "a") ~= nil and require "memview" == m
end)
list[#list].opens = true

reads("view", objects, function(env)
  local m = env.m
  return m("abc"), m.view(env.b), m.view(env.matrix), m.view(env.exporter)
end, function(env, v) return v:tobytes() == "abc" and #env.m(env.exporter) == 10 end)

reads("zeros", nothing, function(env)
  return env.m.zeros(record, {2, 3}), env.m.zeros("f", 5), env.m.zeros("<u16", {})
end, function(_, v) return v.itemsize == 30 and #v == 2 end)

reads("array", nothing, function(env)
  return env.m.array("<h", {{1, 2}, {3, 4}, {5, 6}}),
    env.m.array(record, {{first = 1, second = "abc"}, {nested = {a = 2}}})
end, function(_, v) return v:tobytes() == "\1\0\2\0\3\0\4\0\5\0\6\0" end)

reads("buffer of a string", nothing, function(env) return env.m.buffer(long) end,
  function(_, b) return b:tobytes() == long end)
reads("buffers", objects, function(env)
  local m = env.m
  return m.buffer {1, 2, 3}, m.buffer(), m.buffer(100), m.buffer(env.matrix:transpose()),
    m.buffer(env.exporter)
end, function(_, b) return b:tobytes() == "\1\2\3" end)

reads("fromhex and type", objects, function(env)
  return env.m.fromhex("00 ff 10" .. ("aa"):rep(50)), env.m.type(env.b), env.m.type(env.v)
end, function(_, b) return #b == 53 and b[2] == 255 end)

reads("map", function()
  local env = nothing()
  env.name = os.tmpname()
  local f = assert(io.open(env.name, "wb"))
  f:write(long)
  f:close()
  return env
end, function(env)
  local v <close> = assert(env.m.map(env.name, "rw"))
  v:flush()
  assert(env.m.map(env.name .. ".none") == nil)
  return v:tobytes()
end, function(env, text)
  os.remove(env.name)
  io.open(env.name, "wb"):write(long):close()
  return text == long
end)

reads("record", nothing, function(env)
  local inner = env.m.record("<", {{"x", "f32"}, {"y", "f32", 2}})
  local fields = {{"id", "u8"}, {"pos", inner}, {"m", "f64", {2, 2}}, {"_", "pad", 3}, {"t", "8s", at = 64}}
  return env.m.record("@", fields), inner
end, function(env, f) return env.m.zeros(f, 1):field "t".offset == nil and env.m.struct.calcsize(f) == 72 end)

-- Attributes, items ----------------------------------------------------------------------------------------

reads("attributes", objects, function(env)
  local m = env.m
  for _, name in ipairs {"obj", "nbytes", "itemsize", "format", "ndim", "shape", "strides", "suboffsets",
    "readonly", "contiguous", "c_contiguous", "f_contiguous", "released"} do
    local _, _ = env.records[name], m[name](env.matrix)
  end
  return env.records.format, tostring(env.matrix), tostring(env.b), tostring(env.records), #env.v
end, function(env, format) return format == env.m.zeros(record, 0).format end)

reads("items", objects, function(env)
  local r = env.records[2]
  local sum = 0
  for i, x in pairs(env.v) do sum = sum + i * x end
  for _, row in ipairs(env.matrix) do sum = sum + row[1] end
  for _ in pairs(r) do sum = sum + 1 end
  for _ in pairs(env.b) do sum = sum + 1 end
  return sum, env.matrix[2], env.matrix:get(2, 3), r.first, r.second, r.matrix, r.nested.b, r:unpack(),
    env.v:unpack(), env.b[1], env.b[-1], r[1], #r, #env.b
end, function(_, sum) return sum == 2970 + 5 + 4 + 10 end)

add("writing a row", objects, function(env) env.matrix[1] = {7, 8, 9} end,
  function(env) return env.matrix:tobytes() == "\7\0\8\0\9\0\4\0\5\0\6\0" end)
add("writing an item", objects, function(env) env.v[1] = 200 end, function(env) return env.b[1] == 200 end)
add("set", objects, function(env) env.matrix:set(2, 3, -1) end,
  function(env) return env.matrix:get(2, 3) == -1 end)
add("writing a record", objects, function(env)
  env.records[1] = {first = 3, second = env.m.buffer "xyz", nested = {b = 0.5}}
end, function(env) return env.records[1].second == "xyz" and env.records[1].nested.b == 0.5 end)
add("writing a field", objects, function(env) env.records[2].matrix = {{5, 6}, {7, 8}} end,
  function(env) return env.records[2].matrix:get(2, 2) == 8 end)
add("writing a byte of a buffer", buffer, function(env) env.b[2] = 65 end, bytes "0A23456789")

-- Views of views -------------------------------------------------------------------------------------------

reads("sub-views", objects, function(env)
  local v, matrix = env.v, env.matrix
  return v:sub(2, -2, 3), matrix:slice(2, {1, 3, 2}), v:cast("<h", {5}), v:cast("T{b:a:4s:b:}"),
    matrix:reshape {3, 2}, matrix:transpose(), matrix:transpose(2, 1), env.records:field "matrix",
    env.records:field "nested.b", v:toreadonly(), env.b:view(), env.b:sub(2, 3)
end, function(_, v) return v:tobytes() == "147" end)

-- Bulk -----------------------------------------------------------------------------------------------------

reads("tobytes", objects, function(env)
  return env.matrix:transpose():tobytes(), env.matrix:tobytes "F", env.v:tobytes(2, 3), env.b:tobytes(2, 3)
end, function(_, text) return text == "\1\0\4\0\2\0\5\0\3\0\6\0" end)
reads("tolist", objects, function(env)
  return env.records:tolist(), env.matrix:tolist(2, 2), env.v:tolist()
end, function(_, t) return t[2].matrix[2][1] == 3 and t[2].nested.b == 2.5 end)
reads("hex", objects, function(env)
  return env.matrix:transpose():hex(":", -2), env.b:hex(" "), env.v:hex()
end, function(_, text) return text == "0100:0400:0200:0500:0300:0600" end)
reads("copies", objects, function(env)
  return env.matrix:transpose():clone(), env.records:clone(), env.matrix:tocontiguous "F",
    env.v:tocontiguous()
end, function(_, v) return v:tobytes() == "\1\0\4\0\2\0\5\0\3\0\6\0" end)

add("copyfrom a table", objects, function(env) return env.matrix:copyfrom {{9, 8, 7}, {6, 5, 4}} end,
  function(env) return env.matrix:tobytes() == "\9\0\8\0\7\0\6\0\5\0\4\0" end)
add("copyfrom what overlaps", objects, function(env) return env.v:copyfrom(env.v:sub(nil, nil, -1)) end,
  bytes "9876543210")
add("copyfrom other items", objects, function(env)
  return env.matrix:copyfrom(env.m.array("d", {{9, 8, 7}, {6, 5, 4}}))
end, function(env) return env.matrix:tobytes() == "\9\0\8\0\7\0\6\0\5\0\4\0" end)
add("copyfrom with a position", objects, function(env) return env.v:copyfrom({1, 2, 3}, 4) end,
  bytes "012\1\2\0036789")
add("copyfrom records", objects, function(env) return env.records:copyfrom(env.records:sub(nil, nil, -1)) end)
add("copyfrom an exporter", objects, function(env) return env.v:copyfrom(env.exporter) end,
  bytes "0123456789")
add("fill", objects, function(env) return env.v:fill(65, 2, 3) end, bytes "0AA3456789")
add("fill records", objects, function(env) return env.records:fill {second = "zz", nested = {a = 5}} end,
  function(env) return env.records[3].second == "zz\0" and env.records[2].first == 7 end)
add("byteswap", objects, function(env) return env.matrix:byteswap() end,
  function(env) return env.matrix:tobytes() == "\0\1\0\2\0\3\0\4\0\5\0\6" end)
add("setbits", objects, function(env) return env.v:setbits(3, 7, 85) end,
  function(env) return env.v:getbits(3, 7) == 85 end)

reads("search", objects, function(env)
  return env.v:index(0x35), env.v:count(0x35), env.records:index {second = "ab\0"},
    env.records:count {first = 0}, env.v:find "345", env.b:find(env.m.buffer "345"),
    env.b:find(env.exporter), env.v:getbits(3, 7)
end, function(_, i) return i == 6 end)

--- Comparisons: none may be wrong for want of memory.
reads("equals", objects, function(env)
  local m, b, v = env.m, env.b, env.v
  return v:equals(b) and v:equals "0123456789" and b:equals(v) and v == b and env.matrix == env.matrix:clone()
    and env.matrix ~= v and env.matrix:transpose() == env.matrix:transpose():clone()
    and m.view(env.exporter) == b and b == b:view() and env.records == env.records:clone()
    and v:equals(env.exporter) and v == m.zeros("B", 10):copyfrom "0123456789"
end, function(_, same) return same end)
reads("== of an exporter that is a userdata", function()
  local env = objects()
  env.long, env.file = env.m(long), assert(io.tmpfile())
  getmetatable(env.file).__buffer = function() return "x" .. long:sub(2) end
  return env
end, function(env)
  return env.long == env.file and env.file == env.long
end, function(_, same) return same end)
reads("== in a coroutine", objects, function(env)
  return coroutine.wrap(function() return env.v == env.b and env.b == env.v end)()
end, function(_, same) return same end)
reads("compare", objects, function(env)
  local b, v = env.b, env.v
  return v:compare(b) == 0 and b:compare "1" == -1 and env.matrix:transpose():compare(env.matrix) == 1
    and b < "1" and b <= v and not (b < v) -- luacheck: ignore
end, function(_, right) return right end)
reads("concat", objects, function(env)
  return env.v .. long, long .. env.b, env.b .. env.v, env.matrix:transpose() .. "", env.b .. 1
end, function(_, text) return text == "0123456789" .. long end)

reads("dump", objects, function(env)
  return env.m.dump(env.v), env.records:dump {color = true}, env.matrix:dump(), env.m.dump(env.exporter)
end, function(_, text) return text:find "30 31 32 33" ~= nil end)

-- Files ----------------------------------------------------------------------------------------------------

add("view:readfrom", withfile(long), function(env)
  env.file:seek "set"
  return env.v:readfrom(env.file)
end, bytes(long:sub(1, 10)))
add("view:readfrom, strided", withfile(long), function(env)
  env.file:seek "set"
  return env.v:sub(1, -1, 2):readfrom(env.file)
end, bytes "x1x3x5x7x9")
reads("writeto", withfile "", function(env)
  env.file:seek "set"
  return env.v:writeto(env.file), env.b:writeto(env.file), env.matrix:transpose():writeto(env.file)
end, function(_, n) return n == 10 end)

add("buffer:readfrom", function()
  local env = withfile(long:rep(40))()
  env.v:release()
  return env
end, function(env)
  env.file:seek "set"
  return env.b:readfrom(env.file)
end, function(env) return env.b:tobytes():find("0123456789" .. long, 1, true) == 1 end)

-- Lifetime -------------------------------------------------------------------------------------------------

add("release", objects, function(env) env.v:release() end, function(env) return env.v.released end)

reads("close", objects, function(env)
  local v <close> = env.b:view()
  local b <close> = env.m.buffer(long)
  local w = b:view()
  return w:tobytes() .. v:tobytes()
end, function(_, text) return text == long .. "0123456789" end)

add("buffer:release", buffer, function(env)
  do local _ = env.b:view() end
  env.b:release()
end, function(env) return tostring(env.b) == "memview.Buffer: (released)" end)

-- Buffers: changes of the size -----------------------------------------------------------------------------

add("append", buffer, function(env) return env.b:append(65, long, env.b, env.x) end,
  bytes("0123456789A" .. long .. "0123456789" .. long))
add("append one", buffer, function(env) return env.b:append(long) end, bytes("0123456789" .. long))
add("append past a dropped view", buffer, function(env)
  env.b:sub(2, 3):cast "c"
  return env.b:append(long)
end, bytes("0123456789" .. long))
add("append past a dropped view, in a coroutine", buffer, function(env)
  env.b:sub(2, 3)
  local thread = coroutine.create(function() return env.b:append(long) end)
  return assert(select(2, assert(coroutine.resume(thread))))
end, bytes("0123456789" .. long))
add("insert", buffer, function(env) return env.b:insert(3, long) end, bytes("01" .. long .. "23456789"))
add("remove", buffer, function(env) return env.b:remove(2, 9) end, bytes "09")
add("resize", buffer, function(env) return env.b:resize(1000, 7) end,
  bytes("0123456789" .. ("\7"):rep(990)))
add("reserve", buffer, function(env) return env.b:reserve(5000) end, bytes "0123456789")
add("clear", buffer, function(env) return env.b:clear() end, bytes "")
add("pack", buffer, function(env) return env.b:pack("<h300sT{B:a:}", 1, "abc", 2) end,
  bytes("0123456789\1\0abc" .. ("\0"):rep(297) .. "\2"))

-- struct ---------------------------------------------------------------------------------------------------

reads("struct", objects, function(env)
  local s = env.m.struct
  local text = s.pack("<h3s2d", 1, "abc", 1.5, 2.5)
  local sum = 0
  for a, b in s.iter_unpack("<BB", env.b) do sum = sum + a - b end
  return sum, s.unpack("<h3s2d", text), s.unpack_from("<B4s", env.v, 2), s.calcsize(record),
    s.pack("300s", long)
end, function(_, sum) return sum == -5 end)
add("pack_into", objects, function(env) return env.m.struct.pack_into("<2s3B", env.b, 2, "AB", 1, 2, 3) end,
  bytes "0AB\1\2\0036789")
add("pack_into, a large one", buffer, function(env)
  return env.m.struct.pack_into("<290sd", env.x, 1, long:sub(1, 290), 1.0)
end)

-- Cursors --------------------------------------------------------------------------------------------------

local function cursor()
  local env = buffer()
  env.c = env.m.cursor(env.b, "<")
  env.r = env.m.cursor "abc\0defgh\0"
  return env
end

reads("tostring(cursor)", cursor, function(env)
  return tostring(env.c) .. tostring(env.r)
end, function(_, text)
  return text:find " at 1 of %d+memview.* at 1 of 10$"
end)
reads("cursors", objects, function(env)
  return env.m.cursor(env.b, "<"), env.m.cursor(env.v), env.m.cursor "abc", env.m.cursor(env.exporter)
end, function(_, c) return c.position == 1 and c.remaining == 10 end)
add("cursor:unpack", cursor, function(env) return env.c:unpack "H2s3B" end, function(env, x)
  return x == 0x3130 and env.c.position == 8
end)
reads("cursor:peek", cursor, function(env) return env.c:peek "H2s3B" end,
  function(_, x) return x == 0x3130 end)
add("cursor:take", cursor, function(env) return env.c:take(3) end,
  function(env) return env.c.position == 4 end)
add("cursor:cstring", cursor, function(env) return env.r:cstring() end,
  function(env, x) return x == "abc" and env.r.position == 5 end)
add("cursor:seek", cursor, function(env) return env.c:seek(5) end,
  function(env) return env.c.position == 5 end)
add("cursor:skip", cursor, function(env) return env.c:skip(5) end,
  function(env) return env.c.position == 6 end)
add("cursor:align", cursor, function(env) return env.c:align(4) end,
  function(env) return env.c.position == 1 end)
add("cursor:pack", cursor, function(env) return env.c:pack("H2s", 0x4141, "BB") end,
  bytes "AABB456789")
add("cursor:pack over the end", function()
  local env = cursor()
  env.c:seek(9)
  return env
end, function(env) return env.c:pack("300s", long) end, bytes("01234567" .. long))
add("cursor:pack at the end", function()
  local env = cursor()
  env.c:seek(11)
  return env
end, function(env) return env.c:pack("300s", long) end, bytes("0123456789" .. long))
reads("cursor's names", cursor, function(env)
  pcall(function() env.c.name = 1 end)
  return env.c.position, env.c.remaining
end, function(_, p) return p == 1 end)

-- The C API ------------------------------------------------------------------------------------------------

reads("memview_frommemory", nothing, function() return capi.frommemory() end,
  function(_, v) return #v == 24 end)
reads("memview_frombuffer", nothing, function() return capi.frombuffer "T{<H:a:H:b:}" end,
  function(_, v) return v.shape[2] == 3 end)
reads("memview_fromobject", objects, function(env)
  return capi.fromobject(env.exporter), capi.fromobject "abc", capi.check(env.v), capi.pushbase(env.v)
end, function(_, v) return v:tobytes() == "0123456789" end)
reads("memview_getcontiguous", objects, function(env)
  return capi.getcontiguous(env.matrix:transpose(), "C"), capi.getcontiguous(env.v, "A")
end, function(_, v) return v:tobytes() == "\1\0\4\0\2\0\5\0\3\0\6\0" end)
reads("memview_acquire", objects, function(env)
  local _ <close> = capi.acquire(env.records)
  capi.acquire(env.b)
  return capi.release(env.matrix), capi.release(env.exporter)
end, function(_, right) return right end)
reads("memview_revoke", nothing, function()
  local v, handle = capi.frommemory()
  local w = v:sub(2)
  return capi.revoke(handle) == 0 and v.released and w.released
end, function(_, right) return right end)
reads("memview_sizefromformat", nothing, function() return capi.sizefromformat(record) end,
  function(_, n) return n == 30 end)

-- Errors that have something to say ------------------------------------------------------------------------

local mistakes = {
  function(env) env.v[1] = 300 end, function(env) env.v[99] = 1 end, function(env) env.v.x = 1 end,
  function(env) env.v:cast "Hyz" end, function(env) env.v:cast "d" end,
  function(env) env.v:cast("B", {2, 2}) end,
  function(env) env.v:copyfrom {1, 2, 500} end, function(env) env.matrix:copyfrom {{1, 2, 3}, {4}} end,
  function(env) env.matrix:copyfrom(env.m.zeros("d", {3, 2})) end, function(env) env.matrix[1] = "x" end,
  function(env) return env.records[1].none end, function(env) env.records[1] = {none = 1} end,
  function(env) env.records:field "nested.none" end, function(env) env.m.zeros("B", {1 << 40, 1 << 40}) end,
  function(env) env.b:append "x" end, function(env) env.m.fromhex "0g" end,
  function(env) env.v:toreadonly()[1] = 1 end,
  function(env) env.m.record("<", {{"a", "f32"}, {"a", "f32"}}) end,
  function(env) env.m.cursor(env.b):skip(99) end,
  function(env) env.m.struct.unpack("<h", "abc") end, function(env) env.m.view {} end,
}
for k, f in ipairs(mistakes) do
  reads("mistake " .. k, objects, function(env)
    local ok, message = pcall(f, env)
    assert(not ok)
    if tostring(message):find("not enough memory", 1, true) then error(message, 0) end
    return tostring(message)
  end, function(env, message) return message == select(2, pcall(f, env)) end)
end

return list
