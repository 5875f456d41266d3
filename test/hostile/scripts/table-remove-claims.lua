-- SPDX-License-Identifier: MIT
-- remove from the front of a table that claims to be long.
-- outcome: endless
local long = { __len = function() return math.maxinteger - 1 end, __index = function() return 1 end, __newindex = function() end }
table.remove(setmetatable({}, long), 1)
