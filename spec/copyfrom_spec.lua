-- copyfrom and row assignment: conversion, all or nothing, overlap.
local memview = require "memview"
local helpers = require "helpers"
local ndmodel = require "ndmodel"
local numbermodel = require "numbermodel"
local raises = helpers.raises

local function agree(want, got, ...)
  if want ~= got then
    error(("expected %q, got %q (%s)"):format(want, got, table.concat({ ... }, ", ")), 2)
  end
end

--- The same bytes, or two NaN whose bits may differ.
local function sameitem(format, want, got)
  if want == got then return true end
  local a, b = numbermodel.unpack(format, want), numbermodel.unpack(format, got)
  return a ~= a and b ~= b
end

--- A view of two items of `format` in memory full of 0xA5, and that memory.
local function target(format)
  local b = memview.buffer():resize(2 * numbermodel.info(format).size, 0xA5)
  return b:view():cast(format), b
end

--- copyfrom(source) must write `one` and `want`; where there is no `want`, raise a string and write nothing.
local function checkcopy(format, source, one, want, ...)
  local dst, memory = target(format)
  local before = memory:tobytes()
  local ok, result = pcall(dst.copyfrom, dst, source)
  local size = numbermodel.info(format).size
  local after = memory:tobytes()
  if want then
    if not ok then error(("refused with %q (%s)"):format(result, table.concat({ ... }, " ")), 2) end
    agree(one, after:sub(1, size), ...)
    assert(sameitem(format, want, after:sub(size + 1)), table.concat({ ... }, " "))
  else
    assert(not ok and type(result) == "string", "accepted: " .. table.concat({ ... }, " "))
    agree(before, after, "after an error", ...)
  end
end

