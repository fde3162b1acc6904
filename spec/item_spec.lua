-- Items: what every letter reads and writes, in every order, aligned or not, and what it refuses.
local memview = require "memview"
local helpers = require "helpers"
local model = require "model"

local raises, expect = helpers.raises, model.expect
local orders = { "", "@", "=", "<", ">", "!" }
local packorders = { [""] = "=", ["@"] = "=", ["="] = "=", ["<"] = "<", [">"] = ">", ["!"] = ">" }

-- The integer letters: what string.pack calls them with an order (and natively, where the size may differ).
local integers = {
  b = { "i1", "b" }, B = { "I1", "B" }, h = { "i2", "h" }, H = { "I2", "H" },
  i = { "i4", "i" }, I = { "I4", "I" },
  l = { "i4", "l" }, L = { "I4", "L" }, q = { "i8", "j" }, Q = { "I8", "J" },
  n = { nil, "i" .. string.packsize "T" }, N = { nil, "T" }, P = { nil, "T" },
}

-- Calls visit(format, pack format, letter) for every integer letter in every order it has.
local function eachinteger(visit)
  for letter, packs in pairs(integers) do
    for _, order in ipairs(orders) do
      local native = order == "" or order == "@"
      local pack = packs[native and 2 or 1]
      if pack then visit(order .. letter, packorders[order] .. pack, letter) end
    end
  end
end

-- The smallest and largest integer of a pack format; the unsigned 8-byte ones take any bit pattern.
local function limits(pack, letter)
  local bits = 8 * string.packsize(pack)
  if bits == 64 then return math.mininteger, math.maxinteger end
  if letter:find "[bhilqn]" then return -(1 << bits - 1), (1 << bits - 1) - 1 end
  return 0, (1 << bits) - 1
end

-- A view of one item in writable memory, `shift` bytes off the start of it, and the Buffer around it.
local function itemview(format, shift)
  local size = memview.zeros(format, 1).itemsize
  local b = memview.buffer(("\xAA"):rep(size + shift + 3))
  return memview(b):sub(shift + 1, shift + size):cast(format), b
end

local function reader(bytes, format, shift)
  return memview(("\xAA"):rep(shift) .. bytes):sub(shift + 1):cast(format)
end

-- Writes x, and asserts that these bytes and no others changed and that `back` is read.
local function roundtrip(format, shift, x, bytes, back)
  local v, b = itemview(format, shift)
  v[1] = x
  expect(b:tobytes(), ("\xAA"):rep(shift) .. bytes .. "\xAA\xAA\xAA", format, "=", x, "shift", shift)
  expect(v[1], back, format, "=", x)
end

-- Asserts that writing x raises with that text and changes nothing.
local function refuses(text, format, x)
  local v, b = itemview(format, 1)
  local before = b:tobytes()
  raises(text, function() v[1] = x end)
  expect(b:tobytes(), before, format, "=", x)
end

local function randombytes(random, n)
  return string.pack("j", random(0, math.maxinteger) << random(0, 3)):sub(1, n)
end

local function write(format, x)
  local v = memview.zeros(format, 1)
  v[1] = x
  return v:tobytes(), v[1]
end

