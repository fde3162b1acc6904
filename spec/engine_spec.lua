-- examples/engine, built with the sanitizers and run without a screen: it changes the size of its window and
-- loads its script again and again. A leak, or a look at memory that is gone, ends it with an error.
local filetools = require "exampletools"
local tools = require "nativetools"

-- The engine has sanitizers of its own, so the run under the sanitizers would show nothing new.
if tools.sanitized then return end

local ENGINE <const> = "build/engine-asan/engine/engine"

if not (tools.flags("sdl2 >= 2.0.18", "--libs") and tools.has "make" and tools.has "gcc") then
  describe("the engine", function()
    pending("needs make, gcc and SDL 2.0.18 (make engine installs it)")
  end)
  return
end

--- Runs the engine with these options. @return what it printed, and its exit status
local function engine(options)
  return tools.shell(("ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 %s --headless %s"):format(
    ENGINE, options))
end

--- Runs a script in it, and asserts that it ends well. @return what it printed
local function play(script, options)
  return filetools.withfile(script, function(path)
    local text, status = engine(options .. " " .. tools.quote(path))
    assert(status == 0, text)
    return text
  end)
end

local function has(text, part)
  assert(text:find(part, 1, true), ("no %q in %s"):format(part, text))
end

setup(function() tools.run("make", "-s", "build-engine-asan") end)

