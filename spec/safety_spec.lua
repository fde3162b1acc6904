-- Nothing a script can do crashes: locked metatables, wrong selves, garbage, extreme integers, memory.
local memview = require "memview"
local helpers = require "helpers"
local raises = helpers.raises

local function exporter(f) return setmetatable({}, { __buffer = f }) end

local function deadview()
  local v = memview "abc"
  v:release()
  return v
end

local function deadbuffer()
  local b = memview.buffer "abc"
  b:release()
  return b
end

local lightvalue = debug.upvalueid(deadview, 1)

local tempfile = assert(io.tmpfile())

local function withmeta(meta) return setmetatable({}, meta) end

--- Makers of values of every type that export nothing; each call gives a fresh one.
local plain = {
  function() return nil end, function() return true end, function() return false end,
  function() return 0 end, function() return 1 end, function() return -1 end, function() return 7 end,
  function() return 256 end, function() return 1.5 end, function() return -0.0 end,
  function() return 0 / 0 end,
  function() return math.huge end, function() return -math.huge end, function() return math.maxinteger end,
  function() return math.mininteger end, function() return 1 << 62 end, function() return -1 << 62 end,
  function() return (1 << 61) + 1 end, function() return 2.0 ^ 53 end, function() return 2.0 ^ 63 end,
  function() return {} end, function() return { 1, 2, 3 } end, function() return { { 1, 2 }, { 3, 4 } } end,
  function() return { 1, { 2 } } end, function() return { -1 } end, function() return { "a", "b", "c" } end,
  function() return { math.maxinteger, math.maxinteger } end,
  function() return { 1 << 31, 1 << 31, 1 << 31 } end,
  function() return { math.mininteger } end, function() return { 0, math.maxinteger, math.maxinteger } end,
  function() return { nil, nil, math.mininteger } end,
  function() return { math.mininteger, math.maxinteger, math.maxinteger } end,
  function() local t = {} t[1] = t return t end,
  function() return withmeta { __len = function() return 1 << 62 end } end,
  function() return withmeta { __len = function() return -5 end } end,
  function() return withmeta { __len = function() error "no length" end } end,
  function() return withmeta { __len = function() return 3 end, __index = function() error "none" end } end,
  function() return print end, function() return exporter end, function() return coroutine.create(print) end,
  function() return tempfile end, function() return lightvalue end,
}

--- Makers of values that have bytes, or say so.
local exporters = {
  function() return "" end, function() return "B" end, function() return "<H" end,
  function() return "abc" end,
  function() return "C" end, function() return "3" end, function() return "\0\255" end,
  function() return "T{<h:x:(2,2)d:y:}" end, function() return ("B"):rep(300) end,
  function() return ("T{"):rep(300) end, function() return "9223372036854775807s" end,
  function() return memview "abc" end, function() return memview.array("B", { 1, 2, 3 }) end,
  function() return memview.zeros("<H", { 3, 2 }) end,
  function() return memview.zeros("<H", { 3, 2 }):transpose() end,
  function() return memview.zeros("d", {}) end,
  function() return memview.zeros("?", { 2, 0 }) end, deadview,
  function() return memview.zeros("3s", 4):sub(nil, nil, -2) end,
  function() return memview.buffer "abc":view() end,
  function() return memview.buffer "abcdefgh":view():cast "H" end,
  function() return memview.buffer "abc" end, function() return memview.buffer() end, deadbuffer,
  function() return exporter(function() return "abc" end) end,
  function() return exporter(function() error "no bytes" end) end,
  function() return exporter(function() return 5 end) end,
  function() return exporter(function(self) return self end) end,
  function() return exporter(function() return memview.zeros("f", { 2, 2 }) end) end,
}

