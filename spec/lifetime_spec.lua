-- Views: how they live, what keeps their memory, how they end.
local memview = require "memview"
local helpers = require "helpers"
local raises = helpers.raises

local released = "attempt to use a released view"

local attributes = { "obj", "nbytes", "itemsize", "format", "ndim", "shape", "strides", "suboffsets",
  "readonly", "contiguous", "c_contiguous", "f_contiguous" }

--- Every method with arguments that a live view of three bytes takes.
local methods = {
  get = { 1 }, set = { 1, 2 }, unpack = {}, sub = { 1, 2 }, slice = { { 1, 2 } }, cast = { "b" },
  reshape = { 3 }, transpose = {}, toreadonly = {}, tobytes = {}, tolist = {}, hex = {}, clone = {},
  tocontiguous = {},
  copyfrom = { "abc" }, fill = { 1 }, byteswap = {}, index = { 1 }, count = { 1 }, find = { "a" },
  equals = { "abc" }, compare = { "abc" },
}

local metamethods = {
  length = function(v) return #v end,
  read = function(v) return v[1] end,
  readoutside = function(v) return v[99] end,
  unknown = function(v) return v.nosuch end,
  write = function(v) v[1] = 1 end,
  writename = function(v) v.nosuch = 1 end,
  concat = function(v) return v .. "x" end,
  concatafter = function(v) return "x" .. v end,
  pairs = function(v) for _ in pairs(v) do error "something to walk" end end,
  ipairs = function(v) for _ in ipairs(v) do error "something to walk" end end,
  unpack = function(v) return table.unpack(v) end,
  tableconcat = function(v) return table.concat(v) end,
  sort = function(v) table.sort(v) end,
  exporting = function(v) return memview(v) end,
  copying = function(v) return memview.buffer(v) end,
  appending = function(v) memview.buffer():append(v) end,
  source = function(v) memview.zeros("B", 3):copyfrom(v) end,
  row = function(v) memview.zeros("B", { 1, 3 })[1] = v end,
}

local function threebytes() return memview.array("B", { 1, 2, 3 }) end

local function dead()
  local v = threebytes()
  v:release()
  return v
end

--- Runs f where its locals are gone afterwards, and so dropped.
local function indoors(f) f() end

local function exporter(f) return setmetatable({}, { __buffer = f }) end

describe("release()", function()
  it("may be called again", function()
    local v = threebytes()
    v:release()
    v:release()
    memview.release(v)
    assert.is_true(v.released)
  end)

  it("is what `released` tells", function()
    local v = threebytes()
    assert.is_false(v.released)
    assert.is_false(memview.released(v))
    v:release()
    assert.is_true(v.released)
    assert.is_true(memview.released(v))
  end)

  it("unpins at once", function()
    local b = memview.buffer "abc"
    local v = b:view()
    raises("1 view is live", function() b:append(1) end)
    v:release()
    v:release()
    b:append "d"
    assert.equal("abcd", b:tobytes())
  end)

  it("makes every method raise", function()
    for name, args in pairs(methods) do
      local live = threebytes()
      assert(pcall(live[name], live, table.unpack(args)), name)
      local v = dead()
      raises(released, v[name], v, table.unpack(args))
      raises(released, memview[name], v, table.unpack(args))
      raises(released, v[name], v)
    end
  end)

  it("makes every attribute raise", function()
    for _, name in ipairs(attributes) do
      local v = dead()
      raises(released, function() return v[name] end)
      raises(released, memview[name], v)
    end
  end)

  it("makes every other use raise", function()
    for name, use in pairs(metamethods) do
      local ok, message = pcall(use, dead())
      assert(not ok and message:find(released, 1, true), name .. ": " .. tostring(message))
    end
  end)

  it("leaves the names of methods readable", function()
    local v, live = dead(), threebytes()
    for name in pairs(methods) do assert.equal(live[name], v[name]) end
    assert.equal(live.release, v.release)
  end)

  it("leaves comparison with == and tostring", function()
    local v, w = dead(), dead()
    assert.is_true(v == v)
    assert.is_false(v == w)
    assert.is_false(v == threebytes())
    assert.is_false(threebytes() == v)
    assert.equal("memview.View: (released)", tostring(v))
    assert.equal("view", memview.type(v))
  end)
end)

