-- examples/ttf.lua against a reader that knows only string.unpack, on a font made smaller (see
-- examples/README.md), on whole fonts where the system has them, and on fonts made here.
local memview = require "memview"
local tools = require "exampletools"
local helpers = require "helpers"
local ttf = dofile "examples/ttf.lua"

local fails = tools.fails
local PATH = "examples/assets/dejavu-mini.ttf"
local BYTES = tools.slurp(PATH)

-- The second reader -----------------------------------------------------------------------------------

--- The tables of a font as strings, and the checksums that its directory has for them.
local function readtables(bytes)
  local tables, sums = {}, {}
  for i = 1, string.unpack(">I2", bytes, 5) do
    local tag, sum, offset, length = string.unpack(">c4 I4 I4 I4", bytes, 13 + 16 * (i - 1))
    tables[tag], sums[tag] = bytes:sub(offset + 1, offset + length), sum
  end
  return tables, sums
end

--- The glyphs of the segment whose entries stand at byte `at` of the four columns, as the format's
-- description has it: its range is a distance in bytes from its own place.
local function readsegment(cmap, at, doubled, glyphs)
  local last = string.unpack(">I2", cmap, at)
  local first = string.unpack(">I2", cmap, at + doubled + 2)
  local delta = string.unpack(">i2", cmap, at + 2 * doubled + 2)
  local place = at + 3 * doubled + 2
  local range = string.unpack(">I2", cmap, place)
  for character = first, math.min(last, 0xFFFE) do
    local glyph = character
    if range ~= 0 then glyph = string.unpack(">I2", cmap, place + range + 2 * (character - first)) end
    if range == 0 or glyph ~= 0 then glyph = (glyph + delta) % 65536 end
    if glyph ~= 0 then glyphs[character] = glyph end
  end
end

--- The glyphs by character of the first Unicode table of format 4.
local function readglyphs(cmap)
  local _, count = string.unpack(">I2 I2", cmap)
  for k = 1, count do
    local platform, _, at = string.unpack(">I2 I2 I4", cmap, 5 + 8 * (k - 1))
    if (platform == 0 or platform == 3) and string.unpack(">I2", cmap, at + 1) == 4 then
      local doubled, glyphs = string.unpack(">I2", cmap, at + 7), {}
      for s = 0, doubled - 2, 2 do readsegment(cmap, at + 15 + s, doubled, glyphs) end
      return glyphs
    end
  end
end

local function readadvances(tables)
  local list = {}
  for i = 1, string.unpack(">I2", tables.hhea, 35) do
    list[i] = string.unpack(">I2", tables.hmtx, 4 * i - 3)
  end
  return list
end

-- Fonts made here -------------------------------------------------------------------------------------

