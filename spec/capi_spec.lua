-- include/memview.h, every function of it, driven through C modules that see nothing else (spec/capi).
local memview = require "memview"
local helpers = require "helpers"
local build = require "capi.build"
local indirect = require "capi.indirect"
local raises, collect = helpers.raises, helpers.collect

local released = "attempt to use a released view"

local capi, printed = build.module("capi", "c", "spec/capi/capi.c")

if not capi then
  describe("the C API", function()
    pending("is not tried: " .. printed)
  end)
  return
end

local P = capi.pointersize

--- A writable export of these bytes; a View and its number.
local function export(bytes) return capi.export { bytes = bytes, writable = true } end

--- Exports a full description; len and itemsize are worked out, unless they are given.
local function describeview(t)
  if t.format and not t.itemsize then
    local ok, size = pcall(memview.struct.calcsize, t.format)
    t.itemsize = ok and size or 1
  end
  if not t.len then
    t.len = t.itemsize or 1
    for _, n in ipairs(t.shape) do t.len = t.len * n end
  end
  return capi.describe(t)
end

--- Runs Lua code in a state of its own, which is then closed; nothing may be left of its memory.
local function inown(code)
  local ok, result, left = capi.run(build.prelude() .. 'local memview = require "memview"\n' .. code)
  assert(ok, result)
  assert.equal(0, left, "bytes left when the state was closed")
  return result
end

--- The number of calls for exports that were made since `first`: all of them as many.
local function allcalled(times, first)
  assert(capi.last() > first)
  for id = first + 1, capi.last() do
    if capi.tried(id) then assert.equal(times, capi.calls(id), "calls of export " .. id) end
  end
end

--- A set of views of all kinds of contiguity, by name, made anew.
local function zoo()
  local block = memview.array("<h", { { 1, 2, 3 }, { 4, 5, 6 } })
  local ndim = {}
  for d = 1, capi.MAXDIM do ndim[d] = d == 40 and 3 or 1 end
  return {
    rows = block, columns = block:transpose(), everysecond = block:slice({}, { 1, 3, 2 }),
    backwards = memview.array("B", { 1, 2, 3 }):sub(-1, 1, -1), flat = memview.array(">d", { 1.5, -2 }),
    scalar = memview.zeros("i", {}), empty = memview.zeros("H", { 2, 0 }), line = memview.zeros("B", { 1, 5, 1 }),
    records = memview.array("T{<h:x:B:y:}", { { 1, 2 }, { 3, 4 } }), deep = memview.zeros("B", ndim),
    readonly = memview "text", part = memview("some text"):sub(2, -2, 3),
    pointers = indirect.make(capi, indirect.cases[2]), foreign = export "bytes",
    cube = memview.zeros("B", { 2, 3, 4 }):transpose(3, 1, 2),
  }
end

--- Calls f in another mode of the collector, so that finalizers run in the middle of things.
local function collecting(mode, f)
  local before = collectgarbage(mode)
  local ok, message = pcall(f)
  collectgarbage(before)
  assert(ok, message)
end

local orders = { "C", "F", "A" }

--- Is the view contiguous in that order?
local function contiguous(v, order)
  if order == "C" then return v.c_contiguous end
  if order == "F" then return v.f_contiguous end
  return v.contiguous
end

-- The header ---------------------------------------------------------------------------------------------

describe("memview.h", function()
  it("compiles as C99 without a warning", function()
    assert.equal("", printed)
  end)

  it("is found by every module as the same table", function()
    local peer, text = build.module("peer", "c", "spec/capi/peer.c")
    assert.equal("", text)
    assert.equal(capi.api(), peer.api())
    assert.is_true(peer.every())
  end)

  it("is valid C++, and agrees with its copies in C", function()
    local peer, text = build.module("peercpp", "cpp", "spec/capi/peer.c", "-DPEER_CPP")
    if not peer then pending(text) end
    assert.equal("", text)
    assert.equal(capi.api(), peer.api())
    assert.is_true(peer.every())
  end)

  it("lets one module revoke and read what another has exported", function()
    local peer = build.module("peer", "c", "spec/capi/peer.c")
    local v, id = export "\1\2\3"
    assert.equal(6, peer.sum(v))
    assert.equal(0, peer.revoke(capi.handle(id)))
    assert.is_true(v.released)
    assert.equal(1, capi.calls(id))
    local w, handle = peer.export()
    local given = peer.given()
    local held = capi.acquire(w)
    assert.equal(1, peer.revoke(handle))
    capi.release(held)
    assert.equal(0, capi.revokehandle(handle))
    assert.equal(given + 3, peer.given())
    assert.is_true(w.released)
  end)
end)