local makers = {}
table.move(plain, 1, #plain, 1, makers)
table.move(exporters, 1, #exporters, #makers + 1, makers)

--- The public functions of the module, in order; a later `map` would open files by these names.
local function publicfunctions()
  local list = {}
  for name, f in pairs(memview) do
    if type(f) == "function" and name ~= "map" then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

--- The names that Buffers answer to.
local buffermethods = { "append", "insert", "remove", "resize", "reserve", "clear", "tobytes", "sub", "view",
  "find", "hex", "equals", "compare", "release" }

--- Every table of metamethods of the library that the debug library can reach, as keys;
-- the value is what memview.type says of its objects.
local function metatables()
  local found = {}
  for _, value in pairs(debug.getregistry()) do
    local name = type(value) == "table" and rawget(value, "__name")
    if type(name) == "string" and name:find "^memview" then found[value] = name:lower():match "%a+$" end
  end
  for _, make in ipairs(makers) do
    local object = make()
    local kind = memview.type(object)
    if kind then found[debug.getmetatable(object)] = kind end
  end
  return found
end

--- Calls f; it may work or raise a string.
local function contained(what, f, ...)
  local ok, message = pcall(f, ...)
  if not ok and type(message) ~= "string" then
    error(("%s raised a %s: %s"):format(what, type(message), tostring(message)), 2)
  end
  return ok
end

describe("metatables", function()
  it("are locked: getmetatable gives a name", function()
    local objects = { memview "abc", memview.buffer(), memview.zeros("d", {}), deadview(), deadbuffer() }
    for _, object in ipairs(objects) do
      assert.equal("string", type(getmetatable(object)))
    end
    assert.not_equal(getmetatable(memview "abc"), getmetatable(memview.buffer()))
  end)

  it("are locked: setmetatable fails", function()
    for _, object in ipairs { memview "abc", memview.buffer() } do
      raises("", setmetatable, object, {})
      raises("", setmetatable, object, nil)
    end
  end)

  it("have the metamethods that Lua's library wants, as fields", function()
    local wanted = { "__index", "__newindex", "__len", "__eq", "__concat", "__pairs", "__close",
      "__tostring" }
    for _, object in ipairs { memview "abc", memview.buffer() } do
      local meta = debug.getmetatable(object)
      for _, name in ipairs(wanted) do
        assert.equal("function", type(rawget(meta, name)), name)
      end
      assert.equal("string", type(rawget(meta, "__name")))
    end
  end)
end)

describe("metamethods called by hand", function()
  local binary = { __concat = true, __eq = true, __lt = true, __le = true }
  local arguments = { 1, "x", 1, 1 }

  --- Has to raise; two numbers may be joined, and what is no view is equal to nothing.

  local function wrongself(where, f, name, self)
    local ok, message = pcall(f, self, table.unpack(arguments))
    local fine = not ok and type(message) == "string" or name == "__eq" and message == false
      or name == "__concat" and type(self) == "number" and message == self .. "1"
    assert(fine, ("%s accepted %s, a %s: %s"):format(name, where, type(self), tostring(message)))
  end

  it("raise for a self of any other type", function()
    for meta, kind in pairs(metatables()) do
      for name, f in pairs(meta) do
        if type(f) == "function" then
          for k, make in ipairs(plain) do wrongself("plain " .. k, f, name, make()) end
          for k, make in ipairs(binary[name] and {} or exporters) do
            local self = make()
            local own = memview.type(self) == kind or debug.getmetatable(self) == meta
            if not own then wrongself("exporter " .. k, f, name, self) end
          end
          raises("", f)
        end
      end
    end
  end)

  it("never crash, whatever stands in either place", function()
    local random, seed = helpers.random(82)
    for meta in pairs(metatables()) do
      for name, f in pairs(meta) do
        if type(f) == "function" then
          for _, second in ipairs(makers) do
            for _ = 1, 5 do
              local from = random(3) == 1 and plain or exporters
              contained(name .. ", seed " .. seed, f, from[random(#from)](), second(), 1)
            end
          end
        end
      end
    end
  end)

  it("do no harm on their own kind, even finalizers, and even twice", function()
    local kinds = { function() return memview "abc" end, function() return memview.zeros("d", { 2, 2 }) end,
      function() return memview.buffer "abc" end, function() return memview.buffer "abc":view() end }
    for _, make in ipairs(kinds) do
      local meta = debug.getmetatable(make())
      for _, name in ipairs { "__gc", "__close", "__gc" } do
        local f, object = meta[name], make()
        if f then
          local child = memview(object)
          for _ = 1, 3 do contained(name, f, object) end
          contained("use after " .. name, function() return object[1], #object, object:tobytes() end)
          assert.equal(child.nbytes, #child:tobytes())
          child:release()
        end
      end
    end
  end)

  it("leave a viewed Buffer's memory alone when its finalizer is called by hand", function()
    local b = memview.buffer(("x"):rep(10000))
    local v = b:view()
    local finalize = debug.getmetatable(b).__gc
    if finalize then contained("__gc", finalize, b) end
    memview.buffer(10000):view():fill(1)
    assert.equal(("x"):rep(10000), v:tobytes())
  end)

  it("are not fooled by a metatable put on something else", function()
    local strangers = { function() return {} end, function() return tempfile end,
      function() return coroutine.create(print) end }
    for meta in pairs(metatables()) do
      for _, make in ipairs(strangers) do
        local object = make()
        local before = debug.getmetatable(object)
        debug.setmetatable(object, meta)
        for _, name in ipairs(publicfunctions()) do contained(name, memview[name], object, 1) end
        contained("read", function() return object[1] end)
        contained("write", function() object[1] = 1 end)
        contained("length", function() return #object end)
        contained("concat", function() return object .. "x" end)
        contained("tostring", tostring, object)
        raises("", memview.view, object)
        debug.setmetatable(object, before)
      end
    end
  end)

  it("are not fooled by each other's metatables", function()
    local v, b = memview "abc", memview.buffer "abc"
    local viewmeta, buffermeta = debug.getmetatable(v), debug.getmetatable(b)
    finally(function()
      debug.setmetatable(v, viewmeta)
      debug.setmetatable(b, buffermeta)
    end)
    debug.setmetatable(v, buffermeta)
    debug.setmetatable(b, viewmeta)
    for _, object in ipairs { v, b } do
      for _, name in ipairs(buffermethods) do
        contained(name, function() return object[name](object, 1, 1) end)
      end
      contained("read", function() return object[1] end)
      contained("write", function() object[1] = 1 end)
      contained("tostring", tostring, object)
    end
    assert.equal("view", memview.type(v))
    assert.equal("buffer", memview.type(b))
  end)

  it("hide no function behind them that a wrong self would crash", function()
    for meta in pairs(metatables()) do
      for name, f in pairs(meta) do
        for n = 1, type(f) == "function" and 20 or 0 do
          local upvalue, value = debug.getupvalue(f, n)
          if not upvalue then break end
          if type(value) == "function" then
            for _, make in ipairs(plain) do contained(name, value, make(), 1, 1) end
          end
        end
      end
    end
  end)
end)

describe("garbage", function()
  local random, seed = helpers.random(81)

  local function arguments(first)
    local args = { n = random(0, 4), first }
    for i = first and 2 or 1, args.n do args[i] = makers[random(#makers)]() end
    return args
  end

  it("given to the functions of the module raises strings at worst", function()
    for _, name in ipairs(publicfunctions()) do
      for _ = 1, 150 do
        local args = arguments()
        contained(name .. " seed " .. seed, memview[name], table.unpack(args, 1, args.n))
      end
    end
  end)

  it("given to the methods of views raises strings at worst", function()
    local views = {}
    for _, make in ipairs(exporters) do
      if memview.type(make()) == "view" then views[#views + 1] = make end
    end
    for _, name in ipairs(publicfunctions()) do
      for _ = 1, 200 do
        local args = arguments(views[random(#views)]())
        contained(name .. " seed " .. seed, memview[name], table.unpack(args, 1, math.max(args.n, 1)))
      end
    end
  end)

  it("given to the methods of Buffers raises strings at worst", function()
    for _, name in ipairs(buffermethods) do
      local f = memview.buffer()[name]
      assert.equal("function", type(f), name)
      for _ = 1, 300 do
        local args = arguments(random(4) > 1 and memview.buffer "abcdefgh" or nil)
        contained(name .. " seed " .. seed, f, table.unpack(args, 1, math.max(args.n, 1)))
      end
    end
  end)

  it("given as a key, value or operand raises strings at worst", function()
    local targets = { function() return memview.array("B", { 1, 2, 3 }) end,
      function() return memview.zeros("d", { 2, 3 }) end, function() return memview.buffer "abc" end,
      function() return memview.zeros("3s", 2) end }
    for _, make in ipairs(targets) do
      for _, other in ipairs(makers) do
        contained("read", function() return make()[other()] end)
        contained("concat", function() return make() .. other() end)
        contained("concat", function() return other() .. make() end)
        assert(contained("==", function() return make() == other() end))
        contained("<", function() return make() < other() end)
        for _, value in ipairs(makers) do
          contained("write", function() make()[other()] = value() end)
        end
      end
    end
  end)

  it("in the place of self raises and names the argument", function()
    for _, name in ipairs { "sub", "cast", "tobytes", "shape", "copyfrom", "release" } do
      for _, self in ipairs { 5, true, {}, print, io.stdout } do
        raises("bad argument #1", memview[name], self)
      end
    end
    for _, name in ipairs(buffermethods) do
      local b = memview.buffer()
      for _, self in ipairs { 5, true, {}, print, io.stdout, "abc" } do raises("", b[name], self, 1, 1) end
    end
  end)
end)

describe("extreme integers", function()
  local text = "abcde"
  local extremes = { math.maxinteger, math.mininteger, math.maxinteger - 1, math.mininteger + 1, 1 << 62,
    -1 << 62, 1 << 32, -1 << 32, (1 << 32) + 1, 1 << 31, -1 << 31, (1 << 31) - 1, 6, -6, 0, 3, -3 }

  it("in ranges are clamped as in string.sub", function()
    local v, b = memview(text), memview.buffer(text)
    for _, i in ipairs(extremes) do
      for _, j in ipairs(extremes) do
        -- string.sub itself wraps where sizes have 32 bits
        local want = text:sub(math.max(math.min(i, 9), -9), math.max(math.min(j, 9), -9))
        assert(v:tobytes(i, j) == want and v:sub(i, j):tobytes() == want)
        assert(v:slice({ i, j }):tobytes() == want)
        assert(b:tobytes(i, j) == want and b:sub(i, j):tobytes() == want)
        assert(string.char(table.unpack(v:tolist(i, j))) == want and string.char(v:unpack(i, j)) == want)
        assert(v:clone():fill(0, i, j):count(0) == #want and v:count(99, i, j) == (want:find "c" and 1 or 0))
        assert(v:index(99, i, j) == (want:find "c" and 3 or nil))
        assert(#memview.buffer(text):remove(i, j) == 5 - #want)
      end
    end
  end)

  it("as steps take the first item of the range at most", function()
    local v = memview(text)
    for _, step in ipairs { math.maxinteger, 1 << 62, 1 << 32, 5 } do
      assert.equal("a", v:sub(1, -1, step):tobytes())
      assert.equal("b", v:slice({ 2, nil, step }):tobytes())
      assert.equal("e", v:sub(nil, nil, -step):tobytes())
      assert.equal("", v:sub(4, 3, step):tobytes())
    end
    assert.equal("e", v:sub(nil, nil, math.mininteger):tobytes())
    assert.equal("e", v:sub(math.maxinteger, math.mininteger, math.mininteger):tobytes())
    assert.equal("ad", v:sub(math.mininteger, math.maxinteger, 3):tobytes())
    local wide = memview.array("d", { 1, 2, 3 })
    for _, step in ipairs { math.maxinteger, math.mininteger, 1 << 60, 1 << 61, -1 << 61 } do
      local one = wide:sub(nil, nil, step)
      assert.equal(1, #one)
      assert.equal(step > 0 and 1.0 or 3.0, one[1])
      assert.equal(1, #one:sub(nil, nil, step):sub(nil, nil, step))
      assert.equal(8, #one:tobytes())
      assert.equal(1, #one:cast("B"):sub(nil, nil, step))
    end
  end)

  it("as indices read nil, write nothing and raise in get and set", function()
    local function refused(what, f, ...) assert(not contained(what, f, ...), what) end
    local kinds = { function() return memview.array("B", { 1, 2 }) end,
      function() return memview.buffer "ab" end,
      function() return memview.zeros("H", { 2, 2 }) end }
    for _, make in ipairs(kinds) do
      for _, i in ipairs(extremes) do
        local object = make()
        assert(object[i] == nil)
        refused("write", function() object[i] = 1 end)
        if memview.type(object) == "view" then
          refused("get", object.get, object, i)
          refused("get", object.get, object, 1, i)
          refused("set", object.set, object, i, 1)
          refused("slice", object.slice, object, i)
          refused("slice", object.slice, object, 1, i)
        end
      end
    end
  end)

  it("as sizes and shapes raise", function()
    local huge = { math.maxinteger, 1 << 62, (1 << 63) - 8, math.mininteger, -1 }
    for _, n in ipairs(huge) do
      raises("", memview.buffer, n)
      for _, format in ipairs { "B", "d", "3s" } do
        raises("", memview.zeros, format, n)
        raises("", memview.zeros, format, { n })
        raises("", memview.zeros, format, { n, 2 })
        raises("", memview.zeros, format, { 2, n, 3 })
        raises("", function() memview(("x"):rep(24)):cast(format, { n == -1 and -2 or n }) end)
        raises("", function() memview(("x"):rep(24)):cast(format, { n, n }) end)
        raises("", function() memview(("x"):rep(24)):cast(format, { 2, n, n == -1 and -1 or 2 }) end)
      end
    end
    raises("", memview.zeros, "B", { 1 << 32, 1 << 32 })
    raises("", memview.zeros, "d", { 1 << 20, 1 << 20, 1 << 20 })
    raises("", memview.zeros, "4611686018427387904s", 2)
    raises("", memview.zeros, "9223372036854775807s", 1)
    raises("", memview.zeros, "9223372036854775808s", 1)
    raises("", memview.zeros, ("9"):rep(100) .. "s", 1)
  end)

  it("in shapes that hold nothing do no harm", function()
    local shapes = { { 0, math.maxinteger }, { math.maxinteger, 0 }, { 0, 1 << 62, 1 << 62 },
      { 1 << 62, 4, 0 } }
    for _, shape in ipairs(shapes) do
      local ok, v = pcall(memview.zeros, "d", shape)
      if ok then
        assert.equal(0, v.nbytes)
        assert.same(shape, v.shape)
        assert.equal("", v:tobytes())
        contained("sub", function() return v:sub(2, 5, 1 << 62):transpose():tobytes() end)
        contained("cast", function() return v:cast("B", { -1 }) end)
        contained("equals", function() return v:equals(v:clone()) end)
        contained("sub", function() return v:sub(nil, nil, math.mininteger).strides end)
      end
    end
    contained("cast", function() return memview "":cast("d", { 0, math.maxinteger }) end)
    contained("cast", function() return memview "":cast("d", { math.maxinteger, -1, math.maxinteger }) end)
    contained("cast", function() return memview "":cast("d", { 0, -1 }) end)
  end)

  it("in every other place raise or are clamped", function()
    for _, n in ipairs(extremes) do
      local v = memview.array("B", { 1, 2, 3 })
      contained("find", v.find, v, "x", n)
      contained("hex", v.hex, v, ":", n)
      contained("transpose", v.transpose, v, n)
      contained("copyfrom", v.copyfrom, v, "ab", n)
      contained("cast", v.cast, v, "B", n)
      contained("reshape", v.reshape, v, { n, -1 })
      contained("insert", function() memview.buffer "abc":insert(n, "x") end)
      contained("slice", v.slice, v, { n, n, n })
      if n > 0 then assert.equal(0, #v:slice({ 4, 3, n })) end
      if n <= 0 or n > 1 << 40 then
        contained("resize", function() memview.buffer "abc":resize(n) end)
        contained("reserve", function() memview.buffer "abc":reserve(n) end)
      end
    end
    raises("step must not be 0", function() memview "abc":sub(1, 2, 0) end)
  end)
end)

describe("memory outside Lua's heap", function()
  local prelude = [[
    local memview = require "memview"
    local function rss(key)
      for line in io.lines "/proc/self/status" do
        local value = line:match("^" .. key .. ":%s*(%d+) kB")
        if value then return tonumber(value) end
      end
      error "no such line"
    end
    local million = ("x"):rep(1 << 20)
    local start = rss "VmRSS"
    SETUP
    for i = 1, COUNT do BODY end
    print(rss "VmHWM" - start)
  ]]

  local function growth(count, setup, body)
    local output = helpers.run((prelude:gsub("COUNT", count):gsub("SETUP", setup):gsub("BODY", body)))
    return assert(tonumber(output), output)
  end

  local cases = {
    ["Buffers"] = "memview.buffer(million)",
    ["Buffers that grow"] = "memview.buffer():append(million)",
    ["zeros()"] = "memview.zeros('B', 1 << 20):fill(1)",
    ["clones"] = "memview(million):clone()",
    ["views of Buffers"] = "memview.buffer(million):view():sub(2)",
  }
  local function law(count, name, setup, body)
    it(("is announced: %d dropped %s of 1 MiB hold at most 64 MiB"):format(count, name), function()
      local status = io.open "/proc/self/status"
      if not status then return pending "no /proc here" end
      status:close()
      if os.getenv "MEMVIEW_SANITIZER" then return pending "a sanitizer holds freed memory back" end
      local kilobytes = growth(count, setup, body)
      assert(kilobytes <= 64 * 1024, ("grew by %d KiB"):format(kilobytes))
    end)
  end

  for name, body in pairs(cases) do law(3000, name, "", body) end
  law(500, "Buffers, in incremental mode,", "collectgarbage 'incremental'", cases["Buffers"])
end)
