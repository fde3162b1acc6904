-- examples/wad.lua against a second decoder that knows only string.unpack and string.byte.
local memview = require "memview"
local helpers = require "helpers"
local tools = require "exampletools"
local wad = dofile "examples/wad.lua"
local bmp = dofile "examples/bmp.lua"

local fails, slurp = tools.fails, tools.slurp

local PATH = "examples/assets/freedoom-mini.wad"
local EXAMPLES = {"wad", "wav", "bmp", "png", "sheet", "filter", "glb", "ttf"}
local BACKGROUND = 251

local BYTES = slurp(PATH)

-- The second decoder ----------------------------------------------------------------------------------

--- The directory: a sequence of {name, offset, data}, which is also a map from names to the same tables.
local function readdirectory(bytes)
  local _, count, at = string.unpack("<c4 i4 i4", bytes)
  local lumps = {}
  for i = 1, count do
    local offset, size, name = string.unpack("<i4 i4 c8", bytes, at + 1 + 16 * (i - 1))
    name = name:gsub("\0+$", "")
    lumps[i] = {name = name, offset = offset, data = bytes:sub(offset + 1, offset + size)}
    lumps[name] = lumps[i]
  end
  return lumps
end

--- A picture's width, height, and its pixels as one string, row by row.
local function readpicture(data)
  local width, height = string.unpack("<I2 I2", data)
  local pixels = {}
  for i = 1, width * height do pixels[i] = string.char(BACKGROUND) end
  for x = 0, width - 1 do
    local at = string.unpack("<I4", data, 9 + 4 * x) + 1
    while data:byte(at) ~= 255 do
      local top, length = data:byte(at, at + 1)
      for k = 0, length - 1 do
        pixels[(top + k) * width + x + 1] = data:sub(at + 3 + k, at + 3 + k)
      end
      at = at + length + 4
    end
  end
  return width, height, table.concat(pixels)
end

