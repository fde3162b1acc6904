-- Every error message in full: what a script does, and what it is told. A message says what was wrong, the
-- value, and what would be right. Where a function is called as a method, arguments count without self.
local memview = require "memview"
local examples = require "examples"
local machine = require "machine"

-- Lines without indent are calls, each in a chunk of its own; the indented lines below are the message of all
-- of them, without the place. "..." in it stands for any text (Lua 5.4.0 calls `<` 'order', the others 'lt').
-- The names are those of THINGS below.
local MESSAGES = [=[
# released
gone:sub()
gone[1]
gone[1] = 1
gone.format
#gone
gone:equals(v)
v:equals(gone)
v:compare(gone)
v .. gone
memview(gone)
struct.unpack("B", gone)
gone:dump()
b:append(gone)
gonerec.id
gonerec.id = 1
    attempt to use a released view
goneb:append(1)
goneb[1]
goneb[1] = 1
goneb.nosuch
#goneb
goneb:find("x")
goneb .. "x"
memview(goneb)
goneb:view()
v:copyfrom(goneb)
    attempt to use a released buffer
memview.cursor(gone)
    bad argument #1 to 'cursor' (attempt to use a released view)
memview.cursor(goneb)
    bad argument #1 to 'cursor' (attempt to use a released buffer)
v:writeto(closed)
b:writeto(closed)
v:readfrom(closed)
b:readfrom(closed)
    attempt to use a closed file

# what is not self
memview.sub()
    bad argument #1 to 'sub' (view expected, got no value)
memview.sub(1)
    bad argument #1 to 'sub' (view expected, got number)
memview.sub(b)
    bad argument #1 to 'sub' (view expected, got memview.Buffer)
memview.shape("x")
    bad argument #1 to 'shape' (view expected, got string)
b.append()
    bad argument #1 to 'append' (buffer expected, got no value)
b.append(1, 2)
    bad argument #1 to 'append' (buffer expected, got number)
b.append(v, 2)
    bad argument #1 to 'append' (buffer expected, got memview.View)
c.unpack()
    bad argument #1 to 'unpack' (cursor expected, got nil)
c.unpack("B")
    bad argument #1 to 'unpack' (cursor expected, got string)
c.seek(1)
    bad argument #1 to 'seek' (cursor expected, got number)
c.take({}, 1)
    bad argument #1 to 'take' (cursor expected, got table)
memview.dump()
    bad argument #1 to 'dump' (string, buffer or view expected, got nil)
memview.dump(1)
    bad argument #1 to 'dump' (string, buffer or view expected, got number)

# metamethods called by hand
debug.getmetatable(v).__eq(1, 2)
    bad argument #1 to '__eq' (view or buffer expected, got number)
debug.getmetatable(v).__index(1, 2)
    bad argument #1 to '__index' (view expected, got number)
debug.getmetatable(v).__newindex("x", 1, 2)
    bad argument #1 to '__newindex' (view expected, got string)
debug.getmetatable(b).__index(v, 1)
    bad argument #1 to '__index' (buffer expected, got memview.View)
debug.getmetatable(b).__lt(1, 2)
    bad argument #1 to '__lt' (string, buffer or view expected, got number)

# read-only
ro[1] = 0
rorec.id = 1
    view is read-only
ro:fill(0)
    view is read-only
ro:set(1, 0)
    view is read-only
ro:setbits(0, 1, 1)
    view is read-only
ro:byteswap()
    view is read-only
ro:copyfrom("abc")
    view is read-only
ro:readfrom(file)
    view is read-only
memview.fill(ro, 0)
    view is read-only
struct.pack_into("<H", ro, 1, 1)
    bad argument #2 to 'pack_into' (view is read-only)
struct.pack_into("<H", "ab", 1, 1)
    bad argument #2 to 'pack_into' (string is read-only)
c:pack("B", 1)
    string is read-only

# exporters
memview({})
    bad argument #1 to 'memview' (string, buffer or view expected, got table)
memview(10)
    bad argument #1 to 'memview' (string, buffer or view expected, got number)
memview(nil)
    bad argument #1 to 'memview' (string, buffer or view expected, got nil)
memview()
    bad argument #1 to 'memview' (value expected)
memview.view({})
    bad argument #1 to 'view' (string, buffer or view expected, got table)
memview.view()
    bad argument #1 to 'view' (value expected)
memview(liar)
    '__buffer' must return a string, buffer or view, got number
memview.buffer(true)
    bad argument #1 to 'buffer' (size, string, buffer, view or table expected, got boolean)
memview.buffer(-1)
    bad argument #1 to 'buffer' (size -1 (0 or more expected))
memview.buffer(1.5)
    bad argument #1 to 'buffer' (number has no integer representation)
memview.buffer({72, 256})
    bad argument #1 to 'buffer' (256 does not fit 'B' (0 to 255) (item 2))
memview.buffer({72, "1"})
    bad argument #1 to 'buffer' (integer expected for 'B', got string (item 2))
memview.buffer({x = 1})
    bad argument #1 to 'buffer' (table of items expected, got one with the key 'x' and no items)
memview.buffer(short)
    bad argument #1 to 'buffer' (length -1 of table is out of range)
b:append(nil)
    bad argument #1 to 'append' (byte, string, buffer or view expected, got nil)
b:append("x", {})
    bad argument #2 to 'append' (byte, string, buffer or view expected, got table)
v:find(1)
    bad argument #1 to 'find' (string, buffer or view expected, got number)
v:compare()
    bad argument #1 to 'compare' (string, buffer or view expected, got no value)
b:compare(1)
    bad argument #1 to 'compare' (string, buffer or view expected, got number)
struct.unpack("<HH")
    bad argument #2 to 'unpack' (string, buffer or view expected, got nil)
struct.unpack("<HH", 1)
    bad argument #2 to 'unpack' (string, buffer or view expected, got number)
memview.cursor()
    bad argument #1 to 'cursor' (string, buffer or view expected, got nil)
memview.cursor({})
    bad argument #1 to 'cursor' (string, buffer or view expected, got table)
v .. {}
    attempt to concatenate a table value
nil .. b
    attempt to concatenate a nil value
b < 1
    bad argument #2 to '...' (string, buffer or view expected, got number)
{} < b
    bad argument #1 to '...' (string, buffer or view expected, got table)
b <= nil
    bad argument #2 to '...' (string, buffer or view expected, got nil)
memview.type()
    bad argument #1 to 'type' (value expected)
v:equals()
    bad argument #1 to 'equals' (value expected)
memview.fromhex("48 6x")
    bad argument #1 to 'fromhex' (hex digit expected at position 5, got 'x')
memview.fromhex("4\0")
    bad argument #1 to 'fromhex' (hex digit expected at position 2, got byte 0)
memview.fromhex("486")
    bad argument #1 to 'fromhex' (hex digit expected at position 4, at the end of the text)
memview.fromhex(48)
    bad argument #1 to 'fromhex' (string expected, got number)
memview.fromhex()
    bad argument #1 to 'fromhex' (string expected, got no value)

# indices
v[7] = 1
    bad argument #2 to 'newindex' (index 7 out of range (1 to 5))
v[-6] = 1
    bad argument #2 to 'newindex' (index -6 out of range (1 to 5))
empty[1] = 1
    bad argument #2 to 'newindex' (index 1 out of range (view is empty))
emptyb[1] = 1
    bad argument #2 to 'newindex' (index 1 out of range (buffer is empty))
b[9] = 1
    bad argument #2 to 'newindex' (index 9 out of range (1 to 5))
m:get(2, 4)
    bad argument #2 to 'get' (index 4 out of range (1 to 3))
memview.get(m, 2, 4)
    bad argument #3 to 'get' (index 4 out of range (1 to 3))
m:set(3, 1, 0)
    bad argument #1 to 'set' (index 3 out of range (1 to 2))
m:slice(nil, 4)
    bad argument #2 to 'slice' (index 4 out of range (1 to 3))
v[1.5]
    bad argument #2 to 'index' (number has no integer representation)
v[1.5] = 1
    bad argument #2 to 'newindex' (number has no integer representation)
b[1.5]
rec[1.5]
    bad argument #2 to 'index' (number has no integer representation)
v:sub(1.5)
    bad argument #1 to 'sub' (number has no integer representation)
v:sub("1")
    bad argument #1 to 'sub' (number expected, got string)
memview.sub(v, "1")
    bad argument #2 to 'sub' (number expected, got string)
v:sub(1, {})
    bad argument #2 to 'sub' (number expected, got table)
b:sub(1, 2, "x")
    bad argument #3 to 'sub' (number expected, got string)
v:tobytes(1, "2")
    bad argument #2 to 'tobytes' (number expected, got string)
v:tolist("1")
    bad argument #1 to 'tolist' (number expected, got string)
v:unpack(1, {})
    bad argument #2 to 'unpack' (number expected, got table)
v:fill(0, "x")
    bad argument #2 to 'fill' (number expected, got string)
v:index(1, "x")
    bad argument #2 to 'index' (number expected, got string)
v:find("a", "x")
    bad argument #2 to 'find' (number expected, got string)
v:hex(" ", "x")
    bad argument #2 to 'hex' (number expected, got string)
m:get(2, "1")
    bad argument #2 to 'get' (number expected, got string)
v:get()
    1 index expected, got 0
m:get(2)
    2 indices expected, got 1
m:set(2)
    2 indices expected, got 0
v:sub(1, 2, 0)
b:sub(1, 2, 0)
    bad argument #3 to 'sub' (step must not be 0)
m:slice({1, 2, 0})
    bad argument #1 to 'slice' (step must not be 0)
m:slice(1, {1, 2.5})
    bad argument #2 to 'slice' (range {i, j, step} of integers expected, got 2.5 in it)
m:slice(true)
    bad argument #1 to 'slice' (integer, range table or nil expected, got boolean)
m:slice(1, 2, 3)
    3 arguments for 2 dimensions
v:slice(1, 2)
    2 arguments for 1 dimension
b:insert(9, 1)
    bad argument #1 to 'insert' (position 9 out of range (1 to 6))
b:insert(0, 1)
    bad argument #1 to 'insert' (position 0 out of range (1 to 6))
b:insert("1", 1)
    bad argument #1 to 'insert' (number expected, got string)
b:insert(1)
    bad argument #2 to 'insert' (value expected)
b:remove(9)
    bad argument #1 to 'remove' (index 9 out of range (1 to 5))
b:remove(0)
    bad argument #1 to 'remove' (index 0 out of range (1 to 5))
emptyb:remove(1)
    bad argument #1 to 'remove' (index 1 out of range (buffer is empty))
b:remove()
    bad argument #1 to 'remove' (number expected, got no value)
b:remove(1, "x")
    bad argument #2 to 'remove' (number expected, got string)
v:copyfrom("ab", 7)
    bad argument #2 to 'copyfrom' (position 7 out of range (1 to 6))
v:copyfrom("ab", "1")
    bad argument #2 to 'copyfrom' (number expected, got string)
v:copyfrom({1, 2}, 5)
    bad argument #1 to 'copyfrom' (2 items do not fit from position 5 on (room for 1))
many:unpack()
struct.unpack("2000000B", many)
manyrec:unpack()
    too many results to unpack
v.format = "B"
    bad argument #2 to 'newindex' (cannot assign to 'format' of a view)
v["1"] = 1
    bad argument #2 to 'newindex' (cannot assign to '1' of a view: a string is no position)
b.size = 1
    bad argument #2 to 'newindex' (cannot assign to 'size' of a buffer)
v:nosuch()
    attempt to call a nil value (method 'nosuch')
cell[1]
    view has 0 dimensions; get() reads it
cell[1] = 1
    view has 0 dimensions; set() writes it
#cell
    view has 0 dimensions, so no length
cell:sub()
    view has 0 dimensions, so no length
cell:tolist(1)
    view has 0 dimensions, so no length
m:index(1)
    1-dimensional view expected, got 2 dimensions
m:count(1)
    1-dimensional view expected, got 2 dimensions
m:find("a")
    1-dimensional view of bytes expected, got 2 dimensions of 'B'
shorts:find("a")
    1-dimensional view of bytes expected, got 1 dimension of '<H'
m:getbits(0, 1)
    1-dimensional view of bytes expected, got 2 dimensions of 'B'
shorts:setbits(0, 1, 1)
    1-dimensional view of bytes expected, got 1 dimension of '<H'
strided1:find("a")
    view is not contiguous; tocontiguous() gives one that is
v:field("id")
    view of records expected, got items of 'B'
v:flush()
    view is not of a mapped file

# shapes
memview.zeros("B")
    bad argument #2 to 'zeros' (shape (number or table) expected, got nil)
memview.zeros("B", "3")
    bad argument #2 to 'zeros' (shape (number or table) expected, got string)
memview.zeros("B", -1)
    bad argument #2 to 'zeros' (length -1 in shape (0 or more expected))
memview.zeros("B", 1.5)
    bad argument #2 to 'zeros' (length 1.5 in shape (0 or more expected))
memview.zeros("B", {2, -2})
    bad argument #2 to 'zeros' (length -2 in shape (0 or more expected))
memview.zeros("B", dims65)
    bad argument #2 to 'zeros' (65 dimensions (at most 64))
memview.zeros("B", {1 << 20, 1 << 20, 1 << 30})
    bad argument #2 to 'zeros' (shape {1048576,1048576,1073741824} of 'B' is too large)
v:cast("B", "5")
    bad argument #2 to 'cast' (shape (number or table) expected, got string)
v:cast("B", {-2})
    bad argument #2 to 'cast' (length -2 in shape (0 or more expected))
v:cast("d")
    bad argument #1 to 'cast' (5 bytes are not a whole number of items of 8 bytes ('d'))
v:cast("d", {2, 2})
    bad argument #2 to 'cast' (shape {2,2} of 'd' needs 32 bytes, view has 5)
v:cast("H", {2, -1})
    bad argument #2 to 'cast' (shape {2,-1} of 'H' does not divide 5 bytes)
v:cast("B", {-1, -1})
    bad argument #2 to 'cast' (one length may be -1, and none 0 beside it: shape {-1,-1})
v:cast("B", {0, -1})
    bad argument #2 to 'cast' (one length may be -1, and none 0 beside it: shape {0,-1})
v:cast("B", {1 << 20, 1 << 20, 1 << 30})
    bad argument #2 to 'cast' (shape {1048576,1048576,1073741824} of 'B' is too large)
v:cast("B", 5, "A")
    bad argument #3 to 'cast' (order 'C' or 'F' expected, got 'A')
v:cast("B", 5, 1)
    bad argument #3 to 'cast' (order 'C' or 'F' expected, got '1')
strided:cast("H")
    view is not contiguous in its last dimension; tocontiguous() gives one that is
strided:cast("B", 4)
    view is not contiguous; tocontiguous() gives one that is
v:reshape()
    bad argument #1 to 'reshape' (shape (number or table) expected, got nil)
v:reshape("5")
    bad argument #1 to 'reshape' (shape (number or table) expected, got string)
v:reshape(dims65)
    bad argument #1 to 'reshape' (65 dimensions (at most 64))
v:reshape({4, 2})
    bad argument #1 to 'reshape' (shape {4,2} of 'B' needs 8 bytes, view has 5)
memview.reshape(v, {4, 2})
    bad argument #2 to 'reshape' (shape {4,2} of 'B' needs 8 bytes, view has 5)
v:cast("B", {"5"})
    bad argument #2 to 'cast' (integer expected as length in shape, got string)
v:reshape(5, "K")
    bad argument #2 to 'reshape' (order 'C' or 'F' expected, got 'K')
m:transpose(1)
    2 dimensions expected, got 1
m:transpose(1, 1)
    bad argument #2 to 'transpose' (dimension 1 named twice)
m:transpose(1, 3)
    bad argument #2 to 'transpose' (dimension 3 out of range (1 to 2))
m:transpose(1, "2")
    bad argument #2 to 'transpose' (number expected, got string)
v:tobytes("K")
    bad argument #1 to 'tobytes' (order 'C', 'F' or 'A' expected, got 'K')
v:tocontiguous("K")
    bad argument #1 to 'tocontiguous' (order 'C', 'F' or 'A' expected, got 'K')
v:hex("ab")
    bad argument #1 to 'hex' (separator of one ASCII character expected, got 'ab')
v:hex(1)
    bad argument #1 to 'hex' (separator of one ASCII character expected, got number)

# formats
v:cast()
    bad argument #1 to 'cast' (format string expected, got nil)
v:cast(1)
    bad argument #1 to 'cast' (format string expected, got number)
memview.cast(v, 1)
    bad argument #2 to 'cast' (format string expected, got number)
memview.zeros(3, 3)
    bad argument #1 to 'zeros' (format string expected, got number)
struct.calcsize(1)
    bad argument #1 to 'calcsize' (format string expected, got number)
struct.pack()
b:pack()
c:pack()
    bad argument #1 to 'pack' (format string expected, got no value)
c:unpack(1)
    bad argument #1 to 'unpack' (format string expected, got number)
v:cast("Hyz")
    bad argument #1 to 'cast' (bad format 'Hyz' at position 2: unknown letter 'y')
struct.calcsize("\1")
    bad argument #1 to 'calcsize' (bad format '...' at position 1: unknown letter, byte 1)
struct.calcsize("I4")
    bad argument #1 to 'calcsize' (bad format 'I4' at position 2: digits with no letter after them (a count
    stands before its letter; a size has a letter of its own: 'I' or 'u32', not 'I4'))
