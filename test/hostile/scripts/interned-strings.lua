-- SPDX-License-Identifier: MIT
-- Short strings that fill the table of strings.
-- outcome: ERR_MEMORY
local t = {}
for i = 1, math.huge do t[i] = ("%x"):format(i) end
