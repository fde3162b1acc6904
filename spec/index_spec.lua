-- v[i], v[i] = x, #v, get and set, rows, unpack, 0 dimensions, and the attributes.
local memview = require "memview"
local helpers = require "helpers"
local machine = require "machine"
local model = require "model"

local raises, expect = helpers.raises, model.expect

-- The bytes 1, 2, ..., n as a writable view of one dimension.
local function bytes(n)
  return memview.array("B", model.iota(n))
end

-- A writable view of that shape whose items are 1, 2, ..., and its model.
local function grid(shape, format)
  local items = model.iota(model.count(shape))
  local v = memview.zeros(format or "<H", shape)
  local k = 0
  model.walk(shape, function(indices)
    k = k + 1
    local arguments = { table.unpack(indices) }
    arguments[#arguments + 1] = k
    v:set(table.unpack(arguments))
  end)
  return v, model.new(items, shape)
end

local function read(v, i)
  return v[i]
end

local function assign(v, i, x)
  v[i] = x
end

describe("#v", function()
  it("is the length of the first dimension", function()
    for n = 0, 5 do
      expect(#bytes(n), n)
      expect(#memview.zeros("d", { n, 7 }), n)
      expect(#memview.zeros("d", { 3, n }), 3)
    end
  end)
end)

describe("v[i]", function()
  it("is the item, from the end where negative, and nil out of range", function()
    for n = 0, 6 do
      local v, m = bytes(n), model.new(model.iota(n))
      for i = -n - 3, n + 3 do expect(v[i], m:get(i), "n", n, "i", i) end
    end
  end)

  it("is the item of strided and reversed views", function()
    local v, m = bytes(12), model.new(model.iota(12))
    for step = -5, 5 do
      if step ~= 0 then
        local s, want = v:sub(nil, nil, step), m:sub(nil, nil, step)
        for i = -13, 13 do expect(s[i], want:get(i), "step", step, "i", i) end
      end
    end
  end)

  it("takes floats with an integer value", function()
    local v = bytes(5)
    for i = -7.0, 7.0 do expect(v[i], v[math.tointeger(i)], i) end
    expect(v[-0.0], nil)
  end)

  it("raises for other floats", function()
    local v, m = bytes(5), memview.zeros("B", { 2, 2 })
    for _, i in ipairs { 1.5, -0.5, 1e300, -1e300, 1 / 0, -1 / 0, 0 / 0, 2.0 ^ 63 } do
      raises("number has no integer representation", read, v, i)
      raises("number has no integer representation", read, m, i)
    end
  end)

  it("is nil however far out of range", function()
    for _, v in ipairs { bytes(5), bytes(0), memview.zeros("q", { 2, 2 }), memview.zeros("q", { 0, 2 }) } do
      for _, i in ipairs {
        math.maxinteger, math.mininteger, math.maxinteger - 1, math.mininteger + 1, 2.0 ^ 53, -2.0 ^ 63,
        1 << 32, 1 << 60, 1 << 61, 1 << 62, -(1 << 61), (1 << 61) + 1, (1 << 62) + 1, 0, 6, -6,
      } do
        expect(v[i], nil, i)
      end
    end
  end)

  it("is nil for unknown names, numeric ones too", function()
    local v = bytes(5)
    for _, name in ipairs { "nosuch", "", "1", "-1", "1.0", "__index", "__len", "Shape", "shape\0", "\0" } do
      expect(v[name], nil, name)
    end
  end)

  it("has no items under keys of other types", function()
    local v = bytes(5)
    for _, key in ipairs { true, false, {}, print, v, io.stdout } do
      local ok, x = pcall(read, v, key)
      assert(not ok or x == nil, tostring(key))
    end
  end)

  it("gives methods by name", function()
    local v = bytes(1)
    for _, name in ipairs { "get", "set", "sub", "slice", "cast", "tobytes", "release" } do
      expect(type(v[name]), "function", name)
      expect(v[name], memview.zeros("d", { 2, 2 })[name], name)
    end
  end)
end)

describe("v[i] = x", function()
  it("writes that item alone, at every valid index", function()
    for n = 1, 6 do
      for i = -n, n do
        if i ~= 0 then
          local v, m = bytes(n), model.new(model.iota(n))
          v[i] = 200
          m:set(i, 200)
          m:matches(v, "n", n, "i", i)
        end
      end
    end
  end)

  it("writes through strided views", function()
    for step = -4, 4 do
      if step ~= 0 then
        local v, m = bytes(9), model.new(model.iota(9))
        v:sub(nil, nil, step)[2] = 77
        m:sub(nil, nil, step):set(2, 77)
        m:matches(v, "step", step)
      end
    end
  end)

  it("takes float indices with an integer value and raises for others", function()
    local v = bytes(5)
    v[2.0] = 9
    v[-1.0] = 8
    expect(v:tolist(), { 1, 9, 3, 4, 8 })
    for _, i in ipairs { 1.5, 1e300, 1 / 0, 0 / 0 } do
      raises("number has no integer representation", assign, v, i, 1)
    end
    expect(v:tolist(), { 1, 9, 3, 4, 8 })
  end)

  it("raises out of range, names the range and changes nothing", function()
    local v = bytes(5)
    for _, i in ipairs { 0, 6, 7, -6, -7, math.maxinteger, math.mininteger, 1 << 61, 1 << 62, 1 << 32 } do
      raises(("index %d out of range (1 to 5)"):format(i), assign, v, i, 1)
    end
    raises("index 7 out of range (1 to 5)", assign, v, 7.0, 1)
    expect(v:tolist(), { 1, 2, 3, 4, 5 })
    raises("index 1 out of range (view is empty)", assign, bytes(0), 1, 1)
    raises("index -1 out of range (view is empty)", assign, bytes(0), -1, 1)
    raises("index 3 out of range (1 to 2)", assign, memview.zeros("B", { 2, 2 }), 3, { 1, 2 })
  end)

  it("raises for every other key", function()
    local v = bytes(5)
    for _, key in ipairs { "nosuch", "1", "", true, {}, print, "sub", "shape" } do
      raises("", assign, v, key, 1)
    end
    expect(v:tolist(), { 1, 2, 3, 4, 5 })
  end)

  it("raises on a read-only view", function()
    for _, v in ipairs { memview "abc", bytes(3):toreadonly(), memview("abc"):cast("B", { 3, 1 }):sub(2) } do
      raises("view is read-only", assign, v, 1, 65)
    end
    raises("view is read-only", memview.set, memview "abc", 1, 65)
  end)
end)

describe("get() and set()", function()
  it("read what the model reads, at every index of every sign", function()
    local random, seed = helpers.random(11)
    for _ = 1, 100 do
      local v, m = grid(model.randomshape(random, 4, 4))
      local arguments = model.randomslice(random, m.shape)
      v, m = v:slice(table.unpack(arguments, 1, arguments.n)), m:slice(arguments)
      model.walk(m.shape, function(indices)
        local mixed = {}
        for d, i in ipairs(indices) do mixed[d] = random(2) == 1 and i or i - m.shape[d] - 1 end
        expect(v:get(table.unpack(mixed)), m:get(table.unpack(indices)), "seed", seed, m.shape, mixed)
      end)
    end
  end)

  it("write where the model writes", function()
    local random, seed = helpers.random(12)
    for _ = 1, 200 do
      local shape = model.randomshape(random, 4, 4)
      if model.count(shape) > 0 then
        local whole, m = grid(shape)
        local arguments = model.randomslice(random, shape, false, model.randomsome)
        local v, part = whole:slice(table.unpack(arguments, 1, arguments.n)), m:slice(arguments)
        local indices = {}
        for d, n in ipairs(part.shape) do indices[d] = random(n) - (random(2) == 1 and n + 1 or 0) end
        indices[#indices + 1] = 5000 + random(100)
        v:set(table.unpack(indices))
        part:set(table.unpack(indices))
        m:matches(whole, "seed", seed, shape, arguments, indices)
      end
    end
  end)

  it("agree with v[i] on one dimension", function()
    local v = bytes(5)
    for i = 1, 5 do
      expect({ v:get(i), v:get(i - 6), v:get(i + 0.0) }, { v[i], v[i], v[i] }, i)
      v:set(i, i * 10)
      expect(v[i], i * 10)
    end
  end)

  it("raise out of range, in any dimension", function()
    local v, m = bytes(5), memview.zeros("B", { 2, 3 })
    for _, i in ipairs { 0, 6, -6, math.maxinteger, math.mininteger, 2.0 ^ 53 } do
      raises("out of range (1 to 5)", v.get, v, i)
      raises("out of range (1 to 5)", v.set, v, i, 1)
    end
    raises("index 3 out of range (1 to 2)", m.get, m, 3, 1)
    raises("index 4 out of range (1 to 3)", m.get, m, 1, 4)
    raises("index 0 out of range (1 to 3)", m.get, m, 1, 0)
    raises("index -4 out of range (1 to 3)", m.set, m, 2, -4, 1)
    raises("out of range (view is empty)", memview.get, bytes(0), 1)
    raises("out of range", memview.get, memview.zeros("B", { 2, 0 }), 1, 1)
    expect(m:tolist(), { { 0, 0, 0 }, { 0, 0, 0 } })
  end)

  it("raise for a wrong count of indices", function()
    local v, m = bytes(5), memview.zeros("B", { 2, 3 })
    for _, f in ipairs {
      function() v:get() end, function() v:get(1, 1) end, function() v:set() end,
      function() v:set(1) end, function() v:set(1, 1, 1) end, function() m:get() end,
      function() m:get(1) end, function() m:get(1, 1, 1) end, function() m:set(1, 1) end,
      function() m:set(1, 1, 1, 1) end,
    } do
      raises("", f)
    end
    expect({ v:tolist(), m:tolist() }, { { 1, 2, 3, 4, 5 }, { { 0, 0, 0 }, { 0, 0, 0 } } })
  end)

  it("raise for indices that are no integers", function()
    local v = bytes(5)
    for _, i in ipairs { 1.5, 1e300, 0 / 0 } do
      raises("number has no integer representation", v.get, v, i)
      raises("number has no integer representation", v.set, v, i, 1)
    end
    for _, i in ipairs { true, {}, print, "x" } do raises("", v.get, v, i) end
    expect(v:tolist(), { 1, 2, 3, 4, 5 })
  end)

  it("are functions of the module", function()
    local v = bytes(5)
    expect(memview.get(v, 2), 2)
    memview.set(v, 2, 9)
    expect(v[2], 9)
  end)
end)

describe("rows", function()
  it("are views of the items, at any depth", function()
    local random, seed = helpers.random(13)
    for _ = 1, 60 do
      local v, m = grid(model.randomshape(random, 4, 4, 2))
      for i = -m.shape[1], m.shape[1] do
        if i ~= 0 then m:row(i):matches(v[i], "seed", seed, m.shape, "row", i) end
      end
      model.walk(m.shape, function(indices)
        local row = v
        for _, i in ipairs(indices) do row = row[i] end
        expect(row, m:get(table.unpack(indices)), "seed", seed, m.shape, indices)
      end)
    end
  end)

  it("are nil out of range", function()
    local v = grid { 3, 2 }
    for _, i in ipairs { 0, 4, -4, math.maxinteger } do expect(v[i], nil, i) end
  end)

  it("share memory, format, owner and read-onlyness", function()
    local b = memview.buffer(12)
    local v = memview(b):cast("<H", { 2, 3 })
    v[2][3] = 0x4241
    expect(b:tobytes(11, 12), "AB")
    expect({ memview.type(v[1]), v[1].format, v[1].obj == b, v[1].readonly }, { "view", "<H", true, false })
    expect(v:toreadonly()[1].readonly, true)
    raises("view is read-only", assign, v:toreadonly()[1], 1, 1)
  end)

  it("come from strided and transposed views", function()
    local v, m = grid { 3, 4 }
    for j = 1, 4 do m:transpose():row(j):matches(v:transpose()[j]) end
    for i = 1, 3 do m:sub(nil, nil, -1):row(i):matches(v:sub(nil, nil, -1)[i]) end
  end)

  it("may have no items", function()
    local v = memview.zeros("B", { 3, 0 })
    expect({ #v, #v[1], #v[3], v[4] }, { 3, 0, 0 })
    expect(v[2].shape, { 0 })
  end)

  it("are what ipairs yields", function()
    local v, m = grid { 3, 2, 2 }
    local seen = 0
    for i, row in ipairs(v) do
      seen = seen + 1
      expect(i, seen)
      m:row(i):matches(row)
    end
    expect(seen, 3)
  end)
end)

describe("assigning a row", function()
  it("copies an exporter of that shape", function()
    local v, m = grid { 3, 4 }
    v[2] = memview.array("B", { 9, 8, 7, 6 })
    for j = 1, 4 do m:set(2, j, 10 - j) end
    m:matches(v)
    v[-1] = v[1]
    for j = 1, 4 do m:set(3, j, j) end
    m:matches(v)
  end)

  it("copies a table, nested like the row", function()
    local v = memview.zeros("<h", { 2, 2, 2 })
    v[2] = { { 1, -2 }, { 3, 4.0 } }
    expect(v:tolist(), { { { 0, 0 }, { 0, 0 } }, { { 1, -2 }, { 3, 4 } } })
    v[1][2] = { 7, 8 }
    expect(v:tolist(), { { { 0, 0 }, { 7, 8 } }, { { 1, -2 }, { 3, 4 } } })
  end)

  it("copies strings and Buffers into rows of bytes", function()
    local v = memview.zeros("B", { 3, 2 })
    v[1] = "ab"
    v[-1] = memview.buffer "yz"
    expect(v:tobytes(), "ab\0\0yz")
    v:transpose()[1] = "123"
    expect(v:tobytes(), "1b2\0003z")
  end)

  it("is safe where source and row overlap", function()
    local v = memview.array("B", { { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8, 9 } })
    v[1] = v:transpose()[1]
    expect(v:tolist(), { { 1, 4, 7 }, { 4, 5, 6 }, { 7, 8, 9 } })
    v[2] = v[2]:sub(nil, nil, -1)
    expect(v:tolist(), { { 1, 4, 7 }, { 6, 5, 4 }, { 7, 8, 9 } })
  end)

  it("raises for another shape, with both of them", function()
    local v = memview.zeros("B", { 2, 3 })
    raises("shape {3} expected, got {2}", assign, v, 1, memview.array("B", { 1, 2 }))
    raises("shape {3} expected, got {3,1}", assign, v, 1, memview.zeros("B", { 3, 1 }))
    local deep = memview.zeros("B", { 2, 3, 4 })
    raises("shape {3,4} expected, got {4,3}", assign, deep, 1, memview.zeros("B", { 4, 3 }))
    raises("", assign, v, 1, "ab")
    expect(v:tobytes(), ("\0"):rep(6))
  end)

  it("raises for values that do not fit, and changes nothing", function()
    local v = memview.zeros("B", { 2, 3 })
    for _, row in ipairs {
      { 1, 2, 300 }, { 1, 2 }, { 1, 2, 3, 4 }, { 1, 2, "3" }, { 1, 2, { 3 } }, {}, { 1, nil, 3 },
      { { 1, 2, 3 } }, memview.array("h", { 1, 2, -1 }), memview.array("d", { 1, 2, 1.5 }),
      memview.array("d", { 1, 0 / 0, 1 }),
    } do
      raises("", assign, v, 2, row)
      expect(v:tobytes(), ("\0"):rep(6), row)
    end
    raises("does not fit 'B' (0 to 255)", assign, v, 2, { 1, 2, 300 })
    raises("does not fit 'B' (0 to 255)", assign, v, 2, memview.array("h", { 1, 2, -1 }))
  end)

  it("raises for what is neither exporter nor table", function()
    local v = memview.zeros("B", { 2, 3 })
    for _, x in ipairs { 1, 1.5, true, print, io.stdout } do raises("", assign, v, 1, x) end
    raises("", assign, v, 1, nil)
    expect(v:tobytes(), ("\0"):rep(6))
  end)
end)

describe("unpack()", function()
  it("gives the items of the range, clamped as by sub", function()
    for n = 0, 5 do
      local v, m = bytes(n), model.new(model.iota(n))
      for i = -n - 2, n + 2 do
        for j = -n - 2, n + 2 do
          expect({ v:unpack(i, j) }, m:sub(i, j):tolist(), "n", n, i, j)
          expect(select("#", v:unpack(i, j)), m:sub(i, j).shape[1], "n", n, i, j)
        end
        expect({ v:unpack(i) }, m:sub(i):tolist(), "n", n, i)
      end
      expect({ v:unpack() }, m:tolist(), "n", n)
      expect({ v:unpack(nil, -2) }, m:sub(1, -2):tolist(), "n", n)
    end
  end)

  it("takes any integers as range", function()
    local v = bytes(3)
    for _, i in ipairs { math.mininteger, -1, 0, 1, math.maxinteger } do
      for _, j in ipairs { math.mininteger, -1, 0, 1, math.maxinteger } do
        expect({ v:unpack(i, j) }, model.new(model.iota(3)):sub(i, j):tolist(), i, j)
      end
    end
    raises("number has no integer representation", v.unpack, v, 1.5)
  end)

  it("reads strided views and every format", function()
    expect({ bytes(9):sub(8, 2, -3):unpack() }, { 8, 5, 2 })
    expect({ memview.array("<d", { 1.5, -2 }):unpack() }, { 1.5, -2.0 })
    expect({ memview.array("?", { true, false }):unpack() }, { true, false })
    expect({ memview("abcdef"):cast("2s"):unpack() }, { "ab", "cd", "ef" })
  end)

  it("agrees with table.unpack", function()
    local v = bytes(200)
    expect({ v:unpack() }, { table.unpack(v) })
    expect(string.char(v:unpack(65, 70)), "ABCDEF")
  end)

  it("raises where there are too many", function()
    raises("too many results", memview.unpack, memview.zeros("B", 1 << 21))
    for _, n in ipairs { (1 << 31) - 9, (1 << 31) - 2, (1 << 31) - 1, 1 << 31, 1 << 32, (1 << 32) + 1 } do
      if n <= machine.most then raises("too many results", memview.unpack, memview.zeros("B", { n, 0 })) end
    end
  end)
end)

describe("0 dimensions", function()
  local function scalar()
    return memview.array("<H", { 7 }):cast("<H", {})
  end

  it("are read by get and written by set", function()
    local v = scalar()
    expect(v:get(), 7)
    v:set(300)
    expect({ v:get(), v:tolist(), v:tobytes() }, { 300, 300, "\x2C\1" })
    raises("does not fit", v.set, v, 65536)
    raises("", v.get, v, 1)
    raises("", v.set, v)
    raises("", v.set, v, 1, 7)
    expect(v:get(), 300)
  end)

  it("have no length and no indices", function()
    local v = scalar()
    raises("", function() return #v end)
    for _, i in ipairs { 1, 0, -1, 2, 1.0 } do
      raises("", read, v, i)
      raises("", assign, v, i, 1)
    end
    raises("", function() for _ in ipairs(v) do v:get() end end)
    raises("", function() for _ in pairs(v) do v:get() end end)
    raises("", v.sub, v, 1)
    expect(v:get(), 7)
  end)

  it("have attributes and names as others", function()
    local v = scalar()
    expect({ v.ndim, v.shape, v.strides, v.nbytes, v.itemsize, v.format }, { 0, {}, {}, 2, 2, "<H" })
    expect({ v.contiguous, v.c_contiguous, v.f_contiguous, v.readonly }, { true, true, true, false })
    expect(v.nosuch, nil)
  end)

  it("share their memory", function()
    local v = memview.array("B", { 1, 2, 3 })
    v:slice(2):set(9)
    expect(v:tolist(), { 1, 9, 3 })
    raises("view is read-only", memview.set, memview("abc"):slice(2), 65)
  end)
end)

describe("attributes", function()
  local names = {
    "obj", "nbytes", "itemsize", "format", "ndim", "shape", "strides", "suboffsets", "readonly", "contiguous",
    "c_contiguous", "f_contiguous", "released",
  }

  it("tell of views of strings, Buffers and fresh memory", function()
    local function all(v)
      local got = {}
      for _, name in ipairs(names) do got[name] = v[name] end
      return got
    end
    local b = memview.buffer(24)
    local want = {
      obj = "hello", nbytes = 5, itemsize = 1, format = "B", ndim = 1, shape = { 5 }, strides = { 1 },
      readonly = true, contiguous = true, c_contiguous = true, f_contiguous = true, released = false,
    }
    expect(all(memview "hello"), want)
    want = {
      nbytes = 48, itemsize = 4, format = "<f", ndim = 3, shape = { 2, 3, 2 }, strides = { 24, 8, 4 },
      readonly = false, contiguous = true, c_contiguous = true, f_contiguous = false, released = false,
    }
    expect(all(memview.zeros("<f", { 2, 3, 2 })), want)
    want = {
      nbytes = 8, itemsize = 2, format = ">H", ndim = 2, shape = { 2, 2 }, strides = { -4, 6 },
      readonly = false, contiguous = false, c_contiguous = false, f_contiguous = false, released = false,
    }
    local got = all(memview(b):cast(">H", { 4, 3 }):transpose():slice({ 3, 1, -2 }, { 1, 2 }))
    assert(rawequal(got.obj, b))
    got.obj = nil
    expect(got, want)
  end)

  it("are right for every shape", function()
    local random, seed = helpers.random(14)
    for _ = 1, 300 do
      local shape = model.randomshape(random, 5, 4)
      local v, m = memview.zeros("<I", shape), model.new({}, shape)
      local arguments = model.randomslice(random, shape, true)
      v, m = v:slice(table.unpack(arguments, 1, arguments.n)), m:slice(arguments)
      expect({ v.ndim, v.shape, v.itemsize, v.nbytes, #v.strides },
        { #m.shape, m.shape, 4, 4 * model.count(m.shape), #m.shape }, "seed", seed, shape, arguments)
      for d, length in ipairs(m.shape) do
        if length > 1 and model.count(shape) > 0 then
          expect(v.strides[d], m.strides[d] * 4, "seed", seed, shape, arguments, "stride", d)
        end
      end
    end
  end)

  it("obj is the root, never a view", function()
    local b, text = memview.buffer "abcdef", ("text"):rep(20)
    for _, root in ipairs { b, text } do
      local v = memview(root)
      for name, view in pairs {
        view = v, again = memview(v), sub = v:sub(2), cast = v:cast "b", slice = v:slice { 1, 2 },
        pick = v:slice(1), reshape = v:reshape { 2, -1 }, row = v:reshape { 2, -1 }[1],
        transpose = v:transpose(), readonly = v:toreadonly(),
      } do
        assert(rawequal(view.obj, root), name)
      end
    end
    assert(rawequal(b:view().obj, b))
    assert(rawequal(b:sub(2, 3).obj, b))
  end)

  it("obj is nil where memory has no exporter, and the object for __buffer", function()
    expect(memview.zeros("B", 3).obj, nil)
    expect(memview.array("B", { 1 }).obj, nil)
    expect(memview("abc"):clone().obj, nil)
    expect(memview.zeros("B", 3):sub(2).obj, nil)
    local object = setmetatable({}, { __buffer = function() return "abc" end })
    assert(rawequal(memview(object).obj, object))
    assert(rawequal(memview(memview(object)):sub(2).obj, object))
  end)

  it("shape and strides are fresh sequences", function()
    local v = memview.zeros("H", { 2, 3 })
    v.shape[1], v.strides[2] = 99, 99
    expect({ v.shape, v.strides }, { { 2, 3 }, { 6, 2 } })
    assert(not rawequal(v.shape, v.shape) and not rawequal(v.strides, v.strides))
    expect({ getmetatable(v.shape), getmetatable(v.strides) }, {})
  end)

  it("are functions of the module", function()
    local v = memview("abcdef"):cast("H", { 3, 1 })
    for _, name in ipairs(names) do expect(memview[name](v), v[name], name) end
    raises("", memview.shape, "abc")
    raises("", memview.shape)
    raises("", memview.ndim, memview.buffer "abc")
  end)

  it("are read-only", function()
    local v, before = memview.zeros("H", { 2, 3 }), {}
    for k, name in ipairs(names) do before[k] = v[name] or false end
    for _, name in ipairs(names) do
      for _, x in ipairs { 1, "B", { 3, 2 }, false, true } do raises("", assign, v, name, x) end
      raises("", assign, v, name, nil)
    end
    for k, name in ipairs(names) do expect(v[name] or false, before[k], name) end
  end)

  it("raise on a released view, all but released", function()
    local v = bytes(3)
    v:release()
    for _, name in ipairs(names) do
      if name ~= "released" then
        raises("attempt to use a released view", read, v, name)
        raises("attempt to use a released view", memview[name], v)
      end
    end
    expect({ v.released, memview.released(v), type(v.release) }, { true, true, "function" })
    for _, key in ipairs { 1, 9, "nosuch", 1.0 } do raises("attempt to use a released view", read, v, key) end
    raises("attempt to use a released view", assign, v, 1, 1)
    raises("attempt to use a released view", function() return #v end)
  end)
end)
