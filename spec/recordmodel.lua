-- The oracle for records and for memview.struct: formats as trees, laid out by the rules of C, with values in
-- plain tables. It shares nothing with the library; numbers go through numbermodel.
--
-- A type is a scalar { letter, format, size, align, text } or a record { members, order, size, align, values,
-- text }. A member has a `type`, an `offset`, a `position` (values before it), and a `name`, a `count` or a
-- `shape`; padding is a member with a `pad` and no type. The values of a type are a flat list, one for each
-- scalar in it, in order.
local numbermodel = require "numbermodel"

local recordmodel = {}

local maxalign = string.packsize "!bd" - 8      -- what C aligns a double to, on every machine that Lua knows

-- Types ---------------------------------------------------------------------------------------------

local strings = { c = true, s = true, p = true }

--- A scalar of a letter; order is "@", "<" or ">", n the length of "s" and "p".
function recordmodel.scalar(order, letter, n)
  local type = { letter = letter, order = order, text = (n and n ~= 1 and n or "") .. letter, align = 1 }
  if strings[letter] or letter == "?" then
    type.size = n or 1
    return type
  end
  type.format = (order == "@" and "" or order) .. (letter == "P" and "N" or letter)
  type.size = numbermodel.info(type.format).size
  if order == "@" then type.align = math.min(type.size, maxalign) end
  return type
end

local function product(shape)
  local n = 1
  for _, length in ipairs(shape) do n = n * length end
  return n
end

--- How many elements a member has, and how many positions.
local function elements(m)
  if m.shape then return product(m.shape), 1 end
  return m.count or 1, m.count or 1
end

local function membertext(m)
  local text = m.mark or ""
  if m.pad then return text .. (m.pad == 1 and "x" or m.pad .. "x") end
  if m.shape and not m.count then text = text .. "(" .. table.concat(m.shape, ",") .. ")" end
  text = text .. (m.count or "") .. m.type.text
  return m.name and text .. ":" .. m.name .. ":" or text
end

local function place(record, m)
  local align = m.type and m.type.align or 1
  m.offset = (record.size + align - 1) // align * align
  m.position = record.values
  record.align = math.max(record.align, align)
  if m.pad then
    record.size = m.offset + m.pad
  else
    local n, positions = elements(m)
    record.size = m.offset + n * m.type.size
    record.values = record.values + positions
  end
end

--- A record of members; `order` stands around it. A named count is an array.
function recordmodel.record(order, members)
  local record = { members = members, order = order, size = 0, align = 1, values = 0 }
  local texts = {}
  for k, m in ipairs(members) do
    if m.name and m.count then m.shape = { m.count } end
    place(record, m)
    texts[k] = membertext(m)
  end
  record.inner = table.concat(texts)
  record.text = "T{" .. record.inner .. "}"
  if order ~= "@" then record.align = 1 end
  return record
end

--- The text of a type as a whole format; `bare` leaves the braces of a record out.
function recordmodel.format(type, bare)
  local order = type.order == "@" and "" or type.order
  return order .. (bare and type.inner or type.text)
end

-- Values --------------------------------------------------------------------------------------------

--- Calls visit(element type, its offset, the member, its number) for each element of a record.
local function eachelement(record, visit)
  for _, m in ipairs(record.members) do
    for k = 1, m.type and elements(m) or 0 do visit(m.type, m.offset + (k - 1) * m.type.size, m, k) end
  end
end

