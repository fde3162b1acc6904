-- bin/memview, run as a process of its own: what it writes to standard output and to standard error, and its
-- exit code.
local memview = require "memview"
local examples = require "examples"
local filetools = require "exampletools"
local helpers = require "helpers"
local tools = require "nativetools"

local quote = tools.quote
local random, seed = helpers.random(20261127)

--- A shell function `memview` that runs the command under the Lua and with the paths of this process.
local prelude
do
  local interpreter = 0
  while arg[interpreter - 1] do interpreter = interpreter - 1 end
  local paths = ("package.path, package.cpath = %q, %q"):format(package.path, package.cpath)
  prelude = ("unset NO_COLOR\nmemview() { %s -e %s bin/memview \"$@\"; }\n"):format(quote(arg[interpreter]),
    quote(paths))
end

--- Runs a shell script that uses the command. @return its standard output, its standard error, its exit code
local function run(script)
  local errors = os.tmpname()
  local pipe = assert(io.popen(("%s{ %s\n} 2> %s"):format(prelude, script, errors)))
  local output = pipe:read "a"
  local _, _, status = pipe:close()
  local said = filetools.slurp(errors)
  os.remove(errors)
  return output, said, status
end

--- Asserts that a script writes that, and nothing to standard error, and ends with 0.
local function writes(text, script)
  local output, said, status = run(script)
  assert.are.equal("", said)
  assert.are.equal(text, output)
  assert.are.equal(0, status)
end

--- Asserts that the command, with these words, writes that one line to standard error, nothing else, and ends
-- with 1; or where it is `usage`, with 2 and a hint.
local function refuses(message, words, usage)
  local output, said, status = run("memview " .. words)
  assert.are.equal("", output)
  assert.are.equal("memview: " .. message .. "\n" .. (usage and "Try 'memview --help'.\n" or ""), said)
  assert.are.equal(usage and 2 or 1, status)
end

local function randombytes(n)
  local list = {}
  for i = 1, n do list[i] = string.char(random(0, 255)) end
  return table.concat(list)
end

--- Calls f(path, bytes) with a file of random bytes.
local function withbytes(n, f)
  local bytes = randombytes(n)
  filetools.withfile(bytes, function(path) f(quote(path), bytes) end)
end

local function dumped(bytes, format, options) return memview(bytes):cast(format):dump(options) .. "\n" end

local RECORD <const> = "T{<H:id:(2)h:pos:3s:name:}"
local PIECE <const> = 1024  -- lines in which the command shows a large file

