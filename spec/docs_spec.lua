-- The documents together: examples run, and links lead somewhere.
local examples = require "examples"

local DOCUMENTS = {
  "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/manual.md", "docs/formats.md", "docs/internals.md",
  "docs/capi.md", "docs/lifetime.md", "docs/guide.md", "docs/cookbook.md", "docs/from-python.md",
  "docs/from-stringpack.md", "docs/bench.md", "docs/safety.md", "examples/README.md",
  "examples/engine/README.md",
}

--- The anchor that a heading gets: small letters, digits and hyphens; spaces become hyphens.
local function anchor(heading)
  return (heading:lower():gsub("[^%w%s_-]", ""):gsub("%s", "-"))
end

--- The headings of a document by their anchors, and its links {line, path, anchor} outside code.
local function survey(path)
  local anchors, links, fenced = {}, {}, false
  for number, line in ipairs(examples.readlines(path)) do
    if line:find "^```" then fenced = not fenced end
    local heading = not fenced and line:match "^#+ (.*)$"
    if heading then anchors[anchor(heading)] = true end
    for target in (fenced and "" or line):gmatch "%]%(([^)]+)%)" do
      links[#links + 1] = {line = number, path = target:match "^[^#]*", anchor = target:match "#(.*)$"}
    end
  end
  return anchors, links
end

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

-- These have specs of their own, which run their examples.
local OWN = {["docs/manual.md"] = true, ["docs/formats.md"] = true, ["docs/guide.md"] = true}

describe("the example", function()
  for _, document in ipairs(DOCUMENTS) do
    local entries, loose = examples.parse(document)
    entries[#entries + 1] = loose
    for _, entry in ipairs(OWN[document] and {} or entries) do
      for _, example in ipairs(entry.examples) do
        it(("of %s in line %d does what it shows"):format(document, example.line), function()
          examples.run(example)
        end)
      end
    end
  end

  it("of README.md is there", function()
    local _, loose = examples.parse "README.md"
    assert.is_true(#loose.examples > 0)
  end)
end)

describe("links", function()
  for _, document in ipairs(DOCUMENTS) do
    it("of " .. document .. " lead somewhere", function()
      local folder = document:match "^.*/" or ""
      local _, links = survey(document)
      for _, link in ipairs(links) do
        local where = ("%s:%d"):format(document, link.line)
        local path = link.path == "" and document or folder .. link.path
        if not link.path:find "^%l+:" then
          assert.is_true(exists(path), where .. ": no file " .. path)
          local known = not link.anchor or survey(path)[link.anchor]
          assert.is_truthy(known, ("%s: no heading %s"):format(where, link.anchor))
        end
      end
    end)
  end

  it("are found, and anchors are as they are made", function()
    local anchors, links = survey "docs/manual.md"
    assert.is_true(#links > 10)
    assert.is_true(anchors["vcastformat--shape--order---view"])
  end)
end)
