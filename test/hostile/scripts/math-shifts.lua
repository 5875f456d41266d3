-- SPDX-License-Identifier: MIT
-- Shifts by more than there are bits.
-- outcome: ok
-- results: [0, 0, 0, 0, 0]
local most, least = math.maxinteger, math.mininteger
return 1 << 64, 1 >> 64, -1 << most, -1 >> most, 1 << least
