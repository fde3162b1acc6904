-- What the specs of records share: two records with members of all sorts.
local memview = require "memview"

local recordtools = {}

recordtools.vertex = "T{<3h:pos:B:id:T{f:u:f:v:}:uv:(2)T{B:bone:H:weight:}:skin:4s:tag:}"

--- Two vertices, the second one's numbers other than the first one's.
function recordtools.vertices()
  local v = memview.zeros(recordtools.vertex, 2)
  for i = 1, 2 do
    v[i] = {
      pos = { i, -i, 100 * i }, id = i, uv = { u = 0.5, v = i }, tag = "tag" .. i,
      skin = { { bone = i, weight = 300 }, { bone = 9, weight = 400 + i } },
    }
  end
  return v
end

return recordtools
