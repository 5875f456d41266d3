-- SPDX-License-Identifier: MIT
-- Finalizers that make new ones while the state is deleted.
-- outcome: ok
local mt = {}
mt.__gc = function()
  for i = 1, 10 do _G[i] = setmetatable({}, mt) end
end
kept = setmetatable({}, mt)
