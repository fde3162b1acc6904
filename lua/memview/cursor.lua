--- memview.cursor: reads and writes values one behind the other, along bytes.
-- A cursor is an empty table with a locked metatable; what it keeps is its state, a table that only this file
-- can get at. A method first finds out whether it can do its work, and moves the position last.
local core = require "memview.core"
local memview = core.memview

local calcsize, structpack, pack_into = memview.struct.calcsize, memview.struct.pack, memview.struct.pack_into
local unpackat = core.internal.unpackat
local bufferpack, bufferresize = memview.buffer().pack, memview.buffer().resize

-- The states of all cursors:
--   position  of the next byte, from 1 to the end + 1
--   source    what is read and written: a string, a Buffer, or a View of its own
--   bytes     the same as a View or Buffer, for its methods
--   limit     the end + 1; nil for a Buffer, which may change its size
--   readonly  can nothing be written?
--   cache     of formats, for the order of this cursor; `formats` is what is in it
local states = setmetatable({}, {__mode = "k"})

-- Errors ----------------------------------------------------------------------------------------------
-- The functions below that raise are called by methods, so level 3 is who called the method.

local function badargument(n, name, message, ...)
  return ("bad argument #%d to '%s' (%s)"):format(n, name, message:format(...))
end

--- An error of a core function as one of `name`, whose arguments have numbers lower by `shift`.
local function translate(message, name, shift)
  local n, reason = tostring(message):match "bad argument #(%d+) to '.-' %((.*)%)$"
  return n and badargument(n - shift, name, "%s", reason) or message
end

local function notcursor(self) error("cursor expected, got " .. type(self), 3) end

-- Formats ---------------------------------------------------------------------------------------------

local MAXCACHED <const> = 256  -- formats kept for an order; then its cache starts anew

local caches = {}  -- order -> {order, count, formats}, where formats is text -> {text, size}

local function cacheof(order)
  caches[order] = caches[order] or {order = order, count = 0, formats = {}}
  return caches[order]
end

--- The format with the cursor's order in front, unless it names one itself (`(2,3)<f` does so too).
local function ordered(order, format)
  return format:find "^[%s%d(,)]*[@=<>!]" and format or order .. format
end

local function keep(cache, format, entry)
  if cache.count >= MAXCACHED then
    for key in pairs(cache.formats) do cache.formats[key] = nil end
    cache.count = 0
  end
  cache.formats[format] = entry
  cache.count = cache.count + 1
  return entry
end

--- Reads a format that is not in the cache: {text, size}.
local function compile(state, name, format)
  if type(format) ~= "string" then
    error(badargument(1, name, "format string expected, got %s", type(format)), 3)
  end
  local text = ordered(state.cache.order, format)
  local ok, size = pcall(calcsize, text)
  if not ok then error(translate(size, name, 0), 3) end
  return keep(state.cache, format, {text = text, size = size})
end

-- Positions -------------------------------------------------------------------------------------------

--- The argument as an integer.
local function integer(name, x)
  if type(x) ~= "number" then error(badargument(1, name, "integer expected, got %s", type(x)), 3) end
  return math.tointeger(x) or error(badargument(1, name, "number has no integer representation"), 3)
end

local function limitof(state) return state.limit or #state.source + 1 end

--- Moves to a position, which must be inside.
local function moveto(state, name, position)
  local limit = limitof(state)
  if position < 1 or position > limit then
    error(badargument(1, name, "position %d out of range (1 to %d)", position, limit), 3)
  end
  state.position = position
end

--- Raises unless `size` more bytes are there; `what` needs them.
local function checkroom(state, name, size, what)
  local at, limit = state.position, limitof(state)
  if at > limit then error(("position %d out of range (1 to %d)"):format(at, limit), 3) end
  if size > limit - at then
    local message = "'%s' needs %d bytes at position %d, there are %d"
    error(badargument(1, name, message, what, size, at, limit - at), 3)
  end
end

local methods = {}

--- Moves to a position from 1 to the end + 1. @return the cursor
function methods:seek(position)
  local state = states[self] or notcursor(self)
  moveto(state, "seek", integer("seek", position))
  return self
end

--- Moves n bytes on, or back where n is negative. @return the cursor
function methods:skip(n)
  local state = states[self] or notcursor(self)
  moveto(state, "skip", state.position + integer("skip", n))
  return self
end

--- Moves on to the next multiple of n bytes from the start; stays where that is here. @return the cursor
function methods:align(n)
  local state = states[self] or notcursor(self)
  n = integer("align", n)
  if n < 1 then error(badargument(1, "align", "1 or more expected, got %d", n), 2) end
  moveto(state, "align", state.position + (1 - state.position) % n)
  return self
end

-- Reading ---------------------------------------------------------------------------------------------

--- Moves, and gives what follows: for a call that must be over before the cursor moves.
local function advance(state, position, ...)
  state.position = position
  return ...
end