describe("memview_import()", function()
  it("takes a module of its own version or a newer minor one", function()
    assert.is_true(capi.version(capi.MAJOR, capi.MINOR))
    assert.is_true(capi.version(capi.MAJOR, capi.MINOR + 1))
  end)

  it("refuses every other version, naming both", function()
    for _, v in ipairs { { capi.MAJOR + 1, 0 }, { capi.MAJOR - 1, 9 }, { capi.MAJOR, capi.MINOR - 1 }, { -1, -1 } } do
      local ok, message = capi.version(v[1], v[2])
      assert.is_false(ok)
      local text = ("version %d.%d, this module was built for %d.%d"):format(v[1], v[2], capi.MAJOR, capi.MINOR)
      assert.is_truthy(message:find(text, 1, true), message)
    end
  end)

  it("says so where memview is not loaded", function()
    local ok, message = capi.notloaded()
    assert.is_false(ok)
    assert.is_truthy(message:find('memview is not loaded (require "memview" first)', 1, true), message)
    local _, text = capi.run "return select(2, pcall(capi.fromobject, 'abc'))"
    assert.is_truthy(text:find("memview is not loaded", 1, true), text)
  end)
end)

-- Exporting ------------------------------------------------------------------------------------------------

describe("memview_fromobject()", function()
  it("gives what memview(obj) gives, for indices of both signs", function()
    local exporter = setmetatable({}, { __buffer = function() return "by a method" end })
    for _, x in ipairs { "text", memview.buffer "bytes", memview.zeros("<h", { 2, 3 }):transpose(), exporter } do
      for _, f in ipairs { capi.fromobject, capi.fromobjectabsolute } do
        local v, expected = f(x), memview(x)
        assert.is_true(v:equals(expected))
        assert.equal(expected.obj, v.obj)
        assert.equal(expected.readonly, v.readonly)
        assert.same(expected.strides, v.strides)
      end
    end
  end)

  it("raises for what exports nothing or is released, and passes errors on", function()
    local v = memview "abc"
    v:release()
    raises("string, buffer or view expected, got table", capi.fromobject, {})
    raises("string, buffer or view expected, got nil", capi.fromobject, nil)
    raises("string, buffer or view expected, got number", capi.fromobject, 10)
    raises(released, capi.fromobject, v)
    raises("on purpose", capi.fromobject, setmetatable({}, { __buffer = function() error "on purpose" end }))
    raises("must return", capi.fromobject, setmetatable({}, { __buffer = function() return 7 end }))
  end)
end)

