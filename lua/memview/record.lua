--- memview.record: builds the text of a record format from a list of fields.
-- What a type is, how many bytes it has and how it is aligned is asked of the formats themselves; this file
-- only puts members one behind the other, and names the gaps between them.
local core = require "memview.core"
local badargument = require "memview.fault".badargument
local memview = core.memview

local zeros, calcsize, alignment = memview.zeros, memview.struct.calcsize, core.internal.alignment

local MAXFIELDS <const> = 65536  -- more than the longest format has room for
local LIMIT <const> = 1 << 62  -- no offset reaches it, so sums of two do not wrap

-- Errors: the message alone; the public function adds the argument and the caller's position.
local function fail(message, ...) error(message:format(...), 0) end

local function show(x)
  return type(x) == "string" and "'" .. x .. "'" or type(x) == "number" and tostring(x) or type(x)
end

--- x as an integer from 0 on, or nil.
local function natural(x)
  local n = type(x) == "number" and math.tointeger(x)
  return n and n >= 0 and n or nil
end

--- f(format), where an error tells of the field and not of the call.
local function ask(where, f, format)
  local ok, result = pcall(f, format)
  if not ok then fail("%s: %s", where, tostring(result):match "%((.*)%)$" or result) end
  return result
end

--- The canonical text of a format that can make a view.
local function canonical(format) return zeros(format, 0).format end

-- One field -----------------------------------------------------------------------------------------

local FIELDKEYS = {true, true, true, at = true}

local function checkkeys(where, t, known)
  for key in pairs(t) do
    if not known[key] then fail("%s: unknown key %s", where, show(key)) end
  end
end

--- Is the canonical text one item? Then a name behind it names all of it.
local function isone(text)
  local ok, named = pcall(zeros, "T{" .. text .. ":n:}", 0)
  if not ok and named:find "not enough memory" then error(named, 0) end  -- that is no answer
  return ok and named:field("n").format == text
end

--- A nested record in the midst of order `order`: its members stay as they are. One that does not begin with
-- an order is native, and the mark that says so stands inside its brace: before the T it would align it.
local function keeporder(order, text)
  local first = text:match "^T{([<>]?)"
  if order == "@" or first ~= "" and first ~= order then return text end
  return first == "" and "T{@" .. text:sub(3) or "T{" .. text:sub(4)
end

--- The order that must be in force where a member of that type stands, and the text of the type under it.
local function readtype(where, order, given)
  if type(given) ~= "string" then fail("%s: type expected (such as 'f32'), got %s", where, show(given)) end
  local marked, nested = given:find "^[@=<>!]", given:find "^%s*T"
  local text = ask(where, canonical, (marked or nested) and given or order .. given)
  if not isone(text) then fail("%s: one item expected as type, got '%s'", where, given) end
  if nested then return order, keeporder(order, text) end
  local mark, rest = text:match "^([<>]?)(.*)$"
  return mark == "" and "@" or mark, rest
end

local function readlengths(where, count)
  if type(count) ~= "table" then count = {count} end
  local lengths = {}
  if #count > 64 then fail("%s: %d dimensions (at most 64)", where, #count) end
  for d = 1, #count do
    lengths[d] = natural(count[d]) or fail("%s: count of 0 or more expected, got %s", where, show(count[d]))
  end
  return lengths
end

--- A type's text with its count or shape in front. A plain count of 's' would be its size.
local function countedtext(where, text, count)
  local lengths = readlengths(where, count)
  if #lengths == 0 then return text end
  if #lengths == 1 and not text:find "^%d*[sp]$" then return lengths[1] .. text end
  return "(" .. table.concat(lengths, ",") .. ")" .. text
end

local function readname(where, name)
  if type(name) ~= "string" or name == "" or name:find(":", 1, true) then
    fail("%s: name expected, without ':' and not empty, got %s", where, show(name))
  end
  return name
end

local function readat(where, at)
  if at ~= nil and (natural(at) or LIMIT) >= LIMIT then
    fail("%s: offset of 0 or more expected in 'at', got %s", where, show(at))
  end
  return natural(at)
end

local function readpad(where, field)
  local n = field[3] == nil and 1 or natural(field[3])
  if not n or n >= LIMIT then fail("%s: count of bytes expected, got %s", where, show(field[3])) end
  return {where = where, size = n, align = 1, at = readat(where, field.at)}
end

