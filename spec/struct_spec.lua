-- memview.struct: pack and unpack by formats, against string.pack and a model of C's layout; the cache.
local memview = require "memview"
local helpers = require "helpers"
local machine = require "machine"
local model = require "model"
local recordmodel = require "recordmodel"

local struct = memview.struct
local raises, expect, listof = helpers.raises, model.expect, helpers.listof

-- An object that gives what f() returns by __buffer.
local function exporter(f)
  return setmetatable({}, { __buffer = f })
end

-- The bytes in everything that exports them and can be written: { exporter, f that gives its bytes now }.
local function writables(bytes)
  local b, around = memview.buffer(bytes), memview.buffer("<<" .. bytes .. ">>")
  local row = memview.zeros("c", { 1, #bytes, 1 }):copyfrom(bytes)
  return {
    { b:view(), function() return b:tobytes() end },
    { around:view():sub(3, -3), function() return around:tobytes():match("^<<(.*)>>$") end },
    { row, function() return row:tobytes() end },
    { exporter(function() return row end), function() return row:tobytes() end },
    { exporter(function() return b end), function() return b:tobytes() end },
    { b, function() return b:tobytes() end },
  }
end

-- The bytes in everything that exports them.
local function readables(bytes)
  local list = listof(5, function(i) return writables(bytes)[i][1] end)
  table.move({
    bytes, memview(bytes), memview.buffer(bytes):view():toreadonly(), memview.buffer(bytes),
    exporter(function() return bytes end), memview(bytes):cast("b"),
  }, 1, 6, 6, list)
  return list
end

-- A random type, as a format text, and values for it.
local function randomcase(random)
  local nested = random(3) == 1
  local type = nested and recordmodel.random(random, {}) or recordmodel.randomflat(random)
  return type, recordmodel.format(type, not nested), recordmodel.values(random, type)
end

describe("struct", function()
  local packletters = {
    b = "i1", B = "I1", h = "i2", H = "I2", i = "i4", I = "I4", l = "i4", L = "I4", q = "i8", Q = "I8",
    f = "f", d = "d", c = "c1", x = "x",
  }

  -- A format of standard sizes, the same for string.pack, and values.
  local function standardcase(random)
    local order = ({ "<", ">" })[random(2)]
    local ours, theirs, values = { order }, { order }, {}
    for _ = 1, random(0, 6) do
      local letter, n = ("bBhHiIlLqQfdcxs"):sub(random(15)):sub(1, 1), random(0, 3)
      local count = random(2) == 1 and n or nil
      ours[#ours + 1] = (count or "") .. letter .. (" "):rep(random(0, 1))
      if letter == "s" then
        theirs[#theirs + 1] = "c" .. (count or 1)
        values[#values + 1] = recordmodel.bytes(random, count or 1)
      else
        for _ = 1, count or 1 do
          theirs[#theirs + 1] = packletters[letter]
          if letter ~= "x" then
            values[#values + 1] = recordmodel.value(random, recordmodel.scalar(order, letter))
          end
        end
      end
    end
    return table.concat(ours), table.concat(theirs, " "), values
  end

  it("packs and unpacks what string.pack does, for standard sizes", function()
    local random = helpers.random(601)
    for _ = 1, 2000 do
      local format, theirs, values = standardcase(random)
      local bytes = string.pack(theirs, table.unpack(values))
      expect(struct.calcsize(format), #bytes, "calcsize", format)
      expect(struct.pack(format, table.unpack(values)), bytes, "pack", format, values)
      expect({ struct.unpack(format, bytes) }, values, "unpack", format)
      local at = random(0, 3)
      local got = table.pack(struct.unpack_from(format, ("x"):rep(at) .. bytes .. "y", at + 1))
      expect(got[got.n], at + #bytes + 1, "next position", format)
    end
  end)

  it("lays out, packs and unpacks as a model does, for all orders, nested records and arrays", function()
    local random = helpers.random(602)
    for _ = 1, 1500 do
      local type, format, values = randomcase(random)
      expect(struct.calcsize(format), type.size, "calcsize", format)
      local bytes = struct.pack(format, table.unpack(values))
      expect(bytes, recordmodel.encode(type, values), "pack", format, values)
      local dirty = recordmodel.encode(type, values, recordmodel.bytes(random, type.size))
      expect({ struct.unpack(format, dirty) }, values, "unpack", format)
    end
  end)

  it("counts trailing alignment, zero counts and white space as Python does", function()
    local int, most = struct.calcsize "i", machine.most
    local aligned = struct.calcsize "Bq" - struct.calcsize "q"
    local sizes = {
      [""] = 0, ["<"] = 0, ["@"] = 0, ["0s"] = 0, ["0p"] = 0, ["0x"] = 0, ["<0q"] = 0, ["B0i"] = int,
      ["Bx0q"] = aligned, ["<B0i"] = 1, ["<B 2x\n\v\f\r H\t"] = 5, ["=3s2p"] = 5, ["T{B0i}B"] = int + 1,
      [("<%dB"):format(most)] = most,
    }
    for format, size in pairs(sizes) do expect(struct.calcsize(format), size, format) end
  end)

  it("works on all exporters of bytes", function()
    local bytes = "\1\2\3\4\5\6\7\8"
    for k, src in ipairs(readables(bytes)) do
      expect({ struct.unpack("<HHI", src) }, { 0x201, 0x403, 0x8070605 }, "unpack", k)
      expect({ struct.unpack_from(">H", src, 3) }, { 0x304, 5 }, "unpack_from", k)
      local got = {}
      for x, y in struct.iter_unpack("BxH", src) do got[#got + 1] = { x, y & 255, y >> 8 } end
      expect(#got, 2, "iter_unpack", k)
    end
    for k, pair in ipairs(writables(bytes)) do
      expect(struct.pack_into(">H", pair[1], 3, 0x4142), 5, "next position", k)
      expect(pair[2](), "\1\2AB\5\6\7\8", "pack_into", k)
    end
    expect({ struct.unpack("<HB", memview("abc"):cast("3s")) }, { 0x6261, 99 }, "a view of wider items")
    expect({ struct.unpack("<HB", memview("abc"):cast("T{B:x:2s:y:}")[1]) }, { 0x6261, 99 }, "a record")
  end)

  it("takes and gives flat values where a format nests", function()
    local format = "T{<H:a:T{2B:b:(2,2)h:m:}:n:xT{?}3s:s:}"
    local bytes = struct.pack(format, 1, 2, 3, 4, 5, 6, 7, true, "abc")
    assert.are.equal("\1\0\2\3\4\0\5\0\6\0\7\0\0\1abc", bytes)
    assert.are.same({ 1, 2, 3, 4, 5, 6, 7, true, "abc" }, { struct.unpack(format, bytes) })
    assert.are.same(memview(bytes):cast(format)[1].n.m:tolist(), { { 4, 5 }, { 6, 7 } })
  end)

  it("reads a letter's values by its rules", function()
    assert.are.same({ "a\0b", "ab", "", "x" }, { struct.unpack("3s4p2pc", "a\0b\2abz\0zx") })
    assert.are.equal("abc", struct.unpack("4p", "\255abc"))
    assert.are.same({ true, false, true }, { struct.unpack("3?", "\2\0\255") })
    assert.are.same({ -1, 1 << 63 }, { struct.unpack("<QQ", ("\255"):rep(8) .. ("\0"):rep(7) .. "\128") })
    assert.are.same({ 1.5, -2.0 }, { struct.unpack("<ef", "\0\x3e\0\0\0\xc0") })
    assert.are.equal(0, select("#", struct.unpack("4x", "abcd")))
    assert.are.same({ "" }, { struct.unpack("0s", "") })
  end)

  it("takes a letter's values by its rules", function()
    assert.are.equal("\255\0\2\0", struct.pack("<BxH", 255.0, 2.0))
    assert.are.equal("a\0\0\2bc\0z", struct.pack("3s4pc", "a", "bc", "z"))
    local c = exporter(function() return memview.buffer "c" end)
    assert.are.equal("ab\0\1cc", struct.pack("3s2pc", memview "ab", c, c))
    assert.are.equal(("\255"):rep(16), struct.pack("<Qq", -1, -1))
    assert.are.equal("\0\0\0\0\0\0\0\128", struct.pack("<Q", 2.0 ^ 63))
    assert.are.equal("\1\0", struct.pack("2?", true, false))
    assert.are.equal("\0\0\0\0", struct.pack "4x")
    assert.are.equal("", struct.pack "")
    local ones = listof(1000, function() return 1 end)
    assert.are.equal(("\1"):rep(1000), struct.pack("1000B", table.unpack(ones)))
  end)
end)

describe("struct positions", function()
  -- The position after `size` bytes at pos of n, or nil where they do not lie inside.
  local function after(pos, size, n)
    if pos < 0 then pos = pos + n + 1 end
    if pos >= 1 and pos + size <= n + 1 then return pos + size end
  end

  it("count from 1, negative ones from the end, for every size and place", function()
    local bytes = "\1\2\3\4\5\6"
    for n = 0, 6 do
      for size = 0, 4 do
        for pos = -n - 3, n + 3 do
          local src, format, want = bytes:sub(1, n), size .. "B", after(pos, size, n)
          local dst = memview.buffer(src)
          local got = table.pack(pcall(struct.unpack_from, format, src, pos))
          local zeros = listof(size, function() return 0 end)
          local ok, next = pcall(struct.pack_into, format, dst, pos, table.unpack(zeros))
          expect({ got[1], ok }, { want ~= nil, want ~= nil }, format, "at", pos, "of", n)
          if want then
            expect({ got[got.n], got.n - 2, next }, { want, size, want }, format, "at", pos, "of", n)
            expect({ table.unpack(got, 2, size + 1) }, { src:byte(want - size, want - 1) }, format, "at", pos)
            local written = src:sub(1, want - size - 1) .. ("\0"):rep(size) .. src:sub(want)
            expect(dst:tobytes(), written, format, "at", pos, "of", n)
          else
            expect(dst:tobytes(), src, format, "at", pos, "of", n)
          end
        end
      end
    end
  end)

  it("default to 1 and may be floats with an integer value", function()
    assert.are.same({ 0x201, 3 }, { struct.unpack_from("<H", "\1\2\3") })
    assert.are.same({ 0x201, 3 }, { struct.unpack_from("<H", "\1\2\3", nil) })
    assert.are.same({ 0x302, 4 }, { struct.unpack_from("<H", "\1\2\3", 2.0) })
    assert.are.same({ 0x302, 4 }, { struct.unpack_from("<H", "\1\2\3", -2) })
  end)

  it("outside raise, and say what there is", function()
    local b = memview.buffer "\1\2\3"
    for _, f in ipairs {
      function(pos) return struct.unpack_from("<H", b, pos) end,
      function(pos) return struct.pack_into("<H", b, pos, 1) end,
    } do
      raises("position 0 out of range (1 to 4)", f, 0)
      raises("position 5 out of range (1 to 4)", f, 5)
      raises("position -4 out of range", f, -4)
      raises("out of range", f, math.maxinteger)
      raises("out of range", f, math.mininteger)
      raises("'<H' needs 2 bytes at position 3, there are 1", f, 3)
      raises("'<H' needs 2 bytes at position 3, there are 1", f, -1)
      raises("'<H' needs 2 bytes at position 4, there are 0", f, 4)
      raises("number has no integer representation", f, 1.5)
      raises("number expected, got string", f, "1")
    end
    assert.are.equal("\1\2\3", b:tobytes())
  end)

  it("walk along a source by what each call gives", function()
    local b = memview.buffer()
    for k = 1, 20 do b:pack(">HB", k, #tostring(k)):append(tostring(k)) end
    local pos, seen = 1, {}
    while pos <= #b do
      local k, n, text
      k, n, pos = struct.unpack_from(">HB", b, pos)
      text, pos = struct.unpack_from(n .. "s", b, pos)
      seen[k] = text
    end
    assert.are.equal(#b + 1, pos)
    for k = 1, 20 do assert.are.equal(tostring(k), seen[k]) end
  end)
end)

describe("struct.pack_into", function()
  it("writes the bytes of pack, padding too, and no others", function()
    local random = helpers.random(603)
    for _ = 1, 300 do
      local type, format, values = randomcase(random)
      local before = recordmodel.bytes(random, type.size + 9)
      local pos = random(10)
      local v = memview.buffer(before):view()
      expect(struct.pack_into(format, v, pos, table.unpack(values)), pos + type.size, "next position", format)
      local want = before:sub(1, pos - 1) .. recordmodel.encode(type, values) .. before:sub(pos + type.size)
      expect(v:tobytes(), want, format)
    end
  end)

  it("writes nothing where anything is wrong", function()
    local b = memview.buffer(("\xA5"):rep(12))
    local wrong = {
      { "<HBI", b, 1, 1, 2, -1 }, { "<HBI", b, 1, 1, 2 }, { "<HBI", b, 1, 1, 2, 3, 4 },
      { "<HBI", b, 7, 1, 2, 3 }, { "<HBI", b, 0, 1, 2, 3 }, { "<HBI", b, {}, 1, 2, 3 },
      { "2s3p", b, 1, "ab", "abc" }, { "<H?", b, 1, 1, 1 }, { "<Hc", b, 1, 1, "" },
      { "<fe", b, 1, 1, 65520 }, { "<HBZ", b, 1, 1, 2, 3 }, { "<H" }, { "<H", b },
      { "<2s", b, 1, print }, { "<H", b, 1, {} },
    }
    for k, arguments in ipairs(wrong) do
      expect(pcall(struct.pack_into, table.unpack(arguments)), false, "wrong call accepted", k)
      expect(b:tobytes(), ("\xA5"):rep(12), "bytes after wrong call", k)
    end
  end)

  it("refuses what cannot be written", function()
    raises("read-only", struct.pack_into, "B", "abc", 1, 1)
    raises("view is read-only", struct.pack_into, "B", memview "abc", 1, 1)
    raises("view is read-only", struct.pack_into, "B", memview.buffer("abc"):view():toreadonly(), 1, 1)
    raises("read-only", struct.pack_into, "B", exporter(function() return "abc" end), 1, 1)
    raises("read-only", struct.pack_into, "", "", 1)
    for _, x in ipairs { 1, true, {}, print } do
      raises("string, buffer or view expected", struct.pack_into, "B", x, 1, 1)
    end
  end)

  it("does not write to what a value's __buffer has let go", function()
    local b = memview.buffer(8)
    raises("released buffer", struct.pack_into, "2sH", b, 1, exporter(function()
      b:release()
      return "ab"
    end), 1)
    b = memview.buffer(8)
    local v = b:view()
    raises("released view", struct.pack_into, "2sH", v, 1, exporter(function()
      v:release()
      b:resize(0)
      return "ab"
    end), 1)
    b = memview.buffer(8)
    raises("needs 4 bytes", struct.pack_into, "2sH", b, 5, exporter(function()
      b:resize(4)
      return "ab"
    end), 1)
    assert.are.equal("\0\0\0\0", b:tobytes())
    assert.are.equal(7, struct.pack_into("2sH", b, 3, exporter(function()
      b:resize(8)
      return "ab"
    end), 0x101))
    assert.are.equal("\0\0ab\1\1\0\0", b:tobytes())
  end)
end)

describe("struct.iter_unpack", function()
  it("gives the values of one item after the other", function()
    local random = helpers.random(604)
    for _ = 1, 150 do
      local type, format = randomcase(random)
      if type.values > 0 then
        local rows = listof(random(0, 4), function() return recordmodel.values(random, type) end)
        local parts = listof(#rows, function(i) return recordmodel.encode(type, rows[i]) end)
        local got, step = {}, struct.iter_unpack(format, table.concat(parts))
        for _ = 1, #rows do got[#got + 1] = { step() } end
        expect(got, rows, format)
        expect(select("#", step()), 0, "results at the end", format)
      end
    end
  end)

  it("is for loops, several at once", function()
    local pairsof = {}
    for a, b in struct.iter_unpack("<BB", "abcd") do
      for c in struct.iter_unpack("c", "xy") do pairsof[#pairsof + 1] = a .. b .. c end
    end
    assert.are.same({ "9798x", "9798y", "99100x", "99100y" }, pairsof)
    local falses = 0
    for x in struct.iter_unpack("?", "\0\0\1") do falses = falses + (x and 0 or 1) end
    assert.are.equal(2, falses)
  end)

  it("wants a whole number of items, not of 0 bytes", function()
    raises("7 bytes are not a whole number of items of 2 bytes ('<H')", struct.iter_unpack, "<H", "1234567")
    raises("0 bytes", struct.iter_unpack, "", "")
    raises("0 bytes", struct.iter_unpack, "0s", "abc")
    raises("string, buffer or view expected, got nil", struct.iter_unpack, "B", nil)
    assert.is_nil((struct.iter_unpack("<H", "")()))
  end)

  it("sees writes on the way, ends where the source does, and raises where it is released", function()
    local b, got = memview.buffer "\1\2\3\4", {}
    for x in struct.iter_unpack("B", b) do
      got[#got + 1] = x
      if x == 1 then b[2] = 9 end
      if x == 9 then b:resize(3) end
    end
    assert.are.same({ 1, 9, 3 }, got)
    got = {}
    for x in struct.iter_unpack("<H", memview.buffer(b):append(4, 5, 6)) do got[#got + 1] = x end
    assert.are.same({ 0x901, 0x403, 0x605 }, got)
    local pair = memview.buffer "\1\2\3\4"
    for x in struct.iter_unpack("<H", pair) do
      assert.are.equal(0x201, x)
      pair:resize(3)                    -- half an item is none
    end
    local v = memview.buffer("\1\2\3"):view()
    raises("released view", function()
      for _ in struct.iter_unpack("B", v) do v:release() end
    end)
    raises("released buffer", function()
      for _ in struct.iter_unpack("B", b) do b:release() end
    end)
  end)

  it("keeps its source and its format", function()
    local steps = listof(20, function(k)
      return struct.iter_unpack(("<H%dx"):format(k), memview.buffer(("\1"):rep(2 * (k + 2))))
    end)
    for k = 1, 600 do struct.calcsize(("<I%dx"):format(k)) end
    helpers.collect()
    for _, step in ipairs(steps) do
      assert.are.same({ 257, 257 }, { step(), step() })
      assert.is_nil((step()))
    end
  end)
end)

describe("Buffer:pack", function()
  it("appends what pack gives", function()
    local random = helpers.random(605)
    local b, want = memview.buffer(), {}
    for k = 1, 300 do
      local _, format, values = randomcase(random)
      want[k] = struct.pack(format, table.unpack(values))
      assert.are.equal(b, b:pack(format, table.unpack(values)))
    end
    assert.are.equal(table.concat(want), b:tobytes())
  end)

  it("takes its own bytes, and what a __buffer does to it", function()
    local b = memview.buffer "abc"
    b:pack("5s", b):pack("2s", exporter(function()
      b:resize(4)
      return "xy"
    end))
    assert.are.equal("abcaxy", b:tobytes())
    raises("released buffer", b.pack, b, "s", exporter(function()
      b:release()
      return "x"
    end))
    raises("released buffer", b.pack, b, "B", 1)
  end)

  it("changes nothing where a value is wrong, or views are live", function()
    local b = memview.buffer "abc"
    raises("256 does not fit '<B'", b.pack, b, "<HB", 1, 256)
    raises("2 values expected", b.pack, b, "<HB", 1)
    raises("unknown letter 'Z'", b.pack, b, "Z", 1)
    assert.is_false(pcall(b.pack, b))
    local v = b:view()
    raises("cannot resize buffer: 1 view is live", b.pack, b, "B", 1)
    b:pack "":pack("0s", "")
    assert.are.equal("abc", b:tobytes())
    v:release()
    assert.are.equal("abc\1", b:pack("B", 1):tobytes())
  end)
end)

describe("struct errors", function()
  it("name what was wrong with a value, and the argument", function()
    raises("bad argument #3", struct.pack, "<BB", 1, 300)
    raises("300 does not fit '<B' (0 to 255)", struct.pack, "<BB", 1, 300)
    raises("-129 does not fit 'b' (-128 to 127)", struct.pack, "b", -129)
    raises("integer expected for 'B', got string", struct.pack, "B", "1")
    raises("integer expected for 'B', got boolean", struct.pack, "B", true)
    raises("1.5 has no integer value, as 'B' needs", struct.pack, "B", 1.5)
    raises("boolean expected for '?', got number", struct.pack, "?", 1)
    raises("number expected for 'f', got string", struct.pack, "f", "0.5")
    raises("does not fit 'f'", struct.pack, "f", 1e39)
    raises("does not fit '<e'", struct.pack, "<e", 65520)
    raises("string expected for '4s', got number", struct.pack, "4s", 1)
    raises("string of 5 bytes does not fit '3s' (at most 3)", struct.pack, "3s", "12345")
    raises("string of 3 bytes does not fit '3p' (at most 2)", struct.pack, "3p", "abc")
    raises("'c'", struct.pack, "c", "ab")
    raises("'c'", struct.pack, "c", "")
    raises("'B'", struct.pack, "B", nil)
  end)

  it("count the values that a format takes", function()
    raises("3 values expected for '<HHf', got 2", struct.pack, "<HHf", 1, 2)
    raises("3 values expected for '<HHf', got 4", struct.pack, "<HHf", 1, 2, 3, nil)
    raises("1 value expected for 'xHx', got 0", struct.pack, "xHx")
    raises("0 values expected for '4x', got 1", struct.pack, "4x", 0)
    raises("1 value expected for '3s', got 3", struct.pack, "3s", "a", "b", "c")
    raises(machine.most .. " values expected", struct.pack, ("<%dB"):format(machine.most), 1)
    raises("5 values expected", struct.pack, "T{(2,2)H:m:B:x:}", 1)
  end)

  it("say how many bytes a format needs", function()
    raises("'<HHf' needs 8 bytes, there are 7", struct.unpack, "<HHf", ("x"):rep(7))
    raises("'<HHf' needs 8 bytes, there are 9", struct.unpack, "<HHf", ("x"):rep(9))
    raises("'' needs 0 bytes, there are 1", struct.unpack, "", "x")
    local most = machine.most
    raises(("needs %d bytes"):format(most), struct.unpack, ("<%ds"):format(most), "x")
    raises(("needs %d bytes"):format(most), struct.unpack_from, ("<%ds"):format(most), "x")
  end)

  it("say where a format text goes wrong", function()
    local texts = {
      ["Hyz"] = "bad format 'Hyz' at position 2: unknown letter 'y'",
      ["<Hn"] = "bad format '<Hn' at position 3", ["H<H"] = "bad format 'H<H' at position 2",
      ["3"] = "bad format '3' at position 1", ["I4"] = "bad format 'I4' at position 2",
      ["T{H"] = "bad format 'T{H' at position 1", ["H}"] = "bad format 'H}' at position 2",
      ["3 H"] = "at position 1", ["H\0"] = "at position 2", ["99999999999999999999B"] = "at position 1",
      ["9223372036854775807B2B"] = "at position",
    }
    for format, message in pairs(texts) do
      for _, name in ipairs { "calcsize", "pack", "unpack", "unpack_from", "iter_unpack" } do
        raises(message, struct[name], format, "")
      end
      raises(message, struct.pack_into, format, memview.buffer(1), 1)
    end
    for _, x in pairs { 1, 1.5, true, {}, print } do
      raises("format string", struct.calcsize, x)
      raises("format string", struct.pack, x)
      raises("format string", struct.unpack, x, "")
    end
    assert.is_false(pcall(struct.calcsize))
  end)

  it("name sources that give no bytes, or not in one piece", function()
    for _, x in pairs { 1, true, {}, print } do
      for _, f in ipairs { struct.unpack, struct.unpack_from, struct.iter_unpack } do
        raises("string, buffer or view expected, got " .. type(x), f, "B", x)
      end
    end
    local grid = memview.zeros("B", { 2, 3 })
    for _, v in ipairs {
      memview("abcdef"):sub(1, -1, 2), memview("abc"):sub(-1, 1, -1), grid:transpose(), grid:slice({}, 1),
      memview("abcdef"):cast("T{B:x:2B:y:}"):field "y",
    } do
      for _, f in ipairs { struct.unpack, struct.unpack_from, struct.iter_unpack } do
        raises("contiguous", f, "B", v)
      end
    end
    raises("contiguous", struct.pack_into, "B", grid:transpose(), 1, 1)
    raises("released view", struct.unpack, "B", (function()
      local v = memview "a"
      v:release()
      return v
    end)())
  end)

  it("end what would not fit in memory or on the stack", function()
    for _, f in ipairs {
      function() return struct.pack "9223372036854775807x" end,
      function() return struct.pack "9223372036854775000x" end,
      function() return memview.buffer(3):pack "9223372036854775807x" end,
      function() return struct.pack_into("9223372036854775807x", memview.buffer(3), 1) end,
      function() return struct.unpack("2000000B", memview.buffer(2000000)) end,
      function() return struct.unpack_from("2000000B", memview.buffer(2000000)) end,
      function() return struct.iter_unpack("2000000B", memview.buffer(2000000))() end,
    } do
      assert.is_false(pcall(f))
    end
    assert.are.equal(100000, select("#", struct.unpack("100000B", memview.buffer(100000))))
  end)

  it("leave the memory alone that finalizers move while strings are made", function()
    local b = memview.buffer(("ab"):rep(500))
    local pause, multiplier = machine.pace(100, 100)
    for k = 1, 400 do
      for _ = 1, 20 do
        setmetatable({}, { __gc = function() b:resize(k % 3 == 0 and 500 or 1000 + k % 7, 99) end })
      end
      local ok, text, message = pcall(struct.unpack_from, "200s200s", b)
      if not ok then raises("memory changed its size", error, text) end
      if ok then assert.are.equal(400, #text + #message) end
    end
    machine.pace(pause, multiplier)
    helpers.collect()
  end)
end)

describe("the cache of formats", function()
  it("gives every format its own result, however many there are", function()
    local random = helpers.random(606)
    local kept = {}
    for k = 1, 10000 do
      local format = ("<%dB%dx%s"):format(k % 90, k // 90, k % 2 == 0 and "H" or "h")
      local size = k % 90 + k // 90 + 2
      if struct.calcsize(format) ~= size then error(format) end
      if random(100) == 1 then kept[format] = size end
    end
    for format, size in pairs(kept) do expect(struct.calcsize(format), size, format) end
  end)

  it("is bounded", function()
    local function fill(first)
      for k = first, first + 4999 do struct.calcsize(("<H%dxI"):format(k)) end
      helpers.collect()
      return collectgarbage "count"
    end
    fill(1)
    local before = fill(5001)
    local after = fill(10001)
    -- Between empty and full, the cache takes half a megabyte; 5000 formats would take eight.
    assert.is_true(after - before < 1024, "KB more after 5000 further formats")
    assert.is_true(fill(15001) - before < 1024, "KB more after 10000 further formats")
  end)

  it("does not keep what is very large, not even the last ones", function()
    helpers.collect()
    local before = collectgarbage "count"
    for k = 1, 60 do struct.pack("H" .. (" "):rep(65000 - k), 1) end
    helpers.collect()
    assert.is_true(collectgarbage "count" - before < 1024, "KB more after 60 formats of 65 KB")
  end)

  it("compiles a text once", function()
    local formats = listof(50, function(k) return "<" .. ("HIx"):rep(k) end)
    local again = listof(50, function(k) return "<" .. ("HIx"):rep(k) end)      -- long strings are not shared
    local bytes = ("\0"):rep(7 * 50)
    local function round()
      for k = 1, 50 do
        struct.calcsize(formats[k])
        struct.calcsize(again[k])
        struct.unpack_from(formats[k], bytes)
      end
    end
    round()
    round()             -- the first one may have found the cache nearly full
    collectgarbage "stop"
    local before = collectgarbage "count"
    for _ = 1, 20 do round() end
    local grown = collectgarbage "count" - before
    collectgarbage "restart"
    assert.is_true(grown < 16, "KB for 3000 calls: " .. grown)
  end)

  it("cannot be poisoned by formats that fail", function()
    local wrong = listof(50, function(k) return ("<H%dxZ"):format(k) end)
    local messages = {}
    for round = 1, 3 do
      for k, format in ipairs(wrong) do
        local message = raises("unknown letter 'Z'", struct.calcsize, format)
        if round == 1 then messages[k] = message end
        assert.are.equal(messages[k], message)
        assert.are.equal(k + 2, struct.calcsize(format:sub(1, -2)))
        assert.is_false(pcall(memview.zeros, format, 1))
        assert.is_false(pcall(memview.zeros, ("%dx"):format(k), 1))
        assert.are.equal(k, struct.calcsize(("%dx"):format(k)))
      end
    end
  end)

  it("tells texts apart that only begin alike, and formats that have the same items", function()
    assert.are.equal(3, struct.calcsize "<HB")
    raises("at position 4", struct.calcsize, "<HB\0")
    raises("at position 4", struct.calcsize, "<HB\0B")
    assert.are.equal(3, struct.calcsize "<HB")
    local sizes = { ["BH"] = 4, ["<BH"] = 3, [">BH"] = 3, ["B H"] = 4, ["T{BH}"] = 4, ["B:x:H"] = 4 }
    for _ = 1, 2 do
      for format, size in pairs(sizes) do expect(struct.calcsize(format), size, format) end
      expect({ struct.unpack("<BH", "\1\2\3") }, { 1, 0x302 })
      expect({ struct.unpack(">BH", "\1\2\3") }, { 1, 0x203 })
    end
    raises("format string", struct.calcsize, 0)
    raises("format string", struct.calcsize, 1)
    raises("at position 1", struct.calcsize, "0")
  end)

  it("may be emptied while one of its formats is at work", function()
    local function flush()
      for k = 1, 600 do struct.calcsize(("<q%dx"):format(k)) end
      helpers.collect()
      return "x"
    end
    for k = 1, 5 do
      local format = ("<H%dxssH"):format(k)
      local value = exporter(flush)
      local want = "\1\0" .. ("\0"):rep(k) .. "xx\2\0"
      assert.are.equal(want, struct.pack(format, 1, value, value, 2))
      local b = memview.buffer():pack(format, 1, value, value, 2)
      assert.are.equal(#want + 1, struct.pack_into(format, b, 1, 1, value, value, 2))
      assert.are.equal(want, b:tobytes())
      local src = exporter(function()
        flush()
        return want
      end)
      assert.are.same({ 1, "x", "x", 2 }, { struct.unpack(format, src) })
      assert.are.same({ 1, "x", "x", 2, #want + 1 }, { struct.unpack_from(format, src) })
      local v = memview(src):cast(("T{<H:a:%dx2s:s:H:b:}"):format(k))
      flush()
      v = v:clone()
      v[1] = { s = value, a = 3 }
      assert.are.same({ a = 3, s = "x\0", b = 2 }, v[1]:tolist())
    end
  end)
end)