struct.calcsize("H3")
    bad argument #1 to 'calcsize' (bad format 'H3' at position 2: digits with no letter after them (a count
    stands before its letter; a size has a letter of its own: 'I' or 'u32', not 'I4'))
struct.calcsize("(2)")
    bad argument #1 to 'calcsize' (bad format '(2)' at position 4: letter expected)
struct.calcsize("99999999999999999999B")
    bad argument #1 to 'calcsize' (bad format '99999999999999999999B' at position 1: count too large)
struct.calcsize(most .. "I")
    bad argument #1 to 'calcsize' (bad format '...I' at position 1: items too large)
struct.calcsize("<n")
    bad argument #1 to 'calcsize' (bad format '<n' at position 2: letter has a native size only, so it needs
    '@')
struct.calcsize("B<H")
    bad argument #1 to 'calcsize' (bad format 'B<H' at position 2: an order stands at the start, or inside
    T{})
struct.calcsize("(2,)f")
    bad argument #1 to 'calcsize' (bad format '(2,)f' at position 4: length expected in an array's shape)
struct.calcsize("(2f")
    bad argument #1 to 'calcsize' (bad format '(2f' at position 3: ')' expected to close an array's shape)
struct.calcsize("(2)3f")
    bad argument #1 to 'calcsize' (bad format '(2)3f' at position 4: a shape and a count)
