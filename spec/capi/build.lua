-- Builds the C modules of this folder while the specs run, with the compiler and the headers that the
-- Makefile would find, into build/capi. Under the sanitizers (MEMVIEW_SANITIZER) they are instrumented too.
local build = {}

local sanitizer = os.getenv "MEMVIEW_SANITIZER"
local version = _VERSION:match "%d+%.%d+"
local folder = sanitizer and "build/capi/asan" or "build/capi"

local function quote(text) return "'" .. text:gsub("'", [['\'']]) .. "'" end

--- What a command prints, both ways, and whether it went well. What is preloaded for us is not for it.
local function shell(command)
  local pipe = assert(io.popen("unset LD_PRELOAD; (" .. command .. ") 2>&1"))
  local text = pipe:read "a"
  return text, (pipe:close())
end

local function exists(path)
  local file = io.open(path)
  return file and file:close() or false
end

--- The folder of lua.h, or nil.
local function headers()
  local said = shell(("pkg-config --cflags-only-I lua%s"):format(version)):match "^%-I(%S+)"
  local candidates = { os.getenv "LUA_INCDIR" or said }
  table.insert(candidates, said)
  for _, root in ipairs { "/usr", "/usr/local", "/opt/homebrew" } do
    candidates[#candidates + 1] = ("%s/include/lua%s"):format(root, version)
    candidates[#candidates + 1] = root .. "/include"
  end
  for _, path in ipairs(candidates) do
    if exists(path .. "/lua.h") then return path end
  end
end

--- The first of these commands that there is, or nil.
local function command(names)
  for _, name in ipairs(names) do
    if select(2, shell("command -v " .. quote(name))) then return name end
  end
end

local include = headers()
local linking = "-shared"
if shell "uname -s":match "Darwin" then linking = "-bundle -undefined dynamic_lookup" end
local flags = "-fPIC -O1 -g -Wall -Wextra -Wpedantic -Wshadow -Wconversion"
if sanitizer then
  flags = flags .. " -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
  linking = linking .. " -Wl,-z,nodelete"
end

-- The sanitizers come with gcc's own library, so it must be gcc there.
local languages = {
  c = { compilers = { os.getenv(sanitizer and "ASAN_CC" or "CC") or "gcc" }, flags = "-std=c99" },
  cpp = { compilers = { not sanitizer and os.getenv "CXX" or "g++" }, flags = "-x c++ -std=c++11" },
}
if not sanitizer then
  table.move({ "cc", "clang" }, 1, 2, 2, languages.c.compilers)
  table.move({ "c++", "clang++" }, 1, 2, 2, languages.cpp.compilers)
end

local built = {}

--- Builds build/capi/<name>.so and loads it; once, if it is asked for again.
-- @return the module and what the compiler printed; or nil and why not
function build.module(name, language, source, more)
  if built[name] then return table.unpack(built[name]) end
  local compiler = command(languages[language].compilers)
  if not compiler then return nil, "no compiler" end
  if not include then return nil, "no headers of Lua " .. version end
  local path = ("%s/%s.so"):format(folder, name)
  local words = {
    compiler, languages[language].flags, flags, linking, more or "", "-Iinclude -isystem", quote(include),
    "-o", path .. ".$$", source, "&& mv", path .. ".$$", path,
  }
  shell("mkdir -p " .. folder)
  local text, ok = shell(table.concat(words, " "))
  assert(ok, text)
  built[name] = { assert(package.loadlib(path, "luaopen_" .. name))(), text }
  return table.unpack(built[name])
end

--- A folder with Lua's headers as Lua itself has them: some systems have put `extern "C"` into theirs.
function build.stockheaders()
  local path = folder .. "/stock"
  shell("mkdir -p " .. path)
  for _, name in ipairs { "lua.h", "luaconf.h", "lauxlib.h", "lualib.h", "lua.hpp" } do
    local from <close> = io.open(include .. "/" .. name)
    if from then                                -- there need be no lua.hpp
      local to <close> = assert(io.open(path .. "/" .. name, "w"))
      local text = from:read "a"
      to:write(name == "luaconf.h" and text:gsub('extern "C"', "extern") or text)
    end
  end
  return path
end

--- Lua code that finds modules as we do.
function build.prelude()
  local cpath = ("./%s/?.so;%s"):format(folder, package.cpath)
  return ("package.path, package.cpath = %q, %q\n"):format(package.path, cpath)
end

--- Runs Lua code in a process of its own, by way of the command `under` where that is given.
-- @return what it prints, both ways, and its exit status
function build.run(code, under)
  local interpreter = 0
  while arg[interpreter - 1] do interpreter = interpreter - 1 end
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(build.prelude(), code)
  file:close()
  local pipe = assert(io.popen(("%s %s %s 2>&1"):format(under or "", quote(arg[interpreter]), quote(name))))
  local text = pipe:read "a"
  local _, _, status = pipe:close()
  os.remove(name)
  return text, status
end

return build
