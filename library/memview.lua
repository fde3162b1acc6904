---@meta memview
-- luacheck: ignore 212 241

-- Types of memview for the Lua language server (LuaLS). docs/manual.md says what each name does.

--- Text in the language of docs/formats.md, such as `"<H"`, `"u16"` or `"T{<f:x:f:y:}"`.
---@alias memview.Format string

--- A sequence of lengths, or one length.
---@alias memview.Shape integer | integer[]

--- Items in the order of their places: the last index runs fastest (`"C"`) or the first (`"F"`).
---@alias memview.Order "C" | "F"

--- `"A"` is `"F"` where the view is F-contiguous only, else `"C"`.
---@alias memview.AnyOrder memview.Order | "A"

--- Order of bytes, and whether sizes and alignment are those of the machine (`"@"`).
---@alias memview.ByteOrder "@" | "=" | "<" | ">" | "!"

--- A value with `__buffer` in its metatable: `__buffer(self)` gives a string, Buffer or View.
---@class memview.HasBuffer

--- What a view can be made of.
---@alias memview.Exporter string | memview.Buffer | memview.View | memview.HasBuffer

--- One dimension of `slice`: an index, `{i, j, step}` (any may be nil), or nil for all of it.
---@alias memview.Range integer | (integer | nil)[] | nil

--- The module. `memview(obj)` is `memview.view(obj)`.
---@class memview
---@operator call(memview.Exporter): memview.View
---@overload fun(obj: memview.Exporter): memview.View
local memview = {}

-- View --------------------------------------------------------------------------------------------------

--- Memory as items of a format in a shape; a live record is one too.
---@class memview.View: memview.HasBuffer
---@field [integer] any the item, a row of an N-D view, a record; nil out of range
---@field obj any the exporter; nil for memory that no Lua value owns
---@field nbytes integer the size of all items together
---@field itemsize integer the size of one item
---@field format memview.Format the format as canonical text
---@field ndim integer the number of dimensions
---@field shape integer[] the length of each dimension
---@field strides integer[] the bytes between neighbours in each dimension
---@field suboffsets integer[] | nil nil unless the view follows pointers
---@field readonly boolean
---@field contiguous boolean in C order or F order
---@field c_contiguous boolean
---@field f_contiguous boolean
---@field released boolean never raises
---@operator len: integer
---@operator concat(memview.Exporter | number): string
local View = {}

--- A view of one record: members are read and written by name or position.
---@class memview.Record: memview.View
---@field [string] any

--- The item at one index for each dimension; out of range raises.
---@param ... integer
---@return any item
function View:get(...) end

--- Writes the item at one index for each dimension; the value comes last.
---@param ... any
function View:set(...) end

--- The items `i` to `j` as results; the members of a record.
---@param i? integer
---@param j? integer
---@return any ...
function View:unpack(i, j) end

--- The items `i` to `j` of the first dimension, every `step`-th; a negative step runs down.
---@param i? integer
---@param j? integer
---@param step? integer
---@return memview.View
function View:sub(i, j, step) end

--- One argument for each dimension: an integer picks and drops it, a range narrows it.
---@param ... memview.Range
---@return memview.View
function View:slice(...) end

--- The same bytes as other items, in another shape; one length may be -1.
---@param format memview.Format
---@param shape? memview.Shape
---@param order? memview.Order
---@return memview.View
function View:cast(format, shape, order) end

--- The same items in another shape.
---@param shape memview.Shape
---@param order? memview.Order
---@return memview.View
function View:reshape(shape, order) end

--- The dimensions in that order, or reversed.
---@param ... integer
---@return memview.View
function View:transpose(...) end

--- The member of that name (or path, or position) in every record.
---@param name string | integer
---@return memview.View
function View:field(name) end

--- The same memory, which cannot be written through this view.
---@return memview.View
function View:toreadonly() end

--- The bytes of the items in logical order; of the items `i` to `j` of the first dimension.
---@param order? memview.AnyOrder
---@return string
---@overload fun(self: memview.View, i: integer, j?: integer): string
function View:tobytes(order) end

