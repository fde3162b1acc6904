-- The type definitions in library/ against the live module: each public name is declared, and each declared
-- name is there.
local memview = require "memview"
local examples = require "examples"

local LUALS, STRUCT, TEAL = "library/memview.lua", "library/memview/struct.lua", "library/memview.d.tl"

-- What is public ---------------------------------------------------------------------------------------

-- The functions of the module that are no methods or attributes of a View.
local MODULE_FUNCTIONS = {
  view = true, buffer = true, zeros = true, array = true, fromhex = true, type = true, record = true,
  cursor = true, map = true,
}

-- Attributes of a cursor; they are made when they are asked for, so nothing lists them.
local CURSOR_ATTRIBUTES = {"position", "remaining"}

-- Metamethods that neither language has a word for.
local UNSPOKEN = {__gc = true, __name = true, __metatable = true, __tostring = true, __pairs = true}

-- Those that LuaLS has a word for; v[i] is a field of it.
local OPERATORS = {__len = true, __concat = true, __call = true}

local view, buffer = memview "abc", memview.buffer "abc"

local function addnames(set, class, names)
  for name in pairs(names) do set[class .. "." .. name] = true end
end

local function addmetamethods(set, class, object)
  for name in pairs(debug.getmetatable(object)) do
    if not UNSPOKEN[name] then set[class .. "#" .. name] = true end
  end
end

--- The set of all public names: "memview.sub", "View.shape", "Buffer.append", "View#__len".
local function living()
  local set = {}
  addnames(set, "memview", memview)
  for name in pairs(memview) do
    if type(memview[name]) == "function" and not MODULE_FUNCTIONS[name] then set["View." .. name] = true end
  end
  local _, methods = debug.getupvalue(debug.getmetatable(buffer).__index, 1)
  addnames(set, "Buffer", methods)
  addnames(set, "Cursor", debug.getmetatable(memview.cursor "").__index)
  for _, name in ipairs(CURSOR_ATTRIBUTES) do set["Cursor." .. name] = true end
  addnames(set, "struct", memview.struct)
  addmetamethods(set, "View", view)
  addmetamethods(set, "Buffer", buffer)
  set["memview#__call"] = true
  return set
end