--- A field as a table: `where` for messages, `size`, `align`, `at`; for members also `name`, `mark` (the
-- order that must be in force) and `text` (count and type).
local function readfield(order, k, field)
  local where = ("field %d"):format(k)
  if type(field) ~= "table" then fail("%s: {name, type} expected, got %s", where, show(field)) end
  if type(field[1]) == "string" then where = ("field '%s'"):format(field[1]) end
  checkkeys(where, field, FIELDKEYS)
  if field[2] == "pad" or field[2] == "x" then return readpad(where, field) end
  local name = readname(where, field[1])
  local mark, text = readtype(where, order, field[2])
  text = countedtext(where, text, field[3])
  return {
    where = where, name = name, mark = mark, text = text, at = readat(where, field.at),
    size = ask(where, calcsize, mark .. text), align = ask(where, alignment, mark .. text),
  }
end

-- All fields -----------------------------------------------------------------------------------------

local function roundup(n, align) return (n + align - 1) // align * align end

--- Where the field begins, the fields before it ending at `stop`.
local function position(field, stop)
  local at, align = field.at or roundup(stop, field.align), field.align
  if at < stop then
    fail("%s: offset %d overlaps the fields before it, which end at %d", field.where, at, stop)
  end
  if at % align ~= 0 then
    fail("%s: offset %d is not aligned ('@' needs a multiple of %d)", field.where, at, align)
  end
  if field.size >= LIMIT - at then fail("%s: record too large", field.where) end
  return at
end

--- A record that is being written: its text in parts, the order in force, the end of what is written
-- (`length`) and of what is taken (`stop`, further on where padding follows), the widest alignment.
local function newwriter() return {"T{", order = "@", length = 0, stop = 0, align = 1, names = {}} end

--- Writes padding up to that offset.
local function padto(w, offset)
  if offset > w.length then w[#w + 1] = ("%dx"):format(offset - w.length) end
  w.length = offset
end

local function putfield(w, field)
  local at = position(field, w.stop)
  w.stop, w.align, w.last = at + field.size, math.max(w.align, field.align), field.where
  if not field.name then return end
  if w.names[field.name] then fail("%s: name used twice", field.where) end
  w.names[field.name] = true
  padto(w, at)
  w[#w + 1] = (field.mark ~= w.order and field.mark or "") .. field.text .. ":" .. field.name .. ":"
  w.order, w.length = field.mark, w.stop
end

--- The size of the whole: as given, else with what "@" needs at the end, so that arrays of it are right.
local function wholesize(w, order, size)
  local align = order == "@" and w.align or 1
  if size == nil then return roundup(w.stop, align) end
  local n = natural(size)
  if not n or n >= LIMIT then fail("size of 0 or more expected, got %s", show(size)) end
  if n < w.stop then fail("size %d is too small: %s ends at %d", n, w.last, w.stop) end
  if n % align ~= 0 then fail("size %d is not aligned ('@' needs a multiple of %d)", n, align) end
  return n
end

local function build(order, fields)
  local w, known = newwriter(), {size = true}
  for k, field in ipairs(fields) do
    if k > MAXFIELDS then fail("more than %d fields", MAXFIELDS) end
    putfield(w, readfield(order, k, field))
    known[k] = true
  end
  checkkeys("fields", fields, known)
  if not next(w.names) then fail "member expected, besides padding" end
  padto(w, wholesize(w, order, fields.size))
  w[#w + 1] = "}"
  return ask("record", canonical, table.concat(w))
end

--- Makes a record format.
-- @param order "@" lays the fields out as the C compiler does, and writes all padding out; "=", "<", ">" and
-- "!" pack them, in that byte order
-- @param fields a sequence of {name, type}, {name, type, count}, {name, type, shape} or {"_", "pad", bytes},
-- each with `at = offset` where it does not follow the field before; `size = n` sets the size of the whole
-- @return the canonical text of the format
local function record(order, fields)
  if type(order) ~= "string" or not order:find "^[@=<>!]$" then
    badargument(2, 1, "record", "order '@', '=', '<', '>' or '!' expected, got %s", show(order))
  end
  if type(fields) ~= "table" then
    badargument(2, 2, "record", "table of fields expected, got %s", show(fields))
  end
  local mark = canonical(order .. "H"):match "^[<>]" or "@"  -- "=" and "!" by their canonical names
  local ok, result = pcall(build, mark, fields)
  return ok and result or badargument(2, 2, "record", "%s", result)
end

return record
