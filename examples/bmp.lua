--- Writes pictures as BMP files: the header is a record, so is a row, and colours go in by columns of pixels.
--
--    lua5.4 examples/bmp.lua [file]      draws a test card, by default build/card.bmp
--
-- As a module: local bmp = dofile "examples/bmp.lua"

local memview = require "memview"

local bmp = {}

--- The two headers of the format, which follow each other without a gap.
bmp.Header = memview.record("<", {
  {"magic", "2s"}, {"filesize", "u32"}, {"_", "pad", 4}, {"start", "u32"},  -- where the pixels begin
  {"headersize", "u32"}, {"width", "i32"}, {"height", "i32"}, {"planes", "u16"}, {"bits", "u16"},
  {"compression", "u32"}, {"imagesize", "u32"}, {"xresolution", "i32"}, {"yresolution", "i32"},
  {"colours", "u32"}, {"important", "u32"},
})

--- A colour of the palette, and a pixel of a picture without one.
local Colour = memview.record("<", {{"blue", "u8"}, {"green", "u8"}, {"red", "u8"}, {"_", "pad", 1}})
local Pixel = memview.record("<", {{"blue", "u8"}, {"green", "u8"}, {"red", "u8"}})

local HEADERSIZE = memview.struct.calcsize(bmp.Header)

local function check(ok, message, ...)
  if not ok then error(message:format(...), 0) end
  return ok
end

--- Copies colours, whose last dimension is red, green, blue, into records that name them.
local function copycolours(records, colours)
  for i, name in ipairs {"red", "green", "blue"} do
    local plane = colours.ndim == 3 and colours:slice({}, {}, i) or colours:slice({}, i)
    records:field(name):copyfrom(plane)
  end
end

--- Height, width and bytes a pixel, of pixels that a BMP can hold.
local function measure(pixels, palette)
  local shape = pixels.shape
  local height, width, planes = shape[1], shape[2], shape[3]
  if palette then
    check(pixels.itemsize == 1 and #shape == 2
      and palette.ndim == 2 and palette.shape[2] == 3 and #palette <= 256,
      "bmp: pixels of {height, width} and a palette of {256, 3} expected, got %s and %s", pixels, palette)
  else
    check(pixels.itemsize == 1 and #shape == 3 and planes == 3,
      "bmp: pixels of {height, width, 3} expected, got %s", pixels)
  end
  check(pixels.nbytes > 0, "bmp: a picture of %d x %d has no pixels", width, height)
  return height, width, planes or 1
end

--- A BMP file, as a view of its bytes.
-- @param pixels a view of height x width indices into the palette, or of height x width x {red, green, blue}
-- @param palette a view of up to 256 rows of red, green, blue; nil for pixels with colours of their own
function bmp.encode(pixels, palette)
  local height, width, depth = measure(pixels, palette)
  local colours = palette and #palette or 0
  local start = HEADERSIZE + 4 * colours
  local stride = (depth * width + 3) // 4 * 4  -- rows are padded to four bytes
  local file = memview.zeros("B", start + stride * height)

  file:sub(1, HEADERSIZE):cast(bmp.Header)[1] = {
    magic = "BM", filesize = #file, start = start,
    headersize = 40, width = width, height = height, planes = 1, bits = 8 * depth,
    imagesize = stride * height, xresolution = 2835, yresolution = 2835,  -- pixels a metre: 72 an inch
    colours = colours,
  }
  local Row = memview.record("<", {{"pixels", palette and "u8" or Pixel, width}, size = stride})
  local rows = file:sub(start + 1):cast(Row):field("pixels"):sub(-1, 1, -1)  -- the last row comes first
  if palette then
    copycolours(file:sub(HEADERSIZE + 1, start):cast(Colour), palette)
    rows:copyfrom(pixels)
  else
    copycolours(rows, pixels)
  end
  return file
end

--- Writes a BMP file.
function bmp.save(path, pixels, palette)
  local file, why = io.open(path, "wb")
  check(file, "%s", why)
  local done, failure = file:write(bmp.encode(pixels, palette):tobytes())
  check(file:close() and done, "%s: %s", path, failure or "cannot write")
end

--- A test card: red grows to the right, green downwards, and a blue disc lies over both.
function bmp.card(width, height)
  local pixels = memview.zeros("B", {height, width, 3})
  for y, row in ipairs(pixels) do
    for x, pixel in ipairs(row) do
      local dx, dy = 2 * x - width - 1, 2 * y - height - 1
      pixel[1], pixel[2] = 255 * (x - 1) // width, 255 * (y - 1) // height
      pixel[3] = dx * dx + dy * dy < height * height // 4 and 255 or 0
    end
  end
  return pixels
end

if arg and arg[0] and arg[0]:find("bmp%.lua$") then
  local path = arg[1] or "build/card.bmp"
  local ok, message = pcall(bmp.save, path, bmp.card(256, 192))
  if not ok then
    io.stderr:write("bmp.lua: ", tostring(message), "\n")
    os.exit(false, true)
  end
  print(path .. ": a test card of 256 x 192")
end

return bmp
