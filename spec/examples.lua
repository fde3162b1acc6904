-- The examples of a document: its Lua fences, and running them against what their `-->` comments show.
-- docs/manual.md says how these comments are read.
local examples = {}

function examples.readlines(path)
  local lines = {}
  for line in io.lines(path) do lines[#lines + 1] = line end
  return lines
end

--- The entries of a document (headings of level 3): {signature, line, examples}, where an example holds its
-- lines of code, the line of its fence and the path. Examples outside an entry stand in the second result.
function examples.parse(path)
  local entries, loose, example = {}, {examples = {}}, nil
  local entry = loose
  for number, line in ipairs(examples.readlines(path)) do
    if example then
      if line == "```" then example = nil else example[#example + 1] = line end
    elseif line == "```lua" then
      example = {line = number, path = path}
      table.insert(entry.examples, example)
    elseif line:find "^##? " then
      entry = loose
    elseif line:find "^### " then
      entry = {signature = line:match "^### `(.+)`$" or line, line = number, examples = {}}
      entries[#entries + 1] = entry
    end
  end
  return entries, loose
end

local function squeeze(text) return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")) end

--- The environment of one example. `print` records; `shows(line, text, f)` runs a line that has a comment and
-- checks what it printed or raised.
local function environment(path)
  local printed = {}
  local env = setmetatable({}, {__index = _G})
  function env.print(...)
    local texts = table.pack(...)
    for i = 1, texts.n do texts[i] = tostring(texts[i]) end
    printed[#printed + 1] = table.concat(texts, " ")
  end
  function env.__shows(line, text, f)
    printed = {}
    local ok, message = pcall(f)
    local wanted = text:match "^error: (.*)$"
    local got = ok and squeeze(table.concat(printed, " ")) or "error: " .. tostring(message)
    local good
    if wanted then good = not ok and got:find(wanted, 1, true) else good = ok and got == squeeze(text) end
    if not good then error(("%s:%d: shows %q, the text says %q"):format(path, line, got, text), 0) end
  end
  return env
end

--- Compiles an example so that its lines have their numbers in the document.
local function compile(example)
  local code = {("\n"):rep(example.line - 1) .. 'local memview = require "memview"'}
  for i, line in ipairs(example) do
    local statement, text = line:match "^(.-)%s*%-%-> (.*)$"
    if statement then
      line = ("__shows(%d, %q, function() %s end)"):format(example.line + i, text, statement)
    end
    code[#code + 1] = line
  end
  return load(table.concat(code, "\n"), "=" .. example.path, "t", environment(example.path))
end

--- Runs an example; raises where a line does not do what it shows, or fails.
function examples.run(example)
  local chunk, message = compile(example)
  assert(chunk, message)
  local ok, why = pcall(chunk)
  assert(ok, why)
end

return examples
