-- The examples of a document: its Lua fences, and running them against what their `-->` comments show.
-- docs/manual.md says how these comments are read.
-- On lines of their own they show what was printed since the last one.
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

--- All examples of a document as one, in which each goes on where the one before it ended.
function examples.story(path)
  local entries, loose = examples.parse(path)
  assert(#entries == 0 and #loose.examples > 0, path .. ": examples under headings of level 2 expected")
  local first = loose.examples[1].line
  local story = {line = first, path = path}
  for _, example in ipairs(loose.examples) do
    for i = #story + 1, example.line - first do story[i] = "" end
    table.move(example, 1, #example, #story + 1, story)
  end
  return story
end

--- The environment of one example. `print` records; `__shows(line, text, f)` runs a line that has a comment
-- and checks what it printed or raised, `__printed(line, text)` checks what was printed before it.
local function environment(path)
  local printed = {}
  local env = setmetatable({}, {__index = _G})
  function env.print(...)
    local texts = table.pack(...)
    for i = 1, texts.n do texts[i] = tostring(texts[i]) end
    printed[#printed + 1] = table.concat(texts, " ")
  end
  local function check(line, text, ok, message)
    local wanted = text:match "^error: (.*)$"
    local got = ok and squeeze(table.concat(printed, " ")) or "error: " .. tostring(message)
    local good
    if wanted then good = not ok and got:find(wanted, 1, true) else good = ok and got == squeeze(text) end
    if not good then error(("%s:%d: shows %q, the text says %q"):format(path, line, got, text), 0) end
    printed = {}
  end
  function env.__shows(line, text, f)
    printed = {}
    check(line, text, pcall(f))
  end
  function env.__printed(line, text) check(line, text, true) end
  return env
end

local SHOWN = "^(.-)%s*%-%-> (.*)$"  -- a line with a comment

--- Line i of an example with its comment made into a check. `alone` gathers comments on lines of their own.
local function translate(example, i, alone)
  local statement, text = example[i]:match(SHOWN)
  if not statement then return example[i] end
  if statement ~= "" then
    return ("__shows(%d, %q, function() %s end)"):format(example.line + i, text, statement)
  end
  alone[#alone + 1] = text
  if example[i + 1] and example[i + 1]:match(SHOWN) == "" then return "" end
  local texts = table.concat(alone, " ")
  for k in ipairs(alone) do alone[k] = nil end
  return ("__printed(%d, %q)"):format(example.line + i, texts)
end

--- Compiles an example so that its lines have their numbers in the document.
local function compile(example)
  local code, alone = {("\n"):rep(example.line - 1) .. 'local memview = require "memview"'}, {}
  for i = 1, #example do code[i + 1] = translate(example, i, alone) end
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
