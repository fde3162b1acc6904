-- A plain model of the numeric formats: bytes through string.pack, halves by hand, values by their meaning.
local numbermodel = {}

local longsize, pointersize = string.packsize "l", string.packsize "T"

--- letter = { kind, native size, standard size }; no standard size: native only.
local letters = {
  b = { "i", 1, 1 }, B = { "I", 1, 1 }, h = { "i", 2, 2 }, H = { "I", 2, 2 },
  i = { "i", 4, 4 }, I = { "I", 4, 4 },
  l = { "i", longsize, 4 }, L = { "I", longsize, 4 }, q = { "i", 8, 8 }, Q = { "I", 8, 8 },
  n = { "i", pointersize }, N = { "I", pointersize }, e = { "e", 2, 2 }, f = { "f", 4, 4 }, d = { "d", 8, 8 },
}

--- Every numeric format: order .. letter, in a fixed order.
numbermodel.formats = {}

local parsed = {}
for letter in ("bBhHiIlLqQnNefd"):gmatch "." do
  local kind, native, standard = table.unpack(letters[letter])
  for _, order in ipairs { "", "<", ">" } do
    local size = order == "" and native or standard
    if size then
      local format = order .. letter
      local pack = (order == "" and "=" or order) .. kind .. ((kind == "i" or kind == "I") and size or "")
      parsed[format] = { kind = kind, size = size, pack = pack, order = order == "" and "=" or order }
      table.insert(numbermodel.formats, format)
    end
  end
end

--- { kind = "i", "I", "e", "f" or "d", size = bytes } of one of the formats.
function numbermodel.info(format)
  return parsed[format]
end

local function isnan(x) return x ~= x end

local function roundeven(x)
  local low = math.floor(x)
  local rest = x - low
  if rest > 0.5 or rest == 0.5 and low % 2 == 1 then low = low + 1 end
  return math.tointeger(low)
end

--- The 16 bits of the half nearest to x, ties to even; nil where a finite x is too large.
local function halfbits(x)
  local sign = (x < 0 or 1 / x < 0) and 0x8000 or 0
  local size = math.abs(x)
  if isnan(x) then return 0x7E00 end
  if size == math.huge then return sign | 0x7C00 end
  if size >= 65520 then return nil end
  if size < 2.0 ^ -14 then return sign | roundeven(size * 2.0 ^ 24) end
  local exponent = -14
  while size >= 2.0 ^ (exponent + 1) do exponent = exponent + 1 end
  return sign | ((exponent + 14) << 10) + roundeven(size / 2.0 ^ (exponent - 10))
end

local function halfvalue(bits)
  local sign = bits & 0x8000 ~= 0 and -1.0 or 1.0
  local exponent, fraction = bits >> 10 & 31, bits & 1023
  if exponent == 31 then return fraction == 0 and sign * math.huge or 0 / 0 end
  if exponent == 0 then return sign * fraction * 2.0 ^ -24 end
  return sign * (1024 + fraction) * 2.0 ^ (exponent - 25)
end

local function packfloat(p, x)
  if p.kind == "e" then
    local bits = halfbits(x)
    return bits and string.pack(p.order .. "I2", bits)
  end
  local bytes = string.pack(p.pack, x)
  local stored = string.unpack(p.pack, bytes)
  if math.abs(stored) == math.huge and math.abs(x) ~= math.huge then return nil end
  return bytes
end

local function packinteger(p, n)
  local bits = 8 * p.size
  local low, high = 0, (1 << bits) - 1
  if p.kind == "i" then low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1 end
  if p.kind == "I" and bits == 64 then high = math.maxinteger end
  if n < low or n > high then return nil end
  return string.pack(p.pack, n)
end

local function isunsigned8(p) return p.kind == "I" and p.size == 8 end

local function tofloat(number)
  if math.type(number) == "float" then return number end     -- adding 0.0 would lose the sign of -0.0
  return number + 0.0
end

