--- Reads and writes WAV sounds: chunks through a cursor, samples as a view of frames x channels.
--
--    lua5.4 examples/wav.lua file [result]      describes a sound; writes it mixed to mono and faded out
--
-- As a module: local wav = dofile "examples/wav.lua"

local memview = require "memview"

local wav = {}

local PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE

--- The chunk "fmt ": how the samples are stored.
wav.Format = memview.record("<", {
  {"kind", "u16"}, {"channels", "u16"}, {"rate", "u32"},
  {"byterate", "u32"}, {"framesize", "u16"}, {"bits", "u16"},
})

--- The item of a sample by kind and bits. None has 24 bits: such samples are widened.
local ITEM = {
  [PCM] = {[8] = "B", [16] = "<h", [24] = "3s", [32] = "<i"},
  [FLOAT] = {[32] = "<f", [64] = "<d"},
}

local function check(ok, message, ...)
  if not ok then error(message:format(...), 0) end
  return ok
end

-- Reading -----------------------------------------------------------------------------------------

--- The chunks of a RIFF file: a table from their names to views of their bytes.
local function readchunks(source)
  local cursor = memview.cursor(source, "<")
  check(cursor.remaining >= 12, "not a WAV: %d bytes are too few for its header", cursor.remaining)
  local riff, _, wave = cursor:unpack("4s I 4s")
  check(riff == "RIFF" and wave == "WAVE",
    "not a WAV: it begins with the bytes %s", memview(source):sub(1, 12):hex(" "))

  local chunks = {}
  while cursor.remaining >= 8 do
    local name, size = cursor:unpack("4s I")
    check(size <= cursor.remaining,
      "chunk %q has %d bytes, but the file only %d more: is it cut short?", name, size, cursor.remaining)
    chunks[name] = cursor:take(size)
    if cursor.remaining > 0 then cursor:align(2) end
  end
  return chunks
end

--- Samples of 24 bits as the upper bytes of 32-bit integers: two views of bytes and one copy, no loop.
local function widen(data, shape)
  local count = #data // 3
  local wide = memview.zeros("<i", shape)
  wide:cast("B", {count, 4}):slice({}, {2, 4}):copyfrom(data:cast("B", {count, 3}))
  return wide
end