struct.calcsize("(" .. most .. ",2)B")
struct.calcsize("(0," .. most .. ")T{0H}")
    bad argument #1 to 'calcsize' (bad format '(...' at position 1: array too large)
struct.calcsize("TB")
    bad argument #1 to 'calcsize' (bad format 'TB' at position 1: '{' expected after 'T')
struct.calcsize("T{B")
    bad argument #1 to 'calcsize' (bad format 'T{B' at position 1: T{ not closed by '}')
struct.calcsize("T{}")
    bad argument #1 to 'calcsize' (bad format 'T{}' at position 1: record without members)
struct.calcsize("T{H:a}")
    bad argument #1 to 'calcsize' (bad format 'T{H:a}' at position 4: name not closed by ':')
struct.calcsize("T{H::}")
    bad argument #1 to 'calcsize' (bad format 'T{H::}' at position 4: empty name)
struct.calcsize("T{H:a:H:a:}")
    bad argument #1 to 'calcsize' (bad format 'T{H:a:H:a:}' at position 8: two members of this name)
struct.calcsize("2x:a:")
    bad argument #1 to 'calcsize' (bad format '2x:a:' at position 3: padding takes no name)
struct.calcsize(("T{"):rep(65) .. "B")
    bad argument #1 to 'calcsize' (bad format '...' at position 129: more than 64 levels of T{})