--- Every byte position (from 0) at which two strings of one length differ, with both bytes.
local function differences(old, new)
  assert(#old == #new)
  local found = {}
  for i = 1, #old do
    local before, after = old:byte(i), new:byte(i)
    if before ~= after then found[#found + 1] = {offset = i - 1, before = before, after = after} end
  end
  return found
end

local function replace(bytes, offset, new)
  return bytes:sub(1, offset) .. new .. bytes:sub(offset + #new + 1)
end

local LUMPS = readdirectory(BYTES)

--- The archive as wad.patch() must leave it.
local function patchedbytes()
  local bytes = BYTES
  for at = LUMPS.THINGS.offset, LUMPS.THINGS.offset + #LUMPS.THINGS.data - 1, 10 do
    local x, y, angle, kind, flags = string.unpack("<i2 i2 I2 I2 I2", bytes, at + 1)
    if kind == 1 then angle = (angle + 180) % 360 end
    if kind == 3004 then kind = 3001 end
    bytes = replace(bytes, at, string.pack("<i2 i2 I2 I2 I2", x, y, angle, kind, flags))
  end
  return replace(bytes, 217529 + 8, "E1M2\0\0\0\0")
end

local PICTURES = {"TITLEPIC", "M_DOOM", "BOSSA1", "TROOA1", "PLAYA1"}
local FLATS = {"BLOOD1", "BLOOD2"}

--- An archive of the given {name, data} pairs, to break on purpose.
local function makewad(lumps)
  local data, directory = {}, {}
  local at = 12
  for i, lump in ipairs(lumps) do
    data[i], directory[i] = lump[2], string.pack("<i4 i4 c8", at, #lump[2], lump[1])
    at = at + #lump[2]
  end
  return string.pack("<c4 i4 i4", "PWAD", #lumps, at) .. table.concat(data) .. table.concat(directory)
end

describe("wad.open()", function()
  local archive = wad.open(BYTES)

  it("lists the directory as string.unpack reads it", function()
    assert.are.equal("PWAD", archive.magic)
    assert.are.equal(25, #LUMPS)
    assert.are.equal(#LUMPS, #archive.lumps)
    for i, expected in ipairs(LUMPS) do
      local lump = archive.lumps[i]
      assert.are.equal(expected.name, lump.name)
      assert.are.equal(expected.offset, lump.offset)
      assert.are.equal(expected.data, lump.data:tobytes())
    end
  end)

  it("opens strings, Buffers and views alike", function()
    for _, source in ipairs {memview.buffer(BYTES), memview(BYTES), memview(BYTES .. "x"):sub(1, #BYTES)} do
      local other = wad.open(source)
      assert.are.equal(#LUMPS, #other.lumps)
      assert.are.equal(LUMPS.TROOA1.data, wad.find(other, "TROOA1").data:tobytes())
    end
  end)

  it("views a string's lumps read-only and a Buffer's writable", function()
    assert.is_true(wad.find(archive, "THINGS").data.readonly)
    assert.is_false(wad.find(wad.open(memview.buffer(BYTES)), "THINGS").data.readonly)
  end)

  it("opens an archive of no lumps", function()
    assert.are.equal(0, #wad.open(makewad {}).lumps)
  end)

  it("keeps names from leaving their directory or line", function()
    assert.are.equal("___x_y", wad.open(makewad {{"../x\ny", ""}}).lumps[1].name)
  end)

  it("refuses what is not a WAD", function()
    fails("not a WAD: 0 bytes are too few for its header", wad.open, "")
    fails("not a WAD: 11 bytes are too few for its header", wad.open, BYTES:sub(1, 11))
    fails("not a WAD: it begins with the bytes 7f 45 4c 46, not with IWAD or PWAD", wad.open,
      "\x7fELF" .. BYTES:sub(5))
  end)

  it("refuses a directory outside the file", function()
    local function header(count, offset)
      return replace(BYTES, 4, string.pack("<i4 i4", count, offset))
    end
    for _, case in ipairs {{-1, 12}, {25, -16}, {25, 217530}, {26, 217529}, {0, 217930},
      {math.maxinteger >> 32, math.maxinteger >> 32}} do
      fails(("the directory (%d entries at offset %d) is outside the file of 217929 bytes: is it cut short?")
        :format(case[1], case[2]), wad.open, header(case[1], case[2]))
    end
  end)

  it("refuses a lump outside the file", function()
    local entry = 217529 + 16 * 13
    for _, case in ipairs {{-1, 0}, {0, -1}, {217929, 1}, {118132, 217929}, {2147483647, 2147483647}} do
      fails(("lump 14, TITLEPIC (%d bytes at offset %d), is outside the file of 217929 bytes")
        :format(case[2], case[1]), wad.open, replace(BYTES, entry, string.pack("<i4 i4", case[1], case[2])))
    end
  end)

  it("refuses the file cut short anywhere", function()
    for n = 0, #BYTES - 1, 1009 do
      local text = n < 12 and "too few for its header" or "is it cut short?"
      assert.is_nil(helpers.raises(text, wad.open, BYTES:sub(1, n)):find("\n"))
    end
    helpers.raises("is it cut short?", wad.open, BYTES:sub(1, -2))
  end)
end)

describe("wad.between()", function()
  local function names(first, last, bytes)
    local found = {}
    for _, lump in ipairs(wad.between(wad.open(bytes or BYTES), first, last)) do
      found[#found + 1] = lump.name
    end
    return found
  end

  it("returns the lumps that two markers enclose", function()
    assert.are.same({"BOSSA1", "TROOA1", "PLAYA1"}, names("S_START", "S_END"))
    assert.are.same(FLATS, names("F_START", "F_END"))
  end)

  it("leaves markers inside the markers out", function()
    local bytes = makewad {{"A", "a"}, {"F_START", ""}, {"F1_START", ""}, {"B", "b"}, {"F1_END", ""},
      {"F_END", ""}, {"C", "c"}}
    assert.are.same({"B"}, names("F_START", "F_END", bytes))
  end)

  it("returns nothing where there is no such marker", function()
    assert.are.same({}, names("X_START", "X_END"))
  end)
end)

describe("wad.records()", function()
  local archive = wad.open(BYTES)

  --- Compares every member of every record with what string.unpack reads there.
  local function compare(name, format, names, packed)
    local data, each = LUMPS[name].data, string.packsize(packed)
    local records = wad.records(wad.find(archive, name), format)
    assert.are.equal(#data // each, #records)
    for i, record in ipairs(records) do
      local expected = {string.unpack(packed, data, each * (i - 1) + 1)}
      local k = 0
      for key, value in pairs(record) do
        k = k + 1
        local same = key == names[k] and value == expected[k] and record[key] == value
        assert(same, ("%s %d: %s"):format(name, i, key))
      end
      assert.are.equal(#names, k)
    end
  end

  it("shows the things as string.unpack reads them", function()
    compare("THINGS", wad.Thing, {"x", "y", "angle", "kind", "flags"}, "<i2 i2 I2 I2 I2")
  end)

  it("shows the lines as string.unpack reads them", function()
    local names = {"from", "to", "flags", "special", "tag", "right", "left"}
    compare("LINEDEFS", wad.Line, names, "<I2 I2 I2 I2 I2 I2 I2")
  end)

  it("shows the vertices as string.unpack reads them", function()
    compare("VERTEXES", wad.Vertex, {"x", "y"}, "<i2 i2")
  end)

  it("gives columns whose bounds are those of the vertices", function()
    local vertices = wad.records(wad.find(archive, "VERTEXES"), wad.Vertex)
    for column, name in ipairs {"x", "y"} do
      local low, high = math.huge, -math.huge
      for at = 2 * column - 1, #LUMPS.VERTEXES.data, 4 do
        local x = string.unpack("<i2", LUMPS.VERTEXES.data, at)
        low, high = math.min(low, x), math.max(high, x)
      end
      assert.are.same({low, high}, {wad.bounds(vertices:field(name))})
    end
  end)

  it("refuses a lump that is not whole records", function()
    local lump = {name = "THINGS", data = memview(("x"):rep(19))}
    fails("THINGS: 19 bytes are not whole records of 10", wad.records, lump, wad.Thing)
  end)
end)

describe("wad.palette()", function()
  it("views the first palette as 256 rows of red, green, blue", function()
    local palette = wad.palette(wad.open(BYTES))
    assert.are.same({256, 3}, palette.shape)
    assert.are.equal(LUMPS.PLAYPAL.data:sub(1, 768), palette:tobytes())
    assert.are.same({LUMPS.PLAYPAL.data:byte(3 * 200 + 1, 3 * 200 + 3)}, palette[201]:tolist())
  end)

  it("refuses an archive without a whole palette", function()
    local without = wad.open(makewad {{"X", "x"}})
    fails("the archive has no lump PLAYPAL to colour its pictures", wad.palette, without)
    for _, size in ipairs {0, 767, 769} do
      fails(("PLAYPAL: %d bytes are not whole palettes of 768"):format(size), wad.palette,
        wad.open(makewad {{"PLAYPAL", ("p"):rep(size)}}))
    end
  end)
end)

describe("wad.picture()", function()
  local archive = wad.open(BYTES)

  for _, name in ipairs(PICTURES) do
    it("draws the pixels of " .. name, function()
      local width, height, expected = readpicture(LUMPS[name].data)
      local pixels = wad.picture(wad.find(archive, name))
      assert.are.equal("B", pixels.format)
      assert.are.same({height, width}, pixels.shape)
      assert.is_true(pixels:tobytes() == expected)
    end)
  end

  it("draws flats from the file's own bytes", function()
    for _, name in ipairs(FLATS) do
      local pixels = wad.flat(wad.find(archive, name))
      assert.are.same({64, 64}, pixels.shape)
      assert.is_true(pixels:tobytes() == LUMPS[name].data)
      assert.are.equal(BYTES, pixels.obj)
    end
  end)

  local function picture(data) return wad.picture {name = "PIC", data = memview(data)} end

  --- A picture of one column with these posts.
  local function column(height, posts) return string.pack("<I2 I2 i2 i2 I4", 1, height, 0, 0, 12) .. posts end

  it("draws posts up to the last row, empty ones and none at all", function()
    assert.are.equal("\251\251ab", picture(column(4, "\2\2.ab.\xff")):tobytes())
    assert.are.equal("\251a", picture(column(2, "\1\0..\1\1.a.\xff")):tobytes())
    assert.are.equal("\251\251", picture(column(2, "\xff")):tobytes())
  end)

  it("refuses posts outside their column or lump", function()
    fails("PIC: a column has more than 4 pixels", picture, column(4, "\3\2.ab.\xff"))
    for _, posts in ipairs {"", "\0", "\0\1", "\0\1.", "\0\1.a", "\0\1.a.", "\0\2.a.\xff"} do
      fails("PIC: a column runs past the end of the lump", picture, column(4, posts))
    end
  end)

  it("refuses a lump too small for its header and columns", function()
    fails("PIC: 7 bytes are too few for a picture", picture, "\1\0\1\0\0\0\0")
    fails("PIC: 11 bytes are no picture of 1 x 1", picture, "\1\0\1\0\0\0\0\0\12\0\0")
    fails("PIC: 13 bytes are no picture of 0 x 1", picture, "\0\0\1\0\0\0\0\0\12\0\0\0\xff")
    fails("PIC: 13 bytes are no picture of 1 x 0", picture, "\1\0\0\0\0\0\0\0\12\0\0\0\xff")
    fails("X: 4095 bytes are no flat of 64 x 64", wad.flat, {name = "X", data = memview(("x"):rep(4095))})
  end)

  it("fails on damaged pictures with its own messages alone", function()
    local random, seed = helpers.random(20240612)
    local failures = 0
    for _ = 1, 300 do
      local data = memview.buffer(LUMPS.PLAYA1.data)
      for _ = 1, 8 do data[random(5, #data)] = random(0, 255) end
      local ok, message = pcall(wad.picture, {name = "PIC", data = memview(data)})
      if not ok then
        failures = failures + 1
        assert(message:find("^PIC: a column [^\n]+$"), ("%s (seed %d)"):format(message, seed))
      end
    end
    assert(failures > 30 and failures < 300, failures)
  end)
end)

describe("the pictures as BMP files", function()
  local archive = wad.open(BYTES)

  --- Reads a picture's BMP; asserts that its colours are the palette's.
  local function readbmp(picture)
    local bytes = bmp.encode(picture, wad.palette(archive)):tobytes()
    local width, height, bits, colours, pixels = tools.readbmp(bytes)
    assert.are.equal(8, bits)
    for i = 0, 255 do
      local red, green, blue = LUMPS.PLAYPAL.data:byte(3 * i + 1, 3 * i + 3)
      assert.are.same({blue, green, red, 0}, {colours:byte(4 * i + 1, 4 * i + 4)})
    end
    return width, height, pixels
  end

  for _, name in ipairs(PICTURES) do
    it("have the pixels of " .. name, function()
      local width, height, pixels = readbmp(wad.picture(wad.find(archive, name)))
      local expectedwidth, expectedheight, expected = readpicture(LUMPS[name].data)
      assert.are.same({expectedwidth, expectedheight}, {width, height})
      assert.is_true(pixels == expected)
    end)
  end

  it("have the pixels of flats", function()
    for _, name in ipairs(FLATS) do
      local width, height, pixels = readbmp(wad.flat(wad.find(archive, name)))
      assert.are.same({64, 64}, {width, height})
      assert.is_true(pixels == LUMPS[name].data)
    end
  end)
end)

describe("wad.sound()", function()
  local function sound(data) return wad.sound {name = "DSX", data = memview(data)} end

  it("views the samples of a sound", function()
    local kind, rate, count = string.unpack("<I2 I2 I4", LUMPS.DSPISTOL.data)
    local samples, got = wad.sound(wad.find(wad.open(BYTES), "DSPISTOL"))
    assert.are.same({3, 22050, 11026}, {kind, rate, count})
    assert.are.equal(rate, got)
    assert.is_true(samples:tobytes() == LUMPS.DSPISTOL.data:sub(9, 8 + count))
    assert.are.equal(BYTES, samples.obj)
  end)

  it("reads as many samples as the header says", function()
    assert.are.equal("ab", sound(string.pack("<I2 I2 I4", 3, 11025, 2) .. "abc"):tobytes())
    assert.are.equal("", sound(string.pack("<I2 I2 I4", 3, 11025, 0)):tobytes())
  end)

  it("refuses what is no sound", function()
    fails("DSX: 7 bytes are too few for a sound", sound, "1234567")
    for _, case in ipairs {{0, 1}, {3, 2}, {3, 0xFFFFFFFF}} do
      local kind, count = table.unpack(case)
      fails(("DSX: 9 bytes are no sound of kind %d and %d samples"):format(kind, count), sound,
        string.pack("<I2 I2 I4 B", kind, 11025, count, 0))
    end
  end)
end)

describe("wad.patch()", function()
  it("changes exactly the bytes it should", function()
    local copy = memview.buffer(BYTES)
    wad.patch(wad.open(copy))
    assert.is_true(copy:tobytes() == patchedbytes())
    assert.are.equal(9, #differences(BYTES, patchedbytes()))
  end)

  it("does without a player and a marker", function()
    local copy = memview.buffer(makewad {{"THINGS", string.pack("<i2 i2 I2 I2 I2", 1, 2, 90, 3004, 7)}})
    wad.patch(wad.open(copy))
    assert.are.equal(makewad {{"THINGS", string.pack("<i2 i2 I2 I2 I2", 1, 2, 90, 3001, 7)}}, copy:tobytes())
  end)

  it("leaves the original alone", function()
    local before = wad.open(BYTES)
    wad.patch(wad.open(memview.buffer(before.file)))
    assert.are.equal(LUMPS.THINGS.data, wad.find(before, "THINGS").data:tobytes())
    assert.is_true(before.file:equals(slurp(PATH)))
  end)

  it("refuses the read-only views of a string", function()
    helpers.raises("view is read-only", wad.patch, wad.open(BYTES))
  end)
end)

describe("wad.changes()", function()
  it("reports offset, before and after of each byte that differs", function()
    local copy = memview.buffer(BYTES)
    wad.patch(wad.open(copy))
    assert.are.same(differences(BYTES, copy:tobytes()), wad.changes(memview(BYTES), memview(copy)))
  end)

  it("finds every single byte", function()
    local old = memview("abcde")
    for i = 1, 5 do
      local new = memview.buffer("abcde")
      new[i] = 0
      assert.are.same({{offset = i - 1, before = 96 + i, after = 0}}, wad.changes(old, memview(new)))
    end
    assert.are.same({}, wad.changes(old, old))
  end)
end)

describe("wad.lua", function()
  local root, outdir
  local files = {"patched.wad", "DSPISTOL.wav"}
  for _, name in ipairs(PICTURES) do files[#files + 1] = name .. ".bmp" end
  for _, name in ipairs(FLATS) do files[#files + 1] = name .. ".bmp" end

  before_each(function()
    root = os.tmpname()
    os.remove(root)
    outdir = root .. "/what's new"
  end)

  after_each(function()
    for _, name in ipairs(files) do os.remove(outdir .. "/" .. name) end
    os.remove(outdir)
    os.remove(root)
  end)

  local function run(...) return tools.run("examples/wad.lua", ...) end

  it("writes pictures and sounds, says where, and exits with 0", function()
    local text, status = run(PATH, outdir)
    assert.are.equal(0, status, text)
    assert.is_truthy(text:find("\nThe pictures and sounds are in " .. outdir .. "\n", 1, true))
    local archive = wad.open(BYTES)
    for _, picture in ipairs(wad.pictures(archive)) do
      local expected = bmp.encode(picture.pixels, wad.palette(archive)):tobytes()
      assert.is_true(slurp(outdir .. "/" .. picture.name .. ".bmp") == expected)
    end
    local sound = slurp(outdir .. "/DSPISTOL.wav")
    assert.are.same({"RIFF", #sound - 8, "WAVE", 13}, {string.unpack("<c4 I4 c4", sound)})
    assert.are.same({1, 1, 22050, 22050, 1, 8, "data", 11026, 45},
      {string.unpack("<I2 I2 I4 I4 I2 I2 c4 I4", sound, 21)})
    assert.is_true(sound:sub(45) == LUMPS.DSPISTOL.data:sub(9))
  end)

  it("prints the directory, the bounds and the changes", function()
    local text = run(PATH, outdir)
    for _, lump in ipairs(LUMPS) do
      assert.is_truthy(text:find(("%-8s %6d"):format(lump.name, #lump.data), 1, true), lump.name)
    end
    local vertices = wad.records(wad.find(wad.open(BYTES), "VERTEXES"), wad.Vertex)
    local left, right = wad.bounds(vertices:field("x"))
    assert.is_truthy(text:find(("819 vertices: x from %d to %d,"):format(left, right), 1, true))
    assert.is_true(slurp(outdir .. "/patched.wad") == patchedbytes())
    assert.is_truthy(text:find("\nPatched 9 bytes ", 1, true))
    for _, change in ipairs(differences(BYTES, patchedbytes())) do
      local line = ("\n  %06x: %02x -> %02x  "):format(change.offset, change.before, change.after)
      assert.is_truthy(text:find(line, 1, true), line)
    end
  end)

  local function refuses(message, path) tools.refuses(message, "examples/wad.lua", path, outdir) end

  --- The same for an archive of these bytes.
  local function refusesbytes(message, bytes)
    tools.withfile(bytes, function(path) refuses(message, path) end)
  end

  it("lists the things and the lines that do something", function()
    local text = run(PATH, outdir)
    local kinds, player = {}, nil
    for at = 1, #LUMPS.THINGS.data, 10 do
      local x, y, angle, kind = string.unpack("<i2 i2 I2 I2", LUMPS.THINGS.data, at)
      kinds[kind] = (kinds[kind] or 0) + 1
      if kind == 1 then player = {x, y, angle} end
    end
    local lines = "\n%d things: %d soldiers, %d imps\n  the player starts at %d, %d and looks to %d degrees\n"
    lines = lines:format(#LUMPS.THINGS.data // 10, kinds[3004], kinds[3001], table.unpack(player))
    assert.is_truthy(text:find(lines, 1, true), lines)

    local specials, onesided = {}, 0
    for at = 1, #LUMPS.LINEDEFS.data, 14 do
      local from, _, _, special, _, _, left = string.unpack("<I2I2I2I2I2I2I2", LUMPS.LINEDEFS.data, at)
      local x, y = string.unpack("<i2 i2", LUMPS.VERTEXES.data, 4 * from + 1)
      specials[special] = specials[special] or {count = 0, x = x, y = y}
      specials[special].count = specials[special].count + 1
      if left == 65535 then onesided = onesided + 1 end
    end
    assert.is_truthy(text:find(("\n812 lines: %d with one side, %d that do something\n")
      :format(onesided, 812 - specials[0].count), 1, true))
    specials[0] = nil
    for special, first in pairs(specials) do
      local line = ("\n  %2d of kind %2d, the first from %d,%d to ")
        :format(first.count, special, first.x, first.y)
      assert.is_truthy(text:find(line, 1, true), line)
    end
  end)

  it("reads through views alone", function()
    for _, name in ipairs(EXAMPLES) do
      local text = slurp("examples/" .. name .. ".lua")
      for _, word in ipairs {"string%.unpack", "string%.pack", ":byte%(", "[.:]packsize"} do
        assert.is_nil(text:find(word), word)
      end
    end
  end)

  it("refuses a missing file in one line", function()
    refuses("no/such.wad: No such file or directory", "no/such.wad")
  end)

  it("refuses a file that is no WAD in one line", function()
    refusesbytes("not a WAD: it begins with the bytes 89 50 4e 47, not with IWAD or PWAD",
      "\x89PNG\r\n\x1a\n....")
  end)

  it("refuses a WAD that was cut short in one line", function()
    refusesbytes("the directory (25 entries at offset 217529) is outside the file of 99999 bytes: "
      .. "is it cut short?", BYTES:sub(1, 99999))
  end)

  it("refuses a WAD without a palette in one line", function()
    local bytes = BYTES:gsub("PLAYPAL", "PLAYPAX")
    refusesbytes("the archive has no lump PLAYPAL to colour its pictures", bytes)
  end)

  it("refuses a directory that it cannot write in one line", function()
    local text, status = run(PATH, PATH .. "/x")
    assert.is_truthy(text:find("wad.lua: " .. PATH .. "/x/TITLEPIC.bmp: ", 1, true), text)
    assert.are.equal(1, status)
  end)
end)

describe("examples/README.md", function()
  local text = slurp("examples/README.md")

  it("names the archive, its licence and its credits", function()
    for _, name in ipairs {"mini.wad", "COPYING.txt", "CREDITS.txt"} do
      assert.is_truthy(text:find("assets/freedoom-" .. name, 1, true), name)
    end
  end)

  it("names the font, its licence and the models", function()
    for _, name in ipairs {"dejavu-mini.ttf", "dejavu-COPYING.txt", "torus.obj", "torus.glb",
      "torus-packed.glb"} do
      assert.is_truthy(text:find("assets/" .. name, 1, true), name)
      assert.is_truthy(#slurp("examples/assets/" .. name) > 0)
    end
  end)

  it("has a section for each example", function()
    for _, name in ipairs(EXAMPLES) do
      assert.is_truthy(text:find("\n## " .. name .. ".lua\n", 1, true), name)
    end
  end)
end)
