-- SPDX-License-Identifier: MIT
-- The same with strings as keys.
-- outcome: ERR_MEMORY
local t = {}
for i = 1, math.huge do t["key" .. i] = true end
