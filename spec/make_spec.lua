-- Making views and memory: the constructors, exporters, and what they refuse.
local memview = require "memview"
local helpers = require "helpers"
local ndmodel = require "ndmodel"
local raises = helpers.raises

-- of a table with a hole, which else has no length to rely on
local three = { __len = function() return 3 end }

local everybyte = {}
for byte = 0, 255 do everybyte[byte + 1] = string.char(byte) end
everybyte = table.concat(everybyte)

local function exporter(result)
  return setmetatable({}, { __buffer = function() return result end })
end

--- A zero and another value of every kind of item.
local kinds = {
  { "b", 0, -128 }, { "B", 0, 255 }, { "<h", 0, -2 }, { ">H", 0, 65535 }, { "i", 0, 7 },
  { "I", 0, 4294967295 },
  { "l", 0, 1 }, { "L", 0, 1 }, { "q", 0, math.mininteger }, { "Q", 0, -1 }, { "n", 0, -1 }, { "N", 0, 1 },
  { "e", 0.0, 1.5 }, { "<f", 0.0, -0.5 }, { ">d", 0.0, 0.1 }, { "?", false, true }, { "c", "\0", "x" },
  { "3s", "\0\0\0", "abc" }, { "4p", "", "abc" }, { "P", 0, 4096 },
}

