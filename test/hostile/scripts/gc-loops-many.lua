-- SPDX-License-Identifier: MIT
-- A thousand finalizers that never return.
-- outcome: endless
-- leaves: finalizers
local mt = { __gc = function() while true do end end }
for i = 1, 1000 do setmetatable({}, mt) end
while true do collectgarbage() end
