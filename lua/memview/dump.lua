--- v:dump([options]): a view as text for people. Bytes in hex by items, a text column, the values of numbers;
-- of records a line a member. All of it is asked of the view by public methods, which are called as functions
-- of the module, since the fields of a record hide them.
--
-- A dump is a table of the options and the view, and of
--   nlines        how many lines there are; they are made one by one
--   line(d, i)    the cells of line i, from 1
--   before(d, i)  how many bytes the lines before line i show
local core = require "memview.core"
local fault = require "memview.fault"
local memview = core.memview
local badargument = fault.badargument

local cast, field, format, get, itemsize, nbytes, ndim, shape, slice, tobytes = memview.cast, memview.field,
  memview.format, memview.get, memview.itemsize, memview.nbytes, memview.ndim, memview.shape, memview.slice,
  memview.tobytes

-- Cells -----------------------------------------------------------------------------------------------

local CODES = {offset = 36, name = 33, zero = 90, text = 32, value = 35}

--- Colours a text for a terminal, by what it is.
local function paint(d, kind, s)
  local code = d.color and s ~= "" and CODES[kind]
  return code and ("\27[%dm%s\27[0m"):format(code, s) or s
end

--- A name without what a terminal may obey: the controls of ASCII, those of Latin-1 in UTF-8, and bytes that
-- are no UTF-8.
local function harmless(s)
  return (s:gsub("%c", "?"):gsub(utf8.len(s) and "\xC2[\x80-\x9F]" or "[\x80-\xFF]", "?"))
end

