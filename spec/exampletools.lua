-- What the specs of the examples share: running an example as its reader would, files to give it, and a
-- second reader of BMP files that knows only string.unpack.
local memview = require "memview"

local tools = {}

function tools.slurp(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("a")
  file:close()
  return bytes
end

--- Calls f with the path of a file that has these bytes; the file goes afterwards.
function tools.withfile(bytes, f)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  local results = table.pack(pcall(f, path))
  os.remove(path)
  assert(results[1], results[2])
  return table.unpack(results, 2, results.n)
end

local function quote(text) return "'" .. text:gsub("'", [['\'']]) .. "'" end

--- What a command prints, both ways, and its exit status.
local function shell(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local text = pipe:read("a")
  local _, _, status = pipe:close()
  return text, status
end

--- Runs an example with these arguments. @return what it printed, its exit status
function tools.run(example, ...)
  local interpreter = 0
  while arg[interpreter - 1] do interpreter = interpreter - 1 end
  local paths = ("package.path, package.cpath = %q, %q"):format(package.path, package.cpath)
  local words = {arg[interpreter], "-e", paths, example, ...}
  for i, word in ipairs(words) do words[i] = quote(word) end
  return shell(table.concat(words, " "))
end

--- Asserts that an example fails with this one line and status 1.
function tools.refuses(message, example, ...)
  local text, status = tools.run(example, ...)
  local expected = ("%s: %s\n"):format(example:match("[^/]*$"), message)
  assert(text == expected, ("printed %q, expected %q"):format(text, expected))
  assert(status == 1, status)
end

--- Calls f and asserts that it fails with that whole message: one line, and no position in the source.
function tools.fails(message, f, ...)
  local ok, got = pcall(f, ...)
  assert(not ok, "no error raised; expected: " .. message)
  assert(got == message, ("error is %q, expected %q"):format(got, message))
end

--- Calls f and asserts that it works, or fails with a message of one line that has no position in the source.
-- @return whether it worked
function tools.survives(f, ...)
  local ok, got = pcall(f, ...)
  assert(ok or type(got) == "string" and not got:find("\n") and not got:find("%.lua:%d"), got)
  return ok
end

--- Where a program must not start under the sanitizer that the specs run under.
local prefix = os.getenv "LD_PRELOAD" and "env -u LD_PRELOAD " or ""

--- Runs a Python program with these arguments. @return what it printed; nil where there is no python3
function tools.python(program, ...)
  local words = {"-c", program, ...}
  for i, word in ipairs(words) do words[i] = quote(word) end
  local text, status = shell(prefix .. "python3 " .. table.concat(words, " "))
  if status == 127 then return nil end
  assert(status == 0, text)
  return text
end

--- Whether there is a python3.
function tools.haspython()
  local _, status = shell(prefix .. "python3 -c 1")
  return status == 0
end

--- The parts of a BMP: width, height, bits, the colours as a string, and the rows from the top, without their
-- padding, as a string. Asserts that the padding is zero and the sizes agree.
function tools.readbmp(bytes)
  local magic, size, reserved, start = string.unpack("<c2 I4 I4 I4", bytes)
  assert(magic == "BM" and size == #bytes and reserved == 0)
  local header, width, height, planes, bits = string.unpack("<I4 i4 i4 I2 I2", bytes, 15)
  local compression, imagesize = string.unpack("<I4 I4", bytes, 31)
  assert(header == 40 and planes == 1 and compression == 0)
  local line = width * bits // 8
  local padded = line + -line % 4
  assert(imagesize == height * padded and start + imagesize == size)
  local rows = {}
  for y = 1, height do
    local at = start + (height - y) * padded
    rows[y] = bytes:sub(at + 1, at + line)
    assert(bytes:sub(at + line + 1, at + padded) == ("\0"):rep(padded - line), "the padding is not zero")
  end
  return width, height, bits, bytes:sub(55, start), table.concat(rows)
end

--- A view of the given shape whose bytes are all different from their neighbours'.
function tools.pattern(shape)
  local view = memview.zeros("B", shape)
  local bytes = view:cast("B")
  for i = 1, #bytes do bytes[i] = 7 * i % 251 end
  return view
end

return tools