--- Integers above 2^63 come as negative ones; this is their float, rounded once.
local function bigtofloat(n) return ((n >> 1 | n & 1) + 0.0) * 2 end

local function convertbig(p, n)
  if isunsigned8(p) then return string.pack(p.pack, n) end
  if p.kind == "i" or p.kind == "I" then return nil end
  return packfloat(p, bigtofloat(n))
end

--- The bytes of `format` for a number taken by its meaning, or nil where it does not fit.
-- @param big a negative integer stands for an unsigned one of 2^63 and more
function numbermodel.pack(format, number, big)
  local p = parsed[format]
  if big and math.type(number) == "integer" and number < 0 then return convertbig(p, number) end
  if p.kind ~= "i" and p.kind ~= "I" then return packfloat(p, tofloat(number)) end
  local n = math.tointeger(number)
  if n then return packinteger(p, n) end
  if isunsigned8(p) and number >= 2.0 ^ 63 and number < 2.0 ^ 64 then
    return string.pack(p.pack, math.tointeger(number - 2.0 ^ 64))
  end
  return nil
end

--- The bytes for a Lua number given to an item: as above, but any integer may go into 8 unsigned bytes.
function numbermodel.store(format, number)
  return numbermodel.pack(format, number, isunsigned8(parsed[format]))
end

--- The bytes of `to` for an item of `from` that reads as `number`.
function numbermodel.convert(from, number, to)
  return numbermodel.pack(to, number, isunsigned8(parsed[from]))
end

--- The Lua number in the bytes of one item.
function numbermodel.unpack(format, bytes)
  local p = parsed[format]
  if p.kind == "e" then return halfvalue((string.unpack(p.order .. "I2", bytes))) end
  return (string.unpack(p.pack, bytes))
end

local function unsignedtext(n)
  local tens = (n >> 1) // 5
  return ("%d%d"):format(tens, n - tens * 10)
end

local unique = 0

--- A text that two items share when their values are equal, whatever their formats.
function numbermodel.key(format, number)
  if isnan(number) then
    unique = unique + 1
    return "nan " .. unique
  end
  local n = math.tointeger(number)
  local pattern = math.type(number) == "integer" and isunsigned8(parsed[format])
  if n and n < 0 and pattern then return unsignedtext(n) end
  if n then return tostring(n) end
  if number >= 2.0 ^ 63 and number < 2.0 ^ 64 then return unsignedtext(math.tointeger(number - 2.0 ^ 64)) end
  return ("%a"):format(number)
end

local pool = { 0, 1, -1, 2, 42, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65504, 65519,
  65520, 65535, 65536, 1 << 24, (1 << 24) + 1, 2147483647, 2147483648, -2147483648, -2147483649, 4294967295,
  4294967296,
  1 << 53, (1 << 53) + 1, math.maxinteger - 1, math.maxinteger, math.mininteger, math.mininteger + 1,
  -0.0, 0.5, 1.5, -2.5, 0.1, 65519.9, 65520.0, 1e5, 2.0 ^ 62, 2.0 ^ 63, -2.0 ^ 63, 2.0 ^ 64 - 2048, 2.0 ^ 64,
  2.0 ^ 65, 3.4028234663852886e38, 3.4028235677973366e38, 3.5e38, -1e39, 1e308, 2.0 ^ -24, 2.0 ^ -25,
  2.0 ^ -14,
  2.0 ^ -149,
  5e-324, math.huge, -math.huge, 0 / 0 }

--- Values at the edges of all formats that this one holds, once each: { number = ..., bytes = ... }.
function numbermodel.edges(format)
  local list, seen = {}, {}
  for _, number in ipairs(pool) do
    local bytes = numbermodel.store(format, number)
    if bytes and not seen[bytes] then
      seen[bytes] = true
      list[#list + 1] = { number = numbermodel.unpack(format, bytes), bytes = bytes }
    end
  end
  return list
end

--- All of the pool, as Lua numbers.
numbermodel.pool = pool

return numbermodel
