-- SPDX-License-Identifier: MIT
-- %s of a value whose __tostring never returns.
-- outcome: endless
string.format("%s", setmetatable({}, { __tostring = function() while true do end end }))
