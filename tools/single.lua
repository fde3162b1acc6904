-- Joins memview into one C file and a header: the core, the binding and the Lua layer.
-- lua5.4 tools/single.lua FOLDER FILE...     writes FOLDER/memview.c and FOLDER/memview.h
--
-- FILEs are all .c files and all Lua modules; headers are found beside the .c files. In the result everything is
-- static but what include/memview.h declares. Three things stand in the way of a plain `cat`:
--   names   two files may use one name, each for a thing of its own. A name that a file keeps to itself while
--           another file says it too, for whatever it is, gets the name of its file in front.
--   arrays  a static array is defined before it is used, so the files come in an order that sees to this.
--   macros  system headers look at some, so what a file has before its first #include goes to the top. A file
--           that has any comes last, so that no other sees what its headers define.

local HEADER <const> = "include/memview.h"
local OPENER <const> = "tools/single.c"

local function slurp(path)
  local file <close> = assert(io.open(path, "rb"))
  return assert(file:read("a"))
end

local function basename(path) return path:match "[^/]*$" end

-- Tokens ------------------------------------------------------------------------------------------------

-- What a piece of C is, by the first pattern that fits.
local KINDS <const> = {
  {"blank", "^[ \t]+"}, {"blank", "^\\\n"}, {"newline", "^\n"}, {"blank", "^/%*.-%*/"}, {"name", "^[%a_][%w_]*"},
  {"number", "^%.?%d[%w_.]*"}, {"punct", "^%->"}, {"punct", "^[^%s%w_\"']"},
}

--- The position of the quote that closes the one at `at`.
local function closing(text, at)
  local quote, stop = text:sub(at, at), at + 1
  while text:sub(stop, stop) ~= quote do
    stop = text:find("[\\\"'\n]", stop + (text:find("^\\", stop) and 2 or 1))
    assert(stop and not text:find("^\n", stop), "a literal has no end")
  end
  return stop
end

--- The kind of what stands at `at`, and where it ends.
local function nexttoken(text, at)
  if text:find("^[\"']", at) then return "literal", closing(text, at) end
  for _, kind in ipairs(KINDS) do
    local _, last = text:find(kind[2], at)
    if last then return kind[1], last end
  end
  error "a character that C does not have"
end

