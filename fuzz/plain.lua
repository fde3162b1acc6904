-- A plain model of Buffers and views, for fuzz/views.lua. Memory is a Lua string; a view is a shape and the
-- list of the places (0-based bytes) of its items in C order; values go through spec/numbermodel and
-- spec/recordmodel. Methods have the names they have in the library. What the library must refuse raises a
-- table { wrong = text }, where the text, if there is one, is part of the message.
local model = require "model"
local numbermodel = require "numbermodel"
local recordmodel = require "recordmodel"

local plain = {}
local View, Buffer = { kind = "view" }, { kind = "buffer" }
View.__index, Buffer.__index = View, Buffer
plain.View, plain.Buffer = View, Buffer

local most <const> = 1 << 24            -- no allocation is larger

local function wrong(text) error({ wrong = text or "" }, 0) end

local function check(holds, text)
  if not holds then wrong(text) end
end

-- Arguments -------------------------------------------------------------------------------------------

local function integer(x, default)
  if x == nil and default then return default end
  check(math.type(x))
  return math.tointeger(x) or wrong()
end

--- A position of n, or nil where it is out of range.
local function position(n, i)
  if i < 0 and i >= -n then i = n + i + 1 end
  return i >= 1 and i <= n and i or nil
end

local function index(n, x)
  return position(n, integer(x)) or wrong()
end

local function range(n, i, j, step)
  if step ~= nil and integer(step) == 0 then wrong() end
  return model.positions(n, i ~= nil and integer(i) or nil, j ~= nil and integer(j) or nil,
    step ~= nil and integer(step) or nil)
end

local function length(x)
  check(math.type(x))
  local n = math.tointeger(x)
  check(n and n >= -1)
  return n
end

