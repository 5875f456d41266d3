-- SPDX-License-Identifier: MIT
-- A move of all the elements there could be.
-- outcome: endless
local all = setmetatable({}, { __index = function() return 1 end, __newindex = function() end })
table.move(all, 1, math.maxinteger - 1, 2)
