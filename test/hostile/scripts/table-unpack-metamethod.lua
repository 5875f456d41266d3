-- SPDX-License-Identifier: MIT
-- unpack of values that never come.
-- outcome: endless
table.unpack(setmetatable({}, { __index = function() while true do end end }), 1, 10)
