-- A world in which nothing stays: random calls on objects of all kinds, whose arguments release, move and
-- collect what is at work while they are read. A call works or raises a string; the sanitizers see the rest.
local memview = require "memview"
local lawcases = require "lawcases"
local most = require "machine".most
local pick = lawcases.pick
local struct = memview.struct

local function exporter(f) return setmetatable({}, { __buffer = f }) end

--- Calls f; it may work or raise a string.
local function contained(what, f, ...)
  local ok, message = pcall(f, ...)
  if not ok and type(message) ~= "string" then
    error(("%s raised a %s: %s"):format(what, type(message), tostring(message)), 2)
  end
  return ok
end

local formats = { "B", "B", "<h", ">I", "d", "?", "c", "4s", "5p", "<xHx", "BB", "T{<h:x:4s:y:}",
  "T{<h:x:(2,2)f:m:T{BB}:r:4s:y:}", "T{4s:y:3T{<H:id:8s:name:}:r:}" }
local extremes = { math.maxinteger, math.mininteger, most, -most, 2.0 ^ 53, 2.0 ^ 63, -2.0 ^ 63, 1e308,
  math.huge, -math.huge, 0 / 0, 0.5, -0.0, 255, 256 }

local World = {}
World.__index = World

--- The kind of an object, nil for what is released.
local function kindof(x)
  if memview.type(x) == "view" then return not x.released and "view" or nil end
  if memview.type(x) == "buffer" then return pcall(x.view, x) and "buffer" or nil end
  return type(x) == "table" and "cursor" or type(x)
end

function World:small() return self.random(-6, 6) end

--- An object, of that kind where one is found soon.
function World:object(kind)
  local x
  for _ = 1, 6 do
    x = pick(self.random, self.objects)
    if not kind or kindof(x) == kind then break end
  end
  return x
end

local makers = {
  function(w) return memview.zeros(pick(w.random, formats), w.random(0, 6)) end,
  function(w) return memview.zeros(pick(w.random, formats), { w.random(0, 3), 2 }):transpose() end,
  function(w) return memview.buffer(lawcases.bytes(w.random, w.random(0, 40))) end,
  function(w) return memview.buffer(lawcases.bytes(w.random, w.random(0, 40))) end,
  function(w) return memview(w:object "buffer") end,
  function(w) return w:object "view":sub(w:small(), w:small(), pick(w.random, { 1, 2, -1, -2 })) end,
  function(w) return memview(w:object "buffer"):cast(pick(w.random, formats)) end,
  function(w) return w:object "view":field(pick(w.random, { "x", "y", "m", "r", 1 })) end,
  function(w) return w:object "view"[1] end,
  function(w) return memview.cursor(w:object(), "<") end,
  function(w) return struct.iter_unpack(pick(w.random, formats), w:object "buffer") end,
  function(w) return (pairs(w:object "view")) end,
  function(w) return memview(lawcases.bytes(w.random, w.random(0, 20))) end,
}

