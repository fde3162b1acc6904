-- docs/from-stringpack.md against string.pack and LuaJIT themselves and the live library: its tables have
-- every option and function, and the counterparts exist. The examples in Lua are run by docs_spec.
local memview = require "memview"
local doctables = require "doctables"
local helpers = require "helpers"

local struct = memview.struct

local chapters, fences = doctables.read("docs/from-stringpack.md", "luajit")

local STRINGPACK <const>, LUAU <const> = "string.pack and string.unpack", "Luau's buffer"
local LUAJIT <const>, LOVE <const> = "LuaJIT's FFI", "LÖVE's Data"

-- The functions of Luau's buffer library, and of LÖVE's data module and its objects, in August 2026.
local LUAUNAMES = {
  "create", "fromstring", "tostring", "len", "copy", "fill", "readstring", "writestring", "readbits",
  "writebits", "readi8", "readu8", "readi16", "readu16", "readi32", "readu32", "readf32", "readf64",
  "readinteger", "writei8", "writeu8", "writei16", "writeu16", "writei32", "writeu32", "writef32", "writef64",
  "writeinteger",
}
local LOVENAMES = {
  "newDataView", "newByteData", "compress", "decompress", "encode", "decode", "hash", "pack", "unpack",
  "getPackedSize", "getString", "setString", "getPointer", "getFFIPointer", "getSize", "performAtomic",
  "clone", "getFloat", "getDouble", "getInt8", "getUInt8", "getInt16", "getUInt16", "getInt32", "getUInt32",
  "setFloat", "setDouble", "setInt8", "setUInt8", "setInt16", "setUInt16", "setInt32", "setUInt32",
}

--- The texts in backticks of the first cells, as a set.
local function codes(rows)
  local set = {}
  for _, row in ipairs(rows) do
    for code in row[1]:gmatch "`([^`]+)`" do set[code] = true end
  end
  return set
end

--- The names of functions in the first cells: "create" of `buffer.create(n)`, "getSize" of `data:getSize()`.
local function functions(rows, object)
  local set = {}
  for _, row in ipairs(rows) do
    for name in row[1]:gmatch("%f[%a]" .. object .. "[.:](%w+)") do set[name] = true end
  end
  return set
end

--- Is the character an option of string.pack?
local function isoption(letter)
  local ok, message = pcall(string.packsize, letter)
  return ok or not message:find "invalid format option"
end

describe("the options of string.pack", function()
  local set = codes(chapters[STRINGPACK])

  it("are all in the table", function()
    local count = 0
    for byte = 0x20, 0x7e do
      local letter = string.char(byte)
      if isoption(letter) then
        assert.is_true(set[letter], "option '" .. letter .. "'")
        count = count + 1
      end
    end
    assert.is_true(count >= 23)
  end)

  it("are options where the table has them", function()
    for code in pairs(set) do
      if #code == 1 then assert.is_true(isoption(code), code) end
    end
  end)

  it("give the bytes that their counterparts give", function()
    local random, count = helpers.random(54), 0
    for _, row in ipairs(chapters[STRINGPACK]) do
      local there, here = row[1]:match "^`(%S%S.*)`$", (row[2] or ""):match "^`(%S+)`$"
      if there and here then
        local bytes = {}
        for i = 1, struct.calcsize(here) do bytes[i] = random(1, 60) end
        local values = table.pack(struct.unpack(here, memview.buffer(bytes)))
        local packed = struct.pack(here, table.unpack(values, 1, values.n))
        assert.are.equal(packed, string.pack(there, table.unpack(values, 1, values.n)), row.where)
        count = count + 1
      end
    end
    assert.is_true(count >= 9)
  end)
end)

describe("the tables", function()
  it("have every function of Luau's buffer", function()
    local set = functions(chapters[LUAU], "buffer")
    for _, name in ipairs(LUAUNAMES) do assert.is_true(set[name], name) end
  end)

  it("have every function of LÖVE's data", function()
    local set = functions(chapters[LOVE], "data")
    for _, name in ipairs(LOVENAMES) do assert.is_true(set[name], name) end
  end)

  it("have every function of LuaJIT's FFI", function()
    local names = doctables.run("luajit", "for name in pairs(require 'ffi') do print(name) end")
    if not names:find "cdef" then return pending "luajit is missing" end
    local set = functions(chapters[LUAJIT], "ffi")
    if codes(chapters[LUAJIT])['ffi.cdef "struct { float x, y; }"'] then set.cdef = true end
    for name in names:gmatch "%S+" do assert.is_true(set[name], name) end
  end)

  it("give counterparts that exist", function()
    local count = 0
    for _, rows in pairs(chapters) do count = count + doctables.checkcounterparts(rows) end
    assert.is_true(count > 60, count)
  end)
end)

describe("the example in LuaJIT", function()
  for _, fence in ipairs(fences) do
    it(("in line %d shows what LuaJIT prints"):format(fence.line), function()
      if doctables.run("luajit", "print 'here'") ~= "here\n" then return pending "luajit is missing" end
      doctables.checkfence(fence, "luajit", "%-%->")
    end)
  end

  it("is there", function() assert.is_true(#fences > 0) end)
end)