struct.calcsize("(" .. ("1,"):rep(64) .. "1)B")
    bad argument #1 to 'calcsize' (bad format '...' at position 1: more than 64 dimensions)
struct.calcsize("(1)T{(" .. ("1,"):rep(63) .. "1)B}")
    bad argument #1 to 'calcsize' (bad format '...' at position 1: more than 64 dimensions of arrays within
    arrays)
struct.calcsize(("B"):rep(65537))
    bad argument #1 to 'calcsize' (format longer than 65536 bytes)
v:cast("")
    bad argument #1 to 'cast' (format '' cannot make a view: it has no values)
v:cast("4x")
    bad argument #1 to 'cast' (format '4x' cannot make a view: it has no values)
v:cast("0s")
    bad argument #1 to 'cast' (format '0s' cannot make a view: its items have 0 bytes)
v:cast("(3)f")
    bad argument #1 to 'cast' (format '(3)f' cannot make a view: it is an array; give the item's format and a
    shape)
struct.iter_unpack("0s", "abcd")
    bad argument #1 to 'iter_unpack' (format '0s' has 0 bytes (1 or more expected))

# values
v[1] = 300
    bad argument #3 to 'newindex' (300 does not fit 'B' (0 to 255))
v[1] = -1
    bad argument #3 to 'newindex' (-1 does not fit 'B' (0 to 255))
v[1] = 1e30
    bad argument #3 to 'newindex' (1e+30 does not fit 'B' (0 to 255))
v[1] = 1.5
    bad argument #3 to 'newindex' (1.5 has no integer value, as 'B' needs)
v[1] = "1"
    bad argument #3 to 'newindex' (integer expected for 'B', got string)
v[1] = true
    bad argument #3 to 'newindex' (integer expected for 'B', got boolean)
v[1] = nil
    bad argument #3 to 'newindex' (integer expected for 'B', got nil)
v[1] = v
    bad argument #3 to 'newindex' (integer expected for 'B', got view)
v:set(1, 300)
    bad argument #2 to 'set' (300 does not fit 'B' (0 to 255))
memview.set(v, 1, 300)
    bad argument #3 to 'set' (300 does not fit 'B' (0 to 255))
v:fill(300)
    bad argument #1 to 'fill' (300 does not fit 'B' (0 to 255))
v:fill()
    bad argument #1 to 'fill' (integer expected for 'B', got nil)
b[1] = 256
    bad argument #3 to 'newindex' (256 does not fit 'B' (0 to 255))
b:append("x", 256)
    bad argument #2 to 'append' (256 does not fit 'B' (0 to 255))
b:insert(1, 256)
    bad argument #2 to 'insert' (256 does not fit 'B' (0 to 255))
b:resize(9, 256)
    bad argument #2 to 'resize' (256 does not fit 'B' (0 to 255))
longs[1] = 1e19
    bad argument #3 to 'newindex' (1e+19 does not fit '<q' (-9223372036854775808 to 9223372036854775807))
longs[1] = 0.5
    bad argument #3 to 'newindex' (0.5 has no integer value, as '<q' needs)
ulongs[1] = 1e20
    bad argument #3 to 'newindex' (1e+20 does not fit '<Q' (0 to 18446744073709551615))
floats[1] = 1e39
    bad argument #3 to 'newindex' (1e+39 does not fit '<f' (at most 3.40282347e+38))
floats[1] = "1"
    bad argument #3 to 'newindex' (number expected for '<f', got string)
halves[1] = 1e6
    bad argument #3 to 'newindex' (1000000.0 does not fit '<e' (at most 65504))
bools[1] = 1
    bad argument #3 to 'newindex' (boolean expected for '?', got number)
chars[1] = "ab"
    bad argument #3 to 'newindex' (string of 1 byte expected for 'c', got 2 bytes)
chars[1] = 1
    bad argument #3 to 'newindex' (string expected for 'c', got number)
strings[1] = "a long one"
    bad argument #3 to 'newindex' (string of 10 bytes does not fit '4s' (at most 4))
strings[1] = 12
    bad argument #3 to 'newindex' (string expected for '4s', got number)
pascals[1] = "long"
    bad argument #3 to 'newindex' (string of 4 bytes does not fit '4p' (at most 3))
memview.array("B", {1, 300})
    bad argument #2 to 'array' (300 does not fit 'B' (0 to 255) (item 2))
memview.array("B", {{1, 2}, {3, "4"}})
    bad argument #2 to 'array' (integer expected for 'B', got string (item 2,2))
memview.array("B", {{1, 2}, 3})
    bad argument #2 to 'array' (table expected, got number (item 2))
memview.array("B", {{1, 2, 3}, {4, 5}})
    bad argument #2 to 'array' (ragged table: 3 items expected in row 2, got 2)
memview.array("B", 1)
    bad argument #2 to 'array' (table expected, got number)
memview.array("B", deep)
    bad argument #2 to 'array' (tables nested deeper than 64 dimensions)
memview.array("B", {{x = 1}})
    bad argument #2 to 'array' (table of items expected, got one with the key 'x' and no items)
memview.array("B", short)
    bad argument #2 to 'array' (length -1 of table is out of range)
m[1] = {1, 2}
    bad argument #3 to 'newindex' (table of 3 items expected, got 2)
m[1] = {1, 2, 300}
    bad argument #3 to 'newindex' (300 does not fit 'B' (0 to 255) (item 3))
m[1] = 5
    bad argument #3 to 'newindex' (string, buffer, view or table expected, got number)
m[1] = "ab"
    bad argument #3 to 'newindex' (shape {3} expected, got {2})
v:copyfrom()
    bad argument #1 to 'copyfrom' (value expected)
v:copyfrom(1)
    bad argument #1 to 'copyfrom' (string, buffer, view or table expected, got number)
v:copyfrom({1, 2})
    bad argument #1 to 'copyfrom' (table of 5 items expected, got 2)
