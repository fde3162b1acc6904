-- What `make bench` measures: its pieces of code do the same work, and are timed and shown as they should.
package.path = "bench/?.lua;" .. package.path
local build = require "capi.build"
local memview = require "memview"
local timing = require "timing"

local FLOOR <const> = "bench/floor/calls.c bench/floor/checked.c bench/floor/loops.c bench/floor/system.c"
local floor, printed = build.module("floor", "c", FLOOR)

local bigendian = string.pack("=I2", 1) == "\0\1"
if not floor or bigendian then
  describe("the benchmark", function()
    pending("is not tried: " .. (bigendian and "its floors are of little-endian machines" or printed))
  end)
  return
end

package.loaded.floor = floor
local groups = require "operations"
local children = require "children"
local report = require "report"
local chart = require "chart"

local COLUMNS <const> = { "memview", "floor", "lua", "python", "numpy", "luajit" }
local size = { bytes = 1 << 12, items = 4000, side = 20, needle = 10, path = os.tmpname(), seconds = 0.0001 }

--- Calls f(group, row) for every row.
local function eachrow(f)
  for _, group in ipairs(groups) do
    for _, row in ipairs(group) do
      if not row.needs or pcall(require, row.needs) then f(group, row) end
    end
  end
end

local function isidle(piece) return piece.code:find "^noops?%f[%W]" or piece.code:find "^methods:" end

--- A value as text: views and Buffers as their bytes, numbers by value, one value in a list as the value.
local function show(x)
  if memview.type(x) then x = x:tobytes() end
  if type(x) == "number" then return ("%.14g"):format(x) end
  if type(x) ~= "table" then return tostring(x) end
  local parts = {}
  for i = 1, x.n or #x do parts[i] = show(x[i]) end
  return table.concat(parts, ",")
end

--- What a piece gives with things of its own to work on, as text.
local function result(group, piece) return show(timing.once(piece, group.names(size), 3)) end

setup(function()
  local file <close> = assert(io.open(size.path, "wb"))
  for i = 1, 8 do file:write(string.char(i):rep(1 << 16)) end
end)

teardown(function() os.remove(size.path) end)

describe("the floors", function()
  it("compile without a warning", function() assert.equal("", printed) end)
end)

