-- SPDX-License-Identifier: MIT
-- Integers and floats that are hard to compare.
-- outcome: ok
-- results: [true, false, true, false, true]
local most = math.maxinteger
return most < 2 ^ 63, most + 0.0 == most, math.mininteger == -2.0 ^ 63, 0 / 0 == 0 / 0, most // 1 | 0 == most