--- The scalars of a type in order: { type = scalar, offset = from the start }.
function recordmodel.cells(type)
  local list = {}
  local function go(t, offset)
    if t.letter then
      list[#list + 1] = { type = t, offset = offset }
    else
      eachelement(t, function(element, at) go(element, offset + at) end)
    end
  end
  go(type, 0)
  return list
end

--- The bytes of one scalar.
function recordmodel.store(scalar, x)
  if scalar.letter == "?" then return x and "\1" or "\0" end
  if scalar.letter == "p" then x = string.char(#x):sub(1, scalar.size) .. x end
  if strings[scalar.letter] then return x .. ("\0"):rep(scalar.size - #x) end
  return numbermodel.store(scalar.format, x)
end

--- The value in the bytes of one scalar.
function recordmodel.load(scalar, bytes)
  if scalar.letter == "?" then return bytes ~= "\0" end
  if scalar.letter == "p" then return bytes:sub(2, 1 + (bytes:byte() or 0)) end
  if strings[scalar.letter] then return bytes end
  return numbermodel.unpack(scalar.format, bytes)
end

--- The bytes of a type; `under` is what lies there before (zeros), and stays where there is padding.
function recordmodel.encode(type, values, under)
  local parts, at = {}, 0
  under = under or ("\0"):rep(type.size)
  for k, cell in ipairs(recordmodel.cells(type)) do
    parts[#parts + 1] = under:sub(at + 1, cell.offset)
    parts[#parts + 1] = recordmodel.store(cell.type, values[k])
    at = cell.offset + cell.type.size
  end
  return table.concat(parts) .. under:sub(at + 1)
end

--- The values in the bytes of a type.
function recordmodel.decode(type, bytes)
  local values = {}
  for k, cell in ipairs(recordmodel.cells(type)) do
    values[k] = recordmodel.load(cell.type, bytes:sub(cell.offset + 1, cell.offset + cell.type.size))
  end
  return values
end

local function nest(shape, d, make)
  if d > #shape then return make() end
  local list = {}
  for i = 1, shape[d] do list[i] = nest(shape, d + 1, make) end
  return list
end

local function tree(type, take)
  if type.letter then return take() end
  local list = {}
  local function element(m) return function() return tree(m.type, take) end end
  for _, m in ipairs(type.members) do
    if m.shape then
      list[m.name or m.position + 1] = nest(m.shape, 1, element(m))
    elseif m.type then
      for k = 1, m.count or 1 do list[m.name or m.position + k] = tree(m.type, take) end
    end
  end
  return list
end

--- What tolist() gives: tables by name, by position where there is none.
function recordmodel.list(type, values)
  local k = 0
  return tree(type, function()
    k = k + 1
    return values[k]
  end)
end

--- The key of value number `position` of a record, and its member.
function recordmodel.key(record, position)
  for _, m in ipairs(record.members) do
    local _, n = elements(m)
    if m.type and position > m.position and position <= m.position + n then return m.name or position, m end
  end
end

-- Random cases --------------------------------------------------------------------------------------

local function pick(random, list) return list[random(#list)] end

--- n random bytes.
function recordmodel.bytes(random, n)
  local list = {}
  for k = 1, n do list[k] = string.char(random(0, 255)) end
  return table.concat(list)
end

--- A value that the scalar can hold; no NaN, which would equal nothing.
function recordmodel.value(random, scalar)
  local x = recordmodel.load(scalar, recordmodel.bytes(random, scalar.size))
  if x ~= x then return 0.5 end
  return x
end

--- Values for each scalar of a type.
function recordmodel.values(random, type)
  local values = {}
  for k, cell in ipairs(recordmodel.cells(type)) do values[k] = recordmodel.value(random, cell.type) end
  return values
end

local standard, native = "bBhHiIlLqQefd?csp", "bBhHiIlLqQnNPefd?csp"

local function randomscalar(random, order)
  local letters = order == "@" and native or standard
  local k = random(#letters)
  local letter = letters:sub(k, k)
  local n
  if letter == "s" or letter == "p" then n = random(6) end
  return recordmodel.scalar(order, letter, n)
end

local function randomshape(random)
  local shape = {}
  for d = 1, random(3) do shape[d] = random(2) end
  shape[random(#shape)] = random(3)
  return shape
end

local words = {
  "x", "y", "pos", "normal", "weight", "a b", "1", "name.ext", "{", "(3)", "_", "\u{e9}", "T{<h", "end",
}

--- Names for n members, all different; none or only some of them by `style`.
local function randomnames(random, n, style)
  local names, first = {}, random(#words)
  for k = 1, n do
    local named = style == "all" or style == "some" and random(2) == 1
    if named then names[k] = words[(first + k) % #words + 1] end
  end
  return names
end

local function randommember(random, order, depth, name)
  local kind, m = random(10), { name = name }
  if kind == 1 then return { pad = random(3) } end
  if depth > 0 and kind <= 4 then
    m.type = recordmodel.random(random, { depth = depth - 1, order = order })
  else
    m.type = randomscalar(random, order)
  end
  if kind == 5 or kind == 4 then m.shape = randomshape(random) end
  local countable = m.type.letter ~= "s" and m.type.letter ~= "p"
  if not m.shape and countable and random(4) == 1 then m.count = random(3) end
  return m
end

local function randommembers(random, order, options)
  local members, n = {}, random(5)
  local names = randomnames(random, n, options.names or pick(random, { "all", "all", "none", "some" }))
  for k = 1, n do
    local mark = random(5) == 1 and pick(random, { "@", "<", ">" }) or nil
    order = mark or order
    members[k] = randommember(random, order, options.depth or 2, names[k])
    members[k].mark = mark
  end
  -- One more, so that there is a value.
  members[n + 1] = { type = randomscalar(random, order), name = names[n] and "last" }
  return members
end

--- A random record type of at most 40 scalars. options: `order` around it, `depth` of nesting (2), `names`
-- ("all", "none" or "some").
function recordmodel.random(random, options)
  local order = options.order or pick(random, { "@", "<", ">" })
  local record
  repeat
    record = recordmodel.record(order, randommembers(random, order, options))
  until #recordmodel.cells(record) <= 40
  return record
end

--- A random record type that a struct format without braces can say; counts may be 0.
function recordmodel.randomflat(random)
  local order = pick(random, { "@", "<", ">" })
  local members = {}
  for k = 1, random(0, 8) do
    local m = randommember(random, order, 0)
    if m.shape then m = { type = randomscalar(random, order) } end
    if m.count and random(6) == 1 then m.count = 0 end
    members[k] = m
  end
  return recordmodel.record(order, members)
end

return recordmodel
