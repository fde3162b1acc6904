-- Programs of operations on views and Buffers, decoded from bytes and checked against a plain model
-- (fuzz/plain.lua). `views.run(bytes)` runs one; where the library and the model disagree it raises a text
-- that holds the program as Lua code. fuzz/views.c gives it to libFuzzer.
local memview = require "memview"
local model = require "model"
local numbermodel = require "numbermodel"
local plain = require "plain"
local recordmodel = require "recordmodel"

local views = {}

local slots <const>, steps <const>, room <const> = 8, 48, 320   -- objects, operations, bytes of an object

-- Values as code ----------------------------------------------------------------------------------------

local function numbercode(x)
  if x ~= x then return "(0/0)" end
  if x == math.huge or x == -math.huge then return x > 0 and "math.huge" or "-math.huge" end
  if math.type(x) == "float" and x % 1 == 0 and math.abs(x) < 1e15 then return ("%.1f"):format(x) end
  return math.type(x) == "float" and ("%.17g"):format(x) or ("%q"):format(x)
end

local function escape(c) return ("\\x%02x"):format(c:byte()) end

local function code(x)
  if type(x) == "number" then return numbercode(x) end
  if type(x) == "string" then return '"' .. x:gsub('[%c\128-\255"\\]', escape) .. '"' end
  if type(x) == "table" then return "{}" end
  return type(x) == "function" and "print" or tostring(x)
end

-- Arguments: what the library gets, what the model gets, and the code of it -----------------------------

local function constant(x) return { real = x, model = x, text = code(x) } end

--- A table argument; `list` is of { key code or "", key, argument }.
local function tableof(list)
  local t, texts = { real = {}, model = {} }, {}
  for k, entry in ipairs(list) do
    local x = entry[3]
    t.real[entry[2]], t.model[entry[2]] = x.real, x.model
    texts[k] = entry[1] .. x.text
  end
  t.text = "{" .. table.concat(texts, ", ") .. "}"
  return t
end

local extremes = {
  math.maxinteger, math.mininteger, math.maxinteger - 1, math.mininteger + 1, 1 << 53, -(1 << 53), 1 << 62,
  2.0 ^ 53, -2.0 ^ 63, 2.0 ^ 63, 1 << 31, -(1 << 31), 1 << 32, 100,
}

-- Sizes that no machine can give; smaller ones might be given.
local sizes = { math.maxinteger, math.mininteger, math.maxinteger - 8, 1 << 62, 2.0 ^ 62, -1, -1.0, 1 << 60 }

local hostile = {
  1.5, 0 / 0, math.huge, -math.huge, true, false, "", "x", "1", "C", "nosuch", print, 1e300, -0.0, 0,
}

-- Types ---------------------------------------------------------------------------------------------------

local ready = {}