--- A font of these tables, {tag = data}.
local function makefont(tables)
  local tags = {}
  for tag in pairs(tables) do tags[#tags + 1] = tag end
  table.sort(tags)
  local directory, data, at = {}, {}, 12 + 16 * #tags
  for i, tag in ipairs(tags) do
    local padded = tables[tag] .. ("\0"):rep(-#tables[tag] % 4)
    directory[i], data[i] = string.pack(">c4 I4 I4 I4", tag, 0, at, #tables[tag]), padded
    at = at + #padded
  end
  return string.pack(">I4 I2 I2 I2 I2", 0x10000, #tags, 0, 0, 0)
    .. table.concat(directory) .. table.concat(data)
end

--- The real font's tables with some put in their places; false leaves one out.
local function fontwith(changes)
  local tables = readtables(BYTES)
  for tag, data in pairs(changes) do tables[tag] = data or nil end
  return makefont(tables)
end

--- A table cmap with segments of {start, end, delta, glyphs or nil}, the last one for the end included.
local function makecmap(segments, platform)
  local ends, starts, deltas, ranges, glyphs = {}, {}, {}, {}, {}
  for i, segment in ipairs(segments) do
    starts[i], ends[i] = string.pack(">I2", segment[1]), string.pack(">I2", segment[2])
    deltas[i] = string.pack(">I2", segment[3] % 65536)
    local range = segment[4] and 2 * (#segments - i + 1 + #glyphs) or 0
    ranges[i] = string.pack(">I2", range)
    for _, glyph in ipairs(segment[4] or {}) do glyphs[#glyphs + 1] = string.pack(">I2", glyph) end
  end
  local body = table.concat(ends) .. "\0\0" .. table.concat(starts) .. table.concat(deltas)
    .. table.concat(ranges) .. table.concat(glyphs)
  return string.pack(">I2 I2 I2 I2 I4", 0, 1, platform or 3, 1, 12)
    .. string.pack(">I2 I2 I2 I2 I2 I2 I2", 4, 14 + #body, 0, 2 * #segments, 0, 0, 0) .. body
end

describe("ttf.open()", function()
  local font, tables, sums = ttf.open(BYTES), readtables(BYTES)

  it("views the tables that string.unpack finds", function()
    local count = 0
    for tag, view in pairs(font.tables) do
      assert.is_true(view:tobytes() == tables[tag], tag)
      assert.are.equal(BYTES, view.obj)
      count = count + 1
    end
    assert.are.equal(10, count)
    assert.are.equal(10, #font.directory)
  end)

  it("reads head, hhea and maxp as string.unpack does", function()
    local head = {string.unpack(">I4 I4 I4 I4 I2 I2 i8 i8 i2 i2 i2 i2", tables.head)}
    head[#head] = nil
    assert.are.same(head, {font.head:unpack()})
    assert.are.equal(0x5F0F3CF5, font.head.magic)
    local version, ascender, descender, linegap = string.unpack(">I4 i2 i2 i2", tables.hhea)
    local metrics = string.unpack(">I2", tables.hhea, 35)
    assert.are.same({version, ascender, descender, linegap, metrics}, {font.hhea:unpack()})
    assert.are.same({string.unpack(">I4 I2", tables.maxp)}, {font.maxp.version, font.maxp.glyphs, 7})
    local size = string.unpack(">I2", tables.head, 51) == 0 and 2 or 4  -- of a glyph's place in loca
    assert.are.equal(#tables.loca // size - 1, font.maxp.glyphs)
  end)

  it("knows fonts of other outlines by their version", function()
    for _, version in ipairs {"OTTO", "true"} do
      assert.is_truthy(ttf.open(version .. BYTES:sub(5)).tables.head)
    end
  end)

  it("refuses what is no font", function()
    fails("font: 12 bytes at offset 0 are not within 11", ttf.open, BYTES:sub(1, 11))
    fails("not a font: it begins with the bytes 74 74 63 66", ttf.open, "ttcf" .. BYTES:sub(5))
  end)

  it("refuses a font without a table that it needs", function()
    for _, tag in ipairs {"head", "hhea", "maxp"} do
      fails(("the font has no table %q"):format(tag), ttf.open, fontwith {[tag] = false})
      helpers.raises("at offset 0 are not within 4", ttf.open, fontwith {[tag] = "\0\0\0\0"})
    end
  end)

  it("refuses a table outside the file", function()
    local bytes = BYTES:sub(1, 20) .. string.pack(">I4", #BYTES - 85) .. BYTES:sub(25)
    local message = "table \"OS/2\" (86 bytes at offset %d) is outside the file of %d bytes"
    fails(message:format(#BYTES - 85, #BYTES), ttf.open, bytes)
  end)

  it("refuses the file cut short anywhere, in one line", function()
    for n = 0, #BYTES - 4, 97 do assert.is_false(tools.survives(ttf.open, BYTES:sub(1, n))) end
  end)

  it("has sums that agree with the tables", function()
    for tag, sum in pairs(sums) do
      if tag == "head" then  -- its sum is without the one of the whole font, in its third word
        local head = memview.buffer(tables.head)
        memview.struct.pack_into(">I", head, 9, 0)
        assert.are.equal(sum, ttf.checksum(memview(head)))
      else
        assert.are.equal(sum, ttf.checksum(font.tables[tag]), tag)
      end
    end
    assert.are.equal(0xB1B0AFBA, ttf.checksum(memview(BYTES)))
  end)
end)

describe("ttf.checksum()", function()
  it("adds 32-bit words, the last filled with zeros", function()
    assert.are.equal(0, ttf.checksum(memview ""))
    assert.are.equal(0x01020304, ttf.checksum(memview "\1\2\3\4"))
    for n = 0, 2 do
      assert.are.equal(0xFF << 24, ttf.checksum(memview("\0\0\0\0\xFF" .. ("\0"):rep(n))))
    end
    assert.are.equal(0xFFFFFFFE, ttf.checksum(memview(("\xFF"):rep(8))))
  end)
end)

describe("ttf.characters()", function()
  --- Compares the glyph of every character with the second reader's. @return how many have one
  local function compare(bytes)
    local glyphs, expected = ttf.characters(ttf.open(bytes)), readglyphs(readtables(bytes).cmap)
    local count = 0
    for character = 0, 65535 do
      if glyphs[character] ~= expected[character] then
        error(("U+%04X: %s, expected %s"):format(character, glyphs[character], expected[character]))
      end
      if expected[character] then count = count + 1 end
    end
    return count
  end

  it("maps every character of the font as the second reader does", function()
    assert.are.equal(257, compare(BYTES))
  end)

  it("maps segments that list their glyphs", function()
    local cmap = makecmap {{65, 70, 0, {9, 8, 0, 7, 1, 2}}, {80, 82, -79}, {97, 99, 5, {10, 0, 11}},
      {200, 201, 0, {3, 65535}}, {0xFFFE, 0xFFFF, 6}}
    local bytes = fontwith {cmap = cmap}
    assert.are.same({[65] = 9, [66] = 8, [68] = 7, [69] = 1, [70] = 2, [80] = 1, [81] = 2, [82] = 3,
      [97] = 15, [99] = 16, [200] = 3, [201] = 65535, [0xFFFE] = 4}, ttf.characters(ttf.open(bytes)))
    assert.are.equal(13, compare(bytes))
  end)

  it("knows both of the platforms that mean Unicode", function()
    for platform = 0, 3, 3 do
      local cmap = makecmap({{1, 2, 3}, {0xFFFF, 0xFFFF, 1}}, platform)
      assert.are.same({4, 5}, ttf.characters(ttf.open(fontwith {cmap = cmap})))
    end
  end)

  it("takes a character's glyph from the first segment that has it", function()
    local cmap = makecmap {{65, 70, 0}, {60, 72, 100}, {60, 71, 200}, {0xFFFF, 0xFFFF, 1}}
    assert.are.same({[65] = 65, [66] = 66, [67] = 67, [68] = 68, [69] = 69, [70] = 70,
      [71] = 171, [72] = 172}, ttf.characters(ttf.open(fontwith {cmap = cmap})))
  end)

  it("maps random segments as the second reader does", function()
    local random = helpers.random(20240917)
    for _ = 1, 5 do
      local segments, at = {}, 0
      for i = 1, 20 do
        local start = at + random(30)
        local last, list = start + random(0, 20), nil
        if random(2) == 1 then
          list = {}
          for k = 1, last - start + 1 do list[k] = random(0, 3) * random(0, 9999) end
        end
        segments[i] = {start, last, random(0, 65535), list}
        at = last
      end
      segments[21] = {0xFFFF, 0xFFFF, 1}
      assert.is_true(compare(fontwith {cmap = makecmap(segments)}) > 0)
    end
  end)

  for _, name in ipairs {"DejaVuSans.ttf", "DejaVuSansMono.ttf", "DejaVuSerif-Bold.ttf"} do
    it("maps the whole " .. name, function()
      local path = "/usr/share/fonts/truetype/dejavu/" .. name
      local file = io.open(path, "rb")
      if not file then pending(path .. " is not there (Debian has it in fonts-dejavu-core)") return end
      local bytes = file:read("a")
      file:close()
      local _, sums = readtables(bytes)
      local font = ttf.open(bytes)
      for tag, view in pairs(font.tables) do
        assert.is_true(tag == "head" or ttf.checksum(view) == sums[tag], tag)
      end
      assert.is_true(compare(bytes) > 2000)
    end)
  end

  it("refuses a font without such a table", function()
    fails("the font has no table \"cmap\"", ttf.characters, ttf.open(fontwith {cmap = false}))
    local cmap = string.pack(">I2 I2 I2 I2 I4 I2", 0, 1, 3, 1, 12, 12)
    fails("the font has no cmap of format 4", ttf.characters, ttf.open(fontwith {cmap = cmap}))
    local macintosh = fontwith {cmap = makecmap({{1, 2, 3}, {0xFFFF, 0xFFFF, 1}}, 1)}
    fails("the font has no cmap of format 4", ttf.characters, ttf.open(macintosh))
    local cut = makecmap({{1, 2, 3}, {0xFFFF, 0xFFFF, 1}}):sub(1, -4)
    fails("cmap: 2 segments are not within 28 bytes", ttf.characters, ttf.open(fontwith {cmap = cut}))
  end)
end)

describe("ttf.advances()", function()
  it("is the column of widths that string.unpack reads", function()
    local advances = ttf.advances(ttf.open(BYTES))
    assert.are.same(readadvances(readtables(BYTES)), advances:tolist())
    assert.are.same({4}, advances.strides)
    assert.are.equal(BYTES, advances.obj)
  end)

  it("refuses a font with fewer or no widths", function()
    local tables = readtables(BYTES)
    local none = fontwith {hhea = tables.hhea:sub(1, 34) .. "\0\0"}
    fails("hhea: the font has no widths", ttf.advances, ttf.open(none))
    helpers.raises("hmtx: ", ttf.advances, ttf.open(fontwith {hmtx = tables.hmtx:sub(1, 100)}))
  end)
end)

describe("ttf.width()", function()
  local font, tables = ttf.open(BYTES), readtables(BYTES)

  it("adds the widths of a text's glyphs", function()
    local advances, glyphs = readadvances(tables), readglyphs(tables.cmap)
    for _, text in ipairs {"", "A", "Hello, world", "Ωμέγα", "naïve €5", "♠♥", "日本"} do
      local sum = 0
      for _, character in utf8.codes(text) do
        sum = sum + advances[math.min((glyphs[character] or 0) + 1, #advances)]
      end
      assert.are.equal(sum, ttf.width(font, text))
    end
  end)

  it("is the last width for glyphs without one", function()
    local few = ttf.open(fontwith {hhea = tables.hhea:sub(1, 34) .. "\0\1"})
    assert.are.equal(3 * string.unpack(">I2", tables.hmtx), ttf.width(few, "abc"))
  end)
end)

describe("ttf.names()", function()
  --- A table name of records {platform, language, id, bytes}.
  local function makenames(list)
    local records, storage = {}, ""
    for i, name in ipairs(list) do
      records[i] = string.pack(">I2 I2 I2 I2 I2 I2", name[1], 1, name[2], name[3], #name[4], #storage)
      storage = storage .. name[4]
    end
    return string.pack(">I2 I2 I2", 0, #list, 6 + 12 * #list) .. table.concat(records) .. storage
  end

  local function names(list) return ttf.names(ttf.open(fontwith {name = makenames(list)})) end

  it("reads the names of the font", function()
    local got = ttf.names(ttf.open(BYTES))
    assert.are.same({"DejaVu Sans", "Book", "DejaVu Sans", "DejaVu Sans", "Version 2.37", "DejaVuSans"},
      {got[1], got[2], got[3], got[4], got[5], got[6]})
    assert.are.equal("Copyright (c) 2003 by Bitstream, Inc. All Rights Reserved.\n"
      .. "Copyright (c) 2006 by Tavmjong Bah. All Rights Reserved.\n"
      .. "DejaVu changes are in public domain\n", got[0])
  end)

  it("turns UTF-16 into UTF-8", function()
    local text = {}
    for _, range in ipairs {{0, 0xD7FF, 61}, {0xE000, 0xFFFF, 61}, {0x10000, 0x10FFFF, 997}} do
      for character = range[1], range[2], range[3] do text[#text + 1] = character end
    end
    text[#text + 1] = 0x10FFFF
    local utf16 = {}
    for i, c in ipairs(text) do
      utf16[i] = c < 0x10000 and string.pack(">I2", c)
        or string.pack(">I2 I2", 0xD7C0 + (c >> 10), 0xDC00 + (c & 0x3FF))
    end
    assert.is_true(names {{3, 0x409, 4, table.concat(utf16)}}[4] == utf8.char(table.unpack(text)))
  end)

  it("prefers English, and passes over what is not Unicode", function()
    assert.are.equal("b", names({{3, 0x407, 1, "\0a"}, {3, 0x409, 1, "\0b"}, {3, 0x40C, 1, "\0c"}})[1])
    assert.are.equal("a", names({{3, 0x407, 1, "\0a"}, {3, 0x40C, 1, "\0c"}})[1])
    assert.is_nil(names({{1, 0, 1, "a"}})[1])
  end)

  it("refuses names outside the table", function()
    local bytes = fontwith {name = makenames({{3, 0x409, 1, "\0abc"}}):sub(1, -2)}
    fails("name: 4 bytes at offset 18 are not within 21", ttf.names, ttf.open(bytes))
  end)
end)

describe("a damaged font", function()
  it("fails in one line or is read, and never breaks", function()
    local random, seed = helpers.random(31337)
    local failures = 0
    for _ = 1, 300 do
      local bytes = memview.buffer(BYTES)
      for _ = 1, 6 do
        local at = random(3) == 1 and random(12 + 160) or random(#BYTES - 3000, #BYTES)
        bytes[at] = random(0, 255)
      end
      local ok = tools.survives(function()
        local font = ttf.open(bytes)
        ttf.names(font)
        ttf.width(font, "Hello")
      end)
      if not ok then failures = failures + 1 end
    end
    assert(failures > 30 and failures < 300, ("%d failures (seed %d)"):format(failures, seed))
  end)
end)

describe("ttf.lua", function()
  it("describes a font and measures a text", function()
    local text, status = tools.run("examples/ttf.lua", PATH, "Hello")
    assert.are.equal(0, status, text)
    local lines = {}
    for line in text:gmatch("[^\n]+") do lines[#lines + 1] = line end
    assert.are.equal("DejaVu Sans Book, Version 2.37", lines[1])
    assert.are.equal("272 glyphs, 2048 units an em, from 483 below the line to 1901 above", lines[2])
    local width = ttf.width(ttf.open(BYTES), "Hello")
    assert.are.equal(("\"Hello\" is %d units wide, 2.53 em"):format(width), lines[13])
    assert.are.equal(9, select(2, text:gsub("sum is right", "")))
  end)

  it("refuses wrong files in one line", function()
    tools.refuses("usage: lua5.4 examples/ttf.lua font [text]", "examples/ttf.lua")
    tools.refuses("no/such.ttf: No such file or directory", "examples/ttf.lua", "no/such.ttf")
    tools.refuses("examples: Is a directory", "examples/ttf.lua", "examples")
    tools.refuses("not a font: it begins with the bytes 2d 2d 2d 20", "examples/ttf.lua", "examples/ttf.lua")
  end)
end)
