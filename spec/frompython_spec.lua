-- docs/from-python.md against Python itself and the live library: its tables have every name of Python's, its
-- counterparts exist, and the examples in Python do what they show. Those in Lua are run by docs_spec.
local doctables = require "doctables"
local oracle = require "oracle"

-- Heading of a chapter -> the class in Python whose names its tables have, and names that some of its
-- releases since 3.8 lack.
local CLASSES = {
  ["memoryview"] = {"memoryview", some = {"index", "count"}},
  ["bytearray"] = {"bytearray", some = {"resize", "take_bytes", "removeprefix", "removesuffix"}},
  ["struct"] = {"struct", some = {}},
  ["array.array"] = {"array.array", some = {"clear", "fromstring", "tostring", "fromunicode", "tounicode"}},
}

local PYTHON = (os.getenv "MEMVIEW_PYTHON" or "python3") .. " -B"

local chapters, fences = doctables.read("docs/from-python.md", "python")

--- The names in backticks of the first cells.
local function documented(rows)
  local names = {}
  for _, row in ipairs(rows) do
    for name in row[1]:gmatch "`([%a_]+)[`(]" do names[name] = true end
  end
  return names
end

--- The public names of a class or module of Python, as a set; all are asked for at once.
local pythonnames
local function askpython(class)
  if pythonnames then return pythonnames[class] end
  pythonnames = {}
  local output = doctables.run(PYTHON, [[
import array, struct
for name in "memoryview", "bytearray", "struct", "array.array":
    print(name, *[n for n in dir(eval(name)) if not n.startswith("_")])
]])
  for line in output:gmatch "[^\r\n]+" do
    local asked, names = line:match "^(%S+) (.*)$"
    pythonnames[asked] = {}
    for name in names:gmatch "%S+" do pythonnames[asked][name] = true end
  end
  return pythonnames[class]
end

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
        local name = row[1]:match "^`(%a[%a_]+)`"
        if name then assert.is_true(asked[name], row.where .. ": " .. name) end
      end
    end
  end)

  it("give counterparts that exist", function()
    local count = 0
    for _, rows in pairs(chapters) do count = count + doctables.checkcounterparts(rows) end
    assert.is_true(count > 60)
  end)
end)

-- The examples in Python use the order of the machine, as Python's views can read no other.
local little = string.pack("=I2", 1) == "\1\0"

describe("the example in Python", function()
  for _, fence in ipairs(fences) do
    it(("in line %d shows what Python prints"):format(fence.line), function()
      if oracle.missing "python" then return pending(oracle.missing "python") end
      if not little then return pending "the output shown is that of little-endian machines" end
      doctables.checkfence(fence, PYTHON, "#>")
    end)
  end

  it("is there", function() assert.is_true(#fences > 3) end)
end)