describe("the engine with its own script", function()
  it("draws 600 frames through resizes and reloads, and leaks nothing", function()
    local text, status = engine "--frames 600 --resize-every 7 --reload-every 50"
    assert.are.equal(0, status, text)
    assert.are.equal("600 frames, 85 resizes, 13 loads of the script, 0 errors in it\n"
      .. "14 meshes made, 14 freed\n", text)
  end)

  it("has drawn all of the screen", function()
    local path = os.tmpname()
    local text, status = engine("--frames 3 --resize-every 2 --screenshot " .. tools.quote(path))
    local width, height, bits, _, rows = filetools.readbmp(filetools.slurp(path))
    os.remove(path)
    assert(status == 0, text)
    assert.are.same({403, 269, 24}, {width, height, bits})
    local bright = rows:gsub("...", {["\0\0\0"] = ""})
    assert(#rows - #bright < #rows // 100)
  end)
end)

describe("a script", function()
  it("writes the pixels that a screenshot has", function()
    local path = os.tmpname()
    play([[
      local engine = ...
      return function()
        for y, row in ipairs(engine.screen) do
          for x = 1, #row do row[x] = (x % 256) << 16 | (y % 256) << 8 | (x + y) % 256 end
        end
      end
    ]], "--frames 1 --screenshot " .. tools.quote(path))
    local width, height, _, _, rows = filetools.readbmp(filetools.slurp(path))
    os.remove(path)
    local expected = {}
    for y = 1, height do
      for x = 1, width do expected[#expected + 1] = string.char((x + y) % 256, y % 256, x % 256) end
    end
    assert.is_true(width == 480 and height == 300 and rows == table.concat(expected))
  end)

  it("sees the same pixels as bytes of red, green and blue", function()
    has(play([[
      local engine = ...
      return function()
        engine.screen:set(2, 3, 0x102030)
        print(engine.colours[2][3]:unpack())
        engine.colours:set(2, 3, 1, 0xff)
        print(("%06x"):format(engine.screen:get(2, 3)))
      end
    ]], "--frames 1"), "16\t32\t48\nff2030\n")
  end)

  it("draws triangles by records", function()
    local text = play([[
      local engine = ...
      local mesh = engine.vertices(3)
      return function(time)
        mesh[1], mesh[2] = {x = 10, y = 10}, {x = 60, y = 10}
        mesh[3] = {x = 10, y = 60}
        mesh:field("g"):fill(200)
        mesh:field("a"):fill(255)
          local drawn, empty = engine.screen:get(21, 21), engine.screen:get(100, 100)
        print(("%06x %06x"):format(drawn & 0xffffff, empty & 0xffffff))
      end
    ]], "--frames 2")
    has(text, "000000 000000\n00c800 000000\n")
  end)

  it("may write any numbers as places of vertices: what is far away is not drawn", function()
    has(play([[
      local engine = ...
      local numbers = {0/0, 1/0, -1/0, 3e38, -3e38, 1e9, 0}
      local mesh = engine.vertices(3 * 343)
      for i = 1, #mesh do
        mesh[i] = {x = numbers[i % 7 + 1], y = numbers[i // 7 % 7 + 1], r = 255, a = 255}
      end
      mesh[1], mesh[2], mesh[3] = {x = -2e4, y = -2e4}, {x = 6e4, y = -2e4}, {x = -2e4, y = 6e4}
      return function()
        local drawn = 0
        for _, row in ipairs(engine.screen) do drawn = drawn + #row - row:count(0) end
        print(drawn .. " pixels")
      end
    ]], "--frames 2"), "0 pixels\n0 pixels\n")
  end)
end)

describe("a script that keeps views", function()
  -- It keeps what it ever saw, in a table and in coroutines, and touches all of it in each frame.
  local hoarder = [[
    local engine = ...
    hoard = hoard or {}
    --- A coroutine that calls f over and over.
    local function again(f, ...)
      local args = table.pack(...)
      return coroutine.wrap(function()
        while true do coroutine.yield(pcall(f, table.unpack(args))) end
      end)
    end
    local function keep(view)
      if hoard[view] then return end
      local derived = {view, view:sub(2), view:sub(-1, 1, -2), view:transpose(), view:toreadonly()}
      local readers, writers = {}, {}
      for i, v in ipairs(derived) do
        readers[i], writers[i] = again(v.tobytes, v), again(v.fill, v, 1)
      end
      hoard[view] = {derived = derived, readers = readers, writers = writers}
    end
    local function touch(live, kept)
      for i, v in ipairs(kept.derived) do
        assert(v.released == not live)
        local ok, why = kept.readers[i]()
        assert(ok == live and (live or why:find "attempt to use a released view"), why)
        ok, why = kept.writers[i]()
        assert(ok == (live and not v.readonly), why)
      end
    end
    return function(time)
      if time * 60 % 3 < 1 then engine.vertices(5) end
      keep(engine.screen) keep(engine.colours) keep(engine.mesh:field "y")
      local live, dead = 0, 0
      for view, kept in pairs(hoard) do
        touch(not view.released, kept)
        if view.released then dead = dead + 1 else live = live + 1 end
      end
      local frame = math.tointeger(time * 60 + 0.5 - (time * 60 + 0.5) % 1)
      if frame == 60 then print("live " .. live, "dead " .. dead) end
    end
  ]]

  it("has errors to catch, and the engine none", function()
    local text = play(hoarder, "--frames 60 --resize-every 4 --reload-every 10")
    has(text, "60 frames, 15 resizes, 7 loads of the script, 0 errors in it")
    local dead = tonumber(text:match "dead (%d+)")
    assert(dead >= 2 * 15, text)
  end)

  it("finds them released in its finalizers, when the engine ends", function()
    has(play([[
      local engine = ...
      local screen, mesh = engine.screen, engine.mesh
      setmetatable({}, {__gc = function()
        print(screen.released, mesh.released, pcall(engine.vertices, 3))
      end})
      return function() end
    ]], "--frames 2"), "true\ttrue\tfalse\tthe engine has ended\n")
  end)
end)

describe("a broken script", function()
  --- A script that changes its own file: `step` writes the next text.
  local prelude = [[
    local engine = ...
    local path = debug.getinfo(1, "S").source:sub(2)
    local function write(text)
      local file <close> = io.open(path, "w")
      file:write(text)
    end
  ]]

  it("is not loaded: the one before it goes on", function()
    local text = play(prelude .. [[
      local frames = 0
      return function()
        frames = frames + 1
        if frames == 2 then write "this is no Lua" end
        if frames == 7 then print "still here" end
      end
    ]], "--frames 7 --reload-every 3")
    has(text, "syntax error")
    has(text, "still here\n")
    has(text, "3 loads of the script, 2 errors in it")
  end)

  it("that fails in its first frame gives way to the one before it", function()
    local text = play(prelude .. [[
      local frames = 0
      return function()
        frames = frames + 1
        if frames == 2 then write "return function() error 'in the frame' end" end
        if frames == 5 then print "back again" end
      end
    ]], "--frames 6 --reload-every 4")
    has(text, "frame 4: ")
    has(text, "in the frame\nstack traceback")
    has(text, "back again\n")
    has(text, "1 errors in it")
  end)

  it("that fails later is told of once, and asked again", function()
    local text = play([[
      local frames = 0
      return function()
        frames = frames + 1
        if frames > 2 and frames < 6 then error "for a while" end
        if frames == 6 then print "well again" end
      end
    ]], "--frames 6")
    local _, count = text:gsub("for a while", "")
    assert.are.equal(1, count)
    has(text, "well again\n")
    has(text, "3 errors in it")
  end)

  it("may raise anything, or give nothing", function()
    local codes = {"error()", "error {}", "error(setmetatable({}, {__tostring = 1}))", "return 1", "x = x.y"}
    for _, code in ipairs(codes) do
      has(play(code, "--frames 2"), "2 frames, 0 resizes, 1 loads of the script, 1 errors in it")
      local failing = ("return function() %s; error() end"):format(code:gsub("^return.*", ""))
      has(play(failing, "--frames 2"), "1 loads of the script, 2 errors in it")
    end
  end)
end)

describe("the command line", function()
  it("is explained where it is wrong", function()
    for _, options in ipairs {"--frames", "--frames x", "--frames 0", "--what 3", "--screenshot"} do
      local text, status = engine(options)
      has(text, "usage: engine")
      assert.are.equal(1, status)
    end
  end)

  it("may name a script that is not there: the window stays empty", function()
    local text, status = engine "--frames 2 nosuchscript.lua"
    has(text, "cannot open nosuchscript.lua")
    assert.are.equal(0, status)
  end)
end)
