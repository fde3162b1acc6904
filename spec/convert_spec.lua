-- From views to strings, tables and fresh copies.
local memview = require "memview"
local helpers = require "helpers"
local ndmodel = require "ndmodel"
local raises = helpers.raises

local function agree(want, got, ...)
  if want ~= got then
    error(("expected %q, got %q (%s)"):format(want, got, table.concat({ ... }, ", ")), 2)
  end
end

--- Calls f(view, model, values, where) for many random layouts over 16-bit items.
local function everylayout(seed, f)
  ndmodel.every(seed, "<H", 65535, function(v, model, values, _, where) f(v, model, values, where) end)
end

local function packed(model, values, order)
  local list = ndmodel.positions(model, order)
  for i, position in ipairs(list) do list[i] = string.pack("<H", values[position]) end
  return table.concat(list)
end

describe("tobytes()", function()
  it("gives the items of any layout in C order by default", function()
    everylayout(21, function(v, model, values, where)
      agree(packed(model, values, "C"), v:tobytes(), where)
      agree(packed(model, values, "C"), v:tobytes("C"), where)
    end)
  end)

  it("gives F order where asked", function()
    everylayout(22, function(v, model, values, where)
      agree(packed(model, values, "F"), v:tobytes("F"), where)
    end)
  end)

  it("gives F order with 'A' where the view is F-contiguous only", function()
    everylayout(23, function(v, model, values, where)
      local order = v.f_contiguous and not v.c_contiguous and "F" or "C"
      agree(packed(model, values, order), v:tobytes("A"), where)
    end)
    assert.equal("abcdef", memview("abcdef"):cast("B", { 2, 3 }):transpose():tobytes("A"))
  end)

  it("gives ranges of the first dimension by the rules of string.sub", function()
    local text = "abcdef"
    local v = memview(text)
    for i = -9, 9 do
      agree(text:sub(i), v:tobytes(i), i)
      for j = -9, 9 do agree(text:sub(i, j), v:tobytes(i, j), i, j) end
    end
    assert.equal("", memview("abc"):tobytes(5))
  end)

  it("gives ranges of rows", function()
    everylayout(24, function(v, model, _, where)
      local length = model.shape[1]
      for i = -2, length and length + 1 or -3 do
        agree(v:sub(i):tobytes(), v:tobytes(i), where, i)
        agree(v:sub(i, 2):tobytes(), v:tobytes(i, 2), where, i, 2)
      end
    end)
    local m = memview("abcdef"):cast("B", { 3, 2 })
    assert.equal("cdef", m:tobytes(2))
    assert.equal("cd", m:tobytes(2, 2))
    assert.equal("df", m:transpose()[2]:tobytes(2))
    assert.equal("bdf", m:transpose():tobytes(-1))
  end)

  it("leaves items as they are, whatever the format", function()
    for _, format in ipairs { "B", "<h", ">h", "<d", ">d", "c", "?", "4s", "8p", "e" } do
      assert.equal("\1\2\3\4\5\6\7\8", memview("\1\2\3\4\5\6\7\8"):cast(format):tobytes())
    end
  end)

  it("gives the one item of 0 dimensions", function()
    local scalar = memview("\1\2\3\4"):cast("<I", {})
    assert.equal("\1\2\3\4", scalar:tobytes())
    assert.equal("\1\2\3\4", scalar:tobytes "F")
  end)

  it("refuses other orders", function()
    for _, order in ipairs { "c", "f", "K", "", "CF", "1" } do
      raises("bad argument #1 to 'tobytes'", function() return memview("abc"):tobytes(order) end)
    end
    raises("", function() return memview("abc"):tobytes(true) end)
    raises("", function() return memview("abc"):tobytes({}) end)
    raises("", function() return memview("abc"):tobytes(1.5) end)
  end)
end)

describe("tolist()", function()
  it("gives nested tables of any layout", function()
    everylayout(25, function(v, model, values, where)
      assert.same(ndmodel.tolist(model, values), v:tolist(), where)
    end)
  end)

  it("gives the kind of value each format has", function()
    local samples = { b = -1, B = 200, h = -300, Q = -1, e = 0.5, f = 0.25, d = 0.1, ["?"] = true, c = "x",
      ["3s"] = "ab\0", ["4p"] = "abc" }
    for format, value in pairs(samples) do
      local list = memview.array(format, { value, value }):tolist()
      assert.same({ value, value }, list)
      assert.equal(math.type(value), math.type(list[1]))
    end
  end)

  it("gives a scalar for 0 dimensions", function()
    assert.equal(513, memview("\1\2"):cast("<H", {}):tolist())
    assert.is_false(memview("\0"):cast("?", {}):tolist())
  end)

  it("gives empty tables for lengths of 0", function()
    assert.same({}, memview(""):tolist())
    assert.same({}, memview.zeros("B", { 0, 3 }):tolist())
    assert.same({ {}, {}, {} }, memview.zeros("B", { 3, 0 }):tolist())
    assert.same({ {}, {} }, memview.zeros("B", { 2, 0, 3 }):tolist())
  end)

  it("gives ranges of the first dimension by the rules of string.sub", function()
    local text = "abcde"
    local v = memview(text)
    local rows = memview("aabbccddee"):cast("2s")
    for i = -7, 7 do
      assert.same({ text:byte(i, -1) }, v:tolist(i), i)
      for j = -7, 7 do
        assert.same({ text:sub(i, j):byte(1, -1) }, v:tolist(i, j), i .. " " .. j)
        assert.equal((text:sub(i, j):gsub(".", "%0%0")), table.concat(rows:tolist(i, j)))
      end
    end
  end)

  it("gives ranges of rows", function()
    local m = memview("abcdef"):cast("c", { 3, 2 })
    assert.same({ { "c", "d" }, { "e", "f" } }, m:tolist(2))
    assert.same({ { "c", "d" } }, m:tolist(2, 2))
    assert.same({}, m:tolist(3, 2))
    assert.same({ { "a", "c", "e" } }, m:transpose():tolist(-2, -2))
  end)
end)

