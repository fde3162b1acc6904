-- Laws, by random testing: what holds for every format, shape, value and distance between items. The runs of
-- lawcases.lua have the lengths, starts and strides at which vector loops begin and end.
local memview = require "memview"
local lawcases = require "lawcases"
local model = require "model"
local numbermodel = require "numbermodel"
local recordmodel = require "recordmodel"
local struct = memview.struct
local hold, eachrun, pick, position = lawcases.hold, lawcases.eachrun, lawcases.pick, lawcases.position

--- "byte 3 of 5 is 0, not 255", or both, cut to what can be read.
local function difference(want, got)
  if type(want) ~= "string" or type(got) ~= "string" or #want ~= #got then
    return ("got %.99s, want %.99s"):format(model.show(got), model.show(want))
  end
  local i = 1
  while want:byte(i) == got:byte(i) do i = i + 1 end
  return ("byte %d of %d is %d, not %d"):format(i, #want, got:byte(i), want:byte(i))
end

--- Raises unless the two are the same, all the way down.
local function agree(want, got, what)
  if not model.same(want, got) then error(("%s: %s"):format(what, difference(want, got)), 2) end
end

--- All that a view tells of its layout. Where a dimension has one item or none, its stride is free.
local function facts(v)
  local strides = v.strides
  for d, n in ipairs(v.shape) do strides[d] = v.nbytes > 0 and n > 1 and strides[d] end
  return { v.format, v.shape, strides, v.itemsize, v.nbytes, v.readonly, v.c_contiguous, v.f_contiguous }
end

--- Do the two views show the same memory in the same way?
local function identical(a, b, what)
  agree(facts(a), facts(b), what)
  agree(a:tobytes(), b:tobytes(), what)
  if a.nbytes == 0 then return end
  local index = {}
  for d = 1, a.ndim do index[d] = -1 end
  local last = a:slice(table.unpack(index))
  last:cast("B", {-1}):fill(last:cast("B", {-1})[1] ~ 255)
  agree(a:tobytes(), b:tobytes(), what .. ", after a write")
end

-- Values --------------------------------------------------------------------------------------------

describe("what is packed", function()
  local function flat(random)
    local bare = random(2) == 1
    local type = bare and recordmodel.randomflat(random) or recordmodel.random(random, {})
    return recordmodel.format(type, bare), recordmodel.values(random, type)
  end

  --- The values that f gives, less the position behind them.
  local function unpacked(...)
    local list = table.pack(...)
    local behind = table.remove(list, list.n)
    list.n = nil
    return list, behind
  end

  it("is unpacked, anywhere and by anything", function()
    hold(1, 600, function(random)
      local format, values = flat(random)
      local bytes = struct.pack(format, table.unpack(values))
      agree(struct.calcsize(format), #bytes, "size of " .. format)
      agree(values, { struct.unpack(format, bytes) }, format)

      local around = lawcases.bytes(random, #bytes + random(20))
      local b, at = memview.buffer(around), random(#around - #bytes + 1)
      local behind = struct.pack_into(format, b, at, table.unpack(values))
      local list, behindtoo = unpacked(struct.unpack_from(format, b, at))
      agree({ values, at + #bytes, behind }, { list, behind, behindtoo }, "pack_into " .. format)
      agree(around:sub(1, at - 1) .. bytes .. around:sub(behind), b:tobytes(), "bytes around it")

      agree(around .. bytes, memview.buffer(around):pack(format, table.unpack(values)):tobytes(), format)
      local c = memview.cursor(memview.buffer()):pack(format, table.unpack(values))
      agree(values, { c:seek(1):unpack(format) }, "by a cursor, " .. format)
    end)
  end)

  -- Formats of numbers that were used a moment ago take a short way. A text with more spaces at its end is
  -- the same format and a new one, which takes the long way.
  local function numberformat(random)
    local parts = { pick(random, { "", "@", "<", ">", "=", "!" }) }
    for _ = 1, random(6) do
      local count = random(4) == 1 and tostring(random(0, 5)) or ""
      local letter = random(12)
      parts[#parts + 1] = count .. ("bBhHiIqQefdx"):sub(letter, letter)
    end
    return table.concat(parts)
  end

  local OTHERS <const> = { 300, -1, 1.5, 7.0, 1e39, "x", 1 << 40, true, 0 / 0 }

  local function numbers(random, format)
    local list = { struct.unpack(format, lawcases.bytes(random, struct.calcsize(format))) }
    local what = random(4)
    if what == 1 then list[#list] = nil end
    if what == 2 then list[random(#list + 1)] = pick(random, OTHERS) end
    return list
  end

  local function place(random, n)
    return pick(random, { 1, 2, random(-n - 3, n + 3), 1.0, 1.5, "1", n + 1 })
  end

  --- What a call gives, or how it fails, with the format in place of its text; and bytes.
  local function outcome(f, text, format, bytes, ...)
    local got = table.pack(pcall(f, text, ...))
    if not got[1] then got[2] = got[2]:gsub("'" .. text:gsub("%p", "%%%0") .. "'", "'" .. format .. "'") end
    got[#got + 1] = bytes and bytes:tobytes()
    return got
  end

  local spaces = 0

  local function agreeways(f, format, bytes, ...)
    spaces = spaces % 5000 + 1
    local long = outcome(f, format .. (" "):rep(spaces), format, bytes, ...)
    for time = 1, 3 do agree(long, outcome(f, format, format, bytes, ...), format .. ", call " .. time) end
  end

  it("is the same by the short way of formats in use and by the long one, and errors are", function()
    hold(31, 400, function(random)
      local format = numberformat(random)
      local size = struct.calcsize(format)
      local text = lawcases.bytes(random, size + random(0, 5))
      local values, b = numbers(random, format), memview.buffer(text)
      local at = place(random, #text)
      agreeways(struct.pack, format, nil, table.unpack(values))
      agreeways(struct.pack_into, format, b, b, at, table.unpack(values))
      agreeways(struct.pack_into, format, b, b:view(), at, table.unpack(values))
      agreeways(struct.pack_into, format, nil, text, at, table.unpack(values))
      agreeways(struct.unpack_from, format, nil, text, at)
      agreeways(struct.unpack_from, format, nil, text)
      agreeways(struct.unpack_from, format, nil, b:view(), at)
      agreeways(struct.unpack, format, nil, text:sub(1, size))
      if size > 0 then
        local all = function(f, source)
          local got = {}
          for a, z in struct.iter_unpack(f, source) do got[#got + 1] = { a, z } end
          return got
        end
        agreeways(all, format, nil, text:sub(1, size):rep(random(0, 3)))
        agreeways(all, format, nil, memview(text:sub(1, size):rep(3)))
      end
      if random(20) == 1 then           -- the formats are forgotten
        for k = 1, 300 do struct.calcsize(("x"):rep(k)) end
        collectgarbage()
      end
    end)
  end)

  it("as items is what the items read as", function()
    hold(2, 400, function(random)
      local record = recordmodel.random(random, {})
      local format, values = recordmodel.format(record), recordmodel.values(random, record)
      local list = recordmodel.list(record, values)
      local v = memview.zeros(format, 3)
      v[2] = list
      agree(list, v[2]:tolist(), format)
      agree(("\0"):rep(v.itemsize), v:tobytes(1, 1), "item before it")
      agree(("\0"):rep(v.itemsize), v:tobytes(3, 3), "item behind it")
      agree(recordmodel.encode(record, values), v:tobytes(2, 2), "bytes of " .. format)
      if type(list[1]) ~= "table" then       -- that array() would take for a dimension
        assert(memview.array(format, { list }):equals(v:sub(2, 2)), "array of " .. format)
      end
    end)
  end)

  it("is tolist(), and array() and copyfrom() give it back, in any shape", function()
    hold(3, 400, function(random)
      local v = lawcases.view(random, pick(random, lawcases.scalars))
      if v.ndim == 0 then return end
      local list = v:tolist()
      agree(list, memview.zeros(v.format, v.shape):copyfrom(list):tolist(), v.format)
      if v.nbytes > 0 then agree(list, memview.array(v.format, list):tolist(), v.format) end
    end)
  end)
end)

-- Layouts -------------------------------------------------------------------------------------------

describe("a slice", function()
  --- The range that takes of n items what `second` takes of those that `first` takes.
  local function compose(n, first, second)
    local outer = model.positions(n, first[1], first[2], first[3])
    local inner = model.positions(#outer, second[1], second[2], second[3])
    if #inner == 0 then return nil end
    local step = (first[3] or 1) * (second[3] or 1)
    return { outer[inner[1]], outer[inner[#inner]], step }
  end

  it("of a slice is a slice", function()
    hold(4, 600, function(random)
      local v = lawcases.view(random, lawcases.format(random))
      local shape, one, two, both = v.shape, {}, {}, {}
      for d, n in ipairs(shape) do
        one[d], two[d] = model.randomsome(random, n), nil
        local taken = model.positions(n, table.unpack(one[d], 1, 3))
        two[d] = model.randomsome(random, #taken)
        both[d] = compose(n, one[d], two[d]) or {}
      end
      identical(v:slice(table.unpack(both)), v:slice(table.unpack(one)):slice(table.unpack(two)), v.format)
    end)
  end)

  it("and a pick may change places", function()
    hold(5, 300, function(random)
      local v = lawcases.view(random, lawcases.format(random))
      if v.ndim == 0 or v.shape[1] == 0 then return end
      local range = model.randomsome(random, #v)
      local i = random(#v:sub(table.unpack(range, 1, 3)))
      local place = model.positions(#v, table.unpack(range, 1, 3))[i]
      identical(v:slice(place), v:sub(table.unpack(range, 1, 3)):slice(i), v.format)
    end)
  end)

  it("reversed twice is nothing", function()
    hold(6, 300, function(random)
      local v = lawcases.view(random, lawcases.format(random))
      if v.ndim > 0 then identical(v, v:sub(nil, nil, -1):sub(nil, nil, -1), v.format) end
    end)
  end)
end)

describe("transposing", function()
  it("twice is nothing, and so is a permutation with its inverse", function()
    hold(7, 400, function(random)
      local v = lawcases.view(random, lawcases.format(random))
      local order, inverse = model.randomorder(random, v.ndim), {}
      for d, from in ipairs(order) do inverse[from < 0 and from + v.ndim + 1 or from] = d end
      identical(v, v:transpose():transpose(), v.format)
      identical(v, v:transpose(table.unpack(order)):transpose(table.unpack(inverse)), v.format)
    end)
  end)

  it("gives in C order what the view gives in F order", function()
    hold(8, 300, function(random)
      local v = lawcases.view(random, lawcases.format(random))
      agree(v:tobytes "F", v:transpose():tobytes "C", v.format)
    end)
  end)
end)

describe("a cast", function()
  --- A format whose items divide n bytes.
  local function divisor(random, n)
    local format
    repeat format = lawcases.format(random) until n % struct.calcsize(format) == 0
    return format
  end

  it("and a cast back are nothing", function()
    hold(9, 400, function(random)
      local v = lawcases.block(random, lawcases.format(random))
      local order = v.c_contiguous and "C" or "F"
      local there = v:cast(divisor(random, v.nbytes))
      identical(v, there:cast(v.format, v.shape, order), v.format .. " and " .. there.format)
    end)
  end)

  it("and a cast back of the last dimension are nothing", function()
    hold(10, 300, function(random)
      local v = lawcases.block(random, lawcases.format(random))
      v = v:cast(v.format, v.shape)
      for d = 1, v.ndim - 1 do
        local arguments = { [d] = model.randomsome(random, v.shape[d]) }
        v = v:slice(table.unpack(arguments, 1, d))
      end
      local there = v:cast(divisor(random, v.shape[v.ndim] * v.itemsize))
      if there.ndim == v.ndim then identical(v, there:cast(v.format), v.format .. " and " .. there.format) end
    end)
  end)

  it("gives items of the same bytes", function()
    hold(11, 300, function(random)
      local v = lawcases.block(random, "B")
      local bytes, format = v:tobytes(v.c_contiguous and "C" or "F"), divisor(random, v.nbytes)
      agree(bytes, v:cast(format):tobytes(), format)
    end)
  end)
end)

-- Kernels and the loop over items -------------------------------------------------------------------

local native = lawcases.native
local full = { "B", native .. "h", ">i", native .. "d" }   -- at every length and distance

--- A law for all scalars at some distances, and for some at all of them.
local function everyrun(seed, visit)
  eachrun(seed, lawcases.scalars, 1, visit)
  eachrun(seed, full, nil, visit)
end

describe("the bytes of a run", function()
  it("are those of its items, in tobytes(), clone() and .., and those of any range", function()
    everyrun(12, function(r, random)
      local v, items = r.view, r:items()
      local bytes = table.concat(items)
      agree(bytes, v:tobytes(), "tobytes")
      agree(bytes, v:clone():tobytes(), "clone")
      if r.n < 70 then agree(bytes .. "|", v .. "|", "..") end
      local i, j = random(0, r.n + 2), random(-2, r.n + 2)
      local first, last = math.max(i, 1), j < 0 and r.n + j + 1 or j
      agree(table.concat(items, "", first, math.min(last, r.n)), v:tobytes(i, j), "tobytes(i, j)")
    end)
  end)

  it("are its hexadecimal digits, and those are the bytes", function()
    local digits = {}
    for byte = 0, 255 do digits[string.char(byte)] = ("%02x"):format(byte) end
    eachrun(14, { "B", "<h", "3s", ">d" }, 1, function(r)
      local bytes = table.concat(r:items())
      local hex = r.view:hex()
      agree(bytes:gsub(".", digits), hex, "hex")
      agree(bytes:gsub(".", digits):gsub("..", "%0:"):sub(1, -2), r.view:hex ":", "hex ':'")
      agree(bytes, memview.fromhex(hex):tobytes(), "fromhex")
      agree(bytes, memview.fromhex(r.view:hex(" ", 3):upper()):tobytes(), "fromhex of groups")
    end)
  end)

  it("are compared as memcmp does", function()
    local function order(a, b)
      for i = 1, math.min(#a, #b) do
        if a:byte(i) ~= b:byte(i) then return a:byte(i) < b:byte(i) and -1 or 1 end
      end
      return #a < #b and -1 or #a > #b and 1 or 0
    end
    eachrun(15, { "B", "<h", "3s" }, 2, function(r, random)
      local other = r.view:clone():cast "B"
      agree(0, r.view:compare(other), "with its copy")
      if #other == 0 then return end
      other[position(random, #other)] = random(0, 255)
      other = other:sub(1, random(2) == 1 and -1 or random(#other))
      local want = order(r.view:tobytes(), other:tobytes())
      agree({ want, -want }, { r.view:compare(other), other:compare(r.view) }, "with another")
    end)
  end)
end)

describe("the items of a run", function()
  it("are those of tolist(), unpack(), ipairs() and get()", function()
    everyrun(16, function(r)
      local v, list = r.view, {}
      for i = 1, r.n do list[i] = v[i] end
      agree(list, v:tolist(), "tolist")
      if r.n > 40 then return end
      agree(list, { v:unpack() }, "unpack")
      for i, x in ipairs(v) do agree(list[i], x, "ipairs") end
      for i = 1, r.n do agree(list[i], v:get(i), "get") end
    end)
  end)

  it("read as the model of numbers reads their bytes", function()
    eachrun(17, lawcases.numbers, 0, function(r)
      for i, item in ipairs(r:items()) do
        agree(numbermodel.unpack(r.format, item), r.view[i], "item " .. i)
      end
    end)
  end)
end)

describe("fill()", function()
  it("equals the loop over items, and touches nothing beside them", function()
    everyrun(18, function(r, random)
      local x, i, j = pick(random, lawcases.values(r.format)), 1, r.n
      if random(2) == 1 then i, j = random(r.n + 1), random(0, r.n) end
      local loop = r:twin()
      for k = i, j do loop.view[k] = x end
      r.view:fill(x, i, j)
      agree(loop.buffer:tobytes(), r.buffer:tobytes(), ("fill(%s, %d, %d)"):format(x, i, j))
    end)
  end)
end)

describe("byteswap()", function()
  it("turns the bytes of each number around, and touches nothing beside them", function()
    everyrun(19, function(r)
      local want = r:items()
      for i = 1, numbermodel.info(r.format) and r.n or 0 do want[i] = want[i]:reverse() end
      r.view:byteswap()
      agree(r:with(want), r.buffer:tobytes(), "byteswap")
    end)
  end)

  it("twice is nothing, and reads as the other byte order", function()
    hold(20, 300, function(random)
      local v = lawcases.view(random, lawcases.format(random))
      local before = v:tobytes()
      v:byteswap()
      if v.format:find "^[<>][hHiIqQefd]$" then
        local other = v.format:gsub("[<>]", { ["<"] = ">", [">"] = "<" })
        agree(before, v:clone():cast(other, v.shape):clone():byteswap():tobytes(), v.format)
      end
      agree(before, v:byteswap():tobytes(), v.format)
    end)
  end)
end)

describe("index() and count()", function()
  local function search(v, x, i, j)
    local first, count = nil, 0
    for k = i, j do
      if v[k] == x then first, count = first or k, count + 1 end
    end
    return first, count
  end

  local function check(r, x, i, j)
    local first, count = search(r.view, x, i, j)
    agree({ first, count }, { r.view:index(x, i, j), r.view:count(x, i, j) },
      ("%s in %d to %d"):format(x, i, j))
  end

  it("equal the loop over items, where few are equal", function()
    everyrun(21, function(r, random)
      local values = lawcases.values(r.format)
      local x, other = values[1], values[2]
      r:paint({ other }, random)
      for _ = 1, r.n > 0 and random(0, 2) or 0 do r.view[position(random, r.n)] = x end
      check(r, x, 1, r.n)
      check(r, x, random(r.n + 1), random(0, r.n))
      if r.n == 0 then return end
      r.view:fill(other)[r.n] = x
      agree({ r.n, 1 }, { r.view:index(x), r.view:count(x) }, "the last one")
    end)
  end)

  it("equal the loop over items, where many are equal", function()
    eachrun(22, lawcases.scalars, 1, function(r, random)
      local values = lawcases.values(r.format)
      r:paint(values, random)
      check(r, pick(random, values), 1, r.n)
      check(r, pick(random, values), random(r.n + 1), random(0, r.n))
    end)
  end)

  it("equal the loop over random items, NaN among them", function()
    eachrun(23, { "B", "<e", "<f", ">d" }, 2, function(r, random)
      check(r, r.n > 0 and r.view[random(r.n)] or 0, 1, r.n)
    end)
  end)
end)

describe("find()", function()
  it("equals string.find at every length and address", function()
    local texts = { "ab", "ab\255", "\0\1\127\128\255" }
    eachrun(24, { "B", "b", "c", "1s" }, 0, function(r, random)
      local alphabet, bytes = pick(random, texts), {}
      for i = 1, r.n do
        local k = random(#alphabet)
        bytes[i] = alphabet:sub(k, k)
      end
      bytes = table.concat(bytes)
      r.view:cast("B"):copyfrom(bytes)
      for _ = 1, 4 do
        local first = random(0, r.n)
        local needle = bytes:sub(first, first + random(0, 40))
        if random(3) == 1 then needle = needle .. pick(random, { "a", "\0", "zz" }) end
        local init = random(r.n + 1)
        agree({ bytes:find(needle, init, true) }, { r.view:find(needle, init) }, needle .. " from " .. init)
      end
    end)
  end)
end)

--- Another run of that format and length, at a distance of its own.
local function target(random, format, n)
  return lawcases.run(random, format, n, pick(random, lawcases.strides(struct.calcsize(format))))
end

describe("copyfrom()", function()
  it("of the same format copies the bytes of each item, and touches nothing beside them", function()
    everyrun(25, function(r, random)
      local to = target(random, r.format, r.n)
      to.view:copyfrom(r.view)
      agree(to:with(r:items()), to.buffer:tobytes(), ("to items %d bytes apart"):format(to.stride))
    end)
  end)

  --- Calls check(source, to, want, misfit, random) for every pair of formats of numbers and many lengths: a
  -- source of numbers that fit, the bytes that they are in `to`, and numbers that would not fit.
  local function eachpair(seed, count, check)
    local turn = 0
    hold(seed, count, function(random)
      for _, from in ipairs(lawcases.numbers) do
        for _, to in ipairs(lawcases.numbers) do
          turn = turn + 1
          local n, want = lawcases.sizes[turn * 13 % #lawcases.sizes + 1], {}
          local source, fit, misfit = target(random, from, n), lawcases.conversions(from, to)
          for i = 1, n do
            local x = pick(random, fit)
            source.view[i], want[i] = x.number, x.want
          end
          check(source, target(random, to, n), want, misfit, random)
        end
      end
    end)
  end

  local function between(source, to)
    return ("%d items, '%s' to '%s', %d to %d bytes apart"):format(to.n, source.format, to.format,
      source.stride, to.stride)
  end

  it("between formats writes what each number is in the other, and touches nothing beside it", function()
    eachpair(26, 3, function(source, to, want)
      to.view:copyfrom(source.view)
      agree(to:with(want), to.buffer:tobytes(), between(source, to))
    end)
  end)

  it("between formats equals copying item by item", function()
    eachpair(30, 1, function(source, to)
      local loop = to:twin()
      for i = 1, source.n do loop.view:slice(i):copyfrom(source.view:slice(i)) end
      to.view:copyfrom(source.view)
      agree(loop.buffer:tobytes(), to.buffer:tobytes(), between(source, to))
    end)
  end)

  it("of one item at a time equals copying all of them", function()
    eachrun(39, lawcases.scalars, 0, function(r)
      if r.n > 33 then return end
      local bulk, loop = memview.zeros(r.format, r.n):copyfrom(r.view), memview.zeros(r.format, r.n)
      for i = 1, r.n do loop:slice(i):copyfrom(r.view:slice(i)) end
      agree(bulk:tobytes(), loop:tobytes(), "the loop")
    end)
  end)

  it("to a format that holds any of them equals writing random numbers", function()
    local wider = {}
    for pair in ([[b<h B>H <h<i >H<I <i>q b<f <H>f <i<d >I<d <f<d >e<f <e<d <i<f >q<f <q<d B<e b>d <H<Q]])
      :gmatch "%S+" do
      wider[#wider + 1] = { pair:match "^([<>]?.)(..)$" }
    end
    hold(27, 30, function(random)
      for _, pair in ipairs(wider) do
        local n = pick(random, lawcases.sizes)
        local source, to = target(random, pair[1], n), target(random, pair[2], n)
        local loop = to:twin()
        for i = 1, n do loop.view[i] = source.view[i] end
        to.view:copyfrom(source.view)
        agree(loop.view:tolist(), to.view:tolist(), table.concat(pair, " to "))
      end
    end)
  end)

  it("that is refused writes nothing, wherever the value stands that does not fit", function()
    eachpair(28, 3, function(source, to, _, misfit, random)
      if source.n == 0 or #misfit == 0 then return end
      source.view[position(random, source.n)] = pick(random, misfit)
      local ok, message = pcall(to.view.copyfrom, to.view, source.view)
      assert(not ok and (message:find "does not fit" or message:find "integer value"), between(source, to))
      agree(to.memory, to.buffer:tobytes(), between(source, to))
    end)
  end)

  it("within one memory equals copying out and in, and touches nothing beside it", function()
    local pairings = { { "B", "B" }, { "<h", "<h" }, { "3s", "3s" }, { ">i", ">i" }, { "<d", "<d" },
      { "8s", "8s" }, { "B", "<h" }, { "<h", "B" }, { "<h", ">i" }, { "<i", ">i" }, { ">i", "<d" },
      { "<q", ">q" }, { "B", "<d" } }
    hold(29, 2500, function(random)
      local pairing, n = pick(random, pairings), pick(random, lawcases.sizes)
      local room = (2 * n + 5) * 8
      local b = memview.buffer(lawcases.bytes(random, room))
      local function part(format)
        local size, step, turned = struct.calcsize(format), random(2), random(3) == 1
        local first = random(room - step * n * size + 1)
        local v = b:sub(first, first + step * n * size - 1):cast(format):sub(1, nil, step)
        return turned and v:sub(nil, nil, -1) or v, first, step * size, turned
      end
      local from = part(pairing[1])
      if pairing[2] == "B" then from:fill(random(0, 255)) end
      local to, first, stride, turned = part(pairing[2])
      local same = pairing[1] == pairing[2]  -- bytes then: the x87 changes a NaN that it is given as a number
      local want, before = same and from:clone() or memview.array(pairing[2], from:tolist()), b:tobytes()
      to:copyfrom(from)
      local items = {}
      for i = 1, n do items[i] = want:tobytes(i, i) end
      local after = lawcases.patched(before, first, stride, items, turned)
      agree(after, b:tobytes(), table.concat(pairing, " to "))
    end)
  end)
end)

describe("equals()", function()
  --- The four ways to ask are one.
  local function verdict(a, b)
    local answer = a:equals(b)
    agree({ answer, answer, answer }, { b:equals(a), a == b, b == a }, "symmetric, and as ==")
    return answer
  end

  it("is symmetric, agrees with ==, and sees any item that is different", function()
    eachrun(31, lawcases.scalars, 1, function(r, random)
      r:paint(lawcases.values(r.format), random)
      local other = target(random, r.format, r.n):paint(r.view)
      agree(true, verdict(r.view, other.view), "painted alike")
      if r.n == 0 then return end
      local i, x = position(random, r.n), pick(random, lawcases.values(r.format))
      other.view[i] = x
      agree(x == r.view[i], verdict(r.view, other.view), "with another item " .. i)
    end)
  end)

  it("is symmetric between formats, and sees any number that is different", function()
    for _, from in ipairs(lawcases.numbers) do
      hold(32, 25, function(random)
        local to, n = pick(random, lawcases.numbers), pick(random, lawcases.sizes)
        local fit = lawcases.conversions(from, to)
        local exact, keys = {}, {}
        for _, x in ipairs(fit) do
          local key = numbermodel.key(from, x.number)
          if key == numbermodel.key(to, numbermodel.unpack(to, x.want)) then
            exact[#exact + 1] = x.number
            keys[x.number] = key
          end
        end
        local a, b = target(random, from, n):paint(exact, random), target(random, to, n)
        b.view:copyfrom(a.view)
        agree(true, verdict(a.view, b.view), from .. " and " .. to)
        if n == 0 then return end
        local i, x = position(random, n), pick(random, exact)
        local before = a.view[i]
        a.view[i] = x
        agree(keys[x] == keys[before], verdict(a.view, b.view), from .. " and " .. to .. " after a write")
      end)
    end
  end)

  it("is reflexive, but for NaN", function()
    eachrun(33, { "<e", ">e", "<f", ">f", "<d", ">d", "B", "3s" }, 1, function(r, random)
      if r.format ~= "B" and r.format ~= "3s" then r:paint({ 0.0, -0.0, 1.5, math.huge }, random) end
      agree(true, verdict(r.view, memview(r.view)), "itself")
      if r.n == 0 or not r.format:find "[efd]" then return end
      r.view[position(random, r.n)] = 0 / 0
      agree({ false, false }, { verdict(r.view, memview(r.view)), r.view:equals(r.view) }, "NaN")
    end)
  end)

  it("holds for what is equal to the same, over three formats", function()
    hold(34, 300, function(random)
      local a = lawcases.run(random, "<h", pick(random, lawcases.sizes), 2 * random(3))
      local b = memview.zeros(">q", a.n):copyfrom(a.view)
      local c = memview.zeros("<d", a.n):copyfrom(b)
      agree({ true, true, true }, { verdict(a.view, b), verdict(b, c), verdict(a.view, c) }, "three")
    end)
  end)
end)

-- N dimensions --------------------------------------------------------------------------------------

describe("a view with any strides", function()
  --- What is written to a file handle.
  local function written(file, v)
    file:seek "set"
    agree(v.nbytes, v:writeto(file), "count of writeto")
    file:seek "set"
    return file:read(v.nbytes)
  end

  --- What a view says of its items, but not where they lie.
  local function answers(v, x, file)
    local rows = v.ndim > 0
    return {
      format = v.format, shape = v.shape, itemsize = v.itemsize, nbytes = v.nbytes, list = v:tolist(),
      bytes = v:tobytes(), fbytes = v:tobytes "F", hex = v:hex(":", 3), concat = v .. "",
      clone = v:clone():tobytes(), contiguous = v:tocontiguous():tobytes(),
      buffer = memview.buffer(v):tobytes(),
      before = v:compare(x), behind = memview(x):compare(v), equal = v:equals(v), written = written(file, v),
      length = rows and #v, somebytes = rows and v:tobytes(2), somelist = rows and v:tolist(2, -2),
      turned = rows and v:sub(-1, 1, -1):tolist(), columns = v:transpose():tolist(),
    }
  end

  it("answers as its contiguous copy does", function()
    local file <close> = assert(io.tmpfile())
    hold(35, 400, function(random)
      local v = lawcases.view(random, lawcases.format(random))
      local x = lawcases.bytes(random, 5)
      local got = answers(v, x, file)
      for name, want in pairs(answers(v:clone(), x, file)) do
        agree(want, got[name], name .. " of " .. v.format)
      end
    end)
  end)

  it("is read by bulk as item by item", function()
    hold(36, 400, function(random)
      local v = lawcases.view(random, lawcases.format(random))
      local parts, flat, list = {}, {}, v:clone():reshape({ -1 }):tolist()
      for k, index in ipairs(lawcases.indices(v)) do
        parts[k] = v:slice(table.unpack(index)):tobytes()
        local item = v:get(table.unpack(index))
        flat[k] = memview.type(item) and item:tolist() or item
      end
      agree(table.concat(parts), v:tobytes(), v.format)
      agree(flat, list, v.format)
    end)
  end)

  it("is written by bulk as item by item", function()
    hold(37, 400, function(random)
      local v = lawcases.view(random, pick(random, lawcases.scalars))
      local x, b = pick(random, lawcases.values(v.format)), v.obj
      local before = b:tobytes()
      for _, index in ipairs(lawcases.indices(v)) do
        index[#index + 1] = x
        v:set(table.unpack(index))
      end
      local want = b:tobytes()
      memview(b):copyfrom(before)
      agree(want, memview.buffer(v:fill(x).obj):tobytes(), "fill")
      memview(b):copyfrom(before)
      agree(want, v:copyfrom(memview.zeros(v.format, v.shape):fill(x)).obj:tobytes(), "copyfrom")
    end)
  end)

  it("takes records member by member", function()
    hold(38, 300, function(random)
      local type = recordmodel.random(random, { names = "all" })
      local v = lawcases.view(random, recordmodel.format(type))
      local loop = memview.zeros(v.format, v.shape)
      for _, index in ipairs(lawcases.indices(v)) do
        local to, from = loop:get(table.unpack(index)), v:get(table.unpack(index))
        for name, value in pairs(from) do to[name] = value end
      end
      local bulk = memview.zeros(v.format, v.shape):copyfrom(v)
      agree(loop:tolist(), bulk:tolist(), v.format)
    end)
  end)
end)
