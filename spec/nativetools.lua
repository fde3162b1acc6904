-- What the specs of C programs share: commands, compilers, and make. The programs are built and run outside
-- the sanitizer that the specs may run under; they can have their own.
local tools = {}

--- Is this the run under the sanitizers?
tools.sanitized = os.getenv "MEMVIEW_SANITIZER" ~= nil

function tools.quote(text) return "'" .. text:gsub("'", [['\'']]) .. "'" end

--- Runs a command. @return what it printed, both ways, and its exit status
function tools.shell(command)
  local pipe = assert(io.popen("env -u LD_PRELOAD -u MAKEFLAGS -u MAKELEVEL " .. command .. " 2>&1"))
  local text = pipe:read("a")
  local _, how, status = pipe:close()
  return text, how == "signal" and "signal " .. status or status
end

--- The same for words that need no care. @return what it printed; raises where it fails
function tools.run(...)
  local words = {...}
  for i, word in ipairs(words) do words[i] = tools.quote(word) end
  local text, status = tools.shell(table.concat(words, " "))
  if status ~= 0 then error(("%s: status %s\n%s"):format(words[1], status, text), 2) end
  return text
end

function tools.has(program)
  local _, status = tools.shell("sh -c 'command -v " .. program .. "'")
  return status == 0
end

--- The flags that pkg-config gives for a library, as a list; nil where it knows none such.
function tools.flags(library, what)
  local text, status = tools.shell("pkg-config " .. what .. " " .. tools.quote(library))
  if status ~= 0 then return nil end
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = word end
  return list
end

return tools
