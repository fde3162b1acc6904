-- getbits and setbits, against a model that knows single bits, the least significant one of each byte first.
local memview = require "memview"
local helpers = require "helpers"

local raises = helpers.raises

-- 33 bytes as a list, and the places in it of the 11 bytes that a view has.
local Model = {}
Model.__index = Model

function Model:get(offset, width)
  local x = 0
  for k = 0, width - 1 do
    local at = self.first + (offset + k) // 8 * self.step
    x = x | (self.bytes[at] >> (offset + k) % 8 & 1) << k
  end
  return x
end

function Model:set(offset, width, x)
  for k = 0, width - 1 do
    local at, bit = self.first + (offset + k) // 8 * self.step, (offset + k) % 8
    self.bytes[at] = self.bytes[at] & ~(1 << bit) | (x >> k & 1) << bit
  end
end

-- Calls check(view of 11 bytes, its model, the Buffer of 33 under it) for bytes that lie in several ways.
local function eachview(seed, check)
  local random = helpers.random(seed)
  local function case(first, step, make)
    local bytes = {}
    for k = 1, 33 do bytes[k] = random(0, 255) end
    local b = memview.buffer(bytes)
    check(make(b:view()), setmetatable({ bytes = bytes, first = first, step = step }, Model), b, random)
  end
  local ranges = { { 1, 11, 1 }, { 7, 17, 1 }, { 1, 31, 3 }, { 22, 2, -2 }, { 33, 23, -1 }, { 33, 3, -3 } }
  for _, range in ipairs(ranges) do
    case(range[1], range[3], function(v) return v:sub(range[1], range[2], range[3]) end)
  end
  case(12, 1, function(v) return v:cast("c", { 3, 11 })[2] end)
  case(2, 3, function(v) return v:cast("b", { 11, 3 }):transpose()[2] end)
  case(3, 3, function(v) return v:cast("T{2B:x:?:y:}"):field "y" end)
end

-- Every offset from 0 to 23 with every width.
local function everywhere(f)
  for offset = 0, 23 do
    for width = 1, 64 do f(offset, width) end
  end
end

local function check(got, want, what, offset, width)
  if got == want then return end
  error(("%s of %d bits at %d: %q, want %q"):format(what, width, offset, got, want), 0)
end

describe("getbits()", function()
  it("gives the bits of the model at every offset, of every width, however the bytes lie", function()
    eachview(701, function(v, model)
      everywhere(function(offset, width)
        check(v:getbits(offset, width), model:get(offset, width), "getbits", offset, width)
      end)
    end)
  end)

  it("reads up to the last bit, and one byte alone", function()
    local v = memview "\xF0\x0F\xA5"
    assert.are.same({ 0xA50FF0, 0xA5, 1, 5, 10 },
      { v:getbits(0, 24), v:getbits(16, 8), v:getbits(23, 1), v:getbits(16, 4), v:getbits(20, 4) })
    for k = 0, 7 do assert.are.equal(0xA5 >> k & 1, memview("\xA5"):getbits(k, 1)) end
    assert.are.equal(-1, memview(("\xff"):rep(8)):getbits(0, 64))
    assert.are.equal(math.maxinteger, memview(("\xff"):rep(8)):getbits(1, 63))
  end)

  it("takes floats with an integer value", function()
    assert.are.equal(0xF, memview("\xF0"):getbits(4.0, 4.0))
  end)
end)