--- Opens a WAV in a string, a Buffer or a view. Samples are viewed where they lie, those of 24 bits widened.
-- @return a table: `rate` (frames a second), `channels`, `bits`, and `samples`, a view of frames x channels
function wav.open(source)
  local chunks = readchunks(source)
  local fmt = check(chunks["fmt "], "the WAV has no chunk \"fmt \" that describes its samples")
  local data = check(chunks.data, "the WAV has no chunk \"data\" that has its samples")
  check(#fmt >= 16, "chunk \"fmt \" has %d bytes, 16 expected", #fmt)

  local format = fmt:sub(1, 16):cast(wav.Format)[1]
  local kind, channels, bits = format.kind, format.channels, format.bits
  if kind == EXTENSIBLE and #fmt >= 26 then kind = fmt:sub(25, 26):cast("<H")[1] end
  local item = ITEM[kind] and ITEM[kind][bits]
  check(item, "samples of kind %d with %d bits are not read here", kind, bits)
  local framesize = channels * bits // 8
  check(channels > 0 and format.framesize == framesize,
    "%d channels of %d bits do not make frames of %d bytes", channels, bits, format.framesize)

  local shape = {#data // framesize, channels}
  data = data:sub(1, shape[1] * framesize)  -- without a frame that was cut short
  local samples = bits == 24 and widen(data, shape) or data:cast(item, shape)
  return {rate = format.rate, channels = channels, bits = bits, samples = samples}
end

-- Writing -----------------------------------------------------------------------------------------

--- The values of any view of samples as the file has them: in a row, little-endian, for 24 bits without the
-- lowest byte.
local function plain(samples, letter, bits)
  local copy = memview.zeros("<" .. letter, samples.shape):copyfrom(samples)
  if bits ~= 24 then return copy end
  return copy:cast("B", {copy.nbytes // 4, 4}):slice({}, {2, 4})
end

--- A WAV file, as a Buffer.
-- @param samples a view of frames, or of frames x channels, of format B, h, i, f or d
-- @param bits 24 writes the upper bits of format i; otherwise as many as the format has
function wav.encode(samples, rate, bits)
  local letter = samples.format:match("^[<>]?([Bhifd])$")
  check(letter, "samples of format B, h, i, f or d expected, got '%s'", samples.format)
  bits = bits or 8 * samples.itemsize
  local kind = letter:find("[fd]") and FLOAT or PCM
  check(ITEM[kind][bits] and (bits == 8 * samples.itemsize or bits == 24 and letter == "i"),
    "samples of format '%s' cannot be written with %d bits", samples.format, bits)
  local data = plain(samples, letter, bits)
  local channels = samples.shape[2] or 1
  local framesize = channels * bits // 8

  local file = memview.buffer()
  local cursor = memview.cursor(file, "<")
  cursor:pack("4s I 4s", "RIFF", 0, "WAVE")
  cursor:pack("4s I", "fmt ", kind == PCM and 16 or 18)
  cursor:pack(wav.Format, kind, channels, rate, rate * framesize, framesize, bits)
  if kind ~= PCM then cursor:pack("H 4s I I", 0, "fact", 4, #samples) end  -- no more of fmt; the frames
  cursor:pack("4s I", "data", data.nbytes)
  file:append(data)
  if #file % 2 == 1 then file:append(0) end
  cursor:seek(5)
  cursor:pack("I", #file - 8)
  return file
end

-- Working on sounds -------------------------------------------------------------------------------

--- What a format's values mean: its silence, and the distance of full scale from that.
local SILENCE = {B = 128, h = 0, i = 0, f = 0, d = 0}
local RANGE = {B = 128, h = 2^15, i = 2^31, f = 1, d = 1}

--- One channel of floats from -1 to 1: the mean of all channels in every frame.
function wav.mono(samples)
  local letter = samples.format:match("%a")
  local silence, scale = SILENCE[letter], RANGE[letter] * samples.shape[2]
  local mix = memview.zeros("<f", #samples)
  for i, frame in ipairs(samples) do
    local sum = 0
    for _, sample in ipairs(frame) do sum = sum + (sample - silence) end
    mix[i] = sum / scale
  end
  return mix
end

--- Fades the last n frames of a mono sound out, in place.
function wav.fade(samples, n)
  local last = #samples
  for i = math.max(1, last - n + 1), last do samples[i] = samples[i] * ((last - i) / n) end
  return samples
end

--- The loudest value of a mono sound.
function wav.peak(samples)
  local peak = 0
  for _, x in ipairs(samples) do peak = math.max(peak, math.abs(x)) end
  return peak
end

--- Floats from -1 to 1 in 16 bits. What is louder is clipped.
function wav.shorts(samples)
  local result = memview.zeros("<h", #samples)
  for i, x in ipairs(samples) do
    result[i] = math.floor(32767 * math.max(-1, math.min(x, 1)) + 0.5)
  end
  return result
end

local function save(path, bytes)
  local file, why = io.open(path, "wb")
  check(file, "%s", why)
  local done, failure = file:write(bytes:tobytes())
  check(file:close() and done, "%s: %s", path, failure or "cannot write")
end

local function main(path, result)
  check(path, "usage: lua5.4 examples/wav.lua file [result]")
  local file, why = io.open(path, "rb")
  check(file, "%s", why)
  local bytes, failure = file:read("a")
  file:close()
  local sound = wav.open(check(bytes, "%s: %s", path, failure))
  local mono, rate = wav.mono(sound.samples), sound.rate
  local line = "%s: %d frames of %d channels, %d bits, %d Hz, %.2f s, peak %.3f"
  line = line:format(path, #mono, sound.channels, sound.bits, rate, #mono / rate, wav.peak(mono))
  if result then save(result, wav.encode(wav.shorts(wav.fade(mono, rate // 4)), rate)) end
  print(line)
end

if arg and arg[0] and arg[0]:find("wav%.lua$") then
  local ok, message = pcall(main, arg[1], arg[2])
  if not ok then
    io.stderr:write("wav.lua: ", tostring(message), "\n")
    os.exit(false, true)
  end
end

return wav
