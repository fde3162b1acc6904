-- What the specs of the C API share: the module spec/capi/capi.c, and ways to use it.
-- Gives nil and the reason where it cannot be built.
local memview = require "memview"
local build = require "capi.build"
local indirect = require "capi.indirect"

local capi, printed = build.module("capi", "c", "spec/capi/capi.c")
if not capi then return { reason = printed } end

local engine = { capi = capi, printed = printed, released = "attempt to use a released view" }

--- A writable export of these bytes; a View and its number.
function engine.export(bytes) return capi.export { bytes = bytes, writable = true } end

--- Exports a full description; len and itemsize are worked out, unless they are given.
function engine.describe(t)
  if t.format and not t.itemsize then
    local ok, size = pcall(memview.struct.calcsize, t.format)
    t.itemsize = ok and size or 1
  end
  if not t.len then
    t.len = t.itemsize or 1
    for _, n in ipairs(t.shape) do t.len = t.len * n end
  end
  return capi.describe(t)
end

--- Runs Lua code in a state of its own, which is then closed; nothing may be left of its memory.
function engine.inown(code)
  local ok, result, left = capi.run(build.prelude() .. 'local memview = require "memview"\n' .. code)
  assert(ok, result)
  assert(left == 0, left .. " bytes left when the state was closed")
  return result
end

--- Asserts that memory of every export since number `first` was given back once.
function engine.allgiven(first)
  assert(capi.last() > first)
  for id = first + 1, capi.last() do
    local calls = capi.calls(id)
    assert(not capi.tried(id) or calls == 1, ("export %d was given back %d times"):format(id, calls))
  end
end

--- Calls f in another mode of the collector, so that finalizers run in the middle of things.
function engine.collecting(mode, f)
  local before = collectgarbage(mode)
  local ok, message = pcall(f)
  collectgarbage(before)
  assert(ok, message)
end

engine.orders = { "C", "F", "A" }

--- Is the view contiguous in that order?
function engine.contiguous(v, order)
  if order == "C" then return v.c_contiguous end
  if order == "F" then return v.f_contiguous end
  return v.contiguous
end

--- Views of all kinds, by name, made anew.
function engine.zoo()
  local block = memview.array("<h", { { 1, 2, 3 }, { 4, 5, 6 } })
  local ndim = {}
  for d = 1, capi.MAXDIM do ndim[d] = d == 40 and 3 or 1 end
  return {
    rows = block, columns = block:transpose(), everysecond = block:slice({}, { 1, 3, 2 }),
    backwards = memview.array("B", { 1, 2, 3 }):sub(-1, 1, -1),
    flat = memview.array(">d", { 1.5, -2 }),
    scalar = memview.zeros("i", {}),
    empty = memview.zeros("H", { 2, 0 }),
    line = memview.zeros("B", { 1, 5, 1 }),
    records = memview.array("T{<h:x:B:y:}", { { 1, 2 }, { 3, 4 } }),
    deep = memview.zeros("B", ndim),
    readonly = memview "text", part = memview("some text"):sub(2, -2, 3),
    pointers = indirect.make(capi, indirect.cases[2]),
    foreign = engine.export "bytes",
    cube = memview.zeros("B", { 2, 3, 4 }):transpose(3, 1, 2),
  }
end

return engine
