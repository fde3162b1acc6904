-- examples/wad.lua against a second decoder that knows only string.unpack and string.byte.
local memview = require "memview"
local helpers = require "helpers"
local wad = dofile "examples/wad.lua"

local PATH = "examples/assets/freedoom-mini.wad"
local BACKGROUND = 251

local function slurp(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("a")
  file:close()
  return bytes
end

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

--- Calls f and asserts that it fails with that whole message: one line, and no position in the source.
local function fails(message, f, ...)
  local ok, got = pcall(f, ...)
  assert.is_false(ok)
  assert.are.equal(message, got)
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

describe("wad.grid()", function()
  local vertices = wad.grid(wad.find(wad.open(BYTES), "VERTEXES"), 2)

  it("shows the vertices as string.unpack reads them", function()
    assert.are.equal("<h", vertices.format)
    assert.are.same({#LUMPS.VERTEXES.data // 4, 2}, vertices.shape)
    for i = 1, #vertices do
      local x, y = string.unpack("<i2 i2", LUMPS.VERTEXES.data, 4 * i - 3)
      assert.are.equal(x, vertices[i][1])
      assert.are.equal(y, vertices:get(i, 2))
    end
  end)

  it("gives columns whose bounds are those of the vertices", function()
    for column = 1, 2 do
      local low, high = math.huge, -math.huge
      for at = 2 * column - 1, #LUMPS.VERTEXES.data, 4 do
        local x = string.unpack("<i2", LUMPS.VERTEXES.data, at)
        low, high = math.min(low, x), math.max(high, x)
      end
      assert.are.same({low, high}, {wad.bounds(vertices:slice({}, column))})
    end
  end)

  it("refuses a lump that is not whole records", function()
    local lump = {name = "THINGS", data = memview(("x"):rep(19))}
    fails("THINGS: 19 bytes are not whole records of 10", wad.grid, lump, 5)
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

describe("wad.bmp()", function()
  local archive = wad.open(BYTES)
  local palette = wad.palette(archive)

  local function encode(name)
    local lump = wad.find(archive, name)
    return wad.bmp(#lump.data == 4096 and wad.flat(lump) or wad.picture(lump), palette):tobytes()
  end

  it("writes the header of an 8-bit BMP", function()
    local bmp = encode "PLAYA1"
    local padded = 44 * 56
    assert.are.equal(1078 + padded, #bmp)
    assert.are.same({"BM", #bmp, 0, 0, 1078, 15}, {string.unpack("<c2 I4 I2 I2 I4", bmp)})
    assert.are.same({40, 41, 56, 1, 8, 0, padded, 2835, 2835, 256, 0, 55},
      {string.unpack("<I4 i4 i4 I2 I2 I4 I4 i4 i4 I4 I4", bmp, 15)})
  end)

  it("writes the colours as blue, green, red, zero", function()
    local bmp = encode "PLAYA1"
    for i = 0, 255 do
      local red, green, blue = LUMPS.PLAYPAL.data:byte(3 * i + 1, 3 * i + 3)
      assert.are.same({blue, green, red, 0}, {bmp:byte(54 + 4 * i + 1, 54 + 4 * i + 4)})
    end
  end)

  --- The pixels of a BMP as its reader sees them, from the top row down; asserts that the padding is zero.
  local function readrows(bmp)
    local width, height = string.unpack("<i4 i4", bmp, 19)
    local padded = width + -width % 4
    local rows = {}
    for y = 1, height do
      local at = 1078 + (height - y) * padded
      rows[y] = bmp:sub(at + 1, at + width)
      assert.are.equal(("\0"):rep(padded - width), bmp:sub(at + width + 1, at + padded))
    end
    assert.are.equal(1078 + height * padded, #bmp)
    return width, height, table.concat(rows)
  end

  for _, name in ipairs(PICTURES) do
    it("writes the rows of " .. name .. " bottom-up and padded", function()
      local width, height, pixels = readrows(encode(name))
      local expectedwidth, expectedheight, expected = readpicture(LUMPS[name].data)
      assert.are.same({expectedwidth, expectedheight}, {width, height})
      assert.is_true(pixels == expected)
    end)
  end

  it("writes the rows of flats bottom-up", function()
    for _, name in ipairs(FLATS) do
      local _, _, pixels = readrows(encode(name))
      assert.is_true(pixels == LUMPS[name].data)
    end
  end)

  it("pads every width to four bytes", function()
    for width = 1, 9 do
      local pixels = memview.zeros("B", {3, width})
      for y = 1, 3 do
        for x = 1, width do pixels:set(y, x, 10 * y + x) end
      end
      local _, _, got = readrows(wad.bmp(pixels, palette):tobytes())
      assert.are.equal(pixels:tobytes(), got)
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
  local files = {"patched.wad"}
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

  local function quote(text) return "'" .. text:gsub("'", [['\'']]) .. "'" end

  --- Runs the example as its reader would. @return what it printed, its exit status
  local function run(...)
    local interpreter = 0
    while arg[interpreter - 1] do interpreter = interpreter - 1 end
    local paths = ("package.path, package.cpath = %q, %q"):format(package.path, package.cpath)
    local words = {arg[interpreter], "-e", paths, "examples/wad.lua", ...}
    for i, word in ipairs(words) do words[i] = quote(word) end
    local pipe = assert(io.popen(table.concat(words, " ") .. " 2>&1"))
    local text = pipe:read("a")
    local _, _, status = pipe:close()
    return text, status
  end

  it("writes the pictures, says where, and exits with 0", function()
    local text, status = run(PATH, outdir)
    assert.are.equal(0, status, text)
    assert.is_truthy(text:find("\nThe pictures are in " .. outdir .. "\n", 1, true))
    local archive = wad.open(BYTES)
    for _, picture in ipairs(wad.pictures(archive)) do
      local expected = wad.bmp(picture.pixels, wad.palette(archive)):tobytes()
      assert.is_true(slurp(outdir .. "/" .. picture.name .. ".bmp") == expected)
    end
  end)

  it("prints the directory, the bounds and the changes", function()
    local text = run(PATH, outdir)
    for _, lump in ipairs(LUMPS) do
      assert.is_truthy(text:find(("%-8s %6d"):format(lump.name, #lump.data), 1, true), lump.name)
    end
    local vertices = wad.grid(wad.find(wad.open(BYTES), "VERTEXES"), 2)
    local left, right = wad.bounds(vertices:slice({}, 1))
    assert.is_truthy(text:find(("819 vertices: x from %d to %d,"):format(left, right), 1, true))
    assert.is_true(slurp(outdir .. "/patched.wad") == patchedbytes())
    assert.is_truthy(text:find("\nPatched 9 bytes ", 1, true))
    for _, change in ipairs(differences(BYTES, patchedbytes())) do
      local line = ("\n  %06x: %02x -> %02x  "):format(change.offset, change.before, change.after)
      assert.is_truthy(text:find(line, 1, true), line)
    end
  end)

  --- The example fails with status 1 and this one line.
  local function refuses(message, path)
    local text, status = run(path, outdir)
    assert.are.equal("wad.lua: " .. message .. "\n", text)
    assert.are.equal(1, status)
  end

  --- The same for an archive of these bytes.
  local function refusesbytes(message, bytes)
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    file:write(bytes)
    file:close()
    local ok, why = pcall(refuses, message, path)
    os.remove(path)
    assert(ok, why)
  end

  it("reads through views alone", function()
    local text = slurp("examples/wad.lua")
    for _, word in ipairs {"string%.unpack", "string%.pack", ":byte%(", "[.:]packsize"} do
      assert.is_nil(text:find(word), word)
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
  it("names the archive, its licence and its credits", function()
    local text = slurp("examples/README.md")
    for _, name in ipairs {"mini.wad", "COPYING.txt", "CREDITS.txt"} do
      assert.is_truthy(text:find("assets/freedoom-" .. name, 1, true), name)
    end
  end)
end)
