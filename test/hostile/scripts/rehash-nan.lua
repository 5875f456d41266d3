-- SPDX-License-Identifier: MIT
-- NaN as a key, and floats that are integers.
-- outcome: ok
-- results: [false, 1, 1]
local t = {}
local nan = pcall(function() t[0 / 0] = 1 end)
t[2 ^ 53] = 1
return nan, t[1 << 53], #{ [1.0] = 1 }
