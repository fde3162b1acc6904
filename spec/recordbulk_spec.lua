-- Bulk work on records: comparing, converting, searching, filling, swapping, copying, making from tables.
local memview = require "memview"
local helpers = require "helpers"
local model = require "model"
local recordmodel = require "recordmodel"

local raises, expect, listof = helpers.raises, model.expect, helpers.listof

local function pick(random, list) return list[random(#list)] end

-- Two formats of one structure ---------------------------------------------------------------------

local integers, floats = { "b", "B", "h", "H", "i", "I", "l", "L", "q", "Q", "d" }, { "e", "f", "d" }
local isfloat = { e = true, f = true, d = true }

-- A scalar for the same values: another size, another order.
local function otherscalar(random, scalar, order)
  local letter = scalar.letter
  if scalar.format then letter = pick(random, isfloat[letter] and floats or integers) end
  return recordmodel.scalar(order, letter, scalar.letter:find "[sp]" and scalar.size or nil)
end

local variant

-- Adds what stands for member m where `order` is in force; gives the order after it.
local function addvariant(random, members, m, order)
  local mark = random(3) == 1 and pick(random, { "@", "<", ">" }) or nil
  order = mark or order
  if random(4) == 1 then members[#members + 1] = { pad = random(3) } end
  local element = m.type.letter and otherscalar(random, m.type, order) or variant(random, m.type, order)
  if m.count and not m.shape and random(2) == 1 then
    for k = 1, m.count do members[#members + 1] = { type = element, mark = k == 1 and mark or nil } end
  else
    members[#members + 1] = { type = element, mark = mark, name = m.name, shape = m.shape, count = m.count }
  end
  return order
end

-- A record type with the same values by the same names, in which all else may be different: sizes, orders,
-- padding, and one item after the other where there was a count.
function variant(random, type, around)
  local order, members = around, {}
  for _, m in ipairs(type.members) do
    if m.type then order = addvariant(random, members, m, order) end
  end
  return recordmodel.record(around, members)
end

-- Values that every number format holds; strings of any bytes.
local function smallvalues(random, type)
  local cells = recordmodel.cells(type)
  return listof(#cells, function(k)
    local scalar = cells[k].type
    if not scalar.format then return recordmodel.value(random, scalar) end
    return isfloat[scalar.letter] and random(0, 100) / 4 or random(0, 100)
  end)
end

-- What tolist() gives for values of one type in records of another: floats where that has floats.
local function listin(type, values)
  return recordmodel.list(type, recordmodel.decode(type, recordmodel.encode(type, values)))
end

-- The bytes of n records with random padding, as a view of memory of their own.
local function viewof(random, type, values)
  local parts = listof(#values, function(i)
    return recordmodel.encode(type, values[i], recordmodel.bytes(random, type.size))
  end)
  return memview.buffer(table.concat(parts)):view():cast(recordmodel.format(type))
end

-- Calls check(a, b, type of b, values, random) for views of equal records in two formats.
local function eachpair(seed, count, check)
  local random = helpers.random(seed)
  for _ = 1, count do
    local type = recordmodel.random(random, {})
    local other = variant(random, type, pick(random, { "@", "<", ">" }))
    local values = listof(random(3), function() return smallvalues(random, type) end)
    local a, b = viewof(random, type, values), viewof(random, other, values)
    local ok, message = pcall(check, a, b, other, values, random)
    if not ok then error(("%s beside %s: %s"):format(a.format, b.format, message), 0) end
  end
end

describe("equals on records", function()
  it("compares value by value, whatever the formats and the padding", function()
    eachpair(501, 300, function(a, b)
      expect({ a:equals(b), b:equals(a), a == b, a ~= b }, { true, true, true, false }, "equal ones")
      expect(memview.equals(a[1], b[1]), true, "first records")
      expect(a:equals(a:clone()), true, "a clone")
      expect(a:equals(b:sub(2)), false, "another shape")
    end)
  end)

  it("sees any value that is different", function()
    eachpair(502, 200, function(a, b, type, values, random)
      local cells, i = recordmodel.cells(type), random(#values)
      local k = random(#cells)
      local scalar, x = cells[k].type, values[i][k]
      local y = recordmodel.value(random, scalar)
      if y == x then return end
      local changed = { table.unpack(values[i]) }
      changed[k] = y
      b[i] = recordmodel.list(type, changed)
      expect({ a:equals(b), b:equals(a), a == b }, { false, false, false }, "after a change of value", k)
    end)
  end)

  it("knows structures apart", function()
    local groups = {
      { "H", "xH", "d", "<I2x" }, { "3H", "HHH", "T{H2H}" },
      { "HH", "2H", "<HxI", ">dq", "xHH", "T{H:a:I:b:}", "T{2H}" },
      { "T{H:a:}", "T{B}" }, { "T{2H:v:}", "T{(2)B}", "T{<x(2)d:w:}" }, { "T{(1,2)H:v:}", "T{(1,2)q}" },
      { "T{(2,1)H:v:}" }, { "T{T{HH}:a:}", "T{T{2B}}", "T{T{I:p:I:q:}:r:}" }, { "HT{H}", "T{BT{q:z:}}" },
      { "2T{H}", "T{H}T{H}", "T{T{H}T{H}}" },
    }
    for g, group in ipairs(groups) do
      for h, other in ipairs(groups) do
        for _, f in ipairs(group) do
          for _, e in ipairs(other) do
            local a, b = memview.zeros(f, 2), memview.zeros(e, 2)
            expect({ a:equals(b), a == b }, { g == h, g == h }, f, "and", e)
          end
        end
      end
    end
  end)

  it("finds NaN unequal to itself, and 0.0 equal to -0.0", function()
    local v = memview.array("T{<f:a:B:b:}", { { a = 0.0, b = 1 }, { a = 0 / 0, b = 1 } })
    assert.are.same({ false, true, false }, { v:equals(v), v[1] == v[1], v == v:sub() })
    local w = v:clone()
    w[1].a = -0.0
    assert.is_true(v[1] == w[1])
    assert.is_false(v[2] == w[2])
  end)

  it("takes unsigned integers of 8 bytes for what they are", function()
    local unsigned, signed = memview.array("T{Q:a:}", { { -1 } }), memview.array("T{q:a:}", { { -1 } })
    assert.is_false(unsigned:equals(signed))
    assert.is_true(unsigned:equals(memview.array("T{>Q:a:}", { { -1 } })))
  end)

  it("is false for what is no view of records, and never raises for it", function()
    local v = memview.zeros("T{B:a:B:b:}", 2)
    for _, x in pairs { 1, "text", "\0\0\0\0", {}, print, memview.buffer(4), memview.zeros("H", 2) } do
      assert.is_false(v:equals(x))
    end
    assert.is_false(v:equals(v:cast("B")))
    assert.is_true(memview.zeros("T{B:a:}", 4):equals "\0\0\0\0")
    assert.is_false(memview.zeros("T{B:a:}", 4):equals "\0\0\0\1")
  end)
end)

describe("records with the same values in other groups", function()
  -- Formats of four numbers, some of the same size but with other offsets.
  local formats = {
    "<4B", "3HB", ">2H2I", "HqHB", "B3q", "T{B:a:@H:b:<H:c:B:d:}", "T{B:a:<H:b:@H:c:B:d:}", "T{B:a:>H:b:2H}",
    "BHHH", ">BxHHH", "<BHxHH", "T{<B:a:H:b:@2H}", "2d2e", "x2b2xbbx",
  }

  it("are equal, and convert to each other", function()
    for _, f in ipairs(formats) do
      for _, g in ipairs(formats) do
        local a, b = memview.array(f, { { 1, 2, 3, 4 }, { 5, 6, 7, 8 } }), memview.zeros(g, 2)
        expect(a:equals(b), false, f, g)
        expect(a:equals(b:copyfrom(a)), true, f, g)
        expect({ b[1]:unpack() }, listof(4, function(i) return b[1][i] end), f, g)
        expect({ b[2][1] + 0.0, b[2][2] + 0.0, b[2][3] + 0.0, b[2][4] + 0.0 }, { 5.0, 6.0, 7.0, 8.0 }, f, g)
        b[2][3] = 9
        expect(b:equals(a), false, f, g)
      end
    end
  end)
end)

describe("copyfrom on records", function()
  it("converts value by value, and leaves the padding", function()
    eachpair(511, 200, function(a, b, type, values, random)
      local fresh = listof(#values, function() return smallvalues(random, type) end)
      local target = viewof(random, type, fresh)
      local before = target:tobytes()
      local want = listof(#values, function(i)
        return recordmodel.encode(type, values[i], before:sub((i - 1) * type.size + 1, i * type.size))
      end)
      expect(target:copyfrom(a) == target, true, "result")
      expect(target:tobytes(), table.concat(want), "bytes")
      expect(target:equals(b), true, "values")
      for i = 1, #values do target:copyfrom(b:sub(-i, -i), i) end
      expect(target:tolist(), listof(#values, function(i)
        return listin(type, values[#values - i + 1])
      end), "one by one, from the end")
    end)
  end)

  it("writes nothing where any value does not fit", function()
    local wide, narrow = "T{<q:a:2d:b:T{(2)q:c:?:d:}:e:}", "T{>B:a:x(2)e:b:T{(2)h:c:?:d:}:e:}"
    local spoil = {
      function(r) r.a = 256 end, function(r) r.b[1] = 1e5 end, function(r) r.b[2] = -1e5 end,
      function(r) r.e.c[1] = 40000 end, function(r) r.e.c[2] = -40000 end,
    }
    local random = helpers.random(512)
    for _, change in ipairs(spoil) do
      for at = 1, 3 do
        local rows = listof(3, function(i)
          return { a = i, b = { 2.0, 3.0 }, e = { c = { 4, -i }, d = true } }
        end)
        local good = memview.array(wide, rows)
        change(rows[at])
        local bad = memview.array(wide, rows)
        local before = recordmodel.bytes(random, 3 * memview.struct.calcsize(narrow))
        local target = memview.buffer(before):view():cast(narrow)
        raises("does not fit", target.copyfrom, target, bad)
        raises("does not fit", target.copyfrom, target, bad:sub(at), 1)
        raises("does not fit", function() target[1] = bad[at] end)
        raises("does not fit", target.fill, target, bad[at])
        assert.are.equal(before, target:tobytes())
        assert.is_true(target:copyfrom(good):equals(good))
      end
    end
  end)

  it("wants the same names, where both sides have one", function()
    local function pair(to, from) return memview.zeros(to, 2), memview.zeros(from, 2) end
    local agree = {
      { "T{I:a:H:b:}", "T{H:a:B:b:}" }, { "T{H:a:H:b:}", "HH" }, { "2H", "T{B:x:B:y:}" },
      { "T{H:a:H}", "T{HH:b:}" }, { "T{T{H:x:}:n:}", "T{T{B}:n:}" }, { "T{2H:v:}", "T{(2)B}" },
    }
    for _, formats in ipairs(agree) do
      local to, from = pair(formats[1], formats[2])
      from:cast("B"):fill(1)
      assert.is_true(to:copyfrom(from):equals(from), formats[1])
      assert.is_true(to:cast("B"):count(1) > 0)
    end
    local differ = {
      { "T{H:a:H:b:}", "T{B:b:B:a:}" }, { "T{I:a:I:b:}", "T{H:a:H:c:}" }, { "T{2H:v:}", "T{2B:w:}" },
      { "T{T{I:x:}:n:}", "T{T{H:y:}:n:}" }, { "T{T{I:x:}:n:}", "T{T{H:x:}:m:}" },
      { "T{>H:a:H:b:}", "T{<H:b:H:a:}" }, { "T{H:a:H:b:}", "T{H:b:H:a:}" },
    }
    for _, formats in ipairs(differ) do
      local to, from = pair(formats[1], formats[2])
      from:cast("B"):fill(1)
      raises("expected, got", to.copyfrom, to, from)
      raises("expected, got", function() to[1] = from[1] end)
      assert.are.equal(0, to:cast("B"):count(1), formats[1] .. " from " .. formats[2])
    end
  end)

  it("refuses another structure, and bytes", function()
    local v = memview.zeros("T{<H:a:<H:b:}", 2)
    local others = { "H", "3H", "T{2H:a:}", "T{H:a:}", "T{H:a:H:b:H:c:}", "T{T{HH}}", "T{H:a:T{H}:b:}" }
    for _, format in ipairs(others) do
      raises("expected, got", v.copyfrom, v, memview.zeros(format, 2))
    end
    raises("cast", v.copyfrom, v, ("x"):rep(8))
    raises("cast", v.copyfrom, v, memview.buffer(8))
    raises("shape {2} expected, got {3}", v.copyfrom, v, memview.zeros(v.format, 3))
    assert.are.equal(("\0"):rep(8), v:tobytes())
    assert.are.same({ { a = 1, b = 2 }, { a = 3, b = 4 } }, v:copyfrom({ { 1, 2 }, { 3, 4 } }):tolist())
  end)

  it("is safe where the records overlap: as if the source had been copied first", function()
    local random = helpers.random(513)
    for _ = 1, 300 do
      local type = recordmodel.random(random, { depth = 1 })
      local other = random(2) == 1 and type or variant(random, type, pick(random, { "<", ">" }))
      local n = random(4)
      local size = n * math.max(type.size, other.size) + random(0, 12)
      local b = memview.buffer(size)
      local function part(t)
        local at = random(0, size - n * t.size)
        local v = b:view():sub(at + 1, at + n * t.size):cast(recordmodel.format(t))
        return random(2) == 1 and v:sub(-1, 1, -1) or v
      end
      local to, from = part(type), part(other)
      local values = listof(n, function() return smallvalues(random, type) end)
      from:copyfrom(listof(n, function(i) return recordmodel.list(other, values[i]) end))
      to:copyfrom(from)
      local want = listof(n, function(i) return listin(type, values[i]) end)
      expect(to:tolist(), want, to.format, "from", from.format)
    end
  end)

  it("keeps bytes outside of the target, and its padding, where the records overlap", function()
    local b = memview.buffer "\1\2\3\4\5\6\7\8\9\10\11\12"
    local small, large = b:view():sub(4, 9):cast("T{B:a:xB:b:}"), b:view():cast("T{>H:a:2x>H:b:}")
    large:copyfrom(small)
    assert.are.equal("\0\4\3\4\0\6\0\7\9\10\0\9", b:tobytes())
    small:copyfrom(large:sub(-1, 1, -1))
    assert.are.equal("\0\4\3\7\0\9\4\7\6\10\0\9", b:tobytes())
  end)

  it("takes tables of records, and puts them from an item on", function()
    local v = memview.zeros("T{<H:a:T{B:x:B:y:}:n:}", 4)
    v:copyfrom({ { a = 1 }, { n = { y = 2 } }, { 3, { 4, 5 } } }, 2)
    v:copyfrom({ { n = { x = 6 } } }, -1)
    assert.are.equal("\0\0\0\0\1\0\0\0\0\0\0\2\3\0\6\5", v:tobytes())
    v:copyfrom({ v[4], v[3]:tolist(), {}, v[1] })
    assert.are.equal("\3\0\6\5\0\0\0\2\0\0\0\2\0\0\0\0", v:tobytes())
    local before = v:tobytes()
    raises("2.n.x", v.copyfrom, v, { {}, { n = { x = 256 } }, {}, {} })
    raises("4 items expected, got 2", v.copyfrom, v, { {}, {} })
    raises("4 items expected, got 5", v.copyfrom, v, { {}, {}, {}, {}, {} })
    raises("2 items do not fit from position 4 on", v.copyfrom, v, { {}, {} }, 4)
    assert.is_false(pcall(v.copyfrom, v, { {}, 1, {}, {} }))
    assert.are.equal(before, v:tobytes())
  end)
end)

describe("index and count on records", function()
  -- Records whose members have few values, so that many are equal.
  local format = "T{<B:a:xh:b:T{f:u:?:w:}:n:(2)B:v:2s:s:}"

  local function row(random)
    return {
      a = random(0, 2), b = random(-1, 1), n = { u = random(0, 1) / 2, w = random(2) == 1 },
      v = { random(0, 1), random(0, 1) }, s = random(2) == 1 and "ab" or "a",
    }
  end

  -- Some members of a row, at least none.
  local function part(random, full)
    local some = {}
    for key, x in pairs(full) do
      if random(2) == 1 then some[key] = key == "n" and part(random, x) or x end
    end
    return some
  end

  -- Does the row have all that the part names? Strings with their zeros.
  local function has(full, some)
    for key, x in pairs(some) do
      if type(x) == "table" then
        if not has(full[key], x) then return false end
      elseif full[key] ~= x then
        return false
      end
    end
    return true
  end

  it("find the records that have all the members a table names", function()
    local random = helpers.random(521)
    for _ = 1, 150 do
      local rows = listof(random(12), function() return row(random) end)
      local v = memview.array(format, rows)
      local step = random(3)
      v = v:sub(1, -1, step)
      local n = #v
      for _ = 1, 4 do
        local wanted = part(random, row(random))
        local range = model.randomrange(random, n)
        local positions, first, count = model.positions(n, range[1], range[2]), nil, 0
        for _, p in ipairs(positions) do
          if has(rows[1 + (p - 1) * step], wanted) then first, count = first or p, count + 1 end
        end
        expect(v:index(wanted, range[1], range[2]), first, "index of", wanted, "in", range)
        expect(v:count(wanted, range[1], range[2]), count, "count of", wanted, "in", range)
      end
    end
  end)

  it("take a record, also of another format, and compare all of it", function()
    eachpair(522, 150, function(a, b)
      for i = 1, #a do
        local first, number = nil, 0
        for k = 1, #a do
          if memview.equals(a[k], b[i]) then first, number = first or k, number + 1 end
        end
        expect({ a:index(b[i]), a:count(b[i]), a:index(a[i]) }, { first, number, first }, "record", i)
      end
    end)
  end)

  it("find every record by a table that names nothing", function()
    local v = memview.zeros("T{B:a:B:b:}", 3)
    assert.are.same({ 1, 3, 2, 2 }, { v:index {}, v:count {}, v:index({}, 2), v:count({}, 2) })
    assert.are.same({ 0 }, { v:count({}, 4), (v:index({}, 4)) })
  end)

  it("find by one name what the column of that name finds", function()
    local v = memview.array("T{<B:b:f:f:>e:e:Q:q:h:h:?:t:2s:s:c:c:}", {
      { 1, 0.5, 0.5, 1, -1, true, "ab", "a" }, { 255, -0.0, 2, -1, 0, false, "a\0", "b" },
      { 0, 0.5, 65504, 2, 300, true, "ab", "\0" },
    })
    local pools = {
      b = { 0, 1, 255, 1.0, 7 }, f = { 0, 0.0, -0.0, 0.5, 2, math.huge, 0 / 0 }, e = { 2, 0.5, 65504, 0 / 0 },
      q = { 1, -1, 2.0, math.maxinteger, 2.0 ^ 64 - 2048 }, h = { -1, 300, 0.0 }, t = { true, false },
      s = { "ab", "a\0", "zz" }, c = { "a", "\0", "z" },
    }
    for name, pool in pairs(pools) do
      local column = v:field(name)
      for _, x in ipairs(pool) do
        expect(v:index { [name] = x }, column:index(x), "index of", x, "in", name)
        expect(v:count { [name] = x }, column:count(x), "count of", x, "in", name)
      end
    end
  end)

  it("work by position, and on records without names", function()
    local v = memview.array("<HHf", { { 1, 2, 0.5 }, { 1, 3, 0.5 }, { 1, 2, 0.25 } })
    assert.are.same({ 1, 3 }, { v:index { 1, 2 }, v:index { [3] = 0.25 } })
    assert.are.same({ 2, 1, 0 }, { v:count { 1, 2 }, v:count { [2] = 3 }, v:count { 2 } })
  end)

  it("raise for names that are none, other values, and N-D views", function()
    local v = memview.zeros("T{B:a:B:b:}", 2)
    for _, f in ipairs { v.index, v.count } do
      raises("no field 'c' (fields: a, b)", f, v, { c = 1 })
      raises("1-dimensional view", f, v:reshape { 1, 2 }, {})
      for _, x in pairs { 1, "a", true, print } do assert.is_false(pcall(f, v, x)) end
    end
  end)
end)

describe("fill on records", function()
  it("writes zeros, not what lay in memory, between the members of a record of another format", function()
    local v = memview.zeros("T{<H:a:4000x<H:b:}", 2)
    local record = memview.array("T{>I:a:>I:b:}", { { a = 1, b = 2 } })[1]
    local bytes = ("\1\0" .. ("\0"):rep(4000) .. "\2\0"):rep(2)
    for _ = 1, 20 do
      for _ = 1, 20 do assert.are.equal(4020, #("\xAA"):rep(4020)) end
      helpers.collect()                         -- leaves the bytes of those behind in the heap
      assert.is_true(v:fill(record):equals(v:clone()) and v:tobytes() == bytes)
    end
  end)

  it("writes the members a table names, and leaves the others", function()
    local random = helpers.random(531)
    local format = "T{<B:a:x>h:b:T{2B:u:<f:w:}:n:}"
    local size = memview.struct.calcsize(format)
    for _ = 1, 100 do
      local n = random(0, 6)
      local v = memview.buffer(recordmodel.bytes(random, n * size)):view():cast(format)
      local want, range = v:clone(), model.randomrange(random, n)
      local some = {}
      if random(2) == 1 then some.a = random(0, 255) end
      if random(2) == 1 then some.b = random(-300, 300) end
      if random(2) == 1 then some.n = {} end
      if some.n and random(2) == 1 then some.n.u = { 1, 2 } end
      if some.n and random(2) == 1 then some.n.w = 0.5 end
      for _, p in ipairs(model.positions(n, range[1], range[2])) do
        local rec = want[p]
        if some.a then rec.a = some.a end
        if some.b then rec.b = some.b end
        if some.n and some.n.u then rec.n.u = some.n.u end
        if some.n and some.n.w then rec.n.w = some.n.w end
      end
      assert.are.equal(v, v:fill(some, range[1], range[2]))
      expect(v:tobytes(), want:tobytes(), "after fill with", some, "in", range)
    end
  end)

  it("writes whole records from tables and records of any format that converts, in any layout", function()
    eachpair(532, 150, function(a, b, type, values)
      local n = #a
      a:fill(b[n])
      expect({ a:count(b[n]), a:equals(b) or n > 1 }, { n, true }, "filled with a record")
      b:fill(recordmodel.list(type, values[1]))
      expect(b:tolist(), listof(n, function() return listin(type, values[1]) end), "filled with a table")
    end)
    local m = memview.zeros("T{B:a:xB:b:}", { 3, 4 })
    m:slice({ 1, 3, 2 }, { -1, 1, -2 }):fill { b = 7 }
    assert.are.same({ { 0, 7, 0, 7 }, { 0, 0, 0, 0 }, { 0, 7, 0, 7 } }, m:field "b":tolist())
    m[1][1]:fill { a = 1 }
    assert.are.same({ a = 1, b = 0 }, m[1][1]:tolist())
  end)

  it("writes nothing where a value is wrong", function()
    local v = memview.array("T{<B:a:h:b:}", { { 1, 2 }, { 3, 4 } })
    local before = v:tobytes()
    raises("256 does not fit '<B'", v.fill, v, { b = 1, a = 256 })
    raises("no field 'c'", v.fill, v, { a = 1, c = 1 })
    for _, x in pairs { 1, "ab", true, print, memview "abc" } do assert.is_false(pcall(v.fill, v, x)) end
    assert.is_false(pcall(v.fill, v))
    raises("view is read-only", memview.fill, v:toreadonly(), {})
    assert.are.equal(before, v:tobytes())
  end)
end)

describe("byteswap on records", function()
  it("turns each number around, where it lies", function()
    local random = helpers.random(541)
    for _ = 1, 200 do
      local type = recordmodel.random(random, {})
      local bytes = recordmodel.bytes(random, 2 * type.size)
      local parts, at = {}, 0
      for i = 0, 1 do
        for _, cell in ipairs(recordmodel.cells(type)) do
          local from, to = i * type.size + cell.offset, i * type.size + cell.offset + cell.type.size
          local item = bytes:sub(from + 1, to)
          parts[#parts + 1] = bytes:sub(at + 1, from) .. (cell.type.format and item:reverse() or item)
          at = to
        end
      end
      local v = memview.buffer(bytes):view():cast(recordmodel.format(type))
      assert.are.equal(v, v:byteswap())
      expect(v:tobytes(), table.concat(parts) .. bytes:sub(at + 1), v.format)
      expect(v:byteswap():tobytes(), bytes, "twice", v.format)
    end
  end)

  it("makes the other order of the same values", function()
    local little, big = "T{<H:a:2I:b:T{d:c:}:n:s:s:}", "T{>H:a:2I:b:T{d:c:}:n:s:s:}"
    local rows = {
      { a = 258, b = { 1, 2 }, n = { c = 0.5 }, s = "x" }, { a = 3, b = { 4, 5 }, n = { c = -1.0 }, s = "y" },
    }
    local v = memview.array(little, rows)
    assert.are.same(rows, v:byteswap():cast(big):tolist())
    v:sub(2):byteswap()
    assert.are.same(rows[2], v[2]:tolist())
    v[1]:byteswap()
    assert.are.same(rows, v:tolist())
    assert.are.equal(memview.array(big, rows):tobytes(), memview.array(little, rows):byteswap():tobytes())
  end)
end)

describe("copies of records", function()
  it("are their bytes in logical order, by clone, tobytes, tocontiguous and ..", function()
    local random = helpers.random(551)
    for _ = 1, 150 do
      local type = recordmodel.random(random, {})
      local shape = { random(3), random(3) }
      local n = shape[1] * shape[2]
      local bytes = recordmodel.bytes(random, n * type.size)
      local m = memview(bytes):cast(recordmodel.format(type), shape):transpose():sub(-1, 1, -1)
      local function record(i, j)                 -- of the transposed and reversed view
        local at = ((j - 1) * shape[2] + shape[2] - i) * type.size
        return bytes:sub(at + 1, at + type.size)
      end
      local rows = listof(shape[2], function(i)
        return table.concat(listof(shape[1], function(j) return record(i, j) end))
      end)
      local columns = listof(shape[1], function(j)
        return table.concat(listof(shape[2], function(i) return record(i, j) end))
      end)
      expect(m:tobytes(), table.concat(rows), "tobytes", m.format)
      expect(m:tobytes "F", table.concat(columns), "tobytes F", m.format)
      expect(m:tobytes(2, -1), table.concat(rows, "", 2), "tobytes of a range", m.format)
      expect({ "" .. m, m:clone():tobytes(), m:tocontiguous():tobytes() },
        { table.concat(rows), table.concat(rows), table.concat(rows) }, "copies", m.format)
      expect(m[1][1]:tobytes(), record(1, 1), "tobytes of a record")
      expect(m:hex(), (table.concat(rows):gsub(".", function(c) return ("%02x"):format(c:byte()) end)), "hex")
    end
  end)

  it("by clone are writable memory of their own, with the format", function()
    local v = memview("\1\2\3\4\5\6"):cast("T{<H:a:B:b:}")
    local copy, rec = v:clone(), v[2]:clone()
    copy[1].a = 7
    rec.b = 8
    assert.are.same({ 7, 8, 0x201, 6 }, { copy[1].a, rec.b, v[1].a, v[2].b })
    assert.are.same({ v.format, v.format, {}, 2 }, { copy.format, rec.format, rec.shape, #rec })
    assert.is_nil(copy.obj)
    assert.are.same({ a = 0x504, b = 8 }, rec:tolist())
  end)

  it("keep their format when nothing else does", function()
    local copies = listof(40, function(k)
      local v = memview("\1\2\3\4"):cast(("T{<H:only%d:2B:v:}"):format(k))
      return { v:clone(), v:tocontiguous(), v[1]:clone(), v:sub(-1, 1, -1):tocontiguous() }
    end)
    for k = 1, 600 do memview.struct.calcsize("I" .. ("x"):rep(k)) end
    helpers.collect()
    for k, list in ipairs(copies) do
      for _, copy in ipairs(list) do
        local rec = copy.ndim == 0 and copy or copy[1]
        assert.are.same({ ["only" .. k] = 0x201, v = { 3, 4 } }, rec:tolist())
      end
    end
  end)
end)

describe("array() of records", function()
  it("makes what tolist gives, in any number of dimensions", function()
    local random = helpers.random(561)
    for _ = 1, 200 do
      local type = recordmodel.random(random, { names = "all" })
      local shape = model.randomshape(random, 3, 3)
      if model.count(shape) == 0 then shape = { 0 } end
      local values = {}
      local function nested(d)
        if d > #shape then
          values[#values + 1] = recordmodel.values(random, type)
          return recordmodel.list(type, values[#values])
        end
        return listof(shape[d], function() return nested(d + 1) end)
      end
      local list = nested(1)
      local v = memview.array(recordmodel.format(type), list)
      expect(v.shape, shape, "shape", v.format)
      expect(v:tolist(), list, "tolist", v.format)
      local bytes = listof(#values, function(i) return recordmodel.encode(type, values[i]) end)
      expect(v:tobytes(), table.concat(bytes), "bytes", v.format)
    end
  end)

  it("takes members by position or name; those not named are 0", function()
    local v = memview.array("T{<H:a:B:b:2s:s:}", { { 1, 2 }, { b = 3 }, { s = "x", [1] = 4 }, {} })
    assert.are.equal("\1\0\2\0\0" .. "\0\0\3\0\0" .. "\4\0\0x\0" .. "\0\0\0\0\0", v:tobytes())
    assert.are.same({ 4 }, memview.array("<HHf", { { 1, 2, 3 }, { 4, 5 }, {}, { [3] = 6 } }).shape)
    local grid = memview.array("<HB", { { { 1, 2 }, { 3, 4 } }, { { 5, 6 }, { 7, 8 } }, { { 9 }, {} } })
    assert.are.same({ { 3, 2 }, { 5, 6 } }, { grid.shape, { grid[2][1]:unpack() } })
  end)

  it("takes records and views among the tables", function()
    local a = memview.array("T{B:x:B:y:}", { { 1, 2 }, { 3, 4 } })
    local v = memview.array("T{>H:x:>H:y:}", { a[2], { 5, 6 }, a[1] })
    assert.are.same({ { x = 3, y = 4 }, { x = 5, y = 6 }, { x = 1, y = 2 } }, v:tolist())
  end)

  it("raises for what does not fit, and says where", function()
    local format = "T{<B:a:T{h:b:}:n:}"
    raises("256 does not fit '<B'", memview.array, format, { { a = 1 }, { a = 256 } })
    raises("2.n.b", memview.array, format, { {}, { n = { b = "" } } })
    raises("no field 'c' (fields: a, n)", memview.array, format, { { c = 1 } })
    raises("ragged table: 2 items expected", memview.array, format, { { { a = 1 }, {} }, { {} } })
    assert.is_false(pcall(memview.array, format, { {}, 1 }))
    assert.is_false(pcall(memview.array, format, { 1, 2 }))
  end)
end)

describe("unpack and tolist on views of records", function()
  it("give the records of a range", function()
    local v = memview.array("T{<H:a:B:b:}", { { 1, 2 }, { 3, 4 }, { 5, 6 } })
    local two, three = v:unpack(2)
    assert.are.same({ 3, 6 }, { two.a, three.b })
    two.a = 99
    assert.are.same({ { a = 99, b = 4 } }, v:tolist(2, 2))
    assert.are.equal(0, select("#", v:unpack(3, 2)))
    for i, rec in ipairs(v) do assert.is_true(rec == v[i]) end
    for i, rec in pairs(v) do assert.is_true(rec == v[i]) end
  end)

  it("let the standard library sort and move records by their values", function()
    local v = memview.array("T{<H:key:B:b:}", { { 3, 30 }, { 1, 10 }, { 2, 20 } })
    local rows = v:tolist()
    table.sort(rows, function(x, y) return x.key < y.key end)
    v:copyfrom(rows)
    assert.are.same({ 10, 20, 30 }, v:field "b":tolist())
    table.move(v, 1, 1, 3)
    assert.are.same({ 10, 20, 10 }, v:field "b":tolist())
  end)
end)
