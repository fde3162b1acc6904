-- The figures of docs/safety.md, from what the runs have written: safety.lua LOGS DOCUMENT. Replaces what
-- stands between its two marks; a run that there is no log of is said to be missing.
local folder, document = arg[1], arg[2]

local function read(name)
  local file <close> = io.open(name)
  return file and file:read "a"
end

local rows = {}

--- A row of what a run's log says, or that there is none. `say` makes it of the text, nil where it cannot.
local function row(command, log, say)
  local text = read(("%s/%s.log"):format(folder, log))
  local status = read(("%s/%s.status"):format(folder, log))
  local figures = text and say(text) or "no run on record"
  local result = status and (tonumber(status) == 0 and "passed" or "failed") or "-"
  rows[#rows + 1] = ("| `%s` | %s | %s |"):format(command, figures, result)
end

--- What busted says at its end.
local function specs(text)
  local good, bad, errors = text:match "(%d+) success[es]* / (%d+) failures? / (%d+) errors?"
  return good and ("%d specs, %d failures, %d errors"):format(good, bad, errors)
end

local function fuzzed(text)
  local runs = text:match "number_of_executed_units: (%d+)"
  local edges = text:match "DONE%s+cov: (%d+)"
  local seconds = text:match "in (%d+) second"
  return runs and ("%d executions in %d s, %d edges"):format(runs, seconds, edges or 0)
end

row("make oom", "oom", function(text)
  local pattern <const> = "oom: (%d+) scenarios, (%d+) faults injected, (%d+) failures"
  local scenarios, faults, failures = text:match(pattern)
  return scenarios and ("%d scenarios, %d faults, %d failures"):format(scenarios, faults, failures)
end)
for _, target in ipairs { "format", "record", "views" } do
  row("make fuzz (" .. target .. ")", "fuzz-" .. target, fuzzed)
end
for _, mode in ipairs { "incremental", "generational", "steps", "full" } do
  row("make stress (" .. mode .. ")", "stress-" .. mode, specs)
end
row("make valgrind", "valgrind", specs)
row("make asan", "asan", specs)
row("make asan-clang", "asan-clang", specs)
row("make arch-i386", "arch-i386", specs)
row("make arch-s390x", "arch-s390x", specs)
row("make arch-windows", "arch-windows", function(text)
  return ("%d compilations without a warning"):format(select(2, text:gsub("mingw32%-gcc", "")))
end)
row("make otherlua", "otherlua", function(text)
  local release, result = text:match "Lua ([%d.]+)%s+Copyright", specs(text)
  return release and result and ("Lua %s: %s"):format(release, result)
end)
row("make coverage", "coverage", function(text)
  local ran, all, part = text:match "coverage: csrc%s+(%d+) of%s+(%d+) lines%s+([%d.]+)"
  return ran and ("%d of %d lines of csrc, %s %%"):format(ran, all, part)
end)

table.insert(rows, 1, "| Command | Figures | Result |\n| --- | --- | --- |")
local figures = table.concat(rows, "\n")
local text = assert(read(document), "no " .. document)
local first <const>, last <const> = "<!-- figures: make safety -->\n", "<!-- end of figures -->"
local _, here = text:find(first, 1, true)
local there = text:find(last, here, true)
assert(here and there, document .. " lacks its marks")
local file <close> = assert(io.open(document, "w"))
file:write(text:sub(1, here), figures, "\n", text:sub(there))
print(figures)
