-- Attacks that once got through, or nearly: each is a promise now.
local memview = require "memview"
local helpers = require "helpers"
local most = require "machine".most
local raises = helpers.raises
local zeros = memview.zeros

describe("hostile formats", function()
  it("cannot ask for more values than they have bytes", function()
    raises("items too large", memview.struct.unpack, most .. "T{0s0s}", "")
    raises("items too large", memview.struct.unpack, "999999999T{0s}", "")
    raises("items too large", memview.struct.unpack, "16T{16T{16T{0s}}}", "")
    assert.equal(16, #{ memview.struct.unpack("16T{0s}", "") })
    for _, format in ipairs { "1000000000T{0x}", most .. "T{0x}", "200T{200T{0x}}" } do
      raises("items too large", memview.struct.unpack, format, "")
    end
    assert.equal(1000000000, memview.struct.calcsize "500000000T{Bx}")
  end)

  it("cannot hide huge lengths behind one of 0", function()
    raises("array too large", zeros, ("T{(0,%d,%d)B:a:B:b:}"):format(most, most), 2)
    raises("array too large", zeros, ("T{(%d,0)B:a:B:b:}"):format(most), 2)
    assert.same({ 2, 3, 0 }, zeros("T{(3,0)B:a:B:b:}", 2):field("a").shape)
  end)

  it("do not write past what the parser has measured", function()
    local texts = { ":", "::", ":::", "B:a::", "B::B", "T{:", "(", "(:", "()", "T", "T{", "{", "}" }
    for _, text in ipairs(texts) do
      raises("bad format", zeros, text, 1)
    end
  end)

  it("are read in linear time, and so are their records", function()
    local record = zeros(("B"):rep(60000), 1)[1]
    local n = 0
    for _ in pairs(record) do n = n + 1 end
    assert.equal(60000, n)
    assert.equal(60000, select("#", record:unpack()))
  end)
end)

describe("values of 0 bytes beside padding", function()
  it("can be filled and searched", function()
    local v = zeros("x0s", 3)
    assert.equal(v, v:fill "")
    assert.equal(1, v:index "")
    assert.equal(3, v:count "")
  end)
end)

describe("views of no items", function()
  it("do not wander off", function()
    local v = zeros("B", 0)
    for _ = 1, 5 do v = v:cast("B", { most, 0 }):sub(-1) end
    assert.same({ 1, 0 }, v.shape)
    for _ = 1, 5 do v = v:cast(("T{%dx B:a:}"):format(most - 1), 0):field "a" end
    assert.equal(0, #v)
  end)
end)

describe("padded scalars", function()
  it("are copied right where they overlap", function()
    local v = zeros("<xH", 5)
    for i = 1, 5 do v[i] = i end
    v:sub(2):copyfrom(v:sub(1, 4))
    assert.same({ 1, 1, 2, 3, 4 }, v:tolist())
  end)
end)

describe("a view released by the value that is written to it", function()
  local function releasing(v)
    return setmetatable({}, { __buffer = function()
      v:release()
      for i = 1, 300 do zeros(("x"):rep(i) .. "B", 0) end       -- empties the cache of formats
      helpers.collect()
      return "abc"
    end })
  end

  it("raises, and touches nothing that is gone", function()
    local uses = {
      function(v, x) v:set(1, x) end, function(v, x) v[1] = { a = x } end, function(v, x) v[1].a = x end,
      function(v, x) v:fill { a = x } end, function(v, x) v:index { a = x } end,
      function(v, x) v:count { a = x } end, function(v, x) v:copyfrom { { a = x }, {}, {} } end,
      function(v, x) v:field("a")[1] = x end,
    }
    for i, use in ipairs(uses) do
      local v = zeros(i == 1 and "x4s" or "T{4s:a:B:b:}", 3)
      local ok, message = pcall(use, v, releasing(v))
      assert(ok or message:find("released view", 1, true), ("case %d: %s"):format(i, message))
    end
  end)
end)

describe("tables that lie about their length", function()
  it("raise", function()
    local v = zeros("B", { 4, 0 })
    local t = setmetatable({}, { __len = function() return -5 end })
    raises("of table is out of range", v.copyfrom, v, t, 1)
    raises("of table is out of range", memview.array, "B", t)
    raises("of table is out of range", memview.buffer, t)
  end)
end)

describe("formats of what is written", function()
  it("take the bytes of byte-sized exporters as strings, and no others", function()
    local v = zeros("8s", 1)
    v[1] = memview.buffer "abc"
    assert.equal("abc\0\0\0\0\0", v[1])
    raises("string expected for '8s'", function() v[1] = zeros("d", 1) end)
  end)
end)
