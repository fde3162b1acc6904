-- Files: memview.map and flush, and Lua's own file handles as sources and targets of Views and Buffers.
local memview = require "memview"
local helpers = require "helpers"
local build = require "capi.build"
local raises, collect = helpers.raises, helpers.collect

local ENOENT, EBADF, EISDIR, ENOSPC = 2, 9, 21, 28

--- Temporary files of this spec, removed when a test ends.
local names = {}

local function newname()
  local name = os.tmpname()
  names[#names + 1] = name
  return name
end

--- The name of a new file with these bytes.
local function newfile(bytes)
  local name = newname()
  local file = assert(io.open(name, "wb"))
  file:write(bytes)
  file:close()
  return name
end

local function contents(name)
  local file <close> = assert(io.open(name, "rb"))
  return file:read "a"
end

--- An open temporary file with these bytes, at its start.
local function opened(bytes)
  local file = assert(io.tmpfile())
  file:write(bytes)
  file:seek "set"
  return file
end

--- n bytes that look different everywhere, up to 300001.
local noise do
  local list = {}
  for k = 1, 300001 do list[k] = string.char((k * k + k // 256) % 256) end
  local all = table.concat(list)
  function noise(n) return all:sub(1, n) end
end

local function exists(path)
  local file = io.open(path)
  return file and file:close() or false
end

local function shell(command)
  local pipe = assert(io.popen("(" .. command .. ") 2>/dev/null"))
  local text = pipe:read "a"
  return text, (pipe:close())
end

local linux = exists "/proc/self/smaps"
local posix = linux or shell "uname" ~= ""

--- Asserts the results of a failed call of the system.
local function fails(number, count, ...)
  local result, message, errno, done = ...
  assert.is_nil(result)
  assert.equal("string", type(message))
  assert.equal(number, errno)
  assert.equal("integer", math.type(errno))
  assert.equal(count, done)
  assert.equal(count and 4 or 3, select("#", ...))
  return message
end

after_each(function()
  collect()
  for _, name in ipairs(names) do os.remove(name) end
  names = {}
end)

-- Mapped files -----------------------------------------------------------------------------------------

describe("memview.map()", function()
  local modes = { "r", "rw", "c" }

  it("shows the bytes of the file, whatever its size, in every mode", function()
    for _, size in ipairs { 1, 2, 100, 4095, 4096, 4097, 65536, 100001 } do
      local bytes = noise(size)
      local name = newfile(bytes)
      for _, mode in ipairs(modes) do
        local v <close> = assert(memview.map(name, mode))
        assert.equal(bytes, v:tobytes())
        assert.same({ size }, v.shape)
        assert.same({ "B", 1, size, true }, { v.format, v.itemsize, v.nbytes, v.c_contiguous })
        assert.is_nil(v.obj)
        assert.equal(mode == "r", v.readonly)
      end
      assert.equal(bytes, contents(name))
    end
  end)

  it("reads only, unless it is told otherwise", function()
    local name = newfile "text"
    for _, v in ipairs { memview.map(name), memview.map(name, nil), memview.map(name, "r") } do
      assert.is_true(v.readonly)
      raises("view is read-only", function() v[1] = 1 end)
      raises("view is read-only", v.fill, v, 0)
    end
    assert.equal("text", contents(name))
  end)

  it("writes through to the file in mode rw", function()
    local name = newfile "some text"
    local v = memview.map(name, "rw")
    v[1] = 83
    v:sub(6):copyfrom "TEXT"
    assert.equal("Some TEXT", contents(name))
    v:cast("T{B:first:8s:rest:}")[1].rest = "thing"
    v:release()
    assert.equal("Sthing\0\0\0", contents(name))
  end)

  it("writes to a copy in mode c", function()
    local name = newfile "some text"
    local v, w = memview.map(name, "c"), memview.map(name)
    v:fill(0)
    assert.equal(("\0"):rep(9), v:tobytes())
    assert.equal("some text", w:tobytes())
    assert.equal(v, v:flush())
    v:release()
    assert.equal("some text", contents(name))
  end)

  it("shows what others write to the file", function()
    local name = newfile "some text"
    local v, w = memview.map(name), memview.map(name, "rw")
    w[1] = 83
    local file <close> = io.open(name, "r+b")
    file:seek("set", 5)
    file:write "T"
    file:flush()
    assert.equal("Some Text", v:tobytes())
  end)

  it("gives an empty view of an empty file", function()
    local name = newfile ""
    for _, mode in ipairs(modes) do
      local v = assert(memview.map(name, mode))
      assert.equal(0, #v)
      assert.equal("", v:tobytes())
      assert.is_nil(v[1])
      assert.equal(v, v:flush())
      v:release()
      assert.is_true(v.released)
    end
  end)

  it("gives nil, the message and the number for a file that cannot be opened", function()
    local message = fails(ENOENT, nil, memview.map "no/such/file")
    assert.equal((select(2, io.open "no/such/file")), message)
    for _, mode in ipairs(modes) do fails(ENOENT, nil, memview.map("", mode)) end
    if posix then
      for _, mode in ipairs(modes) do
        message = fails(EISDIR, nil, memview.map(".", mode))
        assert.is_truthy(message:find("^%.: "), message)
      end
    end
  end)

  it("gives them for a file without permission", function()
    if not posix or shell "id -u" == "0\n" then pending "root may do everything" end
    local name = newfile "text"
    shell("chmod 400 " .. name)
    assert.equal("text", memview.map(name):tobytes())
    assert.equal("text", memview.map(name, "c"):tobytes())
    local message, number = select(2, io.open(name, "r+"))
    assert.equal(message, fails(number, nil, memview.map(name, "rw")))
    shell("chmod 000 " .. name)
    for _, mode in ipairs(modes) do fails(number, nil, memview.map(name, mode)) end
  end)

  it("gives them for what is no file, and does not wait for it", function()
    if not linux then pending "there are no such files" end
    for _, mode in ipairs(modes) do
      assert.is_truthy(fails(19, nil, memview.map("/dev/null", mode)):find("/dev/null: ", 1, true))
    end
    local name = newname()
    os.remove(name)
    shell("mkfifo " .. name)
    local code = ("local v, message, number = memview.map(%q) print(v, message, number)"):format(name)
    local text = build.run('local memview = require "memview" ' .. code, "timeout 3")
    assert.is_truthy(text:find("^nil\t" .. name .. ": "), text)
  end)

  it("raises for other modes and for paths that are none", function()
    for _, mode in ipairs { "", "w", "x", "r+", "rb", "R" } do
      raises(("invalid option '%s'"):format(mode), memview.map, "x", mode)
    end
    raises("string expected", memview.map)
    raises("string expected", memview.map, {})
    raises("zero", memview.map, "x\0y")
  end)

  it("works as other memory does: casts, slices, records, search", function()
    local bytes = noise(6000)
    local v, w = memview.map(newfile(bytes)), memview(bytes)
    for _, f in ipairs { "<H", ">i", "d", "T{<h:x:B:y:B:z:}" } do
      assert.is_true(v:cast(f):equals(w:cast(f)))
    end
    assert.equal(w:sub(-1, 1, -7):tobytes(), v:sub(-1, 1, -7):tobytes())
    assert.same({ v:find "\6\12" }, { w:find "\6\12" })
    assert.is_true(v == w and v:reshape({ 60, 100 }):transpose() == w:reshape({ 60, 100 }):transpose())
  end)

  it("keeps the file's bytes while it is unlinked, renamed or replaced", function()
    if not posix then pending "open files cannot be removed" end
    local name, other = newfile "first", newname()
    local v, w = memview.map(name), memview.map(name, "rw")
    assert(os.rename(name, other))
    w[1] = 70
    assert.equal("First", contents(other))
    local file = io.open(name, "w")
    file:write "second"
    file:close()
    os.remove(other)
    assert.same({ "First", "First", "second" }, { v:tobytes(), w:tobytes(), contents(name) })
  end)

  it("keeps no file open, and no address once the last view is gone", function()
    if not linux then pending "there is no /proc" end
    local name = newfile(noise(5000))
    local function maps() return select(2, contents "/proc/self/maps":gsub(name:gsub("%p", "%%%0"), "")) end
    local folder = ("/proc/%d/fd"):format(contents "/proc/self/stat":match "%d+")
    local function files() return shell("ls -l " .. folder .. " | grep -vc pipe:") end
    local before = files()
    local v = memview.map(name)
    assert.equal(before, files())
    assert.equal(1, maps())
    local w = v:sub(2, 3)
    v:release()
    assert.equal(1, maps())
    w:release()
    assert.equal(0, maps())
    do local x <close> = memview.map(name) assert.equal(1, maps() * #x // 5000) end
    assert.equal(0, maps())
    for _ = 1, 3 do memview.map(name) end
    collect()
    assert.equal(0, maps())
    for _ = 1, 20 do memview.map "no/such/file" memview.map "." end
    assert.equal(before, files())
  end)

  it("maps files beyond 4 GiB", function()
    local name = newname()
    local file = assert(io.open(name, "wb"))
    local size = (1 << 32) + 5
    local room = #string.pack("T", 0) == 8 and file:seek("set", size - 3) and file:write "end"
    if not (room and file:close()) then pending "there is no room" end
    local v <close> = assert(memview.map(name, "rw"))
    assert.equal(size, #v)
    assert.same({ 101, 110, 100 }, { v:unpack(-3) })
    v[(1 << 31) + 1] = 7
    v:sub(-5)[1] = 8
    assert.same({ 0, 7, 0 }, { v:unpack(1 << 31, (1 << 31) + 2) })
    assert.same({ 8, 0, 101 }, { v[size - 4], v[size - 3], v[-3] })
    file = assert(io.open(name, "rb"))
    file:seek("set", 1 << 31)
    assert.equal("\7", file:read(1))
    file:close()
  end)

  it("reads the pages that are used and no others", function()
    if not linux then pending "there is no /proc" end
    local name = newname()
    local file = assert(io.open(name, "wb"))
    local gib = 1 << 30
    if not (file:seek("set", gib - 1) and file:write "x" and file:close()) then pending "there is no room" end
    local v <close> = assert(memview.map(name))
    --- KiB of the mapping that are in memory.
    local function resident()
      local found, kib
      for line in io.lines "/proc/self/smaps" do
        found = found or line:find(name, 1, true)
        kib = kib or found and line:match "^Rss:%s*(%d+) kB"
      end
      return assert(tonumber(kib), "no such mapping")
    end
    assert.equal(0, resident())
    local sample = v:sub(1, -1, 1 << 22)
    assert.equal(("\0"):rep(256), sample:tobytes())
    assert.equal(120, v[-1])
    -- 257 pages; the system may bring up to 64 KiB around each
    assert(resident() <= 257 * 64, resident() .. " KiB")
    assert(resident() > 0)
  end)
end)

describe("flush()", function()
  it("gives the view, for all of it or a part", function()
    local name = newfile(noise(20000))
    local v = memview.map(name, "rw")
    v:fill(1)
    local parts = {
      v, v:sub(5000, 9000), v:sub(-1, 1, -3), v:sub(4097), v:sub(3, 2), v:cast("<I"):sub(7), v:slice(9),
      v:reshape({ 100, 200 }):transpose(), v:toreadonly(),
    }
    for _, part in ipairs(parts) do assert.equal(part, part:flush()) end
    assert.equal(v, memview.flush(v))
    assert.equal(("\1"):rep(20000), contents(name))
  end)

  it("has nothing to do for a file that is only read", function()
    local v = memview.map(newfile "text")
    assert.equal(v, v:flush())
  end)

  it("raises for other memory, and for a released view", function()
    local v = memview.map(newfile "text")
    v:release()
    raises("attempt to use a released view", v.flush, v)
    for _, w in ipairs { memview "text", memview.zeros("B", 3), memview.buffer("abc"):view() } do
      raises("view is not of a mapped file", w.flush, w)
    end
    raises("view expected", memview.flush, memview.buffer "abc")
  end)
end)

-- Views and file handles -------------------------------------------------------------------------------

--- Views of all layouts, by name, made anew.
local function zoo()
  local matrix = memview.array("<H", { { 1, 2, 3 }, { 4, 5, 6 } })
  local records = memview.array("T{<h:x:B:y:}", { { 1, 2 }, { 3, 4 }, { 5, 6 } })
  return {
    bytes = memview.array("B", { 1, 2, 3, 4, 5 }), wide = memview.array(">d", { 1.5, -2, 3 }),
    strings = memview.array("3s", { "ab", "c" }), strided = memview.zeros("B", 20):sub(2, -1, 3),
    matrix = matrix, transposed = matrix:transpose(), column = matrix:slice({}, 2),
    backwards = matrix:sub(-1, 1, -1),
    records = records, field = records:field "x", one = records[2],
    scalar = memview.zeros("i", {}), empty = memview.zeros("d", { 3, 0 }),
    cube = memview.zeros("B", { 2, 3, 4 }):transpose(2, 3, 1), buffer = memview.buffer("bytes"):view(),
  }
end

describe("writeto() of a View", function()
  it("writes the bytes that tobytes gives, and counts them", function()
    for name, v in pairs(zoo()) do
      local file <close> = io.tmpfile()
      file:write "before"
      assert.equal(v.nbytes, v:writeto(file))
      assert.equal(6 + v.nbytes, file:seek())
      assert.equal(v.nbytes, memview.writeto(v, file))
      file:write "after"
      file:seek "set"
      assert.equal("before" .. v:tobytes():rep(2) .. "after", file:read "a", name)
    end
  end)

  it("writes read-only memory, and large memory", function()
    local bytes = noise(300001)
    local file <close> = io.tmpfile()
    assert.equal(300001, memview(bytes):writeto(file))
    assert.equal(100001, memview(bytes):sub(1, -1, 3):writeto(file))
    file:seek "set"
    assert.is_true(file:read(300001) == bytes)
    assert.is_true(file:read "a" == memview(bytes):sub(1, -1, 3):tobytes())
  end)

  it("hands the bytes to the system, so that others see them at once", function()
    local name = newname()
    local file <close> = io.open(name, "wb")
    file:setvbuf("full", 65536)
    file:write "a"
    memview("bcd"):writeto(file)
    assert.equal("abcd", contents(name))
  end)

  it("reports a full disk, with the count", function()
    if not exists "/dev/full" then pending "there is no /dev/full" end
    -- What is in the handle's own buffer when the disk is full may count or not: C does not tell.
    local function full(size, ...)
      local count = select(4, ...)
      assert.is_true(count >= 0 and count <= size and (count == 0 or count < size))
      fails(ENOSPC, count, ...)
    end
    for _, size in ipairs { 1, 5, 4096, 5000, 1 << 20 } do
      for _, buffering in ipairs { "full", "no", "line" } do
        local file = io.open("/dev/full", "wb")
        file:setvbuf(buffering)
        local v = memview.zeros("B", size * 2)
        full(size, v:sub(1, size):writeto(file))
        full(size, v:sub(1, -1, 2):writeto(file))
        full(size, memview.buffer(size):writeto(file))
        file:close()
      end
    end
  end)

  it("reports a handle that is for reading only", function()
    local file <close> = io.open(newfile "text", "rb")
    local message = fails(EBADF, 0, memview("abc"):writeto(file))
    assert.equal((select(2, file:write "abc")), message)
    assert.equal("text", file:read "a")
  end)

  it("writes to pipes", function()
    if not posix then pending "there is no cat" end
    local name = newname()
    local pipe = io.popen("cat > " .. name, "w")
    assert.equal(3, memview("abcdef"):sub(1, -1, 2):writeto(pipe))
    assert.equal(3, memview.buffer("xyz"):writeto(pipe))
    pipe:close()
    assert.equal("acexyz", contents(name))
    raises("attempt to use a closed file", memview.writeto, memview "abc", pipe)
  end)

  it("raises for closed files, for what is no file, and for released views", function()
    local file = io.tmpfile()
    local v, w = memview "abc", memview "abc"
    w:release()
    raises("attempt to use a released view", w.writeto, w, file)
    file:close()
    raises("attempt to use a closed file", v.writeto, v, file)
    for _, x in ipairs { {}, "name", 7, v, memview.buffer() } do raises("FILE*", v.writeto, v, x) end
    raises("FILE*", v.writeto, v)
    raises("view expected", memview.writeto, "abc", io.stdout)
  end)
end)

describe("readfrom() of a View", function()
  it("fills the items from the file, in C order; what the file does not have stays", function()
    for name in pairs(zoo()) do
      local size = zoo()[name].nbytes
      for have = 0, size + 2 do
        local v = zoo()[name]
        local bytes, before, count = noise(have), v:tobytes(), math.min(have, size)
        local file <close> = opened(bytes)
        assert.equal(count, v:readfrom(file), name)
        assert.equal(bytes:sub(1, count) .. before:sub(count + 1), v:tobytes(), name)
        assert.equal(count, file:seek())
      end
    end
  end)

  it("leaves what lies between the items", function()
    local block = memview.array("B", { 1, 2, 3, 4, 5, 6, 7 })
    local file <close> = opened "abc"
    assert.equal(3, block:sub(2, -1, 2):readfrom(file))
    assert.same({ 1, 97, 3, 98, 5, 99, 7 }, block:tolist())
  end)

  it("reads n bytes, of whole items or not", function()
    for _, n in ipairs { 0, 1, 2, 3, 5, 6 } do
      local views = {
        memview.zeros("<H", 3), memview.zeros("<H", { 2, 3 }):transpose():sub(1, 1),
        memview.zeros("<H", 9):sub(1, -1, 3),
      }
      for _, v in ipairs(views) do
        n = math.min(n, v.nbytes)
        local file <close> = opened "abcdefgh"
        assert.equal(n, v:readfrom(file, n))
        assert.equal(("abcdefgh"):sub(1, n) .. ("\0"):rep(v.nbytes - n), v:tobytes())
        assert.equal(n, file:seek())
      end
    end
  end)

  it("goes on where the file stands", function()
    local file <close> = opened "header\nabcdef"
    assert.equal("header", file:read())
    local v = memview.zeros("B", 3)
    assert.equal(3, v:readfrom(file))
    assert.equal("abc", v:tobytes())
    assert.equal("d", file:read(1))
    assert.equal(2, v:readfrom(file))
    assert.equal("efc", v:tobytes())
    assert.equal(0, v:readfrom(file))
    assert.equal("efc", v:tobytes())
    assert.is_nil(file:read(1))
    file:seek "set"
    assert.equal(3, v:readfrom(file))
    assert.equal("hea", v:tobytes())
  end)

  it("finds more where a file has grown past its end", function()
    local name = newfile "ab"
    local file <close> = io.open(name, "rb")
    local writer <close> = io.open(name, "ab")
    local v = memview.zeros("B", 4)
    assert.equal(2, v:readfrom(file))
    writer:write "cd"
    writer:flush()
    assert.equal(2, v:readfrom(file))
    assert.equal("cd\0\0", v:tobytes())
  end)

  it("is what writeto undoes", function()
    for name, v in pairs(zoo()) do
      local file <close> = io.tmpfile()
      v:writeto(file)
      file:seek "set"
      local w = memview.zeros(v.format, v.shape)
      assert.equal(v.nbytes, w:readfrom(file))
      assert.is_true(w:equals(v), name)
    end
  end)

  it("raises for a count that does not fit, with the range", function()
    local v = memview.zeros("<H", 3)
    local file <close> = opened "abcdefgh"
    for _, n in ipairs { -1, 7, math.maxinteger, math.mininteger } do
      raises(n .. " bytes do not fit the view (0 to 6)", v.readfrom, v, file, n)
    end
    raises("number has no integer representation", v.readfrom, v, file, 1.5)
    raises("number expected", v.readfrom, v, file, "3")
    assert.equal(0, file:seek())
    assert.same({ 0, 0, 0 }, v:tolist())
  end)

  it("raises for read-only views before it reads", function()
    local file <close> = opened "abc"
    raises("view is read-only", memview.readfrom, memview "xyz", file)
    raises("view is read-only", memview.readfrom, memview("xyz"):sub(-1, 1, -1), file)
    assert.equal(0, file:seek())
  end)

  it("raises for closed files, for what is no file, and for released views", function()
    local v, w, file = memview.zeros("B", 3), memview.zeros("B", 3), opened "abc"
    w:release()
    raises("attempt to use a released view", w.readfrom, w, file)
    file:close()
    raises("attempt to use a closed file", v.readfrom, v, file)
    for _, x in ipairs { {}, "name", 7, v } do raises("FILE*", v.readfrom, v, x) end
    raises("FILE*", v.readfrom, v)
  end)

  it("reports a handle that is for writing only, and a directory", function()
    local name = newname()
    local strided = memview.array("B", { 1, 0, 2, 0, 3 }):sub(1, -1, 2)
    for _, v in ipairs { memview.array("B", { 1, 2, 3 }), strided } do
      local file <close> = io.open(name, "wb")
      local message = fails(EBADF, 0, v:readfrom(file))
      assert.equal((select(2, file:read(1))), message)
      assert.same({ 1, 2, 3 }, v:tolist())
      local folder <close> = io.open "."
      if linux then fails(EISDIR, 0, v:readfrom(folder)) end
      assert.same({ 1, 2, 3 }, v:tolist())
    end
  end)

  it("reads from pipes", function()
    if not posix then pending "there is no printf" end
    local pipe = io.popen "printf abcde"
    local v = memview.zeros("B", 4)
    assert.same({ 2, 3, 0 }, { v:sub(-1, 1, -3):readfrom(pipe), v:readfrom(pipe), v:readfrom(pipe) })
    assert.equal("cdea", v:tobytes())
    pipe:close()
  end)

  it("reads into a mapped file, and into the memory of a Buffer", function()
    local name, b = newfile "0123456789", memview.buffer "0123456789"
    local file <close> = opened "abc"
    assert.equal(3, memview.map(name, "rw"):sub(4):readfrom(file))
    file:seek "set"
    assert.equal(3, b:sub(4):readfrom(file))
    assert.same({ "012abc6789", "012abc6789" }, { contents(name), b:tobytes() })
  end)
end)

-- Buffers ----------------------------------------------------------------------------------------------

describe("writeto() of a Buffer", function()
  it("writes all of it, with views or without", function()
    for _, size in ipairs { 0, 1, 100, 70000 } do
      local b = memview.buffer(noise(size))
      local view = size % 100 == 0 and b:view()
      local file <close> = io.tmpfile()
      assert.equal(size, b:writeto(file))
      assert.equal(size, b:writeto(file))
      file:seek "set"
      assert.is_true(file:read "a" == noise(size):rep(2))
      assert.equal(size, #(view or b))
    end
  end)

  it("reports what the system refuses, and raises for the rest", function()
    local b, file = memview.buffer "abc", io.open(newfile "text", "rb")
    fails(EBADF, 0, b:writeto(file))
    file:close()
    raises("attempt to use a closed file", b.writeto, b, file)
    raises("FILE*", b.writeto, b, "name")
    b:release()
    raises("attempt to use a released buffer", b.writeto, b, io.stdout)
  end)
end)

describe("readfrom() of a Buffer", function()
  it("appends all there is, and gives 0 at the end", function()
    for _, size in ipairs { 0, 1, 4095, 4096, 8191, 8192, 8193, 24575, 24576, 24577, 100000 } do
      local bytes = noise(size)
      local file <close> = opened(bytes)
      local b = memview.buffer "old"
      assert.equal(size, b:readfrom(file))
      assert.equal(3 + size, #b)
      assert.is_true(b:equals("old" .. bytes))
      assert.equal(0, b:readfrom(file))
      assert.equal(0, b:readfrom(file, 10))
      assert.equal(3 + size, #b)
    end
  end)

  it("appends n bytes, or what there is", function()
    for _, n in ipairs { 0, 1, 8191, 8192, 8193, 30000, 49999, 50000, 50001, 1 << 40, math.maxinteger } do
      local bytes = noise(50000)
      local file <close> = opened(bytes)
      local b = memview.buffer "old"
      local count = math.min(n, 50000)
      assert.equal(count, b:readfrom(file, n))
      assert.is_true(b:equals("old" .. bytes:sub(1, count)))
      assert.equal(count, file:seek())
      assert.equal(50000 - count, b:readfrom(file))
      assert.is_true(b:equals("old" .. bytes))
    end
  end)

  it("is refused while views are live, and reads nothing then", function()
    local b = memview.buffer "abc"
    local file <close> = opened "text"
    local v = b:view()
    raises("cannot resize buffer: 1 view is live", b.readfrom, b, file)
    raises("cannot resize buffer: 1 view is live", b.readfrom, b, file, 2)
    assert.equal(0, b:readfrom(file, 0))
    assert.same({ 0, "abc" }, { file:seek(), v:tobytes() })
    v = nil -- luacheck: ignore 311
    assert.equal(4, b:readfrom(file))
    assert.equal("abctext", b:tobytes())
  end)

  it("raises for a negative count, closed files, what is no file, and released Buffers", function()
    local b, file = memview.buffer "abc", opened "text"
    raises(" bytes (0 or more expected)", b.readfrom, b, file, -1)
    raises(" bytes (0 or more expected)", b.readfrom, b, file, math.mininteger)
    raises("number has no integer representation", b.readfrom, b, file, 0.5)
    assert.equal(0, file:seek())
    file:close()
    raises("attempt to use a closed file", b.readfrom, b, file)
    raises("attempt to use a closed file", b.readfrom, b, file, 0)
    raises("FILE*", b.readfrom, b, "name")
    b:release()
    raises("attempt to use a released buffer", b.readfrom, b, io.stdin)
  end)

  it("reports a handle that is for writing only, and a directory", function()
    local b = memview.buffer "abc"
    local file <close> = io.open(newname(), "wb")
    fails(EBADF, 0, b:readfrom(file))
    fails(EBADF, 0, b:readfrom(file, 5))
    local folder <close> = io.open "."
    if linux then fails(EISDIR, 0, b:readfrom(folder)) end
    assert.equal("abc", b:tobytes())
  end)

  it("reads from pipes, and its own bytes back", function()
    local b = memview.buffer()
    if posix then
      local pipe = io.popen "printf abcde"
      assert.same({ 2, 3 }, { b:readfrom(pipe, 2), b:readfrom(pipe) })
      pipe:close()
    end
    local file <close> = io.tmpfile()
    local size = #b:append "more"
    b:writeto(file)
    file:seek "set"
    assert.equal(size, b:readfrom(file))
    assert.equal(2 * size, #b)
    assert.is_true(b:sub(1, size):equals(b:sub(size + 1)))
  end)

  it("has read all where memory runs out, or says how much, or has changed nothing", function()
    local capi, reason = build.module("capi", "c", "spec/capi/capi.c")
    if not capi then pending(reason) end
    local name, n, done = newfile(noise(100000)), 0, nil -- luacheck: ignore 311
    repeat
      local ok, result, left = capi.run(build.prelude() .. ([[
        local memview = require "memview"
        local file <close> = io.open(%q)
        file:setvbuf "no"
        local b = memview.buffer "old"
        capi.failafter(%d)
        local ok, count, _, _, part = pcall(b.readfrom, b, file)
        capi.failafter()
        return ("%%s %%d"):format(ok and count or "not all", #b - 3 - (ok and (count or part) or 0))
      ]]):format(name, n))
      assert(ok, result)
      assert.equal(0, left)
      assert.equal("0", result:match "%S+$", result)
      done = result == "100000 0"
      n = n + 1
    until done
    assert(n > 3)
  end)
end)
