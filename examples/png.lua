--- Writes pictures as PNG files, with sums over views and chunks that go into a growing Buffer.
--
--    lua5.4 examples/png.lua [file]      draws a test card, by default build/card.png
--
-- As a module: local png = dofile "examples/png.lua"
--
-- The pixels are stored, not compressed: there is no better use for forty lines of Lua than to be read.

local memview = require "memview"

local png = {}

png.Header = memview.record(">", {
  {"width", "u32"}, {"height", "u32"}, {"bits", "u8"}, {"kind", "u8"},
  {"compression", "u8"}, {"filter", "u8"}, {"interlace", "u8"},
})

local INDEXED, COLOURS = 3, 2  -- kinds of pixels
local BLOCK = 65535  -- what a stored block holds at most
local PRIME = 65521

local function check(ok, message, ...)
  if not ok then error(message:format(...), 0) end
  return ok
end

-- Sums --------------------------------------------------------------------------------------------

--- What one byte makes of a sum, for each of the 256.
local CRC = memview.zeros("I", 256)
for i = 0, 255 do
  local crc = i
  for _ = 1, 8 do crc = crc >> 1 ~ (crc & 1) * 0xEDB88320 end
  CRC[i + 1] = crc
end

--- The CRC-32 of a view of bytes, as the chunks of a PNG have it.
function png.crc(bytes)
  local crc = 0xFFFFFFFF
  for _, byte in ipairs(bytes) do crc = CRC[((crc ~ byte) & 0xFF) + 1] ~ crc >> 8 end
  return crc ~ 0xFFFFFFFF
end

--- The Adler-32 of a view of bytes, as a zlib stream has it.
function png.adler(bytes)
  local a, b = 1, 0
  for _, byte in ipairs(bytes) do
    a = (a + byte) % PRIME
    b = (b + a) % PRIME
  end
  return b << 16 | a
end

-- Files -------------------------------------------------------------------------------------------

--- Bytes as a zlib stream of stored blocks.
local function store(bytes)
  local stream = memview.buffer "\x78\x01"
  for first = 1, #bytes, BLOCK do
    local block = bytes:sub(first, first + BLOCK - 1)
    local last = first + BLOCK > #bytes
    stream:pack("<?HH", last, #block, ~#block & 0xFFFF):append(block)
  end
  return stream:pack(">I", png.adler(bytes))
end

--- Appends a chunk: length, name, data, and the sum of name and data, taken where they have come to lie.
local function chunk(file, name, data)
  file:pack(">I4s", #data, name):append(data)
  local body = file:sub(-4 - #data)
  local crc = png.crc(body)
  body:release()  -- a Buffer that is viewed cannot grow
  file:pack(">I", crc)
end

--- The pixels as the format has them: each row begins with a byte that says how it is filtered, here 0.
local function filtered(pixels)
  local height, width, depth = table.unpack(pixels.shape)
  local Row = memview.record("<", {{"filter", "u8"}, {"pixels", "u8", {width, depth}}})
  local rows = memview.zeros(Row, height)
  rows:field("pixels"):copyfrom(pixels)
  return rows:cast("B")
end

--- Height and width, of pixels that a PNG can hold.
local function measure(pixels, palette)
  local height, width, depth = table.unpack(pixels.shape)
  if palette then
    check(pixels.itemsize == 1 and pixels.ndim == 2
      and palette.ndim == 2 and palette.shape[2] == 3 and #palette <= 256,
      "png: pixels of {height, width} and a palette of {256, 3} expected, got %s and %s", pixels, palette)
  else
    check(pixels.itemsize == 1 and pixels.ndim == 3 and depth == 3,
      "png: pixels of {height, width, 3} expected, got %s", pixels)
  end
  check(pixels.nbytes > 0, "png: a picture of %d x %d has no pixels", width, height)
  return height, width
end

--- A PNG file, as a Buffer.
-- @param pixels a view of height x width indices into the palette, or of height x width x {red, green, blue}
-- @param palette a view of up to 256 rows of red, green, blue; nil for pixels with colours of their own
-- @param clear the index of the palette that is transparent, if any
function png.encode(pixels, palette, clear)
  local height, width = measure(pixels, palette)
  local header = memview.zeros(png.Header, 1)
  header[1] = {width = width, height = height, bits = 8, kind = palette and INDEXED or COLOURS}

  local file = memview.buffer "\x89PNG\r\n\x1a\n"
  chunk(file, "IHDR", header:cast("B"))
  if palette then chunk(file, "PLTE", palette:tobytes()) end
  if clear then chunk(file, "tRNS", memview.zeros("B", clear + 1):fill(255, 1, clear)) end
  chunk(file, "IDAT", store(filtered(pixels)))
  chunk(file, "IEND", "")
  return file
end

--- Writes a PNG file.
function png.save(path, ...)
  local bytes = png.encode(...)
  local file, why = io.open(path, "wb")
  check(file, "%s", why)
  local done, failure = bytes:writeto(file)
  check(file:close() and done, "%s: %s", path, failure or "cannot write")
end

if arg and arg[0] and arg[0]:find("png%.lua$") then
  local path, here = arg[1] or "build/card.png", arg[0]:match("^(.*[/\\])") or ""
  local ok, message = pcall(png.save, path, dofile(here .. "bmp.lua").card(256, 192))
  if not ok then
    io.stderr:write("png.lua: ", tostring(message), "\n")
    os.exit(false, true)
  end
  print(path .. ": a test card of 256 x 192")
end

return png
