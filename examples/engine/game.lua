--- What the engine draws. It runs this file with the table `engine`, and calls the function that it gives for
-- every frame. R loads it again: change a number, save, press R.
--
-- engine.screen    height x width of pixels 0xRRGGBB, the window's own
-- engine.mesh      records x, y, r, g, b, a, u, v: three for a triangle, drawn above the pixels
-- engine.vertices  function(n): a new mesh of n vertices

local engine = ...
local memview = require "memview"

local here = debug.getinfo(1, "S").source:match "^@(.*[/\\])" or ""
local wad = dofile(here .. "../wad.lua")
local archive = wad.open(wad.read(here .. "../assets/freedoom-mini.wad"))

local TRANSPARENT <const> = 251  -- what wad.picture fills a picture with

-- Pictures, in colours of the screen -----------------------------------------------------------------

local function rgb(r, g, b) return r << 16 | g << 8 | b end

local palette = {}
for i, colour in ipairs(wad.palette(archive)) do palette[i - 1] = rgb(colour:unpack()) end

--- A view of palette indices as one of colours.
local function coloured(picture)
  local colours = memview.zeros("I", picture.shape)
  for y, row in ipairs(picture) do
    for x, index in ipairs(row) do colours:set(y, x, palette[index]) end
  end
  return colours
end

local function lump(name) return assert(wad.find(archive, name), name) end

--- A sprite is its runs of opaque pixels: {y, x, colours}.
local function loadsprite(name)
  local picture = wad.picture(lump(name))
  local colours, runs = coloured(picture), {}
  for y, row in ipairs(picture) do
    local x = 1
    while x <= #row do
      local stop = row:index(TRANSPARENT, x) or #row + 1
      if stop > x then runs[#runs + 1] = {y, x, colours[y]:sub(x, stop - 1)} end
      x = stop + 1
    end
  end
  return {runs = runs, height = #picture}
end

local floor = coloured(wad.flat(lump "BLOOD1"))
local sprites = {loadsprite "TROOA1", loadsprite "PLAYA1", loadsprite "BOSSA1"}

-- The screen --------------------------------------------------------------------------------------------

local screen, rows, columns, height, width, horizon

--- Takes the screen there is. A window of another size has other pixels: then the engine has revoked the old
-- ones, and all views of them, those made here too, are released.
local function look()
  if screen and not screen.released then return end
  screen = engine.screen
  height, width = table.unpack(screen.shape)
  horizon = height * 3 // 5
  rows, columns = {}, {}
  for y, row in ipairs(screen) do rows[y] = row end
  for x, column in ipairs(screen:sub(1, horizon):transpose()) do columns[x] = column end
end

--- Copies items to a row from place x on, as far as they fit.
local function blit(row, x, items)
  local first, last = math.max(1, 2 - x), math.min(#items, width - x + 1)
  if row and first <= last then row:copyfrom(items:sub(first, last), x + first - 1) end
end

local function drawsprite(sprite, x, y)
  for _, run in ipairs(sprite.runs) do blit(rows[y + run[1] - 1], x + run[2] - 1, run[3]) end
end

--- The sky is made of columns, whose light wanders.
local function drawsky(time)
  for x, column in ipairs(columns) do
    local light = 0.5 + 0.5 * math.sin(x / 60 + time)
    column:fill(rgb(math.floor(90 * light), math.floor(50 + 60 * light), math.floor(110 + 100 * light)))
  end
end

--- The floor is one picture of 64 x 64, again and again, and it wanders too.
local function drawfloor(time)
  local start = -(math.floor(40 * time) % 64)
  for y = horizon + 1, height do
    local line = floor[(y - horizon - 1) % 64 + 1]
    for x = 1 + start, width, 64 do blit(rows[y], x, line) end
  end
end

local function drawsprites(time)
  for i, sprite in ipairs(sprites) do
    local x = math.floor((0.5 + 0.4 * math.sin(time + 2 * i)) * width)
    local hop = math.floor(20 * math.abs(math.sin(3 * time + i)))
    drawsprite(sprite, x - 20, horizon + 24 * i - hop - sprite.height)
  end
end

-- The mesh ----------------------------------------------------------------------------------------------

local RAYS <const> = 9
local mesh = engine.vertices(3 * RAYS)

--- Colours are columns of all vertices. A ray is yellow in the middle, red and clear at its ends.
mesh:field("r"):fill(255)
mesh:field("g"):fill(40):sub(1, nil, 3):fill(230)
mesh:field("a"):fill(0):sub(1, nil, 3):fill(220)

local function point(vertex, angle, radius)
  vertex.x = width / 2 + radius * math.cos(angle)
  vertex.y = horizon / 2 + radius * math.sin(angle)
end

local function drawsun(time)
  local radius = horizon / 2.2 * (1 + 0.1 * math.sin(4 * time))
  for i = 0, RAYS - 1 do
    local angle = time + 2 * math.pi * i / RAYS
    point(mesh[3 * i + 1], angle, 0)
    point(mesh[3 * i + 2], angle - 0.3, radius)
    point(mesh[3 * i + 3], angle + 0.3, radius)
  end
end

return function(time)
  look()
  drawsky(time)
  drawfloor(time)
  drawsprites(time)
  drawsun(time)
end
