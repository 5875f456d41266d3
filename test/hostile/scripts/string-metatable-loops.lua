-- SPDX-License-Identifier: MIT
-- Strings whose index never returns.
-- outcome: endless
getmetatable("").__index = function() while true do end end
return ("x").y
