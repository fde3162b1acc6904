-- The other interpreters: Python, and LuaJIT. Each gets the pieces of its columns in a file, measures them,
-- and prints the nanoseconds of each and how often it was done, "column\trow\tns\ttimes": bench/python.py and
-- bench/luajit.lua.
local children = {}

local CHILDREN <const> = {
  { variable = "PYTHON", commands = { "/usr/bin/python3", "python3" }, script = "bench/python.py",
    columns = { python = true, numpy = true }, probes = { "-c 'import numpy'", "-c ''" } },
  { variable = "LUAJIT", commands = { "luajit" }, script = "bench/luajit.lua", columns = { luajit = true },
    probes = { "-e ''" } },
}

-- They must not start under a sanitizer that the specs run under.
local PREFIX <const> = os.getenv "LD_PRELOAD" and "env -u LD_PRELOAD " or ""

local function works(command) return (os.execute(PREFIX .. command .. " > /dev/null 2>&1")) == true end

--- The command that the first of the probes works with, or nil.
local function choose(child)
  local named = os.getenv(child.variable)
  for _, probe in ipairs(child.probes) do
    for _, command in ipairs(named and { named } or child.commands) do
      if works(command .. " " .. probe) then return command end
    end
  end
end

--- The interpreters that are here.
function children.find()
  local found = {}
  for _, child in ipairs(CHILDREN) do
    child.command = choose(child)
    if child.command then found[#found + 1] = child end
  end
  return found
end

local function line(...) return table.concat({ ... }, "\t") end

--- What the script of a child reads: the sizes, and the pieces of its columns.
local function job(child, rows, size)
  local lines = { line(size.bytes, size.items, size.side, size.needle, size.path, size.seconds) }
  for number, row in ipairs(rows) do
    for column in pairs(child.columns) do
      local piece = row[column]
      if piece then
        lines[#lines + 1] = line(column, number, piece.per or 1, piece.n or 0, piece.before or "", piece.code)
      end
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

--- Runs a child; the best of its figures are kept in the rows' pieces, and what it says of itself in `about`.
function children.run(child, rows, size, about)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(job(child, rows, size))
  file:close()
  local pipe = assert(io.popen(PREFIX .. ("%s %s %s"):format(child.command, child.script, name)))
  for text in pipe:lines() do
    local column, number, ns, n = text:match "^(%l+)\t(%d+)\t(%S+)\t(%d+)$"
    local piece = column and rows[tonumber(number)][column]
    if piece then
      piece.best, piece.n = math.min(piece.best or math.huge, tonumber(ns)), tonumber(n)
    elseif text:find "^version\t" then
      about[#about + 1] = text:match "\t(.*)"
    end
  end
  pipe:close()
  os.remove(name)
end

return children
