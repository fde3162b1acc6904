-- Random cases for laws: runs of items at any distance from each other, N dimensions, bytes and values.
-- A case that fails is named with its seed: MEMVIEW_SEED replays it. MEMVIEW_CASES multiplies the number of
-- cases, which is a quarter where a sanitizer slows them down.
local memview = require "memview"
local helpers = require "helpers"
local model = require "model"
local numbermodel = require "numbermodel"
local recordmodel = require "recordmodel"

local lawcases = {}

local share = tonumber(os.getenv "MEMVIEW_CASES") or os.getenv "MEMVIEW_SANITIZER" and 0.25 or 1

-- Running -------------------------------------------------------------------------------------------

local function guard(seed, what, f, ...)
  local ok, message = pcall(f, ...)
  if not ok then error(("%s (MEMVIEW_SEED=%d replays): %s"):format(what, seed, message), 0) end
end

--- Calls check(random) for `count` random cases.
function lawcases.hold(seed, count, check)
  local random, used = helpers.random(seed)
  for k = 1, math.ceil(count * share) do guard(used, "case " .. k, check, random) end
end

--- One of the list.
function lawcases.pick(random, list) return list[random(#list)] end

--- One of the positions 1 to n: any, the first, or one of the last, where loops over blocks end.
function lawcases.position(random, n)
  local what = random(4)
  if what == 1 then return 1 end
  if what == 2 then return n end
  return what == 3 and math.max(n - random(17), 1) or random(n)
end

-- Bytes ---------------------------------------------------------------------------------------------

local POOL = 1 << 17
local pool

local function makepool()
  local random, words = helpers.random(20240501), {}
  for k = 1, POOL // 4 do words[k] = string.pack("<I4", random(0, 0xFFFFFFFF)) end
  return table.concat(words)
end

--- n random bytes, out of a pool of them where n is large.
function lawcases.bytes(random, n)
  pool = pool or makepool()
  local first = random(POOL - n)
  return pool:sub(first, first + n - 1)
end

-- Formats and values --------------------------------------------------------------------------------

local orders = { "<", ">" }

--- The order that this machine has.
lawcases.native = string.pack("=I2", 1) == "\1\0" and "<" or ">"

--- Numbers of every kind in both byte orders; other scalars; all of these. None is aligned.
lawcases.numbers = { "b", "B" }
for letter in ("hHiIqQefd"):gmatch "." do
  for _, order in ipairs(orders) do table.insert(lawcases.numbers, order .. letter) end
end
lawcases.others = { "?", "c", "3s", "8s", "4p" }
lawcases.scalars = table.move(lawcases.others, 1, #lawcases.others, #lawcases.numbers + 1,
  { table.unpack(lawcases.numbers) })

local strings = { ["?"] = { true, false }, c = { "x", "y", "\0" }, ["3s"] = { "abc", "abd", "\0\0\0" },
  ["8s"] = { "abcdefgh", "abcdefgi", "Xbcdefgh" }, ["4p"] = { "abc", "ab", "" } }

local values = {}

--- Values that the scalar format reads as, no NaN among them.
function lawcases.values(format)
  if strings[format] then return strings[format] end
  if not values[format] then
    values[format] = {}
    for _, edge in ipairs(numbermodel.edges(format)) do
      if edge.number == edge.number then table.insert(values[format], edge.number) end
    end
  end
  return values[format]
end

--- A random format that a view can have: a scalar, a padded scalar or a record.
function lawcases.format(random)
  local what = random(4)
  if what == 1 then return lawcases.pick(random, lawcases.scalars) end
  if what == 2 then
    local order, letter = lawcases.pick(random, lawcases.scalars):match "^([<>]?)(.*)"
    return ("%s%dx%s%dx"):format(order, random(3), letter, random(0, 2))
  end
  return recordmodel.format(recordmodel.random(random, {}))
end

-- Runs ----------------------------------------------------------------------------------------------

--- Lengths on both sides of what a loop of 8, 16, 32 or 64 numbers, or a block of them, ends with.
lawcases.sizes = {}
for n = 0, 70 do table.insert(lawcases.sizes, n) end
for _, block in ipairs { 128, 256, 512, 1024 } do
  for n = block - 1, block + 2 do table.insert(lawcases.sizes, n) end
end

--- Distances in bytes between items of that size: none between the first ones, all others of either sign.
function lawcases.strides(size)
  local list, seen = { size }, { [size] = true }
  local function add(stride)
    if stride >= size and not seen[stride] then
      seen[stride] = true
      table.insert(list, stride)
      table.insert(list, -stride)
    end
  end
  for _, stride in ipairs { 2, 3, 4, 8, 12, size + 1, 2 * size, 3 * size, 4 * size } do add(stride) end
  table.insert(list, -size)
  return list
end

local run = {}
run.__index = run

--- The view of a run in a Buffer with its memory: n steps behind `before` bytes, each item behind `lead`.
local function layout(self, memory)
  local whole = memview(memory):sub(self.before + 1, self.before + self.n * self.step)
  local view
  if self.step == self.size then
    view = whole:cast(self.format)
  else
    local gap = self.step - self.size - self.lead
    view = whole:cast(("T{%dx%s:item:%dx}"):format(self.lead, self.format, gap)):field "item"
  end
  return self.turned and view:sub(nil, nil, -1) or view
end

--- n items of a format (none that is aligned), `stride` bytes apart, at a random place of random memory:
-- `view` shows them, `buffer` is their Buffer and `memory` what was in it.
function lawcases.run(random, format, n, stride)
  local size = memview.struct.calcsize(format)
  local self = setmetatable({ format = format, n = n, size = size, stride = stride, step = math.abs(stride),
    turned = stride < 0, before = random(0, 15) }, run)
  local gap = self.step - size
  self.lead = lawcases.pick(random, { 0, gap, random(0, gap) })
  self.memory = lawcases.bytes(random, self.before + n * self.step + random(0, 1) * random(0, 15))
  self.buffer = memview.buffer(self.memory)
  self.view = layout(self, self.buffer)
  assert(#self.view == n and (n == 0 or self.view.strides[1] == stride), "the run is not as it should be")
  return self
end

--- The same run in a copy of the memory as it was.
function run:twin()
  local twin = setmetatable({}, run)
  for key, value in pairs(self) do twin[key] = value end
  twin.buffer = memview.buffer(self.memory)
  twin.view = layout(self, twin.buffer)
  return twin
end

--- Position of the first byte of item i.
function run:place(i)
  if self.turned then i = self.n + 1 - i end
  return self.before + (i - 1) * self.step + self.lead + 1
end

--- The bytes of each item, out of the memory as it was.
function run:items()
  local list = {}
  for i = 1, self.n do
    local place = self:place(i)
    list[i] = self.memory:sub(place, place + self.size - 1)
  end
  return list
end

--- The memory with the strings of `list` in place of what is at `first`, first + step, ...; where it is
-- `turned`, from the end of the list on.
function lawcases.patched(memory, first, step, list, turned)
  local parts, at, n = {}, 1, #list
  for i = 1, n do
    local item, place = list[turned and n + 1 - i or i], first + (i - 1) * step
    parts[2 * i - 1], parts[2 * i] = memory:sub(at, place - 1), item
    at = place + #item
  end
  return table.concat(parts) .. memory:sub(at)
end

--- The memory as it was, with the bytes of `list` in place of the items.
function run:with(list)
  return lawcases.patched(self.memory, self.before + self.lead + 1, self.step, list, self.turned)
end

--- Writes list[i], or one of the list at random, to each item, and takes that as what was there.
function run:paint(list, random)
  for i = 1, self.n do self.view[i] = list[random and random(#list) or i] end
  self.memory = self.buffer:tobytes()
  return self
end

--- Calls visit(run, random) for each format and length: for items without a gap, and for items at `others`
-- distances chosen at random, or at all distances where it is not given. Long ones with gaps are few.
function lawcases.eachrun(seed, formats, others, visit)
  local random, used = helpers.random(seed)
  local function try(format, n, stride)
    guard(used, ("%d items '%s', %d bytes apart"):format(n, format, stride), function()
      visit(lawcases.run(random, format, n, stride), random)
    end)
  end
  for _, format in ipairs(formats) do
    local strides = lawcases.strides(memview.struct.calcsize(format))
    for _, n in ipairs(lawcases.sizes) do
      try(format, n, strides[1])
      for k = 2, others and others + 1 or #strides do
        if random(100) <= 100 * share and (n < 200 or random(5) == 1) then
          try(format, n, others and lawcases.pick(random, strides) or strides[k])
        end
      end
    end
  end
end

-- N dimensions --------------------------------------------------------------------------------------

local steps = {
  function(random, v)
    if v.ndim > 0 then return v:transpose(table.unpack(model.randomorder(random, v.ndim))) end
  end,
  function(random, v)
    local arguments = model.randomslice(random, v.shape, v.ndim > 1, model.randomsome)
    return v:slice(table.unpack(arguments, 1, arguments.n))
  end,
}

--- A contiguous view of random bytes, of that format and of a random shape and order.
function lawcases.block(random, format)
  local shape = model.randomshape(random, 4, 5)
  local bytes = lawcases.bytes(random, model.count(shape) * memview.struct.calcsize(format))
  return memview(memview.buffer(bytes)):cast(format, shape, lawcases.pick(random, { "C", "F" }))
end

--- A view of random bytes with any strides.
function lawcases.view(random, format)
  local v = lawcases.block(random, format)
  for _ = 1, random(0, 3) do v = lawcases.pick(random, steps)(random, v) or v end
  return v
end

--- All indices of a view, last fastest, as lists.
function lawcases.indices(v)
  local list = {}
  model.walk(v.shape, function(index) list[#list + 1] = { table.unpack(index) } end)
  return list
end

-- Pairs of formats ----------------------------------------------------------------------------------

local pairsof = {}

--- What numbers of one format are in another: a list of those that fit it, { number =, want = } with their
-- bytes there, and a list of numbers that do not.
function lawcases.conversions(from, to)
  local key = from .. to
  if not pairsof[key] then
    local fit, misfit = {}, {}
    for _, edge in ipairs(numbermodel.edges(from)) do
      local want = numbermodel.convert(from, edge.number, to)
      if not want then misfit[#misfit + 1] = edge.number
      elseif edge.number == edge.number then fit[#fit + 1] = { number = edge.number, want = want } end
    end
    pairsof[key] = { fit = fit, misfit = misfit }
  end
  return pairsof[key].fit, pairsof[key].misfit
end

return lawcases
