-- SPDX-License-Identifier: MIT
-- Strings, each new.
-- outcome: ERR_MEMORY
local t = {}
for i = 1, math.huge do t[i] = "string number " .. i end