local function shapeof(x)
  if type(x) == "number" then return { length(x) } end
  check(type(x) == "table" and not x.kind and #x <= 64)
  local shape = {}
  for d = 1, #x do shape[d] = length(x[d]) end
  return shape
end

local function orderof(x, any)
  check(x == nil or x == "C" or x == "F" or any and x == "A")
  return x or "C"
end

local function isobject(x) return type(x) == "table" and x.kind or nil end

local function istable(x) return type(x) == "table" and not x.kind end

local function live(x)
  check(not x.released)
  return x
end

--- The bytes of an exporter; nil for anything else.
local function bytesof(x)
  if type(x) == "string" then return x end
  return isobject(x) and live(x):bytes() or nil
end

local function exporter(x) return bytesof(x) or wrong() end

-- Scalars ---------------------------------------------------------------------------------------------

local function classof(scalar)
  if scalar.format then return "number" end
  return scalar.letter == "?" and "boolean" or "string"
end

local function storestring(scalar, x)
  local fits = #x <= scalar.size
  if scalar.letter == "c" then fits = #x == 1 end
  if scalar.letter == "p" then fits = #x <= math.min(scalar.size - 1, 255) end
  return fits and recordmodel.store(scalar, x) or nil
end

--- A string for the value of a string item: bytes of byte exporters too.
local function stringof(x)
  if isobject(x) and (x.kind == "buffer" or live(x).type.size == 1) then return bytesof(x) end
  return type(x) == "string" and x or nil
end

--- The bytes of a Lua value in an item of that kind; nil where it does not fit.
local function store(scalar, x)
  local class = classof(scalar)
  if class == "string" then
    x = stringof(x)
    return x and storestring(scalar, x)
  end
  if type(x) ~= class then return nil end
  if class == "boolean" then return recordmodel.store(scalar, x) end
  if numbermodel.info(scalar.format).kind == "I" then x = math.tointeger(x) or x end
  return numbermodel.store(scalar.format, x)
end

--- The same for a value that an item of another kind holds.
local function convert(from, bytes, to)
  local x, class = recordmodel.load(from, bytes), classof(to)
  if classof(from) ~= class then return nil end
  if class == "string" then return storestring(to, x) end
  if class == "boolean" then return recordmodel.store(to, x) end
  return numbermodel.convert(from.format, x, to.format)
end

--- A text that equal values share.
local function key(scalar, x)
  if type(x) ~= "number" then return type(x) .. tostring(x) end
  return numbermodel.key(scalar.format, x)
end

local signed = { format = "<q" }

--- The key of a value that is looked for in items of that kind.
local function soughtkey(scalar, x)
  if classof(scalar) == "string" then x = stringof(x) end
  if type(x) ~= "number" then
    return (type(x) == "boolean" or type(x) == "string") and key(signed, x) or nil
  end
  local info = scalar.format and numbermodel.info(scalar.format)
  if info and info.kind == "I" and info.size == 8 and math.tointeger(x) then
    return key(scalar, math.tointeger(x))
  end
  return key(signed, x)
end

-- Types -----------------------------------------------------------------------------------------------

--- What an item is, of a type of recordmodel: its canonical text, size, and cells (the scalars in it).
-- With `bare` the braces are left out, and a format of one value is a scalar.
function plain.type(t, bare)
  local cells = recordmodel.cells(t)
  local sole = bare and t.values == 1 and not t.members[1].name and #cells == 1
  return {
    text = recordmodel.format(t, bare), size = t.size, cells = cells,
    record = t.members and not sole and t or nil, scalar = (t.letter or sole) and cells[1].type,
  }
end

local byte = plain.type(recordmodel.scalar("@", "B"))
byte.text = "B"
local bytescalar = byte.scalar

local ofmember = setmetatable({}, { __mode = "k" })

local function typeofmember(m)
  ofmember[m.type] = ofmember[m.type] or plain.type(m.type)
  return ofmember[m.type]
end

--- How many positions a member takes.
local function positions(m)
  if not m.type then return 0 end
  return m.shape and 1 or m.count or 1
end

--- The member for a name or position of a record, and where its element begins.
local function findmember(record, k)
  local at = math.type(k) and math.tointeger(k) or nil
  if at and at < 0 then at = at + record.values + 1 end
  for _, m in ipairs(record.members) do
    if m.type and k == m.name and type(k) == "string" then return m, m.offset end
    if at and at > m.position and at <= m.position + positions(m) then
      return m, m.offset + (m.shape and 0 or at - m.position - 1) * m.type.size
    end
  end
end

--- The values of a record in order: name, type, shape.
local function values(record)
  local list = {}
  for _, m in ipairs(record.members) do
    for _ = 1, positions(m) do list[#list + 1] = m end
  end
  return list
end

local match

local function matchvalue(a, b, names)
  if names and a.name and b.name and a.name ~= b.name then return false end
  if not model.same(a.shape, b.shape) then return false end
  return match(typeofmember(a), typeofmember(b), names)
end

--- Are the two of one structure? With `names`: and of the same names, where both have them.
function match(a, b, names)
  if not a.record or not b.record then return not a.record and not b.record end
  local x, y = values(a.record), values(b.record)
  if #x ~= #y then return false end
  for k in ipairs(x) do
    if not matchvalue(x[k], y[k], names) then return false end
  end
  return true
end

-- Parts: items to read or to write, as places, a shape and a type --------------------------------------

local function part(places, shape, type) return { places = places, shape = shape, type = type } end

--- Row number i of a part, or what is left of it where it has one dimension.
local function row(p, i)
  local n = #p.places // p.shape[1]
  return part(table.move(p.places, (i - 1) * n + 1, i * n, 1, {}), { table.unpack(p.shape, 2) }, p.type)
end

--- The member of every item of a part.
local function column(p, m, offset)
  local shape, places = { table.unpack(p.shape) }, {}
  local n = m.shape and model.count(m.shape) or 1
  table.move(m.shape or {}, 1, #(m.shape or {}), #shape + 1, shape)
  for _, place in ipairs(p.places) do
    for k = 0, n - 1 do places[#places + 1] = place + offset + k * m.type.size end
  end
  return part(places, shape, typeofmember(m))
end

--- The places of the items at those positions of each dimension; `kept` are the dimensions that stay.
local function choose(p, chosen, kept)
  local shape, places, all = {}, {}, {}
  for d, list in ipairs(chosen) do all[d] = #list end
  for k, d in ipairs(kept) do shape[k] = #chosen[d] end
  local packed = model.packed(p.shape)
  model.walk(all, function(indices)
    local at = 1
    for d, i in ipairs(indices) do at = at + (chosen[d][i] - 1) * packed[d] end
    places[#places + 1] = p.places[at]
  end)
  return part(places, shape, p.type)
end

--- Do the places follow one another?
local function consecutive(places, size, first, last)
  for k = first + 1, last do
    if places[k] ~= places[k - 1] + size then return false end
  end
  return true
end

--- The places in F order.
local function forder(p)
  local places, packed = {}, model.packed(p.shape)
  model.walk(p.shape, function(indices)
    local at = 1
    for d, i in ipairs(indices) do at = at + (i - 1) * packed[d] end
    places[#places + 1] = p.places[at]
  end, "F")
  return places
end

local function contiguous(p, order)
  local places = order == "F" and forder(p) or p.places
  return consecutive(places, p.type.size, 1, #places)
end

local function whole(p) return contiguous(p, "C") or contiguous(p, "F") end

local function collect(bytes, places, size)
  local parts = {}
  for k, place in ipairs(places) do parts[k] = bytes:sub(place + 1, place + size) end
  return table.concat(parts)
end

-- Writing: a list of { place, bytes, scalar }, made as a whole before anything is written ---------------

local assign

local function write(writes, place, bytes, scalar, copied)
  check(bytes)
  writes[#writes + 1] = { place = place, bytes = bytes, scalar = scalar, copied = copied }
end

--- What lies between the values: of items of the same size it may be copied along, or stay.
local function assignpads(writes, to, from, k)
  local taken = {}
  for _, cell in ipairs(to.type.cells) do
    for at = cell.offset, cell.offset + cell.type.size - 1 do taken[at] = true end
  end
  for at = 0, to.type.size == from.type.size and to.type.size - 1 or -1 do
    local bytes = collect(from.memory.bytes, { from.places[k] + at }, 1)
    if not taken[at] then writes[#writes + 1] = { place = to.places[k] + at, bytes = bytes, pad = true } end
  end
end

--- Items of a view, value by value.
local function assignview(writes, to, from)
  check(model.same(to.shape, from.shape))
  check(match(to.type, from.type, true))
  for k, place in ipairs(to.places) do
    assignpads(writes, to, from, k)
    for c, cell in ipairs(to.type.cells) do
      local source = from.type.cells[c]
      local bytes = collect(from.memory.bytes, { from.places[k] + source.offset }, source.type.size)
      write(writes, place + cell.offset, convert(source.type, bytes, cell.type), cell.type, true)
    end
  end
end

--- Bytes without a meaning of their own.
local function assignbytes(writes, to, bytes)
  check(to.type.size == 1 and #bytes == #to.places)
  for k, place in ipairs(to.places) do
    write(writes, place, bytes:sub(k, k), to.type.cells[1].type)
  end
end

local function assignsource(writes, to, x)
  if isobject(x) and live(x).kind == "view" then return assignview(writes, to, x) end
  assignbytes(writes, to, bytesof(x))
end

local function assignrecord(writes, to, x)
  for k, value in pairs(x) do
    local m, offset = findmember(to.type.record, k)
    check(m, "no field")
    assign(writes, column(to, m, offset), value)
  end
end

local function assignitem(writes, to, x)
  local scalar = to.type.scalar
  if scalar then
    write(writes, to.places[1] + to.type.cells[1].offset, store(scalar, x), scalar)
  elseif istable(x) then
    assignrecord(writes, to, x)
  else
    check(isobject(x) and live(x).kind == "view")
    assignview(writes, to, x)
  end
end

--- A value as nested tables, with exporters in place of any of them.
function assign(writes, to, x)
  if #to.shape == 0 then return assignitem(writes, to, x) end
  if not istable(x) then
    check(type(x) == "string" or isobject(x))
    return assignsource(writes, to, x)
  end
  check(#x == to.shape[1])
  for i = 1, #x do assign(writes, row(to, i), x[i]) end
end

--- What copyfrom, rows and members take: an exporter first of all, unless its bytes are the one string there.
local function assignany(writes, to, x)
  local scalar = #to.shape == 0 and to.type.scalar
  local items = istable(x) or isobject(x) == "view" and x.type.size ~= 1
  local isvalue = scalar and (type(x) == "number" or type(x) == "boolean"
    or classof(scalar) == "string" and not items)
  if not isvalue and (type(x) == "string" or isobject(x)) then return assignsource(writes, to, x) end
  assign(writes, to, x)
end

local function put(bytes, place, new) return bytes:sub(1, place) .. new .. bytes:sub(place + #new + 1) end

local function isnan(w)
  local x = recordmodel.load(w.scalar, w.bytes)
  return x ~= x
end

--- What NaN, a boolean or "p" becomes is known as a value, not as bytes: `loose` says where.
local function isloose(w)
  if w.pad then return true end
  local letter = w.scalar.letter
  return w.scalar.format and isnan(w) or w.copied and (letter == "?" or letter == "p")
end

local function commit(v, writes)
  local memory = v.memory
  memory.loose = memory.loose or {}
  for _, w in ipairs(writes) do
    if not w.pad then memory.bytes = put(memory.bytes, w.place, w.bytes) end
    memory.loose[w.place] = isloose(w) and w or nil
  end
end

--- Where the bytes of a view stand in what it gives, by their places in memory.
local function offsetsof(v)
  local offsets = {}
  for k, place in ipairs(v.places) do
    for at = 0, v.type.size - 1 do offsets[place + at] = (k - 1) * v.type.size + at end
  end
  return offsets
end

local function samevalue(w, bytes)
  if w.pad then return bytes == w.bytes end
  return model.same(recordmodel.load(w.scalar, bytes), recordmodel.load(w.scalar, w.bytes))
end

--- Takes over the bytes that the library has written where the model knows the value only; `real` is all that
-- the object holds now.
function plain.adopt(object, real)
  local memory = object.memory
  local offsets = object.kind == "view" and offsetsof(object)
  for place, w in pairs(memory.loose) do
    local offset = offsets and offsets[place] or not offsets and place
    local bytes = offset and real:sub(offset + 1, offset + #w.bytes)
    if offset and samevalue(w, bytes) then
      memory.bytes = put(memory.bytes, place, bytes)
      memory.loose[place] = nil
    end
  end
end

--- Takes over all of the bytes of a view.
function plain.take(v, real)
  local memory, size = v.memory, v.type.size
  for k, place in ipairs(v.places) do
    memory.bytes = put(memory.bytes, place, real:sub((k - 1) * size + 1, k * size))
  end
end

-- View: attributes and items --------------------------------------------------------------------------

local function newview(memory, p, from)
  return setmetatable({
    memory = memory, places = p.places, shape = p.shape, type = p.type,
    readonly = from.readonly or false, obj = from.obj, run = contiguous(p, "C"),
  }, View)
end

local function sequence(n, size)
  local places = {}
  for k = 1, n do places[k] = (k - 1) * size end
  return places
end

--- A view of fresh memory.
local function fresh(bytes, type, shape)
  local places = sequence(model.count(shape), type.size)
  return newview({ bytes = bytes }, part(places, shape, type), {})
end

local function viewbytes(memory, from)
  local n = #memory.bytes
  return newview(memory, part(sequence(n, 1), { n }, byte), from)
end

function View:bytes()
  local first, n = self.places[1], #self.places * self.type.size
  if self.run then return first and self.memory.bytes:sub(first + 1, first + n) or "" end
  return collect(self.memory.bytes, self.places, self.type.size)
end

function View:derive(p) return newview(self.memory, p, self) end

function View:isrecord() return #self.shape == 0 and self.type.record end

--- What an item or part reads as: a value, or a View of it.
function View:item(p)
  if #p.shape > 0 or p.type.record then return self:derive(p) end
  local c = p.type.cells[1]
  return recordmodel.load(c.type, collect(self.memory.bytes, { p.places[1] + c.offset }, c.type.size))
end

local function firstlength(v)
  check(#live(v).shape > 0, "0 dimensions")
  return v.shape[1]
end

local function writable(v)
  check(not live(v).readonly, "read-only")
  return v
end

function View:attributes()
  return {
    itemsize = self.type.size, ndim = #self.shape, shape = self.shape,
    nbytes = #self.places * self.type.size, readonly = self.readonly, released = false,
    contiguous = whole(self), c_contiguous = contiguous(self, "C"), f_contiguous = contiguous(self, "F"),
  }
end

--- The stride of dimension d; nil where nothing can tell it.
function View:stride(d)
  if #self.places == 0 or self.shape[d] < 2 then return nil end
  return self.places[model.packed(self.shape)[d] + 1] - self.places[1]
end

View["#"] = function(self)
  return live(self):isrecord() and self.type.record.values or firstlength(self)
end

local function getmember(v, k)
  local m, offset = findmember(v.type.record, k)
  return m and v:item(column(v, m, offset)), m
end

View["[]"] = function(self, k)
  if live(self):isrecord() then
    local x, m = getmember(self, k)
    if m then return x end
    check(math.type(k) and math.tointeger(k))
    return nil
  end
  if type(k) ~= "number" then return nil end
  local i = position(firstlength(self), integer(k))
  return i and self:item(row(self, i))
end

local function setpart(v, p, x)
  local writes = {}
  if #p.shape > 0 or p.type.record then assignany(writes, p, x) else assign(writes, p, x) end
  commit(v, writes)
end

View["[]="] = function(self, k, x)
  if live(self):isrecord() then
    local m, offset = findmember(self.type.record, k)
    check(m, "no field")
    return setpart(writable(self), column(self, m, offset), x)
  end
  check(type(k) == "number")
  setpart(writable(self), row(self, index(firstlength(self), k)), x)
end

local function cell(v, n, indices)
  check(n == #live(v).shape)
  local p = v
  for d = 1, n do p = row(p, index(v.shape[d], indices[d])) end
  return part(p.places, p.shape, p.type)
end

function View:get(...) return self:item(cell(self, select("#", ...), { ... })) end

function View:set(...)
  local n = select("#", ...)
  local p = cell(writable(self), n - 1, { ... })
  setpart(self, p, (select(n, ...)))
end

local function items(v, i, j)
  local list = {}
  for k, p in ipairs(range(firstlength(v), i, j)) do list[k] = v:item(row(v, p)) end
  return list
end

function View:unpack(i, j)
  if not live(self):isrecord() then return table.unpack(items(self, i, j)) end
  local list = {}
  for k, p in ipairs(range(self.type.record.values, i, j)) do list[k] = getmember(self, p) end
  return table.unpack(list)
end

local function numbered(list)
  for k, x in ipairs(list) do list[k] = { k, x } end
  return list
end

function View:ipairs() return numbered(live(self):isrecord() and { self:unpack() } or items(self)) end

function View:pairs()
  if not live(self):isrecord() then return numbered(items(self)) end
  local list = {}
  for k, m in ipairs(values(self.type.record)) do list[k] = { m.name or k, (getmember(self, k)) } end
  return list
end

-- View: sub-views -------------------------------------------------------------------------------------

local function everything(shape)
  local chosen, kept = {}, {}
  for d, n in ipairs(shape) do chosen[d], kept[d] = range(n), d end
  return chosen, kept
end

function View:sub(i, j, step)
  local chosen, kept = everything(live(self).shape)
  chosen[1] = range(firstlength(self), i, j, step)
  return self:derive(choose(self, chosen, kept))
end

local function chosenby(n, pick)
  if pick == nil then return range(n), true end
  if type(pick) == "number" then return { index(n, pick) }, false end
  check(istable(pick))
  return range(n, pick[1], pick[2], pick[3]), true
end

function View:slice(...)
  check(select("#", ...) <= #live(self).shape)
  local chosen, kept = {}, {}
  for d, n in ipairs(self.shape) do
    local list, stays = chosenby(n, (select(d, ...)))
    chosen[d] = list
    if stays then kept[#kept + 1] = d end
  end
  return self:derive(choose(self, chosen, kept))
end

local function permutation(n, dims)
  local order, taken = {}, {}
  for k = 1, n do
    local d = integer(dims[k])
    if d < 0 and d >= -n then d = d + n + 1 end
    check(d >= 1 and d <= n and not taken[d])
    order[k], taken[d] = d, true
  end
  return order
end

local function reversed(n)
  local order = {}
  for d = 1, n do order[d] = n - d + 1 end
  return order
end

function View:transpose(...)
  local n, given = #live(self).shape, select("#", ...)
  check(given == 0 or given == n)
  local order = given == 0 and reversed(n) or permutation(n, { ... })
  local shape, places, packed = {}, {}, model.packed(self.shape)
  for k, d in ipairs(order) do shape[k] = self.shape[d] end
  model.walk(shape, function(indices)
    local at = 1
    for k, d in ipairs(order) do at = at + (indices[k] - 1) * packed[d] end
    places[#places + 1] = self.places[at]
  end)
  return self:derive(part(places, shape, self.type))
end

function View:toreadonly()
  local v = live(self):derive(self)
  v.readonly = true
  return v
end

--- The shape with -1 worked out; `most` bounds what can be right.
local function resolve(shape, nbytes, size)
  local open, known = nil, size + 0.0
  for d, n in ipairs(shape) do
    check(n >= 0 or not open)
    if n < 0 then open = d else known = n > most and math.huge or known * n end
  end
  if open then
    check(known ~= 0 and nbytes % known == 0)
    shape[open], known = nbytes // known, nbytes
  end
  check(known == nbytes)
  for d, n in ipairs(shape) do shape[d] = math.tointeger(n) end
  return shape
end

local function castlast(v, type)
  local n, size = v.shape[#v.shape], v.type.size
  local shape, places = { table.unpack(v.shape) }, {}
  check(n and n * size % type.size == 0)
  shape[#shape] = n * size // type.size
  for at = 1, #v.places, n do
    check(consecutive(v.places, size, at, at + n - 1), "not contiguous")
    for k = 0, shape[#shape] - 1 do places[#places + 1] = v.places[at] + k * type.size end
  end
  return v:derive(part(places, shape, type))
end

local function castwhole(v, type, shape, order)
  shape = resolve(shape or { -1 }, #v.places * v.type.size, type.size)
  local places, strides = {}, model.packed(shape, order)
  model.walk(shape, function(indices)
    local at = v.places[1]
    for d, i in ipairs(indices) do at = at + (i - 1) * strides[d] * type.size end
    places[#places + 1] = at
  end)
  return v:derive(part(places, shape, type))
end

local function castto(v, type, shape, order)
  if shape ~= nil then shape = shapeof(shape) end
  order = orderof(order)
  if whole(live(v)) then return castwhole(v, type, shape, order) end
  check(not shape, "not contiguous")
  return castlast(v, type)
end

local function typeof(x) return istable(x) and x.cells and x or wrong() end

function View:cast(type, shape, order) return castto(self, typeof(type), shape, order) end

function View:reshape(shape, order)
  check(shape ~= nil)
  return castto(self, self.type, shape, order)
end

--- The longest name in front of a dot or the end, as the manual has it.
local function follow(p, path)
  check(p.type.record)
  local rest = #path + 1
  repeat
    local m, offset = findmember(p.type.record, path:sub(1, rest - 1))
    if m then
      p = column(p, m, offset)
      return rest > #path and p or follow(p, path:sub(rest + 1))
    end
    rest = path:sub(1, rest - 1):match ".*()%."
  until not rest
  wrong "no field"
end

function View:field(name)
  check(live(self).type.record, "records expected")
  if type(name) == "string" then return self:derive(follow(self, name)) end
  check(type(name) == "number")
  local m, offset = findmember(self.type.record, name)
  check(m, "no field")
  return self:derive(column(self, m, offset))
end

-- View: bulk ------------------------------------------------------------------------------------------

--- Items i..j of the first dimension: all of the view where neither is given. And the first one's position.
local function checkpart(v, i, j)
  live(v)
  if i == nil and j == nil then return v, 1 end
  local chosen, kept = everything(v.shape)
  chosen[1] = range(firstlength(v), i, j)
  return choose(v, chosen, kept), chosen[1][1] or 1
end

function View:tobytes(i, j)
  if type(i) == "number" or j ~= nil then
    local p = checkpart(self, i, j)
    return collect(self.memory.bytes, p.places, p.type.size)
  end
  local order = orderof(i, true)
  if order == "A" then order = whole(live(self)) and not contiguous(self, "C") and "F" or "C" end
  return collect(live(self).memory.bytes, order == "F" and forder(self) or self.places, self.type.size)
end

local function listitem(v, p)
  local list = {}
  for k, c in ipairs(p.type.cells) do
    list[k] = recordmodel.load(c.type, collect(v.memory.bytes, { p.places[1] + c.offset }, c.type.size))
  end
  if p.type.scalar then return list[1] end
  return recordmodel.list(p.type.record, list)
end

local function list(v, p)
  if #p.shape == 0 then return listitem(v, p) end
  local t = {}
  for i = 1, p.shape[1] do t[i] = list(v, row(p, i)) end
  return t
end

function View:tolist(i, j) return list(self, (checkpart(self, i, j))) end

local function hex(bytes, sep, n)
  check(sep == nil or type(sep) == "string" and #sep == 1 and sep:byte() < 128)
  n = integer(n, 1)
  local size, first = #bytes, n > 0 and n < #bytes and #bytes % n or 0
  return (bytes:gsub("()(.)", function(at, c)
    local i = at - 1
    local cut = sep and n ~= 0 and i > 0 and math.abs(n) < size and n ~= math.mininteger
      and (n > 0 and (i - first) % n == 0 or n < 0 and i % -n == 0)
    return (cut and sep or "") .. ("%02x"):format(c:byte())
  end))
end

function View:hex(sep, n) return hex(live(self):bytes(), sep, n) end

function View:clone() return fresh(live(self):bytes(), self.type, self.shape) end

function View:tocontiguous(order)
  order = orderof(order, true)
  if contiguous(live(self), order == "F" and "F" or "C") then return self end
  if order == "A" and contiguous(self, "F") then return self end
  local v = self:clone()
  if order ~= "F" then return v end
  v.memory.bytes = self:tobytes "F"
  return castwhole(v, v.type, v.shape, "F")
end

--- How many parts of the first dimension a source fills.
local function lengthof(v, x)
  if istable(x) then return #x end
  local bytes = exporter(x)
  if isobject(x) and x.kind == "view" then return x.shape[1] or 1 end
  local rowitems = model.count { table.unpack(v.shape, 2) }
  if rowitems == 0 then return #bytes end
  check(#bytes % rowitems == 0)
  return #bytes // rowitems
end

local function target(v, x, i)
  local n, count = firstlength(v), lengthof(v, x)
  i = integer(i)
  if i < 0 and i >= -n then i = i + n + 1 end
  check(i >= 1 and i <= n + 1 and count <= n + 1 - i)
  if count > 0 then return (checkpart(v, i, i + count - 1)) end
  return (checkpart(v, n + 1, n))
end

function View:copyfrom(...)
  local x, i = ...
  check(select("#", ...) > 0)
  local to, writes = writable(self), {}
  if i ~= nil then to = target(self, x, i) end
  assignany(writes, to, x)
  commit(self, writes)
  return self
end

--- The cells that one value names in an item, as writes from place 0 on.
local function pattern(type, x)
  local writes = {}
  assign(writes, part({ 0 }, {}, type), x)
  return writes
end

function View:fill(x, i, j)
  local p, writes = checkpart(writable(self), i, j), {}
  for _, w in ipairs(pattern(self.type, x)) do
    for _, place in ipairs(p.places) do
      local at = place + w.place
      writes[#writes + 1] = { place = at, bytes = w.bytes, scalar = w.scalar, copied = true, pad = w.pad }
    end
  end
  commit(self, writes)
  return self
end

function View:byteswap()
  local bytes = writable(self).memory.bytes
  for _, place in ipairs(self.places) do
    for _, c in ipairs(self.type.cells) do
      local at = place + c.offset
      local number = bytes:sub(at + 1, at + c.type.size)
      if c.type.format then bytes = put(bytes, at, number:reverse()) end
    end
  end
  self.memory.bytes = bytes
  return self
end

--- A function that says whether the item at a place is equal to what is sought.
local function sought(v, x)
  local cells, keys = {}, {}
  if v.type.scalar then
    local c = v.type.cells[1]
    cells[1] = { place = c.offset, scalar = c.type, bytes = ("x"):rep(c.type.size) }
    keys[1] = soughtkey(c.type, x)
    if not keys[1] then return function() return false end end
  else
    for _, w in ipairs(pattern(v.type, x)) do cells[#cells + 1] = not w.pad and w or nil end
    for k, w in ipairs(cells) do keys[k] = key(w.scalar, recordmodel.load(w.scalar, w.bytes)) end
  end
  return function(place)
    for k, w in ipairs(cells) do
      local bytes = collect(v.memory.bytes, { place + w.place }, #w.bytes)
      if key(w.scalar, recordmodel.load(w.scalar, bytes)) ~= keys[k] then return false end
    end
    return true
  end
end

local function matches(v, n, x, i, j)
  check(#live(v).shape == 1 and n > 0)
  local p, start = checkpart(v, i, j)
  local equal, found = sought(v, x), {}
  for k, place in ipairs(p.places) do
    if equal(place) then found[#found + 1] = start + k - 1 end
  end
  return found
end

function View:index(...) return matches(self, select("#", ...), ...)[1] end
function View:count(...) return #matches(self, select("#", ...), ...) end

local function find(bytes, x, init)
  local from, to = bytes:find(exporter(x), integer(init, 1), true)
  if from then return from, to end
  return nil
end

function View:find(x, init)
  check(#live(self).shape == 1 and self.type.size == 1 and contiguous(self, "C"))
  return find(self:bytes(), x, init)
end

--- The key of what a cell holds in item number k.
local function cellkey(v, k, c)
  local bytes = collect(v.memory.bytes, { v.places[k] + c.offset }, c.type.size)
  return key(c.type, recordmodel.load(c.type, bytes))
end

local function equalitems(a, b)
  for k in ipairs(a.places) do
    if not match(a.type, b.type, false) then return false end
    for n, c in ipairs(a.type.cells) do
      if cellkey(a, k, c) ~= cellkey(b, k, b.type.cells[n]) then return false end
    end
  end
  return true
end

local function isbytes(x)
  return type(x) == "string" or x.kind == "buffer" or x.type.size == 1 and #x.shape == 1
end

local function equals(a, ...)
  local b = ...
  check(select("#", ...) > 0)
  live(a)
  local bytes = bytesof(b)
  if not bytes then return false end
  if a.kind == "buffer" or type(b) == "string" or b.kind == "buffer" then
    return isbytes(a) and isbytes(b) and a:bytes() == bytes
  end
  return model.same(a.shape, b.shape) and equalitems(a, b)
end

View.equals = equals

--- == never raises.
local function eq(a, b)
  if rawequal(a, b) then return true end
  if not isobject(b) or a.released or b.released then return false end
  return equals(a, b)
end

View["=="] = eq

local function compare(a, b)
  local x, y = live(a):bytes(), exporter(b)
  for k = 1, math.min(#x, #y) do
    if x:byte(k) ~= y:byte(k) then return x:byte(k) < y:byte(k) and -1 or 1 end
  end
  return #x < #y and -1 or #x > #y and 1 or 0
end

View.compare = compare

local function concat(a, b)
  local x = type(b) == "number" and tostring(b) or exporter(b)
  return live(a):bytes() .. x
end

View[".."] = concat

local function checkbits(v, offset, width)
  check(#live(v).shape == 1 and v.type.size == 1)
  offset, width = integer(offset), integer(width)
  check(width >= 1 and width <= 64 and offset >= 0 and offset <= 8 * #v.places - width)
  return offset, width
end

local function bitplace(v, k) return v.places[k // 8 + 1], 1 << k % 8 end

function View:getbits(offset, width)
  local x = 0
  offset, width = checkbits(self, offset, width)
  for k = width - 1, 0, -1 do
    local place, bit = bitplace(self, offset + k)
    x = x << 1 | (self.memory.bytes:byte(place + 1) & bit ~= 0 and 1 or 0)
  end
  return x
end

function View:setbits(offset, width, x)
  local bytes = writable(self).memory.bytes
  x = integer(x)
  offset, width = checkbits(self, offset, width)
  check(width == 64 or x >> width == 0)
  for k = 0, width - 1 do
    local place, bit = bitplace(self, offset + k)
    local old = bytes:byte(place + 1)
    bytes = put(bytes, place, string.char(x >> k & 1 == 1 and old | bit or old & ~bit))
  end
  self.memory.bytes = bytes
  return self
end

View["<"] = function(a, b)
  check(isobject(b) and b.kind == "buffer")
  return compare(a, b) < 0
end

View["<="] = function(a, b)
  check(isobject(b) and b.kind == "buffer")
  return compare(a, b) <= 0
end

function View:release() self.released = true end

View.close = View.release

-- Structs: flat values -----------------------------------------------------------------------------------

--- Formats that no view can have, but structs.
local packable = {
  [""] = { size = 0, cells = {} }, x = { size = 1, cells = {} }, ["4x"] = { size = 4, cells = {} },
  ["0s"] = plain.type(recordmodel.scalar("@", "s", 0)),
  ["(3)f"] = plain.type(recordmodel.record("@", { { type = recordmodel.scalar("@", "f"), shape = { 3 } } })),
}

local function structof(x) return packable[x or 0] or typeof(x) end

--- The writes of values from a place on, padding as zeros; and the size.
function plain.packed(type, place, ...)
  local at, writes = 0, {}
  type = structof(type)
  check(#type.cells == select("#", ...))
  for k, c in ipairs(type.cells) do
    for gap = at, c.offset - 1 do write(writes, place + gap, "\0", bytescalar) end
    write(writes, place + c.offset, store(c.type, (select(k, ...))), c.type)
    at = c.offset + c.type.size
  end
  for gap = at, type.size - 1 do write(writes, place + gap, "\0", bytescalar) end
  return writes, type.size
end

local function unpacked(type, bytes, at)
  local results = {}
  for k, c in ipairs(type.cells) do
    results[k] = recordmodel.load(c.type, collect(bytes, { at + c.offset }, c.type.size))
  end
  return results
end

--- The bytes of an exporter whose bytes lie together, and where they begin in its memory.
local function together(x)
  local bytes = exporter(x)
  local isview = isobject(x) == "view"
  check(not isview or contiguous(x, "C"))
  return bytes, isview and x.places[1] or 0
end

local function start(bytes, pos, size)
  if pos < 0 and pos >= -#bytes then pos = pos + #bytes + 1 end
  check(pos >= 1 and pos <= #bytes + 1 - size)
  return pos
end

-- A result that may be anything.
plain.any = {}

local struct = {}
plain.struct = struct

function struct.calcsize(type) return structof(type).size end

function struct.pack(type, ...)
  local writes, n = plain.packed(type, 0, ...)
  local memory = { memory = { bytes = ("\0"):rep(n) } }
  commit(memory, writes)
  return next(memory.memory.loose) and plain.any or memory.memory.bytes
end

function struct.unpack(type, x)
  type = structof(type)
  local bytes = together(x)
  check(#bytes == type.size)
  return table.unpack(unpacked(type, bytes, 0))
end

function struct.unpack_from(type, x, pos)
  type = structof(type)
  local bytes = together(x)
  pos = start(bytes, integer(pos, 1), type.size)
  local results = unpacked(type, bytes, pos - 1)
  results[#results + 1] = pos + type.size
  return table.unpack(results)
end

local function packinto(type, x, pos, ...)
  local bytes, first = together(x)
  pos = start(bytes, integer(pos, 1), structof(type).size)
  commit(x, (plain.packed(type, first + pos - 1, ...)))
  return pos + structof(type).size
end

function struct.pack_into(type, x, ...)
  check(isobject(x) and not live(x).readonly and select("#", ...) > 0)
  return packinto(type, x, ...)
end

-- The standard library, on a table that stands for an object ---------------------------------------------

local function proxy(object)
  return setmetatable({}, {
    __len = object["#"] and function() return object["#"](object) end,
    __index = function(_, k) return object["[]"](object, k) end,
    __newindex = function(_, k, x) object["[]="](object, k, x) end,
  })
end

local function standard(f)
  return function(object, ...)
    local stand = proxy(object)
    local results = table.pack(pcall(f, stand, ...))
    if not results[1] then error(type(results[2]) == "table" and results[2] or { wrong = "" }, 0) end
    for k = 2, results.n do results[k] = rawequal(results[k], stand) and object or results[k] end
    return table.unpack(results, 2, results.n)
  end
end

for _, name in ipairs { "sort", "concat", "unpack", "move", "insert", "remove" } do
  View["table." .. name] = standard(table[name])
  Buffer["table." .. name] = View["table." .. name]
end

-- Buffer ----------------------------------------------------------------------------------------------

local function newbuffer(bytes) return setmetatable({ memory = { bytes = bytes } }, Buffer) end

function Buffer:bytes() return self.memory.bytes end

--- Views that hold the memory; views.lua, which knows them all, sets it.
function Buffer.pins() return 0 end

--- Refuses to resize or release a Buffer that has views.
local function unpinned(b, what)
  local n = b.pins(b)
  check(n == 0, ("cannot %s buffer: %d view%s"):format(what, n, n == 1 and " is" or "s are"))
end

--- The new bytes, where the size may change; moving is refused also where it stays.
local function resize(b, bytes, moves)
  if moves or #bytes ~= #b.memory.bytes then unpinned(b, "resize") end
  b.memory.bytes = bytes
  return b
end

local function content(x)
  if type(x) == "number" then return store(bytescalar, x) or wrong() end
  return exporter(x)
end

function Buffer:append(...)
  local bytes = live(self):bytes()
  for k = 1, select("#", ...) do bytes = bytes .. content((select(k, ...))) end
  return resize(self, bytes)
end

function Buffer:insert(i, x)
  local bytes = live(self):bytes()
  i = integer(i)
  if i < 0 and i >= -#bytes then i = i + #bytes + 1 end
  check(i >= 1 and i <= #bytes + 1)
  return resize(self, bytes:sub(1, i - 1) .. content(x) .. bytes:sub(i))
end

function Buffer:remove(i, j)
  local bytes = live(self):bytes()
  local taken = j == nil and { index(#bytes, i) } or range(#bytes, integer(i), integer(j))
  if #taken == 0 then return self end
  return resize(self, bytes:sub(1, taken[1] - 1) .. bytes:sub(taken[#taken] + 1))
end

local function size(x)
  local n = integer(x)
  check(n >= 0 and n <= most)
  return n
end

function Buffer:resize(n, x)
  local bytes = live(self):bytes()
  local new = x == nil and "\0" or store(bytescalar, x) or wrong()
  n = size(n)
  return resize(self, bytes:sub(1, n) .. new:rep(n - #bytes))
end

function Buffer:reserve(n)
  check(size(n) and live(self))
  return resize(self, self.memory.bytes, true)
end

function Buffer:clear() return resize(live(self), "") end

function Buffer:pack(type, ...)
  local writes, n = plain.packed(type, #live(self):bytes(), ...)
  resize(self, self:bytes() .. ("\0"):rep(n))
  commit(self, writes)
  return self
end

function Buffer:tobytes(i, j)
  local taken = range(#live(self):bytes(), i, j)
  return #taken == 0 and "" or self:bytes():sub(taken[1], taken[#taken])
end

function Buffer:view() return viewbytes(live(self).memory, { obj = self }) end
function Buffer:sub(i, j, step) return self:view():sub(i, j, step) end
function Buffer:find(x, init) return find(live(self):bytes(), x, init) end
function Buffer:hex(sep, n) return hex(live(self):bytes(), sep, n) end

Buffer.equals, Buffer.compare = equals, compare
Buffer["=="], Buffer[".."] = eq, concat
Buffer["<"] = function(a, b) return compare(a, b) < 0 end
Buffer["<="] = function(a, b) return compare(a, b) <= 0 end
Buffer["#"] = function(self) return #live(self):bytes() end

Buffer["[]"] = function(self, k)
  live(self)
  if type(k) ~= "number" then return nil end
  local i = position(#self:bytes(), integer(k))
  return i and self:bytes():byte(i)
end

Buffer["[]="] = function(self, k, x)
  check(type(k) == "number")
  local i = index(#live(self):bytes(), k)
  self.memory.bytes = put(self:bytes(), i - 1, store(bytescalar, x) or wrong())
end

function Buffer:ipairs() return numbered { live(self):bytes():byte(1, -1) } end
Buffer.pairs = Buffer.ipairs

function Buffer:release()
  if self.released then return end
  unpinned(self, "release")
  self.released = true
end

--- The end of a scope is not refused: the bytes go with the last view.
function Buffer:close() self.released = true end

-- Cursor ------------------------------------------------------------------------------------------------

local Cursor = { iscursor = true }
Cursor.__index = Cursor

--- What is read: a Buffer, or a view of its own.
local function cursor(x)
  local bytes = exporter(x)
  local self = { at = 1, buffer = isobject(x) == "buffer" and x or nil }
  if type(x) == "string" then
    self.own = viewbytes({ bytes = bytes }, { obj = x, readonly = true })
  elseif not self.buffer then
    check(contiguous(x, "C"))
    self.own = castwhole(x, byte)
  end
  return setmetatable(self, Cursor)
end

function Cursor:target() return self.own or live(self.buffer) end

local function room(c, n)
  local bytes = c:target():bytes()
  check(c.at + n <= #bytes + 1)
  return bytes
end

function Cursor:peek(type)
  type = structof(type)
  return table.unpack(unpacked(type, room(self, type.size), self.at - 1))
end

function Cursor:unpack(type)
  local results = table.pack(self:peek(type))
  self.at = self.at + structof(type).size
  return table.unpack(results, 1, results.n)
end

function Cursor:pack(type, ...)
  local to = self:target()
  local first = self.own and self.own.places[1] or 0
  local writes, n = plain.packed(type, first + self.at - 1, ...)
  local bytes = to:bytes()
  check(not to.readonly and self.at <= #bytes + 1)
  if self.buffer then resize(to, bytes .. ("\0"):rep(self.at - 1 + n - #bytes)) else room(self, n) end
  commit(to, writes)
  self.at = self.at + n
  return self
end

function Cursor:take(n)
  n = integer(n)
  check(n >= 0 and n <= most and room(self, n))
  self.at = self.at + n
  return (self.own or self.buffer:view()):sub(self.at - n, self.at - 1)
end

function Cursor:cstring()
  local bytes = room(self, 0)
  local text, after = bytes:match("^([^\0]*)\0()", self.at)
  check(text)
  self.at = after
  return text
end

local function moveto(c, at)
  check(at >= 1 and at <= #c:target():bytes() + 1)
  c.at = at
  return c
end

function Cursor:seek(at) return moveto(self, integer(at)) end

function Cursor:skip(n)
  n = integer(n)
  check(math.abs(n) <= most and n ~= math.mininteger)
  return moveto(self, self.at + n)
end

function Cursor:align(n)
  n = integer(n)
  check(n >= 1)
  return moveto(self, self.at + (1 - self.at) % n)
end

function Cursor:remaining() return math.max(#self:target():bytes() + 1 - self.at, 0) end
function Cursor:position() return self.at end

-- The module ------------------------------------------------------------------------------------------

local make = {}
plain.make = make

function make.view(x)
  local bytes = exporter(x)
  if type(x) == "string" then return viewbytes({ bytes = bytes }, { obj = x, readonly = true }) end
  return x.kind == "buffer" and x:view() or x:derive(x)
end

--- The length of a table of items: without items it has nothing else, unless its length is its own affair.
local function listlength(x)
  local own = getmetatable(x)
  check(#x > 0 or own and own.__len or next(x) == nil, "table of items expected, got one with the key")
  return #x
end

function make.buffer(x)
  if type(x) == "number" then return newbuffer(("\0"):rep(size(x))) end
  if x == nil then return newbuffer "" end
  if not istable(x) then return newbuffer(exporter(x)) end
  local v, writes = fresh(("\0"):rep(listlength(x)), byte, { #x }), {}
  assign(writes, v, x)
  commit(v, writes)
  return newbuffer(v.memory.bytes)
end

function make.zeros(type, x)
  local shape, n = shapeof(x), typeof(type).size + 0.0
  for _, l in ipairs(shape) do
    check(l >= 0)
    n = l > most and math.huge or n * l
  end
  check(n <= most)
  return fresh(("\0"):rep(math.tointeger(n)), type, shape)
end

--- The shape of nested tables, by their first elements; innermost ones of records are records.
local function tableshape(x, records)
  local shape = {}
  while istable(x) do
    shape[#shape + 1] = listlength(x)
    if #x == 0 then break end
    x = x[1]
    if records and not (istable(x) and istable(x[1])) then break end
  end
  return shape
end

function make.array(type, x)
  check(istable(x))
  local v, writes = make.zeros(type, tableshape(x, typeof(type).record)), {}
  assign(writes, v, x)
  commit(v, writes)
  return v
end

function make.fromhex(x)
  check(type(x) == "string")
  local bytes, rest = {}, x:gsub("^%s+", "")
  while rest ~= "" do
    local pair, after = rest:match "^(%x%x)%s*()"
    check(pair, "hex digit expected")
    bytes[#bytes + 1] = string.char(tonumber(pair, 16))
    rest = rest:sub(after)
  end
  return newbuffer(table.concat(bytes))
end

make.cursor = cursor

function make.type(...)
  check(select("#", ...) > 0)
  return isobject(...) or nil
end

return plain
