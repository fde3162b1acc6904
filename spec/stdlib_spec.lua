-- Lua's own library on views and Buffers, beside the same calls on plain tables.
local memview = require "memview"
local helpers = require "helpers"
local raises = helpers.raises

--- Formats with a maker of random values, all of which survive the way in and out.
local formats = {
  B = function(random) return random(0, 255) end,
  ["<h"] = function(random) return random(-32768, 32767) end,
  [">I"] = function(random) return random(0, (1 << 32) - 1) end,
  ["q"] = function(random) return random(-(1 << 40), 1 << 40) end,
  ["d"] = function(random) return random(-1000, 1000) / 8 end,
  ["<f"] = function(random) return random(-1000, 1000) / 8 end,
  c = function(random) return string.char(random(0, 255)) end,
  ["3s"] = function(random) return string.char(random(97, 99), random(97, 99), random(97, 99)) end,
}

--- Calls f(object, list, where, fresh) for random 1-D views, strided ones, and Buffers; list is their model.
local function everyobject(seed, f)
  local random, used = helpers.random(seed)
  for format, value in pairs(formats) do
    for _ = 1, 25 do
      local n = random(0, 20)
      local list = {}
      for i = 1, n do list[i] = value(random) end
      local where = format .. ", seed " .. used
      local function fresh() return value(random) end
      f(memview.array(format, list), list, where, fresh)
      f(memview.zeros(format, 2 * n):sub(1, nil, 2):copyfrom(list), list, where, fresh)
      f(memview.zeros(format, n):sub(nil, nil, -1):copyfrom(list), list, where, fresh)
      if format == "B" then f(memview.buffer(list), list, "Buffer, seed " .. used, fresh) end
    end
  end
end