v:copyfrom("ab")
    bad argument #1 to 'copyfrom' (shape {5} expected, got {2})
v:copyfrom(short, 1)
    bad argument #1 to 'copyfrom' (length -1 of table is out of range)
m:copyfrom("ab", 1)
    bad argument #1 to 'copyfrom' (2 bytes are not a whole number of rows of 3 items)
m:copyfrom(memview.zeros("B", {3, 2}))
    bad argument #1 to 'copyfrom' (shape {2,3} expected, got {3,2})
m:copyfrom({{1, 2, 3}, {4, 5}})
    bad argument #1 to 'copyfrom' (ragged table: 3 items expected in row 2, got 2)
v:copyfrom(memview.array("d", {1, 2, 3, 4, 5.5}))
    bad argument #1 to 'copyfrom' (5.5 has no integer value, as 'B' needs)
v:copyfrom(memview.array("d", {1, 2, 3, 4, 1e30}))
    bad argument #1 to 'copyfrom' (1e+30 does not fit 'B' (0 to 255))
shorts:copyfrom("ab")
    bad argument #1 to 'copyfrom' (bytes do not fill items of '<H' (cast the view to bytes first))
shorts:copyfrom(memview.zeros("HH", 3))
    bad argument #1 to 'copyfrom' (items like '<H' expected, got 'HH')
shorts:copyfrom(memview.zeros("3s", 3))
    bad argument #1 to 'copyfrom' (integer expected for '<H', got string)
v:index()
    bad argument #1 to 'index' (value expected)
v:getbits(39, 2)
    bad argument #1 to 'getbits' (2 bits at offset 39 do not lie in the 40 bits of the view)
v:getbits(0, 65)
    bad argument #2 to 'getbits' (width 65 out of range (1 to 64))
v:getbits(0, "1")
    bad argument #2 to 'getbits' (number expected, got string)
v:setbits(0, 3, 8)
    bad argument #3 to 'setbits' (8 does not fit 3 bits (0 to 7))
v:setbits(0, 1, -1)
    bad argument #3 to 'setbits' (-1 does not fit 1 bit (0 to 1))
v:setbits(0, 3)
    bad argument #3 to 'setbits' (number expected, got no value)

# records
rec.nosuch
    bad argument #2 to 'index' (no field 'nosuch' (fields: id, pos, color))
rec.shape = 1
    bad argument #2 to 'newindex' (no field 'shape' (fields: id, pos, color))
rec[9] = 1
    bad argument #2 to 'newindex' (no field '9' (fields: 1 to 3))
unnamed.x
    bad argument #2 to 'index' (no field 'x' (fields: 1 to 2))
unnamed[3] = 1
    bad argument #2 to 'newindex' (no field '3' (fields: 1 to 2))
rec.id = 70000
    bad argument #3 to 'newindex' (70000 does not fit '<H' (0 to 65535))
rec.id = "x"
    bad argument #3 to 'newindex' (integer expected for '<H', got string)
rec.color = {1, 2}
    bad argument #3 to 'newindex' (table of 3 items expected, got 2)
rec.color = {1, 2, 300}
    bad argument #3 to 'newindex' (300 does not fit '<B' (0 to 255) (item 3))
rec.color = "ab"
    bad argument #3 to 'newindex' (shape {3} expected, got {2})
rec.color = 5
    bad argument #3 to 'newindex' (string, buffer, view or table expected, got number)
rec.pos = {x = 40000}
    bad argument #3 to 'newindex' (40000 does not fit '<h' (-32768 to 32767) (item x))
rec.pos = {x = 1, z = 2}
    bad argument #3 to 'newindex' (no field 'z' (fields: x, y))
rec.pos = 1
    bad argument #3 to 'newindex' (table or record expected for '<T{h:x:h:y:}', got number)
recs[1] = {id = 1, pos = {x = 40000}}
    bad argument #3 to 'newindex' (40000 does not fit '<h' (-32768 to 32767) (item pos.x))
recs[1] = {id = 1, pos = {x = "1"}}
    bad argument #3 to 'newindex' (integer expected for '<h', got string (item pos.x))
recs[1] = {id = 1, color = {1}}
    bad argument #3 to 'newindex' (ragged table: 3 items expected in row color, got 1)
recs[1] = {id = 1, z = 1}
    bad argument #3 to 'newindex' (no field 'z' (fields: id, pos, color))
recs:copyfrom({{id = 1}, {z = 1}, {}})
    bad argument #1 to 'copyfrom' (no field 'z' (fields: id, pos, color) (item 2))
recs[1] = {1, 2, 3, 4}
    bad argument #3 to 'newindex' (table or record expected for '<T{h:x:h:y:}', got number (item pos))
recs[1] = 5
    bad argument #3 to 'newindex' (table or record expected for 'T{<H:id:T{h:x:h:y:}:pos:3B:color:}', got
    number)
recs[1] = unnamed
    bad argument #3 to 'newindex' (items like 'T{<H:id:T{h:x:h:y:}:pos:3B:color:}' expected, got '<HH')
recs[1] = "ab"
    bad argument #3 to 'newindex' (bytes do not fill items of 'T{<H:id:T{h:x:h:y:}:pos:3B:color:}' (cast the
    view to bytes first))
recs:fill({z = 1})
    bad argument #1 to 'fill' (no field 'z' (fields: id, pos, color))
recs:index(1)
    bad argument #1 to 'index' (table or record expected for 'T{<H:id:T{h:x:h:y:}:pos:3B:color:}', got number)
recs:field()
    bad argument #1 to 'field' (name expected, got no value)
recs:field("z")
    bad argument #1 to 'field' (no field 'z' (fields: id, pos, color))
recs:field("pos.z")
    bad argument #1 to 'field' (no field 'z' (fields: x, y))
recs:field("id.x")
    bad argument #1 to 'field' ('id.x' goes on behind a field that is no record)
recs:field(9)
    bad argument #1 to 'field' (no field '9' (fields: 1 to 3))
deeprecs:field("x")
    field has more than 64 dimensions
memview.array("T{B:x:T{<h:y:}:pos:}", {{x = 1}, {x = 1, pos = {y = 40000}}})
    bad argument #2 to 'array' (40000 does not fit '<h' (-32768 to 32767) (item 2.pos.y))

# files
v:writeto()
    bad argument #1 to 'writeto' (FILE* expected, got no value)
v:writeto("x")
    bad argument #1 to 'writeto' (FILE* expected, got string)
v:readfrom(file, 6)
    bad argument #2 to 'readfrom' (6 bytes do not fit the view (0 to 5))
