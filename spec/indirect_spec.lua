-- Views that follow pointers (suboffsets), which only an engine can make: every operation of a View on them,
-- against plain tables. spec/capi/indirect.lua makes both.
local memview = require "memview"
local helpers = require "helpers"
local engine = require "capi.engine"
local indirect = require "capi.indirect"
local positions = require "model".positions
local raises = helpers.raises

local capi = engine.capi

if not capi then
  describe("a view that follows pointers", function()
    pending("is not tried: " .. engine.reason)
  end)
  return
end

describe("a view that follows pointers", function()
  local random = helpers.random(77)

  --- Calls f with a view, its model and the case, for the cases with names and random ones.
  local function each(f)
    local cases = table.move(indirect.cases, 1, #indirect.cases, 1, {})
    for _ = 1, 40 do table.insert(cases, indirect.random(random)) end
    for _, case in ipairs(cases) do
      local v, model = indirect.make(capi, case)
      f(v, model, case)
    end
  end

  --- The view shows what the model has, item by item, and to the engine byte by byte.
  local function shows(v, model, case)
    local held = capi.acquire(v, capi.INDIRECT)
    indirect.each(v.shape, function(...)
      local index, x = { ... }, indirect.at(model, ...)
      local got = v:get(...)
      if type(x) == "table" then got = got:tolist() end
      assert.same(x, got)
      for d = 1, #index do index[d] = index[d] - 1 end
      local bytes = capi.item(held, index)
      if case.format == "<xH" then bytes = "\0" .. bytes:sub(2) end
      assert.equal(indirect.pack(case.format, x), bytes)
    end)
    capi.release(held)
  end

  local function isrecord(case) return case.format:find "^T" ~= nil end

  --- Other values of the same shape.
  local function others(case)
    local count = 100
    return indirect.table(case.shape, function()
      count = count - 1
      return indirect.value(case.format, count)
    end)
  end

  it("has its items at their indices", function()
    each(function(v, model, case)
      assert.same(case.shape, v.shape)
      assert.is_truthy(v.suboffsets)
      assert.is_false(v.contiguous)
      assert.equal(memview.struct.calcsize(case.format), v.itemsize)
      shows(v, model, case)
      local outside = table.move(case.shape, 1, #case.shape, 1, {})
      outside[#outside] = outside[#outside] + 1
      raises("out of range", v.get, v, table.unpack(outside))
    end)
  end)

  it("gives rows, by index and to ipairs and pairs", function()
    each(function(v, model, case)
      local function list(x)
        if type(x) == "userdata" then return x:tolist() end
        return x
      end
      assert.equal(case.shape[1], #v)
      for _, iterate in ipairs { ipairs, pairs } do
        local n = 0
        for i, row in iterate(v) do
          n = n + 1
          assert.same(model[i], list(row))
        end
        assert.equal(case.shape[1], n)
      end
      for i = 1, #v do
        assert.same(model[i], list(v[i]))
        assert.same(model[i], list(v[i - #v - 1]))
      end
      assert.is_nil(v[#v + 1])
      assert.is_nil(v[0])
    end)
  end)

  it("gives tolist and tobytes in every order", function()
    each(function(v, model, case)
      assert.same(model, v:tolist())
      assert.equal(indirect.bytes(case, model), v:tobytes())
      assert.equal(indirect.bytes(case, model), v:tobytes("A"))
      assert.equal(indirect.bytes(case, model, "F"), v:tobytes("F"))
      local n = case.shape[1]
      for i = 1, n do
        assert.same(table.move(model, i, n, 1, {}), v:tolist(i))
        assert.equal(v:sub(i):tobytes(), v:tobytes(i))
      end
    end)
  end)

  it("gives hex, and compares, as the string of its bytes does", function()
    each(function(v, model, case)
      local bytes = indirect.bytes(case, model)
      assert.equal(memview(bytes):hex("-", 2), v:hex("-", 2))
      assert.same({ 0, 1, -1 }, { v:compare(bytes), v:compare(bytes:sub(1, -2)), v:compare(bytes .. "x") })
      assert.equal(bytes .. "x", v .. "x")
      assert.equal(bytes, memview.buffer(v):tobytes())
    end)
  end)

  it("takes items by set and by index", function()
    each(function(v, model, case)
      local new = others(case)
      indirect.each(case.shape, function(...)
        local index = { ... }
        local x = indirect.at(new, ...)
        table.insert(index, x)
        v:set(table.unpack(index))
        assert.same(x, isrecord(case) and v:get(...):tolist() or v:get(...))
      end)
      shows(v, new, case)
      assert.same(new, v:tolist())
      for i = 1, #v do v[i] = model[i] end
      shows(v, model, case)
    end)
  end)

  it("is equal to a plain view of the same values, and to no other", function()
    each(function(v, model, case)
      local plain = memview.array(case.format, model)
      assert.is_true(v:equals(plain))
      assert.is_true(plain:equals(v))
      assert.is_true(v == plain and plain == v)
      assert.is_true(v:equals(v) and v == memview(v))
      indirect.each(case.shape, function(...)
        local index = { ... }
        table.insert(index, indirect.value(case.format, 125))
        plain:set(table.unpack(index))
      end)
      assert.equal(case.format == "?" and case.shape[1] == 1, v:equals(plain))
      assert.equal(case.format == "?" and case.shape[1] == 1, v == plain)
    end)
  end)

  it("is copied to plain views and to other views with pointers", function()
    each(function(v, model, case)
      assert.same(model, memview.zeros(case.format, case.shape):copyfrom(v):tolist())
      local w = indirect.make(capi, case)
      for i = 1, #w do w[i] = others(case)[i] end
      w:copyfrom(v)
      shows(w, model, case)
    end)
  end)

  it("is filled by tables, plain views and others, by bytes, and in part", function()
    each(function(v, model, case)
      local new = others(case)
      shows(v:copyfrom(new), new, case)
      shows(v:copyfrom(memview.array(case.format, model)), model, case)
      for i = #v, 1, -1 do v:copyfrom({ new[i] }, i) end
      shows(v, new, case)
      if case.format == "B" then shows(v:copyfrom(indirect.bytes(case, model)), model, case) end
    end)
  end)

  it("is copied to itself, backwards too", function()
    each(function(v, model, case)
      local expected = {}
      for k, row in ipairs(model) do expected[#model + 1 - k] = row end
      shows(v:copyfrom(v), model, case)
      shows(v:copyfrom(v:sub(-1, 1, -1)), expected, case)
    end)
  end)

  it("converts between formats", function()
    local v = indirect.make(capi, { shape = { 2, 3 }, through = { true, false }, format = "<h" })
    assert.same(v:tolist(), memview.zeros("d", { 2, 3 }):copyfrom(v):tolist())
    v:copyfrom(memview.array("d", { { -1, 0, 1 }, { 300, -300, 7 } }))
    assert.same({ { -1, 0, 1 }, { 300, -300, 7 } }, v:tolist())
    assert.is_true(v:equals(memview.array("q", v:tolist())))
    raises("300 does not fit 'B'", memview.copyfrom, memview.zeros("B", { 1, 3 }), v:sub(2))
    raises("40000 does not fit '<h'", v.copyfrom, v, memview.array("i", { { 1, 2, 3 }, { 4, 5, 40000 } }))
    assert.same({ { -1, 0, 1 }, { 300, -300, 7 } }, v:tolist())
  end)

  it("is filled with one value, whole and in part", function()
    each(function(v, model, case)
      local x = indirect.value(case.format, 50)
      for i = #v, 1, -1 do
        v:fill(x, i, i)
        model[i] = indirect.table({ table.unpack(case.shape, 2) }, function() return x end)
        shows(v, model, case)
      end
      x = indirect.value(case.format, 51)
      shows(v:fill(x), indirect.table(case.shape, function() return x end), case)
    end)
  end)

  it("searches in one dimension, unpacks, and does what the table library asks", function()
    for _, format in ipairs { "B", "<h", "3s", "<xH", "T{<h:x:B:y:}" } do
      for _, case in ipairs {
        { shape = { 7 }, through = { true }, format = format, header = 1 },
        { shape = { 3, 7 }, through = { true, false }, flip = { false, true }, format = format, header = 1 },
        { shape = { 7, 2 }, through = { true, false }, format = format },
      } do
        local v, model = indirect.make(capi, case)
        local line, list = v, model
        if case.shape[1] == 3 then line, list = v[2], model[2] end
        if case.shape[2] == 2 then
          line, list = v:slice({}, 2), {}
          for i, row in ipairs(model) do list[i] = row[2] end
        end
        for i = 1, 7 do
          assert.equal(i, line:index(list[i]))
          assert.equal(1, line:count(list[i]))
          assert.equal(i < 4 and i or nil, line:index(list[i], 1, 3))
        end
        assert.is_nil(line:index(indirect.value(format, 126)))
        line:fill(list[1], 2, 4)
        assert.equal(4, line:count(list[1]))
        if format ~= "T{<h:x:B:y:}" then
          assert.same({ list[1], list[1], list[1], list[1], table.unpack(list, 5) }, { line:unpack() })
          assert.same({ line:unpack() }, { table.unpack(line) })
          table.sort(line, function(a, b) return a > b end)
          assert.same({ list[7], list[6], list[5], list[1], list[1], list[1], list[1] }, line:tolist())
        end
      end
    end
  end)

  it("is sliced as the model is", function()
    each(function(v, model, case)
      for _ = 1, 8 do
        local arguments, lists, refused, behind = {}, {}, false, nil
        for d, n in ipairs(case.shape) do
          local kind = random(4)
          if kind == 1 then
            arguments[d] = random(n)
            lists[d] = arguments[d]
            refused = refused or (behind and case.through[d])
            behind = behind ~= nil and (behind or case.through[d]) or nil
          else
            local step = ({ 1, 1, -1, 2, -2 })[random(5)]
            local i, j = random(-n, n), random(-n, n)
            arguments[d] = kind == 2 and {} or { i, j, step }
            lists[d] = kind == 2 and positions(n) or positions(n, i, j, step)
            behind = case.through[d] or false
          end
        end
        if refused then
          raises("follows pointers", v.slice, v, table.unpack(arguments, 1, #case.shape))
        else
          local function pick(t, d)
            if d > #case.shape then return t end
            if math.type(lists[d]) then return pick(t[lists[d]], d + 1) end
            local list = {}
            for k, p in ipairs(lists[d]) do list[k] = pick(t[p], d + 1) end
            return list
          end
          local part = v:slice(table.unpack(arguments, 1, #case.shape))
          assert.same(pick(model, 1), part:tolist())
          local plain = memview.array(case.format, model):slice(table.unpack(arguments, 1, #case.shape))
          assert.same(plain.shape, part.shape)
          assert.is_true(part:equals(plain))
          if part.nbytes > 0 and part.ndim > 0 then
            plain:copyfrom(plain:sub(-1, 1, -1))
            part:copyfrom(part:sub(-1, 1, -1))
            assert.same(plain:tolist(), part:tolist())
            assert.equal(plain:tobytes(), part:tobytes())
            shows(part, plain:tolist(), case)
            part:copyfrom(plain:sub(-1, 1, -1))
          end
        end
      end
      shows(v, model, case)
    end)
  end)

  it("has parts by sub, which are views of the same memory", function()
    each(function(v, model, case)
      local n = case.shape[1]
      for _, step in ipairs { 1, 2, -1, -3, math.maxinteger, math.mininteger + 1 } do
        for i = -n, n do
          local list = {}
          for k, p in ipairs(positions(n, i, nil, step)) do list[k] = model[p] end
          assert.same(list, v:sub(i, nil, step):tolist())
        end
      end
      local new = others(case)
      v:sub(-1)[1] = new[n]
      model[n] = new[n]
      shows(v, model, case)
    end)
  end)

  it("has fields that are views", function()
    each(function(v, model, case)
      if not isrecord(case) then return end
      for _, name in ipairs { "x", "y" } do
        local field = v:field(name)
        local list = indirect.table(case.shape, function(...) return indirect.at(model, ...)[name] end)
        assert.same(list, field:tolist())
        assert.is_true(field:equals(memview.array("i", list)))
        field:fill(9)
        indirect.each(case.shape, function(...) indirect.at(model, ...)[name] = 9 end)
        shows(v, model, case)
      end
    end)
  end)

  it("makes copies that follow none", function()
    each(function(v, model, case)
      for _, w in ipairs { v:clone(), v:tocontiguous(), v:tocontiguous("F"), memview.tocontiguous(v, "A") } do
        assert.is_nil(w.suboffsets)
        assert.is_true(w.contiguous)
        assert.same(model, w:tolist())
        assert.is_true(w:equals(v))
      end
      assert.is_true(v:tocontiguous("F").f_contiguous)
      local w = v:toreadonly()
      assert.same(v.suboffsets, w.suboffsets)
      shows(w, model, case)
      raises("view is read-only", w.fill, w, indirect.value(case.format, 1))
    end)
  end)

  it("casts its last dimension, where that is contiguous", function()
    each(function(v, model, case)
      local n = #case.shape
      if case.through[n] or (case.flip[n] and case.shape[n] > 1) then
        raises("not contiguous", v.cast, v, "B")
        return
      end
      local bytes = v:cast "B"
      assert.same(v.suboffsets, bytes.suboffsets)
      assert.equal(case.shape[n] * v.itemsize, bytes.shape[n])
      assert.equal(v:tobytes(), bytes:tobytes())
      shows(bytes:cast(case.format), model, case)
      if case.shape[n] * v.itemsize % 2 == 1 then raises("not a whole number of items", v.cast, v, "H") end
    end)
  end)

  it("swaps bytes as a plain view does", function()
    each(function(v, model, case)
      local plain = memview.array(case.format, model):byteswap()
      assert.same(plain:tolist(), v:byteswap():tolist())
      shows(v:byteswap(), model, case)
    end)
  end)

  it("is written to files and read from them", function()
    each(function(v, model, case)
      local file <close> = assert(io.tmpfile())
      local bytes = indirect.bytes(case, model)
      assert.equal(#bytes, v:writeto(file))
      file:seek "set"
      assert.equal(bytes, file:read "a")
      v:fill(indirect.value(case.format, 99))
      file:seek "set"
      assert.equal(#bytes, v:readfrom(file))
      shows(v, model, case)
    end)
  end)

  it("refuses what needs plain strides, and says so", function()
    each(function(v, _, case)
      raises("pointers", v.transpose, v)
      raises("not contiguous", v.reshape, v, -1)
      raises("not contiguous", v.cast, v, "B", { v.nbytes })
      if case.format == "B" then
        assert.is_false(pcall(v.find, v, "x"))
        assert.is_false(pcall(v.getbits, v, 0, 1) and case.through[#case.shape])
      end
      raises("not contiguous", memview.struct.unpack_from, "B", v, 1)
    end)
  end)

  it("is released by revoke, with its rows behind the pointers", function()
    each(function(_, _, case)
      local v, _, id = indirect.make(capi, case)
      local parts = { v, v:sub(1), v:toreadonly() }
      if #case.shape > 1 then
        parts[#parts + 1] = v[1]
        parts[#parts + 1] = v[1]:sub(1)
      end
      assert.equal(0, capi.revoke(id))
      assert.equal(1, capi.calls(id))
      for _, w in ipairs(parts) do
        assert.is_true(w.released)
        raises(engine.released, w.tolist, w)
        raises(engine.released, function() return w[1] end)
      end
    end)
  end)
end)
