-- The tables of a document: what they list, and whether what they name is there.
local memview = require "memview"
local examples = require "examples"

local doctables = {}

local function cells(line)
  local row = {}
  for cell in line:gmatch "|([^|]*)" do row[#row + 1] = cell:match "^%s*(.-)%s*$" end
  return row
end

--- The rows of all tables of a document by the chapter ("## name") that they stand in: cells, and `where`.
-- And the fences of one other language {line, text...}.
function doctables.read(path, language)
  local chapters, fences, rows, fence = {}, {}, {}, nil
  for number, line in ipairs(examples.readlines(path)) do
    if fence then
      if line == "```" then fence = nil else fence[#fence + 1] = line end
    elseif line == "```" .. language then
      fence = {line = number}
      fences[#fences + 1] = fence
    elseif line:find "^## " then
      rows = {}
      chapters[line:sub(4)] = rows
    elseif line:find "^| " then
      rows[#rows + 1] = cells(line)
      rows[#rows].where = ("%s:%d"):format(path, number)
    end
  end
  return chapters, fences
end

-- Methods and attributes of views are functions of the module.
local OBJECTS = {
  v = memview, memview = memview, struct = memview.struct, b = memview.buffer "abc", c = memview.cursor "abc",
}

--- Asserts that the names of ours in a text exist: `v:name`, `b:name`, `memview.name`. Gives how many.
local function checknames(code, where)
  local count = 0
  for object, mark, name in code:gmatch "%f[%w](%a+)([.:])([%a_]+)" do
    if OBJECTS[object] then
      assert(OBJECTS[object][name], ("%s: no %s%s%s"):format(where, object, mark, name))
      count = count + 1
    end
  end
  return count
end

--- Asserts that the names in backticks in the second cells exist.
-- @return how many there were
function doctables.checkcounterparts(rows)
  local count = 0
  for _, row in ipairs(rows) do
    for code in (row[2] or ""):gmatch "`([^`]+)`" do count = count + checknames(code, row.where) end
  end
  return count
end

--- What a program prints: its text is put in a file, whose name follows the command.
function doctables.run(command, code)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(code)
  file:close()
  -- No other interpreter must start under a sanitizer that the specs run under.
  local prefix = os.getenv "LD_PRELOAD" and "env -u LD_PRELOAD " or ""
  local pipe = assert(io.popen(("%s%s %s 2>&1"):format(prefix, command, name)))
  local output = pipe:read "a"
  pipe:close()
  os.remove(name)
  return output
end

local function squeeze(text) return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")) end

--- Asserts that a fence prints what stands behind its marks.
function doctables.checkfence(fence, command, mark)
  local shown = {}
  for _, line in ipairs(fence) do
    local text = line:match(mark .. " (.*)$")
    shown[#shown + 1] = text
  end
  assert(#shown > 0, "a fence that shows nothing")
  local wanted = squeeze(table.concat(shown, " "))
  local printed = squeeze(doctables.run(command, table.concat(fence, "\n") .. "\n"))
  assert(wanted == printed, ("the document shows %q, %s prints %q"):format(wanted, command, printed))
end

return doctables