describe("memview dump", function()
  it("shows the bytes of a file as v:dump does, at most 64 lines", function()
    withbytes(1000, function(path, bytes) writes(dumped(bytes, "B"), "memview dump " .. path) end)
    withbytes(1040, function(path, bytes)
      local text = dumped(bytes, "B")
      assert(text:find "1 lines, 16 bytes, left out")
      writes(text, "memview dump " .. path)
    end)
  end)

  it("shows what the options ask for, with the offsets of the file", function()
    for n = 1, 12 do
      withbytes(random(40, 200), function(path, bytes)
        local format, at, count = ({"B", "<h", ">d", RECORD, "20s"})[random(5)], random(0, 9), random(0, 1)
        local width, max = random(20), random(9)
        local size = memview.struct.calcsize(format)
        local part = bytes:sub(at + 1, at + count * size)
        writes(dumped(part, format, {offset = at, width = width, max = max}),
          ("memview dump %s --at %d --count=%d --format=%s --width %d --max %d # case %d of seed %d"):format(
            path, at, count, quote(format), width, max, n, seed))
      end)
    end
  end)

  it("counts what is behind the end, and from the end", function()
    withbytes(50, function(path, bytes)
      writes(dumped(bytes, "<H"), ("memview dump %s --format '<H' --count %d"):format(path, math.maxinteger))
      writes(dumped(bytes:sub(-6, -3), "<H", {offset = 44}),
        ("memview dump --format '<H' --at -6 %s --count 2"):format(path))
      writes("(no items)\n", ("memview dump --at 50 %s"):format(path))
      writes(dumped(bytes, "B"), ("memview dump --at -50 %s"):format(path))
    end)
  end)

  it("takes hexadecimal numbers", function()
    withbytes(50, function(path, bytes)
      writes(dumped(bytes:sub(17, 26), "B", {offset = 16}), "memview dump --at 0x10 --count 0xa " .. path)
    end)
  end)

  it("shows all lines of a large file, in pieces, as v:dump does in one", function()
    for _, case in ipairs {{"B", 1}, {"<H", 3}, {"<d", 3}, {"<H", 10}} do
      local format, width = table.unpack(case)
      local perline = math.max(width // memview.struct.calcsize(format), 1)
      withbytes((2 * PIECE * perline + 1) * memview.struct.calcsize(format), function(path, bytes)
        local want = dumped(bytes, format, {width = width, max = math.huge})
        local got = run(("memview dump --max all --width %d --format '%s' %s"):format(width, format, path))
        assert.is_true(got == want, format)
        assert.are.equal(2 * PIECE + 1, select(2, got:gsub("\n", "")))
      end)
    end
  end)

  it("shows all records, and items wider than a line, with their numbers", function()
    for _, case in ipairs {{"T{<H:id:}", 2}, {"20s", 10}} do
      local format, width = table.unpack(case)
      withbytes(3 * PIECE * memview.struct.calcsize(format), function(path, bytes)
        local want = dumped(bytes, format, {max = math.huge, width = width})
        local options = ("--max all --width %d --format %s"):format(width, quote(format))
        local got = run("memview dump " .. path .. " " .. options)
        assert.is_true(got == want, format)
      end)
    end
  end)

  it("shows whole items, and says what is left", function()
    withbytes(11, function(path, bytes)
      local output, said, status = run("memview dump --format '<i' " .. path)
      assert.are.equal(dumped(bytes:sub(1, 8), "<i"), output)
      local message = "memview: %s: the end has 3 of the 4 bytes of an item\n"
      assert.are.equal(message:format(path:match "'(.*)'"), said)
      assert.are.equal(0, status)
      writes(dumped(bytes:sub(1, 8), "<i"), "memview dump --format '<i' --count 2 " .. path)
    end)
  end)

  it("shows that an empty file has no items", function()
    writes("(no items)\n", "memview dump /dev/null")
  end)

  it("takes what follows -- for a file", function()
    refuses("--at: No such file or directory", "dump -- --at")
  end)
end)

describe("memview dump of what cannot be mapped", function()
  it("reads standard input where the file is -", function()
    withbytes(300, function(path, bytes)
      writes(dumped(bytes, "B"), "memview dump - < " .. path)
      writes(dumped(bytes, "<H", {max = 3}), ("cat %s | memview dump --format '<H' - --max 3"):format(path))
      writes(dumped(bytes:sub(-4), "B", {offset = 296}), ("cat %s | memview dump - --at -4"):format(path))
      writes(dumped(bytes:sub(3), "<H", {offset = 2}),
        ("cat %s | memview dump - --at 2 --format '<H' --count %d"):format(path, math.maxinteger))
    end)
  end)

  it("reads no more than it needs", function()
    withbytes(100000, function(path, bytes)
      local script = "{ memview dump - --at 2 --format '<H' --count 4; wc -c; } < " .. path
      local output, _, status = run(script)
      local text, left = output:match "^(.*\n)%s*(%d+)\n$"
      assert.are.equal(dumped(bytes:sub(3, 10), "<H", {offset = 2}), text)
      assert.is_true(tonumber(left) > 0)
      assert.are.equal(0, status)
    end)
  end)

  it("reads a named pipe, which it opens once", function()
    local path = os.tmpname()
    local script = "rm -f PATH; mkfifo PATH; (echo hello > PATH) & sleep 0.2; memview dump PATH"
    writes(dumped("hello\n", "B"), (script:gsub("PATH", quote(path))))
    os.remove(path)
  end)
end)

describe("memview dump --record", function()
  --- Calls f with the quoted path of a Lua file, and its plain path.
  local function withlua(code, f)
    filetools.withfile(code, function(path) f(quote(path), path) end)
  end

  it("takes the format that a Lua file returns", function()
    withlua(('return require "memview".record("<", {{"id", "u16"}, {"size", "f32"}})'), function(code)
      withbytes(30, function(path, bytes)
        local format = memview.record("<", {{"id", "u16"}, {"size", "f32"}})
        writes(dumped(bytes, format), ("memview dump %s --record %s"):format(path, code))
      end)
    end)
    withlua("return '>H'", function(code)
      writes(dumped("ab", ">H"), "printf ab | memview dump - --record " .. code)
    end)
  end)

  it("refuses files that return none", function()
    local cases = {
      ["return 5"] = ": returns a number, where a format is expected",
      [""] = ": returns a nil, where a format is expected",
      ["return 'Hyz'"] = ": bad format 'Hyz' at position 2: unknown letter 'y'",
      ["return '4x'"] = ": format '4x' cannot make a view: it has no values",
      ["\nreturn x.y"] = ":2: attempt to index a nil value (global 'x')",
      ["return ="] = ":1: unexpected symbol near '='",
      ["error('no luck', 0)"] = false,
    }
    for code, message in pairs(cases) do
      withlua(code, function(words, path)
        refuses(message and path .. message or "no luck", "dump LICENSE --record " .. words)
      end)
    end
    refuses("cannot open no/such.lua: No such file or directory", "dump LICENSE --record no/such.lua")
  end)
end)

describe("memview's exit code", function()
  it("is 1 for files that are not there, or no files", function()
    refuses("no/such: No such file or directory", "dump no/such")
    refuses("spec: Is a directory", "dump spec")
  end)

  it("is 1 for an offset outside the file", function()
    withbytes(10, function(path)
      local plain = path:match "'(.*)'"
      refuses(plain .. ": no offset 11, there are 10 bytes", "dump --at 11 " .. path)
      refuses(plain .. ": no offset -11, there are 10 bytes", "dump --at -11 " .. path)
    end)
  end)

  it("is 1 where the output cannot be written", function()
    if not io.open "/dev/full" then pending "needs /dev/full" end
    refuses("standard output: No space left on device", "dump LICENSE > /dev/full")
  end)

  it("is 2 for a wrong command line", function()
    local cases = {
      [""] = "a command expected, such as: memview dump FILE",
      ["dumb LICENSE"] = "unknown command 'dumb'",
      ["dump"] = "one file expected, got 0",
      ["dump LICENSE README.md"] = "one file expected, got 2",
      ["dump LICENSE -x"] = "unknown option '-x'",
      ["dump LICENSE --colour=auto"] = "unknown option '--colour=auto'",
      ["dump LICENSE --at"] = "option '--at' needs a value",
      ["dump LICENSE --at 1.5"] = "option '--at': integer expected, got '1.5'",
      ["dump LICENSE --at=x"] = "option '--at': integer expected, got 'x'",
      ["dump LICENSE --count -1"] = "option '--count': integer from 0 on expected, got '-1'",
      ["dump LICENSE --width 0"] = "option '--width': integer from 1 on expected, got '0'",
      ["dump LICENSE --max none"] = "option '--max': integer from 1 on or all expected, got 'none'",
      ["dump LICENSE --color"] = "option '--color' needs a value",
      ["dump LICENSE --color yes"] = "option '--color': always, never or auto expected, got 'yes'",
      ["dump LICENSE --format Hyz"] = "option '--format': bad format 'Hyz' at position 2: unknown letter 'y'",
      ["dump LICENSE --format 4x"] = "option '--format': format '4x' cannot make a view: it has no values",
      ["dump LICENSE --format B --record x.lua"] = "cannot open x.lua: No such file or directory",
    }
    for words, message in pairs(cases) do refuses(message, words, not message:find "^cannot open") end
    filetools.withfile("return 'B'", function(path)
      refuses("one of '--format' and '--record' expected, got both",
        "dump LICENSE --format B --record " .. quote(path), true)
    end)
  end)
end)

describe("memview --help", function()
  it("shows each option, in lines of a terminal's width", function()
    local output, said, status = run "memview --help"
    assert.are.same({"", 0}, {said, status})
    for _, name in ipairs {"format", "record", "at", "count", "width", "max", "color"} do
      assert.is_truthy(output:find("\n  %-%-" .. name .. " %u"), name)
    end
    for line in output:gmatch "[^\n]+" do assert.is_true(#line <= 80, line) end
  end)

  it("is the same wherever it stands", function()
    local output = run "memview --help"
    for _, words in ipairs {"-h", "help", "dump --help", "dump LICENSE --at 3 -h"} do
      writes(output, "memview " .. words)
    end
  end)

  it("comes with a version", function()
    local output, said, status = run "memview --version"
    assert.is_truthy(output:find("^memview.* %(" .. _VERSION .. "%)\n$"), output)
    assert.are.same({"", 0}, {said, status})
  end)
end)

describe("memview in a pipe", function()
  it("ends quietly when its reader goes away", function()
    withbytes(100000, function(path, bytes)
      local first = dumped(bytes:sub(1, 16), "B")
      writes(first, ("memview dump %s --max all | head -n 1"):format(path))
      -- where the signal is ignored, the write fails
      writes(first, ("trap '' PIPE; memview dump %s --max all | head -n 1"):format(path))
    end)
  end)
end)

describe("memview's colours", function()
  local painted = dumped("abc", "B", {color = true})

  it("come when they are asked for, and not to a file or a pipe by themselves", function()
    writes(painted, "printf abc | memview dump - --color always")
    writes(painted, "export NO_COLOR=1; printf abc | memview dump - --color always")
    for _, when in ipairs {"auto", "never"} do
      writes(dumped("abc", "B"), "printf abc | memview dump - --color " .. when)
    end
  end)

  --- What a script writes to a terminal; nil where none can be had.
  local function interminal(script)
    if run "script -qec 'echo works' /dev/null < /dev/null 2>/dev/null" ~= "works\r\n" then return nil end
    return (filetools.withfile(prelude .. script, function(path)
      return (run(("TERM=xterm script -qec 'sh %s' /dev/null < /dev/null"):format(path)):gsub("\r", ""))
    end))
  end

  it("come on a terminal, unless the environment forbids it", function()
    if not interminal "true" then pending "needs the program script, and a pseudo-terminal" end
    local dump = "printf abc | memview dump - "
    assert.are.equal(painted, interminal(dump))
    assert.are.equal(dumped("abc", "B"), interminal("NO_COLOR=1; export NO_COLOR; " .. dump))
    assert.are.equal(painted, interminal("NO_COLOR=; export NO_COLOR; " .. dump))
    assert.are.equal(dumped("abc", "B"), interminal("TERM=dumb; export TERM; " .. dump))
    assert.are.equal(dumped("abc", "B"), interminal(dump .. "--color never"))
    assert.are.equal(dumped("abc", "B"), interminal(dump .. "| cat"))
  end)
end)

describe("the manual's section about the command", function()
  local text = filetools.slurp("docs/manual.md"):match "\n## The command\n(.-)\n## "

  it("names each option of the help", function()
    for name in run("memview --help"):gmatch "\n  (%-%-%l+)" do
      assert.is_truthy(text:find("`" .. name .. " ", 1, true), name)
    end
  end)

  --- The commands of the section and what it says that they write: {command, text}.
  local function shown()
    local list = {}
    for fence in text:gmatch "\n```console\n(.-)```\n" do
      for command, output in fence:gmatch "%$ ([^\n]+)\n([^$]*)" do list[#list + 1] = {command, output} end
    end
    return list
  end

  it("shows what the command writes", function()
    local _, loose = examples.parse "docs/manual.md"
    local code
    for _, example in ipairs(loose.examples) do
      if example[1]:find "^%-%- lump.lua" then code = table.concat(example, "\n") end
    end
    filetools.withfile(assert(code), function(path)
      local list = shown()
      assert.are.equal(4, #list)
      for _, case in ipairs(list) do writes(case[2], (case[1]:gsub("lump%.lua", quote(path)))) end
    end)
  end)
end)
