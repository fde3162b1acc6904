-- examples/sheet.lua: places are where they should be, and hold the pictures.
local memview = require "memview"
local tools = require "exampletools"
local helpers = require "helpers"
local sheet = dofile "examples/sheet.lua"

local ARCHIVE = "examples/assets/freedoom-mini.wad"

--- So many pictures of random sizes up to `most`; every pixel of one is its number.
local function numbered(n, most, seed)
  local random, pictures = helpers.random(seed), {}
  for i = 1, n do pictures[i] = memview.zeros("B", {random(most), random(most)}):fill(i) end
  return pictures
end

describe("sheet.make()", function()
  it("shows every pixel of every picture once", function()
    for seed = 1, 20 do
      local pictures = numbered(30, 40, seed)
      local whole = sheet.make(pictures, 100, 0):tocontiguous():cast "B"
      local area = 0
      for i, pixels in ipairs(pictures) do
        assert.are.equal(pixels.nbytes, whole:count(i))
        area = area + pixels.nbytes
      end
      assert.are.equal(#whole - area, whole:count(0))
    end
  end)

  it("gives the places as views of the sheet", function()
    local pictures = numbered(20, 30, 7)
    local whole, places = sheet.make(pictures, 80, 0)
    for i, place in ipairs(places) do
      assert.is_true(place:equals(pictures[i]))
      place:fill(99)
    end
    for i = 1, #pictures do assert.are.equal(0, whole:tocontiguous():cast("B"):count(i)) end
  end)

  it("leaves a gap of four around every picture", function()
    local whole = sheet.make(numbered(25, 20, 11), 90, 0)
    local rows = whole:tolist()
    for y, row in ipairs(rows) do
      for x, index in ipairs(row) do
        for dy = index == 0 and 5 or 0, 4 do
          for dx = -4, 4 do
            local near = rows[y + dy][x + dx]
            assert(near == index or near == 0, "two pictures are too near")
          end
        end
      end
    end
    for _, edge in ipairs {whole:sub(1, 4), whole:sub(-4), whole:slice({}, {1, 4}), whole:slice({}, {-4})} do
      assert.is_true(edge:equals(memview.zeros("B", edge.shape)))
    end
  end)

  it("takes pictures with colours, and is no higher than it needs to be", function()
    local red = memview.array("B", {{{255, 0, 0}, {254, 0, 0}}})
    local whole = sheet.make({red, red}, 16, 9)
    assert.are.same({9, 16, 3}, whole.shape)
    assert.are.same({255, 0, 0}, whole[5][5]:tolist())
    assert.are.same({9, 9, 9}, whole[5][7]:tolist())
  end)

  it("refuses a picture that is wider than the sheet", function()
    tools.fails("sheet: a picture of 93 x 2 is too wide", sheet.make, {memview.zeros("B", {2, 93})}, 100, 0)
    assert.are.equal(10, #sheet.make({memview.zeros("B", {2, 92})}, 100, 0))
  end)
end)

describe("sheet.enlarge()", function()
  it("repeats every pixel n times each way", function()
    local small = memview.array("B", {{1, 2, 3}, {4, 5, 6}})
    for n = 1, 4 do
      local large = sheet.enlarge(small, n)
      assert.are.same({2 * n, 3 * n}, large.shape)
      for y, row in ipairs(large) do
        for x, index in ipairs(row) do assert.are.equal(small[(y - 1) // n + 1][(x - 1) // n + 1], index) end
      end
    end
  end)

  it("keeps colours together", function()
    local large = sheet.enlarge(memview.array("B", {{{1, 2, 3}, {4, 5, 6}}}), 2)
    assert.are.equal("010203010203040506040506", large[2]:hex())
  end)
end)

describe("sheet.lua", function()
  it("puts the archive's pictures and its palette on one PNG", function()
    tools.withfile("", function(path)
      local text, status = tools.run("examples/sheet.lua", ARCHIVE, path)
      assert.are.same({path .. ": 8 pictures on a sheet of 400 x 276\n", 0}, {text, status})
      assert.are.equal("\0\0\1\144\0\0\1\20", tools.slurp(path):sub(17, 24))
    end)
  end)

  it("writes docs/images/sheet.png as it is there", function()
    tools.withfile("", function(path)
      tools.run("examples/sheet.lua", ARCHIVE, path)
      assert.is_true(tools.slurp(path) == tools.slurp("docs/images/sheet.png"))
    end)
  end)

  it("refuses what is no archive in one line", function()
    tools.refuses("no/such.wad: No such file or directory", "examples/sheet.lua", "no/such.wad")
  end)
end)
