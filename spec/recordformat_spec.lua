-- memview.record: the text it writes, where it puts members, what it refuses. How "@" lays a struct out is
-- what the C compiler says; the rest is sums, and string.pack.
local memview = require "memview"
local helpers = require "helpers"
local machine = require "machine"
local model = require "model"
local raises, expect = helpers.raises, model.expect
local record, struct = memview.record, memview.struct

local random, seed = helpers.random(3001)
local function case(n) return ("case %d of seed %d"):format(n, seed) end
local function pick(list) return list[random(#list)] end

local ORDERS = {"@", "=", "<", ">", "!"}

--- Two memories of n bytes: the first has the low bytes of their offsets, the second the high ones.
local rulers = setmetatable({}, {__index = function(made, n)
  local low, high = {}, {}
  for i = 0, n - 1 do low[i + 1], high[i + 1] = string.char(i & 255), string.char(i >> 8) end
  made[n] = {table.concat(low), table.concat(high)}
  return made[n]
end})

--- The offset and the number of bytes of a member (a path) of one record.
local function placeof(format, path)
  local ruler = rulers[struct.calcsize(format)]
  local low = memview(ruler[1]):cast(format):field(path):tobytes()
  local high = memview(ruler[2]):cast(format):field(path):tobytes()
  return low:byte() | high:byte() << 8, #low
end

local function countof(count)
  return model.count(type(count) == "table" and count or {count})
end

-- Types with what string.pack calls them and a value.
local TYPES = {
  {"u8", "B", 200}, {"i8", "b", -3}, {"B", "B", 7}, {"b", "b", -7}, {"u16", "I2", 513}, {"h", "i2", -2},
  {"u32", "I4", 77777}, {"i", "i4", -9}, {"u64", "i8", -1}, {"q", "i8", 1 << 40}, {"f32", "f", 0.5},
  {"d", "d", 0.1}, {"5s", "c5", "abcde"}, {"char", "c1", "x"}, {"f64", "d", -2.5}, {"3s", "c3", "xyz"},
}

--- Random fields; what string.pack calls their values, without an order; the values in one sequence.
local function randomfields()
  local fields, pack, values = {}, "", {}
  for k = 1, random(6) do
    local type = pick(TYPES)
    local count = pick {false, false, random(3), {random(2), random(3)}} or nil
    fields[k] = {"f" .. k, type[1], count}
    for _ = 1, countof(count) do
      pack = pack .. type[2]
      values[#values + 1] = type[3]
    end
  end
  return fields, pack, values
end

describe("record()", function()
  it("returns readable text, with an order where one is needed", function()
    assert.equal("T{<f:x:f:y:f:z:}", record("<", {{"x", "f32"}, {"y", "f32"}, {"z", "f32"}}))
    assert.equal("T{>H:a:<H:b:>H:c:}", record("!", {{"a", "u16"}, {"b", "<u16"}, {"c", "u16"}}))
    assert.equal("T{B:a:3xI:b:H:c:2x}", record("@", {{"a", "u8"}, {"b", "u32"}, {"c", "u16"}}))
    assert.equal("T{<(4,4)f:m:8c:name:(2)8s:tags:}",
      record("<", {{"m", "f32", {4, 4}}, {"name", "char", 8}, {"tags", "8s", 2}}))
  end)

  it("returns the canonical text", function()
    for n = 1, 200 do
      local text = record(pick(ORDERS), (randomfields()))
      expect(memview.zeros(text, 0).format, text, case(n))
    end
  end)

  it("takes names, aliases and letters of any order as types", function()
    local texts = {
      "u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f16", "f32", "f64", "bool", "char", "b", "B",
      "h", "H", "i", "I", "l", "L", "q", "Q", "e", "f", "d", "?", "c", "s", "9s", "p", "4p", " H ",
    }
    for _, order in ipairs(ORDERS) do
      for _, text in ipairs(texts) do
        local want = memview.zeros(order .. text, 0).format
        expect(memview.zeros(record(order, {{"a", text}}), 0):field("a").format, want, order, text)
      end
    end
  end)

  it("takes types that name an order of their own", function()
    for _, order in ipairs(ORDERS) do
      for _, own in ipairs {"=", "<", ">", "!"} do
        local text = record(order, {{"x", "u8"}, {"a", own .. "u16"}, {"b", "u16"}})
        expect(memview.zeros(text, 0):field("a").format, memview.zeros(own .. "H", 0).format, order, own)
        expect(memview.zeros(text, 0):field("b").format, memview.zeros(order .. "H", 0).format, order, own)
        expect({placeof(text, "a")}, {1, 2}, order, own)
      end
    end
  end)

  it("aligns a member that says @, but not the whole", function()
    local text = record("<", {{"a", "u8"}, {"b", "@u32"}, {"c", "u8"}})
    assert.equal("T{<B:a:3x@I:b:<B:c:}", text)
    assert.equal(9, struct.calcsize(text))
  end)

  it("packs with every order but @", function()
    for n = 1, 200 do
      local order, fields, pack = pick {"=", "<", ">"}, randomfields()
      local text, offset = record(order, fields), 0
      for _, field in ipairs(fields) do
        local size = struct.calcsize(order .. field[2]) * countof(field[3])
        expect({placeof(text, field[1])}, {offset, size}, case(n), text, field[1])
        offset = offset + size
      end
      expect(struct.calcsize(text), string.packsize(order .. pack), case(n), text)
    end
  end)

  it("makes text that struct packs as string.pack does", function()
    for n = 1, 200 do
      local order, fields, pack, values = pick {"=", "<", ">"}, randomfields()
      local want = string.pack(order .. pack, table.unpack(values))
      expect(struct.pack(record(order, fields), table.unpack(values)), want, case(n))
    end
  end)

  it("makes columns that read what struct packed, in every order", function()
    for n = 1, 200 do
      local fields, _, values = randomfields()
      local text, at = record(pick(ORDERS), fields), 0
      local v = memview(struct.pack(text, table.unpack(values)):rep(2)):cast(text)
      for _, field in ipairs(fields) do
        local column, count = v:field(field[1]), countof(field[3])
        local items = table.move(values, at + 1, at + count, 1, {})
        local second = column:sub(2):tocontiguous():cast(column.format)
        expect({second:unpack()}, items, case(n), text, field[1])
        at = at + count
      end
    end
  end)
end)

describe("record() of nested records", function()
  local INNER = {{"a", "u8"}, {"b", "i32"}, {"c", "f64", 2}}
  local VALUES = {200, -7, 0.5, -0.25}

  it("says an order once where it goes on inside", function()
    local pos = record("<", {{"x", "f32"}, {"y", "f32"}})
    assert.equal("T{<H:id:T{f:x:f:y:}:pos:3T{f:x:f:y:}:path:}",
      record("<", {{"id", "u16"}, {"pos", pos}, {"path", pos, 3}}))
    assert.equal("T{>H:id:T{<f:x:f:y:}:pos:H:n:}", record(">", {{"id", "u16"}, {"pos", pos}, {"n", "u16"}}))
    assert.equal("T{<H:id:T{@I:n:}:pos:}", record("<", {{"id", "u16"}, {"pos", "T{I:n:}"}}))
  end)

  it("keeps the order of each, in every other", function()
    for _, inner in ipairs(ORDERS) do
      local nested = record(inner, INNER)
      local bytes = struct.pack(nested, table.unpack(VALUES))
      for _, outer in ipairs(ORDERS) do
        local text = record(outer, {{"x", "u16"}, {"n", nested}, {"y", "u16"}})
        local offset = placeof(text, "n")
        local whole = struct.pack(text, 1, 200, -7, 0.5, -0.25, 2)
        expect(whole:sub(offset + 1, offset + #bytes), bytes, inner, outer)
        expect(memview(whole):cast(text)[1]:tolist().y, 2, inner, outer)
      end
    end
  end)

  it("lets names be of any bytes but colons, at every level", function()
    local names = {"}", "T{", "<", "(2)", " ", "a.b", "\0", "\xff", "@H", "if"}
    for _, name in ipairs(names) do
      local nested = record("<", {{name, "u8"}, {"x", "u8"}})
      local text = record("@", {{name, nested}, {"x", nested, 2}})
      local rec = memview("abcdef"):cast(text)[1]
      expect({rec[name][name], rec[name].x, rec.x[2][name]}, {97, 98, 101}, name)
    end
  end)

  it("puts them next to each other with every order but @", function()
    for _, inner in ipairs(ORDERS) do
      local nested = record(inner, INNER)
      for _, outer in ipairs {"=", "<", ">", "!"} do
        local text = record(outer, {{"x", "u8"}, {"n", nested}, {"y", "u8"}, {"m", nested, 3}})
        local size = struct.calcsize(nested)
        expect({placeof(text, "n")}, {1, size}, inner, outer)
        expect({placeof(text, "m")}, {size + 2, 3 * size}, inner, outer)
        expect(struct.calcsize(text), 4 * size + 2, inner, outer)
      end
    end
  end)

  it("takes text written by hand, native where it names no order", function()
    for _, outer in ipairs(ORDERS) do
      local text = record(outer, {{"x", "u8"}, {"n", "T{B:a:I:b:}"}, {"y", " T{ >H:c: }"}})
      expect(memview.zeros(text, 0):field("n.b").format, "I", outer)
      expect(memview.zeros(text, 0):field("y.c").format, ">H", outer)
      expect(placeof(text, "n.b") - placeof(text, "n"), 4, outer)
    end
  end)

  it("nests to many levels", function()
    for n = 1, 30 do
      local text, size = "u8", 1
      for level = 1, n % 5 + 1 do
        local count = random(2)
        text, size = record(pick {"=", "<", ">"}, {{"n", text, count}, {"t", "u16"}}), size * count + 2
        expect(struct.calcsize(text), size, case(n), level, text)
      end
      expect(memview.zeros(text, 0).format, text, case(n))
    end
  end)
end)

describe("record()'s counts", function()
  local function shapeof(type, count)
    return memview.zeros(record("<", {{"a", type, count}}), 1):field("a").shape
  end

  it("make array members, whose shape a column adds to its own", function()
    assert.same({1}, shapeof("u16"))
    assert.same({1, 1}, shapeof("u16", 1))
    assert.same({1, 3}, shapeof("u16", 3))
    assert.same({1, 3}, shapeof("u16", 3.0))
    assert.same({1, 2, 3}, shapeof("8s", {2, 3}))
    assert.same({1, 4, 1, 2}, shapeof("T{<H:x:}", {4, 1, 2}))
    assert.same({1}, shapeof("u16", {}))
  end)

  it("tell eight characters from a string of eight", function()
    local v = memview("PLAYPAL\0"):cast(record("<", {{"name", "8s"}}))
    assert.equal("PLAYPAL\0", v[1].name)
    v = memview("PLAYPAL\0"):cast(record("<", {{"name", "char", 8}}))
    assert.equal("Y", v[1].name[4])
  end)

  it("may be 0: a member without bytes", function()
    local text = record("<", {{"a", "u16"}, {"rest", "u8", 0}})
    assert.equal(2, struct.calcsize(text))
    assert.equal(0, #memview.zeros(text, 1)[1].rest)
  end)
end)

describe("record()'s padding", function()
  it("takes bytes, has no value, and may come often under one name", function()
    local text = record("<", {
      {"_", "pad", 3}, {"a", "u8"}, {"_", "pad"}, {"gap", "x", 2}, {"b", "u8"}, {"_", "pad"},
    })
    assert.equal("T{3x<B:a:3xB:b:x}", text)
    assert.same({a = 65, b = 66}, memview("...A...B."):cast(text)[1]:tolist())
  end)

  it("is written as zeros", function()
    local text = record("<", {{"a", "u8"}, {"_", "pad", 2}, {"b", "u8"}, {"_", "pad"}})
    assert.equal("\1\0\0\2\0", struct.pack(text, 1, 2))
  end)

  it("leaves '_' free as the name of a member", function()
    assert.equal(7, memview("\7"):cast(record("<", {{"_", "u8"}}))[1]._)
  end)
end)

describe("record()'s offsets", function()
  it("put members where they say, with every order but @", function()
    for n = 1, 200 do
      local fields, want, stop = randomfields(), {}, 0
      for k, field in ipairs(fields) do
        if random(2) == 1 then
          stop = stop + random(0, 9)
          field.at = stop
        end
        want[k] = stop
        stop = stop + struct.calcsize("<" .. field[2]) * countof(field[3])
      end
      fields.size = stop + random(0, 9)
      local text = record(pick {"<", ">"}, fields)
      for k, field in ipairs(fields) do expect(placeof(text, field[1]), want[k], case(n), text, k) end
      expect(struct.calcsize(text), fields.size, case(n), text)
    end
  end)

  it("place padding too", function()
    assert.equal("T{<B:a:11xB:b:}", record("<", {{"a", "u8"}, {"_", "pad", 2, at = 10}, {"b", "u8"}}))
  end)

  it("are multiples of the alignment with @", function()
    assert.equal(8, placeof(record("@", {{"a", "u8"}, {"b", "u32", at = 8}}), "b"))
    assert.equal(6, placeof(record("@", {{"a", "u8"}, {"b", "<u32", at = 6}}), "b"))
    raises("field 'b': offset 6 is not aligned ('@' needs a multiple of 4)",
      record, "@", {{"a", "u8"}, {"b", "u32", at = 6}})
    raises("size 10 is not aligned ('@' needs a multiple of 4)", record, "@", {{"a", "u32"}, size = 10})
  end)
end)

-- The C compiler ------------------------------------------------------------------------------------------

-- Types with what C calls them; those of FIXED have one size in every order.
local FIXED = {
  {"u8", "uint8_t"}, {"i8", "int8_t"}, {"u16", "uint16_t"}, {"h", "int16_t"}, {"u32", "uint32_t"},
  {"i", "int32_t"}, {"u64", "uint64_t"}, {"q", "int64_t"}, {"f32", "float"}, {"d", "double"},
  {"bool", "_Bool"}, {"c", "char"}, {"7s", "char", "[7]"},
}
local NATIVE = {
  {"b", "signed char"}, {"H", "unsigned short"}, {"I", "unsigned"}, {"l", "long"}, {"L", "unsigned long"},
  {"q", "long long"}, {"n", "ptrdiff_t"}, {"N", "size_t"}, {"P", "void *"},
}

--- A random member of a struct: its field and its declaration in C. `paths` gets its path and those below it,
-- in our notation and in C's.
local function randommember(name, packed, others, paths)
  local count = pick {false, false, random(3), {random(2), random(2)}} or nil
  local dims = count and "[" .. table.concat(type(count) == "table" and count or {count}, "][") .. "]" or ""
  local nested = #others > 0 and random(3) == 1 and pick(others)
  paths[#paths + 1] = {name, name}
  if not nested then
    local type = pick((packed or random(2) == 1) and FIXED or NATIVE)
    return {name, type[1], count}, ("%s %s%s%s;"):format(type[2], name, dims, type[3] or "")
  end
  for _, path in ipairs(nested.paths) do
    paths[#paths + 1] = {name .. "." .. path[1], name .. dims:gsub("%d", "0") .. "." .. path[2]}
  end
  return {name, nested.format, count}, ("struct %s %s%s;"):format(nested.name, name, dims)
end

--- A random struct, aligned or packed, that may hold others.
local function randomstruct(name, others)
  local packed, fields, code, paths = random(4) == 1, {}, {}, {}
  for k = 1, random(6) do
    if k > 1 and random(6) == 1 then
      fields[k], code[k] = {"_", "pad", k}, ("char pad%d[%d];"):format(k, k)
    else
      fields[k], code[k] = randommember("m" .. k, packed, others, paths)
    end
  end
  code = ("struct %s { %s };"):format(name, table.concat(code, " "))
  if packed then code = "#pragma pack(push, 1)\n" .. code .. "\n#pragma pack(pop)" end
  return {name = name, format = record(packed and "=" or "@", fields), paths = paths, code = code}
end

--- Random structs that hold the smaller ones among those before them.
local function randomstructs(n)
  local structs, small = {}, {}
  for k = 1, n do
    structs[k] = randomstruct("S" .. k, small)
    if struct.calcsize(structs[k].format) < 100 then small[#small + 1] = structs[k] end
  end
  return structs
end

--- A C program that prints "struct size", "struct.path offset" and "struct.path# size" for all of them.
local function program(structs)
  local function show(name, what)
    return ('printf("%s %%lu\\n", (unsigned long)%s);'):format(name, what)
  end
  local head, body = {"#include <stdio.h>\n#include <stddef.h>\n#include <stdint.h>"}, {}
  for k, s in ipairs(structs) do
    head[k + 1] = s.code
    body[#body + 1] = show(s.name, ("sizeof(struct %s)"):format(s.name))
    for _, path in ipairs(s.paths) do
      local name = s.name .. "." .. path[1]
      body[#body + 1] = show(name, ("offsetof(struct %s, %s)"):format(s.name, path[2]))
      body[#body + 1] = show(name .. "#", ("sizeof(((struct %s *)0)->%s)"):format(s.name, path[2]))
    end
  end
  return table.concat(head, "\n") .. "\nint main(void) {\n" .. table.concat(body, "\n") .. "\nreturn 0;\n}\n"
end

--- What the program prints, as a table from what stands first in a line to the rest; nil without a compiler.
local function runc(code)
  local base = os.tmpname()
  local source, binary, facts = base .. ".c", base .. ".out", nil
  local file = assert(io.open(source, "w"))
  file:write(code):close()
  if os.execute("cc --version > " .. base .. " 2>&1") then
    assert(os.execute(("cc -w -o %s %s"):format(binary, source)), "cc refuses " .. source)
    facts = {}
    for line in assert(io.popen(binary)):lines() do
      local key, rest = line:match "^(%S+) (.*)$"
      facts[key] = rest
    end
  end
  os.remove(base) os.remove(source) os.remove(binary)
  return facts
end

describe("record('@')", function()
  it("lays structs out as the C compiler does, nested and packed ones too", function()
    local structs = randomstructs(100)
    local facts = runc(program(structs))
    if not facts then return pending "no C compiler" end
    for _, s in ipairs(structs) do
      expect(tostring(struct.calcsize(s.format)), facts[s.name], s.code, s.format)
      for _, path in ipairs(s.paths) do
        local name, offset, size = s.name .. "." .. path[1], placeof(s.format, path[1])
        expect(tostring(offset), facts[name], name, s.code, s.format)
        -- Through an array a path leads to that member of all elements.
        if path[1] == path[2] then expect(tostring(size), facts[name .. "#"], name, s.code, s.format) end
      end
    end
  end)

  it("has the size of a whole number of its widest member, so that arrays of it are right", function()
    for n = 1, 200 do
      local text = record("@", (randomfields()))
      local size = struct.calcsize(text)
      expect(struct.calcsize("2" .. text), 2 * size, case(n), text)
      expect(struct.calcsize(record("@", {{"x", "u8"}, {"n", text, 2}})) % size <= 8, true, case(n), text)
    end
  end)
end)

-- Errors ------------------------------------------------------------------------------------------------

describe("record() raises", function()
  local function refuses(text, fields, order)
    return raises("bad argument #2 to 'record' (" .. text, record, order or "<", fields)
  end

  it("for orders that are none", function()
    for _, order in ipairs {"", "<>", "x", 5, false, {}} do
      raises("bad argument #1 to 'record' (order '@', '=', '<', '>' or '!' expected, got ", record, order, {})
    end
    raises("got 'x'", record, "x", {{"a", "u8"}})
    raises("got nil", record, nil, {{"a", "u8"}})
  end)

  it("for fields that are none", function()
    refuses("table of fields expected, got nil)", nil)
    refuses("table of fields expected, got 'f32')", "f32")
    refuses("field 2: {name, type} expected, got 'b')", {{"a", "u8"}, "b"})
    refuses("member expected, besides padding)", {})
    refuses("member expected, besides padding)", {{"_", "pad", 2}})
    refuses("fields: unknown key 3)", {{"a", "u8"}, nil, {"c", "u8"}})
  end)

  it("for keys it does not know", function()
    refuses("field 'a': unknown key 'offset')", {{"a", "u8", offset = 1}})
    refuses("field 'a': unknown key 4)", {{"a", "u8", 1, 1}})
    refuses("fields: unknown key 'Size')", {{"a", "u8"}, Size = 4})
  end)

  it("for names that are empty, hold a colon, are no strings or come twice", function()
    refuses("field '': name expected, without ':' and not empty, got '')", {{"", "u8"}})
    refuses("field 'a:b': name expected, without ':' and not empty, got 'a:b')", {{"a:b", "u8"}})
    refuses("field 1: name expected, without ':' and not empty, got nil)", {{nil, "u8"}})
    refuses("field 1: name expected, without ':' and not empty, got 5)", {{5, "u8"}})
    refuses("field 'a': name used twice)", {{"a", "u8"}, {"b", "u8"}, {"a", "u16"}})
  end)

  it("for types that are none, or several items", function()
    refuses("field 'a': type expected (such as 'f32'), got nil)", {{"a"}})
    refuses("field 'a': type expected (such as 'f32'), got 4)", {{"a", 4}})
    refuses("field 'a': bad format '<u17' at position 2: unknown letter 'u')", {{"a", "u17"}})
    refuses("field 'a': bad format '<I4' at position 3: digits with no letter after them", {{"a", "I4"}})
    refuses("field 'a': bad format '<n' at position 2: letter has a native size only", {{"a", "n"}})
    refuses("field 'a': bad format 'T{f:x:' at position 1: T{ not closed", {{"a", "T{f:x:"}})
    for _, text in ipairs {"HH", "3H", "xH", "Hx", "T{f:x:}B", "H:x:", "2T{f:x:}", "T{f:x:}:n:"} do
      refuses(("field 'a': one item expected as type, got '%s')"):format(text), {{"a", text}})
    end
    refuses("field 'a': format '<(3)H' cannot make a view: it is an array", {{"a", "(3)H"}})
  end)

  it("for counts that are none", function()
    for _, count in ipairs {-1, 1.5, "3", false, 1e300} do
      refuses("field 'a': count of 0 or more expected, got ", {{"a", "u8", count}})
      refuses("field 'a': count of 0 or more expected, got ", {{"a", "u8", {2, count}}})
      refuses("field '_': count of bytes expected, got ", {{"_", "pad", count}})
    end
    refuses("field '_': count of bytes expected, got table)", {{"_", "pad", {2, 2}}})
  end)

  it("for offsets that go back, and for members behind the size", function()
    refuses("field 'b': offset 3 overlaps the fields before it, which end at 4)",
      {{"a", "u32"}, {"b", "u8", at = 3}})
    refuses("field 'b': offset 0 overlaps the fields before it, which end at 2)",
      {{"_", "pad", 2}, {"b", "u8", at = 0}})
    refuses("size 5 is too small: field 'b' ends at 6)", {{"a", "u32"}, {"b", "u16"}, size = 5})
    refuses("size 5 is too small: field '_' ends at 6)", {{"a", "u32"}, {"_", "pad", 2}, size = 5})
    for _, at in ipairs {-1, 1.5, "0", false, math.maxinteger, 2^63} do
      refuses("field 'a': offset of 0 or more expected in 'at', got ", {{"a", "u8", at = at}})
      refuses("size of 0 or more expected, got ", {{"a", "u8"}, size = at})
    end
  end)

  it("for records that cannot be counted", function()
    local most, half = machine.most, machine.half
    refuses(("field 'a': bad format '<%dd' at position 2: items too large)"):format(most), {{"a", "d", most}})
    refuses(("field 'a': bad format '<(%d,%d)B' at position 2: array too large)"):format(half, half),
      {{"a", "u8", {half, half}}})
    raises("too large)", record, "<", {{"a", "u8", most // 2 + 1}, {"b", "u8", most // 2 + 1}})
  end)

  it("at the line that called it", function()
    local line = debug.getinfo(1, "l").currentline + 1
    local message = raises("name used twice", function() return (record("<", {{"a", "u8"}, {"a", "u8"}})) end)
    assert.is_truthy(message:find(("recordformat_spec.lua:%d: "):format(line), 1, true), message)
  end)
end)
