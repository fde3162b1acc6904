-- Cases made by the Python scripts in spec/oracle, with Python's and numpy's answers, as tables.
-- MEMVIEW_SEED replays a run, MEMVIEW_CASES multiplies the number of cases, MEMVIEW_PYTHON names an
-- interpreter.
local oracle = {}

local seed = math.tointeger(tonumber(os.getenv "MEMVIEW_SEED")) or 20240917
local multiplier = tonumber(os.getenv "MEMVIEW_CASES") or 1
local quiet = package.config:sub(1, 1) == "\\" and " 2>nul" or " 2>/dev/null"
local probe = [[-c "import sys; assert sys.version_info >= (3, 8); print(sys.version_info[1])"]]
local numpyprobe = [[-c "import numpy; n = numpy.__version__.split('.'); ]]
  .. [[assert (int(n[0]), int(n[1])) >= (1, 23); print(n)"]]

-- Python must not start under a sanitizer that the specs run under.
local prefix = os.getenv "LD_PRELOAD" and "env -u LD_PRELOAD " or ""

local function answers(python, arguments)
  local pipe = io.popen(prefix .. python .. " " .. arguments .. quiet)
  local answer = pipe and pipe:read "l"
  if pipe then pipe:close() end
  return answer ~= nil
end

--- The first interpreter that has numpy, else the first one; and whether it has numpy.
local function findpython()
  local first
  local names = { os.getenv "MEMVIEW_PYTHON" or "python3", "python", "/usr/bin/python3" }
  for _, name in ipairs(os.getenv "MEMVIEW_PYTHON" and { names[1] } or names) do
    if answers(name, probe) then
      first = first or name
      if answers(name, numpyprobe) then return name, true end
    end
  end
  return first, false
end

local python, hasnumpy = findpython()

--- Why there is no oracle here, or nil; `needed` is "python" or "numpy".
function oracle.missing(needed)
  if not python then return "no oracle: python3 (3.8 or later) is missing" end
  if needed == "numpy" and not hasnumpy then return "no oracle: python3 has no numpy (1.23 or later)" end
end

--- Iterates over `count` cases (times the multiplier) of a topic of spec/oracle/<script>.py: case, its text.
function oracle.cases(script, topic, count)
  count = math.ceil(count * multiplier)
  local command = ("%s%s -B spec/oracle/%s.py %s %d %d"):format(prefix, python, script, topic, seed, count)
  local pipe = assert(io.popen(command))
  local seen = 0
  return function()
    local line = pipe:read "l"
    if line then
      seen = seen + 1
      return assert(load("return " .. line, "=case", "t", {}))(), line
    end
    pipe:close()
    assert(seen == count, ("%s gave %d cases of %d"):format(command, seen, count))
  end
end

--- The same value, with the same type of number and sign of zero; NaN is NaN; tables by content.
function oracle.same(a, b)
  if type(a) == "table" and type(b) == "table" then
    for k in pairs(a) do if b[k] == nil then return false end end
    for k, x in pairs(b) do if not oracle.same(a[k], x) then return false end end
    return true
  end
  if a ~= b then return a ~= a and b ~= b end
  return math.type(a) == math.type(b) and (a ~= 0 or math.type(a) == "integer" or 1 / a == 1 / b)
end

local function show(x)
  if type(x) ~= "table" then return type(x) == "string" and ("%q"):format(x) or tostring(x) end
  local parts = {}
  for k, y in pairs(x) do parts[#parts + 1] = (math.type(k) and "" or k .. "=") .. show(y) end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- Raises unless the two are the same; `what` says of what.
function oracle.agree(what, want, got)
  if not oracle.same(want, got) then
    error(("%s: Python has %s, memview %s"):format(what, show(want), show(got)), 0)
  end
end

--- Raises unless f(...) is refused with a message that holds `text`.
function oracle.refused(text, f, ...)
  local ok, message = pcall(f, ...)
  if ok then error("accepted, where Python refuses: " .. show(message), 0) end
  if not tostring(message):find(text, 1, true) then
    error(("refused with %q, expected %q in it"):format(message, text), 0)
  end
end

--- Runs check(case) over the cases of a topic; raises with the first few that disagree and their number.
function oracle.replay(script, topic, count, check)
  local wrong, shown = 0, {}
  for case, line in oracle.cases(script, topic, count) do
    local ok, message = pcall(check, case)
    if not ok then
      wrong = wrong + 1
      if wrong <= 5 then shown[wrong] = tostring(message):sub(1, 1000) .. "\n  case " .. line:sub(1, 1500) end
    end
  end
  if wrong > 0 then
    error(("%d cases of %s.%s disagree (MEMVIEW_SEED=%d replays them):\n%s"):format(
      wrong, script, topic, seed, table.concat(shown, "\n")), 0)
  end
end

return oracle
