-- SPDX-License-Identifier: MIT
-- Strings whose methods are replaced by traps.
-- outcome: ok
-- results: ["trap", "trap"]
local mt = getmetatable("")
mt.__index = function() return function() return "trap" end end
mt.__add = function() return "trap" end
mt.__tostring = function() while true do end end
mt.__gc = function() while true do end end
mt.__close = 1
collectgarbage()
return ("x"):anything(), "a" + "b"
