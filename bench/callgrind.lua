-- Reads what valgrind's callgrind writes (valgrind.org, "Callgrind Format Specification").
local callgrind = {}

--- The instructions in all, and the calls that memview and the floors make of Lua's C API. A name stands
-- behind its number where that is first used; `calls=` is a call by a function (`fn`) of an object (`ob`) of
-- another one (`cfn`, `cob`).
-- @param path of the file
function callgrind.read(path)
  local names, own, callee, instructions, calls = { ob = {}, fn = {} }, false, nil, nil, 0
  for line in io.lines(path) do
    local key, number, name = line:match "^c?(%a%a)=(%(%d+%)) ?(.*)$"
    if names[key] and name ~= "" then names[key][number] = name end
    if line:find "^ob=" then
      own = names.ob[number]:find "core%.so$" or names.ob[number]:find "floor%.so$"
    end
    if line:find "^cfn=" then callee = names.fn[number] end
    local count = line:match "^calls=(%d+)"
    if count and own and callee and callee:find "^luaL?_" then calls = calls + tonumber(count) end
    instructions = instructions or tonumber(line:match "^summary: (%d+)")
  end
  return instructions, calls
end

return callgrind
