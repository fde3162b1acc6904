-- Bulk work in place and in search: fill, byteswap, index, count, find, equals, compare.
local memview = require "memview"
local helpers = require "helpers"
local ndmodel = require "ndmodel"
local numbermodel = require "numbermodel"
local raises = helpers.raises

local function agree(want, got, ...)
  if want ~= got then
    error(("expected %s, got %s (%s)"):format(tostring(want), tostring(got), table.concat({ ... }, ", ")), 2)
  end
end

--- One value and another of every kind.
local kinds = {
  { "b", -1, 100 }, { "B", 200, 1 }, { "<h", -300, 300 }, { ">h", -300, 300 }, { "H", 65535, 258 },
  { ">I", 1 << 31, 1 }, { "<i", -5, 5 }, { "l", -5, 5 }, { "L", 5, 6 }, { "<q", -1, 1 << 40 },
  { ">Q", -1, 1 },
  { "n", -7, 7 }, { "N", 7, 8 }, { "P", 4096, 1 }, { "e", 0.5, -2.0 }, { "<f", 0.25, 1e10 },
  { ">d", 0.1, -0.1 }, { "?", true, false },
  { "c", "x", "y" }, { "3s", "ab\0", "xyz" }, { "4p", "abc", "" },
}

--- `string.sub`'s range, as positions 1 .. n that may run the wrong way.
local function range(n, i, j)
  i, j = i or 1, j or -1
  if i < 0 then i = math.max(n + i + 1, 1) end
  if i == 0 then i = 1 end
  if j < 0 then j = n + j + 1 end
  return i, math.min(j, n)
end

--- Calls f(view, model, values, flat, where) for many random layouts of small 16-bit numbers.
local function everylayout(seed, f) ndmodel.every(seed, ">h", 3, f) end

