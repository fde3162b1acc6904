-- examples/bmp.lua against a reader that knows only string.unpack (tools.readbmp).
local memview = require "memview"
local tools = require "exampletools"
local helpers = require "helpers"
local bmp = dofile "examples/bmp.lua"
local pattern = tools.pattern

--- The bytes of `colours` in groups of three, turned round.
local function bgr(colours)
  return (colours:gsub("(.)(.)(.)", "%3%2%1"))
end

describe("bmp.Header", function()
  it("is the 54 bytes of a BMP's two headers", function()
    assert.are.equal(54, memview.struct.calcsize(bmp.Header))
    local header = memview(bmp.encode(pattern {3, 5, 3}):tobytes(1, 54)):cast(bmp.Header)[1]
    local expected = {string.unpack("<c2 I4 I4 I4 I4 i4 i4 I2 I2 I4 I4 i4 i4 I4 I4", header:tobytes())}
    table.remove(expected, 3)  -- the reserved bytes
    local values = {header:unpack()}
    table.insert(values, 55)
    assert.are.same(expected, values)
  end)
end)

describe("bmp.encode()", function()
  local palette = pattern {256, 3}

  it("writes the header of a picture with a palette", function()
    local bytes = bmp.encode(pattern {3, 5}, palette):tobytes()
    assert.are.same({"BM", 54 + 1024 + 24, 0, 54 + 1024, 40, 5, 3, 1, 8, 0, 24, 2835, 2835, 256, 0, 55},
      {string.unpack("<c2 I4 I4 I4 I4 i4 i4 I2 I2 I4 I4 i4 i4 I4 I4", bytes)})
  end)

  it("writes the header of a picture without a palette", function()
    local bytes = bmp.encode(pattern {3, 5, 3}):tobytes()
    assert.are.same({"BM", 54 + 48, 0, 54, 40, 5, 3, 1, 24, 0, 48, 2835, 2835, 0, 0, 55},
      {string.unpack("<c2 I4 I4 I4 I4 i4 i4 I2 I2 I4 I4 i4 i4 I4 I4", bytes)})
  end)

  it("writes rows bottom-up and padded, of every size", function()
    for height = 1, 4 do
      for width = 1, 9 do
        local pixels = pattern {height, width}
        local gotwidth, gotheight, bits, _, rows = tools.readbmp(bmp.encode(pixels, palette):tobytes())
        assert.are.same({width, height, 8, pixels:tobytes()}, {gotwidth, gotheight, bits, rows})
      end
    end
  end)

  it("writes pixels as blue, green, red, of every size", function()
    for height = 1, 4 do
      for width = 1, 9 do
        local pixels = pattern {height, width, 3}
        local gotwidth, gotheight, bits, colours, rows = tools.readbmp(bmp.encode(pixels):tobytes())
        assert.are.same({width, height, 24, "", bgr(pixels:tobytes())},
          {gotwidth, gotheight, bits, colours, rows})
      end
    end
  end)

  it("writes palettes of 1 to 256 colours as blue, green, red, zero", function()
    for _, count in ipairs {1, 2, 16, 255, 256} do
      local few = pattern {count, 3}
      local _, _, _, colours = tools.readbmp(bmp.encode(memview.zeros("B", {1, 1}), few):tobytes())
      assert.are.equal(few:tobytes():gsub("(.)(.)(.)", "%3%2%1\0"), colours)
    end
  end)

  it("takes pixels from views of any strides", function()
    local pixels = pattern {4, 6}
    local views = {pixels:transpose(), pixels:slice({-1, 1, -1}, {1, 6, 2}), pixels:slice({2, 3}, {3, 5})}
    for _, view in ipairs(views) do
      local _, _, _, _, rows = tools.readbmp(bmp.encode(view, palette):tobytes())
      assert.are.equal(view:tobytes(), rows)
    end
    local colours = pattern {3, 5, 4}:transpose(2, 3, 1)
    local _, _, _, _, rows = tools.readbmp(bmp.encode(colours):tobytes())
    assert.are.equal(bgr(colours:tobytes()), rows)
  end)

  it("refuses pixels that a BMP cannot hold", function()
    local without = "bmp: pixels of {height, width, 3} expected, got "
    local with = "bmp: pixels of {height, width} and a palette of {256, 3} expected, got "
    for _, shape in ipairs {{4}, {2, 2}, {2, 2, 4}, {1, 2, 2, 3}} do
      helpers.raises(without, bmp.encode, memview.zeros("B", shape))
    end
    for _, shape in ipairs {{4}, {2, 2, 3}} do
      helpers.raises(with, bmp.encode, memview.zeros("B", shape), palette)
    end
    for _, shape in ipairs {{6}, {256, 4}, {257, 3}} do
      helpers.raises(with, bmp.encode, memview.zeros("B", {2, 2}), memview.zeros("B", shape))
    end
    helpers.raises("expected, got memview.View", bmp.encode, memview.zeros("<h", {2, 2, 3}))
    tools.fails("bmp: a picture of 0 x 4 has no pixels", bmp.encode, memview.zeros("B", {4, 0, 3}))
  end)
end)

describe("bmp.card()", function()
  it("grows red to the right and green downwards, with a disc of blue", function()
    local card = bmp.card(64, 48)
    assert.are.same({48, 64, 3}, card.shape)
    for x = 2, 64 do assert.is_true(card:get(1, x, 1) > card:get(1, x - 1, 1)) end
    for y = 2, 48 do assert.is_true(card:get(y, 1, 2) > card:get(y - 1, 1, 2)) end
    assert.are.same({255, 0}, {card:get(24, 32, 3), card:get(1, 1, 3)})
  end)
end)

describe("bmp.lua", function()
  it("writes the test card and says where", function()
    tools.withfile("", function(path)
      local text, status = tools.run("examples/bmp.lua", path)
      assert.are.same({path .. ": a test card of 256 x 192\n", 0}, {text, status})
      assert.is_true(tools.slurp(path) == bmp.encode(bmp.card(256, 192)):tobytes())
    end)
  end)

  it("refuses a file that it cannot write in one line", function()
    tools.refuses("examples: Is a directory", "examples/bmp.lua", "examples")
    tools.refuses("no/such/card.bmp: No such file or directory", "examples/bmp.lua", "no/such/card.bmp")
  end)
end)
