-- SPDX-License-Identifier: MIT
-- A table whose joined text is larger than the memory.
-- outcome: ERR_MEMORY
local t = {}
for i = 1, 1000 do t[i] = ("x"):rep(20000) end
return #table.concat(t), #table.concat(t, ("y"):rep(20000))
