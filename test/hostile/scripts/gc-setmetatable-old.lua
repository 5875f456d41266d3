-- SPDX-License-Identifier: MIT
-- A finalizer for each of many old objects: each has to be searched for among all.
-- outcome: endless
local mt = { __gc = function() end }
while true do
  local old = {}
  for i = 1, 20000 do old[i] = {} end
  for i = 1, 20000 do setmetatable(old[i], mt) end
end
