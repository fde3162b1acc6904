--- Opens a Doom archive (a WAD) through views: lists it, measures its map, turns its pictures into BMP
-- files, and patches a copy of it in place.
--
--    lua5.4 examples/wad.lua [archive [directory for the results]]
--
-- Every number is read and written by a typed view of the file's own bytes; nothing is unpacked by hand.
-- assets/README.md describes the format.

local memview = require "memview"

local wad = {}

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

--- Two views of the directory: rows of four integers (offset, size, and half a name each), and a column of
-- names, which are the second eight bytes of every sixteen.
local function opendirectory(file)
  local count, offset = file:sub(5, 12):cast("<i"):unpack()
  check(count >= 0 and offset >= 0 and offset + 16 * count <= #file,
    "the directory (%d entries at offset %d) is outside the file of %d bytes: is it cut short?",
    count, offset, #file)
  local directory = file:sub(offset + 1, offset + 16 * count)
  return directory:cast("<i", {count, 4}), directory:cast("8s", {count, 2}):slice({}, 2)
end

--- Opens an archive in a string, a Buffer or a view; its lumps are views too, so no byte is there twice.
-- @return a table: `magic`, `file` (all the bytes), `names` (those in the directory), and `lumps`, a sequence
-- of tables with `name`, `offset` (0-based, as the format has it) and `data`
function wad.open(source)
  local file = memview(source)
  check(#file >= 12, "not a WAD: %d bytes are too few for its header", #file)
  local magic = file:tobytes(1, 4)
  check(magic == "IWAD" or magic == "PWAD",
    "not a WAD: it begins with the bytes %s, not with IWAD or PWAD", file:sub(1, 4):hex(" "))

  local entries, names = opendirectory(file)
  local lumps = {}
  for i, entry in ipairs(entries) do
    local offset, size = entry:unpack(1, 2)
    local name = cleanname(names[i])
    check(offset >= 0 and size >= 0 and offset + size <= #file,
      "lump %d, %s (%d bytes at offset %d), is outside the file of %d bytes", i, name, size, offset, #file)
    lumps[i] = {name = name, offset = offset, data = file:sub(offset + 1, offset + size)}
  end
  return {magic = magic, file = file, names = names, lumps = lumps}
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

--- A map's lump as a table of little-endian 16-bit numbers: one row a record, `width` numbers each.
function wad.grid(lump, width)
  local size, record = #lump.data, 2 * width
  check(size % record == 0, "%s: %d bytes are not whole records of %d", lump.name, size, record)
  return lump.data:cast("<h", {-1, width})
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
  local width, height = data:sub(1, 4):cast("<H"):unpack()
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

--- A BMP file of 8 bits a pixel, as a view of its bytes. BMP wants blue before red, the last row first, and
-- rows padded to four bytes: views of the file bring that order and that padding, copyfrom does the rest.
function wad.bmp(pixels, palette)
  local height, width = pixels.shape[1], pixels.shape[2]
  local padded = (width + 3) // 4 * 4
  local start = 54 + 4 * 256
  local file = memview.zeros("B", start + padded * height)

  file:copyfrom("BM", 1)
  file:sub(3, 54):cast("<I"):copyfrom {
    #file, 0, start,                        -- sizes and where the pixels begin
    40, width, height, 1 | 8 << 16, 0,      -- size of this part; one plane of 8 bits; not compressed
    padded * height, 2835, 2835, 256, 0,    -- 2835 pixels a metre are 72 an inch
  }
  local colours = file:sub(55, start):cast("B", {256, 4})
  colours:slice({}, {3, 1, -1}):copyfrom(palette)
  local rows = file:sub(start + 1):cast("B", {height, padded})
  rows:slice({-1, 1, -1}, {1, width}):copyfrom(pixels)
  return file
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

-- Patching ----------------------------------------------------------------------------------------

--- Edits the first map of an archive that was opened from a Buffer: the player starts facing the other way,
-- soldiers become imps, and the map gets another name. Each assignment writes the Buffer's bytes at once.
function wad.patch(archive)
  local lump, number = wad.find(archive, "THINGS")
  local things = wad.grid(lump, 5)
  local angles, kinds = things:slice({}, 3), things:slice({}, 4)

  local player = kinds:index(1)
  if player then angles[player] = (angles[player] + 180) % 360 end
  for i, kind in ipairs(kinds) do
    if kind == 3004 then kinds[i] = 3001 end
  end
  if number > 1 then archive.names[number - 1] = "E1M2" end  -- a map's name is the marker before its things
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

local function showvertices(lump)
  local vertices = wad.grid(lump, 2)
  check(#vertices > 0, "%s is empty", lump.name)
  local left, right = wad.bounds(vertices:slice({}, 1))
  local bottom, top = wad.bounds(vertices:slice({}, 2))
  printf("\n%d vertices: x from %d to %d, y from %d to %d\n  %s\n",
    #vertices, left, right, bottom, top, tostring(vertices))
end

local function savepictures(archive, palette, outdir)
  printf("\nPictures:\n")
  for _, picture in ipairs(wad.pictures(archive)) do
    local name, pixels = picture.name .. ".bmp", picture.pixels
    save(outdir .. "/" .. name, wad.bmp(pixels, palette))
    printf("  %-12s %3d x %3d, %3d%% transparent\n", name, pixels.shape[2], pixels.shape[1],
      100 * pixels:cast("B"):count(BACKGROUND) // pixels.nbytes)
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
  local vertices = wad.find(archive, "VERTEXES")
  if vertices then showvertices(vertices) end
  savepictures(archive, palette, outdir)
  if wad.find(archive, "THINGS") then savepatched(archive, outdir) end
  printf("\nThe pictures are in %s\n", outdir)
end

if arg and arg[0] and arg[0]:find("wad%.lua$") then
  local ok, message = pcall(wad.demo, arg[1] or "examples/assets/freedoom-mini.wad", arg[2] or "build/demo")
  if not ok then
    io.stderr:write("wad.lua: ", tostring(message), "\n")
    os.exit(false, true)
  end
end

return wad