--- The items as nested tables; the value of a 0-dimensional view; records by name.
---@param i? integer
---@param j? integer
---@return any
function View:tolist(i, j) end

--- The bytes as hexadecimal digits, with `sep` between groups of `n` bytes, from the right.
---@param sep? string
---@param n? integer
---@return string
function View:hex(sep, n) end

--- A fresh, writable copy in C order.
---@return memview.View
function View:clone() end

--- The view itself where it is contiguous, else a copy.
---@param order? memview.AnyOrder
---@return memview.View
function View:tocontiguous(order) end

--- Copies items of the same shape, or to the items from `i` on; converts formats; all or nothing.
---@param src memview.Exporter | table
---@param i? integer
---@return self
function View:copyfrom(src, i) end

--- Writes `x` to all items, or to `i` to `j` of the first dimension.
---@param x any
---@param i? integer
---@param j? integer
---@return self
function View:fill(x, i, j) end

--- Reverses the bytes of each number in place.
---@return self
function View:byteswap() end

--- The index of the first item that equals `x`.
---@param x any
---@param i? integer
---@param j? integer
---@return integer | nil
function View:index(x, i, j) end

--- How many items equal `x`.
---@param x any
---@param i? integer
---@param j? integer
---@return integer
function View:count(x, i, j) end

--- Where these bytes first stand, at `init` or after it.
---@param bytes memview.Exporter
---@param init? integer
---@return integer | nil first
---@return integer | nil last
function View:find(bytes, init) end

--- Same shape and equal values, across formats.
---@param x any
---@return boolean
function View:equals(x) end

--- The order of the bytes, then of the lengths.
---@param x memview.Exporter
---@return -1 | 0 | 1
function View:compare(x) end

--- The unsigned integer in `width` bits (1 to 64) from bit `offset` (from 0) on.
---@param offset integer
---@param width integer
---@return integer
function View:getbits(offset, width) end

--- Writes `x` to `width` bits from bit `offset` on.
---@param offset integer
---@param width integer
---@param x integer
---@return self
function View:setbits(offset, width, x) end

--- Writes the bytes of the items to a file handle.
---@param file file*
---@return integer | nil count
---@return string? message
---@return integer? errno
---@return integer? written
function View:writeto(file) end

--- Fills the items with the next `n` bytes of a file handle.
---@param file file*
---@param n? integer
---@return integer | nil count
---@return string? message
---@return integer? errno
---@return integer? read
function View:readfrom(file, n) end

--- What was written to a mapped file reaches the disk.
---@return self | nil
---@return string? message
---@return integer? errno
function View:flush() end

---@class memview.DumpOptions
---@field width? integer bytes of a line, 16
---@field max? number lines, 64; `math.huge` for all
---@field offset? integer what the first byte is called, 0
---@field color? boolean with escape sequences for a terminal, false

--- A hexdump with the values of the items, for people.
---@param options? memview.DumpOptions
---@return string
function View:dump(options) end

--- Ends the view and unpins its memory; may be called again.
function View:release() end

-- Buffer --------------------------------------------------------------------------------------------------

--- Bytes that can be written and can grow; refuses to change its size while views are live.
---@class memview.Buffer: memview.HasBuffer
---@field [integer] integer a byte; nil out of range
---@operator len: integer
---@operator concat(memview.Exporter | number): string
local Buffer = {}

--- Adds bytes to the end: integers 0 to 255, strings, exporters.
---@param ... integer | memview.Exporter
---@return self
function Buffer:append(...) end

--- Appends the values as `memview.struct.pack` packs them.
---@param format memview.Format
---@param ... any
---@return self
function Buffer:pack(format, ...) end

--- Puts a byte, or bytes, before the byte at `i` (1 to `#b + 1`).
---@param i integer
---@param x integer | memview.Exporter
---@return self
function Buffer:insert(i, x) end

--- Removes the byte at `i`, or the bytes `i` to `j`.
---@param i integer
---@param j? integer
---@return self
function Buffer:remove(i, j) end

--- Makes the Buffer `n` bytes long; new bytes are `byte`, 0 by default.
---@param n integer
---@param byte? integer
---@return self
function Buffer:resize(n, byte) end

