-- examples/glb.lua on models that real tools made (see examples/README.md) and on models made here, against
-- the OBJ file that they were made from and string.unpack.
local memview = require "memview"
local tools = require "exampletools"
local helpers = require "helpers"
local glb = dofile "examples/glb.lua"

local fails = tools.fails
local INTERLEAVED, PACKED = "examples/assets/torus.glb", "examples/assets/torus-packed.glb"

--- The vertices of the OBJ, and its faces as {vertex, vertex, vertex, vertex} from 1.
local function readobj()
  local vertices, faces = {}, {}
  for line in io.lines "examples/assets/torus.obj" do
    local x, y, z = line:match("^v (%S+) (%S+) (%S+)$")
    if x then vertices[#vertices + 1] = {tonumber(x), tonumber(y), tonumber(z)} end
    local face = line:match("^f (.*)")
    if face then
      local corners = {}
      for vertex in face:gmatch("(%d+)//%d+") do corners[#corners + 1] = math.tointeger(vertex) end
      faces[#faces + 1] = corners
    end
  end
  assert(#vertices == 96 and #faces == 96)
  return vertices, faces
end

--- The JSON and the bytes of a GLB, read by string.unpack.
local function readchunks(bytes)
  local magic, version, length, at = string.unpack("<c4 I4 I4", bytes)
  assert(magic == "glTF" and version == 2 and length == #bytes)
  local jsonsize, json, binsize, bin
  jsonsize, json, at = string.unpack("<I4 c4", bytes, at)
  assert(json == "JSON")
  local text = bytes:sub(at, at + jsonsize - 1)
  binsize, bin, at = string.unpack("<I4 c4", bytes, at + jsonsize)
  assert(bin == "BIN\0" and at + binsize - 1 == #bytes)
  return text, bytes:sub(at)
end

--- A GLB of a text and bytes.
local function makeglb(json, bin)
  json = json .. (" "):rep(-#json % 4)
  bin = bin .. ("\0"):rep(-#bin % 4)
  local chunks = string.pack("<I4 c4", #json, "JSON") .. json .. string.pack("<I4 c4", #bin, "BIN\0") .. bin
  return string.pack("<c4 I4 I4", "glTF", 2, 12 + #chunks) .. chunks
end

--- The JSON of one accessor and one bufferView, whose members are given as text.
local function onejson(accessor, place)
  return ('{"accessors":[{"bufferView":0,%s}],"bufferViews":[{"buffer":0,%s}],"buffers":[{"byteLength":1}]}')
    :format(accessor, place)
end

local function oneaccessor(accessor, place, bin)
  return glb.accessor(glb.open(makeglb(onejson(accessor, place), bin)), 0)
end

local FLOAT3 = '"componentType":5126,"type":"VEC3",'

--- Every triangle that the indices make, as the numbers of the vertices, from 1, each triangle begun with its
-- smallest one; as a set of texts.
local function triangles(indices)
  local set = {}
  for i = 1, #indices, 3 do
    local a, b, c = indices[i] + 1, indices[i + 1] + 1, indices[i + 2] + 1
    while a > b or a > c do a, b, c = b, c, a end
    set[("%d %d %d"):format(a, b, c)] = true
  end
  return set
end

--- For each position the number of the OBJ's vertex that is nearer than `distance`, which must be one.
local function findvertices(positions, distance)
  local vertices, numbers = readobj(), {}
  for i, p in ipairs(positions) do
    for k, v in ipairs(vertices) do
      local near = math.abs(p[1] - v[1]) + math.abs(p[2] - v[2]) + math.abs(p[3] - v[3]) < distance
      if near then
        assert(not numbers[i], "two vertices are near")
        numbers[i] = k
      end
    end
    assert(numbers[i], ("position %d is no vertex"):format(i))
  end
  return numbers
end

--- Asserts that positions and indices make the surface of the OBJ: each of its faces is two of the triangles.
local function assertsurface(positions, indices, distance)
  local numbers, _, faces = findvertices(positions, distance), readobj()
  local inobj = {}
  for i = 1, #indices do inobj[i] = numbers[indices[i] + 1] - 1 end
  local set, found = triangles(inobj), 0
  for _, f in ipairs(faces) do
    for _, split in ipairs {{1, 2, 3, 1, 3, 4}, {2, 3, 4, 2, 4, 1}} do
      local corners = {}
      for i, k in ipairs(split) do corners[i] = f[k] - 1 end
      local both = 0
      for triangle in pairs(triangles(corners)) do both = both + (set[triangle] and 1 or 0) end
      if both == 2 then found = found + 1 end
    end
  end
  assert.are.equal(96, found)
  assert.are.equal(2 * 96 * 3, #indices)
end

describe("glb.open()", function()
  it("gives the chunks as string.unpack finds them", function()
    for _, path in ipairs {INTERLEAVED, PACKED} do
      local bytes = tools.slurp(path)
      local text, bin = readchunks(bytes)
      local model = glb.open(bytes)
      assert.is_true(model.bin:tobytes() == bin)
      assert.are.equal(bytes, model.bin.obj)
      assert.are.equal(text:match('"generator":"(.-)"'), model.json.asset.generator)
      assert.are.equal(3, #model.json.accessors)
    end
  end)

  it("opens a model without bytes", function()
    local json = '{"asset":{}} '
    json = json .. (" "):rep(-#json % 4)
    local bytes = string.pack("<c4 I4 I4 I4 c4", "glTF", 2, 20 + #json, #json, "JSON") .. json
    assert.are.equal(0, #glb.open(bytes).bin)
    assert.are.same({}, glb.parts(glb.open(bytes)))
  end)

  it("refuses what is no GLB", function()
    fails("not a GLB: 11 bytes are too few for its header", glb.open, "glTF1234567")
    fails("not a GLB: it begins with the bytes 47 4c 54 46, not with \"glTF\"", glb.open, "GLTF12345678")
    fails("a GLB of version 1; only version 2 is read here", glb.open,
      string.pack("<c4 I4 I4", "glTF", 1, 12))
    fails("the GLB has no chunk \"JSON\"", glb.open, string.pack("<c4 I4 I4", "glTF", 2, 12))
  end)

  it("refuses JSON that is wrong", function()
    helpers.raises("the JSON of the GLB is wrong: ", glb.open, makeglb('{"a":', ""))
    fails("the JSON of the GLB is wrong: it is no object", glb.open, makeglb("12", ""))
  end)

  it("says what is missing where there is no dkjson", function()
    local loaded, preload = package.loaded.dkjson, package.preload.dkjson
    package.loaded.dkjson = nil
    package.preload.dkjson = function() error "it is not there" end
    local ok, message = pcall(glb.open, tools.slurp(PACKED))
    package.loaded.dkjson, package.preload.dkjson = loaded, preload
    assert.are.same({false, "the JSON in a GLB is read by the module dkjson, which is missing: "
      .. "luarocks install dkjson"}, {ok, message})
  end)

  it("refuses the file cut short anywhere, in one line", function()
    local bytes = tools.slurp(INTERLEAVED)
    for n = 0, #bytes - 1, 7 do
      assert.is_false(tools.survives(glb.open, bytes:sub(1, n)))
    end
    fails("the GLB has 5675 bytes of 5676: is it cut short?", glb.open, bytes:sub(1, -2))
  end)
end)

describe("glb.accessor()", function()
  it("views interleaved positions and normals as string.unpack reads them", function()
    local bytes = tools.slurp(INTERLEAVED)
    local model, _, bin = glb.open(bytes), readchunks(bytes)
    for number = 0, 1 do
      local view = glb.accessor(model, number)
      assert.are.same({96, 3}, view.shape)
      assert.are.same({24, 4}, view.strides)
      assert.are.equal(bytes, view.obj)
      for i = 1, 96 do
        local x, y, z = string.unpack("<f f f", bin, 24 * (i - 1) + 12 * number + 1)
        assert.are.same({x, y, z}, view[i]:tolist())
      end
    end
  end)

  it("views packed positions and normals, whose stride is filled up, as string.unpack reads them", function()
    local bytes = tools.slurp(PACKED)
    local model, _, bin = glb.open(bytes), readchunks(bytes)
    local positions, normals = glb.accessor(model, 0), glb.accessor(model, 1)
    assert.are.same({"<H", 8, "<b", 4},
      {positions.format, positions.strides[1], normals.format, normals.strides[1]})
    for i = 1, 96 do
      assert.are.same({string.unpack("<I2 I2 I2", bin, 8 * i - 7)}, {positions[i][1], positions[i][2],
        positions[i][3], 8 * i - 1})
      assert.are.same({string.unpack("<i1 i1 i1", bin, 768 + 4 * i - 3)}, {normals[i][1], normals[i][2],
        normals[i][3], 768 + 4 * i})
    end
  end)

  it("has the bounds that the file declares", function()
    for _, path in ipairs {INTERLEAVED, PACKED} do
      local model = glb.open(tools.slurp(path))
      local declared, positions = model.json.accessors[1], glb.accessor(model, 0)
      for k = 1, 3 do
        local low, high = glb.bounds(positions:slice({}, k))
        assert.is_true(math.abs(low - declared.min[k]) < 1e-6 and math.abs(high - declared.max[k]) < 1e-6)
      end
    end
  end)

  it("reads every type and number of components at any offset and stride", function()
    local random = helpers.random(20240830)
    local types = {
      {5120, "<i1", -128, 127}, {5121, "<I1", 0, 255}, {5122, "<i2", -32768, 32767}, {5123, "<I2", 0, 65535},
      {5125, "<I4", 0, 0xFFFFFFFF}, {5126, "<f", -2^20, 2^20},
    }
    for _, kind in ipairs(types) do
      local code, packed, low, high = table.unpack(kind)
      for name, n in pairs {SCALAR = 1, VEC2 = 2, VEC3 = 3, VEC4 = 4} do
        local width = n * string.packsize(packed)
        local stride, count = width + random(0, 9), random(1, 6)
        local first, second = random(0, 5), random(0, 5)
        local bin, expected = {("x"):rep(first + second)}, {}
        for i = 1, count do
          expected[i] = {}
          for k = 1, n do
            expected[i][k] = i == 1 and k == 1 and low or i == 1 and k == 2 and high or random(0, 100)
            bin[#bin + 1] = string.pack(packed, expected[i][k])
          end
          if i < count then bin[#bin + 1] = ("x"):rep(stride - width) end  -- the last one is not filled up
          if n == 1 then expected[i] = expected[i][1] end
        end
        local bytes = table.concat(bin)
        local view = oneaccessor(
          ('"componentType":%d,"type":"%s","count":%d,"byteOffset":%d'):format(code, name, count, second),
          ('"byteOffset":%d,"byteStride":%d,"byteLength":%d'):format(first, stride, #bytes - first), bytes)
        assert.are.same(expected, view:tolist())
      end
    end
  end)

  it("takes elements one behind the other where there is no stride", function()
    local bin = string.pack("<f f f f f f", 1, 2, 3, 4, 5, 6)
    local view = oneaccessor(FLOAT3 .. '"count":2', '"byteLength":24', bin)
    assert.are.same({{1, 2, 3}, {4, 5, 6}}, view:tolist())
    assert.are.same({12, 4}, view.strides)
  end)

  it("writes through to the file where it is a Buffer", function()
    local bytes = tools.slurp(INTERLEAVED)
    local file = memview.buffer(bytes)
    local positions = glb.accessor(glb.open(file), 0)
    for _, y in ipairs {0.25, 0.5} do positions:slice({}, 2):fill(y) end
    local start = #bytes - 4608
    for i = 0, 95 do
      local at = start + 24 * i + 4
      bytes = bytes:sub(1, at) .. string.pack("<f", 0.5) .. bytes:sub(at + 5)
    end
    assert.is_true(file:tobytes() == bytes)
  end)

  it("refuses elements outside their bufferView", function()
    local function place(count, offset, stride, length)
      return function()
        return oneaccessor(FLOAT3 .. ('"count":%d,"byteOffset":%d'):format(count, offset),
          ('"byteStride":%d,"byteLength":%d'):format(stride, length), ("\0"):rep(120))
      end
    end
    assert.are.equal(5, #place(5, 0, 24, 108)())
    local message = "accessors[0]: %d elements of 12 bytes, one every %d bytes from %d on, "
      .. "are not within %d bytes"
    for _, case in ipairs {{5, 0, 24, 107}, {5, 1, 24, 108}, {5, 0, 8, 108}, {0, 0, 24, 108}} do
      local count, offset, stride, length = table.unpack(case)
      fails(message:format(count, stride, offset, length), place(count, offset, stride, length))
    end
    fails('"byteOffset" is -4, not a size', place(1, -4, 24, 120))
    fails('"count" is 4294967296, not a size', place(1 << 32, 0, 24, 120))
    fails('"byteLength" is 9007199254740993, not a size', place(1, 0, 24, (1 << 53) + 1))
  end)

  it("refuses a bufferView outside the bytes", function()
    fails("bufferViews[0]: 24 bytes at 4 are not within 24 bytes",
      oneaccessor, FLOAT3 .. '"count":2', '"byteOffset":4,"byteLength":24', ("\0"):rep(24))
  end)

  it("refuses what it does not read", function()
    local function accessor(members, place)
      return oneaccessor(members .. ',"count":1', place or '"byteLength":12', ("\0"):rep(12))
    end
    fails("accessors[0]: MAT4 of type 5126 is not read here", accessor, '"componentType":5126,"type":"MAT4"')
    fails("accessors[0]: VEC3 of type 5124 is not read here", accessor, '"componentType":5124,"type":"VEC3"')
    fails("accessors[0] is sparse or compressed", accessor, FLOAT3 .. '"sparse":{}')
    fails("accessors[0] is in another file", accessor, FLOAT3 .. '"x":1', '"byteLength":12,"buffer":1')
    fails("there is no accessors[7]", glb.accessor, glb.open(tools.slurp(PACKED)), 7)
    fails("there is no bufferViews[9]", glb.accessor, glb.open(makeglb(
      '{"accessors":[{"bufferView":9,"componentType":5126,"type":"VEC3","count":1}]}', "")), 0)
  end)
end)

describe("glb.parts()", function()
  it("has the surface of the OBJ, interleaved", function()
    local part = glb.parts(glb.open(tools.slurp(INTERLEAVED)))[1]
    assertsurface(part.positions, part.indices, 1e-5)
  end)

  it("has the surface of the OBJ, packed in integers and scaled by the node", function()
    local model = glb.open(tools.slurp(PACKED))
    local part, node = glb.parts(model)[1], model.json.nodes[1]
    local positions = {}
    for i, p in ipairs(part.positions) do
      positions[i] = {}
      for k = 1, 3 do positions[i][k] = p[k] * node.scale[k] + node.translation[k] end
    end
    assertsurface(positions, part.indices, 3 * node.scale[1])
  end)

  it("gives the parts of every mesh, with and without indices", function()
    local json = '{"accessors":[{"bufferView":0,"componentType":5126,"type":"VEC3","count":1}],'
      .. '"bufferViews":[{"buffer":0,"byteLength":12}],"buffers":[{"byteLength":12}],"meshes":['
      .. '{"name":"a","primitives":[{"attributes":{"POSITION":0}},{"attributes":{"POSITION":0}}]},'
      .. '{"primitives":[{"attributes":{"POSITION":0},"indices":0}]}]}'
    local parts = glb.parts(glb.open(makeglb(json, ("\0"):rep(12))))
    assert.are.same({"a", "a", "mesh 1"}, {parts[1].mesh, parts[2].mesh, parts[3].mesh})
    assert.are.same({1, nil, 1}, {#parts[1].positions, parts[1].indices, #parts[3].indices})
  end)

  it("refuses a mesh without positions", function()
    fails("meshes[0] has no positions", glb.parts,
      glb.open(makeglb('{"meshes":[{"primitives":[{"attributes":{"NORMAL":0}}]}]}', "")))
  end)

  it("fails in one line on JSON whose values have other types, and never breaks", function()
    local text, bin = readchunks(tools.slurp(INTERLEAVED))
    local others = {"null", "true", '"x"', "-1", "1.5", "1e300", "[]", "{}", "[[1]]", "18446744073709551616"}
    local cases, failures = 0, 0
    for before, after in text:gmatch('":()%-?["%w.]+()') do
      for _, other in ipairs(others) do
        local damaged = text:sub(1, before - 1) .. other .. text:sub(after)
        local ok = tools.survives(function() glb.parts(glb.open(makeglb(damaged, bin))) end)
        cases, failures = cases + 1, failures + (ok and 0 or 1)
      end
    end
    assert(cases > 200 and failures > 50 and failures < cases, ("%d of %d"):format(failures, cases))
  end)
end)

describe("glb.lua", function()
  it("lists the meshes with their vertices and bounds", function()
    local text, status = tools.run("examples/glb.lua", INTERLEAVED)
    assert.are.equal(0, status, text)
    assert.are.equal(INTERLEAVED .. ": 4608 bytes of vertices and indices, 1 parts\n"
      .. "defaultobject: 96 vertices every 24 bytes, 576 indices\n"
      .. "  x from -1.4 to 1.4\n  y from -0.4 to 0.4\n  z from -1.4 to 1.4\n", text)
  end)

  it("refuses wrong files in one line", function()
    tools.refuses("usage: lua5.4 examples/glb.lua file", "examples/glb.lua")
    tools.refuses("no/such.glb: No such file or directory", "examples/glb.lua", "no/such.glb")
    tools.refuses("examples: Is a directory", "examples/glb.lua", "examples")
    tools.refuses("not a GLB: it begins with the bytes 2d 2d 2d 20, not with \"glTF\"", "examples/glb.lua",
      "examples/glb.lua")
  end)
end)
