--- Opens a Doom archive (a WAD) as records: lists it, measures its map, turns its pictures into BMP files and
-- its sounds into WAV files, and patches a copy of it in place.
--
--    lua5.4 examples/wad.lua [archive [directory for the results]]
--
-- Every number is read and written in the file's own bytes, by its name; nothing is unpacked by hand.
-- assets/README.md describes the format.

local memview = require "memview"

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])") or ""
local bmp = dofile(here .. "bmp.lua")
local wav = dofile(here .. "wav.lua")

local wad = {}

-- The records of the format -----------------------------------------------------------------------

local function record(...) return memview.record("<", {...}) end

local Header = record({"magic", "4s"}, {"count", "i32"}, {"offset", "i32"})
local Entry = record({"offset", "i32"}, {"size", "i32"}, {"name", "8s"})
local Picture = record({"width", "u16"}, {"height", "u16"}, {"left", "i16"}, {"top", "i16"})
local Sound = record({"kind", "u16"}, {"rate", "u16"}, {"count", "u32"})

--- What a map is made of: the things in it, and lines from vertex to vertex, whose sides show textures.
wad.Thing = record({"x", "i16"}, {"y", "i16"}, {"angle", "u16"}, {"kind", "u16"}, {"flags", "u16"})
wad.Vertex = record({"x", "i16"}, {"y", "i16"})
wad.Line = record({"from", "u16"}, {"to", "u16"}, {"flags", "u16"}, {"special", "u16"}, {"tag", "u16"},
  {"right", "u16"}, {"left", "u16"})

local NOSIDE = 65535  -- in place of a line's side

local PLAYER, SOLDIER, IMP = 1, 3004, 3001  -- kinds of things
local BACKGROUND = 251  -- the colour where a picture is transparent: magenta in Doom's palette

--- Like assert, but for the user's mistakes: a formatted message without a position.
local function check(ok, message, ...)
  if not ok then error(message:format(...), 0) end
  return ok
end

-- Files -------------------------------------------------------------------------------------------

--- The whole file as a string; memview views a string without copying it.
function wad.read(path)
  local file, why = io.open(path, "rb")
  check(file, "%s", why)
  local bytes, failure = file:read("a")
  file:close()
  return check(bytes, "%s: %s", path, failure)
end

--- Writes the bytes of a view or a Buffer.
local function save(path, view)
  local file, why = io.open(path, "wb")
  check(file, "%s", why)
  local done, failure = file:write(view:tobytes())
  check(file:close() and done, "%s: %s", path, failure or "cannot write")
end

--- Lua alone cannot make a directory, but both kinds of shell can. Where it fails, save() says so.
local function makedirectory(path)
  if package.config:sub(1, 1) == "\\" then
    os.execute(('if not exist "%s" mkdir "%s"'):format(path, path))
  else
    os.execute(("mkdir -p -- '%s' 2>/dev/null"):format(path:gsub("'", [['\'']])))
  end
end

-- The archive -------------------------------------------------------------------------------------

--- A name of the directory without the zeros that pad it to eight bytes. A file may hold anything there, so
-- what would upset a terminal or lead to another directory becomes "_".
local function cleanname(padded) return (padded:match("^[^\0]*"):gsub("[^%w_-]", "_")) end

