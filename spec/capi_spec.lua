-- include/memview.h: what engines export memory with, driven through C modules that see nothing else
-- (spec/capi). capibuffer_spec.lua has full descriptions, and what consumers use.
local helpers = require "helpers"
local memview = require "memview"
local build = require "capi.build"
local engine = require "capi.engine"
local raises, collect = helpers.raises, helpers.collect

local capi = engine.capi

if not capi then
  describe("memview.h", function()
    pending("is not tried: " .. engine.reason)
  end)
  return
end

local export, describeview, inown = engine.export, engine.describe, engine.inown
local allgiven, released = engine.allgiven, engine.released

-- The header -------------------------------------------------------------------------------------------

describe("memview.h", function()
  it("compiles as C99 without a warning", function()
    assert.equal("", engine.printed)
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

  it("is valid C++ where Lua's headers leave it to others to say that they are C", function()
    local _, text = build.module("peercpp", "cpp", "spec/capi/peer.c", "-DPEER_CPP")
    if text == "no compiler" then pending(text) end
    local more = "-DPEER_CPP -Dluaopen_peercpp=luaopen_peerstock -isystem " .. build.stockheaders()
    local peer
    peer, text = build.module("peerstock", "cpp", "spec/capi/peer.c", more)
    assert.equal("", text)
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
    local major, minor = capi.MAJOR, capi.MINOR
    for _, v in ipairs { { major + 1, 0 }, { major - 1, 9 }, { major, minor - 1 }, { -1, -1 } } do
      local ok, message = capi.version(v[1], v[2])
      assert.is_false(ok)
      local text = ("version %d.%d, this module was built for %d.%d"):format(v[1], v[2], major, minor)
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

-- Exporting --------------------------------------------------------------------------------------------

describe("memview_fromobject()", function()
  it("gives what memview(obj) gives, for indices of both signs", function()
    local exporter = setmetatable({}, { __buffer = function() return "by a method" end })
    local matrix = memview.zeros("<h", { 2, 3 }):transpose()
    for _, x in ipairs { "text", memview.buffer "bytes", matrix, exporter } do
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

  it("takes no memory for all the exports that were, but for those that stay", function()
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
    -- some places of exports that are gone may wait to be used again, in proportion to those that stay
    assert(tonumber(grown) < 300 * 160, grown .. " bytes more")
  end)
end)

-- Release callbacks ------------------------------------------------------------------------------------

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
    local _, _, left = capi.run(build.prelude() .. [[
      local function export() local v <close> = capi.export { bytes = "made at the end" } end
      last = setmetatable({}, { __gc = function() pcall(export) end })
      require "memview"
      setmetatable({}, { __gc = export })
    ]])
    assert.equal(2, capi.last() - first)
    allgiven(first)
    assert.equal(0, left)
  end)

  it("runs for exports that finalizers make and keep while the state is closed", function()
    -- Lua sets no finalizers any more then: the view's own few bytes are lost with the state
    if os.getenv "MEMVIEW_SANITIZER" then pending "a leak of Lua's making" end
    local first = capi.last()
    capi.run(build.prelude() .. [[
      require "memview"
      local function atend(f) setmetatable({}, { __gc = f }) end
      atend(function() kept = capi.export { bytes = "made at the end" } end)
      atend(function() heldtoo = capi.acquire((capi.export { bytes = "made at the end" })) end)
    ]])
    assert.equal(2, capi.last() - first)
    allgiven(first)
  end)

  it("runs once for an export that is refused", function()
    raises("bad format", describeview, { bytes = "abc", shape = { 3 }, format = "Hyz" })
    assert.equal(1, capi.calls(capi.last()))
    local size, pointer = capi.given(capi.last())
    assert.equal(3, size)
    assert.is_true(pointer)
  end)

  it("runs once wherever memory runs out in the export", function()
    local first, n, done = capi.last(), 0, nil -- luacheck: ignore 311
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
    allgiven(first)
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
    allgiven(first)
  end)
end)

-- Revoke -----------------------------------------------------------------------------------------------

describe("memview_revoke()", function()
  it("turns every view of the memory, and every view of those, into a released one", function()
    local v, id = describeview { bytes = ("xy"):rep(24), shape = { 2, 3, 4 }, format = "T{B:a:B:b:}" }
    local views = {
      v, memview(v), v[1], v[1][2], v:get(1, 2, 3), v:sub(2), v:slice(1, { 1, 2 }), v:cast "B",
      v:cast("H", { 12, 2 }), v:reshape(24), v:transpose(), v:field "b", v:toreadonly(), v:tocontiguous(),
      v:field("a"):slice({}, 2):transpose(),
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
    local _, id = export "abc"
    assert.same({ 0, 0, 0 }, { capi.revoke(id), capi.revoke(id), capi.revoke(id) })
    local function drop() return select(2, export "abc") end
    local gone = drop()
    collect()
    assert.equal(0, capi.revoke(gone))
    local w, live = export "abc"
    local handle = capi.handle(live)
    local wrongs = { 0, -1, handle + (1 << 32), handle ~ (1 << 63), handle + 1000000, 1 << 62, 1 << 32 }
    for _, wrong in ipairs(wrongs) do
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
    engine.collecting("generational", function()
      for k = 1, 3000 do                        -- when the collector comes depends on the heap
        if k > 60 and raised > 0 then break end
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

-- The end of a state -----------------------------------------------------------------------------------

describe("lua_close", function()
  it("gives everything back once, whatever the order of the finalizers", function()
    local random = helpers.random(3)
    local things = {
      "keep((capi.export { bytes = 'abc' }))",
      "local v = capi.export { bytes = 'abcdef' } keep(v:sub(2)) keep(capi.acquire(v))",
      "local v = capi.describe { bytes = { 'abc', 'def' }, len = 6, shape = { 2, 3 }, strides = { P, 1 }, "
        .. "suboffsets = { 0, -1 } } keep(v[1]) keep(capi.acquire(v[2], capi.C))",
      "keep(coroutine.wrap(function() capi.yieldholding(memview(last or 'abc')) end))()",
      "last = memview.buffer 'abc' keep(capi.acquire(last)) keep(last)",
      "last = capi.export { bytes = 'abc' } keep(last, use)",
      "keep(capi.acquire(last or 'abc'), function(t) capi.release(t[1]) end)",
      "local v, id = capi.export { bytes = 'abc' } keep(v, function() capi.revoke(id) end) keep(v:cast 'c')",
    }
    local first = capi.last()
    for _ = 1, 25 do
      local code = {
        "all, P = {}, capi.pointersize\n",
        "function keep(x, gc) all[#all + 1] = gc and setmetatable({ x }, { __gc = gc }) or x return x end\n",
        "function use(t) resurrected = t pcall(function() return t[1][1], t[1]:tobytes() end) end\n",
      }
      for k = 1, 12 do code[k + 3] = "do " .. things[random(#things)] .. " end\n" end
      inown(table.concat(code))
    end
    allgiven(first)
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
      x = capi.describe {
        bytes = { "ab", "cd" }, len = 4, shape = { 2, 2 }, strides = { capi.pointersize, 1 },
        suboffsets = { 0, -1 }, announce = 3,
      }
      row = x[1]
      held = capi.acquire((capi.export { bytes = "four", announce = 4 }))
      co = coroutine.wrap(function() capi.yieldholding((capi.export { bytes = "five", announce = 5 })) end)
      co()
      b = memview.buffer "abc"
      view, heldbuffer = b:view(), capi.acquire(b)
      saved = setmetatable({}, { __gc = function() resurrected = v print(v.released, v[1] == nil) end })
      print "end"
    ]]
    local seen = {}
    for n in text:gmatch "released (%d)" do seen[tonumber(n)] = (seen[tonumber(n)] or 0) + 1 end
    assert.same({ 1, 1, 1, 1, 1 }, seen, text)
    assert.is_truthy(text:find("^end"), text)
    assert.equal(0, status)
  end)
end)
