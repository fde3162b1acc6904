-- examples/filter.lua against the same filters in nested loops over tables.
local memview = require "memview"
local tools = require "exampletools"
local filter = dofile "examples/filter.lua"

local ARCHIVE = "examples/assets/freedoom-mini.wad"

--- A picture of height x width in which every byte is another.
local function pattern(height, width)
  local view = memview.zeros("B", {height, width, 3})
  local bytes = view:cast("B")
  for i = 1, #bytes do bytes[i] = i end
  return view
end

--- The table of height x width that has pick(y, x) everywhere.
local function grid(height, width, pick)
  local rows = {}
  for y = 1, height do
    rows[y] = {}
    for x = 1, width do rows[y][x] = pick(y, x) end
  end
  return rows
end

local HEIGHT, WIDTH = 5, 7
local before = pattern(HEIGHT, WIDTH)
local pixels = before:tolist()

--- What each filter must give, of height and width, and where each pixel comes from.
local CASES = {
  mirror = {HEIGHT, WIDTH, function(y, x) return pixels[y][WIDTH + 1 - x] end},
  flip = {HEIGHT, WIDTH, function(y, x) return pixels[HEIGHT + 1 - y][x] end},
  turn = {WIDTH, HEIGHT, function(y, x) return pixels[HEIGHT + 1 - x][y] end},
  swap = {HEIGHT, WIDTH, function(y, x) return {pixels[y][x][3], pixels[y][x][2], pixels[y][x][1]} end},
}

for name, case in pairs(CASES) do
  describe(("filter.%s()"):format(name), function()
    it("moves every pixel to its place", function()
      assert.are.same(grid(table.unpack(case)), filter[name](before):tolist())
    end)

    it("copies nothing", function()
      local copy = before:clone()
      filter[name](copy):fill(0)
      assert.is_true(copy:equals(memview.zeros("B", before.shape)))
    end)

    it("comes back to the picture", function()
      local after = filter[name](filter[name](before))
      if name == "turn" then after = filter.turn(filter.turn(after)) end
      assert.is_true(after:equals(before))
    end)
  end)
end

describe("filter.crop()", function()
  it("takes the part of that size from that corner", function()
    local part = filter.crop(before, 2, 3, 3, 4)
    assert.are.same(grid(3, 4, function(y, x) return pixels[y + 1][x + 2] end), part:tolist())
  end)

  it("copies nothing", function()
    local copy = before:clone()
    filter.crop(copy, 2, 3, 1, 1):fill(0)
    assert.are.same({0, 0, 0}, copy[2][3]:tolist())
  end)
end)

describe("filter.recolour()", function()
  it("gives some colours the values of others, in a copy", function()
    local palette = pattern(1, 8)[1]
    local kept = palette:tolist()
    local list = filter.recolour(palette, 2, 5, 3):tolist()
    assert.are.same(kept, palette:tolist())
    for i = 0, 7 do
      local from = i >= 2 and i < 5 and i + 3 or i
      assert.are.same(kept[from + 1], list[i + 1])
    end
  end)
end)

describe("filter.paint()", function()
  it("looks every index up", function()
    local palette = pattern(1, 6)[1]
    local indices = memview.array("B", {{0, 5, 1}, {2, 2, 4}})
    local expected = grid(2, 3, function(y, x) return palette[indices[y][x] + 1]:tolist() end)
    assert.are.same(expected, filter.paint(indices, palette):tolist())
  end)
end)

describe("filter.lua", function()
  it("writes a sprite and what the filters make of it", function()
    tools.withfile("", function(path)
      local text, status = tools.run("examples/filter.lua", ARCHIVE, path)
      assert.are.same({path .. ": a sprite and 5 filters\n", 0}, {text, status})
      local bytes = tools.slurp(path)
      assert.are.equal("\0\0\1\240\0\0\0\120", bytes:sub(17, 24))
      assert.is_true(bytes == tools.slurp "docs/images/filter.png")
    end)
  end)

  it("refuses an archive without the sprite in one line", function()
    local bytes = tools.slurp(ARCHIVE):gsub("PLAYA1", "PLAYB1")
    tools.withfile(bytes, function(path)
      tools.refuses("the archive has no sprite PLAYA1", "examples/filter.lua", path)
    end)
  end)
end)
