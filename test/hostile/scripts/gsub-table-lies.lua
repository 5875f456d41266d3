-- SPDX-License-Identifier: MIT
-- A replacement table whose __index never returns.
-- outcome: endless
(("x"):rep(10)):gsub("x", setmetatable({}, { __index = function() while true do end end }))
