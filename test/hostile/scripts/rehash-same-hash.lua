-- SPDX-License-Identifier: MIT
-- Keys made to fall into one place: floats, and integers a power of two apart.
-- outcome: ok
local t = {}
for i = 1, 20000 do t[i << 40] = i end
for i = 1, 5000 do t[i * 2.0 ^ 70] = i end
for i = 1, 20000 do assert(t[i << 40] == i) end