--- A name, filled up to the width of its column.
local function name(d, s)
  s = harmless(s)
  return paint(d, "name", s) .. (" "):rep(d.labels - #s)
end

local function bytekind(c)
  if c == "\0" then return "zero" end
  return c:find "[\32-\126]" and "text" or nil
end

--- What stands before byte i of a line, in groups of so many bytes.
local function gap(group, i)
  if i == 1 or (i - 1) % group ~= 0 then return "" end
  return group == 1 and (i - 1) % 8 == 0 and "  " or " "
end

--- The columns that n bytes take in hex.
local function hexwidth(group, n)
  local columns = 2 * n
  for i = 1, n do columns = columns + #gap(group, i) end
  return columns
end

--- Bytes in hex, with `more` behind them, filled up to the width of the column.
local function hex(d, bytes, group, more)
  local cell = {}
  for i = 1, #bytes do
    local c = bytes:sub(i, i)
    cell[i] = gap(group, i) .. paint(d, bytekind(c), ("%02x"):format(c:byte()))
  end
  return table.concat(cell) .. more .. (" "):rep(d.columns - hexwidth(group, #bytes) - #more)
end

--- Bytes as characters, with dots for what is none.
local function characters(d, bytes)
  return "|" .. bytes:gsub(".", function(c)
    local kind = bytekind(c)
    return paint(d, kind, kind == "text" and c or ".")
  end) .. "|"
end

local FLOATS = {e = "%.4g", f = "%.7g", d = "%.14g"}

local function number(x, form)
  if math.type(x) == "integer" then return ("%d"):format(x) end
  if x ~= x then return "nan" end
  if x % 1 == 0 and math.abs(x) < 1e15 then return ("%.1f"):format(x) end
  return FLOATS[form:match "[efd]"]:format(x)
end

--- A string without the zeros at its end, as a reader of Lua would write it; so many bytes of it.
local function quoted(s, most)
  s = s:gsub("\0+$", "")
  local shown = s:sub(1, most):gsub('[%c\127-\255"\\]', function(c)
    return (c == '"' or c == "\\") and "\\" .. c or ("\\x%02x"):format(c:byte())
  end)
  return '"' .. shown .. '"' .. (#s > most and ".." or "")
end

local function value(d, x, form)
  if type(x) == "number" then return number(x, form) end
  return type(x) == "string" and quoted(x, 2 * d.width) or tostring(x)
end

--- Items i to j of a 1-D view; characters as one string.
local function values(d, v, i, j)
  local list, form = {}, format(v)
  if form:find "c$" then return paint(d, "value", quoted(tobytes(v, i, j), j - i + 1)) end
  for k = i, j do list[#list + 1] = value(d, v[k], form) end
  return paint(d, "value", table.concat(list, " "))
end

-- Places ----------------------------------------------------------------------------------------------

local function product(lengths)
  local n = 1
  for _, length in ipairs(lengths) do n = n * length end
  return n
end

--- The indices of item number k (from 0) of that shape, in C order.
local function indices(lengths, k)
  local list = {}
  for dim = #lengths, 1, -1 do
    list[dim] = k % lengths[dim] + 1
    k = k // lengths[dim]
  end
  return list
end

local function bracketed(list) return #list > 0 and "[" .. table.concat(list, "][") .. "]" or "" end

--- The offset of byte number `more` of the item at those indices.
local function offset(d, list, more)
  local n = d.offset + more
  for dim, i in ipairs(list) do n = n + (i - 1) * d.strides[dim] end
  return paint(d, "offset", n < 0 and ("-%07x"):format(-n) or ("%08x"):format(n))
end

-- Items -----------------------------------------------------------------------------------------------
-- A line shows units of a row: items of the last dimension, or the bytes of one item wider than a line.

local items = {}

--- Divides the rows into lines. `lead` are the dimensions before the units.
function items.open(d)
  d.lead, d.unit = shape(d.view), itemsize(d.view)
  d.wide = d.unit > d.widest
  if d.wide then
    d.length, d.unit, d.step = d.unit, 1, 1
  else
    d.length, d.step = table.remove(d.lead), d.strides[#d.strides]
  end
  d.perline = math.max(d.width // d.unit, 1)
  d.perrow = (d.length + d.perline - 1) // d.perline
  d.nlines = product(d.lead) * d.perrow
  d.columns = hexwidth(d.unit, d.unit * math.min(d.perline, d.length))
  d.labels = #bracketed(d.lead)
  d.numbers = type(d.first) == "number" and d.unit > 1
end

--- What line i shows: the indices of its row, and the units from `first` to `last`.
local function unitsof(d, i)
  local first = (i - 1) % d.perrow * d.perline + 1
  return indices(d.lead, (i - 1) // d.perrow), first, math.min(first + d.perline - 1, d.length)
end

function items.line(d, i)
  local lead, first, last = unitsof(d, i)
  local row <close> = slice(d.view, table.unpack(lead))
  local bytes = d.wide and tobytes(row):sub(first, last) or tobytes(row, first, last)
  local cells = {offset(d, lead, (first - 1) * d.step)}
  if #lead > 0 then cells[2] = name(d, first == 1 and bracketed(lead) or "") end
  cells[#cells + 1] = hex(d, bytes, d.unit, "")
  cells[#cells + 1] = characters(d, bytes)
  if d.numbers then cells[#cells + 1] = values(d, row, first, last) end
  return cells
end

function items.before(d, i)
  local row, k = (i - 1) // d.perrow, (i - 1) % d.perrow
  return (row * d.length + k * d.perline) * d.unit
end

-- Records ---------------------------------------------------------------------------------------------
-- A line shows a leaf of one record: a member that holds no records itself.

local records = {}

--- Records of that format whose bytes tell where they lie: byte k of record n is bit n - 1 of k.
local function rulers(form, size)
  local list, run = {}, 1
  while run < size do
    local stripes = (("\0"):rep(run) .. ("\1"):rep(run)):rep((size - 1) // (2 * run) + 1)
    list[#list + 1] = memview.view(stripes):sub(1, size):cast(form)[1]
    run = 2 * run
  end
  return list
end

--- The offset of a member, read off the rulers; 0 for one without bytes. `reach` gives it, as a view, of a
-- record.
local function measure(d, reach)
  local n = 0
  for k, ruler in ipairs(d.rulers) do n = n | (tobytes(reach(ruler)):byte() or 0) << (k - 1) end
  return n
end

--- Adds a leaf. How much of it a line has room for is the same for all records.
local function addleaf(d, reach, label)
  local v = reach(d.first)
  local size, unit = nbytes(v), itemsize(v)
  local count = unit > 0 and size // unit or 0
  local leaf = {reach = reach, label = label, offset = measure(d, reach), before = d.bytes, unit = unit}
  leaf.shown = math.min(count, math.max(d.width // math.max(unit, 1), 1))
  leaf.bytes = math.min(leaf.shown * unit, d.widest)
  leaf.morebytes = leaf.bytes < size and ".." or ""
  leaf.moreitems = leaf.shown < count and (" .. (%d items)"):format(count) or ""
  d.leaves[#d.leaves + 1] = leaf
  d.bytes = d.bytes + size
  d.columns = math.max(d.columns, hexwidth(unit, leaf.bytes) + #leaf.morebytes)
  d.labels = math.max(d.labels, #label)
end

local addmembers

--- Adds the leaves of a member that may hold records, one or an array of them.
local function addmember(d, reach, label)
  local v = reach(d.first)
  if not format(v):find "^[<>]?T{" then return addleaf(d, reach, label) end
  local lengths = shape(v)
  for k = 0, product(lengths) - 1 do
    local at = indices(lengths, k)
    addmembers(d, function(record) return get(reach(record), table.unpack(at)) end, label .. bracketed(at))
  end
end

function addmembers(d, reach, label)
  local dot = label == "" and #d.lead == 0 and "" or "."
  for key in pairs(reach(d.first)) do
    local step = type(key) == "number" and bracketed {key} or dot .. key
    addmember(d, function(record) return field(reach(record), key) end, label .. step)
  end
end

local function itself(record) return record end

function records.open(d)
  d.lead, d.leaves, d.bytes, d.columns, d.labels = shape(d.view), {}, 0, 0, 0
  d.rulers = rulers(format(d.view), itemsize(d.view))
  addmembers(d, itself, "")
  d.labels = d.labels + #bracketed(d.lead)
  d.nlines = product(d.lead) * #d.leaves
end

--- The leaf that line i shows, and the number of its record from 0.
local function leafof(d, i)
  return d.leaves[(i - 1) % #d.leaves + 1], (i - 1) // #d.leaves
end

function records.line(d, i)
  local leaf, k = leafof(d, i)
  local lead = indices(d.lead, k)
  local member = leaf.reach(get(d.view, table.unpack(lead)))
  local cells = {offset(d, lead, leaf.offset), name(d, bracketed(lead) .. leaf.label)}
  if leaf.shown == 0 then return cells end
  local flat = cast(member, format(member))
  cells[3] = hex(d, tobytes(flat, 1, leaf.shown):sub(1, leaf.bytes), leaf.unit, leaf.morebytes)
  cells[4] = values(d, flat, 1, leaf.shown) .. leaf.moreitems
  return cells
end

function records.before(d, i)
  local leaf, k = leafof(d, i)
  return k * d.bytes + leaf.before
end

-- The whole -------------------------------------------------------------------------------------------

--- All lines, or the first and the last ones and how much is between them.
local function render(d)
  if d.nlines == 0 then return "(no items)" end
  local lines, head, tail = {}, d.nlines, 0
  local function add(first, last)
    for i = first, last do lines[#lines + 1] = table.concat(d.line(d, i), "  "):gsub(" +$", "") end
  end
  if d.nlines > d.max then head, tail = (d.max + 1) // 2, d.max // 2 end
  add(1, head)
  if head + tail < d.nlines then
    local skipped = d.before(d, d.nlines - tail + 1) - d.before(d, head + 1)
    lines[#lines + 1] = ("... %d lines, %d bytes, left out ..."):format(d.nlines - head - tail, skipped)
  end
  add(d.nlines - tail + 1, d.nlines)
  return table.concat(lines, "\n")
end

local WIDEST <const> = 1 << 32  -- more than a line can have; sums of it do not wrap

local function integer(x) return type(x) == "number" and math.tointeger(x) or nil end

local function width(x)
  local n = integer(x)
  return n and n > 0 and math.min(n, WIDEST) or nil
end

--- The options: name -> default, what gives the value of a right one, and the words for it.
local OPTIONS = {
  width = {16, width, "integer from 1 on"},
  max = {64, function(x) return type(x) == "number" and x >= 1 and x or nil end, "number from 1 on"},
  offset = {0, integer, "integer"},
  color = {false, function(x) if type(x) == "boolean" then return x end end, "boolean"},
}

--- A dump with these options. Raises for the caller of the caller.
local function readoptions(given)
  local d = {}
  for key in pairs(given) do
    if not OPTIONS[key] then
      badargument(3, 2, "dump", "unknown option '%s' (width, max, offset, color)", tostring(key))
    end
  end
  for key, option in pairs(OPTIONS) do
    local x = given[key]
    if x == nil then x = option[1] end
    d[key] = option[2](x)
    if d[key] == nil then
      local shown = type(x) == "string" and "'" .. x .. "'" or tostring(x)
      badargument(3, 2, "dump", "option '%s': %s expected, got %s", key, option[3], shown)
    end
  end
  return d
end

local function open(d, v)
  if memview.suboffsets(v) then v = memview.tocontiguous(v) end
  local lengths = shape(v)
  d.widest = math.max(d.width, 8)
  d.first = product(lengths) > 0 and get(v, table.unpack(indices(lengths, 0))) or nil
  local kind = memview.type(d.first) and records or items
  if kind == items and ndim(v) == 0 then v = cast(v, format(v)) end
  d.view, d.strides, d.line, d.before = v, memview.strides(v), kind.line, kind.before
  kind.open(d)
  return d
end

--- Shows a view, or the bytes of an exporter, as text: offsets, bytes in hex by items, characters, values of
-- numbers; of records one line a member, with its offset, name, bytes and value.
-- @param options a table of `width` (bytes a line, 16), `max` (lines, 64; more are left out in the middle),
-- `offset` (what the first byte is called, 0) and `color` (true: with escape sequences for terminals)
-- @return the text, without a newline at its end
local function dump(v, options)
  if options ~= nil and type(options) ~= "table" then
    badargument(2, 2, "dump", "table of options expected, got %s", type(options))
  end
  local d = readoptions(options or {})
  if memview.type(v) == "view" then
    if memview.released(v) then error("attempt to use a released view", 2) end
    return render(open(d, v))
  end
  local ok, bytes = pcall(memview.view, v)
  if not ok then fault.passon(2, 1, "dump", bytes) end
  local whole <close> = bytes
  return render(open(d, whole))
end

core.internal.addmethod("dump", dump)

return dump
