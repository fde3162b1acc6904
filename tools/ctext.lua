-- What tools/single.lua has to know of C: tokens, directives, and the names that declarations give. It reads
-- the C of this repository, not all that there is.
local ctext = {}

-- Tokens --------------------------------------------------------------------------------------------

-- What a piece of C is, by the first pattern that fits.
local KINDS <const> = {
  {"blank", "^[ \t]+"}, {"blank", "^\\\n"}, {"newline", "^\n"}, {"blank", "^/%*.-%*/"},
  {"name", "^[%a_][%w_]*"}, {"number", "^%.?%d[%w_.]*"}, {"punct", "^%->"}, {"punct", "^[^%s%w_\"']"},
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
function ctext.tokenize(text)
  local tokens, at, directive, fresh = {}, 1, false, true
  while at <= #text do
    local kind, last = nexttoken(text, at)
    local piece = text:sub(at, last)
    directive = directive or fresh and piece == "#"
    tokens[#tokens + 1] = {kind = kind, text = piece, directive = directive}
    if kind == "newline" then
      directive, fresh = false, true
    elseif kind ~= "blank" then
      fresh = false
    end
    at = last + 1
  end
  return tokens
end

function ctext.concat(tokens)
  local texts = {}
  for i, token in ipairs(tokens) do texts[i] = token.text end
  return table.concat(texts)
end

--- Goes over the tokens with the one before each that is not blank, which may be nil.
local function withbefore(tokens)
  local i, before = 0, nil
  return function()
    if i > 0 and tokens[i].kind ~= "blank" then before = tokens[i] end
    i = i + 1
    return tokens[i], before
  end
end

local function ismember(before) return before ~= nil and (before.text == "." or before.text == "->") end

--- The names that tokens say, as a set; members behind `.` and `->` do not count.
function ctext.sayings(tokens)
  local said = {}
  for token, before in withbefore(tokens) do
    if token.kind == "name" and not ismember(before) then said[token.text] = true end
  end
  return said
end

-- Directives ----------------------------------------------------------------------------------------

--- For a `#` at i: the name of the directive, what follows it, and where its line ends.
local function readdirective(tokens, i)
  local words = {}
  while tokens[i].kind ~= "newline" do
    if tokens[i].kind ~= "blank" then words[#words + 1] = tokens[i].text end
    i = i + 1
  end
  return words[2], table.concat(words, "", 3), i
end

--- Goes over the directives: the place, the name, what follows, the end of the line.
local function directives(tokens)
  local last = 0
  return function()
    local i = last + 1
    while tokens[i] and not tokens[i].directive do i = i + 1 end
    if not tokens[i] then return nil end
    local name, rest
    name, rest, last = readdirective(tokens, i)
    return i, name, rest, last
  end
end

--- Divides the tokens into the directives before the first #include, and the rest.
function ctext.takeprologue(tokens)
  local prologue, rest, first = {}, {}, #tokens
  for i, name in directives(tokens) do
    if name == "include" then first = math.min(first, i) end
  end
  for i, token in ipairs(tokens) do
    table.insert(i < first and token.directive and prologue or rest, token)
  end
  return prologue, rest
end

--- Empties the #includes of files in quotes. @return the names in them
function ctext.takeincludes(tokens)
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

--- The names of the macros that are defined.
function ctext.macros(tokens)
  local list = {}
  for _, name, rest in directives(tokens) do
    if name == "define" then list[#list + 1] = rest:match "^[%a_][%w_]*" end
  end
  return list
end

-- Declarations --------------------------------------------------------------------------------------

local OPEN <const> = {["("] = true, ["["] = true, ["{"] = true}
local CLOSE <const> = {[")"] = true, ["]"] = true, ["}"] = true}
local TAGGED <const> = {struct = true, union = true, enum = true}

--- The tokens of code: no blanks, no directives.
local function code(tokens)
  local list = {}
  for _, token in ipairs(tokens) do
    local blank = token.kind == "blank" or token.kind == "newline" or token.text == ""
    if not blank and not token.directive then list[#list + 1] = token end
  end
  return list
end

--- "type", "static", "extern", or "shared" for what has no such word.
local function storage(declaration)
  local first = declaration[1].text
  if first == "typedef" or TAGGED[first] and declaration[#declaration - 1].text == "}" then return "type" end
  return (first == "static" or first == "extern") and first or "shared"
end

--- Has the declaration come to its end? With a `;`, the body of a function, which stands behind a `)`, or the
-- arguments of a macro that stands for declarations.
local function isover(declaration, macros)
  local last, body = declaration[#declaration].text, declaration.body
  return last == ";" or last == "}" and body or last == ")" and macros[declaration[1].text]
end

--- Adds a token, with its depth in brackets.
local function add(declaration, token, depth)
  local n = #declaration
  if depth == 0 and token.text == "{" then declaration.body = declaration[n].text == ")" end
  declaration[n + 1] = token
  declaration.depths[n + 1] = depth
end

--- The declarations: lists of their tokens, with the `depths` of these in brackets, and their `storage`.
function ctext.declarations(tokens)
  local list, current, depth, macros = {}, {depths = {}}, 0, {}
  for _, name in ipairs(ctext.macros(tokens)) do macros[name] = true end
  for _, token in ipairs(code(tokens)) do
    if CLOSE[token.text] then depth = depth - 1 end
    add(current, token, depth)
    if OPEN[token.text] then depth = depth + 1 end
    if depth == 0 and isover(current, macros) then
      current.storage = token.text == ")" and "macro" or storage(current)
      if #current > 1 then list[#list + 1] = current end  -- a `;` alone may stand behind a macro
      current = {depths = {}}
    end
  end
  assert(#current == 0, "the file ends in the midst of a declaration")
  return list
end

-- Names ---------------------------------------------------------------------------------------------

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
  return declaration[i].text ~= "const" and declaration[at - 1].text == "*"
    and declaration[at - 2].text == "(" and declaration.depths[at - 2] == 0
end

--- Is the token at i a function, object or type that is declared? It stands before one of `( [ = , ;`, or is
-- a pointer.
local function isdeclared(declaration, i)
  local after, depth = declaration[i + 1].text, declaration.depths[i]
  if depth == 0 and after == "(" then return declaration[i + 2].text ~= "*" end
  return depth == 0 and after:find "^[%[=,;]" or depth == 1 and i > 3 and ispointer(declaration, i)
end

--- Puts the names that a declaration gives into the set.
function ctext.takenames(declaration, names)
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

--- The tokens that name members where a type is declared, as a set.
local function memberset(declarations)
  local set = {}
  for _, declaration in ipairs(declarations) do
    for i = 2, declaration.storage == "type" and #declaration - 1 or 0 do
      local depth, after = declaration.depths[i], declaration[i + 1].text
      local member = depth > 0 and after:find "^[;,%[:)]" and not istag(declaration, i)
      if member then set[declaration[i]] = true end
    end
  end
  return set
end

--- Gives new names (old -> new) to all that is no member of a structure.
function ctext.rename(tokens, declarations, names)
  local members = memberset(declarations)
  for token, before in withbefore(tokens) do
    if token.kind == "name" and names[token.text] and not members[token] and not ismember(before) then
      token.text = names[token.text]
    end
  end
end

return ctext