describe("<close>", function()
  it("releases at the end of the scope", function()
    local outside
    do
      local v <close> = threebytes()
      outside = v
      assert.is_false(v.released)
    end
    assert.is_true(outside.released)
  end)

  it("releases when an error leaves the scope", function()
    local outside
    raises("on purpose", function()
      local v <close> = threebytes()
      outside = v
      error "on purpose"
    end)
    assert.is_true(outside.released)
  end)

  it("is quiet about a view released before", function()
    local v <close> = threebytes()
    v:release()
  end)

  it("serves as the closing value of a loop", function()
    local v = threebytes()
    for _ in next, { 1, 2 }, nil, v do assert.is_false(v.released) end
    assert.is_true(v.released)
  end)
end)

describe("derived views", function()
  local derive = {
    sub = function(v) return v:sub(1) end,
    slice = function(v) return v:slice {} end,
    cast = function(v) return v:cast "B" end,
    reshape = function(v) return v:reshape { 3 } end,
    transpose = function(v) return v:transpose() end,
    toreadonly = function(v) return v:toreadonly() end,
    memview = function(v) return memview(v) end,
    row = function(v) return v:reshape({ 1, 3 })[1] end,
  }

  it("live on when the parent is released", function()
    for name, make in pairs(derive) do
      local v = threebytes()
      local child = make(v)
      v:release()
      assert.same({ 1, 2, 3 }, child:tolist(), name)
      helpers.collect()
      assert.same({ 1, 2, 3 }, make(child):tolist(), name)
    end
  end)

  it("leave the parent alone when they are released", function()
    for name, make in pairs(derive) do
      local v = threebytes()
      make(v):release()
      assert.same({ 1, 2, 3 }, v:tolist(), name)
    end
  end)

  it("keep the exporter pinned on their own", function()
    local b = memview.buffer "abc"
    local v = b:view()
    local child = v:sub(2)
    v:release()
    raises("1 view is live", function() b:clear() end)
    child:release()
    assert.equal(0, #b:clear())
  end)
end)

describe("what a view shows", function()
  it("lives as long as the view, though its exporter was dropped", function()
    local text = ("abc"):rep(20000)
    local views = {}
    indoors(function()
      views[1] = memview(("abc"):rep(20000))
      views[2] = memview(memview.buffer(text))
      views[3] = memview(exporter(function() return ("abc"):rep(20000) end))
      views[4] = memview(exporter(function() return memview.buffer(text):sub(1) end))
      views[5] = memview.zeros("B", #text):copyfrom(text):sub(1)
    end)
    for _ = 1, 3 do
      helpers.collect()
      memview.buffer(#text):append(text)     -- memory freed by mistake is likely used again here
    end
    for i, v in ipairs(views) do assert(v:equals(text), "view " .. i) end
    assert.equal(text, views[1].obj)
    assert.equal(text, views[2].obj:tobytes())
  end)

  it("goes when the view goes", function()
    local gone = setmetatable({}, { __mode = "k" })
    local function views()
      local object = exporter(function() return "abc" end)
      local b = memview.buffer "abc"
      gone[object], gone[b] = true, true
      return { memview(object), memview(b), memview(b):sub(2) }
    end
    indoors(function()
      local kept = views()
      for _, v in ipairs(kept) do gone[v] = true end
      helpers.collect()
      assert.equal("abc", kept[1]:tobytes())
      assert.equal("bc", kept[3]:tobytes())
      assert(gone[kept[1].obj] and gone[kept[2].obj])
    end)
    helpers.collect()
    assert.is_nil(next(gone))
  end)

  it("goes at once when the view is released", function()
    local gone = setmetatable({}, { __mode = "k" })
    local views = {}
    indoors(function()
      local object, b = exporter(function() return "abc" end), memview.buffer "abc"
      gone[object], gone[b] = true, true
      views = { memview(object), memview(b) }
    end)
    helpers.collect()
    assert(next(gone))
    for _, v in ipairs(views) do v:release() end
    helpers.collect()
    assert.is_nil(next(gone))
  end)

  it("may hold the view in a circle and is collected all the same", function()
    local gone = setmetatable({}, { __mode = "k" })
    indoors(function()
      local object = exporter(function() return "abc" end)
      object.view = memview(object)
      gone[object] = true
    end)
    helpers.collect()
    assert.is_nil(next(gone))
  end)
end)

describe("pins", function()
  it("are dropped by collection", function()
    local b = memview.buffer "abc"
    indoors(function() for _ = 1, 1000 do b:view():sub(2) end end)
    helpers.collect()
    b:append "d"
    assert.equal("abcd", b:tobytes())
  end)

  it("are dropped by an error anywhere", function()
    local b = memview.buffer "abcd"
    local wrong = {
      function() memview(b, 1, 2):cast "Hyz" end, function() b:view():cast "3s" end,
      function() b:view():cast("B", { 3, 3 }) end, function() b:view():sub(1, 2, 0) end,
      function() b:view():slice(9) end, function() b:view():copyfrom { 1, 2 } end,
      function() b:view():fill(300) end, function() b:view():get(9) end, function() b:view()[9] = 1 end,
      function() b:view():transpose(5) end,
      function() memview.zeros("B", 1):copyfrom(b) end, function() b:view():find({}) end,
      function() b:view().x = 1 end,
      function() return b:view() .. {} end, function() b:view():set(1) end, function() b:view():hex "::" end,
      function() b:view():tobytes "K" end, function() memview.zeros("B", { 2, 2 })[1] = b end,
      function() memview.buffer():append(b, {}) end,
      function() memview(exporter(function() b:view() error "no" end)) end,
    }
    for i, f in ipairs(wrong) do
      assert(not pcall(f), "case " .. i)
      b:append "x":remove(-1)
    end
  end)

  it("are held by views in tables, closures and coroutines", function()
    local b = memview.buffer "abc"
    local holder = { { b:view() } }
    raises("1 view is live", function() b:append(1) end)
    holder[1] = nil
    assert.same({}, holder)
    local function makereader()
      local v = b:view()
      return function() return v[1] end
    end
    local reader = makereader()
    raises("1 view is live", function() b:append(1) end)
    assert.equal(97, reader())
    reader = nil
    assert.equal(4, #b:append(1), reader)
  end)
end)

describe("coroutines", function()
  it("share views", function()
    local v
    local co = coroutine.wrap(function()
      v = memview.buffer "abc":view()
      coroutine.yield(v:sub(2))
      v[2] = 0x58
      return v
    end)
    local part = co()
    assert.equal("bc", part:tobytes())
    assert(rawequal(v, co()))
    assert.equal("Xc", part:tobytes())
  end)

  it("hold pins while they sleep, and drop them when they are collected", function()
    local b = memview.buffer "abc"
    local sleeper = coroutine.create(function()
      local v = b:view()
      coroutine.yield()
      return v
    end)
    coroutine.resume(sleeper)
    raises("1 view is live", function() b:append(1) end)
    sleeper = nil
    assert.equal(4, #b:append(1), sleeper)
  end)

  it("release their <close> views when they are closed", function()
    local b = memview.buffer "abc"
    local sleeper = coroutine.create(function()
      local v <close> = b:view()
      coroutine.yield(v)
    end)
    local _, v = coroutine.resume(sleeper)
    assert.is_false(v.released)
    coroutine.close(sleeper)
    assert.is_true(v.released)
    assert.equal(4, #b:append(1))
  end)

  it("may yield inside loops over a view", function()
    local v = threebytes()
    local walk = coroutine.wrap(function()
      for i, x in ipairs(v) do coroutine.yield(i * 10 + x) end
      for i, x in pairs(v) do coroutine.yield(i * 10 + x) end
    end)
    for _ = 1, 2 do
      for i = 1, 3 do assert.equal(i * 11, walk()) end
    end
  end)

  it("may release a view that another one walks", function()
    local v = threebytes()
    local walk = coroutine.wrap(function() for i in ipairs(v) do coroutine.yield(i) end end)
    walk()
    v:release()
    raises(released, walk)
  end)
end)

describe("finalizers", function()
  --- Works, or raises because of what was released or is still viewed.
  local function harmless(f, ...)
    local ok, message = pcall(f, ...)
    message = tostring(message)
    assert(ok or message:find("attempt to use a released", 1, true) or message:find("live", 1, true), message)
  end

  --- Until the end of the test the collector does whole cycles, and often.
  local function wholecycles()
    local mode = collectgarbage("incremental", 1, 1000, 20)
    collectgarbage()      -- from here on each check finds a new cycle due
    finally(function()
      collectgarbage("incremental", 200, 100, 13)
      collectgarbage(mode)
    end)
  end

  it("may bring a view and its Buffer back: they work or say that they are released", function()
    for _ = 1, 20 do
      local saved
      indoors(function()
        local b = memview.buffer "abc"
        local object = { b = b, v = b:view(), part = b:view():sub(2), string = memview(("x"):rep(100)) }
        setmetatable(object, { __gc = function(o) saved = o end })
      end)
      helpers.collect()
      helpers.collect()
      for _, name in ipairs { "v", "part", "string" } do
        harmless(function() return saved[name]:tobytes() end)
        harmless(function() return saved[name].obj end)
        harmless(function() saved[name]:sub(1):clone() end)
        harmless(function() return saved[name][1] end)
        saved[name]:release()
      end
      harmless(function() saved.b:append("d"):view() end)
      harmless(function() return memview(saved.b):tobytes() end)
    end
  end)

  it("may use views in any order of collection", function()
    local runs = 0
    for i = 1, 200 do
      indoors(function()
        local b = memview.buffer(64)
        local v = b:view()
        local function finalize(o)
          runs = runs + 1
          harmless(function() return o.v:tobytes() end)
          harmless(function() o.v:fill(1) end)
          harmless(function() o.b:append "x" end)
          harmless(function() return memview(o.b) end)
          harmless(function() o.b:release() end)
          o.v:release()
        end
        local first = i % 2 == 0 and setmetatable({ b = b, v = v }, { __gc = finalize })
        local second = setmetatable({ b = b, v = v, first = first or nil }, { __gc = finalize })
        assert(second)
      end)
    end
    helpers.collect()
    helpers.collect()
    assert.equal(300, runs)
  end)

  it("may release a view in the middle of its methods", function()
    wholecycles()
    local function arm(victim)
      local b = victim.obj
      setmetatable({}, { __gc = function() victim:release() b:release() end })
    end
    local uses = {
      function(x) return x:tolist() end, function(x) return x:tobytes() end, function(x) return x:clone() end,
      function(x) return x:hex ":" end, function(x) return x .. x end,
      function(x) return x:sub(2):tolist() end,
      function(x) return memview.buffer(x) end, function(x) return x:clone():cast("H"):tolist() end,
      function(x) return { x:unpack() } end, function(x) return x.shape, x.strides, x.format end,
      function(x) return tostring(x) end, function(x) return x:tocontiguous():tolist() end,
      function(x) return x:clone():reshape({ 50, 40 }):tolist() end, function(x) x:copyfrom(x:tolist()) end,
      function(x) x:copyfrom(x:sub(nil, nil, -1)) end, function(x) x:copyfrom(x) end,
      function(x) return x:compare(x:tobytes()) end,
    }
    for _ = 1, 2 do
      for _, use in ipairs(uses) do
        for _, v in ipairs { memview.buffer(2000):view(), memview.buffer(4000):sub(nil, nil, -2) } do
          arm(v)
          harmless(use, v)
        end
      end
    end
  end)

  it("may change a Buffer in the middle of its methods", function()
    wholecycles()
    local function arm(action, b) setmetatable({}, { __gc = function() pcall(action, b) end }) end
    local actions = { function(b) b:clear() end, function(b) b:resize(1) end, function(b) b:release() end,
      function(b) b:append(("x"):rep(100000)) end }
    local uses = {
      function(b) return memview.buffer(b) end, function(b) return b:hex() end,
      function(b) return b:hex ":" end,
      function(b) return b .. b end, function(b) return b:tobytes() end, function(b) b:append(b) end,
      function(b) b:insert(2, b) end, function(b) b:append(1, b, b) end, function(b) return memview(b) end,
      function(b) return b:view():tolist() end, function(b) return b:sub(nil, nil, -1):tobytes() end,
      function(b) memview.zeros("b", #b):copyfrom(b) end, function(b) return b:compare(b) end,
      function(b) b:resize(9000) end, function(b) b:reserve(9000) end,
      function(b) return memview(b):clone() end,
    }
    for _, action in ipairs(actions) do
      for k, use in ipairs(uses) do
        local b = memview.buffer(("0123456789"):rep(400))
        arm(action, b)
        local ok, message = pcall(use, b)
        assert(ok or type(message) == "string", k)
      end
    end
  end)

  it("may change values between the look at them and their copy", function()
    wholecycles()
    local n = 500
    for _ = 1, 20 do
      local b = memview.buffer(n * 8)
      local source, target = b:view():cast "<d", b:sub(1, 2 * n):cast "<h"
      for i = 1, n do source[i] = i end
      setmetatable({}, { __gc = function() source:fill(1e300) end })
      local ok, message = pcall(target.copyfrom, target, source)
      assert(ok or message:find("does not fit", 1, true), message)
      if ok then assert.equal(n, target[n]) end
    end
  end)

  it("may call the collector from __buffer", function()
    local object = exporter(function()
      helpers.collect()
      return memview.buffer "abc":view()
    end)
    local v = memview(object)
    helpers.collect()
    assert.equal("abc", v:tobytes())
  end)
end)

describe("releasing from inside", function()
  it("a sort's comparator raises and does no harm", function()
    for after = 1, 20 do
      local v, calls = memview.buffer "hgfedcba":view(), 0
      local ok, message = pcall(table.sort, v, function(a, b)
        calls = calls + 1
        if calls == after then v:release() end
        return a < b
      end)
      assert(ok or message:find(released, 1, true), message)
      assert(not ok or calls < after or v.released)
    end
    raises(released, function()
      local v = memview.buffer "hgfedcba":view()
      table.sort(v, function(a, b) v:release() return a < b end)
    end)
  end)

  it("a loop raises at the next step", function()
    for _, walk in ipairs { pairs, ipairs } do
      local v = threebytes()
      raises(released, function() for _ in walk(v) do v:release() end end)
    end
  end)

  it("__buffer of an argument raises and writes nothing", function()
    local function joined(result) return result == "xyzabc" or result == "abcxyz" end
    local uses = {
      function(v, x) v:copyfrom(x) end, function(v, x) v:copyfrom(x, 1) end, function(v, x) v:find(x) end,
      function(v, x) return v:equals(x) end, function(v, x) v:compare(x) end,
      function(v, x) return v .. x end,
      function(v, x) return x .. v end, function(v, x) v:reshape({ 1, 3 })[1] = x v:tobytes() end,
      function(v, x) v:cast("3s")[1] = x v:tobytes() end,
    }
    for i, use in ipairs(uses) do
      local b = memview.buffer "xyz"
      local v = b:view()
      local ok, message = pcall(use, v, exporter(function() v:release() return "abc" end))
      local fine = joined(message) or ok == false and message:find(released, 1, true)
      assert(fine, ("case %d: %s"):format(i, message))
      assert(i >= 8 or b:tobytes() == "xyz")
    end
  end)

  it("__buffer of a string item raises and writes nothing", function()
    local uses = {
      function(v, x) v[1] = x end, function(v, x) v:set(1, x) end, function(v, x) v:fill(x) end,
      function(v, x) return v:index(x) end, function(v, x) return v:count(x) end,
      function(v, x) v:copyfrom { x, x } end,
    }
    for i, use in ipairs(uses) do
      local b = memview.buffer "xyz123"
      local v = b:view():cast "3s"
      local ok, message = pcall(use, v, exporter(function()
        v:release()
        pcall(b.release, b)
        return "abc"
      end))
      assert(ok == false and message:find(released, 1, true), ("case %d: %s"):format(i, message))
    end
  end)

  it("a table's metamethods raises and does no harm", function()
    for _, step in ipairs { "__len", "__index" } do
      local b = memview.buffer "xyz"
      local v = b:view()
      local meta = { __len = function() return 3 end, __index = function(_, i) return i end }
      local plain = meta[step]
      meta[step] = function(...)
        v:release()
        b:clear()
        return plain(...)
      end
      raises(released, function() v:copyfrom(setmetatable({}, meta)) end)
      assert.equal(0, #b)
    end
  end)

  it("__buffer may change the Buffer it is given to", function()
    local uses = {
      function(b, x) b:append(x) end, function(b, x) b:append("1", x, "2") end,
      function(b, x) b:insert(3, x) end, function(b, x) return b:find(x) end,
      function(b, x) return b:equals(x) end, function(b, x) return b:compare(x) end,
      function(b, x) return b .. x end, function(b, x) return x .. b end, function(b, x) return b < x end,
      function(b, x) return x <= b end,
    }
    local actions = {
      function(b) b:clear() end, function(b) b:resize(1) end, function(b) b:append(("x"):rep(100000)) end,
      function(b) b:release() end, function(b) b:reserve(100000) end, function(b) b:remove(1, 3) end,
    }
    for _, use in ipairs(uses) do
      for _, action in ipairs(actions) do
        local b = memview.buffer "abcdef"
        local ok, message = pcall(use, b, exporter(function() pcall(action, b) return "abc" end))
        assert(ok or type(message) == "string")
        helpers.collect()
        assert(pcall(b.tobytes, b) or pcall(b.tobytes, b) == false)
      end
    end
  end)

  it("__buffer may keep the Buffer it is given to from growing", function()
    local b = memview.buffer "abc"
    local kept
    raises("1 view is live", function() b:append(exporter(function() kept = b:view() return "x" end)) end)
    raises("2 views are live", function() b:insert(1, exporter(function() return b:view() end)) end)
    assert.equal("abc", kept:tobytes())
    assert.equal("abc", b:tobytes())
  end)
end)
