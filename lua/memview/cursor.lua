--- memview.cursor: reads and writes values one behind the other, along bytes.
-- A cursor is an empty table with a locked metatable; what it keeps is its state, a table that only this file
-- and the core can get at. A method first finds out whether it can do its work, and moves the position last.
local core = require "memview.core"
local fault = require "memview.fault"
local memview = core.memview
local badargument = fault.badargument

-- The states of all cursors. The core reads and writes the first three:
--   [1]    what is read and written: a string, a Buffer, or a View of its own
--   [2]    the position of the next byte, from 1 to the end + 1
--   [3]    formats -> formats with the cursor's order in front; nil where it has none
--   bytes  the same as [1] as a View or Buffer, for its methods
local SOURCE <const>, POSITION <const>, FORMATS <const> = 1, 2, 3
local states = setmetatable({}, {__mode = "k"})

-- Errors ----------------------------------------------------------------------------------------------
-- The functions below that raise are called by methods, so level 3 is who called the method.

--- The state of the cursor that is self.
local function stateof(name, self)
  return states[self] or badargument(3, 1, name, "cursor expected, got %s", type(self))
end

--- The argument behind self, as an integer from `least` on.
local function integer(name, x, least)
  if type(x) ~= "number" then badargument(3, 2, name, "integer expected, got %s", type(x)) end
  local n = math.tointeger(x) or badargument(3, 2, name, "number has no integer representation")
  if least and n < least then badargument(3, 2, name, "%d or more expected, got %d", least, n) end
  return n
end

-- Positions -------------------------------------------------------------------------------------------

--- Moves to a position, which must be inside.
local function moveto(state, name, position)
  local limit = #state.bytes + 1
  if position < 1 or position > limit then
    badargument(3, 2, name, "position %d out of range (1 to %d)", position, limit)
  end
  state[POSITION] = position
end

--- The position, where `size` more bytes are there; raises where they are not.
local function checkroom(state, name, size)
  local at, limit = state[POSITION], #state.bytes + 1
  if at > limit then error(("position %d out of range (1 to %d)"):format(at, limit), 3) end
  if size > limit - at then
    local message = "'%s' needs %d bytes at position %d, there are %d"
    badargument(3, 2, name, message, name, size, at, limit - at)
  end
  return at
end

-- Methods ---------------------------------------------------------------------------------------------

local methods = {}

--- c:unpack(format) reads the values of a format and moves behind them; c:peek(format) stays.
-- c:pack(format, ...) writes values and moves behind them; at the end of a Buffer it makes the Buffer longer.
methods.unpack, methods.peek, methods.pack = core.internal.cursor(states)

--- Moves to a position from 1 to the end + 1. @return the cursor
function methods:seek(position)
  local state = stateof("seek", self)
  moveto(state, "seek", integer("seek", position))
  return self
end

--- Moves n bytes on, or back where n is negative. @return the cursor
function methods:skip(n)
  local state = stateof("skip", self)
  moveto(state, "skip", state[POSITION] + integer("skip", n))
  return self
end

--- Moves on to the next multiple of n bytes from the start; stays where that is here. @return the cursor
function methods:align(n)
  local state = stateof("align", self)
  n = integer("align", n, 1)
  moveto(state, "align", state[POSITION] + (1 - state[POSITION]) % n)
  return self
end

--- Takes the next n bytes and moves behind them.
-- @return a View of them; nothing is copied
function methods:take(n)
  local state = stateof("take", self)
  n = integer("take", n, 0)
  local at = checkroom(state, "take", n)
  local part = state.bytes:sub(at, at + n - 1)
  state[POSITION] = at + n
  return part
end

--- Reads a string that ends with a zero byte, and moves behind the zero.
-- @return the string without the zero
function methods:cstring()
  local state = stateof("cstring", self)
  local at = checkroom(state, "cstring", 0)
  local zero = state.bytes:find("\0", at)
  if not zero then error(("no zero byte from position %d on"):format(at), 2) end
  local text = state.bytes:tobytes(at, zero - 1)
  state[POSITION] = zero + 1
  return text
end

-- Making ----------------------------------------------------------------------------------------------

local MAXCACHED <const> = 256  -- formats kept for an order; then they are forgotten

--- The formats of an order, made as they are asked for. One that names an order itself stays as it is;
-- `(2,3)<f` does so too.
local function newformats(order)
  local count = 0
  local function join(formats, format)
    if count == MAXCACHED then
      for key in pairs(formats) do formats[key] = nil end
      count = 0
    end
    local text = format:find "^[%s%d(,)]*[@=<>!]" and format or order .. format
    formats[format], count = text, count + 1
    return text
  end
  return setmetatable({}, {__index = join})
end

local FORMATSOF = {}
for order in ("@=<>!"):gmatch "." do FORMATSOF[order] = newformats(order) end

--- A View of its own of the bytes of an exporter.
local function bytesof(obj)
  local ok, view = pcall(memview.view, obj)
  if not ok then fault.passon(4, 1, "cursor", view) end
  local whole <close> = view
  if not memview.c_contiguous(whole) then
    badargument(4, 1, "cursor", "view is not contiguous; tocontiguous() gives one that is")
  end
  return memview.cast(whole, "B")
end

local function newstate(obj, order)
  local bytes = bytesof(obj)
  if memview.type(obj) == "buffer" then
    bytes:release()
    bytes = obj
  end
  local source = type(obj) == "string" and obj or bytes  -- a string is read without going through its view
  return {[SOURCE] = source, [POSITION] = 1, [FORMATS] = FORMATSOF[order], bytes = bytes}
end

--- The value of c.position or c.remaining; nil for names that are none.
local function attribute(state, name)
  if name == "position" then return state[POSITION] end
  if name == "remaining" then return math.max(#state.bytes + 1 - state[POSITION], 0) end
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

local function lengthof(x) return #x end

--- memview.Cursor: 0x55d0c8e2 at 3 of 10; the position is one more than the size at the end
local function show(c)
  local state = states[c]
  local live, size = pcall(lengthof, state.bytes)
  if not live then
    if not size:find("released", 1, true) then error(size, 0) end
    return ("memview.Cursor: %p (released)"):format(c)
  end
  return ("memview.Cursor: %p at %d of %d"):format(c, state[POSITION], size)
end

local function wrap(state)
  local c = setmetatable({}, {
    __index = namesof(state), __newindex = refuse, __tostring = show,
    __name = "memview.Cursor", __metatable = "memview.Cursor",
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
  if order ~= nil and not FORMATSOF[order] then
    local shown = type(order) == "string" and "'" .. order .. "'" or type(order)
    badargument(2, 2, "cursor", "order '@', '=', '<', '>' or '!' expected, got %s", shown)
  end
  return wrap(newstate(obj, order))
end

return cursor
