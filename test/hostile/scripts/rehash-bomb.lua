-- SPDX-License-Identifier: MIT
-- A table that grows until the memory is used up.
-- outcome: ERR_MEMORY
local t = {}
for i = 1, math.huge do t[i] = i end
