--- How the functions of this layer say that an argument is bad: in the words of luaL_argerror.
local getinfo = debug and debug.getinfo  -- which a host may have taken away

local fault = {}

--- Raises for argument n of a public function, where self counts as the first one. A method call does not
-- show self, so its arguments count from one less, as those of functions in C do.
-- @param level as error() takes it: 2 where the caller is the public function, 3 where that called the caller
-- @param name of the public function
-- @param message what is wrong, a format of string.format for the values behind it
function fault.badargument(level, n, name, message, ...)
  local call = getinfo and getinfo(level, "n")
  if call and call.namewhat == "method" then n = n - 1 end
  error(("bad argument #%d to '%s' (%s)"):format(n, name, message:format(...)), level + 1)
end

--- Raises what a function of C raised that was given argument n: for this function where it was about that
-- argument, and as it is where it was about something else.
function fault.passon(level, n, name, raised)
  local text = type(raised) == "string" and raised or ""
  local reason = text:match "^bad argument #1 to [^(]*%((.*)%)$" or text:match "^attempt to use a released .*"
  if not reason then error(raised, 0) end
  fault.badargument(level + 1, n, name, "%s", reason)
end

return fault
