--- Filters of pictures that touch no pixel: what they give is a view of the picture, or another palette.
--
--    lua5.4 examples/filter.lua [archive [file]]      a sprite before and after, by default build/filter.png
--
-- As a module: local filter = dofile "examples/filter.lua"
--
-- A picture is a view of height x width x {red, green, blue}, a palette one of colours x {red, green, blue}.

local memview = require "memview"

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])") or ""
local wad, png, sheet = dofile(here .. "wad.lua"), dofile(here .. "png.lua"), dofile(here .. "sheet.lua")

local filter = {}

local BACKWARDS = {-1, 1, -1}
local CLEAR, GREY = 251, 48  -- the colour that is not there, and what to show for it

--- The part of that size, from that row and column on.
function filter.crop(pixels, top, left, height, width)
  return pixels:slice({top, top + height - 1}, {left, left + width - 1})
end

--- Left for right.
function filter.mirror(pixels) return pixels:slice({}, BACKWARDS) end

--- Top for bottom.
function filter.flip(pixels) return pixels:slice(BACKWARDS) end

--- A quarter turn to the right.
function filter.turn(pixels) return pixels:transpose(2, 1, 3):slice({}, BACKWARDS) end

--- Red for blue.
function filter.swap(pixels) return pixels:slice({}, {}, BACKWARDS) end

--- A palette whose n colours from one index on are those from another on: the player's green becomes red.
function filter.recolour(palette, from, to, n)
  local other = palette:clone()
  other:sub(from + 1, from + n):copyfrom(palette:sub(to + 1, to + n))
  return other
end

--- The colours of a picture that is indices into a palette. This is the only loop over pixels here.
function filter.paint(indices, palette)
  local pixels = memview.zeros("B", {indices.shape[1], indices.shape[2], 3})
  for y, row in ipairs(indices) do
    local line = pixels[y]
    for x, index in ipairs(row) do line[x] = palette[index + 1] end
  end
  return pixels
end

--- A sprite, and what the filters make of it.
local function show(indices, palette)
  local before, red = filter.paint(indices, palette), filter.recolour(palette, 112, 32, 16)
  return {before, filter.swap(before), filter.paint(indices, red), filter.mirror(before), filter.flip(before),
    filter.crop(before, 1, 8, 26, 26)}
end

local function main(path, result)
  local archive = wad.open(wad.read(path))
  local sprite = wad.find(archive, "PLAYA1") or error("the archive has no sprite PLAYA1", 0)
  local palette = wad.palette(archive):clone()
  palette[CLEAR + 1]:fill(GREY)
  local pictures = show(wad.picture(sprite), palette)
  for i, pixels in ipairs(pictures) do pictures[i] = sheet.enlarge(pixels, 2) end
  png.save(result, (sheet.make(pictures, 496, GREY)))
  print(("%s: a sprite and %d filters"):format(result, #pictures - 1))
end

if arg and arg[0] and arg[0]:find("filter%.lua$") then
  local ok, message = pcall(main, arg[1] or "examples/assets/freedoom-mini.wad", arg[2] or "build/filter.png")
  if not ok then
    io.stderr:write("filter.lua: ", tostring(message), "\n")
    os.exit(false, true)
  end
end

return filter
