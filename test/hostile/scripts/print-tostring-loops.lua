-- SPDX-License-Identifier: MIT
-- print of a value whose __tostring never returns.
-- outcome: endless
print(1, 2, setmetatable({}, { __tostring = function() while true do end end }))
