-- What `make bench` measures: groups of operations. A group has `names`, a function that makes the things its
-- pieces of code speak of, at a size, and rows; `single` where each row is one operation, whose instructions
-- `make instructions` counts. A row has a name and a piece of code for each column that there is something to
-- compare with. A piece is code, or a table of code, the most that memview's time may be of its (the target),
-- and more that bench/timing.lua takes. Python and LuaJIT have things of their own behind the names, in
-- bench/python.py and bench/luajit.lua; i counts from 0 in Python.
--
-- `result` says what to compare where a piece writes; the row's is memview's and the floor's. The specs see
-- to it that all pieces of a row that run in Lua do the same work, but for those floors that are calls of
-- `noop`, `noops` and `methods`, which do nothing.
local memview = require "memview"
local floor = require "floor"

local struct = memview.struct

-- ---- What names stand for ---------------------------------------------------------------------------

--- The numbers from `first` on, 251 of them over and over.
local function series(n, first)
  local t = {}
  for i = 1, n do t[i] = (first or 0) + i % 251 end
  return t
end

-- CPython keeps the integers up to 256 ready and makes others anew. So where it can be they are larger.
local LARGE <const> = 1000

--- The same as bytes, at least n of them.
local function bytes(n)
  return (string.char(table.unpack(series(251))):rep(n // 251 + 1))
end

local function view(format, n) return memview.zeros(format, n):copyfrom(memview(bytes(n):sub(1, n))) end

--- The names common to all groups, and those given.
local function with(names)
  names.byte, names.unpack, names.pack = string.byte, string.unpack, string.pack
  names.noop, names.noops, names.methods, names.floor = floor.noop, floor.noops, floor.methods, floor
  names.checked = floor.checked
  names.memview = memview
  return names
end

--- Adds Strips for the floors, as `a.name`, of these names.
local function strips(names, list)
  names.a = {}
  for name in list:gmatch "%S+" do names.a[name] = floor.at(names[name]) end
  return with(names)
end

-- ---- Items ------------------------------------------------------------------------------------------

local RECORD <const> = "T{<f:x:<f:y:<f:z:<I:id:}"

local function items()
  local numbers, large, records = series(1000), series(1000, LARGE), memview.zeros(RECORD, 1000)
  records:field("id"):copyfrom(large)
  return with {
    u8s = memview.array("B", numbers), i32s = memview.array("i", large), f64s = memview.array("d", numbers),
    bigs = memview.array(">H", large), ids = records:field "id",
    evens = memview(memview.buffer(bytes(2000):sub(1, 2000))):sub(1, -1, 2),
    row = memview.array("f", { series(1000), series(1000) })[2], buffer = memview.buffer(numbers),
    numbers = numbers, twice = series(2000), text = bytes(2000), text4 = memview.array("<i", large):tobytes(),
    text8 = memview.array("<d", numbers):tobytes(), text2 = memview.array(">H", large):tobytes(),
    textrecords = records:tobytes(),
  }
end

local READ, WRITE <const> = { "noop[i]", 1.5 }, { "noop[i] = 7", 1.5 }

local reading <const> = {
  title = "Reading an item", names = items, single = true,
  note = "The floor is a C `__index` that does nothing.",
  { "v[i], B", memview = "u8s[i]", floor = READ, lua = "byte(text, i)", python = { "items8[i]", 1 },
    numpy = "nitems8[i]", luajit = "sum = sum + u8s[i]" },
  { "v[i], i", memview = "i32s[i]", floor = READ, lua = "(unpack('<i4', text4, i * 4 - 3))",
    python = { "items32[i]", 1 }, numpy = "nitems32[i]", luajit = "sum = sum + i32s[i]" },
  { "v[i], d", memview = "f64s[i]", floor = READ, lua = "(unpack('<d', text8, i * 8 - 7))",
    python = { "items64[i]", 1 }, numpy = "nitems64[i]", luajit = "sum = sum + f64s[i]" },
  { "v[i], >H", memview = "bigs[i]", floor = READ, lua = "(unpack('>I2', text2, i * 2 - 1))",
    python = { "unpack_from('>H', text2, i * 2)[0]", 1 }, numpy = "nitemsbig[i]",
    luajit = "sum = sum + shr(bswap(u16s[i]), 16)" },
  { "v[i], every second B", memview = "evens[i]", floor = READ, lua = "byte(text, i * 2 - 1)",
    python = { "secondbytes[i]", 1 }, numpy = "nsecondbytes[i]", luajit = "sum = sum + u8s[i * 2 - 1]" },
  { "column[i]", memview = "ids[i]", floor = READ, lua = "(unpack('<I4', textrecords, i * 16 - 3))",
    python = { "unpack_from('<I', textrecords, i * 16 + 12)[0]", 1 }, numpy = "nitemids[i]",
    luajit = "sum = sum + records[i].id" },
  { "row[i], f", memview = "row[i]", floor = READ, lua = "numbers[i]", python = { "matrix[1, i]", 1 },
    numpy = "nrow[i]", luajit = "sum = sum + row[i]" },
  { "read in C, same checks", memview = "checked[i]", floor = "noop[i]" },
  { "b[i]", memview = "buffer[i]", floor = READ, lua = "numbers[i]", python = { "buffer[i]", 1 },
    luajit = "sum = sum + u8s[i]" },
}

local writing <const> = {
  title = "Writing an item", names = items, single = true,
  note = "The floor is a C `__newindex` that does nothing.",
  { "v[i] = x, B", memview = "u8s[i] = 7", result = "u8s:tolist(1, 3)", floor = WRITE,
    lua = { "numbers[i] = 7", result = "table.move(numbers, 1, 3, 1, {})" }, python = { "items8[i] = 7", 1 },
    numpy = "nitems8[i] = 7", luajit = "u8s[i] = 7" },
  { "v[i] = x, i", memview = "i32s[i] = 7", result = "i32s:tobytes(1, 3)", floor = WRITE,
    lua = { "numbers[i] = pack('<i4', 7)", after = "local s = table.concat(numbers)",
      result = "s:sub(1, 12)" },
    python = { "items32[i] = 7", 1 }, numpy = "nitems32[i] = 7", luajit = "i32s[i] = 7" },
  { "v[i] = x, d", memview = "f64s[i] = 7", result = "f64s:tobytes(1, 3)", floor = WRITE,
    lua = { "numbers[i] = pack('<d', 7)", after = "local s = table.concat(numbers)",
      result = "s:sub(1, 24)" },
    python = { "items64[i] = 7", 1 }, numpy = "nitems64[i] = 7", luajit = "f64s[i] = 7" },
  { "v[i] = x, >H", memview = "bigs[i] = 7", result = "bigs:tobytes(1, 3)", floor = WRITE,
    lua = { "numbers[i] = pack('>I2', 7)", after = "local s = table.concat(numbers)",
      result = "s:sub(1, 6)" },
    python = { "pack_into('>H', wide, i * 2, 7)", 1 }, numpy = "nitemsbig[i] = 7",
    luajit = "u16s[i] = shr(bswap(7), 16)" },
  { "v[i] = x, every second B", memview = "evens[i] = 7", result = "evens:tolist(1, 3)", floor = WRITE,
    lua = { "twice[i * 2 - 1] = 7", result = "{ twice[1], twice[3], twice[5] }" },
    python = { "secondbytes[i] = 7", 1 }, numpy = "nsecondbytes[i] = 7", luajit = "u8s[i * 2 - 1] = 7" },
  { "column[i] = x", memview = "ids[i] = 7", result = "ids:tobytes(1, 3)", floor = WRITE,
    lua = { "numbers[i] = pack('<I4', 7)", after = "local s = table.concat(numbers)",
      result = "s:sub(1, 12)" },
    python = { "pack_into('<I', wide, i * 16 + 12, 7)", 1 }, numpy = "nitemids[i] = 7",
    luajit = "records[i].id = 7" },
  { "row[i] = x, f", memview = "row[i] = 7", result = "row:tolist(1, 3)", floor = WRITE,
    lua = { "numbers[i] = 7.0", result = "table.move(numbers, 1, 3, 1, {})" },
    python = { "matrix[1, i] = 7", 1 },
    numpy = "nrow[i] = 7", luajit = "row[i] = 7" },
  { "write in C, same checks", memview = "checked[i] = 7", floor = "noop[i] = 7", result = "checked[1]" },
  { "b[i] = x", memview = "buffer[i] = 7", result = "buffer:tobytes(1, 3)", floor = WRITE,
    lua = { "numbers[i] = 7", result = "string.char(table.unpack(numbers, 1, 3))" },
    python = { "buffer[i] = 7", 1 }, luajit = "u8s[i] = 7" },
}

-- ---- Records and rows -------------------------------------------------------------------------------

local function records()
  local points, rows = {}, {}
  for i = 1, 1000 do points[i] = { x = 0.5, y = i, z = 2, id = i } end
  for i = 1, 4 do rows[i] = series(1000) end
  local recs = memview.array(RECORD, points)
  return with { recs = recs, rec = recs[5], points = points, point = points[5], rows = rows,
    matrix = memview.array("d", rows) }
end

local recordgroup <const> = {
  title = "Records and rows", names = records, single = true,
  note = "Floors: a no-op `__index`; one that gives a bare userdata whose `__index` is a no-op; "
    .. "a method that does nothing.",
  { "rec.x", memview = "rec.x", floor = { "noop.x", 2 }, lua = "point.x", python = { "rec.x", 0.85 },
    numpy = "nrec['x']", luajit = "sum = sum + rec.x" },
  { "rec.id", memview = "rec.id", floor = { "noop.id", 2 }, lua = "point.id", python = { "rec.id", 0.85 },
    numpy = "nrec['id']", luajit = "sum = sum + rec.id" },
  { "rec.x = 1.5", memview = "rec.x = 1.5", result = "rec.x", floor = { "noop.x = 1.5", 2 },
    lua = { "point.x = 1.5", result = "point.x" }, python = { "rec.x = 1.5", 0.85 },
    numpy = "nrec['x'] = 1.5",
    luajit = "rec.x = 1.5" },
  { "recs[i].x", memview = "recs[i].x", floor = { "noops[i].x", 1.75 }, lua = "points[i].x",
    python = "recs[i].x", numpy = "nrecs[i]['x']", luajit = "sum = sum + recs[i].x" },
  { "m[j][i]", memview = "matrix[3][i]", floor = { "noops[3][i]", 1.65 }, lua = "rows[3][i]",
    python = "matrix[2, i]", numpy = "nmatrix[2][i]", luajit = "sum = sum + matrix[2][i]" },
  { "m:get(j, i)", memview = "matrix:get(3, i)", floor = { "methods:nothing(3, i)", 1.9 }, lua = "rows[3][i]",
    python = "matrix[2, i]", numpy = "nmatrix[2, i]", luajit = "sum = sum + matrix[2][i]" },
  { "m:set(j, i, x)", memview = "matrix:set(3, i, 1.5)", floor = { "methods:nothing(3, i, 1.5)", 1.9 },
    result = "{ matrix[3][1], matrix[3][3] }",
    lua = { "rows[3][i] = 1.5", result = "{ rows[3][1], rows[3][3] }" }, python = "matrix[2, i] = 1.5",
    numpy = "nmatrix[2, i] = 1.5", luajit = "matrix[2][i] = 1.5" },
}

-- ---- Making views -----------------------------------------------------------------------------------

local function making()
  local text = bytes(1024):sub(1, 1024)
  local fixed = memview.zeros("B", 1024):copyfrom(text)
  return with { text = text, fixed = fixed, textview = memview(text), buffer = memview.buffer(text),
    matrix = fixed:cast("B", { 32, 32 }), recs = fixed:cast(RECORD), rows = { 2, 3 }, cols = { 5, 12 } }
end

local BARE <const> = "methods:bare()"

local makinggroup <const> = {
  title = "Making a view", names = making, single = true,
  note = "The floor is a method, found by a C `__index`, that gives a bare userdata of 112 bytes; "
    .. "for a view of a Buffer, which has a finalizer, that with a finalizer and a method that does nothing.",
  { "memview(string)", memview = "memview(text)", floor = { BARE, 1.5 }, python = "memoryview(data)",
    numpy = "frombuffer(data, 'u1')" },
  { "v:sub(i, j) of a string", memview = "textview:sub(11, 20)", floor = { BARE, 1.4 },
    lua = "text:sub(11, 20)", python = "textview[10:20]", numpy = "ntext[10:20]" },
  { "v:sub(i, j) of fixed memory", memview = "fixed:sub(11, 20)", floor = { BARE, 1.4 },
    lua = "text:sub(11, 20)", python = "fixed[10:20]", numpy = "nfixed[10:20]" },
  { "view in C, same checks", memview = "checked:sub(11, 20)", floor = BARE },
  { "v:cast(f)", memview = "fixed:cast 'f'", floor = { BARE, 1.6 }, python = "fixed.cast('f')",
    numpy = "nfixed.view('f4')" },
  { "m:slice({}, {})", memview = "matrix:slice(rows, cols)", floor = { BARE, 1.7 },
    numpy = "nsquare[1:3, 4:12]" },
  { "slice in C, same checks", memview = "checked:slice(cols, rows)", floor = BARE },
  { "m:transpose()", memview = "matrix:transpose()", floor = { BARE, 1.5 }, numpy = "nsquare.T" },
  { "recs:field(name)", memview = "recs:field 'y'", floor = { BARE, 1.5 }, numpy = "nstructs['y']" },
  { "b:sub(i, j):release()", memview = "buffer:sub(11, 20):release()", result = "buffer:tobytes(11, 20)",
    floor = { "methods:finalized() methods:nothing()", 1.4 }, lua = "text:sub(11, 20)",
    python = "memoryview(buffer)[10:20].release()" },
}

-- ---- Tables -----------------------------------------------------------------------------------------

local function unpackall(text, format, step)
  local t = {}
  for p = 1, #text, step do t[#t + 1] = string.unpack(format, text, p) end
  return t
end

local function packall(t, format)
  local parts = {}
  for i, x in ipairs(t) do parts[i] = string.pack(format, x) end
  return table.concat(parts)
end

local function tables(size)
  local numbers, floats = series(size.items, LARGE), {}
  for i, x in ipairs(numbers) do floats[i] = x + 0.5 end
  local i32s, f64s = memview.array("<i", numbers), memview.array("<d", floats)
  return strips({ numbers = numbers, floats = floats, i32s = i32s, f64s = f64s, text4 = i32s:tobytes(),
    text8 = f64s:tobytes(), unpackall = unpackall, packall = packall }, "i32s f64s")
end

local tablegroup <const> = {
  title = "Tables, 1 M items", names = tables,
  note = "The floors are C loops of `lua_rawseti` into a new table, and of `lua_rawgeti` into new memory.",
  { "v:tolist(), i", memview = "i32s:tolist()", floor = { "floor.inttable(a.i32s)", 1.15 },
    lua = "unpackall(text4, '<i4', 4)", python = { "i32s.tolist()", 0.4 }, numpy = "ni32s.tolist()",
    luajit = "local t = new(items, 0) for k = 1, items do t[k] = i32s[k] end sum = sum + #t" },
  { "v:tolist(), d", memview = "f64s:tolist()", floor = { "floor.doubletable(a.f64s)", 1.15 },
    lua = "unpackall(text8, '<d', 8)", python = { "f64s.tolist()", 0.4 }, numpy = "nf64s.tolist()",
    luajit = "local t = new(items, 0) for k = 1, items do t[k] = f64s[k] end sum = sum + #t" },
  { "memview.array(i, t)", memview = "memview.array('i', numbers)",
    floor = { "floor.intarray(numbers)", 1.3, result = "floor.tostring(floor.intarray(numbers))" },
    lua = "packall(numbers, '<i4')", python = { "array('i', numbers)", 0.85 },
    numpy = "np.array(numbers, 'i4')",
    luajit = "local p = ffi.new('int32_t[?]', items) for k = 1, items do p[k - 1] = list[k] end sum = p[9]" },
  { "memview.array(d, t)", memview = "memview.array('d', floats)",
    floor = { "floor.doublearray(floats)", 1.3, result = "floor.tostring(floor.doublearray(floats))" },
    lua = "packall(floats, '<d')", python = { "array('d', floats)", 0.85 }, numpy = "np.array(floats, 'f8')",
    luajit = "local p = ffi.new('double[?]', items) for k = 1, items do p[k - 1] = list[k] end sum = p[9]" },
}

-- ---- Bytes in one piece -----------------------------------------------------------------------------

local function characters(text)
  local t = {}
  for i = 1, #text do t[i] = text:sub(i, i) end
  return t
end

local function memory(size)
  local n = size.bytes
  local src, dst, long = view("B", n), memview.zeros("B", n), view("B", n + 1)
  return strips({ src = src, same = src:clone(), dst = dst, front = long:sub(1, n), back = long:sub(2),
    long = long,
    text = src:tobytes(), text2 = src:tobytes() .. "", chars = characters(src:tobytes()),
    numbers = src:tolist(),
    others = {}, concat = table.concat, move = table.move, last = n }, "src same dst front back")
end

local memorygroup <const> = {
  title = "Bytes in one piece, 1 MiB", names = memory,
  note = "The floors are `lua_pushlstring`, `memset`, `memmove` and `memcmp`.",
  { "v:tobytes()", memview = "src:tobytes()", floor = { "floor.pushlstring(a.src)", 1.1 },
    lua = "concat(chars)",
    python = "src.tobytes()", numpy = "nsrc.tobytes()", luajit = "sum = #ffi.string(src, size)" },
  { "v:fill(x)", memview = "dst:fill(7)", result = "dst:tolist()",
    floor = { "floor.fillbytes(a.dst, 7)", 1.1 },
    lua = { "for k = 1, last do others[k] = 7 end", result = "others" }, python = "dst[:] = sevens",
    numpy = "ndst.fill(7)", luajit = "ffi.fill(dst, size, 7)" },
  { "v:copyfrom(w)", memview = "dst:copyfrom(src)", result = "dst:tolist()",
    floor = { "floor.move(a.dst, a.src)", 1.1 },
    lua = { "move(numbers, 1, last, 1, others)", result = "others" },
    python = "dst[:] = src", numpy = "copyto(ndst, nsrc)", luajit = "ffi.copy(dst, src, size)" },
  { "v:copyfrom(w), overlapping", memview = "back:copyfrom(front)", result = "back:tolist()",
    floor = { "floor.move(a.back, a.front)", 1.1 },
    lua = { "move(numbers, 1, last, 2)", result = "move(numbers, 2, last + 1, 1, {})" },
    python = "back[:] = front", numpy = "copyto(nback, nfront)", luajit = "memmove(back, front, size)" },
  { "v:equals(w)", memview = "src:equals(same)", floor = { "floor.samebytes(a.src, a.same)", 1.1 },
    lua = "text == text2", python = "src == same", numpy = "array_equal(nsrc, nsame)",
    luajit = "sum = memcmp(src, same, size)" },
}

-- ---- Strides ----------------------------------------------------------------------------------------

--- Every step-th item of a list.
local function pick(t, step)
  local picked = {}
  for i = 1, #t, step do picked[#picked + 1] = t[i] end
  return picked
end

--- The ids of a list of records.
local function fields(t)
  local ids = {}
  for i, record in ipairs(t) do ids[i] = record.id end
  return ids
end

local function strided(size)
  local wide = view("B", size.bytes)
  local words, recs = wide:clone():cast "<I", wide:clone():cast(RECORD)
  return strips({
    evens = wide:sub(1, -1, 2), halfbytes = view("B", #wide // 2), numbers = wide:tolist(),
    words = words:sub(1, -1, 2), halfwords = view("<I", #words // 2), wordlist = words:tolist(),
    column = recs:field "id", ids = view("<I", #recs), points = recs:tolist(),
    others = view("B", #wide):tolist(),
    pick = pick, fields = fields,
  }, "evens halfbytes words halfwords column ids")
end

local stridegroup <const> = {
  title = "Strided, 1 MiB in all", names = strided,
  note = "The floor is a plain C loop over run-time strides. The column is 4 bytes of records of 16.",
  { "copy from every second B", memview = "halfbytes:copyfrom(evens)", result = "halfbytes:tolist()",
    floor = { "floor.copy(a.halfbytes, a.evens)", 1.3 }, python = "halfbytes[:] = evens",
    lua = { "for k = 1, #halfbytes do others[k] = numbers[2 * k - 1] end",
      result = "table.move(others, 1, #halfbytes, 1, {})" },
    numpy = { "copyto(nhalfbytes, nevens)", 1.25 },
    luajit = "for k = 0, size / 2 - 1 do other8[k] = u8s[2 * k] end" },
  { "copy from every second I", memview = "halfwords:copyfrom(words)", result = "halfwords:tolist()",
    floor = { "floor.copy(a.halfwords, a.words)", 1.3 }, python = "halfwords[:] = words",
    lua = { "for k = 1, #halfwords do others[k] = wordlist[2 * k - 1] end",
      result = "table.move(others, 1, #halfwords, 1, {})" },
    numpy = { "copyto(nhalfwords, nwords)", 1.25 },
    luajit = "for k = 0, size / 8 - 1 do other32[k] = u32s[2 * k] end" },
  { "copy from a column", memview = "ids:copyfrom(column)", result = "ids:tolist()",
    floor = { "floor.copy(a.ids, a.column)", 1.3 },
    lua = { "for k = 1, #ids do others[k] = points[k].id end",
      result = "table.move(others, 1, #ids, 1, {})" },
    numpy = { "copyto(nids, ncolumn)", 1.25 },
    luajit = "for k = 0, size / 16 - 1 do other32[k] = records[k].id end" },
  { "copy into every second B", memview = "evens:copyfrom(halfbytes)", result = "evens:tolist()",
    floor = { "floor.copy(a.evens, a.halfbytes)", 1.3 }, python = "evens[:] = halfbytes",
    lua = { "for k = 1, #halfbytes do numbers[2 * k - 1] = others[k] end", result = "pick(numbers, 2)" },
    numpy = { "copyto(nevens, nhalfbytes)", 1.25 },
    luajit = "for k = 0, size / 2 - 1 do u8s[2 * k] = other8[k] end" },
  { "copy into every second I", memview = "words:copyfrom(halfwords)", result = "words:tolist()",
    floor = { "floor.copy(a.words, a.halfwords)", 1.3 }, python = "words[:] = halfwords",
    lua = { "for k = 1, #halfwords do wordlist[2 * k - 1] = others[k] end", result = "pick(wordlist, 2)" },
    numpy = { "copyto(nwords, nhalfwords)", 1.25 },
    luajit = "for k = 0, size / 8 - 1 do u32s[2 * k] = other32[k] end" },
  { "copy into a column", memview = "column:copyfrom(ids)", result = "column:tolist()",
    floor = { "floor.copy(a.column, a.ids)", 1.3 },
    lua = { "for k = 1, #ids do points[k].id = others[k] end", result = "fields(points)" },
    numpy = { "copyto(ncolumn, nids)", 1.25 },
    luajit = "for k = 0, size / 16 - 1 do records[k].id = other32[k] end" },
  { "fill every second B", memview = "evens:fill(7)", result = "evens:tolist()",
    floor = { "floor.fill(a.evens, 7)", 1.3 }, python = "evens[:] = sevens8",
    lua = { "for k = 1, #halfbytes do numbers[2 * k - 1] = 7 end",
      result = "pick(numbers, 2)" },
    numpy = { "nevens.fill(7)", 1.25 }, luajit = "for k = 0, size / 2 - 1 do u8s[2 * k] = 7 end" },
  { "fill every second I", memview = "words:fill(7)", result = "words:tolist()",
    floor = { "floor.fill(a.words, 7)", 1.3 }, python = "words[:] = sevens32",
    lua = { "for k = 1, #halfwords do wordlist[2 * k - 1] = 7 end",
      result = "pick(wordlist, 2)" },
    numpy = { "nwords.fill(7)", 1.25 }, luajit = "for k = 0, size / 8 - 1 do u32s[2 * k] = 7 end" },
  { "fill a column", memview = "column:fill(7)", result = "column:tolist()",
    floor = { "floor.fill(a.column, 7)", 1.3 },
    lua = { "for k = 1, #ids do points[k].id = 7 end", result = "fields(points)" },
    numpy = { "ncolumn.fill(7)", 1.25 }, luajit = "for k = 0, size / 16 - 1 do records[k].id = 7 end" },
}

-- ---- Transposes -------------------------------------------------------------------------------------

local function transposes(size)
  local side = size.side
  local ints = view("<I", side * side):reshape { side, side }
  local chars = view("B", side * side):reshape { side, side }
  return strips({
    turned4 = ints:transpose(), to4 = memview.zeros("<I", { side, side }), rows = ints:tolist(), side = side,
    turned1 = chars:transpose(), to1 = memview.zeros("B", { side, side }), others = ints:tolist(),
  }, "turned4 to4 turned1 to1")
end

local TURN <const> = "for j = 1, side do local o = others[j] for k = 1, side do o[k] = rows[k][j] end end"

local transposegroup <const> = {
  title = "Transposes, 1000 x 1000", names = transposes,
  note = "The floor is two C loops over run-time strides, row by row, not blocked for the cache.",
  { "copy of a transpose, 4 bytes", memview = "to4:copyfrom(turned4)", result = "to4:tolist()",
    floor = "floor.copy(a.to4, a.turned4)", lua = { TURN, result = "others" },
    numpy = { "copyto(nto4, nturned4)", 1 },
    luajit = "for j = 0, last do for k = 0, last do to4[j * side + k] = from4[k * side + j] end end" },
  { "copy of a transpose, 1 byte", memview = "to1:copyfrom(turned1)", result = "to1:tolist()",
    floor = "floor.copy(a.to1, a.turned1)", lua = { TURN, result = "others" },
    numpy = { "copyto(nto1, nturned1)", 1 },
    luajit = "for j = 0, last do for k = 0, last do to1[j * side + k] = from1[k * side + j] end end" },
}

-- ---- Conversions and comparisons --------------------------------------------------------------------

local function conversions(size)
  local n = size.items
  local u8s = view("B", n)
  local f32s = memview.zeros("<f", n):copyfrom(u8s)
  return strips({
    u8s = u8s, f32s = f32s, to8 = memview.zeros("B", n), tofloat = memview.zeros("<f", n),
    i32s = memview.zeros("<i", n):copyfrom(u8s), bigs = memview.zeros(">i", n), numbers = u8s:tolist(),
    others = {},
    others32 = f32s:clone(), u16s = memview.zeros("<H", n):copyfrom(u8s),
    f64s = memview.zeros("<d", n):copyfrom(u8s),
    packall = packall,
  }, "u8s f32s to8 tofloat i32s bigs others32 u16s f64s")
end

local conversiongroup <const> = {
  title = "Conversions, 1 M items", names = conversions,
  note = "The floors are plain C loops; the one of f to B looks first whether all values are whole and fit, "
    .. "which numpy does not.",
  { "B to f", memview = "tofloat:copyfrom(u8s)", result = "tofloat:tobytes()",
    floor = { "floor.bytestofloats(a.tofloat, a.u8s)", 1.3 }, lua = "packall(numbers, '<f')",
    python = "array('f', u8s)", numpy = { "copyto(ntofloat, nu8s)", 1 },
    luajit = "for k = 0, items - 1 do tofloat[k] = u8s[k] end" },
  { "f to B, checked", memview = "to8:copyfrom(f32s)", result = "to8:tobytes()",
    floor = { "floor.checkedfloatstobytes(a.to8, a.f32s)", 1.5 }, lua = "packall(numbers, 'B')",
    numpy = "copyto(nto8, nf32s, casting='unsafe')",
    luajit = "for k = 0, items - 1 do to8[k] = f32s[k] end" },
  { "i to >i", memview = "bigs:copyfrom(i32s)", result = "bigs:tobytes()",
    floor = { "floor.byteswap(a.bigs, a.i32s)", 1.8 }, lua = "packall(numbers, '>i4')",
    numpy = { "copyto(nbigs, ni32s)", 1 },
    luajit = "for k = 0, items - 1 do other32[k] = bswap(i32s[k]) end" },
  { "v:byteswap(), i", memview = "i32s:byteswap()", result = "i32s:tobytes()",
    floor = { "floor.byteswap(a.i32s, a.i32s)", 2.2 }, numpy = { "ni32s.byteswap(inplace=True)", 1 },
    luajit = "for k = 0, items - 1 do i32s[k] = bswap(i32s[k]) end" },
}

local function comparisons(size)
  local names = conversions(size)
  names.floats = names.f64s:tolist()
  function names.samelist(t, u)
    for k = 1, #t do if t[k] ~= u[k] then return false end end
    return #t == #u
  end
  return names
end

local comparisongroup <const> = {
  title = "Comparisons, 1 M equal items", names = comparisons,
  note = "The floors are C loops that test once a block.",
  { "v:equals(w), f and f", memview = "f32s:equals(others32)",
    floor = { "floor.samefloats(a.f32s, a.others32)", 1.3 },
    lua = "samelist(numbers, floats)", python = "f32s == others32",
    numpy = { "array_equal(nf32s, nothers32)", 1 },
    luajit = "for k = 0, items - 1 do if f32s[k] ~= tofloat[k] then sum = sum + 1 end end" },
  { "v:equals(w), B and H", memview = "u8s:equals(u16s)",
    floor = { "floor.samebyteshort(a.u8s, a.u16s)", 1.3 },
    python = "u8s == u16s", numpy = { "array_equal(nu8s, nu16s)", 1 },
    luajit = "for k = 0, items - 1 do if u8s[k] ~= u16s[k] then sum = sum + 1 end end" },
  { "v:equals(w), f and d", memview = "f32s:equals(f64s)",
    floor = { "floor.samefloatdouble(a.f32s, a.f64s)", 2.5 },
    python = "f32s == f64s", numpy = { "array_equal(nf32s, nf64s)", 1 },
    luajit = "for k = 0, items - 1 do if f32s[k] ~= f64s[k] then sum = sum + 1 end end" },
}

-- ---- Search -----------------------------------------------------------------------------------------

--- Bytes by a generator of its own, the same in every run.
local function randombytes(n)
  local parts, x = {}, 88172645463325252
  for i = 1, n // 8 + 1 do
    x = x ~ x << 13
    x = x ~ x >> 7
    x = x ~ x << 17
    parts[i] = string.pack("<i8", x)
  end
  return table.concat(parts):sub(1, n)
end

local function searches(size)
  local n, half = size.items, size.needle // 2
  local runs = (("a"):rep(half - 1) .. "b"):rep(n // half)
  local noise = randombytes(n)
  local needle = noise:sub(-16, -9):reverse()
  return strips({
    text = bytes(n):sub(1, n), u8s = view("B", n), i32s = memview.zeros("<i", n):copyfrom(view("B", n)),
    numbers = view("B", n):tolist(), find = string.find, noise = noise, random = memview(noise),
    needle = needle,
    same = ("a"):rep(n), same8 = memview(("a"):rep(n)), last = ("a"):rep(size.needle - 1) .. "b",
    first = "b" .. ("a"):rep(size.needle - 1), runs = runs, runs8 = memview(runs),
    middle = ("a"):rep(half) .. "b", wanted = "\255",
    indexof = function(t, x)
      for i = 1, #t do if t[i] == x then return i end end
      return nil
    end,
    countof = function(t, x)
      local count = 0
      for i = 1, #t do if t[i] == x then count = count + 1 end end
      return count
    end,
  }, "u8s i32s random same8 runs8")
end

local searchgroup <const> = {
  title = "Search, 1 M items", names = searches,
  note = "The floors are `memchr` (index of B), C loops that test once a block, and `memmem` of the C "
    .. "library, which is two-way. The column of Lua has `string.find` for `find`.",
  { "v:index(x) that misses, B", memview = "u8s:index(255)", floor = { "floor.indexbyte(a.u8s, 255)", 1.1 },
    lua = "(find(text, wanted, 1, true))", python = "text.find(255)",
    luajit = "sum = memchr(u8s, 255, items) == nil" },
  { "v:index(x) that misses, i", memview = "i32s:index(255)", floor = { "floor.indexint(a.i32s, 255)", 1.3 },
    lua = "indexof(numbers, 255)", python = "255 in i32list",
    luajit = "for k = 0, items - 1 do if i32s[k] == 255 then break end end" },
  { "v:count(x), B", memview = "u8s:count(9)", floor = { "floor.countbyte(a.u8s, 9)", 1.3 },
    lua = "countof(numbers, 9)", python = "text.count(9)", numpy = "count_nonzero(nu8s == 9)",
    luajit = "for k = 0, items - 1 do if u8s[k] == 9 then sum = sum + 1 end end" },
  { "v:count(x), i", memview = "i32s:count(9)", floor = { "floor.countint(a.i32s, 9)", 1.3 },
    lua = "countof(numbers, 9)", python = "i32list.count(9)", numpy = "count_nonzero(ni32s == 9)",
    luajit = "for k = 0, items - 1 do if i32s[k] == 9 then sum = sum + 1 end end" },
  { "v:find(s) that misses, random", memview = "random:find(needle)",
    floor = "floor.findbytes(a.random, needle)",
    lua = { "find(noise, needle, 1, true)", 1.1 }, python = "noise.find(needle)" },
  { "v:find('a...ab') in 'aaa...'", memview = "same8:find(last)",
    floor = { "floor.findbytes(a.same8, last)", 2 },
    lua = "find(same, last, 1, true)", python = "same1.find(last)" },
  { "v:find('baa...a') in 'aaa...'", memview = "same8:find(first)",
    floor = { "floor.findbytes(a.same8, first)", 2 },
    lua = "find(same, first, 1, true)", python = "same1.find(first)" },
  { "v:find('a...ab') in 'a...ba...ba...b'", memview = "runs8:find(middle)",
    floor = { "floor.findbytes(a.runs8, middle)", 2 }, lua = "find(runs, middle, 1, true)",
    python = "runs1.find(middle)" },
}

-- ---- Texts of hexadecimal digits --------------------------------------------------------------------

local function digits(size)
  local text = bytes(size.bytes):sub(1, size.bytes)
  local hex = memview(text):hex()
  return with {
    bytes = memview(text), text = text, hex = hex,
    tohex = function(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end,
    fromhex = function(s) return (s:gsub("%x%x", function(c) return string.char(tonumber(c, 16)) end)) end,
  }
end

local hexgroup <const> = {
  title = "Hexadecimal, 1 MiB", names = digits, note = "There is no floor here.",
  { "v:hex()", memview = "bytes:hex()", lua = "tohex(text)", python = { "hextext.hex()", 0.4 } },
  { "memview.fromhex(s)", memview = "memview.fromhex(hex)", lua = "fromhex(hex)",
    python = { "bytearray.fromhex(hex)", 0.7 } },
}

-- ---- struct and cursor ------------------------------------------------------------------------------

local function packing()
  local packed = string.pack("<I4HHf", 1, 2, 3, 4.5)
  local many, target = packed:rep(1000), memview.buffer(12000)
  return with {
    packed = packed, many = many, one = memview.buffer(12), target = target, reader = memview.cursor(many),
    writer = memview.cursor(target), unpack_from = struct.unpack_from, pack_into = struct.pack_into,
    spack = struct.pack, iter_unpack = struct.iter_unpack,
    values = function(got)              -- without the positions that string.unpack gives too
      for k, t in ipairs(got) do got[k] = table.pack(table.unpack(t, 1, t.n - 1)) end
      return got
    end,
  }
end

local packgroup <const> = {
  title = "struct and cursor, `<IHHf`", names = packing, single = true,
  note = "Lua's column is `string.unpack` and `string.pack` of `<I4HHf`.",
  { "unpack_from(f, s, 1)", memview = "unpack_from('<IHHf', packed, 1)",
    lua = { "unpack('<I4HHf', packed, 1)", 0.8 }, python = "unpack_from('<IHHf', packed, 0)",
    luajit = "local s = samples[5] sum = sum + s.a + s.b + s.c + s.d" },
  { "pack_into(f, b, 1, ...)", memview = "pack_into('<IHHf', one, 1, 1, 2, 3, 4.5)", result = "one:tobytes()",
    lua = { "pack('<I4HHf', 1, 2, 3, 4.5)", 0.95, result = "pack('<I4HHf', 1, 2, 3, 4.5)" },
    python = "pack_into('<IHHf', one, 0, 1, 2, 3, 4.5)",
    luajit = "local s = samples[5] s.a = 1 s.b = 2 s.c = 3 s.d = 4.5" },
  { "pack(f, ...)", memview = "spack('<IHHf', 1, 2, 3, 4.5)", lua = { "pack('<I4HHf', 1, 2, 3, 4.5)", 0.9 },
    python = "spack('<IHHf', 1, 2, 3, 4.5)" },
  { "iter_unpack(f, s)", per = 1000, memview = "for a in iter_unpack('<IHHf', many) do sum = sum + a end",
    lua = { "for p = 1, #many, 12 do local a = unpack('<I4HHf', many, p) sum = sum + a end", 0.5,
      result = "sum" },
    result = "sum", python = "for a in iter_unpack('<IHHf', many): pass",
    luajit = "for k = 0, 999 do local s = samples[k] sum = sum + s.a + s.b + s.c + s.d end" },
  { "c:unpack(f)", memview = { "reader:unpack '<IHHf'", before = "reader:seek(1)" },
    lua = { "unpack('<I4HHf', many, i * 12 - 11)", 1.6, result = "values(got)" } },
  { "c:pack(f, ...)", memview = { "writer:pack('<IHHf', 1, 2, 3, 4.5)", before = "writer:seek(1)" },
    lua = { "pack('<I4HHf', 1, 2, 3, 4.5)", 1.6, result = "pack('<I4HHf', 1, 2, 3, 4.5)" },
      result = "target:tobytes(1, 12)" },
}

-- ---- Growing ----------------------------------------------------------------------------------------

local function growing()
  local _, carray = pcall(require, "carray")
  return with { ten = "0123456789", buffer = memview.buffer, concat = table.concat, char = string.char,
    carray = type(carray) == "table" and carray or nil }
end

local growgroup <const> = {
  title = "Growing: 1000 times from nothing", names = growing, single = true,
  note = "The floor is a method that does nothing. Where lua-carray is installed, it has rows of its own.",
  { "b:append(byte)", memview = { "b:append(65)", before = "local b = buffer()" }, result = "b:tobytes()",
    floor = { "methods:nothing(65)", 1.7 },
    lua = { "t[i] = 'A'", before = "local t = {}", after = "local s = concat(t)", result = "s" },
    python = { "b.append(65)", before = "b = bytearray()" } },
  { "b:append(10 bytes)", memview = { "b:append(ten)", before = "local b = buffer()" },
    result = "b:tobytes()",
    floor = { "methods:nothing(ten)", 1.9 },
    lua = { "t[i] = ten", before = "local t = {}", after = "local s = concat(t)", result = "s" },
    python = { "b += ten", before = "b = bytearray()" } },
  { "b:append(byte), lua-carray", needs = "carray",
    memview = { "b:append(65)", before = "local b = buffer()" }, result = "b:tobytes()",
    lua = { "b:append(65)", 1, before = "local b = carray.new('char')", result = "b:tostring()" } },
  { "b:append(10 bytes), lua-carray", needs = "carray",
    memview = { "b:append(ten)", before = "local b = buffer()" }, result = "b:tobytes()",
    lua = { "b:append(ten)", 1, before = "local b = carray.new('char')", result = "b:tostring()" } },
}

-- ---- Mapped files -----------------------------------------------------------------------------------

local STEP <const> = 65536

local function mapped(size)
  return with {
    path = size.path, step = STEP,
    mapsample = function(path)
      local v <close> = memview.map(path)
      local sampled <close> = v:sub(1, -1, STEP)
      return sampled:tobytes()
    end,
    readsample = function(path)
      local file <close> = assert(io.open(path, "rb"))
      local text, t = file:read "a", {}
      for p = 1, #text, STEP do t[#t + 1] = text:sub(p, p) end
      return table.concat(t)
    end,
  }
end

local mapgroup <const> = {
  title = "Mapped files, 64 MiB", names = mapped,
  note = "A file in the system's cache, of which one byte in 64 KiB is taken. The floor does it in C; Lua's "
    .. "column reads it by `io.read 'a'`.",
  { "memview.map, a sample", memview = "mapsample(path)", floor = { "floor.samplefile(path, step)", 1.15 },
    lua = { "readsample(path)", 0.2 }, python = "mapsample(path)" },
}

local GROUPS <const> = {
  reading, writing, recordgroup, makinggroup, tablegroup, memorygroup, stridegroup, transposegroup,
  conversiongroup,
  comparisongroup, searchgroup, hexgroup, packgroup, growgroup, mapgroup,
}

--- Gives a row's piece the form that bench/timing.lua takes, and its `target`.
local function complete(row, column)
  local piece = row[column]
  if type(piece) == "string" then piece = { piece } end
  piece = { code = piece[1], target = piece[2], before = piece.before, after = piece.after,
    result = piece.result, per = row.per }
  if column == "memview" or column == "floor" then piece.result = piece.result or row.result end
  row[column] = piece
end

for _, group in ipairs(GROUPS) do
  for _, row in ipairs(group) do
    row.name, row[1] = row[1], nil
    for _, column in ipairs { "memview", "floor", "lua", "python", "numpy", "luajit" } do
      if row[column] then complete(row, column) end
    end
  end
end

return GROUPS
