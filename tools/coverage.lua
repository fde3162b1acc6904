-- What part of csrc a run has covered: coverage.lua OBJECTS SOURCE..., after a run of a build with --coverage
-- whose object files are in OBJECTS. Prints the lines of code of each file, how many have run, and each that
-- has not.
local objects = table.remove(arg, 1)

--- The lines of a source that hold code, as {number, text, ran}, in order.
local function linesof(source)
  local object = objects .. "/" .. source:gsub("^csrc/", ""):gsub("%.c$", ".gcda")
  local pipe <close> = assert(io.popen(("gcov --stdout '%s' 2>/dev/null"):format(object)))
  local lines, ours = {}, false
  for line in pipe:lines() do
    local count, number, text = line:match "^%s*([^:]+):%s*(%d+):(.*)"
    local name = number == "0" and text:match "^Source:(.*)"
    if name then
      ours = name == source
    elseif ours and number and number ~= "0" and count ~= "-" then
      local known = lines[number] or { number = tonumber(number), text = text }
      known.ran = known.ran or not count:find "[#=]"  -- a line of several functions comes once for each
      if not lines[number] then lines[#lines + 1] = known end
      lines[number] = known
    end
  end
  return lines
end

local all, ran, missed = 0, 0, {}

local function figure(name, n, total)
  print(("%-22s %5d of %5d lines %7.2f %%"):format(name, n, total, 100 * n / total))
end

for _, source in ipairs(arg) do
  local n, lines = 0, linesof(source)
  for _, line in ipairs(lines) do
    if line.ran then
      n = n + 1
    else
      missed[#missed + 1] = ("%s:%d: %s"):format(source, line.number, line.text)
    end
  end
  assert(#lines > 0, "no figures for " .. source)
  figure(source, n, #lines)
  all, ran = all + #lines, ran + n
end

print "\nNot covered:"
for _, line in ipairs(missed) do print(line) end
print()
figure("coverage: csrc", ran, all)