--- Reads the values of a format and moves behind them.
-- @return the values, as memview.struct.unpack gives them
function methods:unpack(format)
  local state = states[self] or notcursor(self)
  local entry = state.formats[format] or compile(state, "unpack", format)
  local at, size, source = state.position, entry.size, state.source
  if size > (state.limit or #source + 1) - at then checkroom(state, "unpack", size, entry.text) end
  return advance(state, at + size, unpackat(entry.text, source, at))
end

--- Reads the values of a format and stays where it is.
-- @return the values
function methods:peek(format)
  local state = states[self] or notcursor(self)
  local entry = state.formats[format] or compile(state, "peek", format)
  checkroom(state, "peek", entry.size, entry.text)
  return unpackat(entry.text, state.source, state.position)
end

--- Takes the next n bytes and moves behind them.
-- @return a View of them; nothing is copied
function methods:take(n)
  local state = states[self] or notcursor(self)
  n = integer("take", n)
  if n < 0 then error(badargument(1, "take", "0 or more expected, got %d", n), 2) end
  checkroom(state, "take", n, "take")
  local at = state.position
  return advance(state, at + n, state.bytes:sub(at, at + n - 1))
end

--- Reads a string that ends with a zero byte, and moves behind the zero.
-- @return the string without the zero
function methods:cstring()
  local state = states[self] or notcursor(self)
  checkroom(state, "cstring", 0)
  local at = state.position
  local zero = state.bytes:find("\0", at)
  if not zero then error(("no zero byte from position %d on"):format(at), 2) end
  return advance(state, zero + 1, state.bytes:tobytes(at, zero - 1))
end

-- Writing ---------------------------------------------------------------------------------------------

--- Packs over the end of a Buffer. Once that has its new size, which may be refused, nothing can fail.
-- @return success, and the message where there is none
local function packacross(buffer, at, text, ...)
  local ok, bytes = pcall(structpack, text, ...)
  if not ok then return false, bytes end
  local grown, message = pcall(bufferresize, buffer, at - 1 + #bytes)
  for i = 1, grown and #bytes or 0 do buffer[at - 1 + i] = bytes:byte(i) end
  return grown, message
end

--- Writes values and moves behind them. At the end of a Buffer it makes the Buffer longer.
-- @return the cursor
function methods:pack(format, ...)
  local state = states[self] or notcursor(self)
  local entry = state.formats[format] or compile(state, "pack", format)
  if state.readonly then error("view is read-only", 2) end
  local at, size, text, target = state.position, entry.size, entry.text, state.source
  local room = (state.limit or #target + 1) - at
  local ok, message, shift
  if size <= room then
    shift, ok, message = 2, pcall(pack_into, text, target, at, ...)
  elseif state.limit or room < 0 then
    checkroom(state, "pack", size, text)
  elseif room == 0 then
    shift, ok, message = 1, pcall(bufferpack, target, text, ...)
  else
    shift, ok, message = 0, packacross(target, at, text, ...)
  end
  if not ok then error(translate(message, "pack", shift), 2) end
  state.position = at + size
  return self
end

-- Making ----------------------------------------------------------------------------------------------

--- A View of its own of the bytes of an exporter.
local function bytesof(obj)
  local ok, view = pcall(memview.view, obj)
  if not ok then error(translate(view, "cursor", 0), 4) end
  local whole <close> = view
  if not memview.c_contiguous(whole) then
    error(badargument(1, "cursor", "view is not contiguous; tocontiguous() gives one that is"), 4)
  end
  return memview.cast(whole, "B")
end

local function newstate(obj, order)
  local cache, bytes = cacheof(order), bytesof(obj)
  local state = {position = 1, cache = cache, formats = cache.formats, source = bytes, bytes = bytes}
  if memview.type(obj) == "buffer" then
    bytes:release()
    state.source, state.bytes = obj, obj
  else
    state.limit, state.readonly = #bytes + 1, bytes.readonly
    if type(obj) == "string" then state.source = obj end  -- read without going through its view
  end
  return state
end

--- The value of c.position or c.remaining; nil for names that are none.
local function attribute(state, name)
  if name == "position" then return state.position end
  if name == "remaining" then return math.max(limitof(state) - state.position, 0) end
end

local function refuse(_, name) error(("cannot assign to '%s' of a cursor"):format(tostring(name)), 2) end

--- The names of a cursor. They are its own, so that methods are found without a call; and spelled out, so
-- that they are made fast.
local function namesof(state)
  return setmetatable({
    unpack = methods.unpack, peek = methods.peek, take = methods.take, cstring = methods.cstring,
    pack = methods.pack, seek = methods.seek, skip = methods.skip, align = methods.align,
  }, {__index = function(_, name) return attribute(state, name) end})
end

local function wrap(state)
  local c = setmetatable({}, {
    __index = namesof(state), __newindex = refuse, __name = "memview.Cursor", __metatable = "memview.Cursor",
  })
  states[c] = state
  return c
end

--- Makes a cursor at the first byte of an exporter: a string, Buffer, View or object with `__buffer`.
-- Over a Buffer it pins nothing between calls; over anything else it holds a View of its own.
-- @param obj the exporter; a view must be C-contiguous, and counts as bytes whatever its format
-- @param order "@", "=", "<", ">" or "!", to put before formats that name no order; none by default
-- @return the cursor
local function cursor(obj, order)
  if order ~= nil and not (type(order) == "string" and order:find "^[@=<>!]$") then
    local shown = type(order) == "string" and "'" .. order .. "'" or type(order)
    error(badargument(2, "cursor", "order '@', '=', '<', '>' or '!' expected, got %s", shown), 2)
  end
  return wrap(newstate(obj, order or ""))
end

return cursor