v:readfrom(file, "1")
    bad argument #2 to 'readfrom' (number expected, got string)
b:readfrom(file, -1)
    bad argument #2 to 'readfrom' (-1 bytes (0 or more expected))
memview.map()
    bad argument #1 to 'map' (string expected, got no value)
memview.map({})
    bad argument #1 to 'map' (string expected, got table)
memview.map("x", "w")
    bad argument #2 to 'map' (invalid option 'w')
memview.map("x\0y")
    bad argument #1 to 'map' (path has a zero byte in it)

# buffers
held:append("x")
held:insert(1, 1)
held:remove(1)
held:resize(10)
held:reserve(100)
held:clear()
held:pack("B", 1)
held:readfrom(file)
    cannot resize buffer: 1 view is live
held2:append("x")
    cannot resize buffer: 2 views are live
b:resize()
    bad argument #1 to 'resize' (number expected, got no value)
b:resize(-1)
    bad argument #1 to 'resize' (size -1 (0 or more expected))
b:reserve(-1)
    bad argument #1 to 'reserve' (size -1 (0 or more expected))
b:resize("1")
    bad argument #1 to 'resize' (number expected, got string)

# struct
struct.pack("<HH", 1)
    2 values expected for '<HH', got 1
b:pack("<HH", 1, 2, 3)
    2 values expected for '<HH', got 3
c2:pack("<B")
    1 value expected for '<B', got 0
struct.pack("<HH", 1, 65536)
    bad argument #3 to 'pack' (65536 does not fit '<H' (0 to 65535))
b:pack("<HB", 1, "x")
    bad argument #3 to 'pack' (integer expected for '<B', got string)
c2:pack("<H", 70000)
    bad argument #2 to 'pack' (70000 does not fit '<H' (0 to 65535))
struct.pack_into("<H", b, 1, -1)
    bad argument #4 to 'pack_into' (-1 does not fit '<H' (0 to 65535))
struct.unpack("<HH", "abc")
    bad argument #2 to 'unpack' ('<HH' needs 4 bytes, there are 3)
struct.unpack_from("<I", "abc", 1)
    bad argument #3 to 'unpack_from' ('<I' needs 4 bytes at position 1, there are 3)
struct.unpack_from("<I", "abc", 5)
    bad argument #3 to 'unpack_from' (position 5 out of range (1 to 4))
struct.unpack_from("<I", "abc", "1")
    bad argument #3 to 'unpack_from' (number expected, got string)
struct.pack_into("<H", b, 5, 1)
    bad argument #3 to 'pack_into' ('<H' needs 2 bytes at position 5, there are 1)
struct.pack_into("<H", b)
    bad argument #3 to 'pack_into' (value expected)
struct.iter_unpack("<BH", "abcd")
    bad argument #2 to 'iter_unpack' (4 bytes are not a whole number of items of 3 bytes ('<BH'))
struct.unpack("<HH", strided1)
    bad argument #2 to 'unpack' (view is not contiguous; tocontiguous() gives one that is)

# cursors
memview.cursor("", "big")
    bad argument #2 to 'cursor' (order '@', '=', '<', '>' or '!' expected, got 'big')
memview.cursor("", 1)
    bad argument #2 to 'cursor' (order '@', '=', '<', '>' or '!' expected, got number)
memview.cursor(m:transpose())
    bad argument #1 to 'cursor' (view is not contiguous; tocontiguous() gives one that is)
c.position = 1
    cannot assign to 'position' of a cursor
c:unpack("I")
    bad argument #1 to 'unpack' ('I' needs 4 bytes at position 1, there are 3)
c:peek("Hy")
    bad argument #1 to 'peek' (bad format 'Hy' at position 2: unknown letter 'y')
c2:pack("<I", 1)
    bad argument #1 to 'pack' ('<I' needs 4 bytes at position 1, there are 3)
c:take(9)
    bad argument #1 to 'take' ('take' needs 9 bytes at position 1, there are 3)
c:take(-1)
    bad argument #1 to 'take' (0 or more expected, got -1)
c.take(c, "1")
    bad argument #2 to 'take' (integer expected, got string)
c:take("1")
    bad argument #1 to 'take' (integer expected, got string)
c:take(1.5)
    bad argument #1 to 'take' (number has no integer representation)
c:skip(9)
    bad argument #1 to 'skip' (position 10 out of range (1 to 4))
c:skip()
    bad argument #1 to 'skip' (integer expected, got nil)
c:align(0)
    bad argument #1 to 'align' (1 or more expected, got 0)
c:skip(1):align(16)
    bad argument #1 to 'align' (position 17 out of range (1 to 4))
c:seek(0)
    bad argument #1 to 'seek' (position 0 out of range (1 to 4))
c:seek("1")
    bad argument #1 to 'seek' (integer expected, got string)
c:cstring()
    no zero byte from position 1 on
shrunk:unpack("B")
shrunk:pack("B", 1)
shrunk:take(1)
    position 6 out of range (1 to 3)
shrunk:skip(0)
    bad argument #1 to 'skip' (position 6 out of range (1 to 3))

# dumps
v:dump(1)
    bad argument #1 to 'dump' (table of options expected, got number)
memview.dump(v, 1)
    bad argument #2 to 'dump' (table of options expected, got number)
v:dump({colour = true})
    bad argument #1 to 'dump' (unknown option 'colour' (width, max, offset, color))
v:dump({width = 0})
    bad argument #1 to 'dump' (option 'width': integer from 1 on expected, got 0)
v:dump({width = "x"})
    bad argument #1 to 'dump' (option 'width': integer from 1 on expected, got 'x')
v:dump({max = 0})
    bad argument #1 to 'dump' (option 'max': number from 1 on expected, got 0)
v:dump({offset = 1.5})
    bad argument #1 to 'dump' (option 'offset': integer expected, got 1.5)
v:dump({color = 1})
    bad argument #1 to 'dump' (option 'color': boolean expected, got 1)

# record formats
memview.record()
    bad argument #1 to 'record' (order '@', '=', '<', '>' or '!' expected, got nil)
memview.record("big", {})
    bad argument #1 to 'record' (order '@', '=', '<', '>' or '!' expected, got 'big')
memview.record("<")
    bad argument #2 to 'record' (table of fields expected, got nil)
memview.record("<", {})
memview.record("<", {{"_", "pad", 2}})
    bad argument #2 to 'record' (member expected, besides padding)
memview.record("<", {1})
    bad argument #2 to 'record' (field 1: {name, type} expected, got 1)
memview.record("<", {{}})
    bad argument #2 to 'record' (field 1: name expected, without ':' and not empty, got nil)
