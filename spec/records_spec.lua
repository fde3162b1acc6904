-- Live records: an item of several members, or of named ones, reads and writes as a View of that one record.
local memview = require "memview"
local helpers = require "helpers"
local model = require "model"
local recordmodel = require "recordmodel"
local recordtools = require "recordtools"

local raises, expect = helpers.raises, model.expect

local vertex, vertices = recordtools.vertex, recordtools.vertices

-- A view of n random records of a type, and the values of each. Padding is random too.
local function somerecords(random, type, n)
  local values, parts = {}, {}
  for i = 1, n do
    values[i] = recordmodel.values(random, type)
    parts[i] = recordmodel.encode(type, values[i], recordmodel.bytes(random, type.size))
  end
  return memview.buffer(table.concat(parts)):view():cast(recordmodel.format(type)), values
end

-- Calls check(view, values, type) for random types and a view of n records of each; errors say the format.
local function eachtype(seed, count, n, check)
  local random = helpers.random(seed)
  for _ = 1, count do
    local type = recordmodel.random(random, {})
    local v, values = somerecords(random, type, n)
    local ok, message = pcall(check, v, values, type, random)
    if not ok then error(("%s: %s"):format(recordmodel.format(type), message), 0) end
  end
end

local readvalue

-- A record through pairs, rec[name] and rec[position], which must agree: what tolist() should give.
local function readrecord(rec)
  local list, position = {}, 0
  for key, x in pairs(rec) do
    position = position + 1
    list[key] = readvalue(x)
    expect(readvalue(rec[key]), list[key], "by key", key)
    expect(readvalue(rec[position]), list[key], "by position", position)
    expect(readvalue(rec[position - #rec - 1]), list[key], "from the end", position)
  end
  expect(position, #rec, "steps of pairs")
  return list
end

function readvalue(x)
  if memview.type(x) ~= "view" then return x end
  if memview.ndim(x) == 0 then return readrecord(x) end
  local list = {}
  for i = 1, #x do list[i] = readvalue(x[i]) end
  return list
end

-- The scalars of a record type, in the order of its values, as the keys that lead to each.
local function paths(type)
  local list, keys = {}, {}
  local visit

  local function step(key, rest)
    keys[#keys + 1] = key
    rest()
    keys[#keys] = nil
  end

  local function array(shape, d, element)
    if d > #shape then return visit(element) end
    for i = 1, shape[d] do step(i, function() array(shape, d + 1, element) end) end
  end

  function visit(t)
    if t.letter then
      list[#list + 1] = { table.unpack(keys) }
      return
    end
    for position = 1, t.values do
      local key, m = recordmodel.key(t, position)
      step(key, function()
        if m.shape then array(m.shape, 1, m.type) else visit(m.type) end
      end)
    end
  end

  visit(type)
  return list
end

-- The value that holds the last key of a path, and that key.
local function follow(x, path)
  for k = 1, #path - 1 do x = x[path[k]] end
  return x, path[#path]
end

describe("reading a record", function()
  it("gives members by name; arrays and records in it as views", function()
    local rec = vertices()[2]
    assert.are.same({ 2, "tag2", 0.5, 2.0 }, { rec.id, rec.tag, rec.uv.u, rec.uv.v })
    assert.are.same({ 2, -2, 200 }, { rec.pos[1], rec.pos[2], rec.pos[3] })
    assert.are.same({ 2, 300, 402 }, { rec.skin[1].bone, rec.skin[1].weight, rec.skin[2].weight })
    assert.are.same({ 0, 1, { 3 }, "<h" }, { rec.uv.ndim, rec.pos.ndim, rec.pos.shape, rec.pos.format })
  end)

  it("gives members by position, from either end, and nil outside", function()
    local rec = vertices()[1]
    assert.are.same({ 1, "tag1", "tag1", 0.5, 1 }, { rec[2], rec[5], rec[-1], rec[3][1], rec[2.0] })
    for _, outside in ipairs { 0, 6, -6, math.maxinteger, math.mininteger } do assert.is_nil(rec[outside]) end
    local n = 0
    for i, x in ipairs(rec) do
      n = i
      expect(readvalue(x), readvalue(rec[i]), "ipairs at", i)
    end
    assert.are.equal(5, n)
  end)

  it("raises for a position without an integer value", function()
    local rec = vertices()[1]
    for _, key in ipairs { 1.5, 1e300, math.huge } do
      raises("number has no integer representation", function() return rec[key] end)
    end
  end)

  it("counts arrays and nested records as one position each, padding as none", function()
    local counts = {
      [vertex] = 5, ["<HHf"] = 3, ["2H"] = 2, ["3HxB"] = 4, ["T{3H}"] = 3, ["T{3H:v:}"] = 1, ["T{(3)H}"] = 1,
      ["xT{2H}x"] = 2, ["2xHx3Bx"] = 4, ["T{<H:a:x(2,2)f:m:0B}"] = 2, ["2T{H:a:}"] = 2, ["3s2c4p"] = 4,
    }
    for format, n in pairs(counts) do
      local rec = memview.zeros(format, 1)[1]
      assert.are.equal(n, #rec, format)
      assert.are.equal(n, select("#", rec:unpack()), format)
    end
  end)

  it("equals a model for random formats, by every way to read", function()
    eachtype(301, 250, 2, function(v, values, type)
      for i = 1, 2 do
        local want = recordmodel.list(type, values[i])
        expect(readvalue(v[i]), want, "fields")
        expect(readvalue(v:get(i)), want, "get")
        expect(memview.tolist(v[i]), want, "tolist of the record")
        expect(v:tolist(i, i), { want }, "tolist of the view")
        expect(#v[i], type.values, "length")
      end
    end)
  end)

  it("unpacks the values in order, or those of a range", function()
    eachtype(302, 100, 1, function(v, _, type, random)
      local all, n = table.pack(memview.unpack(v[1])), type.values
      expect(all.n, n, "results")
      for position = 1, n do expect(readvalue(all[position]), readvalue(v[1][position]), position) end
      local range = model.randomrange(random, n)
      local part = table.pack(memview.unpack(v[1], range[1], range[2]))
      local positions = model.positions(n, range[1], range[2])
      expect(part.n, #positions, "results of", range)
      for k, p in ipairs(positions) do expect(readvalue(part[k]), readvalue(all[p]), range, k) end
    end)
  end)

  it("works with thousands of members, and deep nesting", function()
    local parts, names = {}, {}
    for k = 1, 3000 do
      names[k] = ("n"):rep(k % 17) .. k
      parts[k] = "H:" .. names[k] .. ":"
    end
    local rec = memview.zeros("T{" .. table.concat(parts) .. "}", 1)[1]
    for k, name in ipairs(names) do rec[name] = k end
    for k, name in ipairs(names) do assert.are.same({ k, k }, { rec[name], rec[k] }) end
    local deep = memview.zeros(("T{"):rep(60) .. "<H:x:" .. ("}:n:"):rep(59) .. "}", 1)[1]
    local innermost = deep
    for _ = 1, 59 do innermost = innermost.n end
    innermost.x = 515
    assert.are.equal("\3\2", deep:tobytes())
    local list = deep:tolist()
    for _ = 1, 59 do list = list.n end
    assert.are.same({ x = 515 }, list)
  end)
end)

describe("pairs(rec)", function()
  it("goes in the order of the layout, by position where there is no name", function()
    local keys = {}
    for key in pairs(memview.zeros("T{<B:z:xH:a:2BH:m:T{B}f:b:}", 1)[1]) do keys[#keys + 1] = key end
    assert.are.same({ "z", "a", 3, 4, "m", 6, "b" }, keys)
  end)

  it("sees writes made on the way, and ends by an error where the record is released", function()
    local rec = memview.zeros("T{B:a:B:b:B:c:}", 1)[1]
    local got = {}
    for key, x in pairs(rec) do
      got[#got + 1] = x
      for later in pairs(rec) do rec[later] = #got end
      assert.are.equal(#got, rec[key])
    end
    assert.are.same({ 0, 1, 2 }, got)
    raises("released view", function()
      for _ in pairs(rec) do rec:release() end
    end)
  end)

  it("gives loops of their own to two loops over one record", function()
    local rec, seen = vertices()[1], 0
    for outer in pairs(rec) do
      for inner in pairs(rec) do seen = seen + (outer == inner and 1 or 0) end
    end
    assert.are.equal(5, seen)
  end)
end)

describe("writing a member", function()
  it("changes its bytes and no others, for random formats", function()
    eachtype(303, 150, 2, function(v, values, type, random)
      local all, cells = v:tobytes(), recordmodel.cells(type)
      for k, path in ipairs(paths(type)) do
        values[2][k] = recordmodel.value(random, cells[k].type)
        local container, key = follow(v[2], path)
        container[key] = values[2][k]
        local want = recordmodel.encode(type, values[2], v:tobytes(2, 2))
        expect(v:tobytes(), all:sub(1, type.size) .. want, "bytes after", path)
        expect(container[key], values[2][k], "value of", path)
      end
    end)
  end)

  it("takes a position, also from the end", function()
    local rec = memview.zeros("<H3Bx4s", 1)[1]
    rec[1], rec[-1], rec[4.0], rec[-4] = 258, "end", 7, 9
    assert.are.equal("\2\1\9\0\7\0end\0", rec:tobytes())
  end)

  it("raises and leaves all where the value does not fit", function()
    local v = vertices()
    local before = v:tobytes()
    local rec = v[1]
    raises("256 does not fit '<B' (0 to 255)", function() rec.id = 256 end)
    raises("integer expected for '<B', got string", function() rec.id = "1" end)
    raises("40000 does not fit '<h' (-32768 to 32767)", function() rec.pos[2] = 40000 end)
    raises("string of 5 bytes does not fit '<4s' (at most 4)", function() rec.tag = "12345" end)
    raises("number expected for '<f', got boolean", function() rec.uv.u = true end)
    raises("1.5 has no integer value", function() rec.skin[2].weight = 1.5 end)
    raises("<H", function() rec.skin[2].weight = nil end)
    assert.are.equal(before, v:tobytes())
  end)

  it("raises for a position outside", function()
    local v = memview.zeros("<HHf", 1)
    for _, outside in ipairs { 0, 4, -4, 1.5, math.maxinteger } do
      raises("no field", function() v[1][outside] = 1 end)
    end
  end)

  it("fills an array member from a table, a view or bytes", function()
    local v = vertices()
    local rec = v[1]
    rec.pos = { 7, 8, 9 }
    assert.are.same({ 7, 8, 9 }, rec.pos:tolist())
    rec.pos = memview.array(">d", { -1, -2, -3 })
    assert.are.same({ -1, -2, -3 }, rec.pos:tolist())
    rec.pos = rec.pos:sub(-1, 1, -1)
    assert.are.same({ -3, -2, -1 }, rec.pos:tolist())
    rec.skin = { { 1, 2 }, { weight = 4, bone = 3 } }
    assert.are.same({ { bone = 1, weight = 2 }, { bone = 3, weight = 4 } }, rec.skin:tolist())
    rec.skin = v[2].skin
    assert.are.same({ { bone = 2, weight = 300 }, { bone = 9, weight = 402 } }, rec.skin:tolist())
    local bytes = memview.zeros("T{(2,2)B:m:}", 1)[1]
    bytes.m = "abcd"
    assert.are.same({ { 97, 98 }, { 99, 100 } }, bytes.m:tolist())
  end)

  it("refuses another shape, and writes nothing of an array with a wrong item", function()
    local v = vertices()
    local before = v:tobytes()
    local rec = v[1]
    raises("3 items expected, got 2", function() rec.pos = { 1, 2 } end)
    raises("3 items expected, got 4", function() rec.pos = { 1, 2, 3, 4 } end)
    raises("2 items expected in row skin, got 3", function() v[1] = { skin = { {}, {}, {} } } end)
    raises("shape {3} expected, got {2}", function() rec.pos = memview.zeros("h", 2) end)
    raises("does not fit '<h'", function() rec.pos = { 7, 8, 99999 } end)
    raises("does not fit '<h'", function() rec.pos = memview.array("d", { 7, 8, 99999 }) end)
    raises("does not fit '<H'", function() rec.skin = { { 5, 6 }, { 7, -8 } } end)
    raises("bytes do not fill items of '<h'", function() rec.pos = "123456" end)
    assert.is_false(pcall(function() rec.pos = 1 end))
    assert.is_false(pcall(function() rec.pos = nil end))
    assert.are.equal(before, v:tobytes())
  end)

  it("writes the members that a table names of a nested record", function()
    local rec = vertices()[1]
    rec.uv = { v = 8 }
    assert.are.same({ u = 0.5, v = 8.0 }, rec.uv:tolist())
    rec.uv = { 4 }
    assert.are.same({ u = 4.0, v = 8.0 }, rec.uv:tolist())
    rec.skin[2] = { weight = 1 }
    assert.are.same({ bone = 9, weight = 1 }, rec.skin[2]:tolist())
    rec.skin[1] = rec.skin[2]
    assert.are.same({ bone = 9, weight = 1 }, rec.skin[1]:tolist())
    rec.uv = vertices()[2].uv
    assert.are.same({ u = 0.5, v = 2.0 }, rec.uv:tolist())
  end)
end)

describe("writing a whole record", function()
  -- The list with some members, at any depth, left out: what is left names what to write.
  local function thin(random, type, list)
    local part = {}
    for position = 1, type.values do
      local key, m = recordmodel.key(type, position)
      local nested = not m.type.letter and not m.shape
      if random(3) > 1 then part[key] = nested and thin(random, m.type, list[key]) or list[key] end
    end
    return part
  end

  -- `part` put over `list`.
  local function merge(type, list, part)
    local all = {}
    for position = 1, type.values do
      local key, m = recordmodel.key(type, position)
      all[key] = list[key]
      if part[key] ~= nil then
        local nested = not m.type.letter and not m.shape
        all[key] = nested and merge(m.type, list[key], part[key]) or part[key]
      end
    end
    return all
  end

  it("takes what tolist gives, by [], set and copyfrom; padding stays", function()
    eachtype(304, 150, 2, function(v, _, type, random)
      for _, write in ipairs {
        function(list) v[2] = list end,
        function(list) v:set(2, list) end,
        function(list) v:copyfrom({ list }, 2) end,
        function(list) memview.copyfrom(v[2], list) end,
        function(list) memview.set(v[2], list) end,
        function(list) v:fill(list, 2, 2) end,
      } do
        local values, before = recordmodel.values(random, type), v:tobytes()
        write(recordmodel.list(type, values))
        local want = recordmodel.encode(type, values, before:sub(type.size + 1))
        expect(v:tobytes(), before:sub(1, type.size) .. want, "bytes")
      end
    end)
  end)

  it("leaves members that are not named, at any depth", function()
    eachtype(305, 400, 1, function(v, values, type, random)
      local old = recordmodel.list(type, values[1])
      local part = thin(random, type, recordmodel.list(type, recordmodel.values(random, type)))
      v[1] = part
      expect(memview.tolist(v[1]), merge(type, old, part), "after", part)
    end)
  end)

  it("takes positions in place of names", function()
    local v = memview.zeros("T{<H:x:xB:y:(2)B:v:T{H:z:}:n:}", 1)
    v[1] = { 258, [3] = { 5, 6 }, [4] = { 1 } }
    assert.are.equal("\2\1\0\0\5\6\1\0", v:tobytes())
    v[1] = { [-1] = { z = 2 }, y = 9 }
    assert.are.equal("\2\1\0\9\5\6\2\0", v:tobytes())
  end)

  it("takes a record: of the same format, or converted value by value", function()
    eachtype(306, 200, 2, function(v, values, type)
      v[1] = v[2]
      expect(memview.tolist(v[1]), recordmodel.list(type, values[2]), "same format")
    end)
    local narrow, wide = memview.zeros("T{<B:a:2h:v:}", 1), memview.zeros("T{>d:a:x(2)q:v:}", 1)
    wide[1] = { a = 200, v = { -3, 4 } }
    narrow[1] = wide[1]
    assert.are.same({ a = 200, v = { -3, 4 } }, narrow[1]:tolist())
    wide[1] = { a = 17, v = { 1, 40000 } }
    raises("40000 does not fit '<h'", function() narrow[1] = wide[1] end)
    assert.are.same({ a = 200, v = { -3, 4 } }, narrow[1]:tolist())
  end)

  it("writes nothing where any member is wrong, wherever it stands", function()
    eachtype(307, 300, 2, function(v, _, type, random)
      local before, all = v:tobytes(), paths(type)
      local list = recordmodel.list(type, recordmodel.values(random, type))
      local container, key = follow(list, all[random(#all)])
      container[key] = print             -- fits no scalar
      for _, write in ipairs {
        function() v[2] = list end, function() v:set(2, list) end, function() v:copyfrom { list, list } end,
        function() v:fill(list) end, function() v:copyfrom({ {}, list }, 1) end,
      } do
        expect(pcall(write), false, "wrong value accepted")
        expect(v:tobytes(), before, "bytes after a refusal")
      end
    end)
  end)

  it("says where in the table the wrong value is", function()
    local v = vertices()
    raises("tag", function() v[1] = { tag = 1 } end)
    raises("uv.v", function() v[1] = { uv = { v = "" } } end)
    raises("skin,2.weight", function() v[1] = { skin = { { 1, 2 }, { weight = -1 } } } end)
    raises("2.id", function() v:copyfrom { {}, { id = 300 } } end)
  end)

  it("refuses what is neither a table nor a record", function()
    local v = vertices()
    local before = v:tobytes()
    local size = v.itemsize
    for _, x in pairs { 1, true, "tag", ("x"):rep(size), memview "abc", memview.buffer(size), print } do
      assert.is_false(pcall(function() v[1] = x end))
    end
    assert.is_false(pcall(function() v[1] = nil end))
    assert.is_false(pcall(function() v[1] = v end))
    assert.is_false(pcall(function() v[1] = memview.zeros("<HHf", 1)[1] end))
    assert.are.equal(before, v:tobytes())
  end)
end)

describe("a name that is no member", function()
  it("raises when read or assigned, and the error lists the fields", function()
    local rec = vertices()[1]
    for _, name in ipairs { "colour", "", "Id", "id ", "pos.x", "uv\0", "2" } do
      raises("pos, id, uv, skin, tag", function() return rec[name] end)
      raises("pos, id, uv, skin, tag", function() rec[name] = 1 end)
    end
    raises("no field 'colour'", function() return rec.colour end)
    raises("no field 'weigth' (fields: bone, weight)", function() return rec.skin[1].weigth end)
    raises("1 to 3", function() return memview.zeros("<HHf", 1)[1].x end)
    for _, key in pairs { true, {}, print } do
      raises("no field", function() return rec[key] end)
      raises("no field", function() rec[key] = 1 end)
    end
  end)

  it("raises in a table that is written, and nothing is written", function()
    local v = vertices()
    local before = v:tobytes()
    raises("no field 'colour' (fields: pos, id, uv, skin, tag)", function() v[1] = { id = 9, colour = 1 } end)
    raises("no field 'w' (fields: u, v)", function() v[1] = { id = 9, uv = { u = 1, w = 1 } } end)
    raises("no field '6'", function() v[1] = { [6] = 1 } end)
    raises("no field '0'", function() v[1] = { [0] = 1 } end)
    raises("no field 'true'", function() v[1] = { [true] = 1 } end)
    raises("no field 'colour'", v.fill, v, { id = 9, colour = 1 })
    raises("no field 'colour'", v.copyfrom, v, { {}, { id = 9, colour = 1 } })
    raises("no field 'colour'", v.index, v, { colour = 1 })
    raises("no field 'colour'", v.count, v, { colour = 1 })
    raises("no field 'colour'", memview.array, vertex, { { colour = 1 } })
    assert.are.equal(before, v:tobytes())
  end)

  it("does not turn attributes or methods into fields", function()
    local rec = vertices()[1]
    assert.are.equal(0, rec.ndim)
    assert.are.equal("function", type(rec.tobytes))
    raises("no field 'format'", function() rec.format = "B" end)
    raises("no field 'tolist'", function() rec.tolist = print end)
  end)
end)

describe("fields that hide attributes and methods", function()
  local probe = memview.zeros("B", 1)
  local names = {}
  for name, f in pairs(memview) do
    if type(f) == "function" and type(name) == "string" and probe[name] ~= nil or name == "suboffsets" then
      names[#names + 1] = name
    end
  end
  table.sort(names)

  -- A record whose fields have those names, and one with the same bytes and no names.
  local function twins()
    local parts = {}
    for k, name in ipairs(names) do parts[k] = "B:" .. name .. ":" end
    local v = memview.zeros("T{" .. table.concat(parts) .. "}", 1)
    for k = 1, #names do v[1][k] = k end
    return v[1], v:cast(#names .. "B")[1]
  end

  it("are all reached by name", function()
    assert.is_true(#names > 30, "names of methods and attributes")
    local rec = twins()
    for k, name in ipairs(names) do assert.are.equal(k, rec[name], name) end
    for k, name in ipairs(names) do rec[name] = 200 - k end
    for k, name in ipairs(names) do assert.are.equal(200 - k, rec[name], name) end
  end)

  it("leave the functions of the module, which do what they do for other records", function()
    local rec, plain = twins()
    for _, name in ipairs {
      "nbytes", "itemsize", "ndim", "shape", "strides", "suboffsets", "readonly", "contiguous",
      "c_contiguous", "f_contiguous", "released", "obj", "tobytes", "hex", "unpack",
    } do
      assert.are.same({ memview[name](plain) }, { memview[name](rec) }, name)
    end
    assert.are.equal("T{B:", memview.format(rec):sub(1, 4))
    assert.are.equal(#names, #memview.cast(rec, "B"))
    assert.are.equal(2, memview.field(rec, names[2]):get())
    assert.are.equal(2, memview.tolist(rec)[names[2]])
    assert.is_true(memview.equals(rec, memview.clone(rec)))
    assert.is_true(memview.readonly(memview.toreadonly(rec)))
    memview.copyfrom(rec, { get = 77 })
    assert.are.equal(77, rec.get)
    memview.release(rec)
    assert.is_true(memview.released(rec))
    raises("released view", function() return rec.released end)
    raises("released view", function() rec.tolist = 1 end)
  end)

  it("does not break the operators", function()
    local rec, plain = twins()
    assert.are.equal(#names, #rec)
    assert.are.equal("x" .. plain:tobytes(), "x" .. rec)
    assert.is_true(rec == memview.clone(rec))
    assert.is_truthy(tostring(rec):find("memview.View: ", 1, true))
    do
      local scope <close> = rec
      assert.is_false(memview.released(scope))
    end
    assert.is_true(memview.released(rec))
  end)
end)

describe("names with odd characters", function()
  local odd = {
    " ", "a b", "x.y", ".", "..", "1", "-1", "{", "}", "T{", "(2)", "<", "@", "\n", "\0", "a\0b", "a\0c",
    "\xff", "\u{e9}\u{4e2d}", "%s", "'", '"', "__index", "__gc", "nil", ("long"):rep(5000),
  }

  it("are names like any other", function()
    local parts = {}
    for k, name in ipairs(odd) do parts[k] = "<h:" .. name .. ":" end
    local format = "T{" .. table.concat(parts) .. "}"
    local v = memview.zeros(format, 2)
    local rec = v[2]
    for k, name in ipairs(odd) do rec[name] = -k end
    for k, name in ipairs(odd) do
      assert.are.equal(-k, rec[name])
      assert.are.same({ -k, -k }, { rec[k], rec:tolist()[name] })
      assert.are.same({ 0, -k }, v:field(name):tolist())
    end
    v[1] = v[2]:tolist()
    assert.is_true(v[1] == v[2])
    local again = memview.view(v):cast("B"):cast(v.format)
    assert.are.same(v:tolist(), again:tolist())
    raises("no field", function() return rec["\0\0"] end)
    raises("no field", function() return rec["a"] end)
  end)

  it("keep a name of digits apart from a position", function()
    local rec = memview.zeros("T{B:2:B:1:}", 1)[1]
    rec["1"], rec[1] = 7, 8
    assert.are.same({ 8, 7, 8, 7 }, { rec[1], rec[2], rec["2"], rec["1"] })
  end)
end)

describe("records of views with other dimensions", function()
  local format = "T{<H:a:T{B:b:}:n:}"

  it("are the items of an N-D view, through rows, get, slices and transposes", function()
    local m = memview.zeros(format, { 2, 3 })
    for i = 1, 2 do
      for j = 1, 3 do m[i][j] = { a = 10 * i + j, n = { b = i } } end
    end
    local t = m:transpose()
    for i = 1, 2 do
      for j = 1, 3 do
        assert.are.same({ 10 * i + j, 10 * i + j, 10 * i + j, i },
          { m[i][j].a, m:get(i, j).a, t[j][i].a, t:get(j, i).n.b })
      end
    end
    local back = m:slice({ -1, 1, -1 }, -1)
    assert.are.same({ 23, 13 }, { back[1].a, back[2].a })
    m:slice(1, 2).a = 99
    m:set(2, 2, { n = { b = 7 } })
    m[2] = { { a = 1 }, {}, { a = 3 } }
    local row = { { a = 1, n = { b = 2 } }, { a = 22, n = { b = 7 } }, { a = 3, n = { b = 2 } } }
    assert.are.same(row, m[2]:tolist())
    assert.are.equal(99, m[1][2].a)
    assert.is_nil(m.a)
    raises("cannot assign to 'a'", function() m.a = 1 end)
  end)

  it("are views of 0 dimensions themselves", function()
    local rec = memview.zeros(format, {})
    rec.a = 5
    rec.n.b = 6
    assert.are.same({ 5, 6, 2, 0 }, { rec.a, rec:get().n.b, #rec, #rec.shape })
    rec:set { a = 7 }
    rec:copyfrom { n = { b = 8 } }
    assert.are.same({ a = 7, n = { b = 8 } }, rec:tolist())
    assert.are.equal("\7\0\8", memview.view(rec):tobytes())
    assert.are.same({ 7, 0, 8 }, rec:cast("B"):tolist())
  end)

  it("keep dimensions of length 0 and 1 apart from records", function()
    local v = memview.zeros(format, 1)
    assert.are.equal(1, #v)
    assert.are.equal(2, #v[1])
    assert.is_nil(v.a)
    assert.is_nil(memview.zeros(format, 0)[1])
    raises("view is empty", function() memview.zeros(format, 0)[1] = { a = 1 } end)
    assert.are.equal("view", memview.type(v[-1]))
    raises("index 2 out of range (1 to 1)", function() v[2] = { a = 1 } end)
    raises("index 2 out of range (1 to 1)", v.get, v, 2)
  end)
end)

describe("scalars with padding", function()
  it("read and write as plain values, and leave the padding", function()
    local random = helpers.random(308)
    for _, format in ipairs { "xH", "Hx", "<2xH3x", "x3sx", "xc", "x4p", "0Bxi0B", ">xq", "x1B", "i0q" } do
      local size = memview.struct.calcsize(format)
      local bytes = recordmodel.bytes(random, 3 * size)
      local v = memview.buffer(bytes):view():cast(format)
      local first, last = v[1], v[3]
      assert.are_not.equal("userdata", type(first))
      v[2] = first
      assert.are.same({ first, first, last }, v:tolist(), format)
      assert.are.same({ first, first, last }, { v:unpack() }, format)
      assert.are.equal(bytes:sub(1, size), v:tobytes(1, 1))
      assert.are.equal(bytes:sub(2 * size + 1), v:tobytes(3))
      v:set(2, last)
      v:copyfrom({ last }, 1)
      assert.are.same({ last, last, last }, v:tolist(), format)
    end
  end)

  it("keep padding where values are written by one, from a table, and by fill", function()
    local b = memview.buffer(("\xA5"):rep(12))
    local v = b:view():cast("<xHx")
    v[1], v[2] = 1, 2
    v:copyfrom({ 3 }, 3)
    assert.are.equal("\xA5\1\0\xA5\xA5\2\0\xA5\xA5\3\0\xA5", b:tobytes())
    v:copyfrom { 4, 5, 6 }
    v:copyfrom(memview.array("d", { 7, 8, 9 }))
    assert.are.equal("\xA5\7\0\xA5\xA5\8\0\xA5\xA5\9\0\xA5", b:tobytes())
  end)

  it("are records with padding around them where the value is one", function()
    local b = memview.buffer(("\xA5"):rep(12))
    local v = b:view():cast("<xT{HB}")
    v[2] = { 1, 2 }
    assert.are.same({ 1, 2, 2 }, { v[2][1], v[2][2], #v[2] })
    assert.are.equal(("\xA5"):rep(5) .. "\1\0\2" .. ("\xA5"):rep(4), b:tobytes())
    v[1] = v[2]
    assert.are.equal("\xA5\1\0\2\xA5\1\0\2\xA5\xA5\xA5\xA5", b:tobytes())
  end)

  it("are that record where there is one of them", function()
    local b = memview.buffer "\xA5\1\0\2"
    for _, rec in ipairs { b:view():cast("<xT{H:a:B:b:}", {}), b:view():cast("<xT{H:a:B:b:}")[1] } do
      rec.a = rec.a + 1
      assert.are.same({ "<T{H:a:B:b:}", 2, 2 }, { rec.format, #rec, rec.b })
    end
    assert.are.equal("\xA5\3\0\2", b:tobytes())
  end)

  it("are the value of get() where it is a scalar and there is one of them", function()
    local v = memview.zeros("<xHx", {})
    v:set(500)
    assert.are.same({ 500, "\0\xF4\1\0" }, { v:get(), v:tobytes() })
    raises("view has 0 dimensions; get() reads it", function() return v[1] end)
  end)
end)

describe("tostring(rec)", function()
  it("gives the format and no dimensions", function()
    local rec = vertices()[1]
    assert.is_truthy(tostring(rec):match("^memview%.View: %S+ "))
    assert.are.equal(rec.format .. "[]", tostring(rec):match("^memview%.View: %S+ (.*)$"))
    local readonly = memview("12345678"):cast("<HHf")[1]
    assert.are.equal("<HHf[] read-only", tostring(readonly):match("^memview%.View: %S+ (.*)$"))
  end)
end)
