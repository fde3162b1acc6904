-- memview.struct beside CPython's struct, records beside ctypes and numpy: random cases with their answers
-- come from spec/oracle/structs.py.
local memview = require "memview"
local oracle = require "oracle"

local struct = memview.struct
local agree, refused = oracle.agree, oracle.refused

local function follows(topic, count, needed, check)
  it("agrees on " .. topic, function()
    local missing = oracle.missing(needed)
    if missing then return pending(missing) end
    oracle.replay("structs", topic, count, check)
  end)
end

--- f(...) gives what Python gives, or is refused where Python has nil.
local function follow(what, want, f, ...)
  if want == nil then return refused("bad argument", f, ...) end
  agree(what, want, { f(...) })
end

describe("struct follows struct:", function()
  follows("packs", 1000, "python", function(case)
    agree("size", case.size, struct.calcsize(case.format))
    local function pack() return struct.pack(case.format, table.unpack(case.values, 1, case.n)) end
    local b = memview.buffer "x"
    if not case.want then
      refused("'", pack)
      refused("'", b.pack, b, case.format, table.unpack(case.values, 1, case.n))
      return agree("buffer after a refusal", "x", b:tobytes())
    end
    agree("bytes", case.want, pack())
    b:pack(case.format, table.unpack(case.values, 1, case.n))
    agree("appended", "x" .. case.want, b:tobytes())
  end)

  follows("packs_into", 700, "python", function(case)
    local b = memview.buffer(case.before)
    local v = b:view()
    local ok, next = pcall(struct.pack_into, case.format, v, case.pos, table.unpack(case.values, 1, case.n))
    agree("accepted", case.want ~= nil, ok)
    agree("bytes", case.want or case.before, b:tobytes())
    if ok then agree("next position", case.next, next) end
  end)

  follows("unpacks", 1000, "python", function(case)
    local from = case.start
    if from then from[#from + 1] = case.next end
    for _, src in ipairs { case.data, memview.buffer(case.data) } do
      follow("unpack", case.all, struct.unpack, case.format, src)
      follow("unpack_from", from, struct.unpack_from, case.format, src, case.pos)
    end
    if case.size == 0 then return refused("0 bytes", struct.iter_unpack, case.format, case.data) end
    if not case.rows then return refused("whole number", struct.iter_unpack, case.format, case.data) end
    local rows, step = {}, struct.iter_unpack(case.format, case.data)
    for _ = 1, #case.rows do rows[#rows + 1] = { step() } end
    agree("rows", case.rows, rows)
    agree("results at the end", 0, select("#", step()))
  end)
end)

describe("layouts follow the C compiler:", function()
  follows("structures", 150, "python", function(case)
    agree("size", case.size, struct.calcsize(case.format))
    agree("bytes of pack", case.data, struct.pack(case.format, table.unpack(case.values, 1, case.n)))
    agree("unpack", case.values, { struct.unpack(case.format, case.data) })
    local v = memview.zeros(case.format, 2)
    v[2] = case.list
    agree("bytes of a record", ("\0"):rep(case.size) .. case.data, v:tobytes())
    agree("tolist", { case.list }, v:tolist(2))
    agree("array", case.data, memview.array(case.format, { case.list }):tobytes())
  end)
end)

describe("records follow numpy:", function()
  follows("columns", 150, "numpy", function(case)
    local v = memview(case.data):cast(case.format, case.shape):sub(nil, nil, case.step)
    local column = v:field(case.path)
    agree("shape", case.columnshape, column.shape)
    agree("list", case.list, column:tolist())
    agree("list of the copy", case.list, column:clone():tolist())
    agree("strides", case.strides, column.strides)
    for name in case.path:gmatch "%w+" do v = v:field(name) end
    agree("list step by step", case.list, v:tolist())
  end)

  follows("conversions", 150, "numpy", function(case)
    local source = memview(case.data):cast(case.from):sub(nil, nil, case.step)
    local target = memview.zeros(case.to, #source)
    agree("list", case.list, target:copyfrom(source):tolist())
    local again = memview.zeros(case.to, #source)
    for i = 1, #source do again[i] = source[i] end
    agree("list one by one", case.list, again:tolist())
    agree("list by fill", { case.list[1], case.list[1] }, memview.zeros(case.to, 2):fill(source[1]):tolist())
  end)
end)
