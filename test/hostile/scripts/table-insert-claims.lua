-- SPDX-License-Identifier: MIT
-- insert into the middle of a table that claims to be long.
-- outcome: endless
local long = { __len = function() return math.maxinteger - 1 end, __index = function() return 1 end, __newindex = function() end }
table.insert(setmetatable({}, long), 1, "x")
