-- A plain model of N-dimensional layouts: a shape and a function from indices to positions in flat memory.
-- Everything counts from 1; nothing here knows how the library keeps strides and offsets.
local helpers = require "helpers"
local memview = require "memview"

local ndmodel = {}

--- C-ordered items 1, 2, 3, ... of that shape.
function ndmodel.contiguous(shape)
  return {
    shape = shape,
    at = function(index)
      local position = 0
      for d, length in ipairs(shape) do position = position * length + index[d] - 1 end
      return position + 1
    end,
  }
end

--- Items first, first + step, ... (count of them) of the first dimension.
function ndmodel.sub(model, first, count, step)
  local shape = table.move(model.shape, 1, #model.shape, 1, {})
  shape[1] = count
  return {
    shape = shape,
    at = function(index)
      local inner = table.move(index, 1, #index, 1, {})
      inner[1] = first + (index[1] - 1) * step
      return model.at(inner)
    end,
  }
end

--- The dimensions in another order.
function ndmodel.transpose(model, dims)
  local shape = {}
  for d, from in ipairs(dims) do shape[d] = model.shape[from] end
  return {
    shape = shape,
    at = function(index)
      local inner = {}
      for d, from in ipairs(dims) do inner[from] = index[d] end
      return model.at(inner)
    end,
  }
end

--- Index i of dimension d; the dimension goes.
function ndmodel.pick(model, d, i)
  local shape = table.move(model.shape, 1, #model.shape, 1, {})
  table.remove(shape, d)
  return {
    shape = shape,
    at = function(index)
      local inner = table.move(index, 1, #index, 1, {})
      table.insert(inner, d, i)
      return model.at(inner)
    end,
  }
end

--- The positions of all items, in "C" (default) or "F" order.
function ndmodel.positions(model, order)
  local shape, ndim, index, list = model.shape, #model.shape, {}, {}
  local function walk(depth)
    if depth > ndim then
      list[#list + 1] = model.at(index)
      return
    end
    local d = order == "F" and ndim + 1 - depth or depth
    for i = 1, shape[d] do
      index[d] = i
      walk(depth + 1)
    end
  end
  walk(1)
  return list
end

--- Nested tables of values[position].
function ndmodel.tolist(model, values)
  local shape, index = model.shape, {}
  local function walk(d)
    if d > #shape then return values[model.at(index)] end
    local row = {}
    for i = 1, shape[d] do
      index[d] = i
      row[i] = walk(d + 1)
    end
    return row
  end
  return walk(1)
end

--- A random shape of 1 to `most` dimensions; now and then with a length of 0.
function ndmodel.shape(random, most)
  local shape = {}
  for d = 1, random(1, most) do shape[d] = random(8) == 1 and 0 or random(1, 4) end
  return shape
end

--- How many items a shape has.
function ndmodel.size(shape)
  local size = 1
  for _, length in ipairs(shape) do size = size * length end
  return size
end

local function shuffled(random, n)
  local dims = {}
  for d = 1, n do table.insert(dims, random(1, d), d) end
  return dims
end

local function randomrange(random, length)
  local step = random(1, 3) * (random(2) == 1 and 1 or -1)
  local first, last = random(1, length), random(1, length)
  if (last - first) * step < 0 then first, last = last, first end
  return first, last, step
end

local function steptranspose(random, view, model)
  local dims = shuffled(random, #model.shape)
  return view:transpose(table.unpack(dims)), ndmodel.transpose(model, dims)
end

local function stepsub(random, view, model)
  local first, last, step = randomrange(random, model.shape[1])
  return view:sub(first, last, step), ndmodel.sub(model, first, (last - first) // step + 1, step)
end

local function steppick(random, view, model)
  local d = random(1, #model.shape)
  if model.shape[d] == 0 then return view, model end
  local i, args = random(1, model.shape[d]), {}
  args[d] = i
  return view:slice(table.unpack(args, 1, d)), ndmodel.pick(model, d, i)
end

--- A few random transposes, sub-views and picks, done to a view and to its model alike.
function ndmodel.wander(random, view, model)
  for _ = 1, random(0, 3) do
    local ndim = #model.shape
    local what = random(3)
    if what == 1 and ndim > 0 then
      view, model = steptranspose(random, view, model)
    elseif what == 2 and ndim > 0 and model.shape[1] > 0 then
      view, model = stepsub(random, view, model)
    elseif what == 3 and ndim > 1 then
      view, model = steppick(random, view, model)
    end
  end
  return view, model
end

--- Calls f(view, model, values, base, where) for many random layouts of items of a format: the view, its
-- model, the values of the whole base, a flat view of that, and a text that names the case. Values are 0 to
-- `most`.
function ndmodel.every(seed, format, most, f)
  local random, used = helpers.random(seed)
  for _ = 1, 300 do
    local shape = ndmodel.shape(random, 3)
    local values, model = {}, ndmodel.contiguous(shape)
    for i = 1, ndmodel.size(shape) do values[i] = random(0, most) end
    local base = memview.zeros(format, shape)
    base:reshape({ -1 }):copyfrom(values)
    local v
    v, model = ndmodel.wander(random, base, model)
    f(v, model, values, base:reshape { -1 }, ("seed %d, %s"):format(used, v))
  end
end

return ndmodel