describe("integers", function()
  it("are written and read as by string.pack, aligned or not", function()
    eachinteger(function(format, pack, letter)
      local low, high = limits(pack, letter)
      for _, x in ipairs { low, low + 1, 0, 1, 2, 100, high // 2, high // 2 + 1, high - 1, high } do
        for shift = 0, 8 do roundtrip(format, shift, x, pack:pack(x), x) end
      end
      if low < 0 then roundtrip(format, 1, -1, pack:pack(-1), -1) end
    end)
  end)

  it("are read from any bytes as by string.unpack", function()
    local random, seed = helpers.random(4242)
    eachinteger(function(format, pack)
      local n = string.packsize(pack)
      for _ = 1, 40 do
        local bytes = randombytes(random, n)
        expect(reader(bytes, format, random(0, 7))[1], (pack:unpack(bytes)), "seed", seed, format, bytes)
      end
    end)
  end)

  it("stand one after the other in a view", function()
    local bytes = ("\0\1\2\3\4\5\6\7\250\251\252\253\254\255\128\127"):rep(3)
    eachinteger(function(format, pack)
      local v, n = memview(bytes):cast(format), string.packsize(pack)
      for k = 1, #v do expect(v[k], (pack:unpack(bytes, (k - 1) * n + 1)), format, k) end
    end)
  end)

  it("out of range raise, name the range and change nothing", function()
    eachinteger(function(format, pack, letter)
      local low, high = limits(pack, letter)
      if string.packsize(pack) == 8 then return end
      for _, x in ipairs { low - 1, high + 1, low - 1000, high + 1000, math.mininteger, math.maxinteger } do
        refuses(("%d does not fit '"):format(x), format, x)
        refuses(("(%d to %d)"):format(low, high), format, x)
      end
    end)
    refuses("300 does not fit 'B' (0 to 255)", "B", 300)
    refuses("-129 does not fit 'b' (-128 to 127)", "b", -129)
  end)

  it("may be floats with an integer value", function()
    eachinteger(function(format, pack, letter)
      local low, high = limits(pack, letter)
      for _, x in ipairs { low, 0, 1, 77, high } do
        if x == math.tointeger(x + 0.0) then roundtrip(format, 1, x + 0.0, pack:pack(x), x) end
      end
      roundtrip(format, 1, -0.0, pack:pack(0), 0)
    end)
  end)

  it("may not be floats out of range", function()
    eachinteger(function(format, pack, letter)
      local low, high = limits(pack, letter)
      if string.packsize(pack) < 8 then
        refuses(" does not fit '", format, high + 1.0)
        refuses(("(%d to %d)"):format(low, high), format, low - 1.0)
      end
      for _, x in ipairs { 2.0 ^ 64, -2.0 ^ 64, 2.0 ^ 65, 1e300, -1e300 } do
        refuses(" does not fit '", format, x)
      end
    end)
    refuses("300.0 does not fit 'B' (0 to 255)", "B", 300.0)
  end)

  it("may not be other floats", function()
    eachinteger(function(format)
      for _, x in ipairs { 1.5, -0.5, 1e-300, 2.0 ^ 51 + 0.5, 1 / 0, -1 / 0, 0 / 0 } do
        refuses(" has no integer value", format, x)
      end
    end)
    refuses("1.5 has no integer value, as 'B' needs", "B", 1.5)
  end)

  it("may not be anything else, numeric strings least of all", function()
    eachinteger(function(format)
      for _, x in ipairs { "65", "0x10", "", " 1 ", true, false, {}, print, memview "A" } do
        refuses("integer expected for '", format, x)
      end
      refuses("integer expected for '", format, nil)
    end)
    refuses("integer expected for 'B', got string", "B", "65")
    refuses("integer expected for 'B', got nil", "B", nil)
    refuses("integer expected for 'B', got boolean", "B", true)
  end)
end)

describe("8-byte integers", function()
  local unsigned = { "Q", "<Q", ">Q" }
  for letter in ("LNP"):gmatch "." do
    if memview.zeros(letter, 1).itemsize == 8 then unsigned[#unsigned + 1] = letter end
  end

  it("that are unsigned read as bit patterns and take any integer", function()
    for _, format in ipairs(unsigned) do
      for _, x in ipairs { -1, -2, math.mininteger, math.mininteger + 1, math.maxinteger, 1 << 62 } do
        expect(select(2, write(format, x)), x, format)
      end
      expect(write(format, -1), ("\255"):rep(8), format)
    end
    expect(reader("\0\0\0\0\0\0\0\x80", "<Q", 0)[1], math.mininteger)
    expect(reader("\x80\0\0\0\0\0\0\1", ">Q", 3)[1], math.mininteger + 1)
  end)

  it("that are unsigned take floats from -2^63 up to below 2^64", function()
    for _, format in ipairs(unsigned) do
      expect(select(2, write(format, -1.0)), -1, format)
      expect(select(2, write(format, -2.0 ^ 63)), math.mininteger, format)
      refuses(" does not fit '", format, -2.0 ^ 63 - 2048)
      expect(select(2, write(format, 2.0 ^ 63)), math.mininteger, format)
      expect(select(2, write(format, 2.0 ^ 63 + 2048)), math.mininteger + 2048, format)
      expect(select(2, write(format, 2.0 ^ 64 - 2048)), -2048, format)
      expect(select(2, write(format, 2.0 ^ 53 + 2)), (1 << 53) + 2, format)
      refuses(" does not fit '", format, 2.0 ^ 64)
    end
  end)

  it("that are signed take floats from -2^63 up to below 2^63", function()
    for _, format in ipairs { "q", "<q", ">q" } do
      expect(select(2, write(format, -2.0 ^ 63)), math.mininteger, format)
      expect(select(2, write(format, 2.0 ^ 63 - 1024)), math.maxinteger - 1023, format)
      refuses(" does not fit '", format, 2.0 ^ 63)
      refuses(" does not fit '", format, -2.0 ^ 63 - 2048)
    end
    refuses("(-9223372036854775808 to 9223372036854775807)", "q", 2.0 ^ 63)
  end)
end)

describe("floats", function()
  local specials = {
    0.0, -0.0, 1.0, -1.0, 0.5, 0.1, 1 / 3, math.pi, 123456.789, 2.0 ^ 63, 2.0 ^ 64, 1 / 0, -1 / 0,
    2.0 ^ -1022, 2.0 ^ -1074, -2.0 ^ -1074, 2.0 ^ 1023, 1.7976931348623157e308,
    2.0 ^ -126, 2.0 ^ -149, 2.0 ^ -150, 2.0 ^ -150 * 1.0000001, 2.0 ^ 127, 3.4028234663852886e38,
    16777217.0, 1e-45, 7e-46, 8e-46,
  }

  local function eachfloat(visit)
    for _, order in ipairs(orders) do
      visit(order .. "f", packorders[order] .. "f", 3.4028235677973362e38)
      visit(order .. "d", packorders[order] .. "d", 1 / 0)
    end
  end

  it("are written and read as by string.pack, aligned or not", function()
    eachfloat(function(format, pack, most)
      for _, x in ipairs(specials) do
        local bytes = pack:pack(x)
        if math.abs(x) <= most or x - x ~= 0 then
          for shift = 0, 8 do roundtrip(format, shift, x, bytes, (pack:unpack(bytes))) end
        end
      end
    end)
  end)

  it("are read from any bytes as by string.unpack", function()
    local random, seed = helpers.random(515)
    eachfloat(function(format, pack)
      for _ = 1, 300 do
        local bytes = randombytes(random, string.packsize(pack))
        expect(reader(bytes, format, random(0, 7))[1], (pack:unpack(bytes)), "seed", seed, format, bytes)
      end
    end)
  end)

  it("are rounded to single as the C compiler rounds", function()
    local random, seed = helpers.random(616)
    local v = memview.zeros("<f", 1)
    for _ = 1, 20000 do
      -- exponents around those of single floats, any mantissa, either sign
      local bits = random(0, 1) << 63 | random(1023 - 152, 1023 + 127) << 52 | random(0, (1 << 52) - 1)
      local x = ("<d"):unpack(("<i8"):pack(bits))
      if math.abs(x) < 3.4028235677973362e38 then
        v[1] = x
        expect(v:tobytes(), ("<f"):pack(x), "seed", seed, x)
      end
    end
  end)

  it("round halves to even", function()
    expect(select(2, write("f", 16777217.0)), 16777216.0)
    expect(select(2, write("f", 16777219.0)), 16777220.0)
    expect(select(2, write("f", 2.0 ^ -150)), 0.0)
    expect(select(2, write("f", -2.0 ^ -150)), -0.0)
    expect(select(2, write("f", 3 * 2.0 ^ -150)), 2.0 ^ -148)
  end)

  it("that are finite and too large raise", function()
    local half = 3.4028235677973366e38     -- half way from the largest single float to 2^128
    for _, order in ipairs(orders) do
      expect(select(2, write(order .. "f", 3.4028235677973362e38)), 3.4028234663852886e38, order)
      expect(select(2, write(order .. "f", -3.4028235677973362e38)), -3.4028234663852886e38, order)
      for _, x in ipairs { half, -half, 2.0 ^ 128, 1e39, -1e39, 1.7976931348623157e308 } do
        refuses(" does not fit '", order .. "f", x)
      end
    end
  end)

  it("may be NaN", function()
    for _, format in ipairs { "f", "d", "e", "<f", ">f", "<d", ">d", "<e", ">e" } do
      local _, back = write(format, 0 / 0)
      expect(back, 0 / 0, format)
      expect(math.type(back), "float", format)
    end
  end)

  it("may be integers and read as floats", function()
    for letter in ("efd"):gmatch "." do
      for _, order in ipairs(orders) do
        for _, x in ipairs { 0, 1, -1, 2, 1000, -2048 } do
          expect(select(2, write(order .. letter, x)), x + 0.0, order .. letter)
        end
      end
    end
    expect(select(2, write("d", (1 << 53) + 1)), 2.0 ^ 53)
    expect(select(2, write("d", math.mininteger)), -2.0 ^ 63)
    expect(select(2, write("f", math.maxinteger)), 2.0 ^ 63)
    expect(select(2, write("f", (1 << 24) + 1)), 2.0 ^ 24)
    refuses(" does not fit '", "e", 65520)
    refuses(" does not fit '", "e", math.mininteger)
  end)

  it("may not be anything else, numeric strings least of all", function()
    for letter in ("efd"):gmatch "." do
      for _, order in ipairs(orders) do
        for _, x in ipairs { "1.5", "65", "nan", true, {}, print, memview "A" } do
          refuses("number expected for '", order .. letter, x)
        end
      end
      refuses(("number expected for '%s', got string"):format(letter), letter, "1.5")
      refuses(("number expected for '%s', got nil"):format(letter), letter, nil)
    end
  end)
end)

describe("half floats", function()
  -- Value of the bits, by the formula of IEEE 754 binary16.
  local function decode(bits)
    local sign = bits >> 15 == 1 and -1.0 or 1.0
    local exponent, fraction = bits >> 10 & 0x1F, bits & 0x3FF
    if exponent == 0x1F then return fraction == 0 and sign / 0 or 0 / 0 end
    if exponent == 0 then return sign * fraction * 2.0 ^ -24 end
    return sign * (1 + fraction / 1024) * 2.0 ^ (exponent - 15)
  end

  local values = {}       -- of the finite bits without sign, and 65536 where infinity is: to round by
  for bits = 0, 0x7BFF do values[bits] = decode(bits) end
  values[0x7C00] = 65536.0

  -- Bits of the nearest half float, found by search; ties go to the even one. nil where it overflows.
  local function encode(x)
    if x == math.huge or x == -math.huge then return x > 0 and 0x7C00 or 0xFC00 end
    local sign = (x < 0 or 1 / x < 0) and 0x8000 or 0
    local a, low, high = math.abs(x), 0, 0x7C00
    if a >= 65536 then return nil end
    while high - low > 1 do
      local middle = (low + high) // 2
      if values[middle] <= a then low = middle else high = middle end
    end
    local middle = (values[low] + values[high]) / 2
    local bits = a < middle and low or a > middle and high or low % 2 == 0 and low or high
    return bits < 0x7C00 and sign | bits or nil
  end

  local half = memview.zeros("<e", 1)
  local halfbits = half:cast "<H"

  local function check(x, ...)
    local bits = encode(x)
    halfbits[1] = 0xAAAA
    local ok, message = pcall(half.set, half, 1, x)
    assert(ok == (bits ~= nil), message or x)
    assert(ok or message:find("does not fit '", 1, true), message)
    expect(halfbits[1], bits or 0xAAAA, "half of", x, ...)
  end

  it("read as IEEE 754 says, all 65536 of them", function()
    local all = {}
    for bits = 0, 0xFFFF do all[bits + 1] = ("<I2"):pack(bits) end
    local bytes = table.concat(all)
    local little, big = memview(bytes):cast "<e", memview((bytes:gsub("(.)(.)", "%2%1"))):cast ">e"
    for bits = 0, 0xFFFF do
      expect(little[bits + 1], decode(bits), "<e", bits)
      expect(big[bits + 1], decode(bits), ">e", bits)
    end
  end)

  it("are written back to the bits they were read from", function()
    for bits = 0, 0xFFFF do
      local x = decode(bits)
      half[1] = x
      if x == x then expect(halfbits[1], bits, "half", x) else expect(half[1], x, "half", bits) end
    end
  end)

  it("are bytes in the order of the format", function()
    expect(write("<e", 1.0), "\x00\x3C")
    expect(write(">e", 1.0), "\x3C\x00")
    expect(write("!e", -2.0), "\xC0\x00")
    expect(write("e", 1.5), ("=I2"):pack(0x3E00))
    expect(reader("\x00\x7C", "<e", 1)[1], 1 / 0)
  end)

  it("are the nearest ones, ties to even, at every midpoint and beside it", function()
    local function beside(x, by)      -- the double next to x
      return (("d"):unpack(("i8"):pack(("i8"):unpack(("d"):pack(x)) + by)))
    end
    for bits = 0, 0x7BFF do
      local middle = (values[bits] + values[bits + 1]) / 2
      for _, x in ipairs { middle, beside(middle, -1), beside(middle, 1) } do
        check(x)
        if bits % 64 == 0 then check(-x) end
      end
    end
  end)

  it("are the nearest ones of random doubles", function()
    local random, seed = helpers.random(717)
    for _ = 1, 20000 do
      local bits = random(0, 1) << 63 | random(1023 - 27, 1023 + 16) << 52 | random(0, (1 << 52) - 1)
      check((("<d"):unpack(("<i8"):pack(bits))), "seed", seed)
    end
  end)

  it("of tiny doubles are zeros of their sign", function()
    for _, x in ipairs { 0.0, -0.0, 2.0 ^ -1074, -2.0 ^ -1074, 2.0 ^ -25, -2.0 ^ -25, 2.0 ^ -26, 1e-300 } do
      expect(select(2, write("e", x)), x < 0 and -0.0 or x == 0 and x or 0.0, x)
    end
    expect(select(2, write("e", 2.0 ^ -25 * (1 + 2.0 ^ -52))), 2.0 ^ -24)
  end)

  it("end at 65504: from 65520 on finite numbers raise", function()
    expect(select(2, write("e", 65519.99)), 65504.0)
    expect(select(2, write("e", 65520.0 - 2.0 ^ -37)), 65504.0)
    for _, x in ipairs { 65520.0, 65536.0, 1e5, 1e300 } do
      refuses(" does not fit 'e'", "e", x)
      refuses(" does not fit '", ">e", -x)
    end
    expect(select(2, write("e", 1 / 0)), 1 / 0)
    expect(select(2, write("e", -1 / 0)), -1 / 0)
  end)
end)

describe("booleans", function()
  it("read true from any byte but zero", function()
    for byte = 0, 255 do
      for _, order in ipairs(orders) do
        expect(reader(string.char(byte), order .. "?", 0)[1], byte ~= 0, order .. "?", byte)
      end
    end
  end)

  it("are written as 1 and 0", function()
    for _, order in ipairs(orders) do
      roundtrip(order .. "?", 1, true, "\1", true)
      roundtrip(order .. "?", 1, false, "\0", false)
    end
  end)

  it("may not be anything else", function()
    for _, x in ipairs { 0, 1, 0.0, "", "true", {}, print } do
      refuses("boolean expected for '?', got ", "?", x)
      refuses("boolean expected for '<?', got ", "<?", x)
    end
    refuses("boolean expected for '?', got nil", "?", nil)
  end)
end)

describe("c", function()
  it("is a string of one byte", function()
    for byte = 0, 255 do
      local c = string.char(byte)
      expect(reader(c, "c", 1)[1], c)
      roundtrip("<c", 1, c, c, c)
    end
  end)

  it("takes byte exporters", function()
    roundtrip("c", 1, memview.buffer "x", "x", "x")
    roundtrip("c", 1, memview("xyz"):sub(2, 2), "y", "y")
  end)

  it("takes no other length and no other type", function()
    for _, x in ipairs { "", "ab", memview.buffer "ab", memview "" } do refuses("'c'", "c", x) end
    refuses("string expected for 'c', got ", "c", 65)
    refuses("string expected for 'c', got boolean", "c", true)
    refuses("string expected for 'c', got nil", "c", nil)
    refuses("string expected for 'c', got table", "c", {})
  end)
end)

describe("s", function()
  it("is a string of the count, zeros and all", function()
    for n = 1, 20 do
      local bytes = ("ab\0c\255"):rep(4):sub(1, n)
      expect(reader(bytes, n .. "s", 1)[1], bytes)
      roundtrip("<" .. n .. "s", 1, bytes, bytes, bytes)
    end
    expect(reader("x", "s", 0)[1], "x")
    expect(reader("ab\0\0\0", "5s", 0)[1], "ab\0\0\0")
  end)

  it("is padded with zeros", function()
    for n = 0, 5 do
      local bytes = ("abcde"):sub(1, n)
      roundtrip("5s", 1, bytes, bytes .. ("\0"):rep(5 - n), bytes .. ("\0"):rep(5 - n))
    end
  end)

  it("takes byte exporters", function()
    roundtrip("4s", 1, memview.buffer "xyz", "xyz\0", "xyz\0")
    roundtrip("4s", 1, memview("abcdefg"):sub(1, -1, 2), "aceg", "aceg")
  end)

  it("takes nothing longer and no other type", function()
    refuses("string of 5 bytes does not fit '3s' (at most 3)", "3s", "abcde")
    refuses("string of 2 bytes does not fit 's' (at most 1)", "s", "ab")
    refuses("does not fit '3s' (at most 3)", "3s", memview.buffer "abcd")
    refuses("string expected for '4s', got ", "4s", 1234)
    refuses("string expected for '4s', got boolean", "4s", false)
    refuses("string expected for '4s', got nil", "4s", nil)
  end)

  it("may be written from memory that it lies in", function()
    local b = memview.buffer "abcdefgh"
    local v = memview(b)
    v:sub(2, 5):cast("4s")[1] = v:sub(1, 3)
    expect(b:tobytes(), "aabc\0fgh")
  end)
end)

describe("p", function()
  it("is a length byte and a string", function()
    for n = 0, 7 do
      local bytes = ("abcdefg"):sub(1, n)
      roundtrip("8p", 1, bytes, string.char(n) .. bytes .. ("\0"):rep(7 - n), bytes)
      roundtrip(">8p", 1, memview(bytes), string.char(n) .. bytes .. ("\0"):rep(7 - n), bytes)
    end
  end)

  it("reads no further than its field", function()
    expect(reader("\255abc", "4p", 1)[1], "abc")
    expect(reader("\4abc", "4p", 1)[1], "abc")
    expect(reader("\2abc", "4p", 1)[1], "ab")
    expect(reader("\9", "p", 0)[1], "")
  end)

  it("holds at most 255 bytes", function()
    local most = ("m"):rep(255)
    expect(write("300p", most), "\255" .. most .. ("\0"):rep(44))
    expect(select(2, write("300p", most)), most)
    refuses("string of 256 bytes does not fit '300p' (at most 255)", "300p", most .. "m")
    expect(reader("\255" .. most .. ("z"):rep(44), "300p", 0)[1], most)
  end)

  it("takes nothing longer and no other type", function()
    refuses("string of 4 bytes does not fit '4p' (at most 3)", "4p", "abcd")
    refuses("string of 1 byte does not fit 'p' (at most 0)", "p", "a")
    refuses("string expected for '4p', got ", "4p", 1)
    expect(write("p", ""), "\0")
  end)
end)

describe("padding around one value", function()
  it("leaves it a scalar", function()
    expect(reader("\1\2\3", "<xH", 1)[1], 0x0302)
    expect(reader("\1\2\3\4", ">H2x", 1)[1], 0x0102)
    expect(reader("\1\2\3\4\5", "<2x?2x", 0)[1], true)
    expect(reader("\0\0\7\0", "xH", 1)[1], (("=I2"):unpack "\7\0"))
    expect(reader("\0abc\0", "x3sx", 1)[1], "abc")
  end)

  it("is not overwritten by its neighbours", function()
    local v = memview.zeros("<xHx", 3)
    v[2] = 0x4142
    expect(v:tobytes():sub(6, 7), "BA")
    expect({ v[1], v[2], v[3] }, { 0, 0x4142, 0 })
    v:set(3, 0x4344)
    expect({ v:get(1), v:get(2), v:get(3), v:tobytes():sub(10, 11) }, { 0, 0x4142, 0x4344, "DC" })
    expect({ v:cast("<xHx", { 3, 1 }):get(3, 1), v:slice(3):get() }, { 0x4344, 0x4344 })
    raises("does not fit '", function() v[2] = 65536 end)
  end)
end)

describe("a value that raises", function()
  it("leaves the item as it was", function()
    local wrong = { B = 256, ["<d"] = "1", f = 1e39, e = 65520, c = "ab", ["3s"] = "abcd", ["4p"] = "abcd" }
    for format, x in pairs(wrong) do
      local v = memview(memview.buffer(("\1"):rep(8))):sub(1, memview.zeros(format, 1).itemsize):cast(format)
      local before = v:tobytes()
      assert(not pcall(function() v[1] = x end), format)
      assert(not pcall(v.set, v, 1, x), format)
      expect(v:tobytes(), before, format)
    end
  end)
end)
