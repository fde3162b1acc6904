-- Hostile scripts: calls whose arguments do harm while they are read, come back to the call, or nest as deep
-- as they can; states that end in any order; what the debug library takes away.
local memview = require "memview"
local helpers = require "helpers"
local raises, struct = helpers.raises, memview.struct

local function exporter(f) return setmetatable({}, { __buffer = f }) end

--- What code prints in a process of its own; a sanitizer's remark on a size that cannot be is none.
local function run(code)
  local output = helpers.run(code .. "\nprint 'done'\n")
  return (output:gsub("==%d+==WARNING: AddressSanitizer failed to allocate[^\n]*\n", ""))
end

--- Runs code that has to get to its end, and then to leave the state without a word.
local function survives(code) assert.equal("done\n", run(code)) end

describe("random calls whose arguments release, move and collect what is at work", function()
  local calls = [[
    local called, worked = require "hostileworld".run(90, %d)
    assert(worked > called / 5, called .. " calls, of which worked " .. worked)
  ]]

  it("work or raise strings", function() survives(calls:format(60)) end)

  it("do so with the collector always at work, by generations", function()
    survives("collectgarbage('generational', 1, 1)" .. calls:format(60))
  end)

  it("do so with the collector always at work, in steps", function()
    survives("collectgarbage('incremental', 1, 1000)" .. calls:format(1))
  end)

  it("may come from finalizers at the end of the state, in any order", function()
    for seed = 1, 5 do
      local output = run(("require 'hostileworld'.leave(%d, 5)"):format(seed))
      -- Lua finalizes nothing that is made from then on: a sanitizer may name it as leaked, and no more
      local silent = output == "done\n" or output:find "^done\n" and output:find "ERROR: LeakSanitizer"
      assert(silent and not output:find "ERROR: AddressSanitizer", output)
    end
  end)
end)

describe("an exporter that comes back to the call that asks it", function()
  local v, b = memview.zeros("B", 3), memview.buffer "abc"
  local strings, recs = memview.zeros("4s", 2), memview.zeros("T{4s:y:}", 2)
  local uses = {
    view = memview.view, buffer = memview.buffer,
    copyfrom = function(x) v:copyfrom(x) end, equals = function(x) v:equals(x) end,
    find = function(x) v:find(x) end, compare = function(x) v:compare(x) end,
    append = function(x) b:append(x) end, insert = function(x) b:insert(1, x) end,
    less = function(x) return b < x end, concat = function(x) return b .. x end,
    pack = function(x) return struct.pack("4s", x) end, set = function(x) strings[1] = x end,
    fill = function(x) strings:fill(x) end, index = function(x) return strings:index(x) end,
    record = function(x) recs[1] = { y = x } end, count = function(x) return recs:count { y = x } end,
    cursor = function(x) return memview.cursor(x) end,
  }

  for name, use in pairs(uses) do
    it("ends in an error: " .. name, function()
      local x
      x = exporter(function() use(x) return "abc" end)
      raises("overflow", use, x)
    end)
  end
end)

describe("10000 levels", function()
  local deep = 1
  for _ = 1, 10000 do deep = { deep } end

  it("of tables are an error, or are not looked at", function()
    raises("nested deeper than 64 dimensions", memview.array, "B", deep)
    raises("nested deeper than 64 dimensions", memview.array, "BB", deep)
    raises("integer expected", function() memview.zeros("B", { 1, 1 }):copyfrom(deep) end)
    raises("type expected", memview.record, "<", { { "a", deep } })
    raises("", memview.zeros, "B", deep)
  end)

  it("of a table in itself are an error", function()
    local t = {}
    t[1] = t
    raises("nested deeper than 64 dimensions", memview.array, "B", t)
    raises("integer expected", function() memview.zeros("T{(1)B:a:}", 1)[1] = { a = t } end)
    raises("", memview.record, "<", t)
  end)

  it("of a format are an error", function()
    for _, format in ipairs {
      ("T{"):rep(10000) .. "B" .. ("}"):rep(10000), ("T{"):rep(10000), ("("):rep(10000),
      "(" .. ("1,"):rep(10000) .. "1)B:a:", ("<"):rep(10000) .. "B", ("9"):rep(10000) .. "B",
    } do
      raises("bad format", memview.zeros, format, 1)
    end
  end)
end)

describe("debug.setuservalue", function()
  --- Takes all that the views keep, and fills the memory that is free then.
  local function rob(...)
    for _, object in ipairs { ... } do
      for n = 1, 4 do debug.setuservalue(object, nil, n) end
    end
    helpers.collect()
    for n = 1, 50 do memview.buffer(("y"):rep(990 + n)) end
    helpers.collect()
  end

  it("cannot take the memory of a Buffer from its views", function()
    local v, part
    do
      local b = memview.buffer(("x"):rep(1000))
      v, part = b:view(), b:sub(3, 500):cast "<H"
    end
    rob(v, part)
    assert.equal(("x"):rep(1000), v:tobytes())
    assert.equal(0x7878, part[-1])
    assert.is_nil(v.obj)
    assert.same({ 0x7878 }, part:sub(2):clone():tolist(1, 1))
    v:release()
    rob(part)
    assert.equal(249, part:count(0x7878))
  end)

  it("cannot make a file of a view with a file's metatable", function()
    local v, b = memview(("x"):rep(100)), memview.buffer "abc"
    local own = debug.getmetatable(v)
    debug.setmetatable(v, debug.getmetatable(io.stdout))
    local ok, message = pcall(b.writeto, b, v)
    debug.setmetatable(v, own)
    assert.is_false(ok)
    assert.is_truthy(message:find("file expected, got something with its metatable", 1, true), message)
  end)

  it("cannot take a mapped file from its views", function()
    local name = os.tmpname()
    local file = assert(io.open(name, "wb"))
    file:write(("z"):rep(5000))
    file:close()
    local v = memview.map(name)
    local part = v:sub(-1, 1, -2)
    rob(v, part)
    assert.equal(5000, v:count(122))
    assert.equal(2500, part:count(122))
    v:release()
    part:release()
    os.remove(name)
  end)
end)
