-- docs/capi.md against include/memview.h and the engine: all names are there, with their parameters and
-- effects; examples compile; quotations are what the files have. And the limit that docs/lifetime.md
-- tells of.
local filetools = require "exampletools"
local tools = require "nativetools"

local HEADER, DOC <const> = filetools.slurp "include/memview.h", filetools.slurp "docs/capi.md"

local function sortedkeys(set)
  local list = {}
  for key in pairs(set) do list[#list + 1] = key end
  table.sort(list)
  return table.concat(list, ", ")
end


--- The functions of the header: name -> "L, idx [-0, +1, e]".
local function headerfunctions()
  local found = {}
  local pattern = "/%* (%[[^%]]+%])[^/]-%*/\nstatic inline [^(]-([%w_]+) %(([^{]-)%) {"
  for effect, name, parameters in HEADER:gmatch(pattern) do
    local names = {}
    for parameter in (parameters .. ","):gmatch "([^,]*)," do
      names[#names + 1] = parameter:match "([%w_]+)%s*$"
    end
    found[name] = table.concat(names, ", ") .. " " .. effect
  end
  return found
end

--- The functions that have a heading in the document, in the same form.
local function documented()
  local found = {}
  for name, parameters, effect in DOC:gmatch "\n### `([%w_]+)%(([^)]*)%)[^`]*` (%[[^%]\n]+%])" do
    found[name] = parameters .. " " .. effect
  end
  return found
end

--- What the C fences of the document hold, and which file they quote, if any: {text, file}.
local function fences()
  local list = {}
  for text in DOC:gmatch "\n```c\n(.-\n)```\n" do
    local file, quotation = text:match "^/%* (examples/%S+) %*/\n(.*)$"
    list[#list + 1] = {text = quotation or text, file = file}
  end
  return list
end

describe("docs/capi.md", function()
  it("has a heading for each function of the header, with its parameters and its effect", function()
    local wanted, found = headerfunctions(), documented()
    assert(wanted.memview_acquire == "L, idx, b, flags [-0, +1, e]", wanted.memview_acquire)
    for name, signature in pairs(wanted) do
      assert.are.equal(name .. " " .. signature, name .. " " .. (found[name] or ""))
    end
    for name in pairs(found) do
      assert(wanted[name] or name:find "^luaopen_", name .. " is no function of the header")
    end
  end)

  it("names every function, constant and type of the header", function()
    local missing = {}
    for name in HEADER:gmatch "%f[%w_][%w_]+" do
      local public = name:find "^memview_%a" or name:find "^MEMVIEW_%u" or name:find "^luaopen_"
      if public and name ~= "MEMVIEW_H" and not DOC:find(name .. "%f[^%w_]") then missing[name] = true end
    end
    assert.are.equal("", sortedkeys(missing))
  end)

  it("names no function or constant that the header has not", function()
    local wrong = {}
    local text = DOC:gsub("%]%([^)]*%)", "]")  -- without the targets of links
    for name in text:gmatch "%f[%w_][Mm][Ee][Mm][Vv][Ii][Ee][Ww]_[%w_]+" do
      if not HEADER:find(name .. "%f[^%w_]") then wrong[name] = true end
    end
    assert.are.equal("", sortedkeys(wrong))
  end)

  it("describes each field of memview_Buffer", function()
    local count = 0
    local struct = HEADER:match "typedef struct memview_Buffer {(.-)\n}"
    for field in struct:gmatch "\n  %a[%w_ ]-[ %*]+([%w_]+);" do
      count = count + 1
      assert(DOC:find("\n| [^|]*`" .. field .. "`"), field)
    end
    assert.are.equal(12, count)
  end)

  it("gives the constants their values", function()
    local values = {}
    for name, value in HEADER:gmatch "(MEMVIEW_%u+) = (%d+)" do values[#values + 1] = name .. "=" .. value end
    local row = DOC:match "| `MEMVIEW_C`, `MEMVIEW_F`, `MEMVIEW_ANY`, `MEMVIEW_INDIRECT` | 2, 4, 8, 16:"
    assert(row)
    assert.are.equal("MEMVIEW_WRITABLE=1 MEMVIEW_C=2 MEMVIEW_F=4 MEMVIEW_ANY=8 MEMVIEW_INDIRECT=16",
      table.concat(values, " "))
  end)

  it("quotes files as they are", function()
    local count = 0
    for _, fence in ipairs(fences()) do
      if fence.file then
        count = count + 1
        local quoted = filetools.slurp(fence.file):find(fence.text, 1, true)
        assert(quoted, fence.file .. " has no\n" .. fence.text)
      end
    end
    assert(count >= 5)
  end)

  it("has examples that compile without a warning", function()
    local cflags = tools.flags("lua" .. _VERSION:match "%d%.%d", "--cflags")
    if not (cflags and tools.has "gcc") then return pending "needs gcc, and pkg-config that knows Lua" end
    local code = {"#include <stdlib.h>\n#include <string.h>\n"}
    for _, fence in ipairs(fences()) do
      if not fence.file then code[#code + 1] = fence.text end
    end
    assert(#code > 4)
    filetools.withfile(table.concat(code, "\n"), function(path)
      tools.run("gcc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-unused-function",
        "-fsyntax-only", "-Iinclude", "-x", "c", path, table.unpack(cflags))
    end)
  end)
end)

-- The limit that docs/lifetime.md tells of. Each case is a process of its own, since some end by the signal.
describe("a mapped file that is cut short", function()
  if tools.sanitized then return end  -- it would catch the signal
  if tools.shell("uname -s") ~= "Linux\n" then return pending "is known of Linux" end

  local page = tonumber((tools.shell "getconf PAGESIZE")) or 4096

  local function run(script)
    return (tools.shell(("sh -c 'lua%s %s; echo status $?'"):format(_VERSION:match "%d%.%d", script)))
  end

  --- Maps two pages in that mode, cuts the file to `size`, reads item `at`. @return what it printed
  local function cut(mode, size, at, written)
    return filetools.withfile(("x"):rep(2 * page), function(path)
      return filetools.withfile(([[
        package.path, package.cpath = %q, %q
        local memview = require "memview"
        local v = memview.map(%q, %q)
        if %s then v[%d] = 7 end
        local file = io.open(%q, "wb")
        file:write(("y"):rep(%d))
        file:close()
        print(#v, v[%d])
      ]]):format(package.path, package.cpath, path, mode, written or false, at, path, size, at), run)
    end)
  end

  local function reads(value, ...)
    assert.are.equal(("%d\t%d\nstatus 0\n"):format(2 * page, value), cut(...))
  end

  local function dies(...)
    local text = cut(...)
    assert(text:find "status 135\n$" or text:find "status 138\n$", text)
  end

  it("shows what is left, and zeros up to the end of the page", function()
    reads(("y"):byte(), "r", 100, 100)
    reads(0, "r", 100, 101)
    reads(0, "rw", 100, page)
  end)

  it("ends the process behind that page, in every mode", function()
    dies("r", 100, page + 1)
    dies("rw", 0, 1)
    dies("c", 0, 1)
    dies("c", 0, 1, true)
  end)
end)
