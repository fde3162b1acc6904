-- cast, reshape, transpose, toreadonly and contiguity: the same bytes, seen otherwise.
local memview = require "memview"
local helpers = require "helpers"
local model = require "model"

local raises, expect = helpers.raises, model.expect

-- Formats and what string.pack calls them.
local formats = {
  B = "B", b = "b", c = "c1", ["3s"] = "c3", ["<H"] = "<I2", [">h"] = ">i2", ["<i"] = "<i4", [">I"] = ">I4",
  ["<q"] = "<i8", [">q"] = ">i8", ["<f"] = "<f", [">d"] = ">d", h = "=h", d = "=d",
}
local names = {}
for format in pairs(formats) do names[#names + 1] = format end
table.sort(names)

local function itemsize(format)
  return string.packsize(formats[format])
end

-- The items of that format that the bytes hold.
local function items(bytes, format)
  local list, n = {}, itemsize(format)
  for k = 1, #bytes // n do list[k] = formats[format]:unpack(bytes, (k - 1) * n + 1) end
  return list
end

local function randombytes(random, n)
  local list = {}
  for k = 1, n do list[k] = string.char(random(0, 255)) end
  return table.concat(list)
end

-- A shape of n items: n split into random factors, with some dimensions of 1 among them.
local function factors(random, n)
  local shape = {}
  while n > 1 or random(3) == 1 do
    local f = random(n)
    while n % f ~= 0 do f = f - 1 end
    table.insert(shape, random(#shape + 1), f)
    n = n // f
  end
  return shape
end

-- A view whose items are 1, 2, ..., and its model.
local function grid(shape, format)
  local v = memview.array(format or "<H", model.iota(model.count(shape)))
  return v:cast(v.format, shape), model.new(model.iota(model.count(shape)), shape)
end

local function ones(n)
  local shape = {}
  for d = 1, n do shape[d] = 1 end
  return shape
end

-- Shapes whose sizes do not fit in 64 bits, some of which would wrap around to a small one.
local monsters = {
  { 1 << 32, 1 << 32 }, { 1 << 31, 1 << 33 }, { 1 << 62, 4 }, { 1 << 62, 2 }, { 1 << 32, 1 << 31 },
  { math.maxinteger, 2 }, { math.maxinteger, math.maxinteger }, { 3, 6148914691236517206 },
  { 1 << 21, 1 << 21, 1 << 22 }, { math.maxinteger, math.maxinteger, 2 }, { 1 << 61, 8, 1 },
  { 1 << 62, 1, 4, 1 },
}

describe("cast()", function()
  it("reads the same bytes as any format, from any format", function()
    local random, seed = helpers.random(41)
    local bytes = randombytes(random, 48)
    for _, from in ipairs(names) do
      for _, to in ipairs(names) do
        local v = memview(bytes):cast(from):cast(to)
        expect(v:tolist(), items(bytes, to), "seed", seed, from, "->", to)
        expect(v.shape, { 48 // itemsize(to) }, from, "->", to)
        expect({ v.itemsize, v.format }, { itemsize(to), to }, from, "->", to)
        expect(v:tobytes(), bytes, from, "->", to)
      end
    end
  end)

  it("makes any shape, in C and F order, from any contiguous view", function()
    local random, seed = helpers.random(42)
    for _ = 1, 2000 do
      local bytes = randombytes(random, 48)
      local v, case = memview(bytes), { "seed", seed }
      for _ = 1, random(3) do
        local format, order = names[random(#names)], ({ "C", "F" })[random(2)]
        local shape = factors(random, 48 // itemsize(format))
        v = v:cast(format, shape, order)
        table.move({ format, shape, order }, 1, 3, #case + 1, case)
        model.new(items(bytes, format), shape, order):matches(v, table.unpack(case))
      end
    end
  end)

  it("without a shape makes a contiguous view one-dimensional, in order of memory", function()
    local bytes = "abcdefghijklmnopqrstuvwx"
    for _, order in ipairs { "C", "F" } do
      local v = memview(bytes):cast("<H", { 2, 3, 2 }, order)
      for _, format in ipairs(names) do
        expect(v:cast(format):tolist(), items(bytes, format), order, format)
      end
    end
    local transposed = memview(bytes):cast("<H", { 3, 4 }):transpose()
    expect(transposed:cast("B"):tobytes(), bytes)
    expect(transposed:cast("B", { 4, 6 }):tobytes(), bytes)
  end)

  it("takes F order as the transpose of C order", function()
    local random, seed = helpers.random(43)
    for _ = 1, 200 do
      local shape = model.randomshape(random, 5, 4)
      local v, back = memview.array("<I", model.iota(model.count(shape))), {}
      for d = #shape, 1, -1 do back[#back + 1] = shape[d] end
      expect(v:cast("<I", shape, "F"):tolist(), v:cast("<I", back):transpose():tolist(), "seed", seed, shape)
    end
  end)

  it("has strides of that order", function()
    local v = memview.zeros("B", 48)
    expect(v:cast("<H", { 2, 3, 4 }).strides, { 24, 8, 2 })
    expect(v:cast("<H", { 2, 3, 4 }, "C").strides, { 24, 8, 2 })
    expect(v:cast("<H", { 2, 3, 4 }, "F").strides, { 2, 4, 12 })
    raises("", v.cast, v, "B", { 48 }, "A")
    raises("", v.cast, v, "B", { 48 }, "c")
    raises("", v.cast, v, "B", { 48 }, "")
    raises("", v.cast, v, "B", { 48 }, 1)
  end)

  it("works out a length of -1", function()
    local random, seed = helpers.random(44)
    for _ = 1, 500 do
      local format = names[random(#names)]
      local shape = factors(random, 48 // itemsize(format))
      for d = 1, #shape do
        local open = { table.unpack(shape) }
        open[d] = -1
        local v = memview.zeros("B", 48):cast(format, open, ({ "C", "F" })[random(2)])
        expect(v.shape, shape, "seed", seed, format, open)
      end
    end
    expect(memview.zeros("B", 0):cast("<H", { -1 }).shape, { 0 })
    expect(memview.zeros("B", 0):cast("<H", { 3, -1, 2 }).shape, { 3, 0, 2 })
  end)

  it("raises where -1 cannot be worked out", function()
    local v = memview.zeros("B", 12)
    for _, shape in ipairs {
      { -1, -1 }, { 5, -1 }, { -1, 24 }, { 0, -1 }, { -1, 0 }, { -2 }, { -2, -1 }, { -12 }, { -3, -4 },
    } do
      raises("", v.cast, v, "B", shape)
    end
    raises("", v.cast, v:sub(13), "B", { 0, -1 })
    raises("", v.cast, v, "<Q", { -1 })
  end)

  it("takes lengths of 0", function()
    local empty = { memview "", memview.zeros("d", 0), memview.zeros("d", { 0, 5 }), memview("abc"):sub(4) }
    for _, shape in ipairs { { 0 }, { 0, 3 }, { 3, 0 }, { 2, 0, 4 }, { 0, 0 }, { 7, 1, 0 } } do
      for _, order in ipairs { "C", "F" } do
        for _, v in ipairs(empty) do
          local e = v:cast("<H", shape, order)
          expect({ e.shape, e.nbytes, e:tobytes() }, { shape, 0, "" }, shape)
          expect(e:cast("d").shape, { 0 }, shape)
        end
      end
    end
    expect(memview.zeros("B", 10):sub(5, 4, 3):cast("d", { 2, 0 }).shape, { 2, 0 })
  end)

  it("takes {} for 0 dimensions", function()
    local v = memview "\1\2\3\4"
    expect(v:cast("<I", {}):get(), 0x04030201)
    expect(v:cast(">I", {}, "F"):get(), 0x01020304)
    expect(v:cast("<I", {}):cast("B").shape, { 4 })
    expect(v:cast("<I", {}):cast("<H", { 2, 1 }):tolist(), { { 0x0201 }, { 0x0403 } })
    raises("", v.cast, v, "<H", {})
    raises("", v.cast, v:sub(5), "<H", {})
  end)

  it("takes a number for a shape of one dimension", function()
    local v = memview "abcdef"
    expect(v:cast("<H", 3).shape, { 3 })
    expect(v:cast("<H", -1).shape, { 3 })
    expect(v:cast("<H", 3.0).shape, { 3 })
    expect(v:sub(7):cast("<H", 0).shape, { 0 })
    for _, n in ipairs { 2, 4, 0, -2, 2.5, 1 << 62, math.maxinteger, math.mininteger } do
      raises("", v.cast, v, "<H", n)
    end
  end)

  it("shares memory, owner and read-onlyness", function()
    local b = memview.buffer(4)
    local v = memview(b):cast("<H", { 2, 1 })
    v:set(2, 1, 0x4241)
    expect(b:tobytes(), "\0\0AB")
    assert(rawequal(v.obj, b))
    expect({ v.readonly, memview("ab"):cast("H").readonly }, { false, true })
    raises("view is read-only", function() memview("ab"):cast("H")[1] = 1 end)
  end)

  it("takes bytes at any address", function()
    local bytes = ("\1\2\3\4\5\6\7\8\9"):rep(3)
    for shift = 1, 9 do
      for _, format in ipairs(names) do
        local last = shift + itemsize(format) * 2 - 1
        local v = memview(bytes):sub(shift, last):cast(format)
        expect(v:tolist(), items(bytes:sub(shift, last), format), shift, format)
      end
    end
  end)

  it("raises where the bytes are not whole items, with both sizes", function()
    local v = memview.zeros("B", 12)
    raises("12 bytes are not a whole number of items of 8 bytes ('d')", v.cast, v, "d")
    raises("12 bytes are not a whole number of items of 8 bytes ('<q')", v.cast, v:cast("H", { 3, 2 }), "<q")
    for n = 1, 16 do
      for _, format in ipairs(names) do
        local ok = pcall(v.cast, memview(("x"):rep(n)), format)
        expect(ok, n % itemsize(format) == 0, n, format)
      end
    end
  end)

  it("raises where the shape needs other bytes, with shape and sizes", function()
    local v = memview.zeros("B", 12)
    raises("shape {2,2} of 'd' needs 32 bytes, view has 12", v.cast, v, "d", { 2, 2 })
    raises("shape {3} of '<H' needs 6 bytes, view has 12", v.cast, v, "<H", { 3 })
    raises("shape {} of 'B' needs 1 bytes, view has 12", v.cast, v, "B", {})
    raises("shape {0} of 'B' needs 0 bytes, view has 12", v.cast, v, "B", { 0 })
    expect(v.shape, { 12 })
  end)

  it("raises for lengths that are no integers and shapes that are no lists", function()
    local v = memview.zeros("B", 12)
    for _, x in ipairs { 1.5, 1e300, 0 / 0, 1 / 0, "x", true, {}, print } do
      raises("", v.cast, v, "B", { x })
      raises("", v.cast, v, "B", { 12, x })
    end
    for _, shape in ipairs { true, "x", print, io.stdout, 1.5 } do raises("", v.cast, v, "B", shape) end
    expect(v:cast("B", { 3.0, 4 }).shape, { 3, 4 })
  end)

  it("raises for sizes near and beyond 2^63", function()
    for _, format in ipairs { "B", "<H", "d", "3s" } do
      for _, bytes in ipairs { 0, 1, 2, 8, 12 } do
        local v = memview.zeros("B", bytes)
        for _, shape in ipairs(monsters) do
          for _, order in ipairs { "C", "F" } do raises("", v.cast, v, format, shape, order) end
          raises("", v.cast, v, format, { -1, table.unpack(shape) })
        end
        for _, n in ipairs { 1 << 60, (1 << 60) + 1, 1 << 61, (1 << 61) + 1, 1 << 62, math.maxinteger } do
          raises("", v.cast, v, format, { n })
          raises("", v.cast, v, format, { n, 1 })
          raises("", v.cast, v, format, n)
        end
      end
    end
  end)

  it("takes huge lengths beside a 0, or raises", function()
    for _, shape in ipairs(monsters) do
      for at = 1, #shape + 1 do
        local zero = { table.unpack(shape) }
        table.insert(zero, at, 0)
        local ok, v = pcall(memview.cast, memview "", "d", zero)
        if ok then expect({ v.shape, v.nbytes, v:tobytes() }, { zero, 0, "" }) end
      end
    end
  end)

  it("raises on a released view and for a missing format", function()
    local v = memview "abcd"
    raises("bad argument #1 to 'cast'", function() v:cast() end)
    raises("bad argument #1 to 'cast'", function() v:cast {} end)
    v:release()
    raises("attempt to use a released view", v.cast, v, "B")
  end)
end)

describe("cast() where only the last dimension is contiguous", function()
  -- A view of items of `from` with gaps before the last dimension, and the model of its bytes.
  local function gappy(random, from)
    local size, shape = itemsize(from), {}
    for d = 1, random(2, 4) do shape[d] = random(4) end
    local n = #shape
    shape[n] = random(6)
    local bytes = randombytes(random, model.count(shape) * size)
    local arguments, list = model.randomslice(random, shape, false, model.randomsome), {}
    local first = random(shape[n])
    local last = random(first, shape[n])
    arguments[n] = { first, last }
    local v = memview(bytes):cast(from, shape):slice(table.unpack(arguments, 1, n))
    for k = 1, #bytes do list[k] = bytes:sub(k, k) end
    shape[n] = shape[n] * size
    arguments[n] = { (first - 1) * size + 1, last * size }
    return v, model.new(list, shape):slice(arguments), arguments
  end

  it("changes the itemsize and keeps the other dimensions", function()
    local random, seed = helpers.random(45)
    local seen, refused = 0, 0
    for _ = 1, 3000 do
      local from, to = names[random(#names)], names[random(#names)]
      local v, m, arguments = gappy(random, from)
      local rowbytes, size = m.shape[#m.shape], itemsize(to)
      if v.contiguous then
        expect(v:cast("B").ndim, 1, "seed", seed, from, arguments)
      elseif rowbytes % size ~= 0 then
        refused = refused + 1
        raises("not a whole number of items", v.cast, v, to)
      else
        seen = seen + 1
        local shape = { table.unpack(m.shape) }
        shape[#shape] = rowbytes // size
        model.new(items(table.concat(m:flat()), to), shape)
          :matches(v:cast(to), "seed", seed, from, "->", to, m.shape, arguments)
      end
    end
    assert(seen > 300 and refused > 100, "too few cases")
  end)

  it("keeps the strides of the other dimensions", function()
    local v = memview.zeros("<H", { 4, 6 }):slice({ 4, 1, -2 }, { 2, 5 })
    expect(v.strides, { -24, 2 })
    expect({ v:cast("<Q").shape, v:cast("<Q").strides }, { { 2, 1 }, { -24, 8 } })
    expect({ v:cast("B").shape, v:cast("B").strides }, { { 2, 8 }, { -24, 1 } })
    expect(v:cast("<i"):cast("<H").strides, v.strides)
  end)

  it("takes a last dimension of one item, whatever its stride", function()
    local v = memview.array("<H", { { 1, 2, 3 }, { 4, 5, 6 } }):slice({}, { 2, 2, 7 })
    expect(v:cast("B"):tolist(), { { 2, 0 }, { 5, 0 } })
    expect(v:cast(">H"):tolist(), { { 512 }, { 1280 } })
  end)

  it("takes no shape", function()
    local v = memview.zeros("<H", { 4, 6 }):slice({ 1, 4, 2 })
    for _, shape in ipairs { { 2, 6 }, { 12 }, { -1 }, 12, { 3, 4 } } do
      raises("contiguous", v.cast, v, "<H", shape)
    end
    raises("contiguous", v.cast, memview.zeros("B", { 4, 1 }):slice({ 1, 4, 2 }), "B", { 2 })
  end)

  it("raises where the last dimension has gaps or runs backwards", function()
    local v = memview.zeros("B", { 4, 8 })
    for _, s in ipairs {
      v:slice({}, { nil, nil, 2 }), v:slice({}, { nil, nil, -1 }), v:slice({}, { 1, 4 }):transpose(),
      v:sub(nil, nil, 2):transpose(), memview("abcdef"):sub(nil, nil, 2), memview("abcdef"):sub(nil, nil, -1),
    } do
      raises("contiguous", s.cast, s, "<H")
    end
  end)

  it("writes through", function()
    local v = memview.zeros("B", { 3, 4 })
    v:sub(nil, nil, 2):cast("<H"):set(2, 2, 0x4241)
    expect(v:tobytes(), ("\0"):rep(10) .. "AB")
  end)
end)

describe("reshape()", function()
  it("is cast to the same format", function()
    local random, seed = helpers.random(46)
    for _ = 1, 500 do
      local bytes = randombytes(random, 48)
      local format = names[random(#names)]
      local n = 48 // itemsize(format)
      local from, to, order = factors(random, n), factors(random, n), ({ "C", "F" })[random(2)]
      local v = memview(bytes):cast(format, from, order):reshape(to, order)
      model.new(items(bytes, format), to, order):matches(v, "seed", seed, format, from, to, order)
      expect(v.format, format)
    end
  end)

  it("takes -1, numbers, {} and the order", function()
    local v = memview.array("<H", model.iota(6))
    expect(v:reshape({ 2, -1 }):tolist(), { { 1, 2, 3 }, { 4, 5, 6 } })
    expect(v:reshape({ 2, -1 }, "F"):tolist(), { { 1, 3, 5 }, { 2, 4, 6 } })
    expect(v:reshape({ 2, 3 }):reshape(6):tolist(), { 1, 2, 3, 4, 5, 6 })
    expect(v:reshape(-1).shape, { 6 })
    expect(v:sub(3, 3):reshape({}):get(), 3)
    expect(v:sub(7):reshape({ 0, 9 }).shape, { 0, 9 })
  end)

  it("keeps records whole", function()
    local v = memview(("abcdefgh"):rep(6)):cast "<HHf"
    local r = v:reshape { 2, 3 }
    expect({ r.shape, r.format, r.itemsize, r:tobytes() }, { { 2, 3 }, "<HHf", 8, ("abcdefgh"):rep(6) })
  end)

  it("raises as cast does", function()
    local v = memview.zeros("d", 4)
    raises("shape {2,3} of 'd' needs 48 bytes, view has 32", v.reshape, v, { 2, 3 })
    raises("contiguous", v.reshape, v:sub(nil, nil, 2), { 2, 1 })
    raises("", v.reshape, v, { -1, 3 })
    raises("", v.reshape, v, "x")
    raises("", v.reshape, v, { 4 }, "X")
    for _, shape in ipairs(monsters) do raises("", v.reshape, v, shape) end
  end)

  it("needs a shape", function()
    local v = memview.zeros("d", 4)
    raises("bad argument #1 to 'reshape'", function() v:reshape() end)
    raises("bad argument #1 to 'reshape'", function() v:reshape(nil) end)
  end)
end)

describe("transpose()", function()
  local function whole(v)
    return { v.shape, v.strides, v:tolist() }
  end

  it("reverses the dimensions", function()
    local random, seed = helpers.random(47)
    for _ = 1, 300 do
      local v, m = grid(model.randomshape(random, 5, 4))
      m:transpose():matches(v:transpose(), "seed", seed, m.shape)
    end
  end)

  it("takes every permutation, dimensions from the end among them", function()
    local random, seed = helpers.random(48)
    for _ = 1, 1000 do
      local v, m = grid(model.randomshape(random, 5, 3))
      local arguments = model.randomslice(random, m.shape)
      v, m = v:slice(table.unpack(arguments, 1, arguments.n)), m:slice(arguments)
      local order = model.randomorder(random, #m.shape)
      local t, want = v:transpose(table.unpack(order)), m:transpose(order)
      want:matches(t, "seed", seed, m.shape, arguments, order)
      for d, from in ipairs(order) do
        from = from < 0 and from + #order + 1 or from
        expect(t.strides[d], v.strides[from], "seed", seed, m.shape, order, "stride", d)
      end
    end
  end)

  it("twice is nothing", function()
    local random, seed = helpers.random(49)
    for _ = 1, 300 do
      local v = grid(model.randomshape(random, 5, 4))
      local t = v:transpose():transpose()
      expect(whole(t), whole(v), "seed", seed, v.shape)
    end
  end)

  it("and its inverse is nothing", function()
    local random, seed = helpers.random(50)
    for _ = 1, 300 do
      local v = grid(model.randomshape(random, 5, 4))
      local order, inverse = model.randomorder(random, v.ndim), {}
      for d, from in ipairs(order) do inverse[from < 0 and from + v.ndim + 1 or from] = d end
      local t = v:transpose(table.unpack(order)):transpose(table.unpack(inverse))
      expect(whole(t), whole(v), "seed", seed, v.shape, order)
    end
  end)

  it("changes nothing in 0 and 1 dimensions", function()
    local v = memview "abc"
    for _, t in ipairs { v:transpose(), v:transpose(1), v:transpose(-1) } do expect(t:tobytes(), "abc") end
    expect(memview("a"):cast("B", {}):transpose():get(), 97)
  end)

  it("turns C into F order and back", function()
    local v = memview.zeros("d", { 2, 3, 4 })
    expect({ v.c_contiguous, v.f_contiguous }, { true, false })
    expect({ v:transpose().c_contiguous, v:transpose().f_contiguous }, { false, true })
    expect({ v:transpose(2, 1, 3).contiguous, v:transpose(1, 2, 3).c_contiguous }, { false, true })
  end)

  it("shares memory, owner, format and read-onlyness", function()
    local b = memview.buffer(6)
    local t = memview(b):cast("B", { 2, 3 }):transpose()
    t[3] = "yz"
    expect(b:tobytes(), "\0\0y\0\0z")
    assert(rawequal(t.obj, b))
    expect(memview("abcdef"):cast("B", { 2, 3 }):transpose().readonly, true)
  end)

  it("raises unless it gets each dimension once", function()
    local v = memview.zeros("B", { 2, 3, 4 })
    for _, order in ipairs {
      { 1 }, { 1, 2 }, { 1, 2, 3, 1 }, { 1, 1, 2 }, { 1, 2, -1, 3 }, { 1, 2, -2 }, { 3, 3, 3 }, { 0, 1, 2 },
      { 1, 2, 4 }, { 1, 2, -4 }, { 1, 2, math.maxinteger }, { math.mininteger, 1, 2 }, { 1, 2, 67 },
      { 1, 2, (1 << 32) + 3 }, { 1, 2, 1.5 }, { 1, 2, 1e300 }, { 1, 2, "x" }, { 1, 2, {} }, { 1, 2, true },
      { { 3, 2, 1 } },
    } do
      raises("", v.transpose, v, table.unpack(order))
    end
    raises("", v.transpose, v:slice(1, 1, 1), 1)
    raises("", v.transpose, v:slice(1, 1), 2)
    expect(v:transpose(3.0, 2, -3).shape, { 4, 3, 2 })
  end)
end)

describe("toreadonly()", function()
  it("is the same memory, read-only", function()
    local b = memview.buffer "abc"
    local v = memview(b)
    local r = v:toreadonly()
    expect({ r.readonly, v.readonly, r:tobytes(), r.format, r.shape }, { true, false, "abc", "B", { 3 } })
    assert(rawequal(r.obj, b))
    v[1] = 65
    expect(r[1], 65)
    raises("view is read-only", function() r[1] = 66 end)
    expect(b:tobytes(), "Abc")
  end)

  it("keeps shape and strides of any view", function()
    local random, seed = helpers.random(51)
    for _ = 1, 100 do
      local v, m = grid(model.randomshape(random, 4, 4))
      local arguments = model.randomslice(random, m.shape, true)
      v, m = v:slice(table.unpack(arguments, 1, arguments.n)), m:slice(arguments)
      m:matches(v:toreadonly(), "seed", seed, arguments)
      expect(v:toreadonly().strides, v.strides, "seed", seed, arguments)
    end
  end)

  it("holds for every view made of it", function()
    local r = memview.zeros("B", { 2, 3 }):toreadonly()
    for name, v in pairs {
      row = r[1], sub = r:sub(2), slice = r:slice({}, 1), item = r:slice(1, 1), cast = r:cast "H",
      reshape = r:reshape { 3, 2 }, transpose = r:transpose(), again = r:toreadonly(), view = memview(r),
    } do
      expect(v.readonly, true, name)
    end
  end)

  it("lets nothing write", function()
    local r = memview.zeros("B", { 2, 3 }):toreadonly()
    for _, f in ipairs {
      function() r[1] = "abc" end, function() r[1][1] = 1 end, function() r:set(1, 1, 1) end,
      function() r:slice(1, 1):set(1) end, function() r:fill(1) end, function() r:byteswap() end,
      function() r:copyfrom(memview.zeros("B", { 2, 3 })) end,
    } do
      raises("view is read-only", f)
    end
    expect(r:tobytes(), ("\0"):rep(6))
  end)

  it("is a view of its own", function()
    local v = memview.zeros("B", 3)
    local r = v:toreadonly()
    assert(not rawequal(r, r:toreadonly()))
    r:release()
    v[1] = 1
    local again = v:toreadonly()
    v:release()
    expect(again[1], 1)
  end)
end)

describe("contiguity", function()
  local function flags(v)
    return { v.c_contiguous, v.f_contiguous, v.contiguous }
  end

  it("is what shape and strides say", function()
    local random, seed = helpers.random(52)
    local seen = { 0, 0, 0 }
    for _ = 1, 3000 do
      local shape = model.randomshape(random, 4, 3)
      local format = names[random(#names)]
      local v, arguments = memview.zeros(format, shape), model.randomslice(random, shape)
      if random(2) == 1 then v = v:slice(table.unpack(arguments, 1, arguments.n)) end
      if random(2) == 1 then v = v:transpose(table.unpack(model.randomorder(random, v.ndim))) end
      local c = model.iscontiguous(v.shape, v.strides, v.itemsize, "C")
      local f = model.iscontiguous(v.shape, v.strides, v.itemsize, "F")
      expect(flags(v), { c, f, c or f }, "seed", seed, v.shape, v.strides)
      local kind = c and 1 or f and 2 or 3
      seen[kind] = seen[kind] + 1
    end
    assert(seen[1] > 100 and seen[2] > 100 and seen[3] > 100, "too few cases")
  end)

  it("is what reshaping needs", function()
    local random, seed = helpers.random(53)
    for _ = 1, 1000 do
      local shape = model.randomshape(random, 4, 3)
      local arguments = model.randomslice(random, shape, true)
      local v = memview.zeros("<H", shape):slice(table.unpack(arguments, 1, arguments.n))
      expect((pcall(v.reshape, v, { -1 })), v.contiguous, "seed", seed, shape, arguments)
    end
  end)

  it("holds for every view of no items", function()
    local v = memview.zeros("<H", { 4, 6 })
    for _, e in ipairs {
      v:sub(3, 2), v:slice({ 3, 2, 3 }, { nil, nil, 2 }), v:slice({}, { 5, 4, 2 }),
      v:slice({ nil, nil, -2 }, { 7 }):transpose(), memview("abc"):sub(1, 0, 2), memview "",
      memview.zeros("d", { 3, 0, 2 }),
    } do
      expect(flags(e), { true, true, true }, e.shape, e.strides)
    end
  end)

  it("does not look at the stride of one item", function()
    local v = memview.zeros("<H", { 4, 6 })
    for _, one in ipairs {
      v:slice({ 2, 2, 3 }), v:slice({ 2, 2, -1 }, { 6, 6, 5 }), v:slice({ 1, 1, -1 }, 2),
      v:slice(2, { 1, 1, 9 }), v:slice(2, 3), memview("abc"):sub(1, 1, 3), memview.zeros("d", { 1, 3, 1 }),
    } do
      expect(flags(one), { true, true, true }, one.shape, one.strides)
    end
  end)

  it("does not hold for a view backwards", function()
    expect(memview("abc"):sub(nil, nil, -1).contiguous, false)
    expect(memview("abc"):sub(nil, nil, -1):sub(nil, nil, -1).contiguous, true)
  end)
end)

describe("64 dimensions", function()
  it("are the most", function()
    expect(memview.zeros("B", ones(64)).ndim, 64)
    expect(memview("x"):cast("B", ones(64)):reshape(ones(64), "F").ndim, 64)
    for _, n in ipairs { 65, 66, 100, 1000, 100000 } do
      raises("64", memview.zeros, "B", ones(n))
      raises("64", memview.cast, memview "x", "B", ones(n))
      raises("64", memview.reshape, memview "x", ones(n))
    end
  end)

  it("are indexed, sliced, transposed and listed as few are", function()
    local shape, one = ones(64), ones(64)
    shape[1], shape[30], shape[64] = 2, 3, 4
    local v, m = grid(shape)
    m:matches(v)
    m:transpose():matches(v:transpose())
    one[1], one[30], one[64] = 2, 2, 3
    expect(v:get(table.unpack(one)), m:get(table.unpack(one)))
    local row = v
    for d = 1, 64 do row = row[one[d]] end
    expect(row, m:get(table.unpack(one)))
    expect(v:slice(table.unpack(one)):get(), row)
    local arguments = { n = 64, [1] = { 2, 1, -1 }, [30] = 2, [64] = { nil, nil, 3 } }
    m:slice(arguments):matches(v:slice(table.unpack(arguments, 1, 64)))
    v:set(table.unpack(table.move({ 999 }, 1, 1, 65, { table.unpack(one) })))
    expect(v:slice(table.unpack(one)):get(), 999)
    raises("", v.get, v, table.unpack(ones(65)))
    raises("", v.slice, v, table.unpack(ones(65)))
  end)

  it("of 2 each have a size that does not fit", function()
    local shape = {}
    for d = 1, 64 do shape[d] = 2 end
    raises("", memview.zeros, "B", shape)
    raises("", memview.cast, memview "x", "B", shape)
    shape[1] = 0
    local ok, v = pcall(memview.cast, memview "", "B", shape)
    assert(not ok or v.nbytes == 0)
  end)
end)

describe("zeros()", function()
  it("raises for sizes near and beyond 2^63", function()
    for _, format in ipairs { "B", "<H", "d", "3s" } do
      for _, shape in ipairs(monsters) do raises("", memview.zeros, format, shape) end
      for _, n in ipairs { 1 << 60, 1 << 61, (1 << 61) + 1, 1 << 62, math.maxinteger, -1, math.mininteger } do
        raises("", memview.zeros, format, n)
        raises("", memview.zeros, format, { n })
        raises("", memview.zeros, format, { n, 1 })
      end
    end
  end)
end)
