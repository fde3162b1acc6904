-- docs/manual.md against the live module: every name has its heading, every heading its name,
-- and every example runs.
-- The manual itself explains the `-->` comments of its examples.
local memview = require "memview"
local examples = require "examples"

local MANUAL = "docs/manual.md"

-- The functions of the module that are no methods or attributes of a View.
local MODULE_FUNCTIONS = {
  view = true, buffer = true, zeros = true, array = true, fromhex = true, type = true, record = true,
  cursor = true, map = true,
}

-- Attributes of a cursor; they are made when they are asked for, so nothing lists them.
local CURSOR_ATTRIBUTES = {"position", "remaining"}

-- Headings of metamethods, as "<class>.<metafield>".
local METAMETHODS = {
  ["v[i] -> item"] = "view.__index",
  ["v[i] = x"] = "view.__newindex",
  ["#v -> integer"] = "view.__len",
  ["v1 == v2 -> boolean"] = "view.__eq",
  ["v .. x -> string"] = "view.__concat",
  ["tostring(v) -> string"] = "view.__tostring",
  ["pairs(v) -> iterator"] = "view.__pairs",
  ["local v <close> = view"] = "view.__close",
  ["rec.name -> value"] = "view.__index",
  ["rec.name = x"] = "view.__newindex",
  ["rec[i] -> value"] = "view.__index",
  ["rec[i] = x"] = "view.__newindex",
  ["recs[i] = x"] = "view.__newindex",
  ["#rec -> integer"] = "view.__len",
  ["pairs(rec) -> iterator"] = "view.__pairs",
  ["b[i] -> integer"] = "buffer.__index",
  ["b[i] = byte"] = "buffer.__newindex",
  ["#b -> integer"] = "buffer.__len",
  ["b1 == b2 -> boolean"] = "buffer.__eq",
  ["b1 < b2 -> boolean"] = "buffer.__lt",
  ["b1 <= b2 -> boolean"] = "buffer.__le",
  ["b .. x -> string"] = "buffer.__concat",
  ["tostring(b) -> string"] = "buffer.__tostring",
  ["pairs(b) -> iterator"] = "buffer.__pairs",
  ["local b <close> = buffer"] = "buffer.__close",
}

-- Fields of a metatable that no script meets as an operation.
local SILENT = {__gc = true, __name = true, __metatable = true}

local objects = {view = memview "abc", buffer = memview.buffer "abc", cursor = memview.cursor "abc"}
local view = objects.view
-- Metatables are locked for getmetatable; debug.getmetatable sees the real ones.
local metatables = {}
for class, object in pairs(objects) do metatables[class] = debug.getmetatable(object) end

local entries, loose = examples.parse(MANUAL)

-- What the first letters of a signature stand for.
local CLASSES = {v = "view", rec = "view", b = "buffer", c = "cursor"}

--- What a signature documents: "module.zeros", "struct.pack", "view.sub" (a method), "view@shape" (an
-- attribute), "buffer.append", "cursor.take", "view.__len", "std.table.sort"; nil for a signature of no known
-- form.
local function subject(signature)
  if METAMETHODS[signature] then return METAMETHODS[signature] end
  if signature == 'require "memview" -> module' or signature:find "^memview%(" then return "module" end
  local library, name = signature:match "^memview%.(%l-)%.?([%w_]+)%("
  if name then return (library == "" and "module" or library) .. "." .. name end
  local letters, mark, rest = signature:match "^(%l+)([.:])(.+)$"
  local class = CLASSES[letters]
  if class and mark == ":" then
    name = rest:match "^([%w_]+)%("
    return name and class .. "." .. name
  elseif class then
    name = rest:match "^[%w_]+$"
    return name and class .. "@" .. name
  end
  name = signature:match "^([%w.]+)%("
  return name and "std." .. name
end

-- What lives in the library ---------------------------------------------------------------------------

--- The string keys of a class that hold functions: from __index if it is a table, else from the tables among
-- its upvalues, where a C function that serves both items and methods keeps them.
local function methods(class)
  local found, index = {}, metatables[class].__index
  local function take(t)
    for name, value in pairs(t) do
      if type(name) == "string" and type(value) == "function" then found[name] = true end
    end
  end
  if type(index) == "table" then take(index) return found end
  for i = 1, 255 do
    local name, value = debug.getupvalue(index, i)
    if not name then break end
    if type(value) == "table" then take(value) end
  end
  return found
end

