-- docs/formats.md against the live library: its tables and its examples.
local memview = require "memview"
local examples = require "examples"
local helpers = require "helpers"
local most = require "machine".most

local raises = helpers.raises

local DOCUMENT = "docs/formats.md"
local calcsize = memview.struct.calcsize
local machine = string.pack("=I2", 1) == "\1\0" and "<" or ">"

-- The sizes with "@" in the document are those of machines with longs and pointers of 8 bytes.
local lp64 = string.packsize "l" == 8 and string.packsize "T" == 8

-- Reading the tables ----------------------------------------------------------------------------------

local function cells(line)
  local row = {}
  for cell in line:gmatch "|([^|]*)" do row[#row + 1] = cell:match "^%s*(.-)%s*$" end
  row[#row] = nil
  return row
end

--- All tables of the document by their headings, rows as tables by heading. Tables of the same headings are
-- one.
local function readtables()
  local found, headings, key = {}, nil, nil
  for _, line in ipairs(examples.readlines(DOCUMENT)) do
    if not line:find "^|" then
      headings = nil
    elseif not headings then
      headings = cells(line)
      key = table.concat(headings, "|")
      found[key] = found[key] or {}
    elseif not line:find "^|%-%-%-" then
      local row = {}
      for i, cell in ipairs(cells(line)) do row[headings[i]] = cell end
      table.insert(found[key], row)
    end
  end
  return found
end

local tables = readtables()

--- The rows of the table with these headings; it must be there, with `n` rows or more.
local function rows(headings, n)
  local t = assert(tables[headings], "no table " .. headings)
  assert(#t >= n, headings .. " has too few rows")
  return t
end

--- The texts in backticks of a cell.
local function code(cell)
  local list = {}
  for text in cell:gmatch "`([^`]*)`" do list[#list + 1] = text end
  return list
end

local function the(cell) return assert(code(cell)[1], cell) end

local function expect(got, want, what)
  assert(got == want, ("%s: got %s, the document says %s"):format(what, tostring(got), tostring(want)))
end

-- The specs -------------------------------------------------------------------------------------------

describe("the grammar", function()
  -- Every line of it is a function here; each gives a random text of its kind. `native` says whether the
  -- order in force is "@", `depth` counts the T{} around.
  local random = helpers.random(3118)
  local grammar = {}

  local function chance(n) return random(n) == 1 end
  local function space() return chance(4) and (" \t\n\v\f\r"):sub(random(6)):sub(1, 1) or "" end

  function grammar.order(state)
    local mark = ("@=<>!"):sub(random(5)):sub(1, 1)
    state.native = mark == "@"
    return mark .. space()
  end

  function grammar.shape()
    local lengths = {}
    for d = 1, random(3) do lengths[d] = space() .. random(0, 3) .. space() end
    return "(" .. table.concat(lengths, ",") .. ")" .. space()
  end

  function grammar.element(state, shaped)
    if chance(5) and state.depth < 4 then
      local inner = {depth = state.depth + 1, native = state.native}
      return (shaped or chance(2)) and "T{" .. grammar.items(inner, random(3)) .. "}"
        or random(0, 3) .. "T{" .. grammar.items(inner, random(3)) .. "}"
    end
    local letters = state.native and "bBhHiIlLqQnNPefd?cspx" or "bBhHiIlLqQefd?cspx"
    local letter = letters:sub(random(#letters)):sub(1, 1)
    return (chance(2) and (not shaped or letter:find "[sp]") and random(0, 9) or "") .. letter
  end

  function grammar.item(state, first)
    local order = (state.depth > 0 and chance(4)) and grammar.order(state) or ""
    local shaped = chance(5)
    if shaped then
      order = order .. grammar.shape()
      if state.depth > 0 and chance(4) or first and chance(4) then order = order .. grammar.order(state) end
    end
    local element = grammar.element(state, shaped)
    state.names = (state.names or 0) + 1
    local named = element:sub(-1) ~= "x" and chance(3)
    return order .. element .. (named and (":n %d>:"):format(state.names) or "")
  end

  function grammar.items(state, n)
    local list = {}
    local free = state.depth == 0 and not state.ordered
    for i = 1, n do list[i] = space() .. grammar.item(state, free and i == 1) end
    return table.concat(list) .. space()
  end

  function grammar.format()
    local state = {depth = 0, native = true, ordered = chance(2)}
    if not state.ordered then return (grammar.items(state, random(0, 4)):gsub("^%s+", "")) end
    return grammar.order(state) .. grammar.items(state, random(0, 4))
  end

  it("makes formats, which come back as their canonical text", function()
    local viewable = 0
    for _ = 1, 3000 do
      local format = grammar.format()
      local ok, size = pcall(calcsize, format)
      assert(ok, size)
      local isview, v = pcall(memview.zeros, format, 1)
      if isview then
        viewable = viewable + 1
        expect(v.itemsize, size, format)
        expect(calcsize(v.format), size, format .. " as " .. v.format)
        expect(memview.zeros(v.format, 1).format, v.format, format)
      end
    end
    assert(viewable > 1000)
  end)
end)

describe("the table of letters", function()
  local letters = rows("letter|C type|`@` size|`@` alignment|other size|reads as|takes", 21)

  it("has every letter once", function()
    local seen = {}
    for _, row in ipairs(letters) do
      local letter = the(row.letter)
      assert.is_nil(seen[letter], letter)
      seen[letter] = true
    end
    for byte = 33, 126 do
      local letter = string.char(byte)
      expect(pcall(calcsize, letter) and not letter:find "[@=<>!]", seen[letter] or false, letter)
    end
  end)

  it("has the sizes and the alignment with @", function()
    if not lp64 then return pending "other sizes of long and pointers" end
    for _, row in ipairs(letters) do
      local letter = the(row.letter)
      expect(calcsize("@" .. letter), tonumber(row["`@` size"]), letter)
      expect(calcsize("B0" .. letter), tonumber(row["`@` alignment"]), letter .. " aligned")
    end
  end)

  it("has the sizes with the other orders", function()
    for _, row in ipairs(letters) do
      local size = row["other size"]
      for order in ("=<>!"):gmatch "." do
        local ok, got = pcall(calcsize, order .. the(row.letter))
        expect(ok and got or "none", tonumber(size) or size, order .. the(row.letter))
      end
    end
  end)

  it("says what is read", function()
    for _, row in ipairs(letters) do
      local values = table.pack(memview.struct.unpack(the(row.letter), ("\0"):rep(calcsize(the(row.letter)))))
      local kind = values.n == 0 and "nothing" or math.type(values[1]) or type(values[1])
      expect(kind, row["reads as"], the(row.letter))
    end
  end)

  it("says what is taken", function()
    local samples = { 1, 1.0, 1.5, true, "1", memview.buffer "1", {} }
    local taken = {
      integer = { true, true }, number = { true, true, true }, boolean = { [4] = true },
      bytes = { [5] = true, [6] = true },
    }
    for _, row in ipairs(letters) do
      for i, sample in ipairs(row.takes == "nothing" and {} or samples) do
        -- A 'p' of one byte holds the empty string alone.
        local letter = the(row.letter) == "p" and "2p" or the(row.letter)
        local ok = pcall(memview.struct.pack, letter, sample)
        expect(ok, taken[row.takes][i] or false, letter .. " of sample " .. i)
      end
    end
  end)
end)

describe("the table of names", function()
  it("has the letters and sizes of the names", function()
    for _, row in ipairs(rows("name|means|bytes", 13)) do
      local name = the(row.name)
      expect(memview.zeros(name, 1).format, the(row.means), name)
      expect(calcsize(">" .. name), tonumber(row.bytes), name)
    end
  end)
end)

describe("the table of orders", function()
  it("has what each order does", function()
    local bytes = {
      ["little-endian"] = "\1\0", ["big-endian"] = "\0\1", ["the machine's"] = string.pack("=I2", 1),
    }
    local canonical = { nothing = "", ["the machine's"] = machine }
    for _, row in ipairs(rows("order|bytes|sizes|alignment|canonical", 5)) do
      local order = the(row.order)
      expect(memview.struct.pack(order .. "H", 1), bytes[row.bytes], order)
      expect(calcsize(order .. "l"), row.sizes == "standard" and 4 or string.packsize "l", order)
      expect(calcsize(order .. "Bi"), row.alignment == "none" and 5 or string.packsize "!Bi", order)
      local mark = canonical[row.canonical] or the(row.canonical)
      expect(memview.zeros(order .. "H", 1).format, mark .. "H", order)
    end
  end)
end)

describe("the tables of layouts", function()
  it("have sizes, values and canonical texts", function()
    for _, row in ipairs(rows("format|bytes|values|canonical", 30)) do
      local format = the(row.format)
      local v = memview.zeros(format, 1)
      local isrecord = memview.type(v[1]) == "view"
      if lp64 or not format:find "l" then expect(calcsize(format), tonumber(row.bytes), format) end
      expect(isrecord and #v[1] or 1, tonumber(row.values), format .. " values")
      expect(v.format, the(row.canonical), format .. " canonical")
      expect(memview.zeros(v.format, 1).format, v.format, format .. " again")
    end
  end)
end)

describe("the table of what is not of a view", function()
  it("has sizes and reasons", function()
    for _, row in ipairs(rows("format|bytes|why not", 4)) do
      local format = the(row.format)
      expect(calcsize(format), tonumber(row.bytes), format)
      raises(("format '%s' cannot make a view: %s"):format(format, row["why not"]), memview.zeros, format, 1)
    end
  end)
end)

describe("the table of ranges", function()
  it("has the lowest and the highest integers", function()
    for _, row in ipairs(rows("letters|lowest|highest", 6)) do
      for _, format in ipairs(code(row.letters)) do
        local v = memview.zeros(format, 2)
        local low, high = math.tointeger(row.lowest), math.tointeger(row.highest)
        v[1], v[2] = low, high
        expect(v[1], low, format)
        expect(v[2], high, format)
        local range = ("(%d to %d)"):format(low, high)
        raises(range, function() v[1] = low - 1 end)
        raises(range, function() v[1] = high + 1 end)
      end
    end
  end)
end)

describe("the table of errors", function()
  it("has positions and reasons", function()
    for _, row in ipairs(rows("format|position|reason", 20)) do
      local format = the(row.format):gsub(math.maxinteger, most)
      local message = ("bad format '%s' at position %s: %s"):format(format, row.position, row.reason)
      raises(message, calcsize, format)
    end
  end)
end)

describe("the table of limits", function()
  -- A format at each limit, made of n parts.
  local makers = {
    ["bytes of a text"] = function(n) return ("B"):rep(n) end,
    ["levels of `T{}`"] = function(n) return ("T{"):rep(n) .. "B" .. ("}"):rep(n) end,
    ["values of 0 bytes in a member"] = function(n) return ("(%d)0s"):format(n) end,
    ["dimensions of a member"] = function(n) return "(" .. ("1,"):rep(n - 1) .. "1)B" end,
  }

  it("has what is allowed and what is said beyond", function()
    for _, row in ipairs(rows("limit|is|else", 4)) do
      local make, n = assert(makers[row.limit], row.limit), math.tointeger(row.is)
      assert.is_true(pcall(calcsize, make(n)), row.limit)
      raises(row["else"], calcsize, make(n + 1))
    end
  end)
end)

describe("the table of other languages", function()
  local types = rows("here|bytes|C|`struct`|`string.pack`|numpy|OpenGL, glTF", 24)

  -- Sizes of the names, from elsewhere than the document.
  local csizes = {
    ["unsigned char"] = "B", ["signed char"] = "b", char = "b", bool = "b", ["unsigned short"] = "H",
    short = "h", ["unsigned int"] = "I", int = "i", long = "l", ["unsigned long"] = "L", ["long long"] = "j",
    ["unsigned long long"] = "J", float = "f", double = "d", size_t = "T", ptrdiff_t = "T",
    ["void *"] = "T",
  }
  local glsizes = {
    [5120] = 1, [5121] = 1, [5122] = 2, [5123] = 2, [5124] = 4, [5125] = 4, [5126] = 4, [5130] = 8,
    [5131] = 2, [5132] = 4, [33640] = 4, [36255] = 4, [35899] = 4,
  }

  local function csize(name)
    local bits = name:match "^u?int(%d+)_t$"
    if bits then return bits // 8 end
    local of, n = name:match "^(.-)%[(%d+)%]$"
    return string.packsize(assert(csizes[of or name], name)) * (n or 1)
  end

  --- Calls f(row, text, bytes) for the texts in a column, where they have the size of this machine.
  local function each(column, f)
    local n = 0
    for _, row in ipairs(types) do
      for _, text in ipairs(code(row[column])) do
        n = n + 1
        if lp64 or not the(row.here):find "@" then f(row, text, math.tointeger(row.bytes)) end
      end
    end
    assert(n > 0, column)
  end

  it("has formats of these sizes, each of one letter", function()
    each("here", function(row, format, bytes)
      expect(calcsize(format), bytes, format)
      if format ~= "4x" then
        expect(memview.zeros(format, 1).format, memview.zeros(the(row.here), 1).format, format)
      end
    end)
  end)

  it("has C types of these sizes", function()
    each("C", function(_, name, bytes) expect(csize(name), bytes, name) end)
  end)

  it("has the formats of struct, which are formats here and mean the same", function()
    each("`struct`", function(row, format)
      if format ~= "4x" then
        expect(memview.zeros(format, 1).format, memview.zeros(the(row.here), 1).format, format)
      end
    end)
  end)

  it("has the formats of string.pack, which give the same bytes", function()
    local values = { integer = { 65 }, float = { 1.5 }, string = { "a" }, ["nil"] = {} }
    each("`string.pack`", function(row, format, bytes)
      local here = the(row.here)
      local zero = memview.struct.unpack(here, ("\0"):rep(bytes))
      local value = values[math.type(zero) or type(zero)]
      expect(string.packsize(format), bytes, format)
      expect(memview.struct.pack(here, table.unpack(value)), string.pack(format, table.unpack(value)), format)
    end)
  end)

  it("has the short names of numpy, which count bytes", function()
    each("numpy", function(_, name, bytes)
      local short = name:match "^%a(%d+)$"
      local bits = name:match "^%l%l+(%d+)$"
      if short then expect(math.tointeger(short), bytes, name) end
      if bits then expect(bits // 8, bytes, name) end
    end)
  end)

  it("has the constants of OpenGL", function()
    for _, row in ipairs(types) do
      local number = math.tointeger(row["OpenGL, glTF"]:match "(%d+)$")
      if number then expect(glsizes[number], math.tointeger(row.bytes), row["OpenGL, glTF"]) end
    end
  end)

  it("has the highest and lowest values that a shader sees of what is normalised", function()
    for _, row in ipairs(rows("attribute|column|a shader sees", 5)) do
      local sees = load("local x = ... return " .. the(row["a shader sees"]))
      local bits = 8 * calcsize(the(row.column))
      local signed = the(row.column):find "%l" ~= nil
      if row.attribute:find "normalised" then
        expect(sees((1 << (signed and bits - 1 or bits)) - 1), 1.0, row.attribute)
        expect(sees(signed and -(1 << (bits - 1)) or 0), signed and -1 or 0.0, row.attribute)
      else
        expect(sees(1 << 16), 1.0, row.attribute)
      end
    end
  end)
end)

describe("the document's example", function()
  local entries, loose = examples.parse(DOCUMENT)
  assert(#entries == 0)
  for _, example in ipairs(loose.examples) do
    it(("in line %d does what it shows"):format(example.line), function() examples.run(example) end)
  end
end)
