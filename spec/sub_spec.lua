-- sub() and slice(): parts of a view, without a copy, by the rules of string.sub and a plain-table model.
local memview = require "memview"
local helpers = require "helpers"
local model = require "model"

local raises, expect = helpers.raises, model.expect

-- A writable view of that shape whose items are 1, 2, ..., and its model.
local function grid(shape, format)
  local v = memview.array(format or "<H", model.iota(model.count(shape)))
  return v:cast(v.format, shape), model.new(model.iota(model.count(shape)), shape)
end

-- Views of n items with different strides below them, and the model of each.
local function linear(n)
  local v, m = grid({ 3 * n + 2 }, "<h")
  return {
    plain = { v:sub(2, n + 1), m:slice { { 2, n + 1 } } },
    strided = { v:sub(2, 3 * n + 1, 3), m:slice { { 2, 3 * n + 1, 3 } } },
    reversed = { v:sub(n + 1, 2, -1), m:slice { { n + 1, 2, -1 } } },
    leaping = { v:sub(2 * n + 1, 2, -2), m:slice { { 2 * n + 1, 2, -2 } } },
  }
end

-- Calls visit(i) for nil and every integer about n.
local function eachindex(n, visit)
  visit(nil)
  for i = -n - 2, n + 2 do visit(i) end
end

