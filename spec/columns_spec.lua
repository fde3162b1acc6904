-- v:field(name): a member of every record as one strided view; all that works on views works on it.
local memview = require "memview"
local helpers = require "helpers"
local model = require "model"
local recordmodel = require "recordmodel"

local raises, expect, listof = helpers.raises, model.expect, helpers.listof

local vertex = "T{<3h:pos:B:id:T{f:u:f:v:}:uv:x(2)T{B:bone:2H:weights:}:skin:4s:tag:}"

local function vertices(n)
  local v = memview.zeros(vertex, n)
  for i = 1, n do
    v[i] = {
      pos = { i, -i, 100 * i }, id = i, uv = { u = i / 2, v = -i }, tag = "t" .. i,
      skin = { { bone = i, weights = { i, 2 * i } }, { bone = 100 + i, weights = { 3 * i, 4 * i } } },
    }
  end
  return v
end

describe("field()", function()
  it("is the member in every record, of the same memory", function()
    local v = vertices(5)
    local ids = v:field "id"
    assert.are.same({ { 5 }, { v.itemsize }, "<B", 1, 1 },
      { ids.shape, ids.strides, ids.format, ids.itemsize, ids.ndim })
    assert.are.same({ 1, 2, 3, 4, 5 }, ids:tolist())
    ids[3] = 33
    v[4].id = 44
    assert.are.same({ 33, 44 }, { v[3].id, ids[4] })
  end)

  it("has the dimensions of an array member behind those of the view", function()
    local v = vertices(3)
    local pos, skin = v:field "pos", v:field "skin"
    assert.are.same({ { 3, 3 }, { v.itemsize, 2 }, "<h" }, { pos.shape, pos.strides, pos.format })
    assert.are.same({ { 1, -1, 100 }, { 2, -2, 200 }, { 3, -3, 300 } }, pos:tolist())
    assert.are.same({ { 3, 2 }, { v.itemsize, 5 } }, { skin.shape, skin.strides })
    assert.are.same({ 102, { 6, 8 } }, { skin[2][2].bone, skin[2][2].weights:tolist() })
    local grid = memview.zeros("T{(2,3)B:m:x}", { 4, 5 }):field "m"
    assert.are.same({ { 4, 5, 2, 3 }, { 35, 7, 3, 1 } }, { grid.shape, grid.strides })
  end)

  it("goes on into nested records, step by step or by a path", function()
    local v = vertices(4)
    for _, us in ipairs { v:field "uv":field "u", v:field "uv.u", v:field "uv":field(1) } do
      assert.are.same({ { 4 }, { 0.5, 1.0, 1.5, 2.0 } }, { us.shape, us:tolist() })
    end
    for _, weights in ipairs { v:field "skin":field "weights", v:field "skin.weights" } do
      assert.are.same({ 4, 2, 2 }, weights.shape)
      assert.are.same({ { 3, 6 }, { 9, 12 } }, weights[3]:tolist())
    end
    local deep = memview.zeros("T{B:x:T{B:x:T{B:x:T{<H:x:}:r:}:r:}:r:}", 2)
    deep[2].r.r.r.x = 258
    assert.are.same({ 0, 258 }, deep:field "r.r.r.x":tolist())
  end)

  it("takes a position, also from the end", function()
    local v = vertices(2)
    assert.are.same({ 1, 2 }, v:field(2):tolist())
    assert.are.same({ "t1\0\0", "t2\0\0" }, v:field(-1):tolist())
    local counted = memview("\1\2\3\4\5\6\7\8"):cast("<2BH")
    assert.are.same({ { 1, 5 }, { 2, 6 }, { 0x403, 0x807 } },
      { counted:field(1):tolist(), counted:field(2.0):tolist(), counted:field(-1):tolist() })
  end)

  it("works on a record, a row, a slice, a transpose, a view of no records", function()
    local m = memview.zeros("T{<H:a:2B:b:}", { 2, 3 })
    for i = 1, 2 do
      for j = 1, 3 do m[i][j] = { 10 * i + j, { i, j } } end
    end
    assert.are.same({ { 11, 12, 13 }, { 21, 22, 23 } }, m:field "a":tolist())
    assert.are.same({ { 11, 21 }, { 12, 22 }, { 13, 23 } }, m:transpose():field "a":tolist())
    assert.are.same({ 23, 21 }, m[2]:field "a":sub(-1, 1, -2):tolist())
    assert.are.same({ 23, 22, 21 }, m[2]:sub(-1, 1, -1):field "a":tolist())
    assert.are.same({ { 2, 3 } }, m:slice(2, { 3 }):field "b":tolist())
    assert.are.same({ 21, 0 }, { m[2][1]:field "a":get(), m[2][1]:field "a".ndim })
    assert.are.same({ 2, 1 }, m[2][1]:field "b":tolist())
    assert.are.same({ 0, 2 }, m[1]:sub(5):field "b".shape)
  end)

  it("finds names with dots before it takes them for paths", function()
    local v = memview.zeros("T{B:a.b:T{B:b:B:c.d:}:a:T{B:.:}:..:}", 1)
    for k, path in ipairs { "a.b", "a.c.d", "...." } do
      v:field(path)[1] = k
    end
    assert.are.equal("\1\0\2\3", v:tobytes())
  end)

  it("reaches records behind padding", function()
    local v = memview("abcdefgh"):cast("xT{2B:v:}x")
    assert.are.same({ { 98, 99 }, { 102, 103 } }, v:field "v":tolist())
  end)

  it("keeps exporter, read-only and pins", function()
    local b = memview.buffer(12)
    local column = b:view():cast("<HI"):field(2)
    assert.are.equal(b, column.obj)
    raises("cannot resize buffer: 1 view is live", b.append, b, 1)
    column:release()
    b:append(1)
    local text = ("x"):rep(20)
    local readonly = memview(text):cast("<HH"):field(1)
    assert.are.equal(text, readonly.obj)
    raises("view is read-only", function() readonly[1] = 1 end)
    raises("view is read-only", readonly.fill, readonly, 1)
    assert.is_nil(vertices(1):field("id").obj)
  end)

  it("lives on after the view of records, alone", function()
    local columns = listof(50, function(i)
      local v = memview.zeros(("T{B:a%d:T{(2)T{<H:b%d:}:list:}:n:}"):format(i, i), 3)
      v[3].n.list[2][1] = i
      local column = v:field "n.list"
      v:release()
      return column
    end)
    for k = 1, 600 do memview.struct.calcsize("H" .. ("x"):rep(k)) end
    helpers.collect()
    for i, column in ipairs(columns) do
      assert.are.equal(i, column[3][2]["b" .. i])
      assert.are.same({ { 0, 0 }, { 0, 0 }, { 0, i } }, column:field("b" .. i):tolist())
    end
  end)
end)

