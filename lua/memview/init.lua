--- memview: typed, shaped, zero-copy views of memory.
-- The module is the core's table, with what is written in Lua put in. It can be called: memview(obj) is
-- memview.view(obj).
local memview = require "memview.core"

memview.record = require "memview.record"
memview.cursor = require "memview.cursor"
memview.dump = require "memview.dump"
memview.internal = nil  -- for those above only

return setmetatable(memview, {
  __name = "memview",
  __call = function(_, ...) return memview.view(...) end,
})