--- The set of all public subjects.
local function living()
  local set = {module = true}
  for name, value in pairs(memview) do
    if MODULE_FUNCTIONS[name] then
      set["module." .. name] = true
    elseif type(value) == "function" then
      set[(type(view[name]) == "function" and "view." or "view@") .. name] = true
    end
  end
  for name in pairs(methods "view") do
    if type(view[name]) == "function" then set["view." .. name] = true end
  end
  for name in pairs(methods "buffer") do set["buffer." .. name] = true end
  for name in pairs(methods "cursor") do set["cursor." .. name] = true end
  for _, name in ipairs(CURSOR_ATTRIBUTES) do set["cursor@" .. name] = true end
  for name in pairs(memview.struct) do set["struct." .. name] = true end
  for _, class in ipairs {"view", "buffer"} do
    for name in pairs(metatables[class]) do
      if not SILENT[name] then set[class .. "." .. name] = true end
    end
  end
  return set
end

--- Is the subject a thing that exists? Asked of the objects themselves, not of `living`.
local function exists(what)
  local class, name = what:match "^(%l+)[.@](.+)$"
  if what == "module" then return true end
  if class == "std" then return load("return " .. name)() ~= nil end
  if class == "struct" then return type(memview.struct[name]) == "function" end
  if class == "module" then return MODULE_FUNCTIONS[name] and type(memview[name]) == "function" end
  if name:find "^__" then return metatables[class][name] ~= nil end
  if what:find "^view@" then return type(memview[name]) == "function" and type(view[name]) ~= "function" end
  if what:find "@" then return objects[class][name] ~= nil and type(objects[class][name]) ~= "function" end
  return type(objects[class][name]) == "function"
end

-- The specs -------------------------------------------------------------------------------------------

describe("the manual's headings", function()
  local documented = {}
  for _, entry in ipairs(entries) do
    local what = subject(entry.signature)
    if what then documented[what] = true end
  end

  it("name every public function, method, attribute and operator", function()
    local missing = {}
    for what in pairs(living()) do
      if not documented[what] then missing[#missing + 1] = what end
    end
    table.sort(missing)
    assert.are.equal("", table.concat(missing, ", "))
  end)

  it("are signatures of things that exist", function()
    local wrong = {}
    for _, entry in ipairs(entries) do
      local what = subject(entry.signature)
      if not what or not exists(what) then
        wrong[#wrong + 1] = ("%s:%d: %s"):format(MANUAL, entry.line, entry.signature)
      end
    end
    assert.are.equal("", table.concat(wrong, "\n"))
  end)

  it("come once each", function()
    local seen = {}
    for _, entry in ipairs(entries) do
      assert.is_nil(seen[entry.signature], ("%s:%d is there twice"):format(MANUAL, entry.line))
      seen[entry.signature] = true
    end
  end)

  it("have an example each that shows a result", function()
    for _, entry in ipairs(entries) do
      local shown = false
      for _, example in ipairs(entry.examples) do
        shown = shown or table.concat(example, "\n"):find("--> ", 1, true)
      end
      assert.is_truthy(shown, ("%s:%d: %s has no example"):format(MANUAL, entry.line, entry.signature))
    end
  end)
end)

describe("the list of what is public", function()
  it("finds methods of both classes, attributes and operators", function()
    local set = living()
    local some = {"view.sub", "view@shape", "view.__len", "buffer.append", "buffer.__lt", "module.zeros",
      "struct.unpack_from", "cursor.take"}
    for _, what in ipairs(some) do
      assert.is_true(set[what], what)
    end
  end)

  it("holds nothing that does not exist", function()
    for what in pairs(living()) do assert.is_truthy(exists(what), what) end
  end)
end)

describe("the manual's example", function()
  local function each(list, name)
    for _, example in ipairs(list) do
      it(("in line %d, %s, does what it shows"):format(example.line, name), function()
        examples.run(example)
      end)
    end
  end
  each(loose.examples, "of a chapter")
  for _, entry in ipairs(entries) do each(entry.examples, entry.signature) end
end)

describe("the checker of examples", function()
  local function refuses(text, ...)
    local ok, message = pcall(examples.run, {line = 40, path = "some.md", ...})
    assert.is_false(ok)
    assert.is_truthy(tostring(message):find(text, 1, true), message)
  end

  it("refuses another result, with the line", function()
    refuses('some.md:42: shows "3", the text says "4"', "local x = 1", "print(x + 2)  --> 4")
  end)

  it("refuses a line that should have raised, or raised something else", function()
    refuses('some.md:41: shows "7"', "print(7)  --> error: seven")
    refuses("the text says", "error('six')  --> error: seven")
    refuses("the text says", "error('six')  --> six")
  end)

  it("refuses an error outside a shown line, with the line", function()
    refuses("some.md:42: ", "", "nosuchfunction()")
    refuses("'nosuchfunction'", "", "nosuchfunction()")
  end)

  it("takes what is right", function()
    examples.run {
      line = 1, path = "some.md",
      "for i = 1, 2 do print(i, -i) end  --> 1 -1 2 -2", "error('six')  --> error: six",
    }
  end)
end)
