-- What specs may not take for granted: it differs between machines.
local machine = {}

--- The largest size, length or count there can be; and a power of two, just too large to be squared.
machine.most = math.maxinteger >> 64 - 8 * string.packsize "T"
machine.half = 1 << 4 * string.packsize "T"

return machine
