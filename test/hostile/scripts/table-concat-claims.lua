-- SPDX-License-Identifier: MIT
-- A table that claims to be long.
-- outcome: endless
table.concat(setmetatable({}, { __len = function() return math.maxinteger end, __index = function() return "" end }))