local function addtype(type, text)
  ready[#ready + 1] = { real = text or type.text, model = type, text = code(text or type.text) }
end

local function padded(order, before, letter, after)
  local members = {}
  if before > 0 then members[1] = { pad = before } end
  members[#members + 1] = { type = recordmodel.scalar(order, letter) }
  if after > 0 then members[#members + 1] = { pad = after } end
  addtype(plain.type(recordmodel.record(order, members), true))
end

--- Members by letters: { name, letter, shape }.
local function record(order, list, bare)
  local members = {}
  for k, m in ipairs(list) do
    local t = type(m[2]) == "table" and m[2] or recordmodel.scalar(order, m[2])
    members[k] = { name = m[1], type = t, shape = m[3] }
  end
  local t = recordmodel.record(order, members)
  addtype(plain.type(t, bare))
  return t
end

for letter in ("BbHhIiQqefd"):gmatch "." do
  for order in ("<>"):gmatch "." do addtype(plain.type(recordmodel.scalar(order, letter))) end
end
for letter in ("BbHhIiLlQqnNPefd?c"):gmatch "." do addtype(plain.type(recordmodel.scalar("@", letter))) end
for n = 1, 5 do
  addtype(plain.type(recordmodel.scalar("@", "s", n)))
  addtype(plain.type(recordmodel.scalar("@", "p", n)))
end
addtype(plain.type(recordmodel.scalar("<", "H")), "<u16")
addtype(plain.type(recordmodel.scalar(">", "f")), "!f32")
padded("<", 1, "H", 0)
padded("<", 0, "f", 2)
padded("@", 1, "B", 1)
record("<", { { nil, "H" }, { nil, "B" } }, true)
record(">", { { nil, "B" }, { nil, "B" } }, true)
record("<", { { nil, "f" }, { nil, "h" } }, true)
local pair = record("<", { { "x", "h" }, { "y", "h" } })
record(">", { { "x", "f" }, { "y", "i" } })
record("<", { { "id", "B" }, { "pos", pair }, { "m", "B", { 2, 2 } } })
record("<", { { "pos", pair, { 2 } }, { "on", "?" }, { nil, "c" } })
record("@", { { "x", "B" }, { "y", "I" } })
record("<", { { "b", "B", { 3 } } })

local badformats = { "Z", "4x", "0s", "(3)f", "I4", "T{B", "<n", "T{B:a:B:a:}", "9223372036854775807I" }

-- The decoder ---------------------------------------------------------------------------------------------

local Program = {}
Program.__index = Program

function Program:byte()
  self.at = self.at + 1
  return self.data:byte(self.at) or 0
end

function Program:below(n) return self:byte() % math.max(n, 1) end

function Program:pick(list) return list[self:below(#list) + 1] end

function Program:object()
  local slot = self.slots[self:below(#self.slots) + 1]
  if not slot or slot.model.iscursor then return constant(nil) end
  return { real = slot.real, model = slot.model, text = slot.name }
end

function Program:hostile()
  local k = self:below(32)
  if k < 8 then return self:object() end
  if k == 8 then return tableof {} end
  return constant(hostile[k % #hostile + 1])
end

function Program:text(n)
  local bytes = {}
  for k = 1, n do bytes[k] = string.char(self:byte()) end
  return table.concat(bytes)
end

local decode = {}

--- An argument of that kind; now and then nil, or one of any kind. `about` is what it is for.
function Program:argument(kind, about)
  local b = self:byte()
  if b % 16 == 0 then return constant(nil) end
  if b % 16 == 1 then return self:hostile() end
  return decode[kind](self, b >> 4, about)
end

function decode.int(program, bits)
  if bits < 13 then return constant(bits - 5) end
  if bits == 13 then return constant(program:below(8) - 3.0) end
  return constant(program:pick(extremes))
end

function decode.maybe(program, bits)
  return bits < 8 and constant(nil) or decode.int(program, bits)
end

function decode.size(program, bits)
  return bits < 14 and constant(program:below(24)) or constant(program:pick(sizes))
end

function decode.byte(program, bits)
  return bits < 14 and constant(program:byte()) or constant(program:pick { 256, -1, 7.0, 0.5, 1 << 62 })
end

function decode.bits(program) return constant(program:below(70) - 2) end

function decode.width(program, bits) return bits < 12 and constant(bits + 1) or decode.bits(program) end

function decode.order(program) return constant(program:pick { "C", "F", "A" }) end

function decode.sep(program) return constant(program:pick { ":", " ", "-", "\0", "ab", "\x80", "" }) end

function decode.group(_, bits) return constant(bits - 7) end

--- The formats whose items fill so many bytes.
local function fitting(n)
  local list = {}
  for _, x in ipairs(ready) do list[#list + 1] = n % x.model.size == 0 and x or nil end
  return list
end

function decode.format(program, bits, about)
  local b = program:byte()
  if bits < 8 and about.bytes then
    local list = fitting(#about.bytes)
    return list[b % #list + 1]
  end
  if bits < 12 then return ready[b % #ready + 1] end
  if bits > 14 then
    local text = badformats[b % #badformats + 1]
    return { real = text, model = text, text = code(text) }
  end
  local type = plain.type(recordmodel.random(program.random, { depth = 1 }))
  return { real = type.text, model = type, text = code(type.text) }
end

--- Small lengths, of which one may be -1, or huge where none is 0 or -1.
function decode.shape(program, bits)
  if bits < 4 then return decode.size(program, bits) end
  local list, odd = {}, bits % 8
  for d = 1, bits < 12 and bits // 4 or 3 do
    list[d] = { "", d, constant(odd == 7 and 1 + program:below(3) or program:below(7)) }
  end
  if odd == 5 then list[1][3] = constant(-1) end
  if odd == 7 then list[#list][3] = constant(program:pick { 1 << 62, math.maxinteger, 2.0 ^ 61, 1.5, -2 }) end
  return tableof(list)
end

function decode.bytes(program, bits, about)
  if bits < 6 then return program:object() end
  if bits == 6 then return constant(program:text(2):rep(program:below(16))) end
  if bits == 7 then return constant(program:text(1):rep(program:below(128)) .. program:text(1)) end
  if bits == 8 and about.bytes then
    local first, n = program:below(#about.bytes) + 1, program:below(24)
    return constant(about.bytes:sub(first, first + n))
  end
  return constant(program:text(bits - 8))
end

function decode.hex(program, bits)
  if bits > 13 then return constant(program:text(bits - 8)) end
  local digits = program:text(bits):gsub(".", function(c) return ("%02x"):format(c:byte()) end)
  return constant((digits:gsub("7", "7 ")))
end

function decode.pick(program, bits)
  if bits < 6 then return decode.int(program, bits + 4) end
  if bits < 8 then return constant(nil) end
  local list = {}
  for k = 1, 3 do
    local b = program:byte()
    list[k] = { "", k, b % 4 == 0 and constant(nil) or decode.int(program, b >> 4) }
  end
  return tableof(list)
end

--- An index, or of a record a name or position.
function decode.key(program, bits, about)
  local type = about.type
  if type and type.record and bits % 2 == 0 then
    local m = program:pick(type.record.members)
    return constant(m.name or (m.position or 0) + 1)
  end
  return decode.int(program, bits)
end

function decode.name(program, bits, about)
  local name = decode.key(program, bits & ~1, about)
  if bits < 12 then return name end
  return constant(code(name.real):gsub('"', "") .. "." .. program:pick { "x", "y", "pos", "", "1" })
end

-- Values for items: `about` is a part of a view, its type and shape ----------------------------------------

--- The ends of the range of an integer, and what lies behind them.
local function edges(scalar)
  local info = scalar.format and numbermodel.info(scalar.format)
  if not info or info.kind ~= "i" and info.kind ~= "I" then return { 65519.0, 65520.0, 3.5e38, 1 << 53 } end
  local bits = 8 * info.size
  local high = info.kind == "i" and (1 << bits - 1) - 1 or (1 << bits) - 1
  local low = info.kind == "i" and -high - 1 or 0
  return { low - 1, low, high, high + 1, high + 0.5 }
end

local function scalarvalue(program, bits, scalar, about)
  if scalar.letter == "?" then return constant(bits % 2 == 0) end
  if not scalar.format then
    return constant(program:text(scalar.letter == "c" and 1 or program:below(scalar.size + 2)))
  end
  if bits > 11 then return constant(program:pick(edges(about and about.edge or scalar))) end
  return bits < 8 and constant(bits) or constant(program:pick(numbermodel.pool))
end

--- What the view has at a position, so that searches find something.
local function present(program, about)
  local v = about.view
  if not v or v.released or #v.shape ~= 1 or v.shape[1] == 0 then return nil end
  local x = v:tolist()[program:below(v.shape[1]) + 1]
  return type(x) ~= "table" and constant(x) or nil
end

local nested

local function recordvalue(program, t)
  local list, seen = {}, {}
  for _ = 1, program:below(4) do
    local m = program:pick(t.members)
    if m.type and not seen[m] then
      local key = m.name or m.position + 1
      seen[m] = true
      local x = nested(program, plain.type(m.type), m.shape or {})
      list[#list + 1] = { "[" .. code(key) .. "] = ", key, x }
    end
  end
  return tableof(list)
end

local function itemvalue(program, type, about)
  local b = program:byte()
  if b % 16 == 1 then return program:hostile() end
  if type.record then return b % 4 == 0 and program:object() or recordvalue(program, type.record) end
  return b % 4 == 0 and present(program, about) or scalarvalue(program, b >> 4, type.scalar, about)
end

--- Nested tables of that shape, or nearly; without holes, since with them a table's length depends on how it
-- was made.
function nested(program, type, shape, about)
  if #shape == 0 then return itemvalue(program, type, about or {}) end
  local list, b = {}, program:byte()
  if b % 16 == 2 then return program:object() end
  if b % 16 == 3 then return constant(program:text(shape[1])) end
  for i = 1, math.min(shape[1], 12) + (b % 16 == 1 and 1 or 0) do
    local x = nested(program, type, { table.unpack(shape, 2) }, about)
    list[i] = { "", i, x.real ~= nil and x or constant(false) }
  end
  return tableof(list)
end

local bytetype = plain.type(recordmodel.scalar("@", "B"))

function decode.item(program, _, about) return itemvalue(program, about.type or bytetype, about) end

--- For `v[i] = x` and `rec.name = x`.
function decode.part(program, _, about)
  local isrecord = about.type and #about.shape == 0 and about.type.record
  if not isrecord then
    return nested(program, about.type or bytetype, { table.unpack(about.shape or {}, 2) }, about)
  end
  for _, m in ipairs(isrecord.members) do
    if m.type and (m.name or m.position + 1) == about.key then
      return nested(program, plain.type(m.type), m.shape or {})
    end
  end
  return decode.byte(program, 0)
end

--- Another view of the same shape, so that copies overlap.
local function twin(program, about)
  local list = {}
  for _, slot in ipairs(program.slots) do
    if model.same(slot.model.shape, about.shape) then list[#list + 1] = slot end
  end
  local slot = program:pick(list)
  return slot and { real = slot.real, model = slot.model, text = slot.name }
end

local numbers <const> = "bBhHiIlLqQefd"

--- A scalar of the same class: of another number, or a string of another length.
local function otherscalar(program, order, scalar)
  local k, letter = program:byte(), scalar.letter
  if scalar.format then
    local at = k // 4 % #numbers + 1
    if k % 4 > 0 or letter:find "[nNP]" then letter = numbers:sub(at, at) end
    return recordmodel.scalar(order, letter)
  end
  if letter == "?" or letter == "c" then return recordmodel.scalar(order, letter) end
  return recordmodel.scalar(order, k % 2 == 0 and "s" or "p", scalar.size + k // 2 % 3)
end

local function othername(k, name)
  if k == 1 then return nil end
  return name and (k == 2 and "other " .. name or name)
end

--- A type of the same structure, with other numbers, orders and padding.
local function othertype(program, order, t)
  if t.letter then return otherscalar(program, order, t) end
  local members = {}
  for _, m in ipairs(t.members) do
    if program:below(8) == 0 then members[#members + 1] = { pad = 1 } end
    members[#members + 1] = m.type and {
      name = othername(program:below(24), m.name), shape = m.shape, count = not m.shape and m.count or nil,
      type = othertype(program, order, m.type),
    } or { pad = m.pad }
  end
  return recordmodel.record(order, members)
end

local function made(array, type, list, shape)
  if #shape > 0 then return array(type, list) end
  return array(type, { list }):reshape {}
end

--- A view of the same shape whose items are of another format: of what the view holds, or of any values.
-- Where the values do not fit, their table.
local function converted(program, about)
  local order = program:pick { "<", ">", "@" }
  local type = plain.type(othertype(program, order, about.type.record or about.type.scalar))
  local list = { real = memview.tolist(about.real), model = about.view:tolist() }
  list.text = about.name .. ":tolist()"
  local cell = about.type.cells[1].type
  if program:below(2) == 0 then list = nested(program, type, about.shape, { edge = cell }) end
  local ok, v = pcall(made, memview.array, type.text, list.real, about.shape)
  local expected, w = pcall(made, plain.make.array, type, list.model, about.shape)
  local text = #about.shape > 0 and "memview.array(%s, %s)" or "memview.array(%s, {%s}):reshape({})"
  text = text:format(code(type.text), list.text)
  if ok ~= expected then program:complain("%s: %s", text, ok and "the model raises" or v) end
  return ok and { real = v, model = w, text = text } or list
end

local parts = {
  { "sub", nil, nil, -1, n = 3 }, { "sub", 1, -2, n = 2 }, { "sub", 2, n = 1 }, { "transpose", n = 0 },
  { "sub", 1, -1, 2, n = 3 }, { "sub", -1, 1, -2, n = 3 }, { "toreadonly", n = 0 },
}

--- A part of the view itself.
local function derived(program, about)
  local how = program:pick(parts)
  local ok, real = pcall(about.real[how[1]], about.real, table.unpack(how, 2, how.n + 1))
  if not ok then return twin(program, about) or constant(nil) end
  local texts = {}
  for k = 1, how.n do texts[k] = tostring(how[k + 1]) end
  local v = about.view[how[1]](about.view, table.unpack(how, 2, how.n + 1))
  local text = ("%s:%s(%s)"):format(about.name, how[1], table.concat(texts, ", "))
  return { real = real, model = v, text = text }
end

function decode.source(program, bits, about)
  local usable = about.view and not about.view.released
  if usable and bits < 4 then return converted(program, about) end
  if usable and bits < 6 then return derived(program, about) end
  if bits < 8 and about.shape then return twin(program, about) or program:object() end
  if bits < 10 then return program:object() end
  if bits < 12 then return constant(program:text(about.shape and about.shape[1] or bits)) end
  return nested(program, about.type or bytetype, about.shape or { bits })
end

decode.content = function(program, bits)
  return bits < 6 and decode.byte(program, bits) or decode.bytes(program, bits, {})
end

function decode.values(program, _, about)
  local shape = {}
  for d = 1, 1 + program:below(2) do shape[d] = program:below(5) end
  return nested(program, about.type or bytetype, shape)
end

-- Operations ----------------------------------------------------------------------------------------------

-- A name and the kinds of its arguments; `many` more of a kind, about one for each dimension, come first.
local operations = {
  view = {
    { "sub", "int", "int", "int" }, { "slice", many = "pick" }, { "cast", "format", "shape", "order" },
    { "reshape", "shape", "order" }, { "transpose" }, { "transpose", many = "int" }, { "field", "name" },
    { "toreadonly" }, { "clone" }, { "tocontiguous", "order" }, { "[]", "key" }, { "[]=", "key", "part" },
    { "get", many = "int" }, { "set", "item", many = "int" }, { "copyfrom", "source", "maybe" },
    { "copyfrom", "source" }, { "copyfrom", "bytes" }, { "fill", "item", "int", "int" }, { "fill", "item" },
    { "byteswap" }, { "index", "item", "maybe", "maybe" }, { "count", "item", "maybe", "maybe" },
    { "find", "bytes", "maybe" }, { "equals", "bytes" }, { "equals", "source" }, { "==", "source" },
    { "compare", "source" }, { "..", "bytes" }, { "tobytes", "order" }, { "tobytes", "int", "int" },
    { "tolist", "maybe", "int" },
    { "unpack", "int", "int" }, { "hex", "sep", "group" }, { "getbits", "bits", "width" },
    { "setbits", "bits", "width", "byte" }, { "#" }, { "ipairs" }, { "pairs" }, { "release" }, { "close" },
    { "<", "bytes" }, { "<=", "bytes" }, { "sub", "int" }, { "table.sort" },
    { "table.concat", "sep", "maybe" }, { "table.unpack", "maybe", "maybe" },
    { "table.move", "int", "int", "int" }, { "table.insert", "int", "byte" }, { "table.remove", "maybe" },
  },
  buffer = {
    { "append", many = "content" }, { "append", "content" }, { "insert", "int", "content" },
    { "remove", "int", "maybe" }, { "resize", "size", "byte" }, { "reserve", "size" }, { "clear" },
    { "pack", "format", packed = true }, { "tobytes", "int", "int" }, { "sub", "int", "int", "int" },
    { "view" }, { "find", "bytes", "maybe" }, { "hex", "sep", "group" }, { "equals", "bytes" },
    { "compare", "bytes" }, { "==", "bytes" }, { "..", "bytes" }, { "<", "bytes" }, { "<=", "bytes" },
    { "#" }, { "[]", "int" }, { "[]=", "int", "byte" }, { "ipairs" }, { "pairs" }, { "release" }, { "close" },
    { "table.sort" }, { "table.concat", "sep", "maybe" }, { "table.unpack", "maybe", "maybe" },
    { "table.move", "int", "int", "int" },
  },
  cursor = {
    { "unpack", "format" }, { "peek", "format" }, { "pack", "format", packed = true }, { "take", "size" },
    { "cstring" }, { "seek", "int" }, { "skip", "int" }, { "align", "int" }, { "position" }, { "remaining" },
  },
  module = {
    { "view", "bytes" }, { "buffer", "source" }, { "buffer", "size" }, { "zeros", "format", "shape" },
    { "array", "format", "values" }, { "fromhex", "hex" }, { "type", "bytes" }, { "cursor", "bytes" },
    { "struct.calcsize", "format" }, { "struct.pack", "format", packed = true },
    { "struct.unpack", "format", "bytes" }, { "struct.unpack_from", "format", "bytes", "maybe" },
    { "struct.pack_into", "format", "bytes", "int", packed = true },
  },
}

local function walk(iterate, o)
  local list = {}
  for k, x in iterate(o) do list[#list + 1] = { k, x } end
  return list
end

-- What is no method: how it is done, its code, and what that is, if not a call.
local operators = {
  position = { function(o) return o.position end, "%s.position", "expression" },
  remaining = { function(o) return o.remaining end, "%s.remaining", "expression" },
  ["#"] = { function(o) return #o end, "#%s", "expression" },
  ["[]"] = { function(o, k) return o[k] end, "%s[%s]", "expression" },
  ["[]="] = { function(o, k, x) o[k] = x end, "%s[%s] = %s", "statement" },
  ["=="] = { function(o, x) return o == x end, "%s == %s", "expression" },
  ["<"] = { function(o, x) return o < x end, "%s < %s", "expression" },
  ["<="] = { function(o, x) return o <= x end, "%s <= %s", "expression" },
  [".."] = { function(o, x) return o .. x end, "%s .. %s", "expression" },
  ipairs = { function(o) return walk(ipairs, o) end, "ipairs(%s)" },
  pairs = { function(o) return walk(pairs, o) end, "pairs(%s)" },
  close = {
    function(o)
      local _ <close> = o
    end,
    "do local _ <close> = %s end", "statement",
  },
}

local function istype(x) return type(x) == "table" and x.cells end

for _, name in ipairs { "sort", "concat", "unpack", "move", "insert", "remove" } do
  operators["table." .. name] = { table[name], "table." .. name .. "(%s%s)" }
end

--- The arguments of an operation on what `about` says; a list of arguments.
function Program:arguments(operation, about)
  local args = {}
  if operation.many then
    local b = self:byte()
    for k = 1, b % 8 == 0 and b >> 6 or about.shape and #about.shape or b % 4 do
      args[k] = self:argument(operation.many, about)
    end
  end
  for k = 2, #operation do
    args[#args + 1] = self:argument(operation[k], about)
    about.key = args[1].model
    if operation[k] == "format" then about.type = istype(about.key) and about.key end
  end
  if operation.packed and about.type then
    for _, c in ipairs(about.type.cells) do args[#args + 1] = itemvalue(self, plain.type(c.type), {}) end
  end
  if self:below(4) == 0 then
    while #args > 0 and args[#args].real == nil do args[#args] = nil end
  end
  return args
end

local function field(args, name)
  local list = { n = #args }
  for k, x in ipairs(args) do list[k] = x[name] end
  return list
end

--- The code of a call.
local function callcode(name, operation, args)
  local texts = field(args, "text")
  local operator = operators[operation]
  if operation:find "^table" then
    return operator[2]:format(name, #texts > 0 and ", " .. table.concat(texts, ", ") or "")
  elseif operator then
    while #texts < 2 do texts[#texts + 1] = "nil" end
    return operator[2]:format(name, table.unpack(texts))
  end
  return ("%s%s%s(%s)"):format(name, name == "memview" and "." or ":", operation, table.concat(texts, ", "))
end

-- Comparing -----------------------------------------------------------------------------------------------

local function isobject(x) return type(x) == "table" and (x.kind or x.iscursor) end

function Program:complain(format, ...)
  local text = format:format(...)
  error(text .. "\n\nlocal memview = require \"memview\"\n" .. table.concat(self.lines, "\n") .. "\n", 0)
end

function Program:expect(what, got, want)
  if type(want) == "string" and got == want or model.same(got, want) then return end
  self:complain("%s: got %s, the model says %s", what, model.show(got), model.show(want))
end

function Program:slotof(object)
  for _, slot in ipairs(self.slots) do
    if slot.model == object then return slot end
  end
end

--- The format: the text of the model, unless that has what canonical text may leave out: orders inside,
-- counts of 1.
function Program:checkformat(got, want)
  self:expect("format again", memview.zeros(got, 0).format, got)
  if not want:find ".[@<>]" and not want:find "1[%a?]" then self:expect("format", got, want) end
end

--- A new view or Buffer: all that can be asked of it.
function Program:checknew(got, want)
  if want.iscursor then return self:expect("position", got.position, want.at) end
  self:expect("type", memview.type(got), want.kind)
  if want.kind == "buffer" then return self:expect("bytes", got:tobytes(), want:bytes()) end
  self:checkformat(memview.format(got), want.type.text)
  local attributes = want:attributes()
  self:expect("shape", memview.shape(got), attributes.shape)  -- first, so that the same is always said first
  for name, x in pairs(attributes) do self:expect(name, memview[name](got), x) end
  for d, stride in ipairs(memview.strides(got)) do self:expect("stride", stride, want:stride(d) or stride) end
  local obj = want.obj
  local owner = isobject(obj) and self:slotof(obj)
  if not isobject(obj) or owner then self:expect("obj", memview.obj(got), owner and owner.real or obj) end
  self:expect("bytes", memview.tobytes(got), want:bytes())
end

--- A result, which may be a table of results.
function Program:checkresult(got, want)
  if want == plain.any then return end
  if not isobject(want) and type(want) ~= "table" then return self:expect("result", got, want) end
  local slot = self:slotof(want)
  if slot then
    if rawequal(got, slot.real) then return end
    self:complain("result: %s expected, got %s", slot.name, tostring(got))
  elseif isobject(want) then
    self:checknew(got, want)
  else
    self:expect("type", type(got), "table")
    for k, x in pairs(want) do self:checkresult(got[k], x) end
    for k in pairs(got) do self:expect("key", want[k] ~= nil and k or nil, k) end
  end
end

function Program:checkerror(message, want)
  if type(message) ~= "string" then self:complain("error is a %s", type(message)) end
  if not message:find(want, 1, true) then self:complain("error is %q, the model says %q", message, want) end
end

--- The two results of one call, packed by pcall.
function Program:checkcall(got, want)
  if got[1] ~= want[1] then
    local text = got[1] and "the model raises" or "raises " .. tostring(got[2])
    return self:complain("%s %s", text, want[1] and "" or want[2].wrong)
  end
  if not want[1] then return self:checkerror(got[2], want[2].wrong) end
  self:expect("number of results", got.n, want.n)
  for k = 2, want.n do self:checkresult(got[k], want[k]) end
end

--- What an object holds now, as one value.
local function state(o, x)
  if x.kind == "view" then return memview.released(o) or memview.tobytes(o) end
  if x.iscursor then return o.position end
  local ok, bytes = pcall(o.tobytes, o)
  return not ok or bytes
end

function Program:checkall()
  for _, slot in ipairs(self.slots) do
    local x = slot.model
    self:expect(slot.name, state(slot.real, x), x.iscursor and x.at or x.released or x:bytes())
  end
end

-- Running ---------------------------------------------------------------------------------------------------

--- The size of an object; that of a cursor does not matter.
local function sizeof(x) return x.iscursor and 0 or x.released and 0 or #x:bytes() end

--- Keeps a new object in a slot. @return its name
function Program:keep(real, object)
  if not isobject(object) or self:slotof(object) or sizeof(object) > room then return nil end
  self.made = self.made + 1
  self.slots[#self.slots + 1] = { real = real, model = object, name = "o" .. self.made }
  return "o" .. self.made
end

--- Objects that have grown too large go, and the oldest one where there are too many.
function Program:prune()
  if #self.slots > slots then self:drop(1) end
  for k = #self.slots, 1, -1 do
    if sizeof(self.slots[k].model) > room then self:drop(k) end
  end
end

function Program:drop(k)
  self.lines[#self.lines + 1] = table.remove(self.slots, k).name .. " = nil"
end

--- Calls the model, which raises { wrong = text }; its own mistakes go on.
local function askmodel(f, ...)
  local want = table.pack(pcall(f, ...))
  if not want[1] and not (type(want[2]) == "table" and want[2].wrong) then error(want[2], 0) end
  return want
end

--- A line for an operation that is about to be done.
function Program:write(name, operation, args)
  self.lines[#self.lines + 1] = callcode(name, operation, args)
  self.form = operators[operation] and operators[operation][3] or "call"
end

--- Makes a statement of the last line, once it is known whether it raises and what it gives.
function Program:settle(raises, kept)
  local line = self.lines[#self.lines]
  if raises then
    line = ("pcall(function() %s%s end)"):format(self.form == "statement" and "" or "return ", line)
  elseif kept or self.form == "expression" then
    line = ("local %s = %s"):format(kept or "_", line)
  end
  self.lines[#self.lines] = line
end

--- Where the model knows the value that was written and not its bytes, it takes them over.
local function adopt(real, object)
  if not object.kind or object.released or not next(object.memory.loose or {}) then return end
  plain.adopt(object, object.kind == "view" and memview.tobytes(real) or real:tobytes())
end

function Program:adopt(got, want)
  for _, slot in ipairs(self.slots) do adopt(slot.real, slot.model) end
  if got[1] and want[1] and type(want[2]) == "table" then adopt(got[2], want[2]) end
end

local function results(...) return table.pack(...) end

function Program:call(real, f, object, args)
  local reals, models = field(args, "real"), field(args, "model")
  local got, want
  if object then
    want = askmodel(f.model, object, table.unpack(models, 1, models.n))
    got = results(pcall(f.real, real, table.unpack(reals, 1, reals.n)))
  else
    want = askmodel(f.model, table.unpack(models, 1, models.n))
    got = results(pcall(f.real, table.unpack(reals, 1, reals.n)))
  end
  self:adopt(got, want)
  self:checkcall(got, want)
  self:settle(not got[1], got[1] and self:keep(got[2], want[2]))
end

function Program:make()
  local operation = self:pick(operations.module)
  local args = self:arguments(operation, {})
  local name = operation[1]
  self:write("memview", name, args)
  local part = name:match "^struct%.(.*)"
  local real, expected = memview[name], plain.make[name]
  if part then real, expected = memview.struct[part], plain.struct[part] end
  self:call(nil, { real = real, model = expected }, nil, args)
end

--- An operation on an object, and its arguments.
function Program:choose(slot)
  local object = slot.model
  local operation = self:pick(operations[object.kind or "cursor"])
  return operation[1], self:arguments(operation, {
    type = object.type, shape = object.shape, view = object.kind == "view" and object, name = slot.name,
    real = slot.real, bytes = object.kind and not object.released and object:bytes(),
  })
end

local function method(name)
  return operators[name] and operators[name][1] or function(o, ...) return o[name](o, ...) end
end

function Program:operate()
  local slot = self:pick(self.slots)
  local name, args = self:choose(slot)
  self:write(slot.name, name, args)
  local f = { real = self.instead[name] or method(name), model = slot.model[name] }
  self:call(slot.real, f, slot.model, args)
end

-- Wild operations: an argument that does something to the objects when it is looked at. What comes of that
-- depends on the order of many things, so the model does not say it: it takes over what there is afterwards.

local deeds = {
  view = { "%s.release, %s" },
  buffer = { "%s.append, %s, 'xy'", "%s.clear, %s", "%s.release, %s", "%s.resize, %s, 40" },
}

local wild = {
  "setmetatable({}, {__buffer = function() pcall(%s) return %s end})",
  "setmetatable({}, {__index = function() pcall(%s) return %s end, __len = function() return %d end})",
  "setmetatable({}, {__len = function() pcall(%s) return 2 end, __index = function() return %s end})",
}

--- What a call of pcall does to one of the objects.
function Program:deed()
  local slot = self:pick(self.slots)
  local text = self:pick(deeds[slot.model.kind])
  return self:below(8) == 0 and "collectgarbage" or text:format(slot.name, slot.name)
end

function Program:environment()
  local env = { setmetatable = setmetatable, pcall = pcall, collectgarbage = collectgarbage, print = print }
  for _, slot in ipairs(self.slots) do env[slot.name] = slot.real end
  return env
end

--- An argument in place of another one, which it gives where it is asked.
function Program:wildargument(x)
  local text = self:pick(wild):format(self:deed(), x.text, self:below(5))
  local make = load("return " .. text, "=program", "t", self:environment())
  return { real = make and make(), text = text }
end

--- Takes over what the objects are now.
function Program:resync()
  for _, slot in ipairs(self.slots) do
    local x, real = slot.model, slot.real
    if x.kind == "view" then
      x.released = memview.released(real)
    else
      local ok, bytes = pcall(real.tobytes, real)
      x.released, x.memory.bytes = not ok, ok and bytes or x.memory.bytes
    end
  end
  for _, slot in ipairs(self.slots) do
    if slot.model.kind == "view" and not slot.model.released then
      plain.take(slot.model, memview.tobytes(slot.real))
    end
  end
end

function Program:dropcursors()
  for k = #self.slots, 1, -1 do
    if self.slots[k].model.iscursor then self:drop(k) end
  end
end

function Program:gowild()
  self:dropcursors()
  if #self.slots == 0 then return end
  local slot = self:pick(self.slots)
  local operation, args = self:choose(slot)
  if #args > 0 then
    local k = self:below(#args) + 1
    args[k] = self:wildargument(args[k])
  end
  self:write(slot.name, operation, args)
  local ok, message = pcall(method(operation), slot.real, table.unpack(field(args, "real"), 1, #args))
  if not ok then self:checkerror(message, "") end
  self:settle(true)
  self:resync()
end

local collections = {
  { "collect" }, { "step", 0 }, { "step", 1 }, { "step", 10 }, { "generational" }, { "incremental" },
}

function Program:collect()
  local b = self:byte()
  if b % 2 == 0 then return self:drop(b // 2 % #self.slots + 1) end
  local how = collections[b // 2 % #collections + 1]
  collectgarbage(how[1], how[2])
  self.lines[#self.lines + 1] = ("collectgarbage(%q, %d)"):format(how[1], how[2] or 0)
end

function Program:step()
  local b = self:byte()
  if #self.slots == 0 or b < 40 then
    self:make()
  elseif b < 52 then
    self:collect()
  elseif b < 60 then
    self:gowild()
  else
    self:operate()
  end
  self:prune()
  self:checkall()
end

local function new(data, instead)
  local program = { data = data, at = 0, slots = {}, lines = {}, made = 0, instead = instead or {} }
  function program.random(m, n)
    if not n then m, n = 1, m end
    return m + program:byte() % (n - m + 1)
  end
  return setmetatable(program, Program)
end

--- Runs the program that the bytes stand for. `instead` has functions to use in place of methods.
-- Raises a text where the library disagrees with the model. @return the number of operations
function views.run(data, instead)
  local program, n = new(data, instead), 0
  local mode = collectgarbage "incremental"
  function plain.Buffer.pins(b)
    local pins = 0
    for _, slot in ipairs(program.slots) do
      local x = slot.model
      local v = x.own or x.kind == "view" and x
      if v and not v.released and v.memory == b.memory then pins = pins + 1 end
    end
    return pins
  end
  while program.at < #data and n < steps do
    program:step()
    n = n + 1
  end
  collectgarbage(mode)
  return n, table.concat(program.lines, "\n")
end

return views
