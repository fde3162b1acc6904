--- Reads models in binary glTF (GLB): a header, a chunk of JSON, and a chunk of bytes; the JSON says what is
-- where in the bytes. Positions become views of those bytes, interleaved with other attributes or not.
--
--    lua5.4 examples/glb.lua file      lists the meshes of a model with their vertices and bounds
--
-- As a module: local glb = dofile "examples/glb.lua". The JSON is read by dkjson (`luarocks install dkjson`).

local memview = require "memview"

local glb = {}

local function check(ok, message, ...)
  if not ok then error(message:format(...), 0) end
  return ok
end

local Header = memview.record("<", {{"magic", "4s"}, {"version", "u32"}, {"length", "u32"}})
local Chunk = memview.record("<", {{"length", "u32"}, {"kind", "4s"}})

--- The types of glTF by its numbers, which are OpenGL's, and how many of them an element of a kind has.
local COMPONENT = {
  [5120] = "i8", [5121] = "u8", [5122] = "i16", [5123] = "u16", [5125] = "u32", [5126] = "f32",
}
local COUNT = {SCALAR = 1, VEC2 = 2, VEC3 = 3, VEC4 = 4}

local function decode(text)
  local found, json = pcall(require, "dkjson")
  check(found, "the JSON in a GLB is read by the module dkjson, which is missing: luarocks install dkjson")
  local value, _, why = json.decode(text)
  return check(type(value) == "table" and value, "the JSON of the GLB is wrong: %s", why or "it is no object")
end

--- Opens a GLB in a string, a Buffer or a view.
-- @return a table: `json`, the decoded description; `bin`, a view of the bytes that it describes
function glb.open(source)
  local cursor = memview.cursor(source, "<")
  check(cursor.remaining >= 12, "not a GLB: %d bytes are too few for its header", cursor.remaining)
  local magic, version, length = cursor:unpack(Header)
  check(magic == "glTF",
    "not a GLB: it begins with the bytes %s, not with \"glTF\"", memview(magic):hex(" "))
  check(version == 2, "a GLB of version %d; only version 2 is read here", version)
  check(length - 12 <= cursor.remaining,
    "the GLB has %d bytes of %d: is it cut short?", cursor.remaining + 12, length)

  local chunks = {}
  while cursor.remaining >= 8 do
    local size, kind = cursor:unpack(Chunk)
    check(size <= cursor.remaining,
      "chunk %q has %d bytes, but the file only %d more", kind, size, cursor.remaining)
    chunks[kind] = cursor:take(size)
  end
  local json = check(chunks.JSON, "the GLB has no chunk \"JSON\"")
  return {json = decode(json:tobytes()), bin = chunks["BIN\0"] or memview("")}
end

--- A list of objects in the description; one that is not there is empty.
local function list(of, key)
  local found = of[key] == nil and {} or of[key]
  check(type(found) == "table", "%q is no list", key)
  for i, object in ipairs(found) do check(type(object) == "table", "%s[%d] is no object", key, i - 1) end
  return found
end

--- An object of a list by its number, which counts from 0.
local function entry(model, key, number)
  local i = math.tointeger(number)
  return check(i and list(model.json, key)[i + 1], "there is no %s[%s]", key, number)
end

--- A number of bytes or elements in the description, or the default where it has none.
local function size(of, key, default)
  local n = math.tointeger(of[key] or default)
  return check(n and n >= 0 and n < 1 << 32 and n, "%q is %s, not a size", key, of[key])
end

--- The elements of an accessor: a view of count x components, or of count where an element is one number.
-- They are a field of records as long as the stride; what else lies in the records does not matter here.
function glb.accessor(model, number)
  local accessor = entry(model, "accessors", number)
  local component, n = COMPONENT[accessor.componentType], COUNT[accessor.type]
  check(component and n, "accessors[%d]: %s of type %s is not read here",
    number, accessor.type, accessor.componentType)
  check(accessor.bufferView and not accessor.sparse, "accessors[%d] is sparse or compressed", number)
  local place = entry(model, "bufferViews", accessor.bufferView)
  check(place.buffer == 0 and not entry(model, "buffers", 0).uri, "accessors[%d] is in another file", number)

  local element = {"value", component, n > 1 and n or nil}
  local width = memview.struct.calcsize(memview.record("<", {element}))
  local stride, count = size(place, "byteStride", width), size(accessor, "count")
  local first, length = size(accessor, "byteOffset", 0), size(place, "byteLength")
  check(count > 0 and stride >= width and stride <= 252 and first + stride * (count - 1) + width <= length,
    "accessors[%d]: %d elements of %d bytes, one every %d bytes from %d on, are not within %d bytes",
    number, count, width, stride, first, length)
  local offset = size(place, "byteOffset", 0)
  check(offset + length <= #model.bin, "bufferViews[%d]: %d bytes at %d are not within %d bytes",
    accessor.bufferView, length, offset, #model.bin)

  local start = offset + first
  local bytes = model.bin:sub(start + 1, start + stride * count)
  if #bytes < stride * count then  -- the last element need not fill its stride: only then a copy
    bytes = memview.zeros("B", stride * count):copyfrom(bytes, 1)
  end
  return bytes:cast(memview.record("<", {element, size = stride})):field("value")
end

--- The smallest and the largest number of a column.
function glb.bounds(column)
  local low, high = math.huge, -math.huge
  for _, x in ipairs(column) do low, high = math.min(low, x), math.max(high, x) end
  return low, high
end

--- The parts of all meshes: a sequence of tables with `mesh` (its name), `positions` (a view of vertices x 3)
-- and `indices` (a view of the vertices' numbers, from 0, or nil).
function glb.parts(model)
  local parts = {}
  for i, mesh in ipairs(list(model.json, "meshes")) do
    for _, primitive in ipairs(list(mesh, "primitives")) do
      local attributes = primitive.attributes
      check(type(attributes) == "table" and attributes.POSITION, "meshes[%d] has no positions", i - 1)
      parts[#parts + 1] = {
        mesh = mesh.name and tostring(mesh.name) or "mesh " .. i - 1,
        positions = glb.accessor(model, attributes.POSITION),
        indices = primitive.indices and glb.accessor(model, primitive.indices),
      }
    end
  end
  return parts
end

local function main(path)
  check(path, "usage: lua5.4 examples/glb.lua file")
  local file, why = io.open(path, "rb")
  check(file, "%s", why)
  local bytes, failure = file:read("a")
  file:close()
  local model = glb.open(check(bytes, "%s: %s", path, failure))
  local parts = glb.parts(model)
  print(("%s: %d bytes of vertices and indices, %d parts"):format(path, #model.bin, #parts))
  for _, part in ipairs(parts) do
    local positions, indices = part.positions, part.indices
    print(("%s: %d vertices every %d bytes, %d indices"):format(
      part.mesh, #positions, positions.strides[1], indices and #indices or 0))
    for k, axis in ipairs {"x", "y", "z"} do
      print(("  %s from %g to %g"):format(axis, glb.bounds(positions:slice({}, k))))
    end
  end
end

if arg and arg[0] and arg[0]:find("glb%.lua$") then
  local ok, message = pcall(main, arg[1])
  if not ok then
    io.stderr:write("glb.lua: ", tostring(message), "\n")
    os.exit(false, true)
  end
end

return glb