describe("sub()", function()
  it("takes the items that the model takes, for every i, j and step", function()
    for n = 0, 7 do
      for name, pair in pairs(linear(n)) do
        local v, m = pair[1], pair[2]
        eachindex(n, function(i)
          eachindex(n, function(j)
            for step = -4, 4 do
              if step ~= 0 then m:sub(i, j, step):matches(v:sub(i, j, step), name, n, ":sub", i, j, step) end
            end
            m:sub(i, j):matches(v:sub(i, j), name, n, ":sub", i, j)
          end)
          m:sub(i):matches(v:sub(i), name, n, ":sub", i)
        end)
        m:matches(v:sub(), name, n, ":sub")
      end
    end
  end)

  it("agrees with string.sub for a step of 1", function()
    local text = "abcdef"
    for i = -9, 9 do
      for j = -9, 9 do expect(memview(text):sub(i, j):tobytes(), text:sub(i, j), i, j) end
    end
  end)

  it("agrees with string.reverse for a step of -1", function()
    local text = "abcdef"
    expect(memview(text):sub(nil, nil, -1):tobytes(), text:reverse())
    for i = 1, 6 do
      for j = 1, i do expect(memview(text):sub(i, j, -1):tobytes(), text:sub(j, i):reverse(), i, j) end
    end
  end)

  it("takes any integers", function()
    local extremes = {
      math.mininteger, math.mininteger + 1, -(1 << 62), -(1 << 32), -3, -1, 0, 1, 2, 3, 1 << 32, 1 << 62,
      math.maxinteger - 1, math.maxinteger,
    }
    for n = 0, 3 do
      for name, pair in pairs(linear(n)) do
        for _, i in ipairs(extremes) do
          for _, j in ipairs(extremes) do
            for _, step in ipairs(extremes) do
              if step ~= 0 then
                pair[2]:sub(i, j, step):matches(pair[1]:sub(i, j, step), name, n, ":sub", i, j, step)
              end
            end
          end
        end
      end
    end
  end)

  it("takes huge steps over wide items", function()
    local v = memview.zeros("100s", 3)
    for _, step in ipairs {
      1 << 57, 1 << 61, 1 << 62, math.maxinteger, math.mininteger, -(1 << 61), -(1 << 57),
    } do
      local s = v:sub(nil, nil, step)
      expect({ #s, #s:tobytes(), s.contiguous }, { 1, 100, true }, step)
      expect(#s:sub(nil, nil, step):sub(nil, nil, -step), 1, step)
      expect(#s:sub(1, 1, step):cast("B"), 100, step)
    end
  end)

  it("takes floats with an integer value", function()
    local v = memview "abcdef"
    expect(v:sub(2.0, -2.0, 2.0):tobytes(), "bd")
  end)

  it("of a sub is a sub", function()
    local random, seed = helpers.random(21)
    for _ = 1, 3000 do
      local v, m = grid { random(0, 12) }
      local case = {}
      for k = 1, random(2, 4) do
        local range = model.randomrange(random, m.shape[1])
        case[k] = range
        v, m = v:sub(range[1], range[2], range[3]), m:sub(range[1], range[2], range[3])
      end
      m:matches(v, "seed", seed, case)
    end
  end)

  it("takes the first dimension of others", function()
    local random, seed = helpers.random(22)
    for _ = 1, 300 do
      local v, m = grid(model.randomshape(random, 4, 4))
      local range = model.randomrange(random, m.shape[1])
      m:sub(range[1], range[2], range[3])
        :matches(v:sub(range[1], range[2], range[3]), "seed", seed, m.shape, range)
    end
  end)

  it("multiplies the stride by the step", function()
    for itemsize = 1, 9 do
      local v = memview.zeros(itemsize .. "s", 20)
      for step = -5, 5 do
        if step ~= 0 then expect(v:sub(nil, nil, step).strides, { step * itemsize }, itemsize, step) end
      end
      expect(v:sub(nil, nil, -2):sub(nil, nil, -3).strides, { 6 * itemsize }, itemsize)
    end
  end)

  it("shares memory, owner, format and read-onlyness", function()
    local b = memview.buffer(8)
    local s = memview(b):cast("<H"):sub(4, 2, -2)
    s[1] = 0x4241
    expect(b:tobytes(), "\0\0\0\0\0\0AB")
    expect({ s.format, s.itemsize, s.readonly }, { "<H", 2, false })
    assert(rawequal(s.obj, b))
    expect(memview("abc"):sub(2).readonly, true)
    raises("view is read-only", function() memview("abc"):sub(2)[1] = 65 end)
  end)

  it("writes through to what it was taken from", function()
    local random, seed = helpers.random(23)
    for _ = 1, 500 do
      local v, m = grid { random(1, 12) }
      local range = model.randomsome(random, m.shape[1])
      local s, part = v:sub(range[1], range[2], range[3]), m:sub(range[1], range[2], range[3])
      local i = random(part.shape[1])
      s[i] = 999
      part:set(i, 999)
      m:matches(v, "seed", seed, range, i)
    end
  end)

  it("lives on when its parent is released", function()
    local v = memview "abcdef"
    local s = v:sub(2, 4)
    v:release()
    expect(s:tobytes(), "bcd")
  end)

  it("is a new view each time", function()
    local v = memview "abc"
    local s = v:sub()
    assert(not rawequal(s, v))
    s:release()
    expect(v:tobytes(), "abc")
  end)

  it("raises for a step of 0", function()
    local v = memview "abc"
    raises("step must not be 0", v.sub, v, 1, 3, 0)
    raises("step must not be 0", v.sub, v, nil, nil, 0.0)
    raises("step must not be 0", v.sub, v:sub(4), 1, 0, 0)
  end)

  it("raises for what is no integer", function()
    local v = memview "abc"
    for _, x in ipairs { 1.5, 1e300, 1 / 0, 0 / 0 } do
      raises("number has no integer representation", v.sub, v, x)
      raises("number has no integer representation", v.sub, v, 1, x)
      raises("number has no integer representation", v.sub, v, 1, 2, x)
    end
    for _, x in ipairs { true, {}, print, "x" } do
      raises("bad argument #1 to 'sub'", function() v:sub(x) end)
      raises("bad argument #2 to 'sub'", function() v:sub(1, x) end)
      raises("bad argument #3 to 'sub'", function() v:sub(1, 2, x) end)
    end
  end)

  it("raises on a released view and on no view", function()
    local v = memview "abc"
    v:release()
    raises("attempt to use a released view", v.sub, v, 1)
    for _, x in ipairs { "abc", 1, {}, true, io.stdout, memview.buffer "abc" } do
      raises("", memview.sub, x, 1)
    end
    raises("", memview.sub)
  end)
end)

describe("slice()", function()
  it("takes the items that the model takes", function()
    local random, seed = helpers.random(31)
    for _ = 1, 4000 do
      local v, m = grid(model.randomshape(random, 4, 5))
      local case = { m.shape }
      for _ = 1, random(3) do
        local arguments = model.randomslice(random, m.shape, true)
        case[#case + 1] = arguments
        v, m = v:slice(table.unpack(arguments, 1, arguments.n)), m:slice(arguments)
      end
      m:matches(v, "seed", seed, case)
    end
  end)

  it("takes every range in every dimension of a small view", function()
    local v, m = grid { 2, 3 }
    local ranges = { {} }
    for i = -4, 4 do
      for step = -2, 2 do
        if step ~= 0 then ranges[#ranges + 1] = { i, nil, step } end
        if step ~= 0 then ranges[#ranges + 1] = { nil, i, step } end
      end
      ranges[#ranges + 1] = i >= -2 and i ~= 0 and i <= 2 and i or {}
    end
    for _, a in ipairs(ranges) do
      for _, b in ipairs(ranges) do m:slice({ a, b }):matches(v:slice(a, b), "slice", a, b) end
    end
  end)

  it("keeps the dimensions that no argument names", function()
    local v, m = grid { 2, 3, 4 }
    m:matches(v:slice())
    m:matches(v:slice(nil, nil, nil))
    m:matches(v:slice({}, {}, {}))
    m:slice({ 2 }):matches(v:slice(2))
    m:slice({ nil, 2 }):matches(v:slice(nil, 2))
    m:slice({ nil, { 3, 2, -1 } }):matches(v:slice(nil, { 3, 2, -1 }))
  end)

  it("gives 0 dimensions where each is picked", function()
    local v, m = grid { 2, 3 }
    for i = 1, 2 do
      for j = -3, -1 do
        local item = v:slice(i, j)
        expect({ item.ndim, item.shape, item:get() }, { 0, {}, m:get(i, j) }, i, j)
      end
    end
    expect(v:slice(1, 1):slice():get(), 1)
  end)

  it("is sub on one dimension", function()
    local v = memview "abcdefgh"
    for i = -9, 9 do
      for j = -9, 9, 3 do
        for step = -3, 3, 2 do
          expect(v:slice({ i, j, step }):tobytes(), v:sub(i, j, step):tobytes(), i, j, step)
        end
      end
    end
  end)

  it("takes rows as v[i] does", function()
    local v = grid { 3, 4 }
    for i = -3, 3 do
      if i ~= 0 then expect(v:slice(i):tolist(), v[i]:tolist(), i) end
    end
  end)

  it("takes columns", function()
    local v = memview("abcdefghijkl"):cast("B", { 3, 4 })
    expect(v:slice(nil, 2):tobytes(), "bfj")
    expect(v:slice({ 3, 1, -1 }, -1):tobytes(), "lhd")
    expect(v:slice({ 2 }, { nil, nil, 2 }):tobytes(), "egik")
  end)

  it("takes any integers in its ranges", function()
    local v, m = grid { 2, 3 }
    local extremes = { math.mininteger, math.mininteger + 1, -(1 << 62), -1, 1, 1 << 62, math.maxinteger }
    for _, a in ipairs(extremes) do
      for _, b in ipairs(extremes) do
        for _, step in ipairs(extremes) do
          m:slice({ { a, b, step }, { b, a, step } })
            :matches(v:slice({ a, b, step }, { b, a, step }), "slice", a, b, step)
        end
      end
    end
  end)

  it("shares memory and writes through", function()
    local random, seed = helpers.random(32)
    for _ = 1, 500 do
      local shape = model.randomshape(random, 4, 4)
      local v, m = grid(shape)
      local arguments = model.randomslice(random, shape, true, model.randomsome)
      local s, part = v:slice(table.unpack(arguments, 1, arguments.n)), m:slice(arguments)
      if model.count(part.shape) > 0 then
        local indices = {}
        for d, n in ipairs(part.shape) do indices[d] = random(n) end
        indices[#indices + 1] = 999
        s:set(table.unpack(indices))
        part:set(table.unpack(indices))
        m:matches(v, "seed", seed, shape, arguments, indices)
      end
    end
  end)

  it("keeps owner, format and read-onlyness", function()
    local text = ("abcdefghijkl"):rep(5)
    local s = memview(text):cast("<H", { 6, 5 }):slice({ 2, 4 }, 3)
    expect({ s.format, s.itemsize, s.readonly }, { "<H", 2, true })
    assert(rawequal(s.obj, text))
    raises("view is read-only", function() s[1] = 65 end)
  end)

  it("raises for an integer out of range, and changes nothing", function()
    local v = memview.zeros("B", { 2, 3 })
    for _, i in ipairs { 0, 3, -3, math.maxinteger, math.mininteger } do
      raises(("index %d out of range (1 to 2)"):format(i), v.slice, v, i)
    end
    raises("index 4 out of range (1 to 3)", v.slice, v, 1, 4)
    raises("index -4 out of range (1 to 3)", v.slice, v, {}, -4)
    raises("out of range", v.slice, v, 2.0 ^ 53)
    raises("index 1 out of range", v.slice, memview.zeros("B", { 0, 3 }), 1)
    raises("index 1 out of range", v.slice, memview "", 1)
  end)

  it("raises for more arguments than dimensions", function()
    local v = memview.zeros("B", { 2, 3 })
    raises("", v.slice, v, 1, 1, 1)
    raises("", v.slice, v, {}, {}, {})
    raises("", v.slice, v:slice(1, 1), 1)
    raises("", v.slice, v:slice(1, 1), {})
  end)

  it("raises for a step of 0", function()
    local v = memview.zeros("B", { 2, 3 })
    raises("step must not be 0", v.slice, v, { 1, 2, 0 })
    raises("step must not be 0", v.slice, v, {}, { nil, nil, 0 })
  end)

  it("raises for what is neither integer, range nor nil", function()
    local v = memview.zeros("B", { 2, 3 })
    for _, x in ipairs { 1.5, 1e300, 0 / 0, "x", true, false, print, io.stdout, memview "ab" } do
      raises("bad argument #1 to 'slice'", function() v:slice(x) end)
      raises("bad argument #2 to 'slice'", function() v:slice(1, x) end)
    end
    for _, x in ipairs { 1.5, 1e300, 0 / 0, "x", true, false, print, {}, v } do
      raises("", v.slice, v, { x })
      raises("", v.slice, v, { 1, x })
      raises("", v.slice, v, {}, { 1, 2, x })
    end
  end)

  it("raises on a released view", function()
    local v = memview "abc"
    v:release()
    raises("attempt to use a released view", v.slice, v, 1)
    raises("attempt to use a released view", v.slice, v)
  end)

  it("survives a range that releases the view while it is read", function()
    local v = memview.view(memview.buffer "abcdef")
    local range = setmetatable({}, { __index = function(_, k)
      if k == 1 then v:release() end
      return nil
    end })
    local ok, s = pcall(v.slice, v, range)
    assert(not ok and s:find "released" or s:tobytes() == "abcdef")
  end)
end)
