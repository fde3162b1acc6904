-- Runs the examples of documents with whatever memview Lua finds, and without busted: for a library as it is
-- installed. lua5.4 tools/examples.lua DOCUMENT...
local examples = dofile "spec/examples.lua"

local function runall(list)
  for _, example in ipairs(list) do examples.run(example) end
  return #list
end

for _, document in ipairs(arg) do
  local entries, loose = examples.parse(document)
  local count = runall(loose.examples)
  for _, entry in ipairs(entries) do count = count + runall(entry.examples) end
  assert(count > 0, document .. " has no examples")
  print(("%s: %d examples"):format(document, count))
end
