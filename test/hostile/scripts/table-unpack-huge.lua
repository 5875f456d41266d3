-- SPDX-License-Identifier: MIT
-- More values than a stack holds.
-- outcome: ok
-- results: [false, false, false]
local huge = setmetatable({}, { __index = function() return 1 end })
return (pcall(table.unpack, huge, 1, 1e8)), (pcall(table.unpack, huge, math.mininteger, math.maxinteger)),
  (pcall(table.unpack, huge, 0, math.maxinteger))
