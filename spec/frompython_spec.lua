-- docs/from-python.md against Python itself and the live library: its tables have every name of Python's, its
-- counterparts exist, and the examples of both languages do what they show.
local memview = require "memview"
local examples = require "examples"
local oracle = require "oracle"

local DOCUMENT = "docs/from-python.md"

-- Heading of a chapter -> the class in Python whose names its tables have, and names that some of its
-- releases since 3.8 lack.
local CLASSES = {
  ["memoryview"] = {"memoryview", some = {"index", "count"}},
  ["bytearray"] = {"bytearray", some = {"resize", "take_bytes", "removeprefix", "removesuffix"}},
  ["struct"] = {"struct", some = {}},
  ["array.array"] = {"array.array", some = {"clear", "fromstring", "tostring", "fromunicode", "tounicode"}},
}

-- What a counterpart in the tables speaks of. Methods and attributes of views are functions of the module.
local OBJECTS = {v = memview, memview = memview, struct = memview.struct, b = memview.buffer "abc"}

-- Reading the document ---------------------------------------------------------------------------------

local function cells(line)
  local row = {}
  for cell in line:gmatch "|([^|]*)" do row[#row + 1] = cell:match "^%s*(.-)%s*$" end
  return row
end

--- The rows of the tables in each chapter, with their lines; and the fences of Python {line, text}.
local function read()
  local chapters, fences, rows, fence = {}, {}, {}, nil
  for number, line in ipairs(examples.readlines(DOCUMENT)) do
    if fence then
      if line == "```" then fence = nil else fence[#fence + 1] = line end
    elseif line == "```python" then
      fence = {line = number}
      fences[#fences + 1] = fence
    elseif line:find "^## " then
      rows = {}
      chapters[line:sub(4)] = rows
    elseif line:find "^| " then
      rows[#rows + 1] = {line = number, cells = cells(line)}
    end
  end
  return chapters, fences
end

local chapters, fences = read()

--- The names in backticks of the first cells.
local function documented(rows)
  local names = {}
  for _, row in ipairs(rows) do
    for name in row.cells[1]:gmatch "`([%a_]+)`" do names[name] = true end
    local called = row.cells[1]:match "^`([%a_]+)%("
    if called then names[called] = true end
  end
  return names
end

-- Python ------------------------------------------------------------------------------------------------

-- Python must not start under a sanitizer that the specs run under.
local PREFIX = os.getenv "LD_PRELOAD" and "env -u LD_PRELOAD " or ""
local PYTHON = PREFIX .. (os.getenv "MEMVIEW_PYTHON" or "python3")

--- What a program in Python prints.
local function runpython(code)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(code)
  file:close()
  local pipe = assert(io.popen(("%s -B %s 2>&1"):format(PYTHON, name)))
  local output = pipe:read "a"
  pipe:close()
  os.remove(name)
  return output
end

--- The public names of classes and modules of Python, as sets; asked once.
local pythonnames
local function askpython(class)
  if pythonnames then return pythonnames[class] end
  pythonnames = {}
  local output = runpython [[
import array, struct
for name in "memoryview", "bytearray", "struct", "struct.Struct", "array.array":
    print(name, *[n for n in dir(eval(name)) if not n.startswith("_")])
]]
  for line in output:gmatch "[^\r\n]+" do
    local asked, names = line:match "^(%S+) (.*)$"
    pythonnames[asked] = {}
    for name in names:gmatch "%S+" do pythonnames[asked][name] = true end
  end
  return pythonnames[class]
end

local function squeeze(text) return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")) end

-- The specs ---------------------------------------------------------------------------------------------

describe("the tables", function()
  for chapter, class in pairs(CLASSES) do
    it("have every name of Python's " .. class[1], function()
      if oracle.missing "python" then return pending(oracle.missing "python") end
      local names, missing = documented(chapters[chapter]), {}
      for name in pairs(askpython(class[1])) do
        if not names[name] then missing[#missing + 1] = name end
      end
      assert.are.equal("", table.concat(missing, ", "))
    end)

    it("have names that not every Python has: " .. class[1], function()
      local names = documented(chapters[chapter])
      for _, name in ipairs(class.some) do assert.is_true(names[name], name) end
    end)
  end

  it("give names of Python's in their first column", function()
    if oracle.missing "python" then return pending(oracle.missing "python") end
    for chapter, class in pairs(CLASSES) do
      local asked = setmetatable({[class[1]:match "%a+$"] = true}, {__index = askpython(class[1])})
      for _, name in ipairs(class.some) do asked[name] = true end
      if chapter == "struct" then asked.format, asked.size = true, true end  -- of a Struct
      for _, row in ipairs(chapters[chapter]) do
        local name = row.cells[1]:match "^`(%a[%a_]+)`"
        if name then assert.is_true(asked[name], ("%s:%d: %s"):format(DOCUMENT, row.line, name)) end
      end
    end
  end)

  it("give counterparts that exist", function()
    local count = 0
    for _, rows in pairs(chapters) do
      for _, row in ipairs(rows) do
        for object, mark, name in (row.cells[2] or ""):gmatch "%f[%w]([%a]+)([.:])([%a_]+)" do
          local where = ("%s:%d: no %s%s%s"):format(DOCUMENT, row.line, object, mark, name)
          if OBJECTS[object] then
            assert.is_truthy(OBJECTS[object][name], where)
            count = count + 1
          end
        end
      end
    end
    assert.is_true(count > 60)
  end)
end)

describe("the example in Python", function()
  for _, fence in ipairs(fences) do
    it(("in line %d shows what Python prints"):format(fence.line), function()
      if oracle.missing "python" then return pending(oracle.missing "python") end
      local shown = {}
      for _, line in ipairs(fence) do shown[#shown + 1] = line:match "#> (.*)$" end
      assert.is_true(#shown > 0)
      local printed = runpython(table.concat(fence, "\n") .. "\n")
      assert.are.equal(squeeze(table.concat(shown, " ")), squeeze(printed))
    end)
  end
end)
