-- SPDX-License-Identifier: MIT
-- A table that claims to be long, and has every element.
-- outcome: endless
table.sort(setmetatable({}, { __len = function() return (1 << 31) - 2 end, __index = function(_, i) return -i end, __newindex = function() end }))
