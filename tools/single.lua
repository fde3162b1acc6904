-- Joins memview into one C file and a header: the core, the binding and the Lua layer.
-- lua5.4 tools/single.lua FOLDER FILE...     writes FOLDER/memview.c and FOLDER/memview.h
--
-- FILEs are all .c files and all Lua modules; headers are found beside the .c files. In the result everything
-- is static but the two openers. Three things stand in the way of a plain `cat`:
--   names   two files may use one name, each for a thing of its own. A name that a file keeps to itself while
--           another file says it too, for whatever it is, gets the name of its file in front.
--   arrays  a static array is defined before it is used, so the files come in an order that sees to this.
--   macros  system headers look at some, so what a file has before its first #include goes to the top. A file
--           that has any comes last, so that no other sees what its headers define.

local HEADER <const> = "include/memview.h"
local OPENER <const> = "tools/single.c"

local ctext = dofile((arg[0]:match "^.*/" or "") .. "ctext.lua")

local function slurp(path)
  local file <close> = assert(io.open(path, "rb"))
  return assert(file:read("a"))
end

local function save(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

local function basename(path) return path:match "[^/]*$" end

-- Files ---------------------------------------------------------------------------------------------

--- Reads a .c or .h file: its tokens, what it includes, its declarations, all names that it says, those that
-- are its own, those that it shares, and the macros by which it asks something of system headers.
local function read(path)
  local file = {path = path, issource = path:find "%.c$" ~= nil, prologue = {}, own = {}, shared = {}}
  file.tokens = ctext.tokenize(slurp(path))
  if file.issource then file.prologue, file.tokens = ctext.takeprologue(file.tokens) end
  file.asks = ctext.macros(file.prologue)
  file.includes = ctext.takeincludes(file.tokens)
  file.declarations, file.said = ctext.declarations(file.tokens), ctext.sayings(file.tokens)
  for _, declaration in ipairs(file.declarations) do
    local private = file.issource and (declaration.storage == "static" or declaration.storage == "type")
    ctext.takenames(declaration, private and file.own or file.shared)
  end
  return file
end

--- Where a header is: beside one of the .c files. The public one is not joined: nil.
local function findheader(name, folders)
  if name == basename(HEADER) then return nil end
  for folder in pairs(folders) do
    local file = io.open(folder .. name)
    if file then
      file:close()
      return folder .. name
    end
  end
  error("no file " .. name)
end

--- Puts the headers that a file includes behind those in the list, each once, and first those it includes.
local function addheaders(file, folders, headers)
  for _, name in ipairs(file.includes) do
    local path = findheader(name, folders)
    if path and not headers[path] then
      local header = read(path)
      headers[path] = header
      addheaders(header, folders, headers)
      headers[#headers + 1] = header
    end
  end
end

--- @return the .c files, and their headers in an order that serves all
local function readall(paths)
  local sources, headers, folders = {}, {}, {}
  for i, path in ipairs(paths) do
    sources[i] = read(path)
    folders[path:match "^.*/"] = true
  end
  for _, file in ipairs(sources) do addheaders(file, folders, headers) end
  return sources, headers
end

-- Names ---------------------------------------------------------------------------------------------

--- Does any of the files but one say the name?
local function saysany(files, name, but)
  for _, file in ipairs(files) do
    if file ~= but and file.said[name] then return true end
  end
  return false
end

--- New names for those of its own that other files say too.
local function newnames(file, files)
  local prefix, names = basename(file.path):gsub("%..*$", "_"), {}
  for name in pairs(file.own) do
    if saysany(files, name, file) then
      local new = prefix .. name
      while saysany(files, new) do new = new .. "_" end
      names[name] = new
      file.said[new] = true
    end
  end
  return names
end

--- Lines that undefine the macros of a .c file that others say too.
local function forget(file, files)
  local lines = {}
  for _, macro in ipairs(file.issource and ctext.macros(file.tokens) or {}) do
    if saysany(files, macro, file) then lines[#lines + 1] = "#undef " .. macro .. "\n" end
  end
  return table.concat(lines)
end

-- Linkage -------------------------------------------------------------------------------------------

--- Is it an array that another file defines, such as `extern const luaL_Reg list[];`?
local function isarray(declaration)
  return declaration.storage == "extern" and declaration[#declaration - 1].text == "]"
end

local function named(declaration)
  local names = {}
  ctext.takenames(declaration, names)
  return next(names)
end

--- Makes static what the files share, but for the openers. A function is so by its first declaration.
local function makestatic(file)
  for _, declaration in ipairs(file.declarations) do
    local kind, first, last = declaration.storage, declaration[1], declaration[#declaration]
    if isarray(declaration) then
      for _, token in ipairs(declaration) do token.text = "" end
    elseif kind == "extern" then
      first.text = "static"
    elseif kind == "shared" and not named(declaration):find "^luaopen_" then
      if last.text == ";" or not file.issource then first.text = "static " .. first.text end
    end
  end
end

--- The arrays that headers declare, as a set.
local function sharedarrays(headers)
  local set = {}
  for _, file in ipairs(headers) do
    for _, declaration in ipairs(file.declarations) do
      if isarray(declaration) then set[named(declaration)] = true end
    end
  end
  return set
end

--- Must one of the files still to come stand before this one, for its arrays or for the macros of this?
local function mustwait(file, rest, arrays)
  for _, other in ipairs(rest) do
    if #file.asks > 0 and #other.asks == 0 then return true end
    for name in pairs(other ~= file and other.shared or {}) do
      if arrays[name] and file.said[name] then return true end
    end
  end
  return false
end

--- The .c files in an order in which each array is defined before it is used.
local function ordered(sources, arrays)
  local rest, list = table.move(sources, 1, #sources, 1, {}), {}
  while #rest > 0 do
    local k = 1
    while rest[k] and mustwait(rest[k], rest, arrays) do k = k + 1 end
    list[#list + 1] = assert(table.remove(rest, k), "two files use arrays of each other")
  end
  return list
end

-- The Lua layer -------------------------------------------------------------------------------------

local function modulename(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

--- A line as a literal of C. No `??`, which could begin a trigraph.
local function literal(line)
  local text = line:gsub('[\\"]', "\\%0"):gsub("%?%?", "?\\?")
  return ('  "%s\\n",\n'):format(text)
end

--- A Lua file as lines, since C99 promises literals of 4095 bytes only, and its entry in the list of modules.
local function embed(path)
  local name = modulename(path)
  local array, lines = "lua_" .. name:gsub("%W", "_"), {}
  for line in io.lines(path) do lines[#lines + 1] = literal(line) end
  return ('static const char *const %s[] = {\n  "local require = ... "\n%s  NULL\n};\n\n'):format(
    array, table.concat(lines)), ('  {"%s", "=%s", %s},\n'):format(name, path:gsub("^lua/", ""), array)
end

local function lualayer(paths)
  local arrays, entries = {}, {}
  for i, path in ipairs(paths) do arrays[i], entries[i] = embed(path) end
  return table.concat(arrays) .. "static const Module modules[] = {\n" .. table.concat(entries) .. "};\n"
end

-- The result ----------------------------------------------------------------------------------------

local BANNER <const> = [[
/* memview.c -- typed, shaped, zero-copy views of memory for Lua: all of memview in one file.
**
** Made by `make single`; do not edit it, edit what it was made from. Compile it as C99 with
** the headers of Lua, and link it with the rest of the program:
**
**   luaL_requiref(L, "memview", luaopen_memview, 0);
**   lua_pop(L, 1);
**
** memview.h beside it is for the program's other files.
*/
#if defined(__GNUC__) && !defined(__clang__)    /* with all in one file gcc guesses too much */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
]]

local function section(title, text)
  return ("\n/* ==== %s %s */\n\n%s"):format(title, ("="):rep(math.max(3, 80 - #title)), text)
end

--- The bodies of all files, with the names and the linkage that let them stand in one.
local function join(sources, headers)
  local texts, files = {}, table.move(headers, 1, #headers, 1, {})
  sources = ordered(sources, sharedarrays(headers))
  table.move(sources, 1, #sources, #files + 1, files)
  for _, file in ipairs(sources) do ctext.rename(file.tokens, file.declarations, newnames(file, files)) end
  for i, file in ipairs(files) do
    makestatic(file)
    local text = ctext.concat(file.tokens):gsub("\n\n\n+", "\n\n")
    texts[i] = section(file.path, text) .. forget(file, files)
  end
  return table.concat(texts)
end

local function prologues(sources)
  local texts = {}
  for i, file in ipairs(sources) do texts[i] = ctext.concat(file.prologue) end
  return table.concat(texts)
end

local function main(folder, paths)
  local csources, luafiles = {}, {}
  for _, path in ipairs(paths) do table.insert(path:find "%.c$" and csources or luafiles, path) end
  local sources, headers = readall(csources)
  local opener = slurp(OPENER):gsub("/%* MODULES %*/\n", function() return lualayer(luafiles) end)
  save(folder .. "/memview.c", table.concat {
    BANNER, prologues(sources), '\n#include "memview.h"\n', join(sources, headers),
    section("the Lua layer", opener),
  })
  save(folder .. "/memview.h", slurp(HEADER))
end

main(arg[1], table.pack(table.unpack(arg, 2)))