--- The directory: records of where each lump is, and its name.
local function opendirectory(file)
  local header = file:sub(1, 12):cast(Header)[1]
  local count, offset = header.count, header.offset
  check(count >= 0 and offset >= 0 and offset + 16 * count <= #file,
    "the directory (%d entries at offset %d) is outside the file of %d bytes: is it cut short?",
    count, offset, #file)
  return file:sub(offset + 1, offset + 16 * count):cast(Entry)
end

--- Opens an archive in a string, a Buffer or a view; its lumps are views too, so no byte is there twice.
-- @return a table: `magic`, `file` (all the bytes), `directory` (records), and `lumps`, a sequence of tables
-- with `name`, `offset` (0-based, as the format has it) and `data`
function wad.open(source)
  local file = memview(source)
  check(#file >= 12, "not a WAD: %d bytes are too few for its header", #file)
  local magic = file:tobytes(1, 4)
  check(magic == "IWAD" or magic == "PWAD",
    "not a WAD: it begins with the bytes %s, not with IWAD or PWAD", file:sub(1, 4):hex(" "))

  local directory, lumps = opendirectory(file), {}
  for i, entry in ipairs(directory) do
    local name, offset, size = cleanname(entry.name), entry.offset, entry.size
    check(offset >= 0 and size >= 0 and offset + size <= #file,
      "lump %d, %s (%d bytes at offset %d), is outside the file of %d bytes", i, name, size, offset, #file)
    lumps[i] = {name = name, offset = offset, data = file:sub(offset + 1, offset + size)}
  end
  return {magic = magic, file = file, directory = directory, lumps = lumps}
end

--- The first lump of that name and its number, or nil.
function wad.find(archive, name)
  for i, lump in ipairs(archive.lumps) do
    if lump.name == name then return lump, i end
  end
end

--- The lumps between two markers, as S_START and S_END enclose the sprites, without empty ones (markers too).
function wad.between(archive, first, last)
  local inside, found = false, {}
  for _, lump in ipairs(archive.lumps) do
    if lump.name == last then inside = false end
    if inside and #lump.data > 0 then found[#found + 1] = lump end
    if lump.name == first then inside = true end
  end
  return found
end

--- A lump of a map as records of that format.
function wad.records(lump, format)
  local size, each = #lump.data, memview.struct.calcsize(format)
  check(size % each == 0, "%s: %d bytes are not whole records of %d", lump.name, size, each)
  return lump.data:cast(format)
end

--- The smallest and the largest item of a column.
function wad.bounds(column)
  return math.min(column:unpack()), math.max(column:unpack())
end

-- Pictures ----------------------------------------------------------------------------------------

--- The first of the archive's palettes: 256 rows of red, green, blue.
function wad.palette(archive)
  local lump = check(wad.find(archive, "PLAYPAL"), "the archive has no lump PLAYPAL to colour its pictures")
  local size = #lump.data
  check(size > 0 and size % 768 == 0, "PLAYPAL: %d bytes are not whole palettes of 768", size)
  return lump.data:cast("B", {-1, 256, 3})[1]
end

--- Draws one column, which is posts: first row, length, a byte of padding, the pixels, a byte of padding.
-- 255 in place of a first row ends it.
local function drawposts(lump, column, at)
  local data = lump.data
  while data[at] ~= 255 do
    local top, length = data[at], data[at + 1]
    check(length, "%s: a column runs past the end of the lump", lump.name)
    check(top + length <= #column, "%s: a column has more than %d pixels", lump.name, #column)
    column:copyfrom(data:sub(at + 3, at + 2 + length), top + 1)
    at = at + 4 + length
  end
end

--- The pixels of a picture, a view of height x width palette indices. The file stores columns, so they are
-- drawn through the transpose, whose rows are the columns of the pixels.
function wad.picture(lump)
  local data = lump.data
  check(#data >= 8, "%s: %d bytes are too few for a picture", lump.name, #data)
  local width, height = data:sub(1, 8):cast(Picture)[1]:unpack()
  check(width > 0 and height > 0 and 8 + 4 * width <= #data,
    "%s: %d bytes are no picture of %d x %d", lump.name, #data, width, height)
  local offsets = data:sub(9, 8 + 4 * width):cast("<I")

  local pixels = memview.zeros("B", {height, width}):fill(BACKGROUND)
  for x, column in ipairs(pixels:transpose()) do
    drawposts(lump, column, offsets[x] + 1)
  end
  return pixels
end

--- The pixels of a flat (a floor or a ceiling): they lie in the file as a view needs them.
function wad.flat(lump)
  check(#lump.data == 64 * 64, "%s: %d bytes are no flat of 64 x 64", lump.name, #lump.data)
  return lump.data:cast("B", {64, 64})
end

--- All pictures of the archive, decoded: a sequence of tables with `name` and `pixels`.
function wad.pictures(archive)
  local found = {}
  local function add(decode, lump) found[#found + 1] = {name = lump.name, pixels = decode(lump)} end

  for _, name in ipairs {"TITLEPIC", "M_DOOM"} do
    local lump = wad.find(archive, name)
    if lump then add(wad.picture, lump) end
  end
  for _, sprite in ipairs(wad.between(archive, "S_START", "S_END")) do add(wad.picture, sprite) end
  for _, flat in ipairs(wad.between(archive, "F_START", "F_END")) do add(wad.flat, flat) end
  return found
end

-- Sounds ------------------------------------------------------------------------------------------

--- The samples of a sound, a view of bytes of which 128 is silence, and how many there are in a second.
function wad.sound(lump)
  local data = lump.data
  check(#data >= 8, "%s: %d bytes are too few for a sound", lump.name, #data)
  local sound = data:sub(1, 8):cast(Sound)[1]
  check(sound.kind == 3 and 8 + sound.count <= #data, "%s: %d bytes are no sound of kind %d and %d samples",
    lump.name, #data, sound.kind, sound.count)
  return data:sub(9, 8 + sound.count), sound.rate
end

-- Patching ----------------------------------------------------------------------------------------

--- Edits the first map of an archive that was opened from a Buffer: the player starts facing the other way,
-- soldiers become imps, and the map gets another name. Each assignment writes the Buffer's bytes at once.
function wad.patch(archive)
  local lump, number = wad.find(archive, "THINGS")
  for _, thing in ipairs(wad.records(lump, wad.Thing)) do
    if thing.kind == PLAYER then thing.angle = (thing.angle + 180) % 360 end
    if thing.kind == SOLDIER then thing.kind = IMP end
  end
  if number > 1 then archive.directory[number - 1].name = "E1M2" end  -- the marker before a map's things
end

--- Where two files of the same length differ: a sequence of tables with `offset`, `before` and `after`.
function wad.changes(old, new)
  local found = {}
  for i = 1, #old do
    local before, after = old[i], new[i]
    if before ~= after then found[#found + 1] = {offset = i - 1, before = before, after = after} end
  end
  return found
end

--- The name of the lump that has this byte.
local function owner(archive, offset)
  for _, lump in ipairs(archive.lumps) do
    if lump.offset <= offset and offset < lump.offset + #lump.data then return lump.name end
  end
  return "directory"
end

-- The demonstration -------------------------------------------------------------------------------

local function printf(text, ...) io.write(text:format(...)) end

local function showdirectory(archive)
  for i, lump in ipairs(archive.lumps) do
    local last = i % 4 == 0 or i == #archive.lumps
    printf("  %-8s %6d%s", lump.name, #lump.data, last and "\n" or "  ")
  end
end

--- The player, and how many there are of some other kinds: records one by one, and a column of all at once.
local function showthings(things)
  local kinds = things:field("kind")
  printf("\n%d things: %d soldiers, %d imps\n", #things, kinds:count(SOLDIER), kinds:count(IMP))
  local player = kinds:index(PLAYER)
  if player then
    local x, y, angle = things[player]:unpack()
    printf("  the player starts at %d, %d and looks to %d degrees\n", x, y, angle)
  end
end

local function showvertices(vertices)
  local left, right = wad.bounds(vertices:field("x"))
  local bottom, top = wad.bounds(vertices:field("y"))
  printf("\n%d vertices: x from %d to %d, y from %d to %d\n  %s\n",
    #vertices, left, right, bottom, top, tostring(vertices))
end

--- The lines that do something when they are used or crossed (1 opens a door, 11 ends the map), by what they
-- do, with the vertices at the ends of the first of each.
local function showlines(lines, vertices)
  local specials = lines:field("special")
  printf("\n%d lines: %d with one side, %d that do something\n",
    #lines, lines:field("left"):count(NOSIDE), #lines - specials:count(0))
  for i, line in ipairs(lines) do
    local special = line.special
    if special ~= 0 and specials:index(special) == i then
      local from, to = vertices[line.from + 1], vertices[line.to + 1]
      check(from and to, "LINEDEFS: line %d has a vertex that is not there", i)
      printf("  %2d of kind %2d, the first from %d,%d to %d,%d\n",
        specials:count(special), special, from.x, from.y, to.x, to.y)
    end
  end
end

--- What the archive has of a map.
local function showmap(archive)
  local function records(name, format)
    local lump = wad.find(archive, name)
    return lump and #lump.data > 0 and wad.records(lump, format)
  end
  local things, vertices = records("THINGS", wad.Thing), records("VERTEXES", wad.Vertex)
  local lines = vertices and records("LINEDEFS", wad.Line)
  if things then showthings(things) end
  if vertices then showvertices(vertices) end
  if lines then showlines(lines, vertices) end
end

local function savepictures(archive, palette, outdir)
  printf("\nPictures:\n")
  for _, picture in ipairs(wad.pictures(archive)) do
    local name, pixels = picture.name .. ".bmp", picture.pixels
    save(outdir .. "/" .. name, bmp.encode(pixels, palette))
    printf("  %-12s %3d x %3d, %3d%% transparent\n", name, pixels.shape[2], pixels.shape[1],
      100 * pixels:cast("B"):count(BACKGROUND) // pixels.nbytes)
  end
end

local function savesounds(archive, outdir)
  printf("\nSounds:\n")
  for _, lump in ipairs(archive.lumps) do
    if lump.name:find("^DS") and #lump.data > 0 then
      local samples, rate = wad.sound(lump)
      local name = lump.name .. ".wav"
      save(outdir .. "/" .. name, wav.encode(samples, rate))
      printf("  %-12s %.2f seconds at %d Hz\n", name, #samples / rate, rate)
    end
  end
end

local function savepatched(archive, outdir)
  local copy = memview.buffer(archive.file)
  wad.patch(wad.open(copy))
  local changes = wad.changes(archive.file, memview(copy))
  printf("\nPatched %d bytes of a copy in place:\n", #changes)
  for _, change in ipairs(changes) do
    local name = owner(archive, change.offset)
    printf("  %06x: %02x -> %02x  %s\n", change.offset, change.before, change.after, name)
  end
  save(outdir .. "/patched.wad", copy)
end

--- All of it in order. What is wrong with the files raises a message of one line.
function wad.demo(path, outdir)
  local archive = wad.open(wad.read(path))
  local palette = wad.palette(archive)
  makedirectory(outdir)
  printf("%s: %s of %d lumps, %d bytes\n", path, archive.magic, #archive.lumps, #archive.file)
  showdirectory(archive)
  showmap(archive)
  savepictures(archive, palette, outdir)
  savesounds(archive, outdir)
  if wad.find(archive, "THINGS") then savepatched(archive, outdir) end
  printf("\nThe pictures and sounds are in %s\n", outdir)
end

if arg and arg[0] and arg[0]:find("wad%.lua$") then
  local ok, message = pcall(wad.demo, arg[1] or "examples/assets/freedoom-mini.wad", arg[2] or "build/demo")
  if not ok then
    io.stderr:write("wad.lua: ", tostring(message), "\n")
    os.exit(false, true)
  end
end

return wad
