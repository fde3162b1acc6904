-- memview beside CPython and numpy: random cases with their answers come from the scripts in spec/oracle.
-- oracle.lua says which environment variables replay a run and make it longer.
local memview = require "memview"
local oracle = require "oracle"
local agree, refused = oracle.agree, oracle.refused

--- One spec for a topic of a script: check(case) raises where memview disagrees.
local function follows(script, topic, count, needed, check)
  it(("agrees on %s.%s"):format(script, topic), function()
    local missing = oracle.missing(needed)
    if missing then return pending(missing) end
    oracle.replay(script, topic, count, check)
  end)
end

--- A view of the bytes in fresh writable memory, as items of that format and shape.
local function viewof(bytes, format, shape)
  return memview(memview.buffer(bytes)):cast(format, shape)
end

describe("formats follow struct:", function()
  local function checkformat(case)
    if not case.size then return refused("bad format", memview.zeros, case.format, 0) end
    if case.size == 0 or case.values == 0 then
      return refused("cannot make a view", memview.zeros, case.format, 0)
    end
    local v = memview.zeros(case.format, 0)
    agree("itemsize", case.size, v.itemsize)
    agree("itemsize of the canonical text", case.size, memview.zeros(v.format, 0).itemsize)
    if case.data then agree("value", case.value, viewof(case.data, case.format)[1]) end
  end

  follows("codec", "sizes", 800, "python", checkformat)
  follows("codec", "texts", 400, "python", checkformat)
end)