describe("field() raises", function()
  it("for a name that is none, and lists the fields of that record", function()
    local v = vertices(2)
    for _, name in ipairs { "colour", "", "posx", ".", "id " } do
      raises("pos, id, uv, skin, tag", v.field, v, name)
    end
    raises("(fields: u, v)", v.field, v, "uv.w")
    raises("bone, weights", v.field, v, "skin.u")
    raises("no field '9'", v.field, v, 9)
    raises("no field '0'", v.field, v, 0)
    raises("1 to 3", v.field, memview.zeros("3H", 1), 4)
  end)

  it("for a path that ends early or goes into a value", function()
    local v = vertices(2)
    for _, path in ipairs { "uv.", ".uv", "id.x", "pos.1", "uv.u.x", "uv..u", "uv.u." } do
      assert.is_false(pcall(v.field, v, path), path)
    end
  end)

  it("where there are no records, and for other arguments", function()
    for _, format in ipairs { "B", "xH", "3s", "d", "c" } do
      local v = memview.zeros(format, { 2, 2 })
      raises("records", v.field, v, 1)
      raises("records", v.field, v, "x")
    end
    local v = vertices(1)
    for _, x in pairs { true, {}, print } do assert.is_false(pcall(v.field, v, x)) end
    assert.is_false(pcall(v.field, v))
    assert.is_false(pcall(v.field, v, nil))
    raises("view expected", v.field, "abc", "x")
    v:release()
    raises("released view", v.field, v, "id")
  end)

  it("beyond 64 dimensions", function()
    local function ones(n) return listof(n, function() return 1 end) end
    local shape = table.concat(ones(40), ",")
    local format = ("T{(%s)B:a:T{(%s)B:b:}:n:}"):format(shape, shape)
    local v = memview.zeros(format, ones(24))
    assert.are.equal(64, v:field("a").ndim)
    assert.are.equal(64, v:field("n.b").ndim)
    local over = memview.zeros(format, ones(25))
    raises("64 dimensions", over.field, over, "a")
    raises("64 dimensions", over.field, over, "n.b")
    assert.are.equal(25, over:field("n").ndim)
    local inner, outer = table.concat(ones(32), ","), table.concat(ones(33), ",")
    raises("64 dimensions", memview.zeros, ("T{(%s)T{(%s)B:a:}:n:}"):format(outer, inner), {})
    local nested = memview.zeros(("T{(%s)T{(%s)B:a:}:n:}"):format(inner, inner), {})
    assert.are.equal(64, nested:field("n.a").ndim)
    assert.are.equal(32, nested:field("n").ndim)
  end)
end)

