-- SPDX-License-Identifier: MIT
-- A run cannot start another from inside, by whatever it finds.
-- outcome: ok
-- results: [0]
local found = 0
local seen = {}
local function walk(t)
  if seen[t] then return end
  seen[t] = true
  for k, v in next, t do
    if type(v) == "userdata" then found = found + 1 end
    if type(v) == "table" then walk(v) end
    local mt = getmetatable(v)
    if type(mt) == "table" then walk(mt) end
  end
end
walk(_G)
return found
