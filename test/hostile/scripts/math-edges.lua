-- SPDX-License-Identifier: MIT
-- Arithmetic at its edges.
-- outcome: ok
-- results: [false, false, true, true, true]
local least = math.mininteger
return (pcall(function() return 1 // 0 end)), (pcall(function() return 1 % 0 end)), least // -1 == least, least % -1 == 0, math.abs(least) == least
