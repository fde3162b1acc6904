-- README.md beside what it speaks of: the figures of docs/bench.md, the command, and the folders of the tree.
-- Its example and its links are tried with those of the other documents.
package.path = "bench/?.lua;" .. package.path
local brief = require "brief"
local exampletools = require "exampletools"
local examples = require "examples"

local readme = exampletools.slurp "README.md"

--- The fences of that language, as texts.
local function fences(language)
  local list, fence = {}, nil
  for _, line in ipairs(examples.readlines "README.md") do
    local mark = line:match "^```(.*)$"
    if fence and mark then
      if fence.language == language then list[#list + 1] = table.concat(fence, "\n") .. "\n" end
      fence = nil
    elseif mark then
      fence = {language = mark}
    elseif fence then
      fence[#fence + 1] = line
    end
  end
  return list
end

describe("README.md", function()
  it("has the figures of docs/bench.md", function()
    local figures = readme:match "<!%-%- figures: make bench %-%->\n\n(.-)\n<!%-%- end of figures %-%->"
    assert.equal(brief.text(), figures)
  end)

  it("gives a number for each figure, and no targets", function()
    local rows = 0
    for row in brief.text():gmatch "\n| ([^\n]*) |" do
      local numbers = row:match "| [%d.]+ [num]s (|.*)$"
      if numbers then
        rows = rows + 1
        assert.is_truthy((numbers .. "|"):find "^[|%d. ]+$", row)
      end
    end
    assert.is_true(rows > 10)
  end)

  it("has an example of 15 lines", function()
    local _, loose = examples.parse "README.md"
    assert.equal(15, #loose.examples[1])
  end)

  it("shows what the command writes", function()
    local count = 0
    for _, fence in ipairs(fences "console") do
      for words, shown in fence:gmatch "%$ memview ([^\n]+)\n([^$]*)" do
        local list = {}
        for word in words:gsub("'", ""):gmatch "%S+" do list[#list + 1] = word end
        local text, status = exampletools.run("bin/memview", table.unpack(list))
        assert.same({ shown, 0 }, { text, status })
        count = count + 1
      end
    end
    assert.equal(2, count)
  end)

  it("maps folders and files that are there", function()
    local count = 0
    for _, fence in ipairs(fences "") do
      for line in fence:gmatch "[^\n]+" do
        for name in line:match("^(.-)   "):gmatch "%S+" do
          assert.is_truthy(io.open(name), name)
          count = count + 1
        end
      end
    end
    assert.is_true(count > 10)
  end)

  it("names targets of make that there are", function()
    local makefiles, count = exampletools.slurp "Makefile", 0
    for name in readme:gmatch "make ([%l-]+)" do
      if readme:find("[`\n]make " .. name:gsub("%-", "%%-") .. "[`\n ]") then
        assert.is_truthy(makefiles:find("\n" .. name .. ":", 1, true), name)
        count = count + 1
      end
    end
    assert.is_true(count >= 5)
  end)
end)