describe("columns of random formats", function()
  -- The members of a record type at any depth: { keys that lead to it, type, shape, offsets in one record }.
  -- Arrays on the way, of it and of records around it, add to the shape.
  local function columns(type)
    local found = {}
    local function go(t, keys, shape, starts)
      for position = 1, t.values do
        local key, m = recordmodel.key(t, position)
        local here, lengths, offsets = { table.unpack(keys) }, { table.unpack(shape) }, {}
        here[#here + 1] = key
        for _, length in ipairs(m.shape or {}) do lengths[#lengths + 1] = length end
        local first = m.shape and 0 or position - 1 - m.position
        for _, start in ipairs(starts) do
          for k = first, first + model.count(m.shape or {}) - 1 do
            offsets[#offsets + 1] = start + m.offset + k * m.type.size
          end
        end
        found[#found + 1] = { keys = here, type = m.type, shape = lengths, offsets = offsets }
        if not m.type.letter then go(m.type, here, lengths, offsets) end
      end
    end
    go(type, {}, {}, { 0 })
    return found
  end

  -- Bytes that can be changed, and what a column of n records has in them.
  local Memory = {}
  Memory.__index = Memory

  function Memory.new(bytes) return setmetatable({ bytes = bytes }, Memory) end

  function Memory:items(column, size, n)
    local list = {}
    for i = 0, n - 1 do
      for _, offset in ipairs(column.offsets) do
        local at = i * size + offset
        list[#list + 1] = { at = at, bytes = self.bytes:sub(at + 1, at + column.type.size) }
      end
    end
    return list
  end

  --- The memory with each item's bytes replaced by those that change(item, k) gives.
  function Memory:changed(items, change)
    table.sort(items, function(x, y) return x.at < y.at end)
    local parts, at = {}, 0
    for k, item in ipairs(items) do
      parts[#parts + 1] = self.bytes:sub(at + 1, item.at) .. change(item, k)
      at = item.at + #item.bytes
    end
    return table.concat(parts) .. self.bytes:sub(at + 1)
  end

  local function reach(v, keys)
    for _, key in ipairs(keys) do v = v:field(key) end
    return v
  end

  local function flatten(list, ndim, flat)
    flat = flat or {}
    for i = 1, #list do
      if ndim > 1 then flatten(list[i], ndim - 1, flat) else flat[#flat + 1] = list[i] end
    end
    return flat
  end

  -- Calls check(column view, column, its items, the memory, the buffer) for the columns of random types.
  local function eachcolumn(seed, count, check)
    local random = helpers.random(seed)
    for _ = 1, count do
      local type, n, parts = recordmodel.random(random, {}), random(0, 4), {}
      for i = 1, n do
        local padding = recordmodel.bytes(random, type.size)
        parts[i] = recordmodel.encode(type, recordmodel.values(random, type), padding)
      end
      local b = memview.buffer(table.concat(parts))
      local v = b:view():cast(recordmodel.format(type))
      for _, column in ipairs(columns(type)) do
        local memory = Memory.new(b:tobytes())
        local items = memory:items(column, type.size, n)
        local ok, message = pcall(check, reach(v, column.keys), column, items, memory, b, v, random)
        if not ok then error(("%s, column %s: %s"):format(v.format, model.show(column.keys), message), 0) end
      end
    end
  end

  local function bytesof(items)
    return table.concat(listof(#items, function(k) return items[k].bytes end))
  end

  it("have the shape, the items and the bytes of a loop over the records", function()
    eachcolumn(401, 150, function(view, column, items, _, _, v)
      expect(view.shape, { #v, table.unpack(column.shape) }, "shape")
      expect(view.itemsize, column.type.size, "itemsize")
      local want = listof(#items, function(k)
        return recordmodel.list(column.type, recordmodel.decode(column.type, items[k].bytes))
      end)
      expect(flatten(view:tolist(), view.ndim), want, "items")
      expect(view:tobytes(), bytesof(items), "bytes")
      expect(view:clone():tobytes(), bytesof(items), "bytes of the clone")
      for _, key in ipairs(column.keys) do
        if type(key) ~= "string" then return end
      end
      expect(v:field(table.concat(column.keys, ".")):tobytes(), bytesof(items), "bytes by path")
    end)
  end)

  it("are filled, copied to and swapped without a change to other bytes", function()
    eachcolumn(402, 100, function(view, column, items, memory, b, _, random)
      local type = column.type
      local filler = recordmodel.values(random, type)
      view:fill(recordmodel.list(type, filler))
      expect(b:tobytes(), memory:changed(items, function(item)
        return recordmodel.encode(type, filler, item.bytes)
      end), "after fill")
      local other = memview.zeros(view.format, view.shape):copyfrom(view)
      view:byteswap()
      local swapped = b:tobytes()
      view:copyfrom(other)
      other:byteswap()
      expect(view:byteswap():tobytes(), other:tobytes(), "byteswap of both")
      expect(b:tobytes(), swapped, "the column swapped later")
      view:byteswap()
      expect(b:tobytes(), memory:changed(items, function(item)
        return recordmodel.encode(type, filler, item.bytes)
      end), "after byteswap twice")
    end)
  end)

  it("swap the bytes of each number", function()
    eachcolumn(403, 60, function(view, column, items, memory, b)
      if not column.type.letter then return end
      view:byteswap()
      expect(b:tobytes(), memory:changed(items, function(item)
        return column.type.format and item.bytes:reverse() or item.bytes
      end), "after byteswap")
    end)
  end)

  it("take tables, views of other formats and themselves reversed", function()
    eachcolumn(404, 100, function(view, column, items, memory, b, v, random)
      if not column.type.letter then return end
      local values = listof(#items, function() return recordmodel.value(random, column.type) end)
      local want = memory:changed(items, function(_, k) return recordmodel.store(column.type, values[k]) end)
      local fresh = memview.zeros(view.format, #items):copyfrom(values):reshape(view.shape)
      view:copyfrom(fresh:tolist())
      expect(b:tobytes(), want, "after copyfrom of a table")
      view:fill(values[1] or recordmodel.value(random, column.type))
      view:copyfrom(fresh)
      expect(b:tobytes(), want, "after copyfrom of a view")
      view:copyfrom(view:sub(-1, 1, -1))
      expect(view:equals(fresh:sub(-1, 1, -1)), true, "after copyfrom of itself reversed")
      for i = 1, #v do view:copyfrom(fresh:sub(-i, -i), i) end
      expect(view:equals(fresh:sub(-1, 1, -1)), true, "after copyfrom one by one")
    end)
  end)

  it("are searched and unpacked as a loop would do it", function()
    eachcolumn(405, 150, function(view, column, items)
      if not column.type.letter or view.ndim > 1 then return end
      local values = listof(#items, function(k) return recordmodel.load(column.type, items[k].bytes) end)
      expect({ view:unpack() }, values, "unpack")
      local reversed = listof(#values, function(i) return values[#values - i + 1] end)
      expect({ view:sub(-1, 1, -1):unpack() }, reversed, "reversed")
      for i, x in ipairs(values) do
        local first, number = nil, 0
        for k, y in ipairs(values) do
          if y == x then first, number = first or k, number + 1 end
        end
        expect({ view:index(x), view:count(x), view[i] }, { first, number, x }, "search for item", i)
      end
    end)
  end)
end)
