-- SPDX-License-Identifier: MIT
-- A finalizer that swallows its own limits.
-- outcome: endless
-- leaves: finalizers
setmetatable({}, { __gc = function()
  while true do pcall(function() while true do end end) end
end })
while true do collectgarbage() end
