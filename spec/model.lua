-- The oracle for N-dimensional work: views in plain Lua tables, with strides as index arithmetic.
-- It shares nothing with the library. A model has a `memory` (a list), an `offset` (0-based), a `shape` and
-- `strides`; offset and strides count items of the memory. Beside it: ways to make random cases, to compare
-- and to show them.
local model = {}
model.__index = model

--- How many items a shape has.
function model.count(shape)
  local n = 1
  for _, length in ipairs(shape) do n = n * length end
  return n
end

--- The strides, in items, of a contiguous block of that shape; order is "C" (default) or "F".
function model.packed(shape, order)
  local strides, step = {}, 1
  local first, last, by = #shape, 1, -1
  if order == "F" then first, last, by = 1, #shape, 1 end
  for d = first, last, by do
    strides[d] = step
    step = step * shape[d]
  end
  return strides
end

--- A model over the list `memory`; shape is {#memory} and order "C" by default.
function model.new(memory, shape, order)
  shape = shape or { #memory }
  return setmetatable({
    memory = memory, offset = 0, shape = { table.unpack(shape) }, strides = model.packed(shape, order),
  }, model)
end

--- The list 1, 2, ..., n: memory whose items say where they stand.
function model.iota(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return list
end

local function fromend(n, i)
  return i < 0 and i >= -n and n + i + 1 or i
end

--- The positions that i, j, step take of n, in order: the rules of string.sub, mirrored for a negative step.
-- Written as a filter over all positions, so that no argument is too large for it.
function model.positions(n, i, j, step)
  step = step or 1
  local list = {}
  if step > 0 then
    i, j = math.max(fromend(n, i or 1), 1), math.min(fromend(n, j or -1), n)
    for p = 1, n do
      if p >= i and p <= j and (p - i) % step == 0 then list[#list + 1] = p end
    end
  else
    i, j = math.min(fromend(n, i or -1), n), math.max(fromend(n, j or 1), 1)
    for p = n, 1, -1 do
      if p <= i and p >= j and (p - i) % step == 0 then list[#list + 1] = p end
    end
  end
  return list
end

--- The 0-based place in memory of the item at 1-based or negative indices; nil where one is out of range.
function model:place(indices)
  local place = self.offset
  for d, length in ipairs(self.shape) do
    local i = fromend(length, indices[d])
    if i < 1 or i > length then return nil end
    place = place + (i - 1) * self.strides[d]
  end
  return place
end

function model:get(...)
  local place = self:place { ... }
  return place and self.memory[place + 1]
end

function model:set(...)
  local arguments = { ... }
  local x = table.remove(arguments)
  self.memory[self:place(arguments) + 1] = x
end

local function derive(self, offset, shape, strides)
  return setmetatable({ memory = self.memory, offset = offset, shape = shape, strides = strides }, model)
end

--- One argument a dimension, as the library's slice has it; `arguments.n` says how many there are.
function model:slice(arguments)
  local offset, shape, strides = self.offset, {}, {}
  for d, length in ipairs(self.shape) do
    local pick, stride = arguments[d], self.strides[d]
    if type(pick) == "number" then
      offset = offset + (fromend(length, pick) - 1) * stride
    else
      local range = pick or {}
      local taken = model.positions(length, range[1], range[2], range[3])
      offset = offset + ((taken[1] or 1) - 1) * stride
      shape[#shape + 1] = #taken
      strides[#strides + 1] = taken[2] and (taken[2] - taken[1]) * stride or stride
    end
  end
  return derive(self, offset, shape, strides)
end

function model:sub(i, j, step)
  return self:slice { { i, j, step } }
end

function model:row(i)
  return self:slice { i }
end

--- Dimensions in the order of the list; reversed where there is none.
function model:transpose(order)
  local n, shape, strides = #self.shape, {}, {}
  for d = 1, n do
    local from = order and fromend(n, order[d]) or n - d + 1
    shape[d], strides[d] = self.shape[from], self.strides[from]
  end
  return derive(self, self.offset, shape, strides)
end

--- Calls visit(indices) for every item, last index fastest ("C") or first index fastest ("F").
function model.walk(shape, visit, order)
  local n, indices = #shape, {}
  local function go(depth)
    if depth > n then return visit(indices) end
    local d = order == "F" and n - depth + 1 or depth
    for i = 1, shape[d] do
      indices[d] = i
      go(depth + 1)
    end
  end
  go(1)
end

--- The items in logical order as one flat list.
function model:flat(order)
  local list = {}
  model.walk(self.shape, function(indices)
    list[#list + 1] = self.memory[self:place(indices) + 1]
  end, order)
  return list
end

--- Nested tables; the item itself for 0 dimensions.
function model:tolist()
  local function go(d, place)
    if d > #self.shape then return self.memory[place + 1] end
    local list = {}
    for i = 1, self.shape[d] do list[i] = go(d + 1, place + (i - 1) * self.strides[d]) end
    return list
  end
  return go(1, self.offset)
end

--- Do items of that shape lie in that order without gaps? `item` is the size of one, in the unit of strides.
function model.iscontiguous(shape, strides, item, order)
  if model.count(shape) == 0 then return true end
  for d, stride in ipairs(model.packed(shape, order)) do
    if shape[d] > 1 and strides[d] ~= stride * item then return false end
  end
  return true
end

function model:contiguous(order)
  return model.iscontiguous(self.shape, self.strides, 1, order)
end

-- Random cases --------------------------------------------------------------------------------------

--- A shape of mindims (default 1) to maxdims dimensions, with lengths from 0 (rarely) to maxlength.
function model.randomshape(random, maxdims, maxlength, mindims)
  local shape = {}
  for d = 1, random(mindims or 1, maxdims) do
    shape[d] = random(10) == 1 and random(0, 1) or random(1, maxlength)
  end
  return shape
end

--- A range for n items: any of its three parts may be nil, and the ends may be out of range.
function model.randomrange(random, n)
  local function maybe(x)
    if random(4) > 1 then return x end
  end
  local step = maybe(random(3))
  if step and random(2) == 1 then step = -step end
  return { maybe(random(-n - 2, n + 2)), maybe(random(-n - 2, n + 2)), step }
end

--- A range for n items that takes at least one of them, where there is one.
function model.randomsome(random, n)
  local range
  repeat range = model.randomrange(random, n)
  until n == 0 or #model.positions(n, range[1], range[2], range[3]) > 0
  return range
end

--- Arguments for slice: ranges (by `range`, default randomrange), nil, and integers where `picks` is true.
function model.randomslice(random, shape, picks, range)
  range = range or model.randomrange
  local arguments = { n = #shape }
  for d, length in ipairs(shape) do
    local kind = random(4)
    if kind == 1 and picks and length > 0 then
      arguments[d] = random(length) - (random(2) == 1 and length + 1 or 0)
    elseif kind == 2 then
      arguments[d] = random(2) == 1 and {} or nil
    else
      arguments[d] = range(random, length)
    end
  end
  return arguments
end

--- A random order of 1..n, some of them counted from the end.
function model.randomorder(random, n)
  local order = model.iota(n)
  for i = n, 2, -1 do
    local j = random(i)
    order[i], order[j] = order[j], order[i]
  end
  for i = 1, n do
    if random(3) == 1 then order[i] = order[i] - n - 1 end
  end
  return order
end

-- Comparing -----------------------------------------------------------------------------------------

--- Equal all the way down. NaN equals itself here, 1 differs from 1.0, and 0.0 from -0.0.
function model.same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    if a ~= b then return a ~= a and b ~= b end
    return math.type(a) == math.type(b) and (a ~= 0 or 1 / a == 1 / b)
  end
  for k in pairs(b) do
    if a[k] == nil then return false end
  end
  for k, x in pairs(a) do
    if not model.same(x, b[k]) then return false end
  end
  return true
end

local function showlist(list)
  local parts, n = {}, list.n or 0
  for k in pairs(list) do
    if math.type(k) == "integer" and k > n then n = k end
  end
  for i = 1, n do parts[i] = model.show(list[i]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- A value as short text: lists with their holes, strings quoted.
function model.show(x)
  if type(x) == "table" then return showlist(x) end
  if type(x) == "string" then return (("%q"):format(x):gsub("\\\n", "\\n")) end
  if math.type(x) == "float" then return ("%.17g (float)"):format(x) end
  return tostring(x)
end

--- Raises unless got is the same as want; the other arguments, shown and joined, name the case.
function model.expect(got, want, ...)
  if model.same(got, want) then return end
  local case = table.pack(...)
  for i = 1, case.n do
    if type(case[i]) ~= "string" then case[i] = model.show(case[i]) end
  end
  error(("%s: got %s, want %s"):format(table.concat(case, " "), model.show(got), model.show(want)), 2)
end

--- Raises unless the view has the shape and the items of the model.
function model:matches(view, ...)
  model.expect(view.shape, self.shape, "shape of", ...)
  model.expect(view:tolist(), self:tolist(), ...)
end

return model
