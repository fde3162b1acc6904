-- docs/guide.md is one story: its examples run as one, from the first to the last. docs/cookbook.md has
-- twenty recipes; spec/docs_spec.lua runs them.
local examples = require "examples"
local raises = require "helpers".raises

local GUIDE, COOKBOOK = "docs/guide.md", "docs/cookbook.md"

--- The headings of a document at level 2, in order, with the examples below each.
local function chapters(path)
  local found, _, loose = {}, examples.parse(path)
  for number, line in ipairs(examples.readlines(path)) do
    local heading = line:match "^## (.*)$"
    if heading then found[#found + 1] = {heading = heading, line = number, examples = {}} end
  end
  for _, example in ipairs(loose.examples) do
    local chapter
    for _, c in ipairs(found) do chapter = c.line < example.line and c or chapter end
    table.insert(chapter.examples, example)
  end
  return found
end

--- The lines of code of an example: not empty, and no comment.
local function code(example)
  local count = 0
  for _, line in ipairs(example) do
    if line:find "%S" and not line:find "^%s*%-%-" then count = count + 1 end
  end
  return count
end

local function shows(example) return table.concat(example, "\n"):find("--> ", 1, true) end

describe("the guide", function()
  it("does what it shows from the first step to the last", function()
    examples.run(examples.story(GUIDE))
  end)

  it("shows a result in every step", function()
    for _, chapter in ipairs(chapters(GUIDE)) do
      local shown = #chapter.examples == 0 and chapter.heading == "Where to go from here"
      for _, example in ipairs(chapter.examples) do shown = shown or shows(example) end
      assert.is_truthy(shown, chapter.heading)
    end
  end)
end)

describe("the cookbook", function()
  local recipes = chapters(COOKBOOK)

  it("has twenty recipes, of one example each", function()
    assert.are.equal(20, #recipes)
    for _, recipe in ipairs(recipes) do assert.are.equal(1, #recipe.examples, recipe.heading) end
  end)

  it("shows results in each, after 5 to 20 lines of code", function()
    for _, recipe in ipairs(recipes) do
      local lines = code(recipe.examples[1])
      assert.is_truthy(shows(recipe.examples[1]), recipe.heading)
      assert.is_true(lines >= 5 and lines <= 20, ("%s: %d lines"):format(recipe.heading, lines))
    end
  end)

  it("lists each recipe at its beginning", function()
    local text = table.concat(examples.readlines(COOKBOOK), "\n"):match "^(.-)\n## "
    for _, recipe in ipairs(recipes) do
      local anchor = recipe.heading:lower():gsub("[^%w%s-]", ""):gsub("%s", "-")
      assert.is_truthy(text:find("(#" .. anchor .. ")", 1, true), recipe.heading)
    end
  end)
end)

describe("a comment on lines of its own", function()
  local function example(...) return {line = 10, path = "some.md", ...} end

  it("shows what the lines above it print", function()
    examples.run(example("for i = 1, 2 do", "  print(i)", "end", "--> 1", "--> 2", "print(3)", "--> 3"))
    examples.run(example("print(1)  --> 1", "print(2)", "--> 2"))
  end)

  it("refuses another result, with the line of its last", function()
    raises('some.md:14: shows "1 2", the text says "1 3"', examples.run,
      example("print(1)", "print(2)", "--> 1", "--> 3"))
    raises('some.md:12: shows "1", the text says "error: 1"', examples.run,
      example("print(1)", "--> error: 1"))
  end)

  it("refuses an error, with the line", function()
    raises("some.md:12: ", examples.run, example("local x", "x()", "--> 1"))
  end)
end)

describe("a story", function()
  it("is the examples of a document as one, each line where it stands", function()
    local story, lines = examples.story(GUIDE), examples.readlines(GUIDE)
    local fences = 0
    for i, line in ipairs(story) do
      if line ~= "" then assert.are.equal(lines[story.line + i], line) end
    end
    for _, line in ipairs(lines) do fences = fences + (line == "```lua" and 1 or 0) end
    local _, loose = examples.parse(GUIDE)
    assert.are.equal(fences, #loose.examples)
  end)

  it("needs headings of level 2", function()
    raises("docs/manual.md: examples under headings of level 2 expected", examples.story, "docs/manual.md")
  end)
end)
