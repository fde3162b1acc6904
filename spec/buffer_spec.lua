-- Buffer: a string that changes is its model.
local memview = require "memview"
local helpers = require "helpers"
local raises = helpers.raises

local function agree(want, got, ...)
  if want ~= got then
    error(("expected %q, got %q (%s)"):format(want, got, table.concat({ ... }, ", ")), 2)
  end
end

--- Runs f where its locals are gone afterwards, and so dropped.
local function indoors(f) f() end

--- Runs f with the collector stopped: what is garbage by then goes in the collection that a call asks for.
local function uncollected(f)
  collectgarbage "stop"
  local ok, message = pcall(f)
  collectgarbage "restart"
  assert(ok, message)
end

--- Runs f with a dead view of b, and a finalizer that does `deed` with b just before the view is collected.
local function withdead(b, deed, f)
  uncollected(function()
    indoors(function()
      local before = setmetatable({}, { __gc = function() deed(b) end })
      return b:view(), before
    end)
    f(b)
  end)
end

--- -1, 0, 1: memcmp, then length.
local function ordering(a, b)
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then return a:byte(i) < b:byte(i) and -1 or 1 end
  end
  return #a < #b and -1 or #a > #b and 1 or 0
end

describe("Buffer items", function()
  it("read like a table's, with -1 for the last", function()
    local b = memview.buffer "\0\127\255"
    assert.equal(3, #b)
    assert.same({ 0, 127, 255 }, { b[1], b[2], b[3] })
    assert.same({ 255, 127, 0 }, { b[-1], b[-2], b[-3] })
    for _, i in ipairs { 0, 4, -4, math.maxinteger, math.mininteger } do assert.is_nil(b[i]) end
    assert.equal(127, b[2.0])
    assert.is_nil(memview.buffer()[1])
  end)

  it("write bytes", function()
    local b = memview.buffer "abc"
    b[1], b[-1], b[2.0] = 0, 255, 1.0
    assert.equal("\0\1\255", b:tobytes())
  end)

  it("refuse what is no byte", function()
    local b = memview.buffer "abc"
    raises("256 does not fit 'B' (0 to 255)", function() b[1] = 256 end)
    raises("-1 does not fit 'B' (0 to 255)", function() b[1] = -1 end)
    raises("1.5 has no integer value, as 'B' needs", function() b[1] = 1.5 end)
    raises("integer expected for 'B', got string", function() b[1] = "1" end)
    raises("integer expected for 'B', got nil", function() b[1] = nil end)
    assert.equal("abc", b:tobytes())
  end)

  it("refuse positions outside, naming the valid range", function()
    local b = memview.buffer "abcde"
    raises("index 7 out of range (1 to 5)", function() b[7] = 1 end)
    raises("index 6 out of range (1 to 5)", function() b[#b + 1] = 1 end)
    raises("index 0 out of range (1 to 5)", function() b[0] = 1 end)
    raises("index -6 out of range (1 to 5)", function() b[-6] = 1 end)
    raises("out of range (1 to 5)", function() b[math.mininteger] = 1 end)
    raises("number has no integer representation", function() b[1.5] = 1 end)
    raises("number has no integer representation", function() return b[1.5] end)
    raises("number has no integer representation", function() return b[1e300] end)
    assert.equal("abcde", b:tobytes())
    raises("index 1 out of range", function() memview.buffer()[1] = 1 end)
  end)

  it("leave names to methods", function()
    local b = memview.buffer "abc"
    assert.equal("function", type(b.append))
    assert.is_nil(b.nosuch)
    assert.is_nil(b["1"])
    raises("", function() b.nosuch = 1 end)
    raises("", function() b.append = 1 end)
    raises("", function() b["1"] = 1 end)
  end)
end)

describe("append()", function()
  it("takes bytes, strings and exporters, several at once, and gives the Buffer", function()
    local b = memview.buffer()
    assert(rawequal(b, b:append(65, "bc", memview.buffer "d", memview "efg":sub(nil, nil, -1), "")))
    assert.equal("Abcdgfe", b:tobytes())
    assert.equal("Abcdgfe", b:append():tobytes())
    assert.equal("\1\0\2\0", memview.buffer():append(memview.array("<H", { 1, 2 })):tobytes())
    assert.equal("\7", memview.buffer():append(7.0):tobytes())
    assert.equal("12", memview.buffer():append("12"):tobytes())
  end)

  it("takes the Buffer itself", function()
    local b = memview.buffer "abc"
    assert.equal("abcabc", b:append(b):tobytes())
    assert.equal("abcabc!abcabcabcabc", b:append("!", "abcabc", memview.buffer(b):resize(6)):tobytes())
    assert.equal(("abcabc!abcabcabcabc"):rep(3), b:append(b, b):tobytes())
  end)

  it("takes all or nothing", function()
    local b = memview.buffer "abc"
    raises("256 does not fit 'B' (0 to 255)", function() b:append(1, "x", 256) end)
    raises("-1 does not fit 'B' (0 to 255)", function() b:append("x", -1) end)
    raises("1.5 has no integer value", function() b:append("x", 1.5) end)
    raises("bad argument #3 to 'append'", function() b:append("x", 1, {}) end)
    raises("bad argument #1 to 'append'", function() b:append(nil) end)
    raises("bad argument #2 to 'append'", function() b:append("x", true) end)
    assert.equal("abc", b:tobytes())
  end)

  it("builds a long Buffer byte by byte", function()
    local b = memview.buffer()
    for i = 1, 200000 do b:append(i & 255) end
    assert.equal(200000, #b)
    for i = 1, 200000, 997 do assert(b[i] == i & 255) end
  end)
end)

describe("insert()", function()
  it("puts a byte, string or exporter before any position, and after the last", function()
    for i = 1, 4 do
      for _, x in ipairs { 88, "X", memview "X", memview.buffer "X" } do
        local b = memview.buffer "abc"
        assert(rawequal(b, b:insert(i, x)))
        agree(("abc"):sub(1, i - 1) .. "X" .. ("abc"):sub(i), b:tobytes(), i)
        agree(("abc"):sub(1, i - 1) .. "XX" .. ("abc"):sub(i), b:insert(i, "X"):tobytes(), i)
      end
    end
    assert.equal("X", memview.buffer():insert(1, "X"):tobytes())
    assert.equal("abc", memview.buffer "abc":insert(2, ""):tobytes())
  end)

  it("takes the Buffer itself", function()
    for i = 1, 4 do
      local b = memview.buffer "abc"
      agree(("abc"):sub(1, i - 1) .. "abc" .. ("abc"):sub(i), b:insert(i, b):tobytes(), i)
    end
  end)

  it("refuses other positions, naming the argument", function()
    local b = memview.buffer "abc"
    for _, i in ipairs { 0, 5, math.maxinteger, math.mininteger, 1 << 62 } do
      raises("bad argument #1 to 'insert'", function() b:insert(i, "x") end)
    end
    raises("bad argument #1 to 'insert'", function() b:insert("1", "x") end)
    raises("bad argument #1 to 'insert'", function() b:insert(1.5, "x") end)
    raises("bad argument #2 to 'insert'", function() b:insert(1, {}) end)
    raises("bad argument #2 to 'insert'", function() b:insert(1) end)
    raises("256 does not fit 'B' (0 to 255)", function() b:insert(1, 256) end)
    assert.equal("abc", b:tobytes())
  end)
end)

describe("remove()", function()
  it("takes out one byte, or a range by the rules of string.sub", function()
    local text = "abcde"
    for i = -5, 5 do
      if i ~= 0 then
        local b = memview.buffer(text)
        local at = i < 0 and 6 + i or i
        assert(rawequal(b, b:remove(i)))
        agree(text:sub(1, at - 1) .. text:sub(at + 1), b:tobytes(), i)
      end
    end
    for i = -8, 8 do
      for j = -8, 8 do
        local gone = #text:sub(i, j)
        local first = i > 0 and i or i < -5 and 1 or i < 0 and 6 + i or 1
        local want = gone == 0 and text or text:sub(1, first - 1) .. text:sub(first + gone)
        agree(want, memview.buffer(text):remove(i, j):tobytes(), i, j)
      end
    end
    assert.equal("", memview.buffer(text):remove(1, -1):tobytes())
    assert.equal("", memview.buffer(text):remove(math.mininteger, math.maxinteger):tobytes())
  end)

  it("refuses what is no position", function()
    local b = memview.buffer "abc"
    raises("bad argument #1 to 'remove'", function() b:remove() end)
    raises("bad argument #1 to 'remove'", function() b:remove "1" end)
    raises("bad argument #2 to 'remove'", function() b:remove(1, 1.5) end)
    assert.equal("abc", b:tobytes())
  end)
end)

describe("resize(), clear() and reserve()", function()
  it("cut off, or grow with zeros or a byte", function()
    for from = 0, 40, 5 do
      for to = 0, 100, 7 do
        local text = ("x"):rep(from)
        local b = memview.buffer(text)
        assert(rawequal(b, b:resize(to)))
        agree(text:sub(1, to) .. ("\0"):rep(to - from), b:tobytes(), from, to)
        b = memview.buffer(text):resize(to, 255)
        agree(text:sub(1, to) .. ("\255"):rep(to - from), b:tobytes(), from, to)
      end
    end
  end)

  it("show no old bytes when a Buffer shrinks and grows again", function()
    local b = memview.buffer "secret"
    assert.equal("se\0\0\0\0", b:resize(2):resize(6):tobytes())
    assert.equal("\0\0\0", b:clear():resize(3):tobytes())
    assert.equal("\0\0", b:resize(3, 1):remove(1, -1):resize(2):tobytes())
  end)

  it("show no old bytes when a finalizer shrinks the Buffer just before it grows", function()
    local b = memview.buffer "secret"
    withdead(b, b.clear, function() assert.equal(("00"):rep(10), b:resize(10):hex()) end)
  end)

  it("are released once where a finalizer does it in the midst of that", function()
    local b = memview.buffer "secret"
    withdead(b, b.release, b.release)
    raises("attempt to use a released buffer", b.tobytes, b)
  end)

  it("raise when a finalizer releases the Buffer just before it changes", function()
    local changes = { function(b) b:resize(10) end, function(b) b:append "x" end, function(b) b:remove(1) end,
      function(b) b:insert(1, "x") end, function(b) b:reserve(1000) end, function(b) b:clear() end }
    for _, change in ipairs(changes) do
      local b = memview.buffer "secret"
      withdead(b, b.release, function() raises("attempt to use a released buffer", change, b) end)
    end
  end)

  it("refuse bad sizes and bytes", function()
    local b = memview.buffer "abc"
    for _, n in ipairs { -1, math.mininteger, 1.5, 0 / 0, "x", true } do
      raises("bad argument #1 to 'resize'", function() b:resize(n) end)
      raises("bad argument #1 to 'reserve'", function() b:reserve(n) end)
    end
    for _, n in ipairs { math.maxinteger, 1 << 62, (1 << 63) - 1 - 15 } do
      raises("", function() b:resize(n) end)
      raises("", function() b:reserve(n) end)
    end
    raises("256 does not fit 'B' (0 to 255)", function() b:resize(5, 256) end)
    raises("integer expected for 'B', got string", function() b:resize(5, "x") end)
    raises("bad argument #1 to 'resize'", function() b:resize() end)
    assert.equal("abc", b:tobytes())
  end)

  it("clear to nothing", function()
    local b = memview.buffer "abc"
    assert(rawequal(b, b:clear()))
    assert.equal(0, #b)
    assert.equal("x", b:append("x"):tobytes())
  end)

  it("reserve without a change to be seen", function()
    local b = memview.buffer "abc"
    for _, n in ipairs { 0, 1, 3, 100, 10000, 5 } do
      assert(rawequal(b, b:reserve(n)))
      assert.equal(3, #b)
      assert.equal("abc", b:tobytes())
      assert.is_nil(b[4])
    end
    assert.equal("abcd", b:append("d"):tobytes())
  end)
end)

describe("a Buffer under random programs", function()
  --- A random argument of append and insert, with the bytes it stands for.
  local function piece(random, text, b)
    local bytes = {}
    for i = 1, random(0, 9) do bytes[i] = random(0, 255) end
    local s = string.char(table.unpack(bytes))
    local what = random(7)
    if what == 1 then return bytes[1] or 0, string.char(bytes[1] or 0) end
    if what == 2 then return memview.buffer(s), s end
    if what == 3 then return memview(s):sub(nil, nil, -1), s:reverse() end
    if what == 4 and #text < 500 then return b, text end
    if what == 5 then return memview(s .. s):cast("2s"), s .. s end
    return s, s
  end

  local operations = {
    function(random, text, b)
      local x, s = piece(random, text, b)
      b:append(x)
      return text .. s
    end,
    function(random, text, b)
      local x, s = piece(random, text, b)
      local y, t = piece(random, text, b)
      b:append(x, y)
      return text .. s .. t
    end,
    function(random, text, b)
      local i = random(1, #text + 1)
      local x, s = piece(random, text, b)
      b:insert(i, x)
      return text:sub(1, i - 1) .. s .. text:sub(i)
    end,
    function(random, text, b)
      local i = random(1, #text + 1)
      local j = random(i - 1, math.min(#text, i + 20))
      b:remove(i, j)
      return text:sub(1, i - 1) .. text:sub(j + 1)
    end,
    function(random, text, b)
      local n = random(math.max(0, #text - 30), #text + 30)
      b:resize(n)
      return text:sub(1, n) .. ("\0"):rep(n - #text)
    end,
    function(random, text, b)
      b:reserve(random(0, 2000))
      return text
    end,
    function(random, text, b)
      if random(10) > 1 then return text end
      b:clear()
      return ""
    end,
    function(random, text, b)
      if text == "" then return text end
      local i, byte = random(#text), random(0, 255)
      b[i] = byte
      return text:sub(1, i - 1) .. string.char(byte) .. text:sub(i + 1)
    end,
    function(random, text, b)
      if text == "" then return text end
      local i = random(#text)
      local v <close> = b:sub(i, i + 3)
      v:fill(7)
      return text:sub(1, i - 1) .. ("\7"):rep(#v) .. text:sub(i + #v)
    end,
    function(random, text, b)
      local _ <close> = b:view()
      local size = #text + random(1, 3)
      local ok, message = pcall(b.resize, b, size)
      assert(not ok and message:find("1 view is live", 1, true))
      return text
    end,
  }

  it("stays equal to a string under the same operations", function()
    for program = 1, 12 do
      local random, seed = helpers.random(60 + program)
      local b, text = memview.buffer(), ""
      for step = 1, 400 do
        local which = random(#operations)
        text = operations[which](random, text, b)
        if #b ~= #text or not b:equals(text) then
          error(("step %d (operation %d), seed %d: %q, not %q"):format(step, which, seed, b:tobytes(), text))
        end
        if #text > 3000 then
          b:resize(10)
          text = text:sub(1, 10)
        end
      end
      agree(text, b:tobytes(), "seed " .. seed)
    end
  end)
end)

describe("reading a Buffer", function()
  it("tobytes() takes ranges by the rules of string.sub", function()
    local text = "abcde"
    local b = memview.buffer(text)
    assert.equal(text, b:tobytes())
    for i = -7, 7 do
      agree(text:sub(i), b:tobytes(i), i)
      for j = -7, 7 do agree(text:sub(i, j), b:tobytes(i, j), i, j) end
    end
  end)

  it("sub() and view() give writable views of the Buffer itself", function()
    local text = "abcde"
    for i = -7, 7 do
      for j = -7, 7 do
        local b = memview.buffer(text)
        local v = b:sub(i, j)
        agree(text:sub(i, j), v:tobytes(), i, j)
        agree("view", memview.type(v))
        assert(rawequal(v.obj, b) and v.format == "B" and not v.readonly)
      end
    end
    local b = memview.buffer(text)
    b:sub(2, 3):fill(0x58)
    b:view()[5] = 0x59
    assert.equal("aXXdY", b:tobytes())
    assert.equal(5, #b:view())
    assert(rawequal(b:view().obj, b))
  end)

  it("find() follows string.find", function()
    local random, seed = helpers.random(71)
    for _ = 1, 2000 do
      local bytes = {}
      for i = 1, random(0, 30) do bytes[i] = random(97, 98) end
      local hay = string.char(table.unpack(bytes))
      local needle = hay:sub(random(0, 30), random(0, 30))
      local init = random(-33, 33)
      local first, last = hay:find(needle, init, true)
      local gotfirst, gotlast = memview.buffer(hay):find(needle, init)
      agree(first, gotfirst, hay, needle, init, "seed " .. seed)
      agree(last, gotlast, hay, needle, init, "seed " .. seed)
    end
    local b = memview.buffer "abcab"
    assert.same({ 4, 5 }, { b:find(memview "ab", 2) })
    assert.same({ 1, 5 }, { b:find(b) })
    assert.is_nil(b:find "x")
    raises("bad argument #1 to 'find'", function() b:find {} end)
  end)

  it("hex() writes what a view's hex() writes", function()
    local b = memview.buffer "\0abcdefgh\255"
    assert.equal("006162636465666768ff", b:hex())
    for n = -12, 12 do assert.equal(b:view():hex("-", n), b:hex("-", n)) end
    assert.equal("", memview.buffer():hex ":")
    raises("bad argument #1 to 'hex'", function() b:hex "::" end)
  end)

  it("pairs and ipairs walk the bytes in order", function()
    local b = memview.buffer "\5\0\255"
    for _, walk in ipairs { pairs, ipairs } do
      local seen = {}
      for i, byte in walk(b) do seen[#seen + 1] = i .. "=" .. byte end
      assert.same({ "1=5", "2=0", "3=255" }, seen)
      for _ in walk(memview.buffer()) do error "nothing to walk" end
    end
  end)

  it("pairs and ipairs follow a Buffer that changes under them", function()
    for _, walk in ipairs { pairs, ipairs } do
      local b, steps = memview.buffer "abcdef", 0
      for i in walk(b) do
        steps = steps + 1
        if i == 3 then b:resize(3) end
      end
      assert.equal(3, steps)
    end
  end)

  it("works with the table library", function()
    local b = memview.buffer "hello"
    assert.same({ 104, 101, 108, 108, 111 }, { table.unpack(b) })
    assert.equal("104 101 108 108 111", table.concat(b, " "))
    table.sort(b)
    assert.equal("ehllo", b:tobytes())
    table.sort(b, function(x, y) return x > y end)
    assert.equal("ollhe", b:tobytes())
    table.move(b, 1, 3, 3)
    assert.equal("ololl", b:tobytes())
    table.move({ 65, 66 }, 1, 2, 4, b)
    assert.equal("oloAB", b:tobytes())
    assert.same({ 111, 108 }, table.move(b, 1, 2, 1, {}))
  end)

  it("gives strings with ..", function()
    local b = memview.buffer "ab"
    assert.equal("abx", b .. "x")
    assert.equal("xab", "x" .. b)
    assert.equal("abab", b .. b)
    assert.equal("abcd", b .. memview "cd")
    assert.equal("cdab", memview "cd" .. b)
    assert.equal("ab", memview.buffer() .. b)
    for _, other in ipairs { true, {}, print } do
      raises("", function() return b .. other end)
      raises("", function() return other .. b end)
    end
  end)
end)

describe("comparing Buffers", function()
  local random, seed = helpers.random(72)
  local function text()
    local bytes = {}
    for i = 1, random(0, 4) do bytes[i] = ({ 0, 1, 127, 128, 255 })[random(5)] end
    return string.char(table.unpack(bytes))
  end

  it("orders bytes like memcmp, then by length", function()
    for _ = 1, 3000 do
      local s, t = text(), text()
      local a, b, want = memview.buffer(s), memview.buffer(t), ordering(s, t)
      agree(want, a:compare(b), s, t, "seed " .. seed)
      agree(want, a:compare(t), s, t)
      agree(want, a:compare(memview(t)), s, t)
      for _, other in ipairs { b, t, memview(t) } do
        assert((a < other) == (want < 0) and (a <= other) == (want <= 0), s)
        assert((a > other) == (want > 0) and (a >= other) == (want >= 0), s)
        assert((other < a) == (want > 0) and (other <= a) == (want >= 0), s)
      end
      agree(want == 0, a == b, s, t)
      agree(want == 0, a:equals(b), s, t)
      agree(want == 0, a:equals(t), s, t)
      agree(want == 0, a == memview(t), s, t)
    end
  end)

  it("compares with byte-sized views byte by byte", function()
    local b = memview.buffer "\255\0"
    for _, format in ipairs { "B", "b", "c", "?", "1s" } do
      assert.is_true(b == memview("\255\0"):cast(format))
      assert.is_true(b:equals(memview("\255\0"):cast(format)))
      assert.is_false(b == memview("\255\1"):cast(format))
    end
    assert.is_false(b == memview("\255\0"):cast("B", { 1, 2 }))
    assert.is_false(b == memview("\255\0"):cast "H")
  end)

  it("finds nothing equal to what exports nothing, and no order", function()
    local b = memview.buffer "1"
    for _, x in ipairs { 1, 49, true, {}, print } do
      assert.is_false(b:equals(x))
      assert.is_false(b == x)
      raises("", function() return b < x end)
      raises("", function() return x <= b end)
      raises("bad argument #1 to 'compare'", function() b:compare(x) end)
    end
    assert.is_false(b:equals(nil))
    assert.is_false(b == "1")
  end)
end)

describe("a Buffer with live views", function()
  local changes = {
    append = function(b) b:append(1) end,
    appendstring = function(b) b:append "x" end,
    appenditself = function(b) b:append(b) end,
    insert = function(b) b:insert(1, "x") end,
    remove = function(b) b:remove(1) end,
    removerange = function(b) b:remove(1, -1) end,
    grow = function(b) b:resize(7) end,
    shrink = function(b) b:resize(1) end,
    reserve = function(b) b:reserve(5000) end,
    clear = function(b) b:clear() end,
    release = function(b) b:release() end,
  }

  it("refuses every change of size, says how many views are live, and changes nothing", function()
    for name, change in pairs(changes) do
      local b = memview.buffer "abc"
      local v = b:view()
      local message = raises("1 view is live", change, b)
      assert(name == "release" or message:find("cannot resize buffer: 1 view is live", 1, true), message)
      local w = v:sub(2)
      raises("2 views are live", change, b)
      local x = memview(b)
      raises("3 views are live", change, b)
      assert.equal("abc", b:tobytes())
      assert.equal(3, #b)
      assert.equal("abc", v:tobytes())
      w:release()
      raises("2 views are live", change, b)
      v:release()
      x:release()
      change(b)
    end
  end)

  it("refuses to append a view of itself", function()
    local b = memview.buffer "abc"
    local v = b:sub(1, 2)
    raises("1 view is live", function() b:append(v) end)
    raises("1 view is live", function() b:insert(1, v) end)
    assert.equal("abc", b:tobytes())
  end)

  it("allows sizes that do not change", function()
    local b = memview.buffer "abc"
    local v = b:view()
    b:append(""):append():append("", ""):insert(2, ""):resize(3):resize(3, 9):remove(3, 2):remove(4, 9)
    b:append(memview "")
    b[1] = 0x58
    assert.equal("Xbc", v:tobytes())
    local empty = memview.buffer()
    local w = empty:view()
    empty:clear():resize(0):append(empty)
    assert.equal(0, #w)
  end)

  it("allows everything that only reads", function()
    local b = memview.buffer "abc"
    local v = b:view()
    assert.equal("abc", b:tobytes())
    assert.same({ 2, 2 }, { b:find "b" })
    assert.equal("616263", b:hex())
    assert.is_true(b == v)
    assert.equal("abcabc", b .. v)
    assert.equal(3, #memview.buffer(b))
    raises("1 view is live", function() b:clear() end)
  end)

  it("does not count views that were dropped and not yet collected", function()
    finally(function() collectgarbage "restart" end)
    for _, stopped in ipairs { false, true } do
      if stopped then collectgarbage "stop" end
      for _, change in pairs(changes) do
        local b = memview.buffer "abc"
        indoors(function() for _ = 1, 10 do b:view():sub(2):cast "c" end end)
        change(b)
      end
    end
  end)

  it("counts views that something still holds, through a collection", function()
    local b = memview.buffer "abc"
    local kept = {}
    indoors(function() for i = 1, 4 do kept[i] = b:view():sub(1, 2) end end)
    raises("4 views are live", function() b:append "x" end)
    kept[1], kept[2] = nil, nil
    raises("2 views are live", function() b:append "x" end)
    kept[3], kept[4] = nil, nil
    assert.equal("abcx", b:append("x"):tobytes())
    assert.same({}, kept)
  end)

  it("does not count what methods borrow for a moment", function()
    local b = memview.buffer "abc"
    collectgarbage "stop"
    finally(function() collectgarbage "restart" end)
    memview.zeros("B", 3):copyfrom(b)
    pcall(function() memview.zeros("B", 2):copyfrom(b) end)
    pcall(function() memview.zeros("d", 2):copyfrom(b) end)
    local results = { b == memview.buffer "abc", b .. "x", b:compare(b), b:equals(b), (b:find(b)) }
    assert.same({ true, "abcx", 0, true, 1 }, results)
    assert.is_true(memview "abc":equals(b))
    assert.equal("abc", memview.buffer(b):tobytes())
    b:view():release()
    b:append "d"
    assert.equal("abcd", b:tobytes())
  end)
end)

describe("releasing a Buffer", function()
  local uses = {
    append = function(b) b:append "" end,
    insert = function(b) b:insert(1, "") end,
    remove = function(b) b:remove(1, 0) end,
    resize = function(b) b:resize(0) end,
    reserve = function(b) b:reserve(0) end,
    clear = function(b) b:clear() end,
    tobytes = function(b) b:tobytes() end,
    sub = function(b) b:sub(1, 1) end,
    view = function(b) b:view() end,
    find = function(b) b:find "x" end,
    hex = function(b) b:hex() end,
    equals = function(b) b:equals "x" end,
    compare = function(b) b:compare "x" end,
    length = function(b) return #b end,
    read = function(b) return b[1] end,
    write = function(b) b[1] = 1 end,
    concat = function(b) return b .. "x" end,
    concatafter = function(b) return "x" .. b end,
    lessthan = function(b) return b < "x" end,
    lessequal = function(b) return "x" <= b end,
    pairs = function(b) for _ in pairs(b) do error "something to walk" end end,
    ipairs = function(b) for _ in ipairs(b) do error "something to walk" end end,
    exporting = function(b) return memview(b) end,
    copying = function(b) return memview.buffer(b) end,
    source = function(b) memview.zeros("B", 3):copyfrom(b) end,
  }

  it("makes every use raise", function()
    local b = memview.buffer "abc"
    b:release()
    for name, use in pairs(uses) do
      local ok, message = pcall(use, b)
      assert(not ok and message:find("attempt to use a released buffer", 1, true), name)
    end
    assert.equal("buffer", memview.type(b))
    assert.equal("string", type(tostring(b)))
    assert.is_true(b == b)
  end)

  it("happens at the end of a scope, quietly", function()
    local outside
    do
      local b <close> = memview.buffer "abc"
      outside = b
    end
    raises("attempt to use a released buffer", function() return #outside end)
    do
      local b <close> = memview.buffer "abc"
      b:release()
    end
  end)

  it("at the end of a scope leaves live views their memory", function()
    local v
    do
      local b <close> = memview.buffer(("x"):rep(5000))
      v = b:view()
    end
    helpers.collect()
    assert.equal(("x"):rep(5000), v:tobytes())
    v:fill(1)
    assert.equal(5000, v:sub(1):count(1))
    assert.equal("\1\1", v:sub(1, 2):tobytes())
    raises("attempt to use a released buffer", function() return v.obj:tobytes() end)
  end)

  it("happens when an error leaves the scope", function()
    local outside
    raises("on purpose", function()
      local b <close> = memview.buffer "abc"
      outside = b
      error "on purpose"
    end)
    raises("attempt to use a released buffer", function() return outside[1] end)
  end)
end)
