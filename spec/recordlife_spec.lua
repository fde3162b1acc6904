-- Records whose memory, format or source goes, or does something, while they are used.
local memview = require "memview"
local helpers = require "helpers"
local machine = require "machine"
local model = require "model"
local vertices = require "recordtools".vertices

local raises, expect = helpers.raises, model.expect

-- Fills the cache with other formats, so that only views hold theirs.
local function dropformats()
  for k = 1, 600 do memview.struct.calcsize("B" .. ("x"):rep(k)) end
  helpers.collect()
end

describe("a record's lifetime", function()
  it("ends by release, for it alone", function()
    local v = vertices()
    local rec = v[2]
    local pos, uv = rec.pos, rec.uv
    v:release()
    assert.are.same({ 2, "tag2" }, { rec.id, rec.tag })
    rec:release()
    rec:release()
    assert.is_true(rec.released)
    assert.are.equal("memview.View: (released)", tostring(rec))
    for _, use in ipairs {
      function() return rec.id end, function() return rec.uv end, function() return rec.nosuch end,
      function() return rec[1] end, function() return rec[9] end, function() return rec.format end,
      function() rec.id = 1 end, function() rec.nosuch = 1 end, function() rec.uv = { u = 1 } end,
      function() return #rec end, function() return pairs(rec) end, function() return rec:unpack() end,
      function() return rec:tolist() end, function() return rec:field "id" end,
      function() return rec:tobytes() end, function() vertices()[1] = rec end,
    } do
      raises("attempt to use a released view", use)
    end
    assert.are.same({ 2, -2, 200 }, pos:tolist())
    assert.are.equal(2.0, uv.v)
  end)

  it("leaves nothing to look at when it is over, whatever is asked for", function()
    for k = 1, 6 do
      local rec = memview.zeros(("T{B:field%d:T{H:x:}:n:}"):format(k), 1)[1]
      local iterate, state = pairs(rec)
      rec:release()
      dropformats()
      assert.is_true(rec.released)
      assert.are.equal("function", type(rec.tolist))
      for _, use in ipairs {
        function() return rec["field" .. k] end, function() rec.n = {} end, function() return rec.nosuch end,
        function() return rec[1] end, function() return #rec end, function() return iterate(state) end,
        function() return rec:field "n" end, function() return rec:index {} end,
      } do
        raises("attempt to use a released view", use)
      end
    end
  end)

  it("may end by a finalizer while it is read", function()
    local parts = {}
    for k = 1, 150 do parts[k] = ("40s:n%d:T{B:a%d:}:m%d:"):format(k, k, k) end
    local format = "T{" .. table.concat(parts) .. "}"
    for round = 1, 12 do
      local rec = memview.zeros(format, 1)[1]
      dropformats()
      setmetatable({}, { __gc = function() rec:release() end })
      local pause, multiplier = machine.pace(10, 400)
      local ok, message = pcall(function()
        if round % 3 == 0 then return rec:tolist() end
        if round % 3 == 1 then return rec:unpack() end
        for _ in pairs(rec) do end
      end)
      machine.pace(pause, multiplier)
      if not ok then raises("released view", error, message) end
    end
  end)

  it("pins a Buffer, and so do the views of its members", function()
    local b = memview.buffer(64)
    local pos
    do
      local v <close> = b:view():cast("T{3H:pos:2x}")
      local rec <close> = v[8]
      raises("2 views are live", b.resize, b, 10)
      pos = rec.pos
    end
    raises("1 view is live", b.resize, b, 10)
    pos[3] = 258
    pos:release()
    b:resize(64)
    assert.are.equal(string.pack("=I2", 258) .. "\0\0", b:tobytes(61))
  end)

  it("is over when the Buffer is closed and the last view gone", function()
    local b = memview.buffer(8)
    local rec = b:view():cast("<II")[1]
    raises("view is live", b.release, b)
    rec[2] = 5
    assert.are.equal("\0\0\0\0\5\0\0\0", b:tobytes())
  end)

  it("keeps memory and format while only a nested member is held", function()
    local kept = {}
    for k = 1, 40 do
      local name = "field" .. k
      local v = memview.zeros(("T{x<H:head:T{(3)T{<I:%s:d:w:}:list:}:deep:}"):format(name), 3)
      v[3] = { deep = { list = { {}, { k }, { k * 1000 } } } }
      kept[k] = { member = v[3].deep.list[3], list = v[3].deep.list, name = name }
    end
    dropformats()
    local garbage = {}                 -- in the place of what was freed
    for k = 1, 200 do garbage[k] = ("\xff"):rep(100 + k) end
    assert.are.equal(200, #garbage)
    for k, x in ipairs(kept) do
      assert.are.same({ k * 1000, k }, { x.member[x.name], x.list[2][x.name] })
      assert.are.same({ [x.name] = k * 1000, w = 0.0 }, x.member:tolist())
      raises("(fields: " .. x.name .. ", w)", function() return x.member.head end)
    end
  end)

  it("keeps a string alive, and never writes it", function()
    local rec
    do
      local text = ("\1\2\3\4"):rep(1000)
      rec = memview(text):cast("T{<H:a:T{B:b:}:n:(1)B:v:}")[500]
    end
    helpers.collect()
    assert.are.same({ 513, 3, 4 }, { rec.a, rec.n.b, rec.v[1] })
    for _, write in ipairs {
      function() rec.a = 1 end, function() rec[1] = 1 end, function() rec.n = {} end,
      function() rec.n.b = 1 end, function() rec.v = { 1 } end, function() rec.v[1] = 1 end,
      function() rec:copyfrom {} end, function() rec:set {} end, function() rec:fill {} end,
      function() rec:byteswap() end,
    } do
      raises("view is read-only", write)
    end
    assert.is_true(rec.readonly and rec.n.readonly and rec.v.readonly)
    raises("view is read-only", function() vertices():toreadonly()[1] = {} end)
    raises("view is read-only", function() vertices():toreadonly()[1].id = 1 end)
    assert.are.same({ 513, 3, 4 }, { rec.a, rec.n.b, rec.v[1] })
  end)

  it("reads and writes in coroutines and finalizers", function()
    local v = vertices()
    local step = coroutine.wrap(function()
      for key, x in pairs(v[1]) do coroutine.yield(key, x) end
    end)
    local keys = {}
    for key, x in step do keys[#keys + 1] = key .. ":" .. (memview.type(x) or tostring(x)) end
    assert.are.equal("pos:view id:1 uv:view skin:view tag:tag1", table.concat(keys, " "))
    local seen = {}
    for i = 1, 50 do
      setmetatable({ rec = v[2] }, { __gc = function(object)
        object.rec.id = i
        v[1] = object.rec:tolist()
        seen[i] = object.rec.uv.v
      end })
    end
    helpers.collect()
    for i = 1, 50 do assert.are.equal(2.0, seen[i]) end
    assert.are.equal(v[1].id, v[2].id)
  end)
end)

describe("tables with metamethods", function()
  it("are read through __index and __len for arrays, but by their own members for records", function()
    local rec = vertices()[1]
    local function proxy(list)
      return setmetatable({}, { __index = list, __len = function() return #list end })
    end
    rec.pos = proxy { 4, 5, 6 }
    rec.skin = proxy { proxy { bone = 1 }, { bone = 2 } }
    assert.are.same({ 4, 5, 6 }, rec.pos:tolist())
    assert.are.same({ { bone = 1, weight = 300 }, { bone = 2, weight = 401 } }, rec.skin:tolist())
  end)

  it("cannot free or move what is being written", function()
    for _, name in ipairs { "__index", "__len" } do
      local v = vertices()
      local rec = v[1]
      local trap = setmetatable({}, { [name] = function()
        rec:release()
        return name == "__len" and 3 or 1
      end, [name == "__len" and "__index" or "__len"] = function() return 3 end })
      local before = v:tobytes()
      raises("released view", function() rec.pos = trap end)
      assert.are.equal(before, v:tobytes())
      rec = v
      raises("released view", function() v[1] = { id = 9, pos = trap } end)
    end
  end)

  it("may resize the Buffer under a record that they release: an error, no crash", function()
    local b = memview.buffer(64)
    local rec = b:view():cast("T{6s:a:2B:v:}")[8]
    local trap = setmetatable({}, { __buffer = function()
      rec:release()
      b:resize(0)
      return "x"
    end })
    raises("released view", function() rec.a = trap end)
    assert.are.equal(0, #b)
  end)

  it("may release a record while an error names its fields", function()
    local v = memview.zeros("T{B:first:B:second:}", 1)
    local rec = v[1]
    local key = setmetatable({}, { __tostring = function()
      rec:release()
      v:release()
      dropformats()
      return "odd"
    end })
    raises("no field 'odd' (fields: first, second)", function() return rec[key] end)
    raises("released view", function() return rec[key] end)
  end)

  it("may be deep, and write again while they are read: an error in the end, no crash", function()
    local code = [[
      local memview = require "memview"
      local ones = "(" .. ("1,"):rep(DIMENSIONS - 1) .. "1)"
      local format = "T{" .. ones .. "s:a:}"
      for _ = 1, LEVELS do format = "T{" .. ones .. format .. ":a:}" end
      local ok, v = pcall(memview.zeros, format, 1)
      if not ok then return print "done" end
      local list
      list = setmetatable({}, { __buffer = function()
        v[1] = list
        return "x"
      end })
      for _ = 0, LEVELS do
        for _ = 1, DIMENSIONS do list = { list } end
        list = { a = list }
      end
      if pcall(function() v[1] = list end) then error "no end, no error" end
      print "done"
    ]]
    for _, case in ipairs { { 1, 0 }, { 64, 0 }, { 3, 20 }, { 64, 1 }, { 64, 62 } } do
      local output = helpers.run(code:gsub("DIMENSIONS", case[1]):gsub("LEVELS", case[2]))
      expect(output, "done\n", "output for dimensions, levels", case)
    end
  end)

  it("may change the table that is being written", function()
    local v = vertices()
    local list = {}
    list.tag = setmetatable({}, { __buffer = function()
      list.tag, list.id = nil, nil
      collectgarbage()
      return "ok"
    end })
    list.id, list.pos = 3, { 1, 2, 3 }
    local ok = pcall(function() v[1] = list end)
    assert.are.equal(ok and "ok\0\0" or "tag1", v[1].tag)
  end)
end)

describe("values without bytes", function()
  it("are arrays of no items and records of no values", function()
    local v = memview.zeros("T{<0H:none:B:b:(2,0)f:grid:T{3x}:gap:0s:text:(0)T{H:x:}:list:}", 2)
    local rec = v[2]
    assert.are.same({ 6, 4 }, { #rec, v.itemsize })
    assert.are.same({ { 0 }, { 2, 0 }, { 0 } }, { rec.none.shape, rec.grid.shape, rec.list.shape })
    assert.are.same({ 0, 0, "", {} }, { #rec.gap, select("#", rec.gap:unpack()), rec.text, rec.gap:tolist() })
    for key in pairs(rec.gap) do error(key) end
    raises("no field", function() return rec.gap.x end)
    v[2] = { none = {}, b = 5, grid = { {}, {} }, gap = {}, text = "", list = {} }
    rec.gap = v[1].gap
    assert.are.same({ none = {}, b = 5, grid = { {}, {} }, gap = {}, text = "", list = {} }, rec:tolist())
    raises("'<0s' (at most 0)", function() rec.text = "x" end)
    raises("no field", function() rec.gap = { 1 } end)
    assert.are.same({ 2, 2, 0 }, v:field("grid").shape)
    assert.are.equal("\0\0\0\0\5\0\0\0", v:tobytes())
  end)
end)

describe("an object that gives a record by __buffer", function()
  local recs = memview.zeros("T{<H:a:H:b:}", 3)
  local one = memview.zeros("T{<H:a:H:b:}", 1)[1]
  local object = setmetatable({}, { __buffer = function() return one end })
  one.a, one.b = 1, 2

  it("is searched for as that record", function()
    recs:fill { a = 0, b = 0 }
    recs[2] = one
    assert.are.same({ 2, 1 }, { recs:index(object), recs:count(object) })
  end)

  it("is written as that record, also from a list, and by fill", function()
    recs:copyfrom { object, { a = 9 }, object }
    assert.are.same({ { a = 1, b = 2 }, { a = 9, b = 2 }, { a = 1, b = 2 } }, recs:tolist())
    one.b = 7
    recs:fill(object)
    assert.are.equal(3, recs:field("b"):count(7))
  end)
end)