--- The names of one set that the other lacks, as a text.
local function lacking(set, other)
  local list = {}
  for name in pairs(set) do
    if not other[name] then list[#list + 1] = name end
  end
  table.sort(list)
  return table.concat(list, ", ")
end

-- Classes of the library; others (options, fields) are of the definitions alone.
local CLASSES = {memview = true, View = true, Buffer = true, Cursor = true, struct = true}

-- LuaLS ------------------------------------------------------------------------------------------------

--- What the definitions declare: the set of names, the functions {line, documented, given}, the types that
-- are made, and those that are used with their line.
local function readluals()
  local d = {names = {}, functions = {}, made = {}, used = {}}
  local class, params = nil, {}
  local function add(owner, mark, name)
    if CLASSES[owner] then d.names[owner .. mark .. name] = true end
  end
  for number, line in ipairs(examples.readlines(LUALS)) do
    local made = line:match "^%-%-%-@class (memview[%w.]*)" or line:match "^%-%-%-@alias (memview[%w.]*)"
    if made then
      d.made[made], class = true, made:match "[%w]+$"
    end
    local field = line:match "^%-%-%-@field ([%w_]+)"
    if field then add(class, ".", field) end
    local operator = line:match "^%-%-%-@operator (%w+)"
    if operator then add(class, "#", "__" .. operator) end
    params[#params + 1] = line:match "^%-%-%-@param ([%w_.]+)"
    for used in (line:match "^%-%-%-@%l+(.*)$" or ""):gmatch "memview%.%u%w+" do d.used[used] = number end
    local owner, name, given = line:match "^function (%w+)[.:]([%w_]+)%((.*)%) end$"
    if owner then
      add(owner, ".", name)
      table.insert(d.functions, {line = number, documented = table.concat(params, ", "), given = given})
    end
    owner, name = line:match "^(%w+)%.([%w_]+) = "
    if owner then add(owner, ".", name) end
    if not line:find "^%-%-" then params = {} end
  end
  return d
end

describe("the definitions for LuaLS", function()
  local d = readluals()

  it("declare every public name", function()
    local public = {}
    for name in pairs(living()) do
      local metamethod = name:match "#(.*)$"
      if not metamethod or OPERATORS[metamethod] then public[name] = true end
    end
    assert.are.equal("", lacking(public, d.names))
  end)

  it("declare nothing that does not exist", function()
    assert.are.equal("", lacking(d.names, living()))
  end)

  it("declare the items of views and Buffers", function()
    local text = table.concat(examples.readlines(LUALS), "\n")
    for class, item in pairs {View = "any", Buffer = "integer"} do
      local lines = "---@class memview.%s: memview.HasBuffer\n---@field [integer] %s "
      assert.is_truthy(text:find(lines:format(class, item), 1, true), class)
    end
  end)

  it("document the parameters that functions have, in their order", function()
    assert.is_true(#d.functions > 70)
    for _, f in ipairs(d.functions) do
      assert.are.equal(f.given, f.documented, LUALS .. ":" .. f.line)
    end
  end)

  it("use types that they make", function()
    assert.is_truthy(next(d.used))
    for name, line in pairs(d.used) do
      assert.is_true(d.made[name], ("%s:%d: no type %s"):format(LUALS, line, name))
    end
  end)

  it("are for the modules that scripts require", function()
    assert.are.equal("---@meta memview", examples.readlines(LUALS)[1])
    assert.are.equal("---@meta memview.struct", examples.readlines(STRUCT)[1])
  end)

  it("are Lua that makes a table of functions as the module is", function()
    local stub = assert(loadfile(LUALS))()
    for name, value in pairs(memview) do
      assert.are.equal(type(value), type(stub[name]), name)
    end
    assert.are.equal(lacking(memview.struct, stub.struct), "")
    assert.is_truthy(loadfile(STRUCT))
  end)
end)

describe("config.json", function()
  local text = table.concat(examples.readlines "config.json", "\n")
  -- The strings of JSON in it have no other escapes.
  local word = text:match('"words": %["(.*)"%]'):gsub('\\"', '"')

  --- As LuaLS looks for it: no letter, digit or "_" may stand before or behind.
  local function found(code)
    local before, behind = code:match("([%w_]?)" .. word .. "([%w_]?)")
    return before == "" and behind == ""
  end

  it("tells code that uses memview by its words", function()
    for _, code in ipairs {
      'require "memview"', "require 'memview'", 'local m = require("memview")', "require ('memview.struct')",
    } do
      assert.is_true(found(code), code)
    end
    for _, code in ipairs {'require "memviewer"', "local memview", 'require "mem"', 'myrequire "memview"'} do
      assert.is_false(found(code), code)
    end
  end)
end)

-- Teal -------------------------------------------------------------------------------------------------

--- The set of names that the declaration has; `record` and `enum` nest, and `end` stands alone.
local function readteal()
  local names, open = {}, {}
  for _, line in ipairs(examples.readlines(TEAL)) do
    local owner = open[#open]
    local made = line:match "^[local ]*record (%w+)$" or line:match "^ *enum (%w+)$"
    local field = line:match "^%s+([%w_]+): "
    local metamethod = line:match "^%s+metamethod (__%w+): "
    if made then
      open[#open + 1] = made
      if made == "struct" then names["memview.struct"] = true end
    elseif line:find "^%s*end$" then
      open[#open] = nil
    elseif CLASSES[owner] and field then
      names[owner .. "." .. field] = true
    elseif CLASSES[owner] and metamethod then
      names[owner .. "#" .. metamethod] = true
    end
  end
  return names, #open
end

describe("the declaration for Teal", function()
  local names, open = readteal()

  it("declares every public name and nothing else", function()
    assert.are.equal("", lacking(living(), names))
    assert.are.equal("", lacking(names, living()))
  end)

  it("closes what it opens", function()
    assert.are.equal(0, open)
  end)
end)

describe("the list of what is public", function()
  it("has names of all classes", function()
    local set = living()
    for _, name in ipairs {
      "memview.zeros", "memview.sub", "memview.struct", "View.sub", "View.shape", "View.dump", "View#__len",
      "Buffer.append", "Buffer#__lt", "Cursor.take", "Cursor.position", "struct.pack_into", "memview#__call",
    } do
      assert.is_true(set[name], name)
    end
    assert.is_nil(set["View.zeros"])
  end)
end)
