-- SPDX-License-Identifier: MIT
-- char of as many values as fit on the stack.
-- outcome: ok
-- results: [100000]
local t = {}
for i = 1, 100000 do t[i] = 65 end
return #string.char(table.unpack(t))