--- Makes room for `n` bytes in all.
---@param n integer
---@return self
function Buffer:reserve(n) end

--- Removes all bytes.
---@return self
function Buffer:clear() end

--- The bytes `i` to `j` as a string.
---@param i? integer
---@param j? integer
---@return string
function Buffer:tobytes(i, j) end

--- A view of the bytes `i` to `j`; it pins the Buffer.
---@param i? integer
---@param j? integer
---@param step? integer
---@return memview.View
function Buffer:sub(i, j, step) end

--- A view of all bytes; it pins the Buffer.
---@return memview.View
function Buffer:view() end

--- Where these bytes first stand, at `init` or after it.
---@param bytes memview.Exporter
---@param init? integer
---@return integer | nil first
---@return integer | nil last
function Buffer:find(bytes, init) end

--- The bytes as hexadecimal digits, with `sep` between groups of `n` bytes, from the right.
---@param sep? string
---@param n? integer
---@return string
function Buffer:hex(sep, n) end

--- Equal bytes.
---@param x any
---@return boolean
function Buffer:equals(x) end

--- The order of the bytes, then of the lengths.
---@param x memview.Exporter
---@return -1 | 0 | 1
function Buffer:compare(x) end

--- Writes all bytes to a file handle.
---@param file file*
---@return integer | nil count
---@return string? message
---@return integer? errno
---@return integer? written
function Buffer:writeto(file) end

--- Appends the next `n` bytes of a file handle, or all up to its end.
---@param file file*
---@param n? integer
---@return integer | nil count
---@return string? message
---@return integer? errno
---@return integer? read
function Buffer:readfrom(file, n) end

--- Frees the memory now; raises while views are live.
function Buffer:release() end

-- Cursor --------------------------------------------------------------------------------------------------

--- Reads and writes values one behind the other.
---@class memview.Cursor
---@field position integer of the next byte, from 1
---@field remaining integer bytes up to the end
local Cursor = {}

--- Reads the values of the format and moves behind them.
---@param format memview.Format
---@return any ...
function Cursor:unpack(format) end

--- Reads the values of the format and stays.
---@param format memview.Format
---@return any ...
function Cursor:peek(format) end

--- Writes the values and moves behind them; at its end a Buffer grows.
---@param format memview.Format
---@param ... any
---@return self
function Cursor:pack(format, ...) end

--- The next `n` bytes as a View, and moves behind them.
---@param n integer
---@return memview.View
function Cursor:take(n) end

--- The bytes up to the next zero byte, and moves behind it.
---@return string
function Cursor:cstring() end

--- Moves `n` bytes on, or back.
---@param n integer
---@return self
function Cursor:skip(n) end

--- Moves on to the next multiple of `n` bytes.
---@param n integer
---@return self
function Cursor:align(n) end

--- Moves to a position.
---@param position integer
---@return self
function Cursor:seek(position) end

-- Making --------------------------------------------------------------------------------------------------

--- A view of an exporter.
---@param obj memview.Exporter
---@return memview.View
function memview.view(obj) end

--- A Buffer of that size, of these bytes, or empty.
---@param init? integer | memview.Exporter | integer[]
---@return memview.Buffer
function memview.buffer(init) end

--- A view of fresh memory, filled with zeros.
---@param format memview.Format
---@param shape memview.Shape
---@return memview.View
function memview.zeros(format, shape) end

--- A view of fresh memory, filled from a table; nested tables give dimensions.
---@param format memview.Format
---@param values table
---@return memview.View
function memview.array(format, values) end

--- A Buffer of the bytes that the digits of `text` write.
---@param text string
---@return memview.Buffer
function memview.fromhex(text) end

--- A byte view of a file: `"r"` (default) reads, writes of `"rw"` reach the file, those of `"c"` do not.
---@param path string
---@param mode? "r" | "rw" | "c"
---@return memview.View | nil view
---@return string? message
---@return integer? errno
function memview.map(path, mode) end

--- The name and the version.
---@type string
memview._VERSION = "memview"

--- `"view"`, `"buffer"`, or nil for anything else.
---@param x any
---@return "view" | "buffer" | nil
function memview.type(x) end

