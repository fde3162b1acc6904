--- Puts pictures of all sizes on one sheet, an atlas. Free places are views of it, and so are taken ones.
--
--    lua5.4 examples/sheet.lua [archive [file]]      draws what an archive has, by default to build/sheet.png
--
-- As a module: local sheet = dofile "examples/sheet.lua"

local memview = require "memview"

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])") or ""
local wad, png = dofile(here .. "wad.lua"), dofile(here .. "png.lua")

local sheet = {}

local WIDTH, GAP = 400, 4
local CLEAR = 251  -- the colour that is not there

--- Takes a corner of the first free place that is large enough; what is beside and below it stays free.
-- @return the place, a view of the picture's size
local function take(free, height, width)
  for i, place in ipairs(free) do
    if height + GAP <= place.shape[1] and width + GAP <= place.shape[2] then
      free[i] = place:slice({1, height + GAP}, {width + GAP + 1})
      table.insert(free, i + 1, place:sub(height + GAP + 1))
      return place:slice({1, height}, {1, width})
    end
  end
  error(("sheet: a picture of %d x %d is too wide"):format(width, height), 0)
end

--- A sheet of pictures, the highest first: views of height x width, or of height x width x {r, g, b}.
-- @return the sheet, and the place of each picture in it
function sheet.make(pictures, width, background)
  local order, height, places = {}, GAP, {}
  for i, pixels in ipairs(pictures) do order[i], height = i, height + #pixels + GAP end
  table.sort(order, function(a, b)
    if #pictures[a] == #pictures[b] then return a < b end
    return #pictures[a] > #pictures[b]
  end)

  local whole = memview.zeros("B", {height, width, pictures[1].shape[3]}):fill(background)
  local free = {whole:slice({GAP + 1}, {GAP + 1})}
  for _, i in ipairs(order) do
    places[i] = take(free, table.unpack(pictures[i].shape)):copyfrom(pictures[i])
  end
  return whole:sub(1, -1 - #free[#free]), places  -- the last free place is all that is below
end

--- The picture n times as large: each of n x n views has every n-th pixel of it.
function sheet.enlarge(pixels, n)
  local height, width, depth = table.unpack(pixels.shape)
  local large = memview.zeros(pixels.format, {n * height, n * width, depth})
  for y = 1, n do
    for x = 1, n do large:slice({y, nil, n}, {x, nil, n}):copyfrom(pixels) end
  end
  return large
end

local function main(path, result)
  local archive, pictures = wad.open(wad.read(path)), {}
  for i, picture in ipairs(wad.pictures(archive)) do pictures[i] = picture.pixels end
  local colours = memview.zeros("B", {16, 16})  -- the palette is a picture too: every index once
  for i = 0, 255 do colours:reshape(-1)[i + 1] = i end
  pictures[#pictures + 1] = sheet.enlarge(colours, 4)

  local whole = sheet.make(pictures, WIDTH, CLEAR)
  png.save(result, whole, wad.palette(archive), CLEAR)
  print(("%s: %d pictures on a sheet of %d x %d"):format(result, #pictures, whole.shape[2], #whole))
end

if arg and arg[0] and arg[0]:find("sheet%.lua$") then
  local ok, message = pcall(main, arg[1] or "examples/assets/freedoom-mini.wad", arg[2] or "build/sheet.png")
  if not ok then
    io.stderr:write("sheet.lua: ", tostring(message), "\n")
    os.exit(false, true)
  end
end

return sheet
