-- v:dump(): what it shows is read back and compared with the view: offsets, bytes, characters, values,
-- members.
local memview = require "memview"
local helpers = require "helpers"
local model = require "model"
local raises, expect = helpers.raises, model.expect
local record = memview.record

local random, seed = helpers.random(5001)
local function case(n) return ("case %d of seed %d"):format(n, seed) end
local function pick(list) return list[random(#list)] end

local ALL = {max = math.huge}

local function randombytes(n)
  local bytes = {}
  for i = 1, n do bytes[i] = string.char(random(0, 255)) end
  return table.concat(bytes)
end

local function linesof(text)
  local lines = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do lines[#lines + 1] = line end
  return lines
end

local function unhex(text)
  return (text:gsub(" ", ""):gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

--- The parts of a line of items: offset, label, hex digits in groups, characters, values.
local function parse(line)
  local offset, label, hex, rest = line:match "^(%-?%x+)  ([%[%]%d]-) *(%x%x[%x ]*)|(.*)$"
  assert(offset, "not a line of items: " .. line)
  local n = #unhex(hex)
  assert(rest:sub(n + 1, n + 1) == "|", "not the characters of all bytes: " .. line)
  local values = {}
  for value in rest:sub(n + 2):gmatch "%S+" do values[#values + 1] = value end
  return {
    offset = tonumber(offset, 16), label = label, hex = hex, characters = rest:sub(1, n), values = values,
  }
end

--- All bytes that the lines of a dump show.
local function shown(lines)
  local bytes = {}
  for k, line in ipairs(lines) do bytes[k] = unhex(parse(line).hex) end
  return table.concat(bytes)
end

describe("dump() of bytes", function()
  it("shows sixteen a line, with offset and characters", function()
    assert.equal(table.concat({
      "00000000  68 65 6c 6c 6f 20 77 6f  72 6c 64 0a 00 ff 7e 7f  |hello world...~.|",
      "00000010  21                                                |!|",
    }, "\n"), memview("hello world\n\0\xff~\x7f!"):dump())
  end)

  it("shows every byte once, in order, for any width", function()
    for n = 1, 100 do
      local bytes, width = randombytes(random(90)), random(20)
      local lines = linesof(memview(bytes):dump {width = width, max = math.huge})
      expect(shown(lines), bytes, case(n))
      expect(#lines, (#bytes + width - 1) // width, case(n))
      for k, line in ipairs(lines) do expect(parse(line).offset, (k - 1) * width, case(n)) end
    end
  end)

  it("shows characters where there are any, and dots", function()
    for byte = 0, 255 do
      local c = string.char(byte)
      expect(parse(memview(c):dump()).characters, byte >= 32 and byte < 127 and c or ".", byte)
    end
  end)

  it("counts from the offset it is given", function()
    local lines = linesof(memview(("x"):rep(40)):dump {offset = 0x1f0})
    for k, offset in ipairs {0x1f0, 0x200, 0x210} do assert.equal(offset, parse(lines[k]).offset) end
    assert.equal("123456780", memview("x"):dump({offset = 0x123456780}):match "^%x+")
  end)

  it("says so where there are none", function()
    local shapes = {0, {0, 3}, {3, 0}}
    for _, shape in ipairs(shapes) do
      for _, format in ipairs {"B", "d", "20s", "T{B:a:}"} do
        assert.equal("(no items)", memview.zeros(format, shape):dump())
      end
    end
  end)

  it("is the same for read-only views, and as a function of the module", function()
    local b = memview.buffer "some bytes"
    assert.equal(b:view():dump(), b:view():toreadonly():dump())
    assert.equal(b:view():dump {width = 3}, memview.dump(b:view(), {width = 3}))
  end)
end)

describe("dump() of wider items", function()
  it("groups the bytes by items and shows the values of numbers", function()
    local shorts, floats = memview.array("<h", {1, -2, -32768}), memview.array(">f", {1, -0.5})
    assert.equal("00000000  0100 feff 0080  |......|  1 -2 -32768", shorts:dump())
    assert.equal("00000000  3f800000 bf000000  |?.......|  1.0 -0.5", floats:dump())
    assert.equal("00000000  004142 004344  |.AB.CD|  16706 17220", memview("\0AB\0CD"):cast(">xH"):dump())
  end)

  it("shows every item once, in order, for any width", function()
    for n = 1, 200 do
      local format, width = pick {"<h", ">H", "<i", "I", "q", ">Q", "<e", "f", ">d", "l"}, random(40)
      local size = memview.zeros(format, 0).itemsize
      local v = memview(randombytes(random(20) * size)):cast(format)
      local lines = linesof(v:dump {width = width, max = math.huge})
      local k = 0
      for _, line in ipairs(lines) do
        local parts = parse(line)
        local most = math.max(width // size, 1)
        expect({parts.offset, #parts.values}, {k * size, math.min(most, #v - k)}, case(n))
        for group in parts.hex:gmatch "%S+" do
          k = k + 1
          expect(unhex(group), v:tobytes(k, k), case(n))
        end
      end
      expect({k, shown(lines)}, {#v, v:tobytes()}, case(n))
    end
  end)

  it("shows numbers as they are, floats to the digits they have", function()
    for n = 1, 200 do
      local format = pick {"h", "H", "i", "I", "q", "f", "d"}
      local v = memview(randombytes(16)):cast(format)
      for k, text in ipairs(parse((v:dump {width = 64})).values) do
        local x, got = v[k], tonumber(text)
        local close = got and math.type(x) == "float" and math.abs(got - x) <= math.abs(x) * 1e-6
        expect(got == x or close or x ~= x and text == "nan", true, case(n), text, x)
      end
    end
    local v = memview.array("d", {0, -0.0, 1, 0.1, 1e300, 1 / 0, -1 / 0, 0 / 0})
    assert.equal("0.0 -0.0 1.0 0.1 1e+300 inf -inf nan", table.concat(parse(v:dump {width = 64}).values, " "))
    assert.equal("0.1", parse(memview.array("f", {0.1}):dump()).values[1])
    local large = memview.array("f", {2^24 - 1, -2^24, 2^53, 2^60, 0.25})
    assert.equal("16777215.0 -16777216.0 9.007199e+15 1.152922e+18 0.25",
      table.concat(parse(large:dump {width = 64}).values, " "))
  end)

  it("shows strings as bytes and characters", function()
    assert.equal("00000000  5448494e 47530000  |THINGS..|", memview("THINGS\0\0"):cast("4s"):dump())
  end)

  it("gives an item that is wider than a line lines of its own", function()
    local bytes = randombytes(50)
    local lines = linesof(memview(bytes):cast("25s"):dump {width = 10})
    assert.equal(6, #lines)
    assert.equal(bytes, shown(lines))
    for k, offset in ipairs {0, 10, 20, 25, 35, 45} do assert.equal(offset, parse(lines[k]).offset) end
    assert.same({"[1]", "", "", "[2]", "", ""}, {
      parse(lines[1]).label, parse(lines[2]).label, parse(lines[3]).label, parse(lines[4]).label,
      parse(lines[5]).label, parse(lines[6]).label,
    })
  end)

  it("shows a 0-dimensional view", function()
    assert.equal("00000000  00000000  |....|  0", memview.zeros("i", {}):dump())
    assert.equal("00000000  41  |A|", memview("A"):cast("B", {}):dump())
  end)
end)

describe("dump() of views of any layout", function()
  local numbered = {}
  for i = 0, 119 do numbered[i + 1] = string.char(i) end
  numbered = memview(table.concat(numbered)):cast("B", {4, 5, 6})

  --- A random view of the numbered bytes, some of it left.
  local function randomview()
    local v = numbered
    if random(2) == 1 then v = v:transpose(table.unpack(model.randomorder(random, 3))) end
    local arguments = model.randomslice(random, v.shape, true, model.randomsome)
    return v:slice(table.unpack(arguments, 1, arguments.n))
  end

  it("shows the items in C order, and the offset where each line begins", function()
    for n = 1, 300 do
      local v = randomview()
      local lines = linesof(v:dump {width = random(8), max = math.huge})
      local first = v:tobytes():byte()
      expect(shown(lines), v:tobytes(), case(n))
      for _, line in ipairs(lines) do
        local parts = parse(line)
        expect(parts.offset, unhex(parts.hex):byte() - first, case(n), line)
      end
    end
  end)

  it("counts backwards where the items do", function()
    assert.equal("00000000  03 02 |..|\n-0000002  01 00 |..|",
      (numbered:cast("B"):sub(4, 1, -1):dump({width = 2}):gsub("  |", " |")))
    assert.equal("0000000e", numbered:cast("B"):sub(4, 1, -1):dump({width = 2, offset = 16}):match "\n(%x+)")
  end)

  it("begins a row of an N-D view with its indices", function()
    assert.equal(table.concat({
      "00000000  [1][1]  00 01 02 03 04 05  |......|",
      "00000006  [1][2]  06 07 08 09 0a 0b  |......|",
      "0000001e  [2][1]  1e 1f 20 21 22 23  |.. !\"#|",
      "00000024  [2][2]  24 25 26 27 28 29  |$%&'()|",
    }, "\n"), numbered:slice({1, 2}, {1, 2}):dump())
    for n = 1, 100 do
      local v = randomview()
      for _, line in ipairs(v.ndim > 1 and linesof(v:dump(ALL)) or {}) do
        local row = v
        for i in parse(line).label:gmatch "%d+" do row = row[tonumber(i)] end
        expect({row.ndim, unhex(parse(line).hex)}, {1, row:tobytes()}, case(n))
      end
    end
  end)
end)

describe("dump()'s max", function()
  it("leaves lines out in the middle, and says how many lines and bytes", function()
    for n = 1, 300 do
      local v = memview(randombytes(random(0, 120)))
      if random(2) == 1 and #v > 0 then v = v:cast("B", {random(2) == 1 and 1 or #v, -1}) end
      local width, most = random(9), random(12)
      local all = linesof(v:dump {width = width, max = math.huge})
      local some = linesof(v:dump {width = width, max = most})
      if #all <= most then
        expect(some, all, case(n))
      else
        local head, tail = (most + 1) // 2, most // 2
        local left = #shown(table.move(all, head + 1, #all - tail, 1, {}))
        local want = table.move(all, 1, head, 1, {})
        want[head + 1] = ("... %d lines, %d bytes, left out ..."):format(#all - most, left)
        expect(some, table.move(all, #all - tail + 1, #all, head + 2, want), case(n), all)
      end
    end
  end)

  it("is 64", function()
    assert.equal(65, #linesof(memview(("x"):rep(16 * 1000)):dump()))
    assert.equal(64, #linesof(memview(("x"):rep(16 * 64)):dump()))
  end)

  it("makes a dump of a long view cheap", function()
    local v = memview.zeros("B", 1 << 26)
    assert.equal(3, #linesof(v:dump {max = 2}))
    assert.equal("03fffff0", linesof(v:dump {max = 2})[3]:sub(1, 8))
  end)
end)

describe("dump() of records", function()
  local POS = record("<", {{"x", "f32"}, {"y", "f32"}})

  it("shows a member a line, with its offset, name, bytes and value", function()
    local v = memview.array(record("<", {
      {"id", "u16"}, {"pos", POS}, {"_", "pad", 2}, {"name", "6s"}, {"sizes", "u8", 3}, {"ok", "bool"},
      {"tag", "char", 4}, {"at", POS, 2},
    }), {{id = 258, pos = {x = 1, y = -0.5}, name = 'a"b\n', sizes = {1, 2, 3}, ok = true}})
    v[1].tag = memview("WAD\0"):cast "c"
    assert.equal(table.concat({
      [[00000000  [1].id       0201          258]],
      [[00000002  [1].pos.x    0000803f      1.0]],
      [[00000006  [1].pos.y    000000bf      -0.5]],
      [[0000000c  [1].name     6122620a0000  "a\"b\x0a"]],
      [[00000012  [1].sizes    01 02 03      1 2 3]],
      [[00000015  [1].ok       01            true]],
      [[00000016  [1].tag      57 41 44 00   "WAD"]],
      [[0000001a  [1].at[1].x  00000000      0.0]],
      [[0000001e  [1].at[1].y  00000000      0.0]],
      [[00000022  [1].at[2].x  00000000      0.0]],
      [[00000026  [1].at[2].y  00000000      0.0]],
    }, "\n"), v:dump())
  end)

  it("names them as Lua reaches them", function()
    local unnamed = memview("abcdefgh"):cast "<HH"
    assert.equal("00000000  [1][1]  6162  25185\n00000002  [1][2]  6364  25699", unnamed:sub(1, 1):dump())
    assert.equal("00000000  [1]  6566  26213\n00000002  [2]  6768  26727", unnamed[2]:dump())
    assert.equal("00000000  x  6162  25185", memview("ab"):cast("T{<H:x:}")[1]:dump())
    assert.equal("00000000  [1][1].x  61  97\n00000001  [1][2].x  62  98",
      memview("ab"):cast("T{B:x:}", {1, 2}):dump())
  end)

  --- A random record format below 200 bytes: members of all kinds, nested ones and padding.
  local function randomformat(depth)
    local fields = {}
    for k = 1, random(4) do
      local type = pick {"u8", "h", "<u32", ">f32", "f64", "3s", "char", "bool", "T"}
      if type == "T" then type = depth > 0 and randomformat(depth - 1) or "5p" end
      fields[k] = {"m" .. k, type, pick {false, false, 1, 2} or nil}
      if random(4) == 1 then fields[k] = {"_", "pad", k} end
    end
    fields[#fields + 1] = {"last", "u8"}
    return record(pick {"<", "@", ">"}, fields)
  end

  it("shows every member of every record where it is", function()
    for n = 1, 100 do
      local format = randomformat(2)
      local size = memview.struct.calcsize(format)
      local bytes = randombytes(3 * size)
      for _, line in ipairs(linesof(memview(bytes):cast(format):dump {max = math.huge, width = 64})) do
        local offset, name, hex = line:match "^(%x+)  (%S+) +([%x ]-)  "
        local member = load("local recs = ... return recs" .. name)(memview(bytes):cast(format))
        local at, got = tonumber(offset, 16), unhex(hex)
        expect(got, bytes:sub(at + 1, at + #got), case(n), line, format)
        if math.type(member) == "integer" or type(member) == "boolean" then
          expect(line:match "%S+$", tostring(member), case(n), line, format)
        end
      end
    end
  end)

  it("shows the bytes of the records but for padding", function()
    for n = 1, 50 do
      local format = randomformat(1)
      local v = memview(randombytes(2 * memview.struct.calcsize(format))):cast(format)
      local seen = {}
      for _, line in ipairs(linesof(v:dump {max = math.huge, width = 99})) do
        local offset, hex = line:match "^(%x+)  %S+ +([%x ]-)  "
        for i = 1, #unhex(hex) do
          local at = tonumber(offset, 16) + i
          expect(seen[at], nil, case(n), line)
          seen[at] = true
        end
      end
      -- Bytes that no member has change with nothing: packing the values again puts zeros there.
      local again = memview.zeros(format, 2):copyfrom(v:tolist()):tobytes()
      for at = 1, v.nbytes do
        if not seen[at] then expect(again:byte(at), 0, case(n), at, format) end
      end
    end
  end)

  it("shortens members that are wider than a line", function()
    local v = memview(("x"):rep(40) .. ("ab"):rep(20)):cast "T{40B:a:40s:b:}"
    assert.equal(table.concat({
      "00000000  [1].a  78 78 78 78..  120 120 120 120 .. (40 items)",
      [[00000028  [1].b  6162616261626162..  "abababab"..]],
    }, "\n"), (v:dump {width = 4}:gsub("%.%.  +", "..  ")))
  end)

  it("names members without bytes, and no more", function()
    local v = memview("A"):cast "<T{0s:a:B:b:(0)f:c:}"
    assert.equal("00000000  [1].a\n00000000  [1].b  41  65\n00000000  [1].c", v:dump())
  end)

  it("works where fields hide methods and attributes", function()
    local fields = {}
    for name in pairs(memview) do fields[#fields + 1] = {name, "u8"} end
    local v = memview(randombytes(#fields)):cast(record("<", fields))
    local lines = linesof(memview.dump(v[1], ALL))
    for k, field in ipairs(fields) do
      expect(lines[k]:match "^%x+  (%S+) +(%x%x)  ", field[1])
      expect(tonumber(lines[k]:match "%d+$"), v[1][field[1]], field[1])
    end
  end)

  it("leaves lines out in the middle", function()
    local v = memview.zeros("T{<H:a:B:b:}", 100)
    assert.equal(table.concat({
      "00000000  [1].a    0000  0",
      "00000002  [1].b    00    0",
      "... 197 lines, 296 bytes, left out ...",
      "0000012b  [100].b  00    0",
    }, "\n"), v:dump {max = 3})
  end)

  it("upsets no terminal", function()
    local name = "a\27[2J\n\0b"
    local v = memview(("\27"):rep(12)):cast(record("<", {{name, "u8"}, {"s", "3s"}, {"c", "char", 2}}))
    assert.is_nil(v:dump():find "[^\n\32-\126]")
    assert.is_nil(v:cast("B"):dump():find "[^\n\32-\126]")
    assert.is_truthy(v:dump():find("[1].a?[2J??b", 1, true))
  end)
end)

describe("dump()'s color", function()
  it("paints the same text", function()
    local views = {
      memview "some\0bytes\1", memview.array("<f", {{1, 2}, {3, 4}}), memview("abcd"):cast "T{<H:x:H:y:}",
      memview(("x"):rep(2000)), memview "",
    }
    for _, v in ipairs(views) do
      local painted = v:dump {color = true}
      assert.equal(v:dump(), (painted:gsub("\27%[%d+m", "")))
      assert.equal(#v > 0, painted:find "\27%[%d+m" ~= nil)
      assert.is_nil(v:dump {color = false}:find "\27")
    end
  end)
end)

describe("dump() takes", function()
  it("whole floats for integers", function()
    local v = memview "abcdef"
    assert.equal(v:dump {width = 2, offset = 16}, v:dump {width = 2.0, offset = 16.0})
  end)

  it("names with nothing that a terminal obeys: of ASCII, of Latin-1 in UTF-8, of bytes alone", function()
    local names = {["\27[31m"] = "?[31m", ["\u{9b}31m"] = "?31m", ["\x9B31m"] = "?31m", ["\u{e9}"] = "\u{e9}"}
    for given, clean in pairs(names) do
      local line = memview.zeros("T{B:" .. given .. ":}", 1):dump()
      assert.is_truthy(line:find("[1]." .. clean, 1, true), line)
    end
  end)
end)

describe("dump() raises", function()
  local v = memview "abc"

  it("for options it does not know, and values that are none", function()
    raises("unknown option 'colour' (width, max, offset, color)", v.dump, v, {colour = true})
    raises("unknown option '1'", v.dump, v, {16})
    for _, width in ipairs {0, -1, 1.5, "8", true} do
      local got = type(width) == "string" and "'" .. width .. "'" or tostring(width)
      local message = "option 'width': integer from 1 on expected, got " .. got
      raises(message, v.dump, v, {width = width})
    end
    for _, max in ipairs {0, -1, "8", true, 0 / 0} do
      raises("option 'max': number from 1 on expected", v.dump, v, {max = max})
    end
    raises("option 'offset': integer expected, got 1.5", v.dump, v, {offset = 1.5})
    raises("option 'color': boolean expected, got 1", v.dump, v, {color = 1})
    raises("table of options expected, got number", v.dump, v, 16)
  end)

  it("what a __buffer raised, as it is", function()
    for _, raised in ipairs {"no (bytes) today", {}} do
      local object = setmetatable({}, {__buffer = function() error(raised, 0) end})
      for _, f in ipairs {memview.dump, memview.cursor} do
        local _, message = pcall(f, object)
        assert.equal(raised, message)
      end
    end
  end)

  it("for what gives no bytes, or a released view", function()
    raises("bad argument #1 to 'dump' (string, buffer or view expected, got table)", memview.dump, {})
    local released = memview "abc"
    released:release()
    raises("attempt to use a released view", released.dump, released)
  end)

  it("at the line that called it", function()
    local released = memview "abc"
    released:release()
    local calls = {
      function() return (released:dump()) end,
      function() return (v:dump(16)) end, function() return (v:dump {width = 0}) end,
      function() return (v:dump {x = 1}) end, function() return (memview.dump(5)) end,
    }
    for _, call in ipairs(calls) do
      local place = ("dump_spec.lua:%d: "):format(debug.getinfo(call, "S").linedefined)
      assert.is_truthy(raises("", call):find(place, 1, true))
    end
  end)
end)
