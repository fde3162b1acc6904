-- The fast loops over many items: each does what the items do one by one, wherever blocks, tiles and tails
-- begin and end, and however the memory lies.
local memview = require "memview"
local helpers = require "helpers"
local raises = helpers.raises

local function agree(want, got, ...)
  if want ~= got then
    want, got = ("%q"):format(want):sub(1, 200), ("%q"):format(got):sub(1, 200)
    error(("expected %s, got %s (%s)"):format(want, got, table.concat({ ... }, ", ")), 2)
  end
end

--- Lengths about those of vectors and blocks.
local lengths = { 0, 1, 2, 3, 15, 16, 17, 63, 65, 191, 193, 511, 512, 513, 1025, 4095, 4097, 8300 }

--- Ways for n items to lie in memory: each gives a view of them, zeroed.
local layouts = {
  plain = function(format, n) return memview.zeros(format, n) end,
  unaligned = function(format, n)
    local size = memview.struct.calcsize(format)
    return memview.zeros("B", n * size + 1):sub(2):cast(format)
  end,
  strided = function(format, n) return memview.zeros(format, { n, 3 }):slice({}, 2) end,
  reversed = function(format, n) return memview.zeros(format, n):sub(nil, nil, -1) end,
}

local function eachlayout(f)
  for _, name in ipairs { "plain", "unaligned", "strided", "reversed" } do f(layouts[name], name) end
end

local numbers = { "b", "B", "<h", ">h", "<H", "<i", ">i", "<I", "<q", ">q", "<Q", "<f", ">f", "<d", ">d",
  "<e" }