local function copy(list) return table.move(list, 1, #list, 1, {}) end

local function read(object)
  local list = {}
  for i = 1, #object do list[i] = object[i] end
  return list
end

describe("ipairs and pairs", function()
  it("yield every item in order", function()
    everyobject(91, function(object, list, where)
      for _, walk in ipairs { ipairs, pairs } do
        local count = 0
        for i, x in walk(object) do
          count = count + 1
          assert(i == count and x == list[i] and math.type(i) == "integer", where)
        end
        assert(count == #list, where)
      end
    end)
  end)

  it("do not stop at false", function()
    local v = memview.array("?", { false, true, false })
    for _, walk in ipairs { ipairs, pairs } do
      local seen = {}
      for _, x in walk(v) do seen[#seen + 1] = x end
      assert.same({ false, true, false }, seen)
    end
  end)

  it("see what is written meanwhile", function()
    for _, walk in ipairs { ipairs, pairs } do
      local v, seen = memview.array("B", { 1, 2, 3 }), {}
      for i, x in walk(v) do
        seen[i] = x
        if i < 3 then v[i + 1] = x * 10 end
      end
      assert.same({ 1, 10, 100 }, seen)
    end
  end)

  it("yield the rows of N dimensions as views", function()
    local m = memview.array("B", { { 1, 2 }, { 3, 4 }, { 5, 6 } })
    for _, walk in ipairs { ipairs, pairs } do
      local rows = {}
      for i, row in walk(m) do
        assert.equal("view", memview.type(row))
        rows[i] = row:tolist()
        row[1] = row[1]
      end
      assert.same({ { 1, 2 }, { 3, 4 }, { 5, 6 } }, rows)
    end
    for _, walk in ipairs { ipairs, pairs } do
      for _, row in walk(m) do row:fill(7) end
      assert.equal(("\7"):rep(6), m:tobytes())
    end
  end)

  it("yield nothing of no rows, and empty rows", function()
    for _ in ipairs(memview.zeros("B", { 0, 3 })) do error "no row" end
    local count = 0
    for _, row in pairs(memview.zeros("B", { 3, 0 })) do count = count + 1 + #row end
    assert.equal(3, count)
  end)

  it("raise on 0 dimensions", function()
    local scalar = memview.zeros("B", {})
    raises("", function() for _ in ipairs(scalar) do error "walked" end end)
    raises("", function() for _ in pairs(scalar) do error "walked" end end)
    raises("", function() return #scalar end)
    raises("", function() return scalar[1] end)
    assert(not pcall(table.unpack, scalar))
    assert(not pcall(table.sort, scalar))
  end)
end)

describe("table.unpack", function()
  it("gives the items, ranges of them, and nil past the end", function()
    everyobject(92, function(object, list, where)
      assert.same(table.pack(table.unpack(list)), table.pack(table.unpack(object)), where)
      for i = 1, #list, 3 do
        assert.same(table.pack(table.unpack(list, i)), table.pack(table.unpack(object, i)), where)
        local want = table.pack(table.unpack(list, i, i + 2))
        assert.same(want, table.pack(table.unpack(object, i, i + 2)), where)
      end
    end)
  end)

  it("gives rows of N dimensions", function()
    local a, b = table.unpack(memview.array("B", { { 1, 2 }, { 3, 4 } }))
    assert.same({ { 1, 2 }, { 3, 4 } }, { a:tolist(), b:tolist() })
  end)

  it("agrees with the method, and feeds string.char", function()
    local v = memview "hello"
    assert.equal("hello", string.char(table.unpack(v)))
    assert.equal("hello", string.char(v:unpack()))
  end)
end)

describe("table.concat", function()
  it("joins numbers and strings as from a table", function()
    everyobject(93, function(object, list, where)
      assert(table.concat(object) == table.concat(list), where)
      assert(table.concat(object, ", ") == table.concat(list, ", "), where)
      local i, j = #list // 3 + 1, #list * 2 // 3
      assert(table.concat(object, "-", i, j) == table.concat(list, "-", i, j), where)
    end)
  end)

  it("raises past the end, for booleans and for rows", function()
    raises("invalid value (nil) at index 4 in table for 'concat'", table.concat, memview "abc", ",", 1, 4)
    raises("invalid value (boolean) at index 1", table.concat, memview.zeros("?", 2))
    raises("invalid value (userdata) at index 1", table.concat, memview.zeros("B", { 2, 2 }))
  end)
end)

describe("table.move", function()
  it("moves items within, overlapping either way", function()
    everyobject(94, function(object, list, where)
      local n = #list
      local half = n // 2
      local moves = { { 1, n - 1, 2 }, { 2, n, 1 }, { 1, half, n - half + 1 }, { 3, n, 2 }, { 1, n, 1 } }
      for _, move in ipairs(moves) do
        if move[1] <= move[2] then
          table.move(list, table.unpack(move))
          table.move(object, table.unpack(move))
          assert.same(list, read(object), where)
        end
      end
    end)
  end)

  it("moves items out to a table and in from one", function()
    everyobject(95, function(object, list, where, fresh)
      assert.same(list, table.move(object, 1, #object, 1, {}), where)
      local values = {}
      for i = 1, #list do values[i] = fresh() end
      assert(rawequal(object, table.move(values, 1, #values, 1, object)), where)
      assert.same(values, read(object), where)
    end)
  end)

  it("converts between views of different formats", function()
    local d = memview.zeros("d", 4)
    table.move(memview "\1\2\3", 1, 3, 2, d)
    assert.same({ 0.0, 1.0, 2.0, 3.0 }, d:tolist())
  end)

  it("moves rows", function()
    local m = memview.array("B", { { 1, 2 }, { 3, 4 }, { 5, 6 } })
    table.move(m, 1, 2, 2)
    assert.same({ { 1, 2 }, { 1, 2 }, { 3, 4 } }, m:tolist())
  end)

  it("raises where it leaves the view, naming the valid range", function()
    for _, object in ipairs { memview.zeros("B", 5), memview.buffer(5) } do
      raises("index 6 out of range (1 to 5)", table.move, { 1, 2, 3 }, 1, 3, 6, object)
      raises("index 0 out of range (1 to 5)", table.move, { 1, 2, 3 }, 1, 1, 0, object)
      raises("300 does not fit 'B' (0 to 255)", table.move, { 300 }, 1, 1, 1, object)
    end
  end)
end)

describe("table.sort", function()
  it("sorts in place as a table", function()
    everyobject(96, function(object, list, where)
      local want = copy(list)
      table.sort(want)
      table.sort(object)
      assert.same(want, read(object), where)
      local function descending(a, b) return a > b end
      table.sort(want, descending)
      table.sort(object, descending)
      assert.same(want, read(object), where)
    end)
  end)

  it("sorts long views", function()
    local random = helpers.random(97)
    local v, list = memview.zeros("i", 3000), {}
    for i = 1, 3000 do
      list[i] = random(-99, 99)
      v[i] = list[i]
    end
    table.sort(v)
    table.sort(list)
    assert.same(list, v:tolist())
  end)

  it("does no harm with an order that is none", function()
    local random = helpers.random(98)
    for _ = 1, 200 do
      local v = memview.zeros("B", 30)
      for i = 1, 30 do v[i] = random(0, 9) end
      local sum = 0
      for _, x in ipairs(v) do sum = sum + x end
      pcall(table.sort, v, function() return random(2) == 1 end)
      for _, x in ipairs(v) do sum = sum - x end
      assert(math.abs(sum) <= 30 * 9)
    end
  end)

  it("raises where items have no order, and on a read-only view", function()
    raises("attempt to compare two boolean values", table.sort, memview.array("?", { true, false }))
    raises("view is read-only", table.sort, memview "cba")
    raises("", table.sort, memview.zeros("B", { 2, 2 }))
  end)
end)

describe("table.insert", function()
  it("raises and leaves the data alone", function()
    for _, object in ipairs { memview.array("B", { 1, 2, 3 }), memview.buffer "\1\2\3" } do
      raises("index 4 out of range (1 to 3)", table.insert, object, 4)
      raises("index 4 out of range (1 to 3)", table.insert, object, 1, 9)
      raises("index 4 out of range (1 to 3)", table.insert, object, 2, 9)
      assert.same({ 1, 2, 3 }, read(object))
    end
  end)
end)

describe("table.remove", function()
  it("raises, after it has moved the items down", function()
    for _, object in ipairs { memview "hello":clone(), memview.buffer "hello" } do
      raises("integer expected for 'B', got nil", table.remove, object, 1)
      assert.equal("elloo", object:tobytes())
    end
  end)

  it("raises at the last item and leaves the data alone", function()
    for _, object in ipairs { memview "hello":clone(), memview.buffer "hello" } do
      raises("integer expected for 'B', got nil", table.remove, object)
      assert.equal("hello", object:tobytes())
    end
  end)
end)

describe("other functions of the library", function()
  it("select, next and rawlen treat a view as the userdata it is", function()
    local v = memview "abc"
    raises("table expected", next, v)
    raises("", rawget, v, 1)
    assert.equal(3, select("#", table.unpack(v)))
    assert.equal("userdata", type(v))
  end)

  it("%s and print show what tostring shows", function()
    local v = memview "abc"
    assert.equal(tostring(v), ("%s"):format(v))
    raises("", string.rep, v, 2)
    raises("", string.unpack, "B", v)
  end)
end)