memview.record("<", {{1, "u8"}})
    bad argument #2 to 'record' (field 1: name expected, without ':' and not empty, got 1)
memview.record("<", {{"", "u8"}})
    bad argument #2 to 'record' (field '': name expected, without ':' and not empty, got '')
memview.record("<", {{"a:b", "u8"}})
    bad argument #2 to 'record' (field 'a:b': name expected, without ':' and not empty, got 'a:b')
memview.record("<", {{"a"}})
    bad argument #2 to 'record' (field 'a': type expected (such as 'f32'), got nil)
memview.record("<", {{"a", 1}})
    bad argument #2 to 'record' (field 'a': type expected (such as 'f32'), got 1)
memview.record("<", {{"a", "u17"}})
    bad argument #2 to 'record' (field 'a': bad format '<u17' at position 2: unknown letter 'u')
memview.record("<", {{"a", "HH"}})
    bad argument #2 to 'record' (field 'a': one item expected as type, got 'HH')
memview.record("<", {{"a", "u8"}, {"a", "u8"}})
    bad argument #2 to 'record' (field 'a': name used twice)
memview.record("<", {{"a", "u8", -1}})
    bad argument #2 to 'record' (field 'a': count of 0 or more expected, got -1)
memview.record("<", {{"a", "u8", {1, "x"}}})
    bad argument #2 to 'record' (field 'a': count of 0 or more expected, got 'x')
memview.record("<", {{"a", "u8", at = -1}})
    bad argument #2 to 'record' (field 'a': offset of 0 or more expected in 'at', got -1)
memview.record("<", {{"a", "u8", at = {}}})
    bad argument #2 to 'record' (field 'a': offset of 0 or more expected in 'at', got table)
memview.record("<", {{"a", "u8", offset = 1}})
    bad argument #2 to 'record' (field 'a': unknown key 'offset')
memview.record("<", {{"_", "pad", -1}, {"a", "u8"}})
    bad argument #2 to 'record' (field '_': count of bytes expected, got -1)
memview.record("<", {{"a", "u32"}, {"b", "u8", at = 2}})
    bad argument #2 to 'record' (field 'b': offset 2 overlaps the fields before it, which end at 4)
memview.record("@", {{"a", "u8"}, {"b", "u32", at = 2}})
    bad argument #2 to 'record' (field 'b': offset 2 is not aligned ('@' needs a multiple of 4))
memview.record("<", {{"a", "u8", at = (1 << 62) - 1}})
    bad argument #2 to 'record' (field 'a': record too large)
memview.record("<", {{"a", "u8"}, size = 0})
    bad argument #2 to 'record' (size 0 is too small: field 'a' ends at 1)
memview.record("<", {{"a", "u8"}, size = -1})
    bad argument #2 to 'record' (size of 0 or more expected, got -1)
memview.record("@", {{"a", "u32"}, size = 5})
    bad argument #2 to 'record' (size 5 is not aligned ('@' needs a multiple of 4))
memview.record("<", {{"a", "u8", setmetatable({}, {__len = function() return 65 end})}})
    bad argument #2 to 'record' (field 'a': 65 dimensions (at most 64))
memview.record("<", setmetatable({}, {__index = function(_, k) return {"a" .. k, "u8"} end}))
    bad argument #2 to 'record' (more than 65536 fields)
memview.record("<", {{"a", "u8"}, sise = 5})
    bad argument #2 to 'record' (fields: unknown key 'sise')
memview.record("<", {{"a", "u8"}, nil, {"b", "u8"}})
    bad argument #2 to 'record' (fields: unknown key 3)
]=]

-- What the calls speak of ------------------------------------------------------------------------------

local RECORD = "T{<H:id:T{h:x:h:y:}:pos:3B:color:}"

local function released(x)
  x:release()
  return x
end

local function filled(n, x)
  local t = {}
  for i = 1, n do t[i] = x end
  return t
end

local function nested(depth) return depth == 0 and {} or {nested(depth - 1)} end

--- A Buffer with so many views, which live as long as it does.
local views = setmetatable({}, {__mode = "k"})
local function held(n)
  local b = memview.buffer "abc"
  views[b] = {}
  for i = 1, n do views[b][i] = b:view() end
  return b
end

local function closed()
  local file = io.tmpfile()
  file:close()
  return file
end

--- A cursor that stands behind the end of its Buffer.
local function shrunk()
  local b = memview.buffer "abcdef"
  local c = memview.cursor(b):seek(6)
  b:resize(2)
  return c
end

local THINGS = {
  v = function() return memview.zeros("B", 5) end,
  m = function() return memview.zeros("B", {2, 3}) end,
  cell = function() return memview.zeros("B", {}) end,
  empty = function() return memview.zeros("B", 0) end,
  many = function() return memview.zeros("B", 2000000) end,
  strided = function() return memview.zeros("B", {4, 4}):slice({1, 4, 2}, {1, 4, 2}) end,
  strided1 = function() return memview.zeros("B", 9):sub(1, 9, 2) end,
  ro = function() return memview "abc" end,
  gone = function() return released(memview "abc") end,
  shorts = function() return memview.zeros("<H", 3) end,
  longs = function() return memview.zeros("<q", 1) end,
  ulongs = function() return memview.zeros("<Q", 1) end,
  halves = function() return memview.zeros("<e", 1) end,
  floats = function() return memview.zeros("<f", 1) end,
  bools = function() return memview.zeros("?", 1) end,
  chars = function() return memview.zeros("c", 1) end,
  strings = function() return memview.zeros("4s", 1) end,
  pascals = function() return memview.zeros("4p", 1) end,
  recs = function() return memview.zeros(RECORD, 3) end,
  rec = function() return memview.zeros(RECORD, 3)[1] end,
  rorec = function() return memview.zeros(RECORD, 3):toreadonly()[1] end,
  gonerec = function() return released(memview.zeros(RECORD, 3)[1]) end,
  unnamed = function() return memview.zeros("<HH", 1)[1] end,
  manyrec = function() return memview.zeros("2000000B", 1)[1] end,
  deeprecs = function() return memview.zeros("T{(" .. ("1,"):rep(39) .. "1)B:x:}", filled(40, 1)) end,
  b = function() return memview.buffer "hello" end,
  emptyb = function() return memview.buffer() end,
  goneb = function() return released(memview.buffer "abc") end,
  held = function() return held(1) end,
  held2 = function() return held(2) end,
  c = function() return memview.cursor "abc" end,
  c2 = function() return memview.cursor(memview.zeros("B", 3)) end,
  shrunk = shrunk,
  liar = function() return setmetatable({}, {__buffer = function() return 7 end}) end,
  short = function() return setmetatable({}, {__len = function() return -1 end}) end,
  deep = function() return nested(65) end,
  dims65 = function() return filled(65, 1) end,
  most = function() return machine.most end,
  file = io.tmpfile,
  closed = closed,
}