describe("copyfrom() of many items", function()
  it("writes what item writes write, for all formats and lengths", function()
    local random, seed = helpers.random(71)
    for _, from in ipairs(numbers) do
      for _, to in ipairs(numbers) do
        local n = lengths[random(#lengths - 1)]
        local source, loop = memview.zeros(from, n), memview.zeros(to, n)
        for i = 1, n do source[i] = random(0, 127) end
        for i = 1, n do loop[i] = source[i] end
        eachlayout(function(layout, name)
          local laid = layout(from, n):copyfrom(source)
          agree(source:tobytes(), laid:tobytes(), from, n, name, "seed " .. seed)
          agree(loop:tobytes(), layout(to, n):copyfrom(laid):tobytes(), from, to, n, name, "seed " .. seed)
        end)
      end
    end
  end)

  it("turns bytes around in between, at any length", function()
    local swaps = { { "<h", ">h" }, { ">i", "<i" }, { "<q", ">q" }, { "<d", ">d" }, { ">f", "<f" } }
    for _, pair in ipairs(swaps) do
      for _, n in ipairs(lengths) do
        eachlayout(function(layout, name)
          local v = layout(pair[1], n)
          for i = 1, n, 1 + n // 50 do v[i] = i end
          local w = layout(pair[2], n):copyfrom(v)
          agree(v:clone():byteswap():tobytes(), w:tobytes(), pair[1], n, name)
        end)
      end
    end
  end)
end)

--- Numbers at the edges of integers, and of what floats can say of them.
local edges = { 0.0, -0.0, 1, -1, 0.5, -0.5, 1e-20, -1e-20, 5e-324, 126.5, 254.5, 255.5, 65534.5, 4194303.5,
  4194304.5, 8388607.5, 1e10, 1e30, -1e30, 3e38, 1 / 0, -1 / 0, 0 / 0 }
for bits = 7, 64 do
  for _, delta in ipairs { -1, 0, 1 } do
    table.insert(edges, 2.0 ^ bits + delta)
    table.insert(edges, -2.0 ^ bits + delta)
  end
end

describe("copyfrom() of floats into integers", function()
  local integers = { "b", "B", "<h", ">h", "H", "<i", ">i", "I", "<q", "Q" }

  --- What an item write says about the value, or nil where it takes it.
  local function complaint(item, value)
    local ok, message = pcall(function() item[1] = value end)
    return not ok and message:match "%((.*)%)$" or nil
  end

  it("takes what an item takes; refuses the others with its words, before it writes", function()
    for _, from in ipairs { "<f", ">f", "<d", "e" } do
      for _, to in ipairs(integers) do
        local item, dst = memview.zeros(to, 1), memview.zeros(to, 21)
        for k, edge in ipairs(edges) do
          local source = memview.zeros(from, 21):fill(1)
          local where = k % 21 + 1
          if pcall(function() source[where] = edge end) then
            local value = source[where]
            if to == "Q" and value < 0 then value = math.max(value, -0.5) end   -- an item takes bit patterns
            local wrong = complaint(item, value)
            local ok, message = pcall(dst.fill(dst, 7).copyfrom, dst, source)
            if wrong and value == source[where] then
              assert(not ok and message:find(wrong, 1, true), from .. to .. value)
            end
            if wrong then agree(21, dst:count(7), from, to, edge) end
            if not wrong then
              assert(ok, message)
              agree(item[1], dst[where], from, to, edge)
              agree(edge ~= 1 and 20 or 21, dst:count(1), from, to, edge)
            end
          end
        end
      end
    end
  end)

  it("looks at every item, and names the first that is wrong", function()
    for _, from in ipairs { "f", ">d" } do
      for _, to in ipairs { "B", "h", "<I", ">i" } do
        for _, n in ipairs { 1, 4, 7, 64, 513, 4097 } do
          eachlayout(function(layout, name)
            local source, dst = layout(from, n):fill(2), memview.zeros(to, n)
            for _, i in ipairs { 1, 2, n // 2, n - 1, n } do
              if i >= 1 and i <= n then
                source[i], source[n] = 0.25, i < n and -1e20 or 0.25
                raises("0.25 has no integer value", function() dst:copyfrom(source) end)
                agree(n, dst:count(0), from, to, n, i, name)
                source[i], source[n] = 2, 2
              end
            end
            agree(n, dst:copyfrom(source):count(2), from, to, n, name)
          end)
        end
      end
    end
  end)
end)

describe("equals() of many items", function()
  it("sees one that differs, at any place, between any two formats", function()
    local random, seed = helpers.random(72)
    for _, fa in ipairs(numbers) do
      for _, fb in ipairs(numbers) do
        local n = lengths[random(5, #lengths)]
        eachlayout(function(layout, name)
          local a, b = memview.zeros(fa, n):fill(5), layout(fb, n):fill(5)
          assert(a:equals(b) and b:equals(a), fa .. fb .. n .. name)
          for _, i in ipairs { 1, n, random(n) } do
            a[i] = 6
            local where = table.concat({ fa, fb, n, i, name, "seed " .. seed }, " ")
            assert(not a:equals(b) and not b:equals(a), where)
            a[i] = 5
          end
        end)
      end
    end
  end)

  it("does not take a pattern of bits for another number", function()
    for _, case in ipairs { { "b", -1, "B", 255 }, { "h", -1, "H", 65535 }, { "i", -1, "I", 0xffffffff },
                            { "b", -1, "H", 255 }, { "b", -1, "I", 0xffffffff }, { "q", -1, "Q", -1 },
                            { "B", 128, "b", -128 }, { "i", 16777217, "f", 16777216 },
                            { "I", 0xffffffff, "f", 2.0 ^ 32 }, { "f", 0.1, "d", 0.1 } } do
      local a = memview.zeros(case[1], 600):fill(case[2])
      local b = memview.zeros(case[3], 600):fill(case[4])
      assert(not a:equals(b) and not b:equals(a), case[1] .. case[3])
    end
  end)

  it("lets one NaN spoil it, and takes the zeros for equal", function()
    for _, fa in ipairs { "f", ">f", "d", "e" } do
      for _, fb in ipairs { "f", "d", "<e" } do
        for _, n in ipairs { 1, 5, 513, 4100 } do
          local a, b = memview.zeros(fa, n):fill(0.0), memview.zeros(fb, n):fill(-0.0)
          assert(a:equals(b), fa .. fb .. n)
          a[n], b[n] = 0 / 0, 0 / 0
          assert(not a:equals(b), fa .. fb .. n)
        end
      end
    end
  end)
end)

describe("index() and count() in many items", function()
  it("find the first and count all, in every format, layout and length", function()
    local random, seed = helpers.random(73)
    for _, format in ipairs(numbers) do
      for _, n in ipairs(lengths) do
        eachlayout(function(layout, name)
          local v = layout(format, n):fill(1)
          agree(n, v:count(1), format, n, name)
          agree("nil", tostring(v:index(2)), format, n, name)
          local places, first, count = {}, nil, 0
          for k = 1, n > 0 and random(3) or 0 do places[k] = k == 1 and n or random(n) end
          for _, i in ipairs(places) do
            if v[i] == 1 then count = count + 1 end
            first, v[i] = math.min(i, first or i), 2
          end
          agree(tostring(first), tostring(v:index(2)), format, n, name, "seed " .. seed)
          agree(count, v:count(2), format, n, name, "seed " .. seed)
        end)
      end
    end
  end)
end)

describe("byteswap() of many items", function()
  it("turns every item around and touches nothing else", function()
    local random = helpers.random(74)
    for _, format in ipairs { "h", "i", "q", "f", "d" } do
      local size = memview.struct.calcsize(format)
      for n = 0, 40 do
        local memory = memview.zeros("B", 3 + n * size + 5)
        for i = 1, #memory do memory[i] = random(0, 255) end
        local before = memory:tobytes()
        local v = memory:sub(4, 3 + n * size):cast(format)
        v:byteswap()
        local middle = before:sub(4, 3 + n * size):gsub(("."):rep(size), string.reverse)
        if n * size == 0 then middle = "" end
        agree(before:sub(1, 3) .. middle .. before:sub(4 + n * size), memory:tobytes(), format, n)
      end
    end
  end)
end)

describe("a copy across dimensions", function()
  --- A view of that shape over random bytes, at an odd address.
  local function noise(random, format, shape)
    local size = memview.struct.calcsize(format)
    for _, n in ipairs(shape) do size = size * n end
    local memory = memview.zeros("B", size + 1)
    for i = 1, #memory do memory[i] = random(0, 255) end
    return memory:sub(2):cast(format, shape)
  end

  --- The bytes of a 2-D view, item by item.
  local function items(v)
    local pieces, size = {}, v.itemsize
    for i = 1, v.shape[1] do
      local row = v[i]
      for k = 1, v.shape[2] do pieces[#pieces + 1] = row:tobytes(k, k) end
    end
    agree(v.shape[1] * v.shape[2] * size, #table.concat(pieces))
    return table.concat(pieces)
  end

  it("transposes items of any size and any number of rows and columns", function()
    local random, seed = helpers.random(75)
    local edge = { 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 33, 127, 130 }
    for _, format in ipairs { "B", "3s", "H", "I", "d", "12s", "16s" } do
      for _ = 1, 25 do
        local rows, columns = edge[random(#edge)], edge[random(#edge)]
        local v = noise(random, format, { rows, columns }):transpose()
        local want = items(v)
        agree(want, v:tobytes(), format, rows, columns, "seed " .. seed)
        agree(want, v:clone():tobytes(), format, rows, columns, "seed " .. seed)
        local f = memview.zeros(format, { rows, columns }):transpose():copyfrom(v:clone())
        agree(want, f:tobytes(), format, rows, columns, "from C order, seed " .. seed)
      end
    end
  end)

  it("transposes parts with strides, and backwards, and leaves the rest alone", function()
    local random, seed = helpers.random(76)
    local steps = { 1, 2, -1, -3 }
    for _, format in ipairs { "B", "<H", "I", "q", "3s" } do
      for _ = 1, 40 do
        local r, c = random(1, 40), random(1, 40)
        local step, other = steps[random(4)], steps[random(4)]
        local v = noise(random, format, { c, r }):slice({ nil, nil, step }, { nil, nil, other })
        r, c = v.shape[2], v.shape[1]
        local memory = noise(random, format, { r + 2, 2 * c })
        local before = memory:clone()
        local target = memory:slice({ 2, -2 }, { 1, nil, 2 })
        target:copyfrom(v:transpose())
        agree(items(v:transpose()), items(target), format, r, c, "seed " .. seed)
        target:copyfrom(before:slice({ 2, -2 }, { 1, nil, 2 }))
        assert(memory:cast("B"):equals(before:cast "B"), "seed " .. seed)
      end
    end
  end)

  it("agrees with item reads for any order of three and four dimensions", function()
    local random, seed = helpers.random(77)
    for _ = 1, 60 do
      local ndim = random(3, 4)
      local shape, order, free = {}, {}, {}
      for d = 1, ndim do shape[d], free[d] = random(1, d == 1 and 20 or 7), d end
      for d = 1, ndim do order[d] = table.remove(free, random(#free)) end
      local v = noise(random, random(2) == 1 and "B" or "<I", shape)
      local w = v:transpose(table.unpack(order))
      local copy = w:clone()
      for _ = 1, 50 do
        local at, from = {}, {}
        for d = 1, ndim do
          at[d] = random(w.shape[d])
          from[order[d]] = at[d]
        end
        agree(v:get(table.unpack(from)), copy:get(table.unpack(at)), "seed " .. seed)
      end
      assert(copy:equals(w) and w:equals(copy), "seed " .. seed)
      local back = memview.zeros(v.format, shape):transpose(table.unpack(order)):copyfrom(w)
      agree(copy:tobytes(), back:tobytes(), "seed " .. seed)
    end
  end)
end)

describe("fill() of many items", function()
  it("repeats any pattern to the end and not beyond", function()
    for _, format in ipairs { "B", "<H", "3s", "<I", "5s", "d", "12s" } do
      local size = memview.struct.calcsize(format)
      local pattern = ("\1\2\3\4\5\6\7\8\9\10\11\12"):sub(1, size)
      local value = memview(pattern):cast(format)[1]
      for _, n in ipairs { 1, 2, 3, 31, 500, 4096 // size, 4096 // size + 1, 9001 // size, 20000 // size } do
        local memory = memview.zeros("B", n * size + 2):fill(0xEE)
        memory:sub(2, -2):cast(format):fill(value)
        agree("\xEE" .. pattern:rep(n) .. "\xEE", memory:tobytes(), format, n)
      end
    end
  end)

  it("fills transposed views as it fills others", function()
    local v = memview.zeros("<H", { 30, 50, 4 })
    v:transpose():sub(2, 3):fill(9)
    for k = 1, 4 do
      local flat = v:slice({}, {}, k):clone():reshape { -1 }
      agree((k == 2 or k == 3) and 1500 or 0, flat:count(9), k)
    end
  end)
end)

describe("hex() and fromhex() of many bytes", function()
  local random = helpers.random(78)
  local bytes = {}
  for i = 1, 300 do bytes[i] = string.char(random(0, 255)) end
  bytes = table.concat(bytes)
  local function digits(text) return (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end

  it("are each other's inverse at any length", function()
    for n = 0, 300 do
      local text = bytes:sub(1, n)
      agree(digits(text), memview(text):hex(), n)
      agree(text, memview.fromhex(digits(text)):tobytes(), n)
      agree(text, memview.fromhex(digits(text):upper()):tobytes(), n)
    end
  end)

  it("read white space between any two bytes", function()
    for n = 0, 100 do
      local text = digits(bytes:sub(1, n)) .. " \t\n\v\f\r" .. digits(bytes:sub(n + 1))
      agree(bytes, memview.fromhex(text):tobytes(), n)
    end
    agree(bytes, memview.fromhex(memview(bytes):hex("\n", 1)):tobytes())
  end)

  it("name the place of anything else, wherever it is", function()
    local text = digits(bytes):sub(1, 260)
    for at = 1, #text do
      for _, c in ipairs { "g", "/", ":", "@", "G", "`", "\0", "\255", "x" } do
        raises(("hex digit expected at position %d"):format(at), memview.fromhex,
          text:sub(1, at - 1) .. c .. text:sub(at + 1))
      end
      if at % 2 == 0 then
        raises(("hex digit expected at position %d"):format(at), memview.fromhex,
          text:sub(1, at - 1) .. " " .. text:sub(at + 1))
      end
    end
  end)
end)

describe("tolist() and tables of many numbers", function()
  local sizes = { 0, 1, 15, 16, 17, 127, 128, 129, 257, 700 }

  it("give and take what the items are, in every format and layout", function()
    local random, seed = helpers.random(79)
    for _, format in ipairs(numbers) do
      for _, n in ipairs(sizes) do
        eachlayout(function(layout, name)
          local v = layout(format, n)
          for i = 1, n do v[i] = random(0, 127) end
          local list = v:tolist()
          agree(n, #list, format, name)
          for i = 1, n do
            agree(v[i], list[i], format, n, i, name, "seed " .. seed)
            agree(math.type(v[i]), math.type(list[i]), format, n, i, name)
          end
          agree(v:tobytes(), memview.array(format, list):tobytes(), format, n, name, "seed " .. seed)
          agree(v:tobytes(), layout(format, n):copyfrom(list):tobytes(), format, n, name, "seed " .. seed)
        end)
      end
    end
  end)

  it("keep the edges of every format", function()
    for format, edge in pairs { b = { -128, 127 }, B = { 0, 255 },
                                [">h"] = { -32768, 32767 }, H = { 0, 65535 },
                                i = { -1 << 31, (1 << 31) - 1 }, [">I"] = { 0, (1 << 32) - 1 },
                                q = { math.mininteger, math.maxinteger }, Q = { -1, math.mininteger },
                                [">f"] = { -0.0, 1 / 0 }, d = { -1 / 0, 0.1 } } do
      local list = {}
      for i = 1, 300 do list[i] = edge[i % 2 + 1] end
      local got = memview.array(format, list):tolist()
      for i = 1, 300 do agree(list[i], got[i], format, i) end
    end
  end)

  it("take floats with integer values, and Q those beyond 2^63", function()
    local random, seed = helpers.random(80)
    local list, want = {}, {}
    for i = 1, 500 do
      local big = random(20) == 1
      list[i], want[i] = big and 2.0 ^ 63 or i + 0.0, big and math.mininteger or i
    end
    assert.same(want, memview.array("Q", list):tolist(), "seed " .. seed)
    assert.same({ 1, 2, 3 }, memview.array("<H", { 1.0, 2, 3.0 }):tolist())
  end)

  it("name the item that is wrong, wherever it is, and write nothing", function()
    local cases = { { "B", 256, "256 does not fit 'B' (0 to 255) (item %d)" },
      { "h", 1.5, "1.5 has no integer value, as 'h' needs (item %d)" },
      { "f", 1e39, "1e+39 does not fit 'f' (at most 3.40282347e+38) (item %d)" },
      { "d", "1", "number expected for 'd', got string (item %d)" },
      { "i", "1", "integer expected for 'i', got string (item %d)" },
      { "Q", false, "integer expected for 'Q', got boolean (item %d)" } }
    for _, case in ipairs(cases) do
      local v, list = memview.zeros(case[1], 300), {}
      for i = 1, 300 do list[i] = 1 end
      for i = 1, 300 do
        list[i] = case[2]
        raises(case[3]:format(i), function() v:copyfrom(list) end)
        list[i] = 1
      end
      agree(300, v:count(0), case[1])
    end
  end)

  it("read tables with metamethods through them", function()
    local meta = { __len = function() return 200 end, __index = function(_, i) return i end }
    local proxy = setmetatable({}, meta)
    local v = memview.array("<H", proxy)
    for i = 1, 200 do agree(i, v[i]) end
  end)

  it("fill arrays inside records", function()
    local format = memview.record("<", { { "a", "u8" }, { "v", "u16", 40 }, { "w", "f64", { 2, 20 } } })
    local list, rows = {}, { {}, {} }
    for i = 1, 40 do list[i], rows[(i - 1) // 20 + 1][(i - 1) % 20 + 1] = 1000 + i, i / 2 end
    local records = memview.zeros(format, 3)
    records[2] = { a = 7, v = list, w = rows }
    assert.same({ a = 7, v = list, w = rows }, records[2]:tolist())
    records:fill { v = list }
    assert.same(list, records[3].v:tolist())
    agree(0.0, records[1].w:get(2, 20))
    agree(20.0, records[2].w:get(2, 20))
  end)
end)