describe("memview_frommemory()", function()
  it("exports bytes without a copy, in both directions", function()
    local v, id = export "hello"
    assert.equal("B", v.format)
    assert.same({ 5 }, v.shape)
    assert.is_nil(v.obj)
    assert.is_false(v.readonly)
    v[1] = 72
    assert.same({ "Hello" }, capi.blocks(id))
    capi.write(id, 1, "E")
    assert.equal("HEllo", v:tobytes())
  end)

  it("exports for reading only, unless it is asked for more", function()
    local v, id = capi.export { bytes = "abc" }
    assert.is_true(v.readonly)
    raises("view is read-only", function() v[1] = 1 end)
    raises("view is read-only", v.fill, v, 1)
    assert.same({ "abc" }, capi.blocks(id))
  end)

  it("takes no bytes, at an address or at none", function()
    for _, null in ipairs { false, true } do
      local v, id = capi.export { bytes = "", null = null, size = 0 }
      assert.equal(0, #v)
      assert.equal("", v:tobytes())
      v:release()
      local size, pointer = capi.given(id)
      assert.equal(0, size)
      assert.equal(not null, pointer)
      assert.equal(1, capi.calls(id))
    end
  end)

  it("refuses NULL with a size, and a size that no address space has", function()
    raises("buf is NULL", capi.export, { bytes = "abc", null = true })
    assert.equal(1, capi.calls(capi.last()))
    raises("bad buffer description", capi.export, { bytes = "abc", size = -1 })
    assert.equal(1, capi.calls(capi.last()))
  end)

  it("does without a callback", function()
    local v, id = capi.export { bytes = "abc", silent = true }
    local w = v:sub(2)
    assert.equal(0, capi.revoke(id))
    assert.is_true(w.released)
    assert.equal(0, capi.calls(id))
  end)

  it("gives handles that are never 0 and never come twice", function()
    local seen = { [0] = true }
    for _ = 1, 2000 do
      local v, id = capi.export { bytes = "" }
      local handle = capi.handle(id)
      assert.is_nil(seen[handle])
      seen[handle] = true
      v:release()
    end
  end)

  it("takes no more memory for exports that come and go than for those that stay", function()
    local grown = inown [[
      local keep = {}
      for k = 1, 300 do keep[k] = capi.export { bytes = "stays" } end
      assert(capi.churn(3000) == 3000)
      collectgarbage() collectgarbage()
      local used = capi.used()
      assert(capi.churn(30000) == 30000)
      collectgarbage() collectgarbage()
      return capi.used() - used
    ]]
    assert(tonumber(grown) <= 0, grown .. " bytes more")
  end)
end)

-- Release callbacks --------------------------------------------------------------------------------------------

describe("a release callback", function()
  it("runs when the last view goes, in whatever order they go", function()
    for order = 1, 6 do
      local v, id = export "abcdef"
      local views = { v, v:sub(2, 3), v:cast "H" }
      v = nil -- luacheck: ignore 311
      for k = 1, 3 do
        assert.equal(0, capi.calls(id))
        table.remove(views, (order + k) % #views + 1):release()
      end
      assert.equal(1, capi.calls(id))
      assert.equal(6, (capi.given(id)))
      assert.equal(0, capi.revoke(id))
      assert.equal(1, capi.calls(id))
    end
  end)

  it("runs at the end of a scope, and by collection", function()
    local id
    do
      local v <close>, n = export "abc"
      id = n
      assert.equal(3, #v)
    end
    assert.equal(1, capi.calls(id))
    local function drop() return select(2, export "abc") end
    id = drop()
    collect()
    assert.equal(1, capi.calls(id))
  end)

  it("runs when it is revoked, with views or without", function()
    local v, id = export "abc"
    assert.equal(0, capi.revoke(id))
    assert.equal(1, capi.calls(id))
    v:release()
    assert.equal(0, capi.revoke(id))
    collect()
    assert.equal(1, capi.calls(id))
  end)

  it("runs when the state is closed", function()
    local first = capi.last()
    inown [[
      kept = capi.export { bytes = "kept" }
      part = capi.export({ bytes = "a part of it" }):sub(2, 3)
      dropped = nil, capi.export { bytes = "dropped" }
      held = capi.acquire((capi.export { bytes = "held" }))
      capi.revoke(select(2, capi.export { bytes = "revoked" }))
      capi.export({ bytes = "released" }):release()
      co = coroutine.wrap(function() capi.yieldholding((capi.export { bytes = "in a coroutine" })) end)
      co()
      capi.export { bytes = "silent", silent = true }
    ]]
    local silent = capi.last()
    assert.equal(0, capi.calls(silent))
    for id = first + 1, silent - 1 do assert.equal(1, capi.calls(id)) end
    assert.equal(7, silent - 1 - first)
  end)

  it("runs for exports that finalizers make while the state is closed", function()
    local first = capi.last()
    capi.run(build.prelude() .. [[
      setmetatable({}, { __gc = function() pcall(capi.export, { bytes = "made last" }) end })
      require "memview"
      setmetatable({}, { __gc = function() pcall(capi.export, { bytes = "made late" }) end })
    ]])
    assert.equal(2, capi.last() - first)
    allcalled(1, first)
  end)

  it("runs once for an export that is refused", function()
    raises("bad format", describeview, { bytes = "abc", shape = { 3 }, format = "Hyz" })
    assert.equal(1, capi.calls(capi.last()))
    local size, pointer = capi.given(capi.last())
    assert.equal(3, size)
    assert.is_true(pointer)
  end)

  it("runs once wherever memory runs out in the export", function()
    local first, n, done = capi.last(), 0, nil
    repeat
      done = inown(([[
        local one, two = { bytes = "bytes", writable = true },
          { bytes = ("r"):rep(48), shape = { 2, 4 }, format = "T{B:x:(2)H:y:}", itemsize = 6, len = 48 }
        capi.failafter(%d)
        local ok, v = pcall(capi.export, one)
        local a = capi.last()
        local ok2, w = pcall(capi.describe, two)
        local b = capi.last()
        capi.failafter()
        assert(ok or tostring(v):find("not enough memory", 1, true), v)
        assert(ok2 or tostring(w):find("not enough memory", 1, true), w)
        assert(a == b or not capi.tried(b) or capi.calls(b) == (ok2 and 0 or 1))
        assert(not capi.tried(a) or capi.calls(a) == (ok and 0 or 1))
        return ok and ok2
      ]]):format(n))
      n = n + 1
    until done == "true"
    assert(n > 10)
    allcalled(1, first)
  end)

  it("may revoke its own memory, or other memory", function()
    local v, id = export "abc"
    capi.oncallback(id, "revokeself")
    assert.equal(0, capi.revoke(id))
    assert.is_true(v.released)
    assert.equal(1, capi.calls(id))
    local w, other = export "def"
    v, id = export "abc"
    capi.oncallback(id, "revoke", other)
    v:release()
    assert.is_true(w.released)
    assert.same({ 1, 1 }, { capi.calls(id), capi.calls(other) })
  end)

  it("may revoke what revokes it", function()
    local _, one = export "abc"
    local _, two = export "def"
    capi.oncallback(one, "revoke", two)
    capi.oncallback(two, "revoke", one)
    assert.equal(0, capi.revoke(one))
    assert.same({ 1, 1 }, { capi.calls(one), capi.calls(two) })
  end)

  it("may release what a consumer holds", function()
    local w, other = export "def"
    local held = capi.acquire(w)
    local v, id = export "abc"
    capi.oncallback(id, "release", held)
    assert.equal(1, capi.revoke(other))
    v:release()
    assert.equal(1, capi.result(id))
    assert.is_true(capi.isempty(held))
    assert.equal(0, capi.revoke(other))
  end)

  it("may end the last pin of the memory that is being released", function()
    local v, id = export "abc"
    local held = capi.acquire(v)
    capi.oncallback(id, "release", held)
    v:release()
    capi.release(held)
    assert.equal(1, capi.calls(id))
  end)

  it("may export and consume other memory", function()
    for _, how in ipairs { "revoke", "release", "collect" } do
      local v, id = export "abc"
      capi.oncallback(id, "export")
      local w, id2 = export "abc"
      capi.oncallback(id2, "consume")
      if how == "revoke" then capi.revoke(id) capi.revoke(id2)
      elseif how == "release" then v:release() w:release() end
      v, w = nil, nil -- luacheck: ignore 311
      collect()
      assert.same({ 1, 1, 1, 5 }, { capi.calls(id), capi.calls(id2), capi.result(id), capi.result(id2) })
      assert.equal(1, capi.calls(capi.last()))
    end
  end)

  it("may do all that while the state is closed", function()
    local first = capi.last()
    inown [[
      local v, id = capi.export { bytes = "abc" }
      local w, other = capi.export { bytes = "def" }
      local x, third = capi.export { bytes = "ghi" }
      held = capi.acquire(w)
      capi.oncallback(id, "release", held)
      capi.oncallback(other, "revoke", id)
      capi.oncallback(third, "consume")
      all = { v, w, x, held }
    ]]
    allcalled(1, first)
  end)
end)

-- Revoke ----------------------------------------------------------------------------------------------------------

describe("memview_revoke()", function()
  it("turns every view of the memory, and every view of those, into a released one", function()
    local v, id = describeview { bytes = ("xy"):rep(24), shape = { 2, 3, 4 }, format = "T{B:a:B:b:}" }
    local views = {
      v, memview(v), v[1], v[1][2], v:get(1, 2, 3), v:sub(2), v:slice(1, { 1, 2 }), v:cast("B"), v:cast("H", { 12, 2 }),
      v:reshape(24), v:transpose(), v:field "b", v:toreadonly(), v:tocontiguous(), v:field("a"):slice({}, 2):transpose(),
    }
    local copies = { v:clone(), v:transpose():tocontiguous("C") }
    for _, w in ipairs(views) do assert.is_false(w.released) end
    assert.equal(0, capi.revoke(id))
    for k, w in ipairs(views) do
      assert.is_true(w.released, k)
      assert.equal("memview.View: (released)", tostring(w))
      raises(released, w.tobytes, w)
      raises(released, function() return w[1] end)
      raises(released, memview, w)
      w:release()
    end
    for _, w in ipairs(copies) do assert.equal(48, #w:tobytes()) end
  end)

  it("reaches views in other coroutines, while they use them", function()
    local v, id = export "abcdef"
    local function user(f) return coroutine.create(function() f(v:sub(2)) end) end
    local users = {
      user(function(w) for _, x in ipairs(w) do coroutine.yield(x) end end),
      user(function(w) for _, x in pairs(w) do coroutine.yield(x) end end),
      user(function(w) table.sort(w, function() coroutine.yield(98) end) end),
      user(function(w) coroutine.yield(w[1]) return #w end),
    }
    users[3] = user(function(w) local x <close> = w coroutine.yield(x[1]) x[1] = 2 end)
    for _, co in ipairs(users) do assert.same({ true, 98 }, { coroutine.resume(co) }) end
    assert.equal(0, capi.revoke(id))
    for _, co in ipairs(users) do
      local ok, message = coroutine.resume(co)
      assert.is_false(ok)
      assert.is_truthy(message:find(released, 1, true), message)
    end
  end)

  it("gives 0 for what was revoked before, or is gone, or never was a handle", function()
    local v, id = export "abc"
    assert.same({ 0, 0, 0 }, { capi.revoke(id), capi.revoke(id), capi.revoke(id) })
    local _, gone = export "abc"
    v = nil -- luacheck: ignore 311
    collect()
    assert.equal(0, capi.revoke(gone))
    local w, live = export "abc"
    local handle = capi.handle(live)
    for _, wrong in ipairs { 0, -1, handle + (1 << 32), handle ~ (1 << 63), handle + 1000000, 1 << 62, 1 << 32 } do
      assert.equal(0, capi.revokehandle(wrong))
    end
    assert.is_false(w.released)
    assert.same({ 1, 1, 0 }, { capi.calls(id), capi.calls(gone), capi.calls(live) })
  end)

  it("does not take new memory for old, where the place of a handle is used again", function()
    local _, id = export "old"
    capi.revoke(id)
    local views = {}
    for k = 1, 50 do views[k] = export "new" end
    assert.equal(0, capi.revoke(id))
    for _, v in ipairs(views) do assert.is_false(v.released) end
  end)

  it("is refused while consumers hold the memory, and says how many", function()
    local v, id = export "abc"
    local held = { capi.acquire(v), capi.acquire(v:sub(2)), capi.acquire(v:cast("c")) }
    for n = 3, 1, -1 do
      assert.equal(n, capi.revoke(id))
      assert.is_false(v.released)
      assert.equal("abc", v:tobytes())
      capi.release(table.remove(held))
    end
    assert.equal(0, capi.calls(id))
    assert.equal(0, capi.revoke(id))
    assert.is_true(v.released)
    assert.equal(1, capi.calls(id))
  end)

  it("leaves other memory alone", function()
    local v, id = export "abc"
    local w = export "abc"
    assert.is_true(v == w)
    capi.revoke(id)
    assert.equal("abc", w:tobytes())
    assert.is_false(w == v)
    assert.is_true(v == v)
  end)

  it("may come in the middle of any call that runs Lua code", function()
    local uses = {
      function(v, t) v:copyfrom(t.rows) end,
      function(v, t) v:cast("B"):copyfrom(t.exporter) end,
      function(v, t) v:cast("B"):copyfrom(t.exporter, 1) end,
      function(v, t) v[1] = t.list end,
      function(v, t) v:cast("8s"):set(1, t.exporter) end,
      function(v, t) v:cast("8s")[1] = t.exporter end,
      function(v, t) v:cast("8s"):fill(t.exporter) end,
      function(v, t) v:equals(t.exporter) end,
      function(v, t) v:compare(t.exporter) end,
      function(v, t) return v .. t.exporter end,
      function(v, t) return t.exporter .. v end,
      function(v, t) v:cast("B"):find(t.exporter) end,
      function(v, t) v:cast("8s"):index(t.exporter) end,
      function(v, t) v:slice(t.list) end,
      function(v, t) v:cast("H", t.list) end,
      function(v, t) memview.buffer():append(v, t.exporter) end,
      function(v, t) memview.struct.pack_into("8s", v, 1, t.exporter) end,
    }
    for k, use in ipairs(uses) do
      local v, id = describeview { bytes = "abcdefgh", shape = { 2, 2 }, format = "H" }
      local function giving(x) return function() capi.revoke(id) return x end end
      local two = giving(2)
      local ok, message = pcall(use, v, {
        exporter = setmetatable({}, { __buffer = giving "abcdefgh" }),
        list = setmetatable({}, { __len = two, __index = two }),
        rows = setmetatable({}, { __len = two, __index = giving { 2, 2 } }),
      })
      assert.is_true(v.released, k)
      assert.equal(1, capi.calls(id))
      assert.is_false(ok, k)
      assert.is_truthy(tostring(message):find(released, 1, true), message)
    end
  end)

  it("may come from a finalizer that a long call runs", function()
    local raised = 0
    local function use(v)
      v:tolist() v:unpack() v:hex("-") v:sub(1, -1, 2):tobytes() v:clone() v:copyfrom(v:tolist())
    end
    collecting("generational", function()
      for _ = 1, 60 do
        local v, id = describeview { bytes = ("abcdefgh"):rep(200), shape = { 400 }, format = "4s" }
        setmetatable({}, { __gc = function() capi.revoke(id) end })
        local ok, message = pcall(use, v)
        if not ok then
          assert.is_truthy(message:find(released, 1, true), message)
          raised = raised + 1
        end
      end
    end)
    assert(raised > 0)
  end)

  it("leaves a view to finalizers that come after", function()
    local v, id = export "abc"
    local saved
    setmetatable({ v = v }, { __gc = function(object) saved = object.v end })
    v = nil -- luacheck: ignore 311
    capi.revoke(id)
    collect()
    assert.is_true(saved.released)
    raises(released, function() saved[1] = 1 end)
    saved:release()
    assert.equal(1, capi.calls(id))
  end)
end)

-- Full descriptions ---------------------------------------------------------------------------------------------------

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
      local v = describeview { bytes = bytes, at = -low, shape = shape, strides = strides, format = format, itemsize = size }
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
  local bad = {
    ["ndim must be 0 to 64"] = {
      { ndim = -1, len = 4 }, { ndim = 65, shape = {} }, { ndim = -2147483648, shape = { 1 } },
      { ndim = 1000000, len = 4 },
    },
    ["no shape"] = { { ndim = 2, len = 4 }, { ndim = 64, len = 1 } },
    ["len is negative"] = { { len = -1 }, { len = math.mininteger }, { len = -4, shape = { 4 } } },
    ["a length is negative"] = {
      { shape = { -1 }, len = 1 }, { shape = { -2, -2 }, len = 4 }, { shape = { 2, math.mininteger }, len = 0 },
      { shape = { 0, -1 }, len = 0 },
    },
    ["the shape is too large"] = {
      { shape = { 1 << 32, 1 << 32 }, len = 0 }, { shape = { most, 2 }, len = -2 & most }, { shape = { most, most, 2 } },
      { shape = { 1 << 61 }, itemsize = 8, format = "d", len = 0 },
    },
    ["len is not the product"] = {
      { shape = { 4 }, len = 5 }, { shape = { 4 }, len = 3 }, { shape = { 2, 2 }, len = 0 }, { shape = { 0, 4 }, len = 4 },
      { shape = {}, len = 0 }, { len = 3, itemsize = 2, format = "H" },
    },
    itemsize = {
      { itemsize = 2, len = 4 }, { itemsize = 0, len = 4 }, { itemsize = -1, len = 4 }, { itemsize = 1, format = "H", len = 4 },
      { itemsize = most, format = "B", len = 4 }, { itemsize = 4, format = "T{<h:x:B:y:}", len = 4 },
    },
    ["bad format 'Hyz' at position 2: unknown letter 'y'"] = { { format = "Hyz", len = 4 } },
    ["format"] = {
      { format = "", len = 4 }, { format = "T{", len = 4 }, { format = "x", len = 4 }, { format = "0s", itemsize = 0, len = 0 },
      { format = ("B"):rep(70000), len = 4 }, { format = "\255", len = 4 }, { format = "(2)B", itemsize = 2, len = 4 },
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
      { bytes = { { bytes = "abcd", at = 3 } }, shape = { 1, 4 }, strides = { P, -1 }, suboffsets = { 0, -1 } },
      { bytes = { { bytes = "abcd", at = 3 } }, shape = { 1, 2, 2 }, strides = { P, 2, -3 }, suboffsets = { 2, -1, -1 } },
    },
    ["buf is NULL"] = { { null = true, shape = { 4 } }, { null = true, shape = { 1 }, strides = { 0 } } },
  }

  for text, list in pairs(bad) do
    it("refuses a description where " .. text:gsub("^bad (%S+).*", "the %1 is bad"):gsub("^(%l+)$", "the %1 is wrong"),
      function()
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

-- Consuming -------------------------------------------------------------------------------------------------------

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
          or (has(flags, capi.ANY) and not v.contiguous) or (not has(flags, capi.INDIRECT) and v.suboffsets ~= nil)
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
    local n, done = 0, nil
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
    collecting("generational", function()
      for k = 1, 200 do
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
    local fake = io.tmpfile()
    assert.is_true(capi.check(v))
    v:release()
    assert.is_true(capi.check(v))
    for _, x in ipairs { "abc", 7, true, {}, print, fake, memview.buffer "abc", setmetatable({}, { __name = "memview.View" }),
      coroutine.create(print), capi.guard(capi.acquire "abc"), capi.api() } do
      assert.is_false(capi.check(x))
    end
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

-- Descriptions ----------------------------------------------------------------------------------------------------------

describe("memview_iscontiguous()", function()
  it("says what the attributes say", function()
    for name, v in pairs(zoo()) do
      local held = capi.acquire(v, capi.INDIRECT)
      for _, order in ipairs(orders) do assert.equal(contiguous(v, order), capi.iscontiguous(held, order), name .. order) end
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
      for _, order in ipairs(orders) do assert.equal(v:tobytes(order), capi.tocontiguous(held, order), name .. order) end
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
      { len = 3, shape = { 3 }, strides = { most } }, { len = 3, shape = { 3 }, strides = { math.mininteger } },
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
      for _, attribute in ipairs { "format", "itemsize", "ndim", "shape", "strides", "suboffsets", "readonly" } do
        assert.same(v[attribute], w[attribute], name)
      end
      assert.is_true(v:equals(w), name)
      w:release()
      capi.release(held)
    end
  end)
end)

-- The end of a state -------------------------------------------------------------------------------------------------------

describe("lua_close", function()
  it("gives everything back once, whatever the order of the finalizers", function()
    local random = helpers.random(3)
    local things = {
      "local v = capi.export { bytes = 'abc' } keep[#keep + 1] = v",
      "local v = capi.export { bytes = 'abcdef' } keep[#keep + 1] = v:sub(2) keep[#keep + 1] = capi.acquire(v)",
      "local v = capi.describe { bytes = { 'abc', 'def' }, len = 6, shape = { 2, 3 }, strides = { P, 1 }, "
        .. "suboffsets = { 0, -1 } } keep[#keep + 1] = v[1] keep[#keep + 1] = capi.acquire(v[2])",
      "keep[#keep + 1] = coroutine.wrap(function() capi.yieldholding(memview(last or 'abc')) end) keep[#keep]()",
      "local b = memview.buffer 'abc' keep[#keep + 1] = capi.acquire(b) keep[#keep + 1] = b last = b",
      "last = capi.export { bytes = 'abc' } keep[#keep + 1] = setmetatable({ last }, { __gc = use })",
      "keep[#keep + 1] = setmetatable({ capi.acquire(last or 'abc') }, { __gc = function(t) capi.release(t[1]) end })",
      "local v, id = capi.export { bytes = 'abc' } keep[#keep + 1] = setmetatable({ v }, "
        .. "{ __gc = function() capi.revoke(id) end }) keep[#keep + 1] = v:cast 'c'",
    }
    local first = capi.last()
    for _ = 1, 25 do
      local code = {
        "keep, P = {}, capi.pointersize\n",
        "function use(t) resurrected = t pcall(function() return t[1][1], t[1]:tobytes() end) end\n",
      }
      for k = 1, 12 do code[k + 2] = "do " .. things[random(#things)] .. " end\n" end
      inown(table.concat(code))
    end
    allcalled(1, first)
  end)

  it("lets finalizers use views that are gone: they raise as released", function()
    inown [[
      local v = capi.export { bytes = "abc" }
      local said
      setmetatable({}, { __gc = function() assert(said and said:find("released", 1, true)) print "seen" end })
      local early = setmetatable({}, { __gc = function() end })
      collectgarbage()
      setmetatable({ v }, { __gc = function(t) keep = t end })
      v = nil
      collectgarbage() collectgarbage()
      local ok
      ok, said = pcall(function() return keep[1][1] end)
      assert(not ok and keep[1].released and early)
    ]]
  end)

  it("happens in a process that ends with everything alive", function()
    local text, status = build.run [[
      local memview, capi = require "memview", require "capi"
      v = capi.export { bytes = "one", announce = 1 }
      w = capi.export({ bytes = "two", announce = 2 }):sub(2)
      x = capi.describe { bytes = { "ab", "cd" }, len = 4, shape = { 2, 2 }, strides = { capi.pointersize, 1 },
        suboffsets = { 0, -1 }, announce = 3 }
      row = x[1]
      held = capi.acquire((capi.export { bytes = "four", announce = 4 }))
      co = coroutine.wrap(function() capi.yieldholding((capi.export { bytes = "five", announce = 5 })) end)
      co()
      b = memview.buffer "abc"
      view, heldbuffer = b:view(), capi.acquire(b)
      saved = setmetatable({}, { __gc = function() resurrected = v print(pcall(function() return v.released end)) end })
      print "end"
    ]]
    local seen = {}
    for n in text:gmatch "released (%d)" do seen[tonumber(n)] = (seen[tonumber(n)] or 0) + 1 end
    assert.same({ 1, 1, 1, 1, 1 }, seen, text)
    assert.is_truthy(text:find("^end"), text)
    assert.equal(0, status)
  end)
end)
