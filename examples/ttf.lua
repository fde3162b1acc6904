--- Reads fonts (TrueType, OpenType), which are big-endian: the tables head, hhea, maxp, hmtx, cmap and name.
--
--    lua5.4 examples/ttf.lua font [text]      describes a font, and measures a text set in it
--
-- As a module: local ttf = dofile "examples/ttf.lua"

local memview = require "memview"

local ttf = {}

local function check(ok, message, ...)
  if not ok then error(message:format(...), 0) end
  return ok
end

-- The records of the format ----------------------------------------------------------------------

local function record(...) return memview.record(">", {...}) end

local Header = record({"version", "4s"}, {"count", "u16"}, {"_", "pad", 6})
local Entry = record({"tag", "4s"}, {"checksum", "u32"}, {"offset", "u32"}, {"length", "u32"})

local Head = record(
  {"version", "u32"}, {"revision", "u32"}, {"adjustment", "u32"}, {"magic", "u32"}, {"flags", "u16"},
  {"unitsperem", "u16"}, {"created", "i64"}, {"modified", "i64"},
  {"xmin", "i16"}, {"ymin", "i16"}, {"xmax", "i16"}, {"ymax", "i16"})
local Hhea = record(
  {"version", "u32"}, {"ascender", "i16"}, {"descender", "i16"}, {"linegap", "i16"},
  {"metrics", "u16", at = 34})  -- how many glyphs have widths of their own
local Maxp = record({"version", "u32"}, {"glyphs", "u16"})
local Metric = record({"advance", "u16"}, {"bearing", "i16"})

local Cmap = record({"version", "u16"}, {"count", "u16"})
local Encoding = record({"platform", "u16"}, {"encoding", "u16"}, {"offset", "u32"})

local Names = record({"format", "u16"}, {"count", "u16"}, {"storage", "u16"})
local Name = record(
  {"platform", "u16"}, {"encoding", "u16"}, {"language", "u16"}, {"id", "u16"},
  {"length", "u16"}, {"offset", "u16"})

-- Reading them -----------------------------------------------------------------------------------

