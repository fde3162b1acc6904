-- A file of 64 MiB, and one byte out of every 64 KiB: mapped, and read by io.read with a view of the
-- string. `make bench` runs it. The best of interleaved rounds, the file in the cache of the system.
local memview = require "memview"

local SIZE, STEP, ROUNDS = 64 << 20, 1 << 16, 7
local path = os.tmpname()

local file = assert(io.open(path, "wb"))
local block = memview.zeros("B", 1 << 20)
for i = 0, SIZE // #block - 1 do block:fill(i % 256):writeto(file) end
file:close()

local function sample(v)
  local sum = 0
  for i = 1, #v, STEP do sum = sum + v[i] end
  return sum
end

local ways = {
  { "memview.map", function()
    local v <close> = assert(memview.map(path))
    return sample(v)
  end },
  { "io.read('a') and a view", function()
    local f <close> = assert(io.open(path, "rb"))
    return sample(memview(f:read "a"))
  end },
}

for _ = 1, ROUNDS do
  for _, way in ipairs(ways) do
    collectgarbage()
    local start = os.clock()
    way.sum = way[2]()
    way.best = math.min(way.best or math.huge, os.clock() - start)
  end
end
os.remove(path)
assert(ways[1].sum == ways[2].sum)

print(("64 MiB, every 64 KiB a byte; best of %d rounds"):format(ROUNDS))
for _, way in ipairs(ways) do print(("%-28s %9.1f us"):format(way[1], way.best * 1e6)) end
print(("map: 1/%.0f of io.read"):format(ways[2].best / ways[1].best))