--- Puts something new in the place of an object.
function World:renew()
  local ok, made = pcall(pick(self.random, makers), self)
  if ok and (type(made) == "userdata" or type(made) == "table" or type(made) == "function") then
    self.objects[self.random(#self.objects)] = made
  end
end

local harms = {
  function(w) w.self:release() end,
  function(w) w.self:release() end,
  function(w) w:object "view":release() end,
  function(w) w:object "buffer":clear() end,
  function(w) w:object "buffer":resize(w.random(0, 300)) end,
  function(w) w:object "buffer":append(("x"):rep(w.random(0, 5000))) end,
  function(w) w:object "buffer":remove(1, w.random(0, 9)) end,
  function(w) w:object "view":fill(w:small()) end,
  function(w) w:call() end,
  function(w) w:renew() end,
  function(w) debug.getmetatable(w.self).__close(w.self) end,
  function(w) debug.getmetatable(w.self).__gc(w.self) end,
  function() for k = 1, 260 do struct.calcsize(k .. "x") end end,       -- forgets all formats
  function() collectgarbage() end,
  function() collectgarbage "step" end,
}

--- Something is released, moved, collected: in the midst of a call, since its arguments come here.
function World:harm()
  if self.depth > 3 then return end
  self.depth = self.depth + 1
  pcall(pick(self.random, harms), self)
  self.depth = self.depth - 1
end

--- A value that does harm when it is looked at, and then is `x`.
local function evil(w, x)
  if type(x) == "table" and not getmetatable(x) then
    return setmetatable({}, { __len = function() w:harm() return #x end,
      __index = function(_, k) w:harm() return x[k] end })
  end
  if w.random(3) == 1 then
    setmetatable({}, { __gc = function() w:harm() end })
    return x
  end
  return exporter(function() w:harm() return x end)
end

local values = {
  int = World.small,
  position = function(w) return w.random(3) end,
  bytes = function(w)
    return pick(w.random, { "ab", "", lawcases.bytes(w.random, 4), w:object "buffer", w:object "view" })
  end,
  format = function(w) return pick(w.random, formats) end,
  shape = function(w)
    return pick(w.random, { { w.random(0, 3), pick(w.random, { -1, 1, 2 }) }, { -1 }, w:small() })
  end,
  range = function(w) return { w:small(), w:small(), pick(w.random, { 1, -1 }) } end,
  item = function(w) return w:item() end,
  items = function(w)
    local what = w.random(5)
    if what == 1 then return w:object "buffer" end
    if what == 2 then return w:object "view" end
    local list = {}
    for k = 1, w.random(0, 4) do list[k] = w:item() end
    return what == 3 and { list } or list
  end,
  name = function(w) return pick(w.random, { "x", "y", "m", "r", "y", 1, 2 }) end,
  file = function(w) return w.file end,
}

--- Instead of what is right: harm or nonsense, rarely; nil for the right value.
function World:bad(right)
  local what = self.random(16)
  if what <= 3 and self.depth < 3 then
    return evil(self, pick(self.random, { right, "abcd", self:object() }))
  end
  if what == 4 then return pick(self.random, extremes) end
  if what == 5 then return self:object() end
end

--- Something that goes into an item of `self`.
function World:item()
  local format = kindof(self.self) == "view" and self.self.format or pick(self.random, formats)
  if format:find "[T{]" then
    return { x = self:small(), y = self:bad "abc" or "ab", [self.random(2)] = self:bad(1) }
  end
  if format:find "[csp]" then return self:bad "a" or "b" end
  return format == "?" or self.random(0, 9)
end

--- What a method takes, in words.
local methods = {
  view = {
    get = "int", set = "position item", unpack = "int int", sub = "int int int", slice = "range range",
    cast = "format shape", reshape = "shape", transpose = "", toreadonly = "", tobytes = "int int",
    tolist = "int int", hex = "", clone = "", tocontiguous = "", copyfrom = "items position",
    fill = "item int int",
    byteswap = "", index = "item int", count = "item int", find = "bytes int", equals = "bytes",
    compare = "bytes",
    field = "name", getbits = "int int", setbits = "int int int", writeto = "file", readfrom = "file",
    dump = "", release = "", flush = "",
  },
  buffer = {
    append = "bytes bytes", insert = "position bytes", remove = "position int", resize = "position int",
    reserve = "position", clear = "", pack = "format item", tobytes = "int int", sub = "int int int",
    view = "", find = "bytes int", hex = "", equals = "bytes", compare = "bytes", readfrom = "file position",
    writeto = "file", release = "",
  },
  cursor = {
    unpack = "format", peek = "format", pack = "format item", take = "position", cstring = "", skip = "int",
    align = "position", seek = "position",
  },
}

local names = {}
for kind, list in pairs(methods) do
  names[kind] = {}
  for name in pairs(list) do table.insert(names[kind], name) end
  table.sort(names[kind])
end

function World:arguments(words)
  local list, n = {}, 0
  for word in words:gmatch "%a+" do
    n = n + 1
    local right = values[word](self)
    list[n] = self:bad(right) or right
  end
  return table.unpack(list, 1, self.random(8) == 1 and self.random(0, n) or n)
end

local calls = {
  function(w) return struct.pack(w:arguments "format item") end,
  function(w) return struct.unpack_from(w:arguments "format bytes position") end,
  function(w) return struct.pack_into(w:arguments "format bytes position item") end,
  function(w) return memview.array(w:arguments "format items") end,
  function(w) return memview.zeros(w:arguments "format shape") end,
  function(w) return memview.buffer((w:arguments "items")) end,
  function(w) return memview((w:arguments "bytes")) end,
  function(w) return memview.record("<", { { "a", (w:arguments "format"), (w:arguments "shape") } }) end,
  function(w) return w:object "function"(w:arguments "bytes int") end,
  function(w) return w.self[w:arguments "int"] end,
  function(w) return w.self[w:arguments "name"] end,
  function(w) w.self[w:arguments "position"] = w:arguments "item" end,
  function(w) w.self[w:arguments "name"] = w:arguments "item" end,
  function(w) return w.self .. w:arguments "bytes" end,
  function(w) return w.self < w:arguments "bytes" end,
  function(w) return w:arguments "bytes" <= w.self end,
  function(w) return w.self == w:arguments "bytes" end,
  function(w) return #w.self, tostring(w.self) end,
  function(w)
    for _ in pairs(w.self) do w:harm() end
  end,
  function(w)
    table.sort(w.self, function(a, b) w:harm() return a < b end)
  end,
  function(w)         -- by __lt
    table.sort { w.self, w:object "buffer", exporter(function() w:harm() return "b" end), "a" }
  end,
  function(w)
    local scope <close> = w.self
    w:harm()
    return scope[1]
  end,
  function(w)         -- a coroutine goes on, or is closed, when others have had their turn
    table.insert(w.asleep, coroutine.create(function(x)
      local scope <close> = x
      while true do
        coroutine.yield(contained("a loop", function() for _ in pairs(x) do w:harm() end end))
        coroutine.yield(x[1], scope)
      end
    end))
    coroutine.resume(w.asleep[#w.asleep], w.self)
  end,
  function(w) return coroutine.resume(pick(w.random, w.asleep)) end,
  function(w) return coroutine.close(table.remove(w.asleep, 1)) end,
}

--- A method of an object, or any other call.
local function anything(w)
  local list = names[w.kind]
  if not list or w.random(4) == 1 then return pick(w.random, calls)(w) end
  local name = pick(w.random, list)
  return w.self[name](w.self, w:arguments(methods[w.kind][name]))
end

--- A random call with random arguments, on an object that they may harm.
function World:call()
  local before, kind = self.self, self.kind
  self.kind = pick(self.random, { "view", "view", "buffer", "cursor" })
  self.self = self:object(self.kind)
  self.calls = self.calls + 1
  if contained("a call", anything, self) then self.worked = self.worked + 1 end
  self.self, self.kind = before, kind
end

function World.new(random, file)
  local w = setmetatable({ random = random, file = file, depth = 0, calls = 0, worked = 0 }, World)
  w.objects, w.asleep = {}, { coroutine.create(World.small) }
  for k = 1, 12 do w.objects[k] = k < 4 and memview.buffer(24) or memview.zeros("T{<h:x:4s:y:}", 4) end
  for _ = 1, 40 do w:renew() end
  return w
end

local hostileworld = {}

local function play(random, file)
  local w = World.new(random, file)
  for _ = 1, 200 do
    w:call()
    w:renew()
  end
  return w
end

--- Makes `count` worlds and 200 random calls in each. @return how many calls there were, and how many worked
function hostileworld.run(seed, count)
  local file <close> = assert(io.tmpfile())
  local called, worked = 0, 0
  lawcases.hold(seed, count, function(random)
    local w = play(random, file)
    called, worked = called + w.calls, worked + w.worked
    w.depth = math.huge           -- what is still to be finalized does no more harm
  end)
  return called, worked
end

local kept = {}       -- until the state ends

--- Leaves `count` worlds for the end of the state, with finalizers that call, bring back, release and resize
-- what is in them. They stand before and behind those of the objects.
function hostileworld.leave(seed, count)
  local file = assert(io.tmpfile())
  local function last(w)
    return setmetatable({}, { __gc = function(object)
      table.insert(kept, { object, w })
      for _ = 1, 20 do w:call() end
    end })
  end
  lawcases.hold(seed, count, function(random)
    local w = World.new(random, file)
    local first = last(w)         -- finalizers run from the newest to the oldest
    for _ = 1, 50 do w:renew() end
    table.insert(kept, { w, first, last(w) })
  end)
end

return hostileworld
