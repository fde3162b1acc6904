-- memview.cursor: against a model that is a Lua string and a position, over every kind of exporter; then what
-- it holds, what it refuses, and that what raises moves nothing.
local memview = require "memview"
local helpers = require "helpers"
local most = require "machine".most
local model = require "model"
local raises, expect = helpers.raises, model.expect
local cursor = memview.cursor

--- The call c:name(...) raises with that text.
local function refuses(text, c, name, ...)
  return raises(text, load(("local c = ... c:%s(select(2, ...))"):format(name)), c, ...)
end

local random, seed = helpers.random(4001)
local function pick(list) return list[random(#list)] end

local function randombytes(n)
  local bytes = {}
  for i = 1, n do bytes[i] = string.char(random(3) == 1 and 0 or random(0, 255)) end
  return table.concat(bytes)
end

-- The model -----------------------------------------------------------------------------------------------
-- {bytes, position, grows, readonly}. Each operation gives what the cursor's gives, or raises.

local Model = {}
Model.__index = Model

-- Formats with what string.pack calls them, and how to make values for them.
local FORMATS = {
  {"B", "B", function() return random(0, 255) end},
  {"<H", "<I2", function() return random(0, 65535) end},
  {">Hb", ">I2b", function() return random(0, 65535), random(-128, 127) end},
  {"<IHHf", "<I4I2I2f", function() return random(0, 1 << 31), random(0, 9), 1, random(100) / 4 end},
  {"!q", ">i8", function() return random(1 << 60) end},
  {"<T{B:a:2xH:b:}", "<BxxI2", function() return random(0, 255), random(0, 65535) end},
  {"3s", "c3", function() return randombytes(3) end},
  {"(2,2)B", "BBBB", function() return 1, 2, random(0, 255), 4 end},
  {"@BI", "Bxxx=I4", function() return random(0, 255), 5 end},
  {"", "", function() end},
}

function Model:after() return #self.bytes - self.position + 1 end

local function check(right) if not right then error "outside" end end

function Model:moveto(position)
  check(position >= 1 and position <= #self.bytes + 1)
  self.position = position
end

function Model:unpack(format)
  local values = self:peek(format)
  self.position = self.position + string.packsize(format[2])
  return values
end

function Model:peek(format)
  check(string.packsize(format[2]) <= self:after())
  local values = table.pack(string.unpack(format[2], self.bytes, self.position))
  values[values.n], values.n = nil, nil
  return values
end

function Model:pack(format, ...)
  local new, at = string.pack(format[2], ...), self.position
  check(not self.readonly and (self.grows or #new <= self:after()))
  self.bytes = self.bytes:sub(1, at - 1) .. new .. self.bytes:sub(at + #new)
  self.position = at + #new
end

function Model:take(n)
  check(n >= 0 and n <= self:after())
  self.position = self.position + n
  return self.bytes:sub(self.position - n, self.position - 1)
end

function Model:cstring()
  local zero = self.bytes:find("\0", self.position, true)
  check(zero)
  local text = self.bytes:sub(self.position, zero - 1)
  self.position = zero + 1
  return text
end

function Model:skip(n) self:moveto(self.position + n) end
function Model:seek(position) self:moveto(position) end

function Model:align(n)
  local position = self.position
  while (position - 1) % n ~= 0 do position = position + 1 end
  self:moveto(position)
end

-- Random programs ----------------------------------------------------------------------------------------

local function identity(...) return ... end

local function anyformat()
  local f = pick(FORMATS)
  return {f}, {f[1]}, function(...) return {...} end
end

local function integer(low, high)
  return function()
    local n = random(low, high)
    return {n}, {n}, function() end
  end
end

--- Each gives the arguments for the model, those for the cursor, and what the cursor's results stand for.
local OPERATIONS = {
  unpack = anyformat, peek = anyformat,
  pack = function()
    local f = pick(FORMATS)
    local values = table.pack(f[3]())
    return {f, table.unpack(values)}, {f[1], table.unpack(values)}, function() end
  end,
  take = function()
    local n = random(-1, 9)
    return {n}, {n}, function(view) return view:tobytes() end
  end,
  cstring = function() return {}, {}, identity end,
  skip = integer(-9, 9), seek = integer(-1, 40), align = integer(1, 9),
}

local NAMES = {"unpack", "peek", "pack", "take", "cstring", "skip", "seek", "align"}

--- Does one operation to both and compares: result or refusal, position, what is left.
local function step(c, m, name, case)
  local given, arguments, results = OPERATIONS[name]()
  local before = {c.position, c.remaining}
  local good, want = pcall(m[name], m, table.unpack(given))
  local got = table.pack(pcall(c[name], c, table.unpack(arguments)))
  local what = ("%s: %s(%s) at %d of %d"):format(case, name, model.show(arguments), before[1], #m.bytes)
  expect(got[1], good, what, tostring(got[2]))
  if good then expect(results(table.unpack(got, 2, got.n)), want, what)
  else expect({c.position, c.remaining}, before, what) end
  expect({c.position, c.remaining}, {m.position, m:after()}, what)
end

--- Runs random programs over what make(bytes) gives: an exporter, and a function that gives its bytes.
local function programs(make, flags)
  for n = 1, 150 do
    local exporter, contents = make(randombytes(random(0, 30)))
    local c = cursor(exporter)
    local m = {bytes = contents(), position = 1, grows = flags.grows, readonly = flags.readonly}
    setmetatable(m, Model)
    for k = 1, random(20) do
      step(c, m, pick(NAMES), ("step %d of program %d of seed %d"):format(k, n, seed))
    end
    expect(contents(), m.bytes, n)
  end
end

describe("a cursor does what the model does", function()
  it("over a string", function()
    programs(function(bytes) return bytes, function() return bytes end end, {readonly = true})
  end)

  it("over a Buffer, which grows", function()
    programs(function(bytes)
      local b = memview.buffer(bytes)
      return b, function() return b:tobytes() end
    end, {grows = true})
  end)

  it("over a view", function()
    programs(function(bytes)
      local v = memview.buffer(bytes):view()
      return v, function() return v:tobytes() end
    end, {})
  end)

  it("over a read-only view, a part of a view, an object that gives one", function()
    programs(function(bytes)
      local v = memview.buffer(bytes):view():toreadonly()
      return v, function() return v:tobytes() end
    end, {readonly = true})
    programs(function(bytes)
      local v = memview.buffer("<" .. bytes .. ">"):sub(2, -2)
      return v, function() return v:tobytes() end
    end, {})
    programs(function(bytes)
      local b = memview.buffer(bytes)
      local object = setmetatable({}, {__buffer = function() return b end})
      return object, function() return b:tobytes() end
    end, {})
  end)

  it("over views of wider items and more dimensions, by their bytes", function()
    for _, format in ipairs {"<H", "d", "3s", "T{<H:x:B:y:}", "?"} do
      programs(function(bytes)
        local row = 2 * memview.zeros(format, 0).itemsize
        local v = memview.zeros(format, {#bytes // row, 2})
        v:cast("B"):copyfrom(bytes:sub(1, v.nbytes))
        return v, function() return v:tobytes() end
      end, {})
    end
  end)
end)

-- One by one ------------------------------------------------------------------------------------------------

describe("cursor()", function()
  it("starts at 1", function()
    local c = cursor "abc"
    assert.same({1, 3}, {c.position, c.remaining})
    assert.same({1, 0}, {cursor("").position, cursor("").remaining})
  end)

  it("puts its order before formats that name none", function()
    local bytes = ("\1\2\3\4"):rep(4)
    for _, order in ipairs {"@", "=", "<", ">", "!"} do
      for _, format in ipairs {"H", "i", "2H", "(2)H", "T{H:a:B:b:}", "u32", " H", "xH", "H:a:"} do
        local want = {memview.struct.unpack_from(order .. format, bytes)}
        table.remove(want)
        expect({cursor(bytes, order):unpack(format)}, want, order, format)
      end
    end
  end)

  it("leaves formats alone that name an order", function()
    for _, order in ipairs {"@", "=", "<", ">", "!"} do
      for _, format in ipairs {"<H", ">H", "=H", "!H", "@H", "<(2)H", "(2)>H", "<T{>H:a:}", ">u16"} do
        local want = {memview.struct.unpack_from(format, "\1\2\3\4")}
        table.remove(want)
        expect({cursor("\1\2\3\4", order):unpack(format)}, want, order, format)
      end
      assert.equal(513, cursor("\1\2", order):unpack "T{<H:a:}")
    end
  end)

  it("keeps the orders of cursors apart", function()
    local little, big, none = cursor("\1\2", "<"), cursor("\1\2", ">"), cursor "\1\2"
    assert.same({513, 258, 258}, {little:peek "H", big:peek "H", none:peek ">H"})
  end)

  it("reads right when more formats have been used than are kept", function()
    local c = cursor(("\7"):rep(1000), "<")
    for round = 1, 2 do
      for n = 1, 600 do assert(c:peek(n .. "s") == ("\7"):rep(n), round) end
    end
  end)

  it("does not keep all formats", function()
    local c = cursor(("\7"):rep(20000), "<")
    helpers.collect()
    local before = collectgarbage "count"
    for n = 1, 20000 do c:peek(n .. "x") end
    helpers.collect()
    assert.is_true(collectgarbage "count" - before < 500)
  end)

  it("takes a Lua string, a Buffer, a View, an object with __buffer, and nothing else", function()
    local object = setmetatable({}, {__buffer = function() return "\5" end})
    for _, exporter in ipairs {"\5", memview.buffer "\5", memview "\5", object} do
      assert.equal(5, cursor(exporter):unpack "B")
    end
    for _, wrong in ipairs {5, true, {}, print, cursor "x"} do
      raises("bad argument #1 to 'cursor' (string, buffer or view expected, got ", cursor, wrong)
    end
    raises("bad argument #1 to 'cursor' (string, buffer or view expected, got nil)", cursor)
  end)

  it("raises for orders that are none", function()
    for _, order in ipairs {"", "<>", "x", 5, true} do
      raises("bad argument #2 to 'cursor' (order '@', '=', '<', '>' or '!' expected, got ", cursor, "", order)
    end
  end)

  it("raises for views whose bytes do not lie together, and for released ones", function()
    local v = memview.zeros("B", {4, 4})
    raises("view is not contiguous", cursor, v:transpose())
    raises("view is not contiguous", cursor, v:slice({}, 2))
    v:release()
    raises("attempt to use a released view", cursor, v)
    local b = memview.buffer "x"
    b:release()
    raises("attempt to use a released buffer", cursor, b)
  end)

  it("names the line that called", function()
    local c = cursor "abc"
    local calls = {
      function() local _ = cursor(5) end, function() local _ = cursor("", "x") end,
      function() local _ = c:unpack("I") end, function() local _ = c:unpack("y") end,
      function() local _ = c:peek("I") end, function() local _ = c:take(4) end,
      function() local _ = c:take({}) end, function() local _ = c:cstring() end,
      function() local _ = c:seek(9) end, function() local _ = c:skip(9) end,
      function() local _ = c:align(0) end, function() local _ = c:pack("B", 1) end,
      function() local _ = cursor(memview.buffer()):pack("B", 300) end,
      function() local _ = c.skip(5) end, function() c.x = 1 end,
    }
    for k, call in ipairs(calls) do
      local place = ("cursor_spec.lua:%d: "):format(debug.getinfo(call, "S").linedefined)
      assert.is_truthy(raises("", call):find(place, 1, true), k)
    end
  end)
end)

describe("a cursor's names", function()
  it("read as nil where they are none, and refuse assignment", function()
    local c = cursor "abc"
    assert.is_nil(c.nosuch)
    assert.is_nil(c[1])
    for _, name in ipairs {"position", "remaining", "unpack", "nosuch", 1} do
      raises(("cannot assign to '%s' of a cursor"):format(name), function() c[name] = 1 end)
    end
    assert.equal(1, c.position)
  end)

  it("are behind a locked metatable", function()
    local c = cursor "abc"
    assert.equal("memview.Cursor", getmetatable(c))
    assert.equal(1, (tostring(c):find("memview.Cursor: ", 1, true)))
    assert.is_nil(next(c))
    raises("cannot change a protected metatable", setmetatable, c, nil)
  end)

  it("hold methods that work on any cursor, and say so where they get none", function()
    local a, b = cursor "A", cursor "B"
    assert.equal(66, a.unpack(b, "B"))
    assert.same({1, 2}, {a.position, b.position})
    raises("cursor expected, got string", a.unpack, "B")
    raises("cursor expected, got table", a.skip, {}, 1)
    raises("cursor expected, got nil", a.skip)
  end)
end)

describe("moving", function()
  it("gives the cursor, for chains", function()
    local c = cursor(memview.buffer "abcdefgh")
    assert.equal(c, c:skip(2):align(4):seek(1):pack("B", 65))
    assert.equal(2, c.position)
  end)

  it("goes from 1 to the end + 1 and raises outside", function()
    local c = cursor "abc"
    assert.equal(4, c:seek(4).position)
    for _, position in ipairs {0, -1, 5, math.maxinteger, math.mininteger} do
      refuses(("position %d out of range (1 to 4)"):format(position), c, "seek", position)
    end
    for _, n in ipairs {1, -4, math.maxinteger, math.mininteger} do
      refuses("out of range (1 to 4)", c, "skip", n)
    end
    for _, n in ipairs {2, 4, 1 << 40, math.maxinteger} do refuses("out of range (1 to 4)", c, "align", n) end
    for _, n in ipairs {0, -1} do refuses("1 or more expected", c, "align", n) end
    assert.equal(4, c.position)
  end)

  it("takes integers only", function()
    local c = cursor "abc"
    for _, name in ipairs {"seek", "skip", "align", "take"} do
      refuses("integer expected, got string", c, name, "1")
      refuses("integer expected, got nil", c, name)
      refuses("number has no integer representation", c, name, 1.5)
      refuses("number has no integer representation", c, name, 2^63)
    end
    assert.equal(3, c:skip(2.0).position)
  end)
end)

describe("reading", function()
  it("past the end raises, names the format as it was read, and moves nothing", function()
    local c = cursor("abc", "<"):skip(1)
    refuses("bad argument #1 to 'unpack' ('<I' needs 4 bytes at position 2, there are 2)", c, "unpack", "I")
    refuses("bad argument #1 to 'peek' ('>d' needs 8 bytes at position 2, there are 2)", c, "peek", ">d")
    refuses("bad argument #1 to 'take' ('take' needs 3 bytes at position 2, there are 2)", c, "take", 3)
    refuses(("'<%ds' needs"):format(most), c, "unpack", most .. "s")
    refuses("'take' needs", c, "take", math.maxinteger)
    assert.equal(2, c.position)
  end)

  it("raises for formats that are none", function()
    local c = cursor("abc", "<")
    refuses("bad argument #1 to 'unpack' (bad format '<Hy' at position 3: unknown letter", c, "unpack", "Hy")
    refuses("bad argument #1 to 'peek' (bad format '<P' at position 2: ", c, "peek", "P")
    for _, wrong in ipairs {5, false, {}} do refuses("format string expected", c, "unpack", wrong) end
    refuses("bad argument #1 to 'pack' (format string expected, got n", c, "pack")
    assert.equal(1, c.position)
  end)

  it("by take() copies nothing", function()
    local b = memview.buffer "abcdef"
    local v = cursor(b):skip(1):take(3)
    assert.same({"bcd", "B", b}, {v:tobytes(), v.format, v.obj})
    v[1] = 88
    assert.equal("aXcdef", b:tobytes())
    refuses("0 or more expected, got -1", cursor(b), "take", -1)
  end)

  it("by cstring() ends before the zero and moves behind it", function()
    local c = cursor "one\0\0three"
    assert.same({"one", "", 6}, {c:cstring(), c:cstring(), c.position})
    refuses("no zero byte from position 6 on", c, "cstring")
    assert.equal(6, c.position)
    refuses("no zero byte from position 11 on", c:skip(5), "cstring")
  end)

  it("gives flat values of records and arrays", function()
    local format = "T{<B:id:2T{h:x:h:y:}:pos:3xB:n:}"
    assert.same({1, 2, 3, 4, 5, 6}, {cursor("\1\2\0\3\0\4\0\5\0---\6"):unpack(format)})
  end)
end)

describe("writing", function()
  it("raises for values that do not fit, with the argument, and writes and moves nothing", function()
    for _, exporter in ipairs {memview.buffer "abcdef", memview.buffer("abcdef"):view()} do
      local c = cursor(exporter, "<")
      refuses("bad argument #3 to 'pack' (70000 does not fit '<H' (0 to 65535))", c, "pack", "HH", 1, 70000)
      refuses("bad argument #2 to 'pack' (integer expected for '<B', got string)", c, "pack", "B", "1")
      refuses("2 values expected for '<HH', got 1", c, "pack", "HH", 1)
      refuses("2 values expected for '<HH', got 3", c, "pack", "HH", 1, 2, 3)
      assert.same({"abcdef", 1}, {memview(exporter):tobytes(), c.position})
    end
  end)

  it("over the end of a Buffer, or behind it, is all or nothing too", function()
    local b = memview.buffer "abcdef"
    local c = cursor(b, "<")
    for position = 4, 7 do
      c:seek(position)
      refuses("bad argument #3 to 'pack' (-1 does not fit '<H' (0 to 65535))", c, "pack", "HH", 1, -1)
      refuses("2 values expected for '<HH', got 1", c, "pack", "HH", 1)
      assert.same({"abcdef", position}, {b:tobytes(), c.position})
    end
  end)

  it("that would make a Buffer with live views longer raises and changes nothing", function()
    local b = memview.buffer "abcdef"
    local v, c = b:view(), cursor(b, ">")
    for position = 4, 7 do
      refuses("cannot resize buffer: 1 view is live", c:seek(position), "pack", "I", 7)
      assert.same({"abcdef", position}, {b:tobytes(), c.position})
    end
    c:seek(3):pack("I", 0x41424344)
    assert.equal("abABCD", v:tobytes())
    v:release()
    assert.equal("abABCD\0\1", c:pack("H", 1) and b:tobytes())
  end)

  it("behind the end of a view raises", function()
    local c = cursor(memview.zeros("B", 3), "<")
    refuses("bad argument #1 to 'pack' ('<I' needs 4 bytes at position 1, there are 3)", c, "pack", "I", 1)
    assert.equal(1, c.position)
  end)

  it("to what is read-only raises", function()
    for _, exporter in ipairs {"abc", memview "abc", memview.zeros("B", 3):toreadonly()} do
      local c = cursor(exporter)
      refuses((type(exporter) == "string" and "string" or "view") .. " is read-only", c, "pack", "B", 1)
      assert.equal(1, c.position)
    end
  end)

  it("makes files from nothing that reading takes apart again", function()
    local b = memview.buffer()
    local w = cursor(b, "<")
    for n = 1, 100 do w:pack("BH", n, n * n):pack(n .. "s", ("x"):rep(n)) end
    local r = cursor(b:tobytes(), "<")
    for n = 1, 100 do
      assert.same({n, n * n}, {r:unpack "BH"})
      assert.equal(("x"):rep(n), r:unpack(n .. "s"))
    end
    assert.equal(0, r.remaining)
  end)
end)

describe("over a Buffer a cursor", function()
  it("pins nothing between calls", function()
    local b = memview.buffer "abcdef"
    local c = cursor(b, "<")
    collectgarbage "stop"
    for _ = 1, 10 do
      c:seek(1):unpack "H"
      c:peek "B"
      c:pack("B", 1):seek(4):pack("I", 1)
      b:append "zero":append(0)
      c:seek(8):cstring()
    end
    collectgarbage "restart"
    assert.equal(57, #b)
  end)

  it("sees it grow and shrink", function()
    local b = memview.buffer "abcdef"
    local c = cursor(b):seek(5)
    b:append "ghi"
    assert.equal(5, c.remaining)
    b:resize(2)
    assert.same({5, 0}, {c.position, c.remaining})
    local calls = {{"unpack", "B"}, {"peek", ""}, {"pack", "B", 1}, {"pack", ""}, {"take", 0}, {"cstring"}}
    for _, call in ipairs(calls) do
      refuses("position 5 out of range (1 to 3)", c, table.unpack(call))
    end
    refuses("position 6 out of range (1 to 3)", c, "skip", 1)
    assert.equal("ab", b:tobytes())
    assert.equal(98, c:skip(-3):unpack "B")
  end)

  it("raises when it is released", function()
    local b = memview.buffer "abc"
    local c = cursor(b)
    b:release()
    for _, call in ipairs {{"unpack", "B"}, {"pack", "B", 1}, {"take", 1}, {"cstring"}, {"seek", 2}} do
      refuses("attempt to use a released buffer", c, table.unpack(call))
    end
    assert.equal(1, c.position)
  end)
end)

describe("over anything else a cursor", function()
  it("holds a view of its own", function()
    local b = memview.buffer "abc"
    local v = b:view()
    local c = cursor(v)
    v:release()
    assert.equal(97, c:unpack "B")
    raises("cannot resize buffer: 1 view is live", b.append, b, "d")
    c = nil
    b:append "d"
    assert.is_nil(c)
  end)

  it("asks an object for its bytes once", function()
    local asked = 0
    local object = setmetatable({}, {__buffer = function()
      asked = asked + 1
      return "abc"
    end})
    local c = cursor(object)
    assert.same({97, 98, "c"}, {c:unpack "B", c:unpack "B", c:take(1):tobytes()})
    assert.equal(1, asked)
  end)
end)