describe("fill()", function()
  it("gives every item the value, for every kind and many lengths", function()
    for _, kind in ipairs(kinds) do
      local format, value, other = table.unpack(kind)
      for length = 0, 40 do
        local v = memview.zeros(format, length)
        assert(rawequal(v, v:fill(value)))
        for i = 1, length do agree(value, v[i], format, length, i) end
        v:fill(other)
        for i = 1, length do agree(other, v[i], format, length, i) end
      end
    end
  end)

  it("writes the bytes an item write writes", function()
    for _, kind in ipairs(kinds) do
      local one = memview.zeros(kind[1], 1):fill(kind[3])
      one[1] = kind[2]
      assert.equal(one:tobytes():rep(9), memview.zeros(kind[1], 9):fill(kind[3]):fill(kind[2]):tobytes())
    end
  end)

  it("fills ranges of the first dimension by the rules of string.sub", function()
    for _, format in ipairs { "B", "<h", "d" } do
      for n = 0, 4 do
        for i = -6, 6 do
          for j = -6, 6 do
            local first, last = range(n, i, j)
            local v = memview.zeros(format, n):fill(7, i, j)
            for k = 1, n do agree(k >= first and k <= last and 7 or 0, v[k] // 1, format, n, i, j) end
          end
          local first, v = range(n, i), memview.zeros(format, n):fill(7, i)
          for k = 1, n do agree(k >= first and 7 or 0, v[k] // 1, format, n, i) end
        end
      end
    end
  end)

  it("fills any layout, and nothing beside it", function()
    everylayout(41, function(v, model, values, flat, where)
      v:fill(-9)
      for _, position in ipairs(ndmodel.positions(model)) do values[position] = -9 end
      for i, value in ipairs(values) do agree(value, flat[i], where) end
    end)
  end)

  it("fills ranges of rows", function()
    everylayout(42, function(v, model, values, flat, where)
      v:fill(-9, 2, -2)
      if model.shape[1] > 2 then
        local inner = ndmodel.sub(model, 2, model.shape[1] - 2, 1)
        for _, position in ipairs(ndmodel.positions(inner)) do values[position] = -9 end
      end
      for i, value in ipairs(values) do agree(value, flat[i], where) end
    end)
  end)

  it("fills 0 dimensions", function()
    assert.equal(3, memview.zeros("h", {}):fill(3):get())
  end)

  it("refuses values as an item does, and writes nothing", function()
    local v = memview.array("B", { 1, 2, 3 })
    raises("300 does not fit 'B' (0 to 255)", function() v:fill(300) end)
    raises("-1 does not fit 'B' (0 to 255)", function() v:fill(-1, 2, 3) end)
    raises("1.5 has no integer value, as 'B' needs", function() v:fill(1.5) end)
    raises("integer expected for 'B', got string", function() v:fill "1" end)
    raises("integer expected for 'B', got nil", function() v:fill(nil) end)
    raises("bad argument #1 to 'fill'", function() v:fill() end)
    raises("boolean expected for '?'", function() memview.zeros("?", 1):fill(1) end)
    raises("string expected for 'c'", function() memview.zeros("c", 1):fill(65) end)
    local short = memview.zeros("3s", 1)
    raises("string of 5 bytes does not fit '3s' (at most 3)", function() short:fill "hello" end)
    raises("bad argument #2 to 'fill'", function() v:fill(1, "x") end)
    raises("bad argument #3 to 'fill'", function() v:fill(1, 1, 1.5) end)
    assert.same({ 1, 2, 3 }, v:tolist())
  end)

  it("refuses a read-only view", function()
    raises("view is read-only", function() memview "abc":fill(1) end)
    raises("view is read-only", function() memview.zeros("d", 2):toreadonly():fill(1, 1, 1) end)
  end)
end)

describe("byteswap()", function()
  it("turns every item of every numeric format around", function()
    for _, format in ipairs(numbermodel.formats) do
      local size = numbermodel.info(format).size
      for length = 0, 17 do
        local bytes, want = {}, {}
        for i = 1, length do
          local item = ("abcdefghijklmnopqrstuvwxyz"):sub(i, i + size - 1)
          bytes[i], want[i] = item, item:reverse()
        end
        local v = memview.buffer(table.concat(bytes)):view():cast(format)
        assert(rawequal(v, v:byteswap()))
        agree(table.concat(want), v:tobytes(), format, length)
      end
    end
  end)

  it("leaves bytes and strings alone", function()
    for _, format in ipairs { "b", "B", "?", "c", "4s", "4p" } do
      assert.equal("\3\1\2\0", memview.buffer("\3\1\2\0"):view():cast(format):byteswap():tobytes())
    end
  end)

  it("makes little-endian items big-endian", function()
    local v = memview.array("<d", { 0.1, -1e300 })
    assert.same(v:tolist(), v:clone():byteswap():cast(">d"):tolist())
  end)

  it("swaps any layout, and nothing beside it", function()
    everylayout(43, function(v, model, values, flat, where)
      v:byteswap()
      for _, position in ipairs(ndmodel.positions(model)) do values[position] = values[position] << 8 end
      for i, value in ipairs(values) do agree(value, flat[i], where) end
    end)
  end)

  it("refuses a read-only view", function()
    raises("view is read-only", function() memview "abcd":cast("H"):byteswap() end)
    raises("view is read-only", function() memview "abcd":byteswap() end)
  end)
end)

--- What index() and count() must find, by a loop over plain items.
local function search(list, key, want, i, j)
  local first, last = range(#list, i, j)
  local found, count
  count = 0
  for k = first, last do
    if key(list[k]) == want then
      found = found or k
      count = count + 1
    end
  end
  return found, count
end

local function identity(x) return x end

describe("index() and count()", function()
  it("agree with a loop, for many lengths, contiguous and strided", function()
    local random, seed = helpers.random(44)
    for _, kind in ipairs(kinds) do
      local format, a, b = table.unpack(kind)
      for length = 0, 66 do
        local v = memview.zeros(format, 2 * length):fill(b)
        for _ = 1, random(0, 3) do
          if length > 0 then v[random(2 * length)] = a end
        end
        for _, part in ipairs { v:sub(1, length), v:sub(1, nil, 2), v:sub(nil, nil, -2) } do
          local found, count = search(part:tolist(), identity, a)
          agree(found, part:index(a), format, length, "seed " .. seed)
          agree(count, part:count(a), format, length, "seed " .. seed)
          agree(length - count, part:count(b), format, length, "seed " .. seed)
        end
      end
    end
  end)

  it("take ranges by the rules of string.sub", function()
    local list = { 5, 6, 5, 5, 7 }
    for _, format in ipairs { "B", "<h", "d" } do
      local v = memview.array(format, list)
      for i = -7, 7 do
        for j = -7, 7 do
          local found, count = search(list, identity, 5, i, j)
          agree(found, v:index(5, i, j), format, i, j)
          agree(count, v:count(5, i, j), format, i, j)
        end
        local found, count = search(list, identity, 5, i)
        agree(found, v:index(5, i), format, i)
        agree(count, v:count(5, i), format, i)
      end
    end
  end)

  it("compare by value across formats, exactly", function()
    for _, format in ipairs(numbermodel.formats) do
      local edges, bytes = numbermodel.edges(format), {}
      for i, edge in ipairs(edges) do bytes[i] = edge.bytes end
      local v = memview(table.concat(bytes)):cast(format)
      local keys = {}
      for i, edge in ipairs(edges) do keys[i] = numbermodel.key(format, edge.number) end
      for _, number in ipairs(numbermodel.pool) do
        local unsigned = numbermodel.info(format).kind == "I" and numbermodel.info(format).size == 8
        if not (unsigned and math.type(number) == "float" and number < 0 and number >= -2.0 ^ 63) then
          local found, count = search(keys, identity, numbermodel.key(unsigned and format or "q", number))
          agree(found, v:index(number), format, number)
          agree(count, v:count(number), format, number)
        end
      end
    end
  end)

  it("find what an item reads as", function()
    for _, kind in ipairs(kinds) do
      local v = memview.array(kind[1], { kind[2], kind[3] })
      assert.equal(1, v:index(v[1]))
      assert.equal(2, v:index(v[2]))
      assert.equal(1, v:count(v[1]))
    end
  end)

  it("take a negative integer for the bit pattern of an unsigned one", function()
    local v = memview.array("Q", { 1, -1, 1 << 63, -1 })
    assert.equal(2, v:index(-1))
    assert.equal(2, v:count(-1))
    assert.equal(3, v:index(math.mininteger))
    assert.equal(3, v:index(2.0 ^ 63))
    assert.is_nil(v:index(2.0 ^ 64))
    assert.is_nil(memview.array("H", { 65535 }):index(-1))
  end)

  it("find zeros of either sign, and never NaN", function()
    for _, format in ipairs { "e", "f", "d" } do
      local v = memview.array(format, { 1, -0.0, 0.0, 0 / 0 })
      assert.equal(2, v:index(0.0))
      assert.equal(2, v:index(-0.0))
      assert.equal(2, v:count(0))
      assert.is_nil(v:index(0 / 0))
      assert.equal(0, v:count(0 / 0))
    end
    assert.equal(1, memview.array("B", { 0 }):index(-0.0))
  end)

  it("find floats with an integer value in integers, and nothing between", function()
    local v = memview.array("B", { 2, 3 })
    assert.equal(2, v:index(3.0))
    assert.is_nil(v:index(2.5))
    assert.is_nil(v:index(1e300))
    assert.is_nil(v:index(math.huge))
    assert.is_nil(v:index(300))
    assert.is_nil(v:index(-1))
    assert.is_nil(memview.array("f", { 0.1 }):index(0.1))
    assert.is_nil(memview.array("d", { 2.0 ^ 53 }):index((1 << 53) + 1))
  end)

  it("find nothing of another type", function()
    local cases = { { "B", 1, { "1", "\1", true } }, { "d", 1, { "1", "1.0", true } },
      { "?", true, { 1, "true", "\1" } }, { "?", false, { 0, "", "\0" } }, { "c", "1", { 1, 49, true } },
      { "2s", "11", { 11, true } } }
    for _, case in ipairs(cases) do
      local v = memview.array(case[1], { case[2] })
      for _, x in ipairs(case[3]) do
        assert.is_nil(v:index(x))
        assert.equal(0, v:count(x))
      end
      assert.equal(1, v:index(case[2]))
    end
    assert.is_nil(memview.array("B", { 1 }):index({}))
    assert.is_nil(memview.array("B", { 1 }):index(nil))
  end)

  it("find strings with their padding", function()
    local v = memview.array("4s", { "ab", "cd" })
    assert.equal(2, v:index "cd\0\0")
    assert.is_nil(v:index "abcde")
    assert.equal(2, memview.array("4p", { "ab", "cd" }):index "cd")
  end)

  it("refuse N dimensions and none", function()
    for _, v in ipairs { memview.zeros("B", { 2, 2 }), memview.zeros("B", {}) } do
      raises("", function() v:index(0) end)
      raises("", function() v:count(0) end)
    end
  end)

  it("refuse positions that are no integers", function()
    local v = memview "abc"
    raises("bad argument #2 to 'index'", function() v:index(1, "1") end)
    raises("bad argument #3 to 'index'", function() v:index(1, 1, 1.5) end)
    raises("bad argument #2 to 'count'", function() v:count(1, {}) end)
  end)
end)

describe("find()", function()
  it("agrees with string.find over many random texts", function()
    local random, seed = helpers.random(45)
    local function text(length, alphabet)
      local bytes = {}
      for i = 1, length do bytes[i] = string.char(96 + random(alphabet)) end
      return table.concat(bytes)
    end
    for _ = 1, 20000 do
      local alphabet = random(3)
      local hay, needle = text(random(0, 40), alphabet), text(random(0, 6), alphabet)
      if random(4) == 1 and #hay > 0 then needle = hay:sub(random(#hay), random(#hay)) end
      local init = random(3) == 1 and random(-45, 45) or nil
      local first, last = hay:find(needle, init or 1, true)
      local v = memview(hay)
      local gotfirst, gotlast = v:find(needle, init)
      agree(first, gotfirst, hay, needle, init or "", "seed " .. seed)
      agree(last, gotlast, hay, needle, init or "", "seed " .. seed)
    end
  end)

  it("agrees with string.find for long needles with many false starts", function()
    local random, seed = helpers.random(52)
    local function runs(length, most)
      local pieces, total = {}, 0
      while total < length do
        pieces[#pieces + 1] = ("a"):rep(random(0, most)) .. (random(5) == 1 and "c" or "b")
        total = total + #pieces[#pieces]
      end
      return table.concat(pieces)
    end
    for _ = 1, 1500 do
      local period = runs(random(1, 12), random(1, 6))
      local hay = random(2) == 1 and runs(1500, random(1, 9)) or period:rep(1500 // #period)
      local first = random(#hay // 2, #hay)
      local needle = hay:sub(first, first + random(16, 90))
      if random(2) == 1 then needle = period:rep(90 // #period + 1) end
      if random(2) == 1 then
        local at = random(#needle)
        needle = needle:sub(1, at - 1) .. "a" .. needle:sub(at + 1)
      end
      if random(3) == 1 then hay = hay .. needle end
      if random(2) == 1 then
        local high = { b = "\128", c = "\255" }
        hay, needle = hay:gsub("[bc]", high), needle:gsub("[bc]", high)
      end
      local init = random(#hay)
      local want, got = { hay:find(needle, init, true) }, { memview(hay):find(needle, init) }
      agree(want[1], got[1], "seed " .. seed)
      agree(want[2], got[2], "seed " .. seed)
    end
  end)

  it("follows string.find's rules for the empty string and init", function()
    for _, hay in ipairs { "", "a", "abcab" } do
      for _, needle in ipairs { "", "a", "ab", "b", "abcabc" } do
        local inits = { 0, 1, 2, 3, 5, 6, 7, 8, -1, -2, -5, -6, -9, math.maxinteger, math.mininteger }
        for _, init in ipairs(inits) do
          local want, got = { hay:find(needle, init, true) }, { memview(hay):find(needle, init) }
          agree(want[1], got[1], hay, needle, init)
          agree(want[2], got[2], hay, needle, init)
          agree(1, select("#", memview(hay):find("zzz", init)), "a nil")
        end
      end
    end
  end)

  it("finds any bytes in long views", function()
    local hay = ("\0\1\255"):rep(5000) .. "\255\255\0" .. ("\0"):rep(100)
    local zeros = ("\0"):rep(102)
    for _, needle in ipairs { "\255\255", "\255\0\0", "\0\0\0", "\0", zeros, zeros .. "\0", hay } do
      assert.same({ hay:find(needle, 1, true) }, { memview(hay):find(needle) })
    end
  end)

  it("takes linear time on periodic texts", function()
    local n = 100000
    local v = memview(("a"):rep(n) .. "b")
    assert.is_nil(v:find(("a"):rep(n // 2) .. "c"))
    assert.same({ n // 2 + 1, n + 1 }, { v:find(("a"):rep(n // 2) .. "b") })
    assert.is_nil(v:find("b" .. ("a"):rep(n // 2)))
    assert.is_nil(v:find(("a"):rep(n // 4) .. "b" .. ("a"):rep(n // 4)))
    assert.is_nil(memview(("ab"):rep(n)):find(("ab"):rep(n // 2) .. "b"))
  end)

  it("takes any exporter, and searches any byte-sized format", function()
    for _, format in ipairs { "B", "b", "c", "?", "1s" } do
      local v = memview("xx\255yz"):cast(format)
      local needle = "\255y"
      for _, x in ipairs { needle, memview(needle), memview.buffer(needle), memview(needle):cast "<H" } do
        assert.same({ 3, 4 }, { v:find(x) })
      end
    end
    local v = memview "abcab"
    assert.same({ 4, 5 }, { v:find(v:sub(1, 2), 2) })
  end)

  it("refuses strided and wider views", function()
    raises("", function() memview "abcd":sub(1, nil, 2):find "c" end)
    raises("", function() memview "abcd":sub(nil, nil, -1):find "c" end)
    raises("", function() memview "abcd":cast("H"):find "c" end)
    raises("", function() memview "abcd":cast("2s"):find "ab" end)
  end)

  it("refuses what has no bytes, naming the argument", function()
    for _, needle in ipairs { true, {}, print, 5 } do
      raises("bad argument #1 to 'find'", function() memview "abc":find(needle) end)
    end
    raises("bad argument #1 to 'find'", function() memview "abc":find() end)
    raises("bad argument #2 to 'find'", function() memview "abc":find("a", "1") end)
    raises("bad argument #2 to 'find'", function() memview "abc":find("a", 1.5) end)
  end)
end)

describe("equals() and ==", function()
  local function same(a, b, want, ...)
    agree(want, a:equals(b), "equals", ...)
    agree(want, b:equals(a), "equals turned around", ...)
    agree(want, a == b, "==", ...)
    agree(not want, a ~= b, "~=", ...)
  end

  it("compare numbers of any two formats by value", function()
    local singles = {}
    for _, format in ipairs(numbermodel.formats) do
      for _, edge in ipairs(numbermodel.edges(format)) do
        local key = numbermodel.key(format, edge.number)
        local view = memview(edge.bytes):cast(format)
        table.insert(singles, { view = view, key = key, name = format .. " " .. key })
      end
    end
    for i, a in ipairs(singles) do
      for k = 1, i - 1 do
        local b = singles[k]
        if (a.key == b.key) ~= a.view:equals(b.view) then error(a.name .. " and " .. b.name) end
      end
    end
  end)

  it("are exact where a double is not", function()
    local d = memview.array("d", { 2.0 ^ 53 })
    same(d, memview.array("q", { 1 << 53 }), true)
    same(d, memview.array("q", { (1 << 53) + 1 }), false)
    same(d, memview.array("Q", { (1 << 53) + 1 }), false)
    same(memview.array("d", { 2.0 ^ 63 }), memview.array("Q", { 1 << 63 }), true)
    same(memview.array("d", { 2.0 ^ 63 }), memview.array("q", { math.maxinteger }), false)
    same(memview.array("d", { 2.0 ^ 64 }), memview.array("Q", { -1 }), false)
    same(memview.array("f", { 0.1 }), memview.array("d", { 0.1 }), false)
  end)

  it("take 8-byte unsigned values as unsigned", function()
    same(memview.array("Q", { -1 }), memview.array("q", { -1 }), false)
    same(memview.array("<Q", { -1 }), memview.array(">Q", { -1 }), true)
    same(memview.array("Q", { 5 }), memview.array("q", { 5 }), true)
    same(memview.array("B", { 255 }), memview.array("b", { -1 }), false)
  end)

  it("tell where two views differ, at any length and position", function()
    local cases = { { "B", "B" }, { "B", "<h" }, { "<h", "<h" }, { "<h", ">h" }, { "d", "d" }, { "f", "d" } }
    for _, pair in ipairs(cases) do
      for length = 0, 35 do
        local a, b = memview.zeros(pair[1], length):fill(7), memview.zeros(pair[2], 2 * length):fill(7)
        local strided = b:sub(1, nil, 2)
        b = b:sub(1, length)
        same(a, b, true, length)
        same(a, strided, true, length)
        for i = 1, length do
          a[i] = 8
          same(a, b, false, length, i)
          same(a, strided, false, length, i)
          a[i] = 7
        end
      end
    end
  end)

  it("let NaN differ from itself and the zeros be equal", function()
    for _, format in ipairs { "e", "f", "d" } do
      local nan = memview.array(format, { 0 / 0 })
      assert.is_false(nan:equals(nan))
      same(nan, nan:clone(), false)
      same(nan:cast "B", nan:clone():cast "B", true)
      same(memview.array(format, { 0.0 }), memview.array(format, { -0.0 }), true)
      local long = memview.zeros(format, 20)
      long[13] = 0 / 0
      assert.is_false(long:equals(long))
    end
  end)

  it("want the same shape, always", function()
    local shapes = { {}, { 1 }, { 1, 1 }, { 4 }, { 2, 2 }, { 1, 4 }, { 4, 1 }, { 0 }, { 0, 3 }, { 3, 0 },
      { 0, 5 } }
    for i, a in ipairs(shapes) do
      for k, b in ipairs(shapes) do
        same(memview.zeros("B", a), memview.zeros("<i", b), i == k, i, k)
      end
    end
  end)

  it("look through any layout", function()
    everylayout(46, function(v, _, _, _, where)
      local copy = v:clone()
      same(v, copy, true, where)
      same(v, memview.zeros("d", copy.shape):copyfrom(copy), true, where)
      if v.nbytes > 0 then
        local flat = copy:reshape { -1 }
        flat[#flat] = flat[#flat] + 1
        same(v, copy, false, where)
      end
    end)
  end)

  it("compare booleans with booleans only", function()
    same(memview("\1\2\0"):cast "?", memview("\255\1\0"):cast "?", true)
    same(memview("\1"):cast "?", memview "\1", false)
    same(memview("\0"):cast "?", memview("\0"):cast "c", false)
  end)

  it("compare strings with strings only, by what they read as", function()
    same(memview("a"):cast "c", memview "a", false)
    same(memview("a"):cast "c", memview("a"):cast "1s", true)
    same(memview.array("4p", { "abc" }), memview.array("3s", { "abc" }), true)
    same(memview.array("5s", { "abc" }), memview.array("3s", { "abc" }), false)
    same(memview.array("4p", { "abc" }), memview.array("9p", { "abc" }), true)
    same(memview("\2abx"):cast "4p", memview("\2aby"):cast "4p", true)
  end)

  it("compare a string or Buffer with any byte-sized view, byte by byte", function()
    local bytes = "\0\1\2\255"
    for _, format in ipairs { "B", "b", "c", "?", "1s" } do
      local v, b = memview(bytes):cast(format), memview.buffer(bytes)
      assert.is_true(v:equals(bytes))
      same(v, b, true, format)
      for _, other in ipairs { "\0\1\2\254", "\0\1\2", "\0\1\2\255\0", "", "\0\2\1\255", "\1\1\2\255" } do
        assert.is_false(v:equals(other))
        same(v, memview.buffer(other), false, format)
      end
      assert.is_true(v:sub(nil, nil, -1):equals(bytes:reverse()))
    end
    assert.is_false(memview.zeros("B", { 2, 2 }):equals("\0\0\0\0"))
    assert.is_false(memview.zeros("<H", 2):equals("\0\0\0\0"))
    assert.is_true(memview "":equals "")
  end)

  it("are false for what exports nothing", function()
    local v = memview.array("B", { 49 })
    for _, x in ipairs { 49, true, {}, print, io.stdout } do assert.is_false(v:equals(x)) end
    assert.is_false(v:equals(nil))
    assert.is_false(v == io.stdout)
    assert.is_false(v == 49)
    assert.is_false(v == {})
  end)

  it("never raise with ==, and raise with equals, when released", function()
    local v, w = memview "abc", memview "abc"
    v:release()
    assert.is_true(v == v)
    assert.is_false(v == w)
    assert.is_false(w == v)
    assert.is_false(v == memview.buffer "abc")
    local b = memview.buffer "abc"
    b:release()
    assert.is_false(w == b)
    assert.is_false(b == w)
    raises("attempt to use a released view", function() return v:equals(w) end)
    raises("attempt to use a released view", function() return v:equals(v) end)
    local x = memview "abc"
    x:release()
    assert.is_false(v == x)
  end)

  it("take objects with __buffer, in equals", function()
    local object = setmetatable({}, { __buffer = function() return memview.array("<h", { 1, 2 }) end })
    assert.is_true(memview "\1\2":equals(object))
    assert.is_false(memview "\1\3":equals(object))
  end)
end)

describe("compare()", function()
  local function model(a, b)
    for i = 1, math.min(#a, #b) do
      if a:byte(i) ~= b:byte(i) then return a:byte(i) < b:byte(i) and -1 or 1 end
    end
    return #a < #b and -1 or #a > #b and 1 or 0
  end

  it("orders bytes like memcmp, then by length", function()
    local random, seed = helpers.random(47)
    local alphabet = { "\0", "\1", "\127", "\128", "\255" }
    local function text()
      local bytes = {}
      for i = 1, random(0, 5) do bytes[i] = alphabet[random(#alphabet)] end
      return table.concat(bytes)
    end
    for _ = 1, 5000 do
      local a, b = text(), text()
      local want = model(a, b)
      agree(want, memview(a):compare(b), a, b, "seed " .. seed)
      agree(want, memview(a):compare(memview(b)), a, b, "seed " .. seed)
      agree(want, memview(a):compare(memview.buffer(b)), a, b, "seed " .. seed)
      agree(-want, memview(b):compare(a), a, b, "seed " .. seed)
    end
  end)

  it("takes the bytes of any layout and format in logical order", function()
    local last = "x"
    everylayout(48, function(v, _, _, _, where)
      local bytes = v:tobytes()
      agree(model(bytes, last), v:compare(last), where)
      agree(0, v:compare(bytes), where)
      agree(0, v:compare(v:clone()), where)
      agree(model(last, bytes), memview(last):compare(v), where)
      last = bytes
    end)
  end)

  it("finds the first difference in long views", function()
    local a = memview.zeros("B", 70)
    for i = 1, 70 do
      local b = a:clone()
      b[i] = 1
      agree(-1, a:compare(b), i)
      agree(1, b:compare(a), i)
      agree(1, b:sub(nil, nil, -1):compare(a), i)
    end
  end)

  it("refuses what exports nothing, naming argument #1", function()
    for _, x in ipairs { 5, true, {}, print } do
      raises("bad argument #1 to 'compare'", function() memview "abc":compare(x) end)
    end
    raises("bad argument #1 to 'compare'", function() memview "abc":compare() end)
  end)
end)

describe("a bulk result", function()
  it("equals the loop over items, on any layout", function()
    everylayout(49, function(v, model, _, _, where)
      if #model.shape > 1 then return end
      local x, first, count = 2, nil, 0
      for i = 1, #v do
        if v[i] == x then first, count = first or i, count + 1 end
      end
      agree(first, v:index(x), where)
      agree(count, v:count(x), where)
      local loop, bulk = memview.zeros("<d", #v), memview.zeros("<d", #v)
      for i = 1, #v do loop[i] = v[i] end
      agree(loop:tobytes(), bulk:copyfrom(v):tobytes(), where)
      local list = v:tolist()
      for i = 1, #v do agree(v[i], list[i], where) end
    end)
  end)

  it("is the same for a strided view and its contiguous copy", function()
    everylayout(50, function(v, _, _, _, where)
      local copy = v:clone()
      agree(v:tobytes(), copy:tobytes(), where)
      agree(v:tobytes "F", copy:tobytes "F", where)
      agree(v:hex(" ", 3), copy:hex(" ", 3), where)
      assert.same(v:tolist(), copy:tolist(), where)
      local last = v:clone():fill(1)
      agree(v:compare(last), copy:compare(last), where)
      agree(v:equals(last), copy:equals(last), where)
    end)
  end)

  it("rounds to narrower floats as an item write does", function()
    local random, seed = helpers.random(51)
    for _ = 1, 3000 do
      local bits = random(2) == 1 and random(0, (1 << 62) - 1) or (1 << random(1, 61)) + random(-3, 3)
      local source = memview.array(random(2) == 1 and "q" or "<q", { bits, -bits })
      for _, to in ipairs { "f", ">f", "d" } do
        local loop, bulk = memview.zeros(to, 2), memview.zeros(to, 2)
        loop[1], loop[2] = bits, -bits
        agree(loop:tobytes(), bulk:copyfrom(source):tobytes(), to, bits, "seed " .. seed)
      end
    end
  end)
end)