describe("items follow struct:", function()
  local function checkwrite(case)
    local v = viewof(("\xA5"):rep(3 * case.size), case.format)
    local function write() v[2] = case.value end
    if case.want then
      write()
      if case.value ~= case.value then return agree("value", case.value, v[2]) end  -- NaN: its bits are free
      agree("bytes", case.want, v:tobytes(2, 2))
    else
      refused(v.format:sub(-1) .. "'", write)
      agree("bytes after a refusal", ("\xA5"):rep(case.size), v:tobytes(2, 2))
    end
    agree("neighbours", ("\xA5"):rep(2 * case.size), v:tobytes(1, 1) .. v:tobytes(3, 3))
  end

  follows("codec", "writes", 1000, "python", checkwrite)
  follows("codec", "narrowings", 600, "python", checkwrite)

  follows("codec", "packs", 300, "python", function(case)
    local values = table.move(case.values, 1, case.n, 1, {})
    agree("pack", case.want, memview.struct.pack(case.format, table.unpack(values, 1, case.n)))
    agree("unpack", values, { memview.struct.unpack(case.format, case.want) })
    if case.n < 2 or case.want == "" then return end
    agree("unpack of a record", values, { viewof(case.want, case.format)[1]:unpack() })
  end)

  follows("codec", "reads", 600, "python", function(case)
    local v = memview(case.shift .. case.data):sub(#case.shift + 1):cast(case.format)
    agree("v[1]", case.want, v[1])
    agree("get", case.want, v:get(1))
    agree("tolist", { case.want }, v:tolist())
    agree("unpack", case.want, (v:unpack()))
  end)
end)

describe("sequences of bytes follow bytes and memoryview:", function()
  follows("sequence", "ranges", 600, "python", function(case)
    local bytes = {}
    for p = 1, case.n do bytes[p] = p end
    local v = viewof(bytes, "B")
    local part = v:sub(case.i, case.j, case.step)
    agree("tolist", case.want, part:tolist())
    agree("slice", case.want, v:slice({ case.i, case.j, case.step }):tolist())
    if case.stride then agree("stride", case.stride, part.strides[1]) end
    if case.step then return end
    agree("tobytes(i, j)", string.char(table.unpack(case.want)), v:tobytes(case.i or 1, case.j))
    agree("tolist(i, j)", case.want, v:tolist(case.i, case.j))
    agree("unpack(i, j)", case.want, { v:unpack(case.i, case.j) })
    agree("count in fill(x, i, j)", #case.want, v:fill(0, case.i, case.j):count(0))
    agree("part after fill", #case.want, part:count(0))
  end)

  follows("sequence", "hexes", 300, "python", function(case)
    local v = memview(case.data):sub(nil, nil, case.step)
    if not case.want then return refused("separator", v.hex, v, case.sep, case.group) end
    agree("hex", case.want, v:hex(case.sep, case.group))
    agree("hex of a Buffer", case.want, memview.buffer(v):hex(case.sep, case.group))
  end)

  follows("sequence", "texts", 300, "python", function(case)
    if not case.want then return refused("at position", memview.fromhex, case.text) end
    agree("fromhex", case.want, memview.fromhex(case.text):tobytes())
  end)

  follows("sequence", "finds", 400, "python", function(case)
    local v = viewof(case.hay, case.format)
    local want = { case.first, case.last }
    agree("find", want, { v:find(case.needle, case.init) })
    agree("find of a view", want, { v:find(memview(case.needle), case.init) })
    agree("find of a Buffer", want, { memview.buffer(case.hay):find(case.needle, case.init) })
  end)

  follows("sequence", "orders", 200, "python", function(case)
    local a, b = memview.buffer(case.a), memview.buffer(case.b)
    agree("compare", case.want, memview(case.a):compare(case.b))
    agree("compare of wider items", case.want, memview(a):cast("<i"):compare(memview(b):cast("<i")))
    agree("compare of strided views", case.want,
      viewof(case.a:gsub(".", "%0%0"), "B"):sub(1, nil, 2):compare(b))
    agree("Buffers", { case.want < 0, case.want <= 0, case.want == 0 }, { a < b, a <= b, a == b })
    agree("a string on one side", { case.want < 0, case.want <= 0 }, { a < case.b, case.a <= b })
    agree("equals", case.want == 0, memview(case.a):equals(case.b))
  end)
end)

describe("views follow memoryview:", function()
  follows("views", "casts", 400, "python", function(case)
    local v = viewof(case.data, case.source)
    if not case.want then return refused("bytes", v.cast, v, case.format, case.shape) end
    local w, want = v:cast(case.format, case.shape), case.want
    agree("cast", want, { shape = w.shape, strides = w.strides, list = w:tolist(), nbytes = w.nbytes })
    agree("back again", v:tolist(), w:cast(case.source):tolist())
  end)

  local function reversed(v)
    local ranges = {}
    for d = 1, v.ndim do ranges[d] = { nil, nil, -1 } end
    return v:slice(table.unpack(ranges))
  end

  local function checkequal(case)
    local a, b = viewof(case.a, case.aformat, case.ashape), viewof(case.b, case.bformat, case.bshape)
    agree("equals", case.want, a:equals(b))
    agree("the other way", case.want, b:equals(a))
    agree("==", case.want, a == b)
    agree("reversed", case.want, reversed(a) == reversed(b))
  end

  follows("views", "equalities", 400, "python", checkequal)
  follows("views", "records", 250, "python", checkequal)
end)

describe("shapes follow numpy:", function()
  local function apply(v, op)
    if op.name == "row" then return v[op.args[1]] end
    return v[op.name](v, table.unpack(op.args, 1, op.n))
  end

  local function start(case)
    local v = viewof(case.data, "B"):cast(case.format, case.shape, case.order)
    for k = 1, #case.ops - 1 do v = apply(v, case.ops[k]) end
    return v, case.ops[#case.ops]
  end

  local function result(case)
    local v, last = start(case)
    return last and apply(v, last) or v
  end

  --- All that is to be seen of a view; strides that numpy leaves free are false.
  local function facts(v, want)
    local strides = v.strides
    for d, s in ipairs(want.strides) do strides[d] = s and strides[d] end
    return {
      shape = v.shape, strides = strides, ndim = v.ndim, itemsize = v.itemsize, nbytes = v.nbytes,
      c_contiguous = v.c_contiguous, f_contiguous = v.f_contiguous, contiguous = v.contiguous,
      c = v:tobytes(), f = v:tobytes "F", a = v:tobytes "A", list = v:tolist(), equal = v:equals(v:clone()),
    }
  end

  local function checkfacts(v, want)
    local got = facts(v, want)
    for key, value in pairs(want) do agree(key, value, got[key]) end
    agree("hex", want.c:gsub(".", function(c) return ("%02x"):format(c:byte()) end), v:hex())
  end

  follows("ndim", "shapes", 400, "numpy", function(case)
    local v = result(case)
    checkfacts(v, case.want)
    if case.at then agree("get", case.item, v:get(table.unpack(case.at))) end
    if case.rows then
      agree("tobytes(i, j)", case.rows.bytes, v:tobytes(case.rows.i, case.rows.j))
      agree("tolist(i, j)", case.rows.list, v:tolist(case.rows.i, case.rows.j))
    end
  end)

  follows("ndim", "refusals", 150, "numpy", function(case)
    local v, last = start(case)
    refused("", apply, v, last)
  end)

  follows("ndim", "casts", 300, "numpy", function(case)
    local v = result(case)
    if case.want then
      checkfacts(v:cast(case.cast, case.castshape, case.castorder), case.want)
    else
      refused("", v.cast, v, case.cast, case.castshape)
    end
  end)
end)

describe("writing follows numpy:", function()
  --- The strided view that a recipe describes, in the memory of a Buffer.
  local function viewin(b, recipe)
    local whole = b:sub(recipe.offset + 1, recipe.offset + recipe.size)
    local v = whole:cast(recipe.format, recipe.shape, recipe.order):transpose(table.unpack(recipe.axes))
    return v:slice(table.unpack(recipe.ranges))
  end

  local function start(case)
    local b = memview.buffer(case.memory)
    return b, viewin(b, case.to), case.from and viewin(b, case.from)
  end

  follows("assign", "copies", 400, "numpy", function(case)
    local b, to, from = start(case)
    to:copyfrom(from, case.at)
    agree("memory", case.want, b:tobytes())
    if not case.at or #from ~= 1 or to.ndim == 1 then return end
    b, to, from = start(case)
    to[case.at] = from[1]
    agree("memory after v[i] = row", case.want, b:tobytes())
  end)

  follows("assign", "conversions", 300, "numpy", function(case)
    local b, to, from = start(case)
    if case.fits then to:copyfrom(from) else refused("", to.copyfrom, to, from) end
    agree("memory", case.want, b:tobytes())
  end)

  follows("assign", "fills", 150, "numpy", function(case)
    local b, to = start(case)
    to:fill(case.value, case.i, case.j)
    agree("memory", case.want, b:tobytes())
  end)

  follows("assign", "swaps", 100, "numpy", function(case)
    local b, to = start(case)
    to:byteswap()
    agree("memory", case.want, b:tobytes())
  end)

  follows("assign", "searches", 250, "numpy", function(case)
    local _, v = start(case)
    agree("index", case.index, v:index(case.value, case.i, case.j))
    agree("count", case.count, v:count(case.value, case.i, case.j))
  end)
end)

describe("Buffers follow bytearray:", function()
  -- What is not a method: operations on bytes and on the views of the program.
  local operations = {
    getbyte = function(b, _, i) return b[i] end,
    setbyte = function(b, _, i, x) b[i] = x end,
    view = function(b, views, ...)
      views[#views + 1] = b:sub(...)
      return views[#views]:tobytes()
    end,
    release = function(_, views, k)
      if views[k] then table.remove(views, k):release() end
    end,
    poke = function(_, views, k, i, x)
      if i > 0 then views[k][i] = x end
    end,
  }

  local function run(b, views, step)
    local operation = operations[step.name]
    if operation then return operation(b, views, table.unpack(step.args, 1, step.n)) end
    return (b[step.name](b, table.unpack(step.args, 1, step.n)))
  end

  follows("buffer", "programs", 80, "python", function(case)
    local b, views = memview.buffer(case.init), {}
    for k, step in ipairs(case.steps) do
      local where = ("step %d, %s"):format(k, step.name)
      local ok, result = pcall(run, b, views, step)
      if ok == (step.refused or false) then
        error(("%s: %s, %s"):format(where, ok and "accepted, Python refuses" or "Python accepts", result), 0)
      end
      agree(where .. ", bytes", step.bytes, b:tobytes())
      if ok and result ~= b then agree(where .. ", answer", step.want, result) end
    end
  end)
end)

describe("record formats of", function()
  local function checkrecord(case)
    local v = viewof(case.data, case.format)
    agree("itemsize", case.size, v.itemsize)
    agree("items", 3, #v)
    agree("canonical text", v.format, memview.zeros(v.format, 1).format)
    agree("its itemsize", case.size, memview.zeros(v.format, 1).itemsize)
    agree("bytes", case.data, memview.zeros(case.format, 3):copyfrom(v):tobytes())
    agree("members written", v:tolist(), memview.array(case.format, case.list):tolist())
    agree("tolist", case.list, v:tolist())
    if case.swapped then agree("swapped", case.swapped, v:byteswap():tobytes()) end
  end

  follows("records", "structures", 80, "python", checkrecord)
  follows("records", "dtypes", 150, "numpy", checkrecord)
end)