--- A cursor at the first byte of an exporter; `order` is put before formats that name none.
---@param obj memview.Exporter
---@param order? memview.ByteOrder
---@return memview.Cursor
function memview.cursor(obj, order) end

--- A field of `memview.record`: name, type, count or shape; `{"_", "pad", bytes}` is padding.
---@class memview.RecordField
---@field [1] string the name
---@field [2] memview.Format the type, or `"pad"`
---@field [3]? memview.Shape
---@field at? integer the offset from the start of the record

---@class memview.RecordFields
---@field [integer] memview.RecordField
---@field size? integer of the whole

--- A record format of these fields; `"@"` lays them out as the C compiler does.
---@param order memview.ByteOrder
---@param fields memview.RecordFields
---@return memview.Format
function memview.record(order, fields) end

-- The methods and attributes of views as functions ----------------------------------------------------------

memview.byteswap = View.byteswap
memview.cast = View.cast
memview.clone = View.clone
memview.compare = View.compare
memview.copyfrom = View.copyfrom
memview.count = View.count

--- As the method; the bytes of any exporter.
---@param obj memview.Exporter
---@param options? memview.DumpOptions
---@return string
function memview.dump(obj, options) end

memview.equals = View.equals
memview.field = View.field
memview.fill = View.fill
memview.find = View.find
memview.flush = View.flush
memview.get = View.get
memview.getbits = View.getbits
memview.hex = View.hex
memview.index = View.index
memview.readfrom = View.readfrom
memview.release = View.release
memview.reshape = View.reshape
memview.set = View.set
memview.setbits = View.setbits
memview.slice = View.slice
memview.sub = View.sub
memview.tobytes = View.tobytes
memview.tocontiguous = View.tocontiguous
memview.tolist = View.tolist
memview.toreadonly = View.toreadonly
memview.transpose = View.transpose
memview.unpack = View.unpack
memview.writeto = View.writeto

---@param v memview.View
---@return any
function memview.obj(v) end

---@param v memview.View
---@return integer
function memview.nbytes(v) end

---@param v memview.View
---@return integer
function memview.itemsize(v) end

---@param v memview.View
---@return memview.Format
function memview.format(v) end

---@param v memview.View
---@return integer
function memview.ndim(v) end

---@param v memview.View
---@return integer[]
function memview.shape(v) end

---@param v memview.View
---@return integer[]
function memview.strides(v) end

---@param v memview.View
---@return integer[] | nil
function memview.suboffsets(v) end

---@param v memview.View
---@return boolean
function memview.readonly(v) end

---@param v memview.View
---@return boolean
function memview.contiguous(v) end

---@param v memview.View
---@return boolean
function memview.c_contiguous(v) end

---@param v memview.View
---@return boolean
function memview.f_contiguous(v) end

---@param v memview.View
---@return boolean
function memview.released(v) end

-- struct ----------------------------------------------------------------------------------------------------

--- Python's struct module. Values are flat; positions count bytes from 1, negative ones from the end.
---@class memview.struct
local struct = {}
memview.struct = struct

--- The size of the format in bytes.
---@param format memview.Format
---@return integer
function struct.calcsize(format) end

--- The values as a string.
---@param format memview.Format
---@param ... any
---@return string
function struct.pack(format, ...) end

--- The values in `src`, which has exactly the size of the format.
---@param format memview.Format
---@param src memview.Exporter
---@return any ...
function struct.unpack(format, src) end

--- The values from `pos` on, and the position behind them.
---@param format memview.Format
---@param src memview.Exporter
---@param pos? integer
---@return any ...
function struct.unpack_from(format, src, pos) end

--- Writes the values from `pos` on; gives the position behind them. All or nothing.
---@param format memview.Format
---@param dst memview.Buffer | memview.View | memview.HasBuffer
---@param pos? integer
---@param ... any
---@return integer
function struct.pack_into(format, dst, pos, ...) end

--- For `for`: the values of one item after the other.
---@param format memview.Format
---@param src memview.Exporter
---@return fun(): any ...
function struct.iter_unpack(format, src) end

return memview