describe("copyfrom() between formats", function()
  it("converts every value that fits and refuses the others before it writes", function()
    for _, from in ipairs(numbermodel.formats) do
      local one = numbermodel.pack(from, 1)
      for _, edge in ipairs(numbermodel.edges(from)) do
        local source = memview(one .. edge.bytes):cast(from)
        for _, to in ipairs(numbermodel.formats) do
          checkcopy(to, source, numbermodel.pack(to, 1), numbermodel.convert(from, edge.number, to),
            from, "to", to, edge.number)
        end
      end
    end
  end)

  it("takes tables of numbers by the rules of an item", function()
    for _, to in ipairs(numbermodel.formats) do
      for _, number in ipairs(numbermodel.pool) do
        local want, item = numbermodel.store(to, number), memview.zeros(to, 1)
        local fits = pcall(function() item[1] = number end)
        if math.type(number) == "float" and number < 0 then want = fits and item:tobytes() end
        checkcopy(to, { 1, number }, numbermodel.pack(to, 1), want, "table to", to, number)
        assert(fits == (want ~= nil and want ~= false), to)
      end
    end
  end)

  it("converts long and strided views as it converts one item", function()
    local random, seed = helpers.random(31)
    for _ = 1, 400 do
      local from = numbermodel.formats[random(#numbermodel.formats)]
      local to = numbermodel.formats[random(#numbermodel.formats)]
      local n, edges = random(0, 40), numbermodel.edges(from)
      local bytes, want = {}, {}
      for i = 1, n do
        local edge, converted
        repeat
          edge = edges[random(#edges)]
          converted = numbermodel.convert(from, edge.number, to)
        until converted and edge.number == edge.number
        bytes[i], want[n + 1 - i] = edge.bytes .. edge.bytes, converted
      end
      local source = memview(table.concat(bytes)):cast(from):sub(nil, nil, -2)
      local dst = memview.zeros(to, { n })
      agree(table.concat(want), dst:copyfrom(source):tobytes(), from, to, n, "seed " .. seed)
      local every2nd = memview.zeros(to, { 2 * n }):sub(1, nil, 2)
      agree(table.concat(want), every2nd:copyfrom(source):tobytes(), from, to, n, "strided, seed " .. seed)
    end
  end)

  it("writes nothing when one value far inside does not fit", function()
    for _, to in ipairs { "B", "<h", ">i", "f", "e" } do
      for bad = 1, 70 do
        local source = memview.zeros("d", 70):fill(1)
        source[bad] = to == "f" and 1e39 or 1e30
        local dst = memview.zeros(to, 70)
        raises("does not fit", function() dst:copyfrom(source) end)
        assert.equal(70, dst:count(0))
      end
    end
  end)

  it("names the value and the format", function()
    local b = memview.zeros("B", 2)
    raises("300 does not fit 'B' (0 to 255)", function() b:copyfrom(memview.array("H", { 1, 300 })) end)
    raises("-1 does not fit 'B' (0 to 255)", function() b:copyfrom { 1, -1 } end)
    local floats = memview.array("d", { 1, 1.5 })
    raises("1.5 has no integer value, as 'B' needs", function() b:copyfrom(floats) end)
    raises("integer expected for 'B', got string", function() b:copyfrom { 1, "2" } end)
    raises("number expected for 'f', got boolean", function() memview.zeros("f", 1):copyfrom { true } end)
  end)

  it("takes unsigned values of 2^63 and more by their meaning", function()
    local big = memview.array("Q", { 1 << 63 })
    raises("does not fit", function() memview.zeros("q", 1):copyfrom(big) end)
    raises("does not fit", function() memview.zeros("Q", 1):copyfrom(memview.array("q", { -1 })) end)
    assert.equal(2.0 ^ 63, memview.zeros("d", 1):copyfrom(big)[1])
    assert.equal(1 << 63, memview.zeros(">Q", 1):copyfrom(big)[1])
    assert.equal(-1, memview.zeros("Q", 1):copyfrom({ -1 })[1])
    assert.equal(1 << 63, memview.zeros("Q", 1):copyfrom(memview.array("d", { 2.0 ^ 63 }))[1])
  end)
end)

describe("copyfrom() of booleans and strings", function()
  it("lets '?' take booleans only, and give them only", function()
    local flags = memview.zeros("?", 2)
    assert.same({ true, false }, flags:copyfrom({ true, false }):tolist())
    assert.same({ true, true }, flags:copyfrom(memview("\1\2\0"):cast("?"):sub(1, 2)):tolist())
    raises("boolean expected for '?'", function() flags:copyfrom { false, 1 } end)
    local bytes = memview.array("B", { 0, 1 })
    raises("boolean expected for '?'", function() flags:copyfrom(bytes) end)
    raises("integer expected for 'B', got boolean", function() memview.zeros("B", 2):copyfrom(flags) end)
    raises("number expected for 'd', got boolean", function() memview.zeros("d", 2):copyfrom(flags) end)
    assert.same({ true, true }, flags:tolist())
  end)

  it("lets 'c', 's' and 'p' take strings only, and give them only", function()
    for _, format in ipairs { "c", "1s", "3s", "4p" } do
      local v = memview.zeros(format, 2):copyfrom { "a", "b" }
      local before = v:tobytes()
      raises("string expected for '" .. v.format .. "'", function() v:copyfrom { "c", 1 } end)
      raises("string expected", function() v:copyfrom(memview.array("B", { 1, 2 })) end)
      raises("string expected", function() v:copyfrom(memview.array("?", { true, true })) end)
      raises("integer expected for 'B', got string", function() memview.zeros("B", 2):copyfrom(v) end)
      raises("number expected for 'd', got string", function() memview.zeros("d", 2):copyfrom(v) end)
      raises("boolean expected for '?', got string", function() memview.zeros("?", 2):copyfrom(v) end)
      assert.equal(before, v:tobytes())
    end
  end)

  it("copies between string formats as an item loop does", function()
    local random = helpers.random(32)
    local formats = { "c", "1s", "2s", "5s", "1p", "3p", "6p" }
    for _, from in ipairs(formats) do
      for _, to in ipairs(formats) do
        for _ = 1, 12 do
          local source = memview.zeros(from, 3)
          local raw = source:cast "B"
          for i = 1, #raw do raw[i] = random(4) == 1 and random(0, 255) or random(0, 2) end
          local bulk, loop = memview.zeros(to, 3), memview.zeros(to, 3)
          local fine = pcall(bulk.copyfrom, bulk, source)
          local item = pcall(function() for i = 1, 3 do loop[i] = source[i] end end)
          assert(fine == item, from .. " to " .. to)
          if fine then
            assert.same(loop:tolist(), bulk:tolist(), from .. " to " .. to)
          else
            agree(("\0"):rep(3 * bulk.itemsize), bulk:tobytes(), from, to)
          end
        end
      end
    end
  end)

  it("pads what is shorter and refuses what is longer", function()
    local v = memview.array("3s", { "xxx", "yyy" })
    raises("string of 4 bytes does not fit '3s' (at most 3)", function() v:copyfrom { "a", "abcd" } end)
    assert.equal("xxxyyy", v:tobytes())
    assert.equal("a\0\0\0\0\0", v:copyfrom({ "a", "" }):tobytes())
    raises("", function() memview.zeros("c", 1):copyfrom { "" } end)
    raises("", function() memview.zeros("c", 1):copyfrom { "ab" } end)
  end)

  it("takes byte exporters for strings in a table", function()
    local v = memview.zeros("3s", 2)
    assert.equal("abcd\0\0", v:copyfrom({ memview "abc", memview.buffer "d" }):tobytes())
    assert.equal("xy", memview.zeros("c", 2):copyfrom({ memview "x", memview.buffer "y" }):tobytes())
  end)
end)

describe("copyfrom() of a string or Buffer", function()
  it("fills byte-sized views of any dimension with the bytes", function()
    local bytes = "\0\1\127\128\255A"
    for _, source in ipairs { bytes, memview.buffer(bytes) } do
      for _, format in ipairs { "B", "b", "c", "?", "1s" } do
        for _, shape in ipairs { { 6 }, { 2, 3 }, { 3, 1, 2 } } do
          assert.equal(bytes, memview.zeros(format, shape):copyfrom(source):tobytes())
        end
      end
      assert.equal(bytes, memview.zeros("B", { 3, 2 }):transpose():copyfrom(source):tobytes())
    end
    assert.equal("x", memview.zeros("B", {}):copyfrom("x"):tobytes())
    assert.equal(-1, memview.zeros("b", 1):copyfrom("\255")[1])
  end)

  it("refuses other sizes", function()
    for _, shape in ipairs { { 6 }, { 2, 3 } } do
      local v = memview.zeros("B", shape):fill(9)
      for _, source in ipairs { "", "abcde", "abcdefg", memview.buffer(5), memview.buffer(12) } do
        raises("bad argument #1 to 'copyfrom'", function() v:copyfrom(source) end)
      end
      assert.equal(("\9"):rep(6), v:tobytes())
    end
  end)

  it("refuses wider items", function()
    for _, format in ipairs { "H", "<h", "d", "2s", "2p" } do
      local v = memview.zeros(format, 2)
      raises("", function() v:copyfrom(("x"):rep(v.nbytes)) end)
      raises("", function() v:copyfrom(memview.buffer(v.nbytes)) end)
      raises("", function() v:copyfrom "ab" end)
    end
  end)

  it("takes a View of bytes by value and shape", function()
    assert.same({ 97, 98 }, memview.zeros("H", 2):copyfrom(memview "ab"):tolist())
    local square = memview.zeros("B", { 2, 2 })
    raises("shape {2,2} expected, got {4}", function() square:copyfrom(memview "abcd") end)
    raises("does not fit 'b'", function() memview.zeros("b", 1):copyfrom(memview "\255") end)
  end)
end)

describe("copyfrom() and shapes", function()
  it("gives the view back", function()
    local v = memview.zeros("B", 3)
    assert(rawequal(v, v:copyfrom "abc"))
    assert(rawequal(v, v:copyfrom { 1, 2, 3 }))
    assert(rawequal(v, v:copyfrom(memview "abc")))
  end)

  it("copies any layout into any layout", function()
    local random, seed = helpers.random(33)
    for _ = 1, 400 do
      local base = memview.zeros(">i", ndmodel.shape(random, 3))
      local dst, model = ndmodel.wander(random, base, ndmodel.contiguous(base.shape))
      local shape, backwards = model.shape, {}
      for d = #shape, 1, -1 do backwards[#backwards + 1] = shape[d] end
      local source = memview.zeros("<h", backwards)
      for i = 1, ndmodel.size(shape) do source:reshape({ -1 })[i] = random(-999, 999) end
      source = source:transpose()
      dst:copyfrom(source)
      assert.same(source:tolist(), dst:tolist(), "seed " .. seed)
      local untouched, flat, total = ndmodel.positions(model), base:reshape { -1 }, 0
      for _, position in ipairs(untouched) do flat[position] = 0 end
      for i = 1, #flat do total = total + math.abs(flat[i]) end
      assert(total == 0, "wrote outside, seed " .. seed)
    end
  end)

  it("takes what tolist() gives, for every shape", function()
    local random, seed = helpers.random(34)
    for _ = 1, 200 do
      local source = memview.zeros("d", ndmodel.shape(random, 4))
      for i = 1, ndmodel.size(source.shape) do source:reshape({ -1 })[i] = random(-9, 9) / 4 end
      local dst = memview.zeros("f", source.shape)
      assert(dst:copyfrom(source:tolist()):equals(source), "seed " .. seed)
    end
  end)

  it("refuses other shapes and writes nothing", function()
    local v = memview.zeros("B", { 2, 3 }):fill(9)
    raises("shape {2,3} expected, got {3,2}", function() v:copyfrom(memview.zeros("B", { 3, 2 })) end)
    raises("shape {2,3} expected, got {6}", function() v:copyfrom(memview.zeros("B", 6)) end)
    raises("shape {2,3} expected, got {1,2,3}", function() v:copyfrom(memview.zeros("B", { 1, 2, 3 })) end)
    raises("shape {2,3} expected, got {}", function() v:copyfrom(memview.zeros("B", {})) end)
    local tables = { {}, { 1, 2 }, { { 1, 2, 3 } }, { { 1, 2, 3 }, { 1, 2 } },
      { { 1, 2, 3 }, { 1, 2, 3, 4 } }, { { 1, 2, 3 }, { 1, 2, 3 }, { 1, 2, 3 } }, { { 1, 2, 3 }, 4 },
      { { 1, 2, 3 }, { 1, 2, { 3 } } },
      { { 1, 2, 3 }, { 1, nil, 3 } }, { { 1, 2, 3 }, false } }
    for _, source in ipairs(tables) do raises("", function() v:copyfrom(source) end) end
    assert.equal(("\9"):rep(6), v:tobytes())
    raises("integer expected for 'B', got table", function() memview.zeros("B", 1):copyfrom { { 1 } } end)
  end)

  it("copies single items of 0 dimensions", function()
    local scalar = memview.zeros("h", {})
    assert.equal(5, scalar:copyfrom(memview.array("d", { 5 }):slice(1)):get())
    raises("shape {} expected, got {1}", function() scalar:copyfrom(memview.array("h", { 1 })) end)
  end)

  it("copies nothing for lengths of 0", function()
    assert.equal(0, memview.zeros("B", 0):copyfrom("").nbytes)
    assert.equal(0, memview.zeros("B", 0):copyfrom({}).nbytes)
    assert.equal(0, memview.zeros("B", 0):copyfrom(memview.zeros("d", 0)).nbytes)
    assert.equal(0, memview.zeros("B", { 3, 0 }):copyfrom(memview.zeros("?", { 3, 0 })).nbytes)
    raises("shape {0,3} expected, got {3,0}", function()
      memview.zeros("B", { 0, 3 }):copyfrom(memview.zeros("B", { 3, 0 }))
    end)
    raises("", function() memview.zeros("B", 0):copyfrom "x" end)
    raises("", function() memview.zeros("B", 0):copyfrom { 1 } end)
  end)

  it("refuses a read-only target whatever the source", function()
    for _, v in ipairs { memview "abc", memview.zeros("B", 3):toreadonly() } do
      for _, source in ipairs { "abc", memview "abc", { 1, 2, 3 }, memview.buffer "abc" } do
        raises("view is read-only", function() v:copyfrom(source) end)
        raises("view is read-only", function() v:copyfrom(source, 1) end)
      end
    end
    raises("view is read-only", function() memview(""):copyfrom "" end)
  end)

  it("refuses what is neither exporter nor table, naming argument #1", function()
    local v = memview.zeros("B", 1)
    for _, source in ipairs { 5, true, print, io.stdout } do
      raises("bad argument #1 to 'copyfrom'", function() v:copyfrom(source) end)
    end
    raises("bad argument #1 to 'copyfrom'", function() v:copyfrom() end)
    raises("bad argument #2 to 'copyfrom'", function() v:copyfrom("x", "1") end)
    raises("bad argument #2 to 'copyfrom'", function() v:copyfrom("x", 1.5) end)
  end)
end)

describe("copyfrom(src, i)", function()
  local function sources(n)
    local text = ("xyzuvw"):sub(1, n)
    return { text, memview.buffer(text), memview(text), { text:byte(1, -1) } }
  end

  it("writes items i, i + 1, ... or refuses what does not fit", function()
    local before = "abcde"
    for length = 1, 6 do
      for i = -7, 7 do
        for kind, source in ipairs(sources(length)) do
          local v = memview.buffer(before):view()
          local first = i < 0 and 5 + i + 1 or i
          if first >= 1 and first + length - 1 <= 5 then
            local want = before:sub(1, first - 1) .. ("xyzuvw"):sub(1, length) .. before:sub(first + length)
            agree(want, v:copyfrom(source, i):tobytes(), length, i, kind)
          else
            raises("", function() v:copyfrom(source, i) end)
            agree(before, v:tobytes(), length, i, kind)
          end
        end
      end
    end
  end)

  it("writes rows", function()
    local m = memview.zeros("B", { 3, 2 })
    m:copyfrom({ { 1, 2 }, { 3, 4 } }, 2)
    assert.same({ { 0, 0 }, { 1, 2 }, { 3, 4 } }, m:tolist())
    m:copyfrom(memview.array("d", { { 7, 8 } }), -3)
    assert.same({ { 7, 8 }, { 1, 2 }, { 3, 4 } }, m:tolist())
    m:copyfrom("abcd", 1)
    assert.equal("abcd\3\4", m:tobytes())
    raises("", function() m:copyfrom("abc", 1) end)
    raises("", function() m:copyfrom({ { 1, 2 }, { 3, 4 } }, 3) end)
    raises("", function() m:copyfrom({ { 1, 2, 3 } }, 1) end)
    raises("", function() m:copyfrom({ 1, 2 }, 1) end)
    assert.equal("abcd\3\4", m:tobytes())
  end)

  it("refuses extreme positions", function()
    local v = memview.zeros("B", 5)
    local extremes = { math.maxinteger, math.mininteger, 1 << 62, -1 << 62, math.maxinteger - 3, 1 << 32 }
    for _, i in ipairs(extremes) do
      for _, source in ipairs(sources(4)) do raises("", function() v:copyfrom(source, i) end) end
    end
    assert.equal(("\0"):rep(5), v:tobytes())
  end)
end)

describe("row assignment", function()
  it("takes an exporter or table of the row's shape", function()
    local m = memview.zeros("<h", { 3, 2 })
    m[1] = { 1, 2 }
    m[2] = memview.array("d", { 3, 4 })
    m[-1] = memview "\5\6"
    assert.same({ { 1, 2 }, { 3, 4 }, { 5, 6 } }, m:tolist())
    m[3] = m[1]
    assert.same({ 1, 2 }, m[3]:tolist())
    local bytes = memview.zeros("B", { 2, 3 })
    bytes[1] = "abc"
    bytes[2] = memview.buffer "def"
    assert.equal("abcdef", bytes:tobytes())
  end)

  it("writes rows of rows, and columns of a transposed view", function()
    local cube = memview.zeros("B", { 2, 2, 2 })
    cube[2] = { { 1, 2 }, { 3, 4 } }
    cube[1][2] = { 5, 6 }
    assert.same({ { { 0, 0 }, { 5, 6 } }, { { 1, 2 }, { 3, 4 } } }, cube:tolist())
    local m = memview.zeros("B", { 2, 3 })
    m:transpose()[2] = { 8, 9 }
    assert.same({ { 0, 8, 0 }, { 0, 9, 0 } }, m:tolist())
  end)

  it("refuses other shapes and values, and writes nothing", function()
    local m = memview.zeros("B", { 2, 3 })
    local rows = { { 1, 2 }, { 1, 2, 3, 4 }, { 1, 2, 300 }, { { 1, 2, 3 } }, "ab", "abcd", 5, true, print }
    for _, row in ipairs(rows) do
      raises("", function() m[1] = row end)
    end
    raises("shape {3} expected, got {2}", function() m[1] = memview "ab" end)
    raises("shape {3} expected, got {2,3}", function() m[1] = m end)
    raises("", function() m[1] = nil end)
    assert.equal(("\0"):rep(6), m:tobytes())
  end)

  it("names the valid range", function()
    local m = memview.zeros("B", { 2, 3 })
    for _, i in ipairs { 0, 3, -3, math.maxinteger, math.mininteger } do
      raises(("index %d out of range (1 to 2)"):format(i), function() m[i] = { 1, 2, 3 } end)
    end
    raises("view is read-only", function() m:toreadonly()[1] = { 1, 2, 3 } end)
  end)
end)

--- Every sub-view of n items with steps -3 to 3, as { first, count, step }, grouped by count.
local function allranges(n)
  local bycount = {}
  for count = 0, n do bycount[count] = {} end
  for step = -3, 3 do
    for first = 1, step ~= 0 and n or 0 do
      local count = 1
      while first + (count - 1) * step >= 1 and first + (count - 1) * step <= n do
        table.insert(bycount[count], { first, count, step })
        count = count + 1
      end
    end
  end
  return bycount
end

local function part(v, range)
  local first, count, step = table.unpack(range)
  return v:sub(first, first + (count - 1) * step, step)
end

describe("copyfrom() within the same memory", function()
  it("equals copy-then-assign for all starts, lengths and steps", function()
    for _, format in ipairs { "B", ">H" } do
      local original = { 11, 12, 13, 14, 15, 16, 17, 18 }
      local v = memview.array(format, original)
      for _, ranges in ipairs(allranges(8)) do
        for _, to in ipairs(ranges) do
          for _, from in ipairs(ranges) do
            v:copyfrom(original)
            part(v, to):copyfrom(part(v, from))
            local want = table.move(original, 1, 8, 1, {})
            for k = 0, to[2] - 1 do want[to[1] + k * to[3]] = original[from[1] + k * from[3]] end
            for i = 1, 8 do agree(want[i], v[i], format, table.concat(to, " "), table.concat(from, " ")) end
          end
        end
      end
    end
  end)

  it("equals copy-then-assign where the formats and widths differ", function()
    local original = "\1\2\3\4\5\6\7\8\9\10\11\12\13\14\15\16"
    for count = 1, 7 do
      for wide = 1, 17 - 2 * count do
        for narrow = 1, 17 - count do
          for _, turn in ipairs { 1, -1 } do
            local b = memview.buffer(original):view()
            local dst = b:sub(wide, wide + 2 * count - 1):cast("<H"):sub(nil, nil, turn)
            local source = b:sub(narrow, narrow + count - 1)
            local want = source:tolist()
            assert.same(want, dst:copyfrom(source):tolist())
          end
        end
      end
    end
  end)

  it("narrows in place", function()
    for wide = 1, 9 do
      for narrow = 1, 13 do
        local b = memview.zeros("B", 16)
        local source = b:sub(wide, wide + 7):cast("<H"):copyfrom { 1, 2, 3, 4 }
        local dst = b:sub(narrow, narrow + 3)
        assert.same({ 1, 2, 3, 4 }, dst:copyfrom(source):tolist())
      end
    end
  end)

  it("equals copy-then-assign for transposed and reversed views of N dimensions", function()
    local orders = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 }, { 3, 2, 1 } }
    local function views(v)
      local list = {}
      for _, dims in ipairs(orders) do
        for _, step in ipairs { 1, -1 } do
          list[#list + 1] = v:sub(nil, nil, step):transpose(table.unpack(dims))
          list[#list + 1] = v:transpose(table.unpack(dims)):sub(nil, nil, step)
        end
      end
      return list
    end
    local original = {}
    for i = 1, 27 do original[i] = i end
    for a = 1, 24 do
      for b = 1, 24 do
        local cube = memview.array("<H", original):reshape { 3, 3, 3 }
        local list = views(cube)
        local want = list[b]:tobytes()
        agree(want, list[a]:copyfrom(list[b]):tobytes(), a, b)
      end
    end
  end)

  it("moves rows up and down", function()
    for _, shift in ipairs { 1, 2, 3 } do
      local m = memview("aabbccddee"):clone():cast("B", { 5, 2 })
      local down, up = m:sub(1, 5 - shift), m:sub(1 + shift)
      local want = down:tobytes()
      assert.equal(want, up:copyfrom(down):tobytes())
      want = up:tobytes()
      assert.equal(want, m:copyfrom(up, 1):sub(1, 5 - shift):tobytes())
    end
  end)

  it("copies a view onto itself", function()
    local v = memview "abcdef":clone()
    assert.equal("abcdef", v:copyfrom(v):tobytes())
    assert.equal("fedcba", v:copyfrom(v:sub(nil, nil, -1)):tobytes())
  end)

  it("copies a Buffer into its own views", function()
    local b = memview.buffer "abcdef"
    assert.equal("abcdef", b:view():copyfrom(b):tobytes())
    b:view():sub(nil, nil, -1):copyfrom(b)
    assert.equal("fedcba", b:tobytes())
    b:view():cast("c", { 2, 3 }):transpose():copyfrom(b)
    assert.equal("fdbeca", b:tobytes())
  end)
end)