--- `count` records of a format at an offset of a view.
local function records(what, view, format, offset, count)
  local size = count * memview.struct.calcsize(format)
  check(offset + size <= #view, "%s: %d bytes at offset %d are not within %d", what, size, offset, #view)
  return view:sub(offset + 1, offset + size):cast(format)
end

--- Opens a font in a string, a Buffer or a view.
-- @return a table: `tables`, views of the font's tables by name; and the records `head`, `hhea` and `maxp`
function ttf.open(source)
  local file = memview(source)
  local header = records("font", file, Header, 0, 1)[1]
  check(header.version == "\0\1\0\0" or header.version == "OTTO" or header.version == "true",
    "not a font: it begins with the bytes %s", memview(header.version):hex(" "))

  local font = {tables = {}, directory = records("directory", file, Entry, 12, header.count)}
  for _, entry in ipairs(font.directory) do
    local tag, offset, length = entry.tag, entry.offset, entry.length
    check(offset + length <= #file, "table %q (%d bytes at offset %d) is outside the file of %d bytes",
      tag, length, offset, #file)
    font.tables[tag] = file:sub(offset + 1, offset + length)
  end
  font.head = records("head", ttf.table(font, "head"), Head, 0, 1)[1]
  font.hhea = records("hhea", ttf.table(font, "hhea"), Hhea, 0, 1)[1]
  font.maxp = records("maxp", ttf.table(font, "maxp"), Maxp, 0, 1)[1]
  return font
end

--- A table of the font as a view of its bytes.
function ttf.table(font, tag)
  return check(font.tables[tag], "the font has no table %q", tag)
end

--- The sum of a table's 32-bit words, as the directory has it; the last word may be cut short.
function ttf.checksum(data)
  local sum, whole = 0, #data // 4 * 4
  for _, word in ipairs(data:sub(1, whole):cast(">I")) do sum = sum + word end
  local rest = memview.buffer(data:sub(whole + 1)):resize(4)
  return (sum + memview.struct.unpack(">I", rest)) & 0xFFFFFFFF
end

-- Glyphs and their widths ------------------------------------------------------------------------

--- The table of a font that goes from characters to glyphs: a view of its words from its beginning on.
local function findcmap(font)
  local cmap = ttf.table(font, "cmap")
  local header = records("cmap", cmap, Cmap, 0, 1)[1]
  for _, encoding in ipairs(records("cmap", cmap, Encoding, 4, header.count)) do
    local platform, offset = encoding.platform, encoding.offset
    if platform == 0 or platform == 3 then
      local words = cmap:sub(offset + 1)
      words = words:sub(1, #words // 2 * 2):cast(">H")
      if words[1] == 4 then return words end
    end
  end
  check(false, "the font has no cmap of format 4")
end

--- From characters of 16 bits to glyphs. The table has segments of characters, as four columns one after the
-- other: where each ends, where it starts, what to add, and how far on from there its glyphs are listed.
-- @return a table of glyphs by character
function ttf.characters(font)
  local words = findcmap(font)
  local count = words[4] // 2
  check(8 + 4 * count <= #words, "cmap: %d segments are not within %d bytes", count, 2 * #words)
  local ends, starts = words:sub(8, 7 + count), words:sub(9 + count, 8 + 2 * count)
  local first = 8 + 3 * count  -- before the fourth column
  local deltas, ranges = words:sub(first - count + 1, first), words:sub(first + 1, first + count)

  local glyphs, last = {}, -1  -- the end of the segments before: a character belongs to the first that has it
  for i = 1, count do
    local start, delta, range = starts[i], deltas[i], ranges[i]
    for character = math.max(start, last + 1), math.min(ends[i], 0xFFFE) do
      local glyph = character
      if range > 0 then glyph = words[first + i + range // 2 + character - start] or 0 end
      if range == 0 or glyph > 0 then glyph = (glyph + delta) & 0xFFFF end
      if glyph > 0 then glyphs[character] = glyph end
    end
    last = math.max(last, ends[i])
  end
  return glyphs
end

--- The advance widths of the font's glyphs, a column of the table hmtx. Glyphs past it have the last width.
function ttf.advances(font)
  local count = font.hhea.metrics
  check(count > 0, "hhea: the font has no widths")
  return records("hmtx", ttf.table(font, "hmtx"), Metric, 0, count):field("advance")
end

--- The width of a text in UTF-8, in the font's units.
function ttf.width(font, text)
  local glyphs, advances = ttf.characters(font), ttf.advances(font)
  local width = 0
  for _, character in utf8.codes(text) do
    local glyph = glyphs[character] or 0
    width = width + advances[math.min(glyph + 1, #advances)]
  end
  return width
end

-- Names ------------------------------------------------------------------------------------------

--- UTF-16 as UTF-8.
local function toutf8(bytes)
  local characters, high = {}, nil
  for _, unit in ipairs(bytes:sub(1, #bytes // 2 * 2):cast(">H")) do
    if high and unit >> 10 == 0x37 then unit = 0x10000 + (high << 10) + (unit & 0x3FF) end
    high = unit >> 10 == 0x36 and unit & 0x3FF or nil
    if not high then characters[#characters + 1] = utf8.char(unit) end
  end
  return table.concat(characters)
end

--- The names of a font by their numbers: 1 the family, 2 the style, 4 the full name, 5 the version.
function ttf.names(font)
  local data = ttf.table(font, "name")
  local header = records("name", data, Names, 0, 1)[1]
  local names = {}
  for _, name in ipairs(records("name", data, Name, 6, header.count)) do
    local platform, language = name.platform, name.language
    if platform == 0 or platform == 3 and (language == 0x409 or not names[name.id]) then
      local offset = header.storage + name.offset
      names[name.id] = toutf8(records("name", data, "B", offset, name.length))
    end
  end
  return names
end

local function main(path, text)
  check(path, "usage: lua5.4 examples/ttf.lua font [text]")
  local file, why = io.open(path, "rb")
  check(file, "%s", why)
  local bytes, failure = file:read("a")
  file:close()
  local font = ttf.open(check(bytes, "%s: %s", path, failure))
  local names, head, hhea = ttf.names(font), font.head, font.hhea
  print(("%s %s, %s"):format(names[1], names[2], names[5]))
  print(("%d glyphs, %d units an em, from %d below the line to %d above"):format(
    font.maxp.glyphs, head.unitsperem, -hhea.descender, hhea.ascender))
  for _, entry in ipairs(font.directory) do
    local sum = ttf.checksum(font.tables[entry.tag])
    print(("  %s %7d bytes at %7d, %s"):format(entry.tag, entry.length, entry.offset,
      sum == entry.checksum and "sum is right" or entry.tag == "head" and "" or "sum is wrong"))
  end
  if text then
    local width = ttf.width(font, text)
    print(("%q is %d units wide, %.2f em"):format(text, width, width / head.unitsperem))
  end
end

if arg and arg[0] and arg[0]:find("ttf%.lua$") then
  local ok, message = pcall(main, arg[1], arg[2])
  if not ok then
    io.stderr:write("ttf.lua: ", tostring(message), "\n")
    os.exit(false, true)
  end
end

return ttf