describe("the operation", function()
  eachrow(function(group, row)
    for _, column in ipairs { "floor", "lua" } do
      local piece = row[column]
      if piece and not isidle(piece) then
        it(("%s does what its %s does"):format(row.name, column), function()
          local want, got = result(group, piece), result(group, row.memview)
          assert(#want > 0, "gives nothing to compare")
          assert(got == want, ("%q, not %q"):format(got:sub(1, 99), want:sub(1, 99)))
        end)
      end
    end
  end)
end)

describe("the table of operations", function()
  it("has each name once", function()
    local seen = {}
    eachrow(function(_, row)
      assert.is_nil(seen[row.name], row.name)
      seen[row.name] = true
    end)
  end)

  it("compares every operation with something", function()
    eachrow(function(_, row)
      local others = 0
      for _, column in ipairs(COLUMNS) do
        if row[column] and column ~= "memview" then others = others + 1 end
      end
      assert.is_true(row.memview ~= nil and others > 0, row.name)
    end)
  end)

  it("has targets that are numbers, and only columns that there are", function()
    local known = { name = "string", result = "string", per = "number", needs = "string" }
    for _, column in ipairs(COLUMNS) do known[column] = "table" end
    eachrow(function(_, row)
      for key, value in pairs(row) do assert.equal(known[key], type(value), row.name) end
      for _, column in ipairs(COLUMNS) do
        local target = row[column] and row[column].target
        assert.is_true(target == nil or target > 0, row.name)
      end
    end)
  end)

  it("has pieces that can be timed", function()
    for _, group in ipairs(groups) do
      local names = group.names(size)
      for _, row in ipairs(group) do
        for _, column in ipairs { "memview", "floor", "lua" } do
          local piece = row[column]
          if piece and not row.needs then
            local f, unit = timing.loop(piece, names)
            f(unit)
          end
        end
      end
    end
  end)
end)

describe("the other interpreters", function()
  for _, child in ipairs(children.find()) do
    it(child.command .. " can do all pieces of its columns", function()
      local rows, about = {}, {}
      eachrow(function(_, row) rows[#rows + 1] = setmetatable({}, { __index = row }) end)
      children.run(child, rows, size, about)
      local hasnumpy = table.concat(about):find "numpy" ~= nil
      for _, row in ipairs(rows) do
        for column in pairs(child.columns) do
          local piece = row[column]
          if piece and (column ~= "numpy" or hasnumpy) then
            assert.is_true((piece.best or 0) > 0, row.name .. ", " .. column)
          end
        end
      end
    end)
  end
end)

describe("timing", function()
  local names = { t = {} }

  before_each(function() names.t = { n = 0, blocks = 0, sum = 0 } end)

  it("does a piece as often as it is told", function()
    local f, unit = timing.loop({ code = "t.n = t.n + 1" }, names)
    f(3 * unit)
    assert.equal(3, names.t.n)
  end)

  it("does a piece that speaks of i with 1 to 1000, and before and after around that", function()
    local piece = { code = "t.sum = t.sum + i", before = "t.blocks = t.blocks + 1", after = "t.n = t.n + 1" }
    local f, unit = timing.loop(piece, names)
    f(2 * unit)
    assert.same({ n = 2, blocks = 2, sum = 1000 * 1001 }, names.t)
  end)

  it("sees no i in a string", function()
    local _, unit = timing.loop({ code = "t.n = #'i'" }, names)
    assert.equal(1, unit)
  end)

  it("takes a piece for `per` operations", function()
    local one = { code = "t.n = t.n + 1", raw = 0, n = 1 }
    local ten = { code = one.code, raw = 0, n = 1, per = 10 }
    timing.measure(one, names)
    timing.measure(ten, names)
    assert.equal(one.best, 10 * ten.best)
  end)
end)

describe("the report", function()
  local row = {
    name = "f(x)", memview = { best = 30 }, floor = { best = 20, target = 1.5 },
    lua = { best = 20, target = 1.4 }, python = { best = 60 }, numpy = { target = 1 },
  }

  it("compares times with targets", function()
    assert.same({ 1.5, true, 1.5 }, { report.ratio(row, "floor") })
    assert.same({ 1.5, false, 1.4 }, { report.ratio(row, "lua") })
    assert.same({ 0.5 }, { report.ratio(row, "python") })
  end)

  it("has nothing to say of what was not measured", function()
    assert.is_nil(report.ratio(row, "numpy"))
    assert.is_nil(report.ratio(row, "luajit"))
  end)

  it("counts the targets that are met", function()
    local met, all = report.count({ { row } }, { { met = true }, {} })
    assert.same({ 2, 3 }, { met, all })
  end)

  it("writes a line of cells for each operation", function()
    local text = report.markdown({ { title = "T", note = "N", row } }, {}, { "here" })
    local want = "| f(x) | 30.0 ns | 1.50 <= 1.5 | **1.50 > 1.4** | 0.50 |  |  | no |"
    assert.is_truthy(text:find(want, 1, true), text)
  end)

  it("draws a mark for each column of a row, and one of each kind to explain them", function()
    local _, marks = chart.draw({ { title = "T", row } }):gsub("<g ", "")
    assert.equal(5 + 3, marks)
  end)

  it("puts figures between the marks of the document, and nowhere else", function()
    local name = os.tmpname()
    local file = assert(io.open(name, "w"))
    file:write "before\n<!-- figures: make bench -->\nold\n<!-- end of figures -->\nafter\n"
    file:close()
    report.insert(name, "new", "figures: make bench", "figures")
    report.insert(name, "newer", "figures: make bench", "figures")
    file = assert(io.open(name))
    local text = file:read "a"
    file:close()
    os.remove(name)
    assert.equal("before\n<!-- figures: make bench -->\n\nnewer\n<!-- end of figures -->\nafter\n", text)
  end)
end)

describe("what callgrind has counted", function()
  local TEXT <const> = [[
# callgrind format
positions: line
events: Ir

ob=(1) /usr/bin/lua5.4
fn=(1) lua_call
0 10
cob=(2) build/memview/core.so
cfn=(2) view_index
calls=1000 0
0 90

ob=(2)
fn=(2)
0 30
cob=(1)
cfn=(3) lua_rawlen
calls=1000 0
0 20
cfn=(4) luaL_argerror
calls=2 0
0 5
cfn=(5) helper
calls=7 0
0 5

fn=(5)
0 5
cob=(1)
cfn=(3)
calls=3 0
0 5

totals: 170
summary: 170
]]

  it("is read as instructions, and as calls of Lua's API by us, not by Lua or by ourselves", function()
    local name = os.tmpname()
    local file <close> = assert(io.open(name, "w"))
    file:write(TEXT):flush()
    local instructions, calls = require "callgrind".read(name)
    os.remove(name)
    assert.same({ 170, 1005 }, { instructions, calls })
  end)
end)
