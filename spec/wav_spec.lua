-- examples/wav.lua against a reader and a writer that know only string.unpack and string.pack, and against
-- Python's module wave.
local memview = require "memview"
local tools = require "exampletools"
local helpers = require "helpers"
local wav = dofile "examples/wav.lua"

local fails = tools.fails

--- A sample of each kind: the letter of its view, bits, the kind in the file, and how string.pack writes it.
local KINDS = {
  {letter = "B", bits = 8, kind = 1, packed = "<I1", low = 0, high = 255},
  {letter = "h", bits = 16, kind = 1, packed = "<i2", low = -2^15, high = 2^15 - 1},
  {letter = "i", bits = 24, kind = 1, packed = "<i3", low = -2^23, high = 2^23 - 1, scale = 256},
  {letter = "i", bits = 32, kind = 1, packed = "<i4", low = -2^31, high = 2^31 - 1},
  {letter = "f", bits = 32, kind = 3, packed = "<f", low = -1, high = 1},
  {letter = "d", bits = 64, kind = 3, packed = "<d", low = -1, high = 1},
}

--- Frames x channels of random values of a kind, in a table and packed, its extreme values first.
local function randomsamples(kind, frames, channels, random)
  local list, packed, n = {}, {}, 0
  for i = 1, frames do
    list[i] = {}
    for j = 1, channels do
      n = n + 1
      local x = n == 1 and kind.low or n == 2 and kind.high
        or kind.low + random(1 << 20) / (1 << 20) * (kind.high - kind.low)
      if kind.kind == 1 then x = math.tointeger(x // 1) end
      packed[n] = string.pack(kind.packed, x)
      list[i][j] = string.unpack(kind.packed, packed[n]) * (kind.scale or 1)
    end
  end
  return list, table.concat(packed)
end

local function chunk(name, data) return string.pack("<c4 s4", name, data) .. ("\0"):rep(#data % 2) end
local function riff(...) return string.pack("<c4 s4", "RIFF", "WAVE" .. table.concat {...}) end
local function wavof(format, data) return riff(chunk("fmt ", format), chunk("data", data)) end

local function fmt(kind, channels, rate, bits)
  local framesize = channels * bits // 8
  return string.pack("<I2 I2 I4 I4 I2 I2", kind, channels, rate, rate * framesize, framesize, bits)
end

--- The chunks of a WAV, read by string.unpack: a sequence of {name, data}.
local function readchunks(bytes)
  local magic, size, wave, at = string.unpack("<c4 I4 c4", bytes)
  assert(magic == "RIFF" and size + 8 == #bytes and wave == "WAVE")
  local chunks = {}
  while at <= #bytes do
    local name, data, next = string.unpack("<c4 s4", bytes, at)
    chunks[#chunks + 1] = {name, data}
    at = next + #data % 2
  end
  assert(at == #bytes + 1)
  return chunks
end

--- Calls f with each kind, and some numbers of frames and channels.
local function foreachkind(f)
  local random = helpers.random(20240801)
  for _, kind in ipairs(KINDS) do
    for channels = 1, 3 do
      for _, frames in ipairs {0, 1, 2, 7, 32} do
        f(kind, frames, channels, randomsamples(kind, frames, channels, random))
      end
    end
  end
end

describe("wav.open()", function()
  it("reads every kind of sample as string.unpack does", function()
    foreachkind(function(kind, frames, channels, list, packed)
      local sound = wav.open(wavof(fmt(kind.kind, channels, 8000, kind.bits), packed))
      assert.are.same({8000, channels, kind.bits}, {sound.rate, sound.channels, sound.bits})
      assert.are.same({frames, channels}, sound.samples.shape)
      assert.are.equal(kind.letter, sound.samples.format:match("%a"))
      assert.are.same(list, sound.samples:tolist())
    end)
  end)

  it("views the samples in the source, and 24 bits in a copy", function()
    for _, kind in ipairs(KINDS) do
      local bytes = wavof(fmt(kind.kind, 1, 8000, kind.bits), ("a"):rep(24))
      assert.are.equal(kind.bits ~= 24 and bytes or nil, wav.open(bytes).samples.obj)
    end
  end)

  it("writes through the samples into a Buffer", function()
    local file = memview.buffer(wavof(fmt(1, 2, 8000, 16), ("\0"):rep(8)))
    wav.open(file).samples[2][1] = -2
    assert.are.equal("\0\0\0\0\xFE\xFF\0\0", file:tobytes(-8))
  end)

  it("passes over other chunks, of odd sizes too, in any order", function()
    for size = 0, 3 do
      local other, format = chunk("LIST", ("x"):rep(size)), chunk("fmt ", fmt(1, 1, 8000, 8))
      local sound = wav.open(riff(other, chunk("data", "abc"), other, format, other))
      assert.are.equal("abc", sound.samples:tobytes())
    end
  end)

  it("reads the extensible form by the kind inside it", function()
    local guid = "\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71"
    local function open(kind, bits, data, size)
      local extended = fmt(0xFFFE, 1, 8000, bits) .. string.pack("<I2 I2 I4 I2", 22, bits, 4, kind) .. guid
      return wav.open(wavof(extended:sub(1, size), data)).samples
    end
    assert.are.same({{0x030201 << 8}}, open(1, 24, "\1\2\3"):tolist())
    assert.are.same({{0.5}}, open(3, 32, string.pack("<f", 0.5)):tolist())
    assert.are.same({{97}}, open(1, 8, "a", 26):tolist())
    fails("samples of kind 65534 with 8 bits are not read here", open, 1, 8, "a", 25)
  end)

  it("leaves a frame out that was cut short, and a missing last byte of padding", function()
    local sound = wav.open(riff(chunk("fmt ", fmt(1, 2, 8000, 16)), string.pack("<c4 s4", "data", "abcdefg")))
    assert.are.same({1, 2}, sound.samples.shape)
  end)

  it("refuses what is not a WAV", function()
    fails("not a WAV: 11 bytes are too few for its header", wav.open, "RIFF....WAV")
    fails("not a WAV: it begins with the bytes 52 49 46 46 00 00 00 00 41 56 49 20", wav.open,
      "RIFF\0\0\0\0AVI ")
  end)

  it("refuses a WAV without its chunks", function()
    fails("the WAV has no chunk \"fmt \" that describes its samples", wav.open, riff(chunk("data", "")))
    fails("the WAV has no chunk \"data\" that has its samples", wav.open,
      riff(chunk("fmt ", fmt(1, 1, 1, 8))))
    fails("chunk \"fmt \" has 15 bytes, 16 expected", wav.open, wavof(fmt(1, 1, 1, 8):sub(1, 15), ""))
  end)

  it("refuses samples that it cannot read", function()
    local function open(kind, channels, bits, framesize)
      local format = fmt(kind, channels, 8000, bits)
      format = format:sub(1, 12) .. string.pack("<I2", framesize or channels * bits // 8) .. format:sub(15)
      return wav.open(wavof(format, ""))
    end
    fails("samples of kind 6 with 8 bits are not read here", open, 6, 1, 8)
    fails("samples of kind 1 with 12 bits are not read here", open, 1, 1, 12)
    fails("samples of kind 3 with 16 bits are not read here", open, 3, 1, 16)
    fails("0 channels of 8 bits do not make frames of 0 bytes", open, 1, 0, 8)
    fails("2 channels of 16 bits do not make frames of 3 bytes", open, 1, 2, 16, 3)
  end)

  it("refuses the file cut short anywhere, in one line", function()
    local bytes = wavof(fmt(1, 1, 8000, 16), "abcdefgh")
    for n = 0, #bytes - 1 do
      assert.is_false(tools.survives(wav.open, bytes:sub(1, n)))
    end
    fails("chunk \"data\" has 8 bytes, but the file only 7 more: is it cut short?", wav.open,
      bytes:sub(1, -2))
  end)
end)

describe("wav.encode()", function()
  it("writes every kind of sample as string.pack does", function()
    foreachkind(function(kind, frames, channels, list, packed)
      local samples = memview.array("<" .. kind.letter, list)
      if frames == 0 then samples = memview.zeros("<" .. kind.letter, {0, channels}) end
      local chunks = readchunks(wav.encode(samples, 44100, kind.bits):tobytes())
      local format = fmt(kind.kind, channels, 44100, kind.bits)
      if kind.kind == 1 then
        assert.are.same({{"fmt ", format}, {"data", packed}}, chunks)
      else
        local fact = {"fact", string.pack("<I4", frames)}
        assert.are.same({{"fmt ", format .. "\0\0"}, fact, {"data", packed}}, chunks)
      end
    end)
  end)

  it("is undone by open()", function()
    foreachkind(function(kind, frames, channels, list)
      if frames == 0 then return end
      local sound = wav.open(wav.encode(memview.array("<" .. kind.letter, list), 11025, kind.bits))
      assert.are.same({11025, channels, kind.bits}, {sound.rate, sound.channels, sound.bits})
      assert.are.same(list, sound.samples:tolist())
    end)
  end)

  it("takes samples of any byte order and strides, and of one dimension", function()
    for _, letter in ipairs {"h", "i", "f", "d"} do
      local frames = memview.array("<" .. letter, {{1, -2}, {3, -4}, {5, -6}})
      local expected = wav.encode(frames, 8000):tobytes()
      assert.are.equal(expected, wav.encode(memview.array(">" .. letter, frames:tolist()), 8000):tobytes())
      local turned = memview.array(letter, {{1, 3, 5}, {-2, -4, -6}}):transpose()
      assert.are.equal(expected, wav.encode(turned, 8000):tobytes())
      local left = wav.encode(frames:slice({}, {1, 1}), 8000):tobytes()
      assert.are.equal(left, wav.encode(frames:slice({}, 1), 8000):tobytes())
    end
  end)

  it("refuses samples that a WAV cannot hold", function()
    fails("samples of format B, h, i, f or d expected, got '<H'", wav.encode, memview.zeros("<H", 2), 8000)
    fails("samples of format 'h' cannot be written with 24 bits", wav.encode, memview.zeros("h", 2), 8000, 24)
    fails("samples of format 'f' cannot be written with 24 bits", wav.encode, memview.zeros("f", 2), 8000, 24)
    fails("samples of format 'B' cannot be written with 12 bits", wav.encode, memview.zeros("B", 2), 8000, 12)
  end)
end)

describe("Python's wave", function()
  local missing = not tools.haspython() and "there is no python3"

  local function withpython(name, f)
    it(name, function()
      if missing then pending(missing) else f() end
    end)
  end

  --- Calls f with each kind that Python has, PCM, and one or two channels.
  local function foreachpcm(f)
    for _, kind in ipairs(KINDS) do
      for channels = 1, kind.kind == 1 and 2 or 0 do f(kind, channels) end
    end
  end

  local function lines(list) return table.concat(list, "\n") .. "\n" end

  -- The module has frames in the order of the machine.
  local frames = lines {
    "def frames(data, width):",
    "  if sys.byteorder == 'little': return data",
    "  return b''.join(data[i:i + width][::-1] for i in range(0, len(data), width))",
  }

  withpython("reads what encode() writes", function()
    local program = "import io, sys, wave\n" .. frames .. lines {
      "for text in sys.argv[1:]:",
      "  w = wave.open(io.BytesIO(bytes.fromhex(text)))",
      "  data = frames(w.readframes(w.getnframes()), w.getsampwidth())",
      "  print(w.getnchannels(), w.getsampwidth(), w.getframerate(), data.hex())",
    }
    local random = helpers.random(4711)
    local files, expected = {}, {}
    foreachpcm(function(kind, channels)
      local list, packed = randomsamples(kind, 5, channels, random)
      files[#files + 1] = wav.encode(memview.array(kind.letter, list), 22050, kind.bits):hex()
      expected[#expected + 1] = ("%d %d 22050 %s"):format(channels, kind.bits // 8, memview(packed):hex())
    end)
    assert.are.equal(lines(expected), tools.python(program, table.unpack(files)))
  end)

  withpython("writes what open() reads", function()
    local program = "import io, sys, wave\n" .. frames .. lines {
      "for text in sys.argv[1:]:",
      "  channels, width, data = text.split()",
      "  file = io.BytesIO()",
      "  w = wave.open(file, 'wb')",
      "  w.setnchannels(int(channels)); w.setsampwidth(int(width)); w.setframerate(48000)",
      "  w.writeframes(frames(bytes.fromhex(data), int(width))); w.close()",
      "  print(file.getvalue().hex())",
    }
    local random = helpers.random(4712)
    local cases, lists = {}, {}
    foreachpcm(function(kind, channels)
      local list, packed = randomsamples(kind, 5, channels, random)
      lists[#lists + 1] = list
      cases[#cases + 1] = ("%d %d %s"):format(channels, kind.bits // 8, memview(packed):hex())
    end)
    local nextfile = tools.python(program, table.unpack(cases)):gmatch("%x+")
    foreachpcm(function(kind, channels)
      local sound = wav.open(memview.fromhex(nextfile()))
      assert.are.same({48000, channels, kind.bits}, {sound.rate, sound.channels, sound.bits})
      assert.are.same(table.remove(lists, 1), sound.samples:tolist())
    end)
    assert.is_nil(nextfile())
  end)
end)

describe("wav.mono()", function()
  it("is the mean of a frame's channels, in floats from -1 to 1", function()
    local function mono(format, list) return wav.mono(memview.array(format, list)):tolist() end
    assert.are.same({-1, 0, 0.25}, mono("B", {{0}, {128}, {160}}))
    assert.are.same({-1, 0, 0.375}, mono("<h", {{-32768, -32768}, {32767, -32767}, {16384, 8192}}))
    assert.are.same({-1, 0, 0.5}, mono("<i", {{-2^31}, {0}, {2^30}}))
    assert.are.same({0.5, -0.25}, mono("<f", {{1, 0.5, 0}, {-0.75, 0, 0}}))
    assert.are.same({0.5}, mono("<d", {{0.5}}))
  end)
end)

describe("wav.fade()", function()
  it("brings the last frames to silence in equal steps, in place", function()
    local samples = memview.array("d", {1, 1, 1, -1, 1})
    assert.are.equal(samples, wav.fade(samples, 4))
    assert.are.same({1, 0.75, 0.5, -0.25, 0}, samples:tolist())
  end)

  it("fades a sound that is shorter from where it would have been", function()
    assert.are.same({0.25, 0}, wav.fade(memview.array("d", {1, 1}), 4):tolist())
    assert.are.same({1, 1}, wav.fade(memview.array("d", {1, 1}), 0):tolist())
  end)
end)

describe("wav.shorts()", function()
  it("rounds to 16 bits and clips", function()
    local floats = memview.array("d", {-2, -1, -0.5, 0, 0.4 / 32767, 0.6 / 32767, 1, 1.5})
    assert.are.same({-32767, -32767, -16383, 0, 0, 1, 32767, 32767}, wav.shorts(floats):tolist())
  end)
end)

describe("wav.lua", function()
  local function make(frames)
    local samples = memview.zeros("<h", {frames, 2})
    samples:slice({}, 1):fill(16384)
    return wav.encode(samples, 100):tobytes()
  end

  it("describes a sound", function()
    tools.withfile(make(150), function(path)
      local text, status = tools.run("examples/wav.lua", path)
      assert.are.equal(path .. ": 150 frames of 2 channels, 16 bits, 100 Hz, 1.50 s, peak 0.250\n", text)
      assert.are.equal(0, status)
    end)
  end)

  it("writes it mixed and faded", function()
    local bytes = tools.withfile(make(150), function(path)
      return tools.withfile("", function(result)
        tools.run("examples/wav.lua", path, result)
        return tools.slurp(result)
      end)
    end)
    local data = readchunks(bytes)[2][2]
    assert.are.equal(fmt(1, 1, 100, 16), readchunks(bytes)[1][2])
    for i = 1, 150 do
      local expected = 0.25 * 32767 * math.min(1, (150 - i) / 25)
      assert.are.equal(math.floor(expected + 0.5), (string.unpack("<i2", data, 2 * i - 1)))
    end
  end)

  it("refuses wrong files in one line", function()
    tools.refuses("usage: lua5.4 examples/wav.lua file [result]", "examples/wav.lua")
    tools.refuses("no/such.wav: No such file or directory", "examples/wav.lua", "no/such.wav")
    tools.refuses("examples: Is a directory", "examples/wav.lua", "examples")
    tools.refuses("not a WAV: it begins with the bytes 2d 2d 2d 20 52 65 61 64 73 20 61 6e",
      "examples/wav.lua", "examples/wav.lua")
    tools.withfile(make(5), function(path)
      tools.refuses("no/such.wav: No such file or directory", "examples/wav.lua", path, "no/such.wav")
    end)
  end)
end)
