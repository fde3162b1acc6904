-- include/memview.h: full descriptions of memory, and what consumers use, driven through spec/capi/capi.c.
local helpers = require "helpers"
local memview = require "memview"
local engine = require "capi.engine"
local indirect = require "capi.indirect"
local raises, collect = helpers.raises, helpers.collect

local capi = engine.capi

if not capi then
  describe("a memview_Buffer", function()
    pending("is not tried: " .. engine.reason)
  end)
  return
end

local P = capi.pointersize
local export, describeview, inown, zoo = engine.export, engine.describe, engine.inown, engine.zoo
local orders, contiguous, released = engine.orders, engine.contiguous, engine.released

-- Full descriptions ------------------------------------------------------------------------------------

describe("memview_frombuffer()", function()
  it("takes strides of either sign, gaps, overlap and dimensions in any order", function()
    local random = helpers.random(20)
    for _ = 1, 150 do
      local ndim = random(0, 4)
      local shape, strides, low, high, size = {}, {}, 0, 0, ({ 1, 2, 4 })[random(3)]
      for d = 1, ndim do
        shape[d], strides[d] = random(0, 3), random(-9, 9)
        local reach = math.max(shape[d] - 1, 0) * strides[d]
        if reach < 0 then low = low + reach else high = high + reach end
      end
      local bytes = {}
      for k = 1, high - low + size do bytes[k] = string.char(k * 37 % 256) end
      bytes = table.concat(bytes)
      local format = ({ "B", ">H", [4] = "<i" })[size]
      local v = describeview {
        bytes = bytes, at = -low, shape = shape, strides = strides, format = format, itemsize = size,
      }
      assert.same(shape, v.shape)
      assert.same(strides, v.strides)
      local function value(...)
        local at = -low
        for d = 1, ndim do at = at + (select(d, ...) - 1) * strides[d] end
        return (string.unpack(({ "B", ">I2", [4] = "<i4" })[size], bytes, at + 1))
      end
      local expected = indirect.table(shape, value)
      assert.same(expected, v:tolist())
      indirect.each(shape, function(...) assert.equal(value(...), v:get(...)) end)
      assert.is_true(v:equals(v:clone()))
    end
  end)

  it("fills in what is NULL: format B, one dimension, C order", function()
    local v = capi.describe { bytes = "abcdef", len = 6 }
    assert.same({ "B", { 6 }, { 1 } }, { v.format, v.shape, v.strides })
    v = capi.describe { bytes = "abcdef", len = 6, itemsize = 2, format = "<H" }
    assert.same({ "<H", { 3 }, { 2 } }, { v.format, v.shape, v.strides })
    v = describeview { bytes = ("abcdef"):rep(4), shape = { 2, 3, 4 } }
    assert.same({ 12, 4, 1 }, v.strides)
    assert.is_nil(v.suboffsets)
  end)

  it("takes 0 dimensions, and the most there may be", function()
    local v = describeview { bytes = "ab", shape = {}, format = "<H" }
    assert.equal(0, v.ndim)
    assert.equal(0x6261, v:get())
    local shape = {}
    for d = 1, capi.MAXDIM do shape[d] = 1 end
    v = describeview { bytes = "a", shape = shape }
    assert.equal(97, v:get(table.unpack(shape)))
    assert.equal(1, #v:slice(table.unpack(shape, 1, capi.MAXDIM - 1)))
  end)

  it("takes no items, at no address, with lengths on the other sides", function()
    for _, shape in ipairs { { 0 }, { 0, 3 }, { 3, 0 }, { 2, 0, 5 } } do
      local v = describeview { bytes = "", null = true, shape = shape, format = "d" }
      assert.same(shape, v.shape)
      assert.equal(0, v.nbytes)
      assert.equal("", v:tobytes())
    end
  end)

  it("takes records, which read and write as others do", function()
    local v, id = describeview { bytes = "\1\0\2\3\0\4", shape = { 2 }, format = "T{<h:x:B:y:}" }
    assert.same({ { x = 1, y = 2 }, { x = 3, y = 4 } }, v:tolist())
    v[1].x = 258
    v[2] = { y = 9 }
    assert.same({ "\2\1\2\3\0\9" }, capi.blocks(id))
    assert.same({ 258, 3 }, v:field("x"):tolist())
  end)

  it("keeps nothing of the description but the memory", function()
    local v = describeview { bytes = "abcdef", shape = { 2, 3 }, strides = { 3, 1 }, format = "T{B:name:}" }
    collect()
    assert.equal("T{B:name:}", v.format)
    assert.same({ 2, 3 }, v.shape)
    assert.equal(97, v:get(1, 1).name)
  end)

  it("makes a read-only view where the description says so", function()
    local v = describeview { bytes = "abc", shape = { 3 }, readonly = 1 }
    assert.is_true(v.readonly)
    assert.is_false(describeview({ bytes = "abc", shape = { 3 } }).readonly)
  end)

  local most = math.maxinteger
  local toend = { { bytes = "abcd", at = 3 } }
  local bad = {
    ["ndim must be 0 to 64"] = {
      { ndim = -1, len = 4 }, { ndim = 65, shape = {} }, { ndim = -2147483648, shape = { 1 } },
      { ndim = 1000000, len = 4 },
    },
    ["no shape"] = { { ndim = 2, len = 4 }, { ndim = 64, len = 1 } },
    ["len is negative"] = { { len = -1 }, { len = math.mininteger }, { len = -4, shape = { 4 } } },
    ["a length is negative"] = {
      { shape = { -1 }, len = 1 }, { shape = { -2, -2 }, len = 4 }, { shape = { 0, -1 }, len = 0 },
      { shape = { 2, math.mininteger }, len = 0 },
    },
    ["the shape is too large"] = {
      { shape = { 1 << 32, 1 << 32 }, len = 0 }, { shape = { most, 2 }, len = -2 & most },
      { shape = { most, most, 2 } }, { shape = { 1 << 61 }, itemsize = 8, format = "d", len = 0 },
    },
    ["len is not the product"] = {
      { shape = { 4 }, len = 5 }, { shape = { 4 }, len = 3 }, { shape = { 2, 2 }, len = 0 },
      { shape = { 0, 4 }, len = 4 }, { shape = {}, len = 0 }, { len = 3, itemsize = 2, format = "H" },
    },
    itemsize = {
      { itemsize = 2, len = 4 }, { itemsize = 0, len = 4 }, { itemsize = -1, len = 4 },
      { itemsize = 1, format = "H", len = 4 }, { itemsize = most, format = "B", len = 4 },
      { itemsize = 4, format = "T{<h:x:B:y:}", len = 4 },
    },
    ["bad format 'Hyz' at position 2: unknown letter 'y'"] = { { format = "Hyz", len = 4 } },
    ["format"] = {
      { format = "", len = 4 }, { format = "T{", len = 4 }, { format = "x", len = 4 },
      { format = "0s", itemsize = 0, len = 0 }, { format = ("B"):rep(70000), len = 4 },
      { format = "\255", len = 4 }, { format = "(2)B", itemsize = 2, len = 4 },
    },
    ["stride"] = {
      { shape = { 4 }, strides = { most } }, { shape = { 4 }, strides = { math.mininteger } },
      { shape = { 1 }, strides = { math.mininteger } }, { shape = { 2, 2 }, strides = { 1 << 62, 1 << 62 } },
      { shape = { 2, 2 }, strides = { -(1 << 62), 1 << 62 } }, { shape = { 3 }, strides = { -(1 << 62) } },
      { shape = { 2 }, strides = { most - 1 }, format = "d", itemsize = 8 },
    },
    ["suboffset"] = {
      { bytes = { "abcd" }, shape = { 1, 4 }, strides = { P, 1 }, suboffsets = { most, -1 } },
      { bytes = { "abcd" }, shape = { 1, 4 }, strides = { P, 1 }, suboffsets = { most - 3, -1 } },
      -- a slice of it would need a negative one, which means something else
      { bytes = toend, shape = { 1, 4 }, strides = { P, -1 }, suboffsets = { 0, -1 } },
      { bytes = toend, shape = { 1, 2, 2 }, strides = { P, 2, -3 }, suboffsets = { 2, -1, -1 } },
    },
    ["buf is NULL"] = { { null = true, shape = { 4 } }, { null = true, shape = { 1 }, strides = { 0 } } },
  }

  for text, list in pairs(bad) do
    it("refuses a wrong description: " .. text, function()
      for k, t in ipairs(list) do
        t.bytes = t.bytes or "abcd"
        local first = capi.last()
        local message = raises(text, describeview, t)
        assert.is_falsy(message:find("bad argument", 1, true), message)
        assert.equal(first + 1, capi.last())
        assert.equal(1, capi.calls(capi.last()), k)
      end
    end)
  end
end)

-- Consuming --------------------------------------------------------------------------------------------

describe("memview_acquire()", function()
  it("describes every view as its attributes do", function()
    for name, v in pairs(zoo()) do
      local held = capi.acquire(v, capi.INDIRECT)
      assert.same({
        len = v.nbytes, itemsize = v.itemsize, ndim = v.ndim, readonly = v.readonly, format = v.format,
        shape = v.shape, strides = v.strides, suboffsets = v.suboffsets,
      }, capi.info(held), name)
      capi.release(held)
    end
  end)

  it("takes strings, Buffers and objects with __buffer", function()
    local b = memview.buffer "abc"
    local exporter = setmetatable({}, { __buffer = function() return b end })
    for _, x in ipairs { "abc", b, exporter } do
      local held = capi.acquire(x, capi.C)
      assert.equal("abc", capi.tocontiguous(held))
      assert.equal(x == "abc", capi.info(held).readonly)
      capi.release(held)
    end
    capi.setitem(capi.acquire(exporter, capi.WRITABLE), { 0 }, "A")
    assert.equal("Abc", b:tobytes())
  end)

  it("raises for what exports nothing, and changes nothing then", function()
    local v = memview "abc"
    v:release()
    for _, x in ipairs { {}, 7, print, v } do
      local ok, _, clean = capi.tryacquire(x, 0)
      assert.is_false(ok)
      assert.is_true(clean)
    end
    raises("string, buffer or view expected, got table", capi.acquire, {})
    raises("string, buffer or view expected, got nil", capi.acquire, nil)
    raises(released, capi.acquire, v)
  end)

  it("gives what the flags ask for, or raises", function()
    local has = function(flags, flag) return flags & flag ~= 0 end
    local words = { "view is read-only", "view is not contiguous", "view follows pointers (suboffsets)" }
    for name, v in pairs(zoo()) do
      for flags = 0, 31 do
        local wrong = (has(flags, capi.WRITABLE) and v.readonly)
          or (has(flags, capi.C) and not v.c_contiguous) or (has(flags, capi.F) and not v.f_contiguous)
          or (has(flags, capi.ANY) and not v.contiguous)
          or (not has(flags, capi.INDIRECT) and v.suboffsets ~= nil)
        local ok, message, clean = capi.tryacquire(v, flags)
        assert.equal(not wrong, ok, name .. flags)
        if not ok then
          assert.is_true(clean)
          local known = false
          for _, text in ipairs(words) do known = known or message:find(text, 1, true) end
          assert.is_truthy(known, message)
        end
      end
    end
  end)

  it("names what was wrong", function()
    local z = zoo()
    raises("view is read-only", capi.acquire, z.readonly, capi.WRITABLE)
    raises("view is not contiguous", capi.acquire, z.columns, capi.C)
    raises("view is not contiguous", capi.acquire, z.rows, capi.F)
    raises("view is not contiguous", capi.acquire, z.everysecond, capi.ANY)
    raises("view follows pointers", capi.acquire, z.pointers, 0)
  end)

  it("pins: a Buffer keeps its size until it is released", function()
    local b = memview.buffer "abc"
    local one, two = capi.acquire(b), capi.acquire(b)
    raises("cannot resize buffer", b.append, b, "d")
    capi.release(one)
    raises("cannot resize buffer", b.append, b, "d")
    capi.release(two)
    b:append "d"
    assert.equal("abcd", b:tobytes())
    assert.is_true(capi.isempty(one) and capi.isempty(two))
  end)

  it("pins: memory stays when the scripts have let go, until it is released", function()
    local v, id = export "abc"
    local held = capi.acquire(v)
    v:release()
    v = nil -- luacheck: ignore 311
    collect()
    assert.equal(0, capi.calls(id))
    assert.equal("abc", capi.tocontiguous(held))
    capi.release(held)
    assert.equal(1, capi.calls(id))
    local text = memview(("t"):rep(50))
    held = capi.acquire(text)
    text:release()
    text = nil -- luacheck: ignore 311
    collect()
    assert.equal(("t"):rep(50), capi.tocontiguous(held))
    held = capi.acquire(memview.array("B", { 1, 2, 3 }))
    collect()
    assert.equal("\1\2\3", capi.tocontiguous(held))
  end)

  it("unpins when the guard is collected", function()
    local v, id = export "abc"
    local b = memview.buffer "abc"
    local held, heldbuffer = capi.acquire(v), capi.acquire(b)
    assert.equal(1, capi.revoke(id))
    capi.drop(held)
    capi.drop(heldbuffer)
    assert.equal(1, capi.revoke(id))
    assert.equal("abcd", b:append("d"):tobytes())
    collect()
    assert.equal(0, capi.revoke(id))
    assert.is_true(v.released)
  end)

  it("leaks nothing where an error leaves the consumer", function()
    local v, id = export "abc"
    raises("on purpose with 3 bytes", capi.raiseholding, v)
    collect()
    assert.equal(0, capi.revoke(id))
    local w, other = export "abc"
    raises("on purpose with 3 bytes", capi.closeholding, w)
    assert.equal(0, capi.revoke(other))
  end)

  it("holds in a coroutine, until that goes on or is collected", function()
    local v, id = export "abc"
    local co = coroutine.create(capi.yieldholding)
    assert.same({ true, 3 }, { coroutine.resume(co, v) })
    assert.equal(1, capi.revoke(id))
    assert.same({ true, 97 }, { coroutine.resume(co) })
    assert.equal(0, capi.revoke(id))
    v, id = export "abc"
    co = coroutine.create(capi.yieldholding)
    coroutine.resume(co, v)
    co = nil -- luacheck: ignore 311
    collect()
    assert.equal(0, capi.revoke(id))
  end)

  it("gives a guard that scripts can do nothing to", function()
    local v, id = export "abc"
    local held = capi.acquire(v)
    local guard = capi.guard(held)
    assert.equal("userdata", type(guard))
    assert.equal("memview.Guard", getmetatable(guard))
    assert.is_nil(memview.type(guard))
    assert.is_false(capi.check(guard))
    raises("string, buffer or view expected", memview, guard)
    assert.is_false(pcall(setmetatable, guard, {}))
    assert.is_false(pcall(function() return guard[1] end))
    assert.equal(1, capi.revoke(id))
    do local _ <close> = guard end
    assert.equal(0, capi.revoke(id))
    capi.release(held)
    capi.release(held)
  end)

  it("may be left wherever memory runs out", function()
    local n, done = 0, nil -- luacheck: ignore 311
    repeat
      done = inown(([[
        local v, id = capi.export { bytes = ("x"):rep(30), writable = true }
        local w = memview.array("T{<h:x:B:y:}", { { 1, 2 }, { 3, 4 } })
        local calls = {
          function() return capi.tryacquire(v, 0) end,
          function() return capi.tryacquire(w, capi.C) end,
          function() return pcall(capi.fromobject, v) end,
          function() return pcall(capi.getcontiguous, v:sub(1, -1, 2), 0, "C") end,
          function() return pcall(capi.sizefromformat, "T{B:a:B:b:}") end,
          function() return pcall(capi.pushbase, v) end,
        }
        local all, results = true, {}
        for k, call in ipairs(calls) do
          capi.failafter(%d)
          local called, ok, message, clean = pcall(call)
          capi.failafter()
          if not called then ok, message = false, ok end
          assert(ok or tostring(message):find("not enough memory", 1, true), message)
          assert(not called or ok or clean ~= false)
          all = all and ok
          collectgarbage() collectgarbage()
        end
        assert(capi.revoke(id) == 0)
        return all
      ]]):format(n))
      n = n + 1
    until done == "true"
    assert(n > 5)
  end)

  it("leaves the description alone where a finalizer revokes in the middle of it", function()
    local raised = 0
    engine.collecting("generational", function()
      for k = 1, 5000 do                        -- when the collector comes depends on the heap
        if k > 200 and raised > 0 then break end
        local v, id = export "abc"
        setmetatable({}, { __gc = function() capi.revoke(id) end })
        local ok, message, clean
        for i = 1, 100 do
          local junk = ("x"):rep(40 + (i * 7 + k) % 50) .. i
          ok, message, clean = capi.tryacquire(v, 0)
          if not ok or junk == "" then break end
        end
        if not ok then
          assert.is_truthy(message:find(released, 1, true), message)
          assert.is_true(clean)
          raised = raised + 1
        end
      end
    end)
    assert(raised > 0)
  end)
end)

describe("memview_release()", function()
  it("may be called again, and leaves the description empty", function()
    local b = memview.buffer "abc"
    local held, other = capi.acquire(b), capi.acquire(b)
    for _ = 1, 3 do
      capi.release(held)
      assert.is_true(capi.isempty(held))
    end
    raises("cannot resize buffer", b.append, b, "d")
    capi.release(other)
    b:append "d"
    assert.is_false(capi.iscontiguous(held))
    assert.is_nil(capi.item(held, {}))
    assert.is_false(capi.tocontiguous(held))
    assert.is_false(capi.fromcontiguous(held, ""))
  end)

  it("ends the pin at once, where the guard is still there", function()
    local v, id = export "abc"
    local held = capi.acquire(v)
    local guard = capi.guard(held)
    v:release()
    capi.release(held)
    assert.equal(1, capi.calls(id))
    assert.is_truthy(guard)
  end)
end)

describe("the functions that never raise", function()
  it("do not where there is no memory", function()
    inown [[
      local v, id = capi.export { bytes = "abc", writable = true }
      local w, other = capi.export { bytes = "def", writable = true }
      local held, all = capi.acquire(v), {}
      capi.failafter(0)
      local ok = pcall(capi.check, v)
      local ok2 = pcall(capi.iscontiguous, held)
      local ok3 = pcall(capi.revoke, id)
      local ok4 = pcall(capi.release, held)
      local ok5 = pcall(capi.revoke, id)
      local ok6 = pcall(capi.revoke, other)
      local ok7 = pcall(capi.release, held)
      capi.failafter()
      assert(ok and ok2 and ok3 and ok4 and ok5 and ok6 and ok7)
      assert(v.released and w.released)
    ]]
  end)
end)

describe("memview_check()", function()
  it("knows Views, released ones too, and nothing else", function()
    local v = memview "abc"
    local others = {
      "abc", 7, true, {}, print, io.stdout, memview.buffer "abc",
      setmetatable({}, { __name = "memview.View" }), coroutine.create(print),
      capi.guard(capi.acquire "abc"), capi.api(),
    }
    assert.is_true(capi.check(v))
    v:release()
    assert.is_true(capi.check(v))
    for _, x in ipairs(others) do assert.is_false(capi.check(x)) end
    assert.is_false(capi.check(nil))
    assert.is_false(capi.check())
  end)
end)

describe("memview_pushbase()", function()
  it("gives what v.obj gives", function()
    local b = memview.buffer "abc"
    local exporter = setmetatable({}, { __buffer = function() return b end })
    for _, x in ipairs { "abc", b, exporter } do
      assert.equal(x, capi.pushbase(memview(x)))
      assert.equal(x, capi.pushbase(memview(x):sub(2):cast("c")))
    end
    assert.is_nil(capi.pushbase(memview.zeros("B", 3)))
    assert.is_nil(capi.pushbase((export "abc")))
  end)

  it("raises for what is no View, or a released one", function()
    local v = memview "abc"
    v:release()
    raises(released, capi.pushbase, v)
    raises("view expected, got string", capi.pushbase, "abc")
    raises("view expected, got table", capi.pushbase, {})
    raises("view expected, got userdata", capi.pushbase, memview.buffer "abc")
  end)
end)

describe("memview_getcontiguous()", function()
  it("gives the memory itself where it is contiguous, else a read-only copy", function()
    for name, v in pairs(zoo()) do
      for _, order in ipairs(orders) do
        local c = capi.getcontiguous(v, 0, order)
        assert.is_true(contiguous(c, order), name .. order)
        assert.same(v.shape, c.shape)
        assert.equal(v.format, c.format)
        assert.is_true(v:equals(c))
        if contiguous(v, order) then
          assert.same(v.strides, c.strides)
          assert.equal(v.readonly, c.readonly)
          assert.equal(v.obj, c.obj)
        else
          assert.is_true(c.readonly)
          assert.is_nil(c.obj)
        end
      end
    end
  end)

  it("shares the memory that it gives itself", function()
    local b = memview.buffer "abcd"
    local c = capi.getcontiguous(b, capi.WRITABLE, "C")
    c[1] = 65
    assert.equal("Abcd", b:tobytes())
    local copy = capi.getcontiguous(memview(b):sub(1, -1, 2), 0, "C")
    b[1] = 97
    assert.equal("Ac", copy:tobytes())
  end)

  it("raises where writing is asked for and there would be a copy, or nothing may be written", function()
    local b = memview.buffer "abcd"
    raises("view is not contiguous", capi.getcontiguous, memview(b):sub(1, -1, 2), capi.WRITABLE, "C")
    raises("view is read-only", capi.getcontiguous, "abcd", capi.WRITABLE, "C")
    raises("view is read-only", capi.getcontiguous, memview("abcd"):sub(1, -1, 2), capi.WRITABLE, "C")
    raises("order 'C', 'F' or 'A' expected", capi.getcontiguous, b, 0, "X")
    raises("string, buffer or view expected, got table", capi.getcontiguous, {}, 0, "C")
  end)
end)

-- Descriptions -----------------------------------------------------------------------------------------

describe("memview_iscontiguous()", function()
  it("says what the attributes say", function()
    for name, v in pairs(zoo()) do
      local held = capi.acquire(v, capi.INDIRECT)
      for _, order in ipairs(orders) do
        assert.equal(contiguous(v, order), capi.iscontiguous(held, order), name .. order)
      end
      for _, order in ipairs { "c", "X", "\0" } do assert.is_false(capi.iscontiguous(held, order)) end
    end
  end)
end)

describe("memview_getpointer()", function()
  it("leads to the item at every index, and to none outside", function()
    for name, v in pairs(zoo()) do
      local held = capi.acquire(v, capi.INDIRECT)
      indirect.each(v.shape, function(...)
        local index = { ... }
        for d = 1, #index do index[d] = index[d] - 1 end
        local part = v:slice(...)
        assert.equal(part:tobytes(), capi.item(held, index), name)
      end)
      for d = 1, v.ndim do
        for _, outside in ipairs { -1, v.shape[d], math.maxinteger, math.mininteger } do
          local index = {}
          for k = 1, v.ndim do index[k] = k == d and outside or 0 end
          assert.is_nil(capi.item(held, index), name)
        end
      end
    end
  end)
end)

describe("memview_tocontiguous()", function()
  it("gives the bytes that tobytes gives, in every order", function()
    for name, v in pairs(zoo()) do
      local held = capi.acquire(v, capi.INDIRECT)
      for _, order in ipairs(orders) do
        assert.equal(v:tobytes(order), capi.tocontiguous(held, order), name .. order)
      end
    end
  end)

  it("does nothing for another size or order", function()
    local held = capi.acquire "abcd"
    for _, size in ipairs { 0, 3, 5, -4, math.maxinteger, math.mininteger } do
      assert.is_false(capi.tocontiguous(held, "C", size))
    end
    assert.is_false(capi.tocontiguous(held, "X"))
    assert.is_false(capi.tocontiguous(held, "c"))
  end)
end)

describe("memview_fromcontiguous()", function()
  it("writes bytes that tobytes then gives, in every order", function()
    for name, v in pairs(zoo()) do
      local held = capi.acquire(v, capi.INDIRECT)
      local list = {}
      for k = 1, v.nbytes do list[k] = string.char((k * 29 + 3) % 128) end
      local bytes, before = table.concat(list), v:tobytes()
      for _, order in ipairs(orders) do
        assert.equal(not v.readonly, capi.fromcontiguous(held, bytes, order), name .. order)
        assert.equal(v.readonly and before or bytes, v:tobytes(v.readonly and "C" or order), name .. order)
      end
    end
  end)

  it("does nothing for another size or order", function()
    local b = memview.buffer "abcd"
    local held = capi.acquire(b, capi.WRITABLE)
    for _, size in ipairs { 0, 3, 5, -4, math.maxinteger, math.mininteger } do
      assert.is_false(capi.fromcontiguous(held, "ABCD", "C", size))
    end
    assert.is_false(capi.fromcontiguous(held, "ABCD", "X"))
    assert.equal("abcd", b:tobytes())
  end)
end)

describe("a description that was never acquired", function()
  it("serves as one that was", function()
    local _, id = export "abcdefgh"
    local held = capi.fake(id, { len = 4, itemsize = 2, at = 6, shape = { 2 }, strides = { -4 } })
    assert.equal("gh", capi.item(held, { 0 }))
    assert.equal("cd", capi.item(held, { 1 }))
    assert.equal("ghcd", capi.tocontiguous(held))
    assert.is_true(capi.fromcontiguous(held, "GHCD"))
    assert.same({ "abCDefGH" }, capi.blocks(id))
    assert.is_false(capi.iscontiguous(held))
    held = capi.fake(id, { len = 8 })
    assert.equal("abCDefGH", capi.tocontiguous(held))
    assert.is_true(capi.iscontiguous(held))
  end)

  it("is not believed: nothing is read or written where it is wrong", function()
    local most = math.maxinteger
    local wrong = {
      { ndim = -1, len = 8 }, { ndim = 65, len = 8 }, { ndim = 1 << 30, len = 8 }, { len = 8, itemsize = 0 },
      { len = 8, itemsize = -1 }, { len = -8 }, { len = 8, shape = { -1 } }, { len = 8, shape = { 9 } },
      { len = 8, shape = { 7 } }, { len = 8, shape = { 1 << 32, 1 << 32 } }, { len = 7, itemsize = 2 },
      { len = 8, null = true }, { len = 8, shape = { 8 }, null = true },
      { len = 3, shape = { 3 }, strides = { most } }, { len = 3, shape = { 3 }, strides = { -1 - most } },
      { len = 4, shape = { 2, 2 }, strides = { 1 << 62, 1 << 62 } }, { len = 4, shape = { 2, 2 }, ndim = 65 },
      { len = 4, ndim = 2 },
    }
    for k, t in ipairs(wrong) do
      local _, id = export "abcdefgh"
      local held = capi.fake(id, t)
      local last = {}
      for d = 1, math.max(#(t.shape or {}), 1) do last[d] = math.max((t.shape or { 8 })[d] - 1, 0) end
      assert.is_nil(capi.item(held, last), k)
      for _, order in ipairs(orders) do
        assert.is_false(capi.iscontiguous(held, order), k)
        assert.is_false(capi.tocontiguous(held, order), k)
        assert.is_false(capi.fromcontiguous(held, ("z"):rep(t.len & 15), order, t.len), k)
      end
      assert.same({ "abcdefgh" }, capi.blocks(id), k)
    end
  end)
end)

describe("memview_sizefromformat()", function()
  it("gives the size that views of the format have", function()
    for _, f in ipairs { "B", "<i", "d", "3s", "T{<h:x:B:y:}", "<HHf", "xH", "e", "u16", "bool", "P" } do
      assert.equal(memview.zeros(f, 1).itemsize, capi.sizefromformat(f), f)
      assert.equal(memview.struct.calcsize(f), capi.sizefromformat(f), f)
    end
  end)

  it("raises for what is no format, without a number of an argument that there is not", function()
    local message = raises("bad format 'Hyz' at position 2: unknown letter 'y'", capi.sizefromformat, "Hyz")
    assert.is_falsy(message:find("bad argument", 1, true), message)
    raises("format", capi.sizefromformat, nil)
    raises("bad format", capi.sizefromformat, "T{")
  end)
end)

describe("a description that goes back to memview_frombuffer()", function()
  it("makes the same view", function()
    for name, v in pairs(zoo()) do
      local held = capi.acquire(v, capi.INDIRECT)
      local w = capi.hand(held)
      local attributes = { "format", "itemsize", "ndim", "shape", "strides", "suboffsets", "readonly" }
      for _, attribute in ipairs(attributes) do
        assert.same(v[attribute], w[attribute], name)
      end
      assert.is_true(v:equals(w), name)
      w:release()
      capi.release(held)
    end
  end)
end)
