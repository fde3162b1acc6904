-- The pieces of code of LuaJIT's column, with its FFI: luajit bench/luajit.lua JOB (see bench/children.lua).
local ffi, bit = require "ffi", require "bit"
package.path = "bench/?.lua;" .. package.path
local timing = require "timing"

ffi.cdef [[
  typedef struct { float x, y, z; uint32_t id; } bench_record;
  typedef struct __attribute__((packed)) { uint32_t a; uint16_t b, c; float d; } bench_sample;
  void *memmove(void *, const void *, size_t);
  int memcmp(const void *, const void *, size_t);
  void *memchr(const void *, int, size_t);
]]

local lines = io.lines(arg[1])
local size, items, side, _, _, seconds = lines():match "(%S+)\t(%S+)\t(%S+)\t(%S+)\t(%S*)\t(%S+)"
size, items, side = tonumber(size), tonumber(items), tonumber(side)

local kept = {}                         -- what names point into

--- A pointer to n items of a type, and one before them; they count from 0.
local function array(ctype, n)
  local memory = ffi.new(ctype .. "[?]", n + 1)
  for k = 0, n - 1 do
    if ctype ~= "bench_record" then memory[k] = (k + 1) % 251 end
  end
  kept[#kept + 1] = memory
  return ffi.cast(ctype .. " *", memory)
end

local many = math.max(size, items, side * side, 2000) + 1
local u8s, list = array("uint8_t", many), {}
for k = 1, items do list[k] = k % 251 end

local names = {
  ffi = ffi, bswap = bit.bswap, shr = bit.rshift,
  size = size, items = items, side = side, last = side - 1, list = list,
  new = require "table.new", memmove = ffi.C.memmove, memcmp = ffi.C.memcmp, memchr = ffi.C.memchr,
  u8s = u8s, u16s = array("uint16_t", many), u32s = array("uint32_t", many),
  i32s = array("int32_t", many), f32s = array("float", many), f64s = array("double", many),
  row = array("float", 1001), matrix = ffi.new "double[4][1001]",
  records = array("bench_record", many / 16 + 1000), recs = array("bench_record", 1001),
  rec = ffi.new "bench_record", samples = ffi.new "bench_sample[1000]",
  src = array("uint8_t", many), same = array("uint8_t", many), dst = array("uint8_t", many),
  front = u8s, back = u8s + 1, other8 = array("uint8_t", many), other32 = array("uint32_t", many),
  to4 = array("uint32_t", side * side), from4 = array("uint32_t", side * side),
  to1 = array("uint8_t", side * side), from1 = array("uint8_t", side * side),
  tofloat = array("float", many), to8 = array("uint8_t", many),
}

print("version\t" .. require "jit".version)
timing.seconds = tonumber(seconds)      -- the empty loop is not taken off: here it costs nothing beside work
for line in lines do
  local column, number, per, n, before, code = line:match "^(%l+)\t(%d+)\t(%d+)\t(%d+)\t([^\t]*)\t(.*)$"
  local piece = { code = code, per = tonumber(per), before = before ~= "" and before or nil }
  if n ~= "0" then piece.n = tonumber(n) end
  for _ = 1, 5 do timing.measure(piece, names) end
  print(("%s\t%s\t%.4f\t%d"):format(column, number, piece.best, piece.n))
end
