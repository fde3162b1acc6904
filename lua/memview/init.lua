--- memview: typed, shaped, zero-copy views of memory.
-- The module itself is callable: memview(obj) is memview.view(obj).
local memview = require "memview.core"

return setmetatable(memview, {
  __name = "memview",
  __call = function(_, ...) return memview.view(...) end,
})