-- Names are found in THINGS, which makes them anew for each call.
local function environment()
  return setmetatable({memview = memview, struct = memview.struct}, {__index = function(env, name)
    local make = THINGS[name]
    local thing = make and make() or _G[name]
    env[name] = thing
    return thing
  end})
end

-- Reading the table ------------------------------------------------------------------------------------

--- The rows {call, message, part}, in order.
local function readrows()
  local rows, part, waiting, message = {}, nil, {}, nil
  local function close()
    for _, row in ipairs(message and waiting or {}) do row.message = message end
    if message then waiting, message = {}, nil end
  end
  for line in MESSAGES:gmatch "[^\n]+" do
    local text = line:match "^    (.*)$"
    if text then
      message = message and message .. " " .. text or text
    elseif line:find "^# " then
      close()
      part = line:sub(3)
    else
      close()
      local row = {call = line, part = part}
      rows[#rows + 1], waiting[#waiting + 1] = row, row
    end
  end
  close()
  return rows
end

local rows = readrows()

--- Text with "..." as a pattern for all of a text.
local function pattern(text)
  return "^" .. text:gsub("%p", "%%%0"):gsub("%%%.%%%.%%%.", ".*") .. "$"
end

--- What the call raises; a call that is no statement is one as a value.
local function outcome(call)
  local env = environment()
  local chunk = load("local _ = " .. call, "=at", "t", env) or assert(load(call, "=at", "t", env))
  local ok, message = pcall(chunk)
  return ok and "no error" or message
end

-- The specs --------------------------------------------------------------------------------------------

describe("the message of", function()
  for _, row in ipairs(rows) do
    it(("%s (%s)"):format(row.call, row.part), function()
      local message = outcome(row.call)
      local text = message:match "^at:1: (.*)$"
      if not text or not text:find(pattern(row.message)) then
        assert.are.equal("at:1: " .. row.message, message)
      end
    end)
  end
end)

describe("a message that a function of C passes on", function()
  it("has no place, since there is no line of Lua", function()
    local ok, message = pcall(pairs, memview.zeros("B", {}))
    assert.is_false(ok)
    assert.are.equal("view has 0 dimensions, so no length", message)
  end)
end)

-- The sources --------------------------------------------------------------------------------------------

-- Messages of the sources that no call of the table gives, and why.
local ELSEWHERE = {
  ["not enough memory"] = "make oom",
  ["memory changed its size during the call"] = "a finalizer in the midst of the call; struct_spec has one",
  ["no exporter"] = "no call gets there",
  ["length %s in shape is too large"] = "a length that only a machine of 32 bits has no room for",
  ["cannot pick behind a dimension that follows pointers"] = "memory of a C module; indirect_spec",
  ["cannot transpose through pointers"] = "memory of a C module; indirect_spec",
  ["file expected, got something with its metatable"] = "what debug.setmetatable makes; attacks_spec",
}

-- Texts of several words that are no messages.
local NO_MESSAGES = {
  ["memview.View: (released)"] = true, ["memview.Buffer: (released)"] = true,
  ["memview.Buffer: %p %I bytes"] = true, ["^attempt to use a released .*"] = true,
  ["^bad argument #1 to [^(]*%((.*)%)$"] = true,
  ["memview.Cursor: %p (released)"] = true, ["memview.Cursor: %p at %d of %d"] = true,
  [memview._VERSION] = true, [" .. (%d items)"] = true, ["(no items)"] = true,
  ["... %d lines, %d bytes, left out ..."] = true,
}

--- The source files that the rock is built of, but for those whose errors are for callers in C.
local function sourcefiles()
  local rock = {}
  assert(loadfile("memview-scm-1.rockspec", "t", rock))()
  local files = {"csrc/bind/lmv.h"}
  for _, module in pairs(rock.build.modules) do
    for _, path in ipairs(module.sources or {module}) do
      if path ~= "csrc/bind/capi.c" then files[#files + 1] = path end
    end
  end
  return files
end

--- A source without comments, and without characters in single quotes.
local function codeof(path)
  local code = table.concat(examples.readlines(path), "\n")
  if path:find "%.lua$" then code = code:gsub("%-%-[^\n]*", "") end
  return (code:gsub("/%*.-%*/", ""):gsub("#include[^\n]*", ""):gsub("'\\?\"'", ""))
end

--- The texts in a source that are messages or parts of them: of two words or more.
local function messagesof(path)
  local code = codeof(path):gsub('"%s*\n%s*"', "")
  local list = {}
  for text in code:gmatch '"([^"\n]*)"' do
    if text:find "%l%l.* .*%l%l" and not NO_MESSAGES[text] then list[#list + 1] = text end
  end
  for text in code:gmatch 'luaL_typeerror%(L, [^,]+, "([^"]*)"' do
    list[#list + 1] = "(" .. text .. " expected, got %s)"
  end
  return list
end

--- Is there a message in the table that the text of a source, a format of C, has made?
local function given(text)
  local made = text:gsub("[^%w%s%%]", "%%%0"):gsub("%%[sdIc]", ".-"):gsub("%%%%%.9g", ".-")
  for _, row in ipairs(rows) do
    if row.message:find(made) then return true end
  end
  return false
end

describe("the table", function()
  local texts = {}
  for _, path in ipairs(sourcefiles()) do
    for _, text in ipairs(messagesof(path)) do texts[text] = path end
  end

  it("has every message of the sources", function()
    local missing = {}
    for text, path in pairs(texts) do
      if not given(text) and not ELSEWHERE[text] then missing[#missing + 1] = path .. ": " .. text end
    end
    table.sort(missing)
    assert.are.equal("", table.concat(missing, "\n"))
  end)

  it("lacks the messages that are said to be elsewhere, and the sources have them", function()
    for text in pairs(ELSEWHERE) do
      assert.is_truthy(texts[text], text)
      assert.is_false(given(text), text)
    end
  end)

  it("is compared with messages that are found in the sources", function()
    for _, text in ipairs {
      "cannot %s buffer: %I view%s live", "unknown letter", "%s: name used twice",
      "(view expected, got %s)", "attempt to use a released view",
      "'%s' needs %d bytes at position %d, there are %d",
    } do
      assert.is_truthy(texts[text], text)
    end
  end)
end)
