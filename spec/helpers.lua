-- What several specs need: checked errors, seeded randomness, a collector run.
local helpers = {}

--- Calls f(...) and asserts that it raises with a message that holds `text` (plain, no pattern).
-- @return the whole message
function helpers.raises(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised; expected one with: " .. text)
  message = tostring(message)
  assert(message:find(text, 1, true), ("error is %q, expected it to hold %q"):format(message, text))
  return message
end

--- A random source of its own, so that a spec does not depend on what ran before it.
-- MEMVIEW_SEED replays a run. @return random(m, n) like math.random, and the seed for messages
function helpers.random(seed)
  local state = tonumber(os.getenv "MEMVIEW_SEED") or seed
  if state == 0 then state = 1 end  -- 0 would stay 0
  local function nextbits()
    state = state ~ (state << 13)
    state = state ~ (state >> 7)
    state = state ~ (state << 17)
    return state
  end
  return function(m, n)
    if not n then m, n = 1, m end
    return m + (nextbits() >> 1) % (n - m + 1)
  end, state
end

--- Two full collections: the second one frees what finalizers of the first one let go.
function helpers.collect()
  collectgarbage() collectgarbage()
end

--- Runs Lua code in a process of its own, which may crash, with the paths of this one; gives what it prints.
function helpers.run(code)
  local interpreter, k = "lua5.4", -1
  while arg and arg[k] do interpreter, k = arg[k], k - 1 end
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(("package.path, package.cpath = %q, %q\n"):format(package.path, package.cpath), code)
  file:close()
  local pipe = assert(io.popen(('"%s" "%s" 2>&1'):format(interpreter, name)))
  local output = pipe:read "a"
  pipe:close()
  os.remove(name)
  return output
end

--- The list of f(1), f(2), ... f(n).
function helpers.listof(n, f)
  local list = {}
  for i = 1, n do list[i] = f(i) end
  return list
end

return helpers
