-- The format language: sizes, alignment, canonical text, and errors that say where.
local memview = require "memview"
local helpers = require "helpers"
local model = require "model"

local raises, expect = helpers.raises, model.expect
local orders = { "", "@", "=", "<", ">", "!" }
local machine = string.pack("=I2", 1) == "\1\0" and "<" or ">"

-- letter = { what string.pack calls the same C type (or one of the same size), size with an order }
local letters = {
  b = { "b", 1 }, B = { "B", 1 }, h = { "h", 2 }, H = { "H", 2 }, i = { "i", 4 }, I = { "I", 4 },
  l = { "l", 4 }, L = { "L", 4 }, q = { "j", 8 }, Q = { "J", 8 }, n = { "T", nil }, N = { "T", nil },
  e = { "h", 2 }, f = { "f", 4 }, d = { "d", 8 }, ["?"] = { "b", 1 }, c = { "b", 1 }, s = { "b", 1 },
  p = { "b", 1 }, P = { "T", nil },
}
local aliases = {
  u8 = "B", i8 = "b", u16 = "H", i16 = "h", u32 = "I", i32 = "i", u64 = "Q", i64 = "q",
  f16 = "e", f32 = "f", f64 = "d", bool = "?", char = "c",
}

local function isnative(order)
  return order == "" or order == "@"
end

-- The order as canonical text has it.
local function canonical(order)
  return ({ [""] = "", ["@"] = "", ["="] = machine, ["!"] = ">" })[order] or order
end

local function size(format)
  return memview.zeros(format, 1).itemsize
end

local function text(format)
  return memview.zeros(format, 1).format
end

-- Asserts that the format is refused at that position, with that reason where one is given.
local function refused(format, position, reason)
  local message = raises("bad format", memview.zeros, format, 1)
  local at = ("at position %d: "):format(position)
  assert(message:find(at, 1, true), ("%q: %s, not '%s'"):format(format, message, at))
  assert(message:find(reason or "", 1, true), ("%q: %s, without '%s'"):format(format, message, reason))
end