--- The tokens of a text: {kind, text, directive}, the last one saying whether it stands in a line that begins
-- with a `#`. In a row their texts are the text.
local function tokenize(text)
  local tokens, at, directive, fresh = {}, 1, false, true
  while at <= #text do
    local kind, last = nexttoken(text, at)
    local piece = text:sub(at, last)
    directive = directive or fresh and piece == "#"
    tokens[#tokens + 1] = {kind = kind, text = piece, directive = directive}
    if kind == "newline" then directive, fresh = false, true
    elseif kind ~= "blank" then fresh = false end
    at = last + 1
  end
  return tokens
end

local function concat(tokens)
  local texts = {}
  for i, token in ipairs(tokens) do texts[i] = token.text end
  return table.concat(texts)
end

-- Directives ----------------------------------------------------------------------------------------------

--- For a `#` at i: the name of the directive, what follows it, and where its line ends.
local function readdirective(tokens, i)
  local words = {}
  while tokens[i].kind ~= "newline" do
    if tokens[i].kind ~= "blank" then words[#words + 1] = tokens[i].text end
    i = i + 1
  end
  return words[2], table.concat(words, "", 3), i
end

--- Goes over the directives of a file: the place, the name, what follows, the end of the line.
local function directives(tokens)
  return coroutine.wrap(function()
    local last = 0
    for i, token in ipairs(tokens) do
      if token.directive and i > last then
        local name, rest
        name, rest, last = readdirective(tokens, i)
        coroutine.yield(i, name, rest, last)
      end
    end
  end)
end

--- Divides a file into the directives before its first #include, and the rest.
local function takeprologue(tokens)
  local prologue, rest, first = {}, {}, #tokens
  for i, name in directives(tokens) do
    if name == "include" then first = math.min(first, i) end
  end
  for i, token in ipairs(tokens) do
    table.insert(i < first and token.directive and prologue or rest, token)
  end
  return prologue, rest
end

--- Empties the #includes of files of ours. @return their names
local function takeincludes(tokens)
  local files = {}
  for i, name, rest, last in directives(tokens) do
    local file = name == "include" and rest:match '^"(.*)"'
    if file then
      files[#files + 1] = file
      for k = i, last do tokens[k].text = "" end
    end
  end
  return files
end

local function macros(tokens)
  local list = {}
  for _, name, rest in directives(tokens) do
    if name == "define" then list[#list + 1] = rest:match "^[%a_][%w_]*" end
  end
  return list
end

-- Declarations --------------------------------------------------------------------------------------------

local OPEN <const> = {["("] = true, ["["] = true, ["{"] = true}
local CLOSE <const> = {[")"] = true, ["]"] = true, ["}"] = true}
local TAGGED <const> = {struct = true, union = true, enum = true}

--- The tokens of code: no blanks, no directives.
local function code(tokens)
  local list = {}
  for _, token in ipairs(tokens) do
    local counts = token.kind ~= "blank" and token.kind ~= "newline" and token.text ~= "" and not token.directive
    if counts then list[#list + 1] = token end
  end
  return list
end

--- What the words before the first name that is declared say: "type", "static", "extern", or "shared".
local function storage(declaration)
  local first = declaration[1].text
  if first == "typedef" or TAGGED[first] and declaration[#declaration - 1].text == "}" then return "type" end
  return (first == "static" or first == "extern") and first or "shared"
end

--- The declarations of a file, each a list of its tokens and of their depths in brackets, with its `storage`. One
-- ends with a `;`, or with the body of a function, which stands behind a `)`. A macro that stands for some is one.
local function declarations(tokens)
  local list, current, depth, body = {}, {depths = {}}, 0, false
  local ismacro = {}
  for _, name in ipairs(macros(tokens)) do ismacro[name] = true end
  for _, token in ipairs(code(tokens)) do
    local text, last = token.text, current[#current]
    if depth == 0 and text == "{" then body = last.text == ")" end
    if CLOSE[text] then depth = depth - 1 end
    current[#current + 1] = token
    current.depths[#current] = depth
    if OPEN[text] then depth = depth + 1 end
    local call = text == ")" and ismacro[current[1].text]
    if text == ";" and #current == 1 then  -- behind a macro
      current = {depths = {}}
    elseif depth == 0 and (text == ";" or text == "}" and body or call) then
      current.storage = call and "macro" or storage(current)
      list[#list + 1] = current
      current = {depths = {}}
    end
  end
  assert(#current == 0, "the file ends in the midst of a declaration")
  return list
end

--- Is the token at i a tag that is defined here, or a constant of an enumeration?
local function istag(declaration, i)
  local before, after, depth = declaration[i - 1].text, declaration[i + 1].text, declaration.depths[i]
  local isenum = declaration[1].text == "enum" or declaration[2].text == "enum"
  return TAGGED[before] and after == "{" and depth == 0
    or isenum and depth == 1 and (before == "{" or before == ",")
end

--- Does the token at i stand in `(*name` or `(*const name`?
local function ispointer(declaration, i)
  local at = declaration[i - 1].text == "const" and i - 1 or i
  return declaration[i].text ~= "const" and declaration[at - 1].text == "*" and declaration[at - 2].text == "(" and declaration.depths[at - 2] == 0
end

--- Is the token at i a function, object or type that is declared: a name before one of `( [ = , ;`, or `(*name)`?
local function isdeclared(declaration, i)
  local after, depth = declaration[i + 1].text, declaration.depths[i]
  if depth == 0 and after == "(" then return declaration[i + 2].text ~= "*" end
  return depth == 0 and after:find "^[%[=,;]" or depth == 1 and i > 3 and ispointer(declaration, i)
end

--- Puts the names that a declaration gives into the set.
local function takenames(declaration, names)
  local open = true  -- may a function or object be named here? Not behind its name, nor in an initializer
  for i = 2, #declaration - 1 do
    local token = declaration[i]
    if token.text == "," and declaration.depths[i] == 0 then open = true end
    if token.kind == "name" then
      local declared = open and isdeclared(declaration, i)
      if declared or istag(declaration, i) then names[token.text] = true end
      if declared then open = false end
    end
  end
end

-- Files ------------------------------------------------------------------------------------------------------

local function ismember(before) return before ~= nil and (before.text == "." or before.text == "->") end

--- The names that a file says, as a set; members behind `.` and `->` do not count.
local function sayings(tokens)
  local said, before = {}, nil
  for _, token in ipairs(tokens) do
    if token.kind == "name" and not ismember(before) then said[token.text] = true end
    if token.kind ~= "blank" then before = token end
  end
  return said
end

--- Reads a .c or .h file: its tokens, what it includes, its declarations, the names that are its own, the
-- names that it shares, all names that it says, and the macros by which it asks something of system headers.
local function read(path)
  local file = {path = path, issource = path:find "%.c$" ~= nil, prologue = {}, own = {}, shared = {}}
  local tokens = tokenize(slurp(path))
  if file.issource then file.prologue, tokens = takeprologue(tokens) end
  file.asks = macros(file.prologue)
  file.tokens, file.includes = tokens, takeincludes(tokens)
  file.declarations, file.said = declarations(tokens), sayings(tokens)
  for _, declaration in ipairs(file.declarations) do
    local private = file.issource and (declaration.storage == "static" or declaration.storage == "type")
    takenames(declaration, private and file.own or file.shared)
  end
  return file
end

-- Names --------------------------------------------------------------------------------------------------------

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

--- The tokens that name members where a type is declared.
local function memberset(file)
  local set = {}
  for _, declaration in ipairs(file.declarations) do
    for i = 2, declaration.storage == "type" and #declaration - 1 or 0 do
      local depth, after = declaration.depths[i], declaration[i + 1].text
      if depth > 0 and after:find "^[;,%[:)]" and not istag(declaration, i) then set[declaration[i]] = true end
    end
  end
  return set
end

local function rename(file, names)
  local members, before = memberset(file), nil
  for _, token in ipairs(file.tokens) do
    if names[token.text] and token.kind == "name" and not members[token] and not ismember(before) then
      token.text = names[token.text]
    end
    if token.kind ~= "blank" then before = token end
  end
end

-- Linkage ------------------------------------------------------------------------------------------------------

--- Is it an array that another file defines, such as `extern const luaL_Reg list[];`?
local function isarray(declaration)
  return declaration.storage == "extern" and declaration[#declaration - 1].text == "]"
end

local function named(declaration)
  local names = {}
  takenames(declaration, names)
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
    elseif kind == "shared" and not named(declaration):find "^luaopen_" and (last.text == ";" or not file.issource) then
      first.text = "static " .. first.text
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

-- The Lua layer --------------------------------------------------------------------------------------------------

local function modulename(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

--- A line as a literal of C. No `??`, which could begin a trigraph.
local function literal(line)
  local text = line:gsub('[\\"]', "\\%0"):gsub("%?%?", "?\\?")
  return ('  "%s\\n",\n'):format(text)
end

--- A Lua file as lines, since C99 promises literals of 4095 bytes only, and the line of the list of modules.
local function embed(path)
  local name = modulename(path)
  local array, lines = "lua_" .. name:gsub("%W", "_"), {}
  for line in io.lines(path) do lines[#lines + 1] = literal(line) end
  return ("static const char *const %s[] = {\n  \"local require = ... \"\n%s  NULL\n};\n\n"):format(
      array, table.concat(lines)),
    ('  {"%s", "=%s", %s},\n'):format(name, path:gsub("^lua/", ""), array)
end

local function lualayer(paths)
  local arrays, entries = {}, {}
  for i, path in ipairs(paths) do arrays[i], entries[i] = embed(path) end
  return table.concat(arrays) .. "static const Module modules[] = {\n" .. table.concat(entries) .. "};\n"
end

-- The result -----------------------------------------------------------------------------------------------------

local BANNER <const> = [[
/* memview.c -- typed, shaped, zero-copy views of memory for Lua: all of memview in one file.
**
** Made by `make single`; do not edit it, edit what it was made from. Compile it as C99 with the headers of Lua,
** and link it with the rest of the program:
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

--- The text of a file without the blank lines that emptied directives left behind.
local function textof(tokens) return (concat(tokens):gsub("\n\n\n+", "\n\n")) end

local function section(path, text)
  return ("\n/* ==== %s %s */\n\n%s"):format(path, ("="):rep(math.max(3, 100 - #path)), text)
end

--- Where a header is: beside one of the .c files, or the public one (then nil: it is not joined).
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

--- Puts the headers that a file includes behind those in the list, each once and after those that it includes.
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

local function readall(paths)
  local sources, headers, folders = {}, {}, {}
  for i, path in ipairs(paths) do
    sources[i] = read(path)
    folders[path:match "^.*/"] = true
  end
  for _, file in ipairs(sources) do addheaders(file, folders, headers) end
  return sources, headers
end

--- Lines that undefine the macros of a .c file that others say too.
local function forget(file, files)
  local lines = {}
  for _, macro in ipairs(file.issource and macros(file.tokens) or {}) do
    if saysany(files, macro, file) then lines[#lines + 1] = "#undef " .. macro .. "\n" end
  end
  return table.concat(lines)
end

--- The bodies of all files, with the names and linkage that let them stand in one.
local function join(sources, headers)
  local texts, arrays, files = {}, sharedarrays(headers), table.move(headers, 1, #headers, 1, {})
  sources = ordered(sources, arrays)
  table.move(sources, 1, #sources, #files + 1, files)
  for _, file in ipairs(sources) do rename(file, newnames(file, files)) end
  for i, file in ipairs(files) do
    makestatic(file)
    texts[i] = section(file.path, textof(file.tokens)) .. forget(file, files)
  end
  return table.concat(texts)
end

local function prologues(sources)
  local texts = {}
  for i, file in ipairs(sources) do texts[i] = concat(file.prologue) end
  return table.concat(texts)
end

local function save(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

local function main(folder, paths)
  local csources, luafiles = {}, {}
  for _, path in ipairs(paths) do table.insert(path:find "%.c$" and csources or luafiles, path) end
  local sources, headers = readall(csources)
  save(folder .. "/memview.c", table.concat {
    BANNER, prologues(sources), '\n#include "memview.h"\n', join(sources, headers),
    section("the Lua layer", slurp(OPENER):gsub("/%* MODULES %*/\n", function() return lualayer(luafiles) end)),
  })
  save(folder .. "/memview.h", slurp(HEADER))
end

main(arg[1], table.pack(table.unpack(arg, 2)))