describe("setbits()", function()
  it("writes the bits of the model and no others, at every offset, of every width", function()
    eachview(702, function(v, model, b, random)
      everywhere(function(offset, width)
        local x = random(0, 0xFFFFFFFF) << 32 | random(0, 0xFFFFFFFF)
        local kind = random(8)
        if kind == 1 then x = 0 elseif kind == 2 then x = -1 end
        if width < 64 then x = x & (1 << width) - 1 end
        v:setbits(offset, width, x)
        model:set(offset, width, x)
        check(v:getbits(offset, width), x, "getbits after setbits", offset, width)
        check(b:tobytes(), string.char(table.unpack(model.bytes)), "bytes", offset, width)
      end)
    end)
  end)

  it("takes any integer of 64 bits where the width is 64", function()
    local b = memview.buffer(9)
    local v = b:view()
    for _, x in ipairs { -1, math.mininteger, math.maxinteger, 0, 2.0 ^ 62 } do
      v:setbits(5, 64, x)
      assert.are.equal(math.tointeger(x), v:getbits(5, 64))
      assert.are.same({ 0, 0 }, { v:getbits(0, 5), v:getbits(69, 3) })
    end
  end)

  it("raises for a value wider than the field, and writes nothing", function()
    local b = memview.buffer(("\xA5"):rep(11))
    local v = b:view()
    everywhere(function(offset, width)
      if width == 64 then return end
      for _, x in ipairs { 1 << width, -1, math.mininteger, (1 << width) + 1 } do
        if width < 63 or x < 0 then
          local ok, message = pcall(v.setbits, v, offset, width, x)
          check(ok, false, "accepted", offset, width)
          check(message:find(("%d does not fit"):format(x), 1, true) ~= nil, true, message, offset, width)
        end
      end
      v:setbits(offset, width, v:getbits(offset, width))
    end)
    assert.are.equal(("\xA5"):rep(11), b:tobytes())
    raises("8 does not fit 3 bits (0 to 7)", v.setbits, v, 0, 3, 8)
  end)
end)

describe("getbits and setbits", function()
  -- The two as functions of (view, offset, width).
  local function both(v, offset, width, text)
    raises(text, memview.getbits, v, offset, width)
    raises(text, memview.setbits, v, offset, width, 0)
  end

  it("reach bits whose number needs more than 32", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    file:seek("set", 1 << 28)
    file:write "\xA5\x5A"
    file:close()
    local v <close> = assert(memview.map(path, "c"))
    os.remove(path)
    assert.are.equal(0x5A, v:getbits((1 << 31) + 8, 8))
    v:setbits((1 << 31) + 4, 8, 0xFF)
    assert.are.equal("\xF5\x5F", v:tobytes(-2))
  end)

  it("raise for bits that do not lie in the view", function()
    local v = memview.buffer(("\xA5"):rep(3)):view()
    for width = 1, 64 do
      for offset = 0, 30 do
        local ok = pcall(v.getbits, v, offset, width)
        assert.are.equal(offset + width <= 24, ok)
      end
    end
    for _, offset in ipairs { -1, 24, 17, math.maxinteger, math.mininteger, 2 ^ 62 } do
      both(v, offset, 8, "bits")
    end
    both(memview.buffer(0):view(), 0, 1, "bits")
    assert.are.equal("\xA5\xA5\xA5", v:tobytes())
  end)

  it("raise for widths other than 1 to 64, and what is no integer", function()
    local v = memview.buffer(16):view()
    for _, width in ipairs { 0, -1, 65, math.maxinteger, math.mininteger } do
      both(v, 0, width, "(1 to 64)")
    end
    both(v, 0, 1.5, "number has no integer representation")
    both(v, 1.5, 1, "number has no integer representation")
    both(v, "0", 1, "number expected, got string")
    both(v, 0, "1", "number expected, got string")
    raises("number has no integer representation", v.setbits, v, 0, 8, 1.5)
    raises("number expected, got boolean", v.setbits, v, 0, 1, true)
    assert.is_false(pcall(v.getbits, v))
    assert.is_false(pcall(v.getbits, v, 0))
    assert.is_false(pcall(v.setbits, v, 0, 8))
    assert.are.equal(("\0"):rep(16), v:tobytes())
  end)

  it("want a 1-dimensional view of bytes that is live, and to be written", function()
    for _, wrong in ipairs { { "H", 4 }, { "B", { 2, 4 } }, { "B", {} }, { "2s", 4 }, { "T{2B:a:}", 4 } } do
      both(memview.zeros(wrong[1], wrong[2]), 0, 1, "bytes")
    end
    local v = memview.buffer(4):view()
    raises("view is read-only", memview.setbits, v:toreadonly(), 0, 1, 1)
    raises("view is read-only", memview.setbits, memview "abcd", 0, 1, 1)
    v:release()
    both(v, 0, 1, "released view")
    raises("view expected", memview.getbits, "abcd", 0, 1)
  end)
end)