describe("letters", function()
  it("have the C size with @ and the standard size with the other orders", function()
    for letter, facts in pairs(letters) do
      for _, order in ipairs(orders) do
        local want = isnative(order) and string.packsize(facts[1]) or facts[2]
        if want then expect(size(order .. letter), want, order .. letter) end
      end
    end
  end)

  it("come back as canonical text", function()
    for letter, facts in pairs(letters) do
      for _, order in ipairs(orders) do
        if isnative(order) or facts[2] then
          expect(text(order .. letter), canonical(order) .. letter, order .. letter)
        end
      end
    end
  end)

  it("make views in cast as in zeros", function()
    for letter, facts in pairs(letters) do
      for _, order in ipairs(orders) do
        if isnative(order) or facts[2] then
          local format = order .. letter
          local v = memview(("\0"):rep(3 * size(format))):cast(format)
          expect({ v.itemsize, v.format, #v }, { size(format), text(format), 3 }, format)
        end
      end
    end
  end)

  it("n, N and P exist only with @", function()
    for letter in ("nNP"):gmatch "." do
      for order in ("=<>!"):gmatch "." do
        refused(order .. letter, 2)
        refused("T{" .. order .. "H:a:" .. letter .. ":b:}", 8)
      end
      expect(size("T{@" .. letter .. ":a:}"), string.packsize "T", letter)
    end
  end)

  it("are these and x, T and no others", function()
    for byte = 0, 255 do
      local c = string.char(byte)
      if not letters[c] and not c:find "[@=<>!%sxT(%d]" then refused("H" .. c, 2) end
    end
  end)
end)

describe("aliases", function()
  it("stand for their letter in every order", function()
    for alias, letter in pairs(aliases) do
      for _, order in ipairs(orders) do
        expect(text(order .. alias), canonical(order) .. letter, order .. alias)
        expect(size(order .. alias), size(order .. letter), order .. alias)
      end
    end
  end)

  it("have the size in their name", function()
    for alias in pairs(aliases) do
      local bits = alias:match "%d+"
      if bits then expect(size(alias), bits // 8, alias) end
    end
  end)

  it("are whole formats", function()
    local wrong = { "2u8", "u8u8", "u8 H", "Hu8", "u24", "u", "U8", "f80", "u128", "bools", "T{u8:a:}" }
    for _, format in ipairs(wrong) do
      raises("bad format", memview.zeros, format, 1)
    end
  end)
end)

describe("counts", function()
  it("multiply the size of numbers and give the length of strings", function()
    for letter, facts in pairs(letters) do
      for _, count in ipairs { 1, 2, 3, 7, 255, 1000 } do
        if facts[2] then expect(size("<" .. count .. letter), count * facts[2], count, letter) end
        expect(size(count .. letter), count * size(letter), count, letter)
      end
    end
  end)

  it("of s and p are in the text", function()
    expect(text "4s", "4s")
    expect(text "<10p", "<10p")
  end)

  it("of 1 make no record", function()
    local v = memview("\5\0"):cast "<1H"
    assert.are.equal(5, v[1])
  end)

  it("may have leading zeros", function()
    expect(size "0003H", 6)
    expect(size "<000000000000000000000000000002H", 4)
  end)

  it("are Python's where a digit stands between letters", function()
    expect(size "B3s", 4)
    expect(size "<H4sI", 10)
  end)

  it("of 0 align and take no room", function()
    expect(size "b0i", string.packsize "!bXi")
    expect(size "llh0l", string.packsize "!llhXl")
    expect(size "<b0i", 1)
    expect(size "b0s", 1)
  end)
end)

describe("white space", function()
  it("stands between items and is not in the text", function()
    for _, space in ipairs { " ", "   ", "\t", "\n", "\r", "\v", "\f", " \n\t " } do
      local format = "<" .. space .. "H" .. space .. "2f" .. space
      expect(size(format), 10, format)
      expect(text(format), "<H2f", format)
    end
    expect(text " H ", "H")
  end)

  it("stands between the members of T{}", function()
    expect(size "T{ <H:a: 2s:b: \n T{ B:x: }:c: }", 5)
    expect(text "T{ <H:a: 2s:b: }", "T{<H:a:2s:b:}")
  end)

  it("stands not between a count and its letter", function()
    for _, format in ipairs { "3 H", "H3 s", "3\nH" } do
      raises("bad format", memview.zeros, format, 1)
    end
  end)

  it("is kept in names", function()
    expect(text "T{<H:two words:}", "T{<H:two words:}")
  end)
end)

describe("items in a row", function()
  local random, seed = helpers.random(20240601)
  local known = {}
  for letter in pairs(letters) do known[#known + 1] = letter end
  table.sort(known)

  -- A format of up to six items, what string.pack calls the same with !, and its size without alignment.
  local function randomformat()
    local format, native, packed = {}, { "!" }, 0
    for k = 1, random(6) do
      local letter, count = known[random(#known)], random(0, 3)
      local facts = letters[letter]
      format[k] = (count == 1 and random(2) == 1 and "" or count) .. letter
      native[k + 1] = count > 0 and facts[1]:rep(count) or "X" .. facts[1]
      packed = packed and facts[2] and packed + count * facts[2]
    end
    return table.concat(format, (" "):rep(random(0, 1))), table.concat(native), packed
  end

  it("are aligned with @ as string.pack aligns them with !", function()
    for _ = 1, 3000 do
      local format, native = randomformat()
      expect(size(format .. "B"), string.packsize(native) + 1, "seed", seed, format .. "B")
    end
  end)

  it("lie one after the other with the other orders", function()
    for _ = 1, 3000 do
      local format, _, packed = randomformat()
      for order in ("=<>!"):gmatch "." do
        local whole = order .. format .. "B"
        if packed then expect(size(whole), packed + 1, "seed", seed, whole) end
      end
    end
  end)

  it("have a text that gives the same text and size again", function()
    for _ = 1, 1000 do
      local format, _, packed = randomformat()
      local order = packed and orders[random(#orders)] or ""
      local whole = order .. format .. "H"
      local v = memview.zeros(whole, 1)
      assert(not v.format:find "[%s@!=]", v.format)
      expect({ text(v.format), size(v.format) }, { v.format, v.itemsize }, "seed", seed, whole)
    end
  end)

  it("have these sizes in CPython on machines of 8-byte longs", function()
    if string.packsize "l" ~= 8 then return end
    local sizes = { bh = 4, bi = 8, bq = 16, hb = 3, b0i = 4, llh0l = 24, ["<HHf"] = 8, ["=bh0i"] = 3 }
    for format, want in pairs(sizes) do expect(size(format), want, format) end
  end)

  it("are aligned by padding as by values", function()
    expect(size "xH", 4)
    expect(size "<xH", 3)
    expect(size "H3x", 5)
    expect(size "3xI", 8)
    expect(size "Bx0H", 2)
  end)

  it("make views of whole records", function()
    local v = memview(("abcdefgh"):rep(3)):cast "<HHf"
    expect({ #v, v.itemsize, v.nbytes, v.format }, { 3, 8, 24, "<HHf" })
    expect(v:tobytes(), ("abcdefgh"):rep(3))
    expect(v:sub(2):cast("B")[1], ("a"):byte())
  end)
end)

describe("T{}", function()
  local function sizes(list)
    for format, want in pairs(list) do expect(size(format), want, format) end
  end

  it("has the size of its members in its order", function()
    sizes { ["T{<H:a:I:b:}"] = 6, ["<T{H:a:I:b:}"] = 6, ["T{>H:a:d:b:3s:c:}"] = 13 }
    expect(size "T{H:a:I:b:}", string.packsize "!HI")
    expect(size "T{B:a:d:b:H:c:}", string.packsize "!BdH")
  end)

  it("keeps an order until the next one or the brace", function()
    sizes {
      ["T{<B:a:I:b:}"] = 5, ["T{B:a:<I:b:}"] = 5, ["T{<B:a:@I:b:}"] = string.packsize "!BI",
      ["T{T{<B:x:}:a:I:b:}"] = string.packsize "!BI", ["T{<B:n:T{B:x:I:y:}:a:I:b:}"] = 10,
    }
  end)

  it("aligns a nested one to its widest member and pads no end", function()
    sizes {
      ["T{I:a:B:b:}"] = 5, ["T{B:n:T{I:a:B:b:}:r:}"] = 9, ["T{B:n:T{B:a:H:b:}:r:B:m:}"] = 7,
      ["T{T{I:a:B:b:}:p:T{I:a:B:b:}:q:}"] = 13, ["T{B:n:T{<I:a:}:r:}"] = 5, ["<T{B:n:T{I:a:}:r:}"] = 5,
    }
  end)

  it("has array members, named counts and strings", function()
    sizes {
      ["T{<(2,3)f:m:}"] = 24, ["T{(2,3)<f:m:}"] = 24, ["T{<B:a:(2)H:m:}"] = 5, ["T{B:a:(2)H:m:}"] = 6,
      ["T{<3H:v:}"] = 6, ["T{8s:s:}"] = 8, ["T{(2,3)4s:s:}"] = 24, ["T{(2)T{<H:x:B:y:}:r:}"] = 6,
      ["T{( 2 , 3 )<f:m:}"] = 24,
    }
  end)

  it("may have padding and members without names", function()
    sizes { ["T{<H:a:2xI:b:}"] = 8, ["T{<HI}"] = 6, ["T{<H:a:I}"] = 6 }
  end)

  it("comes back as text", function()
    for _, format in ipairs {
      "T{<H:a:I:b:}", "T{H:a:I:b:}", "T{<(2,3)f:m:}", "T{<T{H:x:}:a:I:b:}", "T{<H:a:>I:b:}",
      "T{<H:a:2xI:b:}",
    } do
      local v = memview.zeros(format, 2)
      expect(v.format, format)
      expect({ text(v.format), size(v.format) }, { v.format, v.itemsize }, format)
    end
  end)

  it("has a text of the same size whatever the orders in it", function()
    local random, seed = helpers.random(77)
    local function member(depth, name)
      local order = orders[random(#orders)]
      local kind = depth > 0 and random(3) or 1
      if kind == 1 then return ("%s%s:m%d:"):format(order, ("BHIQfd?"):sub(random(7)):sub(1, 1), name) end
      local list = {}
      for k = 1, random(3) do list[k] = member(depth - 1, k) end
      return ("%s%sT{%s}:m%d:"):format(order, kind == 2 and "(2)" or "", table.concat(list), name)
    end
    for _ = 1, 1000 do
      local format = "T{" .. member(3, 1) .. member(3, 2) .. "}"
      local v = memview.zeros(format, 1)
      assert(not v.format:find "[!= ]", v.format)
      expect({ text(v.format), size(v.format) }, { v.format, v.itemsize }, "seed", seed, format)
    end
  end)
end)

describe("errors of a format", function()
  it("name the letter that is unknown and its position", function()
    raises("bad format 'Hyz' at position 2: unknown letter 'y'", memview.zeros, "Hyz", 1)
    raises("bad format 'y' at position 1: unknown letter 'y'", memview.zeros, "y", 1)
    refused("<2H z", 5, "unknown letter 'z'")
    refused("T{<H:a:2k:b:}", 9, "unknown letter 'k'")
  end)

  it("come from cast, zeros and array alike", function()
    local v = memview "abcd"
    raises("bad format 'Hyz' at position 2", v.cast, v, "Hyz")
    raises("bad format 'Hyz' at position 2", memview.cast, v, "Hyz")
    raises("bad format 'Hyz' at position 2", memview.array, "Hyz", {})
  end)

  it("hint at the way to write a size after digits without a letter", function()
    for format, position in pairs { I4 = 2, ["<i4"] = 3, ["<I2"] = 3, H2 = 2, ["4"] = 1, ["H 4"] = 3 } do
      refused(format, position)
      local message = raises("bad format", memview.zeros, format, 1)
      assert(message:find "count" or message:find "u32", message)
    end
  end)

  it("name the position of an order in the middle", function()
    refused("H<I", 2)
    refused("<H>I", 3)
    refused("<<H", 2)
    refused("@>H", 2)
    refused("H<", 2)
  end)

  it("name the count that is too large", function()
    refused("99999999999999999999H", 1)
    refused("B99999999999999999999s", 2)
    refused("H9223372036854775808x", 2)
  end)

  it("name what is not closed", function()
    refused("T{<H:a:", 1)
    refused("HT{<H:a:", 2)
    refused("T{<H:a", 5)
    refused("T{(2,3<H:a:}", 7)
    raises("bad format", memview.zeros, "T", 1)
    raises("bad format", memview.zeros, "TH", 1)
    raises("bad format", memview.zeros, "T{H:a:T{H:a:}:b:", 1)
    raises("bad format", memview.zeros, "T{H:a:}}", 1)
    raises("bad format", memview.zeros, "T{H:a::b:}", 1)
    raises("bad format", memview.zeros, "T{():a:}", 1)
    raises("bad format", memview.zeros, "T{(-1)H:a:}", 1)
  end)

  it("name the position of a name used twice", function()
    refused("T{H:a:H:a:}", 8, "name")
    refused("T{<H:x:I:y:T{B:z:}:x:}", 19, "name")
    expect(size "T{<H:a:T{H:a:}:b:}", 4)
  end)

  it("refuse formats without values", function()
    for _, format in ipairs {
      "", "<", "@", " ", "x", "4x", "<4x", "0s", "0p", "0H", "<0H", "T{}", "T{x}", "T{0s:a:}",
    } do
      local message = raises("", memview.zeros, format, 1)
      assert(message:find "format", message)
      raises("", memview("").cast, memview(""), format)
    end
  end)

  it("refuse a whole array, and say that a shape does it", function()
    local v = memview(("\0"):rep(24))
    for _, format in ipairs { "(3)f", "<(2,3)f", "(2,3)<f" } do
      local message = raises("", v.cast, v, format)
      assert(message:find "shape", message)
    end
  end)

  it("refuse NUL bytes", function()
    for _, format in ipairs { "\0", "H\0", "\0H", "H\0\0", "u8\0" } do
      raises("bad format", memview.zeros, format, 1)
    end
    refused("H\0", 2)
  end)

  it("refuse what is no string", function()
    local v = memview "abcd"
    for _, format in ipairs { true, {}, print, 4, 1.5, v } do raises("", v.cast, v, format) end
    raises("", v.cast, v)
    raises("", v.cast, v, nil)
  end)
end)

describe("hostile formats", function()
  -- The size, or nil and a message that must speak of the format or of memory.
  local function try(format)
    local ok, v = pcall(memview.zeros, format, 1)
    if ok then return v.itemsize end
    assert(v:find "format" or v:find "memory" or v:find "large" or v:find "overflow", v:sub(1, 200))
    return nil, v
  end

  it("overflow nothing by their counts", function()
    for _, format in ipairs {
      ("%dq"):format(1 << 62), ("%dq"):format(1 << 60), "9223372036854775807H", "9223372036854775807B1B",
      "9223372036854775807x9223372036854775807xB", "Bx9223372036854775807xH", "q9223372036854775800sq",
      "T{(4294967296,4294967296)B:m:}", "T{(9223372036854775807)H:m:}", "T{(4294967296,2147483648)B:m:B:n:}",
      "2T{9223372036854775807s:m:}", "T{(3)T{(3)T{4000000000000000000s:a:}:b:}:c:}",
      ("T{(4294967296)"):rep(3) .. "B" .. (":a:}"):rep(3),
    } do
      expect((try(format)), nil, format)
    end
  end)

  it("take sizes near the largest without making memory of them", function()
    local v = memview "abcd"
    for _, format in ipairs {
      "9223372036854775807s", "9223372036854775806sB", "1000000000000B", "4611686018427387904H",
    } do
      raises("", v.cast, v, format)
      local ok, empty = pcall(v.cast, v:sub(5), format)
      assert(not ok or #empty == 0, format)
    end
  end)

  it("may be nested deeply", function()
    for _, depth in ipairs { 10, 60, 100, 1000, 10000, 100000 } do
      local got = try(("T{"):rep(depth) .. "<H" .. (":a:}"):rep(depth))
      assert(got == nil and depth > 60 or got == 2, depth)
      raises("", memview.zeros, ("T{"):rep(depth), 1)
      raises("", memview.zeros, ("}"):rep(depth), 1)
    end
  end)

  it("may be long", function()
    local long = ("H"):rep(10000)
    expect(size(long), 20000)
    raises("", memview.zeros, long .. "y", 1)
    for _, part in ipairs { " ", "(", "(1,", "1,", ":", "0H" } do
      raises("", memview.zeros, part:rep(100000), 1)
    end
  end)

  it("may have many names", function()
    local members = {}
    for k = 1, 2000 do members[k] = ("<H:name%d:"):format(k) end
    expect(size("T{" .. table.concat(members) .. "}"), 4000)
    members[2001] = "H:name1000:"
    raises("bad format", memview.zeros, "T{" .. table.concat(members) .. "}", 1)
  end)

  it("may be any bytes", function()
    local random, seed = helpers.random(99)
    local alphabet = "bBhHiIlLqQnNefd?cspPxT{}():,@=<>!0123456789 ux\0z"
    for _ = 1, 5000 do
      local parts = {}
      for k = 1, random(12) do
        local at = random(#alphabet)
        parts[k] = alphabet:sub(at, at)
      end
      local format = table.concat(parts)
      local ok, v = pcall(memview.zeros, format, 0)
      if ok then
        local again = memview.zeros(v.format, 0)
        expect({ again.format, again.itemsize }, { v.format, v.itemsize }, "seed", seed, format)
      else
        assert(v:find "format" or v:find "large" or v:find "memory", v)
      end
    end
  end)
end)
