-- examples/png.lua against a reader that knows only string.unpack, and against python3's zlib.
local memview = require "memview"
local tools = require "exampletools"
local helpers = require "helpers"
local png = dofile "examples/png.lua"
local bmp = dofile "examples/bmp.lua"
local pattern = tools.pattern

--- CRC-32 bit by bit, without a table.
local function crc32(text)
  local crc = 0xFFFFFFFF
  for i = 1, #text do
    crc = crc ~ text:byte(i)
    for _ = 1, 8 do crc = crc % 2 == 1 and crc // 2 ~ 0xEDB88320 or crc // 2 end
  end
  return crc ~ 0xFFFFFFFF
end

local function adler32(text)
  local a, b = 1, 0
  for i = 1, #text do
    a = a + text:byte(i)
    b = b + a
  end
  return b % 65521 * 65536 + a % 65521
end

--- The bytes of a zlib stream of stored blocks, of which only the last says that it is the last.
local function inflate(stream)
  assert(string.unpack(">I2", stream) % 31 == 0 and stream:byte() == 0x78)
  local parts, at, last = {}, 3, 0
  while last == 0 do
    local size, complement
    last, size, complement, at = string.unpack("<B I2 I2", stream, at)
    assert(last <= 1 and size ~ complement == 0xFFFF)
    parts[#parts + 1] = stream:sub(at, at + size - 1)
    at = at + size
  end
  local bytes = table.concat(parts)
  assert(string.unpack(">I4", stream, at) == adler32(bytes) and at + 3 == #stream)
  return bytes
end

--- The chunks of a PNG, {name, data}, with the right sums.
local function chunks(bytes)
  assert(bytes:sub(1, 8) == "\x89PNG\r\n\x1a\n")
  local found, at = {}, 9
  while at <= #bytes do
    local size, name = string.unpack(">I4 c4", bytes, at)
    local data = bytes:sub(at + 8, at + 7 + size)
    local crc, after = string.unpack(">I4", bytes, at + 8 + size)
    assert(crc == crc32(name .. data), name .. " has another sum")
    found[#found + 1], at = {name, data}, after
  end
  return found
end

--- Width, height, kind of colours, the pixels as a string, and the other chunks by name.
local function readpng(bytes)
  local list, byname = chunks(bytes), {}
  for _, chunk in ipairs(list) do byname[chunk[1]] = chunk[2] end
  assert(list[1][1] == "IHDR" and list[#list][1] == "IEND" and byname.IEND == "")
  local width, height, bits, kind, compression, filter, interlace = string.unpack(">I4I4BBBBB", byname.IHDR)
  assert(#byname.IHDR == 13 and bits == 8 and compression == 0 and filter == 0 and interlace == 0)
  local raw, rows = inflate(byname.IDAT), {}
  local line = width * (kind == 2 and 3 or 1)
  assert(#raw == height * (line + 1))
  for at = 1, #raw, line + 1 do
    assert(raw:byte(at) == 0, "a row is filtered")
    rows[#rows + 1] = raw:sub(at + 1, at + line)
  end
  return width, height, kind, table.concat(rows), byname
end

describe("png.crc()", function()
  it("is the CRC-32 of any bytes", function()
    assert.are.equal(0xCBF43926, png.crc(memview "123456789"))
    for n = 0, 40 do
      local view = pattern {n}
      assert.are.equal(crc32(view:tobytes()), png.crc(view))
    end
  end)

  it("takes views with steps", function()
    local view = pattern({60}):sub(-1, 1, -3)
    assert.are.equal(crc32(view:tobytes()), png.crc(view))
  end)
end)

describe("png.adler()", function()
  it("is the Adler-32 of any bytes", function()
    assert.are.equal(0x11E60398, png.adler(memview "Wikipedia"))
    for _, n in ipairs {0, 1, 2, 100, 5551, 5552, 5553, 70000} do
      local view = pattern({n})
      assert.are.equal(adler32(view:tobytes()), png.adler(view))
    end
  end)
end)

describe("png.encode()", function()
  local palette = pattern {256, 3}

  it("writes pixels with a palette, of every size", function()
    for height = 1, 4 do
      for width = 1, 9 do
        local pixels = pattern {height, width}
        local gotwidth, gotheight, kind, rows, byname = readpng(png.encode(pixels, palette):tobytes())
        assert.are.same({width, height, 3, pixels:tobytes()}, {gotwidth, gotheight, kind, rows})
        assert.are.equal(palette:tobytes(), byname.PLTE)
        assert.is_nil(byname.tRNS)
      end
    end
  end)

  it("writes pixels with colours of their own, of every size", function()
    for height = 1, 4 do
      for width = 1, 9 do
        local pixels = pattern {height, width, 3}
        local gotwidth, gotheight, kind, rows, byname = readpng(png.encode(pixels):tobytes())
        assert.are.same({width, height, 2, pixels:tobytes()}, {gotwidth, gotheight, kind, rows})
        assert.is_nil(byname.PLTE)
      end
    end
  end)

  it("makes one colour transparent", function()
    for _, clear in ipairs {0, 1, 251, 255} do
      local _, _, _, _, byname = readpng(png.encode(pattern {2, 2}, palette, clear):tobytes())
      assert.are.equal(("\255"):rep(clear) .. "\0", byname.tRNS)
    end
  end)

  it("takes pixels and palettes from views of any strides", function()
    local pixels = pattern {5, 6, 3}
    local part, backwards = pixels:slice({-1, 1, -2}, {2, 5}), pixels:slice({}, {}, {3, 1, -1})
    for _, view in ipairs {part, backwards, pixels:transpose(2, 1, 3)} do
      assert.are.equal(view:tobytes(), (select(4, readpng(png.encode(view):tobytes()))))
    end
    local colours = pattern({3, 16}):transpose()
    local _, _, _, _, byname = readpng(png.encode(pattern {2, 2}, colours):tobytes())
    assert.are.equal(colours:tobytes(), byname.PLTE)
  end)

  it("splits what is larger than a stored block", function()
    for _, width in ipairs {65533, 65534, 65535, 131069, 131070} do  -- a row has one byte more
      local pixels = pattern {1, width}
      local _, _, _, rows = readpng(png.encode(pixels, palette):tobytes())
      assert.is_true(rows == pixels:tobytes())
    end
  end)

  it("refuses pixels that a PNG cannot hold", function()
    for _, shape in ipairs {{4}, {2, 2}, {2, 2, 4}, {1, 2, 2, 3}} do
      helpers.raises("png: pixels of {height, width, 3} expected", png.encode, memview.zeros("B", shape))
    end
    for _, shape in ipairs {{6}, {256, 4}, {257, 3}} do
      helpers.raises("png: pixels of {height, width} and a palette of {256, 3} expected", png.encode,
        memview.zeros("B", {2, 2}), memview.zeros("B", shape))
    end
    helpers.raises("png: pixels", png.encode, memview.zeros("<h", {2, 2, 3}))
    tools.fails("png: a picture of 0 x 4 has no pixels", png.encode, memview.zeros("B", {4, 0, 3}))
  end)

  local READER = [[
import struct, sys, zlib
data, at = open(sys.argv[1], "rb").read(), 8
while at < len(data):
    size, name = struct.unpack_from(">I4s", data, at)
    body = data[at + 8:at + 8 + size]
    assert struct.unpack_from(">I", data, at + 8 + size)[0] == zlib.crc32(name + body)
    if name == b"IDAT": print(zlib.decompress(body).hex())
    at += size + 12
]]

  local pythonly = tools.haspython() and it or pending
  pythonly("writes what python3's zlib takes", function()
    local pixels = pattern {7, 11, 3}
    tools.withfile(png.encode(pixels):tobytes(), function(path)
      local rows = {}
      for y, row in ipairs(pixels) do rows[y] = "00" .. row:hex() end
      assert.are.equal(table.concat(rows) .. "\n", tools.python(READER, path))
    end)
  end)
end)

describe("png.lua", function()
  it("writes the test card and says where", function()
    tools.withfile("", function(path)
      local text, status = tools.run("examples/png.lua", path)
      assert.are.same({path .. ": a test card of 256 x 192\n", 0}, {text, status})
      assert.is_true(select(4, readpng(tools.slurp(path))) == bmp.card(256, 192):tobytes())
    end)
  end)

  it("refuses a file that it cannot write in one line", function()
    tools.refuses("no/such/card.png: No such file or directory", "examples/png.lua", "no/such/card.png")
  end)
end)
