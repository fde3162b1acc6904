-- Busted under a Lua that it is not installed for; tools/lua.sh starts every interpreter with it (LUA_INIT).
-- Busted's own files are Lua and serve every version: they are taken from where another version has them.
-- What it asks of modules in C, which do not serve every version, is done here by commands of the system.

local function lines(command)
  local pipe <close> = assert(io.popen(command .. " 2>/dev/null"))
  return pipe:read("a"):gmatch "[^\n]+"
end

local function quote(path) return "'" .. path:gsub("'", [['\'']]) .. "'" end

local kinds <const> = {["regular file"] = "file", ["regular empty file"] = "file", ["symbolic link"] = "link"}

local function stat(option, path, what)
  local command = ("stat %s -c '%%F|%%s|%%Y' %s"):format(option, quote(path))
  local kind, size, time = (lines(command)() or ""):match "(.*)|(.*)|(.*)"
  if not kind then return nil, "cannot obtain information from file '" .. path .. "'" end
  local all = {mode = kinds[kind] or kind, size = tonumber(size), modification = tonumber(time)}
  if what then return all[what] end
  return all
end

local commands <const> = {}

function commands.lfs()
  return {
    attributes = function(path, what) return stat("-L", path, what) end,
    symlinkattributes = function(path, what) return stat("", path, what) end,
    currentdir = function() return lines "pwd" () end,
    chdir = function(path)
      if path:find "[^./]" then return nil, "cannot go to " .. path end
      return true
    end,
    dir = function(path) return lines("ls -a " .. quote(path)) end,
  }
end

function commands.system() return {gettime = os.time, monotime = os.clock, sleep = function() end} end

function commands.term() return {isatty = function() return false end} end

-- Since 5.5 the variable of a loop is a constant, and older files assign to it: they get another of its name.
local function compile(text, name)
  local chunk, message = load(text, name)
  local line, variable = tostring(message):match ":(%d+): attempt to assign to const variable '([%w_]+)'"
  if not line then return chunk, message end
  local list = {}
  for each in (text .. "\n"):gmatch "(.-)\n" do list[#list + 1] = each end
  local loop = ("^%%s*for .*%%f[%%w_]%s%%f[^%%w_].* do"):format(variable)
  for k = tonumber(line), 1, -1 do
    local shadowed, found = list[k]:gsub(loop, ("%%0 local %s = %s"):format(variable, variable))
    if found > 0 then
      list[k] = shadowed
      return compile(table.concat(list, "\n"), name)
    end
  end
  return nil, message
end

local roots <const> = {}
for _, prefix in ipairs {"/usr/local/share/lua", "/usr/share/lua"} do
  for _, version in ipairs {"5.4", "5.3", "5.1"} do
    roots[#roots + 1] = ("%s/%s/?.lua;%s/%s/?/init.lua"):format(prefix, version, prefix, version)
  end
end
local path <const> = table.concat(roots, ";")

package.searchers[#package.searchers + 1] = function(name)
  if commands[name] then return commands[name] end
  local found, message = package.searchpath(name, path)
  if not found then return message end
  local file <close> = assert(io.open(found))
  return assert(compile(file:read "a", "@" .. found)), found
end
