--- memview: typed, shaped, zero-copy views of memory.
-- The module is a table of the core, with what is written in Lua put in. It can be called: memview(obj) is
-- memview.view(obj).
local core = require "memview.core"
local memview = core.memview

memview._VERSION = "memview 0.1.0-dev"
memview.record = require "memview.record"
memview.cursor = require "memview.cursor"
memview.dump = require "memview.dump"

return setmetatable(memview, {
  __name = "memview",
  __call = core.internal.call,
})