describe("memview()", function()
  it("views a string, read-only, byte by byte", function()
    local v = memview(everybyte)
    assert.equal("B", v.format)
    assert.same({ 256 }, v.shape)
    assert.is_true(v.readonly)
    for byte = 0, 255 do assert(v[byte + 1] == byte) end
  end)

  it("views the empty string", function()
    local v = memview("")
    assert.equal(0, #v)
    assert.equal("", v:tobytes())
    assert.is_nil(v[1])
  end)

  it("views a Buffer, writable, without copying", function()
    local b = memview.buffer "abc"
    local v = memview(b)
    v[2] = 0x58
    assert.is_false(v.readonly)
    assert.equal("aXc", b:tobytes())
    b[3] = 0x59
    assert.equal(0x59, v[3])
  end)

  it("views another View: same memory, layout and format, a lifetime of its own", function()
    local b = memview.buffer(24)
    local first = b:view():cast("<h", { 3, 4 }):transpose():sub(4, 1, -2)
    local second = memview(first)
    assert.is_false(rawequal(first, second))
    for _, name in ipairs { "format", "shape", "strides", "nbytes", "readonly", "obj" } do
      assert.same(first[name], second[name])
    end
    first:release()
    second:set(1, 1, -5)
    assert.equal(-5, b:view():cast("<h", { 3, 4 }):get(1, 4))
  end)

  it("keeps a read-only view read-only", function()
    assert.is_true(memview(memview.buffer(3):view():toreadonly()).readonly)
  end)

  it("has memview.view as its other name", function()
    local b = memview.buffer "abc"
    assert.equal("view", memview.type(memview.view(b)))
    assert.equal("abc", memview.view("abc"):tobytes())
    assert.equal(b, memview.view(b).obj)
  end)

  it("refuses what exports nothing, naming argument #1 and the type", function()
    local wrong = { 5, 1.5, true, {}, print, coroutine.create(print), setmetatable({}, {}) }
    for _, value in ipairs(wrong) do
      local text = "string, buffer or view expected, got " .. type(value)
      assert.matches("bad argument #1", raises(text, function() return memview(value) end), 1, true)
      assert.matches("bad argument #1", raises(text, function() return memview.view(value) end), 1, true)
    end
    raises("bad argument #1", function() return memview(nil) end)
    raises("bad argument #1", function() return memview() end)
    raises("string, buffer or view expected", function() return memview(io.stdout) end)
  end)

  it("refuses released views and buffers", function()
    local v, b = memview("abc"), memview.buffer(3)
    v:release()
    b:release()
    raises("attempt to use a released view", memview.view, v)
    raises("attempt to use a released buffer", memview.view, b)
  end)
end)

describe("obj", function()
  it("is the string or Buffer at the root, never a parent view", function()
    for _, root in ipairs { "abcdefgh", memview.buffer "abcdefgh" } do
      local v = memview(root)
      local derived = { v, memview(v), v:sub(2, 5), v:slice { 1, 8, 3 }, v:cast("<I"),
        v:cast("B", { 2, 4 })[1], v:cast("B", { 2, 4 }):transpose(), v:toreadonly(), v:reshape { 4, 2 } }
      for i, d in ipairs(derived) do assert(rawequal(d.obj, root), "derived view " .. i) end
    end
  end)

  it("is the object that has __buffer, not what that returned", function()
    for _, result in ipairs { "abcd", memview.buffer "abcd", memview("abcd"), memview.zeros("H", 2) } do
      local object = exporter(result)
      assert(rawequal(memview(object).obj, object))
      assert(rawequal(memview(object):sub(2).obj, object))
      assert(rawequal(memview(memview(object)).obj, object))
    end
  end)

  it("is nil for memory that has no exporter", function()
    assert.is_nil(memview.zeros("B", 3).obj)
    assert.is_nil(memview.array("B", { 1, 2 }).obj)
    assert.is_nil(memview("abc"):clone().obj)
    assert.is_nil(memview("abcdef"):sub(1, 6, 2):tocontiguous().obj)
    assert.is_nil(memview.zeros("B", 3):sub(2).obj)
  end)
end)

describe("memview.zeros()", function()
  it("gives zeroed, writable, C-ordered memory of every kind", function()
    for _, kind in ipairs(kinds) do
      local format, zero, other = table.unpack(kind)
      local v = memview.zeros(format, { 2, 3 })
      assert.equal(("\0"):rep(6 * v.itemsize), v:tobytes())
      assert.same({ { zero, zero, zero }, { zero, zero, zero } }, v:tolist())
      assert.same({ 3 * v.itemsize, v.itemsize }, v.strides)
      assert.is_false(v.readonly)
      v:set(2, 3, other)
      assert.equal(other, v:get(2, 3))
    end
  end)

  it("takes a number as a shape of one dimension", function()
    assert.same({ 5 }, memview.zeros("d", 5).shape)
    assert.same({ 0 }, memview.zeros("d", 0).shape)
    assert.same({ 2 }, memview.zeros("d", 2.0).shape)
  end)

  it("takes {} for 0 dimensions, and lengths of 0", function()
    local scalar = memview.zeros("f", {})
    assert.equal(0, scalar.ndim)
    assert.equal(0.0, scalar:get())
    assert.equal(4, scalar.nbytes)
    for _, shape in ipairs { { 0 }, { 0, 3 }, { 3, 0 }, { 2, 0, 3 } } do
      local v = memview.zeros("f", shape)
      assert.same(shape, v.shape)
      assert.equal(0, v.nbytes)
    end
  end)

  it("takes 64 dimensions and no more", function()
    local shape = {}
    for d = 1, 64 do shape[d] = 1 end
    assert.equal(64, memview.zeros("B", shape).ndim)
    shape[65] = 1
    raises("bad argument #2", function() return memview.zeros("B", shape) end)
  end)

  it("refuses bad formats with the position", function()
    raises("bad format 'Hyz' at position 2: unknown letter 'y'", memview.zeros, "Hyz", 3)
    raises("bad argument #1", function() return memview.zeros("Hyz", 3) end)
    for _, format in ipairs { "", "x", "3x", "0s", "<", "<n", "I4", "T{" } do
      raises("", memview.zeros, format, 1)
    end
    raises("bad argument #1", function() return memview.zeros({}, 3) end)
  end)

  it("refuses bad shapes", function()
    local wrong = { -1, 1.5, 0 / 0, math.huge, "3", true, { -1 }, { 2, -1 }, { 1.5 }, { "2" }, { {} },
      { false }, math.maxinteger, math.mininteger, { math.maxinteger, 2 }, { 2 ^ 32, 2 ^ 32 },
      { 1 << 62, 4, 0.5 } }
    for _, shape in ipairs(wrong) do raises("", memview.zeros, "d", shape) end
    raises("bad argument #2", function() return memview.zeros("d") end)
    raises("bad argument #2", function() return memview.zeros("d", -1) end)
  end)
end)

describe("memview.array()", function()
  it("fills one dimension with every kind of value", function()
    for _, kind in ipairs(kinds) do
      local format, zero, other = table.unpack(kind)
      local v = memview.array(format, { other, zero, other })
      assert.same({ 3 }, v.shape)
      assert.same({ other, zero, other }, v:tolist())
      assert.is_false(v.readonly)
    end
  end)

  it("gives back nested tables of any shape", function()
    local random, seed = helpers.random(11)
    for _ = 1, 200 do
      local shape = ndmodel.shape(random, 4)
      local filled = {}
      for d, length in ipairs(shape) do     -- a length of 0 hides the dimensions under it
        filled[d] = length
        if length == 0 then break end
      end
      local values = {}
      for i = 1, ndmodel.size(filled) do values[i] = random(0, 65535) end
      local nested = ndmodel.tolist(ndmodel.contiguous(filled), values)
      local v = memview.array(">H", nested)
      assert.same(filled, v.shape, "seed " .. seed)
      assert.same(nested, v:tolist(), "seed " .. seed)
    end
  end)

  it("takes what table.pack gives, and refuses keys where there are no items", function()
    assert.same({ 0, 2 }, { #memview.array("B", table.pack()), #memview.array("B", table.pack(1, 2)) })
    assert.equal(0, #memview.buffer(table.pack()))
    local message = "table of items expected, got one with the key 'x' and no items"
    for _, list in ipairs { { x = 1 }, { { x = 1 } }, { {}, { x = 1 } } } do
      raises(message, memview.array, "B", list)
    end
  end)

  it("takes objects that give rows and items by __buffer", function()
    local function giving(x) return setmetatable({}, { __buffer = function() return x end }) end
    assert.equal("abcd", memview.array("c", { { "a", "b" }, giving "cd" }):tobytes())
    assert.equal("ab", memview.array("c", { giving "a", "b" }):tobytes())
  end)

  it("takes empty tables", function()
    assert.same({ 0 }, memview.array("B", {}).shape)
    assert.same({ 2, 0 }, memview.array("B", { {}, {} }).shape)
    assert.same({ 1, 1, 0 }, memview.array("B", { { {} } }).shape)
  end)

  it("takes floats with an integer value for integers, and integers for floats", function()
    assert.same({ 1, 2 }, memview.array("B", { 1.0, 2.0 }):tolist())
    assert.equal("integer", math.type(memview.array("B", { 1.0 })[1]))
    assert.equal("float", math.type(memview.array("d", { 1 })[1]))
  end)

  it("refuses ragged tables", function()
    raises("ragged table: 3 items expected in row 2, got 2", memview.array, "B", { { 1, 2, 3 }, { 1, 2 } })
    local ragged = { { { 1 }, {} }, { { 1, 2 }, {} }, { { { 1 } }, { { 1 }, { 2 } } },
      { { { 1, 2 }, { 3 } } }, { { { 1, 2 }, { 3, 4 } }, { { 5, 6 }, { 7 } } } }
    for _, values in ipairs(ragged) do raises("ragged table", memview.array, "B", values) end
  end)

  it("refuses mixed depths", function()
    for _, values in ipairs { { { 1, 2 }, 3 }, { 1, { 2 } }, { { 1 }, { { 2 } } }, { { { 1 } }, { 2 } } } do
      raises("", memview.array, "B", values)
    end
  end)

  it("refuses what is no value of the format", function()
    raises("300 does not fit 'B' (0 to 255)", memview.array, "B", { 1, 300 })
    raises("-1 does not fit 'B' (0 to 255)", memview.array, "B", { { 1 }, { -1 } })
    raises("integer expected for 'B', got string", memview.array, "B", { "1" })
    raises("1.5 has no integer value, as 'B' needs", memview.array, "B", { 1.5 })
    raises("number expected for 'f', got boolean", memview.array, "f", { true })
    raises("boolean expected for '?'", memview.array, "?", { 0 })
    raises("string expected for '4s'", memview.array, "4s", { 1234 })
    raises("string of 5 bytes does not fit '3s' (at most 3)", memview.array, "3s", { "hello" })
    raises("integer expected for 'B'", memview.array, "B", setmetatable({ 1, nil, 3 }, three))
  end)

  it("refuses what is no table, and tables that hold themselves", function()
    local endless = {}
    endless[1] = endless
    raises("", memview.array, "B", endless)
    for _, values in ipairs { 5, true, "abc" } do
      raises("bad argument #2", function() return memview.array("B", values) end)
    end
    raises("bad argument #2", function() return memview.array("B") end)
    raises("bad argument #1", function() return memview.array("?!", {}) end)
  end)

  it("survives tables that change under it", function()
    local count = 0
    local shrinking = setmetatable({}, {
      __len = function() count = count + 1 return count == 1 and 3 or 0 end,
      __index = function(_, i) if i < 3 then return i end end,
    })
    local ok, result = pcall(memview.array, "B", shrinking)
    assert(ok or type(result) == "string")
    raises("stop here", memview.array, "B", setmetatable({}, { __len = function() error "stop here" end }))
    raises("no item", memview.array, "B",
      setmetatable({}, { __len = function() return 2 end, __index = function() error "no item" end }))
    for _, length in ipairs { -1, math.mininteger, math.maxinteger, 1 << 62 } do
      pcall(memview.array, "d", setmetatable({}, { __len = function() return length end }))
    end
  end)
end)

describe("memview.buffer()", function()
  it("makes an empty Buffer of nothing", function()
    assert.equal(0, #memview.buffer())
    assert.equal(0, #memview.buffer(nil))
    assert.equal("", memview.buffer():tobytes())
  end)

  it("makes a zeroed Buffer of a size", function()
    for _, n in ipairs { 0, 1, 7, 8, 100, 4096, 70000 } do
      assert.equal(("\0"):rep(n), memview.buffer(n):tobytes())
    end
    assert.equal(3, #memview.buffer(3.0))
  end)

  it("copies the bytes of a string or an exporter", function()
    local original = memview.buffer "abcdef"
    assert.equal(everybyte, memview.buffer(everybyte):tobytes())
    assert.equal("", memview.buffer(""):tobytes())
    assert.equal("12", memview.buffer("12"):tobytes())
    local copies = { memview.buffer(original), memview.buffer(original:view()),
      memview.buffer(exporter(original)) }
    original[1] = 0
    for _, copy in ipairs(copies) do assert.equal("abcdef", copy:tobytes()) end
  end)

  it("copies views in logical order", function()
    local v = memview("abcdef")
    assert.equal("fedcba", memview.buffer(v:sub(nil, nil, -1)):tobytes())
    assert.equal("adbecf", memview.buffer(v:cast("B", { 2, 3 }):transpose()):tobytes())
    assert.equal("\1\0\2\0", memview.buffer(memview.array("<H", { 1, 2 })):tobytes())
  end)

  it("does not hold what it copied", function()
    local b = memview.buffer "abc"
    local copy = memview.buffer(b)
    b:append "d"
    assert.equal("abc", copy:tobytes())
  end)

  it("takes a table of bytes", function()
    assert.equal("\0\1\255", memview.buffer({ 0, 1, 255 }):tobytes())
    assert.equal("", memview.buffer({}):tobytes())
    assert.equal("\2", memview.buffer({ 2.0 }):tobytes())
    local bytes = table.pack(everybyte:byte(1, -1))
    assert.equal(everybyte, memview.buffer(bytes):tobytes())
  end)

  it("refuses tables of anything else", function()
    raises("256 does not fit 'B' (0 to 255)", memview.buffer, { 1, 256 })
    raises("-1 does not fit 'B' (0 to 255)", memview.buffer, { -1 })
    raises("1.5 has no integer value", memview.buffer, { 1.5 })
    raises("integer expected for 'B', got string", memview.buffer, { "1" })
    raises("integer expected for 'B', got table", memview.buffer, { { 1 } })
    raises("integer expected for 'B', got nil", memview.buffer, setmetatable({ 1, nil, 3 }, three))
  end)

  it("refuses bad sizes and other values, naming argument #1", function()
    for _, init in ipairs { -1, 1.5, 0 / 0, math.huge, math.mininteger, true, false, print } do
      raises("bad argument #1", function() return memview.buffer(init) end)
    end
    raises("", memview.buffer, math.maxinteger)
    raises("", memview.buffer, 1 << 62)
    raises("", memview.buffer, io.stdout)
  end)
end)

describe("memview.fromhex()", function()
  it("reads what hex() writes, in either case", function()
    assert.equal("buffer", memview.type(memview.fromhex ""))
    assert.equal("", memview.fromhex(""):tobytes())
    local text = memview(everybyte):hex()
    assert.equal(everybyte, memview.fromhex(text):tobytes())
    assert.equal(everybyte, memview.fromhex(text:upper()):tobytes())
  end)

  it("allows white space between bytes", function()
    assert.equal("\1\2\255", memview.fromhex("01 02 ff"):tobytes())
    assert.equal("\1\2\255", memview.fromhex("  01\t02\nFF\r\n"):tobytes())
    assert.equal("", memview.fromhex(" \n\t "):tobytes())
    assert.equal(everybyte, memview.fromhex(memview(everybyte):hex(" ", 4)):tobytes())
  end)

  it("names the position of the first thing it cannot read", function()
    for at = 1, 8 do
      for _, garbage in ipairs { "g", "z", "-", ":", "\0", "\200", "x", "/", "@", "`", "G" } do
        local text = "00112233"
        text = text:sub(1, at - 1) .. garbage .. text:sub(at + 1)
        raises("position " .. at, memview.fromhex, text)
      end
    end
    raises("position 8", memview.fromhex, "00 11 0x")
    raises("position 2", memview.fromhex, "0 0")
    raises("bad argument #1 to 'fromhex'", function() return memview.fromhex "0 0" end)
  end)

  it("refuses an odd number of digits", function()
    for _, text in ipairs { "0", "000", "00 0", "0 ", "00 1 22" } do raises("", memview.fromhex, text) end
  end)

  it("refuses what is no text", function()
    for _, value in ipairs { true, {}, print } do
      raises("bad argument #1", function() return memview.fromhex(value) end)
    end
    raises("bad argument #1", function() return memview.fromhex() end)
  end)
end)

describe("memview.type()", function()
  it("tells views and buffers, released or not, from everything else", function()
    local v, b = memview("abc"), memview.buffer(3)
    for _ = 1, 2 do
      assert.equal("view", memview.type(v))
      assert.equal("buffer", memview.type(b))
      v:release()
      b:release()
    end
    assert.equal("view", memview.type(memview.zeros("f", {})))
    local others = { 1, "abc", true, {}, print, io.stdout, exporter "abc", memview, debug.getmetatable(v) }
    for _, value in ipairs(others) do
      assert.is_nil(memview.type(value))
    end
    assert.is_nil(memview.type(nil))
    assert.is_nil((memview.type(setmetatable({}, debug.getmetatable(v)))))
  end)
end)

describe("__buffer", function()
  it("may return a string, a Buffer or a View, and gets the object", function()
    local seen
    local object = setmetatable({}, { __buffer = function(...) seen = table.pack(...) return "abc" end })
    assert.equal("abc", memview(object):tobytes())
    assert(rawequal(seen[1], object))
    assert.is_true(memview(exporter "abc").readonly)
    local b = memview.buffer "abc"
    memview(exporter(b))[1] = 0x5A
    memview(exporter(b:sub(2)))[1] = 0x5A
    assert.equal("ZZc", b:tobytes())
  end)

  it("gives the layout and format of the View it returns", function()
    local inner = memview.array("<h", { { 1, 2, 3 }, { 4, 5, 6 } }):transpose()
    local v = memview(exporter(inner:toreadonly()))
    for _, name in ipairs { "format", "shape", "strides" } do assert.same(inner[name], v[name]) end
    assert.is_true(v.readonly)
    assert.same(inner:tolist(), v:tolist())
  end)

  it("pins the Buffer it returns while the view lives", function()
    local b = memview.buffer "abc"
    local v = memview(exporter(b))
    raises("1 view is live", function() b:append(1) end)
    v:release()
    b:append "d"
    assert.equal("abcd", b:tobytes())
  end)

  it("outlives the View it returned", function()
    local inner = memview.array("B", { 1, 2, 3 })
    local v = memview(exporter(inner))
    inner:release()
    assert.same({ 1, 2, 3 }, v:tolist())
  end)

  it("serves wherever an exporter does", function()
    local object = exporter "abc"
    local v = memview.zeros("B", 3)
    assert.equal("abc", v:copyfrom(object):tobytes())
    assert.is_true(v:equals(object))
    assert.equal(0, v:compare(object))
    assert.equal("xabc", memview.buffer("x"):append(object):tobytes())
    assert.same({ 1, 3 }, { v:find(object) })
    assert.equal("abcabc", v .. object)
    assert.equal("abcabc", object .. v)
  end)

  it("works on a value of any type whose metatable has it", function()
    finally(function() debug.setmetatable(print, nil) end)
    debug.setmetatable(print, { __buffer = function() return "from a function" end })
    assert.equal("from a function", memview(print):tobytes())
    assert(rawequal(memview(print).obj, print))
  end)

  it("is looked up without metamethods of the object itself", function()
    local plain = { __buffer = function() return "abc" end }
    raises("string, buffer or view expected, got table", memview.view, plain)
  end)

  it("passes its own errors on", function()
    local broken = setmetatable({}, { __buffer = function() error("no bytes today", 0) end })
    raises("no bytes today", memview.view, broken)
    raises("no bytes today", function() memview.zeros("B", 1):copyfrom(broken) end)
    local thrown = {}
    local thrower = setmetatable({}, { __buffer = function() error(thrown) end })
    local ok, err = pcall(memview.view, thrower)
    assert(not ok and rawequal(err, thrown))
  end)

  it("is refused with a message where it returns anything else", function()
    for _, result in ipairs { 5, true, {}, print } do
      raises("__buffer", memview.view, exporter(result))
    end
    raises("__buffer", memview.view, exporter(nil))
    raises("__buffer", memview.view, exporter(io.stdout))
    raises("", memview.view, setmetatable({}, { __buffer = 5 }))
    raises("", memview.view, setmetatable({}, { __buffer = "abc" }))
  end)

  it("is refused where it returns something released", function()
    local v, b = memview("abc"), memview.buffer(3)
    v:release()
    b:release()
    raises("attempt to use a released view", memview.view, exporter(v))
    raises("attempt to use a released buffer", memview.view, exporter(b))
  end)

  it("cannot run in circles", function()
    local myself = setmetatable({}, { __buffer = function(self) return self end })
    raises("", memview.view, myself)
    local deeper = setmetatable({}, { __buffer = function(self) return memview(self) end })
    raises("", memview.view, deeper)
    raises("", function() memview.buffer():append(deeper) end)
  end)
end)
