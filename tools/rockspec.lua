-- Checks that a rockspec lists precisely the C and Lua files that exist, and that its commands do.
-- lua5.4 tools/rockspec.lua ROCKSPEC FILE...

local function load(path)
  local spec = {}
  assert(loadfile(path, "t", spec))()
  return spec
end

--- Files that the rockspec builds from, as a set.
local function listed(spec)
  local files = {}
  for _, module in pairs(spec.build.modules) do
    for _, file in ipairs(type(module) == "table" and module.sources or { module }) do
      files[file] = true
    end
  end
  return files
end

local function set(list)
  local files = {}
  for _, file in ipairs(list) do files[file] = true end
  return files
end

local function complain(file, what) io.stderr:write(("%s: %s %s\n"):format(arg[1], file, what)) end

--- Prints what is in `files` and not in `others`. Returns true where there is nothing.
local function within(files, others, complaint)
  local ok = true
  for file in pairs(files) do
    if not others[file] then
      complain(file, complaint)
      ok = false
    end
  end
  return ok
end

--- Prints which of the commands do not exist. Returns true where all do.
local function exist(commands)
  local ok = true
  for _, path in ipairs(commands) do
    local file <close> = io.open(path)
    if not file then
      complain(path, "is listed and does not exist")
      ok = false
    end
  end
  return ok
end

local spec = load(arg[1])
local inspec, intree = listed(spec), set { table.unpack(arg, 2) }
local complete = within(intree, inspec, "is not listed")
local exact = within(inspec, intree, "is listed and does not exist")
local commands = exist(spec.build.install.bin)
os.exit(complete and exact and commands)
