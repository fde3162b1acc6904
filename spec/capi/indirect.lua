-- Views that follow pointers, each with a plain table that holds what it should show.
-- A case says: shape; through[d], is there a pointer behind dimension d?; flip[d], does it run backwards?;
-- header, bytes in front of the items that a pointer leads to; format.
local memview = require "memview"

local indirect = {}

--- The k-th value for a format.
local makers = {
  ["3s"] = function(k) return ("%03d"):format(k) end,
  f = function(k) return k / 4 end,
  ["T{<h:x:B:y:}"] = function(k) return { x = -k, y = k } end,
  ["?"] = function(k) return k % 2 == 1 end,
}

function indirect.value(format, k)
  return (makers[format] or function() return k end)(k)
end

--- The bytes of one value.
function indirect.pack(format, x)
  if type(x) == "table" then return memview.struct.pack(format, x.x, x.y) end
  return memview.struct.pack(format, x)
end

--- Calls f with every index list of the shape, in C order.
function indirect.each(shape, f)
  local index = {}
  local function walk(d)
    if d > #shape then return f(table.unpack(index)) end
    for i = 1, shape[d] do
      index[d] = i
      walk(d + 1)
    end
  end
  walk(1)
end

--- What the nested table has at these indices.
function indirect.at(model, ...)
  for d = 1, select("#", ...) do model = model[(select(d, ...))] end
  return model
end

--- A nested table of that shape, of f(i, j, ...).
function indirect.table(shape, f)
  local function build(d, ...)
    if d > #shape then return f(...) end
    local list = {}
    for i = 1, shape[d] do
      local place = { ... }
      place[d] = i
      list[i] = build(d + 1, table.unpack(place))
    end
    return list
  end
  return build(1)
end

--- The bytes of all items of a nested table, in C order ("F": Fortran's).
function indirect.bytes(case, model, order)
  local list, shape = {}, case.shape
  if order == "F" then
    shape = {}
    for d = #case.shape, 1, -1 do table.insert(shape, case.shape[d]) end
  end
  indirect.each(shape, function(...)
    local index = { ... }
    if order == "F" then
      for k = 1, #index // 2 do index[k], index[#index + 1 - k] = index[#index + 1 - k], index[k] end
    end
    list[#list + 1] = indirect.pack(case.format, indirect.at(model, table.unpack(index)))
  end)
  return table.concat(list)
end

--- The dimensions from d to the next one with a pointer behind it, or to the last.
local function group(case, d)
  local last = d
  while last < #case.shape and not case.through[last] do last = last + 1 end
  return last, case.through[last]
end

--- The model, and the memory for the engine: strings, and tables where there are pointers.
local function memory(case)
  local count = 0
  local model = indirect.table(case.shape, function()
    count = count + 1
    return indirect.value(case.format, count)
  end)
  local function build(d, index)
    local last, pointers = group(case, d)
    local list = {}
    local function walk(k)
      if k > last then
        if pointers then list[#list + 1] = build(last + 1, index) return end
        list[#list + 1] = indirect.pack(case.format, indirect.at(model, table.unpack(index)))
        return
      end
      for i = 1, case.shape[k] do
        index[k] = case.flip[k] and case.shape[k] + 1 - i or i
        walk(k + 1)
      end
    end
    if d > #case.shape then return ("h"):rep(case.header) .. indirect.pack(case.format, indirect.at(model,
      table.unpack(index))) end
    walk(d)
    return pointers and list or ("h"):rep(d > 1 and case.header or 0) .. table.concat(list)
  end
  return model, build(1, {})
end

--- Strides, suboffsets, and where the first item stands.
local function layout(case, pointersize)
  local strides, suboffsets, starts, d = {}, {}, {}, 1
  while d <= #case.shape do
    local last, pointers = group(case, d)
    local unit = pointers and pointersize or memview.struct.calcsize(case.format)
    local start = not pointers and d > 1 and case.header or 0
    for k = last, d, -1 do
      strides[k] = case.flip[k] and -unit or unit
      if case.flip[k] then start = start + (case.shape[k] - 1) * unit end
      unit = unit * case.shape[k]
      suboffsets[k] = -1
    end
    starts[d - 1] = start
    d = last + 1
  end
  for k = 1, #case.shape do
    if case.through[k] then suboffsets[k] = starts[k] or case.header end
  end
  return strides, suboffsets, starts[0] or 0
end

--- A View of the case, its model, and the export's number.
function indirect.make(capi, case)
  case.flip, case.header = case.flip or {}, case.header or 0
  local model, bytes = memory(case)
  local strides, suboffsets, at = layout(case, capi.pointersize)
  local itemsize, count = memview.struct.calcsize(case.format), 1
  for _, n in ipairs(case.shape) do count = count * n end
  local view, id = capi.describe {
    bytes = bytes, at = at, len = count * itemsize, itemsize = itemsize, format = case.format,
    shape = case.shape, strides = strides, suboffsets = suboffsets,
  }
  return view, model, id
end

--- The cases that have names.
indirect.cases = {
  { name = "rows", shape = { 3, 4 }, through = { true, false }, format = "B" },
  { name = "rows with a header", shape = { 3, 2 }, through = { true, false }, header = 5, format = "<h" },
  { name = "rows backwards", shape = { 2, 3 }, through = { true, false }, flip = { false, true },
    format = ">i" },
  { name = "the last row first", shape = { 3, 2 }, through = { true, false }, flip = { true, false },
    format = "f" },
  { name = "pointers to pointers", shape = { 2, 3, 2 }, through = { true, true, false }, format = "B" },
  { name = "a table of pointers", shape = { 2, 2, 3 }, through = { false, true, false }, format = "H" },
  { name = "a pointer for each item", shape = { 5 }, through = { true }, format = "<H" },
  { name = "a table of pointers to items", shape = { 2, 3 }, through = { false, true }, header = 1,
    format = "B" },
  { name = "pointers between", shape = { 2, 2, 2, 3 }, through = { true, false, true, false },
    flip = { true, false, false, true }, header = 3, format = "B" },
  { name = "records", shape = { 2, 3 }, through = { true, false }, format = "T{<h:x:B:y:}" },
  { name = "records backwards", shape = { 3 }, through = { true }, flip = { true }, format = "T{<h:x:B:y:}" },
  { name = "items with padding", shape = { 2, 3 }, through = { true, false }, header = 2, format = "<xH" },
  { name = "strings", shape = { 2, 2 }, through = { true, false }, format = "3s" },
  { name = "booleans", shape = { 4 }, through = { true }, format = "?" },
  { name = "one item", shape = { 1, 1 }, through = { true, false }, format = "B" },
}

--- A case from a source of random numbers.
function indirect.random(random)
  local ndim = random(4)
  local formats = { "B", "<h", "3s", "T{<h:x:B:y:}", "<xH", ">i" }
  local case = { name = "a random one", shape = {}, through = {}, flip = {}, header = random(0, 3) }
  case.format = formats[random(#formats)]
  for d = 1, ndim do
    case.shape[d], case.through[d], case.flip[d] = random(3), random(2) == 1, random(2) == 1
  end
  case.through[random(ndim)] = true
  return case
end

return indirect
