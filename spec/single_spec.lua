-- `make single`: one C file and one header that a program adds to its build. spec/single/host.c is such a
-- program.
local ctext = dofile "tools/ctext.lua"
local examples = require "examples"
local tools = require "nativetools"
local filetools = require "exampletools"

local LUA <const> = "lua" .. _VERSION:match "%d%.%d"
local FOLDER <const> = "build/single"
local HOST <const> = FOLDER .. (tools.sanitized and "/host-asan" or "/host")

local cflags, libs = tools.flags(LUA, "--cflags"), tools.flags(LUA, "--libs")
local compilers = {}
for _, name in ipairs {"gcc", "clang"} do
  if tools.has(name) then compilers[#compilers + 1] = name end
end

if not (libs and compilers[1] and tools.has "make") then
  describe("the single file", function()
    pending("needs make, a C compiler, and pkg-config that knows " .. LUA)
  end)
  return
end

-- The flags of the Makefile, so that the single file is held to what its parts are held to.
local warnings = {}
for word in filetools.slurp("Makefile"):match("\nWARNINGS := ([^\n]*)"):gmatch "%S+" do
  warnings[#warnings + 1] = word
end

--- Compiles with these words behind the flags; raises where the compiler prints anything.
local function compile(compiler, ...)
  local words = {compiler, "-std=c99", "-fvisibility=hidden", "-Werror", "-I" .. FOLDER}
  for _, list in ipairs {warnings, cflags, {...}} do table.move(list, 1, #list, #words + 1, words) end
  local printed = tools.run(table.unpack(words))
  assert(printed == "", printed)
end

--- Runs a script in the host. @return what it printed, and the exit status
local function host(script, mode)
  return filetools.withfile(script, function(path)
    return tools.shell(("%s %s %s"):format(HOST, tools.quote(path), mode or ""))
  end)
end

--- Asserts that a script prints this text and nothing else, and that the host ends well.
local function prints(text, script, mode)
  local printed, status = host(script, mode)
  assert.are.equal(text, printed)
  assert.are.equal(0, status)
end

setup(function()
  tools.run("make", "-s", "BUILD=build", "single")
  local sanitizers = tools.sanitized and "-fsanitize=address,undefined" or "-g"
  compile(compilers[1], sanitizers, "-o", HOST, "spec/single/host.c", FOLDER .. "/memview.c", "-lm",
    table.unpack(libs))
end)

describe("memview.c", function()
  for _, compiler in ipairs(compilers) do
    it("compiles alone with " .. compiler .. ", without a warning", function()
      compile(compiler, "-c", "-o", FOLDER .. "/alone.o", FOLDER .. "/memview.c")
    end)
  end

  it("shows the two openers to the linker, and no other name", function()
    compile(compilers[1], "-c", "-o", FOLDER .. "/alone.o", FOLDER .. "/memview.c")
    local names = {}
    for name in tools.run("nm", "-g", "--defined-only", FOLDER .. "/alone.o"):gmatch "%x+ %a (%S+)" do
      if not name:find "^__x86%." then names[#names + 1] = name:gsub("^_", "") end     -- gcc's own, on i386
    end
    assert.are.same({"luaopen_memview", "luaopen_memview_core"}, names)
  end)

  it("comes with the header of the source", function()
    assert.are.equal(filetools.slurp "include/memview.h", filetools.slurp(FOLDER .. "/memview.h"))
  end)
end)

describe("tools/ctext.lua", function()
  local function tokens(text) return ctext.tokenize(text) end

  it("takes every C file apart and puts it together again", function()
    local count = 0
    for path in tools.run("find", "csrc", "include", "examples", "-name", "*.[ch]"):gmatch "%C+" do
      local text = filetools.slurp(path)
      assert(ctext.concat(tokens(text)) == text, path)
      count = count + 1
    end
    assert(count > 20)
  end)

  it("finds the names that declarations give", function()
    local found = {}
    for _, declaration in ipairs(ctext.declarations(tokens [[
      #define MACRO(x) int x
      typedef struct Tag { int member, (*hook) (int parameter); } Type;
      enum { ONE = 1, TWO };
      typedef void Callback (void *argument);
      static const char key = 'k', *const other[] = {"text", "}"};
      static void (*const list[]) (int) = { function };
      MACRO(ignored);
      static int function (int a) { int local = a, x[3]; return local; }
      int prototype (void);
    ]])) do ctext.takenames(declaration, found) end
    local list = {}
    for name in pairs(found) do list[#list + 1] = name end
    table.sort(list)
    assert.are.equal("Callback ONE TWO Tag Type function key list other prototype", table.concat(list, " "))
  end)

  it("gives new names to things, and lets members, texts and comments be", function()
    local code = tokens [[
      typedef struct Name { int name; Name *next; } Name;
      static int name; /* name */
      static int f (Name *p) { return p->name + name + p . name; }
      static const char *s = "name";
      #define GET name
    ]]
    ctext.rename(code, ctext.declarations(code), {name = "new", Name = "New"})
    assert.are.equal([[
      typedef struct New { int name; New *next; } New;
      static int new; /* name */
      static int f (New *p) { return p->name + new + p . name; }
      static const char *s = "name";
      #define GET new
    ]], ctext.concat(code))
  end)
end)

describe("a program with memview inside", function()
  it("has no path to find anything else on", function()
    prints("\t.\n", [[print(package.path .. package.cpath, (pcall(require, "busted")) and "busted" or ".")]])
  end)

  for _, document in ipairs {"docs/manual.md", "docs/formats.md"} do
    it("runs all examples of " .. document, function()
      local count = 0
      local entries, loose = examples.parse(document)
      for _, entry in ipairs {loose, table.unpack(entries)} do count = count + #entry.examples end
      assert(count > 0)
      prints(count .. " examples\n", "local document = '" .. document .. [['
        local examples, count = dofile "spec/examples.lua", 0
        local entries, loose = examples.parse(document)
        for _, entry in ipairs {loose, table.unpack(entries)} do
          for _, example in ipairs(entry.examples) do examples.run(example) count = count + 1 end
        end
        print(count .. " examples")
      ]])
    end)
  end

  it("gives the parts by their names, which no file has", function()
    prints("true\ttrue\ttrue\n", [[
      print(require "memview" == memview, require "memview.core".memview == memview,
        require "memview.struct" == memview.struct)
    ]])
  end)

  it("names the part and the line in errors and tracebacks", function()
    prints("memview/record.lua\tLua\n", [[
      local info = debug.getinfo(memview.record, "S")
      print(info.short_src, info.what)
    ]])
  end)

  it("ends with the error of a script", function()
    local printed, status = host "memview('abc')[1] = 1"
    assert.is_truthy(printed:find "^host: .*view is read%-only", printed)
    assert.are.equal(1, status)
  end)
end)

describe("a program without the libraries package, io, os, coroutine, utf8 and debug", function()
  it("has items, records, columns and copies all the same", function()
    prints("7\t2.5\t9\t0a\n", [[
      local Point = memview.record("<", {{"id", "u16"}, {"pos", "f32", 2}})
      local points = memview.zeros(Point, 3)
      points[2] = {id = 7, pos = {1, 2.5}}
      points:field("id"):sub(3):fill(9)
      print(points[2].id, points[2].pos[2], points[3].id, memview.fromhex("0a"):hex())
    ]], "bare")
  end)

  it("has struct, cursors and dumps", function()
    prints("1\t513\t6\n00000000  01 01 02 00 01  |.....|\n", [[
      local buffer = memview.buffer()
      local c = memview.cursor(buffer, "<"):pack("BH", 1, 0x201)
      c:seek(1)
      print(c:unpack "B", c:unpack "H", c:skip(0).position + 2)
      buffer:append(memview.struct.pack("?c", false, "\1"))
      local text = buffer:view():dump()
      print((text:gsub("\n$", "")))
    ]], "bare")
  end)

  it("has no require", function()
    prints("nil\n", "print(require)", "bare")
  end)
end)

describe("memory of a program", function()
  it("is seen with no copy, taken back, and released once", function()
    prints("8\t7\nattempt to use a released view\t1\t1\n", [[
      local v = lend(8)
      v[8] = 7
      local last = v:sub(-1)
      print(#v, last[1])
      local count = takeback()
      local _, message = pcall(function() return last[1] end)
      print(message:match "attempt.*", count, takeback())
    ]])
  end)

  it("is released when the state is closed, where it was never taken back", function()
    prints("3\n", "kept = lend(3) print(#kept)")
  end)
end)
