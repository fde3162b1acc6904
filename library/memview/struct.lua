---@meta memview.struct

return require "memview".struct