--- Python's grouping: positive groups count from the right, negative ones from the left; 0 groups nothing.
local function hexmodel(bytes, sep, n)
  local out = {}
  for i = 1, #bytes do
    out[#out + 1] = ("%02x"):format(bytes:byte(i))
    local edge = n > 0 and (#bytes - i) % n == 0 or n < 0 and i % n == 0
    if i < #bytes and edge then out[#out + 1] = sep end
  end
  return table.concat(out)
end

describe("hex()", function()
  it("writes two lower-case digits a byte", function()
    local bytes = {}
    for byte = 0, 255 do bytes[#bytes + 1] = string.char(byte) end
    bytes = table.concat(bytes)
    local want = bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
    assert.equal(want, memview(bytes):hex())
    assert.equal("", memview(""):hex())
    assert.equal("", memview(""):hex(":"))
  end)

  it("groups as Python does", function()
    for length = 0, 13 do
      local bytes = ("abcdefghijklm"):sub(1, length)
      local v = memview(bytes)
      agree(hexmodel(bytes, ":", 1), v:hex(":"))
      for n = -15, 15 do agree(hexmodel(bytes, "_", n), v:hex("_", n), length, n) end
      for _, n in ipairs { math.maxinteger, math.mininteger, 1 << 32, -1 << 32, 1 << 31, (1 << 32) + 1 } do
        agree(hexmodel(bytes, "_", 0), v:hex("_", n), length, n)
      end
    end
    assert.equal("6162_636465_666768", memview("abcdefgh"):hex("_", 3))
    assert.equal("616263_646566_6768", memview("abcdefgh"):hex("_", -3))
  end)

  it("counts bytes, not items, in C order", function()
    everylayout(26, function(v, model, values, where)
      local bytes = packed(model, values, "C")
      agree(hexmodel(bytes, " ", 0), v:hex(), where)
      agree(hexmodel(bytes, " ", 3), v:hex(" ", 3), where)
      agree(hexmodel(bytes, " ", -5), v:hex(" ", -5), where)
    end)
  end)

  it("writes long views too", function()
    local bytes = ("\0\127\128\255abc"):rep(1000)
    for _, n in ipairs { 0, 1, 4, -4, 1000, -1001 } do
      agree(hexmodel(bytes, ",", n), memview(bytes):hex(",", n), n)
    end
  end)

  it("refuses separators that are not one ASCII character", function()
    for _, sep in ipairs { "", "::", "\128", "\255", "é" } do
      raises("bad argument #1 to 'hex'", function() return memview("abc"):hex(sep) end)
    end
    raises("bad argument #1 to 'hex'", function() return memview("abc"):hex({}) end)
    raises("bad argument #2 to 'hex'", function() return memview("abc"):hex(":", "x") end)
    raises("bad argument #2 to 'hex'", function() return memview("abc"):hex(":", 1.5) end)
  end)
end)

describe("clone()", function()
  it("copies any layout into fresh, writable, C-ordered memory", function()
    everylayout(27, function(v, model, values, where)
      local copy = v:clone()
      assert.same(v.shape, copy.shape)
      agree(v.format, copy.format, where)
      assert(copy.c_contiguous and not copy.readonly and copy.obj == nil, where)
      agree(packed(model, values, "C"), copy:tobytes(), where)
      copy:byteswap():fill(7)
      agree(packed(model, values, "C"), v:tobytes(), where)
    end)
  end)

  it("makes a writable copy of a string", function()
    local copy = memview("abc"):clone()
    copy[1] = 0x58
    assert.equal("Xbc", copy:tobytes())
  end)

  it("pins nothing of the original", function()
    local b = memview.buffer "abc"
    local v = b:view()
    local copy = v:clone()
    v:release()
    b:append "d"
    assert.equal("abc", copy:tobytes())
  end)

  it("copies items of every format as they are", function()
    local bytes = "\0\0\192\127\1\0\128\127"     -- quiet and signalling NaN of "<f"
    for _, format in ipairs { "B", "<f", ">d", "<Q", "c", "?", "8s", "8p", "e" } do
      local copy = memview(bytes):cast(format):clone()
      assert.equal(bytes, copy:tobytes())
      assert.equal(memview(bytes):cast(format).format, copy.format)
    end
  end)
end)

describe("tocontiguous()", function()
  it("gives the view itself where it is contiguous already", function()
    local v = memview.zeros("H", { 2, 3 })
    local f = v:transpose()
    assert(rawequal(v, v:tocontiguous()))
    assert(rawequal(v, v:tocontiguous "C"))
    assert(rawequal(v, v:tocontiguous "A"))
    assert(rawequal(f, f:tocontiguous "F"))
    assert(rawequal(f, f:tocontiguous "A"))
  end)

  it("gives a contiguous, equal view of any layout", function()
    everylayout(28, function(v, _, _, where)
      for _, order in ipairs { "C", "F", "A" } do
        local flat = v:tocontiguous(order)
        local kept = order == "C" and v.c_contiguous or order == "F" and v.f_contiguous
          or order == "A" and v.contiguous
        assert(rawequal(flat, v) == kept, where)
        assert(order == "C" and flat.c_contiguous or order == "F" and flat.f_contiguous
          or order == "A" and flat.contiguous, where)
        assert.same(v.shape, flat.shape)
        agree(v:tobytes(), flat:tobytes(), where)
        agree(v.format, flat.format, where)
      end
      assert(v:tocontiguous().contiguous, where)
    end)
  end)

  it("copies into fresh, writable memory", function()
    local v = memview("abcdef"):sub(1, 6, 2)
    local copy = v:tocontiguous()
    copy[1] = 0x58
    assert.equal("Xce", copy:tobytes())
    assert.equal("ace", v:tobytes())
  end)

  it("refuses other orders", function()
    for _, order in ipairs { "c", "K", "" } do
      raises("bad argument #1 to 'tocontiguous'", function() return memview("abc"):tocontiguous(order) end)
    end
    raises("bad argument #1 to 'tocontiguous'", function() return memview("abc"):tocontiguous({}) end)
  end)
end)

describe("..", function()
  it("gives a string of the bytes, on either side", function()
    local v = memview("abc")
    assert.equal("abcx", v .. "x")
    assert.equal("xabc", "x" .. v)
    assert.equal("abcabc", v .. v)
    assert.equal("abcdef", v .. memview.buffer "def")
    assert.equal("defabc", memview.buffer "def" .. v)
    assert.equal("<abc>", "<" .. v .. ">")
    assert.equal("abc", v .. memview(""))
    assert.equal("string", type(v .. ""))
  end)

  it("takes any layout in logical order", function()
    everylayout(29, function(v, model, values, where)
      agree(packed(model, values) .. "\0", v .. "\0", where)
      agree("\0" .. packed(model, values), "\0" .. v, where)
      agree(packed(model, values):rep(2), v .. v, where)
    end)
  end)

  it("refuses what has no bytes", function()
    local v = memview("abc")
    for _, other in ipairs { true, {}, print } do
      raises("", function() return v .. other end)
      raises("", function() return other .. v end)
    end
    raises("", function() return v .. nil end)
    raises("", function() return nil .. v end)
  end)
end)

describe("tostring()", function()
  local function form(v)
    local text = tostring(v)
    local address, rest = text:match "^memview%.View: (%x*x?%x+) (.*)$"
    assert(address, text)
    return rest
  end

  it("shows the format and shape, and whether it is read-only", function()
    assert.equal("f[4,4]", form(memview.zeros("f", { 4, 4 })))
    assert.equal("f[]", form(memview.zeros("f", {})))
    assert.equal("B[3] read-only", form(memview "abc"))
    assert.equal("B[0] read-only", form(memview ""))
    assert.equal("B[3]", form(memview.buffer "abc":view()))
    assert.equal("B[3] read-only", form(memview.buffer "abc":view():toreadonly()))
    assert.equal(">H[2,0,3]", form(memview.zeros(">u16", { 2, 0, 3 })))
    assert.equal("4s[2]", form(memview.zeros("4s", 2)))
    assert.equal("f[] read-only", form(memview("\0\0\0\0"):cast("f", {})))
  end)

  it("stays the same for one view", function()
    local v = memview.zeros("B", 3)
    local before = tostring(v)
    v:fill(1)
    helpers.collect()
    assert.equal(before, tostring(v))
  end)

  it("shows a released view", function()
    local v = memview "abc"
    v:release()
    assert.equal("memview.View: (released)", tostring(v))
  end)

  it("copes with many dimensions and long formats", function()
    local shape = {}
    for d = 1, 64 do shape[d] = 1 end
    assert.equal("B[1" .. (",1"):rep(63) .. "]", form(memview.zeros("B", shape)))
    assert.equal("123456s[1]", form(memview.zeros("123456s", 1)))
  end)
end)
